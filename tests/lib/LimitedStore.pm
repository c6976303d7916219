package LimitedStore;

# A store with a latency, and with limits: it refuses requests with 503 SlowDown beyond so many at once, or so many a
# second.  Its bucket "logs" has the objects; objects are copied to and deleted from any bucket.  It checks no signature.
# requests() returns the lines "STATUS METHOD PATH?QUERY [AT ONCE]", in the order of the responses.

use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use Time::HiRes qw(time);
use parent 'LoopbackServer';

# conditional => true: knows the condition If-None-Match of a PUT, as AWS does, and else ignores it;
# encrypted => the names of buckets that encrypt with a key, so that their ETags look like an MD5 and are none;
# objects => {KEY => CONTENT}; latency => seconds, 0.03 unless given; at_once, per_second => the limits; outage =>
# [N, S, KIND]: after N requests, S seconds of KIND: 'closed' (no connection) or a status; rule => a function that gets
# {method, path, query, head, content, count} of a request and returns undef or [STATUS, BODY, HEADERS...]
sub new {
    my ( $class, %option ) = @_;
    my $self = bless { latency => 0.03, %option, tokens => $option{per_second}, filled => time }, $class;
    return $self->start( \&_serve );
}

# The keys of a bucket, sorted; those of others than "logs" with the bucket's name and a colon before them.
sub keys_of {
    my ($self) = @_;
    open my $in, '<:raw', "$self->{scratch}/keys" or return sort keys %{ $self->{objects} };
    local $/ = "\0";
    chomp( my @keys = <$in> );
    return @keys;
}

sub _store_keys {
    my ($self) = @_;
    open my $out, '>:raw', "$self->{scratch}/keys.new" or die "$!\n";
    print {$out} map { "$_\0" } sort keys %{ $self->{objects} };
    close $out or die "$!\n";
    rename "$self->{scratch}/keys.new", "$self->{scratch}/keys" or die "$!\n";
    return;
}

sub _serve {
    my ( $self, $select ) = @_;
    my @waiting;
    $self->{busy} = 0;
    local $SIG{PIPE} = 'IGNORE';
    while ( $self->is_wanted ) {
        my $wait = @waiting ? $waiting[0][0] - time : 0.5;
        $self->serve_pending(
            $select,
            $wait < 0 ? 0 : $wait > 0.5 ? 0.5 : $wait,
            sub { push @waiting, $self->_respond(@_) }
        );
        @waiting = sort { $a->[0] <=> $b->[0] } @waiting;
        while ( @waiting && $waiting[0][0] <= time ) {
            my ( undef, $socket, $response, $is_served ) = @{ shift @waiting };
            $self->{busy}-- if $is_served;
            if ( !defined $response ) {
                $self->hang_up( $select, $socket );
                next;
            }
            $socket->blocking(1);
            print {$socket} $response;
            $socket->flush;
        }
    }
    return;
}

sub _is_allowed {
    my ($self) = @_;
    if ( $self->{per_second} ) {
        my $now = time;
        $self->{tokens} += ( $now - $self->{filled} ) * $self->{per_second};
        $self->{tokens} = $self->{per_second} if $self->{tokens} > $self->{per_second};
        $self->{filled} = $now;
        return 0 if $self->{tokens} < 1;
        $self->{tokens}--;
    }
    return !$self->{at_once} || $self->{busy} < $self->{at_once};
}

sub _is_out {
    my ($self) = @_;
    my $outage = $self->{outage} or return;
    my ( $after, $seconds, $kind ) = @$outage;
    return if $self->{count} <= $after;
    $self->{out_since} //= time;
    return time - $self->{out_since} < $seconds ? $kind : undef;
}

# Returns [TIME, SOCKET, RESPONSE, IS SERVED].
sub _respond {
    my ( $self, $socket, $request ) = @_;
    my ( $method, $path, $query, $head, $body ) = @$request{qw(method path query head content)};
    my $line = LoopbackServer::line_of($request);
    $self->{count}++;
    my $kind = $self->_is_out;
    if ( $kind && $kind eq 'closed' ) {
        $self->note("0 $line");
        return [ time, $socket, undef, 0 ];
    }
    my ( $status, $content, @headers );
    my $is_served = 0;
    my $rule = $self->{rule} && $self->{rule}->( { %$request, count => ++$self->{counts}{$line} } );
    if ($kind) {
        ( $status, $content ) = ( $kind, '' );
    }
    elsif ( !$self->_is_allowed ) {
        ( $status, $content ) =
          ( 503, '<Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>' );
    }
    else {
        $is_served = 1;
        $self->{busy}++;
        ( $status, $content, @headers ) =
            $rule               ? @$rule
          : $method eq 'POST'   ? $self->_delete_many($body)
          : $method eq 'DELETE' ? $self->_delete($path)
          : $method eq 'PUT'    ? $self->_put( $path, $head, $body )
          : $path =~ m{^/[^/]+/?\z} ? ( 200, $self->_list($query) )
          :                           $self->_get( $path, $head );
    }
    $self->note("$status $line [$self->{busy}]");
    my $response = join "\r\n", "HTTP/1.1 $status Status", 'Content-Length: ' . length $content,
      @headers, '', $method eq 'HEAD' ? '' : $content;
    return [ time + ( $is_served ? $self->{latency} : 0 ), $socket, $response, $is_served ];
}

