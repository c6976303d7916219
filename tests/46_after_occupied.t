#!/usr/bin/perl
# after = move of a bucket never replaces an object at the target, and knows its own copies, whatever the store tells
# about them and whether or not it knows a condition for copies.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use FindBin    qw($Bin);
use HTTP::Tiny;
use JSON::PP ();
use lib "$Bin/lib";
use AwsAddress;
use LimitedStore;
use Program;
use Site;

delete @ENV{ grep { /^AWS_|_proxy\z/i } keys %ENV };
my $home = File::Temp->newdir;
@ENV{qw(HOME AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION no_proxy AWS_EC2_METADATA_DISABLED)} =
  ( "$home", 'AKIDEXAMPLE', 'secret', 'us-east-1', '*', 'true' );
my $denied = '<Error><Code>AccessDenied</Code></Error>';
my $occupied =
qr{cannot be moved: the target, s3://done/\w+/, has an object of this name that is not equal; rename or remove that one; };
my @key = map { "cdn/E1.2026-10-31-10.000$_.gz" } 1 .. 3;
my @copy = map { s{^cdn/}{done:old/}r } @key;

sub text { return Site::log_text("/$_[0]") }

sub store {
    my ( $objects, %option ) = @_;
    return LimitedStore->new( latency => 0, objects => $objects, %option );
}

sub site {
    my ( $store, @more ) = @_;
    return Site->new( source => 's3://logs/cdn/', after => 'move s3://done/old', endpoint => $store->endpoint, @more );
}

my $client = HTTP::Tiny->new( no_proxy => ['*'] );
sub url     { return $_[0]->endpoint . '/' . ( $_[1] =~ /:/ ? $_[1] =~ s{:}{/}r : "logs/$_[1]" ) }
sub content { return $client->get( url(@_) )->{content} }
sub put     { return $client->put( url( @_[ 0, 1 ] ), { content => $_[2] } )->{success} }

sub count {
    my ( $store, $pattern ) = @_;
    return scalar grep { $_ =~ $pattern } $store->requests;
}

# An object comes again under its name, with another content; a store that ignores conditions, and one that knows them.
foreach my $knows ( 0, 1 ) {
    my $name = $knows ? 'the same name again, conditions' : 'the same name again';
    my $store = store( { $key[0] => text('first') }, conditional => $knows );
    my $site = site($store);
    is( $site->cat->{err}, '', "$name: the first is moved" );
    ok( put( $store, $key[0], text('second') ), "$name: the second" );
    my $run = $site->cat;
    is( $run->{paths}, '/second', "$name: the second is counted" );
    like( $run->{err}, qr/^\N*: \Q$key[0]\E: $occupied\N*\n\z/m, "$name: a warning" );
    is( content( $store, $copy[0] ), text('first'),  "$name: the first is at the target" );
    is( content( $store, $key[0] ),  text('second'), "$name: the second is in the source" );
    like( $site->report,     qr/still to be moved: 1\n    1 of them cannot be, .*: the target, /, "$name: status" );
    like( $site->cat->{err}, $occupied, "$name: the next run" );
    is( content( $store, $copy[0] ), text('first'), "$name: the next run replaces nothing" );
    ok( $client->delete( url( $store, $copy[0] ) )->{success}, "$name: the other one is removed" );
    is( $site->cat->{err},            '',             "$name: then the second is moved" );
    is( join( ' ', $store->keys_of ), $copy[0],       "$name: away" );
    is( content( $store, $copy[0] ),  text('second'), "$name: to the target" );
}

# An object that waits, and is removed from the source by somebody else.
{
    my $store = store( { $key[0] => text('own'), $copy[0] => text('another') } );
    my $site = site($store);
    like( $site->cat->{err}, $occupied, 'removed from the source: it waits before' );
    ok( $client->delete( url( $store, $key[0] ) )->{success}, 'removed from the source' );
    is( $site->cat->{err}, '', 'removed from the source: no warning' );
    unlike( $site->report, qr/still to be/, 'removed from the source: nothing waits' );
}

# Three objects wait, and somebody removes what occupies the place of the second one.
{
    my %object = map { ( $key[$_] => text("own$_") ) } 0 .. 2;
    my $store = store( { %object, map { ( $copy[$_] => text('another') ) } 0 .. 2 } );
    my $site = site($store);
    my $told = sub {
        my ( $run, $count, $name ) = @_;
        like( $run->{err}, qr/\A\N*: \Q$key[0]\E: $occupied\N*\n(?:\N*: $count counted objects in all \N*\n)?\z/,
            $name );
        return;
    };
    like( $site->cat->{err}, qr/\A\N*: $occupied\N*\n\N*: 3 counted objects in all \N*\n\z/, 'three wait: a warning' );
    $told->( $site->cat, 3, 'three wait: the next run' );
    like(
        $site->report('-v'),
        qr/first is \Q$key[0]\E: \N*\n      $key[0]\n      $key[1]\n      $key[2]\n  /,
        'three wait: status -v'
    );
    my $json = JSON::PP::decode_json( $site->report('--json') )->[0];
    is( join( ' ', @{ $json->{clean_up_errors}[0]{keys} } ), join( ' ', @key ), 'three wait: status --json' );
    ok( $client->delete( url( $store, $copy[1] ) )->{success}, 'three wait: the second place is free' );
    $told->( $site->cat, 2, 'two wait: a warning' );
    is( join( ' ', $store->keys_of ), join( ' ', @key[ 0, 2 ], @copy ), 'two wait: the second is moved' );
    like(
        $site->report,
        qr/still to be moved: 2\n    2 of them cannot be, the first is \Q$key[0]\E: /,
        'two wait: status'
    );
    put( $store, 'cdn/E1.2026-10-31-11.00004.gz', text('new') );
    ok( $client->delete( url( $store, $copy[2] ) )->{success}, 'two wait: the third place is free' );
    my $run = $site->cat;
    is( $run->{paths}, '/new', 'one waits: a new object is counted' );
    $told->( $run, 1, 'one waits: a warning' );
    is(
        join( ' ', $store->keys_of ),
        join( ' ', $key[0], @copy, 'done:old/E1.2026-10-31-11.00004.gz' ),
        'one waits: all others are moved'
    );
    $site->configure( after => 'keep' );
    is( $site->cat->{err}, '', 'after = keep: no warning' );
    my $report = $site->report;
    like(
        $report,
        qr/^  objects that were to be deleted or moved, and stay because of after = keep: 1\n/m,
        'after = keep: status'
    );
    unlike( $report, qr/still to be|cannot be/, 'after = keep: nothing waits' );
}

# Objects that fail for one reason, and in the next run for that of other objects: the warning counts each object once.
{
    my $flag = "$home/denies";
    Program::write_file( $flag, '' );
    my $store = store( { $copy[0] => text('another'), map { ( $key[$_] => text("own$_") ) } 0 .. 2 },
        rule => sub { return $_[0]{head} =~ /^x-amz-copy-source:/mi && -e $flag ? [ 403, $denied ] : undef } );
    my $site = site($store);
    my $three = qr/cannot be moved: \N*\n\N*: 3 counted objects in all \N*\n\z/;
    like( $site->cat->{err}, $three, 'a copy is denied, or its place is taken: a warning' );
    like( $site->report,     qr/\b2 of them cannot be, \N*: access denied/, 'status tells the reasons apart' );
    unlink $flag;
    put( $store, $copy[$_], text('another') ) foreach 1, 2;
    like( $site->cat->{err}, $three,                                       'all places are taken: the same number' );
    like( $site->report,     qr/\b3 of them cannot be, \N*: the target, /, 'status has it, too' );
}

# What the target has already, before this site has ever copied: another object, of the same size or not, or the copy of
# a run that was killed.  Where a bucket is encrypted with a key, only the contents tell which it is.
foreach my $encrypted ( '', 'done', 'logs', 'done logs' ) {
    my $name = "the target has objects, encrypted: '$encrypted'";
    my %object = map { ( $key[$_] => text("own$_") ) } 0 .. 2;
    my $store = store( { %object, $copy[0] => text('own9'), $copy[1] => text('longer'), $copy[2] => text('own2') },
        encrypted => $encrypted );
    my $site = site($store);
    my $run = $site->cat;
    like(
        $run->{err},
        qr/\A\N*: \Q$key[0]\E: $occupied\N*\n\N*: 2 counted objects in all \N*\n\z|\A\N*: \Q$key[1]\E: $occupied/,
        "$name: a warning"
    );
    is( join( ' ', $store->keys_of ),  join( ' ', @key[ 0, 1 ], @copy ), "$name: only that of the copy is gone" );
    is( content( $store, $copy[0] ),   text('own9'),                     "$name: another of the same size" );
    is( content( $store, $copy[1] ),   text('longer'),                   "$name: another of another size" );
    is( count( $store, qr/^\d+ PUT/ ), 0,                                "$name: nothing is copied" );
}

# The store has made the copy, and its response is lost: the next try, on a condition, finds the copy.
foreach my $encrypted ( '', 'done' ) {
    my $name = "a lost response, encrypted: '$encrypted'";
    my $objects = { $key[0] => text('own') };
    my $store = store(
        $objects,
        conditional => 1,
        encrypted   => $encrypted,
        rule        => sub {
            my ($request) = @_;
            return if $request->{method} ne 'PUT' || $request->{count} > 1;
            $objects->{ $copy[0] } = $objects->{ $key[0] };
            return [ 500, '' ];
        }
    );
    my $site = site($store);
    is( $site->cat->{err},             '',          "$name: no warning" );
    is( content( $store, $copy[0] ),   text('own'), "$name: the copy" );
    is( count( $store, qr/^412 PUT/ ), 1,           "$name: the second try is refused" );
    is( join( ' ', $store->keys_of ),  $copy[0],    "$name: moved" );
    unlike( $site->report, qr/still to be/, "$name: nothing waits" );
}

# Another object comes between look and copy.
{
    my $objects = { $key[0] => text('own') };
    my $store = store(
        $objects,
        conditional => 1,
        rule        => sub { $objects->{ $copy[0] } //= text('another') if $_[0]{method} eq 'PUT'; return }
    );
    my $site = site($store);
    like( $site->cat->{err}, $occupied, 'another object just before the copy: a warning' );
    is( content( $store, $copy[0] ), text('another'), 'another object just before the copy: is there' );
    is( content( $store, $key[0] ),  text('own'),     'another object just before the copy: the original, too' );
}

# Another object comes between look and copy, and is gone a moment later.  The store knows the condition, so no copy is
# made without it.
{
    my $marker = File::Temp->newdir;
    my $objects = { map { ( $key[$_] => text("own$_") ) } 0 .. 2 };
    my $store = store(
        $objects,
        conditional => 1,
        rule        => sub {
            my ($request) = @_;
            return if $request->{method} ne 'PUT';
            Program::write_file( "$marker/unconditional", '' ) if $request->{head} !~ /^If-None-Match: \*\r$/mi;
            return $request->{path} =~ /0001/ && $request->{count} == 1
              ? [ 412, '<Error><Code>PreconditionFailed</Code></Error>' ]
              : undef;
        }
    );
    my $site = site($store);
    like(
        $site->cat->{err},
qr/\A\N*: \Q$key[0]\E: cannot be moved: the S3 server refuses the copy as if \N*, but finds none there; \N*\n\z/,
        'another object for a moment: a warning'
    );
    is( join( ' ', $store->keys_of ), join( ' ', $key[0], @copy[ 1, 2 ] ), 'another object for a moment: it waits' );
    is( $site->cat->{err},            '',                 'another object for a moment: then the copy works' );
    is( join( ' ', $store->keys_of ), join( ' ', @copy ), 'another object for a moment: then all are moved' );
    ok( !-e "$marker/unconditional", 'another object for a moment: each copy has the condition' );
}

# The original is replaced between look and copy: the new one is counted next.
{
    my $objects = { $key[0] => text('old') };
    my $store = store(
        $objects,
        conditional => 1,
        rule        => sub {
            return if $_[0]{method} ne 'PUT' || $objects->{ $key[0] } eq text('new') && $_[0]{count} > 1;
            $objects->{ $key[0] } = text('new');
            return [ 412, '<Error><Code>PreconditionFailed</Code></Error>' ];
        }
    );
    my $site = site($store);
    is( $site->cat->{err},           '',          'replaced before the copy: no warning' );
    is( $site->cat->{paths},         '/new',      'replaced before the copy: counted next' );
    is( content( $store, $copy[0] ), text('new'), 'replaced before the copy: and moved' );
}

# Where a bucket is encrypted with a key, another object of the same size is not taken for the copy: neither one that
# replaces the copy at once, nor one that replaces it, or is at another target, before the run that deletes the original.
foreach my $encrypted ( 'done', 'logs', 'done logs' ) {
    my $name = "another object in place of the copy, encrypted: '$encrypted'";
    my $objects = { $key[0] => text('own0') };
    my $store = store(
        $objects,
        encrypted => $encrypted,
        rule      => sub {
            $objects->{ $copy[0] } &&= text('own9') if $_[0]{method} eq 'HEAD' && $_[0]{path} =~ m{^/done/};
            return;
        }
    );
    like( site($store)->cat->{err}, qr/its copy in the new place is not equal to it/, "$name, at once: a warning" );
    is( content( $store, $key[0] ),  text('own0'), "$name, at once: the original stays" );
    is( content( $store, $copy[0] ), text('own9'), "$name, at once: the other one, too" );

    my $marker = File::Temp->newdir;
    $objects = { $key[0] => text('own0'), 'done:other/' . $key[0] =~ s{^cdn/}{}r => text('own9') };
    $store = store(
        $objects,
        encrypted => $encrypted,
        rule      => sub { return $_[0]{method} eq 'POST' && !-e "$marker/allowed" ? [ 403, $denied ] : undef }
    );
    my $site = site($store);
    like( $site->cat->{err}, qr/access denied; allow s3:DeleteObject/, "$name: the deletion is denied" );
    Program::write_file( "$marker/allowed", '' );
    $site->configure( after => 'move s3://done/other' );
    like( $site->cat->{err}, $occupied, "$name, at another target: a warning" );
    $site->configure( after => 'move s3://done/old' );
    ok( put( $store, $copy[0], text('own9') ), "$name, later: comes" );
    like( $site->cat->{err}, $occupied, "$name, later: a warning" );
    is( content( $store, $key[0] ), text('own0'), "$name, later: the original stays" );
}

# The response to a copy may lack the ETag.  Then only the contents tell whether the object at the target is the copy.
foreach my $has_tag ( 0, 1 ) {
    my $name = $has_tag ? 'a response with an ETag' : 'a response without an ETag';
    my $objects = { $key[0] => text('own') };
    my $store = store(
        $objects,
        encrypted => 'done',
        rule      => sub {
            return if $has_tag || $_[0]{method} ne 'PUT';
            $objects->{ $copy[0] } = $objects->{ $key[0] };
            return [ 200, '<CopyObjectResult/>' ];
        }
    );
    is( site($store)->cat->{err},                  '',               "$name: no warning" );
    is( count( $store, qr{^200 GET /done/old/} ),  $has_tag ? 0 : 1, "$name: the copy is read, or not" );
    is( content( $store, $copy[0] ),               text('own'),      "$name: the copy is there" );
    is( content( $store, $key[0] ) =~ /NoSuchKey/, 1,                "$name: the original is gone" );
}

# Without s3:ListBucket on the target, S3 denies the look at an object that does not exist.  AWS obeys the condition of a
# copy; from another store, nobody knows, so the objects wait.  Newer credentials would change nothing, so they are not
# fetched.
my $unseen =
qr/: whether another object of this name is in the target cannot be seen: access denied; allow s3:ListBucket on \S+:done /;
foreach my $kind ( 'AWS', 'a store with conditions', 'a store without conditions' ) {
    my $name = "no s3:ListBucket, $kind";
    my $objects = { ( map { ( $key[$_] => text("own$_") ) } 0 .. 2 ), $copy[1] => text('another') };
    my $store = store(
        $objects,
        conditional => $kind !~ /without/,
        rule        => sub {
            my ( $method, $path ) = @{ $_[0] }{qw(method path)};
            my $is_missing = $path =~ m{^/done/(.*)} && !exists $objects->{"done:$1"};
            return $method eq 'HEAD' && $is_missing ? [ 403, '' ] : undef;
        }
    );
    local @ENV{qw(AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY https_proxy no_proxy AWS_CA_BUNDLE)};
    delete @ENV{qw(AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY https_proxy AWS_CA_BUNDLE)};
    my $aws = $kind eq 'AWS' ? AwsAddress->new( $store->address ) : undef;
    @ENV{qw(https_proxy AWS_CA_BUNDLE no_proxy)} = ( $aws->endpoint, $aws->certificate, '' ) if $aws;
    $ENV{no_proxy} = '*' if !$aws;
    mkdir "$home/.aws";
    Program::write_file( "$home/keys",
        "echo >>$home/fetched\necho '{\"Version\": 1, \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"B\"}'\n" );
    Program::write_file( "$home/.aws/config",
        "[default]\ncredential_process = /bin/sh $home/keys\ns3 =\n  addressing_style = path\n" );
    unlink "$home/fetched";
    my $site = site( $store, $aws ? ( endpoint => undef ) : () );
    my $run = $site->cat;
    is( $run->{end}, 'records=3 bad=0 quarantined=0', "$name: counted" ) or diag( $run->{err} );

    if ($aws) {
        like( $run->{err}, qr/\A\N*: \Q$key[1]\E: $occupied\N*\n\z/, "$name: a warning about the other object" );
        is( join( ' ', $store->keys_of ), join( ' ', $key[1], @copy ), "$name: the others are moved" );
    }
    else {
        like( $run->{err} . $site->report, $unseen, "$name: a warning, or status" );
        is( join( ' ', $store->keys_of ), join( ' ', @key, $copy[1] ), "$name: nothing is copied" );
    }
    is( content( $store, $copy[1] ), text('another'), "$name: the other object is there" );
    cmp_ok( -s "$home/fetched", '<=', 2, "$name: the credentials are not fetched for each object" );
    unlink "$home/.aws/config";
}

# The store denies each look at the target, or only the first one: what is there is not replaced.
foreach my $most ( 1, 99 ) {
    my $objects = { $key[0] => text('own'), $copy[0] => text('another') };
    my $store = store(
        $objects,
        rule => sub {
            my ( $method, $path, $count ) = @{ $_[0] }{qw(method path count)};
            return "$method $path" =~ m{^(?:HEAD|GET) /done/} && $count <= $most ? [ 403, $denied ] : undef;
        }
    );
    like( site($store)->cat->{err}, $unseen, "$most looks denied: a warning" );
    is( join( ' ', $store->keys_of ),  "$key[0] $copy[0]", "$most looks denied: the original stays" );
    is( count( $store, qr/^200 PUT/ ), 0,                  "$most looks denied: the other object, too" );
}

# A store that rejects the condition: it copies without, unless it also denies the look.
foreach ( [ 501, 'NotImplemented' ], [ 400, 'InvalidArgument' ], [ 405, 'MethodNotAllowed' ] ) {
    my ( $status, $code ) = @$_;
    my $rejects = sub {
        return $_[0]{method} eq 'PUT' && $_[0]{head} =~ /^If-None-Match:/mi
          ? [ $status, "<Error><Code>$code</Code></Error>" ]
          : undef;
    };
    my $objects = { map { ( $key[$_] => text("own$_") ) } 0 .. 2 };
    my $store = store( {%$objects}, rule => $rejects );
    my $site = site($store);
    is( $site->cat->{err},            '',                 "$status to the condition: no warning" );
    is( join( ' ', $store->keys_of ), join( ' ', @copy ), "$status to the condition: moved" );
    $store = store( {%$objects},
        rule => sub { return "$_[0]{method} $_[0]{path}" =~ m{^HEAD /done/} ? [ 403, '' ] : $rejects->( $_[0] ) } );
    $site = site($store);
    like(
        $site->cat->{err},
qr/: whether another object of this name is in the target cannot be seen: \N*; allow s3:ListBucket on arn:aws:s3:::done /,
        "$status to the condition, no look: a warning"
    );
    is( join( ' ', $store->keys_of ), join( ' ', @key ), "$status to the condition, no look: not copied" );
}

# What the store tells about the target, and cannot be used.
my $no_size =
  qr/the S3 server does not report the size of the object of this name in the target, so \N*; if this lasts, /;
foreach (
    [ 'no size', sub { return [ 200, '', 'Transfer-Encoding: chunked' ] }, $no_size ],
    [
        'the copy is not found',
        sub { return [ 404, '' ] },
        qr/the S3 server confirms the copy, but does not find the copy in the new place, so the original stays; /
    ],
    map {
        [ "status $_", sub { return [ $_[0], '' ] }, qr/HTTP status $_ to a HEAD request for bucket done; / ]
    } 405,
    501
  )
{
    my ( $name, $response, $error ) = @$_;
    my $status = $name =~ /(\d+)/ ? $1 : undef;
    my $store = store( { $key[0] => text('own') },
        rule => sub { return "$_[0]{method} $_[0]{path}" =~ m{^HEAD /done/} ? $response->($status) : undef } );
    like(
        site($store)->cat->{err},
        qr/\A\N*: cannot be moved: \N*$error\N*\n\z/,
        "the look at the target, $name: a warning"
    );
    is( content( $store, $key[0] ), text('own'), "the look at the target, $name: the original stays" );
}

# The store cannot decide on the condition at once.
{
    my $conflict = '<Error><Code>ConditionalRequestConflict</Code><Message>a conflict</Message></Error>';
    my $store = store( { $key[0] => text('own') },
        rule => sub { return $_[0]{method} eq 'PUT' && $_[0]{count} == 1 ? [ 409, $conflict ] : undef } );
    is( site($store)->cat->{err},     '',       'a conflict: no warning' );
    is( join( ' ', $store->keys_of ), $copy[0], 'a conflict: the next try copies' );
}

# Two sites with one target.
{
    my $store = store( { 'a/access.gz' => text('a'), 'b/access.gz' => text('b') } );
    my %site = map { ( $_ => site( $store, source => "s3://logs/$_/" ) ) } 'a', 'b';
    is( $site{a}->cat->{err}, '', 'two sites: the first one moves' );
    like( $site{b}->cat->{err}, $occupied, 'two sites: the other one waits' );
    is( content( $store, 'done:old/access.gz' ), text('a'), 'two sites: at the target' );
    is( content( $store, 'b/access.gz' ),        text('b'), 'two sites: in the source' );
}

# Two sites with one target, at once, and a store that ignores the condition: the copy of one site comes between the look
# and the copy of the other one, unless one of them waits.
{
    my $folder = File::Temp->newdir;
    my %objects = map { ( "$_/access.gz" => text($_) ) } 'a', 'b';
    my $store = store( {%objects}, latency => 0.3 );
    my %site =
      map { ( $_ => site( $store, source => "s3://logs/$_/", state => "$folder/$_.db" ) ) } sort { $a cmp $b } 'a', 'b';
    my @job = map { $site{$_}->start('') } 'a', 'b';
    Site::result( Program::finish($_) ) for @job;
    my @contents = sort map { content( $store, $_ ) } grep { !/^x/ } $store->keys_of;
    is( join( '', @contents ),         join( '', sort values %objects ), 'two sites at once: no log is lost' );
    is( count( $store, qr/^200 PUT/ ), 1,                                'two sites at once: one is copied' );
    ok( -e "$folder/move-to-done.lock", 'two sites at once: the lock' );
}

done_testing;
