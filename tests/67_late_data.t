#!/usr/bin/perl
# Records that come an hour or 40 days late, across midnight or the end of a month, are counted once, in their own
# day and month. Stock AWStats on the same deliveries shows what it loses.
use strict;
use warnings;
use Test::More;
use FindBin     qw($Bin);
use POSIX       qw(strftime);
use Time::Local qw(timegm);
use lib "$Bin/lib";
use AWStats;
use CountedSite;

my $hour = 3600;
my $day = 24 * $hour;
my $base = timegm( 0, 30, 0, 2, 9, 2026 );    # 2 October, half past midnight: an hour before is the 1st
my $step = 0;

# COUNT records that end at TIME, most of an hour, of a few visitors; 40 minutes apart they visit anew.
sub records {
    my ( $time, $count ) = @_;
    return map {
        $step++;
        CountedSite::record(
            strftime( '%Y-%m-%d %H:%M:%S', gmtime $time - $_ * 73 ),
            host   => '192.0.2.' . $step % 17,
            path   => ( '/page.html', '/picture.png', '/other.html', '/film.mp4' )[ $step % 4 ],
            bytes  => 1000 + $step * 7,
            status => $step % 13 ? 200 : 404,
        )
    } 0 .. $count - 1;
}

# What comes with each update: how late it is, and its records.
my @deliveries = (
    [ 'in time',      0,         records( $base,                                     60 ) ],
    [ 'in time',      0,         records( $base + $hour,                             50 ) ],
    [ '1 h late',     1 * $hour, records( $base,                                     40 ) ],
    [ 'in time',      0,         records( $base + 2 * $day,                          50 ) ],
    [ '23 h late',    0,         records( $base + 2 * $day - 23 * $hour,             40 ) ],
    [ '3 days late',  0,         records( $base + 2 * $day - 3 * $day,               40 ) ],
    [ 'in time',      0,         records( $base + 10 * $day,                         50 ) ],
    [ '40 days late', 0,         records( $base + 10 * $day - 40 * $day,             40 ) ],
    [ '40 days late', 0,         records( $base + 10 * $day - 40 * $day + 2 * $hour, 30 ) ],
    [ '12 days late', 0,         records( $base + 10 * $day - 12 * $day,             30 ) ],
    [
        'in time, with some of every age',
        0,
        records( $base + 11 * $day, 50 ),
        map { records( $base + 11 * $day - $_, 10 ) } $hour,
        23 * $hour, 3 * $day, 40 * $day
    ],
);

# Stock AWStats, told the very same: each update reads what has come since the last.
sub stock_awstats {
    my $awstats = AWStats->new( plugin => 0 );
    my $helper = AWStats::helper();
    mkdir $awstats->folder . '/new';
    $awstats->config( 'site', <<"END");
LogFile="'$helper' cat @{[ $awstats->folder ]}/new |"
LogFormat="%time2 %cluster %bytesd %host %method %virtualname %url %code %referer %ua %query"
LogSeparator="\\t"
HostAliases="REGEX[.]"
END
    return $awstats;
}

foreach my $break (qw(month day)) {
    my $site = CountedSite->new( config => "DatabaseBreak=$break\n" );
    my $total = 0;
    foreach my $delivery (@deliveries) {
        my ( $what, undef, @records ) = @$delivery;
        $site->deliver(@records);
        my ( $status, $output ) = $site->update("-databasebreak=$break");
        is( $status, 0, "$break: $what: status" ) or diag $output;
        unlike( $output, qr/corrupted records.*[1-9]|warning| at .* line/i, "$break: $what: no complaints" )
          if $output !~ /Found 0 corrupted/;
        $total += @records;
    }
    my $clean = $site->in_one_run("-databasebreak=$break");
    is_deeply( $site->numbers, $clean->numbers, "$break: pages, hits and bytes of each day, hour and file" );
    my $hits = 0;
    $hits += $_->[1] foreach values %{ $site->days };
    note "$total records, $hits of them hits, ",    scalar keys %{ $site->days }, ' days';
    note sprintf '%d visits; in one sorted run %d', $site->visits,                $clean->visits;
    is_deeply( [ grep { /tmp|cloudfront/ } @{ $site->awstats->data_files } ], [], "$break: nothing else is left" );

    next if $break ne 'month';
    my $stock = stock_awstats();
    foreach my $delivery (@deliveries) {
        my ( undef, undef, @records ) = @$delivery;
        unlink glob $stock->folder . '/new/*';
        my $name = $site->deliver(@records);
        rename $site->source . "/$name", $stock->folder . "/new/$name" or die $!;
        $stock->run('site');
    }
    my $counted = 0;
    $counted += $_->[1] foreach values %{ $stock->section( 'site', 'DAY' ) };
    note sprintf 'stock AWStats counts %d hits of %d', $counted, $hits;
    cmp_ok( $counted, '<', $hits, 'stock AWStats loses some of the same records' );
}

