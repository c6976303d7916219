# Counts the bytes of answers of status 206 for downloads once, where AWStats counts them twice.
#
# awstats.pl may drop such a record, or add its bytes to %DayBytes and @_time_k first for the status, and then
# like those of any other record (or to @_time_nv_k, for a robot).  Which of these it has done shows
# afterwards, so this looks before and after awstats.pl has the record.
package AWStats::CloudFront::PartialContent;
use strict;
use warnings;

use AWStats::CloudFront::AWStats qw(%DayBytes %DayHits @_time_k);

sub new {
    my $class = shift;
    return bless {}, $class;
}

# To be called before awstats.pl has a record of status 206.
sub before {
    my ( $self, $record ) = @_;
    my ( $day, $month, $year, $hour ) = AWStats::CloudFront::AWStats::date_of($record);
    $self->{day}    = sprintf '%04i%02i%02i', $year, $month, $day;
    $self->{hour}   = int $hour;
    $self->{bytes}  = int( ( split /\t/, $record, 5 )[3] );
    $self->{before} = $DayBytes{ $self->{day} } || 0;
    return;
}

# To be called when awstats.pl has had that record.
sub after {
    my $self = shift;
    $self->even_out;
    %$self = ();
    return;
}

# Takes the bytes off once if awstats.pl has added them.  To be called before awstats.pl saves, too, which it
# does in the middle of its work on a record when there are many hosts or pages.
sub even_out {
    my $self = shift;
    my ( $day, $hour, $bytes, $before ) = @$self{qw(day hour bytes before)};
    return if !$day || ( $DayBytes{$day} || 0 ) <= $before;
    $DayBytes{$day}  -= $bytes;
    $_time_k[$hour] -= $bytes;
    # AWStats writes, and adds up over updates, only days that have a number of hits.
    $DayHits{$day} ||= 0 if $DayBytes{$day};
    %$self = ();
    return;
}

# To be called when awstats.pl has saved: what it counts from here on begins at nothing.
sub saved {
    my $self = shift;
    $self->{before} = 0 if %$self;
    return;
}

1;
