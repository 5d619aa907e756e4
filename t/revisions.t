# The revisions of the protocol: each request says for itself which one it speaks.

use lib 't';
use Lookout;
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: initialize echoes a revision that is spoken here
--- rpc: initialize {"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"c","version":"1"}}
--- response_body_like: ^\{"jsonrpc":"2.0","id":1,"result":\{"protocolVersion":"2025-03-26","capabilities":\{"tools":\{\},"resources":\{\},"prompts":\{\},"completions":\{\},"extensions":\{"io.modelcontextprotocol/ui":\{\}\}\},"serverInfo":\{"name":"lookout","title":"Lookout","version":"[0-9.]+"\},"instructions":"Lookout answers



=== TEST 2: an unknown revision gets the newest legacy one
--- rpc: initialize {"protocolVersion":"2030-01-01","capabilities":{},"clientInfo":{"name":"c","version":"1"}}
--- response_body_like: "protocolVersion":"2025-11-25"



=== TEST 3: no session is ever made
--- rpc: initialize {"protocolVersion":"2025-11-25","capabilities":{}}
--- response_headers
Mcp-Session-Id:



=== TEST 4: a session id that a client sends is ignored
--- rpc: ping
--- more_headers
Mcp-Session-Id: made-up
MCP-Protocol-Version: 2025-06-18
--- error_code: 200



=== TEST 5: a revision header that nobody speaks
--- rpc: ping
--- more_headers
MCP-Protocol-Version: 2024-11-05
--- error_code: 400
--- response_body_like: "code":-32600,.*"data":\{"supported":\["2026-07-28","2025-11-25","2025-06-18","2025-03-26"\],"requested":"2024-11-05"\}



=== TEST 6: legacy results carry nothing modern
--- rpc: tools/list
--- response_body_unlike: resultType|ttlMs|cacheScope



=== TEST 7: Mcp-Method alone makes no request modern
--- rpc: ping
--- more_headers
Mcp-Method: ping
--- error_code: 200



=== TEST 8: server/discover
--- request
POST /mcp
{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}
--- more_headers
Content-Type: application/json
MCP-Protocol-Version: 2026-07-28
Mcp-Method: server/discover
--- response_body_like: ^\{"jsonrpc":"2.0","id":1,"result":\{"supportedVersions":\["2026-07-28",.*\],"capabilities":\{"tools":\{\},"resources":\{\},"prompts":\{\},"completions":\{\},"extensions":\{"io.modelcontextprotocol/tasks":\{\},"io.modelcontextprotocol/ui":\{\}\}\},"instructions":".*","ttlMs":\d+,"cacheScope":"public","resultType":"complete","_meta":\{"io.modelcontextprotocol/serverInfo":\{"name":"lookout",.*\}\}\}\}$



=== TEST 9: a modern call
--- modern: list_datasources {"nameContains":"sales"}
--- error_code: 200
--- response_body_like: "structuredContent":\{"items":\[\{"id":"ds_[a-z2-7]{22}","name":"Sales Pipeline".*"isError":false,"resultType":"complete","_meta"



=== TEST 10: a modern call with its argument mirrored
--- modern: get_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}"}
--- error_code: 200
--- response_body_like: "name":"Sales Pipeline"



=== TEST 11: the mirror says something else
--- request eval
Lookout::fill('POST /mcp
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_datasource","arguments":{"datasourceId":"$ID{datasource:Sales Pipeline}"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}')
--- more_headers
Content-Type: application/json
MCP-Protocol-Version: 2026-07-28
Mcp-Method: tools/call
Mcp-Name: get_datasource
Mcp-Param-DatasourceId: ds_aaaaaaaaaaaaaaaaaaaaaa
--- error_code: 400
--- response_body_like: "code":-32020,"message":"Header mismatch: Mcp-Param-DatasourceId differs from the argument"



=== TEST 12: methods of the past are 404 in the modern era
--- request
POST /mcp
{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}
--- more_headers
Content-Type: application/json
MCP-Protocol-Version: 2026-07-28
Mcp-Method: initialize
--- error_code: 404
--- response_body_like: "id":1,"error":\{"code":-32601



=== TEST 13: a modern revision that is not spoken here
--- request
POST /mcp
{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2027-01-01","io.modelcontextprotocol/clientCapabilities":{}}}}
--- more_headers
Content-Type: application/json
MCP-Protocol-Version: 2027-01-01
Mcp-Method: tools/list
--- error_code: 400
--- response_body_like: "code":-32022,.*"supported":\["2026-07-28".*"requested":"2027-01-01"



=== TEST 14: the header is modern, the body says nothing
--- request
POST /mcp
{"jsonrpc":"2.0","id":1,"method":"tools/list"}
--- more_headers
Content-Type: application/json
MCP-Protocol-Version: 2026-07-28
Mcp-Method: tools/list
--- error_code: 400
--- response_body_like: "code":-32602,.*protocolVersion



=== TEST 15: the body is modern, the header is missing
--- request
POST /mcp
{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}
--- more_headers
Content-Type: application/json
Mcp-Method: tools/list
--- error_code: 400
--- response_body_like: "code":-32020,.*MCP-Protocol-Version is missing
