package GenerateOdd;

# Makes normalized logs for a comparison of two programs that read them: from everyday requests to rows that no
# helper writes, but that whoever reads a log may meet.
#
#   my $records = GenerateOdd::records(seed => 1, records => 1000, odd => 30);
#   GenerateOdd::write_log($path, @$records);
#
# What may be wanted, besides the number of records:
#
#   odd        one row in so many is odd in its fields or as a whole (0: none)
#   start      the first record's time, in seconds of 1970; gap, the seconds between two (0 to twice as many)
#   disorder   one record in so many is late, by seconds or hours (0: none)
#   visitors, pages, agents, referers   how many of each there are
#   addresses  'IPv4' for nothing but such addresses, 'IP' for those of IPv6 too
#   searches   one request in so many comes from a search engine (0: as they come)
#   streaming  views of a streaming distribution
#
# The same arguments always give the same bytes, with the same AWStats: names of robots and so on are its own.

use strict;
use warnings;
use AWStatsTables ();
use Columns       qw(@COLUMNS %COLUMN);
use Generate      ();
use RandomNumbers ();
use POSIX         qw(strftime);

sub below  { return RandomNumbers::below($_[0]) }
sub pick   { return $_[RandomNumbers::below(scalar @_)] }
sub one_in { return $_[0] && !RandomNumbers::below($_[0]) }

my @WORDS = qw(red blue green shoes boots lamp garden winter summer sale guide river mountain city coffee bread);

# ---- visitors ---------------------------------------------------------------------------------

my @ODD_HOSTS = (
    '-', '0', '*', 'unknown', '::1', '::', ':', 'abc:', 'ABC:', 'xyz:', ':80', '999.1.1.1', '1.2.3',
    '1.2.3.4.5', '01.02.003.004', '192.0.2.7:60321', '192.0.2.7:', 'proxy.example.net:8080',
    '[2001:db8::1]:443', '[2001:db8::1]', 'fe80::1%eth0', '::ffff:192.0.2.9', '::FFFF:192.0.2.9',
    '::ffff:192.0.2.9:80', '::ffff:999.0.2.9', '::ffff:c000:209', '2001:DB8::A',
    '2001:0db8:0000:0000:0000:0000:0000:000a', 'HOST.Example.NET', 'host_1', 'host.example.museum',
    'host.example.net.', '.net', 'a..b', 'host.x_y', "host.caf\xe9", "h\xc3\xb6st.example.de", 'host name',
    ' 192.0.2.8', '192.0.2.8 ', '192.0.2.8, 192.0.2.9', '1.2.3.4;', 'h?st', 'x' x 300, '192.0.2.' . '1' x 40,
    '0x7f.1', '00', '0.0', '10', 'bookmarks', '$1', '%41', '%', "\x01"
);

sub host {
    my ($addresses) = @_;
    my $kind = below($addresses eq 'IPv4' ? 12 : $addresses ? 15 : 20);
    return join '.', pick(10, 172, 192, 198, 203, 255), below(256), below(256), below(256) if $kind < 12;
    return sprintf '2001:db8:%x::%x', below(65536), below(65536) if $kind < 14;
    return join ':', '2001', map { sprintf '%04x', below(65536) } 1 .. 7 if $kind == 14;
    return sprintf '%s%d.%s', pick(qw(dsl cable Host)), below(500),
        pick(qw(example.net example.org example.CO.UK example.de isp.example)) if $kind < 17;
    return join('.', '::ffff:192', 0, 2, below(256)) if $kind == 17;
    return pick(@ODD_HOSTS);
}

# ---- what they ask for ------------------------------------------------------------------------

