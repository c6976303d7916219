# Writes Parquet files of the simplest kind: one row group, columns of strings that may be null, PLAIN, not compressed.
package ParquetFile;
use strict;
use warnings;
use Exporter qw(import);
our @EXPORT_OK = qw(parquet);

# Types of Thrift's compact protocol.
my ( $INTEGER, $STRING, $LIST, $STRUCT ) = ( 5, 8, 9, 12 );

sub varint {
    my ($number) = @_;
    my $bytes = '';
    for ( ; $number >= 128 ; $number >>= 7 ) { $bytes .= chr( $number & 127 | 128 ) }
    return $bytes . chr $number;
}

sub integer { return varint( $_[0] * 2 ) }
sub text    { return varint( length $_[0] ) . $_[0] }

sub list {
    my ( $type, @element ) = @_;
    return chr( 0xf0 | $type ) . varint( scalar @element ) . join '', @element;
}

# A struct of fields [id, type, bytes].
sub struct {
    my (@field) = @_;
    return join( '', map { chr( $_->[1] ) . integer( $_->[0] ) . $_->[2] } @field ) . "\0";
}

# Returns the bytes of a file with these columns, and rows of values in their order; undef is null.
sub parquet {
    my ( $names, @row ) = @_;
    my $file = 'PAR1';
    my @chunk;
    for my $column ( 0 .. $#$names ) {
        my @value = map { $_->[$column] } @row;
        my $levels = join '', map { varint(2) . chr( defined $_ ? 1 : 0 ) } @value;
        my $data = pack( 'V/a*', $levels ) . join '', map { pack 'V/a*', $_ } grep { defined } @value;
        my $size = integer( length $data );
        my $page = struct(
            [ 1, $INTEGER, integer(0) ],
            [ 2, $INTEGER, $size ],
            [ 3, $INTEGER, $size ],
            [
                5, $STRUCT,
                struct(
                    [ 1, $INTEGER, integer( scalar @row ) ],
                    [ 2, $INTEGER, integer(0) ],
                    [ 3, $INTEGER, integer(3) ],
                    [ 4, $INTEGER, integer(3) ]
                )
            ]
        ) . $data;
        my $begin = integer( length $file );
        my $about = struct(
            [ 1, $INTEGER, integer(6) ],
            [ 2, $LIST,    list( $INTEGER, integer(0), integer(3) ) ],
            [ 3, $LIST,    list( $STRING,  text( $names->[$column] ) ) ],
            [ 4, $INTEGER, integer(0) ],
            [ 5, 6,        integer( scalar @row ) ],
            [ 6, 6,        integer( length $page ) ],
            [ 7, 6,        integer( length $page ) ],
            [ 9, 6,        $begin ]
        );
        push @chunk, struct( [ 2, 6, $begin ], [ 3, $STRUCT, $about ] );
        $file .= $page;
    }
    my @schema = (
        struct( [ 4, $STRING, text('schema') ], [ 5, $INTEGER, integer( scalar @$names ) ] ),
        map {
            struct(
                [ 1, $INTEGER, integer(6) ],
                [ 3, $INTEGER, integer(1) ],
                [ 4, $STRING,  text($_) ],
                [ 6, $INTEGER, integer(0) ]
            )
        } @$names
    );
    my $group = struct(
        [ 1, $LIST, list( $STRUCT, @chunk ) ],
        [ 2, 6,     integer( length $file ) ],
        [ 3, 6,     integer( scalar @row ) ]
    );
    my $map = struct(
        [ 1, $INTEGER, integer(1) ],
        [ 2, $LIST,    list( $STRUCT, @schema ) ],
        [ 3, 6,        integer( scalar @row ) ],
        [ 4, $LIST,    list( $STRUCT, $group ) ]
    );
    return $file . $map . pack( 'V', length $map ) . 'PAR1';
}

1;
