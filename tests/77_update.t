#!/usr/bin/perl
# update: AWStats inside the program.  What a user sees of it, and what is left after each failure.  The histories
# themselves are compared in 77_update_equal.t.
use strict;
use warnings;
use Test::More;
use Fcntl              qw(:flock);
use File::Basename     qw(dirname);
use File::Copy         qw(copy);
use File::Path         qw(make_path);
use FindBin            qw($Bin);
use IO::Compress::Gzip qw(gzip);
use lib "$Bin/lib";
use AWStats;
use CannedStore;
use CountedSite;
use Program      qw(content finish run write_file);
use UpdateChecks qw(hits records update_is);

# Under the sanitizers the program tells of errors of its own by this status.
local $ENV{ASAN_OPTIONS} = 'exitcode=99:' . ( $ENV{ASAN_OPTIONS} // '' );
local $ENV{PERL_DESTRUCT_LEVEL} = 2;

# Adds a plugin of AWStats that runs this code when the update saves its history.
sub with_plugin {
    my ( $site, $code ) = @_;
    write_file( $site->folder . '/plugins/rude.pm', <<"END" );
sub Init_rude { return 'SectionInitHashArray SectionReadHistory SectionWriteHistory' }
sub SectionInitHashArray_rude { return 0 }
sub SectionReadHistory_rude { return 0 }
sub SectionWriteHistory_rude { $code }
1;
END
    return;
}

# ---- the command line ----

foreach my $case (
    [ [],                        'name the sites with --site NAME, or all ' ],
    [ [ '--site=cdn', '--all' ], 'name the sites with --site NAME, or all ' ],
    [ ['cdn'],                   'cdn: this command takes no SOURCE; name sites with --site NAME' ]
  )
{
    my ( $arguments, $text ) = @$case;
    my ( $status, $output, $error ) = run( AWStats::helper(), 'update', @$arguments );
    is( $status, 2, "update @$arguments: usage" );
    like( $error, qr/^awstats-cloudfront: update: \Q$text\E.*\n$/, "update @$arguments: usage: the message" );
}

# ---- a site's life ----

my $site = CountedSite->new( hosts => 'd1.cloudfront.net' );
my $folder = $site->folder;
update_is( $site, 0, qr/^\[cdn\]: no new logs to count\n$/, 'no logs yet' );
$site->deliver( records(20) );
$site->deliver( records(10) );
update_is( $site, 0, qr/^\[cdn\]: 30 records of 2 logs would be counted in \d+\.\d s: 2026-10\n$/,
    'a dry run', '--dry-run' );
is_deeply( $site->awstats->data_files, [], 'a dry run leaves no history' );
{
    # As in a CGI program, whose variables awstats.pl must not see.
    local @ENV{qw(GATEWAY_INTERFACE QUERY_STRING)} = ( 'CGI/1.1', 'config=other' );
    update_is( $site, 0, qr/^\[cdn\]: 30 records of 2 logs counted in \d+\.\d s: 2026-10\n$/, 'the first update' );
}
is( hits($site), 30, 'all records are in the history' );
{
    # Any use of perl would fail.
    local $ENV{PERL5OPT} = '-MNo::Such::Module';
    update_is( $site, 0, qr/^\[cdn\]: no new logs to count\n$/, 'nothing new' );
    $site->deliver( records(1) );
    update_is( $site, 1, qr/^awstats-cloudfront: \[cdn\]: Can't locate No.*\n$/, 'perl cannot start' );
}
update_is( $site, 0, qr/^$/, '-q prints nothing', '-q' );
is( hits($site), 31, 'update -q counts' );
$site->deliver( records(2) );
update_is(
    $site, 0,
    qr/^awstats-cloudfront: \[cdn\]: AWStats: +Found 2 new qualified records\.$/m,
    '-v prints what AWStats prints', '-v'
);

my ( $status, $output, $error ) = run( AWStats::helper(), 'status', "--config=$folder/sites.conf" );
like( $output, qr/^  objects counted: 4\n/m, 'the ledger has all objects' );
like(
    $output,
    qr/^  last update with new objects, records: 2 records, 2 counted, 0 left out\n/m,
    'the ledger has the figures'
);

# ---- the summary ----

# A log that is found to be a copy counts as no new log, whether that is known before it is read, or, when it was
# compressed in two parts, afterwards.
{
    my $copied = CountedSite->new( hosts => 'd1.cloudfront.net' );
    my @parts = ( "#Version: 1.0\n#Fields: @{[ CountedSite::fields() ]}\n", join '', records(5) );
    $copied->deliver_as( 'E1EXAMPLE.2026-10-05-10.0a1b2c3d.gz', "$parts[0]$parts[1]" );
    update_is( $copied, 0, qr/: 5 records of 1 log counted/, 'a log' );
    my $told = qr{^\[cdn\]: no new logs to count\n\S+ warning: \S+ holds the same log as \S+; [^\n]*\n\z};
    my $put_copy = sub {
        my $data = '';
        foreach my $part (@parts) {
            gzip( \$part, \my $member ) or die;
            $data .= $member;
        }
        write_file( $copied->source . "/$_[0]", $data );
    };
    $put_copy->('parts.gz');
    update_is( $copied, 0, $told,                                  'a copy, a dry run', '--dry-run' ) foreach 1, 2;
    update_is( $copied, 0, $told,                                  'a copy' );
    update_is( $copied, 0, qr/^\[cdn\]: no new logs to count\n\z/, 'a copy, once more' );
    write_file( $copied->source . '/plain.log', join '', @parts );
    update_is( $copied, 0, $told, 'a copy that is known before it is read, a dry run', '--dry-run' );
    write_file( $copied->source . '/plain2.log', join '', @parts );
    update_is( $copied, 0, $told, 'a copy that is known before it is read' );
    $put_copy->('parts2.gz');
    $copied->deliver( records(3) );
    update_is(
        $copied, 0,
        qr/^\[cdn\]: 3 records of 1 log counted in [^\n]*\n\S+ warning: \S+parts2\.gz holds /,
        'a copy beside a new log'
    );
    is( hits($copied), 8, 'everything once' );
}

# The months that the summary names are those in which something was counted.
foreach my $native ( '', 'native=off' ) {
    my $months = CountedSite->new( parameters => $native, config => qq(HostAliases="d1.cloudfront.net"\n) );
    my $record = sub { return CountedSite::record("$_[0]-05 10:00:00") };
    my $left_out = sub { return $record->(@_) =~ s/d1[.]cloudfront/other/r };
    $months->deliver( $left_out->('2026-09'), records(5), $record->('2099-01') );
    foreach my $words ( 'would be counted', 'counted' ) {
        update_is(
            $months, 0,
            qr/^\[cdn\]: 5 of 7 records of 1 log $words in \S+ s: 2026-10\n/,
            "months, $native $words",
            $words eq 'counted' ? () : '--dry-run'
        );
    }
    $months->deliver( $record->('2026-08'), $record->('2026-09'), $left_out->('2026-10') );
    update_is(
        $months, 0,
        qr/^\[cdn\]: 2 of 3 records of 1 log counted in \S+ s: 2026-08, 2026-09\n/,
        "months, $native older ones"
    );
}

# ---- logs that are not all good ----

$site->deliver_as( 'E1EXAMPLE.2026-10-05-20.99999999.gz', 'no log' );
$site->deliver( records(3) );
update_is(
    $site, 0,
    qr/\A\[cdn\]:\ 3\ records\ of\ 1\ log\ counted.*\n
        awstats-cloudfront:\ \S+99999999[.]gz:\ left\ out\ until\ it\ can\ be\ read:.*\n\z/x,
    'an unreadable log is named'
);
is( hits($site), 36, 'the others are counted' );
update_is(
    $site, 0,
    qr/\A\[cdn\]: no new logs to count\nawstats-cloudfront: 1 object, .* still cannot be read/,
    'a log that still cannot be read is not counted'
);
unlink $site->source . '/E1EXAMPLE.2026-10-05-20.99999999.gz';

# ---- records that AWStats leaves out ----

my $strict = CountedSite->new;
my $config = "$strict->{load}$strict->{config}LogFile=\"site:cdn\"\n";
$strict->awstats->config( 'site',
    $config =~ s/^HostAliases=.*/HostAliases="www.example.com"/mr . "SkipHosts=\"192.0.2.9\"\n" );
$strict->deliver( records( 2, path => '/a.html' ), records( 1, host => '192.0.2.9' ) );
update_is(
    $strict, 0,
    qr/\A\[cdn\]:\ 2\ of\ 3\ records\ of\ 1\ log\ counted.*\n
        awstats-cloudfront:\ \[cdn\]:\ 1\ of\ 3\ records\ is\ left\ out\ by\ the\ configuration's\ own\ lists\ \(SkipHosts\)\n\z/x,
    'a record that is left out'
);

# ---- failures: one line, nothing lost, nothing twice ----

my $rude = CountedSite->new( config => "LoadPlugin=\"rude\"\n" );
with_plugin( $rude, 'return 0' );
$rude->deliver( records(5) );
update_is( $rude, 0, qr/: 5 records of 1 log counted/, 'a plugin of AWStats itself' );
foreach my $case (
    [ 'a die',    'die "rude: no\n"',         qr/^awstats-cloudfront: \[cdn\]: rude: no\n\z/ ],
    [ 'an error', 'error("rude: bad")',       qr/^awstats-cloudfront: \[cdn\]: rude: bad\n\z/ ],
    [ 'a crash',  'kill "SEGV", $$; sleep 9', qr/^awstats-cloudfront: \[cdn\]: .* signal 11 \(Segmentation .*\n\z/ ],
    [ 'a kill',   'kill "KILL", $$; sleep 9', qr/^awstats-cloudfront: \[cdn\]: .* signal 9 \(Killed\).*\n\z/ ],
    [
        'Ctrl-C',
        'kill "INT", $$; sleep 9',
        qr/^awstats-cloudfront: \[cdn\]: the update was ended by signal 2 \(Interrupt\); .*\n\z/
    ],
    [ 'an exit',  'exit 0',                         qr/^awstats-cloudfront: \[cdn\]: .*\n\z/ ],
    [ 'an _exit', 'require POSIX; POSIX::_exit(0)', qr/^awstats-cloudfront: \[cdn\]: .* exit status 0 before .*\n\z/ ],
  )
{
    my ( $what, $code, $line ) = @$case;
    local $ENV{ASAN_OPTIONS} = "$ENV{ASAN_OPTIONS}:handle_segv=0";
    with_plugin( $rude, $code );
    $rude->deliver( records(2) );
    my $before = hits($rude);
    update_is( $rude, 1, $line, $what );
    is( hits($rude), $before, 'the history is as before' );
    with_plugin( $rude, 'return 0' );
    update_is( $rude, 0, qr/^\[cdn\]: 2 records of 1 log counted.*\n\z/, 'the next update counts all' );
    is( hits($rude), $before + 2, 'once' );
}
is_deeply( [ grep { !/^awstats102026\.site\.txt$/ } @{ $rude->awstats->data_files } ], [], 'no other files are left' );

# ---- another run of the site ----

$site->deliver( records(1) );
foreach my $case ( [ 'the ledger', "$folder/state/cdn.db.lock" ],
    [ 'the history', "$folder/data/awstats.site.cloudfront.lock" ] )
{
    my ( $what, $path ) = @$case;
    open my $lock, '+<', $path or die "$path: $!\n";
    flock $lock, LOCK_EX;
    update_is( $site, 3, qr/^awstats-cloudfront: (?:\[cdn\]: )?.*\n\z/, "another run has $what" );
}
update_is( $site, 0, qr/: 1 record of 1 log counted/, 'after the other run, the update counts' );

# ---- the plugin beside the program ----

{
    my $built = dirname( AWStats::helper() ) . '/plugin';
    my $place = "$folder/place";
    my $program = "$place/awstats-cloudfront";
    make_path("$place/plugin/plugins");
    copy( AWStats::helper(), $program ) && chmod 0755, $program or die "$program: $!\n";
    copy( "$built/cloudfront.pm", "$place/plugin/plugins/cloudfront.pm" ) or die "$place: $!\n";
    symlink "$built/$_", "$place/plugin/plugins/$_" foreach qw(cloudfront pop.tsv);
    my ($version) = content("$built/version") =~ /(.+)/;

    foreach my $case ( [ '0.0', "0.0\n" ], ['unknown'] ) {
        my ( $other, $text ) = @$case;
        write_file( "$place/plugin/plugins/version", $text ) if $text;
        my $line = "the AWStats plugin in $place/plugin is of version $other, and this program of version $version; "
          . 'install both from the same version';
        ( $status, $output, $error ) = run( $program, 'update', "--config=$folder/sites.conf", '--site=cdn' );
        is( "$status$output$error", "1awstats-cloudfront: [cdn]: $line\n", "a plugin of another version: $other" );
        ( $status, $output, $error ) = run( $program, "--awstats=$folder/awstats.pl", 'awstats', '-config=site' );
        is( "$status$output$error", "1awstats-cloudfront: $line\n", 'awstats says so, too' );
        unlink "$place/plugin/plugins/version";
    }
    write_file( "$place/plugin/plugins/version", "$version\n" );
    ( $status, $output, $error ) = run( $program, 'update', "--config=$folder/sites.conf", '--site=cdn' );
    is( "$status$output$error", "0[cdn]: no new logs to count\n", 'a plugin of the same version' );
}

# ---- what is missing ----

make_path("$folder/a+b");
copy( "$folder/awstats.site.conf", "$folder/a+b/awstats.x.conf" ) or die "$folder/a+b: $!\n";

foreach my $case (
    [ 'awstats = /no/awstats.pl', qr{\[cdn\]: /no/awstats\.pl: .* correct the setting "awstats" of the site\n} ],
    [ 'awstats-config = none',    qr/\[cdn\]: awstats\.none\.conf was not found/ ],
    [ "awstats-config = $folder/awstats.x.conf", qr{\[cdn\]: \Q$folder\E/awstats\.x\.conf: there is no such } ],
    [
        "awstats-config = $folder/a+b/awstats.x.conf",
        qr{\[cdn\]: \Q$folder\E/a\+b/awstats\.x\.conf: awstats\.pl cannot read a configuration with such a path}
    ],
    [ 'awstats-config = site.conf/x', qr/awstats-config.*: must be the NAME of awstats\.NAME\.conf/ ],
    [ 'report = here',                qr/must be the absolute path of a folder/ ],
  )
{
    my ( $setting, $line ) = @$case;
    my ($name) = $setting =~ /^(\S+)/;
    my $sites = content("$folder/sites.conf") =~ s/^\Q$name\E = .*\n//mr . "$setting\n";
    write_file( "$folder/wrong.conf", $sites );
    ( $status, $output, $error ) = run( AWStats::helper(), 'update', "--config=$folder/wrong.conf", '--site=cdn' );
    is( "$status$output", '1', "$setting: fails" );
    like( $error, qr/^awstats-cloudfront: .*$line/, "$setting: the message says what to correct" );
}
$site->awstats->config( 'site', "LogFile=\"/var/log/x\"\nLogFormat=1\n" );
update_is(
    $site, 1,
    qr/\[cdn\]: \S+ has LogFormat="1" and LogFile="\/var\/log\/x".* write LoadPlugin="cloudfront"/,
    'a configuration of another log'
);
{
    my $lines = "$site->{config}LogFile=\"site:cdn\"\n";
    my $others = "LoadPlugin=\"other cloudfront\"\nLoadPlugin=\"notcloudfront\"\n#LoadPlugin=\"cloudfront\"\n";
    $site->awstats->config( 'site', "$lines$others" );
    update_is(
        $site, 1,
        qr/\Aawstats-cloudfront: \[cdn\]: \S+ does not load the plugin,.* write LoadPlugin="cloudfront" into it\n\z/,
        'a configuration that does not load the plugin'
    );
    $site->awstats->config( 'site', "$lines$site->{load}LoadPlugin=\"tooltips\"\n" );
    update_is( $site, 0, qr/: no new logs to count$/, 'one that loads another plugin after it' );
}

$site->deliver( records(1) );
foreach my $case (
    [ "my \$a = 1;\nmy \$b = (1;\nif (\$a) {\n}\n} else\n", qr{syntax error at \S+/broken\.pl line 2, near .*} ],
    [ "print \"hello\\n\";\n", qr{\S+/broken\.pl is no AWStats that the plugin can work with: it has no variable .*} ],
  )
{
    my ( $text, $line ) = @$case;
    write_file( "$folder/broken.pl", $text );
    update_is(
        $site, 1,
        qr{\Aawstats-cloudfront: \[cdn\]: $line\n\z},
        'a broken awstats.pl',
        "--awstats=$folder/broken.pl"
    );
}
{
    local $ENV{TMPDIR} = "$folder/none";
    update_is(
        $site, 1,
        qr/\Aawstats-cloudfront: \[cdn\]: no temporary file can be made in \Q$folder\E\/none: .*\n\z/,
        'no folder for temporary files'
    );
}

# ---- several sites ----

my $two = CountedSite->new;
my $home = $two->folder;
my $settings = content("$home/sites.conf");
write_file( "$home/sites.conf",
        "$settings\n[video]\nsource = $home/video\nstate = $home/state/video.db\n"
      . "awstats = $home/awstats.pl\nawstats-config = video\n[gone]\nsource = $home/gone\nstate = $home/state/gone.db\n"
);
make_path("$home/video");
$two->awstats->config( 'video', "$two->{load}$two->{config}LogFile=\"site:video\"\n" );
$two->deliver( records(4) );
write_file( "$home/video/E2.2026-10-05-09.00000001", content( $two->source . '/' . ( $two->deliver( records(6) ) ) ) );
update_is( $two, 0, qr/^\[video\]: 6 records of 1 log counted/m, 'two sites', '--site=video' );
is( hits($two),                                                          10, 'two sites: the history of the first' );
is( ( $two->awstats->section( 'video', 'DAY' )->{20261005} // [] )->[1], 6,  'two sites: the history of the second' );
update_is(
    $two, 0,
    qr/\A\[cdn\]: no new logs to count\n\z/,
    'a site that is named twice is updated once', '--site=cdn'
);
$two->deliver( records(1) );
update_is( $two, 1, qr/^\[cdn\]: 1 record of 1 log counted/m, 'one of all fails', '--all' );
update_is( $two, 1, qr/^awstats-cloudfront: \[gone\]: .*\n/m, 'it says so',       '--all' );

my $both = content("$home/sites.conf");
write_file( "$home/sites.conf", "[typo]\nsource = /\nregoin = x\n$both" =~ s/^\[gone\].*//msr );
$two->deliver( records(1) );
update_is(
    $two, 1,
    qr/^\[cdn\]: 1 record of 1 log counted/m,
    'a section with an error does not stop the others', '--all'
);
update_is( $two, 1, qr/^\[video\]: no new logs to count\n/m, 'which are updated', '--all' );
update_is( $two, 1, qr{^awstats-cloudfront: \Q$home\E/sites\.conf:3: regoin: unknown setting; did you mean region}m,
    'it says so', '--all' );
update_is(
    $two, 0,
    qr/\A\[cdn\]: no new logs to count\n\z/,
    'a section with an error does not stop a site that is named alone'
);

# ---- a bucket: transfers go on beside perl ----

{
    local @ENV{qw(AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY)} = qw(test test);
    my $log = "#Version: 1.0\n#Fields: @{[ CountedSite::fields() ]}\n" . CountedSite::record('2026-10-05 10:00:00');
    my $store = CannedStore->new(
        log  => $log,
        keys => [ map { sprintf 'cdn/E1.2026-10-05-%02d.%08x.gz', $_ % 24, $_ } 1 .. 120 ]
    );
    my $bucket = CountedSite->new( settings => "region = us-east-1\nendpoint = " . $store->endpoint );
    my $path = $bucket->folder . '/sites.conf';
    write_file( $path, content($path) =~ s{^source = .*}{source = s3://logs/cdn/}mr );
    update_is( $bucket, 0, qr/^\[cdn\]: 120 records of 120 logs counted/, 'a bucket' );
    is( hits($bucket), 120, 'all its records' );
    update_is( $bucket, 0, qr/^\[cdn\]: no new logs to count\n\z/, 'nothing new in it' );
    write_file( $path, content($path) =~ s{^endpoint = .*}{endpoint = http://127.0.0.1:9}mr );
    update_is( $bucket, 1, qr/\Aawstats-cloudfront: .*\n\z/, 'a bucket that does not respond' );
}

# ---- root ----

SKIP: {
    skip 'only root can become another user', 5 if $> != 0;
    my $other = CountedSite->new( config => "LoadPlugin=\"rude\"\n" );
    my $nobody = getpwnam 'nobody';
    my $below = $other->folder;
    $other->deliver( records(7) );
    make_path("$below/state");
    with_plugin( $other, <<"END" );
        open my \$file, '>', "$below/data/user" or error("user: \$!");
        print \$file "\$< \$> \$( \$)\\n";
        close \$file;
        return 0;
END
    chmod 0755, $below;
    chown $nobody, -1, "$below/state", "$below/data";
    update_is(
        $other, 0,
        qr/as the user nobody, who owns the ledger file or DirData$/m,
        'the owner of the ledger runs the update', '-v'
    );
    is( hits($other), 7, 'it counts' );

    # The files of this program are given to the owner by root as well; those of a plugin are its own.
    my ($group) = ( getpwnam 'nobody' )[3];
    is( content("$below/data/user"), "$nobody $nobody $group $group $group $group\n", 'perl has no right of root' );
    is_deeply( [ grep { ( stat $_ )[4] != $nobody } glob "$below/state/* $below/data/*" ], [], 'no file is of root' );
}

done_testing;
