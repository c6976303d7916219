#!/usr/bin/perl
# cat prints the same log from a real S3 server as from files: large objects, many objects, errors, a site.
use strict;
use warnings;
use Test::More;
use Compress::Zlib ();
use File::Temp     qw(tempdir);
use FindBin        qw($Bin);
use lib "$Bin/lib";
use Program qw(finish helper run start);
use S3Proxy;
use S3Server;

my $helper = helper();
my $server = S3Server->new;
my $dir = tempdir( CLEANUP => 1 );
$server->set_environment;
$server->make_bucket('logs');
mkdir "$dir/cdn";

# Records with a path that does not shrink much, so that some objects are above 1 MiB.
sub log_text {
    my ( $number, $records ) = @_;
    my $state = $number + 1;
    return
"#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes cs(Host) cs(Referer) cs(User-Agent)\n"
      . join '', map {
        my $path = join '',
          map { $state = ( $state * 1103515245 + 12345 ) % 2**31; sprintf '%07x', $state >> 3 } 1 .. 6;
        sprintf "2026-10-31\t%02d:%02d:%02d\t192.0.2.%d\tGET\t/%s\t200\t%d\n", $state % 24, $_ % 60, $number % 60,
          $number % 250, $path, $_
      } 1 .. $records;
}

for my $number ( 0 .. 29 ) {
    my $content = Compress::Zlib::memGzip( log_text( $number, $number % 10 == 9 ? 60_000 : 50 ) );
    my $name = sprintf 'E1.2026-10-31-%02d.gz', $number;
    $server->put( 'logs', "cdn/$name", $content );
    open my $out, '>:raw', "$dir/cdn/$name" or die;
    print $out $content;
    close $out or die;
}
cmp_ok( -s "$dir/cdn/E1.2026-10-31-09.gz", '>', 1 << 20, 'some objects are larger than 1 MiB' );

my ( $status, $want, $err ) = run( $helper, 'cat', "$dir/cdn" );
is( $status, 0, 'cat of the files' ) or diag($err);
my $records = 27 * 50 + 3 * 60_000;
like( $want, qr/^#End: records=$records bad=0 quarantined=0\n\z/m, 'all records' );

sub is_same {
    my ( $name, @option ) = @_;
    my ( $got_status, $got, $got_err ) = run( $helper, 'cat', @option );
    $got =~ s/^#(?:Batch|Site|Previous): .*\n//gm;
    is( $got_status, 0, "$name: exit status 0" ) or diag($got_err);
    ok( $got eq $want, "$name: the same log as from the files" );
    return $got_err;
}

is( is_same( 'from S3', 's3://logs/cdn/' ), '', 'no message' );
is_same( '-j 1', 's3://logs/cdn/', '-j', '1' );

# A configuration file with a site whose state is new.
sub site {
    my ($name) = @_;
    open my $config, '>', "$dir/$name.conf" or die;
    print $config "[cdn]\nsource = s3://logs/cdn/\nregion = eu-west-1\nendpoint = ${\ $server->endpoint}\n",
      "state = $dir/state/$name.db\n";
    close $config or die;
    return "$dir/$name.conf";
}
{
    local $ENV{AWS_ENDPOINT_URL_S3} = 'http://127.0.0.1:1';
    is_same( 'a site', '--config', site('first'), '--site', 'cdn' );
}

my $faulty = S3Proxy->new(
    $server->address,
    sub {
        my ($request) = @_;
        return if $request->{count} > 1;
        my @faults = ( { status => 503 }, { cut => 700 }, { drop => 1 }, undef, { status => 500 } );
        my ($number) = $request->{path} =~ /(\d+)\.gz\z/;
        return $faults[ ( $number // length $request->{query} ) % @faults ];
    }
);
is_same( 'with faults that pass', 's3://logs/cdn/', '--endpoint', $faulty->endpoint );

# An object that stays broken: the run fails, and no log comes out; but a site goes on without the object.
my @broken = (
    [ 'a cut object',    'E1.2026-10-31-05.gz', { cut => 100 },    qr/the response was cut off after 100 bytes/ ],
    [ 'a large cut one', 'E1.2026-10-31-09.gz', { cut => 60_000 }, qr/the response was cut off after 60000 bytes/ ],
    [
        'a refused object',
        'E1.2026-10-31-25.gz',
        { status => 403, body => '<Error><Code>AccessDenied</Code></Error>' },
        qr/access denied/
    ],
);
my ( @proxies, @jobs );
for my $case (@broken) {
    my ( $name, $object, $fault ) = @$case;
    push @proxies, S3Proxy->new( $server->address, sub { return $_[0]{path} eq "/logs/cdn/$object" ? $fault : undef } );
    for my $site ( 0, 1 ) {
        my @option = $site ? ( '--config', site( "site" . @proxies ), '--site', 'cdn' ) : 's3://logs/cdn/';
        push @jobs, [ $case, $site, start( $helper, 'cat', @option, '-j', '2', '--endpoint', $proxies[-1]->endpoint ) ];
    }
}
for (@jobs) {
    my ( $case, $site, $job ) = @$_;
    my ( $name, $object, undef, $message ) = @$case;
    ( $status, my $out, $err ) = finish($job);
    is( $status, $site ? 0                                            : 1, "$name: exit status" );
    like( $out, $site  ? qr/^#End: records=\d+ bad=0 quarantined=1$/m : qr/\A\z/, "$name: the log, or none" );
    my $line = $site ? qr/left out until it can be read: $message.*\n/ : qr/$message.*\n\z/;
    like( $err, qr{\A\S+ s3://logs/cdn/$object: $line}, "$name: message" );
}

# An object that is corrupt in the store: only the gzip trailer shows it.
my $content = Program::content("$dir/cdn/E1.2026-10-31-03.gz");
substr $content, -20, 1, chr( ord( substr $content, -20, 1 ) ^ 1 );
$server->put( 'logs', 'cdn/E1.2026-10-31-03.gz', $content );
( $status, my $out, $err ) = run( $helper, 'cat', 's3://logs/cdn/' );
is( $status, 1,  'a corrupt object: exit status 1' );
is( $out,    '', 'a corrupt object: no log' );
like( $err, qr{\A\S+ s3://logs/cdn/E1\.2026-10-31-03\.gz: .*\n\z}, 'a corrupt object: one line' );

# A large object that does not fit on the disk.
( $status, $out, $err ) =
  run( '/bin/sh', '-c', 'ulimit -f 512; exec "$@"', 'sh', $helper, 'cat', 's3://logs/cdn/E1.2026-10-31-09' );
is( $status, 1,  'no room for a large object: exit status 1' );
is( $out,    '', 'no room for a large object: no log' );
like( $err, qr{\A\S+ /.*: File too large; set TMPDIR .*\n\z}, 'no room for a large object: one line' );
{
    local $ENV{TMPDIR} = "$dir/none";
    ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/cdn/E1.2026-10-31-09' );
    is( $status, 1, 'no TMPDIR: exit status 1' );
    like( $err, qr{\A\S+ .*\Q$dir\E/none: No such file or directory; set TMPDIR .*\n\z}, 'no TMPDIR: one line' );
}

( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/nothing/' );
is( $status, 0, 'no objects: exit status 0' );
like( $out, qr/^#End: records=0 bad=0 quarantined=0\n\z/m, 'no objects: an empty log' );
like(
    $err,
    qr{\A\S+ warning: s3://logs/nothing/: no objects there; check the bucket and the prefix\n\z},
    'no objects: a warning'
);

done_testing;
