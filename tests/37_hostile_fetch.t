#!/usr/bin/perl
# A hostile store and fetch, which copies while it lists: a list of new objects without an end, and an object that comes
# wrong each time.
use strict;
use warnings;
use Test::More;
use Digest::MD5 qw(md5_hex);
use File::Temp  qw(tempdir);
use FindBin     qw($Bin);
use lib "$Bin/lib";
use HostileStore qw(response);
use Program      qw(finish helper start);

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
delete $ENV{$_} for grep { /^AWS_|_proxy\z/i } keys %ENV;
@ENV{qw(HOME AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION)} = ( $dir, 'AKIDEXAMPLE', 'secret', 'eu-west-1' );

# A page of objects, [KEY, ETAG, SIZE].
sub page {
    my ( $next, @objects ) = @_;
    return response(
        200,
        '<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>'
          . (
            defined $next
            ? "true</IsTruncated><NextContinuationToken>$next</NextContinuationToken>"
            : 'false</IsTruncated>'
          )
          . join(
            '',
            map {
                    "<Contents><Key>$_->[0]</Key><ETag>&quot;$_->[1]&quot;</ETag><Size>$_->[2]</Size>"
                  . '<LastModified>2026-11-01T00:00:00.000Z</LastModified></Contents>'
            } @objects
          )
          . '</ListBucketResult>'
    );
}

# Runs fetch from a store of this rule; returns its exit status, its messages, and its largest amount of memory in KiB.
sub fetch {
    my ( $name, $rule ) = @_;
    my $store = HostileStore->new($rule);
    my $script = 'import resource,subprocess,sys; s=subprocess.call(sys.argv[2:]);'
      . 'open(sys.argv[1],"w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)); sys.exit(s)';
    my ( $status, undef, $err ) = finish(
        start(
            'python3',        '-c',   $script,      "$dir/memory", $helper, 'fetch',
            's3://logs/cdn/', '--to', "$dir/$name", '--endpoint',  $store->endpoint
        )
    );
    return ( $status, $err, Program::content("$dir/memory") );
}

