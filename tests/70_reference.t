#!/usr/bin/perl
# The generator, the reference implementation and the helper agree on logs of every era, so the other tests may
# rely on them.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use File::Temp  qw(tempdir);
use Generate    ();
use Digest::SHA ();
use Program     qw(helper run version);
use Reference   ();
use Test::More;

# ---- single values, by hand ----

my @urls = (
    [ '/a%2520b.html',    '/a%20b.html',     q(the client's own escape) ],
    [ '/caf%25C3%25A9',   '/caf%C3%A9',      'twice' ],
    [ '/caf%C3%A9',       '/caf%C3%A9',      'a raw byte of the client stays encoded' ],
    [ '/%7Eanna/%7e',     '/~anna/~',        '~' ],
    [ '/it%27s',          q(/it's),          q(') ],
    [ '/x%23y%22%3Cz',    '/x%23y%22%3Cz',   'what is not legal in a URL stays' ],
    [ '/100%25',          '/100%25',         '% before nothing' ],
    [ '/100%25zz',        '/100%25zz',       '% before no hex digits' ],
    [ '/a%252520b',       '/a%2520b',        'one layer only' ],
    [ '/a%25257E',        '/a%257E',         'what was undone is not undone again' ],
    [ '/a%257E',          '/a%7E',           q(the client's %7E) ],
    [ "/a\x01\x7f\xe9 b", '/a%01%7F%E9%20b', 'bytes that should not be there' ],
);
is Reference::url( $_->[0] ), $_->[1], "url: $_->[2]" for @urls;

my @agents = (
    [ 'Mozilla/5.0%20(X)',        'Mozilla/5.0 (X)',          'once' ],
    [ 'Mozilla/5.0%2520(X)',      'Mozilla/5.0 (X)',          'twice' ],
    [ 'a%20b%2520c',              'a b c',                    'both in one' ],
    [ '100%25',                   '100%',                     '%' ],
    [ '100%25%20x',               '100% x',                   '% before a space' ],
    [ '100%2525%2520x',           '100% x',                   'the same, twice' ],
    [ '50%zz%2',                  '50%zz%2',                  'no hex digits' ],
    [ 'a%09b%0A%00',              'a%09b%0A%00',              'controls' ],
    [ "a\x0bb\x7f",               'a%0Bb%7F',                 'raw controls' ],
    [ '%3Cb%3E%22x<>"',           '%3Cb%3E%22x%3C%3E%22',     '< > "' ],
    [ 'caf%C3%A9',                "caf\xc3\xa9",              'UTF-8' ],
    [ "caf\xc3\xa9",              "caf\xc3\xa9",              'raw UTF-8' ],
    [ 'caf%E9',                   'caf%E9',                   'Latin-1' ],
    [ "caf\xe9!",                 'caf%E9!',                  'raw Latin-1' ],
    [ '%C2%85%C2%A0',             "%C2%85\xc2\xa0",           'C1 is a control, U+00A0 is none' ],
    [ '%ED%A0%80%C0%AF%F4%90%80', '%ED%A0%80%C0%AF%F4%90%80', 'surrogates, overlong, too great' ],
    [ '%F0%9F%98%80',             "\xf0\x9f\x98\x80",         'four bytes' ],
);
is Reference::user_agent( $_->[0] ), $_->[1], "user agent: $_->[2]" for @agents;

my @clients = (
    [ '192.0.2.1,198.51.100.2',     '192.0.2.1' ],
    [ '192.0.2.1, 198.51.100.2',    '192.0.2.1' ],
    [ 'unknown,%20192.0.2.1',       '192.0.2.1' ],
    [ 'unknown,\\x20192.0.2.1',     '192.0.2.1' ],
    [ '192.0.2.1:4711',             '192.0.2.1' ],
    [ '192.000.002.010',            '192.0.2.10' ],
    [ 'localhost:8080,192.0.2.256', undef ],
    [ '[2001:db8::1]:443',          '2001:db8::1' ],
    [ '2001:db8::1,192.0.2.1',      '2001:db8::1' ],
    [ '2001:db8::1::2,192.0.2.1',   '192.0.2.1' ],
    [ "192.0.2.1\0x",               undef ],
    [ '10.0.0.1,"192.0.2.1:80"',    '192.0.2.1' ],
    [ '2001:DB8:0:0::00AA',         '2001:db8::aa' ],
    [ '::1, fd00::1, 172.31.0.1',   undef ],
    [ '-',                          undef ],
);
is Reference::forwarded_client( $_->[0] ), $_->[1], "x-forwarded-for: $_->[0]" =~ s/\0/\\0/r for @clients;

my $header = Reference::header(' date time c-ip sc-status sc-bytes cs-uri-stem cs(Host)');
my %spaced = ( %$header, separator => q( ) );
$header->{separator} = "\t";
my @rows = (
    [ "2026-02-28\t23:59:59\t1.2.3.4\t200\t1\t/\th",     1, 'a record' ],
    [ "2026-02-28\t23:59:59\t1.2.3.4\t200\t1\t/",        1, 'a column less' ],
    [ "2026-02-28\t23:59:59\t1.2.3.4\t200\t1",           0, 'an essential column less' ],
    [ "2026-02-28\t23:59:59\t1.2.3.4\t200\t1\t/\th\t\t", 1, 'TABs at the end' ],
    [ "2026-02-28\t23:59:59\t1.2.3.4\t200\t1\t/\th\tx",  0, 'more than the header' ],
    [ "2026-02-29\t23:59:59\t1.2.3.4\t200\t1\t/\th",     0, 'no such day' ],
    [ "2024-02-29\t23:59:59\t1.2.3.4\t200\t1\t/\th",     1, 'a leap day' ],
    [ "1969-12-31\t23:59:59\t1.2.3.4\t200\t1\t/\th",     0, 'before 1970' ],
    [ "2106-01-01\t00:00:00\t1.2.3.4\t200\t1\t/\th",     0, 'after 2105' ],
    [ "2026-02-28\t24:00:00\t1.2.3.4\t200\t1\t/\th",     0, 'no such hour' ],
    [ "2026-02-28\t23:59:59\t1.2.3.4\t20\t1\t/\th",      0, 'a status of two digits' ],
    [ "2026-02-28\t23:59:59\t1.2.3.4\t000\t1\t/\th",     1, 'status 000' ],
    [ "2026-02-28\t23:59:59\t1.2.3.4\t-\t-\t/\th",       1, 'no status, no bytes' ],
    [ "2026-02-28\t23:59:59\t1.2.3.4\t200\t-1\t/\th",    0, 'negative bytes' ],
    [ '2026-02-28 23:59:59 1.2.3.4 200 1 / h',           1, 'separated by spaces' ],
);
is defined Reference::record( $_->[0], $_->[0] =~ /\t/ ? $header : \%spaced, {} ) ? 1 : 0, $_->[1], "row: $_->[2]"
  for @rows;

# ---- whole logs ----

sub sum_of_logs {
    local $ENV{PERL_HASH_SEED} = $_[0];
    my $directory = tempdir( CLEANUP => 1 );
    my ( $status, undef, $err ) =
      run( $^X, "$Bin/generate-logs", '--records', 3000, '--files', 40, '--truth', "$directory.truth", $directory );
    is $status, 0, "generate-logs with hash seed $_[0]" or diag $err;
    my $all = join '', map { $_->[0] . $_->[1] } @{ Reference::read_directory($directory) };
    $all .= Program::content("$directory.truth");
    unlink "$directory.truth";
    return Digest::SHA::sha1_hex($all);
}
is sum_of_logs(1), sum_of_logs(2), 'the same logs whatever the order of hashes';

my $version = version();
for my $seed ( 1 .. 3 ) {
    my $logs = Generate::logs( seed => $seed, records => 6000, files => 66 );
    my $directory = tempdir( CLEANUP => 1 );
    Generate::write_files( $logs, $directory );
    for my $client ( 'c-ip', 'x-forwarded-for' ) {
        my $reference = Reference::normalize(
            Reference::read_directory($directory),
            version => $version,
            client  => $client
        );
        my $truth = join '', map { "$_\n" } Generate::true_records( $logs, client => $client );
        my $records = join '', grep { !/\A#/ } split /^/, $reference;
        ok $records eq $truth, "seed $seed, $client: the reference agrees with the truth";
        like $reference, qr/^#End: records=6000 bad=0 quarantined=0\n\z/m, 'all of its records';

        my ( $status, $out, $err ) = run( helper(), 'cat', '--client', $client, $directory );
        is $status, 0, "seed $seed, $client: cat" or diag $err;
        ok $out eq $reference, "seed $seed, $client: the helper agrees with the reference"
          or diag first_difference( $reference, $out );
    }
}

sub first_difference {
    my @want = split /^/, $_[0];
    my @got = split /^/,  $_[1];
    for my $i ( 0 .. $#want ) {
        next if $want[$i] eq ( $got[$i] // '' );
        return "line $i\nwant $want[$i]got  " . ( $got[$i] // 'nothing' );
    }
    return 'more lines than wanted';
}

done_testing;
