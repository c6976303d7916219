# Tells what a perl process took of memory: perl -MPeakMemory=FILE program.  In the end FILE has the greatest
# amount that it held, in KiB.
package PeakMemory;

use strict;
use warnings;

my ($file, $owner);

sub import {
    ( undef, $file ) = @_;
    $owner = $$;
    return;
}

# In KiB: VmHWM, the greatest amount so far, or VmRSS, that of now.
sub amount {
    my $which = shift;
    open my $status, '<', '/proc/self/status' or die "/proc/self/status: $!\n";
    local $/;
    return <$status> =~ /^$which:\s+(\d+) kB$/m ? $1 : die "/proc/self/status has no $which\n";
}

END {
    if ( defined $file && $owner == $$ ) {
        open my $out, '>', $file or die "$file: $!\n";
        print $out amount('VmHWM');
    }
}

1;
