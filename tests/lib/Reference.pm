package Reference;

# A second, plain implementation of the normalized log, to compare the helper with: slow, all in memory,
# one rule after the other.  It shares no code with the helper.
#
#   my $log = Reference::normalize([[$name, $bytes], ...], client => 'c-ip', host => 'x-host-header');
#   my $log = Reference::normalize(Reference::read_directory($directory));
#
# $bytes is a file's content, uncompressed.  normalize() returns the whole normalized log; it dies with an error
# where the helper must refuse an object.
#
# Rules that no specification gives:
#  - An empty line, also one of only CR, is no record and not bad.
#  - The first row behind a header tells what separates the fields: TAB when it has one, else a space when
#    that gives as many fields as the header names.  Rows that tell neither are bad, and an object that has
#    no other rows is refused.
#  - Spaces around a TAB-separated value don't belong to it.
#  - Where date or time is absent, timestamp(ms) is used, else timestamp, both with or without a fraction.  One of 15 digits
#    or more is in microseconds, of 12 or more in milliseconds, of 10 or less in seconds, whatever its name says.
#  - A timestamp, a date and a time of day may be a time such as 2026-03-10T12:00:00.250Z, and a time of day may have a
#    fraction.
#  - A byte order mark at the start of a line is no part of it.
#  - The second 60 is at 23:59 only (a leap second), and has the next day's first place in the order.
#  - A record that encoding has made longer than a row may be is bad: the normalized log could not be read.
#  - sc-bytes is a number up to 2^53, as far as AWStats' arithmetic has every whole number, and so are sc-content-len and asn.
#    time-taken and time-to-first-byte are digits, perhaps with a decimal point between.
#  - A line of nothing but spaces and TABs is no row.
#  - Of a log without the column, all records have GET, 200, 0 bytes and the user agent "unknown".
#  - A host is in lower case, without a port and the dot at its end; one of which nothing is left is "-".  An IPv6
#    address has its shortest form, in brackets.
#  - Behind an IPv4 address in x-forwarded-for, ":" and anything is a port, and so is anything behind
#    the "]" of an IPv6 address.  Quotes may be around an address.  Addresses come out in their shortest form; those
#    of private networks are none.  The same form has a c-ip with ":", if it is an address.
#  - Records of an already normalized log stay as they are, but for < > and ".  It is refused when it is not whole, and what its
#    #End line counts as bad counts again.

use strict;
use warnings;
use Columns        qw(@COLUMNS);
use Compress::Zlib ();
use Program        ();
use Socket         ();
use Time::Local    qw(timegm);

my @ESSENTIAL = qw(date time c-ip cs-method cs-uri-stem sc-status sc-bytes);
my %IS_URL = map { $_ => 1 } qw(cs-uri-stem cs-uri-query cs(Referer));

use constant LINE_MAX   => 262_144;    # bytes, without LF
use constant FIELDS_MAX => 256;        # names in a header

# ---- values -----------------------------------------------------------------------------------

# Values are cut into pieces, each of which is kept or rewritten as a whole.

sub escape {
    return join '', map { sprintf '%%%02X', ord $_ } split //, $_[0];
}

# Encodes what is not well-formed UTF-8, byte by byte, and all controls: C0, DEL, C1, and those of direction.
sub escape_controls {
    my ($bytes) = @_;
    my @pieces = $bytes =~ / [\x20-\x7e]+
                           | [\xc2-\xdf][\x80-\xbf]
                           | \xe0[\xa0-\xbf][\x80-\xbf]
                           | [\xe1-\xec\xee\xef][\x80-\xbf]{2}
                           | \xed[\x80-\x9f][\x80-\xbf]
                           | \xf0[\x90-\xbf][\x80-\xbf]{2}
                           | [\xf1-\xf3][\x80-\xbf]{3}
                           | \xf4[\x80-\x8f][\x80-\xbf]{2}
                           | . /gsx;
    my $direction = qr/\xd8\x9c|\xe2(?:\x80[\x8e\x8f\xaa-\xae]|\x81[\xa6-\xa9])/;
    return join '', map { /\A(?:[\x00-\x1f\x7f-\xff]|\xc2[\x80-\x9f]|$direction)\z/ ? escape($_) : $_ } @pieces;
}

