#!/usr/bin/perl
# Whatever LogFile names, AWStats with the plugin writes the history that stock AWStats writes for the normalized
# log.
use strict;
use warnings;
use Test::More;
use Digest::MD5 qw(md5_hex);
use File::Copy  qw(copy);
use File::Temp  qw(tempdir);
use FindBin     qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Program qw(content write_file);

my $helper = AWStats::helper();
my $logs = "$Bin/data/download";
my $scratch = tempdir( CLEANUP => 1 );
my $hosts = 'HostAliases="REGEX[.]"';
my $load = qq{LoadPlugin="cloudfront helper=$helper partial=stock"\nLogFormat="cloudfront"};
my $columns = '%time2 %cluster %bytesd %host %method %virtualname %url %code %referer %ua %query';

my $normalized = `'$helper' cat '$logs'`;
is( $?, 0, 'the helper reads the sample logs' );
write_file( "$scratch/normalized.log", $normalized );
my ($records) = $normalized =~ /^#End: records=(\d+)/m;

# Every other run must write the history that stock AWStats writes for that file.
my $stock = AWStats->new( plugin => 0 );
$stock->config( 'site', <<"END");
LogFile="$scratch/normalized.log"
LogFormat="$columns"
LogSeparator="\\t"
$hosts
END
my ( $status, $output ) = $stock->run('site');
is( $status, 0, 'stock AWStats reads the normalized log' ) or diag $output;
like( $output, qr/Found $records new qualified records/, 'all of it' );
my $expected = $stock->history('site');
is( scalar keys %$expected, 2, 'two months' );

# An update through the plugin gives the expected history.
sub reads {
    my ( $log_file, $what, %option ) = @_;
    my $awstats = AWStats->new;
    $awstats->config( 'site', ( $option{load} || $load ) . "\nLogFile=\"$log_file\"\n$hosts\n" );
    my ( $status, $output ) = $awstats->run( 'site', @{ $option{arguments} || [] } );
    is( $status, 0, "$what: status" ) or diag $output;
    is_deeply( $awstats->history('site'), $expected, "$what: history" );
    unlike( $output, qr/awstats-cloudfront: |untie| at .* line \d/, "$what: no complaints" );
    return $awstats;
}

# Name, bytes and time of the logs.
sub digests {
    return { map { $_ => join ' ', ( stat $_ )[ 7, 9 ], md5_hex( content($_) ) } glob "$logs/*" };
}
my $digests = digests();
my @files = glob "$logs/*.gz";
reads( $logs,                           'a directory' );
reads( "$logs/*.gz",                    'a glob' );
reads( "$logs/E{1,2}EXAMPLE.2026-??-*", 'a glob with alternatives' );
reads( "$scratch/normalized.log",       'a normalized file' );
reads( "  $logs  ",                     'a name between spaces' );
reads( "'$helper' cat '$logs' |",       'the helper named with a quoted path' );
reads( "$helper cat $logs |",           'the helper as a pipe' );
reads( "cat $scratch/normalized.log |", 'another command that writes the normalized log' );
reads( "cat $logs/*.gz | cat |",        'a pipeline that writes raw logs' );
reads( '/nowhere',                      '-logfile=', arguments => ["-logfile=$logs"] );
reads( $logs, 'cloudfront-download',
    load => qq{LoadPlugin="cloudfront helper=$helper partial=stock"\nLogFormat="cloudfront-download"} );
reads(
    $logs,
    'the helper where the build left it',
    load => qq{LoadPlugin="cloudfront partial=stock"\nLogFormat="cloudfront"}
);
{
    local $ENV{PATH} = "$scratch/bin:$ENV{PATH}";
    mkdir "$scratch/bin";
    symlink $helper, "$scratch/bin/awstats-cloudfront";
    reads( "awstats-cloudfront cat --quiet $logs |", 'the helper as a pipe on PATH' );
}

symlink $logs, "$scratch/logs-" . ( 1900 + (localtime)[5] );
reads( "$scratch/logs-%YYYY-0", "a name with AWStats' time tags" );

write_file( "$scratch/sites.conf", "[cdn]\nsource = $logs\nstate = $scratch/cdn.db\n" );
{
    # Months of a site are counted apart from each other, so its files differ in more than numbers.
    my $awstats = AWStats->with_plugin( log => 'site:cdn', parameters => "config=$scratch/sites.conf partial=stock" );
    my ( $status, $output ) = $awstats->run('site');
    is( $status, 0, 'a site: status' ) or diag $output;
    is_deeply( $awstats->section( 'site', $_ ), $stock->section( 'site', $_ ), "a site: $_" )
      foreach qw(DAY TIME ROBOT ERRORS DOWNLOADS);
}

