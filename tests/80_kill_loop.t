#!/usr/bin/perl
# Kills a hundred updates at random moments (the helper, awstats.pl, or all processes; and, with awstats.pl inside the
# program, the program, a site's process, or both) while new and late objects arrive. After a last undisturbed update, every number equals that of one run over everything. KILL_RUNS
# and KILL_SEED choose how many updates, and other random numbers.
use strict;
use warnings;
use Test::More;
use FindBin     qw($Bin);
use POSIX       qw(strftime);
use Time::HiRes qw(sleep time);
use Time::Local qw(timegm);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program qw(finish);
use Soak    qw(amount seed);

my $runs = amount( 'KILL_RUNS', 108, 1500 );
srand seed( 'KILL_SEED', 80 );

my @pages = ( map( { "/page$_.html" } 1 .. 5 ), '/picture.png', '/film.mp4', '/missing.html' );
my $clock = timegm( 0, 0, 0, 20, 7, 2026 );

# Some records of a download distribution before TIME.
sub downloads {
    my $time = shift;
    return map {
        my $path = $pages[ rand @pages ];
        CountedSite::record(
            strftime( '%Y-%m-%d %H:%M:%S', gmtime $time - rand 3600 ),
            host   => '192.0.2.' . int rand 40,
            path   => $path,
            bytes  => 1 + int rand 10_000,
            status => $path =~ /missing/ ? 404 : $path =~ /film/ ? 206 : 200,
        )
    } 1 .. 1 + rand 20;
}

# What a connection to a streaming distribution sends, at once or, if it is not WHOLE, perhaps in two
# parts, of which one comes later; it plays one stream or two.
my ( $connections, @later ) = 0;
my @streaming_fields = qw(date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id
  cs-uri-stem cs-uri-query c-referrer x-page-url c-user-agent x-sname x-sname-query x-file-ext x-sid);

sub events {
    my ( $time, $whole ) = @_;
    my $id = sprintf 'connection-%06d', ++$connections;
    my $client = '192.0.2.' . int rand 40;
    my $bytes = 3073;
    my @events;
    my $event = sub {
        my ( $name, $stream ) = @_;
        push @events,
          join( "\t",
            strftime( "%Y-%m-%d\t%H:%M:%S", gmtime $time ), 'DFW4',
            $client,                                        $name,
            $bytes,                                         'OK',
            $id,                                            'rtmp://s1.cloudfront.net/cfx/st',
            '-',                                            '-',
            'http://www.example.com/',                      'LNX%2010,0,32,18',
            $stream ? ( $stream, '-', 'flv', 1 ) : ( ('-') x 4 ) )
          . "\n";
        $time  += 1 + int rand 600;
        $bytes += int rand 1_000_000;
    };
    $event->('connect');
    foreach my $stream ( map { "film$_" . int rand 4 } 1 .. 1 + rand 2 ) {
        $event->( 'play', $stream );
        $event->( 'stop', $stream );
    }
    $event->('disconnect') if rand() < 0.7 || $whole;
    if ( !$whole && rand() < 0.4 ) {
        push @later, [ splice @events, 1 + rand( @events - 1 ) ];
    }
    return @events;
}

# Objects come: of now mostly; some a day late, some months.
sub arrive {
    my ( $site, $streaming ) = @_;
    $clock += int rand( $streaming ? 3 : 8 ) * 3600;
    foreach ( 1 .. rand 4 ) {
        my $late = rand() < 0.7 ? 0 : rand() < 0.6 ? rand 2 * 86400 : rand 80 * 86400;
        if ( !$streaming ) {
            $site->deliver( downloads( $clock - $late ) );
            next;
        }
        my @events = map { events( $clock - $late, $late > 86_400 ) } 1 .. 1 + rand 4;
        push @events, @{ shift @later } while @later > 4;
        $site->deliver_events( \@streaming_fields, @events );
    }
    return;
}

