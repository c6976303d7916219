#!/usr/bin/perl
# Credentials, region and endpoint come from where the AWS tools take them; the test reads them from the requests.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use POSIX      ();
use lib "$Bin/lib";
use Program qw(finish helper run start);
use S3Proxy;

my $helper = helper();
my $home = tempdir( CLEANUP => 1 );
my $long = 'Long+token/' . 'x' x 900;

# Responds to each request for a list with an empty one, and notes what came.
my $proxy = S3Proxy->new(
    'nowhere',
    sub {
        my ($request) = @_;
        open my $seen, '>', "$home/seen" or die;
        print $seen $request->{head};
        close $seen;
        return {
            status => 200,
            body   => '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>'
        };
    }
);

delete $ENV{$_} for grep { ( /^AWS_/ || /_proxy\z/i ) } keys %ENV;

# The helper waits for some seconds: this test does meanwhile what is below.
system( 'mkfifo', "$home/silent" ) == 0 or die;
my $silent =
  start( 'env', "AWS_CONFIG_FILE=$home/silent", $helper, 'cat', 's3://logs/x', '--endpoint', $proxy->endpoint );
$ENV{AWS_EC2_METADATA_DISABLED} = 'true';
$ENV{HOME} = $home;
mkdir "$home/.aws" or die;

sub put {
    my ( $name, $text ) = @_;
    open my $out, '>', "$home/.aws/$name" or die;
    print $out $text;
    close $out or die;
    return;
}

# Runs cat with an environment; returns the key, region and token of its request, or its message.
sub seen {
    my ( $environment, @option ) = @_;
    local @ENV{ keys %$environment } = values %$environment;
    unlink "$home/seen";
    my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/x', '-v',
        exists $environment->{AWS_ENDPOINT_URL} ? () : ( '--endpoint', $proxy->endpoint ), @option );
    unlike( "$out$err", qr/s3kr1t|Long\+token/, 'no secret in the message' );
    if ($status) {
        $err =~ s/^awstats-cloudfront: 0 records.*\n//m;
        is( $err =~ tr/\n//, 1, 'one line' );
        return "$status $err";
    }
    my $head = Program::content("$home/seen");
    my ( $key, $region ) = $head =~ m{Credential=([^/]+)/\d+/([^/]+)/s3/aws4_request};
    my ($token) = $head =~ /^x-amz-security-token: (\S+)/mi;
    my ($names) = $head =~ /SignedHeaders=([^,]+)/;
    is( $names =~ /x-amz-security-token/ ? 1 : 0, $token ? 1 : 0, 'a token is signed' );
    return join ' ', $key, $region, $token // ();
}

my %keys = ( AWS_ACCESS_KEY_ID => 'AKIDENV', AWS_SECRET_ACCESS_KEY => 's3kr1t-env' );

like( seen( {} ), qr/^1 .*no AWS credentials; set AWS_ACCESS_KEY_ID/, 'no credentials' );
is( seen( {%keys} ),                               'AKIDENV us-east-1',       'environment' );
is( seen( { %keys, AWS_SESSION_TOKEN => $long } ), "AKIDENV us-east-1 $long", 'a session token' );
is(
    seen( { %keys, AWS_SECURITY_TOKEN => 'old-name', AWS_SESSION_TOKEN => $long } ),
    'AKIDENV us-east-1 old-name',
    "the variable's older name comes first"
);
is(
    seen( { %keys, AWS_REGION => 'eu-west-1', AWS_DEFAULT_REGION => 'eu-west-2' } ),
    'AKIDENV eu-west-1',
    'AWS_REGION before AWS_DEFAULT_REGION'
);
is( seen( { %keys, AWS_DEFAULT_REGION => 'eu-west-2' } ),                   'AKIDENV eu-west-2', 'AWS_DEFAULT_REGION' );
is( seen( { %keys, AWS_REGION => 'eu-west-1' }, '--region', 'ap-south-1' ), 'AKIDENV ap-south-1', '--region wins' );
is( seen( { %keys, AWS_ENDPOINT_URL => $proxy->endpoint } ),                'AKIDENV us-east-1',  'AWS_ENDPOINT_URL' );
is(
    seen( { %keys, AWS_ENDPOINT_URL => 'http://127.0.0.1:1', AWS_ENDPOINT_URL_S3 => $proxy->endpoint } ),
    'AKIDENV us-east-1',
    'AWS_ENDPOINT_URL_S3 before AWS_ENDPOINT_URL'
);
like(
    seen( { AWS_ACCESS_KEY_ID => 'AKIDENV' } ),
    qr/AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not/,
    'half of a key'
);
like(
    seen( { %keys, AWS_CREDENTIAL_EXPIRATION => 'tomorrow' } ),
    qr/AWS_CREDENTIAL_EXPIRATION must be a time such as 2026-11-27T08:00:00Z; correct or unset this variable/,
    'a time that is none'
);
like(
    seen( { %keys, AWS_CREDENTIAL_EXPIRATION => '2020-01-01T00:00:00Z' } ),
    qr/the AWS credentials from the environment expired at 2020-01-01 00:00:00 UTC, and this machine's clock says 20/,
    'keys that have expired'
);

