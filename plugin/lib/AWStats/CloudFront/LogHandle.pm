# The handle that AWStats reads its log from, tied: lines come from the feed (feed.c), the feed's
# bytes from the processes that AWStats::CloudFront::Source starts.  AWStats knows it as LOG:
#
#     tie *main::LOG, 'AWStats::CloudFront::LogHandle', before => sub { ... }, meanwhile => sub { ... },
#         first => sub { ... }, fail => sub { ... }, %settings_of_the_source;
#
# before is called when AWStats opens its log, and meanwhile when the processes are at work on it, which
# is the time to get ready for what they will have.  first is called before AWStats gets the first
# record, with whether it is of a streaming distribution; it returns why such a log must not be
# used, or ''.  fail is called with one line when the stream must not be used, before AWStats has
# saved anything; it is not meant to return.
#
# batch is called with ID and site when the stream turns out to be a batch, before any record, and
# with what the header says of other batches, previous => ID, replaces => IDs; it returns an
# AWStats::CloudFront::Batch, or undef when AWStats is to count all of it.  break_of tells the break of
# such a record, and date_length how much of a record's date it needs; time_of, its time,
# YYYYMMDDhhmmss; last_time, that of the last record counted.  counted is called at the end with what
# was counted in runs of their own.
#
# native is called after first, and returns the AWStats::CloudFront::Loop that counts records; undef
# when AWStats is to count all.  before_partial and after_partial enclose a record of status 206 that
# AWStats counts.  log is the path of a normalized log, to be read instead of what AWStats opens.
package AWStats::CloudFront::LogHandle;
use strict;
use warnings;

use AWStats::CloudFront;
use AWStats::CloudFront::Source;

sub TIEHANDLE {
    my ( $class, %setting ) = @_;
    my %own = map { $_ => delete $setting{$_} } qw(before meanwhile first fail batch break_of date_length
      time_of last_time counted before_partial after_partial native log);
    return bless { %own, setting => \%setting }, $class;
}

# Lets the processes work while AWStats does what it does before it opens LOG_FILE, which it will unless
# something goes wrong.  If that can't be, OPEN will start them, and say why.
sub start_early {
    my ( $self, $log_file ) = @_;
    my $source = AWStats::CloudFront::Source->start_early( $log_file, %{ $self->{setting} } ) or return;
    $self->{early} = {
        log_file => $log_file,
        source   => $source,
        feed     => AWStats::CloudFront::Feed->new( fileno $source->output ),
    };
    return;
}

sub OPEN {
    my ( $self, $log_file ) = @_;
    my ( $source, $feed ) = eval {
        $self->{before}->();
        $self->_start($log_file);
    };
    if ( !$source ) {
        chomp( my $fault = $@ );
        $self->{fail}->($fault);
        return 0;
    }
    $self->{log_file} = $log_file;
    $self->{source}   = $source;
    $self->{feed}     = $feed || AWStats::CloudFront::Feed->new( fileno $source->output );
    $self->{feed}->watch( $self->{date_length} ? $self->{date_length}->() : 0, $self->{before_partial} ? 1 : 0 );
    $self->{reader}   = AWStats::CloudFront::Reader->new( $self->{feed} );
    $self->{meanwhile}->() if $self->{meanwhile};
    return 1;
}

# Returns the source, and its feed if there is one already.
sub _start {
    my ( $self, $log_file ) = @_;
    return AWStats::CloudFront::Source->from_file( $self->{log} ) if $self->{log};
    if ( my $early = delete $self->{early} ) {
        AWStats::CloudFront::flush_output();    # as when a process starts now
        return @$early{qw(source feed)} if $early->{log_file} eq $log_file;
        $early->{source}->abandon;
    }
    return AWStats::CloudFront::Source->start( $log_file, %{ $self->{setting} } );
}

# READLINE is in CloudFront.xs.  It takes lines from $self->{reader} (reader.h), and calls act() with the
# name of each event that is not a line for AWStats, and the event's record.
my %action = (
    first_record => \&_first_record,
    period       => \&_period,
    partial      => \&_partial,
    partial_done => \&_partial_done,
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
    my $fault = $self->{first}->( $self->{feed}->is_streaming );
    $self->_fail($fault) if $fault;
    $self->{reader}->count_with( $self->{native}->() ) if $self->{native};
    return;
}

