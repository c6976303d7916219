package GenerateConfig;

# AWStats settings drawn from the random numbers of Generate.pm, which the caller seeds: every setting that its
# update loop looks at, with values that the logs of GenerateUnusual.pm have something for.
#
#   my $config = GenerateConfig::draw(streaming => 0);    # {lines => [...], arguments => [...], zone => 'UTC'}

use strict;
use warnings;
use AWStats         ();
use CountryDatabase ();
use RandomNumbers   qw(below one_of one_in);
use Program         ();

# Some of a list, in its order, one at least.
sub some {
    my @some = grep { one_in(2) } @_;
    return @some ? @some : one_of(@_);
}

# One or two of a list.
sub few {
    return map { one_of(@_) } 0 .. below(2);
}

# Usually there, so that not everything is dropped.
sub most { return one_in(4) ? () : @_ }

sub setting { my ( $name, @value ) = @_; return qq($name="@value") }

# ---- lists of what to skip, or to keep --------------------------------------------------------

my @HOSTS = (
    'REGEX[^192\.]',  'REGEX[^10\.]', '192.0.2.7:60321',  'REGEX[:]',
    'REGEX[example]', '-',            'HOST.example.net', 'REGEX[^\d+\.\d+\.\d+\.[0-4]]'
);
my @FILES = (
    '/robots.txt',  '/',            'REGEX[\.png$]', 'REGEX[^/red/]',
    'REGEX[%20]',   'REGEX[INDEX]', '/a#b',          'REGEX[\?]',
    '/%41%42.html', 'REGEX[\.(zip|mp4)]'
);
my @AGENTS =
  ( 'REGEX[bot]', 'REGEX[Chrome]', 'Mozilla', 'REGEX[^$]', 'REGEX[%20]', '-', 'REGEX[firefox]', 'REGEX[Linux]' );
my @REFERER = ( '# a comment', 'google\.com', 'outside.example # another', 'site1\d', '/red', '' );
my @HOST_ALIASES = (
    'REGEX[.]', 'REGEX[.]', 'REGEX[.]', 'static.example.com', 'static.example.com example.com localhost 127.0.0.1',
    'REGEX[example]', 'REGEX[^www] -',
    'none.example',   'REGEX[google] REGEX[site1]'
);

# ---- extra sections ---------------------------------------------------------------------------

my %CONDITIONS = (
    URL          => [ '.',      '^/$',        'red',    '\.zip$', 'html',       '#' ],
    QUERY_STRING => [ '.',      '^$',         'id=',    '=1',     'CloudFlare', '^\w+$' ],
    URLWITHQUERY => [ '\?',     'a.*b',       '[?;]id', '#' ],
    REFERER      => [ 'google', '^-$',        '.',      'example\.com', '\?' ],
    UA           => [ 'bot',    'Windows',    '^-$',    '.',            '%20|_' ],
    HOST         => [ '\.',     ':',          '^192',   'net$' ],
    HOSTINLOG    => [ '.',      '::ffff',     ':\d+$' ],
    VHOST        => [ '^www',   'cloudfront', 'EXAMPLE' ],
    ( map { ( "extra$_" => [ '^-$', '.', 'H', 'DE', '1$', '^view$' ] ) } 1 .. 13 ),
);
my %VALUES = (
    URL          => [ '(.*)',               '^(/[^/]*)', '\.(\w+)$', '/(0)?', '^/(.)', 'red', '(\d)' ],
    QUERY_STRING => [ '(.*)',               'id=(\w*)',  '(\w+)=',   '^(0)$', '^(?:(a)|.)' ],
    URLWITHQUERY => [ '(.*)',               '([?;].*)',  '#(.*)',    '(\d+)' ],
    REFERER      => [ '^([a-z]+://[^?#]+)', '(.{1,9})',  '//([^/]*)' ],
    UA           => [ '(\w+)',              '\((.*?)\)', '(bot)' ],
    HOST         => [ '(.*)',               '^(\d+)\.',  '(\w*)$' ],
    HOSTINLOG    => [ '(.*)',               '(:\d+)$',   '^(\w+)' ],
    VHOST        => [ '(.*)',               '^(\w+)\.' ],
    ( map { ( "extra$_" => [ '(.*)', '^([A-Z0-9]+)$', '(.)', '^(view)$', '([a-z/]+)' ] ) } 1 .. 13 ),
);

# The name of a column; a third are those of no name in AWStats.
sub column {
    my ($columns) = @_;
    my $is_extra = one_in(3);
    return one_of( grep { /^extra/ ? $is_extra : !$is_extra } sort keys %$columns );
}

sub extra_pattern {
    my ($columns) = @_;
    my $type = column($columns);
    my $pattern = one_of( @{ $columns->{$type} } );
    return $type . one_of( ',', ',', ':' ) . ( one_in(8) ? "REGEX[$pattern]" : $pattern );
}

