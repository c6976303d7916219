package GenerateUnusual;

# Makes normalized logs for a comparison of two programs that read them: from everyday requests to rows that no
# helper writes, but that whoever reads a log may meet.
#
#   my $records = GenerateUnusual::records(seed => 1, records => 1000, unusual => 30);
#   GenerateUnusual::write_log($path, @$records);
#
# What may be wanted, besides the number of records:
#
#   unusual        one row in so many is unusual in its fields or as a whole (0: none)
#   start      the first record's time, in seconds of 1970; gap, the seconds between two (0 to twice as many)
#   disorder   one record in so many is late, by seconds or hours (0: none)
#   visitors, pages, agents, referers   how many of each there are
#   addresses  'IPv4' for nothing but such addresses, 'IP' for those of IPv6 too
#   searches   one request in so many comes from a search engine (0: as they come)
#   streaming  views of a streaming distribution
#
# The same arguments always give the same bytes, with the same AWStats: names of robots and so on are its own.

use strict;
use warnings;
use Columns        qw(@COLUMNS %COLUMN);
use Generate       ();
use UnusualRequest qw($TRACKER @WORDS @UNUSUAL_AGENTS @UNUSUAL_HOSTS @UNUSUAL_PATHS @UNUSUAL_QUERIES @UNUSUAL_REFERERS
  agent host path query referer search tracked);
use RandomNumbers qw(below one_of one_in);
use POSIX         qw(strftime);

# ---- the other columns ------------------------------------------------------------------------

my @SITES = (
    ('www.example.com') x 8,
    ('d111111abcdef8.cloudfront.net') x 4,
    'static.example.com', 'WWW.EXAMPLE.COM', 'example.com'
);
my @UNUSUAL_SITES = (
    '-',                                           '0',
    'other.example',                               'D111111ABCDEF8.CLOUDFRONT.NET',
    'xd111111abcdef8.cloudfront.net.evil.example', 'wwwxexample.com',
    'www.example.com.',                            'www.example.com:80',
    'xwww.example.com',                            'localhost',
    '127.0.0.1',                                   "caf\xe9.example",
    'x.y',                                         'nodots'
);
my @METHODS = ( ('GET') x 30, 'POST', 'PATCH', 'HEAD', 'PUT', 'OPTIONS', 'DELETE' );
my @UNUSUAL_METHODS = (
    '-',     '0',        'PATCH',    'get',   'Get',         'gET',
    'post',  'PROPFIND', 'CHECKOUT', 'LOCK',  'PROPPATCH',   'MKACTIVITY',
    'MERGE', 'REPORT',   'MKCOL',    'COPY',  'RPC_IN_DATA', 'RPC_OUT_DATA',
    'OK',    'ERR!',     'PRIV',     'TRACE', 'CONNECT',     'SMTP',
    'MMS',   'rtsp',     'Http',     'RTP',   'RETR',        'GET ',
    ' GET',  'GETT',     '#Fields:', "G\xc9T"
);
my @CODES = ( ('200') x 24, ('304') x 4, '206', '206', '301', '302', '404', '404', '403', '500' );
my @UNUSUAL_CODES = (
    '-',     '0',    '000',  '00',   '100',  '204',   '20',   '2000', '200.0', '0200',
    ' 200',  '200 ', '+200', '2e2',  'abc',  '20x',   '206x', '304x', '206.5', '0206',
    '304.0', '400',  '401',  '405',  '408',  '416',   '499',  '502',  '503',   '504',
    '599',   '999',  '-200', '404 ', '0404', '404.0', '4e2',  '99',   '1',     '1e9'
);

