package CopyChecks;

# What tests 41 check of runs over logs that have copies: each log is counted once, and the copies are named.

use strict;
use warnings;
use Exporter qw(import);
use Program  qw(run);
use Test::More;

our @EXPORT_OK = qw($once counts explains paths silent);

our $once = qr/its records are counted only once/;

# The paths that Site::cat() has printed, sorted.
sub paths { return join ' ', sort split ' ', $_[0]{paths} }

# Checks that a run counts these paths, with one warning that names COPY and TWIN.
sub counts {
    my ( $run, $paths, $copy, $twin, $what ) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is( $run->{status}, 0,      "$what: exit status 0" ) or diag $run->{err};
    is( paths($run),    $paths, "$what: each log once" );
    like(
        $run->{err},
        qr/\A\S+ warning: \Q$copy\E holds the same log as \Q$twin\E; $once[^\n]*\n\z/,
        "$what: one warning"
    );
    return;
}

# Checks that another run has nothing to count or to say.
sub silent {
    my ( $site, $what, @option ) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $run = $site->cat( '', @option );
    is( "$run->{end}$run->{err}", 'records=0 bad=0 quarantined=0', "$what, again: nothing, and no message" );
    return;
}

# Checks that explain, which reads the counted objects again, finds so many records, and prints ERROR, or nothing.
sub explains {
    my ( $site, $records, $what, $error ) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ( undef, $out, $err ) = run( $site->command( 'explain', '--day=2026-10-31' ) );
    like( $out, qr/^# $records hits?, /m, "$what: read again, each once" ) or diag $err;
    like( $err, $error // qr/\A\z/,       "$what: " . ( $error ? 'what is gone is named' : 'and nothing is gone' ) );
    return;
}

1;
