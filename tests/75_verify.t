#!/usr/bin/perl
# verify finds every figure that was changed, and none else, whatever the configuration: XML history, another time zone,
# all records by AWStats, extra sections, streaming.  recount mends what verify finds.
use strict;
use warnings;
use Test::More;
use FindBin  qw($Bin);
use JSON::XS qw(decode_json);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program qw(content run write_file);

sub records {
    my ( $date, $count ) = @_;
    return map {
        CountedSite::record(
            sprintf( '%s %02d:%02d:00', $date, $_ % 24, $_ * 7 % 60 ),
            host   => '192.0.2.' . $_ % 5,
            path   => ( '/page.html', '/picture.png', '/other.html', '/film.mp4' )[ $_ % 4 ],
            bytes  => 1000 + $_,
            status => ( 200, 404, 200, 206, 200, 301 )[ $_ % 6 ],
            agent  => $_ % 11 ? undef : 'Googlebot/2.1'
        )
    } 1 .. $count;
}

my $extra = <<'END_OF_EXTRA';
ExtraSectionName1="Films"
ExtraSectionCodeFilter1="200 206"
ExtraSectionCondition1="URL,\/film"
ExtraSectionFirstColumnTitle1="Film"
ExtraSectionFirstColumnValues1="URL,(.*)"
ExtraSectionFirstColumnFormat1="%s"
ExtraSectionStatTypes1=HBL
END_OF_EXTRA

