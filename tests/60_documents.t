#!/usr/bin/perl
# README.md, GUIDE.md and INSTALL: each command is run as it is written, in the order of a new user, and prints what the
# page says; commands that cannot be run here are listed with the reason.  Messages that the pages quote are those of the
# program.
#
#   DOCUMENTS_WRITE=1 perl tests/60_documents.t     writes what the commands have printed into the pages
#
# The test runs on a machine of its own (tests/lib/OwnMachine.pm), installed by "make install".  `make check-deb` runs it
# as root of a fresh Debian, which changes that Debian, with the package whose file DOCUMENTS_PACKAGE names.
use strict;
use warnings;
use Test::More;
use File::Basename qw(basename dirname);
use File::Find     qw(find);
use File::Path     qw(make_path);
use File::Temp     qw(tempdir);
use FindBin        qw($Bin);
use HTTP::Tiny     ();
use lib "$Bin/lib";
use AWStats;
use Documents;
use Generate;
use OwnMachine;
use Program qw(content run start write_file);
use Recipe2010;
use S3Server;

my $package = $ENV{DOCUMENTS_PACKAGE};
my $missing = $package ? '' : OwnMachine::missing();
OwnMachine::enter() if !$package && !$missing;
my $root = AWStats::root();
my %page = map { $_ => "$root/$_" } qw(README.md GUIDE.md INSTALL);
my %commands = map { $_ => [ Documents::read_commands( $page{$_} ) ] } keys %page;

