package UnusualRequest;

# Draws what a request says of itself, from common values to unusual ones that a reader of logs may meet:
# the visitor's address, path, query, user agent and referer.  GenerateUnusual makes records of them.

use strict;
use warnings;
use AWStatsTables ();
use Exporter      qw(import);
use RandomNumbers qw(below one_of one_in);

our @EXPORT_OK = qw($TRACKER @WORDS @UNUSUAL_AGENTS @UNUSUAL_HOSTS @UNUSUAL_PATHS @UNUSUAL_QUERIES @UNUSUAL_REFERERS
  agent host path query referer search tracked);

our @WORDS = qw(red blue green shoes boots lamp garden winter summer sale guide river mountain city coffee bread);

# ---- visitors ---------------------------------------------------------------------------------

our @UNUSUAL_HOSTS = (
    '-',                      '0',
    '*',                      'unknown',
    '::1',                    '::',
    ':',                      'abc:',
    'ABC:',                   'xyz:',
    ':80',                    '999.1.1.1',
    '1.2.3',                  '1.2.3.4.5',
    '01.02.003.004',          '192.0.2.7:60321',
    '192.0.2.7:',             'proxy.example.net:8080',
    '[2001:db8::1]:443',      '[2001:db8::1]',
    'fe80::1%eth0',           '::ffff:192.0.2.9',
    '::FFFF:192.0.2.9',       '::ffff:192.0.2.9:80',
    '::ffff:999.0.2.9',       '::ffff:c000:209',
    '2001:DB8::A',            '2001:0db8:0000:0000:0000:0000:0000:000a',
    'HOST.Example.NET',       'host_1',
    'host.example.museum',    'host.example.net.',
    '.net',                   'a..b',
    'host.x_y',               "host.caf\xe9",
    "h\xc3\xb6st.example.de", 'host name',
    ' 192.0.2.8',             '192.0.2.8 ',
    '192.0.2.8, 192.0.2.9',   '1.2.3.4;',
    'h?st',                   'x' x 300,
    '192.0.2.' . '1' x 40,    '0x7f.1',
    '00',                     '0.0',
    '10',                     'bookmarks',
    '$1',                     '%41',
    '%',                      "\x01"
);

sub host {
    my ($addresses) = @_;
    my $kind = below( $addresses eq 'IPv4' ? 12 : $addresses ? 15 : 20 );
    return join '.', one_of( 10, 172, 192, 198, 203, 255 ), below(256), below(256), below(256) if $kind < 12;
    return sprintf '2001:db8:%x::%x', below(65536), below(65536) if $kind < 14;
    return join ':', '2001', map { sprintf '%04x', below(65536) } 1 .. 7 if $kind == 14;
    return sprintf '%s%d.%s', one_of(qw(dsl cable Host)), below(500),
      one_of(qw(example.net example.org example.CO.UK example.de isp.example))
      if $kind < 17;
    return join( '.', '::ffff:192', 0, 2, below(256) ) if $kind == 17;
    return one_of(@UNUSUAL_HOSTS);
}

# ---- what they ask for ------------------------------------------------------------------------

