# Who has no address of a scoped server, or part of one, gets in nowhere; and whatever is sent, no
# log has a token in it.

use lib 't';
use IO::Socket::INET;
use JSON::PP ();
use Lookout;
use Scoped;
use Test::Nginx::Socket 'no_plan';
use Time::HiRes qw(sleep);

our $ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
our (%secrets, @logs);

$Lookout::http .= <<'END';
    log_format all '$remote_addr "$request" $status "$http_referer" $request_uri $uri $args $lookout_caller $lookout_scope $lookout_method';
    access_log logs/all.log all;
    limit_req_zone $lookout_scope zone=few:1m rate=1r/m;
END
$Lookout::config = $Scoped::config . <<'END';
    location /limited/ {
        lookout_mcp scoped;
        limit_req zone=few;
        limit_req_status 429;
        error_page 413 429 @mcp_error;
    }
    location /small/ {
        lookout_mcp scoped;
        client_max_body_size 10;
        error_page 413 429 @mcp_error;
    }
    location @mcp_error { lookout_error_page rate=1r/m; }
END

# Sends bytes as they are: all that comes back, until the server closes.
sub raw {
    my ($bytes) = @_;

    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => server_port(), Timeout => 5) or die;
    local $SIG{PIPE} = 'IGNORE';
    print {$socket} $bytes;
    my $answer = '';
    local $SIG{ALRM} = sub { die "no end of the answer to $bytes\n" };
    alarm 5;
    while (sysread $socket, my $part, 65536) { $answer .= $part }
    alarm 0;
    return $answer;
}

