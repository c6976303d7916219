#!/usr/bin/perl
# Keys that end in mid-run are replaced, once, before the store refuses them or after; check tells how long they last.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use CredentialChecks qw(is_key seen services);
use Program          qw(helper run);

my $aws = services(<<'END');
[profile role]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = base
external_id = a/b c
role_session_name = logs\@example
duration_seconds = 900
[profile brief]
role_arn = arn:aws:iam::123456789012:role/brief
source_profile = base
END
my ( $helper, $here ) = ( helper(), $aws->endpoint );

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

# check tells whose keys they are, and how long they last.
$aws->behave( s3 => { objects => 1 } );
my ( $status, $out ) = run( $helper, 'check', 's3://logs/x', '--endpoint', $here, '--profile', 'role' );
like(
    $out,
qr{^ok    credentials: AWS credentials from role arn:aws:iam::123456789012:role/reader of profile role, with .* and a session token; they expire at 20\d\d-\d\d-\d\d \d\d:\d\d UTC$}m,
    'check'
);

done_testing;
