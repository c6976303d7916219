#!/usr/bin/perl
# Runs at the same time: of one site only one works, of twenty sites all do.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use Program qw(finish);
use Site;

# Many runs of one site, each of which commits, while objects arrive.
{
    my $site = Site->new;
    my ( %got, %status );
    my $count = 0;
    for my $round ( 1 .. 5 ) {
        my @job;
        for ( 1 .. 4 ) {
            $site->put( sprintf( 'E1.2026-10-31-10.%04d.gz', $count ), Site::log_text( "/$count", "/$count/b" ) );
            $count++;
            push @job, $site->start( '', '-q', $_ % 2 ? ( '--wait', 60 ) : () );
        }
        for (@job) {
            my $run = Site::result( finish($_) );
            $status{ $run->{status} }++;
            if ( $run->{status} == 3 ) {
                is( $run->{out}, '', 'a run that leaves writes nothing' );
                like(
                    $run->{err},
                    qr/\A[^\n]*another run is using the ledger file \S+ \(process \d+, since [^\n]*\n\z/,
                    'and names the process'
                );
                next;
            }
            $got{$_}++ for split / /, $run->{paths};
        }
    }
    $got{$_}++ for split / /, $site->cat->{paths};
    is( scalar keys %got,                                2 * $count, 'one site: nothing lost' );
    is( scalar( grep { $_ != 1 } values %got ),          0,          'one site: nothing twice' );
    is( join( ' ', sort grep { $_ != 3 } keys %status ), '0',        'no other exit status than 0 and 3' );
    cmp_ok( $status{0}, '>=', 10, 'those that wait have their turn' );
}

# Twenty sites.
{
    my @site = map { Site->new } 1 .. 20;
    for my $i ( 0 .. $#site ) {
        $site[$i]->put( "E1.2026-10-31-10.$_.gz", Site::log_text( map { "/$i/$_" } 1 .. 100 ) ) for 1 .. 5;
    }
    for my $round ( 'records=500 bad=0 quarantined=0', 'records=0 bad=0 quarantined=0' ) {
        my @job = map { $_->start('') } @site;
        is(
            join( '|', map { Site::result( finish($_) )->{end} // 'failed' } @job ),
            join( '|', ($round) x 20 ),
            "twenty sites: $round"
        );
    }
}

done_testing;
