#!/usr/bin/perl
# The tests of the plugin's own update loop and reports, with the AWStats of other Debian releases: AWSTATS_VERSIONS is
# the folder that .ci/awstats-versions filled, as `make check` does.  And: the plugin knows these versions,
# and no others.
use strict;
use warnings;
use Test::More;
use Cwd            qw(abs_path);
use File::Temp     ();
use File::Basename qw(basename dirname);
use FindBin        qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Program qw(content write_file);
use Soak    qw(is_soak);

my @programs = map { abs_path($_) } glob( ( $ENV{AWSTATS_VERSIONS} // '' ) . '/*/awstats.pl' );
plan skip_all => 'no other version of AWStats is at hand (AWSTATS_VERSIONS)' if !@programs;

unshift @INC, AWStats::plugin_folder() . '/cloudfront';
require AWStats::CloudFront::KnownVersions;

# ---- the table of known versions --------------------------------------------------------------

my %at_hand;
foreach my $program (@programs) {
    my ($version) = content($program) =~ /^\$VERSION\s*=\s*"([\d.]+) /m;
    is( $version, basename( dirname($program) ), "$program is AWStats $version" );
    is_deeply(
        [ AWStats::CloudFront::KnownVersions::version($program) ],
        [ $version, '', 1 ],
        "AWStats $version is known, with its history functions"
    );
    $at_hand{$version} = $program;
}
{
    my $changed = content( $programs[0] ) =~ s/(?<=\n# UPDATE PROCESS\n)/# changed\n/r;
    my $scratch = File::Temp->new;
    my ( undef, $reason ) = AWStats::CloudFront::KnownVersions::version( write_file( "$scratch", $changed ) );
    my ($known) = $reason =~ /it is not the original file of AWStats (.*)/;
    is( $known, join( ', ', sort keys %at_hand ), 'the versions at hand are all that are known' );
}

# ---- the tests, with each version but the system's ----------------------------------------------

# What the versions have in common, 84_differential.t shows with the system's AWStats.  The first of its seeds tell
# whether a version's own features are known: with the sizes of files left out, four of these seven differ.
local $ENV{DIFFERENTIAL_CHOSEN} = $ENV{DIFFERENTIAL_CHOSEN} // 7 if !is_soak();
my ($system) = content( AWStats::program() ) =~ /^\$VERSION\s*=\s*"([\d.]+) /m;
my @tests = qw(57_update_loop 59_lexicals 68_older_months 83_native 84_differential 87_unusual_history);
push @tests, qw(55_report 74_merge 84_saves_between) if is_soak();
foreach my $version ( sort grep { $_ ne $system } keys %at_hand ) {
    local $ENV{AWSTATS_PL} = $at_hand{$version};
    foreach my $test (@tests) {
        my $output = `'$^X' '$Bin/$test.t' 2>&1`;
        is( $?, 0, "AWStats $version: $test" ) or diag $output =~ s/^\s*ok .*\n//mgr;
    }
}

done_testing;
