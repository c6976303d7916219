# The settings of AWStats that the plugin checks, and those that it changes for one update.
package AWStats::CloudFront::Settings;
use strict;
use warnings;

use AWStats::CloudFront::AWStats qw($DatabaseBreak @HostAliases $LogType @NotPageFiles $NbOfLinesForCorruptedLog
  $PurgeLogFile $SiteDomain %MimeHashLib %NotPageList);
use AWStats::CloudFront::HostName;

# Returns why history files of this period cannot be counted, or ''.  In the file of a year, AWStats keeps only the days of
# the month that it has counted last (Save_History at "Found a day entry of the good month"), and it reads no such file for
# a report, nor for the time up to which it has counted.
sub _period_error {
    my $period = shift;
    return '' if $period =~ /^(?:month|day|hour)$/;
    return
      "DatabaseBreak must be month, day or hour when LogFormat is cloudfront, but it is \"$period\": AWStats loses days"
      . ' when a history file has more than one month, and makes no report of it; write DatabaseBreak=month';
}

# Returns why no log can be counted with these settings, or ''.  FORMAT: LogFormat as the configuration has it.
sub error {
    my $format = shift;
    return "LogType must be W, or S for streaming, when LogFormat is $format" if $LogType !~ /^[WS]$/;
    return 'PurgeLogFile must be 0 when LogFormat is cloudfront: AWStats must not empty the logs' if $PurgeLogFile;
    return _period_error($DatabaseBreak);
}

# ---- changes: each function returns one that restores what was there -----------------------------

# Adds the distributions' own names to the site's names: a record has such a name if the viewer's host name is missing,
# and "-" if both are missing.  Adds the site's names as the log spells them, without ports, and IPv6 addresses in
# brackets.
sub add_own_names {
    my @hosts =
      ( $SiteDomain, grep { defined } map { AWStats::CloudFront::HostName::host_of_pattern($_) } @HostAliases );
    my @names = ( qr/^(?:-|[a-z0-9]+\.cloudfront\.net)$/i, AWStats::CloudFront::HostName::patterns(@hosts) );
    push @HostAliases, @names;

    # By their texts, since AWStats compiles its patterns again.
    my %is_added = map { $_ => 1 } @names;
    return sub {
        @HostAliases = grep { !$is_added{$_} } @HostAliases;
    };
}

# Makes AWStats read a log to its end, whatever it makes of the lines.  AWStats gives up at the 50th line of a log
# (NbOfLinesForCorruptedLog) if all lines so far are comments or corrupted, and blames the format.  The feed has checked
# the format by the header, whose lines are comments; and AWStats also takes a record for corrupted if only its time is
# later than the clock.
sub read_to_the_end {
    my $lines = $NbOfLinesForCorruptedLog;
    $NbOfLinesForCorruptedLog = 1e15;
    return sub { $NbOfLinesForCorruptedLog = $lines };
}

# Makes AWStats count flv, mp4 and mp3 as pages; these types keep their names and icons in the chart of file types.
# AWStats looks into these tables for each record, so the first record is not too late for the change.
sub count_views_as_pages {
    my %list = %NotPageList;
    my @patterns = @NotPageFiles;
    my @types = map { [ $_, $_->[1] ] } values %MimeHashLib;
    %NotPageList = ();
    foreach my $type ( values %MimeHashLib ) { $type->[1] = ''; }
    push @NotPageFiles, qr/\/$/;    # what is not a view has a slash after its path
    return sub {
        %NotPageList = %list;
        @NotPageFiles = @patterns;
        foreach my $type (@types) { $type->[0][1] = $type->[1]; }
    };
}

1;
