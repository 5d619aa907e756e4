# The test harness tested: each of its checks must pass where it should and fail where it
# should.  Files of tests are written for nginx's own "return" and run by a prove of their own:
# one of all the good cases, and one for each bad case, whose output must say why it failed.
# Where TEST_NGINX_LIB names the original harness, the good cases must pass there as well.

use strict;
use warnings;

use File::Spec;
use File::Temp qw(tempdir);
use FindBin;
use Test::More;

my $lib = "$FindBin::Bin/lib";
my $dir = tempdir('harness-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# Most cases ask this server for /hello; a case's sections are put behind it.
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
location = /part  { return 200 "0123456789"; }
END

my $hello = "$config--- request\nGET /hello\n";
my $log   = "$config--- request\nGET /log\n--- error_code: 404\n";
my $three = "$config--- request eval\n['GET /hello', 'GET /gone', 'GET /hello']\n"
    . "--- error_code eval\n[200, 410, 200]\n";

# A line put into nginx's log or standard error, as if it had said it.
my $say = sub {
    my ($line, $file) = @_;
    return $hello . "--- init\nopen my \$out, '>>', server_root() . '/logs/"
        . ($file // 'error.log') . "';\nprint {\$out} q{$line} . qq{\\n};\n";
};
my $at = '2030/01/01 00:00:00';


# [what, good, bad, what the bad one's output says]; a block without a good twin has undef.
my @cases = (
    ['status', "$hello--- error_code: 200\n", "$hello--- error_code: 201\n", 'status'],
    ['default status', $hello, "$config--- request\nGET /gone\n", 'status'],
    ['status pattern', "$hello--- error_code_like: ^2..\$\n", "$hello--- error_code_like: ^3\n", 'status'],
    ['body', "$hello--- response_body\nhello\n", "$hello--- response_body\nhallo\n", 'body'],
    ['body without newline', "$hello--- response_body eval\n\"hello\\n\"\n",
        "$hello--- response_body chomp\nhello\n", 'body'],
    ['body pattern', "$hello--- response_body_like: ^hel+o\n", "$hello--- response_body_like: ^ello\n", 'body'],
    ['unwanted body', "$hello--- response_body_unlike: foo\n", "$hello--- response_body_unlike: hello\n", 'body'],
    ['header', "$hello--- response_headers\nX-Test: one\n", "$hello--- response_headers\nX-Test: two\n",
        'header X-Test'],
    ['absent header', "$hello--- response_headers\n! X-Other\n", "$hello--- response_headers\n! x-test\n",
        'no header x-test'],
    ['header pattern', "$hello--- response_headers_like\nX-Test: o.*\n",
        "$hello--- response_headers_like\nX-Test: n\n", 'header X-Test'],
    ['raw headers', "$hello--- raw_response_headers_like: X-Test: one\\r\\n\n",
        "$hello--- raw_response_headers_like: X-Test: two\n", 'raw headers'],
    ['unwanted raw headers', "$hello--- raw_response_headers_unlike: X-Other\n",
        "$hello--- raw_response_headers_unlike: X-Test\n", 'raw headers'],

    ['error log', "$log--- error_log eval\n[qr/No such \\w+/, 'open()']\n",
        "$log--- error_log\nNo such thing\n", 'error_log has'],
    ['unwanted error log', "$hello--- no_error_log\n[error]\n", "$log--- no_error_log\n[error]\n",
        'error_log has no'],
    ['grep of the error log', "$log--- grep_error_log eval\nqr/No such \\w+/\n--- grep_error_log_out\nNo such file\n",
        "$log--- grep_error_log eval\nqr/No such \\w+/\n--- grep_error_log_out\nNo such\n", 'grep_error_log_out'],
    ['access log', "$hello--- access_log\nGET /hello HTTP/1.1\n", "$hello--- access_log\nPUT /hello\n",
        'access_log has'],
    ['unwanted access log', "$hello--- no_access_log\nPUT /\n", "$hello--- no_access_log\nGET /\n",
        'access_log has no'],

    ['requests', $three, $three =~ s/410, 200/410, 410/r, 'response 2'],
    ['an expectation for each request', undef, $three =~ s/eval\n\[200.*/: 200/r, 'must be an array'],
    ['pipeline', "$config--- pipelined_requests eval\n['GET /hello', 'HEAD /hello', 'GET /gone']\n"
            . "--- error_code eval\n[200, 200, 410]\n--- response_body eval\n[\"hello\\n\", '', \"gone\\n\"]\n",
        "$config--- pipelined_requests eval\n['GET /hello', 'GET /gone']\n"
            . "--- error_code eval\n[200, 410]\n--- response_body eval\n[\"hello\\n\", \"hello\\n\"]\n", 'response 1'],
    ['raw request', "$config--- raw_request eval\n[\"GET /he\", \"ad HTTP/1.1\\r\\nHost: h\\r\\n\", "
            . "\"Connection: close\\r\\n\\r\\n\"]\n--- raw_request_middle_delay: 0.02\n--- response_body\nh close\n",
        "$config--- raw_request eval\n\"GET / HTTP/9\\r\\n\\r\\n\"\n", 'status'],
    ['pieces', "$config--- request eval\n[[\"GET /he\", \"ad\\nab\", { value => 'c', delay_before => 0.02 }]]\n"
            . "--- response_body\nlocalhost close\n",
        "$config--- request eval\n[[\"GET /go\", \"ne\"]]\n", 'status'],
    ['default headers', "$config--- request\nGET /head\n--- response_body\nlocalhost close\n",
        "$config--- request\nGET /head\n--- more_headers\nHost: other\n--- response_body\nlocalhost close\n", 'body'],
    ['length of the body', "$config--- request\nPOST /echo\n\nabc\n\n--- more_headers\nContent-Type: a/b\n"
            . "--- response_body eval\nqr{^POST 3 a/b\$}m\n",
        "$config--- request\nPOST /echo\nabcd\n--- response_body_like: POST 3 \n", 'body'],
    ['no response', "$config--- request\nGET /drop\n--- error_code:\n", "$config--- request\nGET /drop\n",
        'the response is empty'],
    ['timeout', "$config--- request\nGET /slow\n--- user_files\n>>> slow\n0123456789\n--- timeout: 0.2s\n"
            . "--- abort\n--- ignore_response\n",
        "$config--- request\nGET /slow\n--- user_files\n>>> slow\n0123456789\n--- timeout: 200ms\n"
            . "--- ignore_response\n", 'the client timed out'],
    ['filter', "$hello--- response_body eval chomp\n\"hello\\n\\n\"\n", "$hello--- response_body evil\n1\n",
        "there is no filter 'evil'"],
    ['HTTP/2', "$config--- http2\n--- request\nGET /head\n--- response_body_like: ^localhost \$\n",
        "$config--- http2\n--- request\nGET /gone\n", 'status'],

    ['refused configuration', "--- config\nnonsense on;\n--- must_die\n", "$config--- must_die\n", 'must not'],
    ['exit code', "--- config\nnonsense on;\n--- must_die: 1\n", "--- config\nnonsense on;\n--- must_die: 2\n",
        'exit code'],
    ['broken configuration', undef, "--- config\nnonsense on;\n--- request\nGET /\n", 'nginx does not start'],
    ['skipped', "$hello--- skip_eval: 2: 1\n--- error_code: 500\n", "$hello--- skip_eval: 2: 0\n--- error_code: 500\n",
        'status'],
    ['skipped by version', "$hello--- skip_nginx: 1: > 1.0.0\n--- error_code: 500\n",
        "$hello--- skip_nginx: 1: < 1.0.0\n--- error_code: 500\n", 'status'],

    ['unknown section', undef, "$hello--- respones_body\nhello\n", "unknown section 'respones_body'"],
    ['section twice', undef, "$hello--- error_code: 200\n--- error_code: 200\n", 'stands twice'],
    ['section overlooked', undef, "$hello--- response_body\nhello\n--- response_body_like: hallo\n",
        'not looked at beside'],
    ['broken section head', undef, "$hello---response_body\nhello\n", 'not the head of a section'],
    ['section without a pattern', undef, "$hello--- no_error_log\n", 'has no pattern'],
    ['text below a one-line section', undef, "$hello--- error_code: 200\n200\n", 'below the one-line section'],
    ['broken code', undef, "$hello--- response_body eval\n'hello\n", "filter 'eval'"],
    ['undefined variable', undef, "$hello--- http_config\n\$TEST_NGINX_NOT_SET;\n", 'no TEST_NGINX_NOT_SET'],
    ['no request', undef, $config, 'no request'],

    ['crash of a worker', undef, "$hello--- init\nopen my \$in, '<', server_root() . '/logs/nginx.pid';\n"
            . "kill SEGV => workers_of(<\$in> + 0); select undef, undef, undef, 0.3;\n", 'a process crashed'],
    ['alert', undef, $say->("$at [alert] 1#1: x"), 'an alert'],
    ['expected alert', $say->("$at [alert] 1#1: x") . "--- error_log\n[alert]\n", undef],
    ['emergency', undef, $say->("$at [emerg] 1#1: x"), 'an emergency'],
    ['open socket', undef, $say->("$at [alert] 1#1: *1 open socket #3 left in connection 4"), 'an open socket is left'],
    ['fatal worker', undef, $say->("$at [notice] 1#1: worker process 5 exited with code 1"), 'a process crashed'],
    ['AddressSanitizer', undef, $say->('==12==ERROR: AddressSanitizer: heap-use-after-free'), 'a sanitizer report'],
    ['UBSan', undef, $say->('src/a.c:1:2: runtime error: shift', 'stderr.log'), 'a sanitizer report'],
    ['assertion', undef, $say->('nginx: a.c:1: f: Assertion `x\' failed.'), 'a failed assertion'],
    ['debug text is no alarm', $say->("$at [debug] 1#1: [alert] runtime error: ERROR: AddressSanitizer"), undef],
);


sub write_tests {
    my ($file, $head, @blocks) = @_;

    open my $out, '>', "$dir/$file" or die "$dir/$file: $!\n";
    print {$out} "$head\n__DATA__\n\n", map { "=== TEST: $_->[0]\n$_->[1]\n\n" } @blocks;
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

    my $output = `prove --norc -v -I '$library' '$file' 2>&1`;

    return ($?, $output);
}


my $head = "use Test::Nginx::Socket 'no_plan';\nrun_tests();\n";
my @good = grep { defined $_->[1] } @cases;

my $file = write_tests('good.t', $head, @good);
my ($status, $output) = prove($lib, $file);
is($status, 0, 'good cases') or diag($output);

$file = write_tests('again.t', "use Test::Nginx::Socket;\nrepeat_each(2);\n"
    . "plan tests => repeat_each() * blocks() * 3;\nno_shuffle();\nrun_tests();\n",
    map { ["$_", "$hello--- response_body\nhello\n--- no_error_log\n[error]\n"] } 1 .. 3);
($status, $output) = prove($lib, $file);
is($status, 0, 'plan and repeat_each') or diag($output);
like($output, qr/^ok 18 /m, 'every test of every round is run');

for my $case (grep { defined $_->[2] } @cases) {
    my ($what, undef, $bad, $reason) = @$case;

    ($status, $output) = prove($lib, write_tests('bad.t', $head, [$what, $bad]));
    isnt($status, 0, "bad case fails: $what");
    like($output, qr/(?:not ok .*|: .*)\Q$reason\E/, "bad case says why: $what");
}

for my $case (
    ['no test', $head, []],
    ['wrong plan', "use Test::Nginx::Socket tests => 3;\nrun_tests();\n", [['one', $hello]]],
    ['nothing is run', "use Test::Nginx::Socket 'no_plan';\n", [['one', $hello]]],
) {
    my ($what, $start, $list) = @$case;
    ($status) = prove($lib, write_tests('bad.t', $start, @$list));
    isnt($status, 0, "bad file fails: $what");
}


# HTTP that is broken: the client must notice.
require "$lib/Test/Nginx/Client.pm";

my $ok = "HTTP/1.1 200 OK\r\n";
my %broken = (
    'end within the body'   => ["${ok}Content-Length: 5\r\n\r\nabcd", 'GET'],
    'end within a chunk'    => ["${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nabcd", 'GET'],
    'no last chunk'         => ["${ok}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n", 'GET'],
    'bad chunk size'        => ["${ok}Transfer-Encoding: chunked\r\n\r\nx\r\na\r\n0\r\n\r\n", 'GET'],
    'body of HEAD'          => ["${ok}Content-Length: 1\r\n\r\na", 'HEAD'],
    'body of 304'           => ["HTTP/1.1 304 x\r\n\r\na", 'GET'],
    'no end of the headers' => ["${ok}A: b\r\n", 'GET'],
    'bad header'            => ["${ok}A b\r\n\r\n", 'GET'],
    'bad status line'       => ["HTTP/1.1 2000 OK\r\n\r\n", 'GET'],
    'nothing'               => ['', 'GET'],
);

for my $what (sort keys %broken) {
    ok(Test::Nginx::Client::parse_response(@{ $broken{$what} })->{fault}, "fault is seen: $what");
}

my $good = Test::Nginx::Client::parse_response(
    "${ok}a: 1\r\nA: 2\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\nrest", 'GET');
is($good->{fault}, undef, 'chunked body');
is($good->{body}, 'abc0123456789', 'chunks are joined');
is($good->{rest}, 'rest', 'what follows the last chunk is kept');
is($good->{headers}{a}, '1, 2', 'headers of one name are joined');


SKIP: {
    skip 'TEST_NGINX_LIB is not set', 2 if !$ENV{TEST_NGINX_LIB};

    for my $name (qw(good.t again.t)) {
        ($status, $output) = prove($ENV{TEST_NGINX_LIB}, "$dir/$name");
        is($status, 0, "the original harness passes $name") or diag($output);
    }
}

done_testing();
