package Generate;

# Makes CloudFront download logs that look like real ones, and knows what a reader must make of them.
#
# A population of visitors walks through a web site; each request is known first as the client sent it,
# then written twice, by two separate ways that share nothing but the request: as CloudFront logs it in
# the era of its file, and as the line of the normalized log that it has to become (the truth).
#
#   my $logs = Generate::logs(seed => 1, records => 10_000, files => 48, from => '2026-10-30', days => 4);
#   Generate::write_files($logs, $dir);
#   Generate::write_truth($logs, $file);
#
# The same arguments always give the same bytes: random numbers come from the generator below, and no
# result depends on the order of a hash.

use strict;
use warnings;
use Compress::Zlib ();
use Digest::SHA    qw(sha384_base64);
use Columns        qw(@COLUMNS);
use Exporter       qw(import);
use Program        ();
use Time::Local    qw(timegm);

our @EXPORT_OK = qw(@ERAS);

# All columns of a legacy log; an era is so many of them from the left.
my @LEGACY_COLUMNS = qw(
    date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer)
    cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header
    cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher
    x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port
    time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start
    sc-range-end distribution-tenant-id connection-id
);
my @V2_COLUMNS = qw(
    timestamp(ms) timestamp c-country asn DistributionId cache-behavior-path-pattern origin-fbl
    origin-lbl
);

our @ERAS = qw(11 12 15 18 19 23 24 26 33 35 v2);

# Where a request keeps the raw value of each column, and behind them what only one writer needs.
my %AT;
{
    my $place = 0;
    $AT{$_} = $place++ for @LEGACY_COLUMNS, @V2_COLUMNS,
        qw(ua-twice query-twice true-stem true-referer true-ua true-query true-query-twice
        true-host true-client none);
}

# ---- random numbers --------------------------------------------------------------------------

my $state = 1;

sub seed {
    my ($seed) = @_;
    $state = $seed % 2147483646 + 1;
    below(2) for 1 .. 8;
}

# A whole number from 0 up to and without $n.  Lehmer's generator: products stay below 2**47, so that
# they are exact whatever Perl's numbers are made of.
sub below {
    $state = $state * 48271 % 2147483647;
    return int($state / 2147483647 * $_[0]);
}

sub pick { return $_[0][below(scalar @{$_[0]})] }

# Small numbers more often than great ones.
sub skewed {
    my ($n) = @_;
    my $x = below(1_000_000) / 1_000_000;
    return int($x * $x * $x * $n);
}