my @ODD_PATHS = (
    '/', '//', '/.', '/..', '/index.html', '/INDEX.HTML', '/index.htm', '/index.php', '/default.asp', '/dir/',
    '/dir/index.html', '/dir//index.html', '/dirindex.html', '/dir/xindex.html', '/dir/indexxhtml',
    '/index.html/', '/dir/index.html?a=b', '/favicon.ico', '/FAVICON.ICO', '/dir/favicon.ico',
    '/favicon.ico.html', '/xfavicon.ico', '/robots.txt', '/dir/robots.txt', '/Robots.TXT', '/xrobots.txt',
    '/robots.txt/', '/my-robots.txt', '/a#b', '/a#', '/a#b#c', '/a.html#top?x=1', '/a.html?x=1#top',
    '/a.html;v=1', '/a.html;', '/a.html?', '/a?b?c', '/a;b?c', '/?', '/;', '/#', '#', '?', '?x', ';x=1', '0',
    '-', '*', 'a', '/0', '/a.0', '/a.h', '/a.ht', '/a.abcdefg', '/a.abcdefgh', '/a.abcdef', '/a.HTML', '/a.Zip',
    '/a.JPG', '/a.html.', '/a.', '/a.b.c.gz', '/a.tar.gz', '/.htaccess', '/a_b.x_y', '/a.1', '/a.mp4/',
    '/a.zip/', '/a.zip?x', '/a.html%', '/%41%42.html', '/%7Euser/', '/%7euser/', '/%2fetc%2Fpasswd', '/%2E%2e/',
    '/%zz', '/%4', '/%', '/%25%34%31', '/%2541', '/a%20b', '/a b', '/a  b.html', '/caf%C3%A9.html',
    "/caf\xc3\xa9.html", "/caf\xe9.html", "/\xff\xfe", "/a.\xe9", '/%C3%A9.%C3%A9', '/a.%68tml', '/a.htm%6C',
    '/a.html%23x', '/a%3Fb', '/a%3Bb', "/a'b", '/a"b', '/<b>', '/a&b', '/a=b', '/a|b', '/a\\', '/a\\b\\',
    '/a.php/x', '/a.cgi', '/a+b', '/$1', '/@x', '/(a)', '/[a]', '/{a}', '/a*b', '/^a', '/' . 'x' x 2100,
    '/' . '%41' x 700 . '.html', '/' . 'a/' x 300 . 'index.html', 'http://other.example/a.html',
    'http://other.example', 'rtmp://host/app', "/a\x0b", "/a\x01.html", "/a\x0c.html",
    '/awstats_misc_tracker.js', '/js/awstats_misc_tracker.js?screen=800x600', '/js/awstats_misc_tracker.jsx',
    '/js/awstats_misc_tracker%2Ejs', '/JS/awstats_misc_tracker.js', '/a.js', '/a.ico', '/a.class', '/a.mp3',
    '/a.flv', '/a.exe', '/a.7z', '/a.txt', '/a.css', '/a.swf', '/a.webp', '/a.bmp', '/wp-login.php',
    '/search.aspx', '/winnt/system32/cmd.exe', '/scripts/root.exe'
);

my $TRACKER = '/js/awstats_misc_tracker.js';

my @EXTENSIONS = (
    ('html') x 6, '', '', qw(htm php asp aspx cgi jsp gif jpg png css js ico zip mp4 mp3 pdf),
    qw(flv swf gz exe txt xml unk HTML JPG Zip m p4 abcdef jsp_3 abcdefg abcdefgh)
);

sub path {
    return pick(@ODD_PATHS) if one_in(5);
    return $TRACKER if one_in(40);
    return '/robots.txt' if one_in(60);
    return pick(AWStatsTables::worms()) =~ s{^(?!/)}{/}r if one_in(60);
    my $path = join '', map { '/' . pick(@WORDS) } 0 .. below(3);
    return "$path/" if one_in(6);
    $path .= below(400) if one_in(2);
    my $extension = one_in(12) ? pick(AWStatsTables::file_types()) : pick(@EXTENSIONS);
    $path .= ".$extension" if length $extension;
    $path .= pick('?', ';') . parameters() if one_in(12);
    $path .= '#' . pick(qw(top a1 _x x-y %41), '') if one_in(15);
    return $path;
}

