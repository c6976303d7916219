#!/usr/bin/perl
# Names and bytes that somebody planted: links in the folder of the ledger and of the history, folders that look like
# the program's own, names that are no text, an older ledger beside the log of a run that crashed.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib", "$Bin/../plugin/lib";
use File::Copy qw(copy);
use JSON::PP   ();
use Program    qw(content finish run write_file);
use Site;
use AWStats::CloudFront::HistoryFiles;

# A link in the place of the lock or of the ledger: what it leads to stays as it is.
foreach my $end ( '', '.lock' ) {
    my $site = Site->new;
    my $target = $site->dir . '/target';
    $site->put( 'E1.2026-10-31-10.a.gz', Site::log_text('/a') );
    mkdir $site->dir . '/state', oct '0700' or die;
    write_file( $target, "precious\n" );
    symlink $target, $site->state . $end or die;
    my $run = $site->cat;
    is( $run->{status}, 1, "a link in the place of cdn.db$end: exit status 1" );
    like( $run->{err},
        qr/\A[^\n]*cdn\.db\Q$end\E[^\n:]*: this is a symbolic link, which is not followed here[^\n]*\n\z/, 'why' );
    is( content($target), "precious\n", "a link in the place of cdn.db$end: the file that it leads to is as it was" );
    unlink $site->state . $end or die;
    is( $site->cat->{paths}, '/a', 'without it: the records' );
}

# The lock of the history.
{
    my $folder = File::Temp->newdir;
    my $history = AWStats::CloudFront::HistoryFiles->new(
        folder  => "$folder",
        program => 'awstats',
        suffix  => '.cdn',
        period  => 'month'
    );
    my $lock = "$folder/awstats.cdn.cloudfront.lock";
    write_file( "$folder/target", "precious\n" );
    symlink "$folder/target", $lock or die;
    is( eval { $history->lock; 1 }, undef, 'history: a link in the place of the lock' );
    like( $@, qr/\A\Q$lock\E: [^\n]*symbolic link, which is not followed; remove it\n\z/, 'history: why' );
    is( content("$folder/target"), "precious\n", 'history: the file that it leads to is as it was' );
    unlink $lock;
    link "$folder/target", $lock or die;
    is( eval { $history->lock; 1 }, undef, 'history: a second name of a file' );
    unlink $lock;
    is( $history->lock, '', 'history: without it, locked' );
    like( content($lock), qr/\Aprocess $$, since /, 'history: by this process' );

    # Folders that have the name of a private folder.
    my %made = map { $_ => "$folder/awstats.cdn.cloudfront.$_" } qw(empty foreign);
    mkdir $_ or die foreach values %made;
    write_file( "$made{foreign}/letters", "precious\n" );
    my $private = $history->private_folder;
    write_file( "$private/awstats102026.cdn.txt", 'a history' );
    $history->remove_abandoned;
    ok( !-e $private,                'history: an abandoned private folder is removed' );
    ok( !-e $made{empty},            'history: an empty one, too' );
    ok( -e "$made{foreign}/letters", 'history: one that this program has not made stays' );

    # Unfinished histories: of this process's parent, which is alive, and of an earlier process that had its ID.
    my ( $present, $earlier ) = map { "$folder/awstats$_.cdn.tmp." . getppid } '092026', '102026';
    write_file( $_, 'half a history' ) foreach $present, $earlier;
    utime 86_400, 86_400, $earlier or die;
    $history->remove_abandoned;
    ok( -e $present,  'history: what a process may be writing stays' );
    ok( !-e $earlier, 'history: a file that is older than the process of its name is removed' );
  SKIP: {
        skip 'not root', 2 if $>;
        chown 33333, 44444, "$folder" or die;
        $history->unlock;
        unlink $lock;
        $history->lock;
        is( join( ':', ( stat $lock )[ 4, 5 ] ),
            '33333:44444', 'history: the lock that root makes is the folder owner\'s' );
        my $mark = $history->private_folder;
        chown 33333, 44444, $mark, "$mark/.awstats-cloudfront" or die;
        $history->remove_abandoned;
        ok( -e $mark, 'history: root removes no folder of another user' );
    }
}

