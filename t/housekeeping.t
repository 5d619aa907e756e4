# Files of renders and exports that nobody used for long go by themselves; asked for again, the
# job is done again, with the same id and path.

use lib 't';
use Lookout;
use Agent;
use Files;
use Test::Nginx::Socket 'no_plan';

# Waits, a few seconds at most, until `done` says so.
sub soon {
    my ($done) = @_;

    for (1 .. 80) {
        return 1 if $done->();
        select undef, undef, undef, 0.1;
    }
    return 0;
}

Lookout::defaults();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: too old
--- http_config
    lookout_files_max_age 1s;
--- rpc: ping
--- also
my $view = { viewId => Lookout::id(view => 'Deals by stage'), inline => 'none' };
my $first = ask(create_view_render => $view);
ok(-e file_of($first->{filePath}), 'a render');

ok(main::soon(sub { !-e file_of($first->{filePath}) }), 'is swept a while after the start of the worker');
is(fetch($first->{fileUrl})->{status}, 404, 'its link leads nowhere');
my $refused = refused(get_render_job => { renderJobId => $first->{renderJobId} });
is($refused->{code}, 'RENDER_JOB_NOT_FOUND', 'its id is known to have been one');
is($refused->{details}{reason}, 'expired', 'and says why');

my $again = ask(create_view_render => $view);
is($again->{renderJobId}, $first->{renderJobId}, 'asked for again: the same job');
is($again->{filePath}, $first->{filePath}, 'and the same path');
is($again->{cached}, JSON::PP::false(), 'drawn anew');
--- error_log
lookout: removed the files of



=== TEST 2: young enough
--- http_config
    lookout_files_max_age 1h;
--- rpc: ping
--- also
my $render = ask(create_view_render => { viewId => Lookout::id(view => 'Deals by stage'), inline => 'none', width => 640 });
sleep 3;
ok(-e file_of($render->{filePath}), 'stays');
