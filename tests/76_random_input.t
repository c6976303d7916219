#!/usr/bin/perl
# The helper and the reference implementation print the same bytes for randomly damaged logs, and the normalized
# log keeps its promises for any input.
#
# RANDOM_SEED and RANDOM_ROUNDS choose other damage, and more of it.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use Columns        qw(@COLUMNS);
use Compress::Zlib ();
use File::Temp     qw(tempdir);
use Generate       ();
use RandomNumbers  qw(below one_of);
use Program        qw(helper run version);
use Reference      ();
use Soak           qw(rounds seed);
use Test::More;

my $seed = seed( 'RANDOM_SEED', 20261031 );
my $version = version();
my $scratch = tempdir( CLEANUP => 1 );

# ---- damage -----------------------------------------------------------------------------------

# Bytes that mean something to one of the readers' rules.
sub fragment {
    return one_of(
        '%',            '%2',           '%25',              '%2520',     '%252520',      '%7E',
        '%7e',          '%27',          '%09',              '%0A',       '%00',          '%0d',
        '%7F',          '%C2%85',       '%C2%9F',           '%C2%A0',    '%E0%9F%BF',    '%E0%A0%80',
        '%F0%8F%BF%BF', '%F4%8F%BF%BF', "\xc2\x9e",         '%E2%82%AC', '%C3',          '%A9',
        '%ED%A0%80',    '%C0%AF',       '%F4%90%80%80',     '%3C',       '%3e',          '%22',
        '%25zz',        '%zz',          '%25C3%25A9',       '"',         '<',            '>',
        "'",            '~',            '\\',               '\\x20',     '\\x09',        '-',
        '--',           '',             ' ',                '  ',        "\x0b",         "\0",
        "\r",           "\x7f",         "\x1b[31m",         "\xc2\x85",  "\xc2\xa0",     "\xe9",
        "\xc3\xa9",     "\xed\xbf\xbf", "\xf0\x9f\x98\x80", "\xff\xfe",  "\xe2\x80\x8b", "\xef\xbb\xbf",
        ',',            ':',            '[',                ']',         chr below(256), chr below(256)
    );
}

my @UNUSUAL_TIMES = (
    '-',                         '2026-02-29',             '2024-02-29',                '2000-02-29',
    '2100-02-29',                '2026-04-31',             '1969-12-31',                '1970-01-01',
    '2105-12-31',                '2106-01-01',             '2026-13-01',                '2026-1-01',
    '2026-10-00',                '0000-00-00',             '2026/10/31',                '12:00:60',
    '24:00:00',                  '23:60:00',               '23:59:5',                   '7:00:00',
    '00:00:00',                  '23:59:59',               '1793404799',                '1793404799123',
    '1793404799.123',            '0',                      '0.5',                       '4291747200',
    '4291747199',                '4291747199999',          '4291747200000',             '1.',
    '.5',                        '-5',                     '9' x 30,                    '12:00:00.5',
    '2026-10-31T12:00:00Z',      '2026-10-31 12:00:00.25', '2026-10-31T12:00:00+00:00', '1793404799123456',
    '2026-10-31T12:00:00+02:00', '2026-10-31T24:00:00Z',   '2026-10-31T12:00:00 UTC',   '12:00:00Z'
);
my @UNUSUAL_VALUES = (
    @UNUSUAL_TIMES,                      '',
    '00',                                '000',
    '0000',                              '99',
    '600',                               '-1',
    '+1',                                '1e3',
    '18446744073709551615',              '18446744073709551616',
    '9' x 19,                            '9' x 20,
    '192.0.2.1',                         '192.0.2.1:80',
    '192.000.002.001',                   '192.0.2.256',
    '1.2.3',                             '1.2.3.4.5',
    '::1',                               '[::1]:443',
    '::ffff:192.0.2.1',                  '1:2:3:4:5:6:7:8:9',
    '[',                                 '[]',
    'unknown',                           'a, b',
    "192.0.2.1\0x",                      '192.0.2.1,%20192.0.2.2',
    '%20192.0.2.3',                      ',,192.0.2.4',
    'unknown,\\x20010.010.010.010:8080', 'localhost:8080,2001:db8::5',
    '%' x 300,                           '%2' x 300,
    '%25' x 300
);

sub unusual_value {
    my $kind = below(4);
    return
        $kind == 0 ? join( '', map { fragment() } 0 .. below(40) )
      : $kind == 1 ? fragment() . fragment() . fragment()
      :              one_of(@UNUSUAL_VALUES);
}

