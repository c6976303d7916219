# The one spelling of a host, as the normalized log has it: helper/log/decode.c, decode_host().
package AWStats::CloudFront::HostName;
use strict;
use warnings;

use Socket qw(AF_INET6 inet_ntop inet_pton);

# Returns a host as HTTP compares it: in lower case, without port and dot at the end, an IPv6 address in brackets.
sub spelling {
    my $host = lc shift;
    $host =~ s/\A([^:]*|.*\]):[0-9]*\z/$1/s;
    $host =~ s/[.]\z//;
    my $address = $host =~ /:/ ? inet_pton( AF_INET6, $host =~ s/\A\[(.+)\]\z/$1/rs ) : undef;
    return defined $address ? '[' . inet_ntop( AF_INET6, $address ) . ']' : $host;
}

# Returns patterns for those hosts that the log spells in another way.
sub patterns {
    my @hosts = @_;
    return map { qr/^\Q$_\E$/i } map { my $spelling = spelling($_); $spelling eq lc $_ ? () : $spelling } @hosts;
}

# Returns the host if a pattern of AWStats matches only this host; undef for any other pattern.  AWStats makes such
# patterns of SiteDomain and HostAliases, and of the lines in the file of hosts.
sub host_of_pattern {
    my $pattern = shift;
    my ($host) = $pattern =~ /\A\(\?\^?[a-z]*(?:-[a-z]+)?:\^((?:[\w:.-]|\\[^\w]|\[[0-9A-Fa-f:.]+\])+)\$\)\z/
      or return;
    return $host =~ s/\\(.)/$1/gr;
}

1;
