#!/usr/bin/perl
# setup as root, with the paths of an installation: all belongs to the user who owns AWStats' history, this user looks at
# the logs and runs the check, the timer is enabled, and AWStats counts the site with what setup has written.  The test
# runs in a mount namespace, in which /etc/awstats, /var, /run and /usr/local are empty folders of its own.
use strict;
use warnings;
use Test::More;
use File::Basename qw(dirname);
use File::Path     qw(make_path remove_tree);
use File::Temp     qw(tempdir);
use FindBin        qw($Bin);
use JSON::XS       ();
use lib "$Bin/lib";
use AWStats;
use OwnMachine ();
use Program    qw(content run write_file);

my $missing = OwnMachine::missing();
plan skip_all => $missing if $missing;
if ( !$ENV{SETUP_NAMESPACE} ) {
    local $ENV{SETUP_NAMESPACE} = 1;
    exec 'unshare', '-m', '-n', $^X, $0 or die "unshare: $!\n";
}
OwnMachine::raise_loopback();    # there is no other network, and none of EC2's services

my ( $user, $group ) = ( getpwnam 'www-data' )[ 2, 3 ];
my $dir = tempdir( CLEANUP => 1, DIR => '/tmp' );
my $helper = '/usr/local/bin/awstats-cloudfront';
my $built = AWStats::helper();
chmod 0755, $dir;
delete @ENV{ grep { /^AWS_|_proxy\z/i } keys %ENV };

# ---- an installation ----------------------------------------------------------------------------
sub command {
    my @command = @_;
    system(@command) == 0 or die "@command: $?\n";
    return;
}
make_path("$dir/built");
command( 'cp',    '-a', $built, dirname($built) . '/awstats-conf', dirname($built) . '/plugin', "$dir/built" );
command( 'mount', '--make-rprivate', '/' );
command( 'mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', $_ ) foreach qw(/etc/awstats /var /run /usr/local);
make_path( '/var/tmp', { mode => 01777 } );
chmod 01777, '/var/tmp';
make_path(qw(/usr/local/bin /usr/local/share /run/systemd/system /var/www));
command( 'cp',    "$dir/built/awstats-cloudfront", $helper );
command( 'cp',    '-a',     "$dir/built/awstats-conf", '/usr/local/share/awstats-cloudfront' );
command( 'mount', '--bind', "$dir/built/plugin",       '/usr/share/awstats/plugins' );
write_file( '/run/systemd/system/awstats-cloudfront@.timer',   "[Timer]\nOnCalendar=hourly\n" );
write_file( '/run/systemd/system/awstats-cloudfront@.service', "[Service]\nType=oneshot\nUser=www-data\n" );

# In systemctl's place: "enable" and "disable" make and remove a file, unless the test says that they fail.
make_path("$dir/bin");
write_file( "$dir/bin/systemctl", <<"END" );
#!/bin/sh
echo "\$*" >>$dir/systemctl
case \$1 in
is-enabled) test -e "$dir/enabled-\$3" ;;
enable) touch "$dir/enabled-\$3"; test ! -e $dir/fail || { echo "Unit is masked." >&2; exit 1; } ;;
disable) rm -f "$dir/enabled-\$3" ;;
esac
END
chmod 0755, "$dir/bin/systemctl";
$ENV{PATH} = "$dir/bin:$ENV{PATH}";

make_path("$dir/logs");
command( 'cp', '-r', "$Bin/data/download/.", "$dir/logs" );
my $timer = "$dir/enabled-awstats-cloudfront\@cdn.timer";
my $ledger = '/var/lib/awstats-cloudfront/cdn.db';
my ( $conf, $report ) = qw(/etc/awstats/cloudfront.conf /etc/awstats/awstats.cdn.conf);

# Makes /var/lib as the package awstats does, /etc/awstats empty, and the timer disabled.
sub begin {
    remove_tree( '/var/lib', $timer, glob '/etc/awstats/*' );
    make_path('/var/lib/awstats');
    chown $user, $group, '/var/lib/awstats';
    return;
}

# Mode and owner of a file, as "640 root:www-data".
sub dress {
    my @stat = stat $_[0] or return "none: $_[0]";
    return sprintf '%o %s:%s', $stat[2] & 07777, scalar getpwuid $stat[4], scalar getgrgid $stat[5];
}

# Each test begins with nothing made; MADE is what must be there after a run that makes nothing.
sub is_nothing {
    my ($name) = @_;
    is_deeply( [ grep { -e } glob '/etc/awstats/* /etc/awstats/.*.setup /var/lib/awstats-cloudfront' ],
        [], "$name: nothing is made" );
    ok( !-e $timer, "$name: no timer is enabled" );
    return;
}

