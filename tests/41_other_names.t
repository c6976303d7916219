#!/usr/bin/perl
# A log under two names is counted once, also when both are new: copies and links in one batch, and in `cat` of sources.
use strict;
use warnings;
use Test::More;
use Compress::Zlib     qw(memGzip);
use File::Path         qw(make_path);
use FindBin            qw($Bin);
use IO::Compress::Gzip ();
use lib "$Bin/lib";
use CopyChecks qw($once counts explains silent);
use Program    qw(helper run);
use S3Server;
use Site;

my $name = 'E2EXAMPLE.2026-10-31-10.0000000';

sub gzip_of { return memGzip( Site::log_text(@_) ) }

# Puts objects; returns their paths by name.
sub put {
    my ( $site, %content ) = @_;
    return { map { $_ => $site->put( $_, $content{$_} ) } sort keys %content };
}

sub cat {
    my ( $status, $out, $err ) = run( helper(), 'cat', @_ );
    return Site::result( $status, $out, $err );
}

# Copies under other names: the first object of CloudFront's form is counted, else the first.
{
    my $site = Site->new;
    my $path = put(
        $site,
        "b/${name}a.gz" => gzip_of('/a'),
        "b/${name}b.gz" => gzip_of('/a'),
        'a.gz'          => gzip_of('/a'),
        'c/c.log'       => gzip_of('/a'),
        'other.gz'      => gzip_of('/b')
    );
    counts( cat( $site->{source} ), '/a /a /b', @$path{ 'a.gz', "b/${name}a.gz" }, 'copies, cat' );
    my $run = $site->cat_later;
    counts( $run, '/a /a /b', @$path{ 'a.gz', "b/${name}a.gz" }, 'copies' );
    like( $run->{err}, qr/; the same is true of 1 more object$/, 'copies: three of them' );
    is( $site->cat_later->{out},            $run->{out}, 'copies, resumed: the same bytes' );
    is( ( $site->commit( $run->{id} ) )[0], 0,           'copies: committed' );
    silent( $site, 'copies' );
    like( $site->report, qr/^  objects counted: 3$/m, 'copies: three logs were counted' );
    explains( $site, 3, 'copies' );

    # The counted object is gone, or renamed once more: the copy is its log.
    unlink $path->{"b/${name}a.gz"} or die;
    explains( $site, 3, 'the counted one is gone' );
    rename $path->{'other.gz'}, "$site->{source}/new.gz" or die;
    explains( $site, 3, 'renamed since the update' );
    unlink "$site->{source}/new.gz" or die;
    like(
        ( run( $site->command( 'explain', '--day=2026-10-31' ) ) )[2],
        qr{1 counted object [^\n]*/other\.gz;},
        'what is gone is named'
    );
}

# X beside Y.gz; a chain of copies by name and by content.
{
    my $site = Site->new;
    my $path = put(
        $site,
        'a/x.log'    => Site::log_text( '/a', '/b' ),
        'b/y.log.gz' => gzip_of( '/a', '/b' ),
        'c/y.log'    => Site::log_text( '/a', '/b' )
    );
    counts( cat( $site->{source} ), '/a /b', @$path{ 'c/y.log',    'b/y.log.gz' }, 'a chain, cat' );
    counts( $site->cat,             '/a /b', @$path{ 'b/y.log.gz', 'a/x.log' },    'a chain' );
    silent( $site, 'a chain' );
    explains( $site, 2, 'a chain' );
    $path = put( $site, 'new.gz' => gzip_of( '/a', '/b' ), 'z.gz' => gzip_of('/z') );
    rename $path->{'new.gz'}, "$site->{source}/new" or die;
    my $run = $site->cat;
    counts( $run, '/z', "$site->{source}/new", "$site->{source}/a/x.log", 'a compressed copy of a counted plain file' );
}

# Two compressed copies of a counted plain file, which is gone, and so is one copy: the other one is its log.
{
    my $site = Site->new;
    my $path = put( $site, 'p.log' => Site::log_text('/a') );
    is( $site->cat->{paths}, '/a', 'a plain file: counted' );
    put( $site, 'q.gz' => gzip_of('/a'), 'r.gz' => gzip_of('/a') );
    is( $site->cat->{paths}, '', 'two compressed copies: nothing is counted' );
    unlink $path->{'p.log'}, "$site->{source}/q.gz";
    explains( $site, 1, 'one of two compressed copies is left' );
}