our @UNUSUAL_PATHS = (
    '/',                                          '//',
    '/.',                                         '/..',
    '/index.html',                                '/INDEX.HTML',
    '/index.htm',                                 '/index.php',
    '/default.asp',                               '/dir/',
    '/dir/index.html',                            '/dir//index.html',
    '/dirindex.html',                             '/dir/xindex.html',
    '/dir/indexxhtml',                            '/index.html/',
    '/dir/index.html?a=b',                        '/favicon.ico',
    '/FAVICON.ICO',                               '/dir/favicon.ico',
    '/favicon.ico.html',                          '/xfavicon.ico',
    '/robots.txt',                                '/dir/robots.txt',
    '/Robots.TXT',                                '/xrobots.txt',
    '/robots.txt/',                               '/my-robots.txt',
    '/a#b',                                       '/a#',
    '/a#b#c',                                     '/a.html#top?x=1',
    '/a.html?x=1#top',                            '/a.html;v=1',
    '/a.html;',                                   '/a.html?',
    '/a?b?c',                                     '/a;b?c',
    '/?',                                         '/;',
    '/#',                                         '#',
    '?',                                          '?x',
    ';x=1',                                       '0',
    '-',                                          '*',
    'a',                                          '/0',
    '/a.0',                                       '/a.h',
    '/a.ht',                                      '/a.abcdefg',
    '/a.abcdefgh',                                '/a.abcdef',
    '/a.HTML',                                    '/a.Zip',
    '/a.JPG',                                     '/a.html.',
    '/a.',                                        '/a.b.c.gz',
    '/a.tar.gz',                                  '/.htaccess',
    '/a_b.x_y',                                   '/a.1',
    '/a.mp4/',                                    '/a.zip/',
    '/a.zip?x',                                   '/a.html%',
    '/%41%42.html',                               '/%7Euser/',
    '/%7euser/',                                  '/%2fetc%2Fpasswd',
    '/%2E%2e/',                                   '/%zz',
    '/%4',                                        '/%',
    '/%25%34%31',                                 '/%2541',
    '/a%20b',                                     '/a b',
    '/a  b.html',                                 '/caf%C3%A9.html',
    "/caf\xc3\xa9.html",                          "/caf\xe9.html",
    "/\xff\xfe",                                  "/a.\xe9",
    '/%C3%A9.%C3%A9',                             '/a.%68tml',
    '/a.htm%6C',                                  '/a.html%23x',
    '/a%3Fb',                                     '/a%3Bb',
    "/a'b",                                       '/a"b',
    '/<b>',                                       '/a&b',
    '/a=b',                                       '/a|b',
    '/a\\',                                       '/a\\b\\',
    '/a.php/x',                                   '/a.cgi',
    '/a+b',                                       '/$1',
    '/@x',                                        '/(a)',
    '/[a]',                                       '/{a}',
    '/a*b',                                       '/^a',
    '/' . 'x' x 2100,                             '/' . '%41' x 700 . '.html',
    '/' . 'a/' x 300 . 'index.html',              'http://other.example/a.html',
    'http://other.example',                       'rtmp://host/app',
    "/a\x0b",                                     "/a\x01.html",
    "/a\x0c.html",                                '/awstats_misc_tracker.js',
    '/js/awstats_misc_tracker.js?screen=800x600', '/js/awstats_misc_tracker.jsx',
    '/js/awstats_misc_tracker%2Ejs',              '/JS/awstats_misc_tracker.js',
    '/a.js',                                      '/a.ico',
    '/a.class',                                   '/a.mp3',
    '/a.flv',                                     '/a.exe',
    '/a.7z',                                      '/a.txt',
    '/a.css',                                     '/a.swf',
    '/a.webp',                                    '/a.bmp',
    '/wp-login.php',                              '/search.aspx',
    '/winnt/system32/cmd.exe',                    '/scripts/root.exe'
);

our $TRACKER = '/js/awstats_misc_tracker.js';

my @EXTENSIONS = (
    ('html') x 6,
    '', '',
    qw(htm php asp aspx cgi jsp gif jpg png css js ico zip mp4 mp3 pdf),
    qw(flv swf gz exe txt xml unk HTML JPG Zip m p4 abcdef jsp_3 abcdefg abcdefgh)
);

sub path {
    return one_of(@UNUSUAL_PATHS) if one_in(5);
    return $TRACKER if one_in(40);
    return '/robots.txt' if one_in(60);
    return one_of( AWStatsTables::worms() ) =~ s{^(?!/)}{/}r if one_in(60);
    my $path = join '', map { '/' . one_of(@WORDS) } 0 .. below(3);
    return "$path/" if one_in(6);
    $path .= below(400) if one_in(2);
    my $extension = one_in(12) ? one_of( AWStatsTables::file_types() ) : one_of(@EXTENSIONS);
    $path .= ".$extension" if length $extension;
    $path .= one_of( '?', ';' ) . parameters() if one_in(12);
    $path .= '#' . one_of( qw(top a1 _x x-y %41), '' ) if one_in(15);
    return $path;
}