{
    # One object whose name no shell may interpret.
    my $folder = "$scratch/names";
    mkdir $folder;
    foreach
      my $name ( 'a b.gz', '$(touch hit).gz', '`touch hit`.gz', q{it's; touch hit.gz}, '-rf.gz', '[ab].gz', 'a"b.gz' )
    {
        my $path = "$folder/$name";
        copy( $files[0], $path ) or die "$path: $!";
        chdir $folder;
        my $awstats = AWStats->new;
        $awstats->config( 'site', "$load\nLogFile=\"$name\"\n$hosts\n" );
        my ( $status, $output ) = $awstats->run('site');
        is( $status, 0, "file name $name: status" ) or diag $output;
        like( $output, qr/Found [1-9]\d* new qualified/, "file name $name: records" );
        ok( !-e "$folder/hit", "file name $name: no shell" );
        unlink $path;
    }
    chdir $Bin;
}

{
    my $awstats = reads( $logs, 'first update' );
    my ( $status, $output ) = $awstats->run('site');
    is( $status, 0, 'second update of the same log: status' );
    like( $output, qr/Found $records old records,\n Found 0 new/, 'nothing is counted again' );
    my $piped = AWStats->new( plugin => 0 );
    $piped->config( 'site', <<"END");
LogFile="cat $scratch/normalized.log |"
LogFormat="$columns"
LogSeparator="\\t"
$hosts
END
    $piped->run('site') foreach 1, 2;
    is_deeply( $awstats->history('site'), $piped->history('site'), 'the history is what stock AWStats makes of it' );
}

{
    # For a file, AWStats stores the offset and the checksum of the last record; a stream cannot seek there.
    my $awstats = AWStats->new;
    my $head = join '', ( split /^/m, $normalized )[ 0 .. 1000 ];
    write_file( "$scratch/head.log", $head );
    $awstats->config( 'site', <<"END");
LogFile="$scratch/head.log"
LogFormat="$columns"
LogSeparator="\\t"
$hosts
END
    $awstats->run('site');
    $awstats->config( 'site', "$load\nLogFile=\"$logs\"\n$hosts\n" );
    my ( $status, $output ) = $awstats->run('site');
    is( $status, 0, 'on after stock AWStats: status' ) or diag $output;
    like( $output, qr/out of file/, 'AWStats finds that direct access fails' );
    my ( $old, $new ) = $output =~ /Found (\d+) old records,\n Found (\d+) new/;
    is( $old + $new, $records, 'each record is old or new' );
    is(
        $awstats->section( 'site', 'GENERAL' )->{LastLine}[0],
        $stock->section( 'site', 'GENERAL' )->{LastLine}[0],
        'up to the last one'
    );
}

{
    my $awstats = AWStats->new;
    $awstats->config( 'site', "$load\nLogFile=\"$logs\"\n$hosts\n" );
    my ( $status, $output ) = $awstats->run( 'site', '-updatefor=100' );
    is( $status, 0, '-updatefor=100: the rest is read to its end' ) or diag $output;
    like( $output, qr/Parsed lines in file: 100\n/, '-updatefor=100: the rest is not counted' );
}

{
    my $awstats = reads( $logs, 'for a report' );
    unlink "$awstats->{folder}/plugins/cloudfront";
    my @report = ( '-output', '-staticlinks', '-month=10', '-year=2026' );
    $awstats->config( 'site', <<"END");
LoadPlugin="cloudfront helper=/nowhere/awstats-cloudfront"
LogFormat="cloudfront"
LogFile="$logs"
ShowClusterStats=PHB
$hosts
END
    my ( $status, $output ) = $awstats->run( 'site', @report );
    is( $status, 0, 'a report needs no helper' ) or diag $output;
    like( $output, qr/<th>Edge location/, 'a report without the helper shows the clusters' );
    local %ENV =
      ( %ENV, GATEWAY_INTERFACE => 'CGI/1.1', QUERY_STRING => 'config=site&month=10&year=2026&framename=mainright' );
    ( $status, $output ) = $awstats->command( $^X, "$awstats->{folder}/awstats.pl" );
    is( $status, 0, 'nor does a CGI report' ) or diag $output;
    like( $output, qr/<th>Edge location/, 'a CGI report without the helper shows the clusters' );
}

{
    # Nothing but what the plugin needs: the names of the site are SiteDomain's and CloudFront's.
    my $awstats = AWStats->new;
    $awstats->config( 'site', "$load\nLogFile=\"$logs\"\n" );
    my ( $status, $output ) = $awstats->run('site');
    my $count = () = $normalized =~ /^(?:[^\t]+\t){6}(?:www\.example\.com|\w+\.cloudfront\.net)\t/mg;
    like( $output, qr/Found $count new qualified/, "without HostAliases: $count records" );
}

{
    my $awstats = AWStats->new;
    $awstats->config( 'site', <<"END");
LoadPlugin="cloudfront helper=/nowhere/awstats-cloudfront"
LogFile="$scratch/normalized.log"
LogFormat="$columns"
LogSeparator="\\t"
PurgeLogFile=0
$hosts
END
    my ( $status, $output ) = $awstats->run('site');
    is( $status, 0, 'with another LogFormat the plugin leaves the log alone' ) or diag $output;
    is_deeply( $awstats->history('site'), $expected, 'with another LogFormat AWStats reads the log' );
}

{
    # In a container each run may have the same process ID: AWStats would rename the file that a dead run has left
    # under that ID.
    my $awstats = AWStats->new;
    $awstats->config( 'site', "$load\nLogFile=\"$logs\"\n$hosts\n" );
    my ( $status, $output ) =
      $awstats->command( '/bin/sh', '-c',
        'echo "left over" >"$1/data/awstats082026.site.tmp.$$"; exec "$2" "$1/awstats.pl" -config=site',
        'sh', $awstats->folder, $^X );
    is( $status, 0, 'a dead run left its file: status' ) or diag $output;
    is_deeply( $awstats->history('site'), $expected, 'a dead run left its file: it is not taken for history' );
    is_deeply( [ grep { /tmp/ } @{ $awstats->data_files } ], [], 'a dead run left its file: the file is gone' );
}

# Invalid configurations: one line, and no file changes.
sub refuses {
    my ( $config, $message, $what, @arguments ) = @_;
    my $awstats = AWStats->new;
    $awstats->config( 'site', $config );
    my ( $status, $output ) = $awstats->run( 'site', @arguments );
    is( $status, 1, "$what: status" );
    like( $output, $message, "$what: message" );
    is_deeply( $awstats->data_files, [], "$what: no history" );
    return;
}

refuses(
    qq{LoadPlugin="cloudfront"\nLogFormat="cloudfront-realtime"\nLogFile="$logs"},
    qr/Error: LogFormat="cloudfront-realtime" is not known to this version/,
    'another LogFormat'
);
refuses(
    qq{LoadPlugin="cloudfront"\nLogFormat="cloudfornt"\nLogFile="$logs"},
    qr/Error: LogFormat="cloudfornt" is no format of AWStats or of this plugin; write LogFormat="cloudfront" /,
    'a mistyped LogFormat'
);
refuses(
    qq{LoadPlugin="cloudfront helper=$helper"\nLogFormat="cloudfront-streaming"\nLogFile="$logs"},
qr/^Error: Nothing was counted: LogFormat is cloudfront-streaming, but this is the log of a download distribution; use .*$/m,
    'a download log for a streaming one'
);
refuses( "$load\nLogFile=\"$logs\"\nPurgeLogFile=1", qr/Error: PurgeLogFile must be 0/, 'purging' );
refuses(
    "$load\nLogFile=\"$logs\"\nDatabaseBreak=year",
    qr/Error: DatabaseBreak must be month, day or hour when LogFormat is cloudfront, but it is "year": .*=month$/m,
    'a history file a year'
);
refuses( "$load\nLogFile=\"$logs\"", qr/Error: DatabaseBreak must be month/m, '-databasebreak', '-databasebreak=year' );
refuses( "$load\nLogFile=\"$logs\"\nLogType=S",
    qr/Error: Nothing was counted: LogType must be W for the log of a download/, 'LogType=S' );
refuses( "$load\nLogFile=\"$logs\"\nLogType=M", qr/Error: LogType must be W, or S/, 'LogType=M' );
refuses(
    qq{LoadPlugin="cloudfront halper=/x"\nLogFormat="cloudfront"\nLogFile="$logs"},
    qr/Error: LoadPlugin="cloudfront ..." has the unknown parameter 'halper=\/x'/,
    'a mistyped parameter'
);
refuses(
    qq{LoadPlugin="cloudfront helper=/nowhere/helper"\nLogFormat="cloudfront"\nLogFile="$logs"},
    qr/^Error: helper=\/nowhere\/helper is not a program/m,
    'a helper that is not there'
);
refuses(
    "$load\nLogFile=\"$scratch/missing\"",
    qr/^Error: Nothing was counted: '.*cat' failed with exit status 1; see its message above$/m,
    'a missing file'
);
{
    my $awstats = AWStats->new;
    $awstats->config( 'site', "$load\nLogFile=\"$scratch/missing\"\nAllowToUpdateStatsFromBrowser=1\n" );
    local %ENV = ( %ENV, GATEWAY_INTERFACE => 'CGI/1.1', QUERY_STRING => 'config=site&update=1&framename=mainright' );
    my ( undef, $output ) = $awstats->command( $^X, "$awstats->{folder}/awstats.pl" );
    like(
        $output,
        qr/failed with exit status 1; see its message in the error log of the web server/,
        'a missing file, in a browser: where its message is'
    );
}
refuses( "$load\nLogFile=\"$scratch/missing/*.gz\"", qr/^awstats-cloudfront: .*missing/m,    'a glob of nothing' );
refuses( "$load\nLogFile=\"site:nobody\"", qr/^Error: Nothing was counted: '.*cat' failed/m, 'an unknown site' );

is_deeply( digests(), $digests, 'the logs themselves are untouched' );

done_testing;
