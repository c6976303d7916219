#!/usr/bin/perl
# The perl of update compiles awstats.pl without the functions that make pages.  One that a plugin of AWStats calls is
# compiled then, and is as it was.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program      qw(content write_file);
use UpdateChecks qw(hits records);

# A plugin that tells what it sees, and calls such a function.
my $plugin = <<'END';
use B ();
sub Init_pages { return 'SectionInitHashArray SectionReadHistory SectionWriteHistory' }
sub SectionInitHashArray_pages { return 0 }
sub SectionReadHistory_pages { return 0 }
my $has_told = 0;
sub report { print STDERR "told: @_\n" }
sub SectionWriteHistory_pages {
    return if $has_told++;
    report( 'compiled:', join ' ', sort grep { /^(?:HTML|Show)/ && !/_cloudfront\z/ && defined &{"main::$_"} } keys %main:: );
    report( 'left out:', join ' ', sort keys %AWStats::CloudFront::Embedded::left_out );
    $Lang = 'en';
    &Show_Flag_Links('en');
    my $start = B::svref_2object( \&Show_Flag_Links )->START;
    report( 'compiled from', $start->file, $start->line );
    eval { main::NoSuchFunction(1); 1 } or report($@);
    eval { NoSuch::Function(1); 1 } or report($@);
}
1;
END

my $site = CountedSite->new( config => qq(LoadPlugin="pages"\n) );
write_file( $site->folder . '/plugins/pages.pm', $plugin );
$site->deliver( records(20) );
my ( $status, undef, $error ) = $site->update_by_program('-v');
is( $status,     0,  'the site is counted' ) or diag $error;
is( hits($site), 20, 'with all records' );

my @told = $error =~ /AWStats: told: (.*)/g;
my $program = content( AWStats::program() );
my $pages = join ' ', sort $program =~ /^sub ((?:HTML|Show|PrintCLIHelp)\w*)/mg;
is( shift @told, 'compiled: ',       'no function that makes pages is compiled' );
is( shift @told, "left out: $pages", 'all of them can be' );
my ($before) = $program =~ /\A(.*?)^sub Show_Flag_Links/ms;
my ( $file, $line ) = shift(@told) =~ /^compiled from (\S+) (\d+)$/;
like( $file, qr{/awstats\.pl\z}, 'one that was called is compiled, as of awstats.pl' );
cmp_ok( abs( $line - $before =~ tr/\n// ), '<', 10, 'and its line' );
like(
    shift @told,
    qr/^Undefined subroutine &main::NoSuchFunction called at \S+pages\.pm line \d+\.$/,
    'perl\'s own error'
);
like(
    shift @told,
    qr/^Undefined subroutine &NoSuch::Function called at \S+pages\.pm line \d+\.$/,
    'also in another package'
);

# Functions that awstats.pl does not write so stay where they are.
my $other = CountedSite->new;
my $copy = $other->folder . '/awstats.pl';
unlink $copy or die "$copy: $!\n";
write_file( $copy,
    "\xef\xbb\xbf" . $program =~ s/^(?=sub Read_Config)/sub HTMLOneLine { return 1 }\nsub HTMLDeclared;\n/mr );
$other->deliver( records(20) );
( $status, undef, $error ) = $other->update_by_program;
is( $status,      0, 'a function of one line, one that is only declared, and a mark of the byte order' ) or diag $error;
is( hits($other), 20, 'all records are counted' );

done_testing;
