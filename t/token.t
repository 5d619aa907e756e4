# Tokens: minting, and what the endpoint says to good, missing, forged and expired ones.

use lib 't';
use Lookout;
use Test::Nginx::Socket 'no_plan';

our $config = <<'END';
    lookout_auth on;
    location = /token { lookout_token; lookout_token_ttl 1h; }
    location = /mcp   { lookout_mcp; }
END

# The time of a day from now.
sub tomorrow { return time + 86400 }

sub ping {
    my ($token) = @_;

    my $body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
    return "POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      . "Content-Type: application/json\r\nContent-Length: " . length($body) . "\r\n"
      . (defined $token ? "Authorization: $token\r\n" : '') . "\r\n$body";
}

Lookout::defaults();
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(config => $config) if !defined $block->config;
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: auth off asks for nothing
--- config
    location = /mcp { lookout_mcp; lookout_auth off; }
--- rpc: ping
--- error_code: 200



=== TEST 2: a token is minted, and not to be stored on the way
--- request
GET /token
--- response_headers
Content-Type: application/json
Cache-Control: no-store
--- response_body_like: ^\{"token":"lk_\d{10}\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{43}","tokenType":"Bearer","expiresAt":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"\}\n$
--- also
my ($token, $expires) = $body =~ /"token":"(lk_(\d+)[^"]+)"/;
ok(abs($expires - time - 3600) < 5, 'lookout_token_ttl 1h');
my $ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
is(`curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer $token' -H 'Content-Type: application/json' -d '$ping' $url/mcp`, 200, 'it opens the endpoint');



=== TEST 3: POST mints nothing
--- request
POST /token
x
--- error_code: 405
--- response_headers
Allow: GET, OPTIONS



=== TEST 4: without a token: 401, and how to get one
--- rpc: ping
--- error_code: 401
--- response_headers
WWW-Authenticate: Bearer realm="lookout"
Content-Type: application/json
--- response_body_like: ^\{"jsonrpc":"2.0","error":\{"code":401,"message":"Unauthorized: this server wants a token\. Send the header \\"Authorization: Bearer TOKEN\\"; GET /\w+ mints one"\}\}$



=== TEST 5: a person without a token gets a page
--- rpc: ping
--- more_headers
Accept: text/html
--- error_code: 401
--- response_headers
Content-Type: text/html; charset=utf-8
--- response_body_like: wants a token



=== TEST 6: with a token
--- raw_request eval
main::ping("Bearer " . Lookout::token(main::tomorrow()))
--- error_code: 200
--- response_body_like: "result":\{\}



=== TEST 7: the scheme's case does not matter
--- raw_request eval
main::ping("bearer " . Lookout::token(main::tomorrow()))
--- error_code: 200



=== TEST 8: another scheme is no bearer token
--- raw_request eval
main::ping("Basic " . Lookout::token(main::tomorrow()))
--- error_code: 401



=== TEST 9: altered in its expiry
--- raw_request eval
my $t = Lookout::token(main::tomorrow()); $t =~ s/lk_\d/lk_9/; main::ping("Bearer $t")
--- error_code: 401
--- response_headers_like
WWW-Authenticate: .*error="invalid_token".*



=== TEST 10: altered in its last character
--- raw_request eval
my $t = Lookout::token(main::tomorrow()); $t =~ s/(.)$/$1 eq 'A' ? 'B' : 'A'/e; main::ping("Bearer $t")
--- error_code: 401



=== TEST 11: made up
--- raw_request eval
main::ping("Bearer lk_9999999999.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
--- error_code: 401



=== TEST 12: empty
--- raw_request eval
main::ping("Bearer ")
--- error_code: 401



=== TEST 13: overlong
--- raw_request eval
main::ping("Bearer lk_" . ("9" x 4000))
--- error_code: 401



=== TEST 14: expired
--- raw_request eval
main::ping('Bearer ' . Lookout::token(time - 1))
--- error_code: 401
--- response_headers_like
WWW-Authenticate: .*the token has expired.*
--- response_body_like: the token has expired



=== TEST 15: the token of another key
--- config
    lookout_auth on;
    location = /mcp { lookout_mcp; lookout_key_file $TEST_NGINX_SERVER_ROOT/other.key; }
--- raw_request eval
main::ping("Bearer " . Lookout::token(main::tomorrow()))
--- error_code: 401



=== TEST 16: nothing in the query string counts
--- request eval
"POST /mcp?access_token=" . "x" . "\n{}"
--- more_headers
Content-Type: application/json
--- error_code: 401
