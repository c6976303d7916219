# Names the cities of CloudFront's edge locations.
package AWStats::CloudFront::Places;
use strict;
use warnings;

use AWStats::CloudFront::AWStats qw(warning);

my %place_in;    # by the path of the table: airport's code => "city, country"

# Returns the city and country of an edge location, "Dallas, US"; '' when the code is not known.  An edge location is
# an airport's code and a number: DFW57-P3, SFO4.  TABLE: the path of pop.tsv.
sub place {
    my ( $table, $edge_location ) = @_;
    my $place = $place_in{$table} ||= _read($table);
    my ($airport) = $edge_location =~ /^([A-Z]{3})\d/ or return '';
    return $place->{$airport} // '';
}

# Reads a table of codes, cities and countries, a TAB between them.  Warns if that fails.
sub _read {
    my $table = shift;
    my %place;
    if ( !open my $places, '<', $table ) {
        warning(
            "Warning: Plugin cloudfront can't read its table of edge locations \"$table\": $!; install the plugin again"
        );
    }
    else {
        while ( my $line = <$places> ) {
            my ( $airport, $city, $country ) = $line =~ /^([A-Z]{3})\t([^\t]+)\t([A-Z]{2})$/ or next;
            $place{$airport} = "$city, $country";
        }
        close $places or warning("Warning: Plugin cloudfront can't read \"$table\": $!; install the plugin again");
    }
    return \%place;
}

1;
