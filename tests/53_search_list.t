#!/usr/bin/perl
# A search list that is narrowed for a text finds what the whole list finds, for AWStats' own lists and for
# patterns of any kind.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use AWStatsTables ();
use GenerateSite  ();
use Soak          qw(is_soak);

BEGIN {
    unshift @INC, AWStats::plugin_folder() . '/cloudfront';
}
use AWStats::CloudFront;

srand 53;

our @list;    # as AWStats has its lists, in a package

# The list of these patterns.
sub list {
    my $new = [@_];
    *list = $new;
    return AWStats::CloudFront::SearchList->new( \*main::list );
}

# A pattern compiled as AWStats does it: with /i around whatever it is.
sub compiled {
    my $text = shift;
    no warnings;    ## no critic (ProhibitNoWarnings)
    my $pattern = eval { qr/$text/i };
    return $pattern ? $pattern : ();
}

# What AWStats' loop finds in the list: a reference to the list's own scalar.
sub found {
    my $text = shift;
    no warnings;    ## no critic (ProhibitNoWarnings)
    foreach (@list) {
        return \$_ if $text =~ /$_/;
    }
    return undef;
}

sub shown {
    return join '', map { $_ > 31 && $_ < 127 ? chr : sprintf '\x{%x}', $_ } unpack 'W*', shift;
}

sub flagged {
    my $text = shift;
    utf8::upgrade($text);
    return $text;
}

# Whether what is found in the list, EXPECTED, is the same when it is narrowed, and the list afterwards what it was.
sub is_same {
    my ( $list, $text, $expected ) = @_;
    my ( $place, $length ) = ( \@list, scalar @list );
    $list->narrow($text);
    my $found = found($text) // 0;
    my $kept = !utf8::is_utf8($text) || @list == $length;
    $list->widen;
    return $found == $expected && $kept && \@list == $place && @list == $length;
}

