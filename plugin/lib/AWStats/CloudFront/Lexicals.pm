# Finds the "my" variables of a program's main code by their names.
package AWStats::CloudFront::Lexicals;
use strict;
use warnings;

use B ();

# Returns a reference to the variable called NAME ('$line') of the code that the named function FUNCTION
# is defined in: of a whole file, if that is where it stands, whether perl runs the file itself or a
# wrapper does.  Returns undef unless that code runs, and once, and the name is declared there by "my",
# and once.
#
# It is the variable of the block that runs now, or that runs next; the block has another one after it
# was left, and a loop's in each round.
sub lexical {
    my ( $name, $function ) = @_;
    return if !B->can('PADNAMEt_OUTER');    # perl 5.22
    my $code = B::svref_2object($function)->OUTSIDE;
    return if !$code->isa('B::CV') || $code->DEPTH != 1 || !$code->PADLIST->isa('B::PADLIST');
    my ( $names, $values ) = $code->PADLIST->ARRAY;
    my @names  = $names->ARRAY;
    my @places = grep { $names[$_]->isa('B::PADNAME') && ( $names[$_]->PV // '' ) eq $name } 0 .. $#names;
    return if @places != 1 || $names[ $places[0] ]->FLAGS & ( B::PADNAMEt_OUTER() | B::SVpad_OUR() );
    return $values->ARRAYelt( $places[0] )->object_2svref;
}

1;
