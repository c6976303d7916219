#!/usr/bin/perl
# Plans of a site whose history has files in AWStats' XML format, from before the configuration said text: plan refuses
# the logs of such a file's month, collect refuses late records, and the commands that they advise count these logs.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use CountedSite ();
use Program     qw(content);
use Shards      qw(count_batch is_counted plan_batch task update);
use Test::More;

my $LOG_HEADER = "#Version: 1.0\n#Fields: @{[CountedSite::fields]}\n";

# A site with two months in XML, which writes text from now on.
sub site {
    my $site = CountedSite->new( config => "BuildHistoryFormat=xml\n" );
    deliver( $site, september => '2026-09-20', october => '2026-10-20' );
    update($site);
    is_deeply( formats($site), { '09' => 'xml', '10' => 'xml' }, 'months in XML' );
    $site->{config} =~ s/^BuildHistoryFormat=xml$/BuildHistoryFormat=text/m or die;
    $site->use_log('site:cdn');
    return ( $site, $site->folder . '/work' );
}

sub deliver {
    my ( $site, %page ) = @_;
    $site->deliver( CountedSite::record( "$page{$_} 10:00:00", path => "/$_.html" ) ) foreach sort keys %page;
    return;
}

sub formats {
    my $site = shift;
    return { map { /awstats(\d\d)\d{4}[.]/ => content($_) =~ /\A<xml/ ? 'xml' : 'text' }
          glob $site->folder . '/data/awstats*.txt' };
}

# Runs plan, which must refuse the file of MONTH, and then the command that it advises.
sub is_refused {
    my ( $site, $month, $name ) = @_;
    my $folder = $site->folder;
    my $output =
      task( 1, 'plan', "--config=$folder/sites.conf", '--site=cdn', "--work=$folder/refused",
        qw(--shards=2 --parts=1) );
    like(
        $output,
qr/\[cdn\]: \Q$folder\E\/data\/awstats${month}2026\.site\.txt is in AWStats' XML format, [^\n]*: awstats-cloudfront update --config=\S+ --site=cdn$/,
        "$name: message"
    );
    is( ( CountedSite::follow( $output, 'update' ) )[0], 0, "$name: the update that the message advises" );
    return;
}

{
    my ( $site, $work ) = site();
    deliver( $site, second => '2026-10-21' );
    is_refused( $site, '10', 'logs of the newest month' );
    is_deeply( formats($site), { '09' => 'xml', '10' => 'text' }, 'logs of the newest month: the format' );
    deliver( $site, third => '2026-10-22' );
    count_batch( $site, $work, 2, 1 );
    is_deeply( formats($site), { '09' => 'xml', '10' => 'text' }, 'an older month in XML harms no plan' );
    deliver( $site, late => '2026-09-21' );
    is_refused( $site, '09', 'late logs' );
    is_deeply( formats($site), { '09' => 'text', '10' => 'text' }, 'late logs: the format' );
    deliver( $site, later => '2026-09-22' );
    count_batch( $site, "$work.2", 2, 1 );
    is_counted( $site, 'XML', map { $_ => 1 } qw(september october second third late later) );
}
{
    my ($site) = site();
    deliver( $site, november => '2026-11-01' );
    is_refused( $site, '10', 'logs of a new month' );
    is_deeply( formats($site), { '09' => 'xml', '10' => 'text', '11' => 'text' }, 'logs of a new month: the format' );
    is_counted( $site, 'a new month', map { $_ => 1 } qw(october november) );    # September is no text
}
{
    # An object whose name does not tell its month.
    my ( $site, $work ) = site();
    deliver( $site, second => '2026-10-21' );
    update($site);
    $site->deliver_as( 'other.gz', $LOG_HEADER . CountedSite::record( '2026-09-21 10:00:00', path => '/late.html' ) );
    plan_batch( $site, $work, 2, 1 );
    task( 0, 'map',     "--work=$work", '--part=0' );
    task( 0, 'prepare', "--work=$work" );
    task( 0, 'reduce',  "--work=$work", "--shard=$_" ) foreach 0, 1;
    my $output = task( 1, 'collect', "--work=$work" );
    like( $output, qr/awstats092026\.site\.txt is in AWStats' XML format, /, 'a late record: message' );
    is( ( CountedSite::follow( $output, 'plan' ) )[0],
        0, 'a late record: the plan is given up, as the message advises' );
    is( ( CountedSite::follow( $output, 'update' ) )[0], 0, 'a late record: the update that the message advises' );
    is_counted( $site, 'a late record', map { $_ => 1 } qw(september october second late) );
}

done_testing;
