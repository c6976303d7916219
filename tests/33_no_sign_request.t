#!/usr/bin/perl
# Requests without credentials, for a public bucket: --no-sign-request, and sign = no in a site.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AwsServices;
use Program qw(helper run write_file);

my $helper = helper();
my $aws = AwsServices->new;
delete $ENV{$_} for grep { ( /^AWS_/ || /_proxy\z/i ) } keys %ENV;
my %environment = $aws->environment;
@ENV{ keys %environment } = values %environment;
my @keys = ( AWS_ACCESS_KEY_ID => 'AKIDENV', AWS_SECRET_ACCESS_KEY => 's3kr1t/AKIDENV' );
$aws->behave( s3 => { objects => 3 } );

# The requests of a run, and whether they were signed.
sub seen {
    my ( $want, @command ) = @_;
    my ( $status, $out, $err ) = run( $helper, @command );
    is( $status, $want, "@command[0..1]: exit status $want" ) or diag("$out$err");
    my @requests = $aws->requests;
    $aws->forget;
    cmp_ok( scalar @requests, '>', 0, 'there were requests' );
    is( scalar( grep { $_->{service} ne 's3' } @requests ), 0, 'none of them was for credentials' );
    return ( scalar( grep { $_->{headers}{authorization} } @requests ), $out, $err );
}

my @source = ( 's3://logs/x', '--endpoint', $aws->endpoint );
{
    my ( $signed, $out ) = seen( 0, 'cat', '--no-sign-request', @source );
    is( $signed, 0, '--no-sign-request: no request is signed' );
    like( $out, qr/^#End: records=3 /m, '--no-sign-request: the objects are read' );
}
{
    local @ENV{ 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY' } = @keys[ 1, 3 ];
    my ($signed) = seen( 0, 'cat', '--no-sign-request', @source );
    is( $signed, 0, 'keys of the environment do not count' );
    ($signed) = seen( 0, 'cat', @source );
    cmp_ok( $signed, '>', 0, 'without the option they do' );
}

my $public = write_file( $aws->folder . '/public', "[profile public]\nregion = eu-west-1\n" );
foreach ( [ 'AWS_PROFILE', [] ], [ '--profile', [ '--profile', 'gone' ] ] ) {
    my ( $name, $option ) = @$_;
    local @ENV{qw(AWS_CONFIG_FILE AWS_PROFILE)} = ( $public, @$option ? 'public' : 'gone' );
    my ( $status, undef, $err ) = run( $helper, 'cat', '--no-sign-request', @source, @$option );
    is( $status, 1, "$name names a profile that does not exist: exit status 1" );
    like( $err, qr/no AWS profile gone in \S+ or \S+; choose one of these \(.*public\)/,
        "$name: the profile is named" );
    is( scalar( my @none = $aws->requests ), 0, "$name: no request" );
    $aws->forget;
}

my $config = write_file( $aws->folder . '/conf',
    "[cdn]\nsource = s3://logs/x\nendpoint = ${\ $aws->endpoint}\nsign = no\nstate = ${\ $aws->folder}/cdn.db\n" );
my ( $signed, $out ) = seen( 0, 'check', '--config', $config, '--site', 'cdn' );
is( $signed, 0, 'sign = no: no request is signed' );
like( $out, qr/^ok    credentials: none: requests are not signed \(sign = no\)$/m, 'check tells' );

write_file( $config, "[cdn]\nsource = s3://logs/x\nsign = maybe\n" );
my ( $status, undef, $err ) = run( $helper, 'cat', '--config', $config, '--site', 'cdn' );
is( $status, 1, 'another value: exit status 1' );
like( $err, qr/conf:3: sign.*must be yes or no/, 'another value: what to write' );

$aws->behave( s3 => { status => 403, body => '<Error><Code>AccessDenied</Code></Error>' } );
( undef, undef, $err ) = seen( 1, 'cat', '--no-sign-request', @source );
like( $err, qr/access denied; requests are not signed: take away sign = no/, 'a bucket that is not public' );

done_testing;
