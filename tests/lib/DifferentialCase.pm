package DifferentialCase;

# Makes cases for Differential.pm from seeds: AWStats settings, and a log that AWStats reads in one step or several.

use strict;
use warnings;
use Digest::SHA     ();
use RandomNumbers   qw(below one_of one_in);
use Columns         qw(@COLUMNS %COLUMN);
use GenerateConfig  ();
use GenerateUnusual ();

# Starts of logs: the ends of months, of a year, of February, and of summer time in Paris and New York, in UTC.
my @STARTS = (
    1_709_125_200,    # 2024-02-28 13:00
    1_706_706_000,    # 2024-01-31 13:00
    1_704_027_600,    # 2023-12-31 13:00
    1_711_834_200,    # 2024-03-30 21:30
    1_710_043_200,    # 2024-03-10 04:00
    1_729_980_000,    # 2024-10-26 22:00
    1_714_550_400,    # 2024-05-01 08:00
);

# The time of a first record that has none.
my $START = "2024-01-31\t13:00:00";

# Returns the case of a seed: {name, config, arguments, zone, streaming, steps: lists of records, threads, damage: the seed for
# DamagedHistory between two steps, if any, again: the arguments with which tests/differential repeats the case}.  Other
# cases may also have {history}: files that exist before the first step, name => bytes.
sub of_seed {
    my ($seed) = @_;

    # Neighbouring seeds would give the generator similar numbers.
    my $number = unpack 'N', Digest::SHA::sha1("seed $seed");
    RandomNumbers::seed($number);
    my $streaming = one_in(10);

    my $is_long = one_in(10);
    my $config = GenerateConfig::draw( streaming => $streaming, counted => $is_long && below(4) );
    my $records = $is_long ? 21_000 + below( one_in(3) ? 30_000 : 5000 ) : 300 + below( one_in(4) ? 2700 : 700 );
    my %want = (
        seed      => $number,
        records   => $records,
        start     => one_of(@STARTS),
        gap       => one_of( 1, 10, 30, 120, 600 ),
        unusual   => one_of( 0, 5,  20, 100, 400 ),
        disorder  => one_of( 0, 0,  5,  20,  100 ),
        searches  => one_of( 0, 0,  2 ),
        visitors  => one_of( 1, 3,  30,  300, 3000 ),
        pages     => one_of( 3, 30, 300, 2000 ),
        agents    => one_of( 2, 20, 100 ),
        referers  => one_of( 2, 30, 200 ),
        addresses => $config->{addresses},
        streaming => $streaming
    );
    $want{unusual} = 0 if $want{addresses};
    $want{gap} = one_of( 0, 1, 1, 10 ) if $is_long;
    my $log = garbage();
    $log = GenerateUnusual::records(%want) if $streaming || !@$log;
    RandomNumbers::seed( $number + 1 );
    one_of( 1 .. 3 ) if $is_long;    # what was drawn here when the seeds of 84_differential.t were chosen
    my $steps = one_in(6) ? steps($log) : [$log];
    return {
        name      => "seed $seed",
        again     => "--seed $seed",
        config    => $config->{lines},
        arguments => $config->{arguments},
        zone      => $config->{zone},
        streaming => $streaming,
        steps     => $steps,
        threads   => ( 1, 2, 3, 5 )[ $seed % 4 ],
        damage    => @$steps > 1 && one_in(2) ? $number + 2 : undef
    };
}

# Returns a case of two steps with damage to the history in between.
sub of_history_seed {
    my ($seed) = @_;
    my $case = of_seed($seed);
    my @records = map { @$_ } @{ $case->{steps} };
    my $half = int( @records / 2 );
    return {
        %$case,
        name   => "history seed $seed",
        again  => "--history --seed $seed",
        steps  => [ [ @records[ 0 .. $half ] ], \@records ],
        damage => unpack 'N',
        Digest::SHA::sha1("history seed $seed")
    };
}

# Returns a case whose records several threads count to the end: no record ends their work, as one out of order does, one
# of a client that is no address, or one of a size that is none.
sub of_threads_seed {
    my ($seed) = @_;
    my $case = of_seed($seed);
    my @steps;
    for my $step ( @{ $case->{steps} } ) {
        my ( $number, $last ) = ( 0, '' );
        push @steps, [ map { _usual( $_, ++$number, \$last ) } @$step ];
    }
    return {
        %$case,
        name    => "threads seed $seed",
        again   => "--threads --seed $seed",
        steps   => \@steps,
        threads => 2 + $seed % 7
    };
}

# Returns the NUMBERth record with a usual time, size and client.  LAST is the time of the record before.
sub _usual {
    my ( $record, $number, $last ) = @_;
    my @field = split /\t/, $record, -1;
    return $record if @field < @COLUMNS;
    my $time = "$field[0]\t$field[1]";
    $time = $$last || $START if $time !~ /^20\d\d-\d\d-\d\d\t\d\d:\d\d:\d\d$/ || $time lt $$last;
    @field[ 0, 1 ] = split /\t/, $$last = $time;
    $field[ $COLUMN{'sc-bytes'} ] = 1000 + $number if $field[ $COLUMN{'sc-bytes'} ] !~ /^\d{1,12}$/;
    $field[ $COLUMN{'c-ip'} ] = $number % 5 ? '192.0.2.' . $number % 200 : sprintf '2001:db8::%x', $number % 300
      if $field[ $COLUMN{'c-ip'} ] !~ /^(?:\d{1,3}(?:[.]\d{1,3}){3}|[0-9a-f]*:[0-9a-f]*:[0-9a-f:]*)$/;
    return join( "\t", @field ) =~ s/\[/(/gr;
}

# Returns a log that AWStats refuses, without a record in its first lines or at all; mostly returns an empty list.
sub garbage {
    my $kind = below(40);
    return [ map { one_of( 'x', '', ' ', '!', "a\tb", "\0" ) . below(100) } 1 .. 60 ] if $kind == 0;
    return $kind == 1 ? [''] : [];
}

# Splits the records into steps: the log grows, or a newer log replaces it, which begins at, before or after the end
# of the last one.
sub steps {
    my ($records) = @_;
    my $grows = below(2);
    my ( $from, $to, @steps ) = ( 0, 0 );
    for my $left ( reverse 0 .. 1 + below(3) ) {
        $to = $left ? $to + below( $#$records - $to ) : $#$records;
        push @steps, [ @$records[ $from .. $to ] ];
        next if $grows;
        $from = $to + 1 + one_of( 0, 0, -20, 5 );
        $from = 0 if $from < 0;
        $from++ while $from <= $#$records && !GenerateUnusual::is_whole( $records->[$from] );
        last if $from > $#$records;
    }
    return \@steps;
}

1;
