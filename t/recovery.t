# Files that are missing, cut short, corrupt or replaced: the server starts, says what is wrong in
# the log, answers that source with a clear error, serves the rest, and recovers by itself.

use lib 't';
use Lookout;
use File::Copy qw(copy);
use File::Path qw(make_path remove_tree);
use Test::Nginx::Socket 'no_plan';

our $from = $ENV{TEST_NGINX_DATA};
our $root = "$ENV{TEST_NGINX_DATA}/../recovery-$$";

# A catalogue of this test's own, put right again.
sub fresh {
    remove_tree($root);
    make_path("$root/extracts");
    copy("$from/catalog.db", "$root/catalog.db") or die $!;
    for my $extract (glob "$from/extracts/*.db") {
        my ($name) = $extract =~ m{([^/]+)$};
        copy($extract, "$root/extracts/$name") or die $!;
    }
    return;
}

sub write_file {
    my ($path, $bytes) = @_;
    open my $out, '>', "$path.new" or die $!;
    print {$out} $bytes;
    close $out;
    rename "$path.new", $path or die $!;
    return;
}

sub extract {
    my ($source) = @_;
    return "$root/" . Lookout::sql("SELECT extract_file FROM datasource WHERE name = '$source'");
}

fresh();
Lookout::defaults();
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(config => "    location = /mcp { lookout_mcp; lookout_catalog $root/catalog.db; }\n");
    eval($block->before) || die $@ if defined $block->before;
});
no_shuffle();
run_tests();
remove_tree($root);

__DATA__

=== TEST 1: all is well
--- call: list_datasources {"nameContains":"Sales Pipeline"}
--- response_body_like: "isError":false



=== TEST 2: the catalogue is gone
--- before: unlink "$main::root/catalog.db"
--- call: list_datasources {}
--- error_code: 200
--- response_body_like: INTERNAL_ERROR.*catalogue.*"isError":true
--- error_log
lookout:



=== TEST 3: the protocol still answers
--- rpc: tools/list
--- response_body_like: list_datasources



=== TEST 4: the catalogue is cut short
--- before: open my $in, '<', "$main::from/catalog.db"; binmode $in; read $in, my $bytes, 20000; main::write_file("$main::root/catalog.db", $bytes); 1
--- call: list_datasources {}
--- response_body_like: INTERNAL_ERROR
--- error_log
lookout:



=== TEST 5: it is not a database
--- before: main::write_file("$main::root/catalog.db", "this is not a database, but long enough to look at\n" x 200); 1
--- call: list_datasources {}
--- response_body_like: INTERNAL_ERROR



=== TEST 6: another application's database
--- before: unlink "$main::root/catalog.db"; system('sqlite3', "$main::root/catalog.db", 'CREATE TABLE t (a); INSERT INTO t VALUES (1)') == 0
--- call: list_datasources {}
--- response_body_like: INTERNAL_ERROR



=== TEST 7: the file is back: so is the server
--- before: main::fresh(); 1
--- call: list_datasources {"nameContains":"Sales Pipeline"}
--- response_body_like: "name":"Sales Pipeline".*"isError":false



=== TEST 8: one extract is gone
--- before: unlink main::extract('Sales Pipeline')
--- call: query_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}","sql":"SELECT COUNT(*) FROM data"}
--- response_body_like: ^(?!.*recovery-).*DATASOURCE_OFFLINE.*extract_unreadable
--- error_log
lookout:



=== TEST 9: the others are served
--- call: query_datasource {"datasourceId":"$ID{datasource:Product Usage}","sql":"SELECT COUNT(*) AS n FROM data"}
--- response_body_like: "rows":\[\[100000\]\]



=== TEST 10: one extract is cut short
--- before: truncate(main::extract('Product Usage'), 1000000)
--- call: query_datasource {"datasourceId":"$ID{datasource:Product Usage}","sql":"SELECT COUNT(*) AS n FROM data"}
--- response_body_like: DATASOURCE_OFFLINE.*extract_unreadable



=== TEST 11: pages in the middle are garbage
--- before: main::fresh(); open my $f, '+<', main::extract('Sales Pipeline') or die; seek $f, 8192, 0; print {$f} "\xff" x 60000; close $f
--- call: query_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}","sql":"SELECT * FROM data"}
--- response_body_like: ^(?!.*recovery-).*"isError":true



=== TEST 12: and back again
--- before: main::fresh(); 1
--- call: query_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}","sql":"SELECT COUNT(*) AS n FROM data"}
--- response_body_like: "isError":false



=== TEST 13: locked by another program: nobody waits
--- before: system("sqlite3 '$main::root/catalog.db' '.timeout 1' 'BEGIN EXCLUSIVE' '.shell sleep 3' >/dev/null 2>&1 &"); select undef, undef, undef, 0.3; 1
--- call: list_datasources {"nameContains":"Sales"}
--- timeout: 1
--- response_body_like: "isError":false



=== TEST 14: the data are replaced under a cursor
--- before: sleep 3; main::fresh(); 1
--- call: query_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}","sql":"SELECT COUNT(*) AS n FROM data"}
--- response_body_like: "isError":false
