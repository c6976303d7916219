package Background;

# Runs a program beside the test.

use strict;
use warnings;
use Exporter   qw(import);
use File::Temp ();
use Program    ();

our @EXPORT_OK = qw(start finish);

# Starts a program; finish() waits for it and returns (exit status, output, errors) as Program::run.
sub start {
    my @command = @_;
    my %job = (out => File::Temp->new, err => File::Temp->new);
    $job{pid} = fork // die "fork: $!\n";
    if (!$job{pid}) {
        open STDIN,  '<', '/dev/null'  or die "$!\n";
        open STDOUT, '>', "$job{out}" or die "$!\n";
        open STDERR, '>', "$job{err}" or die "$!\n";
        exec {$command[0]} @command or die "$command[0]: $!\n";
    }
    return \%job;
}

sub finish {
    my ($job) = @_;
    waitpid $job->{pid}, 0;
    my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    return ($status, map { Program::content("$_") } @$job{qw(out err)});
}

1;