# The helper that process PID has started last, if there is one.
sub helper_of {
    my $pid = shift;
    open my $file, '<', "/proc/$pid/task/$pid/children" or return;
    foreach my $child ( reverse split ' ', <$file> // '' ) {    ## no critic (ReadlineInForLoop)
        open my $name, '<', "/proc/$child/comm" or next;
        return $child if ( <$name> // '' ) =~ /^awstats-cloud/;
    }
    return;
}

my %killed;

# An update that is killed after SECONDS; or its helper, the next time that there is one.
sub killed_update {
    my ( $site, $seconds ) = @_;
    my $job = $site->awstats->start( 'site', { group => 1, find => 1 } );
    my ( $group, $pid ) = @$job{qw(pid awstats)};
    sleep $seconds;
    my $whom = ( 'awstats.pl', 'a helper', 'all' )[ rand 3 ];
    my $victim = $whom eq 'all' ? -$group : $pid;
    if ( $whom eq 'a helper' ) {
        undef $victim;
        sleep 0.001 until !-d "/proc/$pid" || defined( $victim = helper_of($pid) );
        sleep rand 0.02 if $victim;
    }
    kill 'KILL', $victim if $victim;
    my ($status) = finish($job);
    kill 'KILL', -$group if rand() < 0.5;    # orphans; or let them go on beside the next run
    $killed{ $status ? $whom : 'too late' }++;
    return;
}

# The same with awstats.pl inside the program: kills it, the process of the site, or both.
sub killed_program {
    my ( $site, $seconds ) = @_;
    my $job = $site->start_program( { group => 1, together => 1 } );
    my $pid = $job->{pid};
    sleep $seconds;
    my $whom = ( 'the program', "a site's process", 'the whole program' )[ rand 3 ];
    my $victim = $whom eq 'the whole program' ? -$pid : $whom eq 'the program' ? $pid : helper_of($pid);
    kill rand() < 0.8 ? 'KILL' : 'TERM', $victim if $victim;
    my ($status) = finish($job);
    $killed{ $status ? $whom : 'too late' }++;
    return;
}

# How long an update takes that nobody kills, and how many there were.
my ( $usual, $unhurt ) = ( 0.2, 0 );

sub loop {
    my ( $what, $site, $streaming, $count ) = @_;
    my $started = time;
    foreach my $run ( 1 .. $count ) {
        arrive( $site, $streaming );
        if ( $run % 12 == 0 ) {
            my $begun = time;
            my ( $status, $output ) = $run % 24 ? $site->update : $site->update_by_program( { together => 1 } );
            $usual = 0.8 * $usual + 0.2 * ( time - $begun );
            $unhurt++;
            next if $status == 0 || $output =~ /another (?:run|update)|status 3/i;    # orphans of the one before
            fail("$what, run $run, left alone: status $status");
            diag $output;
        }
        if ( $run % 3 ) { killed_update( $site, rand 0.9 * $usual ) }
        else            { killed_program( $site, rand 1.5 * $usual ) }
    }

    # The helper of the last one killed may still be there; a batch taken up leaves new objects for
    # another update.
    foreach my $last ( 1 .. 3 ) {
        my ( $status, $output ) = $site->update;
        if ( $status && $last == 1 ) {
            sleep 2;
            ( $status, $output ) = $site->update;
        }
        is( $status, 0, "$what: last update $last" ) or diag $output;
    }
    note sprintf '%s: %d runs in %.0f s', $what, $count, time - $started;
    return;
}

# Downloads: everything is as one run over the folder has it.
{
    my $site = CountedSite->new;
    loop( 'downloads', $site, 0, int $runs * 2 / 3 );
    my $clean = $site->in_one_run;
    is_deeply( $site->numbers, $clean->numbers, 'downloads: everything once' );
    my $hits = 0;
    $hits += $_->[1] foreach values %{ $site->days };
    note "$hits hits, ", scalar keys %{ $site->days }, ' days, ', scalar keys %{ $site->batches }, ' months';
    is_deeply( [ grep { !/^awstats\d+\.site\.txt$/ } @{ $site->awstats->data_files } ],
        [], 'downloads: nothing else is left' );
}

# Views: those that are open when a batch ends are not counted yet.  At the end there are none, since
# long after all others there is a connection that has been disconnected.
{
    my $site = CountedSite->new( config => "LogType=S\n", settings => 'type = streaming' );
    loop( 'views', $site, 1, $runs - int $runs * 2 / 3 );
    $site->deliver_events( \@streaming_fields, @{ shift @later } ) while @later;
    $clock += 40 * 86400;
    $site->deliver_events( \@streaming_fields, events( $clock, 1 ) );
    foreach ( 1, 2 ) {
        my ( $status, $output ) = $site->update;
        is( $status, 0, 'views: what was still to come' ) or diag $output;
    }
    my $clean = $site->in_one_run;
    is_deeply( streamed($site), streamed($clean), 'views: bytes of all' );
    note join ', ', %{ streamed($site) };
}

sub streamed {
    my $site = shift;
    my %total = ( pages => 0, bytes => 0 );
    foreach my $day ( values %{ $site->days } ) {
        $total{pages} += $day->[0];
        $total{bytes} += $day->[2];
    }
    return \%total;
}

note sprintf( 'an update takes %.2f s; ', $usual ), "$unhurt left alone; killed: ", join ', ',
  map { "$killed{$_} $_" } sort keys %killed;
done_testing;
