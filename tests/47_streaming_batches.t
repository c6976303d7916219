#!/usr/bin/perl
# Streaming logs, batch by batch: open views wait for the next batch, and the bytes of all batches are exact,
# whether the plugin or a pipe reads them.
use strict;
use warnings;
use Test::More;
use FindBin    qw($Bin);
use List::Util qw(sum0 shuffle);
use lib "$Bin/lib";
use Program qw(run);
use Site;

my $header = '#Fields: date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id cs-uri-stem '
  . "cs-uri-query c-referrer x-page-url c-user-agent x-sname x-sname-query x-file-ext x-sid\n";

sub event {
    my ( $client, $time, $kind, $bytes, $stream ) = @_;
    my $at = sprintf '%02d:%02d:%02d', $time / 3600, $time / 60 % 60, $time % 60;
    return join( "\t",
        '2010-12-05', $at, 'LHR5', '192.0.2.1', $kind, $bytes, 'OK', $client, 'rtmp://s1.example.net/app',
        '-',          '-', '-',    '-',         $stream // '-',
        '-',          defined $stream ? 'flv' : '-', '1' )
      . "\n";
}

sub bytes {
    return sum0( map { $_->[3] } @{ $_[0]{rows} } );
}

sub kinds {
    return join ' ', map { "$_->[20]:$_->[3]" } @{ $_[0]{rows} };
}

# One view over three batches.
for my $mode ( 'later', '' ) {
    my $name = $mode ? 'plugin' : 'pipe';
    my $site = Site->new;
    my @want = $mode ? ( '', '', 'view:900', '' ) : ( 'view:300', 'more:500', 'more:100', 'more:100' );
    my @part = (
        event( 'c', 10, 'connect', 100 ) . event( 'c', 20, 'play', 300, 'a' ),
        event( 'c', 30, 'pause',   800,  'a' ),
        event( 'c', 40, 'stop',    900,  'a' ) . event( 'c', 41, 'disconnect', 900 ),
        event( 'c', 42, 'stop',    1000, 'a' ),
    );
    for my $i ( 0 .. 3 ) {
        $site->put( "E1.2010-12-05-1$i.a.gz", $header . $part[$i] );
        my $run = $site->cat($mode);
        is( kinds($run),              $want[$i],   "$name: batch $i" ) or diag( $run->{err} );
        is( $site->cat($mode)->{out}, $run->{out}, "$name: batch $i again" ) if $mode;
        like(
            ( $site->status )[1],
            qr/^  streaming views in progress \(counted when they end\): ${\ ($i == 1 ? 1 : '\d')}$/m,
            "$name: status"
        );
        is( ( $site->commit( $run->{id} ) )[0], 0, "$name: commit $i" );
    }
}

# Damaged views in the ledger: nothing is counted without them.
{
    my $site = Site->new;
    $site->put( 'E1.2010-12-05-10.a.gz',
        $header . event( 'c', 10, 'connect', 100 ) . event( 'c', 20, 'play', 300, 'a' ) );
    is( ( $site->commit( $site->cat_later->{id} ) )[0], 0, 'damaged views: before' );
    my ( $status, undef, $err ) = run( 'python3', '-c', <<'PYTHON', $site->state );
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE state SET value = x'00' WHERE name = 'views'")
db.commit()
PYTHON
    is( $status, 0, 'damaged views: made' ) or diag($err);
    my $run = $site->cat_later;
    is( $run->{status}, 1,  'damaged views: exit status 1' );
    is( $run->{out},    '', 'damaged views: no output' );
    like(
        $run->{err},
qr/\A[^\n]*cdn\.db: this ledger file \(what is counted so far\) is corrupt \(its streaming views cannot be read\); [^\n]*\n\z/,
        'damaged views: one line'
    );
}

# Connections at random, split over batches in any order; some batches are begun and taken up again.
srand 11;
for my $mode ( 'later', '' ) {
    my $name = $mode ? 'plugin' : 'pipe';
    my ( %total, @events );
    for my $client ( map { "c$_" } 1 .. 100 ) {
        my ( $time, $bytes ) = ( int rand 50_000, 100 );
        push @events, event( $client, $time, 'connect', $bytes );
        for ( 1 .. 1 + rand 8 ) {
            $time  += int rand 60;
            $bytes += int rand 100_000;
            push @events, event( $client, $time, (qw(play pause unpause stop))[ rand 4 ], $bytes, (qw(a b))[ rand 2 ] );
        }
        push @events, event( $client, $time + 1, 'disconnect', $bytes ) if rand() < 0.7;
        $total{$client} = $bytes;
    }
    my $site = Site->new;
    my ( $got, $number ) = ( 0, 0 );
    @events = shuffle @events;
    while ( my @some = splice @events, 0, 60 ) {
        $site->put( sprintf( 'E1.2010-12-05-10.%04d.gz', $number++ ), join '', $header, @some );
        my $run = $site->cat($mode);
        $run = $site->cat($mode) if $mode && rand() < 0.5;
        $got += bytes($run);
        $site->commit( $run->{id} ) if $mode;
    }

    # A day later all that is open is over.
    $site->put( 'E1.2010-12-07-10.end.gz',
        $header . event( 'last', 0, 'connect', 7 ) =~ s/12-05/12-07/r . event( 'last', 1, 'disconnect', 7 ) =~
          s/12-05/12-07/r );
    $got += bytes( $site->cat );
    is( $got, 7 + sum0( values %total ), "$name: the bytes of $number batches are those of all connections" );
    like(
        ( $site->status )[1],
        qr/^  streaming views in progress \(counted when they end\): 0$/m,
        "$name: nothing is open"
    );
}

done_testing;