sub shuffle {
    my ($list) = @_;
    for (my $i = $#$list; $i > 0; $i--) {
        my $j = below($i + 1);
        @$list[$i, $j] = @$list[$j, $i];
    }
}

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
    if (!utf8::decode($text)) {
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
my @DISTRIBUTION_HOSTS = qw(d111111abcdef8.cloudfront.net d2exampleexamp.cloudfront.net);

sub user_agents {
    my @agents;
    my @windows = (
        'Windows NT 5.1', 'Windows NT 5.2; WOW64', 'Windows NT 6.0', 'Windows NT 6.1; WOW64',
        'Windows NT 6.1', 'Windows NT 6.2; Win64; x64', 'Windows NT 6.3; WOW64',
        'Windows NT 10.0; Win64; x64', 'Windows NT 10.0; WOW64', 'Windows NT 11.0; Win64; x64'
    );
    my @desktops = (
        @windows, 'Macintosh; Intel Mac OS X 10_6_8', 'Macintosh; Intel Mac OS X 10_11_6',
        'Macintosh; Intel Mac OS X 10_15_7', 'Macintosh; Intel Mac OS X 13_4', 'X11; Linux x86_64',
        'X11; Ubuntu; Linux x86_64', 'X11; CrOS x86_64 14541.0.0', 'X11; FreeBSD amd64'
    );
    for my $system (@desktops) {
        push @agents,
            (map { "Mozilla/5.0 ($system) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/$_.0.0.0 "
                . 'Safari/537.36' } 49, 79, 103, 118, 124, 131),
            (map { "Mozilla/5.0 ($system; rv:$_.0) Gecko/20100101 Firefox/$_.0" } 3, 52, 91, 115, 133),
            (map { "Mozilla/5.0 ($system) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/$_.0.0.0 "
                . "Safari/537.36 Edg/$_.0.2210.91" } 97, 120),
            "Opera/9.80 ($system) Presto/2.12.388 Version/12.16";
    }
    for my $system (@windows[0 .. 6]) {
        push @agents,
            (map { "Mozilla/4.0 (compatible; MSIE $_.0; $system; Trident/4.0; .NET CLR 2.0.50727)" }
                6, 7, 8),
            "Mozilla/5.0 (compatible; MSIE 9.0; $system; Trident/5.0)",
            "Mozilla/5.0 ($system; Trident/7.0; rv:11.0) like Gecko";
    }
    for my $version ('10_6_8', '10_11_6', '10_13_6', '10_15_7', '11_7_10', '13_4', '14_5') {
        push @agents,
            map { "Mozilla/5.0 (Macintosh; Intel Mac OS X $version) AppleWebKit/605.1.15 "
                . "(KHTML, like Gecko) Version/$_ Safari/605.1.15" } '5.1.10', '13.1.2', '17.4';
    }
    my @phones = ('Nexus 5', 'SM-G991B', 'Pixel 8 Pro', 'Moto G (5) Plus', 'Redmi Note 9');
    for my $android ('2.3.6', '4.4.2', '6.0.1', '8.0.0', '9', '10', '12', '13', '14') {
        push @agents, map { "Mozilla/5.0 (Linux; Android $android; $_) AppleWebKit/537.36 "
            . '(KHTML, like Gecko) Chrome/116.0.0.0 Mobile Safari/537.36' } @phones;
    }
    for my $ios ('4_3_5', '9_3_5', '12_5_7', '15_8', '16_6', '17_5_1', '18_1') {
        push @agents,
            map { my $os = $_ eq 'iPhone' ? 'CPU iPhone OS' : 'CPU OS';
                  "Mozilla/5.0 ($_; $os $ios like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                . 'Version/16.6 Mobile/15E148 Safari/604.1' } qw(iPhone iPad);
    }
    push @agents,
        'Mozilla/5.0 (Windows; U; Windows NT 5.1; en-US; rv:1.9.2.3) Gecko/20100401 Firefox/3.6.3',
        'Mozilla/5.0 (Windows; U; Windows NT 6.1; de; rv:1.9.2.12) Gecko/20101026 Firefox/3.6.12',
        'Mozilla/5.0 (PLAYSTATION 3; 3.55)', 'Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0)',
        'BlackBerry9700/5.0.0.862 Profile/MIDP-2.1 Configuration/CLDC-1.1',
        "Navigateur/1.0 (caf\xc3\xa9; \xe6\x97\xa5\xe6\x9c\xac)", "Lecteur/2.0 (r\xe9seau)",
        "Reader/1.1\t(tabbed)", 'Sample/1.0 <b>"bold"</b>', 'Loader/0.9 (100% free)',
        "Player\x01/3.2 {beta} [x|y] ^~`'", 'iTunes/12.9 (Windows; Microsoft Windows 10.0 x64)',
        'VLC/3.0.18 LibVLC/3.0.18', 'AppleCoreMedia/1.0.0.21F90 (iPhone; U; CPU OS 17_5_1 like Mac OS X)';
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
        'Twitterbot/1.0', 'curl/7.88.1', 'Wget/1.21.3', 'python-requests/2.31.0',
        'Go-http-client/2.0', 'Amazon CloudFront', 'ELB-HealthChecker/2.0', '-'
    );
    return ([map { agent($_) } @people], [map { agent($_) } @robots]);
}

# What the logs of both encodings hold, and the truth.
sub agent {
    my ($client) = @_;
    return ['-', '-', '-'] if $client eq '-';
    my $once = logged($client);
    return [$once, logged($once), true_user_agent($client)];
}

sub url {
    my ($client) = @_;
    return [logged($client), true_url($client)];
}

my @WORDS = qw(
    red blue green shoes boots lamp garden winter summer sale guide river mountain city coffee bread
    bicycle camera music travel photo recipe paper window kitchen letter island forest market
);

sub pages {
    my @pages = map { url($_) } '/', '/', '/', '/index.html', '/index.html', '/about.html',
        '/contact.html', '/shop/', '/blog/', '/~anna/', '/it\'s-new.html', '/a%20page.html',
        '/caf%C3%A9.html', "/raw\xc3\xa9.html", '/100%.html', '/docs/a%2Fb.html', '/list[1].html',
        '/{draft}.html', '/search', '/cart.php', '/plus+sign.html', '/tilde%7Eencoded.html',
        '/half%2.html', '/caf%E9.html';
    for my $i (0 .. 179) {
        push @pages, url(sprintf '/%s/%s-%s.html', (qw(shop blog news))[$i % 3], pick(\@WORDS),
            pick(\@WORDS));
    }
    return \@pages;
}

my %CONTENT_TYPE = (
    css => 'text/css', js => 'application/javascript', png => 'image/png', jpg => 'image/jpeg',
    webp => 'image/webp', svg => 'image/svg+xml', woff2 => 'font/woff2', mp4 => 'video/mp4',
    mp3 => 'audio/mpeg', zip => 'application/zip', pdf => 'application/pdf', ico => 'image/x-icon',
    flv => 'video/x-flv', json => 'application/json'
);
my %SIZE = (
    css => 9_000, js => 48_000, png => 22_000, jpg => 64_000, webp => 31_000, svg => 3_000,
    woff2 => 26_000, mp4 => 3_800_000, mp3 => 900_000, zip => 2_500_000, pdf => 410_000, ico => 1_150,
    flv => 1_700_000, json => 700
);

# [encoded path, true path, content type, usual size, whether parts of it are asked for]
sub assets {
    my @kinds = qw(css css js js js png png png png jpg jpg jpg jpg webp webp svg woff2 ico json);
    my @assets;
    for my $i (0 .. 599) {
        my $kind = $i % 40 ? $kinds[$i % @kinds] : (qw(mp4 mp3 zip pdf flv))[$i / 40 % 5];
        my $name = $i % 23 ? sprintf('%s%d', pick(\@WORDS), $i) : sprintf('%s%%20%d (1)', pick(\@WORDS), $i);
        push @assets, [@{url("/assets/$name.$kind")}, $CONTENT_TYPE{$kind}, $SIZE{$kind},
            $kind =~ /^(?:mp4|mp3|zip|flv|pdf)$/ ? 1 : 0];
    }
    return \@assets;
}

sub outside_referers {
    my @urls = ('-') x 90;
    for my $i (0 .. 119) {
        my @phrase = map { pick(\@WORDS) } 0 .. below(3);
        my $plus  = join '+', @phrase;
        my $space = join '%20', @phrase;
        push @urls, (
            "https://www.google.com/", "http://www.google.com/search?hl=en&q=$plus&btnG=Search",
            "https://www.bing.com/search?q=$plus&form=QBLH", "https://duckduckgo.com/?q=$space",
            "http://search.yahoo.com/search?p=$plus&ei=UTF-8",
            "https://www.baidu.com/s?wd=caf%C3%A9+$plus", "https://yandex.ru/search/?text=$space",
            "http://www.google.de/search?q=caf%E9+$plus"
        )[$i % 8];
    }
    push @urls, map { url_of_site($_) } 0 .. 59;
    push @urls, 'http://it\'s.example.net/~bob/{x}|y.html', "http://raw.example.net/caf\xc3\xa9",
        'android-app://com.example.reader/', 'about:blank', 'http://h.example.net/<script>"x"#top';
    return [map { $_ eq '-' ? ['-', '-'] : url($_) } @urls];
}

sub url_of_site {
    my ($i) = @_;
    my $host = (qw(news.example.net forum.example.org links.example.edu social.example))[$i % 4];
    return sprintf 'https://%s/%s/%d', $host, pick(\@WORDS), below(5000);
}

my @QUERIES = (
    'id=%d', 'page=%d&sort=asc', 'utm_source=news&utm_medium=mail&utm_id=%d', 'q=caf%%C3%%A9&n=%d',
    'q=red%%20shoes&n=%d', 'v=%d', 'a=1&b={x}&c=%d', 'token=~%d', 'q="quoted"&n=%d', "name=o'neill&n=%d",
    'broken=%%zz&n=%d', 'nested=%%2520&n=%d'
);

sub visitors {
    my ($count, $people) = @_;
    my @visitors;
    for my $i (0 .. $count - 1) {
        my $address =
              $i % 7 == 3 ? sprintf('2001:db8:%x:%x::%x', below(65536), below(65536), 1 + below(65535))
            : $i % 11 == 5 ? sprintf('203.0.113.%d', 1 + below(254))
            :                sprintf('198.%d.%d.%d', 18 + below(2), below(256), 1 + below(254));
        $address = sprintf '2001:0db8:85a3:0000:0000:8a2e:0370:%04x', $i % 65536 if $i % 97 == 0;
        push @visitors, {
            address => $address, agent => pick($people), edge => pick(\@EDGES),
            country => pick(\@COUNTRIES), host => pick(\@HOSTS), port => 1024 + below(60000),
            security => below(20), forwarded => forwarded($i, $address),
        };
    }
    return \@visitors;
}

# x-forwarded-for as it is logged, and the client it names (c-ip where it names none).
sub forwarded {
    my ($i, $address) = @_;
    my $n = $i % 254 + 1;
    return ['-', $address] if $i % 3;
    return (
        ["192.0.2.$n", "192.0.2.$n"],
        ["192.0.2.$n,198.51.100.7", "192.0.2.$n"],
        ["192.0.2.$n, 198.51.100.7", "192.0.2.$n"],
        ["unknown,%20192.0.2.$n", "192.0.2.$n"],
        ["192.0.2.$n,\\x2010.0.0.1", "192.0.2.$n"],
        ["192.0.2.$n:4711", "192.0.2.$n"],
        ['unknown', $address],
        ['localhost:8080', $address],
        [sprintf('192.000.002.%03d', $n), "192.0.2.$n"],
        ["2001:db8:77::$n,%20192.0.2.9", "2001:db8:77::$n"],
    )[$i / 3 % 10];
}

# ---- requests ---------------------------------------------------------------------------------

my @HOUR_WEIGHTS = (2, 1, 1, 1, 1, 2, 3, 5, 7, 9, 10, 10, 9, 9, 10, 10, 9, 9, 10, 11, 11, 9, 6, 3);
my @HOURS = map { ($_) x $HOUR_WEIGHTS[$_] } 0 .. 23;

my @SECURITY = (
    ['TLSv1.3', 'TLS_AES_128_GCM_SHA256'], ['TLSv1.3', 'TLS_AES_256_GCM_SHA384'],
    ['TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256'], ['TLSv1', 'ECDHE-RSA-AES128-SHA'], ['-', '-']
);
my @RESULTS = (('Hit') x 14, ('Miss') x 4, 'RefreshHit', 'OriginShieldHit');
my %DATE_OF_DAY;

# One request a call, with all that is the same in every column of it; returns its values in @AT's order.
sub request {
    my ($run, $visitor, $when, %about) = @_;
    my $day  = int($when / 86400);
    my $date = $DATE_OF_DAY{$day} //= do {
        my @t = gmtime($day * 86400);
        sprintf '%04d-%02d-%02d', $t[5] + 1900, $t[4] + 1, $t[3];
    };
    my $second = $when % 86400;
    my $number = $run->{number}++;
    my $chance = below(1000);

    my ($status, $bytes, $result) = ('200', $about{size}, pick(\@RESULTS));
    my ($first, $last) = ('-', '-');
    my $type   = $about{type};
    my $method = $about{method} // 'GET';
    my $length = $bytes;
    if ($method eq 'OPTIONS') { ($bytes, $length, $type) = (412, '-', '-') }
    elsif ($method eq 'HEAD') { $bytes = 390 + below(60) }
    elsif ($about{parts} && $chance < 420) {
        $status = '206';
        ($first, $bytes) = (below($bytes), 65536 + below(400_000));
        ($last, $length) = ($first + $bytes - 1, $bytes);
    }
    elsif ($chance < 90)  { ($status, $bytes, $length, $type) = ('304', 280 + below(90), '-', '-') }
    elsif ($chance < 108) { ($status, $bytes, $result) = ('301', 520 + below(40), 'Redirect') }
    elsif ($chance < 130) { ($status, $bytes, $result) = ('404', 900 + below(300), 'Error') }
    elsif ($chance < 136) { ($status, $bytes, $result) = ('403', 700 + below(300), 'Error') }
    elsif ($chance < 139) { ($status, $bytes, $result) = ('416', 600 + below(90), 'Error') }
    elsif ($chance < 142) { ($status, $bytes, $result) = ('503', 1100 + below(90), 'CapacityExceeded') }
    elsif ($chance < 147) { ($status, $bytes, $result, $length) = ('000', 0, 'Error', '-') }
    elsif ($about{bytes_vary}) { $bytes += below(6000) }

    my ($query, $query_twice, $true_query, $true_twice) = ('-', '-', '-', '-');
    if (defined $about{query}) {
        $query       = logged($about{query});
        $query_twice = logged($query);
        ($true_query, $true_twice) = (true_url($about{query}), true_url($query));
    }
    my $security = $visitor->{security};
    my ($tls, $cipher) = @{$SECURITY[$security < 9 ? 0 : $security < 14 ? 1 : $security < 17 ? 2
            : $security < 18 ? 3 : 4]};
    my $plain  = $tls eq '-';
    my $taken  = below(400) / 1000;
    my $agent  = $about{agent} // $visitor->{agent};
    my $cs     = $DISTRIBUTION_HOSTS[$visitor->{port} % 2];
    my $x_host = $number % 211 ? $visitor->{host} : '-';
    my $referer = $about{referer};
    my $stem    = $about{stem};
    return [
        $date, sprintf('%02d:%02d:%02d', $second / 3600, $second / 60 % 60, $second % 60),
        $visitor->{edge}, $bytes, $visitor->{address}, $method, $cs, $stem->[0], $status,
        $referer->[0], $agent->[0], $query,
        $number % 17 ? '-' : 'session=' . $visitor->{port} . ';%20theme=dark',
        $result, substr(sha384_base64("$run->{seed} $number"), 0, 54) . '==', $x_host,
        $plain ? 'http' : 'https', 180 + below(700), sprintf('%.3f', $taken), $visitor->{forwarded}[0],
        $tls, $cipher, $result, $plain || $security == 16 ? 'HTTP/1.1' : $security < 4 ? 'HTTP/3.0' : 'HTTP/2.0',
        '-', '-', $visitor->{port}, sprintf('%.3f', $taken / 2), $result, $type, $length, $first, $last,
        '-', substr(sha384_base64("$visitor->{port} $day"), 0, 20),
        $when . sprintf('%03d', $number % 1000), $when, $visitor->{country}, 64496 + $visitor->{port} % 16,
        'E2EXAMPLE', '/assets/*', '0.0' . below(100), '0.1' . below(100),
        $agent->[1], $query_twice, $stem->[1], $referer->[1], $agent->[2], $true_query, $true_twice,
        $x_host eq '-' ? $cs : $x_host, $visitor->{forwarded}[1], '-',
    ];
}

