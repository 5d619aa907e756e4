# Filters: every operator on every type against SQLite's own answer, and every way to be wrong.

use lib 't';
use Lookout;
use Agent;
use JSON::PP ();
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();

# Of each datasource a view without saved filters that counts rows: the total of its counts is
# the number of rows that its filters let through.
our %counter = map { split /\|/ } split /\n/, Lookout::sql(
    'SELECT d.name, MIN(v.id) FROM view v JOIN datasource d ON d.id = v.datasource_id WHERE v.deleted_at IS NULL'
      . " AND v.saved_filters = '[]' AND v.encoding LIKE '%_aggregate_:_count_%' AND v.encoding NOT LIKE '%_bin_%' GROUP BY 1");

sub counted {
    my ($source, $filters) = @_;

    $filters = JSON::PP->new->utf8->encode($filters) if ref $filters;
    my $page = ask('query_view_data', qq({"viewId":"$counter{$source}","pageSize":999,"filterOverrides":$filters}));
    my ($at) = grep { $page->{columns}[$_]{name} eq 'count' } 0 .. $#{ $page->{columns} };
    my $n = 0;
    $n += $_->[$at] for @{ $page->{rows} };
    return $n;
}

sub found {
    my ($source, $where) = @_;
    return data($source, "SELECT COUNT(*) FROM data WHERE $where")->[0][0];
}

# A filter, given as JSON, and the same in SQL.
sub same {
    my ($source, $filter, $where) = @_;

    utf8::encode($filter) if utf8::is_utf8($filter);
    is(counted($source, "[$filter]"), found($source, $where), $filter);
    return;
}

