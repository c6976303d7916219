#!/usr/bin/perl
# Each service that gives keys: what is sent to it, and what happens when it refuses, stalls, lies, or gives keys that
# end in mid-run.
use strict;
use warnings;
use Test::More;
use Digest::SHA qw(sha1_hex);
use FindBin     qw($Bin);
use JSON::PP    ();
use POSIX       qw(strftime);
use lib "$Bin/lib";
use AwsServices;
use Program     qw(content finish helper run start write_file);
use Time::HiRes qw(sleep);

my $helper = helper();
my $aws = AwsServices->new;
my ( $folder, $here ) = ( $aws->folder, $aws->endpoint );
delete $ENV{$_} for grep { ( /^AWS_/ || /_proxy\z/i ) } keys %ENV;
my %environment = $aws->environment;
@ENV{ keys %environment } = values %environment;
my $identity = write_file( "$folder/identity", "eyJhbGciOi.eyJpc3MiOi.c2ln\n" );
mkdir $aws->home . '/.aws/sso';
mkdir $aws->home . '/.aws/sso/cache';

$aws->put( credentials => "[base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = s3kr1t/AKIDBASE\n" );
$aws->put( config      => <<"END" );
[profile role]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = base
external_id = a/b c
role_session_name = logs\@example
duration_seconds = 900
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile hour]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = base
duration_seconds = 1h
[profile brief]
role_arn = arn:aws:iam::123456789012:role/brief
source_profile = base
[profile second]
role_arn = arn:aws:iam::123456789012:role/second
source_profile = role
[profile sso]
sso_session = my
sso_account_id = 123456789012
sso_role_name = ops&more
[sso-session my]
sso_region = eu-west-1
sso_start_url = https://x.example/start
[profile legacy]
sso_region = eu-west-1
sso_start_url = https://x.example/start
sso_account_id = 123456789012
sso_role_name = ops
[profile nosession]
sso_session = gone
sso_account_id = 123456789012
sso_role_name = ops
[profile login]
login_session = arn:aws:iam::123456789012:user/me
[profile process]
credential_process = "$folder/my process" 'a "b' c\\ d
END

# Runs cat; returns {status, err, key, requests}: the access key ID that the bucket was asked with.
sub seen {
    my ( $name, @option ) = @_;
    $aws->forget;
    my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/x', '--endpoint', $here, '-v', @option );
    my ($request) = reverse $aws->requests('s3');
    my ($key) = $request ? $request->{headers}{authorization} =~ m{Credential=(.*?)/} : '';
    unlike( "$out$err", qr/s3kr1t|t0ken|eyJ|imds-token|ecs-token|sso-refresh/, "$name: no secret is shown" );
    $err =~ s/^awstats-cloudfront: \d+ records.*\n//m;
    return { status => $status, err => $err, key => $key };
}

# Waits until the condition holds, for a minute at most.
sub is_soon {
    my ( $condition, $name ) = @_;
    my $holds = 0;
    for ( 1 .. 600 ) {
        last if $holds = $condition->();
        sleep 0.1;
    }
    return ok( $holds, $name );
}

# Whether a process is there, and has not ended unnoticed.
sub is_alive {
    my ($pid) = @_;
    open my $in, '<', "/proc/$pid/stat" or return 0;
    return <$in> !~ /\) Z /;
}

sub is_key {
    my ( $name, $key, @option ) = @_;
    my $seen = seen( $name, @option );
    is( $seen->{key},    $key, $name ) or diag( $seen->{err} );
    is( $seen->{status}, 0,    "$name: exit status 0" );
    return;
}