our @UNUSUAL_QUERIES = (
    '0',     '?',     '&',      '&&', '=', 'a', 'a=', '=b', 'a=b&', '&a=b', 'a=b&a=c&A=d', 'A=B', 'a=b;c=d', 'a=b?c=d',
    'a=b#c', 'id=1',  'ID=2',   'id=1&session=2&lang=de', 'session=7', 'session=7&id=3', 'xid=4', 'id', 'lang=en',
    'a b',   'a=%41', "a=\xe9", 'x' x 1000,               '[CloudFlare_Visitor_IP:1.2.3.4]',
    'a=b&[CloudFlare_Visitor_IP:203.0.113.77]', '[CloudFlare_Visitor_IP:1.2.3]',
    '[CloudFlare_Visitor_IP:299.9.9.10]&x',     '[cloudflare_visitor_ip:1.2.3.4]', 'screen=1024x768',
    'screen=1x2&nojs=y',
    'screen=1920x1080&win=1900x900&cdi=24&java=true&shk=n&svg=y&fla=y&rp=y&mov=y&wma=y&pdf=y&uid=x&sid=y',
    'JAVA=TRUE', 'java=true&java=true', 'screen=axb', 'xscreen=1x2', 'pdf='
);

# What AWStats' own script tells it.
sub tracked {
    my @names = grep { below(3) } qw(nojs java shk fla rp mov wma pdf svg);
    my @values = map { "$_=" . one_of( 'y', 'n', 'Y', 'true', 'false', '' ) } @names;
    RandomNumbers::shuffle( \@values );
    return join '&', 'screen=' . one_of( '800x600', '1920x1080', 'x' ), @values;
}

sub parameters {
    return one_of(@UNUSUAL_QUERIES) if one_in(4);
    my @names = map { one_of(qw(id lang session page q ref utm_source)) } 0 .. below(3);
    return join '&', map { "$_=" . one_of( @WORDS, below(30) ) } @names;
}

sub query { return one_in(3) ? parameters() : '-' }

# ---- what they use ----------------------------------------------------------------------------

our @UNUSUAL_AGENTS = (
    '-',                                    '0', '--', ' ', '+', '_', 'x', 'Mozilla', 'Mozilla/5.0', 'mozilla4.7',
    'Mozilla/4.7 [en] (X11; I; SunOS 5.8)', 'Edge/12.10240',                            'edge/', 'Edg/120.0',
    'Opera/9.80 (X11; Linux) Presto/2.12 Version/12.16', 'Opera/9.80 (Windows NT 6.1)', 'Opera 8.5',
    'Opera/7.0',                    'OPR/106.0.0.0',     'opera', 'Chrome/120.0 OPR/106.0', 'Firefox/115.0', 'FireFox/',
    'Flock/2.0 Firefox/3.0',        'Chrome/',           'CHROME/99',         'Safari/419.3', 'Safari/9999',
    'Version/17.4 Safari/605.1.15', 'Version/ Safari/1', 'Shiira Safari/125', 'Android Safari/534.30',
    'Arora/0.10 Safari/532',        'Konqueror/3.5',     'konqueror/', 'SVN/1.6.17', 'svn/',   'MSIE 6.0', 'MSIE+7.0',
    'msie_8.0',                  'msie', 'MSIE 6.0; webtv', 'MSIE 5; Opera 6', 'OmniWeb MSIE', 'Trident/7.0; rv:11.0',
    'Trident/7.0;Touch rv:11.0', 'Trident/7.0; rv:11.0; opera x', 'Netscape/7.1', 'netscape6/6.2', 'Netscape6',
    'Lynx/2.8',                  'ELinks/0.9',            'iTunes/12', 'Windows-Media-Player/12',  'Unknown Agent/1.0',
    'Another+Unknown+Agent',     'Another_Unknown_Agent', 'Another Unknown%20Agent', 'Agent%20with%20escapes/1',
    'agent #Fields: x',          "Agent caf\xe9", "Agent \xc3\xa9\xe6\x97\xa5",   "\xff", 'a' x 600, 'bot', 'mybot/1.0',
    'my-bot',                                              'robot',  'Crawler',   'Googlebot', 'googleBOT/2.1',
    'Mozilla/5.0 (compatible; Googlebot/2.1; +http://x/)', 'curl/8', 'Wget/1.21', 'php',       'link',
    'no_user_agent', 'Amazon CloudFront', 'blog', 'Linux', 'windows', 'Mac OS X', 'Windows NT 10.0', 'SunOS',
    '(',             '[',                 '\\',   '$',     '*', '(?:', 'a|b', '=', 'Unknown'
);
my @SYSTEMS = (
    'Windows NT 5.1',
    'Windows NT 6.1; WOW64',
    'Windows NT 10.0; Win64; x64',
    'Macintosh; Intel Mac OS X 10_15_7',
    'X11; Linux x86_64',
    'X11; Ubuntu; Linux x86_64',
    'Linux; Android 14; Pixel 8',
    'iPhone; CPU iPhone OS 17_5_1 like Mac OS X',
    'X11; FreeBSD amd64'
);

