#!/usr/bin/perl
# AWStats with the plugin and without it write the same history, or both give up, on unusual histories that random
# damage (85_damaged_history.t) seldom produces.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use Differential   ();
use UnusualHistory ();
use Test::More;

my $history = UnusualHistory->new;

# A line with a key that stands above it in a section.
my %twice = (
    EXTRA_1               => '/more7.html 1 2 3 20240501083000',
    SIDER_404             => '/none7.html 5 http://y/ 192.0.2.9',
    SEARCHWORDS           => 'word7+red++shoes7 100',
    UNKNOWNREFERERBROWSER => 'nobody/7 20240501083000',
);

# A name; the text of sections, or a change of the whole file; settings.
for my $case (
    [
        'hosts that stand twice' => {
            VISITOR => [
                '192.0.2.1 2 3 4000 20240501094000 20240501093000 /a.html',
                '192.0.2.1 1 1 1000 20240501083000',
                '192.0.2.2 2 3 4000 20240501094000 20240501093000 /a.html',
                '192.0.2.2 1 1 1000 20240501095000 20240501094500 /b.html',
                '192.0.2.3 2 2 2000 0 20240501093000 /a.html',
                '192.0.2.3 1 1 1000 20240501095000 20240501094500 /b.html',
            ]
        }
    ],
    [
        'many hosts, pages and referring pages that the log does not have, and some of each twice' => {
            VISITOR => [
                ( map { "10.0.0.$_ $_ $_ 1000 20240501083000" } 1 .. 60 ),
                ( map { "10.0.1.$_ $_ 99 1000 20240501083000 20240501080000 /over$_.html" } 1 .. 60 ),
                ( map { "10.0.2.$_ 0 $_ 1000 20240501095900 20240501095000 /open.html" } 1 .. 60 ),
                '10.0.0.7 50 50 100 20240501083000',
                '10.0.1.60 1 1 100 20240501093000 20240501093000 /over1.html'
            ],
            SIDER => [
                ( map { "/over$_.html $_ 100 $_ 0" } 1 .. 50 ),
                ( map { "/p$_.html $_ 100" } 1 .. 50 ),
                '/a.html 7 7 7 7',
                '/over3.html 70 1 1 1'
            ],
            PAGEREFS => [ ( map { "http://$_.example/ $_ 100" } 1 .. 50 ), 'http://site.example/ 9 9' ]
        }
    ],
    [
        'the same without any twice' => {
            VISITOR => [
                ( map { "10.0.0.$_ $_ $_ 1000 20240501083000" } 1 .. 60 ),
                ( map { "10.0.1.$_ $_ 99 1000 20240501083000 20240501080000 /over$_.html" } 1 .. 60 ),
                ( map { "10.0.2.$_ 0 $_ 1000 20240501095900 20240501095000 /open.html" } 1 .. 60 ),
                '10.0.3.1 5 0 100 20240501083000',
                '10.0.3.2 5 5 100 ',
                '10.0.3.3 5 5 100 0',
                'host.example.org 80 1 100 20240501083000'
            ],
            SIDER => [
                ( map { "/over$_.html $_ 100 $_ 0" } 1 .. 50 ),
                ( map { "/p$_.html $_ 100" } 1 .. 50 ),
                '/none.html 0 100 1 1',
                '/blank.html 3 100 1 ',
                '/minus.html 3 -0 1 1'
            ],
            PAGEREFS => [ ( map { "http://$_.example/ $_ 100" } 1 .. 50 ), 'http://other.example/ 9 0' ]
        }
    ],
    (
        map {
            my ( $name, $downloads, %more ) = @$_;
            [
                $name => {
                    EXTRA_1 => [
                        ( map { "/more$_.html $_ ${\( $_ % 7 )} 1000 20240501083000" } 1 .. 50 ),
                        '0 3 3 3 20240501083000',
                        '/a.html 7 7 7 20240501083000',
                        '/no-time 9 9 9',
                        '/no-bytes 9 9 0 ',
                        '/none 0 0 0 20240501083000',
                        @{ $more{EXTRA_1} // [] }
                    ],
                    SIDER_404 => [
                        ( map { "/none$_.html $_ http://x.example/$_ 192.0.2.$_" } 1 .. 50 ),
                        '/none.html 3 http://x/ 192.0.2.1',
                        '/no-host 3 http://x/',
                        '/alone 3',
                        '/zero 0 http://x/ 192.0.2.1',
                        @{ $more{SIDER_404} // [] }
                    ],
                    SEARCHWORDS => [
                        ( map { "word$_+red++shoes$_ $_" } 1 .. 50 ),
                        'red+shoes 9', '+ 3', 'nothing 0', @{ $more{SEARCHWORDS} // [] }
                    ],
                    UNKNOWNREFERERBROWSER => [
                        ( map { "nobody/$_ 20240401083000" } 3 .. 50 ),
                        'nobody/1.0 20240401083000',
                        'never 0',
                        @{ $more{UNKNOWNREFERERBROWSER} // [] }
                    ],
                    DOWNLOADS => $downloads,
                },
                'ExtraSectionStatTypes1=' .    ( $more{types}   // 'PHBL' ),
                'MaxNbOfExtra1=' .             ( $more{first}   // 3 ),
                'ShowHTTPErrorsPageDetail="' . ( $more{details} // 'RH' ) . '"',
            ]
        } (
            [
                'rows that the log does not have',
                [ ( map { "/old$_.zip ${\( 20 - int $_ / 3 )} 0 100" } 1 .. 60 ), '/none.zip 0 0 0' ]
            ],
            [
                'downloads, some of which the log has',
                [ '/b.zip 9 0 5', '/f.zip 3 0 5', '/old.zip 3 0 -5', '/g.zip 1 0 5', '/last.zip 0 0 0', '/h.zip' ],
                first => 1000
            ],
            [ 'downloads in no order', [ map { "/old$_.zip ${\( $_ % 7 )} 0 100" } 1 .. 60 ] ],
            (
                map {
                    [ "$_ twice", [ map { "/old$_.zip 7 0 100" } 1 .. 9, 9 ], $_ => [ $twice{$_} ] ]
                  }
                  sort keys %twice
            ),
            [ 'rows that count less',     ['/old.zip 1 0 1'], types   => 'H' ],
            [ 'rows that count pages',    ['/old.zip 1 0 1'], types   => 'HP' ],
            [ 'details in another order', ['/old.zip 1 0 1'], details => 'HR' ],
            [ 'details of hosts',         ['/old.zip 1 0 1'], details => 'H' ],
            [ 'details of referrers',     ['/old.zip 1 0 1'], details => 'r' ],
            [ 'no details',               ['/old.zip 1 0 1'], details => '' ],
        )
    ),
    [
        'a doubtful line after many that the log does not have' => {
            VISITOR => [ map { "10.0.0.$_ $_ $_ 1000 20240501083000 20240501080000 /over$_.html" } 1 .. 60 ],
            SIDER   => [ ( map { "/over$_.html $_ 100" } 1 .. 50 ), '/doubt.html  7 100', '/p.html 3 1 1' ],
        }
    ],
    [
        'pages before hosts, and a visit that is over' => sub {
            s{^END_VISITOR$}{192.0.2.99 1 1 1000 20240501083000 20240501083000 /a.html\nEND_VISITOR}m;
            s/(^BEGIN_VISITOR .*^END_VISITOR\n)(.*^END_SIDER\n)/$2$1/ms;
        }
    ],
    [
        'bytes below 0' => {
            VISITOR   => [ '192.0.2.1 2 3 -4000 20240501094000', '192.0.2.9 1 1 -1 20240501094000' ],
            SIDER     => [ '/a.html 3 -5 1 1', '/x.html 1 -7 0 0', '/b.html 2 9 0 0' ],
            EXTRA_1   => [ '/a.html 3 3 -5 20240501094000', '/x.html 1 1 -7 20240501094000' ],
            DOWNLOADS => ['/f.zip 3 2 -1000']
        }
    ],
    [ 'pages below 0' => { VISITOR => [ '192.0.2.1 -2 3 4000 20240501094000', '192.0.2.9 1 -1 0' ] } ],
    [
        'downloads and key phrases' => {
            DOWNLOADS   => [ '/f.zip 3 2 1000', '/g.zip 9 0 5', '/f.zip 1 0 5', '/h.zip' ],
            SEARCHWORDS => [ 'red+shoes 3',     '++a++b++ 4',   '+ 1', 'shoes 2', '0 5' ],
            KEYWORDS    => [ 'red 100',         'doubt' ]
        }
    ],
    [
        'more key phrases shown than keywords' => { SEARCHWORDS => [ map { "red+$_ $_" } 1 .. 9 ] },
        'MaxNbOfKeyphrasesShown=5', 'MaxNbOfKeywordsShown=2'
    ],
    [
        'visits that are over, or not yet, or not known' => {
            VISITOR => [
                '192.0.2.4 2 2 2000 20240501090159 20240501090000 /a.html',
                '192.0.2.5 2 2 2000 20240501090200 20240501090000 /a.html',
                '192.0.2.6 2 2 2000 20240501090201 20240501090000 /a.html',
                '192.0.2.7 2 2 2000 20240501080000 20240501075959 0',
                '192.0.2.8 2 2 2000 20240501080000 20240501075959',
                '192.0.2.9 2 2 2000 20240501080000 0 /a.html',
                '192.0.2.10 2 2 2000 20240501080000 20240501070000 /gone',
                '192.0.2.1 2 2 2000 20240501080000 20240501070000 /a.html',
                '192.0.2.12 2 2 2000 20240501095959 1 0',
            ]
        }
    ],
    [
        'hosts by number and by name' => {
            VISITOR => [
                map { "$_ 1 1 1000 20240501083000" } '192.0.2.1', '192.0.2',
                '192.0.2.1.1',                                    '192..0.2',
                '192.0.2.',                                       '.192.0.2',
                '999.0.2.01',                                     '192.0.2.x',
                '2001:db8::2',                                    'FACE:',
                ':',                                              'abcx:',
                'abcdef',                                         'host.example.net',
                '-',                                              'x:1'
            ]
        }
    ],
    [
        'slashes in a row' => {
            SIDER => [
                map { "$_ 3 2000 1 1" }
                  qw(/x//y /x///y /x////y /x/////y //y ///y ////y http://x//y http:///x y// y/// a:// / // /c.html)
            ]
        }
    ],
    [
        'referring sites' => {
            PAGEREFS => [
                map { "$_ 3 4" }
                  qw(http://x/ https://x/ HTTP://X/ HttpS://x/ http://x http://x/y/ http:/// http:// https:///
                  httpx://x/ http:/x/ ftp://x/ xhttp://x/ http://site.example/ http s)
            ]
        }
    ],
    [
        'large numbers' => {
            VISITOR => [
                '192.0.2.1 9999999999999999999 9223372036854775807 4611686018427387904 20240501083000',
                '192.0.2.9 1 1 1 9999999999999999999',
                '192.0.2.8 1 1 1 9223372036854775807 9223372036854775807 /a'
            ],
            SIDER => [
                '/a 9223372036854775807 9223372036854775807 18446744073709551615 18446744073709551616',
                '/b 1e19 9007199254740993 1.5 -7',
                '/c 999999999999999999 1e30 -1e30 9007199254740993.0',
                '/c.html 4611686018427387903 9223372036854775806 -9223372036854775808 -9223372036854775809'
            ],
            PAGEREFS => ['http://x/y 9223372036854775807 9999999999999999999'],
            EXTRA_1  => [
                '/c.html 9223372036854775807 9999999999999999999 18446744073709551615 9999999999999999999',
                '/old 1 1 1 9999999999999999999'
            ],
            UNKNOWNREFERER => [ 'old 9999999999999999999', 'older 99999999999999999999' ],
        }
    ],
    (
        map { [ "a sum that is too large: $_->[0]" => { $_->[0] => [ @$_[ 1 .. $#$_ ] ] } ] }
          [ 'VISITOR', ('192.0.2.8 1 2 999999999999999999 20240501083000') x 5 ],
        [ 'SIDER', ('/x 1 999999999999999999 0 0') x 5 ],
        [ 'PAGEREFS', ('http://site.example/x 1 999999999999999999') x 5 ],
        [ 'SIDER_404', ('/x 999999999999999999 http://x/ a') x 5 ],
        [ 'EXTRA_1', ('/x 1 1 999999999999999999 20240501080000') x 5 ],
    ),
    [
        'more rows than AWStats may track' => { EXTRA_1 => [ map { "/old$_ 1 1 1 20240501080000" } 1 .. 5 ] },
        'ExtraTrackedRowsLimit=3'
    ],
    [ 'a section twice'                          => sub { s/^(BEGIN_SIDER .*^END_SIDER\n)/$1$1/ms } ],
    [ 'hosts twice'                              => sub { s/^(BEGIN_VISITOR .*^END_VISITOR\n)/$1$1/ms } ],
    [ 'a section that begins unusually, in full' => sub { s/^BEGIN_SIDER\K (.*^END_SIDER\n)/\t$1BEGIN_SIDER $1/ms } ],
    [
        'a section that begins unusually, and has another' => sub {
            s/^BEGIN_VISITOR\K ((?s:.*?))(?=^END_VISITOR$)/\t$1BEGIN_SIDER 1\n\/b.html 1 2 3 4\nEND_SIDER\n/m;
        }
    ],
    [
        'a section in one that the plugin does not know' => {
            LOGIN => [ 'someone 1 2 3 20240501083000', 'BEGIN_SIDER 1', '/b.html 1 2 3 4', 'END_SIDER', 'else 5 6 7 0' ]
        }
    ],
    [
        'a section in one of another' => sub {
            s/^(?=BEGIN_SIDER )/BEGIN_FUTURE 1\nBEGIN_PAGEREFS 1\nhttp:\/\/x\/ 1 2\nEND_PAGEREFS\nEND_FUTURE\n/m;
        }
    ],
    [
        'a section in one of another, which ends first' => sub {
            s/^(?=BEGIN_SIDER )/BEGIN_FUTURE 1\n/m;
            s/^(?=END_SIDER$)/END_FUTURE\nBEGIN_PAGEREFS 1\nhttp:\/\/x\/ 1 2\nEND_PAGEREFS\n/m;
        }
    ],
    [
        'a section that begins after a CR' => sub {
            s/^(?=BEGIN_LOGIN )/\rBEGIN_SIDER 1\n\/b.html 1 2 3 4\nBEGIN_PAGEREFS 1\n\/c.html 1 2 3 4\nEND_SIDER\n/m;
        }
    ],
    [
        'the addresses of an old AWStats' => sub {
            s/^(?=BEGIN_VISITOR )/BEGIN_UNKNOWNIP 1\n192.0.2.7 20240501080000\nEND_UNKNOWNIP\n/m;
        }
    ],
    [
        'XML on the way' => sub {
            s/^(?=BEGIN_DAY )/<xml>\n/m;
            s/^(BEGIN_SIDER .*\n)/$1\/a&amp;b 1 2 3 4\n/m;
        }
    ],
    [
        'error pages' => {
            SIDER_404 => [
                '/none.html 3 http://x/ 192.0.2.1',
                '/two 2 http://x/y 192.0.2.2',
                '/no-host 2 http://x/',
                '/0 2 0 192.0.2.1',
                '/alone 2',
                '/twice 2 http://x/ a',
                '/twice 3 http://y/ b',
                '/nothing 0 http://x/ 192.0.2.3'
            ]
        }
    ],
    [
        'user agents' => {
            UNKNOWNREFERER =>
              [ 'nobody/2.0 20230501080000', 'twice 20240501080000', 'twice 20240501070000', 'never 0' ],
            UNKNOWNREFERERBROWSER => [ 'nobody/1.0 20250501080000', 'never 0', 'never 20240501070000', 'no-time' ]
        }
    ],
    [
        'rows' => {
            EXTRA_1 => [
                '/c.html 5 6 7 20230501080000',
                '0 1 1 1 20240501080000',
                '/a.html 1 0 0 0',
                '/none 0 0 5 20240501080000',
                '/twice 1 2 3 20240501080000',
                '/twice 1 2 3 20240501090000'
            ]
        }
    ],
    [ 'keys that are not bytes' => sub { s/^(?=BEGIN_PLUGIN_addresses)/# /m }, 'LoadPlugin="widekeys"' ],
  )
{
    my ( $name, $edit, @settings ) = @$case;
    is $history->continued( $name, $edit, @settings ), '', $name;
    note 'AWStats gave up' if $history->given_up;
}

# AWStats writes XML itself, so it gets all counters back.
{
    my ( $whole, $below ) = map { UnusualHistory::record( "08:0$_:00", '192.0.2.1', '/a.zip', 200 ) } 1, 2;
    my $case = {
        name   => 'XML',
        config => [ 'HostAliases="REGEX[.]"', 'BuildHistoryFormat="xml"' ],
        steps  => [ [ $whole =~ s/a[.]zip/b.zip/r, $below =~ s/\t1000\t/\t-1\t/r ] ]
    };
    is( Differential->new($case)->run->difference, '', 'a download of fewer than 0 bytes, in XML' );
}
done_testing;
