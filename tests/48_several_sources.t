#!/usr/bin/perl
# A site with several sources: buckets and folders; objects are known with their source, also after the source has left
# the list, and a log that lies in two of them counts once.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use Program qw(helper run);
use S3Server;
use Site;

my $server = S3Server->new;
$server->set_environment;
$server->make_bucket($_) for 'old', 'new', 'done';

sub text { return Site::log_text(@_) }

sub put { my ( $bucket, $key, @path ) = @_; return $server->put( $bucket, $key, text(@path) ) }

# The paths that a run counts, and its warnings.
sub counts {
    my ( $site, $want, $what, @option ) = @_;
    my $run = $site->cat( undef, @option );
    is( $run->{status},                                      0,     "$what: exit status" ) or diag $run->{err};
    is( join( ' ', sort map { $_->[7] } @{ $run->{rows} } ), $want, $what );
    return $run;
}

sub check {
    my ($site) = @_;
    return ( run( $site->command('check') ) )[1];
}

sub keys_of_ledger {
    my ($site) = @_;
    my $ledger = DBI->connect( 'dbi:SQLite:dbname=' . $site->state, '', '', { RaiseError => 1 } );
    my $keys = $ledger->selectcol_arrayref('SELECT key FROM object ORDER BY key');
    $ledger->disconnect;
    return join ' ', @$keys;
}

