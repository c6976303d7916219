#!/usr/bin/perl
# Finds the "my" variables of a running program by name: in small programs with loops like AWStats', and in
# awstats.pl itself.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Program qw(write_file);

my $modules = AWStats::plugin_folder() . '/cloudfront';
my $scratch = tempdir( CLEANUP => 1 );

# ---- small programs ---------------------------------------------------------------------------

# A handle that looks at variables of the program that has the function "here", and changes two of
# them, whenever a line is read.
write_file( "$scratch/Peek.pm", <<"END" );
package Peek;
use strict;
use warnings;
use lib '$modules';
use AWStats::CloudFront;

my \@seen;
sub look { return AWStats::CloudFront::lexicals( \\&main::here, \@_ ); }
sub found { return join ' ', map { defined \$_ ? ref \$_ : 'undef' } look(\@_); }
sub seen { return join ', ', splice \@seen; }
sub TIEHANDLE { return bless {}, shift; }
sub READLINE {
    my \$self = shift;
    \$self->{found} ||= [ look( '\$counter', '\$last', '\$next' ) ];
    my ( \$counter, \$last, \$next ) = \@{ \$self->{found} };
    push \@seen, "\$\$counter \$\$last \$\$next";
    \$\$counter += 100;
    \$\$last = 'set';
    return \$self->{line}++ < 3 ? "line \$self->{line}\\n" : undef;
}
1;
END

my $loop = <<'END';
use Peek;
sub here { }
tie *LOG, 'Peek';
my $next = 0;
if ( $0 ne '' ) {
    my $counter = 0;
    my $last    = '-';
    my $line;
    if ( $line = <LOG> ) { chomp $line; my $inner = 5; $next = length $line; }
    while ( $line = <LOG> ) {
        my $inner = $counter;
        $last = "$last+$inner";
        if ( ++$counter > 1000 ) { $counter = 0; }
        foreach ( 1 .. 2 ) { my $each = $_; $next += $each; }
    }
    print Peek::seen(), ": $counter $last $next\n";
}
END

# Each line adds 100 to the counter and sets $last; each round of the loop adds one, and to both others.
my $expected = "0 - 0, 100 set 6, 201 set+200 9, 302 set+301 12: 402 set 12\n";

sub output_of {
    my ( $text,   $what ) = @_;
    my ( $status, $output ) =
      AWStats->command( $^X, "-I$scratch", write_file( "$scratch/program.pl", $text ) );
    is( $status, 0, "$what: it runs" ) or diag $output;
    return $output;
}

sub gives {
    my ( $text, $wanted, $what ) = @_;
    is( output_of( $text, $what ), $wanted, $what );
    return;
}

write_file( "$scratch/loop.pl", $loop );
gives( $loop, $expected, 'a program of its own' );
gives(
    <<'END', "${expected}789\n",
my ( $counter, $last, $next ) = ( 7, 8, 9 );
do "loop.pl";
die $@ if $@;
print "$counter$last$next\n";
END
    'one by "do", from a program with variables of the same names'
);
gives( "sub handler {\n$loop\n}\nhandler();\n", $expected, 'one in a function' );
gives( <<"END",                                 $expected, 'one by "eval"' );
my \$text    = do { local \$/; <DATA> };
my \$counter = 7;
eval \$text;
die \$@ if \$@;
__DATA__
$loop
END
gives( "foreach my \$round ( 1, 2 ) {\n$loop\n}\n", $expected x 2, 'one in a loop: in each round its own variables' );
gives( "sub handler {\n$loop\n}\nhandler();\nhandler();\n", $expected x 2, 'one that is called again' );

# Names that stand for one variable, and all others.
gives( <<'END', "SCALAR SCALAR ARRAY HASH REF SCALAR SCALAR\n", 'names that are declared once' );
use Peek;
sub here { my $own = 1; my $hidden = 2; }
my ( $top, $undefined, @list, %table ) = (1);
my $pair  = {};
my $own   = 1;
my @lists = my $list = 1;
print Peek::found(qw($top $undefined @list %table $pair $own $list)), "\n";
END
gives( <<'END', "undef undef undef undef undef undef undef undef undef undef undef\n", 'names that are not' );
use Peek;
use feature 'state';
our $global = 1;
my $line    = 1;
my $same    = 1;
sub here { my $hidden = 2; }
while ( $line < 3 ) { my $line = 4; last; }
foreach my $same ( 1, 2 ) { }
{ my $both = 1; }
our $both = 2;
my $string = eval 'my $inner = 3; $inner';
state $kept = 1;
print Peek::found( qw($global $line $same $hidden $both $inner $none $kept $), 'string', '' ), "\n";
END
gives( <<'END', "undef SCALAR\n", 'variables from around the code' );
use Peek;
my $around = 1;
sub handler {
    my $within = $around + 1;
    sub here { }
    print Peek::found(qw($around $within)), "\n";
}
handler();
END
gives( <<'END', "undef SCALAR\n", 'a function that calls itself' );
use Peek;
sub handler {
    my $depth = shift;
    sub here { }
    $depth < 2 ? handler( $depth + 1 ) : print Peek::found('$depth'), ' ';
    print Peek::found('$depth'), "\n" if $depth == 1;
}
handler(1);
END
gives( <<'END', "undef undef\n", 'code that is gone, or was none of perl' );
use Peek;
BEGIN { eval 'my $gone = 1; sub here { }'; }
print Peek::found('$gone');
{ no warnings 'redefine'; *here = \&utf8::upgrade; }
print ' ', Peek::found('$gone'), "\n";
END

