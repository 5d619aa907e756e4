# Files of renders and exports that nobody used for long go by themselves; asked for again, the
# job is done again, with the same id and path.

use lib 't';
use Lookout;
use Agent;
use Files;
use Test::Nginx::Socket 'no_plan';

# Waits, some seconds at most, until `done` says so.
sub soon {
    my ($done) = @_;

    for (1 .. 200) {
        return 1 if $done->();
        select undef, undef, undef, 0.1;
    }
    return 0;
}

Lookout::defaults();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: young enough
--- rpc: ping
--- also
our $first = ask(create_view_render => { viewId => Lookout::id(view => 'Deals by stage'), inline => 'none' });
sleep 3;
ok(-e file_of($first->{filePath}), 'a render stays');



=== TEST 2: too old, by the time that the next server starts
--- http_config
    lookout_files_max_age 1s;
--- rpc: ping
--- also
our $first;
ok(main::soon(sub { !-e file_of($first->{filePath}) }), 'is swept soon after the start of the worker');

my $refused = refused(get_render_job => { renderJobId => $first->{renderJobId} });
is($refused->{code}, 'RENDER_JOB_NOT_FOUND', 'its id is known to have been one');
is($refused->{details}{reason}, 'expired', 'and says why');

my $again = ask(create_view_render => { viewId => Lookout::id(view => 'Deals by stage'), inline => 'none' });
is($again->{renderJobId}, $first->{renderJobId}, 'asked for again: the same job');
is($again->{filePath}, $first->{filePath}, 'and the same path');
is($again->{cached}, JSON::PP::false(), 'drawn anew');

unlink file_of($again->{filePath});
is(fetch($again->{fileUrl})->{status}, 404, 'a link to what was cleared away leads nowhere');
--- error_log
lookout: removed the files of
