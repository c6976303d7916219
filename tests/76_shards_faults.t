#!/usr/bin/perl
# Plans in unusual conditions: late records alone, no records, a plan that was killed, a folder that has other files, damaged
# logs, and a restore in between.  Each record counts once, and each error names the way out.
use strict;
use warnings;
use Fcntl   qw(LOCK_EX);
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats     ();
use Compiler    ();
use CountedSite ();
use File::Temp  ();
use KillAt      ();
use Program     qw(content write_file);
use Shards      qw(is_counted task twice);
use Test::More;
use Time::HiRes qw(sleep);

sub plan_batch {
    my ( $site, $work, $status ) = @_;
    return task(
        $status || 0,
        'plan', '--config', $site->folder . '/sites.conf',
        '--site=cdn', "--work=$work", '--shards=2', '--parts=1'
    );
}

sub map_and_prepare {
    my $work = shift;
    task( 0, 'map', "--work=$work", '--part=0' );
    task( 0, 'prepare', "--work=$work" );
    return;
}

sub reduce_and_collect {
    my $work = shift;
    task( 0, 'reduce', "--work=$work", "--shard=$_" ) foreach 0, 1;
    task( 0, 'collect', "--work=$work" );
    return;
}

# Delivers one record of a page for each of these times.
sub deliver {
    my ( $site, %page ) = @_;
    $site->deliver( CountedSite::record( $page{$_}, path => "/$_.html" ) ) foreach sort keys %page;
    return;
}

sub site {
    my $site = CountedSite->new(@_);
    deliver( $site, first => '2026-11-01 10:00:00' );
    is( ( $site->update_by_program )[0], 0, 'an update before' );
    return ( $site, $site->folder . '/work' );
}

{
    my ( $site, $work ) = site();
    deliver( $site, late => '2026-10-20 10:00:00' );
    plan_batch( $site, $work );
    map_and_prepare($work);
    my @reduced = map { task( 0, 'reduce', "--work=$work", "--shard=$_" ) =~ /: (\d+ records?)$/m } 0, 1;
    is_deeply( [ sort @reduced ], [ '0 records', '1 record' ], 'late records alone: the numbers' );
    reduce_and_collect($work);
    deliver( $site, next => '2026-11-01 12:00:00', later => '2026-10-20 11:00:00' );
    is_counted( $site, 'late records alone', map { $_ => 1 } qw(first late later next) );
    is( ( $site->command('verify') )[0], 0, 'late records alone: verify' );
}
{
    my ( $site, $work ) = site();
    deliver( $site, second => '2026-11-01 11:00:00' );
    plan_batch( $site, $work );
    unlink "$work/plan" or die "$work/plan: $!\n";    # written last
    like( plan_batch( $site, $work ), qr/1 object in 1 part/, 'a plan that was killed is made again' );
    map_and_prepare($work);
    reduce_and_collect($work);
    is_counted( $site, 'a plan that was killed', first => 1, second => 1 );
}
{
    my ( $site, $work ) = site();
    deliver( $site, second => '2026-11-01 11:00:00' );
    mkdir $_ foreach $work, "$work/maps";
    write_file( "$work/maps/own", "text\n" );
    like( plan_batch( $site, $work, 1 ), qr{work/maps is there already, [^\n]*; name a new folder}, 'other files' );
    is( content("$work/maps/own"), "text\n", 'other files stay' );
    is_counted( $site, 'a folder with other files', first => 1, second => 1 );

    deliver( $site, third => '2026-11-01 12:00:00' );
    my $folder = $site->folder . '/reused';
    plan_batch( $site, $folder );
    map_and_prepare($folder);
    is( ( $site->command( 'plan', '--abandon' ) )[0], 0, 'plan --abandon' );
    is_counted( $site, 'a plan that was given up', map { $_ => 1 } qw(first second third) );
    unlink "$folder/plan" or die "$folder/plan: $!\n";
    deliver( $site, fourth => '2026-11-01 13:00:00' );
    plan_batch( $site, $folder, 1 );
    is_counted( $site, 'results of another plan', map { $_ => 1 } qw(first second third fourth) );
}
foreach my $size ( 0, 40 ) {
    my ( $site, $work ) = site();
    deliver( $site, second => '2026-11-01 11:00:00' );
    plan_batch( $site, $work );
    map_and_prepare($work);
    my ($log) = sort { -s $b <=> -s $a } glob "$work/maps/0/*.zst";
    truncate $log, $size or die "$log: $!\n";
    my ($shard) = $log =~ /(\d)\.zst/;
    like(
        task( 1, 'reduce', "--work=$work", "--shard=$shard" ),
        qr/\Q$log\E: the log is truncated; [^\n]* plan --abandon --config=\S+ --site=cdn$/,
        "a log of $size bytes: message"
    );
    is( ( $site->command( 'plan', '--abandon' ) )[0], 0, 'plan --abandon' );
    is_counted( $site, "a log of $size bytes", first => 1, second => 1 );
}
{
    my ( $site, $work ) = site();
    my $backup = $site->folder . '/backup';
    is( ( $site->command( 'backup', "--to=$backup" ) )[0], 0, 'backup' );
    deliver( $site, late => '2026-10-20 10:00:00' );
    plan_batch( $site, $work );
    map_and_prepare($work);
    my ( $status, $output ) = $site->command( 'restore', "--from=$backup" );
    is( $status, 1, 'restore during a plan' );
    like( $output, qr/being counted by the shards of a plan; /, 'restore during a plan: message' );
    reduce_and_collect($work);
    is( ( $site->command( 'restore', "--from=$backup" ) )[0], 0, 'restore after a plan' );
    is_counted( $site, 'a restore after a plan', first => 1, late => 1 );
}

