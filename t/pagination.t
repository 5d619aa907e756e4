# Pages: the four signals, cursors that are good for one thing only, and the cap on an envelope,
# behind which no row is lost or doubled for a client that pages.

use lib 't';
use Lookout;
use Agent;
use JSON::PP ();
use Test::Nginx::Socket 'no_plan';

our $root = own_catalogue();
our $sales = Lookout::id(datasource => 'Sales Pipeline');
our $ledger = Lookout::id(view => 'All ledger lines');

Lookout::defaults();
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(config => "    location = /mcp { lookout_mcp; lookout_catalog $root/catalog.db; lookout_structured_content off; }\n")
        if !defined $block->config;
});

# Rows from nothing, each with its number first and padding that escapes badly.
sub wide {
    my ($n, $width, $pad) = @_;
    return "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT $n) SELECT n, replace(printf('%0${width}d', 0), '0', '$pad') AS pad FROM c";
}

# All pages of a query, undecoded, and what each says of itself.
sub texts {
    my ($tool, $args) = @_;

    my @pages;
    my %more;
    for (1 .. 200) {
        my $text = ask_text($tool, { %$args, %more });
        my ($tail) = $text =~ /("rowCount":\d+,"pageSize":\d+,"nextCursor":.*)\z/s or die 'no tail: ' . substr $text, 0, 200;
        push @pages, { text => $text, bytes => length $text, %{ JSON::PP->new->utf8->decode("{$tail") } };
        $more{cursor} = $pages[-1]{nextCursor} // return @pages;
    }
    die "more than 200 pages\n";
}

