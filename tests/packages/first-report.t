#!/usr/bin/perl
# From a package to a report that is opened, by three commands that ask nothing: install, set up, update.  Before, there is
# neither AWStats nor anything else that the package needs; for a bucket, www-data has keys.
#
#   perl tests/packages/first-report.t NEWER.deb directory|bucket
#
# Installs and removes packages, as root: for the Debian of its own that .ci/check-deb makes.
use strict;
use warnings;
use Test::More;
use File::Basename qw(basename dirname);
use FindBin        qw($Bin);
use lib dirname($Bin) . '/lib';
use Links;
use Program qw(content write_file);

use constant SECONDS => 120;    # of a processor, for the three commands

my ( $package, $kind ) = @ARGV;
die "usage: perl tests/packages/first-report.t NEWER.deb directory|bucket\n"
  if ( $kind // '' ) !~ /^(?:directory|bucket)\z/;
$ENV{DEBIAN_FRONTEND} = 'noninteractive';
my @samples = sort glob "$Bin/../data/download/*.gz";
cmp_ok( scalar @samples, '>', 10, 'there are sample logs' );
my $report = '/var/cache/awstats-cloudfront/report';
my ( $source, $server ) = $kind eq 'bucket' ? bucket() : directory();

# ---- the three commands -------------------------------------------------------------------------
my $before = seconds();
run("apt install -y $package");
my $setup = run("awstats-cloudfront setup cdn $source --yes --report $report");
my $update = run('awstats-cloudfront update --site cdn');
my $took = seconds() - $before;
cmp_ok( $took, '<', SECONDS, sprintf 'they take less than two minutes of a processor: %.1f s', $took );
unlike( $setup, qr/^FAIL/m, 'setup: no step fails' );

# ---- the report ---------------------------------------------------------------------------------
my ($records) = `awstats-cloudfront cat $Bin/../data/download` =~ /^#End: .*\brecords=(\d+)/m;
my ($counted) = $update =~ /^\[cdn\]: ([\d,]+) records of ${\ scalar @samples} logs counted/m;
is( ( $counted // '' ) =~ tr/,//dr, $records, 'all records are counted' );
my ($index) = $update =~ m{^\[cdn\]: \d+ pages of \d+ months written: (.*/index\.html)$}m;
is( $index, "$report/cdn/index.html", 'update names the report' );
my ( $pages, $missing ) = Links::follow("$report/index.html");
cmp_ok( scalar @$pages, '>=', 50, 'the report has pages' );
is_deeply( $missing, [], 'each link leads to a page' );
my $hits = 0;

foreach my $row ( content($index) =~ m{<tr>(.*?)</tr>}gs ) {
    my @cells = map { s/,//gr } $row =~ m{<td[^>]*>(?:<a[^>]*>)?([^<]*)}g;
    $hits += $cells[3] if @cells > 3 && $cells[0] =~ /^\d{4}-\d\d/;
}
cmp_ok( $hits, '>',  0,        'the list of months has hits' );
cmp_ok( $hits, '<=', $records, 'no more than there are records' );
like(
    content("$report/cdn/awstats.html"),
    qr/Statistics for:?.*www\.example\.com/s,
    'the newest month is of this site'
);

# ---- as before ----------------------------------------------------------------------------------
run('apt-get -q -y purge awstats-cloudfront');
unlink glob '/var/lib/awstats/*.cdn.*';
done_testing;

sub run {
    my ($command) = @_;
    my $output = `$command 2>&1 </dev/null`;
    is( $?, 0, $command ) or diag $output;
    return $output;
}

# The time of a processor that the commands took.
sub seconds {
    my ( undef, undef, $user, $system ) = times;
    return $user + $system;
}

sub directory {
    my $logs = '/var/log/cloudfront/cdn';
    run("mkdir -p $logs");
    run("cp -p @samples $logs");
    return $logs;
}

sub bucket {
    require S3Server;
    my $store = S3Server->new;
    $store->make_bucket('my-logs');
    $store->put( 'my-logs', 'cdn/' . basename($_), content($_) ) foreach @samples;
    my $home = '/var/www/.aws';
    run("mkdir -p $home");
    write_file( "$home/config", sprintf "[default]\nregion = %s\nendpoint_url = %s\n",
        $store->region, $store->endpoint );
    write_file( "$home/credentials", sprintf "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n",
        $store->key_id, $store->secret );
    run("chown -R www-data: $home && chmod -R go= $home");
    return ( 's3://my-logs/cdn/', $store );
}
