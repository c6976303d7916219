#!/usr/bin/perl
# Several buckets' prefixes in one cat: no more transfers at once than for one.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use LimitedStore;
use Program qw(helper run);
use Site;

$ENV{AWS_ACCESS_KEY_ID} = 'AKIDEXAMPLE';
$ENV{AWS_SECRET_ACCESS_KEY} = 'secret';
$ENV{AWS_REGION} = 'us-east-1';
$ENV{no_proxy} = '*';

my %objects;
for my $folder ( 'a' .. 'h' ) {
    $objects{"$folder/E1.2026-10-31-10.$folder$_.gz"} = Site::log_text("/$folder/$_") for 10 .. 39;
}
my $store = LimitedStore->new( objects => \%objects, latency => 0.01 );
my ( $status, $out, $err ) =
  run( helper(), 'cat', '-j', 3, '--endpoint', $store->endpoint, map { "s3://logs/$_/" } 'a' .. 'h', 'none' );
is( $status, 0, 'eight sources, and an empty one: exit status' ) or diag $err;
like( $out, qr/^#End: records=240 bad=0 quarantined=0$/m, 'all records of all sources' );
my @served = grep { /^200 GET \/logs\/\w\// } $store->requests;
is( scalar @served, 240, 'each object once' );
my ($most) = sort { $b <=> $a } map { /\[(\d+)\]/ } $store->requests;
is( $most, 3, '--jobs 3: three at once, of all sources together' );

done_testing;
