#!/usr/bin/perl
# `make install` installs everything, AWStats runs with it, and `make uninstall` removes it again.  The modules of the
# plugin may be in a folder that perl searches, as packages have them.
use strict;
use warnings;
use Test::More;
use File::Basename qw(basename dirname);
use File::Find     qw(find);
use File::Temp     qw(tempdir);
use FindBin        qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Program qw(content write_file);

my $build = dirname( AWStats::helper() );
my $in_tree = AWStats::build_folder();

# Runs make with these arguments.  The version is that of the build, which nobody else could use if it were made anew here.
chomp( my $version = content("$build/plugin/version") );

sub make {
    my @arguments = @_;
    local @ENV{qw(MAKEFLAGS MAKELEVEL)};
    my $said = `umask 077; make -s -C '$Bin/..' B='$in_tree' describe='$version' @arguments 2>&1`;
    is( $?, 0, "make $arguments[0]" ) or diag $said;
    return;
}

# The files and links below a folder.
sub files {
    my $folder = shift;
    my @files;
    find( sub { push @files, $File::Find::name =~ s{^\Q$folder\E}{}r if !-d || -l }, $folder );
    return [ sort @files ];
}

my @modules = ('AWStats/CloudFront/Columns.pm');    # made when the plugin is built
find( sub { push @modules, $File::Find::name =~ s{^\Q$Bin/../plugin/lib/\E}{}r if /\.pm$/ }, "$Bin/../plugin/lib" );
push @modules, 'auto/AWStats/CloudFront/CloudFront.so';

my $root = tempdir( CLEANUP => 1 );
make( 'install', "DESTDIR=$root", 'PREFIX=/usr/local' );
my @pages = map { basename( $_, '.in' ) } glob "$Bin/../helper/manual/*.{in,5}";
my $plugin = '/usr/local/lib/awstats-cloudfront/plugins';
is_deeply(
    files($root),
    [
        sort '/usr/local/bin/awstats-cloudfront',
        ( map { '/usr/local/share/man/man' . (/(\d)$/)[0] . "/$_" } @pages ),
        (
            map { "/usr/local/share/$_" } 'bash-completion/completions/awstats-cloudfront',
            'zsh/site-functions/_awstats-cloudfront',
            'fish/vendor_completions.d/awstats-cloudfront.fish'
        ),
        (
            map { "/usr/local/share/awstats-cloudfront/$_" }
            map { basename( $_, '.in' ) } glob "$Bin/../awstats-conf/*.conf*"
        ),
        (
            map    { '/usr/local/share/awstats-cloudfront/' . s{.*/(?=contrib/)}{}r }
              grep { -f } glob "$Bin/../contrib/{*,*/*}"
        ),
        ( map { "/usr/local/lib/systemd/system/awstats-cloudfront\@.$_" } qw(service timer) ),
        (
            map { "/usr/local/share/doc/awstats-cloudfront/examples/$_" } 'awstats-cloudfront-failed@.service',
            'awstats-cloudfront.cron'
        ),
        ( map { "$plugin/$_" } qw(cloudfront.pm pop.tsv version), map { "cloudfront/$_" } @modules ),
        '/usr/share/awstats/plugins/cloudfront.pm',
    ],
    'these files and no other'
);
is(
    readlink "$root/usr/share/awstats/plugins/cloudfront.pm",
    "../../..$plugin/cloudfront.pm" =~ s{/usr/}{/}r,
    'AWStats finds the plugin by a link'
);
my @closed;
find( sub { push @closed, $File::Find::name if !-l && $_ ne '.' && ( (stat)[2] & 0044 ) != 0044 }, $root );
is_deeply( \@closed, [], 'everybody may read the installed files, whatever the umask' );

# Version 0.1 had its modules there; other files are not ours.
mkdir "$root/usr/share/awstats/plugins/cloudfront";
mkdir "$root/usr/share/awstats/plugins/cloudfront/AWStats";
write_file( "$root/usr/share/awstats/plugins/cloudfront/AWStats/CloudFront.pm", '1;' );
write_file( "$root/$_", '' ) foreach my @others = ( '/usr/local/bin/other', '/usr/share/awstats/plugins/other.pm' );
make( 'uninstall', "DESTDIR=$root", 'PREFIX=/usr/local' );
is_deeply( files($root), [ sort @others ], 'make uninstall removes all of it, and nothing else' );
my @folders;
find( sub { push @folders, $File::Find::name if /cloudfront/i }, $root );
is_deeply( \@folders, [], 'make uninstall removes its folders' );

# Another place and another user, who are named wherever a file names them.
my $user = tempdir( CLEANUP => 1 );
make( 'install', "PREFIX=$user", 'UPDATE_USER=logs', "AWSTATS_PLUGINS=$user/plugins" );
my @stale =
  grep { !-B && content($_) =~ m{/usr/local/(?:bin|share|lib)/awstats|www-data} } map { "$user$_" } @{ files($user) };
