package Differential;

# Counts the same log in stock AWStats and in AWStats with the plugin, and compares them: every history file after every
# step, and the output.  AWStats must not save in between; the plugin lets it do so when the case has {memory}, for
# memory=.  The plugin counts in {threads}.  History files are equal when they have the same lines in each section, and
# AWStats' order where it has one (HistoryOrder.pm); other files, byte for byte.  The time of the first visit (FirstTime)
# may be missing in stock's file: stock loses it when the first update of a month has no page view
# (awstats-cloudfront-plugin(7)).
#
#   my $comparison = Differential->new(DifferentialCase::of_seed(1));
#   $comparison->run;
#   is $comparison->difference, '';
#
# Both run side by side.  Hash order is fixed, so that equal hashes make equal files.  Both read the log from a command
# with the helper's name that copies the file unchanged.
#
# DIFFERENTIAL_KEEP names a folder that keeps the files of what differed.
#
# The result of stock AWStats is kept in the build folder, named by a digest of everything that it depends on.  The next
# comparison of the same case runs only AWStats with the plugin.

use strict;
use warnings;
use AWStats         ();
use DamagedHistory  ();
use Digest::SHA     ();
use File::Path      qw(make_path);
use File::Temp      ();
use Columns         qw($LOG_FORMAT %COLUMN);
use GenerateConfig  ();
use GenerateUnusual ();
use HistoryOrder    ();
use List::Util      qw(first max);
use POSIX           ();
use Program         ();
use Storable        ();

# With this limit AWStats does not save in the middle of a log.
my $NO_LIMIT = '-limitflush=1000000000';

# The LogFormat that the plugin sets.
my $FORMAT = $LOG_FORMAT;

# The ways to count, by name, and the settings in which they differ.
my %WAYS = (
    stock  => \&stock,
    mutant => \&stock,
    native => sub { return plugin( $_[0], 'partial=stock' . _parameters( $_[0], qw(memory threads) ) ) },
    off    => sub { return plugin( $_[0], 'native=off partial=stock' ) },
);

sub stock {
    my ($case) = @_;
    return (
        $case->{streaming} ? 'LoadPlugin="streampages"' : (), 'LoadPlugin="xmltext"', qq(LogFormat="$FORMAT"),
        'LogSeparator="\t"',

        # The alias that the plugin adds itself.
        host_aliases( $case, 'REGEX[^(?:-|[a-z0-9]+\.cloudfront\.net)$]' )
    );
}

# Returns those parameters of the plugin that the case has.
sub _parameters {
    my ( $case, @names ) = @_;
    return join '', map { " $_=$case->{$_}" } grep { $case->{$_} } @names;
}

sub plugin {
    my ( $case, $parameters ) = @_;
    return ( qq(LoadPlugin="cloudfront $parameters"), 'LogFormat="cloudfront"', host_aliases($case) );
}

sub host_aliases {
    my ( $case, @more ) = @_;
    my ($aliases) = map { /^HostAliases="(.*)"/ } @{ $case->{config} };
    my $all = join ' ', grep { defined && length } $aliases, @more;
    return length $all ? qq(HostAliases="$all") : ();
}

# Prepares a comparison of CASE, see DifferentialCase.pm.  A step is a list of records, the path of a log, or the path of
# a folder with CloudFront's logs, which both read through the helper.  Options: ways, the two ways to compare
# ([qw(stock native)]); program, the awstats.pl of the second way; stock, an earlier result of the first way.
sub new {
    my ( $class, $case, %option ) = @_;
    return bless {
        case    => $case,
        ways    => $option{ways} // [qw(stock native)],
        program => $option{program},
        result  => $option{stock} ? { stock => $option{stock} } : {},
        folder  => File::Temp->newdir
    }, $class;
}

# ---- running ----------------------------------------------------------------------------------

