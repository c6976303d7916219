package RandomNumbers;

# Random numbers that are the same everywhere, whatever perl it is: one sequence for the whole process,
# which seed() begins anew.

use strict;
use warnings;
use Exporter qw(import);

our @EXPORT_OK = qw(seed below pick one_of one_in skewed shuffle);

my $state = 1;

sub seed {
    my ($seed) = @_;
    $state = $seed % 2147483646 + 1;
    below(2) for 1 .. 8;
}

# A whole number from 0 up to and without $n.  Lehmer's generator: products stay below 2**47, so that
# they are exact whatever Perl's numbers are made of.
sub below {
    $state = $state * 48271 % 2147483647;
    return int( $state / 2147483647 * $_[0] );
}

# Return one of a list: pick() of the array of a reference, one_of() of its arguments.
sub pick   { return $_[0][ below( scalar @{ $_[0] } ) ] }
sub one_of { return $_[ below( scalar @_ ) ] }

# one_in(N) returns true in one of N calls, on average; never if N is 0.
sub one_in { return $_[0] && !below( $_[0] ) }

# Small numbers more often than great ones.
sub skewed {
    my ($n) = @_;
    my $x = below(1_000_000) / 1_000_000;
    return int( $x * $x * $x * $n );
}

sub shuffle {
    my ($list) = @_;
    for ( my $i = $#$list ; $i > 0 ; $i-- ) {
        my $j = below( $i + 1 );
        @$list[ $i, $j ] = @$list[ $j, $i ];
    }
}

1;