sub damaged {
    my ($row) = @_;
    my $separator = $row =~ /\t/ ? "\t" : ' ';
    my $kind = below(14);
    if ( $kind < 5 ) {
        for ( 0 .. below(4) ) {
            my $at = below( length($row) + 1 );
            substr $row, $at, below(4) < 3 ? 0 : below(4), fragment();
        }
    }
    elsif ( $kind < 10 ) {
        my @values = split /\Q$separator/, $row, -1;
        for ( 0 .. below(3) ) { $values[ below( scalar @values ) ] = unusual_value() }
        pop @values if !below(6);
        push @values, unusual_value() if !below(6);
        $row = join $separator, @values;
    }
    elsif ( $kind < 12 ) {
        my @values = split /\Q$separator/, $row, -1;
        my @times = grep { $values[$_] =~ /^(?:\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d|\d{10}|\d{13})$/ } 0 .. $#values;
        $values[ one_of(@times) ] = one_of(@UNUSUAL_TIMES) if @times;
        $row = join $separator, @values;
    }
    elsif ( $kind == 12 ) {
        $row = one_of(
            '',
            ' ',
            "\t",
            "\t" x 40,
            ' ' x 40,
            "\r",
            '-',
            '#',
            '#comment',
            '# x',
            "\0",
            "\xef\xbb\xbf",
            substr( $row, 0, below( length($row) + 1 ) ),
            substr( $row, below( length($row) + 1 ) ),
            $row . $separator,
            "$separator$row",
            $row . $separator x 3,
            "$row\r",
            "$row\r\r",
            "$row ",
            " $row",
            $row =~ tr/\t/ /r,
            $row =~ s/$separator/$separator /gr
        );
    }
    else {
        my @lengths = ( 262_143, 262_144, 262_145, 300_000, 1_048_576 );
        if ( !below(20) ) {
            my $want = one_of(@lengths);
            my @values = split /\Q$separator/, $row, -1;
            my $i = below( scalar @values );
            $values[$i] .= one_of( 'x', '%', '%2520', "\xe9" ) x $want;
            $values[$i] = substr $values[$i], 0, $want - length( join $separator, @values ) + length $values[$i];
            $row = join $separator, @values;
        }
    }
    return $row =~ tr/\n//dr;
}

# ---- files ------------------------------------------------------------------------------------

# The bytes as one gzip member or several, cut anywhere, or not compressed at all.
sub packed {
    my ($bytes) = @_;
    my $kind = below(4);
    return $bytes if $kind == 0;
    return Compress::Zlib::memGzip($bytes) if $kind == 1 || length $bytes < 10;
    my @members;
    while ( length $bytes ) {
        push @members, Compress::Zlib::memGzip( substr $bytes, 0, 1 + below( length $bytes ), '' );
        push @members, Compress::Zlib::memGzip('') if !below(5);
    }
    return join '', @members;
}

sub write_directory {
    my ($files) = @_;
    my $directory = tempdir( DIR => $scratch );
    Program::write_file( "$directory/$_->[0]", packed( $_->[1] ) ) for @$files;
    return $directory;
}

# [name, bytes] of a few files with some rows damaged; each begins with its header.
sub random_files {
    my ($number) = @_;
    my $logs = Generate::logs( seed => $seed + $number, records => 20 + below(150), files => 1 + below(5), days => 2 );
    RandomNumbers::seed( $seed + $number );
    my @files;
    for my $file ( @{ $logs->{files} } ) {
        my @rows = map { $_->[0] } @{ $file->{lines} };
        my @is_whole = map { below(3) > 0 } @rows;

        # Without a TAB, the look of the values tells what separates them, and which of them have spaces; the reference
        # does not look.
        $is_whole[0] = below(8) > 0 || @rows && $rows[0] !~ /\t/;
        my ($fields) = $file->{layout}{header} =~ /^#Fields: (.*)/m;
        my $names = split / /, $fields // '';
        for my $i ( 0 .. $#rows ) {
            my $row = $is_whole[$i] ? next : damaged( $rows[$i] );
            redo if $rows[$i] !~ /\t/ && $row =~ tr/ // >= $names;
            $rows[$i] = $row;
        }
        my ( $header, $end ) = @{ $file->{layout} }{qw(header end)};
        push @files, [ $file->{name}, bytes_of( $header, \@rows, $end, !below(4) ), $header, \@rows, $end, \@is_whole ];
    }
    return @files;
}

sub bytes_of {
    my ( $header, $rows, $end, $is_open ) = @_;
    my $bytes = join '', $header, map { $_ . $end } @$rows;
    $bytes =~ s/\n\z// if $is_open;
    return $bytes;
}

