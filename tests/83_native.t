#!/usr/bin/perl
# Who counts a record, the plugin's own update loop or AWStats, and what the output says about it. That both count
# the same, 84_differential.t shows.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Columns qw($LOG_FORMAT);
use CountedSite;
use Program    ();
use File::Temp ();

my $logs = File::Temp::tempdir( CLEANUP => 1 );
system( $^X, "$Bin/generate-logs", '--seed', 5, '--records', 3000, '--files', 40, '--days', 3, '--from', '2026-10-05',
    "$logs/one" ) == 0
  or die 'generate-logs';
my $config = <<"END";
LogFile="$logs/one"
LogFormat="cloudfront"
HostAliases="REGEX[.]"
END

# An update of new config NAME; its output.
sub update {
    my ( $awstats, $name, $parameters, $more, @arguments ) = @_;
    $awstats->config( $name, "$config$more\nLoadPlugin=\"cloudfront $parameters\"\n" );
    my ( $status, $output ) = $awstats->run( $name, '-update', @arguments );
    is( $status, 0, "$name: status" ) or diag $output;
    return $output;
}

my $awstats = AWStats->new;
my $native = qr/^cloudfront: the plugin counted (\d+) records?, awstats\.pl (\d+)/m;
my $is_all =
  sub { qr/^cloudfront: awstats\.pl counted all records, more slowly \(\Q$_[0]\E\); all figures are right, /m };

my ($records) = update( $awstats, 'native', '', '' ) =~ $native;
cmp_ok( $records, '>', 2700, 'native: most records' );
like( update( $awstats, 'on',  'native=on',  '' ), $native,                 'native=on is the default' );
like( update( $awstats, 'off', 'native=off', '' ), $is_all->('native=off'), 'native=off' );
is_deeply( $awstats->history('off'), $awstats->history('native'), 'native=off: the same history' );