# settle = 24h: when nothing is later than that, all is counted in order, and visits are exact too.  The
# clock can't be moved; at a time that was N hours ago, an object had settled that has now for N + 24.
{
    srand 11;
    my $hours = 60;
    my $start = time - ( $hours + 60 ) * $hour;
    $start -= $start % $hour;
    my @arriving;
    foreach my $at ( 0 .. $hours ) {
        push @{ $arriving[ $at + int rand 23 ] }, [ records( $start + ( $at + 1 ) * $hour - 1, 25 ) ];
    }
    my %site = map { $_ => CountedSite->new } 'settle = 0', 'settle = 24h';
    foreach my $now ( 0 .. $hours + 30 ) {
        foreach my $site ( values %site ) {
            $site->deliver(@$_) foreach @{ $arriving[$now] || [] };
        }
        next if $now % 10;
        my $ago = int( ( time - $start ) / $hour ) - $now;
        $site{'settle = 24h'}->set( 'settle = ' . ( $ago + 24 ) . 'h' );
        foreach my $settle ( sort keys %site ) {
            my ( $status, $output ) = $site{$settle}->update;
            is( $status, 0, "$settle, hour $now: status" ) or diag $output;
        }
    }
    my $clean = $site{'settle = 0'}->in_one_run;
    foreach my $settle ( sort keys %site ) {
        is_deeply( $site{$settle}->numbers, $clean->numbers, "$settle: pages, hits and bytes" );
        note sprintf '%s: %d visits; in one sorted run %d', $settle, $site{$settle}->visits, $clean->visits;
    }
    isnt( $site{'settle = 0'}->visits, $clean->visits, 'settle = 0: visits differ, as they are told to' );
    is( $site{'settle = 24h'}->visits, $clean->visits, 'settle = 24h: the same visits' );
}

# The times of last visits stay the latest ones: of robots, worms, unknown user agents and extra sections, in the newest
# month and in one with a run of its own.  The update with late records has two of each, then one of a new row.
foreach my $native (qw(on off)) {
    my $site = CountedSite->new( parameters => "native=$native", config => <<'END');
LevelForWormsDetection=2
ExtraSectionName1="Pages"
ExtraSectionCodeFilter1=""
ExtraSectionCondition1=""
ExtraSectionFirstColumnTitle1="Page"
ExtraSectionFirstColumnValues1="URL,(.*)"
ExtraSectionStatTypes1=PHBL
MaxNbOfExtra1=10
MinHitExtra1=1
END
    my $visits = sub {
        my ( $date, $more ) = @_;
        return
          map { CountedSite::record( "$date 10:00:0$_->[0]", agent => $_->[1], path => $_->[2] // '/page.html' ) }
          [ 0, "Googlebot/2.1$more" ], [ 1, "Strange/1$more" ], [ 2, "Strange/1$more", '/default.ida' ],
          [ 3, 'Mozilla/5.0', "/$more.html" ];
    };
    foreach my $dates ( [qw(2026-09-20 2026-10-20)], [qw(2026-09-10 2026-10-10)], [qw(2026-09-11 2026-10-11)] ) {
        $site->deliver( map { ( $visits->( $_, '' ), $visits->( $_, substr $_, 8 ) ) } @$dates );
        my ( $status, $output ) = $site->update;
        is( $status, 0, "last visits, native=$native, @$dates: exit status" ) or diag $output;
    }
    my ( $rows, $expected ) = ( $site->rows, $site->in_one_run->rows );
    foreach
      my $section ( map { ( "092026 $_", "102026 $_" ) } qw(ROBOT WORMS UNKNOWNREFERER UNKNOWNREFERERBROWSER EXTRA_1) )
    {
        like( $expected->{$section}, qr/2026\d{10}/, "last visits, native=$native, $section: there are rows" );
        is( $rows->{$section}, $expected->{$section}, "last visits, native=$native, $section: as in one sorted run" );
    }
}

done_testing;
