#!/usr/bin/perl
# collect gives the history files the permissions and the owner that an update gives them, and a task that lacks a
# permission says what to do.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats     ();
use CountedSite ();
use Program     qw(run);
use Shards      qw(count_batch deliver plan_batch task update);
use Test::More;

# Returns the permissions and the owner of each history file of a site, by its name.
sub files_of {
    my $site = shift;
    my %files;
    foreach my $path ( glob $site->folder . '/data/awstats*.site.txt' ) {
        my ( $mode, $user, $group ) = ( stat $path )[ 2, 4, 5 ];
        $files{ $path =~ s{.*/}{}r } = sprintf '%04o %d:%d', $mode & oct 7777, $user, $group;
    }
    return \%files;
}

# Two months, the second of which is counted in the second batch, too.
my @batches = (
    [ map { [ CountedSite::record( $_, host => '192.0.2.1' ) ] } '2026-10-31 10:00:00', '2026-11-01 10:00:00' ],
    [ map { [ CountedSite::record( "2026-11-02 10:00:0$_", host => "192.0.2.$_" ) ] } 1 .. 4 ],
);

# ---- the permissions -------------------------------------------------------------------------

my $setting = 'SaveDatabaseFilesWithPermissionsForEveryone';
foreach my $case (
    [ '=1',   '022', '0666' ],
    [ '="0"', '022', '0644' ],
    [ '=""',  '027', '0640' ],
    [ '=yes', '027', '0640' ],
    [ undef,  '027', '0666' ]
  )
{
    my ( $value, $mask, $mode ) = @$case;
    my $name = $setting . ( $value // ' is missing' );
    my ( $site, $whole ) = map { CountedSite->new( config => defined $value ? "$setting$value\n" : '' ) } 1, 2;
    my $before = umask oct $mask;
    foreach my $number ( $mask eq '022' ? ( 0, 1 ) : 0 ) {
        deliver( $batches[$number], $site, $whole );
        update($whole);
        count_batch( $site, $site->folder . "/work$number", 2, 1 );
        my $files = files_of($site);
        is_deeply( $files, files_of($whole), "$name, umask $mask, batch $number: as of an update" );
        like( $files->{'awstats112026.site.txt'}, qr/^$mode /, "$name, umask $mask, batch $number: $mode" );
    }
    umask $before;
}

# ---- the owner -------------------------------------------------------------------------------

SKIP: {
    my ( $user, $group ) = ( getpwnam 'nobody' )[ 2, 3 ];
    skip 'not root, or no user nobody', 9 if $> || !$user;
    my ( $site, $whole ) = map { CountedSite->new } 1, 2;
    foreach ( $site, $whole ) {
        my $folder = $_->folder;
        mkdir "$folder/$_" foreach qw(state work);
        chmod oct 755, $folder;
        chown $user, $group, $folder, map { "$folder/$_" } qw(source data state work);
    }
    deliver( $batches[0], $site, $whole );
    update($whole);
    count_batch( $site, $site->folder . '/work', 2, 1 );
    is_deeply( files_of($site),                                  files_of($whole), 'run by root: as of an update' );
    is_deeply( [ map { s/.* //r } values %{ files_of($site) } ], [ ("$user:$group") x 2 ], 'run by root: the owner' );
}

# ---- a missing permission --------------------------------------------------------------------

SKIP: {
    my ( $user, $group ) = ( getpwnam 'nobody' )[ 2, 3 ];
    my @as_other = qw(setpriv --reuid=33333 --regid=33333 --clear-groups);
    skip 'not root, or no user nobody',            14 if $> || !$user;
    skip 'the other user may not run the program', 13 if ( run( @as_other, AWStats::helper(), '--version' ) )[0];
    my $site = CountedSite->new;
    my ( $folder, $work ) = ( $site->folder, $site->folder . '/work' );
    mkdir "$folder/$_" foreach qw(state work);
    chmod oct 755, $folder;
    chown $user, $group, $folder, map { "$folder/$_" } qw(source data state work);
    deliver( $batches[0], $site );
    plan_batch( $site, $work, 1, 1 );

    # Runs a task as the other user; it must fail with this one line, which goes on with what to do.
    my $fails = sub {
        my ( $name, $line, @words ) = @_;
        my ( $status, $output ) = run( { together => 1 }, @as_other, AWStats::helper(), @words, "--work=$work" );
        is( $status, 1, "$name: exit status" );
        like(
            $output,
            qr/\A[^\n]*: the user 33333 $line run the command as nobody, or [^\n]*"sudo chown [^\n]*\n\z/,
            "$name: message"
        );
    };
    my @map = qw(map --part=0);
    $fails->( 'a work of another user', qr{may not write into \Q$work\E, which belongs to nobody:}, @map );
    chmod oct 600, "$work/plan";
    $fails->( 'a plan that may not be read', qr/has no permission; it belongs to nobody:/, @map );
    chmod oct 644, "$work/plan";
    chmod oct 700, $work;
    $fails->( 'a work that may not be entered', qr{may not enter \Q$work\E, which belongs to nobody:}, @map );
    chmod oct 755, $work;
    task( 0, @map,      "--work=$work" );
    task( 0, 'prepare', "--work=$work" );
    $fails->(
        'a history of another user', qr{may not write into \S+/site\.shards/\S+, which belongs to nobody:},
        'reduce',                    '--shard=0'
    );
    chmod oct 600, "$work/maps/0/0.zst";
    $fails->( 'a log that may not be read', qr/has no permission; it belongs to nobody:/, 'reduce', '--shard=0' );
}

done_testing;
