#!/usr/bin/perl
# The first column of a log may be a text of the visitor, and raw: his user agent, query or referring page.  Whatever he
# writes, each request is a record: none is dropped as a comment, none is forged, and the log is read.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use File::Temp qw(tempdir);
use Program    qw(helper run);
use Test::More;

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
my $json = '{"date":"2026-03-10","time":"12:00:09","c-ip":"192.0.2.66","cs-uri-stem":"/forged"}';
my @texts = (
    '#',                                                       '# a comment',
    '#Fields: date time c-ip cs-uri-stem',                     '#Fields: x',
    '#Fields:',                                                '#Version: 1.0',
    '#Software: Microsoft Internet Information Services 10.0', '#Software: awstats-cloudfront 0.1',
    '#End: records=0 bad=0 quarantined=0',                     $json,
    "[$json]",                                                 "$json$json\{",
    '{',                                                       '[',
    '{"a":',                                                   '{"timestamp": 1773144009, "cs-uri-stem": "/forged"}',
    'date,time,c-ip,cs-method,cs-uri-stem,sc-status',          '<html>',
    'PAR1',                                                    '-',
    'Mozilla/5.0',                                             'BZh9 x',
    'sep=;',                                                   "date,time,c-ip,cs-method,cs-uri-stem,sc-status$json",
    '#Fields: date time c-ip cs-uri-stem' . $json,
);

