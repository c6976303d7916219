#!/usr/bin/perl
# A plan's tasks count a site's batches in any number of shards: the histories have the same rows as those of one update,
# with late records, tasks that run again or twice at once, and tasks that are killed.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats       ();
use CountedSite   ();
use Program       qw(content run write_file);
use RandomNumbers ();
use Shards        qw(count_batch deliver is_same plan_batch records task twice update);
use Soak          qw(is_soak);
use Test::More;

my $helper = AWStats::helper();

# The batches, each a list of objects, each a list of records.
RandomNumbers::seed(7);
my @BATCHES = (
    [
        map { [ records( $_, 40 ) ] } '2026-10-31 21',
        '2026-10-31 22',
        '2026-11-01 00',
        '2026-11-01 00',
        '2026-11-01 02'
    ],
    [ map { [ records( $_, 25 ) ] } '2026-11-01 03', '2026-10-31 20', '2026-11-01 05' ],
    [ [ CountedSite::record('2026-11-01 07:00:00'), CountedSite::record('2026-11-01 07:59:00') ] ],
    [ map { [ records( $_, 30 ) ] } '2026-11-01 07', '2026-10-30 10', '2026-11-02 01' ],
);

# In one second, in two parts: the first page is that of the first part.
push @{ $BATCHES[1] },
  map { [ CountedSite::record( '2026-11-01 06:30:00', host => '192.0.2.99', path => "/$_.html" ) ] } qw(one two);

# A visitor of CloudFlare: AWStats takes the host from the query.
push @{ $BATCHES[1] }, [
    map {
        CountedSite::record(
            "2026-11-01 06:40:0$_",
            host  => "192.0.2.10$_",
            query => '[CloudFlare_Visitor_IP:198.51.100.7]'
        )
    } 0 .. 7
];

# AWStats counts a host in lower case, and without a port.
my @SPELLINGS = map { ( $_, uc, ucfirst, "$_:80", uc("$_:443") ) } 'proxy.example.net', 'gate.example.org';
push @{ $BATCHES[1] },
  [ map { CountedSite::record( "2026-11-01 06:4$_:00", host => $SPELLINGS[$_], path => "/$_.html" ) } 0 .. 9 ];

# ---- one update, and shards ------------------------------------------------------------------

