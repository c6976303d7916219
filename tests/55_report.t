#!/usr/bin/perl
# The list of files has the hits and bytes of every type of file, parts put together, over updates and months, however
# they are counted.  Reports list the files by bytes, name countries and the status 000, and show texts as they are.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Program qw(content write_file);

my $helper = AWStats::helper();
my @fields = qw(date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer)
  cs(User-Agent) cs-uri-query sc-content-type c-country);
my $browser = 'Mozilla/5.0%20(Windows%20NT%2010.0;%20Win64;%20x64;%20rv:128.0)%20Gecko/20100101%20Firefox/128.0';
my $robot = 'Mozilla/5.0%20(compatible;%20Googlebot/2.1;%20+http://www.google.com/bot.html)';
my $second = 0;

# The line of a record: path, status, bytes, then date, agent, content type and country if given.
sub record {
    my ( $path, $status, $bytes, %value ) = @_;
    return join( "\t",
        $value{date} // '2026-03-10', sprintf( '12:%02d:%02d', $second / 60 % 60, $second++ % 60 ),
        'FRA56-P1',                   $bytes,
        $value{host} // '192.0.2.1',  'GET',
        'www.example.com',            $path,
        $status,                      '-',
        $value{agent} // $browser, '-',
        $value{type} // '-', $value{country} // '-' )
      . "\n";
}

# A site with the settings that are installed.  PARAMETERS: of the plugin; undef: the pipe, without the plugin.
sub site {
    my $parameters = shift;
    my $awstats = AWStats->new( plugin => defined $parameters );
    my $folder = $awstats->folder;
    mkdir "$folder/source";
    write_file( "$folder/sites.conf", "[cdn]\nsource = $folder/source\nstate = $folder/cdn.db\n" );
    my $settings =
      defined $parameters
      ? AWStats::plugin_config(
        include    => 'cloudfront-download',
        parameters => "config=$folder/sites.conf $parameters",
        log        => 'site:cdn'
      )
      : qq(Include "${\ AWStats::configurations()}/cloudfront-download.conf"\n)
      . qq(LogFile="'$helper' cat '$folder/source' |"\n);
    $awstats->config( 'site', $settings );
    return $awstats;
}

sub update {
    my ( $awstats, $object, @records ) = @_;
    write_file( $awstats->folder . "/source/$object", "#Version: 1.0\n#Fields: @fields\n" . join '', @records );
    my ( $status, $output ) = $awstats->run( 'site', '-update' );
    is( $status, 0, "update with $object: status" ) or diag $output;
    like( $output, qr/Found 0 dropped/, "update with $object: nothing dropped" );
    return $output;
}

# The list of files in the history: path => [hits, bytes].
sub files {
    my $awstats = shift;
    my $rows = $awstats->section( 'site', 'EXTRA_6' );
    return { map { $_ => [ @{ $rows->{$_} }[ 1, 2 ] ] } keys %$rows };
}

my @march = (
    record( '/a.pdf',      200,   1000 ),
    record( '/a.pdf',      206,   500 ),
    record( '/a.pdf',      206,   250 ),
    record( '/v.mp4',      206,   4000 ),
    record( '/v.mp4',      206,   8000, host => '192.0.2.2' ),
    record( '/x.js',       206,   16_000 ),
    record( '/page.html',  304,   300 ),
    record( '/page.html',  404,   70 ),
    record( '/missing',    403,   80 ),
    record( '/left.mp4',   '000', 0 ),
    record( '/robots.txt', 200,   90, agent => $robot ),
    record( '/a.pdf',      206,   7,  agent => $robot ),
);
my %in_march = (
    '/a.pdf'      => [ 4, 1757 ],
    '/v.mp4'      => [ 2, 12_000 ],
    '/x.js'       => [ 1, 16_000 ],
    '/page.html'  => [ 1, 0 ],
    '/robots.txt' => [ 1, 90 ],
);

my @april = ( record( '/v.mp4', 206, 5, date => '2026-04-01' ), record( '/a.pdf', 200, 6 ) );

# Each way to count: one update, then one with the next month, and with late records of the first.
my %history;
foreach my $way ( 'native=on', 'native=off', undef ) {
    my $name = $way // 'the pipe';
    my $awstats = site($way);
    update( $awstats, 'a', @march );
    is_deeply( files($awstats), \%in_march, "$name: parts of files are put together" );
    if ( !defined $way ) {
        is_deeply( $awstats->section( 'site', 'EXTRA_6' ), $history{first}, "$name: as the plugin counts them" );
        next;
    }
    $history{first} = $awstats->section( 'site', 'EXTRA_6' );
    update( $awstats, 'b', @april );
    is_deeply(
        files($awstats),
        { %in_march, '/a.pdf' => [ 5, 1763 ], '/v.mp4' => [ 3, 12_005 ] },
        "$name: over updates and months, and late"
    );
    like( content( $awstats->folder . '/data/awstats042026.site.txt' ), qr{^/v\.mp4 0 1 5 $}m, "$name: its own month" );
    my $text = $awstats->history('site');
    $history{both} ||= $text;
    is_deeply( $text, $history{both}, "$name: the same history" );
}

# More files than AWStats' own limit of rows, which ends an update with an error.
{
    my $awstats = site('native=on');
    update( $awstats, 'many', map { record( "/$_.jpg", 200, $_ ) } 1 .. 1500 );
    is( scalar keys %{ files($awstats) }, 1500, '1,500 files' );
    my ( $status, $page ) = $awstats->run( 'site', qw(-output=allextra6 -staticlinks -month=03 -year=2026) );
    my @listed = $page =~ m{<td class="aws">/(\d+)\.jpg</td>}g;
    is_deeply( [ @listed[ 0 .. 2 ] ], [ 1500, 1499, 1498 ], 'the full list: those with most bytes first' );
    is( scalar @listed, 1000, 'the full list: as many as AWStats shows' );
    like( $page, qr{<b>Total</b></td><td>1500</td><td>1\.07 MB}, 'the full list: the total of all' );
}

# The report.  DISPLAY: what a path must look like.
my %display = (
    '/plus+and%2520space.zip'          => '/plus+and space.zip',
    '/%25E4%25B8%25AD.zip'             => '/&#20013;.zip',
    '/%25FF%25FE.zip'                  => '/%FF%FE.zip',
    '/%25E2%2580%25AE.zip'             => '/%E2%80%AE.zip',
    '/a%252Fb%2523c.zip'               => '/a%2Fb%23c.zip',
    '/json/reonload.zip'               => '/json/reon&#108;oad.zip',
    '/%253Cscript%253Ealert(1)%2522.x' => '/&#60;script&#62;alert(1)&#34;.x',
    q(/'"><img%20src=x>&amp.x)         => '/&#39;&#34;&#62;&#60;img src=x&#62;&#38;amp.x',
);
my $awstats = site('native=on');
my $bytes = 100;
update(
    $awstats,
    'a',
    ( map { record( $_,         200, $bytes += 100 ) } sort keys %display ),
    ( map { record( '/one.mp4', 206, 1_000_000 ) } 1 .. 2 ),
    record( '/i.svg',    200,   10, type => 'image/svg+xml', country => 'DE' ),
    record( '/i.svg',    200,   10, type => 'image/svg+xml', country => 'US' ),
    record( '/i.svg',    200,   10, type => 'image/png',     country => 'XK' ),
    record( '/i.svg',    200,   10, type => 'image/gif',     country => 'QQ' ),
    record( '/left.mp4', '000', 0 ),
);
my ( $status, $report ) = $awstats->run( 'site', qw(-output -staticlinks -month=03 -year=2026) );
is( $status, 0, 'report: status' );

# The texts of the rows of a section, in the report's order.
sub rows {
    my $number = shift;
    my ($section) = $report =~ m{<a name="extra$number">(.*?)</table>}s or return;
    return [ grep { $_ !~ /^<b>/ } $section =~ m{<tr><td class="aws">(.*?)</td>}g ];
}
is_deeply(
    rows(6),
    [ '/one.mp4', ( map { $display{$_} } reverse sort keys %display ), '/i.svg' ],
    'report: files by bytes, as HTML'
);
is_deeply( rows(4), [qw(image/svg+xml image/gif image/png)], 'report: content types, with "+", in a stable order' );
is_deeply( rows(5), [ 'Germany', 'QQ', 'United States', 'Kosovo' ], 'report: countries have names' );
like( $report, qr{>000</a></td><td class="aws">The viewer closed the connection before the response<}, 'report: 000' );
unlike( $report, qr/<(?:script>alert|img src=x)/, 'report: no HTML of a log' );

done_testing;
