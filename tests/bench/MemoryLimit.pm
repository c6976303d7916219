package MemoryLimit;

# Limits the memory of commands, as a small machine does: by a control group, which counts what a command has in memory.
# (A limit of the shell counts addresses, which maps of files take without memory.)

use strict;
use warnings;

my $GROUPS = '/sys/fs/cgroup';

# A limit of BYTES, without swap.
sub new {
    my ( $class, $bytes ) = @_;
    my $self = bless { bytes => $bytes }, $class;
    return $self if -d '/run/systemd/system';
    my $version_1 = -e "$GROUPS/memory/memory.limit_in_bytes";
    my $parent = $version_1 ? "$GROUPS/memory" . group_of_process() : $GROUPS;
    my $folder = "$parent/awstats-cloudfront-bench-$$";
    mkdir $folder or die "$folder: $!: the limit needs systemd, or a control group that this user can make\n";
    $self->{folder} = $folder;
    my @files =
      $version_1
      ? ( [ 'memory.limit_in_bytes' => $bytes ], [ 'memory.memsw.limit_in_bytes' => $bytes ] )
      : ( [ 'memory.max'            => $bytes ], [ 'memory.swap.max' => 0 ] );

    for my $file (@files) {
        my ( $name, $value ) = @$file;
        next if $name =~ /sw/ && !-e "$folder/$name";    # a kernel without swap
        open my $out, '>', "$folder/$name" or die "$folder/$name: $!\n";
        print {$out} $value;
        close $out or die "$folder/$name: $!\n";
    }
    return $self;
}

# Returns the path of this process' group of memory, of version 1.
sub group_of_process {
    open my $in, '<', '/proc/self/cgroup' or die "/proc/self/cgroup: $!\n";
    my ($path) = map { /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)/ } <$in>;
    return defined $path && -d "$GROUPS/memory$path" ? $path : '';
}

# Returns what sets the limit.
sub name {
    my ($self) = @_;
    return $self->{folder} ? 'a control group' : 'systemd-run';
}

# Returns a shell command that runs another one under the limit.
sub command {
    my ( $self, $command ) = @_;
    return "echo \$\$ >'$self->{folder}/cgroup.procs' && $command" if $self->{folder};
    my $quoted = $command =~ s/'/'\\''/gr;
    my $user = $> == 0 ? '' : '--user ';
    return "exec systemd-run $user--scope --quiet -p MemoryMax=$self->{bytes} -p MemorySwapMax=0 sh -c '$quoted'";
}

sub DESTROY {
    my ($self) = @_;
    rmdir $self->{folder} if $self->{folder};
    return;
}

1;
