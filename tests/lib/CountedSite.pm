# A small site: a folder that CloudFront's logs are delivered to, and an AWStats that counts them
# with the plugin, batch by batch.
package CountedSite;
use strict;
use warnings;

use AWStats;
use Digest::SHA        qw(sha1_hex);
use File::Find         ();
use File::Temp         ();
use IO::Compress::Gzip ();
use Program            qw(content run write_file);

my @fields = qw(date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status
  cs(Referer) cs(User-Agent) cs-uri-query);

# Options: parameters adds to LoadPlugin, config adds lines to the AWStats configuration, settings adds
# lines to the site's section, folder is where everything lies.  Times are written YYYY-MM-DD HH:MM:SS.
sub new {
    my ( $class, %option ) = @_;
    my $awstats = AWStats->new( folder => $option{folder} );
    my $folder = $awstats->folder;
    my $self = bless { awstats => $awstats, source => "$folder/source", objects => 0 }, $class;
    mkdir $self->{source};
    ( $self->{load}, $self->{config} ) = split /(?<=\n)/,
      AWStats::plugin_config(
        parameters => join( ' ', "config=$folder/sites.conf", $option{parameters} || () ),
        more       => $option{config}
      ),
      2;
    $self->set( $option{settings} || '' );
    $self->use_log('site:cdn');
    return $self;
}

# Writes the site's section of the helper's configuration, with these lines added.
sub set {
    my ( $self, $settings ) = @_;
    my $folder = $self->folder;
    write_file( "$folder/sites.conf", <<"END" );
[cdn]
source = $self->{source}
state = $folder/state/cdn.db
awstats = $folder/awstats.pl
awstats-config = site
$settings
END
    return;
}

# Sets the LogFile that AWStats reads.
sub use_log {
    my ( $self, $log ) = @_;
    $self->{awstats}->config( 'site', "$self->{load}$self->{config}LogFile=\"$log\"\n" );
    return;
}

sub awstats {
    my $self = shift;
    return $self->{awstats};
}

sub folder {
    my $self = shift;
    return $self->{awstats}->folder;
}

sub source {
    my $self = shift;
    return $self->{source};
}

# Returns the names of the columns that a record has.
sub fields { return @fields }

# Returns the line of a record.  Values that may be given: bytes, host, path, status, agent.
sub record {
    my ( $time, %value ) = @_;
    my ( $date, $clock ) = split / /, $time;
    my $agent = $value{agent} || 'Mozilla/5.0%2520(X11;%2520Linux%2520x86_64;%2520rv:140.0)%2520Firefox/140.0';
    return join( "\t",
        $date, $clock, 'DFW57-P3',
        $value{bytes} || 1000, $value{host} || '192.0.2.1', 'GET',
        'd1.cloudfront.net', $value{path} || '/page.html', $value{status} || 200,
        $value{referer} || '-', $agent, $value{query} || '-' )
      . "\n";
}

# Delivers these records as one log object, named for the hour of the first record.
sub deliver {
    my ( $self, @records ) = @_;
    return $self->deliver_events( \@fields, @records );
}

# The same with other columns.
sub deliver_events {
    my ( $self, $columns, @records ) = @_;
    my ( $date, $hour ) = $records[0] =~ /^(\S+)\t(\d\d)/;
    my $name = sprintf 'E1EXAMPLE.%s-%s.%08x.gz', $date, $hour, ++$self->{objects};
    return $self->deliver_as( $name, "#Version: 1.0\n#Fields: @$columns\n" . join '', @records );
}

# Puts a log object into the source folder, whole or not at all, as a bucket does.
sub deliver_as {
    my ( $self, $name, $text ) = @_;
    IO::Compress::Gzip::gzip( \$text, "$self->{source}/.part", Time => 0 ) or die "$name: $!";
    rename "$self->{source}/.part", "$self->{source}/$name" or die "$name: $!";
    return $name;
}

# Keeps a copy of the objects, the ledger and the history; returns the site.
sub keep {
    my $self = shift;
    $self->{kept} = { folder => File::Temp->newdir, map { $_ => $self->{$_} } qw(objects load config) };
    _copy( $self->folder, "$self->{kept}{folder}" );
    return $self;
}

# Puts back what keep() has kept, and the configuration of that time; returns the site.
sub put_back {
    my $self = shift;
    my $kept = $self->{kept};
    $self->{$_} = $kept->{$_} foreach qw(objects load config);
    _copy( "$kept->{folder}", $self->folder );
    $self->use_log('site:cdn');
    return $self;
}

sub _copy {
    my ( $from, $to ) = @_;
    my @parts = grep { -e "$from/$_" } qw(source state data);
    system( 'rm', '-rf', map { "$to/$_" } qw(source state data) ) == 0
      && system( 'cp', '-a', ( map { "$from/$_" } @parts ), $to ) == 0
      or die "cp: $?\n";
    return;
}

# Runs a command of the program for the site, with this AWStats where it runs one; returns its exit status, and its
# output with its messages.
sub command {
    my ( $self, $command, @arguments ) = @_;
    my $folder = $self->folder;
    unshift @arguments, "--awstats=$folder/awstats.pl" if $command =~ /^(?:recount|verify)$/;
    return run( { together => 1 },
        AWStats::helper(), $command, "--config=$folder/sites.conf", '--site=cdn', @arguments );
}

# Runs the command line that a message advises, COMMAND of the program, as it is printed.  Returns its exit status, and
# its output with its messages; nothing when there is no such advice.
sub follow {
    my ( $message, $command ) = @_;
    my ($line) = $message =~ /\b(awstats-cloudfront $command(?: --?[^\s;]+)*)/ or return;
    local $ENV{PATH} = AWStats::helper() =~ s{/[^/]*\z}{}r . ":$ENV{PATH}";
    return run( { together => 1 }, 'sh', '-c', $line );
}

