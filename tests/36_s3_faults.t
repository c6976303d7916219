#!/usr/bin/perl
# A proxy before a real S3 server makes the network and the store fail. The helper tries again after a passing
# error; any other error fails the run with a message, and no partial file gets its final name.
use strict;
use warnings;
use Test::More;
use Compress::Zlib ();
use File::Temp     qw(tempdir);
use FindBin        qw($Bin);
use POSIX          qw(strftime);
use Time::HiRes    qw(time);
use lib "$Bin/lib";
use Program qw(finish helper run start);
use S3Proxy;
use S3Server;

my $helper = helper();
my $server = S3Server->new;

# The times of helper/http/pool.h that this helper was built with.
my $stall_s = $ENV{HTTP_STALL_TIMEOUT_S} // 30;
my $retry_after_s = $ENV{HTTP_RETRY_AFTER_MAX_S} // 60;
my $silence_s = ( $ENV{HTTP_SILENCE_MAX_MS} // 30_000 ) / 1000;

my $dir = tempdir( CLEANUP => 1 );
$server->set_environment;
$server->make_bucket('logs');

sub error_document { my ($code) = @_; return "<Error><Code>$code</Code><Message>no</Message></Error>" }

sub set_length {
    my ($more) = @_;
    return sub {
        my ( $head, $body ) = @_;
        $head =~ s/^(Content-Length: )(\d+)/$1 . ($2 + $more)/mie;
        return ( $head, $body );
    };
}

# A fault whose message names the code of the error document.
sub named_fault {
    my ( $object, $status, $code ) = @_;
    return [
        $object,
        { status => $status, body => error_document($code) },
        qr/responded with HTTP status $status $code/
    ];
}

# Object, fault, and the message when the fault does not pass.
my @faults = (
    [ '500', { status => 500 },                                     qr/responded with HTTP status 500/ ],
    [ '502', { status => 502, body => '<html>' },                   qr/responded with HTTP status 502/ ],
    [ '503', { status => 503, body => error_document('SlowDown') }, qr/fewer requests/ ],
    [ '504', { status => 504 },                                     qr/responded with HTTP status 504/ ],
    [ '429', { status => 429, headers => { 'Retry-After' => 0 } },  qr/responded with HTTP status 429/ ],
    named_fault( 'internal', 500, 'InternalError' ),
    named_fault( 'timeout',  400, 'RequestTimeout' ),
    named_fault( 'conflict', 409, 'ConditionalRequestConflict' ),
    named_fault( 'aborted',  409, 'OperationAborted' ),
    [ 'dropped',     { drop => 1 },                          qr/the connection to .* failed/ ],
    [ 'cut',         { cut  => 1000 },                       qr/the response was cut off after 1000 bytes/ ],
    [ 'cut-at-once', { cut  => 0 },                          qr/the response was cut off after 0 bytes/ ],
    [ 'one-short',   { cut  => 2999 },                       qr/the response was cut off after 2999 bytes/ ],
    [ 'says-longer', { edit => set_length(5), cut => 3000 }, qr/the response was cut off after 3000 bytes|longer/ ],
    [
        'says-shorter',
        { edit => set_length(-5) },
        qr/the object arrived with the size 2995, but S3's list of objects says 3000|not HTTP/
    ],
    [
        'corrupt',
        { edit => sub { my ( $h, $b ) = @_; substr( $b, 1500, 1 ) ^= "\1"; return ( $h, $b ) } },
        qr/the object arrived corrupt: its MD5 is not its ETag/
    ],
    [ 'another-size', { status => 200, body => 'x' x 3001 }, qr/longer than S3's list of objects says/ ],
);
my $number = 0;
my %content = map {
    my $name = $_;
    $number++;    # no two objects hold the same
    ( $name => join '', map { chr 33 + ( $_ * 7 + $number ) % 90 } 1 .. 3000 )
} ( map { $_->[0] } @faults ), 'slow', 'stalled', 'denied', 'gone', 'glacier', 'later', 'plain';
$server->put( 'logs', "cdn/$_", $content{$_} ) for sort keys %content;

sub content_is {
    my ( $path, $name ) = @_;
    ok( -e $path && Program::content($path) eq $content{$name}, "$name: the file is right" );
    return;
}

# All of the faults once, in one run, and a stall beside the other tests.
my %fault = map { $_->[0] => $_->[1] } @faults, [ 'slow', { slow => 150 } ],
  [ 'later', { status => 503, headers => { 'Retry-After' => 2 } } ], [ 'stalled', { stall => $stall_s + 3 } ];
my $passing = S3Proxy->new(
    $server->address,
    sub {
        my ($request) = @_;
        my ($name) = $request->{path} =~ m{^/logs/cdn/(.+)} or return;
        return $fault{$name} if $request->{count} == 1;
        return;
    }
);
my $without_stall = S3Proxy->new(
    $server->address,
    sub {
        my ($request) = @_;
        my ($name) = $request->{path} =~ m{^/logs/cdn/(.+)} or return;
        return $request->{count} == 1 && $name ne 'stalled' ? $fault{$name} : undef;
    }
);

# A store that asks for patience, twice: for longer than a run stays silent; in a test build, for longer than a
# run waits.
my $asked_s = $retry_after_s < 31 ? $retry_after_s : 31;
$server->put( 'logs', 'patience/x', 'x' );
my $busy = S3Proxy->new(
    $server->address,
    sub {
        my ($request) = @_;
        return if $request->{path} ne '/logs/patience/x' || $request->{count} > 2;
        return { status => 503, headers => { 'Retry-After' => 31 }, body => error_document('SlowDown') };
    }
);
my $patience = start( $helper, 'fetch', 's3://logs/patience/', '--to', "$dir/patience", '--endpoint', $busy->endpoint );
my $began = time;
my $stall =
  start( $helper, 'fetch', 's3://logs/cdn/stalled', '--to', "$dir/stalled", '--endpoint', $passing->endpoint );
my $once =
  start( $helper, 'fetch', '-v', 's3://logs/cdn/', '--to', "$dir/once", '--endpoint', $without_stall->endpoint );

# Each fault for ever, each in a run of its own.
my $staying = S3Proxy->new( $server->address,
    sub { my ($request) = @_; return $request->{path} =~ m{^/logs/cdn/(.+)} ? $fault{$1} : undef } );
my @jobs = map {
    [
        @$_,
        start(
            $helper, 'fetch', "s3://logs/cdn/$_->[0]", '--to',
            "$dir/stays-$_->[0]", '--endpoint', $staying->endpoint
        )
    ]
} grep { $_->[0] ne 'cut' && $_->[0] ne '500' } @faults;

my ( $status, $out, $err ) = finish($once);
is( $status, 0, 'faults that end: exit status 0' ) or diag($err);
my $objects = keys %content;
like( $err, qr/: $objects objects fetched /, 'faults that end: every object came' );

# libcurl itself may silently replace a persistent connection that ends before the first byte of a response.
like( $err, qr{s3://logs/cdn/$_->[0]: .*trying again in}, "$_->[0]: tried again" )
  for grep { $_->[0] ne 'dropped' } @faults;
like( $err, qr{s3://logs/cdn/later: .*trying again in 2\.0 s}, 'Retry-After is respected' );
unlike( $err, qr/\Q${\ $server->secret}\E|Signature=[0-9a-f]/, 'no secret and no signature in any message' );
content_is( "$dir/once/$_", $_ ) for sort keys %content;

for (@jobs) {
    my ( $name, undef, $message, $job ) = @$_;
    ( $status, $out, $err ) = finish($job);
    is( $status, 1, "$name for ever: exit status 1" );
    $err =~ s/^.*; trying again in [\d.]+ s\n//mg;    # on a slow machine, where the tries take longer than usual
    like( $err, qr{\A\S+ s3://logs/cdn/$name: .*$message.* \(tried \d+ times\)\n\z}, "$name for ever: one line" );
    ok( !-e "$dir/stays-$name/$name", "$name for ever: no file" );
}

# A store that asks for a pause of days, for one object: the run does not wait for that.
my $closed = S3Proxy->new(
    $server->address,
    sub {
        my ($request) = @_;
        return if $request->{path} ne '/logs/cdn/later';
        return { status => 503, headers => { 'Retry-After' => 259_200 }, body => error_document('SlowDown') };
    }
);
( $status, $out, $err ) =
  run( $helper, 'fetch', 's3://logs/cdn/', '--to', "$dir/closed", '--endpoint', $closed->endpoint );
is( $status, 1, 'a pause of days: exit status 1' );
like(
    $err,
qr{\A\S+ s3://logs/cdn/later: [^\n]*; the server asks for a pause of 259200 s; run the command again after that \(tried 1 time\)\n\z},
    'a pause of days: one line'
);
content_is( "$dir/closed/$_", $_ ) for grep { $_ ne 'later' } sort keys %content;

# Refusals of single objects: named, and the others are fetched.
my $refusing = S3Proxy->new(
    $server->address,
    sub {
        my ($request) = @_;
        my %refusal = ( denied => 'AccessDenied', gone => 'NoSuchKey', glacier => 'InvalidObjectState' );
        my ($name) = $request->{path} =~ m{^/logs/cdn/(.+)} or return;
        my $code = $refusal{$name}                          or return;
        sleep 1;
        return { status => $code eq 'NoSuchKey' ? 404 : 403, body => error_document($code) };
    }
);
( $status, $out, $err ) =
  run( $helper, 'fetch', 's3://logs/cdn/', '--to', "$dir/refused", '--endpoint', $refusing->endpoint );
is( $status,         1, '403 for one object: exit status 1' );
is( $err =~ tr/\n//, 3, 'a line for each object that was refused' ) or diag($err);
like(
    $err,
    qr{^\S+ s3://logs/cdn/denied: access denied: no; allow s3:GetObject on arn:aws:s3:::logs/\* in the IAM policy of}m,
    '403: what to allow'
);
like( $err, qr{^\S+ s3://logs/cdn/gone: the object is gone}m,        'an object that is gone' );
like( $err, qr{^\S+ s3://logs/cdn/glacier: the object is archived}m, 'an archived object' );
content_is( "$dir/refused/plain", 'plain' );
is( scalar( grep { m{/cdn/denied} } $refusing->requests ), 1, 'a refused request is not tried again' );

# An error of all objects is printed once.
for ( [ 'AccessDenied', qr/access denied: no; allow/ ], [ 'ExpiredToken', qr/session token .* has expired/ ] ) {
    my ( $code, $message ) = @$_;
    my $all = S3Proxy->new( $server->address,
        sub { return $_[0]{path} =~ m{^/logs/cdn/} ? { status => 403, body => error_document($code) } : undef } );
    for my $command ( [ 'fetch', '--to', "$dir/all" ], ['cat'] ) {
        ( $status, $out, $err ) = run( $helper, @$command, 's3://logs/cdn/', '--endpoint', $all->endpoint );
        is( $status, 1,  "$code for all, $command->[0]: exit status 1" );
        is( $out,    '', "$code for all, $command->[0]: no output" );
        like( $err, qr{\A\S+ s3://logs/cdn/\S+: .*$message.*\n\z}, "$code for all, $command->[0]: one line" );
    }
}

# Listings.
sub list_with {
    my ( $rule, @option ) = @_;
    my $proxy = S3Proxy->new( $server->address,
        sub { my ($request) = @_; return $request->{path} eq '/logs' ? $rule->($request) : undef } );
    my @result =
      run( $helper, 'fetch', 's3://logs/cdn/', '--to', "$dir/list", '--endpoint', $proxy->endpoint, @option );
    return @result;
}

( $status, $out, $err ) = list_with( sub { return { status => 404, body => error_document('NoSuchKey') } } );
is( $status, 1, 'a list that is answered with NoSuchKey: exit status 1' );
like(
    $err,
qr{\A\S+ s3://logs/cdn/: 127\S+ responded with HTTP status 404 NoSuchKey to a request that names no object, \N+; check the endpoint\N+\n\z},
    'a list that is answered with NoSuchKey: the endpoint is wrong'
);

sub edit_body {
    my ($edit) = @_;
    return {
        edit => sub {
            my ( $head, $body ) = @_;
            $edit->($body) for $body;
            $head =~ s/^Content-Length: \d+/'Content-Length: ' . length $body/mie;
            return ( $head, $body );
        }
    };
}

for (
    [ 'cut off',       { cut    => 300 } ],
    [ '503',           { status => 503 } ],
    [ 'truncated XML', edit_body( sub { substr( $_[0], -40 ) = '' } ) ],
    [ 'ends early',    edit_body( sub { $_[0] =~ s{<Contents>.*?</Contents>}{} } ) ],
    [ 'damaged',       edit_body( sub { $_[0] =~ s{</Key>}{</Kex>} } ) ],
    [ 'of another',    edit_body( sub { $_[0] =~ s{<Key>cdn/}{<Key>cdx/}g } ) ],
  )
{
    my ( $name, $fault ) = @$_;
    ( $status, $out, $err ) = list_with( sub { return $_[0]{count} == 1 ? $fault : undef } );
    is( $status, 0, "a listing $name, once: exit status 0" ) or diag($err);
    like( $err, qr/ $objects unchanged| $objects objects fetched/, "a listing $name, once: all objects" );
}

my $page_2 = qr/continuation-token=/;
my @listings = (
    [
        'a page again',
        sub {
            return $_[0]{query} =~ $page_2
              ? edit_body(
                sub {
                    $_[0] =~ s{<Key>cdn/[^<]*}{<Key>cdn/2}g;
                }
              )
              : undef;
        },
        qr/repeats some or is out of order/
    ],
    [
        'truncated',
        sub {
            return $_[0]{query} =~ $page_2 ? edit_body( sub { substr( $_[0], -30 ) = '' } ) : undef;
        },
        qr/list of objects is truncated/
    ],
    [
        'without its token and its objects',
        sub {
            return edit_body(
                sub { $_[0] =~ s{<NextContinuationToken>.*?</N\w+>}{}; $_[0] =~ s{<Contents>.*</Contents>}{}s } );
        },
        qr/does not say whether more pages follow/
    ],
    [
        'in circles',
        sub {
            my ($request) = @_;
            my ($token) = $request->{query} =~ /continuation-token=([^&]+)/;
            return $token
              ? edit_body(
                sub {
                    my $same = $token =~ s/%(..)/chr hex $1/ger;
                    $_[0] =~ s{(<NextContinuationToken>).*?<}{$1$same<};
                }
              )
              : undef;
        },
        qr/list of objects repeats a page/
    ],
    [
        'no listing',
        sub { return { status => 200, body => '<html><body/></html>' } },
        qr/responded with HTTP status 200 and a web page, as no S3 server does; check/
    ],
    [
        'not XML',
        sub { return { status => 200, body => 'It works!' } },
        qr/list of objects is not well-formed XML/
    ],
);
my ( @proxies, @list_jobs );
for (@listings) {
    my ( $name, $rule, $message ) = @$_;
    push @proxies,
      S3Proxy->new( $server->address,
        sub { my ($request) = @_; return $request->{path} eq '/logs' ? $rule->($request) : undef } );
    push @list_jobs,
      [ $name, $message, start( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $proxies[-1]->endpoint ) ];
}
for (@list_jobs) {
    my ( $name, $message, $job ) = @$_;
    ( $status, $out, $err ) = finish($job);
    is( $status, 1,  "a listing $name: exit status 1" );
    is( $out,    '', "a listing $name: no output" );
    like( $err, qr{\A\S+ s3://logs/cdn/: .*$message.*\n\z}, "a listing $name: one line" );
}

# This machine's clock is wrong, by the store's Date header.
for ( [ -1200, '20 minutes ahead of' ], [ 1200, '20 minutes behind' ], [ 86400 * 3, '72 hours behind' ] ) {
    my ( $offset, $words ) = @$_;
    my $date = strftime '%a, %d %b %Y %H:%M:%S GMT', gmtime( time + $offset );
    ( $status, $out, $err ) = list_with(
        sub {
            return { status => 403, headers => { Date => $date }, body => error_document('RequestTimeTooSkewed') };
        }
    );
    is( $status, 1, "a clock $words: exit status 1" );
    like(
        $err,
        qr{\A\S+ s3://logs/cdn/: this machine's clock is $words the clock of the S3 server; set it right .*\n\z},
        "a clock $words: one line"
    );
}

# Where the ETag is no MD5, the gzip data shows whether an object is complete.  fetch names an object that is
# corrupt, and fetches all others.  Where the MD5 fits, fetch copies the bytes that the bucket has.
my $plain = join '', map { $_ * 7919 % 100003 } 1 .. 3000;
my $whole = Compress::Zlib::memGzip($plain);
my $corrupt = $whole;
substr( $corrupt, 3000, 1 ) ^= "\x55";
$server->put( 'logs', "gzip/$_",        $whole ) for 'a-passing', 'b-staying', 'e-cut', 'f-whole', 'g-two';
$server->put( 'logs', 'gzip/c-stored',  $corrupt );
$server->put( 'logs', 'gzip/d-cut-off', substr $whole, 0, -9 );
$server->put( 'logs', 'gzip/h-stored',  $corrupt );
$server->put( 'logs', 'gzip/g-two',     $whole . $whole );
my $multipart = S3Proxy->new(
    $server->address,
    sub {
        my ($request) = @_;
        my ($name) = $request->{path} =~ m{^/logs/gzip/(.+)} or return;
        my $damages = $name =~ /passing/ && $request->{count} <= 2 || $name =~ /staying/;
        return {
            edit => sub {
                my ( $head, $body ) = @_;
                $head =~ s/^ETag: [^\r]*/ETag: "d41d8cd98f00b204e9800998ecf8427e-2"/mi
                  if $name =~ /passing|staying|c-stored|d-cut|whole/;
                substr( $body, 2000, 1 ) ^= "\x55" if $damages;
                return ( $head, $body );
            }
        };
    }
);
( $status, $out, $err ) =
  run( $helper, 'fetch', 's3://logs/gzip/', '--to', "$dir/gzip", '--endpoint', $multipart->endpoint );
is( $status,         1, 'damaged gzip data: exit status 1' );
is( $err =~ tr/\n//, 3, 'damaged gzip data: a line for each object' ) or diag($err);
like(
    $err,
    qr{^\S+ s3://logs/gzip/b-staying: corrupt gzip data \(tried 7 times\): not copied, because .* is corrupt; replace}m,
    'no MD5: corrupt in every try'
);
like(
    $err,
    qr{^\S+ s3://logs/gzip/c-stored: corrupt gzip data \(tried 7 times\): not copied, because .* is corrupt; replace}m,
    'damaged in the bucket'
);
like(
    $err,
qr{^\S+ s3://logs/gzip/d-cut-off: truncated gzip data \(tried 7 times\): not copied, because .* is corrupt; replace}m,
    'cut off in the bucket'
);
is( scalar( grep { m{/gzip/a-passing} } $multipart->requests ),
    3, 'no MD5: an object that became corrupt on the way is tried again' );
is_deeply(
    [ sort map { s{.*/}{}r } glob "$dir/gzip/*" ],
    [ 'a-passing', 'e-cut', 'f-whole', 'g-two', 'h-stored' ],
    'damaged gzip data: no file has its name, and all others have theirs'
);
ok( Program::content("$dir/gzip/a-passing") eq $whole,  'no MD5: the file is right' );
ok( Program::content("$dir/gzip/h-stored") eq $corrupt, 'the MD5 fits: the file has the bytes of the bucket' );

( $status, $out, $err ) = finish($patience);
is( $status, 0, 'a busy store: exit status 0' );
like(
    $err,
    qr{\A\S+ s3://logs/patience/x: .*fewer requests.*; trying again in $asked_s\.0 s\n\S+ 1 object fetched .*\n\z},
    "a busy store: one note, after $silence_s s"
);

( $status, $out, $err ) = finish($stall);
is( $status, 0, "no byte for $stall_s s: tried again" ) or diag($err);
cmp_ok( time - $began, '>', $stall_s, "no byte for $stall_s s: it took that long" );
content_is( "$dir/stalled/stalled", 'stalled' );

done_testing;