foreach ( '2099-01-01T00:00:00.5+02:00', '2099-01-01 00:00:00+00:00', '20990101T000000Z' ) {
    is( seen( { %keys, AWS_CREDENTIAL_EXPIRATION => $_ } ), 'AKIDENV us-east-1', "keys that expire at $_" );
}
like(
    seen( { %keys, AWS_SECRET_ACCESS_KEY => "a b" } ),
    qr/the secret access key from the environment contains a space/,
    'a key with a space'
);
like(
    seen( { %keys, AWS_SESSION_TOKEN => "a\r\nHost: x" } ),
    qr/the session token from the environment/,
    'a line break in a token'
);

put( credentials => <<"EOT");
[default]
aws_access_key_id = AKIDDEFAULT
aws_secret_access_key = s3kr1t/default
[logs]
aws_access_key_id=AKIDLOGS
aws_secret_access_key=s3kr1t+logs=
aws_session_token = $long
[half]
aws_access_key_id = AKIDHALF
EOT
put( config => <<"EOT");
[default]
region = eu-central-1
[profile logs]
region = eu-north-1
aws_access_key_id = AKIDNOT
s3 =
    region = nested
    max_concurrent_requests = 20
[profile whole]
aws_access_key_id = AKIDWHOLE
aws_secret_access_key = s3kr1t-whole
[profile store]
aws_access_key_id = AKIDSTORE
aws_secret_access_key = s3kr1t-store
endpoint_url = ${\ $proxy->endpoint}
EOT

