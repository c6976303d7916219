#!/usr/bin/perl
# status for programs: JSON with a schema, metrics for Prometheus, a check of the lag.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use JSON::XS   qw(decode_json);
use POSIX      qw(strftime);
use Manual     qw(listed);
use Program    qw(content helper run write_file);
use Prometheus ();
use Site;

# The time at which the hour of an object's name ends, HOURS ago or later.
sub hour {
    my ($hours) = @_;
    return strftime '%Y-%m-%d-%H', gmtime time - $hours * 3600;
}

# A log of the hour, of some age.
sub put {
    my ( $site, $hours, $name, @path ) = @_;
    return $site->put( 'E1.' . hour($hours) . ".$name", Site::log_text(@path) );
}

# The members of a JSON value, as the manual names them; those of objects and null may be listed, too.
sub members {
    my ( $value, $prefix, $found ) = @_;
    if ( ref $value eq 'HASH' ) {
        $found->{$prefix} = 1 if $prefix ne '';
        members( $value->{$_}, $prefix eq '' ? $_ : "$prefix.$_", $found ) for keys %$value;
    }
    elsif ( ref $value eq 'ARRAY' ) {
        members( $_, "$prefix\[]", $found ) for @$value;
    }
    else {
        $found->{$prefix} = 1;
    }
    return $found;
}

my $site = Site->new( name => qq{a "quoted\\" name} );
my $metrics = $site->dir . '/metrics.prom';
my $us = qq{site=a "quoted\\" name};

# Nothing is counted yet.
{
    my ( $status, $out, $err ) = $site->status( '--max-lag', '10d' );
    is( $status, 4,  'nothing counted, --max-lag: exit status 4' );
    is( $out,    '', 'nothing counted, --max-lag: no output' );
    like( $err, qr/\A[^\n]*\[a "quoted\\" name\]: no object is counted yet[^\n]*\n\z/, 'nothing counted, --max-lag' );
    ( $status, $out ) = $site->status('--json');
    my $show = decode_json($out)->[0];
    is_deeply(
        [ $status, @$show{qw(objects newest lag_seconds last_success last_duration_seconds error)} ],
        [ 0,       0, (undef) x 5 ],
        'nothing counted: JSON'
    );
    ($status) = $site->status( '--metrics', $metrics );
    my $all = Prometheus::parse( content($metrics) );
    is( $status,                                                0, 'nothing counted: metrics' );
    is( $all->{awstats_cloudfront_up}{samples}{$us},            1, 'nothing counted: up' );
    is( $all->{awstats_cloudfront_objects_total}{samples}{$us}, 0, 'nothing counted: no objects' );
    is_deeply( $all->{awstats_cloudfront_lag_seconds}{samples}, {}, 'nothing counted: no lag' );
}

