#!/usr/bin/perl
# Stock AWStats counts a log whole, and in shards that have no host in common: the command merge makes of the shards'
# histories one with the same rows as that of the whole log, in any tree of merges, and AWStats goes on with it.
use strict;
use warnings;
use Digest::SHA ();
use FindBin     qw($Bin);
use lib "$Bin/lib";
use AWStats         ();
use Columns         qw($LOG_FORMAT %COLUMN);
use GenerateUnusual ();
use Program         qw(content helper run write_file);
use RandomNumbers   ();
use Soak            qw(amount seed);
use Test::More;

my $awstats = AWStats->new( plugin => 0 );
my $folder = $awstats->folder;
my $SETTINGS = <<"END";
LogFormat="$LOG_FORMAT"
LogSeparator="\\t"
HostAliases="REGEX[.]"
LevelForWormsDetection=2
MaxNbOfHostsShown=7
MaxNbOfPageShown=5
ValidHTTPCodes="200 304 206"
TrapInfosForHTTPErrorCodes="403 404"
ExtraSectionName1="Sites"
ExtraSectionCodeFilter1=""
ExtraSectionCondition1="URL,."
ExtraSectionFirstColumnTitle1="Site"
ExtraSectionFirstColumnValues1="HOST,(.*)"
ExtraSectionStatTypes1=PHBL
MaxNbOfExtra1=4
MinHitExtra1=1
END

# Counts logs one after another under a name, and returns the paths of the history files.
sub counted {
    my ( $name, @logs ) = @_;
    foreach my $records (@logs) {
        GenerateUnusual::write_log( "$folder/$name.log", $records );
        $awstats->config( $name, qq($SETTINGS\nLogFile="$folder/$name.log") );
        my ( $status, $out ) = $awstats->run( $name, '-update' );
        is( $status, 0, "$name: AWStats counts" ) or diag $out;
    }
    return glob "$folder/data/awstats*.$name.txt";
}

# Returns the records of each of COUNT shards, by their hosts: AWStats takes the one that a query may name.
sub shards {
    my ( $records, $count ) = @_;
    my @shards = map { [] } 1 .. $count;
    foreach my $record (@$records) {
        my ( $client, $query ) = ( split /\t/, $record )[ @COLUMN{qw(c-ip cs-uri-query)} ];
        my $host = $query =~ /\[CloudFlare_Visitor_IP:(\d+(?:[.]\d+){3})\]/ ? $1 : lc $client;
        my $shard = unpack( 'N', Digest::SHA::sha1($host) ) % $count;
        push @{ $shards[$shard] }, $record;
    }
    return @shards;
}

sub merge {
    my ( $output, @inputs ) = @_;
    my ( $status, $out, $err ) = run( helper(), 'merge', '-o', $output, @inputs );
    is( "$status $out$err", '0 ', "merge of @{[ scalar @inputs ]} histories" );
    return $output;
}

# Merges in a random tree.
sub merge_tree {
    my ( $name, @files ) = @_;
    my $number = 0;
    while ( @files > 1 ) {
        RandomNumbers::shuffle( \@files );
        my @some = splice @files, 0, 2 + RandomNumbers::below( @files - 1 );
        push @files, merge( "$folder/$name." . ++$number, @some );
    }
    return $files[0];
}

# Returns the sections of a history file: name => its rows, sorted, as text.  Left out is what depends on the clock or on
# the place in the log, rows without a key, which AWStats writes but does not read, and the last referrer and host of an error, of which the history does not tell the time.
sub sections {
    my ( $path,     $is_merged ) = @_;
    my ( %sections, @miscounted );
    my $text = content($path);
    while ( $text =~ /^BEGIN_(\w+).* (\d+)\n((?s:.*?))^END_\1\n/mg ) {
        my ( $name, $count, @rows ) = ( $1, $2, split /^/, $3 );
        push @miscounted, $name if $is_merged && $name ne 'MAP' && $count != @rows;
        if ( $name eq 'GENERAL' ) {
            @rows = map { /^LastUpdate/ ? () : s/^(LastLine \d+).*/$1/r } @rows;
        }
        @rows = map { s/^(POS_\w+).*/$1/r } @rows if $name eq 'MAP';
        @rows = grep { !/^ / } @rows;
        @rows = map { s/^(\S+ \d+).*/$1/r } @rows if $name =~ /^SIDER_/;
        $sections{$name} = join '', sort @rows;
    }
    is( "@miscounted", '', 'each section has as many rows as it says' ) if $is_merged;
    return \%sections;
}

