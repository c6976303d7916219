#!/usr/bin/perl
# AWStats with the plugin and without it write the same history for random settings and logs, common and unusual.
# lib/Differential.pm explains the comparison, lib/DifferentialCase.pm what a seed stands for.
#
# A check runs the seeds that tests/differential-mutants --choose found, or the first DIFFERENTIAL_CHOSEN of them.
# DIFFERENTIAL_SEED and DIFFERENTIAL_SEEDS choose another first seed and how many follow, DIFFERENTIAL_THREADS how many logs
# several threads count, DIFFERENTIAL_KEEP a folder for cases that differ.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats          ();
use Differential     ();
use DifferentialCase ();
use GenerateUnusual  ();
use Program          ();
use Soak             qw(amount seed);
use Test::More;

# Few and fast ones, which together notice all that the seeds from 1 to 60 notice of what may be broken in AWStats' loop.
my @CHOSEN = ( 5, 15, 8, 26, 7, 58, 3, 49, 31, 57, 56, 38, 17, 54, 43, 13, 55, 51, 23, 18, 59, 21, 19, 12, 1, 28 );

my $first = seed( 'DIFFERENTIAL_SEED', 1 );
my $count = amount( 'DIFFERENTIAL_SEEDS', 0, 2000 );
my $chosen = amount( 'DIFFERENTIAL_CHOSEN', scalar @CHOSEN, scalar @CHOSEN );
my @seeds = $count ? $first .. $first + $count - 1 : @CHOSEN[ 0 .. $chosen - 1 ];
my %sum = map { $_ => 0 } 'new qualified', 'dropped', 'corrupted', 'old', 'blank', 'seeds';

for my $seed (@seeds) {
    my $case = DifferentialCase::of_seed($seed);
    my $comparison = Differential->new($case)->run;
    is $comparison->difference, '', "seed $seed";
    is_deeply [ $comparison->misplaced ], [], "seed $seed: the order that we expect of stock" if !$case->{damage};
    $sum{$_} += $comparison->found($_) for grep { $_ ne 'seeds' } keys %sum;
    $sum{seeds}++ if $comparison->found('new qualified');
}

# Checks that the equal files are not empty or trivial.
my $is_whole = $count >= 100 || !$count && $chosen == @CHOSEN;
cmp_ok $sum{seeds}, '>', 0.8 * @seeds, 'most seeds count records' if $is_whole || !$count;
if ($is_whole) {

    # The seeds were chosen with AWStats 7.8.  Another version has other lists of robots and browsers, so its
    # seeds draw other records.
    my ($version) = Program::content( AWStats::program() ) =~ /^\$VERSION\s*=\s*"([\d.]+) /m;
    my $least = $version eq '7.8' ? 20 : 5;
    cmp_ok $sum{$_}, '>', $least * @seeds, "$_ records" for 'new qualified', 'dropped', 'corrupted', 'old';
    cmp_ok $sum{blank}, '>', 0.02 * @seeds, 'blank';
}
note join ', ', map { "$sum{$_} $_" } sort keys %sum;

# Logs whose records several threads count to the end.
for my $seed ( $first .. $first + amount( 'DIFFERENTIAL_THREADS', 12, 500 ) - 1 ) {
    is( Differential->new( DifferentialCase::of_threads_seed($seed) )->run->difference, '', "threads seed $seed" );
}

# Everyday requests with the settings that we ship: it is the plugin's own loop that counts them.
my $everyday = $is_whole ? 10_000 : 3000;
{
    my $shipped = AWStats::configurations() . '/cloudfront-download.conf';
    my $records = GenerateUnusual::everyday( seed => $first, records => $everyday );
    my $comparison = Differential->new(
        {
            name   => 'everyday requests',
            config => [ qq(Include "$shipped"), 'HostAliases="REGEX[.]"' ],
            steps  => [$records]
        }
    )->run;
    is $comparison->difference,             '',        'everyday requests';
    is $comparison->found('new qualified'), $everyday, 'everyday requests: all are counted';
    cmp_ok $comparison->native_share, '>=', 0.9, 'everyday requests: counted by the plugin';
}

done_testing;
