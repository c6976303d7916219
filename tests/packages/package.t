#!/usr/bin/perl
# The Debian package, installed by apt: what is there, who owns it, updates of the sample logs, an upgrade, removing and
# purging, after which nothing of the package is left.
#
#   perl tests/packages/package.t OLDER.deb NEWER.deb
#
# Installs and removes packages, as root: for the Debian of its own that .ci/check-deb makes.  That has the package's
# dependencies and awstats already.
use strict;
use warnings;
use Test::More;
use File::Find qw(find);
use FindBin    qw($Bin);

my ( $older, $newer ) = @ARGV;
die "usage: perl tests/packages/package.t OLDER.deb NEWER.deb\n" if !$newer;
$ENV{DEBIAN_FRONTEND} = 'noninteractive';

my $state = '/var/lib/awstats-cloudfront';
my $config = '/etc/awstats/cloudfront.conf';
my $wanted = '/etc/systemd/system/timers.target.wants';
my $timer = "$wanted/awstats-cloudfront\@cdn.timer";
my $logs = '/srv/logs';
my @samples = sort glob "$Bin/../data/download/*.gz";
cmp_ok( scalar @samples, '>', 10, 'there are sample logs' );

my %before = files();
ok( !exists $before{$state}, 'nothing of the package is there before' );

# ---- a first installation ----

my $depends = run("dpkg-deb -f $older Depends");
like( $depends, qr/(?:^|, )\Q$_\E/, "it depends on $_" )
  foreach qw(libcurl libdeflate libisal libperl5. libsnappy libsqlite3 libzstd perlapi-5.);
apt( 'install', $older );
my $first = version();
is( owner($state), 'www-data:www-data 0750', 'the folder of the ledgers belongs to www-data, and is closed to others' );
is( owner('/var/cache/awstats-cloudfront'),        'www-data:www-data 0750', 'the folder for reports does, too' );
is( owner($config),                                'root:www-data 0640',     'www-data may read the configuration' );
is( scalar( grep { !/^(?:;|$)/ } lines($config) ), 0,                        'which has comments only' );
like( run('awstats-cloudfront --version'), qr/\b\Q$first\E\b/, 'the program tells the version of the package' );
my $check = run( "awstats-cloudfront check $Bin/../data/download", 'any' );
like(
    $check,
    qr{^ok +plugin: /usr/share/awstats/plugins/cloudfront\.pm, version \Q$first\E$}m,
    'AWStats finds the plugin, which loads, and is of the same version'
);

foreach my $page ( grep { m{/man\d/} } package_files() ) {
    like( run("gzip -dc $page"), qr/^\.(?:Dd|so|TH)/m, "a manual page: $page" );
}

# ---- a site ----

mkdir $logs or die "$logs: $!\n";
run( "cp -p @samples[ 0 .. $#samples / 2 ] $logs", 'ok' );
my ( $main_help, $knows_setup ) = run( 'awstats-cloudfront --help', 'ok' );
$knows_setup = $main_help =~ /^\s+setup\b/m;
if ($knows_setup) {
    run( "awstats-cloudfront setup cdn $logs --yes --domain www.example.com",                      'ok' );
    run( "awstats-cloudfront setup changed $Bin/../data/streaming --yes --domain www.example.com", 'ok' );
    append( '/etc/awstats/awstats.changed.conf', "# somebody's own\n" );
    is( owner($config), 'root:www-data 0640', 'setup keeps owner and mode of the configuration' );
}
else {
    append( $config,                         "[cdn]\nsource = $logs\n" );
    append( '/etc/awstats/awstats.cdn.conf', <<'END');
Include "/usr/share/awstats-cloudfront/cloudfront-download.conf"
LoadPlugin="cloudfront"
LogFormat="cloudfront"
LogFile="site:cdn"
SiteDomain="www.example.com"
HostAliases="REGEX[.]"
DirData="/var/lib/awstats"
END
}
symlink '/usr/lib/systemd/system/awstats-cloudfront@.timer', $timer
  if -d $wanted || run( "mkdir -p $wanted", 'ok' ) || 1;

