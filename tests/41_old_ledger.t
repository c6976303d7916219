#!/usr/bin/perl
# Ledgers that an older version of the program has made: the open batch has the same ID and the same records, and
# nothing is counted again.
use strict;
use warnings;
use Test::More;
use Compress::Zlib qw(crc32);
use FindBin        qw($Bin);
use lib "$Bin/lib";
use Program qw(run);
use Site;

my $stream_head = '#Fields: date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id cs-uri-stem '
  . "cs-uri-query c-referrer x-page-url c-user-agent x-sname x-sname-query x-file-ext x-sid\n";

sub event {
    my ( $time, $kind, $bytes, $stream ) = @_;
    return join( "\t",
        '2010-12-05', $time, 'LHR5', '192.0.2.1', $kind, $bytes, 'OK', 'c', 'rtmp://s1.example.net/app',
        '-',          '-',   '-',    '-',         $stream // '-',
        '-',          defined $stream ? 'flv' : '-', '1' )
      . "\n";
}

# The files as they were when the ledger was made: NAME => [content, time of modification].
sub row {
    my ( $time, $path ) = @_;
    return "#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes\n"
      . "2026-10-31\t10:$time\t192.0.2.1\tGET\t/$path\t200\t1\n";
}
my %counted = (
    'E1.2026-10-31-10.a.gz'          => [ row( '00:01', 'a' ),          '2026-10-31 11:00:00.123456789 UTC' ],
    'E1.2026-10-31-10.b.gz'          => [ row( '00:02', 'b' ),          '2026-10-31 11:00:01 UTC' ],
    'E1.2026-10-31-10.before1970.gz' => [ row( '00:03', 'before1970' ), '1969-07-20 20:17:40.5 UTC' ],
    'E1.2026-10-31-10.after2262.gz'  => [ row( '00:04', 'after2262' ),  '2300-01-01 00:00:00.25 UTC' ],
    's.gz'                           => [
        "#Version: 1.0\n$stream_head" . event( '00:00:10', 'connect', 100 ) . event( '00:00:20', 'play', 300, 'a' ),
        '2026-10-31 11:00:03 UTC'
    ],
);
my %new = (
    'E1.2026-10-31-10.d.gz' => [ row( '01:00', 'd' ),        '2026-10-31 12:00:00.000000001 UTC' ],
    'E1.2026-10-31-10.e.gz' => [ row( '01:01', 'e' ),        '2026-10-31 12:00:01 UTC' ],
    'x.broken'              => [ "\x1f\x8b\x08" . "\0" x 4,  '2026-10-31 11:00:02 UTC' ],
    'y.broken'              => [ "\x1f\x8b\x08" . "\0" x 11, '2310-01-01 00:00:00.75 UTC' ],
);

# A filesystem that keeps these times.
my $store = '/dev/shm';
plan skip_all => "$store is not there" if !-d $store;
local $ENV{TMPDIR} = $store;

sub put {
    my ( $site, $name, $content, $time ) = @_;
    my $path = $site->put( $name, $content );
    system( 'touch', '-d', $time, $path ) == 0 or die "touch: $?\n";
    return;
}

# A site with these files and the old ledger KIND, of a VERSION.
sub site {
    my ( $kind, %setting ) = @_;
    my $version = delete $setting{version} // 2;
    my $site = Site->new(%setting);
    put( $site, $_, @{ $counted{$_} } ) for keys %counted;
    put( $site, $_, @{ $new{$_} } )     for keys %new;
    mkdir $site->dir . '/state' or die "$!\n";
    my $sql = Program::content("$Bin/data/ledger/version-$version-$kind.sql") =~ s/\@DIR\@/${\ $site->dir}/gr;
    Program::write_file( $site->dir . '/sql', $sql );
    my ( $status, undef, $err ) = run( 'python3', '-c', <<'PYTHON', $site->state, $site->dir . '/sql' );
import sqlite3, sys
sqlite3.connect(sys.argv[1]).executescript(open(sys.argv[2]).read())
PYTHON
    die $err if $status;
    return $site;
}

