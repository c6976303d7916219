# Starts the native update loop (loop.c) for the configuration that AWStats has read: tells whether it may run at
# all, and gives it its settings.
package AWStats::CloudFront::Native;
use strict;
use warnings;
no warnings qw(numeric uninitialized);    # awstats.pl has neither, and its rules decide what is counted

use Scalar::Util ();
use AWStats::CloudFront;
use AWStats::CloudFront::AWStats qw(
  $BuildHistoryFormat $DNSLookup $DatabaseBreak $Debug $DecodeUA $ExtraTrackedRowsLimit
  $LIMITFLUSH $LevelForBrowsersDetection $LevelForFileTypesDetection $LevelForOSDetection $LevelForRefererAnalyze
  $LevelForRobotsDetection $LogType $ShowCorrupted $ShowDirectOrigin $ShowDropped
  $ShowHTTPErrorsPageDetail $ShowSteps $ShowUnknownOrigin $URLQuerySeparators $URLReferrerWithQuery
  $URLWithQuery $UpdateFor $VISITTIMEOUT $pos_agent $pos_cluster $pos_code $pos_date $pos_host
  $pos_method $pos_query $pos_referer $pos_size $pos_url $pos_vh
  @ExtraConditionType @ExtraConditionTypeVal @ExtraFirstColumnValuesType @ExtraFirstColumnValuesTypeVal
  @ExtraName @ExtraStatTypes @HostAliases @NotPageFiles @OnlyFiles @OnlyHosts @OnlyUserAgents @OnlyUsers
  @SkipFiles @SkipHosts @SkipReferrers @SkipUserAgents @WormsSearchIDOrder @pos_extra
  Init_HashArray
);
use AWStats::CloudFront::Classify;
use AWStats::CloudFront::HistoryHandle;
use AWStats::CloudFront::KnownVersions;
use AWStats::CloudFront::Memory;

# The number by which the loop divides the time of a record, YYYYMMDDhhmmss, to get its period.
my %period_divisor = ( month => 1e8, day => 1e6, hour => 1e4 );

# AWStats' limit of pages before it saves, when the plugin decides by memory: no log reaches this number.
my $no_limit = 1_000_000_000;

# The results of AWStats::CloudFront::KnownVersions::version() by the path of awstats.pl.
my %version_of;

