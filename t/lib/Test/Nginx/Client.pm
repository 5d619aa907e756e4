package Test::Nginx::Client;

# The HTTP client: sends the bytes of a request in pieces over a socket of its own, reads the
# answer until the server closes the connection, and takes the answer apart.

use strict;
use warnings;

use Errno qw(EAGAIN EINTR);
use IO::Socket::INET ();
use POSIX ();
use Time::HiRes qw(sleep time);


# Sends pieces, { value, delay_before } each, and reads until the server closes.  Options:
# address, port, timeout (of no progress, in seconds), shutdown (the direction to close after
# sending).  Returns { data, timed_out, error }.
sub exchange {
    my ($pieces, %option) = @_;

    local $SIG{PIPE} = 'IGNORE';

    my $socket = IO::Socket::INET->new(
        PeerAddr => $option{address},
        PeerPort => $option{port},
        Proto    => 'tcp',
        Timeout  => $option{timeout},
    ) or return { data => '', error => "cannot connect to port $option{port}: $@" };
    $socket->blocking(0);

    my %state = (
        socket  => $socket,
        data    => '',
        out     => '',
        send_at => 0,
        pieces  => [@$pieces],
    );

    while (!$state{closed}) {
        _next_piece(\%state, $option{shutdown});

        my $pause = $state{send_at} - time;
        my $write = $state{out} ne '' && $pause <= 0;
        my ($in, $out) = ('', '');

        vec($in, fileno $socket, 1) = 1;
        vec($out, fileno $socket, 1) = 1 if $write;

        my $ready = select $in, $out, undef, $pause > 0 ? $pause : $option{timeout};

        if ($ready == 0 && $pause <= 0) {
            $state{timed_out} = 1;
            last;
        }

        next if $ready <= 0;
        _write(\%state) if $write && vec $out, fileno $socket, 1;
        _read(\%state) if vec $in, fileno $socket, 1;
    }

    close $socket;

    return { data => $state{data}, timed_out => $state{timed_out} };
}


sub _next_piece {
    my ($state, $shutdown) = @_;

    return if $state->{out} ne '' || $state->{sent};

    while (my $piece = shift @{ $state->{pieces} }) {
        $state->{out} = $piece->{value};
        $state->{send_at} = time + ($piece->{delay_before} || 0);
        return if $state->{out} ne '';
    }

    $state->{sent} = 1;
    shutdown $state->{socket}, $shutdown if defined $shutdown;

    return;
}


# A server may answer and close before it has read everything: what it said is still read.
sub _write {
    my ($state) = @_;

    my $count = syswrite $state->{socket}, $state->{out};

    if (defined $count) {
        substr $state->{out}, 0, $count, '';

    } elsif ($! != EAGAIN && $! != EINTR) {
        $state->{out} = '';
        $state->{pieces} = [];
    }

    return;
}


sub _read {
    my ($state) = @_;

    my $count = sysread $state->{socket}, $state->{data}, 65536, length $state->{data};

    $state->{closed} = 1 if defined $count ? $count == 0 : $! != EAGAIN && $! != EINTR;

    return;
}


# The same over HTTP/2, which curl speaks.
sub exchange_http2 {
    my ($message, %option) = @_;

    my ($head, $body) = split /\r\n\r\n/, $message, 2;
    my ($line, @headers) = split /\r\n/, $head;
    my ($method, $uri) = split ' ', $line;
    my $data = "$option{directory}/curl.data";

    push @headers, 'Content-Type:' if !grep { /^Content-Type\s*:/i } @headers;

    my @command = (
        qw(curl -sS -i --http2-prior-knowledge),
        '--max-time', $option{timeout},
        ($method eq 'HEAD' ? '-I' : ('-X', $method)),
        (map { ('-H', $_) } 'User-Agent:', 'Accept:', grep { !/^Connection\s*:/i } @headers),
        (length $body ? ('--data-binary', "\@$data") : ()),
        @{ $option{curl_options} },
        "http://$option{address}:$option{port}$uri",
    );

    if (length $body) {
        open my $out, '>:raw', $data or die "$data: $!\n";
        print {$out} $body;
        close $out or die "$data: $!\n";
    }

    my $child = open(my $in, '-|') // die "fork: $!\n";

    if ($child == 0) {
        open STDERR, '>', "$data.stderr";
        exec @command or POSIX::_exit(127);
    }

    local $/;
    my $answer = <$in> // '';
    close $in;

    my $status = $? >> 8;
    my %result = (data => $answer, timed_out => $status == 28);
    $result{error} = "curl fails with status $status" if $status && $status != 28;

    return \%result;
}


# Takes the first response off the data.  Returns { code, head, headers, body, rest, fault }:
# headers by name in small letters, those of one name joined by ", "; fault says what is wrong
# with the message as HTTP.
sub parse_response {
    my ($data, $method) = @_;

    my %response = (code => '', head => '', headers => {}, body => '', rest => '');

    if ($data !~ /\A(.*?\r\n)\r\n/s) {
        $response{fault} =
            $data eq '' ? 'the response is empty' : 'the response has no end of headers';
        $response{body} = $data;
        return \%response;
    }

    $response{head} = $1;
    my $body = substr $data, $+[0];
    my ($status, @lines) = split /\r\n/, $response{head};

    $response{code} = $1 if $status =~ m{\AHTTP/\d(?:\.\d)? (\d{3})(?: |\z)};
    $response{fault} = "bad status line: $status" if $response{code} eq '';

    for my $line (@lines) {
        my ($name, $value) = $line =~ /\A([^\s:]+):[ \t]*(.*?)[ \t]*\z/s;

        if (!defined $name) {
            $response{fault} = "bad header line: $line";
            next;
        }

        $name = lc $name;
        $response{headers}{$name} =
            join ', ', grep { defined } $response{headers}{$name}, $value;
    }

    _parse_body(\%response, $body, $method // '');

    return \%response;
}


sub _parse_body {
    my ($response, $body, $method) = @_;

    my $length = $response->{headers}{'content-length'};
    my $coding = lc($response->{headers}{'transfer-encoding'} // '');

    if ($response->{code} =~ /^1/) {
        $response->{body} = $body;

    } elsif ($method eq 'HEAD' || $response->{code} =~ /^(?:204|304)\z/) {
        $response->{body} = $body;
        $response->{fault} //= 'something follows a response without a body' if $body ne '';

    } elsif ($coding eq 'chunked') {
        _decode_chunks($response, $body);

    } elsif (defined $length) {
        $response->{body} = substr $body, 0, $length;
        $response->{rest} = length $body > $length ? substr $body, $length : '';
        $response->{fault} //= "the body ends after " . length($body) . " of $length bytes"
            if length $body < $length;

    } else {
        $response->{body} = $body;
    }

    return;
}


sub _decode_chunks {
    my ($response, $body) = @_;

    pos($body) = 0;

    while ($body =~ /\G([0-9A-Fa-f]+)[ \t]*(?:;[^\r\n]*)?\r\n/gc) {
        my $size = hex $1;

        if ($size == 0) {
            $body =~ /\G(?:[^\r\n]+\r\n)*\r\n/gc or last;
            $response->{rest} = substr $body, pos $body;
            return;
        }

        my $from = pos $body;
        $response->{body} .= substr $body, $from, $size;

        last if length $body < $from + $size + 2 || substr($body, $from + $size, 2) ne "\r\n";
        pos($body) = $from + $size + 2;
    }

    $response->{fault} //= 'the chunked body is broken or not complete';

    return;
}


1;
