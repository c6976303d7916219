# Watches the outcome of an update's records: tells at the end how many AWStats has counted and why it left out the
# others, and finds out whether the update must not save a batch.
package AWStats::CloudFront::Outcome;
use strict;
use warnings;

use AWStats::CloudFront;
use AWStats::CloudFront::AWStats qw($LogType);
use AWStats::CloudFront::Figures;

# The lists of AWStats' configuration that leave out records on purpose.
my @lists = qw(SkipHosts SkipFiles SkipUserAgents SkipReferrers OnlyHosts OnlyUsers OnlyFiles OnlyUserAgents);

# Clocks differ by minutes.
my $clock_tolerance = 3600;

# The file in the folder of a run for an older period that has its figures.
my $file_name = 'figures';

# Begins to watch the outcome of the records of DISPATCHER.  SETTING: partial_once, whether the bytes of a
# partial download are counted once; load, a function that loads a module of the plugin.  Dies with
# "AWStats has no %DayBytes" if AWStats lacks a variable.
sub new {
    my ( $class, $dispatcher, %setting ) = @_;
    my $now = time;
    my $self = bless { now => $now }, $class;
    $self->{lists} = [ grep { AWStats::CloudFront::AWStats::has_list($_) } @lists ];
    $self->{tally} = AWStats::CloudFront::Tally->new( $now + $clock_tolerance, int rand 2**52 );
    $self->{delegated} = AWStats::CloudFront::Delegated->new(
        {
            partial_once => $setting{partial_once},
            change_time  => scalar AWStats::CloudFront::AWStats::plugin_function( 'ChangeTime', 'timezone' ),
            host_counts  => _host_function( $setting{load} ),
            web          => $LogType eq 'W',
            lists        => scalar @{ $self->{lists} },
        }
    );
    $dispatcher->tell( $self->{tally} );
    $dispatcher->watch( $self->{delegated} );
    return $self;
}

# Returns a function that tells whether AWStats counts the records of a host.  It is called only for records that
# AWStats has dropped.
sub _host_function {
    my $load = shift;
    return sub {
        my $host = shift;
        return scalar eval { $load->('Classify'); AWStats::CloudFront::Classify::host_counts($host) };
    };
}

# Call before and after AWStats saves what it has counted.
sub before_save {
    my $self = shift;
    $self->{delegated}->before_save;
    return;
}

sub after_save {
    my $self = shift;
    $self->{delegated}->after_save;
    return;
}

# Returns how many of the records that have come so far AWStats has counted, without those of separate runs.
sub counted {
    my $self = shift;
    my %number = $self->{tally}->numbers;
    return $number{counted};
}

# Takes the figures, when all records have come.  MORE: the figures of separate runs, texts.
sub end {
    my ( $self, @more ) = @_;
    $self->{figures} = AWStats::CloudFront::Figures->new( $self->{tally} );
    $self->{figures}->add($_) foreach @more;
    return;
}

# Writes the figures of a run for an older period into its folder, for the update that waits for it.
sub write {
    my ( $self, $folder ) = @_;
    my $path = "$folder/$file_name";
    unlink $path;    # a link to a file of this name in DirData: see AWStats::CloudFront::OtherFiles
    open my $file, '>', $path or die "$path: $!\n";
    print $file $self->{figures}->text;
    close $file or die "$path: $!\n";
    return;
}

# Returns what write() has written into a folder.
sub read {
    my $folder = shift;
    my $path = "$folder/$file_name";
    open my $file, '<', $path or die "$path: $!\n";
    local $/ = undef;
    my $text = <$file>;
    close $file or die "$path: $!\n";
    return $text // '';
}

# Returns the figures as a text for the ledger.
sub text {
    my $self = shift;
    return $self->{figures}->text_to_keep;
}

# Returns the figures of a shard as a text for "awstats-cloudfront collect".
sub text_of_shard {
    my $self = shift;
    return $self->{figures}->text_of_shard( $self->{now} );
}

# Returns why AWStats must not save, since the clock is behind, and what to do: to set the clock, then AGAIN, or to
# move logs, then ANEW; '' if it is not behind.  IS_PART: the records are those of a shard.
sub clock_error {
    my ( $self, $again, $anew, $is_part ) = @_;
    my $clock = $self->{figures}->clock_is_behind( $self->{now}, $is_part ) or return '';
    return
        "$clock; AWStats would leave out those more than a day ahead: set the clock, then $again; or, if"
      . ' the clock is right, move the logs that have these records out of the source (the name of a log of CloudFront'
      . " has its hour), then $anew";
}

# Returns why AWStats must not save: the clock is behind, or no record was counted; '' if it may.  The program decides
# in the same way for the sum of shards (helper/shards/check_figures.c); the rules are those of normalized/figures.h.
sub error {
    my $self = shift;
    my $figures = $self->{figures};
    my $clock = $self->clock_error( ('run the update again') x 2 );
    return $clock if $clock;
    my $reasons = $figures->nothing_counted or return '';
    my $what_to_do =
        $figures->number('host')   ? '; add hosts of yours to HostAliases, then run the update again'
      : $figures->number('future') ? '; check the dates of the log, then run the update again'
      :                              '';
    return "AWStats counts none of these records: $reasons$what_to_do";
}

# Returns what is lost if this batch is left out: all its records, and, after error() for the clock, how many of them
# have no such error.
sub loss {
    my $self = shift;
    return $self->{figures}->all_records( $self->{figures}->clock_is_behind( $self->{now} ) );
}

# Prints the lines().
sub tell {
    my ( $self, $recount ) = @_;
    my @lines = $self->lines($recount);
    my $output = AWStats::CloudFront::AWStats::writes_report() ? *STDERR : *STDOUT;
    AWStats::CloudFront::Source::tell_user(@lines) or print $output @lines;
    return;
}

# Returns a line for each reason why AWStats left out records.  RECOUNT: the command that counts the months again;
# missing for a log that is no batch of a site.
sub lines {
    my ( $self, $recount ) = @_;
    my $afterwards =
      $recount
      ? "run: $recount"
      : 'delete the history files of the months of these records, and run the update again with all logs of these months in LogFile';
    return $self->{figures}->lines( join( ', ', @{ $self->{lists} } ), $afterwards );
}

1;
