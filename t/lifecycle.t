# What an operator's configuration and its clients do to a request on its way: conditions inside
# locations, error pages, subrequests, reloads that fail, clients that leave at once.

use lib 't';
use Lookout;
use Agent;
use Files;
use IO::Socket::INET;
use Time::HiRes qw(sleep time);
use Test::Nginx::Socket 'no_plan';

our $key  = own_catalogue() . '/lookout.key';
our $view = Lookout::id(view => 'Deals by stage');
our $curl = "curl -s -H 'Content-Type: application/json'";
our $ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

sub slurp {
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!\n";
    local $/;
    return scalar <$in>;
}

sub master {
    return slurp(server_root() . '/logs/nginx.pid') =~ s/\s//gr;
}

sub workers_now {
    my $master = master();
    return split ' ', slurp("/proc/$master/task/$master/children");
}

# Waits until the condition holds; how long that took, or undef after five seconds.
sub wait_until {
    my ($holds) = @_;
    my $start = time;
    while (time - $start < 5) {
        return time - $start if $holds->();
        sleep 0.02;
    }
    return;
}

# A query that runs into its time limit, never the same twice.
our $heavies = 0;

sub heavy {
    $heavies++;
    my $id = Lookout::id(datasource => 'Product Usage');
    return qq({"datasourceId":"$id","sql":"WITH RECURSIVE c(n) AS (SELECT $heavies UNION ALL SELECT n + 1 FROM c) SELECT COUNT(*) AS n FROM c"});
}

# The link of a render, asked for at that address, and the name in the request's Host.
sub link_at {
    my ($url, @more) = @_;
    my $call = Lookout::message('tools/call', qq({"name":"create_view_render","arguments":{"viewId":"$view","format":"svg","inline":"none"}}));
    my ($link) = `$curl @more -d '$call' $url` =~ /"fileUrl":(null|"[^"]+")/;
    return $link;
}

master_on();
workers(1);
Lookout::defaults();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: an if inside a location is still that location
--- config
    location = /mcp { lookout_mcp; if ($request_method = POST) { set $seen 1; } }
    location = /token { lookout_token; if ($request_method = GET) { set $seen 1; } }
    location = /manifest.json { lookout_manifest; if ($request_method = GET) { set $seen 1; } }
    location /files/ { lookout_files; if ($request_method = GET) { set $seen 1; } }
