#!/usr/bin/perl
# check of a site reads the AWStats configuration, loads the plugin, compares the hosts of several logs, and
# tells who should run the updates.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Program qw(run write_file);

my $awstats = AWStats->new;
my $folder = $awstats->folder;
mkdir "$folder/logs";
chmod 0755, $folder or die;    # for updates of another user
write_file( "$folder/sites.conf", "[cdn]\nsource = $folder/logs\nstate = $folder/state/cdn.db\n" );

sub configure {
    my (%setting) = @_;
    my $lines = join '', map { "$_=\"$setting{$_}\"\n" } sort keys %setting;
    $awstats->config( 'site', AWStats::plugin_config( more => $lines ) . "LogFile=\"site:cdn\"\n" );
    return;
}

# Writes a log with one record for each host; a higher number is older.
sub put {
    my ( $number, @hosts ) = @_;
    write_file(
        "$folder/logs/$number",
        join '',
        "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip"
          . " cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query\n",
        map {
            join( "\t", '2026-10-31', '10:00:00', 'DFW57', 1, '192.0.2.1', 'GET', $_, '/', 200, '-', 'x', '-' ) . "\n"
        } @hosts
    );
    my $time = 1_790_000_000 - 1000 * $number;
    utime $time, $time, "$folder/logs/$number";
    return;
}

# Returns check's lines by their step, and its exit status as "status".
sub check {
    my @option = @_;
    my ( $status, $out ) = run( { together => 1 },
        AWStats::helper(), 'check', "--config=$folder/sites.conf", '--site=cdn', "--awstats=$folder/awstats.pl",
        @option );
    my %line = ( status => $status, out => $out );
    foreach ( split /\n/, $out ) {
        push @{ $line{$2} }, $_ if /^(\S+)\s+(\w+): /;
    }
    return { map { $_ => ref $line{$_} ? join( "\n", @{ $line{$_} } ) : $line{$_} } keys %line };
}

put( 1, ('www.example.com') x 3,  'd1.cloudfront.net', '-' );
put( 2, ('shop.example.net') x 2, 'static.example.com' );
put( 3, 'Cdn7.Example.com' );
configure( SiteDomain => 'www.example.com', HostAliases => 'localhost' );
my $got = check();
is( $got->{status}, 1, 'hosts that are not listed: exit status 1' ) or diag( $got->{out} );
like( $got->{report}, qr{^ok    report: \Q$folder\E/awstats\.site\.conf reads the site$},
    'the configuration is found' );
like(
    $got->{hosts},
qr/^FAIL  hosts: 4 of 9 records in the newest logs are for hosts .*: shop\.example\.net 2, cdn7\.example\.com 1, static\.example\.com 1; add/,
    'hosts of older logs, too, by their records'
);
like( $got->{plugin},  qr{^ok    plugin: .*/cloudfront\.pm, version },      'the plugin loads' );
like( $got->{dirdata}, qr{^ok    dirdata: \Q$folder\E/data, owned by \w+$}, 'DirData' );
like( $got->{user},    qr/^ok    user: \w+ owns DirData/,                   'the user' );

configure( SiteDomain => 'www.example.com', HostAliases => 'shop.example.net REGEX[^(static|cdn\d)\.example\.com$]' );
$got = check();
is( $got->{status}, 0, 'all hosts are listed: exit status 0' ) or diag( $got->{out} );
like( $got->{hosts}, qr/^ok    hosts: records in the newest logs: 9, all /, 'names and patterns' );

write_file( "$folder/aliases", "static.example.com\ncdn7.example.com\n" );
configure( SiteDomain => 'www.example.com', HostAliases => "\@$folder/aliases" );
like( check()->{hosts}, qr/^FAIL  hosts: 2 of 9 .*: shop\.example\.net 2; add/, 'aliases in a file' );
configure( SiteDomain => 'www.example.com', HostAliases => 'REGEX[(]' );
like(
    check()->{hosts},
    qr/^FAIL  hosts: .*site\.conf: SiteDomain or HostAliases cannot be read: .*Unmatched/,
    'a pattern that is none'
);
put( 2, map { "h$_.example.com" } 1 .. 15 );
configure( SiteDomain => 'www.example.com', HostAliases => 'localhost' );
like( check()->{hosts}, qr/: 16 of 21 .* and 6 more hosts; add/, 'ten hosts are named' ) or diag( check()->{out} );

