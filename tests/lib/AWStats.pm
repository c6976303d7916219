# A private AWStats: links to the installed program, its own plugins, configs and history.
package AWStats;
use strict;
use warnings;

use Cwd            ();
use File::Basename ();
use File::Spec     ();
use File::Temp     ();
use HistoryOrder   ();
use Time::HiRes    ();
use PreforkServer  ();
use Program        ();

my $root = Cwd::abs_path( File::Basename::dirname(__FILE__) . '/../..' );

# The helper under test; the plugin was built beside it.
sub helper {
    my $helper = $ENV{AWSTATS_CLOUDFRONT} || 'build/awstats-cloudfront';
    return $helper =~ m{^/} ? $helper : "$root/$helper";
}

# The folder of the build, as make calls it in the tree: by another name make would build all anew.
sub build_folder {
    return File::Spec->abs2rel( File::Basename::dirname( helper() ), $root );
}

sub plugin_folder {
    return File::Basename::dirname( helper() ) . '/plugin';
}

sub root {
    return $root;
}

# The folder of the configurations that are installed.
sub configurations {
    return File::Basename::dirname( helper() ) . '/awstats-conf';
}

# Where the system keeps awstats.pl, and lib, lang and tools: Debian, RHEL, or $AWSTATS_PL and its
# folder.
sub _installed {
    foreach my $pair (
        [ $ENV{AWSTATS_PL} || '',                          File::Basename::dirname( $ENV{AWSTATS_PL} || '' ) ],
        [ '/usr/lib/cgi-bin/awstats.pl',                   '/usr/share/awstats' ],
        [ '/usr/share/awstats/wwwroot/cgi-bin/awstats.pl', '/usr/share/awstats/wwwroot/cgi-bin' ],
      )
    {
        return @$pair if -f $pair->[0];
    }
    die "awstats.pl was not found: apt-get install awstats\n";
}

# The path of awstats.pl.
sub program {
    my ($program) = _installed();
    return $program;
}

# AWStats' tables of robots, browsers and so on.
sub lib {
    my ( undef, $parts ) = _installed();
    return "$parts/lib";
}

# plugin => 0 leaves the plugins folder empty; folder => DIR makes the installation there to stay;
# fresh => 1 has perl start awstats.pl each time (see PreforkServer.pm).
sub new {
    my ( $class, %option ) = @_;
    my $folder = $option{folder} || File::Temp::tempdir( CLEANUP => 1 );
    my $self = bless { folder => $folder, fresh => $option{fresh} }, $class;
    my ( $program, $parts ) = _installed();
    mkdir "$folder/$_" foreach 'plugins', 'data';
    symlink $program,    "$folder/awstats.pl";
    symlink "$parts/$_", "$folder/$_" foreach qw(lib lang);
    if ( $option{plugin} // 1 ) {
        symlink plugin_folder() . "/$_", "$folder/plugins/$_" foreach qw(cloudfront.pm cloudfront);
    }
    return $self;
}