# Compares on many texts.  Returns for how many of them nothing is found.
sub agrees {
    my ( $list, $texts, $what ) = @_;
    my ( $none, @wrong ) = (0);
    foreach my $text (@$texts) {
        my $expected = found($text) // 0;
        $none++ if !$expected;
        push @wrong, $text if !is_same( $list, $text, $expected );
    }
    is( scalar @wrong, 0, "$what: " . @$texts . " texts, nothing found in $none" )
      or diag map { shown($_) . "\n" } @wrong[ 0 .. ( @wrong > 9 ? 9 : $#wrong ) ];
    return $none;
}

# Texts around one that a pattern finds: that and near misses.
sub around {
    my $name = shift;
    return ('') if !length $name;
    my $at = int rand length $name;
    my ( $changed, $high ) = ( $name, $name );
    substr( $changed, $at, 1 ) = chr( ( ord substr $name, $at, 1 ) ^ ( 1 + int rand 127 ) );
    substr( $high,    $at, 1 ) = chr( 128 + ord substr $name, $at, 1 );
    return (
        $name,
        uc $name,
        "Mozilla/5.0 (compatible; $name/1.0)",
        $changed,
        uc $changed,
        $high,
        substr( $name, 1 ),
        substr( $name, 0, -1 ),
        "x\0" . $name,
        flagged( uc $name ),
        flagged("$name \x{e9}"),
        $name =~ s/k/\x{212a}/gr =~ s/s/\x{17f}/gr
    );
}

my %patterns = (
    robots   => [ AWStatsTables::patterns( 'robots',   map { "RobotsSearchIDOrder_$_" } qw(list1 list2 listgen) ) ],
    browsers => [ AWStatsTables::patterns( 'browsers', 'BrowsersSearchIDOrder' ) ],
    systems  => [ AWStatsTables::patterns( 'operating_systems', 'OSSearchIDOrder' ) ],
    'search engines' =>
      [ AWStatsTables::patterns( 'search_engines', map { "SearchEnginesSearchIDOrder_$_" } qw(list1 list2 listgen) ) ],
);
cmp_ok( scalar @{ $patterns{robots} }, '>', 1000, "AWStats' own lists" );

my @names = map { AWStatsTables::example($_) } map { @{ $patterns{$_} } } qw(robots browsers systems);
my @agents = do {
    open my $file, '<', "$Bin/data/user-agents" or die $!;
    chomp( my @lines = <$file> );
    my ( $people, $robots ) = GenerateSite::user_agents();
    ( @lines, map( { @$_ } @$people ), @$robots );
};

# Of the twelve texts around a name a check takes the first, and of the others every third: a third of the names have
# each of them.
my ( $part, $turn ) = ( is_soak() ? 1 : 3, 0 );
my @around = map {
    my @texts = around($_);
    $turn++;
    @texts[ 0, grep { $_ % $part == $turn % $part } 1 .. $#texts ];
} @names;
my @random = ( '', '0', '-', "\0", map { chr } 1 .. 255 );
push @random, join '',  map { chr rand 256 } 1 .. rand 120        foreach 1 .. 1000;
push @random, join '',  map { chr( 32 + rand 95 ) } 1 .. rand 120 foreach 1 .. 1000;
push @random, join ' ', map { $names[ rand @names ] } 1, 2 foreach 1 .. 500;

foreach my $name (qw(robots browsers systems)) {
    my $list = list( map { compiled($_) } @{ $patterns{$name} } );
    my $all = @list;
    agrees( $list, \@around, "$name: around the name of each robot, browser and system" );
    agrees( $list, \@random, "$name: random bytes" );
    agrees( $list, \@agents, "$name: agents of people and robots" );
    my $tried = 0;
    foreach my $agent (@agents) {
        $list->narrow($agent);
        $tried += @list;
    }
    cmp_ok( $tried / @agents, '<', 25, "$name: of $all patterns few are left" );
}
{
    my $list = list( map { compiled($_) } @{ $patterns{'search engines'} } );
    my @hosts = map { AWStatsTables::example($_) } @{ $patterns{'search engines'} };
    my @sites = ( map( { around($_), "$_:8080", "www.$_" } @hosts ), AWStatsTables::excluded_engines() );
    my @some = map { $sites[ rand @sites ] } 1 .. 6000;
    my $none = agrees( $list, [ @hosts, @some, @random ], 'search engines' );
    cmp_ok( $none, '>', 1000, 'search engines: some are near misses' );
    $list->narrow('www.example.com');
    cmp_ok( scalar @list, '<', 10, 'search engines: few are left for another site' );
}

# Patterns of a user's own.
my @pieces = (
    'k',                          'K',         's',          'S',
    'ss',                         'st',        'ff',         'i',
    ( 'foo', 'Foo', 'bar' ) x 12, '0',         '20',         'a.b',
    ' ',                          '-',         '_',          '/',
    ':',                          ',',         '#',          '%',
    '&',                          '~',         '^',          '$',
    '.',                          '*',         '+',          '?',
    '|',                          '(',         ')',          '{2}',
    '{0}',                        '{0,2}',     '{',          '}',
    ']',                          '\.',        '\-',         '\/',
    '\_',                         '\\\\',      '\ ',         '\#',
    '\$',                         '\^',        '\|',         '\(',
    '\[',                         '\]',        '\{',         '\}',
    '\*',                         '\+',        '\?',         '\<',
    '\>',                         '\!',        '\@',         '\s',
    '\w',                         '\d',        '\b',         '\B',
    '\A',                         '\z',        '\Z',         '\R',
    '\1',                         '\x20',      '\x4b',       '\101',
    '\cA',                        '\c]',       '\N{U+212a}', '\x{212a}',
    '\x{17f}',                    '\x{df}',    "\xdf",       "\xe9",
    "\xc9",                       "\xb5",      "\xff",       "\0",
    "\n",                         "\t",        '[\x20]',     '[ ]',
    '[x]',                        '[^k]',      '[_+\s]',     '[[:alpha:]]',
    '[:blank:]',                  '[]foo]',    '[\]foo]',    '(foo)',
    '(foo|bar)',                  '(?:',       '(?:bar)?',   '(?=',
    '(?!',                        '(?<=',      '(?>',        '(?i)',
    '(?-i)',                      '(?#',       '(?x:',       '(?x)',
    '(*FAIL)',                    '(*ACCEPT)', '\K',         '\Qa.b\E',
);
my @letters = (
    qw(k K s S ss f i fo foo FOO Foo ba bar BAR foba foofoo barfoo foobar _ - / : 0 20 a.b axb x A B),
    ' ',            '{2}',      '{',    '}',    '[',    ']', '(', ')', '|', '\\', '.', '*', '$', '^', '#', "\0", "\n",
    "\x01",         "\x80",     "\xa0", "\xb5", "\xc9", "\xdf", "\xe9", "\xff",
    "\xe2\x84\xaa", "\xc5\xbf", "\xc3\x9f"
);
my @wide = ( "\x{130}", "\x{131}", "\x{17f}", "\x{1e9e}", "\x{212a}", "\x{fb00}", "\x{fb06}", "\x{3bc}" );

sub some {
    my ( $number, @from ) = @_;
    return join '', map { $from[ rand @from ] } 1 .. 1 + rand $number;
}

{
    my @texts = ( '', @letters, @wide, map { some( 8, @letters ) } 1 .. 400 );
    push @texts, map { flagged($_) } @texts[ 1 .. 80 ];
    push @texts, map { some( 6, @letters, @wide ) } 1 .. 80;
    my @hard = (
        ( map { compiled($_) } @pieces ),
        ( map { compiled( flagged($_) ) } 'k', 'ss', 'foo', "\xdf" ),
        ( map { compiled($_) } @wide, qr/Foo/, qr/foo/i, qr/foo|bar/, qr/k/u, qr/f o o/x ),
        qr/Foo/,      qr/k/u,    qr/sss/iu, qr/k/ia, qr/k/iaa, qr/f o o/ix, qr/foo$/im, qr/a.b/is, qr/(f)(?<o>o)\g{o}/i,
        qr/f o o/ixx, qr/foo/ip, qr/(foo)/in, do { use locale; qr/kkk/i }, 'foo', 'FOO', '(?i)Foo', '(?^i:foo)|bar',
        undef,        map { compiled( some( 5, @pieces ) ) } 1 .. 1500
    );
    my ( $wrong, $alone, $lists, $narrowed ) = ( 0, 0, 0, 0 );
    my $agreement = sub {
        my ( $list, @those ) = @_;
        foreach my $text (@those) {
            next if is_same( $list, $text, found($text) // 0 );
            diag join( ' ', map { $_ // 'undef' } @list ) . ' : ' . shown($text) if $wrong++ < 10;
        }
    };
    foreach my $pattern (@hard) {
        my $list = list($pattern);
        $agreement->( $list, @texts );
        $alone++;
        $list->narrow('~');
        $narrowed++ if !@list;
    }
    is( $wrong, 0, "hard patterns: $alone of them, each on " . @texts . ' texts' );
    cmp_ok( $narrowed, '>', 100, "of which $narrowed have a word" );
    foreach ( 1 .. 300 ) {
        my $list = list( map { $hard[ rand @hard ] } 1 .. rand 30 );
        $agreement->( $list, map { $texts[ rand @texts ] } 1 .. 60 );
        $lists++;
    }
    is( $wrong, 0, "$lists lists of them" );
}

# The list itself.
{
    my $list = list();
    $list->narrow('Googlebot');
    is( scalar @list, 0, 'a list of none' );

    $list = list( map { qr/$_/i } qw(foo bar) );
    $list->narrow('Foo');
    is( "@list", qr/foo/i, 'narrowed' );
    $list->narrow('BAR');
    is( "@list", qr/bar/i, 'narrowed for another text' );
    $list->narrow( flagged('bar') );
    is( scalar @list, 2, 'whole again, for a text flagged as UTF-8' );
    $list->narrow('none');
    is( scalar @list, 0, 'narrowed to nothing' );
    undef $list;
    is( "@list", "@{[ qr/foo/i, qr/bar/i ]}", 'whole again when the object has gone' );

    $list = list( qr/foo/i, qr/bar/i );
    $list->narrow('foo');
    {
        local *list = [1];
        undef $list;
        is( "@list", 1, 'another array is left alone' );
    }
    local $_ = 'untouched';
    'abc' =~ /(b)/;
    list(qr/(x)/i)->narrow('xyz');
    is( "$_ $1", 'untouched b', "the caller's variables stay as they are" );
    ok( !eval { AWStats::CloudFront::SearchList->new( \@list ) }, 'an array is no glob' );
}

done_testing;
