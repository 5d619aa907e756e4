# Every way in which the protocol wants a modern request to be refused (revision 2026-07-28), and
# the legacy ones beside it: HTTP status, JSON-RPC code, data. A row changes one thing of a good
# request; the good ones are rows too.

use lib 't';
use HTTP::Tiny;
use JSON::PP ();
use Lookout;
use Test::Nginx::Socket 'no_plan';

my $json = JSON::PP->new->canonical->allow_nonref;
my $http = HTTP::Tiny->new(timeout => 20, keep_alive => 0);
my $source = Lookout::id('datasource', 'Sales Pipeline');
my $version = '2026-07-28';
my $pre = 'io.modelcontextprotocol';

sub b64 { my ($text) = @_; require MIME::Base64; return '=?base64?' . MIME::Base64::encode_base64($text, '') . '?=' }

# A good modern request of a method.
sub good {
    my ($method, $params, %headers) = @_;

    return {
        method => $method,
        params => { %$params, _meta => { "$pre/protocolVersion" => $version, "$pre/clientCapabilities" => {} } },
        headers => { 'MCP-Protocol-Version' => $version, 'Mcp-Method' => $method, %headers },
    };
}

sub call {
    return good('tools/call', { name => 'get_datasource', arguments => { datasourceId => $source } },
                'Mcp-Name' => 'get_datasource', 'Mcp-Param-DatasourceId' => $source);
}

sub with_tasks {
    my ($request) = @_;

    $request->{params}{_meta}{"$pre/clientCapabilities"} = { extensions => { "$pre/tasks" => {} } };
    return $request;
}

# Sends it; gives status, code, data and the whole answer.
sub send_it {
    my ($request) = @_;

    my %headers = ('Content-Type' => 'application/json', %{ $request->{headers} });
    delete $headers{$_} for grep { !defined $headers{$_} } keys %headers;
    my $body = $request->{body} // $json->encode({
        jsonrpc => '2.0', id => 77, method => $request->{method}, params => $request->{params} });
    my $response = $http->request($request->{http} // 'POST', 'http://127.0.0.1:' . server_port() . '/mcp',
                                  { headers => \%headers, content => $body });
    my $answer = eval { $json->decode($response->{content}) };
    return ($response->{status}, ref $answer eq 'HASH' ? $answer->{error} : undef, $answer);
}

my $spoken = [qw(2026-07-28 2025-11-25 2025-06-18 2025-03-26)];

