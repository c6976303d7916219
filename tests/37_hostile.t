#!/usr/bin/perl
# A store that is broken or hostile: whatever it sends, and however slowly, the helper ends with one line that says why,
# counts nothing that is not the listed object, follows no redirect of its own, and needs little memory.
use strict;
use warnings;
use Test::More;
use Digest::MD5 qw(md5_hex);
use File::Temp  qw(tempdir);
use FindBin     qw($Bin);
use POSIX       qw(strftime);
use Time::Local qw(timegm);
use lib "$Bin/lib";
use Compiler     qw(fault_library);
use HostileStore qw(always response contents page);
use Program      qw(finish helper run start);
use Site;

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
HostileStore::set_environment($dir);
my $log = HostileStore::content();
my $mebibyte = 2**20;

# ---- what a store sends ---------------------------------------------------------------------------

# What begins as FIRST does, and goes on with PIECE for as long as it is taken.
sub endless {
    my ( $first, $piece ) = @_;
    return sub {
        my ( $request, $send ) = @_;
        $send->("HTTP/1.1 200 OK\r\n\r\n$first") or return;
        1 while $send->($piece);
        return;
    };
}

my $is_list = qr{^/logs$};

# ---- the list of objects --------------------------------------------------------------------------

my $begin = '<?xml version="1.0"?><ListBucketResult>';
my $levels = 1000;
my %attack = (
    'a list without an end' =>
      [ endless( $begin, '<CommonPrefixes><Prefix>cdn/a</Prefix></CommonPrefixes>' x 100 ), qr/larger than 16 MB/ ],
    'a comment without an end' =>
      [ endless( "$begin<!--", 'x' x 1000 ), qr/is nested too deeply, or has an element that is too long/ ],
    'a tag in small pieces'    => [ endless( "$begin<a ",             'x' ),        qr/an element that is too long/ ],
    'a key without an end'     => [ endless( "$begin<Contents><Key>", 'k' x 1000 ), qr/an element that is too long/ ],
    'an element in an element' =>
      [ always( response( 200, $begin . '<a>' x $levels . '</a>' x $levels ) ), qr/nested too deeply/ ],
    'entities of entities' => [
        always(
            response(
                200,
                '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
                  . join( '', map { my $next = chr 1 + ord $_; "<!ENTITY $next \"" . "&$_;" x 10 . '">' } 'a' .. 'h' )
                  . ']><ListBucketResult>&i;</ListBucketResult>'
            )
        ),
        qr/has a document type/
    ],
    'a file of this machine' => [
        always(
            response(
                200, '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><ListBucketResult>&a;</ListBucketResult>'
            )
        ),
        qr/has a document type/
    ],
    'a key of 1,025 bytes' => [
        always( response( 200, page( contents( 'cdn/' . 'k' x 1021 ) ) ) ),
        qr/a key or an ETag longer than 1,024 bytes/
    ],
    'an ETag of 1,025 bytes' => [
        always( response( 200, page( contents( 'cdn/a', ETag => 'e' x 1025 ) ) ) ),
        qr/an ETag longer than 1,024 bytes/
    ],
    'an ETag that would add a header to requests' => [
        always( response( 200, page( contents( 'cdn/a', ETag => "&quot;e&quot;&#13;\n x: y" ) ) ) ),
        qr/an ETag with a control character/
    ],
    'a page of 1,001 objects' => [
        always( response( 200, page( join '', map { contents("cdn/$_") } 1000 .. 2000 ) ) ),
        qr/a page of the server's list of objects has more than 1,000 objects/
    ],
    'a page in another order, twice' => [
        always( response( 200, page( contents('cdn/b') . contents('cdn/a') ) ) ),
        qr/repeats some or is out of order/, 2
    ],
    'pages of the longest keys' => [
        sub {
            my ( $request, $send ) = @_;
            my $count = $request->{count};
            return $send->( response( 403, '<Error><Code>AccessDenied</Code></Error>' ) ) if $count > 8;
            my $keys = join '',
              map { contents( sprintf( 'cdn/%02d%04d', $count, $_ ) . 'k' x 1014, ETag => 'e' x 1024 ) } 1 .. 1000;
            return $send->( response( 200, page( $keys, $count ) ) );
        },
        qr/access denied/,
        9
    ],
    'new keys without an end' => [
        sub {
            my ( $request, $send ) = @_;

            # The hour that the key behind which the page begins has; each hour has ten keys.  After the first page,
            # keys and tags are of the greatest length.
            my $query = $request->{query} =~ s/%([0-9A-F]{2})/chr hex $1/ger;
            my ( $year, $month, $day, $hour, $is_key ) = $query =~ /(\d{4})-(\d\d)-(\d\d)-(\d\d)\.(k?)/;
            my $first =
              defined $year ? timegm( 0, 0, $hour, $day, $month - 1, $year ) / 3600 + ( $is_key ? 1 : 0 ) : 271_752;
            my $long = defined $year ? 1 : 0;
            my $keys = join '', map {
                my $key = strftime( 'cdn/E1.%Y-%m-%d-%H.k', gmtime 3600 * ( $first + int $_ / 10 ) ) . $_ % 10;
                contents( $key . 'k' x ( $long * ( 1024 - length $key ) ), ETag => 'e' x ( $long * 1023 + 1 ) )
            } 0 .. 999;
            my ($last) = $keys =~ /.*<Key>([^<]*)/s;
            return $send->( response( 200, page( $keys, substr $last, 0, 30 ) ) );
        },
        qr/more than \d+ objects, whose names do not fit into \d+ MiB; name fewer by a longer prefix/,
        0
    ],
    'an error without an end' => [
        sub {
            my ( $request, $send ) = @_;
            $send->("HTTP/1.1 403 Forbidden\r\n\r\n<Error><Code>AccessDenied</Code><Message>no entry</Message>")
              or return;
            1 while $send->( 'x' x 1000 );
            return;
        },
        qr/access denied: no entry; allow s3:ListBucket on arn:aws:s3:::logs in/
    ],
    'pages without an object' => [
        sub {
            my ( $request, $send ) = @_;
            return $send->( response( 200, page( '', $request->{count} ) ) );
        },
        qr/100 pages in a row without an object/,
        100
    ],
    'a late error' => [
        always(
            response(
                200, '<?xml version="1.0"?> <Error><Code>AccessDenied</Code><Message>no entry</Message></Error>'
            )
        ),
        qr/access denied: no entry; allow s3:ListBucket on arn:aws:s3:::logs in/
    ],
    'a late error of another kind' => [
        always( response( 200, "\n <Error ><Code>Odd</Code><Message>words</Message></Error>" ) ),
        qr/responded with HTTP status 200 Odd: words$/
    ],
    'an error without a code' => [ always( response( 200, '<Errors>' ) ), qr/is not a bucket's list of objects/, 2 ],
    'a web page'              => [
        always( response( 200, "<!DOCTYPE html>\n<html><title>Log in</title></html>", 'Content-Type' => 'text/html' ) ),
        qr/responded with HTTP status 200 and a web page, as no S3 server does/
    ],
    'a web page of an error' => [
        always( response( 403, '<html>Forbidden</html>', 'Content-Type' => 'text/html' ) ),
        qr/responded with HTTP status 403 and a web page/
    ],
    'a proxy that wants a password' =>
      [ always( response( 407, '<html>' ) ), qr/the proxy asks for a user and a password \(407/ ],
);

# Headers without an end are tried again, as any connection that breaks.
my %headers = (
    'headers without an end' => [
        sub {
            my ( $request, $send ) = @_;
            $send->("HTTP/1.1 200 OK\r\n") or return;
            1 while $send->( "X-Header: " . 'x' x 1000 . "\r\n" );
            return;
        },
        qr/its headers are longer than 256 kB/
    ],
    'a header of 300 kB' => [
        always( response( 200, '', 'X-Header' => 'x' x 300_000 ) ),
        qr/a header of the response is longer than 100 kB|its headers are longer than 256 kB|Too large/
    ],
    'only to be continued' => [
        sub {
            my ( $request, $send ) = @_;
            1 while $send->( "HTTP/1.1 100 Continue\r\n\r\n" x 100 );
            return;
        },
        qr/its headers are longer than 256 kB/
    ],
);

# Starts the helper so that its largest amount of memory can be told; the sanitizers need more.
my $measures = $helper !~ m{asan};
my $number = 0;

sub start_measured {
    my @command = @_;
    my $file = "$dir/memory." . $number++;
    my $script = 'import resource,subprocess,sys; s=subprocess.call(sys.argv[2:]);'
      . 'open(sys.argv[1],"w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)); sys.exit(s)';
    return { job => start( 'python3', '-c', $script, $file, @command ), file => $file };
}

sub finish_measured {
    my ( $name, $started ) = @_;
    my @result = finish( $started->{job} );
    my $size = Program::content( $started->{file} );
    cmp_ok( $size, '<', 64 * 1024, "$name: less than 64 MiB of memory" ) if $measures;
    return @result;
}

# Starts cat on each store.  ATTACKS: {name => [rule, message, number of requests; 0: any]}.
sub begin_attacks {
    my ($attacks) = @_;
    return map {
        my ( $rule, @expected ) = @{ $attacks->{$_} };
        my $store = HostileStore->new($rule);
        [
            $_,     @expected[ 0, 1 ],
            $store, start_measured( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $store->endpoint )
        ]
    } sort keys %$attacks;
}

sub end_attacks {
    foreach (@_) {
        my ( $name, $message, $requests, $store, $job ) = @$_;
        my ( $status, $out, $err ) = finish_measured( $name, $job );
        is( $status, 1,  "$name: exit status 1" );
        is( $out,    '', "$name: no output" );
        like( $err, qr{\A\S+ s3://logs/cdn/: [^\n]*$message[^\n]*\n\z}, "$name: one line" );
        is( scalar( my @all = $store->requests ), $requests // 1, "$name: no more requests than needed" )
          if !$headers{$name} && ( $requests // 1 );
    }
    return;
}

# Those that are tried again end at the end of this test.
my @slow = begin_attacks( \%headers );

# ---- redirects ------------------------------------------------------------------------------------

my $elsewhere = HostileStore->new( always( response( 200, page( contents('cdn/a') ) ) ) );
foreach my $redirect ( 301, 302, 303, 307, 308 ) {
    my $place = $elsewhere->endpoint =~ s{//}{//user:password@}r;
    my $store = HostileStore->new( always( response( $redirect, '', Location => "$place/logs?token=secret" ) ) );
    my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $store->endpoint );
    is( $status, 1, "a redirect $redirect: exit status 1" );
    like(
        $err,
qr{responded with HTTP status $redirect, a redirect to \Q${\ $elsewhere->endpoint}\E, which is not followed; correct the setting "endpoint"},
        "a redirect $redirect: message"
    );
    unlike( $err, qr/password|secret/, "a redirect $redirect: no secret" );
}
is( scalar( my @followed = $elsewhere->requests ), 0, 'no redirect is followed' );

# ---- another object than the listed one -----------------------------------------------------------

my $other = $log =~ s{/a\t}{/z\t}r;
my @versions = map {
    my ( $name, $header, $message ) = @$_;
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            return $send->(
                response( 200, $request->{path} =~ $is_list ? page( contents('cdn/a') ) : $other, %$header ) );
        }
    );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint );
    [ $name, $message, $store, $site, $site->start ]
} (
    [
        'another ETag, If-Match ignored',
        { ETag => '"' . md5_hex($other) . '"' },
        qr/the object comes with another ETag than S3's list of objects has/
    ],
    [
        'another ETag, weak',
        { ETag => 'W/"' . md5_hex($other) . '"' },
        qr/the object comes with another ETag than S3's list of objects has/
    ],
    [ 'no ETag, and other bytes', {}, qr/its MD5 is not its ETag/ ],
);

# ---- headers of another response ------------------------------------------------------------------

# Headers before those of the object's own response, and behind the body, say nothing about the object.
for (
    [ 'an ETag before the response', "HTTP/1.1 103 Early Hints\r\nETag: \"other\"\r\n\r\n", $log, '', 2 ],
    [ 'an ETag behind the body',     '', $log, "ETag: \"other\"\r\n",                                 2 ],
    [
        'a header before the response, as if no MD5 were known',
        "HTTP/1.1 103 Early Hints\r\nx-amz-server-side-encryption: aws:kms\r\n\r\n",
        $other, '', 0
    ],
  )
{
    my ( $name, $before, $content, $behind, $records ) = @$_;
    my $object =
        $before
      . "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      . sprintf( "%x\r\n%s\r\n0\r\n%s\r\n", length $content, $content, $behind );
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            return $send->( $request->{path} =~ $is_list ? response( 200, page( contents('cdn/a') ) ) : $object );
        }
    );
    local $ENV{AWS_MAX_ATTEMPTS} = 1;
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint );
    my $run = $site->cat;
    is( scalar @{ $run->{rows} }, $records, "$name: the records" ) or diag( $run->{err} );
}

