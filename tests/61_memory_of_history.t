#!/usr/bin/perl
# An update takes the memory of what is new: lines of a large history that the log does not touch take little, in each
# section that grows with a site, and stay as they are.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Columns         qw(@COLUMNS %COLUMN);
use UnusualHistory  ();
use Program         ();
use GenerateUnusual ();

plan skip_all => 'there is no /proc' if !-r '/proc/self/status';
plan skip_all => 'a sanitizer takes memory of its own' if AWStats::helper() =~ m{-asan/};

# A key of a row takes 100 bytes and more, one of a line that has none some 13, while its section is read.
use constant { KEYS => 40_000, MOST => 30 };

my $time = '20261005080000';
my %line = (
    VISITOR               => sub { join( '.', 10, $_[0] >> 16, $_[0] >> 8 & 255, $_[0] & 255 ) . " 1 1 1000 $time" },
    SIDER                 => sub { "/all/pages/page-$_[0].html 2 1000 0 0" },
    PAGEREFS              => sub { "http://www.example.net/thread-$_[0].html 1 1" },
    SEARCHWORDS           => sub { 'words+' . join( '+', split //, $_[0] ) . ' 1' },
    DOWNLOADS             => sub { "/all/downloads/file-$_[0].zip 1 0 1000" },
    UNKNOWNREFERER        => sub { "somebody-of-this-name/$_[0] $time" },
    UNKNOWNREFERERBROWSER => sub { "somebody-of-this-name/$_[0] $time" },
    EXTRA_1               => sub { "/all/pages/page-$_[0].html 2 2 1000 $time" },
    SIDER_404             => sub { "/no/page/of/this/name-$_[0].html 2 http://www.example.net/$_[0] 192.0.2.1" },
);

# Updates the history of a few records by some more of them, with LINES more lines in each section.  Returns the
# history, and the peak of memory in KiB.
sub update {
    my ($lines) = @_;
    my $awstats = AWStats->new;
    my $folder = $awstats->folder;
    for my $hour ( 8, 9 ) {
        my @records = map { UnusualHistory::record( "0$hour:00:0$_", "192.0.2.$_", "/$_.html", 200 ) } 1 .. 9;
        GenerateUnusual::write_log( "$folder/$hour", \@records );
        $awstats->config( 'site', AWStats::plugin_config( log => "cat $folder/$hour |", more => <<'END' ) );
TrapInfosForHTTPErrorCodes="404"
ShowHTTPErrorsPageDetail="RH"
ExtraSectionName1="Files"
ExtraSectionFirstColumnValues1="URL,(.*)"
ExtraSectionFirstColumnTitle1="File"
ExtraSectionFirstColumnFormat1="%s"
ExtraSectionStatTypes1=PHBL
MaxNbOfExtra1=3
MinHitExtra1=1
END
        my ( $status, $output ) = $awstats->command( $^X, "-I$Bin/lib", "-MPeakMemory=$folder/peak",
            "$folder/awstats.pl", '-config=site', '-update' );
        is( $status, 0, "$lines lines, $hour o'clock: an update" ) or diag $output;
        like( $output, qr/the plugin counted [89] records/, "$lines lines, $hour o'clock: by the plugin" );
        my ($path) = glob "$folder/data/awstats*.site.txt";
        my $text = Program::content($path);
        return ( $text, Program::content("$folder/peak") ) if $hour == 9;

        for my $section ( sort keys %line ) {
            my $more = join '', map { $line{$section}->($_) . "\n" } 1 .. $lines;
            $text =~ s/^(?=END_$section$)/$more/m or die "no section $section\n";
        }
        Program::write_file( $path, $text );
    }
    return;
}

my ( undef, $least ) = update(9);
my ( $text, $peak ) = update(KEYS);
for my $section ( sort keys %line ) {
    my ( $count, $lines ) = $text =~ /^BEGIN_$section (\d+)\n(.*?)^END_$section$/ms;
    my %is_there = map { $_ => 1 } split /\n/, $lines;
    is( scalar( grep { !$is_there{ $line{$section}->($_) } } 1 .. KEYS ), 0, "$section: all lines stay" );
    is( $count, scalar keys %is_there,                                       "$section: their number" );
}
my $each = ( $peak - $least ) * 1024 / KEYS;
cmp_ok( $each, '<', MOST, sprintf 'each of %d lines in %d sections: %.1f bytes', KEYS, scalar keys %line, $each );
done_testing;
