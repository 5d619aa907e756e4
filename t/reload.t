# nginx reloads and restarts under its clients: who waits gets an answer, and what a client holds
# in its hands (a token, a cursor) stays good.

use lib 't';
use Lookout;
use Agent;
use Time::HiRes qw(sleep);
use Test::Nginx::Socket 'no_plan';

our $kept = server_root() . '/kept';
our $key = own_catalogue() . '/lookout.key';

master_on();
workers(2);
Lookout::defaults();
add_block_preprocessor(sub {
    my $block = shift;

    # A comment makes another configuration, and so a restart.
    my $comment = $block->restarted // '';
    $block->set_value(config => <<"END");
    # $comment
    lookout_key_file $key;
    location = /mcp { lookout_mcp; lookout_result_cache off; }
    location = /closed { lookout_mcp; lookout_auth on; }
    location = /token { lookout_token; }
END
});

our $curl = "curl -sS -H 'Content-Type: application/json'";

sub master {
    open my $in, '<', server_root() . '/logs/nginx.pid' or die $!;
    chomp(my $pid = <$in>);
    return $pid;
}

sub workers_now {
    my $master = master();
    my @pids = sort split ' ', `cat /proc/$master/task/$master/children`;
    return @pids;
}

# Tells nginx to reload, and waits until other workers are there.
sub reload {
    my %old = map { $_ => 1 } workers_now();
    kill HUP => master();
    for (1 .. 300) {
        return if (grep { !$old{$_} } workers_now()) >= 2;
        sleep 0.01;
    }
    die "nginx does not reload\n";
}

# Waits until no worker is there but the newest two.
sub settled {
    for (1 .. 500) {
        return 1 if workers_now() == 2;
        sleep 0.01;
    }
    return 0;
}

sub query {
    my ($n) = @_;
    my $sql = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < $n) SELECT COUNT(*) AS n FROM c";
    my $id = Lookout::id(datasource => 'Product Usage');
    return Lookout::message('tools/call', qq({"name":"query_datasource","arguments":{"datasourceId":"$id","sql":"$sql"}}));
}

sub keep {
    my ($name, $value) = @_;
    open my $out, '>', "$kept.$name" or die $!;
    print {$out} $value;
    return;
}

sub kept {
    my ($name) = @_;
    open my $in, '<', "$kept.$name" or die $!;
    return scalar <$in>;
}

sub status {
    my ($token) = @_;
    my $body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
    return `$curl -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer $token' -d '$body' http://127.0.0.1:@{[server_port()]}/closed`;
}

no_shuffle();
run_tests();

__DATA__

=== TEST 1: who waits for a query gets its answer
--- call: list_datasources {}
--- timeout: 10
--- also
my $query = main::query(2000000);
my @waiting = map { open my $in, '-|', "$main::curl -d '$query' $url/mcp" or die $!; $in } 1 .. 2;
sleep 0.15;
my @before = main::workers_now();
main::reload();
my $new = ask(list_datasources => {});
is(scalar @{ $new->{items} }, 8, 'new workers answer meanwhile');
like(join('', <$_>), qr/"rows":\[\[2000000\]\].*"isError":false/, 'the old ones finish') for @waiting;
ok(main::settled(), 'and are gone then');
is(scalar(grep { my $pid = $_; grep { $_ == $pid } @before } main::workers_now()), 0, 'all of them');
--- no_error_log
[alert]
open socket



=== TEST 2: a cursor survives a reload
--- call: list_views {"pageSize":7}
--- also
my $first = answer($body);
main::keep(cursor => $first->{nextCursor});
main::keep(seventh => ask(list_views => { pageSize => 8 })->{items}[7]{id});
main::reload();
is(ask(list_views => { pageSize => 7, cursor => $first->{nextCursor} })->{items}[0]{id}, main::kept('seventh'), 'goes on');



=== TEST 3: a token survives a reload
--- call: list_datasources {}
--- also
my ($token) = `curl -s $url/token` =~ /"token":"([^"]+)"/;
is(main::status($token), 200, 'good');
is(main::status($token . 'x'), 401, 'altered: not');
main::keep(token => $token);
main::reload();
is(main::status($token), 200, 'good again');



=== TEST 4: both survive a restart with the same key file
--- restarted: yes
--- call: list_datasources {}
--- also
is(main::status(main::kept('token')), 200, 'the token');
is(ask(list_views => { pageSize => 7, cursor => main::kept('cursor') })->{items}[0]{id}, main::kept('seventh'), 'the cursor');



=== TEST 5: another key: neither
--- restarted: again
--- init: unlink $::key or die
--- call: list_datasources {}
--- also
main::reload();
main::settled();
is(main::status(main::kept('token')), 401, 'the token');
is(refused(list_views => { pageSize => 7, cursor => main::kept('cursor') })->{code}, 'INVALID_CURSOR', 'the cursor');



=== TEST 6: a reload with a broken configuration changes nothing
--- call: list_datasources {}
--- error_log
"lookout_mcp" directive
--- also
my $conf = server_root() . '/conf/nginx.conf';
my $good = do { local (@ARGV, $/) = $conf; <> };
my $write = sub { open my $out, '>', $conf or die $!; print {$out} $_[0]; close $out };
$write->($good =~ s/lookout_mcp;/lookout_mcp nonsense;/r);
main::settled();
my @before = main::workers_now();
kill HUP => main::master();
sleep 0.2;
is(join(' ', main::workers_now()), "@before", 'the same workers');
is(scalar @{ ask(list_datasources => {})->{items} }, 8, 'answer');
$write->($good);



=== TEST 7: reloads in a row, with queries on the way
--- call: list_datasources {}
--- timeout: 10
--- also
my @waiting;
for my $round (1 .. 3) {
    my $query = main::query(500000 + $round);
    push @waiting, [$round, do { open my $in, '-|', "$main::curl -d '$query' $url/mcp" or die $!; $in }];
    sleep 0.05;
    main::reload();
}
for my $waiting (@waiting) {
    my ($round, $in) = @$waiting;
    my $n = 500000 + $round;
    like(join('', <$in>), qr/"rows":\[\[$n\]\]/, "round $round");
}
ok(main::settled(), 'the old workers are gone');
--- no_error_log
[alert]
open socket
