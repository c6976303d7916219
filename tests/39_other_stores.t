#!/usr/bin/perl
# Stores that are not AWS: pages shorter than asked for or empty, no token for the next page, only the first version of
# the request for a list, keys that are not encoded, and keys that no log has. Each log is read once, or one line says
# why not.
use strict;
use warnings;
use Test::More;
use Digest::MD5 qw(md5_hex);
use File::Temp  qw(tempdir);
use FindBin     qw($Bin);
use POSIX       qw(strftime);
use lib "$Bin/lib";
use HostileStore qw(response);
use Program      qw(helper run);
use Site;

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
delete $ENV{$_} for grep { /^AWS_|_proxy\z/i } keys %ENV;
@ENV{qw(HOME AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION)} = ( $dir, 'AKIDEXAMPLE', 'secret', 'eu-west-1' );

sub encode { return $_[0] =~ s/([^A-Za-z0-9._~\/-])/sprintf '%%%02X', ord $1/ger }
sub decode { return $_[0] =~ tr/+/ /r =~ s/%([0-9A-F]{2})/chr hex $1/ger }

sub escape {
    return $_[0] =~ s/&/&amp;/gr =~ s/</&lt;/gr =~ s/>/&gt;/gr =~ s/"/&quot;/gr =~ s/'/&#39;/gr;
}

# The log that is the object of a key.
sub log_of { return Site::log_text( '/' . unpack 'H*', $_[0] ) }

# A store of these keys, which a page has so many of.  RULE: {page, behind, tokens, encodes, empty, refuses}: the parameter
# that names the key behind which a page begins; whether a page names the next one; whether keys are encoded; whether
# each page with objects has an empty one before it; the status for a request with the parameter start-after.
sub store {
    my ( $keys, %rule ) = @_;
    my @keys = sort @$keys;
    return HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            if ( $request->{path} ne '/logs' ) {
                my $log = log_of( decode( substr $request->{path}, 6 ) );
                return $send->( response( 200, $log, ETag => '"' . md5_hex($log) . '"' ) );
            }
            my %value = map { /^([^=]*)=(.*)$/ ? ( $1 => decode($2) ) : () } split /&/, $request->{query};
            return $send->( response( $rule{refuses}, '<Error><Code>InvalidArgument</Code></Error>' ) )
              if $rule{refuses} && defined $value{'start-after'};
            my $after = ( $value{ $rule{behind} } // '' ) =~ s/%0([01])/chr $1/ger;
            my $is_empty = $rule{empty} && $after !~ s/^full://;
            my @left = grep { $_ gt $after } @keys;
            my @page = $is_empty ? () : splice @left, 0, $rule{page};
            my $next = $is_empty ? "full:$after" : @left ? $page[-1] : undef;
            my $more = defined $next ? 'true' : 'false';
            my $token =
              defined $next && $rule{tokens}
              ? '<NextContinuationToken>'
              . escape( $next =~ s/([\0\1])/sprintf '%%%02X', ord $1/ger )
              . '</NextContinuationToken>'
              : '';
            my $contents = join '', map {
                my $log = log_of($_);
                my $key = escape( $rule{encodes} ? encode($_) : $_ );
                "<Contents><Key>$key</Key><Size>${\ length $log}</Size><ETag>&quot;${\ md5_hex($log)}&quot;</ETag>"
                  . '<LastModified>2026-11-01T00:00:00.000Z</LastModified></Contents>'
            } @page;
            my $type = $rule{encodes} ? '<EncodingType>url</EncodingType>' : '';
            return $send->(
                response(
                    200, "<ListBucketResult>$type<IsTruncated>$more</IsTruncated>$token$contents</ListBucketResult>"
                )
            );
        }
    );
}

my @keys =
  map { "cdn/$_" } 'a+b', 'a b', 'c&d%20e', '<f>"g"\'', "caf\xc3\xa9", 'x=y?z#', "\xe2\x80\xaebidi", '../up', 'E1.2026';
my %stores = (
    'short pages'                        => { page => 2, behind => 'continuation-token', tokens => 1, encodes => 1 },
    'one key a page, empty ones between' =>
      { page => 1, behind => 'continuation-token', tokens => 1, encodes => 1, empty => 1 },
    'keys not encoded'             => { page => 1000, behind => 'continuation-token', tokens => 1, encodes => 0 },
    'keys not encoded, many pages' => { page => 3,    behind => 'continuation-token', tokens => 1, encodes => 0 },
    'no token'                     => { page => 4,    behind => 'start-after',        tokens => 0, encodes => 1 },
    'only the first version of the request' => { page => 4, behind => 'marker', tokens => 0, encodes => 0 },
);
my $all = join ' ', sort map { '/' . unpack 'H*', $_ } @keys;
foreach my $name ( sort keys %stores ) {
    my $store = store( \@keys, %{ $stores{$name} } );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint );
    my $result = $site->cat;
    is( join( ' ', sort split / /, $result->{paths} ), $all, "$name: each log is read once" ) or diag( $result->{err} );
    is( $site->cat->{paths},                           '',   "$name: nothing is new in the next run" );
}

