#!/usr/bin/perl
# The names that people and programs give to copies of a log are not CloudFront's: such a copy is known by its text, and
# is not counted again.  A name that CloudFront gives is a log of its own, whatever its text.
use strict;
use warnings;
use Test::More;
use Compress::Zlib qw(memGzip);
use FindBin        qw($Bin);
use lib "$Bin/lib";
use CopyChecks qw($once counts explains paths silent);
use Program    qw(helper run);
use Site;

my $name = 'E2EXAMPLE1AB2C.2026-10-31-10.9f1bece7';
my @copy = (
    "$name (1).gz",    "$name.gz.1",   "$name.bak.gz",  "$name.gz~",
    "$name.gz.gz",     "${name}_1.gz", "$name-copy.gz", "Copy of $name.gz",
    "old.$name.gz",    "$name.log.gz", "$name.gz.part", "_$name.gz",
    "$name.gz (copy)", "$name.",       "E2EXAMPLE1AB2C.2026-10-31-10.gz"
);
my $text = memGzip( Site::log_text( '/a', '/b' ) );

# Copies beside their log, at once and after it was counted.
for my $is_later ( 0, 1 ) {
    my $site = Site->new;
    my $path = $site->put( "$name.gz", $text );
    my $what = $is_later ? 'copies, later' : 'copies, at once';
    is( paths( $site->cat ), '/a /b', "$what: the log" ) if $is_later;
    $site->put( $_, $text ) for @copy;
    my $run = $site->cat;
    is( paths($run), $is_later ? '' : '/a /b', "$what: none is counted" );
    my $more = @copy - 1;
    like(
        $run->{err},
        qr{\A\S+ warning: .* holds the same log as \Q$path\E; $once; the same is true of $more more objects\n\z},
        "$what: one warning"
    );
    silent( $site, $what );
    explains( $site, 2, $what );
    next if $is_later;
    my ( $status, $out, $err ) = run( helper(), 'cat', $site->{source} );
    like( $out, qr/^#End: records=2 /m,                      'cat: no copy is read' );
    like( $err, qr{ holds the same log as \Q$path\E; $once}, 'cat: a warning' );
}

# A counted log gets such a name.
{
    my $site = Site->new;
    my $path = $site->put( "$name.gz", $text );
    $site->cat;
    for my $copy (@copy) {
        rename $path, "$site->{source}/$copy" or die "$copy: $!\n";
        $path = "$site->{source}/$copy";
        is( paths( $site->cat ), '', "renamed to $copy: nothing" );
    }
}

# The names that CloudFront gives, today and in 2010; in folders; and of logs that were compressed anew.
{
    my $site = Site->new;
    my @log = (
        "$name.gz",                                                     'E2EXAMPLE1AB2C.2026-10-31-10.9f1bece8.gz',
        'E2EXAMPLE1AB2C.2026-10-31-11.9f1bece7.gz',                     'E1.2026-10-31-10.Zk3xQ0aB.gz',
        'AWSLogs/111122223333/CloudFront/E3.2026-10-31-10.9f1bece7.gz', 'E4.2026-10-31-10.9f1bece7',
        '2026-10-31-10.9f1bece7.gz'
    );
    $site->put( $_, /gz\z/ ? $text : Site::log_text( '/a', '/b' ) ) for @log;
    my $run = $site->cat;
    is( "$run->{end}$run->{err}", 'records=' . 2 * @log . ' bad=0 quarantined=0', "CloudFront's names: each is a log" );
    explains( $site, 2 * @log, "CloudFront's names" );
}

# An older version took such names for CloudFront's, and noted in the ledger that it had counted no others.
{
    my $site = Site->new;
    $site->put( "$name-copy.gz", $text );
    is( paths( $site->cat ), '/a /b', 'an older ledger: a copy is counted' );
    is( $site->change_ledger("UPDATE state SET value = 1 WHERE name = 'names'"), 1, 'an older ledger: its note' );
    $site->put( "$name.gz", $text );
    is( paths( $site->cat ), '', 'an older ledger: the log of the copy is not' );
}
done_testing;
