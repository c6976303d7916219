#!/usr/bin/perl
# Keys that a machine has: those of a container and of EC2, what their services are asked, and what happens when they
# refuse, stall or lie.  Files of boto are not read, and the run says so.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use CredentialChecks qw(is_key is_refused seen services);
use Program          qw(write_file);

my $aws = services('');
my ( $folder, $here ) = ( $aws->folder, $aws->endpoint );

# ---- the files of boto ----
foreach my $file ( $aws->home . '/.boto', "$folder/boto.cfg" ) {
    local $ENV{BOTO_CONFIG} = $file =~ /cfg/ ? $file : '';
    write_file( $file, "[Credentials]\naws_access_key_id = AKIDBOTO\naws_secret_access_key = s3kr1t\n" );
    is_refused( "keys in $file alone", qr/\Q$file\E has keys, and this program does not support the file; put/ );
    is_key( 'keys of a profile beside them', 'AKIDBASE', '--profile', 'base' );
    write_file( $file, "[Boto]\n# aws_access_key_id = AKIDBOTO\n" );
    local $ENV{AWS_EC2_METADATA_DISABLED} = 'true';
    is_refused( "$file without keys", qr/no AWS credentials/ );
    unlink $file;
}

# ---- containers ----
{
    local $ENV{AWS_CONTAINER_CREDENTIALS_FULL_URI} = "$here/ecs";
    is_key( 'a container', 'ECS-1' );
    local $ENV{http_proxy} = 'http://127.0.0.1:1';
    local $ENV{no_proxy} = '';
    my $seen = seen('a proxy');
    is( scalar( $aws->requests('ecs') ), 1, 'a container is never asked through a proxy' );
    delete local $ENV{http_proxy};
    local $ENV{AWS_CONTAINER_AUTHORIZATION_TOKEN} = 'ecs-token';
    is_key( 'with a token', 'ECS-3' );
    is( ( $aws->requests('ecs') )[0]{headers}{authorization}, 'ecs-token', 'the token' );
    local $ENV{AWS_CONTAINER_AUTHORIZATION_TOKEN} = 'other';
    is_refused( 'another token', qr/ecs responded with HTTP status 401: The token is not known here/ );
    {
        local $ENV{AWS_CONTAINER_CREDENTIALS_FULL_URI} = "$here/ecs?id=t0ken";
        is_refused( 'another token, and one in the URL', qr{/ecs\?\*\*\* responded with HTTP status 401} );
    }
    local $ENV{AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE} = write_file( "$folder/token", "ecs-token\n" );
    is_key( 'the token of a file', 'ECS-4' );
    local $ENV{AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE} = write_file( "$folder/token2", "ecs-token\nHost: x\n" );
    is_refused( 'a token of two lines',
        qr/which AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names, must have one line, the token;/ );
    delete local @ENV{qw(AWS_CONTAINER_AUTHORIZATION_TOKEN AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE)};
    $aws->behave( ecs => { status => 500, times => 2 } );
    is_key( 'a container that fails twice', 'ECS-5' );
    $aws->behave( ecs => { status => 200, body => '[]' } );
    is_refused( 'no keys', qr/ecs responded with HTTP status 200, but the document is no JSON object/ );
    $aws->behave( ecs => { expires => -60 } );
    is_refused(
        'keys of a container that have expired',
        qr/the AWS credentials from the role of this container expired at 20\S+ \S+ UTC, and this machine's clock says/
    );
    $aws->behave;

    for my $bad (
        'http://192.0.2.1/x',             'http://169.254.169.254/x',
        'http://127.0.0.1.example.com/x', 'http://1.2.3.4@127.0.0.1/',
        'http://127.0.0.1@x/',            'http://[::2]/',
        'http://169.254.170.2.x/',        'http://2130706433/',
      )
    {
        local $ENV{AWS_CONTAINER_CREDENTIALS_FULL_URI} = $bad;
        is_refused( $bad, qr/_FULL_URI names .*; this program gets keys without https only from this machine/ );
    }
    local $ENV{AWS_CONTAINER_CREDENTIALS_FULL_URI} = 'file:///etc/passwd';
    is_refused( 'a file', qr{must begin with http:// or https://} );
    for my $good ( 'http://localhost:1/', 'http://127.8.9.1:1/', 'https://[::1]:1/' ) {
        local $ENV{AWS_CONTAINER_CREDENTIALS_FULL_URI} = $good;
        is_refused( $good, qr/the container's keys: \S+ cannot be reached/ );
    }
    {
        local @ENV{qw(AWS_CONTAINER_CREDENTIALS_FULL_URI https_proxy no_proxy)} =
          ( 'https://keys.invalid/', 'http://127.0.0.1:1', '' );
        is_refused( 'a host that is not there, and a proxy for other requests',
            qr/container's keys: keys\.invalid: no such host, or no network; check this address and the network$/m );
    }
    local $ENV{AWS_CONTAINER_CREDENTIALS_RELATIVE_URI} = '.example.com/x';
    is_refused( 'a path that is none', qr/RELATIVE_URI must be a path that begins with/ );
}

# ---- EC2 ----
is_key( 'EC2', 'IMDS-machine-1' );
is_deeply(
    [ map { "$_->{method} $_->{path}" } $aws->requests('imds') ],
    [
        'PUT /imds/latest/api/token',
        'GET /imds/latest/meta-data/iam/security-credentials/',
        'GET /imds/latest/meta-data/iam/security-credentials/machine'
    ],
    'EC2: a token comes first'
);
{
    local @ENV{qw(http_proxy HTTP_PROXY all_proxy no_proxy)} = ( ('http://127.0.0.1:1') x 3, '' );
    seen('a proxy');
    is( scalar( $aws->requests('imds') ), 3, 'EC2 is never asked through a proxy' );
}
my $none = qr/no AWS credentials; set AWS_ACCESS_KEY_ID .*, or give this machine a role \(tried: .*/;
{
    local $ENV{AWS_EC2_METADATA_DISABLED} = 'TRUE';
    is_refused( 'turned off', qr/$none; AWS_EC2_METADATA_DISABLED turns the EC2 metadata service off\)/ );
    is( scalar( $aws->requests('imds') ), 0, 'turned off: it is not asked' );
}
{
    local $ENV{AWS_EC2_METADATA_SERVICE_ENDPOINT} = 'http://127.0.0.1:1';
    is_refused(
        'nothing there',
qr/AWS_ACCESS_KEY_ID is not set; AWS_WEB_IDENTITY_TOKEN_FILE is not set; profile default \(in \S+ and \S+\) has no keys.*; AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set; the EC2 metadata service gives no session token: 127\.0\.0\.1:1 cannot be reached\)$/
    );
    local $ENV{AWS_EC2_METADATA_SERVICE_ENDPOINT} = 'x';
    is_refused( 'no URL', qr/ec2_metadata_service_endpoint must begin with/ );
    local $ENV{AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE} = 'IPv5';
    is_refused( 'no mode', qr/ec2_metadata_service_endpoint_mode must be IPv4 or IPv6/ );
}
$aws->behave( imds => { no_token => 404, v1 => 1 } );
is_key( 'a service that knows no tokens', 'IMDS-machine-3' );
{
    local $ENV{AWS_EC2_METADATA_V1_DISABLED} = 'true';
    is_refused( 'and must', qr{the EC2 metadata service gives no session token: \S+ responded with HTTP status 404\)} );
}
$aws->behave( imds => { no_token => 500, v1 => 1 } );
is_key( 'a service whose tokens fail', 'IMDS-machine-4' );
$aws->behave( imds => { no_token => 403 } );
is_refused(
    'a service that gives no token, and wants one',
qr{responded with HTTP status 401 to latest/meta-data/\S+: it wants a session token, and responded with HTTP status 403 to the request for one\)}
);
$aws->behave( imds => { stall_token => 60 } );
{
    delete local $ENV{AWS_METADATA_SERVICE_TIMEOUT};
    my $advice = qr{got no response; in a container, set the hop limit of the instance's metadata options to 2\)};
    is_refused( 'a token that does not come, and is wanted',
        qr{status 401 to latest/meta-data/\S+: it wants a session token, and the request for one $advice} );
    local $ENV{AWS_EC2_METADATA_V1_DISABLED} = 'true';
    is_refused( 'a token that does not come, and must', qr{gives no session token: the request for one $advice} );
}
$aws->behave( imds => { no_token => 400, v1 => 1 } );
is_refused( 'a service that calls the request for a token malformed', qr/responded with HTTP status 400\)/ );
$aws->behave( imds => { expires => -60 } );

# They are asked for once more before the first request.
is_key( 'keys of EC2 that have expired, which AWS accepts while it has no others', 'IMDS-machine-6' );
$aws->behave;
foreach my $number ( '1.5', '0', '-1', 'soon' ) {
    local $ENV{AWS_METADATA_SERVICE_TIMEOUT} = $number;
    my $error = qr/metadata_service_timeout must be a whole number from 1 on; correct it, or AWS_METADATA_SERVICE_T/;
    is_refused( "a time limit of $number", $error );
    local $ENV{AWS_CONTAINER_CREDENTIALS_FULL_URI} = "$here/ecs";
    is_refused( "a container, and a time limit of $number", $error );
}
$aws->behave( imds => { role => '' } );
is_refused( 'no role', qr/$none; this EC2 instance has no role\)/ );
$aws->behave( imds => { role => '../../../x' } );
is_refused( 'a name that is none', qr/responded with text that is not the name of a role; check/ );
$aws->behave(
    imds => { document => '{"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume the role."}' } );
