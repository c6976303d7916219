#!/usr/bin/perl
# after = delete and after = move affect only counted objects, only after the commit, and an interrupted clean-up
# goes on later.
use strict;
use warnings;
use Test::More;
use Digest::MD5 qw(md5_hex);
use File::Temp  qw(tempdir);
use FindBin     qw($Bin);
use lib "$Bin/lib";
use CannedStore;
use Compiler qw(fault_library);
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

# A folder: delete, and what is left alone.
{
    my $site = Site->new( after => 'delete' );
    $site->put( "E1.2026-10-31-10.$_.gz",     Site::log_text("/$_") ) for 'a' .. 'c';
    $site->put( 'E1.2026-10-31-10.broken.gz', 'no log' );
    my $run = $site->cat_later;
    is( scalar( () = glob "$site->{source}/*" ), 4, 'delete: nothing is deleted before the commit' );
    $site->put( 'E1.2026-10-31-10.b.gz', Site::log_text('/changed') );
    is( ( $site->commit( $run->{id} ) )[0], 0, 'delete: commit' );
    is(
        join( ' ', map { s{.*/}{}r } glob "$site->{source}/*" ),
        'E1.2026-10-31-10.b.gz E1.2026-10-31-10.broken.gz',
        'delete: counted objects are gone; changed and quarantined ones stay'
    );
    is( $site->cat->{paths}, '/changed', 'delete: the changed object is counted' );
    is( join( ' ', map { s{.*/}{}r } glob "$site->{source}/*" ),
        'E1.2026-10-31-10.broken.gz', 'delete: and is deleted' );
}

# A folder: move.
{
    my $target = tempdir( CLEANUP => 1 );
    my $site = Site->new( after => "move $target/done" );
    $site->put( $_, Site::log_text("/$_") ) for 'E1.2026-10-31-10.a.gz', '2026/10/E1.2026-10-31-10.b.gz';
    is( $site->cat->{status}, 0, 'move: exit status 0' );
    is(
        join( ' ', map { s{^\Q$target\E/}{}r } glob "$target/done/*.gz $target/done/*/*/*.gz" ),
        'done/E1.2026-10-31-10.a.gz done/2026/10/E1.2026-10-31-10.b.gz',
        'move: with their folders'
    );
    is( scalar( () = glob "$site->{source}/*.gz" ), 0, 'move: and gone from the source' );

    # A move that was killed, or a power failure, may leave both names of a file.
    my $both = $site->put( 'E1.2026-10-31-10.c.gz', Site::log_text('/c') );
    link $both, "$target/done/E1.2026-10-31-10.c.gz" or die "$both: $!\n";
    is( $site->cat->{err}, '', 'move that was half done: no warning' );
    ok( !-e $both,                               'move that was half done: gone from the source' );
    ok( -e "$target/done/E1.2026-10-31-10.c.gz", 'move that was half done: in the target' );
    $site->put( 'E1.2026-10-31-10.a.gz', Site::log_text('/other') );
    my $run = $site->cat;
    is( $run->{status}, 0,        'move onto a file: exit status 0' );
    is( $run->{paths},  '/other', 'move onto a file: counted' );
    like( $run->{err}, qr/10\.a\.gz: cannot be moved: File exists/, 'move onto a file: a warning' );
    is( $site->cat->{paths}, '', 'move onto a file: counted once' );
    like( ( $site->status )[1], qr/objects still to be moved: 1$/m, 'move onto a file: status knows of it' );
    $site->configure( after => "move $site->{source}/done" );
    is( $site->cat->{status}, 1, 'a target within the source is refused' );
    symlink $site->{source}, $site->dir . '/link' or die;

    for my $target ( '/logs/./done', '/link/done/deep', '/logs/../logs' ) {
        $site->configure( after => 'move ' . $site->dir . $target );
        my $run = $site->cat;
        is( $run->{status}, 1, "a target within the source by another path is refused: $target" );
        like( $run->{err}, qr/is inside the source/, 'and why' );
    }
    $site->configure( after => 'move s3://done/x/' );
    is( $site->cat->{status}, 1, 'and a bucket for files' );
}