is( seen( {} ),      'AKIDDEFAULT eu-central-1', 'the default profile' );
is( seen( {%keys} ), 'AKIDENV eu-central-1',     "the environment's keys before the default profile's" );
is( seen( { AWS_PROFILE => 'logs' } ), "AKIDLOGS eu-north-1 $long", 'AWS_PROFILE' );
like(
    seen( { AWS_PROFILE => 'logs', AWS_DEFAULT_PROFILE => 'whole' } ),
    qr/^1 .*AWS_PROFILE is logs, and AWS_DEFAULT_PROFILE is whole; [^\n]*unset one of them/m,
    'two profiles in the environment'
);
is( seen( { AWS_PROFILE => '', AWS_DEFAULT_PROFILE => 'logs' } ), "AKIDLOGS eu-north-1 $long", 'an empty AWS_PROFILE' );
is(
    seen( { AWS_PROFILE => 'logs', AWS_DEFAULT_PROFILE => 'half' }, '--profile', 'whole' ),
    'AKIDWHOLE us-east-1',
    'two profiles in the environment, and --profile'
);
is( seen( { %keys, AWS_PROFILE => 'logs' } ), 'AKIDENV eu-north-1', "the environment's keys before AWS_PROFILE's" );
is( seen( {%keys}, '--profile', 'logs' ), "AKIDLOGS eu-north-1 $long", "--profile before the environment's keys" );
is( seen( { AWS_PROFILE => 'default' }, '--profile', 'whole' ), 'AKIDWHOLE us-east-1', 'a profile of the config file' );
is(
    seen( { AWS_PROFILE => 'logs', AWS_REGION => 'us-west-2' } ),
    "AKIDLOGS us-west-2 $long",
    "the environment's region before the profile's"
);
is( seen( { AWS_PROFILE => 'store', AWS_ENDPOINT_URL => '' } ), 'AKIDSTORE us-east-1', "the profile's endpoint" );
like(
    seen( {}, '--profile', 'nobody' ),
qr/^1 .*no AWS profile nobody in .*; choose one of these \(default, logs, half, whole, store\) with the setting "profile", or AWS_PROFILE$/m,
    'an unknown profile'
);
{
    open my $config, '>', "$home/bare" or die "$home/bare: $!\n";
    print {$config} "[default]\nregion = eu-west-1\n[bare]\nregion = eu-west-1\n";
    close $config or die "$!\n";
    like(
        seen( { AWS_CONFIG_FILE => "$home/bare" }, '--profile', 'bare' ),
qr{^1 .*no AWS profile bare in \S+ or \S+; \Q$home\E/bare:3: in this file the section of a profile begins with \[profile bare\], not with \[bare\]; correct it$}m,
        'a section of the config file without the word profile'
    );
}
like( seen( {}, '--profile', 'half' ), qr/profile half has no aws_secret_access_key/, 'half a profile' );
is(
    seen(
        { AWS_CONFIG_FILE => "$home/none", AWS_SHARED_CREDENTIALS_FILE => "$home/.aws/credentials" },
        '--profile', 'logs'
    ),
    "AKIDLOGS us-east-1 $long",
    'AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE'
);
put( credentials => "[default\n" );
like( seen( {} ), qr{/\.aws/credentials:1: the line is neither}, 'a broken file' );
like(
    seen( {%keys} ),
    qr{^1 .*/\.aws/credentials:1: the line is neither},
    'a broken file, and keys of the environment'
);
put( credentials => '' );
put( config      => "[default]\nuse_fips_endpoint = true\nthe rest\n" );
like( seen( {%keys} ), qr{^1 .*/\.aws/config:3: the line is neither}, 'a broken file that asks for FIPS, and keys' );
put( credentials => "[default\n" );
put( config      => '' );
like(
    seen( { %keys, AWS_PROFILE => 'logs' } ),
    qr{/\.aws/credentials:1: the line is neither},
    'a broken file, and AWS_PROFILE'
);
like(
    seen( {%keys}, '--profile', 'logs' ),
    qr{/\.aws/credentials:1: the line is neither},
    'a broken file, and --profile'
);
unlink "$home/.aws/$_" for 'credentials', 'config';
mkdir "$home/.aws/$_" or die for 'credentials', 'config';
like( seen( {} ), qr{/\.aws/credentials: cannot be read: Is a directory}, 'a file that cannot be read' );
is( seen( {%keys} ), 'AKIDENV us-east-1', 'files that cannot be read and are not needed' );

# A pipe: the keys come from a program, or from nobody.
{
    unlink my $pipe = "$home/pipe";
    is( system( 'mkfifo', $pipe ), 0, 'a pipe' );
    local $ENV{AWS_SHARED_CREDENTIALS_FILE} = $pipe;
    local $ENV{AWS_CONFIG_FILE} = "$home/none";
    my $writer = fork // die "fork: $!\n";
    if ( !$writer ) {
        open my $out, '>', $pipe or POSIX::_exit(1);
        syswrite $out, "[default]\naws_access_key_id = AKIDPIPE\n";
        select undef, undef, undef, 0.2;
        syswrite $out, "aws_secret_access_key = s3kr1t\n";
        POSIX::_exit(0);
    }
    is( seen( {} ), 'AKIDPIPE us-east-1', 'keys from a pipe' );
    waitpid $writer, 0;
    is( $?, 0, 'all was read' );
    my ( $status, undef, $err ) = finish($silent);
    like(
        $err,
        qr{\A\S+ \S+/silent: cannot be read: No data available; make this file[^\n]*\n\z},
        'a pipe where nobody writes'
    );
}

done_testing;
