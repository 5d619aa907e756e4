package Issuer;

# An OAuth issuer for tests: makes keys, their JWK Set, and access tokens, honest and other ones.
# The program openssl does the work.
#
#     use Issuer;
#
#     Issuer::publish($file, 'rsa', 'ec');       # writes the set of these keys
#     my $token = Issuer::token('rsa', { sub => 'ann', aud => $url });
#
# A key is made when its name is first used: "ec..." on P-256, any other RSA of 2048 bits; its
# name is its kid.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use File::Temp qw(tempdir);
use JSON::PP ();
use MIME::Base64 qw(decode_base64 encode_base64);

our $issuer = 'https://issuer.example/';

my $dir  = tempdir(CLEANUP => 1);
my $json = JSON::PP->new->utf8->canonical;

# Runs openssl; what it writes is its result.
sub openssl {
    my (@arguments) = @_;

    open my $out, '-|', 'openssl', @arguments or die "openssl: $!\n";
    binmode $out;
    local $/;
    my $result = <$out>;
    close $out or die "openssl @arguments failed\n";
    return $result;
}

sub base64url {
    my ($bytes) = @_;

    (my $text = encode_base64($bytes, '')) =~ tr{+/=}{-_}d;
    return $text;
}

sub key_file {
    my ($name) = @_;

    my $file = "$dir/$name.pem";
    openssl('genpkey', '-quiet', '-out', $file,
        $name =~ /^ec/
        ? qw(-algorithm EC -pkeyopt ec_paramgen_curve:P-256)
        : qw(-algorithm RSA -pkeyopt rsa_keygen_bits:2048)) if !-e $file;
    return $file;
}

sub jwk {
    my ($name) = @_;

    my $file = key_file($name);
    if ($name =~ /^ec/) {
        my $point = substr openssl('pkey', '-in', $file, '-pubout', '-outform', 'DER'), -64;
        return { kty => 'EC', crv => 'P-256', kid => $name,
            x => base64url(substr $point, 0, 32), y => base64url(substr $point, 32) };
    }
    my ($modulus) = openssl('rsa', '-in', $file, '-noout', '-modulus') =~ /=([0-9A-F]+)/;
    return { kty => 'RSA', kid => $name, n => base64url(pack 'H*', $modulus), e => 'AQAB' };
}

# Puts a text in a file's place in one step, as an operator should.
sub replace {
    my ($file, $text) = @_;

    open my $out, '>', "$file.new" or die "$file.new: $!\n";
    print {$out} $text;
    close $out or die "$file.new: $!\n";
    rename "$file.new", $file or die "$file: $!\n";
    return;
}

sub publish {
    my ($file, @names) = @_;

    replace($file, $json->encode({ keys => [map { jwk($_) } @names] }));
    return;
}

# A claim that is undef is left out.
sub payload {
    my ($claims) = @_;

    my %all = (iss => $issuer, sub => 'ann', client_id => 'agent', jti => 't1', iat => time - 5,
        exp => time + 300, %$claims);
    return base64url($json->encode({ map { $_ => $all{$_} } grep { defined $all{$_} } keys %all }));
}

# r and s of a signature in DER, each of 32 bytes.
sub raw_signature {
    my ($der) = @_;

    my (undef, undef, undef, $r, undef, $s) = unpack 'C C C C/a C C/a', $der;
    return join '', map { substr "\0" x 32 . $_, -32 } $r, $s;
}

sub token {
    my ($name, $claims, $header) = @_;

    my $alg = $name =~ /^ec/ ? 'ES256' : 'RS256';
    my $text = base64url($json->encode({ alg => $alg, typ => 'at+jwt', kid => $name, %{ $header // {} } }))
      . '.' . payload($claims);
    replace("$dir/text", $text);
    my $signature = openssl('dgst', '-sha256', '-sign', key_file($name), "$dir/text");
    return "$text." . base64url($alg eq 'ES256' ? raw_signature($signature) : $signature);
}

# Without a signature.
sub unsigned {
    my ($claims) = @_;

    return base64url('{"alg":"none"}') . '.' . payload($claims) . '.';
}

# Signed with the public key as the secret of HS256: the oldest of the tricks.
sub confused {
    my ($name, $claims) = @_;

    my $text = base64url($json->encode({ alg => 'HS256', kid => $name })) . '.' . payload($claims);
    return "$text." . base64url(hmac_sha256($text, openssl('pkey', '-in', key_file($name), '-pubout')));
}

# The same token with other claims and the old signature.
sub altered {
    my ($token, %claims) = @_;

    my ($header, $payload, $signature) = split /\./, $token;
    (my $plain = $payload) =~ tr{-_}{+/};
    return "$header." . base64url($json->encode({ %{ $json->decode(decode_base64($plain)) }, %claims })) . ".$signature";
}

1;
