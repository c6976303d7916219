#!/usr/bin/perl
# The configuration file: what it may contain, and one line for each mistake.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use Program qw(helper run);

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
my $file = "$dir/cloudfront.conf";

open my $log, '>', "$dir/log" or die;
print $log "#Version: 1.0\n#Fields: date time c-ip x-forwarded-for cs(Host) x-host-header cs-uri-stem sc-status\n",
  "2026-10-31\t00:00:00\t192.0.2.1\t198.51.100.7\td1.cloudfront.net\twww.example.com\t/a\t200\n";
close $log;

# Writes the file; each section "cdn" keeps its state here, and it is new.
sub config {
    my ($text) = @_;
    unlink "$dir/state/cdn.db";
    $text .= "state = $dir/state/cdn.db\n" if $text =~ /\A\W*\[cdn\][^\[]*\z/;
    $text =~ s{(?=\[last\])}{state=$dir/state/cdn.db\n};
    open my $out, '>:raw', $file or die "$file: $!\n";
    print $out $text;
    close $out or die;
    return;
}

sub cat { return run( $helper, 'cat', '--config', $file, '--site', @_ ) }

sub is_refused {
    my ( $text, $message, $name, $site ) = @_;
    config($text) if defined $text;
    my ( $status, $out, $err ) = cat( $site // 'cdn' );
    is( $status, 1,  "$name: exit status 1" );
    is( $out,    '', "$name: no output" );
    like( $err, $message, "$name: the message" );
    is( $err =~ tr/\n//, 1, "$name: one line" );
    return;
}

sub is_taken {
    my ( $text, $record, $name, @option ) = @_;
    config($text);
    my ( $status, $out, $err ) = cat( 'cdn', @option );
    is( $status, 0, "$name: exit status 0" ) or diag($err);
    like( $out, $record, "$name: the record" );
    return;
}

# The names in fields: all fields of CloudFront, in the spellings of its formats and of other programs, and names that
# no field has; but no mistyped name.
{
    my @own = (
        qw(date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent)
          cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken
          x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status
          fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len
          sc-range-start sc-range-end distribution-tenant-id connection-id timestamp timestamp(ms) DistributionId
          origin-fbl origin-lbl asn c-country cache-behavior-path-pattern viewer-request-log-data
          viewer-response-log-data),    # standard logs
        qw(x-event x-cf-status x-cf-client-id c-referrer x-page-url c-user-agent x-sname x-sname-query x-file-ext x-sid),
        qw(s-ip cs-host c-ip-version cs-user-agent cs-referer cs-cookie cs-accept-encoding cs-accept cs-headers
          cs-header-names cs-headers-count primary-distribution-id primary-distribution-dns-name r-host sr-reason
          x-edge-mqcs cmcd-encoded-bitrate cmcd-buffer-length cmcd-buffer-starvation cmcd-content-id
          cmcd-object-duration cmcd-deadline cmcd-measured-throughput cmcd-next-object-request
          cmcd-next-range-request cmcd-object-type cmcd-playback-rate cmcd-requested-maximum-throughput
          cmcd-streaming-format cmcd-session-id cmcd-stream-type cmcd-startup cmcd-top-bitrate cmcd-version),
    );
    my %spelling = (
        own        => sub { $_[0] },
        capitals   => sub { uc $_[0] },
        underscore => sub { lc( $_[0] ) =~ tr/-()/___/r =~ s/_\z//r },
        joined     => sub { lc( $_[0] ) =~ tr/-()//dr },
    );
    for my $spelling ( sort keys %spelling ) {
        my @refused =
          grep { ( run( $helper, 'cat', "--fields=timestamp $_", "$dir/log" ) )[0] }
          grep { lc !~ /\Atimestamp\z/ } map { $spelling{$spelling}->($_) } @own;
        is( "@refused", '', "fields: names, $spelling" );
    }
    for my $name ( qw(- _ x skip host unused column_7 new-field ua), 'x' x 300 ) {
        my ( $status, $out, $err ) = run( $helper, 'cat', "--fields=date time $name $name", "$dir/log" );
        is( $status, 0, "fields: another name: $name" ) or diag $err;
    }
    my %mistyped = (
        'cs-uri-stm'    => 'cs-uri-stem',
        'cs_uri_stm'    => 'cs-uri-stem',
        'dat'           => 'date',
        'cs(UserAgent)' => 'cs(User-Agent)',
        'CS-METHDO'     => 'cs-method',
        'x-host-headr'  => 'x-host-header',
        'cmcd-versiom'  => 'cmcd-version',
    );
    for my $name ( sort keys %mistyped ) {
        my ( $status, $out, $err ) = run( $helper, 'cat', "--fields=timestamp,$name,c-ip", "$dir/log" );
        is( "$status$out", '2', "fields: $name: a usage error" );
        like( $err, qr/\A\N*: no such field: \Q$name\E; did you mean \Q$mistyped{$name}\E\?\N*\n\z/, "fields: $name" );
    }
    is_refused(
        "[cdn]\nsource = $dir/log\nfields = date time cs-uri-stm\n",
        qr/cloudfront\.conf:3: fields = \N*: no such field: cs-uri-stm; did you mean cs-uri-stem\?/,
        'fields: a mistyped name in a section'
    );
    my ( $status, $out, $err ) = run( $helper, 'cat', '--fields=date time sc-substatus', "$dir/log" );
    like( $err, qr/no field of IIS/, 'fields: a field of IIS is named as such' );
}

is_taken( "[cdn]\nsource = $dir/log\n", qr{\t192\.0\.2\.1\t.*\twww\.example\.com\t/a\t}, 'plain' );
is_taken(
    "\xEF\xBB\xBF[cdn]\r\n  source = $dir/log   ; here\r\n# more\r\n;\r\n\tclient=x-forwarded-for\r\n"
      . "host = cs(Host) ; the distribution's\r\n\r\n",
    qr{\t198\.51\.100\.7\t.*\td1\.cloudfront\.net\t/a\t},
    'comments, CRLF, indentation, a byte order mark'
);
is_taken( "[other]\nsource=/nowhere\nclient=c-ip\n[cdn] ; mine\nsource=$dir/log\n[last]\nsource=s3://logs/x;y\n",
    qr{\t192\.0\.2\.1\t}, 'several sections' );
is_taken(
"[a]\nsource=/nowhere\nafterwards = delete\n[b]\nsource=/nowhere\nafter = burn\n[c]\n[d]\nsource=/nowhere\n[d]\nsource=/nowhere\n"
      . "[cdn]\nsource=$dir/log\n[last]\nsource=\"x\"\n",
    qr{\t192\.0\.2\.1\t},
    'errors of other sections'
);
mkdir "$dir/a;x #y";
rename "$dir/log", "$dir/a;x #y/log";
is_taken( "[cdn]\nsource = $dir/a;x #y\n", qr{\t192\.0\.2\.1\t}, 'a folder with # in its name' );
unlike( ( cat('cdn') )[2], qr/part of the value/, 'a folder with # in its name: no warning' );
rename "$dir/a;x #y/log", "$dir/log";
is_taken(
    "[cdn]\nsource = $dir/log\nclient = c-ip\n", qr{\t198\.51\.100\.7\t},
    'an option wins',                            '--client',
    'x-forwarded-for'
);
mkdir "$dir/" . 'n' x 250;
rename "$dir/log", "$dir/" . 'n' x 250 . '/log';
is_taken( "[cdn]\nsource = $dir/" . 'n' x 250 . "/log\n", qr{\t192\.0\.2\.1\t}, 'a long line' );

is_refused(
    "[cdn]\nsource=/nowhere\nafterwards = delete\n",
    qr/\Q$file\E:3: afterwards: unknown setting; the settings are source, type, .* and report$/,
    'an unknown setting'
);
is_refused(
    "[cdn]\nsource=/nowhere\nclient = me\n",
    qr/\Q$file\E:3: client = me: must be c-ip or x-forwarded-for$/,
    'a wrong value'
);
is_refused( "[cdn]\nsource=/nowhere\nregion =\n",                  qr/:3: region = : must not be empty$/,  'no value' );
is_refused( "[cdn]\nsource=/nowhere\nendpoint = s3.example.com\n", qr/:3: endpoint = .*https:/,            'endpoint' );
is_refused( "[cdn]\nsource=/nowhere\nregion = eu west\n",          qr/:3: region = eu west: must be/,      'region' );
is_refused( "[cdn]\nsource=/nowhere\nafter = burn\n", qr/:3: after = burn: must be keep, delete, or move/, 'after' );
is_refused( "[cdn]\nsource=/nowhere\nafter = move\n", qr/:3: after = move: must be keep, delete, or move/,
    'no target' );
is_refused( "[cdn]\nsource=$_->[0]\nafter = move $_->[1]\n", qr/:3: after = move \S+: is inside the source/, "@$_" )
  for [ 's3://logs/cdn/', 's3://logs/cdn/old/' ], [ 's3://logs/cdn/E2', 's3://logs/cdn/' ],
  [ 's3://logs/E2', 's3://logs' ], [ 'S3://logs/cdn/', 's3://logs/cdn/old/' ],
  [ 's3://logs/cdn/', 'S3://logs/cdn/old/' ];
is_refused( "[cdn]\nsource=$_->[0]\nsource=$_->[1]\n",
    qr/:3: source = \Q$_->[1]\E: has objects of the source s3:\S+ of the same section/, "@$_" )
  for [ 's3://logs/cdn/', 'S3://logs/cdn/' ], [ 'S3://logs/cdn/old/', 's3://logs/cdn/' ];
is_refused(
    "[cdn]\nsource=s3://logs/cdn/\nafter = move $_->[0]\n",
    qr/:3: after = move \S+: $_->[1]/,
    "move to $_->[0]"
  )
  for [ 's3://Bad_Name!/x', 'not a bucket name: .*letters' ], [ 's3://t/x/', 'not a bucket name: .*3 to 63' ],
  [ 's3://', q(the bucket's name is missing) ], [ 's3://arn:aws:s3:bad/x', 'must have the form arn:' ];

# Of several sources, the objects move to TARGET/BUCKET/KEY, and the files to TARGET/PATH.
is_refused(
    "[cdn]\nsource=$_->[0]\nsource=$_->[1]\nafter = move $_->[2]\n",
    qr/:4: after = move \S+: is inside the source/,
    "@$_"
  )
  for [ 's3://bkt/bkt/', 's3://bkt/e/', 's3://bkt' ], [ 's3://bkt/e/', 's3://bkt/bkt/', 's3://bkt/' ],
  [ 's3://bkt/x/bkt',   's3://bkt/y/', 's3://bkt/x' ], [ 's3://one/E2', 's3://two/done/one/E', 's3://two/done/' ],
  [ "$dir/done$dir/in", "$dir/in",     "$dir/done" ],  [ "$dir/in",     "$dir/done$dir",       "$dir/done/" ];

for (
    [ 's3://bkt/x/',         's3://bkt/y/', 's3://bkt' ],
    [ 's3://bkt/x/other',    's3://bkt/y/', 's3://bkt/x' ],
    [ 's3://bkt',            's3://two/y/', 's3://done/x' ],
    [ "$dir/done$dir/inner", "$dir/in",     "$dir/done" ],
  )
{
    config("[cdn]\nsource=$_->[0]\nsource=$_->[1]\nafter = move $_->[2]\nendpoint=http://127.0.0.1:1\n");
    unlike( ( cat('cdn') )[2], qr/after = move|memory/, "no error: @$_" );
}

# A target that leads into the source by other names.
mkdir "$dir/$_" for 'in', 'in/old', 'elsewhere';
symlink "$dir/in",        "$dir/elsewhere/link" or die "link: $!\n";
symlink "$dir/elsewhere", "$dir/in/out"         or die "out: $!\n";
is_refused(
    "[cdn]\nsource=$dir/$_->[0]\nafter = move $dir/$_->[1]\n",
    qr/:3: after = move \S+: is inside the source/,
    "@$_"
  )
  for [ 'in', 'other/../in' ], [ 'in', 'other/.././in/new' ], [ 'in', 'other/x/..//../in' ], [ 'in/', 'in' ],
  [ 'in', 'in/out/new' ], [ 'none', 'other/../none' ], [ 'other/../none', 'none/x' ], [ 'in', 'elsewhere/link/new' ],
  [ 'in', 'elsewhere/link/old/..' ], [ 'in', 'other/../elsewhere/link' ],
  [ 'in', 'in/../new/../../../../../../../..' . "$dir/in" ];
for (
    [ 'in',   'in/../done' ],
    [ 'in',   'in/old/../../done' ],
    [ 'in',   'innermost/.' ],
    [ 'in',   'in/missing/../../done' ],
    [ 'none', 'none/../done' ]
  )
{
    config("[cdn]\nsource=$dir/$_->[0]\nafter = move $dir/$_->[1]\n");
    unlike( ( cat('cdn') )[2], qr/after = move/, "no error: @$_" );
}

my $access_point = 's3://arn:aws:s3:eu-west-1:123456789012:accesspoint/logs';
is_refused(
    "[cdn]\nsource=$access_point$_->[0]\nafter = move $access_point$_->[1]\n",
    qr/:3: after = move \S+: is inside the source/,
    "an access point: $_->[0] $_->[1]"
) for [ '', '/old/' ], [ '/E2', '/E2old/' ];

for (
    [ 's3://logs/cdn/E2', 's3://logs/cdn/old/' ],
    [ 's3://logs/cdn/',   's3://logs/' ],
    [ $access_point,      "${access_point}2/old/" ]
  )
{
    config("[cdn]\nsource=$_->[0]\nafter = move $_->[1]\n");
    my ( $status, $out, $err ) = run( $helper, 'setup', '--config', $file, '--policy', 'cdn' );
    is( $status, 0, "@$_: taken" ) or diag($err);
}
is_refused(
    "[cdn]\nsource=/nowhere/at/all\nafter = $_\nhost = cs(Host) www.example.com *.example.org\n",
    qr/:3: after = (?:delete|move): with host = www\.example\.com \*\.example\.org, .* set after = keep\b/,
    "after = $_, and records of one host alone"
) for 'delete', 'move /tmp/awstats-cloudfront-done';
is_refused( "[cdn]\nsource=/nowhere\nstate = cdn.db\n", qr/:3: state = cdn\.db: must be an absolute path/, 'state' );
is_refused( "[cdn]\nsource=/nowhere\nsettle = $_\n",    qr/:3: settle = \Q$_\E: must be a duration/,       "settle $_" )
  for 'soon', '-1h', '24x', '24 h', '99999999d', '1.5h';
is_refused(
    "[cdn]\nsource=/nowhere\ndelimiter = $_\n",
    qr/:3: delimiter = \Q$_\E: must be tab, space, comma, /,
    "delimiter $_"
) for 'a"b', 'x' x 17;
{
    my $state = "state = $dir/state/one.db\n";
    symlink 'state', "$dir/link" or die;
    my $both = "[cdn]\nsource=/nowhere\n$state\n[x]\nsource=/none\n";
    my $error =
      qr/: the sections \[cdn\] at line 3 and \[x\] at line 7 have one ledger file, \S+one\.db; give each site/;
    foreach ( $state, $state =~ s{state/one}{link/one}r ) {
        is_refused( "$both$_", $error, 'one ledger of two sections' );
    }
    my ( undef, undef, $err ) = run( $helper, 'status', '--config', $file, '--site', 'x' );
    like( $err, $error, 'one ledger of two sections: the other one, too' );
    is_refused(
        "[cdn]\nsource=/nowhere\nstate = /var/lib/awstats-cloudfront/x.db\n\n[x]\nsource=/none\n",
        qr/: the sections \[cdn\] at line 3 and \[x\] at line 5 have one ledger file/,
        'the ledger that the name of another section has'
    );
}
is_refused( "[cdn]\nsource=/nowhere\nmemory = much\n", qr/:3: memory = much: must be a size such as 500M/, 'memory' );
is_refused( "[cdn]\nsource=/nowhere\nlookback = 10m\n",       qr/:3: lookback = 10m: must be an hour/, 'lookback' );
is_refused( "[cdn]\nsource=/nowhere\ntype=auto\ntype=auto\n", qr/:4: type: already set at line 3/,     'set twice' );
is_refused( "[cdn]\nsource=/nowhere\nsource=/nowhere\n", qr/:3: source = \/nowhere: has objects of/, 'a source twice' );
is_refused(
    "[cdn]\nsource=/nowhere\n[x]\nsource=/nowhere\n[cdn]\n",
    qr/:5: section \[cdn\] .* line 1\b/,
    'a section twice'
);
is_refused(
    "[cdn]\ntype=auto\n[x]\nsource=/nowhere\n",
    qr/:1: section \[cdn\] has no source/,
    'a section without a source'
);
is_refused( "[x]\nsource=/nowhere\n[cdn]\n", qr/:3: section \[cdn\] has no source/,         'an empty section' );
is_refused( "source=/nowhere\n",             qr/:1: source: this setting is in no section/, 'no section' );
is_refused( "[cdn\nsource=/nowhere\n",       qr/:1: the line is neither/,                   'a broken header' );
is_refused( "[cdn]\nsource\n",               qr/:2: the line is neither/,                   'no equals sign' );
is_refused( "[cdn]\nsource=/\0\n",           qr/:2: the line is neither/,                   'a NUL' );
is_refused( "[]\nsource=/nowhere\n",         qr/:1: (?:the line is neither|a section needs a name)/, 'no name' );
is_refused( '',                              qr/\Q$file\E: no section;/,                             'an empty file' );
is_refused(
    "[a]\nsource=/nowhere\n[b]\nsource=/nowhere\n",
    qr/no section \[cdn\]; add it, or name another one with --site: a, b$/,
    'an unknown site'
);
is_refused( "[cdn]\nsource = \"$dir/log\"\n",
    qr/:2: source = ".*": quotes would be part of the value; leave them out$/, 'quotes' );
is_refused(
    "[cdn]\nsource=/nowhere\nclient = c-ip # theirs\n",
    qr/:3: client = c-ip # theirs: .*; a comment .* begins with ;$/,
    'a comment with #'
);
config("[cdn]\nsource = $dir/log # mine\n");
like(
    ( cat('cdn') )[2],
    qr/\A\S+ warning: \Q$file\E: \[cdn\]: source = .* begin it with ; instead of #\n.*No such file/,
    'a comment with # behind the source'
);
is_refused( "[cdn]\nsource=/" . 'x' x 70_000 . "\n", qr/:2: the line is longer than 64 KiB/, 'a line without end' );
is_refused(
    "[cdn]\nsource=/nowhere\n" . "; comment\n" x 500_000,
    qr/or the file larger than 4 MiB/,
    'a file without end'
);
my ( $zero_status, undef, $zero ) =
  run( '/bin/sh', '-c', 'ulimit -t 10; exec "$@"', 'sh', $helper, 'cat', '-c', '/dev/zero', '--site', 'cdn' );
is( $zero_status, 1, '/dev/zero: exit status 1' );
like( $zero, qr{/dev/zero:1: the line is neither}, '/dev/zero: the message' );
unlink $file;
is_refused( undef, qr/\Q$file\E: there is no such file/, 'no file' );
mkdir $file;
is_refused( undef, qr/\Q$file\E: cannot be read: Is a directory/, 'a directory' );

done_testing;
