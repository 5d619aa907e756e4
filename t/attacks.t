# A hostile client. Whatever it sends it gets a clear answer in time; nothing is read but the
# one extract, and the server goes on as if nothing had been.

use lib 't';
use Lookout;
use Agent;
use JSON::PP ();
use Test::Nginx::Socket 'no_plan';

# Whatever a block does, the worker that was there at its beginning is there at its end.
master_on();
my $worker_before;
add_response_body_check(sub { $worker_before = worker() });
Lookout::defaults();
add_response_body_check(sub { my $block = shift; is(worker(), $worker_before, $block->name . ' - the same worker') });
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(config => <<'END');
    location = /mcp {
        lookout_mcp;
        lookout_query_timeout 150ms;
        lookout_result_cache off;
        client_max_body_size 512k;
    }
END
});

our $sales = Lookout::id(datasource => 'Sales Pipeline');
our $usage = Lookout::id(datasource => 'Product Usage');

# The codes that bad SQL may end with, and the file names that nobody may ever read.
my $codes = qr/^(SQL_FORBIDDEN_CONSTRUCT|SQL_PARSE_ERROR|INVALID_QUERY|INVALID_INPUT|QUERY_TIMEOUT|RESULT_TOO_LARGE|ENVELOPE_TOO_LARGE)$/;
my $secret = qr{root:x:|CREATE TABLE|catalog\.db|extracts/|sales_pipeline\.db|\x7fELF|/tmp|/usr/lib};

