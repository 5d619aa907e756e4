# conf/lookout_by_tool.conf: what an operator can do with the headers that mirror a call.

use lib 't';
use Cwd qw(getcwd);
use Lookout;
use Test::Nginx::Socket 'no_plan';

our $example = getcwd() . '/conf/lookout_by_tool.conf';

Lookout::defaults();
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => "include $main::example;");
});

# The status of each of `n` modern calls of a tool.
sub statuses {
    my ($url, $n, $tool, $args, $written) = @_;

    $written //= $tool;
    my $call = Lookout::fill($args);
    my $body = Lookout::message('tools/call', qq({"name":"$tool","arguments":$call,"_meta":{)
      . '"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}');
    my $mirrors = join '', map { "-H '$_' " } split /\n/, Lookout::mirrors($call);
    return map {
        `curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/call' -H 'Mcp-Name: $written' $mirrors -d '$body' $url/mcp`
    } 1 .. $n;
}

no_shuffle();
run_tests();

__DATA__

=== TEST 1: the costly tools have a limit of their own
--- config
    location = /mcp { lookout_mcp; limit_req zone=lookout_costly burst=5 nodelay; limit_req_status 429; }
--- rpc: ping
--- also
is_deeply([main::statuses($url, 8, 'list_workbooks', '{}')], [(200) x 8], 'the others have none');
is_deeply([main::statuses($url, 7, 'get_job', '{"jobId":"job_aaaaaaaaaaaaaaaaaaaaaa"}')], [(200) x 7], 'nor have polls');
is_deeply([main::statuses($url, 8, 'create_view_render', '{"viewId":"$ID{view:Open pipeline by stage}","width":200,"height":150}')],
          [(200) x 6, (429) x 2], 'renders do');
is_deeply([main::statuses($url, 1, 'export_view_csv', '{"viewId":"$ID{view:Open pipeline by stage}"}')], [429], 'together with exports');
is_deeply([main::statuses($url, 1, 'export_view_csv', '{"viewId":"$ID{view:Open pipeline by stage}"}', '=?Base64?ZXhwb3J0X3ZpZXdfY3N2?=')],
          [429], 'however the name is written');
--- error_log
limiting requests



=== TEST 2: a limit for one view
--- config
    location = /mcp { lookout_mcp; limit_req zone=lookout_one_view burst=2 nodelay; limit_req_status 429; }
--- rpc: ping
--- also
my @got = main::statuses($url, 6, 'query_view_data', '{"viewId":"$ID{view:Open pipeline by stage}","pageSize":1}');
is_deeply([@got[0 .. 2]], [(200) x 3], 'within the burst');
cmp_ok(scalar(grep { $_ == 429 } @got), '>', 0, 'and beyond');
is_deeply([main::statuses($url, 1, 'query_view_data', '{"viewId":"$ID{view:Pipeline by stage and region}","pageSize":1}')], [200],
          'another view is another count');
--- error_log
limiting requests



=== TEST 3: routes
--- config
    location = /mcp { lookout_mcp; }
    location = /where { return 200 "$lookout_machine\n"; }
--- request
GET /where
--- more_headers
Mcp-Name: export_view_csv
--- response_body
lookout_exports
