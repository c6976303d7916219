#!/usr/bin/perl
# A batch is counted once, whatever is killed: before, between and after the renames of its history files, before
# and after its commit. Two updates at the same time count everything once.
use strict;
use warnings;
use Test::More;
use File::Copy qw(copy);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Program qw(finish write_file);
use CountedSite;
use KillAt ();

my $helper = AWStats::helper();
my $step = 0;

# COUNT records within a minute of each DATE.
sub records {
    my ( $count, @dates ) = @_;
    return map {
        my $date = $_;
        map {
            CountedSite::record(
                "$date 12:00:" . sprintf( '%02d', $_ % 60 ),
                host  => '192.0.2.' . $step++ % 50,
                bytes => 100 + $step,
                path  => $step % 3 ? '/page.html' : '/a.png'
            )
        } 1 .. $count
    } @dates;
}

# Before the batch there are three months; it has records of five, one of them before all and one after.
# All steps of its way into the history are tried in turn.
my @before = ( '2026-08-20', '2026-09-20', '2026-10-20' );
my @batch = ( '2026-07-10', '2026-08-21', '2026-09-21', '2026-10-21', '2026-11-05' );

# A site that has counted the one and was delivered the other.  Of each configuration there is one, which is put back
# to this state.
my %site;

sub site {
    my (@config) = @_;
    my $config = join '', @config;
    $step = @before * 20 + @batch * 10;
    return $site{$config}->put_back if $site{$config};
    my $site = $site{$config} = CountedSite->new( config => $config );
    $step = 0;
    $site->deliver( records( 20, @before ) );
    my ( $status, $output ) = $site->update;
    is( $status, 0, 'the months before' ) or diag $output;
    $site->deliver( records( 10, @batch ) );
    return $site->keep;
}

# After a kill: the next update counts what was not counted, the one after it what came since.
sub recovers {
    my ( $site, $what, $batches ) = @_;
    my ($known) = grep { defined } map { $batches->{$_} } '072026', '112026';
    $site->deliver( records( 7, '2026-09-22', '2026-11-06' ) );
    my ( $status, $output ) = $site->update;
    is( $status, 0, "$what: the next update" ) or diag $output;
    unlike( $output, qr/warning|error/i, "$what: without complaint" );
    is( $site->batches->{'072026'}, $known, "$what: the same batch" ) if $known;
    is_deeply( [ grep { !/^awstats\d+\.site\.(?:txt|bak)$/ } @{ $site->awstats->data_files } ],
        [], "$what: nothing is left of the one that was killed" );
    ( $status, $output ) = $site->update;
    is( $status, 0, "$what: and the one after it" ) or diag $output;
    is_deeply( $site->numbers, $site->in_one_run->numbers, "$what: everything once" );
    my ( $said, $open ) = $site->command('status');
    is( $said, 0, "$what: status" );
    unlike( $open, qr/batch not counted yet/i, "$what: and committed" );
    return;
}

{
    my $site = site();
    my ( $status, $output ) = $site->update;
    is( $status, 0, 'nobody is killed' ) or diag $output;
    my $batches = $site->batches;
    is( scalar keys %$batches,                                    5, 'five months' );
    is( scalar( keys %{ { map { $_ => 1 } values %$batches } } ), 1, 'all have the batch' ) or diag explain $batches;
    recovers( $site, 'nobody is killed', {} );
}

my $survived = 0;
foreach my $n ( 1 .. 40 ) {
    my $site = site( $n % 2 ? "KeepBackupOfHistoricFiles=1\n" : '' );
    my $killed;
    {
        local %ENV = ( %ENV, KillAt::environment($n) );
        ($killed) = $site->update;
    }
    $survived = $killed == 0;
    if ($survived) {
        cmp_ok( $n, '>', 10, 'steps before and after each of five files' );
        last;
    }
    is( $killed, 137, "step $n: killed" );
    my $batches = $site->batches;
    ok( exists $batches->{$_}, "step $n: the history of $_ is there" ) foreach qw(082026 092026 102026);
    recovers( $site, "step $n", $batches );
}
ok( $survived, 'the last one passed untouched' );

