# The audit trail: one line of JSON a message in nginx's own log; and the counters of /metrics, over
# all workers; and the pages for those who watch over servers.

use lib 't';
use Agent;
use JSON::PP ();
use Lookout;
use Test::Nginx::Socket 'no_plan';
use Time::HiRes qw(sleep);

Lookout::defaults();
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => q(    log_format lookout_audit escape=none '$lookout_audit';))
        if !defined $block->http_config;
    $block->set_value(config => <<"END") if !defined $block->config;
    location = /mcp {
        lookout_mcp;
        lookout_audit on;
        access_log logs/audit-$$.log lookout_audit if=\$lookout_audit;
    }
    location = /metrics { lookout_metrics; }
    location = /healthz { lookout_healthz; }
    location = /readyz { lookout_readyz; }
END
});

my $json = JSON::PP->new->utf8->canonical;
our $source = Lookout::id('datasource', 'Sales Pipeline');

# The lines of the audit trail, once there are `n` that match.
sub trail {
    my ($n, $pattern) = @_;

    my @lines;
    for (1 .. 50) {
        open my $in, '<', server_root() . "/logs/audit-$$.log" or return;
        @lines = grep { /$pattern/ } <$in>;
        last if @lines >= $n;
        sleep 0.1;
    }
    return map { $json->decode($_) } @lines;
}

sub send_message {
    my ($url, $body, @curl) = @_;

    open my $curl, '-|', 'curl', '-s', '-H', 'Content-Type: application/json', '--data-binary', $body, @curl, "$url/mcp" or die;
    local $/;
    return scalar <$curl>;
}

# The samples of /metrics: name{labels} => number.
sub samples {
    my ($url) = @_;

    my $text = `curl -s $url/metrics`;
    return { $text =~ /^([a-z_]+(?:\{[^}]*\})?) (\S+)$/mg };
}

