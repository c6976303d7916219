# The tied handle from which AWStats reads a history file in an update.  AWStats does not get the lines whose figures
# AWStats::CloudFront::HistoryFile (history.h) adds up itself.  AWStats calls the handle HISTORY:
#
#     tie *main::HISTORY, 'AWStats::CloudFront::HistoryHandle', $history_file;
package AWStats::CloudFront::HistoryHandle;
use strict;
use warnings;

sub TIEHANDLE {
    my ( $class, $history ) = @_;
    return bless { history => $history }, $class;
}

# Opens the file as AWStats does, with two arguments.
sub OPEN {
    my ( $self, $path ) = @_;
    delete $self->{file};
    open my $file, $path or return 0;
    $self->{file} = $file;
    $self->{history}->begin( fileno $file );
    return 1;
}

# READLINE is in CloudFront.xs.

sub BINMODE {
    my $self = shift;
    return binmode $self->{file};
}

sub EOF {
    my $self = shift;
    return !$self->{file} || eof $self->{file};
}

sub CLOSE {
    my $self = shift;
    my $file = delete $self->{file} or return 0;
    return close $file;
}

1;
