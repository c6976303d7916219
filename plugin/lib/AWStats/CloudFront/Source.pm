# Opens what LogFile names: starts the processes that turn it into a normalized log.
#
# Only LogFile decides whether the log is the batch of a site, and of which one: site:NAME, or a command of the
# user's that contains "awstats-cloudfront cat --site NAME".  Log data cannot decide this: the program copies no lines
# of a batch from a log that it reads, and the plugin accepts such lines from no other source.
package AWStats::CloudFront::Source;
use strict;
use warnings;

use Cwd        ();
use File::Glob ();
use AWStats::CloudFront;
use AWStats::CloudFront::Process;

my $helper_name = 'awstats-cloudfront';

# Returns a source whose log is a file of the plugin's own, already normalized.
sub from_file {
    my ( $class, $path ) = @_;
    open my $file, '<', $path or die "$path: $!\n";
    return bless { processes => [], output => $file, is_own => 1 }, $class;
}

# Starts what LOG_FILE names.  SETTING: helper, the program's path (found when missing); config, the
# helper's configuration file for "site:NAME"; plugin_directory, the folder of
# cloudfront.pm.  Dies with a line that says what to do.
sub start {
    my ( $class, $log_file, %setting ) = @_;
    my $self = bless { processes => [], early => $setting{early} }, $class;
    my $input = $log_file eq '-' ? *STDIN : undef;
    $log_file =~ s/^\s+|\s+$//g;
    $self->{site} = _site( $log_file, \%setting );
    return $self if $self->{embedded} = _embedded( $log_file, $self->{site}, $setting{config} );
    foreach my $command ( _commands( $log_file, $self->{site}, \%setting ) ) {
        $input = $self->_spawn( $input, @$command );
    }
    $self->{output} = $input;
    return $self;
}

# Starts what LOG_FILE names before it is certain that AWStats will open LOG_FILE.  Returns undef without a message when
# that fails, and for a log that would be lost if AWStats did not open it: standard input, a named
# pipe, and a command of the user's, which may have effects of its own.
sub start_early {
    my ( $class, $log_file, %setting ) = @_;
    return if $log_file =~ /^\s*-\s*$|\|\s*$/ || -p $log_file;
    return eval { $class->start( $log_file, %setting, early => 1 ) };
}

# When this perl is part of the program and LOG_FILE names the program's site, returns the log that the program reads,
# an AWStats::CloudFront::Embedded; otherwise undef.  Dies when the log was opened before.
sub _embedded {
    my ( $log_file, $site, $config ) = @_;
    return if $log_file !~ /^site:/ || !AWStats::CloudFront::Embedded->can('batch_log');
    return AWStats::CloudFront::Embedded->open_log( $site, $config );
}

# Returns an AWStats::CloudFront::Feed of the normalized log.
sub feed {
    my $self = shift;
    return AWStats::CloudFront::Feed->new( $self->{embedded} ? $self->{embedded}->stream : fileno $self->{output} );
}

# Returns the handle to read the normalized log from; undef for a log that comes from no handle.
sub output {
    my $self = shift;
    return $self->{output};
}

# Returns the site whose batch the log is, once FEED has read the header: { name, config, log }; undef when the log is
# no batch.  The member config is the path of the helper's configuration file; the member log is the
# AWStats::CloudFront::Embedded that has the batch, if this perl is part of the program.  Dies when LogFile and the log
# do not agree.
sub batch_site {
    my ( $self, $feed ) = @_;
    my $site = $self->{site};
    if ( !defined $feed->batch ) {
        die "The command in LogFile does not pass on all that $helper_name cat --site=$site->{name} writes (#Batch is"
          . " missing); make this cat its last command, or use LogFile=\"site:$site->{name}\"\n"
          if $site;
        return;
    }
    my ( $name, $config ) = words( $feed->site );
    return { name => $name, config => $config } if $self->{is_own};
    die "The log is of the site [$name], which LogFile does not name; use LogFile=\"site:$name\"\n" if !$site;
    die "The log is that of the site [$name], but LogFile names the site [$site->{name}]; correct LogFile\n"
      if $name ne $site->{name};
    return $site;
}

