package Measure;

# Times, processor seconds and peak memory of commands.

use strict;
use warnings;
use Exporter    qw(import);
use POSIX       ();
use Time::HiRes qw(time);

our @EXPORT_OK = qw(measure in_turns instructions instructions_alone);

# getrusage(2) is not among Perl's functions.  Its number by machine:
my %GETRUSAGE = ( x86_64 => 98, aarch64 => 165, riscv64 => 165 );
use constant RUSAGE_CHILDREN => -1;

# Runs a shell command with its output thrown away.  Returns {seconds, cpu (seconds of user and system), memory
# (bytes, of the greatest process)}; dies when it fails.
sub measure {
    my ($command) = @_;
    pipe my $from, my $to or die "pipe: $!\n";
    my $pid = fork // die "fork: $!\n";
    if ( !$pid ) {
        open STDOUT, '>', '/dev/null' or die "$!\n";
        my $start = time;
        my $status = system '/bin/sh', '-c', $command;
        my $seconds = time - $start;
        my @times = times;
        print {$to} join ' ', $status, $seconds, $times[2] + $times[3], memory_of_children();
        close $to;
        POSIX::_exit(0);
    }
    close $to;
    my ( $status, $seconds, $cpu, $memory ) = split ' ', <$from> // '1';
    waitpid $pid, 0;
    die "failed: $command\n" if $status;
    return { seconds => $seconds, cpu => $cpu, memory => $memory };
}

# ru_maxrss is the fifth of the longs, behind two timevals of two; in KiB on Linux.
sub memory_of_children {
    my $number = $GETRUSAGE{ ( POSIX::uname() )[4] } // return 0;
    my $usage = "\0" x 144;
    syscall( $number, RUSAGE_CHILDREN, $usage ) == 0 or return 0;
    return ( unpack 'l!18', $usage )[4] * 1024;
}

sub median {
    my @sorted = sort { $a <=> $b } @_;
    return @sorted % 2 ? $sorted[ $#sorted / 2 ] : ( $sorted[ @sorted / 2 - 1 ] + $sorted[ @sorted / 2 ] ) / 2;
}

# Runs each [name, command, what to do before and not to measure] so many times, in turns, and returns their
# medians: [{name, seconds, cpu, memory}, ...].
sub in_turns {
    my ( $repeats, @contenders ) = @_;
    my %runs;
    for ( 1 .. $repeats ) {
        for my $contender (@contenders) {
            my ( $name, $command, $before ) = @$contender;
            system($before) == 0 or die "failed: $before\n" if defined $before;
            push @{ $runs{$name} }, measure($command);
        }
    }
    return [
        map {
            my $runs = $runs{ $_->[0] };
            +{
                name => $_->[0],
                map {
                    my $key = $_;
                    $key => median( map { $_->{$key} } @$runs )
                } qw(seconds cpu memory)
            }
        } @contenders
    ];
}

# User instructions of a command, and what counted them; an empty list when nothing here can.
sub instructions {
    my @command = map { "'$_'" } @_;
    my $perf = `perf stat -x, -e instructions:u @command 2>&1 >/dev/null`;
    return ( $1, 'perf stat' ) if $perf =~ /^(\d+),[^,]*,instructions/m;
    my $count = instructions_alone(@_);
    return defined $count ? ( $count, 'callgrind' ) : ();
}

# User instructions of a command without those of its children, by callgrind.
sub instructions_alone {
    my @command = map { "'$_'" } @_;
    my $callgrind = `valgrind --tool=callgrind --callgrind-out-file=/dev/null @command 2>&1 >/dev/null`;
    return $callgrind =~ /Collected : (\d+)/ ? $1 : undef;
}

1;
