#!/usr/bin/perl
# The power fails during an update, and the disk loses, reorders and tears what was not synced.  The next update ends with
# the figures, ledger and files of an update without a power cut.  See tests/lib/PowerCut.pm.  POWER_CUT_STATES chooses
# how many states of each kind of update are tried (in a soak all), and POWER_CUT_SEED which;
# POWER_CUT_CHAIN how many cuts follow each other.
use strict;
use warnings;
use Test::More;
use FindBin    qw($Bin);
use List::Util qw(shuffle);
use lib "$Bin/lib";
use PowerCut qw(scenarios soak_scenarios);
use Soak     qw(amount is_soak seed);

my $missing = PowerCutDisk::missing();
plan skip_all => "$missing: no disk whose power can be cut" if $missing;

my $limit = amount( 'POWER_CUT_STATES', 13, 1_000_000 );
srand seed( 'POWER_CUT_SEED', 81 );

foreach my $scenario ( scenarios(), is_soak() ? soak_scenarios() : () ) {
    my $cuts = PowerCut->new($scenario);
    my ( $tried, @failed ) = 0;
    foreach my $state ( shuffle $cuts->states( is_soak() ? 20 : 1 ) ) {
        my $difference = $cuts->difference($state) // next;
        push @failed, $cuts->describe($state) . ": $difference" if $difference ne '';
        last if ++$tried >= $limit || @failed >= 5;
    }
    is( "@failed", '', "$scenario: the update after a cut" );
    cmp_ok( $tried, '>', 12, "$scenario: there were states" );
    note "$scenario: $tried states of ", scalar $cuts->changes, ' changes';
}

# A power cut in the update after a power cut, and so on.
is( PowerCut->chain( amount( 'POWER_CUT_CHAIN', 8, 500 ) ), '', 'a chain of cuts: everything once' );

# The test notices a sync that is missing: that of the history, without which the ledger knows of a batch that the
# history does not have.
{
    my $cuts = PowerCut->new('second batch');
    my ($sync) = grep { ( $cuts->changes )[ $_ - 1 ] =~ /^sync awstats/ } $cuts->syncs;
    my $count = $cuts->changes;
    isnt( $cuts->difference( [ $count, 'names', 1 ], $sync ), '', 'the history is not synced: a difference' );
    is( $cuts->difference( [ $count, 'names', 1 ] ), '', 'the history is synced: none' );
}

done_testing;