# The same rows in the same order, the header again where a new file or member begins.  That is before a whole
# row, for the first row behind a header tells how all are separated.
sub split_again {
    my ($file) = @_;
    my ( $name, $whole, $header, $rows, $end, $is_whole ) = @$file;
    return [ $name, $whole ] if !@$rows || !$is_whole->[0];
    my ( @files, $bytes );
    my ( $part,  $from ) = ( 0, 0 );
    while ( $from < @$rows ) {
        my $to = $from + 1 + below( @$rows - $from );
        $to++ while $to < @$rows && !$is_whole->[$to];
        my $chunk = bytes_of( $header, [ @$rows[ $from .. $to - 1 ] ], $end, 0 );
        $from = $to;
        if ( defined $bytes && below(2) ) { $bytes .= $chunk; next }
        push @files, [ sprintf( '%s.%03d', $name, $part++ ), $bytes ] if defined $bytes;
        $bytes = $chunk;
    }
    push @files, [ sprintf( '%s.%03d', $name, $part ), $bytes ];
    return @files;
}

# ---- what must hold ---------------------------------------------------------------------------

# Returns the errors of a normalized log; nothing when there are none.
sub broken_promise {
    my ($log) = @_;
    my @lines = split /\n/, $log, -1;
    return 'no LF at the end' if pop @lines ne '';
    my $end = pop @lines;
    return 'no #End' if $end !~ /\A#End: records=([0-9]+) bad=[0-9]+ quarantined=0\z/;
    return 'a wrong count' if $1 != @lines - 3;
    my $last = '';
    for my $line ( @lines[ 3 .. $#lines ] ) {
        return "not all columns: $line" if ( $line =~ tr{\t}{} ) != $#COLUMNS;
        return "an empty value: $line" if $line =~ /\A\t|\t\t|\t\z/;
        return "a control byte: $line" if $line =~ /[\x00-\x08\x0a-\x1f\x7f]|\xc2[\x80-\x9f]/;
        my $text = $line;
        return "not UTF-8: $line" if !utf8::decode($text);
        return "not in order: $line" if substr( $line, 0, 19 ) lt $last;
        $last = substr $line, 0, 19;
    }
    return '';
}

sub multiset {
    return join '', sort grep { !/\A#/ } split /^/, $_[0];
}

sub first_difference {
    my @want = split /^/, $_[0];
    my @got = split /^/,  $_[1];
    for my $i ( 0 .. $#want ) {
        next if $want[$i] eq ( $got[$i] // '' );
        return "line $i\nwant $want[$i]got  " . ( $got[$i] // "nothing\n" );
    }
    return "more lines than wanted\n";
}

my $next_round = rounds( 'RANDOM_ROUNDS', 60, 300 );
my ( $rounds, $rows, $bad, $refused ) = ( 0, 0, 0, 0 );
my @failures;
sub failed { push @failures, "round $rounds: $_[0]" }

while ( @failures < 3 and my $round = $next_round->() ) {
    $rounds = $round;
    my @files = random_files($round);
    my %option = ( client => one_of( 'c-ip', 'x-forwarded-for' ), host => one_of( 'x-host-header', 'cs(Host)' ) );
    my @cat = ( helper(), 'cat', map { ( "--$_" => $option{$_} ) } sort keys %option );
    my $directory = write_directory( \@files );
    my $want = eval { Reference::normalize( \@files, %option, version => $version ) };
    my ( $status, $got, $err ) = run( @cat, $directory );
    if ( !defined $want ) {
        $refused++;
        failed("status $status, not refused: $@") if $status != 1;
        next;
    }
    if ( $status || $got ne $want ) { failed( "status $status, $err, @cat: " . first_difference( $want, $got ) ) }
    my $broken = broken_promise($got);
    failed($broken) if $broken;

    Program::write_file( "$scratch/again", $got );
    my ( undef, $again, $complaint ) = run( @cat, "$scratch/again" );
    failed( "not the same when read again: $complaint" . first_difference( $got, $again ) )
      if $again ne $got;

    my ( undef, $other ) = run( @cat, write_directory( [ map { split_again($_) } @files ] ) );
    failed('not the same records when split into other files') if multiset($other) ne multiset($got);
    failed('not the same counts when split into other files')
      if ( $other =~ /^(#End.*)/m )[0] ne ( $got =~ /^(#End.*)/m )[0];

    $got =~ /^#End: records=(\d+) bad=(\d+)/m;
    $rows += $1 // 0;
    $bad  += $2 // 0;
}
is scalar @failures, 0, 'no errors in any of them' or diag @failures, "RANDOM_SEED=$seed";
cmp_ok $rows, '>', 50 * $rounds, 'most rows became records';
cmp_ok $bad,  '>', $rounds,      'some were bad';
note "$rounds rounds, $refused refused, $rows records, $bad bad rows";
done_testing;