# The run fails with one line.
sub is_refused {
    my ( $name, $error, @option ) = @_;
    my $seen = seen( $name, @option );
    is( $seen->{status},         1, "$name: exit status 1" );
    is( $seen->{err} =~ tr/\n//, 1, "$name: one line" ) or diag( $seen->{err} );
    like( $seen->{err}, $error, $name );
    is( $seen->{key}, '', "$name: the bucket is not asked" );
    return;
}

# ---- roles ----
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
    qr/keys of role arn:aws:iam::123456789012:role\/reader: it answered with HTTP status 403/,
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
    qr/answered with HTTP status 403: AccessDenied: User u is not authorized; allow it in the trust policy of the role/,
    '--profile',
    'role'
);
$aws->behave( sts => { status => 200, body => '<html>' } );
is_refused(
    'an answer without keys', qr/answered with HTTP status 200 without keys; check the endpoint/,
    '--profile',              'role'
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
is_refused( 'an answer without an end', qr/127\.0\.0\.1:\d+ sent more than 1 MiB/, '--profile', 'role' );
$aws->behave( sts => { status => 500, times => 2 } );
is_key( 'STS that fails twice', 'ROLE-reader-4', '--profile', 'role' );
is( scalar( $aws->requests('sts') ), 3, 'it is asked three times' );
$aws->behave( sts => { drop => 1, times => 3 } );
is_key( 'STS that ends the connection', 'ROLE-reader-5', '--profile', 'role' );
is( scalar( $aws->requests('sts') ), 4, 'it is asked four times' );
$aws->behave( sts => { status => 302 } );
is_refused( 'a redirect', qr/answered with HTTP status 302/, '--profile', 'role' );
is( scalar( $aws->requests('sts') ), 1, 'a redirect is not followed' );
$aws->behave;
{
    local $ENV{AWS_ENDPOINT_URL_STS} = 'ftp://x';
    is_refused( 'an endpoint that is none', qr{must begin with https:// or http://}, '--profile', 'role' );
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
    run( $helper, 'cat', 's3://logs/x', '--endpoint', $here, '--profile', 'role' );
    my ($connect) = $aws->requests('proxy');
    is( $connect->{path}, "$host:443", join ' ', 'STS:', map { "$_=$variables{$_}" } sort keys %variables );
}

# A setting of S3 that is wrong is told before STS is asked.
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
    local $ENV{AWS_WEB_IDENTITY_TOKEN_FILE} = write_file( "$folder/forged", 'forged' );
    is_refused( 'a token that STS does not accept',
        qr/answered with HTTP status 400: InvalidIdentityToken: The token is no token/ );
    local $ENV{AWS_WEB_IDENTITY_TOKEN_FILE} = $identity;
    $aws->behave(
        sts => {
            status => 400,
            body   => '<ErrorResponse><Error><Code>ExpiredToken</Code><Message>'
              . '{token} has expired</Message></Error></ErrorResponse>'
        }
    );
    is_refused( 'a token that is sent back is not shown',
        qr/it answered with HTTP status 400: ExpiredToken; check the ARN of this role[^:]*$/ );
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

# ---- SSO ----
my $cache = 'sso/cache/' . sha1_hex('my') . '.json';
is_refused( 'no login', qr{no SSO login: \S+\Q$cache\E has no token; run aws sso login --profile sso$}m,
    '--profile', 'sso' );
$aws->put( $cache, '{"accessToken":"sso-t0ken","expiresAt":"2099-01-01T00:00:00Z"}' );
is_key( 'an SSO session', 'SSO-ops&more-1', '--profile', 'sso' );
($request) = $aws->requests('sso');
is(
    "$request->{method} $request->{path}",
    'GET /sso/federation/credentials?role_name=ops%26more&account_id=123456789012',
    'an SSO session: what is asked for'
);
ok( !$request->{headers}{authorization}, 'an SSO session: not signed' );
$aws->put( $cache, '{"accessToken":"sso-t0ken","expiresAt":"2020-01-01T00:00:00UTC"}' );
is_refused(
    'a login that has expired', qr/SSO login of profile sso has expired; run aws sso login --profile sso$/m,
    '--profile',                'sso'
);
my $renewable = '{"accessToken":"sso-t0ken","expiresAt":"2020-01-01T00:00:00Z","refreshToken":"sso-refresh",'
  . '"clientId":"id","clientSecret":"sso-s3kr1t","registrationExpiresAt":"2099-01-01T00:00:00Z","more":[1]}';
$aws->put( $cache, $renewable );
is_key( 'a login that is renewed', 'SSO-ops&more-2', '--profile', 'sso' );
is( ( $aws->requests('sso') )[0]{headers}{'x-amz-sso_bearer_token'}, 'sso-t0ken-new-1', 'with the new token' );
my $kept = JSON::PP::decode_json( content( $aws->home . "/.aws/$cache" ) );
is( $kept->{accessToken}, 'sso-t0ken-new-1', 'the cache has the new token' );
cmp_ok( $kept->{expiresAt}, 'gt', strftime( '%Y-%m-%dT%H:%M:%SZ', gmtime ), 'and its end' );
is_deeply( $kept->{more}, [1], 'and what it had besides' );
is( ( stat $aws->home . "/.aws/$cache" )[2] & 0777, 0600, 'and nobody else may read it' );
is_key( 'a login that was renewed', 'SSO-ops&more-3', '--profile', 'sso' );
is( scalar( $aws->requests('oidc') ), 0, 'it is not renewed again' );
$aws->put( $cache, $renewable =~ s/sso-refresh/sso-refreshed/r );
is_refused(
    'a login that cannot be renewed',
qr/has expired, and cannot be renewed \(the SSO token service answered with HTTP status 400: invalid_grant\); run aws sso login/,
    '--profile',
    'sso'
);
$aws->behave( oidc => { status => 400, body => '{"error":"bad sso-s3kr1t"}' } );
is_refused(
    'a service of tokens that sends back its secret',
    qr/cannot be renewed \(the SSO token service answered with HTTP status 400\); run aws sso login/,
    '--profile', 'sso'
);

foreach my $end ( '', ',"expiresIn":"soon"', ',"expiresIn":0', ',"expiresIn":99999999999' ) {
    $aws->put( $cache, $renewable );
    $aws->behave( oidc => { status => 200, body => qq({"accessToken":"sso-t0ken-odd"$end}) } );
    is_refused(
        "a renewed token with the end '$end'",
        qr/cannot be renewed \(the service of SSO tokens gave one without a usable expiresIn\); run aws sso login/,
        '--profile', 'sso'
    );
    is( content( $aws->home . "/.aws/$cache" ), $renewable, 'leaves the cache as it was' );
}
$aws->behave;
$aws->put( $cache, $renewable =~ s/sso-refresh/sso-refreshed/r =~ s/2020/2099/r );
$aws->behave( sso => { status => 401, body => '{"message":"Session token not found or invalid"}' } );
is_refused(
    'a token that is not accepted',
    qr/answered with HTTP status 401: Session token not found or invalid; run aws sso login --profile sso$/m,
    '--profile', 'sso'
);
$aws->behave( sso => { status => 403, body => '{"message":"No access"}' } );
is_refused(
    'a role that is not given',
    qr/answered with HTTP status 403: No access; check sso_account_id and sso_role_name/,
    '--profile', 'sso'
);
$aws->behave;
$aws->put( 'sso/cache/' . sha1_hex('https://x.example/start') . '.json', 'no JSON' );
is_refused( 'a cache that is no JSON', qr/profile legacy has no SSO login/, '--profile', 'legacy' );
is_refused(
    'no such session', qr/names sso_session gone, but \S+ has no section \[sso-session gone\]/,
    '--profile',       'nosession'
);

# ---- a program ----
my $json = '{"Version": 1, "AccessKeyId": "AKIDPROC", "SecretAccessKey": "s3kr1t/AKIDPROC"}';
sub program { chmod 0700, write_file( "$folder/my process", "#!/bin/sh\n$_[0]\n" ); return }
program("test \"\$#-\$1-\$2\" = '2-a \"b-c d' && echo '$json'");
is_key( 'a program, its words in quotes', 'AKIDPROC', '--profile', 'process' );
program("echo '$json'; exit 3");
is_refused(
    'a program that fails', qr{config:\d+: the program \S+/my process of credential_process ended with status 3},
    '--profile',            'process'
);
program("echo \"log in first\e[2J\" >&2; echo more >&2; exit 1");
is_refused( 'its last line', qr/with status 1: more; run it by hand/, '--profile', 'process' );
program("printf 'GET /s3kr1t\\r\\nlog in' >&2; echo \" first\e[2J\" >&2; printf '\\n \\t\\n' >&2; exit 1");
is_refused(
    'its last line that is not blank', qr/with status 1: log in first\\x1b\[2J; run it by hand/,
    '--profile',                       'process'
);
program('kill -9 $$');
is_refused( 'a program that a signal ends', qr/ended with status 137/, '--profile', 'process' );
program('echo no');
is_refused( 'no JSON', qr/printed no JSON object/, '--profile', 'process' );
program("echo '{\"AccessKeyId\": \"s3kr1t\"}'");
is_refused( 'no version', qr/printed a document without "Version": 1/, '--profile', 'process' );
program("echo '{\"Version\": 1, \"AccessKeyId\": \"x\"}'");
is_refused( 'no secret', qr/printed a document that has no SecretAccessKey/, '--profile', 'process' );
program("echo '$json' | sed 's/}/, \"Expiration\": \"soon\"}/'");
is_refused( 'no time', qr/has an Expiration that is no time/, '--profile', 'process' );
program("sleep 300 >&2 & echo '$json'");
is_key( 'a program that leaves another one behind', 'AKIDPROC', '--profile', 'process' );

# A program that hangs, and what it has started: the process IDs of both.
my $hangs = "sleep 600 & echo \$\$ \$! >'$folder/pid.new'; mv '$folder/pid.new' '$folder/pid'; wait";
for my $signal (qw(KILL TERM INT)) {
    program($hangs);
    unlink "$folder/pid";
    my $job = start( $helper, 'cat', 's3://logs/x', '--endpoint', $here, '--profile', 'process' );
    is_soon( sub { -e "$folder/pid" }, "SIG$signal: a program that hangs has begun" );
    kill $signal => $job->{pid};
    finish($job);
    my @pids = content("$folder/pid") =~ /(\d+)/g;
    is_soon( sub { !is_alive( $pids[0] ) }, 'it ends with the process that has started it' );
    is_soon( sub { !is_alive( $pids[1] ) }, 'and so does what it has started' );
    kill KILL => @pids;
}
program("sleep 600 & echo \$\$ \$! >'$folder/pid'; exec yes s3kr1t");
is_refused( 'a program that prints without an end', qr/printed more than 1 MiB/, '--profile', 'process' );
{
    my @pids = content("$folder/pid") =~ /(\d+)/g;
    is_soon( sub { !is_alive( $pids[0] ) }, 'it is ended' );
    is_soon( sub { !is_alive( $pids[1] ) }, 'and so is what it has started' );
    kill KILL => @pids;
}
unlink "$folder/my process";
is_refused( 'no program', qr/cannot be run: No such file/, '--profile', 'process' );

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
    is_refused( 'another token', qr/ecs answered with HTTP status 401: The token is not known here/ );
    local $ENV{AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE} = write_file( "$folder/token", "ecs-token\n" );
    is_key( 'the token of a file', 'ECS-4' );
    local $ENV{AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE} = write_file( "$folder/token2", "ecs-token\nHost: x\n" );
    is_refused( 'a token of two lines',
        qr/which AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names, must have one line, the token;/ );
    delete local @ENV{qw(AWS_CONTAINER_AUTHORIZATION_TOKEN AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE)};
    $aws->behave( ecs => { status => 500, times => 2 } );
    is_key( 'a container that fails twice', 'ECS-5' );
    $aws->behave( ecs => { status => 200, body => '[]' } );
    is_refused( 'no keys', qr/ecs answered with HTTP status 200, but the document is no JSON object/ );
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
    is_refused( 'and must', qr{the EC2 metadata service gives no session token: \S+ answered with HTTP status 404\)} );
}
$aws->behave( imds => { role => '' } );
is_refused( 'no role', qr/$none; this EC2 instance has no role\)/ );
$aws->behave( imds => { role => '../../../x' } );
is_refused( 'a name that is none', qr/answered with text that is not the name of a role; check/ );
$aws->behave( imds => { status => 200, body => "token\r\nHost: x" } );
is_refused( 'a token with a line break', qr/gives no session token/ );
$aws->behave( imds => { flood => 3_000_000 } );
is_refused( 'an answer without an end', qr/sent more than 1 MiB/ );
$aws->behave( imds => { stall => 60 } );
{
    delete local $ENV{AWS_METADATA_SERVICE_TIMEOUT};
    is_refused( 'no answer', qr/did not answer within 1 s/ );
}
{
    local @ENV{qw(AWS_METADATA_SERVICE_TIMEOUT AWS_METADATA_SERVICE_NUM_ATTEMPTS)} = ( 600, 3 );
    $aws->behave( imds => { status => 503, times => 2 } );
    is_key( 'a service that fails twice', 'IMDS-machine-4' );
}

# ---- keys that end in mid-run ----
$aws->behave( imds => { role => 'soon', expires_first => 200 }, s3 => { objects => 30 } );
is_key( 'keys that end soon are replaced before the next request', 'IMDS-soon-2' );
$aws->behave( imds => { role => 'refused' }, s3 => { objects => 30, expired => ['IMDS-refused-1'] } );
is_key( 'keys that the store calls expired are replaced', 'IMDS-refused-2' );
is( scalar( grep { /Credential=IMDS-refused-1/ } map { $_->{headers}{authorization} } $aws->requests('s3') ),
    1, 'with one refusal' );
like(
    seen('-v')->{err},
    qr/^\S+ AWS credentials from role refused of this EC2 instance$/m,
    '-v tells whose keys are used'
);
$aws->behave( imds => { role => 'dead' }, s3 => { expired => [ map { "IMDS-dead-$_" } 1 .. 9 ] } );
my $dead = seen('keys that are always expired');
is( $dead->{status}, 1,             'keys that are always expired: exit status 1' );
is( $dead->{key},    'IMDS-dead-2', 'they are replaced once' );
like( $dead->{err}, qr/session token from role dead of this EC2 instance has expired/, 'whose they are' );
$aws->behave( sts => { expires_first => 250 }, s3 => { objects => 3 } );
is_key( 'a role is assumed again before its keys end', 'ROLE-brief-2', '--profile', 'brief' );
program("echo x >>'$folder/runs'; echo '$json' | sed 's/}/, \"SessionToken\": \"t\", \"Expiration\": \"'"
      . "`date -u -d '+100 seconds' +%Y-%m-%dT%H:%M:%SZ`"
      . "'\"}/'" );
seen( 'a program', '--profile', 'process' );
is( content("$folder/runs"), "x\nx\n", 'a program runs again before its keys end, but not for each request' );

# check tells whose keys they are, and how long they last.
$aws->behave( s3 => { objects => 1 } );
my ( $status, $out ) = run( $helper, 'check', 's3://logs/x', '--endpoint', $here, '--profile', 'role' );
like(
    $out,
qr{^ok    credentials: AWS credentials from role arn:aws:iam::123456789012:role/reader of profile role, with .* and a session token; they expire at 20\d\d-\d\d-\d\d \d\d:\d\d UTC$}m,
    'check'
);

done_testing;
