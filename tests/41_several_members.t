#!/usr/bin/perl
# A log is known by its whole text once it was read: a gzip file of several members beside its plain file or replaced by
# it, and an object that was compressed anew, count once.  Logs that only have a part in common, and two names of
# CloudFront's form, are two logs.
use strict;
use warnings;
use Test::More;
use Compress::Zlib     qw(memGzip);
use DBI                ();
use FindBin            qw($Bin);
use IO::Compress::Gzip ();
use lib "$Bin/lib";
use CopyChecks qw($once counts explains paths silent);
use S3Server;
use Site;
use Soak qw(is_soak);

my $name = 'E2EXAMPLE.2026-10-31-10.0000000';

# A log of two members, and the same as plain text: the first member has the header and /a, the last one /b.
my ( $first, $last ) = Site::log_text( '/a', '/b' ) =~ m{\A(.*/a[^\n]*\n)(.*)\z}s;
my $plain = $first . $last;
my $gzip = memGzip($first) . memGzip($last);

# A frame of zstd data, with the text as it is.
sub zstd_of {
    my $text = shift;
    return pack( 'V', 0xFD2FB528 ) . "\x00\x58" . substr( pack( 'V', 1 | length($text) << 3 ), 0, 3 ) . $text;
}

# Side by side in one batch, one after the other, and one in the place of the other; under one name and under two.  Of
# each pair, one file is replaced by the other, which comes beside it for the next pair.
my $number = 0;
foreach my $names (
    [ "${name}a",     "${name}a.gz" ],
    [ 'x.log',        'x.log.gz' ],
    [ 'x.log',        'y.log.gz' ],
    [ "${name}a",     'other.gz' ],
    [ 'other',        "${name}a.gz" ],
    [ 'x.log.zst',    'x.log.gz' ],
    [ "${name}a.zst", "${name}a.gz" ],
    [ 'x.log',        'y.log.zst' ],
  )
{
    $number++;
    my %content = map { $_ => /zst$/ ? zstd_of($plain) : /gz$/ ? $gzip : $plain } @$names;
    my @both = sort { ( $b =~ /^E/ ) <=> ( $a =~ /^E/ ) || $a cmp $b } @$names;
    {
        my $site = Site->new;
        $site->put( $_, $content{$_} ) foreach @$names;
        my $what = "@$names, at once";
        my $run = $site->cat_later;
        counts( $run, '/a /b', ( map { "$site->{source}/$_" } reverse @both ), $what );
        is( $site->cat_later->{out},            $run->{out}, "$what, resumed: the same bytes" );
        is( ( $site->commit( $run->{id} ) )[0], 0,           "$what: committed" );
        silent( $site, $what );
        like( $site->report, qr/^  objects counted: 1$/m, "$what: one log was counted" );
        explains( $site, 2, $what );
        unlink "$site->{source}/$both[0]" or die;
        explains( $site, 2, "$what, the counted one is gone" );
    }
    foreach my $order ( [@$names], [ reverse @$names ] ) {
        foreach my $is_replaced ( is_soak() ? ( 0, 1 ) : ( $number + ( $order->[0] eq $names->[0] ) ) % 2 ) {
            my $site = Site->new;
            my $what = "@$order, " . ( $is_replaced ? 'one in the place of the other' : 'one after the other' );
            my @path = $site->put( $order->[0], $content{ $order->[0] } );
            is( paths( $site->cat ), '/a /b', "$what: counted" );
            unlink @path if $is_replaced;
            push @path, $site->put( $order->[1], $content{ $order->[1] } );
            explains( $site, 2, "$what, before the update" ) if $order->[0] eq 'x.log.gz' && $order->[1] eq 'x.log';
            counts( $site->cat, '', @path[ 1, 0 ], $what );
            silent( $site, $what );
            explains( $site, 2, $what );
            like( $site->report, qr/^  objects counted: 1$/m, "$what: one log was counted" );
        }
    }
}

