#!/usr/bin/perl
# The scripts of contrib/aws-batch and contrib/kubernetes count a site's batch through a bucket, with the definitions of jobs
# beside them.  Programs of the test stand for aws and kubectl: they run the tasks here, as these engines would run them, one
# after the other.  tests/76_shards_scripts.t and tests/79_cluster.t test the other engines.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats     ();
use CountedSite ();
use File::Temp  ();
use Program     qw(content run write_file);
use S3Server    ();
use Shards      qw(deliver is_same records update);
use Test::More;

my $server = S3Server->new;
$server->set_environment;
$server->make_bucket('work');
my $programs = File::Temp->newdir;

sub program {
    my ( $name, $text ) = @_;
    chmod 0755, write_file( "$programs/$name", $text );
    return;
}

# What both stand-ins have: a job is a folder, with the state in which all its tasks have ended.
my $engine = <<'END';
use strict;
use warnings;
my $jobs = $ENV{JOBS};

# Adds a line to the list of tasks, and runs the command of each task.
sub run_tasks {
    my ( $count, $variable, @command ) = @_;
    my $state = 'done';
    foreach my $number ( 0 .. $count - 1 ) {
        local $ENV{$variable} = $number if defined $variable;
        open my $list, '>>', "$jobs/tasks" or die $!;
        my ($step) = "@command" =~ /\b(map|reduce)\b(?!\))/;
        print $list "$number $step\n";
        close $list;
        my @logged = ( 'sh', '-c', 'exec "$@" >>"$0/output" 2>&1', $jobs, @command );
        $state = 'failed' if -e "$jobs/broken" || system(@logged) != 0;
    }
    my $job = 'job-' . scalar( () = glob "$jobs/job-*" );
    open my $file, '>', "$jobs/$job" or die $!;
    print $file $state;
    return $job;
}

sub state_of {
    open my $file, '<', "$jobs/$_[0]" or die "$_[0]: no such job\n";
    return scalar <$file>;
}
END

