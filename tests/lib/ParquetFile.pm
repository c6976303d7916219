# Writes Parquet files: one row group, columns of strings that may be null; of the simplest kind, PLAIN and not
# compressed, or with dictionaries and gzip.
package ParquetFile;
use strict;
use warnings;
use Exporter       qw(import);
use Compress::Zlib ();
our @EXPORT_OK = qw(parquet packed_parquet);

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
sub parquet { return make( 0, @_ ) }

# The same with dictionaries and gzip; no value is null.
sub packed_parquet { return make( 1, @_ ) }

# A page of a KIND, with its header, of VALUES values in an ENCODING; their levels have the encoding RLE.
sub page {
    my ( $kind, $values, $encoding, $data, $is_packed ) = @_;
    my $packed = $is_packed ? Compress::Zlib::memGzip($data) : $data;
    my @about = ( [ 1, $INTEGER, integer($values) ], [ 2, $INTEGER, integer($encoding) ] );
    push @about, map { [ $_, $INTEGER, integer(3) ] } 3, 4 if $kind == 0;
    return struct(
        [ 1,                  $INTEGER, integer($kind) ],
        [ 2,                  $INTEGER, integer( length $data ) ],
        [ 3,                  $INTEGER, integer( length $packed ) ],
        [ $kind == 0 ? 5 : 7, $STRUCT,  struct(@about) ]
    ) . $packed;
}

sub plain {
    return join '', map { pack 'V/a*', $_ } grep { defined } @_;
}

# The numbers of values in their dictionary, of WIDTH bits each, in groups of eight.
sub bits {
    my ( $width, @number ) = @_;
    push @number, (0) x ( -@number % 8 );
    return chr($width) . varint( @number / 8 * 2 + 1 ) . pack 'b*',
      join '', map { scalar reverse sprintf "%0${width}b", $_ } @number;
}

# The pages of a column: a dictionary, unless more than half of the values differ, and the values.
sub packed_pages {
    my (@value) = @_;
    my $levels = pack 'V/a*', varint( 2 * @value ) . "\1";
    my ( %number, @name );
    for (@value) {
        next if defined $number{$_};
        $number{$_} = @name;
        push @name, $_;
    }
    return ( '', page( 0, scalar @value, 0, $levels . plain(@value), 1 ) ) if 2 * @name > @value;
    my $width = length sprintf '%b', $#name;
    return ( page( 2, scalar @name, 0, plain(@name), 1 ),
        page( 0, scalar @value, 8, $levels . bits( $width, map { $number{$_} } @value ), 1 ) );
}

# The page of a column.
sub plain_page {
    my (@value) = @_;
    my $levels = join '', map { varint(2) . chr( defined $_ ? 1 : 0 ) } @value;
    return page( 0, scalar @value, 0, pack( 'V/a*', $levels ) . plain(@value), 0 );
}

sub make {
    my ( $is_packed, $names, @row ) = @_;
    my $file = 'PAR1';
    my @chunk;
    for my $column ( 0 .. $#$names ) {
        my @value = map { $_->[$column] } @row;
        my ( $dictionary, $page ) = $is_packed ? packed_pages(@value) : ( '', plain_page(@value) );
        my $begin = length $file;
        my $size = integer( length $dictionary . $page );
        my @about = (
            [ 1, $INTEGER, integer(6) ],
            [ 2, $LIST,    list( $INTEGER, integer(0), integer(3) ) ],
            [ 3, $LIST,    list( $STRING,  text( $names->[$column] ) ) ],
            [ 4, $INTEGER, integer( $is_packed ? 2 : 0 ) ],
            [ 5, 6,        integer( scalar @row ) ],
            [ 6, 6,        $size ],
            [ 7, 6,        $size ],
            [ 9, 6,        integer( $begin + length $dictionary ) ]
        );
        push @about, [ 11, 6, integer($begin) ] if length $dictionary;
        push @chunk, struct( [ 2, 6, integer($begin) ], [ 3, $STRUCT, struct(@about) ] );
        $file .= $dictionary . $page;
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
