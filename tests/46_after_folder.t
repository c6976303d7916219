#!/usr/bin/perl
# A source that is a folder: after = delete and after = move affect only counted files, only after the commit, and never
# a file that took the place of a counted one.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use Compiler qw(fault_library);
use Program;
use Site;

# A folder: delete, and what is left alone.
{
    my $site = Site->new( after => 'delete' );
    $site->put( "E1.2026-10-31-10.$_.gz",     Site::log_text("/$_") ) for 'a' .. 'c';
    $site->put( 'E1.2026-10-31-10.broken.gz', 'no log' );
    my $run = $site->cat_later;
    is( scalar( () = glob "$site->{source}/*" ), 4, 'delete: nothing is deleted before the commit' );
    $site->put( 'E1.2026-10-31-10.b.gz', Site::log_text('/changed') );
    is( ( $site->commit( $run->{id} ) )[0], 0, 'delete: commit' );
    is(
        join( ' ', map { s{.*/}{}r } glob "$site->{source}/*" ),
        'E1.2026-10-31-10.b.gz E1.2026-10-31-10.broken.gz',
        'delete: counted objects are gone; changed and quarantined ones stay'
    );
    is( $site->cat->{paths}, '/changed', 'delete: the changed object is counted' );
    is( join( ' ', map { s{.*/}{}r } glob "$site->{source}/*" ),
        'E1.2026-10-31-10.broken.gz', 'delete: and is deleted' );
}

# What was counted before the setting changed stays, and so does a file that comes back.
{
    my $site = Site->new;
    my $names = sub {
        return join ' ', map { m{10\.(\w)\.gz$} } glob "$site->{source}/*";
    };
    $site->put( "E1.2026-10-31-10.$_.gz", Site::log_text("/$_") ) for 'a', 'b';
    is( $site->cat->{paths}, '/a /b', 'keep: counted' );
    $site->configure( after => 'delete' );
    my $new = $site->put( 'E1.2026-10-31-10.c.gz', Site::log_text('/c') );
    system( 'cp', '-p', $new, $site->dir . '/copy' ) == 0 or die "cp\n";
    is( $site->cat->{paths}, '/c',  'keep, then delete: what is new counts' );
    is( $names->(),          'a b', 'keep, then delete: what was counted before stays' );
    rename $site->dir . '/copy', $new or die "$new: $!\n";
    is( $site->cat->{paths}, '',      'deleted, and there again: it does not count again' );
    is( $names->(),          'a b c', 'deleted, and there again: it stays' );
}

# A folder: move.
{
    my $target = tempdir( CLEANUP => 1 );
    my $site = Site->new( after => "move $target/done" );
    $site->put( $_, Site::log_text("/$_") ) for 'E1.2026-10-31-10.a.gz', '2026/10/E1.2026-10-31-10.b.gz';
    is( $site->cat->{status}, 0, 'move: exit status 0' );
    is(
        join( ' ', map { s{^\Q$target\E/}{}r } glob "$target/done/*.gz $target/done/*/*/*.gz" ),
        'done/E1.2026-10-31-10.a.gz done/2026/10/E1.2026-10-31-10.b.gz',
        'move: with their folders'
    );
    is( scalar( () = glob "$site->{source}/*.gz" ), 0, 'move: and gone from the source' );

    # A move that was killed, or a power failure, may leave both names of a file.
    my $both = $site->put( 'E1.2026-10-31-10.c.gz', Site::log_text('/c') );
    link $both, "$target/done/E1.2026-10-31-10.c.gz" or die "$both: $!\n";
    is( $site->cat->{err}, '', 'move that was half done: no warning' );
    ok( !-e $both,                               'move that was half done: gone from the source' );
    ok( -e "$target/done/E1.2026-10-31-10.c.gz", 'move that was half done: in the target' );
    $site->put( 'E1.2026-10-31-10.a.gz', Site::log_text('/other') );
    my $run = $site->cat;
    is( $run->{status}, 0,        'move onto a file: exit status 0' );
    is( $run->{paths},  '/other', 'move onto a file: counted' );
    like(
        $run->{err},
        qr/10\.a\.gz: cannot be moved: another file of this name is in the target; rename or remove the other one;/,
        'move onto a file: a warning'
    );
    is( $site->cat->{paths}, '', 'move onto a file: counted once' );
    like( ( $site->status )[1], qr/objects still to be moved: 1$/m, 'move onto a file: status knows of it' );
    $site->configure( after => "move $site->{source}/done" );
    is( $site->cat->{status}, 1, 'a target within the source is refused' );
    symlink $site->{source}, $site->dir . '/link' or die;

    for my $target ( '/logs/./done', '/link/done/deep', '/logs/../logs' ) {
        $site->configure( after => 'move ' . $site->dir . $target );
        my $run = $site->cat;
        is( $run->{status}, 1, "a target within the source by another path is refused: $target" );
        like( $run->{err}, qr/is inside the source/, 'a target within the source by another path: why' );
    }
    $site->configure( after => 'move s3://done/x/' );
    is( $site->cat->{status}, 1, 'a bucket as the target of files is refused' );
}

