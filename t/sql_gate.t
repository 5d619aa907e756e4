# The SQL gate: one read-only SELECT over `data`, and nothing else, however it is dressed up.

use lib 't';
use Lookout;
use Agent;
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();

our $sales = Lookout::id(datasource => 'Sales Pipeline');

sub no_query {
    my ($sql) = @_;
    return refused(query_datasource => { datasourceId => $sales, sql => $sql });
}

# Every statement is refused with the code, and with such details.
sub all_refused {
    my ($code, $construct, @statements) = @_;

    for my $sql (@statements) {
        my $said = eval { no_query($sql) } // { code => "it ran: $@" };
        my $got = $said->{code};
        $got .= " $said->{details}{construct}" if defined $construct;
        is($got, defined $construct ? "$code $construct" : $code, $sql =~ s/[^ -~]/./gr);
    }
    return;
}

sub all_run {
    for my $sql (@_) {
        ok(eval { ask(query_datasource => { datasourceId => $sales, sql => $sql }) }, $sql =~ s/[^ -~]/./gr) or diag $@;
    }
    return;
}

no_shuffle();
run_tests();

__DATA__

=== TEST 1: the published sample
--- call: query_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}","sql":"DELETE FROM data; SELECT 1 FROM data"}
--- also
my $said = answer($body)->{error};
is("$said->{code}: $said->{message}", 'SQL_FORBIDDEN_CONSTRUCT: Only SELECT statements are permitted.', 'word for word');
--- response_body_like: "isError":true



=== TEST 2: other statements
--- call: list_datasources {}
--- also
main::all_refused(SQL_FORBIDDEN_CONSTRUCT => 'statement',
    'INSERT INTO data VALUES (1)', "UPDATE data SET stage = 'x'", 'DELETE FROM data', 'REPLACE INTO data VALUES (1)',
    'DROP TABLE data', 'DROP VIEW data', 'CREATE TABLE t (a)', 'CREATE TEMP TABLE t AS SELECT 1', 'CREATE VIEW v AS SELECT 1', 'CREATE INDEX i ON data (stage)',
    'CREATE TRIGGER t AFTER INSERT ON data BEGIN SELECT 1; END', 'CREATE VIRTUAL TABLE v USING fts5(a)', 'ALTER TABLE data RENAME TO x',
    "ATTACH DATABASE 'x.db' AS x", "ATTACH ':memory:' AS m", 'DETACH main', 'PRAGMA table_info(data)', 'PRAGMA writable_schema = 1', 'PRAGMA query_only = 0',
    'VACUUM', "VACUUM INTO 'x.db'", 'REINDEX', 'ANALYZE', 'BEGIN', 'BEGIN EXCLUSIVE', 'COMMIT', 'ROLLBACK', 'SAVEPOINT s', 'RELEASE s',
    'EXPLAIN SELECT 1', 'EXPLAIN QUERY PLAN SELECT * FROM data', 'WITH x AS (SELECT 1) DELETE FROM data', "WITH x AS (SELECT 1) INSERT INTO data SELECT * FROM x",
    'DELETE FROM data RETURNING *', 'dElEtE FROM data', '/* SELECT */ DELETE FROM data', "-- SELECT\nDELETE FROM data", ';DELETE FROM data', 'delete from main.extract');



=== TEST 3: several statements
--- call: list_datasources {}
--- also
main::all_refused(SQL_FORBIDDEN_CONSTRUCT => undef,
    'SELECT 1; SELECT 2', 'SELECT 1;DELETE FROM data', "SELECT 1;--\nDROP TABLE data", 'SELECT 1;/**/PRAGMA user_version', 'SELECT 1;;SELECT 2',
    "SELECT ';'; SELECT 2", 'SELECT 1 FROM data; ATTACH \'x\' AS y', 'SELECT 1; ]');
main::all_run('SELECT 1;', 'SELECT 1 ; ;', "SELECT ';'", "SELECT 1; -- the end", 'SELECT 1 /* ; DELETE FROM data */', "SELECT '; DROP TABLE data; --'", "SELECT 1 AS \"; DELETE\"");