# The source is missing at the clean-up: the clean-up waits until it is back.
for my $after ( 'delete', 'move' ) {
    my $target = tempdir( CLEANUP => 1 );
    my $site = Site->new( after => $after eq 'move' ? "move $target" : $after );
    my $done = $after eq 'move' ? 'moved' : 'deleted';
    $site->put( "E1.2026-10-31-10.$_.gz", Site::log_text("/$_") ) for 'a' .. 'c';
    my $run = $site->cat_later;
    rename $site->{source}, "$site->{source}.away" or die;
    my ( $status, undef, $err ) = $site->commit( $run->{id} );
    is( $status, 0, "$after, away: the commit is done" );
    like(
        $err,
qr/\A[^\n]*the source [^\n]*\/logs cannot be reached: No such file or directory; counted files there are not $done until it is back; [^\n]*\n\z/,
        "$after, away: a warning"
    );
    like( ( $site->status )[1], qr/objects still to be $done: 3$/m, "$after, away: status knows of it" );
    rename "$site->{source}.away", $site->{source} or die;
    is( $site->cat->{paths},                     '',                       "$after, back again: counted once" );
    is( scalar( () = glob "$site->{source}/*" ), 0,                        "$after, back again: $done" );
    is( scalar( () = glob "$target/*" ),         $after eq 'move' ? 3 : 0, "$after, back again: are at their target" );
    unlike( $site->report, qr/still to be/, "$after, back again: nothing is left to do" );
}

# A folder that cannot be made at the target.
{
    my $target = tempdir( CLEANUP => 1 );
    my $site = Site->new( after => "move $target/done" );
    $site->put( 'E1.2026-10-31-10.a.gz', Site::log_text('/a') );
    open my $file, '>', "$target/done" or die;
    my $run = $site->cat;
    is( $run->{paths}, '/a', 'a target that is a file: counted' );
    like( $run->{err}, qr/cannot be moved: Not a directory/, 'a target that is a file: a warning' );
    unlink "$target/done" or die;
    $site->cat;
    ok( -e "$target/done/E1.2026-10-31-10.a.gz", 'a target that was a file: moved' );
}

