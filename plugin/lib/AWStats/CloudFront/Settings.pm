# The settings of AWStats that the plugin changes for one update.  Each function changes some, and returns a
# function that restores them.
package AWStats::CloudFront::Settings;
use strict;
use warnings;

use AWStats::CloudFront::AWStats qw(@HostAliases @NotPageFiles $NbOfLinesForCorruptedLog $SiteDomain %MimeHashLib
  %NotPageList);
use AWStats::CloudFront::HostName;

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
