package UpdateChecks;

# What the tests of update check of a CountedSite, whose records are all of one day: 5 October 2026.

use strict;
use warnings;
use CountedSite;
use Exporter qw(import);
use Test::More;

our @EXPORT_OK = qw(hits records update_is);

my $minute = 0;

# So many records, a minute apart; VALUES as for CountedSite::record().
sub records {
    my ( $count, @values ) = @_;
    return
      map { CountedSite::record( sprintf( '2026-10-05 %02d:%02d:00', $minute / 60 % 24, $minute++ % 60 ), @values ) }
      1 .. $count;
}

# Runs an update, and compares its status, and its output or its error with a pattern.
sub update_is {
    my ( $site, $status, $pattern, $what, @arguments ) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ( $got, $output, $error ) = $site->update_by_program(@arguments);
    is( $got, $status, "$what: exit status" ) or diag $error;
    like( $output . $error, $pattern, $what );
    return;
}

# The number of records that the history has of that day.
sub hits {
    my $site = shift;
    return ( $site->days->{20261005} // [ 0, 0 ] )->[1];
}

1;
