# Whether the awstats.pl that is running has an update loop that we know word for word, so that its
# work may be done natively.
package AWStats::CloudFront::KnownVersions;
use strict;
use warnings;

# The update, to the end of the loop over the records.  What comes before the loop counts too: the
# loop goes by the dates, lists and patterns that are made there.
my $loop = qr/\n# UPDATE PROCESS\n.*?# End of loop for processing new record\.\n/s;

# Text from elsewhere that is done natively instead of being called: the functions that find the words
# of a search, a page's address and its type, and the ranges of sizes, times and visits, with the
# pattern which the last of these needs; and the one that empties all counters, and so tells which
# there are.  No version has all of these.  What else the loop calls is AWStats' own then as well.
my @elsewhere = (
    map( { _function($_) } qw(
          ChangeWordSeparatorsIntoSpace DecodeRFC3986UnreservedString Get_Extension GetBandwidthRange
          GetRequestTimeRange GetSessionRange Init_HashArray
        ) ),
    qr/\n\$regdate .*?\n/s
);

# The functions that read and write history files, which are done natively for some sections.
my @history = map { _function($_) } qw(Read_History_With_TmpUpdate Save_History XMLEncodeForHisto);

# The digests of the loop and of these functions, by version.  To add one: find what is new in the text,
# let the native code do the same, and run
#     perl -MAWStats::CloudFront::KnownVersions -le 'print for AWStats::CloudFront::KnownVersions::digests(shift)' \
#         /path/to/awstats.pl
my %digest_of = (
    '7.8' => [ '17c2b31e25f670eb7065130c5380a34d', '079fc3dde28684defe916f7365d3d0eb' ],
    '7.9' => [ 'a976e70c1ad7fa57149958ca6ef8ccc2', '93fd1ad94ce571596d344d395f9d71b4' ],
    '8.0' => [ 'e555959548b3a9e9bda11e1f59b5b093', '6a871dfb528eccba8366809afddabe12' ],
);

# Where the program is that runs, which must be called below AWStats' Read_Plugins, as Init_cloudfront
# is: perl's own name of the file that calls it.  $0 may be a wrapper's name, or anybody's.  Returns
# undef elsewhere.
sub program {
    my $level = 0;
    while ( my ( undef, $file, undef, $function ) = caller $level++ ) {
        return $file if $function =~ /::Read_Plugins\z/;
    }
    return;
}

# Returns the version of AWStats whose update loop the program at PATH has, '', and whether its history
# functions are that version's too; or undef, and why it is none.
sub version {
    my $path = shift;
    my ( $loop_digest, $history_digest ) = eval { digests($path) };
    if ( !$loop_digest ) {
        my ($reason) = $@ =~ /^(.*?)(?: \(you may| at \S+ line |$)/m;
        return ( undef, $reason );
    }
    foreach my $version ( sort keys %digest_of ) {
        my ( $known_loop, $known_history ) = @{ $digest_of{$version} };
        return ( $version, '', $history_digest eq $known_history ) if $loop_digest eq $known_loop;
    }
    return ( undef, "the update loop of $path is not that of AWStats " . join ', ', sort keys %digest_of );
}

# The digests of what counts in the program at PATH.  Dies with a line when it has no such loop.
sub digests {
    my $path    = shift;
    my $program = _content($path);
    my @texts   = $program =~ /$loop/g or die "$path has no update loop like that of AWStats\n";
    push @texts, $program =~ /$_/g foreach @elsewhere;
    require Digest::MD5;    # a package of its own on some systems
    return ( Digest::MD5::md5_hex(@texts), Digest::MD5::md5_hex( map { $program =~ /$_/g } @history ) );
}

sub _function {
    my $name = shift;
    return qr/\nsub $name\b.*?\n\}\n/s;
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
