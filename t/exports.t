# W8: all rows behind a view as CSV: the envelope, the file and its manifest, what comes inline,
# what a client sees of a long one, and what becomes of it when its worker is killed.

use lib 't';
use Lookout;
use Agent;
use Files;
use Digest::SHA qw(sha256_hex);
use JSON::PP ();
use Time::HiRes qw(sleep time);
use Test::Nginx::Socket 'no_plan';

our $view = Lookout::id(view => 'Deals by stage');
our $long = Lookout::id(view => 'All sessions');
our $keys = 'resultPath manifestPath fileUrl manifestUrl format rowCount inlineCsv appliedFilters cached createdAt completedAt';

# Exports the long view with a filter that changes nothing but the job.
sub export {
    my ($n) = @_;
    return ask(export_view_csv => { viewId => $long, filterOverrides => [{ field => 'duration_minutes', op => 'gt', value => -$n }] });
}

# Follows a job to its end.
sub follow {
    my ($job) = @_;

    for (1 .. 600) {
        return $job if $job->{status} ne 'running' && $job->{status} ne 'queued';
        sleep 0.1;
        $job = ask(get_job => { jobId => $job->{jobId} });
    }
    return $job;
}

sub children {
    my ($pid) = @_;
    return split ' ', `cat /proc/$pid/task/$pid/children`;
}

sub master {
    open my $in, '<', server_root() . '/logs/nginx.pid' or die $!;
    chomp(my $pid = <$in>);
    return $pid;
}

