# Recognizes, by the text of awstats.pl, the versions of AWStats whose update loop the native loop reproduces, and
# tells how they differ.
package AWStats::CloudFront::KnownVersions;
use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(digests lacks);

# The update, to the end of the loop over the records.  The text before the loop counts, too: it makes the dates,
# lists and patterns that the loop uses.
my @loop = ( "\n# UPDATE PROCESS\n", "# End of loop for processing new record.\n" );

# Other functions whose work the native loop does: those that find the words of a search, a page's address and
# its type, and the ranges of sizes, times and visits, with the pattern that the last of these needs;
# and the function that empties all counters, and thus lists them.  No version has all of these.  The native
# loop calls all other functions of AWStats that AWStats' loop calls.
my @elsewhere = qw(
  ChangeWordSeparatorsIntoSpace DecodeRFC3986UnreservedString Get_Extension GetBandwidthRange GetRequestTimeRange
  GetSessionRange Init_HashArray
);
my $date_pattern = qr/\n\$regdate .*?\n/s;

# The functions that read and write history files.  The plugin does their work for some sections.
my @history = qw(
  AddInTree BuildKeyList MinimumButNoZero Read_History_With_TmpUpdate Removelowerval Save_History XMLEncodeForHisto
);

# The known versions.  To add one: find what is new in the text of awstats.pl, let the native code do the
# same, and add an entry with the digests that this prints:
#     perl -MAWStats::CloudFront::KnownVersions=digests,lacks \
#         -le 'print for digests( $ARGV[0] ), map { "lacks $_" } lacks( $ARGV[0] )' /path/to/awstats.pl
#
# If the program lacks a function, the function may have another name there; a missing function adds nothing to
# the digests.
#
#     loop, history   the digests of the update loop and of the functions that read and write history files
#     sizes           whether there is a chart of file sizes, %_filesize
#     drops_zero      whether BuildKeyList drops a row whose key is "0"
#     empty_row       the row of an extra section that counts what a pattern extracts as nothing
my %known = (
    '7.8' => {
        loop       => '17c2b31e25f670eb7065130c5380a34d',
        history    => '831ca69bd440c6f442ea6495413e1974',
        sizes      => 0,
        drops_zero => 1,
        empty_row  => 'Failed to extract key',
    },
    '7.9' => {
        loop       => 'a976e70c1ad7fa57149958ca6ef8ccc2',
        history    => '8aabac8558c71c54de7c7595e139f674',
        sizes      => 1,
        drops_zero => 0,
        empty_row  => '',
    },
    '8.0' => {
        loop       => 'e555959548b3a9e9bda11e1f59b5b093',
        history    => 'f288fdc9f034668a58cfbe6153c37562',
        sizes      => 1,
        drops_zero => 0,
        empty_row  => '',
    },
);

# Returns the known versions, the oldest first.
sub versions {
    my %place = map { $_ => sprintf '%04d.%04d', split /[.]/ } keys %known;
    return sort { $place{$a} cmp $place{$b} } keys %known;
}

# Returns what the native code must know of a version: sizes, drops_zero and empty_row.
sub features {
    my $version = shift;
    return $known{$version};
}

# Returns the path of the awstats.pl that is running; undef when the path is unknown.  Call this function only below
# Read_Plugins, as Init_cloudfront is.  The path is perl's own name of the file that calls
# Read_Plugins, since $0 may be the name of a wrapper, or any text.  AWStats::CloudFront::Embedded has a
# Read_Plugins that calls the other one.
sub program {
    my ( $level, $program ) = ( 0, undef );
    while ( my ( undef, $file, undef, $function ) = caller $level++ ) {
        $program = $file if $function =~ /::Read_Plugins\z/;
    }
    return $program;
}

# Returns the version of AWStats whose update loop the program at PATH has, '', and whether its history
# functions are that version's, too; or undef, and why the program is not known.
sub version {
    my $path = shift;
    my ( $loop, $history ) = eval { digests($path) };
    if ( !$loop ) {
        my ($reason) = $@ =~ /^(.*?)(?: \(you may| at \S+ line |$)/m;
        return ( undef, $reason );
    }
    foreach my $version ( versions() ) {
        return ( $version, '', $history eq $known{$version}{history} ) if $loop eq $known{$version}{loop};
    }
    return ( undef, "$path is changed, or of another version: it is not the original file of AWStats " . join ', ',
        versions() );
}

# Returns the digests of the loop and of the history functions of the program at PATH.  Dies when it has no such
# loop.
sub digests {
    my $path = shift;
    my $program = _content($path);
    my @texts = _texts( $program, @loop )
      or die "$path is not the awstats.pl of AWStats " . join( ', ', versions() ) . "\n";
    push @texts, map { _functions( $program, $_ ) } @elsewhere;
    push @texts, $program =~ /$date_pattern/g;
    require Digest::MD5;    # a package of its own on some systems
    return ( Digest::MD5::md5_hex(@texts), Digest::MD5::md5_hex( map { _functions( $program, $_ ) } @history ) );
}

# Returns the names of the functions above that the program at PATH does not have.
sub lacks {
    my $program = _content(shift);
    return sort grep { !_functions( $program, $_ ) } @elsewhere, @history;
}

# Returns the definitions of a function in a program.
sub _functions {
    my ( $program, $name ) = @_;
    return grep { /^\nsub $name\b/ } _texts( $program, "\nsub $name", "\n}\n" );
}

# Returns the texts of a program that begin and end with these.  (A pattern takes several times as long.)
sub _texts {
    my ( $program, $begin, $end ) = @_;
    my @texts;
    my $last = 0;
    while ( ( my $first = index $program, $begin, $last ) >= 0 ) {
        $last = index $program, $end, $first + length $begin;
        last if $last < 0;
        $last += length $end;
        push @texts, substr $program, $first, $last - $first;
    }
    return @texts;
}

sub _content {
    my $path = shift;
    defined $path or die "awstats.pl was not found\n";
    open my $file, '<:raw', $path or die "$path: $!\n";
    defined read $file, my $content, -s $file or die "$path: $!\n";
    close $file;
    return $content;
}

1;
