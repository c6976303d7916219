#!/usr/bin/perl
# What a site with several sources has counted is read again as it was counted: a log that lies in several of them is
# read once, in whatever order the sources are listed.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use CountedSite;
use Program qw(content run write_file);
use S3Server;
use Site;

my $server = S3Server->new;
$server->set_environment;
$server->make_bucket($_) for 'old', 'new';

sub put { my ( $bucket, $key, @path ) = @_; return $server->put( $bucket, $key, Site::log_text(@path) ) }

# Counts what is new, and returns what `explain` prints of the day: the paths of its records, and messages.
sub explained {
    my ( $site, $what ) = @_;
    is( $site->cat->{status}, 0, "$what: counted" );
    my ( $status, $out, $err ) = run( $site->command( 'explain', '--day=2026-10-31' ) );
    is( $status, 0, "$what: exit status" ) or diag $err;
    return ( join( ' ', sort $out =~ m{\t(/\w+)\t}g ), $err );
}

sub is_once {
    my ( $site, $want, $what ) = @_;
    my ( $paths, $err ) = explained( $site, $what );
    is( $paths, $want, "$what: each log once" );
    is( $err,   '',    "$what: no message" );
    return;
}

# A folder and a bucket with one log; a second copy in another bucket; another name in each.
{
    my $site = Site->new;
    my $folder = $site->{source};
    $site->configure( source => [ $folder, 's3://old/v1/', 's3://new/v1/' ] );
    my $name = 'E1.2026-10-31-10.aaaa0001.gz';
    $site->put( $name, Site::log_text('/both') );
    put( 'old', "v1/$name",                        '/both' );
    put( 'new', 'v1/E1.2026-10-31-10.aaaa0003.gz', '/new' );
    is_once( $site, '/both /new', 'a folder and a bucket' );

    put( 'old', 'v1/E1.2026-10-31-10.aaaa0002.gz', '/buckets' );
    put( 'new', 'v1/E1.2026-10-31-10.aaaa0002.gz', '/buckets' );
    put( 'new', 'v1/any-name.gz',                  '/both' );
    is_once( $site, '/both /buckets /new', 'a folder and two buckets' );

    # One copy of each is enough.
    unlink "$folder/$name" or die;
    $server->remove( 'old', 'v1/E1.2026-10-31-10.aaaa0002.gz' );
    is_once( $site, '/both /buckets /new', 'a copy is left of each' );
}

# Sources in another order than that of their names.
{
    put( 'new', 'order/E1.2026-10-31-10.a.gz', '/new' );
    put( 'old', 'order/E1.2026-10-31-10.b.gz', '/old' );
    my $site = Site->new( source => [ 's3://old/order/', 's3://new/order/' ] );
    is_once( $site, '/new /old', 'sources in another order' );
}

# What the settings no longer choose is not called gone.
{
    put( 'new', 'left/E1.2026-10-31-10.a.gz', '/a' );
    put( 'old', 'left/E2.2026-10-31-10.b.gz', '/b' );
    my @source = ( 's3://new/left/', 's3://old/left/' );
    my $site = Site->new( source => [@source] );
    is_once( $site, '/a /b', 'all sources' );
    $site->configure( include => 'E1' );
    my ( $paths, $err ) = explained( $site, 'include' );
    is( $paths, '/a', 'include: records' );
    like(
        $err,
qr{ is left out of s3://new/left/ and s3://old/left/ by the settings "include" and "exclude" now, so .*E2\.\S+; set "include" and "exclude" back to have them\n\z},
        'include: one message, and how to have them'
    );
    $site->configure( include => undef, source => $source[0] );
    ( $paths, $err ) = explained( $site, 'a source left the list' );
    is( $paths, '/a', 'a source left the list: records' );
    like(
        $err,
        qr{ is not from s3://new/left/, the source of the site now, so .*E2\.\S+; set "source" back to have them\n\z},
        'a source left the list: how to have them'
    );
    $server->remove( 'old', 'left/E2.2026-10-31-10.b.gz' );
    $site->configure( source => [@source] );
    ( $paths, $err ) = explained( $site, 'gone' );
    like( $err, qr{ is gone from s3://new/left/ and s3://old/left/, or replaced there, so .*; put back what is gone},
        'gone' );
}

# A folder, with its own names.
{
    my $site = CountedSite->new;
    my ( $first, $second ) = map { $site->deliver( CountedSite::record("2026-10-05 10:00:0$_") ) } 1, 2;
    $site->update;
    $site->set("include = *$first");
    my ( $status, $output ) = $site->command('verify');
    is( $status, 1, 'verify: include of a folder: exit status' );
    like(
        $output,
qr{because 1 counted object is left out of \S+ by the settings "include" .*\Q$second\E; set "include" and "exclude" back, or},
        'verify: include of a folder'
    );
}

# recount keeps the figures.
{
    my $site = CountedSite->new( settings => 'source = s3://old/recount/' );
    my $name = $site->deliver( map { CountedSite::record("2026-10-05 10:00:0$_") } 1 .. 5 );
    my $source = $site->source;
    open my $file, '<:raw', "$source/$name" or die "$name: $!";
    $server->put(
        'old', "recount/$name",
        do { local $/ = undef; <$file> }
    );
    close $file;
    $site->update;
    my ( $status, $output ) = $site->command('verify');
    is( $status, 0,                  'verify: a folder and a bucket: exit status' );
    is( $output, "2026-10: equal\n", 'verify: a folder and a bucket' );
    ( $status, $output ) = $site->command('recount');
    is( $status, 0, 'recount: exit status' ) or diag $output;
    unlike( $output, qr/hits \d+ -> /, 'recount: no figure changes' );

    # One of both sources is left: it has all logs.
    my $folder_and_bucket = content( $site->folder . '/sites.conf' );
    for my $left ( [ 'the bucket', qr/^source = \/.*\n/m ], [ 'the folder', qr/^source = s3:.*\n/m ] ) {
        my ( $what, $lost ) = @$left;
        for my $update ( 'before', 'after' ) {
            write_file( $site->folder . '/sites.conf', $folder_and_bucket =~ s/$lost//r );
            $site->update if $update eq 'after';
            ( $status, $output ) = $site->command('verify');
            is( $status, 0, "verify: $what is left, $update an update: exit status" );
            like( $output, qr/^2026-10: equal\n\z/m, "verify: $what is left, $update an update" ) or diag $output;
        }
        write_file( $site->folder . '/sites.conf', $folder_and_bucket );
        $site->update;
    }
}

done_testing;
