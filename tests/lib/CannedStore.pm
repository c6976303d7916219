package CannedStore;

# A store whose buckets all hold the same objects, all of one content: it lists any number of keys, checks no
# signature, and counts the pages it was asked for.  It deletes up to a thousand objects at a time.

use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use parent 'LoopbackServer';

# log => the content; keys => the keys at first; page => how many objects a page of a listing has, 1000 unless given
sub new {
    my ( $class, %option ) = @_;
    my $self = bless { log => $option{log}, page => $option{page} // 1000 }, $class;
    $self->start( \&_serve );
    $self->add( @{ $option{keys} } );
    return $self;
}

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
sub deletions { return $_[0]->lines_of('deletions') }

# The log of an object: of one whose name has no hour, another one than that of all others, of which it could be a copy.
sub _log_of {
    my ( $self, $key ) = @_;
    return $key =~ /-\d\d\./ ? $self->{log} : "$self->{log}#$key\n";
}

sub _serve {
    my ( $self, $select ) = @_;
    local $SIG{PIPE} = 'IGNORE';
    $self->serve_pending( $select, 0.5, sub { $self->_respond(@_) } ) while $self->is_wanted;
    return;
}

sub _respond {
    my ( $self, $socket, $request ) = @_;
    my ( $method, $path ) = @$request{qw(method path)};
    my $content =
        $method eq 'POST'      ? $self->_delete( $request->{content} )
      : $path =~ m{^/[^/]+/?$} ? $self->_list( $request->{query} )
      :                          $self->_log_of( substr $path, index( $path, '/', 1 ) + 1 );
    print {$socket} "HTTP/1.1 200 OK\r\nContent-Length: ", length $content,
      "\r\nETag: \"", md5_hex($content), "\"\r\n\r\n", $method eq 'HEAD' ? '' : $content;
    $socket->flush;
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
    $self->add_to( 'deletions', keys(%gone) . "\n" );
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
    $self->add_to( 'lists', '.' );
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

1;
