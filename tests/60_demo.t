#!/usr/bin/perl
# `make demo`'s script: both ways in, one report, its figures; and nothing outside its folder.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;

my $scratch = tempdir( CLEANUP => 1 );
mkdir "$scratch/$_" foreach qw(home tmp);
local $ENV{HOME}   = "$scratch/home";
local $ENV{TMPDIR} = "$scratch/tmp";
local $ENV{AWSTATS_CLOUDFRONT} = AWStats::helper();

sub demo {
    my $output = `'$^X' '$Bin/demo/demo' '$scratch/demo' 2>&1`;
    is( $?, 0, 'the demo runs' ) or diag $output;
    return $output;
}

my $output = demo();
my ($records) = `'$ENV{AWSTATS_CLOUDFRONT}' cat '$Bin/data/download'` =~ /^#End: records=(\d+)/m;
foreach my $way (qw(pipe plugin)) {
    like( $output, qr/-config=$way -update: $records records counted/, "$way: all sample records" );
}
like( $output, qr/Both give the same history files: \d{6}/, 'the two ways are compared' );
my %figure = $output =~ /^  ([A-Z]\w+) +(.+)$/mg;
foreach my $name (qw(Visits Hosts Pages Hits)) {
    like( $figure{$name}, qr/^[1-9]\d*$/, $name );
}
like( $figure{Bandwidth}, qr/^[1-9][\d.]* MB$/,          'bandwidth' );
like( $figure{Cities},    qr/^[A-Z][a-z]\D+ \d+(, \D+ \d+)+$/, 'cities, by name' );
like( $figure{Windows},   qr/\bwin10 \d/,                'versions of Windows' );

my ($page) = $output =~ /^Report: (.*)$/m;
is( $page, "$scratch/demo/report/awstats.plugin.html", 'the report is where it was asked for' );
open my $file, '<', $page or die "$page: $!";
my $html = do { local $/; <$file> };
like( $html, qr/<th>Edge location<\/th>/, 'with the cities of the edge locations' );
my @missing = grep { !-f "$scratch/demo/report/$_" } grep { !/^https?:/ } $html =~ /<img src="([^"]+)"/g;
is_deeply( \@missing, [], 'and all its pictures' );
is_deeply( [ glob "$scratch/home/* $scratch/tmp/*" ], [], 'nothing is left elsewhere' );

is( demo(), $output, 'a second run says the same' );

done_testing;
