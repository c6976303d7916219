#!/usr/bin/perl
# Errors of one object of a bucket, and errors of all.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use S3Proxy;
use S3Server;
use Site;

my $server = S3Server->new;
$server->set_environment;
$server->make_bucket('logs');
$ENV{AWS_MAX_ATTEMPTS} = 2;    # a corrupt object is tried again
my $site = Site->new( source => 's3://logs/cdn/', region => $server->region );

sub response {
    my ( $status, $code ) = @_;
    return { status => $status, body => "<Error><Code>$code</Code><Message>No</Message></Error>" };
}

# The response with another body.
sub body {
    my ($edit) = @_;
    return {
        edit => sub {
            my ( $head, $body ) = @_;
            $body = $edit->($body);
            return ( $head =~ s/^Content-Length: \d+/'Content-Length: ' . length $body/mier, $body );
        }
    };
}

# Each object has an error of its own: NAME => [response of the store, message, whether it is quarantined]
my %errors = (
    forbidden => [ response( 403, 'AccessDenied' ), qr/left out until it can be read: access denied/, 1 ],
    glacier  => [ response( 403, 'InvalidObjectState' ), qr/left out until it can be read: the object is archived/, 1 ],
    disabled => [
        response( 400, 'KMS.DisabledException' ),
        qr/left out until it can be read: the KMS key of the object is disabled; .* \(No\);/, 1
    ],
    customer => [ response( 400, 'InvalidRequest' ), qr/left out until it can be read: .* 400 InvalidRequest: No;/, 1 ],
    corrupt  => [
        body( sub { $_[0] =~ s/GET/PUT/r } ),
        qr/left out until it can be read: the object arrived corrupt: its MD5 is not its ETag/, 1
    ],
    shorter =>
      [ body( sub { substr $_[0], 1 } ), qr/left out until it can be read: the object arrived with the size/, 1 ],
    longer => [ body( sub { "$_[0] " } ), qr/left out until it can be read: the object is longer than S3's list/, 1 ],
    gone   => [
        response( 404, 'NoSuchKey' ),
qr/left out: the object is gone: it was deleted after it was listed; its records are not counted, unless this object comes back$/m,
        0
    ],
    changed => [
        response( 412, 'PreconditionFailed' ),
        qr/left out until it can be read: the object comes with another ETag than S3's list/, 1
    ],
);
my $proxy = S3Proxy->new(
    $server->address,
    sub {
        my ($name) = $_[0]{path} =~ m{/cdn/.*\.(\w+)\.gz\z} or return;
        return $errors{$name} && $errors{$name}[0];
    }
);
$server->put( 'logs', "cdn/E1.2026-10-31-10.$_.gz", Site::log_text("/$_") ) for sort( keys %errors ), 'good', 'fine';
my $run = $site->cat_later( '--endpoint', $proxy->endpoint );
is( $run->{status}, 0,                               'the run goes on' ) or diag( $run->{err} );
is( $run->{end},    'records=2 bad=0 quarantined=8', 'two are read, eight are quarantined' );
for my $name ( sort keys %errors ) {
    like( $run->{err}, qr/cdn\/E1\.2026-10-31-10\.$name\.gz: $errors{$name}[1]/, "$name: the message" );
    my $is_shown = ( $site->status )[1] =~ /left out: \S+\.$name\.gz / ? 1 : 0;
    is( $is_shown, $errors{$name}[2], "$name: status shows it if it is quarantined" );
}
is( ( $site->status )[0],               4,           'status: exit status 4' );
is( $site->cat_later->{out},            $run->{out}, 'the same batch once the errors are over: the same bytes' );
is( ( $site->commit( $run->{id} ) )[0], 0,           'commit' );
is(
    join( ' ', sort split / /, $site->cat->{paths} ),
    join( ' ', sort map { "/$_" } keys %errors ),
    'the next run: all that was left out'
);
is( ( $site->status )[0], 0, 'status: exit status 0' );

# An error of all objects changes nothing.
$server->put( 'logs', "cdn/E1.2026-10-31-11.$_.gz", Site::log_text("/$_") ) for 1 .. 30;
for my $case (
    [ 'a listing refused', sub { $_[0]{path} =~ /gz/ ? undef : response( 403, 'AccessDenied' ) }, qr/s3:ListBucket/ ],
    [ 'an unknown key ID', sub { response( 403, 'InvalidAccessKeyId' ) },                         qr/access key ID/ ],
    [ 'no permission',     sub { $_[0]{path} =~ /gz/ ? response( 403, 'AccessDenied' ) : undef }, qr/access denied/ ],
    [
        'corrupt objects',
        sub {
            $_[0]{path} =~ /gz/ ? body( sub { $_[0] =~ s/GET/PUT/r } ) : undef;
        },
        qr/its MD5 is not/
    ],
    [
        'wrong sizes in the list',
        sub {
            return $_[0]{path} =~ /gz/ ? undef : body( sub { $_[0] =~ s{(?<=<Size>)\d+}{$& + 1}egr } );
        },
        qr/the object arrived with the size/
    ],
  )
{
    my ( $name, $rule, $line ) = @$case;
    my $broken = S3Proxy->new( $server->address, $rule );
    my $failed = $site->cat( '', '--endpoint', $broken->endpoint );
    is( $failed->{status}, 1,  "$name: exit status 1" );
    is( $failed->{out},    '', "$name: no output" );
    like( $failed->{err}, $line, "$name: the message" );
    is( $failed->{err} =~ tr/\n//, 1, "$name: one line" ) or diag( $failed->{err} );
    is( ( $site->status )[0],      0, "$name: nothing is quarantined" );
}
is( $site->cat->{end}, 'records=30 bad=0 quarantined=0', 'once the errors are over, all objects are counted' );

# An object that no try brings, because the store or the network fails: left out if the run reads another object.
my $failing = S3Proxy->new(
    $server->address,
    sub {
        my ($request) = @_;
        return response( 500, 'InternalError' ) if $request->{path} =~ /broken/;
        return { cut => 20 } if $request->{path} =~ /cut/;
        return;
    }
);
my @from = ( '', '--endpoint', $failing->endpoint );
sub put { $server->put( 'logs', "cdn/E1.2026-10-31-11.$_.gz", Site::log_text("/$_") ) for @_; return }

sub count_asked {
    my ($word) = @_;
    return scalar grep { /$word/ } $failing->requests;
}
{
    put(qw(broken cut whole));
    my $run = $site->cat(@from);
    is( $run->{status}, 0,        'objects that do not come: exit status 0' );
    is( $run->{paths},  '/whole', 'objects that do not come: the others are counted' );
    like( $run->{err}, qr/broken\.gz: left out until it can be read: .* 500 InternalError/, 'status 500: the message' );
    like( $run->{err}, qr/cut\.gz: left out until it can be read: the response was cut off/, 'cut off: the message' );
    is( ( $site->status )[0],        4,              'objects that do not come: status shows them' );
    is( $site->cat(@from)->{paths},  '',             'the next run tries them again' );
    is( $site->cat(@from)->{status}, 0,              'a run that reads nothing, and has nothing new: exit status 0' );
    is( $site->cat->{paths},         '/broken /cut', 'once the errors are over, they are counted' );
    is( ( $site->status )[0],        0,              'once the errors are over, status shows nothing' );
}

# If no object comes, or many do not, the store or the network is down.
{
    put( map { "broken$_" } 1 .. 30 );
    my $run = $site->cat( @from, '--jobs', 1 );
    is( $run->{status}, 1, 'no object comes: exit status 1' );
    like( $run->{err}, qr/\A\S+ s3:\S+broken\d+\.gz: .* 500 InternalError.*\n\z/, 'no object comes: one line' );
    is( ( $site->status )[0], 0, 'no object comes: nothing is quarantined' );
    cmp_ok( count_asked('broken\d'), '<', 2 * 20, 'no object comes: few of them are tried' );
    put('a-whole');
    $run = $site->cat( @from, '--jobs', 4 );
    is( $run->{status}, 1, 'many objects do not come: exit status 1' );
    like( $run->{err}, qr/\A\S+ s3:\S+broken\d+\.gz: .* 500 InternalError.*\n\z/,
        'many objects do not come: one line' );
    is( ( $site->status )[0], 0, 'many objects do not come: nothing is quarantined' );
    cmp_ok( count_asked('broken\d'), '<', 2 * 50, 'many objects do not come: not all of them are tried' );
    $site->configure( exclude => '*broken*' );
    is( $site->cat(@from)->{paths}, '/a-whole', 'many objects do not come, with exclude: the others are counted' );
    $site->configure( exclude => undef );
    is(
        $site->cat->{end},
        'records=30 bad=0 quarantined=0',
        'without exclude, once the errors are over: all are counted'
    );
}

# AWStats may have counted a prepared batch: it keeps its objects.
{
    put(qw(c-broken c-whole));
    my $first = $site->cat_later;
    my $again = $site->cat_later( '--endpoint', $failing->endpoint );
    is( $again->{status},        1,             'an object of a prepared batch does not come: exit status 1' );
    is( $site->cat_later->{out}, $first->{out}, 'the next run: the same batch' );
    $site->commit( $first->{id} );
}

# An object that is overwritten between the listing and its transfer: the version that was listed, or none.
{
    $server->put( 'logs', 'cdn/E1.2026-10-31-12.a.gz', Site::log_text('/old') );
    my $late = S3Proxy->new(
        $server->address,
        sub {
            $server->put( 'logs', 'cdn/E1.2026-10-31-12.a.gz', Site::log_text('/new') ) if $_[0]{path} =~ /12\.a\.gz/;
            return;
        }
    );
    my $first = $site->cat( '', '--endpoint', $late->endpoint );
    is( $first->{paths}, '', 'overwritten: not read' );
    like( $first->{err}, qr/12\.a\.gz: the object changed after it was listed/, 'overwritten: a warning' );
    is( $site->cat->{paths}, '/new', 'overwritten: the new one, with the next run' );
}

done_testing;
