package NativeLoop;

# The plugin's update loop beside AWStats' own, and whole updates beside other tools.

use strict;
use warnings;
use Cwd            ();
use File::Basename qw(dirname);
use File::Path     qw(make_path remove_tree);
use AWStats        ();
use Measure        qw(in_turns instructions_alone);
use POSIX          ();
use Program        ();
use Recipe2010     ();
use Table          qw(title rows ratio);

my $tests = Cwd::abs_path( dirname(__FILE__) . '/..' );

# Configurations: stock AWStats, and the plugin.
my ( $stock, $native );

# build    where awstats-cloudfront was built
# scratch  a folder to work in, which is removed
# logs     the folder of so many
# records
# large    the folder of a larger log, if any
# repeats  how often what is compared is run
sub bench {
    my %bench = @_;
    local $ENV{PATH} = "$bench{build}:$ENV{PATH}";
    prepare( \%bench );
    bench_others( \%bench );
    bench_large( \%bench ) if $bench{large};
    write_normalized( \%bench );
    bench_new_records( \%bench );
    bench_pages( \%bench );
    bench_instructions( \%bench );
    remove_tree( $bench{scratch} );
    return;
}

# Prepares for awstats() and site().
sub prepare {
    my ($bench) = @_;
    $stock = 'Include "' . AWStats::configurations() . qq(/cloudfront-download.conf"\n);
    $native = $stock . qq(LogFormat="cloudfront"\nLoadPlugin="cloudfront"\n);
    remove_tree( $bench->{scratch} );
    make_path( $bench->{scratch} );
    return;
}

# An AWStats in a folder of its own, without a configuration the stock one; returns the command of an update and the folder of its history.
sub awstats {
    my ( $bench, $name, $log, $config ) = @_;
    $config //= $stock;
    my $folder = "$bench->{scratch}/$name";
    make_path($folder);
    my $awstats = AWStats->new( plugin => scalar( $config =~ /LoadPlugin/ ), folder => $folder );
    $awstats->config( 'bench', $config . qq(LogFile="$log"\nHostAliases="REGEX[.]"\n) );
    return ( "'$^X' -I'$tests/lib' -MPeakMemory='$folder/peak' '$folder/awstats.pl' -config=bench -update",
        "$folder/data" );
}

# A site that "awstats-cloudfront update" counts, in a folder of its own, with further lines of settings; returns the command,
# what is to be done before it, and the folder of its history.  BENCH may have parameters of the plugin.
sub site {
    my ( $bench, $name, $source, @settings ) = @_;
    my $folder = "$bench->{scratch}/$name";
    make_path($folder);
    my $awstats = AWStats->new( plugin => 0, folder => $folder );
    my $parameters = $bench->{parameters} ? " $bench->{parameters}" : '';
    my $config = $native =~ s/LoadPlugin="cloudfront\K(?=")/$parameters/r;
    $awstats->config( 'bench', $config . qq(LogFile="site:bench"\nHostAliases="REGEX[.]"\n) );
    Program::write_file( "$folder/sites.conf", <<"END" );
[bench]
source = $source
state = $folder/state/bench.db
awstats = $folder/awstats.pl
@{[ join "\n", @settings ]}
END
    return (
        "'$bench->{build}/awstats-cloudfront' update -q --config '$folder/sites.conf' --site bench",
        "rm -rf '$folder/state' '$folder/data/'*",
        "$folder/data"
    );
}

sub peak {
    my ( $bench, $name ) = @_;
    open my $in, '<', "$bench->{scratch}/$name/peak" or die "$name: $!\n";
    return <$in>;
}

sub bench_others {
    my ($bench) = @_;
    my ( $scratch, $logs ) = @$bench{qw(scratch logs)};
    title("A native update of $bench->{records} records, from nothing to the saved history");
    my ( $update, $data ) = awstats( $bench, 'plugin', $logs, $native );
    my $columns = $Recipe2010::CONFIG =~ s/%ua\K/' %other' x 22/er;    # else AWStats shifts all, and counts nothing
    my ( $recipe,     $recipe_data ) = awstats( $bench, 'recipe', "$scratch/merged.log", $columns );
    my ( $by_program, $before ) = site( $bench, 'program', $logs );
    my $prepare = Recipe2010::commands( $logs, "$scratch/unpacked", "$scratch/merged.log" );
    my $results = in_turns(
        $bench->{repeats},
        [
            'recipe of 2010' => "$prepare\n$recipe",
            "rm -rf '$scratch/unpacked' '$recipe_data/'*; mkdir '$scratch/unpacked'"
        ],
        [
                'zcat | goaccess' => "cd '$logs' && zcat *.gz | goaccess --log-format=CLOUDFRONT --no-progress "
              . "-o '$scratch/report.json' -"
        ],
        [ 'zcat'                       => "cd '$logs' && exec zcat *.gz" ],
        [ 'awstats-cloudfront, plugin' => $update,     "rm -f '$data/'*" ],
        [ 'awstats-cloudfront update'  => $by_program, $before ]
    );
    rows( $results, $results->[3]{seconds} );
    my $ours = $results->[3]{seconds};
    ratio( 'beside the recipe of 2010', $ours / $results->[0]{seconds},                  1 / 10 );
    ratio( 'beside zcat | goaccess',    $ours / $results->[1]{seconds},                  1 / 5 );
    ratio( 'beside zcat',               $ours / $results->[2]{seconds},                  1.4 );
    ratio( 'update beside zcat',        $results->[4]{seconds} / $results->[2]{seconds}, 0.8 );
    bench_nothing_new( $bench, $by_program );
    remove_tree("$scratch/unpacked");
    return;
}

