# What LogFile may name, and the processes that turn it into a normalized log.
package AWStats::CloudFront::Source;
use strict;
use warnings;

use Cwd        ();
use File::Glob ();

my $helper_name = 'awstats-cloudfront';
my $not_started = 127 << 8;    # as of a shell's command

# A source whose log is a file, already normalized.
sub from_file {
    my ( $class, $path ) = @_;
    open my $file, '<', $path or die "$path: $!\n";
    return bless { processes => [], output => $file }, $class;
}

# Starts what LOG_FILE names.  SETTING: helper, the program's path (found when missing); config, the
# helper's configuration file for "site:NAME"; near, the folder cloudfront/ beside the plugin.
# Dies with a line that says what to do.
sub start {
    my ( $class, $log_file, %setting ) = @_;
    my $self  = bless { processes => [], early => $setting{early} }, $class;
    my $input = $log_file eq '-' ? *STDIN : undef;
    foreach my $command ( _commands( $log_file, \%setting ) ) {
        $input = $self->_spawn( $input, @$command );
    }
    $self->{output} = $input;
    return $self;
}

# Starts what LOG_FILE names before it is known whether it will be wanted.  Returns undef, and says
# nothing, when that fails; and for what would be lost if nobody took it: what comes by standard input,
# by a pipe, or by a command of which it is not known what else it does.
sub start_early {
    my ( $class, $log_file, %setting ) = @_;
    return if $log_file =~ /^\s*-\s*$|\|\s*$/ || -p $log_file;
    return eval { $class->start( $log_file, %setting, early => 1 ) };
}

# The handle to read the normalized log from.
sub output {
    my $self = shift;
    return $self->{output};
}

# Waits for the processes.  Returns what went wrong with the first that failed, or ''.
sub wait {
    my $self  = shift;
    my $fault = '';
    close delete $self->{output} if $self->{output};
    while ( my $process = shift @{ $self->{processes} } ) {
        my $status = $process->{pid} ? do { waitpid $process->{pid}, 0; $? } : $not_started;
        $fault ||= "'$process->{name}' " . ended($status) if $status;
    }
    return $fault;
}

# Ends processes whose output nobody wants any more.
sub abandon {
    my $self = shift;
    kill 'TERM', grep { $_ } map { $_->{pid} } @{ $self->{processes} };
    $self->wait;
    return;
}

# The commands of the pipeline, each a list that no shell sees; only a LogFile that ends in "|" is,
# as in AWStats itself, a line for the shell.
sub _commands {
    my ( $log_file, $setting ) = @_;
    $log_file =~ s/^\s+|\s+$//g;
    if ( $log_file =~ s/\s*\|$// ) {
        my @shell = ( '/bin/sh', '-c', $log_file );
        return \@shell if $log_file =~ m{^(?:[^\s|;&]*/)?\Q$helper_name\E\s+cat\b[^|;&]*$};
        return \@shell, [ helper($setting), 'cat', '-' ];
    }
    if ( $log_file =~ /^site:(.+)/ ) {
        my @config = $setting->{config} ? "--config=$setting->{config}" : ();
        return [ helper($setting), 'cat', @config, "--site=$1" ];
    }
    return [ helper($setting), 'cat', '--', _names($log_file) ];
}

# The files that a pattern stands for.  A pattern that fits none is left to the helper to report.
sub _names {
    my $log_file = shift;
    return $log_file if $log_file =~ m{^s3://} || $log_file !~ /[*?\[{]/ || -e $log_file;
    my @names = File::Glob::bsd_glob( $log_file, File::Glob::GLOB_BRACE() );
    return @names ? @names : $log_file;
}

# The helper's path: as told, else where a build leaves it, a folder above the plugin's, else on
# PATH, to which cron's lacks /usr/local/bin.
sub helper {
    my $setting = shift;
    if ( $setting->{helper} ) {
        return $setting->{helper} if -f $setting->{helper} && -x _;
        die "helper=$setting->{helper} is not a program; correct LoadPlugin=\"cloudfront …\"\n";
    }
    my @folders = ( split( /:/, $ENV{PATH} || '' ), '/usr/local/bin', '/usr/bin' );
    unshift @folders, Cwd::abs_path("$setting->{near}/../..") if $setting->{near};
    foreach my $folder ( grep { defined && length } @folders ) {
        return "$folder/$helper_name" if -f "$folder/$helper_name" && -x _;
    }
    die "The program $helper_name was not found;"
      . " name it by LoadPlugin=\"cloudfront helper=/path/to/$helper_name\"\n";
}

# Starts COMMAND on INPUT (/dev/null when undefined); returns the handle of its output.
sub _spawn {
    my ( $self, $input, @command ) = @_;
    my $name = $command[0] eq '/bin/sh' ? $command[2] : join ' ', @command[ 0, 1 ];
    if ( !$input ) {
        open $input, '<', '/dev/null' or die "/dev/null: $!\n";
    }
    pipe my $output, my $pipe_end or die "No pipe for '$name': $!\n";
    $SIG{CHLD} = 'DEFAULT';    # an inherited IGNORE would take the exit status away
    local $ENV{PATH} = join ':', grep { defined && length } $ENV{PATH}, '/usr/local/bin', '/usr/bin', '/bin';
    local $ENV{AWSTATS_CLOUDFRONT_COMMIT} = 'later';    # when it is counted, by the plugin
    my $pid = AWStats::CloudFront::start_process( fileno $input, fileno $pipe_end, 2, @command );
    $pid >= 0 or die "No process for '$name': $!\n";
    if ( !$pid ) {
        my $fault = "$command[0]: $!\n";
        die $fault if $self->{early};
        print STDERR $fault;
    }
    push @{ $self->{processes} }, { pid => $pid, name => $name };
    return $output;
}

# A wait status in words.
sub ended {
    my $status = shift;
    return 'was killed by signal ' . ( $status & 127 ) if $status & 127;
    return 'failed with exit status ' . ( $status >> 8 );
}

1;
