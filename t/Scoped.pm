package Scoped;

# What the tests of scoped servers share: an nginx with the admin address and /mcp/TOKEN, and
# short ways to make servers and to call through them.
#
#     use Scoped;
#
#     my $server = made(name => 'A', config => {...});      # as the admin address answers
#     my ($status, $answer) = admin(PATCH => "/$server->{id}", {...});
#     my ($status, $answer) = through($server->{url}, 'tools/list', {});
#     my $said = call_through($server->{url}, get_view => {...});    # result or error, decoded
#
# Each test file has a state folder of its own, so its servers are its own, too.

use strict;
use warnings;

use Exporter qw(import);
use File::Temp qw(tempdir);
use HTTP::Tiny;
use JSON::PP ();

our @EXPORT = qw(admin made here through call_through modern_through admin_key slurp);

our $state = tempdir('lookout-XXXXXX', TMPDIR => 1, CLEANUP => 1);
our $admin_file = "$state/admin.key";

$Lookout::http .= <<"END";
    lookout_state $state/state;
    lookout_admin_key_file $admin_file;
END

our $config = <<'END';
    location = /mcp { lookout_mcp; lookout_auth on; }
    location = /token { lookout_token; }
    location /mcp/ { lookout_mcp scoped; }
    location /servers { lookout_servers; }
    location ~ ^/integrated-account/[^/]+/mcp { lookout_servers; }
END
$Lookout::config = $config;

my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my $http = HTTP::Tiny->new(timeout => 20, keep_alive => 0);

sub slurp {
    my ($path) = @_;
    open my $in, '<:raw', $path or return '';
    local $/;
    return scalar <$in>;
}

sub admin_key {
    my ($key) = slurp($admin_file) =~ /^([0-9a-f]{64})\n$/ or die "no admin key in $admin_file\n";
    return $key;
}

sub here {
    my ($path) = @_;
    return 'http://127.0.0.1:' . main::server_port() . $path;
}

# The status, the body decoded (or as it is, when it is no JSON), and the headers.
sub admin {
    my ($method, $path, $body, %headers) = @_;

    my $response = $http->request($method, here($path =~ m{^/(?:servers|integrated)} ? $path : "/servers$path"), {
        headers => { Authorization => 'Bearer ' . admin_key(), 'Content-Type' => 'application/json', %headers },
        defined $body ? (content => ref $body ? $json->encode($body) : $body) : (),
    });
    my $said = eval { $json->decode($response->{content}) };
    return ($response->{status}, $said // $response->{content}, $response->{headers});
}

sub made {
    my (%body) = @_;
    $body{name} //= 'a test';
    my ($status, $server) = admin(POST => '', \%body);
    die "no server is made: $status " . $json->encode($server) . "\n" if $status != 201;
    return $server;
}

# A message to a scoped address: the status, and the answer decoded.
sub through {
    my ($url, $method, $params, %headers) = @_;

    $url =~ s{^http://[^/]+}{here('')}e;
    my $response = $http->post($url, {
        headers => { 'Content-Type' => 'application/json', %headers },
        content => $json->encode({ jsonrpc => '2.0', id => 1, method => $method, params => $params // {} }),
    });
    return ($response->{status}, eval { $json->decode($response->{content}) } // $response->{content}, $response->{headers});
}

# The same in the modern era.
sub modern_through {
    my ($url, $method, $params, %headers) = @_;

    my ($lines, $body) = Lookout::modern($method, $json->encode($params // {}));
    my %more = map { split /: /, $_, 2 } split /\n/, $lines;
    $url =~ s{^http://[^/]+}{here('')}e;
    my $response = $http->post($url, {
        headers => { 'Content-Type' => 'application/json', %more, %headers }, content => $body,
    });
    return ($response->{status}, eval { $json->decode($response->{content}) } // $response->{content}, $response->{headers});
}

# A tool's result, or its error, or the protocol's.
sub call_through {
    my ($url, $tool, $args) = @_;

    my ($status, $answer) = through($url, 'tools/call', { name => $tool, arguments => $args // {} });
    die "$tool: HTTP $status\n" if $status != 200 || !ref $answer;
    return $answer->{error} if $answer->{error};
    my $said = $json->decode($answer->{result}{content}[0]{text});
    return $answer->{result}{isError} ? $said->{error} : $said;
}

1;