sub run {
    my ($self) = @_;
    my $folder = $self->{folder};
    my $cache = $self->_cache;
    $self->{result}{stock} //= Storable::retrieve($cache) if defined $cache && -e $cache;
    my @logs = $self->_write_logs;
    my %process;
    for my $way ( grep { !$self->{result}{$_} } @{ $self->{ways} } ) {
        my $awstats = $self->_install( $way, -d $logs[0] ? AWStats::helper() : "$folder/bin/awstats-cloudfront" );
        my $pid = fork // die "fork: $!\n";
        if ( !$pid ) {
            my $done = eval {
                Storable::nstore( [ map { $self->_step( $way, $awstats, $_ ) } @logs ], "$folder/$way.result" );
                1;
            };
            print STDERR $@ if !$done;
            POSIX::_exit( $done ? 0 : 1 );
        }
        $process{$pid} = $way;
    }
    for my $pid ( keys %process ) {
        waitpid $pid, 0;
        die "$self->{case}{name}, $process{$pid}: no result\n" if $?;
        $self->{result}{ $process{$pid} } = Storable::retrieve("$folder/$process{$pid}.result");
    }
    if ( defined $cache && !-e $cache ) {
        Storable::nstore( $self->{result}{stock}, "$cache.$$" );
        rename "$cache.$$", $cache or die "$cache: $!\n";
    }
    $self->_keep if $self->difference ne '' && $ENV{DIFFERENTIAL_KEEP};
    return $self;
}

# Returns the file that keeps stock's result; undef when other ways are compared or the helper makes the log.
my $environment;

sub _cache {
    my ($self) = @_;
    my $case = $self->{case};
    return undef if $self->{ways}[0] ne 'stock' || $self->{ways}[1] ne 'native' || grep { !ref } @{ $case->{steps} };

    # AWStats, its tables, the test plugins, the included settings, perl, and the modules that run the comparison.
    $environment //= do {
        my $root = AWStats::root();
        my $sha = Digest::SHA->new(1);
        $sha->add("$^X $^V");
        $sha->addfile($_)
          for AWStats::program(), glob( AWStats::lib() . '/*.pm' ), glob("$root/tests/data/awstats-plugins/*"),
          glob( AWStats::configurations() . "/*" ),
          map { "$root/tests/lib/$_.pm" }
          qw(AWStats DamagedHistory Differential GenerateConfig GenerateUnusual HistoryOrder);
        $sha->hexdigest;
    };
    local $Storable::canonical = 1;
    my %what = map { $_ => $case->{$_} } qw(config arguments zone streaming steps damage history memory threads);
    my $folder = AWStats::plugin_folder() . '/../differential-stock';
    mkdir $folder;
    return -w $folder
      ? "$folder/" . Digest::SHA::sha1_hex( $environment, length $self->{folder}, Storable::nfreeze( \%what ) )
      : undef;
}

# Writes the logs of the steps, and the command that copies the current one.
sub _write_logs {
    my ($self) = @_;
    my $folder = $self->{folder};
    mkdir "$folder/bin";
    Program::write_file( "$folder/bin/awstats-cloudfront", "#!/bin/sh\nexec cat \"\$2\"\n" );
    chmod 0755, "$folder/bin/awstats-cloudfront";
    my $number = 0;
    return
      map { ref ? GenerateUnusual::write_log( "$folder/step" . ++$number . '.log', $_ ) : $_ }
      @{ $self->{case}{steps} };
}

sub _install {
    my ( $self, $way, $command ) = @_;
    my $case = $self->{case};

    # History files contain these paths, so both have the same length.
    my ($number) = grep { $self->{ways}[$_] eq $way } 0, 1;
    my $folder = "$self->{folder}/$number";
    local $ENV{AWSTATS_PL} = $self->{program} if $number && $self->{program};
    mkdir $folder;
    my $awstats = AWStats->new( plugin => $way =~ /^(?:native|off)$/ ? 1 : 0, folder => $folder );
    for my $plugin ( glob AWStats::root() . '/tests/data/awstats-plugins/*.pm' ) {
        symlink $plugin, "$folder/plugins/" . ( split m{/}, $plugin )[-1];
    }
    my @own = grep { !/^HostAliases=/ } GenerateConfig::install( $awstats->folder, @{ $case->{config} } );
    my $history = $case->{history} // {};
    Program::write_file( "$folder/data/$_", $history->{$_} ) for keys %$history;
    my @includes = grep { /^Include / } @own;
    my @rest = grep { !/^Include / } @own;
    $awstats->config(
        'test', join '', map { "$_\n" } @includes,
        @rest,
        $WAYS{$way}->($case),
        qq(LogFile="$command cat $folder/log |")
    );
    return $awstats->compile;
}

