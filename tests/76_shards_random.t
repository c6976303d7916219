#!/usr/bin/perl
# The tasks of a plan count chosen and random batches of few visitors, with late records, across the end of a month: the
# histories have the same rows as those of one update.  Some batches have no records; the next plan and update go on.
#
# SHARDS_SEED and SHARDS_ROUNDS choose other batches, and more of them.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use CountedSite   ();
use POSIX         qw(strftime);
use RandomNumbers qw(below pick);
use Shards        qw(count_batch deliver update);
use Soak          qw(rounds seed);
use Test::More;
use Time::Local qw(timegm);

my $seed = seed( 'SHARDS_SEED', 1 );
my $month_end = timegm( 0, 0, 0, 1, 10, 2026 );

# Returns records of a few hosts near the time AT: minutes apart, so that some visits end between them.
sub records {
    my ( $at, $hosts ) = @_;
    my @times = sort { $a <=> $b } map { $at + below(4) * 1500 + below(600) } 0 .. below(6);
    return map {
        CountedSite::record(
            strftime( '%Y-%m-%d %H:%M:%S', gmtime($_) ),
            host => '192.0.2.' . below($hosts),
            path => '/' . pick( [qw(a b c d)] ) . pick( [ '.html', '.html', '.html', '.png' ] ),
        )
    } @times;
}

# Returns batches, each a list of objects.  Half of the objects are later than all before, the others late.  Every fourth
# batch or so has one object, without records.
sub batches {
    my $hosts = 2 + below(5);
    my $newest = $month_end - below(4) * 3600;
    my @batches;
    foreach ( 0 .. 1 + below(4) ) {
        if ( !below(4) ) {
            push @batches, [ [] ];
            next;
        }
        my @objects;
        foreach ( 0 .. below(3) ) {
            my $at = below(2) ? $newest : $newest - below(4) * 2700 - below(3) * 43_200;
            $newest += below(3) * 2400 + below(6) * below(2) * below(2) * 20_000;
            push @objects, [ records( $at, $hosts ) ];
        }
        push @batches, \@objects;
    }
    return @batches;
}

# Returns the rows of a history.  Once a month is over, LastLine is the time of a later record.  Which record that is
# differs between shards, and no figure depends on it.
sub rows {
    my $site = shift;
    my $rows = $site->rows;
    foreach my $name ( grep { /GENERAL/ } keys %$rows ) {
        my ( $month, $year ) = $name =~ /^(\d\d)(\d{4})/;
        my $is_over = $rows->{$name} =~ /^LastLine (\d+)/m && $1 ge sprintf '%04d%02d', $year, $month + 1;
        $rows->{$name} =~ s/^LastLine .*/month is over/m if $is_over;
    }
    return $rows;
}

# Counts batches by one update each, and by SHARDS shards, which an update follows.  Returns how many had the same rows, up
# to the first error.
sub compare {
    my ( $name, $shards, @batches ) = @_;
    my ( $site, $whole ) = ( CountedSite->new, CountedSite->new );
    foreach my $number ( 1 .. @batches ) {
        deliver( $batches[ $number - 1 ], $whole, $site );
        update($whole);
        count_batch( $site, $site->folder . "/work$number", $shards, 1 + $number % 2 );
        my ( $got, $want ) = map { rows($_) } $site, $whole;
        if ( !is_deeply( $got, $want, "$name, batch $number of " . @batches . ", $shards shards" ) ) {
            diag( map { ( "\n", @$_ ) } map { @$_ } @batches[ 0 .. $number - 1 ] );
            return $number - 1;
        }
    }
    update($site);
    return scalar @batches;
}

# ---- chosen batches ------------------------------------------------------------------------------

# The hosts are in different shards of 4.
sub one   { return CountedSite::record( $_[0], host => '192.0.2.1', path => "/$_[1].html" ) }
sub other { return CountedSite::record( $_[0], host => '192.0.2.2', path => "/$_[1].html" ) }

my $day = '2026-10-30';
my $compared = 0;
$compared += compare(
    'a late record after the end of a visit',
    4,
    [ [ one( "$day 10:00:00", 'a' ), other( "$day 12:00:00", 'b' ) ] ],
    [ [ one( "$day 10:30:00", 'c' ) ] ]
);
$compared += compare(
    'a late record before a visit that has ended',
    4,
    [ [ one( "$day 10:00:00", 'a' ), other( "$day 12:00:00", 'b' ) ] ],
    [ [ one( "$day 09:30:00", 'c' ) ] ]
);
$compared += compare(
    'a visit of the month before',
    4,
    [ [ one( "$day 10:00:00", 'a' ), other( '2026-11-01 12:00:00', 'b' ) ] ],
    [ [ one( "$day 10:30:00", 'c' ) ] ]
);
$compared += compare(
    'a month that begins with other hosts',
    4,
    [ [ one( "$day 10:00:00", 'a' ) ] ],
    [ [ other( '2026-11-01 12:00:00', 'b' ) ] ],
    [ [ one( "$day 10:30:00", 'c' ), one( '2026-11-01 12:30:00', 'd' ) ] ]
);
$compared += compare(
    'batches without records',
    4,      [ [] ], [ [ one( "$day 10:00:00", 'a' ), other( "$day 12:00:00", 'b' ) ] ],
    [ [] ], [ [] ], [ [ one( "$day 12:10:00", 'c' ) ] ],
    [ [] ]
);
is( $compared, 15, 'chosen batches were compared' );

# ---- random batches ------------------------------------------------------------------------------

my $next_round = rounds( 'SHARDS_ROUNDS', 4, 60 );
$compared = 0;
while ( my $round = $next_round->() ) {
    RandomNumbers::seed( $seed + $round );
    my @batches = batches();
    $compared += compare( "SHARDS_SEED=$seed, round $round", 2 + below(3), @batches );
}
cmp_ok( $compared, '>', 4, 'random batches were compared' );
done_testing;
