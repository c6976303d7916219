#!/usr/bin/perl
# Stock AWStats, without the plugin, counts streaming logs with awstats-conf/cloudfront-streaming.conf, and finds
# what the generator of the logs knows.
use strict;
use warnings;
use Test::More;
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use List::Util qw(sum0);
use POSIX      qw(strftime);
use lib "$Bin/lib";
use AWStats;
use Columns           qw(%COLUMN);
use Compress::Zlib    ();
use GenerateStreaming ();
use Program           qw(content write_file);

my $helper = AWStats::helper();
my $conf = AWStats::configurations();
my $logs = "$Bin/data/streaming";
my $scratch = tempdir( CLEANUP => 1 );
my $hosts = 'HostAliases="video.example.com REGEX[^[a-z0-9]+\.cloudfront\.net$]"';
my $truth = GenerateStreaming::logs();
my @views = @{ $truth->{views} };
my @all = ( @views, @{ $truth->{connects} } );

sub update {
    my ( $name, $text ) = @_;
    my $awstats = AWStats->new( plugin => 0 );
    copy( "$conf/cloudfront-streaming.conf", $awstats->folder ) or die $!;
    $awstats->config( $name, "Include \"cloudfront-streaming.conf\"\n$text\n$hosts\n" );
    my ( $status, $output ) = $awstats->run( $name, '-update' );
    is( $status, 0, "$name: status" ) or diag $output;
    unlike( $output, qr/Warning/, "$name: no warning" );
    return ( $awstats, $output );
}

# The samples are what their generator makes.
my %made = map { $_->{name} => GenerateStreaming::content($_) } @{ $truth->{files} };
is_deeply( [ map { s{.*/}{}r } glob "$logs/*" ], [ sort keys %made ], 'the samples: names' );
is( scalar( grep { Compress::Zlib::memGunzip( content("$logs/$_") ) ne $made{$_} } keys %made ),
    0, 'the samples: contents' );
cmp_ok( sum0( map { -s } glob "$logs/*" ), '<', 100_000, 'the samples: size' );

