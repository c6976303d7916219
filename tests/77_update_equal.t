#!/usr/bin/perl
# The histories that "awstats-cloudfront update" writes are byte for byte those of the plugin in awstats.pl -update, over
# batches with late records and older months, for both kinds of distribution, and by a perl that has no plugin.
use strict;
use warnings;
use Test::More;
use File::Copy qw(copy);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program qw(content);

# The history files, byte for byte but for the time of the update, its folder, and the IDs of batches.
sub bytes {
    my $site = shift;
    my %bytes;
    foreach my $path ( glob $site->folder . '/data/awstats*.site.txt' ) {
        my ($period) = $path =~ /awstats(\d+)/;
        $bytes{$period} = content($path);
        for ( $bytes{$period} ) {
            s/^# Last config file used .*//m;
            s/^LastUpdate \K\d+//m;
            s/^cdn \K\S+$/ID/m;
        }
    }
    return \%bytes;
}

# Two sites with the same settings; the second is counted by the program, and its AWStats has no plugin.
sub two_sites {
    my %option = @_;
    my @sites = map { CountedSite->new(%option) } 1, 2;
    unlink map { $sites[1]->folder . "/plugins/$_" } qw(cloudfront.pm cloudfront);
    return @sites;
}

# Updates both, and compares them.
sub compare {
    my ( $what, $by_plugin, $by_program ) = @_;
    my ( $status, $output ) = $by_plugin->update;
    is( $status, 0, "$what: the plugin counts" ) or diag $output;
    ( $status, $output, my $error ) = $by_program->update_by_program;
    is( $status, 0, "$what: the program counts" ) or diag $error;
    is_deeply( bytes($by_program), bytes($by_plugin), "$what: equal histories" );
    return $output;
}

sub some_records {
    my ( $month, $count, $seed ) = @_;
    return map {
        my $n = $_ * 7 + $seed;
        CountedSite::record(
            sprintf( '%s-%02d %02d:%02d:%02d', $month, 1 + $n % 28, $n % 24, $n % 60, $_ % 60 ),
            host   => '192.0.2.' . $n % 101,
            path   => ( '/page.html', '/picture.png', '/film.mp4', "/page$n.html" )[ $n % 4 ],
            bytes  => 100 + $n,
            status => ( 200, 206, 404, 304 )[ $n % 11 % 4 ],
        )
    } 1 .. $count;
}

my @sites = two_sites( config => "SkipHosts=\"192.0.2.7\"\nShowHTTPErrorsPageDetail=RH\n" );
foreach my $site (@sites) {
    $site->deliver( some_records( '2026-09', 400, 1 ) );
    $site->deliver( some_records( '2026-08', 300, 2 ) );
}
like(
    compare( 'two months', @sites ),
    qr/^\[cdn\]: 69\d of 700 records of 2 logs counted in [\d.]+ s: 2026-08, 2026-09\n$/,
    'one line'
);
foreach my $site (@sites) {
    $site->deliver( some_records( '2026-09', 200, 3 ) );
    $site->deliver( some_records( '2026-06', 100, 4 ) );
    $site->deliver( some_records( '2026-10', 100, 5 ) );
}
compare( 'late records', @sites );
my ( $status, $output, $error ) = $sites[1]->update_by_program;
is( "$status $output$error", "0 [cdn]: no new logs to count\n", 'nothing new' );
is_deeply( [ sort keys %{ bytes( $sites[1] ) } ], [qw(062026 082026 092026 102026)], 'all months are there' );

# The other one goes on with the other's history and ledger: an empty batch has not come between them.
$_->deliver( some_records( '2026-10', 50, 6 ) ) foreach @sites;
compare( 'after an update without logs', @sites );
( $status, $output ) = $sites[0]->update_by_program;
is( "$status $output", "0 [cdn]: no new logs to count\n", 'the program goes on after the plugin' );
$sites[0]->deliver( some_records( '2026-10', 10, 7 ) );
( $status, $output ) = $sites[0]->update;
like( $output, qr/Found 10 new qualified records/, 'the plugin goes on after the program' );

my @streaming_sites = two_sites( config => "LogType=S\n" );
my $data = AWStats::root() . '/tests/data/streaming';
foreach my $site (@streaming_sites) {
    copy( $_, $site->source ) or die "$_: $!\n" foreach glob "$data/*.gz";
}
compare( 'a streaming distribution', @streaming_sites );

my @download_sites = two_sites( config => "DatabaseBreak=day\n" );
foreach my $site (@download_sites) {
    copy( $_, $site->source )
      or die "$_: $!\n"
      foreach ( glob AWStats::root() . '/tests/data/download/*.gz' )[ 0 .. 9 ];
}
compare( 'a history file a day', @download_sites );

done_testing;
