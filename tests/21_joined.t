#!/usr/bin/perl
# Logs that were joined where the first one's last line has no line end: what begins in that line is read where it is
# certain, and else counted as bad, so that no record is lost without a word.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use Compress::Zlib ();
use File::Temp     qw(tempdir);
use Program        qw(helper run);
use Test::More;

my $helper = helper();
my $data = "$Bin/data/formats";
my $dir = tempdir( CLEANUP => 1 );
my %log = map { $_ => Program::content("$data/$_.log") }
  qw(w3c plain json json-array json-nothing-between names-comma names-tab delimiter-comma plain-commas raw raw-spaces real-time-43
  spaces-runs v2-all-fields w3c-no-version w3c-spaces);
my $want = Program::content("$data/w3c.expected");

# Returns the records and bad lines of logs, joined; and what cat says.
sub joined {
    my @texts = @_;
    my $last = pop @texts;
    Program::write_file( "$dir/joined", join '', ( map { s/\n\z//r } @texts ), $last );
    my ( undef, $out, $err ) = run( $helper, 'cat', "$dir/joined" );
    my ( $records, $bad ) = $out =~ /^#End: records=(\d+) bad=(\d+)/m;
    return { records => $records, bad => $bad, text => join( '', grep { !/^#/ } split /^/, $out ), err => $err };
}

# What is certain is read.
foreach my $first (qw(w3c plain names-tab names-comma w3c-spaces delimiter-comma raw)) {
    foreach my $second (qw(json json-nothing-between w3c w3c-no-version)) {
        my $got = joined( $log{$first}, $log{$second} );
        is( "$got->{records} $got->{bad}", '6 0',                           "$first, $second" ) or diag $got->{err};
        is( $got->{text}, join( '', map { "$_\n" x 2 } split /\n/, $want ), "$first, $second: the records" );
    }
}

# A row behind a header without a line end.
foreach my $name (qw(w3c delimiter-comma w3c-spaces w3c-no-version)) {
    my $got = joined( $log{$name} =~ s/^(#Fields.*)\n/$1/mr );
    is( "$got->{records} $got->{bad}", '3 0', "$name: a row behind the header" ) or diag $got->{err};
    is( $got->{text},                  $want, "$name: a row behind the header: the records" );
}

# What is not is bad, each record of it: the numbers of records and bad lines are those of the logs.
my @uncertain = (
    [qw(w3c plain)],                   [qw(plain plain)],
    [qw(plain plain plain)],           [qw(real-time-43 real-time-43)],
    [qw(plain plain-commas)],          [qw(plain raw-spaces)],
    [qw(w3c plain-commas)],            [qw(real-time-43 plain-commas)],
    [qw(raw-spaces plain-commas)],     [qw(plain-commas plain-commas)],
    [qw(plain-commas plain)],          [qw(raw raw)],
    [qw(raw-spaces raw-spaces)],       [qw(raw-spaces plain)],
    [qw(spaces-runs plain)],           [qw(raw plain)],
    [qw(names-tab names-tab)],         [qw(v2-all-fields plain)],
    [qw(w3c-spaces plain)],            [qw(real-time-43 plain)],
    [qw(v2-all-fields v2-all-fields)], [qw(names-comma plain)],
    [qw(names-comma names-comma)],
);
foreach my $names (@uncertain) {
    my $got = joined( map { $log{$_} } @$names );
    is( $got->{records} + $got->{bad}, 3 * @$names, "@$names: $got->{records} records and $got->{bad} bad" );
    like( $got->{err}, qr/joined: line [3-6]: /, "@$names: the line" ) if $got->{bad};
}

# JSON behind a row that was cut off.
{
    my $cut = ( $log{w3c} =~ /\A(.*\n.*\n.*\n.*\n.*)\n/ )[0];
    foreach my $less ( 5, 50, 200 ) {
        my $got = joined( substr( $cut, 0, -$less ), $log{json} );
        is( $got->{records} + $got->{bad}, 6, "a row cut by $less bytes, JSON" ) or diag $got->{err};
        cmp_ok( $got->{bad}, '>', 0, "a row cut by $less bytes, JSON: it is told" );
    }
}

# A visitor cannot forge a row with TABs in a text that is not encoded.
{
    my @names = qw(date time c-ip cs-method cs-uri-stem sc-status sc-bytes);
    my $row = join "\t",    '2026-03-10', '12:00:00', '192.0.2.1',  'GET', '/a',      200, 100;
    my $forged = join "\t", '2026-03-10', '12:00:09', '192.0.2.66', 'GET', '/forged', 200, 999;
    foreach my $text ( "x$forged", "x$forged\tx$forged", "x\t9$forged" ) {
        my $got = joined("#Fields: @names cs(User-Agent)\n$row\tx\n$row\t$text\n$row\tx\n");
        unlike( $got->{text}, qr/forged/, "last, $text: no row is forged" );
        cmp_ok( $got->{records}, '>', 1, "last, $text: the other rows" );
        $got = joined("#Fields: @names cs(User-Agent) asn\n$row\tx\t1\n$row\tx\t1$forged\tx\t1\n$row\tx\t1\n");
        unlike( $got->{text}, qr/forged/, "inner: no row is forged" );
    }
}

# A value in quotation marks that has others, and text that looks like JSON.
{
    my $text = "date,time,c-ip,cs-method,cs-uri-stem,sc-status,cs(User-Agent),cs(Referer)\n";
    $text .= qq(2026-03-10,12:00:00,192.0.2.1,GET,/a,200,"one ""two"" three",{"x\\u0041\\u0042\\u0043\\u0044":\n);
    my $got = joined($text);
    is( "$got->{records} $got->{bad}",              '1 0',                           'a value that begins like JSON' );
    is( ( split /\t/, $got->{text} )[10] // 'none', 'one "two" three' =~ s/"/%22/gr, 'the value before' );
}

# A value of the last column that looks like a log stays a value where visitors can write it; it may be a lost log, too.
{
    my $head = "#Fields: date time c-ip cs(User-Agent)\n";
    my $row = "2026-03-10\t12:00:00\t192.0.2.1\t";
    my $evil = '{"date":"2026-03-10","time":"12:00:09","c-ip":"192.0.2.66","cs-uri-stem":"/forged"}';
    foreach my $text ( $evil, "x$evil", 'x#Fields: date', 'x#Software: other' ) {
        my $got = joined( $head . $row . "a\n$row$text\n${row}b\n" );
        is( "$got->{records} $got->{bad}", '3 1', "the last value is $text" );
        unlike( $got->{text}, qr/^\S+\t12:00:09|\t\/forged\t/m, "the last value is $text: nothing is forged" );
        like( $got->{err}, qr/line 3: another record or log begins in the same line/, 'the message' );
    }
    my $own = "#Fields: date time c-ip cs(User-Agent) sc-status\n";
    foreach my $text ( $evil, "x$evil\{", '#Fields: date', "\t\t\t{$evil" ) {
        my $got = joined( $own . join '', map { "$row$_\t200\n" } 'a', $text, 'b' );
        is( $got->{records} + $got->{bad}, 3, "an inner value is $text" );
        unlike( $got->{text}, qr/^\S+\t12:00:09|\t\/forged\t/m, "an inner value is $text: nothing is forged" );
    }
}

# A header is no record, so none is lost with it, if the rows behind it are read as it says.
{
    my $head = "#Version: 1.0\n#Fields: date time c-ip cs(User-Agent)\n";
    my $row = "2026-03-10\t12:00:00\t192.0.2.1\tx";
    foreach my $second ( $head, $head =~ s/.*\n//r ) {
        my $got = joined( "$head$row\n$row\n", "$second$row\n$row\n" );
        is( "$got->{records} $got->{bad}", '4 0', 'a header behind a row whose last value is a text of the visitor' );
    }
    my $got = joined( "$head$row\n$row\n", "#Fields: date time cs(User-Agent) c-ip\n$row\n" );
    is( $got->{bad}, 1, 'another header' );
}

# JSON behind a header or a line of names without a line end, and a row behind such a line.
{
    my @names = qw(date time c-ip cs-method cs-uri-stem sc-status cs(User-Agent));
    my @values = qw(2026-03-10 12:00:00 192.0.2.1 GET /a 200 x);
    my $row = join( "\t", @values ) . "\n";
    my @objects =
      map { qq({"date":"2026-03-10","time":"12:00:0$_","c-ip":"192.0.2.1","cs-uri-stem":"/j$_","sc-status":"200"}) }
      1 .. 3;
    my %log =
      ( LF => join( '', map { "$_\n" } @objects ), none => "@objects\n", array => "[@objects]\n" =~ s/\} /},/gr );
    foreach my $header ( "#Fields: @names\n", map { join( $_, @names ) . "\n" } "\t", ',', ';' ) {
        foreach my $name ( sort keys %log ) {
            my $got = joined( $header, $log{$name} );
            is( "$got->{records} $got->{bad}", '3 0', "JSON behind @{[ substr $header, 0, 12 ]}, $name" );
            $got = joined( "#Fields: @names\n$row$header", $log{$name} );
            is( "$got->{records} $got->{bad}", '4 0', "the same behind a row, $name" );
        }
    }
    foreach my $between ( "\t", ',', ';' ) {
        my $got = joined( join( $between, @names ) . "\n", join '', ( join( $between, @values ) . "\n" ) x 3 );
        is( "$got->{records} $got->{bad}", '3 0', "a row behind names, '$between'" );
    }

    # An object that is cut off: its line is no line of names.
    my $cut = joined( "#Fields: @names\n$row" . join( "\t", @names ) . "\n", substr( $objects[0], 0, -9 ) . "\n$row" );
    is( "$cut->{records} $cut->{bad}", '2 1', 'an object that is cut off, behind names' );

    # Each row and each object is a record, also where it is bad.
    foreach my $rows ( 2 .. 5 ) {
        my $got = joined( "#Fields: @names\n", $row, ($row) x $rows );
        is( $got->{records} + $got->{bad}, $rows + 1, "$rows rows behind a row" );
    }
    my $log = "#Fields: @names\n$row";
    foreach my $less ( 0, 1, 3, 20, 40 ) {
        my $got = joined( $log . substr( $row, 0, -1 - $less ) . "\n", join( '', @objects ) . "\n" );
        is( $got->{records} + $got->{bad}, 5, "three objects behind a row without its last $less bytes" );
        foreach my $cut ( 3, 20, length( $objects[2] ) - 10 ) {
            foreach my $whole ( 0 .. 2 ) {
                my $rest = join '', @objects[ 0 .. $whole - 1 ], substr $objects[2], 0, -$cut;
                $got = joined( $log . substr( $row, 0, -1 - $less ) . "\n", "$rest\n$row" );
                is( $got->{records} + $got->{bad}, $whole + 4, "the same, $whole objects and one without $cut bytes" );
                unlike( $got->{text}, qr/date%22/, 'the same: no record has an object as a value' ) if $less == 40;
            }
        }
    }
}

# Two and three records in one line: rows and objects, whole and cut off.  Each is read, or bad.
{
    my @row = split /\t/, ( split /^/, $log{plain} )[0], -1;
    my $row = join "\t", @row[ 0 .. 10 ];
    my $object = '{"date":"2026-03-10","time":"12:00:00","c-ip":"192.0.2.1","cs-uri-stem":"/j","sc-status":"200"}';
    my %piece = ( R => $row, r => substr( $row, 0, 30 ), J => $object, C => substr( $object, 0, 60 ) );
    my @pieces = sort keys %piece;
    my %lines = (
        $row    => [qw(JJ JC JR Jr RR Rr RJ RC rR rr rJ rC)],
        $object => [qw(JJ JC JR Jr RR Rr RJ RC rR rr rJ rC CJ CC CR Cr CCR RRR)]
    );
    foreach my $before ( sort keys %lines ) {
        foreach my $letters ( @{ $lines{$before} } ) {
            my $line = join '', map { $piece{$_} } split //, $letters;
            my $got = joined("$before\n$line\n$before\n");
            is( $got->{records} + $got->{bad}, 2 + length $letters, "$letters behind $before: $got->{bad} are bad" );
        }
    }
    my $got = joined("$row\n$object$row\n");
    is( "$got->{records} $got->{bad}", '3 0', 'a row behind an object behind rows' );
}

# The lines that more, head and tail write before each of several files are left out; more writes its colons behind a last
# line without LF.  A visitor cannot write such lines.
{
    my $colons = ':' x 14;
    my %before = ( more => "$colons\na.log\n$colons\n", tail => "\n==> a.log <==\n" );
    my %cut = map { $_ => $log{$_} =~ s/\n\z//r } keys %log;
    foreach my $program ( sort keys %before ) {
        foreach my $names ( [qw(w3c json)], [qw(json w3c)], [qw(plain plain)], [qw(names-tab w3c)], [qw(json json)] ) {
            foreach my $from ( \%log, \%cut ) {
                my $text = join( '', map { $before{$program} . $from->{$_} } @$names ) . "\n";
                $text =~ s/\A\n//;
                foreach my $end ( "\n", "\r\n" ) {
                    my $bytes = $text =~ s/\n/$end/gr;
                    my @pieces = ( $bytes, join '', map { Compress::Zlib::memGzip($_) } unpack '(a9)*', $bytes );
                    foreach my $got ( map { joined($_) } @pieces ) {
                        is( "$got->{records} $got->{bad}", '6 0', "$program: @$names" ) or diag $got->{err};
                        is( $got->{text}, join( '', map { "$_\n" x 2 } split /\n/, $want ), "$program: the records" );
                    }
                }
            }
        }
    }
    my $bad = joined("$log{w3c}$before{more}x\n$log{w3c}");
    like( $bad->{err}, qr/joined: line 9: /, 'the number of a line behind a banner' );
    my @names = qw(cs(User-Agent) date time c-ip cs(Referer));
    my @rows = map { join( "\t", $_->[0], qw(2026-03-10 12:00:00 192.0.2.1), $_->[1] ) . "\n" } [ '==> x', 'y <==' ],
      [ '==>', '<==' ],
      [ $colons, 'x' ], [ 'x', 'y' ], [ 'x', $colons ], [ $colons, $colons ];
    my $got = joined( join '', "#Fields: @names\n", @rows );
    is( "$got->{records} $got->{bad}",           '6 0', 'texts of visitors that look like banners' );
    is( () = $got->{text} =~ /\t$colons(?=\t)/g, 4,     'the texts of visitors stay' );
}

# JSON objects on several lines: behind a row whose line also has the bracket of the array, and cut off in any line.
{
    my $pretty = $log{'json-array'} =~ s/(?<=[\[{,]) ?(?=["{])/\n    /gr =~ s/\}(?=[,\]])/\n  }/gr;
    my $got = joined( $log{w3c}, $pretty );
    is( "$got->{records} $got->{bad}", '6 0', 'an array on several lines behind a row' ) or diag $got->{err};
    my @lines = split /^/, $pretty;
    my ($second) = grep { $lines[$_] =~ /12:00:01/ } 0 .. $#lines;
    foreach my $last ( $second .. $second + 9 ) {
        my $cut = join '', @lines[ 0 .. $last ];
        foreach my $text ( $cut, map { substr $cut, 0, -$_ } 3, length( $lines[$last] ) - 5, 18 ) {
            $got = joined($text);
            is( "$got->{records} $got->{bad}", '1 1', "an array on several lines, cut off in line $last" );
            $got = joined("$text\n$pretty");
            is( "$got->{records} $got->{bad}", '4 1', "the same, and another one behind, $last" );
        }
    }
    my $broken = $pretty =~ s/(12:00:01"),/$1/r;
    $got = joined($broken);
    is( "$got->{records} $got->{bad}", '2 1', 'a comma is missing in an object on several lines' );
    my $members = qq(    "a": "b",\n) x 30_000;
    $got = joined( $pretty . "{\n  x\n$members  }\n$pretty" );
    is( $got->{records}, 6, 'a malformed object of more than 256 KiB' ) or diag $got->{err};
}

# A normalized log has as many records as its last line says, also if a line with a JSON object is bad.
{
    my ( undef, $out ) = run( $helper, 'cat', '-q', "$data/w3c.log" );
    my $text = $out =~ s/\A((?:.*\n){4}).*\n/$1x\{"date":"2026-03-10","time":"12:00:00"}\n/r;
    my $got = joined($text);
    is( "$got->{records} $got->{bad}", '2 1', 'a JSON object in a normalized log' );
}

# Objects of real-time logs and of standard logs v2 in one log: each tells by its own names which host was asked for.
{
    my $real_time = '{"timestamp":"1773144000.037","c-ip":"192.0.2.1","sc-status":"200","cs-method":"GET",'
      . '"cs-host":"www.example.com","cs-uri-stem":"/r?a=1","x-host-header":"d1.cloudfront.net"}';
    my $standard = '{"date":"2026-03-10","time":"12:00:01","c-ip":"192.0.2.1","sc-status":"200","cs-method":"GET",'
      . '"cs(Host)":"d1.cloudfront.net","cs-uri-stem":"/v","x-host-header":"www.example.com","cs-uri-query":"b=2"}';
    my $undated = $standard =~ s/"date":"2026-03-10","time":"12:00:01"/"timestamp":"1773144001"/r;
    foreach my $objects (
        [ $real_time, $undated ],
        [ $undated,   $real_time ],
        [ $real_time, $undated =~ s/cs\(Host\)/cs_host/r, $undated ],
        [ $real_time, $standard ],
        [ $standard,  $real_time ],
        [ ( $standard, $real_time ) x 2 ]
      )
    {
        my $got = joined( join '', map { "$_\n" } @$objects );
        my @got = sort map { join ' ', ( split /\t/ )[ 6, 7, 11 ] } split /^/, $got->{text};
        my @want = sort map { 'www.example.com ' . ( $_ eq $real_time ? '/r a=1' : '/v b=2' ) } @$objects;
        is_deeply( \@got, \@want, 'the hosts and queries of real-time and standard objects, ' . @$objects );
    }
}

# The first bytes of compressed data within an object of JSON: line ends are no sign of data.
{
    my $object = '{"date":"2026-03-10","time":"12:00:00","c-ip":"192.0.2.1","cs-method":"GET"}' . "\n";
    my $odd = $object =~ s/12:00:00/12:00:0(\xb5\/\xfd0/r;
    Program::write_file( "$dir/odd", "$object$odd$object" );
    my ( $status, $out, $err ) = run( $helper, 'cat', "$dir/odd" );
    is( $status, 0, 'an object with the first bytes of compressed data: exit status' );
    like( $out, qr/^#End: records=2 bad=1 /m, 'an object with the first bytes of compressed data: it alone is bad' );
}

# Compressed data behind a last line without its line end, whole or cut off: the log is damaged, as with the line end.
{
    my $zstd = Program::content("$data/json.zst");
    my $gzip = Compress::Zlib::memGzip( $log{json} );
    foreach
      my $name (qw(w3c plain names-tab names-comma w3c-spaces delimiter-comma raw real-time-43 v2-all-fields json))
    {
        my $text = $log{$name};
        foreach my $less ( 1, 2, 5, 12, 30, 90 ) {
            foreach my $packed ( $gzip, $zstd ) {
                my $got = joined( substr( $text, 0, -$less ) . $packed );
                like(
                    $got->{err},
                    qr/joined: compressed data follows the text/,
                    "$name without $less bytes, packed data"
                );
            }
        }
    }

    # Data with a TAB for each value that the row lacks, then lines that look like comments or like nothing.
    my @names = qw(date time c-ip cs-method cs-uri-stem cs(User-Agent) sc-status sc-bytes);
    my $row = join "\t", qw(2026-03-10 12:00:00 192.0.2.1 GET /a x);
    my $head = "#Fields: @names\n";
    foreach my $rest ( "x\n\1\n", "x\n#\1\n", "x\n\n~\n\1\n", "x\n\1" ) {
        my $got = joined("$head${row}200\t9\n$row\x1f\x8b\x08\t200\t9$rest");
        like( $got->{err}, qr/joined: compressed data follows the text/, 'TABs in the data' );
    }

    # Texts of visitors that are not encoded make no log unreadable.
    my @last = @names[ 0 .. 4, 6, 7, 5 ];
    foreach my $evil ( "\x1f\x8b\x08", "\x1f\x8b\x08\0\0\1", "(\xb5/\xfd\1", "BZh\1", "PK\3\4", "PAR1\1" ) {
        my ( $good, $bad ) = map { "$row$_\t200\t9\n" } '', $evil;
        foreach my $rows ( "$good$bad$good", "$bad$bad", "$good$bad", "$good${bad}x\n$good" ) {
            my $want = () = $rows =~ /^2026/mg;
            is( joined("$head$rows")->{records}, $want, 'the first bytes of data in a text of a visitor' );
            my $got = joined( "#Fields: @last\n" . $rows =~ s/(x\N*)\t200\t9/200\t9\t$1/gr );
            is( $got->{records}, $want, 'the same in the last column' ) or diag $got->{err};
        }
    }
}

# Logs with other columns, joined and sorted: all headers come first, and the rows are of any of them.  An empty log may be
# before another one.
{
    my @columns = ( 'cs-uri-stem cs(Referer) cs(User-Agent)', 'cs-uri-stem cs(User-Agent) cs(Referer)' );
    my @headers = map { "#Fields: date time c-ip $_\n" } @columns;
    my ( $version, $row ) = ( "#Version: 1.0\n", "2026-03-10\t12:00:00\t192.0.2.1\t/a\thttp://x/\ty/1\n" );
    my $read = sub {
        Program::write_file( "$dir/sorted", join '', @_ );
        my ( $status, $out, $err ) = run( $helper, 'cat', "$dir/sorted" );
        return $status ? $err : $out;
    };
    like(
        $read->( sort map { ( $version, $_, $row ) } @headers ),
        qr/several #Fields headers with different fields come before all rows, as in a sorted file/,
        'sorted logs with other columns are refused'
    );
    my $longer = $headers[0] =~ s/\n/ cs-uri-query\n/r;
    foreach my $case (
        [ 'sorted logs with the same columns',  sort map { ( $version, $_, $row ) } @headers[ 0, 0 ] ],
        [ 'sorted logs of which one has more',  sort map { ( $version, $_, $row ) } $headers[0], $longer ],
        [ 'an empty log before another one',    $version, $headers[1], $version,    $headers[0], $row x 2 ],
        [ 'empty logs before another one',      @headers, $version,    $headers[0], $row x 2 ],
        [ 'empty logs without #Version before', reverse(@headers), $row x 2 ],
      )
    {
        my ( $name, @lines ) = @$case;
        like( $read->(@lines), qr{\t/a\t200\thttp://x/\ty/1\t.*^#End: records=2 bad=0 }ms, $name );
    }
}
done_testing;
