#!/usr/bin/perl
# A full disk under the work, or under the histories of shards: map and reduce say so in one line, with what to do, and do
# all when they run again.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats     ();
use Compiler    ();
use CountedSite ();
use File::Temp  ();
use Program     qw(run);
use Shards      qw(is_same plan_batch task update);
use Test::More;

plan skip_all => 'the sanitizers do not allow failing calls' if AWStats::helper() =~ /asan/;

my $folder = File::Temp->newdir;
my $shim = Compiler::fault_library( 'fail_nth', "$folder" );
my ( $site, $whole ) = map { CountedSite->new } 1, 2;
foreach my $month ( 10, 11 ) {
    my @records = map { CountedSite::record( "2026-$month-20 10:00:00", host => "192.0.2.$_" ) } 1 .. 60;
    $_->deliver(@records) foreach $site, $whole;
}
update($whole);
my $work = $site->folder . '/work';
plan_batch( $site, $work, 2, 1 );

# Runs a task with a disk under PLACE that is full from the NTH call on.
sub run_full {
    my ( $place, $nth, @words ) = @_;
    unlink "$folder/calls";
    local %ENV = (
        %ENV,
        LD_PRELOAD  => $shim,
        FAIL_FOLDER => $place,
        FAIL_NTH    => $nth,
        FAIL_CALLS  => "$folder/calls",
        FAIL_FULL   => 1
    );
    return run( { together => 1 }, AWStats::helper(), @words, "--work=$work" );
}

my ( $status, $output );
my $full = 0;
for my $nth ( 1 .. 200 ) {
    ( $status, $output ) = run_full( $work, $nth, 'map', '--part=0' );
    last if $status == 0;
    $full++;
    is( $status, 1, "map, call $nth: the exit status" );
    like(
        $output,
        qr/\Aawstats-cloudfront: \Q$work\E[^\n]*: No space left on device; free space there\n\z/,
        "map, call $nth: one line says why, and what to do"
    );
}
is( $status, 0, 'map: at last no call fails' ) or diag $output;
cmp_ok( $full, '>', 3, 'map: calls that fail' );
task( 0, 'prepare', "--work=$work" );

my %seen = ( awstats => 0, other => 0 );
for my $nth ( map { 1 + 5 * $_ } 0 .. 60 ) {
    ( $status, $output ) = run_full( $site->folder . '/data', $nth, 'reduce', '--shard=0' );
    last if $status == 0;
    is( $status, 1, "call $nth: the exit status" );
    like(
        $output,
        qr/\Aawstats-cloudfront: [^\n]*\b(?:No space left on device|history files could not be renamed)\b[^\n]*\n\z/,
        "call $nth: one line says why"
    );
    unlike( $output, qr/run the update again/, "call $nth: an update would not help" );
    $seen{ $output =~ /; free space there, and run awstats-cloudfront reduce again/ ? 'awstats' : 'other' }++;
}
is( $status, 0, 'at last no call fails' ) or diag $output;
cmp_ok( $seen{$_}, '>', 0, "a full disk for: $_" ) foreach sort keys %seen;
task( 0, 'reduce', "--work=$work", '--shard=1' );
task( 0, 'collect', "--work=$work" );
is_same( $site, $whole, 'a full disk' );

done_testing;
