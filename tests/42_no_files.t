#!/usr/bin/perl
# Links that lead nowhere or upward, and folders that may not be read, are quarantined and named once; the files
# beside them are counted.  Where no folder for the ledger can be made, nothing is counted.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use Program qw(run);
use Site;

sub log_of { return Site::log_text(@_) }

{
    my $site = Site->new;
    my $path = $site->put( 'E1.2026-10-31-12.a.gz', log_of('/a') );
    my $logs = $site->{source};
    mkdir "$logs/d" or die;
    symlink "$logs/nowhere", "$logs/d/dangling.gz" or die;
    symlink '..',            "$logs/d/up"          or die;
    symlink 'self',          "$logs/self"          or die;
    symlink "$logs/nowhere", "$logs/.hidden"       or die;
    my $run = $site->cat;
    is( $run->{status}, 0,                               'no files: exit status 0' );
    is( $run->{end},    'records=1 bad=0 quarantined=3', 'no files: the others are counted' );
    like(
        $run->{err},
qr{^\S+ \S+/d/dangling\.gz: left out until it can be read: the symbolic link leads to a file that does not exist; correct or remove the link; its records are not counted yet, and each run tries it again$}m,
        'no files: a dangling link'
    );
    like(
        $run->{err},
qr{^\S+ \S+/d/up: left out until it can be read: the symbolic link leads back to a folder above it; remove the link; its records are not counted yet, and each run tries it again$}m,
        'no files: a link upward'
    );
    like(
        $run->{err},
        qr{^\S+ \S+/self: left out until it can be read: Too many levels}m,
        'no files: a link to itself'
    );
    is( $run->{err} =~ tr/\n//, 3, 'no files: a line each' );
    $run = $site->cat;
    is( $run->{end}, 'records=0 bad=0 quarantined=3', 'no files, again' );
    like(
        $run->{err},
        qr/\A[^\n]* 3 objects, which could not be read before, still cannot[^\n]*\n\z/,
        'no files, again: one line'
    );
    is( ( $site->status )[0], 4, 'no files: status tells of them' );
    $site->put( 'nowhere', log_of('/b') );
    unlink "$logs/self", "$logs/d/up";
    $run = $site->cat;
    is( $run->{paths}, '/b', 'a link that leads to a file of the source now: counted once' );
    is(
        $site->cat->{end},
        'records=0 bad=0 quarantined=0',
        'a link that leads to a file of the source now: then nothing is new'
    );
    is( ( $site->status )[0], 0, 'a link that leads to a file of the source now: nothing is quarantined' );
    unlink "$logs/d/dangling.gz" or die;

    # A folder that may not be read; root reads all, so the program runs as another user.
  SKIP: {
        skip 'only root can run the program as another user', 10 if $> != 0;
        my @nobody = ( getpwnam "nobody" )[ 2, 3 ];
        my @as_nobody = ( "setpriv", "--reuid=$nobody[0]", "--regid=$nobody[1]", "--clear-groups" );
        skip "nobody may not run the program", 10 if ( run( @as_nobody, Program::helper(), "--version" ) )[0];
        mkdir "$logs/closed" or die;
        chmod 0711, "$logs/closed";
        chmod 0755, $site->dir;
        my $state = $site->dir . '/nobody';
        mkdir $state or die;
        chown @nobody, $state;
        $site->configure( state => "$state/cdn.db" );
        my ( $status, $out, $err ) = run( @as_nobody, $site->command('cat') );
        is( $status, 0, 'a closed folder: exit status 0' ) or diag $err;
        like( $out, qr/^#End: records=2 bad=0 quarantined=1$/m, 'a closed folder: the files beside it are counted' );
        like(
            $err,
qr{/closed: left out until it can be read: Permission denied; its records are not counted yet, and each run tries it again$}m,
            'a closed folder: named'
        );

        # The source itself may no longer be read while a batch is open, which AWStats may have counted.
        my $open = Site::result( run( @as_nobody, $site->command( 'cat', '--prepare' ) ) );
        is( $open->{paths}, '/a /b', 'a closed source: an open batch' );
        chmod 0, $logs;
        my $closed = Site::result( run( @as_nobody, $site->command( 'cat', '--prepare' ) ) );
        is( $closed->{status}, 1, 'a closed source: exit status 1' );
        like( $closed->{err}, qr{\A\S+ \S+/E1\S+: Permission denied\n\z}, 'a closed source: one line' );
        chmod 0755, $logs;
        my $again = Site::result( run( @as_nobody, $site->command( 'cat', '--prepare' ) ) );
        is( "$again->{id} $again->{paths}", "$open->{id} /a /b", 'a closed source: the same batch is counted later' );

        # A single file is left out, also when no other is new, and status names it.
        run( @as_nobody, $site->command( 'commit', '--batch', $open->{id} ) );
        chmod 0, $site->put( 'E1.2026-10-31-13.closed.gz', log_of('/c') );
        my $single = Site::result( run( @as_nobody, $site->command( 'cat', '--commit' ) ) );
        is( $single->{status}, 0, 'a closed file: exit status 0' ) or diag $single->{err};
        like(
            $single->{err},
            qr{^\S+ \S+/E1\.2026-10-31-13\.closed\.gz: left out until it can be read: Permission denied; },
            'a closed file: named'
        );
        is( ( run( @as_nobody, $site->command('status') ) )[0], 4, 'a closed file: status' );
    }
}

# A file where the ledger's folder is to be.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-12.a.gz', log_of('/a') );
    my $file = Program::write_file( $site->dir . '/file', "text\n" );
    $site->configure( state => "$file/state/cdn.db" );
    my ( $status, $out, $err ) = run( $site->command('cat') );
    is( "$status$out", '1', 'no folder for the ledger: nothing but exit status 1' );
    like(
        $err,
qr{\A\S+ \Q$file\E/state/cdn\.db\.lock \(the lock of the ledger file, which the setting "state" names\): \N*\n\z},
        'no folder for the ledger: one line'
    );
}

done_testing();