# The same of one name, compressed differently.
{
    my $site = Site->new;
    my $log = Site::log_text( map { "/$_" } 1 .. 100 );
    my %gzip;
    IO::Compress::Gzip::gzip( \$log, \$gzip{$_}, -Level => $_ ) or die foreach 1, 9;
    cmp_ok( length $gzip{9}, '<', length $gzip{1}, 'compressed differently: two sizes' );
    my $path = put( $site, "${name}a.gz" => $gzip{1}, "a/${name}a.gz" => $gzip{9}, "b/${name}a" => $log );
    is( $site->cat->{end}, 'records=100 bad=0 quarantined=0', 'compressed differently: counted once' );
    unlink @$path{ "${name}a.gz", "a/${name}a.gz" };
    explains( $site, 100, 'the plain one is left' );
}

# Only the texts tell, without a site: the same in one member and in two.
{
    my $site = Site->new;
    my $log = Site::log_text( '/a', '/b' );
    my $path = put(
        $site,
        'a.gz'          => memGzip( substr $log, 0, 99 ) . memGzip( substr $log, 99 ),
        'b/b.gz'        => memGzip($log),
        "c/${name}a.gz" => memGzip($log),
        "d/${name}b.gz" => memGzip( substr $log, 0, 50 ) . memGzip( substr $log, 50 )
    );
    my $run = cat( $site->{source} );
    is( $run->{paths}, '/a /a /b /b', 'members, cat: two logs, by the names' );
    like( $run->{err}, qr{^\S+ warning: $path->{'a.gz'} holds the same log as \S+; $once}m, 'members, cat: a warning' );
    counts( cat( @$path{ 'a.gz', 'b/b.gz' } ), '/a /b', @$path{ 'b/b.gz', 'a.gz' }, 'two files, cat' );
}

# A plain file that is the last member of a file of its name: two logs.
{
    my $site = Site->new;
    put( $site, 'a/x.log' => Site::log_text('/same'), 'b/x.log.gz' => gzip_of('/a') . gzip_of('/same') );
    is( $site->cat->{paths}, '/same /a /same', 'a last member of its own: counted' );
    explains( $site, 3, 'a last member of its own' );
}

# An object of another name is counted, and gets a name of CloudFront's form: it is the same log.  Two such names are
# two logs.
{
    my $site = Site->new;
    my $path = put( $site, 'a.gz' => gzip_of('/a') );
    is( $site->cat->{paths}, '/a', 'another name: counted' );
    rename $path->{'a.gz'}, "$site->{source}/${name}a.gz" or die;
    make_path("$site->{source}/b");
    put( $site, "b/${name}a" => Site::log_text('/a') );
    counts( $site->cat, '', "$site->{source}/${name}a.gz", $path->{'a.gz'}, "then CloudFront's name" );
    silent( $site, "then CloudFront's name" );
    put( $site, "${name}b.gz" => gzip_of('/a') );
    is( $site->cat->{paths}, '/a', "then another one of CloudFront's form: another log" );
    silent( $site, 'three names' );
    explains( $site, 2, 'three names' );

    $site = Site->new;
    put( $site, 'a.gz' => gzip_of('/a') );
    is( $site->cat->{paths}, '/a', 'another name: counted' );
    put( $site, map { ( "${name}$_.gz" => gzip_of('/a') ) } 'a', 'b' );
    is( $site->cat->{paths}, '/a', "two names of CloudFront's form: one is new" );
    silent( $site, "two names of CloudFront's form" );

    $site = Site->new;
    put( $site, "${name}a.gz" => gzip_of('/a') );
    $site->cat;
    put( $site, 'copy.gz' => gzip_of('/a') );
    is( $site->cat->{paths}, '', 'a copy of another name: nothing' );
    put( $site, "${name}b.gz" => gzip_of('/a') );
    is( $site->cat->{paths}, '/a', "another name of CloudFront's form: counted, though there is the copy" );
}

