#!/usr/bin/perl
# A site in a bucket whose store and network fail at random, listings included. A run prints its whole batch, or
# fails and changes nothing; once the errors are over, every record has come exactly once.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use S3Proxy;
use S3Server;
use Site;
use Soak qw(rounds seed);

srand( seed( 'FAULT_SEED', 49 ) );
my $next_round = rounds( 'FAULT_RUNS', 20, 300 );

my $server = S3Server->new;
$server->set_environment;
$server->make_bucket('logs');
my $site = Site->new( source => 's3://logs/cdn/', region => $server->region );

sub error {
    my ( $status, $code ) = @_;
    return { status => $status, body => "<Error><Code>$code</Code><Message>No</Message></Error>" };
}

sub edit {
    my ($change) = @_;
    return { edit => sub { my ( $head, $body ) = @_; $change->($body); return ( $head, $body ) } };
}

sub length_by {
    my ($more) = @_;
    return {
        edit => sub {
            my ( $head, $body ) = @_;
            $head =~ s/^(Content-Length: )(\d+)/$1 . ($2 + $more)/mie;
            return ( $head, $body );
        },
        cut => 100
    };
}
my @passing = (
    error( 500, 'InternalError' ),
    error( 503, 'SlowDown' ),
    { drop => 1 },
    { cut  => 0 },
    { cut  => 60 },
    { slow => 100 },
    length_by(5), length_by(-5), edit( sub { substr( $_[0], length( $_[0] ) / 2, 1 ) ^= "\1" } ),
);
my @staying = (
    error( 403, 'AccessDenied' ), error( 403, 'SignatureDoesNotMatch' ), error( 400, 'InvalidRequest' ),

    # of a listing: it ends early, or gives a page again
    edit( sub { $_[0] =~ s{<Contents>.*?</Contents>}{} } ),
    edit( sub { $_[0] =~ s{<IsTruncated>true}{<IsTruncated>false} } ),
    edit( sub { $_[0] =~ s{(<Contents>.*?</Contents>)}{$1$1}s } ),
    edit( sub { substr( $_[0], -40 ) = '' } ),
);
my ( %want, %got, %tally );
my $number = 0;
while ( my $round = $next_round->() ) {
    for ( 1 .. rand 4 ) {
        my $name = sprintf 'E1.2026-10-%02d-%02d.%d.gz', 1 + $number % 28, $number % 24, $number;
        my @path = map { "/$number/$_" } 1 .. 1 + rand 20;
        $server->put( 'logs', "cdn/$name", Site::log_text(@path) );
        $want{$_}++ for @path;
        $number++;
    }

    # The proxy's process decides by itself; its seed makes each round another one.
    my $round_seed = int rand 2**31;
    my $staying = $round % 3 == 0;
    my $bad = S3Proxy->new(
        $server->address,
        sub {
            my ($request) = @_;
            srand( $round_seed + $request->{count} + unpack '%32C*', $request->{path} . ( $request->{query} // '' ) );
            return if rand() > ( $staying ? 0.15 : 0.3 );
            return $staying && rand() < 0.5 ? $staying[ rand @staying ] : $passing[ rand @passing ];
        }
    );
    my $run = $site->cat_later( '-q', '--full', '--endpoint', $bad->endpoint );
    $tally{ $run->{status} == 0 ? 'given' : 'failed' }++;
    if ( $run->{status} != 0 ) {
        is( $run->{out}, '', "round $round: a run that fails gives nothing" ) if $run->{out} ne '';
        next;
    }
    $got{ $_->[7] }++ for @{ $run->{rows} };
    my ( $status, undef, $err ) = $site->commit( $run->{id} );
    is( $status, 0, "round $round: commit" ) or diag($err) if $status;
}
my $last = $site->cat_later('--full');
is( $last->{status},                               0, 'without faults: exit status 0' ) or diag( $last->{err} );
is( $last->{end} =~ /quarantined=(\d+)/ ? $1 : -1, 0, 'nothing is quarantined any more' );
$got{ $_->[7] }++ for @{ $last->{rows} };
is( ( $site->commit( $last->{id} ) )[0], 0, 'without faults: the batch is committed' );
my @lost = grep { !$got{$_} } sort keys %want;
my @twice = grep { $got{$_} > 1 } sort keys %got;
is( "@lost",          '',                'nothing lost' );
is( "@twice",         '',                'nothing twice' );
is( scalar keys %got, scalar keys %want, scalar( keys %want ) . ' records' );
note join ', ', map { "$tally{$_} runs $_" } sort keys %tally;
cmp_ok( $tally{given} // 0, '>', 0, 'some runs gave their batch' );

done_testing;
