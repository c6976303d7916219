#!/usr/bin/perl
# The history of a site that the plugin counts, and that of a server that AWStats counts alone, become one by the command
# merge: the plugin goes on with the sum, and each record counts once.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats     ();
use CountedSite ();
use Program     qw(content helper run write_file);
use Test::More;

# Returns the pages and hits of the day.
sub day {
    my ($path) = @_;
    return content($path) =~ /^20260801 (\d+ \d+) /m ? $1 : 'none';
}

sub records {
    my ($hour) = @_;
    return map { CountedSite::record( "2026-08-01 $hour:0$_:00", host => "198.51.100.$_" ) } 0 .. 9;
}

sub batch {
    my ($path) = @_;
    return content($path) =~ /^(cdn [\w-]+)$/m ? $1 : 'none';
}

my $server = AWStats->new( plugin => 0 );
my $folder = $server->folder;
write_file(
    "$folder/log",
    join '',
    map {
qq(192.0.2.$_ - - [01/Aug/2026:01:0$_:00 +0000] "GET /page$_.html HTTP/1.1" 200 10 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"\n)
    } 1 .. 7
);
$server->config( 'server', qq(LogFile="$folder/log"\nLogFormat=1\n) );
is( ( $server->run( 'server', '-update' ) )[0], 0, 'the server is counted' );

my $site = CountedSite->new;
my $history = $site->folder . '/data/awstats082026.site.txt';
$site->deliver( records('10') );
is( ( $site->update )[0], 0,       'the site is counted' );
is( day($history),        '10 10', 'the site has its records' );
my $batch = batch($history);
like( $batch, qr/^cdn /, 'the site has a batch' );

my @files = ( $history, "$folder/data/awstats082026.server.txt" );
my ( $status, $out, $err ) = run( helper(), 'merge', '--output', "$folder/sum", @files );
is( "$status$out$err",    '0',     'merged' );
is( day("$folder/sum"),   '17 17', 'the sum has all records' );
is( batch("$folder/sum"), $batch,  'the sum has the batch of the site' );
rename "$folder/sum", $history or die "$history: $!\n";

( $status, $out ) = $site->update;
is( $status,       0,       'an update without new logs' ) or diag $out;
is( day($history), '17 17', 'an update without new logs changes nothing' );
$site->deliver( records('11') );
( $status, $out ) = $site->update;
is( $status,       0,       'an update with new logs' ) or diag $out;
is( day($history), '27 27', 'the new records count onto the sum' );
isnt( batch($history), $batch, 'the sum has the next batch' );

# ---- files whose settings differ: the greatest number of rows comes first, in any order of the files ----

foreach my $rows ( 3, 12, 5 ) {
    write_file(
        "$folder/log$rows",
        join '',
        map {
            my $host = "192.0.2.$_";
            map {
qq($host - - [01/Aug/2026:01:00:00 +0000] "GET /$rows/$host.html HTTP/1.1" 200 10 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"\n)
            } 1 .. $_
        } $rows .. 20
    );
    $server->config( "rows$rows",
        qq(LogFile="$folder/log$rows"\nLogFormat=1\nMaxNbOfHostsShown=$rows\nMaxNbOfPageShown=$rows\n) );
    is( ( $server->run( "rows$rows", '-update' ) )[0], 0, "$rows rows: counted" );
}
foreach my $order ( [ 3, 12, 5 ], [ 12, 5, 3 ], [ 5, 3, 12 ] ) {
    ( $status, $out, $err ) =
      run( helper(), 'merge', '--output', "$folder/rows", map { "$folder/data/awstats082026.rows$_.txt" } @$order );
    is( "$status$out$err", '0', "merged in the order @$order" );
    my ( $count, $hosts ) =
      content("$folder/rows") =~ /^# The (\d+) first Hits .*\nBEGIN_VISITOR .*\n((?s:.*?))^END_VISITOR\n/m;
    is( $count, 12, "@$order: as many as the greatest number" );
    my @hits = map { ( split / / )[2] } split /^/, $hosts;
    my @most = ( sort { $b <=> $a } @hits )[ 0 .. 11 ];
    is( "@hits[0 .. 11]", "@most", "@$order: these hosts come first" );
}
done_testing;
