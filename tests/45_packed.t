#!/usr/bin/perl
# Objects that the ledger has packed: what a site counts is the same as when each has a row. The logs are of 20 days; those of
# the last half day stay rows, and blocks have most of the others.
use strict;
use warnings;
use DBI;
use FindBin qw($Bin);
use Test::More;
use lib "$Bin/lib";
use CannedStore;
use Program qw(content run);
use Site;

local @ENV{qw(AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY)} = ( 'key', 'secret' );

# The key of the log NUMBER of an hour.
sub key_of {
    my ( $hour, $number ) = @_;
    return sprintf 'cdn/E1.2026-09-%02d-%02d.%08x.gz', 1 + $hour / 24, $hour % 24,
      $number * 2_654_435_761 & 0xffff_ffff;
}

my @keys = map { key_of( $_ % 480, $_ ) } 1 .. 3600;
my $store = CannedStore->new( log => Site::log_text('/x'), keys => \@keys );
my $site = Site->new( source => 's3://logs/cdn/', region => 'us-east-1', endpoint => $store->endpoint );

# The first column of what SQL selects from the ledger.
sub values_of {
    my ($sql) = @_;
    my $ledger = DBI->connect( 'dbi:SQLite:dbname=' . $site->state, '', '', { RaiseError => 1 } );
    my @values = @{ $ledger->selectcol_arrayref($sql) };
    $ledger->disconnect;
    return @values;
}

# How many blocks and rows the ledger has.
sub counts {
    return values_of('SELECT count(*) FROM block UNION ALL SELECT count(*) FROM object');
}

# Runs cat on a whole listing, which must count so many records and say what MESSAGE tells; without it, nothing.
sub counts_ok {
    my ( $name, $records, $message ) = @_;
    my $run = $site->cat( 'now', '--full' );
    is( $run->{end}, "records=$records bad=0 quarantined=0", "$name: records" ) or diag $run->{err};
    like( $run->{err}, $message // qr/\A\z/, "$name: messages" );
    return;
}

counts_ok( 'the first run', 3600 );
my ( $blocks, $rows ) = counts();
cmp_ok( $blocks, '>', 1,    'most objects are packed: blocks' );
cmp_ok( $rows,   '<', 2000, 'most objects are packed: rows' );
counts_ok( 'nothing new', 0 );
like( $site->report, qr/objects counted: 3600$/m, 'status' );

# Late logs, of hours that are packed.
$store->add( map { key_of( $_ * 90, 1_000_000 + $_ ) } 1 .. 5 );
counts_ok( 'late logs',       5 );
counts_ok( 'after late logs', 0 );

# Packed logs, in another folder.
$store->add( map { 'cdn/copies/' . s{.*/}{}r } @keys[ 0, 1800, 3599 ] );
counts_ok( 'copies', 0, qr/\A[^\n]*holds the same log as [^\n]*the same is true of 2 more objects\n\z/ );
counts_ok( 'after copies', 0 );

# A log of a name that is not CloudFront's is compared with all objects. They stay packed.
$store->add('cdn/other.gz');
counts_ok( 'a log of another name', 1 );
cmp_ok( ( counts() )[1], '<', 2000, 'a log of another name: most objects stay packed' );
$store->add('cdn/copy-10.gz');
counts_ok( 'a copy of another name', 0, qr/\A[^\n]*copy-10.gz holds the same log as [^\n]*\n\z/ );
cmp_ok( ( counts() )[1], '<', 2000, 'a copy of another name: most objects stay packed' );
counts_ok( 'after a log of another name', 0 );
like( $site->report, qr/objects counted: 3606$/m, 'status at the end' );
my ( $status, undef, $err ) = run( $site->command( 'check', '--awstats', '/none' ) );
unlike( $err, qr/ledger/, 'check has nothing against the ledger' );

# A ledger of version 14: its blocks have longer digests.
my @old = ( ( map { key_of( $_ % 24, $_ ) } 1 .. 150 ), key_of( 240, 1 ), key_of( 241, 2 ) );
$store = CannedStore->new( log => Site::log_text('/x'), keys => \@old );
$site = Site->new( source => 's3://logs/cdn/', region => 'us-east-1', endpoint => $store->endpoint );
mkdir $site->dir . '/state' or die "$!\n";
my $old = DBI->connect( 'dbi:SQLite:dbname=' . $site->state, '', '', { RaiseError => 1 } );
$old->{sqlite_allow_multiple_statements} = 1;
$old->do( content("$Bin/data/ledger/version-14-packed.sql") );
$old->disconnect;
counts_ok( 'version 14', 0 );
is_deeply( [ counts() ], [ 1, 30 ], 'version 14: the block is as it was' );
$store->add( key_of( 5, 1_000_000 ) );
counts_ok( 'version 14, a late log between those of the block', 1 );
is_deeply( [ values_of('SELECT count(DISTINCT digest) FROM object') ],
    [1], 'version 14: rows, those of the block, and the late log have the same digest' );
counts_ok( 'version 14, after the late log', 0 );

done_testing;
