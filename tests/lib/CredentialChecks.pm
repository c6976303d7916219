package CredentialChecks;

# What the tests of the services that give keys check: whose key a run of cat asked the bucket with, or the one line with
# which it refused.  The services are AwsServices.

use strict;
use warnings;
use AwsServices;
use Exporter qw(import);
use Program  qw(helper run);
use Test::More;

our @EXPORT_OK = qw(is_key is_refused seen services);

my $aws;

# Starts the services, for a machine that has no settings of AWS but these: CONFIG, the text of ~/.aws/config, and the
# keys of the profile base.
sub services {
    my ($config) = @_;
    $aws = AwsServices->new;
    delete $ENV{$_} for grep { ( /^AWS_/ || /_proxy\z/i ) } keys %ENV;
    my %environment = $aws->environment;
    @ENV{ keys %environment } = values %environment;
    $aws->put( credentials => "[base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = s3kr1t/AKIDBASE\n" );
    $aws->put( config      => $config );
    return $aws;
}

# Runs cat; returns {status, err, key}: the access key ID that the bucket was asked with.
sub seen {
    my ( $name, @option ) = @_;
    $aws->forget;
    my ( $status, $out, $err ) = run( helper(), 'cat', 's3://logs/x', '--endpoint', $aws->endpoint, '-v', @option );
    my ($request) = reverse $aws->requests('s3');
    my ($key) = $request ? $request->{headers}{authorization} =~ m{Credential=(.*?)/} : '';
    unlike( "$out$err", qr/s3kr1t|t0ken|eyJ|imds-token|ecs-token|sso-refresh/, "$name: no secret is shown" );
    $err =~ s/^awstats-cloudfront: \d+ records.*\n//m;
    return { status => $status, err => $err, key => $key };
}

# The run asks the bucket with this key.
sub is_key {
    my ( $name, $key, @option ) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $seen = seen( $name, @option );
    is( $seen->{key},    $key, $name ) or diag( $seen->{err} );
    is( $seen->{status}, 0,    "$name: exit status 0" );
    return;
}

# The run fails with one line.
sub is_refused {
    my ( $name, $error, @option ) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $seen = seen( $name, @option );
    is( $seen->{status},         1, "$name: exit status 1" );
    is( $seen->{err} =~ tr/\n//, 1, "$name: one line" ) or diag( $seen->{err} );
    like( $seen->{err}, $error, $name );
    is( $seen->{key}, '', "$name: the bucket is not asked" );
    return;
}

1;
