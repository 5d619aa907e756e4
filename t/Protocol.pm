package Protocol;

# Any method of MCP, from a section `also`, in either era; see Agent.pm for tools.
#
#     use Protocol;
#
#     my $list = legacy('resources/list', {});             # the result, decoded
#     my $page = modern('resources/list', {});             # the same of 2026-07-28
#     my $no   = error_of(modern => 'resources/read', { uri => 'x' });   # {code, message, data}
#
# Every modern result is held to have its resultType, every legacy one to have nothing of the
# modern era.

use strict;
use warnings;

use Exporter qw(import);
use HTTP::Tiny;
use JSON::PP ();

our @EXPORT = qw(legacy modern error_of);

my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my $http;

sub _reply {
    my ($era, $method, $params) = @_;

    my ($more, $body) = ('', undef);
    $params = $json->encode($params);
    if ($era eq 'modern') {
        ($more, $body) = Lookout::modern($method, $params);
    } else {
        $body = Lookout::message($method, $params);
    }
    $http //= HTTP::Tiny->new(timeout => 20, keep_alive => 0);
    my $response = $http->post('http://127.0.0.1:' . main::server_port() . '/mcp', {
        headers => { 'Content-Type' => 'application/json', map { split /: /, $_, 2 } split /\n/, $more },
        content => $body,
    });
    die "$method: HTTP $response->{status}: $response->{content}\n" if $response->{status} != 200;
    return $json->decode($response->{content});
}

sub _result {
    my ($era, $method, $params) = @_;

    my $reply = _reply($era, $method, $params);
    my $result = $reply->{result} or die "$method fails: " . $json->encode($reply->{error}) . "\n";
    die "$method: resultType\n" if ($result->{resultType} // 'none') ne ($era eq 'modern' ? 'complete' : 'none');
    die "$method: a legacy result with " . join(' ', sort keys %$result) . "\n"
        if $era eq 'legacy' && grep { exists $result->{$_} } qw(ttlMs cacheScope);
    return $result;
}

sub legacy { return _result('legacy', @_) }
sub modern { return _result('modern', @_) }

sub error_of {
    my ($era, $method, $params) = @_;

    my $reply = _reply($era, $method, $params);
    die "$method does not fail\n" if !$reply->{error};
    return $reply->{error};
}

1;
