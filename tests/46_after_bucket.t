#!/usr/bin/perl
# A source that is a bucket: after = delete and after = move affect only counted objects, only after the commit, and an
# interrupted clean-up goes on later, also when the source has changed.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use CannedStore;
use Program;
use S3Proxy;
use S3Server;
use Site;

my $server = S3Server->new;
$server->set_environment;
$server->make_bucket($_) for 'logs', 'done', 'narrow';

# The keys of a bucket below a prefix.
sub keys_of {
    my ( $bucket, $prefix ) = @_;
    return $server->keys( $bucket, $prefix );
}

sub s3_site { return Site->new( source => 's3://logs/cdn/', region => $server->region, @_ ) }

# A bucket: delete, some keys need escapes in XML and URLs.
{
    my $site = s3_site( after => 'delete' );
    my @keys = map { sprintf 'cdn/E1.2026-10-31-%02d.%04d.gz', $_ % 24, $_ } 1 .. 38;
    push @keys, "cdn/a & <b> \"c\" + d'.gz", "cdn/\x{c3}\x{a4}/%41.gz";
    $server->put( 'logs', $_,              Site::log_text("/$_") ) for @keys;
    $server->put( 'logs', 'cdn/broken.gz', "\x1f\x8b\x08" );
    $server->put( 'logs', 'other/x.gz',    'other' );
    my $run = $site->cat_later;
    is( $run->{end},                      'records=40 bad=0 quarantined=1', 'S3 delete: all is read' );
    is( scalar keys_of( 'logs', 'cdn/' ), 41, 'S3 delete: nothing goes before the commit' );
    $server->put( 'logs', $keys[5], Site::log_text('/changed') );
    my ( $status, undef, $err ) = $site->commit( $run->{id} );
    is( $status, 0,  'S3 delete: commit' ) or diag($err);
    is( $err,    '', 'S3 delete: no message' );
    is(
        join( ' ', keys_of( 'logs', '' ) ),
        "$keys[5] cdn/broken.gz other/x.gz",
        'S3 delete: changed, quarantined and other objects stay'
    );
    is( $site->cat->{paths},                    '/changed',      'S3 delete: the changed object is counted' );
    is( join( ' ', keys_of( 'logs', 'cdn/' ) ), 'cdn/broken.gz', 'S3 delete: and is deleted' );
    $server->remove( 'logs', 'cdn/broken.gz' );
    is( $site->cat->{err}, '', 'S3 delete: an empty bucket is no surprise then' );
    like(
        s3_site( after => 'delete' )->cat->{err},
        qr/\A[^\n]*warning: s3:\/\/logs\/cdn\/: no objects there; check the bucket and the prefix\n\z/,
        'S3 delete: but it is one for a site that has counted nothing'
    );
}

# More than one request can delete.
{
    my $store = CannedStore->new(
        log  => Site::log_text('/x'),
        keys => [ map { "cdn/E1.2026-10-31-10.$_.gz" } 10_001 .. 12_500 ]
    );
    my $site = s3_site( after => 'delete', endpoint => $store->endpoint );
    my $run = $site->cat;
    is( $run->{end},                    'records=2500 bad=0 quarantined=0', 'delete, many: all is read' );
    is( $run->{err},                    '',                                 'delete, many: no message' );
    is( join( ' ', $store->deletions ), '1000 1000 500', 'delete, many: all is gone, by three requests' );
    unlike( $site->report, qr/still to be deleted/, 'delete, many: nothing is left to do' );
    is( $site->cat->{end}, 'records=0 bad=0 quarantined=0', 'delete, many: then there is nothing' );
}

# The same for a site that chooses objects by their keys.
{
    my $store = CannedStore->new( log => Site::log_text('/x'), keys => ['cdn/E1.2026-10-31-10.10001.gz'] );
    my $site = s3_site( after => 'delete', include => 'E1', endpoint => $store->endpoint );
    is( $site->cat->{end}, 'records=1 bad=0 quarantined=0', 'delete, include: all is read' );
    is( $site->cat->{err}, '',                              'delete, include: an empty bucket is no surprise then' );
}

