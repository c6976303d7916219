#!/usr/bin/perl
# after = delete of a bucket never deletes an object that took the place of a counted one, whatever the store makes of a
# request that deletes under a condition; a store whose response does not say what is deleted is asked again.
use strict;
use warnings;
use Test::More;
use Digest::MD5 qw(md5_hex);
use FindBin     qw($Bin);
use lib "$Bin/lib";
use S3Proxy;
use S3Server;
use Site;

my $server = S3Server->new;
$server->set_environment;
$server->make_bucket('logs');

# The keys of a bucket below a prefix.
sub keys_of {
    my ( $bucket, $prefix ) = @_;
    return $server->keys( $bucket, $prefix );
}

sub s3_site { return Site->new( source => 's3://logs/cdn/', region => $server->region, @_ ) }

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
        like( $err, qr/cannot be deleted: the S3 server does not report the object's ETag/, "$name: a message" );
        like( $site->report, qr/objects still to be deleted: 1$/m, "$name: status knows of it" );
    }
    else {
        is( $err, '', "$name: no message" );
    }
    is(
        join( ' ', keys_of( 'logs', 'cdn/' ) ),
        join( ' ', map { "cdn/E1.2026-10-31-10.$_.gz" } $lists ? 'a' : (), 'b' ),
        "$name: what is there"
    );
    $site->cat;
    is( join( ' ', keys_of( 'logs', 'cdn/' ) ), '', "$name: a store with ETags deletes the rest" );
}

done_testing;
