#!/usr/bin/perl
# Months to which AWStats' loop cannot go back get runs of their own, several at once. The history equals that of
# stock AWStats when it reads one month after the other.
use strict;
use warnings;
use Test::More;
use File::Path  qw(make_path);
use FindBin     qw($Bin);
use Time::HiRes qw(time);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program qw(content write_file);

my $columns = '%time2 %cluster %bytesd %host %method %virtualname %url %code %referer %ua %query';
my @months = map { "2026-0$_" } 1 .. 6;
my %agent = (
    0 => 'Mozilla/5.0%2520(Windows%2520NT%252010.0)%2520Chrome/140.0',
    1 => 'Mozilla/5.0%2520(compatible;%2520Googlebot/2.1)',
);

# COUNT records of a month, from FIRST day to the 28th.
sub records {
    my ( $month, $count, $first ) = @_;
    my $span = ( 28 - $first ) * 86400;
    return map {
        my $at = int $_ * $span / $count;
        CountedSite::record(
            sprintf( '%s-%02d %02d:%02d:%02d', $month, $first + $at / 86400, $at / 3600 % 24, $at / 60 % 60, $at % 60 ),
            host   => '192.0.2.' . $_ * 7 % 101,
            path   => ( '/page.html', '/picture.png', '/film.mp4', '/other.html' )[ $_ * 3 % 7 % 4 ],
            bytes  => 100 + $_ * 13,
            status => $_ % 17 ? $_ % 19 ? 200 : 206 : 404,
              agent => $agent{ $_ % 23 == 0 || 0 },
        )
    } 0 .. $count - 1;
}

# All that a history has, but for how many lines the run had read and how long the map is.
sub history {
    my $awstats = shift;
    my $history = $awstats->history('site');
    s/^LastUpdate .*\n//m, s/^BEGIN_MAP .*\n//m foreach values %$history;
    return $history;
}

# Stock AWStats over the folder's logs, one month after the other.
sub stock {
    my ( $site, $config ) = @_;
    my $stock = AWStats->new( plugin => 0 );
    my $helper = AWStats::helper();
    foreach my $month (@months) {
        $stock->config( 'site', <<"END");
LogFile="'$helper' cat '@{[ $site->source ]}' | grep ^$month |"
LogFormat="$columns"
LogSeparator="\\t"
HostAliases="REGEX[.]"
$config
END
        my ( $status, $output ) = $stock->run('site');
        die $output if $status;
    }
    return $stock;
}

# A backlog without any history, with all that a config may have: AWStats' loop goes from month to month.
foreach my $case (
    [ 'a backlog',     '' ],
    [ 'extra section', <<'END' ],
ExtraSectionName1="Films"
ExtraSectionCodeFilter1="200"
ExtraSectionCondition1="URL,\/film"
ExtraSectionFirstColumnTitle1="Film"
ExtraSectionFirstColumnValues1="URL,(.*)"
ExtraSectionFirstColumnFormat1="%s"
ExtraSectionStatTypes1=HBL
END
  )
{
    my ( $what, $config ) = @$case;
    my $site = CountedSite->new( parameters => 'partial=stock', config => "$config\n" );
    $site->deliver( records( $_, 400, 1 ) ) foreach @months;
    my ( $status, $output ) = $site->update;
    is( $status, 0, "$what: status" ) or diag $output;
    my @apart = $output =~ /^Counted \d+ records? of (\d+) in a separate run: the plugin counted \d+ records?/mg;
    is_deeply( \@apart,                   [],                                 "$what: in one run" );
    is_deeply( history( $site->awstats ), history( stock( $site, $config ) ), "$what: month by month" );
    is( scalar keys %{ history( $site->awstats ) }, 6, "$what: six months" );
    $status = ( $site->update )[0];
    is( $status, 0, "$what: nothing new" );
    is_deeply( history( $site->awstats ), history( stock( $site, $config ) ), "$what: nothing twice" );
}

