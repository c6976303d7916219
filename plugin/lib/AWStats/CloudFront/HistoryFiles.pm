# Finds and names AWStats' history files of one configuration, reads which batches they have, and makes sure
# that one update at a time writes them.
#
# Each period has a file: a month, or what DatabaseBreak says.  The file's name is awstatsMMYYYY.SITE.txt, with
# DD and HH after MMYYYY for days and hours.  In the plugin a period is named by its date, YYYYMM, so
# that names sort by time.
package AWStats::CloudFront::HistoryFiles;
use strict;
use warnings;

use AWStats::CloudFront::Text;
use Fcntl qw(:flock :mode O_CREAT O_EXCL O_NOFOLLOW O_NONBLOCK O_RDONLY O_RDWR O_WRONLY);

# Load rarely needed modules on demand; they would dominate the time of an hourly update.

my %date_size = ( month => 6, day => 8, hour => 10 );

# NAME: folder (DirData), program ("awstats"), suffix (".SITE"), period (DatabaseBreak).
sub new {
    my ( $class, %name ) = @_;
    return bless {%name}, $class;
}

# Returns the period of a date, as AWStats::CloudFront::AWStats::date_of() returns it.
sub period_of {
    my ( $self, $day, $month, $year, $hour ) = @_;
    return substr sprintf( '%04d%02d%02d%02d', $year, $month, $day, $hour ), 0, $date_size{ $self->{period} };
}

# Returns how many characters of "YYYY-MM-DD HH" tell one period from the next.
sub date_length {
    my $self = shift;
    return { month => 7, day => 10, hour => 13 }->{ $self->{period} };
}

# Returns the name of a period's history file without its extension (".txt").
sub name {
    my ( $self, $period ) = @_;
    my ( $year, $month, $rest ) = $period =~ /^(\d{4})(\d\d)(\d*)$/;
    return "$self->{program}$month$year$rest$self->{suffix}";
}

sub path {
    my ( $self, $period ) = @_;
    return "$self->{folder}/" . $self->name($period) . '.txt';
}

# Returns the periods that have a file, the oldest first.
sub periods {
    my $self = shift;
    my %found;
    foreach my $file ( $self->_files ) {
        next if $file !~ /\.txt(?:\.gz)?$/;
        my $period = $self->period_of_file($file);
        $found{$period} = 1 if defined $period;
    }
    return sort keys %found;
}

# Returns the period of a history file, whatever the end of its name, or undef.
sub period_of_file {
    my ( $self, $path ) = @_;
    my ($date) = $path =~ m{(?:^|/)\Q$self->{program}\E(\d{6,10})\Q$self->{suffix}\E\.(?:txt(?:\.gz)?|tmp\.\d+)$}
      or return;
    return if length $date != $date_size{ $self->{period} };
    return substr( $date, 2, 4 ) . substr( $date, 0, 2 ) . substr $date, 6;
}

# Whether each file is of one month.
sub has_months {
    my $self = shift;
    return $self->{period} eq 'month';
}

# Returns the newest period that has a file, or ''.
sub newest {
    my $self = shift;
    return ( $self->periods )[-1] || '';
}

# Returns the name of the whole history: the path of its files, with MMYYYY for month and year.
sub label {
    my $self = shift;
    my %date = ( month => 'MMYYYY', day => 'MMYYYYDD', hour => 'MMYYYYDDHH' );
    return "$self->{folder}/$self->{program}$date{ $self->{period} }$self->{suffix}.txt";
}

# Returns the last batch of a site that was counted, or ''.  SITES: the names of the site, the newest first.  Each
# update writes the newest file, so the newest file has this batch, unless the log of another site has made a newer
# file since.
sub last_batch {
    my ( $self, @sites ) = @_;
    foreach my $period ( reverse $self->periods ) {
        my $id = batch_of( $self->path($period), @sites );
        return $id if defined $id;
    }
    return '';
}

# Returns the last batch of a site that a history file has; undef for none.  SITES: as above.
sub batch_of {
    my ( $path, @sites ) = @_;
    my $batches = batches($path);
    my ($site) = grep { defined $batches->{$_} } @sites;
    return defined $site ? $batches->{$site} : undef;
}

# Returns the names of all sites that have batches in the history.
sub sites {
    my $self = shift;
    my %site = map { %{ batches( $self->path($_) ) } } $self->periods;
    return sort keys %site;
}

