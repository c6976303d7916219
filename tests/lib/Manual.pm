package Manual;

# The lists of the manual, which tests compare with what the program prints.

use strict;
use warnings;
use Exporter qw(import);
use Program  qw(content helper);

our @EXPORT_OK = qw(listed);

# Returns the words of all ".It Cm" lines of the subsection with this title, sorted.
sub listed {
    my ($title) = @_;
    my $manual = content( helper() . '.1' );
    my ($text) = $manual =~ /^\.Ss \Q$title\E\n(.*?)^\.S[sh] /ms or die "the manual has no section '$title'\n";
    $text =~ s/\\\n//g;
    return sort map { s/\\//gr } map { split / , / } $text =~ /^\.It Cm (.*)$/mg;
}

1;
