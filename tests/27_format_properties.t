#!/usr/bin/perl
# Whatever the format, the records are the same: random logs of every era and of v2, written again as JSON, without a
# header, and with other delimiters, give the same normalized log, byte for byte.  A delimiter that also occurs inside
# values never gives another record than the right one.  What was normalized stays as it is.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use Compress::Zlib ();
use File::Temp     qw(tempdir);
use Generate       qw(@ERAS);
use Program        qw(helper run);
use RandomNumbers  qw(seed below pick shuffle);
use Soak           ();
use Test::More;

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
my $seed = Soak::seed( RANDOM_SEED => 27 );
seed($seed);

sub cat {
    my ( $path, @options ) = @_;
    my ( $status, $out, $err ) = run( $helper, 'cat', '-q', @options, $path );
    die "$path: $err" if $status;
    my ( $records, $bad ) = $out =~ /^#End: records=(\d+) bad=(\d+)/m;
    return { text => join( '', grep { !/^#/ } split /^/, $out ), records => $records, bad => $bad, out => $out };
}

sub json_string {
    my ($value) = @_;
    $value =~ s/(["\\])/\\$1/g;
    $value =~ s/([\x00-\x1f])/sprintf '\\u%04x', ord $1/ge;
    $value =~ s{/}{\\/}g if !below(4);
    $value =~ s/([A-Za-z])/sprintf '\\u%04X', ord $1/e if !below(20);
    return qq("$value");
}

sub json_name {
    my ( $name, $style ) = @_;
    return $style == 0 ? $name : $style == 1 ? lc $name : lc( $name =~ s/[^A-Za-z0-9]+/_/gr =~ s/_\z//r );
}

sub shuffled {
    my @list = @_;
    shuffle( \@list );
    return @list;
}

# The log, as objects with the members in an order of their own.
sub json {
    my ( $names, $rows ) = @_;
    my $style = below(3);
    my $between = pick( [ "\n", '', ",\n", "\r\n", "\n\n" ] );
    my @order = shuffled( 0 .. $#$names );
    return join $between, map {
        my $row = $_;
        my @in = grep { defined $row->[$_] } below(5) ? @order : shuffled(@order);
        '{'
          . join(
            pick( [ ',', ', ', " ,\n" ] ),
            map { json_string( json_name( $names->[$_], $style ) ) . pick( [ ':', ': ' ] ) . json_string( $row->[$_] ) }
              @in
          )
          . '}'
    } @$rows;
}

my $compared = 0;
foreach my $era (@ERAS) {
    my $folder = "$dir/$era";
    my ( $path, $text );
    for ( my $try = $seed ; !defined $text || $text !~ /^[^#].*\t/m ; $try++ ) {   # rows of some logs of v2 have spaces
        my %what = ( seed => $try, records => 300, files => 1, from => '2026-10-30', days => 2, eras => [$era] );
        system( 'rm', '-rf', $folder ) == 0 or die;
        mkdir $folder                       or die;
        Generate::write_files( Generate::logs(%what), $folder );
        ($path) = glob "$folder/*";
        $text = Compress::Zlib::memGunzip( Program::content($path) ) =~ tr/\r//dr;
    }
    my ($head) = $text =~ /^#Fields:\s*(.*)/m;
    my @names = split ' ', $head =~ s/\xe2\x80\x8b//gr;
    my @rows = map { [ split /\t/, $_, -1 ] } grep { /^[^#]/ } split /\n/, $text;
    cmp_ok( scalar @rows, '>', 100, "$era: rows" );
    my $want = cat($path);
    is( $want->{records} + $want->{bad}, scalar @rows, "$era: records and bad rows are all rows" );

    my $same = sub {
        my ( $name, $bytes, @options ) = @_;
        my $other = "$folder.$name" =~ tr/ /_/r;
        Program::write_file( $other, $bytes );
        my $got = cat( $other, @options );
        ok( $got->{text} eq $want->{text}, "$era: $name: the same records" )
          or diag "seed $seed, $got->{records} records";
        is( $got->{bad}, $want->{bad}, "$era: $name: the same number of bad rows" );
        $compared += $got->{records};
        return;
    };
    my $lines = sub {
        my ($delimiter) = @_;
        return join '', map { join( $delimiter, @$_ ) . "\n" } @rows;
    };
    $same->( "JSON $_",                 json( \@names, \@rows ) ) for 1 .. 2;
    $same->( 'without a header',        $lines->("\t"), $era eq 'v2' ? ( '--fields', "@names" ) : () );
    $same->( 'with the setting fields', $lines->("\t"), '--fields', join ',', @names );
    $same->( '|',                       "#Fields: @names\n" . $lines->('|') );
    $same->( '| in the header, too',    '#Fields: ' . join( '|', @names ) . "\n" . $lines->('|') );
    $same->( 'two bytes',               "#Version: 1.0\n#Fields: " . join( '||', @names ) . "\n" . $lines->('||') );
    $same->( 'the setting delimiter',   "#Fields: @names\n" . $lines->('~~'), '--delimiter', '~~' );
    $same->( 'the normalized log',      $want->{out} );

    # A delimiter that occurs in values: each record is right, or its row is bad.
    my %right = map { $_ => 1 } split /\n/, $want->{text};
    foreach my $delimiter ( ',', ';' ) {
        Program::write_file( "$dir/other", "#Fields: @names\n" . $lines->($delimiter) );
        my $got = cat( "$dir/other", '--delimiter', $delimiter );
        is( scalar( grep { !$right{$_} } split /\n/, $got->{text} ), 0, "$era: $delimiter: no wrong record" );
        is( $got->{records} + $got->{bad}, scalar @rows, "$era: $delimiter: records and bad rows are all rows" );
        cmp_ok( $got->{records}, '>', 0.9 * @rows, "$era: $delimiter: most are read" ) if @{ $rows[0] } == @names;
    }
}
cmp_ok( $compared, '>', 15_000, "$compared records compared" );
done_testing;