# Returns the names of the files that have one of these batches of a site.  SITES: as above.
sub files_with {
    my ( $self, $sites, @ids ) = @_;
    my %wanted = map { $_ => 1 } @ids;
    my @found;
    foreach my $period ( $self->periods ) {
        my $id = batch_of( $self->path($period), @$sites );
        push @found, $self->name($period) . '.txt' if defined $id && $wanted{$id};
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

# Whether a page view is counted in the history file of a period: the file has the time of the last one.
sub has_page {
    my ( $self, $period ) = @_;
    open my $file, '<', $self->path($period) or return 0;
    while ( my $line = <$file> ) {
        last if $line =~ /END_GENERAL/;
        return $1 > 0 if $line =~ /^(?:<tr><td>)?LastTime(?:<\/td><td>| )(\d+)/;
    }
    return 0;
}

# Returns the last batch of each site that a history file has, site => ID; none when there is no such file.
# The map at the file's start tells where the plugin's section is.
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
                next if !defined $id || $site =~ /^(?:#|BEGIN_PLUGIN_)/;    # XML has more lines before the first batch
                $batch{$site} = $id;
            }
            last;
        }
    }
    close $file or die "$path: $!\n";    # a read that failed looks like the end of the file
    return \%batch;
}

# Returns the time of the last record that the file of a period has, YYYYMMDDhhmmss; '' when there is none.  AWStats ends
# a period when the first record of the next one comes, whose time is LastLine then.
sub last_time {
    my ( $self, $period ) = @_;
    my $path = $self->path($period);
    my $last = '';
    my $file;
    if ( !open $file, '<', $path ) {
        return $last if $!{ENOENT};
        die "$path: $!\n";
    }
    while ( my $line = <$file> ) {
        last if $line =~ /END_GENERAL/;
        my ($time) = $line =~ s/<[^>]*>/ /gr =~ /^\s*Last(?:Line|Time)\s+($period\d+)\b/ or next;
        $last = $time if $time gt $last;
    }
    close $file or die "$path: $!\n";    # a read that failed looks like the end of the file
    return $last;
}

# Puts the files that this process has written in place, for good.  RENAME: renames them; returns true on success.
# Dies with an error.
sub put_in_place {
    my ( $self, $rename ) = @_;
    $self->settle($_) foreach $self->unfinished;
    $rename->() && !$self->unfinished
      or die "history files could not be renamed; check who owns $self->{folder} and may write into it\n";
    $self->sync_folder;
    return;
}

# Waits until a history file that this process has written is on the disk, and gives it to the owner of DirData.
sub settle {
    my ( $self, $path ) = @_;
    my $file = _sync($path);
    $self->_give($file);
    close $file;
    return;
}