# Returns the words of a header line's value: %XX stands for a byte.
sub words {
    my $value = shift // '';
    return map { s/%([0-9A-Fa-f]{2})/chr hex $1/ger } split / /, $value;
}

# Waits for the processes.  Returns the error of the first that failed, or ''.
sub wait {
    my $self = shift;
    my $error = '';
    return $self->{embedded}->wait if $self->{embedded};
    close delete $self->{output} if $self->{output};
    while ( my $process = shift @{ $self->{processes} } ) {
        my $status = $process->wait;
        my $place = $ENV{GATEWAY_INTERFACE} ? 'in the error log of the web server' : 'above';
        $error ||=
          "'" . $process->name . "' " . AWStats::CloudFront::Process::describe($status) . "; see its message $place"
          if $status;
    }
    return $error;
}

# Ends the processes; nobody reads their output any more.
sub abandon {
    my $self = shift;
    return $self->{embedded}->abandon if $self->{embedded};
    $_->terminate foreach @{ $self->{processes} };
    $self->wait;
    return;
}

# The program and its command cat, in a command line of the user's.
my $cat = qr{(?<![^\s(;&|])(?:(?:[^\s;|&()<>'"]*/)?\Q$helper_name\E
                             |(?<quote>['"])(?:[^'"]*/)?\Q$helper_name\E\k<quote>)\s+cat(?=\s)}x;

# A word of a command line without anything that a shell replaces.
my $word = qr/(?:'[^']*'|"[^"\$`\\]*"|[^\s'"\$`\\;|&()<>*?\[~#]++)+/;

# Returns the same as site(), for a LogFile.  Dies if a command of the user's names several sites, or names a site in a
# way that only a shell understands: the plugin must know which batch it commits.
sub _site {
    my ( $log_file, $setting ) = @_;
    my ( $name,     $config ) = ( undef, $setting->{config} );
    if ( $log_file =~ /^site:(.+)/ ) {
        $name = $1;
    }
    elsif ( $log_file =~ /\|$/ ) {
        while ( $log_file =~ /$cat(?<options>[^|;&)]*)/g ) {
            my $options = $+{options};
            next if $options !~ /\s(?:--si|-[vqf]*s)/;
            my $is_plain = $options =~ /^((?:\s+$word)*)\s*(?:[<>]|$)/;
            my ( $site, $file ) = $is_plain ? _options($1) : ();
            die 'the plugin cannot tell which site the command in LogFile reads: use LogFile="site:NAME", or write'
              . " one $helper_name cat there, whose --site and --config have no variable, wildcard or command of the shell\n"
              if defined $name || !defined $site;
            ( $name, $config ) = ( $site, $file );
        }
    }
    return if !defined $name;
    $config //= '/etc/awstats/cloudfront.conf';
    return { name => $name, config => Cwd::abs_path($config) // $config };
}

# Returns the site and the configuration file that options of the helper name.
sub _options {
    my $options = shift;
    my @words = map { s/'([^']*)'|"([^"]*)"/$1 \/\/ $2/ger } $options =~ /$word/g;
    my %value;
    while ( defined( my $option = shift @words ) ) {
        my ( $key, $equals, $value ) = $option =~ /^--(site|config)(=?)(.*)/s;
        ( $key, $value ) = $option =~ /^-[vqf]*([sc])(.*)/s if !$key;
        next if !$key;
        $key = { s => 'site', c => 'config' }->{$key} // $key;
        $value{$key} = $equals || $value ne '' ? $value : shift @words;
    }
    return @value{qw(site config)};
}

# Returns the commands of the pipeline, each a list that no shell sees.  Only a LogFile that ends in "|" is a line for
# the shell, as in AWStats itself.  The helper leaves the commit of a site's batch to the plugin.
sub _commands {
    my ( $log_file, $site, $setting ) = @_;
    if ( $log_file =~ s/\s*\|$// ) {
        return [ '/bin/sh', '-c', $log_file =~ s/($cat)/$1 --prepare/r ] if $site;
        my @shell = ( '/bin/sh', '-c', $log_file );
        return \@shell if $log_file =~ m{^(?:[^\s|;&]*/)?\Q$helper_name\E\s+cat\b[^|;&]*$};
        return \@shell, [ helper($setting), 'cat', '-' ];
    }
    if ($site) {
        my @config = $setting->{config} ? "--config=$setting->{config}" : ();
        return [ helper($setting), 'cat', '--prepare', @config, "--site=$site->{name}" ];
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

# Returns the helper's path: the parameter helper=PATH; or the first of these places that has the helper: the folder
# above the plugin's, where a build puts it; the place of an installation whose plugin is in
# lib/awstats-cloudfront/plugins; PATH; and /usr/local/bin and /usr/bin, since the PATH of cron lacks the first.
sub helper {
    my $setting = shift;
    if ( $setting->{helper} ) {
        return $setting->{helper} if -f $setting->{helper} && -x _;
        die "helper=$setting->{helper} is not a program that this user may run; correct LoadPlugin=\"cloudfront …\"\n";
    }
    my @folders = ( split( /:/, $ENV{PATH} || '' ), '/usr/local/bin', '/usr/bin' );
    unshift @folders, map { Cwd::abs_path("$setting->{plugin_directory}/$_") } '..', '../../../bin'
      if $setting->{plugin_directory};
    foreach my $folder ( grep { defined && length } @folders ) {
        return "$folder/$helper_name" if -f "$folder/$helper_name" && -x _;
    }
    die "The program $helper_name was not found;"
      . " install it, or name its path by LoadPlugin=\"cloudfront helper=/path/to/$helper_name\"\n";
}

# Commits the batch of a SITE that batch_site() has returned.  COUNTED: batch, previous, history, files and figures, the
# values of the options of "awstats-cloudfront commit"; periods, those in which a record was counted.  Returns an error, or ''.
sub commit {
    my ( $site, $setting, %counted ) = @_;
    return AWStats::CloudFront::Embedded::commit( \%counted ) if $site->{log};
    my @arguments = map { "--$_=$counted{$_}" } qw(batch previous history files figures);
    my $process = eval {
        my $program = helper($setting);
        AWStats::CloudFront::Process->start(
            "$program commit",
            [ 0, 1, 2 ],
            $program, 'commit', "--config=$site->{config}", "--site=$site->{name}", @arguments
        );
    };
    if ( !$process ) {
        chomp( my $error = $@ );
        return $error;
    }
    return "'" . $process->name . "' does not start: " . $process->error if $process->error;
    my $status = $process->wait;
    return $status && "'" . $process->name . "' " . AWStats::CloudFront::Process::describe($status);
}

# Prints LINES through the program that this perl is part of.  Returns false when perl is not part of a program.
sub tell_user {
    my @lines = @_;
    my ($site) = AWStats::CloudFront::Embedded->can('batch_log') ? AWStats::CloudFront::Embedded::batch_log() : ();
    return if !defined $site;
    AWStats::CloudFront::Embedded::tell(s/^cloudfront: |\n$//gr) foreach @lines;
    return 1;
}

# Starts COMMAND on INPUT (/dev/null when undefined).  Returns the handle of its output.
sub _spawn {
    my ( $self, $input, @command ) = @_;
    my $name = $command[0] eq '/bin/sh' ? $command[2] =~ s/($cat) --prepare/$1/r : join ' ', @command[ 0, 1 ];
    if ( !$input ) {
        open $input, '<', '/dev/null' or die "/dev/null: $!\n";
    }
    pipe my $output, my $pipe_end
      or die "No pipe to '$name': $!; raise the limit of open files (ulimit -n)\n";
    local $ENV{PATH} = join ':', grep { defined && length } $ENV{PATH}, '/usr/local/bin', '/usr/bin', '/bin';
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
