package DamagedHistory;

# Damages an AWStats history file as editors, full disks, other programs and other versions do.
#
#   my $damaged = DamagedHistory::text($text, $seed);
#
# The same seed damages the same lines in the same way.

use strict;
use warnings;
use RandomNumbers qw(below one_of);

my @UNUSUAL_NUMBERS = (
    '',                    '0',                '00',             '007',
    '-5',                  '+7',               '1e3',            '1.5',
    '12abc',               'abc',              '0x10',           '1_000',
    '9' x 18,              '9' x 19,           '1' x 25,         '18446744073709551615',
    '9223372036854775807', '4503599627370497', '-',              '.',
    "\xb2",                'inf',              'nan',            '20260101',
    '20261301000000',      '20240229235960',   '20240330023000', '10000101000000',
    '99991231235959'
);
my @UNUSUAL_KEYS = (
    '0',                       '00',                    '-',              'END_VISITOR',
    'END_SIDER',               'END_',                  'END_X',          'BEGIN_VISITOR',
    'BEGIN_SIDER',             'BEGIN_X',               'begin_plugin_x', '<tr><td>',
    '</table><nu>END_VISITOR', '</table><nu>END_SIDER', "\xe9",           "\xc3\xa9",
    "\xa0",                    "\x85",                  '%20',            '/a%20b',
    '/a//b',                   '//a',                   '/a///b',         'http://x//y',
    'http://x/',               'HTTPS://X/',            'http://x',       'http://x/y/',
    'http:///',                '#',                     '192.0.2.1',      '192.0.2.',
    '2001:db8::1',             ':',                     'abc:',           'xyz:',
    '1.2.3.4.5',               "a\x0bb",                "a\0b",           'x' x 5000,
    '$1',                      '@x',                    '"',              "\x{1f}"
);

# Ways to damage one line.
my @LINE = (
    sub {
        return map { one_of( $_, one_of(@UNUSUAL_NUMBERS) ) } @_;
    },
    sub { my ( $key, @rest ) = @_; @rest[ below( @rest || 1 ) ] = one_of(@UNUSUAL_NUMBERS); return ( $key, @rest ) },
    sub { my ( $key, @rest ) = @_; return ( one_of(@UNUSUAL_KEYS), @rest ) },
    sub { return ( @_, one_of( @UNUSUAL_NUMBERS, @UNUSUAL_KEYS ) ) },
    sub { my ( $key, @rest ) = @_; pop @rest; return ( $key, @rest ) },
    sub { return $_[0] },
    sub { return ( '', @_ ) },
    sub { my ( $key, @rest ) = @_; return ( $key, '', @rest ) },
    sub { my ( $key, @rest ) = @_; return ( "$key\t" . join( one_of( "\t", ' ', "\x0c", "\r", "\x0b" ), @rest ) ) },
    sub { return ( @_, "\r" ) },
    sub { return ( @_, '' ) },
    sub { return ( @_, '', '' ) },
);

# Ways to damage the whole file, given as a reference to its lines.
my @FILE = (
    sub { my ($lines) = @_; s/\n/\r\n/ for @$lines },
    sub { my ($lines) = @_; $#$lines = below( scalar @$lines ) },
    sub { my ($lines) = @_; $lines->[ -1 - below($#$lines) ] =~ s/.\n//s },
    sub {
        my ($lines) = @_;
        $lines->[0] = one_of(
            "\n",
            "x\n",
            "AWSTATS DATA FILE 6.95 (build 1)\n",
            "AWSTATS DATA FILE 5.3 (build 1)\n",
            "AWSTATS DATA FILE 5.9 (build 1)\n",
            "awstats data file 7.8\n"
        );
    },
    sub { my ($lines) = @_; splice @$lines, below( scalar @$lines ), 0, one_of( "\n", "0\n", " \n", "\r\n", "x\n" ) },
    \&section_twice,
    \&section_moved,
    \&section_without_end,
    \&section_inside,
    \&section_of_others
);

# Returns the numbers of the first and the last line of a section.
sub section {
    my ($lines) = @_;
    my @begin = grep { $lines->[$_] =~ /^BEGIN_(?!MAP|GENERAL)/ } 0 .. $#$lines;
    my $first = one_of(@begin) // return;
    my ($last) = grep { $lines->[$_] =~ /^END_/ } $first .. $#$lines;
    return ( $first, $last // $#$lines );
}

sub section_twice {
    my ($lines) = @_;
    my ( $first, $last ) = section($lines) or return;
    splice @$lines, $last + 1, 0, @$lines[ $first .. $last ];
}

sub section_moved {
    my ($lines) = @_;
    my ( $first, $last ) = section($lines) or return;
    push @$lines, splice @$lines, $first, $last - $first + 1;
}

sub section_without_end {
    my ($lines) = @_;
    my ( undef, $last ) = section($lines) or return;
    splice @$lines, $last, 1;
}

# Copies the lines of one section into another, without the line that ends it.
sub section_inside {
    my ($lines) = @_;
    my ( $first, $last ) = section($lines) or return;
    my @whole = @$lines[ $first .. $last ];
    my ( undef, $other ) = section($lines);
    splice @$lines, $other, 0, @whole;
}

sub section_of_others {
    my ($lines) = @_;
    my ($first) = section($lines) or return;
    my $name = one_of( 'EXTRA_99', 'SIDER_999', 'PLUGIN_other', 'FUTURE', 'KEYWORDS', 'EXTRA_0', 'EXTRA_01', 'SIDER_' );
    splice @$lines, $first, 0, "BEGIN_$name 2\n", "a 1 2 3 4\n", one_of(@UNUSUAL_KEYS) . " 5 6 7 8\n",
      one_of( "END_$name\n", "END_$name\n", '', "END_OTHER\n" );
}

sub text {
    my ( $text, $seed ) = @_;
    RandomNumbers::seed($seed);
    my @lines = $text =~ /^.*\n?/mg;
    my @records = grep { $lines[$_] =~ /^[^#\n]/ && $lines[$_] !~ /^(?:BEGIN|END|POS)_|^AWSTATS/ } 0 .. $#lines;
    for ( 1 .. one_of( 0, 1, 3, 10, 30 ) ) {
        last if !@records;
        my $line = \$lines[ one_of(@records) ];
        chomp $$line;
        my @fields = split / /, $$line;
        $$line = join( ' ', $LINE[ below( scalar @LINE ) ]->( @fields ? @fields : '' ) ) . "\n";
    }
    $FILE[ below( scalar @FILE ) ]->( \@lines ) if !below(3);
    return join '', @lines;
}

1;
