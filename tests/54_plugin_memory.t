#!/usr/bin/perl
# AddressSanitizer and UndefinedBehaviorSanitizer find nothing while AWStats counts with the plugin.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Columns   qw(@COLUMNS);
use Sanitizer ();

my %sanitizer = Sanitizer::environment( AWStats::helper() );
plan skip_all => 'the plugin was not built with sanitizers: make check-sanitized' if !%sanitizer;
%ENV = ( %ENV, %sanitizer );

my $scratch = tempdir( CLEANUP => 1 );
my $helper = AWStats::helper();
my ($log) = glob "$Bin/data/download/*.gz";
my $whole = `'$helper' cat '$log'`;
is( $?, 0, 'the helper reads a sample log' );
my $views = `'$helper' cat '$Bin/data/streaming'`;
is( $?, 0, 'the helper reads a sample log of a streaming distribution' );

# Short lines, no lines, and one that makes the buffer grow.
my %stream = (
    whole     => $whole,
    streaming => $views,
    truncated => substr( $whole, 0, length($whole) * 2 / 3 ),
    long      => $whole =~ s{^(2026-\S+\t\S+\t)}{$1 . 'x' x 600_000}emr,
    empty     => '',
);
open my $file, '>', "$scratch/helper" or die $!;
print $file "#!/bin/sh\nexec cat \"\$STREAM\"\n";
close $file or die $!;
chmod 0755, "$scratch/helper";

# Records of all kinds for the update loop, of two months, and enough of them for AWStats to save in between.
my $records = 30_000;
mkdir "$scratch/logs" or die $!;
system( $^X, "$Bin/generate-logs", '--records', $records, '--files', 4, '--from', '2026-10-29', "$scratch/logs" ) == 0
  or die;
$stream{native} = unusual_records( scalar `'$helper' cat '$scratch/logs'` );

# Changes a value in every fourth record to one that AWStats has to judge, or takes in its
# own way; no time is ahead of the others, for then AWStats drops those.
sub unusual_records {
    my $log = shift;
    my @unusual = (
        [ 0,         '2026-02-29', '1999-12-31' ],
        [ 1,         '00:00:00',   '00:00:60', '00:60:00' ],
        [ 2,         '-',          'x' x 300 ],
        [ 3,         '-', '0',           '-1',              '1e3',              '999999999999999', '1000000000000000' ],
        [ 4,         '-', '2001:db8::1', 'www.example.net', '::ffff:192.0.2.1', '300.1.1.1',       'unknown' ],
        [ 5,         '-', 'PATCH',           'get',               'PROPFIND' ],
        [ 6,         '-', 'www.example.com', 'd1.cloudfront.net', 'other.example.org:8080' ],
        [ 7,         '-', '/#a',             '/a%23b',            '/favicon.ico', '/robots.txt', '/default.ida?NNN' ],
        [ 7,         '/a;b=c', '/a?b',       '/index.html',       '/x.zip',       '/' . 'y' x 3000 ],
        [ 8,         '-',      '206',        '304',               '404',          '500', '000', '99', '1000', '2x0' ],
        [ 9,         '-',      'http://www.google.com/search?q=a+b', 'http://h.example/%ff', 'http://', 'x' ],
        [ 10,        '-',      'curl/7.0',                           "Googlebot/2.1 \xe9",   'a b%20c', '"' ],
        [ 11,        '-',      'a=%ff&b',                            '&&&',                  'z' x 2000 ],
        [ $#COLUMNS, '-',      "-\r",                                "-\t-",                 '' ],
    );
    srand 54;
    my $number = 0;
    return join '', map {    ## no critic (ProhibitMutatingListFunctions)
        if ( !/^#/ && $number++ % 4 == 3 ) {
            chomp;
            my @values = split /\t/, $_, -1;
            my ( $column, @choices ) = @{ $unusual[ rand @unusual ] };
            $values[$column] = $choices[ rand @choices ];
            $_ = join( "\t", @values ) . "\n";
        }
        $_;
    } split /^/, $log;
}

foreach my $name ( sort keys %stream ) {
    open my $stream, '>', "$scratch/$name" or die $!;
    print $stream $stream{$name};
    close $stream or die $!;
    local $ENV{STREAM} = "$scratch/$name";
    my $awstats = AWStats->with_plugin(
        log        => 's3://bucket/prefix',
        parameters => "helper=$scratch/helper",
        more       => 'LevelForRobotsDetection=0',
        $name eq 'native'
        ? (
            include    => 'cloudfront-download',
            parameters => "helper=$scratch/helper memory=300K",
            hosts      => 'REGEX[example]',
            more       => qq(SkipHosts="REGEX[^198\\.18\\.10]"\nURLWithQuery=1)
          )
        : ()
    );
    my ( $status, $output ) = $awstats->run('site');
    is( $status, $name =~ /whole|streaming|long|native/ ? 0 : 1, "$name: status" ) or diag $output;
    unlike( $output, qr/^==\d+==|runtime error:/m, "$name: nothing from the sanitizers" );
    next if $name ne 'native';
    my ( $native, $others ) = $output =~ /^cloudfront: the plugin counted (\d+) records?, awstats\.pl (\d+)/m;
    cmp_ok( $native, '>', $records * 0.7,  "$name: records by the update loop" ) or diag $output;
    cmp_ok( $others, '>', $records * 0.02, "$name: and by AWStats" );
    like( $output, qr/Flush history file on disk/, "$name: saved in between" );
}

done_testing;
