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
use Program qw(content helper run write_file);
use Site;

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
my $data = "$Bin/data/parquet";

my ( $status, $log, $err ) = run( $helper, 'cat', "$data/log.gz" );
is( $status, 0, 'the log' ) or diag $err;
like( $log, qr/^#End: records=150 bad=0 /m, 'has records' );

my @files = sort grep { !m{/refused-} } glob "$data/*.parquet";
cmp_ok( scalar @files, '>=', 8, 'files' );
for my $file (@files) {
    my $name = $file =~ s{.*/}{}r;
    ( $status, my $out, $err ) = run( $helper, 'cat', $file );
    is( $status, 0, "$name: exit status" ) or diag $err;
    ok( $out eq $log, "$name: the records of the log" );
}
( $status, my $all ) = run( $helper, 'cat', @files[ 0, 1 ], "$data/log.gz" );
is( $status, 0, 'Parquet beside other logs' );
like( $all, qr/^#End: records=[0-9]+ bad=0 /m, 'all are read' );

# Compressed as a whole, and from standard input.
my $packed = write_file( "$dir/packed.gz", Compress::Zlib::memGzip( content( $files[0] ) ) );
is( ( run( $helper, 'cat', $packed ) )[1], $log, 'in gzip data' );
is( ( run( { in => $files[0] }, $helper, 'cat', '-' ) )[1], $log, 'standard input' );

# What cannot be read.
my %error = (
    brotli    => qr/Parquet column date: its values are compressed with Brotli; write the file again with snappy/,
    lz4       => qr/Parquet column date: its values are compressed with LZ4_RAW; write the file again with snappy/,
    int64     => qr/Parquet column sc_bytes: its values have the type INT64; write the file again with this column as/,
    list      => qr/Parquet column c_ip: its values are lists, maps or structs; write the file again/,
    'no-time' => qr/has neither the columns date and time nor timestamp, so it is no log of requests; keep/,
    encrypted => qr/an encrypted Parquet file; write the file again without encryption/,
);
is( join( ' ', map { m{refused-(.*)[.]}; $1 } sort glob "$data/refused-*" ), join( ' ', sort keys %error ), 'refused' );
for my $name ( sort keys %error ) {
    ( $status, my $out, $err ) = run( $helper, 'cat', "$data/refused-$name.parquet" );
    is( $status, 1,   "$name: exit status 1" );
    is( $out,    q(), "$name: no output" );
    like( $err, qr/\A\N*refused-$name[.]parquet: \N*$error{$name}\N*\n\z/, "$name: one line" );
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
like( $err, qr/a download log, but the setting type is streaming/, 'another type' );
done_testing();
