package Shards;

# Sites whose batches the tasks of a plan count: records, deliveries, and the tasks.  A work that is in a bucket
# (s3://...) needs --site, so task() adds it.

use strict;
use warnings;
use AWStats       ();
use CountedSite   ();
use Exporter      qw(import);
use Program       qw(content run);
use RandomNumbers ();
use Test::More;

our @EXPORT_OK = qw(count_batch deliver is_counted is_same plan_batch records task twice update);

# Returns records of 12 hosts, one of them each COUNT times from START ("YYYY-MM-DD hh") on, a minute or so apart.
sub records {
    my ( $start, $count ) = @_;
    my ( $day, $hour ) = split / /, $start;
    my $minute = 0;
    return map {
        $minute += RandomNumbers::below(3);
        CountedSite::record(
            sprintf( '%s %02d:%02d:%02d', $day, $hour + int( $minute / 60 ), $minute % 60, RandomNumbers::below(60) ),
            host   => '192.0.2.' . ( 1 + RandomNumbers::below(12) ),
            path   => '/page' . RandomNumbers::below(9) . '.html',
            status => ( 200, 200, 200, 404 )[ RandomNumbers::below(4) ],
            bytes  => 100 + RandomNumbers::below(900),
        )
    } 1 .. $count;
}

# Delivers a batch, a list of objects, each a list of records, to sites.  An object without records is only a header.
my $headers = 0;

sub deliver {
    my ( $batch, @sites ) = @_;
    foreach my $records (@$batch) {
        my $header = sprintf 'E1EXAMPLE.2026-10-30-09.h%07x.gz', ++$headers;
        foreach my $site (@sites) {
            if   (@$records) { $site->deliver(@$records) }
            else             { $site->deliver_as( $header, "#Version: 1.0\n#Fields: @{[ $site->fields ]}\n" ) }
        }
    }
    return;
}

# Runs a command of a plan, and returns its output; it must end with STATUS.
sub task {
    my ( $status, $command, @arguments ) = @_;
    my ( $got, $output ) = run( { together => 1 }, AWStats::helper(), $command, @arguments );
    is( $got, $status, "$command @arguments" ) or diag $output;
    return $output;
}

# Runs a task twice at once, and once more.
sub twice {
    my @words = @_;
    my @running = map { Program::start( {}, AWStats::helper(), @words ) } 1, 2;
    foreach (@running) {
        my ( $ended, undef, $message ) = Program::finish($_);
        is( $ended, 0, "twice at once: @words" ) or diag $message;
    }
    return task( 0, @words );
}

# Returns the options that name the work of a site's plan.
sub _options {
    my ( $site, $work ) = @_;
    return $work =~ /^s3:/
      ? ( '--config=' . $site->folder . '/sites.conf', '--site=cdn', "--work=$work" )
      : ("--work=$work");
}

sub plan_batch {
    my ( $site, $work, $shards, $parts ) = @_;
    return task( 0, 'plan', '--config=' . $site->folder . '/sites.conf',
        '--site=cdn', "--work=$work", "--shards=$shards", "--parts=$parts" );
}

# Counts the batch of a site by all tasks.  RUN, instead of task(0, ...), runs those tasks that may be on another machine.
sub count_batch {
    my ( $site, $work, $shards, $parts, $run ) = @_;
    my @options = _options( $site, $work );
    $run //= sub { return task( 0, @_ ) };
    plan_batch( $site, $work, $shards, $parts );
    $run->( 'map', @options, "--part=$_" ) foreach reverse 0 .. $parts - 1;
    task( 0, 'prepare', @options );
    $run->( 'reduce', @options, "--shard=$_" ) foreach reverse 0 .. $shards - 1;
    return task( 0, 'collect', @options );
}

sub update {
    my $site = shift;
    my ( $status, $output, $error ) = $site->update_by_program;
    is( $status, 0, 'update' ) or diag $error;
    return;
}

sub is_same {
    my ( $site, $whole, $name ) = @_;
    is_deeply( $site->rows, $whole->rows, "$name: the rows of one update" );
    my %ids = map { $_ => 1 } grep { defined } values %{ $site->batches };
    ok( %ids, "$name: the history has a batch" );
    return;
}

# Runs an update, which must succeed: then the history has these pages, NAME => HITS for /NAME.html, and no others.
sub is_counted {
    my ( $site,   $name, %expected ) = @_;
    my ( $status, undef, $error ) = $site->update_by_program;
    is( $status, 0, "$name: an update" ) or diag $error;
    my %hits;
    foreach my $file ( glob $site->folder . '/data/awstats*.txt' ) {
        foreach ( split /^/, content($file) ) { $hits{$1} += $2 if m{^/(\w+)\.html (\d+) } }
    }
    is_deeply( \%hits, \%expected, "$name: each record once" );
    return;
}

1;