update('the first update');
cmp_ok( hits(), '>', 0, 'counts records' );
is( hits(), records( @samples[ 0 .. $#samples / 2 ] ), 'all of them' );
my @strangers = grep { owner($_) !~ /^www-data:/ } glob("$state/* /var/lib/awstats/*");
is( "@strangers", '', 'all files of the update belong to www-data' );

# ---- an upgrade ----

my $written = join '', lines($config);
apt( 'install', $newer );
isnt( version(), $first, 'an upgrade: another version' );
like( run('awstats-cloudfront --version'), qr/\b\Q${\ version()}\E\b/, 'an upgrade: of the program' );
is( join( '', lines($config) ), $written,             'an upgrade: the configuration stays' );
is( owner($config),             'root:www-data 0640', 'an upgrade: and its mode' );
run( "cp -p @samples $logs", 'ok' );
update('an update after the upgrade');
is( hits(), records(@samples), 'an upgrade: each record is counted once' );

# The cron job of the package awstats.
run( as_user( 'www-data', '/usr/share/awstats/tools/update.sh' ), 'ok' );
is( hits(), records(@samples), "AWStats' own cron job counts nothing twice" );

# ---- removing ----

apt( 'remove', 'awstats-cloudfront' );
ok( !-e '/usr/bin/awstats-cloudfront' && !-l '/usr/share/awstats/plugins/cloudfront.pm',
    'removed: program and plugin' );
ok( -e "$state/cdn.db" && -e $config, 'removed: ledger and configuration stay' );
apt( 'install', $newer );
update('an update after a removal and another installation');
is( hits(), records(@samples), 'installed again: nothing is counted twice' );

apt( 'purge', 'awstats-cloudfront' );
my %after = files();
ok( -e '/etc/awstats/awstats.changed.conf', 'purged: a configuration that was changed after setup stays' )
  if $knows_setup;
my @history = grep { m{^/var/lib/awstats/} } keys %after;
cmp_ok( scalar @history, '>', 0, 'purged: the AWStats history stays' );
delete @after{ @history, $knows_setup ? '/etc/awstats/awstats.changed.conf' : '/etc/awstats/awstats.cdn.conf' };
is_deeply( [ grep { !exists $before{$_} } sort keys %after ], [], 'purged: nothing else is left' );
is_deeply( [ grep { !exists $after{$_} } sort keys %before ], [], 'purged: nothing else is gone' );
is_deeply( [ grep { exists $after{$_} && $before{$_} ne $after{$_} } sort keys %before ],
    [], 'purged: nothing is changed' );

# For the tests that follow in this Debian.
unlink @history, glob '/etc/awstats/awstats.c*.conf';
done_testing;

# ---- the machine ----

# Runs a command line of the shell.  Returns its output; EXPECT: 'ok', it must succeed; 'any', it may fail.
sub run {
    my ( $command, $expect ) = @_;
    my $output = `$command 2>&1`;
    my $status = $?;
    if ( ( $expect // 'ok' ) eq 'ok' && $status ) {
        fail($command);
        diag $output;
    }
    return $output;
}

sub apt {
    my ( $action, $package ) = @_;
    my $output = run( "apt-get -q -y --no-install-recommends $action $package </dev/null", 'ok' );
    unlike( $output, qr/^(?:dpkg: (?:warning|error)|.*not empty so not removed)/m, "apt-get $action $package" )
      or diag $output;
    return;
}

sub version {
    return run( q(dpkg-query -W -f '${Version}' awstats-cloudfront), 'ok' );
}

sub package_files {
    return split /\n/, run( 'dpkg -L awstats-cloudfront', 'ok' );
}

sub lines {
    my $path = shift;
    open my $file, '<', $path or die "$path: $!\n";
    return <$file>;
}

sub append {
    my ( $path, $text ) = @_;
    open my $file, '>>', $path or die "$path: $!\n";
    print {$file} $text;
    return close $file;
}

# USER:GROUP MODE
sub owner {
    my $path = shift;
    my @status = stat $path or return 'missing';
    return sprintf '%s:%s %04o', scalar getpwuid $status[4], scalar getgrgid $status[5], $status[2] & 07777;
}

# Returns the command line that runs COMMAND as systemd and cron do: with another user, and nearly no environment.
sub as_user {
    my ( $user, $command ) = @_;
    return "cd / && env -i PATH=/usr/bin:/bin setpriv --reuid=$user --regid=$user --init-groups $command";
}

# Runs what the timer runs, as its user; before there is the command update, what the cron job of awstats runs.
sub update {
    my $name = shift;
    my ($unit) = grep { m{/awstats-cloudfront\@\.service$} } package_files();
    my %setting = map { /^(\w+)=(.+)$/ ? ( $1 => $2 ) : () } lines($unit);
    my $command = $setting{ExecStart} =~ s/%i/cdn/r;
    $command = '/usr/lib/cgi-bin/awstats.pl -config=cdn -update' if $main_help !~ /^\s+update\b/m;
    my $output = run( as_user( $setting{User}, $command ) . '; echo "status $?"', 'any' );
    like( $output, qr/^status 0$/m, "$name: $command" ) or diag $output;
    return;
}

# The hits of all months in the history, viewed or not.
sub hits {
    my $hits = 0;
    foreach my $path ( glob '/var/lib/awstats/awstats*.cdn.txt' ) {
        my $section = '';
        foreach ( lines($path) ) {
            if    (/^BEGIN_(\w+)/)       { $section = $1; }
            elsif (/^END_/)              { $section = ''; }
            elsif ( $section eq 'TIME' ) { my @hour = split; $hits += $hour[2] + $hour[5]; }
        }
    }
    return $hits;
}

sub records {
    my @objects = @_;
    my ($records) = run( "awstats-cloudfront cat @objects | tail -n 1", 'ok' ) =~ /^#End: .*\brecords=(\d+)/;
    return $records;
}

# All files and folders of the system with their type, owner, mode and size; without the logs and caches of apt and
# dpkg, and what the kernel mounts.
sub files {
    my %files;
    my $skipped = qr{^/(?:dev|in-debian|proc|with|root|run|src|srv|sys|tmp|var/cache/apt|var/lib/apt|var/log)(?:/|$)
                    |^/var/lib/dpkg/(?:status|available|lock|triggers)|^/var/cache/(?:ldconfig|man|debconf)|^/etc/ld.so.cache$}x;
    find(
        {
            no_chdir => 1,
            wanted   => sub {
                my $path = $_;
                if ( $path =~ $skipped ) { $File::Find::prune = 1; return; }
                my @status = lstat $path or return;
                $files{$path} = join ' ', @status[ 2, 4, 5 ], -d _ ? () : $status[7];
            }
        },
        '/'
    );
    return %files;
}