# The source is missing at the clean-up: the clean-up waits until it is back.
for my $after ( 'delete', 'move' ) {
    my $target = tempdir( CLEANUP => 1 );
    my $site = Site->new( after => $after eq 'move' ? "move $target" : $after );
    my $done = $after eq 'move' ? 'moved' : 'deleted';
    $site->put( "E1.2026-10-31-10.$_.gz", Site::log_text("/$_") ) for 'a' .. 'c';
    my $run = $site->cat_later;
    rename $site->{source}, "$site->{source}.away" or die;
    my ( $status, undef, $err ) = $site->commit( $run->{id} );
    is( $status, 0, "$after, away: the commit is done" );
    like(
        $err,
qr/\A[^\n]*the source [^\n]*\/logs cannot be reached: No such file or directory; counted files there are not $done until it is back; [^\n]*\n\z/,
        "$after, away: a warning"
    );
    like( ( $site->status )[1], qr/objects still to be $done: 3$/m, "$after, away: status knows of it" );
    rename "$site->{source}.away", $site->{source} or die;
    is( $site->cat->{paths},                     '',                       "$after, back again: counted once" );
    is( scalar( () = glob "$site->{source}/*" ), 0,                        "$after, back again: $done" );
    is( scalar( () = glob "$target/*" ),         $after eq 'move' ? 3 : 0, "$after, back again: are at their target" );
    unlike( $site->report, qr/still to be/, "$after, back again: nothing is left to do" );
}

# A folder that cannot be made at the target.
{
    my $target = tempdir( CLEANUP => 1 );
    my $site = Site->new( after => "move $target/done" );
    $site->put( 'E1.2026-10-31-10.a.gz', Site::log_text('/a') );
    open my $file, '>', "$target/done" or die;
    my $run = $site->cat;
    is( $run->{paths}, '/a', 'a target that is a file: counted' );
    like( $run->{err}, qr/cannot be moved: Not a directory/, 'a target that is a file: a warning' );
    unlink "$target/done" or die;
    $site->cat;
    ok( -e "$target/done/E1.2026-10-31-10.a.gz", 'a target that was a file: moved' );
}

