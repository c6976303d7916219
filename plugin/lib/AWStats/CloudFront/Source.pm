# Opens what LogFile names: starts the processes that turn it into a normalized log.
package AWStats::CloudFront::Source;
use strict;
use warnings;

use Cwd        ();
use File::Glob ();
use AWStats::CloudFront::Process;

my $helper_name = 'awstats-cloudfront';

# Returns a source whose log is a file, already normalized.
sub from_file {
    my ( $class, $path ) = @_;
    open my $file, '<', $path or die "$path: $!\n";
    return bless { processes => [], output => $file }, $class;
}

# Starts what LOG_FILE names.  SETTING: helper, the program's path (found when missing); config, the
# helper's configuration file for "site:NAME"; plugin_directory, the folder cloudfront/ beside the
# plugin.  Dies with a line that says what to do.
sub start {
    my ( $class, $log_file, %setting ) = @_;
    my $self = bless { processes => [], early => $setting{early} }, $class;
    my $input = $log_file eq '-' ? *STDIN : undef;
    foreach my $command ( _commands( $log_file, \%setting ) ) {
        $input = $self->_spawn( $input, @$command );
    }
    $self->{output} = $input;
    return $self;
}

# Starts what LOG_FILE names before AWStats is certain to open it.  Returns undef without a message when
# that fails, and for a log that would be lost if AWStats did not open it: standard input, a named
# pipe, and a command of the user's, which may have effects of its own.
sub start_early {
    my ( $class, $log_file, %setting ) = @_;
    return if $log_file =~ /^\s*-\s*$|\|\s*$/ || -p $log_file;
    return eval { $class->start( $log_file, %setting, early => 1 ) };
}

# Returns the handle to read the normalized log from.
sub output {
    my $self = shift;
    return $self->{output};
}

# Waits for the processes.  Returns the error of the first that failed, or ''.
sub wait {
    my $self = shift;
    my $error = '';
    close delete $self->{output} if $self->{output};
    while ( my $process = shift @{ $self->{processes} } ) {
        my $status = $process->wait;
        $error ||= "'" . $process->name . "' " . AWStats::CloudFront::Process::describe($status) if $status;
    }
    return $error;
}

# Ends the processes; nobody reads their output any more.
sub abandon {
    my $self = shift;
    $_->terminate foreach @{ $self->{processes} };
    $self->wait;
    return;
}

# Returns the commands of the pipeline, each a list that no shell sees.  Only a LogFile that ends in "|"
# is a line for the shell, as in AWStats itself.
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

# Returns the files that a pattern matches.  The helper reports a pattern that matches none.
sub _names {
    my $log_file = shift;
    return $log_file if $log_file =~ m{^s3://} || $log_file !~ /[*?\[{]/ || -e $log_file;
    my @names = File::Glob::bsd_glob( $log_file, File::Glob::GLOB_BRACE() );
    return @names ? @names : $log_file;
}

# Returns the helper's path: the parameter helper=PATH, or where a build leaves it, a folder above the
# plugin's, or on PATH, or in /usr/local/bin, which cron's PATH lacks.
sub helper {
    my $setting = shift;
    if ( $setting->{helper} ) {
        return $setting->{helper} if -f $setting->{helper} && -x _;
        die "helper=$setting->{helper} is not a program; correct LoadPlugin=\"cloudfront …\"\n";
    }
    my @folders = ( split( /:/, $ENV{PATH} || '' ), '/usr/local/bin', '/usr/bin' );
    unshift @folders, Cwd::abs_path("$setting->{plugin_directory}/../..") if $setting->{plugin_directory};
    foreach my $folder ( grep { defined && length } @folders ) {
        return "$folder/$helper_name" if -f "$folder/$helper_name" && -x _;
    }
    die "The program $helper_name was not found;"
      . " name it by LoadPlugin=\"cloudfront helper=/path/to/$helper_name\"\n";
}

# Starts COMMAND on INPUT (/dev/null when undefined).  Returns the handle of its output.
sub _spawn {
    my ( $self, $input, @command ) = @_;
    my $name = $command[0] eq '/bin/sh' ? $command[2] : join ' ', @command[ 0, 1 ];
    if ( !$input ) {
        open $input, '<', '/dev/null' or die "/dev/null: $!\n";
    }
    pipe my $output, my $pipe_end or die "No pipe for '$name': $!\n";
    local $ENV{PATH} = join ':', grep { defined && length } $ENV{PATH}, '/usr/local/bin', '/usr/bin', '/bin';
    local $ENV{AWSTATS_CLOUDFRONT_COMMIT} = 'later';    # the plugin commits the batch when it is counted
    my @descriptors = ( fileno $input, fileno $pipe_end, 2 );
    my $process = AWStats::CloudFront::Process->start( $name, \@descriptors, @command );
    if ( $process->error ) {
        my $error = "$command[0]: " . $process->error . "\n";
        die $error if $self->{early};
        print STDERR $error;
    }
    push @{ $self->{processes} }, $process;
    return $output;
}

sub CLONE_SKIP {
    return 1;
}

1;
