# Resources: what is listed and where, what is read of them, and what is not found.

use lib 't';
use Lookout;
use Agent;
use Files;
use Protocol;
use JSON::PP ();
use MIME::Base64 qw(decode_base64);
use Test::Nginx::Socket 'no_plan';

our $sales = Lookout::id(datasource => 'Sales Pipeline');
our $deals = Lookout::id(view => 'Deals by stage');

# All pages of resources/list, each as the resources of it.
sub listed {
    my ($era) = @_;

    my (@pages, $cursor);
    do {
        my $page = _in($era, 'resources/list', defined $cursor ? { cursor => $cursor } : {});
        push @pages, $page->{resources};
        $cursor = $page->{nextCursor};
    } while (defined $cursor);
    return @pages;
}

sub _in {
    my ($era, @call) = @_;
    return $era eq 'modern' ? modern(@call) : legacy(@call);
}

# The one content of a resource.
sub content {
    my ($era, $uri) = @_;

    my $result = _in($era, 'resources/read', { uri => $uri });
    die "not one content\n" if @{ $result->{contents} } != 1;
    utf8::encode($result->{contents}[0]{text}) if exists $result->{contents}[0]{text};
    return $result->{contents}[0];
}

sub missing {
    my ($uri) = @_;

    # Beyond that, the header that repeats it is nginx's to refuse.
    my @eras = length $uri < 4000 ? qw(modern legacy) : 'legacy';
    my $told = length $uri > 256 ? substr($uri, 0, 256) : $uri;
    for my $era (@eras) {
        my $error = error_of($era, 'resources/read', { uri => $uri });
        my $shown = length $uri > 60 ? substr($uri, 0, 60) . '...' : $uri;
        utf8::encode($shown);
        is($error->{code}, $era eq 'modern' ? -32602 : -32002, "$era $shown");
        is($error->{data}{uri}, $told, 'in its data, if it is not too long');
        like($error->{message}, qr/^Resource not found: \S/, 'and why');
    }
    return error_of($eras[0], 'resources/read', { uri => $uri })->{data};
}

# A catalogue of the test's own, that it may change.
our $root = own_catalogue();
$Lookout::http =~ s{lookout_catalog \s*\S+;}{lookout_catalog $root/catalog.db;};

Lookout::defaults();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: the templates
--- modern_rpc: resources/templates/list {}
--- response_body eval: qr/"ttlMs":300000,"cacheScope":"(?:public|private)"/
--- also
my $list = legacy('resources/templates/list', {})->{resourceTemplates};
is(join(' ', map { $_->{uriTemplate} } @$list), 'lookout://runbook/{code} lookout://datasources/{datasourceId} lookout://workbooks/{workbookId} lookout://views/{viewId} lookout://renders/{renderJobId} lookout://exports/{jobId} lookout://exports/{jobId}/manifest', 'templates');
is(scalar(grep { !length $_->{name} || !length $_->{title} || !length $_->{description} } @$list), 0, 'each has a name, a title and a description');
my %mime = map { $_->{name} => $_->{mimeType} } @$list;
is($mime{export}, 'text/csv', 'a type');
is($mime{render}, undef, 'none where they differ');



