#!/usr/bin/perl
# Compressed logs: by several programs, twice, cut off, corrupt, and larger than the setting max-inflated allows.
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

# Returns the exit status, the records, and the #End line.
sub cat {
    my ( $path, @options ) = @_;
    my ( $status, $out, $err ) = run( $helper, 'cat', '-q', @options, $path );
    return ( $status, join( '', grep { !/^#/ } split /^/, $out ), $out =~ /^(#End.*)/m ? $1 : $err );
}

my ( $plain, $json ) = map { ( cat("$data/$_.log") )[1] } qw(plain json);
like( $_, qr/\A2\d{3}-.*\n\z/s, 'a log that is not compressed' ) foreach $plain, $json;

# Data that was compressed twice; three times, it is binary data, and inside, corrupt and truncated data is found.
{
    my $gzip = Compress::Zlib::memGzip( Program::content("$data/plain.log") );
    my $zstd = Program::content("$data/json.zst");
    Program::write_file( "$dir/gzip.gz", Compress::Zlib::memGzip($gzip) );
    Program::write_file( "$dir/zstd.gz", Compress::Zlib::memGzip($zstd) );
    Program::write_file( "$dir/thrice",  Compress::Zlib::memGzip( Compress::Zlib::memGzip($gzip) ) );
    Program::write_file( "$dir/inner",   Compress::Zlib::memGzip( substr $gzip, 0, -9 ) );
    Program::write_file( "$dir/outer",   substr Compress::Zlib::memGzip($gzip), 0, -9 );
    Program::write_file( "$dir/bad-line",
        Compress::Zlib::memGzip( Compress::Zlib::memGzip("#Fields: date time c-ip\n\nx\tx\n") ) );
    is( ( cat("$dir/gzip.gz") )[1], $plain, 'gzip in gzip' );
    is( ( cat("$dir/zstd.gz") )[1], $json,  'zstd in gzip' );
    is( ( cat("$dir/gzip.gz") )[1], $plain, 'gzip in gzip: again' );
    my %message = (
        thrice     => 'binary data, not a CloudFront log',
        inner      => 'truncated gzip data; put a complete',
        outer      => 'truncated gzip data; put a complete',
        'bad-line' => 'line 3: the line has fewer fields'
    );

    foreach my $name ( sort keys %message ) {
        my ( undef, undef, $err ) = run( $helper, 'cat', "$dir/$name" );
        like( $err, qr/$name: $message{$name}/, "compressed twice: $name" );
    }
    my ( $status, undef, $err ) = run( $helper, 'cat', '--max-inflated=900', "$dir/gzip.gz" );
    is( $status, 1, 'compressed twice: more than the limit' );
    like( $err, qr/inflates to more than 900 bytes/, 'compressed twice: the limit' );
}

# zstd data, of one frame and of two, under any name.
{
    my $zstd = Program::content("$data/json.zst");
    Program::write_file( "$dir/one.gz", $zstd );
    Program::write_file( "$dir/two",    $zstd x 2 );
    is( ( cat("$dir/one.gz") )[1], $json,                                 'zstd' );
    is( ( cat("$dir/two") )[2],    '#End: records=6 bad=0 quarantined=0', 'zstd: two frames' );
    my $skippable = pack 'VVa*', 0x184D2A5F, 4, 'none';
    Program::write_file( "$dir/skippable", "$skippable$zstd$skippable" );
    is( ( cat("$dir/skippable") )[1], $json, 'zstd: skippable frames' );
    substr( my $corrupt = $zstd, length($zstd) / 2, 1 ) =~ tr/\0-\xff/\1-\xff\0/;
    Program::write_file( "$dir/corrupt", $corrupt );
    Program::write_file( "$dir/cut", substr $zstd, 0, -5 );

    my %message = ( corrupt => 'corrupt zstd data; put a good copy', cut => 'truncated zstd data; put a complete' );
    foreach my $name ( sort keys %message ) {
        my ( $status, $out, $err ) = run( $helper, 'cat', "$dir/$name" );
        is( "$status$out", '1', "zstd: $name: nothing but exit status 1" );
        like( $err, qr/\A[^\n]*$name: $message{$name}.*\n\z/, "zstd: $name: the message" );
    }
}

# Data that another program has compressed.
{
    my %data = (
        bzip2                                 => 'BZh91AY&SY',
        xz                                    => "\xfd7zXZ\0\0",
        'a ZIP archive'                       => "PK\3\4\x14\0",
        Snappy                                => "\xff\6\0\0sNaPpY",
        LZ4                                   => "\4\x22\x4d\x18",
        'Snappy data in the frames of Hadoop' => pack( 'NNCC', 500, 40, 0xf4, 0x03 ) . "\xf0\x0f2026-03-10\t12:00:"
    );
    foreach my $packer ( sort keys %data ) {
        my $path = Program::write_file( "$dir/E1.2026-10-31-10.0000000a.packed", $data{$packer} . "\0" x 50 );
        my ( $status, $out, $err ) = run( $helper, 'cat', $path );
        is( "$status$out", '1', "$packer: exit status 1" );
        like(
            $err,
            qr/\A[^\n]*: $packer( data)?, which is not read; (?:decompress it|put its files)[^\n]*\n\z/,
            "$packer: the message"
        );
    }
}

# A compressed object that inflates to more than the setting allows.
foreach my $case ( [ 'gzip', Compress::Zlib::memGzip( Program::content("$data/w3c.log") x 10 ) ],
    [ 'zstd', Program::content("$data/json.zst") x 10 ] )
{
    my ( $name, $bytes ) = @$case;
    Program::write_file( "$dir/bomb", $bytes );
    my ( $status, $out, $err ) = run( $helper, 'cat', '--max-inflated', '10K', "$dir/bomb" );
    is( "$status$out", '1', "$name: more than max-inflated: nothing but exit status 1" );
    like(
        $err,
        qr/\A[^\n]*bomb: its compressed data inflates to more than 10240 bytes, [^\n]*\n\z/,
        "$name: more than max-inflated: the message"
    );
    is( ( cat( "$dir/bomb", '--max-inflated', '1M' ) )[0], 0, "$name: less: exit status" );
}

done_testing;
