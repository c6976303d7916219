# One update of AWStats' history from CloudFront's logs: from Init_cloudfront, which begins it, to the
# renaming of the history files.  AWStats::CloudFront::LogHandle tells it what happens to the log.
#
# At its end, an update restores what it has changed in this process, so that another update can follow: see
# end().  It does not restore what awstats.pl itself sets at the start of each run.
package AWStats::CloudFront::Update;
use strict;
use warnings;

use Cwd ();
use AWStats::CloudFront;
use AWStats::CloudFront::AWStats qw($DatabaseBreak $DirData $EnableLockForUpdate $FileConfig $FileSuffix $LIMITFLUSH
  $LastLine $LogFile $LogType $NOTSORTEDRECORDTOLERANCE $NewLinePhase $PROG $UpdateFor error warning);
use AWStats::CloudFront::HistoryFiles;
use AWStats::CloudFront::KnownVersions;
use AWStats::CloudFront::LogHandle;
use AWStats::CloudFront::Outcome;
use AWStats::CloudFront::Parameters;
use AWStats::CloudFront::Settings;
use AWStats::CloudFront::Source;
use parent 'AWStats::CloudFront::Saving';

# The environment variables that make a run of AWStats one for an older period: the folder that it works in,
# the time of the record that comes after the period, YYYYMMDDhhmmss, how much memory the counters may take, bytes, and
# whether the history is that of a shard.
my $period_variable = 'AWSTATS_CLOUDFRONT_PERIOD';
my $next_variable = 'AWSTATS_CLOUDFRONT_NEXT';
my $memory_variable = 'AWSTATS_CLOUDFRONT_MEMORY';
my $shard_variable = 'AWSTATS_CLOUDFRONT_OF_SHARD';

my $another_update_runs = 3;    # exit status

# SETTING: format, LogFormat as the configuration has it; parameters, the text after the plugin's name in
# LoadPlugin; plugin_directory, the folder of cloudfront.pm.
sub new {
    my ( $class, %setting ) = @_;
    return bless { %setting, owner => $$, undo => [], stored => {}, counted => {} }, $class;
}

# Begins the update.  Returns an error, or ''.
sub begin {
    my $self = shift;
    my $error;
    ( $self->{parameter}, $error ) = AWStats::CloudFront::Parameters::parse( $self->{parameters} );
    $error ||= AWStats::CloudFront::Settings::error( $self->{format} ) || $self->_take_history;
    return $error if $error;
    $self->_take_signals;
    $self->_at_end( AWStats::CloudFront::Settings::add_own_names() );
    $self->_at_end( AWStats::CloudFront::Settings::read_to_the_end() );
    warning(
        'Warning: Plugin cloudfront: LoadPlugin="cloudfront ..." has the parameter flush, which has no effect any more;'
          . ' remove it, or say by memory=SIZE, such as memory=2G, how much memory the counters may take' )
      if $self->{parameter}{flush};
    my $limit = $LIMITFLUSH;
    $self->_at_end( sub { $LIMITFLUSH = $limit } );
    $self->{program} = AWStats::CloudFront::KnownVersions::program();
    my $log = tie *main::LOG, 'AWStats::CloudFront::LogHandle', $self;
    $self->replace_saving;
    $log->start_early($LogFile) if !$self->{period_folder} && AWStats::CloudFront::AWStats::will_update();
    return '';
}

