package BusiestThread;

# How much of an update is done by the thread that works most: however many processors there are, the update takes at
# least that long.  With more threads that count, that is less.

use strict;
use warnings;
use File::Path  qw(remove_tree);
use ManyHosts   ();
use Measure     ();
use NativeLoop  ();
use Table       qw(title);
use Time::HiRes qw(usleep);

my $PAUSE = 2_000;    # microseconds between two looks at the threads

# Returns the nanoseconds that a thread has run, by its folder in /proc; 0 when it has ended.
sub run_time {
    my ($folder) = @_;
    open my $file, '<', "$folder/schedstat" or return 0;
    my ($time) = split ' ', <$file> // '0';
    return $time;
}

# Returns a process and its descendants.
sub family {
    my ($pid) = @_;
    open my $file, '<', "/proc/$pid/task/$pid/children" or return $pid;
    return ( $pid, map { family($_) } split ' ', <$file> // '' );
}

# Runs a shell command.  Returns the processor seconds of its busiest thread, and of all; dies when it fails.
sub of_command {
    my ($command) = @_;
    my $pid = fork // die "fork: $!\n";
    if ( !$pid ) {
        open STDOUT, '>', '/dev/null' or die "$!\n";
        exec '/bin/sh', '-c', "exec $command" or die "sh: $!\n";
    }
    my %time;
    until ( waitpid $pid, 1 ) {    # WNOHANG
        for my $thread ( map { glob "/proc/$_/task/*" } family($pid) ) {
            my $time = run_time($thread);
            $time{$thread} = $time if $time > ( $time{$thread} // 0 );
        }
        usleep($PAUSE);
    }
    die "failed: $command\n" if $?;
    my ($most) = sort { $b <=> $a } values %time;
    my $all = 0;
    $all += $_ for values %time;
    return ( $most / 1e9, $all / 1e9 );
}

# WANT: records, hosts, pages, agents; build, scratch, logs (the folder that ManyHosts::make() wrote), repeats.
sub bench {
    my %want = @_;
    NativeLoop::prepare( \%want );
    title("A whole update of $want{records} records of $want{hosts} hosts: processor seconds of its busiest thread");
    my %busiest;
    for my $threads ( 1, 2, 4 ) {
        my ( $update, $before ) =
          NativeLoop::site( { %want, parameters => "threads=$threads" }, "threads-$threads", "$want{logs}/month" );
        my ( @most, @all );
        for ( 1 .. $want{repeats} ) {
            system($before) == 0 or die "failed: $before\n";
            my ( $most, $all ) = of_command($update);
            push @most, $most;
            push @all,  $all;
        }
        $busiest{$threads} = Measure::median(@most);
        printf "  %-44s %9.3f  of %.3f of all threads, %.2f of that with one\n",
          $threads == 1 ? 'one thread counts' : "$threads threads count", $busiest{$threads}, Measure::median(@all),
          $busiest{$threads} / $busiest{1};
    }
    remove_tree( $want{scratch} );
    return;
}

1;