# The path of a record that is not a view ends with a slash; the configuration depends on that.
{
    my ( %view, %other );
    foreach ( grep { !/^#/ } split /^/, `'$helper' cat '$logs'` ) {
        my ( $path, $event ) = ( split /\t/ )[ @COLUMN{qw(cs-uri-stem x-event)} ];
        ( $event eq 'view' ? \%view : \%other )->{$path} = 1;
    }
    is_deeply( [ sort keys %other ],          [ '/', '/cfx/st/' ], 'connections without a view: paths' );
    is_deeply( [ grep { m{/$} } keys %view ], [],                  'views: no slash behind the path' );
}

my ( $awstats, $output ) = update( 'pipe', "LogFile=\"'$helper' cat '$logs' |\"" );
like( $output, qr/Found ${\ scalar @all} new qualified/, 'all records are counted' );
like( $output, qr/Found 0 corrupted/,                    'none misread' );

# Day by day: pages are the views, bandwidth is all bytes.
{
    my %day;
    foreach my $view (@all) {
        my $day = $day{ strftime '%Y%m%d', gmtime $view->{time} } ||= [ 0, 0, 0 ];
        $day->[0]++ if defined $view->{seconds};
        $day->[1]++;
        $day->[2] += $view->{bytes};
    }
    my $counted = $awstats->section( 'pipe', 'DAY' );
    is_deeply( { map { $_ => [ @{ $counted->{$_} }[ 0 .. 2 ] ] } keys %$counted },
        \%day, 'views, records and bytes of every day' );
    is( sum0( map { $_->[2] } values %day ), sum0( map { $_->{bytes} } @all ), 'exactly' );
}

# A section: first column => [pages, hits, bytes] of some views, as it must be.
sub account {
    my ( $key, @of ) = @_;
    my %account;
    foreach my $view (@of) {
        my $row = $account{ $key->($view) } ||= [ 0, 0, 0 ];
        $row->[0]++ if defined $view->{seconds};
        $row->[1]++;
        $row->[2] += $view->{bytes};
    }
    return \%account;
}

sub is_section {
    my ( $of, $section, $expected, $what ) = @_;
    my $counted = $of->section( 'pipe', $section );
    is_deeply( { map { $_ => [ @{ $counted->{$_} }[ 0 .. 2 ] ] } keys %$counted }, $expected, $what );
    return;
}

is_section( $awstats, 'CLUSTER', account( sub { $_[0]{edge} },                @all ),   'edge locations' );
is_section( $awstats, 'EXTRA_1', account( sub { $_[0]{path} },                @views ), 'streams' );
is_section( $awstats, 'EXTRA_2', account( sub { $_[0]{page} },                @views ), 'pages with the player' );
is_section( $awstats, 'EXTRA_3', account( sub { $_[0]{player} =~ s/ /%20/r }, @views ), 'players' );
is_section( $awstats, 'EXTRA_4', account( sub { $_[0]{type} },                @views ), 'file types' );
{
    my $last = -1;
    my $i = 5;
    foreach my $limit ( 0, 10, 60, 600, 3600, 9**9 ) {
        my @class = grep { $_->{seconds} > $last && $_->{seconds} <= $limit } @views;
        cmp_ok( scalar @class, '>', 0, "there are views of up to $limit seconds" );
        is_section(
            $awstats, "EXTRA_$i",
            account( sub { 'view' }, @class ),
            "views of up to $limit seconds are counted"
        );
        $last = $limit;
        $i++;
    }
}
foreach my $none (qw(BROWSER OS UNKNOWNREFERER UNKNOWNREFERERBROWSER ROBOT DOWNLOADS PAGEREFS ERRORS)) {
    is_deeply( $awstats->section( 'pipe', $none ), {}, "nothing in $none" );
}

# The report has them all, and no empty charts.
{
    my ( $status, $report ) = $awstats->run( 'pipe', '-output', '-staticlinks', '-month=11', '-year=2012' );
    is( $status, 0, 'report: status' );
    my @titles = content("$conf/cloudfront-streaming.conf") =~ /^ExtraSectionName\d+="(.*)"/mg;
    is( scalar @titles, 10, 'report: extra sections' );
    like( $report, qr/\Q$_\E/, "report: $_" )
      foreach @titles, qw(Cluster /cfx/st/promo/intro.flv), 'WIN 11,2,202,235', '11 to 60 seconds';
    unlike( $report, qr/$_/, "report: no $_" )
      foreach 'Browsers', 'Operating Systems', 'Robots', 'Downloads', 'Search Keyphrases', 'HTTP Status';
}

# Classes of seconds have no gap and no overlap.
{
    my @record = ( qw(2012-11-05 10:00:00 LHR5 1 192.0.2.7 GET video.example.com), '/a.mp4', '200', '-', '-' );
    my @seconds = ( 0 .. 700, 990 .. 1010, 1990 .. 2010, 2990 .. 3710, 3990 .. 4010, 9990 .. 10010, 99_999, 123_456 );
    write_file( "$scratch/seconds", join '',
        map { join( "\t", @record, ('-') x 9, 'view', $_, 'a', 'mp4' ) . "\n" } @seconds );
    my ($of) = update( 'pipe', "LogFile=\"$scratch/seconds\"" );
    my @counted = map { $of->section( 'pipe', "EXTRA_$_" )->{view}[0] } 5 .. 10;
    my ( $last, @expected ) = (-1);
    foreach my $limit ( 0, 10, 60, 600, 3600, 9**9 ) {
        push @expected, scalar grep { $_ > $last && $_ <= $limit } @seconds;
        $last = $limit;
    }
    is_deeply( \@counted, \@expected, 'each number of seconds is in one class' );
}

# LogType=S: a record that is up to a day older than the one before counts; with W, two hours.
{
    my @rest =
      ( qw(LHR5 100 192.0.2.7 GET video.example.com), '/a.flv', '200', '-', '-', ('-') x 9, 'view', 10, 'a', 'flv' );
    write_file(
        "$scratch/late", join '',
        map { join( "\t", @$_, @rest ) . "\n" } [ '2012-11-05', '22:00:00' ],
        [ '2012-11-05', '03:00:00' ]
    );
    foreach my $case ( [ 'S', 2 ], [ 'W', 1 ] ) {
        my ( $of, $output ) = update( 'pipe', "LogFile=\"$scratch/late\"\nLogType=$case->[0]" );
        like( $output, qr/Found $case->[1] new qualified/, "LogType=$case->[0]: $case->[1] of 2 records" );
    }
}

# A record that is not a view adds bytes, but no view; and a site may have many streams.
{
    my @record = qw(LHR5 100 192.0.2.7 GET video.example.com);
    my $line = sub {
        my ( $time, $path, $event, $seconds, $name ) = @_;
        return join( "\t",
            '2012-11-05', $time, @record, $path, '200', 'http://www.example.com/',
            'WIN 11,2,202,235',
            ('-') x 9,
            $event, $seconds, $name, 'flv' )
          . "\n";
    };
    write_file(
        "$scratch/more",
        join '',
        $line->( '10:00:00', '/cfx/a.flv',  'view',    10,  'a' ),
        $line->( '10:00:01', '/cfx/a.flv/', 'more',    5,   'a' ),
        $line->( '10:00:02', '/cfx/',       'connect', '-', '-' ),
        $line->( '10:00:03', '/',           'connect', '-', '-' ),
        map { $line->( '11:00:00', "/cfx/stream$_.flv", 'view', 10, "stream$_" ) } 1 .. 600
    );
    my ($of) = update( 'pipe', "LogFile=\"$scratch/more\"" );
    is_deeply(
        [ @{ $of->section( 'pipe', 'DAY' )->{20121105} }[ 0 .. 2 ] ],
        [ 601, 604, 60400 ],
        'a record that is not a view only adds bytes'
    );
    my $streams = $of->section( 'pipe', 'EXTRA_1' );
    is_deeply( [ @{ $streams->{'/cfx/a.flv'} }[ 0 .. 2 ] ], [ 1, 2, 200 ], 'which are the stream\'s' );
    is( scalar keys %$streams, 601, 'more than 500 streams' );
}

done_testing;