# Takes the history for this update alone.  Returns an error, or ''.
sub _take_history {
    my $self = shift;
    my @variables = ( $period_variable, $next_variable, $memory_variable, $shard_variable );
    my %period_run = map { $_ => delete $ENV{$_} } grep { exists $ENV{$_} } @variables;
    $self->_at_end( sub { @ENV{ keys %period_run } = values %period_run } ) if %period_run;
    @$self{qw(period_folder next period_memory of_shard)} = @period_run{@variables};

    my $folder = AWStats::CloudFront::AWStats::data_folder();
    $self->_at_end( sub { $DirData = $folder } );
    my $configured = Cwd::abs_path($folder) || $folder;
    $DirData = $self->{period_folder} || $self->data_folder($configured);
    if ( $DirData ne $configured ) {
        $self->_load('OtherFiles');
        my $undo = eval { AWStats::CloudFront::OtherFiles::link_into( $DirData, $configured ) };
        return $@ =~ s/\n//r if !$undo;
        $self->_at_end($undo);
    }
    my $history = AWStats::CloudFront::HistoryFiles->new(
        folder  => $DirData,
        program => $PROG,
        suffix  => $FileSuffix,
        period  => $DatabaseBreak,
    );

    if ( !$self->{period_folder} ) {
        my $holder = eval { $history->lock || $self->_finish_replacement($history) };
        if ($@) { return "The history in \"$DirData\" cannot be updated: $@"; }
        if ($holder) {
            $self->{exit_status} = $another_update_runs;
            $self->end;
            error( "Another update of \"$FileConfig\" is under way ($holder)", '', '', 1 );
        }
        $self->_at_end( sub { $history->unlock } );
    }
    $EnableLockForUpdate = 0;    # AWStats' own lock outlives an update that is killed
    $self->{history} = $history;
    $self->_at_end(
        sub {
            eval { $history->remove_abandoned }
        }
    );
    return '';
}

# Whether the history is that of a shard, which "awstats-cloudfront collect" adds up with those of others.
sub is_of_shard { return $_[0]{of_shard} }

# Puts the files in place that an interrupted recount has left.  Returns ''.  Dies with an error.
sub _finish_replacement {
    my ( $self, $history ) = @_;
    return '' if !-d $history->replacement_folder;
    $self->_load('Replacement');
    AWStats::CloudFront::Replacement::finish($history);
    return '';
}

# Returns the folder of the history.  CONFIGURED: DirData as AWStats has it.
sub data_folder {
    my ( $self, $configured ) = @_;
    return $configured;
}

# Commits the batch of a SITE; returns an error, or ''.  COUNTED: see AWStats::CloudFront::Source::commit().
sub commit {
    my ( $self, $site, @counted ) = @_;
    return AWStats::CloudFront::Source::commit( $site, { $self->_source_settings }, @counted );
}

# Makes a signal that ends the process run END, which restores everything.  A shell prints a message about the signal
# itself, and so does "awstats-cloudfront update"; other commands show only what perl prints.
sub _take_signals {
    my $self = shift;
    foreach my $signal ( grep { ( $SIG{$_} || '' ) ne 'IGNORE' } qw(HUP INT TERM) ) {
        my $handler = $SIG{$signal};
        $self->_at_end( sub { $SIG{$signal} = defined $handler ? $handler : 'DEFAULT' } );
        $SIG{$signal} = sub {
            my $batch_log = AWStats::CloudFront::Embedded->can('batch_log');
            $self->{signal} = $signal if $batch_log && ( $batch_log->() )[0];
            print {*STDERR} "the update was ended by the signal $signal; "
              . "run it again: no record is lost or counted twice\n"
              if $batch_log;
            exit 1;
        };
    }
    return;
}

# Replaces a function of awstats.pl by a method, which gets the function and its arguments.
sub replace_function {
    my ( $self, $name, $method ) = @_;
    my $original;
    my $function = sub { return $self->$method( $original, @_ ) };
    $original = AWStats::CloudFront::AWStats::replace_function( $name, $function );
    $self->_at_end( sub { AWStats::CloudFront::AWStats::restore_function( $name, $function, $original ) } );
    return;
}

# Loads a module of the plugin on demand.  Dies with an error.
sub _load {
    my ( $self, $module ) = @_;
    local @INC = ( "$self->{plugin_directory}/cloudfront", @INC );
    require "AWStats/CloudFront/$module.pm";    ## no critic (RequireBarewordIncludes): the name varies
    return;
}

# ---- the end ----

sub _at_end {
    my ( $self, $undo ) = @_;
    push @{ $self->{undo} }, $undo;
    return;
}