# A clean-up that fails, and goes on later; the commit stands.
{
    my $site = s3_site( after => 'delete' );
    $server->put( 'logs', "cdn/E1.2026-10-31-10.$_.gz", Site::log_text("/$_") ) for 1 .. 20;
    my $proxy = S3Proxy->new(
        $server->address,
        sub {
            my ($request) = @_;
            return { status => 403, body => '<Error><Code>AccessDenied</Code></Error>' }
              if $request->{method} eq 'POST';
            return;
        }
    );
    my $run = $site->cat( '', '--endpoint', $proxy->endpoint );
    is( $run->{status}, 0, 'no permission to delete: exit status 0' );
    like(
        $run->{err},
qr/\A[^\n]*cannot be deleted: access denied[^\n]*s3:DeleteObject on arn:aws:s3:::logs\/\*[^\n]*\n[^\n]*: 20 counted objects in all [^\n]*\n\z/,
        'no permission to delete: two lines'
    );
    is( scalar keys_of( 'logs', 'cdn/' ), 20, 'no permission to delete: nothing is deleted' );
    $run = $site->cat;
    is( $run->{paths},                    '', 'the next run: counted once' );
    is( scalar keys_of( 'logs', 'cdn/' ), 0,  'the next run: deleted' );
}

# Killed while it deletes, again and again.
{
    my $site = s3_site( after => 'delete' );
    $server->put( 'logs', "cdn/E1.2026-10-31-10.$_.gz", Site::log_text("/$_") ) for 1 .. 50;
    my $proxy = S3Proxy->new( $server->address, sub { return $_[0]{method} eq 'GET' ? undef : { slow => 1 } } );
    my %seen;
    my $run = $site->cat_later;
    $seen{$_}++ for split / /, $run->{paths};
    for my $after ( 0.05, 0.1, 0.2, 0.4 ) {
        my $job = Program::start( $site->command( 'commit', '--batch', $run->{id}, '--endpoint', $proxy->endpoint ) );
        select undef, undef, undef, $after;
        kill KILL => $job->{pid};
        Program::finish($job);
    }
    is( ( $site->commit( $run->{id} ) )[0], 0, 'killed: then a commit that nobody kills' );
    $run = $site->cat;
    $seen{$_}++ for split / /, $run->{paths};
    is( scalar( keys %seen ),                    50, 'killed: all are counted' );
    is( scalar( grep { $_ != 1 } values %seen ), 0,  'killed: once' );
    is( scalar keys_of( 'logs', 'cdn/' ),        0,  'killed: all are gone' );
}

