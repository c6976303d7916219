#!/usr/bin/perl
# unique: a request that two logs have is counted once, within a batch and over later batches.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use POSIX   qw(strftime);
use Program qw(helper run);
use Site;

# A log of requests [ID, minutes since midnight of the first day].
sub log_of {
    my @request = @_;
    return
      "#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes x-edge-request-id\n" . join '',
      map {
        my ( $id, $minute ) = @$_;
        strftime( "%Y-%m-%d\t%H:%M:%S", gmtime( 1_790_000_000 + 60 * $minute ) )
          . "\t192.0.2.1\tGET\t/$id-$minute\t200\t1\t$id\n"
      } @request;
}

my $site = Site->new( unique => 'x-edge-request-id' );
$site->put( 'legacy', log_of( [ 'a', 0 ], [ 'b', 1 ], [ 'c', 2 ], [ '-', 3 ], [ '-', 3 ] ) );
$site->put( 'v2', log_of( [ 'b', 1 ], [ 'd', 4 ], [ 'c', 2 ] ) );
my $later = $site->cat_later;
is( $later->{paths}, '/a-0 /b-1 /c-2 /--3 /--3 /d-4', 'each request once; those without an ID all' )
  or diag( $later->{err} );
is( $later->{end}, 'records=6 bad=0 quarantined=0 repeated=2', '#End has the number of repeated requests' );
like(
    $later->{err},
    qr/2 records are left out as duplicates: earlier records have the same x-edge-request-id/,
    'so does a message'
);
like( $later->{err}, qr/2 records have no x-edge-request-id/, 'a message has the number of records without an ID' );
my $again = $site->cat_later;
is( $again->{out}, $later->{out}, 'the same batch again: the same log' );

sub commit { my $run = shift; return ( run( $site->command( 'commit', "--batch=$run->{id}" ) ) )[0] }
is( commit($again), 0, 'the batch is committed' );

$site->put( 'late', log_of( [ 'a', 0 ], [ 'b', 60 * 47 ], [ 'd', 60 * 47 ], [ 'e', 60 * 47 ] ) );
my $second = $site->cat_later;
is( $second->{paths}, '/e-2820', 'a later batch has only what is new, 47 hours later, too' ) or diag( $second->{err} );
is( commit($second),  0,         'it is committed' );

$site->configure( unique => undef );
$site->put( 'off', log_of( [ 'e', 60 * 47 ], [ 'f', 60 * 48 ] ) );
my $off = $site->cat_later;
is( $off->{paths}, '/e-2820 /f-2880', 'unique = none: all' );
is( commit($off),  0,                 'it is committed' );

$site->configure( unique => 'x-edge-request-id' );
$site->put( 'on', log_of( [ 'e', 60 * 48 ], [ 'a', 60 * 48 ] ) );
my $on = $site->cat_later;
is( $on->{paths}, '', 'on again: the IDs from before are known' ) or diag( $on->{err} );
is( commit($on),  0,  'it is committed' );

my ($folder) = $site->state =~ m{^(.*)/};
my @files = glob "$folder/*.requests-*";
is( scalar @files, 1, 'one file has the IDs' ) or diag("@files");

# The file does not grow forever.
$site->put( 'days', log_of( map { [ "day$_", 60 * 24 * $_ ] } 5 .. 8 ) );
is( commit( $site->cat_later ), 0, 'some days later: committed' );
$site->put( 'more', log_of( [ 'last', 60 * 24 * 8 ] ) );
is( commit( $site->cat_later ), 0, 'one more batch: committed' );
@files = glob "$folder/*.requests-*";
is( ( -s $files[0] ) - 32, 20 * 4, 'the file has the IDs of 48 hours' );

# A missing file is an error, not a doubled month.
$site->put( 'next', log_of( [ 'day8', 60 * 24 * 8 ], [ 'new', 60 * 24 * 8 ] ) );
rename $files[0], "$folder/kept" or die;
my $missing = $site->cat_later;
is( $missing->{status}, 1, 'a missing file of IDs: failed' );
like(
    $missing->{err},
    qr/^awstats-cloudfront: \Q$files[0]\E: this file with the request IDs .* is missing; restore/m,
    'with a message'
);
rename "$folder/kept", $files[0] or die;
is( $site->cat_later->{paths}, '/new-11520', 'restored: continued' );

# Switched on after requests were counted: that is told once, in the first run that has something to count.
{
    my $late = Site->new( unique => undef );
    my $told = qr/^(\S+ \[\w+\]: the setting "unique" is new, .*)$/m;
    $late->put( 'legacy', log_of( [ 'a', 0 ] ) );
    unlike( $late->cat->{err}, $told, 'without the setting: no message about it' );
    $late->configure( unique => 'x-edge-request-id' );
    $late->put( 'v2', log_of( [ 'a', 0 ], [ 'b', 1 ] ) );
    unlike( $late->cat('never')->{err}, $told, 'a look: no message about the new setting' );
    my $first = $late->cat;
    is( $first->{paths}, '/a-0 /b-1', 'switched on later: requests of before are not known' );
    my ($line) = $first->{err} =~ $told;
    my $name = "--site=$late->{name}";
    like(
        $line // '',
qr/run: awstats-cloudfront verify --config=\S+ \Q$name\E; .*run: awstats-cloudfront recount --config=\S+ \Q$name\E$/,
        'and that is told, with what to do'
    ) or diag( $first->{err} );
    $late->put( 'next', log_of( [ 'b', 1 ], [ 'c', 2 ] ) );
    my $next = $late->cat;
    is( $next->{paths}, '/c-2', 'switched on later: the next run knows the requests of the first' );
    unlike( $next->{err}, $told, 'switched on later: no message in the next run' );
    my $new = Site->new( unique => 'x-edge-request-id' );
    $new->put( 'legacy', log_of( [ 'a', 0 ] ) );
    unlike( $new->cat->{err}, $told, 'a new site with the setting: no message about it' );
}

# Without a ledger.
my ( $status, $out, $err ) =
  run( helper(), 'cat', '--unique=x-edge-request-id', $site->{source} . '/legacy', $site->{source} . '/v2' );
is( $status, 0, 'cat of files' ) or diag($err);
like( $out, qr/^#End: records=6 bad=0 quarantined=0 repeated=2\n\z/m, 'cat of files: each request once' );
is(
    ( run( { in => Program::write_file( $site->dir . '/normalized', $out ) }, helper(), 'cat', '-' ) )[1],
    $out =~ s/ repeated=2$//mr,
    'its output is read like any other'
);
( $status, $out, $err ) = run( helper(), 'cat', '--unique=cookie', $site->{source} . '/legacy' );
is( $status, 2, 'another column is refused' );
like( $err, qr/--unique "cookie": must be x-edge-request-id or none/, 'with a message' );

# A look leaves no file behind.
{
    is( commit( $site->cat_later ), 0, 'the open batch is committed' );
    my @before = sort glob $site->state . '*';
    $site->put( 'looked-at.gz', Site::log_text('/looked-at') );
    like( $site->cat('never')->{paths}, qr{/looked-at}, 'a look: the records' );
    is_deeply( [ sort glob $site->state . '*' ], \@before, 'a look: the same files' );
}

done_testing();