# The name of an object in the hash.
sub _name {
    my ($path) = @_;
    my ( $bucket, $key ) = $path =~ m{^/([^/]+)/(.*)}s or return '';
    $key =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    return $bucket eq 'logs' ? $key : "$bucket:$key";
}

# The headers about the ETag of an object.
sub _etag {
    my ( $self, $name ) = @_;
    my $bucket = $name =~ /^(\w+):/ ? $1 : 'logs';
    my $content = $self->{objects}{$name};
    return ( md5_hex($content) ) if !grep { $_ eq $bucket } split / /, $self->{encrypted} // '';
    return ( md5_hex("$bucket $content"), 'x-amz-server-side-encryption: aws:kms' );
}

sub _get {
    my ( $self, $path, $head ) = @_;
    my $content = $self->{objects}{ _name($path) } // return ( 404, '<Error><Code>NoSuchKey</Code></Error>' );
    my ( $etag, @headers ) = $self->_etag( _name($path) );
    push @headers, qq{ETag: "$etag"}, 'Last-Modified: Sun, 01 Nov 2026 00:00:00 GMT';
    if ( $head =~ /^Range: bytes=(\d+)-(\d*)\r$/mi ) {
        my ( $first, $last ) = ( $1, length $2 && $2 < length $content ? $2 : length($content) - 1 );
        return (
            206,      substr( $content, $first, $last - $first + 1 ),
            @headers, "Content-Range: bytes $first-$last/" . length $content
        );
    }
    return ( 200, $content, @headers );
}

sub _put {
    my ( $self, $path, $head, $body ) = @_;
    my $content = $body;
    if ( $head =~ /^x-amz-copy-source: (\S+)\r$/mi ) {
        $content = $self->{objects}{ _name($1) } // return ( 404, '<Error><Code>NoSuchKey</Code></Error>' );
    }
    return ( 412, '<Error><Code>PreconditionFailed</Code></Error>' )
      if $self->{conditional} && $head =~ /^If-None-Match: \*\r$/mi && exists $self->{objects}{ _name($path) };
    $self->{objects}{ _name($path) } = $content;
    $self->_store_keys;
    my ( $etag, @headers ) = $self->_etag( _name($path) );
    return ( 200, "<CopyObjectResult><ETag>&quot;$etag&quot;</ETag></CopyObjectResult>", qq{ETag: "$etag"}, @headers );
}

sub _delete {
    my ( $self, $path ) = @_;
    delete $self->{objects}{ _name($path) };
    $self->_store_keys;
    return ( 204, '' );
}

# DeleteObjects; a document with what XML 1.0 cannot hold is rejected.
sub _delete_many {
    my ( $self, $xml ) = @_;
    return ( 400, '<Error><Code>MalformedXML</Code><Message>The XML is not well-formed</Message></Error>' )
      if $xml =~ /&#x(?:[0-8BCEF]|1[0-9A-F]|FFF[EF]);|[\0-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]/;
    my %entity = ( lt => '<', gt => '>', amp => '&', quot => '"' );
    my @keys =
      map { s/&(?:#x([0-9A-F]+)|(\w+));/defined $1 ? chr hex $1 : $entity{$2}/ger } $xml =~ m{<Key>(.*?)</Key>}gs;
    delete @{ $self->{objects} }{@keys};
    $self->_store_keys;
    return ( 200, '<DeleteResult></DeleteResult>' );
}

sub _list {
    my ( $self, $query ) = @_;
    my %value = map { s/%([0-9A-Fa-f]{2})/chr hex $1/ger } map { /^([^=]*)=(.*)$/ } split /&/, $query;
    my $after = $value{'continuation-token'} // $value{'start-after'} // '';
    my $prefix = $value{prefix} // '';
    my @keys = grep { $_ gt $after && !/^\w+:/ && index( $_, $prefix ) == 0 } sort keys %{ $self->{objects} };
    my $page = $self->{page} // 1000;
    my $more = @keys > $page;
    splice @keys, $page if $more;
    return join '', '<?xml version="1.0" encoding="UTF-8"?>',
'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>logs</Name><EncodingType>url</EncodingType>',
      '<KeyCount>', scalar @keys, '</KeyCount><IsTruncated>', $more ? 'true' : 'false', '</IsTruncated>',
      $more ? "<NextContinuationToken>$keys[-1]</NextContinuationToken>" : '', (
        map {
            my $key = s{([^A-Za-z0-9._/=-])}{sprintf '%%%02X', ord $1}ger;
            "<Contents><Key>$key</Key><LastModified>2026-11-01T00:00:00.000Z</LastModified>"
              . "<ETag>&quot;${\ ( $self->_etag($_) )[0]}&quot;</ETag><Size>${\ length $self->{objects}{$_}}</Size>"
              . '<StorageClass>STANDARD</StorageClass></Contents>'
        } @keys
      ),
      '</ListBucketResult>';
}

1;