# Move, within the bucket and to another.
for my $target ( 's3://logs/processed/', 's3://done/cdn/' ) {
    my $site = s3_site( after => "move $target" );
    my ( $bucket, $prefix ) = $target =~ m{^s3://(\w+)/(.*)$};
    my @names = map { "E1.2026-10-31-10.$_.gz" } 1 .. 30;
    $server->put( 'logs', "cdn/$_", Site::log_text("/$_") ) for @names, "a+b c/\x{c3}\x{a4}.gz";
    my $broken = S3Proxy->new(
        $server->address,
        sub {
            return { status => 500 } if $_[0]{method} eq 'PUT' && $_[0]{path} =~ /\.[1-4]\.gz/ && $_[0]{count} <= 1;
            return { status => 403 } if $_[0]{method} eq 'PUT' && $_[0]{path} =~ /\.7\.gz/;
            return { status => 200, body => '<Error><Code>InternalError</Code></Error>' }
              if $_[0]{method} eq 'PUT' && $_[0]{path} =~ /\.8\.gz/ && $_[0]{count} <= 2;
            return;
        }
    );
    my $run = $site->cat( '', '--endpoint', $broken->endpoint );
    is( $run->{status}, 0, "$target: exit status 0" );
    like( $run->{err}, qr/\A[^\n]*\.7\.gz: cannot be moved: [^\n]*\n\z/, "$target: one is not moved" );
    is( join( ' ', keys_of( 'logs', 'cdn/' ) ), 'cdn/E1.2026-10-31-10.7.gz', "$target: and stays" );
    is( scalar keys_of( $bucket, $prefix ),     30,                          "$target: the others are there" );
    is( $site->cat->{paths},                    '',                          "$target: again: counted once" );
    is( join( ' ', keys_of( 'logs', 'cdn/' ) ), '',                          "$target: and moved" );
    is( scalar keys_of( $bucket, $prefix ),     31,                          "$target: all are there" );
    is(
        $server->get( $bucket, "${prefix}a+b c/\x{c3}\x{a4}.gz" ),
        Site::log_text("/a+b c/\x{c3}\x{a4}.gz"),
        "$target: as they were"
    );
}

# A target is a folder, with or without a slash at its end; an object whose new place is in the source stays.
{
    my $site = s3_site( source => 's3://logs/p/', after => 'move s3://logs/moved' );
    $server->put( 'logs', 'p/a.gz', Site::log_text('/a') );
    is( $site->cat->{err},                       '',           'a target without a slash' );
    is( join( ' ', keys_of( 'logs', 'moved' ) ), 'moved/a.gz', 'a target without a slash: it is a folder' );
    $site = s3_site( source => 's3://logs/p/', after => 'move s3://logs' );
    $server->put( 'logs', "p/$_.gz", Site::log_text("/$_") ) for 'p/b', 'c';
    my $run = $site->cat_later;
    $server->put( 'logs', 'p/b.gz', Site::log_text('/new') );
    my ( undef, undef, $err ) = $site->commit( $run->{id} );
    like(
        $err,
        qr{\A\N*p/p/b\.gz: cannot be moved: its new place is inside the source, where it would be found again;\N*\n\z},
        'a target above the source: one object would come back'
    );
    is( join( ' ', keys_of( 'logs', 'p/' ) ), 'p/b.gz p/p/b.gz', 'a target above the source: nothing is replaced' );
    is( join( ' ', keys_of( 'logs', 'c' ) ),  'c.gz',            'a target above the source: the others are moved' );
    is( $site->cat->{paths}, '/new', 'a target above the source: what came is counted' );
    $server->remove( 'logs', $_ ) for 'moved/a.gz', 'p/p/b.gz', 'b.gz', 'c.gz';
}

# A copy that is not equal: the original stays.
{
    my $site = s3_site( source => 's3://logs/unequal/', after => 'move s3://done/unequal/' );
    $server->put( 'logs', 'unequal/E1.2026-10-31-10.a.gz', Site::log_text('/a') );
    my $other = sub {
        my ( $head, $body ) = @_;
        return ( $head =~ s/^ETag: [^\r]*/ETag: "d41d8cd98f00b204e9800998ecf8427e"/mir, $body );
    };
    my $wrong = S3Proxy->new( $server->address,
        sub { return $_[0]{method} eq 'HEAD' && $_[0]{path} =~ m{^/done/} ? { edit => $other } : undef } );
    my $run = $site->cat( '', '--endpoint', $wrong->endpoint );
    is( $run->{end}, 'records=1 bad=0 quarantined=0', 'an unequal copy: counted' );
    like(
        $run->{err},
        qr/\A\N*a\.gz: cannot be moved: its copy in the new place is not equal to it, so the original stays\N*\n\z/,
        'an unequal copy: one line'
    );
    $run = $site->cat( '', '--endpoint', $wrong->endpoint );
    like(
        $run->{err},
        qr{\A\N*a\.gz: cannot be moved: the target, s3://done/unequal/, has an object of this name that is not equal; },
        'an unequal copy: in the next run, nobody else is blamed for it'
    );
    is( scalar keys_of( 'logs', 'unequal/' ), 1,  'an unequal copy: the original stays' );
    is( $site->cat->{err},                    '', 'an equal copy' );
    is( scalar keys_of( 'logs', 'unequal/' ), 0,  'an equal copy: the original is gone' );
}

# The source was narrowed while objects wait: a key that is not below the present source has no place below the target.
{
    my $site = s3_site( source => 's3://narrow/', after => 'move s3://done/narrowed/' );
    my @left = ( 'E.gz', 'cdn/2025/E1.2025-12-31-10.a.gz' );
    $server->put( 'narrow', $_, Site::log_text("/$_") ) for @left, 'cdn/2026/E1.2026-10-31-10.b.gz';
    my $broken = S3Proxy->new( $server->address, sub { return $_[0]{method} eq 'PUT' ? { status => 403 } : undef } );
    is(
        $site->cat( '', '--endpoint', $broken->endpoint )->{end},
        'records=3 bad=0 quarantined=0',
        'narrowed: all is counted'
    );
    $site->configure( source => 's3://narrow/cdn/2026/' );
    my $run = $site->cat;
    is( $run->{paths}, '', 'narrowed: counted once' );
    like(
        $run->{err},
        qr{: cannot be moved: it is in the former source, [^\n]*\n[^\n]*: 2 counted objects in all },
        'narrowed: is said'
    );
    is(
        join( ' ', keys_of( 'done', 'narrowed/' ) ),
        'narrowed/E1.2026-10-31-10.b.gz',
        'narrowed: what is below is moved'
    );
    is( join( ' ', keys_of( 'narrow', '' ) ), "@left", 'narrowed: the others stay' );
    $site->configure( source => 's3://narrow/' );
    unlike( $site->cat->{err}, qr/cannot be moved/, 'as it was: nothing fails' );
    is( join( ' ', keys_of( 'narrow', '' ) ), '', 'as it was: nothing stays' );
    is(
        join( ' ', keys_of( 'done', 'narrowed/' ) ),
        join( ' ', map { "narrowed/$_" } sort @left, 'E1.2026-10-31-10.b.gz' ),
        'as it was: all is moved'
    );
}

# The source is another bucket while objects of the old one wait: they are cleaned up first, or the change is refused.
{
    my $site = s3_site( source => 's3://logs/waits/', after => 'keep' );
    $server->put( 'logs', "waits/E1.2026-10-31-10.$_.gz", Site::log_text("/$_") ) for 'a', 'b';
    is( $site->cat->{status}, 0, 'another bucket: the old one is counted' );
    $site->change_ledger('INSERT INTO clean_up (key, tag, size, modified) SELECT key, tag, size, 0 FROM object');
    my $store =
      S3Proxy->new( $server->address, sub { return $_[0]{method} =~ /POST|DELETE/ ? { status => 403 } : undef } );
    $site->configure( source => 's3://narrow/waits/', after => 'delete' );
    my $run = $site->cat( '', '--endpoint', $store->endpoint );
    is( $run->{status}, 1, 'another bucket, and the deletion is denied: exit status' );
    like(
        $run->{err},
qr{changed from s3://logs/waits/ to s3://narrow/waits/, but 2 counted objects .*not deleted yet; set "source" back},
        'and why'
    );
    is( scalar keys_of( 'logs', 'waits/' ), 2, 'nothing is forgotten' );
    is( $site->cat->{status},               0, 'another bucket: exit status' );
    is( scalar keys_of( 'logs', 'waits/' ), 0, 'the objects of the old one are deleted' );
    unlike( $site->report, qr/still to be deleted/, 'no object of the old bucket waits' );
}

# The target is in the same store, so in the region that the setting names, and not in the region of the AWS settings.
{
    local $ENV{AWS_REGION} = 'us-east-1';
    my $site = s3_site( after => 'move s3://done/region/' );
    $server->put( 'logs', 'cdn/E1.2026-10-31-10.a.gz', Site::log_text('/a') );
    my $store = S3Proxy->new( $server->address );
    is( $site->cat( '', '--endpoint', $store->endpoint )->{err}, '', 'the region of the target: no message' );
    is( scalar( grep { m{^HEAD /done/} } $store->requests ),
        2, 'the region of the target: the first look has the right one' );
    is( scalar keys_of( 'done', 'region/' ), 1, 'the region of the target: moved' );
}

done_testing;
