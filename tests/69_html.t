#!/usr/bin/perl
# Nothing that a log holds becomes a tag or an attribute in AWStats' pages, whatever column it is in: the helper leaves
# < > and " encoded, also in a log that is normalized already. An extra section shows each column that AWStats has no
# page for.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Columns qw(@COLUMNS %COLUMN);
use Program qw(run write_file);

my $helper = AWStats::helper();
my $folder = File::Temp::tempdir( CLEANUP => 1 );
my @evil = ( '<hostile>', '"><hostile>', q{'><hostile a="}, '%3Chostile%3E', '%253Chostile%253E' );

# The columns that AWStats' extra sections can name, and what they call them.
my %source = ( 'cs(Host)' => 'VHOST', 'cs-uri-query' => 'QUERY_STRING', 'cs(User-Agent)' => 'UA' );
$source{ $COLUMNS[$_] } = 'extra' . ( $_ - $COLUMN{'x-edge-result-type'} + 1 )
  foreach $COLUMN{'x-edge-result-type'} .. $#COLUMNS;

sub sections {
    my $number = 0;
    return join '', map {
        $number++;
        <<"END"
ExtraSectionName$number="Section"
ExtraSectionCodeFilter$number=""
ExtraSectionCondition$number=""
ExtraSectionFirstColumnTitle$number="Column"
ExtraSectionFirstColumnValues$number="$source{$_},(.*)"
ExtraSectionFirstColumnFormat$number="%s"
ExtraSectionStatTypes$number=H
MaxNbOfExtra$number=50
MinHitExtra$number=1
END
    } sort keys %source;
}

# Checks the pages of an update of a log; each column of COLUMNS must have come as far as the history.
sub check_pages {
    my ( $name, $log, $type ) = @_;
    my $awstats = AWStats->with_plugin(
        log  => $log,
        more => sections() . <<"END" );
LogType=$type
LevelForFileTypesDetection=2
URLWithQuery=1
URLReferrerWithQuery=1
ShowClusterStats=PHB
ShowDownloadsStats=HB
ShowHTTPErrorsPageDetail=RH
ValidHTTPCodes="200 206 304"
TrapInfosForHTTPErrorCodes="404"
END
    my ( $status, $output ) = $awstats->run( 'site', '-update' );
    is( $status, 0, "$name: status" ) or diag $output;
    my $seen = 0;
    foreach my $page (qw(main urldetail allhosts unknownbrowser unknownos refererpages errors404 downloads)) {
        my ( $shown, $html ) = $awstats->run( 'site', "-output=$page", '-staticlinks', '-year=2026', '-month=03' );
        is( $shown, 0, "$name, $page: status" );
        $seen += () = $html =~ /hostile/g;
        unlike( $html, qr/<hostile/i,   "$name, $page: no tag" );
        unlike( $html, qr/hostile a="/, "$name, $page: no attribute" );
    }
    return $seen;
}

my %usual = (
    'date'            => '2026-03-10',
    'x-edge-location' => 'FRA56-P1',
    'sc-bytes'        => 1000,
    'c-ip'            => '192.0.2.1',
    'cs-method'       => 'GET',
    'cs(Host)'        => 'www.example.com',
    'cs-uri-stem'     => '/index.html',
    'sc-status'       => 200,
    'cs(User-Agent)'  => 'Mozilla/5.0%20(X11;%20Linux%20x86_64;%20rv:128.0)%20Gecko/20100101%20Firefox/128.0',
);

# Rows with each of these columns hostile once, in each way. COUNT of them.  A row without a number in a column of numbers
# is malformed.
my %is_number = map { $_ => 1 } qw(time-taken time-to-first-byte sc-content-len asn);
my ( @rows, $columns );
my $malformed = 0;
foreach my $column ( grep { !/^(?:date|time|sc-bytes|cs-method|sc-status|x-event)$/ } @COLUMNS ) {
    $columns++;
    foreach my $evil (@evil) {
        my $value = $column eq 'cs-uri-stem' ? "/$evil" : $column eq 'cs(Referer)' ? "https://x.example/$evil" : $evil;
        my @variants =
            $column eq 'cs-uri-stem' ? ( {}, { 'sc-status' => 404 }, { $column => "$value.zip" } )
          : $column eq 'cs(Referer)' ? ( {}, { 'sc-status' => 404 }, { $column => "https://$evil.example/" } )
          :                            {};
        foreach my $variant (@variants) {
            my %value = ( %usual, $column => $value, %$variant );
            $value{time} = sprintf '%02d:%02d:%02d', @rows / 3600, @rows / 60 % 60, @rows % 60;
            push @rows, join "\t", map { $value{$_} // '-' } @COLUMNS;
            $malformed++ if $is_number{$column};
        }
    }
}
cmp_ok( $columns, '>=', 20, 'the columns are there' );

my $log = "$folder/download";
write_file( $log, join "\n", '#Version: 1.0', "#Fields: @COLUMNS", @rows, '' );
cmp_ok( check_pages( 'a log', $log, 'W' ), '>', 3 * $columns, 'a log: the pages show what it holds' );

my $normalized = "$folder/normalized";
write_file(
    $normalized, join "\n",
    '#Version: 1.0',
    '#Software: awstats-cloudfront 0.1',
    "#Fields: @COLUMNS",
    @rows, "#End: records=${\ scalar @rows} bad=0 quarantined=0\n"
);
my ( $status, $out ) = run( $helper, 'cat', $normalized );
is( $status,                0,                  'a normalized log: status' );
is( () = $out =~ /^2026/mg, @rows - $malformed, 'a normalized log: all records' );
unlike( $out, qr/[<>"]/, 'a normalized log: no < > "' );
cmp_ok( check_pages( 'a normalized log', $normalized, 'W' ), '>', 3 * $columns, 'a normalized log: the pages' );

# A streaming log.
my @streaming = qw(date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id cs-uri-stem cs-uri-query
  c-referrer x-page-url c-user-agent x-sname x-sname-query x-file-ext x-sid);
my @events;
foreach my $column (
    qw(x-edge-location c-ip cs-uri-stem cs-uri-query c-referrer x-page-url c-user-agent x-sname
    x-sname-query x-file-ext)
  )
{
    foreach my $evil (@evil) {
        my %value = (
            %usual,
            'time'           => sprintf( '%02d:%02d:%02d', @events / 3600, @events / 60 % 60, @events % 60 ),
            'x-event'        => 'stop',
            'x-cf-client-id' => 'c' . @events,
            'cs-uri-stem'    => 'rtmp://www.example.com/app',
            'x-sname'        => 'film',
            'x-file-ext'     => 'flv',
            $column          => $column eq 'cs-uri-stem' ? "rtmp://$evil/$evil" : $evil,
        );
        push @events, join "\t", map { $value{$_} // '-' } @streaming;
    }
}
$log = "$folder/streaming";
write_file( $log, join "\n", '#Version: 1.0', "#Fields: @streaming", @events, '' );
cmp_ok( check_pages( 'a streaming log', $log, 'S' ), '>', 20, 'a streaming log: the pages show what it holds' );

done_testing;