# The site has been updated by COMMAND just before.
sub bench_nothing_new {
    my ( $bench, $command ) = @_;
    title('An update with nothing new');
    my $results = in_turns( $bench->{repeats}, [ 'awstats-cloudfront update' => "PERL5OPT=-MNo::Perl $command" ] );
    rows( $results, $results->[0]{seconds} );
    printf "  %.0f ms, and no perl  (goal: at most 60)\n", 1000 * $results->[0]{seconds};
    return;
}

sub bench_large {
    my ($bench) = @_;
    my $count = () = glob "$bench->{large}/*.gz";
    title("The same of the larger log, $count files");
    my ( $update,     $data ) = awstats( $bench, 'large', $bench->{large}, $native );
    my ( $by_program, $before ) = site( $bench, 'large-program', $bench->{large} );
    my $results = in_turns(
        $bench->{repeats} < 3 ? $bench->{repeats} : 3,
        [ 'zcat'                       => "cd '$bench->{large}' && exec zcat *.gz" ],
        [ 'awstats-cloudfront, plugin' => $update,     "rm -f '$data/'*" ],
        [ 'awstats-cloudfront update'  => $by_program, $before ]
    );
    rows( $results, $results->[0]{seconds}, '1.0; update 0.6' );
    return;
}

sub write_normalized {
    my ($bench) = @_;
    system("'$bench->{build}/awstats-cloudfront' cat '$bench->{logs}' >'$bench->{scratch}/whole.log'") == 0
      or die "cat: failed\n";
    return;
}

