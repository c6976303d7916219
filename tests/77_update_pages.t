#!/usr/bin/perl
# The perl of update compiles awstats.pl without the functions that make pages.  One that a plugin of AWStats calls is
# compiled then, and is as it was.  A plugin sees all of them, and can put its own in their places.
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
use B::Deparse ();
our $AUTOLOAD; # a plugin's own, for any function of main that is not there
sub AUTOLOAD { die "the plugin has no $AUTOLOAD\n" }
sub is_compiled { return B::Deparse->new->coderef2text(\&{"main::$_[0]"}) !~ /call_page/ }
sub Init_pages { return 'SectionInitHashArray SectionReadHistory SectionWriteHistory' }
sub SectionInitHashArray_pages { return 0 }
sub SectionReadHistory_pages { return 0 }
my $has_told = 0;
sub report { print STDERR "told: @_\n" }
sub SectionWriteHistory_pages {
    return if $has_told++;
    my @pages = sort grep { /^(?:HTML|Show|PrintCLIHelp)/ && !/_cloudfront\z/ && defined &{"main::$_"} } keys %main::;
    report( 'defined:', join ' ', @pages );
    report( 'compiled:', join ' ', grep { is_compiled($_) } @pages );
    $Lang = 'en';
    &Show_Flag_Links('en');
    my $start = B::svref_2object( \&Show_Flag_Links )->START;
    report( 'compiled from', $start->file, $start->line );
    report( 'then compiled:', join ' ', grep { is_compiled($_) } @pages );
    my $page = \&HTMLShowHostInfo;
    *HTMLShowHostInfo = sub { report("of the plugin: @_"); goto &$page };
    HTMLShowHostInfo("192.0.2.$_") foreach 1, 2;
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
is( shift @told, "defined: $pages", 'a plugin sees all functions that make pages' );
is( shift @told, 'compiled: ',      'none of them is compiled' );
my ($before) = $program =~ /\A(.*?)^sub Show_Flag_Links/ms;
my ( $file, $line ) = shift(@told) =~ /^compiled from (\S+) (\d+)$/;
like( $file, qr{/awstats\.pl\z}, 'one that was called is compiled, as of awstats.pl' );
cmp_ok( abs( $line - $before =~ tr/\n// ), '<', 10, 'the compiled page has the line of awstats.pl' );
is( shift @told, 'then compiled: Show_Flag_Links', 'no other page is compiled' );
is( shift @told, "of the plugin: 192.0.2.$_",      "a plugin's own function around one of them, call $_" ) foreach 1, 2;
is( shift @told, 'the plugin has no main::NoSuchFunction', "a plugin's own AUTOLOAD" );
like(
    shift @told,
    qr/^Undefined subroutine &NoSuch::Function called at \S+pages\.pm line \d+\.$/,
    'perl\'s own error in another package'
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
