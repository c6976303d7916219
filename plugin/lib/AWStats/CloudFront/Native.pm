# Sets up the native update loop (loop.c) for the configuration that AWStats has read: whether it may
# run at all, what it needs to know, and the functions that it asks about values of fields.
#
# Each of those functions does for one value what awstats.pl's loop would do for each record that has
# it, by AWStats' own functions, lists and patterns wherever there are any.
package AWStats::CloudFront::Native;
use strict;
use warnings;
no warnings qw(numeric uninitialized);    # AWStats minds neither, and it is its rules that count here

use Time::Local ();
use AWStats::CloudFront::HistoryHandle;
use AWStats::CloudFront::KnownVersions;

my %break_divisor = ( year => 1e10, month => 1e8, day => 1e6, hour => 1e4 );

# Flags of a URL, as in values.h.
my %url_is = (
    dropped     => 1,
    page        => 2,
    favicon     => 4,
    robots_txt  => 8,
    download    => 16,
    no_download => 32,
    own_query   => 64,
);

# Lists of hosts, as in values.h.
my %host_is = ( skipped => 1, only => 2, user => 4 );

# What AWStats::CloudFront::KnownVersions::version says of a program, by its path.
my %version_of;

# Does what start() does first, and needs no record for.
sub prepare {
    my $program = shift;
    return @{ $version_of{ $program // '' } ||= [ AWStats::CloudFront::KnownVersions::version($program) ] };
}

# The loop, an AWStats::CloudFront::Loop, '', and an AWStats::CloudFront::HistoryFile, if history files
# can be read and written natively as well; or undef and why there is none.  To be called in AWStats'
# loop, before it gets the first record.  PROGRAM: the path of awstats.pl; PARTIAL_ONCE: whether the bytes of a partial
# download are to be counted once.
sub start {
    my (%setting) = @_;
    my ( $version, $reason, $knows_history ) = prepare( $setting{program} );
    $reason ||= _reason_against();
    return ( undef, $reason ) if $reason;
    my @names   = qw($counterforflushtest $lastlineoffsetnext $lastprocesseddate);
    my @lexical = AWStats::CloudFront::lexicals( \&main::Init_HashArray, @names );
    return ( undef, 'the variables of its update loop were not found' ) if grep { !$_ } @lexical;
    my $loop = eval { AWStats::CloudFront::Loop->new( _settings( $version, $setting{partial_once}, @lexical ) ); };
    return ( undef, $@ =~ s/ at .*//sr ) if !$loop;
    return ( $loop, '' ) if !$knows_history || $main::BuildHistoryFormat eq 'xml';
    return ( $loop, '', AWStats::CloudFront::HistoryFile->new( $loop, $main::ShowHTTPErrorsPageDetail ) );
}

# What loop.c wants to know.
sub _settings {
    my ( $version, $partial_once, $since_flush, $next_offset, $break_time ) = @_;
    return {
        since_flush        => $since_flush,
        next_offset        => $next_offset,
        break_time         => $break_time,
        break_divisor      => $break_divisor{$main::DatabaseBreak},
        seed               => int( rand 2**52 ),
        web                => $main::LogType eq 'W',
        separators         => join( '', grep { /[$main::URLQuerySeparators]/ } map { chr } 0 .. 255 ),
        url_with_query     => $main::URLWithQuery,
        referer_with_query => $main::URLReferrerWithQuery,
        decode_agents      => $main::DecodeUA,
        file_types         => $main::LevelForFileTypesDetection,
        robots             => $main::LevelForRobotsDetection,
        browsers           => $main::LevelForBrowsersDetection,
        oses               => $main::LevelForOSDetection,
        referers           => $main::LevelForRefererAnalyze,
        partial_once       => $partial_once,
        error_referers     => scalar( $main::ShowHTTPErrorsPageDetail =~ /R/i ),
        error_hosts        => scalar( $main::ShowHTTPErrorsPageDetail =~ /H/i ),
        host_lists         => _host_lists(),
        visit_timeout      => $main::VISITTIMEOUT,
        rows_max           => $main::ExtraTrackedRowsLimit < 0 ? 0 : $main::ExtraTrackedRowsLimit,
        sizes              => $version > 7.8,
        sections           => _sections(),
        ask                => _functions($version),
    };
}

# ---- whether it may run ----

# What makes AWStats' loop print, stop or look things up on its way.
sub _reason_against {
    return 'perl has no 64-bit integers' if ~0 <= 0xffff_ffff;
    return 'AWStats has made something else of LogFormat' if !_format_is_ours();
    return 'DNSLookup is on' if $main::DNSLookup;
    foreach my $name (qw(Debug ShowSteps ShowDropped ShowCorrupted ShowUnknownOrigin ShowDirectOrigin)) {
        no strict 'refs';
        return "$name is on" if ${"main::$name"};
    }
    return '-updatefor is given' if $main::UpdateFor;
    return 'VISITTIMEOUT is no whole number' if $main::VISITTIMEOUT !~ /^\d+$/;
    return 'a pattern of the configuration is empty' if grep { _is_empty($_) } _patterns();
    return _reason_in_sections();
}

# Whether AWStats has the columns where the loop has them (normalized/columns.h).  The date and the
# time are one field to AWStats.
sub _format_is_ours {
    my $fields = @AWStats::CloudFront::Columns::names - 1;
    my $extras = $fields - 11;
    my @places = (
        $main::pos_date,    $main::pos_cluster, $main::pos_size,  $main::pos_host,
        $main::pos_method,  $main::pos_vh,      $main::pos_url,   $main::pos_code,
        $main::pos_referer, $main::pos_agent,   $main::pos_query, @main::pos_extra[ 1 .. $extras ]
    );
    return "@places" eq "@{[ 0 .. $fields - 1 ]}" && !defined $main::PerlParsingFormatJsonMap;
}

# To Perl, an empty pattern is the one that matched last, whichever that was.
sub _is_empty {
    my $pattern = shift;
    my ($text) = ref $pattern ? re::regexp_pattern($pattern) : $pattern;
    return !length $text;
}

sub _patterns {
    my @patterns = (
        @main::HostAliases,  @main::SkipHosts,     @main::OnlyHosts,      @main::OnlyUsers,
        @main::SkipFiles,    @main::OnlyFiles,     @main::SkipUserAgents, @main::OnlyUserAgents,
        @main::NotPageFiles, @main::SkipReferrers, @main::WormsSearchIDOrder
    );
    foreach my $section ( 1 .. $#main::ExtraName ) {
        push @patterns, map { @{ $_->[$section] || [] } } \@main::ExtraConditionTypeVal,
          \@main::ExtraFirstColumnValuesTypeVal;
    }
    return @patterns;
}

sub _reason_in_sections {
    foreach my $section ( 1 .. $#main::ExtraName ) {
        foreach my $type ( map { @{ $_->[$section] || [] } } \@main::ExtraConditionType,
            \@main::ExtraFirstColumnValuesType )
        {
            return "extra section $section has a column '$type'" if !_source($type);
            return "extra section $section is about user agents, and DecodeUA is on"
              if $type eq 'UA' && $main::DecodeUA;
        }
    }
    return '';
}

# ---- extra sections ----

# A column's name as AWStats takes it; '' when there is no such column.
sub _source {
    my $type = shift;
    return $type if $type =~ /^(?:URL|QUERY_STRING|URLWITHQUERY|REFERER|UA|HOST|VHOST)$/;
    return 'HOST' if $type eq 'HOSTINLOG';    # the same thing, without DNS
    return $type =~ /extra(\d+)/i && $1 >= 1 && $1 <= 12 ? 'extra' . int $1 : '';
}

sub _sections {
    my @sections;
    foreach my $section ( 1 .. $#main::ExtraName ) {
        my $types = $main::ExtraStatTypes[$section] // '';
        push @sections,
          {
            number     => $section,
            conditions => [ map { _source($_) } @{ $main::ExtraConditionType[$section] || [] } ],
            rows => [ map { _source($_) } @{ $main::ExtraFirstColumnValuesType[$section] || [] } ],
            pages => scalar( $types =~ /P/i ),
            bytes => scalar( $types =~ /B/i ),
            last  => scalar( $types =~ /L/i ),
          };
    }
    return \@sections;
}

# All patterns in the order in which the loop numbers them: section by section, conditions first.
# Returns the function that matches one of them.  NOTHING: the row of a match that extracts nothing.
sub _pattern_function {
    my $nothing = shift;
    my @patterns;
    foreach my $section ( 1 .. $#main::ExtraName ) {
        push @patterns, map { [ $_, 0 ] } @{ $main::ExtraConditionTypeVal[$section]         || [] };
        push @patterns, map { [ $_, 1 ] } @{ $main::ExtraFirstColumnValuesTypeVal[$section] || [] };
    }
    return sub {
        my ( $number, $text ) = @_;
        my ( $pattern, $is_row ) = @{ $patterns[$number] };
        return if $text !~ /$pattern/;
        return '' if !$is_row;
        return "$1" || $nothing || "$1";
    };
}

# ---- functions that the loop asks ----

sub _functions {
    my $version = shift;
    my %ask = (
        vhost   => \&_vhost,
        url     => _url_function(),
        status  => \&_status,
        hour    => \&_hour,
        session => \&main::GetSessionRange,
        pattern => _pattern_function( $version > 7.8 ? '' : 'Failed to extract key' ),
    );
    $ask{host_lists}    = \&_lists_of_host if _host_lists();
    $ask{agent_lists}   = \&_agent_dropped if @main::SkipUserAgents || @main::OnlyUserAgents;
    $ask{referer_lists} = sub { main::SkipReferrer(shift) }
      if @main::SkipReferrers;
    $ask{phrase}    = \&_phrase              if $main::LevelForKeywordsDetection;
    $ask{time}      = \&_time               if $main::PluginsLoaded{ChangeTime}{timezone};
    $ask{country}   = _country_function();
    $ask{sections}  = _sections_function();
    return \%ask;
}

sub _vhost {
    my $name = shift;
    return 1 if $name =~ /^$main::SiteDomain$/i;
    foreach my $alias (@main::HostAliases) {
        return 1 if $name =~ /$alias/;
    }
    return 0;
}

sub _host_lists {
    return ( @main::SkipHosts ? $host_is{skipped} : 0 ) | ( @main::OnlyHosts ? $host_is{only} : 0 ) |
      ( @main::OnlyUsers ? $host_is{user} : 0 );
}

sub _lists_of_host {
    my $host = shift;
    return ( @main::SkipHosts && main::SkipHost($host) ? $host_is{skipped} : 0 ) |
      ( @main::OnlyHosts && main::OnlyHost($host) ? $host_is{only} : 0 ) |
      ( @main::OnlyUsers && main::OnlyUser($host) ? $host_is{user} : 0 );
}

sub _agent_dropped {
    my $agent = shift;
    return ( @main::SkipUserAgents && main::SkipUserAgent($agent) )
      || ( @main::OnlyUserAgents && !main::OnlyUserAgent($agent) );
}

sub _status {
    my $status  = shift;
    my @trapped = grep { $_ == $status } keys %main::TrapInfosForHTTPErrorCodes;
    return if @trapped > 1;
    my $in_sections = '';
    foreach my $section ( 1 .. $#main::ExtraName ) {
        my @codes = @{ $main::ExtraCodeFilter[$section] || [] };
        $in_sections .= !@codes || grep( { $_ eq $status } @codes ) ? 1 : 0;
    }
    return ( $main::ValidHTTPCodes{$status}, $trapped[0], $in_sections );
}

# The time by the timezone plugin, which knows no seconds in this.
sub _time {
    my ( $year, $month, $day, $hour, $minute ) = @_;
    my @date = main::ChangeTime_timezone( [ $day, $month, $year, $hour, $minute, 0 ] );
    return if $date[5] != 0;
    return map { int } @date[ 2, 1, 0, 3, 4 ];
}

sub _hour {
    my ( $year, $month, $day, $hour ) = @_;
    my $start =
      eval { Time::Local::timelocal( 0, 0, $hour, $day, $month - 1, $year ); };
    my $end = eval { Time::Local::timelocal( 59, 59, $hour, $day, $month - 1, $year ); };
    return if !defined $start || !defined $end || $end - $start != 3599;
    return $start;
}

# AWStats asks the first plugin of these that there is.
sub _country_function {
    foreach my $plugin (qw(geoip6 geoip geoipfree geoip2_country)) {
        no strict 'refs';
        return \&{"main::GetCountryCodeByAddr_$plugin"}
          if $main::PluginsLoaded{GetCountryCodeByAddr}{$plugin};
    }
    return;
}

sub _sections_function {
    return if !$main::AtLeastOneSectionPlugin;
    my @plugins = keys %{ $main::PluginsLoaded{SectionProcessIp} || {} } or return;
    no strict 'refs';
    my @functions = map { \&{"main::SectionProcessIp_$_"} } @plugins;
    return sub {
        my $address = shift;
        foreach my $function (@functions) { $function->($address) }
        return;
    };
}

# ---- key phrases ----

# What was searched for by who comes from a search engine.
sub _phrase {
    my ( $referer, $engine )  = @_;
    my ( $address, $query )   = split /\?/, $referer, 2;
    my $known = $main::SearchEnginesKnownUrl{$engine};
    return _phrase_in_address( $address, $known ) if !$query && $main::SearchEnginesWithKeysNotInQuery{$engine};
    my @parameters = split /&/, $main::KeyWordsNotSensitive ? lc $query : $query;
    if ($known) {
        foreach my $parameter (@parameters) {
            next if $parameter !~ s/^$known//;
            my $phrase = _cleaned($parameter);
            return length $phrase && length $phrase < 80 ? $phrase : ();
        }
    }
    elsif ( $main::LevelForKeywordsDetection >= 2 ) {
        foreach my $parameter (@parameters) {
            next if grep { $parameter =~ /$_/i } @main::WordsToCleanSearchUrl;
            my $phrase = _cleaned( $parameter =~ s/.*=//r );
            return $phrase if length $phrase > 2;
        }
    }
    return;
}

sub _phrase_in_address {
    my ( $address, $known ) = @_;
    return if $address !~ /$known(.*)$/;
    my $phrase = $1;
    main::ChangeWordSeparatorsIntoSpace($phrase);
    $phrase =~ tr/ /+/s;
    return length $phrase ? $phrase : ();
}

sub _cleaned {
    my $phrase = shift;
    $phrase =~ s/^(?:cache|related):[^+]+//;
    main::ChangeWordSeparatorsIntoSpace($phrase);
    $phrase =~ s/^ +//;
    $phrase =~ s/ +$//;
    $phrase =~ tr/ /+/s;
    return $phrase;
}

# ---- URLs ----

sub _url_function {
    my $separators = $main::URLQuerySeparators;
    my $tracker    = quotemeta $main::MiscTrackerUrl;
    my $extension  = qr/\.(\w{1,6})$/;
    my $query_at   = qr/([$separators])(.*)$/;
    my $worms      = $main::LevelForWormsDetection ? \@main::WormsSearchIDOrder : [];
    return sub {
        my ( $url, $query ) = @_;
        return if $url =~ /[\x00-\x20\x7f]/;
        my $is = _file_dropped($url) ? $url_is{dropped} : 0;
        $url = main::DecodeRFC3986UnreservedString($url);
        $url = lc $url if $main::URLNotCaseSensitive;
        return         if $url =~ /#/;
        my $path = $url;
        my ( $token, $own ) = $path =~ s/$query_at// ? ( $1, $2 ) : ();
        $is |= $url_is{own_query} if defined $token;
        ( $token, $own ) = ( '?', $query ) if !defined $token && $query && $query ne '-';
        $url = $path;

        if ( $main::URLWithQuery && defined $token ) {
            my $kept = _kept_of_query($own);
            $url .= "$token$kept" if $kept;
        }
        return if $path =~ /^$tracker/;

        my $type = main::Get_Extension( $extension, $path );
        my $mime = $main::MimeHashLib{$type} ? $main::MimeHashLib{$type}[1] : '';
        my $page = !( $main::NotPageList{$type} || ( $mime && $mime ne 'p' ) );
        $page = 0 if @main::NotPageFiles && main::NotPageFile($url);
        $is |= $url_is{page}        if $page;
        $is |= $url_is{favicon}     if $path =~ /\/favicon\.ico$/i;
        $is |= $url_is{robots_txt}  if $path =~ /\/robots\.txt$/i;
        $is |= $url_is{download}    if $mime eq 'd';
        $is |= $url_is{no_download} if $path =~ /robots.txt$/;
        my $error_key = substr $url, 0, $main::MaxLengthOfStoredURL;
        $error_key =~ s/[$separators].*$//;
        return ( $is, _without_default_file($url), $path, $error_key, $type, _worm( $url, $worms ) );
    };
}

sub _file_dropped {
    my $url = shift;
    return ( @main::SkipFiles && main::SkipFile($url) )
      || ( @main::OnlyFiles && !main::OnlyFile($url) );
}

# The parameters that URLWithQueryWith(out)OnlyFollowingParameters leave of a query.
sub _kept_of_query {
    my $query = shift;
    my @parameters = split /&/, $query;
    my $is_called  = sub {
        my ( $parameter, $name ) = @_;
        return $main::URLNotCaseSensitive ? $parameter =~ /^$name=/i : $parameter =~ /^$name=/;
    };
    if (@main::URLWithQueryWithOnly) {
        my @kept;
        foreach my $name (@main::URLWithQueryWithOnly) {
            foreach my $parameter (@parameters) {
                next if !$is_called->( $parameter, $name );
                push @kept, $parameter;
                last;
            }
        }
        return join '&', @kept;
    }
    if (@main::URLWithQueryWithout) {
        return join '&', grep {
            my $parameter = $_;
            !grep { $is_called->( $parameter, $_ ) } @main::URLWithQueryWithout
        } @parameters;
    }
    return $query;
}

# A page's URL as it is counted: a folder, when it is the folder's default page.
sub _without_default_file {
    my $url = shift;
    if ( @main::DefaultFile > 1 ) {
        foreach my $file (@main::DefaultFile) {
            last if $url =~ s/\/$file$/\//;
        }
        return $url;
    }
    my $file = quotemeta "/$main::DefaultFile[0]";
    if   ($main::URLNotCaseSensitive) { $url =~ s/$file$/\//i; }
    else                              { $url =~ s/$file$/\//; }
    return $url;
}

sub _worm {
    my ( $url, $worms ) = @_;
    foreach my $pattern (@$worms) {
        return $main::WormsHashID{ main::UnCompileRegex($pattern) } || 'unknown' if $url =~ /$pattern/;
    }
    return undef;    # an element of a list
}

1;
