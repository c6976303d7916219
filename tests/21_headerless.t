#!/usr/bin/perl
# Logs without a header: their number of columns and the look of all values tell which columns they have.  A log whose
# values leave a doubt is refused, and the message names the setting fields; a good log is read whatever its visitors
# write.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use File::Temp qw(tempdir);
use Program    qw(helper run);
use Test::More;

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
my $id = 'A' x 54 . '==';

# All columns of a download log.
my @names = qw(date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer)
  cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes
  time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status
  fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len
  sc-range-start sc-range-end distribution-tenant-id connection-id);
my %usual;
@usual{@names} = (
    '2026-03-10',                    '12:00:00',
    'SFO5',                          715,
    '192.0.2.44',                    'GET',
    'd111111abcdef8.cloudfront.net', '/a',
    200,                             '-',
    'curl/8.5.0',                    '-',
    '-',                             'Hit',
    $id,                             'www.example.com',
    'https',                         300,
    '0.010',                         '-',
    'TLSv1.3',                       'TLS_AES_128_GCM_SHA256',
    'Hit',                           'HTTP/2.0',
    '-',                             '-',
    40_000,                          '0.009',
    'Hit',                           '-',
    '-',                             '-',
    '-',                             '-',
    '-'
);

# A row with these columns: a number of the first ones, and others.  Values that are no usual ones come as pairs.
sub row {
    my ( $first, $others, %other ) = @_;
    my %value = ( %usual, 'c-country' => 'DE', asn => 64_496, DistributionId => 'E2EXAMPLE12345', %other );
    return join( "\t", @value{ @names[ 0 .. $first - 1 ], @$others } ) . "\n";
}