sub _take_up_batch {
    my $self = shift;
    return if $self->{taken_up}++ || !$self->{batch} || !$self->{feed}->batch;
    my $feed = $self->{feed};
    $self->{under_way} = eval {
        $self->{batch}->( $feed->batch, $feed->site, previous => $feed->previous, replaces => $feed->replaces );
    };
    $self->_fail_by($@) if $@;
    return;
}

sub _period {
    my ( $self, $record ) = @_;
    return if !$self->{under_way};
    my $break = $self->{break_of}->($record);
    return if defined $self->{break} && $self->{break} eq $break;
    $self->{break} = $break;
    my $aside = eval {
        $self->{under_way}->aside( $break, $self->{feed}->records - 1, $self->{time_of}->($record) );
    };
    return $self->_fail_by($@) if $@;
    if ( defined $aside && !ref $aside ) { $self->{reader}->discard; }
    else                                 { $self->{reader}->divert($aside); }
    return;
}

sub _partial {
    my ( $self, $record ) = @_;
    $self->{before_partial}->($record);
    return;
}

sub _partial_done {
    my $self = shift;
    $self->{after_partial}->();
    return;
}

sub _fail {
    my ( $self, $fault ) = @_;
    $self->{fault} ||= $fault;
    $self->{fail}->("$fault; nothing was counted");
    return;
}

sub _fail_by {
    my ( $self, $error ) = @_;
    chomp $error;
    return $self->_fail($error);
}

sub _end {
    my $self = shift;
    return if $self->{ended}++;
    my $fault = $self->{feed}->fault || '';
    $fault &&= "The log stream of '$self->{log_file}' cannot be used: $fault";
    if ( $self->{feed}->at_end ) {
        $fault = $self->{source}->wait || $fault;    # who fails leaves a stream that breaks off
    }
    else {
        $self->{source}->abandon;
    }
    return $self->_fail($fault) if $fault;
    $self->_take_up_batch;
    my $found = {};
    if ( $self->{under_way} ) {
        my $last = $self->{last_time}->();
        $found = eval { $self->{under_way}->count_aside( $self->{feed}->records, $last ) };
        return $self->_fail_by($@) if $@;
    }
    $self->{counted}->($found) if $self->{counted};
    return;
}

# As on any pipe, nothing that has been read comes back.  AWStats seeks to the last record of the
# run before to save time, reads one line, and goes back to the start when it is another record:
# elsewhere than at the start, this handle has no lines.
sub SEEK {
    my ( $self, $position, $whence ) = @_;
    my $reader   = $self->{reader} || $self->{unread} or return 0;
    my $at_start = $whence == 0 && $position == 0 && $self->{feed}->offset == 0;
    delete @$self{qw(reader unread)};
    $self->{ $at_start ? 'reader' : 'unread' } = $reader;
    return $at_start ? 1 : 0;
}

sub TELL {
    my $self = shift;
    return $self->{feed} ? $self->{feed}->offset : -1;
}

sub EOF {
    my $self = shift;
    return $self->{ended} || !$self->{reader};
}

sub FILENO {
    my $self = shift;
    my $output = $self->{source} && $self->{source}->output;
    return $output ? fileno $output : undef;
}

sub BINMODE {
    return 1;    # a log has no other mode
}

# Reads on to the end, since AWStats may stop early (-updatefor=N) and a stream is good only as a
# whole; waits for the processes; and leaves LOG an ordinary handle.
sub CLOSE {
    my $self = shift;
    $self->{reader} ||= delete $self->{unread};
    return 0 if !$self->{reader};
    $self->{reader}->count_with(undef);
    while ( !$self->{ended} ) {
        $self->READLINE;
    }
    delete @$self{qw(reader feed source)};
    no warnings 'untie';    # this very call holds a reference
    untie *main::LOG;
    return $self->{fault} ? 0 : 1;
}

sub DESTROY {
    my $self = shift;
    local ( $?, $! );
    delete @$self{qw(reader unread feed)};
    $self->{early}{source}->abandon if $self->{early};
    $self->{source}->abandon        if $self->{source};
    return;
}

1;
