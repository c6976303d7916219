package S3Proxy;

# Stands between the helper and an S3 server, and does to the answers what a test asks for.
#
#     my $proxy = S3Proxy->new($server->address, sub { my ($request) = @_; ... });
#
# The function gets the request as {method, path, query, head, content, count}, where count says how many times this
# path and query were asked for, from 1; it returns undef to pass the answer on as it is, or one of
#     {status => N, headers => {...}, body => TEXT}   this answer; the server is not asked
#     {edit => sub { my ($head, $body) = @_; ... }}   the answer as the function returns it
#     {cut => N}     only N bytes of the body, then the connection ends
#     {slow => N}    N bytes of the body every 10 ms
#     {stall => S}   half of the body, and the rest after S seconds
#     {drop => 1}    no answer: the connection ends

use strict;
use warnings;
use File::Temp       ();
use IO::Socket::INET ();
use IO::Select       ();
use Digest::MD5      qw(md5_hex);
use POSIX            ();
use Time::HiRes      qw(sleep);

sub new {
    my ( $class, $upstream, $rule ) = @_;
    my $listener = IO::Socket::INET->new( LocalAddr => '127.0.0.1', Listen => 128 )
      or die "listen: $!\n";
    my $self = bless {
        upstream => $upstream,
        rule     => $rule // sub { },
        address  => '127.0.0.1:' . $listener->sockport,
        scratch  => File::Temp->newdir,
        owner    => $$,
    }, $class;
    $self->{pid} = fork // die "fork: $!\n";
    if ( !$self->{pid} ) {
        $self->_accept($listener);
        POSIX::_exit(0);
    }
    return $self;
}

sub address  { return $_[0]{address} }
sub endpoint { return "http://$_[0]{address}" }

# The requests so far, "METHOD PATH?QUERY", in their order.
sub requests {
    my ($self) = @_;
    open my $log, '<', "$self->{scratch}/log" or return;
    chomp( my @lines = <$log> );
    return @lines;
}

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

# A process for each connection; all end with this one, and this one with the test.
sub _accept {
    my ( $self, $listener ) = @_;
    my %children;
    my $stop = 0;
    local $SIG{TERM} = sub { $stop = 1 };
    local $SIG{CHLD} = 'IGNORE';
    local $SIG{PIPE} = 'IGNORE';
    my $select = IO::Select->new($listener);
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
        $children{$pid} = 1;
    }
    kill TERM => keys %children;
    return;
}

sub _serve {
    my ( $self, $client ) = @_;
    my $input = '';
    while (1) {
        while ( $input !~ /\r\n\r\n/ ) {
            sysread $client, $input, 65536, length $input or return;
        }
        $input =~ s/^(.*?\r\n\r\n)//s;
        my $head = $1;
        my $sent = $head =~ /^Content-Length: (\d+)\r$/mi ? $1 : 0;
        while ( length $input < $sent ) {
            sysread $client, $input, 65536, length $input or return;
        }
        my $content = substr $input, 0, $sent, '';
        my ( $method, $path, $query ) = $head =~ m{^(\S+) ([^? ]+)\??(\S*) } or return;
        my $count = $self->_count( "$method $path" . ( $query ne '' ? "?$query" : '' ) );
        my $action =
          $self->{rule}->(
            { method => $method, path => $path, query => $query, count => $count, head => $head, content => $content } )
          // {};
        return if $action->{drop};
        my ( $answer_head, $body );
        if ( $action->{status} ) {
            $body = $action->{body} // '';
            $answer_head = join "\r\n", "HTTP/1.1 $action->{status} Status",
              'Content-Length: ' . length $body,
              map { "$_: $action->{headers}{$_}" } sort keys %{ $action->{headers} // {} };
        }
        else {
            ( $answer_head, $body ) = $self->_ask( $head, $content ) or return;
        }
        ( $answer_head, $body ) = $action->{edit}->( $answer_head, $body ) if $action->{edit};
        _send( $client, "$answer_head\r\n\r\n" ) or return;
        _send_body( $client, $body, $action )    or return;
    }
    return;
}

# Notes the request; returns how many times it was asked for.
sub _count {
    my ( $self, $request ) = @_;
    my $file = "$self->{scratch}/" . md5_hex($request);
    open my $count, '>>', $file or die;
    syswrite $count, '.';
    open my $log, '>>', "$self->{scratch}/log" or die;
    syswrite $log, "$request\n";
    return -s $file;
}

# The server's answer: its head without Connection, and its body.
sub _ask {
    my ( $self, $head, $content ) = @_;
    my $server = IO::Socket::INET->new( PeerAddr => $self->{upstream} ) or return;
    $head =~ s/\r\n\r\n$/\r\nConnection: close\r\n\r\n/;
    _send( $server, $head . $content ) or return;
    my $answer = '';
    1 while sysread $server, $answer, 65536, length $answer;
    my ( $answer_head, $body ) = $answer =~ /^(.*?)\r\n\r\n(.*)$/s or return;
    $answer_head =~ s/\r\n(?:Connection|Keep-Alive):[^\r]*//gi;
    return ( $answer_head, $body );
}

sub _send {
    my ( $socket, $data ) = @_;
    while ( length $data ) {
        my $sent = syswrite $socket, $data or return 0;
        substr $data, 0, $sent, '';
    }
    return 1;
}

# False when the connection is to end.
sub _send_body {
    my ( $client, $body, $action ) = @_;
    if ( defined $action->{cut} ) {
        _send( $client, substr $body, 0, $action->{cut} );
        return 0;
    }
    if ( $action->{stall} ) {
        my $half = length($body) >> 1;
        _send( $client, substr $body, 0, $half, '' ) or return 0;
        sleep $action->{stall};
    }
    while ( $action->{slow} && length $body > $action->{slow} ) {
        _send( $client, substr $body, 0, $action->{slow}, '' ) or return 0;
        sleep 0.01;
    }
    return _send( $client, $body );
}

1;
