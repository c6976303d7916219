# perl -MKillAt: the program is killed at one of its steps, by the number in KILL_AT; before and after each file that it
# renames is a step.  The steps of runs that the program itself starts are not counted.
package KillAt;
use strict;
use warnings;

use File::Basename ();

my $lib = File::Basename::dirname(__FILE__);
my $left = 0;

# What an update needs in its environment to be killed at step N: local %ENV = ( %ENV, KillAt::environment(N) ).
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

# Before the program runs: with Prefork.pm, in each child.
INIT { $left = $ENV{AWSTATS_CLOUDFRONT_PERIOD} ? 0 : $ENV{KILL_AT} || 0 }

sub step {
    kill 'KILL', $$ if $left && !--$left;
    return;
}

1;
