# Classifies values of a record's fields for the native update loop, which calls back here once for each distinct
# value.  Each function does what awstats.pl's loop does for every record with the value, by AWStats' own
# functions, lists and patterns.  The comment above names the place in awstats.pl that it mirrors, by a phrase to
# search for there.  When you add a version of AWStats, compare these places.
package AWStats::CloudFront::Classify;
use strict;
use warnings;
no warnings qw(numeric uninitialized);    # awstats.pl has neither, and its rules decide what is counted

use Time::Local                  ();
use AWStats::CloudFront::AWStats qw(
  $AtLeastOneSectionPlugin $KeyWordsNotSensitive $LevelForKeywordsDetection $LevelForWormsDetection
  $MaxLengthOfStoredURL $MiscTrackerUrl $SiteDomain $URLNotCaseSensitive $URLQuerySeparators $URLWithQuery
  @DefaultFile @ExtraCodeFilter @ExtraConditionTypeVal @ExtraFirstColumnValuesTypeVal @ExtraName
  @HostAliases @NotPageFiles @OnlyFiles @OnlyHosts @OnlyUserAgents @OnlyUsers @SkipFiles @SkipHosts
  @SkipReferrers @SkipUserAgents @URLWithQueryWithOnly @URLWithQueryWithout @WordsToCleanSearchUrl
  @WormsSearchIDOrder
  %MimeHashLib %NotPageList %PluginsLoaded %SearchEnginesKnownUrl %SearchEnginesWithKeysNotInQuery
  %TrapInfosForHTTPErrorCodes %ValidHTTPCodes %WormsHashID
  ChangeWordSeparatorsIntoSpace DecodeRFC3986UnreservedString GetSessionRange Get_Extension NotPageFile
  OnlyFile OnlyHost OnlyUser OnlyUserAgent SkipFile SkipHost SkipReferrer SkipUserAgent UnCompileRegex
);

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

# Returns the callbacks by name.  FEATURES: those of this version, see AWStats::CloudFront::KnownVersions.
sub callbacks {
    my $features = shift;
    my %callback = (
        vhost   => \&host_counts,
        url     => _url_function(),
        status  => \&_status,
        hour    => \&_hour,
        session => \&GetSessionRange,
        pattern => _pattern_function( $features->{empty_row} ),
    );
    $callback{host_lists} = \&_lists_of_host if host_lists();
    $callback{agent_lists} = \&_agent_dropped if @SkipUserAgents || @OnlyUserAgents;
    $callback{referer_lists} = sub { SkipReferrer(shift) }
      if @SkipReferrers;
    $callback{phrase} = \&_phrase if $LevelForKeywordsDetection;
    $callback{time} = \&_time if AWStats::CloudFront::AWStats::changes_time();
    $callback{country} = _country_function();
    $callback{sections} = _sections_function();
    return \%callback;
}

# ---- records ----

# Returns whether the requested host name is one of the site's.
#
# Mirrors the loop, "Check virtual host name".
sub host_counts {
    my $name = shift;
    return 1 if $name =~ /^$SiteDomain$/i;
    foreach my $alias (@HostAliases) {
        return 1 if $name =~ /$alias/;
    }
    return 0;
}

# Returns which lists of hosts the configuration has.
sub host_lists {
    return ( @SkipHosts ? $host_is{skipped} : 0 ) | ( @OnlyHosts ? $host_is{only} : 0 ) |
      ( @OnlyUsers      ? $host_is{user}    : 0 );
}

# Returns which lists a host is on.  The user is the host, since the log has no user names.
#
# Mirrors the loop, "Skip for some client host IP addresses, some URLs, other URLs".
sub _lists_of_host {
    my $host = shift;
    return ( @SkipHosts && SkipHost($host) ? $host_is{skipped} : 0 ) |
      ( @OnlyHosts && OnlyHost($host) ? $host_is{only} : 0 ) | ( @OnlyUsers && OnlyUser($host) ? $host_is{user} : 0 );
}

