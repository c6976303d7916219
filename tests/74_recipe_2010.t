#!/usr/bin/perl
# What this program is for: on the same logs, the recipe of 2010 gets visits and every version of Windows wrong,
# and the helper gets them right.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats    ();
use File::Temp qw(tempdir);
use Generate   ();
use List::Util qw(sum0);
use Program    qw(helper run);
use Recipe2010 ();
use Soak       qw(amount);
use Test::More;

my $records = amount( 'RECIPE_RECORDS', 6_000, 60_000 );
my $scratch = tempdir( CLEANUP => 1 );
my $include = 'Include "' . AWStats::configurations() . "/cloudfront-download.conf\"\n";
my $any_host = qq(HostAliases="REGEX[.]"\n);

mkdir "$scratch/$_" or die "$scratch/$_: $!\n" for 'raw', 'unpacked';
{
    my @legacy = grep { $_ ne 'v2' } @Generate::ERAS;
    my $logs = Generate::logs( seed => 74, records => $records, files => 480, eras => \@legacy );
    Generate::write_files( $logs, "$scratch/raw" );
    Generate::write_truth( $logs, "$scratch/plain.log" );
}
my ( $status, undef, $err ) =
  run( '/bin/sh', '-c', Recipe2010::commands( "$scratch/raw", "$scratch/unpacked", "$scratch/merged.log" ) );
is $status, 0, 'the recipe runs' or diag $err;

my %config = (
    truth  => $include . qq(LogFile="$scratch/plain.log"\n),
    ours   => $include . 'LogFile="' . helper() . qq( cat $scratch/raw |"\n),
    recipe => $Recipe2010::CONFIG . qq(LogFile="$scratch/merged.log"\n),
);
my ( %visits, %systems );
for my $name ( sort keys %config ) {
    my $awstats = AWStats->new( plugin => 0 );
    $awstats->config( 'test', $config{$name} . $any_host );
    my ( $status, $output ) = $awstats->run( 'test', '-update' );
    is $status, 0, "$name: awstats.pl -update" or diag $output;
    $visits{$name} = $awstats->total( 'test', 'TotalVisits' );
    my $section = $awstats->section( 'test', 'OS' );
    $systems{$name} = { map { $_ => $section->{$_}[0] } keys %$section };
}

sub windows {
    my ($name) = @_;
    my %known = %{ $systems{$name} };
    return { map { $_ => $known{$_} } grep { /^win/ } keys %known };
}

cmp_ok $visits{truth}, '>', $records / 120, 'there are visits';
is $visits{ours},     $visits{truth}, 'ours: visits';
isnt $visits{recipe}, $visits{truth}, 'recipe: visits are wrong';

my @versions = sort grep { $_ ne 'winunknown' } keys %{ windows('truth') };
cmp_ok scalar @versions, '>=', 7, 'there are versions of Windows, from XP to 10';
is_deeply $systems{ours}, $systems{truth}, 'ours: systems';
isnt( $systems{recipe}{$_} // 0, $systems{truth}{$_}, "recipe: $_ is wrong" ) for @versions;
note sprintf '%-12s %8s %8s %8s', '',       qw(truth ours recipe);
note sprintf '%-12s %8d %8d %8d', 'visits', @visits{qw(truth ours recipe)};
for my $system ( @versions, 'winunknown' ) {
    note sprintf '%-12s %8d %8d %8d', $system, map { $systems{$_}{$system} // 0 } qw(truth ours recipe);
}
is sum0( map { $systems{recipe}{$_} // 0 } @versions ), 0, 'recipe: no version of Windows is known at all';
cmp_ok( $systems{recipe}{winunknown} // 0, '>', $systems{truth}{winunknown}, 'recipe: its Windows is unknown' );

done_testing;