# Copies a log, with the method PATCH, which stock AWStats does not know, as MERGE: stock counts it as it counts POST,
# and all records keep their places.  Returns the path of the copy.
sub _with_known_methods {
    my ( $log, $copy ) = @_;
    my $before = "(?:[^\t\n]*\t){$COLUMN{'cs-method'}}";
    Program::write_file( $copy, Program::content($log) =~ s/^$before\KPATCH(?=\t)/MERGE/mgr );
    return $copy;
}

# Runs an update; returns {status, output, files => {name => bytes}, first_times => {name => FirstTime, '' for none},
# misplaced => {name => a row}}.
sub _step {
    my ( $self, $way, $awstats, $log ) = @_;
    my $folder = $awstats->folder;
    unlink "$folder/log";
    $self->{has_patch} ||= -f $log && Program::content($log) =~ /\tPATCH\t/;
    $log = _with_known_methods( $log, "$folder/log.stock" ) if -f $log && !-e "$folder/plugins/cloudfront.pm";
    symlink $log, "$folder/log" or die "$folder/log: $!\n";
    local $ENV{TZ} = $self->{case}{zone} // 'UTC';
    $self->_damage($_) for defined $self->{case}{damage} ? glob "$folder/data/*.txt" : ();
    my @arguments = ( @{ $self->{case}{arguments} // [] }, $way eq 'native' ? () : $NO_LIMIT );
    my ( $status, $output ) = $awstats->run( 'test', '-update', @arguments );
    $output =~ s/\Q$folder\E/FOLDER/g;
    $output =~ s/\Q$self->{folder}\E/CASE/g;

    # When AWStats gives up it leaves temporary files, which are not compared.
    my @files = grep { !/\.tmp\.\d+$/ } @{ $awstats->data_files };
    my %file = map { $_ => _file( $folder, $_, $self->{has_patch} ) } @files;
    my %first_time = map { $_ => _take_out( \$file{$_}, qr{^(?:<tr><td>)?FirstTime(?:</td><td>| )}m ) || '' } @files;
    my %minimum = map { /^MinHitExtra(\d+)="?(\d+)/ ? ( "EXTRA_$1" => $2 ) : () } @{ $self->{case}{config} };
    return {
        status      => $status,
        output      => $output,
        files       => { map { $_ => $self->_comparable( $file{$_} ) } keys %file },
        first_times => \%first_time,
        misplaced   => { map { $_ => HistoryOrder::misplaced( $file{$_}, %minimum ) } keys %file }
    };
}

# Returns a history file's text in an order that all files have that say the same.  Damage may hide where a section begins;
# the order of its rows, that of a hash, also depends on the order in which threads have counted.  Perl's numbers hold about
# 16 digits: the last ones of a larger sum depend on the order in which AWStats and the plugin add.
sub _comparable {
    my ( $self, $text ) = @_;
    my $lines = HistoryOrder::canonical($text);
    my $has_large = $lines =~ s/(?<![\w.])(-?\d{16,}|-?\d+(?:[.]\d+)?e[+]\d+)(?![\w.])/sprintf '%.11e', $1/ge;
    return join '', sort split /^/, $lines if $self->{case}{damage} && ( $self->{case}{threads} // 1 ) > 1;
    return $has_large || $self->{case}{memory} ? HistoryOrder::unplaced($lines) : $lines;
}

# Damages the same lines of either way's file.  The checksum of the last line stays 0, as AWStats writes it when the log
# comes through a pipe: with another one AWStats looks for that line in the log, and stock AWStats loses the first line of
# the pipe there.  The plugin loses none (50_plugin.t).
sub _damage {
    my ( $self, $path ) = @_;
    my $text = HistoryOrder::canonical( Program::content($path) );
    my $damaged = DamagedHistory::text( $text, $self->{case}{damage} );
    my $between = qr{(?:[^\S\n]|</td><td>)+};
    $damaged =~ s{^((?:<tr><td>)?LastLine(?:$between[^\s<]+){3}$between)[^\s<]+}{${1}0}gm;
    Program::write_file( $path, $damaged );
    return;
}

# Puts VALUE in the place of the number behind BEFORE, a pattern, and returns the number.  The offsets of the sections
# behind it are then those that a number without digits would leave.
sub _take_out {
    my ( $text, $before ) = @_;
    return '' if $$text !~ /$before\K(\d*)/;
    my ( $number, $at ) = ( $1, $-[1] );
    substr $$text, $at, length $number, 'VALUE';
    $$text =~ s{^((?:<tr><td>)?POS_\w+(?:</td><td>| ))(\d+)}{$1 . ( $2 > $at ? $2 - length $number : $2 )}egm;
    return $number;
}

# Returns a history file's bytes with the time of the update and the folder's path masked; and, of a log with PATCH, the
# checksum of its last line, which may be one that stock AWStats had to get with another method.
sub _file {
    my ( $folder, $name, $has_patch ) = @_;
    my $path = "$folder/data/$name";
    my $text = Program::content($path);
    $text =~ s{^((?:<tr><td>)?LastUpdate(?:</td><td>|\s+))\d{14}}{$1 . '0' x 14}em;    # damage may leave TABs
    _take_out( \$text, qr/^(?:<tr><td>)?LastLine(?:\D+\d+){3}\D+/m ) if $has_patch;
    $text =~ s/\Q$folder\E/FOLDER/g;
    return $text;
}

# ---- comparing --------------------------------------------------------------------------------

# What the plugin says of a file without its first line: AWStats calls the file old, and advises to remove it.
my $NO_HISTORY = 'this is no AWStats history file: the first line does not begin with "AWSTATS DATA FILE ";'
  . ' restore the file from a backup';

# Returns the output without the plugin's own lines, without perl's notes of how far it has read a history, without what
# the command says that writes the log when nobody reads on, and without the methods that stand for PATCH in the records
# that AWStats prints.
sub _messages {
    my $output = $_[0]{output} =~ s/, <HISTORY> line \d+//gr;
    $output =~ s/^(?:cloudfront: |Warning: Plugin cloudfront: log .* AWStats counts none|Flush history file ).*\n//mg;
    $output =~ s/^cat: write error: Broken pipe\n//mg;
    $output =~ s/^Error: \KHistory file '(.*)' is to old \(version '0'\).*/$1: $NO_HISTORY/m;
    $output =~ s/\t(?:MERGE|PATCH)\t/\tPOST\t/g;
    $output =~ s/\(method\/protocol '\K(?:MERGE|PATCH)(?=')/POST/g;

    # The limit of AWStats, which is its own where it counts all records.
    $output =~ s/\(Flush history on disk after \K\d+//g;
    return $output;
}

# Returns the differences in a few lines, with the command that repeats the comparison; '' when there are none.
sub difference {
    my ($self) = @_;
    return $self->{difference} //= do {
        my ( $one, $other ) = map { $self->{result}{$_} } @{ $self->{ways} };
        my @step = map { _step_difference( $one->[$_], $other->[$_] ) } 0 .. $#$one;
        my $number = first { length $step[$_] } 0 .. $#step;
        my $of = sprintf 'step %d of %d', ( $number // 0 ) + 1, scalar @step;
        defined $number ? "$of: $step[$number]" . $self->_description . $self->_culprit : '';
    };
}

# Says whether the plugin's own loop causes the difference, by comparing again with native=off.
sub _culprit {
    my ($self) = @_;
    return '' if "@{$self->{ways}}" ne 'stock native';
    my $off = ( ref $self )->new( $self->{case}, ways => [ 'stock', 'off' ], stock => $self->stock_result );
    my $is_equal = $off->run->difference eq '';
    return $is_equal ? "With native=off they are equal.\n" : "With native=off they differ too.\n";
}

sub _step_difference {
    my ( $one, $other ) = @_;
    my $messages = _messages($one) eq _messages($other) ? '' : _diff( _messages($one), _messages($other) );
    my @status = map { $_->{status} } $one, $other;
    return "exit status $status[0] against $status[1]\n$messages" if $status[0] != $status[1];
    return "the output\n$messages" if $messages ne '';
    my @names = sort keys %{ { %{ $one->{files} }, %{ $other->{files} } } };
    my $name = first { ( $one->{files}{$_} // '' ) ne ( $other->{files}{$_} // '' ) } @names;
    return "$name\n" . _diff( $one->{files}{$name} // '', $other->{files}{$name} // '' ) if defined $name;
    $name = first { $one->{first_times}{$_} ne '' && $one->{first_times}{$_} ne $other->{first_times}{$_} } @names;
    return "$name\n  FirstTime $one->{first_times}{$name} against $other->{first_times}{$name}\n" if defined $name;
    $name = first { $one->{misplaced}{$_} eq '' && $other->{misplaced}{$_} ne '' } @names;
    return defined $name ? "$name\n  $other->{misplaced}{$name}" : '';
}

# Returns the first lines that only one of two texts has, or the first place where their order differs.
sub _diff {
    my @of = map { [ split /\n/ ] } @_;
    my @only;
    for my $i ( 0, 1 ) {
        my %there = map { $_ => 1 } @{ $of[ 1 - $i ] };
        push @{ $only[$i] }, grep { !$there{$_} } @{ $of[$i] };
    }

    # A file offset (POS_) differs whenever anything before it does.
    my @line = map {
        my $way = $_;
        map { (qw(- +))[$way] . $_ } grep { !/\bPOS_/ } @{ $only[$way] // [] }
    } 0, 1;
    if ( !@line ) {
        my $at = first { ( $of[0][$_] // '' ) ne ( $of[1][$_] // '' ) } 0 .. max( map { $#$_ } @of );
        @line = ( 'the order: ' . ( $of[0][$at] // '' ), '   against ' . ( $of[1][$at] // '' ) );
    }
    splice @line, 16, @line - 16, '...' if @line > 17;
    return join '', map { '  ' . substr( $_, 0, 300 ) . "\n" } @line;
}

sub _description {
    my ($self) = @_;
    my $case = $self->{case};
    return join '', "$case->{name}: $self->{ways}[0] (-) against $self->{ways}[1] (+)\n",
      ( map { "  $_\n" } @{ $case->{config} } ),
      '  TZ=' . ( $case->{zone} // 'UTC' ) . " awstats.pl -update @{$case->{arguments} // []}\n",
      $case->{again} ? "Again: tests/differential $case->{again} --keep DIR\n" : ();
}

sub _keep {
    my ($self) = @_;
    my $folder = "$ENV{DIFFERENTIAL_KEEP}/" . $self->{case}{name} =~ s/\W+/-/gr;
    make_path($folder);
    system 'cp', '-a', "$self->{folder}/.", $folder;
    Program::write_file( "$folder/difference", $self->difference );
    $self->{difference} .= "Kept in $folder\n";
    return;
}

# ---- what was compared ------------------------------------------------------------------------

# Returns the number of records of one kind in all steps; FOUND is AWStats' word: "new qualified", "old", "dropped" ...
sub found {
    my ( $self, $found ) = @_;
    my $sum = 0;
    for my $step ( @{ $self->{result}{ $self->{ways}[0] } } ) {
        $sum += $1 if $step->{output} =~ /^ Found (\d+) \Q$found\E/m;
    }
    return $sum;
}

# Returns the history files after the last step: name => bytes.
sub files { return $_[0]{result}{ $_[0]{ways}[0] }[-1]{files} }

# Returns the rows of stock's files that are in no order, as damage may leave them.
sub misplaced {
    my ($self) = @_;
    return grep { $_ ne '' } map { values %{ $_->{misplaced} } } @{ $self->{result}{ $self->{ways}[0] } };
}

# Returns whether the last update failed.
sub given_up { return $_[0]{result}{ $_[0]{ways}[0] }[-1]{status} != 0 }

# Returns stock's result, for further comparisons of the same case.
sub stock_result { return $_[0]{result}{stock} }

# Returns how often AWStats with the plugin saved its history in the middle of a log.
sub saves {
    my ($self) = @_;
    return scalar map { $_->{output} =~ /^(Flush history file)/mg } @{ $self->{result}{ $self->{ways}[1] } };
}

# Returns the share of all records that the plugin counted natively; undef when its output does not say.
sub native_share {
    my ($self) = @_;
    my ( $native, $handed ) = ( 0, 0 );
    for my $step ( @{ $self->{result}{native} } ) {
        my @counts = $step->{output} =~ /^cloudfront: the plugin counted (\d+) records?, awstats\.pl (\d+)/m or return;
        $native += $counts[0];
        $handed += $counts[1];
    }
    return $native / ( $native + $handed || 1 );
}

1;
