# OAuth: tokens of an issuer, good and bad, what refusals and metadata tell clients, and keys that
# are refreshed while the server runs.

use lib 't';
use Lookout;
use Issuer;
use Digest::SHA qw(sha256_hex);
use File::Temp qw(tempdir);
use HTTP::Tiny;
use Test::Nginx::Socket 'no_plan';

our $jwks = tempdir(CLEANUP => 1) . '/jwks.json';
our $mcp = 'https://bi.example.com/mcp';
our $tag = substr sha256_hex($Issuer::issuer), 0, 8;
Issuer::publish($jwks, 'rsa', 'ec');

our $config = <<"END";
    lookout_public_url https://bi.example.com;
    lookout_auth on;
    lookout_oauth_issuer $Issuer::issuer;
    lookout_oauth_jwks $jwks;
    large_client_header_buffers 4 16k;
    add_header X-Worker \$pid always;
    add_header X-Caller \$lookout_caller always;
    listen 127.0.0.1:\$TEST_NGINX_RAND_PORT_1 reuseport;

    location = /mcp { lookout_mcp; }
    location = /reports {
        lookout_mcp;
        lookout_oauth_audience https://bi.example.com/reports urn:reports;
        lookout_oauth_scope lookout:read lookout:reports;
    }
    location = /own  { lookout_mcp; lookout_oauth_issuer off; }
    location = /open { lookout_mcp; lookout_auth off; }
    location /pages/ { lookout_mcp; if (\$arg_x) { set \$y 1; } }
    location = /token { lookout_token; }
    location /.well-known/oauth-protected-resource { lookout_oauth_metadata; }
END

our $agent = HTTP::Tiny->new(timeout => 20, keep_alive => 0);
our $ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

# A ping with a bearer token, or with none. The port is that of the block when it is left out.
sub ping {
    my ($token, $path, $port) = @_;

    return $agent->post('http://127.0.0.1:' . ($port || server_port()) . ($path // '/mcp'), {
        headers => { 'Content-Type' => 'application/json',
            defined $token ? (Authorization => "Bearer $token") : () },
        content => $ping,
    });
}

