#!/usr/bin/perl
# The helper trusts a store behind TLS whose certificate AWS_CA_BUNDLE vouches for, and no other certificate.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use Program qw(helper run);
use S3Server;

my $helper = helper();
my $server = S3Server->new;
my $dir = tempdir( CLEANUP => 1 );
my @tls;
END { local $?; kill TERM => @tls if @tls }

$server->set_environment;
$server->make_bucket('logs');
$server->put( 'logs', 'cdn/a',
        "#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes cs(Host) cs(Referer) cs(User-Agent)\n"
      . "2026-10-31\t12:00:00\t192.0.2.1\tGET\t/a\t200\t1\n" );

# A certificate for NAME, valid for DAYS; returns the paths of the certificate and of the key.
sub certificate {
    my ( $name, $days ) = @_;
    my @path = ( "$dir/$name-$days.cert", "$dir/$name-$days.key" );
    my ( $status, undef, $err ) = run( 'openssl', qw(req -x509 -newkey rsa:2048 -nodes),
        '-days', $days,
        '-subj', "/CN=$name", '-addext', "subjectAltName=$name", '-out', $path[0], '-keyout', $path[1] );
    $status == 0 or die "openssl: $err";
    return @path;
}

# TLS in front of the server; returns its port.
sub tls {
    my ( $certificate, $key ) = @_;
    my $said = "$certificate.log";
    push @tls, my $pid = fork // die "fork: $!\n";
    if ( !$pid ) {
        open STDERR, '>', $said or die;
        exec 'socat', '-d', '-d', "OPENSSL-LISTEN:0,bind=127.0.0.1,fork,cert=$certificate,key=$key,verify=0",
          'TCP:' . $server->address
          or die "socat: $!\n";
    }
    for ( 1 .. 100 ) {
        return $1 if -e $said && Program::content($said) =~ /listening on AF=2 127\.0\.0\.1:(\d+)/;
        select undef, undef, undef, 0.1;
    }
    die "socat does not listen\n";
}

my ( $good,  $good_key ) = certificate( 'IP:127.0.0.1', 2 );
my ( $other, $other_key ) = certificate( 'DNS:s3.example.com', 2 );
my $port = tls( $good, $good_key );
my $other_port = tls( $other, $other_key );

my @cat = ( $helper, 'cat', 's3://logs/cdn/', '--endpoint' );

sub refused {
    my ( $name,   $at,  $line ) = @_;
    my ( $status, $out, $err ) = run( @cat, "https://127.0.0.1:$at" );
    is( $status, 1,  "$name: exit status 1" );
    is( $out,    '', "$name: no output" );
    like( $err, qr/\A[^\n]*$line[^\n]*\n\z/, "$name: one line: " . ( $err =~ s/\n.*//sr ) );
}

refused( 'a certificate that nobody vouches for', $port, qr/cannot be trusted/ );
{
    local $ENV{AWS_CA_BUNDLE} = $good;
    my ( $status, $out, $err ) = run( @cat, "https://127.0.0.1:$port" );
    is( $status, 0, 'AWS_CA_BUNDLE: exit status 0' ) or diag($err);
    like( $out, qr{/a\t.*#End: records=1}s, 'AWS_CA_BUNDLE: the log' );
    refused( 'another one than vouched for', $other_port, qr/cannot be trusted/ );
    $ENV{AWS_CA_BUNDLE} = $other;
    refused( 'one for another name', $other_port, qr/cannot be trusted/ );
    $ENV{AWS_CA_BUNDLE} = "$dir/nowhere";
    refused( 'no such bundle', $port, qr/nowhere/ );
}
refused( 'http behind https', ( split /:/, $server->address )[1], qr/no TLS connection/ );

done_testing;
