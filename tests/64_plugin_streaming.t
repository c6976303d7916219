#!/usr/bin/perl
# Streaming logs through the plugin give the history of the pipe; every view is a page whatever the configuration
# says of file types, and the plugin refuses a configuration for download logs.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use List::Util qw(sum0);
use lib "$Bin/lib";
use AWStats;
use GenerateStreaming ();

my $helper = AWStats::helper();
my $conf = AWStats::configurations() . '/cloudfront-streaming.conf';
my $logs = "$Bin/data/streaming";
my $download = "$Bin/data/download";
my $scratch = tempdir( CLEANUP => 1 );
my $hosts = 'HostAliases="video.example.com REGEX[^[a-z0-9]+\.cloudfront\.net$]"';
my $truth = GenerateStreaming::logs();
my @views = @{ $truth->{views} };
my @all = ( @views, @{ $truth->{connects} } );

sub load {
    my $format = shift;
    return qq{LoadPlugin="cloudfront helper=$helper"\nLogFormat="$format"\n};
}

my $stock = AWStats->new( plugin => 0 );
$stock->config( 'site', "Include \"$conf\"\nLogFile=\"'$helper' cat '$logs' |\"\n$hosts\n" );
my ( $status, $output ) = $stock->run('site');
is( $status, 0, 'the pipe: status' ) or diag $output;
my $expected = $stock->history('site');
is( scalar keys %$expected, 2, 'two months' );

# For every kind of LogFile; the kind of log is configured, or found in the first record.
my @case = (
    [ 'cloudfront-streaming', $logs,                                      '' ],
    [ 'cloudfront',           $logs,                                      '' ],
    [ 'cloudfront',           $logs,                                      'LogType=W' ],
    [ 'cloudfront',           "$logs/*.gz",                               '' ],
    [ 'cloudfront',           "cat $logs/*.gz |",                         '' ],
    [ 'cloudfront-streaming', "'$helper' cat --type streaming '$logs' |", '' ],
);
foreach my $case (@case) {
    my ( $format, $log_file, $more ) = @$case;
    my $awstats = AWStats->new;
    my $what = "$format, $log_file $more";
    $awstats->config( 'site', "Include \"$conf\"\n" . load($format) . "LogFile=\"$log_file\"\n$hosts\n$more\n" );
    my ( $status, $output ) = $awstats->run('site');
    is( $status, 0, "$what: status" ) or diag $output;
    is_deeply( $awstats->history('site'), $expected, "$what: history" );

    # AWStats looks for the last record of the run before at its offset, then from the start.
    ( $status, $output ) = $awstats->run('site');
    like( $output, qr/Found 0 new qualified/, "$what: nothing is counted twice" );
}

# With nothing but AWStats' own settings: its chart of file types, and pages all the same.
{
    my $awstats = AWStats->new;
    $awstats->config( 'site', load('cloudfront') . "LogFile=\"$logs\"\n$hosts\nURLWithQuery=0\n" );
    my ( $status, $output ) = $awstats->run('site');
    is( $status, 0, 'AWStats\' own settings: status' ) or diag $output;
    my $days = $awstats->section( 'site', 'DAY' );
    is( sum0( map { $_->[0] } values %$days ), scalar @views,                    'pages are views' );
    is( sum0( map { $_->[1] } values %$days ), scalar @all,                      'hits are records' );
    is( sum0( map { $_->[2] } values %$days ), sum0( map { $_->{bytes} } @all ), 'bytes, exactly' );
    is( $awstats->total( 'site', $_ ),         $stock->total( 'site', $_ ), $_ ) foreach qw(TotalVisits TotalUnique);
    my $types = $awstats->section( 'site', 'FILETYPES' );

    foreach my $type (qw(flv mp4 mp3)) {
        my @of = grep { $_->{type} eq $type } @views;
        is_deeply(
            [ @{ $types->{$type} }[ 0, 1 ] ],
            [ scalar @of, sum0( map { $_->{bytes} } @of ) ],
            "file type $type"
        );
    }
    is_deeply( $awstats->section( 'site', 'DOWNLOADS' ), {}, 'no downloads' );
    ( $status, $output ) = $awstats->run( 'site', '-output', '-staticlinks', '-month=11', '-year=2012' );
    is( $status, 0, 'AWStats\' own settings: report' );
    like( $output, qr/\bmime\/video\.png"[^>]*>.*\bmp4\b/, 'with the icons of file types' );
}

# A download log is counted as before.
{
    my @history = map {
        my $awstats = AWStats->new;
        $awstats->config( 'site', load($_) . "LogFile=\"$download\"\nHostAliases=\"REGEX[.]\"\n" );
        my ( $status, $output ) = $awstats->run('site');
        is( $status, 0, "$_, a download log: status" ) or diag $output;
        cmp_ok( scalar keys %{ $awstats->section( 'site', 'DOWNLOADS' ) }, '>', 0, "$_: downloads" );
        $awstats->history('site');
    } qw(cloudfront cloudfront-download);
    is_deeply( $history[0], $history[1], 'a download log: kind recognized or configured' );
}

# Settings that do not fit the log: one line, and no file changes.
sub refuses {
    my ( $config, $message, $what ) = @_;
    my $awstats = AWStats->new;
    $awstats->config( 'site', "$config\n$hosts\n" );
    my ( $status, $output ) = $awstats->run('site');
    is( $status, 1, "$what: status" );
    like( $output, $message, "$what: message" );
    is( scalar( () = $output =~ /^Error/mg ), 1, "$what: one line" );
    is_deeply( $awstats->data_files, [], "$what: no history" );
    return;
}

refuses(
    load('cloudfront-download') . "LogFile=\"$logs\"",
qr/^Error: Nothing was counted: LogFormat is cloudfront-download, but this is the log of a streaming distribution; use LogFormat="cloudfront" or "cloudfront-streaming"$/m,
    'a streaming log for a download one'
);
refuses(
    load('cloudfront-streaming') . "LogFile=\"$download\"",
qr/^Error: Nothing was counted: LogFormat is cloudfront-streaming, but this is the log of a download distribution; use LogFormat="cloudfront" or "cloudfront-download"$/m,
    'a download log for a streaming one'
);
refuses(
    "Include \"$conf\"\n" . load('cloudfront') . "LogFile=\"$download\"",
    qr/^Error: Nothing was counted: LogType must be W for the log of a download distribution$/m,
    'a download log with the streaming config'
);
refuses( load('cloudfront-streaming') . "LogType=F\nLogFile=\"$logs\"",
    qr/Error: LogType must be W, or S for streaming, when LogFormat is cloudfront-streaming/m, 'LogType=F' );
refuses(
    load('cloudfront-streaming') . "LogFile=\"'$helper' cat --type download '$logs' |\"",
    qr/^Error: Nothing was counted: .* failed with exit status 1; see its message above$/m,
    'a helper that is told the other kind'
);

# A log without a record is neither.
{
    open my $empty, '>', "$scratch/empty" or die $!;
    close $empty or die $!;
    my $awstats = AWStats->new;
    $awstats->config( 'site', load('cloudfront-streaming') . "LogFile=\"$scratch/empty\"\n" );
    my ( $status, $output ) = $awstats->run('site');
    is( $status, 0, 'a log without a record: status' ) or diag $output;
    like( $output, qr/Found 0 new qualified/, 'a log without a record: nothing' );
}

done_testing;
