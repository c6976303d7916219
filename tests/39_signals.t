#!/usr/bin/perl
# The threads that read a bucket block all signals, so that the first thread alone gets them, and a signal ends a command at
# once, also in the clean-up after a commit.
use strict;
use warnings;
use Test::More;
use Digest::MD5 qw(md5_hex);
use File::Temp  qw(tempdir);
use FindBin     qw($Bin);
use lib "$Bin/lib";
use HostileStore qw(contents page response);
use Program      qw(content finish helper start);
use Site;
use Time::HiRes qw(sleep);

my $folder = tempdir( CLEANUP => 1 );
HostileStore::set_environment($folder);

# A list of some objects; then the objects never come.
my $store = HostileStore->new(
    sub {
        my ( $request, $send ) = @_;
        return $send->( response( 200, page( join '', map { contents("cdn/$_") } 1 .. 4 ) ) )
          if $request->{path} eq '/logs';
        sleep 60;
        return;
    }
);

# The masks of blocked signals of a process' threads, but the first one.
sub masks {
    my ($pid) = @_;
    my @others = grep { !m{/$pid\z} } glob "/proc/$pid/task/*";
    return map { content("$_/status") =~ /^SigBlk:\s*(\w+)$/m ? hex substr $1, 8 : () } @others;
}

foreach ( [ 'cat', 2 ], [ 'fetch', 1, '--to', "$folder/to" ] ) {
    my ( $command, $least, @option ) = @$_;
    my $before = () = $store->requests;
    my $job = start( helper(), $command, 's3://logs/cdn/', '--endpoint', $store->endpoint, @option );
    for ( 1 .. 300 ) {
        last if ( () = $store->requests ) > $before + 1 && masks( $job->{pid} ) >= $least;
        sleep 0.1;
    }
    my @masks = masks( $job->{pid} );
    cmp_ok( scalar @masks, '>=', $least, "$command: it has threads" );
    is( scalar( grep { !( $_ & 1 << 14 ) || !( $_ & 1 << 1 ) } @masks ), 0, "$command: they block SIGTERM and SIGINT" );
    kill TERM => $job->{pid};
    is( ( finish($job) )[0], 143, "$command: SIGTERM ends it" );
}

# A list of an object, which comes; the response to its deletion never does.
$store = HostileStore->new(
    sub {
        my ( $request, $send ) = @_;
        my $log = HostileStore::content();
        return $send->( response( 200, $log, ETag => '"' . md5_hex($log) . '"' ) ) if $request->{path} ne '/logs';
        return $send->( response( 200, page( contents('cdn/1') ) ) ) if $request->{method} eq 'GET';
        sleep 60;
        return;
    }
);
foreach my $command ( 'cat', 'commit' ) {
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint, after => 'delete' );
    my @option = $command eq 'cat' ? '--commit' : ( '--batch', $site->cat_later->{id} );
    my $before = grep { /^POST/ } $store->requests;
    my $job = start( $site->command( $command, @option ) );
    for ( 1 .. 300 ) {
        last if grep( { /^POST/ } $store->requests ) > $before;
        sleep 0.1;
    }
    like( $site->report, qr/^  objects still to be deleted: 1$/m, "$command: the object is counted" );
    kill TERM => $job->{pid};
    is( ( finish($job) )[0], 143, "$command: SIGTERM ends the clean-up" );
}

done_testing;
