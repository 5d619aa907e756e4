# Scoped servers, /mcp/TOKEN: what is in scope is shown and works, what is not is neither; the
# second factor, expiry, revocation, rotation; limits of their own.

use lib 't';
use Agent;
use IO::Socket::INET;
use JSON::PP ();
use Lookout;
use Scoped;
use Test::Nginx::Socket 'no_plan';
use Time::HiRes qw(sleep);

our $json = JSON::PP->new->utf8->canonical;
our $sales = Lookout::id(datasource => 'Sales Pipeline');
our $usage = Lookout::id(datasource => 'Product Usage');

our @views   = (config => { methods => ['read'], tags => ['views'] });
our @queries = (config => { methods => ['run'], tags => ['queries'] });

sub names { return join ' ', map { $_->{name} } @{ $_[0] } }

# Sends the same ping over each of many connections that stay open: the statuses, counted.
sub open_many {
    my ($n) = @_;
    return map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => server_port()) or die } 1 .. $n;
}

sub pings {
    my ($path, @sockets) = @_;

    my $body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
    my %seen;
    for my $socket (@sockets) {
        print {$socket} "POST $path HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
          . length($body) . "\r\n\r\n$body";
        my $head = '';
        while (my $line = <$socket>) { $head .= $line; last if $line eq "\r\n" }
        my ($status) = $head =~ m{^HTTP/1.1 (\d+)};
        my ($length) = $head =~ /^Content-Length: (\d+)/m;
        read $socket, my $rest, $length if $length;
        $seen{$status}++;
    }
    return join ' ', map { "$_ x $seen{$_}" } sort keys %seen;
}