# Returns the numbers in a column of the rows of a section that reports read, the first COUNT.
sub first_rows {
    my ( $path, $name, $count, $column ) = @_;
    my ($rows) = content($path) =~ /^BEGIN_$name .*\n((?s:.*?))^END_$name\n/m;
    my @numbers = map { ( split / / )[$column] } split /^/, $rows;
    return join ' ', @numbers[ 0 .. $count - 1 ];
}

sub is_same {
    my ( $got, $want, $name ) = @_;
    my ( $one, $other ) = ( sections( $got, 1 ), sections($want) );
    my @different = grep { ( $one->{$_} // '' ) ne ( $other->{$_} // '' ) } sort keys %{ { %$one, %$other } };
    is( "@different",            '',                       $name );
    is( first_rows( $got, @$_ ), first_rows( $want, @$_ ), "$name: the first rows of $_->[0]" )
      foreach [ 'VISITOR', 7, 1 ], [ 'SIDER', 5, 1 ], [ 'EXTRA_1', 4, 1 ], [ 'ROBOT', 5, 1 ];
    foreach (@different) { diag "$_\nGOT\n$one->{$_}\nWANT\n$other->{$_}" }
    return;
}

# Returns records from START on.  AWStats counts the host 0 and a page without a name in its totals, but writes no row for
# them, and a host with a space becomes another one when AWStats reads it again: none of these can be added up.
sub records {
    my ( $round, $start ) = @_;
    my $records = GenerateUnusual::records(
        seed     => $round,
        records  => 900,
        gap      => 60,
        start    => $start,
        visitors => 60,
        referers => 60,
        searches => 3
    );
    return [
        grep {
            my ( $host, $url ) = ( split /\t/ )[ @COLUMN{qw(c-ip cs-uri-stem)} ];
            $host !~ /^0$|\s/ && $url !~ /^#/
        } @$records
    ];
}

# The month of the log, or the end of one month and the beginning of the next.
my ( $MAY, $APRIL_AND_MAY ) = ( 1_714_550_400, 1_714_500_000 );
my $seed = seed( 'MERGE_SEED', 1 );
my @rounds = map { $seed + $_ } 0 .. amount( 'MERGE_ROUNDS', 2, 40 ) - 1;
foreach my $round (@rounds) {
    my $records = records( $round, $round % 2 ? $MAY : $APRIL_AND_MAY );
    my @wholes = counted( "whole$round", $records );
    is( scalar @wholes, $round % 2 ? 1 : 2, "round $round: the months" );
    my @shards = shards( $records, $round % 2 ? 3 : 8 );
    my @files = map { counted( "shard$round-$_", $shards[$_] ) } grep { @{ $shards[$_] } } 0 .. $#shards;
    RandomNumbers::seed($round);
    foreach my $whole (@wholes) {
        my ($month) = $whole =~ /awstats(\d+)\./;
        my @parts = grep { /awstats$month\./ } @files;
        is_same( merge( "$folder/all", @parts ),     $whole, "round $round, $month: merged at once" );
        is_same( merge_tree( "tree$round", @parts ), $whole, "round $round, $month: merged in a tree" );
    }
}

# ---- AWStats goes on with the sum ----------------------------------------------------------------

# A later log, counted onto the whole history and onto the sum.
{
    my @records = @{ records( 11, $MAY ) };
    my ( $first, $second ) = ( [ @records[ 0 .. 599 ] ], [ @records[ 600 .. $#records ] ] );
    my ($whole) = counted( 'whole', $first, $second );
    my @files = map { counted( "part$_", ( shards( $first, 2 ) )[$_] ) } 0, 1;
    my $sum = merge( $files[0] =~ s/part0/sum/r, @files );
    counted( 'sum', $second );
    is_same( $sum, $whole, 'an update of the sum' );
    my ( $status, $out ) = $awstats->run( 'sum', qw(-output -staticlinks -month=05 -year=2024) );
    my ($unique) = content($sum) =~ /^TotalUnique (\d+)/m;
    like( $out, qr/<b>$unique<\/b>/, 'a report of the sum has its visitors' );
}

done_testing;
