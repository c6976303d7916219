#!/usr/bin/perl
# The tasks of a plan on machines that are not alike: one has no source, or another configuration of AWStats.  A task
# says so, and no record is lost or counted differently.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use CountedSite ();
use Program     qw(content write_file);
use Shards      qw(is_counted plan_batch task);
use Test::More;

# ---- the source ------------------------------------------------------------------------------

# A new site with two logs in two folders, and its plan of one part.
sub site_of_two {
    my $site = CountedSite->new;
    my ( $folder, $source ) = ( $site->folder, $site->source );
    $site->deliver( CountedSite::record( '2026-11-01 10:00:00', path => '/first.html' ) );
    rename $source, "$folder/one" or die "$source: $!\n";
    mkdir $source;
    $site->deliver( CountedSite::record( '2026-11-01 11:00:00', path => '/second.html' ) );
    rename $source, "$folder/two" or die "$source: $!\n";
    my $text = content("$folder/sites.conf");
    write_file( "$folder/sites.conf", $text =~ s{^source = .*}{source = $folder/one\nsource = $folder/two}mr );
    plan_batch( $site, "$folder/work", 2, 1 );
    return ( $site, "$folder/work" );
}

sub finish {
    my $work = shift;
    task( 0, 'map',     "--work=$work", '--part=0' );
    task( 0, 'prepare', "--work=$work" );
    task( 0, 'reduce',  "--work=$work", "--shard=$_" ) foreach 0, 1;
    return task( 0, 'collect', "--work=$work" );
}

foreach my $case ( [ missing => 'No such file or directory' ], [ empty => 'the folder is empty' ] ) {
    my ( $name, $why ) = @$case;
    my ( $site, $work ) = site_of_two();
    my $mounted = $site->folder . '/two';
    rename $mounted, "$mounted.away" or die "$mounted: $!\n";
    mkdir $mounted if $name eq 'empty';
    like(
        task( 1, 'map', "--work=$work", '--part=0' ),
qr/part 0 is not read: \Q$mounted\E: $why; [^\n]* mount their disk, [^\n]* plan --abandon --config=\S+ --site=cdn$/,
        "a source is $name: message"
    );
    is_deeply( [ glob "$work/maps/*" ], [], "a source is $name: map keeps nothing" );
    rmdir $mounted;
    rename "$mounted.away", $mounted or die "$mounted: $!\n";
    finish($work);
    is_counted( $site, "a source was $name", first => 1, second => 1 );
}
{
    # An object that is gone from a source that is there does not harm the others.
    my ( $site, $work ) = site_of_two();
    my ($object) = glob $site->folder . '/two/*';
    write_file( $site->folder . '/two/other', "text\n" );
    unlink $object or die "$object: $!\n";
    finish($work);
    is_counted( $site, 'an object is gone', first => 1 );
}

done_testing;
