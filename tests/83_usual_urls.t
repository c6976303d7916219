#!/usr/bin/perl
# The plugin gives a usual URL the class of another one of its file type, and takes the whole text for the row of "^(.+)$":
# the history is that of AWStats' own loop, for URLs on both sides of what is usual.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Program    ();
use File::Temp ();

my $logs = File::Temp::tempdir( CLEANUP => 1 );
my $fields =
    'date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent)'
  . ' cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id';
my @names = qw(a index robots ROBOTS my-robots robots- favicon FavIcon a_b-c a.b 0 - _ a+b a;b %C3%A9 a%20b a%2Fb);
my @types = ( qw(html HTML htm php css js png zip ZIP ico txt xml x abcdef abcdefg 0 - _ a-b), '' );
my @urls = (
    (
        map {
            my $name = $_;
            map { "/$name.$_" } @types
        } @names
    ),
    (
        map { ( "$_/index.html", "$_/b.png", "$_/b.zip" ) } '', '/a', '/a/b', '//a', '/a//b', '/.a', '/a.b', '/-',
        '/~a'
    ),
    qw(/ /a /a/ /0 0 a.html * /js/awstats_misc_tracker.js /js/awstats_misc_tracker.jsp /js/awstats_misc_tracker.js.html),
    map {
        my $size = $_;
        map { '/' . ( 'l' x ( $size - 1 - length ) ) . $_ } qw(.html .png)
    } 255 .. 258
);
my ( $text, $number ) = ( "#Version: 1.0\n#Fields: $fields\n", 0 );
for my $url (@urls) {
    for my $status ( 200, 404 ) {
        for my $query ( '-', 'q=1' ) {
            my $time = sprintf '%02d:%02d:%02d', 8 + int( $number / 3600 ), int( $number / 60 ) % 60, $number % 60;
            my $host = '192.0.2.' . ( 1 + $number++ % 9 );
            $text .= join( "\t",
                '2026-10-05', $time, 'FRA2-C1', 1000 + $number,
                $host,        'GET', 'www.example.com', $url, $status,
                '-',          'Mozilla/5.0%20(X11;%20Linux%20x86_64)%20Firefox/140.0',
                $query,       '-', 'Hit', '-' )
              . "\n";
        }
    }
}
Program::write_file( "$logs/E1EXAMPLE.2026-10-05-08.00000000", $text );

my $section = <<'END';
ExtraSectionNameN="Section N"
ExtraSectionCodeFilterN="200 404"
ExtraSectionConditionN=""
ExtraSectionFirstColumnTitleN="Text"
ExtraSectionFirstColumnValuesN="PATTERN"
ExtraSectionFirstColumnFormatN="%s"
ExtraSectionStatTypesN=PHB
MaxNbOfExtraN=1000
MinHitExtraN=1
END
my @patterns = ( 'URL,^(.+)$', 'QUERY_STRING,^(.+)$', 'URL,^(.*)$||QUERY_STRING,^(.+)$', 'URLWITHQUERY,^(.+)$' );
my $sections = join '', map { $section =~ s/N(?=[=])/$_/gr =~ s/PATTERN/$patterns[$_ - 1]/r } 1 .. @patterns;

my $awstats = AWStats->new;
my %history;
my $count = 0;
for my $more (
    '',                                'DefaultFile="a.zip"',
    'DefaultFile="index.html a.html"', 'URLWithQuery=1',
    'URLNotCaseSensitive=1',           'NotPageList="css js png zip html"',
    'OnlyFiles="REGEX[[abc]]"',        'SkipFiles="/a.zip /index.php"',
    'URLQuerySeparators="?;a"',        'LevelForWormsDetection=2'
  )
{
    my $label = $more || 'as it is';
    my %lines;
    $count++;
    for my $native (qw(on off)) {
        $awstats->config( "$native$count", <<"END");
LogFile="$logs"
LogFormat="cloudfront"
HostAliases="REGEX[.]"
TrapInfosForHTTPErrorCodes="404"
ExtraTrackedRowsLimit=5000
$sections
$more
LoadPlugin="cloudfront native=$native"
END
        my ( $status, $output ) = $awstats->run( "$native$count", '-update' );
        is $status, 0, "$label, native=$native: status" or diag $output;
        ( $lines{$native} ) = $output =~ /the plugin counted (\d+)/;
    }
    cmp_ok $lines{on} // 0, '>', $number / 3, "$label: the plugin counts many records";
    $history{$more} = $awstats->history("on$count");
    is_deeply $history{$more}, $awstats->history("off$count"), "$label: the same history";
}
isnt $history{''}{102026}, $history{'DefaultFile="a.zip"'}{102026}, 'DefaultFile changes the history';
like join( '', %{ $history{''} } ), qr/EXTRA_4/, 'there are extra sections';
done_testing;
