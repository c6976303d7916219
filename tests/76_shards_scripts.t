#!/usr/bin/perl
# The scripts of contrib/parallel and contrib/slurm count a site's batches in a folder whose name the shell would change.
# Programs of the test stand for parallel and sbatch, and run the tasks here, one after the other.  tests/79_cluster.t tests
# the scripts with the real programs.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats     ();
use CountedSite ();
use File::Temp  ();
use Program     qw(content run write_file);
use Shards      qw(deliver is_same records task update);
use Test::More;

my $programs = File::Temp->newdir;

sub program {
    my ( $name, $text ) = @_;
    chmod 0755, write_file( "$programs/$name", $text );
    return;
}

# As GNU parallel does, without --quote it gives the words to a shell, and a line of its input behind them.
program( 'parallel', "#!$^X\n" . <<'END' );
use strict;
use warnings;
my $is_quoted = $ARGV[0] eq '--quote' && shift @ARGV;
die "@ARGV\n" if "@ARGV[0, 1]" ne '--halt soon,fail=1';
my @words = map { $is_quoted ? s/'/'\\''/gr =~ s/(.*)/'$1'/sr : $_ } @ARGV[ 2 .. $#ARGV ];
while ( my $number = <STDIN> ) {
    chomp $number;
    exit 1 if system( 'sh', '-c', "@words $number" ) != 0;
}
END

# Runs the tasks unless the file `waits` is there, and prints the number of the job.
program( 'sbatch', "#!$^X\n" . <<"END" . <<'END' );
use strict;
use warnings;
my \$folder = '$programs';
END
my %option;
while ( $ARGV[0] =~ /^--([^=]+)(?:=(.*))?/s ) { $option{$1} = $2; shift @ARGV }
open my $jobs, '>>', "$folder/jobs" or die $!;
print $jobs "$option{'job-name'}\n";
close $jobs;
my $output = $option{output} =~ s/%([%xAa])/{ '%' => '%', x => $option{'job-name'}, A => 1, a => 2 }->{$1}/ger;
open STDERR, '>>', $output or die "$output: $!\n";
my ( $first, $last ) = split /-/, $option{array} // '0-0';
foreach my $number ( -e "$folder/waits" ? () : $first .. $last ) {
    local $ENV{SLURM_ARRAY_TASK_ID} = $number;
    open my $task, '-|', @ARGV or die $!;
    print STDERR <$task>;
    close $task or exit 1;
}
print "7\n";
END

local $ENV{PATH} = "$programs:$ENV{PATH}";

sub script {
    my ( $path, $site, @arguments ) = @_;
    local $ENV{CONFIG} = $site->folder . '/sites.conf';
    local $ENV{AWSTATS_CLOUDFRONT} = AWStats::helper();
    return run( { together => 1 }, "$Bin/../contrib/$path", 'cdn', @arguments );
}

my $NAME = q{100%A it's "$HOME"; \\n};

# ---- GNU parallel ----------------------------------------------------------------------------------

{
    my ( $site, $whole ) = ( CountedSite->new, CountedSite->new );
    deliver( [ map { [ records( $_, 20 ) ] } '2026-11-01 10', '2026-11-01 11' ], $site, $whole );
    update($whole);
    my ( $status, $output ) = script( 'parallel/count', $site, $site->folder . "/$NAME", 3, 2 );
    is( $status, 0, 'parallel' ) or diag $output;
    is_same( $site, $whole, 'parallel' );
}

# ---- Slurm -----------------------------------------------------------------------------------------

{
    my ( $site, $whole ) = ( CountedSite->new, CountedSite->new );
    my $work = $site->folder . "/$NAME";
    my $submit = sub {
        my $name = shift;
        unlink "$programs/jobs";
        my ( $status, $output ) = script( 'slurm/submit', $site, $work, 2, 1 );
        is( $status, 0, "slurm: $name" ) or diag $output;
        return $output;
    };
    deliver( [ [ records( '2026-11-01 10', 20 ) ] ], $site, $whole );
    update($whole);
    $submit->('a batch');
    is_same( $site, $whole, 'slurm: a batch' );
    is( content("$programs/jobs"), join( '', map { "cdn-$_\n" } qw(map prepare reduce collect) ), 'slurm: the jobs' );
    opendir my $folder, $work or die "$work: $!\n";
    my ($plan) = grep { /^cdn/ } readdir $folder;
    ok( -e "$work/$plan/cdn-map-1-2.out", 'slurm: the output of a task is in the folder of the plan' );
    like( $submit->('nothing is new'), qr/\A[^\n]*no new logs to count\n\z/, 'slurm: nothing is new: message' );
    ok( !-e "$programs/jobs", 'slurm: nothing is submitted' );

    # A plan that somebody collects by hand, or gives up, is over: the next submit makes another one.
    foreach my $case ( 'collected', 'given up' ) {
        deliver( [ [ records( '2026-11-01 12', 20 ) ] ], $site, $whole );
        update($whole);
        write_file( "$programs/waits", '' );
        $submit->("a plan that waits, $case");
        chomp( my $folder = content("$work/current.cdn") );
        $submit->('the same again');
        is( content("$work/current.cdn"), "$folder\n", 'slurm: the same plan' );
        if ( $case eq 'collected' ) {
            task( 0, 'map',     "--work=$folder", '--part=0' );
            task( 0, 'prepare', "--work=$folder" );
            task( 0, 'reduce',  "--work=$folder", "--shard=$_" ) foreach 0, 1;
            task( 0, 'collect', "--work=$folder" );
            is_same( $site, $whole, 'slurm: collected by hand' );
            unlike( $submit->('nothing is new after that'), qr/jobs/, 'slurm: no jobs' );
            ok( !-e "$work/current.cdn", 'slurm: no plan' );
        }
        else {
            is( ( $site->command( 'plan', '--abandon' ) )[0], 0, 'plan --abandon' );
        }
        unlink "$programs/waits";
        deliver( [ [ records( '2026-11-01 13', 20 ) ] ], $site, $whole );
        update($whole);
        $submit->("after a plan that was $case");
        is_deeply(
            [ ( $site->command('status') )[1]  =~ /objects counted: (\d+)/ ],
            [ ( $whole->command('status') )[1] =~ /objects counted: (\d+)/ ],
            "slurm: after a plan that was $case, all is counted"
        );
    }
}

done_testing;
