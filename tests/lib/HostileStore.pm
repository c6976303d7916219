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
use Digest::MD5 qw(md5_hex);
use Site;

our @EXPORT_OK = qw(always response contents page);

my $content = Site::log_text( '/a', '/b' );

sub new {
    my ( $class, $rule ) = @_;
    return bless( { rule => $rule }, $class )->start_each( \&_serve );
}

# The bytes of a whole response.
sub response {
    my ( $status, $body, %headers ) = @_;
    return
        "HTTP/1.1 $status Status\r\nContent-Length: "
      . length($body) . "\r\n"
      . join( '', map { "$_: $headers{$_}\r\n" } sort keys %headers )
      . "\r\n$body";
}

# The log that the objects of a list hold: two records.
sub content {
    return $content;
}

# Gives the helper a home folder of the test's own, keys and a region.
sub set_environment {
    my ($home) = @_;
    delete @ENV{ grep { /^AWS_|_proxy\z/i } keys %ENV };
    @ENV{qw(HOME AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION)} =
      ( $home, 'AKIDEXAMPLE', 'secretsecretsecret', 'tokentokentokentokentoken', 'eu-west-1' );
    return;
}

# An object of a list, which has content(); any of its texts can be given.
sub contents {
    my ( $key, %text ) = @_;
    %text = (
        Key          => $key,
        Size         => length $content,
        LastModified => '2026-11-01T00:00:00.000Z',
        ETag         => '"' . md5_hex($content) . '"',
        %text
    );
    return '<Contents>' . join( '', map { "<$_>$text{$_}</$_>" } sort keys %text ) . '</Contents>';
}

# A page of a list; NEXT: the token of the next one.
sub page {
    my ( $contents, $next ) = @_;
    return '<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>'
      . (
        defined $next
        ? "true</IsTruncated><NextContinuationToken>$next</NextContinuationToken>"
        : 'false</IsTruncated>'
      ) . "$contents</ListBucketResult>";
}

# The function of a store that sends RESPONSE to each request.
sub always {
    my ($response) = @_;
    return sub { $_[1]->($response); return 1 };
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
