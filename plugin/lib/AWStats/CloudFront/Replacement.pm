# Replaces several history files by new ones, all or none, whenever the process is killed or the power fails.
#
# The new files are collected in a folder on the history's file system, which one rename puts beside the history
# files:
#
#     DirData/awstats.SITE.cloudfront-recount/awstatsMMYYYY.SITE.txt
#
# From then on the new files count.  This process renames them one by one; if it is killed, the next update does.
package AWStats::CloudFront::Replacement;
use strict;
use warnings;

use AWStats::CloudFront::HistoryFiles;

# Puts files in place: RESULTS, path => final path; all lie in folders that HISTORY made.  OPTION: backups, whether
# the old files are kept under the name that AWStats gives its backups; kept, path of an old file => the name under
# which it is kept, too.  Dies with an error.
sub replace {
    my ( $history, $results, %option ) = @_;
    return if !%$results;
    my $private = $history->private_folder;
    my $new = "$private/new";
    mkdir $new or die "$new: $!\n";
    foreach my $path ( sort keys %$results ) {
        $history->settle($path);
        my ($name) = $results->{$path} =~ m{([^/]+)$};
        rename $path, "$new/$name" or die "$new/$name: $!\n";
        _keep_backup( $results->{$path} ) if $option{backups};
    }
    my %kept = %{ $option{kept} };
    _keep( $history, $_, $kept{$_} ) foreach sort keys %kept;
    $history->sync_folder if %kept;
    $history->sync_folder($new);
    my $folder = $history->replacement_folder;
    rename $new, $folder or die "$folder: $!\n";
    $history->sync_folder;
    AWStats::CloudFront::HistoryFiles::remove_folder($private);
    finish($history);
    return;
}

sub _keep_backup {
    my $file = shift;
    return if !-e $file;
    my $backup = $file =~ s/\.txt$/.bak/r;
    unlink $backup;
    link $file, $backup or die "$backup: $!\n";
    return;
}

# Keeps FILE under another NAME, too; by a copy where the file system has no links.
sub _keep {
    my ( $history, $file, $name ) = @_;
    return if link $file, $name;
    require File::Copy;
    File::Copy::copy( $file, $name ) or die "$name: $!\n";
    $history->settle($name);
    return;
}

# Gives FILE its final PATH.  FILE stays until the folder of PATH is synced: a power cut may undo one half of a rename
# from folder to folder.
sub _put_in_place {
    my ( $file, $path ) = @_;
    my $temporary = $path =~ s/\.txt$/.tmp.$$/r;    # a later update would remove it
    unlink $temporary;
    if ( !link $file, $temporary ) {
        rename $file, $path or die "$path: $!\n";    # this file system has no links
        return;
    }
    rename $temporary, $path or die "$path: $!\n";
    unlink $temporary;                               # when PATH is this file already, there was nothing to rename
    return;
}

# Puts the files in place that replace() has collected.  Dies with an error.
sub finish {
    my $history = shift;
    my $folder = $history->replacement_folder;
    opendir my $handle, $folder or die "$folder: $!\n";
    my @names = sort grep { !/^\.\.?$/ } readdir $handle;
    closedir $handle;
    foreach my $name (@names) {
        $history->is_name($name) && !-l "$folder/$name" && -f _
          or die "$folder/$name: no recount made this file; move it to another folder, and run the update again\n";
        _put_in_place( "$folder/$name", "$history->{folder}/$name" );
    }
    $history->sync_folder;
    foreach my $name (@names) {
        unlink "$folder/$name" or $!{ENOENT} or die "$folder/$name: $!\n";
    }
    rmdir $folder or die "$folder: $!\n";
    $history->sync_folder;
    return;
}

1;
