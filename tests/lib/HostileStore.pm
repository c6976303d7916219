package HostileStore;

# A server that sends whatever a test wants, for as long as the helper takes it.
#
#     my $store = HostileStore->new( sub { my ( $request, $send ) = @_; ... } );
#
# The function gets the request as {method, path, query, head, count}, where count says how many requests came, from 1,
# over all connections.  $send->(BYTES) sends bytes as they are, and returns false when the helper has closed the
# connection.  The connection ends when the function returns, unless it returns true: then the next request may come.

use strict;
use warnings;
use File::Temp       ();
use IO::Select       ();
use IO::Socket::INET ();
use POSIX            ();

sub new {
    my ( $class, $rule ) = @_;
    my $listener = IO::Socket::INET->new( LocalAddr => '127.0.0.1', Listen => 128 ) or die "listen: $!\n";
    my $self = bless {
        rule    => $rule,
        port    => $listener->sockport,
        owner   => $$,
        scratch => File::Temp->newdir,
    }, $class;
    $self->{pid} = fork // die "fork: $!\n";
    if ( !$self->{pid} ) {
        $self->_accept($listener);
        POSIX::_exit(0);
    }
    return $self;
}

sub endpoint { return "http://127.0.0.1:$_[0]{port}" }

# The requests so far, "METHOD PATH?QUERY".
sub requests {
    my ($self) = @_;
    open my $log, '<', "$self->{scratch}/log" or return;
    chomp( my @lines = <$log> );
    return @lines;
}

sub _accept {
    my ( $self, $listener ) = @_;
    my $stop = 0;
    local $SIG{TERM} = sub { $stop = 1 };
    local $SIG{CHLD} = 'IGNORE';
    local $SIG{PIPE} = 'IGNORE';
    my $select = IO::Select->new($listener);
    my @children;
    while ( !$stop && getppid == $self->{owner} ) {
        $select->can_read(0.2)         or next;
        my $client = $listener->accept or next;
        my $pid = fork // next;
        if ( !$pid ) {
            $SIG{TERM} = 'DEFAULT';
            close $listener;
            eval { $self->_serve($client) };
            POSIX::_exit(0);
        }
        push @children, $pid;
    }
    kill TERM => @children;
    return;
}

sub _serve {
    my ( $self, $client ) = @_;
    my $input = '';
    my $send = sub {
        my ($data) = @_;
        while ( length $data ) {
            my $sent = syswrite $client, $data or return 0;
            substr $data, 0, $sent, '';
        }
        return 1;
    };
    while (1) {
        while ( $input !~ /\r\n\r\n/ ) {
            sysread $client, $input, 65536, length $input or return;
        }
        $input =~ s/^(.*?\r\n\r\n)//s;
        my $head = $1;
        my $left = $head =~ /^Content-Length: (\d+)\r$/mi ? $1 : 0;
        while ( length $input < $left ) {
            sysread $client, $input, 65536, length $input or return;
        }
        substr $input, 0, $left, '';
        my ( $method, $path, $query ) = $head =~ m{^(\S+) ([^? ]+)\??(\S*) } or return;
        my %request = ( method => $method, path => $path, query => $query, head => $head );
        open my $log, '>>', "$self->{scratch}/log" or die;
        syswrite $log, "$method $path" . ( $query ne '' ? "?$query" : '' ) . "\n";
        close $log;
        $request{count} = $self->requests;
        $self->{rule}->( \%request, $send ) or return;
    }
    return;
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
