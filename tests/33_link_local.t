#!/usr/bin/perl
# The services that only the own machine reaches, at AWS's own addresses: the metadata of EC2, by IPv4 and IPv6, and the
# roles of containers of ECS and EKS.  The test has a network of its own, in which these addresses are its own.
use strict;
use warnings;
use Test::More;
use FindBin        qw($Bin);
use IO::Socket::IP ();
use lib "$Bin/lib";
use AwsServices;
use Program qw(helper run start);

if ( !$ENV{OWN_NETWORK} ) {
    plan skip_all => 'only root can have a network namespace' if $> != 0;
    plan skip_all => 'network namespaces are not possible here' if system( 'unshare', '-n', 'true' ) != 0;
    local $ENV{OWN_NETWORK} = 1;
    exec 'unshare', '-n', $^X, $0, @ARGV or die "unshare: $!\n";
}

my $helper = helper();
my @addresses = ( '169.254.169.254', '169.254.170.2', '169.254.170.23', 'fd00:ec2::254', 'fd00:ec2::23' );
run( 'ip', 'link', 'set', 'lo', 'up' );
for my $address (@addresses) {
    my ( $status, undef, $err ) =
      run( 'ip', 'address', 'add', $address . ( $address =~ /:/ ? '/128' : '/32' ), 'dev', 'lo' );
    plan skip_all => "no address $address here: $err" if $status;
}
my $aws = AwsServices->new;
my @jobs = map {
    start(
        'socat',
        ( /:/ ? "TCP6-LISTEN:80,bind=[$_]" : "TCP4-LISTEN:80,bind=$_" ) . ',fork,reuseaddr',
        'TCP4:' . $aws->endpoint =~ s{http://}{}r
    )
} @addresses;

END {
    kill TERM => map { $_->{pid} } @jobs if @jobs;
}

# Waits until each is there.
for my $address (@addresses) {
    my $url = 'http://' . ( $address =~ /:/ ? "[$address]" : $address ) . '/';
    my $tries = 2400;
    until ( IO::Socket::IP->new( PeerHost => $address, PeerPort => 80 ) || !$tries-- ) {
        select undef, undef, undef, 0.05;
    }
    cmp_ok( $tries, '>', 0, "$url is there" );
}

delete $ENV{$_} for grep { ( /^AWS_/ || /_proxy\z/i ) } keys %ENV;
$ENV{HOME} = $aws->home;
$ENV{AWS_METADATA_SERVICE_TIMEOUT} = 60;

sub is_key {
    my ( $name, $host, $key, %environment ) = @_;
    local @ENV{ keys %environment } = values %environment;
    $aws->forget;
    my ( $status, undef, $err ) = run( $helper, 'cat', 's3://logs/x', '--endpoint', $aws->endpoint );
    is( $status, 0, "$name: exit status 0" ) or diag($err);
    my ($asked) = $aws->requests;
    is( $asked->{headers}{host}, $host, "$name: the host" );
    my ($request) = $aws->requests('s3');
    like( $request->{headers}{authorization}, qr{Credential=$key-\d+/}, "$name: the keys" );
    return;
}

is_key( 'EC2',         '169.254.169.254', 'IMDS-machine' );
is_key( 'EC2 by IPv6', '[fd00:ec2::254]', 'IMDS-machine', AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE => 'IPv6' );
is_key( 'ECS',         '169.254.170.2',   'ECS', AWS_CONTAINER_CREDENTIALS_RELATIVE_URI => '/v2/credentials/1' );
is( ( $aws->requests('ecs') )[0]{path}, '/v2/credentials/1', 'ECS: the path' );
is_key( 'EKS', '169.254.170.23', 'ECS', AWS_CONTAINER_CREDENTIALS_FULL_URI => 'http://169.254.170.23/v1/credentials' );
is_key(
    'EKS by IPv6', '[fd00:ec2::23]',
    'ECS',         AWS_CONTAINER_CREDENTIALS_FULL_URI => 'http://[fd00:ec2::23]/v1/credentials'
);
is_key(
    'both URIs', '169.254.170.2', 'ECS',
    AWS_CONTAINER_CREDENTIALS_FULL_URI     => 'http://169.254.170.23/v1/credentials',
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI => '/v2/credentials/1'
);

done_testing;