# What only looks the same: several members of which the last are equal, and files of one size.
{
    my $site = Site->new;
    my @path = map { $site->put( "$_.gz", gzip_of("/$_") . gzip_of('/same') ) } 'a' .. 'd';
    is( scalar( map { -s } @path ), 4, 'sizes' );
    is_deeply( [ map { -s } @path ], [ ( -s $path[0] ) x 4 ], 'four files of one size, and with one trailer' );
    my $all = '/a /b /c /d /same /same /same /same';
    my $run = cat( $site->{source} );
    is( join( ' ', sort split ' ', $run->{paths} ), $all, 'equal trailers, cat: all are counted' );
    is( $run->{err},                                '',   'equal trailers, cat: no message' );
    unlink $path[3];
    $run = $site->cat;
    is( join( ' ', sort split ' ', $run->{paths} ), '/a /b /c /same /same /same', 'equal trailers: all are counted' );
    is( $run->{err},                                '',                           'equal trailers: no message' );
    $site->put( 'd.gz', gzip_of('/d') . gzip_of('/same') );
    is( $site->cat->{paths}, '/d /same', 'equal trailers: also as a counted one' );
    my $copy = $site->put( 'e.gz', gzip_of('/d') . gzip_of('/same') );
    counts( $site->cat, '', $copy, "$site->{source}/d.gz", 'a copy of several members' );
    put( $site, 'x.log' => Site::log_text('/x'), 'y.log' => Site::log_text('/y') );
    $run = $site->cat;
    is( "$run->{paths}$run->{err}", '/x /y', 'files of one size' );
}

# The object that stands for a log cannot be read: a copy is counted.
{
    my $site = Site->new;
    my $corrupt = gzip_of('/a');
    substr $corrupt, 30, 1, chr( 1 ^ ord substr $corrupt, 30, 1 );
    put( $site, 'a.gz' => $corrupt, 'b.gz' => gzip_of('/a'), 'c.gz' => gzip_of('/a') );
    my $run = $site->cat;
    is( $run->{paths}, '/a', 'the first one is corrupt: the second is counted' );
    like( $run->{err}, qr{/a\.gz: left out until it can be read: }, 'the first one is corrupt: quarantined' );
    is( $site->cat->{paths}, '', 'the first one is corrupt: then nothing is new' );
}

# after = delete and after = move take copies, too.
foreach my $after ( 'delete', 'move' ) {
    my $site = Site->new;
    $site->configure( after => $after eq 'move' ? 'move ' . $site->dir . '/done' : $after );
    put( $site, 'a.gz' => gzip_of('/a'), "b/${name}a.gz" => gzip_of('/a') );
    my $path = "$site->{source}/c.gz";
    symlink 'a.gz', $path or die;
    link "$site->{source}/a.gz", "$site->{source}/d.gz" or die;
    is( $site->cat->{paths},                                                    '/a', "after = $after: counted once" );
    is( join( ' ', grep { !-d } glob "$site->{source}/* $site->{source}/b/*" ), '', "after = $after: nothing is left" );
    ok( !-l $path, "after = $after: and no link" );
    silent( $site, "after = $after" );
    is( ( $site->status )[0], 0, "after = $after: nothing is quarantined" );
}

# One file, several names: also of CloudFront's form, and when the link comes later.
foreach my $case (
    [ 'a symbolic link',    sub { symlink $_[0], $_[1] } ],
    [ 'a hard link',        sub { link $_[0],    $_[1] } ],
    [ 'a link to a folder', sub { make_path("$_[0].d"); rename $_[0], "$_[0].d/x" or die; symlink "$_[0].d", $_[1] } ]
  )
{
    my ( $kind, $link ) = @$case;
    foreach my $names ( [ 'a.gz', 'c.gz' ], [ "${name}a.gz", "${name}c.gz" ] ) {
        my $what = "$kind, $names->[0]";
        foreach my $when ( 'at once', 'later' ) {
            my $site = Site->new;
            my $path = $site->put( $names->[0], Site::log_text('/a') );
            my $other = "$site->{source}/$names->[1]";
            if ( $when eq 'later' ) {
                next if $kind =~ /folder/;
                is( $site->cat->{paths}, '/a', "$what, $when: before" );
            }
            $link->( $path, $other ) or die "$what: $!";
            my $run = cat( $site->{source} );
            is( $run->{paths}, '/a', "$what, $when, cat: once" );
            like( $run->{err}, qr/\A[^\n]* holds the same log as [^\n]*\n\z/, "$what, $when, cat: one warning" );
            $run = $site->cat;
            is( $run->{status}, 0,                            "$what, $when: exit status 0" );
            is( $run->{paths},  $when eq 'later' ? '' : '/a', "$what, $when: once" );
            like(
                $run->{err},
                qr/\A\S+ warning: \Q$other\E\S* holds the same log as \Q$path\E\S*; $once\n\z/,
                "$what, $when: one warning"
            );
            silent( $site, "$what, $when" );
            explains( $site, 1, "$what, $when" );
        }
    }
}

