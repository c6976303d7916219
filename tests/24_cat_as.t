#!/usr/bin/perl
# cat --as writes logs that other programs read: CloudFront's own columns, from which the same records come again, and
# the combined format of web servers.  GoAccess reads both.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use JSON::PP   ();
use lib "$Bin/lib";
use Program qw(content helper run write_file);
use Site;

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
my @logs = ( "$Bin/data/download", "$Bin/data/parquet/log.gz" );

sub rows {
    return grep { !/^#/ } split /^/, $_[0];
}

sub cat_as {
    my ( $as, @source ) = @_;
    my ( $status, $out, $err ) = run( $helper, 'cat', "--as=$as", @source );
    is( $status, 0, "--as=$as: exit status" ) or diag $err;
    return $out;
}

# ---- one record
my @names = qw(date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer)
  cs(User-Agent) cs-uri-query x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-protocol-version
  sc-content-type);
my @value = (
    '2026-03-09',                                            '05:06:07',
    'FRA56-P1',                                              '1234',
    '192.0.2.1',                                             'GET',
    'd1.cloudfront.net',                                     '/a%2520b%5Bc%5D%7Ed%27',
    '200',                                                   'https://www.example.com/%25C3%25A9?q=%22',
    'Bot/1%20(100%25;%20%C3%A9;%20a%5Cb;%20%22x%22;%20%7E)', 'x=1&y=%2525',
    'Hit',                                                   'id==',
    'www.example.com',                                       'https',
    'HTTP/2.0',                                              'text/html;%20charset=utf-8'
);
my $one = write_file( "$dir/one", "#Fields: @names\n" . join( "\t", @value ) . "\n" );
my ( $head, $fields, @rest ) = split /^/, cat_as( 'cloudfront', $one );
is( $head, "#Version: 1.0\n", 'cloudfront: the first line' );
my @columns = split ' ', $fields;
is( shift @columns,  '#Fields:', 'cloudfront: the header' );
is( scalar @columns, 33,         'cloudfront: 33 columns' );
is( scalar @rest,    1,          'cloudfront: one record, and nothing behind' );
chomp @rest;
my %got;
@got{@columns} = split /\t/, $rest[0], -1;
my %want = map { $names[$_] => $value[$_] } 0 .. $#names;
$want{'cs(Host)'} = 'www.example.com';
$want{'cs-uri-stem'} = '/a%2520b%255Bc%255D%7Ed%27';
$want{'cs(Referer)'} = 'https://www.example.com/%25C3%25A9?q=%2522';
is( $got{$_}, $want{$_} // '-', "cloudfront: $_" ) for @columns;

# A host in each way that clients send one: with bytes and escapes, and as an address.
my @hosts = qw(m%C3%BCnchen.example %2525c3%BC $%7Bjndi:ldap://x%7D a%25b %5B2001:db8::1%5D a_b-c.example *);
my $hosts = write_file(
    "$dir/hosts", join '',
    "#Fields: @names\n",
    map { join( "\t", @value[ 0 .. 13 ], $_, @value[ 15 .. 17 ] ) . "\n" } @hosts
);
my $written = cat_as( 'cloudfront', $hosts );
is_deeply( [ map { ( split /\t/ )[15] } rows($written) ], \@hosts, 'cloudfront: hosts are as CloudFront wrote them' );
my $again = write_file( "$dir/hosts-again", $written );
is_deeply(
    [ map { ( split /\t/ )[6] } rows( cat_as( 'normalized', $again ) ) ],
    [ map { ( split /\t/ )[6] } rows( cat_as( 'normalized', $hosts ) ) ],
    'cloudfront: the same hosts again'
);

is(
    cat_as( 'combined', $one ),
    '192.0.2.1 - - [09/Mar/2026:05:06:07 +0000] "GET /a%20b%5Bc%5D~d\'?x=1&y=%25 HTTP/2.0" 200 1234 '
      . '"https://www.example.com/%C3%A9?q=%22" "Bot/1 (100%; '
      . "\xc3\xa9"
      . '; a\\\\b; %22x%22; ~)"' . "\n",
    'combined'
);
my $least = write_file( "$dir/least", "#Fields: date time c-ip\n2026-12-31\t23:59:60\t2001:db8::1\n" );
is(
    cat_as( 'combined', $least ),
    qq{2001:db8::1 - - [31/Dec/2026:23:59:60 +0000] "GET - HTTP/1.1" 200 0 "-" "unknown"\n},
    'combined: a record of three columns'
);

# ---- whole logs
my $normal = cat_as( 'normalized', @logs );
my $cloudfront = cat_as( 'cloudfront', @logs );
my $combined = cat_as( 'combined', @logs );
is( $normal, ( run( $helper, 'cat', @logs ) )[1], 'normalized is what cat writes' );
my @normal = rows($normal);
cmp_ok( scalar @normal, '>', 5000, 'records' );
is( scalar( rows($cloudfront) ), scalar @normal, 'cloudfront: all records' );
is( scalar( rows($combined) ),   scalar @normal, 'combined: all records' );

# The columns that only the normalized log has are lost, and a version is added.
sub comparable {
    my ($record) = @_;
    my @field = split /\t/, $record =~ s/\n\z//r, -1;
    $field[14] = 'HTTP/1.1' if $field[14] eq '-';
    @field[ 19 .. 23, 29 .. $#field ] = ();
    return join "\t", map { $_ // q() } @field;
}
my $file = write_file( "$dir/cloudfront", $cloudfront );
my @again = rows( ( run( $helper, 'cat', $file ) )[1] );
is_deeply( [ map { comparable($_) } @again ], [ map { comparable($_) } @normal ],
    'cloudfront: the same records again' );
is( cat_as( 'cloudfront', $file ), $cloudfront, 'cloudfront: the same log again' );

# ---- GoAccess
my $without_status = grep { ( split /\t/ )[8] eq '000' } @normal;
my %bytes = map { $_ => 0 } qw(all);
$bytes{all} += ( split /\t/ )[3] for @normal;
for my $case ( [ 'cloudfront', $cloudfront ], [ 'combined', $combined ] ) {
    my ( $name, $log ) = @$case;
    my $preset = uc $name;
    my $in = write_file( "$dir/$name", $log );
    my ( $status, undef, $err ) =
      run( 'goaccess', $in, "--log-format=$preset", '--no-global-config', '--no-progress', '-o', "$dir/$name.json" );
    is( $status, 0, "goaccess, $preset: exit status" ) or diag $err;
    my $report = JSON::PP->new->latin1->decode( content("$dir/$name.json") )->{general};
    is( $report->{total_requests}, scalar @normal, "goaccess, $preset: all records" );

    # Later versions of GoAccess take the status 000, too.
    like( $report->{failed_requests},
        qr/\A(?:0|$without_status)\z/, "goaccess, $preset: it rejects none but those with the status 000" );
    is( $report->{bandwidth}, $bytes{all}, "goaccess, $preset: the bytes" );
}

# ---- a site
my $site = Site->new;
$site->put( 'a', content($one) );
my @once = $site->command( 'cat', '--commit', '--as=combined' );
my ( $status, $out, $err ) = run(@once);
is( $status, 0, 'a site: exit status' ) or diag $err;
like( $out, qr/\A192\.0\.2\.1 \N*\n\z/, 'a site: its records, and no line of the batch' );
is( ( run(@once) )[1], q(), 'a site: once' );
( $status, undef, $err ) = run( $site->command( 'cat', '--prepare', '--as=combined' ) );
is( $status, 2, '--prepare and --as: usage' );
like( $err, qr/cat: --prepare is for the AWStats plugin, which cannot read the format of --as/, 'a message' );
( $status, undef, $err ) = run( $helper, 'cat', '--as=csv', $one );
is( $status, 2, 'another format: usage' );
like( $err, qr/--as "csv": must be normalized, cloudfront or combined/, 'the formats' );
done_testing();
