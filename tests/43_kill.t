#!/usr/bin/perl
# cat and commit are killed again and again while objects arrive. Afterwards the committed batches contain every
# record exactly once, and every prepared batch was printed again with the same bytes.  In some rounds the site
# leaves out repeated requests, and records of them arrive in other objects, too.
use strict;
use warnings;
use Test::More;
use File::Temp  ();
use FindBin     qw($Bin);
use Time::HiRes qw(sleep);
use lib "$Bin/lib";
use Compiler qw(fault_library);
use Program  qw(start finish);
use Site;
use Soak qw(is_soak rounds seed);

srand( seed( 'KILL_SEED', 7 ) );
my $next_round = rounds( 'KILL_RUNS', 60, 300 );
my $site = Site->new;
my ( %want,       %got,           %prepared );
my ( $objects,    $paths,         $committed ) = ( 0, 0, 0 );
my ( $killed_cat, $killed_commit, $again, $quarantined ) = ( 0, 0, 0, 0 );
my @broken;
my $is_unique = 0;
my @repeatable;    # the paths that arrived since then
my $repeated = 0;

# A log whose records have request IDs.
sub log_text {
    return Site::log_text(@_) =~ s/^(#Fields: .*)/$1 x-edge-request-id/mr =~
      s{^(2.*\t/(\d+)\t.*)}{$1\t-\t-\t-\trequest-$2}gmr;
}

# Switches unique on or off, between two batches.
sub switch_unique {
    repair();
    one_run() for 1 .. 3;
    $is_unique = !$is_unique;
    @repeatable = ();
    $site->configure( unique => $is_unique ? 'x-edge-request-id' : 'none' );
    return;
}

# One to five objects, some of them broken for now.
sub arrive {
    for ( 1 .. 1 + int rand 5 ) {
        my @path = map { '/' . ++$paths } 1 .. 1 + int rand 400;
        my $name = sprintf 'E%d.2026-10-%02d-%02d.%08x.gz', rand 3, 1 + rand 30, rand 24, $objects++;
        $want{$_} = 1 for @path;
        my $text = log_text(@path);
        if ( rand() < 0.1 ) {
            push @broken, [ $name, $text ];
            $text = 'broken';
        }
        elsif ($is_unique) {
            my @again = map { $repeatable[ rand @repeatable ] } 1 .. ( @repeatable && rand 20 );
            $repeated += @again;
            $text = log_text( @path, @again );
            push @repeatable, @path;
        }
        $site->put( $name, $text );
    }
    return;
}

sub repair {
    while ( my $object = shift @broken ) {
        $site->put(@$object);
    }
    return;
}

my $scratch = File::Temp->newdir;
my $shim = fault_library( 'kill_nth', $scratch );

# Runs a command and kills it at one of its system calls that write, a random one of as many as the last complete
# run made; in a soak also after a random time.  IS_KILLED: whether to kill it at all.  Returns its exit status
# (137 when it was killed), its output and its errors.
my %steps;
my %killed_at;

sub run_and_kill {
    my ( $is_killed, @command ) = @_;
    my $name = $command[1];
    my $nth = $is_killed ? 1 + int rand 1.05 * $steps{$name} : 0;
    my $after = $is_killed && is_soak() && rand() < 0.3 ? rand 0.05 : undef;
    local %ENV = ( %ENV, LD_PRELOAD => $shim, KILL_NTH => defined $after ? 0 : $nth, KILL_COUNT => "$scratch/count" );
    $ENV{ASAN_OPTIONS} = join ':', 'verify_asan_link_order=0', $ENV{ASAN_OPTIONS} // ();
    my $job = start(@command);
    if ( defined $after ) {
        sleep $after;
        kill KILL => $job->{pid};
    }
    my @result = finish($job);
    $steps{$name} = Program::content("$scratch/count") if !$nth && !$result[0];
    $killed_at{$name}{$nth}++ if $result[0] == 137;
    return @result;
}

sub take {
    my ($log) = @_;
    $committed++;
    $got{ $_->[7] }++ for @{ $log->{rows} };
    return;
}

# One run, as the plugin does it: cat, count, commit.  Whether each of the two is killed.
my $open;    # the log that was counted, and whose commit was killed

sub one_run {
    my ( $is_cat_killed, $is_commit_killed ) = @_;
    my $run = Site::result( run_and_kill( $is_cat_killed, $site->command( 'cat', '-q', '--prepare' ) ) );

    # Killed behind #End, the log is whole: then it may be counted.
    $killed_cat++ if $run->{status} == 137;
    if ( $run->{status} != 0 && $run->{status} != 137 ) {
        fail("cat: exit status $run->{status}: $run->{err}");
        return;
    }

    # What was counted before is recognized by its ID, as the plugin does it.
    if ( $open && $run->{id} && $run->{id} ne $open->{id} ) {
        take($open);
        undef $open;
    }
    if ( $run->{id} && $prepared{ $run->{id} } ) {
        my $before = $prepared{ $run->{id} };
        $again++;
        my $size = length $run->{out} < length $before ? length $run->{out} : length $before;
        is( substr( $run->{out}, 0, $size ), substr( $before, 0, $size ), 'the same bytes again' )
          if substr( $run->{out}, 0, $size ) ne substr( $before, 0, $size );
    }
    $prepared{ $run->{id} } = $run->{out}
      if $run->{id} && length $run->{out} > length( $prepared{ $run->{id} } // '' );
    return if !defined $run->{end};
    $quarantined++ if $run->{end} !~ /quarantined=0/;
    my ( $status, undef, $err ) = run_and_kill( $is_commit_killed, $site->command( 'commit', '--batch', $run->{id} ) );
    $killed_commit++ if $status == 137;
    if ( $status == 0 ) {
        take($run);
        undef $open;
    }
    elsif ( $status == 137 ) {
        $open = $run;
    }
    else {
        fail("commit: exit status $status: $err");
    }
    return;
}

# How many calls the two make when nobody kills them.
arrive() for 1 .. 5;
one_run();
my $runs = 0;
while ( $next_round->() ) {
    $runs++;
    arrive() if rand() < 0.5;
    repair() if rand() < 0.1;
    switch_unique() if $runs % 15 == 8;
    my $which = rand;
    one_run( $which < 0.6, $which >= 0.4 );
}
repair();
one_run();
one_run();
one_run();
take($open) if $open;

my @lost = grep { !$got{$_} } keys %want;
my @twice = grep { $got{$_} > 1 } keys %got;
is( scalar @lost,     0, 'nothing lost' )  or diag("@lost[0 .. ($#lost < 5 ? $#lost : 5)]");
is( scalar @twice,    0, 'nothing twice' ) or diag("@twice[0 .. ($#twice < 5 ? $#twice : 5)]");
is( scalar keys %got, scalar keys %want, 'nothing else is counted' );
cmp_ok( $killed_cat,    '>', $runs / 5,  "in $runs runs, cat was killed $killed_cat times" );
cmp_ok( $killed_commit, '>', $runs / 10, "commit was killed $killed_commit times" );
note "$_ was killed at ", scalar keys %{ $killed_at{$_} }, " of some $steps{$_} calls" for sort keys %steps;
cmp_ok( $repeated, '>', 20, "$repeated repeated requests" );
cmp_ok( $again, '>=', 5,
    "$again batches were taken up again, $committed committed, $quarantined with quarantined objects" );

done_testing;
