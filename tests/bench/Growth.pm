package Growth;

# How the cost of a whole update grows with the log: time a record at several sizes, and a log whose counters are larger than
# the memory.

use strict;
use warnings;
use File::Path  qw(make_path remove_tree);
use ManyHosts   ();
use Measure     qw(in_turns measure);
use MemoryLimit ();
use NativeLoop  ();
use Table       qw(title rows);

my @SIZES = ( 1, 2, 4, 8 );    # how many slices the logs have
my $SLICE_DAYS = 3;

# ---- time a record ----------------------------------------------------------------------------

# Writes slices of so many records, each with hosts of its own, so that the part of new hosts is the same at each size.  WANT:
# records and hosts of a slice, pages, agents.
sub make_slices {
    my ( $folder, %want ) = @_;
    for my $slice ( 0 .. $SIZES[-1] - 1 ) {
        mkdir "$folder/$slice";
        ManyHosts::write_logs(
            "$folder/$slice", %want,
            first_host => $slice * $want{hosts},
            seed       => 100 + $slice,
            day        => $SLICE_DAYS * $slice,
            hours      => 24 * $SLICE_DAYS
        );
    }
    return;
}

# WANT: as make_slices(), and build, scratch, logs (the folder that make_slices() wrote), repeats.
sub bench_linear {
    my %want = @_;
    NativeLoop::prepare( \%want );
    title("A whole update of so many records, half as many hosts, $want{pages} pages, $want{agents} user agents");
    my @contenders = map {
        my $slices = $_;
        my $source = "$want{scratch}/source-$slices";
        make_path($source);
        ManyHosts::must("cp -al '$want{logs}/$_/'* '$source'") for 0 .. $slices - 1;
        my ( $update, $before ) = NativeLoop::site( \%want, "size-$slices", $source );
        [ "awstats-cloudfront update, ${\ ($slices * $want{records})}", $update, $before ];
    } @SIZES;
    my $results = in_turns( $want{repeats}, @contenders );
    rows( $results, $results->[0]{seconds} );
    my @each = map { 1e6 * $results->[$_]{cpu} / ( $SIZES[$_] * $want{records} ) } 0 .. $#SIZES;
    my ( $least, $most ) = ( sort { $a <=> $b } @each )[ 0, -1 ];
    printf "  microseconds of processor time a record: %s\n", join ', ', map { sprintf '%.3f', $_ } @each;
    printf "  largest size beside smallest %.2f, most beside least %.2f  (goal: at most 1.10)\n", $each[-1] / $each[0],
      $most / $least;
    remove_tree( $want{scratch} );
    return;
}

# ---- more than fits into memory ---------------------------------------------------------------

sub make_huge {
    my ( $folder, %want ) = @_;
    ManyHosts::write_logs( $folder, %want, seed => 18, day => 0, hours => 24 * $ManyHosts::DAYS );
    return;
}

# Returns the numbers that a shell command prints.
sub numbers {
    my ($command) = @_;
    my @numbers = split ' ', `$command`;
    die "failed: $command\n" if $?;
    return @numbers;
}

# The hosts, pages, hits and bytes of the objects in a folder.  Each host has two records or more, as write_logs() spreads
# them.
sub figures_of_logs {
    my ( $folder, $hosts ) = @_;
    return (
        $hosts,
        numbers(
                "cd '$folder' && zcat *.gz | LC_ALL=C awk -F '\\t' '!/^#/ { hits++; bytes += \$4; pages += "
              . "\$8 ~ /[.]html\$/ } END { printf \"%d %d %.0f\", pages, hits, bytes }'"
        )
    );
}

# The same of the hosts in the history files of a folder.
sub figures_of_history {
    my ($folder) = @_;
    return numbers( 'LC_ALL=C awk \'/^END_VISITOR/ { is = 0 } is { hosts++; pages += $2; hits += $3; bytes += $4 }'
          . " /^BEGIN_VISITOR/ { is = 1 } END { printf \"%d %d %d %.0f\", hosts, pages, hits, bytes }' '$folder'/*.txt"
    );
}

# One update, with less memory than its counters take.  WANT: records, hosts, pages, agents, and build, scratch, logs (the
# folder that make_huge() wrote), machine (MiB of memory that there is), memory (the setting of this name).
sub bench_huge {
    my %want = @_;
    NativeLoop::prepare( \%want );
    my $limit = MemoryLimit->new( $want{machine} << 20 );
    title(  "$want{records} records of $want{hosts} hosts: memory limited to $want{machine} MiB by "
          . $limit->name
          . ", memory = $want{memory}" );
    my ( $update, undef, $data ) = NativeLoop::site( \%want, 'huge', $want{logs}, "memory = $want{memory}" );
    my $result = measure( $limit->command($update) );
    rows( [ { %$result, name => 'awstats-cloudfront update' } ], $result->{seconds} );
    my @names = qw(hosts pages hits bytes);
    my @expected = figures_of_logs( @want{qw(logs hosts)} );
    my @got = figures_of_history($data);
    remove_tree( $want{scratch} );

    for ( 0 .. $#names ) {
        die "$got[$_] $names[$_] were counted, and the logs have $expected[$_]\n" if $got[$_] != $expected[$_];
    }
    printf "  exact: %s\n", join ', ', map { "$got[$_] $names[$_]" } 0 .. $#names;
    return;
}

1;
