#!/usr/bin/perl
# Shards that are counted on a machine whose clock is behind, and batches of which nothing is counted: reduce and collect
# stop where an update stops, and no record is lost.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats     ();
use Compiler    ();
use CountedSite ();
use File::Temp  ();
use Shards      qw(is_counted is_same plan_batch task);
use Test::More;

my $SHARDS = 3;
my $DAY = 24;    # hours
my $start = time;

# The time so many hours from the start of this test.
sub hours_from_now {
    my ( $second, $minute, $hour, $day, $month, $year ) = gmtime( $start + 3600 * shift );
    return sprintf '%04d-%02d-%02d %02d:%02d:%02d', $year + 1900, $month + 1, $day, $hour, $minute, $second;
}

# Returns a record of each of COUNT hosts, so that all shards have some.
sub records {
    my ( $hours, $count, %value ) = @_;
    return map { CountedSite::record( hours_from_now($hours), host => "192.0.2.$_", %value ) } 1 .. $count;
}

sub prepare {
    my ( $site, $work ) = @_;
    plan_batch( $site, $work, $SHARDS, 1 );
    task( 0, 'map', "--work=$work", '--part=0' );
    task( 0, 'prepare', "--work=$work" );
    return;
}

sub reduce {
    my ( $work, @shards ) = @_;
    task( 0, 'reduce', "--work=$work", "--shard=$_" ) foreach @shards;
    return;
}

my $folder = File::Temp->newdir;
my $shim = AWStats::helper() =~ /asan/ ? '' : Compiler::fault_library( 'slow_clock', "$folder" );

# Runs CODE where the clock is so many days behind.
sub with_clock_behind {
    my ( $days, $code ) = @_;
    local @ENV{qw(LD_PRELOAD CLOCK_BEHIND)} = ( $shim, $days * 86400 );
    return $code->();
}

my $CLOCK =
qr/The clock of this machine is behind: its time is \S+ \S+ UTC, and \d+ of \d+ (?:record is|records (?:is|are)) later, /;
my $CLOCK_OF_REDUCE = qr/The clock of a machine that ran reduce is behind, probably with --shard=\d+: /;
my $ABANDON = qr/ plan --abandon --config=\S+ --site=cdn$/m;

SKIP: {
    skip 'the sanitizers do not allow another clock', 1 if !$shim;

    # The clock of one machine is behind that of prepare.
    my $site = CountedSite->new( settings => 'after = delete' );
    my $work = $site->folder . '/work';
    $site->deliver( map { records( -$_, 12 ) } 30, 60, 120, 240 );
    my $whole = CountedSite->new;
    $whole->deliver( map { records( -$_, 12 ) } 30, 60, 120, 240 );
    is( ( $whole->update_by_program )[0], 0, 'one update' );
    prepare( $site, $work );
    reduce( $work, 0, 1 );
    my $error = with_clock_behind( 5, sub { task( 1, 'reduce', "--work=$work", '--shard=2' ) } );
    like(
        $error,
qr/: shard 2 is not counted yet: The clock of this machine \(\S+\) is behind: its time is \S+ \S+ UTC, and prepare ended at \S+ \S+ UTC; [^\n]*set the clock, then run reduce again; /,
        'a clock that is behind that of prepare'
    );
    like( $error, $ABANDON, 'a clock that is behind that of prepare: the other way out' );
    task( 1, 'collect', "--work=$work" );
    reduce( $work, 2 );
    like(
        task( 0, 'collect', "--work=$work" ),
        qr/: 48 records of 3 shards: 48 counted, 0 left out$/m,
        'reduce again, with the right clock'
    );
    is_same( $site, $whole, 'reduce again' );

    # That of prepare is behind, too, and the shard has times on both sides of AWStats' limit.
    $site = CountedSite->new;
    $work = $site->folder . '/work';
    $site->deliver( map { records( -$_, 12, path => '/first.html' ) } 30, 105, 240, 245, 250, 255 );
    with_clock_behind(
        5,
        sub {
            prepare( $site, $work );
            like( ( $site->command('update') )[1], qr/counted by the shards of a plan/, 'a plan is open' );
            $error = task( 1, 'reduce', "--work=$work", '--shard=0' );
        }
    );
    like( $error, qr/shard 0 was not counted: [^\n]*$CLOCK/, 'both clocks are behind' );
    like( $error, $ABANDON,                                  'both clocks are behind: the other way out' );
    reduce( $work, 0 .. 2 );
    task( 0, 'collect', "--work=$work" );
    is_counted( $site, 'both clocks are behind', first => 72 );

    # All records of the shard are later, and too few of the batch.
    $site = CountedSite->new;
    $work = $site->folder . '/work';
    $site->deliver( records( -9 * $DAY, 90, path => '/second.html' ) );
    with_clock_behind( 60, sub { prepare( $site, $work ); reduce( $work, 2 ) } );
    reduce( $work, 0, 1 );
    my $collect = sub { task( 1, 'collect', "--work=$work" ) };
    my %error = ( behind => with_clock_behind( 60, $collect ), right => $collect->() );

    foreach my $clock ( sort keys %error ) {
        like( $error{$clock}, $CLOCK_OF_REDUCE, "collect with a clock that is $clock" );
        like( $error{$clock}, qr/--shard=2: /,  "collect with a clock that is $clock: the shard" );
        like( $error{$clock}, $ABANDON,         "collect with a clock that is $clock: the way out" );
    }
    is( ( $site->command( 'plan', '--abandon' ) )[0], 0, 'plan --abandon' );
    is_counted( $site, 'a plan that was given up', second => 90 );
}

