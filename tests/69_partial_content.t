#!/usr/bin/perl
# Stock AWStats adds the bytes of a response with status 206 twice to day and hour. The plugin corrects that, and
# nothing else.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;

my $columns = '%time2 %cluster %bytesd %host %method %virtualname %url %code %referer %ua %query';
my $bot = 'Mozilla/5.0%2520(compatible;%2520Googlebot/2.1)';

# A site with these records, counted by awstats.pl with the arguments of OPTION, and a run of stock AWStats over them.
sub counted {
    my ( $option, @records ) = @_;
    my @arguments = @{ delete $option->{arguments} // [] };
    my $site = CountedSite->new(%$option);
    $site->deliver(@records);
    my ( $status, $output ) = $site->update(@arguments);
    is( $status, 0, 'status' ) or diag $output;
    $site->{output} = $output;
    return $site;
}

sub stock {
    my ( $config, $site ) = @_;
    my $stock = AWStats->new( plugin => 0 );
    my $helper = AWStats::helper();
    $stock->config( 'site', <<"END");
LogFile="'$helper' cat '@{[ $site->source ]}' |"
LogFormat="$columns"
LogSeparator="\\t"
HostAliases="REGEX[.]"
$config
END
    my ( $status, $output ) = $stock->run('site');
    is( $status, 0, 'stock AWStats: status' ) or diag $output;
    return $stock;
}

# Bytes of the days; of the hours, viewed and not viewed.
sub bytes {
    my $awstats = shift;
    my ( $days, $hours ) = map { $awstats->section( 'site', $_ ) } qw(DAY TIME);
    my @sum = ( 0, 0, 0 );
    $sum[0] += $_->[2] foreach values %$days;
    foreach my $hour ( values %$hours ) {
        $sum[1] += $hour->[2];
        $sum[2] += $hour->[5];
    }
    return \@sum;
}

my @at = map { sprintf '2026-10-05 10:%02d:%02d', $_ / 60, $_ % 60 } 0 .. 3599;
my $hit = CountedSite::record( $at[1], bytes => 21 );
my $mp4 = sub { return CountedSite::record( $at[0], path => '/film.mp4', status => 206, bytes => 3_149_979, @_ ) };

{
    my $exact = counted( {}, $mp4->(), $hit );
    my $plain = counted( { parameters => 'partial=exact' }, $mp4->(), $hit );
    my $stock = counted( { parameters => 'partial=stock' }, $mp4->(), $hit );
    is_deeply( bytes( $exact->awstats ),     [ 3_150_000, 3_150_000, 0 ], 'once' );
    is_deeply( bytes( $plain->awstats ),     [ 3_150_000, 3_150_000, 0 ], 'partial=exact: once' );
    is_deeply( bytes( $stock->awstats ),     [ 6_299_979, 6_299_979, 0 ], 'partial=stock: twice' );
    is_deeply( bytes( stock( '', $stock ) ), [ 6_299_979, 6_299_979, 0 ], 'stock AWStats: twice' );
    is_deeply(
        $exact->awstats->section( 'site', 'DOWNLOADS' ),
        $stock->awstats->section( 'site', 'DOWNLOADS' ),
        'the chart of downloads is as it was'
    );
    my ( $status, $output ) = CountedSite->new( parameters => 'partial=half' )->update;
    like( $output, qr/Error: LoadPlugin="cloudfront ..." has the unknown parameter 'partial=half'/, 'partial=half' );
}

# What AWStats does not count as a part of a download.  What follows it on the same day must not be
# taken for it.
foreach my $case (
    [ 'a page',              '',                       path => '/page.html' ],
    [ 'a favicon',           '',                       path => '/favicon.ico' ],
    [ 'dropped by host',     'SkipHosts="192.0.2.77"', host => '192.0.2.77' ],
    [ 'dropped by file',     'SkipFiles="/film.mp4"' ],
    [ 'dropped by agent',    'SkipUserAgents="REGEX[Firefox]"' ],
    [ 'of no bytes',         '', bytes => '-' ],
    [ 'valid by the config', 'ValidHTTPCodes="200 304 206"' ],
  )
{
    my ( $what, $config, @values ) = @$case;
    my @records = ( $mp4->(@values), CountedSite::record( $at[1], bytes => 9_000_000, agent => 'Opera/9.80' ) );
    foreach my $native (qw(on off)) {
        my $exact = counted( { config => "$config\n", parameters => "native=$native" }, @records );
        is_deeply(
            bytes( $exact->awstats ),
            bytes( stock( $config, $exact ) ),
            "$what: as stock AWStats, native=$native"
        );
    }
}

{
    # A robot's bytes are traffic not viewed; stock AWStats has them in what was viewed too.
    foreach my $native (qw(on off)) {
        my $robot = counted( { parameters => "native=$native" }, $mp4->( agent => $bot ), $hit );
        is_deeply( bytes( $robot->awstats ),     [ 21,        21, 3_149_979 ], "a robot: not viewed, native=$native" );
        is_deeply( bytes( stock( '', $robot ) ), [ 3_150_000, 3_150_000, 3_149_979 ], 'stock AWStats: both' );
    }
}

{
  # Bytes of a kind of file and a country without a whole download, which comes later, or not at all: they do not depend
  # on when updates ran.  Parts without bytes make no row.
    foreach my $native (qw(on off)) {
        my $site = CountedSite->new( parameters => "native=$native" );
        foreach my $hour ( 10 .. 14 ) {
            my %part = ( status => 206, bytes => $hour * 1000 );
            $site->deliver(
                CountedSite::record( "2026-10-05 $hour:00:00", host => 'a.example.de', path => '/f.zip', %part ),
                CountedSite::record( "2026-10-05 $hour:00:01", host => 'b.example.fr', path => '/f.mp3', %part ),
                CountedSite::record(
                    "2026-10-05 $hour:00:02",
                    host => 'c.example.uk',
                    path => '/f.exe',
                    %part, bytes => '-'
                ),
                $hour == 12
                ? CountedSite::record( "2026-10-05 $hour:00:03", host => 'a.example.de', path => '/f.zip' )
                : ()
            );
            my ( $status, undef, $error ) = $site->update_by_program;
            is( $status, 0, "hour $hour, native=$native" ) or diag $error;
        }
        is_deeply(
            $site->awstats->section( 'site', 'FILETYPES' ),
            { zip => [ 1, 61_000, 0, 0 ], mp3 => [ 0, 60_000, 0, 0 ] },
            "kinds of files, native=$native"
        );
        is_deeply(
            $site->awstats->section( 'site', 'DOMAIN' ),
            { de => [ 0, 1, 61_000 ], fr => [ 0, 0, 60_000 ] },
            "countries, native=$native"
        );
        my ( $status, $output ) = $site->command('verify');
        is( $output, "2026-10: equal\n", "verify, native=$native" );
    }
}

{
    # A leap second, which is not counted natively.
    my $leap = CountedSite::record( '2026-10-05 23:59:60', path => '/film.mp4', status => 206, bytes => 1000 );
    foreach my $native (qw(on off)) {
        my $site = counted( { parameters => "native=$native" }, $hit, $leap );
        is_deeply( bytes( $site->awstats ), [ 1021, 1021, 0 ], "a leap second: once, native=$native" );
    }
}

{
    # The last of a month and the first of the next, around midnight, and late; days without any other
    # record, whose bytes stock AWStats does not write.
    my $site = CountedSite->new;
    my @days =
      map { CountedSite::record( $_, path => '/film.mp4', status => 206, bytes => 1000 ) } '2026-09-30 23:59:59',
      '2026-10-01 00:00:00', '2026-10-01 23:59:59', '2026-10-02 00:00:00';
    $site->deliver(@days);
    $site->update;
    $site->deliver(@days);
    $site->update;
    is_deeply(
        { map { $_ => $site->days->{$_}[2] } keys %{ $site->days } },
        { 20260930 => 2000, 20261001 => 4000, 20261002 => 2000 },
        'across days and months, and late'
    );
}

{
    # A part is what an hour begins with, and AWStats saves the hour before.
    foreach my $native (qw(on off)) {
        my $site = counted( { parameters => "native=$native", config => "DatabaseBreak=hour\n" },
            $hit, map { $mp4->() =~ s/10:00:00/1$_:00:00/r } 1 .. 4 );
        is( $site->days->{20261005}[2], 21 + 4 * 3_149_979, "first of an hour, native=$native" );
    }
}

{
    # AWStats saves in the midst after 20,000 records, if they are of many pages; that one is a part.  So does the
    # plugin with that limit.
    my @pages = map { CountedSite::record( $at[ $_ / 10 ], path => "/$_.html", bytes => 1 ) } 1 .. 19_999;
    my $late = sub { return $mp4->(@_) =~ s/10:00:00/10:59:59/r };
    foreach my $native (qw(on off)) {
        my $site = counted( { parameters => "native=$native", arguments => ['-limitflush=5000'] },
            @pages, map { $late->() } 1 .. 3 );
        like( $site->{output}, qr/^Flush history/m, "AWStats saves in the midst, native=$native" );
        is( bytes( $site->awstats )->[0], 19_999 + 3 * 3_149_979, 'right after a part' );
        my $robots = counted( { parameters => "native=$native", arguments => ['-limitflush=5000'] },
            @pages, map { $late->( agent => $bot ) } 1 .. 3 );
        is_deeply( bytes( $robots->awstats ), [ 19_999, 19_999, 3 * 3_149_979 ], 'right after a part for a robot' );
    }
}

{
    # In another time zone: a part belongs to the day and the hour that AWStats counts it in.
    foreach my $native (qw(on off)) {
        my $site = counted(
            { parameters => "native=$native", config => qq(LoadPlugin="timezone 3"\n) },
            map { $mp4->() =~ s/10:00:00/$_/r } '20:59:59',
            '21:00:00', '23:30:00'
        );
        is_deeply(
            { map { $_ => $site->days->{$_}[2] } keys %{ $site->days } },
            { 20261005 => 3_149_979, 20261006 => 2 * 3_149_979 },
            "days in another time zone, native=$native"
        );
        my $hours = $site->awstats->section( 'site', 'TIME' );
        is_deeply(
            [ map { $hours->{$_}[2] } 0, 2,         23,        20, 21 ],
            [ 3_149_979,                 3_149_979, 3_149_979, 0,  0 ],
            "hours in another time zone, native=$native"
        );
    }
}

done_testing;