# Another program replaces a file in the moment in which it is cleaned up: what nobody has counted is never deleted.
{
    my $folder = tempdir( CLEANUP => 1 );
    my $library = fault_library( 'race', $folder );
    for my $after ( 'delete', 'move' ) {
        my $target = tempdir( CLEANUP => 1 );
        my $new = sub { return Program::write_file( "$folder/" . $_[0] =~ tr/0-9//cdr, Site::log_text( $_[0] ) ) };

        # NAME, what happens, the names that are there afterwards, the records of the next run
        for my $case (
            [ 'replaced before',             { BEFORE => '/11' },                 'E.gz',        '/11' ],
            [ 'replaced before and after',   { BEFORE => '/21', AFTER => '/22' }, 'E.gz E.gz.1', '/21 /22' ],
            [ 'a new one after',             { AFTER  => '/31' },                 'E.gz',        '/31' ],
            [ 'killed',                      { KILL   => 1 },                     '',            '' ],
            [ 'replaced before, and killed', { BEFORE => '/41', KILL => 1 },      '',            '/41' ],
            [
                'replaced before and after, and killed',
                { BEFORE => '/51', AFTER => '/52', KILL => 1 },
                'E.gz', '/51 /52'
            ],
          )
        {
            my ( $name, $race, $there, $paths ) = ( "$after: $case->[0]", @$case[ 1 .. 3 ] );
            my $site = Site->new( after => $after eq 'move' ? "move $target" : $after );
            $site->put( 'E.gz', Site::log_text('/counted') );
            my $id = $site->cat_later->{id};
            {
                local %ENV = (
                    %ENV,
                    LD_PRELOAD   => $library,
                    ASAN_OPTIONS => 'verify_asan_link_order=0',
                    RACE_PATH    => "$site->{source}/E.gz",
                    map { ( "RACE_$_" => $_ eq 'KILL' ? 1 : $new->( $race->{$_} ) ) } keys %$race
                );
                my ( $status, undef, $err ) = $site->commit($id);
                is( $status, $race->{KILL} ? 137 : 0, "$name: exit status" ) or diag $err;
                is( $err,    '',                      "$name: no message" );
            }
            is( join( ' ', map { s{.*/}{}r } glob "$site->{source}/*" ), $there, "$name: what is there" );
            unlink glob "$target/*" if $race->{AFTER};
            my $run = $site->cat;
            is( join( ' ', sort split / /, $run->{paths} ), $paths, "$name: what is counted next" ) or diag $run->{err};
            is( join( ' ', glob "$site->{source}/{*,.[!.]*}" ), '', "$name: then all is gone" );
            is( scalar( () = glob "$target/*" ), $after eq 'move' ? 1 : 0, "$name: what was counted is at its target" )
              if !$race->{BEFORE} && !$race->{AFTER};
            unlink glob "$target/*";
        }
    }

    # A source that is one file.
    my $site = Site->new( after => 'delete' );
    my $path = $site->put( 'E.gz', Site::log_text('/counted') );
    $site->configure( source => $path );
    my $id = $site->cat_later->{id};
    {
        local %ENV = (
            %ENV,
            LD_PRELOAD   => $library,
            ASAN_OPTIONS => 'verify_asan_link_order=0',
            RACE_PATH    => $path,
            RACE_BEFORE  => Program::write_file( "$folder/one", Site::log_text('/new') ),
            RACE_KILL    => 1
        );
        is( ( $site->commit($id) )[0], 137, 'one file: replaced, and killed' );
    }
    is( $site->cat->{paths}, '/new', 'one file: what replaced it is counted' );
    ok( !-e $path, 'one file: and deleted' );
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

# An object that is replaced between the look at it and its deletion: AWS deletes only what has the ETag that the request
# names.
{
    my $site = s3_site( after => 'delete' );
    my $key = 'cdn/E1.2026-10-31-10.a & b.gz';
    my @text = map { Site::log_text($_) } '/old', '/new';
    $server->put( 'logs', $key, $text[0] );
    my $tag = md5_hex( $text[0] );
    my $aws = S3Proxy->new(
        $server->address,
        sub {
            my ($request) = @_;
            return if $request->{method} ne 'POST' || $request->{content} !~ m{<ETag>&quot;$tag&quot;</ETag></Object>};
            $server->put( 'logs', $key, $text[1] );
            my $name = $key =~ s/&/&amp;/r;
            return {
                status => 200,
                body   => "<DeleteResult><Error><Key>$name</Key><Code>PreconditionFailed</Code>"
                  . '<Message>At least one of the pre-conditions you specified did not hold</Message></Error></DeleteResult>'
            };
        }
    );
    my $run = $site->cat( '', '--endpoint', $aws->endpoint );
    is( $run->{paths}, '/old', 'S3, replaced: counted' );
    like(
        $run->{err},
        qr/\A[^\n]*cannot be deleted: another object has just taken its place; the next run tries again\n\z/,
        'S3, replaced: a warning'
    );
    is( join( ' ', keys_of( 'logs', 'cdn/' ) ), $key,   'S3, replaced: is there' );
    is( $site->cat->{paths},                    '/new', 'S3, replaced: counted next' );
    is( join( ' ', keys_of( 'logs', 'cdn/' ) ), '',
        'S3, replaced: and deleted, by a store that refuses the condition' );
}

# A store that refuses the condition is asked again without it; one that only fails is not: it may know the condition.
for my $case (
    [ 400, 'MalformedXML',   1 ],
    [ 501, 'NotImplemented', 1 ],
    [ 403, 'AccessDenied',   0 ],
    [ 400, 'ExpiredToken',   0 ]
  )
{
    my ( $status, $code, $is_again ) = @$case;
    my $site = s3_site( after => 'delete' );
    $server->put( 'logs', 'cdn/E1.2026-10-31-10.a.gz', Site::log_text('/a') );
    my $store = S3Proxy->new(
        $server->address,
        sub {
            return if $_[0]{method} ne 'POST' || $_[0]{content} !~ /<ETag>/;
            return { status => $status, body => "<Error><Code>$code</Code></Error>" };
        }
    );
    is( $site->cat( '', '--endpoint', $store->endpoint )->{paths}, '/a', "delete, $status $code: counted" );
    is(
        scalar( grep { /^POST/ } $store->requests ),
        1 + $is_again,
        "delete, $status $code: " . ( $is_again ? 'asked again' : 'asked once' )
    );
    is( scalar keys_of( 'logs', 'cdn/' ), 1 - $is_again, "delete, $status $code: " . ( $is_again ? 'gone' : 'there' ) );
    $site->cat;
}

# An Error that names no object of the request: which objects are deleted is not known, so none is forgotten.
for my $name ( '', '<Key>cdn/other.gz</Key>' ) {
    my $site = s3_site( after => 'delete' );
    $server->put( 'logs', "cdn/E1.2026-10-31-10.$_.gz", Site::log_text("/$_") ) for 'a', 'b';
    my $store = S3Proxy->new(
        $server->address,
        sub {
            return if $_[0]{method} ne 'POST';
            return {
                status => 200,
                body   =>
"<DeleteResult><Error>$name<Code>InternalError</Code><Message>broken disk</Message></Error></DeleteResult>"
            };
        }
    );
    my $run = $site->cat( '', '--endpoint', $store->endpoint );
    like(
        $run->{err},
qr/\A[^\n]*cannot be deleted: the S3 server reports an error [^\n]*: broken disk; the next run tries again\n[^\n]*: 2 counted [^\n]*\n\z/,
        "delete, an Error '$name': is said"
    );
    like( $site->report, qr/objects still to be deleted: 2$/m, "delete, an Error '$name': status knows of them" );
    $site->cat;
    is( scalar keys_of( 'logs', 'cdn/' ), 0, "delete, an Error '$name': the next run deletes them" );
}

# A store that lists objects without ETags: an object is known by its size.  One that gives ETags only in its lists:
# nothing is deleted.
for my $lists ( 0, 1 ) {
    my $site = s3_site( after => 'delete' );
    my $name = $lists ? 'ETags in lists only' : 'no ETags in lists';
    $server->put( 'logs', "cdn/E1.2026-10-31-10.$_.gz", Site::log_text("/$_") ) for 'a', 'b';
    my $store = S3Proxy->new(
        $server->address,
        sub {
            return {
                edit => sub {
                    my ( $head, $body ) = @_;
                    $head =~ s/^ETag:[^\r]*\r\n//mi if $lists;
                    my $removed = $lists ? 0 : $body =~ s{<ETag>.*?</ETag>}{}g;
                    my $size = length $body;
                    $head =~ s/^Content-Length: \d+/Content-Length: $size/mi if $removed;
                    return ( $head, $body );
                }
            };
        }
    );
    my $run = $site->cat_later( '--endpoint', $store->endpoint );
    is( $run->{end}, 'records=2 bad=0 quarantined=0', "$name: read" ) or diag $run->{err};
    $server->put( 'logs', 'cdn/E1.2026-10-31-10.b.gz', Site::log_text('/longer') );
    my ( $status, undef, $err ) = $site->commit( $run->{id}, '--endpoint', $store->endpoint );
    if ($lists) {
        like( $err,          qr/cannot be deleted: the S3 server does not report the object's ETag/, "$name: is said" );
        like( $site->report, qr/objects still to be deleted: 1$/m, "$name: status knows of it" );
    }
    else {
        is( $err, '', "$name: nothing is said" );
    }
    is(
        join( ' ', keys_of( 'logs', 'cdn/' ) ),
        join( ' ', map { "cdn/E1.2026-10-31-10.$_.gz" } $lists ? 'a' : (), 'b' ),
        "$name: what is there"
    );
    $site->cat;
    is( join( ' ', keys_of( 'logs', 'cdn/' ) ), '', "$name: a store with ETags deletes the rest" );
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
    unlike( $site->report, qr/still to be deleted/, 'and none waits' );
}

# The target is in the same store, so in the region that the setting names, and not in the region of the AWS settings.
{
    local $ENV{AWS_REGION} = 'us-east-1';
    my $site = s3_site( after => 'move s3://done/region/' );
    $server->put( 'logs', 'cdn/E1.2026-10-31-10.a.gz', Site::log_text('/a') );
    my $store = S3Proxy->new( $server->address );
    is( $site->cat( '', '--endpoint', $store->endpoint )->{err}, '', 'the region of the target: nothing is said' );
    is( scalar( grep { /^PUT/ } $store->requests ), 1, 'the region of the target: the first copy has the right one' );
    is( scalar keys_of( 'done', 'region/' ),        1, 'the region of the target: moved' );
}

done_testing;