workers(2);
master_on();
Lookout::defaults();
add_block_preprocessor(sub {
    my $block = shift;

    if (defined $block->message) {
        $block->set_value(request => "POST /mcp\n" . Lookout::fill($block->message));
        $block->set_value(more_headers => "Content-Type: application/json\n" . ($block->more_headers // ''));
    }
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: W8, as printed
--- message
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{
"name":"export_view_csv","arguments":{
"viewId":"$ID{view:Deals by stage}",
"filterOverrides":[{"field":"region","op":"eq","value":"EMEA"}]
}
}}
--- more_headers
MCP-Protocol-Version: 2025-11-25
--- also
my ($text) = answer_text($body);
is(key_order($text), "jobId status $main::keys warnings", 'members');
my $job = answer($body);
like($job->{jobId}, qr/^job_[a-z2-7]{22}$/, 'jobId');
is("$job->{status} $job->{format}", 'completed csv', 'status');
is($job->{resultPath}, "fs/exports/views/$job->{jobId}/data.csv", 'resultPath');
is($job->{manifestPath}, "fs/exports/views/$job->{jobId}/manifest.json", 'manifestPath');
is_deeply($job->{appliedFilters}, [{ field => 'region', op => 'eq', value => 'EMEA' }], 'appliedFilters');
is($job->{inlineCsv}, on_disk($job->{resultPath}), 'inline is the file');
my ($head, @lines) = split /\n/, $job->{inlineCsv};
is($head, 'stage,count', 'a line of names');
is(join(' ', sort @lines), join(' ', sort map { "$_->[0],$_->[1]" } @{ data('Sales Pipeline', "SELECT stage, COUNT(*) FROM data WHERE region = 'EMEA' GROUP BY stage") }), 'the rows that SQLite finds');
is($job->{rowCount}, scalar @lines, 'rowCount');
is_deeply($job->{warnings}, [], 'no warnings');
is(join(' ', map { "$_->{type} $_->{name} $_->{mimeType}" } content_blocks($body)), 'resource_link data.csv text/csv resource_link manifest.json application/json', 'links');



=== TEST 2: the manifest
--- call: export_view_csv {"viewId":"$ID{view:Deals by stage}","filterOverrides":[{"field":"region","op":"eq","value":"EMEA"}]}
--- also
my $job = answer($body);
ok($job->{cached}, 'the same job, done before');
my $manifest = JSON::PP->new->utf8->decode(on_disk($job->{manifestPath}));
my $page = ask(query_view_data => { viewId => $main::view, filterOverrides => $job->{appliedFilters} });
is_deeply($manifest->{columns}, $page->{columns}, 'columns as query_view_data has them');
is_deeply($manifest->{appliedFilters}, $job->{appliedFilters}, 'filters');
is("$manifest->{viewId} $manifest->{viewName} $manifest->{format} $manifest->{rowCount}", "$main::view Deals by stage csv $job->{rowCount}", 'what it is');
is("$manifest->{bytes} $manifest->{sha256}", length($job->{inlineCsv}) . ' ' . sha256_hex($job->{inlineCsv}), 'checksum');



=== TEST 3: 100,000 rows
--- call: export_view_csv {"viewId":"$ID{view:All sessions}"}
--- timeout: 60
--- also
my $job = main::follow(answer($body));
is("$job->{status} $job->{rowCount}", 'completed 100000', 'all of them');
is($job->{inlineCsv}, undef, 'not inline');
is_deeply($job->{warnings}, [], 'as it should be');
my $csv = on_disk($job->{resultPath});
is($csv =~ tr/\n//, 100001, 'lines');
my $manifest = JSON::PP->new->utf8->decode(on_disk($job->{manifestPath}));
is("$manifest->{bytes} $manifest->{sha256}", length($csv) . ' ' . sha256_hex($csv), 'checksum');
my @names = map { $_->{name} } @{ $manifest->{columns} };
is((split /\n/, $csv, 2)[0], join(',', @names), 'a line of names');
my ($at) = grep { $names[$_] eq 'session_id' } 0 .. $#names;
my %ids = map { (split /,/)[$at] => 1 } split /\n/, $csv;
is(scalar keys %ids, 100001, 'each session once');
is((ask(query_view_data => { viewId => $main::long, format => 'csv', pageSize => 50 }))->{csv}, join('', map { "$_\n" } (split /\n/, $csv, 52)[0 .. 50]), 'the first rows as query_view_data has them');



=== TEST 4: inline if and only if all of it fits
--- call: list_views {}
--- timeout: 60
--- also
my %seen;
for my $n (500, 2500, 3000, 3100, 3200, 4500) {
    my $text = ask_text(export_view_csv => { viewId => $main::long, filterOverrides => [{ field => 'session_id', op => 'lte', value => sprintf 'S%06d', $n }] });
    my $job = JSON::PP->new->utf8->decode($text);
    my $file = on_disk($job->{resultPath});
    (my $without = $text) =~ s/"inlineCsv":(?:null|"(?:[^"\\]++|\\.){0,30000}(?:[^"\\]++|\\.)*+")/"inlineCsv":null/;
    my $would = length($without) - 4 + length($file) + 2 + ($file =~ tr/\n"\\//);
    is(defined $job->{inlineCsv} ? 1 : 0, $would <= 262144 ? 1 : 0, "$n rows, $would bytes");
    ok(!defined $job->{inlineCsv} || $job->{inlineCsv} eq $file, 'the file');
    $seen{defined $job->{inlineCsv} ? 1 : 0}++;
}
is(scalar keys %seen, 2, 'on both sides');



=== TEST 5: the files over HTTP
--- call: export_view_csv {"viewId":"$ID{view:Deals by stage}"}
--- also
my $job = answer($body);
my $got = fetch($job->{fileUrl});
is("$got->{status} $got->{headers}{'content-type'}", '200 text/csv; charset=utf-8', 'CSV');
like($got->{headers}{'content-disposition'}, qr/^attachment; filename="$job->{jobId}-data\.csv"$/, 'to be saved');
is($got->{headers}{'x-content-type-options'}, 'nosniff', 'as what it is');
is($got->{content}, $job->{inlineCsv}, 'the file');
is(fetch($job->{fileUrl}, Range => 'bytes=0-4')->{content}, 'stage', 'a part of it');
is(fetch($job->{fileUrl}, 'If-None-Match' => $got->{headers}{etag})->{status}, 304, 'ETag');
my $manifest = fetch($job->{manifestUrl});
is("$manifest->{status} $manifest->{headers}{'content-type'}", '200 application/json', 'manifest');
is($manifest->{content}, on_disk($job->{manifestPath}), 'it is that');
(my $other = $job->{fileUrl}) =~ s/data\.csv/manifest.json/;
is(fetch($other)->{status}, 403, 'a link is good for its file alone');



=== TEST 6: get_job, and files that were cleared away
--- call: export_view_csv {"viewId":"$ID{view:Deals by stage}"}
--- also
my $job = answer($body);
my ($text) = post(get_job => { jobId => $job->{jobId} });
is(key_order($text), "jobId status $main::keys warnings", 'the same envelope');
is(JSON::PP->new->decode($text)->{inlineCsv}, $job->{inlineCsv}, 'the same CSV');
for my $path (qw(resultPath manifestPath)) {
    my $bytes = on_disk($job->{$path});
    unlink file_of($job->{$path}) or die;
    my $gone = refused(get_job => { jobId => $job->{jobId} });
    is("$gone->{code} $gone->{details}{reason}", 'JOB_NOT_FOUND expired', "without $path it is not there");
    my $again = ask(export_view_csv => { viewId => $main::view });
    is("$again->{jobId} " . ($again->{cached} ? 1 : 0), "$job->{jobId} 0", 'made again, the same');
    is(on_disk($job->{$path}), $bytes, 'byte for byte');
}
is(refused(get_job => { jobId => 'job_8a2x6w5q1y3z2c5v7n9b3p' })->{details}{reason}, 'unknown', 'unknown');
is(refused(get_job => { jobId => 'job_' })->{code}, 'INVALID_INPUT', 'malformed');



=== TEST 7: what cannot be exported
--- call: export_view_csv {"viewId":"vw_a1b2c3d4e5f6g7h8i9j0k1"}
--- response_body_like: VIEW_NOT_FOUND
--- also
my $offline = Lookout::sql("SELECT v.id FROM view v JOIN datasource d ON d.id = v.datasource_id WHERE d.status = 'offline' LIMIT 1");
is(refused(export_view_csv => { viewId => $offline })->{code}, 'DATASOURCE_OFFLINE', 'offline');
is(refused(export_view_csv => { viewId => Lookout::id(view => 'Bookings by territory') })->{code}, 'SCHEMA_DRIFT', 'drifted');
is(refused(export_view_csv => { viewId => $main::view, filterOverrides => [{ field => 'stage', op => 'eq', value => 'Closed' }] })->{details}{reason}, 'unknown_value', 'a value that there is not');
is(refused(export_view_csv => { viewId => $main::view, format => 'xlsx' })->{code}, 'INVALID_INPUT', 'there is one format');
is(ask(export_view_csv => { viewId => Lookout::id(view => 'Sessions on the map') })->{status}, 'completed', 'what cannot be drawn can be exported');



=== TEST 8: stale data warn
--- call eval
my $id = Lookout::sql("SELECT v.id FROM view v JOIN datasource d ON d.id = v.datasource_id WHERE d.deleted_at IS NULL AND d.status = 'online' AND v.deleted_at IS NULL AND strftime('%s') - d.last_refreshed_at > d.freshness_sla_seconds LIMIT 1");
qq(export_view_csv {"viewId":"$id"})
--- also
my $job = answer($body);
is($job->{warnings}[0]{code}, 'EXTRACT_STALE', 'the export');
is(ask(get_job => { jobId => $job->{jobId} })->{warnings}[0]{code}, 'EXTRACT_STALE', 'and get_job');



=== TEST 9: a long one answers running, and is polled
--- init
main::slow_jobs('running');
--- call: list_views {}
--- timeout: 60
--- also
my $start = time;
my $text = ask_text(export_view_csv => { viewId => $main::long, filterOverrides => [{ field => 'duration_minutes', op => 'gt', value => -9 }] });
my $took = time - $start;
is(key_order($text), 'jobId status pollAfterMs resultPath manifestPath fileUrl manifestUrl format rowCount inlineCsv appliedFilters cached createdAt completedAt progress warnings', 'members');
my $job = JSON::PP->new->utf8->decode($text);
cmp_ok($took, '>', 0.9, 'after a second');
is("$job->{status} $job->{pollAfterMs} $job->{progress}{rowsWritten}", 'running 1000 0', 'running');
is_deeply([@$job{qw(resultPath manifestPath fileUrl manifestUrl rowCount inlineCsv completedAt)}], [(undef) x 7], 'nothing yet');
is(ask(get_job => { jobId => $job->{jobId} })->{status}, 'running', 'get_job');
slow_jobs('none');
$job = main::follow($job);
is("$job->{status} $job->{rowCount}", 'completed 100000', 'done');



=== TEST 10: progress, for who asks to be told
--- init
main::slow_jobs('done');
--- call: list_views {}
--- timeout: 60
--- also
my $call = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"export_view_csv","arguments":{"viewId":"' . $main::long
  . '","filterOverrides":[]},"_meta":{"progressToken":"how far"}}}';
unlink file_of($_) for ask(export_view_csv => { viewId => $main::long })->{resultPath};
my $out = `curl -sN -i -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' -d '$call' $url/mcp`;
slow_jobs('none');
like($out, qr{^Content-Type: text/event-stream\r$}m, 'a stream');
my @events = map { JSON::PP->new->utf8->decode($_) } $out =~ /^data: (.*)$/mg;
my $last = pop @events;
cmp_ok(scalar @events, '>', 0, 'progress');
is_deeply($events[-1]{params}, { progressToken => 'how far', progress => 100000, total => 100000 }, 'how far it was');
is($last->{id}, 7, 'the answer comes last');
is("$last->{result}{structuredContent}{status} $last->{result}{structuredContent}{rowCount}", 'completed 100000', 'and whole');



=== TEST 11: a client that leaves stops nothing
--- init
main::slow_jobs('running');
--- call: list_views {}
--- timeout: 60
--- also
my $call = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"export_view_csv","arguments":{"viewId":"' . $main::long . '",'
  . '"filterOverrides":[{"field":"duration_minutes","op":"gt","value":-11}]},'
  . '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}';
is(system("curl -s -m 0.5 -H 'Content-Type: application/json' -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -H 'Mcp-Name: export_view_csv' -H 'Mcp-Param-ViewId: $main::long' -d '$call' $url/mcp") >> 8, 28, 'it leaves');
my ($id) = job_rows('id', "status = 'running'");
slow_jobs('none');
my $job = main::follow(ask(get_job => { jobId => $id }));
is("$job->{status} $job->{rowCount}", 'completed 100000', 'the export is there');



=== TEST 12: a reload waits for it
--- init
main::slow_jobs('running');
--- call: list_views {}
--- timeout: 60
--- also
my $job = main::export(12);
is($job->{status}, 'running', 'running');
kill HUP => main::master();
$job = main::follow($job);
slow_jobs('none');
is("$job->{status} $job->{rowCount}", 'completed 100000', 'done, by the worker that was going');
is_deeply([job_rows('interruptions', "id = '$job->{jobId}'")], [0], 'once');



=== TEST 13: workers that are killed
--- init
main::slow_jobs('running');
--- call: list_views {}
--- timeout: 60
--- error_log eval
qr/exited on signal 9/
--- also
my $job = main::export(13);
is($job->{status}, 'running', 'running');
my @old = main::children(main::master());
kill KILL => @old;
for (1 .. 200) {
    my %now = map { $_ => 1 } main::children(main::master());
    last if !grep({ $now{$_} } @old) && keys %now == 2;
    sleep 0.05;
}
slow_jobs('none');
ok(!-e file_of("fs/exports/views/$job->{jobId}/data.csv"), 'no half a file is there');
$job = main::follow(ask(get_job => { jobId => $job->{jobId} }));
is("$job->{status} $job->{rowCount}", 'completed 100000', 'the next who asks has it done');
is_deeply([job_rows('interruptions', "id = '$job->{jobId}'")], [0], 'which is forgotten then');



=== TEST 14: the busy state file is waited for
--- call: list_views {}
--- timeout: 60
--- also
open my $lock, '|-', 'sqlite3', "$Files::state/jobs.db" or die;
$lock->autoflush(1);
print {$lock} "BEGIN IMMEDIATE;\n";
sleep 0.3;
my $start = time;
local $SIG{ALRM} = sub { print {$lock} "ROLLBACK;\n" };
alarm 1;
my $job = main::export(14);
cmp_ok(time - $start, '>', 0.5, 'it waited');
is(main::follow($job)->{status}, 'completed', 'and was done');
close $lock;



=== TEST 15: a state folder that cannot be written to
--- config
    lookout_state /proc/nowhere;
    location = /mcp { lookout_mcp; }
--- call: export_view_csv {"viewId":"$ID{view:Deals by stage}"}
--- response_body_like: "isError":true
--- error_log eval
qr/lookout: .*\/proc\/nowhere/
--- also
is(answer($body)->{error}{code}, 'INTERNAL_ERROR', 'an error');
like(answer($body)->{error}{message}, qr/operator/, 'that says whose it is');
unlike($body, qr/nowhere/, 'and no path');
is(ask(query_view_data => { viewId => $main::view })->{rowCount}, 6, 'all else works');



=== TEST 16: no links in an answer to 2025-03-26, which does not know them
--- call: export_view_csv {"viewId":"$ID{view:Deals by stage}"}
--- more_headers
MCP-Protocol-Version: 2025-03-26
--- also
like(answer($body)->{fileUrl}, qr{/files/}, 'where the file is');
is(scalar(content_blocks($body)), 0, 'the text alone');
