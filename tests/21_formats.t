#!/usr/bin/perl
# Every format of log gives its records.  data/formats has a log of each shape, NAME.log, with the options that it
# needs in NAME.options, and the records that must come of it in NAME.expected; where that is missing, the log holds
# the same requests as w3c.log.  Compressed, and in pieces, a log says the same.
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

sub options {
    my ($name) = @_;
    return -e "$data/$name.options" ? split /\n/, Program::content("$data/$name.options") : ();
}

# Returns the exit status, the records, and the #End line.
sub cat {
    my ( $path, @options ) = @_;
    my ( $status, $out, $err ) = run( $helper, 'cat', '-q', @options, $path );
    return ( $status, join( '', grep { !/^#/ } split /^/, $out ), $out =~ /^(#End.*)/m ? $1 : $err );
}

my @names = map { m{([^/]+)\.log\z} } sort glob "$data/*.log";
cmp_ok( scalar @names, '>=', 35, 'there are logs' );
my %other;
foreach my $name (@names) {
    my $expected = Program::content( -e "$data/$name.expected" ? "$data/$name.expected" : "$data/w3c.expected" );
    my ( $status, $records, $end ) = cat( "$data/$name.log", options($name) );
    is( $status,  0,         "$name: exit status" ) or diag $end;
    is( $records, $expected, "$name: the records" );
    like( $end, qr/ bad=0 quarantined=0\z/, "$name: no row is bad" );
    $other{$name} = $expected;
}

# Gzip data, of one member and of two.
foreach my $name (qw(json-nothing-between plain real-time-43 delimiter-double_pipe)) {
    my $bytes = Program::content("$data/$name.log");
    my $half = int length($bytes) / 2;
    Program::write_file( "$dir/one.gz", Compress::Zlib::memGzip($bytes) );
    Program::write_file( "$dir/two.gz",
        Compress::Zlib::memGzip( substr $bytes, 0, $half ) . Compress::Zlib::memGzip( substr $bytes, $half ) );
    is( ( cat("$dir/$_.gz") )[1], $other{$name}, "$name: gzip, $_" ) for qw(one two);
}

# Files that were joined, each with a byte order mark.
foreach my $name (qw(w3c json plain)) {
    my $marked = "\xef\xbb\xbf" . Program::content("$data/$name.log");
    Program::write_file( "$dir/marked", $marked x 2 );
    is( ( cat("$dir/marked") )[2], '#End: records=6 bad=0 quarantined=0', "$name: a second byte order mark" );
    Program::write_file( "$dir/marked", "\n\n$marked" );
    is( ( cat("$dir/marked") )[2], '#End: records=3 bad=0 quarantined=0', "$name: blank lines before the mark" );
}

# A real-time log to which somebody has given a header.
{
    my $names = 'timestamp c-ip sc-status sc-bytes cs-method cs-host cs-uri-stem cs-user-agent';
    Program::write_file( "$dir/given", "#Fields: $names\n" . Program::content("$data/real-time-fields.log") );
    is( ( cat("$dir/given") )[1], $other{'real-time-fields'}, 'a real-time log with a header' );
}

# The field s-ip of a real-time log, which logs of IIS have, too, in every shape; also with a date that a program has
# added.
for my $date ( '', 'date' ) {
    my @names = qw(timestamp c-ip s-ip sc-status sc-bytes cs-method cs-host cs-uri-stem cs-user-agent);
    push @names, 'date' if $date;
    my @rows = map { s/^(\S+\t\S+\t)/${1}198.51.100.9\t/r . ( $date && "\t2026-10-25" ) } split /\n/,
      Program::content("$data/real-time-fields.log");
    my $json = sub {
        my ($row) = @_;
        my @value = split /\t/, $row;
        return '{' . join( ', ', map { qq("$names[$_]": "$value[$_]") } 0 .. $#names ) . '}';
    };
    my $table = sub {
        my ($between) = @_;
        return join '', map {
            join( $between, map { /,/ ? qq("$_") : $_ } split /\t/ ) . "\n"
        } @_[ 1 .. $#_ ];
    };
    my %log = (
        json       => join( "\n", map { $json->($_) } @rows ),
        underscore => join( "\n", map { $json->($_) =~ s/"s-ip"/"s_ip"/r } @rows ),
        header     => join( "\n", "#Fields: @names", @rows ) . "\n",
        commas     => $table->( ',', join( "\t", @names ), @rows ),
        tabs       => $table->( "\t", join( "\t", @names ), @rows ),
        fields     => join( "\n", @rows ) . "\n",
    );
    for my $shape ( sort keys %log ) {
        Program::write_file( "$dir/s-ip", $log{$shape} );
        my @options = $shape eq 'fields' ? ( '--fields', "@names" ) : ();
        is( ( cat( "$dir/s-ip", @options ) )[1],
            $other{'real-time-fields'}, "a real-time log with s-ip: $shape $date" );
    }
    next if $date;
    Program::write_file( "$dir/s-ip", $log{json} =~ s/\}/, "date": null\}/gr );
    is( ( cat("$dir/s-ip") )[1], $other{'real-time-fields'}, 'a real-time log with s-ip: JSON with the date null' );
    Program::write_file( "$dir/s-ip",
        "#Fields: date time x-edge-location s-ip\n2026-03-10 12:00:00 FRA56-P1 192.0.2.1\n" );
    like( ( cat("$dir/s-ip") )[2], qr/ records=1 bad=0 /, 's-ip with date and time, and a field of CloudFront' );
}

# A JSON log with the names of a standard log, and a time whose fraction a program has added, alone and behind a
# real-time log.
{
    my $object = '{"timestamp": "%s", "c-ip": "192.0.2.1", "%s": "d111111abcdef8.cloudfront.net", '
      . '"x-host-header": "%s", "cs-uri-stem": "/a"}';
    my $standard = join '', map {
        sprintf( $object, "177314400$_.250", 'cs(Host)', $_ % 2 ? 'd111111abcdef8.cloudfront.net' : 'www.example.com' )
          . "\n"
    } 1 .. 4;
    my $real_time = sprintf( $object, '1773144000.250', 'cs-user-agent', 'd111111abcdef8.cloudfront.net' ) . "\n";
    $real_time =~ s/"c-ip"/"cs-host": "img.example.com", "c-ip"/;
    my $hosts = sub {
        my ($text) = @_;
        Program::write_file( "$dir/names", $text );
        return join ' ', map { ( split /\t/ )[6] } split /\n/, ( cat("$dir/names") )[1];
    };
    my $want = join ' ', map { ( 'd111111abcdef8.cloudfront.net', 'www.example.com' )[$_] } 0, 1, 0, 1;
    is( $hosts->($standard), $want, 'JSON with cs(Host) and a fraction of a second: the hosts' );
    is(
        $hosts->("$real_time$standard$real_time"),
        "img.example.com img.example.com $want",
        'JSON with cs(Host) between real-time logs: the hosts'
    );
    my $table = "timestamp,c-ip,cs(Host),x-host-header,cs-uri-stem,sc-status\n" . join '', map {
        my $viewer_host = $_ % 2 ? 'd111111abcdef8.cloudfront.net' : 'www.example.com';
        "177314400$_.250,192.0.2.1,d111111abcdef8.cloudfront.net,$viewer_host,/a,200\n"
    } 1 .. 4;
    is( $hosts->($table), $want, 'a table with cs(Host) and a fraction of a second: the hosts' );
}

# A log whose addresses logresolvemerge.pl has replaced by names, and whose header it has left out.
{
    my $log = Program::content("$data/plain.log") =~ s/\t192[.]0[.]2[.]([0-9]+)\t/\tcrawl-$1.bot.example\t/gr;
    Program::write_file( "$dir/names", $log );
    is(
        ( cat("$dir/names") )[1],
        $other{plain} =~ s/\t192[.]0[.]2[.]([0-9]+)\t/\tcrawl-$1.bot.example\t/gr,
        'names in the place of addresses'
    );
}

# The name that tables of Athena have for cs(Referer).
Program::write_file( "$dir/referrer", Program::content("$data/json-underscores.log") =~ s/cs_referer/cs_referrer/gr );
is( ( cat("$dir/referrer") )[1], $other{'json-underscores'}, 'cs_referrer' );

# Logs of several formats, joined to one object: the next one may begin behind a last line without LF.
{
    my %log = map { $_ => Program::content("$data/$_.log") } qw(w3c json plain json-array names-comma);
    $log{cut} = $log{json} =~ s/\n\z//r;
    $log{pretty} = $log{'json-array'} =~ s/(?<=[\[{,]) ?(?=["{])/\n  /gr;
    $log{version} = "#Version: 1.0\n$log{plain}";
    $log{mark} = "\xef\xbb\xbf$log{w3c}";
    my @joined = (
        [qw(w3c json)],       [qw(json w3c)],             [qw(cut w3c json)], [qw(w3c json-array w3c)],
        [qw(w3c pretty w3c)], [qw(plain json plain)],     [qw(cut plain)],    [qw(json version)],
        [qw(cut mark)],       [qw(names-comma json w3c)], [qw(w3c cut)],
    );
    foreach my $names (@joined) {
        my $bytes = join '', map { $log{$_} } @$names;
        Program::write_file( "$dir/joined", $bytes );
        Program::write_file( "$dir/pieces", join '', map { Compress::Zlib::memGzip($_) } unpack '(a7)*', $bytes );
        my $want = join '', map { "$_\n" x @$names } split /\n/, $other{w3c};
        my ( undef, $records, $end ) = cat("$dir/joined");
        is( $end,     '#End: records=' . 3 * @$names . ' bad=0 quarantined=0', "joined: @$names" );
        is( $records, $want,                                                   "joined: @$names: the records" );
        is( ( cat("$dir/pieces") )[1], $want,                                  "joined: @$names: in pieces" );
    }
    Program::write_file( "$dir/bytes", join '', map { Compress::Zlib::memGzip($_) } split //, $log{cut} . $log{mark} );
    is( ( cat("$dir/bytes") )[2], '#End: records=6 bad=0 quarantined=0', 'joined: cut mark: byte by byte' );
    Program::write_file( "$dir/twice", Compress::Zlib::memGzip( Compress::Zlib::memGzip("$log{w3c}$log{json}") ) );
    is( ( cat("$dir/twice") )[2], '#End: records=6 bad=0 quarantined=0', 'joined: compressed twice' );

    # A bad line is counted, and has its number.
    my %line = ( 'w3c json' => 9, 'json plain' => 7, 'plain json w3c' => 12 );
    foreach my $names ( sort keys %line ) {
        Program::write_file( "$dir/joined", join( '', map { $log{$_} } split / /, $names ) . "x\n" );
        my ( undef, $out, $err ) = run( $helper, 'cat', "$dir/joined" );
        like( $err, qr/joined: line $line{$names}: /, "joined: $names: a bad line" );
        like( $out, qr/ bad=1 /,                      "joined: $names: bad alone" );
    }

    # A #Fields header is kept for the rows behind a JSON log, with TABs and with spaces between the values.
    my @json = split /^/, $log{json};
    for my $between ( "\t", ' ' ) {
        my @own = map { join( $between, '2026-03-10', "12:00:0$_", "/own$_", '200' ) . "\n" } 0 .. 3;
        Program::write_file( "$dir/joined",
                "#Fields: date time cs-uri-stem sc-status\n"
              . "$own[0]$json[0]$own[1]x\n$own[2]$json[1]x\n$json[2]$own[3]" );
        my ( undef, $out, $err ) = run( $helper, 'cat', "$dir/joined" );
        like( $out, qr/^#End: records=7 bad=2 /m, 'joined: the header is kept' );
        like( $err, qr/joined: line 5: /,         'joined: the header is kept: a bad line' );
        is( () = $out =~ m{\t/own[0-3]\t200\t}g, 4, 'joined: the header is kept: its rows' );
    }

    # A real-time log, a value that looks like JSON, and one that is no record.
    my $tabs = Program::content("$data/real-time-43.log");
    my $json = Program::content("$data/real-time.json.log");
    Program::write_file( "$dir/joined", "$tabs$json\n$tabs" );
    is( ( cat("$dir/joined") )[2], '#End: records=9 bad=0 quarantined=0', 'joined: real-time logs' );
    my $raw = "#Fields: cs(User-Agent) date time c-ip\n" . qq({"a":1}\t2026-03-10\t12:00:00\t192.0.2.1\n) x 2;
    Program::write_file( "$dir/joined", qq($raw\{"date":1}\t2026-03-10\t12:00:00\t192.0.2.1\n{"a":1}\n) );
    is( ( cat("$dir/joined") )[2], '#End: records=3 bad=1 quarantined=0', 'joined: values that look like JSON' );
}

# A table with the columns in another order, joined to a log of any format.
{
    my $table = join '', map { join( "\t", reverse split /\t/, $_, -1 ) . "\n" } split /\n/,
      Program::content("$data/names-tab.log");
    my $want = join '', map { "$_\n" x 2 } split /\n/, $other{w3c};
    foreach my $first (qw(names-tab names-comma w3c plain json)) {
        Program::write_file( "$dir/reversed", Program::content("$data/$first.log") . $table );
        is( ( cat("$dir/reversed") )[1], $want, "$first and a table of other columns" );
    }
}

# Tables as other programs write them: values in quotation marks between TABs, and times as in ISO 8601.
{
    my $table = Program::content("$data/names-tab.log");
    Program::write_file( "$dir/quoted",
        $table =~ s/^(?!date)(.*)/join "\t", map { qq("$_") } split m{\t}, $1, -1/gemr );
    is( ( cat("$dir/quoted") )[1], $other{w3c}, 'values in quotation marks between TABs' );
    foreach my $name (qw(names-comma names-tab)) {
        my $log = Program::content("$data/$name.log");
        $log =~ s/^date[,\t]time/timestamp/;
        $log =~ s/^(\d{4}-\d\d-\d\d)[,\t](\d\d:\d\d:\d\d)/$1T$2.250Z/mg;
        Program::write_file( "$dir/iso", $log );
        is( ( cat("$dir/iso") )[1], $other{w3c}, "$name: times as in ISO 8601" );
    }
}

# Quotation marks inside of values in quotation marks, as CSV has them, and with backslashes.
{
    my ( $names, $row ) = split /^/, Program::content("$data/names-comma.log");
    for my $mark ( '""', '\\"' ) {
        my $quoted = $row =~ s{,Mozilla/.*?Safari/[\d.]+,}{,"$mark${mark}A $mark,B$mark",}r;
        Program::write_file( "$dir/marks", $names . $quoted . $row );
        my ( undef, $records, $end ) = cat("$dir/marks");
        is( $end,                         '#End: records=2 bad=0 quarantined=0', "$mark inside of a value: all rows" );
        is( ( split /\t/, $records )[10], '%22%22A %22,B%22',                    "$mark inside of a value" );
    }
}

# Rows of the columns that the setting fields names, and that begin as those of a classic load balancer do: a time, a
# name, and an address that ends behind a colon.
{
    my @rest = ( '203.0.113.9', '2001:db8::7348', '/a', 'GET', 200, 10 );
    my $fields = 'x-forwarded-for c-ip cs-uri-stem cs-method sc-status sc-bytes';
    my %time = ( 'date time' => '2026-03-10 12:00:00', 'timestamp' => '2026-03-10T12:00:00Z' );
    for my $time ( sort keys %time ) {
        my $row = join( ' ', $time{$time}, @rest ) . "\n";
        Program::write_file( "$dir/spaces", $row x 3 );
        my ( undef, $records, $end ) = cat( "$dir/spaces", '--fields', "$time $fields" );
        is( $end, '#End: records=3 bad=0 quarantined=0',   "as a load balancer's, $time: all rows" );
        is( ( split /\t/, $records )[4], '2001:db8::7348', "as a load balancer's, $time: the client" );
    }
    Program::write_file( "$dir/elb",
            '2026-02-06T00:00:38.186641Z my-lb 192.0.2.1:2817 10.0.0.1:80 0.1 0.1 0.1 200 200'
          . qq( 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/8" - -\n) );
    like(
        ( cat( "$dir/elb", '--fields', "timestamp $fields" ) )[2],
        qr/a log of a load balancer/,
        'a log of a load balancer, in spite of the setting fields'
    );
}

# Spaces around names and around the delimiter.
{
    my $names = 'date time x-edge-location c-ip cs-uri-stem sc-status';
    my @row = ( '2026-03-10', '12:00:00', 'FRA56-P1', '192.0.2.1', '/a', '200' );
    my %head = ( 'in the header' => $names =~ s/ / ; /gr, 'in rows alone' => $names );
    for my $where ( sort keys %head ) {
        Program::write_file( "$dir/spaces", "#Fields: $head{$where}\n" . ( join( ' ; ', @row ) . "\n" ) x 2 );
        my ( undef, $records, $end ) = cat("$dir/spaces");
        is( $end, '#End: records=2 bad=0 quarantined=0', "spaces around the delimiter, $where: all rows" );
        is( join( ' ', ( split /\t/, $records )[ 0, 1, 2, 4, 7, 8 ] ),
            "@row", "spaces around the delimiter, $where: the values" );
    }
    my ( $first, @rows ) = split /^/, Program::content("$data/names-comma.log");
    Program::write_file( "$dir/spaces", join '', $first =~ s/,/ , /gr, @rows );
    is( ( cat("$dir/spaces") )[1], $other{w3c}, 'spaces around names' );
}

# A result of Athena, with names of its own or CloudFront's: the setting fields names the columns.
{
    my ( $names, @rows ) = split /\n/, Program::content("$data/result-of-athena.csv");
    my @own = map { "column_$_" } 1 .. split /,/, $names;
    Program::write_file( "$dir/own", join "\n", join( ',', map { qq("$_") } @own ), @rows, '' );
    my ($fields) = Program::content("$data/w3c.log") =~ /^#Fields: (.*)/m;
    my ( $status, $records, $end ) = cat( "$dir/own", "--fields=$fields" );
    is( $end,     '#End: records=3 bad=0 quarantined=0', 'a table with names of its own: the setting fields' );
    is( $records, $other{w3c},                           'a table with names of its own: the records' );
    foreach my $path ( "$dir/own", "$data/result-of-athena.csv" ) {
        ( $status, $records, $end ) = cat($path);
        like(
            $end,
            qr/(?:a CSV file|the result of a query), \N* the setting "fields" must name its columns/,
            "$path: without the setting"
        );
    }
}

# A log without a header in which a program has masked the addresses.
{
    my $log = Program::content("$data/plain.log") =~ s/\t(?:192[.]0[.]2[.][0-9]+|2001:db8::7)\t/\t***\t/gr;
    Program::write_file( "$dir/masked", $log );
    is( ( cat("$dir/masked") )[2], '#End: records=3 bad=0 quarantined=0', 'masked addresses' );
}

# Tables that were joined: each begins with the names.
foreach my $name (qw(names-comma names-tab)) {
    Program::write_file( "$dir/tables", Program::content("$data/$name.log") x 2 );
    is( ( cat("$dir/tables") )[2], '#End: records=6 bad=0 quarantined=0', "$name: joined" );
}

# Logs of all formats in one folder.
{
    mkdir "$dir/all" or die;
    my @all = grep { !options($_) && !-e "$data/$_.expected" } @names;
    system( 'cp', ( map { "$data/$_.log" } @all ), "$dir/all" ) == 0 or die;
    my ( $status, $records, $end ) = cat("$dir/all");
    is( $status,  0,                                                           'all in a folder: exit status' );
    is( $end,     '#End: records=' . 3 * @all . ' bad=0 quarantined=0',        'all in a folder: all records' );
    is( $records, join( '', map { ("$_\n") x @all } split /\n/, $other{w3c} ), 'all in a folder: the same ones' );
}

# The setting type leaves out logs of the other kind, whatever their format.
foreach my $name (qw(w3c json plain names-comma real-time-43 real-time.json)) {
    my ( $status, undef, $end ) = cat( "$data/$name.log", '--type=streaming' );
    is( $status, 1, "$name, type = streaming: exit status 1" );
    like( $end, qr/a download log, but the setting "type" is streaming/, "$name, type = streaming: the message" );
}

# What a doubt is left of is refused with what to set.
sub refused {
    my ( $name, $bytes, $error, @options ) = @_;
    Program::write_file( "$dir/refused", $bytes );
    my ( $status, $out, $err ) = run( $helper, 'cat', @options, "$dir/refused" );
    is( "$status$out", '1', "$name: nothing but exit status 1" );
    like( $err, qr/\A[^\n]*refused: $error[^\n]*\n\z/, "$name: the message" );
    return;
}
my @row = split /\t/, ( split /^/, Program::content("$data/plain.log") )[0];
my $broken = join "\t", @row[ 0 .. 13 ];
refused( 'a number of columns that no era has',
    "$broken\n", qr/line 1: 14 columns without a #Fields header fit no kind of log; write the names / );
refused(
    'columns in another order',
    join( "\t", reverse @row[ 2 .. 10 ], @row[ 0, 1 ] ) . "\n",
    qr/.*not a CloudFront log/
);
refused(
    'columns that look like no others',
    join( "\t", @row[ 0, 1, 2, 4, 3, 5 .. 10 ] ) . "\n",
    qr/line 1: 11 columns .* into the setting "fields"/
);
refused(
    'a part of a real-time log',
    join( "\t", '1773144000.123', '192.0.2.1', '0.010', '200' ) . "\n",
    qr/line 1: 4 columns .* may be a real-time log's; write the names /
);
refused(
    'other columns than the setting names',
    "$broken\n", qr/line 1: the line is not made of the 3 columns that the setting "fields" names; correct it/,
    '--fields',  'date time c-ip'
);
refused(
    'an unknown delimiter',
    "#Fields: date time c-ip\n2026-10-31xx12:00:00xx192.0.2.1\n",
    qr/.*write this text into the setting "delimiter"/
);
refused(
    'a JSON object without an end',
    '{"date": "2026-10-31", "x": "' . 'y' x 300_000,
    qr/begins like a JSON log, but no object in it is complete/
);

# A row that is bad among good ones is bad alone.
{
    my ($good) = split /^/, Program::content("$data/json.log");
    my @bad = (
        '{"date": "2026-03-10"',
        '{"date": "2026-03-10", "time": "25:00:00", "c-ip": "192.0.2.1"}',
        '{"date": "2026-03-10}',
        '{"date": "2026-03-10" "time": "12:00:00"}',
        '}',
        '{"a": nul}',
        '{"a": "\u12"}',
        '{"a": "\x"}',
        '{"a": [1, 2}}',
        'garbage',
        '{}',
        '{' . '"a":{' x 100 . '}' x 101
    );
    Program::write_file( "$dir/json", join '', map { "$good$_\n" } @bad );
    my ( $status, $records, $end ) = cat("$dir/json");
    is( $status, 0,                                                           'bad JSON: exit status' );
    is( $end,    '#End: records=' . @bad . ' bad=' . @bad . ' quarantined=0', 'bad JSON: each alone' );
    Program::write_file( "$dir/json", join '', map { "$_\n" } '{"a": 1}', '{"date": "2026-03-10"}', $good );
    ( $status, $records, $end ) = cat("$dir/json");
    is( $end, '#End: records=1 bad=2 quarantined=0', 'JSON: an object in front that is no request is bad alone' );

    # Logs that were joined, the first of which was cut off, as a whole and byte by byte.
    my $joined = $good =~ s/\n//r;
    foreach my $length ( 1 .. length($joined) - 1 ) {
        my $part = substr $joined, 0, $length;
        Program::write_file( "$dir/cut-$length", "$joined$part$joined$part" );
    }
    my ( undef, $out ) = run( $helper, 'cat', '-q', map { "$dir/cut-$_" } 1 .. length($joined) - 1 );
    my $files = length($joined) - 1;
    like( $out, qr/^#End: records=${\( 2 * $files )} bad=${\( 2 * $files )} /m, 'JSON: joined after a cut' );
    Program::write_file( "$dir/plain", Program::content("$data/plain.log") . "$broken\n" );
    is( ( cat("$dir/plain") )[2], '#End: records=3 bad=1 quarantined=0', 'a short row without a header: bad' );
}

# A delimiter inside a value: a row that can be read in two ways is bad, and no record is wrong.
{
    my $head = "#Fields: date,time,c-ip,cs(Referer),cs-uri-query,x-edge-result-type\n";
    my $row = '2026-10-31,12:00:00,192.0.2.1';
    Program::write_file(
        "$dir/doubt",
        $head . join '',
        map { "$row,$_,Hit\n" } 'https://a/,q=1',
        'https://a/,x,y', 'a,%20b,-', '-,q=1,%202', 'https://a/,q=1,2'
    );
    my ( $status, $records, $end ) = cat("$dir/doubt");
    is( $end, '#End: records=4 bad=1 quarantined=0', 'a delimiter inside values: one row is in doubt' );
    is(
        join( ' ', map { join '|', ( split /\t/ )[ 9, 11, 12 ] } split /\n/, $records ),
        'https://a/|q=1|Hit a,%20b|-|Hit -|q=1,%202|Hit https://a/|q=1,2|Hit',
        'a delimiter inside values: the others are right'
    );

    # A referring page, a user agent and a query, each of which may have the delimiter, side by side.
    my $agent = 'Mozilla/5.0%20(X11;%20Linux)%20AppleWebKit/537.36%20(KHTML,%20like%20Gecko)%20Chrome/140.0';
    my @values = (
        [ '-',                    $agent,     'a=1,2,3' ],
        [ '-',                    $agent,     'bbox=-1.5,2.5,3,4' ],
        [ 'https://a/?ids=1,2',   $agent,     '-' ],
        [ 'https://a/b,c.html',   $agent,     'ids=1,2' ],
        [ 'https://a/?x=1,y=2,3', $agent,     'a=1,b=2' ],
        [ 'https://a/',           'Feed,1.0', 'a=1' ],
        [ 'https://a/',           'Feed,1.0', '-' ],
        [ '-',                    '-',        'a,b' ],
        [ 'https://a/b,c',        $agent,     'a=1,url=https://a/' ],
        [ '-',                    $agent,     'url=https://a/,b=2' ],
    );
    my $names = 'date time c-ip cs(Referer) cs(User-Agent) cs-uri-query x-edge-result-type';
    my @unclear = map { join ',', '-', @$_ } [ $agent, ',a' ], [ 'Feed,1.0', 'x,y' ], [ $agent, 'a,' ];
    my @rows = map { "$row,$_,Hit\n" } ( map { join ',', @$_ } @values ), @unclear;
    my $want = join "\n", map { join ' | ', $_->[0], $_->[1] =~ s/%20/ /gr, $_->[2] } @values;
    for my $between ( q( ), q(,) ) {
        Program::write_file( "$dir/agents", '#Fields: ' . $names =~ s/ /$between/gr . "\n" . join q(), @rows );
        ( $status, $records, $end ) = cat("$dir/agents");
        is( $end, '#End: records=10 bad=3 quarantined=0', "agents, '$between' in the header: three rows are in doubt" );
        is( join( "\n", map { join ' | ', ( split /\t/ )[ 9 .. 11 ] } split /\n/, $records ),
            $want, "agents, '$between' in the header: the others are right" );
    }
    Program::write_file( "$dir/first", "#Fields: $names\n$rows[-1]$rows[0]" );
    is(
        ( cat( "$dir/first", '--delimiter=comma' ) )[2],
        '#End: records=1 bad=1 quarantined=0',
        'the first row is in doubt: the delimiter is given'
    );

    # Without a header: a semicolon in the last value of 11 is no twelfth value.
    Program::write_file( "$dir/eleven",
        "2010-06-15;12:00:00;DFW3;10;192.0.2.1;GET;d1.cloudfront.net;/a;200;-;Mozilla/5.0%20(X11;%20Linux)\n" );
    is(
        ( split /\t/, ( cat("$dir/eleven") )[1] )[10],
        'Mozilla/5.0 (X11; Linux)',
        'a semicolon in the last of 11 values'
    );

    # Without a header: a row in doubt is not taken for one of another era.
    my @legacy = (
        '2026-03-10,12:00:00,FRA56-P1,10,192.0.2.1,GET,d1.cloudfront.net,/a,200,-',
        'Hit,id,www.example.com,https,300,0.010,-,TLSv1.3,TLS_AES_128_GCM_SHA256,Hit,HTTP/2.0,-,-,40000,0.009,Hit,'
          . 'text/html,900,-,-'
    );
    Program::write_file( "$dir/headerless", join q(), map { "$legacy[0],$_,-,$legacy[1]\n" } "$agent,a=1,2",
        'Feed,1.0,x,y', "$agent,a=3" );
    ( $status, $records, $end ) = cat("$dir/headerless");
    is( $end, '#End: records=2 bad=1 quarantined=0', 'without a header: one row is in doubt' );
    is( join( ' ', map { ( split /\t/ )[11] } split /\n/, $records ), 'a=1,2 a=3', 'without a header: the queries' );
}
done_testing;