# ---- update and collect decide alike ----

# Counts a batch by an update, and a batch of the same records by shards, and compares what both say.
sub is_alike {
    my ( $name, $status, $error, @records ) = @_;
    my ( $whole, $site ) = map {
        my $new = CountedSite->new( config => qq(SkipHosts="192.0.2.9"\n) );
        $new->{config} =~ s/^HostAliases.*\n/HostAliases="www.example.com"\n/m;
        $new->use_log('site:cdn');
        $new->deliver(@records);
        $new
    } 1, 2;
    my ( $got, $output, $message ) = $whole->update_by_program;
    is( $got, $status, "$name: an update" ) or diag $output, $message;
    my $work = $site->folder . '/work';
    prepare( $site, $work );
    reduce( $work, 0 .. 2 );
    my $collected = task( $status, 'collect', "--work=$work" );
    return is_same( $site, $whole, $name ) if !$status && $name =~ /counted/;
    return if !$status;
    like( $message, $error eq 'clock' ? $CLOCK : qr/none of these records: $error/, "$name: the error of the update" );
    like(
        $collected,
        $error eq 'clock' ? $CLOCK_OF_REDUCE : qr/none of these records: $error/,
        "$name: the error of collect"
    );
    like( $collected, $ABANDON, "$name: the way out" );
    return;
}

# One record of each kind, from hosts of several shards.
my $host = 10;

sub counted { return CountedSite::record( hours_from_now(-1), host => '192.0.2.' . $host++ ) }
sub host    { return counted() =~ s/d1\.cloudfront\.net/other.example/r }
sub method  { return counted() =~ s/\tGET\t/\tTRACE\t/r }
sub lists   { return CountedSite::record( hours_from_now(-1),                  host => '192.0.2.9' ) }
sub future  { return CountedSite::record( hours_from_now( shift // 24 * 300 ), host => '192.0.2.' . $host++ ) }

my $HOST = qr/\d of \d records? (?:is|are) for hosts that are neither SiteDomain nor in HostAliases: other\.example \d/;
my $METHOD = qr/\d of \d records? (?:is|are) [^;\n]* that AWStats does not count: TRACE \d/;
is_alike( 'hosts',             1, qr/$HOST; add hosts/,    host(),   host() );
is_alike( 'methods',           1, qr/$METHOD; [^\n]*good/, method(), method() );
is_alike( 'lists',             0, '',                      lists(),  lists() );
is_alike( 'future',            1, 'clock',                 future() );
is_alike( 'hosts and lists',   0, '',                      host(),   lists() );
is_alike( 'methods and lists', 0, '',                      method(), lists() );
is_alike( 'hosts and methods', 1, qr/$HOST; $METHOD; add/, host(),   method() );
is_alike( 'future and lists',  0, '',                      future(), lists(), lists() );
is_alike(
    'future and methods',
    1, qr/$METHOD; 1 of 3 [^;\n]*ahead[^;\n]*; check the dates/,
    future(), method(), method()
);
is_alike( 'counted and future',    0, '',                                    future(), counted(), counted() );
is_alike( 'as many of the future', 1, 'clock',                               future(), counted() );
is_alike( 'around the limit',      1, 'clock', ( map { counted() } 1 .. 9 ), map { future($_) } 2, 3, 49, 50 );
is_alike( 'counted around it',     0, '', ( map { counted() } 1 .. 9 ),      map { future($_) } 2, 3, 49 );

done_testing;
