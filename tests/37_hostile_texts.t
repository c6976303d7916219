#!/usr/bin/perl
# The texts of a store that is broken or hostile: nothing that it sends reaches a terminal as a control character, and no
# part of the credentials that it sends back is shown.  What AWS says of a denial is passed on.
use strict;
use warnings;
use Test::More;
use Digest::MD5 qw(md5_hex);
use Encode      ();
use File::Temp  qw(tempdir);
use FindBin     qw($Bin);
use lib "$Bin/lib";
use HostileStore qw(always response contents page);
use Program      qw(helper run);
use Site;

my $helper = helper();
HostileStore::set_environment( tempdir( CLEANUP => 1 ) );
my $log = HostileStore::content();
my $is_list = qr{^/logs$};

# ---- texts of the store ---------------------------------------------------------------------------

# Each control in a key, an error's text and a request's ID.
my @controls = ( "\x1b]0;title\x07", "\xc2\x9b2J", "\xe2\x80\xae", "\xe2\x81\xa6", "\xd8\x9c", "\x7f" );
my $hidden = qr/[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c/;

sub is_visible {
    my ( $name, $text ) = @_;
    unlike( $text, $hidden, "$name: no control character" );
    ok( eval { Encode::decode( 'UTF-8', my $copy = $text, Encode::FB_CROAK ); 1 }, "$name: UTF-8" );
    return;
}
my @names = map { "cdn/$_" } 'a', @controls, "caf\xe9";
my $shows = HostileStore->new(
    sub {
        my ( $request, $send ) = @_;
        my $keys = join '', map { contents(s/([^ -~])/sprintf '%%%02X', ord $1/ger) } sort @names;
        return $send->( response( 200, page($keys) ) ) if $request->{path} =~ $is_list;
        return $send->( response( 200, $log, ETag => '"' . md5_hex($log) . '"' ) ) if $request->{path} =~ /a$/;
        my $text = join '', map { s/[\x00-\x1f]//gr } @controls;
        return $send->(
            response(
                403,
                "<Error><Code>AccessDenied</Code><Message>$text</Message></Error>",
                'x-amz-request-id' => "$controls[1]ID"
            )
        );
    }
);
my $site = Site->new( source => 's3://logs/cdn/', endpoint => $shows->endpoint );
my $shown = $site->cat( 'now', '-v' );
like(
    $shown->{err},
    qr{s3://logs/cdn/\\x1b\]0;title\\x07: left out until it can be read: access denied: },
    'controls in a key: they are shown'
);
like( $shown->{err}, qr/403 AccessDenied, 1 try, \d+ ms, request ID \\xc2\\x9b2JID$/m, '-v shows each request' );
unlike( $shown->{err}, qr/secretsecret|tokentoken|Signature=/, '-v shows no secret' );
is_visible( 'messages', $shown->{err} );
my ( $status_status, $status ) = $site->status;
is_visible( 'status',        $status );
is_visible( 'status --json', ( $site->status('--json') )[1] );
like( $status, qr{left out: cdn/\\xe2\\x80\\xae}, 'status: a direction of text is shown' );
my ( $check_status, $check ) = run( $site->command('check') );
is_visible( 'check', $check );
like( $check, qr/^FAIL  object: .*access denied/m, 'check: message' );

# A store that sends back a part of the credentials, in any text that it has.
my $withheld =
  qr/responded with HTTP status 400 and an error that repeats a part of the credentials, so it is not shown; check/;
foreach (
    [ 'the token',          403, 'AccessDenied',  'you sent tokentokentokentokentoken', qr/access denied; allow/ ],
    [ 'the end of a token', 403, 'AccessDenied',  'you sent kentokentokentoken.',       qr/access denied; allow/ ],
    [ 'the secret',         403, 'AccessDenied',  'it is cretsecretse',                 qr/access denied; allow/ ],
    [ 'a signature',        403, 'AccessDenied',  'X-Amz-Signature=0123',               qr/access denied; allow/ ],
    [ 'another error',      400, 'Odd',           'you sent kentokentoken',             $withheld ],
    [ 'a code',             400, 'kentokentoken', 'no',                                 $withheld ],
    [ 'no secret', 400, 'Odd', 'you sent kentokentok', qr/responded with HTTP status 400 Odd: you sent kentok/ ],
  )
{
    my ( $name, $number, $code, $text, $message ) = @$_;
    my $body = "<Error><Code>$code</Code><Message>$text</Message></Error>";
    my $echo = HostileStore->new( always( response( $number, $body, 'x-amz-request-id' => "id-$text" =~ s/ /-/gr ) ) );
    my ( $status, $out, $err ) = run( $helper, 'cat', '-v', 's3://logs/cdn/', '--endpoint', $echo->endpoint );
    like( $err, $message, "a store that sends back $name: message" );
    unlike( $err, qr/kentokentoken|cretsecretse|Signature=/i, "a store that sends back $name: it is not shown" );
}
foreach ( [ 'an object', 'cdn/a' ], [ 'another object', 'tokentokentoken' ] ) {
    my ( $name, $key ) = @$_;
    my @tag = ( ETag => '"' . md5_hex($log) . '"' );
    my $echo = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            my $size = length $log;
            return $send->("HTTP/1.1 200 OK\r\nContent-Length: $size\r\nETag: $tag[1]\r\n\r\n")
              if $request->{method} eq 'HEAD';
            return $send->( response( 200, $request->{path} =~ $is_list ? page( contents('cdn/a') ) : $log, @tag ) )
              if $request->{method} eq 'GET';
            my $body = "<Key>$key</Key><Code>kentokentoken</Code><Message>you sent kentokentoken</Message>";
            return $send->( response( 200, "<DeleteResult><Error>$body</Error></DeleteResult>" ) );
        }
    );
    my $run = Site->new( source => 's3://logs/cdn/', endpoint => $echo->endpoint, after => 'delete' )->cat;
    like( $run->{err}, qr/cannot be deleted: /, "an error of $name that sends back the token: message" );
    unlike( $run->{err}, qr/kentoken/, "an error of $name that sends back the token: it is not shown" );
}

# ---- what AWS says of a denial --------------------------------------------------------------------

my $user = 'User: arn:aws:iam::123456789012:user/logs is not authorized to perform: ';
foreach my $case (
    [ 'Access Denied', qr/: access denied; allow s3:ListBucket on arn:aws:s3:::logs in the IAM policy of the cred/ ],
    [
"${user}kms:Decrypt on resource: arn:aws:kms:eu-west-1:123456789012:key/1 because no identity-based policy allows it",
qr{: access denied: User: .*allows it; allow kms:Decrypt on arn:aws:kms:eu-west-1:123456789012:key/1 in the IAM policy}
    ],
    [
        "${user}s3:ListBucket on resource: \"arn:aws:s3:::logs\" with an explicit deny in a resource-based policy",
qr{: access denied: User: .*policy; remove the Deny for the credentials from the environment from the policy that has it$}
    ],
    (
        map { [ "${user}s3:ListBucket on resource: arn:aws:s3:::logs because no $_->[0] allows it", $_->[1] ] }
          [ 'VPC endpoint policy', qr{; allow s3:ListBucket on arn:aws:s3:::logs in the policy of the VPC endpoint$} ],
        [ 'service control policy',  qr{; allow \S+ on \S+ in the service control policies of the AWS organization$} ],
        [ 'resource control policy', qr{; allow \S+ on \S+ in the resource control policies of the AWS organization$} ],
        [ 'resource-based policy',   qr{; allow \S+ on \S+ in the policy of this resource$} ],
        [ 'permissions boundary',    qr{; allow \S+ on \S+ in the permissions boundary of the credentials$} ],
        [ 'session policy',          qr{; allow \S+ on \S+ in the session policy of the credentials$} ],
    ),
    [
        'Access Denied because object protected by object lock.',
        qr{protected by object lock; an object with a retention or a legal hold cannot be deleted; end them, or set}
    ],
    [
        'Mfa Authentication must be used for this request',
qr{for this request; a policy, or MFA Delete of the bucket, demands multi-factor authentication; change that, or}
    ],
    [
        'Access Denied', qr/: access denied; allow s3:ListBucket on arn:aws-cn:s3:::logs in the IAM policy/,
        '--region',      'cn-north-1'
    ],
  )
{
    my ( $text, $message, @option ) = @$case;
    my $store =
      HostileStore->new(
        always( response( 403, "<Error><Code>AccessDenied</Code><Message>$text</Message></Error>" ) ) );
    my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $store->endpoint, @option );
    like( $err, $message, "a denial, $text" );
    unlike( $err, qr/in the IAM policy/, "a denial, $text: no advice about IAM" ) if "$message" !~ /IAM/;
}

done_testing;