{
    my ( $site, $work ) = site();
    my $ledger = $site->folder . '/state/cdn.db';
    deliver( $site, late => '2026-10-20 10:00:00' );
    my $old = content($ledger);
    plan_batch( $site, $work );
    map_and_prepare($work);
    task( 0, 'reduce', "--work=$work", "--shard=$_" ) foreach 0, 1;
    my $new = content($ledger);
    my $before = $site->rows;
    write_file( $ledger, $old );
    like(
        task( 1, 'collect', "--work=$work" ),
        qr/put the ledger back, or [^\n]* --abandon --config=\S+ --site=cdn$/,
        'an old ledger'
    );
    is_deeply( $site->rows, $before, 'an old ledger: the history stays' );
    write_file( $ledger, $new );
    task( 0, 'collect', "--work=$work" );
    is_counted( $site, 'an old ledger, put back', first => 1, late => 1 );
}
{
    my ( $site, $work ) = site();
    deliver( $site, second => '2026-11-01 11:00:00' );
    plan_batch( $site, $work );
    task( 0, 'map', "--work=$work", '--part=0' );
    my $ledger = $site->folder . '/state/cdn.db';
    my $kept = content($ledger);
    unlink $ledger or die "$ledger: $!\n";
    like(
        task( 1, 'prepare', "--work=$work" ),
        qr/ is not the batch of the plan; [^\n]* --abandon --config=\S+ --site=cdn$/,
        'no ledger'
    );
    write_file( $ledger, $kept );
    task( 0, 'prepare', "--work=$work" );

    my $file = $site->folder . '/awstats.site.conf';
    my $text = content($file);
    mkdir $site->folder . '/other';
    write_file( $file, $text =~ s{^DirData=.*}{DirData="@{[$site->folder]}/other"}mr );
    like(
        task( 1, 'reduce', "--work=$work", '--shard=0' ),
        qr/ set DirData back, or [^\n]* --abandon --config=\S+ --site=cdn$/,
        'DirData has changed: message'
    );
    write_file( $file, $text );
    reduce_and_collect($work);
    is_counted( $site, 'DirData is set back', first => 1, second => 1 );
}

