#!/usr/bin/perl
# backup copies ledger and history of one moment while updates run; restore replaces both or neither, wherever it is
# killed, and the next update counts what came since then, once.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib", "$Bin/../plugin/lib";
use File::Copy qw(copy);
use Compiler   qw(fault_library);
use CountedSite;
use Program qw(content finish run start write_file);

my $site = CountedSite->new( settings => 'unique = x-edge-request-id' );
my $folder = $site->folder;
my $data = $site->awstats->folder . "/data";

sub helper {
    my ( $command, @option ) = @_;
    return run( Program::helper(), $command, '--config', "$folder/sites.conf", '--site', 'cdn', @option );
}

my @columns = qw(date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer)
  cs(User-Agent) cs-uri-query x-edge-request-id);
my $request = 0;

sub deliver {
    my ( $day, $count ) = @_;
    my @records = map { CountedSite::record( sprintf '2026-%s 10:%02d:%02d', $day, $_ / 60, $_ % 60 ) } 1 .. $count;
    $site->deliver_events( \@columns, map { s/\n/sprintf "\t%055d=\n", $request++/er } @records );
    return;
}

# The hits of all months in the history of FOLDER, that of the site when missing.
sub hits {
    my ($history) = @_;
    my $hits = 0;
    foreach my $file ( glob sprintf '%s/awstats*.site.txt', $history // $data ) {
        my $text = content($file);
        $hits += $1 while $text =~ /^2026\d{4} \d+ (\d+) \d+ \d+$/mg;
    }
    return $hits;
}

