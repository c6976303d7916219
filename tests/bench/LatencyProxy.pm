package LatencyProxy;

# A long line to a server of loopback: latency-proxy, compiled when it is missing, in a process that ends with this one.

use strict;
use warnings;
use Compiler qw(compile);
use FindBin  qw($Bin);

# build => where the proxy is compiled to; milliseconds => of latency, there and back; port => of the server
sub start {
    my ( $class, %option ) = @_;
    my $self = bless {}, $class;
    my $program = "$option{build}/latency-proxy";
    my $source = "$Bin/latency_proxy.c";
    if ( !-e $program || -M $program > -M $source ) {
        compile( $source, $program, qw(-std=c17 -O2 -D_GNU_SOURCE) )
          or die "latency-proxy could not be compiled\n";
    }

    # It ends when its standard input does: with this process, however that ends.
    pipe my $from, $self->{lifeline} or die "pipe: $!\n";
    $self->{pid} = open $self->{said}, '-|' // die "fork: $!\n";
    if ( !$self->{pid} ) {
        close $self->{lifeline};
        open STDIN, '<&', $from or die "$!\n";
        exec $program, $option{milliseconds} / 2, $option{port} or die "$program: $!\n";
    }
    $self->{port} = readline( $self->{said} ) // die "latency-proxy did not start\n";
    chomp $self->{port};
    return $self;
}

sub endpoint { return "http://127.0.0.1:$_[0]{port}" }

sub stop {
    my ($self) = @_;
    close $self->{lifeline};
    waitpid $self->{pid}, 0;
}

1;
