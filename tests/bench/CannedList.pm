package CannedList;

# A store with a bucket of many logs, all of one content, which answers each connection in a process of its own, from
# text made beforehand: what is measured is the client.

use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use POSIX       qw(strftime);
use Site        ();
use parent 'LoopbackServer';

use constant PAGE_SIZE => 1000;

# objects => how many, eleven an hour in the hours before now
sub new {
    my ( $class, %option ) = @_;
    my $self = bless { log => Site::log_text('/x') }, $class;
    $self->start(
        sub {
            my ( undef, $select ) = @_;
            $self->_make( $option{objects} );    # in this process alone, which is not measured
            $self->_fork_each( $select, \&_serve );
        }
    );
    my $socket = IO::Socket::INET->new( $self->address ) or die "connect: $!\n";
    print {$socket} "HEAD /bench/x HTTP/1.1\r\n\r\n";
    readline $socket // die "the store has not answered\n";    # the keys are made
    return $self;
}

sub _make {
    my ( $self, $count ) = @_;
    my $tag = md5_hex( $self->{log} );
    my $size = length $self->{log};
    my $now = time;
    $self->{keys} = [
        sort
          map { sprintf 'logs/E2EXAMPLE.%s.%08x.gz', strftime( '%Y-%m-%d-%H', gmtime $now - 3600 * int $_ / 11 ), $_ }
          0 .. $count - 1
    ];
    $self->{text} = '';
    for my $key ( @{ $self->{keys} } ) {
        push @{ $self->{at} }, length $self->{text};
        $self->{text} .= "<Contents><Key>$key</Key><LastModified>2026-11-01T00:00:00.000Z</LastModified>"
          . "<ETag>&quot;$tag&quot;</ETag><Size>$size</Size><StorageClass>STANDARD</StorageClass></Contents>";
    }
    push @{ $self->{at} }, length $self->{text};
    return;
}

sub port { return $_[0]->address =~ s/.*://r }

sub _serve {
    my ( $self, $client ) = @_;
    my $input = '';
    while ( my $request = LoopbackServer::read_request( $client, \$input ) ) {
        my $content = $request->{path} =~ m{^/[^/]+/?$} ? $self->_list( $request->{query} ) : $self->{log};
        my $head =
          "HTTP/1.1 200 OK\r\nContent-Length: ${\ length $content}\r\nETag: \"${\ md5_hex($content)}\"\r\n\r\n";
        LoopbackServer::send_all( $client, $head . ( $request->{method} eq 'HEAD' ? '' : $content ) );
    }
    return;
}

# The page behind the key that the query names, the token of a page too.
sub _list {
    my ( $self, $query ) = @_;
    my %value = map { s/%([0-9A-F]{2})/chr hex $1/ger } map { /^([^=]*)=(.*)$/ } split /&/, $query;
    my $after = $value{'continuation-token'} // $value{'start-after'} // '';
    my ( $keys, $at ) = @$self{qw(keys at)};
    my ( $low,  $high ) = ( 0, scalar @$keys );
    while ( $low < $high ) {
        my $middle = int( ( $low + $high ) / 2 );
        if   ( $keys->[$middle] gt $after ) { $high = $middle }
        else                                { $low = $middle + 1 }
    }
    my $end = $low + PAGE_SIZE < @$keys ? $low + PAGE_SIZE : @$keys;
    return join '', '<ListBucketResult><EncodingType>url</EncodingType><KeyCount>', $end - $low, '</KeyCount>',
      $end < @$keys
      ? "<IsTruncated>true</IsTruncated><NextContinuationToken>$keys->[ $end - 1 ]</NextContinuationToken>"
      : '<IsTruncated>false</IsTruncated>',
      substr( $self->{text}, $at->[$low], $at->[$end] - $at->[$low] ), '</ListBucketResult>';
}

1;
