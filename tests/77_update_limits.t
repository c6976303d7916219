#!/usr/bin/perl
# update on a machine that lacks something: a standard output that takes nothing, a full disk under the history, files that
# may not be written, too little memory.  Each is one line that says what is missing, and what was counted is counted.
use strict;
use warnings;
use Test::More;
use File::Path qw(make_path);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program      qw(run write_file);
use UpdateChecks qw(hits records update_is);

my ( $status, $output, $error );
my $site = CountedSite->new( hosts => 'd1.cloudfront.net' );
my $folder = $site->folder;

# ---- a standard output that takes nothing ----

foreach my $case ( [ '>&-', 'Bad file descriptor' ], [ '>/dev/full', 'No space left on device' ] ) {
    my ( $redirection, $reason ) = @$case;
    my @command =
      ( 'sh', '-c', "exec \"\$@\" $redirection", 'sh', AWStats::helper(), 'update', "--config=$folder/sites.conf" );
    my $before = hits($site);
    $site->deliver( records(1) );
    ( $status, $output, $error ) = run( @command, '--site=cdn' );
    is(
        "$status$error",
        "1awstats-cloudfront: [cdn]: the update is done, but its messages cannot be written to the standard output: "
          . "$reason; write them to another place, or leave them out with -q\n",
        "update $redirection: fails, and says why"
    );
    is( hits($site), $before + 1, "update $redirection: has counted" );
    ( $status, $output, $error ) = run( @command, '--site=cdn' );
    like( "$status$error", qr/\A1\S+ \[cdn\]: the update is done, but .*\n\z/, "update $redirection: nothing new" );
    $site->deliver( records(1) );
    ( $status, $output, $error ) = run( @command, '--site=cdn', '--dry-run' );
    like( "$status$error", qr/\A1\S+ \[cdn\]: the dry run is done, but .*\n\z/, "update --dry-run $redirection" );
    ( $status, $output, $error ) = run( @command, '--site=cdn', '-q' );
    is( "$status$error", '0', "update -q $redirection: prints nothing" );
}

# ---- a full disk under the history, and too little memory ----

# Updates a new site of which a folder, NAME, is on a disk that takes SIZE KiB, and USED of them are used; the arguments may
# name this folder DISK.  Returns the site, the folder, and the status, output and error.
sub update_on_small_disk {
    my ( $name, $size, $used, @arguments ) = @_;
    my $small = CountedSite->new( hosts => 'd1.cloudfront.net' );
    my $disk = $small->folder . "/$name";
    make_path($disk);
    $small->deliver( map { records( 1, path => "/$_.html", host => "192.0.2.$_" ) } 1 .. 250 );
    my $mount = 'mount -t tmpfs -o "size=$1k" none "$0" && head -c "$2k" /dev/zero >"$0/used" && shift 2 && exec "$@"';
    my @command = ( AWStats::helper(), 'update', '--config=' . $small->folder . '/sites.conf', '--site=cdn' );
    unshift @command, 'env', "TMPDIR=$disk" if $name eq 'temporary';
    push @command, map { s/DISK/$disk/r } @arguments;
    return ( $small, $disk, run( 'unshare', '-m', 'sh', '-c', $mount, $disk, $size, $used, @command ) );
}

SKIP: {
    skip 'only root can mount', 20 if $> != 0 || system( 'unshare', '-m', 'true' ) != 0;
    foreach my $case (
        [ 'data',      16,   0, 'The history in "DISK" could not be saved: No space left on device; free space there' ],
        [ 'state',     16,   0, 'DISK/cdn.db: cannot be written: no space left on its disk; make room, and ' ],
        [ 'report',    1024, 0, ': No space left on device; free space there; the next update makes' ],
        [ 'temporary', 64,   64, 'stored in the folder DISK: No space left on device; free space there' ],
      )
    {
        my ( $name, $size, $used, $line ) = @$case;
        my $is_counted = $name =~ /^[rt]/;
        my ( $full, $disk, $code, $printed, $message ) =
          update_on_small_disk( $name, $size, $used, $name eq 'report' ? '--report=DISK' : () );
        my $wanted = $line =~ s/DISK/$disk/r;
        is( $code, 1, "a full disk under $name: exit status 1" ) or diag $printed;
        like( $message, qr/\Aawstats-cloudfront: .*\Q$wanted\E.*\n\z/, "a full disk under $name: one line says so" );
        like( $message, qr/\Q$disk\E/,                                 "a full disk under $name: and where" );
        update_is(
            $full, 0,
            $is_counted ? qr/^\[cdn\]: no new logs to count/ : qr/^\[cdn\]: 250 records of 1 log counted/,
            "then free space under $name: " . ( $is_counted ? 'all was counted' : 'all is counted' )
        );
    }

    # The disk of the ledger becomes full once the history has the records.  The next update counts none again, and says
    # why.
    my $full = CountedSite->new( hosts => 'd1.cloudfront.net' );
    my $disk = $full->folder . '/state';
    make_path($disk);
    $full->deliver( records( 1, path => "/$_.html" ) ) foreach 1 .. 200;
    write_file( $full->folder . '/FillDisk.pm', <<"END" );
package FillDisk;
*CORE::GLOBAL::rename = sub {
    my \$is_done = CORE::rename( \$_[0], \$_[1] );
    system 'head -c 16M /dev/zero >$disk/used 2>/dev/null';
    return \$is_done;
};
1;
END
    my @command = ( AWStats::helper(), 'update', '--config=' . $full->folder . '/sites.conf', '--site=cdn' );
    my $script = 'mount -t tmpfs -o size=8m none "$1" && shift; PERL5OPT="-I$1 -MFillDisk" && shift;'
      . ' export PERL5OPT; "$@"; echo "status $?"; rm "$0"; unset PERL5OPT; "$@" 2>&1';
    my ( $code, $printed, $message ) =
      run( 'unshare', '-m', 'sh', '-c', $script, "$disk/used", $disk, $full->folder, @command );
    like(
        $message,
qr{\Aawstats-cloudfront: \Q$disk\E/cdn.db: cannot be written: no space [^\n]*: no record is lost or counted twice\n\z},
        'the ledger\'s disk is full at the commit: one line says so'
    );
    like(
        $printed,
        qr/\Astatus 1\n\[cdn\]: 0 of 200 records of 200 logs counted in /,
        'the next update has nothing to count'
    );
    like( $printed, qr/^awstats-cloudfront: \[cdn\]: 200 of 200 records are in the history already: an earlier update/m,
        'and says why' );
    is( "$code " . hits($full), '0 200', 'all is counted once' );
}

