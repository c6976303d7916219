#!/usr/bin/perl
# A ledger file that an older version has made, and that is mostly free pages: the next commit makes it small. If the program
# is killed meanwhile, or the disk has no room, the ledger is right all the same.
use strict;
use warnings;
use DBI;
use File::Copy qw(copy);
use FindBin    qw($Bin);
use Test::More;
use lib "$Bin/lib";
use Compiler qw(fault_library);
use Program  qw(content run);
use Site;

use constant LARGE => 5_000_000;
use constant SMALL => 1_000_000;

my $site = Site->new;
my ( $state, $old ) = ( $site->state, $site->dir . '/old.db' );
my @paths = map { "/$_" } 1 .. 200;
$site->put( "E1.2026-10-31-10.$_.gz", Site::log_text("/$_") ) for 1 .. 200;
is( $site->cat->{end}, 'records=200 bad=0 quarantined=0', 'the first run' );
my $ledger = DBI->connect( "dbi:SQLite:dbname=$state", '', '', { RaiseError => 1 } );
$ledger->do($_)
  for 'PRAGMA journal_mode = DELETE', 'PRAGMA auto_vacuum = NONE', 'VACUUM', 'CREATE TABLE filler (data)',
  'INSERT INTO filler VALUES (zeroblob(' . LARGE . '))', 'DROP TABLE filler';
$ledger->disconnect;
copy( $state, $old ) or die "$old: $!\n";
$site->put( 'E1.2026-10-31-11.new.gz', Site::log_text('/new') );

# Puts the old file in its place.
sub begin {
    unlink glob "$state-*";
    copy( $old, $state ) or die "$state: $!\n";
    return;
}

# A run knows all objects: it counts the new log, unless the run before has.
sub knows_all {
    my ($name) = @_;
    my $run = $site->cat;
    like( $run->{paths}, qr{\A(?:/new)?\z}, "$name: nothing is counted twice" ) or diag $run->{err};
    is( $run->{status}, 0, "$name: exit status of the next run" );
    like( $site->report, qr/objects counted: 201$/m, "$name: status" );
    return;
}

begin();
my $run = $site->cat( 'now', '-v' );
is( $run->{paths}, '/new', 'usual: the new log is counted' );
like( $run->{err}, qr/^\S+: \Q$state\E: 4 MiB of free pages were given back to the disk$/m, 'usual: -v tells it' );
cmp_ok( -s $state, '<', SMALL, 'usual: the file is small' );
is_deeply( [ grep { !/lock$/ } glob "$state-*" ], [], 'usual: no other file is left' );
knows_all('usual');

$ENV{ASAN_OPTIONS} = join ':', 'verify_asan_link_order=0', $ENV{ASAN_OPTIONS} // ();
my $kill = fault_library( 'kill_nth', $site->dir );
my ( $killed, $kept, $count ) = ( 0, 0, $site->dir . '/count' );
begin();
{
    local %ENV = ( %ENV, LD_PRELOAD => $kill, KILL_COUNT => $count );
    $site->cat;
}
my $calls = content($count);
for ( my $nth = $calls ; $nth > 0 && $killed < 25 ; $nth -= 7 ) {
    begin();
    {
        local %ENV = ( %ENV, LD_PRELOAD => $kill, KILL_NTH => $nth );
        $site->cat;
    }
    $killed++;
    $kept++ if -s $state > SMALL;
    knows_all("killed at call $nth of $calls");
}
cmp_ok( $kept,           '>', 5, "after $kept of $killed kills, the file is large" );
cmp_ok( $killed - $kept, '>', 0, 'after others, it is small' );

SKIP: {
    skip 'only root can mount', 6 if $> != 0 || system( 'unshare', '-m', 'true' ) != 0;
    my $disk = $site->dir . '/state';
    my $size = int( ( -s $old ) / 1024 ) + 300;
    my $on_small_disk =
      'mount -t tmpfs -o "size=$1k" none "$0" && cp "$2" "$0/cdn.db" && shift 2 && "$@" && cp "$0/cdn.db" "$OUT"';
    local $ENV{OUT} = $site->dir . '/out.db';
    my ( $status, undef, $err ) =
      run( 'unshare', '-m', 'sh', '-c', $on_small_disk, $disk, $size, $old, $site->command( 'cat', '-v', '--commit' ) );
    is( $status, 0, 'no room: exit status' ) or diag $err;
    like(
        $err,
        qr/: keeps 4 MiB of free pages, because its disk has less than 1 MiB of room to write/,
        'no room: -v tells it'
    );
    cmp_ok( -s $ENV{OUT}, '>', LARGE, 'no room: the file is as it was' );
    begin();
    copy( $ENV{OUT}, $state ) or die "$state: $!\n";
    knows_all('no room');
}

done_testing;