# ---- the attacks on the list ----------------------------------------------------------------------

# A program that allows the names of a list more memory than a test should fill.
delete $attack{'new keys without an end'} if ( $ENV{SOURCE_NAMES_MIB} // 512 ) > 64;
end_attacks( begin_attacks( \%attack ) );

# A list without an end of a site, which the ledger takes to the disk, in a program whose limit a test can fill.
if ( ( $ENV{SOURCE_LIST_MIB} // 65536 ) <= 64 ) {
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            my ($page) = ( $request->{query} =~ /continuation-token=(\d+)/, 0 );
            my $keys = join '', map { contents( sprintf 'cdn/%06d%03d%s', $page, $_, 'k' x 1000 ) } 0 .. 999;
            return $send->( response( 200, page( $keys, $page + 1 ) ) );
        }
    );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint );
    my ( $status, $out, $err ) =
      finish_measured( 'a site with new keys without an end', start_measured( $site->command( 'cat', '--commit' ) ) );
    is( $status, 1, 'a site with new keys without an end: exit status 1' );
    like(
        $err,
        qr/\A[^\n]*more than \d+ objects, whose keys are longer than \d+ MiB; check [^\n]*\n\z/,
        'a site with new keys without an end: one line'
    );
}

# ---- a response to a deletion ----------------------------------------------------------------------