my @ODD_QUERIES = (
    '0', '?', '&', '&&', '=', 'a', 'a=', '=b', 'a=b&', '&a=b', 'a=b&a=c&A=d', 'A=B', 'a=b;c=d', 'a=b?c=d',
    'a=b#c', 'id=1', 'ID=2', 'id=1&session=2&lang=de', 'session=7', 'session=7&id=3', 'xid=4', 'id', 'lang=en',
    'a b', 'a=%41', "a=\xe9", 'x' x 1000, '[CloudFlare_Visitor_IP:1.2.3.4]',
    'a=b&[CloudFlare_Visitor_IP:203.0.113.77]', '[CloudFlare_Visitor_IP:1.2.3]',
    '[CloudFlare_Visitor_IP:299.9.9.10]&x', '[cloudflare_visitor_ip:1.2.3.4]', 'screen=1024x768',
    'screen=1x2&nojs=y',
    'screen=1920x1080&win=1900x900&cdi=24&java=true&shk=n&svg=y&fla=y&rp=y&mov=y&wma=y&pdf=y&uid=x&sid=y',
    'JAVA=TRUE', 'java=true&java=true', 'screen=axb', 'xscreen=1x2', 'pdf='
);

# What AWStats' own script tells it.
sub tracked {
    my @names  = grep { below(3) } qw(nojs java shk fla rp mov wma pdf svg);
    my @values = map { "$_=" . pick('y', 'n', 'Y', 'true', 'false', '') } @names;
    RandomNumbers::shuffle(\@values);
    return join '&', 'screen=' . pick('800x600', '1920x1080', 'x'), @values;
}

sub parameters {
    return pick(@ODD_QUERIES) if one_in(4);
    my @names = map { pick(qw(id lang session page q ref utm_source)) } 0 .. below(3);
    return join '&', map { "$_=" . pick(@WORDS, below(30)) } @names;
}

sub query { return one_in(3) ? parameters() : '-' }

# ---- what they use ----------------------------------------------------------------------------

my @ODD_AGENTS = (
    '-', '0', '--', ' ', '+', '_', 'x', 'Mozilla', 'Mozilla/5.0', 'mozilla4.7',
    'Mozilla/4.7 [en] (X11; I; SunOS 5.8)', 'Edge/12.10240', 'edge/', 'Edg/120.0',
    'Opera/9.80 (X11; Linux) Presto/2.12 Version/12.16', 'Opera/9.80 (Windows NT 6.1)', 'Opera 8.5',
    'Opera/7.0', 'OPR/106.0.0.0', 'opera', 'Chrome/120.0 OPR/106.0', 'Firefox/115.0', 'FireFox/',
    'Flock/2.0 Firefox/3.0', 'Chrome/', 'CHROME/99', 'Safari/419.3', 'Safari/9999',
    'Version/17.4 Safari/605.1.15', 'Version/ Safari/1', 'Shiira Safari/125', 'Android Safari/534.30',
    'Arora/0.10 Safari/532', 'Konqueror/3.5', 'konqueror/', 'SVN/1.6.17', 'svn/', 'MSIE 6.0', 'MSIE+7.0',
    'msie_8.0', 'msie', 'MSIE 6.0; webtv', 'MSIE 5; Opera 6', 'OmniWeb MSIE', 'Trident/7.0; rv:11.0',
    'Trident/7.0;Touch rv:11.0', 'Trident/7.0; rv:11.0; opera x', 'Netscape/7.1', 'netscape6/6.2', 'Netscape6',
    'Lynx/2.8', 'ELinks/0.9', 'iTunes/12', 'Windows-Media-Player/12', 'Unknown Agent/1.0',
    'Another+Unknown+Agent', 'Another_Unknown_Agent', 'Another Unknown%20Agent', 'Agent%20with%20escapes/1',
    'agent #Fields: x', "Agent caf\xe9", "Agent \xc3\xa9\xe6\x97\xa5", "\xff", 'a' x 600, 'bot', 'mybot/1.0',
    'my-bot', 'robot', 'Crawler', 'Googlebot', 'googleBOT/2.1',
    'Mozilla/5.0 (compatible; Googlebot/2.1; +http://x/)', 'curl/8', 'Wget/1.21', 'php', 'link',
    'no_user_agent', 'Amazon CloudFront', 'blog', 'Linux', 'windows', 'Mac OS X', 'Windows NT 10.0', 'SunOS',
    '(', '[', '\\', '$', '*', '(?:', 'a|b', '=', 'Unknown'
);
my @SYSTEMS = (
    'Windows NT 5.1', 'Windows NT 6.1; WOW64', 'Windows NT 10.0; Win64; x64',
    'Macintosh; Intel Mac OS X 10_15_7', 'X11; Linux x86_64', 'X11; Ubuntu; Linux x86_64',
    'Linux; Android 14; Pixel 8', 'iPhone; CPU iPhone OS 17_5_1 like Mac OS X', 'X11; FreeBSD amd64'
);

