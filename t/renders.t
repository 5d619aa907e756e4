# W7: charts as pictures: what the answer says, the files behind it, their links, what is drawn
# once and what again, and how it fails.

use lib 't';
use Lookout;
use Agent;
use Files;
use JSON::PP ();
use MIME::Base64 qw(decode_base64);
use Time::HiRes qw(sleep time);
use Test::Nginx::Socket 'no_plan';

our $view = Lookout::id(view => 'Deals by stage');
our $keys = 'filePath fileUrl inlineBase64 mimeType width height format appliedFilters cached createdAt completedAt';

# Asks for a render of that view.
sub render {
    return ask(create_view_render => { viewId => $view, @_ });
}

workers(2);
master_on();
Lookout::defaults();
add_block_preprocessor(sub {
    my $block = shift;

    if (defined $block->message) {
        $block->set_value(request => "POST /mcp\n" . Lookout::fill($block->message));
        $block->set_value(more_headers => 'Content-Type: application/json');
    }
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: W7, as printed
--- message
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{
"name":"create_view_render","arguments":{
"viewId":"$ID{view:Deals by stage}","format":"svg",
"filterOverrides":[{"field":"region","op":"eq","value":"EMEA"}]
}
}}
--- also
my ($text) = answer_text($body);
is(key_order($text), "renderJobId status $main::keys warnings", 'members');
my $job = answer($body);
like($job->{renderJobId}, qr/^rj_[a-z2-7]{22}$/, 'renderJobId');
is($job->{status}, 'succeeded', 'status');
like($job->{filePath}, qr{^fs/renders/views/$main::view/[0-9a-f]{12}\.svg$}, 'filePath');
is("$job->{mimeType} $job->{format} $job->{width} $job->{height}", 'image/svg+xml svg 960 540', 'what it is');
is_deeply($job->{appliedFilters}, [{ field => 'region', op => 'eq', value => 'EMEA' }], 'appliedFilters');
is_deeply($job->{warnings}, [], 'no warnings');
like("$job->{createdAt} $job->{completedAt}", qr/^(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ ?){2}$/, 'times');
ok(!$job->{cached}, 'not cached');
my $svg = decode_base64($job->{inlineBase64});
is($svg, on_disk($job->{filePath}), 'inline is the file');
is(fetch($job->{fileUrl})->{content}, $svg, 'so is what the link gives');
like($svg, qr{^<svg xmlns="http://www.w3.org/2000/svg".*<title>Deals by stage</title>.*</svg>\s*$}s, 'an SVG with its title');
like($svg, qr/>Region: EMEA</, 'and its filters in words');
like($svg, qr/>Closed Won</, 'and its labels');



=== TEST 2: from any worker the same job, path and bytes
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}","format":"svg","filterOverrides":[{"field":"region","op":"eq","value":"EMEA"}]}
--- also
my $first = answer($body);
ok($first->{cached}, 'cached');
my %seen;
for (1 .. 12) {
    my $job = main::render(format => 'svg', filterOverrides => [{ field => 'region', op => 'eq', value => 'EMEA' }]);
    $seen{join ' ', @$job{qw(renderJobId filePath inlineBase64 cached createdAt)}}++;
}
is(scalar keys %seen, 1, 'all the same');
is_deeply([job_rows('count(*)')], [1], 'one job');
for my $other ({ format => 'png' }, { format => 'svg', width => 961 }, { format => 'svg', filterOverrides => [{ field => 'region', op => 'eq', value => 'NA' }] }) {
    isnt(main::render(%$other)->{renderJobId}, $first->{renderJobId}, JSON::PP->new->canonical->encode($other) . ' is another');
}



=== TEST 3: two periods of one view are two files
--- call: list_views {}
--- also
my ($old, $new) = map { main::render(filterOverrides => [{ field => 'close_quarter', op => 'eq', value => $_ }]) } '2025Q1', '2026Q1';
isnt($old->{filePath}, $new->{filePath}, 'paths');
isnt($old->{inlineBase64}, $new->{inlineBase64}, 'pictures');



=== TEST 4: PNG, of the default size and of the ends of the range
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}"}
--- also
my $job = answer($body);
is("$job->{format} $job->{mimeType}", 'png image/png', 'what it is');
is(pictured(decode_base64 $job->{inlineBase64}), '960 x 540', 'size');
is(pictured(on_disk(main::render(width => 200, height => 150)->{filePath})), '200 x 150', 'the smallest');
my $large = main::render(width => 4096, height => 4096, inline => 'none');
is("$large->{status} $large->{width} $large->{height}", 'succeeded 4096 4096', 'the largest');
is(join(' ', unpack 'x16 N N', on_disk($large->{filePath})), '4096 4096', 'is so large');



