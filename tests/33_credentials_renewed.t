#!/usr/bin/perl
# Credentials that another program replaces in ~/.aws/credentials while a run is under way, and those that
# nobody replaces.
use strict;
use warnings;
use Test::More;
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use Program qw(helper run write_file);
use S3Proxy;
use S3Server;

my $helper = helper();
my $server = S3Server->new;
my $dir = tempdir( CLEANUP => 1 );
$server->set_environment;
$server->make_bucket('logs');
my %log = map {
    ( "cdn/$_" =>
            "#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes cs(Host) cs(Referer) cs(User-Agent)\n"
          . "2026-10-31\t12:00:00\t192.0.2.1\tGET\t/$_\t200\t1\n" )
} 'a' .. 'z';
$server->put( 'logs', $_, $log{$_} ) for sort keys %log;

delete @ENV{qw(AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY)};
$ENV{HOME} = $dir;
$ENV{AWS_EC2_METADATA_DISABLED} = 'true';
mkdir "$dir/.aws" or die;

my $old = 'Old+token/' . 'x' x 2000;
my $new = 'New+token/' . 'y' x 2000;

# Puts a token into the profile as a program does that renews it: the file is replaced as a whole.
sub put_token {
    my ( $token, $more ) = @_;
    write_file( "$dir/.aws/new",
            "[default]\naws_access_key_id = @{[$server->key_id]}\naws_secret_access_key = @{[$server->secret]}\n"
          . "aws_session_token = $token\n"
          . ( $more // '' ) );
    rename "$dir/.aws/new", "$dir/.aws/credentials" or die;
    return;
}

# A store that accepts one token.  Once it was asked for four objects it calls CHANGE, and then accepts another one.
sub store {
    my ($change) = @_;
    unlink "$dir/count";
    rmdir "$dir/$_" foreach qw(changing changed);
    return S3Proxy->new(
        $server->address,
        sub {
            my ($request) = @_;
            my $is_head = $request->{method} eq 'HEAD';
            if ( $request->{path} =~ m{^/logs/cdn/} ) {
                open my $count, '>>', "$dir/count" or die;
                syswrite $count, '.';
                if ( -s "$dir/count" >= 4 && mkdir "$dir/changing" ) {
                    $change->();
                    mkdir "$dir/changed" or die;
                }
            }
            my ($token) = $request->{head} =~ /^x-amz-security-token: (\S+)/mi or return { status => 500 };
            return if $token eq ( -d "$dir/changed" ? $new : $old );
            return { status => 400, body => $is_head ? '' : '<Error><Code>ExpiredToken</Code></Error>' };
        }
    );
}

sub fetch_from {
    my ($store) = @_;
    remove_tree("$dir/to");
    return run( $helper, 'fetch', '-j', '2', 's3://logs/cdn/', '--to', "$dir/to", '--endpoint', $store->endpoint );
}

put_token($old);
my $store = store( sub { put_token($new) } );
my ( $status, $out, $err ) = fetch_from($store);
is( $status,         0, 'a token that is replaced: exit status 0' )                or diag($err);
is( $err =~ tr/\n//, 1, 'a token that is replaced: no message but the last line' ) or diag($err);
is_deeply(
    [ map { Program::content($_) } glob "$dir/to/*" ],
    [ map { $log{$_} } sort keys %log ],
    'a token that is replaced: all objects'
);
my %times;
$times{$_}++ for $store->requests;
my @again = grep { $_ > 1 } values %times;
cmp_ok( scalar @again, '>',  0, 'requests with the old token were refused, and sent again' );
cmp_ok( scalar @again, '<=', 2, 'no more requests with the old token than were under way' );

put_token($old);
( $status, $out, $err ) =
  run( $helper, 'cat', '-j', '2', 's3://logs/cdn/', '--endpoint', store( sub { put_token($new) } )->endpoint );
is( $status, 0, 'cat: exit status 0' ) or diag($err);
like( $out, qr/^#End: records=26 /m, 'cat: all records' );

put_token($old);
( $status, $out, $err ) = fetch_from( store( sub { } ) );
is( $status, 1, 'a token that is not replaced: exit status 1' );
like(
    $err,
    qr{\A\S+ s3://logs/cdn/\S?: the session token from profile default of \S+ has expired; get a new one\n}m,
    'a token that is not replaced: what to do'
);

put_token($old);
( $status, $out, $err ) = fetch_from( store( sub { put_token('a third token') } ) );
is( $status, 1, 'a token that has a space: exit status 1' );
like(
    $err,
qr/has expired; get a new one; newer credentials cannot be fetched: the session token from profile default of .* contains a space/,
    'a token that has a space: both errors'
);

put_token($old);
( $status, $out, $err ) = fetch_from( store( sub { put_token( $new, "[broken\n" ) } ) );
is( $status, 1, 'a file that is broken meanwhile: exit status 1' );
like(
    $err,
qr{has expired; get a new one; newer credentials cannot be fetched: \Q$dir\E/\.aws/credentials:5: the line is neither},
    'with its line'
);

put_token($old);
( $status, $out, $err ) = fetch_from( store( sub { put_token('Wrong+token') } ) );
is( $status, 1, 'a new token that is refused, too: exit status 1' );
like( $err, qr{\A\S+ s3://logs/cdn/\S?: the session token from profile default of \S+ has expired}, 'once is enough' );
unlike( $err, qr/x{9}|y{9}|Wrong/, 'no token in any message' );

{
    local @ENV{qw(AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN)} =
      ( $server->key_id, $server->secret, $old );
    put_token($new);
    ( $status, $out, $err ) = fetch_from( store( sub { } ) );
    is( $status, 1, 'the environment: exit status 1' );
    like(
        $err,
        qr/the session token from the environment has expired; get a new one$/m,
        'the environment does not change into a profile in mid-run'
    );
}

done_testing;
