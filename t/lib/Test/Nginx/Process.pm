package Test::Nginx::Process;

# The nginx under test: starting, reloading and stopping it, and the reading of its logs.
#
# nginx runs as a child in the foreground, so that the way it ends is seen.  It is kept from
# block to block as long as nothing that it was started with changes.

use strict;
use warnings;

use File::Path qw(make_path remove_tree);
use POSIX qw(:sys_wait_h);
use Test::More ();
use Time::HiRes qw(sleep time);

use Test::Nginx::Util;

# How long nginx may take to start, to reload and to stop, in seconds.
my $patience = 10;

my $binary      = $ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx';
my $root        = Test::Nginx::Util::server_root();
my $config_file = "$root/conf/nginx.conf";
my $pid_file    = "$root/logs/nginx.pid";

my $owner = $$;
my $pid;          # of the running nginx
my $running;      # what it was started with
my $fresh_start;  # no block has been run since then

# The log files, how far the checks have looked at each, and how far it has been read.
my %log = (
    error  => { file => "$root/logs/error.log",  read => 0, seen => 0 },
    access => { file => "$root/logs/access.log", read => 0, seen => 0 },
    alarm  => { file => "$root/logs/error.log",  read => 0, seen => 0 },
    stderr => { file => "$root/logs/stderr.log", read => 0, seen => 0 },
);


sub version {
    my $text = `$binary -v 2>&1`;
    my ($version) = $text =~ m{/(\d+\.\d+\.\d+)} or die "'$binary -v' fails: $text\n";

    return $version;
}