# Settings for config() that read a log with the plugin:
#   log         LogFile; left out when missing
#   include     the name of a file in awstats-conf, without .conf
#   parameters  what stands behind the plugin's name in LoadPlugin; helper=PATH goes before them, unless they have one
#   format      LogFormat, cloudfront when missing
#   hosts       HostAliases, any host when missing; without it AWStats drops the records of other hosts
#   more        further lines
sub plugin_config {
    my %setting = @_;
    my $parameters = $setting{parameters} // '';
    $parameters = 'helper=' . helper() . " $parameters" if $parameters !~ /\bhelper=/;
    $parameters =~ s/ +$//;
    return join '',
      map { "$_\n" } defined $setting{include} ? qq(Include "${\ configurations()}/$setting{include}.conf") : (),
      qq(LoadPlugin="cloudfront $parameters"), sprintf( 'LogFormat="%s"', $setting{format} // 'cloudfront' ),
      defined $setting{log} ? qq(LogFile="$setting{log}") : (),
      sprintf( 'HostAliases="%s"', $setting{hosts} // 'REGEX[.]' ),
      $setting{more} // ();
}

# An AWStats whose config "site" (or name => NAME) has these settings.
sub with_plugin {
    my ( $class, %setting ) = @_;
    my $self = $class->new;
    $self->config( $setting{name} // 'site', plugin_config(%setting) );
    return $self;
}

sub folder {
    my $self = shift;
    return $self->{folder};
}

# Writes awstats.NAME.conf: the type of log, which an Include may change; the Includes that TEXT
# begins with, what every run here needs, then the rest of TEXT.
sub config {
    my ( $self, $name, $text ) = @_;
    my $includes = $text =~ s/^((?:Include .*\n)+)// ? $1 : '';
    open my $file, '>', "$self->{folder}/awstats.$name.conf" or die "$name: $!";
    print $file <<"END";
LogType=W
$includes
SiteDomain="www.example.com"
DirData="$self->{folder}/data"
DNSLookup=0
$text
END
    close $file or die "$name: $!";
    return;
}

# Runs awstats.pl on config NAME.  Returns its exit status, and its output with what it and its
# children printed on standard error.
sub run {
    my ( $self, $name, @arguments ) = @_;
    return Program::finish( $self->start( $name, @arguments ) );
}

# The same beside the test: returns a job for Program::finish().  Options may come behind the name:
# those of Program::start(), and find => 1, for a job that has the process ID of awstats.pl as {awstats},
# which may be another than that of the process started, {pid}.  Hash order is fixed, so that equal history
# has equal files.  With AWSTATS_EMBEDDED=1 the helper runs awstats.pl by its own perl, with its own plugin.
sub start {
    my ( $self, $name, @arguments ) = @_;
    my %option = ref $arguments[0] ? %{ shift @arguments } : ();
    local %ENV = ( %ENV, PERL_HASH_SEED => 0, PERL_PERTURB_KEYS => 0 );
    %ENV = ( %ENV, $self->_prefork ) if !$self->{fresh} && !$ENV{AWSTATS_EMBEDDED};
    my $perl = delete $ENV{AWSTATS_PREFORK_CLIENT} // $^X;
    my $file = delete $option{find} && $perl ne $^X ? File::Temp->newdir : undef;
    local $ENV{AWSTATS_PREFORK_PID} = "$file/pid" if $file;
    my @program =
      $ENV{AWSTATS_EMBEDDED}
      ? ( helper(), "--awstats=$self->{folder}/awstats.pl", 'awstats' )
      : ( $perl, "$self->{folder}/awstats.pl" );
    my $job = Program::start( { together => 1, %option }, @program, "-config=$name", @arguments );
    if ($file) { Time::HiRes::sleep(0.001) until -s "$file/pid" }
    $job->{awstats} = $file ? Program::content("$file/pid") : $job->{pid};
    return $job;
}

# Runs any command in the same way.
sub command {
    my ( $self, @command ) = @_;
    return ( Program::run( { together => 1 }, @command ) )[ 0, 1 ];
}

# Runs one of AWStats' own tools that start awstats.pl, such as awstats_buildstaticpages.pl: each start is one like
# those of start().
sub tool {
    my ( $self, $tool, @arguments ) = @_;
    local %ENV = ( %ENV, PERL_HASH_SEED => 0, PERL_PERTURB_KEYS => 0 );
    %ENV = ( %ENV, $self->_prefork ) if !$self->{fresh};
    my $perl = delete $ENV{AWSTATS_PREFORK_CLIENT} // $^X;
    my $program = Program::write_file( "$self->{folder}/awstats", <<"END" );
#!/bin/sh
exec '$perl' '$self->{folder}/awstats.pl' "\$@"
END
    chmod 0755, $program;
    return $self->command( $^X, $tool, "-awstatsprog=$program", @arguments );
}

# What the environment of perl.c needs, for this awstats.pl; nothing when perl itself is to run it.
sub _prefork {
    my $self = shift;
    return PreforkServer::environment(
        "$self->{folder}/awstats.pl",
        Cwd::abs_path("$self->{folder}/lib"),
        grep { -d } Cwd::abs_path("$self->{folder}/plugins/cloudfront") // ()
    );
}

# Starts the process that has compiled this awstats.pl, for the children that the test is about to
# have: they would each start one of their own.
sub compile {
    my $self = shift;
    local %ENV = ( %ENV, PERL_HASH_SEED => 0, PERL_PERTURB_KEYS => 0 );
    $self->_prefork if !$self->{fresh} && !$ENV{AWSTATS_EMBEDDED};
    return $self;
}

# The history files of config NAME: month (or what DatabaseBreak makes) => text, times of the run and places in the log
# masked, what the plugin keeps of batches left out, lines as HistoryOrder sorts them; a row that AWStats would have put
# elsewhere is named at the end.  XML loses its tags, and its sections are sorted: AWStats moves some when it reads a file
# that it has written, and writes it again.
sub history {
    my ( $self, $name ) = @_;
    my %history;
    foreach my $path ( glob "$self->{folder}/data/awstats*.$name.txt" ) {
        my $text = Program::content($path);
        my $is_xml = $text =~ /^<xml/;
        $text = $text =~ s/<[^>]*>/ /gr =~ s/[ \t]+/ /gr =~ s/^ | $//mgr =~ s/\n{2,}/\n/gr =~ s/\n(?=# Site)/\n\n/r
          if $is_xml;
        $text =~ s/\n# Site of.*\nBEGIN_PLUGIN_cloudfront (?s:.*?)\nEND_PLUGIN_cloudfront\n//;
        my @lines = grep { !/^(?:#|POS_PLUGIN_cloudfront)/ } HistoryOrder::canonical($text) =~ /^.*\n/mg;
        foreach (@lines) {
            s/^(LastLine \d+).*/$1/;
            s/^LastUpdate \d+ /LastUpdate /;
        }
        my ($break) = $path =~ /awstats(\d+)\./;
        my $figures = HistoryOrder::unplaced( join '', @lines );
        $figures = join '', sort $figures =~ /(?:^\d+\n)?^BEGIN_.*?^END_\w+\n|^[^\n]*\n/msg if $is_xml;
        $history{$break} = $figures . HistoryOrder::misplaced($text);
    }
    return \%history;
}

# The files in DirData, as a sorted list of names; the plugin's lock, which stays, is not among them.
sub data_files {
    my $self = shift;
    opendir my $data, "$self->{folder}/data" or die $!;
    return [ sort grep { !/^\.|\.cloudfront\.lock$/ } readdir $data ];
}

# A section of config NAME's history files: first word of each line => the other words, added up
# over the files where they are numbers.
sub section {
    my ( $self, $name, $section ) = @_;
    my %total;
    local $_;
    foreach my $path ( glob "$self->{folder}/data/awstats*.$name.txt" ) {
        open my $file, '<', $path or die "$path: $!";
        while (<$file>) {
            next if !( /^BEGIN_\Q$section\E / .. /^END_\Q$section\E$/ ) || /^(BEGIN|END)_/;
            my ( $key, @values ) = split;
            foreach my $i ( 0 .. $#values ) {
                my $value = \$total{$key}[$i];
                $$value = $values[$i] =~ /^\d+$/ ? ( $$value || 0 ) + $values[$i] : $values[$i];
            }
        }
    }
    return \%total;
}

# A value of the GENERAL section, added up over the months: TotalVisits, TotalUnique ...
sub total {
    my ( $self, $name, $key ) = @_;
    my $value = $self->section( $name, 'GENERAL' )->{$key};
    return $value ? $value->[0] : 0;
}

1;
