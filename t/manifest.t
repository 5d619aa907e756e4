# The manifest: the tools as a public, cacheable document, the same truth as tools/list.

use lib 't';
use Lookout;
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(config => <<'END') if !defined $block->config;
    lookout_auth on;
    location = /manifest.json { lookout_manifest; }
    location = /mcp { lookout_mcp; lookout_auth off; }
END
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: public, cacheable, no token needed
--- request
GET /manifest.json
--- response_headers_like
Content-Type: application/json
Cache-Control: public, max-age=300, must-revalidate
ETag: "[0-9a-f]{32}"
--- response_body_like: ^\{"name":"lookout","version":"[0-9.]+","tools":\[\{"name":"list_datasources","title":".*","description":".*","inputSchema":\{.*"outputSchema":\{.*"annotations":\{
--- also
my ($etag) = `curl -sI $url/manifest.json` =~ /^ETag: ("[0-9a-f]{32}")\r$/m;
like(`curl -si -H 'If-None-Match: $etag' $url/manifest.json`, qr{^HTTP/1.1 304 .*\r\n\r\n$}s, 'nothing new: 304');
like(`curl -si -H 'If-None-Match: "x", W/$etag' $url/manifest.json`, qr{^HTTP/1.1 304 }, 'in a list, weakly');

my ($tools) = $body =~ /"tools":(\[.*\])\}$/s;
my $list = `curl -s -H 'Content-Type: application/json' -d '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' $url/mcp`;
$list =~ s/,"_meta":\{"ui":\{[^{}]*\},[^{}]*\}//g;
ok(length $tools > 1000 && index($list, $tools) > 0, 'the same truth as tools/list, but for its pages for hosts');



=== TEST 2: HEAD
--- request
HEAD /manifest.json
--- error_code: 200
--- response_headers_like
ETag: "[0-9a-f]{32}"
Content-Length: \d{4,}



=== TEST 3: another validator: 200
--- request
GET /manifest.json
--- more_headers
If-None-Match: "0123456789abcdef0123456789abcdef"
--- error_code: 200



=== TEST 4: POST is not allowed
--- request
POST /manifest.json
{}
--- error_code: 405
--- response_headers
Allow: GET, HEAD, OPTIONS



=== TEST 5: the tools, by name and in order
--- request
GET /manifest.json
--- response_body_like eval
join '.*', map { qq("name":"$_","title") } qw(list_datasources get_datasource query_datasource list_workbooks get_workbook list_views get_view query_view_data)
