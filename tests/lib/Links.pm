# Follows links between files of HTML.
package Links;
use strict;
use warnings;

use File::Basename qw(dirname);
use Program        qw(content);

# Follows every link and picture from a page.  Returns the pages to which they lead, as sorted paths, and the links
# that lead to no file, "PAGE: LINK".
sub follow {
    my $first = _tidy(shift);
    my ( @to_read, %seen, @missing ) = ($first);
    $seen{$first} = 1;
    while ( defined( my $page = shift @to_read ) ) {
        foreach my $link ( content($page) =~ /(?:href|src)="([^"#]+)/g ) {
            next if $link =~ m{^(?:\w+:|//)};
            my $path = _tidy( dirname($page) . '/' . _decode($link) );
            next if $seen{$path}++;
            if    ( !-f $path )          { push @missing, "$page: $link"; }
            elsif ( $path =~ /\.html$/ ) { push @to_read, $path; }
        }
    }
    return ( [ grep { /\.html$/ } sort keys %seen ], \@missing );
}

sub _decode {
    my $link = shift;
    return $link =~ s/&#(\d+);/chr $1/ger =~ s/&amp;/&/gr =~ s/%([[:xdigit:]]{2})/chr hex $1/ger;
}

# Removes "." and ".." from a path.
sub _tidy {
    my $path = shift;
    1 while $path =~ s{/\./|//}{/}g || $path =~ s{/(?!\.\./)[^/]+/\.\./}{/};
    return $path;
}

1;
