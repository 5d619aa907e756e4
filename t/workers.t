# Several workers, threads, reloads and clients that leave.

use lib 't';
use Lookout;
use Test::Nginx::Socket 'no_plan';

# About a second of work in SQLite, for whoever has the patience.
our $heavy = Lookout::fill('{"datasourceId":"$ID{datasource:Product Usage}",'
  . '"sql":"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000000) SELECT COUNT(*) AS n FROM c"}');

workers(4);
master_on();
Lookout::defaults();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: a cursor of one worker is good in another
--- config
    location = /mcp { lookout_mcp; }
    location = /page {
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/mcp;
    }
--- pipelined_requests eval
[map { "POST /page\n" . Lookout::message('tools/call', '{"name":"list_views","arguments":{"pageSize":5}}') } 1 .. 8]
--- more_headers
Content-Type: application/json
--- response_body_like eval
[map { '"nextCursor":"[A-Za-z0-9_.-]+"' } 1 .. 8]



=== TEST 2: heavy queries on threads
--- call eval: 'query_datasource ' . $main::heavy
--- timeout: 10
--- response_body_like: "rows":\[\[3000000\]\]



=== TEST 3: a legacy client that leaves while its query runs
--- config
    location = /mcp { lookout_mcp; lookout_result_cache off; }
--- call eval: 'query_datasource ' . $main::heavy
--- abort
--- timeout: 0.2
--- ignore_response
--- no_error_log
[alert]



=== TEST 4: a modern client that leaves cancels
--- config
    location = /mcp { lookout_mcp; lookout_result_cache off; }
--- modern eval: 'query_datasource ' . $main::heavy
--- abort
--- timeout: 0.2
--- ignore_response
--- no_error_log
[alert]



=== TEST 5: the server goes on
--- call: list_datasources {}
--- response_body_like: "isError":false



=== TEST 6: over the time limit
--- config
    location = /mcp { lookout_mcp; lookout_query_timeout 100ms; }
--- call eval: 'query_datasource ' . $main::heavy
--- response_body_like: QUERY_TIMEOUT
