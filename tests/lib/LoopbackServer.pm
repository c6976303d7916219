package LoopbackServer;

# What the HTTP servers of the tests have in common: a free port of loopback, a process that ends with the test, and
# the reading of requests.  A server is a package of its own with this one as its parent:
#
#     sub new { my ( $class, %option ) = @_; return bless( {%option}, $class )->start( \&_serve ) }
#     sub _serve { my ( $self, $select ) = @_; ... }
#
# It serves all connections in its one process, by serve_pending(), or each by a process, by start_each().
# A request is {method, path, query, head, content}.

use strict;
use warnings;
use File::Temp       ();
use IO::Select       ();
use IO::Socket::INET ();
use POSIX            ();

# Runs $self->$serve($select) in a process of its own, where SELECT has the listening socket; returns $self.
# {scratch} is a folder for what this process tells the test.
sub start {
    my ( $self, $serve ) = @_;
    my $listener = IO::Socket::INET->new( LocalAddr => '127.0.0.1', Listen => 512 ) or die "listen: $!\n";
    $self->{listener} = $listener;
    $self->{address} = '127.0.0.1:' . $listener->sockport;
    $self->{owner} = $$;
    $self->{scratch} = File::Temp->newdir;
    $self->{pid} = fork // die "fork: $!\n";
    if ( !$self->{pid} ) {
        eval { $self->$serve( IO::Select->new($listener) ); 1 } or print STDERR $@;
        POSIX::_exit(0);
    }
    delete $self->{listener};
    return $self;
}

# As start(), but runs $self->$serve($client) for each connection, in a process of its own.  All end with the server.
sub start_each {
    my ( $self, $serve ) = @_;
    return $self->start( sub { $_[0]->_fork_each( $_[1], $serve ) } );
}

sub address  { return $_[0]{address} }
sub endpoint { return "http://$_[0]{address}" }

# Ends the server.
sub stop {
    my ($self) = @_;
    return if !$self->{pid} || $self->{owner} != $$;
    local ( $?, $! );
    kill TERM => $self->{pid};
    waitpid $self->{pid}, 0;
    $self->{pid} = 0;
    return;
}

sub DESTROY { return $_[0]->stop }

# The lines that the server has noted.
sub requests { return $_[0]->lines_of('log') }

# Notes a line for requests().
sub note {
    my ( $self, $line ) = @_;
    $self->add_to( 'log', "$line\n" );
    return;
}

# The lines of a file of the scratch folder; none when there is no such file.
sub lines_of {
    my ( $self, $name ) = @_;
    open my $in, '<', "$self->{scratch}/$name" or return;
    chomp( my @lines = <$in> );
    return @lines;
}

# Adds TEXT to a file of the scratch folder at once.  Returns the file's size.
sub add_to {
    my ( $self, $name, $text ) = @_;
    open my $out, '>>', "$self->{scratch}/$name" or die "$name: $!\n";
    syswrite $out, $text;
    return -s $out;
}

# Whether the test still runs.
sub is_wanted { return getppid == $_[0]{owner} }

sub _fork_each {
    my ( $self, $select, $serve ) = @_;
    my @children;
    my $stop = 0;
    local $SIG{TERM} = sub { $stop = 1 };
    local $SIG{CHLD} = 'IGNORE';
    local $SIG{PIPE} = 'IGNORE';
    while ( !$stop && $self->is_wanted ) {
        $select->can_read(0.2)                 or next;
        my $client = $self->{listener}->accept or next;
        my $pid = fork // next;
        if ( !$pid ) {
            $SIG{TERM} = 'DEFAULT';
            close $self->{listener};
            eval { $self->$serve($client) };
            POSIX::_exit(0);
        }
        push @children, $pid;
    }
    kill TERM => @children;
    return;
}

# Waits for the next request of a connection, and takes it out of INPUT.  Returns nothing when the connection has ended.
sub read_request {
    my ( $client, $input ) = @_;
    while (1) {
        my $request = _take_request($input);
        return $request if $request;
        sysread $client, $$input, 65536, length $$input or return;
    }
}

# Takes a request out of what was read, when all of it is there.
sub _take_request {
    my $input = shift;
    my ($head) = $$input =~ /^(.*?\r\n\r\n)/s or return;
    my $size = $head =~ /^Content-Length: (\d+)\r$/mi ? $1 : 0;
    return if length $$input < length($head) + $size;
    my ( $method, $path, $query ) = $head =~ m{^(\S+) ([^? ]*)\??(\S*) } or die "no request: $head\n";
    my $content = substr substr( $$input, 0, length($head) + $size, '' ), length $head;
    return { method => $method, path => $path, query => $query, head => $head, content => $content };
}

# "METHOD PATH?QUERY" of a request.
sub line_of {
    my ($request) = @_;
    return "$request->{method} $request->{path}" . ( $request->{query} ne '' ? "?$request->{query}" : '' );
}

# Sends bytes.  Returns whether the other side has taken all.
sub send_all {
    my ( $socket, $data ) = @_;
    while ( length $data ) {
        my $sent = syswrite $socket, $data or return 0;
        substr $data, 0, $sent, '';
    }
    return 1;
}

# Accepts and reads what comes within so many seconds, and runs $respond->(SOCKET, REQUEST) for each request.
sub serve_pending {
    my ( $self, $select, $seconds, $respond ) = @_;
    for my $socket ( $select->can_read($seconds) ) {
        if ( $socket == $self->{listener} ) {
            my $client = $self->{listener}->accept or next;
            $self->{input}{$client} = '';
            $select->add($client);
            next;
        }
        my $input = \$self->{input}{$socket};
        if ( !sysread $socket, $$input, 65536, length $$input ) {
            $self->hang_up( $select, $socket );
            next;
        }
        while ( my $request = _take_request($input) ) {
            $respond->( $socket, $request );
        }
    }
    return;
}

# Ends a connection.
sub hang_up {
    my ( $self, $select, $socket ) = @_;
    $select->remove($socket);
    delete $self->{input}{$socket};
    close $socket;
    return;
}

1;
