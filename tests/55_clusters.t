#!/usr/bin/perl
# The report adds up edge locations by city, with the cities of a table whose content is checked.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Program qw(write_file);

my $table = AWStats::plugin_folder() . '/pop.tsv';
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

# Codes as logs have them, and what is no code: records of each; the city is the key of its row.
my @record_of = (
    (
        map { [ $_, '/', 100 ] } ('DFW57-P3') x 2,
        'DFW3',
        ('SFO4') x 5,
        qw(FRA56-C1 FRA56-C1 FRA2 FRA2 FRA3 FRA60-P1 FRA7)
    ),
    map { [ $_, '/picture.png', 50 ] } qw(XQZ50-P1 DFW dfw57-P3 DFWX7 <b>X</b> constructor)
);
my %row = (
    'Frankfurt, DE'     => [ 'FRA2, FRA56-C1, FRA3 and 2 more', 7, 700 ],
    'San Francisco, US' => [ 'SFO4',                            5, 500 ],
    'Dallas, US'        => [ 'DFW57-P3, DFW3',                  3, 300 ],
    map { $_ => [ $_, '&nbsp;', 50 ] } qw(XQZ50-P1 DFW dfw57-P3 DFWX7 constructor),
    '&#60;b&#62;X&#60;/b&#62;'
);
my $awstats = AWStats->new;
my $log = "$awstats->{folder}/log";
my $second = 0;
write_file(
    $log,
    join '',
    map {
        join( "\t",
            '2026-10-01', sprintf( '10:00:%02d', $second++ ),
            $_->[0], $_->[2], '192.0.2.1', 'GET', 'www.example.com', $_->[1], '200', '-', '-', '-' )
          . "\n"
    } @record_of
);
my $config = <<"END";
LoadPlugin="cloudfront"
LogFile="$log"
LogFormat="%time2 %cluster %bytesd %host %method %virtualname %url %code %referer %ua %query"
LogSeparator="\\t"
ShowClusterStats=PHB
LevelForRobotsDetection=0
NotPageList="png"
END
$awstats->config( 'site', $config );
my @report = qw(-output -staticlinks -month=10 -year=2026);
my ( $status, $output ) = $awstats->run( 'site', '-update', @report );
is( $status, 0, 'update and report in one' ) or diag $output;
my ($chart) = $output =~ m{<a name="clusters">(.*?)</table>}s;
my @rows = map { [m{<td[^>]*>(.*?)</td>}g] } $chart =~ m{<tr><td class="aws">.*?</tr>}g;
is( scalar @rows, keys %row, 'a row for each city, and for each edge location without one' );

foreach my $cells (@rows) {
    my ( $city, $codes, $pages, undef, undef, undef, $bytes ) = @$cells;
    is_deeply( [ $codes, $pages, $bytes ], [ @{ $row{$city} }[ 0, 1 ], "$row{$city}[2] Bytes" ], "the row of $city" );
}
is( $rows[0][0], 'Frankfurt, DE', 'the city with most hits first' );
is( $rows[0][3], '46.6 %',        'its part of the pages' );
is( $rows[0][5], '33.3 %',        'of the hits' );
is( $rows[0][7], '38.8 %',        'of the bytes' );
unlike( $output, qr/<b>X/, 'nothing of a log is HTML' );

# A distribution of pictures only has a table, too.
write_file( $log, join "\t", qw(2026-10-01 10:00:00 SFO4 0 192.0.2.1 GET www.example.com /a.png 200 - - -), "\n" );
$awstats->config( 'pictures', $config );
( $status, $output ) = $awstats->run( 'pictures', '-update', @report );
is( $status, 0, 'no pages and no bytes: status' );
my $none = '<td>&nbsp;</td><td>0 %</td>';
like(
    $output,
    qr{San Francisco, US</td><td class="aws">SFO4</td>$none<td>1</td><td>100 %</td>$none</tr>},
    'no pages and no bytes: the edge location'
);

# Another plugin that knows something about clusters gets AWStats' own table, and so does this one.
write_file( "$awstats->{folder}/plugins/other.pm", <<'END' );
sub Init_other { return 'ShowInfoCluster'; }
sub ShowInfoCluster_other { print '<td>', ( $_[0] eq '__title__' ? 'Other' : "other $_[0]" ), '</td>'; return 1; }
1;
END
$awstats->config( 'site', qq($config\nLoadPlugin="other"\n) );
( $status, $output ) = $awstats->run( 'site', @report );
is( $status, 0, 'another plugin: status' );
like(
    $output,
    qr{Computer DFW3</td><td class="aws">Dallas, US</td><td>other DFW3</td>},
    'another plugin: AWStats prints the table, with the cells of both'
);
like( $output, qr{Computer DFW57-P3</td><td class="aws">Dallas, US</td>}, 'another plugin: each edge location' );
$awstats->config( 'site', $config );

# Without its table of cities the plugin says so, once, and the report is there.
mkdir "$awstats->{folder}/copy";
system 'cp', '-LR', glob( AWStats::plugin_folder() . '/{cloudfront*,pop.tsv}' ), "$awstats->{folder}/copy";
foreach my $name (qw(cloudfront cloudfront.pm)) {
    unlink "$awstats->{folder}/plugins/$name";
    symlink "$awstats->{folder}/copy/$name", "$awstats->{folder}/plugins/$name";
}
unlink "$awstats->{folder}/copy/pop.tsv" or die $!;
( $status, $output ) = $awstats->run( 'site', @report );
is( $status, 0, 'a report without the table of cities' );
is( scalar( () = $output =~ /can't read its table of edge locations/g ),
    1, 'a report without the table of cities: a single warning' );
like(
    $output,
    qr{<td class="aws">SFO4</td><td class="aws">SFO4</td>},
    'a report without the table of cities: the edge locations'
);

# So it does when its modules are missing.
unlink glob "$awstats->{folder}/copy/cloudfront/AWStats/CloudFront/Report.pm";
my $fresh = bless { %$awstats, fresh => 1 }, 'AWStats';
( $status, $output ) = $fresh->run( 'site', @report );
is( $status, 0, 'a report without the module for reports' );
is( scalar( () = $output =~ /can't name edge locations and countries; install/g ),
    1, 'a report without the module for reports: a single warning' );
like(
    $output,
    qr{Computer SFO4</td><td class="aws">&nbsp;</td>},
    'a report without the module for reports: the table of AWStats'
);

done_testing;
