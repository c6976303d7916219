#!/usr/bin/perl
# The next run of a site lists the newest part of its bucket alone, whatever folders CloudFront puts the logs into.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use POSIX   qw(strftime);
use lib "$Bin/lib";
use CannedStore;
use Site;

$ENV{AWS_ACCESS_KEY_ID} = 'AKIDEXAMPLE';
$ENV{AWS_SECRET_ACCESS_KEY} = 'secret';
$ENV{AWS_REGION} = 'us-east-1';
$ENV{no_proxy} = '*';

# Keys in folders of periods; FORMAT: that of strftime().
sub in_folders {
    my $format = shift;
    return sub {
        my ( $id, @time ) = @_;
        return 'cdn/' . strftime( $format, @time ) . "$id." . strftime( '%Y-%m-%d-%H', @time );
    };
}

# Of each layout the keys of 40 days, two distributions, one log an hour of four: 480 keys, 24 pages of 20.
my $midnight = int( time / 86400 ) * 86400;
my %layout = (
    'flat names' => sub { my ( $id, @time ) = @_; return "cdn/$id." . strftime( '%Y-%m-%d-%H', @time ) },
    'a prefix of each distribution' =>
      sub { my ( $id, @time ) = @_; return "cdn/$id/$id." . strftime( '%Y-%m-%d-%H', @time ) },
    'v2, the default' => sub {
        my ( $id, @time ) = @_;
        return "cdn/AWSLogs/123456789012/CloudFront/$id." . strftime( '%Y-%m-%d-%H', @time );
    },
    'v2, folders of hours' => sub {
        my ( $id, @time ) = @_;
        return "cdn/$id/" . strftime( '%Y/%m/%d/%H/', @time ) . "$id." . strftime( '%Y-%m-%d-%H', @time );
    },
    'hive' => sub {
        my ( $id, @time ) = @_;
        return
            "cdn/DistributionId=$id/"
          . strftime( 'year=%Y/month=%m/day=%d/hour=%H/', @time ) . "$id."
          . strftime( '%Y-%m-%d-%H',                      @time );
    },
    'folders of months'                 => in_folders('%Y/%m/'),
    'folders of dates'                  => in_folders('%Y-%m-%d/'),
    'folders of dates, without hyphens' => in_folders('%Y%m%d/'),
    'date='                             => sub {
        my ( $id, @time ) = @_;
        return "cdn/$id/" . strftime( 'date=%Y-%m-%d/', @time ) . "$id." . strftime( '%Y-%m-%d-%H', @time );
    },
);
for my $name ( sort keys %layout ) {
    my $make = $layout{$name};
    my @keys;
    for my $id ( 'E1EXAMPLE', 'E2EXAMPLE' ) {
        for my $hour ( map { $_ * 4 } 0 .. 6 * 40 - 1 ) {
            push @keys, $make->( $id, gmtime $midnight - $hour * 3600 ) . sprintf '.%s%04d.gz', lc substr( $id, 0, 2 ),
              $hour;
        }
    }
    my $store = CannedStore->new( log => Site::log_text('/x'), keys => \@keys, page => 20 );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint, region => 'us-east-1' );
    my $run = $site->cat;
    is( $run->{end}, 'records=480 bad=0 quarantined=0', "$name: all are counted" ) or diag $run->{err};
    cmp_ok( $store->lists, '>=', 24, "$name: the first run lists all" );
    $store->add( map { $make->( $_, gmtime $midnight + 3600 ) . '.new' . lc( substr $_, 0, 2 ) . '.gz' } 'E1EXAMPLE',
        'E2EXAMPLE' );
    is( $site->cat->{end}, 'records=2 bad=0 quarantined=0', "$name: what is new is found" );
    cmp_ok( $store->lists, '<=', 14, "$name: the next run lists a part: " . $store->last_lists . ' pages' );
}

done_testing;