# ---- Debian -------------------------------------------------------------------------------------
begin();
my ( $status, $out, $err ) = run( $helper, 'setup', 'cdn', "$dir/logs", '--yes' );
is( $status,        0,                   'Debian: exit status' ) or diag( $out, $err );
is( dress($conf),   '640 root:www-data', 'the configuration can be read by the user of the updates' );
is( dress($report), '644 root:root',     'the AWStats configuration' );
is( dress('/var/lib/awstats-cloudfront'), '750 www-data:www-data', 'the folder of the ledger' );
like( content($report), qr{^DirData="/var/lib/awstats"$}m, 'the history is where Debian has it' );
like(
    content($report),
    qr{^Include "/usr/local/share/awstats-cloudfront/cloudfront-download\.conf"$}m,
    'what is installed is included'
);
like( content($report), qr{^LoadPlugin="cloudfront"$}m, 'the plugin needs no parameter' );
unlike( content($conf), qr/^state/m, 'the ledger is where it is without a setting' );
ok( -e $timer, 'the timer is enabled' );
like( content("$dir/systemctl"), qr/^enable --now awstats-cloudfront\@cdn\.timer$/m, 'the timer is started' );
like( $out,                      qr/^made  timer: awstats-cloudfront\@cdn\.timer$/m, 'the timer is named' );
like( $out, qr/^ok    user: www-data owns DirData, and runs this check$/m,           'check runs as www-data' );
like(
    $out,
    qr/^ok    hosts: records in the newest logs: \d+, all for SiteDomain or HostAliases$/m,
    'all hosts are listed'
);
like( $out, qr{^    sudo $helper update --site cdn --report FOLDER$}m, 'how to see the report' );
unlike( $out, qr/\* \* \*|^FAIL|^warn  (?:report|timer)/m, 'no line for cron, and nothing that fails' );

# AWStats counts.
my @as_user = ( 'setpriv', "--reuid=$user", "--regid=$group", '--clear-groups' );
( $status, $out ) = run( { together => 1 }, @as_user, 'perl', '/usr/lib/cgi-bin/awstats.pl', '-config=cdn', '-update' );
is( $status, 0, 'AWStats as www-data: exit status' ) or diag($out);
my @history = glob '/var/lib/awstats/awstats*.cdn.txt';
cmp_ok( scalar @history, '>', 0, 'AWStats writes the history' );
is( dress($ledger), '600 www-data:www-data', 'the ledger is that of www-data' );
( $status, $out ) = run( $helper, 'status', '--json', '--site', 'cdn' );
is( JSON::XS::decode_json($out)->[0]{objects}, scalar( () = glob "$dir/logs/*" ), 'all objects are counted' );

# Again, and taken back.
( $status, $out ) = run( $helper, 'setup', 'cdn', "$dir/logs" );
is( $status, 0, 'again: exit status' ) or diag($out);
like( $out, qr/^ok    setup: cdn is set up already; nothing is changed$/m, 'again: says so' );
like( $out, qr/^kept  timer: /m,                                           'again: the timer is kept' );
( $status, $out, $err ) = run( $helper, 'setup', '--remove', 'cdn' );
is( $status, 0, 'the removal: exit status' ) or diag( $out, $err );
like( $out, qr/^gone  $_: /m,                  "gone: the $_" ) foreach qw(timer configuration report);
like( $out, qr/^left  ledger: \Q$ledger\E: /m, 'left: the ledger' );
like( $out, qr{^left  history: /var/lib/awstats: ${\ scalar @history} files }m, 'left: the history' );
ok( !-e $timer, 'the timer is disabled' );
is_deeply( [ glob '/etc/awstats/*' ], [], 'no file is left in /etc/awstats' );
ok( -e $ledger && -e $history[0], 'ledger and history are there' );

# ---- failures -----------------------------------------------------------------------------------
begin();
write_file( "$dir/fail", '' );
( $status, $out, $err ) = run( $helper, 'setup', 'cdn', "$dir/logs", '--yes' );
is( $status, 1, 'the timer cannot be enabled: exit status' );
is(
    $err,
"awstats-cloudfront: nothing was made: \"systemctl enable --now awstats-cloudfront\@cdn.timer\" failed: Unit is masked.\n",
    'the timer cannot be enabled: message'
);
is_nothing('the timer cannot be enabled');
unlink "$dir/fail";

( $status, $out, $err ) = run( $helper, 'setup', 'cdn', "$dir/logs", '--yes', '--no-timer' );
is( $status, 0, '--no-timer: exit status' ) or diag( $out, $err );
ok( !-e $timer, '--no-timer: it is not enabled' );
like( $out, qr{^    \d+ \* \* \* \* www-data $helper update --quiet --site cdn$}m, '--no-timer: the line for cron' );

begin();
chmod 0700, "$dir/logs";
( $status, $out, $err ) = run( $helper, 'setup', 'cdn', "$dir/logs", '--yes' );
chmod 0755, "$dir/logs";
is( $status, 1, 'www-data may not read the logs, and root may: exit status' );
like( $out, qr{^FAIL  source: \Q$dir\E/logs: Permission denied}m, 'www-data may not read the logs: says why' );
is_nothing('www-data may not read the logs');

( $status, $out, $err ) =
  run( 'setpriv', '--reuid=65534', '--clear-groups', $helper, 'setup', 'cdn', "$dir/logs", '--yes' );
is( $status, 1, 'another user than root: exit status' );
like(
    $err,
qr{\A\S+ this user may not make files in /etc/awstats; run the command with sudo, or, .* --config FILE in a folder of yours\n\z},
    'another user than root: one line'
);
is_nothing('another user than root');

