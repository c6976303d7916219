# The parameters of the plugin: the words behind its name in LoadPlugin="cloudfront NAME=VALUE ...".
# cloudfront.pm describes them.
package AWStats::CloudFront::Parameters;
use strict;
use warnings;

my $form =
qr/^(?:(?:helper|config)=.+|partial=(?:stock|exact)|native=(?:on|off)|memory=[1-9]\d{0,8}[KMGTkmgt]?|threads=[1-9]\d?|flush=\d+)$/;

# Returns the parameters of TEXT, a hash of values with the defaults filled in, and ''; or an empty hash and
# an error.
sub parse {
    my $text = shift;
    my %parameter = ( partial => 'exact', native => 'on' );
    foreach my $word ( split /\s+/, $text ) {
        return ( {},
                "LoadPlugin=\"cloudfront ...\" has the unknown parameter '$word'; valid ones are"
              . " helper=PATH, config=PATH, partial=exact or"
              . ' partial=stock, native=on or native=off, memory=SIZE such as memory=2G,'
              . ' and threads=N, from 1 to 99' )
          if $word !~ $form;
        my ( $name, $value ) = split /=/, $word, 2;
        $parameter{$name} = $value;
    }
    return ( \%parameter, '' );
}

1;
