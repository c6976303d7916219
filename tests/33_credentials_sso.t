#!/usr/bin/perl
# Keys of an SSO login: what the services are asked, a login that has ended is renewed where it can be, and what happens
# when they refuse or lie.
use strict;
use warnings;
use Test::More;
use Digest::SHA qw(sha1_hex);
use FindBin     qw($Bin);
use JSON::PP    ();
use POSIX       qw(strftime);
use lib "$Bin/lib";
use CredentialChecks qw(is_key is_refused services);
use Program          qw(content);

my $aws = services(<<'END');
[profile sso]
sso_session = my
sso_account_id = 123456789012
sso_role_name = ops&more
[sso-session my]
sso_region = eu-west-1
sso_start_url = https://x.example/start
[profile it's my]
sso_session = my
sso_account_id = 123456789012
sso_role_name = ops
[profile no role]
sso_session = my
sso_account_id = 123456789012
[profile my login]
login_session = arn:aws:iam::123456789012:user/me
[profile legacy]
sso_region = eu-west-1
sso_start_url = https://x.example/start
sso_account_id = 123456789012
sso_role_name = ops
[profile nosession]
sso_session = gone
sso_account_id = 123456789012
sso_role_name = ops
END
mkdir $aws->home . '/.aws/sso';
mkdir $aws->home . '/.aws/sso/cache';

my $cache = 'sso/cache/' . sha1_hex('my') . '.json';
is_refused( 'no login', qr{no SSO login: \S+\Q$cache\E has no token; run aws sso login --profile sso$}m,
    '--profile', 'sso' );
is_refused( 'no login, a name with a blank', qr{run aws sso login --profile 'it'\\''s my'$}m, '--profile', "it's my" );
is_refused( 'no role, a name with a blank',  qr{run aws configure sso --profile 'no role'$}m, '--profile', 'no role' );
is_refused(
    'a setting of AWS that is not supported, a name with a blank',
    qr{eval "\$\(aws configure export-credentials --profile 'my login' --format env\)"$}m,
    '--profile', 'my login'
);

foreach ( '', ',"expiresAt":"soon"' ) {
    $aws->put( $cache, qq({"accessToken":"sso-t0ken"$_}) );
    is_refused(
        "a token without an end ($_)", qr{no SSO login: \S+\Q$cache\E has no expiresAt; run aws sso login},
        '--profile',                   'sso'
    );
}
$aws->put( $cache, '{"accessToken":"sso-t0ken","expiresAt":"2099-01-01T00:00:00Z"}' );
is_key( 'an SSO session', 'SSO-ops&more-1', '--profile', 'sso' );
my ($request) = $aws->requests('sso');
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
cmp_ok( $kept->{expiresAt}, 'gt', strftime( '%Y-%m-%dT%H:%M:%SZ', gmtime ), 'the cache has the end of the new token' );
is_deeply( $kept->{more}, [1], 'the cache keeps its other members' );
is( ( stat $aws->home . "/.aws/$cache" )[2] & 0777, 0600, 'nobody else may read the cache' );
is_key( 'a login that was renewed', 'SSO-ops&more-3', '--profile', 'sso' );
is( scalar( $aws->requests('oidc') ), 0, 'it is not renewed again' );
$aws->put( $cache, $renewable =~ s/sso-refresh/sso-refreshed/r );
is_refused(
    'a login that cannot be renewed',
qr/has expired, and cannot be renewed \(the SSO token service responded with HTTP status 400: invalid_grant\); run aws sso login/,
    '--profile',
    'sso'
);
$aws->behave( oidc => { status => 400, body => '{"error":"bad sso-s3kr1t"}' } );
is_refused(
    'a service of tokens that sends back its secret',
    qr/cannot be renewed \(the SSO token service responded with HTTP status 400\); run aws sso login/,
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
    qr/responded with HTTP status 401: Session token not found or invalid; run aws sso login --profile sso$/m,
    '--profile', 'sso'
);
foreach ( [ 503, '', '; run the command again later' ], [ 200, '{}', ' without keys; check the endpoint of SSO' ] ) {
    my ( $number, $body, $advice ) = @$_;
    $aws->behave( sso => { status => $number, body => $body } );
    is_refused(
        "a response with status $number",
        qr/it responded with HTTP status $number$advice$/m,
        '--profile', 'sso'
    );
}
$aws->behave( sso => { status => 403, body => '{"message":"No access"}' } );
is_refused(
    'a role that is not given',
    qr/responded with HTTP status 403: No access; check sso_account_id and sso_role_name/,
    '--profile', 'sso'
);
$aws->behave;
$aws->put( 'sso/cache/' . sha1_hex('https://x.example/start') . '.json', 'no JSON' );
is_refused( 'a cache that is no JSON', qr/profile legacy has no SSO login/, '--profile', 'legacy' );
is_refused(
    'no such session', qr/names sso_session gone, but \S+ has no section \[sso-session gone\]/,
    '--profile',       'nosession'
);

done_testing;