is_refused(
    'a role without keys',
qr/has no keys of role machine: AssumeRoleUnauthorizedAccess: EC2 cannot assume the role\W* check that the trust policy/
);
$aws->behave( imds => { document => '{"Code": "Success"}' } );
is_refused( 'a document without keys',
    qr/has no keys of role machine; check that the trust policy of this role names ec2/ );
$aws->behave( imds => { document => 'x' } );
is_refused( 'no document', qr/responded with text that is not a JSON document with keys; check/ );
$aws->behave( imds => { status => 200, body => "token\r\nHost: x" } );
is_refused( 'a token with a line break', qr/gives no session token/ );
$aws->behave( imds => { flood => 3_000_000 } );
is_refused( 'a response without an end', qr/sent more than 1 MiB/ );
$aws->behave( imds => { stall => 60 } );
{
    delete local $ENV{AWS_METADATA_SERVICE_TIMEOUT};
    is_refused( 'no response', qr/did not respond within 1 s/ );
}
{
    local @ENV{qw(AWS_METADATA_SERVICE_TIMEOUT AWS_METADATA_SERVICE_NUM_ATTEMPTS)} = ( 600, 3 );
    $aws->behave( imds => { status => 503, times => 2 } );
    is_key( 'a service that fails twice', 'IMDS-machine-7' );
}

# The second try goes over the connection of the first one.
{
    local @ENV{qw(AWS_METADATA_SERVICE_TIMEOUT AWS_METADATA_SERVICE_NUM_ATTEMPTS)} = ( 1, 2 );
    $aws->behave( imds => { status => 500, times => 1, stall_token => 60, v1 => 1 } );
    is_key( 'a service that fails, and then does not respond to the request for a token', 'IMDS-machine-8' );
}

done_testing;