# Six months late, into a history that has them all, and one that has none of some.  AWStats 7.9 and 8.0 cannot go on from
# histories in XML, and with the plugin they can.
foreach my $option ( {}, { config => "BuildHistoryFormat=xml\n" },
    { config => "LoadPlugin=\"timezone Pacific/Auckland\"\n" } )
{
    my $what = $option->{config} || 'late';
    chomp $what;
    my $site = CountedSite->new(%$option);
    $site->deliver( records( '2026-07', 50, 2 ) );
    $site->deliver( records( $_,        50, 2 ) ) foreach @months[ 0, 2, 4 ];
    my ( $status, $output ) = $site->update;
    is( $status, 0, "$what: first" ) or diag $output;
    $site->deliver( records( $_, 70, 1 ) ) foreach @months, '2026-07', '2026-08';
    ( $status, $output ) = $site->update;
    is( $status, 0, "$what: status" ) or diag $output;
    my @apart = $output =~ /^Counted \d+ records? of (\d+) in a separate run: the plugin counted \d+ records?/mg;
    is_deeply( \@apart,        [ map { "20260$_" } 1 .. 6 ], "$what: runs of their own" );
    is_deeply( $site->numbers, $site->in_one_run->numbers,   "$what: everything in its month" );
}

# A configuration in another folder, and a name that is no word.
{
    my $site = CountedSite->new;
    my $folder = $site->folder . '/other configs';
    make_path($folder);
    rename $site->folder . '/awstats.site.conf', "$folder/awstats.site.conf";
    $site->deliver( records( $_, 20, 1 ) ) foreach @months;
    my ( $status, $output ) = $site->update("-configdir=$folder");
    is( $status,                         0, '-configdir: status' ) or diag $output;
    is( scalar keys %{ $site->batches }, 6, '-configdir: six months' );
}

# A later month of another history, whose name differs in upper and lower case, or fits as a pattern.
foreach my $case ( [ 'site', 'SITE' ], [ 's.te', 'site' ] ) {
    my ( $name, $other ) = @$case;
    my ( $site, $later ) = ( CountedSite->new, CountedSite->new );
    $later->deliver( records( '2026-07', 10, 1 ) );
    $later->update;
    my ( $folder, $file ) = ( $site->folder, "/data/awstats072026.$other.txt" );
    write_file( $folder . $file,              content( $later->folder . '/data/awstats072026.site.txt' ) );
    write_file( "$folder/awstats.$name.conf", content("$folder/awstats.site.conf") );
    foreach my $first ( 1, 15 ) {
        $site->deliver( records( '2026-06', 10, $first ) );
        my ( $status, $output ) = $site->awstats->run( $name, '-update' );
        is( $status, 0, "$name beside $other: status" ) or diag $output;
    }
    my $days = $site->awstats->section( $name, 'DAY' );
    my %sum;
    foreach ( grep { /^\d/ } keys %$days ) {
        $sum{ substr $_, 0, 6 } += $days->{$_}[1];
    }
    is_deeply( \%sum, { 202606 => 18 }, "$name beside $other: all records are in their month" );
    is( content( $folder . $file ), content( $later->folder . '/data/awstats072026.site.txt' ), "$other is as it was" );
}

# A separate run that perl ends: the update names perl's error, and not the last line that the run has written.
{
    my $site = CountedSite->new( config => "LoadPlugin=\"rude\"\n" );
    write_file( $site->folder . '/plugins/rude.pm', <<'END' );
sub Init_rude { return 'SectionInitHashArray SectionReadHistory SectionWriteHistory' }
sub SectionInitHashArray_rude { return 0 }
sub SectionReadHistory_rude { return 0 }
sub SectionWriteHistory_rude { print "all is well\n"; die 'rude: no' if $DirData =~ m{/\d{6}\z}; return 0 }
1;
END
    $site->deliver( records( '2026-07', 10, 1 ) );
    $site->update;
    $site->deliver( records( '2026-06', 10, 1 ) );
    my ( $status, $output ) = $site->update;
    is( $status, 1, 'a separate run that fails: status' );
    like(
        $output,
        qr/^Error: .* separate run of awstats\.pl for the records of 202606 failed \(rude: no at \S+ line \d+/m,
        'a separate run that fails: why'
    );
}

# Several at once: on two cores or more, sooner than one after the other.
{
    my $site = CountedSite->new;
    $site->deliver( records( '2026-07', 10, 1 ) );
    $site->update;
    $site->deliver( records( $_, 6_000, 1 ) ) foreach @months;
    my $started = time;
    my ( $status, $output ) = $site->update;
    my $together = time - $started;
    is( $status, 0, 'many records: status' ) or diag $output;
    $started = time;
    my $clean = $site->in_one_run;
    note sprintf '%d records in %.2f s; in one run %.2f s', 6 * 6_000, $together, time - $started;
    is_deeply( $site->numbers, $clean->numbers, 'many records: the same numbers' );
}

done_testing;
