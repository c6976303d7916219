package AwsAddress;

# Lets a store be AWS: a proxy leads each connection, with TLS for AWS's own address in us-east-1, to the store, at
# HOST:PORT.
#
#     my $aws = AwsAddress->new( $store->address );
#     local @ENV{qw(https_proxy AWS_CA_BUNDLE)} = ( $aws->endpoint, $aws->certificate );

use strict;
use warnings;
use File::Temp ();
use Program    qw(run);
use parent 'LoopbackServer';

sub new {
    my ( $class, $store ) = @_;
    my $self = bless { store => $store, folder => File::Temp->newdir }, $class;
    my ( $status, undef, $err ) = run(
        qw(openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=x),
        qw(-addext subjectAltName=DNS:s3.us-east-1.amazonaws.com),
        '-out', $self->certificate, '-keyout', "$self->{folder}/key"
    );
    die "openssl: $err" if $status;
    return $self->start_each( \&_serve );
}

sub certificate { return "$_[0]{folder}/certificate" }

# A socat for TLS listens for this one connection, and another one connects the client with it.
sub _serve {
    my ( $self, $client ) = @_;
    while ( defined( my $line = <$client> ) ) {
        last if $line eq "\r\n";
    }
    my $socket = "$self->{folder}/$$";
    my $pid = fork // die "fork: $!\n";
    if ( !$pid ) {
        my $tls = join ',', "OPENSSL-LISTEN:0,bind=127.0.0.1,cert=${\ $self->certificate },key=$self->{folder}/key",
          'verify=0';
        open STDERR, '>', "$socket.log" or die "$socket.log: $!\n";
        exec 'socat', '-d', '-d', $tls, "TCP:$self->{store}" or die "socat: $!\n";
    }
    my $port;
    for ( 1 .. 100 ) {
        ($port) = Program::content("$socket.log") =~ /listening on AF=2 127\.0\.0\.1:(\d+)/ if -e "$socket.log";
        last if $port;
        select undef, undef, undef, 0.05;
    }
    print {$client} "HTTP/1.1 200 OK\r\n\r\n";
    $client->flush;
    open STDIN,  '<&', $client or die "$!\n";
    open STDOUT, '>&', $client or die "$!\n";
    exec 'socat', '-', "TCP:127.0.0.1:$port" or die "socat: $!\n";
}

1;
