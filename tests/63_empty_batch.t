#!/usr/bin/perl
# An update that failed leaves a batch without objects: the next update counts what is new all the same.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program;

my $minute = 0;

# Delivers an object with COUNT records.
sub deliver {
    my ( $site, $count ) = @_;
    $site->deliver(
        map { CountedSite::record( sprintf( '2026-10-10 10:%02d:%02d', $minute, $_ ), host => "192.0.2.$_" ) }
          1 .. $count );
    $minute++;
    return;
}

# Checks that an update by the program counts so many records.
sub counts {
    my ( $site,   $records, $what ) = @_;
    my ( $status, $out,     $err ) = $site->update_by_program;
    is( $status, 0, "$what: exit status 0" ) or diag $err;
    like(
        "$out$err",
        $records ? qr/\[cdn\]: $records records? of /m : qr/: no new logs to count/,
        "$what: $records records"
    );
    return;
}

# Checks that an update fails, and that a batch without objects is open then.
sub leaves_empty {
    my ( $site, $what ) = @_;
    my ( $status, $out, $err ) = $site->update_by_program;
    is( $status, 1, "$what: the update fails" ) or diag "$out$err";
    like(
        ( $site->command('status') )[1],
        qr/^  batch not counted yet: \S+, begun [^\n]*, 0 objects$/m,
        "$what: a batch without objects is open"
    );
    return;
}

sub is_right {
    my ( $site, $what ) = @_;
    counts( $site, 0, "$what, again" );
    is_deeply( $site->numbers, $site->in_one_run->numbers, "$what: everything once" );
    return;
}

# The history is away, and comes back.
{
    my $site = CountedSite->new;
    my $data = $site->folder . '/data';
    deliver( $site, 5 );
    counts( $site, 5, 'the first update' );
    rename $data, "$data.away" and mkdir $data or die "$!\n";
    leaves_empty( $site, 'without history' );
    system( 'rm', '-r', $data ) == 0 && rename "$data.away", $data or die "$!\n";
    deliver( $site, 4 );
    my ( $status, $out, $err ) = $site->update_by_program('--dry-run');
    is( $status, 0, 'with --dry-run: exit status 0' ) or diag "$out$err";
    like(
        "$out$err",
        qr/: an update that failed has left a batch without logs; no action is needed/,
        'with --dry-run: a line'
    );
    counts( $site, 4, 'with history' );
    is_right( $site, 'with history' );
}

# AWStats has counted the batch without objects, and was killed before the commit.
{
    my $site = CountedSite->new;
    deliver( $site, 5 );
    counts( $site, 5, 'the first update' );
    my $state = $site->folder . '/state';
    my ( $status, $out ) =
      Program::run( AWStats::helper(), 'cat', '--prepare', '--config=' . $site->folder . '/sites.conf', '--site=cdn' );
    my ($id) = $out =~ /^#Batch: (\S+)$/m;
    ok( $status == 0 && $id && $out !~ /^\d/m, 'a batch without objects' ) or diag $out;
    system( 'cp', '-a', $state, "$state.kept" ) == 0                       or die;
    my ( undef, $output ) = $site->update;
    is( join( ' ', map { Program::content($_) =~ /\Q$id\E/ ? 1 : 0 } glob $site->folder . '/data/*.txt' ),
        '1', 'AWStats has counted the batch' )
      or diag $output;
    system( 'rm', '-r', $state ) == 0 && rename "$state.kept", $state or die;
    deliver( $site, 4 );
    ( $status, $out, my $err ) = $site->update_by_program;
    is( $status, 0, 'AWStats had counted it: exit status 0' ) or diag "$out$err";
    ( $status, $out, $err ) = $site->update_by_program;
    is_right( $site, 'AWStats had counted it' );
}

done_testing;