=== TEST 2: the capability
--- rpc: initialize {"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}
--- response_body_like: "capabilities":\{.*"resources":\{\}
--- also
my $capabilities = modern('server/discover', {})->{capabilities};
is(ref $capabilities->{$_}, 'HASH', $_) for qw(resources completions);
is(ref $capabilities->{extensions}{'io.modelcontextprotocol/ui'}, 'HASH', 'pages for hosts');



=== TEST 3: the list is the catalogue, each once
--- modern_rpc: resources/list {}
--- response_body_like: "ttlMs":10000,"cacheScope":"private"
--- also
my @pages = main::listed('modern');
my @all = map { @$_ } @pages;
my %seen;
is(scalar(grep { $seen{$_->{uri}}++ } @all), 0, 'no double');
is(join(' ', map { scalar @$_ } @pages[0 .. $#pages - 1]), join(' ', (100) x $#pages), 'full pages');
my $shown = 'FROM view v JOIN workbook w ON w.id = v.workbook_id JOIN datasource d ON d.id = v.datasource_id WHERE v.deleted_at IS NULL AND w.deleted_at IS NULL AND d.deleted_at IS NULL';
my @want = ('lookout://runbook', 'ui://lookout/chart',
    map { split /\n/, Lookout::sql($_) }
        "SELECT 'lookout://datasources/' || id FROM datasource WHERE deleted_at IS NULL ORDER BY name COLLATE NOCASE, id",
        "SELECT 'lookout://workbooks/' || id FROM workbook WHERE deleted_at IS NULL ORDER BY name COLLATE NOCASE, id",
        "SELECT 'lookout://views/' || v.id $shown ORDER BY v.name COLLATE NOCASE, v.id");
is(join("\n", map { $_->{uri} } @all), join("\n", @want), 'all there are, by name');
is(join("\n", map { $_->{uri} } map { @$_ } main::listed('legacy')), join("\n", @want), 'in the other era too');
my ($sales) = grep { $_->{uri} =~ /\Q$main::sales/ } @all;
is("$sales->{title} $sales->{name} $sales->{mimeType}", "Sales Pipeline $main::sales application/json", 'an item');
my ($deals) = grep { $_->{uri} =~ /\Q$main::deals/ } @all;
like($deals->{description}, qr/\(\w+ in .+, over Sales Pipeline\)$/, 'a view says where it is');



=== TEST 4: cursors that are none
--- rpc: resources/list {"cursor":""}
--- response_body_like: "uri":"lookout://runbook"
--- also
my $cursor = modern('resources/list', {})->{nextCursor};
my $tools = ask(list_views => { pageSize => 5 })->{nextCursor};
(my $altered = $cursor) =~ s/ (\d+) / ${\($1 + 1)} /;
for my $bad ('x', $tools, $altered, "$cursor.", substr($cursor, 0, -1), "0$cursor", 7, undef) {
    for my $era (qw(modern legacy)) {
        is(error_of($era, 'resources/list', { cursor => $bad })->{code}, -32602, "$era " . ($bad // 'null'));
    }
}
is(error_of(modern => 'resources/list', { cursor => 'x' })->{data}{code}, 'INVALID_CURSOR', 'the code');
my @again = map { modern('resources/list', { cursor => $cursor })->{resources}[0]{uri} } 1 .. 2;
is($again[0], $again[1], 'a good one is good twice');
like(ask(list_views => { pageSize => 5 })->{nextCursor}, qr/./, 'and tools go on');
is(refused(list_views => { cursor => $cursor })->{code}, 'INVALID_CURSOR', 'which do not take it');



=== TEST 5: datasource, workbook and view are what their tools say
--- modern_rpc: resources/read {"uri":"lookout://datasources/$ID{datasource:Sales Pipeline}"}
--- response_body_like: "ttlMs":10000,"cacheScope":"private"
--- also
my %of = (datasources => [get_datasource => datasourceId => $main::sales], views => [get_view => viewId => $main::deals],
    workbooks => [get_workbook => workbookId => Lookout::id(workbook => 'EMEA Sales Review')]);
for my $folder (sort keys %of) {
    my ($tool, $argument, $id) = @{ $of{$folder} };
    my $want = ask_text($tool => { $argument => $id });
    for my $era (qw(modern legacy)) {
        my $content = main::content($era, "lookout://$folder/$id");
        ok($content->{text} eq $want, "$era $tool");
        is("$content->{mimeType} $content->{uri}", "application/json lookout://$folder/$id", 'type and address');
    }
}
(my $encoded = $main::deals) =~ s/^vw_/%76w%5F/;
is(JSON::PP->new->decode(main::content(modern => "lookout://views/$encoded")->{text})->{id}, $main::deals, 'percent-encoded');



=== TEST 6: a large one, on a thread
--- rpc: resources/read {"uri":"lookout://views/$ID{view:All sessions}"}
--- timeout: 10
--- response_body_like: rowCount



=== TEST 7: what cannot be read for another reason
--- rpc: resources/read {"uri":"lookout://views/$ID{view:Bookings by territory}"}
--- response_body_like: "code":-32603,.*"code":"SCHEMA_DRIFT".*"missingFields":\["territory"\].*"uri":"lookout://views/vw_
--- also
my $error = error_of(modern => 'resources/read', { uri => 'lookout://views/' . Lookout::id(view => 'Bookings by territory') });
is("$error->{code} $error->{data}{code}", '-32603 SCHEMA_DRIFT', 'modern');



=== TEST 8: nothing there
--- rpc: resources/read {"uri":"lookout://nothing"}
--- response_body_like: "code":-32002
--- also
my $deleted = Lookout::sql('SELECT id FROM view WHERE deleted_at IS NOT NULL LIMIT 1');
is(main::missing("lookout://views/$deleted")->{code}, 'VIEW_NOT_FOUND', 'deleted');
is(main::missing('lookout://workbooks/' . Lookout::sql('SELECT id FROM workbook WHERE deleted_at IS NOT NULL LIMIT 1'))->{code}, 'WORKBOOK_NOT_FOUND', 'deleted');
is(main::missing('lookout://datasources/ds_aaaaaaaaaaaaaaaaaaaaaa')->{details}{datasourceId}, 'ds_aaaaaaaaaaaaaaaaaaaaaa', 'unknown');
is(main::missing("lookout://views/$main::sales")->{code}, 'INVALID_INPUT', 'of another kind');
main::missing("lookout://views/$main::deals/");
main::missing("lookout://views/$main::deals?x=1");
main::missing("lookout://views/$main::deals#top");
main::missing("lookout://workbooks/$main::deals/views");
main::missing("LOOKOUT://views/$main::deals");
main::missing("ui://lookout/other");
main::missing('lookout://renders/rj_aaaaaaaaaaaaaaaaaaaaaa');
main::missing('lookout://exports/job_aaaaaaaaaaaaaaaaaaaaaa/manifest');
main::missing($_) for '', ' ', 'lookout://', 'lookout://views/', 'lookout://views', 'file:///etc/passwd', 'http://127.0.0.1/';



=== TEST 9: hostile ones
--- rpc: resources/read {"uri":"lookout://views/../runbook"}
--- response_body_like: "code":-32002
--- also
main::missing($_) for 'lookout://views/../views/' . $main::deals, 'lookout://views/..', 'lookout://views/%2e%2e%2frunbook', 'lookout://views/%00',
    "lookout://views/$main::deals%00", "lookout://views/$main::deals%0a", 'lookout://views/%', 'lookout://views/%4', 'lookout://views/%zz', 'lookout://views/%ff%fe',
    "lookout://views/vw_\x{ff41}aaaaaaaaaaaaaaaaaaaaa", "lookout://views/\x{202e}\x{1f4a9}", 'lookout://renders/%2e%2e%2f%2e%2e%2fjobs.db', 'lookout://exports/..%2f..%2fjobs.db/manifest',
    'lookout://{viewId}', 'lookout://views/{viewId}', 'lookout://views/' . 'x' x 3000, 'lookout://views/' . 'x' x 100_000, 'lookout://' . '/' x 50_000, '%' x 10_000;
is(error_of(legacy => 'resources/read', {})->{code}, -32602, 'no uri');
is(error_of(legacy => 'resources/read', { uri => $_ })->{code}, -32602, 'a uri that is no text') for 7, ['x'], undef;



=== TEST 10: a PNG is its file
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}"}
--- also
my $job = answer($body);
my $uri = "lookout://renders/$job->{renderJobId}";
for my $era (qw(modern legacy)) {
    my $content = main::content($era, $uri);
    is(join(' ', sort keys %$content), 'blob mimeType uri', 'members');
    is($content->{mimeType}, 'image/png', 'type');
    my $bytes = decode_base64($content->{blob});
    like($bytes, qr/^\x89PNG\r\n\x1a\n/, "$era: a PNG");
    ok($bytes eq on_disk($job->{filePath}), 'the file');
}
my $result = modern('resources/read', { uri => $uri });
is("$result->{ttlMs} $result->{cacheScope}", '604800000 private', 'may be kept for as long as the file is');



=== TEST 11: an SVG is text
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}","format":"svg","inline":"none"}
--- also
my $job = answer($body);
my $content = main::content(modern => "lookout://renders/$job->{renderJobId}");
is(join(' ', sort keys %$content), 'mimeType text uri', 'members');
is($content->{mimeType}, 'image/svg+xml', 'type');
ok($content->{text} eq on_disk($job->{filePath}), 'the file');



=== TEST 12: an export and its manifest
--- call: export_view_csv {"viewId":"$ID{view:Deals by stage}"}
--- also
my $job = answer($body);
my $csv = main::content(modern => "lookout://exports/$job->{jobId}");
my $manifest = main::content(legacy => "lookout://exports/$job->{jobId}/manifest");
is("$csv->{mimeType} $manifest->{mimeType}", 'text/csv application/json', 'types');
is($csv->{text}, on_disk($job->{resultPath}), 'data.csv');
is(JSON::PP->new->decode($manifest->{text})->{viewId}, $main::deals, 'manifest.json');



=== TEST 13: too large
--- call: export_view_csv {"viewId":"$ID{view:All sessions}"}
--- timeout: 20
--- also
my $job = answer($body);
$job = ask(get_job => { jobId => $job->{jobId} }) while $job->{status} eq 'running' && select(undef, undef, undef, 0.2) == 0;
is($job->{status}, 'completed', 'done');
my $error = error_of(modern => 'resources/read', { uri => "lookout://exports/$job->{jobId}" });
is("$error->{code} $error->{data}{code}", '-32603 ENVELOPE_TOO_LARGE', 'the code');
my $size = -s file_of($job->{resultPath});
is("$error->{data}{details}{bytes} $error->{data}{details}{maxBytes}", "$size 262144", 'how large');
is(length fetch($error->{data}{details}{fileUrl})->{content}, $size, 'the link that is given instead');
like($error->{message}, qr/details\.fileUrl/, 'which the message names');
is(main::content(modern => "lookout://exports/$job->{jobId}/manifest")->{mimeType}, 'application/json', 'the manifest is not');



=== TEST 14: a job that fails has no file
--- rpc: resources/list {}
--- also
my $map = Lookout::sql("SELECT v.id FROM view v JOIN datasource d ON d.id = v.datasource_id WHERE v.chart_type = 'map' AND d.status = 'online' AND v.deleted_at IS NULL LIMIT 1");
my $job = ask(create_view_render => { viewId => $map });
is($job->{status}, 'failed', 'it fails');
my $data = main::missing("lookout://renders/$job->{renderJobId}");
is("$data->{code} $data->{details}{reason} $data->{details}{error}{code}", 'RENDER_JOB_NOT_FOUND failed CHART_TYPE_UNSUPPORTED', 'why');
is($data->{details}{error}{message}, $job->{error}{message}, 'as get_render_job says it');



=== TEST 15: a job that runs has no file yet
--- init
main::slow_jobs('running');
--- call: list_views {}
--- timeout: 60
--- also
my $view = Lookout::id(view => 'All sessions');
my $job = ask(export_view_csv => { viewId => $view, filterOverrides => [{ field => 'duration_minutes', op => 'gt', value => -7 }] });
is($job->{status}, 'running', 'it runs');
my $uri = "lookout://exports/$job->{jobId}";
my $error = error_of(modern => 'resources/read', { uri => $uri });
is("$error->{code} $error->{data}{uri}", "-32602 $uri", 'not found');
is_deeply($error->{data}{details}, { jobId => $job->{jobId}, reason => 'running', pollAfterMs => 1000 }, 'but it may come');
like($error->{message}, qr/Call get_job with jobId $job->{jobId} until status is completed/, 'and how to wait for it');
slow_jobs('none');
$job = ask(get_job => { jobId => $job->{jobId} }) while $job->{status} eq 'running' && select(undef, undef, undef, 0.2) == 0;
is(error_of(modern => 'resources/read', { uri => $uri })->{data}{code}, 'ENVELOPE_TOO_LARGE', 'now it is there');



=== TEST 16: a file that was cleared away
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}","width":300}
--- also
my $job = answer($body);
unlink file_of($job->{filePath}) or die;
is(main::missing("lookout://renders/$job->{renderJobId}")->{details}{reason}, 'expired', 'why');
is(ask(create_view_render => { viewId => $main::deals, width => 300 })->{renderJobId}, $job->{renderJobId}, 'the same call');
is(main::content(modern => "lookout://renders/$job->{renderJobId}")->{mimeType}, 'image/png', 'makes it anew');



=== TEST 17: the runbook
--- modern_rpc: resources/read {"uri":"lookout://runbook"}
--- response_body_like: "mimeType":"text/markdown".*"ttlMs":300000,"cacheScope":"public"
--- also
my $runbook = main::content(modern => 'lookout://runbook')->{text};
my @codes = $runbook =~ /^## (\w+)$/mg;
cmp_ok(scalar @codes, '>', 20, 'codes');
my ($header) = do { local (@ARGV, $/) = 'ngx_lookout_module/base/error.h'; <> =~ /define LOOKOUT_CODES\(X\)(.*?)\n\n/s };
is(join(' ', @codes[0 .. 22]), join(' ', $header =~ /X\((\w+)\)/g), 'all of them');
for my $code (@codes) {
    my ($section) = $runbook =~ /^## $code\n\n(.*?)(?:\n\n|\z)/ms;
    my $one = main::content(legacy => "lookout://runbook/$code")->{text};
    ok(index($one, "# $code\n\n") == 0 && index($one, $section) > 0, $code);
    is(scalar(() = $one =~ /^- \*\*(?:Kind|Means|Agent|Operator|Does it help to send the same again)\*\*: \S/mg), 5, 'says what to do');
}
like(error_of(legacy => 'resources/read', { uri => 'lookout://runbook/SCHEMA_DRFIT' })->{message}, qr/did you mean SCHEMA_DRIFT\?/, 'a misspelt one');
main::missing('lookout://runbook/schema_drift');
main::missing('lookout://runbook/' . 'SCHEMA_DRIFT' x 30_000);



=== TEST 18: the page for hosts
--- modern_rpc: resources/read {"uri":"ui://lookout/chart"}
--- response_body_like: "cacheScope":"public"
--- also
my $content = main::content(legacy => 'ui://lookout/chart');
is($content->{mimeType}, 'text/html;profile=mcp-app', 'type');
like($content->{text}, qr/^<!doctype html>.*<\/html>\s*$/is, 'a page');
is_deeply($content->{_meta}, { ui => { prefersBorder => JSON::PP::true, csp => { connectDomains => [], resourceDomains => [], frameDomains => [], baseUriDomains => [] } } }, 'that needs nothing from elsewhere');
for my $era (qw(modern legacy)) {
    my %meta = map { $_->{name} => $_->{_meta} } @{ main::_in($era, 'tools/list', {})->{tools} };
    is_deeply($meta{$_}, { ui => { resourceUri => 'ui://lookout/chart' }, 'ui/resourceUri' => 'ui://lookout/chart' }, "$era $_") for qw(get_view query_view_data);
    is($meta{get_workbook}, undef, 'others have none');
}



=== TEST 19: the header says what is read
--- rpc: resources/read {"uri":"lookout://runbook","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}
--- more_headers
MCP-Protocol-Version: 2026-07-28
Mcp-Method: resources/read
Mcp-Name: lookout://other
--- error_code: 400
--- response_body_like: -32020



=== TEST 20: refreshed between pages
--- rpc: resources/list {}
--- also
my $cursor = modern('resources/list', {})->{nextCursor};
change("$main::root/catalog.db", "UPDATE view SET name = name || '.' WHERE name = 'Deals by stage'");
for my $era (qw(modern legacy)) {
    my $error = error_of($era, 'resources/list', { cursor => $cursor });
    is("$error->{code} $error->{data}{code} $error->{data}{details}{reason}", '-32602 INVALID_CURSOR data_refreshed', $era);
}
my ($renamed) = grep { $_->{uri} eq "lookout://views/$main::deals" } map { @$_ } main::listed('modern');
is($renamed->{title}, 'Deals by stage.', 'from the beginning it goes');
is(JSON::PP->new->decode(main::content(modern => $renamed->{uri})->{text})->{name}, 'Deals by stage.', 'and is read as it is now');
change("$main::root/catalog.db", "UPDATE view SET deleted_at = 1 WHERE id = '$main::deals'");
is(main::missing("lookout://views/$main::deals")->{code}, 'VIEW_NOT_FOUND', 'and when it is deleted it is not there');



=== TEST 21: the catalogue is gone
--- rpc: resources/list {}
--- also
rename "$main::root/catalog.db", "$main::root/away" or die;
my $error = error_of(modern => 'resources/list', {});
is("$error->{code} $error->{data}{code} $error->{data}{details}{reason}", '-32603 INTERNAL_ERROR catalogue_unreadable', 'the list');
is(error_of(legacy => 'resources/read', { uri => "lookout://datasources/$main::sales" })->{code}, -32603, 'and what it has');
is(main::content(modern => 'lookout://runbook/INTERNAL_ERROR')->{mimeType}, 'text/markdown', 'the runbook is there');
rename "$main::root/away", "$main::root/catalog.db" or die;
cmp_ok(scalar @{ modern('resources/list', {})->{resources} }, '==', 100, 'and it is back');
--- error_log
catalog.db cannot be opened
