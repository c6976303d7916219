# Measures the memory of a perl process: perl -MPeakMemory=FILE program writes the peak in KiB to FILE at the end.
package PeakMemory;

use strict;
use warnings;

my ( $file, $owner );

sub import {
    ( undef, $file ) = @_;
    $owner = $$;
    return;
}

# Returns memory in KiB: VmHWM is the peak so far, VmRSS the current amount.
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