# A plan without records, after one whose shards end at different times: collect replaces a history file all the same, since
# visits end.  Its tasks run twice at once, or are killed at each system call that writes.
my $scratch = File::Temp->newdir;
my $shim = AWStats::helper() =~ /asan/ ? undef : Compiler::fault_library( 'kill_nth', "$scratch" );

sub is_killed {
    my @words = @_;
    my $killed = 0;
    for my $nth ( 1 .. 500 ) {
        local %ENV = ( %ENV, LD_PRELOAD => $shim, KILL_NTH => $nth );
        my ( $status, $output ) = Program::run( { together => 1 }, AWStats::helper(), @words );
        if ( $status != 137 ) {
            is( $status, 0, "killed at $killed calls: @words" ) or diag $output;
            last;
        }
        $killed++;
    }
    cmp_ok( $killed, '>', 5, "calls at which it was killed: @words" );
    return task( 0, @words );
}
foreach my $run ( \&twice, $shim ? \&is_killed : () ) {
    my ( $site, $work ) = site();
    $site->deliver( map { CountedSite::record( "2026-11-01 10:0$_:00", host => "192.0.2.$_", path => '/second.html' ) }
          1 .. 9 );
    plan_batch( $site, $work );
    map_and_prepare($work);
    reduce_and_collect($work);
    my ($history) = glob $site->folder . '/data/awstats112026*.txt';
    my $before = ( stat $history )[1];
    my $cut = $site->source . '/' . $site->deliver( CountedSite::record('2026-11-01 11:00:00') );
    my $whole = content($cut);
    write_file( $cut, substr $whole, 0, 60 );
    my $empty = $site->folder . '/empty';
    plan_batch( $site, $empty );
    map_and_prepare($empty);
    $run->( 'reduce', "--work=$empty", "--shard=$_" ) foreach 0, 1;
    $run->( 'collect', "--work=$empty" );
    isnt( ( stat $history )[1], $before, 'a plan without records: the history file was replaced' );
    is( ( $site->command( 'backup', '--to=' . $site->folder . '/backup' ) )[0], 0, 'a plan without records: backup' );
    is( ( $site->command('recount') )[0],                                       0, 'a plan without records: recount' );
    is_counted( $site, 'a plan without records', first => 1, second => 9 );
    write_file( $cut, $whole );
    is_counted( $site, 'the log after a plan without records', first => 1, second => 9, page => 1 );
}

# The next task of a plan removes what killed ones have left.
{
    my ( $site, $work ) = site();
    deliver( $site, second => '2026-11-01 11:00:00' );
    plan_batch( $site, $work );
    map_and_prepare($work);
    my ($generation) = grep { -d } glob $site->folder . '/data/site.shards/*';
    my $left = sub {
        my @names = glob "$generation/*.tmp";
        return @names;
    };
    for ( 1 .. 100 ) {
        my $reduce = Program::start( {}, Program::helper(), 'reduce', "--work=$work", '--shard=0' );
        for ( 1 .. 50_000 ) { last if $left->() || -e "$generation/0"; sleep 0.0002 }
        kill KILL => $reduce->{pid};
        Program::finish($reduce);
        last if $left->();
        system( 'rm', '-rf', "$generation/0" ) == 0 or die "rm: $?\n";    # it was not killed in time
    }
    is( scalar( $left->() ), 1, 'a killed reduce has left its folder' );
    mkdir "$generation/1.elsewhere.tmp" or die "$generation: $!\n";
    task( 0, 'reduce', "--work=$work", '--shard=1' );
    is_deeply( [ $left->() ], ["$generation/1.elsewhere.tmp"], 'the next reduce removes this one alone' );
    reduce_and_collect($work);
    is_counted( $site, 'a killed reduce', first => 1, second => 1 );
}