# All requests of one visit, from the page the visitor came in by.
sub visit {
    my ($run, $visitor, $when, $limit) = @_;
    my @requests;
    my $secure  = $visitor->{security} < 18 ? 'https' : 'http';
    my $referer = pick($run->{outside});
    for (0 .. skewed(9)) {
        my $page = pick($run->{pages});
        my $query = below(5) ? undef : sprintf pick(\@QUERIES), below(900);
        push @requests, request($run, $visitor, $when, stem => $page, referer => $referer,
            size => 6000 + below(30000), type => 'text/html;%20charset=utf-8', query => $query);
        my $here = $run->{inside}{"$secure $visitor->{host} $page->[0]"} //= do {
            my $site = "$secure://$visitor->{host}";
            [$site . $page->[0], $site . $page->[1]];
        };
        my $start = below(560);
        for my $i (0 .. below(9)) {
            my $asset = $run->{assets}[($start + $i * $i) % 600];
            push @requests, request($run, $visitor, $when + below(4), stem => $asset,
                referer => $here, size => $asset->[3], bytes_vary => 1, type => $asset->[2],
                parts => $asset->[4], query => below(12) ? undef : 'v=' . below(30));
        }
        my $rare = below(60);
        if ($rare < 3) {
            push @requests, request($run, $visitor, $when + 2, stem => ['/api/form', '/api/form'],
                referer => $here, size => 640, type => 'application/json',
                method => (qw(POST OPTIONS PUT))[$rare]);
        }
        $referer = $here;
        $when += 4 + below(150);
        last if @requests >= $limit;
    }
    return @requests;
}