# Late records in two months, then a change of each kind of section.
my ( $file, $xml ) = ( 'awstats102026.site.txt', qr/(?:<[^>]*>|\s)+/ );
foreach my $case (
    [ 'plain',      { config     => $extra } ],
    [ 'XML',        { config     => "BuildHistoryFormat=xml\n" } ],
    [ 'time zone',  { config     => "LoadPlugin=\"timezone Pacific/Auckland\"\n" } ],
    [ 'native=off', { parameters => 'native=off', config => $extra } ],
  )
{
    my ( $name, $option ) = @$case;
    my $site = CountedSite->new(%$option);
    $site->deliver( records( '2026-10-31', 30 ), records( '2026-11-01', 20 ) );
    $site->update;
    $site->deliver( records( '2026-11-03', 20 ), records( '2026-10-30', 20 ), records( '2026-10-31', 9 ) );
    my ( $status, $output ) = $site->update;
    is( $status, 0, "$name: updates" ) or diag $output;
    my ( $november, $right ) = ( "awstats112026.site.txt", content( $site->folder . "/data/$file" ) );
    ( $status, $output ) = $site->command( 'verify', '--progress=json' );
    is( $status, 0, "$name: exit status" ) or diag $output;
    my ($progress) = map { decode_json($_) } $output =~ /^(\{.*"done": true\})$/m;
    is( $progress->{stage}, 'count', "$name: progress: the last stage" );
    ok( $progress->{records} > 0 && $progress->{objects} > 0, "$name: progress: objects and records" );
    like( $output, qr/^2026-10: equal\n(?:2026-10: \d+ figures? of visits .*\n)?2026-11: equal\n/m, "$name: equal" );

    # One figure of each section, on the first line that the pattern matches.
    my @changes = (
        [ 'DAY',       qr/^\W*(?:<[^>]*>)*20261031$xml\d+$xml/,     'DAY 20261031: hits' ],
        [ 'VISITOR',   qr/^\W*(?:<[^>]*>)*192\.0\.2\.3$xml\d+$xml/, 'VISITOR 192.0.2.3: hits' ],
        [ 'SIDER',     qr/^\W*(?:<[^>]*>)*\/page\.html$xml\d+$xml/, 'SIDER /page.html: bytes' ],
        [ 'ERRORS',    qr/^\W*(?:<[^>]*>)*404$xml/,                 'ERRORS 404: hits' ],
        [ 'MISC',      qr/^\W*(?:<[^>]*>)*JavaEnabled$xml/,         'MISC JavaEnabled: pages' ],
        [ 'SIDER_404', qr/^\W*(?:<[^>]*>)*\/\S+?$xml/,              'SIDER_404 /' ],
        ( $option->{config} // '' ) eq $extra ? [ 'EXTRA_1', qr/^\/film\.mp4 /, 'EXTRA_1 /film.mp4: pages' ] : (),
    );
    my $text = $right;
    foreach my $change (@changes) {
        my ( $section, $before ) = @$change;
        my ( $in,      $done ) = ( 0, 0 );
        $text = join '', map {
            $in = 1 if /BEGIN_\Q$section\E\W/;
            $in = 0 if /END_\Q$section\E\W/;
            my $line = $_;
            $done = 1 if $in && !$done && $line =~ s/($before)(\d+)/$1 . ( $2 + 3 )/e;
            $line
        } $text =~ /^.*\n/mg;
        ok( $done, "$name, $section: a figure is changed" );
    }
    write_file( $site->folder . "/data/$file", $text );
    ( $status, $output ) = $site->command( 'verify', '--month=2026-10' );
    is( $status, 4, "$name, changed figures: exit status" ) or diag $output;
    foreach my $change (@changes) {
        like( $output, qr/^2026-10: \Q$change->[2]\E.* in the history, .* in the source$/m, "$name: $change->[0]" );
    }
    like(
        $output,
qr/^2026-10: ${\ scalar @changes} figures of the AWStats history differ from the logs; to replace them, run: awstats-cloudfront recount --config=\S+ --site=cdn --month=2026-10$/m,
        "$name: and no other"
    );

    ( $status, $output ) = CountedSite::follow( $output, 'recount' );
    is( $status, 0, "$name: the advised recount" ) or diag $output;
    ( $status, $output ) = $site->command( 'verify', '--month=2026-10' );
    is( $status, 0, "$name: equal after the advised recount" ) or diag $output;

    # A key that only one side has.
    write_file( $site->folder . "/data/$file", $right =~ s/^(.*)\b192\.0\.2\.3\b/${1}192.0.2.99/mr );
    ( $status, $output ) = $site->command( 'verify', '--month=2026-10' );
    is( $status, 4, "$name: a missing host" );
    like(
        $output,
        qr/^2026-10: VISITOR 192\.0\.2\.3: hits - in the history, \d+ in the source$/m,
        "$name: a missing host is named"
    );

    ( $status, $output ) = $site->command( 'recount', '--month=2026-10' );
    is( $status, 0, "$name: recount" ) or diag $output;
    ( $status, $output ) = $site->command( 'verify', '--month=2026-10', '--visits' );
    is( $output, "2026-10: equal\n", "$name: equal after the recount, visits too" );
    ( $status, $output ) = $site->update;
    is( $status, 0, "$name: the next update" ) or diag $output;
}

# A streaming site in three batches, with views over their ends, the last ones open.
{
    my $site = CountedSite->new;
    my @columns = qw(date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id cs-uri-stem
      cs-uri-query c-referrer x-page-url c-user-agent x-sname x-sname-query x-file-ext x-sid);
    my $event = sub {
        my ( $client, $time, $kind, $bytes, $stream ) = @_;
        return join( "\t",
            split( / /, $time ),
            'LHR5', "192.0.2.$client", $kind, $bytes, 'OK', $client, 'rtmp://s1.example.net/app',
            '-',    '-', '-', 'WIN%252010,0,32,18', $stream // '-',
            '-',    defined $stream ? 'flv' : '-', '1' )
          . "\n";
    };
    my @batches = (
        [ [ 1, '2010-11-30 23:50:00', 'connect', 100 ], [ 1, '2010-11-30 23:51:00', 'play', 300, 'a' ] ],
        [
            [ 1, '2010-12-01 00:10:00', 'stop',       900, 'a' ],
            [ 1, '2010-12-01 00:10:01', 'disconnect', 900 ],
            [ 2, '2010-12-01 12:00:00', 'connect',    50 ],
            [ 2, '2010-12-01 12:00:01', 'play',       60, 'b' ],
        ],
        [ [ 2, '2010-12-01 13:00:00', 'pause', 5000, 'b' ], [ 3, '2010-12-01 13:00:00', 'connect', 7 ] ],
    );
    foreach my $batch (@batches) {
        $site->deliver_events( \@columns, map { $event->(@$_) } @$batch );
        my ( $status, $output ) = $site->update;
        is( $status, 0, 'streaming: update' ) or diag $output;
    }
    my ( $days,   $batches ) = ( $site->days, $site->batches );
    my ( $status, $output ) = $site->command('verify');
    is( $status, 0, 'streaming: verify' ) or diag $output;
    ( $status, $output ) = $site->command( 'recount', '--month=2010-12' );
    is( $status, 0, 'streaming: recount' ) or diag $output;
    is_deeply( $site->days, $days, 'streaming: the same figures; open views are not counted' );
    is( scalar keys %$days, 1, 'streaming: a view belongs to the day of its end' );
    $site->deliver_events( \@columns, $event->( 2, '2010-12-01 14:00:00', 'disconnect', 6000 ) );
    ( $status, $output ) = $site->update;
    is( $status, 0, 'streaming: the next update' ) or diag $output;
    my $bytes = 0;
    $bytes += $_->[2] foreach values %{ $site->days };
    is( $bytes, 900 + 6000, 'streaming: each byte once' );
    ( $status, $output ) = $site->command('verify');
    is( $status, 0, 'streaming: verify at the end' ) or diag $output;
}

# A history file a day: recount and verify know months only.
{
    my $site = CountedSite->new( config => "DatabaseBreak=day\n" );
    $site->deliver( records( '2026-10-30', 10 ), records( '2026-10-31', 10 ) );
    $site->update;
    foreach my $command ( 'verify', 'recount' ) {
        my ( $status, $output ) = $site->command($command);
        is( $status, 1, "DatabaseBreak=day, $command: exit status" );
        like(
            $output,
qr{\Aawstats-cloudfront: \[cdn\]: recount and verify can be used only where each history file is one of a month, .* is day\n\z},
            "DatabaseBreak=day, $command: one line"
        );
    }
}

# A history file has some keys several times: AWStats shortens them when it writes them, and adds the lines up when it
# reads the file.
foreach my $format ( 'text', 'xml' ) {
    my $site = CountedSite->new( config => "HostAliases=\"d1.cloudfront.net\"\nBuildHistoryFormat=$format\n" );
    my $name = "keys several times, $format";
    foreach my $day ( 1 .. 3 ) {
        my $record = sub { my $clock = shift; return CountedSite::record( "2026-10-0$day $clock", @_ ) };
        $site->deliver(
            $record->( '10:00:00', referer => 'https://social.example/' ),
            $record->( '10:00:10', referer => 'https://social.example/' ),
            $record->( '10:00:20', path    => '/a//b.html' ),
            $record->( '10:00:30', path    => '/a/b.html', host => '192.0.2.2' ),
        );
        my ( $status, $output ) = $site->update;
        is( $status, 0, "$name: update $day" ) or diag $output;
        ( $status, $output ) = $site->command('verify');
        is( $output, "2026-10: equal\n", "$name: day $day" );
    }
    my $keys = () = content( $site->folder . "/data/$file" ) =~ m{^\W*(?:<\w+>)*https://social\.example\b}gm;
    cmp_ok( $keys, '>', 1, "$name: it is there more than once" );

    # A figure of one of the lines.
    my $text = content( $site->folder . "/data/$file" );
    $text =~ s{(https://social\.example$xml)(\d+)}{$1 . ( $2 + 1 )}e or die;
    write_file( $site->folder . "/data/$file", $text );
    my ( $status, $output ) = $site->command('verify');
    is( $status, 4, "$name, a changed figure: exit status" );
    like(
        $output,
        qr{^2026-10: PAGEREFS https://social\.example: pages 7 in the history, 6 in the source$}m,
        "$name: changed"
    );
    my @differences = $output =~ /in the history/g;
    is( scalar @differences, 1, "$name: no other" );
}

done_testing;