sub keys_of {
    return join ' ', map { s{.*/}{}r =~ s/E1.*10\.//r =~ s/\.gz\z//r } sort glob "$_[0]{source}/*";
}

my ( $first, $second, $third ) =
  qw(20261127-080702-849763-1f17a5ed 20261127-080702-919972-c089ef61 20261127-080703-118855-871cb737);

# A prepared batch.
{
    my $site = site('prepared');
    my ( $status, $out ) = $site->status;
    is( $status, 4, 'status: exit status 4' );
    like( $out, qr/^  objects counted: 5$/m, 'status: the objects' );
    like(
        $out,
qr/^  batch not counted yet: $third, begun \S+ \S+ UTC, 4 objects\n.*^  streaming views in progress \(counted when they end\): 1$/ms,
        'status: the batch'
    );
    like(
        $out,
        qr{^  objects that were to be deleted or moved, and stay because of after = keep: 5$}m,
        'status: those that were to be deleted'
    );
    like(
        $out,
        qr/^  left out: \S+x\.broken \(since 2026-11-27 08:07:02 UTC\): not a CloudFront log/m,
        'status: the quarantine'
    );
    rename "$site->{source}/E1.2026-10-31-10.e.gz", $site->dir . '/e' or die;
    my $less = $site->cat_later;
    is( $less->{status}, 0,      'without an object: exit status 0' ) or diag $less->{err};
    is( $less->{id},     $third, 'without an object: the revision that lacked it' );
    is( $less->{paths},  '/d',   'without an object: the records' );
    like(
        $less->{out},
        qr/^#Previous: $first\n#Replaces: $second$/m,
        'without an object: the history, and the other revision'
    );
    like(
        $less->{err},
qr/^[^\n]*e\.gz: No such file[^\n]* batch $third, without it, replaces batch $second; [^\n]*: then the update stops/m,
        'without an object: a warning names it'
    );
    rename $site->dir . '/e', "$site->{source}/E1.2026-10-31-10.e.gz" or die;
    my $whole = $site->cat_later;
    is( $whole->{id},    $second, 'with it: the whole batch again' );
    is( $whole->{paths}, '/d /e', 'with it: the records' );
    like( $whole->{end}, qr/\Arecords=2 bad=0 \w+=2\z/, 'with it: two objects are quarantined' );
    is( ( $site->commit($second) )[0], 0, 'it is committed' );
    my $next = $site->cat_later;
    is( $next->{paths}, '', 'the next batch: nothing twice, whatever a file\'s time' );
    like(
        $next->{err},
        qr/\A[^\n]*2 objects, which could not be read before, still cannot[^\n]*\n\z/,
        'the next batch: the quarantine'
    );
    put( $site, 'E2.gz', $stream_head . event( '00:01:00', 'stop', 900, 'a' ) . event( '00:01:01', 'disconnect', 900 ),
        'now' );
    is( ( $site->commit( $next->{id} ) )[0],                        0,     'it is committed' );
    is( join( ' ', map { $_->[3] } @{ $site->cat_later->{rows} } ), '900', 'a view that was open goes on' );
}

# The objects that were to be deleted, are.
{
    my $site = site( 'prepared', after => 'delete' );
    my $run = $site->cat_later;
    is( $run->{id},     $second,                 'after = delete: the batch' );
    is( keys_of($site), 'd e x.broken y.broken', 'after = delete: what was counted is gone' );
}

# A batch that was begun, and not prepared yet.
{
    my $site = site('begun');
    my ($id) = Program::content("$Bin/data/ledger/version-2-begun.sql") =~ /"batch" VALUES\('([^']+)'/;
    my $run = $site->cat_later;
    is( $run->{id},                $id,     'begun: the same ID' ) or diag $run->{err};
    is( $run->{paths},             '/d /e', 'begun: the same objects' );
    is( ( $site->commit($id) )[0], 0,       'begun: committed' );
    is( $site->cat_later->{paths}, '',      'begun: then nothing more' );
}

