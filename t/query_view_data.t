# query_view_data: the rows behind a view. What they should be is worked out here from the
# encoding, as other SQL over the same extract.

use lib 't';
use Lookout;
use Agent;
use JSON::PP ();
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();

my $from = 'FROM view v JOIN workbook w ON w.id = v.workbook_id JOIN datasource d ON d.id = v.datasource_id'
  . " WHERE v.deleted_at IS NULL AND w.deleted_at IS NULL AND d.deleted_at IS NULL AND d.status = 'online'";

# The views under a condition: {id, name, source, encoding, filters}.
sub views {
    my ($where) = @_;

    my $json = JSON::PP->new->utf8;
    return map {
        my ($id, $name, $source, $encoding, $filters) = split /\|/, $_, 5;
        { id => $id, name => $name, source => $source, encoding => $json->decode($encoding), filters => $json->decode($filters) };
    } split /\n/, Lookout::sql("SELECT v.id, v.name, d.name, v.encoding, v.saved_filters $from AND ($where) ORDER BY v.id");
}

my %unit = (
    year          => q{substr($,1,4)||'-01-01'},
    yearmonth     => q{substr($,1,7)||'-01'},
    yearmonthdate => q{substr($,1,10)},
    yearquarter   => q{substr($,1,4)||'-'||printf('%02d',(substr($,6,2)-1)/3*3+1)||'-01'},
    month         => q{CAST(substr($,6,2) AS INTEGER)},
    day           => q{CAST(strftime('%w',$) AS INTEGER)},
    hours         => q{CAST(substr($,12,2) AS INTEGER)},
);
my %aggregate = (
    count => 'COUNT(*)', sum => 'SUM($)', mean => 'AVG($)', min => 'MIN($)', max => 'MAX($)', distinct => 'COUNT(DISTINCT $)',
);

sub quoted {
    my ($value) = @_;
    return $value + 0 if !JSON::PP::is_bool($value) && $value =~ /^-?[\d.]+$/ && !($value =~ /^\d{4}$/);
    return $value ? 1 : 0 if JSON::PP::is_bool($value);
    (my $text = $value) =~ s/'/''/g;
    return "'$text'";
}

sub condition {
    my ($filter) = @_;

    my ($field, $op, $value) = @$filter{qw(field op value)};
    my %sign = (eq => '=', neq => '<>', gt => '>', gte => '>=', lt => '<', lte => '<=');
    return "$field $sign{$op} " . quoted($value) if $sign{$op};
    return "$field " . ($op eq 'in' ? 'IN' : 'NOT IN') . ' (' . join(', ', map { quoted($_) } @$value) . ')' if $op =~ /in$/;
    return "$field BETWEEN " . join(' AND ', map { quoted($_) } @$value) if $op eq 'between';
    return "$field LIKE " . quoted($value) if $op eq 'like';
    return "$field IS " . ($op eq 'is_null' ? 'NULL' : 'NOT NULL');
}