# Hosts in another spelling; a pipe to AWStats alone.
put( 2, '[2001:db8::1]:443', '2001:DB8::1', 'WWW.example.com.:80' );
configure( SiteDomain => 'www.example.com:443', HostAliases => '2001:db8:0::1 cdn7.example.com' );
like(
    check()->{hosts},
    qr/^ok    hosts: records in the newest logs: 9, all /,
    'an address without brackets, a name with a port'
);
my $pipe = 'LogFormat="1"' . "\n" . qq(LogFile="/usr/bin/awstats-cloudfront cat --commit --site %s |"\n);
$awstats->config( 'pipe', qq(SiteDomain="www.example.com"\nHostAliases="2001:db8::1"\n) . sprintf $pipe, 'cdn' );
$awstats->config( 'site', sprintf $pipe,                                                                 'cdn2' );
$got = check();
like(
    $got->{report},
    qr{^ok    report: \Q$folder\E/awstats\.pipe\.conf reads the site$},
    'the configuration of a pipe'
);
like( $got->{hosts}, qr/: 5 of 9 .*: \[2001:db8::1\] 2, -/, 'a pipe: what AWStats alone compares' );
is( $got->{methods}, undef, 'a pipe: no PATCH, no line' );

foreach my $option (
    q(--site='cdn'),
    q('--site' 'cdn'),
    '--si=cdn',
    '-scdn',
    '-qs cdn',
    '-s cdn 2>>/dev/null',
    '--site cdn; true',
    '--site cdn2',
    '--site=dn',
    '-s cdn-2'
  )
{
    my $is_site = $option !~ /cdn-?2|=dn/;
    $awstats->config( 'pipe',
        qq(SiteDomain="www.example.com"\nLogFormat="1"\n) . qq(LogFile="awstats-cloudfront cat --commit $option |"\n) );
    like(
        check()->{report},
        $is_site ? qr{^ok    report: \Q$folder\E/awstats\.pipe\.conf reads the site$} : qr/^warn  report: no AWStats/,
        "a pipe: cat $option"
    );
}
$awstats->config( 'pipe', qq(SiteDomain="www.example.com"\nHostAliases="2001:db8::1"\n) . sprintf $pipe, 'cdn' );
put( 3, 'www.example.com' );
write_file( "$folder/logs/3", Program::content("$folder/logs/3") =~ s/GET/PATCH/r );
like(
    check()->{methods},
    qr{^warn  methods: 1 of 9 records in the newest logs has the method PATCH, which AWStats does not count},
    'a pipe: PATCH'
);

# Stock AWStats takes the newest history file in upper and lower case alike for its own.
write_file( "$folder/data/awstats$_.txt", '' ) foreach '102026.pipe', '112026.piper', '112026.site';
unlike( check()->{dirdata}, qr/FAIL/, 'a pipe: histories of other names' );
write_file( "$folder/data/awstats112026.PIPE.txt", '' );
like(
    check()->{dirdata},
    qr{^FAIL  dirdata: \Q$folder\E/data/awstats112026\.PIPE\.txt is of another configuration, whose name differs}m,
    'a pipe: a name in upper case'
);
unlink "$folder/awstats.pipe.conf" or die;
write_file( "$folder/data/awstats112026.SITE.txt", '' );
unlike( check()->{dirdata}, qr/FAIL/, 'the plugin leaves out the history of a name in upper case' );
unlink glob "$folder/data/awstats*.txt";
configure( SiteDomain => 'www.example.com', HostAliases => 'localhost' );
is( check()->{methods}, undef, 'the plugin counts PATCH' );

