#!/usr/bin/perl
# The command line: help, usage, the manual's lists.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use Program qw(helper run write_file);

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );

my ( $status, $out, $err ) = run( $helper, '--help' );
is( $status, 0, '--help exits 0' );
my @commands = $out =~ /^  ([a-z]\w*) +\S/mg;
cmp_ok( scalar @commands, '>=', 3, "--help lists the commands: @commands" );
is( $err, '', '--help is silent on standard error' );

my ( %options, @with_settings );
for my $command (@commands) {
    ( $status, $out ) = run( $helper, $command, '--help' );
    is( $status, 0, "$command --help exits 0" );
    like( $out, qr/^usage: awstats-cloudfront $command /,                     "$command --help says how it is used" );
    like( $out, qr/^Exit status:\n  0 done.*^  1 failed.*^  2 the command/ms, "$command --help has the exit statuses" );
    is(
        $out =~ /^  3 another run is using/m,
        $out =~ /^ .*--wait\[/m || $command =~ /^(?:fetch|setup)$/,
        "$command --help has exit status 3 if the command takes a lock"
    );
    is(
        $out =~ /^Settings, /m,
        ( $out =~ /^ .*--progress |^usage: .*--policy/m && $out !~ /^ .*--work /m && $command ne 'update' ),
        "$command --help has the settings of a source if it uses one"
    );
    push @with_settings, $command if $out =~ /^Settings, /m;
    is( $out =~ /^SOURCE is /m, $out =~ /^usage: .*\bSOURCE\b/m, "$command --help explains SOURCE if it takes one" );
    $options{$_}++ for $out =~ /--([\w-]+)[ \[]/g;
}
( $status, $out ) = run( $helper, '--version' );
like( $out, qr/^awstats-cloudfront \d+\.\d+\n\z/, '--version' );

# The manual is made beside the program, from the same tables.
( my $manual = $helper ) =~ s/$/.1/;
SKIP: {
    skip 'no manual beside the program', 3 if !-f $manual;
    my $text = Program::content($manual);
    my @missing = grep { $text !~ /Fl \\-\Q$_\E/ } sort keys %options;
    is( "@missing", '', 'the manual has every option that --help has' );
    my @unknown = grep { $text !~ /^\.Ss \Q$_\E$/m } @commands;
    is( "@unknown", '', 'the manual has every command' );
    my ( $first, $last ) = $text =~ /^The commands\n\.Cm (.+)\nand\n\.Cm (\w+)\nalso have these options/m;
    is( join( ' ', split( / , /, $first // '' ), $last // '' ),
        "@with_settings", 'the manual says which commands have settings as options' );
}

# A reference to a section leads to one of the same page.
foreach my $page ( glob "$helper.[1-9] $helper.conf.5 $helper-plugin.7" ) {
    my $text = Program::content($page);
    my %has = map { $_ => 1 } $text =~ /^\.S[hs] (.+)$/mg;
    is( join( ', ', grep { !$has{$_} } map { s/ \W*$//r } $text =~ /^\.Sx (.+)$/mg ),
        '', "$page: sections that are not there" );
}

sub usage {
    my ( $name,   $words, $line ) = @_;
    my ( $status, $out,   $err ) = run( $helper, @$words );
    is( $status, 2,  "$name: exit status 2" );
    is( $out,    '', "$name: nothing on standard output" );
    like( $err, qr/\Aawstats-cloudfront: [^\n]*$line[^\n]*\n\z/, "$name: one line" );
}
usage( 'no command',         [],                            qr/no command/ );
usage( 'an unknown command', ['dog'],                       qr/dog: no such command/ );
usage( 'an unknown option',  [ 'cat', '--colour' ],         qr/--colour: no such option/ );
usage( 'an unknown letter',  [ 'cat', '-x' ],               qr/-x: no such option/ );
usage( 'a value missing',    [ 'cat', '--site' ],           qr/--site: needs a value/ );
usage( 'a value too many',   [ 'cat', '--verbose=1' ],      qr/takes no value/ );
usage( 'another command\'s', [ 'cat', '--to', $dir, $dir ], qr/not an option of this command/ );
usage( 'jobs 0',             [ 'cat', '-j', '0', $dir ],    qr/from 1 to 256/ );
usage( 'jobs 257',           [ 'cat', '-j257', $dir ],      qr/from 1 to 256/ );
usage( 'jobs x',             [ 'cat', '--jobs=x', $dir ],   qr/from 1 to 256/ );
usage( 'wait x',             [ 'cat', '--wait=x', $dir ],   qr/from 0 to 1000000$/ );
usage( 'wait 1000001',       [ 'cat', '-w1000001', $dir ],  qr/from 0 to 1000000$/ );

# The value of --wait may be missing, and then an operand or an option follows; a number that follows is its value.
usage( 'wait, and a source',      [ 'cat', '--wait', '--site', 'cdn', $dir ], qr/give either --site or a SOURCE/ );
usage( 'wait, and an option',     [ 'cat', '-w', '-j0' ],                     qr/from 1 to 256$/ );
usage( 'wait and its number',     [ 'cat', '--wait', '1000001', $dir ],       qr/--wait "1000001": must be/ );
usage( 'wait before its command', [ '--wait', '5', 'dog' ],                   qr/dog: no such command/ );

# An option is given once, unless it is a list.
usage( 'two sites', [qw(status --site a --site b)], qr/--site: given twice, as "a" and as "b"; give it once; see/ );
usage( 'two sites, then cat', [qw(-s a -s b cat)],         qr/--site: given twice, .* awstats-cloudfront cat --help/ );
usage( 'two configurations',  [qw(check -c a --config=b)], qr/--config: given twice, as "a" and as "b"/ );
usage( 'a value, and none',   [qw(update --wait=2 --all -w)], qr/--wait: given twice, as "2" and as ""; give it once/ );
usage(
    'two values of a setting',
    [ qw(cat --region a --region b), $dir ],
    qr/--region: given twice, as "a" and as "b"/
);
( $status, $out ) = run( $helper, qw(status --config /none -c /none -s a -s a -v -v) );
is( $status, 1, 'the same twice is no error of the command line' );
( $status, $out, $err ) = run( $helper, qw(update --config /none --site a --site b) );
is( $status, 1, 'update takes several sites' );
like( $err, qr{/none: there is no such file.*\n.*/none: there is no such file}, 'and reads each' );
( $status, $out, $err ) = run( $helper, qw(verify --config /none -s a --month 2026-01 --month 2026-02) );
is( $status, 1, 'verify takes several months' );
usage( 'cat of nothing',          ['cat'], qr/cat: needs --site NAME or a SOURCE; see awstats-cloudfront cat --help/ );
usage( 'a site and a source',     [ 'cat', '--site', 'cdn', $dir ], qr/not both/ );
usage( '--commit without a site', [ 'cat', '--commit', $dir ],      qr/--commit and --prepare need --site/ );
usage( 'adopt of nothing',        ['adopt'], qr/adopt: needs --site NAME; see awstats-cloudfront adopt --help/ );
usage( 'a bad client',                        [ 'cat', '--client', 'me', $dir ], qr/c-ip or x-forwarded-for/ );
usage( 'a bad host',                          [ 'cat', '--host', 'me', $dir ],   qr/x-host-header or cs\(Host\)/ );
usage( 'a bad type',                          [ 'cat', '--type', 'me', $dir ],   qr/auto, download or streaming/ );
usage( 'a short option unknown in a cluster', [ 'cat', '-vx' ],                  qr/-x: no such option/ );
usage( 'a short option without its value',    [ 'cat', '-vj' ],                  qr/-j: needs a value/ );
usage(
    'a name that several options begin with',
    [ 'cat', '--ver' ],
    qr/--ver: ambiguous; write --verbose or --version; see/
);
usage(
    'a name that options of another command begin with, too',
    [ 'plan', '--s', $dir ],
    qr/--s: ambiguous; write --site or --shards; see/
);
usage(
    'a name that only one option of the command begins with',
    [ 'update', '--al', $dir ],
    qr/update: \S+: this command takes no SOURCE/
);
usage(
    'a shortened option of another command\'s',
    [ 'map', '--aban' ],
    qr/--abandon: not an option of this command; plan has/
);
usage(
    'another command\'s, with a value',
    [ 'map', '--all=x' ],
    qr/--all: not an option of this command; update has this/
);
usage(
    'a shortened setting, for update',
    [ 'update', '--reg=x' ],
    qr/--region: a setting, which this command reads in/
);
usage( 'a short name of another command\'s', [ 'cat', '-t', $dir ], qr/--to: not an option of this command/ );
usage(
    'another command\'s, and which these are',
    [ 'cat', '--to', $dir ],
    qr/; fetch and backup have this option; see/
);
usage( 'a mistyped command', ['chexk'], qr/chexk: no such command; did you mean check\? See/ );
usage( 'a mistyped option',  [ 'cat', '--sitee=x' ], qr/--sitee=x: no such option; did you mean --site\? See/ );
usage( 'a mistyped setting', [ 'cat', '--regoin' ],  qr/--regoin: no such option; did you mean --region\? See/ );
usage(
    'a setting of the configuration file',
    [ 'update', '--all', '--memory=1G' ],
    qr/--memory=1G: no such option; memory is a setting of the configuration file alone; see/
);
usage(
    'a setting, for a command that works on a whole site',
    [ $_, '--work=/x', '--host=www.example.com' ],
    qr/--host: a setting, which this command reads in the section of the site alone; write it there/
) foreach qw(map prepare collect);
usage(
    'a setting, for update',
    [ 'update', '--site=x', '--client=x-forwarded-for' ],
    qr/--client: a setting, which this command reads in the section of the site alone; write it there/
);
usage( 'far from everything', [ 'cat', '--xyzzy' ], qr/--xyzzy: no such option; see/ );
usage( 's3:/ as a source', [ 'cat', 's3:/logs/' ],  qr{cat: s3:/logs/: must be s3://BUCKET/PREFIX, with two slashes} );
usage(
    'a URL as a source',
    [ 'cat', 'https://logs/' ],
    qr{cat: https://logs/: must be s3://BUCKET/PREFIX, a directory or a f}
);
usage(
    'a source too many',
    [ 'verify', '--site=cdn', $dir ],
    qr/verify: \S+: this command takes no SOURCE; name sites with --site NAME; see/
);
usage( 'an unknown topic', [ 'help', 'dog' ], qr/help: dog: no such topic; all topics: awstats-cloudfront help/ );
usage( 'a mistyped topic', [ 'help', 'credentals' ],  qr/help: credentals: no such topic; did you mean credentials\?/ );
usage( 'a word of several topics', [ 'help', 'log' ], qr/help: log: several topics have this word: .*log-formats/ );
usage( 'an empty value',           [ 'fetch', '--to=', 's3://logs/' ], qr/--to "": must be a directory/ );
usage( 'a control byte is shown',  ["d\x1b[2Jog"],                     qr/d\\x1b\[2Jog/ );

# A site's name where a source belongs, and the sites where one is missing.
my $sites = write_file( "$dir/sites.conf", "[cdn]\nsource = /tmp\n[my site]\nsource = /tmp\n" );
foreach my $command (qw(cat check status)) {
    usage(
        "$command of a site's name",
        [ $command, '--config', $sites, 'cdn' ],
        qr/$command: cdn is a site of \Q$sites\E, .*run "awstats-cloudfront $command --config=\Q$sites\E --site=cdn"/
    );
}
usage( 'a site\'s name, nearly',    [ 'cat', '-c', $sites, 'cnd' ], qr/cnd: no such file .* for the site cdn, run "/ );
usage( 'a name that a shell reads', [ 'cat', '-c', $sites, 'my site' ], qr/ --site='my site'"/ );
usage(
    'no site',
    [ 'recount', '-c', $sites ],
    qr/recount: needs --site NAME; the sites of \Q$sites\E are cdn and my site; see/
);
( $status, undef, $err ) = run( $helper, 'cat', '-c', $sites, '--site', 'cnd' );
is( $status, 1, 'a mistyped section: exit status 1' );
like( $err, qr/no section \[cnd\]; did you mean \[cdn\]\? Name one of these with --site: cdn, my site$/,
    'the nearest' );

# A file of that name is a source all the same.
chdir $dir or die;
write_file( "$dir/cdn", '' );
( $status, $out, $err ) = run( $helper, 'cat', '-c', $sites, 'cdn' );
unlike( $err, qr/is a site/, 'a file with the name of a site is read' );

# help prints what the manual says.
( $status, $out ) = run( $helper, 'help' );
is( $status, 0, 'help exits 0' );
my ($topics) = $out =~ /^Topics, for .*?:\n(.*)/ms;
foreach my $topic ( @commands, split ' ', $topics ) {
    ( $status, $out, $err ) = run( $helper, 'help', $topic );
    is( "$status$err", '0', "help $topic exits 0" );
    like( $out, qr/\A\S.*, of awstats-cloudfront.*\(\d\)\n/, "help $topic has a heading" );
    like( $out, qr/^   .*\S$/m,                              "help $topic has a text" );
}
( undef, $out ) = run( $helper, 'help', 'exit-status' );
my ( undef, $words ) = run( $helper, 'help', 'Exit', 'Status' );
is( $words, $out, 'a topic as several words' );
( undef, $words ) = run( $helper, 'help', 'exit' );
is( $words, $out, 'the beginning of one of its words' );
like( $out, qr/4 +verify: Figures differ/, 'the exit statuses of single commands' );
( undef, $out ) = run( $helper, 'help', 'monitoring' );
like( $out, qr/^ +awstats_cloudfront_lag_seconds$/m, 'a topic without a text of its own has those of its parts' );
( undef, $out ) = run( $helper, 'help', 'fetch' );
like( $out, qr/^ +-t, --to DIR\n +The directory to copy into/m, 'the options of a command' );
unlike( $out, qr/--full/, 'help of a command: no options of another command' );

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
like( $err, qr/\A[^\n]*No space left[^\n]*\n\z/, 'help that cannot be written: one line' );

( $status, $out, $err ) = run( $helper, 'cat', '--', '-x' );
is( $status, 1, 'behind -- all words are sources' );
like( $err, qr/-x: No such file/, 'behind --: the missing source is named' );

done_testing;
