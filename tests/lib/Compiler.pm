# Compiles the C programs that tests use, and the libraries that are loaded before a program to let its calls fail.
package Compiler;
use strict;
use warnings;
use Exporter       qw(import);
use File::Basename qw(dirname);
our @EXPORT_OK = qw(compile fault_library);

my $faults = dirname(__FILE__) . '/../faults';

# Compiles a C file to a program with the compiler that the environment variable CC names, which may have options
# ("ccache gcc"), else with cc.  Returns whether it compiles.
sub compile {
    my ( $source, $program, @options ) = @_;
    my @command = split ' ', $ENV{CC} // '';
    @command = 'cc' if !@command;
    return system( @command, qw(-Wall -Wextra -O1), @options, '-o', $program, $source ) == 0;
}

# Makes the library of tests/faults/NAME.c in a folder, for LD_PRELOAD.  Returns its path.
sub fault_library {
    my ( $name, $folder ) = @_;
    my $library = "$folder/$name.so";
    compile( "$faults/$name.c", $library, qw(-std=gnu17 -shared -fPIC) )
      or die "tests/faults/$name.c does not compile\n";
    return $library;
}

1;
