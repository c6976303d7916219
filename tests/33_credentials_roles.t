#!/usr/bin/perl
# Keys of roles, by the keys of another profile or by a web identity: what STS is asked, where it is, and what happens
# when it refuses, stalls or lies.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use Compiler         qw(fault_library);
use CredentialChecks qw(is_key is_refused services);
use HostileStore     qw(response);
use Program          qw(helper run write_file);

my $aws = services(<<'END');
[profile role]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = base
external_id = a/b c
role_session_name = logs@example
duration_seconds = 900
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile hour]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = base
duration_seconds = 1h
[profile short]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = base
duration_seconds = 899
[profile id]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = base
external_id = x
[profile name]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = base
role_session_name = y
[profile most]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = base
external_id = ab
role_session_name = cd
duration_seconds = 604800
[profile second]
role_arn = arn:aws:iam::123456789012:role/second
source_profile = role
[profile elsewhere]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = base
endpoint_url = ftp://x
services = elsewhere
[services elsewhere]
sts =
  endpoint_url = http://127.0.0.1:1
[profile login]
login_session = arn:aws:iam::123456789012:user/me
END
my ( $folder, $here ) = ( $aws->folder, $aws->endpoint );
my $identity = write_file( "$folder/identity", "eyJhbGciOi.eyJpc3MiOi.c2ln\n" );

is_key( 'a role', 'ROLE-reader-1', '--profile', 'role' );
my ($request) = $aws->requests('sts');
like( $request->{body}, qr/^Action=AssumeRole&Version=2011-06-15&/,                      'a role: what is asked for' );
like( $request->{body}, qr{&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Freader&}, 'its ARN' );
like(
    $request->{body},
    qr/&RoleSessionName=logs%40example&ExternalId=a%2Fb%20c&DurationSeconds=900$/,
    'the settings of the profile'
);
like( $request->{headers}{authorization}, qr{Credential=AKIDBASE/\d{8}/us-east-1/sts/}, 'signed by the source' );
is_key( 'a role of a role', 'ROLE-second-1', '--profile', 'second' );
is( scalar( $aws->requests('sts') ), 2, 'a role of a role: two requests' );
is_key( 'a role in the region of the option', 'ROLE-reader-3', '--profile', 'role', '--region', 'eu-south-2' );
like( ( $aws->requests('sts') )[0]{headers}{authorization}, qr{/eu-south-2/sts/}, 'signed for it' );
is_refused( 'a role with MFA', qr{profile mfa \(\S+/config:\d+\) has mfa_serial: a person must}, '--profile', 'mfa' );
is_refused( 'a duration of no seconds', qr{config:\d+\): duration_seconds must be a number},     '--profile', 'hour' );

# What awscli calls invalid, before it asks; the upper bounds are left to STS by both.
is_refused( 'a duration below 900 s', qr{config:\d+\): duration_seconds .* 900 at least$}m, '--profile', 'short' );
is_refused(
    'an external ID of one character',
    qr{profile id \(\S+config:\d+\): external_id must have at least 2 characters},
    '--profile', 'id'
);
is_refused(
    'a session name of one character', qr{config:\d+\): role_session_name must have at least 2},
    '--profile',                       'name'
);
is( scalar( $aws->requests('sts') ), 0, 'a session name of one character: STS is not asked' );
is_key( 'the least of each, and a long duration', 'ROLE-reader-4', '--profile', 'most' );
is_refused(
    'a setting of AWS that is not supported', qr/config:\d+: .* login_session; .*profile login/,
    '--profile',                              'login'
);

$aws->behave(
    sts => {
        status => 403,
        body   => '<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: arn:aws:'
          . "iam::1:user/u is not\nauthorized to perform: sts:AssumeRole\x{1b}[2J</Message></Error></ErrorResponse>"
    }
);
is_refused(
    'a role that is denied',
    qr/keys of role arn:aws:iam::123456789012:role\/reader: it responded with HTTP status 403/,
    '--profile', 'role'
);
$aws->behave(
    sts => {
        status => 403,
        body   => '<ErrorResponse><Error><Code>AccessDenied</Code><Message>User u is '
          . "not\n authorized</Message></Error></ErrorResponse>"
    }
);
is_refused(
    'the words of STS',
qr/responded with HTTP status 403: AccessDenied: User u is not authorized; allow it in the trust policy of the role/,
    '--profile',
    'role'
);

