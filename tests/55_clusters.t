#!/usr/bin/perl
# The cluster chart shows the cities of edge locations from a table whose content is checked.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;

my $table = AWStats::plugin_folder() . '/cloudfront/pop.tsv';
open my $file, '<', $table or die "$table: $!";
my @lines = <$file>;
my %place;
my $last = '';
foreach my $line (@lines) {
    my ( $code, $city, $country ) = $line =~ /^([A-Z]{3})\t([A-Z][A-Za-z .'-]*[a-z])\t([A-Z]{2})\n$/
      or fail("a line of the table: $line"), next;
    cmp_ok( $last, 'lt', $code, "$code in its place" ) if $last ge $code;
    $place{$code} = "$city, $country";
    $last = $code;
}
cmp_ok( scalar keys %place, '>', 300, 'some hundreds of places' );
is( scalar keys %place, scalar @lines, 'each once' );

# Some that CloudFront had in 2010, and some of today.
my %known = (
    SFO => 'San Francisco, US',
    JAX => 'Jacksonville, US',
    EWR => 'Newark, US',
    STL => 'St. Louis, US',
    DFW => 'Dallas, US',
    IAD => 'Ashburn, US',
    LHR => 'London, GB',
    AMS => 'Amsterdam, NL',
    DUB => 'Dublin, IE',
    FRA => 'Frankfurt, DE',
    HKG => 'Hong Kong, HK',
    SIN => 'Singapore, SG',
    NRT => 'Tokyo, JP',
    QRO => 'Queretaro, MX',
    FJR => 'Fujairah, AE',
    NBO => 'Nairobi, KE',
    AKL => 'Auckland, NZ',
    ZHY => 'Zhongwei, CN',
);
is( $place{$_}, $known{$_}, "$_ is $known{$_}" ) foreach sort keys %known;

# Codes as logs have them, and what is no code: <td> of the chart for each.
my %cell = (
    'DFW57-P3'    => 'Dallas, US',
    'SFO4'        => 'San Francisco, US',
    'FRA56-C1'    => 'Frankfurt, DE',
    'XQZ50-P1'    => '&nbsp;',
    'DFW'         => '&nbsp;',
    'dfw57-P3'    => '&nbsp;',
    'DFWX7'       => '&nbsp;',
    '<b>X</b>'    => '&nbsp;',
    'constructor' => '&nbsp;',
);
my $awstats = AWStats->new;
my $log = "$awstats->{folder}/log";
open my $out, '>', $log or die $!;
my $second = 0;
foreach my $code ( sort keys %cell ) {
    printf $out "2026-10-01\t10:00:%02d\t%s\t100\t192.0.2.1\tGET\twww.example.com\t/\t200\t-\t-\t-\n", $second++, $code;
}
close $out or die $!;
$awstats->config( 'site', <<"END");
LoadPlugin="cloudfront"
LogFile="$log"
LogFormat="%time2 %cluster %bytesd %host %method %virtualname %url %code %referer %ua %query"
LogSeparator="\\t"
ShowClusterStats=PHB
LevelForRobotsDetection=0
END
my ( $status, $output ) = $awstats->run( 'site', '-update', '-output', '-staticlinks', '-month=10', '-year=2026' );
is( $status, 0, 'update and report in one' ) or diag $output;
like( $output, qr{<th>Edge location</th>}, 'a column of its own' );
foreach my $code ( sort keys %cell ) {
    my ($cell) = $output =~ m{<td class="aws">Computer \Q$code\E</td><td class="aws">(.*?)</td>};
    is( $cell, $cell{$code}, "$code: $cell{$code}" );
}

# Without its table the plugin says so, and the report is there.
unlink "$awstats->{folder}/plugins/$_" foreach qw(cloudfront cloudfront.pm);
system 'cp', AWStats::plugin_folder() . '/cloudfront.pm', "$awstats->{folder}/plugins/";
( $status, $output ) = $awstats->run( 'site', '-output', '-staticlinks', '-month=10', '-year=2026' );
is( $status, 0, 'a report without the table' );
like( $output, qr{can't read its table of edge locations}, 'with a warning' );
is( scalar( () = $output =~ /can't read its table/g ), 1, 'a single one' );
like( $output, qr{Computer SFO4</td><td class="aws">&nbsp;</td>}, 'and its clusters' );

done_testing;