# A log of another kind among the newest is found.
put( 4, 'www.example.com' );
write_file( "$folder/logs/4", "junk\n" );
utime 1, 1, "$folder/logs/4";
like(
    check()->{log},
    qr{ok    log: \Q$folder\E/logs/4: is passed over: not a CloudFront log},
    'an older log is read, too'
);
unlink "$folder/logs/4" or die;

# Another configuration by its name, or none.
like(
    check('--awstats-config=wrong')->{report},
    qr/^FAIL  report: awstats\.wrong\.conf was not found/,
    'a mistyped name'
);
$awstats->config( 'site', AWStats::plugin_config() . "LogFile=\"site:other\"\n" );
$got = check();
like(
    $got->{report},
    qr/^warn  report: no AWStats configuration \(awstats\.NAME\.conf\) with the line LogFile="site:cdn"/,
    'no configuration yet'
);
is( $got->{status}, 0, 'that is no failure' ) or diag( $got->{out} );

# Whose files these are.
configure( SiteDomain => 'www.example.com', HostAliases => 'REGEX[example]' );
SKIP: {
    skip 'not root', 3 if $> != 0;
    chown 65_534, 65_534, "$folder/data" or die;
    like( check()->{user}, qr/^ok    user: run updates as nobody, who owns DirData; this check runs as root/,
        'another user' );
    mkdir "$folder/state";
    run( AWStats::helper(), 'cat', '-q', "--config=$folder/sites.conf", '--site=cdn' );
    $got = check();
    like(
        $got->{user},
qr{^FAIL  user: the ledger file \Q$folder\E/state/cdn\.db belongs to root, but DirData \Q$folder\E/data to nobody; run all updates as nobody, and run once: chown nobody \Q$folder\E/state/cdn\.db\*},
        'a ledger of root, and figures of another user'
    );
    chown 0, 0, "$folder/data" or die;
}
rename "$folder/data", "$folder/away" or die;
like(
    check()->{dirdata},
    qr{^FAIL  dirdata: \Q$folder\E/awstats\.site\.conf:\d+: DirData="\Q$folder\E/data": .*: No such file},
    'no DirData'
);
rename "$folder/away", "$folder/data" or die;

# The awstats.pl that the setting names, which may be a link: its folder's configuration is found, as update finds it;
# that of another AWStats is not.
{
    my $sites = Program::content("$folder/sites.conf");
    my $own = AWStats->new;
    my $other = $own->folder;
    mkdir "$folder/linked";
    symlink "$other/awstats.pl", "$folder/linked/awstats.pl" or die;
    symlink "$other/plugins",    "$folder/linked/plugins"    or die;
    symlink "$other/lang",       "$folder/linked/lang"       or die;
    symlink "$other/lib",        "$folder/linked/lib"        or die;
    my $conf = "$folder/linked/awstats.linked.conf";
    write_file( $conf, Program::content("$folder/awstats.site.conf") =~ s/site:\w+/site:linked/r );
    write_file( "$folder/sites.conf",
        "[linked]\nsource = $folder/logs\nstate = $folder/state/linked.db\nawstats = $folder/linked/awstats.pl\n" );
    my @config = "--config=$folder/sites.conf";

    foreach my $sites_option ( ['--site=linked'], [] ) {
        my ( undef, $out ) = run( { together => 1 }, AWStats::helper(), 'check', @config, @$sites_option );
        like( $out, qr{^ok    report: \Q$conf\E reads the site$}m, "check @$sites_option: as the setting awstats says" )
          or diag $out;
        like(
            $out,
            qr{^ok    awstats: \Q$folder\E/linked/awstats\.pl, version }m,
            "check @$sites_option: names that awstats.pl"
        );
        is( scalar( () = $out =~ /^.{4}  awstats: /mg ), 1, "check @$sites_option: and no other" );
    }
    my ( $status, $out ) = run( { together => 1 }, AWStats::helper(), 'update', @config, '--site=linked', '--dry-run' );
    is( $status, 0, 'update finds the same configuration' ) or diag $out;
    ( undef, $out ) =
      run( { together => 1 }, AWStats::helper(), 'check', @config, '--site=linked', "--awstats=$other/awstats.pl" );
    like( $out, qr{^warn  report: no AWStats configuration .* was found in \Q$other\E, }m, 'the option comes first' );
    write_file( "$folder/sites.conf", $sites );
}