# ---- awstats.pl -------------------------------------------------------------------------------

my $awstats = AWStats->new( plugin => 0 );
my @names = qw($counterforflushtest $lastprocesseddate $lastlineoffset $lastlineoffsetnext);

# A plugin that ties the log as ours does, and writes down what it sees.  With "flush" it lets AWStats
# believe at the fifth line that 20,000 records have come since the last test for a flush.
write_file( $awstats->folder . '/plugins/peek.pm', <<"END" );
sub Init_peek {
    my \$parameter = shift;
    local \@INC = ( '$modules', \@INC );
    require AWStats::CloudFront;
    tie *main::LOG, 'Peek', \$parameter;
    return 'ShowInfoURL';
}
package Peek;
sub TIEHANDLE {
    my ( \$class, \$parameter ) = \@_;
    return bless { flush => \$parameter eq 'flush' }, \$class;
}
sub OPEN {
    my \$self = shift;
    open \$self->{log}, '<', shift or return 0;
    open \$self->{seen}, '>', '$scratch/seen' or return 0;
    \$self->{found} = [ AWStats::CloudFront::lexicals( \\&main::Init_HashArray, qw(@names) ) ];
    return 1;
}
sub READLINE {
    my \$self = shift;
    my \$found = \$self->{found};
    print { \$self->{seen} } join( ' ', map { \$\$_ } \@\$found ), "\\n";
    \${ \$found->[0] } = 19_999 if \$self->{line}++ == 4 && \$self->{flush};
    return scalar readline \$self->{log};
}
sub BINMODE { return 1; }
sub SEEK { my \$self = shift; return seek \$self->{log}, \$_[0], \$_[1]; }
sub TELL { return tell shift->{log}; }
sub CLOSE {
    my \$self = shift;
    my \$log  = \$self->{log};
    close \$self->{seen};
    untie *main::LOG;
    return close \$log;
}
1;
END

# Ten records of October and ten of November.
my @records;
foreach my $month ( 'Oct', 'Nov' ) {
    push @records, map {
        sprintf "192.0.2.%d - - [%02d/%s/2025:00:00:01 +0000] \"GET /%s HTTP/1.1\" 200 100" . " \"-\" \"Opera/9.80\"\n",
          $_, $_, $month, 'x' x $_
    } 1 .. 10;
}
write_file( "$scratch/log", join '', @records );

# What the variables are when each line is read: the records since the last test, the month of the last
# record, and where it began and ended.
sub expected {
    my $counter = shift;
    my ( $from, $to, @expected ) = ( 0, 0, "0 000000 0 0\n" );
    foreach my $i ( 0 .. $#records ) {
        ( $from, $to ) = ( $to, $to + length $records[$i] );
        push @expected, join( ' ', $counter->($i), $i < 10 ? 202510 : 202511, $from, $to ) . "\n";
    }
    return [ @expected, $expected[-1] ];
}

sub update {
    my ( $parameter, @arguments ) = @_;
    unlink glob $awstats->folder . '/data/*';
    $awstats->config( 'site', <<"END" );
LogFile="$scratch/log"
LogFormat=1
HostAliases="localhost"
LoadPlugin="peek $parameter"
END
    my ( $status, $output ) = $awstats->run( 'site', @arguments );
    is( $status, 0, "awstats.pl, $parameter: an update" ) or diag $output;
    like( $output, qr/Found 20 new qualified records/, 'of all records' );
    open my $seen, '<', "$scratch/seen" or die $!;
    return ( $output, [<$seen>] );
}

{
    my ( $output, $seen ) = update('look');
    is_deeply( $seen, expected( sub { 1 + $_[0] % 10 } ), 'all four variables, at each line' );
    unlike( $output, qr/Flush history file/, 'no flush' );
}
{
    my ( $output, $seen ) = update( 'flush', '-limitflush=1' );
    is_deeply(
        $seen,
        expected( sub { my $i = shift; $i < 4 ? $i + 1 : $i < 10 ? $i - 4 : $i - 9 } ),
        'the counter, once it was changed'
    );
    like( $output, qr/Flush history file/, 'AWStats goes by it' );
}

done_testing;
