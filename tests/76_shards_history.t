#!/usr/bin/perl
# A plan adds to the history that the ledger knows, and to no other one: where a month of the history is missing, or is an old
# copy, plan refuses it in the words of an update.  When another program has changed the history since the plan was made,
# collect fails and replaces nothing.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use CountedSite   ();
use Program       qw(content write_file);
use RandomNumbers ();
use Shards        qw(count_batch deliver plan_batch records task update);
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

# ---- between plan and collect ------------------------------------------------------------------

my $NEW = [ map { [ records( $_, 10 ) ] } '2026-10-20 14', '2026-11-10 12' ];

# Plans the new logs of a site, and counts them up to collect.  Returns the folder of the shards' histories.
sub until_collect {
    my ( $site, $work ) = @_;
    plan_batch( $site, $work, 2, 1 );
    task( 0, 'map',     "--work=$work", '--part=0' );
    task( 0, 'prepare', "--work=$work" );
    task( 0, 'reduce',  "--work=$work", "--shard=$_" ) foreach 0, 1;
    my ($generation) = content("$work/plan") =~ /^generation (.+)/m or die $work;
    return $generation;
}

# Returns the text and the number of the inode of each history file.
sub history {
    my $site = shift;
    return { map { $_ => [ content($_), ( stat $_ )[1] ] } glob $site->folder . '/data/awstats*.txt' };
}

# Each replaces or changes a file; OLD is the text of an old copy.
my %change = (
    'a removed file'              => [ removed => '10', sub { remove( $_[0] ) } ],
    'a removed file of no record' => [ removed => '09', sub { remove( $_[0] ) } ],
    'an old copy'                 => [ changed => '10', sub { write_file(@_) } ],
    'an old copy by another name' =>
      [ changed => '10', sub { rename write_file( "$_[0].new", $_[1] ), $_[0] or die "$_[0]: $!\n" } ],
    'a file of the same size'     => [ changed => '10', sub { write_file( $_[0], content( $_[0] ) =~ tr/1/2/r ) } ],
    'a changed file of no record' => [ changed => '09', sub { write_file( $_[0], content( $_[0] ) . "\n" ) } ],
    'a new file'                  => [ changed => '08', sub { write_file(@_) } ],
);
foreach my $how ( sort keys %count ) {
    foreach my $name ( sort keys %change ) {
        my ( $what, $month, $change ) = @{ $change{$name} };
        my ( $site, $old ) = site( $count{$how} );
        deliver( $NEW, $site );
        until_collect( $site, $site->folder . '/work' );
        my $file = file( $site, $month );
        $change->( $file, $old );
        my $before = history($site);
        like(
            task( 1, 'collect', '--work=' . $site->folder . '/work' ),
            qr/\A[^\n]* \Q$file\E was $what by another program since the plan was made; give the plan up, [^\n]*\n\z/,
            "$how, $name: collect"
        );
        is_deeply( history($site), $before, "$how, $name: nothing is replaced" );
    }
}

# The file is put back, and a new plan counts the same logs.
foreach my $how ( sort keys %count ) {
    RandomNumbers::seed(13);
    my ( $site, $old ) = site( $count{$how} );
    RandomNumbers::seed(13);
    my ($plain) = site( $count{updates} );
    my ( $file, $work ) = ( file( $site, '10' ), $site->folder . '/work' );
    deliver( $NEW, $site, $plain );
    update($plain);
    until_collect( $site, $work );
    my $text = content($file);
    write_file( $file, $old );
    my $output = task( 1, 'collect', "--work=$work" );
    write_file( $file, $text );
    my ( $status, $given_up ) = CountedSite::follow( $output, 'plan' );
    is( $status, 0, "$how: plan --abandon" ) or diag $given_up;
    count_batch( $site, "$work.2", 2, 1 );
    my ( $got, $expected ) = map { $_->rows } $site, $plain;
    delete @{$_}{ grep { /GENERAL/ } keys %$_ } foreach $got, $expected;    # LastLine of shards that begin anew
    is_deeply( $got, $expected, "$how: another plan" );
}

# A collect that was killed while it replaced files must end, whatever has become of other months.
{
    my ($site) = site( $count{plans} );
    deliver( $NEW, $site );
    my $work = $site->folder . '/work';
    my $generation = until_collect( $site, $work );
    rename "$generation/dirdata", "$work/dirdata" or die "dirdata: $!\n";
    like(
        task( 1, 'collect', "--work=$work" ),
        qr{\Q$generation\E/dirdata is missing; give the plan up, },
        'the list of files is lost'
    );
    rename "$work/dirdata", "$generation/dirdata" or die "dirdata: $!\n";
    mkdir "$generation/replacing" or die "replacing: $!\n";
    remove( file( $site, '09' ) );
    task( 0, 'collect', "--work=$work" );
}

done_testing;