# Ends the update, finished or not: ends its processes, removes its files that are no history yet, and gives
# back the lock, AWStats' functions, the signals, and what else it has changed.  May be called again.
sub end {
    my $self = shift;
    return if $self->{owner} != $$;
    local ( $?, $!, $@ );
    my $log = tied *main::LOG;
    if ( ref $log eq 'AWStats::CloudFront::LogHandle' ) {
        $log->stop;
        undef $log;
        no warnings 'untie';    # it may be at work
        untie *main::LOG;
    }
    untie *main::HISTORY if ref tied *main::HISTORY eq 'AWStats::CloudFront::HistoryHandle';
    delete @$self{qw(batch history_file loop older outcome)};
    while ( my $undo = pop @{ $self->{undo} } ) {
        $undo->();
    }
    return;
}

# Ends the update at the end of the process.  STATUS: the exit status so far.  Returns the exit status.  The signal that
# ends "awstats-cloudfront update" kills the process here: the program would first wait for the objects under way.
sub exit_status {
    my ( $self, $status ) = @_;
    $self->end;
    kill $self->{signal} => $$ if $self->{signal};
    return $self->{exit_status} || $status;
}

# ---- what the log's handle tells ----

# Returns the source of a log that AWStats opens.
sub open_source {
    my ( $self, $log_file ) = @_;
    return AWStats::CloudFront::Source->from_file("$self->{period_folder}/log") if $self->{period_folder};
    return AWStats::CloudFront::Source->start( $log_file, $self->_source_settings );
}

sub early_source {
    my ( $self, $log_file ) = @_;
    return AWStats::CloudFront::Source->start_early( $log_file, $self->_source_settings );
}

sub _source_settings {
    my $self = shift;
    my ( $helper, $config ) = @{ $self->{parameter} }{qw(helper config)};
    return ( helper => $helper, config => $config, plugin_directory => $self->{plugin_directory} );
}

sub on_open {
    my $self = shift;
    $self->{history}->remove_abandoned;
    my $newest = $self->{history}->newest or return;

    # A log that is not a batch must keep the batches that the newest file has.
    my $batches = AWStats::CloudFront::HistoryFiles::batches( $self->{history}->path($newest) );
    AWStats::CloudFront::AWStats::hook_section() if %$batches;
    return;
}

# Returns how many characters of a record's date and time distinguish one period from the next; in another time zone,
# all down to the minute.
sub date_length {
    my $self = shift;
    return AWStats::CloudFront::AWStats::changes_time() ? 16 : $self->{history}->date_length;
}

