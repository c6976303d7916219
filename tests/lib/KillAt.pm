# perl -MKillAt=N: the program is killed at the N-th of its steps; before and after each file that it
# renames is a step.  Not counted are runs that the program itself starts.
package KillAt;
use strict;
use warnings;

my $left;

sub import {
    my ( $class, $step ) = @_;
    return if $ENV{AWSTATS_CLOUDFRONT_BREAK};
    $left = $step;
    *CORE::GLOBAL::rename = sub {
        step();
        my $done = CORE::rename( $_[0], $_[1] );
        step();
        return $done;
    };
    return;
}

sub step {
    kill 'KILL', $$ if --$left == 0;
    return;
}

1;
