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
my %place = ( 'x-host-header' => 6, 'cs-uri-stem' => 7, 'cs(User-Agent)' => 10, 'cs-uri-query' => 11 );
foreach my $case (
    [ 'cs(User-Agent) cs-uri-stem', 'curl/8,/img/w_100,h_50/a.jpg,203.0.113.9',            '/img/w_100,h_50/a.jpg' ],
    [ 'cs(User-Agent) cs-uri-stem', 'curl/8,/a,203.0.113.8,203.0.113.9',                   undef ],
    [ 'cs-uri-query',               'ids=1,2,203.0.113.9',                                 'ids=1,2' ],
    [ 'cs-uri-query',               'ids=1,2,-',                                           'ids=1,2' ],
    [ 'cs-uri-query',               'ids=1,2,some%20text',                                 'ids=1,2' ],
    [ 'cs-uri-query',               'bbox=1.5,2.5,203.0.113.9:443',                        'bbox=1.5,2.5' ],
    [ 'cs-uri-query',               'ip=203.0.113.7,203.0.113.8,203.0.113.9',              undef ],
    [ 'cs-uri-query',               '-,203.0.113.8, unknown',                              '-' ],
    [ 'cs-uri-query',               'a=1,2001:DB8::8,%20localhost:8080',                   'a=1' ],
    [ 'cs(User-Agent)',             'curl/8,203.0.113.8,203.0.113.9',                      'curl/8' ],
    [ 'cs(User-Agent)',             'Feed,1.0,203.0.113.9',                                'Feed,1.0' ],
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

done_testing;
