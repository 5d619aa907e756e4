package Test::Nginx::Socket;

# The test harness: runs test files in the language of the module of this name on CPAN, with
# nothing but Perl's core modules.  This file has the checks, and the order in which a block is
# run; Block.pm reads the language, Util.pm runs nginx, Client.pm speaks HTTP.  The
# documentation is at the end.

use strict;
use warnings;

use List::Util qw(shuffle);
use Test::More ();
use Time::HiRes qw(sleep time);

use Test::Nginx::Block;
use Test::Nginx::Client;
use Test::Nginx::Util;

my @own_functions = qw(
    add_block_preprocessor add_response_body_check blocks filters is_str no_diff
    no_long_string run_tests
);

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

# Lines that no test may cause, in the error log or on nginx's standard error.
my $stamp = qr{\d{4}/\d\d/\d\d \d\d:\d\d:\d\d};
my @alarms = (
    ['a process crashed', qr/^$stamp \[\w+\] .*process \d+ exited (?:on signal|with (?:fatal )?code [1-9])/],
    ['an open socket is left', qr/^$stamp \[alert\] .*open socket #\d+ left/],
    ['an alert',               qr/^(?:$stamp|nginx:) \[alert\]/],
    ['an emergency',           qr/^(?:$stamp|nginx:) \[emerg\]/],
    ['a sanitizer report',     qr/^==\d+==\s*ERROR: \w+Sanitizer|^\S+:\d+:\d+: runtime error: /],
    ['a failed assertion',     qr/\bAssertion .*failed/],
);

# How long a line is waited for that a log should have, and how long one is given to appear
# that it should not have, in seconds.
my $line_wait  = 1;
my $quiet_wait = 0.03;

my $blocks;
my @preprocessors;
my @body_checks;
my $no_long_string;


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


sub add_response_body_check {
    push @body_checks, $_[0];
    return;
}


sub filters {
    Test::Nginx::Block::set_filters(@_);
    return;
}


sub no_long_string {
    $no_long_string = 1;
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
    my $seed = $ENV{TEST_NGINX_SEED} || $$;

    $ENV{TEST_NGINX_SERVER_PORT} //= Test::Nginx::Util::server_port();

    # A failure is reported at the test file's call of run_tests.
    local $Test::Builder::Level = 100;

    if (!Test::Nginx::Util::flag('no_shuffle')) {
        srand $seed;
        @list = shuffle(@list);
    }

    run_block($_) for @list;
    check_stopped($list[-1], Test::Nginx::Util::cleanup());

    my $passed = !failures();
    Test::Nginx::Util::remove_root($passed);

    if (!$passed && !Test::Nginx::Util::flag('no_shuffle')) {
        Test::More::diag("the same order of blocks again: TEST_NGINX_SEED=$seed");
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

    tell_where($block) if failures() > $before;

    return;
}


# With nginx running: the requests of a block, as often as repeat_each says.
sub run_running {
    my ($block) = @_;

    my $name = $block->name;
    my $plan = Test::Nginx::Util::plan_of($block);

    if ($plan) {
        my $trouble = Test::Nginx::Util::ensure($plan, defined $block->reload_fails);
        check_alarms($block);

        if ($trouble) {
            Test::More::fail("$name - $trouble");
            return;
        }

    } elsif (!Test::Nginx::Util::is_up()) {
        die $block->where, ": no section 'config', and no nginx runs from the block before\n";
    }

    Test::Nginx::Util::mark_logs();

    if (defined(my $code = $block->init)) {
        Test::Nginx::Block::evaluate('Test::Nginx::Util', $block->where . ', section init', $code);
        die $block->where, ": section 'init': $@" if $@;
    }

    for my $round (0 .. Test::Nginx::Util::repeat_each() - 1) {
        run_requests($block, $round);
        check_sections($block) if $round == 0;
    }

    if (my $end = Test::Nginx::Util::gone()) {
        Test::More::fail("$name - $end");
    }

    check_alarms($block);

    if ($block->has('shutdown_error_log')) {
        check_stopped($block, Test::Nginx::Util::stop());
        check_log($block, 'error', 'shutdown_error_log', 0);
    }

    return;
}


# With a configuration that nginx must refuse.
sub run_to_die {
    my ($block) = @_;

    my $name = $block->name;
    my $plan = Test::Nginx::Util::plan_of($block) // die $block->where, ": no section 'config'\n";
    my $code = $block->must_die;

    for my $round (0 .. Test::Nginx::Util::repeat_each() - 1) {
        my $status = Test::Nginx::Util::start_to_die($plan);

        if (!defined $status) {
            Test::More::fail("$name - nginx starts, but must not");
            Test::Nginx::Util::stop();

        } elsif ($status & 127) {
            Test::More::fail("$name - " . Test::Nginx::Util::ended($status));

        } elsif ($code =~ /^\s*(\d+)\s*$/) {
            Test::More::is($status >> 8, $1, "$name - nginx refuses to start, exit code");

        } else {
            Test::More::isnt($status, 0, "$name - nginx refuses to start");
        }

        check_error_log($block, $round);
        check_alarms($block);
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

        my @versions = map { sprintf '%d.%03d%03d', split /\./ } Test::Nginx::Util::version(), $version;

        if ($operation{$operator}->(@versions)) {
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
        die $block->where, ": 'no_shutdown_error_log' is looked at beside 'shutdown_error_log' only\n";
    }

    if ($block->has('grep_error_log') != $block->has('grep_error_log_out')) {
        die $block->where, ": 'grep_error_log' and 'grep_error_log_out' need each other\n";
    }

    return;
}


# The requests of a block: { pieces, methods, raw } each.  One of pipelined requests has many
# methods.
sub requests_of {
    my ($block) = @_;

    my $delay = $block->raw_request_middle_delay;

    if (defined(my $raw = $block->raw_request)) {
        my @pieces = map { { value => $_, delay_before => $delay } } ref $raw ? @$raw : $raw;
        delete $pieces[0]{delay_before};

        return { pieces => \@pieces, methods => [$pieces[0]{value} =~ /^\s*(\S+)/], raw => 1 };
    }

    my $pipeline = $block->pipelined_requests;
    my $request  = $pipeline // $block->request // die $block->where, ": no request\n";

    if (!ref $request) {
        $request =~ s/\A(?:\s*#[^\n]*\n)*\s*//;
        $request = [$request];
    }

    my @list;

    for my $i (0 .. $#$request) {
        my $headers = $block->more_headers // '';
        $headers = $headers->[$i] // die $block->where, ": no more_headers for request $i\n"
            if ref $headers;

        my $last = !$pipeline || $i == $#$request;
        push @list, one_request($block, $request->[$i], $headers, $last ? 'close' : 'keep-alive');
        $_->{delay_before} //= $delay for @{ $list[-1]{pieces} }[1 .. $#{ $list[-1]{pieces} }];
    }

    return @list if !$pipeline;

    my $bytes = join '', map { $_->{value} } map { @{ $_->{pieces} } } @list;

    return { pieces => [{ value => $bytes }], methods => [map { @{ $_->{methods} } } @list] };
}


sub one_request {
    my ($block, $request, $headers, $connection) = @_;

    my @pieces = map { ref $_ ? {%$_} : { value => $_ } } ref $request ? @$request : $request;
    my @values = map { $_->{value} } @pieces;

    utf8::downgrade($_, 1)
        or die $block->where, ": a request is bytes, this one has wider characters\n"
        for @values;

    my @bytes = eval {
        Test::Nginx::Client::request_pieces(\@values, $headers, $connection,
            Test::Nginx::Util::server_name());
    } or die $block->where, ": $@";

    $pieces[$_]{value} = $bytes[$_] for 0 .. $#pieces;

    return { pieces => \@pieces, methods => [join('', @bytes) =~ /^(\S+)/] };
}


sub run_requests {
    my ($block, $round) = @_;

    my @requests = requests_of($block);
    my $many     = $block->has('pipelined_requests') || @requests > 1;
    my $name     = $block->name;
    my $index    = 0;

    for my $request (@requests) {
        my $result = send_request($block, $request);
        my $data   = $result->{data};

        if ($result->{error}) {
            Test::More::fail("$name - $result->{error}");

        } elsif ($result->{timed_out} && !$block->has('abort')) {
            Test::More::fail("$name - the client timed out after " . length($data) . ' bytes');
        }

        for my $method (@{ $request->{methods} }) {
            my $response = Test::Nginx::Client::parse_response($data, $method);
            $data = $response->{rest};

            check_response($block, $response, $index++, $round, $many)
                if !$block->has('ignore_response');

            sleep $block->wait if $block->wait;
            check_error_log($block, $round);
            check_log($block, 'access', 'access_log', $round);
        }

        next if $data eq '' || $block->has('ignore_response');

        my $note = "$name - " . length($data) . ' bytes follow the last response';
        $request->{raw} ? Test::More::diag($note) : Test::More::fail($note);
    }

    return;
}


sub send_request {
    my ($block, $request) = @_;

    my $timeout = $block->timeout // Test::Nginx::Util::timeout();
    $timeout = $timeout =~ /^([\d.]+)\s*ms\s*$/ ? $1 / 1000 : $timeout =~ s/\s*s?\s*$//r;

    my $shutdown = $block->shutdown;
    $shutdown = 1 if defined $shutdown && $shutdown !~ /\S/;

    my %option = (
        address  => $block->server_addr_for_client // Test::Nginx::Util::server_addr(),
        port     => Test::Nginx::Util::server_port_for_client(),
        timeout  => $timeout,
        shutdown => $shutdown,
    );

    return Test::Nginx::Client::exchange($request->{pieces}, %option) if !$block->has('http2');

    my $bytes   = join '', map { $_->{value} } @{ $request->{pieces} };
    my $options = $block->curl_options // [];

    return Test::Nginx::Client::exchange_http2($bytes, %option,
        directory    => Test::Nginx::Util::server_root() . '/logs',
        curl_options => ref $options ? $options : [split ' ', $options],
    );
}


# What a section expects of one of a block's requests.
sub expected {
    my ($block, $section, $index, $many) = @_;

    my $value = $block->get($section);

    die $block->where, ": '$section' must be an array, there is more than one request\n"
        if $many && ref $value ne 'ARRAY';

    $value = $value->[$index] if ref $value eq 'ARRAY';

    if (defined $value && !ref $value) {
        my $port   = Test::Nginx::Util::server_port();
        my $client = Test::Nginx::Util::server_port_for_client();
        $value =~ s/\$ServerPort\b/$port/g;
        $value =~ s/\$ServerPortForClient\b/$client/g;
    }

    return $value;
}


sub check_response {
    my ($block, $response, $index, $round, $many) = @_;

    my $name = $block->name . ($many ? " - response $index" : '');
    my @at   = ($index, $many);

    my $code = $block->has('error_code') ? expected($block, 'error_code', @at) : 200;

    if ($block->has('error_code_like')) {
        my $pattern = expected($block, 'error_code_like', @at);
        Test::More::like($response->{code}, qr/$pattern/sm, "$name - status");

    } else {
        Test::More::is($response->{code}, $code, "$name - status");
    }

    my $none_expected = $response->{head} eq '' && ($code // '') eq '';

    if ($response->{fault} && !$none_expected && !$block->has('abort')) {
        Test::More::fail("$name - $response->{fault}");
    }

    check_headers($block, $name, $response, @at);
    check_body($block, $name, $response->{body}, @at);

    $_->($block, $response->{body}, $index, $round, 0) for @body_checks;

    return;
}


sub check_headers {
    my ($block, $name, $response, @at) = @_;

    if ($block->has('raw_response_headers_like')) {
        my $pattern = expected($block, 'raw_response_headers_like', @at);
        Test::More::like($response->{head}, qr/$pattern/s, "$name - raw headers");
    }

    if ($block->has('raw_response_headers_unlike')) {
        my $pattern = expected($block, 'raw_response_headers_unlike', @at);
        Test::More::unlike($response->{head}, qr/$pattern/s, "$name - raw headers");
    }

    for my $section (grep { $block->has($_) } qw(response_headers response_headers_like)) {
        my @lines = split /\n/, expected($block, $section, @at) // '';
        die $block->where, ": '$section' has no line\n" if !$at[1] && !grep { /\S/ } @lines;

        for my $line (grep { /\S/ } @lines) {
            my ($absent, $key, $value) = $line =~ /^\s*(!?)\s*([^\s:]+)\s*:?\s*(.*?)\s*$/
                or die $block->where, ": not a header: $line\n";

            my $got = $response->{headers}{ lc $key };

            if ($absent) {
                Test::More::is($got, undef, "$name - no header $key");

            } elsif ($section eq 'response_headers') {
                Test::More::is($got // '', $value, "$name - header $key");

            } else {
                Test::More::like($got // '', qr/^$value$/, "$name - header $key");
            }
        }
    }

    return;
}


sub check_body {
    my ($block, $name, $body, @at) = @_;

    if ($block->has('response_body')) {
        is_str($body, expected($block, 'response_body', @at), "$name - body");

    } elsif ($block->has('response_body_like')) {
        my $pattern = expected($block, 'response_body_like', @at);
        Test::More::like($body, qr/$pattern/s, "$name - body");

    } elsif ($block->has('response_body_unlike')) {
        my $pattern = expected($block, 'response_body_unlike', @at);
        Test::More::unlike($body, qr/$pattern/s, "$name - body");
    }

    return;
}


# Compares with a text or a pattern; of long texts only the place where they differ is shown.
sub is_str {
    my ($got, $expected, $name) = @_;

    return Test::More::like($got, $expected, $name) if ref $expected;

    if ($no_long_string || !defined $got || !defined $expected
        || length $got < 300 && length $expected < 300)
    {
        return Test::More::is($got, $expected, $name);
    }

    my $same = Test::More::ok($got eq $expected, $name);

    if (!$same) {
        my $at = ($got ^ $expected) =~ /[^\0]/ ? $-[0] : length $got;
        my $from = $at > 80 ? $at - 80 : 0;

        for my $side ([got => $got], [expected => $expected]) {
            my ($what, $text) = @$side;
            my $part = substr($text, $from, 240) =~ s/([^\n\x20-\x7e])/sprintf '\\x%02x', ord $1/ger;
            Test::More::diag("$what, ", length $text, " bytes, differs at $at; from $from: $part");
        }
    }

    return $same;
}


# The patterns of a section: a regular expression, an array, or text with one on each line.
sub patterns {
    my ($block, $section) = @_;

    my $value = $block->get($section) // return;
    my @list  = ref $value eq 'ARRAY' ? @$value : ref $value ? $value : grep { /\S/ } split /\n/, $value;

    die $block->where, ": '$section' has no pattern\n" if !@list;

    return @list;
}


sub matches {
    my ($line, $pattern) = @_;

    return ref $pattern ? $line =~ $pattern : index($line, $pattern) >= 0;
}


# One test for each pattern of a section and of the same one with "no_" before it.
sub check_log {
    my ($block, $log, $section, $round) = @_;

    my @wanted   = patterns($block, $section);
    my @unwanted = patterns($block, "no_$section");
    return if !@wanted && !@unwanted;

    my @lines = wait_for_lines($log, @unwanted ? $quiet_wait : 0, sub {
        my @have = @_;
        !grep { my $pattern = $_; !grep { matches($_, $pattern) } @have } @wanted;
    });

    report_log($block, "$section", \@lines, \@wanted, \@unwanted, $round);

    return;
}


sub report_log {
    my ($block, $section, $lines, $wanted, $unwanted, $round) = @_;

    my $name = $block->name;

    for my $pattern (@$wanted) {
        Test::More::ok(scalar(grep { matches($_, $pattern) } @$lines),
            "$name - $section has '$pattern' (round $round)");
    }

    for my $pattern (@$unwanted) {
        my @found = grep { matches($_, $pattern) } @$lines;
        Test::More::ok(!@found, "$name - $section has no '$pattern' (round $round)")
            or Test::More::diag(@found > 5 ? (@found[0 .. 4], '...') : @found);
    }

    return;
}


# The new lines of a log, after waiting until they satisfy a condition.
sub wait_for_lines {
    my ($log, $at_least, $condition) = @_;

    sleep $at_least if $at_least;

    my @lines;
    for (my $end = time + $line_wait; ; sleep 0.01) {
        @lines = Test::Nginx::Util::log_lines($log);
        last if $condition->(@lines) || time >= $end;
    }

    Test::Nginx::Util::mark_read($log);

    return @lines;
}


# The three kinds of checks share the lines that were read.
sub check_error_log {
    my ($block, $round) = @_;

    my $pattern = $block->grep_error_log;
    return check_log($block, 'error', 'error_log', $round) if !defined $pattern;

    my $out = $block->grep_error_log_out;
    $pattern = $pattern->[$round] if ref $pattern eq 'ARRAY';
    $out     = $out->[$round]     if ref $out eq 'ARRAY';

    my @wanted   = patterns($block, 'error_log');
    my @unwanted = patterns($block, 'no_error_log');
    my $expr     = ref $pattern ? $pattern : qr/\Q$pattern\E/;
    my $grep     = sub { join '', map { /($expr)/ ? "$1\n" : () } map { s/\n\z//r } @_ };

    my @lines = wait_for_lines('error', $quiet_wait, sub {
        my $found = $grep->(@_);
        ref $out ? $found =~ $out : $found eq $out;
    });

    is_str($grep->(@lines), $out, $block->name . " - grep_error_log_out (round $round)");
    report_log($block, 'error_log', \@lines, \@wanted, \@unwanted, $round);

    return;
}


# What no test may cause.  A line that the block's error_log asks for is none.
sub check_alarms {
    my ($block) = @_;

    my @expected = map { patterns($block, $_) } grep { $block->has($_) } qw(error_log shutdown_error_log);
    my @lines    = map { Test::Nginx::Util::take_lines($_) } qw(alarm stderr);
    my %seen;

    for my $i (0 .. $#lines) {
        my $line = $lines[$i];
        my ($kind) = grep { $line =~ $_->[1] } @alarms or next;

        next if $kind->[0] eq 'an emergency' && $block->has('must_die');
        next if $kind->[0] eq 'an emergency' && $block->has('reload_fails');
        next if grep { matches($line, $_) } @expected;
        next if $seen{ $kind->[0] }++;

        my $last = $kind->[0] eq 'a sanitizer report' ? $i + 40 : $i;
        Test::More::fail($block->name . " - $kind->[0] in nginx's log");
        Test::More::diag(@lines[$i .. ($last < $#lines ? $last : $#lines)]);
    }

    return;
}


sub check_stopped {
    my ($block, $trouble) = @_;

    my $before = failures();

    Test::More::fail($block->name . " - $trouble") if $trouble;
    check_alarms($block);
    Test::More::diag('(seen when nginx was stopped, after the last block)') if failures() > $before;

    return;
}


sub tell_where {
    my ($block) = @_;

    my @lines = grep { /\[(?:warn|error|crit|alert|emerg)\]/ } Test::Nginx::Util::tail('error', 500);
    splice @lines, 0, @lines - 5 if @lines > 5;

    Test::More::diag($block->where, ': this block failed');
    Test::More::diag('end of its error log:') if @lines;
    Test::More::diag($_) for @lines;

    return;
}


1;
