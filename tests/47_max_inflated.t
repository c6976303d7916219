#!/usr/bin/perl
# An object that inflates to more than the setting max-inflated is left out by name, and the others are counted.
use strict;
use warnings;
use Test::More;
use Compress::Zlib ();
use FindBin        qw($Bin);
use lib "$Bin/lib";
use Program qw(helper run);
use Site;

my $large = Site::log_text( map { "/large/$_" . 'x' x 1000 } 1 .. 3000 );
my $size = length $large;
my $site = Site->new( 'max-inflated' => '1M' );
$site->put( 'E1.2026-10-31-10.bomb.gz',  Compress::Zlib::memGzip($large) );
$site->put( 'E1.2026-10-31-10.small.gz', Compress::Zlib::memGzip( Site::log_text('/small') ) );

my $run = $site->cat;
is( $run->{status}, 0,                               'too large: exit status' );
is( $run->{end},    'records=1 bad=0 quarantined=1', 'too large: the other object is counted' );
like(
    $run->{err},
qr/bomb\.gz: left out until it can be read: its compressed data inflates to more than 1048576 bytes, the limit of the setting "max-inflated"; [^\n]*\n/,
    'too large: message'
);
like( ( $site->status )[1], qr/left out: \S*bomb\.gz .*more than 1048576 bytes/, 'too large: status names it' );
$site->configure( 'max-inflated' => $size );
is( $site->cat->{end}, 'records=3000 bad=0 quarantined=0', 'an object that just meets a higher limit is counted' );

for my $case ( [ $size, 0 ], [ $size - 1, 1 ], [ '4M', 0 ], [ '2900k', 1 ], [ '1T', 0 ] ) {
    my ( $limit, $is_too_large ) = @$case;
    my ( $status, undef, $err ) = run( helper(), 'cat', '--max-inflated', $limit, $site->{source} );
    is( $status,                                 $is_too_large, "cat --max-inflated $limit: exit status" );
    is( $err =~ /inflates to more than/ ? 1 : 0, $is_too_large, "cat --max-inflated $limit: message" );
}
for my $value ( '0', '-1', '1X', '1kB', 'x', '99999999999999999999', '17179869184G' ) {
    my ( $status, undef, $err ) = run( helper(), 'cat', "--max-inflated=$value", $site->{source} );
    is( $status, 2, "a limit of $value: exit status" );
    like( $err, qr/\A[^\n]*must be a size such as 500M or 4G[^\n]*\n\z/, "a limit of $value: message" );
}

done_testing;