# Does the part of start() that needs no record.
sub prepare {
    my $program = shift;
    return @{ $version_of{ $program // '' } ||= [ AWStats::CloudFront::KnownVersions::version($program) ] };
}

# Starts the loop.  Returns an AWStats::CloudFront::Loop, '', and an AWStats::CloudFront::HistoryFile if history
# files can be read and written natively, too; or undef and the reason why the loop may not run.  To be
# called before AWStats' loop gets the first record.  SETTING: program, the path of awstats.pl;
# partial_once, whether the bytes of a partial download are counted once; memory, how much the counters may take
# before AWStats saves, in bytes; feed; threads, how many threads count, undef where nobody says; sites, how many the
# program counts at once, if it does; counts_late, whether records older than those of the update before are counted.
sub start {
    my (%setting) = @_;
    my ( $version, $reason, $knows_history ) = prepare( $setting{program} );
    $reason ||= _reason_against();
    return ( undef, $reason ) if $reason;
    my @names = qw($counterforflushtest $lastlineoffsetnext $lastprocesseddate);
    my @lexical = AWStats::CloudFront::lexicals( \&Init_HashArray, @names );
    return ( undef, 'internal error: variables of awstats.pl were not found, please report it' )
      if grep { !$_ } @lexical;
    my $loop = eval { AWStats::CloudFront::Loop->new( { _settings( $version, @lexical ), _saves(%setting) } ); };
    return ( undef, $@ =~ s/ at .*//sr ) if !$loop;
    $setting{feed}->take_lines if $loop->threads > 1;
    return ( $loop, '' ) if !$knows_history || $BuildHistoryFormat eq 'xml';
    return ( $loop, '', AWStats::CloudFront::HistoryFile->new( $loop, $ShowHTTPErrorsPageDetail ) );
}

# Returns the settings of saves.c, partial_once, counts_late and threads.  With -limitflush=N AWStats' own limit stays.  Without
# this option, the limit is a number that AWStats prints in its output, and that no log reaches.
sub _saves {
    my %setting = @_;
    my $has_limit = AWStats::CloudFront::AWStats::has_own_flush_limit();
    my $text = $has_limit ? $LIMITFLUSH : 'memory=' . AWStats::CloudFront::Memory::text( $setting{memory} );
    my $limit = $has_limit ? $LIMITFLUSH : undef;
    $LIMITFLUSH = $no_limit if !$has_limit;
    return (
        partial_once => $setting{partial_once},
        counts_late  => $setting{counts_late},
        memory       => $setting{memory},
        threads      => $setting{threads} // _threads_of( @setting{qw(feed sites)} ),
        limit        => $limit,
        flush_limit  => \$LIMITFLUSH,
        exceeded     => Scalar::Util::dualvar( -1, $text ),                             # no number of pages is so small
    );
}

# Returns how many threads count best: as many as the processors allow, which all sites share that the program counts at
# once, for a log of many records.
sub _threads_of {
    my ( $feed, $sites ) = @_;
    return $feed->threads( int( AWStats::CloudFront::cores() / ( $sites || 1 ) ) );
}

# Returns the other settings that loop_new() in loop.c reads.
sub _settings {
    my ( $version, $since_flush, $next_offset, $period ) = @_;
    my $features = AWStats::CloudFront::KnownVersions::features($version);
    return (
        since_flush        => $since_flush,
        next_offset        => $next_offset,
        period             => $period,
        period_divisor     => $period_divisor{$DatabaseBreak},
        seed               => int( rand 2**52 ),
        web                => $LogType eq 'W',
        separators         => join( '', grep { /[$URLQuerySeparators]/ } map { chr } 0 .. 255 ),
        url_with_query     => $URLWithQuery,
        referer_with_query => $URLReferrerWithQuery,
        decode_agents      => $DecodeUA,
        file_types         => $LevelForFileTypesDetection,
        robots             => $LevelForRobotsDetection,
        browsers           => $LevelForBrowsersDetection,
        oses               => $LevelForOSDetection,
        referers           => $LevelForRefererAnalyze,
        error_referers     => scalar( $ShowHTTPErrorsPageDetail =~ /R/i ),
        error_hosts        => scalar( $ShowHTTPErrorsPageDetail =~ /H/i ),
        host_lists         => AWStats::CloudFront::Classify::host_lists(),
        visit_timeout      => $VISITTIMEOUT,
        rows_max           => $ExtraTrackedRowsLimit < 0 ? 0 : $ExtraTrackedRowsLimit,
        sizes              => $features->{sizes},
        drops_zero         => $features->{drops_zero},
        sections           => _sections(),
        usual_urls         => AWStats::CloudFront::Classify::usual_urls(),
        callbacks          => AWStats::CloudFront::Classify::callbacks($features),
    );
}

# ---- whether it may run ----

# Returns the reason why the loop may not run with this configuration, or '': something makes AWStats' own
# loop print, stop or look up names on its way.
sub _reason_against {
    return 'perl has no 64-bit integers' if ~0 <= 0xffff_ffff;
    return 'another plugin or option has changed LogFormat' if !_format_is_ours();
    return 'DNSLookup is on' if $DNSLookup;
    my %value = (
        Debug             => $Debug,
        ShowSteps         => $ShowSteps,
        ShowDropped       => $ShowDropped,
        ShowCorrupted     => $ShowCorrupted,
        ShowUnknownOrigin => $ShowUnknownOrigin,
        ShowDirectOrigin  => $ShowDirectOrigin,
    );
    foreach my $name ( sort grep { $value{$_} } keys %value ) {
        return "$name is on";
    }
    return '-updatefor is given' if $UpdateFor;
    return 'VISITTIMEOUT is not a whole number' if $VISITTIMEOUT !~ /^\d+$/;
    return 'a pattern of the configuration is empty' if grep { _is_empty($_) } _patterns();
    return _reason_in_sections();
}

# Returns whether AWStats and the loop have the same columns at the same places (normalized/columns.h).  To AWStats, date
# and time are one field.
sub _format_is_ours {
    my $fields = @AWStats::CloudFront::Columns::names - 1;
    my $extras = $AWStats::CloudFront::Columns::extras;
    my @places = (
        $pos_date,    $pos_cluster, $pos_size,  $pos_host,
        $pos_method,  $pos_vh,      $pos_url,   $pos_code,
        $pos_referer, $pos_agent,   $pos_query, @pos_extra[ 1 .. $extras ]
    );
    return "@places" eq "@{[ 0 .. $fields - 1 ]}"
      && !defined AWStats::CloudFront::AWStats::optional_scalar('PerlParsingFormatJsonMap');
}

# Returns whether a pattern is empty: perl takes an empty pattern for the last one that matched.
sub _is_empty {
    my $pattern = shift;
    my ($text) = ref $pattern ? re::regexp_pattern($pattern) : $pattern;
    return !length $text;
}

# Returns all patterns that AWStats' loop matches.
sub _patterns {
    my @patterns = (
        @HostAliases,  @SkipHosts,     @OnlyHosts,      @OnlyUsers,
        @SkipFiles,    @OnlyFiles,     @SkipUserAgents, @OnlyUserAgents,
        @NotPageFiles, @SkipReferrers, @WormsSearchIDOrder
    );
    foreach my $section ( 1 .. $#ExtraName ) {
        push @patterns, map { @{ $_->[$section] || [] } } \@ExtraConditionTypeVal, \@ExtraFirstColumnValuesTypeVal;
    }
    return @patterns;
}

# Returns the reason why extra sections cannot be counted, or ''.
sub _reason_in_sections {
    foreach my $section ( 1 .. $#ExtraName ) {
        foreach my $type ( map { @{ $_->[$section] || [] } } \@ExtraConditionType, \@ExtraFirstColumnValuesType ) {
            return "extra section $section has a column '$type'" if !_source($type);
            return "extra section $section is about user agents, and DecodeUA is on"
              if $type eq 'UA' && $DecodeUA;
        }
    }
    return '';
}

# ---- extra sections ----

# Returns a column's name as awstats.pl takes it; '' when there is no such column.
#
# Mirrors the loop, "Analyze: Extra section".
sub _source {
    my $type = shift;
    return $type if $type =~ /^(?:URL|QUERY_STRING|URLWITHQUERY|REFERER|UA|HOST|VHOST)$/;
    return 'HOST' if $type eq 'HOSTINLOG';    # the same thing, without DNS
    return $type =~ /extra(\d+)/i && $1 >= 1 && $1 <= $AWStats::CloudFront::Columns::extras ? 'extra' . int $1 : '';
}

# Returns a line that tells how many records the loop has counted in how many threads, and how many AWStats; '' without
# records.
sub numbers {
    my ( $loop, $history_file ) = @_;
    my $threads = $loop->threads;
    my %lines = $loop->lines;
    my $native = delete $lines{native} || 0;
    my $others = 0;
    $others += $_ foreach values %lines;
    return '' if !$native && !$others;
    my ($most) = sort { $lines{$b} <=> $lines{$a} || $a cmp $b } keys %lines;
    return
        "cloudfront: the plugin counted $native record"
      . ( $native == 1 ? ''                     : 's' )
      . ( $threads > 1 ? " in $threads threads" : '' )
      . ", awstats.pl $others"
      . ( $others       ? " ($lines{$most} of them because of: $most)" : '' )
      . ( $history_file ? '' : '; awstats.pl wrote the history files' ) . "\n";
}

# Returns whether a pattern is "^(.+)$", which finds the whole text (1 or 0).
sub _takes_line {
    my $pattern = shift;
    my ( $text, $flags ) = ref $pattern ? re::regexp_pattern($pattern) : ( $pattern, '' );
    return $text eq '^(.+)$' && $flags !~ /[^aiu^]/ ? 1 : 0;
}

# Returns the settings of extra sections for sections_init() in extra_sections.c.
sub _sections {
    my @sections;
    foreach my $section ( 1 .. $#ExtraName ) {
        my $types = $ExtraStatTypes[$section] // '';
        push @sections,
          {
            conditions => [ map { _source($_) } @{ $ExtraConditionType[$section]                || [] } ],
            rows       => [ map { _source($_) } @{ $ExtraFirstColumnValuesType[$section]        || [] } ],
            lines      => [ map { _takes_line($_) } @{ $ExtraFirstColumnValuesTypeVal[$section] || [] } ],
            pages      => scalar( $types =~ /P/i ),
            bytes      => scalar( $types =~ /B/i ),
            last       => scalar( $types =~ /L/i ),
          };
    }
    return \@sections;
}

1;