sub path { return $_[0] =~ m{^http://[^/]+(/.*)$} ? $1 : die }

master_on();
workers(2);
Lookout::defaults();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: tools: what is in scope, in both eras, and in the manifest
--- request
GET /mcp/
--- error_code: 405
--- also
my $server = made(name => 'Chart reader', @main::views);
for my $case (['2025-11-25', \&through], ['2026-07-28', \&modern_through]) {
    my ($era, $call) = @$case;
    my ($status, $list) = $call->($server->{url}, 'tools/list');
    is(main::names($list->{result}{tools}), 'list_views get_view query_view_data create_view_render get_render_job export_view_csv get_job', "$era: tools");
    is($list->{result}{cacheScope}, 'private', "$era: of this caller alone") if $era ge '2026';
    for my $whole (0, 1) {
        my $url = $whole ? made(config => { methods => ['read'], datasources => [$main::sales] })->{url} : $server->{url};
        my $said = ($call->($url, $era ge '2026' ? 'server/discover' : 'initialize', $era ge '2026' ? {} : { protocolVersion => $era, capabilities => {}, clientInfo => { name => 't', version => '1' } }))[1]{result};
        is($said->{instructions} =~ /^This address opens a part of the server: only what tools\/list shows can be called/ ? 1 : 0, $whole ? 0 : 1, "$era: the instructions are of more tools, and say so") or diag($said->{instructions});
        like($said->{instructions}, qr/^Lookout answers questions/m, "$era: and what they said");
        is($said->{cacheScope}, 'private', "$era: to this caller") if $era ge '2026';
    }
    (undef, my $no) = $call->($server->{url}, 'tools/call', { name => 'query_datasource', arguments => { datasourceId => $main::sales, sql => 'SELECT 1' } },
        'Mcp-Param-DatasourceId' => $main::sales);
    is($no->{error}{code}, -32602, "$era: a tool outside");
    like($no->{error}{message}, qr/outside the scope.*"Chart reader".*needs .*one of the tags datasources, queries/, "$era: what would allow it");
}
my $get = HTTP::Tiny->new->get(here(main::path($server->{url})) . '/manifest.json');
is($get->{status}, 200, 'manifest');
is(main::names($main::json->decode($get->{content})->{tools}), main::names((through($server->{url}, 'tools/list'))[1]{result}{tools}), 'has the same tools');
is($get->{headers}{'cache-control'}, 'private, no-cache', 'is this caller\'s alone');
is(HTTP::Tiny->new->get(here(main::path($server->{url})) . '/manifest.json', { headers => { 'If-None-Match' => $get->{headers}{etag} } })->{status}, 304, 'is known again');
is(HTTP::Tiny->new->head(here(main::path($server->{url})) . '/manifest.json')->{headers}{'content-length'}, length $get->{content}, 'HEAD');
is(HTTP::Tiny->new->post(here(main::path($server->{url})) . '/manifest.json')->{headers}{allow}, 'GET, HEAD, OPTIONS', 'no POST');
is(HTTP::Tiny->new->get(here('/mcp/lks_' . ('A' x 32) . '/manifest.json'))->{status}, 401, 'of no server');
is(HTTP::Tiny->new->get(here(main::path($server->{url})))->{status}, 405, 'GET on the address itself');



=== TEST 2: methods: read, write, verbs; neither: everything
--- request
GET /mcp/
--- error_code: 405
--- also
my $all = main::names((through(made()->{url}, 'tools/list'))[1]{result}{tools});
is(scalar(split ' ', $all), 12, 'all tools');
is(main::names((through(made(config => { methods => ['read'] })->{url}, 'tools/list'))[1]{result}{tools}), $all, 'all of them only read');
is(main::names((through(made(config => { methods => ['write'] })->{url}, 'tools/list'))[1]{result}{tools}), '', 'none writes');
is(main::names((through(made(config => { methods => ['list'] })->{url}, 'tools/list'))[1]{result}{tools}), 'list_datasources list_workbooks list_views', 'a verb');
is(main::names((through(made(@main::queries)->{url}, 'tools/list'))[1]{result}{tools}), 'query_datasource query_view_data', 'a verb and a tag');
is(main::names((through(made(config => { tags => ['users'] })->{url}, 'tools/list'))[1]{result}{tools}), '', 'a tag that no tool has');



=== TEST 3: resources, templates, prompts, completion
--- request
GET /mcp/
--- error_code: 405
--- also
my $views = made(@main::views)->{url};
my $source = "lookout://datasources/$main::sales";
for my $call (\&through, \&modern_through) {
    my $list = (sub { ($call->($views, $_[0], $_[1]))[1] });
    my @uris = map { $_->{uri} } @{ $list->('resources/list')->{result}{resources} };
    is(scalar(grep { m{/(?:datasources|workbooks)/} } @uris), 0, 'no resource outside');
    ok(scalar(grep { m{^lookout://views/} } @uris), 'those inside');
    my $templates = join ' ', map { $_->{uriTemplate} } @{ $list->('resources/templates/list')->{result}{resourceTemplates} };
    unlike($templates, qr{datasources|workbooks}, 'no template outside');
    like($templates, qr{views/}, 'those inside');
    ok($list->('resources/read', { uri => $source })->{error}, 'reading one outside');
    ok(!$list->('resources/read', { uri => (grep { m{^lookout://views/} } @uris)[0] })->{error}, 'and one inside');
    is(main::names($list->('prompts/list')->{result}{prompts}), 'inspect_view render_view export_view', 'prompts that work with what is inside');
    ok($list->('completion/complete', { ref => { type => 'ref/resource', uri => 'lookout://datasources/{datasourceId}' }, argument => { name => 'datasourceId', value => '' } })->{error},
        'completion of a template outside');
    ok(!$list->('completion/complete', { ref => { type => 'ref/resource', uri => 'lookout://views/{viewId}' }, argument => { name => 'viewId', value => '' } })->{error}, 'and inside');
}
my $open = made()->{url};
my $prompt = { name => 'discover_datasources', arguments => {} };
ok(!(through($open, 'prompts/get', $prompt))[1]{error}, 'an open server has a prompt');
ok((through($views, 'prompts/get', $prompt))[1]{error}, 'that this one does not');



=== TEST 4: what one scope gave another does not take
--- request
GET /mcp/
--- error_code: 405
--- also
my ($one, $two) = (made(name => 'one'), made(name => 'two'));
my $page = call_through($one->{url}, list_views => { pageSize => 3 });
my $next = sub { call_through($_[0], list_views => { pageSize => 3, cursor => $page->{nextCursor} }) };
is(scalar @{ $next->($one->{url})->{items} }, 3, 'its own cursor');
is($next->($two->{url})->{code}, 'INVALID_CURSOR', 'the cursor of another');

# A task, whoever knows its id: where its tool is, or the one that asks for its job.
my $declared = { _meta => { 'io.modelcontextprotocol/protocolVersion' => '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities' => { extensions => { 'io.modelcontextprotocol/tasks' => {} } } } };
my $view = Lookout::id(view => 'Deals by stage');
my $tasks = sub {
    my ($url, $method, %params) = @_;
    my %more = (Accept => 'application/json, text/event-stream', 'MCP-Protocol-Version' => '2026-07-28', 'Mcp-Method' => $method,
        'Mcp-Name' => $params{name} // $params{taskId}, $params{arguments} ? ('Mcp-Param-ViewId' => $view) : ());
    return (through($url, $method, { %params, %$declared }, %more))[1];
};
my $task = $tasks->($one->{url}, 'tools/call', name => 'export_view_csv', arguments => { viewId => $view })->{result}{taskId};
my $unknown = ($tasks->($one->{url}, 'tasks/get', taskId => 'task_' . 'a' x 22))->{error}{message} =~ s/task_a+/TASK/r;
for (1 .. 100) { last if $tasks->($one->{url}, 'tasks/get', taskId => $task)->{result}{status} eq 'completed'; sleep 0.05 }
for my $case ([1, methods => ['run']], [1, methods => ['get']], [1, tags => ['exports']], [1, tags => ['views']], [0, methods => ['list']],
              [0, tags => ['queries']], [0, tags => ['datasources', 'renders']]) {
    my ($shown, %config) = @$case;
    my $url = made(config => \%config)->{url};
    for my $method ('tasks/get', 'tasks/cancel') {
        my $said = $tasks->($url, $method, taskId => $task);
        is($shown ? defined $said->{result} : $said->{error}{message} =~ s/\Q$task\E/TASK/r, $shown || $unknown, "$method within " . $main::json->encode(\%config));
    }
}



=== TEST 5: the second factor
--- request
GET /mcp/
--- error_code: 405
--- also
my $server = made(name => 'two keys', require_api_token_auth => JSON::PP::true());
my $token = Lookout::token(time + 60);
my ($status, $said, $headers) = through($server->{url}, 'ping');
is($status, 401, 'the address alone');
like($said->{error}{message}, qr/a token besides its address/, 'says what is missing');
like($headers->{'www-authenticate'}, qr/^Bearer /, 'and how to send it');
is((through($server->{url}, 'ping', {}, Authorization => "Bearer $token"))[0], 200, 'both');
is((through($server->{url}, 'ping', {}, Authorization => 'Bearer ' . Lookout::token(time - 1)))[0], 401, 'an expired one');
is((through($server->{url}, 'ping', {}, Authorization => "Bearer ${token}x"))[0], 401, 'an altered one');
is((through($server->{url}, 'ping', {}, Authorization => 'Bearer ' . admin_key()))[0], 401, 'the admin key');
is((through($server->{url}, 'ping', {}, Authorization => 'Bearer ' . main::path($server->{url}) =~ s{^/mcp/}{}r))[0], 401, 'its own address again');
is(HTTP::Tiny->new->get(here(main::path($server->{url})) . '/manifest.json')->{status}, 401, 'the manifest, too');
admin(PATCH => "/$server->{id}", { require_api_token_auth => JSON::PP::false() });
is((through($server->{url}, 'ping'))[0], 200, 'no longer wanted');
admin(PATCH => "/$server->{id}", { require_api_token_auth => JSON::PP::true() });
is((through($server->{url}, 'ping'))[0], 401, 'wanted again');



=== TEST 6: revocation holds at once, on every connection to every worker
--- request
GET /mcp/
--- error_code: 405
--- timeout: 10
--- also
my @many = main::open_many(40);
for my $round (1 .. 5) {
    my $server = made(name => "short-lived $round");
    my $path = main::path($server->{url});
    is(main::pings($path, @many), '200 x 40', 'all are let in');
    admin(DELETE => "/$server->{id}");
    is(main::pings($path, @many), '401 x 40', 'none is');
}



=== TEST 7: rotation: the old token stays good as long as was said
--- request
GET /mcp/
--- error_code: 405
--- timeout: 10
--- also
my $first = made(name => 'rotated');
my ($status, $second) = admin(PATCH => "/$first->{id}", { rotate_token => JSON::PP::true(), grace_seconds => 600 });
isnt($second->{url}, $first->{url}, 'a new address');
is((through($_->{url}, 'ping'))[0], 200, 'good') for $first, $second;
my (undef, $third) = admin(PATCH => "/$first->{id}", { rotate_token => JSON::PP::true() });
is((through($_->{url}, 'ping'))[0], 401, 'no longer') for $first, $second;
is((through($third->{url}, 'ping'))[0], 200, 'the newest');
is((admin(PATCH => "/$first->{id}", { grace_seconds => 5 }))[0], 400, 'grace without rotation');



=== TEST 8: a call that runs when its server is revoked ends well: it was allowed when it came
--- main_config
thread_pool lookout threads=4 max_queue=16;
--- http_config
    lookout_result_cache off;
--- request
GET /mcp/
--- error_code: 405
--- timeout: 20
--- also
my $server = made(name => 'revoked meanwhile');
my $sql = 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000000) SELECT COUNT(*) AS n FROM c';
my $call = Lookout::message('tools/call', qq({"name":"query_datasource","arguments":{"datasourceId":"$main::usage","sql":"$sql"}}));
my $path = main::path($server->{url});
open my $in, '-|', "curl -sS -H 'Content-Type: application/json' -d '$call' $url$path" or die $!;
sleep 0.15;
is((admin(DELETE => "/$server->{id}"))[0], 200, 'revoked');
is((through($server->{url}, 'ping'))[0], 401, 'for whoever comes now');
like(join('', <$in>), qr/"rows":\[\[2000000\]\]/, 'the call has its answer');



=== TEST 9: expiry: the very second, and then nothing is left of it
--- http_config
    # a server of its own
--- request
GET /mcp/
--- error_code: 405
--- timeout: 30
--- also
use POSIX ();
my $end = time + 2;
my $server = made(name => 'brief', expires_at => POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $end));
my @many = main::open_many(8);
my $path = main::path($server->{url});
my $late = 0;
while ($late < 20) {
    my $before = time;
    my $seen = main::pings($path, @many);
    my $after = Time::HiRes::time();    # time() may be some milliseconds behind nginx's clock
    if ($after < $end - 0.1) {
        is($seen, '200 x 8', 'before');
        sleep 0.05;
    } elsif ($before >= $end) {
        is($seen, '401 x 8', 'from then on') if !$late++;
        last;
    }
}
is((admin(GET => "/$server->{id}"))[0], 404, 'nor is it there for the operator');
my (undef, undef, $gone) = through($server->{url}, 'ping');
my $purged;
for (1 .. 100) {
    $purged = `sqlite3 '$Scoped::state/state/servers.db' "SELECT count(*) FROM server WHERE id = '$server->{id}'" 2>&1`;
    last if $purged =~ /^0/;
    # each worker looks soon after it has started: new ones are made to
    kill HUP => slurp(main::server_root() . '/logs/nginx.pid') =~ s/\s//r if $_ % 30 == 1;
    sleep 0.1;
}
is($purged, "0\n", 'its row is gone');
my $files = join '', map { slurp($_) } glob "$Scoped::state/state/servers.db*";
unlike($files, qr/\Q$server->{id}\E/, 'and its bytes');



=== TEST 10: limits: of an address, of a scoped server, of a tool
--- http_config
    limit_req_zone $lookout_scope zone=scope:1m rate=1r/m;
    limit_req_zone $lookout_caller zone=caller:1m rate=1r/m;
    map $http_mcp_name $costly { default ""; create_view_render $lookout_scope; }
    limit_req_zone $costly zone=costly:1m rate=1r/m;
    log_format who '$status scope=$lookout_scope caller=$lookout_caller $request';
--- config
    access_log logs/who.log who;
    location = /mcp { lookout_mcp; lookout_auth on; }
    location /servers { lookout_servers; }
    location /mcp/ {
        lookout_mcp scoped;
        limit_req zone=scope burst=2 nodelay;
        limit_req_status 429;
        error_page 413 429 @mcp_error;
        client_max_body_size 1k;
    }
    location /tool/ {
        lookout_mcp scoped;
        limit_req zone=costly;
        limit_req_status 429;
        error_page 429 @mcp_error;
    }
    location @mcp_error { lookout_error_page rate=1r/m; }
--- request
GET /mcp/
--- error_code: 405
--- error_log
limiting requests
--- also
my ($one, $two) = (made(name => 'one'), made(name => 'two'));
is((through($one->{url}, 'ping'))[0], 200, 'within the burst') for 1 .. 3;
my ($status, $said, $headers) = through($one->{url}, 'ping');
is($status, 429, 'over it');
is_deeply($said, { jsonrpc => '2.0', error => { code => 429, message => 'Rate limited: too many requests; wait as long as Retry-After says, then call again', data => { code => 'RATE_LIMITED' } } }, 'as JSON-RPC');
is_deeply([@$headers{qw(retry-after ratelimit-limit ratelimit-remaining ratelimit-reset)}], [60, 1, 0, 60], 'with the headers');
is((through($two->{url}, 'ping'))[0], 200, 'another server has its own');
my ($large, $how) = through($two->{url}, 'ping', { x => 'y' x 2000 });
is($large, 413, 'too large');
is($how->{error}{code}, 413, 'as JSON-RPC');

my $tool = sub { (modern_through($_[0]{url} =~ s{/mcp/}{/tool/}r, 'tools/call', { name => $_[1], arguments => {} }))[0] };
isnt($tool->($one, 'create_view_render'), 429, 'the first costly call');
is($tool->($one, 'create_view_render'), 429, 'the second');
isnt($tool->($one, 'list_views'), 429, 'another tool');
isnt($tool->($two, 'create_view_render'), 429, 'another server');
my $log = slurp(main::server_root() . '/logs/who.log');
like($log, qr{^200 scope=\Q$one->{id}\E caller=\Q$one->{id}\E POST /mcp/\*+ HTTP/1.1$}m, 'the log tells who');
like($log, qr{^429 scope=\Q$one->{id}\E}m, 'also of the one that is limited');



=== TEST 11: tokens and scopes over reloads, under load
--- request
GET /mcp/
--- error_code: 405
--- timeout: 30
--- also
my %servers = map { $_ => made(name => $_, config => { tags => [$_] }) } qw(views workbooks datasources);
my %want = map { $_ => main::names((through($servers{$_}{url}, 'tools/list'))[1]{result}{tools}) } keys %servers;
my $master = slurp(main::server_root() . '/logs/nginx.pid') =~ s/\s//r;
my ($wrong, $n) = ('', 0);
for my $round (1 .. 6) {
    kill HUP => $master;
    for (1 .. 15) {
        for my $tag (sort keys %servers) {
            my ($status, $list) = eval { through($servers{$tag}{url}, 'tools/list') };
            $n++;
            $wrong .= "$tag: $status " if $status != 200 || main::names($list->{result}{tools}) ne $want{$tag};
        }
    }
}
is($wrong, '', "$n calls, each in its own scope");
--- no_error_log
[alert]



=== TEST 12: new workers find the store locked: who calls waits a moment, and no longer
--- request
GET /mcp/
--- error_code: 405
--- timeout: 20
--- also
use Fcntl qw(:flock);
my $path = main::path(made(name => 'waits')->{url});
my $lock = sub {
    open my $file, '<', "$Scoped::state/state/servers.db.lock" or die "no lock: $!";
    flock $file, LOCK_EX or die $!;
    my $pid = slurp(main::server_root() . '/logs/nginx.pid') =~ s/\s//r;
    my %old = map { $_ => 1 } split ' ', `cat /proc/$pid/task/$pid/children`;
    kill HUP => $pid;
    for (1 .. 300) {
        last if !grep { $old{$_} } split ' ', `cat /proc/$pid/task/$pid/children`;
        sleep 0.02;
    }
    return $file;
};
my $curl = sub { open my $in, '-|', "curl -s -o /dev/null -w '%{http_code} %header{retry-after}' -H 'Content-Type: application/json' -d '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}' $url$path $_[0]" or die; $in };
my $file = $lock->();
my @waiting = map { $curl->('') } 1 .. 4;
my $leaver = $curl->('-m 0.1');
sleep 0.3;
close $file;
is(<$_>, '200 ', 'waited') for @waiting;
like(<$leaver>, qr/^000/, 'one left meanwhile');
$file = $lock->();
is(readline($curl->('')), '503 1', 'a lock that nobody gives back');
close $file;
is(readline($curl->('')), '200 ', 'and all is well again');
--- no_error_log
[alert]
