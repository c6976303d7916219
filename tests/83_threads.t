#!/usr/bin/perl
# Several threads count what one counts: over batches with the ends of months, late records and older months, with a
# plugin that names countries, with clients that AWStats changes, and with saves in between.  lib/DifferentialCase.pm
# varies the number of threads, too, for logs of all kinds.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use CountryDatabase ();
use HistoryOrder    ();
use Program         qw(content);

# Returns the history files of a site, as lines in an order that says nothing, without what each file has of its own.
sub histories {
    my $site = shift;
    my %text;
    foreach my $path ( glob $site->folder . '/data/awstats*.site.txt' ) {
        my ($period) = $path =~ /awstats(\d+)/;
        my $text = content($path);
        $text =~ s/^# Last config file used .*//m;
        $text =~ s/^LastUpdate \K\d+//m;
        $text =~ s/^cdn \K\S+$/ID/m;
        $text =~ s/^LastLine \d+ \d+ \K.*/OFFSET/m;
        $text{$period} = HistoryOrder::unplaced( HistoryOrder::canonical($text) );
    }
    return \%text;
}

# Returns COUNT records of an hour, "YYYY-MM-DD HH", in the order of their minutes: visitors that come again, errors with
# referrers, downloads, robots.  Another SEED gives other records.
sub records {
    my ( $time, $count, $seed ) = @_;
    return map {
        my $n = ( $_ * 7_919 + $seed ) % 10_007;
        CountedSite::record(
            sprintf( '%s:%02d:%02d', $time, int( $_ * 60 / $count ), $_ % 60 ),
            host => $n % 5 ? '192.0.2.' . $n % 251 : sprintf( '2001:db8::%x', $n % 300 ),
            path =>
              ( '/page.html', '/picture.png', '/film.mp4', "/page$n.html", '/robots.txt', '/favicon.ico' )[ $n % 6 ],
            bytes   => 100 + $n,
            status  => ( 200, 200, 206, 404, 304, 200 )[ $n % 13 % 6 ],
            referer =>
              ( '-', "https://site$n.example/", 'https://www.google.com/search?q=word' . $n % 9 )[ $n % 7 % 3 ],
            agent => 'Mozilla/5.0%2520('
              . ( 'X11;%2520Linux', "compatible;%2520bot$n", 'Windows%2520NT%252010.0' )[ $n % 3 ]
              . ")%2520Firefox/"
              . $n % 40,
        )
    } 0 .. $count - 1;
}

# Returns sites that differ only in how many threads count.
sub sites {
    my ( $threads, %option ) = @_;
    my $parameters = $option{parameters} || '';
    return map { CountedSite->new( %option, parameters => "$parameters threads=$_" ) } @$threads;
}

