package MergeHistories;

# Times the command merge beside cat: histories of one month, each with hosts of its own, become one file.

use strict;
use warnings;
use Measure qw(in_turns);
use Table   qw(title rows);

# Writes a history with the hosts from number FIRST on.  A third of their visits goes on.
sub write_history {
    my ( $path, $first, $hosts ) = @_;
    open my $out, '+>', $path or die "$path: $!\n";
    my ( %map, %place );
    my @sections = qw(GENERAL VISITOR SIDER);
    print {$out} "AWSTATS DATA FILE 7.8 (build 20200416)\n",
      "# If you remove this file, all statistics for date 202611 will be lost/reset.\nBEGIN_MAP 3\n";
    for (@sections) {
        print {$out} "POS_$_ ";
        $map{$_} = tell $out;
        print {$out} ' ' x 20, "\n";
    }
    print {$out} "END_MAP\n\n";
    $place{GENERAL} = tell $out;
    print {$out}
      "BEGIN_GENERAL 1\nLastLine 20261130235959 $first 0 0\nEND_GENERAL\n\n# The 10 first Hits must be first\n";
    $place{VISITOR} = tell $out;
    print {$out} "BEGIN_VISITOR $hosts\n";

    for my $number ( $first .. $first + $hosts - 1 ) {
        my $host = join '.', 11 + ( $number >> 24 ), $number >> 16 & 255, $number >> 8 & 255, $number & 255;
        my $visit = $number % 3 ? '' : " 20261130235000 /page$number.html";
        printf {$out} "%s %d %d %d 202611302359%02d%s\n", $host, $number % 50 + 1, $number % 70 + 1, $number * 7,
          $number % 60,
          $visit;
    }
    print {$out} "END_VISITOR\n\n# The 10 first Pages must be first\n";
    $place{SIDER} = tell $out;
    print {$out} "BEGIN_SIDER 1\n/page.html 1 1 1 1\nEND_SIDER\n";
    for (@sections) {
        seek $out, $map{$_}, 0;
        print {$out} $place{$_};
    }
    close $out or die "$path: $!\n";
    return;
}

# HELPER merges the files in DIRECTORY, of HOSTS each; SCRATCH takes the results.
sub bench {
    my ( $helper, $directory, $hosts, $scratch, $repeats ) = @_;
    my @files = glob "$directory/*.txt";
    title( "Merging " . @files . " histories of $hosts hosts each" );
    my $results = in_turns(
        $repeats,
        [ 'cat *.txt >FILE'          => "exec cat @files >'$scratch/cat'" ],
        [ 'awstats-cloudfront merge' => "exec '$helper' merge -o '$scratch/merged' @files" ]
    );
    unlink "$scratch/cat", "$scratch/merged";
    return rows( $results, $results->[0]{seconds}, '3, and 100 MB' );
}

1;
