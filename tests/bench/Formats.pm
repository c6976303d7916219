package Formats;

# The same records as w3c, as JSON and as Parquet, all with gzip, and how long each takes to read.

use strict;
use warnings;
use Compress::Zlib ();
use Exporter       qw(import);
use Measure        qw(in_turns);
use ParquetFile    qw(packed_parquet);
use Table          qw(title rows);

our @EXPORT_OK = qw(bench_formats make_formats);

my @formats = ( [ w3c => 'gz' ], [ json => 'gz' ], [ parquet => 'parquet' ] );
my $of_parquet = 16;    # logs whose records one file of each format has

sub write_file {
    my ( $path, $bytes ) = @_;
    open my $out, '>:raw', $path or die "$path: $!\n";
    print $out $bytes;
    close $out or die "$path: $!\n";
    return;
}

# Returns the names of the columns, and the rows, of a gzip log.
sub read_log {
    my ($path) = @_;
    open my $in, '-|', 'zcat', $path or die "zcat: $!\n";
    my ( @names, @rows );
    while (<$in>) {
        s/\r?\n\z//;
        if    (/^#/)       { @names = $1 =~ /[\x21-\x7e]+/g if /^#Fields:(.*)/ }
        elsif ( $_ ne '' ) { push @rows, [ ( split /\t/, $_, -1 )[ 0 .. $#names ] ] }
    }
    close $in or die "$path: zcat failed\n";
    return ( \@names, \@rows );
}

sub json {
    my ( $names, $row ) = @_;
    my @value = map { s/(["\\])/\\$1/gr } @$row;
    return '{' . join( ', ', map { qq("$names->[$_]": "$value[$_]") } 0 .. $#$names ) . '}';
}

# The name of a column in Parquet.
sub column { return lc( $_[0] ) =~ s/[^a-z0-9]+/_/gr =~ s/_\z//r }

# Makes a folder for each format below DIRECTORY, of the logs in FROM.
sub make_formats {
    my ( $from, $directory ) = @_;
    mkdir "$directory/$_->[0]" for @formats;
    my @logs = sort glob "$from/*.gz";
    @logs = @logs[ grep { $_ % 3 == 0 } 0 .. $#logs ];    # making them takes long
    for ( my $number = 0 ; @logs ; $number++ ) {
        my ( $names, @rows );
        for ( splice @logs, 0, $of_parquet ) {
            ( $names, my $some ) = read_log($_);
            push @rows, @$some;
        }
        my $name = sprintf 'E1.2026-01-01-00.%08x', $number;
        my $head = "#Version: 1.0\n#Fields: @$names\n";
        write_file( "$directory/w3c/$name.gz",
            Compress::Zlib::memGzip( $head . join '', map { join( "\t", @$_ ) . "\n" } @rows ) );
        write_file( "$directory/json/$name.gz",
            Compress::Zlib::memGzip( join '', map { json( $names, $_ ) . "\n" } @rows ) );
        write_file( "$directory/parquet/$name.parquet", packed_parquet( [ map { column($_) } @$names ], @rows ) );
    }
    return;
}

sub bench_formats {
    my ( $helper, $directory, $repeats ) = @_;
    my %output;
    for my $format (@formats) {    # this process stays small: what it takes is measured with every command
        $output{`'$helper' cat -q '$directory/$format->[0]' | md5sum`}++;
    }
    die "$directory: the formats have other records\n" if keys %output != 1;
    title('Reading a third of these records in each format, with gzip');
    my %goal = ( json => '2', parquet => '1' );
    my $results = in_turns( $repeats,
        map { [ "awstats-cloudfront cat, $_->[0]" => "exec '$helper' cat '$directory/$_->[0]'" ] } @formats );
    rows( [ $results->[0] ], $results->[0]{seconds} );
    rows( [ $results->[$_] ], $results->[0]{seconds}, $goal{ $formats[$_][0] } ) for 1 .. $#formats;
    return;
}

1;
