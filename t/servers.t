# The admin address: making, reading, changing and revoking scoped servers over HTTP.

use lib 't';
use Lookout;
use Scoped;
use JSON::PP ();
use Test::Nginx::Socket 'no_plan';

Lookout::defaults();
master_on();
workers(2);
no_shuffle();
run_tests();

__DATA__

=== TEST 1: nginx makes the admin key, for its owner alone
--- request
GET /servers
--- error_code: 401
--- response_headers
WWW-Authenticate: Bearer realm="lookout admin"
Content-Type: application/json
--- response_body_like: ^\{"error":\{"code":"UNAUTHORIZED","message":"Unauthorized: this address wants the admin key
--- also
like(slurp($Scoped::admin_file), qr/^[0-9a-f]{64}\n$/, '256 bits');
is(sprintf('%04o', (stat $Scoped::admin_file)[2] & 07777), '0600', 'mode');
my $key = admin_key();
for my $wrong ("Bearer " . ('0' x 64), "Bearer ${key}0", 'Bearer ' . substr($key, 1), "Basic $key", $key, 'Bearer', "Bearer  $key",
    'Bearer ' . Lookout::token(time + 60)) {
    my ($status, $said) = admin(GET => '', undef, Authorization => $wrong);
    is("$status $said->{error}{code}", '401 UNAUTHORIZED', substr $wrong, 0, 20);
}
for my $right ("Bearer $key", "bearer $key", 'Bearer ' . uc $key) {
    is((admin(GET => '', undef, Authorization => $right))[0], 200, substr $right, 0, 20);
}



=== TEST 2: the life of a server, with the bodies of the seed
--- request
GET /servers
--- error_code: 401
--- also
my $seed = <<'END';
{
    "name": "Looker Admin Agent",
    "config": {
      "methods": ["read", "write"],
      "tags": ["users", "roles", "queries"]
    },
    "expires_at": "2126-12-31T23:59:59Z"
  }
END
my ($status, $made, $headers) = admin(POST => '', $seed);
is($status, 201, 'created');
is($headers->{'cache-control'}, 'no-store', 'not to be stored on the way');
like($made->{id}, qr/^mcp_\w{20,}$/, 'id');
is($made->{name}, 'Looker Admin Agent', 'name');
is_deeply($made->{config}, { methods => [qw(read write)], tags => [qw(users roles queries)] }, 'config');
is($made->{expires_at}, '2126-12-31T23:59:59Z', 'expires_at');
like($made->{url}, qr{^http://127\.0\.0\.1:\d+/mcp/lks_[A-Za-z0-9_-]{32}$}, 'url: 192 bits');
my ($token) = $made->{url} =~ m{/mcp/(.+)$};
is((through($made->{url}, 'ping'))[0], 200, 'it answers');

my ($again, $read) = admin(GET => "/$made->{id}");
is($again, 200, 'read');
ok(!exists $read->{url}, 'the address is shown once');
is_deeply($read, { map { $_ => $made->{$_} } grep { $_ ne 'url' } keys %$made }, 'else the same');

my ($found) = grep { $_->{id} eq $made->{id} } @{ (admin(GET => ''))[1]{items} };
is_deeply($found, $read, 'listed the same');

my ($changed, $now) = admin(PATCH => "/$made->{id}", { name => 'Other', config => { tags => ['queries'] }, expires_at => undef });
is($changed, 200, 'changed');
is_deeply([@$now{qw(name config expires_at)}], ['Other', { methods => [qw(read write)], tags => ['queries'] }, undef], 'member by member');
is((through($made->{url}, 'ping'))[0], 200, 'the address stays');

my ($gone, $said) = admin(DELETE => "/$made->{id}");
is($gone, 200, 'revoked');
is_deeply($said, { id => $made->{id}, revoked => JSON::PP::true() }, 'said so');
is((through($made->{url}, 'ping'))[0], 401, 'it opens nothing');
is((admin($_ => "/$made->{id}", $_ eq 'PATCH' ? {} : undef))[0], 404, "$_ of one that is gone") for qw(GET PATCH DELETE);
unlike(join('', map { slurp($_) } glob "$Scoped::state/state/servers.db*"), qr/\Q$token\E/, 'the token was never on the disk');



=== TEST 3: mounted as the seed has it, by a pattern
--- request
GET /integrated-account/7/mcp
--- error_code: 401
--- also
my $root = '/integrated-account/YOUR_ACCOUNT_ID/mcp';
my ($status, $made) = admin(POST => $root, { name => 'By pattern' });
is($status, 201, 'created');
like($made->{url}, qr{:\d+/mcp/lks_}, 'its address is where scoped servers are');
is((through($made->{url}, 'ping'))[0], 200, 'and answers');
is((admin(GET => "$root/$made->{id}"))[1]{name}, 'By pattern', 'read');
is((admin(PATCH => "$root/$made->{id}", { name => 'B' }))[1]{name}, 'B', 'changed');
ok(scalar(grep { $_->{id} eq $made->{id} } @{ (admin(GET => $root))[1]{items} }), 'listed');
is((admin(DELETE => "$root/$made->{id}"))[0], 200, 'revoked');
is((admin(DELETE => $root))[0], 405, 'not all at once');



=== TEST 4: what is wrong is named, all of it, and nothing is half made
--- request
GET /servers
--- error_code: 401
--- also
my $before = @{ (admin(GET => ''))[1]{items} };
my ($status, $said) = admin(POST => '', { name => '', config => { methods => ['rad', 'read'], tags => [], filters => [{ field => 'region', op => 'near', value => 1 }] },
    expires_at => 'tomorrow', require_api_token_auth => 'yes', id => 'mcp_mine', colour => 'red' });
is($status, 400, 'refused');
is($said->{error}{code}, 'INVALID_INPUT', 'code');
is_deeply([sort map { $_->{path} } @{ $said->{error}{details}{errors} }],
    ['/colour', '/config/filters/0/op', '/config/methods/0', '/config/tags', '/expires_at', '/id', '/name', '/require_api_token_auth'], 'every problem');
is(scalar(grep { $_->{message} !~ /\w/ } @{ $said->{error}{details}{errors} }), 0, 'in words');
for my $bad ('', '{', '[]', 'null', '{"name":1}', "{\"name\":\"a\\u0000b\"}", '{"name":"a"} x', '{"name":"a","name":"b"}', '{}') {
    is((admin(POST => '', $bad))[0], 400, "body: $bad");
}
is(scalar @{ (admin(GET => ''))[1]{items} }, $before, 'nothing was made');
my $made = made(name => 'whole');
is((admin(PATCH => "/$made->{id}", { name => 'half', config => { methods => ['rad'] } }))[0], 400, 'a change with one mistake');
is((admin(GET => "/$made->{id}"))[1]{name}, 'whole', 'changes nothing');



=== TEST 5: methods and places
--- request
GET /servers
--- error_code: 401
--- also
my $made = made(name => 'here');
for my $case (
    ['PUT', '', 405, 'GET, HEAD, POST, OPTIONS'], ['DELETE', '', 405, 'GET, HEAD, POST, OPTIONS'], ['PATCH', '', 405, 'GET, HEAD, POST, OPTIONS'],
    ['POST', "/$made->{id}", 405, 'GET, HEAD, PATCH, DELETE, OPTIONS'], ['PUT', "/$made->{id}", 405, 'GET, HEAD, PATCH, DELETE, OPTIONS'],
    ['OPTIONS', '', 204, 'GET, HEAD, POST, OPTIONS'], ['OPTIONS', "/$made->{id}", 204, 'GET, HEAD, PATCH, DELETE, OPTIONS'],
    ['GET', '/mcp_unknown', 404], ['GET', '/other', 404], ['GET', '/servers-or-not', 404], ['GET', "/x/$made->{id}", 404],
    ['GET', "/$made->{id}/x", 404], ['GET', '/', 200], ['HEAD', '', 200], ['HEAD', "/$made->{id}", 200],
) {
    my ($method, $path, $want, $allow) = @$case;
    my ($status, $said, $headers) = admin($method, $path eq '/servers-or-not' ? $path : "/servers$path", $method =~ /^P/ ? {} : undef);
    is($status, $want, "$method $path");
    is($headers->{allow}, $allow, "$method $path: Allow") if $allow;
    is($said // '', '', 'HEAD: no body') if $method eq 'HEAD';
    like($said->{error}{message}, qr/use \Q$allow\E$/, 'says what there is') if $want == 405;
}



=== TEST 6: pages of the list
--- request
GET /servers
--- error_code: 401
--- also
made(name => "page $_") for 1 .. 7;
my %all = map { $_->{id} => 1 } @{ (admin(GET => ''))[1]{items} };
my ($cursor, %seen, $pages);
do {
    my $page = (admin(GET => '?limit=3' . (defined $cursor ? "&cursor=$cursor" : '')))[1];
    cmp_ok(scalar @{ $page->{items} }, '<=', 3, 'a page');
    $seen{ $_->{id} }++ for @{ $page->{items} };
    $cursor = $page->{nextCursor};
} while (defined $cursor && ++$pages < 100);
is_deeply(\%seen, { map { $_ => 1 } keys %all }, 'each once');
is((admin(GET => $_))[0], 400, $_) for '?limit=0', '?limit=101', '?limit=x', '?limit=', '?limit=-1', '?limit=99999999999999999999', '?cursor=x', '?cursor=';



=== TEST 7: large bodies
--- request
GET /servers
--- error_code: 401
--- also
my $pad = sub { '{"name":"padded"' . (' ' x $_[0]) . '}' };
is((admin(POST => '', $pad->(100_000)))[0], 201, 'one that nginx puts in a file');
is((admin(POST => '', $pad->(262_144 - 17)))[0], 201, 'the largest');
my ($status, $said) = admin(POST => '', $pad->(262_144 - 16));
is("$status $said->{error}{code}", '413 REQUEST_TOO_LARGE', 'a byte more');
my $chunked = $pad->(300_000);
my $file = "$Scoped::state/large";
open my $out, '>', $file or die; print {$out} $chunked; close $out;
my $key = admin_key();
is(`curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer $key' -H 'Transfer-Encoding: chunked' --data-binary \@$file $url/servers`, 413, 'in chunks');



=== TEST 8: pages of other origins
--- request
GET /servers
--- more_headers
Origin: http://evil.example
--- error_code: 403
--- response_body_like: ^\{"error":\{"code":"FORBIDDEN"



=== TEST 9: over HTTP/2
--- http2
--- request
GET /servers
--- error_code: 401
--- also
my $key = admin_key();
my $curl = "curl -s --http2-prior-knowledge -H 'Authorization: Bearer $key'";
my ($id, $path) = `$curl -d '{"name":"h2"}' $url/servers` =~ m{"id":"(mcp_\w+)".*"url":"http://[^/]+(/mcp/lks_[^"]+)"};
is(`$curl -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d '{"jsonrpc":"2.0","id":1,"method":"ping"}' $url$path`, 200, 'answers');
like(`$curl -X PATCH -d '{"name":"h2 too"}' $url/servers/$id`, qr/"name":"h2 too"/, 'changed');
like(`$curl -X DELETE $url/servers/$id`, qr/"revoked":true/, 'revoked');
is(`$curl -o /dev/null -w '%{http_code}' $url$path/manifest.json`, 401, 'closed');



=== TEST 10: a client that leaves at once: what it asked for is done
--- request
GET /servers
--- error_code: 401
--- also
my $key = admin_key();
for my $n (1 .. 10) {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => server_port()) or die;
    my $body = qq({"name":"leaver $n"});
    print {$socket} "POST /servers HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $key\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
    close $socket;
}
my $n;
for (1 .. 100) {
    $n = grep { $_->{name} =~ /^leaver/ } @{ (admin(GET => ''))[1]{items} };
    last if $n == 10;
    select undef, undef, undef, 0.05;
}
is($n, 10, 'all were made');
--- no_error_log
[alert]



=== TEST 11: from the shell
--- request
GET /servers
--- error_code: 401
--- timeout: 20
--- also
my $shell = sub {
    my ($what, %with) = @_;
    my $set = join ' ', map { "$_='$with{$_}'" } sort keys %with;
    my $said = `URL=$url/servers KEY_FILE=$Scoped::admin_file $set conf/server.sh $what 2>&1`;
    return ($? >> 8, $said);
};
my ($code, $said) = $shell->('create', NAME => 'From "here" \\ there', METHODS => 'list,get', TAGS => 'views,queries', EXPIRES => '30d', FILTERS => 'region=EMEA;segment=a b', AUTH_TOO => 1,
    DATASOURCES => Lookout::id(datasource => 'Sales Pipeline'), WORKBOOKS => Lookout::id(workbook => Lookout::sql('SELECT name FROM workbook LIMIT 1')));
is($code, 0, 'made');
like($said, qr{^\Q$url\E/mcp/lks_[\w-]{32}\n$}, 'the address alone, to be pasted');
my ($made) = grep { $_->{name} =~ /^From/ } @{ (admin(GET => ''))[1]{items} };
is($made->{name}, 'From "here" \\ there', 'its name');
is_deeply($made->{config}{methods}, ['list', 'get'], 'methods');
is_deeply($made->{config}{tags}, ['views', 'queries'], 'tags');
is_deeply($made->{config}{filters}, [{ field => 'region', op => 'eq', value => 'EMEA' }, { field => 'segment', op => 'eq', value => 'a b' }], 'filters');
is(scalar @{ $made->{config}{$_} }, 1, $_) for 'datasources';
is(scalar @{ $made->{config}{workbooks}{ids} }, 1, 'workbooks');
ok($made->{require_api_token_auth}, 'a token besides');
like($made->{expires_at}, qr/^20\d\d-\d\d-\d\dT/, 'in thirty days');

($code, $said) = $shell->('list');
like($said, qr{^\Q$made->{id}\E  \Q$made->{expires_at}\E  \{.*"views".*\}  From "here" \\ there$}m, 'listed');
($code, $said) = $shell->('revoke', ID => $made->{id});
is($code, 0, 'revoked');
is((admin(GET => "/$made->{id}"))[0], 404, 'gone');
($code, $said) = $shell->('revoke', ID => $made->{id});
is($code, 1, 'once');
like($said, qr/^server: There is no scoped server with that id/, 'says so');

($code, $said) = $shell->('create', NAME => 'x', METHODS => 'red', EXPIRES => '2001-01-01');
is($code, 1, 'mistakes');
like($said, qr{^server: Nothing was done.*^    /config/methods/0  is no method \(did you mean read\?\)\n    /expires_at  must be in the future}ms, 'each in a line');
like(($shell->('create'))[1], qr/^server: a server wants a name/, 'no name');
like(($shell->('create', NAME => 'x', FILTERS => 'region'))[1], qr/^server: FILTERS wants field=value/, 'no filter');
like(($shell->('list', KEY_FILE => '/none'))[1], qr{^server: there is no key in /none: is the demo running}, 'no key');
like(($shell->('list', URL => 'http://127.0.0.1:1/servers'))[1], qr{^server: nothing answers at http://127.0.0.1:1/servers: is the demo running}m, 'no server');
like(($shell->('list', URL => "$url/nothing"))[1], qr{^server: \Q$url\E/nothing answers 404: is it the location of lookout_servers}, 'another place');
my ($at) = $url =~ m{:(\d+)$};
is(($shell->('list', URL => "http://bi.invalid:$at/servers", VIA => '127.0.0.1'))[0], 0, 'by another name');
is(($shell->('create', NAME => 'x', METHODS => 'red'))[1] =~ tr/\n//, 1, 'one mistake, one line');



=== TEST 12: no admin key file
--- http_config
--- config
    location /mcp/ { lookout_mcp scoped; }
    location /servers { lookout_servers; lookout_admin_key_file $TEST_NGINX_SERVER_ROOT/none/there/admin.key; }
--- must_die
--- error_log
cannot be made



=== TEST 13: the servers' key for the admin's
--- config eval
qq(location /mcp/ { lookout_mcp scoped; } location /servers { lookout_servers; lookout_admin_key_file $Lookout::key_file; })
--- must_die
--- error_log
must be two files



=== TEST 14: a copy of it
--- config eval
system("cp $Lookout::key_file $Scoped::state/copy.key; chmod 600 $Scoped::state/copy.key"); qq(location /mcp/ { lookout_mcp scoped; } location /servers { lookout_servers; lookout_admin_key_file $Scoped::state/copy.key; })
--- must_die
--- error_log
have the same key



=== TEST 15: scoped needs a slash
--- config
    location /mcp { lookout_mcp scoped; }
--- must_die
--- error_log
scoped needs a location that is a prefix and ends in a slash, as /mcp/



=== TEST 16: and no pattern
--- config
    location ~ ^/mcp/ { lookout_mcp scoped; }
--- must_die
--- error_log
scoped needs a location that is a prefix



=== TEST 17: another word
--- config
    location /mcp/ { lookout_mcp everything; }
--- must_die
--- error_log
takes nothing, or "scoped"



=== TEST 18: addresses that nobody would answer
--- config
    location /servers { lookout_servers; }
--- must_die
--- error_log
"lookout_servers" makes addresses that no location answers
