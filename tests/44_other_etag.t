#!/usr/bin/perl
# A store or a proxy that changes the ETags of objects: its list has one, and the object comes with another.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use Program qw(run);
use S3Proxy;
use S3Server;
use Site;

my $server = S3Server->new;
$server->set_environment;
$server->make_bucket('logs');
my $error = qr/the object comes with another ETag than S3's list of objects has, so the S3 server, or a proxy, changes/;

# Each object whose path has WORD comes with another ETag.
sub changing {
    my ($word) = @_;
    my $edit = sub {
        my ( $head, $body ) = @_;
        return ( $head =~ s/^(ETag: "?\w+)/$1-gzip/mir, $body );
    };
    return S3Proxy->new( $server->address, sub { return $_[0]{path} =~ /$word.*gz/ ? { edit => $edit } : undef } );
}

sub put {
    my ( $prefix, @names ) = @_;
    $server->put( 'logs', "$prefix/E1.2026-10-31-10.$_.gz", Site::log_text("/$prefix/$_") ) for @names;
    return;
}

# All objects: nothing is counted, and the run says so.
{
    my ( $all, $site ) = ( changing(''), Site->new( source => 's3://logs/all/', region => $server->region ) );
    put( 'all', 1 .. 5 );
    for my $time ( 'first', 'second' ) {
        my $run = $site->cat( '', '--endpoint', $all->endpoint );
        is( $run->{status}, 1, "all objects, $time run: exit status 1" );
        like( $run->{err}, qr/\A\S+ s3:\S+\.1\.gz: $error.*\n\z/, "all objects, $time run: one line" );
        is( ( $site->status )[0], 0, "all objects, $time run: nothing is quarantined" );
    }
    cmp_ok( scalar( grep { /prefix=all%2FE1/ } $all->requests ), '<=', 2 * 3 * 3, 'not each object is listed again' );

    # check finds it.
    my ( $status, $out ) = run( $site->command( 'check', '--endpoint', $all->endpoint ) );
    is( $status, 1, 'check: exit status 1' );
    like( $out, qr/^FAIL  object: s3:\S+: $error/m, 'check: FAIL' );
    ( undef, $out ) = run( $site->command('check') );
    like( $out, qr/^ok    object: /m, 'check of a store that changes nothing' );
    is( $site->cat->{end}, 'records=5 bad=0 quarantined=0', 'once the ETags are right, all objects are counted' );
}

# Some objects, in one of two sources: they are quarantined, and the others are counted.
{
    my $some = changing('odd');
    my $site = Site->new( source => [ 's3://logs/a/', 's3://logs/b/' ], region => $server->region );
    put( 'a', 'odd',   'even' );
    put( 'b', 'whole', map { "odd$_" } 1 .. 4 );
    my $run = $site->cat( '', '--endpoint', $some->endpoint );
    is( $run->{status}, 0,                               'some objects: exit status 0' );
    is( $run->{end},    'records=2 bad=0 quarantined=5', 'some objects: the others are counted' );
    like( $run->{err}, qr/odd$_\.gz: left out until it can be read: $error/, "some objects: odd$_ is named" )
      for '', 1 .. 4;
    is( ( $site->status )[0],                                      4, 'some objects: status shows them' );
    is( $site->cat( '', '--endpoint', $some->endpoint )->{status}, 0, 'the next run, with nothing new: exit status 0' );
    is( $site->cat->{end}, 'records=5 bad=0 quarantined=0',           'once the ETags are right, they are counted' );
}

# An object that AWStats may have counted stays in its batch.
{
    my $some = changing('odd');
    my $site = Site->new( source => 's3://logs/c/', region => $server->region );
    put( 'c', 'odd', 'even' );
    my $first = $site->cat_later;
    my $again = $site->cat_later( '--endpoint', $some->endpoint );
    is( $again->{status}, 1, 'a prepared batch: exit status 1' );
    like( $again->{err}, qr/\A\S+ s3:\S+odd\.gz: $error.*\n\z/, 'a prepared batch: one line' );
    is( $site->cat_later->{out}, $first->{out}, 'a prepared batch: the same one, once the ETags are right' );
}

done_testing;
