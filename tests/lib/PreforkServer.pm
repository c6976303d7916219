# Starts of awstats.pl for a tenth of a second less: the first of a test compiles the program once (Prefork.pm), and each
# start is a child of that process, by way of a small program in perl's place (tests/prefork/perl.c).  The child has the
# arguments, environment, folder, descriptors, umask, ignored signals and process group of a start of its own, and the
# runs that the plugin starts are such children too.
#
# A test that is about the start itself, about perl's options or about other modules than those that were built starts
# perl: AWStats->new(fresh => 1), or a command of its own.  AWSTATS_FRESH=1 has all tests do so.
package PreforkServer;
use strict;
use warnings;

use Compiler       qw(compile);
use Cwd            ();
use File::Basename ();
use File::Temp     ();
use POSIX          ();
use Program        ();
use Time::HiRes    ();

my $lib = Cwd::abs_path( File::Basename::dirname(__FILE__) );
my %server;    # what it was started with => {environment, pid, owner, input, folder, used}
my $client;
my $count = 0;
use constant MAX_SERVERS => 4;

# The variables that make one start of PROGRAM, an awstats.pl, go by a process that has compiled it and the tables in the
# folder TABLES, and loaded the modules in FOLDERS.  AWSTATS_PREFORK_CLIENT is the program to be run in perl's place.
sub environment {
    my ( $program, $tables, @folders ) = @_;
    return () if $ENV{AWSTATS_FRESH};
    $tables //= '';
    my $path = Cwd::abs_path($program);
    my @file = Time::HiRes::stat($path) or return ();

    # All that perl and the C library look at when a process starts.
    my $key = join "\0", $path, @file[ 0, 1, 7, 9, 10 ], $tables, @folders,
      map { "$_=$ENV{$_}" } sort grep { /^(?:PERL|LD_|LC_|LANG|ASAN_)/ } keys %ENV;
    my $server = $server{$key};
    if ( !$server ) {
        my ($oldest) = sort { $server{$a}{used} <=> $server{$b}{used} } keys %server;
        _stop( delete $server{$oldest} ) if keys %server >= MAX_SERVERS;
        $server = $server{$key} = _start( $path, $tables, @folders );
    }
    $server->{used} = ++$count;
    return %{ $server->{environment} };
}

# Compiles perl.c, beside the tests that are written in C.
sub _client {
    return $client if $client;
    my $source = "$lib/../prefork/perl.c";
    my $folder = File::Basename::dirname( Program::helper() ) . '/tests';
    mkdir $folder;
    -w $folder or return;
    $client = "$folder/perl";
    return $client if -x $client && ( stat _ )[9] >= ( stat $source )[9];
    my $new = "$client.$$";
    compile( $source, $new, '-std=c17' )
      or die "tests/prefork/perl.c does not compile\n";
    rename $new, $client or die "$client: $!\n";
    return $client;
}

sub _start {
    my ( $path, $tables, @folders ) = @_;
    my $folder = File::Temp->newdir;
    my $socket = "$folder/socket";
    pipe my $read, my $write or die "pipe: $!\n";
    my $client = _client() or return { environment => {} };
    my $pid = fork // die "fork: $!\n";
    if ( !$pid ) {
        open STDIN,  '<&', $read       or POSIX::_exit(127);
        open STDOUT, '>',  '/dev/null' or POSIX::_exit(127);
        open STDERR, '>',  '/dev/null' or POSIX::_exit(127);
        exec $^X, "-I$lib", '-MPrefork=' . join( ',', $socket, $tables, @folders ), $path or POSIX::_exit(127);
    }
    my $server = {
        pid         => $pid,
        owner       => $$,
        input       => $write,
        folder      => $folder,
        environment => { AWSTATS_PREFORK => $socket, AWSTATS_PERL => $^X, AWSTATS_PREFORK_CLIENT => $client }
    };
    for ( 1 .. 2000 ) {
        return $server if -S $socket;
        last if waitpid( $pid, POSIX::WNOHANG() ) == $pid;
        select undef, undef, undef, 0.005;
    }

    # The program does not compile, or must not be started this way: perl prints the reason.
    return { environment => {} };
}

# The process ends at the end of its standard input.
sub _stop {
    my $server = shift;
    return if !$server->{pid} || $server->{owner} != $$;
    close $server->{input};
    local ( $?, $! );
    waitpid $server->{pid}, 0;
    return;
}

END { _stop($_) foreach values %server }

1;
