#!/usr/bin/perl
# A full disk under the histories of shards: reduce says so in one line, with what to do, and counts all when it runs again.
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
task( 0, 'map', "--work=$work", '--part=0' );
task( 0, 'prepare', "--work=$work" );

# Runs reduce with a disk that is full from the NTH call on.
sub reduce {
    my $nth = shift;
    unlink "$folder/calls";
    local %ENV = (
        %ENV,
        LD_PRELOAD  => $shim,
        FAIL_FOLDER => $site->folder . '/data',
        FAIL_NTH    => $nth,
        FAIL_CALLS  => "$folder/calls",
        FAIL_FULL   => 1
    );
    return run( { together => 1 }, AWStats::helper(), 'reduce', "--work=$work", '--shard=0' );
}

my %seen = ( awstats => 0, other => 0 );
my ( $status, $output );
for my $nth ( map { 1 + 5 * $_ } 0 .. 60 ) {
    ( $status, $output ) = reduce($nth);
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
