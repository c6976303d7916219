#!/usr/bin/perl
# The report in a browser: every page opens, every picture is shown, no script fails, nothing comes from another host,
# and the figures are those of the history.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Browser;
use List::Util qw(sum0);
use Program    qw(run write_file);

Browser::program() or plan skip_all => 'chromium is not installed; make check-browser installs it';

my $awstats = AWStats->new;
my $folder = $awstats->folder;
my $settings = '';
foreach my $kind (qw(download streaming)) {
    $settings .= "[$kind]\nsource = $Bin/data/$kind\nstate = $folder/state/$kind.db\nawstats = $folder/awstats.pl\n"
      . "awstats-config = $kind\nreport = $folder/report\n";
    $awstats->config( $kind, AWStats::plugin_config( include => "cloudfront-$kind", log => "site:$kind" ) );
}
write_file( "$folder/sites.conf", $settings );
my ( $status, $output, $error ) = run( AWStats::helper(), 'update', "--config=$folder/sites.conf", '--all' );
is( "$status$error", '0', 'the report is made' );

my $seen = Browser::follow("$folder/report/index.html");
my %table = map { s{^file://\Q$folder\E/report/}{}r => $seen->{tables}{$_} } keys %{ $seen->{tables} };
cmp_ok( scalar @{ $seen->{pages} }, '>=', 80, 'all pages open' );
is_deeply( $seen->{missing},  [], 'no link or picture leads nowhere' );
is_deeply( $seen->{errors},   [], 'no script fails' );
is_deeply( $seen->{requests}, [], 'nothing is asked of other hosts' );

# Figures as the pages have them: 2,469.
sub number {
    return scalar reverse( ( reverse shift ) =~ s/(\d{3})(?=\d)/$1,/gr );
}

sub volume {
    my $bytes = shift;
    my ( $unit, $size ) = $bytes < 2**30 ? ( 'MB', 2**20 ) : ( 'GB', 2**30 );
    return sprintf '%.2f %s', $bytes / $size, $unit;
}

foreach my $kind (qw(download streaming)) {
    my %sum;
    my $days = $awstats->section( $kind, 'DAY' );
    foreach my $day ( keys %$days ) {
        $sum{ substr $day, 0, 6 }[$_] += $days->{$day}[$_] foreach 0 .. 3;
    }
    my @months = reverse sort keys %sum;
    my %figures;
    foreach my $month (@months) {
        my ( $pages, $hits, $bytes, $visits ) = @{ $sum{$month} };
        $figures{$month} = [ map( { number($_) } $visits, $pages, $hits ), volume($bytes) ];
    }
    is_deeply(
        [ map { [ @$_[ 0 .. 4 ] ] } grep { $_->[0] =~ /^\d/ } @{ $table{"$kind/index.html"} } ],
        [ map { [ s/^(....)/$1-/r, @{ $figures{$_} } ] } @months ],
        "$kind: the figures of its months"
    );
    my ($row) = grep { $_->[0] eq $kind } @{ $table{'index.html'} };
    is_deeply( [ @$row[ 2 .. 5 ] ], $figures{ $months[0] }, "$kind: those of the newest month, beside the other site" );
    foreach my $month (@months) {
        my $page =
          $month eq $months[0] ? "$kind/awstats.html" : $kind . '/' . ( $month =~ s/^(....)/$1-/r ) . '/awstats.html';
        my ($viewed) = grep { $_->[0] =~ /^Viewed traffic/ } @{ $table{$page} };
        is_deeply(
            [ map { s/\s.*//sr } @$viewed[ 2 .. 4 ] ],
            [ @{ $figures{$month} }[ 0 .. 2 ] ],
            "$kind: the page of $month has the same"
        ) or diag explain $viewed;
    }
}

done_testing;
