#!/usr/bin/perl
# A large object whose transfer is cut off: the next try asks for the rest, of the same version.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use Program qw(helper run);
use S3Proxy;
use S3Server;

my $server = S3Server->new;
$server->set_environment;
$server->make_bucket('large');
my $dir = tempdir( CLEANUP => 1 );
my $content = join '', map { sprintf "%07d\n", $_ } 1 .. 250_000;    # 2,000,000 bytes
my $other = $content =~ tr/0-9/1-90/r;

# Fetches the object through a proxy that does to its n-th GET what RULE says; returns what was asked for, and the file.
sub fetch {
    my ( $name, $rule ) = @_;
    $server->put( 'large', 'cdn/object', $content );
    my $log = "$dir/$name.log";
    my $proxy = S3Proxy->new(
        $server->address,
        sub {
            my ($request) = @_;
            return if $request->{path} ne '/large/cdn/object';
            my ($range) = $request->{head} =~ /^Range: (\S+)\r$/mi;
            my ($tag) = $request->{head} =~ /^If-Match: (\S+)\r$/mi;
            open my $out, '>>', $log or die;
            print $out join( ' ', $range // 'all', $tag ? 'of a version' : () ), "\n";
            close $out or die;
            return $rule->( $request->{count} );
        }
    );
    my ( $status, undef, $err ) =
      run( helper(), 'fetch', 's3://large/cdn/', '--to', "$dir/$name", '--endpoint', $proxy->endpoint );
    is( $status, 0, "$name: exit status" ) or diag $err;
    my @asked = split /\n/, Program::content($log);
    return ( \@asked, -e "$dir/$name/object" ? Program::content("$dir/$name/object") : '' );
}

my ( $asked, $file ) = fetch( 'cut', sub { return $_[0] <= 2 ? { cut => 750_000 } : undef } );
is_deeply(
    $asked,
    [ 'all', 'bytes=750000- of a version', 'bytes=1500000- of a version' ],
    'cut twice: the rest is asked for'
);
ok( $file eq $content, 'cut twice: the file is right' );

( $asked, $file ) = fetch( 'often', sub { return { cut => 200_000 } } );
is( scalar @$asked, 10, 'cut more often than a request is tried: each try gets more of the object' );
ok( $file eq $content, 'cut often: the file is right' );

( $asked, $file ) = fetch( 'early', sub { return $_[0] == 1 ? { cut => 1000 } : undef } );
is_deeply( $asked, [ 'all', 'all' ], 'cut after few bytes: begins afresh' );
ok( $file eq $content, 'cut after few bytes: the file is right' );

( $asked, $file ) = fetch( 'busy',
    sub { return $_[0] == 1 ? { cut => 1_000_000 } : $_[0] == 2 ? { status => 503, body => 'x' x 5000 } : undef } );
is_deeply( $asked, [ 'all', ('bytes=1000000- of a version') x 2 ], 'an error between: continues all the same' );
ok( $file eq $content, 'an error between: the file is right' );

( $asked, $file ) = fetch(
    'changed',
    sub {
        return { cut => 1_000_000 } if $_[0] == 1;
        $server->put( 'large', 'cdn/object', $other ) if $_[0] == 2;
        return;
    }
);
is_deeply( $asked, [ 'all', 'bytes=1000000- of a version', 'all' ], 'replaced in between: begins afresh' );
ok( $file eq $other, 'replaced in between: the file is the new version' );

( $asked, $file ) =
  fetch( 'whole', sub { return $_[0] == 1 ? { cut => 1_000_000 } : { status => 200, body => $content } } );
ok( $file eq $content, 'a store that sends all in place of the rest: the file is right' );

( $asked, $file ) = fetch(
    'wrong',
    sub {
        return { cut => 1_000_000 } if $_[0] == 1;
        return if $_[0] > 2;
        return {
            status  => 206,
            headers => { 'Content-Range' => 'bytes 0-999999/2000000' },
            body    => substr $content,
            0, 1_000_000
        };
    }
);
is_deeply( $asked, [ 'all', 'bytes=1000000- of a version', 'all' ], 'a store that sends other bytes: begins afresh' );
ok( $file eq $content, 'a store that sends other bytes: the file is right' );

done_testing;
