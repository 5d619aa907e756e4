# list_workbooks and get_workbook: the collections that views are kept in.

use lib 't';
use Lookout;
use Agent;
use JSON::PP ();
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();

our $live = 'w.deleted_at IS NULL';

# How many views a workbook shows: those that are there, over datasources that are.
our $views = '(SELECT COUNT(*) FROM view v JOIN datasource d ON d.id = v.datasource_id'
  . ' WHERE v.workbook_id = w.id AND v.deleted_at IS NULL AND d.deleted_at IS NULL)';

sub lines {
    my ($query) = @_;
    my @lines = split /\n/, Lookout::sql($query);
    utf8::decode($_) for @lines;
    return @lines;
}

# Ids that a call lists over all its pages, and those of the catalogue under a condition.
sub ids {
    my ($args) = @_;
    return join ' ', sort map { $_->{id} } map { @{ $_->{items} } }
        all_pages(list_workbooks => { %$args, pageSize => 100 });
}

sub known {
    my ($where) = @_;
    return join ' ', sort(lines("SELECT id FROM workbook w WHERE $live AND ($where)"));
}

no_shuffle();
run_tests();

__DATA__

=== TEST 1: the first page, in the order of names
--- call: list_workbooks {}
--- also
my ($text) = answer_text($body);
is(key_order($text), 'items nextCursor warnings', 'members');
my ($item) = $text =~ /"items":\[(\{.*?\})/;
is(key_order($item), 'id name description ownerName tags viewCount updatedAt', 'members of an item');
my $page = answer($body);
is(scalar @{ $page->{items} }, 20, 'twenty when not said');
ok(defined $page->{nextCursor}, 'and there are more');
my @names = map { $_->{name} } @{ $page->{items} };
is(join('|', @names), join('|', (sort { lc $a cmp lc $b } main::lines("SELECT name FROM workbook w WHERE $main::live"))[0 .. 19]), 'names');



=== TEST 2: fifty-one over all pages, each once, in order
--- call: list_workbooks {}
--- also
for my $size (1, 7, 50, 51, 100) {
    my @names = map { $_->{name} } map { @{ $_->{items} } } all_pages(list_workbooks => { pageSize => $size });
    is(join('|', @names), join('|', sort { lc $a cmp lc $b } main::lines("SELECT name FROM workbook w WHERE $main::live")), "pages of $size");
}
is(scalar(split / /, main::ids({})), 51, 'fifty-one');



=== TEST 3: every item is what the catalogue says
--- call: list_workbooks {}
--- also
my @items = map { @{ $_->{items} } } all_pages(list_workbooks => { pageSize => 100 });
my @want = map { [split /\|/] } main::lines("SELECT id, name, owner_name, $main::views, strftime('%Y-%m-%dT%H:%M:%SZ', updated_at, 'unixepoch') FROM workbook w WHERE $main::live ORDER BY id");
rows_are([map { [@$_{qw(id name ownerName viewCount updatedAt)}] } sort { $a->{id} cmp $b->{id} } @items], \@want, 'items');
for my $item (@items[0 .. 4]) {
    is(JSON::PP->new->encode($item->{tags}), (main::lines("SELECT tags FROM workbook WHERE id = '$item->{id}'"))[0], "tags of $item->{name}");
}
is(scalar(grep { $_->{name} =~ /[^ -~]/ || $_->{ownerName} =~ /[^ -~]/ } @items) > 0 ? 1 : 0, 1, 'names beyond ASCII');



=== TEST 4: nameContains
--- call: list_workbooks {}
--- also
is(main::ids({ nameContains => 'sales' }), main::known("name LIKE '%sales%'"), 'sales');
is(main::ids({ nameContains => 'REVIEW' }), main::known("name LIKE '%review%'"), 'in any case');
is(main::ids({ nameContains => '&' }), main::known("name LIKE '%&%'"), 'a sign');
is(main::ids({ nameContains => '%' }), '', 'no wildcard');
is(main::ids({ nameContains => 'zzz' }), '', 'nothing');



=== TEST 5: q
--- call: list_workbooks {}
--- also
for my $case (['pipline helth', 'Pipeline Health'], ['CAMPAIGN performence', 'Campaign Performance'], ['suport overveiw', 'Support Overview'], ['wekly sales emea', 'EMEA Sales Review']) {
    is(ask(list_workbooks => { q => $case->[0] })->{items}[0]{name}, $case->[1], $case->[0]);
}
is(ask(list_workbooks => { q => 'xyzzyplugh' })->{items}[0], undef, 'nothing is like it');
my @found = map { $_->{name} } @{ ask(list_workbooks => { q => 'sales review', nameContains => 'apac' })->{items} };
is("@found", 'APAC Sales Review', 'with nameContains: both hold');



=== TEST 6: fuzzy results page in one order
--- call: list_workbooks {}
--- also
my @all = map { $_->{name} } @{ ask(list_workbooks => { q => 'sales', pageSize => 100 })->{items} };
my @paged = map { $_->{name} } map { @{ $_->{items} } } all_pages(list_workbooks => { q => 'sales', pageSize => 2 });
is("@paged", "@all", scalar @all . ' in pages of two');
cmp_ok(scalar @all, '>', 3, 'several');



=== TEST 7: updatedAfter is strictly later
--- call: list_workbooks {}
--- also
my ($at) = main::lines("SELECT updated_at FROM workbook w WHERE $main::live ORDER BY updated_at LIMIT 1 OFFSET 40");
my $iso = sub { my @t = gmtime $_[0]; sprintf '%04d-%02d-%02dT%02d:%02d:%02d', $t[5] + 1900, $t[4] + 1, @t[3, 2, 1, 0] };
is(main::ids({ updatedAfter => $iso->($at) . 'Z' }), main::known("updated_at > $at"), 'that very second is not');
is(main::ids({ updatedAfter => $iso->($at - 1) . 'Z' }), main::known("updated_at >= $at"), 'a second before');
is(main::ids({ updatedAfter => $iso->($at + 5400) . '+01:30' }), main::known("updated_at > $at"), 'another zone');
is(main::ids({ updatedAfter => $iso->($at - 1) . '.5Z' }) =~ /./ ? 1 : 0, 1, 'a fraction of a second');
is(main::ids({ updatedAfter => '2999-01-01T00:00:00Z' }), '', 'nothing from the future');
is(main::ids({ updatedAfter => '1970-01-01T00:00:00Z' }), main::known('1'), 'all');
is(main::ids({ updatedAfter => '2026-05-01T00:00:00Z', nameContains => 'sales' }), main::known("updated_at > strftime('%s', '2026-05-01') AND name LIKE '%sales%'"), 'with another filter');



=== TEST 8: what is no time
--- call: list_workbooks {}
--- also
for my $time ('', 'yesterday', '2026-13-01T00:00:00Z', '2026-02-30', '2026-05-01T25:00:00Z', '1746057600', '2026-05-01T00:00:00Z ', "2026-05-01' OR '1") {
    my $said = refused(list_workbooks => { updatedAfter => $time });
    is("$said->{code} $said->{details}{errors}[0]{path}", 'INVALID_INPUT /updatedAfter', "'$time'");
}



=== TEST 9: a workbook with its views, in its own order
--- call: get_workbook {"workbookId":"$ID{workbook:Pipeline Health}"}
--- also
my ($text) = answer_text($body);
is(key_order($text), 'id name description ownerName tags viewCount updatedAt views warnings', 'members');
my ($view) = $text =~ /"views":\[(\{.*?\})/;
is(key_order($view), 'id name chartType datasourceId', 'members of a view');
my $got = answer($body);
my @want = map { [split /\|/] } main::lines("SELECT id, name, chart_type, datasource_id FROM view WHERE workbook_id = '$got->{id}' AND deleted_at IS NULL ORDER BY position");
rows_are([map { [@$_{qw(id name chartType datasourceId)}] } @{ $got->{views} }], \@want, 'views');
is($got->{viewCount}, scalar @want, 'viewCount');



=== TEST 10: every workbook: its views, and the item of the list
--- call: list_workbooks {}
--- also
my ($n, $wrong) = (0, '');
for my $item (map { @{ $_->{items} } } all_pages(list_workbooks => { pageSize => 100 })) {
    my $got = ask(get_workbook => { workbookId => $item->{id} });
    $n += @{ $got->{views} };
    $wrong .= " $item->{name}" if $got->{viewCount} != @{ $got->{views} } || $item->{viewCount} != $got->{viewCount} || $got->{updatedAt} ne $item->{updatedAt};
}
is($wrong, '', 'list and object agree');
is($n, 390, '390 views in all');



=== TEST 11: unknown, deleted, malformed
--- call: list_workbooks {}
--- also
for my $id ('wb_aaaaaaaaaaaaaaaaaaaaaa', 'wb_0123456789abcdefghijkl', main::lines('SELECT id FROM workbook WHERE deleted_at IS NOT NULL')) {
    my $said = refused(get_workbook => { workbookId => $id });
    is("$said->{code} $said->{details}{workbookId}", "WORKBOOK_NOT_FOUND $id", $id);
    like($said->{message}, qr/list_workbooks/, 'what to do');
}
is(refused(get_workbook => { workbookId => $_ })->{details}{errors}[0]{path}, '/workbookId', "'$_'")
    for '', 'Pipeline Health', 'vw_aaaaaaaaaaaaaaaaaaaaaa', 'wb_aaaaaaaaaaaaaaaaaaaaa%', 'wb_AAAAAAAAAAAAAAAAAAAAAA';



=== TEST 12: pageSize
--- call: list_workbooks {"pageSize":101}
--- response_body_like: INVALID_PAGE_SIZE.*\\"min\\":1,\\"max\\":100



=== TEST 13: arguments of another tool
--- call: list_workbooks {"connectionType":"postgres"}
--- response_body_like: INVALID_INPUT.*/connectionType
