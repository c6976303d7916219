#!/usr/bin/perl
# The command merge keeps to its memory when rows do not fit: those of one history each, which are copied, and those of
# several, which are added up.
use strict;
use warnings;
use File::Temp ();
use FindBin    qw($Bin);
use lib "$Bin/lib", "$Bin/bench";
use Measure qw(measure);
use Program qw(helper);
use Soak    qw(is_soak);
use Test::More;

# Rows of 500 bytes: all of them take more than the memory.
use constant { HISTORIES => 4, ROWS => 70_000, LETTERS => 480, MEMORY => 100_000_000 };

# Writes a history with the pages from number FIRST on, each of which has one hit.  Returns the path.  Nothing large is kept:
# the memory of this process counts with that of each command.
sub write_history {
    my ( $path, $first ) = @_;
    my $letters = 'x' x LETTERS;
    open my $out, '>', $path or die "$path: $!\n";
    print {$out} "AWSTATS DATA FILE 7.8 (build 20200416)\n",
      "# If you remove this file, all statistics for date 202611 will be lost/reset.\n",
      "BEGIN_MAP 2\nPOS_GENERAL \nPOS_PAGEREFS \nEND_MAP\n\n",
      "BEGIN_GENERAL 1\nLastLine 20261130235959 $first 0 0\nEND_GENERAL\n\n",
      "# The 10 first Pages must be first\nBEGIN_PAGEREFS 1\n";
    print {$out} "http://$_.example/$letters 1 1\n" foreach $first .. $first + ROWS - 1;
    print {$out} "END_PAGEREFS\n";
    close $out or die "$path: $!\n";
    return $path;
}

# Each history begins STEP pages behind the one before.
foreach my $step ( is_soak() ? ROWS : (), ROWS - 3000 ) {
    my $folder = File::Temp->newdir;
    my @files = map { write_history( "$folder/$_.txt", $_ * $step ) } 0 .. HISTORIES - 1;
    my $helper = helper();
    my $result = measure("exec '$helper' merge -o '$folder/merged' @files");
    my ( $rows, $hits ) = ( 0, 0 );
    open my $in, '<', "$folder/merged" or die "$folder/merged: $!\n";
    while (<$in>) {
        next if !/^http:\S+ (\d+) \1$/;
        $rows++;
        $hits += $1;
    }
    is( $rows, ROWS + ( HISTORIES - 1 ) * $step, "each $step pages further: the pages of all" );
    is( $hits, HISTORIES * ROWS,                 "each $step pages further: their hits" );
  SKIP: {
        skip 'a sanitizer takes memory of its own', 1 if $helper =~ /-asan/;
        cmp_ok( $result->{memory}, '<', MEMORY, "each $step pages further: the memory" );
    }
}
done_testing;
