# The manifest: the tools as a public, cacheable document, the same truth as tools/list.

use lib 't';
use Lookout;
use Test::Nginx::Socket 'no_plan';

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(config => <<'END') if !defined $block->config;
    lookout_auth on;
    location = /manifest.json { lookout_manifest; }
    location = /mcp { lookout_mcp; lookout_auth off; }
END
});
Lookout::defaults();
no_shuffle();
run_tests();

sub etag {
    my $port = server_port();
    my $head = `curl -sI http://127.0.0.1:$port/manifest.json`;
    return $head =~ /^ETag: ("[0-9a-f]{32}")\r$/m ? $1 : die "no strong ETag in: $head";
}

# The array behind "tools": in a text.
sub tools {
    my ($text) = @_;
    return $text =~ /"tools":(\[.*\])\}/s ? $1 : '';
}

__DATA__

=== TEST 1: public, cacheable, no token needed
--- request
GET /manifest.json
--- response_headers
Content-Type: application/json
Cache-Control: public, max-age=300, must-revalidate
--- response_headers_like
ETag: "[0-9a-f]{32}"
--- response_body_like: ^\{"name":"lookout","version":"[0-9.]+","tools":\[\{"name":"list_datasources","title":".*","description":".*","inputSchema":\{.*"outputSchema":\{.*"annotations":\{



=== TEST 2: HEAD
--- request
HEAD /manifest.json
--- error_code: 200
--- response_headers_like
ETag: "[0-9a-f]{32}"
Content-Length: \d{4,}



=== TEST 3: nothing new: 304
--- raw_request eval
"GET /manifest.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nIf-None-Match: " . main::etag() . "\r\n\r\n"
--- error_code: 304
--- response_body



=== TEST 4: another validator: 200
--- request
GET /manifest.json
--- more_headers
If-None-Match: "0123456789abcdef0123456789abcdef"
--- error_code: 200



=== TEST 5: POST is not allowed
--- request
POST /manifest.json
{}
--- error_code: 405
--- response_headers
Allow: GET, HEAD, OPTIONS



=== TEST 6: the same tools as tools/list
--- rpc: tools/list
--- response_body_like eval
my $port = main::server_port(); my $m = `curl -s http://127.0.0.1:$port/manifest.json`;
my $t = main::tools($m); length $t > 1000 or die "no tools in the manifest"; qr/\Q{"tools":$t}\E/



=== TEST 7: the tools, by name and in order
--- request
GET /manifest.json
--- response_body_like eval
join '.*', map { qq("name":"$_","title") } qw(list_datasources get_datasource query_datasource list_workbooks get_workbook list_views get_view query_view_data)
