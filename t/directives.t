# What `nginx -t` says to wrong values: the directive, the value, what is right.

use lib 't';
use Lookout;
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: no catalogue
--- http_config
--- main_config
--- config
    location = /mcp { lookout_mcp; lookout_catalog ""; }
--- must_die
--- error_log
"lookout_catalog" directive needs a path



=== TEST 2: a catalogue that is not there yet does not keep nginx from starting
--- config
    location = /mcp { lookout_mcp; lookout_catalog /nonexistent/catalog.db; }
--- rpc: ping
--- error_code: 200



=== TEST 3: two handlers in one location
--- config
    location = /mcp { lookout_mcp; lookout_manifest; }
--- must_die
--- error_log
"lookout_manifest" directive cannot stand beside another handler in the same location



=== TEST 4: a thread pool that was not declared
--- config
    location = /mcp { lookout_mcp; lookout_thread_pool nowhere; }
--- must_die
--- error_log
unknown thread pool "nowhere"



=== TEST 5: a timeout out of range
--- config
    location = /mcp { lookout_mcp; lookout_query_timeout 0; }
--- must_die
--- error_log
value must be 10ms to 10m



=== TEST 6: a timeout that is no time
--- config
    location = /mcp { lookout_mcp; lookout_query_timeout soon; }
--- must_die
--- error_log
"lookout_query_timeout" directive invalid value



=== TEST 7: too little memory for a query
--- config
    location = /mcp { lookout_mcp; lookout_query_memory 1k; }
--- must_die
--- error_log
value must be 4m to 64g



=== TEST 8: a slice that would hold the loop
--- config
    location = /mcp { lookout_mcp; lookout_slice 5s; }
--- must_die
--- error_log
value must be 1ms to 1s



=== TEST 9: an origin with a path
--- config
    location = /mcp { lookout_mcp; lookout_allow_origin https://example.com/; }
--- must_die
--- error_log
invalid origin "https://example.com/" in "lookout_allow_origin"



=== TEST 10: a rate that is none
--- config
    location @e { lookout_error_page rate=60; }
--- must_die
--- error_log
invalid parameter "rate=60" in "lookout_error_page": write rate=60r/m or rate=10r/s



=== TEST 11: the same directive twice
--- config
    location = /mcp { lookout_mcp; lookout_result_cache off; lookout_result_cache 1m; }
--- must_die
--- error_log
"lookout_result_cache" directive is duplicate



=== TEST 12: a handler outside of a location
--- config
    lookout_mcp;
--- must_die
--- error_log
"lookout_mcp" directive is not allowed here



=== TEST 13: a key file that is malformed
--- config
    location = /mcp { lookout_mcp; lookout_key_file $TEST_NGINX_SERVER_ROOT/html/bad.key; }
--- user_files
>>> bad.key
not a key
--- must_die
--- error_log
bad.key



=== TEST 14: settings come down from http and server, and a location's own wins
--- http_config
    lookout_structured_content off;
--- config
    location = /mcp   { lookout_mcp; }
    location = /other { lookout_mcp; lookout_structured_content on; }
--- call: list_datasources {"pageSize":1}
--- response_body_unlike: structuredContent



=== TEST 15: the location that turned it on again
--- http_config
    lookout_structured_content off;
--- config
    location = /mcp   { lookout_mcp; }
    location = /other { lookout_mcp; lookout_structured_content on; }
--- request
POST /other
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_datasources","arguments":{"pageSize":1}}}
--- more_headers
Content-Type: application/json
--- response_body_like: structuredContent
