#!/usr/bin/perl
# A store whose name has several addresses: the connections spread over them, and an address where nothing responds is
# passed over.  The test has a file of names, and a network, of its own.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use OwnMachine;
use Program qw(helper run start write_file);
use Site;

if ( !$ENV{OWN_NAMES} ) {
    plan skip_all => 'only root can have a mount namespace' if $> != 0;
    plan skip_all => 'namespaces are not possible here' if system( 'unshare', '-m', '-n', 'true' ) != 0;
    local $ENV{OWN_NAMES} = 1;
    exec 'unshare', '-m', '-n', $^X, $0, @ARGV or die "unshare: $!\n";
}

package AddressedStore {
    use parent 'CannedStore';

    # A client comes from the address that it was sent to: see below.
    sub _respond {
        my ( $self, $socket, $request ) = @_;
        $self->note( $socket->peerhost );
        return $self->SUPER::_respond( $socket, $request );
    }
}

OwnMachine::raise_loopback();
my $helper = helper();
my $folder = File::Temp->newdir;
$ENV{RESOLV_MULTI} = 'on';    # glibc: all addresses of a name
delete $ENV{$_} for grep { /^AWS_|_proxy\z/i } keys %ENV;
@ENV{qw(HOME AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION)} = ( $folder, 'key', 'secret', 'eu-west-1' );

my @keys = map { sprintf 'cdn/E1.2026-10-31-10.%04d.gz', $_ } 1 .. 200;
my $store = AddressedStore->new( log => Site::log_text('/x'), keys => \@keys );
my ($port) = $store->address =~ /(\d+)$/;

# Each of these addresses leads to the store, and each connection of it comes from there with the same address.
my @addresses = map { "127.0.0.$_" } 2 .. 9;
my @jobs =
  map { start( 'socat', "TCP4-LISTEN:$port,bind=$_,fork,reuseaddr", "TCP4:127.0.0.1:$port,bind=$_" ) } @addresses;

END {
    kill TERM => map { $_->{pid} } @jobs if @jobs;
}

for my $address (@addresses) {
    my $tries = 2400;
    until ( IO::Socket::INET->new( PeerHost => $address, PeerPort => $port ) || !$tries-- ) {
        select undef, undef, undef, 0.05;
    }
    cmp_ok( $tries, '>', 0, "$address is there" );
}

# Fetches all under a name with these addresses.  Returns those that were used.
my $number = 0;

sub fetch_from {
    my ( $name, @own ) = @_;
    my $names = write_file( "$folder/names." . ++$number, join '', map { "$_ store.test\n" } @own );
    run( 'mount', '--bind', $names, '/etc/hosts' );
    my $before = () = $store->requests;
    my ( $status, $out, $err ) =
      run( $helper, 'fetch', '--endpoint', "http://store.test:$port", '--to', "$folder/to.$number", 's3://logs/cdn/' );
    is( $status, 0, "$name: exit status" ) or diag $err;
    like( $err, qr/^\S+ 200 objects fetched/m, "$name: all come" );
    my @requests = $store->requests;
    my %used = map { $_ => 1 } splice @requests, $before;
    run( 'umount', '/etc/hosts' );
    return sort keys %used;
}

my @used = fetch_from( 'eight addresses', @addresses );
cmp_ok( scalar @used, '>', 1, "several are used: @used" );
is_deeply( [ grep { /^127\.0\.0\.1$/ } @used ], [], 'no other address is used' );
@used = fetch_from( 'seven addresses of eight do not respond', $addresses[0], map { "127.0.1.$_" } 1 .. 7 );
is( "@used", $addresses[0], 'the last one is used' );
done_testing();
