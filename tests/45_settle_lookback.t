#!/usr/bin/perl
# settle: young objects wait. lookback: listing starts where new objects can be, and asks for no more pages than
# that.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use POSIX   qw(strftime);
use lib "$Bin/lib";
use CannedStore;
use Site;

sub hour { return strftime '%Y-%m-%d-%H', gmtime( time - 3600 * $_[0] ) }

# By the hour in the name, which is over 26, 25 (three quarters of an hour less), and 2 hours ago.
{
    my $site = Site->new( settle => '24h' );
    for my $age ( 50, 26, 24, 2 ) {
        $site->put( 'E1.' . hour($age) . ".$age.gz", Site::log_text("/$age") );
    }
    $site->put( 'young', Site::log_text('/young') );
    utime time - 90000, time - 90000, $site->put( 'old', Site::log_text('/old') );
    is( join( ' ', sort split / /, $site->cat->{paths} ), '/26 /50 /old', 'settle = 24h' );
    $site->configure( settle => '12h' );
    is( $site->cat->{paths}, '/24', 'settle = 12h: the next one' );
    $site->configure( settle => undef );
    is( join( ' ', sort split / /, $site->cat->{paths} ), '/2 /young', 'settle = 0: all' );
}

# A bucket of 60 pages of ten objects, one for every eight hours, of two distributions.
{
    my @keys = map {
        my $hour = hour( 1 + 8 * $_ % 4_800 );
        sprintf 'cdn/%s.%s.%08x.gz', $_ % 3 ? 'E1' : 'E2', $hour, $_
    } 0 .. 599;
    my $store = CannedStore->new( log => Site::log_text('/x'), keys => \@keys, page => 10 );
    local %ENV = ( %ENV, AWS_ACCESS_KEY_ID => 'k', AWS_SECRET_ACCESS_KEY => 's', AWS_REGION => 'eu-west-1' );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint );
    my $run = $site->cat( '', '-q' );
    is( $run->{end}, 'records=600 bad=0 quarantined=0', 'the first run reads all' ) or diag( $run->{err} );
    cmp_ok( $store->lists, '>=', 60, 'the first run lists all' );
    $run = $site->cat;
    is( $run->{end}, 'records=0 bad=0 quarantined=0', 'the second run has nothing new' );
    cmp_ok( $store->lists, '<=', 5, 'found with some list requests: ' . $store->last_lists );

    my @new = map { sprintf 'cdn/E%d.%s.new%d.gz', $_ % 2 + 1, hour( $_ * 4 ), $_ } 1 .. 10;
    $store->add(@new);
    $run = $site->cat;
    is( $run->{end}, 'records=10 bad=0 quarantined=0', '10 new ones, up to 40 hours late' );
    cmp_ok( $store->lists, '<=', 5, 'found with some list requests: ' . $store->last_lists );

    $store->add( 'cdn/E0.' . hour(9000) . '.a.gz', 'cdn/E3.' . hour(9000) . '.a.gz', 'cdn/no-hour.gz' );
    $run = $site->cat;
    is(
        $run->{end},
        'records=3 bad=0 quarantined=0',
        'distributions that were not there before, and a key without an hour'
    );
    cmp_ok( $store->lists, '<=', 8, 'found with some list requests: ' . $store->last_lists );

    $store->add( 'cdn/E1.' . hour(500) . '.late.gz' );
    is( $site->cat->{end}, 'records=0 bad=0 quarantined=0', 'an object that is 500 hours late is not found at once' );
    is(
        $site->cat( '', '--full' )->{end},
        'records=1 bad=0 quarantined=0',
        'an object that is 500 hours late is found with --full'
    );
    cmp_ok( $store->lists, '>', 60, '--full lists all' );
    $store->add( 'cdn/E1.' . hour(600) . '.late.gz' );
    $site->configure( lookback => '30d' );
    is(
        $site->cat->{end},
        'records=1 bad=0 quarantined=0',
        'an object that is 500 hours late is found with a longer lookback'
    );
    cmp_ok( $store->lists, '<=', 20, 'found with some list requests: ' . $store->last_lists );
}

# Keys that have the day in folders: it is what they are sorted by.
for my $day ( '%Y/%m/%d', 'year=%Y/month=%m/day=%d' ) {
    my $key = sub {
        my ( $hours, $name ) = @_;
        my @time = gmtime( time - 3600 * $hours );
        return strftime( "cdn/$day/E1.%Y-%m-%d-%H.$name.gz", @time );
    };
    my @keys = map { $key->( 1 + 4 * $_ % 2000, sprintf '%08x', $_ ) } 0 .. 499;
    my $store = CannedStore->new( log => Site::log_text('/x'), keys => \@keys, page => 50 );
    local %ENV = ( %ENV, AWS_ACCESS_KEY_ID => 'k', AWS_SECRET_ACCESS_KEY => 's', AWS_REGION => 'eu-west-1' );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint );
    is( $site->cat( '', '-q' )->{end}, 'records=500 bad=0 quarantined=0', "$day: the first run reads all" );
    cmp_ok( $store->lists, '>=', 10, "$day: and lists all" );
    $store->add( map { $key->( $_ * 4, "new$_" ) } 0 .. 9 );
    is( $site->cat->{end}, 'records=10 bad=0 quarantined=0', "$day: 10 new ones, up to 36 hours late" );
    cmp_ok( $store->lists, '<=', 2, "$day: found with some list requests: " . $store->last_lists );
    $store->add( $key->( 200, 'late' ) );
    is( $site->cat->{end}, 'records=0 bad=0 quarantined=0', "$day: one that is 200 hours late is not found at once" );
    $store->lists;
    is( $site->cat( '', '--full' )->{end}, 'records=1 bad=0 quarantined=0', "$day: but with --full" );
    cmp_ok( $store->lists, '>', 10, "$day: which lists all" );
    $store->add( $key->( 300, 'later' ) );
    $site->configure( lookback => '14d' );
    is( $site->cat->{end}, 'records=1 bad=0 quarantined=0', "$day: and with a longer lookback" );
}

done_testing;