=== TEST 5: what is outside of the range
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}","width":199}
--- also
my ($text, $error) = answer_text($body);
ok($error, 'an error');
like($text, qr/"code":"INVALID_INPUT".*"path":"\/width"/, 'that names it');
for my $args ({ width => 4097 }, { height => 149 }, { height => 4097 }, { width => 300.5 }, { format => 'pdf' }, { inline => 'yes' }, { colour => 'red' }) {
    is(refused(create_view_render => { viewId => $main::view, %$args })->{code}, 'INVALID_INPUT', JSON::PP->new->encode($args));
}
is(refused(create_view_render => { viewId => 'vw_short' })->{code}, 'INVALID_INPUT', 'no such form');
is(refused(create_view_render => { viewId => 'vw_a1b2c3d4e5f6g7h8i9j0k1' })->{code}, 'VIEW_NOT_FOUND', 'no such view');
is(refused(create_view_render => { viewId => $main::view, filterOverrides => [{ field => 'regoin', op => 'eq', value => 'EMEA' }] })->{details}{suggestions}[0], 'region', 'INVALID_FILTER helps');
my $offline = Lookout::sql("SELECT v.id FROM view v JOIN datasource d ON d.id = v.datasource_id WHERE d.status = 'offline' LIMIT 1");
is(refused(create_view_render => { viewId => $offline })->{code}, 'DATASOURCE_OFFLINE', 'offline');
is_deeply(refused(create_view_render => { viewId => Lookout::id(view => 'Bookings by territory') })->{details}{missingFields}, ['territory'], 'SCHEMA_DRIFT');



=== TEST 6: the picture as an image
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}","inline":"image"}
--- more_headers
MCP-Protocol-Version: 2025-11-25
--- also
my $job = answer($body);
is($job->{inlineBase64}, undef, 'not in the envelope');
my ($image, $link) = content_blocks($body);
is("$image->{type} $image->{mimeType}", 'image image/png', 'an image');
is(decode_base64($image->{data}), on_disk($job->{filePath}), 'it is the file');
is_deeply($link, { type => 'resource_link', uri => $job->{fileUrl}, name => $job->{filePath} =~ s{.*/}{}r, title => 'Deals by stage', mimeType => 'image/png', size => -s file_of($job->{filePath}) }, 'and a link');



=== TEST 7: no picture with the answer
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}","inline":"none"}
--- more_headers
MCP-Protocol-Version: 2025-11-25
--- also
is(answer($body)->{inlineBase64}, undef, 'nothing inline');
is(join(' ', map { $_->{type} } content_blocks($body)), 'resource_link', 'a link');



=== TEST 8: a picture too large to come along says so
--- call: create_view_render {"viewId":"$ID{view:All sessions}","width":4000,"height":4000}
--- also
my $job = answer($body);
is("$job->{status} " . (defined $job->{inlineBase64} ? 1 : 0), 'succeeded 0', 'left out');
is($job->{warnings}[0]{code}, 'RESPONSE_TRUNCATED', 'warned');
is($job->{warnings}[0]{details}{bytes}, -s file_of($job->{filePath}), 'with its size');
is(length fetch($job->{fileUrl})->{content}, -s file_of($job->{filePath}), 'the link gives it');
is_deeply(ask(create_view_render => { viewId => Lookout::id(view => 'All sessions'), width => 4000, height => 4000, inline => 'none' })->{warnings}, [], 'no warning when it was not wanted');



