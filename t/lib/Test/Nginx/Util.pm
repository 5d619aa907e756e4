package Test::Nginx::Util;

# The nginx under test: its settings, its directory and configuration, starting, reloading and
# stopping it, and the reading of its logs.
#
# nginx runs as a child in the foreground, so that the way it ends is seen.  It is kept from
# block to block as long as nothing that it was started with changes.

use strict;
use warnings;

use Fcntl qw(:flock);
use File::Path qw(make_path remove_tree);
use File::Spec ();
use IO::Socket::INET ();
use POSIX qw(:sys_wait_h);
use Test::More ();
use Time::HiRes qw(sleep time);

# Every setting that a test file may make: a function of the same name reads and sets it.
my %setting = (
    config_preamble        => '',
    log_level              => $ENV{TEST_NGINX_LOG_LEVEL} || 'debug',
    master_process_enabled => ($ENV{TEST_NGINX_MASTER_PROCESS} // 'on') eq 'on',
    repeat_each            => 1,
    server_addr            => '127.0.0.1',
    server_name            => 'localhost',
    server_port            => undef,
    server_port_for_client => undef,
    timeout                => $ENV{TEST_NGINX_TIMEOUT} || 3,
    worker_connections     => 64,
    workers                => 1,
);

# Settings without a value, and what says them from outside.
my %flag = (
    check_accum_error_log => $ENV{TEST_NGINX_CHECK_ACCUM_ERR_LOG},
    no_root_location      => 0,
    no_shuffle            => $ENV{TEST_NGINX_NO_SHUFFLE},
    use_hup               => $ENV{TEST_NGINX_USE_HUP},
);

our @SETTINGS = (
    sort(keys %setting, keys %flag),
    qw(add_cleanup_handler bail_out env_to_nginx html_dir master_off master_on server_root),
);

for my $name (keys %setting) {
    no strict 'refs';
    *$name = sub { $setting{$name} = $_[0] if @_; return $setting{$name} };
}

for my $name (keys %flag) {
    no strict 'refs';
    *$name = sub { $flag{$name} = 1; return };
}

my $binary   = $ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx';
my $verbose  = $ENV{TEST_NGINX_VERBOSE};
my $separate = $ENV{TEST_NGINX_RANDOMIZE};

# How long nginx may take to start, to reload and to stop, in seconds.
my $patience = 10;

my @cleanup_handlers;
my @environment = qw(LD_PRELOAD LD_LIBRARY_PATH ASAN_OPTIONS);
push @environment, qw(UBSAN_OPTIONS LSAN_OPTIONS) if $ENV{TEST_NGINX_PRELOAD};

my $owner = $$;
my $lock;
my $pid;          # of the running nginx
my $running;      # what it was started with
my $fresh_start;  # no block has been run since then
my %random_port;

$setting{server_port} = $ENV{TEST_NGINX_SERVER_PORT} || $ENV{TEST_NGINX_PORT} || free_port();
$setting{server_port_for_client} = $ENV{TEST_NGINX_CLIENT_PORT} || $setting{server_port};

my $root = File::Spec->rel2abs($ENV{TEST_NGINX_SERVROOT} || 't/servroot');
$root .= "_$setting{server_port}" if $separate;
$ENV{TEST_NGINX_SERVER_ROOT} = $root;

my $config_file = "$root/conf/nginx.conf";
my $pid_file    = "$root/logs/nginx.pid";

# The log files, and how far the checks have read each.
my %log = (
    error  => { file => "$root/logs/error.log",  read => 0, seen => 0 },
    access => { file => "$root/logs/access.log", read => 0, seen => 0 },
    alarm  => { file => "$root/logs/error.log",  read => 0, seen => 0 },
    stderr => { file => "$root/logs/stderr.log", read => 0, seen => 0 },
);


sub html_dir {
    return "$root/html";
}


sub server_root {
    return $root;
}


sub master_on {
    $setting{master_process_enabled} = 1;
    return;
}


sub master_off {
    $setting{master_process_enabled} = 0;
    return;
}


sub env_to_nginx {
    push @environment, map { /\s/ ? "'$_'" : $_ } @_;
    return;
}


sub add_cleanup_handler {
    unshift @cleanup_handlers, $_[0];
    return;
}


sub flag {
    return $flag{ $_[0] };
}


sub bail_out {
    cleanup();
    Test::More::BAIL_OUT(join '', @_);
}


# A port of 127.0.0.1 below those that the system gives to clients.
sub free_port {
    for (1 .. 200) {
        my $port = 20000 + int rand 12000;
        next if grep { $_ == $port } values %random_port;

        my $socket = IO::Socket::INET->new(
            Listen    => 1,
            LocalAddr => '0.0.0.0',
            LocalPort => $port,
        ) or next;
        close $socket;

        return $port;
    }

    die "there is no free port\n";
}


sub version {
    my $text = `$binary -v 2>&1`;
    my ($version) = $text =~ m{/(\d+\.\d+\.\d+)} or die "'$binary -v' fails: $text\n";

    return $version;
}


# Replaces $TEST_NGINX_NAME by the environment's value; $TEST_NGINX_RAND_PORT_1 and its like
# are free ports, which change with each block.
sub expand {
    my ($text, $where) = @_;

    $text =~ s{\$(TEST_NGINX_[A-Z0-9_]+)}{
        $1 =~ /^TEST_NGINX_RAND_PORT_\d+\z/
            ? $random_port{$1} ||= free_port()
            : $ENV{$1} // die "$where: the environment has no $1\n"
    }ge;

    return $text;
}


# What nginx is to be started with for a block: its configuration and its files.  Undefined for
# a block without a configuration, which goes on with the one before.
sub plan_of {
    my ($block) = @_;

    return if !defined $block->config;

    %random_port = ();

    my %part = map { $_ => expand($block->get($_) // '', $block->where) }
        qw(main_config http_config config post_main_config);

    my %plan = (
        config => configuration($block, \%part),
        files  => user_files($block),
        dies   => defined $block->must_die,
    );
    $plan{key} = join "\0", $plan{config}, map { @$_ } @{ $plan{files} };

    return \%plan;
}


sub configuration {
    my ($block, $part) = @_;

    my $level   = $block->log_level || $setting{log_level};
    my $master  = $setting{master_process_enabled} || $flag{use_hup} ? 'on' : 'off';
    my $name    = $block->server_name // $setting{server_name};
    my $listen  = $setting{server_port} . ($block->has('http2') ? ' http2' : '');
    my $user    = $ENV{TEST_NGINX_WORKER_USER} || ($> == 0 ? 'root' : '');
    my @modules = split ' ', $ENV{TEST_NGINX_LOAD_MODULES} // '';

    # The build's own places for temporary files belong to the system's nginx.
    my @temporary = grep { $part->{http_config} !~ /\b$_\b/ }
        map { "${_}_temp_path" } qw(client_body proxy fastcgi uwsgi scgi);

    return join "\n",
        "daemon off;",
        "master_process $master;",
        "worker_processes $setting{workers};",
        "pid $pid_file;",
        "error_log $log{error}{file} $level;",
        ($user ? "user $user;" : ()),
        (map { "env $_;" } @environment),
        $part->{main_config},
        (map { "load_module $_;" } @modules),
        "http {",
        "    access_log $log{access}{file};",
        "    default_type text/plain;",
        "    keepalive_timeout 68;",
        (map { "    $_ $root/" . s/_path//r . ";" } @temporary),
        $part->{http_config},
        "    server {",
        "        listen $listen;",
        "        server_name '$name';",
        "        client_max_body_size 30M;",
        $setting{config_preamble},
        $part->{config},
        ($flag{no_root_location} ? () : "        location / { root $root/html; index index.html; }"),
        "    }",
        "}",
        $part->{post_main_config},
        "events {",
        "    accept_mutex off;",
        "    worker_connections $setting{worker_connections};",
        "}",
        "";
}


# The files of the section user_files, [path, content, date] each.  As text it is a line
# ">>> name [date]" before each content; a name without a leading / lies under html/.
sub user_files {
    my ($block) = @_;

    my $section = $block->user_files // return [];
    my @files;

    if (ref $section) {
        @files = map { [@$_] } @$section;

    } else {
        my (undef, @part) = split /^>>> +(\S+)(?:[ \t]+(\S+))?[ \t]*\n/m, $section;
        push @files, [@part[0, 2, 1]] and splice @part, 0, 3 while @part;
    }

    for my $file (@files) {
        $file->[0] = "$root/html/$file->[0]" if $file->[0] !~ m{^/};
        $file->[1] = expand($file->[1] // '', $block->where);
        $file->[2] //= '';
    }

    return \@files;
}


sub write_file {
    my ($path, $content, $date) = @_;

    make_path($path =~ s{/[^/]*\z}{}r);

    open my $out, '>:raw', $path or die "$path: $!\n";
    print {$out} $content or die "$path: $!\n";
    close $out or die "$path: $!\n";

    if ($date) {
        local $ENV{TZ} = 'GMT';
        system('touch', '-t', $date, $path) == 0 or die "$path: touch -t $date fails\n";
    }

    return;
}


# Takes the directory for this process; an nginx that a killed run left there is ended.
sub lock_root {
    return if $lock;

    make_path("$root/logs");
    open $lock, '>>', "$root/logs/lock" or die "$root/logs/lock: $!\n";

    flock $lock, LOCK_EX | LOCK_NB
        or die "$root is in use by another test: set TEST_NGINX_RANDOMIZE=1, or "
        . "TEST_NGINX_SERVROOT to a directory of its own\n";

    if (open my $in, '<', $pid_file) {
        my ($left) = (<$in> // '') =~ /^(\d+)$/;

        if ($left && open my $command, '<', "/proc/$left/cmdline") {
            kill KILL => $left, workers_of($left) if (<$command> // '') =~ /\bnginx\b.*\Q$root\E/;
        }
    }

    return;
}


sub lay_out {
    my ($plan) = @_;

    lock_root();
    remove_tree("$root/conf", "$root/html", glob("$root/*_temp"), glob("$root/*_cache"));
    unlink $pid_file, map { $_->{file} } values %log;
    @$_{qw(read seen)} = (0, 0) for values %log;
    $fresh_start = 1;

    make_path(map { "$root/$_" } qw(conf html logs));
    write_plan($plan);

    return;
}


sub write_plan {
    my ($plan) = @_;

    write_file("$root/html/index.html", "It works!\n");
    write_file(@$_) for @{ $plan->{files} };
    write_file($config_file, $plan->{config});

    return;
}


# Makes nginx run with a plan, and returns undef or what went wrong.  $may_fail says that a
# reload is expected to be refused.
sub ensure {
    my ($plan, $may_fail) = @_;

    if ($pid && $running && $running eq $plan->{key} && !$ENV{TEST_NGINX_FORCE_RESTART_ON_TEST}) {
        return;
    }

    if ($pid && $flag{use_hup}) {
        write_plan($plan);
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
        return "nginx does not start (status $status):\n$said" if $said !~ /Address already in use/;

        sleep 0.2;
    }

    return "nginx does not start: port $setting{server_port} is in use";
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

    warn "# nginx $child in $root, port $setting{server_port}\n" if $verbose;

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

    my @handlers = splice @cleanup_handlers;
    $_->() for @handlers;

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

    $log{$name}{read} = $log{$name}{seen} if !$flag{check_accum_error_log};
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

    if ($separate && $lock && $$ == $owner) {
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