# A prepare that has waited for the lock until the plan was collected.
{
    my ( $site, $work ) = site();
    my $ledger = $site->folder . '/state/cdn.db';
    my $collected = content($ledger);
    deliver( $site, second => '2026-11-01 11:00:00' );
    plan_batch( $site, $work );
    task( 0, 'map', "--work=$work", '--part=0' );
    open my $lock, '>', "$ledger.lock" or die "$ledger.lock: $!\n";
    flock $lock, LOCK_EX or die "$ledger.lock: $!\n";
    my $late = Program::start( {}, Program::helper(), 'prepare', "--work=$work" );

    for ( 1 .. 1200 ) {
        my $process = "/proc/$late->{pid}";
        my $is_started = ( readlink "$process/exe" ) !~ /perl/;    # this script has the lock file open, too
        last if $is_started && grep { ( readlink($_) // '' ) eq "$ledger.lock" } glob "$process/fd/*";
        sleep 0.05;
    }
    write_file( $ledger, $collected );
    unlink "$ledger.plan" or die "$ledger.plan: $!\n";
    close $lock           or die "$ledger.lock: $!\n";
    my ( $status, undef, $message ) = Program::finish($late);
    is( $status, 1, 'a late prepare: refused' );
    like( $message, qr/the plan in \Q$work\E is over: [^\n]* its batch is counted; /, 'a late prepare: message' );
    ok( content($ledger) eq $collected, 'a late prepare begins no batch' );
}

# Logs that were read by other settings than the plan's would make no sum.
{
    my ( $site, $work ) = site();
    deliver( $site, second => '2026-11-01 11:00:00' );
    plan_batch( $site, $work );
    my $file = $site->folder . '/sites.conf';
    my $text = content($file);
    my $other =
qr/\[cdn\]: the setting "anonymize" has changed since the plan in \Q$work\E was made; [^\n]*--abandon --config=\S+ --site=cdn$/;
    write_file( $file, "${text}anonymize = ip\n" );
    like( task( 1, 'map', "--work=$work", '--part=0' ), $other, 'map by another setting: message' );
    write_file( $file, $text );
    task( 0, 'map', "--work=$work", '--part=0' );
    write_file( $file, "${text}anonymize = ip\n" );
    like( task( 1, 'prepare', "--work=$work" ), $other, 'prepare by another setting: message' );
    write_file( $file, "${text}lookback = 3d\n" );
    my $state = $text =~ s{/state/}{/other/}r;
    my $moved =
      qr{the setting "state" has changed since the plan in \Q$work\E was made: [^\n]*/state/cdn\.db, and is \S+/other/};
    write_file( $file, $state );
    like( task( 1, 'prepare', "--work=$work" ), $moved, 'prepare by another ledger: message' );
    write_file( $file, $text );
    task( 0, 'prepare', "--work=$work" );
    write_file( $file, $state );
    task( 0, 'reduce', "--work=$work", "--shard=$_" ) foreach 0, 1;
    like( task( 1, 'collect', "--work=$work" ), $moved, 'collect by another ledger: message' );
    write_file( $file, $text );
    reduce_and_collect($work);
    is_counted( $site, 'a setting is set back', first => 1, second => 1 );
}

{
    my ( $site, $work ) = site();
    deliver( $site, second => '2026-11-01 11:00:00' );
    plan_batch( $site, $work );
    map_and_prepare($work);
    task( 0, 'reduce', "--work=$work", "--shard=$_" ) foreach 0, 1;
    open my $lock, '>', $site->folder . '/data/awstats.site.cloudfront.lock' or die "lock: $!\n";
    flock $lock, LOCK_EX or die "lock: $!\n";
    my $held = task( 3, 'collect', "--work=$work", '--wait=0' );
    like( $held, qr/awstats\.site\.cloudfront\.lock/, 'the history is locked by an update of another site: message' );
    close $lock or die "lock: $!\n";
    task( 0, 'collect', "--work=$work" );
    is_counted( $site, 'the history was locked', first => 1, second => 1 );
}

# Settings by which nothing would be counted, and sites that cannot be planned.
{
    my ( $site, $work ) = site();
    deliver( $site, second => '2026-11-01 11:00:00' );
    like( ( $site->command( 'plan', '--abandon' ) )[1], qr/^\[cdn\]: there is no plan$/, 'no plan to abandon' );
    my $file = $site->folder . '/awstats.site.conf';
    my $text = content($file);
    write_file( $file, $text =~ s{^DirData=.*}{DirData="@{[$site->folder]}/nowhere"}mr );
    like( plan_batch( $site, $work, 1 ), qr{: DirData of \S+ is no folder: \S+/nowhere; write}, 'no DirData' );
    write_file( $file, $text );
    my ($history) = glob $site->folder . '/data/awstats112026*.txt';
    rename $history, "$history.away" or die "$history: $!\n";
    like(
        plan_batch( $site, $work, 1 ),
        qr/is not the one that the ledger knows; to see why, run: [^\n]* --site=cdn/,
        'no history'
    );
    rename "$history.away", $history or die "$history: $!\n";

    plan_batch( $site, $work );
    map_and_prepare($work);
    like(
        task( 1, 'reduce', "--work=$work", '--shard=2' ),
        qr/there is no shard 2: the plan has the shards 0 to 1$/,
        'no shard'
    );
    reduce_and_collect($work);
    is_counted( $site, 'the history is back', first => 1, second => 1 );
}
{
    # Hosts that are not the site's, in both shards.
    my ( $site, $work ) = site( config => qq(HostAliases="d1.cloudfront.net"\n) );
    my @others = map { CountedSite::record( '2026-11-01 11:00:00', host => "192.0.2.$_" ) } 1 .. 30;
    s/\bd1\.cloudfront\.net\b/ $_ =~ m{192\.0\.2\.1\t} ? 'b.example.net' : 'a.example.net' /e foreach @others;
    $site->deliver( @others, CountedSite::record('2026-11-01 11:00:00') );
    plan_batch( $site, $work );
    map_and_prepare($work);
    task( 0, 'reduce', "--work=$work", "--shard=$_" ) foreach 0, 1;
    my $output = task( 0, 'collect', "--work=$work" );
    like( $output, qr/\[cdn\]: 31 records of 2 shards: 1 counted, 30 left out$/m, 'other hosts: the numbers' );
    like(
        $output,
qr/warning: \[cdn\]: 30 of 31 records are for hosts that are neither SiteDomain nor in HostAliases: a\.example\.net 29, b\.example\.net 1; AWStats left them out; add hosts of yours to HostAliases, then run: awstats-cloudfront recount --config=\S+ --site=cdn$/m,
        'other hosts: a warning names them, and the command'
    );
    like(
        ( $site->command('status') )[1],
        qr/30 for hosts that [^\n]*: a\.example\.net 29, b\.example\.net 1$/m,
        'other hosts: status'
    );
}
{
    my ( $site, $work ) = site();
    deliver( $site, second => '2026-11-01 11:00:00' );
    {
        local %ENV = ( %ENV, KillAt::environment(1) );
        is( ( $site->update )[0], 137, 'an update that is killed' );
    }
    like(
        plan_batch( $site, $work, 1 ),
        qr/has not counted batch \S+ to its end; run first: [^\n]* update --config=\S+ --site=cdn$/,
        'an open batch'
    );
    is_counted( $site, 'an open batch', first => 1, second => 1 );
}
{
    my $site = CountedSite->new( settings => 'host = other.example' );
    my $work = $site->folder . '/work';
    deliver( $site, first => '2026-11-01 10:00:00' );
    plan_batch( $site, $work );
    task( 0, 'map', "--work=$work", '--part=0' );
    like(
        task( 1, 'prepare', "--work=$work" ),
        qr/ they are for others, such as d1\.cloudfront\.net; /,
        'hosts of others'
    );
}

done_testing;
