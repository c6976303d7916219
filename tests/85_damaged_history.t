#!/usr/bin/perl
# AWStats with the plugin and without it write the same history, or both give up, when the history was damaged between
# two updates (lib/DamagedHistory.pm).
#
# HISTORY_SEED and HISTORY_SEEDS choose the first seed and how many follow, DIFFERENTIAL_KEEP a folder for cases that
# differ.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use Differential     ();
use DifferentialCase ();
use Soak             qw(amount seed);
use Test::More;

my $first = seed( 'HISTORY_SEED', 1 );
my $seeds = amount( 'HISTORY_SEEDS', 24, 400 );
my %sum = ( saved => 0, given_up => 0 );

for my $seed ( $first .. $first + $seeds - 1 ) {
    my $comparison = Differential->new( DifferentialCase::of_history_seed($seed) )->run;
    is $comparison->difference, '', "seed $seed";
    $sum{ $comparison->given_up ? 'given_up' : 'saved' }++;
}

# Checks that the equal files are not empty or trivial.
if ( $seeds >= 24 ) {
    cmp_ok $sum{saved},    '>', 0.5 * $seeds, 'most histories are continued';
    cmp_ok $sum{given_up}, '>', 0,            'with some AWStats gives up';
}
note join ', ', map { "$sum{$_} $_" } sort keys %sum;
done_testing;
