# A Slurm cluster on loopback: slurmctld, and a slurmd for each node, all on this machine.  Needs root, and Debian's
# slurmctld, slurmd, slurm-client and munge.
package Slurm;
use strict;
use warnings;

use File::Temp ();
use IO::Socket::INET;
use Program       qw(run write_file);
use Sys::Hostname ();

my @started;

# Returns what is missing for a cluster, or ''.
sub missing {
    return 'root' if $>;
    foreach my $program (qw(munged slurmctld slurmd sbatch)) {
        return $program if !grep { -x "$_/$program" } split( /:/, $ENV{PATH} ), '/usr/sbin';
    }
    return '';
}

sub _free_port {
    my $socket = IO::Socket::INET->new( LocalAddr => '127.0.0.1', Listen => 1 ) or die "a free port: $!\n";
    return $socket->sockport;
}

# Starts a cluster with these nodes.
sub start {
    my ( $class, @nodes ) = @_;
    my $folder = File::Temp->newdir( 'slurm-XXXXXX', TMPDIR => 1 );
    my $self = bless { folder => $folder, nodes => {}, owner => $$ }, $class;
    push @started, $self;
    chmod 0755, "$folder";
    mkdir "$folder/$_" foreach qw(state spool munge);
    chmod 0755, "$folder/munge";
    my ($host) = Sys::Hostname::hostname() =~ /^([^.]+)/;
    my $ports = join '',
      map { "NodeName=$_ NodeHostname=$host NodeAddr=127.0.0.1 Port=" . _free_port() . " CPUs=1\n" } @nodes;
    my $port = _free_port();
    my $names = join ',', @nodes;
    open my $key, '>', "$folder/munge/key" or die "$folder/munge/key: $!\n";
    print $key map { chr int rand 256 } 1 .. 1024;
    close $key;
    chmod 0400, "$folder/munge/key";
    write_file( "$folder/cgroup.conf", "CgroupAutomount=no\n" );
    write_file( "$folder/slurm.conf",  <<"END" );
ClusterName=tests
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=5
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool/%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd-%n.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SlurmdTimeout=10
KillWait=2
MinJobAge=600
${ports}PartitionName=all Nodes=$names Default=YES MaxTime=INFINITE State=UP
END
    $ENV{SLURM_CONF} = "$folder/slurm.conf";
    $self->_run(
        'munged',                       '--force',
        "--key-file=$folder/munge/key", "--socket=$folder/munge/socket",
        "--log-file=$folder/munge/log", "--pid-file=$folder/munge.pid",
        "--seed-file=$folder/munge/seed"
    );
    $self->_run( 'slurmctld', '-f', "$folder/slurm.conf" );
    $self->start_node($_) foreach @nodes;
    $self->wait_for( 'the nodes', sub { return ( $self->ask(qw(sinfo -h -o %T)) =~ s/\s+\z//r ) eq 'idle' } );
    return $self;
}

sub _run {
    my ( $self, @command ) = @_;
    local $ENV{PATH} = "$ENV{PATH}:/usr/sbin";
    system(@command) == 0 or die "$command[0]: $?\n";
    return;
}

sub start_node {
    my ( $self, $node ) = @_;
    $self->_run( 'slurmd', '-N', $node, '-f', "$self->{folder}/slurm.conf" );
    return;
}

# Ends a node as a power failure would: its slurmd, and all that it runs.
sub kill_node {
    my ( $self, $node ) = @_;
    my $pid = _pid("$self->{folder}/slurmd-$node.pid") or die "$node does not run\n";
    my @jobs = grep {
        my $environment = _read("/proc/$_/environ");
        $environment =~ /(?:^|\0)SLURMD_NODENAME=\Q$node\E\0/ && $environment =~ /\0SLURM_CONF=\Q$self->{folder}\E/
    } map { m{(\d+)$} } glob '/proc/[0-9]*';
    my @steps = grep { $_ && _command($_) =~ /^slurmstepd/ } map { _read("/proc/$_/stat") =~ /\) \S (\d+)/ } @jobs;
    kill 'KILL', $pid, @steps, @jobs;
    return;
}

sub _read {
    my $path = shift;
    open my $file, '<', $path or return '';
    local $/ = undef;
    return <$file> // '';
}

sub _pid {
    my $path = shift;
    return _read($path) =~ /^(\d+)/ ? $1 : undef;
}

sub _command {
    my $process = shift;
    return _read("/proc/$process/cmdline") =~ tr/\0/ /r;
}

# Runs a command of Slurm, and returns its output.
sub ask {
    my ( $self, @command ) = @_;
    my ( undef, $output ) = run( {}, @command );
    return $output;
}

# Waits until IS returns true, at most for a time that only a hung machine needs.
sub wait_for {
    my ( $self, $what, $is ) = @_;
    my $end = time + 300;
    while ( !$is->() ) {
        die "$what: not in 300 s\n" . join '',
          map { _read($_) =~ s/^.*(?=(?:.*\n){8}\z)//sr } glob "$self->{folder}/*.log"
          if time > $end;
        select undef, undef, undef, 0.2;
    }
    return;
}

# Waits until no job is left.
sub wait_for_jobs {
    my $self = shift;
    return $self->wait_for( 'the jobs', sub { return $self->ask(qw(squeue -h)) eq '' } );
}

# Ends all processes of a cluster.
sub stop {
    my $self = shift;
    return if $self->{owner} != $$;
    foreach my $file ( glob "$self->{folder}/*.pid" ) {
        my $pid = _pid($file);
        kill 'TERM', $pid if $pid && _command($pid) =~ /\Q$self->{folder}\E/;
    }
    return;
}

# Before File::Temp removes the folders, which have the process IDs.
END {
    local $? = $?;
    $_->stop foreach @started;
}

1;
