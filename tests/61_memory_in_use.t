#!/usr/bin/perl
# The memory of updates: many updates in one process need no more than a few, and no log needs much more with the
# plugin than in stock AWStats.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Columns qw(@COLUMNS %COLUMN);
use Program ();
use Soak    qw(amount);

plan skip_all => 'there is no /proc' if !-r '/proc/self/status';

my $scratch = tempdir( CLEANUP => 1 );
my $include = 'Include "' . AWStats::configurations() . qq(/cloudfront-download.conf"\n);

# A normalized log of COUNT records, each of which has what VALUES->(its number) returns; they are of
# twenty days.
sub write_log {
    my ( $path, $count, $values ) = @_;
    open my $log, '>', $path or die "$path: $!";
    print $log "#Version: 1.0\n#Software: awstats-cloudfront 1.0\n#Fields: @COLUMNS\n";
    my %common = (
        'x-edge-location' => 'DFW57-P3',
        'sc-bytes'        => 1000,
        'cs-method'       => 'GET',
        'cs(Host)'        => 'www.example.com',
        'cs-uri-stem'     => '/page.html',
        'sc-status'       => 200,
        'cs(User-Agent)'  => 'Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0',
    );
    my @common = map { $common{$_} // '-' } @COLUMNS;
    foreach my $i ( 0 .. $count - 1 ) {
        my $second = int( $i * 20 * 86400 / $count );
        my %own = (
            'date' => sprintf( '2026-10-%02d',   1 + $second / 86400 ),
            'time' => sprintf( '%02d:%02d:%02d', $second / 3600 % 24, $second / 60 % 60, $second % 60 ),
            'c-ip' => '192.0.2.' . $i % 200,
            $values->($i)
        );
        my @row = @common;
        @row[ @COLUMN{ keys %own } ] = values %own;
        print $log join( "\t", @row ), "\n";
    }
    print $log "#End: records=$count bad=0 quarantined=0\n";
    close $log or die "$path: $!";
    return;
}

# An AWStats that reads a log as stock AWStats does, or through the plugin, with PARAMETERS.
sub awstats {
    my ( $log, $plugin, %parameters ) = @_;
    my $awstats = AWStats->new( plugin => $plugin );
    $awstats->config( 'site',
        $plugin
        ? AWStats::plugin_config( include => 'cloudfront-download', log => "cat $log |", %parameters )
        : qq(${include}LogFile="$log"\nHostAliases="REGEX[.]"\n) );
    return $awstats;
}

# ---- many updates in one process --------------------------------------------------------------

# Runs awstats.pl as a web server runs it that keeps it: as a function.
{
    write_log(
        "$scratch/log",
        20_000,
        sub {
            my $i = shift;
            return (
                'c-ip'           => '10.0.' . ( $i >> 8 & 15 ) . '.' . ( $i & 255 ),
                'cs-uri-stem'    => ( '/page-', '/picture-' )[ $i % 2 ] . $i % 5000 . ( '.html', '.png' )[ $i % 2 ],
                'cs(Referer)'    => 'https://www.example.net/thread-' . $i % 5000,
                'cs(User-Agent)' => 'Mozilla/5.0 (X11; Linux x86_64) Firefox/' . $i % 300,
            );
        }
    );
    my $awstats = awstats( "$scratch/log", 1 );
    my $folder = $awstats->folder;
    open my $wrapper, '>', "$folder/many.pl" or die $!;
    print $wrapper <<"END";
use lib '$Bin/lib';
use PeakMemory ();
\$0 = 'awstats.pl';
open my \$file, '<', \$0 or die \$!;
my \$text = do { local \$/; <\$file> };
eval "sub update {\\n#line 1 \\"./awstats.pl\\"\\n\$text\\n}";
die \$@ if \$@;
foreach my \$round ( 1 .. 16 ) {
    unlink glob 'data/*.txt';
    \@ARGV = ( '-config=site', '-update' );
    update();
    print 'in use: ', PeakMemory::amount('VmRSS'), "\\n";
}
END
    close $wrapper or die $!;
    my ( $status, $output ) = $awstats->command( '/bin/sh', '-c', "cd '$folder' && $^X many.pl" );
    is( $status,                                                 0,  'sixteen updates' )     or diag $output;
    is( () = $output =~ /^ Found 20000 new qualified records/mg, 16, 'each of all records' ) or diag $output;
    my @native = $output =~ /^cloudfront: the plugin counted (\d+) records?/mg;
    is( scalar( grep { $_ > 19_000 } @native ), 16, 'most of them native' ) or diag $output;
    my @in_use = $output =~ /^in use: (\d+)$/mg;

    # A leak of a byte a record would add 175 KiB in nine updates.  What an update gives back to the system varies
    # by less.
    my ( $early, $late ) = map { ( sort @in_use[@$_] )[2] } [ 2 .. 6 ], [ 11 .. 15 ];    # medians; five digits each
    cmp_ok( $late,       '<=', $early + 100,      "after two, updates take no more (@in_use KiB)" );
    cmp_ok( $in_use[15], '<=', $in_use[1] + 1024, 'all updates together take no more memory than two' );
}

# ---- beside stock AWStats ---------------------------------------------------------------------

# The greatest amount of memory that a process takes for an update of a log, in KiB.
sub peak {
    my ( $log, $plugin, @parameters ) = @_;
    my $awstats = awstats( $log, $plugin, @parameters );
    my ( $status, $output ) =
      $awstats->command( $^X, "-I$Bin/lib", "-MPeakMemory=$log.peak", $awstats->folder . '/awstats.pl',
        '-config=site', '-update' );
    my ($found) = $output =~ /^ Found (\d+) new qualified records/m;
    my ($native) = $output =~ /^cloudfront: the plugin counted (\d+) records?/m;
    is( $status, 0, ( $plugin ? 'native' : 'stock' ) . ': an update' ) or diag $output;
    return ( Program::content("$log.peak"), $found, $native );
}

my @logs = (
    [ 'pages',              75_000,  sub { ( 'cs-uri-stem' => "/shop/product-$_[0].html" ) } ],
    [ 'pictures',           150_000, sub { ( 'cs-uri-stem' => "/pictures/$_[0].png" ) } ],
    [ 'long URLs',          40_000,  sub { ( 'cs-uri-stem' => '/' . 'x' x 1500 . "/$_[0].png" ) } ],
    [ 'long URLs of pages', 40_000,  sub { ( 'cs-uri-stem' => '/' . 'x' x 1500 . "/$_[0].html" ) } ],
    [
        'missing files of long names',
        10_000, sub { ( 'cs-uri-stem' => '/' . 'x' x 8000 . "/$_[0].png", 'sc-status' => 404 ) }
    ],
    [ 'hosts',       100_000, sub { ( 'c-ip'        => join '.', 10, $_[0] >> 16, $_[0] >> 8 & 255, $_[0] & 255 ) } ],
    [ 'referers',    100_000, sub { ( 'cs(Referer)' => "https://www.example.net/thread-$_[0].html" ) } ],
    [ 'user agents', 30_000,  sub { ( 'cs(User-Agent)' => "Mozilla/5.0 (X11; Linux x86_64) Firefox/$_[0].0" ) } ],
);

# A check has a tenth of each, but for one: what the plugin remembers of values has its limit there.
my $part = amount( 'MEMORY_PART', 0.1, 1 );
foreach my $log (@logs) {
    my ( $what, $count, $values ) = @$log;
    $count *= $part if $what ne 'long URLs';
    write_log( "$scratch/log", $count, $values );
    my ( $stock, $found ) = peak( "$scratch/log", 0 );
    is( $found, $count, "$count different $what" );
    my ( $peak, $found_too, $native ) = peak( "$scratch/log", 1 );
    is( $found_too, $count, 'all counted' );
    cmp_ok( $native, $what eq 'user agents' ? '<' : '>', $count * 0.99, 'natively, if not by AWStats' );
    cmp_ok( $peak, '<=', 1.5 * $stock, sprintf "%s: %.1f MiB beside %.1f MiB", $what, $peak / 1024, $stock / 1024 );
}

# ---- with a setting ---------------------------------------------------------------------------

# What is known of values takes half as much as the counters may, and a few MiB.
{
    my ( $few, $many ) = map {
        write_log( "$scratch/log", $_, sub { ( 'cs-uri-stem' => "/shop/product-$_[0].html" ) } );
        ( peak( "$scratch/log", 1, parameters => 'memory=16M' ) )[0]
    } 1000, 200_000;
    my $more = ( $many - $few ) / 1024;
    cmp_ok( $more, '<', 16 + 8 + 6 + 10, sprintf 'memory=16M: %.1f MiB', $more );
}

done_testing;
