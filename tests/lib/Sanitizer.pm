# The build with AddressSanitizer and UndefinedBehaviorSanitizer, for perl, which is built without them: what the
# environment needs so that perl loads the plugin of that build.
package Sanitizer;
use strict;
use warnings;

# The helper that lies in that build, beside the one under test; undef when the plugin was not built so.
sub helper {
    my $helper = shift;
    my ( $build, $name ) = $helper =~ m{^(.*?)(?:-asan)?/([^/]+)$} or return;
    return -e "$build-asan/plugin/cloudfront.pm" ? "$build-asan/$name" : undef;
}

# Leaks are not looked for: perl leaves much to the end of its process.  With PERL_DESTRUCT_LEVEL it frees what the
# plugin may still use.
sub environment {
    my $helper = helper(shift) or return;
    my @libraries = map { chomp; $_ } map { scalar `\${CC:-cc} -print-file-name=$_` } qw(libasan.so libubsan.so);
    return (
        AWSTATS_CLOUDFRONT  => $helper,
        LD_PRELOAD          => "@libraries",
        ASAN_OPTIONS        => 'detect_leaks=0:verify_asan_link_order=0:exitcode=99',
        UBSAN_OPTIONS       => 'print_stacktrace=1',
        PERL_DESTRUCT_LEVEL => 2
    );
}

1;