sub agent {
    my $kind = below(12);
    return pick(@ODD_AGENTS) if $kind < 3;
    my $version = 50 + below(80);
    my $system  = pick(@SYSTEMS);
    my $robot   = pick(AWStatsTables::robots());
    return pick('', 'Mozilla/5.0 (compatible; ', 'x') . $robot . pick('', '1.0', '/2.1 (+http://x.example/)', 'x')
        if $kind < 5;
    return sprintf '%s/%d (%s)', pick(AWStatsTables::browsers()), $version, pick(@SYSTEMS, AWStatsTables::systems())
        if $kind == 5;
    return "Mozilla/5.0 ($system; rv:$version.0) Gecko/20100101 Firefox/$version.0" if $kind < 8;
    return "Mozilla/5.0 ($system) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/$version Safari/605.1.15"
        if $kind == 8;
    return "Mozilla/4.0 (compatible; MSIE " . (5 + below(5)) . ".0; $system)" if $kind == 9;
    return "Mozilla/5.0 ($system) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/$version.0.0.0 Safari/537.36";
}

# ---- where they come from ---------------------------------------------------------------------

my @ODD_REFERERS = (
    '-', '0', 'bookmarks', 'Bookmarks', 'about:blank', 'android-app://com.example/', 'file:///c:/a.html',
    'news:x', 'news://x/', 'ftp://ftp.example/', 'http', 'http:', 'http:/', 'http://', 'http:///', 'http://?',
    'http://:80/', 'https://:8080', 'HTTP://UPPER.EXAMPLE/', 'Https://Mixed.Example/X', 'xhttp://a.example/',
    'httpx://a.example/', 'http://outside.example', 'http://outside.example/', 'http://outside.example:80/',
    'http://outside.example:80', 'http://outside.example:81/a', 'http://outside.example:8080',
    'http://outside.example:/', 'http://outside.example:x/', 'http://www.example.com',
    'http://www.example.com/', 'http://www.example.com:80/a.html', 'http://www.example.com:8443/',
    'https://WWW.EXAMPLE.COM/a', 'http://example.com/', 'http://example.com.evil.example/',
    'http://xexample.com/', 'http://www.example.org/', 'http://static.example.com/a.html',
    'http://d111111abcdef8.cloudfront.net/', 'http://D111111ABCDEF8.CLOUDFRONT.NET/a', 'http://localhost/',
    'http://127.0.0.1/', 'www.example.com/a', 'http://user:pw@outside.example/', 'http://[2001:db8::1]/',
    'http://[2001:db8::1]:80/x', 'http://outside.example?x=1', 'http://outside.example;x',
    'http://outside.example/a?b=c', 'http://outside.example/a;b=c', 'http://outside.example/?',
    'http://outside.example/#x', '?http://a.example/', ';x', '?', '/a.html', "http://caf\xe9.example/",
    "http://outside.example/caf\xc3\xa9", 'http://outside.example/a b', 'http://outside.example/' . 'x' x 700,
    'http://google.com', 'http://www.google.com/', 'http://www.google.com:80/search?q=ports',
    'http://www.google.com:8080/search?q=ports', 'http://GOOGLE.com/search?q=Upper',
    'http://mail.google.com/mail?q=x', 'http://groups.google.com/?q=x', 'http://translate.google.com/?q=y',
    'http://www.google.com/search?', 'http://www.google.com/search?q', 'http://www.google.com/search?q=',
    'http://www.google.com/search?x=1&q=', 'http://www.google.com/search?q=cache:abc:www/a+key+words',
    'http://www.google.com/search?q=related:x+y', 'http://www.google.com/search?Q=UPPER',
    'http://www.google.com/search?q=+++', 'http://www.google.com/search?q=a?b=c',
    'http://www.google.com/?xq=1&as_q=exact&q=later', 'http://[', 'http://(',
    'http://search.anything.example/find?words=a+b', 'http://search.x/', '$', '*', 'http://*'
);
my @PHRASES = (
    'red+shoes', 'Red+Shoes', 'red%20shoes', 'caf%C3%A9', 'caf%E9', "caf\xe9", "caf\xc3\xa9",
    '%E6%97%A5%E6%9C%AC', '%22red+lamp%22', "it's", 'a', 'ab', 'abc', '++a++b++', '%2B', '%20', '+', '', '0',
    '%0a%0D', 'x' x 79, 'x' x 80, 'x' x 200, 'a%2Cb,c:d%3Ae', '(a*b)', 'a%26b', 'a%3Db', 'a=b', 'a/b',
    'cache:x:y+z', 'related:x', 'site:example.com+lamp', '%', '%zz', 'UPPER+lower', '%C3%84pfel', '%u00e9',
    '&#233;', 'a;b', 'a#b', 'a%00b', 'a"b', '<b>'
);