# A bucket.
my $server = S3Server->new;
$server->set_environment;
$server->make_bucket('logs');
{
    my $site = Site->new( source => 's3://logs/cdn/', region => $server->region );
    $server->put( 'logs', "cdn/$_", Site::log_text('/a') ) for 'a.log', "b/${name}a", "b/${name}b", 'c.log';
    $server->put( 'logs', 'cdn/d.log', Site::log_text('/d') );
    my $run = $site->cat;
    counts( $run, '/a /a /d', 's3://logs/cdn/a.log', "s3://logs/cdn/b/${name}a", 'a bucket' );
    silent( $site, 'a bucket', '--full' );
    explains( $site, 3, 'a bucket' );
    counts( cat( '--region', $server->region, 's3://logs/cdn/' ),
        '/a /a /d', 's3://logs/cdn/a.log', "s3://logs/cdn/b/${name}a", 'a bucket, cat' );
    $server->remove( 'logs', "cdn/b/${name}a" );
    explains( $site, 3, 'a bucket, the counted one is gone' );

    # Only the texts tell: other names, and other bytes.
    $server->put( 'logs', "texts/$_->[0]", $_->[1] )
      for [ 'a.gz', gzip_of( '/a', '/b' ) ], [ 'b.log', Site::log_text( '/a', '/b' ) ], [ 'c.gz', gzip_of('/c') ];
    counts( cat( '--region', $server->region, 's3://logs/texts/' ),
        '/a /b /c', 's3://logs/texts/b.log', 's3://logs/texts/a.gz', 'a bucket, equal texts, cat' );

    # One log of CloudFront's, compressed as one member and as two.
    my @parts = unpack 'a20 a*', Site::log_text( '/a', '/b' );
    $server->put( 'logs', "anew/a/${name}a.gz", gzip_of( '/a', '/b' ) );
    $server->put( 'logs', "anew/b/${name}a.gz", join '', map { memGzip($_) } @parts );
    my $anew = cat( '--region', $server->region, 's3://logs/anew/' );
    counts(
        $anew, '/a /b',
        "s3://logs/anew/b/${name}a.gz",
        "s3://logs/anew/a/${name}a.gz",
        'a bucket, one log compressed anew, cat'
    );

    # A folder has what a bucket has, too: equal names, other names, and a log of its own.
    my $folder = Site->new;
    my $here = $folder->{source};
    $folder->put( "${name}a", Site::log_text('/a') );
    $folder->put( 'copy.log', Site::log_text( '/a', '/b' ) );
    $folder->put( 'own.log',  Site::log_text('/own') );
    my $both = cat( '--region', $server->region, $here, 's3://logs/texts/', 's3://logs/cdn/b/' );
    is( join( ' ', sort split / /, $both->{paths} ), '/a /a /a /b /c /own', 'a folder and two prefixes: each log once' )
      or diag $both->{err};
    like( $both->{err}, qr{warning: \S+ holds the same log as \Q$here\E/\S+?;}, 'a warning names the one that counts' );

    # By its name X is X.gz, which has another ETag; by its ETag it is another object.
    $site = Site->new( source => 's3://logs/chain/', region => $server->region );
    $server->put( 'logs', "chain/p/${name}a.gz", gzip_of('/a') );
    $server->put( 'logs', "chain/q/${name}a",    Site::log_text('/a') );
    $server->put( 'logs', 'chain/z.log',         Site::log_text('/a') );
    $run = $site->cat;
    is( $run->{paths}, '/a', 'a bucket, a chain: once' );
    silent( $site, 'a bucket, a chain', '--full' );
    explains( $site, 1, 'a bucket, a chain' );
}

done_testing;