# Names that are no text, in the terminal and in JSON.
{
    my $site = Site->new;
    my %shown = (
        "c1-\xc2\x9b31m"      => 'c1-\xc2\x9b31m',
        "raw-\x9b31m"         => 'raw-\x9b31m',
        "overlong-\xc0\xaf"   => 'overlong-\xc0\xaf',
        "half-\xed\xa0\x80"   => 'half-\xed\xa0\x80',
        "cut-\xe2\x82"        => 'cut-\xe2\x82',
        "esc-\e]0;x"          => 'esc-\x1b]0;x',
        "fine-\xe2\x82\xac\"" => "fine-\xe2\x82\xac\"",
    );
    $site->put( "E1.$_", "\x1f\x8bno gzip data" ) foreach keys %shown;
    my $run = $site->cat;
    is( $run->{status}, 0, 'names that are no text: exit status 0' );
    my ( $status, $out ) = $site->status;
    is( $status, 4, 'status: exit status 4' );
    my ( undef, $json ) = $site->status('--json');
    my $report = eval { JSON::PP->new->utf8->decode($json) };
    ok( $report, 'status --json: valid JSON in UTF-8' ) or diag $@;
    my %key = map { utf8::encode( my $key = $_->{key} ); $key =~ s{.*/E1\.}{}r => 1 } @{ $report->[0]{quarantined} };

    foreach my $name ( sort keys %shown ) {
        ok( index( $out, "/E1.$shown{$name} (since" ) > 0,   "status: $shown{$name}" );
        ok( $key{ $shown{$name} },                           "status --json: $shown{$name}" );
        ok( index( $run->{err}, "/E1.$shown{$name}: " ) > 0, "cat: $shown{$name}" );
    }
}

# Numbers in the ledger that nothing can be.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a.gz', Site::log_text('/a') );
    $site->cat_later;
    $site->change_ledger( 'UPDATE revision SET prepared = ?', -9223372036854775807 );
    $site->change_ledger( 'UPDATE batch SET begun = ?',       9223372036854775807 );
    $site->change_ledger( q{INSERT OR REPLACE INTO state VALUES ('newest', ?), ('committed', ?)},
        9223372036854775807, -9223372036854775807 );
    foreach my $option ( [], ['--json'] ) {
        my ( $status, $out, $err ) = $site->status(@$option);
        is( "$status$err", 0, "times that no calendar holds, status @$option: exit status 0" );
        like(
            $out,
            $option->[0] ? qr/"newest": null/ : qr/newest object: unknown/,
            "times that no calendar holds, status @$option: they are unknown"
        );
    }
    $site->change_ledger(q{INSERT OR REPLACE INTO state VALUES ('objects', -5)});
    my ( $status, undef, $err ) = $site->status;
    is( $status, 1, 'a number below zero: exit status 1' );
    like(
        $err,
qr/\A[^\n]*cdn\.db: this ledger file \(what is counted so far\) is corrupt \(objects is -5\); restore a backup[^\n]*\n\z/,
        'and why'
    );
}

# An older ledger is put back beside the log that a crashed run has left.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a.gz', Site::log_text('/a') );
    $site->cat;
    copy( $site->state, $site->dir . '/old' ) or die;
    $site->put( 'E1.2026-10-31-11.b.gz', Site::log_text('/b') );
    $site->cat;
    my $other = DBI->connect( 'dbi:SQLite:dbname=' . $site->state, '', '', { RaiseError => 1 } );
    $other->selectrow_array('SELECT count(*) FROM object');    # the log stays while another process reads
    $site->put( 'E1.2026-10-31-12.c.gz', Site::log_text('/c') );
    $site->cat;
    copy( $site->state . $_, $site->dir . "/crashed$_" ) or die foreach '', '-wal';
    $other->disconnect;
    unlink map { $site->state . $_ } '', '-wal', '-shm';
    copy( $site->dir . '/old',         $site->state )          or die;
    copy( $site->dir . '/crashed-wal', $site->state . '-wal' ) or die;

    foreach my $which ( 'status', 'cat', 'status' ) {
        my ( $status, $out, $err ) = $which eq 'cat' ? @{ $site->cat }{qw(status out err)} : $site->status;
        is( "$status$out", 1, "an older ledger beside a newer log, $which: exit status 1" );
        like(
            $err,
            qr/\A[^\n]*cdn\.db: this ledger file and its second part, \S+-wal, do not match,[^\n]*\n\z/,
            "an older ledger beside a newer log, $which: why"
        );
    }
    copy( $site->dir . '/crashed', $site->state ) or die;
    my $run = $site->cat;
    is( "$run->{status}$run->{paths}", 0, 'the right one beside it: goes on, with nothing new' ) or diag $run->{err};
}

# A limit on threads is no lack of memory.
SKIP: {
    skip 'not root, or no setpriv', 2 if $> || !-x '/usr/bin/setpriv';
    my $folder = File::Temp->newdir;
    chmod oct '0755', "$folder";
    write_file( "$folder/log", Site::log_text('/a') );
    chmod oct '0644', "$folder/log";
    copy( Program::helper(), "$folder/helper" ) or die;
    chmod oct '0755', "$folder/helper";
    local $ENV{ASAN_OPTIONS} = join ':', 'detect_leaks=0', $ENV{ASAN_OPTIONS} // ();    # that needs a thread, too
    my ( $status, $out, $err ) =
      run( qw(setpriv --reuid=33333 --clear-groups prlimit --nproc=0:0), "$folder/helper", 'cat', "$folder/log" );
    is( $status, 1, 'no threads: exit status 1' );
    like( $err, qr/\A[^\n]*no thread can be started: this user or service already has as many processes[^\n]*\n\z/,
        'why' );
}

done_testing;
