package Test::Nginx::Util;

# The settings that a test file makes, and what nginx is started with for a block: its
# configuration and its files.  The code of "init" and "skip_eval" runs in this package.

use strict;
use warnings;

use Fcntl qw(:flock);
use File::Path qw(make_path);
use File::Spec ();
use IO::Socket::INET ();
use Test::More ();
use Time::HiRes qw(sleep);

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

my @environment = qw(LD_PRELOAD LD_LIBRARY_PATH ASAN_OPTIONS);
push @environment, qw(UBSAN_OPTIONS LSAN_OPTIONS) if $ENV{TEST_NGINX_PRELOAD};

my %random_port;
my @cleanup_handlers;

$setting{server_port} = $ENV{TEST_NGINX_SERVER_PORT} || $ENV{TEST_NGINX_PORT} || free_port();
$setting{server_port_for_client} = $ENV{TEST_NGINX_CLIENT_PORT} || $setting{server_port};

my ($root, $root_lock);
take_root(File::Spec->rel2abs($ENV{TEST_NGINX_SERVROOT} || 't/servroot'));
$ENV{TEST_NGINX_SERVER_ROOT} = $root;


# Takes a directory for this process alone, so that many test files can run at a time: the one
# given, or one beside it while another process has that.
sub take_root {
    my ($given) = @_;

    my $own = "${given}_$setting{server_port}";

    for my $dir ($ENV{TEST_NGINX_RANDOMIZE} ? $own : ($given, $own)) {
        make_path("$dir/logs");
        open $root_lock, '>>', "$dir/logs/lock" or die "$dir/logs/lock: $!\n";

        if (flock $root_lock, LOCK_EX | LOCK_NB) {
            $root = $dir;
            $flag{own_root} = $dir eq $own;
            return;
        }
    }

    die "$own is in use by another test\n";
}


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


# The handlers of add_cleanup_handler, the one set last first; each is given out once.
sub take_cleanup_handlers {
    return splice @cleanup_handlers;
}


# Ends the whole run of prove.
sub bail_out {
    Test::Nginx::Process::cleanup();
    Test::More::BAIL_OUT(join '', @_);
}


# A port of 127.0.0.1 below those that the system gives to clients.
sub free_port {
    for (1 .. 200) {
        my $port = 20000 + int rand 12000;
        next if grep { defined && $_ == $port } values %random_port;

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


# Replaces $TEST_NGINX_NAME by the environment's value; $TEST_NGINX_RAND_PORT_1 and its like
# are free ports, which change with each block.
sub expand {
    my ($text, $where) = @_;

    $text =~ s{\$(TEST_NGINX_[A-Z0-9_]+)}{
        my $name = $1;
        $name =~ /^TEST_NGINX_RAND_PORT_\d+\z/
            ? $random_port{$name} //= free_port()
            : $ENV{$name} // die "$where: the environment has no $name\n"
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
        "pid $root/logs/nginx.pid;",
        "error_log $root/logs/error.log $level;",
        ($user ? "user $user;" : ()),
        (map { "env $_;" } @environment),
        $part->{main_config},
        (map { "load_module $_;" } @modules),
        "http {",
        "    access_log $root/logs/access.log;",
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
        ($flag{no_root_location} ? '' : "        location / { root $root/html; }"),
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


# Puts a plan on the disk.
sub write_plan {
    my ($plan) = @_;

    write_file("$root/html/index.html", "It works!\n");
    write_file(@$_) for @{ $plan->{files} };
    write_file("$root/conf/nginx.conf", $plan->{config});

    return;
}


1;