{
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            my @tag = ( ETag => '"' . md5_hex($log) . '"' );
            return $send->( response( 200, page( contents('cdn/a') ) ) )
              if $request->{path} =~ $is_list && $request->{method} eq 'GET';
            return $send->( "HTTP/1.1 200 OK\r\nContent-Length: " . length($log) . "\r\nETag: $tag[1]\r\n\r\n" )
              if $request->{method} eq 'HEAD';
            return $send->( response( 200, $log, @tag ) ) if $request->{method} eq 'GET';
            $send->("HTTP/1.1 200 OK\r\n\r\n<DeleteResult>") or return;
            1 while $send->( '<Error><Key>cdn/b</Key><Code>no</Code></Error>' x 100 );
            return;
        }
    );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint, after => 'delete' );
    my ( $status, $out, $err ) =
      finish_measured( 'a deletion without an end', start_measured( $site->command( 'cat', '--commit' ) ) );
    like( $out, qr/#End: records=2/,                           'a deletion without an end: the log' );
    like( $err, qr/the server's response is longer than 1 MB/, 'a deletion without an end: message' );
}

# An error with the status of a success: of a copy, of a deletion, and of an object.
foreach (
    [ 'a deletion', 'delete',               'POST', qr/cannot be deleted: access denied: late; allow s3:DeleteObject/ ],
    [ 'a copy',     'move s3://logs/done/', 'PUT',  qr/cannot be moved: access denied: late; allow s3:PutObject/ ],
  )
{
    my ( $name, $after, $method, $message ) = @$_;
    my $late = '<Error><Code>AccessDenied</Code><Message>late</Message></Error>';
    my @tag = ( ETag => '"' . md5_hex($log) . '"' );
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            return $send->( response( 200, '<?xml version="1.0"?>' . ' ' x 1000 . $late ) )
              if $request->{method} eq $method;
            return $send->("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
              if $request->{method} eq 'HEAD' && $request->{path} =~ m{^/logs/done/};
            return $send->( "HTTP/1.1 200 OK\r\nContent-Length: " . length($log) . "\r\nETag: $tag[1]\r\n\r\n" )
              if $request->{method} eq 'HEAD';
            return $send->( response( 200, $request->{path} =~ $is_list ? page( contents('cdn/a') ) : $log, @tag ) );
        }
    );
    my $run = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint, after => $after )->cat;
    like( $run->{err}, $message, "a late error of $name: message" );
    is( scalar( grep { /^$method/ } $store->requests ), 1, "a late error of $name: it is not tried again" );
}
{
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            return $send->( response( 200, page( contents('cdn/a') ) ) ) if $request->{path} =~ $is_list;
            return $send->( response( 200, '<Error><Code>AccessDenied</Code><Message>late</Message></Error>' ) );
        }
    );
    my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $store->endpoint );
    is( $status, 1, 'a late error of an object: exit status 1' );
    like(
        $err,
        qr{\A\S+ s3://logs/cdn/a: access denied: late; allow s3:GetObject [^\n]*\n\z},
        'a late error of an object'
    );
}