is_deeply( \@stale, [], 'PREFIX=FOLDER UPDATE_USER=logs: no file names /usr/local or www-data' );
my $unit = content("$user/lib/systemd/system/awstats-cloudfront\@.service");
like(
    $unit,
    qr{^ExecStart=\Q$user\E/bin/awstats-cloudfront update --site %i$}m,
    'the unit starts the installed program'
);
like( $unit, qr/^User=logs$/m, 'as this user' );

# Runs AWStats with what is installed; the program is found without PATH.
sub update {
    my ( $folder, $library ) = @_;
    my $awstats = AWStats->new( plugin => 0, fresh => 1 );
    symlink "$folder/cloudfront.pm", "$awstats->{folder}/plugins/cloudfront.pm";
    $awstats->config( 'site', <<"END");
LoadPlugin="cloudfront"
LogFormat="cloudfront"
LogFile="$Bin/data/download"
HostAliases="REGEX[.]"
END
    local $ENV{PERL5LIB} = $library;
    local $ENV{PATH} = '/usr/bin:/bin';
    my ( $status, $output ) = $awstats->run('site');
    return ( $status, $output, $awstats );
}

my ( $status, $output ) = update( "$user/plugins", '' );
is( $status, 0, 'AWStats runs with it' ) or diag $output;
like( $output, qr/Found [1-9]\d+ new qualified/, 'AWStats counts records with it' );
make( 'uninstall', "PREFIX=$user", "AWSTATS_PLUGINS=$user/plugins" );
is_deeply( files($user), [], 'PREFIX=FOLDER: make uninstall removes all of it' );

# As packages have it.
my $vendor = "$user/perl5";
my @layout = ( "PREFIX=$user", "AWSTATS_PLUGINS=$user/plugins", "PLUGIN_MODULES=$vendor" );
make( 'install', @layout );
ok( -e "$vendor/$_", "perl's folder has $_" ) foreach @modules;
( $status, $output, my $awstats ) = update( "$user/plugins", $vendor );
is( $status, 0, "modules in perl's folder: AWStats runs with them" ) or diag $output;
like( $output, qr/Found [1-9]\d+ new qualified/, "modules in perl's folder: and counts records" );
{
    local $ENV{PERL5LIB} = $vendor;
    my $said =
      `'$user/bin/awstats-cloudfront' check '$Bin/data/download' --awstats='$awstats->{folder}/awstats.pl' 2>&1`;
    like( $said, qr/^ok    plugin: .*cloudfront\.pm, version /m, "modules in perl's folder: check loads them" );
}

# Built for another perl, or not whole.
unlink "$vendor/auto/AWStats/CloudFront/CloudFront.so";
( $status, $output, $awstats ) = update( "$user/plugins", $vendor );
is( $status, 1, 'without its compiled part: status' );
like(
    $output,
    qr/Error: the compiled part of the plugin in .* does not load; build and install it again/,
    'without its compiled part: what to do'
);
{
    local $ENV{PERL5LIB} = $vendor;
    ( $status, $output ) = $awstats->run( 'site', '-output', '-staticlinks', '-month=10', '-year=2026' );
    is( $status, 0, 'a report needs none' );
}
make( 'uninstall', @layout );
is_deeply( files($user), [], "modules in perl's folder: make uninstall removes all of it" );

# After an upgrade of perl, make knows that the plugin must be built again.
my $other = tempdir( CLEANUP => 1 );

sub settings {
    my $version = shift;
    my $perl = write_file( "$other/perl", <<"END");
#!/bin/sh
$^X "\$@" | sed 's/v5\\.[0-9]*\\.[0-9]*/$version/'
END
    chmod 0755, $perl;
    local @ENV{qw(MAKEFLAGS MAKELEVEL)};
    system "make -s -C '$Bin/..' B='$other/build' PERL='$perl' '$other/build/perl-settings'";
    return content("$other/build/perl-settings");
}
isnt( settings('v5.36.9'), settings('v5.40.1'), 'another perl is another setting of the build' );

# A plugin that was not built again is not installed.
mkdir "$other/old" or die;
system 'cp', '-R', "$build/plugin", "$other/old/" and die;
my $object = "$other/old/plugin/cloudfront/auto/AWStats/CloudFront/CloudFront.so";
chmod 0644, $object;
write_file( $object, content($object) =~ s/\0v5\.\d+\.\d+\0/"\0v5.8.9" . "\0" x ( length($&) - 7 )/er );
my $said = do {
    local @ENV{qw(MAKEFLAGS MAKELEVEL)};
    `make -s -C '$Bin/..' -o plugin install-plugin B='$other/old' DESTDIR='$other/new' 2>&1`;
};
isnt( $?, 0, 'a plugin for another perl: make install-plugin fails' );
like(
    $said,
    qr/^make: the plugin in \S+ does not load in perl: run make clean, and build again$/m,
    'and says what to do'
);
ok( !-e "$other/new", 'a plugin for another perl: nothing is installed' );

done_testing;
