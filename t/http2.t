# Calls over HTTP/2, without TLS.

use lib 't';
use Lookout;
use Agent;
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();
add_block_preprocessor(sub { $_[0]->set_value(http2 => '') });

our $curl = "curl -sS --http2-prior-knowledge -H 'Content-Type: application/json'";

# A call as a file that curl sends.
sub call_file {
    my ($name, $tool, $args) = @_;

    my $path = server_root() . "/logs/$name.json";
    open my $out, '>', $path or die "$path: $!\n";
    print {$out} Lookout::message('tools/call', Lookout::fill(qq({"name":"$tool","arguments":$args})));
    close $out;
    return $path;
}

# The answers to files of calls that are all sent at once, in streams of one connection.
sub multiplexed {
    my ($url, @files) = @_;

    my $script = <<'END';
    const [url, ...files] = process.argv.slice(1);
    const session = require('http2').connect(url);
    let left = files.length;
    for (const file of files) {
        const stream = session.request({ ':method': 'POST', ':path': '/mcp', 'content-type': 'application/json' });
        let body = '';
        stream.on('data', chunk => body += chunk);
        stream.on('end', () => { console.log(body); if (--left === 0) session.close(); });
        stream.end(require('fs').readFileSync(file));
    }
END
    open my $in, '-|', 'node', '-e', $script, $url, @files or die "node: $!\n";
    return join '', <$in>;
}

our $recursion = '"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < %d) SELECT COUNT(*) AS n FROM c"';

no_shuffle();
run_tests();

__DATA__

=== TEST 1: a call
--- call: list_datasources {"nameContains":"sales"}
--- raw_response_headers_like: ^HTTP/2 200
--- response_body_like: "name":"Sales Pipeline".*"isError":false



=== TEST 2: in the modern revision
--- modern: query_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}","sql":"SELECT COUNT(*) AS n FROM data"}
--- response_headers
Content-Type: application/json
--- also
is(answer($body)->{rows}[0][0], data('Sales Pipeline', 'SELECT COUNT(*) FROM data')->[0][0], 'the number of rows');



=== TEST 3: a query on a thread
--- call: query_datasource {"datasourceId":"$ID{datasource:Product Usage}","sql":"SELECT module, COUNT(*) AS n FROM data GROUP BY module ORDER BY module"}
--- also
rows_are(answer($body)->{rows}, data('Product Usage', 'SELECT module, COUNT(*) FROM data GROUP BY module ORDER BY module'), 'modules');



=== TEST 4: an answer of many frames
--- call: query_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}","sql":"SELECT * FROM data","pageSize":4000}
--- timeout: 10
--- also
my ($text) = answer_text($body);
cmp_ok(length $text, '>', 250000, length($text) . ' bytes of text');
like($text, qr/"RESPONSE_TRUNCATED"/, 'a full envelope');



=== TEST 5: a body in pieces
--- config
    location = /mcp { lookout_mcp; client_body_buffer_size 1k; }
--- call: list_datasources {"nameContains":"sales"}
--- response_body_like: "isError":false
--- also
my $long = main::call_file('long', 'list_datasources', '{"nameContains":"' . ('x' x 40000) . '"}');
like(`$main::curl --limit-rate 400k -w ' %{http_code}' -d \@$long $url/mcp`, qr/INVALID_INPUT.* 200$/s, 'forty thousand bytes');



=== TEST 6: errors
--- call: get_view {"viewId":"vw_aaaaaaaaaaaaaaaaaaaaaa"}
--- response_body_like: VIEW_NOT_FOUND.*"isError":true



=== TEST 7: no JSON
--- request
POST /mcp
{"jsonrpc":
--- more_headers
Content-Type: application/json
--- error_code: 400
--- response_body_like: -32700



=== TEST 8: many streams of one connection, quick and slow
--- config
    location = /mcp { lookout_mcp; lookout_result_cache off; }
--- call: list_datasources {}
--- response_body_like: "isError":false
--- also
my $slow = main::call_file('slow', 'query_datasource', '{"datasourceId":"$ID{datasource:Product Usage}","sql":' . sprintf($main::recursion, 200000) . '}');
my $quick = main::call_file('quick', 'list_views', '{"pageSize":3}');
my $said = main::multiplexed($url, map { $_ % 4 ? $quick : $slow } 1 .. 16);
is(scalar(() = $said =~ /"isError":false/g), 16, 'sixteen answers');
is(scalar(() = $said =~ /"rows":\[\[200000\]\]/g), 4, 'four of them slow');



=== TEST 9: clients that leave while their query runs
--- config
    location = /mcp { lookout_mcp; lookout_result_cache off; }
--- call: list_datasources {}
--- response_body_like: "isError":false
--- also
my $slow = main::call_file('slow', 'query_datasource', '{"datasourceId":"$ID{datasource:Product Usage}","sql":' . sprintf($main::recursion, 1500000) . '}');
`$main::curl --max-time 0.1 -d \@$slow $url/mcp 2>&1` for 1 .. 3;
my $quick = main::call_file('quick', 'list_views', '{"pageSize":3}');
like(`$main::curl -d \@$quick $url/mcp`, qr/"isError":false/, 'the next one is answered');



=== TEST 10: a header of the protocol that comes twice
--- call: list_datasources {}
--- response_body_like: "isError":false
--- also
open my $out, '>', server_root() . '/logs/list.json' or die;
print {$out} Lookout::message('tools/list', '{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}');
close $out;
my $list = "$main::curl -w ' %{http_code}' -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/list' -d \@" . server_root() . '/logs/list.json';
like(`$list $url/mcp`, qr/"tools":\[.* 200$/s, 'once it is good');
like(`$list -H 'Mcp-Method: tools/list' $url/mcp`, qr/-32020.*Mcp-Method is sent more than once.* 400$/s, 'twice it is refused');
