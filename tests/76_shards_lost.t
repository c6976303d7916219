#!/usr/bin/perl
# A history file of a shard that is lost, or cut off, is never summed as if it had no records: the next task of the plan names
# the file, and what it advises leads to the figures of one update.
use strict;
use warnings;
use File::Path ();
use FindBin    qw($Bin);
use lib "$Bin/lib";
use CountedSite   ();
use Program       qw(content);
use RandomNumbers ();
use S3Server      ();
use Shards        qw(count_batch deliver is_same plan_batch records task update);
use Test::More;

my $LOST = qr/is missing, or was changed by another program/;
RandomNumbers::seed(11);

# Two batches, of hours between which all visits end; the second one also has late records.
my @BATCHES = (
    [ map { [ records( $_, 40 ) ] } '2026-10-31 10', '2026-11-01 10' ],
    [ map { [ records( $_, 30 ) ] } '2026-11-01 20', '2026-11-02 10' ]
);

# Returns two sites with the same logs, the second one for updates.
sub sites {
    my @settings = @_;
    my @sites = map { CountedSite->new(@settings) } 1, 2;
    deliver( $BATCHES[0], @sites );
    update( $sites[1] );
    return @sites;
}

sub second_batch {
    my @sites = @_;
    deliver( $BATCHES[1], @sites );
    update( $sites[1] );
    return;
}

# Runs all tasks of a plan but those from UNTIL on.
sub tasks_until {
    my ( $site, $work, $until ) = @_;
    plan_batch( $site, $work, 2, 2 );
    my @tasks = (
        [ 'map', '--part=0' ],
        [ 'map', '--part=1' ],
        ['prepare'],
        [ 'reduce', '--shard=0' ],
        [ 'reduce', '--shard=1' ],
        ['collect']
    );
    foreach (@tasks) {
        my ( $task, @option ) = @$_;
        return if $task eq $until;
        task( 0, $task, "--work=$work", @option );
    }
    return;
}

# Returns the folder of the histories of a plan's shards.
sub generation {
    my $work = shift;
    my ($folder) = content("$work/plan") =~ /^generation (.+)/m or die "$work/plan";
    return $folder;
}

sub lose {
    my @files = @_;
    @files or die 'no files';
    foreach (@files) { unlink $_ or die "$_: $!\n" }
    return;
}

sub remove_folder {
    my $folder = shift;
    lose( glob "$folder/*" );
    rmdir $folder or die "$folder: $!\n";
    return;
}

# Cuts a file off in a copy of its own, since other folders have links to the file.
sub cut_off {
    my $file = shift;
    my $text = content($file);
    lose($file);
    Program::write_file( $file, substr $text, 0, length($text) - 100 );
    return;
}

# Gives the plan up, and counts its batch by another one.
sub plan_again {
    my ( $site, $message, $work ) = @_;
    my ( $status, $output ) = CountedSite::follow( $message, 'plan' );
    is( $status, 0, 'plan --abandon' ) or diag $output;
    return count_batch( $site, $work, 2, 2 );
}

# ---- collect -----------------------------------------------------------------------------------

foreach my $case ( [ 'a file that is lost', \&lose ], [ 'a file that is cut off', \&cut_off ] ) {
    my ( $name, $damage ) = @$case;
    my ( $site, $plain ) = sites();
    my $work = $site->folder . '/work';
    tasks_until( $site, $work, 'collect' );
    my $folder = generation($work) . '/1';
    $damage->("$folder/awstats102026.site.txt");
    my $output = task( 1, 'collect', "--work=$work" );
    like(
        $output,
        qr{\A[^\n]*\Q$folder\E/awstats102026\.site\.txt $LOST; remove the folder \Q$folder\E [^\n]*\n\z},
        "$name: message"
    );
    is( scalar( () = glob $site->folder . '/data/awstats*.txt' ), 0, "$name: the history is unchanged" );
    remove_folder($folder);
    my ( $status, $again ) = CountedSite::follow( $output, 'reduce' );
    is( $status, 0, "$name: the shard is counted again" ) or diag $again;
    task( 0, 'collect', "--work=$work" );
    is_same( $site, $plain, $name );

    # A file that the second plan has not changed.
    second_batch( $site, $plain );
    my $second = $site->folder . '/second';
    tasks_until( $site, $second, 'collect' );
    $damage->( generation($second) . '/0/awstats102026.site.txt' );
    like( task( 1, 'collect', "--work=$second" ), qr{/0/awstats102026\.site\.txt $LOST}, "$name: a link" );
}

