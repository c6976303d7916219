#!/usr/bin/perl
# A ledger belongs to one site and one source, under any name; a source that moves keeps its objects, and no file
# is counted under two names.
use strict;
use warnings;
use Test::More;
use File::Path qw(make_path);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use CannedStore;
use Program qw(run);
use Site;

my $end_of_none = 'records=0 bad=0 quarantined=0';

sub one_line {
    my ( $run, $line, $name ) = @_;
    is( $run->{status}, 1,  "$name: exit status 1" );
    is( $run->{out},    '', "$name: no output" );
    like( $run->{err}, qr/\A[^\n]*$line[^\n]*\n\z/, "$name: one line" );
    return;
}

# Two sections, one file.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a.gz', Site::log_text('/a') );
    is( $site->cat->{paths}, '/a', 'a site' );
    my $other = Site->new( name => 'other', state => $site->state );
    $other->put( 'E1.2026-10-31-10.b.gz', Site::log_text('/b') );
    one_line(
        $other->cat,
        qr/the ledger file \Q${\ $site->state}\E \(what is counted so far\) belongs to another site, \[cdn\]/,
        'another site\'s ledger'
    );
    is( ( $other->commit('x') )[0], 1, 'another site\'s ledger: commit' );
    like(
        ( $other->commit('x') )[2],
        qr/\A[^\n]* belongs to another site, \[cdn\][^\n]*\n\z/,
        'another site\'s ledger: why'
    );
    my ( $status, $out, $err ) = $other->status;
    is( $status, 1,  'another site\'s ledger: status' );
    is( $out,    '', 'another site\'s ledger: nothing is shown of it' );
    like(
        ( run( $other->command('check') ) )[1],
        qr/^FAIL  state: .* belongs to another site, \[cdn\]/m,
        'another site\'s ledger: check'
    );
    is( $site->cat->{status},                                         0, 'it is still the site\'s' );
    is( ( run( $other->command( 'commit', '--previous', '-' ) ) )[0], 1, 'commit --previous does not take it' );
    like(
        $other->cat->{err},
qr/if \[cdn\] is only its former name, run: awstats-cloudfront adopt --config=\S+ --site=other --former=cdn\n\z/,
        'another site\'s ledger: the command for a new name'
    );
    my ( $wrong, undef, $why ) = run( $other->command( 'adopt', '--former', 'video' ) );
    is( $wrong, 1, 'adopt from a site that is not the owner: exit status' );
    like(
        $why,
qr/\A[^\n]* belongs to \[cdn\], but this command takes over the counted objects of \[video\]; write state = [^\n]*\n\z/,
        'and why'
    );
    is_deeply(
        [ run( $other->command( 'adopt', '--former', 'cdn' ) ) ],
        [ 0, '', '' ],
        'a site by a new name takes it'
    ) for 1, 2;
    my $next = $other->cat_later;
    is( $next->{paths}, '/b', 'an adopted site goes on' );
    like( $next->{out}, qr/^#Site: other [^\n]+\n#Formerly: cdn$/m, 'the log of an adopted site has the former name' );
    is( ( $other->commit( $next->{id}, '--history=/d/a b' ) )[0], 0, 'an adopted site commits for a history' );
    like( $other->cat_later->{out}, qr{^#History: /d/a%20b$}m, 'the next log names the history' );
    is( ( run( $other->command( 'adopt', '--history', '/d/new' ) ) )[0], 0, 'the history has a new name' );
    like( $other->cat_later->{out}, qr{^#History: /d/new$}m, 'the next log names the new history' );
    is( ( $other->commit( $other->cat_later->{id} ) )[0], 0, 'the next batch is committed' );
    is( $site->cat->{status},                             1, 'cat by the old name is refused' );
    is( ( run( $site->command( 'adopt', '--history', '/d/other' ) ) )[0],
        1, 'adopt --history by the old name is refused' );
    is( ( run( $site->command( 'adopt', '--former', 'other' ) ) )[0], 0, 'the ledger goes back to its former name' );
    like( $site->cat_later->{out}, qr/^#Formerly: cdn other$/m, 'the ledger keeps all former names' );
}

# A section was renamed whose ledger has the default name: the message names that ledger.
{
    my $site = Site->new;
    $site->cat;
    my $other = Site->new( name => 'other', state => $site->dir . '/state/other.db' );
    is( $other->cat->{status}, 0, 'a ledger of its own' );
    my ( $status, undef, $err ) = run( $other->command( 'adopt', '--former=cdn' ) );
    is( $status, 1, 'adopt, with a ledger of its own: exit status' );
    like(
        $err,
qr{other\.db belongs to \[other\], but this command takes over the counted objects of \[cdn\]; write state = \Q${\ $site->state}\E into the section \[other\]},
        'adopt, with a ledger of its own: what to do'
    );
    $other->configure( state => $site->state );
    is( ( run( $other->command( 'adopt', '--former=cdn' ) ) )[0], 0, 'adopt, with the former ledger' );
    is( $other->cat->{status},                                    0, 'the site goes on' );
}

# One source by many names.
{
    my $site = Site->new;
    my $dir = $site->dir;
    $site->put( $_, Site::log_text("/$_") ) for 'a.gz', 'folder/b.gz';
    symlink "$dir/logs", "$dir/link" or die;
    is( $site->cat->{paths}, '/a.gz /folder/b.gz', 'a directory' );
    for my $source ( "$dir/logs/", "$dir/logs//", "$dir/./logs", "$dir//logs", "$dir/logs/../logs/.", "$dir/link",
        "$dir/link/" )
    {
        $site->configure( source => $source );
        my $run = $site->cat;
        is( $run->{end}, $end_of_none, "the same by another name: $source" ) or diag $run->{err};
        is( $run->{err}, '',           'without a message' );
    }
    $site->configure( source => "$dir/logs/folder" );
    is( $site->cat->{end}, $end_of_none, 'a part of it' );
    $site->configure( source => $dir . '/logs' );
    is( $site->cat->{end}, $end_of_none, 'all of it again' );
}

# A directory that moves; with a batch open it may not.
{
    my $site = Site->new( after => 'keep' );
    my $dir = $site->dir;
    $site->put( $_, Site::log_text("/$_") ) for 'a.gz', 'folder/b.gz';
    $site->put( 'broken.gz', "\x1f\x8bno gzip data" );
    is( $site->cat->{paths}, '/a.gz /folder/b.gz', 'a directory' );
    $site->put( 'c.gz', Site::log_text('/c') );
    my $open = $site->cat_later;
    is( $open->{paths}, '/c', 'a batch of it is open' );
    rename "$dir/logs", "$dir/moved" or die;
    mkdir "$dir/logs" or die;
    $site->configure( source => "$dir/moved" );
    one_line(
        $site->cat_later,
qr/source" changed from \Q$dir\E\/logs to \Q$dir\E\/moved, but batch $open->{id} of the old source is not fully counted yet/,
        'moved while a batch is open'
    );
    is( ( $site->commit( $open->{id} ) )[0], 0, 'the open batch can be committed' );
    my $run = $site->cat;
    is( $run->{end}, 'records=0 bad=0 quarantined=1', 'moved: nothing twice' );
    like( $run->{err},          qr/source" changed from \Q$dir\E\/logs to \Q$dir\E\/moved; /, 'moved: a note' );
    like( ( $site->status )[1], qr/left out: \Q$dir\E\/moved\/broken\.gz/, 'moved: what is quarantined has moved too' );
    $run = $site->cat;
    is( $run->{status}, 0, 'moved, again: exit status 0' );
    unlike( $run->{err}, qr/source" changed/, 'moved: once' );
    $site->{source} = "$dir/moved";
    $site->put( 'a.gz', Site::log_text('/changed') );
    is( $site->cat->{paths}, '/changed', 'moved: what changes is new' );
    $site->configure( source => "$dir/nowhere" );
    is( $site->cat->{status}, 1, 'a source that is not there' );
    $site->configure( source => "$dir/moved" );
    is( $site->cat->{end}, 'records=0 bad=0 quarantined=1', 'leaves the ledger as it was' );
}

# A bucket that moves, a prefix that moves, and a folder in the place of a bucket.
{
    my $store =
      CannedStore->new( log => Site::log_text('/x'), keys => [ map { "cdn/E1.2026-10-31-10.$_.gz" } 1 .. 5 ] );
    local %ENV = ( %ENV, AWS_ACCESS_KEY_ID => 'k', AWS_SECRET_ACCESS_KEY => 's', AWS_REGION => 'eu-west-1' );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint );
    is( $site->cat( '', '-q' )->{end}, 'records=5 bad=0 quarantined=0', 'a bucket' );
    $site->configure( source => 's3://other/cdn/' );
    my $run = $site->cat( '', '-q' );
    is( $run->{end}, $end_of_none, 'another bucket, with the same objects' );
    is( $run->{err}, '',           '-q prints nothing' );
    $site->configure( source => 's3://other/' );
    is( $site->cat( '', '-q', '--full' )->{end}, $end_of_none, 'all of it' );
    $site->configure( source => 's3://other/cdn/' );
    is( $site->cat( '', '-q', '--full' )->{end}, $end_of_none, 'a part of it' );

    my $moved =
      CannedStore->new( log => Site::log_text('/x'), keys => [ map { "archive/E1.2026-10-31-10.$_.gz" } 1 .. 6 ] );
    $site->configure( source => 's3://other/archive/', endpoint => $moved->endpoint );
    is(
        $site->cat( '', '-q', '--full' )->{end},
        'records=1 bad=0 quarantined=0',
        'another prefix, with the same objects and one more'
    );

    my $folder = Site->new;
    $folder->put( 'E1.2026-10-31-10.1.gz', Site::log_text('/x') );
    $site->configure( source => $folder->{source} );
    one_line(
        $site->cat,
qr/source" changed from s3:\/\/other\/archive\/ to \S+: between a bucket and a folder, .*commit --config=\S+ --site=cdn --previous=\S+/,
        'a folder in its place'
    );
    is( ( run( $site->command( 'commit', '--previous', '-' ) ) )[0], 0,    'a folder in its place, on purpose' );
    is( $site->cat->{paths},                                         '/x', 'all of it is new' );
}

# A prefix may end within the names of objects, or within a folder's name, and the objects keep their names when they move.
{
    local %ENV = ( %ENV, AWS_ACCESS_KEY_ID => 'k', AWS_SECRET_ACCESS_KEY => 's', AWS_REGION => 'eu-west-1' );
    my @moves = (
        [ 'E1',          '',              'cdn/',         'cdn/' ],
        [ 'E1',          '',              'archive/E1',   'archive/' ],
        [ 'cdn/E1',      'cdn/',          'archive/',     'archive/' ],
        [ 'cdn/E1',      'cdn/',          'archive/E',    'archive/' ],
        [ 'cdn/',        'cdn/',          'archive/E1',   'archive/' ],
        [ 'cdn/E1',      'cdn/',          'cdn/',         'cdn/' ],
        [ 'old/cdn',     'old/cdn/',      'archive/cdn/', 'archive/cdn/' ],
        [ 'old/cdn',     'old/cdn/',      'archive/x',    'archive/x/' ],
        [ 'old/cdn/E1.', 'old/cdn/',      'archive',      'archive/' ],
        [ 'old/cdn',     'old/cdn/2026/', 'archive/',     'archive/2026/' ],
    );
    for my $move (@moves) {
        my ( $from, $from_folder, $to, $to_folder ) = @$move;
        my @stores = map {
            my $folder = $_;
            CannedStore->new(
                log  => Site::log_text('/x'),
                keys => [ map { "${folder}E1.2026-10-31-10.$_.gz" } 1 .. 3 ]
            )
        } $from_folder, $to_folder;
        my $site = Site->new( source => "s3://logs/$from", endpoint => $stores[0]->endpoint );
        is( $site->cat( '', '-q' )->{end}, 'records=3 bad=0 quarantined=0', "$from: counted" );
        $site->configure( source => "s3://logs/$to", endpoint => $stores[1]->endpoint );
        is( $site->cat( '', '-q', '--full' )->{end}, $end_of_none, "from $from to $to: counted once" );
        $stores[1]->add("${to_folder}E1.2026-10-31-11.4.gz");
        is( $site->cat( '', '-q' )->{end}, 'records=1 bad=0 quarantined=0', "from $from to $to: a new one" );
    }
}

done_testing;
