package Test::Nginx::Socket;

=head1 NAME

Test::Nginx::Socket - runs the tests in t/ with Perl's core modules alone

=head1 SYNOPSIS

    prove -I t/lib t/                           # with this harness
    prove -I "$TEST_NGINX_LIB" t/               # with the original one
    prove -j2 -I t/lib t/                       # two files at a time

=head1 DESCRIPTION

The test files are written in the language of the module of this name on CPAN, which is not at
hand on every machine.  This one has the parts of that language which the tests need, with the
same meaning, so that a file which passes here passes there; what only the original knows is
refused here as an unknown section.

=head2 The language

A file says C<< use Test::Nginx::Socket 'no_plan' >>, or C<< plan tests => repeat_each() *
blocks() * N >>, then C<run_tests()>.  Blocks stand behind C<__DATA__>:

    === TEST 1: what it shows
    --- config
    location = /hello { return 200 "hello\n"; }
    --- request
    GET /hello
    --- response_body
    hello

=over

=item What nginx runs with

main_config, http_config, config, post_main_config, server_name, log_level, user_files.  In them
C<$TEST_NGINX_NAME> is the environment's value: C<$TEST_NGINX_SERVER_PORT> and
C<$TEST_NGINX_SERVER_ROOT> always exist, C<$TEST_NGINX_RAND_PORT_1> is a free port.  A block
without config goes on with the nginx of the block before.  must_die: nginx must not start.

=item Requests

request (text, or with eval an array of requests, each of them text or an array of pieces),
more_headers, pipelined_requests, raw_request, raw_request_middle_delay, http2, curl_options,
shutdown, timeout, abort, wait, server_addr_for_client.  Host: localhost, Connection: close and
a Content-Length are added unless the test has its own.  A request is over when the server
closes the connection.

=item Checks of responses

error_code (200 if not given), error_code_like, response_headers, response_headers_like,
raw_response_headers_like, raw_response_headers_unlike, response_body, response_body_like,
response_body_unlike, ignore_response.  With more than one request each is an array.

=item Checks of logs

error_log, no_error_log, grep_error_log with grep_error_log_out, access_log, no_access_log,
shutdown_error_log, no_shutdown_error_log.

=item Others

init (Perl, run before the requests), skip_nginx, skip_eval, reload_fails, ONLY, SKIP, LAST; and
the filters eval, chomp, chop, unchomp, or any function of the test file's.  Code in a section
reaches the test file's variables as C<$::name>.

=back

The functions are those in C<@SETTINGS> of Test::Nginx::Util and at the top of this file.

=head2 What differs from the original

=over

=item *

A block fails when nginx logs an alert or an emergency, leaves an open socket, when one of its
processes crashes or a sanitizer reports something; unless its error_log expects that line.

=item *

It also fails for a response that is broken as HTTP, such as a body that ends too early.

=item *

An unknown section, one written twice, one that another section hides, and code in a section
that does not compile end the test file.

=item *

nginx is started again only when something that it was started with changes, or with
TEST_NGINX_FORCE_RESTART_ON_TEST=1.

=item *

The master process is on, for without it nginx does not look for open sockets
(TEST_NGINX_MASTER_PROCESS=off turns it off).

=item *

The port is a free one unless TEST_NGINX_PORT is set, and a process that finds its directory in
use takes one beside it, which it removes if all its tests pass.

=item *

nginx is started with C<-e>, so that what it says of a broken configuration is in error.log, for
error_log beside must_die.  A build whose default error log is stderr, as Debian's, needs that
from a script named in TEST_NGINX_BINARY with the original:

    exec /usr/sbin/nginx -e logs/error.log "$@"

=back

=head2 Environment

As in the original: TEST_NGINX_BINARY (/usr/sbin/nginx), TEST_NGINX_SERVROOT (t/servroot),
TEST_NGINX_PORT, TEST_NGINX_SERVER_PORT, TEST_NGINX_CLIENT_PORT, TEST_NGINX_LOAD_MODULES,
TEST_NGINX_LOG_LEVEL, TEST_NGINX_TIMEOUT, TEST_NGINX_NO_SHUFFLE, TEST_NGINX_USE_HUP (reload
between blocks instead of starting again), TEST_NGINX_MASTER_PROCESS, TEST_NGINX_WORKER_USER,
TEST_NGINX_CHECK_ACCUM_ERR_LOG, TEST_NGINX_FORCE_RESTART_ON_TEST, TEST_NGINX_VERBOSE, and
TEST_NGINX_RANDOMIZE (a directory beside TEST_NGINX_SERVROOT even if that is free).

