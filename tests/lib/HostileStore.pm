package HostileStore;

# A server that sends whatever a test wants, for as long as the helper takes it.
#
#     my $store = HostileStore->new( sub { my ( $request, $send ) = @_; ... } );
#
# The function gets the request as {method, path, query, head, count}, where count says how many requests came, from 1,
# over all connections.  $send->(BYTES) sends bytes as they are, and returns false when the helper has closed the
# connection.  The connection ends when the function returns, unless it returns true: then the next request may come.
# requests() returns the lines "METHOD PATH?QUERY" of the requests so far.

use strict;
use warnings;
use Exporter qw(import);
use parent 'LoopbackServer';

our @EXPORT_OK = qw(answer);

sub new {
    my ( $class, $rule ) = @_;
    return bless( { rule => $rule }, $class )->start_each( \&_serve );
}

# The bytes of a whole answer.
sub answer {
    my ( $status, $body, %headers ) = @_;
    return
        "HTTP/1.1 $status Status\r\nContent-Length: "
      . length($body) . "\r\n"
      . join( '', map { "$_: $headers{$_}\r\n" } sort keys %headers )
      . "\r\n$body";
}

sub _serve {
    my ( $self, $client ) = @_;
    my $input = '';
    my $send = sub { return LoopbackServer::send_all( $client, @_ ) };
    while ( my $request = LoopbackServer::read_request( $client, \$input ) ) {
        $self->note( LoopbackServer::line_of($request) );
        $request->{count} = $self->requests;
        $self->{rule}->( $request, $send ) or return;
    }
    return;
}

1;