sub search {
    my ($server, $parameter, $in_path) = @{pick(AWStatsTables::search_engines())};
    $server = pick(AWStatsTables::excluded_engines(), 'search.of.example') if one_in(25);
    $server .= pick('com', 'de', 'example') if $server =~ /\.$/;
    $server = "www.$server" if one_in(3);
    $server = uc $server if one_in(12);
    $server .= pick(':80', ':8080', ':443') if one_in(12);
    my $phrase = one_in(2) ? pick(@PHRASES) : join '+', map { pick(@WORDS) } 0 .. below(3);
    my $start  = pick('http', 'https') . "://$server";
    return "$start/$parameter$phrase" if $in_path && below(4);
    $parameter ||= pick(qw(q= p= query= keywords= what=), 'search?');
    $parameter = pick('q=', 'text=', 'qs=', uc $parameter) if one_in(8);
    my @others = ('hl=de', 'ie=UTF-8', 'start=10', 'lr=', 'x=1', 'sa=X', 'oq=other', 'page=2');
    my @more   = map { pick(@others) } 0 .. below(3) - 1;
    my @before = splice @more, 0, below(@more + 1);
    $start .= pick('/search', '/', '/web/find') . pick(('?') x 9, ';', '#');
    return $start . join '&', @before, "$parameter$phrase", @more;
}

sub referer {
    my $kind = below(10);
    return '-' if $kind < 2;
    return pick(@ODD_REFERERS) if $kind < 5;
    return search() if $kind < 7;
    my $server = $kind == 7 ? 'www.example.com' : 'site' . below(40) . '.example';
    return "http://$server/" . pick('', map { $_, "$_/", "$_.html", "$_?id=" . below(9), "$_;s=1" } @WORDS);
}

# ---- the other columns ------------------------------------------------------------------------

