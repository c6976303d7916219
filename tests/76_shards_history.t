#!/usr/bin/perl
# A plan adds to the history that the ledger knows, and to no other one: where a month of the history is missing, or is an old
# copy, plan refuses it in the words of an update.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use CountedSite   ();
use Program       qw(content write_file);
use RandomNumbers ();
use Shards        qw(count_batch deliver records update);
use Test::More;

RandomNumbers::seed(12);

# Returns a site whose history has three months, the first of which the last batch has not changed, and the first text of
# the second month's file.  COUNT counts a batch.
sub site {
    my $count = shift;
    my $site = CountedSite->new;
    deliver( [ map { [ records( $_, 10 ) ] } '2026-09-10 10', '2026-10-20 10' ], $site );
    $count->( $site, 'one' );
    my $old = content( file( $site, '10' ) );
    deliver( [ map { [ records( $_, 10 ) ] } '2026-10-20 12', '2026-11-10 10' ], $site );
    $count->( $site, 'two' );
    return ( $site, $old );
}

sub file {
    my ( $site, $month ) = @_;
    return $site->folder . "/data/awstats${month}2026.site.txt";
}

sub remove {
    my $file = shift;
    unlink $file or die "$file: $!\n";
    return;
}

my %count = (
    updates => sub { update( $_[0] ) },
    plans   => sub { my ( $site, $name ) = @_; count_batch( $site, $site->folder . "/$name", 2, 1 ) },
);
foreach my $how ( sort keys %count ) {
    foreach my $case (
        [ 'is missing',     '10' ],
        [ 'is an old copy', '10' ],
        [ 'is missing',     '09' ],    # no new log has records of this month
      )
    {
        my ( $what, $month ) = @$case;
        my $name = "$how, the file of the month $month $what";
        my ( $site, $old ) = site( $count{$how} );
        my $work = $site->folder . '/work';
        my $file = file( $site, $month );
        deliver( [ map { [ records( $_, 10 ) ] } '2026-10-20 14', '2026-11-10 12' ], $site );
        my $whole = content($file);
        if   ( $what eq 'is missing' ) { remove($file) }
        else                           { write_file( $file, $old ) }
        my ( $status, $output ) = $site->command( 'plan', "--work=$work", '--shards=2', '--parts=1' );
        is( $status, 1, "$name: plan fails" );
        ok( !-e "$work/plan", "$name: no plan is made" );
        my ($words) = $output =~ /\A\S+: \[cdn\]: (The history file \Q$file\E $what\b.*)\n\z/ or diag $output;

        if ( $month eq '10' ) {
            my ($update) = ( $site->update_by_program )[2] =~ /Nothing was counted: (.*)/;
            is( $words, $update, "$name: the words of an update" );
        }
        elsif ( $how eq 'plans' ) {
            write_file( $file, $whole );
            count_batch( $site, $work, 2, 1 );
        }
        else {
            ( $status, my $accepted ) = CountedSite::follow( $output, 'commit' );
            is( $status, 0, "$name: accepted" ) or diag $accepted;
            count_batch( $site, $work, 2, 1 );
            ok( !-e $file, "$name: other months are counted" );
        }
    }
}

done_testing;
