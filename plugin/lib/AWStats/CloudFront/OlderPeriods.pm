# Counts the records that the main run of AWStats cannot count: its loop never goes back to a period that it
# has left.  Each such period gets a folder, in which are
#
#     log                     its records, a normalized log
#     awstatsMMYYYY.SITE.txt  a link to its history file, if it has one
#
# and a separate run of AWStats with the same configuration, in which DirData is this folder.
package AWStats::CloudFront::OlderPeriods;
use strict;
use warnings;

use AWStats::CloudFront;
use AWStats::CloudFront::HistoryFiles;
use AWStats::CloudFront::Outcome;

# SETTING: history, an AWStats::CloudFront::HistoryFiles; header, the lines that each log starts with, or a function
# that returns them for a period; afresh, whether the runs begin without the present history files; start_run, a
# function that starts a run of AWStats and returns an AWStats::CloudFront::Process.  The function start_run gets the
# folder, the time of the record that comes after the period (YYYYMMDDhhmmss; 0 when there is none), and a descriptor
# for the run's output.  By this time, AWStats sees that visits have ended.
sub new {
    my ( $class, %setting ) = @_;
    return bless { %setting, owner => $$, periods => {}, runs => {} }, $class;
}

# Returns the handle that takes a period's records until end_log().  BEFORE: how many records of the
# whole stream came before.
sub log {
    my ( $self, $period, $before ) = @_;
    $self->{folder} ||= $self->{history}->private_folder;
    my $folder = "$self->{folder}/$period";
    my $is_new = !$self->{periods}{$period};
    if ($is_new) {
        mkdir $folder or die "$folder: $!\n";
        my $history = $self->{history}->path($period);
        my $is_afresh = $self->{afresh} || !-e $history;
        my $link = "$folder/" . $self->{history}->name($period) . '.txt';
        $is_afresh or symlink $history, $link or die "$link: $!\n";
    }
    open my $log, '>>', "$folder/log" or die "$folder/log: $!\n";
    my $header = $self->{header};
    print $log ref $header ? $header->($period) : $header if $is_new;
    $self->{periods}{$period}{records} -= $before;
    @$self{qw(period handle)} = ( $period, $log );
    return $log;
}

# Ends the period that log() has begun.  NEXT: the time of the record that comes now.
sub end_log {
    my ( $self, $before, $next ) = @_;
    my $log = delete $self->{handle} or return;
    my $period = $self->{periods}{ $self->{period} };
    $period->{records} += $before;
    $period->{next} = $next;
    close $log or die "$self->{folder}/$self->{period}/log: $!\n";
    return;
}

# Counts all periods, as many at once as there are cores.  Returns period => { records, how many were
# counted; by, the plugin's line about it; figures, a text }.  Dies when a run has failed.
sub run {
    my $self = shift;
    my $jobs = AWStats::CloudFront::cores();
    my %found;
    foreach my $period ( sort keys %{ $self->{periods} } ) {
        my $path = "$self->{folder}/$period/log";
        open my $log, '>>', $path or die "$path: $!\n";
        print $log "#End: records=$self->{periods}{$period}{records}\n";
        close $log or die "$path: $!\n";
        $self->_collect( \%found ) while keys %{ $self->{runs} } >= $jobs;
        $self->_start($period);
    }
    $self->_collect( \%found ) while %{ $self->{runs} };
    return \%found;
}

sub _start {
    my ( $self, $period ) = @_;
    pipe my $output, my $pipe_end
      or die "The records of $period cannot be passed to awstats.pl: $!; raise the limit of open files"
      . " (ulimit -n)\n";
    my $next = $self->{periods}{$period}{next} || 0;
    my $process = $self->{start_run}->( "$self->{folder}/$period", $next, fileno $pipe_end );
    die _failed( $period, $process->name . ': ' . $process->error ) if $process->error;
    $self->{runs}{$period} = { process => $process, output => $output, text => '' };
    return;
}

