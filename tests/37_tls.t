#!/usr/bin/perl
# The helper trusts a store behind TLS whose certificate AWS_CA_BUNDLE vouches for, and no other certificate.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use HostileStore;
use Program qw(helper run);
use S3Server;

my $helper = helper();
my $server = S3Server->new;
my $dir = tempdir( CLEANUP => 1 );
my @tls;
END { local $?; kill TERM => @tls if @tls }

$server->set_environment;
$server->make_bucket('logs');
$server->put( 'logs', 'cdn/a',
        "#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes cs(Host) cs(Referer) cs(User-Agent)\n"
      . "2026-10-31\t12:00:00\t192.0.2.1\tGET\t/a\t200\t1\n" );

# A certificate for NAME, valid for DAYS; returns the paths of the certificate and of the key.
sub certificate {
    my ( $name, $days ) = @_;
    my @path = ( "$dir/$name-$days.cert", "$dir/$name-$days.key" );
    my ( $status, undef, $err ) = run( 'openssl', qw(req -x509 -newkey rsa:2048 -nodes),
        '-days', $days,
        '-subj', "/CN=$name", '-addext', "subjectAltName=$name", '-out', $path[0], '-keyout', $path[1] );
    $status == 0 or die "openssl: $err";
    return @path;
}

# The same, self-signed and valid between two times, YYYYMMDDHHMMSSZ.
sub dated_certificate {
    my ( $from, $until ) = @_;
    my @path = map { "$dir/$from.$_" } 'cert', 'key', 'request', 'config';
    open my $config, '>', $path[3] or die "$!\n";
    print $config "[ca]\ndefault_ca=c\n[c]\ndatabase=$path[3].db\nnew_certs_dir=$dir\nserial=$path[3].serial\n",
      "default_md=sha256\npolicy=p\ncopy_extensions=copy\nunique_subject=no\n[p]\ncommonName=supplied\n";
    close $config or die "$!\n";
    open my $database, '>', "$path[3].db" or die "$!\n";
    close $database;
    my @commands = (
        [
            qw(req -new -newkey rsa:2048 -nodes -subj /CN=x -addext subjectAltName=IP:127.0.0.1 -out), $path[2],
            '-keyout',                                                                                 $path[1]
        ],
        [
            qw(ca -batch -selfsign -create_serial -notext -startdate),
            $from, '-enddate', $until, '-config', $path[3], '-keyfile', $path[1], '-in', $path[2], '-out', $path[0]
        ],
    );

    for my $command (@commands) {
        my ( $status, undef, $err ) = run( 'openssl', @$command );
        $status == 0 or die "openssl: $err";
    }
    return @path[ 0, 1 ];
}

