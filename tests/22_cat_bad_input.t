#!/usr/bin/perl
# cat refuses bad input with one line that names the input and with the right exit status, and never prints a
# part of a log that could be taken for the whole.
use strict;
use warnings;
use Test::More;
use Compress::Zlib ();
use Encode         qw(encode);
use File::Temp     qw(tempdir);
use FindBin        qw($Bin);
use lib "$Bin/lib";
use Columns qw(@COLUMNS);
use Program qw(helper run);

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
my $head =
"#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes cs(Host) cs(Referer) cs(User-Agent)\n";

sub row {
    my ( $stem, $time ) = @_;
    return "2026-10-31\t" . ( $time // '12:00:00' ) . "\t192.0.2.1\tGET\t$stem\t200\t1\n";
}

sub put {
    my ( $name, $text ) = @_;
    open my $out, '>:raw', "$dir/$name" or die "$dir/$name: $!\n";
    print $out $text;
    close $out or die "$!\n";
    return "$dir/$name";
}

my $good = put( 'good.gz', Compress::Zlib::memGzip( $head . row('/good') ) );
my $large = Compress::Zlib::memGzip( $head . join '', map { row( "/$_" . rand ) } 1 .. 20000 );

# A run that must fail: nothing on standard output, and one line with the error.
sub fails {
    my ( $name,   $line, @command ) = @_;
    my ( $status, $out,  $err ) = run(@command);
    is( $status,    1,  "$name: exit status 1" );
    is( $out // '', '', "$name: nothing on standard output" );
    like( $err, qr/\A[^\n]*$line[^\n]*\n\z/, "$name: one line: " . ( $err =~ s/\n.*//sr ) );
}

# An object that cannot be read fails a run of sources, and is quarantined by a site.
sub cannot_read {
    my ( $name, $bytes, $line ) = @_;
    my $path = put( 'object', $bytes );
    fails( $name, qr/\Q$path\E: .*$line/, $helper, 'cat', $good, $path );
    my $config = put( 'conf', "[cdn]\nsource = $dir/site\nstate = $dir/state/cdn.db\n" );
    unlink "$dir/state/cdn.db";
    mkdir "$dir/site";
    system 'cp', $good, $path, "$dir/site" and die;
    my ( $status, $out, $err ) = run( $helper, 'cat', '--commit', '--config', $config, '--site', 'cdn' );
    is( $status, 0, "$name: a site continues without it" );
    like( $out, qr/^#End: records=1 bad=0 quarantined=1\n\z/m, "$name: and counts it" );
    is( () = $out =~ m{/good\t}g, 1, "$name: with the other's records only" );
    like( $err, qr/\A[^\n]*object: left out until it can be read: [^\n]*$line[^\n]*\n\z/, "$name: and names it" );
}

# An object that holds something else is passed over by a site, once, and by a run of a folder.
sub passed_over {
    my ( $name, $bytes, $line ) = @_;
    my $path = put( 'object', $bytes );
    fails( "$name, named alone", qr/\Q$path\E: .*$line.*; name CloudFront logs alone/, $helper, 'cat', $good, $path );
    my $config = put( 'conf', "[cdn]\nsource = $dir/site\nstate = $dir/state/cdn.db\nafter = delete\n" );
    unlink "$dir/state/cdn.db";
    mkdir "$dir/site";
    system 'cp', $good, $path, "$dir/site" and die;
    my ( $status, $out, $err ) = run( $helper, 'cat', "$dir/site" );
    is( $status, 0, "$name, in a folder: exit status 0" );
    like( $out, qr/^#End: records=1 bad=0 quarantined=0\n\z/m, "$name, in a folder: the other's record" );
    like(
        $err,
        qr/\A[^\n]*warning: \Q$dir\E\/site\/object: passed over, because it is no log to count: [^\n]*$line[^\n]*\n\z/,
        "$name, in a folder: one line"
    );
    ( $status, $out, $err ) = run( $helper, 'cat', '--commit', '--config', $config, '--site', 'cdn' );
    is( $status, 0, "$name, in a site: exit status 0" );
    like( $out, qr/^#End: records=1 bad=0 quarantined=0\n\z/m, "$name, in a site: the other's record" );
    like(
        $err,
        qr/\A[^\n]*object: passed over, because it is no log to count, and not read again: [^\n]*$line[^\n]*\n\z/,
        "$name, in a site: one line"
    );
    ok( -e "$dir/site/object",   "$name, in a site: it stays, although counted logs are deleted" );
    ok( !-e "$dir/site/good.gz", "$name, in a site: these are" );
    ( $status, $out, $err ) = run( $helper, 'cat', '--commit', '--config', $config, '--site', 'cdn' );
    is( "$status$err", '0', "$name, in the site's next run: no message" );
    ( $status, $out, $err ) = run( $helper, 'status', '--config', $config, '--site', 'cdn' );
    is( $status, 0, "$name, status: nothing is quarantined" );
}

cannot_read( 'a truncated gzip',           substr( $large, 0, length($large) / 2 ), qr/truncated gzip/ );
cannot_read( 'a gzip without its trailer', substr( $large, 0, -8 ),                 qr/truncated gzip/ );
{
    my $bytes = $large;
    substr( $bytes, length($large) / 2, 1 ) ^= "\x55";
    cannot_read( 'a corrupt gzip', $bytes, qr/corrupt gzip/ );
    $bytes = $large;
    substr( $bytes, -6, 1 ) ^= "\x01";
    cannot_read( 'a wrong checksum', $bytes, qr/corrupt gzip/ );
    $bytes = $large;
    substr( $bytes, -1, 1 ) ^= "\x01";
    cannot_read( 'a wrong length', $bytes, qr/corrupt gzip/ );
}
cannot_read( 'garbage behind gzip data', $large . 'garbage', qr/corrupt gzip/ );
passed_over( 'a binary file', "\x7fELF\2\1\1\0" . "\0" x 500, qr/binary data/ );
cannot_read( 'a file without a header',
    row('/x'), qr/line 1: 7 columns without a #Fields header fit no kind of log; write the names / );
cannot_read(
    'a gzip without a header',
    Compress::Zlib::memGzip( row('/x') ),
    qr/line 1: 7 columns without a #Fields header/
);
passed_over( 'an ORC file',   "ORC\n\7" . "\0" x 500, qr/an ORC file, \N* Parquet or JSON/ );
passed_over( 'an Avro file',  "Obj\1" . "\0" x 500,   qr/an Avro file, \N* Parquet or JSON/ );
passed_over( 'a tar archive', pack( 'a100 a157 a6 a*', 'a.log', '0000644', "ustar\0", 'x' ), qr/a tar archive/ );
passed_over( 'a web page',    "<!DOCTYPE html>\n<html>\n",                                   qr/not a CloudFront log/ );
cannot_read( 'a part of a JSON log', qq({"date":"2026-10-31","ti),              qr/no object in it is complete/ );
cannot_read( 'Parquet',              "PAR1\x15\x04",                            qr/Parquet/ );
cannot_read( 'a real-time log',      "1792994400.123\t192.0.2.1\t0.001\t200\n", qr/real-time log/ );
cannot_read(
    'an unclear delimiter',
    "#Fields: date time c-ip\n2026-10-31,12:00:00;192.0.2.1\n",
    qr/the setting "delimiter"/
);
cannot_read( 'only a header line', "#Version: 1.0\n", qr/no #Fields header/ );
my $owner = '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be';
passed_over(
    'an S3 log',
    "$owner my-bucket [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - 3E57 REST.GET.OBJECT a\n",
    qr/an S3 server access log/
);
passed_over(
    'a CloudTrail log',
    '{"Records": [{"eventVersion": "1.08", "x": "' . 'x' x 600_000 . '"}]}',
    qr/a CloudTrail log/
);
passed_over(
    'a connection log',
    qq({"eventTimestamp":"2026-10-31T12:00:00Z","connectionId":"a","connectionStatus":"Success"}\n),
    qr/a CloudFront connection log/
);
passed_over(
    'a connection log without a header',
    join( $_, '1731620046814', 'oLHiEKbQSn8lkvJfA3D4gFowK3_iZ0g4i5nMUjE1Akod8TuAzn5nzg==', qw(Success 192.0.2.1 1) )
      . "\n",
    qr/a CloudFront connection log/
) for "\t", ',';
passed_over( 'a VPC flow log', $_, qr/a VPC flow log/ )
  for "3 vpc-1 subnet-1 i-1 eni-1 1 192.0.2.1 192.0.2.2 443 1\n", "version vpc-id subnet-id srcaddr\n";
passed_over( 'UTF-16', encode( $_, "\x{feff}#Version: 1.0\n#Fields: date time\n" ), qr/text in UTF-16, \N*iconv/ )
  for 'UTF-16BE', 'UTF-16LE';
passed_over(
    'a connection log with a header',
    "#Version: 1.0\n#Fields: eventTimestamp connectionId connectionStatus clientIp\n2026 a Success 192.0.2.1\n",
    qr/a CloudFront connection log/
);
passed_over( 'a table with a header', "#Fields: bucket key\na b\n", qr/a log without requests/ );
cannot_read(
    'a log without time',
    "#Fields: cs-method cs-uri-stem\nGET /a\n",
    qr/neither date and time nor timestamp; add date/
);
cannot_read(
    'streaming events in JSON',
    qq({"date":"2010-12-05","time":"12:00:00","x-event":"play","x-cf-client-id":"a","c-ip":"192.0.2.1","sc-bytes":1}\n),
    qr/events of a streaming \(RTMP\) distribution in JSON/
);
cannot_read( 'a header of many names',         '#Fields: date time c-ip' . ' x' x 300 . "\n", qr/256/ );
cannot_read( 'an unknown line after #Version', "#Version: 1.0\ngarbage\n", qr/neither a #Fields header nor requests/ );
passed_over( 'an array without an object', "[\n",                         qr/neither a #Fields header nor a request/ );
passed_over( 'another JSON file',          qq({"a":1}\n{"b":\n{"b":2}\n), qr/a JSON file without requests/ );
passed_over(
    'a load balancer log',
    "https 2026-02-06T00:00:38.186641Z app/my-balancer/50dc 192.0.2.1:2817 -\n",
    qr/a load balancer/
);
my %prefix = (
    'zgrep'                           => [ 'E2.2026-10-31-12.0a1b2c3d.gz:', qr/the name of a file, .* -h and not -n/ ],
    'grep -n of several files'        => [ '/logs/a.gz:12:',                qr/the name of a file, .* -h and not -n/ ],
    'logresolvemerge.pl -addfilename' => [ '/logs/my site.gz ', qr/the name of a file, .* leave -addfilename out/ ],
    'grep -n'                         => [ '3:',                qr/a number, as "grep -n"/ ],
    'cat -n'                          => [ "     1\t",          qr/a number, as .*"cat -n"/ ],
    'logresolvemerge.pl -addfilenum'  => [ '1 ',                qr/a number, as .* -addfilenum"/ ],
    'syslog' => [ 'Oct 31 12:00:01 host cf: ', qr/a text before the record, such as one of syslog/ ],
);
my %prefixed = (
    'a row'           => row('/a'),
    'a header'        => $head,
    'a real-time row' => "1793448000.123\t192.0.2.1\t200\n",
    'an object'       => qq({"c-ip": "192.0.2.1", "timestamp": "1793448000"}\n),
);

for my $program ( sort keys %prefix ) {
    for my $line ( sort keys %prefixed ) {
        my ( $prefix, $message ) = @{ $prefix{$program} };
        passed_over( "$program: $line", $prefixed{$line} =~ s/^/$prefix/gmr, qr/each line begins with $message/ );
    }
}
passed_over(
    'an application log with a name first',
    "app.py 2026-10-31 12:00:00 started in 5 seconds\n",
    qr/not a CloudFront log/
);
passed_over( 'a result of Athena', qq("date","hits"\n"2026-03-10","12"\n), qr/a CSV file/ );
passed_over(
    'a log of IIS with few fields',
    "#Fields: date time s-ip cs-method cs-uri-stem sc-status sc-bytes\n"
      . "2026-10-31 12:00:00 192.0.2.80 GET /a 200 100\n",
    qr/a log of IIS/
);
passed_over(
    'a log of IIS',
    "#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-substatus sc-win32-status\n"
      . "2026-10-31 12:00:00 192.0.2.1 GET /a 200 0 0\n",
    qr/a log of IIS/
);

for my $field (qw(s-port s-sitename s-computername cs-username sc-substatus sc-win32-status)) {
    passed_over(
        "a log of IIS with a timestamp, s-ip and $field",
        "#Fields: timestamp s-ip c-ip cs-method cs-uri-stem sc-status $field\n"
          . "1793448000 192.0.2.80 192.0.2.1 GET /a 200 0\n",
        qr/a log of IIS/
    );
}
passed_over(
    'a log of IIS in JSON, with s-ip',
    qq({"date":"2026-10-31","time":"12:00:00","s-ip":"192.0.2.80","c-ip":"192.0.2.1","cs-uri-stem":"/a"}\n),
    qr/a log of IIS/
);
passed_over(
    'a log of IIS in JSON',
    qq({"date":"2026-10-31","time":"12:00:00","c_ip":"192.0.2.1","cs_uri_stem":"/a","sc_win32_status":"0"}\n),
    qr/a log of IIS/
);
cannot_read(
    'a JSON log without date and time',
    qq({"cs-method":"GET","cs-uri-stem":"/a"}\n),
    qr/neither date and time nor timestamp; add date/
);
passed_over(
    'a table with a few names of fields',
    "date,time,c-ip,agent\n2026-03-10,12:00:00,192.0.2.1,3\n",
    qr/names fields of CloudFront, but too few .* into the setting "fields"/
);
passed_over(
    'a connection in JSON',
    qq({"timestamp":"2026-10-31T12:00:00Z","connectionId":"a","user":"b"}\n),
    qr/a JSON file without requests/
);
passed_over(
    'a classic load balancer log',
    qq(2026-02-06T00:00:38.186641Z balancer 192.0.2.1:2817 - -1 -1 -1 503 0 0 0 "GET http://a:80/ HTTP/1.1"\n),
    qr/a load balancer/
);
passed_over( 'a text', "This is a test file.", qr/neither a #Fields header nor a request/ );

# Data of an unknown kind under a name that only CloudFront's logs have is a damaged log.
{
    my $path = put( 'E2EXAMPLE.2026-03-10-12.0a1b2c3d.gz', "garbage\n" );
    mkdir "$dir/damaged";
    rename $path, "$dir/damaged/E2EXAMPLE.2026-03-10-12.0a1b2c3d.gz" or die;
    fails( 'a damaged log in a folder', qr/not a CloudFront log/, $helper, 'cat', "$dir/damaged" );
}
cannot_read(
    'a truncated normalized log',
    do {
        my ( $status, $out ) = run( $helper, 'cat', $good );
        $out =~ s/#End.*//sr;
    },
    qr/truncated/
);

fails( 'a missing file', qr/nowhere: No such file/, $helper, 'cat', "$dir/nowhere" );
fails(
    'a dangling link', qr/dangling/, $helper, 'cat',
    do { mkdir "$dir/d"; symlink "$dir/nowhere", "$dir/d/dangling"; "$dir/d" }
);
fails(
    'a loop of links', qr/leads back/, $helper, 'cat',
    do { mkdir "$dir/loop"; symlink '.', "$dir/loop/again"; "$dir/loop" }
);
fails( 'a file named twice',  qr/are the same object/, $helper, 'cat', $good, $good );
fails( 'a file by two paths', qr/are the same object/, $helper, 'cat', $good, "$dir/./good.gz" );
fails(
    'a folder, and a file in it',
    qr/are the same object/,
    $helper, 'cat', do { mkdir "$dir/linked"; symlink $good, "$dir/linked/good"; "$dir/linked" }, $good
);
fails( 'standard input and the same file', qr/are the same object/, { in => $good },    $helper, 'cat', '-', $good );
fails( 'a long name',                      qr/x{4500}: File name too long/,    $helper, 'cat',   'x' x 4500 );
fails( 'a name with a C1 control',         qr/a\\xc2\\x9bz: No such file/,     $helper, 'cat',   "a\xc2\x9bz" );
fails( 'a directory on standard input',    qr/standard input: Is a directory/, { in => $dir }, $helper, 'cat', '-' );
SKIP: {
    skip 'root may read everything', 3 if $> == 0;
    fails(
        'a file that may not be read', qr/Permission denied/, $helper, 'cat',
        do { my $p = put( 'secret', $head ); chmod 0, $p; $p }
    );
}
fails( 'a missing config file', qr/nowhere.conf/, $helper, 'cat', '--config', "$dir/nowhere.conf", '--site', 'cdn' );
fails(
    'an unknown site',
    qr/nosuch/, $helper, 'cat', '--config', put( 'conf', "[cdn]\nsource = $dir\n" ),
    '--site',   'nosuch'
);

# Output that cannot be written.
{
    my ( $status, undef, $err ) = run( { out => '/dev/full' }, $helper, 'cat', $good );
    is( $status, 1, 'a full disk under standard output: exit status 1' );
    like( $err, qr/\A[^\n]*standard output: No space left[^\n]*\n\z/, 'a full disk under standard output: one line' );
    my $line = `$helper cat $good 2>&1 >&-`;
    is( $? >> 8, 1, 'a closed standard output: exit status 1' );
    like( $line, qr/\A[^\n]*standard output: [^\n]*\n\z/, 'a closed standard output: one line' );
    my $many = put( 'many', $head . row('/x') x 100_000 );
    my $said = `{ $helper cat $many 2>$dir/said; echo \$? >$dir/status; } | head -n 1 >/dev/null; cat $dir/said`;
    is( Program::content("$dir/status"), "1\n", 'a reader that closes the pipe: exit status 1' );
    like(
        $said,
        qr/\A[^\n]*the program that reads the output has ended before it read all; [^\n]*\n\z/,
        'a reader that closes the pipe: one line'
    );
}

# No room for the sort's temporary files.
{
    my $many = put( 'many', $head . join '', map { row( "/$_" . 'x' x 400 ) } 1 .. 110_000 );
    local $ENV{TMPDIR} = "$dir/nowhere";
    fails(
        'no temporary directory',
        qr/the records cannot be sorted: .*nowhere: No such file.*TMPDIR/,
        $helper, 'cat', $many
    );
    local $ENV{TMPDIR} = $dir;
    fails(
        'no room for temporary files',
        qr/the records cannot be sorted: .*File too large.*TMPDIR/,
        'sh', '-c',    'ulimit -f 1000; exec "$@"',
        'sh', $helper, 'cat', $many
    );
}

# Bad rows among good ones: counted, the first one named, the rest read.
for my $case (
    [ 'too short',      "2026-10-31\t12:00:00\n",              qr/fewer fields than the #Fields header names/ ],
    [ 'too long',       row('/x') =~ s/\n/\t1\t2\t3\tmore\n/r, qr/more fields/ ],
    [ 'of a megabyte',  row( '/' . 'x' x 1_000_000 ),          qr/256 KiB/ ],
    [ 'that grows',     row( '/' . q(") x 200_000 ),           qr/256 KiB after its special characters are encoded/ ],
    [ 'without TABs',   "no record\n",                         qr/fewer fields than the #Fields header names/ ],
    [ 'a wrong date',   row('/x') =~ s/10-31/10-32/r,          qr/date is not/ ],
    [ 'a wrong time',   row( '/x', '24:00:00' ),               qr/time is not/ ],
    [ 'a wrong status', row('/x') =~ s/200/2OO/r,   qr/sc-status/ ],
    [ 'wrong bytes',    row('/x') =~ s/1\n/1e3\n/r, qr/sc-bytes/ ],
    [ 'all NUL',        "\0" x 100 . "\n", qr/fewer fields than the #Fields header names/ ],
  )
{
    my ( $name, $bad, $line ) = @$case;
    my $path = put( 'rows', $head . row('/1') . $bad . row('/2') . $bad );
    my ( $status, $out, $err ) = run( $helper, 'cat', $path );
    is( $status, 0, "a row $name: exit status 0" );
    like( $out, qr/^#End: records=2 bad=2 quarantined=0\n\z/m,   "a row $name: counted" );
    like( $err, qr/\A[^\n]*rows: line 4: [^\n]*$line[^\n]*\n\z/, "a row $name: " . ( $err =~ s/\n.*//sr ) );
}

# The last row of a log that was cut off has fewer fields; with as many, it may be whole.
{
    my $whole = $head . row('/1') . row('/2');
    my @last = split /\t/, row('/2') =~ s/\n//r;
    foreach my $less ( 1 .. $#last - 1 ) {
        my $short = join( "\t", @last[ 0 .. $#last - $less ] );
        my ( $status, $out, $err ) = run( $helper, 'cat', put( 'cut', $head . row('/1') . $short ) );
        is( $status, 0, "cut off by $less fields: exit status 0" );
        like( $out, qr/^#End: records=1 bad=1 quarantined=0\n\z/m, "cut off by $less fields: a bad row" );
        like( $err, qr/\A[^\n]*cut: line 4: [^\n]*fewer fields/,   "cut off by $less fields: named" );
        ( $status, $out ) = run( $helper, 'cat', put( 'alone', $head . $short ) );
        my ($alone) = $out =~ /^(#End: .*)/m;
        ( $status, $out ) = run( $helper, 'cat', put( 'ended', "$head$short\n" ) );
        like( $out, qr/^\Q$alone\E$/m, "a short row alone, $less fields less: with and without a line end" );
    }
    my ( $status, $out, $err ) = run( $helper, 'cat', put( 'whole', $whole =~ s/\n\z//r ) );
    like( $out, qr/^#End: records=2 bad=0 /m, 'only the line end lacks' );
}

# The same behind a log that was joined, without a header, and in quotation marks.
{
    my $json = qq({"date":"2026-10-31","time":"12:00:00","c-ip":"192.0.2.1","cs-uri-stem":"/j"}\n);
    my $path = put( 'behind', "$json#Version: 1.0\ngarbage\n$json" );
    my ( $status, $out, $err ) = run( $helper, 'cat', $path );
    like( $out, qr/^#End: records=2 bad=1 quarantined=0\n\z/m,                  'garbage between JSON logs: bad' );
    like( $err, qr/behind: line 3: a #Fields header must come before the line/, 'garbage between JSON logs: named' );
    my ($row) = split /^/, Program::content("$Bin/data/formats/plain.log");
    my $long = $row =~ s{/index}{'/' . 'x' x 1_000_000}er;
    my $no_export = 'x' x 24 . " x\n";
    ( $status, $out, $err ) = run( $helper, 'cat', put( 'long', "$row$long$no_export$row" ) );
    like( $out, qr/^#End: records=2 bad=2 quarantined=0\n\z/m,    'a long row without a header: bad' );
    like( $err, qr/long: line 2: the line has more than 256 KiB/, 'a long row without a header: named' );
}

# A row that is too long inside a normalized log is a bad row, and not a truncated log.
{
    my ( $status, $out ) = run( $helper, 'cat', $good );
    my $long = ( grep { !/^#/ } split /\n/, $out )[0] =~ s{/good}{'/' . 'x' x 300_000}er;
    $out =~ s/^#End: records=1 /$long\n#End: records=2 /m;
    ( $status, $out, my $err ) = run( $helper, 'cat', put( 'long', $out ) );
    is( $status, 0, 'a long row in a normalized log: exit status 0' );
    like( $out, qr/^#End: records=1 bad=1 quarantined=0\n\z/m, 'a long row in a normalized log: counted as bad' );
    like( $err, qr/256 KiB/,                                   'a long row in a normalized log: named' );
}

# Nothing inside a value can make a line or a field of its own.
{
    my $evil = join '', map { row("/$_") } '%0A2026', '%09', '%250A', '%2509', '%00', "\0\x01\x0b\x0c\x1b[2J", "a\rb";
    my $path = put(
        'evil',
        "#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes\n$evil"
          . "#Fields: date time cs(User-Agent)\n"
          . join '',
        map { "2026-10-31\t12:00:01\t$_\n" } '%0A',
        '%0D',
        '%09',
        '%2509',
        '%250A',
        '%00',
        "\0",
        "\x1b[2J",
        '%1B',
        '%C2%85',
        "%E2%80%A8\x7f"
    );
    my ( $status, $out ) = run( $helper, 'cat', '-q', $path );
    is( $status, 0, 'controls in values: exit status 0' );
    my @records = grep { !/^#/ } split /\n/, $out;
    is( scalar @records,                                  18, 'one line a record' );
    is( scalar( grep { tr/\t// != $#COLUMNS } @records ), 0,  'each has all columns' );
    unlike( $out, qr/[\x00-\x08\x0b-\x1f\x7f]/, 'without control bytes' );
}

# No more than ten objects are named.
{
    mkdir "$dir/wrong";
    put( "wrong/$_", "\x1f\x8b\x08" ) for 1 .. 100;
    my ( $status, $out, $err ) = run( $helper, 'cat', "$dir/wrong" );
    is( $status, 1, 'a hundred bad files: exit status 1' );
    cmp_ok( () = $err =~ /\n/g, '<=', 14, 'a hundred bad files: not a hundred lines' );
}

# Many objects that are no logs, and many that cannot be read: the first are named, and the others are counted.
{
    mkdir "$dir/many-others";
    put( "many-others/$_",   "\x7fELF\2\1\1\0.$_" ) for 100 .. 201;
    put( 'many-others/good', $head . row('/good') );
    my $line = qr/\N*\d\d: passed over, because it is no log \N*\n/;
    my ( $status, $out, $err ) = run( $helper, 'cat', "$dir/many-others" );
    like(
        $err,
        qr/\A$line{100}\N*: 2 more objects are passed over, too; \N*\n\z/,
        'many that are no logs, in a folder'
    );
    put( "many-others/$_", "\x1f\x8b\x08.$_" ) for 30 .. 42;
    my $config = put( 'conf', "[many]\nsource = $dir/many-others\nstate = $dir/state/many.db\n" );
    ( $status, $out, $err ) = run( $helper, 'cat', '--commit', '--config', $config, '--site', 'many' );
    like( $out, qr/^#End: records=1 bad=0 quarantined=13$/m, 'many that cannot be read, in a site: counted' );
    is( scalar( () = $err =~ /\d\d: left out until it can be read/g ),
        10, 'many that cannot be read, in a site: ten are named' );
    is( scalar( () = $err =~ /$line/g ), 10, 'many that are no logs, in a site: ten are named' );
    like(
        $err,
        qr/^\N*: 92 more objects are passed over, too, and not read again; /m,
        'many that are no logs, in a site: the others'
    );
    like(
        $err,
        qr/^\N*: 3 more objects were left out; for the names \N* status \N*\n\z/m,
        'many that cannot be read: the others'
    );
}

# Many objects with bad rows: ten are named.
{
    mkdir "$dir/many-bad";
    my @paths = map { put( "many-bad/$_", $head . row("/$_") . "no record\n" x 2 ) } 10 .. 22;
    my ( $status, $out, $err ) = run( $helper, 'cat', "$dir/many-bad" );
    is( $status, 0, 'many objects with bad rows: exit status 0' );
    like( $out, qr/^#End: records=13 bad=26 quarantined=0\n\z/m, 'many objects with bad rows: counted' );
    is( scalar( () = $err =~ m{many-bad/\d+: line 4: .*other malformed lines are left out}g ),
        10, 'many objects with bad rows: ten are named' );
    like(
        $err,
        qr/\A(?:[^\n]*\n){10}[^\n]*: 3 more objects have malformed lines, which are left out, too; [^\n]*\n\z/,
        'many objects with bad rows: the others are counted'
    );
}

done_testing;