# Updates all sites, and compares each with the first.
sub compare {
    my ( $what, $threads, @sites ) = @_;
    my @results;
    foreach my $site (@sites) {
        my ( $status, $output, $error ) = $site->update_by_program;
        is( $status, 0, "$what: counted" ) or diag $error;
        push @results, { histories => histories($site), output => $output =~ s/ in [\d.]+ s\b//r };
    }
    is( _difference( @results[ 0, $_ ] ), '', "$what: $threads->[$_] threads" ) foreach 1 .. $#results;
    return $results[0]{output};
}

# Returns the lines that only one of two results has, the first few.
sub _difference {
    my ( $left, $right ) = map {
        my $of = $_;
        join '', $of->{output}, map { $of->{histories}{$_} } sort keys %{ $of->{histories} }
    } @_;
    my %lines;
    $lines{$_}++ foreach split /\n/, $left;
    $lines{$_}-- foreach split /\n/, $right;
    my @differ = map { ( $lines{$_} > 0 ? '-' : '+' ) . $_ } grep { $lines{$_} } sort keys %lines;
    splice @differ, 20 if @differ > 20;
    return join "\n", @differ;
}

my @threads = ( 1, 2, 3, 8 );
my $details = 'ShowHTTPErrorsPageDetail="RH"' . "\n";
{
    my @sites = sites( \@threads, config => qq(${details}SkipHosts="192.0.2.7"\n) );
    foreach my $site (@sites) {
        $site->deliver( records( '2026-09-30 22', 3000, 1 ) );
        $site->deliver( records( '2026-09-30 23', 3000, 2 ) );
        $site->deliver( records( '2026-10-01 00', 2000, 3 ) );
    }
    like( compare( 'a new month', \@threads, @sites ), qr/of 8,000 records of 3 logs/, 'all records' );
    foreach my $site (@sites) {
        $site->deliver( records( '2026-10-01 01', 2000, 4 ) );
        $site->deliver( records( '2026-09-30 21', 500,  5 ) );
        $site->deliver( records( '2026-07-04 10', 500,  6 ) );
        $site->deliver( records( '2026-10-02 10', 700,  7 ) );
    }
    compare( 'late records and an older month', \@threads, @sites );
}

# A record whose client is no address ends the work of the threads until AWStats has saved.
{
    my @sites = sites( \@threads, config => $details );
    foreach my $site (@sites) {
        my @records = records( '2026-09-30 23', 3000, 1 );
        s/\t192[.]0[.]2[.]\d+\t/\t192.0.2.77:8080\t/ foreach $records[1500];
        $site->deliver( @records, records( '2026-10-01 00', 1000, 2 ) );
    }
    compare( 'a client with a port', \@threads, @sites );
}

# AWStats saves whenever the counters take a kilobyte.  Pages in error are left out: their last referrers depend on when that
# is.
{
    my @sites = sites( [ 1, 3 ], config => qq(TrapInfosForHTTPErrorCodes="999"\n), parameters => 'memory=1K' );
    $_->deliver( records( '2026-10-01 00', 400, 1 ) ) foreach @sites;
    compare( 'saves in between', [ 1, 3 ], @sites );
}

# Threads are ahead of one another, by more than the two hours that a record may be late where the log is no batch; AWStats
# saves again and again, and gets many records.  It gets no more than with one thread.
{
    my @records = map {
        CountedSite::record(
            sprintf( '2026-10-%02d %02d:%02d:%02d', 1 + $_ / 8640, $_ / 360 % 24, $_ / 6 % 60, $_ % 6 * 10 ),
            host    => '192.0.2.' . $_ % 250,
            referer => $_ % 5 ? '-' : "https://site$_.example/"
        )
    } 0 .. 7999;
    my ( %by_awstats, $first );
    foreach my $threads ( 1, 3 ) {
        my ($site) = sites( [$threads], parameters => 'memory=1K' );
        $site->use_log( $site->source );
        $site->deliver(@records);
        my ( $status, $output ) = $site->update;
        is( $status, 0, "a log that is no batch, saves in between, $threads threads" ) or diag $output;
        like( $output, qr/Found 8000 new qualified records/, 'all records' );
        ( $by_awstats{$threads} ) = $output =~ /^cloudfront: the plugin counted .*, awstats\.pl (\d+)/m;
        $first //= histories($site);
        is( _difference( map { { output => '', histories => $_ } } $first, histories($site) ), '', 'the same figures' );
    }
    cmp_ok( $by_awstats{3}, '<', 1.1 * $by_awstats{1} + 100, 'awstats.pl gets no more records' );
}

SKIP: {
    skip 'GeoIP2::Database::Reader is missing', 3 if !eval { require GeoIP2::Database::Reader; 1 };
    my $folder = File::Temp->newdir;
    my $database = "$folder/countries.mmdb";
    CountryDatabase::write_file($database);
    my @sites = sites( [ 1, 4 ], config => qq(LoadPlugin="geoip2_country GEOIP_STANDARD $database"\n) );
    $_->deliver( records( '2026-10-01 00', 4000, 1 ) ) foreach @sites;
    compare( 'countries', [ 1, 4 ], @sites );
}

# Each thread may have as many rows of an extra section as AWStats allows; together they have too many.
{
    my $section = join "\n", 'ExtraTrackedRowsLimit=40', 'ExtraSectionName1="Clients"', 'ExtraSectionCondition1=""',
      'ExtraSectionFirstColumnTitle1="Client"', 'ExtraSectionFirstColumnValues1="HOST,(.+)"',
      'ExtraSectionFirstColumnFormat1="%s"', 'ExtraSectionStatTypes1="PHB"', 'MaxNbOfExtra1=50', 'MinHitExtra1=1', '';
    foreach my $threads ( 1, 4 ) {
        my ($site) = sites( [$threads], config => $section );
        $site->deliver( map { CountedSite::record( sprintf( '2026-10-01 00:00:%02d', $_ ), host => "192.0.2.$_" ) }
              1 .. 59 );
        my ( $status, undef, $error ) = $site->update_by_program;
        isnt( $status, 0, "too many rows, $threads threads: an error" );
        like( $error, qr/extra section 1 .*ExtraTrackedRowsLimit/is, 'the error names section and setting' );
        ok( !glob( $site->folder . '/data/awstats*.site.txt' ), 'nothing is saved' );
    }
}

# The output of awstats.pl tells how many threads counted.
{
    my ($site) = sites( [3] );
    $site->deliver( records( '2026-10-01 00', 500, 1 ) );
    my ( $status, $output ) = $site->update;
    is( $status, 0, 'by awstats.pl' );
    like( $output, qr/^cloudfront: the plugin counted \d+ records in 3 threads, awstats\.pl \d+/m, 'three threads' );
    my ($other) = sites( [3], config => qq(LoadPlugin="timezone +2"\n) );
    $other->deliver( records( '2026-10-01 00', 500, 1 ) );
    ( $status, $output ) = $other->update;
    like( $output, qr/^cloudfront: the plugin counted \d+ records, awstats/m, 'one thread, where times are changed' );
}

# Too many threads.
{
    my ($site) = sites( [0] );
    $site->deliver( records( '2026-10-01 00', 5, 1 ) );
    my ( $status, undef, $error ) = $site->update_by_program;
    isnt( $status, 0, 'threads=0 is an error' );
    like( $error, qr/'threads=0'.*threads=N/, 'which says what is valid' );
}

done_testing;