my @SITES = (
    ('www.example.com') x 8, ('d111111abcdef8.cloudfront.net') x 4, 'static.example.com', 'WWW.EXAMPLE.COM',
    'example.com'
);
my @ODD_SITES = (
    '-', '0', 'other.example', 'D111111ABCDEF8.CLOUDFRONT.NET', 'xd111111abcdef8.cloudfront.net.evil.example',
    'wwwxexample.com', 'www.example.com.', 'www.example.com:80', 'xwww.example.com', 'localhost', '127.0.0.1',
    "caf\xe9.example", 'x.y', 'nodots'
);
my @METHODS     = (('GET') x 30, 'POST', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'DELETE');
my @ODD_METHODS = (
    '-', '0', 'PATCH', 'get', 'Get', 'gET', 'post', 'PROPFIND', 'CHECKOUT', 'LOCK', 'PROPPATCH', 'MKACTIVITY',
    'MERGE', 'REPORT', 'MKCOL', 'COPY', 'RPC_IN_DATA', 'RPC_OUT_DATA', 'OK', 'ERR!', 'PRIV', 'TRACE', 'CONNECT',
    'SMTP', 'MMS', 'rtsp', 'Http', 'RTP', 'RETR', 'GET ', ' GET', 'GETT', '#Fields:', "G\xc9T"
);
my @CODES     = (('200') x 24, ('304') x 4, '206', '206', '301', '302', '404', '404', '403', '500');
my @ODD_CODES = (
    '-', '0', '000', '00', '100', '204', '20', '2000', '200.0', '0200', ' 200', '200 ', '+200', '2e2', 'abc',
    '20x', '206x', '304x', '206.5', '0206', '304.0', '400', '401', '405', '408', '416', '499', '502', '503',
    '504', '599', '999', '-200', '404 ', '0404', '404.0', '4e2', '99', '1', '1e9'
);
my @ODD_SIZES = (
    '-', '0', '00', '1', '-1', '-1000', '+5', '1.5', '1.999', '-0.5', '.5', '5.', '1e3', '1E3', '0x10', '12abc',
    'abc', ' 7', '7 ', '1,000', '1_000', '1000000000000', '1000000000000000000', '9223372036854775807',
    '9223372036854775808', '18446744073709551615', '18446744073709551616', '99999999999999999999',
    '9007199254740993', '4294967295', '4294967296', '2147483648', '1e18', '1e19', '1e30',
    '-9223372036854775808', '--5', 'e5', '0e0', "5\xa0", '000123', '1' . '0' x 25
);
my @EDGES = ('DFW3', 'DFW57-P3', 'LHR62-C4', 'FRA56-P10', 'NRT12-C3', 'SFO5-C1');
my @ODD_EDGES = ('-', '0', '00', 'dfw3', 'DFW 3', "\xe9", 'x' x 100, '1');
my @EXTRAS = (
    [qw(Hit Hit Hit Miss RefreshHit Error Redirect LimitExceeded)], [qw(https https http wss)],
    [qw(HTTP/2.0 HTTP/1.1 HTTP/3.0 HTTP/1.0)], ['TLSv1.3', 'TLSv1.2', '-'],
    ['text/html', 'text/html;%20charset=utf-8', 'image/png', 'application/zip', '-'], [qw(0.001 0.010 1.234 0)],
    [qw(0.001 0.009)], [qw(DE US JP -)]
);
my @ODD_EXTRAS = ('-', '0', '00', '', ' ', 'x y', "\xe9", '%41', 'x' x 400, '?', '&', 'view');

sub extras {
    my @extra = map { one_in(60) ? pick(@ODD_EXTRAS) : pick(@$_) } @EXTRAS;
    return map { length $_ ? $_ : '-' } @extra;
}

sub stream { return '/app/' . pick(@WORDS) . below(30) . pick('.mp4', '.flv', '.mp3', '', '/') }

sub event {
    my $kind = below(12);
    return ('connect', '-', '-', '-') if $kind == 0;
    return ('more', '-', pick(@WORDS), 'mp4') if $kind == 1;
    my $seconds = pick(0, 1, 10, 11, 60, 61, 600, 601, 3600, 3601, 100_000, below(9000));
    return ('view', $seconds, pick(@WORDS) . below(20), pick(qw(mp4 flv mp3 mov - MP4 0)));
}

# ---- time -------------------------------------------------------------------------------------

my @ODD_DATES = (
    '-', '0', '2024-02-30', '2024-02-31', '2024-13-01', '2024-00-10', '2024-01-00', '2023-02-29', '2024-1-5',
    '24-01-05', '0999-10-10', '9999-12-31', '2024/01/05', '05/Jan/2024', 'Jan-05-2024', '2024-Jan-05',
    '2024-jan-05', '2024-JAN-05', '20240105', '2024', '2024-01', '2024-01-05-06', '2024--01-05', 'abcd-01-05',
    '2024-ab-05', '2024-01-ab', '02024-01-05', '2024-1.5-05', '2024-01-05 ', ' 2024-01-05', '2024 01 05',
    '2024-01-05T', '2024,01,05', '-2024-01-05', '1704412800', "2024-01-05\x0b", '2024-01-05 03:04:05',
    '2024-10-32', '2024-01-99', '2024-99-05', '1970-01-01', '2000-02-29'
);
my @ODD_TIMES = (
    '-', '0', '24:00:00', '23:59:60', '25:61:61', '7:5:3', '12:00', '12', '12:00:00.5', '12:00:00.999',
    '12:0:0', '012:00:00', 'aa:bb:cc', '12:bb:00', '12:00:cc', '12-00-00', '12:00:00Z', '12:00:00 ',
    ' 12:00:00', '12:00:00 +0200', '12 00 00', '99:99:99', '-1:00:00', '12:00:00:00', '120000', '12::00', ':::',
    '1e1:00:00', '12,30,00', '12T30T00'
);