sub agent {
    my $kind = below(12);
    return one_of(@UNUSUAL_AGENTS) if $kind < 3;
    my $version = 50 + below(80);
    my $system = one_of(@SYSTEMS);
    my $robot = one_of( AWStatsTables::robots() );
    return
        one_of( '', 'Mozilla/5.0 (compatible; ', 'x' )
      . $robot
      . one_of( '', '1.0', '/2.1 (+http://x.example/)', 'x' )
      if $kind < 5;
    return sprintf '%s/%d (%s)', one_of( AWStatsTables::browsers() ), $version,
      one_of( @SYSTEMS, AWStatsTables::systems() )
      if $kind == 5;
    return "Mozilla/5.0 ($system; rv:$version.0) Gecko/20100101 Firefox/$version.0" if $kind < 8;
    return "Mozilla/5.0 ($system) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/$version Safari/605.1.15"
      if $kind == 8;
    return "Mozilla/4.0 (compatible; MSIE " . ( 5 + below(5) ) . ".0; $system)" if $kind == 9;
    return "Mozilla/5.0 ($system) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/$version.0.0.0 Safari/537.36";
}

# ---- where they come from ---------------------------------------------------------------------

our @UNUSUAL_REFERERS = (
    '-',                                                        '0',
    'bookmarks',                                                'Bookmarks',
    'about:blank',                                              'android-app://com.example/',
    'file:///c:/a.html',                                        'news:x',
    'news://x/',                                                'ftp://ftp.example/',
    'http',                                                     'http:',
    'http:/',                                                   'http://',
    'http:///',                                                 'http://?',
    'http://:80/',                                              'https://:8080',
    'HTTP://UPPER.EXAMPLE/',                                    'Https://Mixed.Example/X',
    'xhttp://a.example/',                                       'httpx://a.example/',
    'http://outside.example',                                   'http://outside.example/',
    'http://outside.example:80/',                               'http://outside.example:80',
    'http://outside.example:81/a',                              'http://outside.example:8080',
    'http://outside.example:/',                                 'http://outside.example:x/',
    'http://www.example.com',                                   'http://www.example.com/',
    'http://www.example.com:80/a.html',                         'http://www.example.com:8443/',
    'https://WWW.EXAMPLE.COM/a',                                'http://example.com/',
    'http://example.com.evil.example/',                         'http://xexample.com/',
    'http://www.example.org/',                                  'http://static.example.com/a.html',
    'http://d111111abcdef8.cloudfront.net/',                    'http://D111111ABCDEF8.CLOUDFRONT.NET/a',
    'http://localhost/',                                        'http://127.0.0.1/',
    'www.example.com/a',                                        'http://user:pw@outside.example/',
    'http://[2001:db8::1]/',                                    'http://[2001:db8::1]:80/x',
    'http://outside.example?x=1',                               'http://outside.example;x',
    'http://outside.example/a?b=c',                             'http://outside.example/a;b=c',
    'http://outside.example/?',                                 'http://outside.example/#x',
    '?http://a.example/',                                       ';x',
    '?',                                                        '/a.html',
    "http://caf\xe9.example/",                                  "http://outside.example/caf\xc3\xa9",
    'http://outside.example/a b',                               'http://outside.example/' . 'x' x 700,
    'http://google.com',                                        'http://www.google.com/',
    'http://www.google.com:80/search?q=ports',                  'http://www.google.com:8080/search?q=ports',
    'http://GOOGLE.com/search?q=Upper',                         'http://mail.google.com/mail?q=x',
    'http://groups.google.com/?q=x',                            'http://translate.google.com/?q=y',
    'http://www.google.com/search?',                            'http://www.google.com/search?q',
    'http://www.google.com/search?q=',                          'http://www.google.com/search?x=1&q=',
    'http://www.google.com/search?q=cache:abc:www/a+key+words', 'http://www.google.com/search?q=related:x+y',
    'http://www.google.com/search?Q=UPPER',                     'http://www.google.com/search?q=+++',
    'http://www.google.com/search?q=a?b=c',                     'http://www.google.com/?xq=1&as_q=exact&q=later',
    'http://[',                                                 'http://(',
    'http://search.anything.example/find?words=a+b',            'http://search.x/',
    '$',                                                        '*',
    'http://*'
);
my @PHRASES = (
    'red+shoes',      'Red+Shoes',   'red%20shoes', 'caf%C3%A9',
    'caf%E9',         "caf\xe9",     "caf\xc3\xa9", '%E6%97%A5%E6%9C%AC',
    '%22red+lamp%22', "it's",        'a',           'ab',
    'abc',            '++a++b++',    '%2B',         '%20',
    '+',              '',            '0',           '%0a%0D',
    'x' x 79,         'x' x 80,      'x' x 200,     'a%2Cb,c:d%3Ae',
    '(a*b)',          'a%26b',       'a%3Db',       'a=b',
    'a/b',            'cache:x:y+z', 'related:x',   'site:example.com+lamp',
    '%',              '%zz',         'UPPER+lower', '%C3%84pfel',
    '%u00e9',         '&#233;',      'a;b',         'a#b',
    'a%00b',          'a"b',         '<b>'
);

