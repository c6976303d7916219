#!/usr/bin/perl
# Requests are signed for the region that the settings name or that S3 reports, and say who pays for them.
use strict;
use warnings;
use Test::More;
use Digest::MD5 qw(md5_hex);
use File::Temp  qw(tempdir);
use FindBin     qw($Bin);
use lib "$Bin/lib";
use AwsAddress;
use HostileStore qw(always response);
use Program      qw(helper run write_file);
use Site;

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
delete $ENV{$_} for grep { /^AWS_|_proxy\z/i } keys %ENV;
@ENV{qw(HOME AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_EC2_METADATA_DISABLED)} =
  ( $dir, 'AKIDEXAMPLE', 'secret', 'true' );

# ---- the region -----------------------------------------------------------------------------------

my $log = Site::log_text('/a');
my $list =
    '<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>cdn/a</Key><Size>'
  . length($log)
  . '</Size><LastModified>2026-11-01T00:00:00.000Z</LastModified><ETag>"'
  . md5_hex($log)
  . '"</ETag></Contents></ListBucketResult>';

my $other = '<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>';
my %redirects = (
    '301 with a header' => response( 301, $other, 'x-amz-bucket-region' => 'eu-west-1' ),
    '301 without one'   => response( 301, $other ),
    '307'               => response( 307, $other =~ s/Permanent/Temporary/r ),
    '400' => response( 400, '<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>' ),
    '400 without a region' => response( 400, '<Error><Code>AuthorizationHeaderMalformed</Code></Error>' ),
);
foreach my $name ( sort keys %redirects ) {
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            my ($region) = $request->{head} =~ m{Credential=[^/]+/\d+/([^/]+)/};
            my $heads = $request->{method} eq 'HEAD' && $request->{path} eq '/logs';
            return $send->("HTTP/1.1 403 No\r\nx-amz-bucket-region: eu-west-1\r\n\r\n") if $heads;
            return $send->( $redirects{$name} ) if $region ne 'eu-west-1';
            return $send->( response( 200, $request->{path} eq '/logs' ? $list : $log ) );
        }
    );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint );
    my $result = $site->cat;
    is( $result->{paths}, '/a', "$name: the log" ) or diag( $result->{err} );
    my @requests = $store->requests;
    my $asks = $name =~ /without|307/ ? 1 : 0;
    is( scalar( grep { $_ eq 'HEAD /logs' } @requests ), $asks,     "$name: asked for the region: $asks" );
    is( scalar @requests,                                3 + $asks, "$name: the redirect is followed once" );

    $site->cat;
    my @later = $store->requests;
    is( @later - @requests, 1, "$name: the ledger remembers the region" );
    $site->configure( region => 'us-west-2' );
    like(
        $site->cat->{err},
        qr/S3 reports that bucket logs is in region eu-west-1, not us-west-2/,
        "$name: a region that is given"
    );
}

# Two buckets of one site, each in another region.
{
    my %region_of = ( logs => 'eu-west-1', media => 'eu-south-1' );
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            my ($region) = $request->{head} =~ m{Credential=[^/]+/\d+/([^/]+)/};
            my ($bucket) = $request->{path} =~ m{^/(\w+)};
            return $send->( response( 301, $other, 'x-amz-bucket-region' => $region_of{$bucket} ) )
              if $region ne $region_of{$bucket};
            my $content = $log =~ s{/a}{/$bucket}r;
            my ( $etag, $size ) = ( md5_hex($content), length $content );
            my $page = $list =~ s{<Key>cdn/a}{<Key>cdn/$bucket}r =~ s{"\w{32}"}{"$etag"}r =~ s{<Size>\d+}{<Size>$size}r;
            return $send->( response( 200, $request->{path} =~ m{^/\w+$} ? $page : $content ) );
        }
    );
    my $site = Site->new( source => [ 's3://logs/cdn/', 's3://media/cdn/' ], endpoint => $store->endpoint );
    my $result = $site->cat;
    is( $result->{paths}, '/logs /media', 'two buckets in two regions: the logs' ) or diag( $result->{err} );
    my $before = $store->requests;
    is( $site->cat->{paths},          '', 'two buckets in two regions: nothing new' );
    is( $store->requests() - $before, 2,  'two buckets in two regions: the ledger remembers both' );
    $site->configure( source => 's3://media/cdn/' );
    $site->cat;
    $site->configure( source => [ 's3://logs/cdn/', 's3://media/cdn/' ] );
    $before = $store->requests;
    $site->cat;
    is( $store->requests() - $before,
        2, 'two buckets in two regions: the ledger remembers one that was not in the list for a time' );
}

