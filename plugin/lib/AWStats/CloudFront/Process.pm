# Starts processes and waits for them, even if other code ignores or collects the exit statuses of all child
# processes.
package AWStats::CloudFront::Process;
use strict;
use warnings;

use AWStats::CloudFront;

my $not_started = 127 << 8;    # as a shell reports a command that it cannot find
my ( $users, $handler ) = ( 0, undef );

# Starts a program; see process.h.  DESCRIPTORS: those of its standard input, output and error.
# Returns an object.  Dies when the system cannot start another process.  If the system cannot execute the program,
# the object has an error().
sub start {
    my ( $class, $name, $descriptors, @command ) = @_;
    _take_statuses();
    my $pid = AWStats::CloudFront::start_process( @$descriptors, @command );
    my $error = $pid > 0 ? '' : "$!";
    my $self = bless { pid => $pid > 0 ? $pid : 0, name => $name, owner => $$, error => $error }, $class;
    die "The program '$name' cannot be started: $error; check the limits of processes and memory"
      . " (ulimit -u, ulimit -v)\n"
      if $pid < 0;
    return $self;
}

sub name {
    my $self = shift;
    return $self->{name};
}

# Returns why the program could not be executed, or ''.
sub error {
    my $self = shift;
    return $self->{error};
}

# Waits for this process, and no other.  Returns its wait status.  Dies when there is no such child.
sub wait {
    my $self = shift;
    return 0 if $self->{owner} != $$;
    return $self->{status} if defined $self->{status};
    local ( $?, $! );
    $self->{status} = $not_started;
    if ( $self->{pid} ) {
        my $pid;
        do { $pid = waitpid $self->{pid}, 0 } while ( $pid < 0 && $!{EINTR} );
        die "Whether $self->{name} succeeded is not known: $!; run the update again\n" if $pid < 0;
        $self->{status} = $?;
    }
    return $self->{status};
}

# Asks the process to end.
sub terminate {
    my $self = shift;
    kill 'TERM', $self->{pid} if $self->{pid} && !defined $self->{status} && $self->{owner} == $$;
    return;
}

# Returns a wait status in words.
sub describe {
    my $status = shift;
    return 'was killed by signal ' .    ( $status & 127 ) if $status & 127;
    return 'failed with exit status ' . ( $status >> 8 );
}

sub DESTROY {
    my $self = shift;
    return if $self->{owner} != $$;
    local ( $?, $!, $@ );
    eval { $self->wait };
    _give_statuses_back();
    return;
}

sub CLONE_SKIP {
    return 1;
}

# If SIGCHLD were ignored, there would be no exit status; a handler of other code might take the status.
sub _take_statuses {
    return if $users++;
    $handler = $SIG{CHLD};
    $SIG{CHLD} = 'DEFAULT';
    return;
}

sub _give_statuses_back {
    return if --$users;
    $SIG{CHLD} = defined $handler ? $handler : 'DEFAULT';
    return;
}

1;
