# The part of "awstats-cloudfront check" that needs perl.  The command runs these functions in the perl that runs
# awstats.pl.
package AWStats::CloudFront::Check;
use strict;
use warnings;

use AWStats::CloudFront::HostName;

# Dies when the compiled part of the plugin does not load.
sub load {
    require AWStats::CloudFront;
    return;
}

# Reads hosts from the standard input, and prints those, one a line, that neither SITE_DOMAIN nor HOST_ALIASES has
# (values of AWStats' configuration).  IS_PIPE: AWStats alone compares them, without the plugin's additions.  Mirrors
# Parse_Config of awstats.pl at "HostAliases", and the update loop at "Drop wrong virtual host name".
sub hosts_not_listed {
    my ( $site_domain, $host_aliases, $is_pipe ) = @_;
    my @patterns = qr/^\Q$site_domain\E$/i;
    push @patterns, eval { qr/^$site_domain$/i } // ();                          # AWStats takes it for a pattern, too
    push @patterns, qr/^(?:localhost|127\.0\.0\.1)$/ if $host_aliases !~ /\S/;
    foreach my $alias ( split /\s+/, $host_aliases ) {
        if    ( $alias =~ /^\@(.+)/ )          { push @patterns, _patterns_of_file($1); }
        elsif ( $alias =~ /^REGEX\[(.*)\]$/i ) { push @patterns, qr/$1/i if length $1; }
        else                                   { push @patterns, qr/^\Q$alias\E$/i; }
    }
    if ( !$is_pipe ) {
        my @hosts =
          ( $site_domain, grep { defined } map { AWStats::CloudFront::HostName::host_of_pattern($_) } @patterns );
        push @patterns, AWStats::CloudFront::HostName::patterns(@hosts), qr/^-?$/, qr/^[a-z0-9]+\.cloudfront\.net$/i;
    }
    while ( defined( my $host = <STDIN> ) ) {    ## no critic (ProhibitExplicitStdin): ARGV has the settings
        chomp $host;
        print "$host\n" if !grep { $host =~ $_ } @patterns;
    }
    return;
}

# The file's lines are patterns.
sub _patterns_of_file {
    my $path = shift;
    open my $file, '<', $path or die "HostAliases names the file $path, which cannot be read: $!\n";
    chomp( my @lines = <$file> );
    close $file;
    return map { qr/^$_$/i } @lines;
}

1;