# A robot reads robots.txt, then pages by the dozen, mostly without a referer.
sub crawl {
    my ($run, $visitor, $when, $limit) = @_;
    my $agent    = pick($run->{robots});
    my $nowhere  = ['-', '-'];
    my @requests = (request($run, $visitor, $when, stem => ['/robots.txt', '/robots.txt'], agent => $agent,
        referer => $nowhere, size => 120, type => 'text/plain'));
    for (0 .. below(25)) {
        $when += 1 + below(20);
        push @requests, request($run, $visitor, $when, stem => pick($run->{pages}), agent => $agent,
            referer => $nowhere, size => 6000 + below(30000), type => 'text/html;%20charset=utf-8',
            method => below(9) ? 'GET' : 'HEAD');
        last if @requests >= $limit;
    }
    return @requests;
}

# ---- files ------------------------------------------------------------------------------------

# How one file is written: its header, its separator, which values in which order, and which make the truth.
sub layout {
    my ($era) = @_;
    my %layout = (separator => "\t", end => "\n", era => $era, twice => 0, short => 0);
    my @columns;
    if ($era eq 'v2') {
        $layout{separator} = ' ' if below(2);
        my @wanted = grep { below(4) } @LEGACY_COLUMNS[12 .. 34], @V2_COLUMNS[2 .. 7];
        my @when = (['date', 'time'], ['timestamp(ms)'], ['timestamp', 'date', 'time'], ['timestamp']);
        @columns = (@{pick(\@when)}, @LEGACY_COLUMNS[2 .. 11], @wanted);
        shuffle(\@columns);
    }
    else {
        @columns = @LEGACY_COLUMNS[0 .. $era - 1];
        $layout{twice} = 1 if $era >= 15 && $era <= 33 && !below(4);
        $layout{short} = 2 if $era == 35 && below(2);
    }
    my %has = map { $_ => 1 } @columns;
    my %raw = (
        'cs(User-Agent)' => $layout{twice} ? 'ua-twice'    : 'cs(User-Agent)',
        'cs-uri-query'   => $layout{twice} ? 'query-twice' : 'cs-uri-query',
    );
    $layout{raw} = [map { $AT{$raw{$_} // $_} } @columns];
    $#{$layout{raw}} -= $layout{short};

    my %true = (
        'cs(Host)'     => $has{'x-host-header'} ? 'true-host' : 'cs(Host)',
        'cs-uri-stem'  => 'true-stem', 'cs(Referer)' => 'true-referer', 'cs(User-Agent)' => 'true-ua',
        'cs-uri-query' => !$has{'cs-uri-query'} ? 'none' : $layout{twice} ? 'true-query-twice' : 'true-query',
    );
    $layout{truth} = [
        map { $AT{$true{$_} // ($has{$_} || $_ eq 'date' || $_ eq 'time' ? $_ : 'none')} } @COLUMNS
    ];
    $layout{client} = $AT{$has{'x-forwarded-for'} ? 'true-client' : 'c-ip'};

    my $names = join ' ', @columns;
    my $odd = below(10);
    if    ($odd == 0) { $names =~ tr/ /\t/ }
    elsif ($odd == 1) { $names .= ' ' }
    elsif ($odd == 2) { $names =~ s/ cs-method/ \xe2\x80\x8bcs-method/ }
    elsif ($odd == 3) { $layout{end} = "\r\n" }
    elsif ($odd == 4) { $layout{end} = "$layout{separator}\n" }
    my $version = $era eq 'v2' && below(2) ? '' : "#Version: 1.0\n";
    $version = "\n" . $version if $odd == 5;
    $version .= "#\n" if $odd == 6;
    $layout{header} = "$version#Fields: $names" . ($odd == 3 ? "\r\n" : "\n");
    return \%layout;
}

# Names for $count files over the hours from $start on, in order of time: [[name, hour], ...]
sub file_names {
    my ($seed, $count, $start, $hours) = @_;
    my @files;
    for my $i (0 .. $count - 1) {
        my $hour = int($i * $hours / $count);
        my @t = gmtime($start + $hour * 3600);
        push @files, [sprintf('E2EXAMPLE.%04d-%02d-%02d-%02d.%08x.gz', $t[5] + 1900, $t[4] + 1, $t[3],
            $t[2], hex substr(Digest::SHA::sha1_hex("$seed file $i"), 0, 8)), $hour];
    }
    return @files;
}

# seed     a whole number
# records  how many
# files    over how many files they are spread
# from     first day, YYYY-MM-DD
# days     how many days from there on
# eras     the eras of @ERAS that files are written in, one drawn for each file (all)
# visitors how many people may come, few of them often (a fortieth of the records)
sub logs {
    my %want = (seed => 1, records => 1000, files => 12, from => '2026-10-30', days => 4, eras => \@ERAS, @_);
    my $visitors_wanted = $want{visitors} // int($want{records} / 40);
    seed($want{seed});
    my ($people, $robots) = user_agents();
    my %run = (
        seed => $want{seed}, number => 0, pages => pages(), assets => assets(), robots => $robots,
        outside => outside_referers(), inside => {}
    );
    my $visitors = visitors(20 + $visitors_wanted, $people);
    my ($year, $month, $day) = split /-/, $want{from};
    my $start = timegm(0, 0, 0, $day, $month - 1, $year);
    my $hours = $want{days} * 24;

    # The files of each hour: those that start there, or the last that started before.
    my @files = file_names($want{seed}, $want{files}, $start, $hours);
    my @of_hour;
    for my $i (0 .. $#files) { push @{$of_hour[$files[$i][1]]}, $i }
    for my $hour (1 .. $hours - 1) { $of_hour[$hour] //= $of_hour[$hour - 1] }

    # Layouts are drawn in turn from shuffled rounds, so that few files hold all eras too.
    my (@round, @layouts, @lines, @truth, @forwarded);
    for (@files) {
        if (!@round) { @round = @{$want{eras}}; shuffle(\@round) }
        push @layouts, layout(pop @round);
        push @lines, [];
    }

    my $left = $want{records};
    while ($left > 0) {
        my $visitor = $visitors->[skewed(scalar @$visitors)];
        my $when = $start + below($want{days}) * 86400 + pick(\@HOURS) * 3600 + below(3600);
        my @requests = below(14) ? visit(\%run, $visitor, $when, $left) : crawl(\%run, $visitor, $when, $left);
        $#requests = $left - 1 if @requests > $left;
        $left -= @requests;
        for my $request (@requests) {
            my $hour = int(($request->[$AT{timestamp}] - $start) / 3600);
            $hour++ if !below(100);
            $hour = $hours - 1 if $hour >= $hours;
            my $file   = pick($of_hour[$hour]);
            my $layout = $layouts[$file];
            push @{$lines[$file]}, [
                join($layout->{separator}, @$request[@{$layout->{raw}}]),
                join("\t", @$request[@{$layout->{truth}}]),
                $request->[$layout->{client}],
            ];
        }
    }
    shuffle($_) for @lines;
    return {
        files => [map { {name => $files[$_][0], layout => $layouts[$_], lines => $lines[$_]} } 0 .. $#files]
    };
}

# The bytes of one file before compression.
sub content {
    my ($file) = @_;
    my $end = $file->{layout}{end};
    return join '', $file->{layout}{header}, map { $_->[0] . $end } @{$file->{lines}};
}

sub write_files {
    my ($logs, $directory) = @_;
    for my $file (@{$logs->{files}}) {
        my $packed = Compress::Zlib::memGzip(content($file)) // die "memGzip: $file->{name}\n";
        Program::write_file("$directory/$file->{name}", $packed);
    }
}

# The normalized log's records in their order, without header and end: sorted by date and time, and
# where those are equal by file name and line.  With client => 'x-forwarded-for', c-ip is the address that it names.
sub true_records {
    my ($logs, %option) = @_;
    my $forwarded = ($option{client} // 'c-ip') eq 'x-forwarded-for';
    my @records;
    for my $file (sort { $a->{name} cmp $b->{name} } @{$logs->{files}}) {
        for my $line (@{$file->{lines}}) {
            push @records, $line->[1];
            next if !$forwarded;
            my @values = split /\t/, $line->[1], -1;
            $values[4] = $line->[2];
            $records[-1] = join "\t", @values;
        }
    }
    my @order = sort { substr($records[$a], 0, 19) cmp substr($records[$b], 0, 19) || $a <=> $b } 0 .. $#records;
    return @records[@order];
}

# A plain log with as many lines as the normalized one has: AWStats keeps their number.
sub write_truth {
    my ($logs, $path, %option) = @_;
    open my $out, '>:raw', $path or die "$path: $!\n";
    print {$out} "#Version: 1.0\n#Remark: sorted, decoded\n#Fields: @COLUMNS\n",
        (map { "$_\n" } true_records($logs, %option)), "#Remark: that was all\n" or die "$path: $!\n";
    close $out or die "$path: $!\n";
}

1;
