package GenerateSite;

# A web site and its visitors: pages, assets, referers, programs, addresses; each text as CloudFront logs
# it, and as the normalized log has it.

use strict;
use warnings;
use Exporter      qw(import);
use RandomNumbers qw(below pick);

our @EXPORT_OK = qw(logged true_url user_agents pages assets outside_referers visitors);

# ---- the two ways to write a client's bytes ---------------------------------------------------

# As CloudFront logs them.
sub logged {
    my ($bytes) = @_;
    $bytes =~ s/([\x00-\x20\x7f-\xff<>"#%{}|\\^~\[\]`'])/sprintf '%%%02X', ord $1/ge;
    return $bytes;
}

# As a path, query or referer of the normalized log.
sub true_url {
    my ($bytes) = @_;
    $bytes =~ s/%(?![0-9A-Fa-f]{2})/%25/g;
    $bytes =~ s/([\x00-\x20\x7f-\xff<>"#{}|\\^\[\]`])/sprintf '%%%02X', ord $1/ge;
    return $bytes;
}

# As a user agent of the normalized log.
sub true_user_agent {
    my ($bytes) = @_;
    my $text = $bytes;
    if ( !utf8::decode($text) ) {

        # Only Latin-1 text is made here that is not UTF-8, and no two of its letters stand together.
        $bytes =~ s/([\x80-\xff])/sprintf '%%%02X', ord $1/ge;
        $text = $bytes;
    }
    $text =~ s/([\x00-\x1f\x7f<>"])/sprintf '%%%02X', ord $1/ge;
    utf8::encode($text);
    return $text;
}

# ---- the site, its visitors and their programs ------------------------------------------------

my @EDGES = qw(
  DFW3 DFW57-P3 IAD12-C1 IAD89-P2 JFK50-C2 LAX3 SFO5-C1 ORD51-P1 SEA19-C3 ATL58-P4 MIA3-P6 YTO50-C1
  GRU1-C2 EZE50-P3 LHR3 LHR62-C4 FRA2 FRA56-P10 AMS1 AMS58-P5 CDG3-C1 MAD51-C3 MXP64-P2 ARN54-C1
  VIE50-P1 WAW51-P3 TLV50-C1 DXB52-P2 BOM54-C2 DEL51-P4 SIN2 SIN52-P1 HKG1 NRT12-C3 NRT57-P6 ICN54-C1
  SYD1-C1 MEL50-P2 AKL50-C1 JNB50-P1
);
my @COUNTRIES = qw(US US US GB DE FR NL ES IT SE AT PL IL AE IN SG HK JP KR AU NZ ZA BR AR CA);
my @HOSTS = qw(
  www.example.com www.example.com www.example.com static.example.com img.example.org example.com
);

sub user_agents {
    my @agents;
    my @windows = (
        'Windows NT 5.1',
        'Windows NT 5.2; WOW64',
        'Windows NT 6.0',
        'Windows NT 6.1; WOW64',
        'Windows NT 6.1',
        'Windows NT 6.2; Win64; x64',
        'Windows NT 6.3; WOW64',
        'Windows NT 10.0; Win64; x64',
        'Windows NT 10.0; WOW64',
        'Windows NT 11.0; Win64; x64'
    );
    my @desktops = (
        @windows,
        'Macintosh; Intel Mac OS X 10_6_8',
        'Macintosh; Intel Mac OS X 10_11_6',
        'Macintosh; Intel Mac OS X 10_15_7',
        'Macintosh; Intel Mac OS X 13_4',
        'X11; Linux x86_64',
        'X11; Ubuntu; Linux x86_64',
        'X11; CrOS x86_64 14541.0.0',
        'X11; FreeBSD amd64'
    );
    for my $system (@desktops) {
        push @agents,
          (
            map { "Mozilla/5.0 ($system) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/$_.0.0.0 " . 'Safari/537.36' }
              49,
            79,
            103,
            118,
            124,
            131
          ),
          ( map { "Mozilla/5.0 ($system; rv:$_.0) Gecko/20100101 Firefox/$_.0" } 3, 52, 91, 115, 133 ), (
            map {
                    "Mozilla/5.0 ($system) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/$_.0.0.0 "
                  . "Safari/537.36 Edg/$_.0.2210.91"
            } 97,
            120
          ),
          "Opera/9.80 ($system) Presto/2.12.388 Version/12.16";
    }
    for my $system ( @windows[ 0 .. 6 ] ) {
        push @agents,
          ( map { "Mozilla/4.0 (compatible; MSIE $_.0; $system; Trident/4.0; .NET CLR 2.0.50727)" } 6, 7, 8 ),
          "Mozilla/5.0 (compatible; MSIE 9.0; $system; Trident/5.0)",
          "Mozilla/5.0 ($system; Trident/7.0; rv:11.0) like Gecko";
    }
    for my $version ( '10_6_8', '10_11_6', '10_13_6', '10_15_7', '11_7_10', '13_4', '14_5' ) {
        push @agents, map {
                "Mozilla/5.0 (Macintosh; Intel Mac OS X $version) AppleWebKit/605.1.15 "
              . "(KHTML, like Gecko) Version/$_ Safari/605.1.15"
        } '5.1.10', '13.1.2', '17.4';
    }
    my @phones = ( 'Nexus 5', 'SM-G991B', 'Pixel 8 Pro', 'Moto G (5) Plus', 'Redmi Note 9' );
    for my $android ( '2.3.6', '4.4.2', '6.0.1', '8.0.0', '9', '10', '12', '13', '14' ) {
        push @agents, map {
                "Mozilla/5.0 (Linux; Android $android; $_) AppleWebKit/537.36 "
              . '(KHTML, like Gecko) Chrome/116.0.0.0 Mobile Safari/537.36'
        } @phones;
    }
    for my $ios ( '4_3_5', '9_3_5', '12_5_7', '15_8', '16_6', '17_5_1', '18_1' ) {
        push @agents, map {
            my $os = $_ eq 'iPhone' ? 'CPU iPhone OS' : 'CPU OS';
            "Mozilla/5.0 ($_; $os $ios like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
              . 'Version/16.6 Mobile/15E148 Safari/604.1'
        } qw(iPhone iPad);
    }
    push @agents,
      'Mozilla/5.0 (Windows; U; Windows NT 5.1; en-US; rv:1.9.2.3) Gecko/20100401 Firefox/3.6.3',
      'Mozilla/5.0 (Windows; U; Windows NT 6.1; de; rv:1.9.2.12) Gecko/20101026 Firefox/3.6.12',
      'Mozilla/5.0 (PLAYSTATION 3; 3.55)', 'Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0)',
      'BlackBerry9700/5.0.0.862 Profile/MIDP-2.1 Configuration/CLDC-1.1',
      "Navigateur/1.0 (caf\xc3\xa9; \xe6\x97\xa5\xe6\x9c\xac)", "Lecteur/2.0 (r\xe9seau)",
      "Reader/1.1\t(tabbed)",             'Sample/1.0 <b>"bold"</b>', 'Loader/0.9 (100% free)',
      "Player\x01/3.2 {beta} [x|y] ^~`'", 'iTunes/12.9 (Windows; Microsoft Windows 10.0 x64)',
      'VLC/3.0.18 LibVLC/3.0.18',         'AppleCoreMedia/1.0.0.21F90 (iPhone; U; CPU OS 17_5_1 like Mac OS X)';
    my @people = @agents;

    my @robots = (
        'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
        'Googlebot-Image/1.0',
        'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
        'Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)',
        'Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)',
        'Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)',
        'Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)',
        'Mozilla/5.0 (compatible; DotBot/1.2; +https://opensiteexplorer.org/dotbot)',
        'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
        'Twitterbot/1.0',
        'curl/7.88.1',
        'Wget/1.21.3',
        'python-requests/2.31.0',
        'Go-http-client/2.0',
        'Amazon CloudFront',
        'ELB-HealthChecker/2.0',
        '-'
    );
    return ( [ map { agent($_) } @people ], [ map { agent($_) } @robots ] );
}

# What the logs of both encodings hold, and the truth.
sub agent {
    my ($client) = @_;
    return [ '-', '-', '-' ] if $client eq '-';
    my $once = logged($client);
    return [ $once, logged($once), true_user_agent($client) ];
}

sub url {
    my ($client) = @_;
    return [ logged($client), true_url($client) ];
}

my @WORDS = qw(
  red blue green shoes boots lamp garden winter summer sale guide river mountain city coffee bread
  bicycle camera music travel photo recipe paper window kitchen letter island forest market
);

sub pages {
    my @pages = map { url($_) } '/', '/', '/', '/index.html', '/index.html', '/about.html',
      '/contact.html',   '/shop/',            '/blog/',     '/~anna/',          '/it\'s-new.html', '/a%20page.html',
      '/caf%C3%A9.html', "/raw\xc3\xa9.html", '/100%.html', '/docs/a%2Fb.html', '/list[1].html',
      '/{draft}.html',   '/search',           '/cart.php',  '/plus+sign.html',  '/tilde%7Eencoded.html',
      '/half%2.html',    '/caf%E9.html';
    for my $i ( 0 .. 179 ) {
        push @pages, url( sprintf '/%s/%s-%s.html', (qw(shop blog news))[ $i % 3 ], pick( \@WORDS ), pick( \@WORDS ) );
    }
    return \@pages;
}

my %CONTENT_TYPE = (
    css   => 'text/css',
    js    => 'application/javascript',
    png   => 'image/png',
    jpg   => 'image/jpeg',
    webp  => 'image/webp',
    svg   => 'image/svg+xml',
    woff2 => 'font/woff2',
    mp4   => 'video/mp4',
    mp3   => 'audio/mpeg',
    zip   => 'application/zip',
    pdf   => 'application/pdf',
    ico   => 'image/x-icon',
    flv   => 'video/x-flv',
    json  => 'application/json'
);
my %SIZE = (
    css   => 9_000,
    js    => 48_000,
    png   => 22_000,
    jpg   => 64_000,
    webp  => 31_000,
    svg   => 3_000,
    woff2 => 26_000,
    mp4   => 3_800_000,
    mp3   => 900_000,
    zip   => 2_500_000,
    pdf   => 410_000,
    ico   => 1_150,
    flv   => 1_700_000,
    json  => 700
);

# [encoded path, true path, content type, usual size, whether parts of it are asked for]
sub assets {
    my @kinds = qw(css css js js js png png png png jpg jpg jpg jpg webp webp svg woff2 ico json);
    my @assets;
    for my $i ( 0 .. 599 ) {
        my $kind = $i % 40 ? $kinds[ $i % @kinds ] : (qw(mp4 mp3 zip pdf flv))[ $i / 40 % 5 ];
        my $name = $i % 23 ? sprintf( '%s%d', pick( \@WORDS ), $i ) : sprintf( '%s%%20%d (1)', pick( \@WORDS ), $i );
        push @assets,
          [
            @{ url("/assets/$name.$kind") }, $CONTENT_TYPE{$kind},
            $SIZE{$kind},                    $kind =~ /^(?:mp4|mp3|zip|flv|pdf)$/ ? 1 : 0
          ];
    }
    return \@assets;
}

sub outside_referers {
    my @urls = ('-') x 90;
    for my $i ( 0 .. 119 ) {
        my @phrase = map { pick( \@WORDS ) } 0 .. below(3);
        my $plus = join '+',    @phrase;
        my $space = join '%20', @phrase;
        push @urls,
          (
            "https://www.google.com/",
            "http://www.google.com/search?hl=en&q=$plus&btnG=Search",
            "https://www.bing.com/search?q=$plus&form=QBLH",
            "https://duckduckgo.com/?q=$space",
            "http://search.yahoo.com/search?p=$plus&ei=UTF-8",
            "https://www.baidu.com/s?wd=caf%C3%A9+$plus",
            "https://yandex.ru/search/?text=$space",
            "http://www.google.de/search?q=caf%E9+$plus"
          )[ $i % 8 ];
    }
    push @urls, map { url_of_site($_) } 0 .. 59;
    push @urls, 'http://it\'s.example.net/~bob/{x}|y.html', "http://raw.example.net/caf\xc3\xa9",
      'android-app://com.example.reader/', 'about:blank', 'http://h.example.net/<script>"x"#top';
    return [ map { $_ eq '-' ? [ '-', '-' ] : url($_) } @urls ];
}

sub url_of_site {
    my ($i) = @_;
    my $host = (qw(news.example.net forum.example.org links.example.edu social.example))[ $i % 4 ];
    return sprintf 'https://%s/%s/%d', $host, pick( \@WORDS ), below(5000);
}

sub visitors {
    my ( $count, $people ) = @_;
    my @visitors;
    for my $i ( 0 .. $count - 1 ) {
        my $address =
            $i % 7 == 3  ? sprintf( '2001:db8:%x:%x::%x', below(65536), below(65536), 1 + below(65535) )
          : $i % 11 == 5 ? sprintf( '203.0.113.%d', 1 + below(254) )
          :                sprintf( '198.%d.%d.%d', 18 + below(2), below(256), 1 + below(254) );
        $address = sprintf '2001:0db8:85a3:0000:0000:8a2e:0370:%04x', $i % 65536 if $i % 97 == 0;
        push @visitors,
          {
            address   => $address,
            agent     => pick($people),
            edge      => pick( \@EDGES ),
            country   => pick( \@COUNTRIES ),
            host      => pick( \@HOSTS ),
            port      => 1024 + below(60000),
            security  => below(20),
            forwarded => forwarded( $i, $address ),
          };
    }
    return \@visitors;
}

# x-forwarded-for as it is logged, and the client it names (c-ip where it names none).
sub forwarded {
    my ( $i, $address ) = @_;
    my $n = $i % 254 + 1;
    return [ '-', $address ] if $i % 3;
    return (
        [ "192.0.2.$n",                      "192.0.2.$n" ],
        [ "192.0.2.$n,198.51.100.7",         "192.0.2.$n" ],
        [ "192.0.2.$n, 198.51.100.7",        "192.0.2.$n" ],
        [ "unknown,%20192.0.2.$n",           "192.0.2.$n" ],
        [ "192.0.2.$n,\\x2010.0.0.1",        "192.0.2.$n" ],
        [ "192.0.2.$n:4711",                 "192.0.2.$n" ],
        [ 'unknown',                         $address ],
        [ 'localhost:8080',                  $address ],
        [ sprintf( '192.000.002.%03d', $n ), "192.0.2.$n" ],
        [ "2001:db8:77::$n,%20192.0.2.9",    "2001:db8:77::$n" ],
    )[ $i / 3 % 10 ];
}

1;
