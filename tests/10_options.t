#!/usr/bin/perl
# The command line: help, usage, the manual's lists.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use Program qw(helper run);

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );

my ( $status, $out, $err ) = run( $helper, '--help' );
is( $status, 0, '--help exits 0' );
my @commands = $out =~ /^  (\w+) +\S/mg;
cmp_ok( scalar @commands, '>=', 3, "--help lists the commands: @commands" );
is( $err, '', '--help is silent on standard error' );

my %options;
for my $command (@commands) {
    ( $status, $out ) = run( $helper, $command, '--help' );
    is( $status, 0, "$command --help exits 0" );
    like( $out, qr/^usage: awstats-cloudfront $command /, "$command --help says how it is used" );
    $options{$_}++ for $out =~ /--([\w-]+) /g;
}
( $status, $out ) = run( $helper, '--version' );
like( $out, qr/^awstats-cloudfront \d+\.\d+\n\z/, '--version' );

# The manual is made beside the program, from the same tables.
( my $manual = $helper ) =~ s/$/.1/;
SKIP: {
    skip 'no manual beside the program', 1 if !-f $manual;
    my $text = Program::content($manual);
    my @missing = grep { $text !~ /Fl \\-\Q$_\E/ } sort keys %options;
    is( "@missing", '', 'the manual has every option that --help has' );
    my @unknown = grep { $text !~ /^\.(?:Cm|It Cm) \Q$_\E\b/m } @commands;
    is( "@unknown", '', 'the manual has every command' );
}

sub usage {
    my ( $name,   $words, $line ) = @_;
    my ( $status, $out,   $err ) = run( $helper, @$words );
    is( $status, 2,  "$name: exit status 2" );
    is( $out,    '', "$name: nothing on standard output" );
    like( $err, qr/\Aawstats-cloudfront: [^\n]*$line[^\n]*\n\z/, "$name: one line" );
}
usage( 'no command',              [],                                   qr/no command/ );
usage( 'an unknown command',      ['dog'],                              qr/dog: no such command/ );
usage( 'an unknown option',       [ 'cat', '--colour' ],                qr/--colour: no such option/ );
usage( 'an unknown letter',       [ 'cat', '-x' ],                      qr/-x: no such option/ );
usage( 'a value missing',         [ 'cat', '--site' ],                  qr/--site: needs a value/ );
usage( 'a value too many',        [ 'cat', '--verbose=1' ],             qr/takes no value/ );
usage( 'another command\'s',      [ 'cat', '--to', $dir, $dir ],        qr/not an option of this command/ );
usage( 'jobs 0',                  [ 'cat', '-j', '0', $dir ],           qr/from 1 to 64/ );
usage( 'jobs 65',                 [ 'cat', '-j65', $dir ],              qr/from 1 to 64/ );
usage( 'jobs x',                  [ 'cat', '--jobs=x', $dir ],          qr/from 1 to 64/ );
usage( 'cat of nothing',          ['cat'],                              qr/name a SOURCE or --site/ );
usage( 'a site and a source',     [ 'cat', '--site', 'cdn', $dir ],     qr/not both/ );
usage( '--commit without a site', [ 'cat', '--commit', $dir ],          qr/--commit and --prepare need --site/ );
usage( 'adopt of nothing',        ['adopt'],                            qr/with --former OLDNAME its former name/ );
usage( 'a bad client',            [ 'cat', '--client', 'me', $dir ],    qr/c-ip or x-forwarded-for/ );
usage( 'a bad host',              [ 'cat', '--host', 'me', $dir ],      qr/x-host-header or cs\(Host\)/ );
usage( 'a bad type',              [ 'cat', '--type', 'me', $dir ],      qr/auto, download or streaming/ );
usage( 'a short option unknown in a cluster',    [ 'cat', '-vx' ],      qr/-x: no such option/ );
usage( 'a short option without its value',       [ 'cat', '-vj' ],      qr/-j: needs a value/ );
usage( 'a name that several options begin with', [ 'cat', '--ver' ],    qr/--ver: ambiguous; write more of/ );
usage( 'a short name of another command\'s',     [ 'cat', '-t', $dir ], qr/--to: not an option of this command/ );
usage( 'an empty value',                         [ 'fetch', '--to=', 's3://logs/' ], qr/--to "": must be a directory/ );
usage( 'a control byte is shown',                ["d\x1b[2Jog"],                     qr/d\\x1b\[2Jog/ );

# As GNU programs take them: joined, shortened, behind operands.
open my $log, '>', "$dir/log" or die;
print $log
"#Fields: date time c-ip x-forwarded-for sc-status cs-uri-stem\n2026-10-31\t00:00:00\t192.0.2.1\t198.51.100.7\t200\t/\n";
close $log;
for my $words (
    [ [ '-vqj2', 'cat',      "$dir/log",                 '--client',              'x-forwarded-for' ], 'joined' ],
    [ [ 'cat',   "$dir/log", '-q',                       '--cli=x-forwarded-for', '--job=2' ],         'shortened' ],
    [ [ 'cat',   '-q',       '--client=x-forwarded-for', '--',                    "$dir/log" ],        'before --' ],
  )
{
    my ( $word, $name ) = @$words;
    ( $status, $out, $err ) = run( $helper, @$word );
    is( $status, 0, "$name: exit status 0" );
    like( $out, qr/\t198\.51\.100\.7\t/, "$name: the record" );
    is( $err, '', "$name: quiet" );
}

( $status, $out, $err ) = run( { out => '/dev/full' }, $helper, '--help' );
is( $status, 1, 'help that cannot be written: exit status 1' );
like( $err, qr/\A[^\n]*No space left[^\n]*\n\z/, 'and one line' );

( $status, $out, $err ) = run( $helper, 'cat', '--', '-x' );
is( $status, 1, 'behind -- all words are sources' );
like( $err, qr/-x: No such file/, 'and named' );

done_testing;
