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
use lib "$Bin/lib";
use HostileStore qw(answer);
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

# A store of these keys, which a page has so many of.  RULE: {page, behind, tokens, encodes, empty}: the parameter that
# names the key behind which a page begins; whether a page names the next one; whether keys are encoded; whether
# each page with objects has an empty one before it.
sub store {
    my ( $keys, %rule ) = @_;
    my @keys = sort @$keys;
    return HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            if ( $request->{path} ne '/logs' ) {
                my $log = log_of( decode( substr $request->{path}, 6 ) );
                return $send->( answer( 200, $log, ETag => '"' . md5_hex($log) . '"' ) );
            }
            my %value = map { /^([^=]*)=(.*)$/ ? ( $1 => decode($2) ) : () } split /&/, $request->{query};
            my $after = $value{ $rule{behind} } // '';
            my $is_empty = $rule{empty} && $after !~ s/^full://;
            my @left = grep { $_ gt $after } @keys;
            my @page = $is_empty ? () : splice @left, 0, $rule{page};
            my $next = $is_empty ? "full:$after" : @left ? $page[-1] : undef;
            my $more = defined $next ? 'true' : 'false';
            my $token =
              defined $next && $rule{tokens}
              ? '<NextContinuationToken>' . escape($next) . '</NextContinuationToken>'
              : '';
            my $contents = join '', map {
                my $log = log_of($_);
                my $key = escape( $rule{encodes} ? encode($_) : $_ );
                "<Contents><Key>$key</Key><Size>${\ length $log}</Size><ETag>&quot;${\ md5_hex($log)}&quot;</ETag>"
                  . '<LastModified>2026-11-01T00:00:00.000Z</LastModified></Contents>'
            } @page;
            my $type = $rule{encodes} ? '<EncodingType>url</EncodingType>' : '';
            return $send->(
                answer(
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

# A store that takes none of the parameters gives the same page for ever.
{
    my $store = store( \@keys, page => 4, behind => 'nothing', tokens => 0, encodes => 1 );
    my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $store->endpoint );
    is( $status, 1, 'the same page for ever: exit status 1' );
    like( $err, qr{\A\S+ s3://logs/cdn/: the server's list of objects repeats some[^\n]*\n\z}, 'and one line' );
    cmp_ok( scalar( my @all = $store->requests ), '<', 5, 'and few requests' );
}
{
    my $store = store( [ @keys, "cdn/a\0b" ], page => 1000, behind => 'marker', tokens => 1, encodes => 1 );
    my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/cdn/', '--endpoint', $store->endpoint );
    is( $status, 1, 'a NUL in a key: exit status 1' );
    like(
        $err,
        qr{\A\S+ s3://logs/cdn/: the list of objects has a key with a NUL byte \(%00\), as no log has one; delete},
        'a NUL in a key: message'
    );
}

done_testing;
