#!/usr/bin/perl
# after = delete where it is hard to tell which objects were counted: a store with weak ETags, and a source that changes
# while counted objects wait.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use Program;
use S3Proxy;
use S3Server;
use Site;

my $server = S3Server->new;
$server->set_environment;
$server->make_bucket('logs');

sub keys_of { return $server->keys(@_) }
sub s3_site { return Site->new( source => 's3://logs/cdn/', region => $server->region, @_ ) }

# Weak ETags, in lists or everywhere: counted, once, and the version that was counted is deleted.
for my $everywhere ( 0, 1 ) {
    my $site = s3_site( after => 'delete' );
    my $name = $everywhere ? 'weak ETags' : 'weak ETags in responses';
    $server->put( 'logs', "cdn/E1.2026-10-31-10.$_.gz", Site::log_text("/$_") ) for 'a', 'b';
    my $weaken = sub {
        my ( $head, $body ) = @_;
        $head =~ s{^ETag: "?([^"\r]+)"?}{ETag: W/"$1"}mi;
        my $added = $everywhere ? 2 * ( $body =~ s{<ETag>(?:&quot;|")}{<ETag>W/&quot;}g ) : 0;
        my $size = length $body;
        $head =~ s/^Content-Length: \d+/Content-Length: $size/mi if $added;
        return ( $head, $body );
    };
    my $store = S3Proxy->new( $server->address, sub { return { edit => $weaken } } );
    my $run = $site->cat_later( '--endpoint', $store->endpoint );
    is( $run->{end}, 'records=2 bad=0 quarantined=0', "$name: read" ) or diag $run->{err};
    $server->put( 'logs', 'cdn/E1.2026-10-31-10.b.gz', Site::log_text('/c') );
    is( join( '',  $site->commit( $run->{id}, '--endpoint', $store->endpoint ) ), 0, "$name: committed" );
    is( join( ' ', keys_of( 'logs', 'cdn/' ) ), 'cdn/E1.2026-10-31-10.b.gz', "$name: what was replaced is there" );
    $run = $site->cat( '', '--endpoint', $store->endpoint );
    is( $run->{paths},                          '/c', "$name: and is counted" ) or diag $run->{err};
    is( join( ' ', keys_of( 'logs', 'cdn/' ) ), '',   "$name: and deleted" );

    # Replaced between list and download.
    my $key = 'cdn/E1.2026-10-31-11.a.gz';
    $server->put( 'logs', $key, Site::log_text('/old') );
    my $race = S3Proxy->new(
        $server->address,
        sub {
            $server->put( 'logs', $key, Site::log_text('/new') ) if $_[0]{method} eq 'GET' && $_[0]{path} =~ /11\.a/;
            return { edit => $weaken };
        }
    );
    $run = $site->cat( '', '--endpoint', $race->endpoint );
    is( $run->{paths}, '', "$name, replaced: left out" );
    like( $run->{err}, qr/the object changed after it was listed; the next run reads it/,
        "$name, replaced: a warning" );
    is( $site->cat( '', '--endpoint', $store->endpoint )->{paths}, '/new', "$name, replaced: then counted" );
}

# The source changes while clean-ups wait: they are done in the old source first; if that fails, the source stays.
{
    my $site = s3_site( after => 'delete' );
    $server->make_bucket('next');
    $server->put( 'logs', "cdn/E1.2026-10-31-10.$_.gz", Site::log_text("/$_") ) for 'a', 'b';
    $server->put( 'next', 'cdn/E1.2026-10-31-12.c.gz', Site::log_text('/c') );
    my $refuses = S3Proxy->new(
        $server->address,
        sub {
            return { status => 403, body => '<Error><Code>AccessDenied</Code></Error>' } if $_[0]{method} eq 'POST';
            return;
        }
    );
    my $counted = $site->cat_later( '--endpoint', $refuses->endpoint );
    is( $counted->{paths}, '/a /b', 'source changes: counted' );
    is( ( $site->commit( $counted->{id}, '--endpoint', $refuses->endpoint, '--figures', 'records=2 counted=2' ) )[0],
        0, 'source changes: committed, with figures' );
    is( scalar keys_of( 'logs', 'cdn/' ), 2, 'source changes: not deleted yet' );
    $site->configure( source => 's3://next/cdn/' );
    my $run = $site->cat( '', '--endpoint', $refuses->endpoint );
    is( $run->{status}, 1, 'source changes, no permission: refused' );
    like(
        $run->{err},
qr{the setting "source" changed from s3://logs/cdn/ to s3://next/cdn/, but 2 counted objects of the old source are not deleted yet; [^\n]*\n\z},
        'source changes, no permission: and why'
    );
    $run = $site->cat;
    is( $run->{paths}, '/c', 'source changes: the new source is counted' ) or diag $run->{err};
    is( join( ' ', keys_of( 'logs', 'cdn/' ) ), '', 'source changes: the old objects are deleted' );
    is( join( ' ', keys_of( 'next', 'cdn/' ) ), '', 'source changes: the new ones, too' );
}

done_testing;