sub url {
    my ($value) = @_;
    my @pieces = $value =~ /%25(?=[0-9A-Fa-f]{2})|%7[Ee]|%27|%|[\x21\x23\x24\x26-\x3b\x3d\x3f-\x7e]+|./gs;
    return join '',
      map { $_ eq '%25' ? '%' : lc eq '%7e' ? '~' : $_ eq '%27' ? "'" : /\A[\x00-\x20<>"\x7f-\xff]/ ? escape($_) : $_ }
      @pieces;
}

# Encodes what begins and ends tags and attributes of HTML.
sub escape_html {
    return $_[0] =~ s/([<>"])/escape($1)/ger;
}

sub user_agent {
    my ($value) = @_;
    my @pieces = $value =~ /%(?:25)?[0-9A-Fa-f]{2}|%|[^%]+/g;
    my $text = join '', map { /\A%./ ? chr hex substr $_, -2 : $_ } @pieces;
    $text = escape_controls($text) if $text =~ /[^\x20-\x7e]/;
    return escape_html($text);
}

sub plain {
    my ($value) = @_;
    $value = escape_controls($value) if $value =~ /[^\x21-\x7e]/;
    $value =~ s/ /%20/g;
    return escape_html($value);
}

sub host {
    my ($value) = @_;
    $value =~ s/\A([^:]*|.*(?:\]|%5[Dd])):[0-9]*\z/$1/s;
    $value =~ s/[.]\z//;
    return '-' if $value eq '';
    $value = plain($value) =~ s/%5b/[/rig =~ s/%5d/]/rig =~ tr/A-Z/a-z/r;
    my $address = Socket::inet_pton( Socket::AF_INET6(), $value =~ s/\A\[(.+)\]\z/$1/rs );
    return defined $address ? '[' . Socket::inet_ntop( Socket::AF_INET6(), $address ) . ']' : $value;
}

my $private_v4 =
qr/\A(?:0|10|127|169[.]254|192[.]168|172[.](?:1[6-9]|2[0-9]|3[01])|100[.](?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7]))[.]/;

# The shortest form of an address in x-forwarded-for or c-ip; undef when it is none.
sub address {
    my ($element) = @_;
    $element =~ s/\A(?:"|%22|\\x22)(.*?)(?:"|%22|\\x22)?\z/$1/s;
    if    ( $element =~ /\A(?:\[|%5[Bb])(.*?)(?:\]|%5[Dd])/s ) { $element = $1 }
    elsif ( $element =~ /\A([^:]*):[^:]*\z/s )                 { $element = $1 }
    return undef if $element =~ /[^0-9A-Fa-f:.]/;
    my $is_v4 = $element !~ /:/;
    $element =~ s/(?:\A|\.)\K0+(?=[0-9])//g if $is_v4;
    return undef if $is_v4 && $element !~ /\A[0-9.]+\z/;
    my $address = Socket::inet_pton( $is_v4 ? Socket::AF_INET() : Socket::AF_INET6(), $element ) // return undef;
    my $shortest = Socket::inet_ntop( $is_v4 ? Socket::AF_INET() : Socket::AF_INET6(), $address );
    return $shortest =~ s/\A::ffff:(?=.*[.])//r;
}

# The leftmost address of an x-forwarded-for value that is not of a private network; undef when it names none.
sub forwarded_client {
    my ($value) = @_;
    for my $element ( split /[, \t]|%(?:25)?(?:20|09)|(?:\\|%5[Cc])x(?:20|09)/, $value ) {
        my $shortest = address($element) // next;
        next if $shortest =~ $private_v4 || $shortest =~ /\A(?:::1?\z|f[cd]|fe[89ab])/;
        return $shortest;
    }
    return undef;
}

my %is_day;

sub is_date {
    my ($text) = @_;
    return $is_day{$text} //= do {
        my ( $year, $month, $day ) = $text =~ /\A([0-9]{4})-([0-9]{2})-([0-9]{2})\z/;
        my $time =
          defined $day && $year >= 1970 && $year <= 2105 ? eval { timegm( 0, 0, 0, $day, $month - 1, $year ) } : undef;
        defined $time ? 1 : 0;
    };
}

sub is_time_of_day {
    return $_[0] =~ /\A(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]|23:59:60)\z/ ? 1 : 0;
}

