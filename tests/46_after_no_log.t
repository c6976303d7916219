#!/usr/bin/perl
# after = delete and after = move leave objects alone that hold something else than requests, under every name and
# time of modification; such an object is never taken for a copy, and no other object for a copy of it.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use S3Server;
use Site;

my $notes = "my private notes\n" x 3;

# The names in the source.
sub names {
    my ($site) = @_;
    return join ' ', map { s{.*/}{}r } glob "$site->{source}/*";
}

# A run that passes over one object, and deletes nothing.
sub passes_over {
    my ( $site, $name, $what ) = @_;
    my $run = $site->cat;
    is( $run->{status}, 0, "$what: exit status 0" );
    like( $run->{err}, qr/\A[^\n]*\Q$name\E: passed over, and not read again: [^\n]*\n\z/, "$what: passed over" );
    return;
}

for my $after ( 'delete', 'move' ) {
    my $site = Site->new;
    $site->configure( after => $after eq 'move' ? "move $site->{dir}/done" : $after );
    my $path = $site->put( 'notes.txt', $notes );
    $site->put( 'E1.2026-10-31-10.0000000a.gz', Site::log_text('/a') );
    passes_over( $site, 'notes.txt', "$after: a text" );
    is( names($site), 'notes.txt', "$after: the counted log is gone, and the text stays" );

    rename $path, "$site->{source}/notes-2026.txt" or die "$!\n";
    passes_over( $site, 'notes-2026.txt', "$after: the text has another name" );
    is( names($site), 'notes-2026.txt', "$after: and stays" );

    utime 1_700_000_000, 1_700_000_000, "$site->{source}/notes-2026.txt" or die "$!\n";
    passes_over( $site, 'notes-2026.txt', "$after: the text has another time of modification" );
    $site->put( 'more/notes-2026.txt', $notes );
    passes_over( $site, 'notes-2026.txt', "$after: a copy in a folder" );
    ok( -e "$site->{source}/more/notes-2026.txt", "$after: and stays" );

    # A name of CloudFront's form promises a log.
    $site->put( 'E1.2026-10-31-11.0000000a.gz', $notes );
    my $run = $site->cat;
    like( $run->{err}, qr/\A[^\n]*11\.0000000a\.gz: left out until it can be read: /, "$after: a damaged log" );
    unlike( $run->{err}, qr/same/, "$after: which is no copy of the text" );
    is( names($site), 'E1.2026-10-31-11.0000000a.gz more notes-2026.txt', "$after: all stay" );
    unlike( $site->cat->{err}, qr/notes/, "$after: not a word of the texts in the next run" );
}

# A bucket, whose ETags are equal.
{
    my $server = S3Server->new;
    $server->set_environment;
    $server->make_bucket('logs');
    my $site = Site->new( source => 's3://logs/', endpoint => $server->endpoint, after => 'delete' );
    $server->put( 'logs', 'notes.txt', $notes );
    passes_over( $site, 'notes.txt', 'a bucket' );
    $server->put( 'logs', 'notes-2026.txt', $notes );
    passes_over( $site, 'notes-2026.txt', 'a bucket: a copy' );
    is_deeply( [ sort $server->keys( 'logs', '' ) ], [qw(notes-2026.txt notes.txt)], 'a bucket: both stay' );
}
done_testing;