# Beside sizes beyond 2^53 none is as far below 0: Perl rounds sums of these, so what remains of the others when they cancel
# out depends on the order.
my @UNUSUAL_SIZES = (
    '-',                   '0',                    '00',                   '1',
    '-1',                  '-1000',                '+5',                   '1.5',
    '1.999',               '-0.5',                 '.5',                   '5.',
    '1e3',                 '1E3',                  '0x10',                 '12abc',
    'abc',                 ' 7',                   '7 ',                   '1,000',
    '1_000',               '1000000000000',        '1000000000000000000',  '9223372036854775807',
    '9223372036854775808', '18446744073709551615', '18446744073709551616', '99999999999999999999',
    '9007199254740993',    '4294967295',           '4294967296',           '2147483648',
    '1e18',                '1e19',                 '1e30',                 '-9007199254740991',
    '--5',                 'e5',                   '0e0',                  "5\xa0",
    '000123',              '1' . '0' x 25
);
my @EDGES = ( 'DFW3', 'DFW57-P3', 'LHR62-C4', 'FRA56-P10', 'NRT12-C3', 'SFO5-C1' );
my @UNUSUAL_EDGES = ( '-', '0', '00', 'dfw3', 'DFW 3', "\xe9", 'x' x 100, '1' );
my @EXTRAS = (
    [qw(Hit Hit Hit Miss RefreshHit Error Redirect LimitExceeded)],                     [qw(https https http wss)],
    [qw(HTTP/2.0 HTTP/1.1 HTTP/3.0 HTTP/1.0)],                                          [ 'TLSv1.3', 'TLSv1.2', '-' ],
    [ 'text/html', 'text/html;%20charset=utf-8', 'image/png', 'application/zip', '-' ], [qw(0.001 0.010 1.234 0)],
    [qw(0.001 0.009)],                                                                  [qw(DE US JP -)]
);
my @UNUSUAL_EXTRAS = ( '-', '0', '00', '', ' ', 'x y', "\xe9", '%41', 'x' x 400, '?', '&', 'view' );

sub extras {
    my @extra = map { one_in(60) ? one_of(@UNUSUAL_EXTRAS) : one_of(@$_) } @EXTRAS;
    return map { length $_ ? $_ : '-' } @extra;
}

sub stream { return '/app/' . one_of(@WORDS) . below(30) . one_of( '.mp4', '.flv', '.mp3', '', '/' ) }

sub event {
    my $kind = below(12);
    return ( 'connect', '-', '-',            '-' ) if $kind == 0;
    return ( 'more',    '-', one_of(@WORDS), 'mp4' ) if $kind == 1;
    my $seconds = one_of( 0, 1, 10, 11, 60, 61, 600, 601, 3600, 3601, 100_000, below(9000) );
    return ( 'view', $seconds, one_of(@WORDS) . below(20), one_of(qw(mp4 flv mp3 mov - MP4 0)) );
}

# ---- time -------------------------------------------------------------------------------------

my @UNUSUAL_DATES = (
    '-',                   '0',             '2024-02-30',  '2024-02-31',
    '2024-13-01',          '2024-00-10',    '2024-01-00',  '2023-02-29',
    '2024-1-5',            '24-01-05',      '0999-10-10',  '9999-12-31',
    '2024/01/05',          '05/Jan/2024',   'Jan-05-2024', '2024-Jan-05',
    '2024-jan-05',         '2024-JAN-05',   '20240105',    '2024',
    '2024-01',             '2024-01-05-06', '2024--01-05', 'abcd-01-05',
    '2024-ab-05',          '2024-01-ab',    '02024-01-05', '2024-1.5-05',
    '2024-01-05 ',         ' 2024-01-05',   '2024 01 05',  '2024-01-05T',
    '2024,01,05',          '-2024-01-05',   '1704412800',  "2024-01-05\x0b",
    '2024-01-05 03:04:05', '2024-10-32',    '2024-01-99',  '2024-99-05',
    '1970-01-01',          '2000-02-29'
);
my @UNUSUAL_TIMES = (
    '-',         '0',              '24:00:00',   '23:59:60',     '25:61:61',  '7:5:3',
    '12:00',     '12',             '12:00:00.5', '12:00:00.999', '12:0:0',    '012:00:00',
    'aa:bb:cc',  '12:bb:00',       '12:00:cc',   '12-00-00',     '12:00:00Z', '12:00:00 ',
    ' 12:00:00', '12:00:00 +0200', '12 00 00',   '99:99:99',     '-1:00:00',  '12:00:00:00',
    '120000',    '12::00',         ':::',        '1e1:00:00',    '12,30,00',  '12T30T00'
);

# Date and time that only go together.
my @UNUSUAL_DAYS = (
    [ '1714550400',           '0' ],
    [ '1714550400',           '0 0' ],
    [ '1709160000.5',         '0' ],
    [ '2024-0-05',            '12:00:00' ],
    [ '3/5/2024,',            '7:5:3' ],
    [ '12/31/2023,',          '1:02:3' ],
    [ '05/Mar/2024:12:00:00', '+0200' ],
    [ '5 Mar 2024',           '12:00:00' ],
    [ 'Mar 5',                '12:00:00' ],
    [ 'Mar 5',                '12:00:00 2024' ],
    [ '03/05/24',             '12:00:00' ],
    [ '03-05-24',             '12:00:00' ]
);