# Reads the output of the runs until one of them closes its output, which a run does at its end.  So this process waits
# only for its runs, and not for other child processes.
sub _collect {
    my ( $self, $found ) = @_;
    my %period_of = map { fileno $self->{runs}{$_}{output} => $_ } keys %{ $self->{runs} };
    while (1) {
        my $ready = '';
        vec( $ready, $_, 1 ) = 1 foreach keys %period_of;
        if ( select( $ready, undef, undef, undef ) < 0 ) {
            next if $!{EINTR};
            die "Waiting for the separate runs of awstats.pl failed: $!; run the update again\n";
        }
        foreach my $period ( map { $period_of{$_} } grep { vec $ready, $_, 1 } keys %period_of ) {
            my $run = $self->{runs}{$period};
            my $got = sysread $run->{output}, $run->{text}, 1 << 16, length $run->{text};
            next if $got || !defined $got && $!{EINTR};
            $found->{$period} = $self->_result($period);
            return;
        }
    }
}

# Waits for the end of a period's run.  Returns what it has counted.
sub _result {
    my ( $self, $period ) = @_;
    my $run = delete $self->{runs}{$period};
    my $status = $run->{process}->wait;
    if ($status) {
        my $reason = $status & 127 ? undef : _reason( $run->{text} );
        die _failed( $period, $reason // AWStats::CloudFront::Process::describe($status) );
    }
    my ($records) = $run->{text} =~ /Found (\d+) new qualified records/;
    my ($by) = $run->{text} =~ /^cloudfront: (.*)/m;
    my $figures = AWStats::CloudFront::Outcome::read("$self->{folder}/$period");
    return { records => $records, by => $by, figures => $figures };
}

# Returns why a run has failed, as one line, unless a signal has ended the run: the error of AWStats or of perl in its
# output, or else the last line.  An error of AWStats' own may have several lines.  A line that begins with "Setup ("
# ends this error.
sub _reason {
    my ($text) = @_;
    my @patterns =
      ( qr/^Error: (.*?\S)\s*^Setup \(/ms, qr/^Error: (.*\S)/m, qr/^(.* at \S+ line \d+.*\S)/m, qr/^(.*\S)\s*\z/m );
    foreach my $pattern (@patterns) {
        return $1 =~ s/\n+/ /gr if $text =~ $pattern;
    }
    return;
}

sub _failed {
    my ( $period, $reason ) = @_;
    return
        "The separate run of awstats.pl for the records of $period failed ($reason); correct this, and run the update"
      . " again\n";
}

# Returns the new history files: path => final path.  A period has none if AWStats has counted none of its
# records.
sub results {
    my $self = shift;
    my %result;
    foreach my $period ( keys %{ $self->{periods} } ) {
        my $path = "$self->{folder}/$period/" . $self->{history}->name($period) . '.txt';
        $result{$path} = $self->{history}->path($period) if -e $path && !-l $path;
    }
    return \%result;
}

# Returns a line for each period that was counted.  FOUND: what run() returns.
sub lines {
    my $found = shift;
    my @lines;
    foreach my $period ( sort keys %$found ) {
        my ( $count, $by ) = ( $found->{$period}{records} || 0, $found->{$period}{by} );
        push @lines,
            "Counted $count record"
          . ( $count == 1 ? '' : 's' )
          . " of $period in a separate run"
          . ( $by ? ": $by" : '' ) . "\n";
    }
    return @lines;
}

sub DESTROY {
    my $self = shift;
    return if $self->{owner} != $$;
    local ( $?, $!, $@ );
    $_->{process}->terminate foreach values %{ $self->{runs} };
    $self->{runs} = {};    # waits for them
    AWStats::CloudFront::HistoryFiles::remove_folder( $self->{folder} ) if $self->{folder};
    return;
}

sub CLONE_SKIP {
    return 1;
}

1;
