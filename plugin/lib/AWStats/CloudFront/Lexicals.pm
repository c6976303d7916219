# Finds the "my" variables of a program's main code by their names.
package AWStats::CloudFront::Lexicals;
use strict;
use warnings;

use B ();

# Returns references to the variables called NAMES ('$line') of the code that the named function
# FUNCTION is defined in: of a whole file, if that is where it stands, whether perl runs the file itself
# or a wrapper does.  Returns undef for each name that is not declared there by "my", and once; and for
# all of them unless the code runs, and once.
#
# They are the variables of the block that runs now, or that runs next; the block has other ones after
# it was left, and a loop's in each round.
sub lexicals {
    my ( $function, @names ) = @_;
    my @none = (undef) x @names;
    return @none if !B->can('PADNAMEt_OUTER');    # perl 5.22
    my $code = B::svref_2object($function)->OUTSIDE;
    return @none if !$code->isa('B::CV') || $code->DEPTH != 1 || !$code->PADLIST->isa('B::PADLIST');
    my ( $declared, $values ) = $code->PADLIST->ARRAY;
    my %places = map { $_ => [] } @names;
    my $place  = 0;
    foreach my $name ( $declared->ARRAY ) {
        my $found = $name->isa('B::PADNAME') && $places{ $name->PV // '' };
        push @$found, { place => $place, flags => $name->FLAGS } if $found;
        $place++;
    }
    return map { _value( $values, @$_ ) } @places{@names};
}

sub _value {
    my ( $values, @found ) = @_;
    return undef if @found != 1 || $found[0]{flags} & ( B::PADNAMEt_OUTER() | B::SVpad_OUR() );
    return $values->ARRAYelt( $found[0]{place} )->object_2svref;
}

1;