# The columns of a view, [name, SQL, is it a group?] each, in the order of its channels; nothing
# for what SQLite's shell cannot do.
sub columns {
    my ($encoding) = @_;

    my (@columns, %seen);
    for my $channel (map { ref $_ eq 'ARRAY' ? @$_ : $_ } map { $encoding->{$_} // () } qw(x y color size theta shape row column detail text tooltip order opacity)) {
        my ($field, $aggregate, $unit) = @$channel{qw(field aggregate timeUnit)};
        return if $channel->{bin} || $aggregate && !$aggregate{$aggregate} || $unit && !$unit{$unit};

        my $name = join '_', $aggregate // $unit // (), ($aggregate // '') eq 'count' ? () : $field;
        my $sql = ($aggregate ? $aggregate{$aggregate} : $unit ? $unit{$unit} : '$') =~ s/\$/$field/gr if defined $field || $aggregate;
        push @columns, [$name, $sql, !$aggregate] if !$seen{$name}++;
    }
    return @columns;
}

# The rows of a view under filters.
sub expected {
    my ($view, @filters) = @_;

    my @columns = columns($view->{encoding}) or return;
    my $sql = 'SELECT ' . join(', ', map { $_->[1] } @columns) . ' FROM data';
    $sql .= ' WHERE ' . join(' AND ', map { '(' . condition($_) . ')' } @filters) if @filters;
    my @groups = grep { $_->[2] } @columns;
    $sql .= ' GROUP BY ' . join(', ', map { $_->[1] } @groups) if @groups && @groups < @columns;
    return data($view->{source}, $sql);
}

# The order of groups is another matter: floats sort by the digits that are sure.
sub in_order {
    my ($rows) = @_;

    my $key = sub {
        return join "\0", map { !defined $_ ? '' : JSON::PP::is_bool($_) ? ($_ ? 1 : 0) : /^-?\d+\.\d/ ? sprintf('%.6g', $_) : $_ } @{ $_[0] };
    };
    return [map { $_->[1] } sort { $a->[0] cmp $b->[0] } map { [$key->($_), $_] } @$rows];
}

no_shuffle();
run_tests();

__DATA__

=== TEST 1: members, in their order
--- call: query_view_data {"viewId":"$ID{view:Deals by stage}"}
--- also
my ($text) = answer_text($body);
is(key_order($text), 'queryId viewId executedAt appliedFilters columns rows rowCount pageSize nextCursor truncated warnings', 'members');
my $page = answer($body);
is($page->{pageSize}, 100, 'a page is 100 rows when not said');
is($page->{rowCount}, scalar @{ $page->{rows} }, 'rowCount');
is_deeply($page->{appliedFilters}, [], 'no filters');
like($page->{queryId}, qr/^qry_[a-z2-7]{22}$/, 'queryId');
is(join(' ', map { "$_->{name}:$_->{type}:$_->{semanticRole}" } @{ $page->{columns} }), 'stage:string:dimension count:integer:measure', 'columns');
is(join('|', map { $_->[0] } @{ $page->{rows} }), 'Discovery|Qualification|Proposal|Negotiation|Closed Won|Closed Lost', 'in the order that its sort lists');



=== TEST 2: one view of each form, against SQL of our own
--- call: list_views {}
--- also
my (%done, $compared);
for my $view (main::views("d.name <> 'Product Usage' AND v.name <> 'Bookings by territory'")) {
    # Views of one form have the same channels, aggregates and units.
    my @channels = map { ref $_ eq 'ARRAY' ? @$_ : $_ } map { $view->{encoding}{$_} } sort keys %{ $view->{encoding} };
    my $form = JSON::PP->new->encode([sort(keys %{ $view->{encoding} }), map { [@$_{qw(aggregate timeUnit)}] } @channels]);
    next if $done{$form}++;

    my $want = main::expected($view, @{ $view->{filters} }) or next;
    next if @$want > 1000;

    my $page = ask(query_view_data => { viewId => $view->{id}, pageSize => 999 });
    rows_are(main::in_order($page->{rows}), main::in_order($want), "$view->{source}: $view->{name}");
    is(join(' ', map { $_->{name} } @{ $page->{columns} }), join(' ', map { $_->[0] } main::columns($view->{encoding})), 'columns');
    $compared++;
}
cmp_ok($compared, '>=', 20, "$compared forms");



=== TEST 3: over 100,000 rows too
--- call: list_views {}
--- also
my $compared = 0;
for my $name ('Sessions by month', 'Sessions by platform', 'Errors by module and platform', 'Latency by hour') {
    for my $view (main::views("d.name = 'Product Usage' AND v.name = '$name'")) {
        my $page = ask(query_view_data => { viewId => $view->{id}, pageSize => 999 });
        rows_are(main::in_order($page->{rows}), main::in_order(main::expected($view, @{ $view->{filters} })), $view->{name});
        $compared++;
    }
}
cmp_ok($compared, '>=', 3, 'several');



=== TEST 4: overrides replace the saved filters on their field, the others stay
--- call: list_views {}
--- also
my ($view) = main::views("v.name = 'Best case for 2026 Q2'");
is(join(' ', sort map { $_->{field} } @{ $view->{filters} }), 'close_quarter stage', 'saved ones');
my ($stage) = grep { $_->{field} eq 'stage' } @{ $view->{filters} };
for my $case (
    ['replaced', [{ field => 'close_quarter', op => 'eq', value => '2026Q1' }], [{ field => 'close_quarter', op => 'eq', value => '2026Q1' }, $stage]],
    ['another field', [{ field => 'region', op => 'in', value => ['EMEA', 'NA'] }], [@{ $view->{filters} }, { field => 'region', op => 'in', value => ['EMEA', 'NA'] }]],
    ['two on one field', [{ field => 'close_quarter', op => 'gte', value => '2025Q1' }, { field => 'close_quarter', op => 'lte', value => '2025Q3' }],
        [{ field => 'close_quarter', op => 'gte', value => '2025Q1' }, { field => 'close_quarter', op => 'lte', value => '2025Q3' }, $stage]],
    ['a field that is not shown', [{ field => 'amount_usd', op => 'gt', value => 100000 }], [@{ $view->{filters} }, { field => 'amount_usd', op => 'gt', value => 100000 }]],
    ['lifted', [{ field => 'stage', op => 'not_null' }], [(grep { $_->{field} ne 'stage' } @{ $view->{filters} }), { field => 'stage', op => 'not_null' }]],
    ['none', [], $view->{filters}],
) {
    my ($name, $overrides, $merged) = @$case;
    my $page = ask(query_view_data => { viewId => $view->{id}, filterOverrides => $overrides });
    rows_are(main::in_order($page->{rows}), main::in_order(main::expected($view, @$merged)), $name);

    my $line = sub { join ' ', map { JSON::PP->new->canonical->encode($_) } sort { $a->{field} cmp $b->{field} } @_ };
    is($line->(@{ $page->{appliedFilters} }), $line->(@$merged), "$name: appliedFilters");
    is(join(' ', map { $_->{field} } @{ $page->{appliedFilters} }), join(' ', sort map { $_->{field} } @{ $page->{appliedFilters} }), "$name: sorted by field");
}



=== TEST 5: the drawn order of the rows
--- call: list_views {}
--- also
my ($view) = main::views("v.name = 'Bookings by quarter and region'");
my $rows = ask(query_view_data => { viewId => $view->{id} })->{rows};
my @keys = map { "$_->[0] $_->[2]" } @$rows;
is(join('|', @keys), join('|', sort @keys), 'by the grouping columns, ascending');

($view) = main::views("v.name = 'Bookings by rep, all time'");
my @sums = map { $_->[1] } @{ ask(query_view_data => { viewId => $view->{id} })->{rows} };
is(join(' ', @sums), join(' ', sort { $b <=> $a } @sums), 'sort -y: the largest first');



=== TEST 6: binned
--- call: query_view_data {"viewId":"$ID{view:Deal size distribution}"}
--- also
my $page = answer($body);
is(join(' ', map { $_->{name} } @{ $page->{columns} }), 'bin_amount_usd bin_amount_usd_end count', 'columns');
my $total = 0;
$total += $_->[2] for @{ $page->{rows} };
is($total, data('Sales Pipeline', 'SELECT COUNT(*) FROM data WHERE amount_usd <= 300000')->[0][0], 'every row is in a bin');
cmp_ok(scalar @{ $page->{rows} }, '<=', 41, 'maxbins');
for my $row (@{ $page->{rows} }[0 .. 2]) {
    is($row->[2], data('Sales Pipeline', "SELECT COUNT(*) FROM data WHERE amount_usd <= 300000 AND amount_usd >= $row->[0] AND amount_usd < $row->[1]")->[0][0], "from $row->[0] to $row->[1]");
}



=== TEST 7: medians
--- call: query_view_data {"viewId":"$ID{view:Median deal by rep}","pageSize":1000}
--- also
my ($view) = main::views("v.name = 'Median deal by rep'");
my $where = join ' AND ', 1, map { main::condition($_) } @{ $view->{filters} };
my $rows = answer($body)->{rows};
cmp_ok(scalar @$rows, '>', 5, 'reps');
for my $row (@$rows[0, 1, -1]) {
    (my $owner = $row->[0]) =~ s/'/''/g;
    utf8::encode($owner);
    my @values = map { $_->[0] } @{ data('Sales Pipeline', "SELECT amount_usd FROM data WHERE $where AND owner = '$owner' ORDER BY 1") };
    is($row->[1], ($values[(@values - 1) / 2] + $values[@values / 2]) / 2, 'median of ' . @values);
}



=== TEST 8: CSV
--- call: query_view_data {"viewId":"$ID{view:Deals by stage}","format":"csv"}
--- also
my $page = answer($body);
my $rows = ask(query_view_data => { viewId => $page->{viewId} })->{rows};
is($page->{csv}, join('', map { join(',', @$_) . "\n" } ['stage', 'count'], @$rows), 'the same rows');
ok(!exists $page->{rows}, 'and no others');



=== TEST 9: pages, and the cap of 1000 rows
--- call: list_views {}
--- also
my ($view) = main::views("v.name = 'All ledger lines'");
my @want = map { $_->[0] } @{ data('Finance Ledger', 'SELECT entry_id FROM data LIMIT 1000') };
for my $size (300, 500, 999) {
    my @pages = all_pages(query_view_data => { viewId => $view->{id}, pageSize => $size });
    my ($at) = grep { $pages[0]{columns}[$_]{name} eq 'entry_id' } 0 .. $#{ $pages[0]{columns} };
    my @rows = map { $_->[$at] } map { @{ $_->{rows} } } @pages;
    is(scalar @rows, 1000, "pages of $size: 1000 rows");
    is("@rows", "@want", 'each once, in the order of the source');
    is(join(' ', map { $_->{truncated} ? 1 : 0 } @pages), join(' ', (0) x (@pages - 1), 1), 'the last is truncated');
}
my $said = refused(query_view_data => { viewId => $view->{id}, pageSize => 1000 });
is($said->{code}, 'RESULT_TOO_LARGE', 'asked for outright');
like($said->{message}, qr/1000/, 'with the cap');



=== TEST 10: up to the cap it is all of it
--- call: list_views {}
--- also
my ($view) = main::views("v.name = 'All ledger lines'");
my ($day) = map { $_->[0] } @{ data('Finance Ledger', 'SELECT posting_date FROM data ORDER BY 1 LIMIT 1 OFFSET 400') };
my $filters = [{ field => 'posting_date', op => 'lt', value => $day }];
my $n = data('Finance Ledger', "SELECT COUNT(*) FROM data WHERE posting_date < '$day'")->[0][0];
my $page = ask(query_view_data => { viewId => $view->{id}, pageSize => 1000, filterOverrides => $filters });
is_deeply([@$page{qw(rowCount nextCursor)}, $page->{truncated} ? 1 : 0], [$n, undef, 0], "$n rows");



=== TEST 11: wrong arguments
--- call: list_views {}
--- also
my $id = Lookout::id(view => 'Deals by stage');
for my $size (0, -1, 1001) {
    my $said = refused(query_view_data => { viewId => $id, pageSize => $size });
    is($said->{code}, 'INVALID_PAGE_SIZE', "pageSize $size");
    is_deeply([@{ $said->{details} }{qw(min max)}], [1, 1000], 'the range');
}
is(refused(query_view_data => { viewId => $id, format => 'CSV' })->{details}{errors}[0]{path}, '/format', 'format');
is(refused(query_view_data => { viewId => $id, filterOverrides => {} })->{details}{errors}[0]{path}, '/filterOverrides', 'filterOverrides');
is(refused('query_view_data', '{}')->{details}{errors}[0]{path}, '/viewId', 'viewId is missing');
