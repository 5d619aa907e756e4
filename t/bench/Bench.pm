package Bench;

# What the measurements of `make bench` share: servers of their own, asking them, wrk, printing.
# Everything it writes lies under build/bench/.
#
#     use lib dirname(__FILE__);
#     use Bench;
#
#     my $server = start_server('demo', 'off');              # stopped when the program ends
#     my $answer = call(dial($server->{port}), call_body('list_views', nameContains => 'Deals'));
#     my $rate   = wrk($server, '/mcp', $body, 32, 1)->{rate};

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use IO::Socket::INET;
use JSON::PP;
use POSIX qw(sysconf _SC_CLK_TCK);
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(sleep time);

our @EXPORT = qw($top $dir $data $nginx $rounds $seconds $connections
    demo start_server memory cpu dial exchange get call_body call find_ids extract_file
    never_before new_numbers wrk median print_machine print_heading print_value);

our $top = abs_path(dirname(__FILE__) . '/../..');
our $dir = "$top/build/bench";

our $rounds      = $ENV{ROUNDS}  || 5;
our $seconds     = $ENV{SECONDS} || 1;
our $connections = 32;                  # of wrk's, on one thread: the other core is the worker's
our $nginx       = $ENV{NGINX_BIN} || '/usr/sbin/nginx';
our $data        = $ENV{DATA}  || "$top/build/data";

my %servers;                            # name => { url, port, pid, ... }
my $unique = 1_000_000;
my $parent = $$;                        # the servers are not its children's to stop

END { my $status = $?; if ($$ == $parent) { stop_server($_) for values %servers } $? = $status }


# ---- servers ------------------------------------------------------------------------------------

sub free_port {
    my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')
        or die "bench: no free port: $!\n";
    return $socket->sockport;
}


sub demo {
    my ($server, $command) = @_;
    local @ENV{qw(RUN PORT WORKERS LIMITS AUTH)} =
        ($server->{run}, $server->{port}, 1, 'off', $server->{auth});
    system("$top/conf/demo.sh $command >/dev/null") == 0 or die "bench: demo.sh $command failed\n";
}


# One worker, no limits, in a folder and on a port of its own, with nothing rendered or exported.
sub start_server {
    my ($name, $auth) = @_;
    my $port   = free_port();
    my $server = { run => "$dir/$name", port => $port, auth => $auth,
                   url => "http://127.0.0.1:$port", token => '' };

    $servers{$name} = $server;
    remove_tree("$server->{run}/state");
    make_path($dir);
    demo($server, 'start');
    $server->{worker} = worker_pid($server);
    $server->{token}  = get($server, '/token')->{token} if $auth eq 'on';
    return $server;
}


sub stop_server {
    my ($server) = @_;
    eval { demo($server, 'stop'); 1 } or warn $@;
    remove_tree("$server->{run}/state");
}


sub master_pid {
    my ($server) = @_;
    open my $file, '<', "$server->{run}/nginx.pid" or return 0;
    return <$file> + 0;
}


# The one worker: whose parent is the master.
sub worker_pid {
    my ($server) = @_;
    my $master = master_pid($server);

    for my $status (glob '/proc/[0-9]*/status') {
        open my $file, '<', $status or next;
        return $status =~ s/\D//gr if join('', <$file>) =~ /^PPid:\s+$master$/m;
    }
    die "bench: nginx $master has no worker\n";
}


# Megabytes, of one line of the worker's /proc/PID/status.
sub memory {
    my ($server, $key) = @_;
    my $path = "/proc/$server->{worker}/status";
    open my $file, '<', $path or die "bench: $path: $!\n";
    my ($kilobytes) = join('', <$file>) =~ /^$key:\s+(\d+) kB/m or die "bench: $path has no $key\n";
    return $kilobytes / 1024;
}


# Milliseconds of processor time that a process has used, all its threads together.
sub cpu {
    my ($pid) = @_;
    open my $file, '<', "/proc/$pid/stat" or die "bench: /proc/$pid/stat: $!\n";
    my @fields = split ' ', <$file> =~ s/.*\) //r;
    return ($fields[11] + $fields[12]) * 1000 / sysconf(_SC_CLK_TCK);
}


# ---- asking -------------------------------------------------------------------------------------

sub dial {
    my ($port) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or return;
    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;
    return $socket;
}


