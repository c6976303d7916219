package Table;

# How results are printed.

use strict;
use warnings;
use Exporter qw(import);

our @EXPORT_OK = qw(title rows ratio);

sub title { printf "\n%s\n", $_[0]; return }

# Rows of results, each beside the one that it is compared with.
sub rows {
    my ( $results, $base, $goal ) = @_;
    printf "  %-44s %9s %9s %9s %7s\n", '', 'seconds', 'cpu', 'RSS MiB', 'ratio';
    for my $result (@$results) {
        my $is_ours = $result->{name} =~ /^awstats-cloudfront/;
        printf "  %-44s %9.3f %9.3f %9.1f %7.2f%s\n", $result->{name}, $result->{seconds}, $result->{cpu},
          $result->{memory} / 1048576, $result->{seconds} / $base,
          $is_ours && defined $goal ? "  (goal: at most $goal)" : '';
    }
    return;
}

# A ratio that has a goal of its own.
sub ratio {
    my ( $what, $value, $goal ) = @_;
    printf "  %-74s %7.3f%s\n", $what, $value, defined $goal ? sprintf '  (goal: at most %.3f)', $goal : '';
    return;
}

1;
