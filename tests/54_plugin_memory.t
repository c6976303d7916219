#!/usr/bin/perl
# AWStats with the plugin under valgrind: no access to memory that is not ours to read or write.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;

my ($valgrind) = grep { -x } map { "$_/valgrind" } split /:/, $ENV{PATH};
plan skip_all => 'valgrind is not installed' if !$valgrind;

my $scratch = tempdir( CLEANUP => 1 );
my $helper  = AWStats::helper();
my ($log)   = glob "$Bin/data/download/*.gz";
my $whole   = `'$helper' cat '$log'`;
is( $?, 0, 'the helper reads a sample log' );
my $views = `'$helper' cat '$Bin/data/streaming'`;
is( $?, 0, 'and those of a streaming distribution' );

# Short lines, no lines, and one that makes the buffer grow.
my %stream = (
    whole     => $whole,
    streaming => $views,
    truncated => substr( $whole, 0, length($whole) * 2 / 3 ),
    long      => $whole =~ s{^(2026-\S+\t\S+\t)}{$1 . 'x' x 600_000}emr,
    empty     => '',
);
# Perl's own Cwd copies a path over itself (perl 5.36).
open my $file, '>', "$scratch/known" or die $!;
print $file "{\n   perl-cwd\n   Memcheck:Overlap\n   fun:__memcpy_chk\n   obj:*/Cwd/Cwd.so\n}\n";
close $file or die $!;

open $file, '>', "$scratch/helper" or die $!;
print $file "#!/bin/sh\nexec cat \"\$STREAM\"\n";
close $file or die $!;
chmod 0755, "$scratch/helper";

local $ENV{PERL_DESTRUCT_LEVEL} = 2;
foreach my $name ( sort keys %stream ) {
    open my $stream, '>', "$scratch/$name" or die $!;
    print $stream $stream{$name};
    close $stream or die $!;
    local $ENV{STREAM} = "$scratch/$name";
    my $awstats = AWStats->new;
    $awstats->config( 'site', <<"END");
LoadPlugin="cloudfront helper=$scratch/helper"
LogFormat="cloudfront"
LogFile="s3://bucket/prefix"
HostAliases="REGEX[.]"
LevelForRobotsDetection=0
END
    my ( $status, $output ) = $awstats->command(
        $valgrind, '--quiet', '--error-exitcode=99', "--suppressions=$scratch/known",
        $^X, "$awstats->{folder}/awstats.pl", '-config=site'
    );
    is( $status, $name =~ /whole|streaming|long/ ? 0 : 1, "$name: status" ) or diag $output;
    is( join( '', $output =~ /^==\d+==.*\n/mg ), '', "$name: nothing from valgrind" );
}

done_testing;