# Sends SQL; it has to be refused with a code that says why, or to run without harm.
sub survives {
    my ($name, $sql, $source) = @_;

    my ($text, $error) = post(query_datasource => { datasourceId => $source // $sales, sql => $sql });
    my $code = $error ? JSON::PP->new->utf8->decode($text)->{error}{code} : 'ran';

    my $told = $text =~ s/\Q$sql\E//gr;
    ok(($code eq 'ran' || $code =~ $codes) && $told !~ $secret, "$name: $code")
        or diag substr $text, 0, 300;
    return $code;
}

# As before, but it must not run.
sub refuses {
    my ($name, $sql, $source) = @_;
    my $code = survives($name, $sql, $source);
    return $code eq 'ran' ? fail("$name: must not run") : 1;
}

sub worker {
    open my $in, '<', server_root() . '/logs/nginx.pid' or die $!;
    chomp(my $master = <$in>);
    return join ' ', sort split ' ', `cat /proc/$master/task/$master/children`;
}

# Arguments that are right, for whatever a tool takes.
our %right = (
    datasourceId => $sales, workbookId => Lookout::id(workbook => 'Pipeline Health'), viewId => Lookout::id(view => 'Deals by stage'),
    sql => 'SELECT 1', format => 'json', pageSize => 5, q => 'sales', nameContains => 'a', connectionType => 'postgres', chartType => 'bar',
    updatedAfter => '2026-01-01T00:00:00Z', filterOverrides => [], renderJobId => 'rj_' . 'a' x 22, jobId => 'job_' . 'a' x 22,
);

sub tools {
    my $list = `curl -s -H 'Content-Type: application/json' -d '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' http://127.0.0.1:@{[server_port()]}/mcp`;
    return @{ JSON::PP->new->utf8->decode($list)->{result}{tools} };
}

no_shuffle();
run_tests();

__DATA__

=== TEST 1: injections of the usual lists
--- call: list_datasources {}
--- also
main::refuses("statement $_->[0]", $_->[1]) for
    ['stacked', "SELECT * FROM data WHERE owner = 'x'; DROP TABLE data; --'"], ['stacked in a comment', "SELECT 1;/*!50000 DROP TABLE data*/ SELECT 2"],
    ['comment in a keyword', 'SEL/**/ECT * FROM data'], ['attach', "ATTACH DATABASE '/tmp/lol.php' AS lol; CREATE TABLE lol.pwn (d text)"],
    ['attach in WITH', "WITH a AS (ATTACH 'x' AS y) SELECT 1"], ['pragma function', "SELECT * FROM pragma_database_list"], ['pragma in a subquery', "SELECT (SELECT file FROM pragma_database_list LIMIT 1)"],
    ['schema by UNION', "SELECT owner FROM data WHERE 1=0 UNION SELECT sql FROM sqlite_master"], ['schema by JOIN', 'SELECT m.sql FROM data d CROSS JOIN sqlite_schema m LIMIT 1'],
    ['schema in EXISTS', "SELECT 1 FROM data WHERE EXISTS (SELECT * FROM sqlite_master WHERE name LIKE 'e%')"], ['schema in ORDER BY', 'SELECT 1 FROM data ORDER BY (SELECT sql FROM sqlite_schema)'], ['schema in LIMIT', 'SELECT 1 FROM data LIMIT (SELECT COUNT(*) FROM sqlite_schema)'],
    ['schema in a window', 'SELECT SUM(1) OVER (ORDER BY (SELECT MAX(sql) FROM sqlite_schema)) FROM data LIMIT 1'], ['schema quoted', 'SELECT * FROM `sqlite_master`'], ['schema by main', 'SELECT * FROM main . sqlite_master'], ['temp schema', 'SELECT * FROM sqlite_temp_schema'], ['temp schema, long', 'SELECT * FROM temp.sqlite_temp_master'],
    ['the table behind', 'SELECT * FROM "main"."extract"'], ['the table behind, shadowed', 'WITH data AS (SELECT * FROM extract) SELECT * FROM data'], ['load_extension', "SELECT load_extension('/tmp/evil.so', 'init')"], ['readfile', "SELECT CAST(readfile('/etc/passwd') AS TEXT)"], ['writefile', "SELECT writefile('/tmp/lookout-was-here', 'x')"],
    ['edit', "SELECT edit('x', 'vi')"], ['fts3_tokenizer', "SELECT fts3_tokenizer('simple', x'41414141414141410000000000000000')"], ['fsdir', "SELECT name FROM fsdir('/')"], ['zipfile', "SELECT * FROM zipfile('/etc/passwd')"], ['eval', "SELECT eval('SELECT 1')"], ['sha1 of build', 'SELECT sqlite_source_id()'],
    ['RETURNING', "INSERT INTO data DEFAULT VALUES RETURNING *"], ['UPDATE FROM', 'UPDATE data SET stage = d.stage FROM data d'], ['REPLACE', "REPLACE INTO main.extract VALUES (1)"], ['vacuum into', "VACUUM INTO '/tmp/lookout-was-here'"], ['trigger', 'CREATE TEMP TRIGGER t AFTER INSERT ON data BEGIN SELECT 1; END'], ['full-width', "\x{ff33}\x{ff25}\x{ff2c}\x{ff25}\x{ff23}\x{ff34} 1"],
    ['zero width', "DE\x{200b}LETE FROM data"], ['BOM', "\x{feff}DELETE FROM data"], ['no-break space', "DELETE\x{a0}FROM\x{a0}data"], ['vertical tab', "SELECT\x0b1"], ['dot command', '.read /etc/passwd'], ['shell', '.shell id'], ['backslash', 'SELECT 1 \\'], ['unicode quote', "SELECT * FROM data WHERE owner = \x{2019}x\x{2019}"];
ok(!-e '/tmp/lookout-was-here' && !-e '/tmp/lol.php', 'nothing was written');



=== TEST 2: tautologies are just conditions
--- call: list_datasources {}
--- also
is(ask(query_datasource => { datasourceId => $main::sales, sql => "SELECT COUNT(*) FROM data WHERE owner = '' OR '1'='1' --" })->{rows}[0][0], data('Sales Pipeline', 'SELECT COUNT(*) FROM data')->[0][0], 'all rows of the one table');



=== TEST 3: bombs of time
--- call: list_datasources {}
--- timeout: 30
--- also
my $c = 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)';
main::refuses("time $_->[0]", $_->[1], $_->[2]) for
    ['recursion', "$c SELECT COUNT(*) FROM c"], ['recursion in recursion', "$c, d(m) AS (SELECT 1 UNION ALL SELECT m + (SELECT MAX(n) FROM c) FROM d) SELECT COUNT(*) FROM d"],
    ['doubling recursion', 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c UNION ALL SELECT n + 1 FROM c) SELECT COUNT(*) FROM c'], ['cartesian', 'SELECT COUNT(*) FROM data a, data b, data c, data d'], ['large cartesian', 'SELECT SUM(a.events * b.events) FROM data a, data b', $main::usage],
    ['correlated', 'SELECT COUNT(*) FROM data a WHERE a.events > (SELECT AVG(b.events) FROM data b WHERE b.account_id > a.account_id)', $main::usage], ['sort of a product', 'SELECT a.stage FROM data a, data b, data c ORDER BY a.amount_usd * b.amount_usd LIMIT 1'],
    ['window over a product', 'SELECT MAX(x) FROM (SELECT SUM(a.amount_usd) OVER (ORDER BY b.amount_usd ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS x FROM data a, data b)'], ['group by everything', 'SELECT COUNT(*) FROM (SELECT a.session_id, b.session_id FROM data a, data b GROUP BY 1, 2)', $main::usage], ['distinct product', 'SELECT COUNT(DISTINCT a.session_id || b.session_id) FROM data a, data b', $main::usage],
    ['LIKE on a product', "SELECT COUNT(*) FROM data a, data b WHERE a.account_name || b.account_name LIKE '%a%b%c%d%e%f%g%'"], ['json bomb', "$c SELECT COUNT(*) FROM c, json_each('[1,2,3,4,5,6,7,8,9]')"];



=== TEST 4: bombs of patterns
--- call: list_datasources {}
--- timeout: 30
--- also
my $long = "replace(printf('%0900000d', 0), '0', 'a')";
main::survives("pattern $_->[0]", $_->[1]) for
    ['LIKE', "SELECT $long LIKE '" . ('%a' x 100) . "%b'"], ['GLOB', "SELECT $long GLOB '" . ('*a' x 100) . "*b'"], ['LIKE of many _', "SELECT $long LIKE '" . ('%_' x 120) . "b'"],
    ['GLOB class', "SELECT $long GLOB '" . ('*[a-z]' x 40) . "*[!a]b'"], ['instr', "SELECT instr($long, $long || 'b')"], ['instr of near misses', "SELECT instr($long, replace(printf('%0400000d', 0), '0', 'a') || 'b')"],
    ['replace of near misses', "SELECT length(replace($long, replace(printf('%0400000d', 0), '0', 'a') || 'b', 'c'))"], ['trim of many', "SELECT length(trim($long || 'b', $long))"], ['REGEXP', "SELECT 'aaaa' REGEXP '(a+)+b'"], ['MATCH', "SELECT stage MATCH 'x' FROM data"],
    ['LIKE ESCAPE', "SELECT 'a' LIKE 'a' ESCAPE 'ab'"], ['long pattern', "SELECT stage LIKE printf('%%%05000d', 1) FROM data"];



=== TEST 5: bombs of size
--- call: list_datasources {}
--- timeout: 30
--- also
my $c = 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 1000000)';
main::refuses("size $_->[0]", $_->[1]) for
    ['zeroblob', 'SELECT zeroblob(2000000000)'], ['randomblob', 'SELECT hex(randomblob(1000000000))'],
    ['hex on hex', 'SELECT length(' . ('hex(' x 30) . "'x'" . (')' x 30) . ')'], ['replace blow-up', 'SELECT length(' . ("replace(" x 12) . "'a'" . (", 'a', 'aaaaaaaa')" x 12) . ')'], ['group_concat', "$c SELECT length(group_concat('0123456789')) FROM c"], ['json_group_array', "$c SELECT length(json_group_array('0123456789')) FROM c"],
    ['concatenation', "WITH RECURSIVE c(n, s) AS (SELECT 1, 'x' UNION ALL SELECT n + 1, s || s FROM c WHERE n < 40) SELECT length(s) FROM c"], ['quote', "SELECT length(quote(replace(printf('%0900000d', 0), '0', '''')))"], ['distinct texts', "$c SELECT COUNT(DISTINCT n || printf('%0500d', n)) FROM c"], ['sorted texts', "$c SELECT n, printf('%01000d', n) FROM c ORDER BY 2 DESC"], ['char', 'SELECT length(char(' . join(',', (1114111) x 1900) . '))'],
    ['window frames', "$c SELECT MAX(length(s)) FROM (SELECT group_concat('0123456789') OVER (ORDER BY n) AS s FROM c)"], ['materialized', "$c, d AS MATERIALIZED (SELECT n, printf('%01000d', n) AS s FROM c) SELECT COUNT(*) FROM d a, d b WHERE a.s < b.s"];
