#!/usr/bin/perl
# check reports each step as ok, warns, or says what to do; check and the other commands name the mistakes of a user. The
# server is a real S3 server.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use POSIX      qw(strftime);
use lib "$Bin/lib";
use Program qw(helper run);
use S3Proxy;
use S3Server;

my $helper = helper();
my $server = S3Server->new;
my $dir = tempdir( CLEANUP => 1 );
$server->set_environment;
$ENV{AWS_EC2_METADATA_DISABLED} = 'true';
$server->make_bucket('logs');

# A log of as many columns as asked for.
sub log_text {
    my ($columns) = @_;
    return
        "#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes"
      . join( '', map { " x-$_" } 8 .. $columns ) . "\n"
      . join( "\t", '2026-10-31', '00:00:00', '192.0.2.1', 'GET', '/', 200, 1, ('-') x ( $columns - 7 ) ) . "\n";
}
my $first = log_text(33);

$server->put( 'logs', 'cdn/a.gz',    $first );
$server->put( 'logs', 'cdn/folder/', '' );
$server->put( 'logs', 'cdn/b +%.gz', $first );
my $bytes = 2 * length $first;

sub put {
    my ( $name, $text ) = @_;
    open my $out, '>', "$dir/$name" or die;
    print $out $text;
    close $out or die;
    return "$dir/$name";
}

