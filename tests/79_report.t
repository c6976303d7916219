#!/usr/bin/perl
# update --report: the pages of each month, which are made again when its history has changed, and the pages that lead
# to them.  What a browser sees of them is in 79_report_browser.t.
use strict;
use warnings;
use Cwd ();
use Test::More;
use File::Find ();
use File::Path qw(make_path remove_tree);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Links;
use List::Util   qw(sum0);
use Program      qw(content run write_file);
use UpdateChecks ();

local $ENV{ASAN_OPTIONS} = 'exitcode=99:' . ( $ENV{ASAN_OPTIONS} // '' );
local $ENV{PERL_DESTRUCT_LEVEL} = 2;
local $ENV{TZ} = 'UTC';

# A report with few pages.
my $few = join '',
  map { "Show${_}Stats=0\n" }
  qw(Domains Sessions Misc Robots Worms Downloads Keyphrases Keywords OS Browsers Origin HTTPErrors FileTypes);
my $minute = 0;

# Some records of a month of 2026.
sub records {
    my ( $month, $count, @values ) = @_;
    return map {
        CountedSite::record( sprintf( '2026-%02d-05 %02d:%02d:00', $month, $minute / 60 % 24, $minute++ % 60 ),
            @values )
    } 1 .. $count;
}

# Runs an update with a report in the folder, and compares its status, and its output with a pattern.
sub update_is {
    my ( $site, $folder, $status, $pattern, $what, @arguments ) = @_;
    return UpdateChecks::update_is( $site, $status, $pattern, $what, defined $folder ? "--report=$folder" : (),
        @arguments );
}

# What is below a folder, without icons: path => what changes when a file is replaced.
sub files {
    my $folder = shift;
    my %file;
    File::Find::find(
        sub {
            my @status = lstat;
            $File::Find::prune = 1 if $File::Find::name eq "$folder/icon";
            $file{ $File::Find::name =~ s{^\Q$folder\E/}{}r } = join ' ', @status[ 1, 7, 9 ] if -f _;
        },
        $folder
    );
    return \%file;
}

# The files that have changed, or are new or gone.
sub changed {
    my ( $before, $after ) = @_;
    my %all = ( %$before, %$after );
    return [ grep { ( $before->{$_} // '' ) ne ( $after->{$_} // '' ) } sort keys %all ];
}

# All pages can be reached from index.html, and no link leads nowhere.
sub links_are_right {
    my ( $folder, $what ) = @_;
    my ( $pages,  $missing ) = Links::follow("$folder/index.html");
    is_deeply( $missing, [], "$what: no link or picture leads nowhere" );
    is_deeply(
        [ map { s{^\Q$folder\E/}{}r } @$pages ],
        [ grep { /\.html$/ } sort keys %{ files($folder) } ],
        "$what: a link leads to each page"
    );
    return;
}

# The table of an index.html: the texts of its cells, row by row.
sub table {
    my $path = shift;
    my @rows;
    foreach my $row ( content($path) =~ /^<tr>(<td.*)<\/tr>$/mg ) {
        my @cells = $row =~ /<td[^>]*>(.*?)<\/td>/g;
        s/<[^>]*>//g foreach @cells;
        push @rows, \@cells;
    }
    return \@rows;
}

# Adds a plugin of AWStats that runs this code when one of the pages is made.
sub with_plugin {
    my ( $site, $code ) = @_;
    write_file( $site->folder . '/plugins/rude.pm', <<"END" );
sub Init_rude { if ( \$main::HTMLOutput{urldetail} ) { $code } return 'AddHTMLBodyHeader' }
sub AddHTMLBodyHeader_rude { return 0 }
1;
END
    return;
}

# ---- two months ----

my $site = CountedSite->new( hosts => 'd1.cloudfront.net', config => $few );
my $folder = $site->folder;
my $out = "$folder/www/report";
$site->deliver( records( 9, 3 ) );
update_is( $site, undef, 0, qr/\A\[cdn\]: 3 records .*\n\z/, 'an update without a report' );
$site->deliver( records( 10, 20, bytes => 1_000_000 ), records( 10, 2, path => '/no', status => 404 ) );
update_is( $site, $out, 0, qr/^\[cdn\]: 22 records of 1 log would be counted/, 'a dry run', '--dry-run' );
ok( !-e $out, 'makes no report' );
{
    my $mask = umask 077;
    update_is(
        $site, $out, 0,
        qr{\A\[cdn\]: 22 records .*\n\[cdn\]: \d+ pages of 2 months written: \Q$out\E/cdn/index\.html\n\z},
        'the first update'
    );
    umask $mask;
}
links_are_right( $out, 'two months' );
my $days = $site->days;
my @october = map { $days->{20261005}[$_] } 3, 0, 1;
my $bytes = sprintf '%.2f MB', $days->{20261005}[2] / 2**20;
is_deeply(
    [ map { [ @$_[ 0 .. 5 ] ] } @{ table("$out/index.html") } ],
    [ [ 'cdn', '2026-10', @october, $bytes ] ],
    'the figures of the newest month'
);
is_deeply(
    [ map { [ @$_[ 0 .. 4 ] ] } @{ table("$out/cdn/index.html") } ],
    [ [ '2026-10', @october, $bytes ], [ '2026-09', @{ $days->{20260905} }[ 3, 0, 1 ], '2.93 KB' ] ],
    'those of both months'
);
like( content("$out/cdn/awstats.html"),           qr/>Month Oct 2026</,                    'the page of October' );
like( content("$out/cdn/2026-09/awstats.html"),   qr/>Month Sep 2026</,                    'the page of September' );
like( content("$out/cdn/awstats.urldetail.html"), qr{<a href="awstats\.html">2026-10</a>}, 'pages lead back' );

foreach my $path ( glob "$out/*.html $out/cdn/.report $out/cdn/*.html $out/cdn/*/*.html" ) {
    unlike( content($path), qr/\Q$folder\E/, "$path: no path of this machine" );
}
my %mode;
File::Find::find( sub { $mode{ -d $_ ? 'folder' : 'file' }{ sprintf '%03o', ( stat $_ )[2] & 0777 }++ }, $out );
is_deeply( [ map { keys %{ $mode{$_} } } qw(folder file) ], [qw(755 644)], 'everybody may read them' );

# ---- what is made again ----

my $before = files($out);
update_is( $site, $out, 0, qr/\A\[cdn\]: no new logs to count\n\z/, 'nothing new' );
is_deeply( changed( $before, files($out) ), [], 'no page is made again' );

foreach
  my $case ( [ 'a missing page', '2026-09', sub { unlink shift } ], [ 'a cut page', '.', sub { truncate shift, 10 } ] )
{
    my ( $what, $place, $damage ) = @$case;
    my $page = "$out/cdn/$place/awstats.allhosts.html";
    my $whole = content($page);
    $before = files($out);
    $damage->($page);
    update_is( $site, $out, 0, qr/\A\[cdn\]: no new logs to count\n\[cdn\]: \d+ pages of 1 month written/, $what );
    is( content($page), $whole, 'is as before' );
    my @others = grep { m{/2026-09/} xor $place eq '2026-09' } @{ changed( $before, files($out) ) };
    is_deeply( [ grep { $_ ne 'cdn/.report' } @others ], [], 'only its month is made again' );
}

$before = files($out);
$site->deliver( records( 10, 5 ) );
update_is( $site, $out, 0, qr/ counted .*\n\[cdn\]: \d+ pages of 1 month written/, 'records of October' );
my $changed = changed( $before, files($out) );
is_deeply( [ grep { m{/2026-} } @$changed ], [],                                 'the page of September stays' );
is_deeply( [ grep { /index/ } @$changed ],   [ 'cdn/index.html', 'index.html' ], 'the pages with figures are written' );
is( table("$out/index.html")->[0][4], 25, 'with the new figures' );

# ---- a new month takes the place of the one before ----

write_file( "$out/cdn/awstats.former.html",      'a page that the new month does not have' );
write_file( "$out/cdn/.awstats.former.html.new", 'left by a run that was killed' );
$site->deliver( records( 11, 1 ) );
update_is( $site, $out, 0, qr/\n\[cdn\]: \d+ pages of 2 months written/, 'a new month' );
links_are_right( $out, 'three months' );
ok( !-e "$out/cdn/.awstats.former.html.new", 'no unfinished file is left' );
like( content("$out/cdn/awstats.html"),         qr/>Month Nov 2026</, 'the newest is November' );
like( content("$out/cdn/2026-10/awstats.html"), qr/>Month Oct 2026</, 'October has its own folder' );

# ---- a history that is removed ----

{
    my $history = $site->folder . '/data/awstats112026.site.txt';
    my ( $saved, $batches ) = ( content($history), $site->batches );
    my $page = content("$out/cdn/awstats.html");
    unlink $history;
    is( ( $site->command( 'commit', "--previous=$batches->{102026}" ) )[0], 0, 'the history of November is removed' );
    update_is( $site, $out, 0, qr/\A\[cdn\]: no new logs to count\n\z/, 'no page is made again' );
    is( content("$out/cdn/awstats.html"),     $page,     'its pages stay' );
    is( table("$out/cdn/index.html")->[0][0], '2026-11', 'the pages of a removed history have a link' );
    links_are_right( $out, 'a removed history' );

    # Without its pages, October takes its place.
    unlink "$out/cdn/awstats.allhosts.html";
    update_is( $site, $out, 0, qr/\n\[cdn\]: \d+ pages of 1 month written/, 'a removed history and a removed page' );
    like( content("$out/cdn/awstats.html"), qr/>Month Oct 2026</, 'the newest is October' );
    ok( !-e "$out/cdn/2026-10", 'its pages have one place' );
    links_are_right( $out, 'a removed history and a removed page' );

    write_file( $history, $saved );
    is( ( $site->command( 'commit', "--previous=$batches->{112026}" ) )[0], 0, 'November is put back' );
    update_is( $site, $out, 0, qr/\n\[cdn\]: \d+ pages of 2 months written/, 'both months are made' );
    like( content("$out/cdn/awstats.html"),         qr/>Month Nov 2026</, 'the newest is November' );
    like( content("$out/cdn/2026-10/awstats.html"), qr/>Month Oct 2026</, 'October has its own folder' );
    links_are_right( $out, 'November again' );
}

# ---- another configuration ----

$site->awstats->config( 'site', "$site->{load}$site->{config}LogFile=\"site:cdn\"\nLang=\"de\"\n" );
update_is( $site, $out, 0, qr/\A\z/, '-q prints nothing', '-q' );
foreach my $path ( map { "$out/cdn/$_/awstats.html" } qw(. 2026-09 2026-10) ) {
    like( content($path), qr/>Monat \w+ 2026</, "$path: another configuration makes all pages again" );
}

# ---- failures: one line, and the figures are kept ----

my $errors = qr/awstats-cloudfront: \[cdn\]: the update has counted all records, but its report is not complete: /;
my $is_next = qr/; the next update makes the missing pages\n\z/;
my $records = 29;
foreach my $case (
    [ 'a file in the way', sub { write_file( "$folder/file", '' ) }, "$folder/file/report", qr/Not a directory/ ],
    [
        'an index.html of somebody',
        sub { make_path("$folder/theirs"); write_file( "$folder/theirs/index.html", 'Hello' ) },
        "$folder/theirs", qr{index\.html is not a page of this program}
    ],
  )
{
    my ( $what, $prepare, $to, $reason ) = @$case;
    $prepare->();
    $site->deliver( records( 11, 1 ) );
    $records++;
    update_is( $site, $to, 1, qr/\A\[cdn\]: 1 record .*\n$errors.*$reason.*$is_next/m, $what );
    is( sum0( map { $_->[1] } values %{ $site->days } ), $records, 'the records are counted' );
}
is( content("$folder/theirs/index.html"), 'Hello', 'that index.html is not replaced' );
is_deeply(
    [ glob "$folder/theirs/*" ],
    ["$folder/theirs/index.html"],
    'no file is beside an index.html that is not replaced'
);

SKIP: {
    skip 'only root can become another user', 4 if $> != 0;
    my $other = CountedSite->new( hosts => 'd1.cloudfront.net', config => $few );
    my $below = $other->folder;
    my $nobody = getpwnam 'nobody';
    $other->deliver( records( 10, 1 ) );
    make_path( "$below/state", "$below/report" );
    chmod 0755, $below;
    chown $nobody, -1, "$below/state", "$below/data";
    update_is(
        $other,
        "$below/report",
        1,
qr{report cannot be written: the user nobody has no permission; it belongs to root: run "sudo chown nobody: \Q$below\E/report"},
        'a folder of root'
    );
    chown $nobody, -1, "$below/report";
    update_is( $other, "$below/report", 0, qr/pages of 1 month written/, 'the next update makes the pages' );
}

my $rude = CountedSite->new( config => "${few}LoadPlugin=\"rude\"\nHostAliases=\"REGEX[.]\"\n" );
my $pages = $rude->folder . '/pages';
with_plugin( $rude, '' );
$rude->deliver( records( 10, 1 ) );
update_is( $rude, $pages, 0, qr/pages of 1 month written/, 'a plugin of AWStats itself' );
foreach my $case (
    [ 'a die',   'die "rude: no\n"', qr/.*rude: no/ ],
    [ 'a kill',  'kill "KILL", $$;', qr/it was ended by signal 9 \(Killed\)/ ],
    [ 'an exit', 'exit 0;',          qr/it printed no error message.*/ ],
  )
{
    my ( $what, $code, $reason ) = @$case;
    with_plugin( $rude, $code );
    $before = files($pages);
    $rude->deliver( records( 10, 1 ) );
    update_is(
        $rude,
        $pages,
        1,
qr/\A\[cdn\]: 1 record .*\n${errors}awstats\.pl did not make the page awstats\.urldetail\.html of 2026-10: $reason$is_next/m,
        $what
    );
    is_deeply( changed( $before, files($pages) ), [], 'the pages are as before' );
    with_plugin( $rude, '' );
    update_is(
        $rude, $pages, 0,
        qr/\A\[cdn\]: no new logs to count\n\[cdn\]: \d+ pages of 1 month/,
        'the next update makes them'
    );
    links_are_right( $pages, $what );
}

# ---- several sites, with names that mean something elsewhere ----

my $many = CountedSite->new( hosts => 'd1.cloudfront.net', config => $few );
my $home = $many->folder;
my %folder_of = (
    'cdn'                 => 'cdn',
    '../<b>"x" & \'y\''   => '%2E.%2F%3Cb%3E%22x%22%20%26%20%27y%27',
    'icon'                => '%69con',
    "b\xc3\xbccher"       => 'b%C3%BCcher',
    'index.html'          => '%69ndex.html',
    'javascript:alert(1)' => 'javascript%3Aalert%281%29',
);
my ( $settings, $number ) = ( '', 0 );
foreach my $name ( sort keys %folder_of ) {
    my $config = 'site' . ++$number;
    make_path("$home/$config");
    $settings .= "[$name]\nsource = $home/$config\nstate = $home/state/$config.db\nawstats = $home/awstats.pl\n"
      . "awstats-config = $config\nreport = $home/all\n";
    $many->awstats->config( $config, "$many->{load}$many->{config}LogFile=\"site:$name\"\n" );
    rename $many->source . '/' . $many->deliver( records( 10, $number, path => '/a%2522%253E%253Cscript%253E' ) ),
      "$home/$config/log.gz";
}
write_file( "$home/sites.conf", $settings );
update_is( $many, undef, 0, qr/pages of 1 month written/, 'many sites', '--all' );
links_are_right( "$home/all", 'many sites' );
is_deeply(
    [ sort map { s{.*/}{}r } glob "$home/all/*/index.html" ],
    [ ('index.html') x keys %folder_of ],
    'each has a folder'
);
is_deeply( [ grep { !-f "$home/all/$_/awstats.html" } values %folder_of ],
    [], 'many sites: each folder has the name of its site' );
is_deeply( [ grep { $_ ne "$home/all" && !-e "$home/all/icon" } glob "$home/*.html" ],
    [], 'many sites: no page is elsewhere' );
my $index = content("$home/all/index.html");
is( scalar @{ table("$home/all/index.html") }, scalar keys %folder_of, 'a row for each' );
unlike( $index, qr/<b>|href="(?!%|cdn|b%25|javascript%25)/, 'names are text' );
like( $index, qr/\.\.\/&#60;b&#62;&#34;x&#34; &#38; &#39;y&#39;/, 'as they are' );

foreach my $path ( glob "$home/all/cdn/*.html" ) {
    unlike( content($path), qr/<script/i, "$path: a name in a log is text" );
}

# A relative path, also where the update becomes a user who may not enter the current folder.
{
    my $site = CountedSite->new( config => $few );
    my $folder = $site->folder;
    my $here = Cwd::getcwd();
    $site->deliver( records( 10, 3 ) );
    chdir $folder or die;
    update_is( $site, 'pages', 0, qr{pages of 1 month written: \Q$folder\E/pages/cdn/index\.html$}m,
        'a relative path' );
  SKIP: {
        skip 'not root', 2 if $> != 0;
        my $nobody = ( getpwnam 'nobody' )[2];
        chmod 0755, $folder or die;
        chown $nobody, -1, $folder, glob "$folder/data $folder/data/* $folder/state $folder/state/*";
        make_path( "$folder/closed", { mode => 0700 } );
        chdir "$folder/closed" or die;
        update_is(
            $site,
            'pages',
            1,
qr{report is not complete: \Q$folder\E/closed/pages cannot be written: the user nobody may not enter \Q$folder\E/closed, which},
            'a folder that the user may not enter'
        );
    }
    chdir $here or die;
}

# An object that cannot be read: each update tries it again, and leaves history and pages alone.
{
    my $site = CountedSite->new( config => $few );
    my $folder = $site->folder . '/pages';
    my $name = $site->deliver( records( 10, 3 ) );
    my $whole = content( $site->source . "/$name" );
    update_is( $site, $folder, 0, qr/^\[cdn\]: 3 records/, 'before the object that cannot be read' );
    $site->deliver_as( 'E1.2026-10-05-11.cut.gz', "\x1f\x8b\x08" );
    update_is( $site, $folder, 0, qr/^\[cdn\]: no new logs to count$/m, 'an object that cannot be read' );
    my %before = ( %{ files($folder) }, %{ files( $site->folder . '/data' ) } );
    cmp_ok( scalar keys %before, '>', 3, 'an object that cannot be read: there are pages, and a history' );

    foreach my $again ( [], ['--dry-run'], [] ) {
        my ( $status, $out, $err ) = $site->update_by_program( "--report=$folder", @$again );
        is( "$status$out", "0[cdn]: no new logs to count\n", "tried again @$again" );
        like(
            $err,
            qr/1 object, which could not be read before, still cannot be read/,
            "tried again @$again: it is named"
        );
    }
    is_deeply( changed( \%before, { %{ files($folder) }, %{ files( $site->folder . '/data' ) } } ),
        [], 'tried again: no page and no history is written' );
    my $status = ( $site->command('status') )[1];
    like( $status, qr/^  objects left out[^\n]*: 1\b/m, 'it is still left out' );
    like(
        $status,
        qr/^  last update with new objects, records: 0 records, 0 counted, 0 left out$/m,
        'tried again: no record is unknown'
    );
    like( $status, qr/^  all batches since [^\n]*: 3 records, 3 counted, 0 left out$/m, 'the sums' );
    $site->deliver( records( 10, 2 ) );
    update_is( $site, $folder, 0, qr/^\[cdn\]: 2 records of 1 log counted/, 'with a new object' );
    $site->deliver_as( 'E1.2026-10-05-11.cut.gz', $whole =~ s/192\.0\.2\.1/192.0.2.9/gr );
    update_is( $site, $folder, 0, qr/^\[cdn\]: 3 records of 1 log counted.*\n\[cdn\]: \d+ pages/, 'a complete copy' );
    update_is( $site, $folder, 0, qr/^\[cdn\]: no new logs to count$/m,                           'counted once' );
}

done_testing;