# Many days of logs, of which the next run needs the newest part alone.  Stores that do not know start-after still list
# each log once, by all their pages if need be.
my $hour = int( time / 3600 );
my @days = map { 'cdn/' . strftime( 'E1EXAMPLE.%Y-%m-%d-%H.0001.gz', gmtime( ( $hour - 4 * $_ ) * 3600 ) ) } 1 .. 160;
my %without_start = (
    'start-after is ignored'          => { behind => 'continuation-token', tokens => 1 },
    'start-after is refused'          => { behind => 'continuation-token', tokens => 1, refuses => 400 },
    'start-after is not implemented'  => { behind => 'continuation-token', tokens => 1, refuses => 501 },
    'only the first version, 20 keys' => { behind => 'marker',             tokens => 0 },
);
foreach my $name ( sort keys %without_start ) {
    my %rule = ( page => 20, encodes => 1, %{ $without_start{$name} } );
    my $store = store( \@days, %rule );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint );
    my $result = $site->cat;
    is( $result->{end}, 'records=160 bad=0 quarantined=0', "$name: each log is read once" ) or diag( $result->{err} );
    my $new = 'cdn/' . strftime( 'E1EXAMPLE.%Y-%m-%d-%H.0002.gz', gmtime( $hour * 3600 ) );
    $store = store( [ @days, $new ], %rule );
    $site->configure( endpoint => $store->endpoint );
    $result = $site->cat;
    is( $result->{paths} . $result->{err}, '/' . unpack( 'H*', $new ), "$name: the next run finds what is new" );
    my @lists = grep { m{^GET /logs\?} } $store->requests;
    cmp_ok( scalar @lists, '<=', $rule{tokens} ? 14 : 6, "$name: requests of this run: " . @lists );
    like(
        join( '', run( { together => 1 }, $site->command('check') ) ),
        qr/^ok    source: /m,
        "$name: check lists the objects"
    );
}

# A store that takes none of the parameters gives the same page for ever.
{
    my $store = store( \@keys, page => 4, behind => 'nothing', tokens => 0, encodes => 1 );
    my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $store->endpoint );
    is( $status, 1, 'the same page for ever: exit status 1' );
    like(
        $err,
        qr{\A\S+ s3://logs/cdn/: the server's list of objects repeats some[^\n]*\n\z},
        'the same page for ever: one line'
    );
    cmp_ok( scalar( my @all = $store->requests ), '<', 5, 'the same page for ever: few requests' );
}

# Keys with a NUL byte: the objects are left out, wherever they are in a page, and the others are read.
my @nul = map { "cdn/$_" } "\0", "a\0", "a\0b", "a\0c", "a b\0", "E1.2026\0.gz", "z\0\0";
foreach my $size ( 1 .. 5, 1000 ) {
    my $store = store(
        [ @keys, 'cdn/a', "cdn/a\1", @nul ],
        page    => $size,
        behind  => 'continuation-token',
        tokens  => 1,
        encodes => 1
    );
    my $site = Site->new( source => 's3://logs/cdn/', endpoint => $store->endpoint );
    my $result = $site->cat;
    is(
        join( ' ', sort split / /, $result->{paths} ),
        join( ' ', sort split( / /, $all ), map { '/' . unpack 'H*', $_ } 'cdn/a', "cdn/a\1" ),
        "NUL in keys, $size a page: each log is read once"
    ) or diag( $result->{err} );
    my @told = $result->{err} =~ m{^\S+ warning: s3://logs/cdn/%00\.\.\.: objects with a NUL byte}mg;
    is( scalar @told,        1,  "NUL in keys, $size a page: one warning" ) or diag( $result->{err} );
    is( $site->cat->{paths}, '', "NUL in keys, $size a page: nothing is new in the next run" );
}
{
    my $store = store( [ @keys, "cdn/a\0b" ], page => 4, behind => 'start-after', tokens => 0, encodes => 1 );
    my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $store->endpoint );
    is( $status, 1, 'a NUL where the next page begins: exit status 1' );
    like(
        $err,
qr{\A\S+ s3://logs/cdn/: the last key of a page of the list of objects has a NUL byte .*; delete this .* longer prefix\n\z},
        'a NUL where the next page begins: message'
    );
}

# A store that sends keys with NUL bytes for ever.
{
    my $count = 0;
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            $count++;
            return $send->(
                response(
                    200,
                    '<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>'
                      . "<NextContinuationToken>t$count</NextContinuationToken><Contents><Key>cdn/a%00$count</Key>"
                      . '<Size>1</Size><ETag>&quot;x&quot;</ETag><LastModified>2026-11-01T00:00:00.000Z</LastModified>'
                      . '</Contents></ListBucketResult>'
                )
            );
        }
    );
    my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $store->endpoint );
    is( $status, 1, 'NUL in keys for ever: exit status 1' );
    like( $err, qr{s3://logs/cdn/: the server's list of objects has 100 pages in a row without an object},
        'a message' );
}

done_testing;
