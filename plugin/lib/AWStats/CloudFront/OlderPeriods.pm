# Runs of their own for records that the main run of AWStats can't count: its loop never goes back
# to a break that it has left.  Each such break gets a folder, in which are
#
#     log                     its records, a normalized log
#     awstatsMMYYYY.SITE.txt  a link to its history, if it has one
#     output                  what the run says
#
# and a run of awstats.pl with the same configuration whose DirData that folder is.
package AWStats::CloudFront::OlderPeriods;
use strict;
use warnings;

# The environment variables that make an awstats.pl such a run: the folder; and the time of the record
# that comes after the break, YYYYMMDDhhmmss, by which AWStats sees that visits have ended.
our $variable      = 'AWSTATS_CLOUDFRONT_BREAK';
our $next_variable = 'AWSTATS_CLOUDFRONT_NEXT';

# SETTING: history; header, the lines that each log starts with; command, a reference to the list
# that starts awstats.pl.
sub new {
    my ( $class, %setting ) = @_;
    return bless { %setting, owner => $$, breaks => {}, pids => {} }, $class;
}

# The handle that takes a break's records until end_log().  BEFORE: how many records of the whole
# stream came before.
sub log {
    my ( $self, $break, $before ) = @_;
    $self->{folder} ||= $self->{history}->private_folder;
    my $folder = "$self->{folder}/$break";
    my $new    = !$self->{breaks}{$break};
    if ($new) {
        mkdir $folder or die "$folder: $!\n";
        my $history = $self->{history}->path($break);
        my $link    = "$folder/" . $self->{history}->name($break) . '.txt';
        !-e $history or symlink $history, $link or die "$link: $!\n";
    }
    open my $log, '>>', "$folder/log" or die "$folder/log: $!\n";
    print $log $self->{header} if $new;
    $self->{breaks}{$break}{records} -= $before;
    @$self{qw(break handle)} = ( $break, $log );
    return $log;
}

# Ends what log() has begun.  NEXT: the time of the record that comes now.
sub end_log {
    my ( $self, $before, $next ) = @_;
    my $log = delete $self->{handle} or return;
    $self->{breaks}{ $self->{break} }{records} += $before;
    $self->{breaks}{ $self->{break} }{next} = $next;
    close $log or die "$self->{folder}/$self->{break}/log: $!\n";
    return;
}

# Counts all breaks, as many at once as there are cores.  Returns break => how many records were
# counted.  Dies when a run has failed.
sub run {
    my $self = shift;
    my $jobs = AWStats::CloudFront::cores();
    my %found;
    foreach my $break ( sort keys %{ $self->{breaks} } ) {
        my $path = "$self->{folder}/$break/log";
        open my $log, '>>', $path or die "$path: $!\n";
        print $log "#End: records=$self->{breaks}{$break}{records}\n";
        close $log or die "$path: $!\n";
        $self->_reap( \%found ) if keys %{ $self->{pids} } >= $jobs;
        $self->_start($break);
    }
    $self->_reap( \%found ) while %{ $self->{pids} };
    return \%found;
}

sub _start {
    my ( $self, $break ) = @_;
    my $folder = "$self->{folder}/$break";
    open my $output, '>', "$folder/output" or die "$folder/output: $!\n";
    delete local @ENV{qw(GATEWAY_INTERFACE QUERY_STRING CONTENT_LENGTH)};
    local $ENV{$variable}      = $folder;
    local $ENV{$next_variable} = $self->{breaks}{$break}{next} || 0;
    my @to  = ( fileno $output ) x 2;
    my $pid = AWStats::CloudFront::start_process( 0, @to, @{ $self->{command} } );
    $pid >= 0 or die "No process for the records of $break: $!\n";
    $pid or die _failed( $break, "$self->{command}[0]: $!" );
    close $output;
    $self->{pids}{$pid} = $break;
    return;
}

# Waits for one of the runs.
sub _reap {
    my ( $self, $found ) = @_;
    my $pid   = waitpid -1, 0;
    my $break = delete $self->{pids}{$pid} or return;
    my $said  = '';
    if ( open my $output, '<', "$self->{folder}/$break/output" ) {
        local $/;
        $said = <$output> // '';
    }
    if ($?) {
        my ($reason) = $said =~ /^(?:Error: )?(.*\S)\s*\z/m;
        ($reason) = $1 if $said =~ /^Error: (.*)/m;
        die _failed( $break, $reason || $? );
    }
    ( $found->{$break}{records} ) = $said =~ /Found (\d+) new qualified records/;
    ( $found->{$break}{by} )      = $said =~ /^cloudfront: (.*)/m;
    return;
}

sub _failed {
    my ( $break, $reason ) = @_;
    return "The run of AWStats for the records of $break failed ($reason)\n";
}

# The new history files: path => the path that is to be theirs.  A break of which AWStats has counted
# no record has none.
sub results {
    my $self = shift;
    my %result;
    foreach my $break ( keys %{ $self->{breaks} } ) {
        my $path = "$self->{folder}/$break/" . $self->{history}->name($break) . '.txt';
        $result{$path} = $self->{history}->path($break) if -e $path && !-l $path;
    }
    return \%result;
}

# Ends the runs that are still under way, and removes all that there is of them.
sub DESTROY {
    my $self = shift;
    return if $self->{owner} != $$;
    local ( $?, $!, $@ );
    if ( my @pids = keys %{ $self->{pids} } ) {
        kill 'TERM', @pids;
        waitpid $_, 0 foreach @pids;
    }
    AWStats::CloudFront::HistoryFiles::remove_folder( $self->{folder} ) if $self->{folder};
    return;
}

1;