# What the ledger remembers holds only at the store, or in the partition of AWS, where the bucket was found.
{
    # A store whose buckets are in one region; it sends errors to requests for another one.
    my $store_in = sub {
        my ($own) = @_;
        return HostileStore->new(
            sub {
                my ( $request, $send ) = @_;
                my ($region) = $request->{head} =~ m{Credential=[^/]+/\d+/([^/]+)/};
                return $send->(
                    response( 400, "<Error><Code>AuthorizationHeaderMalformed</Code><Region>$own</Region></Error>" ) )
                  if $region ne $own;
                return $send->( response( 200, $request->{path} eq '/logs' ? $list : $log ) );
            }
        );
    };
    my ( $garage, $minio ) = map { $store_in->($_) } 'garage', 'us-east-1';
    my $proxy = HostileStore->new(
        sub { $_[1]->("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"); return } );
    local @ENV{ 'https_proxy', 'AWS_CONFIG_FILE' } = ( $proxy->endpoint, "$dir/config" );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $garage->endpoint );

    # The requests of a run of the site that come to $where.
    my $requests = sub {
        my ( $where, @command ) = @_;
        my $before = my @before = $where->requests;
        run( $site->command(@command) );
        my @after = $where->requests;
        return @after[ $before .. $#after ];
    };
    my @cat = ( 'cat', '--commit' );
    is( scalar( () = $requests->( $garage, @cat ) ),    3, 'a store: the redirect, the list and the log' );
    is( scalar( () = $requests->( $garage, @cat ) ),    1, 'a store: the ledger remembers its region' );
    is( scalar( () = $requests->( $garage, 'check' ) ), 2, 'a store: check uses what the ledger remembers' );
    $site->configure( endpoint => $minio->endpoint );
    is( scalar( () = $requests->( $minio, @cat ) ), 1, 'another store: the configured region counts' );
    $site->configure( endpoint => undef );

    my $goes_to = sub {
        my ( $settings, $host, $name ) = @_;
        write_file( "$dir/config", "[default]\n$settings\n" );
        is( ( $requests->( $proxy, @$_ ) )[-1], "CONNECT logs.$host:443", "$name: $$_[0]" ) for \@cat, ['check'];
    };
    $goes_to->( '',                   's3.us-east-1.amazonaws.com', 'AWS after a store' );
    $goes_to->( 'region = eu-west-1', 's3.eu-west-1.amazonaws.com', 'AWS after a store, a region is configured' );

    # As earlier versions stored it, too.
    $site->change_ledger( 'INSERT OR REPLACE INTO state VALUES (?, ?)', 'region', "us-west-2 logs\n" );
    $goes_to->( '',                       's3.us-west-2.amazonaws.com',     'AWS' );
    $goes_to->( 'region = eu-central-1',  's3.us-west-2.amazonaws.com',     'AWS, the region of the profile' );
    $goes_to->( 'region = cn-north-1',    's3.cn-north-1.amazonaws.com.cn', 'another partition' );
    $goes_to->( 'region = us-gov-west-1', 's3.us-gov-west-1.amazonaws.com', 'another partition in the same domain' );
    $site->configure( endpoint => $minio->endpoint );
    write_file( "$dir/config", '' );
    is( scalar( () = $requests->( $minio, @cat ) ), 1, 'a store after AWS: the configured region counts' );

    # The setting makes the program forget.
    $site->configure( endpoint => undef );
    $goes_to->( '', 's3.us-west-2.amazonaws.com', 'AWS after a store that needs no other region' );
    $site->configure( endpoint => $minio->endpoint, region => 'us-east-1' );
    $requests->( $minio, @cat );
    $site->configure( endpoint => undef, region => undef );
    $goes_to->( '', 's3.us-east-1.amazonaws.com', 'after a run with the setting "region"' );
}