program( 'aws', "#!$^X\n$engine" . <<'END' );
use JSON::PP ();
my ( $service, $command, %option ) = @ARGV;
die "@ARGV\n" if $service ne 'batch' || $option{'--output'} ne 'text';
if ( $command eq 'describe-jobs' ) {
    die if $option{'--query'} ne 'jobs[0].status';
    print { done => 'SUCCEEDED', failed => 'FAILED' }->{ state_of( $option{'--jobs'} ) }, "\n";
    exit;
}
die "@ARGV\n" if $command ne 'submit-job' || $option{'--query'} ne 'jobId' || $option{'--retry-strategy'} ne 'attempts=5';
open my $file, '<', $ENV{DEFINITION} or die $!;
my $definition = JSON::PP::decode_json( join '', <$file> );
die "job name: $option{'--job-name'}\n" if $option{'--job-name'} !~ /\A[A-Za-z0-9][\w-]{0,127}\z/a;
die if $definition->{jobDefinitionName} ne $option{'--job-definition'};
my %value = ( %{ $definition->{parameters} }, %{ JSON::PP::decode_json( $option{'--parameters'} ) } );
my @command = map { /^Ref::(.*)$/ ? $value{$1} : $_ } @{ $definition->{containerProperties}{command} };
my ($size) = ( $option{'--array-properties'} // '' ) =~ /^size=(.*)$/;
die "an array has two tasks or more\n" if defined $size && $size < 2;
print run_tasks( $size // 1, defined $size ? 'AWS_BATCH_JOB_ARRAY_INDEX' : undef, @command ), "\n";
END

program( 'kubectl', "#!$^X\n$engine" . <<'END' );
my ( $command, @arguments ) = @ARGV;
die "@ARGV\n" if shift @arguments ne '--namespace=logs';
if ( $command eq 'get' ) {
    die "@ARGV\n" if $arguments[2] ne 'jsonpath={.status.conditions[?(@.status=="True")].type}';
    print { done => 'SuccessCriteriaMet Complete', failed => 'Failed' }->{ state_of( $arguments[0] =~ s{.*/}{}r ) };
    exit;
}
die "@ARGV\n" if "$command @arguments" ne 'create -f - -o name';
my $manifest = join '', <STDIN>;
die "left over: $manifest" if $manifest =~ s/^#.*\n//r =~ /\@[A-Z]+\@/;
my ($count) = $manifest =~ /^  completions: (\d+)$/m;
my ($parallel) = $manifest =~ /^  parallelism: (\d+)$/m;
die $manifest if !$count || $count != $parallel || $manifest !~ m{^ +image: "registry/image:1"$}m;
my ( $indent, $script ) = $manifest =~ /^ +args:\n( +)- \|\n((?:\1  .*\n)+)/m or die $manifest;
print 'job.batch/', run_tasks( $count, 'JOB_COMPLETION_INDEX', 'sh', '-c', $script =~ s/^$indent  //mgr ), "\n";
END

foreach my $case ( [ 'aws-batch', [ '--retry-strategy', 'attempts=5' ] ], [ 'kubernetes', ['--namespace=logs'] ] ) {
    my ( $name, $options ) = @$case;
    my ( $site, $whole ) =
      map { CountedSite->new( settings => "endpoint = @{[ $server->endpoint ]}\nregion = @{[ $server->region ]}\n" ) }
      1, 2;
    my $folder = $site->folder;
    my $jobs = File::Temp->newdir;
    local %ENV = (
        %ENV,
        PATH       => "$programs:$ENV{PATH}",
        JOBS       => "$jobs",
        WAIT       => 0,
        IMAGE      => 'registry/image:1',
        CONFIG     => "$folder/sites.conf",
        DEFINITION => "$Bin/../contrib/aws-batch/job-definition.json"
    );

    # The image has the configuration at the place where the program looks.
    my $helper = AWStats::helper();
    program( 'awstats-cloudfront', <<"END" );
#!/bin/sh
case " \$* " in *' --config '*) exec '$helper' "\$@" ;; esac
exec '$helper' "\$@" --config '$folder/sites.conf'
END
    my $count = sub {
        my @arguments = @_;
        return run( { together => 1 }, "$Bin/../contrib/$name/count", 'cdn', @arguments, @$options );
    };

    deliver( [ map { [ records( $_, 20 ) ] } '2026-11-01 10', '2026-11-01 11', '2026-11-01 12' ], $site, $whole );
    update($whole);
    write_file( "$jobs/broken", '' );
    my ( $status, $output ) = $count->( "s3://work/$name/1", 3, 2 );
    is( $status, 1, "$name: a job that fails" );
    like(
        $output,
        qr/^count: \[cdn\]: .*job-0 \(map\) has failed; .* run this again with the same arguments$/m,
        "$name: the message"
    );
    unlink "$jobs/broken", "$jobs/tasks";

    ( $status, $output ) = $count->( "s3://work/$name/1/", 3, 2 );
    is( $status, 0, "$name: again" ) or diag $output;
    is_same( $site, $whole, $name );
    is(
        content("$jobs/tasks"),
        join( '', map { "$_\n" } '0 map', '1 map', '0 reduce', '1 reduce', '2 reduce' ),
        "$name: the tasks"
    );

    ( $status, $output ) = $count->( "s3://work/$name/2", 3, 2 );
    is( $status, 0, "$name: nothing is new" );
    like( $output, qr/\A[^\n]*no new logs to count\n\z/, "$name: nothing is submitted" );

    # The shell, AWS Batch, sed and YAML would change this prefix.
    deliver( [ [ records( '2026-11-01 13', 20 ) ] ], $site, $whole );
    update($whole);
    ( $status, $output ) = $count->( qq{s3://work/$name/it's "\$HOME", a=b | & \\1 `x`}, 3, 2 );
    is( $status, 0, "$name: an unusual prefix" ) or diag $output;
    is_same( $site, $whole, "$name: an unusual prefix" );

    deliver( [ [ records( '2026-11-01 14', 20 ) ] ], $site, $whole );
    update($whole);
    ( $status, $output ) = $count->( "s3://work/$name/3//", 1, 1 );
    is( $status, 0, "$name: one part and one shard" ) or diag $output;
    is( ( $site->command('status') )[1] =~ /objects counted: (\d+)/ ? $1 : 0, 5, "$name: all is counted" );

    ( $status, $output ) = run( { together => 1 }, "$Bin/../contrib/$name/count", 'cdn' );
    is( $status, 2, "$name: usage" );

    # The name of a site may have dots and spaces; here all tasks of the home succeed, and the job's task fails.
    program( 'home', "#!/bin/sh\necho '\"plan\": \"s3://work/dots\"'\n" );
    local $ENV{AWSTATS_CLOUDFRONT} = "$programs/home";
    ( $status, $output ) =
      run( { together => 1 }, "$Bin/../contrib/$name/count", 'www.example.com, 2', 's3://work/dots', 1, 1, @$options );
    like(
        $output,
        qr{^\[www\.example\.com, 2\]: map: (?:job |job\.batch/)job-\d+, tasks: 1$}m,
        "$name: a site with dots"
    );
}

done_testing;