# The settings without which AWStats does not count the site: each has its line, with file and line number.
{
    my $conf = "$folder/awstats.cdn.conf";
    my $good = qq(LogFile="site:cdn"\nLogFormat="cloudfront"\nLoadPlugin="cloudfront"\nLogType=W\n)
      . qq(DirData="$folder/data"\nSiteDomain="www.example.com"\nHostAliases="REGEX[.]"\n);
    my ($format) =
      Program::content( AWStats::configurations() . '/cloudfront-download.conf' ) =~ /^LogFormat="(.*)"$/m;
    my $good_pipe =
        qq(LogFile="/usr/bin/awstats-cloudfront cat --commit -s cdn |"\nLogFormat="$format"\nLogSeparator="\\t"\n)
      . qq(DirData="$folder/data"\nSiteDomain="www.example.com"\nHostAliases="REGEX[.]"\n);
    unlink "$folder/awstats.site.conf" or die;
    my $settings_are = sub {
        my ( $name, $text, $status, $step, @lines ) = @_;
        write_file( $conf, $text );
        my $result = check();
        is( $result->{status}, $status, "$name: exit status" ) or diag $result->{out};
        my @got = split /\n/, $result->{$step} // '';
        is( scalar @got, scalar @lines, "$name: lines" ) or diag $result->{out};
        like( shift @got, $_, "$name: message" ) foreach @lines;
        return;
    };
    $settings_are->(
        'all is well', $good, 0, 'settings', qr{^ok    settings: LogFile="site:cdn", LogFormat="cloudfront"$}
    );
    $settings_are->(
        'a pipe', $good_pipe, 0, 'settings', qr{^ok    settings: LogFile="/usr/bin/.* \|", LogFormat="%time2 }
    );
    $settings_are->(
        'the formats of a streaming distribution',
        $good =~ s/="cloudfront"\n/="cloudfront-streaming"\n/r =~ s/=W/=S/r,
        0, 'settings', qr{^ok    settings: }
    );
    my $at = sub { return qr{^$_[0]  settings: \Q$conf\E:$_[1]: $_[2]} };

    $settings_are->(
        'LoadPlugin is a comment',
        $good =~ s/^Load/# Load/mr,
        1, 'settings', $at->( 'FAIL', 3, 'LoadPlugin="cloudfront" is a comment, .*; remove the #' )
    );
    $settings_are->(
        'no LoadPlugin',
        $good =~ s/^Load.*\n//mr,
        1, 'settings', qr{^FAIL  settings: \Q$conf\E: no line loads the plugin, .*; write LoadPlugin="cloudfront"$}
    );
    $settings_are->(
        'LogFormat of a web server, and no LoadPlugin',
        $good =~ s/="cloudfront"/="1"/r =~ s/^Load.*\n//mr,
        1,
        'settings',
        $at->( 'FAIL', 2, 'LogFormat="1" must be cloudfront, .*; write LogFormat="cloudfront"$' ),
        qr{no line loads the plugin}
    );
    $settings_are->(
        'no LogFormat', $good =~ s/^LogFormat.*\n//mr,
        1, 'settings', qr{^FAIL  settings: \Q$conf\E: there is no line LogFormat, which must be cloudfront, }
    );
    $settings_are->(
        'LogType', $good =~ s/LogType=W/LogType=F/r,
        1, 'settings', $at->( 'FAIL', 4, 'LogType="F" must be W, ' )
    );
    $settings_are->(
        'PurgeLogFile', "${good}PurgeLogFile=1\n", 1, 'settings', $at->( 'FAIL', 8, 'PurgeLogFile="1" must be 0, ' )
    );
    $settings_are->(
        "DatabaseBreak, $_",
        ( /pipe/ ? $good_pipe : $good ) . "DatabaseBreak=year\n",
        1,
        'settings',
        $at->(
            'FAIL',
            /pipe/ ? 7 : 8,
            'DatabaseBreak="year" must be month, day or hour: .*; write DatabaseBreak=month$'
        )
    ) foreach 'site', 'pipe';
    $settings_are->( 'a history file a day', "${good}DatabaseBreak=day\n", 0, 'settings', qr{^ok    settings: } );
    $settings_are->(
        'another LogFile',
        $good =~ s/site:cdn/site:other/r,
        1, 'settings',
        $at->( 'FAIL', 1, 'LogFile="site:other" must read the logs of \\[cdn\\]; write LogFile="site:cdn" ' )
    );
    $settings_are->(
        'the pipe of another site',
        $good_pipe =~ s/ cdn / other /r,
        1, 'settings', $at->( 'FAIL', 1, 'LogFile=".* other \\|" must read the logs of' )
    );
    $settings_are->(
        'a pipe from another program',
        $good_pipe =~ s/"\/.*\|"/"read-logs |"/r,
        0,
        'settings',
        $at->(
            'warn', 1,
            'LogFile="read-logs \\|" must read .*; ignore this warning if that command runs awstats-cloudfront$'
        )
    );
    $settings_are->(
        'the LogFormat of a web server for a pipe',
        $good_pipe =~ s/^LogFormat.*/LogFormat=1/mr,
        1, 'settings',
        $at->( 'FAIL', 2, 'LogFormat="1" must name the columns .*, but 1 is where %time2 must be; write' )
    );
    $settings_are->(
        'a column in another place',
        $good_pipe =~ s/%method %virtualname/%virtualname %method/r,
        1, 'settings', $at->( 'FAIL', 2, 'LogFormat=.* but %virtualname is where %method must be; write' )
    );
    $settings_are->(
        'columns that AWStats ignores, and leaves out',
        $good_pipe =~ s/%cluster/%other/r =~ s/ %referer.*"/"/r,
        0, 'settings', qr{^ok    settings: }
    );
    $settings_are->(
        'columns that AWStats takes as extra ones',
        $good_pipe =~ s/%cluster/%extra9/r =~ s/ %ua/ %logname/r,
        0, 'settings', qr{^ok    settings: }
    );
    $settings_are->(
        'a program behind cat',
        $good_pipe =~ s/ \|"/ | to-combined |"/r =~ s/^LogFormat.*/LogFormat=1/mr,
        0, 'settings', qr{^ok    settings: LogFile="[^"]*to-combined}
    );
    $settings_are->( 'no status', $good_pipe =~ s/ %code.*"/"/r, 1, 'settings',
        qr{but the end is where %code must be} );
    $settings_are->(
        'no LogSeparator',
        $good_pipe =~ s/^LogSep.*\n//mr,
        1, 'settings', qr{there is no line LogSeparator, which must be "\\t"}
    );
    $settings_are->(
        'the format of web servers',
        $good_pipe =~ s/--commit/--as combined/r =~ s/^LogFormat.*/LogFormat=1/mr,
        0, 'settings', qr{^ok    settings: }
    );

    $settings_are->(
        'an Include of no file',
        qq(Include "none.conf"\n$good),
        1, 'settings',
        $at->( 'FAIL', 1, qr{includes \Q$folder\E/none\.conf, which does not exist .*; correct the path} )
    );
    write_file( "$folder/outer.conf", qq(# A file\nInclude "inner.conf"\n) );
    $settings_are->(
        'an Include of a file that includes no file',
        qq(Include "outer.conf"\n$good),
        1, 'settings',
        qr{^FAIL  settings: \Q$folder\E/outer\.conf:2: includes \Q$folder\E/inner\.conf, which does not exist}
    );
    write_file( "$folder/outer.conf", qq(Include "outer.conf"\n) );
    $settings_are->(
        'a file that includes itself',
        qq(Include "outer.conf"\n$good),
        1, 'settings', qr{^FAIL  settings: \Q$folder\E/outer\.conf:1: .* more than 10 levels deep}
    );
    write_file( "$folder/outer.conf", $good =~ s/^LogFormat.*/LogFormat=4/mr );
    $settings_are->(
        'a setting in an included file',
        qq(Include "outer.conf"\n),
        1, 'settings', qr{^FAIL  settings: \Q$folder\E/outer\.conf:2: LogFormat="4" must be}
    );

    $settings_are->(
        'no SiteDomain',
        $good =~ s/^SiteDomain.*\n//mr,
        1, 'hosts', qr{^FAIL  hosts: \Q$conf\E: there is no SiteDomain, .*; write SiteDomain="HOST"}
    );
    $settings_are->(
        'an empty SiteDomain',
        $good =~ s/www.example.com//r,
        1, 'hosts', qr{^FAIL  hosts: \Q$conf\E:6: SiteDomain is empty, }
    );
    $settings_are->(
        'no DirData', $good =~ s/^DirData.*\n//mr,
        1, 'dirdata', qr{^FAIL  dirdata: \Q$conf\E: there is no DirData, .*; write DirData=}
    );
    $settings_are->(
        'DirData is a file',
        $good =~ s/^DirData.*/DirData="$conf"/mr,
        1, 'dirdata', qr{^FAIL  dirdata: \Q$conf\E:5: DirData="\Q$conf\E" is no folder}
    );
    write_file( $conf, $good );

  SKIP: {
        skip 'not root', 5 if $> != 0;
        my $nobody = ( getpwnam 'nobody' )[2];
        foreach my $case ( [ 0555, 'FAIL  dirdata: .* belongs to nobody, .* but may not' ],
            [ 0755, 'ok    dirdata: .*, owned by nobody' ] )
        {
            chown $nobody, -1, "$folder/data" or die;
            chmod $case->[0], "$folder/data" or die;
            unlink glob "$folder/state/cdn.db*";
            like( check()->{dirdata}, qr/^$case->[1]/m, sprintf 'DirData of mode %o', $case->[0] );
        }
        run( AWStats::helper(), 'cat', '-q', "--config=$folder/sites.conf", '--site=cdn' );
        chown $nobody, -1, glob "$folder/state/cdn.db*";
        chown 0, ( getpwnam 'nobody' )[3], "$folder/data" or die;
        chmod 0775, "$folder/data" or die;
        like( check()->{user}, qr/^ok    user: run updates as nobody, who may write to DirData; /, 'by the group' );
        chmod 0755, "$folder/data" or die;
        like(
            check()->{user},
qr/^FAIL  user: the ledger file .* belongs to nobody, but DirData .* to root, where the first user may not write/,
            'nor by the group'
        );
        chown 0, 0, "$folder/data" or die;
        unlink glob "$folder/state/cdn.db*";
    }
    unlink $conf or die;
}

# The compiled part of the plugin for another perl does not load.
{
    my $plugins = "$folder/other/plugins";
    system( 'mkdir', '-p', $plugins ) == 0 or die;
    my @parts = map { AWStats::plugin_folder() . "/$_" } qw(cloudfront cloudfront.pm version);
    system( 'cp', '-RL', @parts,               "$plugins/" ) == 0      or die;
    system( 'cp', '-L',  "$folder/awstats.pl", "$folder/other/" ) == 0 or die;
    my ($compiled) = glob "$plugins/cloudfront/auto/AWStats/CloudFront/*.so";
    ok( $compiled, 'the compiled part is there' );
    write_file( $compiled, 'junk' );
    my ( $status, $out ) =
      run( { together => 1 }, AWStats::helper(), 'check', "$folder/logs", "--awstats=$folder/other/awstats.pl" );
    is( $status, 1, 'a plugin that does not load: exit status 1' );
    like( $out, qr/^FAIL  plugin: .*cloudfront\.pm does not load; build and install/m, 'with what to do' );
}

done_testing();
