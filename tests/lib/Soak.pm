# What a test does at random, and how much of it.  In make check the numbers and the counts are fixed, so that a failure
# comes again; in make soak (SOAK=1) the numbers are new ones each time, and printed, and the test goes on for a time.
package Soak;
use strict;
use warnings;
use Exporter    qw(import);
use Test::More  ();
use Time::HiRes qw(time);

our @EXPORT_OK = qw(amount is_soak rounds seed);

sub is_soak { return $ENV{SOAK} ? 1 : 0 }

# The number to start a generator of random numbers with: VARIABLE of the environment, FIXED, or in a soak another one
# each time.
sub seed {
    my ( $variable, $fixed ) = @_;
    my $seed = $ENV{$variable} // ( is_soak() ? int rand 2**31 : $fixed );
    Test::More::diag("$variable=$seed") if $seed ne $fixed;
    return $seed;
}

# How many, by VARIABLE of the environment, or in a check and in a soak.
sub amount {
    my ( $variable, $check, $soak ) = @_;
    return $ENV{$variable} // ( is_soak() ? $soak : $check );
}

# Returns a function that returns the number of the next round, from 1 on; and 0 at the end: after COUNT rounds
# (or those of VARIABLE), in a soak after so many SECONDS.
sub rounds {
    my ( $variable, $count, $seconds ) = @_;
    $count = $ENV{$variable} // $count;
    my $until = is_soak() && !defined $ENV{$variable} ? time + $seconds : undef;
    my $round = 0;
    return sub { return ( defined $until ? time < $until : $round < $count ) ? ++$round : 0 };
}

1;
