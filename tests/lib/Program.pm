package Program;

# Runs the helper, or any program, and keeps what it prints.

use strict;
use warnings;
use Exporter   qw(import);
use File::Spec ();
use File::Temp ();
use POSIX      ();

our @EXPORT_OK = qw(content finish helper run start version write_file);

# Certificates that the machine's tools trust are none of a test's.
delete $ENV{REQUESTS_CA_BUNDLE};

my $root = File::Spec->rel2abs(__FILE__);
$root =~ s{/tests/lib/[^/]+\z}{};

# The built helper's path.
sub helper {
    my $path = File::Spec->rel2abs( $ENV{AWSTATS_CLOUDFRONT} // "$root/build/awstats-cloudfront" );
    -x $path or die "$path is missing: run make helper, or set AWSTATS_CLOUDFRONT\n";
    return $path;
}

# Runs a program without a shell.  Returns (exit status, standard output, standard error); a program that a signal ended
# has the status 128 + signal.  The first argument may be a hash of options:
#   in => PATH       standard input, /dev/null when missing
#   out => PATH      standard output goes to that file, and run() returns undef for it
#   together => 1    standard error goes where standard output goes
#   group => 1       the program leads a process group of its own
sub run { return finish( start(@_) ) }

# Starts a program beside the test.  Returns a job, {pid}, for finish().
sub start {
    my %option = ref $_[0] ? %{ shift() } : ();
    my @command = @_;
    my %job = ( out => $option{out} // File::Temp->new, err => File::Temp->new, is_kept => defined $option{out} );
    $job{pid} = fork // die "fork: $!\n";
    if ( !$job{pid} ) {
        setpgrp 0, 0 if $option{group};
        open STDERR, '>',  "$job{err}";
        open STDIN,  '<',  $option{in} // '/dev/null' or _give_up( $option{in} );
        open STDOUT, '>',  "$job{out}"                or _give_up( $job{out} );
        open STDERR, '>&', \*STDOUT if $option{together};
        exec { $command[0] } @command or _give_up( $command[0] );
    }
    setpgrp $job{pid}, $job{pid} if $option{group};
    return \%job;
}

# In the child: nothing that the test would do at its end.
sub _give_up {
    my ($what) = @_;
    print STDERR "$what: $!\n";
    POSIX::_exit(127);
}

# Waits for the end of a job; returns what run() returns.
sub finish {
    my ($job) = @_;
    waitpid $job->{pid}, 0;
    my $status = $? & 127 ? 128 + ( $? & 127 ) : $? >> 8;
    return ( $status, $job->{is_kept} ? undef : content("$job->{out}"), content("$job->{err}") );
}

# A file's bytes.
sub content {
    my ($path) = @_;
    open my $in, '<:raw', $path or die "$path: $!\n";
    local $/;
    return scalar(<$in>) // '';
}

# Makes a file of these bytes; returns its path.
sub write_file {
    my ( $path, $content ) = @_;
    open my $out, '>:raw', $path or die "$path: $!\n";
    print $out $content;
    close $out or die "$path: $!\n";
    return $path;
}

# The helper's version, as it writes it into a log.
sub version {
    my ( $status, $out ) = run( helper(), '--version' );
    return $out =~ /([0-9][0-9.]*\S*)/ ? $1 : '';
}

1;