sub extra_section {
    my ($number) = @_;
    my $condition = one_in(3) ? '' : join ' || ', map { extra_pattern( \%CONDITIONS ) } 1 .. below(4);
    my $values = join '||', map { extra_pattern( \%VALUES ) } 0 .. below(3);
    return (
        setting( "ExtraSectionName$number",       "Section $number" ),
        setting( "ExtraSectionCodeFilter$number", one_of( '', '', '200', '200 304', '404', '200 206 304 999', '000' ) ),
        setting( "ExtraSectionCondition$number",  $condition ),
        setting( "ExtraSectionFirstColumnTitle$number",  'Column' ),
        setting( "ExtraSectionFirstColumnValues$number", $values ),
        setting( "ExtraSectionFirstColumnFormat$number", '%s' ),
        setting(
            "ExtraSectionStatTypes$number",
            one_of( qw(P H B L PH PB PL HB HL BL PHB PHL PBL HBL PHBL), '', 'phbl' )
        ),
        setting( "MaxNbOfExtra$number", 1 + below(30) ),
        setting( "MinHitExtra$number",  1 + below(2) ),
    );
}

# ---- the settings -----------------------------------------------------------------------------

my @NOT_PAGES = ( 'css js png gif jpg ico', 'html', 'zip', 'Unknown', 'php HTML mp4', '0' );
my @VALID_CODES =
  ( '200', '200 206 304', '200 304 206 404', '200 301 302', '206 304', '000 200 304', '200 0200 304.0 2e2', '-' );
my @TRAPPED_CODES = ( '404', '400 403 404', '404 500 999 0', '206 301', '000', '-' );
my @DEFAULT_FILES = (
    'index.html',
    'index.php index.html',
    'index.htm index.html index.php',
    'default.asp', 'x', '-', 'index.*', 'bread'
);
my @SITES = ( 'example.com', 'static.example.com', 'WWW.EXAMPLE.COM', 'none.example', 'nodots' );
my @ZONES = qw(Asia/Tokyo Europe/Paris America/New_York UTC);

# Each draws its own lines.
my %SETTINGS = (
    skip_hosts       => sub { setting( 'SkipHosts',      few(@HOSTS) ) },
    only_hosts       => sub { setting( 'OnlyHosts',      most('REGEX[^[12]]'), some(@HOSTS) ) },
    skip_files       => sub { setting( 'SkipFiles',      few(@FILES) ) },
    only_files       => sub { setting( 'OnlyFiles',      most('REGEX[^/[a-m]]'), some(@FILES) ) },
    skip_user_agents => sub { setting( 'SkipUserAgents', few(@AGENTS) ) },
    only_user_agents => sub { setting( 'OnlyUserAgents', most('REGEX[mozilla]'), some(@AGENTS) ) },
    skip_referrers   => \&skip_referrers,
    not_page_files   => sub { setting( 'NotPageFiles',                   some(@FILES) ) },
    not_page_list    => sub { setting( 'NotPageList',                    some(@NOT_PAGES) ) },
    valid_codes      => sub { setting( 'ValidHTTPCodes',                 one_of(@VALID_CODES) ) },
    trapped_codes    => sub { setting( 'TrapInfosForHTTPErrorCodes',     one_of(@TRAPPED_CODES) ) },
    error_detail     => sub { setting( 'ShowHTTPErrorsPageDetail',       one_of(qw(R H RH rh HR r)) ) },
    worms            => sub { setting( 'LevelForWormsDetection',         one_of( 0, 1, 2 ) ) },
    browsers         => sub { setting( 'LevelForBrowsersDetection',      one_of( 0, 1, 2, 'allphones' ) ) },
    systems          => sub { setting( 'LevelForOSDetection',            one_of( 0, 1, 2 ) ) },
    robots           => sub { setting( 'LevelForRobotsDetection',        one_of( 0, 1, 2 ) ) },
    referers         => sub { setting( 'LevelForRefererAnalyze',         one_of( 0, 1, 2 ) ) },
    file_types       => sub { setting( 'LevelForFileTypesDetection',     one_of( 0, 1, 2 ) ) },
    search_engines   => sub { setting( 'LevelForSearchEnginesDetection', one_of( 0, 1, 2 ) ) },
    keywords         => sub { setting( 'LevelForKeywordsDetection',      one_of( 0, 1, 2 ) ) },
    keyword_case     => sub { setting( 'KeyWordsNotSensitive',           one_of( 0, 1 ) ) },
    queries          => \&queries,
    url_case         => sub { setting( 'URLNotCaseSensitive',  1 ) },
    anchors          => sub { setting( 'URLWithAnchor',        1 ) },
    referer_queries  => sub { setting( 'URLReferrerWithQuery', 1 ) },
    separators       => sub { setting( 'URLQuerySeparators',   one_of( '?', '?;#', '?;', ';', '?&', '?;/' ) ) },
    decode_agents    => sub { setting( 'DecodeUA',             1 ) },
    default_files    => sub { setting( 'DefaultFile',          one_of(@DEFAULT_FILES) ) },
    breaks           => sub { setting( 'DatabaseBreak',        one_of(qw(month day month hour)) ) },
    site             => sub { setting( 'SiteDomain',           one_of(@SITES) ) },
    misc_tracker     => sub { setting( 'MiscTrackerUrl',       one_of( '/a.js', '/' ) ) },
    country          => \&country,
    addresses        => sub { setting( 'LoadPlugin',           'addresses' ) },
    time_zone        => sub { setting( 'LoadPlugin',           'timezone ' . one_of(@ZONES) ) },
    urls_stored      => sub { setting( 'MaxLengthOfStoredURL', one_of( 10, 64, 256 ) ) },
    history          => sub { setting( 'BuildHistoryFormat',   'xml' ) },
    extra_sections   => sub {
        map { extra_section($_) } 1 .. 1 + below(4);
    },
    too_many_rows => sub { ( extra_section(1), setting( 'ExtraTrackedRowsLimit', one_of( 3, 20, 100 ) ) ) },
    shipped       => sub { 'Include "' . AWStats::configurations() . '/cloudfront-download.conf"' },
);

