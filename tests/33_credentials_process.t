#!/usr/bin/perl
# Keys that a program prints, credential_process: how it is run, what it may print, and that it ends, with all that it has
# started, when the run does.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use CredentialChecks qw(is_key is_refused seen services);
use Program          qw(content finish helper run start write_file);
use Time::HiRes      qw(sleep);

my $aws = services('');
my ( $helper, $folder, $here ) = ( helper(), $aws->folder, $aws->endpoint );
$aws->put( config => <<"END" );
[profile process]
credential_process = "$folder/my process" 'a "b' c\\ d
END

# Waits until the condition holds, for a minute at most.
sub is_soon {
    my ( $condition, $name ) = @_;
    my $holds = 0;
    for ( 1 .. 600 ) {
        last if $holds = $condition->();
        sleep 0.1;
    }
    return ok( $holds, $name );
}

# Whether a process is there, and has not ended unnoticed.
sub is_alive {
    my ($pid) = @_;
    open my $in, '<', "/proc/$pid/stat" or return 0;
    return <$in> !~ /\) Z /;
}

my $json = '{"Version": 1, "AccessKeyId": "AKIDPROC", "SecretAccessKey": "s3kr1t/AKIDPROC"}';
sub program { chmod 0700, write_file( "$folder/my process", "#!/bin/sh\n$_[0]\n" ); return }
program("test \"\$#-\$1-\$2\" = '2-a \"b-c d' && echo '$json'");
is_key( 'a program, its words in quotes', 'AKIDPROC', '--profile', 'process' );
program("echo '$json'; exit 3");
is_refused(
    'a program that fails', qr{config:\d+: the program \S+/my process of credential_process ended with status 3},
    '--profile',            'process'
);
program("echo \"log in first\e[2J\" >&2; echo more >&2; exit 1");
is_refused( 'its last line', qr/with status 1: more; run it by hand/, '--profile', 'process' );
program("printf 'GET /s3kr1t\\r\\nlog in' >&2; echo \" first\e[2J\" >&2; printf '\\n \\t\\n' >&2; exit 1");
is_refused(
    'its last line that is not blank', qr/with status 1: log in first\\x1b\[2J; run it by hand/,
    '--profile',                       'process'
);
program('kill -9 $$');
is_refused( 'a program that a signal ends', qr/ended with status 137/, '--profile', 'process' );
program('echo no');
is_refused( 'no JSON', qr/printed no JSON object/, '--profile', 'process' );
program("echo '{\"AccessKeyId\": \"s3kr1t\"}'");
is_refused( 'no version', qr/printed a document without "Version": 1/, '--profile', 'process' );

foreach my $version ( '1.0', '1e0', '10e-1' ) {
    program( "echo '" . ( $json =~ s/1/$version/r ) . "'" );
    is_key( "version $version", 'AKIDPROC', '--profile', 'process' );
}
foreach my $version ( '1.5', '"1"', '2', '1e300', '-1' ) {
    program( "echo '" . ( $json =~ s/1/$version/r ) . "'" );
    is_refused( "version $version", qr/printed a document without "Version": 1/, '--profile', 'process' );
}
program("echo '{\"Version\": 1, \"AccessKeyId\": \"x\"}'");
is_refused( 'no secret', qr/printed a document that has no SecretAccessKey/, '--profile', 'process' );
program("echo '$json' | sed 's/}/, \"Expiration\": \"soon\"}/'");
is_refused( 'no time', qr/has an Expiration that is no time/, '--profile', 'process' );
program("echo '$json' | sed 's/}/, \"Expiration\": 4070908800}/'");
is_refused( 'a number for a time', qr/has an Expiration that is no time/, '--profile', 'process' );
program("sleep 300 >&2 & echo '$json'");
is_key( 'a program that leaves another one behind', 'AKIDPROC', '--profile', 'process' );

# A program that hangs, and what it has started: the process IDs of both.
my $hangs = "sleep 600 & echo \$\$ \$! >'$folder/pid.new'; mv '$folder/pid.new' '$folder/pid'; wait";
for my $signal (qw(KILL TERM INT)) {
    program($hangs);
    unlink "$folder/pid";
    my $job = start( $helper, 'cat', 's3://logs/x', '--endpoint', $here, '--profile', 'process' );
    is_soon( sub { -e "$folder/pid" }, "SIG$signal: a program that hangs has begun" );
    kill $signal => $job->{pid};
    finish($job);
    my @pids = content("$folder/pid") =~ /(\d+)/g;
    is_soon( sub { !is_alive( $pids[0] ) }, 'it ends with the process that has started it' );
    is_soon( sub { !is_alive( $pids[1] ) }, 'the processes that a program has started end with it' );
    kill KILL => @pids;
}
program("sleep 600 & echo \$\$ \$! >'$folder/pid'; exec yes s3kr1t");
is_refused( 'a program that prints without an end', qr/printed more than 1 MiB/, '--profile', 'process' );
{
    my @pids = content("$folder/pid") =~ /(\d+)/g;
    is_soon( sub { !is_alive( $pids[0] ) }, 'it is ended' );
    is_soon( sub { !is_alive( $pids[1] ) }, 'the processes that a program has started are ended' );
    kill KILL => @pids;
}
unlink "$folder/my process";
is_refused( 'no program', qr/cannot be run: No such file/, '--profile', 'process' );

# It runs again before its keys end, but not for each request.
$aws->behave( s3 => { objects => 3 } );
program("echo x >>'$folder/runs'; echo '$json' | sed 's/}/, \"SessionToken\": \"t\", \"Expiration\": \"'"
      . "`date -u -d '+100 seconds' +%Y-%m-%dT%H:%M:%SZ`"
      . "'\"}/'" );
seen( 'a program', '--profile', 'process' );
is( content("$folder/runs"), "x\nx\n", 'a program runs again before its keys end, but not for each request' );

done_testing;
