# Completion: what variables of templates and arguments of prompts may become.

use lib 't';
use Lookout;
use Agent;
use Protocol;
use JSON::PP ();
use Test::Nginx::Socket 'no_plan';

our $sales = Lookout::id(datasource => 'Sales Pipeline');

# What a variable of a template may become, in both eras: {values, total, hasMore}.
sub completion {
    my ($uri, $name, $value, %known) = @_;

    my %params = (ref => { type => 'ref/resource', uri => $uri }, argument => { name => $name, value => $value });
    $params{context} = { arguments => \%known } if %known;
    my ($modern, $legacy) = (modern('completion/complete', \%params)->{completion}, legacy('completion/complete', \%params)->{completion});
    (my $shown = $value) =~ s/[^ -~]/?/g;
    is_deeply($modern, $legacy, "both eras: '" . substr($shown, 0, 40) . "'");
    die "no total\n" if $modern->{total} < @{ $modern->{values} };
    is(!!$modern->{hasMore}, $modern->{total} > @{ $modern->{values} }, 'hasMore');
    return $modern;
}

sub datasources { return completion('lookout://datasources/{datasourceId}', 'datasourceId', @_) }
sub workbooks { return completion('lookout://workbooks/{workbookId}', 'workbookId', @_) }
sub views { return completion('lookout://views/{viewId}', 'viewId', @_) }
sub codes { return completion('lookout://runbook/{code}', 'code', @_) }

# What an argument of a prompt may become.
sub names {
    my ($name, $value, %known) = @_;
    return modern('completion/complete', { ref => { type => 'ref/prompt', name => 'inspect_view' }, argument => { name => $name, value => $value }, context => { arguments => \%known } })->{completion};
}

sub lines { return split /\n/, Lookout::sql(@_) }

sub refusal {
    my (%params) = @_;

    my $error = error_of(modern => 'completion/complete', \%params);
    is($error->{code}, -32602, 'invalid params');
    is(error_of(legacy => 'completion/complete', \%params)->{code}, -32602, 'in both eras');
    return $error;
}

Lookout::defaults();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: a person types, and gets the id
--- modern_rpc: completion/complete {"ref":{"type":"ref/resource","uri":"lookout://datasources/{datasourceId}"},"argument":{"name":"datasourceId","value":"slaes pipline"}}
--- response_body eval: qr/"completion":\{"values":\["$main::sales"\],"total":1,"hasMore":false\},"resultType":"complete"/
--- also
is(main::datasources($_)->{values}[0], $main::sales, "'$_'") for 'sales', 'SALES PIPELINE', '  sales pipeline ', 'pipline', 'Sales';
is(main::workbooks('emea sales revew')->{values}[0], Lookout::id(workbook => 'EMEA Sales Review'), 'a workbook');
is(main::views('deels by stge')->{values}[0], Lookout::id(view => 'Deals by stage'), 'a view');



=== TEST 2: nothing typed: all there are, by name
--- rpc: completion/complete {"ref":{"type":"ref/resource","uri":"lookout://datasources/{datasourceId}"},"argument":{"name":"datasourceId","value":""}}
--- response_body_like: "total":8,"hasMore":false
--- also
is("@{ main::datasources('')->{values} }", join(' ', main::lines('SELECT id FROM datasource WHERE deleted_at IS NULL ORDER BY name COLLATE NOCASE, id')), 'datasources');
is("@{ main::workbooks(' ')->{values} }", join(' ', main::lines('SELECT id FROM workbook WHERE deleted_at IS NULL ORDER BY name COLLATE NOCASE, id')), 'workbooks');
my $views = main::views('');
my $shown = 'FROM view v JOIN workbook w ON w.id = v.workbook_id JOIN datasource d ON d.id = v.datasource_id WHERE v.deleted_at IS NULL AND w.deleted_at IS NULL AND d.deleted_at IS NULL';
is("@{ $views->{values} }", join(' ', main::lines("SELECT v.id $shown ORDER BY v.name COLLATE NOCASE, v.id LIMIT 100")), 'views: the first hundred');
is($views->{total}, Lookout::sql("SELECT count(*) $shown"), 'of how many');
ok($views->{hasMore}, 'and says so');



