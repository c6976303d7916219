# The handle that AWStats reads its log from, tied: lines come from the feed (feed.c), the feed's
# bytes from the processes that AWStats::CloudFront::Source starts.  AWStats knows it as LOG:
#
#     tie *main::LOG, 'AWStats::CloudFront', before => sub { ... }, first => sub { ... },
#         fail => sub { ... }, %settings_of_the_source;
#
# before is called when AWStats opens its log.  first is called before AWStats gets the first
# record, with whether it is of a streaming distribution; it returns why such a log must not be
# used, or ''.  fail is called with one line when the stream must not be used, before AWStats has
# saved anything; it is not meant to return.
package AWStats::CloudFront;
use strict;
use warnings;

our $VERSION = '0.1';

use XSLoader;
XSLoader::load( __PACKAGE__, $VERSION );
use AWStats::CloudFront::Source;

sub TIEHANDLE {
    my ( $class, %setting ) = @_;
    my %callback = map { $_ => delete $setting{$_} } qw(before first fail);
    return bless { %callback, setting => \%setting }, $class;
}

sub OPEN {
    my ( $self, $log_file ) = @_;
    $self->{before}->();
    my $source = eval { AWStats::CloudFront::Source->start( $log_file, %{ $self->{setting} } ) };
    if ( !$source ) {
        chomp( my $fault = $@ );
        $self->{fail}->($fault);
        return 0;
    }
    $self->{log_file} = $log_file;
    $self->{source}   = $source;
    $self->{feed}     = AWStats::CloudFront::Feed->new( fileno $source->output );
    return 1;
}

# READLINE is in CloudFront.xs: it takes lines from $self->{feed}, calls at_first_record before it
# hands out the first, and at_end when there are no more.
sub at_first_record {
    my $self  = shift;
    my $fault = $self->{first}->( $self->{feed}->is_streaming ) or return;
    $self->{fault} = $fault;
    $self->{fail}->("$fault; nothing was counted");
    return;
}

sub at_end {
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
    $self->{fault} ||= $fault;
    $self->{fail}->("$fault; nothing was counted") if $fault;
    return;
}

# As on any pipe, nothing that has been read comes back.  AWStats seeks to the last record of the
# run before to save time, reads one line, and goes back to the start when it is another record:
# elsewhere than at the start, this handle has no lines.
sub SEEK {
    my ( $self, $position, $whence ) = @_;
    my $feed     = $self->{feed} || $self->{feed_left} or return 0;
    my $at_start = $whence == 0 && $position == 0 && $feed->offset == 0;
    delete @$self{qw(feed feed_left)};
    $self->{ $at_start ? 'feed' : 'feed_left' } = $feed;
    return $at_start ? 1 : 0;
}

sub TELL {
    my $self = shift;
    my $feed = $self->{feed} || $self->{feed_left};
    return $feed ? $feed->offset : -1;
}

sub EOF {
    my $self = shift;
    return $self->{ended} || !$self->{feed};
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
    $self->{feed} ||= delete $self->{feed_left};
    return 0 if !$self->{feed};
    while ( !$self->{ended} ) {
        $self->READLINE;
    }
    delete @$self{qw(feed source)};
    no warnings 'untie';    # this very call holds a reference
    untie *main::LOG;
    return $self->{fault} ? 0 : 1;
}

sub DESTROY {
    my $self = shift;
    local ( $?, $! );
    delete @$self{qw(feed feed_left)};
    $self->{source}->abandon if $self->{source};
    return;
}

1;
