# Renders and exports as tasks (extension io.modelcontextprotocol/tasks): who gets one, what it
# says while it works and when it has ended, who can cancel what, and that it outlives workers.

use lib 't';
use Lookout;
use Agent;
use Files;
use HTTP::Tiny;
use JSON::PP ();
use Time::HiRes qw(sleep);
use Test::Nginx::Socket 'no_plan';

our $view = Lookout::id(view => 'Deals by stage');
our $long = Lookout::id(view => 'All sessions');
our $map = Lookout::id(view => 'Sessions on the map');
our $extension = 'io.modelcontextprotocol/tasks';
our $declared = { extensions => { $extension => {} } };

my $json = JSON::PP->new->canonical->allow_nonref;
my $http = HTTP::Tiny->new(timeout => 20, keep_alive => 0);
my $pre = 'io.modelcontextprotocol';

# A modern request of a client with these capabilities: HTTP status, answer, and its headers.
sub modern {
    my ($capabilities, $method, $params, %headers) = @_;

    my %meta = ("$pre/protocolVersion" => '2026-07-28', "$pre/clientCapabilities" => $capabilities, %{ $params->{_meta} // {} });
    my $name = $params->{name} // $params->{taskId};
    my $view = ($params->{arguments} // {})->{viewId};
    my $response = $http->post('http://127.0.0.1:' . server_port() . '/mcp', {
        headers => {
            'Content-Type' => 'application/json', Accept => 'application/json, text/event-stream',
            'MCP-Protocol-Version' => '2026-07-28', 'Mcp-Method' => $method,
            (defined $name ? ('Mcp-Name' => $name) : ()), (defined $view ? ('Mcp-Param-ViewId' => $view) : ()), %headers,
        },
        content => $json->encode({ jsonrpc => '2.0', id => 5, method => $method, params => { %$params, _meta => \%meta } }),
    });
    return ($response->{status}, $json->decode($response->{content}), $response->{headers});
}

# The result of a request of a client that takes tasks.
sub result {
    my (undef, $answer) = modern($declared, @_);
    return $answer->{result} // die "no result: " . $json->encode($answer) . "\n";
}

sub task {
    my ($tool, %args) = @_;
    return result('tools/call', { name => $tool, arguments => \%args });
}

# A catalogue of its own, in which reading the sessions takes its time: about six thousand a
# second. What asks for so many of them is a job that can be caught at work.
our $root = own_catalogue();

change("$root/extracts/product_usage.db", 'ALTER TABLE extract RENAME TO plain; CREATE VIEW extract AS SELECT * FROM plain WHERE'
  . ' (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000 + 0 * plain.rowid) SELECT count(*) FROM n) > 0');
$Lookout::http =~ s{lookout_catalog\s+\S+;}{lookout_catalog $root/catalog.db;};

# The arguments that export the first n sessions.
sub sessions {
    my ($n) = @_;
    return (viewId => $long, filterOverrides => [{ field => 'session_id', op => 'lte', value => sprintf 'S%06d', $n }]);
}

sub get { return result('tasks/get', { taskId => $_[0]->{taskId} }) }

sub cancel { return result('tasks/cancel', { taskId => $_[0]->{taskId} }) }

# Follows a task to its end.
sub follow {
    my ($task) = @_;

    for (1 .. 600) {
        $task = get($task);
        return $task if $task->{status} ne 'working';
        sleep 0.05;
    }
    return $task;
}

# What the tool would have said: the envelope.
sub envelope {
    my ($task) = @_;
    return $json->decode($task->{result}{content}[0]{text});
}

# What an acknowledgement has beside the server's name.
sub bare {
    my (%result) = @_;
    delete $result{_meta};
    return $json->encode(\%result);
}

# How many tasks the jobs' state knows.
sub tasks_made { return `sqlite3 $Files::state/jobs.db 'SELECT count(*) FROM task'` }

our $ack = '{"resultType":"complete"}';

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
no_shuffle();
run_tests();

__DATA__

=== TEST 1: who is told of it
--- call: list_views {}
--- also
my (undef, $answer) = main::modern({}, 'server/discover', {});
is_deeply($answer->{result}{capabilities}{extensions}{$main::extension}, {}, 'server/discover');
my $legacy = HTTP::Tiny->new->post("$url/mcp", { headers => { 'Content-Type' => 'application/json' },
    content => Lookout::message(initialize => '{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}') })->{content};
like($legacy, qr/"capabilities":/, 'initialize answers');
unlike($legacy, qr/tasks/, 'and knows nothing of tasks');



=== TEST 2: a render is a task, flat
--- call: list_views {}
--- also
my $task = main::task(create_view_render => (viewId => $main::view));
is(join(' ', sort keys %$task), '_meta createdAt lastUpdatedAt pollIntervalMs resultType status statusMessage taskId ttlMs', 'members');
is("$task->{resultType} $task->{status} $task->{statusMessage} $task->{pollIntervalMs} $task->{ttlMs}", 'task working Rendering. 200 604800000', 'a week, and a second look soon');
like($task->{taskId}, qr/^task_[a-z2-7]{22}$/, 'taskId');
like("$task->{createdAt} $task->{lastUpdatedAt}", qr/^(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ ?){2}$/, 'times');
my $end = main::follow($task);
is(join(' ', sort keys %$end), '_meta createdAt lastUpdatedAt result resultType status statusMessage taskId ttlMs', 'members at the end');
is("$end->{resultType} $end->{status} $end->{taskId} $end->{createdAt}", "complete completed $task->{taskId} $task->{createdAt}", 'the same task');
is($end->{statusMessage}, 'Rendered: 6 rows.', 'what was done');
ok($end->{lastUpdatedAt} ge $end->{createdAt}, 'it went on since');
is(main::envelope($end)->{status}, 'succeeded', 'the envelope');
is_deeply([sort keys %{ $end->{result} }], [qw(content isError resultType structuredContent)], 'a result of a tool');



=== TEST 3: the result is what the tool says
--- call: list_views {}
--- also
for my $row (
    [create_view_render => {}],
    [create_view_render => { inline => 'base64' }],
    [create_view_render => { inline => 'image' }],
    [create_view_render => { inline => 'none' }],
    [create_view_render => { format => 'svg', width => 500 }],
    [create_view_render => { format => 'svg', inline => 'none', filterOverrides => [{ field => 'region', op => 'eq', value => 'EMEA' }] }],
    [export_view_csv => {}],
    [export_view_csv => { filterOverrides => [{ field => 'region', op => 'in', value => ['EMEA', 'NA'] }] }],
) {
    my ($tool, $args) = @$row;
    my $what = $tool . ' ' . JSON::PP->new->canonical->encode($args);
    my $call = { name => $tool, arguments => { viewId => $main::view, %$args } };
    my $end = main::follow(main::task($tool, %{ $call->{arguments} }));
    my (undef, $plain) = main::modern({}, 'tools/call', $call);
    delete $plain->{result}{_meta};
    is(JSON::PP->new->canonical->encode($end->{result}), JSON::PP->new->canonical->encode($plain->{result}), $what);
}



=== TEST 4: an equal request for what is done is the same task
--- call: list_views {}
--- also
my $first = main::follow(main::task(export_view_csv => (viewId => $main::view)));
my $made = main::tasks_made();
my ($second, @more) = map { main::task(export_view_csv => (viewId => $main::view)) } 1 .. 20;
is(join(' ', grep { $_ ne $first->{taskId} } map { $_->{taskId} } $second, @more), '', 'one task');
is(main::tasks_made(), $made, 'and nothing more is kept');
is("$second->{resultType} $second->{status} $second->{statusMessage}", 'task completed Exported: 6 rows.', 'of what is done: ended, and still a task');
ok($second->{lastUpdatedAt} ge $second->{createdAt}, 'not before it was made');
ok(!exists $second->{result}, 'which has its result to be asked for');
is(main::envelope(main::follow($first))->{jobId}, main::envelope(main::get($second))->{jobId}, 'one job');
is(scalar job_rows('id', "kind = 'export' AND view_id = '$main::view' AND inputs LIKE '%\"appliedFilters\":[]%'"), 1, 'done once');
is(main::bare(%{ main::cancel($second) }), $main::ack, 'cancelling what has ended is acknowledged');
is(main::get($second)->{status}, 'completed', 'and changes nothing');
my @pictures = map { main::follow(main::task(create_view_render => (viewId => $main::view, inline => $_))) } qw(none none image);
is($pictures[0]{taskId}, $pictures[1]{taskId}, 'of pictures, too');
isnt($pictures[0]{taskId}, $pictures[2]{taskId}, 'but not where the answer is another');



=== TEST 5: others get no task
--- call: list_views {}
--- also
my $call = { name => 'export_view_csv', arguments => { viewId => $main::view } };
my $before = main::tasks_made();
my (undef, $plain) = main::modern({ extensions => {} }, 'tools/call', $call);
is("$plain->{result}{resultType} $plain->{result}{structuredContent}{status}", 'complete completed', 'modern, undeclared');
like(ask(export_view_csv => { viewId => $main::view })->{jobId}, qr/^job_/, 'legacy');
is(main::result('tools/call', { name => 'get_view', arguments => { viewId => $main::view } })->{resultType}, 'complete', 'other tools answer');
is(main::tasks_made(), $before, 'no task');
my $id = main::task(export_view_csv => (viewId => $main::view))->{taskId};
for my $method (qw(tasks/get tasks/update tasks/cancel)) {
    my ($status, $answer) = main::modern({}, $method, { taskId => $id });
    is("$status $answer->{error}{code}", '400 -32021', "$method undeclared");
    is_deeply($answer->{error}{data}, { requiredCapabilities => $main::declared }, 'says what is missing');
    $answer = JSON::PP->new->decode(HTTP::Tiny->new->post("$url/mcp", { headers => { 'Content-Type' => 'application/json' },
        content => Lookout::message($method => qq({"taskId":"$id"})) })->{content});
    is($answer->{error}{code}, -32601, "$method legacy");
}



=== TEST 6: what is not there
--- call: list_views {}
--- also
my $id = main::follow(main::task(export_view_csv => (viewId => $main::view)))->{taskId};
for my $method (qw(tasks/get tasks/update tasks/cancel)) {
    my ($status, $answer) = main::modern($main::declared, $method, { taskId => 'task_abcdefghijklmnopqrstuv' });
    is("$status $answer->{error}{code} $answer->{error}{data}{reason}", '200 -32602 unknown', "$method of an unknown one");
    like($answer->{error}{message}, qr/^Task task_abcdefghijklmnopqrstuv not found.*Call the tool again/, 'in words');
    is((main::modern($main::declared, $method, { taskId => $_ }))[1]{error}{code}, -32602, "$method of '$_'") for 'task_', 'task_ABCDEFGHIJKLMNOPQRSTUV', 'x';
    is((main::modern($main::declared, $method, {}, 'Mcp-Name' => $id))[1]{error}{code}, -32020, "$method of none, when the header has one");
    is(join(' ', map { $_->[0], $_->[1]{error}{code} } [main::modern($main::declared, $method, { taskId => $id }, 'Mcp-Name' => "${id}x")]), '400 -32020', "$method with another name above");
}
for my $method (qw(tasks/result tasks/list)) {
    my ($status, $answer) = main::modern($main::declared, $method, { taskId => $id });
    is("$status $answer->{error}{code}", '404 -32601', $method);
}
is(main::bare(%{ main::result('tasks/update', { taskId => $id, inputResponses => { name => { action => 'accept' } } }) }), $main::ack, 'tasks/update is acknowledged');
my $end = main::get({ taskId => $id });
unlink file_of($end->{result}{structuredContent}{resultPath}) or die;
my ($status, $answer) = main::modern($main::declared, 'tasks/get', { taskId => $id });
is("$status $answer->{error}{code} $answer->{error}{data}{reason}", '200 -32602 expired', 'its file was cleared away');
main::follow(main::task(export_view_csv => (viewId => $main::view)));
is(main::get({ taskId => $id })->{status}, 'completed', 'and made again');



=== TEST 7: what goes wrong before there is a job is the call's error
--- call: list_views {}
--- also
for my $row (
    ['VIEW_NOT_FOUND', create_view_render => (viewId => 'vw_a1b2c3d4e5f6g7h8i9j0k1')],
    ['SCHEMA_DRIFT', export_view_csv => (viewId => Lookout::id(view => 'Bookings by territory'))],
    ['INVALID_FILTER', export_view_csv => (viewId => $main::view, filterOverrides => [{ field => 'stage', op => 'eq', value => 'Closed' }])],
    ['INVALID_INPUT', create_view_render => (viewId => $main::view, format => 'gif')],
) {
    my ($code, @call) = @$row;
    my $result = main::task(@call);
    is("$result->{resultType} $result->{isError}", 'complete 1', "$code: no task");
    is(JSON::PP->new->decode($result->{content}[0]{text})->{error}{code}, $code, 'but the error');
}



=== TEST 8: a job that fails is a result
--- call: list_views {}
--- also
for my $when ('at once', 'a moment later') {
    my $task = main::task(create_view_render => (viewId => $main::map));
    is($task->{resultType}, 'task', "$when: a task");
    my $end = main::follow($task);
    my $job = main::envelope($end);
    is("$end->{status} $job->{status} $job->{error}{code}", 'completed failed CHART_TYPE_UNSUPPORTED', 'completed, with what failed');
    ok(!$end->{result}{isError}, 'which is no error of the tool');
    is($end->{statusMessage}, $job->{error}{message}, 'as its message says');
    is_deeply($end->{result}{structuredContent}, ask(create_view_render => { viewId => $main::map }), 'the same as without a task');
}



=== TEST 9: cancelling the only one
--- call: list_views {}
--- timeout: 60
--- also
my $task = main::task(export_view_csv => main::sessions(90000));
is("$task->{status} $task->{statusMessage} $task->{pollIntervalMs}", 'working Exporting. 1000', 'told at once');
is(main::get($task)->{status}, 'working', 'it works');
is(main::bare(%{ main::cancel($task) }), $main::ack, 'acknowledged');
my $end = main::get($task);
is("$end->{resultType} $end->{status} $end->{statusMessage}", 'complete cancelled Cancelled.', 'cancelled');
ok(!exists $end->{result} && !exists $end->{error}, 'without a result');
is(main::bare(%{ main::cancel($task) }), $main::ack, 'and again');
my ($id) = job_rows('id', "owner = '' AND status = 'queued'");
like($id, qr/^job_/, 'the job is nobody\'s');
my @written;
for (1 .. 100) {
    @written = glob file_of('fs/.aside/*');
    last if !@written;
    sleep 0.1;
}
is("@written", '', 'whoever worked on it has stopped');
is_deeply([job_rows('status', "id = '$id'")], ['queued'], 'and left it undone');
ok(!-e file_of("fs/exports/views/$id/data.csv"), 'there is no file');
my $again = main::task(export_view_csv => main::sessions(90000));
is_deeply([job_rows('status', "id = '$id'")], ['running'], 'the next who asks has it done anew');
is(main::get($task)->{status}, 'cancelled', 'a cancelled task stays cancelled');
main::cancel($again);



=== TEST 10: cancelling one of two
--- call: list_views {}
--- timeout: 60
--- also
my $mine = main::task(export_view_csv => main::sessions(10000));
my $other = main::task(export_view_csv => main::sessions(10000));
is("$mine->{status} $other->{status}", 'working working', 'both wait');
isnt($mine->{taskId}, $other->{taskId}, 'for themselves');
main::cancel($mine);
is(main::get($mine)->{status}, 'cancelled', 'mine is cancelled');
is(main::get($other)->{status}, 'working', "the other's is not");
my $end = main::follow($other);
is("$end->{status} " . main::envelope($end)->{rowCount}, 'completed 10000', 'and has its export');
is_deeply([job_rows('interruptions', "id = '" . main::envelope($end)->{jobId} . "'")], [0], 'done once');



=== TEST 11: a plain caller's job is not a task's to cancel
--- call: list_views {}
--- timeout: 60
--- also
my $task = main::task(export_view_csv => main::sessions(20000));
my (%args) = main::sessions(20000);
my $job = ask(export_view_csv => \%args);
is("$task->{status} $job->{status}", 'working running', 'the same job');
main::cancel($task);
is(main::get($task)->{status}, 'cancelled', 'the task is cancelled');
for (1 .. 600) {
    last if $job->{status} ne 'running' && $job->{status} ne 'queued';
    sleep 0.1;
    $job = ask(get_job => { jobId => $job->{jobId} });
}
is("$job->{status} $job->{rowCount}", 'completed 20000', 'the job is done');
is(main::get($task)->{status}, 'cancelled', 'which changes nothing');



=== TEST 12: a reload stops nothing
--- call: list_views {}
--- timeout: 60
--- also
my $task = main::task(export_view_csv => main::sessions(6000));
kill HUP => main::master();
is($task->{status}, 'working', 'it works');
my $end = main::follow($task);
is("$end->{status} " . main::envelope($end)->{rowCount}, 'completed 6000', 'done');
is_deeply([job_rows('interruptions', "id = '" . main::envelope($end)->{jobId} . "'")], [0], 'by the worker that was going');



=== TEST 13: workers that are killed
--- call: list_views {}
--- timeout: 60
--- error_log eval
qr/exited on signal 9/
--- also
my $task = main::task(export_view_csv => main::sessions(7000));
is(main::get($task)->{status}, 'working', 'it works');
my @old = main::children(main::master());
kill KILL => @old;
for (1 .. 200) {
    my %now = map { $_ => 1 } main::children(main::master());
    last if !grep({ $now{$_} } @old) && keys %now == 2;
    sleep 0.05;
}
my $now = main::get($task);
is("$now->{resultType} $now->{taskId}", "complete $task->{taskId}", 'it is still known');
my $end = main::follow($task);
is("$end->{status} " . main::envelope($end)->{rowCount}, 'completed 7000', 'and who asks has the work done');



=== TEST 14: progress is not told of tasks
--- call: list_views {}
--- also
my ($status, $answer, $headers) = main::modern($main::declared, 'tools/call',
    { name => 'export_view_csv', arguments => { main::sessions(14) }, _meta => { progressToken => 'how far' } });
is("$status $headers->{'content-type'} $answer->{result}{resultType}", '200 application/json task', 'no stream');
is(main::follow($answer->{result})->{status}, 'completed', 'the work is done');



=== TEST 15: as long as the files are kept
--- http_config
    lookout_files_max_age 2h;
--- call: list_views {}
--- also
is(main::task(create_view_render => (viewId => $main::view, width => 777))->{ttlMs}, 7200000, 'two hours');
my $task = main::task(create_view_render => (viewId => $main::map, width => 777));
is(main::follow($task)->{ttlMs}, 604800000, 'a failure takes no room');



=== TEST 16: many at once
--- call: list_views {}
--- timeout: 60
--- also
my @tasks = map { main::task(create_view_render => (viewId => $main::view, width => 500 + $_, inline => 'none')) } 1 .. 12;
is(scalar keys %{ { map { $_->{taskId} => 1 } @tasks } }, 12, 'a task each');
is(join(' ', map { main::envelope(main::follow($_))->{width} } @tasks), join(' ', map { 500 + $_ } 1 .. 12), 'a picture each');