# ---- what is not run ----------------------------------------------------------------------------
my %with_package = (
    qr/^make deb$/                                      => 'make check-deb builds the package before',
    qr{^sudo apt install \./build/packages/}            => 'the command of README.md does the same',
    qr/^sudo apt-get install gcc/                       => 'this is the machine with the package',
    qr/^make$/                                          => 'this is the machine with the package',
    qr/^sudo make (?:un)?install$|^sudo systemctl daem/ => 'this is the machine with the package',
    qr/^make install PREFIX/                            => 'this is the machine with the package',
    qr{^sudo cp /usr/local}                             => 'this is the machine with the package',
    qr/^sudo install -d -o www-data -g www-data/        => 'this is the machine with the package',
    qr{^sudo rm -r /var/lib/awstats-cloudfront /var}    => 'apt purge does it',
);
my %without_package = (
    qr/^make deb$/                    => 'make check-deb runs it, in a fresh Debian',
    qr/^sudo apt (?:install|purge)\b/ => 'make check-deb runs it, in a fresh Debian',
    qr/^sudo apt-get install gcc/     => 'it changes the machine; make check-debian13 installs these packages',
    qr/^make$/                        => 'the program is built already: it is what this test runs',
);
my @not_run = (
    $package ? %with_package : %without_package,
    qr/^make rpm$/                   => 'it needs the tools of RPM',
    qr/\bdnf install\b/              => 'it needs RHEL',
    qr/^make check\b/                => 'it runs this test',
    qr/^make demo\b/                 => 'tests/60_demo.t runs it',
    qr/^make CFLAGS=/                => 'it builds all once more; make deb does so',
    qr/\bopenssl passwd\b/           => 'it asks for a password',
    qr/^journalctl |\blist-timers\b/ => 'systemd does not run here',
    qr/\bsystemctl edit\b/           => 'it starts an editor',
    -x '/usr/bin/goaccess' ? () : ( qr/^goaccess / => 'goaccess is not installed' ),
);
my @patterns = @not_run[ grep { $_ % 2 == 0 } 0 .. $#not_run ];
my %reason = @not_run;

sub reason {
    my ($command) = @_;
    my ($pattern) = grep { $command =~ $_ } @patterns;
    return defined $pattern ? $reason{$pattern} : undef;
}

# ---- the text of the pages ----------------------------------------------------------------------
cmp_ok( scalar @{ $commands{$_} }, '>', 6, "$_ has commands" ) foreach sort keys %commands;
my %listed;
foreach my $command ( map { @{ $commands{$_} } } sort keys %commands ) {
    foreach my $pattern ( grep { $command->{command} =~ $_ } @patterns ) {
        $listed{$pattern}++;
    }
}
is_deeply( [ grep { !$listed{$_} } @patterns ], [], 'each reason not to run a command is used' );

# All texts of the program and the plugin, with the parts of a literal joined.
my $texts = '';
find( sub { $texts .= content($_) =~ s/"\s*\n\s*(?:PRI\w+\s*)?"//gr =~ s/'\s*\n\s*\.\s*'//gr if /\.(?:c|pm)\z/ },
    "$root/helper", "$root/plugin" );
my @messages = content( $page{'GUIDE.md'} ) =~ /^\| `([^`]+)`/mg;
cmp_ok( scalar @messages, '>=', 10, 'GUIDE.md quotes messages' );
foreach my $message (@messages) {
    my @missing = grep { index( $texts, $_ ) < 0 } split / *\.\.\. */, $message;
    is_deeply( \@missing, [], "a message of the program: $message" );
}

my %target = map { $_ => 1 } content("$root/Makefile") =~ /^([\w-]+(?: [\w-]+)*):(?!=)/mg;
%target = map { $_ => 1 } map { split / / } keys %target;
foreach my $name ( sort keys %page ) {
    last if $package;    # nothing is installed yet
    foreach my $inline ( grep { !/ [A-Z]+\b/ } Documents::inline_commands( $page{$name}, 'awstats-cloudfront' ) ) {
        my $own = $inline =~ s/ \| .*//sr;    # not the options of a program that reads the output
        my ( $command, @options ) = $own =~ /awstats-cloudfront (\w+)|(--[a-z-]+)/g;
        my ( $status,  $help ) = run( AWStats::helper(), $command, '--help' );
        is( $status, 0, "$name: a command: $inline" );
        foreach my $option ( grep { defined } @options ) {
            like( $help, qr/\Q$option\E\b/, "$name: $option" );
        }
    }
    foreach my $inline ( Documents::inline_commands( $page{$name}, 'make' ) ) {
        my ($made) = $inline =~ /make ([a-z]\S*)/ or next;
        ok( $target{$made}, "$name: a target: $inline" );
    }
    foreach my $link ( content( $page{$name} ) =~ /\]\(([^)#:]+)\)/g ) {
        ok( -e "$root/$link", "$name: a link: $link" );
    }
}

# The tables of README's Architecture have each folder, in the order of .ci/layers.
foreach my $half (qw(helper plugin)) {
    my ($table) = content( $page{'README.md'} ) =~ /^\*\*`$half\/`\*\* .*?^\| --- .*?\n(.*?)^$/ms;
    my @rows = map { [/`([\w]+)\/`/g] } map { ( split /\|/ )[1] } split /\n/, $table;
    my %row = map {
        my $row = $_;
        map { $_ => $row } @{ $rows[$row] }
    } 0 .. $#rows;
    my @folders = map { basename($_) } grep { -d } glob "$root/$half/*";
    is_deeply( [ sort keys %row ], [ sort @folders ], "README.md: each folder of $half/ has its row" );
    my ($layers) = content("$root/.ci/layers") =~ /^ +$half => \[(?:\s*qw\()?([^)]*)\)/m;
    my @below = map { $row{$_} } grep { exists $row{$_} } split ' ', $layers;
    cmp_ok( scalar @below, '>', 5, "README.md: .ci/layers has an order of $half/" );
    is_deeply( \@below, [ sort { $a <=> $b } @below ], "README.md: the table of $half/ has this order" );
}

# ---- the machine --------------------------------------------------------------------------------
if ($missing) {
    note "the commands are not run: $missing";
    done_testing;
    exit;
}
my $folder = tempdir( CLEANUP => 1, DIR => '/tmp' );
chmod 0755, $folder;
OwnMachine::make( $folder, $package );
$ENV{B} = AWStats::build_folder() if !$package;
make_path("$folder/work");
write_file( "$folder/yes", "y\n" );    # apt asks
my @samples = sort glob "$Bin/data/download/*.gz";

# A store, and its address where the commands look for it.
my $server = S3Server->new;
$server->make_bucket('my-logs');

# setup looks at the ten newest: they are the same in each run, and have all host names.
my %is_newest = map { $_ => 1 }
  map { glob "$Bin/data/download/*.2026-$_-*" } qw(09-03 09-07 09-21 09-27 09-29 10-03 10-13 10-15 10-23 10-29);
is( scalar keys %is_newest, 10, 'the newest logs' );
$server->put( 'my-logs', 'cdn/' . basename($_), content($_) ) foreach grep { !$is_newest{$_} } @samples;
select undef, undef, undef, 1.1;       # the store has seconds
$server->put( 'my-logs', 'cdn/' . basename($_), content($_) ) foreach grep { $is_newest{$_} } @samples;
my @homes = ( '/var/www', ( getpwuid 0 )[7] );
my $address = "[default]\nendpoint_url = " . $server->endpoint . "\nregion = eu-west-1\n";
my $keys = sprintf "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n", $server->key_id, $server->secret;

if ( !$package ) {
    make_path("$folder/root");
    system( 'mount', '--bind', "$folder/root", $homes[1] ) == 0 or die "mount: $?\n";
}

# ---- what a page takes for granted --------------------------------------------------------------
my $www = '/var/log/cloudfront/www';
my $before;

# Before a command that matches; after it.
my %before = (
    qr/setup cdn s3:/ => sub {
        foreach my $home (@homes) {
            make_path("$home/.aws");
            write_file( "$home/.aws/config", $address );
        }
        write_file( $_, $keys ) foreach map { "$_/.aws/credentials" } @homes;    # in place of those of AWS
        chown( ( getpwnam 'www-data' )[ 2, 3 ], map { ( $_, glob "$_/*" ) } "$homes[0]/.aws" );
        chmod 0600, map { "$_/.aws/credentials" } @homes;
    },
    qr/-config=www -update/ => \&make_old_setup,
    qr/update --all$/       => \&add_lines,
    qr/update --site www/   => sub {
        $before = hits('www');
        cmp_ok( $before, '>', 0, 'the old set-up has counted' );
        copy_logs( "$folder/new", $www );
    },
);
my %after = (
    qr/update --all$/ => sub {
        my ( undef, $log ) = run( AWStats::helper(), 'cat', "$Bin/data/download" );
        my %hits = ( '09' => 0, '10' => 0 );
        while ( $log =~ /^2026-(\d\d)-(\d\d)\t(\d\d)/mg ) { $hits{ "$1$2$3" ge '093022' ? '10' : '09' }++; }
        is( hits( 'media', "${_}2026" ), $hits{$_}, "records of month $_ in Berlin" ) foreach sort keys %hits;
    },
    qr/update --site www/ => sub {
        is(
            hits('www'),
            $before + records("$folder/new"),
            'the old history goes on: new logs count once, old ones not'
        );
    },
    qr/^sudo install -d -o www-data -m 700 \S+\.aws/ =>
      sub { is( sprintf( '%o', ( stat '/var/www/.aws' )[2] & 07777 ), '700', 'the keys are closed to others' ) },
    qr/goaccess/            => sub { cmp_ok( -s "$folder/work/cdn.html", '>', 10_000, 'goaccess reads the log' ) },
    qr/make install PREFIX/ =>
      sub { ok( -x '/var/tmp/package/usr/bin/awstats-cloudfront', 'DESTDIR has the program' ) },
);

# The lines that GUIDE.md says to add, for a site: its report, and plugins of AWStats.
sub add_lines {
    my $guide = content( $page{'GUIDE.md'} );
    my ($report) = $guide =~ /^```ini\n(report = .*)\n/m;
    my $config = '/etc/awstats/cloudfront.conf';
    write_file( $config, content($config) =~ s/^(\[media\]\n)/$1$report\n/mr );
    my ($zone) = $guide =~ /^(LoadPlugin="timezone .*)$/m;
    my ($countries) = $guide =~ /`(LoadPlugin="geoipfree")`/;
    my $media = '/etc/awstats/awstats.media.conf';
    write_file( $media, content($media) . "$zone\n$countries\n" );
    return;
}

