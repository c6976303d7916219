#!/usr/bin/perl
# update on a machine that lacks something: a standard output that takes nothing, a full disk under the history, too
# little memory.  Each is one line that says what is missing, and what was counted is counted.
use strict;
use warnings;
use Test::More;
use File::Path qw(make_path);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program qw(run);

# Some records of October 2026.
my $minute = 0;

sub records {
    my ( $count, @values ) = @_;
    return
      map { CountedSite::record( sprintf( '2026-10-05 %02d:%02d:00', $minute / 60 % 24, $minute++ % 60 ), @values ) }
      1 .. $count;
}

# Runs an update, and compares its status, and its output or its error with a pattern.
sub update_is {
    my ( $site, $status, $pattern, $what, @arguments ) = @_;
    my ( $got, $output, $error ) = $site->update_by_program(@arguments);
    is( $got, $status, "$what: exit status" ) or diag $error;
    like( $output . $error, $pattern, $what );
    return;
}

# The number of records that the history has of the 5th.
sub hits {
    my $site = shift;
    return ( $site->days->{20261005} // [ 0, 0 ] )->[1];
}

my ( $status, $output, $error );
my $site = CountedSite->new( hosts => 'd1.cloudfront.net' );
my $folder = $site->folder;

# ---- a standard output that takes nothing ----

foreach my $case ( [ '>&-', 'Bad file descriptor' ], [ '>/dev/full', 'No space left on device' ] ) {
    my ( $redirection, $reason ) = @$case;
    my @command =
      ( 'sh', '-c', "exec \"\$@\" $redirection", 'sh', AWStats::helper(), 'update', "--config=$folder/sites.conf" );
    my $before = hits($site);
    $site->deliver( records(1) );
    ( $status, $output, $error ) = run( @command, '--site=cdn' );
    is(
        "$status$error",
        "1awstats-cloudfront: [cdn]: the update is done, but its messages cannot be written to the standard output: "
          . "$reason; write them to another place, or leave them out with -q\n",
        "update $redirection: fails, and says why"
    );
    is( hits($site), $before + 1, "update $redirection: has counted" );
    ( $status, $output, $error ) = run( @command, '--site=cdn' );
    like( "$status$error", qr/\A1\S+ \[cdn\]: the update is done, but .*\n\z/, "update $redirection: nothing new" );
    $site->deliver( records(1) );
    ( $status, $output, $error ) = run( @command, '--site=cdn', '-q' );
    is( "$status$error", '0', "update -q $redirection: prints nothing" );
}

# ---- a full disk under the history, and too little memory ----

SKIP: {
    skip 'only root can mount', 4 if $> != 0 || system( 'unshare', '-m', 'true' ) != 0;
    my $full = CountedSite->new( hosts => 'd1.cloudfront.net' );
    my $data = $full->folder . '/data';
    make_path($data);
    $full->deliver( map { records( 1, path => "/$_.html", host => "192.0.2.$_" ) } 1 .. 250 );
    my $shell = 'mount -t tmpfs -o size=16k none "$0" && exec "$@"';
    ( $status, $output, $error ) = run( 'unshare', '-m', 'sh', '-c', $shell, $data, AWStats::helper(), 'update',
        '--config=' . $full->folder . '/sites.conf', '--site=cdn' );
    is( "$status$output", '1', 'a full disk: exit status 1' );
    is(
        $error,
        "awstats-cloudfront: [cdn]: The history in \"$data\" could not be saved: No space left on device; free space "
          . "there, and run the update again, which counts the same logs\n",
        'a full disk: says where'
    );
    update_is( $full, 0, qr/^\[cdn\]: 250 records of 1 log counted/, 'with free space, all is counted' );
}
{
    # Each limit meets another place that needs memory; from some on, all works.
    my %seen = map { $_ => 0 } qw(works fails);
    my $memory = qr/\Aawstats-cloudfront: .*\bmemory\b.*\n\z/;
    my $small = CountedSite->new( hosts => 'd1.cloudfront.net' );
    $small->deliver( records(3) );
    foreach my $limit ( map { 60_000 + 30_000 * $_ } 0 .. 7 ) {
        last if AWStats::helper() =~ /build-asan/;    # maps terabytes
        my @command =
          ( AWStats::helper(), 'update', "--config=@{[ $small->folder ]}/sites.conf", '--site=cdn', '--dry-run' );
        ( $status, $output, $error ) = run( 'sh', '-c', 'ulimit -v "$0" && exec "$@"', $limit, @command );
        next if $status == 127;                       # the program itself could not be loaded
        my $works = $status == 0 && $output =~ /\A\[cdn\]: 3 records of 1 log would be counted/;
        my $fails = $status == 1 && $output eq '' && $error =~ $memory;
        $seen{works} += $works;
        $seen{fails} += $fails;
        ok( $works || $fails, "$limit KiB of memory: all, or one line" ) or diag "$status $output$error";
    }
    update_is( $small, 0, qr/^\[cdn\]: 3 records of 1 log counted/, 'with enough memory, all is counted' );
    cmp_ok( $seen{$_}, '>', 0, "a limit $_" ) foreach AWStats::helper() =~ /build-asan/ ? () : sort keys %seen;
}

done_testing;