# Date and time of day of a time as in ISO 8601; empty list when it is none.
sub from_iso {
    my ($text) = @_;
    my ( $date, $clock ) = $text =~ /\A([0-9-]{10})[T ]([0-9:]{8})(?:[.][0-9]*)?(?:Z|[+]00:00| UTC)?\z/ or return;
    return is_date($date) && is_time_of_day($clock) ? ( $date, $clock ) : ();
}

# The same of a date and a time of day, of which each may be such a time, or the second may have a fraction.
sub from_both {
    my ( $date, $clock ) = @_;
    $date = ( from_iso($date) )[0] // $date;
    $clock =~ s/\A.{8}\K[.].*//s or $clock = ( from_iso($clock) )[1] // $clock;
    return ( $date, $clock );
}

# Date and time of day of an epoch; empty list when it is none before 2106.
sub from_epoch {
    my ( $text, $per_second ) = @_;
    $text =~ /\A([0-9]{1,18})(?:\.[0-9]+)?\z/ or return;
    $per_second = length $1 >= 15 ? 1_000_000 : 1000 if length $1 >= 12;
    $per_second = 1 if length $1 <= 10;
    my $seconds = int( $1 / $per_second );
    return if $seconds >= timegm( 0, 0, 0, 1, 0, 2106 );
    my @t = gmtime $seconds;
    return ( sprintf( '%04d-%02d-%02d', $t[5] + 1900, $t[4] + 1, $t[3] ), sprintf( '%02d:%02d:%02d', @t[ 2, 1, 0 ] ) );
}

sub from_stamp {
    my ( $text, $per_second ) = @_;
    my @iso = from_iso($text);
    return @iso ? @iso : from_epoch( $text, $per_second );
}

# ---- lines ------------------------------------------------------------------------------------

sub header {
    my ($names) = @_;
    $names =~ s/\xe2\x80\x8b//g;
    my @names = grep { length } split /[ \t]+/, lc $names;
    @names               or die "the header names no fields\n";
    @names <= FIELDS_MAX or die "the header names too many fields\n";
    my %at;
    my %known = map { lc($_) => $_ } @COLUMNS, 'x-host-header', 'x-forwarded-for', 'timestamp',
      'timestamp(ms)', 'x-cf-client-id';
    for my $i ( 0 .. $#names ) {
        my $name = $known{ $names[$i] } or next;
        die "the header names $name twice\n" if defined $at{$name};
        $at{$name} = $i;
    }
    defined $at{timestamp} || defined $at{'timestamp(ms)'} || defined $at{date} && defined $at{time}
      or die "the header names no time\n";
    die "a streaming log\n" if defined $at{'x-cf-client-id'} && defined $at{'x-event'};
    return { count => scalar @names, at => \%at };
}

# Returns the separator of the fields of this row; undef when the row does not show it.
sub separator {
    my ( $row, $header ) = @_;
    return "\t" if $row =~ /\t/ || $header->{count} == 1;
    return ' ' if @{ split_at_spaces( $row, $header ) } == $header->{count};
    return undef;
}

# Spaces inside x-forwarded-for make a row longer than the header.
sub split_at_spaces {
    my ( $row, $header ) = @_;
    my @fields = split / /, $row =~ s/ +\z//r, -1;
    my $more = @fields - $header->{count};
    my $place = $header->{at}{'x-forwarded-for'};
    splice @fields, $place, $more + 1, join ' ', @fields[ $place .. $place + $more ]
      if $more > 0 && defined $place;
    return \@fields;
}