# TLS in front of the server, or of another address; returns its port.
sub tls {
    my ( $certificate, $key, $address ) = @_;
    my $said = "$certificate.log" . @tls;
    push @tls, my $pid = fork // die "fork: $!\n";
    if ( !$pid ) {
        open STDERR, '>', $said or die;
        exec 'socat', '-d', '-d', "OPENSSL-LISTEN:0,bind=127.0.0.1,fork,cert=$certificate,key=$key,verify=0",
          'TCP:' . ( $address // $server->address )
          or die "socat: $!\n";
    }
    for ( 1 .. 100 ) {
        return $1 if -e $said && Program::content($said) =~ /listening on AF=2 127\.0\.0\.1:(\d+)/;
        select undef, undef, undef, 0.1;
    }
    die "socat does not listen\n";
}

my ( $good,  $good_key ) = certificate( 'IP:127.0.0.1', 2 );
my ( $other, $other_key ) = certificate( 'DNS:s3.example.com', 2 );
my $port = tls( $good, $good_key );
my $other_port = tls( $other, $other_key );

my @cat = ( $helper, 'cat', 's3://logs/cdn/', '--endpoint' );

sub refused {
    my ( $name,   $at,  $line ) = @_;
    my ( $status, $out, $err ) = run( @cat, "https://127.0.0.1:$at" );
    is( $status, 1,  "$name: exit status 1" );
    is( $out,    '', "$name: no output" );
    like( $err, qr/\A[^\n]*$line[^\n]*\n\z/, "$name: one line: " . ( $err =~ s/\n.*//sr ) );
}

refused( 'a certificate that nobody vouches for',
    $port, qr/is of a CA that this machine does not know .*AWS_CA_BUNDLE$/ );
{
    local $ENV{AWS_CA_BUNDLE} = $good;
    my ( $status, $out, $err ) = run( @cat, "https://127.0.0.1:$port" );
    is( $status, 0, 'AWS_CA_BUNDLE: exit status 0' ) or diag($err);
    like( $out, qr{/a\t.*#End: records=1}s, 'AWS_CA_BUNDLE: the log' );
    refused( 'another one than vouched for',
        $other_port, qr/is of a CA that is not in the file \Q$good\E \(.*\); add .* or correct AWS_CA_BUNDLE, which/ );
    $ENV{AWS_CA_BUNDLE} = $other;
    refused( 'one for another name', $other_port, qr/is for another name/ );
    $ENV{AWS_CA_BUNDLE} = "$dir/nowhere";
    refused( 'no such bundle',
        $port, qr/the file with the certificates of CAs cannot be used .*nowhere.*; correct AWS_CA_BUNDLE/ );
}

# The file that other settings name: the first one that is not empty counts.
{
    my ( $other_file, $good_file, $config ) = ( $other, "$dir/ca.pem", "$dir/config" );
    Program::write_file( $good_file, Program::content($good) );
    local @ENV{qw(HOME AWS_CONFIG_FILE)} = ( $dir, $config );
    my $setting = 'the setting "ca_bundle" of the AWS profile';
    for (
        [ '',                     $good_file, '',         'REQUESTS_CA_BUNDLE' ],
        [ '',                     '~/ca.pem', undef,      'REQUESTS_CA_BUNDLE' ],
        [ '',                     undef,      '~/ca.pem', 'AWS_CA_BUNDLE' ],
        [ '',                     $other,     $good_file, 'AWS_CA_BUNDLE' ],
        [ 'ca_bundle = ~/ca.pem', $other,     '',         $setting ],
        [ "ca_bundle = $other",   undef,      '~/ca.pem', 'AWS_CA_BUNDLE' ],
      )
    {
        my ( $line, $requests, $aws, $origin ) = @$_;
        Program::write_file( $config, "[default]\n$line\n" );
        local @ENV{qw(REQUESTS_CA_BUNDLE AWS_CA_BUNDLE)} = ( $requests // '', $aws // '' );
        my ( $status, $out, $err ) = run( @cat, "https://127.0.0.1:$port", '-v' );
        my $name = join ', ', map { $_ // 'none' } $line, $requests, $aws;
        is( $status, 0, "$name: exit status" ) or diag $err;
        like( $err, qr/: certificates of CAs from \Q$good_file\E, which \Q$origin\E names$/m, "$name: its origin" );
        local @ENV{qw(REQUESTS_CA_BUNDLE AWS_CA_BUNDLE)} =
          map { $_ && '/nowhere' } @ENV{qw(REQUESTS_CA_BUNDLE AWS_CA_BUNDLE)};
        Program::write_file( $config, "[default]\n" . ( $line && 'ca_bundle = /nowhere' ) . "\n" );
        refused( "$name: no such file", $port, qr/cannot be used \(.*\); correct \Q$origin\E$/ );
    }
    Program::write_file( $config, "[default]\nca_bundle = \$HOME/ca.pem\n" );
    refused( 'a variable in ca_bundle', $port, qr{cannot be used .*\$HOME/ca\.pem} );
    unlink $config;
}
for (
    [ 'an expired certificate', 20200101000000, 20200102000000, qr/has expired; renew the certificate there/ ],
    [
        'a certificate that is not yet valid', 20480101000000,
        20490101000000,                        qr/is not valid yet; check this machine's clock/
    ],
  )
{
    my ( $name, $from, $until, $line ) = @$_;
    my @files = dated_certificate( "${from}Z", "${until}Z" );
    local $ENV{AWS_CA_BUNDLE} = $files[0];
    refused( $name, tls(@files), $line );
}

# A redirect from https to http, where the request and its response could be read by others.
{
    local $ENV{AWS_CA_BUNDLE} = $good;
    my $plain = HostileStore->new( sub { $_[1]->("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); return } );
    my $redirects = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            $send->("HTTP/1.1 307 Elsewhere\r\nLocation: ${\ $plain->endpoint}/logs\r\nContent-Length: 0\r\n\r\n");
            return;
        }
    );
    my ($address) = $redirects->endpoint =~ m{//(.*)};
    refused(
        'a redirect to http',
        tls( $good, $good_key, $address ),
        qr{a redirect to http://\S+, which is not followed}
    );
    is( scalar( my @followed = $plain->requests ), 0, 'a redirect to http is not followed' );
}

refused( 'http behind https', ( split /:/, $server->address )[1], qr/no TLS connection/ );

done_testing;