# A month's log of so many records and a history of the first of them, in a process of its own: see make_once().
sub write_month {
    my ( $path, $records, $history, $visitors ) = @_;
    my $pid = fork // die "fork: $!\n";
    if ( !$pid ) {
        require Generate;
        require GenerateUnusual;
        my $logs =
          Generate::logs( seed => 2, records => $records, from => '2026-10-03', days => 25, visitors => $visitors );
        my @records = Generate::true_records($logs);
        my %part =
          ( old => [ @records[ 0 .. $history - 1 ] ], new => [ @records[ $history .. $#records ] ], none => [] );
        GenerateUnusual::write_log( "$path-$_.log", $part{$_} ) for keys %part;
        POSIX::_exit(0);
    }
    waitpid $pid, 0;
    die "$path: could not be made\n" if $?;
    return;
}

# A site that has counted the old records of a month's log; returns the command that counts the new ones, and what is to be
# done before it.
sub updated_site {
    my ( $bench, $name ) = @_;
    my $folder = "$bench->{scratch}/$name-program";
    my $logs = "$folder/logs";
    make_path($logs);
    my ( $command, undef, $data ) = site( $bench, "$name-program", $logs );
    link "$bench->{scratch}/$name-old.log", "$logs/old.log" or die "$logs: $!\n";
    my $keep = "mkdir '$folder/kept' && cp -a '$folder/state' '$data' '$folder/kept'";
    system("$command && $keep") == 0 or die "failed: $command\n";
    link "$bench->{scratch}/$name-new.log", "$logs/new.log" or die "$logs: $!\n";
    return ( $command, "rm -rf '$folder/state' '$data'; cp -a '$folder/kept/'* '$folder'" );
}

# What an hourly update has to do.  Few visitors make a small history, many a large one.  The first row is what nobody
# can make faster but AWStats: perl compiles it, and it compiles its patterns.
sub bench_new_records {
    my ($bench) = @_;
    my ( $old_count, $new_count ) = map { int( $bench->{records} / $_ ) } 1.5, 30;
    for my $pair ( [ few => int( $bench->{records} / 40 ) ], [ many => int( $bench->{records} / 4 ) ] ) {
        my ( $name, $visitors ) = @$pair;
        my $path = "$bench->{scratch}/$name";
        write_month( $path, $old_count + $new_count, $old_count, $visitors );
        my ( $old, $history ) = awstats( $bench, "$name-old", "$path-old.log", $stock );
        system("$old >/dev/null") == 0 or die "failed: $old\n";
        my @contenders = map {
            my ( $title, $way, $config ) = @$_;
            my ( $command, $data ) = awstats( $bench, "$name-$way", "$path-new.log", $config );
            [ $title, $command, "rm -f '$data/'*; cp '$history/'* '$data'" ];
        } [ 'stock AWStats', 'stock', $stock ], [ 'awstats-cloudfront, plugin', 'native', $native ];
        my ( $start, $nothing ) = awstats( $bench, "$name-start", "$path-none.log", $stock );
        push @contenders, [ 'awstats-cloudfront update', updated_site( $bench, $name ) ];
        unshift @contenders, [ 'stock AWStats, of an empty log', $start, "rm -f '$nothing/'*" ];
        my ($hosts) = map { /^BEGIN_VISITOR (\d+)/m } map { Program::content($_) } glob "$history/*.txt";
        title("$new_count new records onto a month's history of $old_count, $hosts hosts");
        my $results = in_turns( $bench->{repeats}, @contenders );
        rows( $results, $results->[1]{seconds}, '0.333' );
        my ( $stock, $native ) = map { update_instructions( $bench, "$name-$_", $history ) // return } qw(stock native);
        ratio( 'user instructions', $native / $stock );
    }
    return;
}

# User instructions of awstats.pl for an update of a copy of a history.
sub update_instructions {
    my ( $bench, $name, $history ) = @_;
    my $folder = "$bench->{scratch}/$name";
    system("rm -f '$folder/data/'*; cp '$history/'* '$folder/data'") == 0 or die "$folder: no history\n";
    return instructions_alone( $^X, "$folder/awstats.pl", '-config=bench', '-update' );
}

sub bench_pages {
    my ($bench) = @_;
    my $scratch = $bench->{scratch};
    my $pages = int( $bench->{records} / 4 );
    title("$bench->{records} records of $pages different pages, which stock AWStats saves again and again");
    open my $in,  '<', "$scratch/whole.log" or die "whole.log: $!\n";
    open my $out, '>', "$scratch/pages.log" or die "pages.log: $!\n";
    my $record = 0;
    while ( my $line = <$in> ) {
        $record++, $line =~ s{^((?:[^\t]*\t){7})[^\t]*}{$1 . '/page-' . $record * 7919 % $pages . '.html'}e
          if $line !~ /^#/;
        print $out $line;
    }
    close $out or die "pages.log: $!\n";
    my @contenders = map {
        my ( $title, $name, $config ) = @$_;
        my ( $command, $data ) = awstats( $bench, $name, "$scratch/pages.log", $config );
        [ $title, $command, "rm -f '$data/'*" ];
    } [ 'stock AWStats', 'pages-stock', $stock ], [ 'awstats-cloudfront, plugin', 'pages', $native ];
    my $results = in_turns( $bench->{repeats} < 3 ? $bench->{repeats} : 3, @contenders );
    rows( $results, $results->[0]{seconds}, '0.04' );
    return;
}

# What awstats.pl's own process takes, and not the helper.
sub bench_instructions {
    my ($bench) = @_;
    title("awstats.pl alone, for $bench->{records} records");
    my %command = (
        stock  => [ awstats( $bench, 'stock',  "$bench->{scratch}/whole.log", $stock ) ],
        native => [ awstats( $bench, 'native', "$bench->{scratch}/whole.log", $native ) ],
    );
    my ( %peak, %instructions );
    for my $name ( keys %command ) {
        my ( $command, $data ) = @{ $command{$name} };
        system("$command >/dev/null") == 0 or die "failed: $command\n";
        $peak{$name} = peak( $bench, $name ) / 1024;
        unlink glob "$data/*";
        $instructions{$name} =
          instructions_alone( $^X, "$bench->{scratch}/$name/awstats.pl", '-config=bench', '-update' ) // return;
    }
    printf "  user instructions a record (callgrind): %.0f stock, %.0f native\n",
      map { $instructions{$_} / $bench->{records} } qw(stock native);
    ratio( 'user instructions', $instructions{native} / $instructions{stock}, 1 / 12 );
    printf "  peak memory: %.1f MiB stock, %.1f MiB native\n", @peak{qw(stock native)};
    ratio( 'peak memory', $peak{native} / $peak{stock}, 1.5 );
    return;
}

1;
