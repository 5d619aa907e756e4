# list_views and get_view: finding charts, and what a chart is made of.

use lib 't';
use Lookout;
use Agent;
use JSON::PP ();
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();

our $from = 'FROM view v JOIN workbook w ON w.id = v.workbook_id JOIN datasource d ON d.id = v.datasource_id'
  . ' WHERE v.deleted_at IS NULL AND w.deleted_at IS NULL AND d.deleted_at IS NULL';

sub lines {
    my ($query) = @_;
    my @lines = split /\n/, Lookout::sql($query);
    utf8::decode($_) for @lines;
    return @lines;
}

sub ids {
    my ($args) = @_;
    return join ' ', sort map { $_->{id} } map { @{ $_->{items} } } all_pages(list_views => { %$args, pageSize => 100 });
}

sub known {
    my ($where) = @_;
    return join ' ', sort(lines("SELECT v.id $from AND ($where)"));
}

# The first view under a condition.
sub a_view {
    my ($where) = @_;
    return (lines("SELECT v.id $from AND ($where) ORDER BY v.id LIMIT 1"))[0] // die "no view: $where";
}

our $online = "d.status = 'online'";

no_shuffle();
run_tests();

__DATA__

=== TEST 1: the first page
--- call: list_views {}
--- also
my ($text) = answer_text($body);
is(key_order($text), 'items nextCursor warnings', 'members');
my ($item) = $text =~ /"items":\[(\{.*?\}\})/;
is(key_order($item), 'id name description chartType updatedAt workbook datasource', 'members of an item');
my $first = answer($body)->{items}[0];
is(join(' ', sort keys %{ $first->{workbook} }), 'id name', 'workbook');
is(join(' ', sort keys %{ $first->{datasource} }), 'id name status', 'datasource');



=== TEST 2: 390 over all pages, each once, by name and id
--- call: list_views {}
--- also
my @items = map { @{ $_->{items} } } all_pages(list_views => { pageSize => 97 });
is(scalar @items, 390, 'all of them');
my @want = map { [split /\|/] } main::lines("SELECT v.id, v.name, v.chart_type, strftime('%Y-%m-%dT%H:%M:%SZ', v.updated_at, 'unixepoch'), w.id, w.name, d.id, d.name, d.status $main::from ORDER BY v.name COLLATE NOCASE, v.id");
rows_are([map { [@$_{qw(id name chartType updatedAt)}, @{ $_->{workbook} }{qw(id name)}, @{ $_->{datasource} }{qw(id name status)}] } @items], \@want, 'items');



=== TEST 3: narrowed by each argument, and by all together
--- call: list_views {}
--- also
my $book = Lookout::id(workbook => 'EMEA Sales Review');
is(main::ids({ workbookId => $book }), main::known("w.id = '$book'"), 'workbookId');
for my $type (qw(bar line area pie donut treemap histogram scatter heatmap map)) {
    is(main::ids({ chartType => $type }), main::known("chart_type = '$type'"), $type);
}
is(main::ids({ nameContains => 'BY QUARTER' }), main::known("v.name LIKE '%by quarter%'"), 'nameContains');
is(main::ids({ nameContains => '%' }), main::known("instr(v.name, '%')"), 'a per cent sign is one');
is(main::ids({ workbookId => $book, chartType => 'bar', nameContains => 'owner' }), main::known("w.id = '$book' AND chart_type = 'bar' AND v.name LIKE '%owner%'"), 'all of them');
is(main::ids({ workbookId => $book, chartType => 'map' }), '', 'none');



=== TEST 4: q
--- call: list_views {}
--- also
for my $case (['Deals by stage', 'Deals by stage'], ['deels by stge', 'Deals by stage'], ['sesions by cuntry', 'Sessions by country'], ['ledger lines all', 'All ledger lines']) {
    is(ask(list_views => { q => $case->[0] })->{items}[0]{name}, $case->[1], $case->[0]);
}
my @all = map { $_->{id} } map { @{ $_->{items} } } all_pages(list_views => { q => 'sales by region', pageSize => 100 });
my @paged = map { $_->{id} } map { @{ $_->{items} } } all_pages(list_views => { q => 'sales by region', pageSize => 9 });
is("@paged", "@all", 'pages of one order');



=== TEST 5: wrong arguments
--- call: list_views {}
--- also
is(refused(list_views => { workbookId => 'wb_aaaaaaaaaaaaaaaaaaaaaa' })->{code}, 'WORKBOOK_NOT_FOUND', 'an unknown workbook');
is(refused(list_views => { workbookId => (main::lines('SELECT id FROM workbook WHERE deleted_at IS NOT NULL LIMIT 1'))[0] })->{code}, 'WORKBOOK_NOT_FOUND', 'a deleted one');
is(refused(list_views => { workbookId => 'x' })->{details}{errors}[0]{path}, '/workbookId', 'no id');
my $said = refused(list_views => { chartType => 'bubble' });
is("$said->{code} $said->{details}{errors}[0]{path}", 'INVALID_INPUT /chartType', 'an unknown chart type');
like($said->{details}{errors}[0]{message}, qr/bar.*line.*scatter/, 'with those that there are');
is(refused(list_views => { pageSize => 0 })->{code}, 'INVALID_PAGE_SIZE', 'pageSize');