# Logs of before v2, in a folder that is the source, and the history of them by the commands of 2010.
sub make_old_setup {
    my $logs =
      Generate::logs( seed => 60, records => 600, files => 40, eras => [ grep { $_ ne 'v2' } @Generate::ERAS ] );
    make_path( map { "$folder/$_" } qw(all old new plain) );
    Generate::write_files( $logs, "$folder/all" );
    my @files = sort glob "$folder/all/*";
    rename $files[$_], "$folder/" . ( $_ < 20 ? 'old/' : 'new/' ) . basename( $files[$_] ) foreach 0 .. $#files;
    copy_logs( "$folder/old", $www );
    my ( $status, $out ) = run( { together => 1 },
        '/bin/sh', '-c', Recipe2010::commands( "$folder/old", "$folder/plain", "$folder/merged.log" ) );
    is( $status, 0, 'the commands of 2010' ) or diag($out);
    write_file( '/etc/awstats/awstats.www.conf', $Recipe2010::CONFIG . <<"END");
LogFile="$folder/merged.log"
SiteDomain="www.example.com"
HostAliases="REGEX[.]"
DirData="/var/lib/awstats"
END
    return;
}

sub copy_logs {
    my ( $from, $to ) = @_;
    make_path($to);
    system( 'cp', glob("$from/*"), $to ) == 0 or die "cp: $?\n";
    return;
}