main::refuses("size printf $_", "SELECT length(printf($_))") for
    "'%2000000000d', 1", "'%.2000000000d', 1", "'%.2000000000f', 1", "'%*d', 2000000000, 1", "'%*d', -9223372036854775808, 1", "'%-*s', 2147483647, 'x'", "'%.*c', 1000000000, 'x'", "'%.2147483647c', 'x'", "'%.1000000000s', zeroblob(5)", "'%1000000000q', 'x'", "'%,1000000000d', 1", "'%!.1000000000g', 1.5", "'%' || replace(printf('%0100000d', 0), '0', '9') || 'd', 1";
main::survives("size printf $_", "SELECT printf($_)") for "'%.*s', 9223372036854775807, 'x'", "'%.*s', -9223372036854775808, 'x'", "'%99999999999999999999.0d' || 1";
main::survives('size 1 MB of text', "SELECT length(printf('%0900000d', 1))");
main::survives('size a deep JSON text', "SELECT json_valid(replace(printf('%01000d', 0), '0', '[') || replace(printf('%01000d', 0), '0', ']'))");
my ($peak) = `cat /proc/@{[main::worker()]}/status` =~ /^VmHWM:\s+(\d+) kB/m;
cmp_ok($peak, '<', 400 * 1024, "the worker never held more than $peak kB") if !$ENV{TEST_NGINX_PRELOAD};