=== TEST 6: a view, in the order of its members
--- call: get_view {"viewId":"$ID{view:Deals by stage}"}
--- also
my ($text) = answer_text($body);
is(key_order($text), 'id name description chartType encoding savedFilters workbook datasource updatedAt statistics preview warnings', 'members');
my $got = answer($body);
is(join(' ', sort keys %{ $got->{preview} }), 'columns rowCount rows', 'preview');
my $row = (main::lines("SELECT v.name, v.chart_type, w.name, d.name, d.status $main::from AND v.id = '$got->{id}'"))[0];
is(join('|', @$got{qw(name chartType)}, $got->{workbook}{name}, $got->{datasource}{name}, $got->{datasource}{status}), $row, 'of the catalogue');
my ($encoding) = main::lines("SELECT encoding FROM view WHERE id = '$got->{id}'");
ok(index($text, qq("encoding":$encoding,)) > 0, 'encoding');



=== TEST 7: every chart type that is online has a preview
--- call: list_views {}
--- also
for my $type (qw(bar line area pie donut treemap histogram scatter heatmap map)) {
    my $got = ask(get_view => { viewId => main::a_view("$main::online AND chart_type = '$type' AND d.name <> 'Product Usage' AND v.encoding NOT LIKE '%territory%'") });
    my $preview = $got->{preview};
    is($got->{chartType}, $type, "$type: $got->{name}");
    is(scalar @{ $preview->{rows} }, $preview->{rowCount}, 'rowCount');
    cmp_ok($preview->{rowCount}, '<=', 50, 'at most 50');
    cmp_ok($preview->{rowCount}, '>=', 1, 'at least one');
    is(scalar(grep { @$_ != @{ $preview->{columns} } } @{ $preview->{rows} }), 0, 'rows as wide as columns');
    is(join('|', map { "$_->{name} $_->{type}" } @{ $got->{statistics} }), join('|', map { "$_->{name} $_->{type}" } @{ $preview->{columns} }), 'statistics of each column');
}



=== TEST 8: the preview is the beginning of the data
--- call: get_view {"viewId":"$ID{view:All ledger lines}"}
--- also
my $got = answer($body);
my $page = ask(query_view_data => { viewId => $got->{id}, pageSize => 50 });
is($got->{preview}{rowCount}, 50, 'fifty');
rows_are($got->{preview}{rows}, $page->{rows}, 'rows');
is_deeply($got->{preview}{columns}, $page->{columns}, 'columns');



