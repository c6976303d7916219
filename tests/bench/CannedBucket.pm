package CannedBucket;

# A bucket behind a long line: nginx serves objects and a listing made beforehand, and latency-proxy adds the
# distance.  nginx checks no signature and is fast, so that what is measured is the client.

use strict;
use warnings;
use Compress::Zlib   ();
use Digest::MD5      qw(md5_hex);
use File::Path       qw(make_path remove_tree);
use FindBin          qw($Bin);
use IO::Socket::INET ();
use LatencyProxy     ();
use Program          qw(write_file);
use Time::HiRes      qw(sleep);

use constant PAGE_SIZE => 1000;    # keys of a listing, as S3 has it

# directory     to serve from; made anew
# objects       how many, each of about
# size          bytes
# build         where the proxy is compiled to
# milliseconds  of latency, there and back
sub start {
    my ( $class, %option ) = @_;
    my $self = bless { %option, owner => $$ }, $class;
    remove_tree( $self->{directory} );
    make_path( map { "$self->{directory}/$_" } 'bucket/logs', 'listing', 'temporary' );
    $self->make_objects;
    $self->make_listing;
    $self->start_nginx;
    $self->{proxy} = LatencyProxy->start(
        build        => $self->{build},
        milliseconds => $self->{milliseconds},
        port         => $self->{nginx_port}
    );
    $self->write_curl_config;
    return $self;
}

sub pages       { return int( ( $_[0]{objects} + PAGE_SIZE - 1 ) / PAGE_SIZE ) }
sub endpoint    { return $_[0]{proxy}->endpoint }
sub curl_config { return "$_[0]{directory}/curl.conf" }

# A gzip file of a size that is right to some bytes: digits of no pattern take 10 bits in 24.
sub gzip_of_size {
    my ( $size, $salt ) = @_;
    my $text = '';
    $text .= md5_hex( "$salt " . length $text ) while length $text < $size * 1.75;
    return Compress::Zlib::memGzip($text);
}

sub make_objects {
    my ($self) = @_;
    my @contents = map { gzip_of_size( $self->{size}, $_ ) } 0 .. 9;
    my @tags = map { md5_hex($_) } @contents;
    for my $i ( 0 .. $self->{objects} - 1 ) {
        my $key = sprintf 'logs/E2EXAMPLE.2026-10-%02d-%02d.%08x.gz', 1 + $i / 72 % 31, $i / 3 % 24, $i;
        write_file( "$self->{directory}/bucket/$key", $contents[ $i % 10 ] );
        push @{ $self->{keys} }, { key => $key, size => length $contents[ $i % 10 ], tag => $tags[ $i % 10 ] };
    }
    @{ $self->{keys} } = sort { $a->{key} cmp $b->{key} } @{ $self->{keys} };
}

# ListObjectsV2's answers, page by page; the token of a page is its number.
sub make_listing {
    my ($self) = @_;
    for my $page ( 1 .. $self->pages ) {
        my $from = ( $page - 1 ) * PAGE_SIZE;
        my $to = $page == $self->pages ? $self->{objects} - 1 : $from + PAGE_SIZE - 1;
        my $next = $page + 1;
        my $more =
          $page < $self->pages
          ? "<IsTruncated>true</IsTruncated><NextContinuationToken>page$next</NextContinuationToken>"
          : '<IsTruncated>false</IsTruncated>';
        write_file(
            "$self->{directory}/listing/page$page",
            join '',
            qq(<?xml version="1.0" encoding="UTF-8"?>\n),
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bench</Name>',
            '<Prefix>logs/</Prefix><EncodingType>url</EncodingType><MaxKeys>1000</MaxKeys>',
            '<KeyCount>',
            $to - $from + 1,
            '</KeyCount>',
            $more,
            (
                map {
                        "<Contents><Key>$_->{key}</Key><LastModified>2026-11-01T00:00:00.000Z</LastModified>"
                      . "<ETag>&quot;$_->{tag}&quot;</ETag><Size>$_->{size}</Size>"
                      . '<StorageClass>STANDARD</StorageClass></Contents>'
                } @{ $self->{keys} }[ $from .. $to ]
            ),
            "</ListBucketResult>\n"
        );
    }
}

sub free_port {
    my $socket = IO::Socket::INET->new( Listen => 1, LocalAddr => '127.0.0.1' ) or die "no free port: $!\n";
    return $socket->sockport;
}

sub start_nginx {
    my ($self) = @_;
    my $directory = $self->{directory};
    my $port = $self->{nginx_port} = free_port();
    my $temporary = join "\n",
      map { "    ${_}_temp_path $directory/temporary;" } qw(client_body proxy fastcgi uwsgi scgi);
    my $user = $> ? '' : "user root;\n";    # it must reach files that this process has made
    write_file( "$directory/nginx.conf", <<"END");
${user}daemon off;
worker_processes 2;
pid $directory/nginx.pid;
error_log $directory/nginx.log;
events { worker_connections 1024; }
http {
$temporary
    access_log off;
    etag off;
    sendfile on;
    tcp_nodelay on;
    keepalive_requests 1000000;
    open_file_cache max=10000;
    default_type binary/octet-stream;
    map \$args \$page {
        "~continuation-token=(?<token>page[0-9]+)" \$token;
        default page1;
    }
    server {
        listen 127.0.0.1:$port backlog=1024;
        location ~ ^/bench/?\$ {
            root $directory/listing;
            default_type application/xml;
            try_files /\$page =404;
        }
        location /bench/ { alias $directory/bucket/; }
    }
}
END
    my $pid = fork // die "fork: $!\n";
    if ( !$pid ) {
        open STDERR, '>', "$directory/nginx.errors" or die "$!\n";
        exec '/usr/sbin/nginx', '-p', $directory, '-e', "$directory/nginx.log", '-c', "$directory/nginx.conf"
          or die "nginx: $!\n";
    }
    $self->{nginx} = $pid;
    for ( 1 .. 100 ) {
        return if IO::Socket::INET->new( PeerAddr => '127.0.0.1', PeerPort => $port );
        sleep 0.05;
    }
    die "nginx did not start; see $directory/nginx.log\n";
}

# What curl is told so that it fetches the same objects.
sub write_curl_config {
    my ($self) = @_;
    write_file(
        $self->curl_config,
        join '',
        map {
            my $name = $_->{key} =~ s{.*/}{}r;
            sprintf "url = \"%s/bench/%s\"\noutput = \"%s\"\n", $self->endpoint, $_->{key}, $name;
        } @{ $self->{keys} }
    );
}

sub stop {
    my ($self) = @_;
    $self->{proxy}->stop if $self->{proxy};
    if ( $self->{nginx} ) {
        kill 'TERM', $self->{nginx};
        waitpid $self->{nginx}, 0;
    }
    delete @$self{qw(proxy nginx)};
}

sub DESTROY {
    my ($self) = @_;
    local $?;
    $self->stop if $self->{owner} == $$;
}

1;
