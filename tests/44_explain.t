#!/usr/bin/perl
# explain prints the records of a day that are counted, each with its object and line, and reads only the objects that
# can have them.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use POSIX   qw(strftime);
use lib "$Bin/lib";
use CannedStore;
use Program qw(run);
use Site;

my $fields = '#Fields: date time c-ip cs-method cs(Host) cs-uri-stem sc-status sc-bytes';

sub row {
    my ( $time, $host, $path, $status, $bytes ) = @_;
    return join( "\t", split( / /, $time ), $host, 'GET', 'www.example.com', $path, $status, $bytes ) . "\n";
}

sub explained {
    my ( $site, @option ) = @_;
    my ( $status, $out, $err ) = run( $site->command( 'explain', @option ) );
    return { status => $status, out => $out, err => $err, places => [ $out =~ m{^[^\s#]*/([^/\s]+:\d+): }mg ] };
}

my $site = Site->new;
my @day = (
    row( '2026-10-03 09:59:59', '192.0.2.1', '/a.html', 200, 10 ),
    row( '2026-10-03 10:00:00', '192.0.2.2', '/b.html', 404, 20 ),
    row( '2026-10-04 00:00:00', '192.0.2.1', '/a.html', 200, 40 ),
);
$site->put( 'E1.2026-10-02-23.a',
    "#Version: 1.0\n$fields\n" . row( '2026-10-03 00:00:01', '2001:db8::1', '/c', 200, 1 ) );
$site->put( 'E1.2026-10-03-09.b', "#Version: 1.0\n$fields\nbad\n" . join '', @day );
$site->put( 'E1.2026-10-04-20.c',
    "#Version: 1.0\n$fields\n" . row( '2026-10-03 12:00:00', '192.0.2.1', '/dir/x', 206, 80 ) );
$site->put( 'E1.2026-10-09-20.d',
    "#Version: 1.0\n$fields\n" . row( '2026-10-09 20:00:00', '192.0.2.1', '/a', 200, 160 ) );
$site->put( 'other', "#Version: 1.0\n$fields\n" . row( '2026-10-03 13:00:00', '192.0.2.9', '/a.html', 200, 320 ) );
my $cat = $site->cat_later;
is( ( $site->commit( $cat->{id} ) )[0], 0, 'counted' );
$site->put( 'E1.2026-10-03-11.new',
    "#Version: 1.0\n$fields\n" . row( '2026-10-03 11:00:00', '192.0.2.1', '/new', 200, 1 ) );

my $all = explained( $site, '--day=2026-10-03' );
is( $all->{status}, 0, 'a day: exit status' ) or diag $all->{err};
is_deeply(
    $all->{places},
    [qw(E1.2026-10-02-23.a:3 E1.2026-10-03-09.b:4 E1.2026-10-03-09.b:5 E1.2026-10-04-20.c:3 other:3)],
    'a day: object and line of each counted record'
);
like(
    $all->{out},
    qr{^\S+/E1\.2026-10-03-09\.b:5: 2026-10-03\t10:00:00\t-\t20\t192\.0\.2\.2\tGET\t.*\t404\t}m,
    'a day: the record'
);
like( $all->{out}, qr/^# 5 hits, 431 bytes in 4 objects$/m, 'a day: the sums' );
like(
    $all->{out},
    qr/^# 4 counted objects were read: .* from 2026-10-02 23:00 UTC to 2026-10-06 00:00 UTC/m,
    'a day: what was read'
);

foreach my $case (
    [ ['--host=192.0.2.1'],                    [qw(E1.2026-10-03-09.b:4 E1.2026-10-04-20.c:3)] ],
    [ ['--status=404'],                        ['E1.2026-10-03-09.b:5'] ],
    [ ['--url=/a.html'],                       [qw(E1.2026-10-03-09.b:4 other:3)] ],
    [ ['--url=/dir/*'],                        ['E1.2026-10-04-20.c:3'] ],
    [ ['--vhost=www.example.com'],             $all->{places} ],
    [ ['--vhost=WWW.Example.com'],             $all->{places} ],
    [ ['--vhost=www.example.co'],              [] ],
    [ [ '--host=192.0.2.1', '--url=/a.html' ], ['E1.2026-10-03-09.b:4'] ],
  )
{
    my ( $option, $places ) = @$case;
    my $found = explained( $site, '--day', '2026-10-03', @$option );
    is( $found->{status}, 0, "@$option: exit status" );
    is_deeply( $found->{places}, $places, "@$option: the records" );
    like( $found->{out}, qr/^# ${\ scalar @$places} hits?, /m, "@$option: their number" );
}

# The setting of the same name keeps its meaning for other commands.
is( $site->cat_later( '--host', 'cs(Host)' )->{status}, 0, 'cat --host: the setting' );

# Objects that are gone are named; objects of other days do not matter.
unlink "$site->{source}/E1.2026-10-09-20.d";
unlike( explained( $site, "--day=2026-10-03" )->{err}, qr{gone}, 'an object of another day is gone: no warning' );
unlink "$site->{source}/E1.2026-10-04-20.c";
my $gone = explained( $site, '--day=2026-10-03' );
is( $gone->{status}, 0, 'an object is gone: exit status' );
like( $gone->{err}, qr/1 counted object .* is gone from .*E1\.2026-10-04-20\.c/, 'an object is gone: named' );
like( $gone->{out}, qr/^# 4 hits, /m, 'an object is gone: the others are shown' );

foreach my $case ( [ [], qr/needs --day YYYY-MM-DD/ ], [ ['--day=2026-02-30'], qr/must be a day, YYYY-MM-DD/ ] ) {
    my $wrong = explained( $site, @{ $case->[0] } );
    is( $wrong->{status}, 2, "an error in the command line (@{ $case->[0] }): exit status" );
    like( $wrong->{err}, $case->[1], "an error in the command line (@{ $case->[0] }): message" );
}
my $empty = Site->new;
like( explained( $empty, '--day=2026-10-03' )->{err}, qr/nothing is counted yet/, 'nothing is counted: message' );

# Events of a streaming log, as they are.
my $streaming = Site->new;
$streaming->put( 'E1.2010-12-05-00.a', <<'LOG' =~ s/ +/\t/gr =~ s/(#\w+:)\t/$1 /gr );
#Version: 1.0
#Fields: date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id cs-uri-stem x-sname x-file-ext
2010-12-05 00:00:10 LHR5 192.0.2.1 connect 100 OK c rtmp://s1.example.net/app - -
2010-12-05 00:00:20 LHR5 192.0.2.1 play 300 OK c rtmp://s1.example.net/app a flv
2010-12-05 00:00:30 LHR5 192.0.2.2 connect 300 OK d rtmp://s1.example.net/app - -
LOG
$streaming->commit( $streaming->cat_later->{id} );
my $events = explained( $streaming, '--day=2010-12-05', '--host=192.0.2.1' );
is_deeply( $events->{places}, [ map { "E1.2010-12-05-00.a:$_" } 3, 4 ], 'events: object and line' )
  or diag "$events->{out}$events->{err}";
like( $events->{out}, qr/:4: 2010-12-05\t00:00:20\tLHR5\t192\.0\.2\.1\tplay\t300\t/,   'events: the row' );
like( $events->{out}, qr/^# 2 streaming events in 1 object; AWStats counts one view/m, 'events: their number' );

# A bucket of 60 pages, of two distributions: only the pages with the hours to read are listed.
foreach my $day ( '', 'year=%Y/month=%m/day=%d/' ) {
    my $begin = 1_790_000_000;    # 2026-09-21
    my @keys = map {
        my $hour = $begin + int( $_ / 2 ) * 8 * 3600;
        strftime( sprintf( 'cdn/E%d/%s', 1 + $_ % 2, $day ), gmtime $hour )
          . strftime( sprintf( 'E%d.%%Y-%%m-%%d-%%H.%08x.gz', 1 + $_ % 2, $_ ), gmtime $hour )
    } 0 .. 599;
    my $log = "#Version: 1.0\n$fields\n" . row( '2026-10-31 10:00:00', '192.0.2.1', '/a.html', 200, 10 );
    my $store = CannedStore->new( log => $log, keys => \@keys, page => 10 );
    local %ENV = ( %ENV, AWS_ACCESS_KEY_ID => 'k', AWS_SECRET_ACCESS_KEY => 's', AWS_REGION => 'eu-west-1' );
    my $bucket = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint );
    is( ( $bucket->commit( $bucket->cat_later('-q')->{id} ) )[0], 0, "a bucket, $day: counted" );
    cmp_ok( $store->lists, '>=', 60, "a bucket, $day: 60 pages" );
    my $found = explained( $bucket, '--day=2026-10-31' );
    is( $found->{status}, 0, "a bucket, $day: exit status" ) or diag $found->{err};

    # Three days and an hour, one object every eight hours of each distribution.
    like( $found->{out}, qr/^# (?:18|20) counted objects were read/m, "a bucket, $day: the objects of the hours" );
    cmp_ok( $store->lists, '<=', 12, "a bucket, $day: found with some list requests: " . $store->last_lists );
}

done_testing;
