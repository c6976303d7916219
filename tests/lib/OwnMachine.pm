package OwnMachine;

# A machine of a test's own, for commands as a person types them: in a mount namespace, with folders of its own where
# an installation writes, and without a network but the loopback.  Commands that this cannot have are played: sudo, which
# keeps B, CC and CFLAGS for make, and systemctl.

use strict;
use warnings;
use File::Path qw(make_path);
use POSIX      ();
use Program    qw(write_file);
use S3Server   ();
use Socket     qw(AF_INET SOCK_DGRAM);

# Returns why a machine is not possible here, or ''.
sub missing {
    return 'only root can have a mount namespace' if $> != 0;
    return 'there is no www-data, as on Debian' if !getpwnam 'www-data';
    return 'AWStats is not where Debian has it' if !-e '/usr/lib/cgi-bin/awstats.pl' || !-d '/etc/awstats';
    return 'mount namespaces are not possible here' if system( 'unshare', '-m', '-n', 'true' ) != 0;
    return '';
}

# Lets processes of a new network namespace reach each other.
sub raise_loopback {
    socket my $socket, AF_INET, SOCK_DGRAM, 0 or die "socket: $!\n";
    my $up = pack 'Z16 s x22', 'lo', 0x41;
    ioctl $socket, 0x8914, $up or die "lo: $!\n";    # SIOCSIFFLAGS
    return;
}

# Runs the test again in namespaces of its own, with an S3 server that lives outside of the mount namespace, and ends
# with its exit status.  Returns in the test that was started.
sub enter {
    return if $ENV{OWN_MACHINE};
    if ( $ENV{OWN_NETWORK} ) {
        raise_loopback();
        my $server = S3Server::start();
        my @public = grep { !/^(?:scratch|pid|owner|in)\z/ } sort keys %$server;
        local $ENV{S3_SERVER} = join '', map { "$_=$server->{$_}\n" } @public;
        local $ENV{OWN_MACHINE} = 1;
        my $status = system 'unshare', '-m', $^X, $0, @ARGV;
        S3Server::stop($server);
        exit( $status >> 8 || ( $status ? 1 : 0 ) );
    }
    local $ENV{OWN_NETWORK} = 1;
    exec 'unshare', '-n', $^X, $0, @ARGV or die "unshare: $!\n";
}

sub _command {
    my @command = @_;
    system(@command) == 0 or die "@command: $?\n";
    return;
}

my $sudo = <<'END';
#!/bin/sh
user=root
if [ "$1" = -u ]; then user=$2; shift 2; fi
home=$(getent passwd "$user" | cut -d: -f6)
exec env -i PATH="$PATH" HOME="$home" ${B:+B="$B"} ${CC:+CC="$CC"} ${CFLAGS:+CFLAGS="$CFLAGS"} \
    setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups "$@"
END

# "start NAME@SITE.service" runs what the unit has, as its user.
my $systemctl = <<'END';
#!/bin/sh
unit=$(for word; do case $word in *@*.*) echo "$word" ;; esac; done)
case $1 in
is-enabled) test -e "/run/enabled/$unit" ;;
enable) mkdir -p /run/enabled; touch "/run/enabled/$unit" ;;
disable) rm -f "/run/enabled/$unit" ;;
start)
    site=${unit#*@} file=
    for folder in /usr/local/lib /usr/lib /lib; do
        test -e "$folder/systemd/system/${unit%%@*}@.service" && file="$folder/systemd/system/${unit%%@*}@.service" && break
    done
    command=$(sed -n 's/^ExecStart=//p' "$file" | sed "s/%i/${site%.service}/")
    sudo -u "$(sed -n 's/^User=//p' "$file")" $command ;;
esac
END

# Makes the machine: folders as Debian with the package awstats has them, and the commands that are played, below
# FOLDER; the environment fits.  IS_REAL: the whole system is the test's own, as in a chroot, with its own sudo.
sub make {
    my ( $folder, $is_real ) = @_;
    if ( !$is_real ) {
        my @plugins = glob '/usr/share/awstats/plugins/*.pm';
        make_path("$folder/plugins");
        _command( 'cp', '-L', @plugins, "$folder/plugins" );
        unlink "$folder/plugins/cloudfront.pm";
        _command( 'mount', '--make-rprivate', '/' );
        _command( 'mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', $_ )
          foreach qw(/etc/awstats /etc/cron.d /var /run /usr/local /usr/share/awstats/plugins);
        _command( 'cp', glob("$folder/plugins/*"), '/usr/share/awstats/plugins' );
        $ENV{S3_SERVER} =~ s/^folder=.*/folder=$folder/m;    # the server's own is not seen here
    }
    else {
        open my $hosts, '>>', '/etc/hosts' or die "/etc/hosts: $!\n";
        print {$hosts} '127.0.0.1 ' . ( POSIX::uname() )[1] . "\n";    # sudo looks it up
        close $hosts;
    }
    make_path(
        qw(/usr/local/bin /usr/local/sbin /run/systemd/system /var/www /var/lib/awstats /var/log /var/cache /var/backups)
    );
    make_path( '/var/tmp', { mode => 01777 } );
    chmod 01777, '/var/tmp';
    chown( ( getpwnam 'www-data' )[ 2, 3 ], '/var/lib/awstats' );
    my %played = ( systemctl => $systemctl, $is_real ? () : ( sudo => $sudo ) );
    foreach my $name ( keys %played ) {
        write_file( "/usr/local/sbin/$name", $played{$name} );
        chmod 0755, "/usr/local/sbin/$name";
    }
    delete @ENV{ grep { /^AWS_|_proxy\z/i } keys %ENV };
    delete @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS)};
    $ENV{PATH} = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    return;
}

1;
