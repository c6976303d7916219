#!/usr/bin/perl
# update --report: the pages of the newest month, whose history was removed, are kept when a newer month comes.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use CountedSite;
use Links;
use Program qw(content);

local $ENV{TZ} = 'UTC';

# A report with few pages.
my $site = CountedSite->new(
    config => join '',
    map { "Show${_}Stats=0\n" }
      qw(Domains Sessions Misc Robots Worms Downloads Keyphrases Keywords OS Browsers Origin HTTPErrors FileTypes)
);
my $out = $site->folder . '/report';

# Delivers a record of a month of 2026, and updates the report.
sub update {
    my ( $month, $what ) = @_;
    $site->deliver( CountedSite::record( sprintf( '2026-%02d-05 10:00:00', $month ), path => qq(/="../$month.html) ) );
    my ( $status, $output, $error ) = $site->update_by_program("--report=$out");
    is( $status, 0, "$what: exit status" ) or diag "$output$error";
    my ( undef, $missing ) = Links::follow("$out/index.html");
    is_deeply( $missing, [], "$what: no link or picture leads nowhere" );
    return;
}

sub remove_history {
    my ( $month, $last ) = @_;
    unlink $site->folder . "/data/awstats${month}2026.site.txt" or die "$!\n";
    is( ( $site->command( 'commit', "--previous=$last" ) )[0], 0, "the history of month $month is removed" );
    return;
}

update( 8, 'August' );
update( 9, 'September' );
remove_history( '09', $site->batches->{'082026'} );
my @pages = map { s{.*/}{}r } glob "$out/cdn/awstats*.html";
my %september = map { $_ => content("$out/cdn/$_") } @pages;
update( 10, 'October' );
like( content("$out/cdn/awstats.html"), qr/>Month Oct 2026</, 'the newest is October' );
is( join( ' ', map { s{.*/}{}r } glob "$out/cdn/2026-09/awstats*.html" ),
    "@pages", 'September has a folder of its own' );

foreach my $name (@pages) {
    my ( $page, $before ) = ( content("$out/cdn/2026-09/$name"), $september{$name} );
    my $out_of_it = () = $before =~ m{="\.\./}g;
    is( $page =~ s{="\.\./\.\./}{="../}g, $out_of_it, "$name: links lead out of the folder" );
    is(
        $page   =~ s{="\.\./index\.html}{="index.html}g,
        $before =~ s{="\.\./index\.html}{="index.html}g + 1,
        "$name: also to its months"
    );
    is( $page, $before, "$name: and nothing else has changed" );
}
like( content("$out/cdn/index.html"), qr{href="2026-09/}, 'the list of months has it' );
my ( $status, $output ) = $site->update_by_program("--report=$out");
like( $output, qr/\A\[cdn\]: no new logs to count\n\z/, 'no page is made again' );
update( 10, 'October again' );
like( content("$out/cdn/2026-09/awstats.html"), qr/>Month Sep 2026</, 'the pages of September stay' );

done_testing;