# Whether records of a user agent are dropped.  Mirrors the same place.
sub _agent_dropped {
    my $agent = shift;
    return ( @SkipUserAgents && SkipUserAgent($agent) )
      || ( @OnlyUserAgents && !OnlyUserAgent($agent) );
}

# Returns whether a status code is a valid one, the code that its error pages are listed under, and for each
# extra section whether it counts the code (1 or 0).  Returns nothing for a code that matches several.
#
# Mirrors the loop, "Analyze: Status code", and "Analyze: Extra section", "Check code".
sub _status {
    my $status = shift;
    my @trapped = grep { $_ == $status } keys %TrapInfosForHTTPErrorCodes;
    return if @trapped > 1;
    my $in_sections = '';
    foreach my $section ( 1 .. $#ExtraName ) {
        my @codes = @{ $ExtraCodeFilter[$section] || [] };
        $in_sections .= !@codes || grep( { $_ eq $status } @codes ) ? 1 : 0;
    }
    return ( $ValidHTTPCodes{$status}, $trapped[0], $in_sections );
}

# Returns the time of a minute by the plugin "timezone"; nothing when it would change the seconds.
#
# Mirrors the loop, "Now @dateparts is".
sub _time {
    my ( $year, $month, $day, $hour, $minute ) = @_;
    my $change_time = AWStats::CloudFront::AWStats::plugin_function( 'ChangeTime', 'timezone' );
    my @date = $change_time->( [ $day, $month, $year, $hour, $minute, 0 ] );
    return if $date[5] != 0;
    return map { int } @date[ 2, 1, 0, 3, 4 ];
}

# Returns when an hour begins, in seconds since 1970; nothing for an hour that is not 3600 seconds long.
#
# Mirrors Convert_Date_To_Epoch... as GetSessionRange uses it: its times are local.
sub _hour {
    my ( $year, $month, $day, $hour ) = @_;
    my $start = eval { Time::Local::timelocal( 0, 0, $hour, $day, $month - 1, $year ) };
    my $end = eval { Time::Local::timelocal( 59, 59, $hour, $day, $month - 1, $year ) };
    return if !defined $start || !defined $end || $end - $start != 3599;
    return $start;
}

# Returns the function that finds the country of an address: that of the first such plugin.
#
# Mirrors the loop, "Analyze: Country".
sub _country_function {
    foreach my $plugin (qw(geoip6 geoip geoipfree geoip2_country)) {
        my $function = AWStats::CloudFront::AWStats::plugin_function( 'GetCountryCodeByAddr', $plugin );
        return $function if $function;
    }
    return;
}

# Returns the function that gives an address to all plugins with a section of their own; nothing when there are
# none.
#
# Mirrors the loop, "Analyze: Country", the calls of SectionProcessIp.
sub _sections_function {
    return if !$AtLeastOneSectionPlugin;
    my @functions = map { AWStats::CloudFront::AWStats::plugin_function( 'SectionProcessIp', $_ ) }
      keys %{ $PluginsLoaded{SectionProcessIp} || {} }
      or return;
    return sub {
        my $address = shift;
        foreach my $function (@functions) { $function->($address) }
        return;
    };
}

# ---- extra sections ----

# Returns the function that matches one of all patterns, which the native loop numbers section by section,
# conditions first.  EMPTY_ROW: the row of a match that extracts nothing.
#
# Mirrors "Analyze: Extra section": "Check condition" and "Determine actual column value to use".
sub _pattern_function {
    my $empty_row = shift;
    my @patterns;
    foreach my $section ( 1 .. $#ExtraName ) {
        push @patterns, map { [ $_, 0 ] } @{ $ExtraConditionTypeVal[$section]         || [] };
        push @patterns, map { [ $_, 1 ] } @{ $ExtraFirstColumnValuesTypeVal[$section] || [] };
    }
    return sub {
        my ( $number,  $text ) = @_;
        my ( $pattern, $is_row ) = @{ $patterns[$number] };
        return if $text !~ /$pattern/;
        return '' if !$is_row;
        return "$1" || $empty_row || "$1";
    };
}

