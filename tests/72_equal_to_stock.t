#!/usr/bin/perl
# Shuffled raw logs of all eras give the same history files, through a pipe and through the plugin, as stock
# AWStats makes of one sorted and decoded file that the generator wrote.
#
# EQUAL_RECORDS chooses another number of records than 100000, in a soak 300000.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats    ();
use File::Temp qw(tempdir);
use Generate   ();
use Program    qw(helper);
use Soak       qw(amount);
use Test::More;

my $records = amount( 'EQUAL_RECORDS', 100_000, 300_000 );
my $scratch = tempdir( CLEANUP => 1 );
my $include = 'Include "' . AWStats::configurations() . "/cloudfront-download.conf\"\n";

# Four days around the end of a month.
mkdir "$scratch/raw" or die "$scratch/raw: $!\n";
{
    my $logs = Generate::logs( seed => 72, records => $records, files => 1440, from => '2026-10-30', days => 4 );
    Generate::write_files( $logs, "$scratch/raw" );
    Generate::write_truth( $logs, "$scratch/plain.log" );
}

my %log_file = (
    stock  => qq(LogFile="$scratch/plain.log"\n),
    pipe   => 'LogFile="' . helper() . qq( cat $scratch/raw |"\n),
    plugin => AWStats::plugin_config( log => "$scratch/raw", parameters => 'partial=stock' ),
);
my %awstats = map { $_ => AWStats->new( plugin => $_ eq 'plugin' ) } keys %log_file;

# Any host is the site's, for AWStats drops the records of others.  Side by side: AWStats itself uses one core.
sub update {
    my ($name) = @_;
    $awstats{$name}->config( 'test', $include . $log_file{$name} . qq(HostAliases="REGEX[.]"\n) );
    my ( $status, $output ) = $awstats{$name}->run( 'test', '-update' );
    Program::write_file( "$scratch/$name.said", "$status\n$output" );
}
local $ENV{PATH} = ( helper() =~ s{/[^/]*\z}{}r ) . ":$ENV{PATH}";
my @children;
for my $name ( sort keys %log_file ) {
    my $pid = fork // die "fork: $!\n";
    if ( !$pid ) { update($name); require POSIX; POSIX::_exit(0) }
    push @children, $pid;
}
waitpid $_, 0 for @children;

my %history;
for my $name ( sort keys %log_file ) {
    my ( $status, $output ) = split /\n/, Program::content("$scratch/$name.said"), 2;
    is $status, 0, "$name: awstats.pl -update" or diag $output;
    my %found = reverse $output =~ /^ Found (\d+) (dropped|corrupted|old|new qualified) records/mg;
    is_deeply \%found, { dropped => 0, corrupted => 0, old => 0, 'new qualified' => $records },
      "$name: every record counted"
      or diag $output;
    $history{$name} = $awstats{$name}->history('test');
}

is_deeply [ sort keys %{ $history{stock} } ], [ '102026', '112026' ], 'two months';
for my $name ( 'pipe', 'plugin' ) {
    is_deeply [ sort keys %{ $history{$name} } ], [ sort keys %{ $history{stock} } ], "$name: the same months";
    for my $month ( sort keys %{ $history{stock} } ) {
        ok $history{$name}{$month} eq $history{stock}{$month}, "$name: the history file of $month is stock's"
          or diag differences( $history{stock}{$month}, $history{$name}{$month} );
    }
}

# Checks that the equal files are not empty or trivial.
my $systems = $awstats{pipe}->section( 'test', 'OS' );
ok exists $systems->{$_}, "pipe: $_ is known" for qw(winxp win7 win10 macosx15 android ios_iphone);
cmp_ok $awstats{pipe}->total( 'test', 'TotalVisits' ), '>', $records / 80, 'pipe: visits';

sub differences {
    my %in_stock = map { $_ => 1 } split /\n/, $_[0];
    my %in_other = map { $_ => 1 } split /\n/, $_[1];
    my @only = (
        ( map { "stock: $_" } grep { !$in_other{$_} } sort keys %in_stock ),
        ( map { "other: $_" } grep { !$in_stock{$_} } sort keys %in_other )
    );
    return join "\n", @only[ 0 .. ( $#only < 19 ? $#only : 19 ) ];
}

done_testing;
