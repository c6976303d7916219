#!/usr/bin/perl
# The client of a record: the viewer that x-forwarded-for names behind trusted proxies, and addresses that are
# anonymized before anything is written.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use Program qw(content helper run write_file);
use Site;

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
my $names = '#Fields: date time c-ip x-forwarded-for cs-uri-stem';

# A log of rows [c-ip, x-forwarded-for], a second apart.
sub log_of {
    my ( $day, @row ) = @_;
    my $second = 0;
    return "$names\n" . join '', map { sprintf "%s\t10:00:%02d\t%s\t%s\t/a\n", $day, $second++, @$_[ 0, 1 ] } @row;
}

# The clients of a normalized log.
sub clients {
    return map { ( split /\t/ )[4] } grep { !/^#/ } split /\n/, $_[0];
}

# ---- the viewer's address

my @rows = (
    [ '198.51.100.1', '172.27.226.194, 203.0.113.15, 198.51.100.8', '203.0.113.15' ],
    [ '198.51.100.2', '192.0.2.66,%20203.0.113.16:8080',            '203.0.113.16' ],
    [ '198.51.100.3', '-',                                          '198.51.100.3' ],
    [ '198.51.100.4', 'unknown, 10.0.0.1, 2001:db8:77::1',          '198.51.100.4' ],
    [ '198.51.100.5', '"[2001:DB8:0:0::00AA]:443"',                 '2001:db8::aa' ],
    [ '198.51.100.6', '${jndi:ldap://x/a}',                         '198.51.100.6' ],
    [ '192.0.2.50',   '203.0.113.17',                               '192.0.2.50' ],
    [ '198.51.100.8', '203.0.113.18, unknown, 198.51.100.9',        '198.51.100.8' ],
    [ '10.0.0.7',     '192.0.2.66,%2520203.0.113.19',               '203.0.113.19' ],
);
my $log = write_file( "$dir/log", log_of( '2026-10-31', @rows ) );
my @proxies = ( '--client=x-forwarded-for', '--trusted-proxies', '198.51.100.0/24, 2001:db8:77::/48' );
my ( $status, $out, $err ) = run( $helper, 'cat', @proxies, $log );
is( $status, 0, 'trusted proxies: exit status' ) or diag $err;
is_deeply( [ clients($out) ], [ map { $_->[2] } @rows ], 'trusted proxies: the last address that is none of them' );
( $status, $out ) = run( $helper, 'cat', '--client=x-forwarded-for', $log );
is( ( clients($out) )[1], '192.0.2.66', 'without trusted proxies: the first address' );

( $status, $out, $err ) = run( $helper, 'cat', '--trusted-proxies=198.51.100.0/24', $log );
is( $status, 2,   '--trusted-proxies without --client: usage' );
is( $out,    q(), '--trusted-proxies without --client: no output' );
like( $err, qr/\A\N*--trusted-proxies: needs --client x-forwarded-for\N*\n\z/, 'the message says what is missing' );

for ( 'x', '192.0.2.0/33', '2001:db8::/129', '192.0.2.0/', '192.0.2.0/-1', '10.1/16', '192.0.2.0/24;', q(), ' , ' ) {
    ( $status, $out, $err ) = run( $helper, 'cat', '--client=x-forwarded-for', '--trusted-proxies', $_, $log );
    is( $status, 2, "--trusted-proxies '$_': usage" );
    like( $err, qr/\A\N*trusted-proxies\N*must \N+\n\N*\n?\z/, "--trusted-proxies '$_': the message" );
}
my $site = Site->new( 'trusted-proxies' => '192.0.2.1' );
$site->put( 'a', log_of( '2026-10-31', [ '192.0.2.9', '-' ] ) );
my $refused = $site->cat_later;
is( $refused->{status}, 1, 'trusted-proxies without client: refused' );
like( $refused->{err}, qr/conf:\d+: trusted-proxies: needs the line "client = x-forwarded-for"/, 'says what to add' );
$site->configure( client => 'x-forwarded-for' );
is( $site->cat_later->{status}, 0, 'trusted-proxies with client: read' );
( $status, $out ) = run( $site->command( 'cat', '--trusted-proxies=198.51.100.0/24' ) );
is( $status, 0, '--trusted-proxies, and client = x-forwarded-for in the section: read' );

# ---- IPv6 addresses have one form

$log = write_file( "$dir/log",
    log_of( '2026-10-31', map { [ $_, '-' ] } '2001:0DB8:0:0::00AA', '2001:db8::aa', '192.0.2.1', 'a:b:c' ) );
( $status, $out ) = run( $helper, 'cat', $log );
is( join( ' ', clients($out) ), '2001:db8::aa 2001:db8::aa 192.0.2.1 a:b:c', 'c-ip: the shortest form' );
my $view = join "\t", '2026-10-31', '10:00:01', '2001:0DB8::00AA', 'play', 9, 'x', 'rtmp://s1.example.net/app', 'a',
  'flv';
$log = write_file( "$dir/log",
    "#Fields: date time c-ip x-event sc-bytes x-cf-client-id cs-uri-stem x-sname x-file-ext\n$view\n" );
( $status, $out ) = run( $helper, 'cat', $log );
is( join( ' ', clients($out) ), '2001:db8::aa', 'c-ip of a view: the shortest form' );

# ---- anonymize = ip

$log = write_file(
    "$dir/log",
    log_of(
        '2026-10-31',
        [ '203.0.113.77',       '192.0.2.88' ],
        [ '2001:db8:1:2:3::77', '-' ],
        [ 'viewer.example.com', '-' ],
        [ '-',                  '-' ]
    )
);
( $status, $out ) = run( $helper, 'cat', '--anonymize=ip', $log );
is_deeply( [ clients($out) ], [ '203.0.113.0', '2001:db8:1::', '-', '-' ], 'the last octet, and the last 80 bits' );
( $status, my $forwarded ) = run( $helper, 'cat', '--anonymize=ip', '--client=x-forwarded-for', $log );
is( ( clients($forwarded) )[0], '192.0.2.0', 'the address in x-forwarded-for is shortened, too' );
( $status, my $whole ) = run( $helper, 'cat', $log );
( $status, my $normal ) = run( $helper, 'cat', '--anonymize=ip', write_file( "$dir/normal", $whole ) );
is( $normal, $out, 'a normalized log is anonymized, too' );
( $status, my $again ) = run( $helper, 'cat', '--anonymize=ip', write_file( "$dir/normal", $out ) );
is( $again, $out, 'an anonymous normalized log stays as it is' );

# The open views of a streaming site are in the ledger.
sub views {
    my (%setting) = @_;
    my $streaming = Site->new(%setting);
    my $fields = '#Fields: date time c-ip x-event sc-bytes x-cf-client-id cs-uri-stem x-sname x-file-ext';
    my $row = "2026-10-31\t10:00:0%d\t203.0.113.77\t%s\t%d\tclient\trtmp://s1.example.net/app\ta\tflv\n";
    $streaming->put( 'a', "$fields\n" . sprintf $row, 1, 'play', 100 );
    my $first = $streaming->cat_later;
    is( $first->{status},                          0, 'views: the first batch' ) or diag $first->{err};
    is( ( $streaming->commit( $first->{id} ) )[0], 0, 'views: committed' );
    my $kept = join '', map { content($_) } glob $streaming->state . '*';
    $streaming->put( 'b', "$fields\n" . sprintf $row, 2, 'disconnect', 200 );
    my $second = $streaming->cat_later;
    is( ( $streaming->commit( $second->{id} ) )[0], 0, 'views: the second batch' );
    my ( undef, $shown ) = run( $streaming->command( 'explain', '--day=2026-10-31' ) );
    return ( $kept, $second->{rows}[0][4], $shown );
}
my ( $kept, $client, $shown ) = views();
like( $kept, qr/203\.0\.113\.77/, 'the ledger has the address of an open view' );
is( $client, '203.0.113.77', 'the record has the address of an open view' );
like( $shown, qr/203\.0\.113\.77/, 'explain shows the address of an open view' );
( $kept, $client, $shown ) = views( anonymize => 'ip' );
unlike( $kept, qr/203\.0\.113\.77/, 'anonymize = ip: the ledger has no address' );
like( $kept, qr/203\.0\.113\.0/, 'anonymize = ip: the ledger has the shortened address' );
is( $client, '203.0.113.0', 'anonymize = ip: the record has the shortened address' );
unlike( $shown, qr/203\.0\.113\.77/, 'explain shows no address' );
like( $shown, qr/\t203\.0\.113\.0\tplay\t/, 'explain shows the row with the shortened address' );

# ---- anonymize = hash

my $one = '203.0.113.77';
$site = Site->new( anonymize => 'hash' );
$site->put( 'a', log_of( '2026-10-31', [ $one, '-' ], [ '203.0.113.78', '-' ] ) );
$site->put( 'b', log_of( '2026-10-30', [ $one, '-' ] ) );
my $first = $site->cat_later;
is( $first->{status}, 0, 'hash: exit status' ) or diag $first->{err};
my ( $before, @same_day ) = map { $_->[4] } @{ $first->{rows} };
like( $_, qr/\Afd41:5753:4346:/, "a name: $_" ) for $before, @same_day;
isnt( $same_day[0], $same_day[1], 'two visitors' );
isnt( $same_day[0], $before,      'another name on another day' );
is( $site->cat_later->{out},              $first->{out}, 'the same batch again: the same log' );
is( ( $site->commit( $first->{id} ) )[0], 0,             'committed' );

my $file = $site->state . '.visitor-keys';
is( ( stat $file )[2] & oct 777, oct 600, 'nobody else may read the keys' );
my $keys = content($file);
is( join( ' ', $keys =~ /^(\S+) [0-9a-f]{64}$/mg ), '2026-10-30 2026-10-31', 'a key for each day' );
my ($lasting) = grep { content($_) =~ /\Q$one\E/ } glob $site->state . '*';
is( $lasting, undef, 'no file of the site has an address' );

$site->put( 'c', log_of( '2026-10-31', [ $one, '-' ] ) );
my $second = $site->cat_later;
is( $second->{rows}[0][4],                 $same_day[0], 'a later run of the day: the same visitor' );
is( ( $site->commit( $second->{id} ) )[0], 0,            'committed, too' );
my $read = $site->cat_later;
is( ( $site->commit( $read->{id} ) )[0], 0, 'nothing new' ) if $read->{id};

# A day of 1999 is never within lookback.
$site->put( 'd', log_of( '1999-10-31', [ $one, '-' ] ) );
is( ( $site->commit( $site->cat_later->{id} ) )[0], 0, 'an old day' );
like( content($file), qr/^1999-10-31 /m, 'its key stays with its batch' );
$site->put( 'e', log_of( '1999-11-01', [ $one, '-' ] ) );
is( ( $site->commit( $site->cat_later->{id} ) )[0], 0, 'the next day' );
like( content($file), qr/^1999-11-01 /m, 'has its key' );
unlike( content($file), qr/^1999-10-31 /m, 'the key of the day before is gone' );

for my $bad ( "no key\n", $keys =~ s/-30 ./-30 g/r, substr( $keys, 0, 50 ), $keys =~ s/2026-10-30/2026-02-30/r ) {
    write_file( $file, $bad );
    $site->put( 'f', log_of( '2026-10-31', [ $one, '-' ], [ $one, '-' ] ) );
    my $failed = $site->cat_later;
    is( $failed->{status}, 1,   'bad keys: exit status 1' );
    is( $failed->{out},    q(), 'bad keys: no output' );
    like(
        $failed->{err},
        qr/\A\N*visitor-keys: this file of the keys\N* malformed line; remove this file\N*\n\z/,
        'bad keys: one line'
    );
}
unlink $file;
symlink "$dir/elsewhere", $file;
like( $site->cat_later->{err}, qr/visitor-keys: this is a symbolic link/, 'a planted link is not followed' );
unlink $file;
is( $site->cat_later->{status}, 0, 'without the file: new keys' );

( $status, $out ) = run( $helper, 'cat', '--anonymize=hash', $log );
like( ( clients($out) )[0], qr/\Afd41:5753:4346:/, 'without a site: a name' );
is( ( clients($out) )[2], '-', 'without a site: no name for a value that is no address' );
( $status, $again ) = run( $helper, 'cat', '--anonymize=hash', write_file( "$dir/normal", $out ) );
is( $again, $out, 'names stay as they are' );
done_testing();
