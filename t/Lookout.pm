package Lookout;

# What the test files share: the configuration that a block gets when it brings none, and short
# ways to say a call. Works with the project's own harness and with the original Test::Nginx.
#
#     use lib 't';
#     use Lookout;
#     use Test::Nginx::Socket 'no_plan';
#     Lookout::defaults();
#
# A block may then have
#
#     --- call: TOOL {"argument": ...}     a legacy tools/call; the arguments may follow on lines
#     --- modern: TOOL {"argument": ...}   the same in the revision of 2026-07-28
#     --- rpc: METHOD {"param": ...}       any method, legacy
#     --- modern_rpc: METHOD {"param": ...}  any method, in that revision
#
# in place of request and more_headers, and
#
#     --- also                             Perl that checks more while the server runs, with
#                                          $url and $body (the response's) at hand

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_base64);
use MIME::Base64 qw(encode_base64);

my $data = $ENV{TEST_NGINX_DATA} || die "TEST_NGINX_DATA is not set: run the tests with make test\n";

# Ids are minted from names, so they are the same in every seeding.
my %ids;

sub id {
    my ($table, $name) = @_;

    return $ids{"$table $name"} //= do {
        (my $quoted = $name) =~ s/'/''/g;
        my $id = `sqlite3 '$data/catalog.db' "SELECT id FROM $table WHERE name = '$quoted' ORDER BY deleted_at IS NOT NULL LIMIT 1"`;
        chomp $id;
        die "there is no $table named $name\n" if !length $id;
        $id;
    };
}

# The answer of a query on the catalogue: for expectations that follow the data.
sub sql {
    my ($query) = @_;

    my $answer = `sqlite3 '$data/catalog.db' "$query"`;
    chomp $answer;
    return $answer;
}

# The tests' own key, so that they can sign tokens themselves.
our $key_file = "$data/test.key";
my $key = pack 'C32', 1 .. 32;

if (!-e $key_file) {
    umask 077;
    open my $out, '>', "$key_file.$$" or die "$key_file.$$: $!\n";
    print {$out} unpack('H*', $key), "\n";
    close $out;
    rename "$key_file.$$", $key_file or die "$key_file: $!\n";
}

# A token that is good until the time `expires`.
sub token {
    my ($expires) = @_;

    my $payload = "$expires.AAAAAAAAAAAAAAAA";
    (my $signature = hmac_sha256_base64("token.$payload", $key)) =~ tr{+/}{-_};
    return "lk_$payload.$signature";
}

# The part of a link to a file behind /files/, as the server would sign it.
sub file_link {
    my ($expires, $path) = @_;

    (my $signature = hmac_sha256_base64("file.$expires/$path", $key)) =~ tr{+/}{-_};
    return "$expires.$signature/$path";
}

our $main = "thread_pool lookout threads=2 max_queue=16;";

our $http = <<"END";
    lookout_catalog  $data/catalog.db;
    lookout_key_file $key_file;
    lookout_auth     off;
END

our $config = <<'END';
    location = /mcp {
        lookout_mcp;
        client_max_body_size 512k;
    }
END

my $meta = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",'
  . '"io.modelcontextprotocol/clientCapabilities":{}}';

# $ID{table:name} in a text is the id of that object.
sub fill {
    my ($text) = @_;

    $text =~ s/\$ID\{(\w+):([^}]+)\}/id($1, $2)/ge;
    return $text;
}

sub message {
    my ($method, $params) = @_;

    return qq({"jsonrpc":"2.0","id":1,"method":"$method","params":$params});
}

# The same for the modern era: the headers besides Content-Type, and the message.
sub modern {
    my ($method, $params) = @_;

    (my $with = $params) =~ s/\}\s*\z/($params =~ m{\A\s*\{\s*\}} ? '' : ',') . "$meta}"/e;
    my ($name) = $params =~ /"(?:name|uri|taskId)"\s*:\s*"((?:[^"\\]++|\\.)*+)"/;
    my $headers = "MCP-Protocol-Version: 2026-07-28\nMcp-Method: $method\n";
    if (defined $name && $method =~ m{^(?:resources/read|prompts/get|tools/call|tasks/)}) {
        $name =~ s{\\(.)}{$1}g;
        $name = '=?base64?' . encode_base64($name, '') . '?=' if $name !~ /\A[!-~]*\z/;
        $headers .= "Mcp-Name: $name\n";
    }
    return ($headers, message($method, $with));
}

# The Mcp-Param-* headers that mirror the arguments.
sub mirrors {
    my ($args) = @_;

    my $headers = '';
    for my $name (qw(datasourceId viewId renderJobId jobId)) {
        $headers .= 'Mcp-Param-' . ucfirst($name) . ": $1\n" if $args =~ /"$name"\s*:\s*"([^"]*)"/;
    }
    return $headers;
}

sub expand {
    my ($block) = @_;

    for my $kind (qw(call modern rpc modern_rpc)) {
        my $text = $block->$kind;
        next if !defined $text;

        my ($name, $rest) = fill($text) =~ /^\s*(\S+)\s*(.*?)\s*$/s;
        $rest = '{}' if $rest eq '';

        my $headers = "Content-Type: application/json\n";
        my $body;
        if ($kind eq 'call') {
            $body = message('tools/call', qq({"name":"$name","arguments":$rest}));

        } elsif ($kind eq 'modern') {
            $body = message('tools/call', qq({"name":"$name","arguments":$rest,$meta}));
            $headers .= "MCP-Protocol-Version: 2026-07-28\nMcp-Method: tools/call\n"
              . "Mcp-Name: $name\n" . mirrors($rest);

        } elsif ($kind eq 'modern_rpc') {
            (my $more, $body) = modern($name, $rest);
            $headers .= $more;

        } else {
            $body = message($name, $rest);
        }

        $block->set_value(request => "POST /mcp\n$body");
        $block->set_value(more_headers => $headers . ($block->more_headers // ''));
    }
    return;
}

sub defaults {
    main::add_block_preprocessor(sub {
        my $block = shift;

        $block->set_value(main_config => $main) if !defined $block->main_config;
        $block->set_value(http_config => $http . ($block->http_config // ''));
        $block->set_value(config => $config) if !defined $block->config;
        expand($block);
    });

    main::add_response_body_check(sub {
        my ($block, $body) = @_;

        also($block, $body) if defined $block->also;
    });
    return;
}

sub also {
    my ($block, $body) = @_;

    my $url = 'http://127.0.0.1:' . main::server_port();
    local $Test::Builder::Level = 100;
    my $code = 'package main; my ($url, $body) = @_; ' . $block->also . '; 1';
    my $check = eval "sub { $code }" || die $@;
    eval { $check->($url, $body) } or main::fail($block->name . " - also: $@");
    return;
}

1;