sub request {
    my ($path, %with) = @_;

    my $method = $with{method} // 'POST';
    my $headers = join '', map { "$_\r\n" } @{ $with{headers} // [] };
    return "$method $path HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
      . length($main::ping) . "\r\nConnection: " . ($with{connection} // 'close') . "\r\n$headers\r\n$main::ping";
}

sub status {
    my ($answer) = raw(request(@_)) =~ m{^HTTP/1.1 (\d+)};
    return $answer // 0;
}

sub token_of { return $_[0]{url} =~ m{/mcp/(.+)$} ? $1 : die }

# What may be nowhere in a log: whole, or a good part of it.
sub secret {
    my ($what, $text) = @_;
    $secrets{$what} = $text;
    return $text;
}

# All that nginx wrote below the server's root, but for the store.
sub leaks {
    my @files = split /\0/, `find '@{[server_root()]}' -type f -print0`;
    my @found;
    for my $file (@files) {
        my $text = slurp($file);
        for my $what (sort keys %secrets) {
            my $tail = substr $secrets{$what}, 4, 16;
            push @found, "$what in $file: " . ($text =~ /([^\n]*\Q$tail\E[^\n]*)/i)[0] if $text =~ /\Q$tail\E/i;
        }
    }
    return join "\n", @found;
}

log_level('info');
master_on();
workers(2);
Lookout::defaults();
add_response_body_check(sub {
    my ($block) = @_;

    sleep 0.2;    # the last lines are written
    my $log = slurp(main::server_root() . '/logs/all.log');
    like($log, qr/\*{30}/, $block->name . ' - asterisks in the access log');
    is(leaks(), '', $block->name . ' - and no secret, nor in any other file');
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: tokens that are none
--- request
GET /mcp/
--- error_code: 405
--- also
my ($one, $two) = (made(name => 'one'), made(name => 'two'));
my ($a, $b) = map { main::secret("token $_->{name}", main::token_of($_)) } $one, $two;
is(main::status("/mcp/$a"), 200, 'a good one');
is(main::status("/mcp/$a?x=y"), 200, 'with a query');
is(main::status("/mcp/$a?"), 200, 'with an empty one');
is(main::status("http://localhost/mcp/$a"), 200, 'in absolute form');
my %forged = (
    'truncated' => substr($a, 0, -1), 'half' => substr($a, 0, 20), 'prefix' => 'lks_', 'empty' => '', 'extended' => $a . 'A', 'doubled' => $a . $a,
    'swapped halves' => substr($a, 0, 20) . substr($b, 20), 'upper' => uc $a, 'lower' => lc $a, 'without prefix' => substr($a, 4),
    'other prefix' => 'lk_' . substr($a, 4), 'id' => $one->{id}, 'bearer' => Lookout::token(time + 60), 'admin' => main::secret('admin key', admin_key()),
    'last changed' => ($a =~ s/(.)$/$1 eq 'A' ? 'B' : 'A'/er), 'padded' => "$a=", 'plus' => "$a+", 'all A' => 'lks_' . 'A' x 32, 'long' => 'lks_' . 'A' x 4000,
    'closing slash' => "$a/", 'part below' => "$a/x", 'two' => "$a/$b", 'parameters' => "$a;v=1", 'encoded first' => '%6cks_' . substr($a, 4),
    'encoded last' => substr($a, 0, -1) . sprintf('%%%02X', ord substr $a, -1), 'encoded slash' => "$a%2f", 'encoded newline' => "$a%0a",
    'doubled slash' => "/$a", 'dot' => "./$a", 'dots' => "x/../$a", 'other dots' => "$a/../$a", 'closing dot' => "$a/.", 'encoded dots' => "x/%2e%2e/$a",
    'tab' => "$a%09",
);
for my $how (sort keys %forged) {
    is(main::status("/mcp/$forged{$how}"), 401, $how);
}
is(main::status($_), 404, $_) for "/MCP/$a", "/%4dCP/$a", "/mcp%2f%2f/../x/$a", "/x/mcp/$a";
like(main::status($_), qr/^(400|401)$/, $_) for "/mcp/$a%00", "//mcp/$a", "/./mcp/$a", "/x/../mcp/$a", "/mcp%2f$a", "/%6dcp/$a", "/mcp/\x00$a", "/mcp/$a\x00", "/mcp/$a\x7f", "/mcp/ $a";
is(main::status("/mcp/$a#x"), 401, 'with a fragment');



=== TEST 2: a token in the wrong place
--- request
GET /mcp/
--- error_code: 405
--- also
my $token = main::secret('token misplaced', main::token_of(made(name => 'misplaced')));
my $bearer = main::secret('bearer', Lookout::token(time + 60));
is(main::status('/mcp', headers => ["Authorization: Bearer $token"]), 401, 'as a bearer token');
is(main::status("/mcp?token=$token"), 401, 'in the query');
is(main::status("/mcp?access_token=$bearer"), 401, 'a bearer token in the query');
is(main::status("/mcp/?$token"), 401, 'as the query');
is(main::status('/mcp/', headers => ["Authorization: Bearer $token"]), 401, 'beside an empty path');
is(main::status("/mcp/$bearer"), 401, 'a bearer token as the path');
is(main::status('/servers', method => 'GET', headers => ["Authorization: Bearer $token"]), 401, 'at the admin address');
is(main::status("/servers/$token", method => 'GET', headers => ['Authorization: Bearer ' . admin_key()]), 404, 'as an id there');
is(main::status('/mcp', headers => ['Authorization: Bearer ' . admin_key()]), 401, 'the admin key at the endpoint');
is(main::status('/nowhere', method => 'GET', headers => ["Referer: http://localhost/mcp/$token"]), 404, 'in a Referer');
is(main::status("/nowhere/$token", method => 'GET'), 404, 'somewhere else');
is(main::status('/nowhere/%6C%6b%73%5f' . substr($token, 4), method => 'GET'), 404, 'there, in another spelling');
is(main::status("/nowhere?to=http%3A%2F%2Flocalhost%2Fmcp%2F$token", method => 'GET'), 404, 'in an address within the address');
is(main::status("/nowhere?to=http%253a%252f%252flocalhost%252fmcp%252f$token%252fmanifest.json", method => 'GET'), 404, 'wrapped twice');
is(main::status('/nowhere', method => 'GET', headers => ["Referer: http://localhost/?a=%25252Fmcp%25252F$token"]), 404, 'three times, in a Referer');
like(main::raw(main::request('/nowhere?folks_and_their_very_long_names=1&%25folks_and_their_very_long_names', method => 'GET')), qr/^HTTP.1.1 404/, 'no token');
my $plain = qr/nowhere.folks_and_their_very_long_names=1&%25folks_and/;
for (1 .. 50) {    # a line is written when its request has ended, a moment after the answer
    last if slurp(main::server_root() . '/logs/all.log') =~ $plain;
    select undef, undef, undef, 0.1;
}
like(slurp(main::server_root() . '/logs/all.log'), $plain, 'is left alone');



=== TEST 3: unknown, revoked, rotated out and expired: the same bytes
--- request
GET /mcp/
--- error_code: 405
--- timeout: 10
--- also
use POSIX ();
my $brief = made(name => 'brief', expires_at => POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime time + 1));
my ($gone, $rotated) = (made(name => 'gone'), made(name => 'rotated'));
admin(DELETE => "/$gone->{id}");
admin(PATCH => "/$rotated->{id}", { rotate_token => JSON::PP::true() });
my $request = sub { main::raw(main::request('/mcp/' . $_[0])) =~ s/^Date: .*\r\n//mr };
my $unknown = $request->('lks_' . 'A' x 32);
like($unknown, qr{^HTTP/1.1 401 .*this address opens no server}s, 'unknown');
is($request->(main::token_of($gone)), $unknown, 'revoked');
is($request->(main::token_of($rotated)), $unknown, 'rotated out');
my $expired;
for (1 .. 60) {
    last if ($expired = $request->(main::token_of($brief))) !~ m{^HTTP/1.1 200};
    sleep 0.1;
}
is($expired, $unknown, 'expired');



=== TEST 4: requests that nginx itself refuses, pipelines, clients that leave
--- request
GET /mcp/
--- error_code: 405
--- timeout: 20
--- also
my $server = made(name => 'logged');
my $token = main::secret('token logged', main::token_of($server));
my $long = 'x' x 40000;
like(main::raw($_->[1]), $_->[2], $_->[0]) for
    ['no Host', "POST /mcp/$token HTTP/1.1\r\n\r\n", qr{^HTTP/1.1 400}],
    ['a broken header', "POST /mcp/$token HTTP/1.1\r\nHost: localhost\r\nA\x00b: c\r\n\r\n", qr{^HTTP/1.1 400}],
    ['a broken version', "POST /mcp/$token HTTP/1.x\r\n\r\n", qr{^HTTP/1.1 400}],
    ['a version to come', "POST /mcp/$token HTTP/9.1\r\n\r\n", qr{^HTTP/1.1 505}],
    ['a space', "POST /mcp/$token x HTTP/1.1\r\nHost: localhost\r\n\r\n", qr{^HTTP/1.1 400}],
    ['a method of no kind', "post /mcp/$token HTTP/1.1\r\nHost: localhost\r\n\r\n", qr{^HTTP/1.1 400}],
    ['a long line', "POST /mcp/$token?$long HTTP/1.1\r\n\r\n", qr{^HTTP/1.1 414}],
    ['a long header', "POST /mcp/$token HTTP/1.1\r\nHost: localhost\r\nA: $long\r\n\r\n", qr{^HTTP/1.1 400}],
    ['a bad length', "POST /mcp/$token HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", qr{^HTTP/1.1 400}],
    ['two hosts', "POST /mcp/$token HTTP/1.1\r\nHost: localhost\r\nHost: b\r\n\r\n", qr{^HTTP/1.1 400}],
    ['a large body', main::request("/small/$token"), qr{^HTTP/1.1 413 .*"code":413}s],
    ['a tunnel', "CONNECT /mcp/$token HTTP/1.1\r\nHost: localhost\r\n\r\n", qr{^HTTP/1.1 405}],
    ['TRACE', "TRACE /mcp/$token HTTP/1.1\r\nHost: localhost\r\n\r\n", qr{^HTTP/1.1 405}],
    ['HTTP/1.0', "POST /mcp/$token HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", qr{^HTTP/1.1 (?:200|400)}],
    ['a good one before a broken one', main::request("/mcp/$token", connection => 'keep-alive') . "POST /mcp/$token HTTP/1.1\r\nA\x00\r\n\r\n", qr{^HTTP/1.1 200 .*HTTP/1.1 400}s],
    ['many at once', main::request("/mcp/$token", connection => 'keep-alive') x 5 . main::request("/mcp/$token"), qr{(?:HTTP/1.1 200 .*?){6}}s];
is(main::status("/limited/$token"), 200, 'below the limit');
my $limited = main::raw(main::request("/limited/$token"));
like($limited, qr{^HTTP/1.1 429 .*\{"jsonrpc":"2.0","error":\{"code":429,}s, 'over it');
like($limited, qr{^\Q$_\E\r$}m, $_) for 'Retry-After: 60', 'ratelimit-limit: 1', 'ratelimit-remaining: 0', 'ratelimit-reset: 60';

for my $part ("POST /mcp/$token", "POST /mcp/$token HTTP/1.1\r\nHost: localhost\r\n", "POST /mcp/$token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{") {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => server_port()) or die;
    print {$socket} $part;
    sleep 0.1;
    close $socket;
}
my $html = main::raw(main::request("/mcp/$token", method => 'GET', headers => ['Accept: text/html']));
like($html, qr{^HTTP/1.1 405 .*<h1>This is an MCP server}s, 'a person gets a page');
unlike($html, qr/lks_/, 'without the token');



=== TEST 5: over HTTP/2
--- http2
--- request
GET /mcp/
--- error_code: 405
--- also
my $key = admin_key();
my ($token) = `curl -s --http2-prior-knowledge -H 'Authorization: Bearer $key' -d '{"name":"h2"}' $url/servers` =~ m{/mcp/(lks_[^"]+)};
main::secret('token h2', $token);
my $curl = "curl -s -o /dev/null -w '%{http_code}' --http2-prior-knowledge --path-as-is -H 'Content-Type: application/json'";
is(`$curl -d '$main::ping' $url/mcp/$token`, 200, 'a good one');
is(`$curl '$url$_'`, 405, $_) for "/mcp/$token", "/mcp//$token", "/mcp/./$token", "/mcp/$token/x", "/mcp/%6cks_" . substr $token, 4;
is(`$curl '$url$_'`, 404, $_) for "/x/$token", "/MCP/$token", "/x?$token";
is(`$curl -H 'Referer: $url/mcp/$token' $url/x`, 404, 'a Referer');
`$curl -H 'Host: a/b' '$url/mcp/$token'`;
`$curl -X 'A B' '$url/mcp/$token'`;
`$curl -d '$main::ping$main::ping' '$url/small/$token'`;
`$curl -d '$main::ping' '$url/limited/$token'` for 1, 2;