sub wrong {
    my ($source, $filter, $reason, %details) = @_;

    my $said = eval { refused('query_view_data', qq({"viewId":"$counter{$source}","filterOverrides":[$filter]})) }
        // { code => "it ran: $@" };
    is("$said->{code} " . ($said->{details}{reason} // ''), "INVALID_FILTER $reason", "filter $filter");
    is_deeply($said->{details}{$_}, $details{$_}, "details.$_") for sort keys %details;
    return;
}

no_shuffle();
run_tests();

__DATA__

=== TEST 1: text
--- call: list_datasources {}
--- also
main::same('Sales Pipeline', @$_) for
    ['{"field":"region","op":"eq","value":"EMEA"}', "region = 'EMEA'"],
    ['{"field":"region","op":"neq","value":"EMEA"}', "region <> 'EMEA'"],
    ['{"field":"region","op":"in","value":["EMEA","NA"]}', "region IN ('EMEA', 'NA')"],
    ['{"field":"region","op":"in","value":["EMEA","EMEA"]}', "region = 'EMEA'"],
    ['{"field":"region","op":"not_in","value":["EMEA","NA"]}', "region NOT IN ('EMEA', 'NA')"],
    ['{"field":"close_quarter","op":"gt","value":"2025Q4"}', "close_quarter > '2025Q4'"],
    ['{"field":"close_quarter","op":"gte","value":"2025Q4"}', "close_quarter >= '2025Q4'"],
    ['{"field":"close_quarter","op":"lt","value":"2025Q4"}', "close_quarter < '2025Q4'"],
    ['{"field":"close_quarter","op":"lte","value":"2025Q4"}', "close_quarter <= '2025Q4'"],
    ['{"field":"close_quarter","op":"between","value":["2025Q2","2025Q4"]}', "close_quarter BETWEEN '2025Q2' AND '2025Q4'"],
    ['{"field":"account_name","op":"eq","value":"nobody"}', '0'],
    ['{"field":"account_name","op":"eq","value":"x\' OR 1=1 --"}', '0'],
    ['{"field":"account_name","op":"neq","value":"x\' OR 1=1 --"}', '1'];



=== TEST 2: like is SQL's, in any case
--- call: list_datasources {}
--- also
main::same('Sales Pipeline', @$_) for
    ['{"field":"stage","op":"like","value":"closed%"}', "stage LIKE 'Closed%'"],
    ['{"field":"stage","op":"like","value":"%OST"}', "stage LIKE '%ost'"],
    ['{"field":"stage","op":"like","value":"C_osed%"}', "stage LIKE 'C_osed%'"],
    ['{"field":"stage","op":"like","value":"closed"}', '0'],
    ['{"field":"stage","op":"like","value":"%"}', '1'],
    ['{"field":"stage","op":"like","value":""}', '0'],
    ['{"field":"stage","op":"like","value":"Clo*"}', '0'],
    ['{"field":"account_name","op":"like","value":"%a%e%"}', "account_name LIKE '%a%e%'"];
is(main::counted('Sales Pipeline', [{ field => 'owner', op => 'like', value => "zo\x{cb} LEF\x{c8}VRE" }]),
    main::found('Sales Pipeline', "owner = 'Zo\xc3\xab Lef\xc3\xa8vre'"), 'beyond ASCII too');



=== TEST 3: numbers
--- call: list_datasources {}
--- also
main::same('Sales Pipeline', @$_) for
    ['{"field":"amount_usd","op":"gt","value":100000}', 'amount_usd > 100000'],
    ['{"field":"amount_usd","op":"gte","value":84000.5}', 'amount_usd >= 84000.5'],
    ['{"field":"amount_usd","op":"lt","value":1e4}', 'amount_usd < 10000'],
    ['{"field":"amount_usd","op":"lte","value":12200.0}', 'amount_usd <= 12200'],
    ['{"field":"amount_usd","op":"eq","value":12200}', 'amount_usd = 12200'],
    ['{"field":"amount_usd","op":"between","value":[10000,20000]}', 'amount_usd BETWEEN 10000 AND 20000'],
    ['{"field":"amount_usd","op":"between","value":[12200,12200]}', 'amount_usd = 12200'],
    ['{"field":"amount_usd","op":"in","value":[12200,4700.0]}', 'amount_usd IN (12200, 4700)'],
    ['{"field":"amount_usd","op":"gt","value":-1}', '1'];
main::same('Support Tickets', @$_) for
    ['{"field":"csat","op":"eq","value":5}', 'csat = 5'],
    ['{"field":"csat","op":"eq","value":"5"}', 'csat = 5'],
    ['{"field":"csat","op":"lt","value":3}', 'csat < 3'],
    ['{"field":"csat","op":"between","value":[2,4]}', 'csat BETWEEN 2 AND 4'],
    ['{"field":"csat","op":"lt","value":"9223372036854775807"}', 'csat IS NOT NULL'],
    ['{"field":"csat","op":"eq","value":9007199254740991}', '0'];



=== TEST 4: nulls match only what asks for them
--- call: list_datasources {}
--- also
main::same('Support Tickets', @$_) for
    ['{"field":"csat","op":"is_null"}', 'csat IS NULL'],
    ['{"field":"csat","op":"is_null","value":null}', 'csat IS NULL'],
    ['{"field":"csat","op":"not_null"}', 'csat IS NOT NULL'],
    ['{"field":"csat","op":"neq","value":5}', 'csat IS NOT NULL AND csat <> 5'],
    ['{"field":"csat","op":"not_in","value":[4,5]}', 'csat IS NOT NULL AND csat NOT IN (4, 5)'];
main::same('Sales Pipeline', '{"field":"lead_source","op":"neq","value":"Inbound"}', "lead_source IS NOT NULL AND lead_source <> 'Inbound'");
main::same('Sales Pipeline', '{"field":"lead_source","op":"not_in","value":["Inbound"]}', "lead_source IS NOT NULL AND lead_source <> 'Inbound'");
cmp_ok(main::found('Support Tickets', 'csat IS NULL'), '>', 10, 'there are nulls');



=== TEST 5: booleans
--- call: list_datasources {}
--- also
main::same('Support Tickets', @$_) for
    ['{"field":"is_reopened","op":"eq","value":true}', 'is_reopened = 1'],
    ['{"field":"is_reopened","op":"eq","value":false}', 'is_reopened = 0'],
    ['{"field":"is_reopened","op":"neq","value":true}', 'is_reopened = 0'],
    ['{"field":"is_reopened","op":"in","value":[true,false]}', '1'];
main::wrong('Support Tickets', @$_) for
    ['{"field":"is_reopened","op":"eq","value":1}', 'wrong_type', field => 'is_reopened'],
    ['{"field":"is_reopened","op":"eq","value":"true"}', 'wrong_type'],
    ['{"field":"is_reopened","op":"gt","value":false}', 'operator_not_supported', allowed => [qw(eq neq in not_in is_null not_null)]],
    ['{"field":"is_reopened","op":"like","value":"t%"}', 'operator_not_supported'];



=== TEST 6: dates
--- call: list_datasources {}
--- also
main::same('Sales Pipeline', @$_) for
    ['{"field":"close_date","op":"gte","value":"2026-01-01"}', "close_date >= '2026-01-01'"],
    ['{"field":"close_date","op":"between","value":["2025-07-01","2025-09-30"]}', "close_date BETWEEN '2025-07-01' AND '2025-09-30'"],
    ['{"field":"close_date","op":"eq","value":"2024-02-29"}', "close_date = '2024-02-29'"],
    ['{"field":"close_date","op":"in","value":["2025-12-19","2026-05-19"]}', "close_date IN ('2025-12-19', '2026-05-19')"];
main::wrong('Sales Pipeline', qq({"field":"close_date","op":"gte","value":"$_"}), 'bad_date', field => 'close_date', op => 'gte')
    for '2026-02-30', '2025-02-29', '2026-1-1', '01/02/2026', '2026-01', 'yesterday', '', '2026-01-01T00:00:00Z';
main::wrong('Sales Pipeline', '{"field":"close_date","op":"gte","value":20260101}', 'wrong_type');
main::wrong('Sales Pipeline', '{"field":"close_date","op":"like","value":"2026%"}', 'operator_not_supported');



=== TEST 7: timestamps, and whole days of them
--- call: list_datasources {}
--- also
main::same('Support Tickets', @$_) for
    ['{"field":"created_at","op":"gte","value":"2026-03-10T12:00:00Z"}', "created_at >= '2026-03-10T12:00:00Z'"],
    ['{"field":"created_at","op":"gte","value":"2026-03-10T14:00:00+02:00"}', "created_at >= '2026-03-10T12:00:00Z'"],
    ['{"field":"created_at","op":"eq","value":"2026-03-10"}', "created_at LIKE '2026-03-10%'"],
    ['{"field":"created_at","op":"neq","value":"2026-03-10"}', "created_at NOT LIKE '2026-03-10%'"],
    ['{"field":"created_at","op":"lte","value":"2026-03-10"}', "created_at < '2026-03-11'"],
    ['{"field":"created_at","op":"lt","value":"2026-03-10"}', "created_at < '2026-03-10'"],
    ['{"field":"created_at","op":"gt","value":"2026-03-10"}', "created_at >= '2026-03-11'"],
    ['{"field":"created_at","op":"between","value":["2026-03-01","2026-03-31"]}', "created_at >= '2026-03-01' AND created_at < '2026-04-01'"],
    ['{"field":"created_at","op":"in","value":["2026-03-10","2026-03-12"]}', "substr(created_at, 1, 10) IN ('2026-03-10', '2026-03-12')"],
    ['{"field":"created_at","op":"not_in","value":["2026-03-10","2026-03-12"]}', "substr(created_at, 1, 10) NOT IN ('2026-03-10', '2026-03-12')"];
main::wrong('Support Tickets', qq({"field":"created_at","op":"gte","value":"$_"}), 'bad_timestamp') for '2026-02-30', '2026-03-10T25:00:00Z', 'now', '2026-03', '1741564800';



=== TEST 8: several filters all hold, also on one field
--- call: list_datasources {}
--- also
is(main::counted('Sales Pipeline', '[{"field":"region","op":"eq","value":"EMEA"},{"field":"amount_usd","op":"gt","value":50000},{"field":"lead_source","op":"not_null"}]'),
    main::found('Sales Pipeline', "region = 'EMEA' AND amount_usd > 50000 AND lead_source IS NOT NULL"), 'three fields');
is(main::counted('Sales Pipeline', '[{"field":"amount_usd","op":"gt","value":10000},{"field":"amount_usd","op":"lt","value":20000}]'),
    main::found('Sales Pipeline', 'amount_usd > 10000 AND amount_usd < 20000'), 'one field twice');
is(main::counted('Sales Pipeline', '[{"field":"region","op":"eq","value":"EMEA"},{"field":"region","op":"eq","value":"NA"}]'), 0, 'against each other');
is(main::counted('Sales Pipeline', '[]'), main::found('Sales Pipeline', '1'), 'none');



=== TEST 9: a thousand values, and one more
--- call: list_datasources {}
--- also
my $in = sub { my ($n, $op) = @_; '{"field":"opportunity_id","op":"' . $op . '","value":[' . join(',', map { '"OPP-' . (20000 + $_) . '"' } 1 .. $n) . ']}' };
my $want = main::found('Sales Pipeline', "opportunity_id BETWEEN 'OPP-20001' AND 'OPP-21000'");
is(main::counted('Sales Pipeline', '[' . $in->(1000, 'in') . ']'), $want, 'in');
is(main::counted('Sales Pipeline', '[' . $in->(1000, 'not_in') . ']'), main::found('Sales Pipeline', '1') - $want, 'not_in');
for my $op (qw(in not_in)) {
    my $said = refused('query_view_data', '{"viewId":"' . $main::counter{'Sales Pipeline'} . '","filterOverrides":[' . $in->(1001, $op) . ']}');
    is("$said->{code} $said->{details}{reason}", 'INVALID_FILTER wrong_count', "$op of 1001");
}



=== TEST 10: a field that is not there, and the one that was meant
--- call: list_datasources {}
--- also
main::wrong('Sales Pipeline', '{"field":"regoin","op":"eq","value":"EMEA"}', 'unknown_field', field => 'regoin', suggestions => ['region']);
main::wrong('Sales Pipeline', '{"field":"amount","op":"gt","value":1}', 'unknown_field', field => 'amount', suggestions => ['amount_usd']);
main::wrong('Sales Pipeline', '{"field":"REGION","op":"eq","value":"EMEA"}', 'unknown_field', suggestions => ['region']);
main::wrong('Sales Pipeline', '{"field":"xyzzy","op":"eq","value":1}', 'unknown_field', suggestions => []);
main::wrong('Sales Pipeline', $_, 'unknown_field') for '{"field":"","op":"eq","value":1}', '{"field":"region\" OR 1=1 --","op":"eq","value":"x"}', '{"field":"rowid","op":"gt","value":0}', '{"field":"sum_amount_usd","op":"gt","value":0}';



=== TEST 11: a value that never occurs, among few
--- call: list_datasources {}
--- also
main::wrong('Sales Pipeline', '{"field":"region","op":"eq","value":"EMAE"}', 'unknown_value', field => 'region', suggestions => ['EMEA']);
main::wrong('Sales Pipeline', '{"field":"region","op":"in","value":["EMEA","Europe"]}', 'unknown_value', field => 'region');
my $said = refused('query_view_data', '{"viewId":"' . $main::counter{'Sales Pipeline'} . '","filterOverrides":[{"field":"region","op":"eq","value":"qqq"}]}');
is(join(' ', sort @{ $said->{details}{suggestions} }), join(' ', sort map { $_->[0] } @{ data('Sales Pipeline', 'SELECT DISTINCT region FROM data') }), 'nothing near: all of the few');
$said = refused('query_view_data', '{"viewId":"' . $main::counter{'Sales Pipeline'} . '","filterOverrides":[{"field":"stage","op":"eq","value":"closed won"}]}');
is($said->{details}{suggestions}[0], 'Closed Won', 'another case');



=== TEST 12: malformed filters
--- call: list_datasources {}
--- also
main::wrong('Sales Pipeline', @$_) for
    ['5', 'not_an_object'], ['"region"', 'not_an_object'], ['null', 'not_an_object'], ['["region","eq","EMEA"]', 'not_an_object'],
    ['{}', 'field_missing'], ['{"op":"eq","value":1}', 'field_missing'], ['{"field":7,"op":"eq","value":1}', 'field_missing'],
    ['{"field":"region"}', 'op_missing'], ['{"field":"region","op":null}', 'op_missing'], ['{"field":"region","op":["eq"],"value":1}', 'op_missing'],
    ['{"field":"region","op":"=","value":"EMEA"}', 'unknown_operator'], ['{"field":"region","op":"EQ","value":"EMEA"}', 'unknown_operator'], ['{"field":"region","op":"","value":"EMEA"}', 'unknown_operator'],
    ['{"field":"region","op":"eq"}', 'value_missing'], ['{"field":"region","op":"eq","value":null}', 'value_missing'],
    ['{"field":"region","op":"eq","value":["EMEA"]}', 'wrong_type'], ['{"field":"region","op":"eq","value":{"a":1}}', 'wrong_type'], ['{"field":"region","op":"eq","value":5}', 'wrong_type'], ['{"field":"region","op":"eq","value":true}', 'wrong_type'],
    ['{"field":"region","op":"in","value":"EMEA"}', 'wrong_type'], ['{"field":"region","op":"in","value":[]}', 'wrong_count'], ['{"field":"region","op":"in","value":[null]}', 'wrong_type'], ['{"field":"region","op":"in","value":[["EMEA"]]}', 'wrong_type'],
    ['{"field":"region","op":"in","value":{"0":"EMEA"}}', 'wrong_type'],
    ['{"field":"amount_usd","op":"gt","value":"1000"}', 'wrong_type'], ['{"field":"amount_usd","op":"gt","value":[1]}', 'wrong_type'], ['{"field":"amount_usd","op":"like","value":"1%"}', 'operator_not_supported'],
    ['{"field":"amount_usd","op":"between","value":5}', 'wrong_type'], ['{"field":"amount_usd","op":"between","value":[5]}', 'wrong_count'], ['{"field":"amount_usd","op":"between","value":[1,2,3]}', 'wrong_count'], ['{"field":"amount_usd","op":"between","value":[2,1]}', 'empty_range'], ['{"field":"amount_usd","op":"between","value":[1,"2"]}', 'wrong_type'],
    ['{"field":"region","op":"is_null","value":true}', 'value_not_allowed'], ['{"field":"region","op":"eq","value":"EMEA","values":[1]}', 'unknown_member'], ['{"field":"region","op":"eq","Value":"EMEA"}', 'unknown_member'];
main::wrong('Support Tickets', $_, 'wrong_type') for '{"field":"csat","op":"eq","value":4.5}', '{"field":"csat","op":"eq","value":"4.5"}', '{"field":"csat","op":"eq","value":"9223372036854775808"}', '{"field":"csat","op":"eq","value":""}', '{"field":"csat","op":"eq","value":" 5"}';



=== TEST 13: which of several is wrong
--- call: list_datasources {}
--- also
main::wrong('Sales Pipeline', '{"field":"region","op":"eq","value":"EMEA"},{"field":"stage","op":"eq","value":"Closed Won"},{"field":"amount_usd","op":"gt","value":"x"}', 'wrong_type', index => 2, field => 'amount_usd', op => 'gt');



=== TEST 14: too long, too many
--- call: list_datasources {}
--- also
main::wrong('Sales Pipeline', '{"field":"account_name","op":"eq","value":"' . ('x' x 5000) . '"}', 'too_long');
main::wrong('Sales Pipeline', '{"field":"account_name","op":"like","value":"' . ('%a' x 200) . '"}', 'too_long');
main::wrong('Sales Pipeline', join(',', ('{"field":"region","op":"not_null"}') x 200), 'too_many');



=== TEST 15: appliedFilters are what was understood, and can be sent again
--- call: list_datasources {}
--- also
my @given = (
    { field => 'created_at', op => 'gte', value => '2026-03-10T14:00:00+02:00' }, { field => 'is_reopened', op => 'eq', value => JSON::PP::false() },
    { field => 'csat', op => 'in', value => [5, 4] }, { field => 'assignee', op => 'not_null' },
);
my $call = sub { ask(query_view_data => { viewId => $main::counter{'Support Tickets'}, filterOverrides => $_[0] }) };
my $first = $call->(\@given);
is(join(' ', map { $_->{field} } @{ $first->{appliedFilters} }), 'assignee created_at csat is_reopened', 'sorted by field');
is($first->{appliedFilters}[1]{value}, '2026-03-10T12:00:00Z', 'a time in UTC');
ok(JSON::PP::is_bool($first->{appliedFilters}[3]{value}), 'a boolean stays one');
ok(!exists $first->{appliedFilters}[0]{value}, 'not_null has no value');
my $second = $call->($first->{appliedFilters});
is_deeply($second->{appliedFilters}, $first->{appliedFilters}, 'again, the same');
is_deeply($second->{rows}, $first->{rows}, 'and the same rows');
