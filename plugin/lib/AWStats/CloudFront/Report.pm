# Makes reports of CloudFront's logs easier to read than AWStats writes them: adds up edge locations by city, names
# countries and the status 000, sorts extra sections by their first number, and shows their texts as the log has them.
#
# Only reports load this module.  It replaces functions of awstats.pl that print a table.
package AWStats::CloudFront::Report;
use strict;
use warnings;
no warnings qw(uninitialized);    # a counter that is missing is 0

use AWStats::CloudFront::AWStats qw(
  $Center $LogFormat $MaxRowsInHTMLOutput $ShowClusterStats $color_TableBGRowTitle $color_h $color_k $color_p
  @ExtraFirstColumnValuesType @ExtraName @ExtraStatTypes @Message @keylist
  %DomainsHashIDLib %PluginsLoaded %_cluster_h %_cluster_k %_cluster_p %httpcodelib
  Format_Bytes Format_Number Read_Ref_Data tab_end tab_head
);
use AWStats::CloudFront::Columns;
use AWStats::CloudFront::Places;
use AWStats::CloudFront::Text;

my $viewer_left = 'The viewer closed the connection before the response';

# Codes of countries that AWStats' table of domains lacks.
my %country = ( BL => 'Saint Barthelemy', SS => 'South Sudan', TL => 'Timor-Leste', XK => 'Kosovo' );

my $codes_shown = 3;    # in the row of a city; the others are a number

my $place_table;        # the path of the table of edge locations

# The functions that replace functions of awstats.pl, and the original functions.
my ( %replacement, %original );
%replacement = (
    HTMLMainCluster       => \&_show_edge_locations,
    HTMLMainExtra         => sub { return _show_extra( 'HTMLMainExtra',         @_ ) },
    HTMLShowExtraSections => sub { return _show_extra( 'HTMLShowExtraSections', @_ ) },
);

# Prepares a report.  PLUGIN_DIRECTORY: the folder of cloudfront.pm.
sub begin {
    my $plugin_directory = shift;
    $place_table = "$plugin_directory/pop.tsv";
    $httpcodelib{'000'} = $viewer_left;
    foreach my $name ( keys %replacement ) {
        my $function = AWStats::CloudFront::AWStats::replace_function( $name, $replacement{$name} );

        # A process that runs awstats.pl again may have the replacement already.
        $original{$name} = $function if $function != $replacement{$name};
    }
    return;
}

# Returns the city and country of an edge location as HTML; '' when the city is not known.
sub place {
    my $edge_location = shift;
    return AWStats::CloudFront::Text::html( AWStats::CloudFront::Places::place( $place_table, $edge_location ) );
}

# Returns whether this report uses the plugin: a process that runs awstats.pl again may have loaded this module for
# another report.
sub _is_ours {
    return $PluginsLoaded{init}{cloudfront};
}

# ---- edge locations ----

# Prints the table of edge locations, a row for each city.  If another plugin shows information about clusters, AWStats
# prints its own table, with a row for each cluster.
sub _show_edge_locations {
    my @arguments = @_;
    my $others = grep { $_ ne 'cloudfront' } keys %{ $PluginsLoaded{ShowInfoCluster} };
    return $original{HTMLMainCluster}->(@arguments) if $others || !_is_ours();

    my @numbers = (
        { letter => 'P', title => $Message[56], color => $color_p, hash => \%_cluster_p, format => \&Format_Number },
        { letter => 'H', title => $Message[57], color => $color_h, hash => \%_cluster_h, format => \&Format_Number },
        { letter => 'B', title => $Message[75], color => $color_k, hash => \%_cluster_k, format => \&Format_Bytes },
    );
    @numbers = grep { $ShowClusterStats =~ /$_->{letter}/i } @numbers;

    print "$Center<a name=\"clusters\">&nbsp;</a><br />\n";
    tab_head( 'Edge locations', 19, 0, 'clusters' );
    print "<tr bgcolor=\"#$color_TableBGRowTitle\"><th>City</th><th>Edge locations</th>";
    foreach my $number (@numbers) {
        my $head = "<th bgcolor=\"#$number->{color}\" width=\"80\">";
        print "$head$number->{title}</th>$head$Message[15]</th>";
    }
    print "</tr>\n";

    my $codes_of = _edge_locations_by_city();
    my %hits = map { $_ => _sum( \%_cluster_h, @{ $codes_of->{$_} } ) } keys %$codes_of;
    foreach my $city ( _largest( $MaxRowsInHTMLOutput, 1, \%hits, \%hits ) ) {
        my @codes = @{ $codes_of->{$city} };
        print "<tr><td class=\"aws\">$city</td><td class=\"aws\">", _codes(@codes), '</td>';
        foreach my $number (@numbers) {
            my $value = _sum( $number->{hash}, @codes );
            my $total = _sum( $number->{hash}, keys %_cluster_h );
            my $percent = $total ? int( $value / $total * 1000 ) / 10 : 0;
            print '<td>', $value ? $number->{format}->($value) : '&nbsp;', "</td><td>$percent %</td>";
        }
        print "</tr>\n";
    }
    tab_end();
    return;
}