# The list is faster than the objects, and its keys and ETags have the greatest length.
SKIP: {
    skip 'this program allows the names more memory than a test should fill', 3
      if ( $ENV{SOURCE_NAMES_MIB} // 512 ) > 64;
    my $tag = 'e' x 1022;
    my $rest = ( '/' . 'k' x 250 ) x 4 . 'k' x 5;    # of names that a file can have, too
    my ( $status, $err, $memory ) = fetch(
        'endless',
        sub {
            my ( $request, $send ) = @_;
            if ( $request->{path} ne '/logs' ) {    # an object takes its time
                sleep 2;
                return $send->( response( 200, 'x', ETag => qq("$tag") ) );
            }
            my ($page) = $request->{query} =~ /continuation-token=(\d+)/;
            $page //= 0;
            return $send->(
                page( $page + 1, map { [ sprintf( 'cdn/%08d%03d', $page, $_ ) . $rest, $tag, 1 ] } 0 .. 999 ) );
        }
    );
    is( $status, 1, 'a list without an end: exit status' );
    like(
        $err,
qr{\A\S+ s3://logs/cdn/: more than \d+ objects wait to be copied, whose names do not fit into \d+ MiB; name fewer by a longer prefix\n\z},
        'a list without an end: one line'
    );
    cmp_ok( $memory, '<', 64 * 1024, 'a list without an end: less than 64 MiB of memory' ) if $helper !~ /asan/;
}

# Objects of two megabytes, whose bytes threads take: one comes wrong at first, one each time, one is cut off each time and
# begins afresh, and one is right.  The ETag of an object that is encrypted with a key of KMS or the customer's is no MD5.
{
    my $content = join '', map { md5_hex($_) . "\n" } 1 .. 64_000;
    my $wrong = $content;
    substr( $wrong, 1_000_000, 1 ) = '!';
    my %encryption = ( kms => ': aws:kms', customer => '-customer-algorithm: AES256' );
    my ( $status, $err ) = fetch(
        'wrong',
        sub {
            my ( $request, $send ) = @_;
            my @objects = map { [ "cdn/$_", md5_hex($content), length $content ] } qw(bad customer cut good kms once);
            return $send->( page( undef, @objects ) ) if $request->{path} eq '/logs';
            my ($name) = $request->{path} =~ m{([^/]+)$};
            open my $tries, '>>', "$dir/tries.$name" or die "$!\n";
            print {$tries} 'x';
            close $tries or die "$!\n";
            my $encryption = $encryption{$name};
            my $is_wrong = $encryption || $name eq 'bad' || ( $name eq 'once' && -s "$dir/tries.once" == 1 );
            my $response = response( 200, $is_wrong ? $wrong : $content, ETag => '"' . md5_hex($content) . '"' );
            $response =~ s/\r\n/\r\nx-amz-server-side-encryption$encryption\r\n/ if $encryption;
            return $send->($response) if $name ne 'cut';
            $send->( substr $response, 0, 300_000 );
            return;
        }
    );
    is( $status, 1, 'an object whose MD5 does not match: exit status' );
    like(
        $err,
        qr{^\S+ s3://logs/cdn/bad: the object arrived corrupt: its MD5 is not its ETag; .* \(tried \d+ times\)$}m,
        'an object whose MD5 is wrong: a line'
    );
    like( $err, qr{^\S+ s3://logs/cdn/cut: .* \(tried \d+ times\)$}m, 'an object that is cut off each time: a line' );
    is( scalar( () = $err =~ /\n/g ), 2, 'no other line' ) or diag($err);
    ok( !-e "$dir/wrong/$_", "$_: no file" ) for qw(bad cut);
    is( Program::content("$dir/wrong/$_"), $content, "the object $_ is copied" ) for qw(good once);
    is( Program::content("$dir/wrong/$_"), $wrong, "the object $_, whose ETag is no MD5, is copied" )
      for sort keys %encryption;
    is( -s "$dir/tries.good", 1, 'an object whose MD5 is right: one try' );
    is( -s "$dir/tries.once", 2, 'an object that was corrupt once: two tries' );
}

# A large object that is cut off each time, and a store that responds to a request for the rest with other bytes.
{
    my $content = join '', map { md5_hex($_) . "\n" } 1 .. 64_000;
    my ( $size, $tag ) = ( length $content, md5_hex($content) );
    my $part = sub {
        my ( $first, $tag, $bytes ) = @_;
        return response(
            206, $bytes,
            'Content-Range' => "bytes $first-${\ ($size - 1)}/$size",
            ETag            => qq("$tag")
        );
    };
    my %rest = (
        'no such range'   => [ sub { response( 416, '' ) }, qr/was cut off after \d+ bytes/ ],
        'another version' => [ sub { response( 412, '' ) }, qr/was cut off after \d+ bytes/ ],
        'another ETag'    =>
          [ sub { $part->( $_[0], 'e' x 32, substr $content, $_[0] ) }, qr/was cut off after \d+ bytes/ ],
        'an earlier range' =>
          [ sub { $part->( $_[0] - 1000, $tag, substr $content, $_[0] - 1000 ) }, qr/was cut off after \d+ bytes/ ],
        'other bytes' => [ sub { $part->( $_[0], $tag, 'x' x ( $size - $_[0] ) ) }, qr/its MD5 is not its ETag/ ],
        'more bytes'  => [ sub { $part->( $_[0], $tag, 'x' x $size ) }, qr/longer than S3's list of objects says/ ],
        'nothing'     => [ sub { '' }, qr/:\d+\b/ ],
        'an expired token' =>
          [ sub { response( 400, '<Error><Code>ExpiredToken</Code></Error>' ) }, qr/credentials|expired/ ],
    );
    my %started;
    for my $name ( keys %rest ) {
        my $store = HostileStore->new(
            sub {
                my ( $request, $send ) = @_;
                return $send->( page( undef, [ 'cdn/a', $tag, $size ] ) ) if $request->{path} eq '/logs';
                my ($first) = $request->{head} =~ /^range: bytes=(\d+)-/mi;
                $send->(
                    defined $first
                    ? $rest{$name}[0]->($first)
                    : substr response( 200, $content, ETag => qq("$tag") ),
                    0, 500_000
                );
                return;
            }
        );
        my @command = ( $helper, 'fetch', 's3://logs/cdn/', '--to', "$dir/rest.$name", '--endpoint', $store->endpoint );
        $started{$name} = [ $store, start(@command) ];
    }
    for my $name ( sort keys %rest ) {
        my ( $status, undef, $err ) = finish( $started{$name}[1] );
        my $message = $rest{$name}[1];
        $err =~ s/^.*; trying again in [\d.]+ s\n//mg;    # on a slow machine, where the tries take longer than usual
        is( $status, 1, "$name: exit status" );
        like( $err, qr{\A\S+ s3://logs/cdn/a: [^\n]*${message}[^\n]*\n\z}, "$name: one line" );
        cmp_ok( scalar( my @all = $started{$name}[0]->requests ), '<', 30, "$name: the tries end" );
        ok( !-e "$dir/rest.$name/a", "$name: no file" );
    }
}

done_testing;
