# The endpoint as HTTP: methods, media types, origins, bodies however they come, and what a
# person sees who opens it in a browser.

use lib 't';
use Lookout;
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: a ping comes back
--- rpc: ping
--- response_headers
Content-Type: application/json
--- response_body chomp
{"jsonrpc":"2.0","id":1,"result":{}}



=== TEST 2: GET is not allowed, and says what is
--- request
GET /mcp
--- error_code: 405
--- response_headers
Allow: POST, OPTIONS
Content-Type: application/json
--- response_body_like: ^\{"jsonrpc":"2.0","error":\{"code":405,"message":"Method not allowed: .*POST"\}\}$



=== TEST 3: DELETE is not allowed
--- request
DELETE /mcp
--- error_code: 405
--- response_headers
Allow: POST, OPTIONS



=== TEST 4: a browser gets a page that says what this is
--- request
GET /mcp
--- more_headers
Accept: text/html,application/xhtml+xml
--- error_code: 405
--- response_headers
Content-Type: text/html; charset=utf-8
--- response_body_like: MCP server for AI agents.*claude mcp add



=== TEST 5: preflight is answered before anybody is asked for a token
--- http_config
    lookout_allow_origin https://chat.example.com;
--- config
    location = /mcp { lookout_mcp; lookout_auth on; }
--- request
OPTIONS /mcp
--- more_headers
Origin: https://chat.example.com
Access-Control-Request-Method: POST
Access-Control-Request-Headers: authorization, content-type, mcp-protocol-version
--- error_code: 204
--- response_headers
Allow: POST, OPTIONS
Access-Control-Allow-Origin: https://chat.example.com
Access-Control-Allow-Methods: POST, OPTIONS
Access-Control-Allow-Headers: authorization, content-type, mcp-protocol-version
Vary: Origin
--- response_body



=== TEST 6: a foreign origin is refused
--- request
POST /mcp
{"jsonrpc":"2.0","id":1,"method":"ping"}
--- more_headers
Content-Type: application/json
Origin: https://evil.example
--- error_code: 403
--- response_body_like: "code":403,"message":"Forbidden: .*lookout_allow_origin"



=== TEST 7: a rebound name is refused though Origin and Host agree
--- request
POST /mcp
{"jsonrpc":"2.0","id":1,"method":"ping"}
--- more_headers
Content-Type: application/json
Host: evil.example
Origin: http://evil.example
--- error_code: 403



=== TEST 8: the server's own page may call it
--- request
POST /mcp
{"jsonrpc":"2.0","id":1,"method":"ping"}
--- more_headers
Content-Type: application/json
Host: localhost:8080
Origin: http://localhost:8080
--- error_code: 200
--- response_headers
Access-Control-Allow-Origin: http://localhost:8080



=== TEST 9: an origin of null is refused
--- request
POST /mcp
{"jsonrpc":"2.0","id":1,"method":"ping"}
--- more_headers
Content-Type: application/json
Origin: null
--- error_code: 403



=== TEST 10: only JSON is read
--- request
POST /mcp
{"jsonrpc":"2.0","id":1,"method":"ping"}
--- more_headers
Content-Type: text/plain
--- error_code: 415
--- response_body_like: "code":415,.*application/json



=== TEST 11: a type that only begins like JSON
--- request
POST /mcp
{"jsonrpc":"2.0","id":1,"method":"ping"}
--- more_headers
Content-Type: application/json-patch
--- error_code: 415



=== TEST 12: no type at all
--- request
POST /mcp
{"jsonrpc":"2.0","id":1,"method":"ping"}
--- error_code: 415



=== TEST 13: parameters of the type and any Accept are fine
--- request
POST /mcp
{"jsonrpc":"2.0","id":1,"method":"ping"}
--- more_headers
Content-Type: Application/JSON ; charset=utf-8
Accept: application/json
--- error_code: 200



=== TEST 14: an empty body
--- request
POST /mcp
--- more_headers
Content-Type: application/json
Content-Length: 0
--- error_code: 400
--- response_body_like: ^\{"jsonrpc":"2.0","error":\{"code":-32700,"message":"Parse error: the request body is empty



=== TEST 15: a body in pieces
--- raw_request eval
["POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{\"jsonrpc\":",
"\"2.0\",\"id\":1,", "\"method\":", "\"ping\"}"]
--- raw_request_middle_delay: 0.05
--- response_body chomp
{"jsonrpc":"2.0","id":1,"result":{}}



=== TEST 16: a chunked body
--- raw_request eval
"POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n15\r\n{\"jsonrpc\":\"2.0\",\"id\"\r\n15\r\n:1,\"method\":\"ping\"}  \r\n0\r\n\r\n"
--- response_body chomp
{"jsonrpc":"2.0","id":1,"result":{}}



=== TEST 17: a body in a temporary file
--- config
    location = /mcp {
        lookout_mcp;
        client_body_in_file_only clean;
    }
--- rpc: ping
--- response_body chomp
{"jsonrpc":"2.0","id":1,"result":{}}



=== TEST 18: a body larger than the buffer
--- config
    location = /mcp {
        lookout_mcp;
        client_body_buffer_size 1k;
    }
--- request eval
"POST /mcp\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"x\":\"" . ("y" x 100000) . "\"}}"
--- more_headers
Content-Type: application/json
--- response_body chomp
{"jsonrpc":"2.0","id":1,"result":{}}



=== TEST 19: too large a body: 413, as a JSON-RPC error
--- config
    location = /mcp {
        lookout_mcp;
        client_max_body_size 1k;
        error_page 413 429 @lookout_error;
    }
    location @lookout_error { lookout_error_page; }
--- request eval
"POST /mcp\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"x\":\"" . ("y" x 1048576) . "\"}}"
--- more_headers
Content-Type: application/json
--- error_code: 413
--- response_headers
Content-Type: application/json
--- response_body_like: ^\{"jsonrpc":"2.0","error":\{"code":413,"message":"Request too large: .*"\}\}$
--- error_log
client intended to send too large body



=== TEST 20: many messages on one connection, in a pipeline
--- pipelined_requests eval
[map { "POST /mcp\n{\"jsonrpc\":\"2.0\",\"id\":$_,\"method\":\"ping\"}" } 1 .. 3]
--- more_headers
Content-Type: application/json
--- response_body eval
[map { "{\"jsonrpc\":\"2.0\",\"id\":$_,\"result\":{}}" } 1 .. 3]



=== TEST 21: a client that leaves in the middle of its body
--- raw_request eval
"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"jsonrpc\""
--- abort
--- timeout: 0.2
--- ignore_response
--- no_error_log
[alert]
[crit]



=== TEST 22: a subrequest is not an MCP client
--- config
    location = /mcp { lookout_mcp; }
    location = /sub.html { auth_request /mcp; }
--- user_files
>>> sub.html
in
--- request
GET /sub.html
--- error_code: 500
--- error_log
auth request unexpected status