=== TEST 6: statements that strain the compiler
--- call: list_datasources {}
--- timeout: 30
--- also
main::refuses("shape $_->[0]", $_->[1]) for
    ['parentheses', 'SELECT ' . ('(' x 3000) . '1' . (')' x 3000)], ['NOT', 'SELECT ' . ('NOT ' x 2000) . '1'], ['minus', 'SELECT ' . ('-' x 1) . ('~-' x 2000) . '1'], ['plus', 'SELECT ' . join('+', (1) x 3500)], ['AND', 'SELECT ' . join(' AND ', (1) x 1500)], ['concat', 'SELECT ' . join('||', ("''") x 1500)], ['functions', 'SELECT ' . ('abs(' x 1500) . '1' . (')' x 1500)], ['CASE', 'SELECT ' . ('CASE 1 WHEN 1 THEN ' x 300) . '1' . (' END' x 300)],
    ['subqueries', ('SELECT (' x 800) . '1' . (')' x 800)], ['FROM subqueries', ('SELECT * FROM (' x 450) . 'SELECT 1' . (')' x 450)], ['EXISTS', ('SELECT EXISTS(' x 500) . 'SELECT 1' . (')' x 500)], ['UNION', join(' UNION ', ('SELECT 1') x 500)], ['EXCEPT', join(' EXCEPT ', ('SELECT 1 FROM data') x 300)], ['joins', 'SELECT 1 FROM data ' . join(' ', map { "JOIN data j$_" } 1 .. 100)], ['columns', 'SELECT ' . join(',', ('*') x 3000) . ' FROM data'], ['stars', 'SELECT ' . join(',', ('d.*') x 1000) . ' FROM data d'],
    ['bracketed words', 'SELECT ' . ('[' x 4000)], ['open comments', '/*' x 4000], ['quotes', "'" x 8001], ['commas', ',' x 8000], ['CTE chain', 'WITH ' . join(', ', map { "c$_ AS (SELECT * FROM " . ($_ ? 'c' . ($_ - 1) . ' a, c' . ($_ - 1) . ' b' : 'data') . ')' } 0 .. 60) . ' SELECT COUNT(*) FROM c60'], ['CTE on itself', 'WITH a AS (SELECT * FROM a) SELECT * FROM a'], ['CTEs in a ring', 'WITH a AS (SELECT * FROM b), b AS (SELECT * FROM a) SELECT * FROM a'], ['windows', 'SELECT ' . join(',', map { "SUM(amount_usd) OVER (ORDER BY amount_usd + $_)" } 1 .. 150) . ' FROM data'];
main::survives('shape IN list', 'SELECT COUNT(*) FROM data WHERE amount_usd IN (' . join(',', 1 .. 1600) . ')');
main::survives('shape many ORs', 'SELECT COUNT(*) FROM data WHERE ' . join(' OR ', map { "amount_usd=$_" } 1 .. 80));



=== TEST 7: numbers that make trouble
--- call: list_datasources {}
--- also
main::survives("number $_", "SELECT $_") for
    '-9223372036854775808 / -1', 'abs(-9223372036854775808)', '9223372036854775807 + 1', '-9223372036854775808 % -1', '1 / 0', '1 % 0', '1.0 / 0', '1 << 64', '1 << -64', '1 >> 9223372036854775807', 'CAST(9e999 AS INTEGER)', 'round(1.5, 2000000000)', 'round(1.5, -2000000000)', "CAST('9' || printf('%0500d', 0) AS INTEGER)", '0x7fffffffffffffff', 'SUM(9223372036854775807) FROM (SELECT 1 UNION ALL SELECT 2)',
    "date('now', '+999999999999 years')", "strftime('%Y', 1e300)", "datetime(9223372036854775807, 'unixepoch')", "substr('abc', -9223372036854775808, 9223372036854775807)", 'ln(0)', 'sqrt(-1)', 'exp(1e300)', 'pow(10, 1e9)', 'ntile(0) OVER () FROM data', 'nth_value(1, -1) OVER () FROM data', 'lag(1, 9223372036854775807) OVER () FROM data', 'char(-1, 55296, 1114112)', "unicode('')", "median(9e999) FROM data", "stdev(1e308) FROM data", "json_extract('{}', '\$[#-9999999999]')", "printf('%s%n%d', 1)", "printf('%q%Q%w%z%!', 1)";



