# What a tool publishes of its results is true: each is held against its outputSchema, and has no
# member that is not named there; and what a tool takes is what its inputSchema says.

use lib 't';
use Lookout;
use Agent;
use Files;
use JSON::PP ();
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();

sub tools {
    my $list = `curl -s -H 'Content-Type: application/json' -d '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' http://127.0.0.1:@{[server_port()]}/mcp`;
    return map { $_->{name} => $_ } @{ JSON::PP->new->utf8->decode($list)->{result}{tools} };
}

sub type_of {
    my ($value) = @_;

    return 'null' if !defined $value;
    return 'boolean' if JSON::PP::is_bool($value);
    return ref $value eq 'HASH' ? 'object' : 'array' if ref $value;

    # A number that has not been used as a text encodes without quotes.
    return JSON::PP->new->allow_nonref->encode($value) =~ /^"/ ? 'string' : $value =~ /^-?\d+\z/ ? 'integer' : 'number';
}

# Where a value is not what its schema says, as paths.
sub misfits {
    my ($schema, $value, $path) = @_;

    my $type = type_of($value);
    my @types = map { ref $_ ? @$_ : $_ } $schema->{type} // ();
    return "$path is $type" if @types && !grep { $_ eq $type || $_ eq 'number' && $type eq 'integer' } @types;
    return "$path is '$value'" if $schema->{enum} && !grep { $_ eq $value } @{ $schema->{enum} };
    return map { misfits($schema->{items} // {}, $value->[$_], "$path/$_") } 0 .. $#$value if $type eq 'array';
    return if $type ne 'object' || !$schema->{properties};

    return (map { "$path/$_ is missing" } grep { !exists $value->{$_} } @{ $schema->{required} // [] }),
        (map { "$path/$_ is not published" } grep { !$schema->{properties}{$_} } sort keys %$value),
        map { misfits($schema->{properties}{$_}, $value->{$_}, "$path/$_") } grep { exists $schema->{properties}{$_} } sort keys %$value;
}

sub fits {
    my ($tools, $tool, $args) = @_;

    my @misfits = misfits($tools->{$tool}{outputSchema}, ask($tool => $args), '');
    is(join("\n", @misfits[0 .. ($#misfits > 4 ? 4 : $#misfits)]), '', "$tool " . JSON::PP->new->canonical->encode($args));
    return;
}

our $stale = Lookout::sql("SELECT id FROM datasource WHERE deleted_at IS NULL AND strftime('%s') - last_refreshed_at > freshness_sla_seconds");

no_shuffle();
run_tests();

__DATA__

=== TEST 1: results fit what is published
--- call: list_datasources {}
--- also
my %tools = main::tools();
my $sales = Lookout::id(datasource => 'Sales Pipeline');
main::fits(\%tools, @$_) for
    [list_datasources => {}], [list_datasources => { pageSize => 1 }], [list_datasources => { q => 'zzzzqqqq' }],
    (map { [get_datasource => { datasourceId => $_->{id} }] } @{ ask('list_datasources')->{items} }),
    [query_datasource => { datasourceId => $sales, sql => 'SELECT * FROM data', pageSize => 20 }], [query_datasource => { datasourceId => $sales, sql => 'SELECT * FROM data', pageSize => 20, format => 'csv' }],
    [query_datasource => { datasourceId => $sales, sql => "SELECT NULL, 1, 1.5, 'x', x'00'" }], [query_datasource => { datasourceId => $main::stale, sql => 'SELECT COUNT(*) FROM data' }],
    [query_datasource => { datasourceId => $sales, sql => "SELECT printf('%0100000d', 1) FROM data LIMIT 9" }],
    [list_workbooks => { pageSize => 100 }], [list_workbooks => { pageSize => 3 }], [get_workbook => { workbookId => Lookout::id(workbook => 'Pipeline Health') }],
    [list_views => { pageSize => 100 }], [list_views => { pageSize => 2, chartType => 'pie' }];



=== TEST 2: views of each chart type, and their rows
--- call: list_datasources {}
--- also
my %tools = main::tools();
my %view;
for my $item (map { @{ $_->{items} } } all_pages(list_views => { pageSize => 100 })) {
    next if $item->{datasource}{status} eq 'offline' || $item->{datasource}{name} eq 'Product Usage' || $item->{name} eq 'Bookings by territory';
    $view{"$item->{chartType} $item->{datasource}{name}"} //= $item->{id};
}
cmp_ok(scalar keys %view, '>', 20, scalar(keys %view) . ' views');
for my $id (map { $view{$_} } sort keys %view) {
    main::fits(\%tools, get_view => { viewId => $id });
    main::fits(\%tools, query_view_data => { viewId => $id, pageSize => 20 });
    main::fits(\%tools, create_view_render => { viewId => $id, format => 'svg' });
    main::fits(\%tools, export_view_csv => { viewId => $id });
}
main::fits(\%tools, query_view_data => { viewId => Lookout::id(view => 'Deals by stage'), format => 'csv', filterOverrides => [{ field => 'region', op => 'in', value => ['EMEA'] }, { field => 'lead_source', op => 'not_null' }] });



=== TEST 3: limits and values that are published are those that hold
--- call: list_datasources {}
--- also
my %tools = main::tools();
my %right = (datasourceId => Lookout::id(datasource => 'Sales Pipeline'), workbookId => Lookout::id(workbook => 'Pipeline Health'), viewId => Lookout::id(view => 'Deals by stage'), sql => 'SELECT 1');
$right{renderJobId} = ask(create_view_render => { viewId => $right{viewId} })->{renderJobId};
$right{jobId} = ask(export_view_csv => { viewId => $right{viewId} })->{jobId};
for my $tool (sort keys %tools) {
    my $schema = $tools{$tool}{inputSchema};
    my %args = map { $_ => $right{$_} } @{ $schema->{required} // [] };
    for my $name (sort keys %{ $schema->{properties} }) {
        my $row = $schema->{properties}{$name};
        my (@good, @bad);
        push @good, @{ $row->{enum} } if $row->{enum};
        push @bad, 'no such value' if $row->{enum};
        push @good, @$row{qw(minimum maximum)} if defined $row->{maximum};
        push @bad, $row->{minimum} - 1, $row->{maximum} + 1 if defined $row->{maximum};
        push @good, 'x' x $row->{maxLength} if $row->{maxLength};
        push @bad, 'x' x ($row->{maxLength} + 1) if $row->{maxLength};
        push @good, '' if $row->{maxLength} && !$row->{minLength};
        push @bad, '' if $row->{minLength};

        my @wrong = ((grep { (post($tool, { %args, $name => $_ }))[1] } @good), grep { !(post($tool, { %args, $name => $_ }))[1] } @bad);
        is(join(' ', map { substr $_, 0, 20 } @wrong), '', "$tool $name: " . @good . ' good, ' . @bad . ' bad') if @good || @bad;

        if (defined(my $default = $row->{default})) {
            my ($plain, $said) = map { ask($tool => $_) } \%args, { %args, $name => $default };
            delete @$_{qw(executedAt queryId cached)} for $plain, $said;
            is_deeply($said, $plain, "$tool $name: the default is $default");
        }
    }
}
