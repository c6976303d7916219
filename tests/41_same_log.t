#!/usr/bin/perl
# A log is counted once, wherever the object lies that holds it: moved, copied, touched, or compressed beside the plain
# file.  What only looks like a counted log is counted.
use strict;
use warnings;
use Test::More;
use Compress::Zlib     qw(memGzip);
use Digest::MD5        qw(md5_hex);
use File::Copy         qw(copy);
use File::Path         qw(make_path);
use FindBin            qw($Bin);
use IO::Compress::Gzip ();
use lib "$Bin/lib";
use CopyChecks qw(silent);
use Program    qw(helper run);
use S3Proxy;
use S3Server;
use Site;

my $name = 'E2EXAMPLE.2026-03-10-12.0000000a.gz';

sub gzip_of { return memGzip( Site::log_text(@_) ) }

# Checks that a run counts nothing, and prints one warning of a pattern.
sub nothing_new {
    my ( $run, $warning, $what ) = @_;
    is( $run->{status}, 0,                               "$what: exit status 0" );
    is( $run->{end},    'records=0 bad=0 quarantined=0', "$what: nothing is counted" );
    like( $run->{err}, qr/\A\S+ warning: $warning[^\n]*\n\z/, "$what: one warning" );
    return;
}

# Copies FROM over TO, with a new time of modification.
sub copy_over {
    my ( $from, $to, $time ) = @_;
    make_path( $to =~ m{^(.*)/} );
    copy( $from, "$to.new" ) && rename( "$to.new", $to ) or die "$to: $!\n";
    utime $time, $time, $to;
    return;
}

# Moved, touched, copied over itself, copied; gzip files and plain ones.
for my $kind ( 'gzip', 'plain' ) {
    my $site = Site->new;
    my $base = $kind eq 'gzip' ? $name : 'access.log';
    my $path = $site->put( $base, $kind eq 'gzip' ? gzip_of('/a') : Site::log_text('/a') );
    my $moved = "$site->{source}/year=2026/month=03/$base";
    is( $site->cat->{paths}, '/a', "$kind: counted" );
    make_path( $moved =~ m{^(.*)/} );
    rename $path, $moved or die;
    nothing_new( $site->cat, qr/\Q$moved\E holds the same log as \Q$path\E; its records are counted only once/,
        "$kind, moved" );
    silent( $site, "$kind, moved" );
    utime 1_800_000_000, 1_800_000_000, $moved;
    nothing_new( $site->cat, qr/\Q$moved\E has another time of modification, but the same content/, "$kind, touched" );
    silent( $site, "$kind, touched" );
    copy_over( $moved, $moved, 1_800_000_001 );
    nothing_new( $site->cat, qr/\Q$moved\E has another time/, "$kind, copied over itself" );
    copy_over( $moved, "$site->{source}/copy/$base", 1_800_000_002 );
    nothing_new( $site->cat, qr{\S+/copy/\Q$base\E holds the same log as \S+/\Q$base\E;}, "$kind, copied" );
    copy_over( $moved, "$site->{source}/$_/$base", 1_800_000_003 ) for 1 .. 3;
    nothing_new(
        $site->cat,
        qr{\S+/1/\Q$base\E holds [^\n]*; the same is true of 2 more objects},
        "$kind, three copies"
    );
    silent( $site, "$kind, three copies" );
    like( $site->report, qr/^  objects counted: 1$/m, "$kind: one object was counted" );

    # Not the same: another content of the same size, at the same place and at another.
    my $other = $kind eq 'gzip' ? gzip_of('/b') : Site::log_text('/b');
    $site->put( "year=2026/month=03/$base", $other );
    my $changed = $site->cat;
    is( $changed->{paths}, '/b', "$kind, changed in its place: counted" );
    like(
        $changed->{err},
        qr/\A\S+ warning: \Q$moved\E has changed since it was counted[^\n]*\n\z/,
        "$kind, changed: one warning"
    );
    $site->put( "other/$base", $other =~ s{/b}{/c}r ) if $kind eq 'plain';
    $site->put( "other/$base", gzip_of('/c') ) if $kind eq 'gzip';
    is( $site->cat->{paths}, '/c', "$kind, another log with this name: counted" );
    my $new = $site->put( "NEW$base", $other );

    if ( $kind eq 'gzip' ) {
        is( $site->cat->{paths}, '/b', "$kind, another name of CloudFront's form: counted" );
        my $renamed = $site->put( 'renamed.gz', $other );
        nothing_new( $site->cat, qr/\Q$renamed\E holds the same log as \S+/, "$kind, renamed" );
    }
    else {
        nothing_new( $site->cat, qr/\Q$new\E holds the same log as \S+/, "$kind, renamed" );
    }
    silent( $site, "$kind, renamed" );
}

