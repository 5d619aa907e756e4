# limit_req before the endpoint: 429 as a JSON-RPC error, with what a client needs to wait well.

use lib 't';
use Lookout;
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => <<'END');
    limit_req_zone $binary_remote_addr zone=mcp:1m rate=1r/m;
    limit_req_zone $binary_remote_addr zone=token:1m rate=30r/m;
END
    $block->set_value(config => <<'END');
    location = /mcp {
        lookout_mcp;
        limit_req zone=mcp burst=2 nodelay;
        limit_req_status 429;
        error_page 413 429 @mcp_error;
    }
    location @mcp_error { lookout_error_page rate=1r/m; }
    location = /token {
        lookout_token;
        limit_req zone=token;
        limit_req_status 429;
        error_page 429 @token_error;
    }
    location @token_error { lookout_error_page rate=30r/m; }
    location = /asked-for-directly { lookout_error_page; }
END
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: the fourth request at once is over the burst
--- pipelined_requests eval
[map { "POST /mcp\n{\"jsonrpc\":\"2.0\",\"id\":$_,\"method\":\"ping\"}" } 1 .. 4]
--- more_headers
Content-Type: application/json
--- error_code eval
[200, 200, 200, 429]
--- response_body eval
[(map { "{\"jsonrpc\":\"2.0\",\"id\":$_,\"result\":{}}" } 1 .. 3),
 '{"jsonrpc":"2.0","error":{"code":429,"message":"Rate limited: too many requests; wait as long as Retry-After says, then call again","data":{"code":"RATE_LIMITED"}}}']



=== TEST 2: the headers of a 429 on the endpoint
--- rpc: ping
--- error_code: 429
--- response_headers
Content-Type: application/json
Retry-After: 60
ratelimit-limit: 1
ratelimit-remaining: 0
ratelimit-reset: 60
--- error_log
limiting requests



=== TEST 3: a token is minted
--- request
GET /token
--- error_code: 200



=== TEST 4: the next one within two seconds is not
--- request
GET /token
--- error_code: 429
--- response_headers
Retry-After: 2
ratelimit-limit: 30
ratelimit-remaining: 0
ratelimit-reset: 2
--- error_log
limiting requests



=== TEST 5: the error page is nobody's address
--- request
GET /asked-for-directly
--- error_code: 404