sub records {
    my ( undef, $log ) = run( AWStats::helper(), 'cat', $_[0] );
    return ( $log =~ /^#End: records=(\d+)/m )[0];
}

# The hits of a configuration's history, or of one month, MMYYYY, of it.
sub hits {
    my ( $name, $month ) = @_;
    my $hits = 0;
    foreach my $path ( glob '/var/lib/awstats/awstats' . ( $month // '??????' ) . ".$name.txt" ) {
        my ($times) = content($path) =~ /^BEGIN_TIME \d+\n(.*?)^END_TIME/ms;
        foreach ( split /\n/, $times ) {
            my @hour = split;
            $hits += $hour[2] + $hour[5];
        }
    }
    return $hits;
}

# ---- the commands -------------------------------------------------------------------------------
my %expected_status = ( qr/--max-lag/ => 4, qr/setup new / => 4 );

# The value for a command in a hash by pattern.
sub choose {
    my ( $by_pattern, $command ) = @_;
    my ($pattern) = grep { $command =~ $_ } sort keys %$by_pattern;
    return defined $pattern ? $by_pattern->{$pattern} : undef;
}

# Without sudo, a person has no rights.
my @as_person = qw(setpriv --reuid=65534 --regid=65534 --clear-groups);
chown 65534, 65534, "$folder/work";

sub try {
    my ($command) = @_;
    my $text = $command->{command};
    my $name = "$command->{file}:$command->{number}: " . ( $text =~ s/\n.*//sr );
    my $reason = reason($text);
    if ( defined $reason ) {
        note "not run: $name: $reason";
        return;
    }
    ( choose( \%before, $text ) // sub { } )->();
    return serve( $name, $text ) if $text =~ /http\.server/;
    my $cwd = $command->{file} eq 'INSTALL' ? $root : "$folder/work";
    my @as = $command->{file} eq 'INSTALL' || $text =~ /\bsudo\b/ ? () : @as_person;
    my ( $status, $printed ) =
      run( { together => 1, in => "$folder/yes" }, @as, '/bin/bash', '-c', "cd '$cwd' && $text" );
    is( $status, choose( \%expected_status, $text ) // 0, $name ) or diag($printed);
    ( choose( \%after, $text ) // sub { } )->();
    return if !$command->{output};
    my @printed = split /\n/, $printed;
    $command->{printed} = \@printed;
    return if $ENV{DOCUMENTS_WRITE} && !grep { $_ eq '...' } @{ $command->{output} };
    ok( Documents::is_same( $command->{output}, \@printed ), "$name: prints what the page says" )
      or diag(
        map { Documents::normalize($_) . "\n" } @printed,
        '--- the page:',
        map { Documents::normalize($_) . "\n" } @{ $command->{output} }
      );
    return;
}

# A command that serves until it is stopped.
sub serve {
    my ( $name, $text ) = @_;
    my ($port) = $text =~ /http\.server (\d+)/;
    my $job = start( { group => 1, together => 1 }, '/bin/bash', '-c', "cd / && exec $text" );
    my $response;
    do {
        select undef, undef, undef, 0.05;
        $response = HTTP::Tiny->new( timeout => 5 )->get("http://127.0.0.1:$port/");
    } until $response->{status} != 599 || waitpid( $job->{pid}, 1 ) != 0;
    is( $response->{status}, 200, $name );
    like( $response->{content}, qr{href="cdn/}, "$name: leads to the report of the site" );
    kill TERM => -$job->{pid};
    waitpid $job->{pid}, 0;
    return;
}

if ($package) {
    my ( undef, $name ) =
      run( 'dpkg-deb', '--show', '--showformat=${Package}_${Version}_${Architecture}.deb', $package );
    system( 'cp', $package, "$folder/work/$name" ) == 0 or die "cp: $?\n";
}
my @install = @{ $commands{INSTALL} };
my ($last) = grep { $install[$_]{command} =~ /daemon-reload/ } 0 .. $#install;
try($_)
  foreach @install[ 0 .. $last ], @{ $commands{'README.md'} }, @{ $commands{'GUIDE.md'} },
  @install[ $last + 1 .. $#install ];
foreach my $path ( $ENV{DOCUMENTS_WRITE} ? qw(README.md GUIDE.md) : () ) {
    Documents::write_output( $page{$path}, @{ $commands{$path} } );
}

done_testing;