begin();
write_file( $report, qq(LogFile="/usr/bin/awstats-cloudfront cat --commit --site cdn |"\n) );
( $status, $out, $err ) = run( $helper, 'setup', 'cdn', "$dir/logs", '--yes' );
is( $status, 1, 'a pipe counts the site: exit status' );
like(
    $err,
    qr{\A\S+ \Q$report\E counts the site already, by a pipe from awstats-cloudfront cat; .*\n\z},
    'a pipe counts the site: says so'
);
begin();

# A history that the service may not write, of another user, and logs that it may not read.
make_path("$dir/history");
chown 1, 1, "$dir/history";
( $status, $out, $err ) =
  run( $helper, 'setup', 'cdn', '/home/nobody/logs', '--domain', 'www.example.com', '--dirdata', "$dir/history" );
my $daemon = getpwuid 1;
my $lines = "[Service] User=$daemon ProtectHome=read-only ReadWritePaths=$dir/history";
like(
    $out,
    qr{^warn  timer: .* "systemctl edit awstats-cloudfront\@cdn\.service" .*: \Q$lines\E$}m,
    'a service that may not do all: what a drop-in must have'
);
begin();

# The keys of root's environment are not those of the timer.
{
    local @ENV{qw(AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY)} = qw(AKIAX secret);
    ( $status, $out, $err ) = run( $helper, 'setup', 'cdn', 's3://logs/cdn/', '--domain', 'www.example.com' );
}
is( $status, 4, 'keys in the environment of root: the site is set up, and check fails' );
like( $out, qr/^FAIL  credentials: no AWS credentials/m, 'keys in the environment of root: not used' );
like(
    $err,
    qr/run: sudo -u www-data awstats-cloudfront check --site=cdn$/,
    'keys in the environment of root: setup says how to check again'
);
like(
    $out,
qr{^warn  credentials: AWS_ACCESS_KEY_ID .* the user www-data need a profile in /var/www/\.aws/credentials, or the keys in /etc/awstats/cloudfront\.env$}m,
    'keys in the environment of root: says where they belong'
);

# The service of the timer reads these files.
begin();
write_file( '/etc/awstats/cloudfront.env', "# keys\nAWS_ACCESS_KEY_ID=AKIAX\nAWS_SECRET_ACCESS_KEY='first'\nX=y\n" );
write_file( '/etc/awstats/cloudfront.cdn.env', "AWS_ACCESS_KEY_ID=\"AKIAOTHERKEY1234\"\n" );
chmod 0600, glob '/etc/awstats/*.env';
( $status, $out, $err ) =
  run( $helper, 'setup', 'cdn', 's3://logs/cdn/', '--domain', 'www.example.com', '--endpoint', 'http://127.0.0.1:1' );
like(
    $out,
    qr/^ok    credentials: .* from the environment, .* key ID \.\.\.1234$/m,
    'keys in the environment files of the service: used'
);
make_path('/usr/local/lib/awstats-cloudfront');
symlink '/usr/share/awstats/plugins', '/usr/local/lib/awstats-cloudfront/plugins' or die;

foreach my $command (qw(check update)) {
    ( $status, $out, $err ) = run( $helper, $command, '--site', 'cdn' );
    is( $status, 1, "$command of root: exit status" );
    unlike( "$out$err", qr/no AWS credentials/, "$command of root: uses these keys" );
    like( "$out$err", qr/127[.]0[.]0[.]1/, "$command of root: and tries to connect" );
}
( $status, $out, $err ) = run( @as_user, $helper, 'check', '--site', 'cdn' );
like(
    $out,
qr{^warn  credentials: .* take their keys from /etc/awstats/cloudfront[.]env, .* run: sudo awstats-cloudfront check --site=cdn$}m,
    'check of a user who may not read them'
);
{
    local $ENV{AWS_ACCESS_KEY_ID} = 'AKIAOTHERKEYMINE';
    ( $status, $out ) = run( $helper, 'check', '--site', 'cdn' );
    like( $out, qr/^ok    credentials: .* key ID [.]{3}MINE$/m, 'a variable that is set goes before the files' );
}

# ---- without Debian's folder --------------------------------------------------------------------
begin();
rmdir '/var/lib/awstats' or die;
( $status, $out, $err ) = run( $helper, 'setup', 'cdn', "$dir/logs", '--yes' );
is( $status, 0, 'no /var/lib/awstats: exit status' ) or diag( $out, $err );
is(
    dress('/var/lib/awstats-cloudfront/cdn'),
    '750 www-data:www-data',
    'no /var/lib/awstats: the history is beside the ledger'
);
like( content($report), qr{^DirData="/var/lib/awstats-cloudfront/cdn"$}m, 'no /var/lib/awstats: DirData' );
( $status, $out, $err ) = run( $helper, 'setup', '--remove', 'cdn' );
is_deeply( [ grep { -e } glob '/etc/awstats/* /var/lib/*' ], [], 'no /var/lib/awstats: nothing is left' )
  or diag( $out, $err );

done_testing;