# [what, change of a good call (or a request of its own), status, code (0: a result), data]
our @rows = (
    ['as it should be', sub { }, 200, 0],

    # 1: the version's header
    ['no MCP-Protocol-Version', sub { $_->{headers}{'MCP-Protocol-Version'} = undef }, 400, -32020],
    ['another one than in the body', sub { $_->{headers}{'MCP-Protocol-Version'} = '2026-07-29' }, 400, -32020],
    ['a legacy one beside a modern body', sub { $_->{headers}{'MCP-Protocol-Version'} = '2025-11-25' }, 400, -32020],

    # 2: what _meta must have
    ['no _meta', sub { delete $_->{params}{_meta} }, 400, -32602],
    ['_meta is empty', sub { $_->{params}{_meta} = {} }, 400, -32602],
    ['no protocolVersion in it', sub { delete $_->{params}{_meta}{"$pre/protocolVersion"} }, 400, -32602],
    ['no clientCapabilities in it', sub { delete $_->{params}{_meta}{"$pre/clientCapabilities"} }, 400, -32602],
    ['clientCapabilities are no object', sub { $_->{params}{_meta}{"$pre/clientCapabilities"} = [] }, 400, -32602],
    ['clientInfo is not asked for', sub { delete $_->{params}{_meta}{"$pre/clientInfo"} }, 200, 0],

    # 3: a version that is not spoken
    ['a version of the future', sub {
        $_->{headers}{'MCP-Protocol-Version'} = $_->{params}{_meta}{"$pre/protocolVersion"} = '2027-01-01';
    }, 400, -32022, { supported => $spoken, requested => '2027-01-01' }],
    ['no version at all', sub {
        $_->{headers}{'MCP-Protocol-Version'} = $_->{params}{_meta}{"$pre/protocolVersion"} = 'v999.0.0';
    }, 400, -32022, { supported => $spoken, requested => 'v999.0.0' }],

    # 4: the method's header
    ['no Mcp-Method', sub { $_->{headers}{'Mcp-Method'} = undef }, 400, -32020],
    ['another Mcp-Method', sub { $_->{headers}{'Mcp-Method'} = 'tools/list' }, 400, -32020],
    ['Mcp-Method in another case', sub { $_->{headers}{'Mcp-Method'} = 'Tools/Call' }, 400, -32020],
    ['the header\'s name in another case', sub {
        delete $_->{headers}{'Mcp-Method'}; $_->{headers}{'MCP-METHOD'} = 'tools/call';
    }, 200, 0],

    # 5: the name's header, of a tool, a prompt, a resource, a task
    ['no Mcp-Name', sub { $_->{headers}{'Mcp-Name'} = undef }, 400, -32020],
    ['another Mcp-Name', sub { $_->{headers}{'Mcp-Name'} = 'get_view' }, 400, -32020],
    ['Mcp-Name in another case', sub { $_->{headers}{'Mcp-Name'} = 'GET_DATASOURCE' }, 400, -32020],
    ['Mcp-Name in base64', sub { $_->{headers}{'Mcp-Name'} = b64('get_datasource') }, 200, 0],
    ['bad base64', sub { $_->{headers}{'Mcp-Name'} = '=?base64?Z2V0X2RhdGFzb3VyY2U?=' }, 400, -32020],
    ['base64 of something else', sub { $_->{headers}{'Mcp-Name'} = b64('get_view') }, 400, -32020],
    ['a prompt without Mcp-Name', sub { good('prompts/get', { name => 'x' }) }, 400, -32020],
    ['a resource without Mcp-Name', sub { good('resources/read', { uri => 'lookout://runbook' }) }, 400, -32020],
    ['a resource with another', sub {
        good('resources/read', { uri => 'lookout://runbook' }, 'Mcp-Name' => 'lookout://runbook/X')
    }, 400, -32020],
    (map {
        my $method = $_;
        ["$method without Mcp-Name", sub { with_tasks(good($method, { taskId => 'x' })) }, 400, -32020],
        ["$method with another", sub { with_tasks(good($method, { taskId => 'x' }, 'Mcp-Name' => 'y')) }, 400, -32020],
    } qw(tasks/get tasks/update tasks/cancel)),

    # 6: the arguments' headers
    ['no Mcp-Param', sub { $_->{headers}{'Mcp-Param-DatasourceId'} = undef }, 400, -32020],
    ['another Mcp-Param', sub { $_->{headers}{'Mcp-Param-DatasourceId'} = 'ds_aaaaaaaaaaaaaaaaaaaaaa' }, 400, -32020],
    ['Mcp-Param in base64', sub { $_->{headers}{'Mcp-Param-DatasourceId'} = b64($source) }, 200, 0],
    ['Mcp-Param in bad base64', sub { $_->{headers}{'Mcp-Param-DatasourceId'} = '=?base64?!!!!?=' }, 400, -32020],
    ['a header for an argument that is absent', sub { $_->{params}{arguments} = {} }, 400, -32020],
    ['and for one that is null', sub { $_->{params}{arguments} = { datasourceId => undef } }, 400, -32020],
    (map {
        my ($tool, $argument, $id) = @$_;
        ["$tool without its header", sub {
            good('tools/call', { name => $tool, arguments => { $argument => $id } }, 'Mcp-Name' => $tool)
        }, 400, -32020],
        ["$tool with it", sub {
            good('tools/call', { name => $tool, arguments => { $argument => $id } }, 'Mcp-Name' => $tool,
                 'Mcp-Param-' . ucfirst($argument) => $id)
        }, 200, 0],
    } (['get_view', 'viewId', 'vw_aaaaaaaaaaaaaaaaaaaaaa'], ['query_view_data', 'viewId', 'vw_aaaaaaaaaaaaaaaaaaaaaa'],
       ['create_view_render', 'viewId', 'vw_aaaaaaaaaaaaaaaaaaaaaa'], ['export_view_csv', 'viewId', 'vw_aaaaaaaaaaaaaaaaaaaaaa'],
       ['get_render_job', 'renderJobId', 'rj_aaaaaaaaaaaaaaaaaaaaaa'], ['get_job', 'jobId', 'job_aaaaaaaaaaaaaaaaaaaaaa'])),

    # Headers that come twice: others on the way may see the other one, or both joined
    (map { my $header = $_; ["$header twice, the same", sub {
        $_->{headers}{$header} = [($_->{headers}{$header}) x 2];
    }, 400, -32020] } qw(MCP-Protocol-Version Mcp-Method Mcp-Name Mcp-Param-DatasourceId)),
    (map { my $header = $_; ["$header twice, the good one first", sub {
        $_->{headers}{$header} = [$_->{headers}{$header}, 'x'];
    }, 400, -32020] } qw(MCP-Protocol-Version Mcp-Method Mcp-Name Mcp-Param-DatasourceId)),
    ['a version twice, and none in the body', sub {
        $_->{headers}{'MCP-Protocol-Version'} = [$version, '2025-11-25']; delete $_->{params}{_meta};
    }, 400, -32020],
    ['Mcp-Name twice, whose joined value is the name', sub {
        good('prompts/get', { name => 'a, b' }, 'Mcp-Name' => ['a', 'b'])
    }, 400, -32020],
    ['Mcp-Name twice where it is not looked at', sub { good('tools/list', {}, 'Mcp-Name' => ['a', 'b']) }, 200, 0],
    ['another header twice', sub { $_->{headers}{'X-Any'} = ['a', 'b'] }, 200, 0],

    # 7: the level of the log
    ['a level', sub { $_->{params}{_meta}{"$pre/logLevel"} = 'debug' }, 200, 0],
    ['a bad level', sub { $_->{params}{_meta}{"$pre/logLevel"} = 'loud' }, 400, -32602],
    ['a level that is no text', sub { $_->{params}{_meta}{"$pre/logLevel"} = 7 }, 400, -32602],

    # 8: methods that are not there
    (map { my $method = $_; ["$method", sub { good($method, {}) }, 404, -32601] }
        qw(initialize ping logging/setLevel resources/subscribe resources/unsubscribe tasks/result tasks/list
           subscriptions/listen sampling/createMessage nonsense Tools/List tools/list/)),

    # 9: a capability that was not declared
    (map {
        my $method = $_;
        ["$method without the extension", sub { good($method, { taskId => 'x' }, 'Mcp-Name' => 'x') }, 400, -32021,
         { requiredCapabilities => { extensions => { "$pre/tasks" => {} } } }],
    } qw(tasks/get tasks/update tasks/cancel)),

    # 10: what does not exist
    ['an unknown tool', sub {
        good('tools/call', { name => 'get_datasources' }, 'Mcp-Name' => 'get_datasources')
    }, 200, -32602, { code => 'TOOL_NOT_FOUND', name => 'get_datasources', suggestions => ['get_datasource'] }],
    ['a bad cursor of tools/list', sub { good('tools/list', { cursor => 'x' }) }, 200, -32602],
    ['the empty cursor is a good one', sub { good('tools/list', { cursor => '' }) }, 200, 0],
    (map { my $method = $_; ["a bad cursor of $method", sub { good($method, { cursor => 'x' }) }, 200, -32602] }
        qw(prompts/list resources/list resources/templates/list)),
    (map { my $method = $_; ["the empty one of $method", sub { good($method, { cursor => '' }) }, 200, 0] }
        qw(prompts/list resources/list resources/templates/list)),
    ['an unknown prompt', sub { good('prompts/get', { name => 'sing' }, 'Mcp-Name' => 'sing') }, 200, -32602],
    ['an unknown resource', sub {
        good('resources/read', { uri => 'test://nothing' }, 'Mcp-Name' => 'test://nothing')
    }, 200, -32602, { uri => 'test://nothing' }],
    ['a resource that is not there', sub {
        good('resources/read', { uri => 'lookout://views/vw_aaaaaaaaaaaaaaaaaaaaaa' },
             'Mcp-Name' => 'lookout://views/vw_aaaaaaaaaaaaaaaaaaaaaa')
    }, 200, -32602, { uri => 'lookout://views/vw_aaaaaaaaaaaaaaaaaaaaaa', code => 'VIEW_NOT_FOUND',
                       details => { viewId => 'vw_aaaaaaaaaaaaaaaaaaaaaa' } }],
    ['a long uri is not told back whole', sub {
        good('resources/read', { uri => 'x' x 3000 }, 'Mcp-Name' => 'x' x 3000)
    }, 200, -32602, { uri => 'x' x 256 }],
    ['nor is a task\'s id', sub { with_tasks(good('tasks/get', { taskId => 'x' x 3000 }, 'Mcp-Name' => 'x' x 3000)) },
     200, -32602, { taskId => 'x' x 256 }],
    ['an unknown task', sub { with_tasks(good('tasks/get', { taskId => 'x' }, 'Mcp-Name' => 'x')) },
     200, -32602, { taskId => 'x' }],

    # 11: arguments
    ['arguments that do not fit are a result', sub {
        $_->{params}{arguments} = { datasourceId => 'ds_?' }; $_->{headers}{'Mcp-Param-DatasourceId'} = 'ds_?';
    }, 200, 0],
    ['arguments that are no object', sub {
        $_->{params}{arguments} = [1]; $_->{headers}{'Mcp-Param-DatasourceId'} = undef;
    }, 200, -32602],
    ['params.name is missing', sub { delete $_->{params}{name} }, 400, -32020],

    # Several rounds
    ['inputResponses that are no object', sub { $_->{params}{inputResponses} = 42 }, 200, -32602],
    ['one of them is none', sub { $_->{params}{inputResponses} = { a => 'b' } }, 200, -32602],
    ['those that nobody asked for are dropped', sub { $_->{params}{inputResponses} = { a => {} } }, 200, 0],
    ['a requestState that is not ours', sub { $_->{params}{requestState} = 'x' }, 200, -32602],
    ['one that is no text', sub { $_->{params}{requestState} = {} }, 200, -32602],

    # The transport
    (map { my $verb = $_; ["HTTP $verb", sub { $_->{http} = $verb }, 405, 405] } qw(GET PUT DELETE PATCH)),
    ['another type', sub { $_->{headers}{'Content-Type'} = 'text/plain' }, 415, 415],
    ['a foreign origin', sub { $_->{headers}{Origin} = 'https://evil.example' }, 403, 403],
    ['no JSON', sub { $_->{body} = '{"jsonrpc":' }, 400, -32700],
    ['id is null', sub { $_->{body} = '{"jsonrpc":"2.0","id":null,"method":"tools/list"}' }, 400, -32600],
    ['id is a fraction', sub { $_->{body} = '{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}' }, 400, -32600],
    ['a batch', sub { $_->{body} = '[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]' }, 400, -32600],
);

