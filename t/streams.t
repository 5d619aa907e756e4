# What a client hears before its answer, and what becomes of work that nobody waits for any more:
# comments on a silent stream, jobs that go on by themselves, cancellation in both eras.

use lib 't';
use Lookout;
use Agent;
use Files;
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use Test::Nginx::Socket 'no_plan';
use Time::HiRes qw(sleep);

# A query that runs until its time limit, never the same twice.
our $source = Lookout::id('datasource', 'Product Usage');
my $n = 0;

sub endless {
    my ($id, %meta) = @_;

    $n++;
    my $meta = %meta ? ',"_meta":' . JSON::PP->new->encode(\%meta) : '';
    return qq({"jsonrpc":"2.0","id":$id,"method":"tools/call","params":{"name":"query_datasource","arguments":{)
      . qq("datasourceId":"$source","sql":"WITH RECURSIVE c(n) AS (SELECT $n UNION ALL SELECT n + 1 FROM c) SELECT COUNT(*) AS n FROM c"}$meta}});
}

our %modern = ('io.modelcontextprotocol/protocolVersion' => '2026-07-28',
              'io.modelcontextprotocol/clientCapabilities' => {});

# Sends a message and leaves the connection open; gives the socket.
sub send_off {
    my ($body, %headers) = @_;

    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => server_port(), Timeout => 5)
        or die "no connection: $!\n";
    %headers = ('Content-Type' => 'application/json', 'Content-Length' => length $body, Host => 'localhost',
                Connection => 'close', %headers);
    print {$socket} "POST /mcp HTTP/1.1\r\n", map({ "$_: $headers{$_}\r\n" } sort keys %headers), "\r\n", $body;
    return $socket;
}

sub all_of {
    my ($socket) = @_;

    local $/;
    return scalar <$socket>;
}

# Posts, and gives the whole response.
sub said { return all_of(send_off(@_)) }

Lookout::defaults();
workers(1);
master_on();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: silence is broken by comments, and the answer comes as the last event
--- config
    location = /mcp { lookout_mcp; lookout_stream_keepalive 300ms; lookout_query_timeout 1500ms; }
--- rpc: ping
--- also
my $text = main::said(main::endless(7), Accept => 'application/json, text/event-stream');
like($text, qr{^Content-Type: text/event-stream\r$}m, 'a stream');
like($text, qr{^X-Accel-Buffering: no\r$}m, 'that no proxy collects');
cmp_ok(scalar(() = $text =~ /^: still at work$/mg), '>=', 2, 'comments');
my @events = $text =~ /^data: (.*)$/mg;
is(scalar @events, 1, 'one event');
my $answer = JSON::PP->new->decode($events[0]);
is($answer->{id}, 7, 'with the answer');
is(JSON::PP->new->decode($answer->{result}{content}[0]{text})->{error}{code}, 'QUERY_TIMEOUT', 'which is what it would have been');
--- timeout: 10



=== TEST 2: a client that takes JSON alone waits in silence
--- config
    location = /mcp { lookout_mcp; lookout_stream_keepalive 100ms; lookout_query_timeout 800ms; }
--- rpc: ping
--- also
my $text = main::said(main::endless(8), Accept => 'application/json');
like($text, qr{^Content-Type: application/json\r$}m, 'JSON');
unlike($text, qr{still at work}, 'no comment');
--- timeout: 10



=== TEST 3: legacy: notifications/cancelled ends the work of the same caller
--- config
    location = /mcp { lookout_mcp; lookout_query_timeout 20s; }
--- rpc: ping
--- also
my $waiting = main::send_off(main::endless(11));
my $other = main::send_off(main::endless(12));
sleep 0.3;
like(main::said('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":11,"reason":"the user left"}}'),
     qr{^HTTP/1.1 202 }, 'accepted');
my $text = main::all_of($waiting);
like($text, qr/The call was cancelled before it was done/, 'it ends, and not at its time limit');
ok(!IO::Select->new($other)->can_read(0.2), 'a request of another id goes on');
main::said('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":12}}');
like(main::all_of($other), qr/cancelled/, 'until it is cancelled too');
--- timeout: 30



=== TEST 4: an id that two requests have, and one that is not the same, cancel nothing
--- config
    location = /mcp { lookout_mcp; lookout_query_timeout 2s; }
