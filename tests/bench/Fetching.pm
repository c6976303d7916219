package Fetching;

# Transfers from a bucket behind a long line, beside curl and rclone, and the ideal of a client that takes no time.

use strict;
use warnings;
use CannedBucket   ();
use Compress::Zlib ();
use Digest::MD5    qw(md5_hex);
use File::Temp     qw(tempdir);
use Measure        qw(in_turns);
use Site           ();
use Table          qw(title rows ratio);

use constant MILLISECONDS => 30;
use constant OBJECT_SIZE  => 20_000;

# A gzip file of a size that is right to some bytes: digits of no pattern take 10 bits in 24.
sub gzip_of_size {
    my ( $size, $salt ) = @_;
    my $text = '';
    $text .= md5_hex( "$salt " . length $text ) while length $text < $size * 1.75;
    return Compress::Zlib::memGzip($text);
}

# Writes bytes that are no gzip data, so that nobody inflates them.
sub write_noise {
    my ( $file, $mib ) = @_;
    open my $noise, '<:raw', '/dev/urandom' or die "/dev/urandom: $!\n";
    for ( 1 .. $mib ) {
        ( read $noise, my $data, 1 << 20 ) == 1 << 20 or die "/dev/urandom: $!\n";
        substr $data, 0, 1, '#';
        print {$file} $data or die "$!\n";
    }
    return;
}

# The line counts, not the disk.
sub memory_folder {
    my ($data) = @_;
    return tempdir( DIR => -w '/dev/shm' ? '/dev/shm' : $data, CLEANUP => 1 );
}

sub has_rclone { return -x '/usr/bin/rclone' }

# What rclone is told of a store.
sub rclone_settings {
    my ($endpoint) = @_;
    return 'unset AWS_CA_BUNDLE; export RCLONE_S3_ACCESS_KEY_ID=bench RCLONE_S3_SECRET_ACCESS_KEY=bench '
      . "RCLONE_S3_PROVIDER=Other RCLONE_S3_ENDPOINT=$endpoint RCLONE_S3_REGION=us-east-1; ";
}

sub our_settings { return 'export AWS_ACCESS_KEY_ID=bench AWS_SECRET_ACCESS_KEY=bench; ' }

sub check_fetched {
    my ( $to, $objects ) = @_;
    my $got = () = glob "$to/*.gz";
    die "fetch: $got files instead of $objects\n" if $got != $objects;
    return;
}

# Starts a bucket of so many objects, in MEMORY; CONTENTS are what CannedBucket makes them of.
sub start_bucket {
    my ( $memory, $option, @contents ) = @_;
    return CannedBucket->start(
        directory    => "$memory/bucket",
        build        => $option->{build},
        milliseconds => MILLISECONDS,
        objects      => $option->{objects},
        contents     => \@contents
    );
}

# option: helper => path, data => folder, build => folder, objects => number, repeats => number, at_once => transfers,
# goal => how many times the ideal, beside => [parts of rclone's time, and of its processor time]
sub bench_small {
    my (%option) = @_;
    my ( $objects, $at_once ) = @option{qw(objects at_once)};
    my $memory = memory_folder( $option{data} );
    my $bucket = start_bucket(
        $memory,
        \%option,
        map {
            my $salt = $_;
            sub { print { $_[0] } gzip_of_size( OBJECT_SIZE, $salt ) or die "$!\n" }
        } 0 .. 9
    );
    my $requests = $objects + $bucket->pages;
    my $ideal = $requests * MILLISECONDS / 1000 / $at_once;
    title("Fetching $objects objects of 20 kB through ${\ MILLISECONDS} ms of latency, $at_once at once");
    my $to = "$memory/fetched";
    my $empty = "rm -rf '$to'; mkdir '$to'";
    my $endpoint = $bucket->endpoint;
    my $results = in_turns(
        $option{repeats},
        [
            "curl --parallel-max $at_once (given the list)" =>
              "cd '$to' && exec curl --silent --fail --parallel --parallel-max $at_once --config '"
              . $bucket->curl_config
              . "' 2>/dev/null",
            $empty
        ],
        (
            has_rclone()
            ? [
                'rclone' => rclone_settings($endpoint)
                  . "exec rclone copy --config '' --quiet --transfers $at_once --checkers $at_once --s3-list-version 2 "
                  . "--s3-no-check-bucket :s3:bench/logs '$to'",
                $empty
              ]
            : ()
        ),
        [
            'awstats-cloudfront fetch' => our_settings()
              . "exec '$option{helper}' fetch -q --endpoint $endpoint --region us-east-1 -j $at_once --to '$to' s3://bench/logs/",
            $empty
        ]
    );
    check_fetched( $to, $objects );
    my $name = "ideal ($requests requests x ${\ MILLISECONDS} ms / $at_once)";
    rows( [ { name => $name, seconds => $ideal, cpu => 0, memory => 0 }, @$results ], $ideal, $option{goal} );
    my ( $rclone, $ours ) = @$results[ -2, -1 ];

    if ( has_rclone() ) {
        ratio( 'beside rclone',                 $ours->{seconds} / $rclone->{seconds}, $option{beside}[0] );
        ratio( 'beside rclone, processor time', $ours->{cpu} / $rclone->{cpu},         $option{beside}[1] );
    }
    $bucket->stop;
    return;
}

# A few large objects at once, of MIB each.
sub bench_large {
    my (%option) = @_;
    my ( $objects, $mib ) = @option{qw(objects mib)};
    my $memory = memory_folder( $option{data} );
    my $bucket = start_bucket( $memory, \%option, sub { write_noise( $_[0], $mib ) } );
    title("Fetching $objects objects of $mib MiB through ${\ MILLISECONDS} ms of latency");
    my $to = "$memory/fetched";
    my $empty = "rm -rf '$to'; mkdir '$to'";
    my $results = in_turns(
        $option{repeats},
        [ 'curl of them at once' => join( ' ', map { "curl -sf '$_' >/dev/null &" } $bucket->urls ) . ' wait' ],
        [ 'curl | md5sum of them at once' => join( ' ', map { "curl -sf '$_' | md5sum &" } $bucket->urls ) . ' wait' ],
        [
            'awstats-cloudfront fetch' => our_settings()
              . "exec '$option{helper}' fetch -q --endpoint ${\ $bucket->endpoint} --region us-east-1 --to '$to' s3://bench/logs/",
            $empty
        ]
    );
    check_fetched( $to, $objects );
    rows( $results, $results->[1]{seconds}, 1.1 );
    $bucket->stop;
    return;
}

# `check` lists the bucket, and reads an object.
sub bench_list {
    my (%option) = @_;
    my $memory = memory_folder( $option{data} );
    my $bucket = start_bucket( $memory, \%option, sub { print { $_[0] } Site::log_text('/x') or die "$!\n" } );
    my $endpoint = $bucket->endpoint;
    title("Listing $option{objects} objects through ${\ MILLISECONDS} ms of latency");
    my $results = in_turns(
        $option{repeats},
        (
            has_rclone()
            ? [
                    'rclone lsf' => rclone_settings($endpoint)
                  . "exec rclone lsf --config '' --s3-list-version 2 :s3:bench/logs >/dev/null"
              ]
            : ()
        ),
        [
                'awstats-cloudfront check' => our_settings()
              . "exec '$option{helper}' check -q --endpoint $endpoint --region us-east-1 s3://bench/logs/ >/dev/null"
        ]
    );
    rows( $results, $results->[0]{seconds}, 0.5 );
    $bucket->stop;
    return;
}

1;
