# perl -MKillAt: kills the program at the step with the number KILL_AT.  Each rename has two steps, before and after.
# The steps of updates that the program itself starts are not counted.
package KillAt;
use strict;
use warnings;

use File::Basename ();

my $lib = File::Basename::dirname(__FILE__);
my $left = 0;

# Returns the variables that have an update killed at step N: local %ENV = ( %ENV, KillAt::environment(N) ).
sub environment {
    my $step = shift;
    return ( PERL5OPT => "-I$lib -MKillAt", KILL_AT => $step );
}

sub import {
    no warnings 'once';
    *CORE::GLOBAL::rename = sub {
        step();
        my $is_done = CORE::rename( $_[0], $_[1] );
        step();
        return $is_done;
    };
    return;
}

# Runs before the program; with Prefork.pm, in each child.
INIT { $left = $ENV{AWSTATS_CLOUDFRONT_PERIOD} ? 0 : $ENV{KILL_AT} || 0 }

sub step {
    kill 'KILL', $$ if $left && !--$left;
    return;
}

1;
