package Files;

# What the tests of renders and exports share: a state folder of the test's own, fetching what a
# link names, and slowing jobs down.
#
#     use Files;
#
#     my $answer = fetch($fileUrl, Range => 'bytes=0-9');   # {status, headers, content}
#     my $bytes  = on_disk($filePath);

use strict;
use warnings;

use Exporter qw(import);
use File::Temp qw(tempdir);
use HTTP::Tiny;

our @EXPORT = qw(fetch head on_disk file_of slow_jobs job_rows pictured);

our $state = tempdir('lookout-XXXXXX', TMPDIR => 1, CLEANUP => 1);

$Lookout::http   .= "    lookout_state $state;\n";
$Lookout::config .= "    location /files/ {\n        lookout_files;\n    }\n";

my $http = HTTP::Tiny->new(timeout => 20, keep_alive => 0);

# The harness asks for localhost, and so that is where the links lead that its calls get.
sub _reach {
    my ($link) = @_;
    return $link =~ s{^http://localhost/}{'http://127.0.0.1:' . main::server_port() . '/'}er;
}

sub fetch {
    my ($link, %headers) = @_;
    return $http->get(_reach($link), { headers => \%headers });
}

sub head {
    my ($link) = @_;
    return $http->head(_reach($link));
}

# Where a path of an answer is on this machine.
sub file_of {
    my ($path) = @_;
    return "$state/$path";
}

sub on_disk {
    my ($path) = @_;

    open my $in, '<:raw', file_of($path) or die "$path: $!\n";
    local $/;
    return scalar <$in>;
}

# Makes the database of the jobs' state take its time, about two seconds, over one kind
# of change: 'running' (a job tells how far it is), 'done' (it ends), or none.
sub slow_jobs {
    my ($status) = @_;

    my $ten  = '(SELECT 1 UNION ALL ' . join(' UNION ALL ', map { "SELECT $_" } 2 .. 10) . ')';
    my $rows = join ', ', '(SELECT 1 UNION ALL SELECT 2) t0', map { "$ten t$_" } 1 .. 8;
    my $sql  = 'DROP TRIGGER IF EXISTS slow;';
    $sql .= "CREATE TRIGGER slow AFTER UPDATE ON job WHEN NEW.status = '$status'"
      . ($status eq 'running' ? ' AND NEW.row_count = 0' : '')
      . " BEGIN SELECT count(*) FROM $rows; END;"
        if $status ne 'none';
    _sqlite($sql);
    return;
}

# One value for each of the jobs' state.
sub job_rows {
    my ($value, $where) = @_;
    return split /\n/, _sqlite("SELECT $value FROM job WHERE " . ($where // 'true') . ' ORDER BY 1');
}

sub _sqlite {
    my ($sql) = @_;

    open my $out, '-|', 'sqlite3', '-cmd', '.timeout 30000', "$state/jobs.db", $sql or die "sqlite3: $!\n";
    my $text = do { local $/; <$out> } // '';
    close $out or die "sqlite3 refuses: $sql\n";
    return $text;
}

# Width and height of a PNG, after a look at its parts: each with the right checksum, from the
# header to the end.
sub pictured {
    my ($png) = @_;

    $png =~ s/\A\x89PNG\r\n\x1a\n// or die "no PNG\n";
    my ($size, @parts);
    while (length $png) {
        my ($len, $type) = unpack 'N a4', $png;
        my ($data, $crc) = unpack "x8 a$len N", $png;
        die "a part of $type is broken\n" if $crc != _crc32($type . $data);
        $size = [unpack 'N N', $data] if $type eq 'IHDR';
        push @parts, $type;
        substr $png, 0, $len + 12, '';
    }
    die "parts: @parts\n" if "@parts" !~ /^IHDR .*IEND$/;
    return "$size->[0] x $size->[1]";
}

my @crc;

sub _crc32 {
    my ($data) = @_;

    @crc = map { my $c = $_; $c = $c & 1 ? 0xedb88320 ^ $c >> 1 : $c >> 1 for 1 .. 8; $c } 0 .. 255
        if !@crc;
    my $crc = 0xffffffff;
    $crc = $crc[($crc ^ $_) & 0xff] ^ $crc >> 8 for unpack 'C*', $data;
    return $crc ^ 0xffffffff;
}

1;
