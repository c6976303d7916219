#!/usr/bin/perl
# The robot prefilter says of a user agent what AWStats' own search over all its patterns finds.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Generate ();

BEGIN {
    unshift @INC, AWStats::plugin_folder() . '/cloudfront';
}
use AWStats::CloudFront::Robots;

srand 53;

# The patterns of the AWStats under test, as it has them when it opens its log.
sub awstats_patterns {
    no strict 'refs';
    no warnings;    # one of AWStats' patterns
    require( AWStats->new( plugin => 0 )->folder . '/lib/robots.pm' );
    my @patterns = map { @{"main::RobotsSearchIDOrder_$_"} } qw(list1 list2 listgen);
    return \@patterns, [ map { qr/$_/i } @patterns ];
}

# What AWStats does.
sub matches {
    my ( $patterns, $user_agent ) = @_;
    foreach (@$patterns) {
        return 1 if $user_agent =~ /$_/;
    }
    return '';
}

sub shown {
    return join '', map { $_ > 31 && $_ < 127 ? chr : sprintf '\x{%x}', $_ } unpack 'W*', shift;
}

# Compares the prefilter with AWStats on many user agents.  Of one that is flagged as UTF-8 it may
# say less than it could.  Returns how many are no robot's.
sub agrees {
    my ( $patterns, $user_agents, $what ) = @_;
    my $robots = AWStats::CloudFront::Robots->new($patterns);
    my ( $none, @wrong ) = (0);
    foreach my $user_agent (@$user_agents) {
        my $expected = !matches( $patterns, $user_agent );
        my $found    = $robots->none_in($user_agent);
        $none++ if $expected;
        next if $found eq $expected || ( !$found && utf8::is_utf8($user_agent) );
        push @wrong, $user_agent;
    }
    is( scalar @wrong, 0, "$what: " . @$user_agents . " user agents, $none of them no robot's" )
      or diag map { shown($_) . "\n" } @wrong[ 0 .. ( @wrong > 9 ? 9 : $#wrong ) ];
    return $none;
}

sub flagged {
    my $text = shift;
    utf8::upgrade($text);
    return $text;
}

my ( $texts, $patterns ) = awstats_patterns();
cmp_ok( scalar @$patterns, '>', 1000, "AWStats' own list of robots" );

{
    my $robots = AWStats::CloudFront::Robots->new($patterns);
    ok( $robots->none_in('Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'),
        'a browser is no robot' );
    ok( !$robots->none_in('Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'),
        'a robot may be one' );
    cmp_ok( scalar @{ $robots->{singles} }, '<', @$patterns / 10, 'at least nine of ten patterns are words' );
}

{
    my @agents;
    foreach my $text (@$texts) {
        my $name    = $text =~ s/\[\\x20\]/ /gr =~ s/\\(.)/$1/gr;
        my $changed = $name;
        my $at      = int rand length $name;
        substr( $changed, $at, 1 ) = chr( ( ord( substr $name, $at, 1 ) ) ^ ( 1 + int rand 127 ) );
        my $high = $name;
        substr( $high, $at, 1 ) = chr( 128 + ord substr $name, $at, 1 );
        push @agents, $name, uc $name, "Mozilla/5.0 (compatible; $name/1.0)", $changed, uc $changed, $high,
          substr( $name, 1 ), substr( $name, 0, -1 ), "x\0" . $name, flagged( uc $name ),
          flagged("$name \x{e9}"), $name =~ s/k/\x{212a}/gr =~ s/s/\x{17f}/gr;
    }
    my $none = agrees( $patterns, \@agents, 'around the name of each robot' );
    cmp_ok( $none, '>', 500, 'and some of them are near misses' );
}

{
    my @agents = ( '', '0', '-', "\0", map { chr } 1 .. 255 );
    push @agents, join '', map { chr rand 256 } 1 .. rand 120 foreach 1 .. 1000;
    push @agents, join '', map { chr( 32 + rand 95 ) } 1 .. rand 120 foreach 1 .. 1000;
    push @agents, join ' ', map { $texts->[ rand @$texts ] } 1, 2 foreach 1 .. 500;
    agrees( $patterns, \@agents, 'random bytes' );
}

{
    open my $file, '<', "$Bin/data/user-agents" or die $!;
    chomp( my @agents = <$file> );
    my ( $people, $robots ) = Generate::user_agents();
    my $none = agrees( $patterns, [ @agents, map { @$_ } @$people, @$robots ], 'those of people and robots' );
    cmp_ok( $none, '>', 500, 'most of them are no robots' );
}

# Patterns of a user's own.
my @pieces = (
    'k', 'K', 's', 'S', 'ss', 'st', 'ff', 'i', 'foo', 'Foo', 'bar', '0', '20', 'a.b',
    ' ', '-', '_', '/', ':', ',', '#', '%', '&', '~', '^', '$', '.', '*', '+', '?', '|', '(', ')',
    '{2}', '{', '}', ']', '\.', '\-', '\/', '\_', '\\\\', '\ ', '\#', '\$', '\^', '\|', '\(', '\[',
    '\]', '\{', '\}', '\*', '\+', '\?', '\<', '\>', '\!', '\@', '\s', '\w', '\d', '\b', '\B', '\A',
    '\z', '\Z', '\R', '\1', '\x20', '\x4b', '\101', '\cA', '\N{U+212a}', '\x{212a}', '\x{17f}',
    '\x{df}', "\xdf", "\xe9", "\xc9", "\xb5", "\xff", "\0", "\n", "\t", '[\x20]', '[ ]', '[x]',
    '[^k]', '[_+\s]', '[[:alpha:]]', '[:blank:]', '(?:', '(?=', '(?!', '(?<=', '(?i)', '(?-i)',
    '(?#', '(?x:', '(*FAIL)',
);
my @letters = (
    qw(k K s S ss f i foo FOO Foo bar BAR _ - / : 0 20 a.b axb x A B),
    ' ', '{2}', '{', '}', '[', ']', '(', ')', '|', '\\', '.', '*', '$', '^', '#', "\0", "\n",
    "\x01", "\x80", "\xa0", "\xb5", "\xc9", "\xdf", "\xe9", "\xff",
    "\xe2\x84\xaa", "\xc5\xbf", "\xc3\x9f"
);
my @wide = ( "\x{130}", "\x{131}", "\x{17f}", "\x{1e9e}", "\x{212a}", "\x{fb00}", "\x{fb06}", "\x{3bc}" );

sub some {
    my ( $number, @from ) = @_;
    return join '', map { $from[ rand @from ] } 1 .. 1 + rand $number;
}

# A pattern compiled as AWStats does it: with /i around whatever it is.
sub compiled {
    my $text = shift;
    no warnings;
    my $pattern = eval { qr/$text/i };
    return $pattern ? $pattern : ();
}

{
    my @agents = ( '', @letters, @wide, map { some( 8, @letters ) } 1 .. 400 );
    push @agents, map { flagged($_) } @agents[ 1 .. 80 ];
    push @agents, map { some( 6, @letters, @wide ) } 1 .. 80;
    my ( $alone, $lists, $longest, $wrong ) = ( 0, 0, 0, 0 );
    my @hard = (
        ( map { compiled($_) } @pieces ),
        ( map { compiled( flagged($_) ) } 'k', 'ss', 'foo', "\xdf" ),
        ( map { compiled($_) } @wide, qr/Foo/, qr/foo/i, qr/foo|bar/, qr/k/u, qr/f o o/x ),
        qr/Foo/, qr/k/u, qr/k/iu, qr/k/ia, qr/k/iaa, qr/f o o/ix, qr/foo$/im, qr/a.b/is, qr/(f)(?<o>o)\g{o}/i,
        do { use locale; qr/k/i }, 'foo', 'FOO', '(?i)Foo',
        map { compiled( some( 4, @pieces ) ) } 1 .. 1500
    );
    my $agreement = sub {
        my ( $list, $user_agents ) = @_;
        my $robots = AWStats::CloudFront::Robots->new($list);
        foreach my $user_agent (@$user_agents) {
            no warnings;
            my $found = $robots->none_in($user_agent);
            my $none  = !matches( $list, $user_agent );
            next if $found eq $none || ( !$found && utf8::is_utf8($user_agent) );
            diag join( ' ', @$list ) . ' : ' . shown($user_agent) if $wrong++ < 10;
        }
        my $words = @$list - @{ $robots->{singles} || [] };
        $longest = $words if $words > $longest;
        return;
    };
    foreach my $pattern (@hard) {
        $agreement->( [$pattern], \@agents );
        $alone++;
    }
    is( $wrong, 0, "hard patterns: $alone of them, each on " . @agents . ' user agents' );
    foreach ( 1 .. 300 ) {
        my @list = map { $hard[ rand @hard ] } 1 .. rand 30;
        $agreement->( \@list, [ map { $agents[ rand @agents ] } 1 .. 60 ] );
        $lists++;
    }
    is( $wrong, 0, "$lists lists of them" );
    cmp_ok( $longest, '>', 2, 'in which some patterns are words' );
}

is( AWStats::CloudFront::Robots->new( [] )->none_in('Googlebot'), 1, 'a list of none' );

{
    local $_ = 'untouched';
    'abc' =~ /(b)/;
    AWStats::CloudFront::Robots->new( [qr/(x)/i] )->none_in('xyz');
    is( "$_ $1", 'untouched b', "the caller's variables stay as they are" );
}

done_testing;
