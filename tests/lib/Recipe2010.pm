package Recipe2010;

# How CloudFront's logs were brought into AWStats in 2010: unpack all files, merge them with AWStats' own
# logresolvemerge.pl, put a space between date and time, and read the twelve fields with this format.

use strict;
use warnings;

our $CONFIG = <<'END';
LogFormat="%time2 %cluster %bytesd %host %method %virtualname %url %code %referer %ua"
LogSeparator="\t"
LogType=W
DNSLookup=0
END

my @MERGE = ( '/usr/share/awstats/tools/logresolvemerge.pl', '/usr/share/awstats/wwwroot/tools/logresolvemerge.pl', );

# Returns the shell commands that merge the gzip files in the directory FROM into the log TO.  PLAIN is an empty
# directory for the unpacked files.
sub commands {
    my ( $from, $plain, $to ) = @_;
    my ($merge) = grep { -f } @MERGE;
    $merge // die "logresolvemerge.pl was not found: apt-get install awstats\n";
    return <<"END";
set -e
ulimit -n \$(ulimit -H -n)
cp $from/*.gz $plain/
gunzip $plain/*.gz
$^X $merge $plain/* | sed -E 's/^([0-9]{4}-[0-9]{2}-[0-9]{2})\\t/\\1 /' >$to
END
}

1;