# Sends one request on a connection that stays open; gives the status and the body.
sub exchange {
    my ($socket, $method, $path, $body) = @_;
    my $head = "$method $path HTTP/1.1\r\nHost: localhost\r\n";

    $head .= "Content-Type: application/json\r\nContent-Length: " . length($body) . "\r\n"
        if defined $body;
    syswrite $socket, $head . "\r\n" . ($body // '');

    my $reply = '';
    while (1) {
        sysread $socket, $reply, 1 << 16, length $reply or die "bench: the server hung up\n";
        next unless $reply =~ /\r\n\r\n/;
        my $begin = $+[0];
        my ($length) = substr($reply, 0, $begin) =~ /^Content-Length: (\d+)/mi
            or die "bench: a reply without its length\n";
        next if length($reply) < $begin + $length;
        return (substr($reply, 9, 3), substr($reply, $begin));
    }
}


sub get {
    my ($server, $path) = @_;
    my (undef, $body) = exchange(dial($server->{port}), 'GET', $path);
    return decode_json($body);
}


# A string that is '@N@' or '-@N@' becomes a number.
sub call_body {
    my ($name, %arguments) = @_;
    my $body = JSON::PP->new->canonical->encode({ jsonrpc => '2.0', id => 1,
        method => 'tools/call', params => { name => $name, arguments => \%arguments } });
    return $body =~ s/"(-?\@N\@)"/$1/gr;
}


# Calls a tool that must succeed.
sub call {
    my ($socket, $body) = @_;
    my ($status, $reply) = exchange($socket, 'POST', '/mcp', $body);
    my $result = decode_json($reply)->{result};
    die "bench: $body\n       was answered $status $reply\n" if !$result || $result->{isError};
    return $result->{structuredContent};
}


sub find_ids {
    my ($server) = @_;
    my $socket = dial($server->{port});
    my $id = sub { call($socket, call_body(@_))->{items}[0]{id} // die "bench: no $_[2]\n" };

    return { sales => $id->('list_datasources', nameContains => 'Sales Pipeline'),
             usage => $id->('list_datasources', nameContains => 'Product Usage'),
             view  => $id->('list_views',       nameContains => 'Deals by stage'),
             rows  => $id->('list_views',       nameContains => 'All sessions') };
}


# The file that a datasource's rows are in.
sub extract_file {
    my ($id) = @_;
    chomp(my $file = `sqlite3 -readonly '$data/catalog.db' "SELECT extract_file FROM datasource WHERE id = '$id'"`);
    return "$data/$file";
}


# Leaves to a child what numbers follow, so that they are not used again here.
sub new_numbers {
    $unique += 10_000_000;
}


sub never_before {
    my ($text) = @_;
    $unique++;
    return $text =~ s/\@N\@/$unique/r;
}


# ---- wrk ----------------------------------------------------------------------------------------

# Gives what post.lua reports, and rate, in requests a second, and cpu, the worker's microseconds
# for one.
sub wrk {
    my ($server, $path, $body, $open, $time) = @_;
    my $first = $unique += 10_000_000;
    my $cpu   = cpu($server->{worker});
    open my $pipe, '-|', 'wrk', '-t1', "-c$open", "-d${time}s", '--timeout', '30s',
        '-s', "$top/t/bench/post.lua", "$server->{url}$path", '--', $body, $server->{token}, $first
        or die "bench: wrk: $!\n";
    my ($line) = grep { /^result / } <$pipe>;
    close $pipe;
    die "bench: wrk did not run\n" unless $line;

    my %result = $line =~ /(\w+)=(\d+)/g;
    die "bench: nothing was answered: $body\n" unless $result{requests};
    $result{rate} = $result{requests} / ($result{duration} / 1e6);
    $result{cpu}  = (cpu($server->{worker}) - $cpu) * 1e3 / $result{requests};
    warn "bench: $result{errors} of $result{requests} requests failed: $body\n" if $result{errors};
    return \%result;
}


# ---- printing -----------------------------------------------------------------------------------

sub median {
    my @sorted = sort { $a <=> $b } @_;
    return ($sorted[$#sorted / 2] + $sorted[@sorted / 2]) / 2;
}


sub print_machine {
    my ($cpu) = (join '', do { open my $f, '<', '/proc/cpuinfo'; <$f> }) =~ /^model name\s*: (.*)/m;
    chomp(my $cores = `nproc`);
    my ($version) = `$nginx -v 2>&1` =~ m{nginx/(\S+)};
    my ($sqlite)  = `sqlite3 -version` =~ /^(\S+)/;

    printf "%s core%s of %s, nginx %s, SQLite %s\n", $cores, $cores == 1 ? '' : 's',
        $cpu // 'an unnamed make', $version, $sqlite;
    printf "1 worker, %d connections, %d rounds of %d s; medians\n", $connections, $rounds, $seconds;
}


sub print_heading {
    printf "\n%-40s %42s  %s\n", @_;
}


sub print_value {
    my ($name, $value, $goal, $reached) = @_;
    printf "%-40s %42s  %-9s %s\n", $name, $value, $goal,
        !defined $reached ? '' : $reached ? 'OK' : 'below';
}


1;
