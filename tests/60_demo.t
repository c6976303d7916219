#!/usr/bin/perl
# `make demo` reports on both kinds of distribution, by pipe and by plugin, with the right figures, and writes
# nothing outside its folder.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Browser;
use GenerateStreaming ();
use Links;
use List::Util qw(sum0);
use Program    qw(content);

my $scratch = tempdir( CLEANUP => 1 );
mkdir "$scratch/$_" foreach qw(home tmp);
local $ENV{HOME} = "$scratch/home";
local $ENV{TMPDIR} = "$scratch/tmp";
local $ENV{AWSTATS_CLOUDFRONT} = AWStats::helper();

sub demo {
    my $output = `'$^X' '$Bin/demo/demo' '$scratch/demo' 2>&1`;
    is( $?, 0, 'the demo runs' ) or diag $output;
    return $output;
}

my $output = demo();
my ( $download, $streaming ) = split /^(?=Sample logs of a streaming)/m, $output;
my ($records) = `'$ENV{AWSTATS_CLOUDFRONT}' cat '$Bin/data/download'` =~ /^#End: records=(\d+)/m;
foreach my $way (qw(pipe plugin)) {
    like( $download, qr/-config=$way -update: $records records counted/, "$way: all sample records" );
}
like( $download, qr/Both give the same history files: \d{6}/, 'the two ways are compared' );
my %figure = $download =~ /^  ([A-Z]\w+) +(.+)$/mg;
foreach my $name (qw(Visits Hosts Pages Hits)) {
    like( $figure{$name}, qr/^[1-9]\d*$/, $name );
}
like( $figure{Bandwidth}, qr/^[1-9][\d.]* MB$/,                'bandwidth' );
like( $figure{Cities},    qr/^[A-Z][a-z]\D+ \d+(, \D+ \d+)+$/, 'cities, by name' );
like( $figure{Windows},   qr/\bwin10 \d/,                      'versions of Windows' );

# The streaming report, against what the generator of its logs knows.
my $truth = GenerateStreaming::logs();
my @views = @{ $truth->{views} };
my @all = ( @views, @{ $truth->{connects} } );
my %hosts = map { ( join( ' ', ( gmtime $_->{time} )[4], $_->{address} ) => 1 ) } @views;
my %streams;
$streams{ $_->{path} }++ foreach @views;
my ($top) = sort { $streams{$b} <=> $streams{$a} } keys %streams;
my %watched = map { $_ => 0 } qw(0 1-10 11-60 61-600 601-3600 more);

foreach my $seconds ( map { $_->{seconds} } @views ) {
    $watched{
          $seconds == 0    ? '0'
        : $seconds <= 10   ? '1-10'
        : $seconds <= 60   ? '11-60'
        : $seconds <= 600  ? '61-600'
        : $seconds <= 3600 ? '601-3600'
        :                    'more'
    }++;
}
foreach my $way (qw(pipe plugin)) {
    like(
        $streaming,
        qr/-config=streaming-$way -update: ${\ scalar @all} records counted/,
        "$way: all views and connections"
    );
}
like( $streaming, qr/Both give the same history files: 112012 122012/, 'the two ways are compared' );
%figure = $streaming =~ /^  ([A-Z]\w+) +(.+)$/mg;
is( $figure{Views},     scalar @views,      'views' );
is( $figure{Hits},      scalar @all,        'views and connections without one' );
is( $figure{Hosts},     scalar keys %hosts, 'hosts, month by month' );
is( $figure{Bandwidth}, sprintf( '%.1f MB', sum0( map { $_->{bytes} } @all ) / 2**20 ), 'bandwidth' );
like( $figure{Streams}, qr/^\Q$top $streams{$top}\E, /, 'the stream with most views' );
is(
    $figure{Seconds},
    join( ', ', map { "$_: $watched{$_}" } qw(0 1-10 11-60 61-600 601-3600 more) ),
    'seconds watched'
);
cmp_ok( $figure{Visits}, '>=', $figure{Hosts}, 'visits, at least one a host' );
cmp_ok( $figure{Visits}, '<=', $figure{Views}, 'visits, at most one a view' );

my $report = "$scratch/demo/report";
like( $output, qr{^Report: \Q$report\E/index\.html$}m, 'the report is where it was asked for' );
my ( $pages, $missing ) = Links::follow("$report/index.html");
is_deeply( $missing, [], 'no link or picture leads nowhere' );
my %least_pages_of = ( download => 50, streaming => 30 );
foreach my $name ( sort keys %least_pages_of ) {
    my $count = grep { m{^\Q$report\E/$name/} } @$pages;
    cmp_ok( $count, '>=', $least_pages_of{$name}, "$name: it has pages" );
    like(
        $output,
        qr/^  \[$name\]: [\d,]+ records counted, ${\ ($count - 1)} pages of 2 months written$/m,
        'the demo says so'
    );
    like(
        content("$report/$name/awstats.html"),
        qr/<th>City<\/th><th>Edge locations<\/th>/,
        "$name: the cities of the edge locations"
    );
}
SKIP: {
    skip 'no Chromium', 1 if !Browser::program();
    is( scalar( grep { -s } glob "$scratch/demo/*.png" ), 3, 'pictures of it are kept' );
}
is_deeply( [ glob "$scratch/home/* $scratch/tmp/*" ], [], 'nothing is left elsewhere' );

is( demo(), $output, 'a second run prints the same' );

done_testing;
