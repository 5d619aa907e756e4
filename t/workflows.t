# What analysts do (W1 to W6), with the calls of the published page as they stand there, but for
# the ids, and answers whose members stand in the order of that page.

use lib 't';
use Lookout;
use Agent;
use JSON::PP ();
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();
add_block_preprocessor(sub {
    my $block = shift;

    # A message as it is printed, and no more headers than curl needs.
    if (defined $block->message) {
        $block->set_value(request => "POST /mcp\n" . Lookout::fill($block->message));
        $block->set_value(more_headers => 'Content-Type: application/json');
    }
});

our $sales = Lookout::id(datasource => 'Sales Pipeline');

sub found {
    my ($where) = @_;
    return data('Sales Pipeline', "SELECT stage, COUNT(*) FROM data WHERE $where GROUP BY stage ORDER BY stage");
}

sub by_stage {
    my ($page) = @_;
    return [sort { $a->[0] cmp $b->[0] } @{ $page->{rows} }];
}

no_shuffle();
run_tests();

__DATA__

=== TEST 1: the quickstart
--- message
{"jsonrpc":"2.0","id":1,"method":"tools/list"}
--- response_body_like: ^\{"jsonrpc":"2.0","id":1,"result":\{"tools":\[\{"name":"list_datasources"



=== TEST 2: "list the datasources and tell me which one is offline"
--- call: list_datasources {}
--- also
my @offline = map { $_->{name} } grep { $_->{status} eq 'offline' } @{ answer($body)->{items} };
is("@offline", Lookout::sql("SELECT name FROM datasource WHERE status = 'offline'"), 'that one');



=== TEST 3: W1, find the datasource
--- message
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{
"name":"list_datasources","arguments":{"nameContains":"sales","pageSize":20}
}}
--- also
my ($text) = answer_text($body);
is(key_order($text), 'items nextCursor warnings', 'members');
my ($item) = $text =~ /"items":\[(\{.*\})\],"nextCursor"/;
is(key_order($item), 'id name connectionType status lastRefreshedAt fieldCount', 'members of an item');
is_deeply([@{ answer($body)->{items}[0] }{qw(id name connectionType status fieldCount)}], [$main::sales, 'Sales Pipeline', 'postgres', 'online', 14], 'the datasource');
is_deeply([@{ answer($body) }{qw(nextCursor warnings)}], [undef, []], 'that is all');



=== TEST 4: W1, its schema
--- message
{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{
"name":"get_datasource","arguments":{"datasourceId":"$ID{datasource:Sales Pipeline}"}
}}
--- also
like($body, qr/^\{"jsonrpc":"2.0","id":2,"result":\{/, 'the id is echoed');
for my $field (@{ answer($body)->{fields} }) {
    like($field->{dataType}, qr/^(string|integer|float|boolean|date|timestamp)$/, "$field->{name} dataType");
    like($field->{semanticRole}, qr/^(dimension|measure|time|identifier)$/, "$field->{name} semanticRole");
}



=== TEST 5: W2, workbooks
--- call: list_workbooks {"q":"pipeline helth"}
--- also
is(answer($body)->{items}[0]{name}, 'Pipeline Health', 'found');



=== TEST 6: W2, a workbook with its views, without further calls
--- call: get_workbook {"workbookId":"$ID{workbook:Pipeline Health}"}
--- also
my @views = @{ answer($body)->{views} };
my $listed = ask(list_views => { workbookId => answer($body)->{id}, pageSize => 100 });
is(join(' ', sort map { "$_->{id} $_->{chartType} $_->{datasourceId}" } @views),
    join(' ', sort map { "$_->{id} $_->{chartType} $_->{datasource}{id}" } @{ $listed->{items} }), 'the views that list_views has');



=== TEST 7: W3, filters on a view
--- message
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{
"name":"query_view_data","arguments":{
"viewId":"$ID{view:Deals by stage}",
"filterOverrides":[
{"field":"region","op":"eq","value":"EMEA"},
{"field":"close_quarter","op":"eq","value":"2026Q1"}
],
"pageSize":200
}
}}
--- also
my ($text) = answer_text($body);
is(key_order($text), 'queryId viewId executedAt appliedFilters columns rows rowCount pageSize nextCursor truncated warnings', 'members');
like($text, qr/"appliedFilters":\[\{"field":"close_quarter","op":"eq","value":"2026Q1"\},\{"field":"region","op":"eq","value":"EMEA"\}\]/, 'what was applied, as printed');
like($text, qr/"rowCount":\d+,"pageSize":200,"nextCursor":null,"truncated":false,"warnings":\[\]\}$/, 'the end, as printed');
rows_are(main::by_stage(answer($body)), main::found("region = 'EMEA' AND close_quarter = '2026Q1'"), 'rows');
cmp_ok(answer($body)->{rowCount}, '>', 1, 'there are rows');



=== TEST 8: W3, the filter of the page on all that it says
--- call: query_view_data {"viewId":"$ID{view:Deals by stage}","filterOverrides":[{ "field": "region", "op": "in", "value": ["EMEA","NA"] }]}
--- also
rows_are(main::by_stage(answer($body)), main::found("region IN ('EMEA', 'NA')"), 'rows');



=== TEST 9: W4, SQL
--- message
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{
"name":"query_datasource","arguments":{
"datasourceId":"$ID{datasource:Sales Pipeline}",
"sql":"SELECT stage, COUNT(*) AS n, SUM(amount_usd) AS total FROM data WHERE close_quarter='2026Q1' GROUP BY stage ORDER BY total DESC"
}}}
--- also
my ($text) = answer_text($body);
is(key_order($text), 'queryId datasourceId executedAt columns rows rowCount pageSize nextCursor truncated warnings', 'members');
my ($column) = $text =~ /"columns":\[(\{.*?\})/;
is(key_order($column), 'name type semanticRole nullable', 'members of a column');
rows_are(answer($body)->{rows}, data('Sales Pipeline', "SELECT stage, COUNT(*) AS n, SUM(amount_usd) AS total FROM data WHERE close_quarter='2026Q1' GROUP BY stage ORDER BY total DESC"), 'rows');



=== TEST 10: W5, two periods, compared by the agent
--- call: list_views {}
--- also
my %rows;
for my $quarter ('2025Q4', '2026Q1') {
    my $page = ask(query_view_data => { viewId => Lookout::id(view => 'Deals by stage'), filterOverrides => [{ field => 'close_quarter', op => 'eq', value => $quarter }] });
    rows_are(main::by_stage($page), main::found("close_quarter = '$quarter'"), $quarter);
    $rows{$quarter} = join ' ', map { @$_ } @{ $page->{rows} };
}
isnt($rows{'2025Q4'}, $rows{'2026Q1'}, 'they differ');
for my $window (['2025-10-01', '2025-12-31'], ['2026-01-01', '2026-03-31']) {
    my $page = ask(query_view_data => { viewId => Lookout::id(view => 'Deals by stage'), filterOverrides => [{ field => 'close_date', op => 'between', value => $window }] });
    rows_are(main::by_stage($page), main::found("close_date BETWEEN '$window->[0]' AND '$window->[1]'"), "@$window");
}



=== TEST 11: there is no compare_periods, by design
--- rpc: tools/call {"name":"compare_periods","arguments":{}}
--- response_body_like: -32602.*TOOL_NOT_FOUND



=== TEST 12: W6, what a chart is made of, and its rows
--- call: get_view {"viewId":"$ID{view:Deals by stage}"}
--- also
my $view = answer($body);
is($view->{chartType}, 'bar', 'chart type');
is($view->{encoding}{x}{field}, 'stage', 'encoding');
is(ref $view->{savedFilters}, 'ARRAY', 'saved filters');
cmp_ok(scalar @{ $view->{statistics} }, '>=', 2, 'statistics');
my $page = ask(query_view_data => { viewId => $view->{id} });
is_deeply($page->{rows}, $view->{preview}{rows}, 'few rows: the preview is all of them');



=== TEST 13: the offline one
--- message eval
'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query_datasource","arguments":{
"datasourceId":"' . Lookout::sql("SELECT id FROM datasource WHERE status = 'offline'") . '","sql":"SELECT 1 FROM data"}}}'
--- also
my ($text, $error) = answer_text($body);
ok($error, 'isError');
is(key_order($text), 'error', 'an error alone');
like($text, qr/^\{"error":\{"code":"DATASOURCE_OFFLINE","message":"[^"]+","details":\{"/, 'as printed');



=== TEST 14: what is caught before it runs
--- message
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query_datasource","arguments":{
"datasourceId":"$ID{datasource:Sales Pipeline}","sql":"DELETE FROM data; SELECT 1 FROM data"}}}
--- also
my ($text) = answer_text($body);
like($text, qr/^\{"error":\{"code":"SQL_FORBIDDEN_CONSTRUCT","message":"Only SELECT statements are permitted\."/, 'word for word');



=== TEST 15: the stale one warns and answers
--- message eval
'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_datasource","arguments":{"datasourceId":"'
. Lookout::sql("SELECT id FROM datasource WHERE deleted_at IS NULL AND strftime('%s') - last_refreshed_at > freshness_sla_seconds") . '"}}}'
--- also
my ($text, $error) = answer_text($body);
ok(!$error, 'no error');
like($text, qr/^\{"id":".*"fields":\[.*"warnings":\[\{"code":"EXTRACT_STALE","message":"[^"]+"/, 'as printed');



=== TEST 16: names on the wire
--- call: list_views {}
--- also
my $list = `curl -s -H 'Content-Type: application/json' -d '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' $url/mcp`;
my $tools = JSON::PP->new->utf8->decode($list)->{result}{tools};
is(scalar(grep { $_->{name} !~ /^[a-z]+(_[a-z]+)+$/ } @$tools), 0, 'tools in snake_case');
is(join(' ', grep { !/^[a-z]+([A-Z][a-z]+)*$/ } map { keys %{ $_->{inputSchema}{properties} } } @$tools), '', 'inputs in camelCase');
is(join(' ', map { $_->{name} } grep { $_->{inputSchema}{additionalProperties} // 1 } @$tools), '', 'nothing else is taken');
is(join(' ', map { $_->{name} } grep { !$_->{title} || length $_->{description} < 40 || !$_->{outputSchema} } @$tools), '', 'title, description, outputSchema');
my $wrong = join ' ', map { $_->{name} } grep {
    my $a = $_->{annotations};
    !$a->{readOnlyHint} || $a->{destructiveHint} || $a->{openWorldHint} || !$a->{idempotentHint}
} @$tools;
is($wrong, '', 'annotations');