# A HEAD response without a size does not tell whether the object is still the counted one.
{
    my @tag = ( ETag => '"' . md5_hex($log) . '"' );
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            return $send->("HTTP/1.1 200 OK\r\nETag: $tag[1]\r\nTransfer-Encoding: chunked\r\n\r\n")
              if $request->{method} eq 'HEAD';
            return $send->( response( 200, $request->{path} =~ $is_list ? page( contents('cdn/a') ) : $log, @tag ) );
        }
    );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint, after => 'delete' );
    my $run = $site->cat;
    like(
        $run->{err},
        qr/cannot be deleted: the S3 server does not report the object's size, so/,
        'HEAD without a size: is said'
    );
    like(
        $site->report,
        qr/still to be deleted: 1\n\s+1 of them cannot be, [^\n]*the object's size/,
        'HEAD without a size: status'
    );
    is( scalar( grep { /^(?:POST|DELETE)/ } $store->requests ), 0, 'HEAD without a size: no deletion' );
}

# ---- a byte now and then --------------------------------------------------------------------------

# The clock runs fast from the request on; the sanitizers do not allow that.
if ($measures) {
    my $shim = fault_library( 'fast_clock', $dir );
    my $drips = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            $send->("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n$begin") or return;
            Program::write_file( "$dir/fast", '' );
            1 while $send->(' ') && !select undef, undef, undef, 0.03;
            return;
        }
    );
    local @ENV{ 'LD_PRELOAD', 'FAST_CLOCK' } = ( $shim, "$dir/fast" );
    my ( $status, $out, $err ) = run( $helper, 'check', 's3://logs/cdn/', '--endpoint', $drips->endpoint );
    is( $status, 1, 'a byte now and then: check fails' );
    like(
        $out,
        qr/^FAIL  bucket: 127\.0\.0\.1:\d+ has not sent the list of objects within 60 s; check/m,
        'a byte now and then: the result'
    );
    like(
        $err,
        qr{^\S+ waiting for 127\.0\.0\.1:\d+: the list of objects of s3://logs/cdn/$}m,
        'a byte now and then: what check waits for'
    );
}

# ---- what was tried again -------------------------------------------------------------------------

foreach (@versions) {
    my ( $name, $message, undef, undef, $job ) = @$_;
    my $result = Site::result( finish($job) );
    is( scalar @{ $result->{rows} }, 0, "$name: no record is counted" );
    like( $result->{err}, $message, "$name: message" );
}
end_attacks(@slow);

done_testing;