--- rpc: ping
--- also
my @waiting = (main::send_off(main::endless(5)), main::send_off(main::endless(5)));
sleep 0.3;
main::said(qq({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":$_}})) for qw(5 "5" 6 null {});
main::said('{"jsonrpc":"2.0","method":"notifications/cancelled"}');
like(main::all_of($_), qr/QUERY_TIMEOUT/, 'runs to its limit') for @waiting;
--- timeout: 20



=== TEST 5: nobody cancels another caller's request
--- config
    location = /mcp { lookout_mcp; lookout_query_timeout 2s; lookout_auth on; }
    location = /token { lookout_token; }
--- request
GET /token
--- also
my ($mine, $theirs) = map { `curl -s $url/token` =~ /"token":"([^"]+)"/ } 1 .. 2;
my $waiting = main::send_off(main::endless(21), Authorization => "Bearer $mine");
sleep 0.3;
like(main::said('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":21}}', Authorization => "Bearer $theirs"),
     qr{^HTTP/1.1 202 }, 'accepted, as any notification');
like(main::all_of($waiting), qr/QUERY_TIMEOUT/, 'without effect');

$waiting = main::send_off(main::endless(21), Authorization => "Bearer $mine");
sleep 0.3;
main::said('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":21}}', Authorization => "Bearer $mine");
like(main::all_of($waiting), qr/cancelled/, 'but by its own caller it is');
--- timeout: 20



=== TEST 6: modern: closing the connection is the cancellation
--- main_config
    thread_pool lookout threads=1 max_queue=16;
--- config
    location = /mcp { lookout_mcp; lookout_query_timeout 20s; }
--- rpc: ping
--- also
my $left = main::send_off(main::endless(31, %main::modern), 'MCP-Protocol-Version' => '2026-07-28', 'Mcp-Method' => 'tools/call',
                          'Mcp-Name' => 'query_datasource', 'Mcp-Param-DatasourceId' => $main::source);
sleep 0.3;
close $left;
my $next = main::send_off(qq({"jsonrpc":"2.0","id":33,"method":"tools/call","params":{"name":"query_datasource","arguments":{"datasourceId":"$main::source","sql":"SELECT COUNT(*) AS n FROM data"}}}));
ok(IO::Select->new($next)->can_read(10), 'the only thread is free before the time limit of the one that left');
like(main::all_of($next), qr/100000/, 'and serves the next one');
--- timeout: 30



=== TEST 7: legacy: what a batch has left is not begun when its client is gone
--- main_config
    thread_pool lookout threads=1 max_queue=16;
--- config
    location = /mcp { lookout_mcp; lookout_query_timeout 3s; }
    location = /metrics { lookout_metrics; }
--- rpc: ping
--- also
my $counted = sub { `curl -s $url/metrics` =~ /^lookout_calls_total\{tool="query_datasource"\} (\d+)/m ? $1 : 0 };
my $before = $counted->();
my $left = main::send_off('[' . join(',', map { main::endless($_) } 41 .. 60) . ']');
sleep 0.3;
close $left;
for (1 .. 100) { last if $counted->() > $before; sleep 0.1; }
is($counted->() - $before, 1, 'the one that ran, and none of the nineteen behind it');
my $next = main::send_off(qq({"jsonrpc":"2.0","id":61,"method":"tools/call","params":{"name":"query_datasource","arguments":{"datasourceId":"$main::source","sql":"SELECT COUNT(*) AS n FROM data"}}}));
ok(IO::Select->new($next)->can_read(10), 'the only thread is free');
like(main::all_of($next), qr/100000/, 'and serves the next one');
--- timeout: 30



=== TEST 8: a stream that has begun ends with what a client is told that need not wait
--- main_config
    thread_pool lookout threads=1 max_queue=16;
--- config
    location = /mcp { lookout_mcp; lookout_stream_keepalive 300ms; lookout_query_timeout 2s; }
--- rpc: ping
--- also
my $view = Lookout::id(view => 'All sessions');
my $declared = { extensions => { 'io.modelcontextprotocol/tasks' => {} } };
my %era = (
    legacy => { meta => {} },
    modern => { meta => { %main::modern, 'io.modelcontextprotocol/clientCapabilities' => $declared },
                headers => { 'MCP-Protocol-Version' => '2026-07-28', 'Mcp-Method' => 'tools/call', 'Mcp-Name' => 'export_view_csv',
                             'Mcp-Param-ViewId' => $view } },
);
slow_jobs('running');
for my $era (sort keys %era) {
    my $busy = main::send_off(main::endless(71));
    my $call = { name => 'export_view_csv', _meta => $era{$era}{meta}, arguments => {
        viewId => $view, filterOverrides => [{ field => 'duration_minutes', op => 'gt', value => $era eq 'modern' ? -3 : -4 }] } };
    my $text = main::said(JSON::PP->new->encode({ jsonrpc => '2.0', id => 72, method => 'tools/call', params => $call }),
                          %{ $era{$era}{headers} // {} }, Accept => 'application/json, text/event-stream');
    main::all_of($busy);
    like($text, qr/^: still at work$/m, "$era: comments while it waits for a thread");
    my @events = $text =~ /^data: (.*)$/mg;
    is(scalar @events, 1, 'then one event');
    my $answer = JSON::PP->new->decode($events[0]);
    is($answer->{id}, 72, 'with the answer');
    my $result = $answer->{result};
    if ($era eq 'modern') {
        is("$result->{resultType} $result->{status}", 'task working', 'the task, at work');
    } else {
        my $job = JSON::PP->new->decode($result->{content}[0]{text});
        is($job->{status}, 'running', 'the job, at work');
        slow_jobs('none');
        $job = ask(get_job => { jobId => $job->{jobId} }) while $job->{status} eq 'running' && select(undef, undef, undef, 0.1) == 0;
        is($job->{status}, 'completed', 'which comes to its end alone');
        slow_jobs('running');
    }
}
slow_jobs('none');
--- timeout: 40