# The folder of all shards' histories, before the first shard is counted, and after the last one.
foreach my $until (qw(reduce collect)) {
    my ( $site, $plain ) = sites();
    my ( $work, $shards ) = ( $site->folder . '/work', $site->folder . '/data/site.shards' );
    tasks_until( $site, $work, $until );
    File::Path::remove_tree($shards);
    my $output;
    foreach my $task ( $until eq 'reduce' ? [ 'reduce', '--shard=0' ] : (), ['collect'] ) {
        $output = task( 1, $task->[0], "--work=$work", @$task[ 1 .. $#$task ] );
        like(
            $output,
            qr{\A[^\n]* the folder \Q$shards\E/\S+, [^\n]* is missing on this machine; [^\n]*--abandon [^\n]*\n\z},
            "all histories are lost before $until, $task->[0]: message"
        );
    }
    plan_again( $site, $output, $site->folder . '/again' );
    is_same( $site, $plain, "all histories are lost before $until" );
    like( task( 1, 'collect', "--work=$work" ), qr/ is over: it was given up/,
        'collect of the plan that was given up' );
}

# The history from before all shards.
{
    my ( $site, $plain ) = sites();
    update($site);
    second_batch( $site, $plain );
    my $work = $site->folder . '/work';
    tasks_until( $site, $work, 'collect' );
    my $base = generation($work) . '/base';
    lose("$base/awstats112026.site.txt");
    my $output = task( 1, 'collect', "--work=$work" );
    like( $output, qr{\Q$base\E/awstats112026\.site\.txt $LOST; give the plan up}, 'base: message' );
    plan_again( $site, $output, $site->folder . '/again' );
    is_same( $site, $plain, 'base' );
}

# ---- between two plans, and during the second one ---------------------------------------------

my %damage = (
    'the files of a shard'  => sub { lose( glob "$_[0]/1/awstats*.txt" ) },
    'the result of a shard' => sub { lose("$_[0]/1/result") },
    'the folder of a shard' => sub { remove_folder("$_[0]/1") },
    'the folder base'       => sub { remove_folder("$_[0]/base") },
);
foreach my $name ( sort keys %damage ) {
    my ( $site, $plain ) = sites();
    my ( $first, $second, $third ) = map { $site->folder . "/$_" } qw(first second third);
    count_batch( $site, $first, 2, 2 );
    second_batch( $site, $plain );
    $damage{$name}->( generation($first) );
    my $output = plan_batch( $site, $second, 2, 2 );
    like(
        $output,
        qr/warning: \[cdn\]: \Q@{[ generation($first) ]}\E\S+ $LOST; the shards begin with empty histories, /,
        "$name: warning"
    );
    is( scalar( () = $output =~ /warning:/g ), 1, "$name: one warning" );
    $output = ( $site->command( 'plan', '--abandon' ) )[1];
    count_batch( $site, $third, 2, 2 );
    is_same( $site, $plain, "$name, before the plan" );
}
foreach my $name ( grep { !/base/ } sort keys %damage ) {
    my ( $site,  $plain ) = sites();
    my ( $first, $second ) = map { $site->folder . "/$_" } qw(first second);
    count_batch( $site, $first, 2, 2 );
    second_batch( $site, $plain );
    tasks_until( $site, $second, 'reduce' );
    $damage{$name}->( generation($first) );
    task( 0, 'reduce', "--work=$second", '--shard=0' );
    my $output = task( 1, 'reduce', "--work=$second", '--shard=1' );
    like(
        $output,
        qr{\Q@{[ generation($first) ]}\E/1/\S+ $LOST, and this shard goes on from it; give the plan up, },
        "$name: reduce"
    );
    plan_again( $site, $output, $site->folder . '/third' );
    is_same( $site, $plain, "$name, during the plan" );
}

# ---- in a bucket -------------------------------------------------------------------------------

my $server = S3Server->new;
$server->set_environment;
$server->make_bucket('work');
{
    my ( $site, $plain ) = sites();
    my @options = ( '--config=' . $site->folder . '/sites.conf', '--site=cdn', '--work=s3://work/plans' );
    my $begin = sub {
        plan_batch( $site, 's3://work/plans', 2, 1 );
        task( 0, 'map', @options, '--part=0' );
        task( 0, 'prepare', @options );
    };
    my $remove = sub {
        my $name = shift;
        my ($key) = grep { /$name/ } $server->keys( 'work', '' ) or die $name;
        $server->remove( 'work', $key );
        return $key;
    };
    $begin->();
    task( 0, 'reduce', @options, "--shard=$_" ) foreach 0, 1;
    my $key = $remove->(qr{/shards/1/\w+/awstats102026});
    my $output = task( 1, 'collect', @options );
    my ($result) = $output =~ m{s3://work/\Q$key\E $LOST; delete s3://work/(\S+) } or diag $output;
    $server->remove( 'work', $result );
    my ( $status, $again ) = CountedSite::follow( $output, 'reduce' );
    is( $status, 0, 'a bucket: the shard is counted again' ) or diag $again;
    task( 0, 'collect', @options );
    is_same( $site, $plain, 'a bucket: an object of a shard' );

    second_batch( $site, $plain );
    $begin->();
    $key = $remove->(qr{/before/0/awstats102026});
    $output = task( 1, 'reduce', @options, '--shard=0' );
    like( $output, qr{s3://work/\Q$key\E $LOST, and this shard goes on from it}, 'a bucket: the history before' );
    CountedSite::follow( $output, 'plan' );
    $begin->();
    task( 0, 'reduce', @options, "--shard=$_" ) foreach 0, 1;
    task( 0, 'collect', @options );
    is_same( $site, $plain, 'a bucket: the next plan' );
}

done_testing;