# Waits until the names in DirData, or in another folder, are on the disk.
sub sync_folder {
    my ( $self, $folder ) = @_;
    close _sync( $folder // $self->{folder} );
    return;
}

sub _sync {
    my $path = shift;
    sysopen my $file, $path, O_RDONLY | O_NOFOLLOW or die "$path: $!\n";
    require IO;    # has IO::Handle::sync without the rest of IO::Handle
    IO::Handle::sync($file) or die "$path: $!\n";
    return $file;
}

# Gives a file that root has made to the owner of DirData, who may run the next update.  A file that has a second hard
# link elsewhere is not a file of this program.
sub _give {
    my ( $self, $file ) = @_;
    return if $> != 0;
    my ( $user, $group ) = ( stat $self->{folder} )[ 4, 5 ];
    my ( $mode, $links, $owner ) = ( stat $file )[ 2 .. 4 ];
    chown $user, $group, $file if $user && S_ISREG($mode) && $links == 1 && $owner == 0;
    return;
}

# Returns what to do when PATH, a file in DirData, cannot be opened for lack of permission, or ''.  The same rules as
# add_permission() in text/file_error.c of the helper.
sub _permission_advice {
    my ( $self, $path ) = @_;
    return '; mount it for writing, or let DirData be another folder' if $!{EROFS};
    return '' if !$!{EACCES};
    my $folder = $self->{folder};
    my ( $me, $owner ) = map { getpwuid($_) // "user $_" } $>, ( stat $folder )[4];
    if ( !-w $folder || !-x _ ) {
        my $error = "; the folder belongs to $owner, and this update runs as $me: ";
        return $error . _command_to_open($folder) if $owner eq $me;
        return "${error}run it as $owner"
          if $owner ne 'root';    # an update of root becomes another user
        return $error
          . (
            _is_of_system($folder)
            ? "let DirData be a folder of $me"
            : 'as root, run: chown ' . ( getpwuid($>) // $> ) . ' ' . AWStats::CloudFront::Text::shell_word($folder)
          );
    }
    return "; its permissions forbid this: " . _command_to_open($path) if ( lstat $path )[4] == $>;
    return
        '; an update of another user has made the file: as root, run: chown '
      . ( getpwuid($>) // $> ) . ' '
      . AWStats::CloudFront::Text::shell_word("$folder/$self->{program}") . '*'
      . AWStats::CloudFront::Text::shell_word("$self->{suffix}.") . '*';
}

# Returns the advice to run the command by which the owner of a file or folder permits itself to use it.
sub _command_to_open {
    my $path = shift;
    return 'run: chmod ' . ( -d $path ? 'u+rwx' : 'u+rw' ) . ' ' . AWStats::CloudFront::Text::shell_word($path);
}

# Whether a folder belongs to the system: /, each folder in it, each folder in /var, /run and /dev, and all below /etc,
# /usr and the like.
# The same rule as is_of_system() in text/file_error.c of the helper.
sub _is_of_system {
    my $folder = shift;
    return $folder =~ m{^/(?:[^/]*|(?:dev|run|var)/[^/]+|(?:s?bin|boot|etc|lib(?:64)?|proc|sys|usr)/.+)/?$};
}

# Returns the files that this process has written and not renamed yet.
sub unfinished {
    my $self = shift;
    my $name = qr/^\Q$self->{program}\E\d{6,10}\Q$self->{suffix}\E\.tmp\.(\d+)$/;
    return map { "$self->{folder}/$_" } grep { /$name/ && $1 == $$ } $self->_files;
}

# Returns the folder of new history files that a recount puts in place: see AWStats::CloudFront::Replacement.
sub replacement_folder {
    my $self = shift;
    return "$self->{folder}/$self->{program}$self->{suffix}.cloudfront-recount";
}

# Whether a name is that of a history file.
sub is_name {
    my ( $self, $name ) = @_;
    return $name =~ /^\Q$self->{program}\E\d{6,10}\Q$self->{suffix}\E\.txt$/;
}

# Whether a file belongs to another history, whose name differs from the name of this one only in upper and lower case.
sub is_in_other_case {
    my ( $self,    $name ) = @_;
    my ( $program, $suffix ) = $name =~ /^(\Q$self->{program}\E)\d+(\Q$self->{suffix}\E)\./i or return;
    return $program ne $self->{program} || $suffix ne $self->{suffix};
}

# Locks the history for this process, until unlock() or the end of the process.  Returns '', or the process that has
# locked the history already.
sub lock {
    my $self = shift;
    my $path = "$self->{folder}/$self->{program}$self->{suffix}.cloudfront.lock";
    my $lock = $self->_open_lock($path);
    if ( !flock $lock, LOCK_EX | LOCK_NB ) {
        $!{EWOULDBLOCK} or die "$path: $!\n";
        foreach ( 1 .. 50 ) {    # its holder writes into it next
            seek $lock, 0, 0;
            my $holder = <$lock> // '';
            return $holder if chomp $holder;
            select undef, undef, undef, 0.02;
        }
        return 'another process';
    }
    truncate $lock, 0;
    sysseek $lock, 0, 0;
    syswrite $lock, "process $$, since " . _now() . "\n";
    $self->{lock} = $lock;
    return '';
}

# Opens the lock file, and makes it when it is missing.  The folder may belong to another user, who could put a link
# there that leads to a file of this user.
sub _open_lock {
    my ( $self, $path ) = @_;
    my $flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK;    # a pipe must not wait for its other end
    my $lock;
    if ( !sysopen $lock, $path, $flags ) {
        $!{ENOENT} or $self->_die_of_lock($path);
        if ( sysopen $lock, $path, $flags | O_CREAT | O_EXCL, oct '0666' ) {
            $self->_give($lock);
        }
        elsif ( !$!{EEXIST} || !sysopen $lock, $path, $flags ) {
            $self->_die_of_lock($path);
        }
    }
    my $links = ( stat $lock )[3];
    die "$path: this lock file is not a regular file, or has a second name (a hard link); remove it\n"
      if !-f _ || $links != 1;
    return $lock;
}

sub _die_of_lock {
    my ( $self, $path ) = @_;
    die "$path: $!", $!{ELOOP}
      ? '; this lock file is a symbolic link, which is not followed; remove it'
      : $self->_permission_advice($path),
      "\n";
}

# Unlocks the history.
sub unlock {
    my $self = shift;
    my $lock = delete $self->{lock} or return;
    no warnings 'io';    # the lock ends with the file, even when closing it reports an error
    close $lock;
    return;
}

# Returns the local time, YYYY-MM-DD hh:mm:ss.
sub _now {
    my ( $second, $minute, $hour, $day, $month, $year ) = localtime;
    return sprintf '%04d-%02d-%02d %02d:%02d:%02d', $year + 1900, $month + 1, $day, $hour, $minute, $second;
}

# Returns when a process began, seconds since 1970 UTC; undef when the time is not known.  See proc(5): the time since
# the machine's start is the 22nd value of the process's line, and the second value may have spaces.
sub _begin_of {
    my $process = shift;
    open my $status, '<', "/proc/$process/stat" or return;
    my ($after_name) = ( readline($status) // '' ) =~ /.*\)\s+(.*)/s;
    close $status;
    my $ticks = ( split ' ', $after_name // '' )[19];
    open my $machine, '<', '/proc/uptime' or return;
    my ($since_start) = ( readline($machine) // '' ) =~ /^([\d.]+)/;
    close $machine;
    return if !defined $ticks || !defined $since_start;
    require POSIX;
    return time - $since_start + $ticks / POSIX::sysconf( POSIX::_SC_CLK_TCK() );
}

# Returns whether a process may have written a file that was last changed at this time.  A process that began later has
# the same ID as the writer only by chance, which often happens after a restart of the machine.
sub _may_write {
    my ( $process, $changed ) = @_;
    return 0 if !kill( 0, $process ) && $!{ESRCH};
    my $began = _begin_of($process);
    return !defined $began || $began < $changed + 2;    # the two clocks may differ a little
}

# Removes the files that killed processes have left behind.  These include files with this process's own ID, which
# an earlier process had: AWStats would rename them to history files, as if this process had written them.
sub remove_abandoned {
    my $self = shift;
    my $name = qr/^\Q$self->{program}\E\d{6,10}\Q$self->{suffix}\E\.tmp\.(\d+)(?:\.bis)?$/;
    foreach my $file ( $self->_files ) {
        if ( $file =~ $name ) {
            my $process = $1;
            my $changed = ( lstat "$self->{folder}/$file" )[9] // next;
            unlink "$self->{folder}/$file" if $process == $$ || !_may_write( $process, $changed );
        }
        elsif ( $file =~ /^\Q$self->{program}$self->{suffix}.cloudfront.\E\w+$/ ) {
            my $folder = "$self->{folder}/$file";
            remove_folder($folder) if _is_private($folder);
        }
    }
    return;
}

# The file in each private folder by which a later update knows that this program made the folder.
sub _mark { return shift() . '/.awstats-cloudfront' }

sub _is_own_folder {
    my @status = lstat shift or return 0;
    return -d _ && $status[4] == $>;
}

# Returns whether private_folder() made this folder, as this user.  Then the folder has the mark, or it is empty because
# the process was killed before it set the mark.
sub _is_private {
    my $folder = shift;
    return 0 if !_is_own_folder($folder);
    my @mark = lstat _mark($folder);
    return -f _ && $mark[4] == $> if @mark;
    opendir my $handle, $folder or return 0;
    return !grep { $_ ne '.' && $_ ne '..' } readdir $handle;
}

# Removes a folder that private_folder() has made; the next update removes what cannot be removed now.  The mark goes
# last: after a power cut, the folder still has the mark if it has any other file.
sub remove_folder {
    my $folder = shift;
    my $mark = _mark($folder);
    opendir my $handle, $folder or return;
    my @inside = grep { $_ ne $mark } map { "$folder/$_" } grep { !/^\.\.?$/ } readdir $handle;
    require File::Path;
    my %quiet = ( error => \my $errors );
    File::Path::remove_tree( @inside, \%quiet ) if @inside;
    File::Path::remove_tree( $folder, \%quiet ) if eval { close _sync($folder); 1 };
    return;
}

# Makes a folder on the history's file system, for this run alone.  Returns its path.
sub private_folder {
    my $self = shift;
    my $folder = eval {
        require File::Temp;
        my $made = File::Temp::tempdir( "$self->{program}$self->{suffix}.cloudfront.XXXXXXXX", DIR => $self->{folder} );
        my $path = _mark($made);
        sysopen my $mark, $path, O_WRONLY | O_CREAT | O_EXCL or die "$path: $!\n";
        close $mark or die "$path: $!\n";
        $self->sync_folder($made);    # before anything else is in it
        $made;
    };
    return $folder if $folder;
    my ($error) = split / at \S+ line /, $@;
    die "$error\n";
}

1;
