#!/usr/bin/perl
# Parquet files that DuckDB and Apache Arrow wrote hold the same records as the log that they were made of, and what
# cannot be read is refused by name.
use strict;
use warnings;
use Test::More;
use Compress::Zlib ();
use File::Copy     qw(copy);
use File::Temp     qw(tempdir);
use FindBin        qw($Bin);
use lib "$Bin/lib";
use ParquetFile qw(packed_parquet parquet);
use Program     qw(content helper run write_file);
use Site;

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
my $data = "$Bin/data/parquet";

my ( $status, $log, $err ) = run( $helper, 'cat', "$data/log.gz" );
is( $status, 0, 'the log' ) or diag $err;
like( $log, qr/^#End: records=150 bad=0 /m, 'has records' );

my @files = sort grep { !m{/refused-} } glob "$data/*.parquet";
cmp_ok( scalar @files, '>=', 12, 'files' );
for my $file (@files) {
    my $name = $file =~ s{.*/}{}r;
    ( $status, my $out, $err ) = run( $helper, 'cat', $file );
    is( $status, 0, "$name: exit status" ) or diag $err;
    ok( $out eq $log, "$name: the records of the log" );
}
( $status, my $all ) = run( $helper, 'cat', @files[ 0, 1 ], "$data/log.gz" );
is( $status, 0, 'Parquet beside other logs' );
like( $all, qr/^#End: records=[0-9]+ bad=0 /m, 'Parquet beside other logs: all are read' );

# Compressed as a whole, and from standard input.
my $packed = write_file( "$dir/packed.gz", Compress::Zlib::memGzip( content( $files[0] ) ) );
is( ( run( $helper, 'cat', $packed ) )[1], $log, 'Parquet data in gzip data' );
is( ( run( { in => $files[0] }, $helper, 'cat', '-' ) )[1], $log, 'Parquet data on standard input' );

# What cannot be read.
my %error = (
    brotli =>
qr/Parquet column date: its values are compressed with Brotli; have the program that made this file write it again with snappy/,
    boolean =>
qr/Parquet column sc_bytes: its values have the type BOOLEAN; have the program that made this file write it again with this column as/,
    list =>
qr/Parquet column c_ip: its values are lists, maps or structs; have the program that made this file write it again/,
    'no-time' => qr/has neither the columns date and time nor timestamp, so it is no log of requests; keep/,
    encrypted => qr/an encrypted Parquet file; have the program that made this file write it again without encryption/,
);
is( join( ' ', map { m{refused-(.*)[.]}; $1 } sort glob "$data/refused-*" ), join( ' ', sort keys %error ), 'refused' );
for my $name ( sort keys %error ) {
    ( $status, my $out, $err ) = run( $helper, 'cat', "$data/refused-$name.parquet" );
    is( $status, 1,   "$name: exit status 1" );
    is( $out,    q(), "$name: no output" );
    like( $err, qr/\A\N*refused-$name[.]parquet: \N*$error{$name}\N*\n\z/, "$name: one line" );
}

# The files of the bench hold what plain ones do.
{
    my @row = map { [ '2026-03-10', "12:00:$_", '192.0.2.1', "agent $_", $_ % 3 ] } 10 .. 59;
    my %make = ( plain => \&parquet, packed => \&packed_parquet );
    my %out;
    for my $kind ( sort keys %make ) {
        my $path =
          write_file( "$dir/$kind.parquet", $make{$kind}->( [qw(date time c_ip cs_user_agent sc_bytes)], @row ) );
        $out{$kind} = ( run( $helper, 'cat', '-q', $path ) )[1];
    }
    like( $out{plain}, qr/^#End: records=50 bad=0 /m, 'plain pages' );
    is( $out{packed}, $out{plain}, 'dictionaries and gzip' );
}

# Spaces around a value are no part of it.
{
    my @values = ( '2026-03-10', '12:00:00', '192.0.2.1', '/a', '200' );
    my $path = write_file( "$dir/spaces.parquet",
        parquet( [qw(date time c_ip cs_uri_stem sc_status)], [ map { "  $_ " } @values ], \@values ) );
    my ( $first, $second ) = grep { !/^#/ } split /^/, ( run( $helper, 'cat', '-q', $path ) )[1];
    like( $second, qr{\t/a\t200\t}, 'values without spaces' );
    is( $first, $second, 'values with spaces around' );
}

# The setting max-inflated, for pages and for rows.
{
    my $row = [ '2026-03-10', '12:00:00', '192.0.2.1', 'x' x 1000 ];
    my @names = qw(date time c_ip cs_user_agent);
    my %make = ( pages => \&packed_parquet, rows => \&parquet );
    for my $what ( sort keys %make ) {
        my $path = write_file( "$dir/inflated", $make{$what}->( \@names, ($row) x 2000 ) );
        for my $limit ( $what eq 'pages' ? '1k' : '1M', '4M' ) {
            ( $status, my $out, $err ) = run( $helper, 'cat', "--max-inflated=$limit", $path );
            is( $status, $limit eq '4M' ? 0 : 1, "max-inflated $limit: exit status, $what" );
            my $text = "$out$err";
            my $want = $limit eq '4M' ? qr/^#End: records=2000 /m : qr/$what of this .* "max-inflated" allows; raise/;
            like( $text, $want, "max-inflated $limit: $what" );
        }
    }
}

# The field s-ip of a real-time log, which logs of IIS have, too.
{
    my $row = [qw(1773144000.037 192.0.2.1 198.51.100.9 www.example.com /a?b=1)];
    my $path = write_file( "$dir/s-ip.parquet", parquet( [qw(timestamp c_ip s_ip cs_host cs_uri_stem)], $row, $row ) );
    my ($record) = grep { !/^#/ } split /^/, ( run( $helper, 'cat', '-q', $path ) )[1];
    like( $record // '', qr{^2026-03-10\t12:00:00\t\N*\t192[.]0[.]2[.]1\t\N*\twww[.]example[.]com\t/a\t}, 's_ip' );
}

# Events, which have never been in Parquet.
{
    my $path = write_file( "$dir/events.parquet",
        parquet( [qw(date time c_ip x_event x_cf_client_id)], [qw(2010-12-05 12:00:00 192.0.2.1 play a)] ) );
    ( $status, my $out, $err ) = run( $helper, 'cat', $path );
    is( "$status$out", '1', 'streaming events: nothing but exit status 1' );
    like( $err, qr/\A\N*events[.]parquet: a Parquet file of streaming \(RTMP\) events, \N*\n\z/, 'streaming events' );
}

# Two files in one, and a value that looks like two.
{
    my $two = write_file( "$dir/two.parquet", content( $files[0] ) . content( $files[0] ) );
    ( $status, my $out, $err ) = run( $helper, 'cat', $two );
    is( "$status$out", '1', 'two files in one: nothing but exit status 1' );
    like( $err, qr/\A\N*two[.]parquet: several Parquet files are joined in one; put each \N*\n\z/, 'two files in one' );
    my $value = write_file( "$dir/value.parquet",
        parquet( [qw(date time c_ip cs_user_agent)], ( [ qw(2026-03-10 12:00:00 192.0.2.1), 'PAR1PAR1' ] ) x 3 ) );
    like(
        ( run( $helper, 'cat', '-q', $value ) )[1],
        qr/\tPAR1PAR1\t.*^#End: records=3 bad=0 /ms,
        'a value is no second file'
    );
}

# A file that is not whole, in a site: quarantined, and the others are counted.
my $whole = content("$data/duckdb-snappy.parquet");
my $site = Site->new;
$site->put( 'cut.parquet',     substr( $whole, 0, length($whole) - 9 ) );
$site->put( 'magic.parquet',   'PAR1' );
$site->put( 'changed.parquet', substr( $whole, 0, 2000 ) . ( 'x' x 2000 ) . substr( $whole, 4000 ) );
$site->put( 'good.parquet',    $whole );
my $run = $site->cat_later;
is( $run->{status}, 0,                                 'a site: exit status' ) or diag $run->{err};
is( $run->{end},    'records=150 bad=0 quarantined=3', 'a site: the good file is read' );
like( $run->{err}, qr/cut[.]parquet: \N*truncated Parquet data; put a complete copy in its place/, 'a cut file' );
like( $run->{err}, qr/magic[.]parquet: \N*truncated Parquet data/,                       'the first bytes alone' );
like( $run->{err}, qr/changed[.]parquet: \N*Parquet column \S+: corrupt Parquet data: /, 'changed bytes' );

# Records that settings change are the same, too.
my @options = ( '--client=x-forwarded-for', '--anonymize=ip', '--host=cs(Host)' );
is(
    ( run( $helper, 'cat', @options, $files[0] ) )[1],
    ( run( $helper, 'cat', @options, "$data/log.gz" ) )[1],
    'with settings'
);
( $status, undef, $err ) = run( $helper, 'cat', '--type=streaming', $files[0] );
like( $err, qr/a download log, but the setting "type" is streaming/, 'another type' );

# Real-time records: cs-host is what the viewer asked for, and the path has the query.  A name of real-time logs, or a
# fraction of a second, tells.
sub record_of {
    my ( $name, @column ) = @_;
    my @names = map { $_->[0] } @column;
    my $row = [ map { $_->[1] } @column ];
    my ( $status, $out, $err ) =
      run( $helper, 'cat', write_file( "$dir/$name.parquet", parquet( \@names, $row, $row ) ) );
    is( $status, 0, "$name: exit status" ) or diag $err;
    my ( $record, $again ) = grep { !/^#/ } split /\n/, $out;
    is( $again, $record, "$name: the next row has the same record" );
    return join ' ', ( split /\t/, $record // '' )[ 0, 1, 6, 7, 11 ];
}
my @request = (
    [ 'c_ip',        '192.0.2.9' ],
    [ 'cs_host',     'www.example.com' ],
    [ 'sc_status',   '200' ],
    [ 'sc_bytes',    '10' ],
    [ 'cs_method',   'GET' ],
    [ 'cs_uri_stem', '/a?b=1' ]
);
my @distribution = ( [ 'x_host_header', 'd111.cloudfront.net' ] );
my $real_time = '2026-03-10 12:00:00 www.example.com /a b=1';
my ( $whole_second, $fraction ) = ( '1773144000', '1773144000.123' );
is( record_of( 'fraction', [ 'timestamp', $fraction ], @request, @distribution ), $real_time,
    'a fraction of a second' );
is( record_of( 'name', [ 'timestamp', $whole_second ], @request, [ 'cs_headers', 'Host:a' ], @distribution ),
    $real_time, 'a name' );
is(
    record_of(
        'date',
        [ 'timestamp', $whole_second ],
        [ 'date',      '2026-03-10' ],
        @request[ 0 .. 4 ],
        [ 'cs_uri_stem',  '/a' ],
        [ 'cs_uri_query', 'b=1' ],
        [ 's_ip',         '198.51.100.9' ],
        @distribution
    ),
    $real_time,
    'a name beside a date'
);
is( record_of( 'query', [ 'timestamp', $fraction ], [ 'cs_uri_query', undef ], @request ), $real_time, 'a query' );
is( record_of( 'values', [ 'timestamp', $whole_second ], @request, @distribution ),
    $real_time, 'the path has the query, and the hosts are the reverse' );
is(
    record_of(
        'standard',
        [ 'timestamp',     $whole_second ],
        [ 'c_ip',          '192.0.2.9' ],
        [ 'cs_host',       'd111.cloudfront.net' ],
        [ 'x_host_header', 'www.example.com' ],
        [ 'cs_uri_stem',   '/a' ],
        [ 'cs_uri_query',  'b=1' ]
    ),
    $real_time,
    'a standard log'
);

# Tables of something else are passed over in a folder, and the logs beside them are read.
my %foreign = (
    connections => [ qr/a CloudFront connection log/,     qw(eventTimestamp connectionId connectionStatus) ],
    inventory   => [ qr/an S3 inventory/,                 qw(bucket key size last_modified_date storage_class) ],
    other       => [ qr/a Parquet file without requests/, qw(a b) ],
    times       => [ qr/a Parquet file without requests/, qw(timestamp value) ],
    balancer    => [ qr/a Parquet file without requests/, qw(type time elb client_ip elb_status_code) ],
    athena      => [
        qr/a table of CloudFront's logs in Athena/,
        qw(date time location bytes request_ip uri status time_taken ssl_protocol)
    ],
);
mkdir "$dir/folder";
copy( $files[0], "$dir/folder/log.parquet" ) or die;
for my $name ( sort keys %foreign ) {
    my ( $kind, @names ) = @{ $foreign{$name} };
    my $path = write_file( "$dir/folder/$name", parquet( \@names, [ ('x') x @names ] ) );
    ( $status, my $out, $err ) = run( $helper, 'cat', "$dir/folder" );
    is( $status, 0, "$name: exit status" );
    like( $out, qr/^#End: records=150 bad=0 quarantined=0$/m, "$name: the log beside it" );
    like( $err, qr/\A\N*folder\/$name: passed over, because it is no log to count: $kind\N*\n\z/,
        "$name: passed over" );
    unlink $path;
}
( $status, undef, $err ) = run( $helper, 'cat', write_file( "$dir/timeless", parquet( ['cs_method'], ['GET'] ) ) );
like( $err, qr/timeless: \N*has neither the columns date and time nor timestamp/, 'a log without time: what to add' );
done_testing();