for (
    [
        'eu-west-1',
qr/; activate STS for eu-west-1 in the account settings of IAM, or set another region, or sts_regional_endpoints = legacy$/m
    ],
    [ 'eu-south-1', qr/; activate STS for eu-south-1 in the account settings of IAM, or set another region$/m ],
  )
{
    my ( $region, $advice ) = @$_;
    local $ENV{AWS_REGION} = $region;
    $aws->behave(
        sts => {
            status => 403,
            body   => '<ErrorResponse><Error><Code>RegionDisabledException</Code><Message>STS is not activated in '
              . 'this region for account:1.</Message></Error></ErrorResponse>'
        }
    );
    is_refused( "STS is not active in $region", $advice, '--profile', 'role' );
}
$aws->behave(
    sts => {
        status => 400,
        body   => '<ErrorResponse><Error><Code>ValidationError</Code><Message>The requested DurationSeconds exceeds '
          . 'the MaxSessionDuration set for this role</Message></Error></ErrorResponse>'
    }
);
is_refused(
    'a duration that is too long',
    qr{exceeds the MaxSessionDuration set for this role; lower duration_seconds \(\S+/config:\d+\)$}m,
    '--profile', 'most'
);
$aws->behave( sts => { status => 200, body => '<html>' } );
is_refused(
    'a response without keys', qr/responded with HTTP status 200 without keys; check the endpoint/,
    '--profile',               'role'
);
$aws->behave(
    sts => {
        status => 200,
        body   => '<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A B'
          . '</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></Credentials>'
          . '</AssumeRoleResult></AssumeRoleResponse>'
    }
);
is_refused( 'a key with a space', qr/the access key ID from role .* contains a space/, '--profile', 'role' );
$aws->behave( sts => { flood => 3_000_000 } );
is_refused( 'a response without an end', qr/127\.0\.0\.1:\d+ sent more than 1 MiB/, '--profile', 'role' );
$aws->behave( sts => { status => 500, times => 2 } );
is_key( 'STS that fails twice', 'ROLE-reader-5', '--profile', 'role' );
is( scalar( $aws->requests('sts') ), 3, 'it is asked three times' );
$aws->behave( sts => { drop => 1, times => 3 } );
is_key( 'STS that ends the connection', 'ROLE-reader-6', '--profile', 'role' );
is( scalar( $aws->requests('sts') ), 4, 'it is asked four times' );
$aws->behave( sts => { status => 302 } );
is_refused( 'a redirect', qr/responded with HTTP status 302/, '--profile', 'role' );
is( scalar( $aws->requests('sts') ), 1, 'a redirect is not followed' );
$aws->behave;
{
    local $ENV{AWS_ENDPOINT_URL_STS} = 'ftp://x';
    is_refused( 'an endpoint that is none', qr{must begin with https:// or http://}, '--profile', 'role' );
}

{
    local @ENV{qw(AWS_ENDPOINT_URL_STS AWS_ENDPOINT_URL)} = ( '', "$here/sts" );
    is_key( 'AWS_ENDPOINT_URL, before the section services', 'ROLE-reader-7', '--profile', 'elsewhere' );
    delete local $ENV{AWS_ENDPOINT_URL};
    is_refused( 'the section services, before endpoint_url', qr/127\.0\.0\.1:1\b/, '--profile', 'elsewhere' );
}

# Where STS is: the proxy is asked for the host, and refuses.
for (
    [ 'sts.eu-west-1.amazonaws.com',      AWS_REGION => 'eu-west-1' ],
    [ 'sts.amazonaws.com',                AWS_REGION => '' ],
    [ 'sts.amazonaws.com',                AWS_REGION => 'eu-west-1',  AWS_STS_REGIONAL_ENDPOINTS => 'legacy' ],
    [ 'sts.eu-south-1.amazonaws.com',     AWS_REGION => 'eu-south-1', AWS_STS_REGIONAL_ENDPOINTS => 'legacy' ],
    [ 'sts.cn-north-1.amazonaws.com.cn',  AWS_REGION => 'cn-north-1' ],
    [ 'sts.us-gov-west-1.amazonaws.com',  AWS_REGION => 'us-gov-west-1', AWS_USE_FIPS_ENDPOINT => 'true' ],
    [ 'sts-fips.us-east-2.amazonaws.com', AWS_REGION => 'us-east-2',     AWS_USE_FIPS_ENDPOINT => 'true' ],
    [ 'sts-fips.us-east-2.amazonaws.com', AWS_REGION => 'fips-us-east-2' ],
    [ 'sts-fips.us-east-2.amazonaws.com', AWS_REGION => 'us-east-2-fips' ],
    [ 'sts.eu-west-1.api.aws',            AWS_REGION => 'eu-west-1', AWS_USE_DUALSTACK_ENDPOINT => 'true' ],
    [ 'sts.eusc-de-east-1.amazonaws.eu',  AWS_REGION => 'eusc-de-east-1' ],
    [ 'sts.us-isob-east-1.sc2s.sgov.gov', AWS_REGION => 'us-isob-east-1' ],
  )
{
    my ( $host, %variables ) = @$_;
    local @ENV{ keys %variables } = values %variables;
    local @ENV{qw(AWS_ENDPOINT_URL_STS HTTPS_PROXY)} = ( '', $here );
    $aws->forget;
    run( helper(), 'cat', 's3://logs/x', '--endpoint', $here, '--profile', 'role' );
    my ($connect) = $aws->requests('proxy');
    is( $connect->{path}, "$host:443", join ' ', 'STS:', map { "$_=$variables{$_}" } sort keys %variables );
}

# A setting of S3 that is wrong is told before STS is asked.
{
    local $ENV{AWS_STS_REGIONAL_ENDPOINTS} = 'global';
    is_refused(
        'a setting of STS that does not exist',
        qr/sts_regional_endpoints must be regional or legacy; correct it, or AWS_STS_REGIONAL_ENDPOINTS/,
        '--profile', 'role'
    );
}
{
    local $ENV{AWS_USE_FIPS_ENDPOINT} = 'perhaps';
    is_refused( 'a wrong setting beside a role', qr/AWS_USE_FIPS_ENDPOINT/, '--profile', 'role' );
    is( scalar( $aws->requests('sts') ), 0, 'a wrong setting: STS is not asked' );
}

# ---- web identity ----
{
    local @ENV{qw(AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN)} = ( $identity, 'arn:aws:iam::1:role/pod' );
    is_key( 'a web identity', 'WEB-pod-1' );
    ($request) = $aws->requests('sts');
    like(
        $request->{body},
qr/^Action=AssumeRoleWithWebIdentity&.*&RoleSessionName=awstats-cloudfront&WebIdentityToken=eyJhbGciOi\.eyJpc3MiOi\.c2ln$/,
        'a web identity: what is asked for'
    );
    ok( !$request->{headers}{authorization}, 'a web identity: not signed' );
    {
        local $ENV{AWS_ROLE_SESSION_NAME} = 'z';
        is_refused( 'a web identity with a session name of one character',
            qr{the session name of role arn:aws:iam::1:role/pod must have at least 2 characters; correct AWS_ROLE} );
        is( scalar( $aws->requests('sts') ), 0, 'a session name of one character: STS is not asked' );
    }
    local $ENV{AWS_WEB_IDENTITY_TOKEN_FILE} = write_file( "$folder/forged", 'forged' );
    is_refused( 'a token that STS does not accept',
        qr/responded with HTTP status 400: InvalidIdentityToken: The token is no token/ );
    local $ENV{AWS_WEB_IDENTITY_TOKEN_FILE} = $identity;
    $aws->behave(
        sts => {
            status => 400,
            body   => '<ErrorResponse><Error><Code>ExpiredToken</Code><Message>'
              . '{token} has expired</Message></Error></ErrorResponse>'
        }
    );
    is_refused( 'a token that is sent back is not shown',
        qr/it responded with HTTP status 400: ExpiredToken; check the ARN of this role[^:]*$/ );
    $aws->behave;
    local $ENV{AWS_WEB_IDENTITY_TOKEN_FILE} = "$folder/none";
    is_refused( 'no file with a token', qr{\Q$folder\E/none, cannot be read: No such file} );
    local $ENV{AWS_WEB_IDENTITY_TOKEN_FILE} = write_file( "$folder/empty", "\n" );
    is_refused( 'a file without a token', qr{\Q$folder\E/empty: this file is empty} );
}

# ---- settings without a value ----
{
    my $named = 'role_arn = arn:aws:iam::123456789012:role/reader';
    foreach (
        [ 'role_arn',                "role_arn =\nsource_profile = base" ],
        [ 'source_profile',          "source_profile = # later\n$named" ],
        [ 'credential_source',       "credential_source =\n$named" ],
        [ 'web_identity_token_file', "web_identity_token_file =\n$named" ],
        [ 'external_id',             "external_id =\n$named\nsource_profile = base" ],
      )
    {
        my ( $setting, $text ) = @$_;
        local $ENV{AWS_CONFIG_FILE} =
          write_file( "$folder/empty", "[default]\nregion = eu-west-1\n[profile x]\n$text\n" );
        is_refused( "an empty $setting", qr{/empty:4: $setting has no value; write one}, '--profile', 'x' );
    }
    local $ENV{AWS_CONFIG_FILE} =
      write_file( "$folder/empty", "[profile x]\n$named\nsource_profile = y\n[profile y]\nrole_arn =\n" );
    is_refused( 'an empty role_arn of the source', qr{/empty:5: role_arn has no value; write one}, '--profile', 'x' );
}

# A service that stalls: check tells what it waits for, and gives up within a minute.  The clock runs fast, which the
# sanitizers do not allow.
if ( helper() !~ m{asan} ) {
    my $shim = fault_library( 'fast_clock', $folder );
    my $stalls = HostileStore->new(
        sub {
            write_file( "$folder/fast", '' );
            sleep 600;
            return;
        }
    );
    local @ENV{ 'LD_PRELOAD', 'FAST_CLOCK', 'AWS_ENDPOINT_URL_STS' } = ( $shim, "$folder/fast", $stalls->endpoint );
    my ( $status, $out, $err ) = run( helper(), 'check', 's3://logs/x', '--endpoint', $here, '--profile', 'role' );
    is( $status, 1, 'a service that stalls: check fails' );
    like(
        $out,
        qr/^FAIL  credentials: STS .*: 127\.0\.0\.1:\d+ did not respond within \d+ s;/m,
        'a service that stalls'
    );
    like( $err, qr/\A\S+ waiting for 127\.0\.0\.1:\d+, a service of AWS\n\z/, 'a service that stalls: a note' );
    cmp_ok( scalar( my @tries = $stalls->requests ),
        '<=', 2, 'a service that stalls: as many tries as end within a minute' );

    # Roles of roles, each of which takes twenty seconds of the fast clock: a minute is the limit of all together.
    my $arn = 'role_arn = arn:aws:iam::123456789012:role/hop';
    $aws->put(
        config => join '',
        "[profile hop0]\n$arn\nsource_profile = base\n",
        map { "[profile hop$_]\n$arn\nsource_profile = hop" . ( $_ - 1 ) . "\n" } 1 .. 9
    );
    my $slow = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            write_file( "$folder/fast", '' );
            select undef, undef, undef, 0.67;
            return $send->(
                response(
                    200,
                    '<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>AKIDHOP</AccessKeyId>'
                      . '<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></Credentials>'
                      . '</AssumeRoleResult></AssumeRoleResponse>'
                )
            );
        }
    );
    {
        local $ENV{AWS_ENDPOINT_URL_STS} = $slow->endpoint;
        ( $status, $out ) = run( helper(), 'check', 's3://logs/x', '--endpoint', $here, '--profile', 'hop9' );
        is( $status, 1, 'a chain of slow roles: check fails' );
        like(
            $out,
            qr/^FAIL  credentials: STS .*(?:may take 60 s, and they are over|did not respond within)/m,
            'a chain of slow roles: the reason'
        );
        cmp_ok( scalar( @tries = $slow->requests ), '<=', 4, 'a chain of slow roles: all together have a minute' );
    }
    $aws->put( config => "[profile slow]\ncredential_process = sleep 600\n" );
    ( $status, $out, $err ) = run( helper(), 'check', 's3://logs/x', '--endpoint', $here, '--profile', 'slow' );
    like( $out, qr/^FAIL  credentials: .* did not end within 60 s/m,               'a program that hangs' );
    like( $err, qr/\A\S+ waiting for the program sleep of credential_process\n\z/, 'a program that hangs: a note' );
}

done_testing;
