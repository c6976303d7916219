#!/usr/bin/perl
# Where the delimiter occurs inside values, also inside x-forwarded-for: each record is right, or its row is malformed.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use File::Temp qw(tempdir);
use Program    qw(helper run);
use Test::More;

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
my $usual = '2026-03-10,12:00:00,192.0.2.1,200';

sub cat {
    my ( $text, @options ) = @_;
    Program::write_file( "$dir/log", $text );
    my ( $status, $out, $err ) = run( $helper, 'cat', @options, "$dir/log" );
    return { status => $status, records => [ grep { !/^#/ } split /\n/, $out ], out => $out, err => $err };
}

# Texts before x-forwarded-for: what stands in this column and in a record; undef: the row can be read in two ways.
my %place = (
    'x-host-header'  => 6,
    'cs-uri-stem'    => 7,
    'cs(Referer)'    => 9,
    'cs(User-Agent)' => 10,
    'cs-uri-query'   => 11
);
foreach my $case (
    [ 'cs(User-Agent) cs-uri-stem',  'curl/8,/img/w_100,h_50/a.jpg,203.0.113.9',           '/img/w_100,h_50/a.jpg' ],
    [ 'cs(User-Agent) cs-uri-stem',  'curl/8,/a,203.0.113.8,203.0.113.9',                  undef ],
    [ 'cs-uri-query',                'ids=1,2,203.0.113.9',                                'ids=1,2' ],
    [ 'cs-uri-query',                'ids=1,2,-',                                          'ids=1,2' ],
    [ 'cs-uri-query',                'ids=1,2,some%20text',                                'ids=1,2' ],
    [ 'cs-uri-query',                'bbox=1.5,2.5,203.0.113.9:443',                       'bbox=1.5,2.5' ],
    [ 'cs-uri-query',                'ip=203.0.113.7,203.0.113.8,203.0.113.9',             undef ],
    [ 'cs-uri-query',                '-,203.0.113.8, unknown',                             '-' ],
    [ 'cs-uri-query',                'a=1,2001:DB8::8,%20localhost:8080',                  'a=1' ],
    [ 'cs(User-Agent)',              'curl/8,203.0.113.8,203.0.113.9',                     'curl/8' ],
    [ 'cs(Referer)',                 'https://www.example.com/,203.0.113.8,203.0.113.9',   'https://www.example.com/' ],
    [ 'cs(Referer) sc-content-type', '-,text/html,203.0.113.8,203.0.113.9',                '-' ],
    [ 'cs(User-Agent)',              'Feed,1.0,203.0.113.9',                               'Feed,1.0' ],
    [ 'cs(User-Agent) cs(Cookie) x-host-header time-taken', 'x,y,hit,-,0.948,203.0.113.9', undef ],
  )
{
    my ( $names, $values, $value ) = @$case;
    my $column = ( grep { $place{$_} } split / /, $names )[-1];
    my $fields = "date time c-ip sc-status $names x-forwarded-for";
    foreach my $between ( q(,), q(;) ) {
        my $row = "$usual,$values" =~ s/,/$between/gr;
        my %got = (
            header => cat( "#Fields: $fields\n$row\n", "--delimiter=$between" ),
            fields => cat( "$row\n" x 2, "--fields=$fields", "--delimiter=$between" )
        );
        foreach my $how ( sort keys %got ) {
            my @found = map { ( split /\t/ )[ $place{$column} ] } @{ $got{$how}{records} };
            my @want = map { defined ? ( (s/,/$between/gr) x ( $how eq 'fields' ? 2 : 1 ) ) : () } $value;
            is_deeply( \@found, \@want, "$values, '$between' between, $how" );
        }
    }
}

# A row with too many delimiters is malformed, also where it is alone.  Without the header, the message names the
# settings that are there.
{
    my $fields = 'date time c-ip sc-status cs-uri-query cs(User-Agent)';
    foreach my $count ( 33, 100, 1000 ) {
        my $row = "$usual,a=1" . ',1' x $count . ",x\n";
        my $got = cat( "#Fields: $fields\n$row", '--delimiter=comma' );
        like( "$got->{status} $got->{out}", qr/\A0 .*^#End: records=0 bad=1 /ms, "$count delimiters: a malformed row" );
        like( $got->{err}, qr/line 2: the delimiter occurs inside values/,       "$count delimiters: the message" );
        $got = cat( $row, '--delimiter=comma', "--fields=$fields" );
        is( "$got->{status}$got->{out}", '1', "$count delimiters, the setting fields: exit status" );
        like(
            $got->{err},
            qr/line 1: the delimiter occurs inside values.* correct the settings "fields" and "delimiter"/,
            "$count delimiters, the setting fields: the message"
        );
    }
    my $got = cat( "#Fields: $fields\n$usual,a=1,x\n", '--delimiter=;;' );
    is( $got->{status}, 0, 'a delimiter that is not the one given' );
    my $other = "$usual,a=1,x\n" =~ s/,/xx/gr;
    $got = cat( "#Fields: $fields\n$other", '--delimiter=;;' );
    like(
        $got->{err},
        qr/the text in the setting "delimiter" does not separate the fields that the header names; correct/,
        'a delimiter that does not occur'
    );
    $got = cat( $other, '--delimiter=;;', "--fields=$fields" );
    like(
        $got->{err},
        qr/not made of the 6 columns that the setting "fields" names; correct it, or correct the setting "delimiter"/,
        'a delimiter that does not occur, the setting fields'
    );
}

done_testing;
