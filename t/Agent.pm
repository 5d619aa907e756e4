package Agent;

# An agent that talks to the server of a block, for what takes many calls or a look inside the
# answers: in a section `also`, or anywhere that nginx runs.
#
#     use Agent;
#
#     my $page = ask(list_views => { pageSize => 5 });         # the result, decoded
#     my $no   = refused(get_view => { viewId => 'x' });       # {code, message, details}
#     my $said = answer($body);                                # of a response's body
#
# Every answer is held to what all of them promise: HTTP 200, one text, no larger than 256 KB,
# and the same object as structuredContent.

use strict;
use warnings;

use Exporter qw(import);
use File::Path qw(make_path remove_tree);
use HTTP::Tiny;
use JSON::PP ();
use Scalar::Util qw(looks_like_number);
use Test::More ();

our @EXPORT = qw(ask ask_text refused answer answer_text content_blocks post key_order all_pages rows_are data own_catalogue change);

my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my $http;

# The answer to one call, undecoded: the text, and whether it is an error.
sub post {
    my ($tool, $args) = @_;

    $args = $json->encode($args) if ref $args;
    $http //= HTTP::Tiny->new(timeout => 20, keep_alive => 0);

    my $response = $http->post('http://127.0.0.1:' . main::server_port() . '/mcp', {
        headers => { 'Content-Type' => 'application/json' },
        content => Lookout::message('tools/call', qq({"name":"$tool","arguments":$args})),
    });

    die "$tool $args: HTTP $response->{status}: $response->{content}\n"
        if $response->{status} != 200;
    return answer_text($response->{content});
}