=== TEST 4: other tables
--- call: list_datasources {}
--- also
main::all_refused(SQL_FORBIDDEN_CONSTRUCT => 'table',
    'SELECT * FROM sqlite_master', 'SELECT * FROM sqlite_schema', 'SELECT * FROM sqlite_temp_master', 'SELECT * FROM sqlite_temp_schema', 'SELECT sql FROM main.sqlite_schema',
    'SELECT name FROM temp.sqlite_schema', 'SELECT * FROM "sqlite_master"', 'SELECT * FROM [SQLITE_MASTER]', 'SELECT count(*) FROM sqlite_schema', 'SELECT 1 FROM sqlite_master',
    'SELECT * FROM extract', 'SELECT * FROM main.extract', 'SELECT COUNT(*) FROM extract', 'SELECT COUNT(*) FROM main.extract', 'SELECT 1 FROM main.extract', 'SELECT * FROM temp.extract',
    'SELECT * FROM users', 'SELECT * FROM main.users', 'SELECT * FROM other.data', 'SELECT * FROM sqlite_stat1', 'SELECT * FROM sqlite_sequence', 'SELECT * FROM dbstat', 'SELECT * FROM sqlite_dbpage',
    'SELECT * FROM data, sqlite_master', 'SELECT (SELECT sql FROM sqlite_master) FROM data', 'SELECT * FROM data WHERE EXISTS (SELECT 1 FROM sqlite_schema)',
    'SELECT stage FROM data UNION SELECT sql FROM sqlite_schema', 'WITH x AS (SELECT * FROM sqlite_schema) SELECT * FROM x', 'WITH data AS (SELECT * FROM main.extract) SELECT * FROM data',
    "SELECT * FROM pragma_table_info('data')", 'SELECT * FROM pragma_database_list', 'SELECT file FROM pragma_database_list()', 'SELECT * FROM pragma_function_list', 'SELECT * FROM pragma_compile_options',
    "SELECT * FROM generate_series(1, 10)", "SELECT * FROM fsdir('/etc')", "SELECT * FROM csv('/etc/passwd')", "SELECT * FROM bytecode('SELECT 1')", "SELECT * FROM sqlite_stmt", 'SELECT * FROM completion()', "SELECT * FROM tables_used('SELECT 1')");



=== TEST 5: functions that read files, load code or tell of the build
--- call: list_datasources {}
--- also
main::all_refused(SQL_FORBIDDEN_CONSTRUCT => 'function', map({ "SELECT $_" }
    "load_extension('x')", "load_extension('x', 'y')", "readfile('/etc/passwd')", "writefile('/tmp/x', 'y')", "edit('x')", 'sqlite_version()', 'sqlite_source_id()', "sqlite_compileoption_used('THREADSAFE')",
    'sqlite_compileoption_get(0)', 'randomblob(10)', 'random()', 'zeroblob(10)', "fts3_tokenizer('simple')", 'changes()', 'total_changes()', 'last_insert_rowid()', "sqlite_log(1, 'x')", "sqlite_offset(1)", "sqlite_rename_table('','','','','','',1)"),
    "SELECT stage FROM data WHERE load_extension('x')", "SELECT Load_Extension('x')", "SELECT \"load_extension\"('x')", "SELECT 1 ORDER BY readfile('x')",
    "WITH x AS (SELECT readfile('/etc/passwd') AS y) SELECT y FROM x", "SELECT lookout_fuzzy('a', 'b', 'c', 'd')");



=== TEST 6: what an attack looks like and is none
--- call: list_datasources {}
--- also
main::all_run(
    "SELECT 'sqlite_master' AS sqlite_schema", "SELECT 'PRAGMA x; ATTACH y' FROM data LIMIT 1", 'SELECT 1 AS "drop"', "SELECT stage AS \"delete\" FROM data LIMIT 1",
    "SELECT COUNT(*) FROM data WHERE owner = 'x'' OR 1=1 --'", 'WITH extract AS (SELECT stage FROM data) SELECT COUNT(*) FROM extract',
    "SELECT replace(stage, 'Closed', 'Shut') FROM data LIMIT 1", "WITH sqlite AS (SELECT 1 AS x) SELECT x FROM sqlite");



=== TEST 7: not SQL
--- call: list_datasources {}
--- also
main::all_refused(SQL_PARSE_ERROR => undef,
    'SELEC 1', 'SELECT', 'SELECT FROM data', 'SELECT * FROM', "SELECT 'open", 'SELECT (1', 'SELECT 1)', 'hello', 'SELECT * FROM data WHERE', 'SELECT COUNT(* FROM data', 'SELECT 1 FROM data GROUP', "SELECT \x{201c}stage\x{201d} FROM data",
    'SELECT SUM() OVER', 'SELECT stage, FROM data', 'SELECT abs()', 'SELECT abs(1, 2, 3)', 'SELECT SUM(COUNT(*)) FROM data', 'SELECT * FROM data ORDER BY 99', 'SELECT 1 UNION SELECT 1, 2', 'SELECT x.stage FROM data');
