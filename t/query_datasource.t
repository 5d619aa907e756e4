# query_datasource: SQL over one datasource, what comes back and how it is cut.

use lib 't';
use Lookout;
use Agent;
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();

our $sales = Lookout::id(datasource => 'Sales Pipeline');
our $usage = Lookout::id(datasource => 'Product Usage');

sub query {
    my ($sql, %more) = @_;
    return ask(query_datasource => { datasourceId => $sales, sql => $sql, %more });
}

# The first row, as it stands on the wire.
sub raw {
    my ($sql, $source) = @_;
    my $text = ask_text(query_datasource => { datasourceId => $source // $sales, sql => $sql });
    return $text =~ /"rows":\[(\[.*?\])\]?,/ ? $1 : $text;
}

sub no_query {
    my ($sql, %more) = @_;
    return refused(query_datasource => { datasourceId => $sales, sql => $sql, %more });
}

# n rows, from nothing.
sub numbers {
    my ($n) = @_;
    return "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT $n) SELECT n FROM c";
}

no_shuffle();
run_tests();

__DATA__

=== TEST 1: the published sample, word for word
--- call
query_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}",
"sql":"SELECT stage, COUNT(*) AS n, SUM(amount_usd) AS total FROM data WHERE close_quarter='2026Q1' GROUP BY stage ORDER BY total DESC"}
--- also
my ($text) = answer_text($body);
is(key_order($text), 'queryId datasourceId executedAt columns rows rowCount pageSize nextCursor truncated warnings', 'members');
like($text, qr/"columns":\[\{"name":"stage","type":"string","semanticRole":"dimension","nullable":false\},\{"name":"n","type":"integer","semanticRole":"measure","nullable":true\},\{"name":"total","type":"float","semanticRole":"measure","nullable":true\}\]/, 'columns');
like($text, qr/"rows":\[\["[A-Z][a-z ]+",\d+,\d+\.\d+(e\+\d+)?\],/i, 'positional rows, totals with a fraction');
my $page = answer($body);
rows_are($page->{rows}, data('Sales Pipeline', q{SELECT stage, COUNT(*) AS n, SUM(amount_usd) AS total FROM data WHERE close_quarter='2026Q1' GROUP BY stage ORDER BY total DESC}), 'rows');
cmp_ok(scalar @{ $page->{rows} }, '>', 2, 'there are rows');
is($page->{rowCount}, scalar @{ $page->{rows} }, 'rowCount');
is($page->{datasourceId}, $main::sales, 'datasourceId');
like($page->{queryId}, qr/^qry_[a-z2-7]{22}$/, 'queryId');
like($page->{executedAt}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'executedAt');
is($page->{pageSize}, 500, 'pageSize when not given');
is($page->{truncated} ? 1 : 0, 0, 'not truncated');
is_deeply([$page->{nextCursor}, $page->{warnings}], [undef, []], 'no cursor, no warnings');



=== TEST 2: values, as they leave
--- call: list_datasources {}
--- also
is(main::raw($_->[0]), $_->[1], $_->[0] =~ s/[^ -~]/./gr) for
    ['SELECT 9223372036854775807, -9223372036854775808, 9007199254740993', '[9223372036854775807,-9223372036854775808,9007199254740993]'],
    ['SELECT 84000.0, 0.5, -0.0, 1e300, 1e-7, 123456789.0', '[84000.0,0.5,-0.0,1e+300,1e-7,123456789.0]'],
    ['SELECT 0.1 + 0.2', '[0.30000000000000004]'],
    ['SELECT 9e999, -9e999, 9e999 - 9e999, NULL', '[null,null,null,null]'],
    ["SELECT x'00ff'", '[null]'],
    ["SELECT '', 'a\"b\\c', char(9, 10, 13, 8, 1)", '["","a\"b\\\\c","\t\n\r\b\u0001"]'],
    ["SELECT '\x{00fc}\x{4f50}\x{1f600}\x{2028}'", do { my $t = "[\"\x{00fc}\x{4f50}\x{1f600}\x{2028}\"]"; utf8::encode($t); $t }];
is(main::raw('SELECT is_trial, session_date, started_at, duration_minutes, events FROM data WHERE is_trial LIMIT 1', $main::usage) =~ /^\[true,"\d{4}-\d\d-\d\d","\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",\d+\.\d+,\d+\]$/ ? 1 : 0, 1, 'booleans, dates, times');



=== TEST 3: an integer beyond a double stays exact in a sum
--- call: list_datasources {}
--- also
is(main::raw('SELECT SUM(v) FROM (SELECT 9007199254740993 AS v UNION ALL SELECT 1)'), '[9007199254740994]', 'sum');



=== TEST 4: columns that are fields carry the field's own type
--- call
query_datasource {"datasourceId":"$ID{datasource:Product Usage}","sql":"SELECT session_id, is_trial, session_date AS day, started_at, events, duration_minutes * 2 AS twice, plan || '' AS p FROM data LIMIT 2"}
--- also
is(join(' ', map { "$_->{name}:$_->{type}:$_->{semanticRole}:" . ($_->{nullable} ? 1 : 0) } @{ answer($body)->{columns} }),
    'session_id:string:identifier:0 is_trial:boolean:dimension:0 day:date:time:0 started_at:timestamp:time:0 events:integer:measure:0 twice:float:measure:1 p:string:dimension:1', 'columns');



=== TEST 5: a column of mixed numbers is float all through
--- call: list_datasources {}
--- also
my $text = ask_text(query_datasource => { datasourceId => $main::sales, sql => 'SELECT 1 AS v UNION ALL SELECT 2 UNION ALL SELECT 2.5' });
like($text, qr/"type":"float".*"rows":\[\[1\.0\],\[2\.0\],\[2\.5\]\]/, 'mixed');



=== TEST 6: columns of one name become different
--- call: list_datasources {}
--- also
my @names = map { $_->{name} } @{ main::query('SELECT 1 AS a, 2 AS a, 3 AS a, 4 AS a_2')->{columns} };
my %seen;
is(scalar(grep { $seen{$_}++ } @names), 0, "all different: @names");



=== TEST 7: no rows are no error
--- call: list_datasources {}
--- also
my $page = main::query("SELECT stage, amount_usd FROM data WHERE region = 'Atlantis'");
is_deeply([@$page{qw(rows rowCount nextCursor)}], [[], 0, undef], 'empty');
is(join(' ', map { $_->{type} } @{ $page->{columns} }), 'string float', 'columns all the same');



=== TEST 8: SQL as analysts write it
--- call: list_datasources {}
--- also
for my $sql (
    'SELECT COUNT(*) FROM data',
    'SELECT region, COUNT(DISTINCT owner), AVG(amount_usd), MIN(close_date), MAX(close_date) FROM data GROUP BY 1 ORDER BY 1;',
    "WITH won AS (SELECT * FROM data WHERE stage = 'Closed Won'), q AS (SELECT close_quarter, SUM(amount_usd) AS s FROM won GROUP BY 1) SELECT close_quarter, s, s - LAG(s) OVER (ORDER BY close_quarter) FROM q ORDER BY 1",
    'SELECT region, stage, RANK() OVER (PARTITION BY region ORDER BY COUNT(*) DESC, stage) FROM data GROUP BY region, stage ORDER BY 1, 3',
    "SELECT CASE WHEN amount_usd > 100000 THEN 'large' ELSE 'small' END AS size, COUNT(*) FROM data GROUP BY size ORDER BY size -- the sizes",
    'SELECT a.region, COUNT(*) FROM data a JOIN (SELECT DISTINCT owner FROM data) b ON a.owner = b.owner GROUP BY 1 ORDER BY 1',
    "SELECT strftime('%Y-%m', close_date) AS month, SUM(amount_usd) FROM data GROUP BY month HAVING COUNT(*) > 5 ORDER BY month",
    'SELECT "stage", [region], `owner` FROM "data" ORDER BY opportunity_id LIMIT 5 OFFSET 2',
    "SELECT stage FROM data WHERE region = 'EMEA' UNION SELECT stage FROM data WHERE region = 'NA' ORDER BY 1",
    "SELECT COALESCE(lead_source, 'none') AS l, COUNT(*) FROM data WHERE discount_pct IS NOT NULL AND owner LIKE 'A%' GROUP BY l ORDER BY l",
    '/* first */ SELECT d.stage FROM data AS d WHERE EXISTS (SELECT 1 FROM data e WHERE e.owner = d.owner AND e.amount_usd > 400000) GROUP BY 1 ORDER BY 1',
    'SELECT DaTa.Stage FROM DATA GROUP BY 1 ORDER BY 1',
    "SELECT json_group_array(region) FROM (SELECT DISTINCT region FROM data ORDER BY 1)",
    "SELECT SUM(amount_usd) FILTER (WHERE stage = 'Closed Won') FROM data",
) {
    rows_are(main::query($sql)->{rows}, data('Sales Pipeline', $sql), substr($sql, 0, 50));
}



=== TEST 9: aggregates that SQLite lacks
--- call: list_datasources {}
--- also
my $row = main::query('SELECT median(amount_usd), stdev(amount_usd), variance(amount_usd) FROM data')->{rows}[0];
my @values = sort { $a <=> $b } map { $_->[0] } @{ data('Sales Pipeline', 'SELECT amount_usd FROM data') };
my $n = @values;
my $median = ($values[($n - 1) / 2] + $values[$n / 2]) / 2;
my ($mean, $square) = (0, 0);
$mean += $_ / $n for @values;
$square += ($_ - $mean) ** 2 / ($n - 1) for @values;
cmp_ok(abs($row->[0] - $median), '<', 1e-6, 'median');
cmp_ok(abs($row->[1] / sqrt($square) - 1), '<', 1e-9, 'stdev');
cmp_ok(abs($row->[2] / $square - 1), '<', 1e-9, 'variance');



=== TEST 10: printf is SQLite's
--- call: list_datasources {}
--- also
my @values = ('1', '-7', '3.14159', '1e10', "'12abc'", 'NULL', "'J\x{fc}rgen ''x'''", '9223372036854775807', '-0.5', "''");
my @formats = map { "%$_" } split(' ', 'd 5d -5d| 05d +d ,d 5.3d i u x #X o lld hd f .2f 10.3f -10.1f| +.1f 010.2f ,.2f !.20g e E g G #g .0f s 10s -10s| .3s 10.3s q Q w z p n % k r'), '', ' d', 's%%';
my @calls = map { my $format = $_; map { "'[$format]', $_" } @values } @formats;
push @calls, map({ "'[%5c|%.3c|%-5c]', $_, $_, $_" } grep { !/^(NULL|'')$/ } @values), "'%s-%s-%s', 1, 2", "'%*d|%-*d|%.*f', 6, 42, 6, 42, 2, 3.14159", "'%*d|', -6, 42", "'%.*f', -2, 3.14159", "'%s %s', 'a', 'b', 'c'", 'NULL', "'%d'", "'%f'", "'%s'", "'%!5.2s|', '\x{4f50}\x{85e4}\x{5065}'", "'%-0+ #,!8.3f|', 1234.5", "'no conversion', 1", "'100%% of %s', 'x'", "'%c', 'abc'", "'%c', '\x{4f50}'";
while (my @group = splice @calls, 0, 60) {
    my $sql = 'SELECT ' . join ', ', map { "printf($_)" } @group;
    utf8::encode(my $bytes = $sql);
    my ($want) = @{ data('Sales Pipeline', $bytes) };
    my $got = main::query($sql)->{rows}[0];
    my @bad = grep { ($got->[$_] // 'null') ne ($want->[$_] // 'null') } 0 .. $#group;
    is(join("\n", map { "printf($group[$_]): " . ($got->[$_] // 'null') . ', not ' . ($want->[$_] // 'null') } @bad), '', @group . ' calls');
}
is_deeply(main::query("SELECT format('%6.1f', 2.25), printf('[%c%3c]', NULL, ''), printf('')")->{rows}[0], ['   2.3', '[   ]', ''], 'format is the same; no NUL and no null come of nothing');



=== TEST 11: CSV in place of rows
--- call
query_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}","format":"csv",
"sql":"SELECT 'a,b' AS \"x y\", 'say \"hi\"' AS q, 'two' || char(10) || 'lines' AS l, NULL AS n, '' AS e, 84000.0 AS f, 7 AS i"}
--- also
my $page = answer($body);
is($page->{csv}, "x y,q,l,n,e,f,i\n\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",,\"\",84000.0,7\n", 'RFC 4180, header first');
ok(!exists $page->{rows}, 'no rows beside it');
is($page->{rowCount}, 1, 'rowCount');
my ($text) = answer_text($body);
is(key_order($text), 'queryId datasourceId executedAt columns csv rowCount pageSize nextCursor truncated warnings', 'members');



=== TEST 12: booleans in CSV
--- call
query_datasource {"datasourceId":"$ID{datasource:Product Usage}","format":"csv","sql":"SELECT is_trial, session_date FROM data WHERE is_trial = 1 LIMIT 1"}
--- response_body_like: \\"csv\\":\\"is_trial,session_date\\\\ntrue,\d{4}-\d\d-\d\d\\\\n\\"



=== TEST 13: the same query, the same queryId; another, another
--- call: list_datasources {}
--- also
my $id = main::query('SELECT 1')->{queryId};
is(main::query('SELECT 1')->{queryId}, $id, 'the same');
isnt(main::query('SELECT 2')->{queryId}, $id, 'another');



=== TEST 14: the row cap, asked for outright
--- call: list_datasources {}
--- also
my $page = main::query(main::numbers(5000), pageSize => 5000);
is_deeply([@$page{qw(rowCount nextCursor)}, $page->{truncated} ? 1 : 0], [5000, undef, 0], 'exactly 5000 rows are all of them');
my $said = main::no_query(main::numbers(5001), pageSize => 5000);
is($said->{code}, 'RESULT_TOO_LARGE', 'one more is too many');
like($said->{message}, qr/5000/, 'the message names the cap');



=== TEST 15: the row cap over pages
--- call: list_datasources {}
--- also
for my $size (4999, 3000, 2500, 1700) {
    my @pages = all_pages(query_datasource => { datasourceId => $main::sales, sql => main::numbers(7000), pageSize => $size });
    my @rows = map { $_->[0] } map { @{ $_->{rows} } } @pages;
    is("@rows[0, -1] " . scalar @rows, '1 5000 5000', "pages of $size: 5000 rows in their order");
    is(join(' ', map { $_->{truncated} ? 1 : 0 } @pages), join(' ', (0) x (@pages - 1), 1), 'the last one is truncated');
}
my @pages = all_pages(query_datasource => { datasourceId => $main::sales, sql => main::numbers(5000), pageSize => 2500 });
is(join(' ', map { $_->{truncated} ? 1 : 0 } @pages), '0 0', '5000 rows in two pages are all of them');



=== TEST 16: pageSize
--- call: list_datasources {}
--- also
for my $size (0, -5, 5001, 2147483648, 4294967297) {
    my $said = main::no_query('SELECT 1', pageSize => $size);
    is($said->{code}, 'INVALID_PAGE_SIZE', "pageSize $size");
    is_deeply([@{ $said->{details} }{qw(min max)}], [1, 5000], 'the range');
}
is(main::query(main::numbers(501))->{rowCount}, 500, 'left out it is 500');
is(main::query(main::numbers(3), pageSize => 1)->{rowCount}, 1, 'one');



=== TEST 17: offline
--- call: list_datasources {}
--- also
my $id = Lookout::sql("SELECT id FROM datasource WHERE status = 'offline'");
my $said = refused(query_datasource => { datasourceId => $id, sql => 'SELECT 1 FROM data' });
is("$said->{code} $said->{details}{datasourceId}", "DATASOURCE_OFFLINE $id", 'code and details');
is(refused(query_datasource => { datasourceId => $id, sql => 'DELETE FROM data' })->{code} =~ /^(DATASOURCE_OFFLINE|SQL_FORBIDDEN_CONSTRUCT)$/ ? 1 : 0, 1, 'whatever is asked');



=== TEST 18: stale, on every answer that used it
--- call: list_datasources {}
--- also
my $id = Lookout::sql("SELECT id FROM datasource WHERE deleted_at IS NULL AND strftime('%s') - last_refreshed_at > freshness_sla_seconds");
for my $round (1, 2) {
    my $page = ask(query_datasource => { datasourceId => $id, sql => 'SELECT COUNT(*) FROM data' });
    is($page->{warnings}[0]{code}, 'EXTRACT_STALE', "round $round");
}
is_deeply(main::query('SELECT 1')->{warnings}, [], 'a fresh one is not');



=== TEST 19: unknown and malformed ids
--- call: list_datasources {}
--- also
is(refused(query_datasource => { datasourceId => "ds_$_", sql => 'SELECT 1' })->{code}, 'DATASOURCE_NOT_FOUND', $_)
    for 'a' x 22, '4hk2g8r9m1p3v7q5x6w8a2', substr Lookout::sql('SELECT id FROM datasource WHERE deleted_at IS NOT NULL LIMIT 1'), 3;
is(refused(query_datasource => { datasourceId => 'Sales Pipeline', sql => 'SELECT 1' })->{details}{errors}[0]{path}, '/datasourceId', 'a name is no id');
is(refused(query_datasource => { datasourceId => $main::sales })->{details}{errors}[0]{path}, '/sql', 'sql is missing');
is(main::no_query('SELECT 1', format => 'xml')->{details}{errors}[0]{path}, '/format', 'format');



=== TEST 20: too long a time without a row
--- config
    location = /mcp { lookout_mcp; lookout_query_timeout 150ms; lookout_result_cache off; }
--- call: list_datasources {}
--- also
my $forever = 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)';
is(main::no_query("$forever SELECT COUNT(*) FROM c")->{code}, 'QUERY_TIMEOUT', 'none');
my $page = main::query("$forever SELECT n FROM c WHERE n < 4");
is_deeply([@$page{qw(rows nextCursor)}, $page->{truncated} ? 1 : 0], [[[1], [2], [3]], undef, 1], 'rows that were there are given, truncated');
is(main::query('SELECT 1')->{rowCount}, 1, 'and the next query runs');



=== TEST 21: the length of the text, in bytes
--- call: list_datasources {}
--- also
my $long = "SELECT 'x' AS v /* " . ("\x{fc}" x 4084);
is(main::query($long . 'xxx*/')->{rowCount}, 1, '8192 bytes');
my $said = main::no_query($long . 'xxxx*/');
is("$said->{code} $said->{details}{errors}[0]{path}", 'INVALID_INPUT /sql', 'more');