# One of a list, the first ones more often.
sub favourite { return $_[0][ below(2) ? RandomNumbers::skewed( scalar @{ $_[0] } ) : below( scalar @{ $_[0] } ) ] }

# Seconds by which a record is older than the newest before it.
sub lateness {
    return one_of( 1, 1, 2, 5, 30, 59, 60, 300, 3599, 3600, 3601, 7199, 7200, 7201, 8000, 10_799, 10_800, 90_000,
        below(7200) );
}

# ---- rows -------------------------------------------------------------------------------------

# What is unusual about one field, or about the row; a row never begins with "#", which the feed refuses.  An unusual date
# may be far ahead, and make AWStats pass over what follows: before the log is ENDING there are few.
sub unusual_row {
    my ( $field, $ending ) = @_;
    my $kind = $ending || one_in(60) ? below(26) : 4 + below(22);
    if    ( $kind == 0 )  { @$field[ @COLUMN{qw(date time)} ] = @{ one_of(@UNUSUAL_DAYS) } }
    elsif ( $kind == 1 )  { $field->[ $COLUMN{'date'} ] = one_of(@UNUSUAL_DATES) }
    elsif ( $kind < 4 )   { $field->[ $COLUMN{'time'} ] = one_of(@UNUSUAL_TIMES) }
    elsif ( $kind == 4 )  { $field->[ $COLUMN{'x-edge-location'} ] = one_of(@UNUSUAL_EDGES) }
    elsif ( $kind < 7 )   { $field->[ $COLUMN{'sc-bytes'} ] = one_of(@UNUSUAL_SIZES) }
    elsif ( $kind == 7 )  { $field->[ $COLUMN{'c-ip'} ] = one_of(@UNUSUAL_HOSTS) }
    elsif ( $kind < 10 )  { $field->[ $COLUMN{'cs-method'} ] = one_of(@UNUSUAL_METHODS) }
    elsif ( $kind == 10 ) { $field->[ $COLUMN{'cs(Host)'} ] = one_of(@UNUSUAL_SITES) }
    elsif ( $kind == 11 ) { $field->[ $COLUMN{'cs-uri-stem'} ] = one_of(@UNUSUAL_PATHS) }
    elsif ( $kind < 15 )  { $field->[ $COLUMN{'sc-status'} ] = one_of(@UNUSUAL_CODES) }
    elsif ( $kind == 15 ) { $field->[ $COLUMN{'cs(Referer)'} ] = one_of(@UNUSUAL_REFERERS) }
    elsif ( $kind == 16 ) { $field->[ $COLUMN{'cs(User-Agent)'} ] = one_of(@UNUSUAL_AGENTS) }
    elsif ( $kind == 17 ) { $field->[ $COLUMN{'cs-uri-query'} ] = one_of(@UNUSUAL_QUERIES) }
    elsif ( $kind == 18 ) { $field->[ below( scalar @$field ) ] = '' }
    elsif ( $kind == 19 ) { splice @$field, 1 + below( @$field - 1 ) }
    elsif ( $kind == 20 ) { splice @$field, below( scalar @$field ), 0, one_of( 'x', '-', '', 'a b' ) }
    elsif ( $kind == 21 ) { splice @$field, below( scalar @$field ), 1 }
    elsif ( $kind == 22 ) { $field->[ below( scalar @$field ) ] = one_of( '0', '-', ' ', "\xe9", "\x01", 'x' x 3000 ) }
    my $row = join "\t", @$field;
    return $row if $kind < 23;
    return one_of(
        '',                 ' ',
        "\t",               "\t" x $#COLUMNS,
        "\r",               "\0",
        "\0$row",           "$row\r",
        "$row\r\r",         "$row\t",
        "$row\t-\t-",       "$row ",
        " $row",            "\t$row",
        "!$row",            '!',
        'x',                '-',
        "\xef\xbb\xbf$row", $row =~ tr/\t/ /r,
        $row =~ s/\t/ /r, $row =~ s/\t/\t\t/r,
        substr( $row, 0, below( length $row ) ), $row =~ s/\t[^\t]*\z//r,
        "$row\0", join '',
        map { chr 1 + below(255) } 0 .. below(60)
    ) =~ s/^#/x/r =~ tr/\n/x/r;
}