# Between the last rename and the commit, and after a commit that the update did not learn of.
foreach my $case (
    [ 'before the commit', 'kill -KILL $PPID; sleep 1; exit 1' ],
    [ 'after the commit',  '"$HELPER" "$@"; kill -KILL $PPID; exit 1' ],
    [ 'the commit fails',  'exit 1' ],
  )
{
    my ( $what, $then ) = @$case;
    my $site = site();
    my $wrapper = $site->folder . '/awstats-cloudfront';
    write_file( $wrapper, <<"END" );
#!/bin/sh
HELPER='$helper'
case \$1 in commit) $then;; esac
exec "\$HELPER" "\$@"
END
    chmod 0755, $wrapper;
    my $load = $site->{load};
    $site->{load} =~ s/helper=\S+/helper=$wrapper/;
    $site->use_log('site:cdn');
    my ( $status, $output ) = $site->update;
    is( $status, $what =~ /fails/ ? 0 : 137, "$what: status" );
    my @warnings = $output =~ /^(Warning: .*)$/mg;
    is( scalar @warnings, $what =~ /fails/ ? 1 : 0, "$what: a warning" );
    my $numbers = $site->numbers;
    is_deeply( $numbers, $site->in_one_run->numbers, "$what: all is counted" );
    my $batches = $site->batches;
    is( scalar keys %$batches, 5, "$what: in five months" );
    $site->{load} = $load;
    $site->use_log('site:cdn');
    ( $status, $output ) = $site->update;
    is( $status, 0, "$what: the next update" ) or diag $output;
    is_deeply( $site->numbers, $numbers, "$what: counts nothing again" );
    recovers( $site, $what, $what =~ /^after/ ? {} : $batches );
}

# Half a helper: the batch is counted from scratch.
{
    my $site = site();
    my $numbers = $site->numbers;
    my $wrapper = $site->folder . '/awstats-cloudfront';
    write_file( $wrapper, "#!/bin/sh\n'$helper' \"\$@\" | head -c 3000\n" );
    chmod 0755, $wrapper;
    my $load = $site->{load};
    $site->{load} =~ s/helper=\S+/helper=$wrapper/;
    $site->use_log('site:cdn');
    my ( $status, $output ) = $site->update;
    is( $status, 1, 'half a stream: status' );
    is_deeply( $site->numbers, $numbers, 'half a stream: the history is untouched' );
    $site->{load} = $load;
    $site->use_log('site:cdn');
    recovers( $site, 'half a stream', {} );
}

# A damaged file of an older month: nothing is counted.
{
    my $site = site();
    my $numbers = $site->numbers;
    my $august = $site->folder . '/data/awstats082026.site.txt';
    copy( $august, "$august.whole" );
    truncate $august, 3000;
    my $before = -s $august;
    my ( $status, $output ) = $site->update;
    is( $status, 1, 'a damaged older month: status' );
    like(
        $output,
qr/^Error: Nothing was counted: The history file \S+082026\S+ does not name its last batch of \[cdn\], so it is corrupt/m,
        'a damaged older month: message'
    );
    is( -s $august, $before, 'a damaged older month: it is untouched' );
    ok( !-e $site->folder . '/data/awstats112026.site.txt', 'a damaged older month: nothing is moved' );
    rename "$august.whole", $august;
    is_deeply( $site->numbers, $numbers, 'a damaged older month: the history is as before' );
    recovers( $site, 'a damaged older month', {} );
}

# A helper that says that it was started to read, and reads when it is told to.
sub waiting_helper {
    my $site = shift;
    my $wrapper = $site->folder . '/awstats-cloudfront';
    write_file( $wrapper, <<"END" );
#!/bin/sh
case \$1 in cat) : >$wrapper.started; until [ -e $wrapper.go ]; do sleep 0.01; done;; esac
exec '$helper' "\$@"
END
    chmod 0755, $wrapper;
    return $wrapper;
}

# Two at once, the second while the first has the lock.
{
    my $site = CountedSite->new;
    my $load = $site->{load};
    my $wrapper = waiting_helper($site);
    $site->{load} =~ s/helper=\S+/helper=$wrapper/;
    $site->use_log('site:cdn');
    $site->deliver( records( 5, '2026-09-15' ) );
    my $first = $site->awstats->start( 'site', '-update' );
    select undef, undef, undef, 0.01 until -e "$wrapper.started";
    my ( $status, $output ) = $site->update;
    is( $status, 3, 'two at once: the second leaves with status 3' );
    like(
        $output,
        qr/^Error: Another update of ".*" is under way \(process \d+, since 20.*\)$/m,
        'two at once: the second names the process'
    );
    write_file( "$wrapper.go", '' );
    ( $status, $output ) = finish($first);
    is( $status, 0, 'two at once: the first goes on' ) or diag $output;
    is_deeply( $site->numbers, $site->in_one_run->numbers, 'two at once: everything once' );
}

