package Terminal;

# Runs a program with its standard error on a terminal of its own, and knows what that terminal shows.

use strict;
use warnings;
use IO::Pty;
use IO::Select ();
use POSIX      ();

# Starts a program.  OPTION:
#   in => HANDLE     standard input; /dev/null when missing
#   out => PATH      standard output; the terminal when missing
#   term => NAME     TERM; xterm when missing
sub start {
    my ( $class, $option, @command ) = @_;
    my $self = bless { pty => IO::Pty->new, seen => '', status => undef }, $class;
    $self->{pty}->set_winsize( 24, $option->{columns} // 100 );
    $self->{pid} = fork // die "fork: $!\n";
    if ( !$self->{pid} ) {
        $self->{pty}->make_slave_controlling_terminal;
        my $slave = $self->{pty}->slave;
        close $self->{pty};
        local $ENV{TERM} = $option->{term} // 'xterm';
        POSIX::dup2( fileno $slave, 2 );
        if ( $option->{out} ) { open STDOUT, '>', $option->{out} or POSIX::_exit(127) }
        else                  { POSIX::dup2( fileno $slave, 1 ) }
        if ( $option->{in} ) { POSIX::dup2( fileno $option->{in}, 0 ) }
        else                 { open STDIN, '<', '/dev/null' or POSIX::_exit(127) }
        exec { $command[0] } @command or POSIX::_exit(127);
    }
    $self->{pty}->close_slave;
    return $self;
}

# Reads what is there; returns false at the end, and when nothing came in SECONDS.
sub _read {
    my ( $self, $seconds ) = @_;
    return '' if !IO::Select->new( $self->{pty} )->can_read($seconds);
    return sysread $self->{pty}, $self->{seen}, 65536, length $self->{seen};
}

# Waits until the terminal was sent something that matches; returns false when that does not happen.
sub wait_for {
    my ( $self, $pattern ) = @_;
    while ( $self->{seen} !~ $pattern ) { return 0 if !$self->_read(30) }
    return 1;
}

# Reads for SECONDS.
sub watch {
    my ( $self, $seconds ) = @_;
    my $until = time + $seconds;
    while ( time < $until ) { $self->_read(0.2) }
    return;
}

# Waits for the end; returns the exit status.
sub finish {
    my ($self) = @_;
    while ( $self->_read(30) ) { }
    waitpid $self->{pid}, 0;
    return $? & 127 ? 128 + ( $? & 127 ) : $? >> 8;
}

# All bytes that the terminal was sent.
sub seen { return $_[0]{seen} }

# The lines that the terminal shows.
sub screen {
    my ($self) = @_;
    my @line = ('');
    my $column = 0;
    foreach my $piece ( $self->{seen} =~ /\r|\n|\e\[K|[^\r\n\e]/g ) {
        if    ( $piece eq "\r" )   { $column = 0 }
        elsif ( $piece eq "\n" )   { push @line, ''; $column = 0 }
        elsif ( $piece eq "\e[K" ) { substr( $line[-1], $column ) = '' if $column < length $line[-1] }
        else {
            $line[-1] .= ' ' x ( $column - length $line[-1] ) if $column > length $line[-1];
            substr( $line[-1], $column, 1 ) = $piece;
            $column++;
        }
    }
    pop @line if $line[-1] eq '';
    return @line;
}

1;
