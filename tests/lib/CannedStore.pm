package CannedStore;

# A store whose buckets all hold the same objects, all of one content: it lists any number of keys, checks no
# signature, and counts the pages it was asked for.  It deletes up to a thousand objects at a time.

use strict;
use warnings;
use Digest::MD5      qw(md5_hex);
use File::Temp       ();
use IO::Select       ();
use IO::Socket::INET ();
use POSIX            ();

# log => the content; keys => the keys at first; page => how many objects a page of a listing has, 1000 unless given
sub new {
    my ( $class, %option ) = @_;
    my $listener = IO::Socket::INET->new( LocalAddr => '127.0.0.1', Listen => 128 ) or die "listen: $!\n";
    my $self = bless {
        log     => $option{log},
        port    => $listener->sockport,
        owner   => $$,
        scratch => File::Temp->newdir,
        page    => $option{page} // 1000,
    }, $class;
    $self->add( @{ $option{keys} } );
    $self->{pid} = fork // die "fork: $!\n";
    if ( !$self->{pid} ) {
        $self->_serve($listener);
        POSIX::_exit(0);
    }
    return $self;
}

sub endpoint { return "http://127.0.0.1:$_[0]{port}" }

sub add {
    my ( $self, @keys ) = @_;
    open my $out, '>>', "$self->{scratch}/keys" or die "$!\n";
    print $out map { "$_\n" } @keys;
    close $out or die "$!\n";
    return;
}

# How many pages were asked for since the last call; last_lists() is that number again.
sub lists {
    my ($self) = @_;
    $self->{last} = -s "$self->{scratch}/lists" // 0;
    truncate "$self->{scratch}/lists", 0;
    return $self->{last};
}

sub last_lists { return $_[0]{last} }

# How many objects each request has deleted.
sub deletions {
    my ($self) = @_;
    open my $in, '<', "$self->{scratch}/deletions" or return;
    chomp( my @counts = <$in> );
    return @counts;
}

# The log of an object: of one whose name has no hour, another one than that of all others, of which it could be a copy.
sub _log_of {
    my ( $self, $key ) = @_;
    return $key =~ /-\d\d\./ ? $self->{log} : "$self->{log}#$key\n";
}

sub _serve {
    my ( $self, $listener ) = @_;
    my $select = IO::Select->new($listener);
    my %input;
    $SIG{PIPE} = 'IGNORE';
    while ( getppid == $self->{owner} ) {
        for my $socket ( $select->can_read(0.5) ) {
            if ( $socket == $listener ) {
                my $client = $listener->accept or next;
                $input{$client} = '';
                $select->add($client);
                next;
            }
            if ( !sysread $socket, $input{$socket}, 65536, length $input{$socket} ) {
                $select->remove($socket);
                delete $input{$socket};
                next;
            }
            while ( $input{$socket} =~ /^(.*?\r\n)\r\n/s ) {
                my $head = $1;
                my $size = $head =~ /^Content-Length: (\d+)\r$/mi ? $1 : 0;
                last if length $input{$socket} < length($head) + 2 + $size;
                my ( $method, $path, $query ) = $head =~ m{^(\S+) ([^? ]*)\??(\S*) };
                my $body = substr substr( $input{$socket}, 0, length($head) + 2 + $size, '' ), -$size, $size;
                my $content =
                    $method eq 'POST'      ? $self->_delete($body)
                  : $path =~ m{^/[^/]+/?$} ? $self->_list($query)
                  :                          $self->_log_of( substr $path, index( $path, '/', 1 ) + 1 );
                print $socket "HTTP/1.1 200 OK\r\nContent-Length: ", length $content,
                  "\r\nETag: \"", md5_hex($content), "\"\r\n\r\n", $method eq 'HEAD' ? '' : $content;
                $socket->flush;
            }
        }
    }
    return;
}

# Takes the keys that a DeleteObjects names out of the file of keys.
sub _delete {
    my ( $self, $xml ) = @_;
    my %gone = map { $_ => 1 } $xml =~ m{<Key>(.*?)</Key>}g;
    return '<Error><Code>MalformedXML</Code></Error>' if keys %gone > 1000;
    my @left = grep { !$gone{$_} } @{ $self->_keys };
    open my $out, '>', "$self->{scratch}/keys" or die "$!\n";
    print $out map { "$_\n" } @left;
    close $out or die "$!\n";
    open my $deletions, '>>', "$self->{scratch}/deletions" or die "$!\n";
    print $deletions scalar keys %gone, "\n";
    return '<DeleteResult></DeleteResult>';
}

# The keys, sorted; read again when some were added.
sub _keys {
    my ($self) = @_;
    my $size = -s "$self->{scratch}/keys";
    if ( $size != ( $self->{size} // -1 ) ) {
        open my $in, '<', "$self->{scratch}/keys" or die "$!\n";
        chomp( my @keys = <$in> );
        $self->{keys} = [ sort @keys ];
        $self->{size} = $size;
    }
    return $self->{keys};
}

sub _list {
    my ( $self, $query ) = @_;
    my %value = map { s/%([0-9A-F]{2})/chr hex $1/ger } map { /^([^=]*)=(.*)$/ } split /&/, $query;
    my $keys = $self->_keys;
    my $after = $value{'continuation-token'} // $value{'start-after'} // '';
    my ( $low, $high ) = ( 0, scalar @$keys );
    while ( $low < $high ) {
        my $middle = int( ( $low + $high ) / 2 );
        if   ( $keys->[$middle] gt $after ) { $high = $middle }
        else                                { $low = $middle + 1 }
    }
    my $last = $low + $self->{page} - 1 < $#$keys ? $low + $self->{page} - 1 : $#$keys;
    my $more = $last < $#$keys;
    open my $lists, '>>', "$self->{scratch}/lists" or die "$!\n";
    syswrite $lists, '.';
    return join '', '<ListBucketResult><EncodingType>url</EncodingType><KeyCount>', $last - $low + 1, '</KeyCount>',
      '<IsTruncated>', $more ? 'true' : 'false', '</IsTruncated>',
      $more ? "<NextContinuationToken>$keys->[$last]</NextContinuationToken>" : '', (
        map {
            my $log = $self->_log_of($_);
            "<Contents><Key>$_</Key><LastModified>2026-11-01T00:00:00.000Z</LastModified>"
              . "<ETag>&quot;${\ md5_hex($log)}&quot;</ETag><Size>${\ length $log}</Size></Contents>"
        } @$keys[ $low .. $last ]
      ),
      '</ListBucketResult>';
}

sub DESTROY {
    my ($self) = @_;
    return if $self->{owner} != $$;
    local ( $?, $! );
    kill TERM => $self->{pid};
    waitpid $self->{pid}, 0;
    return;
}

1;