--- rpc: ping
--- response_body chomp
{"jsonrpc":"2.0","id":1,"result":{}}
--- also
is(`curl -s -o /dev/null -w '%{http_code}' $url/$_->[0]`, $_->[1], $_->[0]) for ['token', 200], ['manifest.json', 200], ['files/1.x/y', 403];
like(link_at("$url/mcp"), qr{^"http://127}, 'a tool call');
--- no_error_log
[alert]



=== TEST 2: so is a limit_except
--- config
    location = /mcp { lookout_mcp; limit_except GET { allow all; } }
--- rpc: ping
--- response_body chomp
{"jsonrpc":"2.0","id":1,"result":{}}



=== TEST 3: nothing of the address comes back unescaped
--- config
    location = /mcp { lookout_mcp; }
    location /files/ { lookout_files; }
--- request
GET /files/%3Cscript%3Ealert(1)%3C/script%3E
--- more_headers
Accept: text/html
Host: a"<b>&c
--- error_code: 403
--- response_body_like: lookout http://a&quot;&lt;b&gt;&amp;c/mcp \\
--- also
unlike($body, qr/script|<b>/, 'as it is not text of ours');



=== TEST 4: the page says nothing of an endpoint where there is none
--- config
    location /files/ { lookout_files; }
--- request
GET /files/x
--- more_headers
Accept: text/html
--- error_code: 403
--- response_body_unlike: claude mcp add



=== TEST 5: error_page that hides the status is told to the operator
--- config
    location = /mcp { lookout_mcp; client_max_body_size 10; error_page 413 = @error; }
    location @error { lookout_error_page; }
--- rpc: ping
--- error_code: 404
--- error_log
no status came with the request to "@error": write error_page without "="



=== TEST 6: an error page within a subrequest does not end the response
--- config
    location = /page.html { add_before_body /refused; }
    location = /refused { error_page 403 @error; return 403; }
    location @error { lookout_error_page; }
--- user_files
>>> page.html
and the rest
--- request
GET /page.html
--- response_body_like: "code":403.*and the rest



=== TEST 7: a reload with a broken key changes nothing
--- config eval: qq(location = /mcp { lookout_mcp; lookout_key_file $::key; })
--- rpc: ping
--- error_log
does not hold 64 hexadecimal digits
--- also
my ($master, @workers) = (main::master(), main::workers_now());
open my $out, '>', $main::key or die $!;
print {$out} "nonsense\n";
close $out;
kill HUP => $master;
ok(defined main::wait_until(sub { main::slurp(server_root() . '/logs/error.log') =~ /does not hold/ }), 'it is said');
sleep 0.2;
is(join(' ', $master, @workers), join(' ', main::master(), main::workers_now()), 'the same master and worker');
like(`$main::curl -d '$main::ping' $url/mcp`, qr/"result":\{\}/, 'answer');
unlink $main::key or die $!;



=== TEST 8: each server's links and hints are its own
--- http_config
    server {
        listen $TEST_NGINX_SERVER_PORT;
        server_name other;
        location = /api/mcp { lookout_mcp; lookout_auth on; }
        location = /open { lookout_mcp; }
        location = /api/token { lookout_token; }
        location /api/files/ { lookout_files; }
    }
    server {
        listen $TEST_NGINX_SERVER_PORT;
        server_name none;
        location = /mcp { lookout_mcp; }
        location = /closed { lookout_mcp; lookout_auth on; }
        location = /told { lookout_mcp; lookout_public_url https://bi.example.com; }
    }
--- rpc: ping
--- also
like(link_at("$url/mcp", '-H Host:localhost'), qr{^"http://localhost/files/}, 'a link of the first');
like(link_at("$url/open", '-H Host:other'), qr{^"http://other/api/files/}, 'a link of the second');
is(link_at("$url/mcp", '-H Host:none'), 'null', 'a server without files gives none');
like(link_at("$url/told", '-H Host:none'), qr{^"https://bi\.example\.com/api/files/}, 'but where it is told how it is reached');
like(link_at("$url/open", '-0 -H Host:'), qr{^"http://other/api/files/}, 'with no name in the request');
like(`$main::curl -H Host:other -d '$main::ping' $url/api/mcp`, qr{GET /api/token mints one}, 'the way to a token');
like(`$main::curl -H Host:none -d '$main::ping' $url/closed`, qr{ask the operator for one}, 'and none where there is none');



=== TEST 9: files need a plain prefix
--- config
    location ~ /files/ { lookout_files; }
--- must_die
--- error_log
needs a location that is a prefix and ends in a slash



=== TEST 10: a page of another origin may ask for a part of a file
--- request
OPTIONS /files/1.x/y
--- more_headers
Origin: https://app.example.com
Access-Control-Request-Method: GET
Access-Control-Request-Headers: range
--- error_code: 204
--- response_headers
Access-Control-Allow-Origin: *
Access-Control-Allow-Headers: range



=== TEST 11: caches tell origins apart
--- http_config
    lookout_allow_origin https://app.example.com;
--- config
    location = /manifest.json { lookout_manifest; }
--- request
GET /manifest.json
--- response_headers
Vary: Origin
! Access-Control-Allow-Origin



=== TEST 12: a client that left before nginx looked is noticed, and named in the log
--- main_config
    thread_pool lookout threads=1;
--- http_config
    log_format left '$status $lookout_method $lookout_tool';
--- config
    access_log logs/left.log left;
    location = /mcp { lookout_mcp; }
--- rpc: ping
--- also
my ($worker) = main::workers_now();
my $args = main::heavy();
my $message = Lookout::message('tools/call', qq({"name":"query_datasource","arguments":$args,"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}));
my $client = IO::Socket::INET->new(PeerAddr => $url =~ s{http://}{}r) or die $!;
kill STOP => $worker;
print {$client} "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nMCP-Protocol-Version: 2026-07-28\r\n"
  . "Mcp-Method: tools/call\r\nMcp-Name: query_datasource\r\n" . Lookout::mirrors($args) . 'Content-Length: ' . length($message) . "\r\n\r\n$message";
close $client;
kill CONT => $worker;
my $log = server_root() . '/logs/left.log';
my $took = main::wait_until(sub { main::slurp($log) =~ /^499/m });
ok(defined $took && $took < 2, 'at once, not after the query');
like(main::slurp($log), qr{^499 tools/call query_datasource$}m, 'what it had asked for');



=== TEST 13: progress only for who takes a stream
--- call: list_views {}
--- timeout: 20
--- also
my $long = Lookout::id(view => 'All sessions');
ask(create_view_render => { viewId => $main::view, inline => 'none' });
slow_jobs('done');
my $type = sub {
    my ($accept, $n) = @_;
    my $call = qq({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"export_view_csv","arguments":{"viewId":"$long","filterOverrides":[{"field":"duration_minutes","op":"gt","value":-$n}]},"_meta":{"progressToken":1}}});
    return `$main::curl -o /dev/null -w '%{content_type}' -H 'Accept: $accept' -d '$call' $url/mcp`;
};
is($type->('application/json, text/event-stream', 21), 'text/event-stream', 'a stream');
is($type->('application/json', 22), 'application/json', 'none');
slow_jobs('none');



=== TEST 14: work for clients that were sent away does not keep a worker
--- main_config
    thread_pool lookout threads=1;
    worker_shutdown_timeout 300ms;
--- config
    location = /mcp { lookout_mcp; lookout_query_timeout 10s; }
--- rpc: ping
--- timeout: 20
--- also
my ($worker) = main::workers_now();
my $call = Lookout::message('tools/call', '{"name":"query_datasource","arguments":' . main::heavy() . '}');
open my $waiting, '-|', "$main::curl -d '$call' $url/mcp" or die $!;
sleep 0.3;
kill HUP => main::master();
my $took = main::wait_until(sub { !-e "/proc/$worker" });
ok(defined $took && $took < 3, 'it is gone');
close $waiting;
