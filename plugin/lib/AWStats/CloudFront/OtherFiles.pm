# Gives a run of AWStats whose history is in another folder than DirData the other files of DirData.  awstats.pl and its
# plugins read some of them while they count: the caches of names (DNSStaticCacheFile), and files such as
# geoip2_country.SITE.txt, which says the countries of some hosts.  A plugin may read any file, so the folder gets links
# to all but the files of histories.
package AWStats::CloudFront::OtherFiles;
use strict;
use warnings;

use AWStats::CloudFront::AWStats qw($PROG %TmpDNSLookup);

# Makes the links in the folder TO to the files in FROM, except to those whose names are there already.  Returns the
# function that ends this.  Dies with an error.
sub link_into {
    my ( $to, $from ) = @_;
    opendir my $folder, $from or die "$from: $!\n";
    my @links;
    foreach my $name ( grep { !_is_of_histories($_) } readdir $folder ) {
        my $path = "$to/$name";
        next if lstat $path;
        symlink "$from/$name", $path or die "$path: $!\n";
        push @links, $path;
    }
    return sub {
        unlink grep { -l } @links;

        # Next, AWStats would save the names that it has looked up, into FROM, and several such runs would do that at
        # once.  The update that waits for them saves its own names, and verify must change nothing.
        %TmpDNSLookup = ();
    };
}

# Whether a name begins as those of history files, of their backups, of lock files and of private folders, or is the
# name of a folder with histories of shards.
sub _is_of_histories {
    my $name = shift;
    return $name =~ /^\Q$PROG\E[\d.]|\.shards$|^\./;
}

1;