# A batch with all that can happen is counted, and the next one is open.
my $bytes = length Site::log_text( 1 .. 10 );
put( $site, 30, 'one', 1 .. 10 );
$site->put( qq{bad"\\\x01\xffname.log}, "\x1f\x8b\x08" );
$site->put( 'notes.txt',                "a text\n" );
my $first = $site->cat_later;
my ($commit) = $site->commit( $first->{id}, '--figures',
    'records=10 counted=4 earlier=0 host=3 method=2 future=1 hosts=%3C%22x:3 methods=PATCH:2' );
is( $commit, 0, 'the first batch is committed' );
put( $site, 2, 'two', 11 );
my $second = $site->cat_later;
$site->change_ledger(
    'INSERT INTO clean_up (key, tag, size, modified, error) VALUES (?, ?, ?, ?, ?)',
    $site->{source} . '/old.gz',
    '', 1, 1, 'Permission denied'
);
my ( $status, $json ) = $site->status('--json');
is( $status, 4, 'JSON: exit status 4, as an object is quarantined' );
my $show = decode_json($json)->[0];
is( $show->{schema},       1,                              'JSON: the schema' );
is( $show->{site},         qq{a "quoted\\" name},          'JSON: the name of the site' );
is( $show->{bytes},        $bytes,                         'JSON: the bytes' );
is( $show->{last_success}, $show->{last_batch}{committed}, 'JSON: the last success' );
ok( $show->{last_duration_seconds} >= 0 && $show->{last_duration_seconds} < 600, 'JSON: the duration' );
is( $show->{last_records}{hosts}[0]{name}, '<"x', 'JSON: the name of a host' );
like( $show->{quarantined}[0]{key},          qr/bad"\\\\x01\\xffname\.log\z/, 'JSON: the name of an object' );
like( $show->{newest_passed_over}[0]{error}, qr{\Anot a CloudFront log},      'JSON: what a text holds' );
my %listed = map { $_ => 1 } listed('The JSON of status');
my $found = members( $show, '', {} );
is_deeply( [ grep { !$found->{$_} } sort keys %listed ], [], 'JSON: each member that the manual lists is there' );
my @unlisted =
  grep { !$listed{$_} && !/\A(?:last_batch|(?:last|all)_records\.left_out|\w+\[\]|\w+\.\w+\[\])\z/ } sort keys %$found;
is_deeply( \@unlisted, [], 'JSON: the manual lists each member' );

# The metrics say the same.
{
    umask 077;
    my ( $code, $out, $err ) = $site->status( '--metrics', $metrics );
    umask 022;
    is( "$code$out$err",              '0',  'metrics: exit status 0, and no output' );
    is( ( stat $metrics )[2] & 07777, 0644, 'metrics: other users may read them' );
    is_deeply( [ glob "$metrics*" ], [$metrics], 'metrics: no other file stays' );
    my $all = Prometheus::parse( content($metrics) );
    my $name = sub { $all->{"awstats_cloudfront_$_[0]"}{samples}{ join ',', @_[ 1 .. $#_ ], $us } };
    is( $name->('objects_total'),       1,      'metrics: objects' );
    is( $name->('bytes_total'),         $bytes, 'metrics: bytes' );
    is( $name->('bad_rows_total'),      0,      'metrics: bad rows' );
    is( $name->('quarantined_objects'), 1,      'metrics: quarantined objects' );
    is( $name->('passed_over_objects'), 1,      'metrics: objects passed over' );
    is( $name->('up'),                  1,      'metrics: up' );
    is(
        $name->('last_update_duration_seconds'),
        sprintf( '%.3f', $show->{last_duration_seconds} ),
        'metrics: duration'
    );
    is( strftime( '%FT%TZ', gmtime $name->('last_success_timestamp_seconds') ),
        $show->{last_success}, 'metrics: success' );
    is( strftime( '%FT%TZ', gmtime $name->('newest_object_timestamp_seconds') ), $show->{newest}, 'metrics: newest' );
    ok( abs( $name->('lag_seconds') - $show->{lag_seconds} ) < 120, 'metrics: the lag' );
    ok( $name->('open_batch_age_seconds') < 600,                    'metrics: the age of the open batch' );
    my %records = map { $_ => $name->( 'records_total', "outcome=$_" ) } 'counted',
      keys %{ $show->{all_records}{left_out} };
    is_deeply( \%records, { counted => 4, %{ $show->{all_records}{left_out} } }, 'metrics: records by outcome' );
    is( $records{host}, 3, 'metrics: records of other hosts' );
    is_deeply( [ sort keys %$all ], [ listed('Metrics for Prometheus') ], 'metrics: the manual lists them' );
    my ( $python, $lines, $error ) = run( '/usr/bin/python3', '-c', <<'PYTHON', $metrics );
import sys
from prometheus_client.parser import text_string_to_metric_families
for family in text_string_to_metric_families(open(sys.argv[1], encoding="utf-8").read()):
    for sample in family.samples:
        if sample.name == "awstats_cloudfront_up": print(sample.labels["site"], sample.value)
PYTHON
    is( $lines, qq{a "quoted\\" name 1.0\n}, 'metrics: the parser of prometheus_client' ) or diag $error;
}

# On the standard output.
{
    my ( $code, $out, $err ) = $site->status( '--metrics', '-' );
    is( "$code$err", '0', 'metrics on the standard output' );
    is( Prometheus::parse($out)->{awstats_cloudfront_up}{samples}{$us},
        1, 'metrics on the standard output: all of them' );
    ok( !-e '-', 'metrics on the standard output: no file' );
    ( $code, undef, $err ) =
      run( 'sh', '-c', 'exec "$@" >/dev/full', 'sh', $site->command( 'status', '--metrics', '-' ) );
    is( $code, 1, 'a full disk under it: exit status 1' );
    like( $err, qr/\A\S+ standard output: No space left on device; .*\n\z/, 'a full disk under it: the error' );
}

# A file that cannot be replaced.
{
    mkdir $site->dir . '/folder' or die "$!\n";
    my ( $code, undef, $err ) = $site->status( '--metrics', $site->dir . '/folder' );
    is( $code, 1, 'a folder in its place: exit status 1' );
    like( $err, qr{\A[^\n]*/folder: the metrics cannot be written: Is a directory; [^\n]*\n\z}, 'a folder: the error' );
    is_deeply( [ glob $site->dir . '/folder?*' ], [], 'a folder: no other file stays' );
    my $before = content($metrics);
    ( $code, undef, $err ) =
      run( 'sh', '-c', 'ulimit -f 2; exec "$@"', 'sh', $site->command( 'status', '--metrics', $metrics ) );
    is( $code, 1, 'a full disk: exit status 1' );
    like( $err, qr{the metrics cannot be written: File too large;}, 'a full disk: the error' );
    is( content($metrics), $before, 'a full disk: the old file stays' );
    is_deeply( [ glob "$metrics*" ], [$metrics], 'a full disk: no other file stays' );
}

# The lag.
{
    my ( $code, $out, $err ) = $site->status( '--max-lag', '20h' );
    is( $code, 4,  'behind: exit status 4' );
    is( $out,  '', 'behind: no output' );
    like(
        $err,
qr/\A[^\n]*\[a "quoted\\" name\]: the newest counted object is of \S+ \S+ UTC, (?:29|30) h \d\d min ago, which is longer than --max-lag 20h;[^\n]*\n\z/,
        'behind: one line'
    );
    ( $code, $out, $err ) = $site->status( '--max-lag=48h', '-v' );
    is( "$code$out$err", '0', 'not behind: exit status 0, and nothing' );
    ( $code, $out ) = $site->status( '--max-lag', '20h', '--metrics', $metrics );
    is( $code,                                      4, 'behind, with metrics: exit status 4' );
    is( ( $site->commit( $second->{id} ) )[0],      0, 'the second batch is committed' );
    is( ( $site->status( '--max-lag', '20h' ) )[0], 0, 'no more behind' );
    my $all = Prometheus::parse( content($metrics) );
    ( $code, undef, $err ) = $site->status( '--max-lag', '26 hours' );
    is( $code, 2, 'no duration: exit status 2' );
    is(
        $err,
        qq{awstats-cloudfront: --max-lag "26 hours": must be a duration such as 90m, 24h or 2d\n},
        'no duration: the error'
    );
    is( ( $site->status( '--json', '--metrics', $metrics ) )[0], 2, 'JSON and metrics: exit status 2' );
}

# An update that finds nothing new succeeds, and sets its time and its duration.
{
    $site->change_ledger(q{UPDATE state SET value = 1000 WHERE name IN ('committed', 'duration')});
    my $run = $site->cat;
    is( $run->{paths}, '', 'nothing new' );
    my $after = decode_json( ( $site->status('--json') )[1] )->[0];
    ok( $after->{last_success} gt '2020', 'nothing new: a success' );
    isnt( $after->{last_duration_seconds}, '1.000', 'nothing new: another duration' );

    # Reading only does not count as an update.
    put( $site, 1, 'three', 12 );
    $site->cat('never');
    my $same = decode_json( ( $site->status('--json') )[1] )->[0];
    is_deeply(
        [ @$same{qw(last_success last_duration_seconds)} ],
        [ @$after{qw(last_success last_duration_seconds)} ],
        'a log that is only looked at: no update'
    );

    # A batch that was begun long ago, and is read again now.
    $site->cat_later;
    $site->change_ledger(q{UPDATE state SET value = 1000 WHERE name = 'started'});
    my $again = $site->cat_later;
    $site->commit( $again->{id} );
    my $late = decode_json( ( $site->status('--json') )[1] )->[0];
    ok( $late->{last_duration_seconds} < 600, 'a batch that is read again: the duration of the last run' );
}

# Several sites, of which one cannot be read.
{
    my $conf = write_file( $site->dir . '/sites',
        join '', map { "[$_]\nsource = $site->{source}\nstate = " . $site->dir . "/$_.db\n" } qw(broken new) );
    write_file( $site->dir . '/broken.db', "no ledger at all\n" x 1000 );
    my ( $code, $out, $err ) = run( helper(), 'status', '--config', $conf, '--json' );
    is( $code, 1, 'a broken ledger: exit status 1' );
    my ( $broken, $new ) = @{ decode_json($out) };
    is_deeply( [ sort keys %$broken ], [qw(error schema site)], 'a broken ledger: its object' );
    is( $err,          "awstats-cloudfront: $broken->{error}\n", 'a broken ledger: its error' );
    is( $new->{error}, undef,                                    'a broken ledger: the next site is shown' );
    ($code) = run( helper(), 'status', '--config', $conf, '--metrics', $metrics );
    is( $code, 1, 'a broken ledger: metrics: exit status 1' );
    my $all = Prometheus::parse( content($metrics) );
    is_deeply( $all->{awstats_cloudfront_up}{samples}, { 'site=broken' => 0, 'site=new' => 1 }, 'a broken ledger: up' );
    is_deeply(
        $all->{awstats_cloudfront_objects_total}{samples},
        { 'site=new' => 0 },
        'a broken ledger: no more of it'
    );
    ( $code, undef, $err ) = run( helper(), 'status', '--config', $conf, '--max-lag', '1d' );
    is( $code,              1, 'a broken ledger, and a site that is behind: exit status 1' );
    is( () = $err =~ /\n/g, 2, 'a broken ledger, and a site that is behind: a line for each' );
}

done_testing;