=== TEST 9: the file over HTTP
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}"}
--- also
my $job = answer($body);
like($job->{fileUrl}, qr{^http://localhost/files/\d{10}\.[A-Za-z0-9_-]{43}/renders/views/$main::view/[0-9a-f]{12}\.png$}, 'the link, at the host that was asked');
my $link = $job->{fileUrl};
my $got = fetch($link);
my $h = $got->{headers};
is("$got->{status} $h->{'content-type'} $h->{'content-length'}", '200 image/png ' . -s file_of($job->{filePath}), 'status, type, length');
like("$h->{'x-content-type-options'} $h->{'cache-control'}", qr/^nosniff private, max-age=\d+, immutable$/, 'care');
ok(!$h->{'content-disposition'}, 'to be shown');
is(pictured($got->{content}), '960 x 540', 'the picture');
my $head = head($link);
is("$head->{status} $head->{headers}{'content-length'} " . length($head->{content} // ''), '200 ' . length($got->{content}) . ' 0', 'HEAD');
my $part = fetch($link, Range => 'bytes=1-3');
is("$part->{status} $part->{content}", '206 PNG', 'Range');
is(fetch($link, 'If-None-Match' => $h->{etag})->{status}, 304, 'ETag');
my $svg = main::render(format => 'svg', inline => 'none');
is(fetch($svg->{fileUrl})->{headers}{'content-type'}, 'image/svg+xml', 'an SVG');
like(fetch($svg->{fileUrl})->{headers}{'content-security-policy'}, qr/default-src 'none'.*sandbox/, 'may do nothing');



=== TEST 10: links that nobody was given
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}"}
--- also
my ($path) = answer($body)->{filePath} =~ m{^fs/(.*)};
my $later = int(time) + 600;
is(fetch("$url/files/" . Lookout::file_link($later, $path))->{status}, 200, 'as it should be');
my %wrong = (
    expired  => Lookout::file_link(int(time) - 1, $path),
    unsigned => $path,
    forged   => "$later." . 'A' x 43 . "/$path",
    prolonged => do { (my $l = Lookout::file_link($later, $path)) =~ s/^\d+/$later + 600/e; $l },
    altered  => do { (my $l = Lookout::file_link($later, $path)) =~ s/\.png$/.svg/; $l },
    'of another file' => do { (my $l = Lookout::file_link($later, $path)) =~ s/[0-9a-f]{12}\.png$/0123456789ab.png/; $l },
    'going up' => do { (my $l = Lookout::file_link($later, $path)) =~ s{/renders}{/../../jobs.db#}; $l },
    'going up, encoded' => do { (my $l = Lookout::file_link($later, $path)) =~ s{renders/.*}{..%2f..%2fjobs.db}; $l },
    'signed, and going up' => Lookout::file_link($later, '../jobs.db'),
    'signed, of a hidden folder' => Lookout::file_link($later, '.aside/x'),
    nothing  => '',
);
like(fetch("$url/files/$wrong{$_}")->{status}, qr/^40[034]$/, $_) for sort keys %wrong;
like(fetch("$url/files/$wrong{expired}")->{content}, qr/expired/, 'an expired one says so');
is(fetch("$url/files/" . Lookout::file_link($later, 'renders/views/vw_a/0123456789ab.png'))->{status}, 404, 'signed, but there is none');
is(HTTP::Tiny->new->post("$url/files/" . Lookout::file_link($later, $path))->{status}, 405, 'POST');



=== TEST 11: get_render_job
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}","height":500}
--- also
my $job = answer($body);
my ($text) = post(get_render_job => { renderJobId => $job->{renderJobId} });
is(key_order($text), "renderJobId status $main::keys warnings", 'the same envelope');
my $got = JSON::PP->new->decode($text);
ok($got->{cached}, 'it was done before');
is_deeply({ %$got, cached => 0, fileUrl => 0 }, { %$job, cached => 0, fileUrl => 0 }, 'the same in all else');
is(ask(get_render_job => { renderJobId => $job->{renderJobId}, inline => 'none' })->{inlineBase64}, undef, 'without the picture');
is(refused(get_render_job => { renderJobId => 'rj_z4mq6sv8c1pkw0n3xtg2hr' })->{code}, 'RENDER_JOB_NOT_FOUND', 'unknown');
is(refused(get_render_job => { renderJobId => 'job_8a2x6w5q1y3z2c5v7n9b3p' })->{code}, 'INVALID_INPUT', 'an export');
is(refused(get_job => { jobId => $job->{renderJobId} })->{code}, 'INVALID_INPUT', 'the other tool');



=== TEST 12: a file that was cleared away is made again
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}","height":500}
--- also
my $job = answer($body);
my $bytes = on_disk($job->{filePath});
unlink file_of($job->{filePath}) or die;
my $gone = refused(get_render_job => { renderJobId => $job->{renderJobId} });
is("$gone->{code} $gone->{details}{reason}", 'RENDER_JOB_NOT_FOUND expired', 'not there');
is(fetch($job->{fileUrl})->{status}, 404, 'nor its link');
my $again = main::render(height => 500);
is("$again->{renderJobId} $again->{filePath} $again->{cached}", "$job->{renderJobId} $job->{filePath} 0", 'the same job');
ok(on_disk($again->{filePath}) eq $bytes, 'the same bytes');



=== TEST 13: a chart that is not drawn fails as a job
--- call: create_view_render {"viewId":"$ID{view:Sessions on the map}"}
--- also
my ($text, $error) = answer_text($body);
ok(!$error, 'no error of the call');
is(key_order($text), "renderJobId status $main::keys error warnings", 'members');
my $job = answer($body);
is("$job->{status} $job->{error}{code}", 'failed CHART_TYPE_UNSUPPORTED', 'failed');
like($job->{error}{message}, qr/map.*query_view_data/, 'what to do');
is_deeply([@$job{qw(filePath fileUrl inlineBase64)}], [undef, undef, undef], 'no file');
my $got = ask(get_render_job => { renderJobId => $job->{renderJobId} });
is_deeply($got->{error}, $job->{error}, 'get_render_job says the same');
is(join(' ', content_blocks($body)), '', 'nothing to look at');



=== TEST 14: the time limit
--- config
    location = /mcp { lookout_mcp; lookout_render_timeout 200ms; }
--- init
main::slow_jobs('running');
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}","width":333}
--- timeout: 60
--- also
slow_jobs('none');
my $job = answer($body);
$job = ask(get_render_job => { renderJobId => $job->{renderJobId} }) while $job->{status} eq 'running' && sleep 0.2;
is("$job->{status} $job->{error}{code}", 'failed RENDER_TIMEOUT', 'failed');
like($job->{error}{message}, qr/within 0.2 seconds/, 'which limit');



=== TEST 15: what takes longer than a second is told to poll
--- config
    location = /mcp { lookout_mcp; lookout_render_timeout 60s; }
    location /files/ { lookout_files; }
--- init
main::slow_jobs('running');
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}","width":334}
--- timeout: 60
--- also
my ($text) = answer_text($body);
is(key_order($text), "renderJobId status pollAfterMs $main::keys warnings", 'members');
my $job = answer($body);
is("$job->{status} $job->{pollAfterMs}", 'running 1000', 'running');
is_deeply([@$job{qw(filePath fileUrl inlineBase64 completedAt)}], [undef, undef, undef, undef], 'nothing yet');
my $polls = 0;
$job = ask(get_render_job => { renderJobId => $job->{renderJobId} }) while $job->{status} eq 'running' && $polls++ < 300 && sleep 0.2;
slow_jobs('none');
is($job->{status}, 'succeeded', 'done later');
cmp_ok($polls, '>', 0, 'it was polled');
is(pictured(decode_base64 $job->{inlineBase64}), '334 x 540', 'the picture');



=== TEST 16: two at once are drawn once
--- init
main::slow_jobs('done');
--- call: list_views {}
--- timeout: 60
--- also
my $call = Lookout::message('tools/call', qq({"name":"create_view_render","arguments":{"viewId":"$main::view","width":335,"inline":"none"}}));
my @out = map { my $i = $_; open my $out, '-|', "curl -s -H 'Content-Type: application/json' -d '$call' $url/mcp" or die; $out } 1 .. 4;
my @jobs = map { my $out = $_; local $/; answer(scalar <$out>) } @out;
is(scalar(keys %{ { map { $_->{renderJobId} => 1 } @jobs } }), 1, 'one job');
my $job = $jobs[0];
$job = ask(get_render_job => { renderJobId => $job->{renderJobId} }) while $job->{status} eq 'running' && sleep 0.1;
slow_jobs('none');
is($job->{status}, 'succeeded', 'done');
is_deeply([job_rows('interruptions', "id = '$job->{renderJobId}'")], [0], 'by one');



=== TEST 17: modern calls mirror the ids
--- modern: create_view_render {"viewId":"$ID{view:Deals by stage}","inline":"none"}
--- also
my $id = answer($body)->{renderJobId};
my $send = sub {
    my ($said) = @_;
    return HTTP::Tiny->new->post("$url/mcp", {
        headers => { 'Content-Type' => 'application/json', 'MCP-Protocol-Version' => '2026-07-28', 'Mcp-Method' => 'tools/call', 'Mcp-Name' => 'get_render_job', 'Mcp-Param-RenderJobId' => $said },
        content => '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_render_job","arguments":{"renderJobId":"' . $id . '","inline":"none"},'
          . '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}',
    });
};
is(answer($send->($id)->{content})->{status}, 'succeeded', 'the right one');
is($send->('rj_z4mq6sv8c1pkw0n3xtg2hr')->{status}, 400, 'another one');



=== TEST 18: where no location serves files there are no links
--- config
    location = /mcp { lookout_mcp; }
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}"}
--- also
my $job = answer($body);
is($job->{fileUrl}, undef, 'no address');
like($job->{filePath}, qr/^fs/, 'but a path');
is(join(' ', content_blocks($body)), '', 'no link');



=== TEST 19: the address that clients know
--- config
    lookout_public_url https://bi.example.com;
    location = /mcp { lookout_mcp; }
    location /documents/ { lookout_files; }
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}"}
--- also
my $link = answer($body)->{fileUrl};
like($link, qr{^https://bi\.example\.com/documents/\d+\.}, 'it is in the link');
$link =~ s{^https://bi\.example\.com}{$url};
is(fetch($link)->{status}, 200, 'which is good');