# Date and time that only go together.
my @ODD_DAYS = (
    ['1714550400', '0'], ['1714550400', '0 0'], ['1709160000.5', '0'], ['2024-0-05', '12:00:00'],
    ['3/5/2024,', '7:5:3'], ['12/31/2023,', '1:02:3'], ['05/Mar/2024:12:00:00', '+0200'],
    ['5 Mar 2024', '12:00:00'], ['Mar 5', '12:00:00'], ['Mar 5', '12:00:00 2024'], ['03/05/24', '12:00:00'],
    ['03-05-24', '12:00:00']
);

# One of a list, the first ones more often.
sub favourite { return $_[0][below(2) ? RandomNumbers::skewed(scalar @{$_[0]}) : below(scalar @{$_[0]})] }

# Seconds by which a record is older than the newest before it.
sub lateness {
    return pick(
        1, 1, 2, 5, 30, 59, 60, 300, 3599, 3600, 3601, 7199, 7200, 7201, 8000, 10_799, 10_800, 90_000, below(7200)
    );
}

# ---- rows -------------------------------------------------------------------------------------

# What is odd about one field, or about the row; a row never begins with "#", which the feed refuses.  An odd date
# may be far ahead, and make AWStats pass over what follows: before the log is ENDING there are few.
sub odd_row {
    my ($field, $ending) = @_;
    my $kind = $ending || one_in(60) ? below(26) : 4 + below(22);
    if    ($kind == 0) { @$field[@COLUMN{qw(date time)}] = @{pick(@ODD_DAYS)} }
    elsif ($kind == 1) { $field->[$COLUMN{'date'}] = pick(@ODD_DATES) }
    elsif ($kind < 4)  { $field->[$COLUMN{'time'}] = pick(@ODD_TIMES) }
    elsif ($kind == 4) { $field->[$COLUMN{'x-edge-location'}] = pick(@ODD_EDGES) }
    elsif ($kind < 7)  { $field->[$COLUMN{'sc-bytes'}] = pick(@ODD_SIZES) }
    elsif ($kind == 7) { $field->[$COLUMN{'c-ip'}] = pick(@ODD_HOSTS) }
    elsif ($kind < 10) { $field->[$COLUMN{'cs-method'}] = pick(@ODD_METHODS) }
    elsif ($kind == 10) { $field->[$COLUMN{'cs(Host)'}] = pick(@ODD_SITES) }
    elsif ($kind == 11) { $field->[$COLUMN{'cs-uri-stem'}] = pick(@ODD_PATHS) }
    elsif ($kind < 15) { $field->[$COLUMN{'sc-status'}] = pick(@ODD_CODES) }
    elsif ($kind == 15) { $field->[$COLUMN{'cs(Referer)'}] = pick(@ODD_REFERERS) }
    elsif ($kind == 16) { $field->[$COLUMN{'cs(User-Agent)'}] = pick(@ODD_AGENTS) }
    elsif ($kind == 17) { $field->[$COLUMN{'cs-uri-query'}] = pick(@ODD_QUERIES) }
    elsif ($kind == 18) { $field->[below(scalar @$field)] = '' }
    elsif ($kind == 19) { splice @$field, 1 + below(@$field - 1) }
    elsif ($kind == 20) { splice @$field, below(scalar @$field), 0, pick('x', '-', '', 'a b') }
    elsif ($kind == 21) { splice @$field, below(scalar @$field), 1 }
    elsif ($kind == 22) { $field->[below(scalar @$field)] = pick('0', '-', ' ', "\xe9", "\x01", 'x' x 3000) }
    my $row = join "\t", @$field;
    return $row if $kind < 23;
    return pick(
        '', ' ', "\t", "\t" x $#COLUMNS, "\r", "\0", "\0$row", "$row\r", "$row\r\r", "$row\t", "$row\t-\t-", "$row ", " $row",
        "\t$row", "!$row", '!', 'x', '-', "\xef\xbb\xbf$row", $row =~ tr/\t/ /r, $row =~ s/\t/ /r, $row =~ s/\t/\t\t/r,
        substr($row, 0, below(length $row)), $row =~ s/\t[^\t]*\z//r, "$row\0",
        join '', map { chr 1 + below(255) } 0 .. below(60)
    ) =~ s/^#/x/r =~ tr/\n/x/r;
}

