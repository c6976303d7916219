#!/usr/bin/perl
# The settings of AWS's tools: each is obeyed, passed over, or an error with its name, file and line.  The manual lists
# all of them.
use strict;
use warnings;
use Test::More;
use File::Temp  qw(tempdir);
use FindBin     qw($Bin);
use Time::HiRes qw(time);
use lib "$Bin/lib";
use HostileStore qw(response);
use Program      qw(helper run content write_file);

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
delete $ENV{$_} for grep { /^(?:AWS|BOTOCORE)_|_proxy\z/i } keys %ENV;
@ENV{qw(HOME AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_CONFIG_FILE AWS_EC2_METADATA_DISABLED)} =
  ( $dir, 'AKIDEXAMPLE', 'secret', "$dir/config", 'true' );

# A store that has one empty page, or fails with a status as often as a test says.
my $failing = HostileStore->new(
    sub {
        my ( $request, $send ) = @_;
        my ($status) = $request->{path} =~ m{\A/fails-(\d+)}
          or return $send->( response( 200, '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>' ) );
        return $send->( response( $status, '<Error><Code>InternalError</Code></Error>' ) );
    }
);

# Returns the exit status, and the errors, of cat with these settings of the profile and variables.
sub cat {
    my ( $profile, $variables, $bucket ) = @_;
    write_file( "$dir/config", "[default]\n$profile\n" );
    local @ENV{ keys %$variables } = values %$variables;
    my ( $status, undef, $err ) =
      run( $helper, 'cat', '-v', 's3://' . ( $bucket // 'logs' ) . '/', '--endpoint', $failing->endpoint );
    delete @ENV{ keys %$variables };
    return ( $status, $err );
}

# ---- refused ----------------------------------------------------------------------------------------

foreach (
    [
        "s3 =\n  max_concurrent_requests = many", {},
        'config:3: max_concurrent_requests = many: must be a whole number'
    ],
    [ "s3 =\n  max_concurrent_requests = 0", {}, 'config:3: max_concurrent_requests = 0: must be a whole number' ],
    [ "s3 =\n  max_queue_size = -1",         {}, 'config:3: max_queue_size = -1: must be a whole number' ],
    [
        "s3 =\n  multipart_threshold = 8 apples", {},
        'config:3: multipart_threshold = 8 apples: must be a size such as'
    ],
    [ "s3 =\n  max_bandwidth = 10MB",   {}, 'config:3: max_bandwidth = 10MB: must be a rate such as 10MB/s' ],
    [ "s3 =\n  max_bandwidth = 0",      {}, 'config:3: max_bandwidth = 0: must be a rate such as 10MB/s' ],
    [ "s3 =\n  max_bandwidth = 9kB/s",  {}, 'config:3: max_bandwidth = 9kB/s: must be at least 16KB/s' ],
    [ "s3 =\n  max_bandwidth = 10XB/s", {}, 'config:3: max_bandwidth = 10XB/s: must be a rate such as 10MB/s' ],
    [ "s3 =\n  preferred_transfer_client = fast", {}, 'fast: must be auto, classic, crt or default; correct it' ],
    [
        "s3 =\n  signature_version = s3",
        {}, 'config:3: signature_version = s3: .* does not support .* must be s3v4 or v4'
    ],
    [
        "s3 =\n  endpoint_url = https://a.example",
        {}, 'config:3: endpoint_url = .*: .* write endpoint_url into the profile'
    ],
    [ 'max_attempts = few',                 {}, 'config:2: max_attempts = few: must be a whole number from 1 on' ],
    [ 'retry_mode = never',                 {}, 'config:2: retry_mode = never: must be legacy, standard or adaptive' ],
    [ 'proxy_ca_bundle = /ca.pem',          {}, 'config:2: proxy_ca_bundle = /ca.pem: this program does not support' ],
    [ 'proxy_client_cert = /c.pem',         {}, 'config:2: proxy_client_cert = /c.pem: this program does not support' ],
    [ 'proxy_use_forwarding_for_https = 1', {}, 'config:2: proxy_use_forwarding_for_https = 1: .* must be false;' ],
    [ '', { AWS_MAX_ATTEMPTS => '0' },          'AWS_MAX_ATTEMPTS=0: must be a whole number from 1 on' ],
    [ '', { AWS_RETRY_MODE => 'x' },            'AWS_RETRY_MODE=x: must be legacy, standard or adaptive' ],
    [
        '',
        { AWS_REQUEST_CHECKSUM_CALCULATION => 'no' },
        'AWS_REQUEST_CHECKSUM_CALCULATION=no: must be when_supported or'
    ],
  )
{
    my ( $profile, $variables, $want ) = @$_;
    my ( $status, $err ) = cat( $profile, $variables );
    is( $status, 1, "$want: exit status 1" );
    like( $err, qr/\A[^\n]*$want[^\n]*\n\z/, "$want: one line" );
}
is( scalar( my @requests = $failing->requests ), 0, 'none of these sends a request' );

# ---- passed over ------------------------------------------------------------------------------------

foreach (
    [ "s3 =\n  max_queue_size = 10000\n  multipart_threshold = 64MB\n  multipart_chunksize = 16MiB",  {} ],
    [ "s3 =\n  io_chunksize = 262144\n  preferred_transfer_client = crt\n  target_bandwidth = 5Gb/s", {} ],
    [ "s3 =\n  payload_signing_enabled = true\n  signature_version = s3v4",                           {} ],
    [ "retry_mode = adaptive\ndefaults_mode = auto\nproxy_use_forwarding_for_https = false",          {} ],
    [ '', { AWS_RETRY_MODE => 'standard', AWS_SDK_UA_APP_ID => 'x', AWS_MAX_ATTEMPTS => '' } ],
    [ "s3 =\n  max_bandwidth = 800kb/s\n  max_concurrent_requests = 1000000", {} ],
  )
{
    my ( $profile, $variables ) = @$_;
    my ( $status,  $err ) = cat( $profile, $variables );
    is( $status, 0, "accepted: $profile @{[ %$variables ]}" ) or diag($err);
}
my ( $status, $err ) = cat( "s3 =\n  adressing_style = path", {} );
is( $status, 0, 'a setting of S3 that no tool knows' );
like( $err, qr{/config:3: the tools of AWS have no setting adressing_style of S3}, 'it is named with -v' );
write_file( "$dir/credentials", "[default]\ns3 =\n  addressing_style = path\n" );
( $status, $err ) =
  cat( "s3 =\n  max_bandwidth = 1KB/s", { AWS_SHARED_CREDENTIALS_FILE => "$dir/credentials" } );
is( $status, 0, 'a section s3 in both files: that of the credentials file counts' ) or diag($err);
like(
    $err,
    qr{/config:2: these settings of S3 have no effect, because \S+/credentials has a section s3 for},
    'a section s3 in both files: it is named with -v'
);

# ---- tries ------------------------------------------------------------------------------------------

foreach (
    [ 1, 'max_attempts = 1', {},                          'fails-500' ],
    [ 2, 'max_attempts = 5', { AWS_MAX_ATTEMPTS => '2' }, 'fails-500' ],
    [ 2, 'max_attempts = 2', {},                          'fails-502' ],
  )
{
    my ( $want, $profile, $variables, $bucket ) = @$_;
    my $before = my @before = $failing->requests;
    cat( $profile, $variables, $bucket );
    my $tries = ( my @after = $failing->requests ) - $before;
    is( $tries, $want, "$profile @{[ %$variables ]}: $want tries" );
}

# ---- requests at once, and bandwidth ------------------------------------------------------------------

# Ten objects of 30,000 bytes.
my $object = 'x' x 30_000;
my $list = '<ListBucketResult><IsTruncated>false</IsTruncated>';
$list .=
    "<Contents><Key>cdn/$_</Key><Size>30000</Size><LastModified>2026-10-01T00:00:00Z</LastModified>"
  . '<ETag>&quot;e&quot;</ETag></Contents>'
  foreach 10 .. 19;
$list .= '</ListBucketResult>';

sub fetch {
    my ( $profile, $rule ) = @_;
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            return $send->( response( 200, $list ) ) if $request->{query} =~ /list-type/;
            return $rule->($send);
        }
    );
    write_file( "$dir/config", "[default]\n$profile\n" );
    my $begin = time;
    my $to = tempdir( CLEANUP => 1 );
    my ( $status, undef, $err ) =
      run( $helper, 'fetch', 's3://logs/cdn/', '--to', $to, '--endpoint', $store->endpoint );
    is( $status, 0, "$profile: all is fetched" ) or diag($err);
    return time - $begin;
}