workers(2);
master_on();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: a line for each message
--- rpc: ping
--- also
my $trace = '4bf92f3577b34da6a3ce929d0e0e4736';
my $args = qq({"datasourceId":"$main::source","sql":"SELECT stage FROM data","pageSize":3});
my $call = qq({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query_datasource","arguments":$args,"_meta":{"traceparent":"00-$trace-00f067aa0ba902b7-01"}}});
my $answer = main::send_message($url, $call);
main::send_message($url, $call) for 1 .. 4;    # some worker has it in its cache by now
main::send_message($url, '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_view","arguments":{"viewId":"vw_aaaaaaaaaaaaaaaaaaaaaa"}}}');
main::send_message($url, '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"no\\nsuch \\"tool\\""}}');
main::send_message($url, '{"jsonrpc":"2.0","id":1,"method":"what\\never"}');
main::send_message($url, '{"jsonrpc":"2.0","method":"notifications/initialized"}');
main::send_message($url, '[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_workbooks"}}]');

main::send_message($url, '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"lookout://runbook"}}');

my @lines = main::trail(12, '');
is(scalar @lines, 12, 'as many as there were messages that want an answer');
my ($ping, $first, @rest) = @lines;
is_deeply([@$ping{qw(method tool arguments error)}], ['ping', undef, undef, undef], 'a ping');
is_deeply([@$first{qw(method tool rows error cached detached trace caller scope)}],
          ['tools/call', 'query_datasource', 3, undef, JSON::PP::false, JSON::PP::false, $trace, undef, undef], 'a call');
require Digest::SHA;
is($first->{arguments}, substr(Digest::SHA::sha256_hex($args), 0, 32), 'a digest of its arguments, and not these');
is($first->{bytes}, length $answer, 'the bytes of its answer');
like($first->{time}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'when');
cmp_ok($first->{ms}, '>', 0, 'how long');
ok(scalar(grep { $_->{cached} } @rest), 'the cache is told of');
is_deeply([map { "$_->{method} " . ($_->{tool} // '-') . " $_->{error}" } grep { $_->{error} && $_->{method} } @rest],
          ['tools/call get_view VIEW_NOT_FOUND', 'tools/call - TOOL_NOT_FOUND'], 'errors, and no text of the client\'s');
is_deeply([map { $_->{error} } grep { !$_->{method} } @rest], ['-32601'], 'nor an unknown method');
is_deeply([map { $_->{method} } @rest[-3, -2]], ['ping', 'tools/call'], 'each of a batch');
is("$rest[-1]{tool} $rest[-1]{arguments}", 'runbook ' . substr(Digest::SHA::sha256_hex('"lookout://runbook"'), 0, 32), 'what was read');



=== TEST 2: a client that leaves, and one that is answered early
--- rpc: ping
--- also
my $slow = qq({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query_datasource","arguments":{"datasourceId":"$main::source","sql":"WITH RECURSIVE c(n) AS (SELECT 7 UNION ALL SELECT n + 1 FROM c) SELECT COUNT(*) AS n FROM c"}}});
main::send_message($url, $slow, '-m', '0.4');
my ($line) = main::trail(1, 'CLIENT_LEFT');
is($line->{tool}, 'query_datasource', 'is told of');
is_deeply($line->{rows}, undef, 'without rows');

my ($first, $second) = map { $slow =~ s/SELECT 7/SELECT 1$_/r } 1, 2;
my $counted = sub { main::samples($url)->{'lookout_calls_total{tool="query_datasource"}'} };
my $before = $counted->();
main::send_message($url, qq([$first,{"jsonrpc":"2.0","method":"notifications/initialized"},$second,{"jsonrpc":"2.0","id":3,"method":"ping"}]), '-m', '0.4');
(undef, my @batch) = main::trail(4, 'CLIENT_LEFT');
is_deeply([map { "$_->{method} " . ($_->{tool} // '-') } @batch], ['tools/call query_datasource', 'tools/call query_datasource', 'ping -'],
          'and each of a batch, done or not');
isnt($batch[0]{arguments}, $batch[1]{arguments}, 'with its own arguments');
for (1 .. 150) { last if $counted->() > $before; sleep 0.1; }
is($counted->(), $before + 1, 'of which is counted what was begun');
--- timeout: 20



=== TEST 3: what is read again comes from the result cache, in both eras
--- rpc: ping
--- also
my $uri = 'lookout://datasources/' . $main::source;
my $read = qq({"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"$uri"}});
my $meta = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';
my @modern = (qq({"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"$uri",$meta}}),
              map { ('-H', $_) } 'MCP-Protocol-Version: 2026-07-28', 'Mcp-Method: resources/read', "Mcp-Name: $uri");
my %legacy = map { (main::send_message($url, $read) => 1) } 1 .. 8;
my %later = map { (main::send_message($url, @modern) => 1) } 1 .. 8;
is(scalar(keys %legacy) . ' ' . scalar(keys %later), '1 1', 'each time the same');
my ($contents) = (keys %legacy)[0] =~ /("contents":\[\{.*\}\])\}\}$/s;
my ($modern) = keys %later;
ok(defined $contents && index($modern, "$contents,\"ttlMs\":10000,\"cacheScope\":\"private\",\"resultType\":\"complete\"") > 0,
   'and in the other era, with what that adds');
my @lines = main::trail(16, '"tool":"datasource"');
is(scalar @lines, 16, 'all told of');
cmp_ok(scalar(grep { $_->{cached} } @lines), '>=', 14, 'once a worker it is read');



=== TEST 4: off: no line
--- config
    location = /mcp { lookout_mcp; access_log logs/off.log lookout_audit if=$lookout_audit; }
--- rpc: ping
--- also
sleep 0.3;
is(-s main::server_root() . '/logs/off.log', 0, 'nothing is written');



=== TEST 5: the counters are of all workers
--- rpc: ping
--- also
my $before = main::samples($url);
my $call = qq({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_datasource","arguments":{"datasourceId":"$main::source"}}});
main::send_message($url, $call) for 1 .. 20;
main::send_message($url, '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_datasource","arguments":{}}}') for 1 .. 3;
`curl -s $url/mcp` for 1 .. 2;
my %grown;
my $after = main::samples($url);
$grown{$_} = $after->{$_} - ($before->{$_} // 0) for grep { /^lookout_.*(?:total|count|bucket)/ } keys %$after;
my $by = '{tool="get_datasource"}';
is($grown{"lookout_calls_total$by"}, 23, 'calls');
is($grown{'lookout_call_errors_total{tool="get_datasource",code="INVALID_INPUT"}'}, 3, 'errors by code');
cmp_ok($grown{"lookout_cache_hits_total$by"}, '>=', 17, 'cache hits');
is($grown{"lookout_call_duration_seconds_count$by"}, 23, 'durations');
is($grown{'lookout_call_duration_seconds_bucket{tool="get_datasource",le="+Inf"}'}, 23, 'in buckets that add up');
is($grown{'lookout_http_responses_total{status="405"}'}, 2, 'refusals by status');
is($after->{lookout_workers}, 2, 'two workers');
is($after->{lookout_thread_tasks}, 0, 'nothing in hand');
is(scalar(grep { /^lookout_calls_total\{/ } keys %$after), 12, 'a row for each tool');



=== TEST 6: what threads have in hand
--- rpc: ping
--- also
my $slow = qq({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query_datasource","arguments":{"datasourceId":"$main::source","sql":"WITH RECURSIVE c(n) AS (SELECT 8 UNION ALL SELECT n + 1 FROM c) SELECT COUNT(*) AS n FROM c"}}});
system(qq(curl -s -o /dev/null -H 'Content-Type: application/json' -d '$slow' $url/mcp &));
my $some = 0;
for (1 .. 30) { last if ($some = main::samples($url)->{lookout_thread_tasks}); sleep 0.1; }
is($some, 1, 'a task');
my $none = 1;
for (1 .. 100) { last if !($none = main::samples($url)->{lookout_thread_tasks}); sleep 0.1; }
is($none, 0, 'and none later');
--- timeout: 20



=== TEST 7: statuses are those of the access log, nginx's own among them, each request once
--- rpc: ping
--- also
my $slow = qq({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query_datasource","arguments":{"datasourceId":"$main::source","sql":"WITH RECURSIVE c(n) AS (SELECT 9 UNION ALL SELECT n + 1 FROM c) SELECT COUNT(*) AS n FROM c"}}});
my ($pages, %wanted) = (0, 200 => 1, 400 => 1, 404 => 0, 413 => 1, 499 => 1);
my $counted = sub { $pages++; my $all = main::samples($url); return { map { $_ => $all->{qq(lookout_http_responses_total{status="$_"})} // 0 } keys %wanted } };
my ($before, $grown) = ($counted->());
main::send_message($url, $slow, '-m', '0.4');
main::send_message($url, 'not JSON');
`head -c 31500000 /dev/zero | curl -s --data-binary \@- -H 'Content-Type: application/json' $url/mcp`;
`curl -s $url/healthz`;
`curl -s $url/nothing-of-ours`;
for (1 .. 50) {
    my $after = $counted->();
    $grown = { map { $_ => $after->{$_} - $before->{$_} } keys %wanted };
    last if $grown->{499};
    sleep 0.1;
}
is_deeply($grown, { %wanted, 200 => $wanted{200} + $pages - 1 }, 'all of them');
--- timeout: 20



=== TEST 8: workers that are killed while they shut down are not counted
--- rpc: ping
--- also
my $slow = qq({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query_datasource","arguments":{"datasourceId":"$main::source","sql":"WITH RECURSIVE c(n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM c) SELECT COUNT(*) AS n FROM c"}}});
open my $in, '<', main::server_root() . '/logs/nginx.pid' or die $!;
chomp(my $master = <$in>);
my $children = sub { return split ' ', `cat /proc/$master/task/$master/children` };
my %old = map { $_ => 1 } $children->();
my $left = sub { return grep { $old{$_} } $children->() };
is(main::samples($url)->{lookout_workers}, 2, 'two');
system(qq(curl -s -o /dev/null -H 'Content-Type: application/json' -d '$slow' $url/mcp &));
for (1 .. 50) { last if main::samples($url)->{lookout_thread_tasks}; sleep 0.05; }
kill HUP => $master;
for (1 .. 60) { last if grep { !$old{$_} } $children->(); sleep 0.05; }
cmp_ok(main::samples($url)->{lookout_workers}, '>', 2, 'and one of the old ones, which is still at work');
ok(kill(KILL => $left->()), 'is killed');
for (1 .. 100) { last if !$left->(); sleep 0.05; }
is(join(' ', @{ main::samples($url) }{qw(lookout_workers lookout_thread_tasks)}), '2 0', 'and counts no more, nor what it had in hand');
--- error_log eval
qr/exited on signal 9/
--- timeout: 20



=== TEST 9: the page itself
--- request
GET /metrics
--- response_headers
Content-Type: text/plain; version=0.0.4
--- response_body_like
# HELP lookout_calls_total Calls of a tool.
# TYPE lookout_calls_total counter
lookout_calls_total\{tool="list_datasources"\} \d+



=== TEST 10: healthz
--- request
GET /healthz
--- response_body
{"status":"ok"}
--- response_headers
Cache-Control: no-store



=== TEST 11: readyz
--- request
GET /readyz
--- response_body
{"status":"ready"}



=== TEST 12: not ready without a catalogue, and no path is told
--- config
    location = /readyz { lookout_readyz; lookout_catalog /nonexistent/catalog.db; }
    location = /healthz { lookout_healthz; }
--- request
GET /readyz
--- error_code: 503
--- response_body
{"status":"not ready","reason":"the catalogue cannot be read; the log says why"}
--- error_log
/nonexistent/catalog.db