# Runs an update; returns its exit status and its output.
sub update {
    my ( $self, @arguments ) = @_;
    return $self->{awstats}->run( 'site', '-update', @arguments );
}

# The same by "awstats-cloudfront update"; returns its exit status, its standard output and its standard error.
sub update_by_program {
    my ( $self, @arguments ) = @_;
    return Program::finish( $self->start_program(@arguments) );
}

# Starts such an update, for Program::finish().
sub start_program {
    my ( $self, @arguments ) = @_;
    my %option = ref $arguments[0] ? %{ shift @arguments } : ();
    local %ENV = ( %ENV, PERL_HASH_SEED => 0, PERL_PERTURB_KEYS => 0 );
    my @sites = grep( { /^--all/ } @arguments ) ? () : '--site=cdn';
    return Program::start( \%option, AWStats::helper(), 'update', '--config=' . $self->folder . '/sites.conf',
        @sites, @arguments );
}

# Returns a site whose AWStats has counted all delivered objects in one update, without batches.  ARGUMENTS as for
# update.  The same objects and configuration have the same site, which is not to be changed.
my %clean;

sub in_one_run {
    my ( $self, @arguments ) = @_;
    my ( $folder, $source, $load ) = ( $self->folder, @$self{qw(source load)} );
    return $self->_in_one_run(@arguments) if $load =~ /helper=\Q$folder\E/;    # a program of the test's own
    my @files;
    File::Find::find( { no_chdir => 1, wanted => sub { push @files, $_ if -f } }, $source );
    my $key = join "\0", @arguments, map { s/\Q$folder\E//gr } $load, $self->{config},
      map { ( $_, content($_) ) } sort @files;
    return $clean{ sha1_hex($key) } //= $self->_in_one_run(@arguments);
}

sub _in_one_run {
    my ( $self, @arguments ) = @_;
    my $clean = ( ref $self )->new;
    $clean->{load} = $self->{load};
    $clean->{config} = $self->{config};
    $clean->use_log( $self->{source} );
    my ( $status, $output ) = $clean->update(@arguments);
    die "the clean run: $output" if $status;
    return $clean;
}

# Returns the lines of the history files, without XML tags, by the period in the file name.
sub _history {
    my $self = shift;
    my %lines;
    foreach my $path ( glob $self->folder . '/data/awstats*.site.txt' ) {
        my ($file) = $path =~ m{/awstats(\d+)};
        open my $history, '<', $path or die "$path: $!";
        $lines{$file} = [ map { s/<[^>]*>/ /gr =~ s/^\s+//r } <$history> ];
    }
    return \%lines;
}

# Returns the days: day => [pages, hits, bytes, visits].
sub days {
    my $self = shift;
    my $history = $self->_history;
    my %day;
    foreach my $line ( map { @$_ } values %$history ) {
        next if !( $line =~ /^BEGIN_DAY / .. $line =~ /^END_DAY/ );
        my ( $day, @values ) = split ' ', $line;
        next if $day !~ /^\d/;
        $day{$day}[$_] += $values[$_] foreach 0 .. $#values;
    }
    return \%day;
}

# Returns the numbers that must be exact: pages, hits and bytes of each day, and of each hour, robot and
# error in each history file.
sub numbers {
    my $self = shift;
    my $history = $self->_history;
    my $days = $self->days;
    my %exact = map { $_ => [ @{ $days->{$_} }[ 0 .. 2 ] ] } keys %$days;
    foreach my $file ( keys %$history ) {
        foreach my $line ( @{ $history->{$file} } ) {
            next if !( $line =~ /^BEGIN_(?:TIME|ROBOT|ERRORS) / .. $line =~ /^END_/ );
            my ( $key, @values ) = split ' ', $line;
            splice @values, 2, 1 if @values == 4;    # a robot's last visit
            $exact{"$file $key"} = \@values;
        }
    }
    die "no history\n" if !%$days;
    return \%exact;
}

# Returns the number of visits in all history files.
sub visits {
    my $self = shift;
    my $total = 0;
    $total += $_->[3] foreach values %{ $self->days };
    return $total;
}

# Returns the ID of the last batch in each history file, by period.
sub batches {
    my $self = shift;
    my $history = $self->_history;
    my %batch;
    foreach my $file ( keys %$history ) {
        my $text = join '', @{ $history->{$file} };
        ( $batch{$file} ) = $text =~ /^BEGIN_PLUGIN_cloudfront\s+1\s+cdn\s+(\S+)\s+END_PLUGIN_cloudfront/m;
    }
    return \%batch;
}

# Returns the rows of each section of each history file, without times of the run and places in the file.
sub rows {
    my $self = shift;
    my %rows;
    foreach my $path ( glob $self->folder . '/data/awstats*.site.txt' ) {
        my ($month) = $path =~ /awstats(\d+)/;
        my $text = content($path);
        while ( $text =~ /^BEGIN_(\w+).* \d+\n((?s:.*?))^END_\1\n/mg ) {
            my ( $name, @rows ) = ( $1, split /^/, $2 );
            next if $name eq 'MAP' || $name eq 'PLUGIN_cloudfront';
            @rows = map { /^LastUpdate/ ? () : s/^(LastLine \d+).*/$1/r } @rows if $name eq 'GENERAL';
            $rows{"$month $name"} = join '', sort grep { !/^ / } @rows;
        }
    }
    return \%rows;
}

1;
