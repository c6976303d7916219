#!/usr/bin/perl
# The comparison of history files (lib/HistoryOrder.pm) accepts another order of a hash, and nothing else.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats      ();
use HistoryOrder ();
use Program      qw(content);
use Test::More;

# What stock AWStats writes: 30 hosts, 15 pages, of which 10 come first; two phrases and a download.
my $text = do {
    my $awstats = AWStats->new( plugin => 0 );
    open my $log, '>', $awstats->folder . '/log' or die "$!\n";
    my $agent = 'Opera/9.80 (Windows NT 6.1; U; en)';
    for my $n ( 1 .. 465 ) {
        my ( $host, $page ) = ( $n % 30, int sqrt( $n / 2 ) );
        my $search = $n % 9 ? '' : '?q=red+' . ( $n % 4 ? 'apple' : 'pear' );
        my $path = $n % 31 ? "/$page.html" : '/a.zip';
        printf $log qq(192.0.2.%d - - [05/Oct/2026:10:%02d:%02d +0000] "GET %s HTTP/1.1" 200 100 "%s" "$agent"\n),
          $host, $n / 60, $n % 60, $path, "http://www.google.com/search$search";
    }
    close $log or die "$!\n";
    $awstats->config( 'test', 'LogFile="' . $awstats->folder . qq(/log"\nLogFormat=1\nMaxNbOfPageShown=5\n) );
    my ( $status, $output ) = $awstats->run( 'test', '-update' );
    die $output if $status;
    content( $awstats->folder . '/data/awstats102026.test.txt' );
};
my $canonical = HistoryOrder::canonical($text);
is length $canonical,                      length $text,                      'no line is lost';
is join( '', sort split /^/, $canonical ), join( '', sort split /^/, $text ), 'or changed';
is HistoryOrder::misplaced($text),         '', 'AWStats puts no row where it does not belong';

# Returns the text with the lines of a section changed.
sub changed {
    my ( $section, $change ) = @_;
    my $result = $text;
    $result =~ s/^(BEGIN_$section .*\n)((?:(?!END_).*\n)*)/$1 . join '', $change->( split m{^}, $2 )/me or die $section;
    return $result;
}

# Says what becomes of a changed text: equal, misplaced (the row's section) or different.
sub judged {
    my ($other) = @_;
    return 'the same text' if $other eq $text;
    return 'different' if HistoryOrder::canonical($other) ne $canonical;
    my $misplaced = HistoryOrder::misplaced($other);
    return $misplaced =~ /^(\w+): / ? "misplaced in $1" : 'equal';
}
sub swap { my ( $one, $other, @lines ) = @_; @lines[ $one, $other ] = @lines[ $other, $one ]; return @lines }

my @named = ( "BEGIN_WORMS 0 4 9\n", "END_WORMS 0 0 0\n" );
is HistoryOrder::canonical( changed( 'DOWNLOADS', sub { return ( @named, @_ ) } ) ),
  HistoryOrder::canonical( changed( 'DOWNLOADS', sub { return ( reverse(@named), @_ ) } ) ),
  'rows with the names of sections';
is judged( changed( 'SIDER', sub { return swap( 6, 9, @_ ) } ) ), 'equal', 'pages behind those that come first';
is judged( changed( 'SESSION', sub { return reverse @_ } ) ),
  changed( 'SESSION', sub { return reverse @_ } ) eq $text
  ? 'the same text'
  : 'equal', 'visits';
is judged( changed( 'SIDER', sub { return swap( 0, 1, @_ ) } ) ), 'misplaced in SIDER', 'the first two pages';
is judged( changed( 'SIDER', sub { return swap( 4, 12, @_ ) } ) ), 'misplaced in SIDER',
  'a page that comes first is not';
is judged( changed( 'SEARCHWORDS', sub { return reverse @_ } ) ), 'misplaced in SEARCHWORDS', 'phrases';

# Hosts have 15 or 16 hits, so many are equal.
my @hosts = $text =~ /^BEGIN_VISITOR .*\n((?:(?!END_).*\n)*)/m ? split /^/, $1 : ();
my @pages = map { ( split / / )[1] } @hosts;
my ($equal) = grep { $pages[$_] == $pages[ $_ - 1 ] } 1 .. 9;
is judged( changed( 'VISITOR', sub { return swap( $equal, $equal - 1, @_ ) } ) ), 'equal', 'hosts with equal numbers';

is judged( $text =~ s/^(\/12\.html \d+)/${1}0/mr ),                         'different', 'a number';
is judged( $text =~ s/^\/12\.html .*\n//mr ),                               'different', 'a line less';
is judged( $text =~ s/^(\/12\.html .*\n)/$1$1/mr ),                         'different', 'a line twice';
is judged( $text =~ s/^(LastLine .*\n)(.*\n)/$2$1/mr ),                     'different', 'the order of GENERAL';
is judged( $text =~ s/^(POS_TIME .*\n)(.*\n)/$2$1/mr ),                     'different', 'the order of the map';
is judged( changed( 'TIME', sub { return swap( 1, 2, @_ ) } ) ),            'different', 'the order of hours';
is judged( $text =~ s/^(BEGIN_SIDER \d+)/${1}1/mr ),                        'different', 'the number of rows';
is judged( $text =~ s/^(\/14\.html .*\n)(?s:(.*))\z/$2/mr . ( $1 // '' ) ), 'different', 'a line in another section';

# MinHit: a row that has not enough comes first only when AWStats has not looked for others.
{
    my $extra = "# The 2 first number of hits are first\nBEGIN_EXTRA_1 3\na 5 9 0 \nb 3 4 0 \nc 4 1 0 \nEND_EXTRA_1\n";
    is HistoryOrder::misplaced( $extra, EXTRA_1 => 2 ), '', 'a row below the minimum may stand behind';
    like HistoryOrder::misplaced($extra), qr/^EXTRA_1: not in order: c /, 'without a minimum it may not';
    $extra =~ s/^b 3 4/b 3 1/m;
    like HistoryOrder::misplaced( $extra =~ s/The 2/The 3/r =~ s/^(a.*\n)(b.*\n)/$2$1/mr, EXTRA_1 => 2 ), qr/: b 3 1/,
      'nor come first when all have been looked at';
}

# As XML.
{
    my $xml =
        "# The 2 first Pages must be first\n</comment><nu>\nBEGIN_SIDER</nu><recnb>3</recnb><table>\n"
      . join( '', map { "<tr><td>/$_</td><td>$_</td><td>0</td><td></td><td></td></tr>\n" } 7, 5, 3 )
      . "</table><nu>END_SIDER\n</nu></section>\n";
    is HistoryOrder::misplaced($xml), '', 'XML';
    like HistoryOrder::misplaced( $xml =~ s/(.*>5<.*\n)(.*>3<.*\n)/$2$1/r ), qr/^SIDER: .*>5</, 'XML: a misplaced row';
    is HistoryOrder::canonical( $xml =~ s/(.*>5<.*\n)(.*>3<.*\n)/$2$1/r ), HistoryOrder::canonical($xml), 'XML: lines';
}

done_testing;