# All files of ledger and history, as a text; the ledger by what it has.
sub everything {
    my @ledger = run( Program::helper(), 'status', '--config', "$folder/sites.conf", '--site', 'cdn', '--json' );
    my $text = join '|', map { s/"lag_seconds": \d+//r } @ledger;
    $text .= "|$_|" . content($_)
      foreach sort grep { !/\.(?:replaced-|restored-new)/ } glob "$data/awstats*.site.txt $folder/state/*.requests-*";
    return $text;
}

deliver( '09-30', 3 );
deliver( '10-02', 5 );
is( ( $site->update )[0], 0, 'an update' );
is( hits(),               8, 'its hits' );

# A backup.
my $backup = "$folder/backup";
my ( $status, $out, $err ) = helper( 'backup', '--dirdata', $data, '--to', $backup );
is( $status, 0, 'backup: exit status 0' ) or diag $err;
like(
    $err,
    qr/\A[^\n]*backup: this backup of \[cdn\] is complete: the ledger [^\n]* and 3 other files\n\z/,
    'backup: one line'
);
is(
    join( ' ', map { s{.*/}{}r =~ s/requests-\K.*/ID/r } sort glob "$backup/*" ),
    'MANIFEST awstats092026.site.txt awstats102026.site.txt ledger.db requests-ID',
    'backup: the files'
);
my $at_backup = everything();
foreach (
    [ 'a folder that is not empty', qr/not empty; name a new folder/,                          $data,   $backup ],
    [ 'another DirData', qr/do not match: the last batch is \S+ in the ledger file, and none/, $folder, "$folder/b2" ],
    [ 'no DirData',      qr/the AWStats history there cannot be read: No such file/, "$folder/missing", "$folder/b3" ],
  )
{
    my ( $what, $error, $history, $to ) = @$_;
    ( $status, $out, $err ) = helper( 'backup', '--dirdata', $history, '--to', $to );
    is( $status, 1, "backup, $what: exit status 1" );
    like( $err, qr/\A[^\n]*${error}[^\n]*\n\z/, "backup, $what: why" );
    ok( $to eq $backup || !-e "$to/MANIFEST", "backup, $what: nothing that looks like a backup" );
}
is( ( helper( 'backup', '--dirdata', $data ) )[0], 2, 'backup without --to: exit status 2' );

# Without --dirdata, the ledger knows the folder, once the plugin has named the history.
( $status, $out, $err ) = helper( 'backup', '--to', "$folder/by-ledger" );
is( $status, 0, 'backup without --dirdata' ) or diag $err;
is(
    content("$folder/by-ledger/MANIFEST") =~ s/^ledger.*\n//mr,
    content("$backup/MANIFEST")           =~ s/^ledger.*\n//mr,
    'copies the same files'
);
{
    my $plain = CountedSite->new;
    $plain->deliver( CountedSite::record('2026-10-02 10:00:00') );
    my @option = ( '--config', $plain->folder . '/sites.conf', '--site', 'cdn' );
    run( Program::helper(), 'cat', '--commit', @option );
    ( $status, $out, $err ) = run( Program::helper(), 'backup', @option, '--to', "$folder/b4" );
    is( $status, 1, 'a site without the plugin: exit status 1' );
    like(
        $err,
qr/\A[^\n]*the folder of the AWStats history is not known before the first update with the plugin; name it [^\n]*with --dirdata DIR\n\z/,
        'a site without the plugin: why'
    );
    ok( !-e "$folder/b4", 'a site without the plugin: nothing is made' );
}

# A recount that was interrupted while it replaced the files: some are new, and the next update finishes the others.
{
    my $recount = "$data/awstats.site.cloudfront-recount";
    mkdir $recount                                   or die;
    copy( "$data/awstats092026.site.txt", $recount ) or die;
    foreach my $command ( 'backup', 'restore' ) {
        my @folder = $command eq 'backup' ? ( '--to', "$folder/b5" ) : ( '--from', $backup );
        my $before = everything();
        ( $status, $out, $err ) = helper( $command, @folder );
        is( $status, $command eq 'backup' ? 3 : 1, "$command beside an interrupted recount: its exit status" );
        like(
            $err,
qr/\A[^\n]*\Q$recount\E: a recount [^\n]*was interrupted[^\n]* run the AWStats update, which finishes [^\n]*\n\z/,
            "$command beside an interrupted recount: why"
        );
        is( everything(), $before, "$command beside an interrupted recount: nothing has changed" );
    }
    ok( !-e "$folder/b5/MANIFEST", 'no backup of files of which some are new' );
    is( ( $site->update )[0],                            0, 'the update' );
    is( ( helper( 'backup', '--to', "$folder/b6" ) )[0], 0, 'after it: a backup' );
}

# Backups beside an update.
deliver( '10-03', 7 );
deliver( '11-01', 2 );
my $update = $site->awstats->start( 'site', '-update' );
my ( $beside, @beside ) = (0);
for my $n ( 1 .. 4 ) {
    ( $status, $out, $err ) = helper( 'backup', '--dirdata', $data, '--to', "$folder/beside$n" );
    push @beside, "$folder/beside$n" if !$status;
    $beside++ if $status == 0 || $status == 3;
}
is( ( finish($update) )[0], 0,  'an update beside backups' );
is( $beside,                4,  'backups beside an update: done, or exit status 3' );
is( hits(),                 17, 'the hits of both updates' );
my $later = everything();
foreach my $one (@beside) {
    ( $status, $out, $err ) = helper( 'restore', '--from', $one );
    is( $status,              0,  'a backup made beside an update is restored' ) or diag $err;
    is( ( $site->update )[0], 0,  'an update after a restore' );
    is( hits(),               17, 'an update after a restore counts everything once' );
}

# Restore.
( $status, $out, $err ) = helper( 'restore', '--from', $backup );
is( $status, 0, 'restore: exit status 0' ) or diag $err;
like(
    $err,
qr/\A[^\n]*cdn\.db and 3 other files, in \Q$data\E, are restored; the former files are still there, with \.replaced-\S+ at [^\n]*\n\z/,
    'restore: one line'
);
is( everything(), $at_backup, 'restore: ledger and history are those of the backup' );
my ($end) = $err =~ /(\.replaced-\S+)/;
ok( -s "$data/awstats112026.site.txt$end", 'restore: a newer month is kept' );
ok( -s "$folder/state/cdn.db$end",         'restore: the replaced ledger is kept' );
is( ( $site->update )[0], 0,  'restore: the next update' );
is( hits(),               17, 'restore: counts what came since then, once' );

# Logs that were counted after the backup, and are not in the source any more.
foreach my $after ( 'delete', 'move' ) {
    my $cleaned = CountedSite->new;
    my $done = $cleaned->folder . "/done";
    $cleaned->set( 'after = ' . ( $after eq 'move' ? "move $done" : $after ) );
    $cleaned->deliver( CountedSite::record('2026-10-10 10:00:00') );
    is( ( $cleaned->update )[0],                                               0, "after = $after: an update" );
    is( ( $cleaned->command( 'backup', '--to', $cleaned->folder . '/b' ) )[0], 0, "after = $after: a backup" );
    $cleaned->deliver( CountedSite::record("2026-10-10 1$_:00:00") ) foreach 1, 2;
    is( ( $cleaned->update )[0], 0, "after = $after: the next update" );
    my ( $status, $output ) = $cleaned->command( 'restore', '--from', $cleaned->folder . '/b' );
    is( $status, 0, "after = $after: restored" );
    like(
        $output,
        $after eq 'move'
        ? qr{^\S+ warning: \[cdn\]: 2 logs were counted after this backup, and moved to \Q$done\E; move them back}m
        : qr{^\S+ warning: \[cdn\]: 2 logs were counted after this backup, and deleted .* \.replaced-\S+ at the end}m,
        "after = $after: a warning"
    );

    if ( $after eq 'move' ) {
        rename $_, $cleaned->source . '/' . ( split m{/}, $_ )[-1] or die $! foreach glob "$done/*";
        is( ( $cleaned->update )[0],       0, 'moved back: the next update' );
        is( $cleaned->days->{20261010}[1], 3, 'moved back: each log once' );
    }
}

# What is refused, before anything changes.
is( ( helper( 'backup', '--dirdata', $data, '--to', "$folder/present" ) )[0], 0, 'a backup of now' );
my $before = everything();
my %damage = (
    'a changed file' => [
        sub { write_file( "$_[0]/awstats092026.site.txt", 'x' ) },
        qr/awstats092026\.site\.txt: not the file that was backed up/
    ],
    'a missing file' => [ sub { unlink "$_[0]/awstats102026.site.txt" }, qr/awstats102026\.site\.txt: No such file/ ],
    'another ledger' => [ sub { copy( "$folder/state/cdn.db", "$_[0]/ledger.db" ) }, qr/ledger\.db: not the file/ ],
    'no manifest'    => [ sub { unlink "$_[0]/MANIFEST" }, qr/no complete backup: the file MANIFEST is missing/ ],
    'a manifest cut' =>
      [ sub { write_file( "$_[0]/MANIFEST", content("$backup/MANIFEST") =~ s/end.*//sr ) }, qr/corrupt/ ],
    'a name elsewhere' => [
        sub { write_file( "$_[0]/MANIFEST", content("$backup/MANIFEST") =~ s{awstats09}{../awstats09}r ) },
        qr/MANIFEST: this list of the backup's files is corrupt/
    ],
    'another site' => [
        sub { write_file( "$_[0]/MANIFEST", content("$backup/MANIFEST") =~ s{site\tcdn}{site\tother}r ) },
        qr/the backup is of another site, \[other\]/
    ],
    'a history of another time' => [
        sub {
            my ($ledger) = content("$folder/present/MANIFEST") =~ /^(ledger.*)$/m;
            write_file( "$_[0]/MANIFEST", content("$backup/MANIFEST") =~ s/^ledger.*$/$ledger/mr );
            copy( "$folder/present/ledger.db", "$_[0]/ledger.db" );
        },
        qr/do not match/
    ],
);
foreach my $what ( sort keys %damage ) {
    my $copy = "$folder/copy " . $what =~ tr/ /-/r;
    mkdir $copy       or die;
    copy( $_, $copy ) or die foreach glob "$backup/*";
    my ( $change, $error ) = @{ $damage{$what} };
    $change->($copy);
    ( $status, $out, $err ) = helper( 'restore', '--from', $copy );
    is( $status, 1, "$what: exit status 1" );
    like( $err, qr/\A[^\n]*${error}[^\n]*\n\z/, "$what: why" );
    is( everything(), $before, "$what: nothing has changed" );
}
is( ( helper('restore') )[0], 1, 'no restore to finish: exit status 1' );
is( join( ' ', glob "$data/*.restored-new $folder/state/*.restored-new" ), '',
    'no restore to finish: no file is left' );

# While an update holds the history.
require AWStats::CloudFront::HistoryFiles;
my $lock = AWStats::CloudFront::HistoryFiles->new( folder => $data, program => 'awstats', suffix => '.site' );
is( $lock->lock, '', 'the history is locked' );
( $status, $out, $err ) = helper( 'restore', '--from', $backup );
is( $status, 3, 'restore beside an update: exit status 3' );
like(
    $err,
    qr/\A[^\n]*another run is using the AWStats history with the lock file \S+ \(process $$, [^\n]*\n\z/,
    'restore beside an update: why'
);
$lock->unlock;

# Killed at each of its calls: the old files or the new ones, whole, once it is finished.
my $shim = fault_library( 'kill_nth', $folder );
my $preload = $ENV{LD_PRELOAD} // '';    # the sanitizers, when the plugin has them
my ( $killed, $old, $new, $unfinished, $wrong, $n ) = ( 0, 0, 0, 0, 0, 0 );
while (1) {
    local %ENV = ( %ENV, LD_PRELOAD => $shim, KILL_NTH => ++$n, KILL_COUNT => "$folder/count" );
    $ENV{ASAN_OPTIONS} = join ':', 'verify_asan_link_order=0', $ENV{ASAN_OPTIONS} // ();
    ( $status, $out, $err ) = helper( 'restore', '--from', $backup );
    local $ENV{LD_PRELOAD} = $preload;
    last if $status != 137;
    $killed++;
    my $refused = ( helper('status') )[2];
    if ( $refused =~
        /has not ended; wait for it, or, if it was interrupted, finish it: run awstats-cloudfront restore --site=NAME$/m
      )
    {
        $unfinished++;
        ( $status, $out, $err ) = helper('restore');
        $wrong++ if $status || $err !~ /the restore that was interrupted is finished/;
    }
    my $is = everything();
    if    ( $is eq $before )    { $old++ }
    elsif ( $is eq $at_backup ) { $new++; restore_newer() }
    else                        { $wrong++; diag "killed at $n: $is" if $wrong < 2; restore_newer() }
}
is( $status, 0, 'at last it ends by itself' ) or diag $err;
is( $wrong,  0, "killed $killed times: the old files ($old) or the new ones ($new), whole" );
cmp_ok( $old,        '>', 3, 'the old ones' );
cmp_ok( $new,        '>', 3, 'the new ones' );
cmp_ok( $unfinished, '>', 3, "$unfinished times the restore had to be finished" );
$site->update;
is( hits(), 17, 'the next update counts the rest, once' );

# The ledger is lost: the restore is killed at each of its last calls, and finished.
my ( $count, $complete ) = ( $n - 1, 0 );
foreach my $nth ( $count - 20 .. $count ) {
    unlink glob "$folder/state/cdn.db*";
    my %shim = ( LD_PRELOAD => $shim, KILL_NTH => $nth );
    $shim{ASAN_OPTIONS} = join ':', 'verify_asan_link_order=0', $ENV{ASAN_OPTIONS} // ();
    {
        local @ENV{ keys %shim } = values %shim;
        ( $status, $out, $err ) = helper( 'restore', '--from', $backup );
    }
    helper( 'restore', -e "$folder/state/cdn.db.restore" ? () : ( '--from', $backup ) ) if $status;
    $complete++ if everything() eq $at_backup;
}
is( $complete, 21, 'a lost ledger, killed at the last calls: restored' );

# The ledger is lost, but not the journal beside it: SQLite would write the journal's pages into the restored ledger.
unlink "$folder/state/cdn.db";
write_file( "$folder/state/cdn.db-journal", 'pages of the lost ledger' );
is( ( helper( 'restore', '--from', $backup ) )[0], 0, 'a journal of a lost ledger: restored' );
is_deeply(
    [ map { !!-e } "$folder/state/cdn.db-journal", glob "$folder/state/cdn.db.replaced-*-journal" ],
    [ !!0,                                         !!1 ],
    'a journal of a lost ledger: kept as a former file'
);
unlink glob "$folder/state/cdn.db*";
is( ( helper( 'restore', '--from', "$folder/newer" ) )[0], 0, 'a newer backup' );
$site->update;
is( hits(), 17, 'the next update counts the rest, once' );

# Puts back what was there before the restore.
sub restore_newer {
    if ( !-e "$folder/newer" ) {
        $site->update;
        helper( 'backup', '--dirdata', $data, '--to', "$folder/newer" );
        $before = everything();
        return;
    }
    helper( 'restore', '--from', "$folder/newer" );
    $before = everything();
    return;
}

# Writes the configurations of the site on another machine, whose files are in the folder NEW, and whose history is in DIRDATA.
sub configure {
    my ( $new, $dirdata ) = @_;
    write_file( "$new/awstats.site.conf",
        content("$folder/awstats.site.conf") =~ s{^DirData=.*}{DirData="$dirdata"}mr =~ s{ config=\S+?(?=["\s])}{}r );
    write_file( "$new/sites.conf",
        content("$folder/sites.conf") =~ s{^state = .*}{state = $new/cdn.db}mr =~
          s{^awstats-config = .*}{awstats-config = $new/awstats.site.conf}mr );
    return;
}

# A new machine, without the ledger, the history and its folder.
{
    my $new = "$folder/new";
    mkdir $new;
    configure( $new, "$new/data" );
    my @restore = ( Program::helper(), 'restore', "--config=$new/sites.conf", '--site=cdn', "--from=$backup" );
    ( $status, $out, $err ) = run( @restore, "--dirdata=$new/data" );
    is( $status, 1, 'a new machine without DirData: exit status' );
    like(
        $err,
qr{\A[^\n]*: \Q$new\E/data: this folder of the AWStats history, [^\n]* does not exist; make it [^\n]*, or name the DirData of this machine with --dirdata\n\z},
        'a new machine without DirData: one line'
    );
    ok( !-e "$new/cdn.db", 'a new machine without DirData: nothing is restored' );
    mkdir "$new/data";
    ( $status, $out, $err ) = run( @restore, "--dirdata=$new/data" );
    is( $status, 0, 'a new machine: exit status' );
    like(
        $err,
        qr{\A[^\n]*\Q$new\E/cdn\.db and \d+ other files, in \Q$new\E/data, are restored\n\z},
        'a new machine: no file was replaced'
    );

    # The ledger knows where its history is now.
    foreach my $command (
        [ 'update', qr/records of \d+ logs? counted/ ],
        [ 'verify', qr/./ ],
        [ 'backup', qr/is complete/, "--to=$new/backup" ]
      )
    {
        my ( $name, $message, @option ) = @$command;
        ( $status, $out, $err ) =
          run( Program::helper(), $name, "--config=$new/sites.conf", '--site=cdn', @option );
        is( $status, 0, "a new machine: $name" ) or diag $err;
        like( "$out$err", $message, "a new machine: $name: message" );
    }
    is( hits("$new/data"), hits(), 'a new machine: the update counts what came after the backup' );
    ok( !glob("$new/cdn.db.restored-new*"), 'a new machine: no temporary file is left' );
}

# DirData of the backup was a symbolic link, which leads to another folder now.
{
    my $new = "$folder/linked";
    mkdir $_ foreach $new, "$new/data";
    symlink $data, "$new/link" or die $!;
    is( ( helper( 'backup', '--dirdata', "$new/link", '--to', "$new/backup" ) )[0], 0, 'a link: backup' );
    unlink "$new/link";
    symlink "$new/data", "$new/link" or die $!;
    configure( $new, "$new/link" );
    my @option = ( "--config=$new/sites.conf", '--site=cdn' );
    is( ( run( Program::helper(), 'restore', @option, "--from=$new/backup" ) )[0], 0, 'a link: restore' );
    ( $status, $out, $err ) = run( Program::helper(), 'update', @option );
    is( $status,           0,      'a link: update' ) or diag $err;
    is( hits("$new/data"), hits(), 'a link: each record counts once' );
}

# A history that the user may not read: the advice depends on whose it is.
SKIP: {
    skip 'only root can run the program as another user', 2 if $> != 0;
    my $closed = CountedSite->new;
    my $history = $closed->awstats->folder . '/data';
    $closed->deliver( CountedSite::record('2026-10-02 10:00:00') );
    $closed->update;
    my ( $user, $group ) = ( getpwnam 'nobody' )[ 2, 3 ];
    run( 'chown', '-R', "$user:$group", $closed->folder );
    chmod 0755, $closed->folder;
    my @backup = (
        'setpriv',  "--reuid=$user", "--regid=$group", '--clear-groups', Program::helper(), 'backup',
        '--config', $closed->folder . '/sites.conf',
        '--site',   'cdn', '--dirdata', $history, '--to', $closed->folder . '/backup'
    );
    chmod 0, $history;
    like( ( run(@backup) )[2], qr/Permission denied; run: chmod u\+rwx \Q$history\E\n\z/, 'an own history' );
    chown 0, 0, $history;
    like( ( run(@backup) )[2], qr/Permission denied; run this as root, who owns/, 'a history of another user' );
}

done_testing;