# Of a few hundred cases each has one setting alone several times.
my @NAMES = sort keys %SETTINGS;

# A file in the way of AWStats' black list; DIR/ stands for the folder of the installation.
sub skip_referrers { return setting( 'SkipReferrersBlackList', 'DIR/blacklist.txt' ) }

sub write_black_list {
    my ($path) = @_;
    Program::write_file( $path, join '', map { "$_\n" } @REFERER );
    return;
}

sub queries {
    my @parameters = some(qw(id lang session page a A q));
    return (
        setting( 'URLWithQuery',        1 ),
        setting( 'URLNotCaseSensitive', below(2) ),
        one_in(3) ? () : setting( 'URLWithQueryWith' . one_of( 'Only', 'out' ) . 'FollowingParameters', @parameters )
    );
}

sub country {
    my $plugin = one_of( 'geoip', 'geoip', 'geoip2_country DIR/countries.mmdb', 'geoipfree' );
    return setting( 'LoadPlugin', $plugin );
}

# Returns {names, of the settings drawn; lines; arguments, of awstats.pl; zone, for the environment; addresses,
# which the visitors may have at most, see GenerateUnusual.pm: what is no address the country plugins ask the
# network about}.  OPTION: streaming, whether the records are views; counted, whether nearly all records are to
# be counted, into one month.
sub draw {
    my (%option) = @_;
    my $kind = below(8);
    my @names = $kind == 0 ? () : $kind < 3 ? one_of(@NAMES) : grep { one_in(6) } @NAMES;
    @names = grep { $_ ne 'shipped' } @names if $option{streaming};
    @names = grep { !/^(?:skip|only|breaks|valid_codes)/ } @names if $option{counted};
    my @aliases = map { setting( 'HostAliases', $_ ) } $option{counted} ? 'REGEX[.]' : one_of(@HOST_ALIASES);
    my @lines = map { $SETTINGS{$_}->() } grep { $_ ne 'too_many_rows' || one_in(4) } @names;
    my @include = grep { /^Include/ } @lines;
    @lines = ( @include, @aliases, grep { !/^Include/ } @lines );
    push @lines, setting( 'LogType', one_of( 'S', 'W' ) ) if $option{streaming};
    my @shown = ( '-showdropped', '-showcorrupted', '-showunknownorigin', '-showdirectorigin' );
    my @arguments = grep { one_in(24) } @shown;
    my ($country) = map { /geoipfree/ ? 'IPv4' : /geoip2/ ? 'IP' : () } @lines;
    return {
        names     => \@names,
        lines     => \@lines,
        arguments => \@arguments,
        addresses => $country // '',
        zone      => one_of( 'UTC', 'UTC', 'Europe/Paris', 'America/New_York', 'Asia/Kolkata' )
    };
}

# What the settings' files need, in the folder of an installation.  Returns the settings for it.
sub install {
    my ( $folder, @lines ) = @_;
    write_black_list("$folder/blacklist.txt") if grep             { /DIR\/blacklist/ } @lines;
    CountryDatabase::write_file("$folder/countries.mmdb") if grep { /DIR\/countries/ } @lines;
    return map                                                    { s{DIR/}{$folder/}gr } @lines;
}

1;