# ---- key phrases ----

# Returns the phrase that a visitor from a search engine has searched for; nothing when there is none.
#
# Mirrors the loop, "Extract keywords" ("Referrer keywords"), where the referer is a search engine's.
sub _phrase {
    my ( $referer, $engine ) = @_;
    my ( $address, $query ) = split /\?/, $referer, 2;
    my $known = $SearchEnginesKnownUrl{$engine};
    return _phrase_in_address( $address, $known ) if !$query && $SearchEnginesWithKeysNotInQuery{$engine};
    my @parameters = split /&/, $KeyWordsNotSensitive ? lc $query : $query;
    if ($known) {
        foreach my $parameter (@parameters) {
            next if $parameter !~ s/^$known//;
            my $phrase = _cleaned($parameter);
            return length $phrase && length $phrase < 80 ? $phrase : ();
        }
    }
    elsif ( $LevelForKeywordsDetection >= 2 ) {
        foreach my $parameter (@parameters) {
            next if grep { $parameter =~ /$_/i } @WordsToCleanSearchUrl;
            my $phrase = _cleaned( $parameter =~ s/.*=//r );
            return $phrase if length $phrase > 2;
        }
    }
    return;
}

# The same for an engine whose addresses have the phrase before the query.
sub _phrase_in_address {
    my ( $address, $known ) = @_;
    return if $address !~ /$known(.*)$/;
    my $phrase = $1;
    ChangeWordSeparatorsIntoSpace($phrase);
    $phrase =~ tr/ /+/s;
    return length $phrase ? $phrase : ();
}

# Returns a phrase as AWStats counts it.
sub _cleaned {
    my $phrase = shift;
    $phrase =~ s/^(?:cache|related):[^+]+//;
    ChangeWordSeparatorsIntoSpace($phrase);
    $phrase =~ s/^ +//;
    $phrase =~ s/ +$//;
    $phrase =~ tr/ /+/s;
    return $phrase;
}

# ---- URLs ----

# Returns the function that classifies a URL with its query: returns its flags (see values.h), its name as it is
# counted, its path, its name among error pages, its extension, and the worm that asks for it.  The
# function returns nothing for a URL that AWStats must count.
#
# Mirrors the loop from "Define a clean target URL and referrer URL" to "Analyze: Worms".
sub _url_function {
    my $separators = $URLQuerySeparators;
    my $tracker = quotemeta $MiscTrackerUrl;
    my $extension = qr/\.(\w{1,6})$/;
    my $query_at = qr/([$separators])(.*)$/;
    my $worms = $LevelForWormsDetection ? \@WormsSearchIDOrder : [];
    return sub {
        my ( $url, $query ) = @_;
        return if $url =~ /[\x00-\x20\x7f]/;
        my $is = _file_dropped($url) ? $url_is{dropped} : 0;
        $url = DecodeRFC3986UnreservedString($url);
        $url = lc $url if $URLNotCaseSensitive;
        return if $url =~ /#/;
        my $path = $url;
        my ( $token, $own ) = $path =~ s/$query_at// ? ( $1, $2 ) : ();
        $is |= $url_is{own_query} if defined $token;
        ( $token, $own ) = ( '?', $query ) if !defined $token && $query && $query ne '-';
        $url = $path;

        if ( $URLWithQuery && defined $token ) {
            my $kept = _kept_of_query($own);
            $url .= "$token$kept" if $kept;
        }
        return if $path =~ /^$tracker/;

        my $type = Get_Extension( $extension, $path );
        my $mime = $MimeHashLib{$type} ? $MimeHashLib{$type}[1] : '';
        my $page = !( $NotPageList{$type} || ( $mime && $mime ne 'p' ) );
        $page = 0 if @NotPageFiles && NotPageFile($url);
        $is |= $url_is{page} if $page;
        $is |= $url_is{favicon} if $path    =~ /\/favicon\.ico$/i;
        $is |= $url_is{robots_txt} if $path =~ /\/robots\.txt$/i;
        $is |= $url_is{download} if $mime eq 'd';
        $is |= $url_is{no_download} if $path =~ /robots.txt$/;
        my $error_key = substr $url, 0, $MaxLengthOfStoredURL;
        $error_key =~ s/[$separators].*$//;
        return ( $is, _without_default_file($url), $path, $error_key, $type, _worm( $url, $worms ) );
    };
}

# Returns what makes a URL unusual (values/usual_urls.h); nothing when the class of a usual one depends on more than its
# file type: when a list or a pattern of the configuration looks at all of it, or a query may begin with a letter, a
# digit, "_", "-", "/" or ".".
sub usual_urls {
    my $is_configured =
      $URLNotCaseSensitive || $URLWithQuery || $LevelForWormsDetection || @SkipFiles || @OnlyFiles || @NotPageFiles;
    return undef    ## no critic (ProhibitExplicitReturnUndef): a setting
      if $is_configured
      || @DefaultFile != 1
      || !length $MiscTrackerUrl
      || grep { /[$URLQuerySeparators]/ } 'A' .. 'Z', 'a' .. 'z', 0 .. 9, qw(_ - / .);
    return { default_file => $DefaultFile[0], tracker => $MiscTrackerUrl, longest => $MaxLengthOfStoredURL };
}

# Whether records of a URL are dropped.
#
# Mirrors the loop, "Skip for some client host IP addresses, some URLs, other URLs".
sub _file_dropped {
    my $url = shift;
    return ( @SkipFiles && SkipFile($url) )
      || ( @OnlyFiles && !OnlyFile($url) );
}

# Returns what URLWithQueryWithOnlyFollowingParameters or URLWithQueryWithoutFollowingParameters leave of a query.
#
# Mirrors the loop, "Keep only params that are defined in URLWithQueryWithOnlyFollowingParameters".
sub _kept_of_query {
    my $query = shift;
    my @parameters = split /&/, $query;
    my $is_called = sub {
        my ( $parameter, $name ) = @_;
        return $URLNotCaseSensitive ? $parameter =~ /^$name=/i : $parameter =~ /^$name=/;
    };
    if (@URLWithQueryWithOnly) {
        my @kept;
        foreach my $name (@URLWithQueryWithOnly) {
            foreach my $parameter (@parameters) {
                next if !$is_called->( $parameter, $name );
                push @kept, $parameter;
                last;
            }
        }
        return join '&', @kept;
    }
    if (@URLWithQueryWithout) {
        return join '&', grep {
            my $parameter = $_;
            !grep { $is_called->( $parameter, $_ ) } @URLWithQueryWithout
        } @parameters;
    }
    return $query;
}

# Returns a page's URL as it is counted: the folder for a folder's default page.
#
# Mirrors the loop, "Replace default page name with / only".
sub _without_default_file {
    my $url = shift;
    if ( @DefaultFile > 1 ) {
        foreach my $file (@DefaultFile) {
            last if $url =~ s/\/$file$/\//;
        }
        return $url;
    }
    my $file = quotemeta "/$DefaultFile[0]";
    if   ($URLNotCaseSensitive) { $url =~ s/$file$/\//i; }
    else                        { $url =~ s/$file$/\//; }
    return $url;
}

# Returns the name of the worm that asks for a URL; undef when it is none's.
#
# Mirrors the loop, "Analyze: Worms".
sub _worm {
    my ( $url, $worms ) = @_;
    foreach my $pattern (@$worms) {
        return $WormsHashID{ UnCompileRegex($pattern) } || 'unknown' if $url =~ /$pattern/;
    }
    return undef;    # an element of a list
}

1;