# Moved, touched and renamed files whose ends tell nothing of the text: zstd data, and gzip data with zero bytes behind.
foreach my $content ( zstd_of($plain), $gzip . "\0" x 9 ) {
    my $site = Site->new;
    my $what = $content =~ /\0\z/ ? 'padded gzip data' : 'zstd data';
    my $path = $site->put( 'x.log', $content );
    is( paths( $site->cat ), '/a /b', "$what: counted" );
    utime 1_800_000_000, 1_800_000_000, $path;
    like( $site->cat->{err}, qr/\A[^\n]* has another time of modification[^\n]*\n\z/, "$what, touched: one warning" );
    mkdir "$site->{source}/new";
    rename $path, "$site->{source}/new/x.log" or die;
    explains( $site, 2, "$what, moved" );
    counts( $site->cat, '', "$site->{source}/new/x.log", $path, "$what, moved" );
    rename "$site->{source}/new/x.log", "$site->{source}/y" or die;
    my $run = $site->cat;
    is( paths($run), '', "$what, renamed: nothing" );
    silent( $site, $what );
    explains( $site, 2, "$what, renamed" );
}

# What only has the last member, or the first, is another log: also when it lies in the place of the whole.
foreach my $part ( [ 'the last member', '/b', $first =~ s{[^\n]*/a[^\n]*\n}{}r . $last ],
    [ 'the first member', '/a', $first ] )
{
    my ( $kind, $path, $text ) = @$part;
    my $whole = memGzip($first) . memGzip($text);
    foreach my $content ( $text, memGzip($text) ) {
        my $what = "$kind, " . ( $content eq $text ? 'plain' : 'compressed' );
        my $site = Site->new;
        my $counted = $site->put( 'x.log.gz', $whole );
        is( paths( $site->cat ), join( ' ', sort '/a', $path ), "$what: the whole is counted" );
        unlink $counted or die;
        $site->put( $content eq $text ? 'x.log' : 'a/x.log.gz', $content );
        explains( $site, 0, "$what, in its place", qr/1 counted object [^\n]* gone from [^\n]*\Q$counted\E/ );
        is( $site->cat->{paths}, $path, "$what: counted" );
        silent( $site, $what );
        explains( $site, 1, "$what, counted", qr/1 counted object [^\n]* gone from [^\n]*\Q$counted\E/ );
    }
}

# Two names of CloudFront's form that hold the same are two logs, at once and one after the other; one of them can be the
# log of another name.
foreach my $content ( $plain, $gzip ) {
    my $what = $content eq $gzip ? 'compressed' : 'plain';
    my $site = Site->new;
    $site->put( "${name}a", $plain );
    $site->put( "${name}b", $content );
    my $run = $site->cat;
    is( paths($run) . $run->{err}, '/a /a /b /b', "two names of CloudFront's form, $what: two logs" );
    $site->put( "${name}c.gz", $gzip );
    $run = $site->cat;
    is( paths($run) . $run->{err}, '/a /b', "two names of CloudFront's form, $what: a third one" );
    silent( $site, "two names of CloudFront's form, $what" );
    explains( $site, 6, "two names of CloudFront's form, $what" );
    my $path = $site->put( 'other.gz', $gzip );
    counts( $site->cat, '', $path, "$site->{source}/${name}b", "two names of CloudFront's form, and another, $what" )
      if $what eq 'compressed';

    $site = Site->new;
    $path = $site->put( 'other.gz', $gzip );
    is( paths( $site->cat ), '/a /b', "another name, $what: counted" );
    $site->put( "${name}$_", $content ) foreach 'a', 'b';
    $site->put( "c/${name}a", $content );
    $run = $site->cat;
    is( paths($run), '/a /b', "another name, then two of CloudFront's form, $what: one of them is new" );
    like( $run->{err}, qr/\A[^\n]* holds the same log as [^\n]*\n\z/, "another name, $what: one warning" );
    silent( $site, "another name, $what" );
    explains( $site, 4, "another name, $what" );
}

# Only a ledger that has other names than CloudFront's has the indexes by which these are compared, and searches by them.
{
    my $site = Site->new;
    my $indexes = sub {
        my $ledger = DBI->connect( 'dbi:SQLite:dbname=' . $site->state, '', '', { RaiseError => 1 } );
        my $names = $ledger->selectcol_arrayref(
            q(SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE 'object%' ORDER BY 1));
        return "@$names";
    };
    $site->put( "${name}a.gz", $gzip );
    $site->cat;
    is( $indexes->(), 'object_log', "names of CloudFront's form: one index" );
    $site->put( 'other.gz', memGzip('') );
    $site->cat;
    is( $indexes->(), 'object_content object_digest object_log', 'another name: indexes of contents and digests' );
}

