# Turns texts of a log into HTML, and names of files into words of a shell.
package AWStats::CloudFront::Text;
use strict;
use warnings;

# Reserved characters of a URL, and the sign that begins an encoded byte.  Decoded, they would make one path look like
# another.
my $reserved = qr/%(?:2[35F]|3F)/i;

# Returns a text as HTML, in ASCII, so that every character set shows it.  Decodes %XX if the bytes are UTF-8 that can
# be shown.
sub html {
    my $text = shift;
    $text =~ s/((?:(?!$reserved)%[0-9A-Fa-f]{2}|[\x80-\xff])+)/_decoded($1)/ge;
    $text =~ s/([^ !#\$%(-;=?-~])/sprintf '&#%d;', ord $1/ge;
    return $text;
}

# Returns a word of a shell's command line, in quotes if it needs them.
sub shell_word {
    my $word = shift;
    return $word =~ m{^[\w=./:,+-]+\z} ? $word : "'" . $word =~ s/'/'\\''/gr . "'";
}

# Returns the characters of some bytes, each of them raw or %XX; %XX for each when they are no text.
sub _decoded {
    my $bytes = shift;
    $bytes =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    my $text = $bytes;
    return $text if utf8::decode($text) && $text !~ /\p{C}|[^\x{0}-\x{10ffff}]/;
    return $bytes =~ s/([^ -~])/sprintf '%%%02X', ord $1/ger;
}

1;