# ---- a ledger and a history that may not be written ----

SKIP: {
    my $user = getpwnam 'nobody';
    my @as_user = ( 'setpriv', "--reuid=$user", "--regid=$user", '--clear-groups' );
    skip 'not root, or no user nobody',    10 if $> || !$user;
    skip 'nobody may not run the program', 10 if ( run( @as_user, AWStats::helper(), '--version' ) )[0];
    skip 'only root can mount',            10 if system( 'unshare', '-m', 'true' ) != 0;
    my $own = CountedSite->new( hosts => 'd1.cloudfront.net' );
    my ( $state, $data ) = map { $own->folder . "/$_" } qw(state data);
    make_path($state);
    my @update = ( @as_user, AWStats::helper(), 'update', '--config=' . $own->folder . '/sites.conf', '--site=cdn' );
    chmod oct 755, $own->folder;
    chown $user, $user, $own->folder, glob $own->folder . '/*';
    $own->deliver( records(1) );
    ( $status, $output, $error ) = run(@update);
    is( "$status$error", '0', 'nobody counts' );
    $own->deliver( records(1) );
    my $mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"';

    foreach my $case (
        [ $state, oct 555, qr/the user nobody may not write into \Q$state\E, [^\n]*: run "chmod u\+rwx \Q$state\E"/ ],
        [ "$state/cdn.db", oct 444, qr/it belongs to nobody: run "chmod u\+rw \Q$state\E\/cdn\.db\*"/ ],
        [
            $state,
            undef,
            qr/\Q$state\E\/cdn\.db\.lock \([^\n]*: Read-only file system; mount it for writing, or choose another place/
        ],
        [
            $data, undef,
            qr/\Q$data\E\/\S*\.lock: Read-only file system; mount it for writing, or let DirData be another folder/
        ],
      )
    {
        my ( $path, $mode, $line ) = @$case;
        my $before = ( stat $path )[2] & oct 7777;
        chmod $mode, $path if defined $mode;
        ( $status, $output, $error ) =
          run( defined $mode ? () : ( 'unshare', '-m', 'sh', '-c', $mount, $path ), @update );
        chmod $before, $path;
        my $what = defined $mode ? sprintf( '%o', $mode ) : 'read-only';
        is( $status, 1, "$path, $what: exit status" );
        like( $error, qr/\Aawstats-cloudfront: [^\n]*$line\n\z/, "$path, $what: what to do" );
    }
    ( $status, $output ) = run(@update);
    like( $output, qr/^\[cdn\]: 1 record of 1 log counted/, 'then nobody counts again' );
}

{
    # Each limit meets another place that needs memory; from some on, all works.
    my %seen = map { $_ => 0 } qw(works fails);
    my $memory = qr/\Aawstats-cloudfront: .*\bmemory\b.*\n\z/;
    my $small = CountedSite->new( hosts => 'd1.cloudfront.net' );
    $small->deliver( records(3) );
    foreach my $limit ( map { 60_000 + 30_000 * $_ } 0 .. 7 ) {
        last if AWStats::helper() =~ /build-asan/;    # maps terabytes
        my @command =
          ( AWStats::helper(), 'update', "--config=@{[ $small->folder ]}/sites.conf", '--site=cdn', '--dry-run' );
        ( $status, $output, $error ) = run( 'sh', '-c', 'ulimit -v "$0" && exec "$@"', $limit, @command );
        next if $status == 127;                       # the program itself could not be loaded
        my $works = $status == 0 && $output =~ /\A\[cdn\]: 3 records of 1 log would be counted/;
        my $fails = $status == 1 && $output eq '' && $error =~ $memory;
        $seen{works} += $works;
        $seen{fails} += $fails;
        ok( $works || $fails, "$limit KiB of memory: all, or one line" ) or diag "$status $output$error";
    }
    update_is( $small, 0, qr/^\[cdn\]: 3 records of 1 log counted/, 'with enough memory, all is counted' );
    cmp_ok( $seen{$_}, '>', 0, "a limit $_" ) foreach AWStats::helper() =~ /build-asan/ ? () : sort keys %seen;
}

done_testing;
