package HistoryOrder;

# Compares history files of AWStats by their lines.  AWStats writes most sections in the order of a hash, which says
# nothing; in some of them, it puts the rows that its reports show first, sorted (BuildKeyList in awstats.pl).
#
#   HistoryOrder::canonical($text)            the text with those sections in alphabetical order; the rest stays
#   HistoryOrder::unplaced($text)             the text with the sections themselves in alphabetical order, and the map
#                                             without their places: these depend on how often AWStats has saved
#   HistoryOrder::misplaced($text, %minimum)  the first row that AWStats would not have put there, in words, or ''
#
# Two files say the same when their canonical texts are equal and no row of either is misplaced.  Rows that are equal
# in what they are sorted by are in any order.  %minimum: MinHit of a section, "EXTRA_1" => 2, where it is not 1.

use strict;
use warnings;
use List::Util qw(min);

# Sections in the order of a hash: {} when no row comes first; by, the column whose greatest numbers come first; of, the
# column that MinHit is about; all, when all rows are sorted.  The first column is the key, 0.
my %SECTION = (
    ( map { $_ => { by => 1, of => 2 } } qw(DOMAIN VISITOR LOGIN PAGEREFS EXTRA) ),
    ( map { $_ => { by => 1, of => 1 } } qw(ROBOT WORMS EMAILSENDER EMAILRECEIVER SIDER SEARCHWORDS KEYWORDS) ),
    DOWNLOADS => { by => 1, of => 1, all => 1 },
    (
        map { $_ => {} }
          qw(SESSION FILETYPES OS BROWSER SCREENSIZE UNKNOWNREFERER UNKNOWNREFERERBROWSER SEREFERRALS CLUSTER MISC
          ERRORS FILESIZE SIDER_nnn)
    ),
);

sub _kind {
    my ($name) = @_;
    return $SECTION{ $name =~ s/^EXTRA\K_\d+$//r =~ s/^SIDER_\K\d+$/nnn/r };
}

# Cuts a text into pieces: [lines] outside of sections in the order of a hash, [lines, name, number that stands in the
# comment before the section] for the rows of one.  A section without an end reaches to the next one.  The key of a row may
# be BEGIN_WORMS, too.
sub _pieces {
    my ($text) = @_;
    my @pieces = ( [ [] ] );
    my $first;
    for my $line ( split /^/, $text ) {
        my $is_inside = @{ $pieces[-1] } > 1;
        my $is_row = $is_inside && $line =~ /^(?:BEGIN|END)_\w+ \S+ \d/;
        if ( $is_inside && !$is_row && $line =~ /^(?:<\/table><nu>)?(?:BEGIN|END)_/ ) {
            push @pieces, [ [] ];
        }
        push @{ $pieces[-1][0] }, $line;
        $first = $1 if $line =~ /^# The (\d+) first /;
        next if $is_row || $line !~ /^BEGIN_(\w+)/;
        push @pieces, [ [], $1, $first ] if _kind($1);
        $first = undef;
    }
    return @pieces;
}

sub canonical {
    my ($text) = @_;
    return join '', map { @$_ > 1 ? sort @{ $_->[0] } : @{ $_->[0] } } _pieces($text);
}

sub unplaced {
    my ($text) = @_;

    # A blank line precedes each section.
    return join '', sort split /^(?=\n)/m, $text =~ s/^(?:<tr><td>)?POS_\w+\K\D*\d.*//mgr;
}

sub misplaced {
    my ( $text, %minimum ) = @_;
    my @sections = grep { @$_ > 1 } _pieces($text);

    # The comment of SEARCHWORDS has another number than AWStats goes by: that of KEYWORDS.
    my ($keywords) = map { $_->[2] } grep { $_->[1] eq 'KEYWORDS' } @sections;
    for my $section (@sections) {
        my ( $rows, $name, $first ) = @$section;
        my $kind = _kind($name);
        next if !$kind->{by};
        $first = $keywords if $name eq 'SEARCHWORDS';
        my $row = _misplaced( $rows, $kind, $kind->{all} ? scalar @$rows : $first // 0, $minimum{$name} // 1 );
        return "$name: not in order: $row" if defined $row;
    }
    return '';
}

# Returns the first misplaced row of a section.
sub _misplaced {
    my ( $rows, $kind, $first, $minimum ) = @_;
    my @columns = map { [ split / |<\/?t[rd]>(?:<t[rd]>)?/, s/^<tr><td>//r ] } @$rows;

    # What damage has left in a history is in no order.
    my $number = qr/^\d+(?:\.\d+)?(?:e[-+]\d+)?$/;
    return undef
      if grep { ( $_->[ $kind->{by} ] // '' ) !~ $number || ( $_->[ $kind->{of} ] // '' ) !~ $number } @columns;
    my @by = map { $_->[ $kind->{by} ] } @columns;
    my @counts = map { $kind->{all} || $_->[ $kind->{of} ] >= $minimum } @columns;
    my $last = min( $first, scalar grep { $_ } @counts ) - 1;
    for my $i ( 0 .. $#by ) {

        # AWStats asks for the minimum only until it has enough rows.
        my $is_misplaced =
            $i <= $last ? ( $i && $by[$i] > $by[ $i - 1 ] ) || ( !$counts[$i] && $last < $first - 1 )
          : $last >= 0  ? $counts[$i] && $by[$i] > $by[$last]
          :               0;
        return $rows->[$i] if $is_misplaced;
    }
    return undef;
}

1;
