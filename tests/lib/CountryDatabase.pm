package CountryDatabase;

# A small database of countries for the AWStats plugin geoip2_country, in MaxMind's format, version 2.0
# (https://maxmind.github.io/MaxMind-DB/): each sixteenth of the IPv4 addresses, and of
# 2001::/16, belongs to another country or to none.

use strict;
use warnings;
use Generate ();
use Program  ();

my @COUNTRIES = ( 'US', 'DE', undef, 'JP', 'FR', undef, 'BR' );

# ---- values: a byte with type and size, then the bytes of the value ---------------------------

sub value   { my ( $type, $bytes ) = @_; return chr( $type << 5 | length $bytes ) . $bytes }
sub text    { return value( 2, $_[0] ) }
sub short   { return value( 5, pack 'n', $_[0] ) }
sub long    { return value( 6, pack 'N', $_[0] ) }
sub longest { return "\x08\x02" . pack 'Q>', $_[0] }
sub array   { return chr( scalar @_ ) . "\x04" . join '', @_ }

sub pairs {
    return chr( 7 << 5 | @_ / 2 ) . join '', map { $_ % 2 ? $_[$_] : text( $_[$_] ) } 0 .. $#_;
}

# ---- the tree: a node is a pair of nodes, of countries, or of nothing -------------------------

# Stores COUNTRY at the end of the path that the BITS of an address take through the tree.
sub put {
    my ( $tree, $bits, $country ) = @_;
    my @path = split //, $bits;
    my $last = pop @path;
    $tree = $tree->[$_] //= [] for @path;
    $tree->[$last] = $country;
    return;
}

sub tree {
    my $tree = [];
    for my $prefix ( '0' x 96, sprintf '%016b', 0x2001 ) {
        for my $part ( 0 .. 15 ) {
            my $country = $COUNTRIES[ $part % @COUNTRIES ];
            put( $tree, $prefix . sprintf( '%04b', $part ), $country ) if defined $country;
        }
    }
    return $tree;
}

# Returns all nodes, the root first.
sub nodes {
    my @nodes = @_;
    for ( my $i = 0 ; $i < @nodes ; $i++ ) {
        push @nodes, grep { ref } @{ $nodes[$i] };
    }
    return @nodes;
}

sub write_file {
    my ($path) = @_;
    my @nodes = nodes( tree() );
    my %number = map { $nodes[$_] => $_ } 0 .. $#nodes;
    my ( $data, %place ) = ('');
    for my $country ( grep { defined } @COUNTRIES ) {
        $place{$country} = length $data;
        my @country = ( geoname_id => long(1), iso_code => text($country), names => pairs( en => text($country) ) );
        $data .= pairs( country => pairs(@country) );
    }
    my $search = '';
    for my $node (@nodes) {
        for my $branch ( @$node[ 0, 1 ] ) {
            my $record = !defined $branch ? @nodes : ref $branch ? $number{$branch} : @nodes + 16 + $place{$branch};
            $search .= substr pack( 'N', $record ), 1;
        }
    }
    my $about = pairs(
        binary_format_major_version => short(2),
        binary_format_minor_version => short(0),
        build_epoch                 => longest(1_700_000_000),
        database_type               => text('GeoLite2-Country'),
        description                 => pairs( en => text('for tests') ),
        ip_version                  => short(6),
        languages                   => array( text('en') ),
        node_count                  => long( scalar @nodes ),
        record_size                 => short(24)
    );
    Program::write_file( $path, $search . "\0" x 16 . $data . "\xab\xcd\xefMaxMind.com" . $about );
    return;
}

1;