my $said = main::no_query('SELECT stage FROM data WHERE region = = 1');
like($said->{details}{sqliteMessage}, qr/near "=": syntax error/, 'with the message of SQLite');



=== TEST 8: an unknown column, and those that were meant
--- call: list_datasources {}
--- also
for my $case (['SELECT amuont_usd FROM data', 'amount_usd'], ['SELECT regoin FROM data', 'region'], ['SELECT SUM(d.amount) FROM data d', 'amount_usd'],
    ['SELECT stage FROM data WHERE close_qarter = 1', 'close_quarter'])
{
    my $said = main::no_query($case->[0]);
    is($said->{code}, 'SQL_PARSE_ERROR', $case->[0]);
    like($said->{details}{sqliteMessage}, qr/^no such column: /, 'with the message of SQLite');
    is($said->{details}{suggestions}[0], $case->[1], 'with the nearest name');
    like($said->{message}, qr/\Q$case->[1]\E/, 'which the message says, too');
}



=== TEST 9: text in double quotes is a column that is not there
--- call: query_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}","sql":"SELECT COUNT(*) FROM data WHERE stage = \"Closed Won\""}
--- response_body_like: SQL_PARSE_ERROR.*'single quotes'.*no such column: Closed Won



=== TEST 10: nothing to run, and parameters
--- call: list_datasources {}
--- also
main::all_refused(INVALID_QUERY => undef, ' ', ';', '--', '-- only a comment', '/* the same */', "\n\t", 'SELECT ?', 'SELECT ?1', 'SELECT :a', 'SELECT @a', 'SELECT $a');



=== TEST 11: rowid, which tells of storage
--- call: list_datasources {}
--- also
for my $name (qw(rowid oid _rowid_)) {
    my $said = main::no_query("SELECT $name FROM data");
    like($said->{code}, qr/^SQL_(PARSE_ERROR|FORBIDDEN_CONSTRUCT)$/, $name);
}



=== TEST 12: depth, breadth and size of a statement
--- call: list_datasources {}
--- also
for my $case (
    ['deep expression', 'SELECT ' . ('(' x 500) . '1' . (')' x 500)],
    ['deep minus', 'SELECT ' . ('- ' x 2000) . '1'],
    ['long OR', 'SELECT 1 FROM data WHERE ' . join(' OR ', ('stage=1') x 700)],
    ['nested CASE', 'SELECT ' . ('CASE WHEN 1 THEN ' x 300) . '1' . (' END' x 300)],
    ['nested SELECT', ('SELECT * FROM (' x 200) . 'SELECT 1' . (')' x 200)],
    ['many UNIONs', join(' UNION ALL ', ('SELECT 1') x 400)],
    ['many columns', 'SELECT ' . join(', ', (1) x 2500)],
    ['many joins', 'SELECT 1 FROM ' . join(', ', map { "data d$_" } 1 .. 70)],
    ['many arguments', 'SELECT max(' . join(', ', (1) x 2000) . ')'],
    ['doubling WITH', 'WITH a0 AS (SELECT 1 AS x), ' . join(', ', map { my $p = $_ - 1; "a$_ AS (SELECT a.x FROM a$p a, a$p b)" } 1 .. 40) . ' SELECT COUNT(*) FROM a40'],
) {
    my $said = eval { main::no_query($case->[1]) } // { code => "it ran: $@" };
    like($said->{code}, qr/^(INVALID_QUERY|SQL_PARSE_ERROR|SQL_FORBIDDEN_CONSTRUCT)$/, $case->[0]);
    unlike($said->{message} // '', qr/INTERNAL/, 'with a message for its author');
}



=== TEST 13: text that is no text
--- request eval
"POST /mcp\n" . Lookout::message('tools/call', '{"name":"query_datasource","arguments":{"datasourceId":"' . $main::sales . '","sql":"SELECT \u0000 1"}}')
--- more_headers
Content-Type: application/json
--- error_code: 400
--- response_body_like: -32700



=== TEST 14: time in a query is the time of the call
--- config
    location = /mcp { lookout_mcp; }
--- call: list_datasources {}
--- also
my $now = sub { ask(query_datasource => { datasourceId => $main::sales, sql => $_[0] })->{rows}[0][0] };
for my $sql ("SELECT strftime('%s', 'now') + 0", "SELECT unixepoch()", "SELECT strftime('%s', CURRENT_TIMESTAMP) + 0") {
    my $first = $now->($sql);
    cmp_ok(abs($first - time), '<=', 2, $sql);
}
my $first = $now->("SELECT julianday('now')");
select undef, undef, undef, 0.05;
cmp_ok($now->("SELECT julianday('now')"), '>', $first, 'and is not cached');