# Another program replaces a file in the moment in which it is cleaned up: what nobody has counted is never deleted.
{
    my $folder = tempdir( CLEANUP => 1 );
    my $library = fault_library( 'race', $folder );
    for my $after ( 'delete', 'move' ) {
        my $target = tempdir( CLEANUP => 1 );
        my $new = sub { return Program::write_file( "$folder/" . $_[0] =~ tr/0-9//cdr, Site::log_text( $_[0] ) ) };

        # NAME, what happens, the names that are there afterwards, the records of the next run
        for my $case (
            [ 'replaced before',             { BEFORE => '/11' },                 'E.gz',        '/11' ],
            [ 'replaced before and after',   { BEFORE => '/21', AFTER => '/22' }, 'E.gz E.gz.1', '/21 /22' ],
            [ 'a new one after',             { AFTER  => '/31' },                 'E.gz',        '/31' ],
            [ 'killed',                      { KILL   => 1 },                     '',            '' ],
            [ 'replaced before, and killed', { BEFORE => '/41', KILL => 1 },      '',            '/41' ],
            [
                'replaced before and after, and killed',
                { BEFORE => '/51', AFTER => '/52', KILL => 1 },
                'E.gz', '/51 /52'
            ],
          )
        {
            my ( $name, $race, $there, $paths ) = ( "$after: $case->[0]", @$case[ 1 .. 3 ] );
            my $site = Site->new( after => $after eq 'move' ? "move $target" : $after );
            $site->put( 'E.gz', Site::log_text('/counted') );
            my $id = $site->cat_later->{id};
            {
                local %ENV = (
                    %ENV,
                    LD_PRELOAD   => $library,
                    ASAN_OPTIONS => 'verify_asan_link_order=0',
                    RACE_PATH    => "$site->{source}/E.gz",
                    map { ( "RACE_$_" => $_ eq 'KILL' ? 1 : $new->( $race->{$_} ) ) } keys %$race
                );
                my ( $status, undef, $err ) = $site->commit($id);
                is( $status, $race->{KILL} ? 137 : 0, "$name: exit status" ) or diag $err;
                is( $err,    '',                      "$name: no message" );
            }
            is( join( ' ', map { s{.*/}{}r } glob "$site->{source}/*" ), $there, "$name: what is there" );
            unlink glob "$target/*" if $race->{AFTER};
            my $run = $site->cat;
            is( join( ' ', sort split / /, $run->{paths} ), $paths, "$name: what is counted next" ) or diag $run->{err};
            is( join( ' ', glob "$site->{source}/{*,.[!.]*}" ), '', "$name: then all is gone" );
            is( scalar( () = glob "$target/*" ), $after eq 'move' ? 1 : 0, "$name: what was counted is at its target" )
              if !$race->{BEFORE} && !$race->{AFTER};
            unlink glob "$target/*";
        }
    }

    # A source that is one file.
    my $site = Site->new( after => 'delete' );
    my $path = $site->put( 'E.gz', Site::log_text('/counted') );
    $site->configure( source => $path );
    my $id = $site->cat_later->{id};
    {
        local %ENV = (
            %ENV,
            LD_PRELOAD   => $library,
            ASAN_OPTIONS => 'verify_asan_link_order=0',
            RACE_PATH    => $path,
            RACE_BEFORE  => Program::write_file( "$folder/one", Site::log_text('/new') ),
            RACE_KILL    => 1
        );
        is( ( $site->commit($id) )[0], 137, 'one file: replaced, and killed' );
    }
    is( $site->cat->{paths}, '/new', 'one file: what replaced it is counted' );
    ok( !-e $path, 'one file: and deleted' );
}

# A source that is one file is not missing once it was counted, and deleted or moved.
foreach my $after ( 'delete', 'move' ) {
    my $site = Site->new( after => 'keep' );
    my $path = $site->put( 'E.gz', Site::log_text('/a') );
    my $target = $site->dir . '/done';
    $site->configure( source => $path, after => $after eq 'move' ? "move $target" : $after );
    is( $site->cat->{paths}, '/a', "one file, $after: counted" );
    ok( !-e $path, "one file, $after: it is gone" );
    my $run = $site->cat;
    is( "$run->{status}$run->{err}", 0, "one file, $after: the next run has nothing to do" );
    like(
        ( Program::run( $site->command('check') ) )[1],
        qr/^ok    source: \Q$path\E: no such file now: it was counted and (?:deleted|moved),/m,
        "one file, $after: check"
    );
    unlink "$target/E.gz";
    $site->put( 'E.gz', Site::log_text('/b') );
    is( $site->cat->{paths}, '/b', "one file, $after: a new one is counted" );
    my $correct =
      qr/No such file or directory; correct the path, or if it is right, put the logs there again or mount [^\n]*/;
    $site->configure( after => 'keep' );
    $run = $site->cat;
    is( $run->{status}, 1, "one file, kept and missing: exit status" );
    like( $run->{err}, qr/\A[^\n]*\Q$path\E: $correct\n\z/, 'one file, kept and missing: what to do' );
    $site->configure( after => 'delete', source => $site->dir . '/logs/other' );
    is( $site->cat->{status}, 1, 'another file, which was not counted, is missing' );
}

done_testing;
