#!/usr/bin/perl
# Requests go to the address that the AWS settings name. A setting that cannot be followed is an error with its name.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AwsServices;
use HostileStore qw(response);
use Program      qw(helper run write_file);

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
delete $ENV{$_} for grep { /^AWS_|_proxy\z/i } keys %ENV;
@ENV{qw(HOME AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_CONFIG_FILE AWS_EC2_METADATA_DISABLED)} =
  ( $dir, 'AKIDEXAMPLE', 'secret', "$dir/config", 'true' );

# ---- the host -------------------------------------------------------------------------------------

# A proxy that refuses all: it sees the host that a request is for.
my $proxy = HostileStore->new(
    sub {
        my ( $request, $send ) = @_;
        $send->("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
        return;
    }
);
my ($ap) = 'arn:aws:s3:eu-west-1:123456789012:accesspoint/my-ap';

# A name, the settings of the profile, the environment, the source, options, and the host or the error.
my @cases = (
    [ 'nothing',  '',                   {}, 'logs', [], 'logs.s3.us-east-1.amazonaws.com' ],
    [ 'a region', 'region = eu-west-1', {}, 'logs', [], 'logs.s3.eu-west-1.amazonaws.com' ],
    [
        'a variable', 'region = eu-west-1', { AWS_REGION => 'eu-west-2' }, 'logs', [],
        'logs.s3.eu-west-2.amazonaws.com'
    ],
    [
        'an option',
        'region = eu-west-1',
        { AWS_REGION => 'eu-west-2' },
        'logs',
        [ '--region', 'eu-west-3' ],
        'logs.s3.eu-west-3.amazonaws.com'
    ],
    [ 'China',            'region = cn-north-1', {}, 'logs', [], 'logs.s3.cn-north-1.amazonaws.com.cn' ],
    [ 'aws-global',       'region = aws-global', {}, 'logs', [], 'logs.s3.amazonaws.com' ],
    [ 'legacy',           "s3 =\n  us_east_1_regional_endpoint = legacy", {},     'logs', [], 'logs.s3.amazonaws.com' ],
    [ 'legacy, variable', '', { AWS_S3_US_EAST_1_REGIONAL_ENDPOINT => 'legacy' }, 'logs', [], 'logs.s3.amazonaws.com' ],
    [ 'aws-global with FIPS', 'region = fips-aws-global', {}, 'logs', [], 'logs.s3-fips.us-east-1.amazonaws.com' ],
    [
        'aws-cn-global', 'region = aws-cn-global',
        {}, 'logs', [], qr/region aws-cn-global: S3 has no address by this name; write the region of the bucket/
    ],
    [
        'aws-us-gov-global', '', { AWS_REGION => 'aws-us-gov-global' },
        'logs', [], qr/region aws-us-gov-global: S3 has no address by this name/
    ],
    [
        'aws-cn-global at an endpoint',        'region = aws-cn-global',
        {},                                    'logs',
        [ '--endpoint', 'https://a.example' ], 'a.example'
    ],
    [ 'FIPS', 'use_fips_endpoint = true', {}, 'logs', [], 'logs.s3-fips.us-east-1.amazonaws.com' ],
    [
        'FIPS, variable',
        'use_fips_endpoint = false',
        { AWS_USE_FIPS_ENDPOINT => 'TRUE' },
        'logs', [], 'logs.s3-fips.us-east-1.amazonaws.com'
    ],
    [ 'FIPS, a region', 'region = fips-us-west-2', {}, 'logs', [], 'logs.s3-fips.us-west-2.amazonaws.com' ],
    [
        'FIPS, a region of GovCloud',
        'region = us-gov-west-1-fips',
        {}, 'logs', [], 'logs.s3-fips.us-gov-west-1.amazonaws.com'
    ],
    [
        'FIPS in China',
        "use_fips_endpoint = true\nregion = cn-north-1",
        {}, 'logs', [], qr/S3 has no FIPS endpoints in this region; remove use_fips_endpoint/
    ],
    [
        'FIPS, no truth',
        '', { AWS_USE_FIPS_ENDPOINT => '1' },
        'logs', [], qr/AWS_USE_FIPS_ENDPOINT=1: must be true or false/
    ],
    [
        'FIPS, yes', 'use_fips_endpoint = yes',
        {}, 'logs', [],
        qr{AWS profile default: use_fips_endpoint = yes: must be true or false; correct the setting in \S+/config}
    ],
    [
        'FIPS, no value',
        "region = us-west-2\nuse_fips_endpoint =",
        {}, 'logs', [], qr{: \S+/config:3: use_fips_endpoint has no value; write one, or remove the line$}
    ],
    [
        'services without a section',
        "region = us-west-2\nservices = mine\n[services other]\ns3 =\n  a = b",
        {}, 'logs', [], qr{: \S+/config:3: services = mine: \S+/config has no section \[services mine\]; add this}
    ],
    [ 'dual stack', 'use_dualstack_endpoint = true', {}, 'logs', [], 'logs.s3.dualstack.us-east-1.amazonaws.com' ],
    [
        'dual stack of S3', "s3 =\n  use_dualstack_endpoint = true",
        {},                 'logs',
        [],                 'logs.s3.dualstack.us-east-1.amazonaws.com'
    ],
    [
        'dual stack, variable',
        '', { AWS_USE_DUALSTACK_ENDPOINT => 'true' },
        'logs', [], 'logs.s3.dualstack.us-east-1.amazonaws.com'
    ],
    [
        'dual stack of S3 alone',
        "use_dualstack_endpoint = false\ns3 =\n  use_dualstack_endpoint = true",
        { AWS_USE_DUALSTACK_ENDPOINT => 'false' },
        'logs', [], 'logs.s3.dualstack.us-east-1.amazonaws.com'
    ],
    [
        'dual stack, but not of S3',
        "use_dualstack_endpoint = true\ns3 =\n  use_dualstack_endpoint = false",
        {}, 'logs', [], 'logs.s3.dualstack.us-east-1.amazonaws.com'
    ],
    [
        'settings of S3 in one line',
        's3 = addressing_style = path',
        {}, 'logs', [], qr{\S+/config:2: the line "s3 =" must have no value; write each setting of S3 into an indented}
    ],
    [
        'a setting of S3 without a value',
        "s3 =\n  use_accelerate_endpoint =",
        {}, 'logs', [], qr{\S+/config:3: use_accelerate_endpoint has no value; write one, or remove the line}
    ],
    [
        'services in one line',
        "services = x\n[services x]\ns3 = endpoint_url = https://a.example",
        {}, 'logs', [], qr{\S+/config:4: the line "s3 =" must have no value;}
    ],
    [ 'acceleration', "s3 =\n  use_accelerate_endpoint = true", {}, 'logs', [], 'logs.s3-accelerate.amazonaws.com' ],
    [
        'acceleration in China', "region = cn-north-1\ns3 =\n  use_accelerate_endpoint = true",
        {},                      'logs',
        [],                      qr/S3 has no acceleration in this region; remove use_accelerate_endpoint/
    ],
    [
        'acceleration, path',
        "s3 =\n  use_accelerate_endpoint = true\n  addressing_style = path",
        {}, 'logs', [], 'logs.s3-accelerate.amazonaws.com'
    ],
    [
        'acceleration, dual stack',
        "use_dualstack_endpoint = true\ns3 =\n  use_accelerate_endpoint = true",
        {}, 'logs', [], 'logs.s3-accelerate.dualstack.amazonaws.com'
    ],
    [
        'acceleration, dots',
        "s3 =\n  use_accelerate_endpoint = true",
        {}, 'my.logs', [], qr/use_accelerate_endpoint cannot be used with this bucket/
    ],
    [
        'acceleration as an endpoint',
        '', { AWS_ENDPOINT_URL => 'https://s3-accelerate.amazonaws.com' },
        'logs', [], 'logs.s3-accelerate.amazonaws.com'
    ],
    [ 'path', "s3 =\n  addressing_style = path", {}, 'logs', [], 's3.us-east-1.amazonaws.com' ],
    [
        'no style', "s3 =\n  addressing_style = nonsense",
        {}, 'logs', [], qr/addressing_style = nonsense: must be auto, virtual or path/
    ],
    [ 'an endpoint', 'endpoint_url = https://a.example', {}, 'logs', [], 'a.example' ],
    [
        'an endpoint, virtual',
        "endpoint_url = https://a.example\ns3 =\n  addressing_style = virtual",
        {}, 'logs', [], 'logs.a.example'
    ],
    [
        'services',
        "endpoint_url = https://a.example\nservices = x\n[services x]\ns3 =\n  endpoint_url = https://b.example",
        {}, 'logs', [], 'b.example'
    ],
    [
        'AWS_ENDPOINT_URL',
        "services = x\n[services x]\ns3 =\n  endpoint_url = https://b.example",
        { AWS_ENDPOINT_URL => 'https://c.example' },
        'logs', [], 'c.example'
    ],
    [
        'AWS_ENDPOINT_URL_S3', '',
        { AWS_ENDPOINT_URL => 'https://c.example', AWS_ENDPOINT_URL_S3 => 'https://d.example' },
        'logs', [], 'd.example'
    ],
    [
        '--endpoint',                                   '',
        { AWS_ENDPOINT_URL_S3 => 'https://d.example' }, 'logs',
        [ '--endpoint', 'https://e.example' ],          'e.example'
    ],
    [
        'ignored',
        "endpoint_url = https://a.example\nignore_configured_endpoint_urls = true",
        { AWS_ENDPOINT_URL_S3 => 'https://d.example' },
        'logs', [], 'logs.s3.us-east-1.amazonaws.com'
    ],
    [
        'ignored, variable',
        'endpoint_url = https://a.example',
        { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS => 'true' },
        'logs', [], 'logs.s3.us-east-1.amazonaws.com'
    ],
    [
        'ignored, but the option',
        'ignore_configured_endpoint_urls = true',
        {}, 'logs', [ '--endpoint', 'https://e.example' ], 'e.example'
    ],
    [ 'a region whose name is fips', 'region = fips-fips', {}, 'logs', [], 'logs.s3-fips.fips.amazonaws.com' ],
    [
        'an access point',
        'region = eu-west-1',
        {}, $ap, [], 'my-ap-123456789012.s3-accesspoint.eu-west-1.amazonaws.com'
    ],
    [
        'of another region',
        'region = us-west-2',
        {}, $ap, [], 'my-ap-123456789012.s3-accesspoint.eu-west-1.amazonaws.com'
    ],
    [
        'of another region, refused',
        "region = us-west-2\ns3 =\n  use_arn_region = false",
        {}, $ap, [], qr/the region of the settings is us-west-2, and use_arn_region = false allows no other one/
    ],
    [
        'of another region, refused by variable',
        'region = us-west-2',
        { AWS_S3_USE_ARN_REGION => 'false' },
        $ap, [], qr/use_arn_region = false allows no other one/
    ],
    [
        'of another region than none',
        "s3 =\n  use_arn_region = false",
        {},
        $ap,
        [],
qr/no region is set, and use_arn_region = false allows only .*; set region = eu-west-1, or use_arn_region = true/
    ],
    [
        'of another partition',
        'region = us-west-2',
        {}, $ap =~ s/aws/aws-cn/r =~ s/eu-west-1/cn-north-1/r,
        [], qr/than that of the region in the settings, us-west-2, which is aws; correct/
    ],
    [
        'of a region of another partition',
        'region = us-west-2',
        {}, $ap =~ s/aws/aws-cn/r,
        [], qr/than that of region eu-west-1, which is aws; correct the ARN/
    ],
    [ 'of no region', '', {}, $ap =~ s/eu-west-1/EU/r, [], qr/the ARN's region is not a region's name/ ],
    [
        'a region that is none',
        "output = text\nregion = \"eu-west-1\"",
        {}, 'logs', [],
        qr{\Q$dir\E/config:3: region = "eu-west-1": must be a region's name such as eu-west-1, without quotes}
    ],
    [
        'an indented line below the region',
        "region = eu-west-1\n  s3 =\n    addressing_style = path",
        {}, 'logs', [], qr{\Q$dir\E/config:2: region: the line below is indented, so it belongs to the value}
    ],
    [
        'a variable that is no region',
        'region = eu-west-1',
        { AWS_DEFAULT_REGION => 'eu west' },
        'logs', [], qr{AWS_DEFAULT_REGION=eu west: must be a region's name such as eu-west-1, without quotes}
    ],
    [
        'a region that is none, and an option', 'region = "eu-west-1"',
        {},                                     'logs',
        [ '--region', 'eu-west-3' ],            'logs.s3.eu-west-3.amazonaws.com'
    ],
    [
        'neither regional nor legacy',
        "s3 =\n  us_east_1_regional_endpoint = nonsense",
        {}, 'logs', [], qr/us_east_1_regional_endpoint = nonsense: must be regional or legacy/
    ],
    [
        'an alias', 'region = eu-west-1',
        {},         'my-ap-aaaaaaaaaaaaaaaaaaaaaaaaaa-s3alias',
        [],         'my-ap-aaaaaaaaaaaaaaaaaaaaaaaaaa-s3alias.s3.eu-west-1.amazonaws.com'
    ],
    [
        'many regions', '',
        {},             'arn:aws:s3::123456789012:accesspoint/x.mrap',
        [],             qr/multi-region access points are not supported/
    ],
    [
        'a directory bucket',
        '', {}, 'logs--euw1-az1--x-s3', [], qr/directory buckets \(S3 Express One Zone\) are not supported/
    ],
);
foreach (@cases) {
    my ( $name, $profile, $environment, $bucket, $option, $want ) = @$_;
    write_file( "$dir/config", "[default]\n$profile\n" );
    my $before = my @before = $proxy->requests;
    local @ENV{ keys %$environment } = values %$environment;
    local $ENV{https_proxy} = $proxy->endpoint;
    my ( $status, $out, $err ) = run( $helper, 'cat', "s3://$bucket/cdn/", @$option );
    my @requests = $proxy->requests;
    is( $status, 1, "$name: exit status 1" );

    if ( ref $want ) {
        like( $err, qr/\A[^\n]*$want[^\n]*\n\z/, "$name: one line" );
        is( scalar @requests, $before, "$name: no request" );
    }
    else {
        is( "@requests[ $before .. $#requests ]", "CONNECT $want:443", "$name: the host" );
        like( $err, qr/\A[^\n]*the proxy asks for a user and a password[^\n]*\n\z/,
            "$name: a proxy's 407 is one line" );
    }
    delete @ENV{ keys %$environment };
}
write_file( "$dir/config", '' );

# A password in the address of a proxy or of an endpoint, and a token, are not shown.
foreach (
    [
        'a scheme that no proxy has', 'socks9://user:passw0rd@p.example:1',
        [],                           qr{Unsupported proxy scheme for '\S+//\*\*\*\@p\.ex}
    ],
    [
        'an address that is none',
        'http://user:passw0rd@p example:1',
        [], qr{Unsupported proxy syntax in '\S+//\*\*\*\@p ex}
    ],
    [
        'an endpoint with a token',
        '',
        [ '--endpoint', 'http://a.example/?t=passw0rd' ],
        qr{endpoint http://a\.example/\?\*\*\*: must}
    ],
    [
        'an endpoint with a user',
        '',
        [ '--endpoint', 'http://u:passw0rd@a.example/' ],
        qr{endpoint http://\*\*\*\@a\.example/: must}
    ],
  )
{
    my ( $name, $address, $option, $want ) = @$_;
    local $ENV{https_proxy} = $address;
    my ( $status, $out, $err ) = run( $helper, 'cat', '-v', 's3://logs/cdn/', @$option );
    is( $status, 1, "$name: exit status 1" );
    like( $err, $want, "$name: message" );
    unlike( "$out$err", qr/passw0rd/, "$name: no secret" );
}

# The region of an EC2 instance, when nothing else names one.
{
    my $aws = AwsServices->new;
    $aws->behave( imds => { role => 'logs' } );
    my %services = $aws->environment;
    local @ENV{ keys %services } = values %services;
    local @ENV{qw(AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_EC2_METADATA_DISABLED)} = ( '', '', '' );
    local $ENV{https_proxy} = $proxy->endpoint;
    foreach ( [ 'no other region', 'eu-south-1' ], [ 'AWS_REGION', 'us-west-1', AWS_REGION => 'us-west-1' ] ) {
        my ( $name, $region, %environment ) = @$_;
        local @ENV{ keys %environment } = values %environment;
        run( $helper, 'cat', 's3://logs/cdn/' );
        is( ( $proxy->requests )[-1], "CONNECT logs.s3.$region.amazonaws.com:443", "an EC2 instance, $name: the host" );
        delete @ENV{ keys %environment };
    }
    $aws->behave( imds => { role => 'logs', region => 'not a region' } );
    my ( undef, undef, $err ) = run( $helper, 'cat', '-v', 's3://logs/cdn/' );
    like(
        $err,
        qr/responded with text that is not the name of a region;/,
        'an EC2 instance without a region: the reason'
    );
    is( ( $proxy->requests )[-1], 'CONNECT logs.s3.us-east-1.amazonaws.com:443', 'an EC2 instance without a region' );
}

# An access point at an endpoint: the path has no bucket.
{
    my $seen = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            return $send->( response( 403, '<Error><Code>AccessDenied</Code></Error>' ) );
        }
    );
    local $ENV{http_proxy} = $seen->endpoint;
    my ( $status, $out, $err ) = run( $helper, 'cat', "s3://$ap/cdn/", '--endpoint', 'http://s3.example.com' );
    like( $err, qr{: access denied; allow s3:ListBucket on \Q$ap\E in the IAM policy}, 'an access point: its ARN' );
    is(
        ( $seen->requests )[0],
        'GET http://my-ap-123456789012.s3.example.com/?encoding-type=url&list-type=2&max-keys=1000&prefix=cdn%2F',
        'an access point: the URL'
    );
}

done_testing;
