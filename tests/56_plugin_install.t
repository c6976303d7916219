#!/usr/bin/perl
# `make install-plugin` installs everything that AWStats needs in a plugins folder.
use strict;
use warnings;
use Test::More;
use File::Basename qw(dirname);
use File::Find     qw(find);
use File::Temp     qw(tempdir);
use FindBin        qw($Bin);
use lib "$Bin/lib";
use AWStats;

my $root = tempdir( CLEANUP => 1 );
my $build = dirname( AWStats::helper() );
my $said = do {
    local @ENV{qw(MAKEFLAGS MAKELEVEL)};
    `umask 077; make -s -C '$Bin/..' install-plugin B='$build' DESTDIR='$root' AWSTATS_PLUGINS=/plugins 2>&1`;
};
is( $?, 0, 'make install-plugin' ) or diag $said;

my @modules = ('AWStats/CloudFront/Columns.pm');    # made when the plugin is built
find( sub { push @modules, $File::Find::name =~ s{^\Q$Bin/../plugin/lib/\E}{}r if /\.pm$/ }, "$Bin/../plugin/lib" );

my @files;
find( sub { push @files, $File::Find::name =~ s{^\Q$root\E}{}r if -f }, $root );
is_deeply(
    [ sort @files ],
    [
        sort '/plugins/cloudfront.pm', ( map { "/plugins/cloudfront/$_" } @modules ),
        '/plugins/cloudfront/auto/AWStats/CloudFront/CloudFront.so', '/plugins/cloudfront/pop.tsv',
        '/plugins/cloudfront/version',
    ],
    'these files and no other'
);
my @closed;
find( sub { push @closed, $File::Find::name if $_ ne '.' && ( (stat)[2] & 0044 ) != 0044 }, $root );
is_deeply( \@closed, [], 'which everybody may read, whatever the umask' );

my $awstats = AWStats->new( plugin => 0, fresh => 1 );
rmdir "$awstats->{folder}/plugins";
symlink "$root/plugins", "$awstats->{folder}/plugins";
$awstats->config( 'site', <<"END");
LoadPlugin="cloudfront"
LogFormat="cloudfront"
LogFile="$Bin/data/download"
HostAliases="REGEX[.]"
END
{
    local $ENV{PATH} = "$build:$ENV{PATH}";
    my ( $status, $output ) = $awstats->run('site');
    is( $status, 0, 'AWStats runs with it' ) or diag $output;
    like( $output, qr/Found [1-9]\d+ new qualified/, 'and counts records' );
}

# Built for another perl, or not whole.
unlink "$root/plugins/cloudfront/auto/AWStats/CloudFront/CloudFront.so";
my ( $status, $output ) = $awstats->run('site');
is( $status, 1, 'without its compiled part: status' );
like(
    $output,
    qr/Error: the compiled part of the plugin in .* does not load; build and install it again/,
    'without its compiled part: what to do'
);
( $status, $output ) = $awstats->run( 'site', '-output', '-staticlinks', '-month=10', '-year=2026' );
is( $status, 0, 'a report needs none' );

done_testing;
