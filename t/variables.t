# What the access log can say of a call.

use lib 't';
use Lookout;
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => <<'END');
    log_format lookout 'LOG m=$lookout_method t=$lookout_tool e=$lookout_error r=$lookout_rows c=$lookout_caller.';
    log_format caller 'LOG c=$lookout_caller.';
    access_log logs/access.log lookout;
END
    $block->set_value(config => <<'END');
    location = /mcp {
        lookout_mcp;
        access_log logs/error.log lookout;
    }
END
});
no_shuffle();
run_tests();

__DATA__

=== TEST 1: a call with rows
--- call
query_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}","sql":"SELECT stage FROM data LIMIT 3"}
--- error_log
LOG m=tools/call t=query_datasource e=- r=3 c=-.



=== TEST 2: the same from the cache
--- call
query_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}","sql":"SELECT stage FROM data LIMIT 3"}
--- error_log
LOG m=tools/call t=query_datasource e=- r=3 c=-.



=== TEST 3: a tool's error
--- call: get_view {"viewId":"vw_aaaaaaaaaaaaaaaaaaaaaa"}
--- error_log
LOG m=tools/call t=get_view e=VIEW_NOT_FOUND r=- c=-.



=== TEST 4: a protocol error
--- rpc: no/such
--- error_log
LOG m=no/such t=- e=-32601 r=- c=-.



=== TEST 5: a call that went to a thread
--- call
query_datasource {"datasourceId":"$ID{datasource:Product Usage}","sql":"SELECT COUNT(*) AS n FROM data"}
--- error_log
LOG m=tools/call t=query_datasource e=- r=1 c=-.



=== TEST 6: refused before it was read
--- request
GET /mcp
--- error_code: 405
--- error_log
LOG m=- t=- e=405 r=- c=-.