# The target of a move is in another region: the first request to it is a HeadObject, whose response has no document.
foreach my $name ( 'with', 'without' ) {
    my %region_of = ( logs => 'eu-west-1', done => 'eu-south-1' );
    my @tag = ( ETag => '"' . md5_hex($log) . '"' );
    my $is_copied = 0;
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            my ($region) = $request->{head} =~ m{Credential=[^/]+/\d+/([^/]+)/};
            my ( $bucket, $key ) = $request->{path} =~ m{^/(\w+)(/?)};
            my $is_named = $key && $name eq 'without' ? '' : "x-amz-bucket-region: $region_of{$bucket}\r\n";
            return $send->("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n$is_named\r\n")
              if $region ne $region_of{$bucket};
            $is_copied ||= $request->{method} eq 'PUT';
            return $send->("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
              if $request->{method} eq 'HEAD' && $bucket eq 'done' && !$is_copied;
            return $send->( "HTTP/1.1 200 OK\r\nContent-Length: " . length($log) . "\r\nETag: $tag[1]\r\n\r\n" )
              if $request->{method} eq 'HEAD';
            return $send->(
                $request->{method} eq 'PUT'
                ? response( 200, '<CopyObjectResult/>' )
                : response( 403, '<Error><Code>AccessDenied</Code></Error>' )
            ) if $request->{method} ne 'GET';
            return $send->( response( 200, $key ? $log : $list, @tag ) );
        }
    );
    my $site = Site->new(
        source   => 's3://logs/cdn/',
        region   => 'eu-west-1',
        after    => 'move s3://done/old/',
        endpoint => $store->endpoint
    );
    like(
        $site->cat->{err},
        qr/cannot be moved: access denied; allow s3:DeleteObject/,
        "a target in another region, $name its name: copied"
    );
    is(
        scalar( grep { $_ eq 'HEAD /done' } $store->requests ),
        $name eq 'without' ? 1 : 0,
        "a target in another region, $name its name: asked for the region"
    );
}

# A store that sends the program from region to region.
{
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            return $send->( response( 301, $other, 'x-amz-bucket-region' => "eu-west-$request->{count}" ) );
        }
    );
    my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $store->endpoint );
    is( $status, 1, 'from region to region: exit status' );
    like(
        $err,
        qr/bucket logs is not in region eu-west-1; set its region \(setting "region", or --region\)/,
        'from region to region: message'
    );
    is( scalar( my @all = $store->requests ), 2, 'from region to region: followed once' );
}
{
    my $store = HostileStore->new(
        sub { $_[1]->( $_[0]{method} eq 'HEAD' ? "HTTP/1.1 301 No\r\n\r\n" : response( 301, $other ) ); return 1 } );
    my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $store->endpoint );
    is( $status, 1, 'a region that nobody names: exit status' );
    like(
        $err,
        qr/is not in region us-east-1, and \S+ does not say where it is \(HeadBucket: 301\)/,
        'a region that nobody names: message'
    );
}

# A redirect of AWS that names only a host.
{
    foreach (
        [ 'https://logs.s3.us-west-2.amazonaws.com', qr/; set region = us-west-2 \(setting "region", or --region\)$/m ],
        [ 'https://logs.s3.us-east-1.amazonaws.com', qr/which is not followed; check the network, and the proxy/ ],
        [ 'https://login.example.com',               qr/which is not followed; check the network, and the proxy/ ],
      )
    {
        my ( $place, $advice ) = @$_;
        my $store = HostileStore->new( always( response( 307, '', Location => "$place/?x=y" ) ) );
        my $aws = AwsAddress->new( $store->address );
        local @ENV{qw(https_proxy AWS_CA_BUNDLE)} = ( $aws->endpoint, $aws->certificate );
        local $ENV{AWS_CONFIG_FILE} = write_file( "$dir/config", "[default]\ns3 =\n  addressing_style = path\n" );
        my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/cdn/' );
        is( $status, 1, "a redirect to $place: exit status" );
        like(
            $err,
            qr{s3\.us-east-1\.amazonaws\.com responded with HTTP status 307, a redirect to \Q$place\E},
            "a redirect to $place: message"
        );
        like( $err, $advice, "a redirect to $place: what to do" );
    }
}

# ---- requester pays -------------------------------------------------------------------------------

{
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            my $pays = $request->{head} =~ /^x-amz-request-payer: requester\r$/m
              && $request->{head} =~ /SignedHeaders=\S*x-amz-request-payer/;
            return $send->( response( 403, '<Error><Code>AccessDenied</Code></Error>' ) ) if !$pays;
            return $send->( response( 200, $request->{path} eq '/logs' ? $list : $log ) );
        }
    );
    my @cat = ( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $store->endpoint );
    is( ( run(@cat) )[0], 1, 'a bucket whose requesters pay: denied' );
    is( ( run( @cat, '--request-payer', 'requester' ) )[0], 0, '--request-payer requester' );
    is( ( run( @cat, '--request-payer', 'owner' ) )[0],     2, '--request-payer owner: usage' );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint, 'requester-pays' => 'yes' );
    is( $site->cat->{paths}, '/a', 'requester-pays = yes' );
}

done_testing;
