#!/usr/bin/perl
# fetch copies a bucket from a real S3 server: any key, unchanged objects, directories that fetch must refuse, a
# crash in between.
use strict;
use warnings;
use Test::More;
use Digest::MD5 qw(md5_hex);
use File::Find  qw(find);
use File::Temp  qw(tempdir);
use FindBin     qw($Bin);
use JSON::XS    qw(decode_json);
use Time::HiRes qw(sleep);
use lib "$Bin/lib";
use Compiler qw(fault_library);
use Program  qw(finish helper run start);
use S3Proxy;
use S3Server;

my $helper = helper();
my $server = S3Server->new;
my $dir = tempdir( CLEANUP => 1 );
$server->set_environment;
$server->make_bucket('logs');

# The files below a directory, but for .partial's, as {path => MD5}.
sub files {
    my ($root) = @_;
    my %files;
    find(
        {
            no_chdir => 1,
            wanted   => sub {
                $files{ substr $_, length("$root/") } = md5_hex( Program::content($_) )
                  if -f && !m{^\Q$root\E/\.partial/};
            }
        },
        $root
    );
    return \%files;
}

sub is_failure {
    my ( $want, $message, $name, @option ) = @_;
    my ( $status, $out, $err ) = run( $helper, 'fetch', @option );
    is( $status, $want, "$name: exit status $want" );
    is( $out,    '',    "$name: no output" );
    like( $err, $message, "$name: the message" );
    is( $err =~ tr/\n//, 1, "$name: one line" ) or diag($err);
    return;
}

# Key below the prefix => path below the directory.
my %path = (
    ( map { my $name = sprintf 'E1.2026-10-31-%02d.abcd.gz', $_; ( $name => $name ) } 0 .. 20 ),
    'a b+c%d&e=f.gz'    => 'a b+c%d&e=f.gz',
    "\xC3\xBCber/x.gz"  => "\xC3\xBCber/x.gz",
    'year=2026/10/a.gz' => 'year=2026/10/a.gz',
    '.hidden/.x'        => '%2Ehidden/%2Ex',
    'x/../../etc/y'     => 'x/%2E./%2E./etc/y',
    'x/./z'             => 'x/%2E/z',
    '/leading'          => '%2Fleading',
    'double//slash'     => 'double/%2Fslash',
    "tab\there"         => 'tab%09here',
    'escaped%2Fslash'   => 'escaped%252Fslash',
    '%2Eescaped'        => '%252Eescaped',
    'empty'             => 'empty',
    ''                  => '%00',
    'content/'          => 'content%2F',
    'content/in'        => 'content/in',
    'content%2F'        => 'content%252F',
    'two//'             => 'two/%2F',
);
my %content = map { $_ => $_ eq 'empty' ? '' : "content of $_\n" x ( 1 + length ) } keys %path;
$content{large} = join '', map { pack 'N', $_ } 1 .. 800_000;
$path{large} = 'large';
$server->put( 'logs', "cdn/$_",      $content{$_} ) for sort keys %content;
$server->put( 'logs', 'cdn/folder/', '' );
$server->put( 'logs', 'cdn-other',   'not asked for' );
my %want = map { $path{$_} => md5_hex( $content{$_} ) } keys %path;
my $bytes = 0;
$bytes += length for values %content;
my $count = keys %content;

my ( $status, $out, $err ) = run( $helper, 'fetch', 's3://logs/cdn/', '--to', "$dir/new/deep" );
is( $status, 0,                                                                          'exit status 0' );
is( $out,    '',                                                                         'no output' );
is( $err,    "awstats-cloudfront: $count objects fetched ($bytes bytes), 0 unchanged\n", 'the last line' );
is_deeply( files("$dir/new/deep"),              \%want, 'every object, under its name' );
is_deeply( [ glob "$dir/new/deep/.partial/*" ], [],     'no part files are left' );

my $time = ( stat "$dir/new/deep/large" )[9];
cmp_ok( abs( $time - time ), '<', 300, "a file has its object's time" );

( $status, $out, $err ) = run( $helper, 'fetch', 's3://logs/cdn/', '--to', "$dir/new/deep" );
is( $err, "awstats-cloudfront: 0 objects fetched (0 bytes), $count unchanged\n", 'a second run' );

utime 1, 1, "$dir/new/deep/large";
truncate "$dir/new/deep/x/%2E/z", 1;
unlink "$dir/new/deep/empty";
$server->put( 'logs', 'cdn/empty', 'no longer' );
$want{empty} = md5_hex('no longer');
for my $name ( 'awstats-cloudfront-part-17', '17', 'awstats-cloudfront-part-of-mine' ) {
    open my $stale, '>', "$dir/new/deep/.partial/$name" or die;
    close $stale;
}
( $status, $out, $err ) =
  run( $helper, 'fetch', '-q', '--progress=json', 's3://logs/cdn/', '--to', "$dir/new/deep", '-j', '2' );
{
    my $last = decode_json( ( split /\n/, $err )[-1] );
    my $fetched = length( $content{large} ) + length( $content{'x/./z'} ) + length 'no longer';
    is_deeply(
        [ @$last{qw(stage objects objects_total bytes bytes_total done)} ],
        [ 'read', $count, $count, $fetched, $fetched, JSON::XS::true() ],
        'progress: all objects, and the bytes of those that were fetched'
    );
    $err =~ s/^\{.*\n//mg;
}
is( $status, 0,  '-q: exit status 0' );
is( $err,    '', '-q: no message' );
is_deeply( files("$dir/new/deep"), \%want, 'an object with another time or size is fetched again' );
is_deeply(
    [ sort map { s{.*/}{}r } glob "$dir/new/deep/.partial/*" ],
    [ '17', 'awstats-cloudfront-part-of-mine' ],
    'of .partial, only a part file of an earlier run is removed'
);
( $status, $out, $err ) = run( $helper, 'fetch', 's3://logs/cdn/', '--to', "$dir/new/deep" );
is( $status, 0, "files of the user's in .partial: exit status 0" );
like(
    $err,
    qr{^\S+ warning: \Q$dir\E/new/deep/\.partial/(17|awstats-cloudfront-part-of-mine): not made by this program}m,
    "files of the user's in .partial: one is named"
);

run( $helper, 'fetch', 's3://logs/cdn/E1.2026-10-31-1', '--to', "$dir/part" );
is_deeply(
    [ sort keys %{ files("$dir/part") } ],
    [ map { "E1.2026-10-31-1$_.abcd.gz" } 0 .. 9 ],
    "a prefix that is no folder: the path begins behind its last slash"
);

# A site.
open my $config, '>', "$dir/conf" or die;
print $config "[cdn]\nsource = s3://logs/cdn/year=2026/\n[local]\nsource = /var/log\n",
  "[shop]\nsource = s3://logs/cdn/\ninclude = E1 a.gz content\nexclude = *-31-0*\n";
close $config;
( $status, $out, $err ) = run( $helper, 'fetch', '-c', "$dir/conf", '--site', 'cdn', '--to', "$dir/site" );
is_deeply( files("$dir/site"), { '10/a.gz' => $want{'year=2026/10/a.gz'} }, 'a site' );

# "include" and "exclude" choose the objects as for every other command.
{
    my @chosen = ( 'year=2026/10/a.gz', 'content/', 'content/in', grep { /^E1\..*-31-[12]/ } keys %path );
    my %chosen = map { $path{$_} => $want{ $path{$_} } } @chosen;
    my ( $status, undef, $err ) = run( $helper, 'fetch', '-c', "$dir/conf", '--site', 'shop', '--to', "$dir/shop" );
    is( $status, 0, 'a site that chooses objects: exit status 0' );
    is_deeply( files("$dir/shop"), \%chosen, 'a site that chooses objects: these are fetched' );
    my $left_out = $count - @chosen;
    like(
        $err,
        qr/: @{[ scalar @chosen ]} objects fetched [^\n]*, 0 unchanged, $left_out left out\n\z/,
        'both are told'
    );
    my @no = ( '--include', 'E9ZZZ', 's3://logs/cdn/', '--to', "$dir/none" );
    ( $status, undef, $err ) = run( $helper, 'fetch', @no );
    is( $status, 0, 'include matches no object: exit status 0' );
    like( $err, qr{ warning: s3://logs/cdn/: $count objects are there, none of which .* choose; correct these\n},
        'warned' );
    is_deeply( files("$dir/none"), {}, 'include matches no object: none is fetched' );
}

# Wrong usage.
is_failure( 2, qr/needs --to DIR/,                'no --to',               's3://logs/cdn/' );
is_failure( 2, qr{needs --site NAME or a SOURCE}, 'no source',             '--to',      $dir );
is_failure( 2, qr{needs --site NAME or s3://},    'a directory as source', '/var/log',  '--to', $dir );
is_failure( 2, qr{takes only one source},         'two sources',           's3://logs', 's3://logs', '--to', $dir );
is_failure(
    2,
    qr{the site's source must be s3://},
    'a site of files',
    '-c', "$dir/conf", '--site', 'local', '--to', $dir
);

# A directory that cannot be used.
open my $in_the_way, '>', "$dir/file" or die;
close $in_the_way;
is_failure( 1, qr{\Q$dir\E/file: cannot be}, 'a file as directory', 's3://logs/cdn/', '--to', "$dir/file" );
is_failure(
    1,
    qr{\Q$dir\E/file/x: cannot be made},
    'a file above the directory',
    's3://logs/cdn/', '--to', "$dir/file/x"
);
is_failure( 1, qr{/proc/x: cannot be made}, 'an unwritable directory', 's3://logs/cdn/', '--to', '/proc/x' );
$server->put( 'logs', 'clash/a',   'a file' );
$server->put( 'logs', 'clash/a/b', 'a folder' );
$server->put( 'logs', 'clash/c',   'beside them' );
is_failure(
    1,
qr{\Q$dir\E/clash/a(: cannot be made: a folder already has this name, for other objects or by another program|/b: cannot be made: a file already has the name of one of its folders)},
    'a key that is also a folder',
    's3://logs/clash/',
    '--to',
    "$dir/clash"
);
is( scalar( keys %{ files("$dir/clash") } ), 2, 'a key that is also a folder: the others are fetched' );
my $long = 'n' x 256;
$server->put( 'logs', "long/$_", 'x' ) for "a/$long/x", 'b', "b-$long", 'c';
( $status, $out, $err ) = run( $helper, 'fetch', 's3://logs/long/', '--to', "$dir/long" );
is( $status, 1, 'keys too long for names: exit status 1' );
like(
    $err,
    qr{^\S+ \Q$dir\E/long/$_: cannot be made: File name too long; copy into another directory with --to$}m,
    'a key too long for a name is named'
) for "a/$long/x", "b-$long";
is( $err =~ tr/\n//, 2, 'keys too long for names: a line for each' );
is_deeply( [ sort keys %{ files("$dir/long") } ], [ 'b', 'c' ], 'keys too long for names: the others are fetched' );

# Symbolic links and folders of the user's own.
mkdir "$dir/$_" or die for 'victim', 'linked', 'own', 'own/c', 'sub', 'other';
open my $precious, '>', "$dir/victim/precious" or die;
close $precious;
symlink '../victim', "$dir/linked/.partial" or die;
is_failure(
    1,
qr{\Q$dir\E/linked/\.partial: this folder for unfinished copies cannot be opened: it is a file or a symbolic link; remove it},
    '.partial is a link',
    's3://logs/clash/',
    '--to',
    "$dir/linked"
);
is_deeply( [ keys %{ files("$dir/victim") } ], ['precious'], '.partial is a link: where it leads, nothing changed' );
is_deeply( [ glob "$dir/linked/*" ],           [],           '.partial is a link: nothing is fetched' );
is_failure(
    1,
    qr{\Q$dir\E/own/c: cannot be made: a folder already has this name, for other objects or by another program},
    "a folder of the user's own",
    's3://logs/clash/c', '--to', "$dir/own"
);
symlink '../other', "$dir/sub/year=2026" or die;
is_failure(
    1,
    qr{\Q$dir\E/sub/year=2026/10/a\.gz: cannot be made: one of its folders is a symbolic link},
    'a folder that is a link',
    's3://logs/cdn/y', '--to', "$dir/sub"
);
is_deeply( [ glob "$dir/other/*" ], [], 'a folder that is a link: nothing is where it leads' );
symlink '../victim/precious', "$dir/own/a.gz" or die;
($status) = run( $helper, 'fetch', 's3://logs/cdn/year=2026/10/a.gz', '--to', "$dir/own" );
is( $status, 0, 'a file that is a link: exit status 0' );
ok( -f "$dir/own/a.gz" && !-l "$dir/own/a.gz" && -z "$dir/victim/precious", 'a file that is a link is replaced' );

( $status, $out, $err ) = run( $helper, 'fetch', 's3://logs/nothing/', '--to', "$dir/nothing" );
is( $status, 0, 'no objects: exit status 0' );
like(
    $err,
    qr{^\S+ warning: s3://logs/nothing/: no objects there; check the bucket and the prefix$}m,
    'no objects: a warning'
);
{
    my ( $full, undef, $why ) = run(
        '/bin/sh',             '-c',   'ulimit -f 64; exec "$@"', 'sh', $helper, 'fetch',
        's3://logs/cdn/large', '--to', "$dir/full"
    );
    is( $full, 1, 'no room: exit status 1' );
    like( $why, qr{\A\S+ \Q$dir\E/full: cannot be written: File too large\n\z}, 'no room: one line' );
    is_deeply( files("$dir/full"), {}, 'no room: no file' );
}

# A run that is killed leaves whole files only, and the next one completes them.
my $slow = S3Proxy->new( $server->address, sub { return $_[0]{path} =~ /large|0\.abcd/ ? { slow => 400 } : undef } );
my $job = start( $helper, 'fetch', 's3://logs/cdn/', '--to', "$dir/killed", '--endpoint', $slow->endpoint );
my $half;
for ( 1 .. 200 ) {
    $half = grep { -s } glob "$dir/killed/.partial/*";
    last if $half && keys %{ -d "$dir/killed" ? files("$dir/killed") : {} };
    sleep 0.05;
}
ok( $half, 'a part file is half written' );
is_failure( 3, qr{\Q$dir\E/killed: another run is copying into this directory},
    'a second run', 's3://logs/cdn/', '--to', "$dir/killed" );
kill KILL => $job->{pid};
finish($job);
my $files = files("$dir/killed");
my @wrong = grep { $files->{$_} ne $want{$_} } keys %$files;
is_deeply( \@wrong, [], 'killed: the files that have their names are whole' );
cmp_ok( scalar keys %$files, '<', $count, 'killed: some are missing' );
($status) = run( $helper, 'fetch', 's3://logs/cdn/', '--to', "$dir/killed" );
is( $status, 0, 'the next run' );
is_deeply( files("$dir/killed"), \%want, 'all are there' );

# A filesystem without locks: two runs at once would take each other's part files away, so there is none.
{
    my $shim = fault_library( 'no_lock', $dir );
    local %ENV = ( %ENV, LD_PRELOAD => $shim, ASAN_OPTIONS => 'verify_asan_link_order=0' );
    my ( $status, undef, $err ) = run( $helper, 'fetch', 's3://logs/cdn/', '--to', "$dir/no-lock" );
    is( $status, 1, 'no locks: exit status 1' );
    like(
        $err,
qr{\A[^\n]*/no-lock/\.partial: this folder for unfinished copies cannot be locked: No locks available; [^\n]*\n\z},
        'no locks: one line'
    );
}

done_testing;
