#!/usr/bin/perl
# A store that allows few requests at once, or few a second, or has an outage: every object comes, and the helper
# makes hardly more requests than there are objects.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use LimitedStore;
use Program qw(helper run);

$ENV{AWS_ACCESS_KEY_ID} = 'AKIDEXAMPLE';
$ENV{AWS_SECRET_ACCESS_KEY} = 'secret';
$ENV{AWS_REGION} = 'us-east-1';
$ENV{no_proxy} = '*';
my $dir = tempdir( CLEANUP => 1 );

# Fetches all; returns the requests that the store has served, those that it has refused, and the messages.
sub fetch {
    my ( $name, $objects, %option ) = @_;
    my $store = LimitedStore->new( objects => $objects, %option );
    my ( $status, $out, $err ) =
      run( helper(), 'fetch', 's3://logs/cdn/', '--to', "$dir/$name", '--endpoint', $store->endpoint );
    is( $status, 0, "$name: exit status" ) or diag($err);
    my $count = grep { Program::content("$dir/$name/$_") eq $objects->{"cdn/$_"} } map { s{^cdn/}{}r } keys %$objects;
    is( $count, scalar keys %$objects, "$name: every object came" );
    my @requests = $store->requests;
    my $refused = grep { !/^2/ } @requests;
    return ( @requests - $refused, $refused, $err );
}

sub objects {
    my ($count) = @_;
    return { map { ( sprintf( 'cdn/%04d', $_ ) => "log $_\n" x 50 ) } 1 .. $count };
}

for ( [ 'eight-at-once', 400, at_once => 8 ], [ 'hundred-a-second', 400, per_second => 100 ] ) {
    my ( $name,   $count,   @limit ) = @$_;
    my ( $served, $refused, $err ) = fetch( $name, objects($count), @limit );
    is( $served, $count + 1, "$name: no object is asked for again" );
    cmp_ok( $refused, '>', 0,          "$name: the store has refused some" );
    cmp_ok( $refused, '<', $count / 4, "$name: hardly more requests than objects" );
}

# One refused request does not slow the others down for ever: no limit, and the window grows.
{
    my $store = LimitedStore->new( objects => objects(1500), latency => 0.05 );
    my ($status) = run( helper(), 'fetch', 's3://logs/', '--to', "$dir/many", '--endpoint', $store->endpoint );
    is( $status, 0, 'a store without limits: exit status' );
    my ($most) = sort { $b <=> $a } map { /\[(\d+)\]/ } $store->requests;
    cmp_ok( $most, '>',  16,  'a store without limits: more requests at once than at first' );
    cmp_ok( $most, '<=', 256, 'a store without limits: not more than 256' );
}
{
    my $store = LimitedStore->new( objects => objects(100) );
    my ($status) = run( helper(), 'fetch', '-j', 3, 's3://logs/', '--to', "$dir/few", '--endpoint', $store->endpoint );
    is( $status, 0, '--jobs 3: exit status' );
    my ($most) = sort { $b <=> $a } map { /\[(\d+)\]/ } $store->requests;
    is( $most, 3, '--jobs 3: three at once' );
}

# Outages in mid-run, longer than a request alone is tried.  A longer outage takes more tries, some twenty a second at
# last.
my ( $seconds, $most ) = $ENV{HTTP_OUTAGE_S} ? ( 2, 300 ) : ( 15, 600 );
for ( [ 'closed', 'closed' ], [ 'unavailable', 503 ] ) {
    my ( $name,   $kind ) = @$_;
    my ( $served, $refused ) = fetch( $name, objects(200), outage => [ 100, $seconds, $kind ] );
    cmp_ok( $served,  '<=', 200 + 1, "$name: no object is asked for again" );
    cmp_ok( $refused, '>',  7,       "$name: there was an outage" );
    cmp_ok( $refused, '<',  $most,   "$name: it does not multiply the requests" );
}

# A store that stays away: the run ends.
{
    my $store = LimitedStore->new( objects => objects(20), outage => [ 10, 1000, 504 ] );
    my ( $status, $out, $err ) =
      run( helper(), 'fetch', 's3://logs/', '--to', "$dir/gone", '--endpoint', $store->endpoint );
    is( $status, 1, 'an outage without end: exit status' );
    like( $err, qr{^\S+ s3://logs/cdn/00\d\d: .* \(tried \d+ times\)$}m, 'an outage without end: message' );
}

done_testing;