# Two logs that were replaced.
{
    my $site = Site->new;
    $site->put( "$_.gz", gzip_of("/$_") ) for qw(x y);
    is( $site->cat->{end}, 'records=2 bad=0 quarantined=0', 'two logs' );
    $site->put( "$_.gz", gzip_of("/new-$_") ) for qw(x y);
    my $changed = $site->cat;
    is( $changed->{end}, 'records=2 bad=0 quarantined=0', 'two logs that have changed: counted' );
    like( $changed->{err}, qr/\A\S+ warning: \S+ has changed since \N*; the same is true of 1 more object\n\z/,
        'one warning' );
}

# X and X.gz, side by side and one after the other.
for my $first ( '', '.gz' ) {
    my $second = $first ? '' : '.gz';
    my %content = ( '' => Site::log_text( '/a', '/b' ), '.gz' => gzip_of( '/a', '/b' ) );
    my $site = Site->new;
    my @path = map { $site->put( "logs/x.log$_", $content{$_} ) } '', '.gz';
    my $run = $site->cat;
    is( $run->{end}, 'records=2 bad=0 quarantined=0', "side by side: counted once" );
    like(
        $run->{err},
        qr/\A\S+ warning: \Q$path[1]\E holds the same log as \Q$path[0]\E; [^\n]*\n\z/,
        'side by side: a warning'
    );
    silent( $site, 'side by side' );

    $site = Site->new;
    my $path = $site->put( "x.log$first", $content{$first} );
    is( $site->cat->{paths}, '/a /b', "x.log$first: counted" );
    unlink $path;
    $site->put( "x.log$second", $content{$second} );
    nothing_new(
        $site->cat,
        qr{\S+/x\.log\Q$second\E holds the same log as \S+/x\.log\Q$first\E},
        "x.log$first is counted: x.log$second is a copy"
    );
    $site->put( 'x.log.gz', memGzip( Site::log_text('/c') ) . gzip_of( '/a', '/b' ) );
    is( join( ' ', sort split / /, $site->cat->{paths} ), '/a /b /c', 'of two members, the last one the same: counted' )
      if !$first;
}

