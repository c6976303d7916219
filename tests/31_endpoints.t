#!/usr/bin/perl
# Requests go to the address that the AWS settings name, in the region that they name or that S3 reports. A setting
# that cannot be followed is an error with its name.
use strict;
use warnings;
use Test::More;
use Digest::MD5 qw(md5_hex);
use File::Temp  qw(tempdir);
use FindBin     qw($Bin);
use lib "$Bin/lib";
use AwsServices;
use HostileStore qw(response);
use Program      qw(helper run write_file);
use Site;

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
        'a region that is none', 'region = eu west', {}, 'logs', [],
        qr/region eu west: must be a region's name such as/
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

# ---- the region -----------------------------------------------------------------------------------

my $log = Site::log_text('/a');
my $list =
    '<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>cdn/a</Key><Size>'
  . length($log)
  . '</Size><LastModified>2026-11-01T00:00:00.000Z</LastModified><ETag>"'
  . md5_hex($log)
  . '"</ETag></Contents></ListBucketResult>';

my $other = '<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>';
my %redirects = (
    '301 with a header' => response( 301, $other, 'x-amz-bucket-region' => 'eu-west-1' ),
    '301 without one'   => response( 301, $other ),
    '307'               => response( 307, $other =~ s/Permanent/Temporary/r ),
    '400' => response( 400, '<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>' ),
    '400 without a region' => response( 400, '<Error><Code>AuthorizationHeaderMalformed</Code></Error>' ),
);
foreach my $name ( sort keys %redirects ) {
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            my ($region) = $request->{head} =~ m{Credential=[^/]+/\d+/([^/]+)/};
            my $heads = $request->{method} eq 'HEAD' && $request->{path} eq '/logs';
            return $send->("HTTP/1.1 403 No\r\nx-amz-bucket-region: eu-west-1\r\n\r\n") if $heads;
            return $send->( $redirects{$name} ) if $region ne 'eu-west-1';
            return $send->( response( 200, $request->{path} eq '/logs' ? $list : $log ) );
        }
    );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint );
    my $result = $site->cat;
    is( $result->{paths}, '/a', "$name: the log" ) or diag( $result->{err} );
    my @requests = $store->requests;
    my $asks = $name =~ /without|307/ ? 1 : 0;
    is( scalar( grep { $_ eq 'HEAD /logs' } @requests ), $asks,     "$name: asked for the region: $asks" );
    is( scalar @requests,                                3 + $asks, "$name: the redirect is followed once" );

    $site->cat;
    my @later = $store->requests;
    is( @later - @requests, 1, "$name: the ledger remembers the region" );
    $site->configure( region => 'us-west-2' );
    like(
        $site->cat->{err},
        qr/S3 reports that bucket logs is in region eu-west-1, not us-west-2/,
        "$name: a region that is given"
    );
}

# Two buckets of one site, each in another region.
{
    my %region_of = ( logs => 'eu-west-1', media => 'eu-south-1' );
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            my ($region) = $request->{head} =~ m{Credential=[^/]+/\d+/([^/]+)/};
            my ($bucket) = $request->{path} =~ m{^/(\w+)};
            return $send->( response( 301, $other, 'x-amz-bucket-region' => $region_of{$bucket} ) )
              if $region ne $region_of{$bucket};
            my $content = $log =~ s{/a}{/$bucket}r;
            my ( $etag, $size ) = ( md5_hex($content), length $content );
            my $page = $list =~ s{<Key>cdn/a}{<Key>cdn/$bucket}r =~ s{"\w{32}"}{"$etag"}r =~ s{<Size>\d+}{<Size>$size}r;
            return $send->( response( 200, $request->{path} =~ m{^/\w+$} ? $page : $content ) );
        }
    );
    my $site = Site->new( source => [ 's3://logs/cdn/', 's3://media/cdn/' ], endpoint => $store->endpoint );
    my $result = $site->cat;
    is( $result->{paths}, '/logs /media', 'two buckets in two regions: the logs' ) or diag( $result->{err} );
    my $before = $store->requests;
    is( $site->cat->{paths},          '', 'two buckets in two regions: nothing new' );
    is( $store->requests() - $before, 2,  'two buckets in two regions: the ledger remembers both' );
    $site->configure( source => 's3://media/cdn/' );
    $site->cat;
    $site->configure( source => [ 's3://logs/cdn/', 's3://media/cdn/' ] );
    $before = $store->requests;
    $site->cat;
    is( $store->requests() - $before,
        2, 'two buckets in two regions: the ledger remembers one that was not in the list for a time' );
}

# A store that sends the program from region to region.
{
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            return $send->( response( 301, $other, 'x-amz-bucket-region' => "eu-west-$request->{count}" ) );
        }
    );
    my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $store->endpoint );
    is( $status, 1, 'from region to region: exit status' );
    like(
        $err,
        qr/bucket logs is not in region eu-west-1; set its region \(setting "region", or --region\)/,
        'from region to region: message'
    );
    is( scalar( my @all = $store->requests ), 2, 'from region to region: followed once' );
}
{
    my $store = HostileStore->new(
        sub { $_[1]->( $_[0]{method} eq 'HEAD' ? "HTTP/1.1 301 No\r\n\r\n" : response( 301, $other ) ); return 1 } );
    my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $store->endpoint );
    is( $status, 1, 'a region that nobody names: exit status' );
    like(
        $err,
        qr/is not in region us-east-1, and \S+ does not say where it is \(HeadBucket: 301\)/,
        'a region that nobody names: message'
    );
}

# ---- requester pays -------------------------------------------------------------------------------

{
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            my $pays = $request->{head} =~ /^x-amz-request-payer: requester\r$/m
              && $request->{head} =~ /SignedHeaders=\S*x-amz-request-payer/;
            return $send->( response( 403, '<Error><Code>AccessDenied</Code></Error>' ) ) if !$pays;
            return $send->( response( 200, $request->{path} eq '/logs' ? $list : $log ) );
        }
    );
    my @cat = ( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $store->endpoint );
    is( ( run(@cat) )[0], 1, 'a bucket whose requesters pay: denied' );
    is( ( run( @cat, '--request-payer', 'requester' ) )[0], 0, '--request-payer requester' );
    is( ( run( @cat, '--request-payer', 'owner' ) )[0],     2, '--request-payer owner: usage' );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint, 'requester-pays' => 'yes' );
    is( $site->cat->{paths}, '/a', 'requester-pays = yes' );
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
