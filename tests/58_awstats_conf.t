#!/usr/bin/perl
# Stock AWStats, without the plugin, reads CloudFront's logs with the settings in awstats-conf/.
use strict;
use warnings;
use Test::More;
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Columns qw(@COLUMNS %COLUMN);
use Program qw(content write_file);

my $helper = AWStats::helper();
my $conf = AWStats::configurations();
my $logs = "$Bin/data/download";
my $scratch = tempdir( CLEANUP => 1 );
my @sections = ( 'Cache results', 'TLS versions', 'HTTP versions', 'Content types', 'Countries', 'Files' );

# An installation with the config beside its sites, as in /etc/awstats.
sub installation {
    my $awstats = AWStats->new(@_);
    foreach my $path ( glob "$conf/*.conf" ) {
        copy( $path, $awstats->folder ) or die "$path: $!";
    }
    return $awstats;
}

sub update {
    my ( $awstats, $name, $text, @arguments ) = @_;
    $awstats->config( $name, "Include \"cloudfront-download.conf\"\n$text" );
    my ( $status, $output ) = $awstats->run( $name, '-update', @arguments );
    is( $status, 0, "$name: status" ) or diag $output;
    unlike( $output, qr/Warning/, "$name: no warning" );
    return $output;
}

# LogFormat reads no column behind the last one that an extra section uses.
foreach my $kind (qw(download streaming)) {
    my $text = content("$conf/cloudfront-$kind.conf");
    my ($last) = sort { $b <=> $a } $text =~ /^ExtraSection\w+=".*?\bextra(\d+),/mg;
    like( $text, qr/^LogFormat="%time2 .* %extra$last"$/m, "$kind: LogFormat ends with %extra$last" );
    like( $text, qr/^#   %extra$last\s+\Q$COLUMNS[ $COLUMN{'cs-uri-query'} + $last ]\E$/m, "$kind: its name" );
    unlike( $text, qr/^\@/m, "$kind: no mark is left" );
}

# What the logs hold, counted here.
my ( %result, %tls, $records );
foreach ( split /\n/, `'$helper' cat '$logs'` ) {
    next if /^#/;
    my @field = split /\t/;
    next if $field[ $COLUMN{'cs(Host)'} ] !~ /\.cloudfront\.net$|^www\.example\.com$/;
    $records++;
}
cmp_ok( $records, '>', 1000, 'the sample logs have records for the site' );

# The pipe, with an Include that is relative to the site's config.
{
    my $awstats = installation( plugin => 0 );
    my $output = update( $awstats, 'pipe', "LogFile=\"'$helper' cat '$logs' |\"\n" );
    like( $output, qr/Found $records new qualified/, 'pipe: all records for the site' );
    like( $output, qr/Found 0 corrupted/,            'pipe: none misread' );
    my $systems = $awstats->section( 'pipe', 'OS' );
    cmp_ok( $systems->{win10}[0], '>', 0, 'pipe: Windows versions are told apart' );
    foreach my $i ( 1 .. @sections ) {
        my $section = $awstats->section( 'pipe', "EXTRA_$i" );
        cmp_ok( scalar keys %$section, '>', 0, "pipe: $sections[$i - 1]" );
    }
    my $bad = join ' ', grep { !/^[A-Z]\w+$/ } keys %{ $awstats->section( 'pipe', 'EXTRA_1' ) };
    is( $bad, '', 'pipe: cache results look like cache results' );

    my ( $status, $report ) = $awstats->run( 'pipe', '-output', '-staticlinks', '-month=10', '-year=2026' );
    is( $status, 0, 'report: status' );
    like( $report, qr/\Q$_\E/, "report: $_" ) foreach @sections, 'Cluster';
}

# The same through the plugin.
{
    my $awstats = installation();
    update( $awstats, 'plugin', <<"END");
LoadPlugin="cloudfront partial=stock"
LogFormat="cloudfront"
LogFile="$logs"
END
    my $stock = installation( plugin => 0 );
    update( $stock, 'plugin', "LogFile=\"'$helper' cat '$logs' |\"\n" );
    is_deeply( $awstats->history('plugin'), $stock->history('plugin'), 'plugin: the same history' );
}

# CloudFront's own files, by the LogFormat that the comments name.
my ($raw_format) = content("$conf/cloudfront-download.conf") =~ /^# (LogFormat=".*")$/m;
ok( $raw_format, 'the config names a LogFormat for raw logs' );

my @eras = ( [ 11, 'June 2010' ], [ 12, '2010' ], [ 15, '2012' ], [ 18, '2013' ], [ 24, '2016' ], [ 33, '2019' ], );
my @names = qw(date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status
  cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id
  x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher
  x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port
  time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start
  sc-range-end);
my @values = (
    '2010-06-01', '12:00:00',  'SFO4',                               1000,
    '192.0.2.7',  'GET',       'd123.cloudfront.net',                '/index.html',
    200,          '-',         'Mozilla/5.0%20(Windows%20NT%206.1)', 'a=1',
    'name=Hit',   'Hit',       'id==',                               'www.example.com',
    'https',      300,         '0.010',                              '-',
    'TLSv1.2',    'AES',       'Hit',                                'HTTP/2.0',
    '-',          '-',         5000,                                 '0.009',
    'Hit',        'text/html', 1000,                                 '-',
    '-'
);

foreach my $era (@eras) {
    my ( $columns, $since ) = @$era;
    my $last = $columns - 1;
    write_file( "$scratch/raw",
            "#Version: 1.0\n#Fields: @names[ 0 .. $last ]\n"
          . join( "\t", @values[ 0 .. $last ] ) . "\n"
          . join( "\t", '2010-06-01', '12:00:01', @values[ 2 .. $last ] )
          . "\n" );
    system 'gzip', '-kf', "$scratch/raw";
    my $awstats = installation( plugin => 0 );
    my $name = "raw$columns";
    my $output = update( $awstats, $name, "LogFile=\"zcat $scratch/raw.gz |\"\n$raw_format\n" );
    like( $output, qr/Found 2 new qualified/, "raw logs of $since: records" );
    is( $awstats->section( $name, 'CLUSTER' )->{SFO4}[1], 2,    "raw logs of $since: clusters" );
    is( $awstats->section( $name, 'DAY' )->{20100601}[2], 2000, "raw logs of $since: bytes" );
    is( $awstats->total( $name, 'TotalVisits' ), 1, "raw logs of $since: visits" );

    foreach my $i ( 1 .. 5 ) {
        is_deeply( $awstats->section( $name, "EXTRA_$i" ), {}, "raw logs of $since: no $sections[$i - 1]" );
    }
    is_deeply( [ values %{ $awstats->section( $name, 'EXTRA_6' ) } ], [ [ 0, 2, 2000 ] ], "raw logs of $since: files" );
}

# Statuses: one record each for a page, a video's part, and a viewer who left.
{
    my @record = ( '2026-10-01', '12:00:00', 'DFW57-P3', 1000, '192.0.2.7', 'GET', 'www.example.com' );
    my @rest = ( '-', 'Mozilla/5.0 (Windows NT 10.0) Firefox/120.0', ('-') x 13 );
    my @case = (
        [ '/page.html',    200 ],
        [ '/film.mp4',     206 ],
        [ '/picture.webp', 206 ],
        [ '/page.html',    '000' ],
        [ '/page.html',    403 ]
    );
    write_file( "$scratch/statuses", join '', map { join( "\t", @record, @$_, @rest ) . "\n" } @case );
    my $awstats = installation( plugin => 0 );
    update( $awstats, 'status', "LogFile=\"$scratch/statuses\"\n" );
    my $day = $awstats->section( 'status', 'DAY' )->{20261001};
    is( $day->[0], 1,    'statuses: one page' );
    is( $day->[1], 3,    'statuses: the parts are hits' );
    is( $day->[2], 3000, 'statuses: and bytes, once' );
    my $errors = $awstats->section( 'status', 'ERRORS' );
    is_deeply( [ sort keys %$errors ], [ '000', '403' ], 'statuses: 000 is an error' );
    is( $awstats->section( 'status', 'SIDER_000' )->{'/page.html'}[0], 1, 'statuses: of this page' );
}

# A record for another name is another site's.
{
    my @rest = ( '/', 200, '-', '-', ('-') x 13 );
    my $line = sub { join( "\t", '2026-10-01', '12:00:00', 'DFW3', 10, '192.0.2.7', 'GET', shift, @rest ) . "\n" };
    write_file(
        "$scratch/hosts",
        join '',
        map { $line->($_) }
          qw(www.example.com d111111abcdef8.cloudfront.net other.example.net cloudfront.net.example.net)
    );
    my $awstats = installation( plugin => 0 );
    my $output = update( $awstats, 'hosts', "LogFile=\"$scratch/hosts\"\n" );
    like( $output, qr/Found 2 dropped records/, "names: two are not the site's" );
    like( $output, qr/Found 2 new qualified/,   'names: two are' );

    # The file as it is, but for the folder that is not ours to write to.  AWStats wants the name of the site.
    my $text = content("$conf/cloudfront-download.conf") =~ s{^DirData=.*$}{DirData="$awstats->{folder}/data"}mr;
    my $path = "$awstats->{folder}/awstats.alone.conf";
    write_file( $path, $text );
    ( my $status, $output ) = $awstats->run( 'alone', "-logfile=$scratch/hosts" );
    isnt( $status, 0, 'the file without SiteDomain: status' );
    like( $output, qr/SiteDomain parameter not defined/, 'the file without SiteDomain: message' );
    is_deeply( [ glob "$awstats->{folder}/data/*alone*" ], [], 'the file without SiteDomain: no history' );
    write_file( $path, $text =~ s/^#(?=SiteDomain=)//mr );
    ( $status, $output ) = $awstats->run( 'alone', "-logfile=$scratch/hosts" );
    is( $status, 0, 'the file as it is: status' ) or diag $output;
    like( $output, qr/Found 2 new qualified/, 'the file as it is: records' );
    my ($history) = glob "$awstats->{folder}/data/awstats*.alone.txt";
    is( ( stat $history )[2] & 022, 0, 'the file as it is: the history is for nobody else to write to' );
}

# awstats_buildstaticpages.pl takes a chart that the file does not set for one that is off.  AWStats' own list of charts
# is what it reads from a configuration.
foreach my $kind (qw(download streaming)) {
    my $text = content("$conf/cloudfront-$kind.conf");
    my @charts = content( AWStats::program() ) =~ /if \(\s*\$(Show\w+Stats|ShowEMail\w+|ShowAuthenticatedUsers)\s*\)/g;
    my %chart = map { $_ => 1 } @charts;
    cmp_ok( scalar keys %chart, '>', 20, "$kind: AWStats has charts" );
    my @missing = grep { $text !~ /^\Q$_\E=/m } sort keys %chart;
    is( "@missing", '', "$kind: each chart is set" );
}

# The examples are configs that work, but for where they keep things.
foreach my $example (qw(example-pipe example-plugin example-streaming-pipe example-streaming-plugin)) {
    my $awstats = installation();
    my $path = "$awstats->{folder}/awstats.$example.conf";
    my $text = content($path);
    $text =~ s{^DirData=.*$}{DirData="$awstats->{folder}/data"}m or fail("$example has a DirData");
    write_file( $path, $text );
    write_file( "$awstats->{folder}/cloudfront.conf",
        content("$conf/cloudfront.conf") =~ s{^;source = s3://my-logs/cdn/$}{source = $logs}mr =~
          s{^;source = s3://my-logs/video/$}{source = $Bin/data/streaming}mr =~
          s{^;\[(\w+)\]$}{[$1]\nstate = $awstats->{folder}/$1.db}mgr );
    $text =~ s{/usr/local/share/awstats-cloudfront/}{} or fail("$example includes what is installed");
    $text =~ s{/usr/local/bin/}{}g;

    if ( $example =~ /pipe$/ ) {
        $text =~ s{cat --commit --site}{cat --config $awstats->{folder}/cloudfront.conf --commit --site}
          or fail($example);
    }
    else {
        $text =~ s{^LoadPlugin="cloudfront"}{LoadPlugin="cloudfront config=$awstats->{folder}/cloudfront.conf"}m
          or fail($example);
    }
    write_file( $path, $text );
    ( my $folder = $helper ) =~ s{/[^/]*$}{};
    local $ENV{PATH} = "$folder:$ENV{PATH}";
    my ( $status, $output ) = $awstats->run($example);
    is( $status, 0, "$example: status" ) or diag $output;
    like( $output, qr/Found [1-9]\d+ new qualified/, "$example: records" );
}

done_testing;