# A ledger of version 3 has no contents: an object that is where it was gets one, and then may move.  One that moves or
# is touched before that is known by CloudFront's name and its size.
sub none {
    my ( $run, $warning, $what ) = @_;
    is( $run->{status}, 0,  "$what: exit status 0" ) or diag $run->{err};
    is( $run->{paths},  '', "$what: nothing is counted again" );
    like( $run->{err}, $warning, "$what: the warning" );
    return;
}

sub move {
    my ( $site, $from, $to ) = @_;
    mkdir "$site->{source}/moved";
    rename "$site->{source}/$from", "$site->{source}/$to" or die "$from: $!\n";
    return;
}
my $before = 'E1.2026-10-31-10';
for my $update_first ( 1, 0 ) {
    my $site = site( 'prepared', version => 3 );
    my $what = $update_first ? 'version 3' : 'version 3, moved at once';
    unlink "$site->{source}/$_" for "$before.e.gz", 'y.broken';
    my ($id) = Program::content("$Bin/data/ledger/version-3-prepared.sql") =~ /"revision" VALUES\('([^']+)'/;
    if ($update_first) {
        my $run = $site->cat_later;
        is( $run->{id},                $id,  "$what: the open batch" ) or diag $run->{err};
        is( $run->{paths},             '/d', "$what: its records" );
        is( ( $site->commit($id) )[0], 0,    "$what: committed" );
        like( ( $site->status )[1], qr/^  bytes of these objects: 1011$/m, "$what: the bytes of all counted objects" );
        is( $site->cat->{paths}, '', "$what: nothing again" );
    }
    else {
        is( ( $site->commit($id) )[0], 0, "$what: committed" );
    }
    move( $site, "$before.$_.gz", "moved/$before.$_.gz" ) for 'a', 'after2262';
    utime 1_800_000_000, 1_800_000_000, "$site->{source}/$before.b.gz";
    none( $site->cat, qr/^\S+ warning: \S+ h\S+ [^\n]*; the same is true of 2 more objects$/m,      $what );
    none( $site->cat, qr/\A[^\n]*1 object, which could not be read before, still cannot[^\n]*\n\z/, "$what, again" );

    # The content decides, when it is known: another log of the same size.
    put( $site, "$before.before1970.gz", row( '00:03', 'before1971' ), 'now' ) if $update_first;
    move( $site, 's.gz', 'moved/s.gz' ) if $update_first;
    is( $site->cat->{paths}, $update_first ? '/before1971' : '', "$what: another log of the same size" );
}

# The content of a counted file that is still there is found now, and compared with that of its copy.
{
    my $site = site( 'prepared', version => 3 );
    put( $site, "a/$before.a.gz", row( '00:01', 'a' ), 'now' );
    put( $site, "a/$before.b.gz", row( '00:02', 'x' ), 'now' );
    my ($id) = Program::content("$Bin/data/ledger/version-3-prepared.sql") =~ /"revision" VALUES\('([^']+)'/;
    is( ( $site->commit($id) )[0], 0, 'version 3, copies: committed' );
    my $run = $site->cat;
    is( $run->{paths}, '/x /e', 'version 3, copies: the one with another content is counted' ) or diag $run->{err};
    like(
        $run->{err},
        qr{warning: \S+/a/\Q$before\E\.a\.gz holds the same log as \S+/logs/\Q$before\E\.a\.gz;},
        'version 3, copies: a warning of the other'
    );
}