=== TEST 9: statistics of a row-level view, computed another way
--- call: get_view {"viewId":"$ID{view:All ledger lines}"}
--- also
my $got = answer($body);
my %of = map { $_->{name} => $_ } @{ $got->{statistics} };
is(key_order((answer_text($body))[0] =~ s/.*"statistics":\[\{"name":"posting_date".*?\},(\{"name":"actual_usd".*?\}).*/$1/r), 'name type count nulls distinct min max mean median stddev', 'members for a number');

my $near = sub { abs($_[0] - $_[1]) <= 1e-9 * (abs($_[0]) + abs $_[1]) };
for my $column (qw(actual_usd budget_usd)) {
    my @values = sort { $a <=> $b } map { $_->[0] } @{ data('Finance Ledger', "SELECT $column FROM data WHERE $column IS NOT NULL") };
    my ($n, $mean, $square) = (scalar @values, 0, 0);
    $mean += $_ / $n for @values;
    $square += ($_ - $mean) ** 2 / ($n - 1) for @values;
    my %want = (min => $values[0], max => $values[-1], mean => $mean, median => ($values[($n - 1) / 2] + $values[$n / 2]) / 2, stddev => sqrt $square);
    ok($near->($of{$column}{$_}, $want{$_}), "$column $_") or diag "$of{$column}{$_} $want{$_}" for sort keys %want;
    is(join(' ', @{ $of{$column} }{qw(count nulls distinct)}), join(' ', @{ data('Finance Ledger', "SELECT COUNT(*), COUNT(*) - COUNT($column), COUNT(DISTINCT $column) FROM data")->[0] }), "$column counts");
}
for my $column (qw(category entity department account_name)) {
    rows_are([map { [@$_{qw(value count)}] } @{ $of{$column}{top} }], data('Finance Ledger', "SELECT $column, COUNT(*) AS n FROM data GROUP BY 1 ORDER BY n DESC, $column LIMIT 5"), "top of $column");
}
is(join(' ', @{ $of{posting_date} }{qw(min max)}), join(' ', @{ data('Finance Ledger', 'SELECT MIN(posting_date), MAX(posting_date) FROM data')->[0] }), 'time min and max');
ok(!exists $of{posting_date}{mean} && !exists $of{category}{min}, 'no others');



=== TEST 10: nulls are counted
--- call: get_view {"viewId":"$ID{view:All tickets}"}
--- also
my %of = map { $_->{name} => $_ } @{ answer($body)->{statistics} };
for my $column (qw(csat resolution_hours category)) {
    is(join(' ', @{ $of{$column} }{qw(count nulls distinct)}), join(' ', @{ data('Support Tickets', "SELECT COUNT(*), SUM($column IS NULL), COUNT(DISTINCT $column) FROM data")->[0] }), $column);
}
cmp_ok($of{csat}{nulls}, '>', 0, 'there are some');



=== TEST 11: saved filters hold in preview and statistics
--- call eval: "get_view {\"viewId\":\"" . main::a_view("$main::online AND d.name = 'Sales Pipeline' AND v.encoding NOT LIKE '%aggregate%' AND v.saved_filters LIKE '[{_field_:_discount_pct_,_op_:_gt_,_value_:20}]'") . "\"}"
--- also
my $got = answer($body);
my ($n) = data('Sales Pipeline', 'SELECT COUNT(*) FROM data WHERE discount_pct > 20')->[0][0];
is($got->{statistics}[0]{count}, $n, "$n rows");
is($got->{preview}{rowCount}, $n < 50 ? $n : 50, 'preview');
is_deeply($got->{savedFilters}, [{ field => 'discount_pct', op => 'gt', value => 20 }], 'as saved');



=== TEST 12: the drifted one
--- call: list_views {}
--- also
for my $tool (qw(get_view query_view_data)) {
    my $said = refused($tool => { viewId => Lookout::id(view => 'Bookings by territory') });
    is($said->{code}, 'SCHEMA_DRIFT', $tool);
    is_deeply($said->{details}{missingFields}, ['territory'], 'the field that is missing');
    like($said->{message}, qr/territory/, 'and in the message');
}
my ($drifted) = grep { $_->{name} eq 'Bookings by territory' } @{ ask(list_views => { nameContains => 'territory' })->{items} };
is($drifted->{datasource}{name}, 'Sales Pipeline', 'it is listed');



=== TEST 13: views of the offline datasource
--- call: list_views {}
--- also
my $id = main::a_view("d.status = 'offline'");
for my $tool (qw(get_view query_view_data)) {
    my $said = refused($tool => { viewId => $id });
    is($said->{code}, 'DATASOURCE_OFFLINE', $tool);
    is($said->{details}{datasourceId}, (main::lines("SELECT datasource_id FROM view WHERE id = '$id'"))[0], 'which one');
}



=== TEST 14: views of the stale datasource warn
--- call: list_views {}
--- also
my $id = main::a_view("$main::online AND strftime('%s') - d.last_refreshed_at > d.freshness_sla_seconds");
is(ask($_ => { viewId => $id })->{warnings}[0]{code}, 'EXTRACT_STALE', $_) for qw(get_view query_view_data);



=== TEST 15: unknown, deleted, malformed
--- call: list_views {}
--- also
for my $id ('vw_aaaaaaaaaaaaaaaaaaaaaa', 'vw_a1b2c3d4e5f6g7h8i9j0k1', main::lines('SELECT id FROM view WHERE deleted_at IS NOT NULL LIMIT 3'),
    main::lines('SELECT v.id FROM view v JOIN workbook w ON w.id = v.workbook_id WHERE w.deleted_at IS NOT NULL LIMIT 2'))
{
    for my $tool (qw(get_view query_view_data)) {
        my $said = refused($tool => { viewId => $id });
        is("$said->{code} $said->{details}{viewId}", "VIEW_NOT_FOUND $id", "$tool $id");
    }
}
is(refused(get_view => { viewId => $_ })->{details}{errors}[0]{path}, '/viewId', "'$_'") for '', 'Deals by stage', 'ds_aaaaaaaaaaaaaaaaaaaaaa', '../../vw_aaaaaaaaaaaaaaaa';



=== TEST 16: the largest one: 100,000 rows, in statistics too
--- call: get_view {"viewId":"$ID{view:All sessions}"}
--- timeout: 10
--- also
my $got = answer($body);
my %of = map { $_->{name} => $_ } @{ $got->{statistics} };
is(join(' ', @{ $of{session_id} }{qw(count nulls distinct)}), '100000 0 100000', 'session_id');
is(join(' ', @{ $of{user_role} }{qw(count nulls distinct)}), join(' ', @{ data('Product Usage', 'SELECT COUNT(*), SUM(user_role IS NULL), COUNT(DISTINCT user_role) FROM data')->[0] }), 'user_role');
is(join(' ', @{ $of{started_at} }{qw(min max)}), join(' ', @{ data('Product Usage', 'SELECT MIN(started_at), MAX(started_at) FROM data')->[0] }), 'started_at');
is($got->{preview}{rowCount}, 50, 'preview');
