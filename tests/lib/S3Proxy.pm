package S3Proxy;

# Stands between the helper and an S3 server, and does to the responses what a test asks for.
#
#     my $proxy = S3Proxy->new($server->address, sub { my ($request) = @_; ... });
#
# The function gets the request as {method, path, query, head, content, count}, where count says how many times this
# path and query were asked for, from 1; it returns undef to pass the response on as it is, or one of
#     {status => N, headers => {...}, body => TEXT}   this response; the server is not asked
#     {edit => sub { my ($head, $body) = @_; ... }}   the response as the function returns it
#     {cut => N}     only N bytes of the body, then the connection ends
#     {slow => N}    N bytes of the body every 10 ms
#     {stall => S}   half of the body, and the rest after S seconds
#     {drop => 1}    no response: the connection ends
#
# requests() returns the lines "METHOD PATH?QUERY" of the requests so far, in their order.

use strict;
use warnings;
use Digest::MD5      qw(md5_hex);
use IO::Socket::INET ();
use Time::HiRes      qw(sleep);
use parent 'LoopbackServer';

sub new {
    my ( $class, $upstream, $rule ) = @_;
    return bless( { upstream => $upstream, rule => $rule // sub { } }, $class )->start_each( \&_serve );
}

sub _serve {
    my ( $self, $client ) = @_;
    my $input = '';
    while ( my $request = LoopbackServer::read_request( $client, \$input ) ) {
        $request->{count} = $self->_count( LoopbackServer::line_of($request) );
        my $action = $self->{rule}->($request) // {};
        return if $action->{drop};
        my ( $response_head, $body );
        if ( $action->{status} ) {
            $body = $action->{body} // '';
            $response_head = join "\r\n", "HTTP/1.1 $action->{status} Status",
              'Content-Length: ' . length $body,
              map { "$_: $action->{headers}{$_}" } sort keys %{ $action->{headers} // {} };
        }
        else {
            ( $response_head, $body ) = $self->_ask( @$request{qw(head content)} ) or return;
        }
        ( $response_head, $body ) = $action->{edit}->( $response_head, $body ) if $action->{edit};
        LoopbackServer::send_all( $client, "$response_head\r\n\r\n" ) or return;
        _send_body( $client, $body, $action )                         or return;
    }
    return;
}

# Notes the request; returns how many times it was asked for.
sub _count {
    my ( $self, $request ) = @_;
    $self->note($request);
    return $self->add_to( md5_hex($request), '.' );
}

# The server's response: its head without Connection, and its body.
sub _ask {
    my ( $self, $head, $content ) = @_;
    my $server = IO::Socket::INET->new( PeerAddr => $self->{upstream} ) or return;
    $head =~ s/\r\n\r\n$/\r\nConnection: close\r\n\r\n/;
    LoopbackServer::send_all( $server, $head . $content ) or return;
    my $response = '';
    1 while sysread $server, $response, 65536, length $response;
    my ( $response_head, $body ) = $response =~ /^(.*?)\r\n\r\n(.*)$/s or return;
    $response_head =~ s/\r\n(?:Connection|Keep-Alive):[^\r]*//gi;
    $body = '' if $head =~ /^HEAD /;    # Swift sends an empty last chunk, which belongs to no response
    return ( $response_head, $body );
}

# False when the connection is to end.
sub _send_body {
    my ( $client, $body, $action ) = @_;
    if ( defined $action->{cut} ) {
        LoopbackServer::send_all( $client, substr $body, 0, $action->{cut} );
        return 0;
    }
    if ( $action->{stall} ) {
        my $half = length($body) >> 1;
        LoopbackServer::send_all( $client, substr $body, 0, $half, '' ) or return 0;
        sleep $action->{stall};
    }
    while ( $action->{slow} && length $body > $action->{slow} ) {
        LoopbackServer::send_all( $client, substr $body, 0, $action->{slow}, '' ) or return 0;
        sleep 0.01;
    }
    return LoopbackServer::send_all( $client, $body );
}

1;
