#!/usr/bin/perl
# Tables and JSON that people and programs make: what cannot be read says which value of which column is why; counts and the
# results of queries are passed over, and so is a text that only looks like a table.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use Columns    qw(@COLUMNS);
use File::Temp qw(tempdir);
use Program    qw(helper run);
use Test::More;

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
my @names = qw(date time c-ip cs-method cs-uri-stem sc-status sc-bytes time-taken);
my @row = qw(2026-11-28 12:00:00 192.0.2.1 GET /a 200 1 0.003);
mkdir "$dir/folder" or die;
Program::write_file( "$dir/folder/good", join( "\t", @names ) . "\n" . join( "\t", @row ) . "\n" );

# The table of rows with a delimiter, where some columns have other values.
sub table {
    my ( $between, %other ) = @_;
    my @values = map { $other{ $names[$_] } // $row[$_] } 0 .. $#names;
    return
      join( $between, @names ) . "\n" . ( join( $between, map { /$between/ ? qq("$_") : $_ } @values ) . "\n" ) x 2;
}

sub command {
    my ( $command, $text, @options ) = @_;
    my $path = Program::write_file( "$dir/folder/object", $text );
    my ( $status, $out, $err ) = run( $helper, $command, @options, $path );
    return { status => $status, out => $out // '', err => $err };
}

# As Excel writes dates and decimals in Europe.
my @unusual = (
    [ date         => '28/11/2026', 'a date such as 2026-11-28' ],
    [ 'time-taken' => '0,003',      'seconds with a decimal point, such as 0.003' ],
    [ 'time'       => '5:00 PM',    'a time of day in UTC such as 17:05:00' ],
    [ 'sc-bytes'   => '1.234',      'a whole number, of digits alone' ],
);
foreach my $between ( ';', ',', "\t" ) {
    foreach my $case (@unusual) {
        my ( $column, $value, $need ) = @$case;
        my $text = table( $between, $column => $value );
        my $got = command( cat => $text );
        is( "$got->{status}$got->{out}", '1', "'$between', $column: nothing but exit status 1" );
        like(
            $got->{err},
            qr/\A[^\n]*object: line 2: the value of $column is "\Q$value\E", but must be $need; write [^\n]*\n\z/,
            "'$between', $column: the message"
        );
        $got = command( check => $text );
        like( $got->{out}, qr/^FAIL  log: .*line 2: the value of $column is /m, "'$between', $column: check" );
    }
}
{
    my $text = table( ';', date => '28/11/2026' ) . join( ';', @row ) . "\n";
    my $got = command( cat => $text );
    like( $got->{out}, qr/^#End: records=1 bad=2 /m,                   'one row is good' );
    like( $got->{err}, qr/object: line 2: the value of date is none /, 'one row is good: the others' );
}

# What is no number is bad in a column of numbers, whatever the format.
{
    my @wide = ( @names, qw(time-to-first-byte sc-content-len asn) );
    my @good = ( @row, qw(0.001 12 64496) );
    my @numbers = (
        [ 'sc-bytes'           => 'x',     '1.5' ],
        [ 'time-taken'         => '0,003', '.5', '5.', '1.2.3', 'x.12', '0.00x', '0.0000000x', '1:2' ],
        [ 'time-to-first-byte' => '1e-3' ],
        [ 'sc-content-len'     => '1.5', '12345678x', '/' ],
        [ 'asn'                => 'AS64496' ],
    );
    my $as_json = sub {
        my @values = @_;
        return '{' . join( ',', map { qq("$wide[$_]":"$values[$_]") } 0 .. $#wide ) . "}\n";
    };
    my $as_normalized = sub {
        my @rows = @_;
        my $head = command( cat => "#Fields: @wide\n" )->{out} =~ s/^#End.*\n//mr;
        my @lines = map {
            my %value;
            @value{@wide} = @$_;
            join( "\t", map { $value{$_} // '-' } @COLUMNS ) . "\n"
        } @rows;
        return join '', $head, @lines, "#End: records=${\scalar @rows} bad=0 quarantined=0\n";
    };
    my %write = (
        normalized => $as_normalized,
        '#Fields'  => sub {
            "#Fields: @wide\n" . join '', map { join( "\t", @$_ ) . "\n" } @_;
        },
        TABs => sub {
            join '', map { join( "\t", @$_ ) . "\n" } \@wide, @_;
        },
        ';' => sub {
            join '', map { join( ';', @$_ ) . "\n" } \@wide, @_;
        },
        JSON => sub {
            join '', map { $as_json->(@$_) } @_;
        },
    );
    foreach my $case (@numbers) {
        my ( $column, @values ) = @$case;
        my @rows = map {
            my $value = $_;
            [ map { $wide[$_] eq $column ? $value : $good[$_] } 0 .. $#wide ]
        } @values;
        foreach my $format ( sort keys %write ) {
            my $got = command( cat => $write{$format}->( \@good, @rows, \@good ) );
            like( $got->{out}, qr/^#End: records=2 bad=${\scalar @values} /m, "$format, $column: no number" );
            like( $got->{err}, qr/line [2-5]: /,                              "$format, $column: the line" );
        }
    }
    my @usual = ( [qw(time-taken 12 120.25 123456.789 0.0000000001)], [qw(sc-content-len 12345678 123456789 - 0)] );
    foreach my $case (@usual) {
        my ( $column, @values ) = @$case;
        my @rows = map {
            my $value = $_;
            [ map { $wide[$_] eq $column ? $value : $good[$_] } 0 .. $#wide ]
        } @values;
        foreach my $format ( sort keys %write ) {
            my $got = command( cat => $write{$format}->(@rows) );
            like( $got->{out}, qr/^#End: records=4 bad=0 /m, "$format, $column: numbers" );
        }
    }
}

# As databases write NULL, and as pandas writes whole numbers next to absent ones.
foreach my $between ( ';', ',', "\t" ) {
    my $want = command( cat => table( $between, 'time-taken' => '-' ) )->{out};
    foreach my $null ( '\N', qw(NULL null NaN nan None), '' ) {
        my $got = command( cat => table( $between, 'time-taken' => $null ) );
        is( $got->{out}, $want, "'$between', time-taken: '$null' is absent" );
    }
    my $got = command( cat => table( $between, 'sc-bytes' => '1.0', 'sc-status' => '200.0', 'time-taken' => '-' ) );
    is( $got->{out}, $want, "'$between': a fraction of 0" );
    my $zero = command( cat => table( $between, 'sc-status' => '000' ) )->{out};
    $got = command( cat => table( $between, 'sc-status' => $_ ) ), is( $got->{out}, $zero, "'$between': the status $_" )
      for qw(0 0.0);
    $got = command( cat => table( $between, 'cs-uri-stem' => '/None', 'cs-method' => 'NULL' ) );
    like( $got->{out}, qr{\tNULL\t-\t/None\t}, "'$between': a text of a visitor stays" );
}
{
    # Python's json module writes NaN and Infinity without quotation marks.
    my @fields = ( map { qq("$names[$_]":"$row[$_]") } 0 .. $#row - 1 );
    my $json = sub { '{' . join( ', ', @fields, @_ ) . "}\n" };
    my $want = command( cat => $json->('"time-taken":null') )->{out};
    my $got = command( cat => $json->('"time-taken":NaN') . $json->( '"time-taken": NaN', '"other":-Infinity' ) );
    like( $got->{out}, qr/^#End: records=2 bad=0 /m, 'NaN in JSON' );
    is( ( split /\n/, $got->{out} )[3], ( split /\n/, $want )[3], 'NaN in JSON is absent' );
    $got = command(
        cat => join '',
        map { $json->($_) } '"time-taken":Infinity', '"time-taken":-Infinity', '"c-port":Inf', '"a":1'
    );
    like(
        $got->{out},
        qr/^#End: records=1 bad=3 /m,
        'Infinity is no number of CloudFront, and another word is no JSON'
    );
}
{
    my $headerless = join( "\t", qw(2026-11-28 12:00:00 LHR62-C2 1 192.0.2.1 GET d1 /a 200), '\N', 'x' ) . "\n";
    my $want = command( cat => $headerless =~ s/\\N/-/r )->{out};
    is( command( cat => $headerless )->{out}, $want, 'NULL in a table without names' );
}

# A hint for Excel before the table, lines of blanks, and the hint behind a log.
{
    my $want = command( cat => table(';') )->{out};
    is( command( cat => "sep=;\n" . table(';') )->{out}, $want, 'sep=;' );
    is( command( cat => "\x{feff}sep=;\r\n" =~ s/\x{feff}/\xef\xbb\xbf/r . table(';') )->{out},
        $want, 'sep=; with a mark' );
    is( command( cat => "$_\n" . table(';') )->{out},                $want, $_ ) for 'SEP=;', 'Sep=;', 'sep=,';
    is( command( cat => table(';') =~ s/\n/\n \t \n/gr )->{out},     $want, 'lines of blanks' );
    is( command( cat => "#Version: 1.0\n  \n" . table(';') )->{out}, $want, 'a line of blanks before the table' );
    is( command( cat => "\xef\xbb\xbf \t\r\n\n  \n#Version: 1.0\n" . table(';') )->{out}, $want, 'before the header' );
    my $got = command( cat => "sep=;\nno table\n" );
    is( "$got->{status}$got->{out}", '1', 'sep=; before a text' );
}

# A value that has no room in Excel is no comment.
foreach my $between ( ';', ',', "\t" ) {
    my $got = command( cat => table( $between, date => '########' ) . join( $between, @row ) . "\n" );
    like( $got->{out}, qr/^#End: records=1 bad=2 /m, "'$between', ########: bad, and one row is good" );
}

# No line can be read.
{
    my $log = "#Fields: @names\n" . table( "\t", 'sc-bytes' => '1.234' ) =~ s/\A.*\n//r;
    my $got = command( check => $log );
    like( $got->{out}, qr/^FAIL  log: .*: no line of it can be read; line 2: /m, 'check: no line can be read' );
    $got = command( check => $log . join( "\t", @row ) . "\n" );
    like( $got->{out}, qr/^ok    log: download, 8 fields/m, 'check: a line can be read' );
}

# Passed over, alone and in a folder.
sub passed_over {
    my ( $name, $text, $what, @options ) = @_;
    my $got = command( cat => $text, @options );
    is( "$got->{status}$got->{out}", '1', "$name, alone: nothing but exit status 1" );
    like( $got->{err}, qr/\A[^\n]*object: $what[^\n]*; name CloudFront logs alone\n\z/, "$name, alone: the message" );
    my ( $status, $out, $err ) = run( $helper, 'cat', @options, "$dir/folder" );
    is( $status, 0, "$name, in a folder: exit status 0" );
    like( $out, qr/^#End: records=1 bad=0 /m, "$name, in a folder: the other's record" );
    like( $err, qr/^[^\n]*object: passed over, because it is no log to count: $what/m, "$name, in a folder: one line" );
    is( () = $err =~ /object/g, 1, "$name, in a folder: named once" );
    return;
}
my $counts = 'a table of counts';
my $joined = "2026-11-28,12:00:00,/a,200,GET,1000,17\n";
passed_over( "counts: $_", "date,time,cs-uri-stem,sc-status,cs-method,sc-bytes,$_\n$joined", $counts )
  for qw(requests hits request_count _col6 COUNT(*) n num rows sum), 'Total Requests';
passed_over( 'counts in quotation marks', qq("date","time","cs-uri-stem","requests"\n"a","b","/a","1"\n), $counts );
passed_over( 'counts with a header',
    "#Fields: date time cs-uri-stem requests\n2026-11-28\t12:00:00\t/a\t17\n", $counts );
passed_over( 'counts in JSON', qq({"date":"2026-11-28","time":"12:00:00","cs_uri_stem":"/a","requests":12}\n),
    $counts );
my $query = join( ',', map { tr/-/_/r } @names ) . "\n" . join( ',', @row ) . "\n";
passed_over( 'the result of a query', $query, 'the result of a query, \N* the setting "fields" must name its columns' );
{
    my $got = command( cat => $query, "--fields=@names" );
    like( $got->{out}, qr/^#End: records=1 bad=0 /m, 'the result of a query with the setting fields' );
}
my $text = 'a text whose first line names fields';
passed_over( 'a text', "date time cs-uri-stem sc-status cs-method sc-bytes are the fields\nThis is a text\n", $text );
passed_over( 'a text with commas',
    "date,time,c-ip,cs-method,cs-uri-stem,sc-status\nThis, too, is a text, but\nno log.\n", $text );
passed_over( 'a text with TABs', "date\ttime\tc-ip\tcs-method\tcs-uri-stem\tsc-status\nThis\tis\n\ta text\n", $text );

passed_over(
    'the log of an application',
    join( '', map { "2026-03-10 12:00:0$_ INFO something has happened here $_\n" } 1 .. 3 ),
    'not a CloudFront log: its lines have times'
);

# What "aws logs tail" and Fluentd write before JSON objects.
{
    my $log = Program::content("$Bin/data/formats/json.log");
    my $want = command( cat => $log )->{out};
    foreach my $before (
        "2026-03-10T12:00:00.000000+00:00 CloudFront_E1EXAMPLE ", "2026-03-10T12:00:00+00:00\tcloudfront.access\t",
        "2026-03-10T12:00:00.000Z ",                              "2026-03-10T21:00:00+09:00\tcloudfront.access\t",
        "2026-03-10T08:30:00.5-0330\tcloudfront.access\t"
      )
    {
        is( command( cat => $log =~ s/^(?=\{)/$before/gmr )->{out}, $want, "JSON behind $before" );
    }
    passed_over(
        'JSON of an application behind times',
        qq(2026-03-10T12:00:00Z INFO {"level":"x"}\n) x 3,
        'a JSON file without requests'
    );
}

# Behind a log, such a text is bad lines, and the log stays.
{
    my $got =
      command( cat => join( "\t", @names ) . "\n" . join( "\t", @row ) . "\nThis is a text\nThis\tis\ta\ttext\n" );
    like( $got->{out}, qr/^#End: records=1 bad=2 /m, 'a log and a text' );
}

# Names partly in quotation marks, also behind another log.
my $log = "#Fields: @names\n" . join( "\t", @row ) . "\n";
my $headerless = join( "\t", qw(2026-11-28 12:00:00 LHR62-C2 1 192.0.2.1 GET d1 /a 200 - x) ) . "\n";
my $json = '{"date":"2026-11-28","time":"12:00:00","c-ip":"192.0.2.1","cs-uri-stem":"/a","sc-status":"200"}' . "\n";
foreach my $quoted ( [0], [1], [ 1, 3, 7 ], [ 0 .. 6 ] ) {
    my @some = @names;
    $_ = qq("$_") for @some[@$quoted];
    foreach my $between ( ',', ';', "\t" ) {
        my $table = join( $between, @some ) . "\n" . join( $between, @row ) . "\n";
        my $got = command( cat => $table );
        like( $got->{out}, qr/^#End: records=1 bad=0 /m, "names in quotation marks: @some, '$between'" );
        foreach my $before ( $log, $headerless, $json ) {
            foreach my $hint ( '', "sep=$between\n", "SEP=$between\r\n" ) {
                $got = command( cat => $before . $hint . $table );
                like( $got->{out}, qr/^#End: records=2 bad=0 /m, "the same, $hint, behind a log: $before" );
            }
        }
    }
}
done_testing;
