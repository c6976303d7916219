#!/usr/bin/perl
# The report on a web server, by the lines of GUIDE.md: Apache and nginx serve it to those who know the password, and to
# nobody else; AWStats' own page shows a report to them, and neither updates nor answers others.
#
#   perl tests/packages/web.t NEWER.deb
#
# Installs and removes packages, as root: for the Debian of its own that .ci/check-deb makes.  That has apache2 and nginx.
use strict;
use warnings;
use Test::More;
use File::Basename qw(dirname);
use FindBin        qw($Bin);
use lib dirname($Bin) . '/lib';
use File::Temp       qw(tempdir);
use HTTP::Tiny       ();
use IO::Socket::INET ();
use MIME::Base64     qw(encode_base64);
use Program          qw(content write_file);

my ($package) = @ARGV;
die "usage: perl tests/packages/web.t NEWER.deb\n" if !$package;
$ENV{DEBIAN_FRONTEND} = 'noninteractive';
my $guide = content("$Bin/../../GUIDE.md");
my $report = '/var/cache/awstats-cloudfront/report';
my $users = '/etc/awstats/report.htpasswd';
my $scratch = tempdir( CLEANUP => 1 );
chmod 0755, $scratch;

# ---- a site with a report -----------------------------------------------------------------------
run("apt-get -q -y --no-install-recommends install $package awstats");
run("mkdir -p /srv/web-logs && cp -p $Bin/../data/download/*.gz /srv/web-logs");
run("awstats-cloudfront setup cdn /srv/web-logs --yes --report $report");
run('awstats-cloudfront update --site cdn');
my ($command) = $guide =~ /^\$ (printf 'alice:.*)$/m;
ok( $command, 'GUIDE.md makes the file with the user' );
$command =~ s/\bsudo //;
run("hash=\$(printf 'right\\n' | openssl passwd -6 -stdin); $command");
is( sprintf( '%o', ( stat $users )[2] & 07777 ), '640', 'which is closed to others' );

# ---- the web servers ----------------------------------------------------------------------------
my ($nginx_lines) = $guide =~ /^```nginx\n(.*?)^```/ms;
my ($apache_lines) = $guide =~ /^```apache\n(Alias .*?)^```/ms;
ok( $nginx_lines && $apache_lines, 'GUIDE.md has lines for both' );

{
    my $port = free_port();
    write_file( "$scratch/nginx.conf", <<"END");
user www-data;
pid $scratch/nginx.pid;
error_log $scratch/nginx.log;
events { }
http {
    access_log off;
    include /etc/nginx/mime.types;
    server {
        listen 127.0.0.1:$port;
        root /var/empty;
$nginx_lines
    }
}
END
    run("nginx -t -c $scratch/nginx.conf");
    run("nginx -c $scratch/nginx.conf");
    serves( 'nginx', $port );
    run("nginx -s quit -c $scratch/nginx.conf");
}

my $port = free_port();
write_file( '/etc/apache2/ports.conf', "Listen 127.0.0.1:$port\n" );
my ($example) = $guide =~ m{`(/usr/share/doc/awstats/examples/apache\.conf)`};
write_file( '/etc/apache2/sites-available/report.conf', <<"END");
ServerName localhost
<VirtualHost *>
$apache_lines
Include $example
<Location /cgi-bin/awstats.pl>
    AuthType Basic
    AuthName "Statistics"
    AuthUserFile $users
    Require valid-user
</Location>
ScriptAlias /open/ /usr/lib/cgi-bin/
</VirtualHost>
END
run('a2dissite -q 000-default && a2ensite -q report && a2enmod -q cgid');
run('apache2ctl -t');
run('apache2ctl start') !~ /error/i or BAIL_OUT('Apache does not start');
serves( 'Apache', $port );

# ---- AWStats' own page --------------------------------------------------------------------------
my $config = '/etc/awstats/awstats.cdn.conf';
my $page = '/cgi-bin/awstats.pl?config=cdn&framename=mainright';
write_file( $config, content($config) . "AllowAccessFromWebToAuthenticatedUsersOnly=1\n" );
is( get( $port, $page )->{status}, 401, "AWStats' page without a password" );
is( get( $port, $page, 'wrong' )->{status}, 401, "AWStats' page with a wrong password" );
my $response = get( $port, $page, 'right' );
is( $response->{status}, 200, "AWStats' page with the password" );
like( $response->{content}, qr/Viewed traffic/, 'it has the report' );
unlike( $response->{content}, qr/Update now/, 'and no button for an update' );
my @history = map { content($_) } glob '/var/lib/awstats/awstats*.cdn.txt';
cmp_ok( scalar @history, '>', 0, 'there is a history' );
run('cp -p /srv/web-logs/$(ls /srv/web-logs | head -n 1) /srv/web-logs/E9.2026-10-30-23.ffffffff.gz');
get( $port, "$page&update=1", 'right' );
is_deeply( [ map { content($_) } glob '/var/lib/awstats/awstats*.cdn.txt' ], \@history, 'a browser starts no update' );
$response = get( $port, '/open/awstats.pl?config=cdn&framename=mainright' );
unlike( $response->{content}, qr/Viewed traffic/, 'where the web server asks for no password, there is no report' );
like( $response->{content}, qr/only allowed from an authenticated session/, 'AWStats says why' );
run('apache2ctl stop');

# ---- as before ----------------------------------------------------------------------------------
run('apt-get -q -y purge awstats-cloudfront');
unlink $config, $users, glob '/var/lib/awstats/*.cdn.*';
done_testing;

sub run {
    my ($line) = @_;
    my $output = `( $line ) 2>&1 </dev/null`;
    is( $?, 0, $line ) or diag $output;
    return $output;
}

sub free_port {
    return IO::Socket::INET->new( LocalAddr => '127.0.0.1', Listen => 1 )->sockport;
}

# Fetches a page; as the user alice when there is a PASSWORD.  Waits for a server that starts.
sub get {
    my ( $at, $path, $password ) = @_;
    my %headers = defined $password ? ( Authorization => 'Basic ' . encode_base64( "alice:$password", '' ) ) : ();
    foreach ( 1 .. 600 ) {    # a minute, unless the machine hangs
        my $got = HTTP::Tiny->new( timeout => 60 )->get( "http://127.0.0.1:$at$path", { headers => \%headers } );
        return $got if $got->{status} != 599;
        select undef, undef, undef, 0.1;
    }
    return { status => 599, content => '' };
}

sub serves {
    my ( $name, $at ) = @_;
    my @pages = qw(/stats/index.html /stats/cdn/awstats.html /stats/icon/other/vu.png);
    foreach my $path ( '/stats/', @pages ) {
        is( get( $at, $path )->{status}, 401, "$name: $path without a password" );
        is( get( $at, $path, 'wrong' )->{status}, 401, "$name: $path with a wrong password" );
        is( get( $at, $path, 'right' )->{status}, 200, "$name: $path with the password" );
    }
    like( get( $at, '/stats/', 'right' )->{content}, qr{href="cdn/}, "$name: the list of sites" );
    foreach my $path ( '/stats/../cdn.db', '/stats../cdn.db', '/stats/%2e%2e/%2e%2e/lib/awstats-cloudfront/cdn.db' ) {
        my $status = get( $at, $path, 'right' )->{status};
        ok( $status =~ /^(?:400|403|404)\z/, "$name: nothing outside of the report: $path" ) or diag $status;
    }
    return;
}
