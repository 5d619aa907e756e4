# JSON-RPC and its malformations: each is answered with a clear error and changes nothing.

use lib 't';
use Lookout;
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();
add_block_preprocessor(sub {
    my $block = shift;

    if (defined $block->body) {
        $block->set_value(request => "POST /mcp\n" . $block->body);
        $block->set_value(more_headers => 'Content-Type: application/json');
    }
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: broken JSON says where
--- body chomp
{"jsonrpc":"2.0","id":1,
--- error_code: 400
--- response_body_like: ^\{"jsonrpc":"2.0","error":\{"code":-32700,"message":"Parse error: .* \(at byte 2[34]\)"\}\}$



=== TEST 2: text behind the message
--- body chomp
{"jsonrpc":"2.0","id":1,"method":"ping"} x
--- error_code: 400
--- response_body_like: -32700



=== TEST 3: invalid UTF-8
--- body eval
"{\"jsonrpc\":\"2.0\",\"id\":\"\xc3\x28\",\"method\":\"ping\"}"
--- error_code: 400
--- response_body_like: -32700.*UTF-8



=== TEST 4: nesting that would eat the stack
--- body eval
"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"x\":" . ("[" x 100000) . ("]" x 100000) . "}}"
--- error_code: 400
--- response_body_like: -32700.*(deep|nest)



=== TEST 5: a member that appears twice
--- body chomp
{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}
--- error_code: 400
--- response_body_like: -32700.*twice



=== TEST 6: a number that nobody can hold
--- body eval
"{\"jsonrpc\":\"2.0\",\"id\":" . ("9" x 400) . ",\"method\":\"ping\"}"
--- error_code: 400
--- response_body_like: -32700



=== TEST 7: a NUL byte
--- body eval
"{\"jsonrpc\":\"2.0\",\"id\":1,\0\"method\":\"ping\"}"
--- error_code: 400
--- response_body_like: -32700



=== TEST 8: an escaped NUL
--- body chomp
{"jsonrpc":"2.0","id":1,"method":"pi\u0000ng"}
--- error_code: 400
--- response_body_like: -32700



=== TEST 9: a lone surrogate
--- body chomp
{"jsonrpc":"2.0","id":"\ud83d","method":"ping"}
--- error_code: 400
--- response_body_like: -32700



=== TEST 10: not a JSON-RPC message
--- body chomp
{"hello":"world"}
--- error_code: 400
--- response_body_like: "code":-32600,"message":"Invalid request: jsonrpc



=== TEST 11: id null
--- body chomp
{"jsonrpc":"2.0","id":null,"method":"ping"}
--- error_code: 400
--- response_body chomp
{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid request: id must be a string or a whole number"}}



=== TEST 12: params that are no object
--- body chomp
{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}
--- error_code: 400
--- response_body_like: "id":1,"error":\{"code":-32602



=== TEST 13: an unknown method
--- body chomp
{"jsonrpc":"2.0","id":"x","method":"tools/destroy"}
--- error_code: 200
--- response_body chomp
{"jsonrpc":"2.0","id":"x","error":{"code":-32601,"message":"Method not found: tools/destroy"}}



=== TEST 14: a notification is accepted and not answered
--- body chomp
{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}
--- error_code: 202
--- response_body



=== TEST 15: a batch, in the one revision that has them
--- body chomp
[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","id":2,"method":"nope"}]
--- error_code: 200
--- response_body chomp
[{"jsonrpc":"2.0","id":1,"result":{}},{"jsonrpc":"2.0","id":2,"error":{"code":-32601,"message":"Method not found: nope"}}]



=== TEST 16: an empty batch
--- body chomp
[]
--- error_code: 400
--- response_body_like: "code":-32600,"message":"Invalid request: a batch holds 1 to 50 messages



=== TEST 17: a batch in a later revision
--- request
POST /mcp
[{"jsonrpc":"2.0","id":1,"method":"ping"}]
--- more_headers
Content-Type: application/json
MCP-Protocol-Version: 2025-06-18
--- error_code: 400
--- response_body_like: -32600



=== TEST 18: a batch whose calls need threads
--- body eval
'[' . join(',', map { my $n = $_; Lookout::fill('{"jsonrpc":"2.0","id":' . $n . ',"method":"tools/call","params":{"name":"query_datasource","arguments":{"datasourceId":"$ID{datasource:Product Usage}","sql":"SELECT COUNT(*) + ' . $n . ' AS n FROM data"}}}') } 1 .. 5) . ']'
--- error_code: 200
--- response_body_like: ^\[\{"jsonrpc":"2.0","id":1,.*100001.*\},\{"jsonrpc":"2.0","id":2,.*100002.*"id":5,.*100005.*\}\]$



=== TEST 19: an unknown tool, and the one that was meant
--- rpc: tools/call {"name":"list_datasource","arguments":{}}
--- error_code: 200
--- response_body_like: "code":-32602,"message":"Unknown tool: list_datasource; did you mean list_datasources\?","data":\{"code":"TOOL_NOT_FOUND","name":"list_datasource","suggestions":\["list_datasources"\]\}



=== TEST 20: arguments that are no object
--- rpc: tools/call {"name":"list_datasources","arguments":[]}
--- error_code: 200
--- response_body_like: "code":-32602



=== TEST 21: arguments of the wrong type, all named at once
--- call: list_datasources {"pageSize":"many","q":7,"nmaeContains":"x"}
--- error_code: 200
--- response_body_like: INVALID_INPUT.*/q.*/pageSize.*/nmaeContains.*did you mean nameContains
