# AWStats' history files of one configuration: what they are called, which batches they have, and
# that one update at a time writes them.
#
# A break is what DatabaseBreak says, and has a file: awstatsMMYYYY.SITE.txt, and DD and HH behind
# MMYYYY.  Here a break is named by its date, YYYYMM, so that names sort by time.
package AWStats::CloudFront::HistoryFiles;
use strict;
use warnings;

use Fcntl qw(:flock);

# What few updates need is loaded when it is: hourly ones have little else to do.

my %date_size = ( year => 4, month => 6, day => 8, hour => 10 );

# NAME: folder (DirData), program ("awstats"), suffix (".SITE"), break (DatabaseBreak).
sub new {
    my ( $class, %name ) = @_;
    return bless {%name}, $class;
}

# The break of a record's time, as AWStats takes it.
sub break_of {
    my ( $self, $day, $month, $year, $hour ) = @_;
    return substr sprintf( '%04d%02d%02d%02d', $year, $month, $day, $hour ), 0,
      $date_size{ $self->{break} };
}

# How much of "YYYY-MM-DD HH" tells one break from the next.
sub date_length {
    my $self = shift;
    return { year => 4, month => 7, day => 10, hour => 13 }->{ $self->{break} };
}

# The name of a break's history file, without its end (".txt").
sub name {
    my ( $self, $break ) = @_;
    my ( $year, $rest ) = $break =~ /^(\d{4})(\d*)$/;
    my $month = $rest =~ s/^(\d\d)// ? $1 : '';
    return "$self->{program}$month$year$rest$self->{suffix}";
}

sub path {
    my ( $self, $break ) = @_;
    return "$self->{folder}/" . $self->name($break) . '.txt';
}

# The breaks that have a file, the oldest first.
sub breaks {
    my $self = shift;
    my %breaks;
    foreach my $file ( $self->_files ) {
        next if $file !~ /^\Q$self->{program}\E(\d{4,10})\Q$self->{suffix}\E\.txt(?:\.gz)?$/;
        next if length $1 != $date_size{ $self->{break} };
        my $break = length $1 == 4 ? $1 : substr( $1, 2, 4 ) . substr( $1, 0, 2 ) . substr $1, 6;
        $breaks{$break} = 1;
    }
    return sort keys %breaks;
}

# The newest break that has a file, or ''.
sub newest {
    my $self = shift;
    return ( $self->breaks )[-1] || '';
}

# The last batch of a site that was counted, or ''.  Each update writes the newest file, so that has
# it, unless something else than this site has brought a newer one.
sub last_batch {
    my ( $self, $site ) = @_;
    foreach my $break ( reverse $self->breaks ) {
        my $id = batches( $self->path($break) )->{$site};
        return $id if defined $id;
    }
    return '';
}

# The names of the files that have one of these batches of a site.
sub files_with {
    my ( $self, $site, @ids ) = @_;
    my %wanted = map { $_ => 1 } @ids;
    my @found;
    foreach my $break ( $self->breaks ) {
        my $id = batches( $self->path($break) )->{$site};
        push @found, $self->name($break) . '.txt' if defined $id && $wanted{$id};
    }
    return @found;
}

sub _files {
    my $self = shift;
    opendir my $folder, $self->{folder} or die "$self->{folder}: $!\n";
    $! = 0;
    my @files = readdir $folder;
    die "$self->{folder}: $!\n" if $!;
    return @files;
}

# The last batch of each site that a history file has: site => ID; none when there is no such file.
# The plugin's section in it is found by the map at the file's start.
sub batches {
    my $path = shift;
    my %batch;
    my $file;
    if ( !open $file, '<', $path ) {
        return \%batch if $!{ENOENT};
        die "$path: $!\n";
    }
    while ( my $line = <$file> ) {
        last if $line =~ /END_MAP/;
        if ( $line =~ /POS_PLUGIN_cloudfront\D+(\d+)/ ) {
            seek $file, $1, 0;
            <$file>;
            while ( defined( $line = <$file> ) && $line !~ /END_PLUGIN_cloudfront/ ) {
                $line =~ s/<[^>]*>/ /g;
                my ( $site, $id ) = split ' ', $line;
                $batch{$site} = $id if defined $id;
            }
            last;
        }
    }
    close $file or die "$path: $!\n";    # what was not read is as if it were not there
    return \%batch;
}

# Waits until what a history file has is on the disk.
sub sync {
    my $path = shift;
    open my $file, '<', $path or die "$path: $!\n";
    require IO::Handle;
    $file->sync or die "$path: $!\n";
    close $file;
    return;
}

sub sync_folder {
    my $self = shift;
    return sync( $self->{folder} );
}

# The files that this process has written and not brought to their names yet.
sub unfinished {
    my $self = shift;
    my $name = qr/^\Q$self->{program}\E\d{4,10}\Q$self->{suffix}\E\.tmp\.(\d+)$/;
    return map { "$self->{folder}/$_" } grep { /$name/ && $1 == $$ } $self->_files;
}

# Lets this process alone write the history until it ends.  Returns '', or who does so already.
sub lock {
    my $self = shift;
    my $path = "$self->{folder}/$self->{program}$self->{suffix}.cloudfront.lock";
    open my $lock, '+>>', $path or die "$path: $!\n";
    if ( !flock $lock, LOCK_EX | LOCK_NB ) {
        $!{EWOULDBLOCK} or die "$path: $!\n";
        foreach ( 1 .. 50 ) {    # who has the lock signs it next
            seek $lock, 0, 0;
            my $holder = <$lock> // '';
            return $holder if chomp $holder;
            select undef, undef, undef, 0.02;
        }
        return 'another process';
    }
    truncate $lock, 0;
    syswrite $lock, "process $$, since " . _now() . "\n";
    $self->{lock} = $lock;
    return '';
}

# The local time, YYYY-MM-DD hh:mm:ss.
sub _now {
    my ( $second, $minute, $hour, $day, $month, $year ) = localtime;
    return sprintf '%04d-%02d-%02d %02d:%02d:%02d', $year + 1900, $month + 1, $day, $hour, $minute, $second;
}

# Removes what processes have left behind that were killed.  What has this process's own number
# was another's too: AWStats would bring it to its name as its own.
sub remove_abandoned {
    my $self = shift;
    my $name = qr/^\Q$self->{program}\E\d{4,10}\Q$self->{suffix}\E\.tmp\.(\d+)(?:\.bis)?$/;
    foreach my $file ( $self->_files ) {
        if ( $file =~ $name && ( $1 == $$ || ( !kill( 0, $1 ) && $!{ESRCH} ) ) ) {
            unlink "$self->{folder}/$file";
        }
        elsif ( $file =~ /^\Q$self->{program}$self->{suffix}.cloudfront.\E\w+$/ ) {
            my $folder = "$self->{folder}/$file";
            remove_folder($folder) if -d $folder && !-l $folder;
        }
    }
    return;
}

# Removes what private_folder() has made; what withstands is removed by the next update.
sub remove_folder {
    my $folder = shift;
    require File::Path;
    File::Path::remove_tree( $folder, { error => \my $faults } );
    return;
}

# A new folder on the history's file system, for the time of this run.
sub private_folder {
    my $self = shift;
    my $folder = eval {
        require File::Temp;
        File::Temp::tempdir( "$self->{program}$self->{suffix}.cloudfront.XXXXXXXX",
            DIR => $self->{folder} );
    };
    return $folder if $folder;
    my ($fault) = split / at \S+ line /, $@;
    die "$fault\n";
}

1;