# Each response leaves a file while it is under way.
my $most = sub {
    my ($profile) = @_;
    my $under_way = tempdir( CLEANUP => 1 );
    fetch(
        $profile,
        sub {
            my ($send) = @_;
            write_file( "$under_way/$$", '' );
            select undef, undef, undef, 0.05;
            my @now = glob "$under_way/[0-9]*";
            open my $log, '>>', "$under_way/log" or die "$under_way/log: $!\n";
            syswrite $log, scalar(@now) . "\n";
            close $log;
            unlink "$under_way/$$";
            return $send->( response( 200, $object, ETag => '"e"' ) );
        }
    );
    my ($highest) = sort { $b <=> $a } split /\n/, content("$under_way/log");
    return $highest;
};
is( $most->("s3 =\n  max_concurrent_requests = 2"), 2, 'max_concurrent_requests: as many at once, and no more' );
cmp_ok( $most->(''), '>', 2, 'without it, more' );

my $seconds =
  fetch( "s3 =\n  max_bandwidth = 200KB/s", sub { return $_[0]->( response( 200, $object, ETag => '"e"' ) ) } );
cmp_ok( $seconds, '>=', 1.2, 'max_bandwidth: 300,000 bytes at 204,800 a second' );
$seconds =
  fetch( "s3 =\n  max_bandwidth = 1600Kb/s", sub { return $_[0]->( response( 200, $object, ETag => '"e"' ) ) } );
cmp_ok( $seconds, '>=', 1.2, 'in bits' );

# ---- the manual -------------------------------------------------------------------------------------

my $manual = join '', map { content("$Bin/../helper/manual/awstats-cloudfront$_.in") } qw(.1 .conf.5);
my %known =
  content("$Bin/../helper/aws/known_settings.def") =~ /^SETTING\((?:NULL|"s3"), "(\w+)",\s+(?:NULL|"(\w+)")/mg;
cmp_ok( scalar keys %known, '>', 40, 'the list is read' );
foreach ( sort keys %known ) {
    my $variable = $known{$_} // $_;
    like( $manual, qr/\b(?:$_|$variable)\b/, "the manual has $_" );
}

done_testing();
