# The outcomes of an update's records: how many AWStats counted, and why it left out the others.  The numbers
# come from the tally of the plugin's C (tally.h), which sees every record, and from separate runs for older
# periods, as texts (normalized/figures.h).  The same C decides when an update stops.
package AWStats::CloudFront::Figures;
use strict;
use warnings;

my @figures = qw(records counted earlier old host method future late unreadable lists);
my @reasons = @figures[ 4 .. $#figures ];
my @kinds = qw(hosts methods);    # the names that a tally has, by its numbers
my %name_of = ( host => 'hosts', method => 'methods' );
my $names_shown = 10;

# Takes the figures of a tally.
sub new {
    my ( $class, $tally ) = @_;
    my $self = bless { $tally->numbers, newest => $tally->newest, later => $tally->later }, $class;
    $self->{ $kinds[$_] } = { $tally->names($_) } foreach 0 .. $#kinds;
    return $self;
}

# Returns the number of records of a figure.
sub number {
    my ( $self, $figure ) = @_;
    return $self->{$figure};
}

# Returns the figures as a text, with the first MOST names of each kind, or all.
sub text {
    my ( $self, $most ) = @_;
    my @pairs = map { "$_=$self->{$_}" } @figures;
    foreach my $kind (@kinds) {
        my @names = $self->_names( $kind, $most );
        push @pairs, "$kind=" . join ',', map { _encode($_) . ":$self->{$kind}{$_}" } @names if @names;
    }
    return join ' ', @pairs;
}

# Returns the text for the ledger.
sub text_to_keep {
    my $self = shift;
    return $self->text($names_shown);
}

# Returns the text of a shard, with what the sum of all shards needs to find a clock that is behind.  NOW: the time of
# this clock, seconds.
sub text_of_shard {
    my ( $self, $now ) = @_;
    my ( $clock, $newest ) = map { tr/0-9//cdr || 0 } _time($now), $self->{newest};
    return $self->text_to_keep . " clock=$clock later=$self->{later} newest=$newest";
}

# Returns a time, seconds, as people write it.
sub _time {
    my ( $second, $minute, $hour, $day, $month, $year ) = gmtime shift;
    return sprintf '%04d-%02d-%02d %02d:%02d:%02d', $year + 1900, $month + 1, $day, $hour, $minute, $second;
}

sub _numbers {
    my $self = shift;
    return join ' ', map { "$_=$self->{$_}" } @figures, 'later';
}

sub _encode {
    my $name = shift;
    return $name =~ s/([^!-~]|[%,:])/sprintf '%%%02X', ord $1/ger;
}

# Adds the text of a separate run.  The number of all records already includes the records of this run.
sub add {
    my ( $self, $text ) = @_;
    foreach my $pair ( split / /, $text ) {
        my ( $name, $value ) = split /=/, $pair, 2;
        if ( ref $self->{$name} ) {
            foreach ( split /,/, $value ) {
                my ( $key, $records ) = split /:/;
                $self->{$name}{ $key =~ s/%([0-9A-F]{2})/chr hex $1/ger } += $records;
            }
        }
        elsif ( $name ne 'records' ) { $self->{$name} += $value; }
    }
    return;
}

# Returns the first names of a kind by their numbers of records, at most MOST.
sub _names {
    my ( $self, $kind, $most ) = @_;
    my $records = $self->{$kind};
    my @names = sort { $records->{$b} <=> $records->{$a} || $a cmp $b } keys %$records;
    splice @names, $most if $most && @names > $most;
    return @names;
}

# ---- for people ----

# Returns a number as people write it: 5,000.
sub _written {
    my $number = shift;
    1 while $number =~ s/^(\d+)(\d{3})/$1,$2/;
    return $number;
}

# Returns "NAME NUMBER, NAME NUMBER": the first names of left-out records, and the rest as one number.
sub _list {
    my ( $self, $reason ) = @_;
    my $kind = $name_of{$reason};
    my @names = $self->_names( $kind, $names_shown );
    my $others = $self->{$reason};
    $others -= $self->{$kind}{$_} foreach @names;
    my @list =
      map { ( $_ eq '-' ? '- (none in the log)' : s/[^!-~]/?/gr ) . ' ' . _written( $self->{$kind}{$_} ) } @names;
    push @list, "others " . _written($others) if $others;
    return join ', ', @list;
}

# Why AWStats leaves out the records of a reason: the words after "N of M records are".
my %words = (
    host       => sub { 'for hosts that are neither SiteDomain nor in HostAliases: ' . shift->_list('host') },
    method     => sub { 'for requests with methods that AWStats does not count: ' . shift->_list('method') },
    future     => sub { 'more than a day ahead of the clock of this machine, the last of ' . shift->{newest} . ' UTC' },
    late       => sub { 'much older than a record that comes before them in the log' },
    unreadable => sub { 'unreadable for AWStats: a column is missing or malformed' },
    lists      => sub { "left out by the configuration's own lists" },
);

# Returns "NUMBER of ALL records are".
sub _share {
    my ( $self, $number ) = @_;
    return
        _written($number) . ' of '
      . _written( $self->{records} )
      . ( $self->{records} == 1 ? ' record ' : ' records ' )
      . ( $number == 1          ? 'is'       : 'are' );
}

sub _clause {
    my ( $self, $reason, $lists ) = @_;
    my $clause = $self->_share( $self->{$reason} ) . ' ';
    return $clause . $words{$reason}->($self) . ( $reason eq 'lists' && $lists ? " ($lists)" : '' );
}

# Returns a line about the records that the history had already, and one for each reason why records were left out.
# LISTS: the names of the configuration's lists.  AFTERWARDS: how to count the records after they were left out, after
# "add these hosts to HostAliases".
sub lines {
    my ( $self, $lists, $afterwards ) = @_;
    my @lines;
    push @lines,
        'cloudfront: '
      . $self->_share( $self->{earlier} )
      . ' in the history already: an earlier update, which was interrupted or failed, has counted or left them out'
      . "; they are not counted again\n"
      if $self->{earlier};
    foreach my $reason ( grep { $self->{$_} } @reasons ) {
        my $line = 'cloudfront: ' . $self->_clause( $reason, $lists );
        $line .= '; AWStats left them out' if $reason ne 'lists';
        $line .= "; add hosts of yours to HostAliases, then $afterwards" if $reason eq 'host';
        push @lines, "$line\n";
    }
    return @lines;
}

# Returns why no record was counted, as one line; '' if a record was counted or left out on purpose, or if there was no
# record.
sub nothing_counted {
    my $self = shift;
    return '' if !_is_none_counted( $self->_numbers );
    return join '; ', map { $self->_clause($_) } grep { $self->{$_} } @reasons;
}

# Returns a text for all records of the batch; IS_CLOCK: it tells how many of them are not later than the clock.
sub all_records {
    my ( $self, $is_clock ) = @_;
    my ( $all,  $right ) = ( $self->{records}, $is_clock ? $self->{records} - $self->{later} : 0 );
    my $text = $all == 1 ? 'the 1 record of this batch' : 'all ' . _written($all) . ' records of this batch';
    return $text if !$right;
    return "$text, also the " . _written($right) . ( $right == 1 ? ' that is' : ' that are' ) . ' not later,';
}

# Returns why the clock of this machine must be behind, or ''.  NOW: its time, seconds.  IS_PART: these are the figures
# of a part of the batch, a shard.
sub clock_is_behind {
    my ( $self, $now, $is_part ) = @_;
    my $numbers = $self->_numbers;
    return '' if $is_part ? !_is_clock_behind_in_part($numbers) : !_is_clock_behind($numbers);
    my $clock = _time($now);
    return
        "The clock of this machine is behind: its time is $clock UTC, and "
      . $self->_share( $self->{later} )
      . " later, the last of $self->{newest} UTC";
}

1;