# The same in the legacy era, where it differs.
sub legacy {
    my ($method, $params, %headers) = @_;

    return { method => $method, params => $params, headers => \%headers };
}

our @legacy = (
    ['no header is 2025-03-26', sub { legacy('tools/list', {}) }, 200, 0],
    (map { my $revision = $_; ["$revision", sub { legacy('tools/list', {}, 'MCP-Protocol-Version' => $revision) }, 200, 0] }
        qw(2025-03-26 2025-06-18 2025-11-25)),
    ['a version twice', sub { legacy('tools/list', {}, 'MCP-Protocol-Version' => [('2025-11-25') x 2]) }, 400, -32020],
    ['a version that never was', sub { legacy('tools/list', {}, 'MCP-Protocol-Version' => '1999-01-01') }, 400, -32600,
     { supported => $spoken, requested => '1999-01-01' }],
    (map { my $method = $_; ["$method", sub { legacy($method, {}) }, 200, -32601] }
        qw(server/discover tasks/get tasks/list logging/setLevel nonsense)),
    ['an unknown tool', sub { legacy('tools/call', { name => 'sing' }) }, 200, -32602,
     { code => 'TOOL_NOT_FOUND', name => 'sing' }],
    ['a missing resource', sub { legacy('resources/read', { uri => 'test://nothing' }) }, 200, -32002,
     { uri => 'test://nothing' }],
    ['an unknown prompt', sub { legacy('prompts/get', { name => 'sing' }) }, 200, -32602],
    (map {
        my $method = $_;
        ["$method to what never changes", sub { legacy($method, { uri => 'lookout://runbook' }) }, 200, 0],
        ["$method to what changes", sub { legacy($method, { uri => "lookout://datasources/$source" }) }, 200, -32602],
        ["$method to nothing", sub { legacy($method, { uri => 'test://nothing' }) }, 200, -32002, { uri => 'test://nothing' }],
        ["$method without a uri", sub { legacy($method, {}) }, 200, -32602],
    } qw(resources/subscribe resources/unsubscribe)),
    ['initialize without a version', sub { legacy('initialize', {}) }, 200, -32602],
    ['a batch of a later revision', sub {
        +{ %{ legacy('x', {}, 'MCP-Protocol-Version' => '2025-06-18') }, body => '[{"jsonrpc":"2.0","id":1,"method":"ping"}]' }
    }, 400, -32600],
);

sub check {
    my ($era, @table) = @_;

    for my $row (@table) {
        my ($what, $change, $status, $code, $data) = @$row;
        my $request = call();
        {
            local $_ = $request;
            my $own = $change->();
            $request = $own if ref $own eq 'HASH' && exists $own->{method};
        }
        my ($got, $error, $answer) = send_it($request);
        is("$got " . ($error ? $error->{code} : 0), "$status $code", "$era: $what");
        is_deeply($error->{data}, $data, "$era: $what: data") if $data;
        if ($error && $answer->{id}) {
            is($answer->{id}, 77, "$era: $what: the id is echoed");
        }
        cmp_ok(length $error->{message}, '>', 20, "$era: $what: says something: $error->{message}") if $error;
        ok(!($error && ($error->{code} == -32002 || $error->{code} == -32042)), "$era: $what: no code of the past")
            if $era eq 'modern';
    }
}

Lookout::defaults();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: modern
--- config
    location = /mcp { lookout_mcp; client_max_body_size 512k; }
--- rpc: ping
--- also
main::check('modern', @main::rows);
--- timeout: 30



=== TEST 2: legacy
--- rpc: ping
--- also
main::check('legacy', @main::legacy);
