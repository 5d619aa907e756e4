package Test::Nginx::Check;

# What the sections of a block expect of the responses and of the logs, one test each; and what
# is expected of every block: that nginx raises no alarm.

use strict;
use warnings;

use Test::More ();
use Time::HiRes qw(sleep time);

use Test::Nginx::Process;
use Test::Nginx::Util;

# Lines that no test may cause, in the error log or on nginx's standard error.
my $stamp  = qr{\d{4}/\d\d/\d\d \d\d:\d\d:\d\d};
my $report = qr/==\d+==\s*ERROR: \w+Sanitizer|\S+:\d+:\d+: runtime error: /;
my $ended  = qr/exited (?:on signal|with (?:fatal )?code [1-9])/;
my @alarms = (
    ['a process crashed',      qr/^$stamp \[\w+\] .*process \d+ $ended/],
    ['an open socket is left', qr/^$stamp \[alert\] .*open socket #\d+ left/],
    ['an alert',               qr/^(?:$stamp|nginx:) \[alert\]/],
    ['an emergency',           qr/^(?:$stamp|nginx:) \[emerg\]/],
    ['a sanitizer report',     qr/^(?:$report)/],
    ['a failed assertion',     qr/\bAssertion .*failed/],
);

# How long a line is waited for that a log should have, and how long one is given to appear
# that it should not have, in seconds.
my $line_wait  = 1;
my $quiet_wait = 0.03;

my @body_checks;
my $no_long_string;


sub add_response_body_check {
    push @body_checks, $_[0];
    return;
}


sub no_long_string {
    $no_long_string = 1;
    return;
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
            my $part = substr $text, $from, 240;
            $part =~ s/([^\n\x20-\x7e])/sprintf '\\x%02x', ord $1/ge;
            Test::More::diag("$what (", length $text, " bytes) differs at $at: $part");
        }
    }

    return $same;
}


# The patterns of a section: a regular expression, an array, or text with one on each line.
sub patterns {
    my ($block, $section) = @_;

    my $value = $block->get($section) // return;
    my @list =
          ref $value eq 'ARRAY' ? @$value
        : ref $value            ? $value
        :                         grep { /\S/ } split /\n/, $value;

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

    report_log($block, $section, \@lines, \@wanted, \@unwanted, $round);

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
        @lines = Test::Nginx::Process::log_lines($log);
        last if $condition->(@lines) || time >= $end;
    }

    Test::Nginx::Process::mark_read($log);

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

    my @expected = map { patterns($block, $_) } qw(error_log shutdown_error_log);
    my @lines    = map { Test::Nginx::Process::take_lines($_) } qw(alarm stderr);
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


1;
