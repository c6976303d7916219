#!/usr/bin/perl
# A thousand random requests are signed as botocore, the library of awscli, signs them: keys with every character, keys
# of the bucket's owner and of sessions, regions, prefixes; and requests to STS.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AwsServices;
use Program       qw(helper run);
use RandomNumbers ();
use Soak          ();

my $helper = helper();
my $aws = AwsServices->new;
RandomNumbers::seed( Soak::seed( 'SIGNATURE_SEED', 4711 ) );
delete $ENV{$_} for grep { ( /^AWS_/ || /_proxy\z/i ) } keys %ENV;
my %environment = ( $aws->environment, AWS_EC2_METADATA_DISABLED => 'true' );
@ENV{ keys %environment } = values %environment;
binmode Test::More->builder->$_, ':encoding(UTF-8)' for qw(output failure_output todo_output);
my @characters = ( map( { chr } 0x20 .. 0x7e ), map { chr } 0xa0, 0xe9, 0x20ac, 0x1f4a9, 0x7ff, 0x800 );

sub words {
    my ($size) = @_;
    return join '', map { RandomNumbers::pick( \@characters ) } 1 .. 1 + RandomNumbers::below($size);
}

my $requests = 0;
for my $round ( 1 .. 10 ) {
    my $prefix = words(20) =~ s/[^ -~]|\?//gr;
    my %keys = map { ( "$prefix$_/" . words(60) => 1 ) } 1 .. 103;
    delete $keys{$_} for grep { m{/\z} || m{(?:\A|/)\.\.?(?:/|\z)} } keys %keys;
    my $id = 'AKID' . RandomNumbers::below(1_000_000);
    my $is_role = $round % 3 == 0;
    $aws->put( credentials => "[default]\naws_access_key_id = $id\naws_secret_access_key = s3kr1t/$id\n" );
    $aws->put( config => $is_role
        ? "[profile r]\nrole_arn = arn:aws:iam::1:role/r$round\nsource_profile = default\n"
        : undef );
    $aws->behave( s3 => { keys => [ sort keys %keys ] } );
    my $region = RandomNumbers::pick( [qw(eu-west-1 us-gov-west-1 cn-north-1 ap-southeast-4)] );
    my ( $status, $out, $err ) = run( $helper, 'cat', '-j', '8', "s3://logs/$prefix", '--endpoint', $aws->endpoint,
        '--region', $region, $is_role ? ( '--profile', 'r' ) : () );
    is( $status, 0, "round $round: the server accepts the signatures" ) or diag($err);
    $requests += keys %keys;
}

my ( $status, $out, $err ) = run( { in => $aws->folder . '/requests' }, "$Bin/aws-signatures" );
is( $status, 0, 'botocore has signed them' ) or diag($err);
my ($same) = $out =~ s/^(\d+) same\n\z//m ? $1 : 0;
is( $out, '', 'each as we do' );
cmp_ok( $same, '>', 1000,      "$same requests" );
cmp_ok( $same, '>', $requests, 'one for each object, and those for lists and roles' );

done_testing;
