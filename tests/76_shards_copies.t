#!/usr/bin/perl
# A part of a plan that holds copies is read a second time, by prepare.  An object that went, came or changed between the
# two readings is neither lost nor counted twice.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use CountedSite ();
use Shards      qw(is_counted task);
use Test::More;

# A log of COUNT records of the page PATH.
sub text {
    my ( $path, $count ) = @_;
    return "#Version: 1.0\n#Fields: @{[ CountedSite::fields() ]}\n" . join '',
      map { CountedSite::record( "2026-11-01 10:00:0$_", path => $path ) } 1 .. $count;
}

# A new site with two copies of one log, and another log; returns the site, the name of that log, and a folder for the work.
sub site {
    my $site = CountedSite->new;
    $site->deliver_as( 'copy1.gz', text( '/copied.html', 5 ) );
    $site->deliver_as( 'copy2.gz', text( '/copied.html', 5 ) );
    $site->deliver_as( 'log.gz',   text( '/page.html',   7 ) );
    return ( $site, $site->source . '/log.gz', $site->folder . '/work' );
}

sub plan_and_map {
    my ( $site, $work ) = @_;
    task( 0, 'plan', '--config', $site->folder . '/sites.conf',
        '--site=cdn', "--work=$work", '--shards=2', '--parts=1' );
    task( 0, 'map', "--work=$work", '--part=0' );
    return;
}

sub finish {
    my ($work) = @_;
    task( 0, 'prepare', "--work=$work" );
    task( 0, 'reduce',  "--work=$work", "--shard=$_" ) foreach 0, 1;
    task( 0, 'collect', "--work=$work" );
    return;
}

{
    my ( $site, $log, $work ) = site();
    plan_and_map( $site, $work );
    rename $log, "$work.log" or die "$log: $!\n";
    like(
        task( 1, 'prepare', "--work=$work" ),
        qr/log\.gz: this object was read before, and cannot be read again, [^\n]*: No such file or directory; /,
        'an object that went: message'
    );
    like( task( 1, 'reduce', "--work=$work", '--shard=0' ), qr/prepare/, 'no shard is counted' );
    rename "$work.log", $log or die "$log: $!\n";
    finish($work);
    is_counted( $site, 'an object that went, and came back', copied => 5, page => 7 );
}
{
    my ( $site, $log, $work ) = site();
    plan_and_map( $site, $work );
    rename $log, "$work.log" or die "$log: $!\n";
    task( 1, 'prepare', "--work=$work" );
    is( ( $site->command( 'plan', '--abandon' ) )[0], 0, 'the plan is given up' );
    is_counted( $site, 'an object that went for ever', copied => 5 );
}
{
    my ( $site, $log, $work ) = site();
    rename $log, "$work.log" or die "$log: $!\n";
    symlink "$work.absent", $log or die "$log: $!\n";
    plan_and_map( $site, $work );
    rename "$work.log", $log or die "$log: $!\n";
    finish($work);
    is_counted( $site, 'an object that came between', copied => 5, page => 7 );
}
{
    my ( $site, $log, $work ) = site();
    plan_and_map( $site, $work );
    my @times = ( stat $log )[ 8, 9 ];
    my $size = -s $log;
    $site->deliver_as( 'log.gz', text( '/other.html', 7 ) );
    like(
        task( 1, 'prepare', "--work=$work" ),
        qr/log\.gz: this object was read before, [^\n]*: the file changed/,
        'an object that changed'
    );
}

done_testing;