# Does the preparations that need no line of the log, while the processes work.
sub on_started {
    my $self = shift;
    if ( $self->{parameter}{native} ne 'on' ) {
        $self->{not_native} = 'native=off';
    }
    elsif ( eval { $self->_load('Native'); 1 } ) {
        AWStats::CloudFront::Native::prepare( $self->{program} );
    }
    else {
        ( $self->{not_native} ) = $@ =~ /^(.*?)(?: \(you may| at |$)/m;
    }
    return;
}

# Prepares for a log that is a batch: AWStats has to count all its records, of any time, and has not seen one yet.
sub on_batch {
    my ( $self, $feed, $site ) = @_;
    die
"-updatefor can't be used with LogFile=\"$LogFile\": the plugin counts all new logs as a whole; leave out -updatefor\n"
      if $UpdateFor;
    AWStats::CloudFront::AWStats::hook_section();
    $NewLinePhase = 1;
    $NOTSORTEDRECORDTOLERANCE = 1e15;
    $self->_load('Batch');
    my $batch = AWStats::CloudFront::Batch->new(
        $feed, $site,
        history   => $self->{history},
        start_run => sub { return $self->_start_run(@_) },
        commit    => sub { return $self->commit( $site, @_ ) },
    );
    $self->{counted} = { ( map { $_ => undef } $batch->former_keys ), $batch->key => $batch->id };
    return if $self->{period_folder};    # the run that waits for this one has checked the batch
    $batch->check($feed);
    $self->{batch} = $batch;
    return;
}

# Starts a separate run of AWStats for the log in a folder; see AWStats::CloudFront::OlderPeriods.
sub _start_run {
    my ( $self, $folder, $next, $output ) = @_;
    delete local @ENV{qw(GATEWAY_INTERFACE QUERY_STRING CONTENT_LENGTH)};
    my $memory = int( $self->_memory / AWStats::CloudFront::cores() );
    local @ENV{ $period_variable, $next_variable, $memory_variable, $shard_variable } =
      ( $folder, $next, $memory, $self->is_of_shard ? 1 : 0 );
    my $is_embedded = AWStats::CloudFront::Embedded->can('folder');
    my @program = $is_embedded ? AWStats::CloudFront::Embedded::command() : ( $^X, $0 );
    return AWStats::CloudFront::Process->start(
        'awstats.pl',
        [ 0, $output, $output ],
        AWStats::CloudFront::AWStats::command(@program)
    );
}

# Decides by the kind of the first record how to count all records.  AWStats has not seen this record yet.
sub on_first_record {
    my ( $self, $feed, $dispatcher ) = @_;
    my $kind = $feed->is_streaming ? 'streaming' : 'download';
    return "LogFormat is $self->{format}, but this is the log of a $kind distribution;"
      . " use LogFormat=\"cloudfront\" or \"cloudfront-$kind\""
      if $self->{format} !~ /^cloudfront(?:-$kind)?$/;

    # AWStats with LogType=S drops POST, PUT and all other methods that players do not use.
    return 'LogType must be W for the log of a download distribution' if $kind eq 'download' && $LogType ne 'W';
    $self->_at_end( AWStats::CloudFront::Settings::count_views_as_pages() ) if $kind eq 'streaming';
    $self->_start_native( $feed, $dispatcher ) if !defined $self->{not_native};
    return $self->_watch_outcome($dispatcher);
}

# AWStats adds the bytes of a partial download to the traffic of its day and hour twice.
sub _counts_partial_once {
    my $self = shift;
    return $self->{parameter}{partial} eq 'exact';
}

# Begins to watch the outcome of the records.  Returns an error, or ''.
sub _watch_outcome {
    my ( $self, $dispatcher ) = @_;
    $self->{outcome} = eval {
        AWStats::CloudFront::Outcome->new(
            $dispatcher,
            partial_once => $self->_counts_partial_once,
            load         => sub { return $self->_load(@_) },
        );
    };
    return $self->{outcome} ? '' : $@ =~ s/ at .*//sr;
}

# Returns how much memory the counters of the site may take, bytes, 0 when the site does not set it; and how many sites the
# program updates at once.  Returns nothing when the program does not run the update.
sub site_memory {
    return AWStats::CloudFront::Embedded->can('batch_log') ? AWStats::CloudFront::Embedded::memory() : ();
}

# Returns how much memory the counters may take, bytes.  The runs for older periods share the same amount.
sub _memory {
    my $self = shift;
    return $self->{memory} //= $self->{period_memory} // do {
        $self->_load('Memory');
        AWStats::CloudFront::Memory::of_counters( $self->{parameter}{memory}, $self->site_memory );
    };
}

sub _start_native {
    my ( $self, $feed, $dispatcher ) = @_;
    my ( undef, $sites ) = $self->site_memory;
    @$self{qw(loop not_native history_file)} = AWStats::CloudFront::Native::start(
        program      => $self->{program},
        partial_once => $self->_counts_partial_once,
        memory       => $self->_memory,
        feed         => $feed,
        threads      => $self->{parameter}{threads},
        sites        => $sites,
        counts_late  => $self->counts_late,
    );
    $dispatcher->count_with( $self->{loop} );
    $self->replace_function( 'GetSessionRange', '_visit_range' ) if $self->{loop};    # it has found the original one
    return;
}

sub on_period {
    my ( $self, $record, $feed, $dispatcher ) = @_;
    my $batch = $self->{batch} or return;
    my $period = $self->{history}->period_of( AWStats::CloudFront::AWStats::date_of($record) );
    return if defined $self->{period} && $self->{period} eq $period;
    $self->_end_period;
    $self->{period} = $period;
    my $time = AWStats::CloudFront::AWStats::time_of($record);
    $batch->route(
        $dispatcher, $period,
        $feed->records - 1,
        AWStats::CloudFront::AWStats::is_future($time) ? 0 : $time
    );
    return;
}

