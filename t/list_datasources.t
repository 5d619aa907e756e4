# list_datasources: finding what can be queried.

use lib 't';
use Lookout;
use Agent;
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();

# The names that a call lists, in its order.
sub names {
    my ($args) = @_;
    return join '|', map { $_->{name} } @{ ask(list_datasources => $args)->{items} };
}

# What the catalogue has under a condition, in the order of lists.
sub known {
    my ($where) = @_;
    return join '|', sort { lc $a cmp lc $b }
        split /\n/, Lookout::sql("SELECT name FROM datasource WHERE deleted_at IS NULL AND ($where)");
}

sub problem {
    my ($args, $path) = @_;
    my $said = refused(list_datasources => $args);
    is("$said->{code} " . join(' ', map { $_->{path} } @{ $said->{details}{errors} }),
        "INVALID_INPUT $path", "$path is refused");
}

no_shuffle();
run_tests();

__DATA__

=== TEST 1: all of them, in the order of their names
--- call: list_datasources {}
--- also
my $page = answer($body);
is(key_order(answer_text($body)), 'items nextCursor warnings', 'members');
is(scalar @{ $page->{items} }, 8, 'eight');
is(join('|', map { $_->{name} } @{ $page->{items} }), known('1'), 'names');
is($page->{nextCursor}, undef, 'no further page');
is_deeply($page->{warnings}, [], 'no warning');



=== TEST 2: an item is what the catalogue says
--- call: list_datasources {}
--- also
for my $item (@{ answer($body)->{items} }) {
    my $row = Lookout::sql("SELECT name, connection_type, status, strftime('%Y-%m-%dT%H:%M:%SZ', last_refreshed_at, 'unixepoch'), (SELECT COUNT(*) FROM field WHERE datasource_id = d.id) FROM datasource d WHERE id = '$item->{id}'");
    is(join('|', @$item{qw(name connectionType status lastRefreshedAt fieldCount)}), $row, $item->{name});
    like($item->{id}, qr/^ds_[a-z2-7]{22}$/, 'its id');
    is(join(' ', sort keys %$item), 'connectionType fieldCount id lastRefreshedAt name status', 'its members');
}



=== TEST 3: members of an item stand as on the published page
--- call: list_datasources {"nameContains":"sales","pageSize":20}
--- response_body_like chomp
"structuredContent":\{"items":\[\{"id":"ds_[a-z2-7]{22}","name":"Sales Pipeline","connectionType":"postgres","status":"online","lastRefreshedAt":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ","fieldCount":14\}\],"nextCursor":null,"warnings":\[\]\}



=== TEST 4: one is offline, and says so
--- call: list_datasources {}
--- also
is(join('|', map { $_->{name} } grep { $_->{status} eq 'offline' } @{ answer($body)->{items} }),
    known("status = 'offline'"), 'offline');
is(scalar(grep { $_->{status} eq 'offline' } @{ answer($body)->{items} }), 1, 'one');



=== TEST 5: what was deleted is not there
--- call: list_datasources {"q":"Legacy CRM"}
--- response_body_unlike: Legacy



=== TEST 6: nameContains is a plain substring in any case
--- call: list_datasources {}
--- also
is(names({ nameContains => 'sales' }), known("name LIKE '%sales%'"), 'lower case');
is(names({ nameContains => 'PIPE' }), known("name LIKE '%pipe%'"), 'upper case');
is(names({ nameContains => 'e' }), known("name LIKE '%e%'"), 'several');
is(names({ nameContains => 'd U' }), '', 'a space counts');
is(names({ nameContains => 't u' }), 'Product Usage', 'over a space');
is(names({ nameContains => $_ }), '', "no wildcard: $_") for '%', '_', 'S%e', 'S*', "'", '"', '\\';
is(names({ nameContains => 'slaes' }), '', 'no mistakes here');



=== TEST 7: q is fuzzy, best match first
--- call: list_datasources {}
--- also
like(names({ q => 'slaes pipline' }), qr/^Sales Pipeline/, 'two typing mistakes');
like(names({ q => $_->[0] }), qr/^\Q$_->[1]\E/, "q: $_->[0]") for
    ['Sales Pipeline', 'Sales Pipeline'], ['SALES', 'Sales Pipeline'], ['pipeline sales', 'Sales Pipeline'],
    ['prodct usge', 'Product Usage'], ['productusage', 'Product Usage'], ['prod usage', 'Product Usage'],
    ['suport tikets', 'Support Tickets'], ['head count', 'Headcount'], ['wearhouse', 'Warehouse Inventory'];
is(names({ q => 'zzzzqqqq' }), '', 'nothing is like it');



=== TEST 8: connectionType
--- call: list_datasources {}
--- also
is(names({ connectionType => 'postgres' }), 'Sales Pipeline', 'exact');
is(names({ connectionType => 'Snowflake' }), 'Product Usage', 'in any case');
is(names({ connectionType => 'post' }), '', 'not a part of it');
is(names({ connectionType => 'mysql' }), 'Support Tickets', 'not the deleted one');



=== TEST 9: filters combine with AND
--- call: list_datasources {}
--- also
is(names({ connectionType => 'postgres', nameContains => 'sales' }), 'Sales Pipeline', 'both');
is(names({ connectionType => 'snowflake', nameContains => 'sales' }), '', 'one only');
is(names({ q => 'sales', nameContains => 'usage' }), '', 'q and nameContains');
is(names({ q => 'slaes', nameContains => 'PIPE', connectionType => 'postgres' }), 'Sales Pipeline', 'all three');



=== TEST 10: pages
--- call: list_datasources {}
--- also
for my $size (1, 3, 7, 8, 100) {
    my @pages = all_pages(list_datasources => { pageSize => $size });
    is(join('|', map { $_->{name} } map { @{ $_->{items} } } @pages), known('1'), "pages of $size");
    is(scalar @pages, int((8 + $size - 1) / $size), 'as many as it takes');
}



=== TEST 11: pageSize out of its range
--- call: list_datasources {}
--- also
for my $size (0, -1, 101, 100000, 9007199254740991) {
    my $said = refused(list_datasources => { pageSize => $size });
    is($said->{code}, 'INVALID_PAGE_SIZE', "pageSize $size");
    is_deeply([@{ $said->{details} }{qw(min max)}], [1, 100], 'the range');
}



=== TEST 12: wrong arguments are named, each with its path
--- call: list_datasources {}
--- also
problem({ q => '' }, '/q');
problem({ q => 'x' x 257 }, '/q');
problem({ nameContains => 'x' x 201 }, '/nameContains');
problem({ connectionType => 'x' x 65 }, '/connectionType');
problem({ pageSize => 1.5 }, '/pageSize');
problem({ pageSize => '20' }, '/pageSize');
problem({ cursor => 7 }, '/cursor');
problem({ namecontains => 'x' }, '/namecontains');
problem('{"q":["sales"],"pageSize":true}', '/q /pageSize');



=== TEST 13: lengths count characters
--- call: list_datasources {}
--- also
is(names({ q => "\x{fc}" x 256 }), '', 'q of 256 characters');
is(names({ nameContains => "\x{1f600}" x 200 }), '', 'nameContains of 200 characters');
is(names({ connectionType => "\x{e9}" x 64 }), '', 'connectionType of 64 characters');
problem({ q => "\x{fc}" x 257 }, '/q');



=== TEST 14: no lower bound where none is promised
--- call: list_datasources {}
--- also
is(names({ nameContains => '' }), known('1'), 'every name holds the empty text');