# What cat makes of a log: the records and the malformed lines, or the message without the path.
sub cat {
    my ( $text, $between ) = @_;
    $text =~ s/\t/$between/g if defined $between;
    Program::write_file( "$dir/log", $text );
    my ( $status, $out, $err ) = run( $helper, 'cat', "$dir/log" );
    return { status => $status, records => [ grep { !/^#/ } split /\n/, $out ], out => $out, err => $err };
}

sub refused {
    my ( $name, $text, $error, $between ) = @_;
    my $got = cat( $text, $between );
    is( "$got->{status}$got->{out}", '1', "$name: nothing but exit status 1" );
    like(
        $got->{err},
        qr/\A[^\n]*log: line 1: $error; write the names of the columns, in their order, into the setting "fields"\n\z/,
        "$name: the message"
    );
    return;
}

sub is_read {
    my ( $name, $text, $records, $bad, $between ) = @_;
    my $got = cat( $text, $between );
    is( $got->{status}, 0, "$name: exit status" ) or diag $got->{err};
    like( $got->{out}, qr/^#End: records=$records bad=$bad /m, "$name: the records" );
    return $got;
}

# As many columns as an era has, but others.
foreach my $case (
    [ 11, 'x-host-header',       'names of hosts',       [ 'www.example.com', 'img.example.org:443', 'a.example' ] ],
    [ 11, 'x-edge-result-type',  'results such as Hit',  [qw(Hit RefreshHit Miss)] ],
    [ 11, 'x-edge-request-id',   'request IDs',          [ $id, $id, $id ] ],
    [ 11, 'cs-protocol-version', 'versions of HTTP',     [qw(HTTP/1.1 HTTP/2.0 HTTP/3.0)] ],
    [ 11, 'ssl-protocol',        'versions of TLS',      [qw(TLSv1.2 TLSv1.3 TLSv1.3)] ],
    [ 11, 'cs-protocol',         'protocols',            [qw(http https wss)] ],
    [ 11, 'time-taken',          'seconds',              [qw(0.001 12.345 0.000)] ],
    [ 11, 'c-country',           'countries',            [qw(DE US DE)] ],
    [ 11, 'sc-content-type',     'content types',        [qw(text/html image/png text/html;%20charset=utf-8)] ],
    [ 11, 'DistributionId',      'IDs of distributions', [ ('E2EXAMPLE12345') x 3 ] ],
    [ 10, 'x-edge-result-type',  'results such as Hit',  [qw(Hit Miss Hit)], 'cs(User-Agent)' ],
    [ 14, 'c-country',           'countries',            [qw(- DE US)],      'x-edge-request-id' ],
  )
{
    my ( $first, $column, $instead, $values, $place ) = @$case;
    my $count = $first + 1;
    $place //= 'cs-uri-query';
    my $text = join '', map { row( $first, [$column], $column => $_ ) } @$values;
    refused(
        "$column after $first columns",
        $text,
        qr/$count columns without a [#]Fields header fit no kind of log: they have $instead in the place of \Q$place\E/
    );
}
refused( 'a country in the place of the request ID', row( 14, ['c-country'] ), qr/15 columns [^:]*/ );

# Behind such rows, another log follows.
refused( 'another log follows', row( 11, ['x-edge-result-type'] ) . "#Fields: date time c-ip\n", qr/12 columns .*/ );

# Good logs of the era, in which visitors write what they like.
my @queries = ( 'www.example.com', 'Hit', $id, 'HTTP/2.0', 'DE', '0.123', 'text/html', 'E2EXAMPLE12345' );
my $hostile = join '', map { row( 12, [], 'cs-uri-query' => $_ ) x 1500 } @queries;
is_read( 'queries as values of all other columns', $hostile, 12_000, 0 );
foreach my $query (@queries) {
    my $rows = row( 12, [], 'cs-uri-query' => $query ) x 1500;
    is_read( "queries such as @{[ substr $query, 0, 8 ]}, and one of another visitor", $rows . row( 12, [] ), 1501, 0 );
    is_read(
        "queries such as @{[ substr $query, 0, 8 ]} behind one of another visitor",
        row( 12, [], 'cs-uri-query' => 'a=1' ) . $rows,
        1501, 0
    );
    next if $query =~ /\A(?:Hit|HTTP.*|A+==)\z/;
    is_read( "two queries such as $query", row( 12, [], 'cs-uri-query' => $query ) x 2, 2, 0 );
}
is_read( 'numbers as queries',            join( '', map { row( 12, [], 'cs-uri-query' => $_ ) } 1 .. 9 ), 9, 0 );
is_read( 'names of hosts as user agents', row( 11, [], 'cs(User-Agent)' => 'monitor.example.com' ) x 9,   9, 0 );

# A request that was not understood has no query: this says nothing.
refused(
    'hosts, and a request without one',
    join( '',
        map { row( 11, ['x-host-header'], 'x-host-header' => $_, 'sc-status' => $_ eq '-' ? '400' : 200 ) }
          qw(www.example.com - www.example.com www.example.com) ),
    qr/12 columns .* have names of hosts in the place of cs-uri-query/
);

# Logs of every era, of one row and of many; and logs of two eras that were merged.
foreach my $era ( 11, 12, 15, 18, 19, 23, 24, 26, 33, 35 ) {
    my $got = is_read( "$era columns", row( $era, [] ), 1, 0 );
    is( ( split /\t/, $got->{records}[0] )[6], $usual{ $era < 18 ? 'cs(Host)' : 'x-host-header' }, "$era: host" );
    is_read( "many rows of $era columns", row( $era, [] ) x 1200, 1200, 0 );
}
is_read(
    'rows of two eras, one of which has few rows',
    row( 33, [] ) x 2 . row( 12, [], 'cs-uri-query' => 'Hit' ) . row( 33, [] ),
    4, 0
);

# The same with other delimiters, where one row alone has to tell.  Many columns have
# no value in most rows.
my @rows = (
    { 'sc-content-type' => 'text/html;%20charset=utf-8', 'sc-content-len' => 900 },
    { 'cs(Cookie)'      => 'session=abc;%20x=1',         'cs-uri-query'   => 'q=a%2520b&x=1' },
    { 'cs-uri-query'    => 'id=1',                       'cs(Referer)'    => 'https://www.example.com/a?b=c' },
    { 'ssl-protocol'    => '-',                          'ssl-cipher'     => '-', 'cs-protocol' => 'http' },
    { 'cs(User-Agent)'  => 'Mozilla/5.0%20(compatible;%20Googlebot/2.1;%20+http://www.google.com/bot.html)' },
    { 'cs(User-Agent)'  => 'Health-Check%20(ref%201234;%20report%20http://example.com/1vs)' },
    { 'cs(Referer)'     => 'android-app://com.example.mail/' },
);
foreach my $era ( 11, 12, 15, 18, 19, 23, 24, 26, 33, 35 ) {
    my %different;
    foreach my $other (@rows) {
        my $row = row( $era, [], %$other );
        my $want = cat($row)->{out};
        foreach my $between ( q( ), q(,), q(;), q(|) ) {
            next if $between eq q(;) && grep { /;/ } values %$other;
            $different{$between} .= $row if cat( $row, $between )->{out} ne $want;
        }
    }
    is_deeply( \%different, {}, "one row of $era columns, with other delimiters" );
}

# Rows of two eras in one file: with another delimiter, each is read as with TABs, whatever the row before was.
foreach my $between ( q( ), q(,), q(;), q(|) ) {
    my @eras = ( 11, 12, 15, 18, 19, 23, 24, 26, 33, 35 );
    my @values = grep {
        $between ne q(;)
          || !grep { /;/ }
          values %$_
    } {}, @rows;
    foreach my $first (@eras) {
        my $text = join '', map { row( $first, [], %$_ ) } @values;
        foreach my $second ( grep { $_ != $first } @eras ) {
            $text .= join '', map { row( $second, [], %$_ ) . row( $first, [], %$_ ) } @values;
        }
        is( cat( $text, $between )->{out}, cat($text)->{out}, "rows of $first and other columns, '$between' between" );
    }
}

# Columns that fit no log are refused with every delimiter, and not joined as if it occurred inside values.
my $agent = 'Mozilla/5.0%20(X11;%20Linux)%20AppleWebKit/537.36%20(KHTML,%20like%20Gecko)%20Chrome/140.0';
foreach my $between ( "\t", q( ), q(,), q(;), q(|) ) {
    my %others = (
        'all without cs(Cookie)'      => [ 12, [ @names[ 13 .. 32 ] ] ],
        'all without cs-uri-query'    => [ 11, [ @names[ 12 .. 32 ] ] ],
        'all without x-forwarded-for' => [ 19, [ @names[ 20 .. 32 ] ] ],
        'the first 13'                => [ 13, [] ],
        'the first 17'                => [ 17, [] ],
        'the first 22'                => [ 22, [] ],
        'the first 30'                => [ 30, [] ],
        '12 and others'               => [ 12, [qw(time-taken c-country)] ],
        '14 and a country'            => [ 14, ['c-country'] ],
    );
    foreach my $name ( sort keys %others ) {
        my $text = join '', map { row( @{ $others{$name} }, %$_ ) } @rows, { 'cs(User-Agent)' => $agent }, {};
        my $got = cat( $text, $between );
        is( "$got->{status}$got->{out}", '1', "$name, '$between' between: nothing but exit status 1" );
        like(
            $got->{err},
qr{\A[^\n]*log: line \d+: \d+ columns without a [#]Fields header fit no kind of log[^\n]*"fields"[^\n]*\n\z},
            "$name, '$between' between: the message"
        );
    }
}

# A delimiter that is truly inside values: every row has one, in texts that only visitors write.
{
    my %value = ( 'cs(User-Agent)' => $agent, 'cs-uri-query' => 'a=1' );
    foreach my $era ( 11, 12, 15, 18, 33 ) {
        my $got = is_read( "a comma in all user agents, $era columns", row( $era, [], %value ) x 9, 9, 0, q(,) );
        is(
            $got->{out},
            cat( row( $era, [], %value ) x 9 )->{out},
            "a comma in all user agents, $era columns: records"
        );
        my $queries = row( $era, [], %value, 'cs-uri-query' => 'a=1,2,3' );
        is_read( "commas in user agents and queries, $era columns", $queries x 9 . row( $era, [] ), 10, 0, q(,) )
          if $era > 11;
    }
    my @doubt = (
        { 'cs(User-Agent)' => 'kube-probe%7Cx;y,z', 'cs(Referer)' => 'https://www.example.com/' },
        { 'cs-uri-stem'    => '/p,q;r.html' },
        { 'cs-uri-stem'    => '/p,q;r.html', %value },
        { 'cs-uri-stem'    => '/p,q;r.html', 'cs(User-Agent)' => '-', 'cs(Referer)' => 'https://www.example.com/' },
    );
    my $text = join '', map { row( 11, [], %$_ ) } {}, @doubt;
    my %right = map { $_ => 1 } @{ cat($text)->{records} };
    my $got = cat( $text, q(,) );
    is( join( "\n", grep { !$right{$_} } @{ $got->{records} } ),
        '', 'an agent that may be one and a query: none is wrong' );
    cmp_ok( scalar @{ $got->{records} }, '>', 0, 'an agent that may be one and a query: some are read' );
    my $raw = 'Mozilla/5.0 (X11; Linux i686) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0';
    is_read( 'spaces in all user agents', row( 33, [], 'cs(User-Agent)' => $raw ) x 9, 9, 0, q( ) );
    is_read(
        'visitors whose queries have commas, and one without',
        row( 12, [], 'cs-uri-query' => 'a=1,2' ) x 900 . row( 12, [] ),
        901, 0, q(,)
    );
}

# Queries that do not look like queries: a row with as many columns as the row before is one of its layout.
foreach my $between ( q( ), q(,), q(;), q(|) ) {
    my @queries = qw(a=1 wsdl 1700000000 nocache author - a=2);
    my $text = join '', map { row( 12, [], 'cs-uri-query' => $_ ) } @queries;
    my $got = is_read( "unusual queries, '$between' between", $text, scalar @queries, 0, $between );
    is( $got->{out}, cat($text)->{out}, "unusual queries, '$between' between: records" );
}

# Addresses in x-forwarded-for with a space between, and no other text in its place.
{
    my @row = map { s/\t/ /gr } row( 33, [] ), row( 33, [], 'x-forwarded-for' => '198.51.100.7, 203.0.113.9' );
    my $got = is_read( 'a space in x-forwarded-for', $row[1], 1, 0 );
    is( $got->{out}, cat( $row[0] )->{out}, 'a space in x-forwarded-for: the record' );
}

# All columns, and others behind them, which are not used.
foreach my $count ( 1, 2 ) {
    my $got =
      is_read( "33 columns and $count others", row( 33, [ ( 'c-country', 'asn' )[ 0 .. $count - 1 ] ] ) x 3, 3, 0 );
    is( ( split /\t/, $got->{records}[0] )[29], '-', "33 columns and $count others: no tenant" );
}
done_testing;