# Tells the batch whether AWStats has counted a record of the period that ends.  Without figures, each period that had
# records is taken for counted.
sub _end_period {
    my $self = shift;
    my $counted = $self->{outcome} ? $self->{outcome}->counted : undef;
    $self->{batch}->set_counted( $self->{period} )
      if defined $self->{period} && ( !defined $counted || $counted > ( $self->{counted_before} // 0 ) );
    $self->{counted_before} = $counted;
    return;
}

# Returns the figures of the batch as a text.
sub _figures {
    my $self = shift;
    return $self->{outcome} ? $self->{outcome}->text : 'records=0';
}

# Counts the periods that need separate runs, before AWStats saves what it has counted itself; prints both numbers,
# and what AWStats has left out.  Dies when a batch must not be saved.
sub on_counted {
    my ( $self, $records ) = @_;
    my ( $next, $batch ) = @$self{qw(next batch)};
    my $found = $batch ? $batch->count_older_periods( $records, $LastLine ) : {};
    $self->_end_period if $batch;
    $batch->set_counted($_) foreach grep { $found->{$_}{records} } keys %$found;

    # By the time of the record that comes next AWStats sees that visits have ended.
    $LastLine = $next if $next && $next > $LastLine;
    $self->_check_outcome( map { $_->{figures} } values %$found );
    $self->_print_numbers($found) if !AWStats::CloudFront::AWStats::writes_report();
    $self->{outcome}->tell( $batch && $batch->command_to_recount ) if $self->{outcome} && !$self->{period_folder};
    if ( $batch && $batch->is_dry_run ) {
        $batch->commit( $self->_figures );
        exit 0;
    }
    return;
}

# Dies with an error when AWStats has counted no record of a batch, although it should have, or when the clock is
# behind; only warns if the log is no batch.  FIGURES: those of the separate runs.
sub _check_outcome {
    my ( $self, @figures ) = @_;
    my $outcome = $self->{outcome} or return;
    $outcome->end(@figures);
    return $outcome->write( $self->{period_folder} ) if $self->{period_folder};
    my $error = $outcome->error or return;
    my $batch = $self->{batch};
    if ( !$batch ) { return warning("Warning: Plugin cloudfront: log \"$LogFile\": $error"); }
    my ( $loss, $skip ) = ( $outcome->loss, $batch->command_to_skip );
    die 'The new records of ['
      . $batch->name
      . "] are not counted yet: $error; to leave out $loss for good, run: $skip\n";
}

# FOUND: period => what its separate run has counted.
sub _print_numbers {
    my ( $self, $found ) = @_;
    my $by_program = $self->_count_by_program;
    print $by_program;
    AWStats::CloudFront::Source::tell_user($by_program) if $self->{not_native} && $self->{not_native} ne 'native=off';
    print AWStats::CloudFront::OlderPeriods::lines($found) if $self->{batch};
    return;
}

# Returns a line that tells how many records the plugin has counted, and how many AWStats; '' without records.
sub _count_by_program {
    my $self = shift;
    return AWStats::CloudFront::Native::numbers( @$self{qw(loop history_file)} ) if $self->{loop};
    my $reason = $self->{not_native};
    return $reason
      ? "cloudfront: awstats.pl counted all records, more slowly ($reason); all figures are right, and no action is needed\n"
      : '';
}

# Ends the update with an error.
sub fail {
    my ( $self, $error ) = @_;
    error( $error, '', '', 1 );
    return;
}

# ---- a function of awstats.pl ----

# Returns the range of a visit's length.  When AWStats saves, it needs the ranges of thousands of visits, and its own
# function converts both times for each visit.
sub _visit_range {
    my ( $self, $original, $start, $end ) = @_;
    return $self->{loop} ? $self->{loop}->visit_range( $start, $end ) : $original->( $start, $end );
}

# ---- the plugin's section of history files ----

# Forgets the batches of the history file that was read before.
sub forget_batches {
    my $self = shift;
    $self->{stored} = {};
    return;
}

# Keeps a batch that a history file has.
sub add_batch {
    my ( $self, $site, $id ) = @_;
    $self->{stored}{$site} = $id;
    return;
}

# Returns the batches for a history file: site => ID of its last one.  Former names of the site are not kept.
sub batches {
    my $self = shift;
    my %batch = ( %{ $self->{stored} }, %{ $self->{counted} } );
    return map { defined $batch{$_} ? ( $_ => $batch{$_} ) : () } keys %batch;
}

sub CLONE_SKIP {
    return 1;
}

1;
