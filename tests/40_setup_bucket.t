#!/usr/bin/perl
# setup makes a site whose logs are in a bucket, and prints the IAM policy for it.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use JSON::XS   qw(decode_json);
use List::Util qw(first);
use lib "$Bin/lib";
use OwnSetup qw(log_text setup);
use Program  qw(content helper run);
use S3Server;

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
my $own = "$dir/own";
my @own = ( '--config', "$own/cloudfront.conf" );
my ( $conf, $report ) = ( "$own/cloudfront.conf", "$own/awstats.cdn.conf" );

my $server = S3Server->new;
$server->set_environment;
$server->make_bucket('logs');
$server->put( 'logs', 'cdn/a', log_text( 'www.example.com' => 2 ) );
my $out = setup( 0, 'a bucket', 'cdn', 's3://logs/cdn/', @own, '--yes', '--region', 'eu-west-1' );
like( $out,           qr{^ok    source: s3://logs/cdn/$}m,                                  'a bucket: the source' );
like( content($conf), qr{^\[cdn\]\nsource = s3://logs/cdn/\nregion = eu-west-1\nstate = }m, 'a bucket: the section' );
like( $out, qr/^warn  credentials: AWS_ACCESS_KEY_ID is set for this shell alone; /m, 'credentials of the shell' );
unlike( $out, qr/\Q${\ $server->secret}\E/, 'no secret is printed' );
unlike( content($_), qr/\Q${\ $server->secret}\E/, 'no secret is written' ) foreach $conf, $report;

# The policy, a JSON text.
sub policy {
    my ( $name, @word ) = @_;
    my ( $policy_status, $policy, $note ) = run( $helper, 'setup', '--policy', @word, @own );
    is( $policy_status, 0, "the policy, $name: exit status" ) or diag($note);
    like( $note, qr/^\S+ if .* KMS key of your own, also allow kms:Decrypt/, "the policy, $name: a note about KMS" );
    like( $out,  qr/\Q$policy\E/, "the policy, $name: setup has printed it" ) if $name eq 'of a site';
    my $data = decode_json($policy);
    is( $data->{Version},                                              '2012-10-17', "the policy, $name: version" );
    is( ( first { $_->{Effect} ne 'Allow' } @{ $data->{Statement} } ), undef,        "the policy, $name: allows" );
    return {
        map {
            my $statement = $_;
            map { ( "$_ $statement->{Resource}" => $statement->{Condition}{StringLike}{'s3:prefix'} ) }
              ref $_->{Action}
              ? @{ $_->{Action} }
              : $_->{Action}
        } @{ $data->{Statement} }
    };
}
my %read = ( 's3:ListBucket arn:aws:s3:::logs' => 'cdn/*', 's3:GetObject arn:aws:s3:::logs/cdn/*' => undef );
is_deeply( policy( 'of a site', 'cdn' ), \%read, 'the policy of a site' );
is_deeply( policy( 'of no site yet', 'new', 's3://logs/cdn/' ), \%read, 'the policy of a site that is not there' );
is_deeply(
    policy( 'delete', 'new', 's3://logs/cdn/', '--after', 'delete' ),
    { %read, 's3:DeleteObject arn:aws:s3:::logs/cdn/*' => undef },
    'after = delete'
);
is_deeply(
    policy( 'delete, for a site that is there', 'cdn', '--after', 'delete', '--region', 'cn-north-1' ),
    {
        's3:ListBucket arn:aws-cn:s3:::logs'         => 'cdn/*',
        's3:GetObject arn:aws-cn:s3:::logs/cdn/*'    => undef,
        's3:DeleteObject arn:aws-cn:s3:::logs/cdn/*' => undef
    },
    'options go before the section'
);
is_deeply(
    policy( 'another place, for a site that is there', 'cdn', 's3://other/x/' ),
    { 's3:ListBucket arn:aws:s3:::other' => 'x/*', 's3:GetObject arn:aws:s3:::other/x/*' => undef },
    'a SOURCE goes before the section'
);
is_deeply(
    policy( 'move', 'new', 's3://logs/cdn/', '--after', 'move s3://old/x/' ),
    {
        %read,
        map { ( "s3:$_" => undef ) } 'DeleteObject arn:aws:s3:::logs/cdn/*',
        'PutObject arn:aws:s3:::old/x/*',
        'GetObject arn:aws:s3:::old/x/*'
    },
    'after = move'
);
is_deeply(
    policy( 'move, a store', 'new', 's3://logs/cdn/', '--after', 'move s3://old/x/', '--endpoint', $server->endpoint ),
    {
        %read,
        map { ( "s3:$_" => undef ) } 'DeleteObject arn:aws:s3:::logs/cdn/*',
        'ListBucket arn:aws:s3:::old',
        'PutObject arn:aws:s3:::old/x/*',
        'GetObject arn:aws:s3:::old/x/*'
    },
    'after = move within another store than AWS'
);
is_deeply(
    policy( 'all of a bucket', 'new', 's3://logs' ),
    { 's3:ListBucket arn:aws:s3:::logs' => undef, 's3:GetObject arn:aws:s3:::logs/*' => undef },
    'the policy without a prefix'
);
is_deeply(
    policy( 'a strange prefix', 'new', qq(s3://logs/a"\\b*?\$x/), '--region', 'cn-north-1' ),
    {
        's3:ListBucket arn:aws-cn:s3:::logs'                    => q(a"\b${*}${?}${$}x/*),
        's3:GetObject arn:aws-cn:s3:::logs/a"\b${*}${?}${$}x/*' => undef
    },
    'characters that mean something, and another partition'
);
like(
    setup(
        2, 'the policy with a target that is no bucket',
        '--policy', 'new', 's3://logs/cdn/', '--after', 'move s3://t/'
    ),
    qr{\A\S+ after = move s3://t/?: not a bucket name: [^\n]*\n\z},
    'the policy of a target that is no bucket names the target'
);

for ( ['s3://ap-0123456789abcdefghijklmnopqrs-s3alias/cdn/'],
    [ 's3://logs/cdn/', '--after', 'move s3://ap-0123456789abcdefghijklmnopqrs-s3alias/old/' ] )
{
    like(
        setup( 2, "the policy of an alias: @$_", '--policy', 'new', @$_ ),
        qr{\A\S+ \S+: a policy cannot name an access point by its alias, \N*; give its ARN instead\N*\n\z},
        "the policy of an alias asks for the ARN: @$_"
    );
}
like(
    setup( 2, 'the policy of a directory', '--policy', 'new', $dir ),
    qr/is no bucket, so it needs no IAM policy/,
    'a directory needs no policy'
);
like(
    setup( 2, 'the policy of an unknown site', '--policy', 'new', @own ),
    qr/no section \[new\] in .*give the SOURCE/,
    'an unknown site'
);

SKIP: {
    skip 'only root can become another user', 4 if $> != 0;
    my $copy = "$dir/awstats-cloudfront";    # the user may not enter every folder above the program
    system( 'cp', $helper, $copy ) == 0 or die "$copy: $!\n";
    chmod 0755, $dir, $own;
    chmod 0600, $conf;
    my @policy = ( 'setpriv', '--reuid=65534', '--clear-groups', $copy, 'setup', '--policy', @own );
    my ( $status, $text, $message ) = run( @policy, 'cdn' );
    is( $status, 1, 'a configuration that this user may not read: exit status' );
    my $advice = "may not read $conf; run the command with sudo, or give the SOURCE, too: "
      . '"awstats-cloudfront setup --policy cdn s3://BUCKET/PREFIX"';
    like(
        $message,
        qr/\A\S+ the user \S+ \Q$advice\E\n\z/,
        'a configuration that this user may not read: says what to do'
    );
    ( $status, $text, $message ) = run( @policy, 'cdn', 's3://logs/cdn/', '--after', 'delete' );
    is( $status, 0, 'with the SOURCE: exit status' ) or diag($message);
    like( $text, qr/"s3:DeleteObject"/, 'with the SOURCE: the policy of the command line' );
}

done_testing;
