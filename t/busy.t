# A worker whose threads are all at work: small calls are answered meanwhile, a full queue is said
# at once, and nobody's connection is lost.

use lib 't';
use Lookout;
use Test::Nginx::Socket 'no_plan';

# A query that runs into its time limit, never the same twice.
sub heavy {
    my ($n) = @_;

    return Lookout::message('tools/call', Lookout::fill('{"name":"query_datasource","arguments":{'
      . '"datasourceId":"$ID{datasource:Product Usage}","sql":"WITH RECURSIVE c(n) AS (SELECT ' . $n
      . ' UNION ALL SELECT n + 1 FROM c) SELECT COUNT(*) AS n FROM c"}}'));
}

# Sends a heavy query and leaves it running; its status and headers come in a file.
sub post_in_background {
    my ($url, $n) = @_;

    my $body = heavy($n);
    my $file = "$ENV{TEST_NGINX_DATA}/busy-$$-$n";
    system("curl -s -o /dev/null -D '$file' -H 'Content-Type: application/json' -d '$body' $url/mcp &");
    return $file;
}

sub slurp {
    my ($file) = @_;

    local $/;
    open my $in, '<', $file or return '';
    my $text = <$in>;
    unlink $file;
    return $text;
}

workers(1);
master_on();
Lookout::defaults();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: one thread, a queue of one
--- main_config
    thread_pool lookout threads=1 max_queue=1;
--- http_config
    log_format lookout_audit escape=none '$lookout_audit';
--- config
    location = /mcp {
        lookout_mcp;
        lookout_query_timeout 1s;
        lookout_audit on;
        access_log logs/audit-busy.log lookout_audit if=$lookout_audit;
    }
--- rpc: ping
--- also
my @files = map { my $f = main::post_in_background($url, $_); select undef, undef, undef, 0.1; $f } 1 .. 2;

# Small calls do not wait for the heavy ones.
my $small = Lookout::message('tools/call', '{"name":"list_datasources","arguments":{}}');
my $time = `curl -s -o /dev/null -w '%{time_total}' -H 'Content-Type: application/json' -d '$small' $url/mcp`;
ok($time < 0.5, "a small call is answered meanwhile (after $time s)");

# The third finds the queue full.
my $heavy = main::heavy(3);
my $answer = `curl -si -H 'Content-Type: application/json' -d '$heavy' $url/mcp`;
like($answer, qr{^HTTP/1.1 503 .*^Retry-After: 1\r$}ms, 'the queue is full: 503 with Retry-After');
like($answer, qr/"error":\{"code":503,"message":"Busy: /, 'as a JSON-RPC error');

sleep 3;
like(main::slurp($_), qr{^HTTP/1.1 200 }, 'the others got their answers') for @files;
my @refused = grep { /"error":"503"/ } split /\n/, main::slurp(main::server_root() . '/logs/audit-busy.log');
is(scalar(@refused), 1, 'and the audit trail has the one that did not');
like($refused[0], qr/"tool":"query_datasource",.*"detached":false/, 'of which no work goes on');
--- error_log
queue overflow
--- timeout: 10