# The batch that the old ledger has prepared comes again, with these records, and is committed.
sub count_open_batch {
    my ( $site, $version, $paths ) = @_;
    my ($id) = Program::content("$Bin/data/ledger/version-$version-prepared.sql") =~ /"revision" VALUES\('([^']+)'/;
    my $run = $site->cat_later;
    is( $run->{id},                $id,    "version $version: the open batch" ) or diag $run->{err};
    is( $run->{paths},             $paths, "version $version: its records" );
    is( ( $site->commit($id) )[0], 0,      "version $version: committed" );
    return;
}

# A ledger of version 7 knows of a gzip file of several members only the last one.  The text of a file that is still there
# is read, and compared with that of the plain file.  One that is gone is not known by it.
sub member {
    my $text = shift;
    return "\x1f\x8b\x08\0\0\0\0\0\0\xff\x01" . pack( 'vv', length $text, ~length($text) & 0xffff ) . $text . pack 'VV',
      crc32($text), length $text;
}
{
    %counted = %new = ();
    my ( %text, $second );
    my $minute = 0;
    foreach my $log ( "$before.a", 'x.log', 'z.log' ) {
        my ($letter) = $log =~ /^(?:E.*\.)?(\w)/;
        my ( $first, $last ) = map { row( sprintf( '00:%02d', ++$minute ), "$letter$_" ) } 1, 2;
        $last =~ s/^#.*\n//gm;
        $text{$log} = $first . $last;
        $counted{"$log.gz"} =
          [ member($first) . member($last), '2026-10-31 11:00:0' . ( $second++ || '0.123456789' ) . ' UTC' ];
    }
    $text{'d.log'} = row( '01:00', 'd1' ) . row( '01:01', 'd2' ) =~ s/^#.*\n//gmr;
    $new{'d.log'} = [ $text{'d.log'}, '2026-10-31 12:00:00.000000001 UTC' ];
    my $site = site( 'prepared', version => 7 );
    count_open_batch( $site, 7, '/d1 /d2' );
    is( $site->cat->{paths}, '', 'version 7: nothing again' );
    put( $site, "p/$before.a", $text{"$before.a"},                                                           'now' );
    put( $site, 'x.log',       $text{'x.log'},                                                               'now' );
    put( $site, 'd.log.gz',    member( substr $text{'d.log'}, 0, 99 ) . member( substr $text{'d.log'}, 99 ), 'now' );
    none(
        $site->cat,
        qr/\A\S+ warning: \S+ holds the same log as \S+[^\n]* of 2 more objects\n\z/,
        'version 7, several members'
    );
    is( $site->cat->{err}, '', 'version 7, several members, again: no message' );
    unlink "$site->{source}/z.log.gz" or die;
    put( $site, 'z.log', $text{'z.log'}, 'now' );
    is( $site->cat->{paths}, '/z1 /z2', 'version 7, the file of several members is gone: counted' );
}

# A ledger of version 12 finds the logs of a name by an expression of SQL, the next version by a number.  Version 14 packs
# counted objects.
foreach my $version ( 12, 13 ) {
    %counted = (
        "$before.a.gz" => [ row( '00:01', 'a' ), '2026-10-31 11:00:00.123456789 UTC' ],
        "$before.b.gz" => [ row( '00:02', 'b' ), '2026-10-31 11:00:01 UTC' ],
    );
    %new = ( "$before.d.gz" => [ row( '01:00', 'd' ), '2026-10-31 12:00:00.000000001 UTC' ] );
    my $site = site( 'prepared', version => $version );
    count_open_batch( $site, $version, '/d' );
    put( $site, "p/$before.a.gz", row( '00:01', 'a' ), 'now' );
    put( $site, "p/$before.d.gz", row( '01:00', 'd' ), 'now' );
    put( $site, "p/$before.b.gz", row( '00:02', 'x' ), 'now' );
    my $run = $site->cat;
    is( $run->{paths}, '/x', "version $version: copies of a counted log, and of one of the batch, are not counted" );
    like(
        $run->{err},
        qr/warning: \S+ holds the same log as \S+[^\n]* of 1 more object\b/,
        "version $version: a warning"
    );
}

done_testing;
