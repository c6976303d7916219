#!/usr/bin/perl
# AWStats with the plugin and without it write the same history for large logs: many records, months, steps, pages,
# records out of order, search engines, streaming views, files.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats         ();
use Differential    ();
use File::Temp      qw(tempdir);
use Generate        ();
use Soak            qw(amount);
use GenerateUnusual ();
use Test::More;

my $conf = AWStats::configurations();
my $whole = 'HostAliases="REGEX[.]"';
my $may = 1_714_550_400;    # 2024-05-01 08:00
my %often = ( visitors => 20_000, pages => 3000, agents => 300, referers => 2000, unusual => 5000 );

# Each comparison, and that it was about what its name says.
sub compare {
    my ( $name, %case ) = @_;
    my $records = delete $case{counted};
    my $comparison = Differential->new( { config => [$whole], name => $name, %case } )->run;
    is $comparison->difference, '', $name;
    cmp_ok $comparison->found('new qualified'), '>=', $records, "$name: records counted";
    return $comparison;
}

{
    my $count = amount( 'LARGE_RECORDS', 15_000, 300_000 );
    my $records = GenerateUnusual::records( seed => 86, records => $count, gap => 3, start => $may, %often );
    my $comparison = compare( "$count records of a month", steps => [$records], counted => 0.9 * $count );
    is scalar( keys %{ $comparison->files } ), 1, "$count records of a month: one month";
}
{
    my $records =
      GenerateUnusual::records( seed => 87, records => 30_000, gap => 13, start => $may - 4 * 86_400, %often );
    my $comparison = compare( 'the end of a month', steps => [$records], counted => 27_000 );
    is scalar( keys %{ $comparison->files } ), 2, 'the end of a month: two months';

    my $part = int @$records / 7;
    my @steps = map { [ @$records[ 0 .. $_ * $part ] ] } 1 .. 7;
    compare( 'a log that grows in 7 steps', steps => [ map { [ @$_[ 0 .. $#$_ / 4 ] ] } @steps ], counted => 6_600 );
}
{
    my $records = GenerateUnusual::records( seed => 88, records => 64_000, gap => 5, start => $may );
    my $number = 0;
    for (@$records) { my $page = $number++; s{\t(?:/[^\t]*)}{\t/page$page.html} }
    my $comparison = compare( '64,000 pages', steps => [$records], counted => 60_000 );
    is $comparison->saves, 0, '64,000 pages: AWStats does not save in between';
}
compare(
    'out of order by hours',
    counted => 6_000,
    steps   => [ GenerateUnusual::records( seed => 89, records => 12_000, gap => 30, disorder => 4 ) ]
);
compare(
    'search engines',
    counted => 10_500,
    steps   =>
      [ GenerateUnusual::records( seed => 90, records => 12_000, searches => 1, referers => 20_000, agents => 20 ) ]
);
compare(
    'streaming views',
    config    => [ qq(Include "$conf/cloudfront-streaming.conf"), $whole ],
    streaming => 1,
    steps     => [ GenerateUnusual::records( seed => 91, records => 12_000, gap => 40, streaming => 1 ) ],
    counted   => 10_500
);
{
    my $folder = tempdir( CLEANUP => 1 );
    my $logs = Generate::logs( seed => 92, records => 12_000, files => 96, from => '2024-04-29', days => 4 );
    Generate::write_files( $logs, $folder );
    my $comparison = compare(
        "CloudFront's own files",
        config  => [ qq(Include "$conf/cloudfront-download.conf"), $whole ],
        steps   => [$folder],
        counted => 12_000
    );
    is scalar( keys %{ $comparison->files } ), 2, "CloudFront's own files: two months";
}

done_testing;