my $whole = CountedSite->new;
my $most = is_soak() ? 64 : 16;
my %site = map { $_ => CountedSite->new } 1, 2, 5, $most;
my %batches = ( 1 => 2, 2 => 2, 5 => 4, $most => 1 );
foreach my $number ( 1 .. @BATCHES ) {
    my @shards = grep { $batches{$_} >= $number } sort { $a <=> $b } keys %site;
    deliver( $BATCHES[ $number - 1 ], $whole, @site{@shards} );
    update($whole);
    foreach my $shards (@shards) {
        my $site = $site{$shards};
        count_batch( $site, $site->folder . "/work$number", $shards, 1 + $number % 3 );
        is_same( $site, $whole, "batch $number, $shards shards" );
    }
}
{
    my $site = $site{5};
    my $output = plan_batch( $site, $site->folder . '/nothing', 5, 1 );
    like( $output, qr/no new logs to count/, 'nothing is new' );
    ok( !-e $site->folder . '/nothing/plan', 'no plan is made' );
    my @status = map {
        [
            map { s/since [^,]*//r } grep { /objects counted|bytes of|records|malformed/ } split /^/,
            ( $_->command('status') )[1]
        ]
    } $site, $whole;
    cmp_ok( scalar @{ $status[1] }, '>', 4, 'status of the update' );
    is_deeply( @status, 'status of the shards' );

    my ( $verified, $verify ) = $site->command('verify');
    is( $verified, 0, 'verify after shards' ) or diag $verify;

    # The other way of counting goes on from the sum.
    deliver( [ [ records( '2026-11-03 10', 20 ) ] ], $whole, $site );
    update($_) foreach $whole, $site;
    is_same( $site, $whole, 'an update after shards' );
    deliver( [ [ records( '2026-11-03 14', 20 ) ] ], $whole, $site );
    update($whole);
    count_batch( $site, $site->folder . '/after', 3, 2 );
    is_same( $site, $whole, 'shards after an update, another number of them' );
}

# ---- who has the batch -------------------------------------------------------------------------

{
    my ( $site, $plain ) = ( CountedSite->new, CountedSite->new );
    my $work = $site->folder . '/work';
    deliver( $BATCHES[0], $site, $plain );
    update($plain);
    like( plan_batch( $site, $work, 2, 2 ), qr/5 objects in 2 parts for 2 shards/, 'the plan' );
    like( plan_batch( $site, $work, 2, 2 ), qr/is made already/,                   'plan again' );
    foreach my $command ( [qw(cat)], [qw(recount)], [qw(commit --previous=-)] ) {
        my ( $status, $output ) = $site->command(@$command);
        is( $status, 1, "@$command during a plan" );
        like(
            $output,
            qr/being counted by the shards of a plan; [^\n]*collect --config=\S+ --site=cdn --work=\Q$work\E/,
            "@$command: message"
        );
    }
    my ( $status, undef, $error ) = $site->update_by_program;
    is( $status, 1, 'update during a plan' );
    like( $error, qr/plan --abandon --config=\S+ --site=cdn/, 'update: message' );

    like( task( 1, 'prepare', "--work=$work" ), qr/part 0 of 2 is not read yet; run: /, 'prepare first' );
    like(
        task( 1, 'reduce', "--work=$work", '--shard=0' ),
        qr/prepare --config=\S+ --site=cdn --work=/,
        'reduce first'
    );
    like( task( 1, 'collect', "--work=$work" ), qr/prepare --config=\S+ --site=cdn --work=/, 'collect first' );
    like( task( 1, 'map', "--work=$work", '--part=2' ), qr/there is no part 2: /, 'a part too many' );

    # Each task twice at once, and again.
    twice( 'map',     "--work=$work", "--part=$_" ) foreach 0, 1;
    twice( 'prepare', "--work=$work" );
    twice( 'reduce',  "--work=$work", '--shard=0' );
    like( task( 1, 'collect', "--work=$work" ), qr/shard 1 of 2 is not counted yet; run: /, 'collect too early' );
    twice( 'reduce', "--work=$work", '--shard=1' );
    twice( 'collect', "--work=$work" );
    is_same( $site, $plain, 'each task three times' );

    # A late task of a plan that is over changes nothing.
    my $before = $site->rows;
    like(
        task( 1, 'map', "--work=$work", '--part=0' ),
        qr/the plan in \Q$work\E is over: it was given up, or its batch is counted; end its other tasks, too$/m,
        'a late map: message'
    );
    task( 0, 'reduce', "--work=$work", '--shard=0' );
    is_deeply( $site->rows, $before, 'late tasks' );

    # A plan that is given up.
    deliver( $BATCHES[1], $site, $plain );
    update($plain);
    my $second = $site->folder . '/second';
    plan_batch( $site, $second, 2, 1 );
    task( 0, 'map',     "--work=$second", '--part=0' );
    task( 0, 'prepare', "--work=$second" );
    task( 0, 'reduce',  "--work=$second", '--shard=1' );
    like( ( $site->command('status') )[1], qr/counted by the tasks of the plan in \Q$second\E; /,   'status' );
    like( ( $site->command( 'status', '--json' ) )[1], qr/"open_batch": \{.*"plan": "\Q$second\E"/, 'status --json' );
    ( $status, my $output ) = $site->command( 'plan', '--abandon' );
    is( $status, 0, 'plan --abandon' );
    like( $output, qr/its logs are new again; remove this folder once no task/, 'plan --abandon: message' );
    is_deeply( [ sort map { s{.*/}{}r } glob "$second/*" ], [qw(plan prepared)], 'plan --abandon removes the logs' );
    like( task( 1, $_->[0], "--work=$second", @{$_}[ 1 .. $#$_ ] ), qr/is over[:;]/, "$_->[0] after plan --abandon" )
      foreach ['collect'], [ 'reduce', '--shard=0' ];
    like( plan_batch( $site, $site->folder . '/third', 2, 1 ), qr/objects in 1 part/, 'a plan after plan --abandon' );
    ( $status, $output ) = $site->command( 'plan', '--abandon' );
    is( $status, 0, 'plan --abandon again' ) or diag $output;
    update($site);
    is_same( $site, $plain, 'an update after plans that were given up' );

    # One that was prepared, with a log that comes in between: the next plan has both.
    deliver( [ [ records( '2026-11-04 10', 20 ) ] ], $site, $plain );
    my $fourth = $site->folder . '/fourth';
    plan_batch( $site, $fourth, 2, 1 );
    task( 0, 'map', "--work=$fourth", '--part=0' );
    task( 0, 'prepare', "--work=$fourth" );
    deliver( [ [ records( '2026-11-04 11', 20 ) ] ], $site, $plain );
    $site->command( 'plan', '--abandon' );
    unlike( ( $site->command('status') )[1], qr/batch not counted yet/, 'plan --abandon: no batch is left' );
    update($plain);
    count_batch( $site, $site->folder . '/fifth', 2, 1 );
    is_same( $site, $plain, 'a plan after a prepared one that was given up' );
}

# The same plan is made by three at once: one of them makes it.
{
    my $site = CountedSite->new;
    my $work = $site->folder . '/work';
    deliver( $BATCHES[0], $site );
    my @running = map {
        Program::start(
            { together => 1 },
            $helper, 'plan', '--config=' . $site->folder . '/sites.conf',
            '--site=cdn', "--work=$work", '--shards=2', '--parts=2'
        )
    } 1 .. 3;
    my @ended = map { [ Program::finish($_) ] } @running;
    is( "@{[ map { $_->[0] } @ended ]}", '0 0 0', 'three plans at once' ) or diag map { $_->[1] } @ended;
    my $output = join '', map { $_->[1] } @ended;
    is( scalar( () = $output =~ /5 objects in 2 parts for 2 shards/g ), 1, 'three plans at once: one is made' );
    is( scalar( () = $output =~ /is made already/g ),                   2, 'three plans at once: the message' );
}

# The messages advise commands that work as they are printed.
{
    my ( $site, $plain ) = ( CountedSite->new, CountedSite->new );
    my $work = $site->folder . '/work';
    deliver( $BATCHES[0], $site, $plain );
    update($plain);
    plan_batch( $site, $work, 2, 2 );
    my $last = ( $site->command('status') )[1];
    my ( $message, $command, @followed ) = ( $last, 'collect' );
    while ( $command && @followed < 20 ) {
        my ( $status, $output ) = CountedSite::follow( $message, $command );
        push @followed, $command;
        last if !defined $status || ( $command eq 'collect' && !$status );
        ( $message, $command ) =
          $status ? ( $output, $output =~ /run: awstats-cloudfront (\w+)/ ) : ( $last, 'collect' );
    }
    is( "@followed", 'collect prepare map ' x 2 . 'collect prepare ' . 'collect reduce ' x 2 . 'collect', 'advice' );
    is_same( $site, $plain, 'advice: what it counts' );

    deliver( $BATCHES[1], $site, $plain );
    update($plain);
    plan_batch( $site, $site->folder . '/second', 2, 1 );
    my ( $status, $output ) = CountedSite::follow( ( $site->update_by_program )[2], 'plan' );
    is( $status, 0, 'advice: plan --abandon' ) or diag $output;
    update($site);
    is_same( $site, $plain, 'advice: an update after plan --abandon' );
}

# ---- what shards cannot count -----------------------------------------------------------------

foreach my $setting ( 'unique = x-edge-request-id', 'anonymize = hash', 'type = streaming' ) {
    my $site = CountedSite->new( settings => $setting );
    deliver( $BATCHES[2], $site );
    my ( $status, $output ) = $site->command( 'plan', '--work=' . $site->folder . '/work' );
    is( $status, 1, "$setting: refused" );
    like( $output, qr/\[cdn\]: the setting \Q$setting\E needs all new logs in one run, /, "$setting: message" );
}
{
    my $site = CountedSite->new;
    my $folder = $site->folder;
    deliver( $BATCHES[2], $site );
    rename "$folder/awstats.site.conf", "$folder/awstats.conf" or die $!;
    my $sites = "$folder/sites.conf";
    write_file( $sites, content($sites) =~ s{^awstats-config = .*\n}{}mr );
    my ( $status, $output ) = $site->command( 'plan', "--work=$folder/work" );
    is( $status, 1, 'awstats.conf: refused' );
    like(
        $output,
        qr{need an AWStats configuration awstats\.NAME\.conf, but this one is \Q$folder\E/awstats\.conf; use},
        'awstats.conf: one line'
    );
    ok( !-e "$folder/work", 'awstats.conf: nothing is made' );
}
foreach my $case (
    [ 'DatabaseBreak=year',     qr/which must be month, day or hour: [^\n]*; set DatabaseBreak=month/ ],
    [ 'DatabaseBreak=Year',     qr/which must be month, day or hour: [^\n]*; set DatabaseBreak=month/ ],
    [ 'BuildHistoryFormat=xml', qr/history files in XML cannot be merged; set BuildHistoryFormat=text, / ],
    [ 'DNSLookup=1',            qr/addresses of several shards may have one name, [^\n]*; set DNSLookup=0, / ]
  )
{
    my ( $setting, $why ) = @$case;
    my $site = CountedSite->new( config => "$setting\n" );
    deliver( $BATCHES[2], $site );
    my $work = $site->folder . '/work';
    my ( $status, $output ) = $site->command( 'plan', "--work=$work" );
    is( $status, 1, "$setting: refused" );
    like( $output, qr/\A[^\n]*awstats\.site\.conf has \Q$setting\E, [^\n]*$why[^\n]*\n\z/, "$setting: one line" );
    ok( !-e $work, "$setting: nothing is made" );

    # The same in the middle of a plan.
    my $conf = $site->folder . '/awstats.site.conf';
    my $text = content($conf);
    write_file( $conf, $text =~ s/^\Q$setting\E\n//mr );
    plan_batch( $site, $work, 1, 1 );
    task( 0, 'map', "--work=$work", '--part=0' );
    task( 0, 'prepare', "--work=$work" );
    write_file( $conf, $text );
    like( task( 1, 'reduce', "--work=$work", '--shard=0' ), $why, "$setting: reduce" );
}
{
    my $site = CountedSite->new;
    my @columns = qw(date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id cs-uri-stem
      cs-uri-query c-referrer x-page-url c-user-agent x-sname x-sname-query x-file-ext x-sid);
    $site->deliver_events( \@columns,
        join( "\t", qw(2026-11-01 10:00:00 DFW57-P3 192.0.2.1 play 100 OK client /video - - - WIN%2011 a - mp4 1) )
          . "\n" );
    my $work = $site->folder . '/work';
    plan_batch( $site, $work, 2, 1 );
    like(
        task( 1, 'map', "--work=$work", '--part=0' ),
        qr/streaming distribution, [^\n]*plan --abandon --config=\S+ --site=cdn/,
        'streaming logs: message'
    );
    foreach my $words ( ['plan'], [ 'map', '--work=x' ], [ 'reduce', '--work=x' ], ['collect'], ['prepare'] ) {
        my ( $status, undef, $error ) = run( $helper, @$words,
            $words->[0] eq 'plan' ? ( '--config=' . $site->folder . '/sites.conf', '--site=cdn' ) : () );
        is( $status, 2, "@$words: usage" );
        like( $error, qr/ needs --work/, "@$words: message" );
    }
}

# ---- what is left out --------------------------------------------------------------------------

{
    my ( $site, $plain ) = ( CountedSite->new, CountedSite->new );
    my @objects = map { [ records( $_, 10 ) ] } '2026-11-01 10', '2026-11-01 11';
    foreach my $one ( $site, $plain ) {
        deliver( \@objects, $one );
        write_file( $one->source . '/E1EXAMPLE.2026-11-01-12.broken.gz', "\x1f\x8b\x08broken" );
        $one->deliver_as(
            'other-name.gz',
            "#Version: 1.0\n#Fields: @{[ CountedSite::fields() ]}\n" . join '',
            @{ $objects[0] }
        );
    }
    update($plain);
    like(
        count_batch( $site, $site->folder . '/work', 3, 3 ),
        qr/: 20 counted, 0 left out; 1 object could not be read, and each run tries again$/m,
        'a broken object: collect tells'
    );
    is_same( $site, $plain, 'a broken object, and a copy in another part' );
    my @status = map { ( $_->command('status') )[1] } $site, $plain;
    foreach my $words (qw(quarantine counted)) {
        is_deeply(
            [ grep { /$words/ && !/ago|UTC|batch/ } split /^/, $status[0] ],
            [ grep { /$words/ && !/ago|UTC|batch/ } split /^/, $status[1] ],
            "status: $words"
        );
    }
}

done_testing;