# One record in so many is unusual, UNUSUAL; see above for all that may be wanted.
sub records {
    my %want = (
        seed      => 1,
        records   => 1000,
        unusual   => 0,
        start     => 1_709_160_000,
        gap       => 30,
        disorder  => 0,
        visitors  => 100,
        pages     => 100,
        agents    => 30,
        referers  => 40,
        addresses => '',
        searches  => 0,
        streaming => 0,
        @_
    );
    RandomNumbers::seed( $want{seed} );
    my @hosts = map { host( $want{addresses} ) } 1 .. $want{visitors};
    my @paths = map { path() } 1 .. $want{pages};
    my @agents = map { agent() } 1 .. $want{agents};
    my @referers = map { $want{searches} && one_in( $want{searches} ) ? search() : referer() } 1 .. $want{referers};
    my @queries = map { query() } 1 .. 20;
    @paths = map { stream() } 1 .. $want{pages} if $want{streaming};

    my $clock = $want{start};
    my @due;    # [when, who]: visitors that come back when AWStats' hour for a visit is just over, or not yet
    my $newest = $clock;
    my @records;
    while ( @records < $want{records} ) {
        $clock += below( 2 * $want{gap} + 1 );
        my ( $time, $host ) = ( $clock, $hosts[ RandomNumbers::skewed( scalar @hosts ) ] );
        my $comes_back = @due && $due[0][0] <= $clock;
        if    ($comes_back)                 { ( $time, $host ) = @{ shift @due } }
        elsif ( one_in(15) )                { $host = host( $want{addresses} ); $comes_back = 1 }
        elsif ( one_in( $want{disorder} ) ) { $time = $newest - lateness() }
        $newest = $time if $time > $newest;
        push @due, [ $time + 3599 + below(3), $host ] if $comes_back && below(4);
        my ( $date, $clock_time ) = split / /, strftime( '%Y-%m-%d %H:%M:%S', gmtime $time );
        my $size = below(4) ? 200 + below(40_000) : below(3) * below(90_000_000);
        my @field = (
            $date,                 $clock_time,
            one_of(@EDGES),        $size,
            $host,                 one_of(@METHODS),
            one_of(@SITES),        favourite( \@paths ),
            one_of(@CODES),        favourite( \@referers ),
            favourite( \@agents ), favourite( \@queries ),
            extras(),              $want{streaming} ? event() : ('-') x 4
        );
        push @field, ('-') x ( @COLUMNS - @field );
        @field[ @COLUMN{qw(cs-method sc-status)} ] = ( 'GET', 200 ) if $want{streaming};
        @field[ @COLUMN{qw(cs-method cs(Host) cs-uri-stem sc-status)} ] =
          ( 'GET', $SITES[0], one_of( '/', '/red.html', $field[ $COLUMN{'cs-uri-stem'} ] ), 200 )
          if $comes_back && !$want{streaming};
        $field[ $COLUMN{'sc-bytes'} ] = one_of(@UNUSUAL_SIZES) if $want{unusual} && one_in(40);
        $field[ $COLUMN{'cs-uri-query'} ] = tracked() if $field[ $COLUMN{'cs-uri-stem'} ] eq $TRACKER;

        # The first tells the plugin the kind of distribution.
        my $is_unusual = @records && one_in( $want{unusual} );
        push @records, $is_unusual ? unusual_row( \@field, @records > 0.9 * $want{records} ) : join "\t", @field;
    }
    return \@records;
}

# The same of requests as a web site gets them, with nothing unusual about any value.
sub everyday {
    my %want = @_;
    my $logs = Generate::logs( from => '2024-05-01', days => 3, files => 1, %want );
    return [ Generate::true_records($logs) ];
}

# Whether a record has its columns in their places, and so tells the kind of distribution.
sub is_whole {
    my ($record) = @_;
    my @field = split /\t/, $record, -1;
    return @field == @COLUMNS && $field[ $COLUMN{'x-event'} ] =~ /^(?:-|view|connect|more)$/;
}

# ---- files ------------------------------------------------------------------------------------

# A log as the helper writes it, with these records.
sub write_log {
    my ( $path, $records, @header ) = @_;
    open my $out, '>:raw', $path or die "$path: $!\n";
    print {$out} "#Version: 1.0\n#Software: awstats-cloudfront 1.0\n", @header, "#Fields: @COLUMNS\n";
    print {$out} "$_\n" for @$records;
    print {$out} '#End: records=' . @$records . " bad=0 quarantined=0\n";
    close $out or die "$path: $!\n";
    return $path;
}

1;