# The first of two cannot be read: the other one is counted.  after = delete takes the copy, too.
{
    my $site = Site->new( after => 'delete' );
    my $corrupt = $gzip;
    substr $corrupt, -8, 1, chr( 1 ^ ord substr $corrupt, -8, 1 );
    my $path = $site->put( 'x.log.gz', $corrupt );
    $site->put( 'y.log', $plain );
    my $run = $site->cat;
    is( paths($run), '/a /b', 'the compressed one is corrupt: the plain one is counted' );
    $site->put( 'x.log.gz', $gzip );
    counts( $site->cat, '', $path, "$site->{source}/y.log", 'the compressed one is corrupt, and then repaired' );
    is( join( ' ', glob "$site->{source}/*" ), '', 'after = delete: nothing is left' );
}

# The only object of an open batch is replaced by its plain file: the file is counted once.
foreach my $is_counted ( 0, 1 ) {
    my $site = Site->new;
    my $what = 'open batch' . ( $is_counted ? ', counted' : '' );
    my $path = $site->put( 'x.log.gz', $gzip );
    my $run = $site->cat_later;
    unlink $path or die;
    $site->put( 'x.log', $plain );
    my $second = $site->cat_later;
    is( $second->{status}, 0, "$what: exit status 0" ) or diag $second->{err};
    like( $second->{out}, qr/^#Replaces: $run->{id}$/m, "$what: a revision without the object" );
    is( ( $site->commit( $is_counted ? $run->{id} : $second->{id} ) )[0], 0, "$what: committed" );
    is( paths( $site->cat ), $is_counted ? '' : '/a /b',                     "$what: the plain file is counted once" );
    silent( $site, $what );
}

# A bucket: an object that was compressed anew.
my $server = S3Server->new;
$server->set_environment;
$server->make_bucket('logs');
{
    my $log = Site::log_text( map { "/$_" } 1 .. 100 );
    my ( $fast, $best );
    IO::Compress::Gzip::gzip( \$log, \$fast, -Level => 1 ) or die;
    IO::Compress::Gzip::gzip( \$log, \$best, -Level => 9 ) or die;
    my %copy = (
        "b/${name}a.gz" => 'another key',
        "${name}a.gz"   => 'its place',
        'other.gz'      => 'another name',
        "c/${name}a"    => 'plain'
    );
    my $place = 'a';
    foreach my $key ( sort keys %copy ) {
        my $what = "a bucket, $copy{$key}";
        my $source = 's3://logs/' . $place++;
        my $site = Site->new( source => "$source/", region => $server->region );
        my ($prefix) = $source =~ m{([^/]+)$};
        $server->put( 'logs', "$prefix/${name}a.gz", $fast );
        is( $site->cat->{end}, 'records=100 bad=0 quarantined=0', "$what: counted" );
        $server->put( 'logs', "$prefix/$key", $key =~ /gz/ ? $best : $log );
        my $run = $site->cat( '', '--full' );
        is( $run->{end}, 'records=0 bad=0 quarantined=0', "$what: nothing is counted" );
        like( $run->{err}, qr/\A\S+ warning: \Q$source\/$key\E h[^\n]*; $once\n\z/, "$what: one warning" );
        silent( $site, $what, '--full' );
        explains( $site, 100, $what );
        like( $site->report, qr/^  objects counted: 1$/m, "$what: one log was counted" );
        $server->put( 'logs', "$prefix/${name}b.gz", $best );
        $run = $site->cat( '', '--full' );
        is(
            "$run->{end}$run->{err}",
            'records=100 bad=0 quarantined=0',
            "$what, then another name of CloudFront's form"
        );
        $server->remove( 'logs', "$prefix/${name}a.gz" );
        explains( $site, 200, "$what, the counted one is gone" ) if $key ne "${name}a.gz";
    }
}

done_testing;
