# get_datasource: the fields of one datasource, and how fresh it is.

use lib 't';
use Lookout;
use Agent;
use JSON::PP ();
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();

our @sources = map { { id => $_->[0], name => $_->[1] } } map { [split /\|/] }
    split /\n/, Lookout::sql('SELECT id, name FROM datasource WHERE deleted_at IS NULL');

# A row of the catalogue as an array.
sub row {
    my ($query) = @_;
    return split /\|/, Lookout::sql($query), -1;
}

no_shuffle();
run_tests();

__DATA__

=== TEST 1: members, in the published order of the item first
--- call: get_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}"}
--- also
my ($text) = answer_text($body);
is(key_order($text), 'id name connectionType status lastRefreshedAt fieldCount description freshnessSlaSeconds rowCount fields warnings', 'members');
my ($field) = $text =~ /"fields":\[(\{.*?\})/;
is(key_order($field), 'name label dataType semanticRole nullable description sampleValues', 'members of a field');
my $item = ask(list_datasources => { nameContains => 'Sales Pipeline' })->{items}[0];
my $source = answer($body);
is($source->{$_}, $item->{$_}, "$_ as in the list") for sort keys %$item;



=== TEST 2: all fourteen fields of Sales Pipeline, those of the samples among them
--- call: get_datasource {"datasourceId":"$ID{datasource:Sales Pipeline}"}
--- also
my %field = map { $_->{name} => $_ } @{ answer($body)->{fields} };
is(scalar keys %field, 14, 'fourteen');
is("$field{$_->[0]}{dataType} $field{$_->[0]}{semanticRole}", "$_->[1] $_->[2]", $_->[0]) for
    ['stage', 'string', 'dimension'], ['amount_usd', 'float', 'measure'], ['region', 'string', 'dimension'],
    ['close_quarter', 'string', 'dimension'], ['owner', 'string', 'dimension'],
    ['close_date', 'date', 'time'], ['opportunity_id', 'string', 'identifier'];
ok(!$field{stage}{nullable}, 'stage is never null');



=== TEST 3: every datasource is what the catalogue says, field by field
--- call: list_datasources {}
--- also
for my $source (@main::sources) {
    my $got = ask(get_datasource => { datasourceId => $source->{id} });
    is(join('|', @$got{qw(name connectionType status freshnessSlaSeconds rowCount)}),
        Lookout::sql("SELECT name, connection_type, status, freshness_sla_seconds, row_count FROM datasource WHERE id = '$source->{id}'"), $source->{name});

    my @fields = map { [split /\|/] } split /\n/,
        Lookout::sql("SELECT name, data_type, semantic_role, nullable FROM field WHERE datasource_id = '$source->{id}' ORDER BY position");
    rows_are([map { [@$_{qw(name dataType semanticRole nullable)}] } @{ $got->{fields} }], \@fields, "$source->{name}, fields");
    is($got->{fieldCount}, scalar @fields, 'fieldCount');
    is(scalar(grep { $_->{label} !~ /\S/ || $_->{description} !~ /\S/ } @{ $got->{fields} }), 0, 'labels and descriptions');
}



=== TEST 4: vocabulary
--- call: list_datasources {}
--- also
my (%type, %role);
for my $source (@main::sources) {
    for my $field (@{ ask(get_datasource => { datasourceId => $source->{id} })->{fields} }) {
        $type{ $field->{dataType} }++;
        $role{ $field->{semanticRole} }++;
    }
}
is(join(' ', sort keys %type), 'boolean date float integer string timestamp', 'all data types occur');
is(join(' ', sort keys %role), 'dimension identifier measure time', 'all roles occur');



=== TEST 5: what it says of the rows is true
--- call: list_datasources {}
--- also
for my $source (@main::sources) {
    my $got = ask(get_datasource => { datasourceId => $source->{id} });
    is(data($source->{name}, 'SELECT COUNT(*) FROM data')->[0][0], $got->{rowCount}, "$source->{name}, rowCount");

    # Of each field: nulls, if it should have none, and samples that no row has.
    my @checks = map {
        (my $samples = JSON::PP->new->encode($_->{sampleValues})) =~ s/'/''/g;
        my $nulls = $_->{nullable} ? 0 : "EXISTS (SELECT 1 FROM data WHERE $_->{name} IS NULL)";
        "SELECT '$_->{name}', $nulls, (SELECT COUNT(*) FROM json_each('$samples') s WHERE NOT EXISTS (SELECT 1 FROM data WHERE $_->{name} = s.value))";
    } @{ $got->{fields} };
    rows_are(data($source->{name}, join ' UNION ALL ', @checks),
        [map { [$_->{name}, 0, 0] } @{ $got->{fields} }], "$source->{name}, nullable and sampleValues");
}



=== TEST 6: samples have the field's type
--- call: get_datasource {"datasourceId":"$ID{datasource:Product Usage}"}
--- also
my ($text) = answer_text($body);
like($text, qr/"name":"is_trial"[^{}]*"sampleValues":\[(true|false)(,(true|false))?\]/, 'booleans');
like($text, qr/"name":"duration_minutes"[^{}]*"sampleValues":\[\d+\.\d+(,\d+\.\d+)*\]/, 'floats with a fraction');
like($text, qr/"name":"events"[^{}]*"sampleValues":\[\d+(,\d+)*\]/, 'integers without');
like($text, qr/"name":"session_date"[^{}]*"sampleValues":\["\d{4}-\d\d-\d\d"/, 'dates');
like($text, qr/"name":"started_at"[^{}]*"sampleValues":\["\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/, 'timestamps');



=== TEST 7: exactly those past their promise are stale
--- call: list_datasources {}
--- also
my $stale = 0;
for my $source (@main::sources) {
    my ($at, $sla) = main::row("SELECT last_refreshed_at, freshness_sla_seconds FROM datasource WHERE id = '$source->{id}'");
    my $got = ask(get_datasource => { datasourceId => $source->{id} });
    my $past = time - $at > $sla;
    is(join(' ', map { $_->{code} } @{ $got->{warnings} }), $past ? 'EXTRACT_STALE' : '', $source->{name});
    next if !$past;

    $stale++;
    like($got->{warnings}[0]{message}, qr/\w+ \w+/, 'with a message');
}
is($stale, 1, 'one');



=== TEST 8: an offline one is described like any other
--- call eval: "get_datasource {\"datasourceId\":\"" . Lookout::sql("SELECT id FROM datasource WHERE status = 'offline'") . "\"}"
--- also
my $got = answer($body);
is($got->{status}, 'offline', 'status');
is(scalar @{ $got->{fields} }, $got->{fieldCount}, 'its fields');
cmp_ok($got->{fieldCount}, '>', 3, 'there are some');



=== TEST 9: unknown, deleted, and the id of the published page
--- call: list_datasources {}
--- also
for my $id ('ds_aaaaaaaaaaaaaaaaaaaaaa', 'ds_4hk2g8r9m1p3v7q5x6w8a2',
    Lookout::sql("SELECT id FROM datasource WHERE deleted_at IS NOT NULL LIMIT 1"))
{
    my $said = refused(get_datasource => { datasourceId => $id });
    is($said->{code}, 'DATASOURCE_NOT_FOUND', $id);
    is($said->{details}{datasourceId}, $id, 'the details name it');
    like($said->{message}, qr/list_datasources/, 'the message says what to do');
}



=== TEST 10: what is no id
--- call: list_datasources {}
--- also
for my $id ('', 'ds_', 'ds_AAAAAAAAAAAAAAAAAAAAAA', 'ds_aaaaaaaaaaaaaaaaaaaaa', 'ds_aaaaaaaaaaaaaaaaaaaaaaa',
    'wb_aaaaaaaaaaaaaaaaaaaaaa', 'ds_../../../etc/passwd/..', 'ds_aaaaaaaaaaaaaaaaaaaa\'a', ' ds_aaaaaaaaaaaaaaaaaaaaaa', "ds_aaaaaaaaaaaaaaaaaaaaaa\n", 'Sales Pipeline')
{
    my $said = refused(get_datasource => { datasourceId => $id });
    is("$said->{code} $said->{details}{errors}[0]{path}", 'INVALID_INPUT /datasourceId', "no id: $id");
}
is(refused('get_datasource', $_)->{code}, 'INVALID_INPUT', "arguments: $_")
    for '{}', '{"datasourceId":null}', '{"datasourceId":["ds_aaaaaaaaaaaaaaaaaaaaaa"]}', '{"datasourceid":"ds_aaaaaaaaaaaaaaaaaaaaaa"}';
