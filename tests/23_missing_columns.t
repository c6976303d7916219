#!/usr/bin/perl
# A log that lacks a column without which a figure is empty or false: its records have a value that AWStats counts, and
# cat and check name the figure, once a run. Numbers out of their ranges are bad rows in logs of every kind.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats ();
use Columns qw(@COLUMNS %COLUMN);
use Program qw(run write_file);

my $helper = AWStats::helper();
my $folder = File::Temp::tempdir( CLEANUP => 1 );
mkdir "$folder/$_" foreach qw(three mixed);

my @names = qw(date time c-ip cs-method cs(Host) cs-uri-stem sc-status sc-bytes cs(Referer) cs(User-Agent));
my @values = qw(2026-03-10 12:00:00 192.0.2.1 HEAD www.example.com /x 404 7 https://a.example/ curl/8);

# Writes a log without a column, and with OTHER, which has VALUE. Returns its path.
sub without {
    my ( $name, $missing, $other, $value ) = @_;
    my @kept = grep { $names[$_] ne $missing } 0 .. $#names;
    my ( $columns, $row ) = ( [ @names[@kept], $other // () ], [ @values[@kept], $value // () ] );
    write_file( "$folder/$name", "#Version: 1.0\n#Fields: @$columns\n" . join( "\t", @$row ) . "\n" );
    return "$folder/$name";
}

# The column => the value that its records have, and the figure that the warning names.
my %effect = (
    'c-ip'           => [ '-',       'visitors' ],
    'cs-method'      => [ 'GET',     'GET' ],
    'cs(Host)'       => [ '-',       'own domain' ],
    'cs-uri-stem'    => [ '-',       'one page' ],
    'sc-status'      => [ '200',     'errors and redirects count as traffic' ],
    'sc-bytes'       => [ '0',       'bandwidth' ],
    'cs(Referer)'    => [ '-',       'direct' ],
    'cs(User-Agent)' => [ 'unknown', 'robots count as visitors' ],
);

foreach my $column ( sort keys %effect ) {
    my ( $value, $figure ) = @{ $effect{$column} };
    my $log = without( 'log', $column );
    my ( $status, $out, $err ) = run( $helper, 'cat', $log );
    my @record = split /\t/, ( $out =~ /^(2026.*)$/m )[0];
    is( $status,                     0,      "no $column: exit status" );
    is( $record[ $COLUMN{$column} ], $value, "no $column: the value" );
    like(
        $err,
        qr/\A[^\n]*\Q$log\E has no column [^\n]*\Q$column\E: [^\n]*\Q$figure\E[^\n]*\n\z/,
        "no $column: one warning"
    );
    ( $status, $out, $err ) = run( $helper, 'cat', '-q', $log );
    is( $err, '', "no $column: none with -q" );
    ( $status, $out ) = run( $helper, 'check', $log );
    is( $status, 0, "no $column: check does not fail" );
    like( $out, qr/^warn  columns: [^\n]*\Q$column\E: [^\n]*\Q$figure\E/m, "no $column: check warns" );
}

# A value that is absent in a column that the log has stays absent.
write_file( "$folder/absent", "#Fields: @names\n" . join( "\t", @values[ 0, 1 ], ('-') x 8 ) . "\n" );
my ( $status, $out, $err ) = run( $helper, 'cat', "$folder/absent" );
like( $out, qr/^2026-03-10\t12:00:00(?:\t-)+$/m, 'absent values stay absent' );
is( $err, '', 'absent values: no warning' );

# Another column in its place.
( $status, $out, $err ) = run( $helper, 'cat', without( 'host', 'cs(Host)', 'x-host-header', 'www.example.com' ) );
is( $err, '', 'x-host-header instead of cs(Host)' );
my $forwarded = without( 'forwarded', 'c-ip', 'x-forwarded-for', '192.0.2.9' );
( $status, $out, $err ) = run( $helper, 'cat', '--client', 'x-forwarded-for', $forwarded );
is( $err, '', 'x-forwarded-for instead of c-ip' );
like( $out, qr/\t192\.0\.2\.9\tHEAD\t/, 'x-forwarded-for instead of c-ip: its address' );
( $status, $out ) = run( $helper, 'check', '--client', 'x-forwarded-for', $forwarded );
unlike( $out, qr/^warn/m, 'check: x-forwarded-for instead of c-ip' );
( $status, $out, $err ) = run( $helper, 'cat', $forwarded );
like( $err, qr/no column c-ip/, 'x-forwarded-for is not taken unless the site says so' );

# The column x-forwarded-for, if it is wanted: once a run, and never for the normalized log of such a run.
{
    my @wanted = ( '--client', 'x-forwarded-for' );
    mkdir "$folder/proxies";
    without( "proxies/$_", 'none', 'cs(Cookie)', $_ ) foreach qw(a b);
    ( $status, $out, $err ) = run( $helper, 'cat', @wanted, "$folder/proxies" );
    is( $status, 0, 'no x-forwarded-for: exit status' );
    like( $out, qr/\t192\.0\.2\.1\tHEAD\t/, 'no x-forwarded-for: the client is c-ip' );
    like(
        $err,
        qr{\A\N* 2 logs, \N*/a, have no column x-forwarded-for: visitors behind a proxy\N*; add this field\N*\n\z},
        'no x-forwarded-for: one warning'
    );
    write_file( "$folder/normalized", $out );
    write_file( "$folder/json",       '{' . join( ',', map { qq("$names[$_]":"$values[$_]") } 0 .. $#names ) . "}\n" );
    ( $status, undef, $err ) = run( $helper, 'cat', @wanted, "$folder/json" );
    like( $err, qr/\A\N*has no column x-forwarded-for: \N*\n\z/, 'JSON without x-forwarded-for: one warning' );
    ( $status, $out ) = run( $helper, 'check', @wanted, "$folder/json" );
    like( $out, qr/^warn  columns: \N*no column x-forwarded-for: /m, 'no x-forwarded-for: check warns' );
    ( $status, undef, $err ) = run( $helper, 'cat', "$folder/proxies" );
    is( $err, '', 'no x-forwarded-for: no warning where c-ip is wanted' );
    ( $status, $out, $err ) = run( $helper, 'cat', @wanted, "$folder/normalized" );
    is( $err, '', 'no x-forwarded-for: no warning of a normalized log' );
    like( $out, qr/^#End: records=2 /m, 'no x-forwarded-for: a normalized log is read' );
    write_file( "$folder/stream",
            "#Fields: date time x-event sc-bytes x-cf-client-id cs-uri-stem c-ip\n"
          . "2026-03-10\t12:00:00\tplay\t1\tc\trtmp://www.example.com/a\t192.0.2.1\n" );
    ( $status, undef, $err ) = run( $helper, 'cat', @wanted, "$folder/stream" );
    is( $err, '', 'no x-forwarded-for: no warning of a streaming log, which never has it' );
}

# A log without a header, whose columns the setting fields names.
{
    my @names = qw(date time c-ip cs-method cs-uri-stem sc-status x-host-header cs-referer cs-user-agent);
    write_file( "$folder/headerless", join( "\t", @values[ 0 .. 3, 5, 6, 4, 8, 9 ] ) . "\n" );
    my @fields = ( '--fields', "@names", "$folder/headerless" );
    ( $status, undef, $err ) = run( $helper, 'cat', @fields );
    like(
        $err,
        qr/no column sc-bytes: \N* settings in CloudFront, and its name to \N*"fields"$/m,
        'fields: the advice'
    );
    ( $status, $out ) = run( $helper, 'check', @fields );
    like( $out, qr/no column sc-bytes: \N* settings in CloudFront, and its name to \N*"fields"$/m, 'fields: of check' );
}

# Several objects: one warning, the first of them by name.
without( "three/$_", 'c-ip', 'cs(Cookie)', $_ ) foreach qw(b a c);
without( 'three/d', 'none' );
( $status, $out, $err ) = run( $helper, 'cat', "$folder/three" );
like(
    $err,
    qr{\A[^\n]*: 3 logs, the first of them \Q$folder\E/three/a, have no column c-ip: [^\n]*\n\z},
    'several objects: one warning'
);

# Objects of both kinds: each record has what its own log has.
without( 'mixed/1', 'cs(User-Agent)' );
without( 'mixed/2', 'none' );
( $status, $out, $err ) = run( $helper, 'cat', "$folder/mixed" );
is_deeply(
    [ map { ( split /\t/ )[ $COLUMN{'cs(User-Agent)'} ] } $out =~ /^(2026.*)$/mg ],
    [ 'unknown', 'curl/8' ],
    'with and without cs(User-Agent)'
);

# Numbers in and out of their ranges.
my @good = qw(0 1 9007199254740992 000000000000000000000000123 -);
my @bad = qw(9007199254740993 18446744073709551617 99999999999999999999999 -1 +1 1.5 1e3 0x10);
my @streaming = qw(date time x-event sc-bytes x-cf-client-id cs-uri-stem c-ip);
my %log = (
    download  => [ \@names, sub { join "\t", @values[ 0 .. 6 ], $_[0], @values[ 8, 9 ] } ],
    streaming => [
        \@streaming,
        sub { join "\t", @values[ 0, 1 ], 'stop', $_[0], "c$_[0]", 'rtmp://www.example.com/a', '192.0.2.1' }
    ],
    normalized => [
        \@COLUMNS,
        sub { join "\t", @values[ 0, 1 ], '-', $_[0], ('-') x ( @COLUMNS - 4 ) },
        "#Software: awstats-cloudfront 0.1\n",
        "#End: records=${\( @good + @bad )} bad=0 quarantined=0\n"
    ],
);
foreach my $kind ( sort keys %log ) {
    my ( $columns, $row, $before, $after ) = @{ $log{$kind} };
    my @numbers = $kind eq 'streaming' ? grep { $_ ne '-' } @good : @good;
    write_file(
        "$folder/numbers", join '',
        $before // '',
        "#Fields: @$columns\n",
        map( { $row->($_) . "\n" } @numbers, @bad ),
        $after // ''
    );
    ( $status, $out, $err ) = run( $helper, 'cat', "$folder/numbers" );
    is( $status, 0, "$kind: exit status" ) or diag $err;
    is(
        ( $out =~ /^#End: (.*)/m )[0],
        "records=${\ scalar @numbers} bad=${\ scalar @bad} quarantined=0",
        "$kind: numbers out of their range are bad rows"
    );
    like( $err, qr/numbers: line \d+: sc-bytes is not a number from 0 to 2\^53/, "$kind: and a warning says so" );
}

done_testing;
