#!/usr/bin/perl
# JSON logs: few fields, spaces around values, the units of a timestamp, and objects that are too long.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use File::Temp qw(tempdir);
use Program    qw(helper run);
use Test::More;

my $helper = helper();
my $data = "$Bin/data/formats";
my $dir = tempdir( CLEANUP => 1 );

# Returns the exit status, the records, and the #End line.
sub cat {
    my ($path) = @_;
    my ( $status, $out, $err ) = run( $helper, 'cat', '-q', $path );
    return ( $status, join( '', grep { !/^#/ } split /^/, $out ), $out =~ /^(#End.*)/m ? $1 : $err );
}

# A JSON log with few fields, as in the examples of the AWS pages.
Program::write_file( "$dir/few",
    qq({"date":"2026-03-10","time":"12:00:00","x-edge-location":"FRA56-P1","x-host-header":"www.example.com"}\n) );
is(
    join( ' ', ( split /\t/, ( cat("$dir/few") )[1] )[ 0 .. 6 ] ),
    '2026-03-10 12:00:00 FRA56-P1 0 - GET www.example.com',
    'a JSON log with few fields'
);

# Spaces around a value are no part of it, in any format.
{
    my @names = qw(date time c-ip cs-method cs-uri-stem sc-status cs(User-Agent) cs(Referer));
    my @value = ( '2026-03-10', '12:00:00', '192.0.2.1', 'GET', '/a ', ' 200 ', ' Moz/5.0', ' http://x/ ' );
    my $object = join ', ', map { qq("$names[$_]": "$value[$_]") } 0 .. $#names;
    Program::write_file( "$dir/w3c", join "\n", "#Fields: @names", join( "\t", @value ), '' );
    Program::write_file( "$dir/json", "{$object}\n" );
    my $record = ( cat("$dir/json") )[1];
    is( $record, ( cat("$dir/w3c") )[1], 'spaces around a value in JSON' );
    like( $record, qr{\t/a\t200\thttp://x/\tMoz/5[.]0\t}, 'no spaces around a value' );
}

# The units of a timestamp.
for my $stamp (qw(1773144000 1773144000.037 1773144000037 1773144000037000 1773144000037000000)) {
    my $object = qq({"timestamp": $stamp, "c-ip": "192.0.2.1", "cs-uri-stem": "/a"}\n);
    Program::write_file( "$dir/json", $object );
    like( ( cat("$dir/json") )[1], qr/\A2026-03-10\t12:00:00\t/, "the timestamp $stamp" );
}

# A JSON object of more than 256 KiB is malformed alone, wherever the next one begins.
{
    my ($good) = split /^/, Program::content("$data/json.log");
    chomp $good;
    my $long = $good =~ s/\}\z/', "x": "' . 'y' x 300_000 . '"}'/er;
    my @all = ( ($good) x 300, $long, ($good) x 300 );
    my %log = (
        lines    => join( "\n", @all ),
        nothing  => join( '',   @all ),
        array    => '[' . join( ',', @all ) . ']',
        text     => join( "\n", $good, 'y' x 300_000, ($good) x 599 ),
        unclosed => join( "\n", $good, substr( $good, 0, -1 ) . ', "x": [', ($good) x 599 ),
        longest => join( "\n", ($good) x 600, $good =~ s/\}\z/', "x": "' . 'y' x ( 262_136 - length $good ) . '"}'/er ),
        first   => join( "\n",                $long, ($good) x 600 ),
        twice   => join( "\n", ($good) x 300, substr( $long, 0, -2 ) . 'z' x 700_000 . '"}', ($good) x 300 ),
    );
    for my $shape ( sort keys %log ) {
        Program::write_file( "$dir/long", $log{$shape} );
        is( ( cat("$dir/long") )[2], '#End: records=600 bad=1 quarantined=0', "a long JSON object: $shape" );
    }
    Program::write_file( "$dir/long", $log{longest} =~ s/y"\}\z/"}/r );
    is( ( cat("$dir/long") )[2], '#End: records=601 bad=0 quarantined=0', 'the longest JSON object' );
}
done_testing();
