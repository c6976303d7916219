package Program;

# Runs the helper, or any program, and keeps what it said.

use strict;
use warnings;
use Exporter   qw(import);
use File::Spec ();
use File::Temp ();

our @EXPORT_OK = qw(content helper run version write_file);

my $root = File::Spec->rel2abs(__FILE__);
$root =~ s{/tests/lib/[^/]+\z}{};

# The built helper's path.
sub helper {
    my $path = File::Spec->rel2abs($ENV{AWSTATS_CLOUDFRONT} // "$root/build/awstats-cloudfront");
    -x $path or die "$path is missing: run make helper, or set AWSTATS_CLOUDFRONT\n";
    return $path;
}

# Runs a program without a shell.  Returns (exit status, standard output, standard error); a program that
# a signal ended has the status 128 + signal.  The first argument may be {in => PATH, out => PATH}.
sub run {
    my %redirect = ref $_[0] ? %{shift()} : ();
    my @command = @_;
    my $out = $redirect{out} // File::Temp->new;
    my $err = File::Temp->new;
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        open STDIN,  '<', $redirect{in} // '/dev/null' or die "$!\n";
        open STDOUT, '>', "$out" or die "$out: $!\n";
        open STDERR, '>', "$err" or die "$err: $!\n";
        exec {$command[0]} @command or die "$command[0]: $!\n";
    }
    waitpid $pid, 0;
    my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    return ($status, $redirect{out} ? undef : content("$out"), content("$err"));
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
    my ($path, $content) = @_;
    open my $out, '>:raw', $path or die "$path: $!\n";
    print $out $content;
    close $out or die "$path: $!\n";
    return $path;
}

# The helper's version, as it writes it into a log.
sub version {
    my ($status, $out) = run(helper(), '--version');
    return $out =~ /([0-9][0-9.]*\S*)/ ? $1 : '';
}

1;
