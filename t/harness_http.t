# The test harness tested: its client must notice HTTP that is broken, and nothing else.

use strict;
use warnings;

use FindBin;
use Test::More;

# Not "use": the original harness, where it is first in the path, has no such file.
require "$FindBin::Bin/lib/Test/Nginx/Client.pm";

my $ok = "HTTP/1.1 200 OK\r\n";
my %broken = (
    'end within the body'   => ["${ok}Content-Length: 5\r\n\r\nabcd", 'GET'],
    'end within a chunk'    => ["${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nabcd", 'GET'],
    'no last chunk'         => ["${ok}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n", 'GET'],
    'bad chunk size'        => ["${ok}Transfer-Encoding: chunked\r\n\r\nx\r\na\r\n", 'GET'],
    'body of HEAD'          => ["${ok}Content-Length: 1\r\n\r\na", 'HEAD'],
    'body of 304'           => ["HTTP/1.1 304 x\r\n\r\na", 'GET'],
    'no end of the headers' => ["${ok}A: b\r\n", 'GET'],
    'bad header'            => ["${ok}A b\r\n\r\n", 'GET'],
    'bad status line'       => ["HTTP/1.1 2000 OK\r\n\r\n", 'GET'],
    'nothing'               => ['', 'GET'],
);

for my $what (sort keys %broken) {
    my $response = Test::Nginx::Client::parse_response(@{ $broken{$what} });
    ok($response->{fault}, "fault is seen: $what");
}

my $chunks = "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\n";
my $good = Test::Nginx::Client::parse_response(
    "${ok}a: 1\r\nA: 2\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}rest", 'GET');
is($good->{fault}, undef, 'chunked body');
is($good->{body}, 'abc0123456789', 'chunks are joined');
is($good->{rest}, 'rest', 'what follows the last chunk is kept');
is($good->{headers}{a}, '1, 2', 'headers of one name are joined');

done_testing();
