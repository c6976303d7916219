#!/usr/bin/perl
# A shard may have only partial downloads of a kind of file, on a day or from a country, of which another shard has a
# whole one, or nobody has: no byte of them is lost, as in one update.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use CountedSite ();
use Shards      qw(count_batch deliver is_same update);
use Test::More;

# Ten hosts fetch parts of files, each of its own country; one of them fetches a whole file.  The times are those of a day,
# the number of the hour and of the host.
sub parts {
    my ( $day, $hour, %value ) = @_;
    return [
        map {
            CountedSite::record(
                "$day $hour:00:0$_",
                host   => "host$_.example." . ( $_ % 2 ? 'de' : 'fr' ),
                status => 206,
                path   => '/film.mp4',
                bytes  => 1000 + $_,
                %value
            )
        } 0 .. 9
    ];
}

sub whole {
    my ( $time, %value ) = @_;
    return [ CountedSite::record( $time, host => 'host3.example.de', path => '/film.mp4', bytes => 77, %value ) ];
}

my @BATCHES = (
    [
        map {
            (
                parts( $_, '20' ),
                whole("$_ 21:00:00"), [ CountedSite::record( "$_ 22:00:00", host => 'host3.example.de' ) ]
            )
        } '2026-10-31',
        '2026-11-01'
    ],

    # Late, on a day that is new; a kind of file and a day without a whole download.
    [ parts( '2026-10-30', '07' ), whole('2026-10-30 08:00:00'), parts( '2026-11-02', '03', path => '/setup.zip' ) ],
    [ parts( '2026-11-03', '03' ), whole('2026-11-03 04:00:00') ],
);

my $whole = CountedSite->new;
my $site = CountedSite->new;
foreach my $number ( 1 .. @BATCHES ) {
    deliver( $BATCHES[ $number - 1 ], $whole, $site );
    update($whole);
    count_batch( $site, $site->folder . "/work$number", 4, 2 );
    is_same( $site, $whole, "batch $number" );
}
my $bytes = 10_045 + 77;    # of ten parts, and of a whole download
my %day = map { $_ => $site->days->{$_}[2] } keys %{ $site->days };
is_deeply(
    \%day,
    {
        20261030 => $bytes,
        20261031 => $bytes + 1000,
        20261101 => $bytes + 1000,
        20261102 => $bytes - 77,
        20261103 => $bytes
    },
    'the bytes of each day'
);
my $types = $site->awstats->section( 'site', 'FILETYPES' );
is( $types->{mp4}[1], 4 * $bytes,  'the bytes of a kind of file' );
is( $types->{zip}[1], $bytes - 77, 'the bytes of a kind of file without a whole download' );

done_testing;
