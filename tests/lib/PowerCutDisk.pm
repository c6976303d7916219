# A disk whose power can be cut: a file system in memory, see tests/powercut/disk.  It is mounted for as long as this
# object lives.
package PowerCutDisk;
use strict;
use warnings;

use File::Spec ();
use File::Temp ();
use IPC::Open2 qw(open2);

my $program = File::Spec->rel2abs(__FILE__) =~ s{/lib/[^/]+\z}{/powercut/disk}r;

# Returns what this machine lacks for such a disk, or ''.
sub missing {
    return '/dev/fuse is missing or not writable' if !-w '/dev/fuse';
    return 'no python3-pyfuse3' if system '/usr/bin/python3 -c "import pyfuse3" 2>/dev/null';
    return eval { __PACKAGE__->new; 1 } ? '' : 'no permission to mount a FUSE file system';
}

# Mounts an empty disk; dies when that fails.
sub new {
    my ($class) = @_;
    my $self = bless { scratch => File::Temp->newdir, owner => $$ }, $class;
    $self->{folder} = "$self->{scratch}/disk";
    mkdir $self->{folder} or die "$self->{folder}: $!\n";
    $self->{pid} = open2( $self->{out}, $self->{in}, $program, $self->{folder} );
    _answer($self) eq 'mounted' or die "$program does not mount\n";
    return $self;
}

sub folder { return $_[0]{folder} }

sub _answer {
    my ($self) = @_;
    my $line = readline( $self->{out} ) // die "$program has ended\n";
    chomp $line;
    return $line;
}

sub _command {
    my ( $self, @words ) = @_;
    print { $self->{in} } "@words\n";
    return $self->_answer;
}

# Makes everything durable, and begins to record changes.
sub settle { return $_[0]->_command('settle') }

# Keeps the changes since the last settle() or cut() for cut(); returns a line about each, which begins with a verb:
# sync, write, truncate, create, mkdir, symlink, link, unlink, rmdir, rename or attributes, and a name.
sub keep {
    my ($self) = @_;
    my $count = $self->_command('keep');
    return map { $self->_answer } 1 .. $count;
}

# Makes the disk what a power cut after the first COUNT of the kept changes may leave, by MODEL and SEED.  The
# syncs with the numbers WITHOUT among the changes have done nothing.  Returns a digest of the disk.
sub cut {
    my ( $self, $count, $model, $seed, @without ) = @_;
    return $self->_command( 'cut', $count, $model, $seed, join( ',', @without ) || () );
}

sub DESTROY {
    my ($self) = @_;
    return if $self->{owner} != $$ || !$self->{pid};
    local ( $?, $!, $@ );
    close $self->{in};    # the program unmounts
    waitpid $self->{pid}, 0;
    return;
}

1;
