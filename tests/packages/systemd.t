#!/usr/bin/perl
# The package under a systemd that runs: setup starts the timer, the timer starts the service, which counts with all its
# restrictions; a drop-in lets it write elsewhere; a failure starts the unit that mails; removing the package stops the
# timers, and installing it again starts them.
#
#   perl tests/packages/systemd.t NEWER.deb
#
# Changes the machine: for the Debian that .ci/check-deb boots in a container, with the package installed.
use strict;
use warnings;
use Test::More;
use File::Basename qw(dirname);
use FindBin        qw($Bin);
use lib dirname($Bin) . '/lib';
use Program qw(content write_file);

my ($package) = @ARGV;
die "usage: perl tests/packages/systemd.t NEWER.deb\n" if !$package;
$ENV{DEBIAN_FRONTEND} = 'noninteractive';
$ENV{LC_ALL} = 'C.UTF-8';
my $logs = '/srv/logs';
my @samples = sort glob "$Bin/../data/download/*.gz";
my $late = pop @samples;
my $timer = 'awstats-cloudfront@cdn.timer';
my $service = 'awstats-cloudfront@cdn.service';

# ---- setup, and the service ---------------------------------------------------------------------
run("mkdir -p $logs && cp -p @samples $logs");
my $setup = run("awstats-cloudfront setup cdn $logs --yes --report /var/cache/awstats-cloudfront/report");
like( $setup, qr/^made  timer: \Q$timer\E$/m, 'setup enables the timer' );
is( state_of($timer), 'enabled active', 'which is started' );
like( run("systemctl list-timers --all --no-pager '$timer'"), qr/^\S.*\b$timer\b/m, 'and has a next time' );
start( $service, 0, 'the service counts' );
is( counted(), scalar @samples, 'all logs' );
ok( -s '/var/cache/awstats-cloudfront/report/cdn/awstats.html', 'and writes the report' );
like(
    run("journalctl --no-pager -u $service"),
    qr/\[cdn\]: [\d,]+ records of \d+ logs counted/,
    'the journal has its line'
);
run("flock /var/lib/awstats-cloudfront/cdn.db.lock systemctl start $service");
is( property( $service, 'Result' ),         'success', 'another update at work is no failure' );
is( property( $service, 'ExecMainStatus' ), 3,         'though its exit status is 3' );

# ---- the timer ----------------------------------------------------------------------------------
run("cp -p $late $logs");
drop_in( $timer, "[Timer]\nOnActiveSec=1ms\nAccuracySec=1ms\nRandomizedDelaySec=0\n" );
run("systemctl restart $timer");
wait_until( sub { counted() == @samples + 1 } );
is( counted(), @samples + 1, 'the timer starts the service' );

# ---- a history where the service may not write --------------------------------------------------
my $other = run("awstats-cloudfront setup other $logs --yes --dirdata /srv/history --no-timer");
run('systemctl enable --now awstats-cloudfront@other.timer');
start( 'awstats-cloudfront@other.service', 1, 'a history elsewhere: the service fails' );
like( run('journalctl --no-pager -u awstats-cloudfront@other.service'), qr/Read-only file system/, 'and says why' );
my $again = run("awstats-cloudfront setup other $logs");
my ($lines) = $again =~ /^warn  timer: .*awstats-cloudfront\@other\.service" .*: \[Service\]( .*)$/m;
ok( $lines, 'setup says what a drop-in must have' ) or diag $again;
drop_in( 'awstats-cloudfront@other.service', "[Service]\n" . join '', map { "$_\n" } split ' ', $lines // '' );
start( 'awstats-cloudfront@other.service', 0, 'with these lines: the service counts' );

# ---- a mail when an update fails ----------------------------------------------------------------
my $failed = 'awstats-cloudfront-failed@.service';
run("cp /usr/share/doc/awstats-cloudfront/examples/$failed /etc/systemd/system");
write_file( '/usr/local/bin/mail',
    "#!/bin/sh\n{ echo \"\$*\"; cat; } >/root/mail.new && mv /root/mail.new /root/mail\n" );
chmod 0755, '/usr/local/bin/mail';
drop_in( 'awstats-cloudfront@other.service', "[Unit]\nOnFailure=awstats-cloudfront-failed\@%i.service\n" );
run("mv $logs /srv/gone");
start( 'awstats-cloudfront@other.service', 1, 'the logs are gone: the service fails' );
wait_until( sub { -e '/root/mail' } );
my $mail = -e '/root/mail' ? content('/root/mail') : '';
like( $mail, qr/\A-s awstats-cloudfront: the update of other on \S+ failed root\n/, 'a mail is sent' );
like( $mail, qr{^awstats-cloudfront: .*\Q$logs\E: No such file or directory}m,      'with the reason' );
run("mv /srv/gone $logs");

# ---- removing and installing --------------------------------------------------------------------
run('apt-get -q -y remove awstats-cloudfront');
is( state_of($timer), 'not-found inactive', 'removed: the timer is stopped' );
run("apt-get -q -y --no-install-recommends install $package");
is( state_of($timer), 'enabled active', 'installed again: the timer goes on' );
like(
    run('awstats-cloudfront setup --remove cdn'),
    qr/^gone  timer: \Q$timer\E$/m,
    'setup --remove disables the timer'
);
is( state_of($timer), 'disabled inactive', 'and stops it' );
run('apt-get -q -y purge awstats-cloudfront');
is( state_of('awstats-cloudfront@other.timer'), 'not-found inactive', 'purged: no timer runs' );
done_testing;

sub run {
    my ($command) = @_;
    my $output = `( $command ) 2>&1 </dev/null`;
    is( $?, 0, $command ) or diag $output;
    return $output;
}

# Starts a service, and waits for its end.
sub start {
    my ( $unit, $status, $name ) = @_;
    my $output = `systemctl start '$unit' 2>&1`;
    is( $? >> 8, $status, $name ) or diag $output, `journalctl --no-pager -u '$unit'`;
    return;
}

# Whether a unit is enabled, and whether it is active.
sub state_of {
    my ($unit) = @_;
    my $enabled = `systemctl is-enabled '$unit' 2>&1`;
    $enabled = 'not-found' if $enabled =~ /not-found|No such file/;
    my $active = `systemctl is-active '$unit'`;
    chomp( $enabled, $active );
    return "$enabled $active";
}

sub property {
    my ( $unit, $name ) = @_;
    chomp( my $value = `systemctl show --value --property=$name '$unit'` );
    return $value;
}

# Writes a drop-in, beside others of the unit.
my $drop_ins = 0;

sub drop_in {
    my ( $unit, $text ) = @_;
    my $folder = "/etc/systemd/system/$unit.d";
    run("mkdir -p '$folder'");
    write_file( "$folder/" . ++$drop_ins . '.conf', $text );
    return run('systemctl daemon-reload');
}

# The number of logs that the ledger of the site has.
sub counted {
    return `awstats-cloudfront status --site cdn` =~ /^  objects counted: (\d+)$/m ? $1 : -1;
}

# Waits until a condition holds, ten minutes at most.
sub wait_until {
    my ($condition) = @_;
    foreach ( 1 .. 6000 ) {
        return if $condition->();
        select undef, undef, undef, 0.1;
    }
    return;
}
