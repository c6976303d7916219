#!/usr/bin/perl
# Runs of cat and commit that are killed at any moment, with objects arriving in between: the committed batches hold
# every record, and none twice; and a prepared batch comes out again byte for byte.
use strict;
use warnings;
use Test::More;
use File::Temp  ();
use FindBin     qw($Bin);
use Time::HiRes qw(sleep time);
use lib "$Bin/lib";
use Program qw(start finish);
use Site;

use constant {RUNS => $ENV{KILL_RUNS} // 150, SECONDS => 60};

srand($ENV{KILL_SEED} // 7);
my $site = Site->new;
my (%want, %got, %prepared);
my ($objects, $paths, $committed) = (0, 0, 0);
my ($killed_cat, $killed_commit, $again, $aside) = (0, 0, 0, 0);
my @broken;

# One to five objects, some of them broken for now.
sub arrive {
    for (1 .. 1 + int rand 5) {
        my @path = map { '/' . ++$paths } 1 .. 1 + int rand 400;
        my $name = sprintf 'E%d.2026-10-%02d-%02d.%08x.gz', rand 3, 1 + rand 30, rand 24, $objects++;
        $want{$_} = 1 for @path;
        my $text = Site::log_text(@path);
        if (rand() < 0.1) {
            push @broken, [$name, $text];
            $text = 'broken';
        }
        $site->put($name, $text);
    }
    return;
}

sub repair {
    while (my $object = shift @broken) {
        $site->put(@$object);
    }
    return;
}

# Runs a command, and kills it when its time has come.  Returns its exit status, 137 when it was killed, and output.
sub run_and_kill {
    my ($after, @command) = @_;
    my $job = start(@command);
    if (defined $after) {
        sleep $after;
        kill KILL => $job->{pid};
    }
    return finish($job);
}

sub take {
    my ($log) = @_;
    $committed++;
    $got{$_->[7]}++ for @{$log->{rows}};
    return;
}

# One run, as the plugin does it: cat, count, commit.  AFTER: seconds, for each of the two; undef: not killed.
my $open;    # the log that was counted, and whose commit was killed
sub one_run {
    my ($cat_after, $commit_after) = @_;
    my $run = Site::result(run_and_kill($cat_after, $site->command('cat', '-q')));
    # Killed behind #End, the log is whole: then it may be counted.
    $killed_cat++ if $run->{status} == 137;
    if ($run->{status} != 0 && $run->{status} != 137) {
        fail("cat: exit status $run->{status}: $run->{err}");
        return;
    }
    # What was counted before is recognized by its ID, as the plugin does it.
    if ($open && $run->{id} && $run->{id} ne $open->{id}) {
        take($open);
        undef $open;
    }
    if ($run->{id} && $prepared{$run->{id}}) {
        my $before = $prepared{$run->{id}};
        $again++;
        my $size = length $run->{out} < length $before ? length $run->{out} : length $before;
        is(substr($run->{out}, 0, $size), substr($before, 0, $size), 'the same bytes again')
            if substr($run->{out}, 0, $size) ne substr($before, 0, $size);
    }
    $prepared{$run->{id}} = $run->{out}
        if $run->{id} && length $run->{out} > length($prepared{$run->{id}} // '');
    return if !defined $run->{end};
    $aside++ if $run->{end} !~ /quarantined=0/;
    my ($status, undef, $err) = run_and_kill($commit_after, $site->command('commit', '--batch', $run->{id}));
    $killed_commit++ if $status == 137;
    if ($status == 0) {
        take($run);
        undef $open;
    }
    elsif ($status == 137) {
        $open = $run;
    }
    else {
        fail("commit: exit status $status: $err");
    }
    return;
}

$ENV{AWSTATS_CLOUDFRONT_COMMIT} = 'later';
# How long the two take when nobody kills them.
arrive() for 1 .. 5;
my $begin = time;
one_run();
my $span = time - $begin;
$begin = time;
my $runs = 0;
while ($runs < RUNS && time - $begin < SECONDS) {
    $runs++;
    arrive() if rand() < 0.5;
    repair() if rand() < 0.1;
    my $which = rand;
    one_run($which < 0.6 ? rand($span * 1.2) : undef, $which >= 0.4 ? rand($span * 0.5) : undef);
}
repair();
one_run();
one_run();
one_run();
take($open) if $open;

my @lost  = grep { !$got{$_} } keys %want;
my @twice = grep { $got{$_} > 1 } keys %got;
is(scalar @lost,  0, 'nothing lost')  or diag("@lost[0 .. ($#lost < 5 ? $#lost : 5)]");
is(scalar @twice, 0, 'nothing twice') or diag("@twice[0 .. ($#twice < 5 ? $#twice : 5)]");
is(scalar keys %got, scalar keys %want, 'and nothing else');
cmp_ok($runs, '>', 0, "$runs runs");
cmp_ok($killed_cat, '>', 0, "cat was killed $killed_cat times");
cmp_ok($killed_commit, '>', 0, "commit was killed $killed_commit times");
cmp_ok($again, '>=', 5, "$again batches were taken up again, $committed committed, $aside with quarantined objects");

done_testing;