sub search {
    my ( $server, $parameter, $in_path ) = @{ one_of( AWStatsTables::search_engines() ) };
    $server = one_of( AWStatsTables::excluded_engines(), 'search.of.example' ) if one_in(25);
    $server .= one_of( 'com', 'de', 'example' ) if $server =~ /\.$/;
    $server = "www.$server" if one_in(3);
    $server = uc $server if one_in(12);
    $server .= one_of( ':80', ':8080', ':443' ) if one_in(12);
    my $phrase = one_in(2) ? one_of(@PHRASES) : join '+', map { one_of(@WORDS) } 0 .. below(3);
    my $start = one_of( 'http', 'https' ) . "://$server";
    return "$start/$parameter$phrase" if $in_path && below(4);
    $parameter ||= one_of( qw(q= p= query= keywords= what=), 'search?' );
    $parameter = one_of( 'q=', 'text=', 'qs=', uc $parameter ) if one_in(8);
    my @others = ( 'hl=de', 'ie=UTF-8', 'start=10', 'lr=', 'x=1', 'sa=X', 'oq=other', 'page=2' );
    my @more = map { one_of(@others) } 0 .. below(3) - 1;
    my @before = splice @more, 0, below( @more + 1 );
    $start .= one_of( '/search', '/', '/web/find' ) . one_of( ('?') x 9, ';', '#' );
    return $start . join '&', @before, "$parameter$phrase", @more;
}

sub referer {
    my $kind = below(10);
    return '-' if $kind < 2;
    return one_of(@UNUSUAL_REFERERS) if $kind < 5;
    return search() if $kind < 7;
    my $server = $kind == 7 ? 'www.example.com' : 'site' . below(40) . '.example';
    return "http://$server/" . one_of( '', map { $_, "$_/", "$_.html", "$_?id=" . below(9), "$_;s=1" } @WORDS );
}

1;