# Returns the edge locations of each city, those with most hits first.  An edge location whose city is not known is a
# row of its own.
sub _edge_locations_by_city {
    my %codes_of;
    foreach my $code ( sort { $_cluster_h{$b} <=> $_cluster_h{$a} || $a cmp $b } keys %_cluster_h ) {
        push @{ $codes_of{ place($code) || AWStats::CloudFront::Text::html($code) } }, $code;
    }
    return \%codes_of;
}

# Returns the first few of a city's edge locations, and the number of the others, as HTML.
sub _codes {
    my @codes = @_;
    my $more = @codes > $codes_shown + 1 ? @codes - $codes_shown : 0;
    splice @codes, $codes_shown if $more;
    my $text = join ', ', map { AWStats::CloudFront::Text::html($_) } @codes;
    return $more ? "$text and $more more" : $text;
}

sub _sum {
    my ( $hash, @keys ) = @_;
    my $sum = 0;
    $sum += $hash->{$_} foreach @keys;
    return $sum;
}

# ---- extra sections ----

# Prints extra sections by awstats.pl's function NAME, which finds the rows by BuildKeyList, and the text of a row by
# DecodeEncodedString.
sub _show_extra {
    my ( $name, @arguments ) = @_;
    return $original{$name}->(@arguments) if !_is_ours();
    my $section;
    no warnings 'redefine';
    local *main::BuildKeyList = sub {
        my ( $size, $min, $hits, $order ) = @_;
        $section = _section_of($hits);
        @keylist = _largest( $size, $min, _order($section) || $order, $hits );
        return;
    };
    local *main::DecodeEncodedString = sub { return _label( $section, @_ ) };
    return $original{$name}->(@arguments);
}

# Returns a counter of an extra section: p, h or k.
sub _counter {
    my ( $section, $letter ) = @_;
    no strict 'refs';
    return \%{"main::_section_${section}_$letter"};
}

# Returns the number of the extra section that has this counter of hits.
sub _section_of {
    my $hits = shift;
    my ($section) = grep { _counter( $_, 'h' ) == $hits } 1 .. $#ExtraName;
    return $section;
}

# Returns the counter by which the rows of a section are sorted: the first letter of its ExtraSectionStatTypes names it.
sub _order {
    my $section = shift;
    my %letter_of = ( P => 'p', H => 'h', B => 'k' );
    my $letter = $letter_of{ uc substr $ExtraStatTypes[$section] // '', 0, 1 };
    return $letter && _counter( $section, $letter );
}

# Returns the SIZE keys that have the greatest numbers in ORDER, the greatest first.  More hits, then the text, decide
# between equals, so that a report looks the same each time.  Keys with fewer hits than MIN are left out.
sub _largest {
    my ( $size, $min, $order, $hits ) = @_;
    my @rest = grep { $_ && $hits->{$_} >= $min } keys %$hits;
    my @keys;

    # Whole tables are sorted by plain numbers and texts: there may be a million keys.
    foreach my $number ( $order, $hits ) {
        my $places = $size - @keys;
        last if $places >= @rest;
        my $least = ( sort { $b <=> $a } map { $number->{$_} || 0 } @rest )[ $places - 1 ];
        push @keys, grep { $number->{$_} > $least } @rest;
        @rest = grep { $number->{$_} == $least } @rest;
    }
    @rest = sort @rest;
    splice @rest, $size - @keys if @keys + @rest > $size;
    push @keys, @rest;
    return sort { $order->{$b} <=> $order->{$a} || $hits->{$b} <=> $hits->{$a} || $a cmp $b } @keys;
}

# Returns the text of a row as HTML.  AWStats itself turns each "+" into a space, and removes "onload" from the text.
sub _label {
    my ( $section, $key ) = @_;
    my $html = _country( $section, $key ) || AWStats::CloudFront::Text::html($key);
    return $html =~ s/onload/on&#108;oad/gr;
}

# Returns the name of a country if the section's rows are countries and the code is known, or ''.
sub _country {
    my ( $section, $code ) = @_;
    return '' if $code !~ /^[A-Z]{2}$/ || !_has_countries($section);
    Read_Ref_Data('domains') if !%DomainsHashIDLib;
    return $DomainsHashIDLib{ lc $code } || $country{$code} || '';
}

# Returns whether the first column of a section is c-country.  c-country has its place only in a log format with the
# columns of the normalized log at the same places.
sub _has_countries {
    my $section = shift;
    my @names = @AWStats::CloudFront::Columns::names;
    my ($place) = grep { $names[$_] eq 'c-country' } 0 .. $#names;
    my $extra = $place - ( @names - $AWStats::CloudFront::Columns::extras ) + 1;
    my @types = @{ $ExtraFirstColumnValuesType[$section] || [] };
    return "@types" eq "extra$extra" && index( $AWStats::CloudFront::Columns::log_format, $LogFormat ) == 0;
}

1;
