# The tied handle from which AWStats reads its log.  AWStats calls it LOG:
#
#     tie *main::LOG, 'AWStats::CloudFront::LogHandle', $update;
#
# Its lines come from a dispatcher (dispatcher.h), whose bytes come from a source (AWStats::CloudFront::Source).
# The handle calls methods of $update, an AWStats::CloudFront::Update, which decides what AWStats does:
#
#     open_source($log_file)            returns the source; may die
#     early_source($log_file)           the same before AWStats opens its log; returns undef if that is too early
#     on_open                           AWStats opens its log; may die
#     date_length                       returns how much of a date the feed compares, see feed.h
#     on_started                        the processes are running; prepares for their output
#     on_batch($feed, $site)            the stream is a batch of this site, { name, config }; may die
#     on_first_record($feed, $dispatcher)   comes before the record; returns why the log cannot be used, or ''
#     on_period($record, $feed, $dispatcher)   comes before the first record of a period of a batch; may die
#     on_counted($records)              the whole stream was good and was read; may die
#     fail($error)                      the log cannot be used; not meant to return
package AWStats::CloudFront::LogHandle;
use strict;
use warnings;

use AWStats::CloudFront;

sub TIEHANDLE {
    my ( $class, $update ) = @_;
    return bless { update => $update, error => '' }, $class;
}

# Starts the processes before AWStats opens LOG_FILE, so that they work while AWStats initializes.  If they do not
# start, OPEN starts them again, and reports the error.
sub start_early {
    my ( $self, $log_file ) = @_;
    my $source = $self->{update}->early_source($log_file) or return;
    $self->{early} = { log_file => $log_file, source => $source, feed => $source->feed };
    return;
}

sub OPEN {
    my ( $self, $log_file ) = @_;
    my $update = $self->{update};
    my ( $source, $feed ) = eval {
        $update->on_open;
        $self->_start($log_file);
    };
    if ( !$source ) {
        chomp( my $error = $@ );
        $update->fail($error);
        return 0;
    }
    $feed->watch( $update->date_length );
    @$self{qw(log_file source feed)} = ( $log_file, $source, $feed );
    $self->{dispatcher} = AWStats::CloudFront::Dispatcher->new($feed);
    $update->on_started;
    return 1;
}

# Returns the source and its feed.
sub _start {
    my ( $self, $log_file ) = @_;
    if ( my $early = delete $self->{early} ) {
        AWStats::CloudFront::flush_output();    # as when a process starts now
        return @$early{qw(source feed)} if $early->{log_file} eq $log_file;
        $early->{source}->abandon;
    }
    my $source = $self->{update}->open_source($log_file);
    return ( $source, $source->feed );
}

# READLINE is in CloudFront.xs.  It takes lines from $self->{dispatcher}, and calls act() with the name of each
# event that is not a line for AWStats, and the event's record.
my %action = (
    first_record => \&_first_record,
    period       => \&_period,
    end          => \&_end,
);

sub act {
    my ( $self, $event, $record ) = @_;
    $action{$event}->( $self, $record );
    return;
}

sub _first_record {
    my $self = shift;
    $self->_take_up_batch;
    my $error = $self->{update}->on_first_record( @$self{qw(feed dispatcher)} );
    $self->_fail($error) if $error;
    return;
}

sub _take_up_batch {
    my $self = shift;
    return if $self->{taken_up}++;
    my $taken = eval {
        my $site = $self->{source}->batch_site( $self->{feed} );
        $self->{update}->on_batch( $self->{feed}, $site ) if $site;
        1;
    };
    $self->_fail($@) if !$taken;
    return;
}

sub _period {
    my ( $self, $record ) = @_;
    eval { $self->{update}->on_period( $record, @$self{qw(feed dispatcher)} ); 1 } or $self->_fail($@);
    return;
}

sub _end {
    my $self = shift;
    return if $self->{ended}++;
    my $error = $self->_stream_error;
    return $self->_fail($error) if $error;
    $self->_take_up_batch;
    eval { $self->{update}->on_counted( $self->{feed}->records ); 1 } or $self->_fail($@);
    return;
}

# Waits for the processes, or ends them if the stream is malformed and they still write.  Returns an error, or ''.  If a
# process fails, its stream is truncated: then this function returns the error of the process.
sub _stream_error {
    my $self = shift;
    my $error = $self->{feed}->error || '';
    $error &&= "The log of LogFile='$self->{log_file}' cannot be used: $error";
    return $self->{source}->wait || $error if $self->{feed}->at_end;
    $self->{source}->abandon;
    return $error;
}

sub _fail {
    my ( $self, $error ) = @_;
    chomp $error;
    $self->{error} ||= $error;
    $self->{update}->fail("Nothing was counted: $error");    # first: an error may end with a command to run
    return;
}

# As on any pipe, lines that were read cannot be read again.  To save time, AWStats seeks to the last record of
# the previous run, reads one line, and goes back to the start when the line is another record.  So this handle
# returns no line at any place but the start.
sub SEEK {
    my ( $self, $position, $whence ) = @_;
    my $dispatcher = $self->{dispatcher} || $self->{unread} or return 0;
    my $at_start = $whence == 0 && $position == 0 && $self->{feed}->offset == 0;
    delete @$self{qw(dispatcher unread)};
    $self->{ $at_start ? 'dispatcher' : 'unread' } = $dispatcher;
    return $at_start ? 1 : 0;
}

sub TELL {
    my $self = shift;
    return $self->{feed} ? $self->{feed}->offset : -1;
}

sub EOF {
    my $self = shift;
    return $self->{ended} || !$self->{dispatcher};
}

sub FILENO {
    my $self = shift;
    my $output = $self->{source} && $self->{source}->output;
    return $output ? fileno $output : undef;
}

sub BINMODE {
    return 1;    # a log has no other mode
}

# Reads on to the end, since AWStats may stop early (-updatefor=N) and only a complete stream may be counted.  Waits for
# the processes, and makes LOG an ordinary handle again.
sub CLOSE {
    my $self = shift;
    $self->{dispatcher} ||= delete $self->{unread};
    return 0 if !$self->{dispatcher};
    $self->{dispatcher}->count_with(undef);
    while ( !$self->{ended} ) {
        $self->READLINE;
    }
    $self->stop;
    no warnings 'untie';    # this very call holds a reference
    untie *main::LOG;
    return $self->{error} ? 0 : 1;
}

# Ends the processes that still work, and leaves the handle without lines.
sub stop {
    my $self = shift;
    my $early = delete $self->{early};
    delete @$self{qw(dispatcher unread feed)};
    $early->{source}->abandon if $early;
    if ( my $source = delete $self->{source} ) {
        $source->abandon;
    }
    return;
}

sub DESTROY {
    my $self = shift;
    local ( $?, $!, $@ );
    $self->stop;
    return;
}

sub CLONE_SKIP {
    return 1;
}

1;
