#!/usr/bin/perl
# The settings of the site that say how many rows reports show are changed between plans: the sum has as many rows first as
# the history of an update, whichever shard has new records.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use CountedSite   ();
use Program       qw(content);
use RandomNumbers ();
use Shards        qw(count_batch deliver is_same records update);
use Test::More;

my ( $whole, $site ) = ( CountedSite->new, CountedSite->new );

# Sets how many hosts and pages reports show.
sub show {
    my ($rows) = @_;
    foreach my $one ( $whole, $site ) {
        $one->{config} =~ s/^MaxNbOf\w+Shown=.*\n//mg;
        $one->{config} .= "MaxNbOfHostsShown=$rows\nMaxNbOfPageShown=$rows\n";
        $one->use_log('site:cdn');
    }
    return;
}

# Returns of each history file how many hosts and pages come first, and the hits or pages of these.
sub first_rows {
    my ($one) = @_;
    my %first;
    foreach my $path ( glob $one->folder . '/data/awstats*.site.txt' ) {
        my $text = content($path);
        foreach my $name (qw(VISITOR SIDER)) {
            my ( $count, $column, $rows ) =
              $text =~ /^# The (\d+) first (Hits|Pages) .*\nBEGIN_$name .*\n((?s:.*?))^END_$name\n/m;
            my @rows = grep { defined } ( split /^/, $rows )[ 0 .. $count - 1 ];
            $first{ $path =~ s{.*/}{}r . " $name" } = join ' ', $count,
              map { ( split / / )[ $column eq 'Hits' ? 2 : 1 ] } @rows;
        }
    }
    return \%first;
}

RandomNumbers::seed(3);
my $number = 0;
foreach my $case (
    [ 2,  'the first batch',    records( '2026-10-31 10', 90 ) ],
    [ 9,  'more, one host',     CountedSite::record( '2026-10-31 20:00:00', host => '192.0.2.1' ) ],
    [ 4,  'fewer, one host',    CountedSite::record( '2026-10-31 20:10:00', host => '192.0.2.2' ) ],
    [ 10, 'more, another host', CountedSite::record( '2026-10-31 20:20:00', host => '192.0.2.3' ) ],
    [ 3,  'fewer, all hosts',   records( '2026-10-31 21', 30 ) ],
    [ 7,  'the next month',     CountedSite::record( '2026-11-01 20:00:00', host => '192.0.2.4' ) ],
  )
{
    my ( $rows, $name, @records ) = @$case;
    show($rows);
    deliver( [ \@records ], $whole, $site );
    update($whole);
    count_batch( $site, $site->folder . '/work' . ++$number, 3, 1 );
    is_same( $site, $whole, $name );
    is_deeply( first_rows($site), first_rows($whole), "$name: the first rows" );
}

done_testing;
