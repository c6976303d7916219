#!/usr/bin/perl
# The threads that read a bucket block all signals, so that the first thread alone gets them.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use HostileStore qw(contents page response);
use Program      qw(content finish helper start);
use Time::HiRes  qw(sleep);

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

done_testing;
