# The test harness tested: each of its checks must pass where it should and fail where it
# should.  Files of tests are written for nginx's own "return" and run by a prove of their own:
# one of all the good cases, and one for each bad case, whose output must say why it failed.
# Where TEST_NGINX_LIB names the original harness, the good cases must pass there as well.

use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use Test::More;

my $lib = "$FindBin::Bin/lib";
my $dir = tempdir('harness-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# What stands for what at the start of a line in the cases behind __DATA__.
my $config = <<'END';
--- config
location = /hello { add_header X-Test one; return 200 "hello\n"; }
location = /gone  { return 410 "gone\n"; }
location = /drop  { return 444; }
location = /log   { root /nowhere; }
location = /slow  { limit_rate 1; root $TEST_NGINX_SERVER_ROOT/html; }
location = /echo  { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/seen; }
location = /seen  { return 200 "$request_method $content_length $http_content_type\n"; }
location = /head  { return 200 "$http_host $http_connection\n"; }
END

my %short = (
    config => $config,
    hello  => "$config--- request\nGET /hello\n",
    log    => "$config--- request\nGET /log\n--- error_code: 404\n",
);

sub expand {
    my ($text) = @_;

    # "%say FILE LINE" puts a line into a log of nginx's, as if nginx had said it.
    $text =~ s{^%say (\S+) (.*)}{--- init
open my \$out, '>>', server_root() . '/logs/$1';
print {\$out} q{$2} . qq{\\n};}gm;
    $text =~ s/^%(\w+)\n/$short{$1}/gm;

    return $text;
}

# The cases: { what, good, bad, why }; good or bad may be missing.
sub read_cases {
    my @cases;

    for my $text (split /^##### /m, do { local $/; <DATA> }) {
        next if $text !~ /\S/;

        my ($what, $good, $why, $bad) = $text =~ /
            \A ([^\n]+) \n
            (?: \#\#\ good \n (.*?) )?
            (?: ^\#\#\ bad:\ ([^\n]+) \n (.*) )? \z
        /xms or die "not a case: $text";

        push @cases, { what => $what, good => $good, bad => $bad, why => $why };
    }

    return @cases;
}

sub write_tests {
    my ($file, $head, @blocks) = @_;

    open my $out, '>', "$dir/$file" or die "$dir/$file: $!\n";
    print {$out} "$head\n__DATA__\n\n";
    print {$out} "=== TEST: $_->[0]\n", expand($_->[1]), "\n\n" for @blocks;
    close $out or die "$dir/$file: $!\n";

    return "$dir/$file";
}

# Runs a file of tests in a place of its own; returns the exit status and the output.
sub prove {
    my ($library, $file) = @_;

    local %ENV = %ENV;
    delete @ENV{ grep { /^TEST_NGINX_/ && !/_(?:BINARY|WORKER_USER)\z/ } keys %ENV };
    delete @ENV{qw(HARNESS_ACTIVE HARNESS_OPTIONS PERL5OPT PROVE_OPTIONS)};
    $ENV{TEST_NGINX_SERVROOT} = "$dir/root";
    $ENV{TEST_NGINX_BINARY} ||= '/usr/sbin/nginx';

    my $output = `prove --norc -v -I '$library' -I '$dir' '$file' 2>&1`;

    return ($?, $output);
}

my $head  = "use Test::Nginx::Socket 'no_plan';\nrun_tests();\n";
my @cases = read_cases();

my @good  = map { [@$_{qw(what good)}] } grep { $_->{good} } @cases;

my $file = write_tests('good.t', $head, @good);
my ($status, $output) = prove($lib, $file);
is($status, 0, 'good cases') or diag($output);

for my $case (grep { $_->{bad} } @cases) {
    ($status, $output) = prove($lib, write_tests('bad.t', $head, [@$case{qw(what bad)}]));
    isnt($status, 0, "bad case fails: $case->{what}");
    like($output, qr/(?:not ok .*|: .*)\Q$case->{why}\E/, "bad case says why: $case->{what}");
}

# The head of a file: plans, rounds, code of the file's own.
my $two_rounds = <<'END';
use Test::Nginx::Socket;
repeat_each(2);
plan tests => repeat_each() * blocks() * 3;
no_shuffle();
run_tests();
END

$file = write_tests('again.t', $two_rounds,
    map { [$_, "%hello\n--- response_body\nhello\n--- no_error_log\n[error]\n"] } 1 .. 3);
($status, $output) = prove($lib, $file);
is($status, 0, 'plan and repeat_each') or diag($output);
like($output, qr/^ok 18 /m, 'every test of every round is run');

open my $module, '>', "$dir/Derived.pm" or die "$dir/Derived.pm: $!\n";
print {$module} <<'END';
package Derived;
use Test::Nginx::Socket -Base;
add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(request => 'GET ' . $block->path);
});
1;
END
close $module;

my $derived = "use Derived 'no_plan';\nour \$Expected = 'gone';\nrun_tests();\n"
    . "sub line { my (\$text) = \@_; return \"\$text\\n\"; }\n";
my $gone = "%config\n--- error_code: 410\n--- response_body eval line\n\$::Expected\n";

$file = write_tests('derived.t', $derived, ['own section', "$gone--- path: /gone\n"]);
($status, $output) = prove($lib, $file);
is($status, 0, 'own section, filter and variable') or diag($output);

for my $case (
    ['no test', $head],
    ['wrong plan', "use Test::Nginx::Socket tests => 3;\nrun_tests();\n", ['one', "%hello\n"]],
    ['nothing is run', "use Test::Nginx::Socket 'no_plan';\n", ['one', "%hello\n"]],
    ['a section that nothing reads', $derived, ['one', "$gone--- path: /gone\n--- pat: 1\n"]],
    [
        'pieces with a delay in two rounds', $two_rounds,
        ['one', "%config\n--- request eval\n[['GET ', { value => '/hello' }]]\n"]
    ],
) {
    my ($what, @content) = @$case;
    ($status) = prove($lib, write_tests('bad.t', @content));
    isnt($status, 0, "bad file fails: $what");
}

SKIP: {
    skip 'TEST_NGINX_LIB is not set', 3 if !$ENV{TEST_NGINX_LIB};

    for my $name (qw(good.t again.t derived.t)) {
        ($status, $output) = prove($ENV{TEST_NGINX_LIB}, "$dir/$name");
        is($status, 0, "the original harness passes $name") or diag($output);
    }
}

done_testing();

__DATA__
##### status
## good
%hello
--- error_code: 200
## bad: status
%hello
--- error_code: 201
##### default status
## good
%hello
## bad: status
%config
--- request
GET /gone
##### status pattern
## good
%hello
--- error_code_like: ^2..$
## bad: status
%hello
--- error_code_like: ^3
##### body
## good
%hello
--- response_body
hello
## bad: body
%hello
--- response_body
hallo
##### body without newline
## good
%hello
--- response_body eval
"hello\n"
## bad: body
%hello
--- response_body chomp
hello
##### body pattern
## good
%hello
--- response_body_like: ^hel+o
## bad: body
%hello
--- response_body_like: ^ello
##### unwanted body
## good
%hello
--- response_body_unlike: foo
## bad: body
%hello
--- response_body_unlike: hello
##### header
## good
%hello
--- response_headers
X-Test: one
## bad: header X-Test
%hello
--- response_headers
X-Test: two
##### absent header
## good
%hello
--- response_headers
! X-Other
## bad: no header x-test
%hello
--- response_headers
! x-test
##### header pattern
## good
%hello
--- response_headers_like
X-Test: o.*
## bad: header X-Test
%hello
--- response_headers_like
X-Test: n
##### raw headers
## good
%hello
--- raw_response_headers_like: X-Test: one\r\n
## bad: raw headers
%hello
--- raw_response_headers_like: X-Test: two
##### unwanted raw headers
## good
%hello
--- raw_response_headers_unlike: X-Other
## bad: raw headers
%hello
--- raw_response_headers_unlike: X-Test
##### error log
## good
%log
--- error_log eval
[qr/No such \w+/, 'open()']
## bad: error_log has
%log
--- error_log
No such thing
##### unwanted error log
## good
%hello
--- no_error_log
[error]
## bad: error_log has no
%log
--- no_error_log
[error]
##### grep of the error log
## good
%log
--- grep_error_log eval
qr/No such \w+/
--- grep_error_log_out
No such file
## bad: grep_error_log_out
%log
--- grep_error_log eval
qr/No such \w+/
--- grep_error_log_out
No such
##### access log
## good
%hello
--- access_log
GET /hello HTTP/1.1
## bad: access_log has
%hello
--- access_log
PUT /hello
##### unwanted access log
## good
%hello
--- no_access_log
PUT /
## bad: access_log has no
%hello
--- no_access_log
GET /
##### requests
## good
%config
--- request eval
['GET /hello', 'GET /gone', 'GET /hello']
--- error_code eval
[200, 410, 200]
## bad: response 2
%config
--- request eval
['GET /hello', 'GET /gone', 'GET /hello']
--- error_code eval
[200, 410, 410]
##### an expectation for each request
## bad: must be an array
%config
--- request eval
['GET /hello', 'GET /gone', 'GET /hello']
--- error_code : 200
##### pipeline
## good
%config
--- pipelined_requests eval
['GET /hello', 'GET /gone']
--- error_code eval
[200, 410]
--- response_body eval
["hello\n", "gone\n"]
## bad: response 1
%config
--- pipelined_requests eval
['GET /hello', 'GET /gone']
--- error_code eval
[200, 410]
--- response_body eval
["hello\n", "hello\n"]
##### HEAD in a pipeline
## bad: HEAD in a pipeline
%config
--- pipelined_requests eval
['HEAD /hello']
##### HEAD
## good
%config
--- request
HEAD /hello
--- response_body
--- response_headers
Content-Length: 6
## bad: status
%config
--- request
HEAD /gone
##### raw request
## good
%config
--- raw_request eval
["GET /he", "ad HTTP/1.1\r\nHost: h\r\n", "Connection: close\r\n\r\n"]
--- raw_request_middle_delay: 0.02
--- response_body
h close
## bad: status
%config
--- raw_request eval
"GET / HTTP/9\r\n\r\n"
##### pieces
## good
%config
--- request eval
[["GET /he", "ad\nab", { value => 'c', delay_before => 0.02 }]]
--- response_body
localhost close
## bad: status
%config
--- request eval
[["GET /go", "ne"]]
##### default headers
## good
%config
--- request
GET /head
--- response_body
localhost close
## bad: body
%config
--- request
GET /head
--- more_headers
Host: other
--- response_body
localhost close
##### length of the body
## good
%config
--- request
POST /echo

abc

--- more_headers
Content-Type: a/b
--- response_body eval
qr{^POST 3 a/b$}m
## bad: body
%config
--- request
POST /echo
abcd
--- response_body_like: POST 3 
##### no response
## good
%config
--- request
GET /drop
--- error_code:
## bad: the response is empty
%config
--- request
GET /drop
##### timeout
## good
%config
--- request
GET /slow
--- user_files
>>> slow
0123456789
--- timeout: 0.2s
--- abort
--- ignore_response
## bad: the client timed out
%config
--- request
GET /slow
--- user_files
>>> slow
0123456789
--- timeout: 200ms
--- ignore_response
##### filter
## good
%hello
--- response_body eval chomp
"hello\n\n"
## bad: there is no filter 'evil'
%hello
--- response_body evil
1
##### HTTP/2
## good
%config
--- http2
--- request
GET /head
--- response_body_like: ^localhost $
## bad: status
%config
--- http2
--- request
GET /gone
##### refused configuration
## good
--- config
nonsense on;
--- must_die
## bad: must not
%config
--- must_die
##### exit code
## good
--- config
nonsense on;
--- must_die: 1
## bad: exit code
--- config
nonsense on;
--- must_die: 2
##### broken configuration
## bad: nginx does not start
--- config
nonsense on;
--- request
GET /
##### skipped
## good
%hello
--- skip_eval: 2: 1
--- error_code: 500
## bad: status
%hello
--- skip_eval: 2: 0
--- error_code: 500
##### skipped by version
## good
%hello
--- skip_nginx: 1: > 1.0.0
--- error_code: 500
##### unknown section
## bad: unknown section 'respones_body'
%hello
--- respones_body
hello
##### section twice
## bad: stands twice
%hello
--- error_code: 200
--- error_code: 200
##### section overlooked
## bad: not looked at beside
%hello
--- response_body
hello
--- response_body_like: hallo
##### broken section head
## bad: not the head of a section
%hello
---response_body
hello
##### section without a pattern
## bad: has no pattern
%hello
--- no_error_log
##### text below a one-line section
## bad: below the one-line section
%hello
--- error_code: 200
200
##### broken code
## bad: filter 'eval'
%hello
--- response_body eval
'hello
##### undefined variable
## bad: no TEST_NGINX_NOT_SET
%hello
--- http_config
$TEST_NGINX_NOT_SET;
##### no request
## bad: no request
%config
##### crash of a worker
## bad: a process crashed
%hello
--- init
open my $in, '<', server_root() . '/logs/nginx.pid';
my ($master, @workers) = <$in> + 0;
sleep 0.01 until @workers = Test::Nginx::Process::workers_of($master);
kill SEGV => @workers;
sleep 0.3;
##### alert
## bad: an alert
%hello
%say error.log 2030/01/01 00:00:00 [alert] 1#1: x
##### expected alert
## good
%hello
%say error.log 2030/01/01 00:00:00 [alert] 1#1: x
--- error_log
[alert]
##### emergency
## bad: an emergency
%hello
%say error.log 2030/01/01 00:00:00 [emerg] 1#1: x
##### open socket
## bad: an open socket is left
%hello
%say error.log 2030/01/01 00:00:00 [alert] 1#1: *1 open socket #3 left in connection 4
##### fatal worker
## bad: a process crashed
%hello
%say error.log 2030/01/01 00:00:00 [notice] 1#1: worker process 5 exited with code 1
##### AddressSanitizer
## bad: a sanitizer report
%hello
%say error.log ==12==ERROR: AddressSanitizer: heap-use-after-free
##### UBSan
## bad: a sanitizer report
%hello
%say stderr.log src/a.c:1:2: runtime error: shift
##### assertion
## bad: a failed assertion
%hello
%say error.log nginx: a.c:1: f: Assertion `x' failed.
##### debug text is no alarm
## good
%hello
%say error.log 2030/01/01 00:00:00 [debug] 1#1: [alert] runtime error: ERROR: AddressSanitizer