# An extra section of the last column of the log.
{
    my $last = () = $LOG_FORMAT =~ /%extra/g;
    my $section = <<"END";
ExtraSectionName1="Last column"
ExtraSectionCodeFilter1=""
ExtraSectionCondition1=""
ExtraSectionFirstColumnTitle1="Value"
ExtraSectionFirstColumnValues1="extra$last,(.+)"
ExtraSectionFirstColumnFormat1="%s"
ExtraSectionStatTypes1=HB
MaxNbOfExtra1=10
MinHitExtra1=1
END
    my ($native_records) = update( $awstats, 'last_native', '', $section ) =~ $native;
    cmp_ok( $native_records // 0, '>', 2700, "extra$last: most records are native" );
    update( $awstats, 'last_off', 'native=off', $section );
    is_deeply( $awstats->history('last_off'), $awstats->history('last_native'), "extra$last: the same history" );
    like( join( '', map { ref $_ ? @$_ : $_ } %{ $awstats->history('last_native') } ),
        qr/EXTRA_1/, "extra$last: has a section" );
}

# AWStats prints or looks things up on its way.
like( update( $awstats, 'steps',   '', '', '-showsteps' ),   $is_all->('ShowSteps is on'),        '-showsteps' );
like( update( $awstats, 'dropped', '', '', '-showdropped' ), $is_all->('ShowDropped is on'),      '-showdropped' );
like( update( $awstats, 'debug',   '', 'DebugMessages=1', '-debug=1' ), $is_all->('Debug is on'), '-debug' );
like( update( $awstats, 'dns', '', 'DNSLookup=2' ), $is_all->('DNSLookup is on'), 'DNSLookup' );
like(
    update( $awstats, 'timeout', '', 'VISITTIMEOUT=-500' ),
    $is_all->('VISITTIMEOUT is not a whole number'),
    'VISITTIMEOUT'
);
foreach my $name (qw(steps dropped debug)) {
    is_deeply( $awstats->history($name), $awstats->history('native'), "$name: the same history" );
}
like(
    update(
        $awstats, 'empty', '',
        qq(ExtraSectionName1="X"\nExtraSectionFirstColumnValues1="URL,"\nExtraSectionStatTypes1=PHB)
    ),
    $is_all->('a pattern of the configuration is empty'),
    'an empty pattern'
);

# A second run over the same logs has nothing new, and passes the old records natively as well.
{
    my ( $status, $output ) = $awstats->run( 'native', '-update' );
    like( $output, qr/Found 3000 old records/, 'again: all records are old' );
    my ($old) = $output =~ $native;
    is( $old, 3000, 'again: passed natively' );
    is_deeply( map( { $awstats->section( $_, 'DAY' ) } qw(native off) ), 'again: nothing was counted' );
}

# An AWStats of its own, whose program has something else instead of a text.
sub changed {
    my ( $text, $instead ) = @_;
    my $changed = AWStats->new;
    my $path = $changed->folder . '/awstats.pl';
    my $program = Program::content($path);
    $program =~ s/\Q$text\E/$instead/ or die "no such text: $text";
    unlink $path;
    Program::write_file( $path, $program );
    return $changed;
}

# An awstats.pl that we do not know counts for itself.
{
    my $changed = changed( '# Check cluster', '# Check the cluster' );
    like(
        update( $changed, 'changed', '', '' ),
qr/^cloudfront: awstats\.pl counted all records, more slowly \(.* is changed, or of another version: it is not the original file of AWStats 7\.8/m,
        'another update loop'
    );
    is_deeply( $changed->history('changed'), $awstats->history('off'), 'another update loop: the same history' );
}

# One whose history files may be others than those we know reads and writes them itself.
{
    my $changed = changed( '# URL - Pages - Bandwidth', '# URL - Pages - Bytes' );
    like(
        update( $changed, 'changed', '', '' ),
        qr/^cloudfront: the plugin counted \d+ records?, .*; awstats\.pl wrote the history files$/m,
        'other history functions'
    );
    is_deeply( $changed->history('changed'), $awstats->history('off'), 'other history functions: the same history' );
    unlike( update( $awstats, 'xml', '', '' ), qr/history files/, 'no message about known history functions' );
    like( update( $awstats, 'xml', '', 'BuildHistoryFormat="xml"' ),
        qr/; awstats\.pl wrote the history files$/m, 'XML' );
}

# What Perl and C could see in different ways.
{
    my $with = sub {
        my ( $name, $referer, $more ) = @_;
        my %said;
        foreach my $native (qw(on off)) {
            my $site = CountedSite->new( parameters => "native=$native", config => "$more\n" );
            $site->deliver(
                map {
                    CountedSite::record( "2026-10-05 10:00:0$_", path => "/$_.html" ) =~
                      s/\t-\t(?=Mozilla)/\t$referer\t/r
                } 0 .. 9
            );
            $site->use_log( $site->source );
            my ( $status, $output ) = $site->update;
            $output =~ s/^(?:cloudfront: |Create|From).*\n//mg;
            $output =~ s/Flush history on disk after \K\d+//;     # AWStats' own limit
            $said{$native} =
              [ $status, $output =~ s/\Q@{[ $site->folder ]}\E/FOLDER/gr, $site->awstats->history('site') ];
        }
        is_deeply( $said{on}, $said{off}, "$name: the same" );
        return $said{on};
    };
    my $is_own = 'HostAliases="REGEX[.*]"';
    $with->( 'a referring host called 0',              'http://0/',    $is_own );
    $with->( 'a referring host called 0, with a port', 'http://0:81/', $is_own );
    my $rows = qq(ExtraSectionName1="X"\nExtraSectionFirstColumnValues1="URL,(.)"\nExtraSectionStatTypes1=PHB\n);
    isnt( $with->( 'no rows', '-', "${rows}ExtraTrackedRowsLimit=-1" )->[0], 0, 'no rows: the update fails' );
}

# A damaged history file: the time of its newest record is below zero.
{
    my @found;
    foreach my $native (qw(on off)) {
        my $site = CountedSite->new( parameters => "native=$native" );
        $site->use_log( $site->source );
        $site->deliver( CountedSite::record('2026-10-05 10:00:00') );
        $site->update;
        my ($path) = glob $site->folder . '/data/*.txt';
        my $text = Program::content($path);
        $text =~ s/^LastLine \d+/LastLine -5/m or die 'no LastLine';
        Program::write_file( $path, $text );
        my ( $status, $output ) = $site->update;
        push @found, $output =~ /^ Found (\d+ old|\d+ new)/mg;
    }
    is_deeply( [ @found[ 0, 1 ] ], [ @found[ 2, 3 ] ], "a time below zero: @found" );
}

# A hang-up does not end an update that was started by nohup.
{
    local $SIG{HUP} = 'IGNORE';
    my $site = CountedSite->new;
    $site->deliver( CountedSite::record('2026-10-05 10:00:00') );
    my $folder = $site->folder;

    # A helper that waits, so that the update is there for all hang-ups.
    my $wrapper = $folder . '/awstats-cloudfront';
    Program::write_file( $wrapper,
"#!/bin/sh\n: >$folder/started; until [ -e $folder/go ]; do sleep 0.01; done\nexec '@{[ AWStats::helper() ]}' \"\$\@\"\n"
    );
    chmod 0755, $wrapper;
    $site->{load} =~ s/helper=\S+/helper=$wrapper/;
    $site->use_log('site:cdn');
    my ( $status, $output ) = $site->awstats->command( '/bin/sh', '-c',
            "'$^X' '$folder/awstats.pl' -config=site -update & pid=\$!"
          . "; until [ -e $folder/started ]; do sleep 0.01; done; for i in 1 2 3 4 5 6 7 8; do sleep 0.01; kill -HUP \$pid || exit 99; done"
          . "; : >$folder/go; wait \$pid" );
    is( $status, 0, 'nohup: status' ) or diag $output;
    like( $output, qr/Found 1 new qualified/, 'nohup: counted' );
}

# Without a module of perl's that a system may lack.
{
    local @ENV{qw(PERL5OPT AWSTATS_FRESH)} = ( "-I$logs/lib", 1 );
    mkdir $_ foreach "$logs/lib", "$logs/lib/Digest";
    Program::write_file( "$logs/lib/Digest/MD5.pm",
        'die "Can\'t locate Digest/MD5.pm in \\@INC (you may need to install the Digest::MD5 module)\n";' );
    like(
        update( $awstats, 'without', '', '' ),
        qr{^cloudfront: awstats\.pl counted all records, more slowly \(Can't locate Digest/MD5\.pm in \@INC\); }m,
        'without Digest::MD5'
    );
    is_deeply( $awstats->history('without'), $awstats->history('off'), 'without Digest::MD5: the same history' );
}

# AWStats saves in between when memory=SIZE is used up, or by its own -limitflush.
{
    system( $^X, "$Bin/generate-logs", '--seed', 6, '--records', 45_000, '--files', 10, '--days', 3, '--from',
        '2026-10-05', "$logs/many" ) == 0
      or die 'generate-logs';
    my $many = "LogFile=\"$logs/many\"";
    my $saved = qr/^Flush history file on disk \(unique url reach flush limit of/m;
    my $little = update( $awstats, 'little', 'memory=150k', $many );
    like( $little, qr/$saved memory=150K\)$/m, 'memory=150k: saved in between' );
    cmp_ok( scalar( () = $little =~ /$saved/g ), '<', 100, 'memory=150k: not at each record' );
    my $more = update( $awstats, 'more', 'memory=1T', $many );
    unlike( $more, $saved, 'memory=1T: not saved in between' );
    like( $more, qr/Flush history on disk after 4000000000 hosts/, 'memory=1T: AWStats has no limit of its own' );
    unlike( update( $awstats, 'default', '', $many ), $saved, 'the default: not saved in between' );
    my $limit = update( $awstats, 'limit', 'memory=1T', $many, '-limitflush=20' );
    like( $limit, qr/Flush history on disk after 80 hosts/, '-limitflush=20: hosts' );
    is( scalar( () = $limit =~ /$saved 20\)$/mg ), 2, '-limitflush=20: pages' );
    unlike( update( $awstats, 'high', 'memory=1T', $many, '-limitflush=5000' ),
        $saved, '-limitflush=5000: too few pages' );
    is_deeply( $awstats->section( $_, 'DAY' ), $awstats->section( 'more', 'DAY' ), "$_: the same days" )
      foreach qw(little default limit high);

    foreach my $key (qw(TotalVisits TotalUnique)) {
        is( $awstats->total( 'little', $key ), $awstats->total( 'more', $key ), "memory=150k: the same $key" );
    }

    # The parameter that there was before.
    like(
        update( $awstats, 'former', 'flush=20', $many ),
        qr/^Warning: Plugin cloudfront: .* parameter flush, which has no effect any more; .* memory=SIZE/m,
        'flush=20: a warning'
    );
    is_deeply( $awstats->history('former'), $awstats->history('default'), 'flush=20: no effect' );
}
foreach my $bad (qw(memory=0 memory=x memory=1.5G native=yes native=ON)) {
    $awstats->config( 'bad', "$config\nLoadPlugin=\"cloudfront $bad\"\n" );
    my ( $status, $output ) = $awstats->run( 'bad', '-update' );
    isnt( $status, 0, "$bad: status" );
    like( $output, qr/unknown parameter '$bad'/, "$bad: message" );
}

# Worms, natively; the first record, a size that Perl's numbers may round, and a time to come, by AWStats.
{
    my %history;
    foreach my $native (qw(on off)) {
        my $site = CountedSite->new( parameters => "native=$native", config => "LevelForWormsDetection=2\n" );
        $site->deliver(
            CountedSite::record('2026-10-05 10:00:00'),
            ( map { CountedSite::record( "2026-10-05 10:00:0$_", path => '/default.ida', status => 404 ) } 1 .. 3 ),
            CountedSite::record( '2026-10-05 10:00:04', path => '/large.zip', bytes => 2**40 + 1 ),
            CountedSite::record('2036-10-05 10:00:00'),
        );
        my ( $status, $output ) = $site->update;
        is( $status, 0, "a worm, native=$native: status" ) or diag $output;
        like( $output, qr/^cloudfront: the plugin counted 3 records, awstats\.pl 3\b/m, 'a worm: who counts' )
          if $native eq 'on';
        $history{$native} = $site->awstats->history('site');
        like(
            join( '', map { ref $_ ? @$_ : $_ } %{ $history{$native} } ),
            qr/code_red 3 3000 20261005100003/i,
            'a worm: its row'
        );
    }
    is_deeply( $history{on}, $history{off}, 'a worm: the same history' );
}

# partial=exact, natively and by AWStats.
{
    my @records = map {
        my $n = $_;
        CountedSite::record(
            sprintf( '2026-10-05 10:%02d:%02d', $n / 60, $n % 60 ),
            path   => ( '/film.mp4', '/a.html', '/b.zip', '/robots.txt', '/favicon.ico' )[ $n % 5 ],
            status => ( 200, 206, 206, 404, 304, 206 )[ $n % 6 ],
            bytes  => $n % 4 ? 1000 + $n : 0,
            $n % 7 ? () : ( agent => 'Mozilla/5.0%2520(compatible;%2520Googlebot/2.1)' )
        )
    } 0 .. 999;
    my %history;
    foreach my $native (qw(on off)) {
        my $site = CountedSite->new( parameters => "native=$native" );
        $site->deliver(@records);
        my ( $status, $output ) = $site->update;
        is( $status, 0, "partial=exact, native=$native: status" ) or diag $output;
        $history{$native} = $site->awstats->history('site');
    }
    is_deeply( $history{on}, $history{off}, 'partial=exact: the same history' );
}

done_testing;