# From one source to two, to the other one, and back.
{
    put( 'old', 'cdn/E1.2026-10-31-10.a1.gz', '/a' );
    put( 'old', 'cdn/E1.2026-10-31-10.b1.gz', '/b' );
    my $site = Site->new( source => 's3://old/cdn/' );
    counts( $site, '/a /b', 'one bucket' );

    # The same key in the other bucket is another object; a log that was copied there is the same log.
    put( 'new', 'cdn/E1.2026-10-31-11.c1.gz',                             '/newer' );
    put( 'old', 'cdn/E1.2026-10-31-11.c1.gz',                             '/old' );
    put( 'new', 'AWSLogs/1/CloudFront/2026/10/31/E1.2026-10-31-10.b1.gz', '/b' );
    put( 'new', 'AWSLogs/1/CloudFront/2026/10/31/E1.2026-10-31-12.d1.gz', '/d' );
    put( 'old', 'cdn/E1.2026-10-31-12.broken.gz' );
    $server->put( 'old', 'cdn/E1.2026-10-31-12.broken.gz', "\x1f\x8b broken" );
    $site->configure( source => [ 's3://old/cdn/', 's3://new' ] );
    my $first = $site->cat('never');
    like(
        $first->{err},
        qr{"source" changed from s3://old/cdn/ to s3://old/cdn/ and s3://new/; an object},
        'a second bucket: a note of it'
    );
    my $run = counts( $site, '/d /newer /old', 'a second bucket, after a run that ended before its batch' );
    like(
        $first->{err},
        qr{s3://new/AWSLogs\S+b1\.gz holds the same log as s3://old/cdn/\S+b1\.gz},
        'a second bucket: a note of the copy'
    );
    like(
        keys_of_ledger($site),
        qr{^s3://new/AWSLogs/\S+ .* s3://old/cdn/E1\.2026-10-31-10\.a1\.gz },
        'keys: whole names'
    );
    is( counts( $site, '', 'nothing new' )->{err} =~ /changed/, '', 'a second bucket: no note again' );
    like(
        ( $site->status )[1],
        qr{s3://old/cdn/E1\.2026-10-31-12\.broken\.gz},
        'status tells the source of a quarantined object'
    );
    my ( $status, $out, $err ) = run( $site->command( 'explain', '--day', '2026-10-31' ) );
    is( $status, 0, 'explain: exit status' ) or diag $err;
    like( $out, qr{^s3://new/cdn/E1\.2026-10-31-11\.c1\.gz:\d+: .*/newer}m, 'explain names the source' );
    ( $status, $out ) = run( $site->command( 'check', '--awstats', '/none' ) );
    like( $out, qr{^ok +source: s3://old/cdn/\n.*^ok +source: s3://new\n}ms, 'check tries each' );

    $site->configure( source => 's3://new/' );
    put( 'old', 'cdn/E1.2026-10-31-09.late.gz', '/late' );
    counts( $site, '', 'the first bucket left the list' );
    put( 'new', 'cdn/E1.2026-10-31-13.e1.gz', '/e' );
    counts( $site, '/e', 'the second one alone' );
    $site->configure( source => [ 's3://new/', 's3://old/cdn/' ] );
    counts( $site, '/late', 'the first bucket came back: what it had is known' );
    put( 'old', 'cdn/E1.2026-10-31-14.f1.gz', '/f' );
    $run = counts( $site, '/f', 'the next run', '-v' );
    like( $run->{err}, qr{s3://new/ and s3://old/cdn/: objects listed: \d+ \(older ones}, 'does not list in full' );
}

# A bucket and a folder.
{
    my $site = Site->new;
    put( 'old', 'mixed/E1.2026-10-31-10.a2.gz', '/a' );
    $site->put( 'E1.2026-10-31-10.b2.gz', text('/b') );
    my $folder = $site->{source};
    $site->configure( source => [ 's3://old/mixed/', $folder ] );
    counts( $site, '/a /b', 'a bucket and a folder' );
    put( 'old', 'mixed/copies/E1.2026-10-31-10.b2.gz', '/b' );
    put( 'old', 'mixed/copies/E1.2026-10-31-10.a2.gz', '/a' );
    $site->put( 'copies/E1.2026-10-31-10.a2.gz', text('/a') );
    $site->put( 'copies/E1.2026-10-31-10.b2.gz', text('/b') );
    put( 'old', 'mixed/E1.2026-10-31-11.c2.gz', '/c' );
    $site->put( 'E1.2026-10-31-11.c2.gz', text('/c') );
    counts( $site, '/c', 'copies in both, also of one run, count once' );
    counts( $site, '',   'copies in both are known' );
    $site->configure( source => $folder );
    counts( $site, '', 'the folder alone' );
    $site->configure( source => [ $folder, $site->dir . '/none' ] );
    my $run = $site->cat;
    is( $run->{status}, 1, 'a folder that is not there: exit status' );
    like(
        $run->{err},
        qr{: the source \S+/none cannot be found: No such file or directory; mount it, or correct},
        'a folder that is not there: why'
    );
}

# Two folders whose ledger began with one of them.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a3.gz', text('/a') );
    counts( $site, '/a', 'one folder' );
    my ( $folder, $other ) = ( $site->{source}, $site->dir . '/other' );
    $site->{source} = $other;
    $site->put( 'E1.2026-10-31-11.b3.gz', text('/b') );
    $site->configure( source => [ $other, $folder ], include => '*b3*' );
    my $later = $site->cat_later;
    is( $later->{paths}, '/b', 'two folders, of which include chooses' );
    $site->configure( source => $folder );
    like(
        $site->cat->{err},
        qr/the setting "source" changed from \S+ and \S+ to \S+, but batch/,
        'no change of an open batch'
    );
    $site->configure( source => [ $other, $folder ] );
    is( ( $site->commit( $later->{id} ) )[0], 0, 'commit' );
    counts( $site, '', 'both are known' );
}

# The clean-up of each object in its own source.
{
    put( 'old', "clean/E1.2026-10-31-10.$_.gz", "/$_" ) for 'a4', 'b4';
    my $site = Site->new( source => 's3://old/clean/', after => 'delete' );
    my $later = $site->cat_later;
    $site->commit( $later->{id} );
    is( join( ' ', $server->keys( 'old', 'clean/' ) ), '', 'one source: deleted' );
    my $emptied =
qr{^ok +bucket: no objects at s3://old/clean/ now: those that were counted were deleted, as the setting "after" says$}m;
    my $empty = qr{^FAIL +bucket: no objects at s3://(\S+);}m;
    like( check($site), $emptied, 'check: the source is empty because of that' );
    $site->configure( source => [ 's3://old/clean/', 's3://new/clean/' ] );
    my $checked = check($site);
    like( $checked, $emptied, 'check of two sources, before the next run: as before' );
    is( join( ' ', $checked =~ /$empty/g ), 'new/clean/', 'check: but the new one has never had objects' );
    $site->configure( source => [ 's3://new/clean/', 's3://old/clean/a' ] );
    is( join( ' ', check($site) =~ /$empty/g ), 'new/clean/ old/clean/a', 'check: nor had a part of the old one' );
    $site->configure( source => 's3://old/clean/' );
    put( 'old', 'clean/E1.2026-10-31-11.c4.gz', '/c' );
    put( 'new', 'clean/E1.2026-10-31-11.d4.gz', '/d' );
    put( 'new', 'clean/E1.2026-10-31-11.c4.gz', '/other' );
    $site->configure( source => [ 's3://old/clean/', 's3://new/clean/' ] );
    counts( $site, '/c /d /other', 'two sources, delete' );
    is( join( ' ', map { $server->keys( $_, 'clean/' ) } 'old', 'new' ), '', 'both are empty' );
    unlike( check($site), $empty, 'check: both were emptied' );

    put( 'old', 'clean/E1.2026-10-31-12.e4.gz', '/e' );
    put( 'new', 'clean/E1.2026-10-31-12.e4.gz', '/other-e' );
    $site->configure( after => 'move s3://done/x' );
    counts( $site, '/e /other-e', 'two sources, move' );
    is(
        join( ' ', $server->keys( 'done', '' ) ),
        'x/new/clean/E1.2026-10-31-12.e4.gz x/old/clean/E1.2026-10-31-12.e4.gz',
        'neither replaces the other'
    );
    is( join( ' ', map { $server->keys( $_, 'clean/' ) } 'old', 'new' ), '', 'both are empty again' );

    # Objects wait for their deletion while their source leaves the list.
    put( 'old', 'clean/E1.2026-10-31-13.f4.gz', '/f' );
    put( 'new', 'clean/E1.2026-10-31-13.g4.gz', '/g' );
    $site->configure( after => 'keep' );
    counts( $site, '/f /g', 'two sources, keep' );
    $site->change_ledger( 'INSERT INTO clean_up (key, tag, size, modified) SELECT key, tag, size, 0 FROM object'
          . q( WHERE key LIKE '%13._4.gz') );
    $site->configure( after => 'delete', source => 's3://new/clean/' );
    my $run = counts( $site, '', 'one of the sources left' );
    like(
        $run->{err},
        qr{s3://old/clean/\S+f4\.gz: cannot be deleted: no source of the site has it any more},
        'its objects wait'
    );
    like( ( $site->status )[1], qr/objects still to be deleted: 1$/m, 'status knows' );
    is( join( ' ', $server->keys( 'new', 'clean/' ) ), '', 'those of the other one are deleted' );
    $site->configure( source => [ 's3://new/clean/', 's3://old/clean/' ] );
    counts( $site, '', 'the source came back' );
    is( join( ' ', $server->keys( 'old', 'clean/' ) ), '', 'the source that came back is cleaned up' );
}

# A bucket that fails does not stop the clean-up of the other; the reason names it.
{
    my $site = Site->new( source => 's3://old/one/', after => 'keep' );
    put( 'old', 'one/E1.2026-10-31-10.a5.gz', '/a' );
    my $folder = $site->dir . '/logs';
    $site->{source} = $folder;
    $site->put( 'E1.2026-10-31-10.b5.gz', text('/b') );
    $site->configure( source => [ $folder, 's3://old/one/' ] );
    my $later = $site->cat_later;
    $site->configure( after => 'delete' );
    rename $folder, "$folder.away" or die;
    my ( $status, undef, $err ) = $site->commit( $later->{id} );
    is( $status, 0, 'commit while a folder is not there: exit status' ) or diag $err;
    is( join( ' ', $server->keys( 'old', 'one/' ) ), '', 'the object of the bucket is deleted' );
    like( $site->report, qr{\Q$folder\E: the source cannot be reached}, 'status: the folder cannot be reached' );
    rename "$folder.away", $folder or die;
    counts( $site, '', 'the folder is back' );
    is( scalar( () = glob "$folder/*.gz" ), 0, 'the folder that is back is cleaned up' );
}

# What cannot be a list.
for my $case (
    [ [ 's3://old/a/',   's3://old/a/b/' ], qr{:3: source = s3://old/a/b/: has objects of the source s3://old/a/ } ],
    [ [ 's3://old/a/b/', 's3://old/a/' ],   qr{has objects of the source s3://old/a/b/ of the same section} ],
    [ [ 's3://old',      's3://old/a' ],    qr{has objects of the source s3://old of} ],
    [ [ '/nowhere/a',    '/nowhere/a/b' ],  qr{has objects of the source /nowhere/a of} ],
    [ [ 's3://old/a/',   '-' ],             qr{standard input cannot be one of several sources} ],
    [ [ 's3://old/a/',   's3:/new' ],       qr{must be s3://BUCKET/PREFIX, with two slashes} ],
  )
{
    my ( $sources, $error ) = @$case;
    my $site = Site->new( source => 's3://old/' );
    $site->configure( source => $sources );
    my $run = $site->cat;
    is( $run->{status}, 1, "@$sources: exit status" );
    like( $run->{err}, $error, "@$sources: why" );
}
{
    my $site = Site->new( source => 's3://old/' );
    $site->configure( source => [ 's3://olde/', 's3://old/x' ], after => 'move /tmp' );
    like( $site->cat->{err}, qr{after = move /tmp: must be s3://}, 'the target of a move fits all sources' );
    foreach my $target ( '/tmp/done', 's3://old/done/' ) {
        $site->configure( source => [ 's3://olde/', '/nowhere/logs' ], after => "move $target" );
        like(
            $site->cat->{err},
qr{: after = move \Q$target\E: buckets and directories of one site cannot be moved to one target; set after = keep},
            "a bucket and a directory have no common target: $target"
        );
    }
    $site->configure( source => [ 's3://olde/', 's3://old/x' ], after => 'keep' );
    my ( $status, undef, $err ) = run( $site->command( 'fetch', '--to', $site->dir ) );
    is( $status, 2, 'fetch of several sources: usage' );
    like(
        $err,
        qr/the site has several sources; name the one to fetch/,
        'fetch of several sources: the message names them'
    );
    my ( undef, $policy ) = run( helper(), 'setup', '--policy', '--config', $site->dir . '/conf', 'cdn' );
    like( $policy, qr{s3:::olde/\*.*s3:::old/x\*}s, 'the policy has both' );
}

done_testing;