# A content block beside the text: an object without others in it.
my $block = qr/\{(?:[^"{}]++|"(?:[^"\\]++|\\.)*+")*+\}/;

# From the body of a response to its text, and whether it is an error.
my %escape = (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t");

sub answer_text {
    my ($body) = @_;

    $body =~ /"content":\[\{"type":"text","text":"/g
        or die 'no result: ' . substr($body, 0, 500) . "\n";
    my $start = pos $body;
    1 while $body =~ /\G(?:[^"\\]++|\\.){1,1000}/gcs;
    my $text = substr $body, $start, pos($body) - $start;
    my $rest = substr $body, pos $body;

    # A decoder in Perl takes its time over what is a string in a string.
    $text =~ s{\\(?:u00([0-9a-f]{2})|(.))}{defined $1 ? chr hex $1 : $escape{$2} // $2}ge;
    die 'an envelope of ' . length($text) . " bytes\n" if length $text > 262144;

    $rest =~ s/\A"\}(?:,$block)*+\]// or die "no end of the content\n";
    my $structured = $rest =~ s/\A,"structuredContent"://;
    die "structuredContent is not the text\n"
        if $structured && substr($rest, 0, length $text, '') ne $text;

    my ($error) = $rest =~ /\A,"isError":(true|false)\b/ or die "no isError\n";
    die "an error has structured content\n" if $error eq 'true' && $structured;

    return ($text, $error eq 'true');
}

sub answer {
    my ($body) = @_;

    my ($text) = answer_text($body);
    return $json->decode($text);
}

# The content blocks of a response's body but for the text, decoded.
sub content_blocks {
    my ($body) = @_;

    my (undef, @others) = @{ $json->decode($body)->{result}{content} };
    return @others;
}

# The result of a call that has to go well.
sub ask_text {
    my ($tool, $args) = @_;

    my ($text, $error) = post($tool, $args // {});
    die "$tool fails: " . substr($text, 0, 500) . "\n" if $error;
    return $text;
}

sub ask {
    return $json->decode(ask_text(@_));
}

# The error of a call that has to fail.
sub refused {
    my ($tool, $args) = @_;

    my ($text, $error) = post($tool, $args);
    die "$tool does not fail: " . substr($text, 0, 300) . "\n" if !$error;

    my $said = $json->decode($text)->{error};
    die "not an error: $text\n"
        if join(' ', sort keys %$said) ne 'code details message' || $said->{message} !~ /\S/
        || ref $said->{details} ne 'HASH';
    return $said;
}

# All pages of a call, one after the other.
sub all_pages {
    my ($tool, $args) = @_;

    my @pages = ask($tool, $args);
    while (defined(my $cursor = $pages[-1]{nextCursor})) {
        push @pages, ask($tool, { %$args, cursor => $cursor });
        die "$tool: more than 1000 pages\n" if @pages > 1000;
    }
    return @pages;
}

# The names of a JSON object's members in the order in which they stand.
sub key_order {
    my ($text) = @_;

    my ($depth, @keys) = (0);
    while ($text =~ /("(?:[^"\\]++|\\.)*+")(\s*:)?|([\[{])|([\]}])/g) {
        $depth += defined $3 ? 1 : defined $4 ? -1 : 0;
        push @keys, $json->decode($1) if defined $2 && $depth == 1;
    }
    return "@keys";
}

# The rows that SQLite's own shell finds in a datasource's extract, as `data`: arrays of text,
# undef for null.
sub data {
    my ($source, $query) = @_;

    my $file = Lookout::sql("SELECT extract_file FROM datasource WHERE name = '$source'");
    open my $out, '-|', 'sqlite3', '-readonly', '-ascii', '-nullvalue', "\x01",
        "$ENV{TEST_NGINX_DATA}/$file", 'CREATE TEMP VIEW data AS SELECT * FROM extract', $query
        or die "sqlite3: $!\n";
    my $text = do { local $/; <$out> } // '';
    close $out or die "sqlite3 refuses: $query\n";

    utf8::decode($text);
    return [map { [map { $_ eq "\x01" ? undef : $_ } split /\x1f/, $_, -1] }
        split /\x1e/, $text];
}

# A catalogue of the test's own, to be changed: its folder, which goes away at the end.
my @own;

sub own_catalogue {
    my $root = "$ENV{TEST_NGINX_DATA}/../own-$$-" . @own;

    push @own, $root;
    make_path("$root/extracts");
    system('cp', "$ENV{TEST_NGINX_DATA}/catalog.db", $root) == 0 or die "cp fails\n";
    system("ln -f '$ENV{TEST_NGINX_DATA}'/extracts/*.db '$root/extracts'") == 0 or die "ln fails\n";
    return $root;
}

END { remove_tree(@own) }

# Puts a file in place of another, as a refresh does: changed by SQL, and named anew.
sub change {
    my ($file, $sql) = @_;

    my $version = int rand 2**31;
    system('cp', $file, "$file.new") == 0 or die "cp fails\n";
    system('sqlite3', "$file.new", "$sql; PRAGMA user_version = $version; VACUUM") == 0 or die "sqlite3 fails\n";
    rename "$file.new", $file or die "$file: $!\n";
    return;
}

sub _same {
    my ($got, $want) = @_;

    return !defined $got && !defined $want if !defined $got || !defined $want;
    $got = $got ? 1 : 0 if JSON::PP::is_bool($got);
    return 1 if $got eq $want;
    return looks_like_number($got) && looks_like_number($want)
        && abs($got - $want) <= 1e-9 * (abs($got) + abs $want);
}

# Are the rows the same, numbers up to the digits that the shell prints?
sub rows_are {
    my ($got, $want, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return Test::More::is(scalar @$got, scalar @$want, "$name: rows") if @$got != @$want;

    for my $i (0 .. $#$want) {
        my ($g, $w) = ($got->[$i], $want->[$i]);
        next if @$g == @$w && !grep { !_same($g->[$_], $w->[$_]) } 0 .. $#$w;

        return Test::More::is($json->encode($g), $json->encode($w), "$name: row $i");
    }
    return Test::More::pass("$name: " . @$want . ' rows');
}

1;
