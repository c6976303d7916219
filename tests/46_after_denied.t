#!/usr/bin/perl
# A clean-up that fails for some objects: the others are deleted or moved, nothing is copied twice, and status tells
# which objects wait, and why.
use strict;
use warnings;
use Test::More;
use Digest::MD5 qw(md5_hex);
use FindBin     qw($Bin);
use HTTP::Tiny;
use JSON::PP ();
use lib "$Bin/lib";
use LimitedStore;
use Program;
use Site;

$ENV{AWS_ACCESS_KEY_ID} = 'AKIDEXAMPLE';
$ENV{AWS_SECRET_ACCESS_KEY} = 'secret';
$ENV{AWS_REGION} = 'us-east-1';
$ENV{no_proxy} = '*';

sub objects {
    return { map { ( $_ => Site::log_text("/$_") =~ s/[^\x20-\x7e\t\n]/_/gr ) } @_ };
}

sub ordinary {
    my ($count) = @_;
    return map { sprintf 'cdn/E1.2026-10-31-10.%04d.gz', $_ } 1 .. $count;
}

# The requests of a method since the last call.
sub requests {
    my ( $store, $method ) = @_;
    my @all = $store->requests;
    my @new = @all[ ( $store->{seen}{$method} // 0 ) .. $#all ];
    $store->{seen}{$method} = @all;
    return scalar grep { /^\d+ \Q$method\E / } @new;
}

sub site {
    my ( $store, $after ) = @_;
    return Site->new( source => 's3://logs/cdn/', after => $after, endpoint => $store->endpoint );
}

# Keys that XML cannot hold.
{
    my @unusual = ( "cdn/a\x01b.gz", "cdn/c\x1bd.gz", "cdn/e\xef\xbf\xbef.gz" );
    my $store = LimitedStore->new( latency => 0, objects => objects( ordinary(5), @unusual ) );
    my $site = site( $store, 'delete' );
    my $run = $site->cat;
    is( $run->{end},                  'records=8 bad=0 quarantined=0', 'keys beyond XML: counted' );
    is( $run->{err},                  '',                              'keys beyond XML: no message' );
    is( scalar $store->keys_of,       0,                               'keys beyond XML: all are deleted' );
    is( requests( $store, 'DELETE' ), 3, 'keys beyond XML: each by a request of its own' );
    unlike( $site->report, qr/still to be/, 'keys beyond XML: nothing waits' );
}

# A key for which the store rejects the whole request: the others are deleted.
{
    my @keys = ordinary(40);
    my $guilty = $keys[17];
    my $store = LimitedStore->new(
        latency => 0,
        objects => objects(@keys),
        rule    => sub {
            my ($request) = @_;
            return [ 400, '<Error><Code>MalformedXML</Code><Message>no</Message></Error>' ]
              if $request->{method} eq 'POST' && $request->{content} =~ /<ETag>|\Q$guilty\E/;
            return [ 403, '<Error><Code>AccessDenied</Code><Message>it is locked</Message></Error>' ]
              if $request->{method} eq 'DELETE';
            return;
        }
    );
    my $site = site( $store, 'delete' );
    my $run = $site->cat;
    is( $run->{status}, 0, 'a guilty key: exit status' );
    like( $run->{err}, qr/\A[^\n]*\Q$guilty\E: cannot be deleted: access denied[^\n]*\n\z/, 'a guilty key: is named' );
    is( join( ' ', $store->keys_of ), $guilty, 'a guilty key: all others are deleted' );
    cmp_ok( requests( $store, 'POST' ), '<', 30, 'a guilty key: is found by halves' );
    my $report = $site->report;
    like( $report, qr/^  objects still to be deleted: 1$/m, 'a guilty key: status counts it' );
    like(
        $report,
        qr/^    1 of them cannot be, the first is \Q$guilty\E: access denied/m,
        'a guilty key: status tells why'
    );
}

# A store without DeleteObjects.
{
    my $store = LimitedStore->new(
        latency => 0,
        objects => objects( ordinary(10) ),
        rule    => sub {
            return $_[0]{method} eq 'POST' ? [ 501, '<Error><Code>NotImplemented</Code></Error>' ] : undef;
        }
    );
    my $run = site( $store, 'delete' )->cat;
    is( $run->{err},                  '', 'a store without DeleteObjects: no message' );
    is( scalar $store->keys_of,       0,  'a store without DeleteObjects: all are deleted' );
    is( requests( $store, 'DELETE' ), 10, 'a store without DeleteObjects: one by one' );
}

# A move whose deletion is denied does not copy again.
{
    my $store;
    my $marker = File::Temp->newdir;
    $store = LimitedStore->new(
        latency => 0,
        objects => objects( ordinary(20) ),
        rule    => sub {
            my ($request) = @_;
            return if $request->{method} ne 'POST' || -e "$marker/allowed";
            my @keys = $request->{content} =~ m{<Key>(.*?)</Key>}g;
            return [
                200,
                '<DeleteResult>'
                  . join( '',
                    map { "<Error><Key>$_</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>" }
                      @keys )
                  . '</DeleteResult>'
            ];
        }
    );
    my $site = site( $store, 'move s3://done/old/' );
    my $run = $site->cat;
    is( $run->{end},               'records=20 bad=0 quarantined=0', 'a denied deletion: counted' );
    is( requests( $store, 'PUT' ), 20,                               'a denied deletion: copied' );
    like(
        $run->{err},
        qr/cannot be moved: access denied; allow s3:DeleteObject[^\n]*\n[^\n]*: 20 counted/,
        'a denied deletion: is said'
    );
    requests( $store, $_ ) for 'HEAD', 'POST';
    $run = $site->cat;
    is( $run->{end}, 'records=0 bad=0 quarantined=0', 'a denied deletion, again: counted once' );
    like(
        $run->{err},
        qr/cannot be moved: access denied[^\n]*\n[^\n]*: 20 counted/,
        'a denied deletion, again: is said'
    );
    is( requests( $store, 'PUT' ),  0, 'a denied deletion, again: not copied' );
    is( requests( $store, 'HEAD' ), 2, 'a denied deletion, again: one object is looked at' );
    is( requests( $store, 'POST' ), 1, 'a denied deletion, again: one request to delete' );

    like( $site->report, qr/still to be moved: 20\n    20 of them cannot be, the first is \S+0001\.gz: access denied/,
        'status' );
    my $json = JSON::PP::decode_json( $site->report('--json') )->[0];
    is( $json->{to_clean_up},                 20, 'status --json: how many wait' );
    is( $json->{clean_up_errors}[0]{objects}, 20, 'status --json: for which reason' );
    like( $json->{clean_up_errors}[0]{error}, qr/access denied/, 'status --json: the reason' );
    $site->report( '--metrics', "$marker/metrics" );
    like(
        Program::content("$marker/metrics"),
        qr/^awstats_cloudfront_clean_up_failed_objects\{[^}]*\} 20$/m,
        'status --metrics'
    );

    Program::write_file( "$marker/allowed", '' );
    $run = $site->cat;
    unlike( $run->{err}, qr/cannot be moved/, 'an allowed deletion: no failure' );
    is( requests( $store, 'PUT' ), 0, 'an allowed deletion: not copied again' );
    my @keys = $store->keys_of;
    is( scalar( grep { /^done:old\/E1/ } @keys ), 20, 'an allowed deletion: all are at the target' );
    is( scalar @keys,                             20, 'an allowed deletion: and nowhere else' );
    unlike( $site->report, qr/still to be/, 'an allowed deletion: nothing waits' );
}

# A copy that is gone again is made again, before the object is deleted.
{
    my $marker = File::Temp->newdir;
    my $store = LimitedStore->new(
        latency => 0,
        objects => objects( ordinary(1) ),
        rule    => sub {
            my ($request) = @_;
            return if -e "$marker/allowed" || $request->{method} ne 'POST';
            return [ 403, '<Error><Code>AccessDenied</Code></Error>' ];
        }
    );
    my $site = site( $store, 'move s3://done/old/' );
    is( $site->cat->{status}, 0, 'a copy that is gone: counted' );
    my ($copy) = grep { /^done:/ } $store->keys_of;
    is( $copy, 'done:old/E1.2026-10-31-10.0001.gz', 'a copy that is gone: it was made' );
    my $client = HTTP::Tiny->new( http_proxy => undef );
    ok( $client->delete( $store->endpoint . '/done/old/E1.2026-10-31-10.0001.gz' )->{success}, 'gone' );
    Program::write_file( "$marker/allowed", '' );
    unlike( $site->cat->{err}, qr/cannot be moved/, 'a copy that is gone: no failure' );
    is( join( ' ', $store->keys_of ), $copy, 'a copy that is gone: it is made again' );
}

# Objects of a bucket that is encrypted with a key have ETags that look like an MD5, and are none: a copy has another
# ETag than its original, and is a copy all the same.
foreach my $encrypted ( 'done', 'logs', 'done logs' ) {
    my $name = "encrypted ($encrypted)";
    my $marker = File::Temp->newdir;
    my $store = LimitedStore->new(
        latency   => 0,
        encrypted => $encrypted,
        objects   => objects( ordinary(2) ),
        rule      => sub {
            my ($request) = @_;
            return if -e "$marker/allowed" || $request->{method} ne 'POST';
            return [ 403, '<Error><Code>AccessDenied</Code></Error>' ];
        }
    );
    my $site = site( $store, 'move s3://done/old/' );
    my $run = $site->cat;
    is( $run->{end}, 'records=2 bad=0 quarantined=0', "$name: counted" ) or diag $run->{err};
    like( $run->{err}, qr/cannot be moved: access denied; allow s3:DeleteObject/,
        "$name: only the deletion is denied" );
    is( requests( $store, 'PUT' ), 2, "$name: copied" );
    $site->cat;
    is( requests( $store, 'PUT' ), 0, "$name: not copied again" );
    Program::write_file( "$marker/allowed", '' );
    $run = $site->cat;
    is( $run->{err},                                    '', "$name: then moved" );
    is( requests( $store, 'PUT' ),                      0,  "$name: then not copied either" );
    is( scalar( grep { /^done:old/ } $store->keys_of ), 2,  "$name: at the target" );
    is( scalar( my @all = $store->keys_of ),            2,  "$name: and nowhere else" );
}

# A store that says something else than its list: the objects wait, status says why, and each run tries only one.
{
    my $each = sub {
        my ( $request, $code ) = @_;
        return [
            200, join '', '<DeleteResult>',
            ( map { "<Error><Key>$_</Key><Code>$code</Code></Error>" } $request->{content} =~ m{<Key>(.*?)</Key>}g ),
            '</DeleteResult>'
        ];
    };
    my $is_gone = 'says that it is gone or replaced, but still lists it';
    my $is_kept = 'confirms the deletion, but still lists the object';
    my %lies = (
        'confirms a deletion'  => [ 'delete',          $is_kept, POST => sub { return [ 200, '<DeleteResult/>' ] } ],
        'deletes what is gone' => [ 'delete',          $is_kept, POST => sub { return $each->( $_[0], 'NoSuchKey' ) } ],
        'confirms a move'      => [ 'move s3://done/', $is_kept, POST => sub { return [ 200, '<DeleteResult/>' ] } ],
        'finds no object'      => [ 'delete',          $is_gone, HEAD => sub { return [ 404, '' ] } ],
        'finds another object' => [ 'delete',          $is_gone, HEAD => sub { return [ 200, 'x', 'ETag: "y"' ] } ],
        'has nothing to copy'  =>
          [ 'move s3://done/', $is_gone, PUT => sub { return [ 404, '<Error><Code>NoSuchKey</Code></Error>' ] } ],
        'finds a condition of the copy not met' => [
            'move s3://done/',
            'refuses the copy as if the target had an object of this name, but finds none there',
            PUT => sub { return [ 412, '<Error><Code>PreconditionFailed</Code></Error>' ] }
        ],
    );
    foreach my $name ( sort keys %lies ) {
        my ( $after, $error, $method, $lie ) = @{ $lies{$name} };
        my $marker = File::Temp->newdir;
        my $store = LimitedStore->new(
            latency => 0,
            objects => objects( ordinary(3) ),
            rule    => sub { return $_[0]{method} eq $method && !-e "$marker/honest" ? $lie->( $_[0] ) : undef }
        );
        my $site = site( $store, $after );
        my $verb = $after eq 'delete' ? 'deleted' : 'moved';
        my $told =
          qr/\A\N*0001\.gz: cannot be $verb: the S3 server $error; if this lasts, \N*\n\N*: 3 counted objects \N*\n\z/;
        like( $site->cat->{err}, $told, "a store that $name: a warning" );
        requests( $store, $method );
        like( $site->cat->{err}, $told, "a store that $name: again" );
        is( requests( $store, $method ), 1, "a store that $name: one object is tried again" );
        like(
            $site->report,
            qr/still to be $verb: 3\n    3 of them cannot be, the first is \S+0001\.gz: the S3 server $error;/,
            "a store that $name: status"
        );
        Program::write_file( "$marker/honest", '' );
        is( $site->cat->{err},                            '', "a store that $name: once it does not, nothing waits" );
        is( scalar( grep { !/^done:/ } $store->keys_of ), 0,  "a store that $name: then all is done" );
    }
}

# A store that is down for copies, and for deletions one by one: the run gives up after three objects, and stores one
# reason, whatever the number of tries.
foreach my $after ( 'move s3://done/', 'delete' ) {
    my $is_move = $after ne 'delete';
    my ( $marker, $method ) = ( File::Temp->newdir, $is_move ? 'PUT' : 'DELETE' );
    my $store = LimitedStore->new(
        latency => 0,
        objects => objects( ordinary(40) ),
        rule    => sub {
            my ($request) = @_;
            return [ 501, '<Error><Code>NotImplemented</Code></Error>' ] if !$is_move && $request->{method} eq 'POST';
            return $request->{method} eq $method && !-e "$marker/up" ? [ 500, '' ] : undef;
        }
    );
    local $ENV{AWS_MAX_ATTEMPTS} = 3;
    my $site = site( $store, $after );
    my $name = "a store that is down, $method";
    my $verb = $is_move ? 'moved' : 'deleted';
    my $run = $site->cat( undef, '--jobs=2' );
    like( $run->{err}, qr/^\N*: cannot be $verb: \N*HTTP status 500\N* \(tried 3 times\); /m, "$name: a warning" );
    my %tried = map { $_ => 1 } grep { /^\d+ $method / } map { s/ \[\d+\]\z//r } $store->requests;
    cmp_ok( scalar keys %tried, '<=', 10, "$name: few are tried" );
    my $errors = JSON::PP::decode_json( $site->report('--json') )->[0]{clean_up_errors};
    is( scalar @$errors, 1, "$name: one reason" );
    like( $errors->[0]{error}, qr/HTTP status 500(?!.*tried)/, "$name: without the number of tries" );
    Program::write_file( "$marker/up", '' );
    is( $site->cat->{err},                            '', "$name: once it is up, nothing waits" );
    is( scalar( grep { !/^done:/ } $store->keys_of ), 0,  "$name: then all is done" );
}

# A store whose lists are late.
{
    my ( $marker, $keys ) = ( File::Temp->newdir, [ ordinary(3) ] );
    my $store = LimitedStore->new(
        latency => 0,
        objects => objects(@$keys),
        rule    => sub {
            my ($request) = @_;
            Program::write_file( "$marker/deleted", '' ) if $request->{method} eq 'POST';
            return if $request->{query} !~ /prefix=cdn%2FE/ || !-e "$marker/deleted" || $request->{count} > 1;
            my ($log) = values %{ objects( $keys->[0] ) };
            return [ 200,
"<ListBucketResult><Contents><Key>$keys->[0]</Key><Size>${\ length $log}</Size><ETag>${\ md5_hex($log)}</ETag>"
                  . '<LastModified>2026-11-01T00:00:00.000Z</LastModified></Contents></ListBucketResult>' ];
        }
    );
    my $site = site( $store, 'delete' );
    is( $site->cat->{err},                                    '', 'a list that is late: no warning' );
    is( scalar( grep { /prefix=cdn%2FE/ } $store->requests ), 2,  'a list that is late: requested again' );
    unlike( $site->report, qr/still to be/, 'a list that is late: nothing waits' );
}

# The store is wrong about one object while another one is really gone.
foreach my $wrong ( 404, 412 ) {
    my ( $marker, @keys ) = ( File::Temp->newdir, ordinary(4) );
    my $objects = objects(@keys);
    my $store = LimitedStore->new(
        latency => 0,
        objects => $objects,
        rule    => sub {
            my ($request) = @_;
            return if $request->{method} ne 'HEAD';
            delete $objects->{ $keys[0] };
            return $request->{path} =~ /0003/ && !-e "$marker/honest" ? [ $wrong, '' ] : undef;
        }
    );
    my $site = site( $store, 'delete' );
    like(
        $site->cat->{err},
        qr/\A\N*\Q$keys[2]\E: cannot be deleted: the S3 server says that it is gone or replaced, but \N*\n\z/,
        "wrong about one, $wrong: a warning"
    );
    like( $site->report, qr/still to be deleted: 1\n/, "wrong about one, $wrong: it waits" );
    Program::write_file( "$marker/honest", '' );
    is( $site->cat->{err},      '', "wrong about one, $wrong: no warning once it is right" );
    is( scalar $store->keys_of, 0,  "wrong about one, $wrong: then all are deleted" );
}

# A policy that allows only lists of the source's prefix.
{
    my $store = LimitedStore->new(
        latency => 0,
        objects => objects( ordinary(3) ),
        rule    => sub {
            my ($request) = @_;
            return [ 404, '' ] if $request->{method} eq 'HEAD' && $request->{path} =~ /0002/;
            return if $request->{query} !~ /prefix=cdn%2FE/;
            return [ 403, '<Error><Code>AccessDenied</Code></Error>' ];
        }
    );
    my $site = site( $store, 'delete' );
    is( $site->cat->{err}, '', 'lists of the prefix alone: no warning' );
    unlike( $site->report, qr/still to be/, 'lists of the prefix alone: nothing waits' );
    is( join( ' ', $store->keys_of ), ( ordinary(2) )[1], 'lists of the prefix alone: deleted' );
}

# The bucket is not where it was: its objects are not taken for deleted ones.
{
    my $marker = File::Temp->newdir;
    my $store = LimitedStore->new(
        latency => 0,
        objects => objects( ordinary(3) ),
        rule    => sub {
            return -e "$marker/away" ? [ 404, '<Error><Code>NoSuchBucket</Code></Error>' ] : undef;
        }
    );
    my $site = site( $store, 'delete' );
    my $id = $site->cat_later->{id};
    Program::write_file( "$marker/away", '' );
    my ( $status, undef, $err ) = $site->commit($id);
    is( $status, 0, 'no bucket: the commit is done' );
    like( $err,          qr/cannot be deleted: [^\n]*bucket/, 'no bucket: a message' );
    like( $site->report, qr/still to be deleted: 3$/m,        'no bucket: the objects are not forgotten' );
    unlink "$marker/away" or die;
    $site->cat;
    is( scalar $store->keys_of, 0, 'the bucket is there again: they are deleted' );
}

done_testing;