sub split_at_tabs {
    my ($row) = @_;
    my @fields = split /\t/, $row, -1;
    s/\A +| +\z//g for @fields;
    return \@fields;
}

# The record of a row; undef when the row is bad.
sub record {
    my ( $row, $header, $option ) = @_;
    my $fields = $header->{separator} eq "\t" ? split_at_tabs($row) : split_at_spaces( $row, $header );
    pop @$fields while @$fields > $header->{count} && $fields->[-1] eq '';
    return undef if @$fields > $header->{count};
    for my $name (@ESSENTIAL) {
        my $place = $header->{at}{$name};
        return undef if defined $place && $place >= @$fields;
    }
    my %absent = ( 'cs-method' => 'GET', 'sc-status' => 200, 'sc-bytes' => 0, 'cs(User-Agent)' => 'unknown' );
    delete @absent{ keys %{ $header->{at} } };
    my %value =
      ( ( map { $_ => '-' } @COLUMNS, 'x-host-header', 'x-forwarded-for', 'timestamp', 'timestamp(ms)' ), %absent );
    for my $name ( keys %{ $header->{at} } ) {
        my $value = $fields->[ $header->{at}{$name} ];
        $value{$name} = $value if defined $value && $value ne '';
    }
    return undef if !has_numbers( @value{qw(sc-status sc-bytes)} );
    return undef if grep { !is_whole($_) } @value{qw(sc-content-len asn)};
    return undef if grep { !/\A(?:-|[0-9]+(?:\.[0-9]+)?)\z/ } @value{qw(time-taken time-to-first-byte)};
    if ( $value{date} eq '-' || $value{time} eq '-' ) {
        @value{qw(date time)} =
            $value{'timestamp(ms)'} ne '-' ? from_stamp( $value{'timestamp(ms)'}, 1000 )
          : $value{timestamp} ne '-'       ? from_stamp( $value{timestamp}, 1 )
          :                                  ();
        return undef if !defined $value{date};
    }
    else {
        @value{qw(date time)} = from_both( @value{qw(date time)} );
    }
    return undef if !is_date( $value{date} ) || !is_time_of_day( $value{time} );

    my @hosts = ( 'x-host-header', 'cs(Host)' );
    @hosts = reverse @hosts if ( $option->{host} // '' ) eq 'cs(Host)';
    my ($host) = grep { $_ ne '-' } @value{@hosts};
    $value{'cs(Host)'} = host( $host // '-' );
    if ( ( $option->{client} // '' ) eq 'x-forwarded-for' ) {
        $value{'c-ip'} = forwarded_client( $value{'x-forwarded-for'} ) // $value{'c-ip'};
    }
    $value{'c-ip'} = address( $value{'c-ip'} ) // $value{'c-ip'} if $value{'c-ip'} =~ /:/;
    my $record = join "\t", map {
            $_ eq 'cs(User-Agent)' ? user_agent( $value{$_} )
          : $_ eq 'cs(Host)'       ? $value{$_}
          : $IS_URL{$_}            ? url( $value{$_} )
          : plain( $value{$_} )
    } @COLUMNS;
    return length $record > LINE_MAX ? undef : $record;
}

# Whether status and bytes are in their ranges.
sub has_numbers {
    my ( $status, $bytes ) = @_;
    return $status =~ /\A(?:-|[0-9]{3})\z/ && is_whole($bytes);
}

sub is_whole {
    my ($number) = @_;
    return 0 if $number !~ /\A(?:-|[0-9]+)\z/;
    my $digits = $number =~ s/\A0+(?=.)//r;
    return length $digits < 16 || length $digits == 16 && $digits le '9007199254740992' ? 1 : 0;
}

# A row of a log that is normalized already.
sub normalized_record {
    my ($row) = @_;
    my @values = split /\t/, $row, -1;
    return undef if @values != @COLUMNS || $row =~ /[\x00-\x08\x0a-\x1f\x7f]/;
    return undef if !is_date( $values[0] ) || !is_time_of_day( $values[1] ) || !has_numbers( @values[ 8, 3 ] );
    return escape_html($row);
}

# ---- whole logs -------------------------------------------------------------------------------

# Adds the records of one file to @$records; returns how many rows were bad.
sub read_file {
    my ( $bytes,  $option, $records ) = @_;
    my ( $header, $inner,  $bad ) = ( undef, undef, 0 );
    $bytes =~ s/\A\xef\xbb\xbf//;
    for my $line ( split /\n/, $bytes ) {
        my $is_too_long = length $line > LINE_MAX;
        $line         =~ s/\r\z//;
        $line         =~ s/\A\xef\xbb\xbf// if !$is_too_long;
        next if $line =~ /\A[ \t]*\z/;
        if ( $line =~ /\A#Software: awstats-cloudfront/ ) {
            $inner = 0;
        }
        elsif ( defined $inner && $line =~ /\A#End: records=([0-9]+) bad=([0-9]+) quarantined=0\z/ ) {
            $1 == $inner or die "not all records of a normalized log\n";
            ( $inner, $bad ) = ( undef, $bad + $2 );
        }
        elsif ( $line =~ /\A#Fields:(.*)\z/s ) {
            die "its rows have neither TAB nor space\n" if is_without_separator($header);
            $header = header($1);
        }
        next if $line =~ /\A#/;
        $header or die "a row without a header before it\n";
        my $record;
        if    ($is_too_long)     { $record = undef }
        elsif ( defined $inner ) { $record = normalized_record($line) }
        else {
            $header->{rows}++;
            $header->{separator} //= separator( $line, $header );
            $record = record( $line, $header, $option ) if defined $header->{separator};
        }
        if ( defined $record ) { push @$records, $record }
        else                   { $bad++ }
        $inner++ if defined $inner && defined $record;
    }
    die "a normalized log without its end\n" if defined $inner;
    die "its rows have neither TAB nor space\n" if is_without_separator($header);
    return $bad;
}

sub is_without_separator {
    my ($header) = @_;
    return $header && $header->{rows} && !defined $header->{separator};
}

sub normalize {
    my ( $files,   %option ) = @_;
    my ( @records, $bad );
    $bad = 0;
    for my $file ( sort { $a->[0] cmp $b->[0] } @$files ) {
        $bad += eval { read_file( $file->[1], \%option, \@records ) } // die "$file->[0]: $@";
    }
    my @order = sort { substr( $records[$a], 0, 19 ) cmp substr( $records[$b], 0, 19 ) || $a <=> $b } 0 .. $#records;
    return join "\n", '#Version: 1.0', "#Software: awstats-cloudfront $option{version}",
      "#Fields: @COLUMNS", @records[@order],
      sprintf( "#End: records=%d bad=%d quarantined=0\n", scalar @records, $bad );
}

# [name, content] of every file in a directory.  A file is gzip when it begins like one.
sub read_directory {
    my ($directory) = @_;
    opendir my $handle, $directory or die "$directory: $!\n";
    my @files;
    for my $name ( sort grep { !/\A\./ } readdir $handle ) {
        push @files, [ $name, inflate( Program::content("$directory/$name") ) ];
    }
    return \@files;
}

# The content of a gzip file of one or more members, or what is no gzip as it is.
sub inflate {
    my ($bytes) = @_;
    return $bytes if $bytes !~ /\A\x1f\x8b/;
    my $content = '';
    while ( length $bytes ) {
        my ($inflate) = Compress::Zlib::inflateInit( -WindowBits => Compress::Zlib::WANT_GZIP() );
        my ( $part, $status ) = $inflate->inflate($bytes);
        $status == Compress::Zlib::Z_STREAM_END() or die "inflate: $status\n";
        $content .= $part;
    }
    return $content;
}

1;