# Compressed anew, to another size: in its place, in another folder, and under another name; later and in one batch.
{
    my $log = Site::log_text( map { "/$_" } 1 .. 100 );
    my ( $fast, $best );
    IO::Compress::Gzip::gzip( \$log, \$fast, -Level => 1 ) or die;
    IO::Compress::Gzip::gzip( \$log, \$best, -Level => 9 ) or die;
    cmp_ok( length $best, '<', length $fast, 'compressed anew: another size' );
    my %place = ( 'in its place' => $name, 'in a folder' => "new/$name", 'another name' => 'other.gz' );
    foreach my $where ( sort keys %place ) {
        foreach my $is_moved ( 0, 1 ) {
            my $site = Site->new;
            my $what = "compressed anew, $where" . ( $is_moved ? ', the old file is gone' : '' );
            my $old = $site->put( $name, $fast );
            is( $site->cat->{end}, 'records=100 bad=0 quarantined=0', "$what: counted" );
            unlink $old if $is_moved;
            $site->put( $place{$where}, $best );
            nothing_new( $site->cat, qr/\S+ h(?:olds the same log as|as another time of modification)/, $what );
            silent( $site, $what );
        }
    }
    my $site = Site->new;
    $site->put( $name,       $fast );
    $site->put( "new/$name", $best );
    $site->put( 'other.gz',  $best );
    my ( undef, $out ) = run( helper(), 'cat', $site->{source} );
    like( $out, qr/^#End: records=100 /m, 'compressed anew, cat: once' );
    is( $site->cat->{end}, 'records=100 bad=0 quarantined=0', 'compressed anew, one batch: once' );
    silent( $site, 'compressed anew, one batch' );
}

# One name, one size, and the same last member: two logs.
{
    my $site = Site->new;
    my @member = map { gzip_of($_) } '/a', '/b', '/same';
    is( length $member[0], length $member[1], 'two files of one size' );
    $site->put( 'a/x.gz', "$member[0]$member[2]" );
    $site->put( 'b/x.gz', "$member[1]$member[2]" );
    my ( undef, $out ) = run( helper(), 'cat', $site->{source} );
    is(
        Site::result( 0, $out, '' )->{end},
        'records=4 bad=0 quarantined=0',
        'the same last member, cat: all are counted'
    );
    is( $site->cat->{end}, 'records=4 bad=0 quarantined=0', 'the same last member: all are counted' );
    $site->put( 'c/x.gz', gzip_of('/c') . $member[2] );
    is( $site->cat->{end}, 'records=2 bad=0 quarantined=0', 'the same last member, later: counted' );
    $site->put( 'd/x.gz', "$member[1]$member[2]" );
    nothing_new( $site->cat, qr{\S+/d/x\.gz holds the same log as \S+/b/x\.gz}, 'a copy of several members' );
}

# The same log twice in one batch: the first that can be read is counted; bad rows are counted once, too.
{
    my $site = Site->new;
    my $log = Site::log_text( '/a', '/b' ) . "bad\n";
    my @path = map { $site->put( "$_/$name", memGzip($log) ) } 'a' .. 'c';
    my $run = $site->cat_later;
    is( $run->{end}, 'records=2 bad=1 quarantined=0', 'one batch: counted once' );
    like(
        $run->{err},
        qr/warning: \Q$path[1]\E holds the same log as \Q$path[0]\E; [^\n]*; the same is true of 1 more/,
        'one batch: a warning'
    );
    is( $site->cat_later->{out},            $run->{out}, 'one batch, resumed: the same bytes' );
    is( ( $site->commit( $run->{id} ) )[0], 0,           'one batch: committed' );
    silent( $site, 'one batch' );
    like( $site->report, qr/^  objects counted: 1$/m, 'one batch: one object' );
}
{
    my $site = Site->new;
    my $corrupt = gzip_of('/a');
    substr $corrupt, 30, 1, chr( 1 ^ ord substr $corrupt, 30, 1 );
    $site->put( "a/$name", $corrupt );
    $site->put( "$_/$name", gzip_of('/a') ) for 'b', 'c';
    my $run = $site->cat;
    is( $run->{paths}, '/a', 'the first one is corrupt: the second is counted' );
    like( $run->{err},       qr{/a/\S+: left out until it can be read: }, 'the first one is corrupt: quarantined' );
    like( $site->cat->{end}, qr/records=0 bad=0/, 'the first one is corrupt: then nothing is new' );
    is( ( $site->status )[0], 0, 'the first one is corrupt: the quarantined one is recognized as a copy' )
      or diag join '', $site->status;
    $site->put( "a/$name", gzip_of('/a') );
    is( $site->cat->{paths}, '', 'the first one is corrupt: it is not counted when it is repaired' );
}

# All objects of a batch are moved, touched or replaced before the batch is committed: they are not lost.
my %change = (
    moved => sub {
        my $path = shift;
        my $moved = $path =~ s{([^/]*)$}{new/$1}r;
        make_path( $moved =~ m{^(.*)/} );
        rename $path, $moved or die;
        return;
    },
    touched => sub { utime 1_800_000_000, 1_800_000_000, @_; return },
    replaced => sub { my $path = shift; Program::write_file( $path, gzip_of( '/a', '/b' ) ); return },
);
foreach my $how ( sort keys %change ) {
    my $paths = $how eq 'replaced' ? '/a /b' : '/a';
    my $site = Site->new;
    my $path = $site->put( $name, gzip_of('/a') );
    my $first = $site->cat_later;
    $change{$how}->($path);
    my $run = $site->cat_later;
    is( $run->{status}, 0, "open batch, $how: exit status 0" ) or diag $run->{err};
    like( $run->{out}, qr/^#Replaces: $first->{id}$/m, "open batch, $how: a revision without the object" );
    like( $run->{err}, qr/\A\S+ warning: [^\n]* batch \S+, without it, replaces batch /,
        "open batch, $how: a warning" );
    is( ( $site->commit( $run->{id} ) )[0], 0,      "open batch, $how: the revision is committed" );
    is( $site->cat->{paths},                $paths, "open batch, $how: the next run counts the object" );
    silent( $site, "open batch, $how" );
    next if $how eq 'replaced';

    # AWStats had counted the batch: the plugin commits the revision that the history has.
    $site = Site->new;
    $path = $site->put( $name, gzip_of('/a') );
    $first = $site->cat_later;
    $change{$how}->($path);
    $site->cat_later;
    is( ( $site->commit( $first->{id} ) )[0], 0, "counted batch, $how: committed" );
    nothing_new( $site->cat, qr/\S+\Q$name\E h/, "counted batch, $how" );
}

# after = delete and move take copies, too; a file that was touched before the clean-up is not left.
{
    my $site = Site->new( after => 'delete' );
    my $run;
    $site->put( "$_/$name", gzip_of('/a') ) for 'a', 'b';
    $run = $site->cat_later;
    utime 1_800_000_000, 1_800_000_000, "$site->{source}/a/$name";
    is( ( $site->commit( $run->{id} ) )[0],                             0,         'delete: committed' );
    is( join( ' ', map { s{.*/logs/}{}r } glob "$site->{source}/*/*" ), "a/$name", 'delete: the copy is gone' );
    is( $site->cat->{paths},                     '', 'delete: the file that was touched is not counted again' );
    is( join( ' ', glob "$site->{source}/*/*" ), '', 'delete: but deleted' );
}

# cat of sources without a site.
{
    my $site = Site->new;
    my @path = map { $site->put( $_, gzip_of('/a') ) } "a/$name", "b/$name", "b/OTHER$name";
    $site->put( "b/x.log",    Site::log_text('/x') );
    $site->put( "a/x.log.gz", gzip_of('/x') );
    $site->put( "c/x.log",    Site::log_text('/y') );
    my $warning = qr/\A\S+ warning: \S+ holds the same log as \S+; its records are counted only once/;
    my ( $status, $out, $err ) = run( helper(), 'cat', $site->{source} );
    is( $status, 0, 'cat: exit status 0' );
    like( $out, qr/^#End: records=4 bad=0 quarantined=0$/m,          'cat: each log once' );
    like( $err, qr/$warning; the same is true of 1 more object\n\z/, 'cat: a warning' );
    ( $status, $out, $err ) = run( helper(), 'cat', @path[ 1, 0 ] );
    like( $out, qr/^#End: records=1 /m, 'cat of two files: once' );
    like( $err, qr/\A\S+ warning: \Q$path[0]\E holds the same log as \Q$path[1]\E;/,
        'cat of two files: the first one' );
}

# A bucket.
my $server = S3Server->new;
$server->set_environment;
$server->make_bucket('logs');
{
    my $site = Site->new( source => 's3://logs/cdn/', region => $server->region );
    my $log = Site::log_text('/a');
    $server->put( 'logs', "cdn/$name",      $log );
    $server->put( 'logs', 'cdn/access.log', Site::log_text('/b') );
    is( $site->cat->{paths}, '/a /b', 'bucket: counted' );
    $server->put( 'logs', "cdn/year=2026/$name", $log );
    $server->remove( 'logs', "cdn/$name" );
    nothing_new(
        $site->cat( '', '--full' ),
        qr{s3://logs/cdn/year=2026/\Q$name\E holds the same log as s3://logs/cdn/\Q$name\E},
        'bucket, moved'
    );
    is( $site->cat( '', '--full' )->{err}, '', 'bucket, moved, again: no message' );
    $server->put( 'logs', 'cdn/b/access.log', Site::log_text('/c') );
    is( $site->cat( '', '--full' )->{paths}, '/c', 'bucket: another log with the name and the size' );
    $server->put( 'logs', "cdn/year=2026/$name", Site::log_text('/d') );
    is( $site->cat( '', '--full' )->{paths}, '/d', 'bucket: a log that was replaced' );

    # Moved before the batch is committed.
    $server->put( 'logs', 'cdn/open.log', Site::log_text('/o') );
    my $first = $site->cat( 'later', '--full' );
    is( $first->{paths}, '/o', 'bucket: an open batch' );
    $server->put( 'logs', 'cdn/moved/open.log', Site::log_text('/o') );
    $server->remove( 'logs', 'cdn/open.log' );
    my $second = $site->cat_later;
    like( $second->{out}, qr/^#Replaces: $first->{id}$/m, 'bucket, open batch, moved: a revision without the object' );
    is( ( $site->commit( $second->{id} ) )[0], 0,    'bucket, open batch, moved: committed' );
    is( $site->cat->{paths},                   '/o', 'bucket, open batch, moved: the next run counts the object' );

    # A copy whose ETag is another one, as of a multipart upload; X beside X.gz.
    my $unique = 'E2EXAMPLE.2026-03-10-13.0000000b';
    $server->put( 'logs', "cdn/p/$unique.gz", gzip_of('/p') );
    $server->put( 'logs', "cdn/q/$unique.gz", gzip_of('/q') );
    $server->put( 'logs', "cdn/r/$unique",    Site::log_text('/p') );
    my $run = $site->cat( '', '--full' );
    is( $run->{paths}, '/p', 'bucket: a name of CloudFront and a size are one log' );
    like( $run->{err}, qr/warning: \S+ holds the same log as \S+\Q$unique\E/, 'bucket: a warning' );
    my ( $status, $out, $err ) =
      run( helper(), 'cat', '--region', $server->region, 's3://logs/cdn/p/', 's3://logs/cdn/r/' );
    like( $out, qr/^#End: records=1 /m, 'bucket, cat: once' ) or diag $err;
}

# An older version has counted a bucket, and its ledger has no digests.  A log compressed anew is known by CloudFront's
# name.  Of another name it is counted, and one message tells that nobody knows.
{
    my $site = Site->new( source => 's3://logs/old/', region => $server->region );
    my $log = Site::log_text( map { "/$_" } 1 .. 9 );
    my %gzip;
    IO::Compress::Gzip::gzip( \$log, \$gzip{$_}, -Level => $_, -Strategy => $_ == 1 ? 2 : 0 ) or die foreach 1, 9;
    isnt( length $gzip{1}, length $gzip{9}, 'a ledger without digests: two sizes' );
    $server->put( 'logs', "old/$name",     $gzip{1} );
    $server->put( 'logs', 'old/other.log', Site::log_text('/o') );
    is( scalar @{ $site->cat->{rows} },                         10, 'a ledger without digests: counted' );
    is( $site->change_ledger(q(UPDATE object SET digest = '')), 2,  'a ledger without digests: made' );
    $site->change_ledger(q(DELETE FROM state WHERE name = 'unread'));
    $server->put( 'logs', "old/year=2026/$name", $gzip{9} );
    nothing_new(
        $site->cat( '', '--full' ),
        qr{s3://logs/old/year=2026/\Q$name\E holds the same log as s3://logs/old/\Q$name\E},
        'a ledger without digests, compressed anew'
    );
    silent( $site, 'a ledger without digests, compressed anew', '--full' );
    $server->put( 'logs', 'old/a.gz', gzip_of('/o') );
    my $run = $site->cat( '', '--full' );
    is( $run->{paths}, '/o', 'a ledger without digests, another name: counted' );
    like(
        $run->{err},
qr{\A\S+ warning: s3://logs/old/a\.gz is counted; an older version of this program has counted other objects, such as s3://logs/old/[^\n]* run: awstats-cloudfront verify --config=\S+ --site=cdn\n\z},
        'a ledger without digests, another name: a warning'
    );
    $server->put( 'logs', 'old/b.gz', gzip_of('/p') );
    $run = $site->cat( '', '--full' );
    is( "$run->{paths}$run->{err}", '/p', 'a ledger without digests, one more name: no warning' );
}

# A quarantined object of a bucket, that lies outside of what is listed, and a copy of it.
{
    my $site = Site->new( source => 's3://logs/far/', region => $server->region );
    my $old = 'E2EXAMPLE.2026-03-01-12.0000000a.gz';
    $server->put( 'logs', "far/$old", gzip_of('/a') );
    $server->put( 'logs', "far/$_",   gzip_of('/b') ) for 'E2EXAMPLE.2026-03-20-12.0000000b.gz';
    my $forbids = S3Proxy->new(
        $server->address,
        sub {
            return $_[0]{path} =~ /03-01/
              ? { status => 403, body => '<Error><Code>AccessDenied</Code></Error>' }
              : undef;
        }
    );
    is( $site->cat( '', '--endpoint', $forbids->endpoint )->{paths}, '/b', 'quarantined: the other one is counted' );
    $server->put( 'logs', "far/new/$old", gzip_of('/a') );
    is( $site->cat->{paths},  '/a', 'quarantined, and a copy: one is counted' );
    is( $site->cat->{paths},  '',   'quarantined, and a copy: once' );
    is( ( $site->status )[0], 0,    'quarantined, and a copy: nothing is quarantined any more' );
}

done_testing;
