package Test::Nginx::Block;

# The form of the test language: splits the text after __DATA__ into blocks and sections, and
# runs the filters written behind a section's name.  What a section means is said elsewhere.
#
#     === TEST 1: name                 a block; text up to the first section is its description
#     --- request                      a section: the lines up to the next section
#     --- error_code: 404              a section of one line, without a newline at its end
#     --- response_body eval           a section with filters
#
# Every value goes through the filters "norm" and "trim" first, as in the original language.

use strict;
use warnings;

our $AUTOLOAD;


# Runs the test file's code in a package, out of sight of any variable below.  The package main
# is not in reach: a test file's variable is $::name there, as in the original.
sub evaluate {
    return eval qq{package $_[0];\n#line 1 "$_[1]"\n$_[2]};
}


# Each filter makes new values of the values and of the name of their place.
my %filter = (
    norm    => sub { _each($_[0], sub { s/\r\n?/\n/g }) },
    trim    => sub { _each($_[0], sub { s/\A(?:[ \t]*\n)+//; s/(?<=\n)\s*\z// }) },
    chomp   => sub { _each($_[0], sub { s/\n\z// }) },
    chop    => sub { _each($_[0], sub { s/.\z//s }) },
    unchomp => sub { _each($_[0], sub { $_ .= "\n" }) },
    eval    => sub { _values_of_code(@_) },
);


# The blocks of a text, with SKIP, ONLY and LAST obeyed.  $first_line is the text's line number
# in $file, for messages.
sub parse {
    my ($class, $text, $file, $first_line) = @_;

    my @blocks;

    while ($text =~ /^(===.*?)(?=^===|\z)/gms) {
        my $line = $first_line + (substr($text, 0, $-[1]) =~ tr/\n//);
        my $block = $class->_new($1, "$file line $line");

        next if $block->has('SKIP') && !$block->has('ONLY');
        return [$block] if $block->has('ONLY');

        push @blocks, $block;
        last if $block->has('LAST');
    }

    return \@blocks;
}


sub _new {
    my ($class, $text, $where) = @_;

    $text =~ s/\A===[ \t]*(.*)\s+// or die "$where: a block needs a line of its own\n";
    my $name = $1;

    my ($description, @parts) = split /^--- +\(?(\w+)\)? *(.*)\n/m, $text;

    my $self = bless {
        where   => $where,
        order   => [],
        filters => {},
        value   => { name => [$name], description => [$description // $name] },
        read    => {},
    }, $class;

    if (($description // '') =~ /^---/m) {
        die "$where: '---' without a section name, or at the end of the file\n";
    }

    while (my ($section, $filters, $value) = splice @parts, 0, 3) {
        $self->_add($section, $filters, $value // '');
    }

    return $self;
}


sub _add {
    my ($self, $section, $filters, $value) = @_;

    if (exists $self->{filters}{$section}) {
        die "$self->{where}: section '$section' stands twice\n";
    }

    if ($value =~ /^(---\s*[a-z_].*)/mi) {
        die "$self->{where}: not the head of a section: $1\n";
    }

    if ($filters =~ /:(?:\s|\z)/) {
        die "$self->{where}: text below the one-line section '$section'\n" if $value =~ /\S/;
        ($filters, $value) = split /\s*:(?:\s+|\z)/, $filters, 2;
        $value =~ s/\A\s+|\s+\z//g;
    }

    push @{ $self->{order} }, $section;
    $self->{filters}{$section} = $filters;
    $self->{value}{$section} = [$value];

    return;
}


# Runs the filters of all sections, in the order written.  Done once, when the tests start and
# not when the file is read: code in "eval" sections may use what the test file set before.
sub run_filters {
    my ($self) = @_;

    for my $section (@{ $self->{order} }) {
        my $where = "$self->{where}, section $section";

        for my $name (qw(norm trim), split ' ', $self->{filters}{$section}) {
            my @values = @{ $self->{value}{$section} };

            my @new = eval {
                my $own = main->can($name);
                $own             ? _run_own($own, @values)
                : $filter{$name} ? $filter{$name}->(\@values, $where)
                : die "there is no filter '$name'\n";
            };

            die "$where: filter '$name': $@" if $@;

            $self->{value}{$section} = \@new;
        }
    }

    return;
}


# A function of the test file's as filter: it returns the new value, or edits $_ and returns
# nothing or a number.
sub _run_own {
    my ($function, @values) = @_;

    local $_ = CORE::join('', map { $_ // '' } @values);
    my @new = $function->(@values);

    return $_ if !@new || (@new == 1 && defined $new[0] && $new[0] =~ /\A\d*\z/);
    return @new;
}


sub _each {
    my ($values, $edit) = @_;

    return map { local $_ = $_; $edit->(); $_ } @$values;
}


sub _values_of_code {
    my ($values, $where) = @_;

    my @new = evaluate(__PACKAGE__ . '::Eval', $where, @$values);
    die $@ if $@;

    return @new;
}


sub has {
    my ($self, $section) = @_;

    return exists $self->{value}{$section};
}


sub set_value {
    my ($self, $section, @values) = @_;

    push @{ $self->{order} }, $section if !$self->has($section);
    $self->{value}{$section} = [@values];

    return;
}


sub where {
    return $_[0]{where};
}


# The names of the sections, and of those that no code has looked at yet.
sub sections {
    return @{ $_[0]{order} };
}


sub unread_sections {
    my ($self) = @_;

    return grep { !$self->{read}{$_} } $self->sections;
}


sub get {
    my ($self, $section) = @_;

    $self->{read}{$section} = 1;
    my $values = $self->{value}{$section} // return;

    return wantarray ? @$values : $values->[0];
}


# $block->request is $block->get('request').
sub AUTOLOAD {
    my ($self) = @_;

    my $section = $AUTOLOAD =~ s/.*:://r;
    return if $section eq 'DESTROY';

    return $self->get($section);
}


1;