# One record in so many is odd, ODD; see above for all that may be wanted.
sub records {
    my %want = (
        seed => 1, records => 1000, odd => 0, start => 1_709_160_000, gap => 30, disorder => 0, visitors => 100,
        pages => 100, agents => 30, referers => 40, addresses => '', searches => 0, streaming => 0, @_
    );
    RandomNumbers::seed($want{seed});
    my @hosts    = map { host($want{addresses}) } 1 .. $want{visitors};
    my @paths    = map { path() } 1 .. $want{pages};
    my @agents   = map { agent() } 1 .. $want{agents};
    my @referers = map { $want{searches} && one_in($want{searches}) ? search() : referer() } 1 .. $want{referers};
    my @queries  = map { query() } 1 .. 20;
    @paths = map { stream() } 1 .. $want{pages} if $want{streaming};

    my $clock = $want{start};
    my @due;    # [when, who]: visitors that come back when AWStats' hour for a visit is just over, or not yet
    my $newest = $clock;
    my @records;
    while (@records < $want{records}) {
        $clock += below(2 * $want{gap} + 1);
        my ($time, $host) = ($clock, $hosts[RandomNumbers::skewed(scalar @hosts)]);
        my $comes_back = @due && $due[0][0] <= $clock;
        if    ($comes_back) { ($time, $host) = @{shift @due} }
        elsif (one_in(15))  { $host = host($want{addresses}); $comes_back = 1 }
        elsif (one_in($want{disorder})) { $time = $newest - lateness() }
        $newest = $time if $time > $newest;
        push @due, [$time + 3599 + below(3), $host] if $comes_back && below(4);
        my ($date, $clock_time) = split / /, strftime('%Y-%m-%d %H:%M:%S', gmtime $time);
        my $size = below(4) ? 200 + below(40_000) : below(3) * below(90_000_000);
        my @field = (
            $date, $clock_time, pick(@EDGES), $size, $host, pick(@METHODS), pick(@SITES), favourite(\@paths),
            pick(@CODES), favourite(\@referers), favourite(\@agents), favourite(\@queries), extras(),
            $want{streaming} ? event() : ('-') x 4
        );
        push @field, ('-') x (@COLUMNS - @field);
        @field[@COLUMN{qw(cs-method sc-status)}] = ('GET', 200) if $want{streaming};
        @field[@COLUMN{qw(cs-method cs(Host) cs-uri-stem sc-status)}] =
            ('GET', $SITES[0], pick('/', '/red.html', $field[$COLUMN{'cs-uri-stem'}]), 200) if $comes_back && !$want{streaming};
        $field[$COLUMN{'sc-bytes'}]  = pick(@ODD_SIZES) if $want{odd} && one_in(40);
        $field[$COLUMN{'cs-uri-query'}] = tracked() if $field[$COLUMN{'cs-uri-stem'}] eq $TRACKER;
        # The first tells the plugin the kind of distribution.
        my $is_odd = @records && one_in($want{odd});
        push @records, $is_odd ? odd_row(\@field, @records > 0.9 * $want{records}) : join "\t", @field;
    }
    return \@records;
}

# The same of requests as a web site gets them, with nothing odd about any value.
sub everyday {
    my %want = @_;
    my $logs = Generate::logs(from => '2024-05-01', days => 3, files => 1, %want);
    return [Generate::true_records($logs)];
}

# Whether a record has its columns in their places, and so tells the kind of distribution.
sub is_whole {
    my ($record) = @_;
    my @field = split /\t/, $record, -1;
    return @field == @COLUMNS && $field[ $COLUMN{'x-event'} ] =~ /^(?:-|view|connect|more)$/;
}

# ---- files ------------------------------------------------------------------------------------

# A log as the helper writes it, with these records.
sub write_log {
    my ($path, $records, @header) = @_;
    open my $out, '>:raw', $path or die "$path: $!\n";
    print {$out} "#Version: 1.0\n#Software: awstats-cloudfront 1.0\n", @header, "#Fields: @COLUMNS\n";
    print {$out} "$_\n" for @$records;
    print {$out} '#End: records=' . @$records . " bad=0 quarantined=0\n";
    close $out or die "$path: $!\n";
    return $path;
}

1;
