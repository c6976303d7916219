#!/usr/bin/perl
# The RPM package: it has the files of the Debian package; it is installed by rpm, makes its user, updates the sample logs
# as this user, and leaves nothing but configuration, ledger and history when it is removed.
#
#   perl tests/packages/rpm.t FILE.deb FILE.rpm
#
# Installs and removes packages, as root: for the Debian of its own that .ci/check-deb makes.  RPM does not know the
# packages of Debian, so it is told not to ask for dependencies; the package awstats of Debian is there.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);

my ( $deb, $rpm ) = @ARGV;
die "usage: perl tests/packages/rpm.t FILE.deb FILE.rpm\n" if !$rpm;
my $state = '/var/lib/awstats-cloudfront';
my $user = 'awstats-cloudfront';

# Debian 12's rpm wants to be told that it may install; a plugin of Debian 13's changes mounts, which a chroot does not allow.
my $anyway = '--nodeps --noplugins' . ( `rpm --help` =~ /(--force-debian)/ ? " $1" : '' );

clean();

# ---- what is in it ------------------------------------------------------------------------------
# The files of both, by their places in the RPM.
my %in_deb = map { $_ => 1 } map { rpm_path($_) } map { m{^[^d].*? \.(/\S+)} ? $1 : () } split /\n/,
  run("dpkg-deb -c $deb");
my %in_rpm = map { /^[^d]\S* (.*)/ ? ( $1 => 1 ) : () } split /\n/,
  run("rpm -qp --qf '[%{FILEMODES:perms} %{FILENAMES}\\n]' $rpm");
my $rpm_only = qr{^/usr/(?:share/licenses|lib/\.build-id)/|^/usr/share/doc/awstats-cloudfront/CHANGELOG\.md$};
cmp_ok( scalar keys %in_deb, '>', 40, 'the Debian package has files' );
is_deeply( [ grep { !$in_rpm{$_} } sort keys %in_deb ], [], 'each file of the Debian package is in the RPM' );
is_deeply( [ grep { !$in_deb{$_} && !/$rpm_only/ } sort keys %in_rpm ],
    [], 'each file of the RPM is in the Debian package' );
my ($maintainer) = run("dpkg-deb -f $deb Maintainer") =~ /^(.+)$/m;
like( run("rpm -qp --changelog $rpm"), qr/^\* .* \Q$maintainer\E - /m, 'both have one maintainer' );
my $needs = run("rpm -qp --requires $rpm");
like( $needs, qr/^lib$_\.so\./m, "it needs the library $_" ) foreach qw(curl deflate isal perl snappy sqlite3 zstd);
like( $needs, qr/^perl\(:MODULE_COMPAT_/m, 'it needs the perl that it was built for' );

# ---- installing ---------------------------------------------------------------------------------
# AWStats' folder of the history belongs to root in Fedora and its kin.
run('chown root:root /var/lib/awstats');
run("rpm -i $anyway $rpm");
my ( undef, undef, $uid, $gid, undef, undef, undef, $home, $shell ) = getpwnam $user;
ok( $uid, 'there is a user for the updates' );
is( "$home $shell", "$state /sbin/nologin", 'who has a home, and no shell' );
is( owner($_),      "$user:$user 0750",     "$_ belongs to this user, and is closed to others" )
  foreach $state, '/var/cache/awstats-cloudfront';
is( owner('/etc/awstats/cloudfront.conf'), "root:$user 0640", 'this user may read the configuration' );
like( run('awstats-cloudfront --version'), qr/^awstats-cloudfront \d/, 'the program starts' );

my $logs = "$Bin/../data/download";
my $setup = run("awstats-cloudfront setup cdn $logs --yes --domain www.example.com --no-timer");
like( $setup, qr/\Q$user\E/, 'setup: updates run as this user' );
unlike( $setup, qr/^FAIL/m, 'setup: no step fails' );
like(
    run("setpriv --reuid=$user --regid=$user --init-groups awstats-cloudfront update --site cdn"),
    qr/^\[cdn\]: [\d,]+ records of \d+ logs counted/m,
    'an update as this user counts'
);
ok( -s "$state/cdn.db", 'the ledger is there' );
my @history = glob "$state/cdn/awstats*.cdn.txt";
cmp_ok( scalar @history, '>', 0, 'and the history' );
my ($unit) = grep { m{/awstats-cloudfront\@\.service$} } keys %in_rpm;
like( run("cat $unit"), qr/^User=\Q$user\E$/m, 'the unit runs as this user' );

# ---- removing -----------------------------------------------------------------------------------
run("rpm -e $anyway awstats-cloudfront");
is_deeply( [ grep { -f && !m{^/etc/awstats/} } sort keys %in_rpm ], [], 'removed: no file is left' );
ok( -s "$state/cdn.db" && -s $history[0],  'removed: ledger and history stay' );
ok( glob('/etc/awstats/cloudfront.conf*'), 'removed: the changed configuration stays' );
clean();
done_testing;

# Removes what the package and this test leave.
sub clean {
    run("rm -rf $state /var/cache/awstats-cloudfront /etc/awstats/cloudfront.conf* /etc/awstats/awstats.cdn.conf");
    run("userdel $user") if getpwnam $user;
    run('chown www-data: /var/lib/awstats');
    return;
}

# Returns where a file of the Debian package is in the RPM; an empty list for what only Debian has.
sub rpm_path {
    my ($path) = @_;
    return if $path =~ m{/(?:changelog\.gz|copyright|README\.Debian)$|^/usr/share/lintian/};
    $path           =~ s{^/lib/}{/usr/lib/};
    $path           =~ s{^(/usr/share/doc/.*)\.gz$}{$1};
    $path           =~ s{/zsh/vendor-completions/}{/zsh/site-functions/};
    $path           =~ s{^/usr/share/awstats/plugins/}{/usr/share/awstats/wwwroot/cgi-bin/plugins/};
    return $path;
}

# USER:GROUP MODE
sub owner {
    my ($path) = @_;
    my @status = stat $path or return 'missing';
    return sprintf '%s:%s %04o', scalar getpwuid $status[4], scalar getgrgid $status[5], $status[2] & 07777;
}

sub run {
    my ($command) = @_;
    my $output = `$command 2>&1 </dev/null`;
    if ($?) {
        fail($command);
        diag $output;
    }
    return $output;
}
