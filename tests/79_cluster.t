#!/usr/bin/perl
# Slurm counts a site's batch by the scripts of contrib/slurm: thousands of objects, with a task that scancel ends, one that is
# killed, a node that dies, tasks that are queued again, and two submissions at once.  The histories have the rows of one
# update.  GNU parallel does the same on one machine.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats       ();
use CountedSite   ();
use Program       qw(content run write_file);
use RandomNumbers ();
use Slurm         ();
use Test::More;

plan skip_all => 'make check-cluster runs this test' if !$ENV{CHECK_CLUSTER};
my $missing = Slurm::missing();
die "the test of the cluster needs $missing\n" if $missing;

my ( $OBJECTS, $SHARDS, $PARTS ) = ( $ENV{CHECK_CLUSTER} > 1 ? $ENV{CHECK_CLUSTER} : 4000, 3, 4 );
my ($whole) = CountedSite->new;
my $other = CountedSite->new;
my $site = CountedSite->new;
my $folder = $site->folder;
my $work = "$folder/work 100%A";
my $slurm = Slurm->start(qw(n1 n2));
RandomNumbers::seed(3);

# The program, with accidents: an accident of a task happens once.
write_file( "$folder/program", <<"END" );
#!/bin/sh
accident() { [ -e $folder/accidents ] && mkdir "$folder/was-\$1" 2>/dev/null; }
case "\$1 \$4 \$5" in
"map --part 1")
    if accident map; then echo "\$SLURMD_NODENAME" >$folder/node; sleep 1000; fi ;;
"map --part 2")
    if accident map2; then echo "\${SLURM_ARRAY_JOB_ID}_\$SLURM_ARRAY_TASK_ID" >$folder/job; sleep 1000; fi ;;
"reduce --shard 0")
    if accident reduce; then @{[ AWStats::helper() ]} "\$@" & sleep 0.2; kill -9 \$!; kill -9 \$\$; fi ;;
esac
exec @{[ AWStats::helper() ]} "\$@"
END
chmod 0755, "$folder/program";
chmod 0755, $folder;

sub deliver {
    my ( $objects, $day ) = @_;
    foreach my $number ( 1 .. $objects ) {
        my $hour = 1 + int( ( $number - 1 ) * 22 / $objects );
        my @records = map {
            CountedSite::record(
                sprintf( '%s %02d:%02d:%02d', $day, $hour, RandomNumbers::below(60), RandomNumbers::below(60) ),
                host => '192.0.2.' . ( 1 + RandomNumbers::below(200) ),
                path => '/page' . RandomNumbers::below(50) . '.html',
            )
        } 1 .. 3;
        $_->deliver(@records) foreach $whole, $site, $other;
    }
    return;
}

sub submit {
    local %ENV = ( %ENV, AWSTATS_CLOUDFRONT => "$folder/program", CONFIG => "$folder/sites.conf" );
    return Program::start( { together => 1 }, "$Bin/../contrib/slurm/submit", 'cdn', $work, $SHARDS, $PARTS );
}

sub submitted {
    my ( $status, $output ) = Program::finish(shift);
    is( $status, 0, 'submit' ) or diag $output;
    return $output // '';
}

sub is_counted {
    my $name = shift;
    my ( undef, $status ) = $site->command('status');
    my ( undef, $want ) = $whole->command('status');
    is_deeply( [ $status =~ /^.*objects counted.*$/mg ], [ $want =~ /^.*objects counted.*$/mg ], "$name: the objects" );
    is_deeply( $site->rows,                              $whole->rows, "$name: the rows of one update" );
    ok( !-e "$work/current.cdn", "$name: the plan is over" );
    return;
}

# ---- accidents ---------------------------------------------------------------------------------

deliver( $OBJECTS, '2026-11-01' );
is( ( $whole->update_by_program )[0], 0, 'one update' );
write_file( "$folder/accidents", '' );
submitted( submit() );
$slurm->wait_for( 'a task on a node', sub { return -s "$folder/node" } );
my $node = content("$folder/node") =~ s/\s+//r;
$slurm->kill_node($node);
my %is_down = ( n1 => 0, n2 => 0 );
$slurm->wait_for( 'a dead node', sub { return $slurm->ask( qw(sinfo -h -o %T -n), $node ) =~ /down/ } );
pass("the node $node is dead");
$slurm->wait_for( 'the task of another node', sub { return -s "$folder/job" } );
$slurm->ask( 'scancel', content("$folder/job") =~ s/\s+//r );
$slurm->start_node($node);
$slurm->wait_for_jobs;
ok( -e "$work/current.cdn", 'after a cancelled task the plan goes on' );
my ( $status, $output ) = $site->command('status');
like( $output, qr/objects counted: 0/, 'nothing is counted yet' );

# Twice at once; the task that counts shard 0 is killed in one of them.
submitted($_) foreach map { submit() } 1, 2;
$slurm->wait_for_jobs;
submitted( submit() ) if -e "$work/current.cdn";
$slurm->wait_for_jobs;
ok( -d "$folder/was-$_", "the accident of $_ has happened" ) foreach qw(map map2 reduce);
is_counted('accidents');

# ---- the next batch, with tasks that are queued again --------------------------------------------

unlink "$folder/accidents";
deliver( 60, '2026-11-02' );
is( ( $whole->update_by_program )[0], 0, 'another update' );
my ($map) = submitted( submit() ) =~ /jobs (\d+) \(map\)/;
$slurm->ask( qw(scontrol requeue), "${map}_$_" ) foreach 0, 1;
$slurm->wait_for_jobs;
submitted( submit() ) if -e "$work/current.cdn";
$slurm->wait_for_jobs;
is_counted('queued again');
like( submitted( submit() ), qr/no new logs to count/, 'nothing is new' );

# ---- GNU parallel ----------------------------------------------------------------------------------

{
    local %ENV = ( %ENV, CONFIG => $other->folder . '/sites.conf' );
    ( $status, $output ) = run(
        { together => 1 },
        "$Bin/../contrib/parallel/count",
        'cdn', $other->folder . q{/it's $parallel},
        3,     2, '-j2'
    );
    is( $status, 0, 'GNU parallel' ) or diag $output;
    is_deeply( $other->rows, $whole->rows, 'GNU parallel: the rows of one update' );
}

done_testing;