# Why a cursor is not taken.
sub reason {
    my ($tool, $args) = @_;

    my $said = eval { refused($tool => $args) } // return "it is taken: $@";
    return "$said->{code} " . ($said->{details}{reason} // '');
}

no_shuffle();
run_tests();

__DATA__

=== TEST 1: more pages, and the last one
--- call: list_datasources {}
--- also
my ($first, $second) = all_pages(query_datasource => { datasourceId => $main::sales, sql => 'SELECT stage FROM data LIMIT 3', pageSize => 2 });
is(join(' ', map { defined $_->{nextCursor} ? 1 : 0, $_->{truncated} ? 1 : 0 } $first, $second), '1 0 0 0', 'nextCursor, then none; truncated never');
my @exact = all_pages(query_datasource => { datasourceId => $main::sales, sql => 'SELECT stage FROM data LIMIT 4', pageSize => 2 });
is(scalar @exact, 2, 'no empty page at the end');



=== TEST 2: cursors are opaque, and the same for the same page
--- call: list_datasources {}
--- also
my $one = ask(list_views => { pageSize => 5 })->{nextCursor};
is(ask(list_views => { pageSize => 5 })->{nextCursor}, $one, 'the same');
like($one, qr/^[A-Za-z0-9_.-]{20,200}$/, 'fit for a URL');



=== TEST 3: a page of another size goes on at the same row
--- call: list_datasources {}
--- also
my @all = map { $_->{id} } @{ ask(list_views => { pageSize => 30 })->{items} };
my $first = ask(list_views => { pageSize => 10 });
my $second = ask(list_views => { pageSize => 20, cursor => $first->{nextCursor} });
is(join(' ', map { $_->{id} } @{ $first->{items} }, @{ $second->{items} }), "@all", 'ten and twenty');



=== TEST 4: not one of ours
--- call: list_datasources {}
--- also
my $good = ask(list_views => { pageSize => 5 })->{nextCursor};
my @bad = ('', 'x', '0', 'null', '.', '..', $good . 'x', substr($good, 1), substr($good, 0, -1), "$good.$good", lc $good, " $good", "$good\n", 'A' x length $good, 'A' x 100000, "\x{fc}" x 20, '../../etc/passwd', '{"offset":5}', 'eyJvZmZzZXQiOjV9');
for my $at (0, 10, 25, 34, 40, length($good) - 1) {
    my $bad = $good;
    substr($bad, $at, 1) = substr($bad, $at, 1) eq 'B' ? 'C' : 'B';
    push @bad, $bad;
}
is(main::reason(list_views => { pageSize => 5, cursor => $_ }), 'INVALID_CURSOR malformed', 'cursor ' . substr($_, 0, 30) =~ s/[^ -~]/./gr) for @bad;
my $said = refused(list_views => { cursor => 'x' });
like($said->{message}, qr/cursor/, 'the message says what to do');



=== TEST 5: of another tool, of other arguments
--- call: list_datasources {}
--- also
my %query = (datasourceId => $main::sales, sql => 'SELECT stage FROM data');
my %cursor = (
    views => ask(list_views => { pageSize => 5 })->{nextCursor},
    bars => ask(list_views => { pageSize => 5, chartType => 'bar' })->{nextCursor},
    books => ask(list_workbooks => { pageSize => 5 })->{nextCursor},
    sql => ask(query_datasource => { %query, pageSize => 5 })->{nextCursor},
    rows => ask(query_view_data => { viewId => $main::ledger, pageSize => 5 })->{nextCursor},
);
my $foreign = 'INVALID_CURSOR foreign';
is(main::reason(@{ $_->[1] }), $foreign, $_->[0]) for
    ['another tool', [list_workbooks => { cursor => $cursor{views} }]],
    ['another tool again', [list_datasources => { cursor => $cursor{books} }]],
    ['a list where a query is', [query_datasource => { %query, cursor => $cursor{views} }]],
    ['a query where a list is', [list_views => { cursor => $cursor{sql} }]],
    ['an argument less', [list_views => { cursor => $cursor{bars} }]],
    ['an argument more', [list_views => { cursor => $cursor{views}, chartType => 'bar' }]],
    ['another value', [list_views => { cursor => $cursor{bars}, chartType => 'line' }]],
    ['other SQL', [query_datasource => { %query, sql => 'SELECT stage FROM data ', cursor => $cursor{sql} }]],
    ['another datasource', [query_datasource => { %query, datasourceId => Lookout::id(datasource => 'Headcount'), cursor => $cursor{sql} }]],
    ['another format', [query_datasource => { %query, format => 'csv', cursor => $cursor{sql} }]],
    ['another view', [query_view_data => { viewId => Lookout::id(view => 'All tickets'), cursor => $cursor{rows} }]],
    ['other filters', [query_view_data => { viewId => $main::ledger, cursor => $cursor{rows}, filterOverrides => [{ field => 'category', op => 'not_null' }] }]];
is(ask(list_views => { pageSize => 5, cursor => $cursor{views} })->{items}[4]{id}, ask(list_views => { pageSize => 10 })->{items}[9]{id}, 'and its own takes it');



=== TEST 6: of another server, with another key
--- call: list_datasources {}
--- also
my $kept = ask(list_views => { pageSize => 5 })->{nextCursor};
open my $out, '>', "$main::root/cursor" or die;
print {$out} $kept;



=== TEST 7: which does not take it
--- config eval
"location = /mcp { lookout_mcp; lookout_catalog $main::root/catalog.db; lookout_key_file $main::root/other.key; }"
--- call: list_datasources {}
--- also
open my $in, '<', "$main::root/cursor" or die;
is(main::reason(list_views => { pageSize => 5, cursor => <$in> }), 'INVALID_CURSOR malformed', 'a cursor signed elsewhere');



=== TEST 8: the envelope is full: rows are left for the next page, none is lost or doubled
--- call: list_datasources {}
--- also
for my $case (
    ['plain', main::wide(1000, 700, 'x')], ['quotes', main::wide(700, 500, '"')], ['two-byte letters', main::wide(900, 350, "\x{fc}")], ['line ends', main::wide(700, 450, "\n")],
) {
    for my $format (qw(json csv)) {
        my ($name, $sql) = @$case;
        my ($want) = $sql =~ /LIMIT (\d+)/;
        my @pages = main::texts(query_datasource => { datasourceId => $main::sales, sql => $sql, pageSize => 1000, format => $format });

        my $start = $format eq 'json' ? qr/\[(\d+),"/ : qr/(?:\\n"?|"\\n)(\d+),/;
        my @numbers = map { $_->{text} =~ /$start/g } @pages;
        is(scalar @numbers, $want, "$name as $format: rows");
        is(join(' ', @numbers), join(' ', 1 .. $want), 'in order, each once');

        my $said = 0;
        for my $page (@pages) {
            my ($warning) = grep { $_->{code} eq 'RESPONSE_TRUNCATED' } @{ $page->{warnings} };
            $said++ if $warning && $warning->{details}{returnedRows} == $page->{rowCount}
                && $warning->{details}{droppedRows} > 0 && defined $page->{nextCursor} && !$page->{truncated};
        }
        cmp_ok(scalar @pages, '>=', 2, 'over ' . @pages . ' pages');
        is($said, @pages - 1, 'each but the last says so');
        cmp_ok((sort { $a <=> $b } map { $_->{bytes} } @pages)[-1], '<=', 262144, 'none is larger than 256 KB');
        cmp_ok($pages[0]{bytes}, '>', 250000, 'and the room is used');
    }
}



=== TEST 9: dropped rows are counted
--- call: list_datasources {}
--- also
my ($first) = main::texts(query_datasource => { datasourceId => $main::sales, sql => main::wide(1000, 700, 'x'), pageSize => 600 });
my $details = $first->{warnings}[0]{details};
is($details->{returnedRows} + $details->{droppedRows}, 600, 'of the page');
is($details->{returnedRows}, $first->{rowCount}, 'returned');



=== TEST 10: the envelope and the row cap together
--- call: list_datasources {}
--- also
my @pages = main::texts(query_datasource => { datasourceId => $main::sales, sql => main::wide(6000, 150, 'x'), pageSize => 4000 });
my @numbers = map { $_->{text} =~ /\[(\d+),"/g } @pages;
is("@numbers[0, -1] " . @numbers, '1 5000 5000', 'up to the cap');
is(join('', map { $_->{truncated} ? 1 : 0 } @pages), '0' x (@pages - 1) . '1', 'the last is truncated');



=== TEST 11: a row that does not fit at all
--- call: query_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}","sql":"SELECT printf('%0300000d', 1)"}
--- response_body_like: ENVELOPE_TOO_LARGE



=== TEST 12: a view's rows under the envelope
--- call: list_datasources {}
--- also
my $id = Lookout::id(view => 'All sessions');
my @pages = main::texts(query_view_data => { viewId => $id, pageSize => 999 });
my @got = map { $_->{text} =~ /"(S\d{6})"/g } @pages;
is(join(' ', @got), join(' ', map { $_->[0] } @{ data('Product Usage', 'SELECT session_id FROM data LIMIT 1000') }), 'a thousand rows');



=== TEST 13: long texts in a list
--- call: list_datasources {}
--- also
change("$main::root/catalog.db", "UPDATE view SET description = replace(printf('%06000d', 0), '0', 'de ')");
my @pages = all_pages(list_views => { pageSize => 100 });
my @ids = map { $_->{id} } map { @{ $_->{items} } } @pages;
my %seen;
is(scalar(grep { !$seen{$_}++ } @ids) . ' of ' . @ids, '390 of 390', 'each once');
cmp_ok(scalar @pages, '>', 4, 'in more pages than asked for');
my ($warning) = @{ $pages[0]{warnings} };
is($warning->{code}, 'RESPONSE_TRUNCATED', 'which it says');
is("$warning->{details}{returnedRows} $warning->{details}{droppedRows}", @{ $pages[0]{items} } . ' ' . (100 - @{ $pages[0]{items} }), 'with the numbers');



=== TEST 14: an object that does not fit
--- call: list_datasources {}
--- also
change("$main::root/catalog.db", "UPDATE datasource SET description = printf('%0300000d', 0) WHERE id = '$main::sales'; UPDATE workbook SET description = printf('%0300000d', 0) WHERE name = 'Pipeline Health'");
is(refused(get_datasource => { datasourceId => $main::sales })->{code}, 'ENVELOPE_TOO_LARGE', 'get_datasource');
is(refused(get_workbook => { workbookId => Lookout::id(workbook => 'Pipeline Health') })->{code}, 'ENVELOPE_TOO_LARGE', 'get_workbook');
is(refused(list_workbooks => { nameContains => 'Pipeline Health' })->{code}, 'ENVELOPE_TOO_LARGE', 'alone in a list');
is(ask(query_datasource => { datasourceId => $main::sales, sql => 'SELECT 1' })->{rowCount}, 1, 'its data are there all the same');



=== TEST 15: refreshed between pages
--- call: list_datasources {}
--- also
my %query = (datasourceId => $main::sales, sql => 'SELECT opportunity_id FROM data', pageSize => 5);
my $view = Lookout::id(view => 'Discount against amount');
my %cursor = (
    list => ask(list_views => { pageSize => 2, nameContains => 'by' })->{nextCursor},
    sql => ask(query_datasource => \%query)->{nextCursor},
    view => ask(query_view_data => { viewId => $view, pageSize => 5 })->{nextCursor},
    other => ask(query_view_data => { viewId => $main::ledger, pageSize => 5 })->{nextCursor},
);
change("$main::root/extracts/sales_pipeline.db", "DELETE FROM extract WHERE opportunity_id = 'OPP-20001'");
my $refreshed = 'INVALID_CURSOR data_refreshed';
is(main::reason(query_datasource => { %query, cursor => $cursor{sql} }), $refreshed, 'a query');
is(main::reason(query_view_data => { viewId => $view, cursor => $cursor{view} }), $refreshed, 'a view of it');
is(ask(query_view_data => { viewId => $main::ledger, pageSize => 5, cursor => $cursor{other} })->{rowCount}, 5, 'a view of another datasource goes on');
isnt(ask(query_datasource => \%query)->{rows}[0][0], 'OPP-20001', 'the new data are there');

change("$main::root/catalog.db", "UPDATE view SET name = name || '.' WHERE name = 'Deals by stage'");
is(main::reason(list_views => { pageSize => 2, nameContains => 'by', cursor => $cursor{list} }), $refreshed, 'a list');
