package Test::Nginx::Request;

# From the sections of a block to the bytes of its requests, and their sending.

use strict;
use warnings;

use Test::Nginx::Client;
use Test::Nginx::Util;


# The requests of a block: { pieces, methods, raw } each.  One of pipelined requests has many
# methods.
sub requests_of {
    my ($block) = @_;

    my $delay = $block->raw_request_middle_delay;

    if (defined(my $raw = $block->raw_request)) {
        my @values = ref $raw ? @$raw : $raw;
        my @pieces = map { { value => $_, delay_before => $delay } } @values;
        my ($method) = join('', @values) =~ /^\s*(\S+)/;
        delete $pieces[0]{delay_before};

        return { pieces => \@pieces, methods => [$method], raw => 1 };
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

        my $connection = !$pipeline || $i == $#$request ? 'close' : 'keep-alive';
        push @list, one_request($block, $request->[$i], $headers, $connection);
        $_->{delay_before} //= $delay for @{ $list[-1]{pieces} }[1 .. $#{ $list[-1]{pieces} }];
    }

    return @list if !$pipeline;

    my $bytes   = join '', map { $_->{value} } map { @{ $_->{pieces} } } @list;
    my @methods = map { @{ $_->{methods} } } @list;

    die $block->where, ": the original harness cannot read a response to HEAD in a pipeline\n"
        if grep { $_ eq 'HEAD' } @methods;

    return { pieces => [{ value => $bytes }], methods => \@methods };
}


sub one_request {
    my ($block, $request, $headers, $connection) = @_;

    if (ref $request && Test::Nginx::Util::repeat_each() > 1 && grep { ref } @$request) {
        die $block->where, ": the original harness spoils pieces with a delay in round 2\n";
    }

    my @pieces = map { ref $_ ? {%$_} : { value => $_ } } ref $request ? @$request : $request;
    my @values = map { $_->{value} } @pieces;

    utf8::downgrade($_, 1)
        or die $block->where, ": a request is bytes, this one has wider characters\n"
        for @values;

    my @bytes = eval {
        request_pieces(\@values, $headers, $connection, Test::Nginx::Util::server_name());
    } or die $block->where, ": $@";

    $pieces[$_]{value} = $bytes[$_] for 0 .. $#pieces;

    return { pieces => \@pieces, methods => [join('', @bytes) =~ /^(\S+)/] };
}


# The lines of a section more_headers as they are sent, without comments.
sub header_lines {
    my ($text) = @_;

    my $lines = '';

    for my $line (grep { !/^\s*#/ } split /\n+/, $text) {
        my ($name, $value) = split /:\s*/, $line, 2;
        $lines .= "$name: " . ($value // '') . "\r\n";
    }

    return $lines;
}


# A request's bytes.  $pieces are the strings that the test wants to be sent one after the
# other; together they are a line "METHOD [uri [version]]" and a body.  Host, Connection and
# Content-Length are added if the test has none of its own; where the length is added, white
# space around the body is taken off.  Returns as many pieces.
sub request_pieces {
    my ($pieces, $more_headers, $connection, $server_name) = @_;

    my ($line, $body) = join('', @$pieces) =~ /\A([^\n]*\n?)(.*)\z/s;
    my ($before, $method, $uri, $version) = $line =~ /\A(\s*)(\S+)(?: +(\S+))?(?: +(\S+))?\s*\z/
        or die "not a request line, 'METHOD [uri [version]]': $line\n";

    my $headers = header_lines($more_headers);
    my $start   = join ' ', $method, $uri // '/';
    my $lead    = 0;

    $headers = "Connection: $connection\r\n$headers" if $headers !~ /^Connection/mi;
    $headers = "Host: $server_name\r\n$headers"      if $headers !~ /^Host:/mi;

    if ($body ne '' && $headers !~ /^Content-Length:/m
        && $headers !~ /^transfer-encoding: chunked\r$/mi)
    {
        $body =~ s/\A(\s*)//;
        $lead = length $1;
        $body =~ s/\s+\z//;
        $headers .= 'Content-Length: ' . length($body) . "\r\n";
    }

    my $head = join ' ', $start, ($version // 'HTTP/1.1') . "\r\n$headers\r\n";

    # A cut in the body stays where it was; one in the request line stays in it.
    my @cuts;
    my $at = 0;

    for my $piece (@$pieces) {
        $at += length $piece;
        push @cuts, $at < length $line
            ? _within($at - length $before, length $start)
            : length($head) + _within($at - length($line) - $lead, length $body);
    }

    return _cut($head . $body, @cuts);
}


sub _within {
    my ($value, $limit) = @_;

    return $value < 0 ? 0 : $value > $limit ? $limit : $value;
}


sub _cut {
    my ($text, @cuts) = @_;

    $cuts[-1] = length $text;
    my $from = 0;

    return map { my $piece = substr $text, $from, $_ - $from; $from = $_; $piece } @cuts;
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


1;