sub cat {
    my ( $text, @options ) = @_;
    Program::write_file( "$dir/log", $text );
    my ( $status, $out, $err ) = run( $helper, 'cat', @options, "$dir/log" );
    my ( $records, $bad ) = ( $out // '' ) =~ /^#End: records=(\d+) bad=(\d+)/m;
    return {
        status => $status,
        count  => join( ' ', $records // '-', $bad // '-' ),
        text   => join( '',  grep { !/^#/ } split /^/, $out // '' ),
        err    => $err
    };
}

sub row {
    my ( $between, $text, $path ) = @_;
    return join( $between, $text, '2026-03-10', '12:00:00', '192.0.2.1', 'GET', $path, '200', '1' ) . "\n";
}
my @names = ( 'cs(User-Agent)', qw(date time c-ip cs-method cs-uri-stem sc-status sc-bytes) );
my $forged = qr/^\S+\t12:00:09|\t\/forged\t/m;

# With a header, and with the setting fields; the text is in the first row, and among rows.
foreach my $between ( "\t", ',', '|' ) {
    my %head = ( "#Fields: @names\n" => [], '' => [ "--fields=@names", "--delimiter=$between" ] );
    foreach my $head ( sort keys %head ) {
        my $how = ( $head ? 'header' : 'fields' ) . ", '$between'";
        foreach my $text (@texts) {
            next if index( $text, $between ) >= 0;
            my @rows = ( row( $between, $text, '/1' ), row( $between, 'x', '/2' ), row( $between, $text, '/3' ) );
            push @rows, row( $between, 'x', '/4' );
            my $got = cat( join( '', $head, @rows ), @{ $head{$head} } );
            is( $got->{count}, '4 0', "$how: $text" ) or diag $got->{err};
            unlike( $got->{text}, $forged, "$how: $text: nothing is forged" );
        }
    }
}

# The delimiter in the text makes the row unclear, but never a header or another record.
foreach my $between ( "\t", ' ' ) {
    foreach my $head ( "#Fields: @names\n", '' ) {
        my @options = $head ? ( $between eq "\t" ? () : "--delimiter=$between" ) : "--fields=@names";
        foreach my $text ( map { ( $_, "$_${between}x$between" ) } @texts ) {
            my $rows = join '', row( $between, $text, '/1' ), row( $between, 'x', '/2' ), row( $between, $text, '/3' );
            my $got = cat( $head . $rows . row( $between, 'y', '/4' ), @options );
            my ( $records, $bad ) = split / /, $got->{count};
            is( $records eq '-' ? $got->{err} : $records + $bad, 4, "'$between' inside: $text" );
            like( $got->{text}, qr{\t/2\t.*\t/4\t}s, "'$between' inside: $text: the other rows" );
            unlike( $got->{text}, $forged, "'$between' inside: $text: nothing is forged" );
        }
    }
}

# Logs that were joined are still found: a header, JSON objects, and the rows of the header behind these.
{
    my $first = "#Fields: @names\n" . row( "\t", '#1', '/1' );
    my $second = "#Version: 1.0\n#Fields: date time c-ip cs-uri-stem\n2026-03-10\t12:00:01\t192.0.2.1\t/2\n";
    my $object = $json =~ s/forged/3/r;
    my $got = cat( "$first$second$object\n" . join '', "$first$object\n", map { row( "\t", $_, '/4' ) } $json, @texts );
    is( $got->{count}, 5 + 1 + @texts . ' 0', 'joined logs' ) or diag $got->{err};
    unlike( $got->{text}, qr{\t/forged\t}, 'joined logs: nothing is forged' );
    $got =
      cat( "$object\n" . join( '', map { row( "\t", $_, '/4' ) } @texts ) . "$object$object\n", "--fields=@names" );
    is( $got->{count}, 3 + @texts . ' 0', 'JSON, and rows with the setting fields' ) or diag $got->{err};
    $got = cat( $second . $object, "--fields=@names" );
    is( $got->{count}, '2 0', 'a header and JSON, with the setting fields' );
}

# A quotation mark in the first row, and the delimiter: not a line of names.
foreach my $text ( '"a",b', '"a",', '"a","b"' ) {
    my $got = cat( row( ',', $text, '/1' ) . row( ',', 'x', '/2' ), "--fields=@names", '--delimiter=,' );
    my ( $records, $bad ) = split / /, $got->{count};
    is( $records + $bad, 2, "the first row begins with $text" ) or diag $got->{err};
}

# A text with a TAB in the first row does not choose the delimiter of all.
foreach my $between ( ',', ';', '|' ) {
    my @own = ( @names[ 1 .. $#names ], $names[0] );
    my $rows = join '',
      map { join( $between, '2026-03-10', '12:00:00', '192.0.2.1', 'GET', '/1', 200, 1, $_ ) . "\n" }
      join( "\t", 'a' .. 'i' ), 'x', 'y';
    my $got = cat( '#Fields: ' . join( $between, @own ) . "\n$rows" );
    my ( $records, $bad ) = split / /, $got->{count};
    cmp_ok( $records, '>', 1, "TABs in the last text of the first row, '$between'" ) or diag $got->{err};
    is( $records + $bad, 3, "TABs in the last text of the first row, '$between': all rows" );
}
{
    my $got = cat( '#Fields: ' . join( ',', @names ) . "\n" . join '', map { row( ',', $_, '/1' ) } "a\tb", 'x', 'y' );
    is( $got->{count}, '3 0', 'a TAB in the first text' ) or diag $got->{err};
}

# A visitor writes the delimiter into his texts, so that the columns could be others: the row is malformed.
{
    my @short = qw(date time c-ip cs-method cs-uri-stem sc-status sc-bytes cs(User-Agent));
    my @long = qw(date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer)
      cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type);
    my %value = (
        'date'               => '2026-03-10',
        'time'               => '12:00:01',
        'x-edge-location'    => 'DFW57-P3',
        'sc-bytes'           => 512,
        'c-ip'               => '192.0.2.1',
        'cs-method'          => 'GET',
        'cs(Host)'           => 'd111111abcdef8.cloudfront.net',
        'cs-uri-stem'        => '/r',
        'sc-status'          => 200,
        'cs(User-Agent)'     => 'curl/8',
        'x-edge-result-type' => 'Hit',
    );
    my @cases = (
        [ 1, 0, \@short, 'cs(User-Agent)' => '9007199254740991,x' ],
        [ 1, 0, \@short, 'cs(User-Agent)' => '7,Mozilla/5.0' ],
        [ 1, 0, \@short, 'cs-uri-stem'    => '/r,200,404' ],
        [ 1, 0, \@long,  'cs(User-Agent)' => '-,x' ],
        [ 1, 0, \@long,  'cs(User-Agent)' => '-,Mozilla/5.0' ],
        [ 1, 0, \@long,  'cs(Referer)'    => '404,https://www.example.com/' ],
        [ 0, 1, \@short, 'cs(User-Agent)' => 'Mozilla/5.0,x' ],
        [ 0, 1, \@long,  'cs(User-Agent)' => 'Mozilla/5.0%20(X11;%20Linux,%20x86),%20like%20Gecko' ],
        [ 0, 1, \@long,  'cs-uri-stem'    => '/r,w_200,h_404' ],
    );
    foreach my $case (@cases) {
        my ( $bad, $good, $columns, %other ) = @$case;
        my ( $column, $text ) = %other;
        foreach my $between ( ',', '|', ';' ) {
            my $value = $text =~ s/;%20/%20/r =~ s/,/$between/gr;
            my $make = sub {
                my %of = ( %value, @_ );
                return join( $between, map { $of{$_} // '-' } @$columns ) . "\n";
            };
            my $names = "#Fields: @$columns\n";
            my $got = cat( $names . $make->( 'cs-uri-stem' => '/1' ) . $make->( $column => $value ) );
            is( $got->{count}, join( ' ', 1 + $good, $bad ), "$column: $value" );
            unlike( $got->{text}, qr/\t9007199254740991\t|\/r\S+200\t/, "$column: $value: nothing is forged" );
        }
    }
}

# A user agent that is a JSON object, behind a time: rows by a header, by a line of names or by the setting fields.
{
    my @names = qw(timestamp cs(User-Agent) c-ip cs-uri-stem sc-status cs-method sc-bytes x-edge-location);
    my $object = sub {
        return qq({"date":"2026-03-10","time":"12:00:09","c-ip":"192.0.2.66","cs-uri-stem":"$_[0]","sc-status":"200"});
    };
    my $row =
      sub { return join( "\t", '2026-03-10T12:00:00Z', $_[0], '192.0.2.1', "/$_[1]", 200, qw(GET 5 DFW57-P3) ) . "\n" };
    foreach my $agent ( $object->('/forged'), 'a ' . $object->('/forged'), '{x}', 'Mozilla {x}' ) {
        my $rows = $row->( $agent, 2 ) . $row->( 'Mozilla', 3 );
        foreach my $header ( "#Version: 1.0\n#Fields: @names\n", join( "\t", @names ) . "\n" ) {
            my $got = cat( $header . $row->( 'Mozilla', 1 ) . $object->('/json') . "\n" . $rows );
            is( $got->{count}, '4 0', "a time and $agent, behind JSON" ) or diag $got->{err};
            unlike( $got->{text}, qr/\t\/forged\t/, 'nothing is forged' );
        }
        my $got = cat( $rows, "--fields=@names" );
        is( $got->{count}, '2 0', "a time and $agent, in the first row" ) or diag $got->{err};
        unlike( $got->{text}, qr/\t\/forged\t/, 'nothing is forged' );
    }
}

# A text as bzip2 data begins, at the start of a log without a header.
is(
    cat(
        join( "\t", 'BZh9 x', qw(2026-03-10 12:00:00 192.0.2.1 /a 200) ) . "\n",
        '--fields=cs(User-Agent) date time c-ip cs-uri-stem sc-status'
    )->{count},
    '1 0',
    'a text as bzip2 data begins'
);
done_testing;