# Two at once, at any moment.
{
    my $site = CountedSite->new;
    my %ended;
    foreach my $round ( 1 .. 8 ) {
        $site->deliver( records( 5, sprintf '2026-%02d-15', $_ ) ) foreach 9, 10, 11 - $round % 3;
        my @jobs = map { $site->awstats->start('site') } 1, 2;
        foreach my $job (@jobs) {
            my ( $status, $output ) = finish($job);
            $ended{$status}++;
            like(
                $output,
                qr/^Error: Another update of ".*" is under way \(process \d+, since 20.*\)$/m,
                "two at once, round $round: one names the process"
            ) if $status == 3;
            diag $output if $status != 0 && $status != 3;
        }
    }
    note join ', ', map { "$ended{$_} with status $_" } sort keys %ended;
    is( ( $ended{0} || 0 ) + ( $ended{3} || 0 ), 16, 'two at once: done, or left alone' );
    $site->update;
    is_deeply( $site->numbers, $site->in_one_run->numbers, 'two at once: everything once' );
}

# A site's log by commands of the user's own: it is still a batch, and committed when it is counted.
{
    my $site = site();
    my $cat = "'$helper' cat --config=" . $site->folder . '/sites.conf --site=cdn';
    foreach my $log ( "nice $cat |", "env LANG=C $cat --commit 2>/dev/null |", "($cat) |", "$cat |" ) {
        my $what = $log =~ s/\Q$helper\E/awstats-cloudfront/gr =~ s/ --config=\S+//gr;
        $site->use_log($log);
        $site->deliver( records( 3, '2026-09-22', '2026-11-07' ) );
        foreach my $killed ( 1, 0 ) {
            local %ENV = ( %ENV, $killed ? KillAt::environment(4) : () );
            my ( $status, $output ) = $site->update;
            is( $status, $killed ? 137 : 0, "$what: status" ) or diag $output;
        }
        my $batches = $site->batches;
        ok( $batches->{'112026'}, "$what: the history has the batch" );
        like( ( $site->command('status') )[1], qr/batch $batches->{'112026'}$/m, "$what: which is committed" );
        is_deeply( $site->numbers, $site->in_one_run->numbers, "$what: everything once" );
    }
}

# An option that a batch does not allow; a log without a batch keeps the batches of the history.
{
    my $site = site();
    my ( $status, $output ) = $site->update('-updatefor=5');
    is( $status, 1, '-updatefor: status' );
    like(
        $output,
        qr/^Error: Nothing was counted: -updatefor can't be used with LogFile="site:cdn"/m,
        '-updatefor: message'
    );
    $site->update;
    my $batches = $site->batches;
    my $later = CountedSite->new;
    $later->deliver( records( 5, '2026-11-18' ) );
    $site->use_log( $later->source );
    ( $status, $output ) = $site->update;
    like( $output, qr/Found 5 new/, 'a log without a batch is counted' );
    is_deeply( $site->batches, $batches, 'a log without a batch leaves the batches in the history' );
    $site->use_log('site:cdn');
}

# SectionsToBeSaved of AWStats leaves out sections, but not that of the batches; two months, the older one in a run of its own.
foreach my $native (qw(on off)) {
    my $few = CountedSite->new(
        parameters => "native=$native",
        config     => "SectionsToBeSaved=\"general time visitor sider day\"\n"
    );
    my $all = CountedSite->new( parameters => "native=$native" );
    foreach my $dates ( ['2026-11-17'], ['2026-11-18'], [ '2026-10-10', '2026-11-19' ] ) {
        my @records = records( 7, @$dates );
        foreach my $site ( $few, $all ) {
            $site->deliver(@records);
            my ( $status, $output ) = $site->update;
            is( $status, 0, "SectionsToBeSaved, native=$native, @$dates: exit status" ) or diag $output;
        }
    }
    my ( $rows, $expected ) = ( $few->rows, $all->rows );
    is_deeply(
        [ sort keys %$rows ],
        [ sort map { ( "102026 $_", "112026 $_" ) } qw(DAY GENERAL SIDER TIME VISITOR) ],
        "SectionsToBeSaved, native=$native: the sections"
    );
    is_deeply( $rows, { map { $_ => $expected->{$_} } keys %$rows }, "SectionsToBeSaved, native=$native: their rows" );
    is( scalar keys %{ $few->batches }, 2, "SectionsToBeSaved, native=$native: the batches" );
}

done_testing;