Of this harness: TEST_NGINX_PRELOAD (a library such as libasan.so for nginx's LD_PRELOAD) and
TEST_NGINX_ORDER (the order of the blocks of an earlier run, printed when a test failed).

=cut

# This file reads a test file and runs its blocks.  Block.pm has the language's form, Util.pm
# the settings, Process.pm nginx, Request.pm and Client.pm the requests, Check.pm the checks.

use strict;
use warnings;

use List::Util qw(shuffle);
use Test::More ();
use Time::HiRes qw(sleep);

use Test::Nginx::Block;
use Test::Nginx::Check;
use Test::Nginx::Client;
use Test::Nginx::Process;
use Test::Nginx::Request;
use Test::Nginx::Util;

my @own_functions = qw(add_block_preprocessor blocks no_diff run_tests);
my @check_functions = qw(add_response_body_check is_str no_long_string);

my @test_more = qw(
    ok is isnt like unlike is_deeply cmp_ok skip todo_skip pass fail
    plan can_ok isa_ok diag
);

my @response_checks = qw(
    error_code error_code_like
    response_headers response_headers_like
    raw_response_headers_like raw_response_headers_unlike
    response_body response_body_like response_body_unlike
    access_log no_access_log
);

my @log_checks = qw(error_log no_error_log grep_error_log grep_error_log_out);

my @request_sections = qw(
    request more_headers raw_request raw_request_middle_delay pipelined_requests
    http2 curl_options shutdown timeout abort wait server_addr_for_client ignore_response
);

# Every section with a meaning.  Another name is an error unless the test file's own code reads
# it: a slip of the pen must not make a test pass.  The last line's are without effect here.
my %known = map { $_ => 1 } @response_checks, @log_checks, @request_sections, qw(
    main_config http_config config post_main_config server_name log_level user_files
    init must_die reload_fails skip_nginx skip_eval
    shutdown_error_log no_shutdown_error_log
    LAST ONLY SKIP
    curl no_check_leak
);

# A section here makes the language overlook those behind it, which then would check nothing.
my %hides = (
    error_code_like    => ['error_code'],
    response_headers   => ['response_headers_like'],
    response_body      => ['response_body_like', 'response_body_unlike'],
    response_body_like => ['response_body_unlike'],
    ignore_response    => \@response_checks,
    raw_request        => ['request', 'pipelined_requests', 'more_headers', 'http2'],
    pipelined_requests => ['request', 'http2'],
    must_die           => [@request_sections, @response_checks, 'shutdown_error_log', 'init'],
);

my $blocks;
my @preprocessors;


sub import {
    my ($class, @arguments) = @_;

    my $caller = caller;
    my $derive = grep { /^-base\z/i } @arguments;
    my @plan   = grep { !/^-base\z/i } @arguments;

    strict->import;
    warnings->import;

    no strict 'refs';

    *{"${caller}::$_"} = \&{"Test::More::$_"} for @test_more;
    *{"${caller}::$_"} = \&{"Test::Nginx::Util::$_"} for @Test::Nginx::Util::SETTINGS;
    *{"${caller}::$_"} = \&{"Test::Nginx::Check::$_"} for @check_functions;
    *{"${caller}::$_"} = \&$_ for @own_functions;
    *{"${caller}::$_"} = \&{"${class}::$_"} for @{"${class}::EXPORT"};
    *{"${caller}::TODO"} = \$Test::More::TODO;

    if ($derive) {
        push @{"${caller}::ISA"}, $class;

    } else {
        Test::More->builder->exported_to($caller);
        Test::More->builder->plan(@plan) if @plan;
    }

    return;
}


sub add_block_preprocessor(&) {
    unshift @preprocessors, $_[0];
    return;
}


# There is no diff output to turn off.
sub no_diff {
    return;
}


# How many blocks there are, or the blocks.
sub blocks {
    $blocks ||= read_blocks();

    return scalar @$blocks if !wantarray;

    for my $block (grep { !$_->{filtered}++ } @$blocks) {
        $block->run_filters;
    }

    return @$blocks;
}


sub read_blocks {
    open my $in, '<', $0 or die "$0: $!\n";
    while (<$in>) {
        last if /^__(?:DATA|END)__\r?$/;
    }
    my $line = $. + 1;
    close $in;

    my $text = do { local $/; no warnings; <main::DATA> };
    my $list = Test::Nginx::Block->parse($text // '', $0, $line);

    die "$0: there is no test block behind __DATA__\n" if !@$list;
    Test::More::diag("$0: ONLY is set, no other block runs") if $list->[0]->has('ONLY');

    return $list;
}


sub run_tests {
    my @list = blocks();
    my $seed = $ENV{TEST_NGINX_ORDER} || $$;

    $ENV{TEST_NGINX_SERVER_PORT} //= Test::Nginx::Util::server_port();

    # A failure is reported at the test file's call of run_tests.
    local $Test::Builder::Level = 100;

    if (!Test::Nginx::Util::flag('no_shuffle')) {
        srand $seed;
        @list = shuffle(@list);
    }

    run_block($_) for @list;
    check_stopped($list[-1], Test::Nginx::Process::cleanup());

    my $passed = !failures();
    Test::Nginx::Process::remove_root($passed);

    if (!$passed && !Test::Nginx::Util::flag('no_shuffle')) {
        Test::More::diag("the same order of blocks again: TEST_NGINX_ORDER=$seed");
    }

    return;
}


sub failures {
    return scalar grep { !$_ } Test::More->builder->summary;
}


sub run_block {
    my ($block) = @_;

    my $before = failures();

    $_->($block) for @preprocessors;

    if (my $reason = skip_reason($block)) {
        my ($count, $why) = @$reason;
        Test::More->builder->skip($why)
            for 1 .. $count * Test::Nginx::Util::repeat_each();
        return;
    }

    if (defined $block->must_die) {
        check_sections($block);
        run_to_die($block);

    } else {
        run_running($block);
    }

    if (failures() > $before) {

        # The master notices the end of a worker a little later than the client does.
        sleep 0.05;
        Test::Nginx::Check::check_alarms($block);
        tell_where($block);
    }

    return;
}


# With nginx running: the requests of a block, as often as repeat_each says.
sub run_running {
    my ($block) = @_;

    my $name = $block->name;
    my $plan = Test::Nginx::Util::plan_of($block);

    if ($plan) {
        my $trouble = Test::Nginx::Process::ensure($plan, defined $block->reload_fails);
        Test::Nginx::Check::check_alarms($block);

        if ($trouble) {
            Test::More::fail("$name - $trouble");
            return;
        }

    } elsif (!Test::Nginx::Process::is_up()) {
        die $block->where, ": no section 'config', and no nginx runs from the block before\n";
    }

    Test::Nginx::Process::mark_logs();

    if (defined(my $code = $block->init)) {
        my $where = $block->where . ', section init';
        Test::Nginx::Block::evaluate('Test::Nginx::Util', $where, $code);
        die $block->where, ": section 'init': $@" if $@;
    }

    for my $round (0 .. Test::Nginx::Util::repeat_each() - 1) {
        run_requests($block, $round);
        check_sections($block) if $round == 0;
    }

    if (my $end = Test::Nginx::Process::gone()) {
        Test::More::fail("$name - $end");
    }

    Test::Nginx::Check::check_alarms($block);

    if ($block->has('shutdown_error_log')) {
        check_stopped($block, Test::Nginx::Process::stop());
        Test::Nginx::Check::check_log($block, 'error', 'shutdown_error_log', 0);
    }

    return;
}


# With a configuration that nginx must refuse.
sub run_to_die {
    my ($block) = @_;

    my $name = $block->name;
    my $plan = Test::Nginx::Util::plan_of($block)
        // die $block->where, ": no section 'config'\n";
    my $code = $block->must_die;

    for my $round (0 .. Test::Nginx::Util::repeat_each() - 1) {
        my $status = Test::Nginx::Process::start_to_die($plan);

        if (!defined $status) {
            Test::More::fail("$name - nginx starts, but must not");
            Test::Nginx::Process::stop();

        } elsif ($status & 127) {
            Test::More::fail("$name - " . Test::Nginx::Process::ended($status));

        } elsif ($code =~ /^\s*(\d+)\s*$/) {
            Test::More::is($status >> 8, $1, "$name - nginx refuses to start, exit code");

        } else {
            Test::More::isnt($status, 0, "$name - nginx refuses to start");
        }

        Test::Nginx::Check::check_error_log($block, $round);
        Test::Nginx::Check::check_alarms($block);
    }

    return;
}


# [number of tests, why] for a block to be skipped.
sub skip_reason {
    my ($block) = @_;

    my %operation = (
        '<'  => sub { $_[0] < $_[1] },
        '<=' => sub { $_[0] <= $_[1] },
        '>'  => sub { $_[0] > $_[1] },
        '>=' => sub { $_[0] >= $_[1] },
    );

    if (defined(my $spec = $block->skip_eval)) {
        my ($count, $code) = $spec =~ /^\s*(\d+)\s*:\s*(.*)/s
            or die $block->where, ": skip_eval is not 'number: code'\n";

        my $skip = Test::Nginx::Block::evaluate('Test::Nginx::Util', $block->where, $code);
        die $block->where, ": section 'skip_eval': $@" if $@;

        return [$count, $block->name . ' - skip_eval'] if $skip;
    }

    if (defined(my $spec = $block->skip_nginx)) {
        my ($count, $operator, $version, $why) =
            $spec =~ /^\s*(\d+)\s*:\s*([<>]=?)\s*(\d+\.\d+\.\d+)\s*(?::\s*(.*?)\s*)?$/
            or die $block->where, ": skip_nginx is not 'number: >= 1.2.3[: reason]'\n";

        my @both = (Test::Nginx::Process::version(), $version);

        if ($operation{$operator}->(map { sprintf '%d.%03d%03d', split /\./ } @both)) {
            return [$count, $block->name . ' - ' . ($why // "nginx $operator $version")];
        }
    }

    return;
}


# Refuses sections that nothing reads, or that check nothing.
sub check_sections {
    my ($block) = @_;

    for my $section (grep { !$known{$_} } $block->unread_sections) {
        die $block->where, ": unknown section '$section'\n";
    }

    for my $section (grep { $block->has($_) } keys %hides) {
        my ($hidden) = grep { $_ ne $section && $block->has($_) } @{ $hides{$section} };
        die $block->where, ": '$hidden' is not looked at beside '$section'\n" if $hidden;
    }

    if ($block->has('no_shutdown_error_log') && !$block->has('shutdown_error_log')) {
        die $block->where, ": 'no_shutdown_error_log' needs 'shutdown_error_log' beside it\n";
    }

    if ($block->has('grep_error_log') != $block->has('grep_error_log_out')) {
        die $block->where, ": 'grep_error_log' and 'grep_error_log_out' need each other\n";
    }

    return;
}


sub run_requests {
    my ($block, $round) = @_;

    my @requests = Test::Nginx::Request::requests_of($block);
    my $many     = $block->has('pipelined_requests') || @requests > 1;
    my $name     = $block->name;
    my $index    = 0;

    for my $request (@requests) {
        my $result = Test::Nginx::Request::send_request($block, $request);
        my $data   = $result->{data};

        if ($result->{error}) {
            Test::More::fail("$name - $result->{error}");

        } elsif ($result->{timed_out} && !$block->has('abort')) {
            Test::More::fail("$name - the client timed out after " . length($data) . ' bytes');
        }

        for my $method (@{ $request->{methods} }) {
            my $response = Test::Nginx::Client::parse_response($data, $method);
            $data = $response->{rest};

            Test::Nginx::Check::check_response($block, $response, $index++, $round, $many)
                if !$block->has('ignore_response');

            sleep $block->wait if $block->wait;
            Test::Nginx::Check::check_error_log($block, $round);
            Test::Nginx::Check::check_log($block, 'access', 'access_log', $round);
        }

        next if $data eq '' || $block->has('ignore_response');

        my $note = "$name - " . length($data) . ' bytes follow the last response';
        $request->{raw} ? Test::More::diag($note) : Test::More::fail($note);
    }

    return;
}


sub check_stopped {
    my ($block, $trouble) = @_;

    my $before = failures();

    Test::More::fail($block->name . " - $trouble") if $trouble;
    Test::Nginx::Check::check_alarms($block);
    Test::More::diag('(seen when nginx was stopped)') if failures() > $before;

    return;
}


sub tell_where {
    my ($block) = @_;

    my @lines = grep { /\[(?:warn|error|crit|alert|emerg)\]/ }
        Test::Nginx::Process::tail('error', 500);
    splice @lines, 0, @lines - 5 if @lines > 5;

    Test::More::diag($block->where, ': this block failed');
    Test::More::diag('end of its error log:') if @lines;
    Test::More::diag($_) for @lines;

    return;
}


1;