# The steps' lines, {step => line}, of a run that must end with a status.
sub steps {
    my ( $want,   $name, @option ) = @_;
    my ( $status, $out,  $err ) = run( $helper, 'check', @option );
    is( $status, $want, "$name: exit status $want" ) or diag("$out$err");
    $err =~ s/^\S+ waiting for [^\n]*\n//mg;    # on a machine that stalls
    is( $err, '', "$name: nothing on standard error" );
    unlike( $out, qr/\Q${\ $server->secret}\E|\Q${\ $server->key_id}\E/, "$name: no secret, no whole key" );
    my @lines = grep { /\S/ && !/^\[/ } split /\n/, $out;
    is_deeply( [ grep { !/^(?:ok  |warn|FAIL)  [a-z]+: ./ } @lines ], [], "$name: each line is ok, warn or FAIL" );
    return { map { /^\S+\s+(\w+): / ? ( $1 => $_ ) : () } sort { ( $a =~ /^F/ ) <=> ( $b =~ /^F/ ) } @lines };
}

my $step = steps( 0, 'all is well', 's3://logs/cdn/' );
like( $step->{source}, qr{^ok    source: s3://logs/cdn/$}, 'source' );
like( $step->{credentials},
    qr/^ok    credentials: AWS credentials from the environment, with the access key ID \.\.\.ster$/,
    'credentials' );
like( $step->{region}, qr/^ok    region: eu-west-1$/,                                               'region' );
like( $step->{bucket}, qr/^ok    bucket: 2 objects, $bytes bytes; the newest object is of 20\d\d-/, 'bucket' );
like( $step->{object}, qr{^ok    object: s3://logs/cdn/(a\.gz|b \+%\.gz) can be read$},             'object' );
is( $step->{log}, 'ok    log: download, 33 fields', 'log' );
like( $step->{clock}, qr/^ok    clock: this machine's clock is \d s (ahead of|behind) the clock of the S3 server$/,
    'clock' );
like( $step->{awstats}, qr{^ok    awstats: /.*/awstats\.pl, version \d+\.\d+; .*plugin}, 'awstats' );

{
    local $ENV{AWS_REGION} = 'us-east-1';
    like(
        steps( 0, 'a region to find out', 's3://logs/cdn/' )->{region},
        qr/^ok    region: eu-west-1 \(S3 reports it\); write region = eu-west-1/,
        'check finds the region'
    );
    like(
        steps( 1, 'a wrong region', 's3://logs/cdn/', '--region', 'ap-south-1' )->{region},
        qr/^FAIL  region: the bucket is in eu-west-1; write region = eu-west-1/,
        'check names the region'
    );
}
like(
    steps( 1, 'no objects', 's3://logs/x' )->{bucket},
    qr{^FAIL  bucket: no objects at s3://logs/x; check},
    'no objects'
);
like(
    steps( 1, 'include fits no object', 's3://logs/cdn/', '--include', 'E9ZZZ' )->{bucket},
    qr{^FAIL  bucket: s3://logs/cdn/: \d+ objects are there, none of which the settings "include" and "exclude" choose},
    'include fits no object'
);
like( steps( 1, 'a wrong URI', 's3://x' )->{source}, qr{^FAIL  source: s3://x: not a bucket name}, 'a wrong URI' );

# A mistake, the step that names it, and the message of cat and fetch.
my $closed = do {
    my $socket = IO::Socket::INET->new( LocalAddr => '127.0.0.1', Listen => 1 ) or die;
    $socket->sockport;
};
my @mistakes = (
    [
        'a wrong secret',
        { AWS_SECRET_ACCESS_KEY => 'wrong' },
        [], 'bucket',
        qr/the secret access key from the environment does not belong to the access key ID; copy it again/
    ],
    [ 'a wrong bucket', {}, ['s3://nologs/cdn/'], 'bucket', qr/there is no bucket nologs at / ],
    [
        'a host that is not',
        {},       [ '--endpoint', 'http://s3.invalid' ],
        'bucket', qr/s3\.invalid: no such host, or no network/
    ],
    [
        'a port where nobody is',
        {},       [ '--endpoint', "http://127.0.0.1:$closed" ],
        'bucket', qr/127\.0\.0\.1:$closed cannot be reached .*check the endpoint/
    ],
    [
        'TLS where there is none',
        {},       [ '--endpoint', 'https://' . $server->address ],
        'bucket', qr/no TLS connection to .*check that the endpoint speaks https/
    ],
    [ 'a wrong profile', {}, [ '--profile', 'nobody' ], 'credentials', qr/no AWS profile nobody in / ],
    [
        'no credentials',
        { AWS_ACCESS_KEY_ID => '', AWS_SECRET_ACCESS_KEY => '' },
        [], 'credentials', qr/no AWS credentials; set AWS_ACCESS_KEY_ID/
    ],
    [
        'an endpoint without a scheme in the environment',
        { AWS_ENDPOINT_URL_S3 => 's3.example.com' },
        [],
        'credentials',
        qr{endpoint s3\.example\.com: must begin with https://}
    ],
);
for (@mistakes) {
    my ( $name, $environment, $option, $at, $message ) = @$_;
    local @ENV{ keys %$environment } = values %$environment;
    my @source = grep( { m{^s3://} } @$option ) ? () : ('s3://logs/cdn/');
    like( steps( 1, $name, @source, @$option )->{$at}, qr/^FAIL  $at: $message/, "$name: check" );
    for my $command ( ['cat'], [ 'fetch', '--to', "$dir/to" ] ) {
        my ( $status, $out, $err ) = run( $helper, @$command, @source, @$option );
        is( $status, 1,  "$name: $command->[0] exits 1" );
        is( $out,    '', "$name: $command->[0] has no output" );
        like( $err, qr/\A\S+ .*$message.*\n\z/, "$name: $command->[0] says it in one line" );
    }
}

# A clock that is wrong, but not yet too wrong for the store.
my $proxy = S3Proxy->new(
    $server->address,
    sub {
        return {
            edit => sub {
                my ( $head, $body ) = @_;
                my $date = strftime '%a, %d %b %Y %H:%M:%S GMT', gmtime( time - 600 );
                $head =~ s/^Date: [^\r]*/Date: $date/mi;
                return ( $head, $body );
            }
        };
    }
);
like(
    steps( 1, 'a clock 10 minutes off', 's3://logs/cdn/', '--endpoint', $proxy->endpoint )->{clock},
    qr/^FAIL  clock: this machine's clock is 60\d s ahead of the clock of the S3 server/,
    'the clock'
);

# An object that may be listed but not read.
$proxy = S3Proxy->new(
    $server->address,
    sub {
        return $_[0]{path} =~ m{/cdn/} ? { status => 403, body => '<Error><Code>AccessDenied</Code></Error>' } : undef;
    }
);
$step = steps( 1, 'no right to read', 's3://logs/cdn/', '--endpoint', $proxy->endpoint );
like( $step->{bucket}, qr/^ok /, 'no right to read: the bucket is listed' );
like(
    $step->{object},
    qr{^FAIL  object: s3://logs/cdn/.*: access denied; allow s3:GetObject on arn:aws:s3:::logs/\* in the IAM policy of},
    'no right to read: the object'
);

# Sites.
mkdir "$dir/files" or die;
put( 'files/log', log_text(12) );
my $config =
  put( 'conf', "[cdn]\nsource = s3://logs/cdn/\n[files]\nsource = $dir/files\n[gone]\nsource = $dir/gone\n" );
my ( $status, $out, $err ) = run( $helper, 'check', '--config', $config );
is( $status, 1, 'all sites: exit status 1' );
like( $out, qr/^ok    configuration: \Q$config\E\n/, 'all sites: the configuration' );
( undef, my $mistake ) = run( $helper, 'check', '--config',
    put( 'mistake', "[files]\nsource = $dir/files\n[other]\nsource = $dir/files\nmemory = 1x\n" ) );
like(
    $mistake,
    qr/\AFAIL  configuration: \S+:5: memory = 1x: must be a size such as 500M or 4G\n\n\[files\]\nok    source/,
    'a mistake in the configuration, which is then not called ok; the other sites are checked'
);
unlike( $mistake, qr/^ok    configuration/m, 'not called ok' );
like(
    $out,
    qr/^\[cdn\]\nok    source.*^\[files\]\nok    source.*^\[gone\]\nFAIL  source: .*\/gone: /ms,
    'all sites: each by its name'
);
is(
    steps( 0, 'a site', '--config', $config, '--site', 'files' )->{source} =~
      /^ok    source: \Q$dir\E\/files, 1 file, /,
    1,
    'a site of files'
);
like(
    steps( 1, 'an unknown site', '--config', $config, '--site', 'wrong' )->{configuration},
qr{^FAIL  configuration: \Q$config\E: no section \[wrong\]; add it, or name another one with --site: cdn, files, gone$},
    'an unknown site'
);
like(
    steps( 1, 'no configuration', '--config', "$dir/none" )->{configuration},
    qr{^FAIL  configuration: \Q$dir\E/none: there is no such file},
    'no configuration'
);

# check rejects the logs that cat rejects, with the same error.
sub is_log {
    my ( $want, $source, $name, @option ) = @_;
    my $is_fine = "$want" =~ /\^ok/;
    my $log = steps( $is_fine ? 0 : 1, $name, $source, @option )->{log} // '';
    like( $log, $want, $name );
    return if $is_fine;
    my ($cause) = $log =~ /: ([^:]+(?:: it [^:]+)?)\z/;
    my ( $cat_status, undef, $cat_err ) = run( $helper, 'cat', $source, @option );
    is( $cat_status, 1, "$name: cat refuses it" );
    like( $cat_err, qr/\Q$cause\E$/m, "$name: cat prints the same error" );
    return;
}
is_log( qr/^ok    log: download, 12 fields$/, "$dir/files", 'a directory' );
is_log( qr/^FAIL  log: .*: a download log, but the setting "type" is streaming/,
    "$dir/files", 'another type', '--type', 'streaming' );
put( 'rtmp',
        "#Version: 1.0\n#Fields: date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id "
      . "cs-uri-stem cs-uri-query c-referrer x-page-url c-user-agent x-sname x-sname-query x-file-ext x-sid\n" );
is_log( qr/^ok    log: streaming, 17 fields$/, "$dir/rtmp", 'a streaming log' );
is_log(
    qr/^FAIL  log: .*: a streaming \(RTMP\) log, but the setting "type" is download/,
    "$dir/rtmp", 'a streaming log, another type',
    '--type',    'download'
);
my ( $normalized_status, $normalized ) = run( $helper, 'cat', "$dir/files" );
put( 'normal', $normalized );
my $columns = () = $normalized =~ /^#Fields:(.*)/m ? $1 =~ /\S+/g : ();
is_log( qr/^ok    log: normalized, $columns fields$/, "$dir/normal", 'a normalized log' );
put( 'empty', '' );
is_log( qr/^ok    log: the log is empty, so there is nothing in it to check$/, "$dir/empty", 'an empty file' );
put( 'quoted', qq("a table of names"\n) );
is_log( qr/^ok    log: it holds no records$/, "$dir/quoted", 'a line of names alone', '--fields', 'date time c-ip' );
put( 'comments', "#Version: 1.0\n" . "# a comment\n" x 50_000 );
like(
    ( run( $helper, 'check', "$dir/comments" ) )[1],
    qr/^FAIL  log: .*not a CloudFront log: its first lines are neither a #Fields header nor requests$/m,
    'comments alone'
);
put( 'large', $first . substr( $first, index( $first, '2026' ) ) x 20_000 );
cmp_ok( -s "$dir/large", '>', 1 << 20, 'a large file' );
is_log( qr/^ok    log: download, 33 fields$/, "$dir/large", 'a large log' );
put( 'binary', join '', map { chr $_ % 256 } 200 .. 900_000 );
is_log( qr{^ok    log: \Q$dir\E/binary: is passed over: binary data, not a CloudFront log$},
    "$dir/binary", 'a large file that is no log' );
put( 'files/junk', "junk\n" );
utime time - 1000, time - 1000, "$dir/files/log";
like(
    ( run( $helper, 'check', "$dir/files" ) )[1],
    qr{^ok    log: \Q$dir\E/files/junk: is passed over: not a CloudFront log: its first line is neither}m,
    'the newest file is no log'
);
unlink "$dir/files/junk";

$server->put( 'logs', 'junk/a.gz', "\x1f\x8b\x08\xffjunk" );
is_log( qr{^FAIL  log: s3://logs/junk/a\.gz: (?:corrupt|truncated) gzip data},
    's3://logs/junk/', 'an object that is no log' );
$server->put( 'logs', 'large/a', Program::content("$dir/large") );
$server->put( 'logs', 'large/b', Program::content("$dir/binary") );
is_log( qr/^ok    log: download, 33 fields$/, 's3://logs/large/a', 'a large object' );
is_log( qr{^ok    log: s3://logs/large/b: is passed over: binary data, not a CloudFront log$},
    's3://logs/large/b', 'a large object that is no log' );

# Root may read every file, so this is tried as another user.
SKIP: {
    skip 'not root', 2 if $> != 0;
    chmod 0, put( 'files/secret', $first );
    chmod 0755, $dir, "$dir/files";
    my ( $as_status, $as_out ) =
      run( '/usr/bin/setpriv', '--reuid=65534', '--clear-groups', $helper, 'check', "$dir/files" );
    is( $as_status, 1, 'a file that may not be read: exit status 1' );
    like(
        $as_out,
        qr{^FAIL  source: \Q$dir\E/files: 1 of 2 files cannot be read, such as \Q$dir\E/files/secret: Permission}m,
        'a file that may not be read'
    );
}

# Keys that others may read.
{
    my $keys = put( 'keys',
        "[default]\naws_access_key_id = $ENV{AWS_ACCESS_KEY_ID}\naws_secret_access_key = $ENV{AWS_SECRET_ACCESS_KEY}\n"
    );
    local $ENV{AWS_SHARED_CREDENTIALS_FILE} = $keys;
    delete local @ENV{qw(AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY)};
    chmod 0640, $keys;
    my ( undef, $readable ) = run( $helper, 'check', 's3://logs/cdn/' );
    like(
        $readable,
        qr/^warn  credentials: \Q$keys\E may be read by other users \(mode 640\); run chmod 600 \Q$keys\E$/m,
        'keys that others may read'
    );
    rename $keys, "$dir/it's keys" or die "$keys: $!\n";
    $ENV{AWS_SHARED_CREDENTIALS_FILE} = "$dir/it's keys";
    like(
        ( run( $helper, 'check', 's3://logs/cdn/' ) )[1],
        qr{; run chmod 600 '\Q$dir\E/it'\\''s keys'$}m,
        'keys that others may read, in quotes'
    );
    rename "$dir/it's keys", $keys or die "$keys: $!\n";
    $ENV{AWS_SHARED_CREDENTIALS_FILE} = $keys;
    chmod 0600, $keys;
    my ( undef, $private ) = run( $helper, 'check', 's3://logs/cdn/' );
    like( $private, qr/^ok    credentials: AWS credentials from profile default/m, 'private keys are used' );
    unlike( $private, qr/may be read/, 'private keys: no warning' );
}

# No password is shown, wherever the endpoint is from.
put( 'password', "[x]\nsource = s3://logs/cdn/\nendpoint = ftp://user:hunter2\@x\n" );
for (
    [ '--endpoint',            {}, [ 's3://logs/cdn/', '--endpoint', 'http://user:hunter2@x' ] ],
    [ '--endpoint, no scheme', {}, [ 's3://logs/cdn/', '--endpoint', 'user:hunter2@x' ] ],
    [
        'AWS_ENDPOINT_URL', { AWS_ENDPOINT_URL_S3 => '', AWS_ENDPOINT_URL => 'http://user:hunter2@x' },
        ['s3://logs/cdn/']
    ],
    [ 'the configuration', {}, [ '--config', "$dir/password", '--site', 'x' ] ],
  )
{
    my ( $name, $environment, $option ) = @$_;
    local @ENV{ keys %$environment } = values %$environment;
    for my $command ( ['cat'], ['check'], [ 'fetch', '--to', "$dir/to" ] ) {
        my ( undef, $said_out, $said_err ) = run( $helper, @$command, @$option );
        unlike( "$said_out$said_err", qr/hunter2|user:/, "$name, $command->[0]: no password" );
        like( "$said_out$said_err", qr{endpoint.*\*\*\*\@x}, "$name, $command->[0]: but the host" );
    }
}

# A proxy that is not there.
for my $variable ( 'http_proxy', 'all_proxy' ) {
    local $ENV{$variable} = "http://user:hunter2\@127.0.0.1:$closed";
    my ( $proxy_status, undef, $said ) = run( $helper, 'cat', 's3://logs/cdn/' );
    is( $proxy_status, 1, "$variable: exit status 1" );
    like( $said, qr/cannot be reached .*; check the proxy that $variable names/, "$variable: named" );
    unlike( $said, qr/hunter2/, "$variable: no password" );
}

# A proxy that is not taken is not named.
{
    local @ENV{qw(http_proxy no_proxy)} = ( "http://127.0.0.1:$closed", '127.0.0.0/8' );
    my ( undef, undef, $said ) = run( $helper, 'cat', 's3://logs/cdn/', '--endpoint', "http://127.0.0.1:$closed" );
    like( $said, qr/cannot be reached /, 'no_proxy: the host cannot be reached' );
    unlike( $said, qr/_proxy/, 'no_proxy: no proxy is named' );
}

done_testing;