# A token for /mcp is refused, with this in the description.
sub refused {
    my ($name, $token, $why) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $response = ping($token);
    is($response->{status}, 401, "$name: 401");
    like($response->{headers}{'www-authenticate'},
        qr{^Bearer resource_metadata="https://bi\.example\.com/\.well-known/oauth-protected-resource/mcp", error="invalid_token", error_description="[^"\\]*$why[^"\\]*"$},
        "$name: says why");
    like($response->{content}, qr/"code":401,"message":"Unauthorized: .*$why.*come from its OAuth issuer, \Q$Issuer::issuer\E/, "$name: and where tokens come from");
    is($response->{headers}{'x-caller'}, undef, "$name: nobody called");
    return;
}

# How often a pattern stands in the error log.
sub logged {
    my ($pattern) = @_;

    open my $in, '<', server_root() . '/logs/error.log' or die $!;
    return scalar grep { /$pattern/ && !/\[debug\]/ } <$in>;
}

sub in_mcp {
    my (%claims) = @_;
    return { aud => $mcp, %claims };
}

# By way of a port where the kernel spreads connections over the workers: the answers of as many
# calls as it takes until each of the two workers has given ten.
sub of_all_workers {
    my ($token) = @_;

    open my $in, '<', server_root() . '/conf/nginx.conf' or die $!;
    my ($port) = join('', <$in>) =~ /listen 127\.0\.0\.1:(\d+) reuseport/ or die 'no second port';
    my (%answers, %calls);
    for (1 .. 2000) {
        my $response = ping($token, '/mcp', $port);
        $answers{ $response->{status} } = 1;
        $calls{ $response->{headers}{'x-worker'} }++;
        return join ' ', sort keys %answers if 2 == grep { $_ >= 10 } values %calls;
    }
    return 'one worker did not answer';
}

# What `nginx -t` says to the block's configuration.
sub tested {
    local $ENV{LD_PRELOAD} = $ENV{TEST_NGINX_PRELOAD} // '';
    my $root = server_root();
    return scalar `$ENV{TEST_NGINX_BINARY} -t -p $root -c $root/conf/nginx.conf 2>&1`;
}

# An endpoint with these directives.
sub with {
    my (@directives) = @_;
    return join '', "    lookout_auth on;\n    location = /mcp { lookout_mcp; ", map({ "$_; " } @directives), "}\n";
}

master_on();
workers(2);
Lookout::defaults();
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(config => $config) if !defined $block->config;
    $block->set_value(request => 'GET /.well-known/oauth-protected-resource')
      if !defined $block->request && !defined $block->must_die;
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: the metadata, alone: of the first endpoint with an issuer
--- response_headers
Content-Type: application/json
Cache-Control: public, max-age=300
--- response_body
{"resource":"https://bi.example.com/mcp","authorization_servers":["https://issuer.example/"],"bearer_methods_supported":["header"],"resource_name":"Lookout"}



=== TEST 2: of an endpoint by its path
--- request
GET /.well-known/oauth-protected-resource/reports
--- response_body
{"resource":"https://bi.example.com/reports","authorization_servers":["https://issuer.example/"],"scopes_supported":["lookout:read","lookout:reports"],"bearer_methods_supported":["header"],"resource_name":"Lookout"}



=== TEST 3: none of endpoints without an issuer, or without a token, or that are none
--- also
for my $path (qw(/own /open /mcp/ /nowhere / x /.. /mcp%2F)) {
    is($main::agent->get("$url/.well-known/oauth-protected-resource$path")->{status}, 404, "404: $path");
}
is($main::agent->get("$url/.well-known/oauth-protected-resource/%6Dcp")->{status}, 200, 'another spelling of the path');



=== TEST 4: HEAD
--- request
HEAD /.well-known/oauth-protected-resource/mcp
--- response_headers
Content-Type: application/json
Content-Length: 158



=== TEST 5: POST is not allowed
--- request
POST /.well-known/oauth-protected-resource/mcp
{}
--- error_code: 405
--- response_headers
Allow: GET, HEAD, OPTIONS



=== TEST 6: a page asks before
--- request
OPTIONS /.well-known/oauth-protected-resource/mcp
--- more_headers
Origin: http://localhost
Access-Control-Request-Method: GET
--- error_code: 204
--- response_headers
Access-Control-Allow-Origin: http://localhost
Access-Control-Allow-Methods: GET, HEAD, OPTIONS



=== TEST 7: a page of another origin
--- more_headers
Origin: https://elsewhere.example
--- error_code: 403



=== TEST 8: the Host header makes no metadata
--- more_headers
Host: evil.example
--- response_body_like: "resource":"https://bi.example.com/mcp"



=== TEST 9: good tokens, and whom they name
--- also
for my $key (qw(rsa ec)) {
    my $response = main::ping(Issuer::token($key, main::in_mcp()));
    is($response->{status}, 200, "$key: good");
    is($response->{headers}{'x-caller'}, "oauth:$::tag:ann", "$key: the caller");
}
my $call = sub { my $response = main::ping(Issuer::token('ec', main::in_mcp(@_))); return "$response->{status} $response->{headers}{'x-caller'}" };
is($call->(aud => ['urn:other', $::mcp]), "200 oauth:$::tag:ann", 'one of several audiences');
is($call->(exp => time - 20), "200 oauth:$::tag:ann", 'clocks may differ');
is($call->(sub => undef), "200 oauth:$::tag:\@agent", 'a client');
is($call->(sub => 'agent'), "200 oauth:$::tag:agent", 'is nobody of its name');
is($call->(sub => '@agent'), "200 oauth:$::tag:#" . substr(sha256_hex('@agent'), 0, 32), 'and nobody can be called as it');
is($call->(sub => 'x' x 48), "200 oauth:$::tag:" . 'x' x 48, '64 characters');
like($call->(sub => 'x' x 49), qr/^200 oauth:$::tag:#[0-9a-f]{32}$/, 'longer: a hash');
like($call->(sub => $_), qr/^200 oauth:$::tag:#[0-9a-f]{32}$/, 'a hash') for "ann\r\nX-Evil: 1", 'a"b', "a\\b", "Zo\x{eb}", 'a b';
like($call->(sub => undef, client_id => undef), qr/^200 oauth:$::tag:\?#[0-9a-f]{32}$/, 'who does not say');
is(main::ping(Issuer::token('rsa', main::in_mcp()), '/pages/')->{status}, 401, 'another endpoint, another audience');
is(main::ping(Issuer::token('rsa', { aud => 'https://bi.example.com/pages/' }), "/pages/$_")->{status}, 200, "/pages/$_") for '', 'a', '?x=1';



=== TEST 10: bad tokens
--- also
my $good = Issuer::token('rsa', main::in_mcp());
main::refused('expired', Issuer::token('rsa', main::in_mcp(exp => time - 100)), 'expired at 20\d\d-');
main::refused('not yet', Issuer::token('rsa', main::in_mcp(nbf => time + 100)), 'not good yet');
main::refused('for ever', Issuer::token('rsa', main::in_mcp(exp => undef)), 'exp is missing');
main::refused('for somebody else', Issuer::token('rsa', { aud => 'https://other.example/mcp' }), 'not for this server');
main::refused('for the server as such', Issuer::token('rsa', { aud => 'https://bi.example.com' }), 'not for this server');
main::refused('for nobody', Issuer::token('rsa', {}), 'aud must be');
main::refused('of another issuer', Issuer::token('rsa', main::in_mcp(iss => 'https://issuer.example')), 'another issuer');
main::refused('altered', Issuer::altered($good, sub => 'eve'), 'signature of the access token is wrong');
main::refused('of a key of the same name', Issuer::token('other', main::in_mcp(), { kid => 'rsa' }), 'signature of the access token is wrong');
main::refused('of an unknown key', Issuer::token('other', main::in_mcp()), 'no key of the kid and alg');
main::refused('the key of the other kind', Issuer::token('ec', main::in_mcp(), { kid => 'rsa' }), 'no key of the kid and alg');
main::refused('alg none', Issuer::unsigned(main::in_mcp()), 'another alg than RS256 or ES256');
main::refused('HS256 with the public key', Issuer::confused('rsa', main::in_mcp()), 'another alg than RS256 or ES256');
main::refused('an ID token by its typ', Issuer::token('rsa', main::in_mcp(), { typ => 'id+jwt' }), 'no access token');
main::refused('cut off', substr($good, 0, length($good) - 4), 'signature');
main::refused('without its signature', $good =~ s/\.[^.]*$//r, 'three parts');
main::refused('with one character more', "${good}A", 'signature');
main::refused('overlong', 'e30.' . 'A' x 4100 . '.' . 'A' x 4100, 'longer than 8192 bytes');
main::refused('of this server', Lookout::token(time + 1000), 'is not a JWT');
is(main::ping($good)->{status}, 200, 'the good one all the same');
main::refused('altered, now that it is remembered', Issuer::altered($good, sub => 'eve'), 'signature of the access token is wrong');
is(main::logged('eyJ'), 0, 'no token stands in the log');



=== TEST 11: no token
--- also
my $response = main::ping();
is($response->{status}, 401);
is($response->{headers}{'www-authenticate'}, 'Bearer resource_metadata="https://bi.example.com/.well-known/oauth-protected-resource/mcp"', 'the way to the metadata, no error');
like(`curl -s -H 'Accept: text/html' -H 'Content-Type: application/json' -d '$main::ping' $url/mcp`, qr{lookout https://bi\.example\.com/mcp</pre>}, 'a person adds the address alone');
like($response->{content}, qr/this server wants an access token\. Tokens for \Q$::mcp\E come from its OAuth issuer/, 'in words');
is(main::ping(undef, '/reports')->{headers}{'www-authenticate'}, 'Bearer resource_metadata="https://bi.example.com/.well-known/oauth-protected-resource/reports", scope="lookout:read lookout:reports"', 'with the scopes');
is(main::ping(undef, '/mcp?access_token=' . Issuer::token('rsa', main::in_mcp()))->{status}, 401, 'nothing in the query string counts');
$response = $main::agent->post("$url/mcp", { headers => { Authorization => 'Basic YTpi', 'Content-Type' => 'application/json' }, content => $main::ping });
is($response->{status}, 401, 'another scheme');
is($response->{headers}{'www-authenticate'}, main::ping()->{headers}{'www-authenticate'}, 'is no wrong token');
like($response->{content}, qr/has no bearer token/, 'says so');
my $said = `curl -si -H 'Host: evil.example' -H 'Content-Type: application/json' -d '$main::ping' $url/mcp`;
like($said, qr{^HTTP/1.1 401 .*https://bi\.example\.com}s, 'the Host header');
unlike($said, qr/evil/, 'has no say');



=== TEST 12: two endpoints, two audiences, and scopes
--- also
my $all = { aud => 'urn:reports', scope => 'x lookout:reports lookout:read' };
is(main::ping(Issuer::token('ec', $all), '/reports')->{status}, 200, 'its audience, its scopes');
is(main::ping(Issuer::token('ec', $all))->{status}, 401, 'not for the other one');
is(main::ping(Issuer::token('ec', { %$all, aud => $::mcp }), '/reports')->{status}, 401, 'nor the other one\'s here');
is(main::ping(Issuer::token('ec', { %$all, aud => ['urn:reports', $::mcp] }), $_)->{status}, 200, "for both: $_") for qw(/mcp /reports);
for my $scope ('lookout:read', 'lookout:reports lookout:readx', 'LOOKOUT:READ lookout:reports', undef) {
    my $response = main::ping(Issuer::token('ec', { %$all, scope => $scope }), '/reports');
    my $said = $scope // 'none';
    is($response->{status}, 403, "403: $said");
    like($response->{headers}{'www-authenticate'}, qr{^Bearer resource_metadata="https://bi\.example\.com/\.well-known/oauth-protected-resource/reports", scope="lookout:read lookout:reports", error="insufficient_scope", error_description="[^"\\]*lookout:re[^"\\]*"$}, "and what is lacking: $said");
    like($response->{content}, qr/"code":403,"message":"Forbidden: .*lookout:re/, "in words: $said");
    is($response->{headers}{'x-caller'}, "oauth:$::tag:ann", "it is known who called: $said");
}
is(main::ping(Issuer::token('ec', { %$all, exp => time - 100, scope => 'x' }), '/reports')->{status}, 401, 'expired and without the scope: expired');



=== TEST 13: the server's own tokens only where the issuer is off
--- also
is(main::ping(Lookout::token(time + 100), $_->[0])->{status}, $_->[1], "$_->[0]: $_->[1]") for ['/mcp', 401], ['/own', 200], ['/open', 200];
is(main::ping(Issuer::token('rsa', main::in_mcp()), '/own')->{status}, 401, 'where the issuer has no say');
is(main::ping(undef, '/own')->{headers}{'www-authenticate'}, 'Bearer realm="lookout"', 'and the way to it is not shown');
my $response = $main::agent->get("$url/token");
is($response->{status}, 404, 'none are minted');
like($response->{content}, qr/tokens come from the OAuth issuer, \Q$Issuer::issuer\E/, 'and why');



=== TEST 14: limits by caller, who is found out before the handler is asked
--- http_config
    limit_req_zone $lookout_caller zone=callers:1m rate=1r/m;
--- config eval
(my $limited = $::config) =~ s/lookout_mcp;/lookout_mcp; limit_req zone=callers burst=1 nodelay; limit_req_status 429;/; $limited
--- also
my $call = sub { return main::ping(Issuer::token('ec', main::in_mcp(@_)))->{status} };
is(join(' ', map { $call->() } 1 .. 3), '200 200 429', 'ann');
is($call->(sub => 'bob'), 200, 'bob is another');
is($call->(iss => 'https://other.example'), 401, 'who is not let in is not counted as ann');
is(main::ping()->{status}, 401, 'nor is nobody');
--- error_log
limiting requests



=== TEST 15: new keys are good in every worker at once, old ones no more
--- also
my $token = Issuer::token('next', main::in_mcp());
my $old = Issuer::token('rsa', main::in_mcp());
is(main::of_all_workers($token), '401', 'unknown as yet');
is(main::of_all_workers($old), '200', 'the old key');
Issuer::publish($::jwks, 'next', 'ec');
is(main::of_all_workers($token), '200', 'known');
is(main::of_all_workers($old), '401', 'a withdrawn key, though its token was remembered');
Issuer::publish($::jwks, 'rsa', 'ec');



=== TEST 16: broken keys: the old ones stay, and it is logged once
--- also
my $token = Issuer::token('rsa', main::in_mcp());
is(main::of_all_workers($token), '200', 'good');
my $lines = main::logged('lookout: ');
Issuer::replace($::jwks, '{"keys":[');
is(main::of_all_workers($token), '200', 'good still');
is(main::logged('jwks.json.*; the OAuth keys read before stay in use'), 2, 'one line a worker');
unlink $::jwks or die;
is(main::of_all_workers($token), '200', 'and without the file');
is(main::logged('jwks.json cannot be read: No such file or directory; the OAuth keys'), 2, 'one line a worker');
is(main::logged('lookout: ') - $lines, 4, 'and no other');
Issuer::publish($::jwks, 'rsa', 'ec');
is(main::of_all_workers($token), '200', 'mended');
is(main::logged('lookout: ') - $lines, 6, 'which is logged, too');
--- error_log
jwks.json



=== TEST 17: no keys at all: 503, until there are some
--- config eval
(my $other = $::config) =~ s/jwks\.json;/none.json;/; $other
--- also
my $token = Issuer::token('rsa', main::in_mcp());
my $response = main::ping($token);
is($response->{status}, 503);
like($response->{headers}{'retry-after'}, qr/^\d+$/, 'comes again');
is(main::of_all_workers($token), '503', 'everywhere');
is(main::logged('none.json cannot be read: No such file or directory; access tokens get 503 until it is mended'), 2, 'one line a worker');
is(main::ping()->{status}, 401, 'who has no token is told the way all the same');
(my $none = $::jwks) =~ s/jwks\.json/none.json/;
Issuer::publish($none, 'rsa');
is(main::of_all_workers($token), '200', 'there they are');
--- error_log
none.json



=== TEST 18: no issuer: no metadata, whatever is asked
--- config
    lookout_auth on;
    location = /mcp { lookout_mcp; }
    location /.well-known/oauth-protected-resource { lookout_oauth_metadata; }
--- error_code: 404
--- response_body_like: "code":404,"message":"Not found: no OAuth issuer is set for this address
--- also
is($main::agent->head("$url/.well-known/oauth-protected-resource/mcp")->{status}, 404, 'HEAD');
is($main::agent->get("$url/.well-known/oauth-protected-resource/mcp")->{status}, 404, 'with the path');
is(main::ping(Lookout::token(time + 100))->{status}, 200, 'its own tokens are good');



=== TEST 19: a scoped server's second factor is a token of the issuer
--- config eval
my $root = main::server_root();
$::config . "    lookout_state $root/state;
    lookout_admin_key_file $root/admin.key;
    location = /servers { lookout_servers; }
    location /mcp/ { lookout_mcp scoped; }
"
--- also
open my $in, '<', server_root() . '/admin.key' or die $!;
chomp(my $admin = <$in>);
my $server = sub {
    my ($second) = @_;
    my $made = $main::agent->post("$url/servers", {
        headers => { Authorization => "Bearer $admin", 'Content-Type' => 'application/json' },
        content => qq({"name":"s","config":{"methods":["read"]},"require_api_token_auth":$second}),
    });
    return $made->{content} =~ m{"url":"https://bi\.example\.com(/mcp/[^"]+)"} ? $1 : die "$made->{status} $made->{content}";
};
my ($one, $two) = map { $server->($_) } qw(false true);
is(main::ping(undef, $one)->{status}, 200, 'the address alone');
my $response = main::ping(undef, $two);
is("$response->{status} $response->{headers}{'www-authenticate'}", '401 Bearer resource_metadata="https://bi.example.com/.well-known/oauth-protected-resource/mcp"', 'not enough: the way to the issuer');
unlike($response->{content}, qr/\Q$two\E/, 'the address is not told again');
is(main::ping(Issuer::token('rsa', main::in_mcp()), $two)->{status}, 200, 'with a token of the issuer');
is(main::ping(Issuer::token('rsa', { aud => 'urn:reports' }), $two)->{status}, 401, 'one for another endpoint');
is(main::ping(Lookout::token(time + 100), $two)->{status}, 401, 'one of this server');
is(main::ping(Issuer::token('rsa', main::in_mcp()), '/mcp/' . 'x' x 43)->{status}, 401, 'a token opens no other address');



=== TEST 20: an issuer on this machine, paths that have to be escaped, a public URL with a path
--- config eval
qq(    lookout_public_url http://localhost:8080/bi;
    lookout_auth on;
    lookout_oauth_issuer http://localhost:9000;
    lookout_oauth_jwks $::jwks;
    location = "/the mcp" { lookout_mcp; }
    location ~ /any { lookout_mcp; }
    location "/.well-known/oauth-protected-resource/the mcp" { lookout_oauth_metadata; }
)
--- request
GET /.well-known/oauth-protected-resource/the%20mcp
--- response_body_like: ^\{"resource":"http://localhost:8080/bi/the%20mcp","authorization_servers":\["http://localhost:9000"\],
--- also
is(main::ping(undef, '/anything')->{headers}{'www-authenticate'}, main::ping(undef, '/the%20mcp')->{headers}{'www-authenticate'}, 'a pattern stands for the endpoint with a path');
is(main::ping(undef, '/the%20mcp')->{headers}{'www-authenticate'}, 'Bearer resource_metadata="http://localhost:8080/.well-known/oauth-protected-resource/bi/the%20mcp"', 'between the host and the path');



=== TEST 21: an issuer without keys
--- config eval
main::with('lookout_oauth_issuer https://issuer.example', 'lookout_public_url https://bi.example.com')
--- must_die
--- error_log
location "/mcp" has "lookout_oauth_issuer" but no "lookout_oauth_jwks": name the file with the issuer's keys



=== TEST 22: without the address that tokens are made for
--- config eval
main::with('lookout_oauth_issuer https://issuer.example', "lookout_oauth_jwks $::jwks")
--- must_die
--- error_log
location "/mcp" has "lookout_oauth_issuer" but no "lookout_public_url" that fits



=== TEST 23: with one that no header could carry
--- config eval
main::with('lookout_oauth_issuer https://issuer.example', "lookout_oauth_jwks $::jwks", q(lookout_public_url 'https://bi"example.com'))
--- must_die
--- error_log
has "lookout_oauth_issuer" but no "lookout_public_url" that fits



=== TEST 24: keys without an issuer
--- config eval
main::with("lookout_oauth_jwks $::jwks", 'lookout_public_url https://bi.example.com')
--- must_die
--- error_log
location "/mcp" has other "lookout_oauth_..." directives but no "lookout_oauth_issuer": name the issuer, or write off



=== TEST 25: scopes without an issuer
--- config eval
main::with('lookout_oauth_scope read')
--- must_die
--- error_log
directives but no "lookout_oauth_issuer"



=== TEST 26: an issuer in plain HTTP
--- config eval
main::with('lookout_oauth_issuer http://issuer.example')
--- must_die
--- error_log
invalid issuer "http://issuer.example" in "lookout_oauth_issuer": write the issuer's URL exactly as its tokens have it



=== TEST 27: one that only begins like this machine
--- config eval
main::with('lookout_oauth_issuer http://localhost.example')
--- must_die
--- error_log
invalid issuer "http://localhost.example"



=== TEST 28: an issuer with a query
--- config eval
main::with('lookout_oauth_issuer https://issuer.example/?x=1')
--- must_die
--- error_log
invalid issuer "https://issuer.example/?x=1"



=== TEST 29: no host
--- config eval
main::with('lookout_oauth_issuer https:///x')
--- must_die
--- error_log
invalid issuer "https:///x"



=== TEST 30: two issuers
--- config eval
main::with('lookout_oauth_issuer https://a.example', 'lookout_oauth_issuer https://b.example')
--- must_die
--- error_log
"lookout_oauth_issuer" directive is duplicate



=== TEST 31: two scopes as one
--- config eval
main::with('lookout_oauth_scope "a b"')
--- must_die
--- error_log
invalid scope "a b" in "lookout_oauth_scope"



=== TEST 32: an empty audience
--- config eval
main::with('lookout_oauth_audience ""')
--- must_die
--- error_log
invalid audience "" in "lookout_oauth_audience"



=== TEST 33: keys that are not there keep nothing from starting; nginx -t says it
--- config eval
main::with('lookout_oauth_issuer https://issuer.example', 'lookout_public_url https://bi.example.com', 'lookout_oauth_jwks /nonexistent/jwks.json') . '    location /.well-known/oauth-protected-resource { lookout_oauth_metadata; }'
--- error_code: 200
--- also
like(main::tested(), qr{\[warn\].*lookout: /nonexistent/jwks\.json cannot be read: No such file or directory.*test is successful}s);
--- error_log
/nonexistent/jwks.json cannot be read: No such file or directory; access tokens get 503 until it is mended



=== TEST 34: good ones are not spoken of
--- config eval
main::with('lookout_oauth_issuer https://issuer.example', 'lookout_public_url https://bi.example.com', "lookout_oauth_jwks $::jwks") . '    location /.well-known/oauth-protected-resource { lookout_oauth_metadata; }'
--- error_code: 200
--- also
unlike(main::tested(), qr/warn/);
like(main::tested(), qr/test is successful/);