# Ends an nginx that a killed run has left in the directory.
sub end_left {
    if (open my $in, '<', $pid_file) {
        my ($left) = (<$in> // '') =~ /^(\d+)$/;

        if ($left && open my $proc, '<', "/proc/$left/cmdline") {
            my $command = <$proc> // '';
            kill KILL => $left, workers_of($left) if $command =~ /\bnginx\b.*\Q$root\E/;
        }
    }

    return;
}


sub lay_out {
    my ($plan) = @_;

    end_left();
    remove_tree("$root/conf", "$root/html", glob("$root/*_temp"), glob("$root/*_cache"));
    unlink $pid_file, map { $_->{file} } values %log;
    @$_{qw(read seen)} = (0, 0) for values %log;
    $fresh_start = 1;

    make_path(map { "$root/$_" } qw(conf html logs));
    Test::Nginx::Util::write_plan($plan);

    return;
}


# Makes nginx run with a plan, and returns undef or what went wrong.  $may_fail says that a
# reload is expected to be refused.
sub ensure {
    my ($plan, $may_fail) = @_;

    my $same = $pid && $running && $running eq $plan->{key};
    return if $same && !$ENV{TEST_NGINX_FORCE_RESTART_ON_TEST};

    if ($pid && Test::Nginx::Util::flag('use_hup')) {
        Test::Nginx::Util::write_plan($plan);
        $running = $plan->{key};
        return reload($may_fail);
    }

    my $trouble = stop();
    return $trouble if $trouble;

    lay_out($plan);

    # Another process may hold the port for a moment.
    for my $try (1 .. 20) {
        my $status = start();

        if (!defined $status) {
            $running = $plan->{key};
            return;
        }

        my $said = join '', tail('stderr', 20), tail('error', 20);
        return "nginx does not start (status $status):\n$said"
            if $said !~ /Address already in use/;

        sleep 0.2;
    }

    return 'nginx does not start: in use is port ' . Test::Nginx::Util::server_port();
}


# Starts nginx with a plan that it must refuse; returns its wait status, or undef if it runs.
sub start_to_die {
    my ($plan) = @_;

    my $trouble = stop();
    die "$trouble\n" if $trouble;

    lay_out($plan);

    return start();
}


# Returns undef when nginx listens, else the wait status it ended with.
sub start {
    my $child = fork // die "fork: $!\n";

    if ($child == 0) {
        $ENV{LD_PRELOAD} = $ENV{TEST_NGINX_PRELOAD} if $ENV{TEST_NGINX_PRELOAD};

        open STDIN,  '<',  '/dev/null';
        open STDOUT, '>',  '/dev/null';
        open STDERR, '>>', $log{stderr}{file};

        # "-e": what is said before the configuration's own log is open goes to that log too.
        exec $binary, '-p', "$root/", '-c', $config_file, '-e', $log{error}{file}
            or POSIX::_exit(127);
    }

    warn "# nginx $child in $root\n" if $ENV{TEST_NGINX_VERBOSE};

    # nginx writes its process id once its ports are open.
    for (my $end = time + $patience; time < $end; sleep 0.002) {
        return $? if waitpid($child, WNOHANG) == $child;

        if (-s $pid_file) {
            $pid = $child;
            return;
        }
    }

    kill KILL => $child, workers_of($child);
    waitpid $child, 0;

    return $?;
}


# The processes that the master has started.
sub workers_of {
    my ($master) = @_;

    my @found;

    for my $file (glob '/proc/[0-9]*/stat') {
        open my $in, '<', $file or next;
        push @found, $1 if (<$in> // '') =~ /^(\d+) \(.*\) \S $master /;
    }

    return @found;
}


# Tells nginx to read its configuration again, and waits until the new workers alone answer.
sub reload {
    my ($may_fail) = @_;

    my %old = map { $_ => 1 } workers_of($pid);
    kill HUP => $pid;

    for (my $end = time + ($may_fail ? 0.5 : $patience); time < $end; sleep 0.01) {
        my @now = workers_of($pid);
        return if @now && !grep { $old{$_} } @now;
    }

    return $may_fail ? undef : "nginx does not reload:\n" . join '', tail('error', 20);
}


# Stops nginx and returns undef or what went wrong.
sub stop {
    return if !$pid;

    my ($child, @workers) = ($pid, workers_of($pid));
    ($pid, $running) = ();

    for my $signal (qw(QUIT TERM KILL)) {
        kill $signal => $child;
        kill $signal => @workers if $signal eq 'KILL';

        for (my $end = time + $patience; time < $end; sleep 0.002) {
            next if waitpid($child, WNOHANG) == 0;

            return ended($?) if $?;
            return $signal eq 'QUIT' ? undef : "nginx did not stop on SIGQUIT";
        }
    }

    return "nginx did not stop";
}


sub is_up {
    return defined $pid;
}


# Undef while nginx runs as it should, else how it ended.
sub gone {
    return if !$pid || waitpid($pid, WNOHANG) == 0;

    my $status = $?;
    ($pid, $running) = ();

    return ended($status);
}


sub ended {
    my ($status) = @_;

    return $status & 127
        ? sprintf('nginx died of signal %d', $status & 127)
        : sprintf('nginx exited with code %d', $status >> 8);
}


sub cleanup {
    return if $$ != $owner;

    $_->() for Test::Nginx::Util::take_cleanup_handlers();

    return stop();
}


# The lines of a log since it was last marked as read.
sub log_lines {
    my ($name) = @_;

    my $log = $log{$name};
    open my $in, '<:raw', $log->{file} or return;
    seek $in, $log->{read}, 0;

    my @lines = <$in>;
    $log->{seen} = tell $in;

    return @lines;
}


# Marks what log_lines returned last.  With check_accum_error_log the lines of a block are
# looked at again in every round.
sub mark_read {
    my ($name) = @_;

    $log{$name}{read} = $log{$name}{seen} if !Test::Nginx::Util::flag('check_accum_error_log');
    return;
}


sub take_lines {
    my ($name) = @_;

    my @lines = log_lines($name);
    $log{$name}{read} = $log{$name}{seen};

    return @lines;
}


# Lets the checks of a block begin at the end of the logs, if nginx was running before.
sub mark_logs {
    my $fresh = $fresh_start;
    $fresh_start = 0;
    return if $fresh;

    $log{$_}{read} = -s $log{$_}{file} // 0 for qw(error access);
    return;
}


sub tail {
    my ($name, $count) = @_;

    open my $in, '<:raw', $log{$name}{file} or return;
    my @lines = <$in>;

    return @lines > $count ? @lines[-$count .. -1] : @lines;
}


# A directory of this process's own is of use only when something went wrong.
sub remove_root {
    my ($passed) = @_;

    if (Test::Nginx::Util::flag('own_root')) {
        $passed ? remove_tree($root) : Test::More::diag("see $root");
    }

    return;
}


END {
    if ($$ == $owner) {
        local $?;
        cleanup();
    }
}

$SIG{$_} //= sub { exit 130 } for qw(INT TERM HUP);

1;
