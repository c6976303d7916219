package DifferentialShrink;

# Makes a failing case smaller while it still fails: fewer steps, settings and records.

use strict;
use warnings;
use List::Util qw(min);

# Returns the smallest failing case found.  DIFFERS says whether a case fails.
sub smallest {
    my ( $case, $differs ) = @_;
    my $smallest = { %$case, name => "$case->{name} shrunk" };
    my $try = sub {
        my %changed = ( %$smallest, @_ );
        return 0 if !@{ $changed{steps} } || !$differs->( \%changed );
        $smallest = \%changed;
        return 1;
    };
    for my $part ( 'steps', 'arguments', 'config' ) {
        without( $smallest->{$part}, sub { $try->( $part => $_[0] ) }, 1 );
    }
    for my $step ( 0 .. $#{ $smallest->{steps} } ) {
        my $records = $smallest->{steps}[$step];
        next if !ref $records;

        # The first record tells the plugin the kind of distribution.
        my ( $first, @rest ) = @$records;
        without(
            \@rest,
            sub {
                my @steps = @{ $smallest->{steps} };
                $steps[$step] = [ $first, @{ $_[0] } ];
                return $try->( steps => \@steps );
            }
        );
    }
    return $smallest;
}

# Removes parts of LIST while KEEPS_DIFFERENCE agrees: halves first, then smaller parts, down to single elements.
sub without {
    my ( $list, $keeps_difference, $size ) = @_;
    my @list = @$list;
    $size //= int( ( @list + 1 ) / 2 );
    while ( $size >= 1 && @list ) {
        my $from = 0;
        while ( $from < @list ) {
            my @fewer = @list;
            splice @fewer, $from, min( $size, @list - $from );
            if   ( $keeps_difference->( \@fewer ) ) { @list = @fewer }
            else                                    { $from += $size }
        }
        last if $size == 1;
        $size = int( ( $size + 1 ) / 2 );
    }
    return;
}

1;