=== TEST 8: every argument of every tool, of every wrong type
--- call: list_datasources {}
--- also
my %wrong = (
    string => ['7', 'true', 'null', '[]', '{}', '["x"]', '0.5'], integer => ['"5"', '1.5', 'true', 'null', '[]', '{}', '"x"'],
    array => ['"x"', '7', 'true', 'null', '{}'],
);
my ($n, @bad) = 0;
for my $tool (main::tools()) {
    my $properties = $tool->{inputSchema}{properties};
    for my $name (sort keys %$properties) {
        my @values = @{ $wrong{ $properties->{$name}{type} } // die "$tool->{name} $name: no type\n" };
        my %others = map { $_ => $main::right{$_} } grep { $_ ne $name } @{ $tool->{inputSchema}{required} // [] };
        for my $value (@values) {
            my $args = JSON::PP->new->utf8->encode(\%others) =~ s/\}\z/(%others ? ',' : '') . qq("$name":$value})/er;
            my ($text, $error) = post($tool->{name}, $args);
            my $said = $error ? JSON::PP->new->utf8->decode($text)->{error} : { code => 'ran' };
            $n++;
            push @bad, "$tool->{name} $args: $said->{code}" if $said->{code} !~ /^INVALID_(INPUT|PAGE_SIZE)$/ || ($said->{details}{errors}[0]{path} // $said->{details}{path}) ne "/$name";
        }
    }
}
is("@bad", '', "$n calls, each INVALID_INPUT with the path");
cmp_ok($n, '>', 150, 'many');



=== TEST 9: what is required and left out; what there is not
--- call: list_datasources {}
--- also
for my $tool (main::tools()) {
    my @required = @{ $tool->{inputSchema}{required} // [] };
    for my $name (@required) {
        my $said = refused($tool->{name} => { map { $_ => $main::right{$_} } grep { $_ ne $name } @required });
        is("$said->{code} $said->{details}{errors}[0]{path}", "INVALID_INPUT /$name", "$tool->{name} without $name");
    }
    my %right = map { $_ => $main::right{$_} } @required;
    for my $name ('admin', 'pagesize', '__proto__', 'a/b~c', '') {
        my $said = refused($tool->{name} => { %right, $name => 1 });
        is("$said->{code} $said->{details}{errors}[0]{path}", 'INVALID_INPUT /' . $name =~ s/~/~0/gr =~ s{/}{~1}gr, "$tool->{name} with '$name'");
    }
}



=== TEST 10: long, odd and hostile texts in every text
--- call: list_datasources {}
--- also
my @texts = ('x' x 200000, '../../../../etc/passwd', '..%2f..%2fetc/passwd', "%00", "%s%s%s%n", '${jndi:ldap://x/y}', '<script>alert(1)</script>', "' OR 1=1 --", '"; DROP TABLE view; --', "\x{202e}\x{200f}\x{feff}", "\x{10ffff}" x 50, "\r\nSet-Cookie: x=1", "\\" x 100, '[' x 5000, "\x7f\x01\x1b[2J", 'ds_' . '../' x 7 . 'a');
my (@bad, $n);
for my $tool (main::tools()) {
    for my $name (grep { $tool->{inputSchema}{properties}{$_}{type} eq 'string' } sort keys %{ $tool->{inputSchema}{properties} }) {
        for my $text (@texts) {
            my ($said, $error) = post($tool->{name}, { (map { $_ => $main::right{$_} } @{ $tool->{inputSchema}{required} // [] }), $name => $text });
            my $code = $error ? ($said =~ /"code":"(\w+)"/)[0] : 'ran';
            $n++;
            push @bad, "$tool->{name} $name " . substr($text, 0, 20) . ": $code"
                if $code eq 'INTERNAL_ERROR' || $said =~ m{root:x:|/etc/passwd:|catalog\.db} || $error && length $said > 20000 || $code eq 'ran' && length $text > 10000
                || $code eq 'ran' && $name =~ /Id$|cursor|format|chartType|updatedAfter/;
        }
    }
}
is(join("\n", @bad), '', "$n calls");



=== TEST 11: after all of it, the server answers as before
--- call: list_datasources {}
--- response_body_like: "isError":false
--- also
is(ask(query_datasource => { datasourceId => $main::sales, sql => 'SELECT COUNT(*) FROM data' })->{rows}[0][0], data('Sales Pipeline', 'SELECT COUNT(*) FROM data')->[0][0], 'and has its data');
is(ask(query_datasource => { datasourceId => $main::usage, sql => 'SELECT COUNT(*) FROM data' })->{rows}[0][0], 100000, 'on a thread, too');
