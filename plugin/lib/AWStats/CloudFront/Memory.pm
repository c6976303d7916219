# Amounts of memory, in bytes.
package AWStats::CloudFront::Memory;
use strict;
use warnings;

use List::Util qw(min);

my @UNITS = ( '', 'K', 'M', 'G', 'T' );

# The memory of a machine whose system does not tell.
my $unknown = 1 << 30;

# Returns the bytes of a size such as 500M: a number, and one of the units K, M, G, T in any case.
sub bytes {
    my ($text) = @_;
    my ( $number, $unit ) = $text =~ /^(\d+)([KMGT]?)$/i
      or die "Internal error: '$text' is no size; please report it\n";
    my ($power) = grep { $UNITS[$_] eq uc $unit } 0 .. $#UNITS;
    return $number * 1024**$power;
}

# Returns a size as bytes() reads it, rounded down.
sub text {
    my ($bytes) = @_;
    my $power = 0;
    while ( $bytes >= 10 * 1024 && $power < $#UNITS ) {
        $bytes /= 1024;
        $power++;
    }
    return int($bytes) . $UNITS[$power];
}

# Returns how much memory the counters may take: GIVEN, a size in LoadPlugin; or else OF_SITE, bytes, the setting of the
# site; or else a quarter of the machine's memory, which all SITES share that the program counts at once.
sub of_counters {
    my ( $given, $of_site, $sites ) = @_;
    return bytes($given) if $given;
    return $of_site || int( of_machine() / 4 / ( $sites || 1 ) );
}

# Returns the machine's memory, or the limit of this process' control group where that is smaller.  ROOT is the folder
# that stands for /.
sub of_machine {
    my $root = shift // '';
    my ($machine) = _content("$root/proc/meminfo") =~ /^MemTotal:\s+(\d+) kB$/m;
    return min( $machine ? $machine * 1024 : $unknown, _limits($root) );
}

# Returns the limits of the control groups that this process is in: version 2, "0::/GROUP", and 1, "9:memory:/GROUP".
# In a container, GROUP may be the path that the host has for it, which does not exist there.
sub _limits {
    my $root = shift;
    my @limits;
    foreach my $line ( split /\n/, _content("$root/proc/self/cgroup") ) {
        my ( $controllers, $group ) = $line =~ /^\d+:([^:]*):(.*)$/ or next;
        my ( $folder, $file ) =
            $controllers eq ''           ? ( '/sys/fs/cgroup', 'memory.max' )
          : $controllers =~ /\bmemory\b/ ? ( '/sys/fs/cgroup/memory', 'memory.limit_in_bytes' )
          :                                next;
        my @parts = grep { length } split m{/}, $group;
        foreach my $depth ( 0 .. @parts ) {
            my $path = join '/', "$root$folder", @parts[ 0 .. $depth - 1 ], $file;
            push @limits, $1 if _content($path) =~ /^(\d+)$/m;    # or "max"
        }
    }
    return @limits;
}

# Returns what a file has; '' when it cannot be read.
sub _content {
    my $path = shift;
    open my $file, '<', $path or return '';
    local $/ = undef;
    return <$file> // '';
}

1;
