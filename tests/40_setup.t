#!/usr/bin/perl
# setup makes a site of a user's own, all files in one folder, from a directory: asked for on a terminal and not.  What it
# writes is what AWStats and check read; it makes all or nothing, changes nothing that somebody else has written, and
# takes back what it has made.
use strict;
use warnings;
use Test::More;
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use IO::Pty    ();
use IO::Select ();
use POSIX      ();
use lib "$Bin/lib";
use OwnSetup qw(log_text setting setup tree);
use Program  qw(content helper run write_file);

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
my $own = "$dir/own";
my @own = ( '--config', "$own/cloudfront.conf" );
delete @ENV{ grep { /^AWS_|_proxy\z/i } keys %ENV };
$ENV{HOME} = $dir;

mkdir "$dir/logs" or die;
write_file( "$dir/logs/a", log_text( 'www.example.com'               => 5,  'static.example.com'  => 3 ) );
write_file( "$dir/logs/b", log_text( 'd111111abcdef8.cloudfront.net' => 20, 'Img.Example.com:443' => 1 ) );

# ---- a directory --------------------------------------------------------------------------------
my $dry = setup( 0, 'dry run', 'cdn', "$dir/logs", @own, '--dry-run' );
ok( !-e $own, 'dry run: nothing is made' );
my $out = setup( 0, 'a directory', 'cdn', "$dir/logs/", @own, '--yes' );
my ( $conf, $report ) = ( "$own/cloudfront.conf", "$own/awstats.cdn.conf" );
foreach my $file ( $conf, $report ) {
    ok( -s $file, "$file is there" );
    like( $dry, qr/^# \Q$file\E:\n\Q${\ content($file)}\E/m, 'the dry run has printed the very file' );
}
like( $out, qr/^ok    log: download, 13 fields$/m, 'the logs were looked at' );
like(
    $out,
    qr/^ok    hosts: .*: www\.example\.com 5, static\.example\.com 3, img\.example\.com 1, d1\w+\.cloudfront\.net 20$/m,
    'the hosts are named, those of the visitors first'
);
is( setting( $report, 'SiteDomain' ),  'www.example.com', 'SiteDomain: the host with the most records' );
is( setting( $report, 'HostAliases' ), 'www.example.com static.example.com img.example.com', 'HostAliases' );
is( setting( $report, 'LogFile' ),     'site:cdn',                                           'LogFile' );
is( setting( $report, 'LogFormat' ),   'cloudfront',                                         'LogFormat' );
is( setting( $report, 'DirData' ),     "$own/cdn",                                           'DirData' );
like( content($report), qr/^Include "(.*)"$/m, 'an Include' );
ok( -s ( content($report) =~ /^Include "(.*download\.conf)"$/m )[0], 'the included file is there' );
like( content($report), qr/^LoadPlugin="cloudfront helper=\Q$helper\E config=\Q$conf\E"$/m, 'LoadPlugin' );
ok( -d "$own/cdn", 'the folder of the history is there' );
my ($ledger) = content($conf) =~ /^state = (.*)$/m;
my $had = content($conf);
like(
    setup( 1, 'the ledger of another site', 'other', "$dir/logs", @own, '--yes', '--state', $ledger ),
qr{nothing was made: \Q$conf\E: the sections \[cdn\] at line \d+ and \[other\] at line \d+ have one ledger file, \Q$ledger\E; },
    'the ledger of another site: says so'
);
is( content($conf), $had, 'the ledger of another site: nothing is made' );
my ( $check_status, $check ) = run( $helper, 'check', '--site', 'cdn', @own );
is( $check_status, 0, 'check accepts the section' ) or diag($check);
like( $check, qr{^ok    source: \Q$dir\E/logs, 2 files}m,                     'the source of the section' );
like( $check, qr{^ok    state: nothing is counted yet; .*\Q$own\E/cdn\.db$}m, 'the ledger of the section' );
like( $out,   qr/\Q$_\E\n/, 'setup has printed a line of check' ) foreach grep { /\S/ } split /\n/, $check;
is( scalar( () = $out =~ /^ok    log: download, 13 fields$/mg ), 1, 'setup has printed no line of check twice' );
like( $out, qr{^    \d+ \* \* \* \* .*\Q$helper\E update --quiet --site cdn --config \Q$conf\E$}m,
    'the line for cron' );
like( $out, qr{^    .*\Q$helper\E update --site cdn --config \Q$conf\E --report FOLDER$}m, 'how to see the report' );

# AWStats reads the configuration.
my ( $awstats_status, $awstats_out ) = run( $helper, 'cat', '--site', 'cdn', @own );
is( $awstats_status, 0, 'cat reads the site' );

# Again, and with another source.
my $before = tree($own);
like(
    setup( 0, 'again', 'cdn', "$dir/logs", @own ),
    qr/^ok    setup: cdn is set up already; nothing is changed$/m,
    'again: says so'
);
is_deeply( tree($own), $before, 'again: nothing is changed' );
like(
    setup( 1, 'another source', 'cdn', "$dir/own", @own, '--yes' ),
    qr{section \[cdn\] of \Q$conf\E is there already, with another source, \Q$dir\E/logs; choose another NAME},
    'another source is refused'
);
is_deeply( tree($own), $before, 'another source: nothing is changed' );

# Options that ask for something else than what is there are refused; those that ask for the same are not.
foreach my $case (
    [
        [ '--report', "$own/pages" ],
        qr{section \[cdn\] of \Q$conf\E is there already, without the line "report = \Q$own\E/pages"; write}
    ],
    [ [ '--anonymize', 'hash' ], qr/without the line "anonymize = hash"; write this line there by hand, or leave/ ],
    [
        [ '--domain', 'other.example.com' ],
        qr{\Q$report\E is there already, and neither .* has other\.example\.com; add}
    ],
    [ [ '--dirdata', "$own/elsewhere" ], qr{\Q$report\E is there already, with DirData="\Q$own\E/cdn"; change} ],
  )
{
    my ( $words, $message ) = @$case;
    like( setup( 1, "again, with @$words", 'cdn', "$dir/logs", @own, '--yes', @$words ), $message, "@$words: message" );
    is_deeply( tree($own), $before, "@$words: nothing is changed" );
}
setup( 0, 'again, with options that are true',
    'cdn', "$dir/logs", @own, '--domain', 'WWW.example.com', '--dirdata', "$own/cdn" );
is_deeply( tree($own), $before, 'again, with options that are true: nothing is changed' );
unlink $report or die;
setup( 0, 'the AWStats configuration alone is missing', 'cdn', "$dir/logs", @own, '--yes' );
is( setting( $report, 'LogFile' ), 'site:cdn',       'what is missing is made' );
is( content($conf),                $before->{$conf}, 'what is missing is made: other files stay' );

# Each setting that is an option is in the section.
{
    my %setting = (
        anonymize         => 'hash',
        client            => 'x-forwarded-for',
        delimiter         => 'tab',
        exclude           => '*.tmp',
        host              => 'x-host-header www.example.com *.example.com',
        include           => 'E1 *.gz *',
        'max-inflated'    => '5G',
        'trusted-proxies' => '192.0.2.0/24 2001:db8::/32',
        type              => 'download',
        unique            => 'x-edge-request-id',
    );
    my $other = "$dir/settings/cloudfront.conf";
    my @words =
      ( 'set', "$dir/logs", '--config', $other, '--yes', map { ( "--$_", $setting{$_} ) } sort keys %setting );
    setup( 0, 'many settings', @words, '--no-sign-request', '--request-payer', 'requester' );
    my $text = content($other);
    like( $text, qr/^\Q$_ = $setting{$_}\E$/m, "many settings: $_" ) foreach sort keys %setting;
    like( $text, qr/^$_$/m, "many settings: $_" ) foreach 'sign = no', 'requester-pays = yes';
    setup( 0, 'many settings, again', @words );
    is( content($other), $text, 'many settings, again: nothing is changed' );
    remove_tree("$dir/settings");
}

# ---- a folder for the report ---------------------------------------------------------------------
remove_tree($own);
$out = setup( 0, 'a report', 'cdn', "$dir/logs", @own, '--yes', '--report', "$own/pages/all" );
like( content($conf), qr{^report = \Q$own\E/pages/all$}m, 'a report: the setting' );
ok( -d "$own/pages/all", 'a report: the folder is there' );
like( $out, qr{^made  folder: \Q$own\E/pages/all, of the user }m, 'a report: the folder is named' );
like(
    $out,
    qr{ write the report, \Q$own\E/pages/all/index\.html:\n\n    .* update --site cdn --config \Q$conf\E$}m,
    'a report: how to see it'
);
setup( 0, 'a report: taken back', '--remove', 'cdn', @own );
ok( !-e $own, 'a report: nothing is left' );

# ---- a second site, and taking back -------------------------------------------------------------
# A person's file, with mode and no line feed at its end; a link leads to it.
remove_tree($own);
mkdir $own or die;
my $hand = "; mine\n[mine]\nsource = $dir/logs\n; the end";
write_file( "$own/real.conf", $hand );
chmod 0604, "$own/real.conf";
chown 1, 2, "$own/real.conf" if $> == 0;
symlink 'real.conf', $conf or die;
my @was = ( stat $conf )[ 2, 4, 5 ];
setup( 0, 'beside a section of a person', 'cdn', "$dir/logs", @own, '--yes' );
is_deeply( [ ( stat $conf )[ 2, 4, 5 ] ], \@was, 'mode and owner of the configuration are kept' );
ok( -l $conf, 'the link is kept' );
like(
    content($conf),
    qr/\A\Q$hand\E\n\n; Section \[cdn\].*\n\[cdn\]\nsource = \Q$dir\E\/logs\n/,
    'the section is appended'
);
setup( 0, 'and one more', 'v1.x', "$dir/logs", @own, '--domain', 'WWW.Example.org', '--domain', 'b.example.org' );
is( setting( "$own/awstats.v1.x.conf", 'SiteDomain' ), 'www.example.org', '--domain: SiteDomain' );
is(
    setting( "$own/awstats.v1.x.conf", 'HostAliases' ),
    'www.example.org b.example.org www.example.com static.example.com img.example.com',
    '--domain: HostAliases has the names of the logs, too'
);
write_file( "$own/$_", 'x' )
  foreach
  qw(cdn.db cdn.db.lock cdn.db-wal cdn.db.replaced-1 cdn.dbx cdn/awstats102026.cdn.txt cdn/awstats102026.cdnx.txt
  cdn/awstats102026.cdn.x.txt cdn/awstats102026.cdn.bak.txt cdn/awstats.cdn.x.cloudfront.lock
  cdn/awstats102026.cdn.txt.replaced-1 cdn/awstats.cdn.cloudfront.lock cdn/awstats.cdn.conf);
my $gone = setup( 0, 'a dry run of the removal', '--remove', 'cdn', @own, '--dry-run' );
like( $gone,          qr/^take  $_: /m, "a dry run names the $_" ) foreach qw(configuration report folder);
like( content($conf), qr/^\[cdn\]$/m,   'a dry run removes nothing' );
$gone = setup( 0, 'the removal', '--remove', 'cdn', @own );
like( $gone, qr/^gone  configuration: \Q$conf\E, section \[cdn\]$/m, 'the section is named' );
like( $gone, qr/^gone  report: \Q$report\E$/m,                       'the file is named' );
like(
    $gone,
qr/^left  ledger: \Q$own\E\/cdn\.db: .*; delete it, and beside it cdn\.db-wal cdn\.db\.lock cdn\.db\.replaced-1 if the site is gone for good$/m,
    'the ledger is left, and named, and what is beside it'
);
like(
    $gone,
qr/^left  history: \Q$own\E\/cdn: 1 file awstats\?{6}\.cdn\.txt, the figures of the reports, and beside them awstats\.cdn\.cloudfront\.lock awstats102026\.cdn\.txt\.replaced-1; remove/m,
    'the history is left, and named, and what is beside it'
);
like( $gone, qr/^left  folder: \Q$own\E\/cdn: it is not empty$/m, 'the folder of the history is left, and named' );
ok( !-e $report, 'the file is gone' );
unlike( content($conf), qr/cdn/, 'the section is gone' );
like( content($conf), qr/\A\Q$hand\E\n\n; Section \[v1\.x\]/, 'the others are as they were' );
is_deeply( [ ( stat $conf )[ 2, 4, 5 ] ], \@was, 'mode and owner are kept again' );
setup( 0, 'the second removal', '--remove', 'v1.x', @own );
is( content($conf), "$hand\n", "the person's file is as it was" );
like(
    setup( 1, 'nothing to remove', '--remove', 'mine', @own ),
    qr/setup has made nothing for the site mine, so nothing is removed: /,
    'a section of a person is not removed'
);
is( content($conf), "$hand\n", 'the section of a person is not changed' );

# What somebody has changed stays.
setup( 0, 'to be changed', 'cdn', "$dir/logs", @own, '--yes' );
write_file( $conf, content($conf) . "lookback = 72h\n\n; and\n[more]\nsource = /x\n" );
my $changed = content($report) =~ s/^(SiteDomain)=.*/$1="other.example.com"/mr;
write_file( $report, $changed );
my $text = content($conf);
$gone = setup( 0, 'changed files', '--remove', 'cdn', @own );
like(
    $gone,
    qr/^left  $_: .*: somebody has changed it since setup wrote it; remove it by hand$/m,
    "a changed $_ is left"
) foreach qw(configuration report);
is( content($conf),   $text,    'a changed section stays' );
is( content($report), $changed, 'a changed AWStats configuration stays' );

write_file( $report, qq(LogFile="other.log"\n) );
like(
    setup( 0, 'a replaced file', '--remove', 'cdn', @own ),
    qr/^left  report: \Q$report\E: setup has not written it; remove it by hand if nobody needs it$/m,
    'a file that reads another log is left'
);

# A section that is followed by another one, and by that one's comment.
remove_tree($own);
setup( 0, 'a section before others', 'cdn', "$dir/logs", @own, '--yes' );
write_file( $conf, content($conf) . "\n; about more\n[more]\nsource = /x\n" );
setup( 0, 'its removal', '--remove', 'cdn', @own );
is(
    content($conf) =~ s/\A; The sites.*\n//r,
    "\n; about more\n[more]\nsource = /x\n",
    'the section alone is removed, and not the comment of the next one'
);

# Everything that setup has made goes.
remove_tree($own);
setup( 0, 'all new', 'cdn', "$dir/logs", @own, '--yes' );
setup( 0, 'all new: the removal', '--remove', 'cdn', @own );
ok( !-e $own, 'nothing is left of a set-up that nobody has used' );

# ---- mistakes -----------------------------------------------------------------------------------
write_file( "$dir/no-log", "junk\n" );
mkdir "$dir/empty"  or die;
mkdir "$dir/nobody" or die;
write_file(
    "$dir/nobody/log",
    log_text(
        distribution                  => '-',
        'a b'                         => 1,
        '-'                           => 2,
        'x"y.example.com'             => 3,
        'REGEX[.*].com'               => 4,
        '@/etc/passwd'                => 5,
        '__HOME__.example.com'        => 6,
        '10.0.0.1'                    => 7,
        'a..b'                        => 8,
        '-a.example.com'              => 9,
        'a#b.example.com'             => 10,
        ( 'x' x 64 ) . '.example.com' => 11
    )
);
mkdir "$dir/both" or die;
write_file( "$dir/both/a", log_text( 'www.example.com' => 1 ) );
my $streaming = ( glob "$Bin/data/streaming/*.gz" )[0];
write_file( "$dir/both/b.gz", content($streaming) );

foreach my $case (
    [
        2,
        'a name that leaves the folder',
        [ '../x', "$dir/logs" ],
        qr{^\S+ the name of the site, "\.\./x", must begin with a letter}
    ],
    [ 2, 'a name with a slash',   [ 'a/b', "$dir/logs" ], qr{the name of the site, "a/b", may have only the letters} ],
    [ 2, 'a name with a bracket', [ "a]\n[b", "$dir/logs" ], qr{the name of the site, "a\]\\x0a\[b", may have only} ],
    [ 2, 'a name with @',         [ 'a@b', "$dir/logs" ],    qr{the name of the site, "a\@b", may have only} ],
    [ 2, 'a long name',           [ 'a' x 65, "$dir/logs" ], qr{must not be longer than 64 characters} ],
    [ 2, 'no name',               [],                        qr{give the name of the site and the place of its logs} ],
    [ 2, 'no source',             ['cdn'], qr{give the place of the logs after the name: .*setup NAME s3://} ],
    [ 2, 'three words',    [ 'cdn', "$dir/logs", "$dir/logs" ], qr{give one NAME and one SOURCE} ],
    [ 2, 'standard input', [ 'cdn', '-' ],                      qr{the place of the logs, "-", is the standard input} ],
    [
        2,
        'a source of two lines',
        [ 'cdn', "/x\nafter = delete" ],
        qr{the place of the logs, .*, has a control character}
    ],
    [ 2, 'a domain that is none', [ 'cdn', "$dir/logs", '--domain', 'a b' ], qr{--domain "a b": not a host name} ],
    [
        2,
        'a domain that says more',
        [ 'cdn', "$dir/logs", '--domain', qq(www.example.com"\nLogFile="x |) ],
        qr{--domain "www.*: not a host name}
    ],
    [
        2,
        'nobody to ask',
        [ 'cdn', "$dir/logs" ],
        qr{no terminal to ask .*give --yes to take .*, www\.example\.com first}
    ],
    [
        1,
        'no host in the logs',
        [ 'cdn', "$dir/nobody", '--yes' ],
        qr{the newest logs name no host, so nothing was made}
    ],
    [ 1, 'no logs',   [ 'cdn', "$dir/empty",  '--yes' ], qr{no log of \Q$dir\E/empty could be read, .*--domain HOST} ],
    [ 1, 'no folder', [ 'cdn', "$dir/gone",   '--yes' ], qr{no log of \Q$dir\E/gone could be read} ],
    [ 1, 'no log',    [ 'cdn', "$dir/no-log", '--yes' ], qr{no log of \Q$dir\E/no-log could be read} ],
    [
        1, 'both kinds',
        [ 'cdn', "$dir/both", '--yes' ],
        qr{logs of both kinds, download and streaming .*--type download, .*--type streaming}
    ],
    [
        1,
        'a target inside the source',
        [ 'cdn', "$dir/logs", '--yes', '--after', "move $dir/logs/old" ],
        qr{nothing was made: \Q$conf\E:\d+: after = move \Q$dir\E/logs/old: is inside the source}
    ],
    [
        1,
        'a target that is no bucket',
        [ 'cdn', 's3://logs/cdn/', '--domain', 'www.example.com', '--after', 'move s3://Bad_Name!/x' ],
        qr{nothing was made: \Q$conf\E:\d+: after = move s3://Bad_Name!/x/: not a bucket name}
    ],
    [
        1,
        'a source that INI files cannot hold',
        [ 'cdn', "$dir/logs ;x", '--domain', 'www.example.com' ],
        qr{nothing was made: .*this file cannot store SOURCE or the value of an option, because it }
    ],
    [
        1,
        'a folder that AWStats cannot read',
        [ 'cdn', "$dir/logs", '--yes', '--dirdata', "$dir/a #b" ],
        qr{nothing was made: .*a path has characters that mean something else to AWStats }
    ],
    [
        1,
        'a folder whose name AWStats would change',
        [ 'cdn', "$dir/logs", '--yes', '--awstats-config-dir', "$dir/a&b" ],
        qr{/a&b/awstats[.]cdn[.]conf: awstats[.]pl cannot read a configuration with such a path; }
    ],
  )
{
    my ( $want, $name, $words, $message ) = @$case;
    my $was = tree($dir);
    like( setup( $want, $name, @$words, @own ), $message, "$name: says so" );
    is_deeply( tree($dir), $was, "$name: nothing is made" );
}
my ( undef, $nobody ) = run( $helper, 'setup', 'cdn', "$dir/nobody", @own, '--yes', '--domain', 'www.example.com' );
is( setting( $report, 'HostAliases' ), 'www.example.com', 'hostile hosts of a log are not written' );
remove_tree($own);

# A new distribution has no logs yet.
( my $status, $out, my $err ) = run( $helper, 'setup', 'cdn', "$dir/empty", @own, '--domain', 'www.example.com' );
is( $status, 4, 'no logs yet, with --domain: exit status 4, as check fails' );
like( $out, qr/^FAIL  source: \Q$dir\E\/empty: no files there/m, 'no logs yet, with --domain: check says why' );
like(
    $err,
qr/^\S+ the site cdn is set up, but its check fails; .* run: awstats-cloudfront check --config=\Q$conf\E --site=cdn$/,
    'and setup says how to check again'
);
is( setting( $report, 'HostAliases' ), 'www.example.com', 'the site is set up' );
remove_tree($own);

# A person's files are not touched.
mkdir $own or die;
write_file( $report, qq(LogFile="site:other"\n) );
like(
    setup( 1, 'an AWStats configuration of that name', 'cdn', "$dir/logs", @own, '--yes' ),
    qr{\Q$report\E is there already, but has no LogFile="site:cdn"; choose another NAME},
    'is refused'
);
is( content($report), qq(LogFile="site:other"\n), 'an AWStats configuration of that name is not changed' );
my $of_person = qq(LogFile="site:cdn"\nLogFormat="cloudfront"\nSiteDomain="www.example.com"\nDirData="$dir/history"\n);
write_file( $report, $of_person );
( $status, $out ) = run( helper(), 'setup', 'cdn', "$dir/logs", @own );
is( $status, 4, 'an AWStats configuration without the plugin: exit status' );
like( $out, qr{^FAIL  settings: \Q$report\E: no line loads the plugin}m, 'the line that is missing' );
$of_person .= qq(LoadPlugin="cloudfront"\n);
write_file( $report, $of_person );
setup( 0, 'an AWStats configuration that reads the site', 'cdn', "$dir/logs", @own );
is( content($report), $of_person, 'is kept' );
ok( -d "$dir/history" && !-e "$own/cdn", 'the DirData of the AWStats configuration is taken' );
rmdir "$dir/history";
write_file( $conf, "[broken\n" );
like( setup( 1, 'a broken configuration', 'cdn', "$dir/logs", @own ), qr{\Q$conf\E:1: }, 'is named' );
is( content($conf), "[broken\n", 'a broken configuration is not changed' );
remove_tree($own);

# Streaming.
mkdir "$dir/streaming" or die;
write_file( "$dir/streaming/b.gz", content($streaming) );
setup( 0, 'streaming', 'video', "$dir/streaming", @own, '--yes' );
is( setting( "$own/awstats.video.conf", 'SiteDomain' ), 'video.example.com',    'streaming: the host of the streams' );
is( setting( "$own/awstats.video.conf", 'LogFormat' ),  'cloudfront-streaming', 'streaming: LogFormat' );
like( content("$own/awstats.video.conf"), qr/^Include ".*streaming\.conf"$/m, 'streaming: Include' );
remove_tree($own);

# ---- a terminal ---------------------------------------------------------------------------------
# Runs setup on a terminal, and types an answer whenever the program waits behind ": ".
sub on_terminal {
    my ( $answers, @word ) = @_;
    my $pty = IO::Pty->new;
    my $pid = fork // die;
    if ( !$pid ) {
        $pty->make_slave_controlling_terminal;
        my $slave = $pty->slave;
        POSIX::dup2( fileno $slave, $_ ) foreach 0 .. 2;
        exec $helper, 'setup', @word or POSIX::_exit(127);
    }
    $pty->close_slave;
    my ( $seen, $answered ) = ( '', 0 );
    while ( IO::Select->new($pty)->can_read(60) && sysread $pty, my $piece, 65536 ) {
        $seen .= $piece;
        next if $seen !~ /^(?:SiteDomain|HostAliases)[^\n]*: \z/m;
        last if $answered > $#$answers;
        print $pty $answers->[ $answered++ ];
        $pty->flush;
    }
    close $pty;
    waitpid $pid, 0;
    return ( $? & 127 ? 128 + ( $? & 127 ) : $? >> 8, $seen =~ s/\r//gr );
}

( $status, $out ) = on_terminal( [ "\n", "\n" ], 'cdn', "$dir/logs", @own );
is( $status, 0, 'a terminal, Enter twice: exit status' ) or diag($out);
like( $out, qr/^SiteDomain, .* \[www\.example\.com\]: $/m,                       'SiteDomain is asked for' );
like( $out, qr/^HostAliases, .* \[static\.example\.com img\.example\.com\]: $/m, 'HostAliases is asked for' );
is( setting( $report, 'SiteDomain' ), 'www.example.com', 'Enter takes the name that was seen' );
is(
    setting( $report, 'HostAliases' ),
    'www.example.com static.example.com img.example.com',
    'Enter takes the other names, too'
);
remove_tree($own);
( $status, $out ) =
  on_terminal( [ "x y\n", " News.Example.com \n", "a_b\n", "b.example.com C.example.com\n" ], 'cdn', "$dir/logs",
    @own );
is( $status, 0, 'a terminal, with answers: exit status' ) or diag($out);
like( $out, qr/^This is not a host name such as www\.example\.com\.$/m, 'a name that is none is asked for again' );
is( setting( $report, 'SiteDomain' ),  'news.example.com',                             'the answer is taken' );
is( setting( $report, 'HostAliases' ), 'news.example.com b.example.com c.example.com', 'the answers are taken' );
remove_tree($own);
( $status, $out ) = on_terminal( [ "\n", "none\n" ], 'cdn', "$dir/logs", @own );
is( setting( $report, 'HostAliases' ), 'www.example.com', 'none' );
remove_tree($own);
( $status, $out ) = on_terminal( ["\cD"], 'cdn', "$dir/logs", @own );
is( $status, 1, 'the end of the input: exit status 1' );
like( $out, qr/no answer, so nothing was made/, 'the end of the input: says so' );
ok( !-e $own, 'the end of the input: nothing is made' );

done_testing;