=== TEST 3: in the order and the number of the lists
--- rpc: completion/complete {"ref":{"type":"ref/resource","uri":"lookout://views/{viewId}"},"argument":{"name":"viewId","value":"revenue"}}
--- response_body_like: "total":
--- also
for my $q ('revenue', 'by region', 'emea', 'forecast', 'zzzz') {
    my @all = map { $_->{id} } map { @{ $_->{items} } } all_pages(list_views => { q => $q, pageSize => 100 });
    my $got = main::views($q);
    is($got->{total}, scalar @all, "$q: total");
    is("@{ $got->{values} }", join(' ', @all[0 .. ($#all > 99 ? 99 : $#all)]), 'values');
}



=== TEST 4: an id, or a part of one
--- rpc: completion/complete {"ref":{"type":"ref/resource","uri":"lookout://datasources/{datasourceId}"},"argument":{"name":"datasourceId","value":"ds_"}}
--- response_body_like: "total":8
--- also
my $id = Lookout::id(view => 'Deals by stage');
is("@{ main::views($_)->{values} }", $id, "'$_'") for $id, substr($id, 0, 12), uc substr($id, 0, 12), substr($id, 5, 10), substr($id, -6);
is(main::views('vw_')->{total}, main::views('')->{total}, 'all ids begin so');
is(main::views('wb_')->{total}, 0, 'none begins so');
is(main::views('vw_zzzzzzzzzz')->{total}, 0, 'nor so');
my ($deleted) = main::lines('SELECT id FROM view WHERE deleted_at IS NOT NULL LIMIT 1');
is(main::views($deleted)->{total}, 0, 'what is deleted is not proposed');



=== TEST 5: codes of the runbook
--- rpc: completion/complete {"ref":{"type":"ref/resource","uri":"lookout://runbook/{code}"},"argument":{"name":"code","value":"schma drift"}}
--- response_body_like: "values":\["SCHEMA_DRIFT"\],"total":1
--- also
is(join(' ', @{ main::codes('RENDER_')->{values} }[0, 1]), 'RENDER_TIMEOUT RENDER_JOB_NOT_FOUND', 'the nearest first');
is(main::codes('not found')->{values}[0], 'JOB_NOT_FOUND', 'words');
is("@{ main::codes('timeout')->{values} }", 'QUERY_TIMEOUT RENDER_TIMEOUT', 'a word of them');
my @all = legacy('resources/read', { uri => 'lookout://runbook' })->{contents}[0]{text} =~ /^## (\w+)$/mg;
is("@{ main::codes('')->{values} }", "@all", 'nothing typed: all');



=== TEST 6: ids of jobs are nobody's to guess
--- call: create_view_render {"viewId":"$ID{view:Deals by stage}"}
--- also
my $id = answer($body)->{renderJobId};
for my $case (['lookout://renders/{renderJobId}', 'renderJobId'], ['lookout://exports/{jobId}', 'jobId'], ['lookout://exports/{jobId}/manifest', 'jobId']) {
    is(main::completion(@$case, $_)->{total}, 0, "$case->[0] '$_'") for '', 'rj_', 'job_', substr $id, 0, 10;
}



=== TEST 7: what cannot be asked for
--- rpc: completion/complete {}
--- response_body_like: "code":-32602
--- also
my %ref = (type => 'ref/resource', uri => 'lookout://views/{viewId}');
my %argument = (name => 'viewId', value => '');
like(main::refusal(ref => { %ref, uri => 'lookout://view/{viewId}' }, argument => \%argument)->{message}, qr/did you mean lookout:\/\/views\/\{viewId\}\?/, 'a template that is none');
like(main::refusal(ref => \%ref, argument => { name => 'viewID', value => '' })->{message}, qr/did you mean viewId\?/, 'a variable that is none');
main::refusal(ref => { %ref, uri => 'lookout://runbook' }, argument => \%argument);
main::refusal(ref => { %ref, uri => 'lookout://views/x' }, argument => \%argument);
main::refusal(ref => { type => 'ref/view', uri => $ref{uri} }, argument => \%argument);
main::refusal(ref => { type => 'ref/prompt', name => 'nothing' }, argument => \%argument);
main::refusal(ref => 'x', argument => \%argument);
main::refusal(argument => \%argument);
main::refusal(ref => \%ref);
main::refusal(ref => \%ref, argument => { name => 'viewId', value => 7 });
main::refusal(ref => \%ref, argument => { name => 'viewId' });
main::refusal(ref => \%ref, argument => \%argument, context => { arguments => ['x'] });



=== TEST 8: strange texts
--- rpc: completion/complete {"ref":{"type":"ref/resource","uri":"lookout://views/{viewId}"},"argument":{"name":"viewId","value":"%_'\";--"}}
--- response_body_like: "values":\[\],"total":0,"hasMore":false
--- also
is(main::views($_)->{total}, 0, 'nothing') for '()', '../..', "\x{202e}\x{1f4a9}", 'x' x 257, 'sales ' x 20_000, "\x{e4}" x 50_000;
is(main::datasources("s\x{e4}les pip\x{e9}line")->{values}[0], $main::sales, 'accents do not count');
is(main::views('deals', viewId => 7, workbook => ['x'], workbookId => undef)->{values}[0], main::views('deals')->{values}[0], 'known arguments of no use');



=== TEST 9: names, for the arguments of prompts
--- modern_rpc: completion/complete {"ref":{"type":"ref/prompt","name":"inspect_view"},"argument":{"name":"view","value":"deels by stge"}}
--- response_body_like: "values":\["Deals by stage"
--- also
my @views = map { $_->{name} } map { @{ $_->{items} } } all_pages(list_views => { pageSize => 100 });
my %seen;
my @names = grep { !$seen{$_}++ } @views;
my $got = main::names(view => '');
is(join('|', @{ $got->{values} }), join('|', @names[0 .. 99]), 'each name once');
is($got->{total}, scalar @names, 'of how many');
cmp_ok($got->{total}, '<', scalar @views, 'fewer than there are views');
is(main::names(workbook => 'emea sales revew')->{values}[0], 'EMEA Sales Review', 'a workbook');

my $book = Lookout::id(workbook => 'EMEA Sales Review');
my @there = sort map { $_->{name} } map { @{ $_->{items} } } all_pages(list_views => { workbookId => $book, pageSize => 100 });
for my $known ($book, 'EMEA Sales Review', 'emea sales revew') {
    is(join('|', sort @{ main::names(view => '', workbook => $known)->{values} }), join('|', @there), "of the workbook '$known'");
}
is(main::names(view => '', workbook => $_)->{total}, scalar @names, "a workbook '$_' narrows nothing") for '', 'zzzzzzz', 'x' x 300;
is(main::names(view => '', workbook => 'wb_aaaaaaaaaaaaaaaaaaaaaa')->{total}, 0, 'an unknown id does');
is(main::names(view => Lookout::id(view => 'Deals by stage'))->{values}[0], 'Deals by stage', 'the name of an id');
