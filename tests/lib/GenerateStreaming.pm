package GenerateStreaming;

# Makes CloudFront streaming (RTMP) logs that look like real ones, and knows the views in them.
#
# Visitors open connections, and play, pause, seek and stop streams in them.  Every step is written down twice:
# as the event that CloudFront logs, with the running total of the connection, and in the account of the view
# that it belongs to (the truth).
#
#   my $logs = GenerateStreaming::logs(seed => 1, connections => 500, files => 20, from => '2012-11-01', days => 61);
#   GenerateStreaming::write_files($logs, $dir);
#
# $logs->{views} has a hash for each view: time (of its last event, seconds UTC), path, type, seconds, bytes,
# address, edge, page, player.  $logs->{connects} has the same for connections in which nothing was played.
# The same arguments always give the same bytes.

use strict;
use warnings;
use Compress::Zlib ();
use Digest::SHA    ();
use RandomNumbers  qw(below pick);
use POSIX          qw(strftime);
use Program        ();
use Time::Local    qw(timegm);

our @COLUMNS = qw(
  date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id cs-uri-stem cs-uri-query
  c-referrer x-page-url c-user-agent x-sname x-sname-query x-file-ext x-sid
);

# The arguments that the samples in tests/data/streaming were made with.
our %SAMPLE = ( seed => 2012, connections => 560, files => 24, from => '2012-11-01', days => 61 );

my @HOSTS = qw(s1exampleexamp.cloudfront.net s1exampleexamp.cloudfront.net video.example.com);
my @EDGES = qw(DFW3 IAD12 JFK1 LAX3 SFO4 SEA4 LHR5 LHR3 AMS1 FRA6 DUB2 HKG1 SIN2 NRT4);
my @PLAYERS = (
    ( [ 'WIN%2011,2,202,235', 'WIN 11,2,202,235' ] ) x 6,
    ( [ 'WIN%2011,5,502,110', 'WIN 11,5,502,110' ] ) x 3,
    ( [ 'MAC%2011,4,402,287', 'MAC 11,4,402,287' ] ) x 3,
    [ 'WIN%2010,1,102,64',  'WIN 10,1,102,64' ],
    [ 'LNX%2011,2,202,243', 'LNX 11,2,202,243' ],
    [ 'MAC%2010,0,45,2',    'MAC 10,0,45,2' ],
);
my @PAGES = (
    'http://www.example.com/',                           'http://www.example.com/videos/',
    'http://www.example.com/videos/talks.html',          'http://www.example.com/radio',
    'http://blog.example.org/2012/11/our-new-film.html', 'http://embed.example.net/player',
);
my $PLAYER_FILE = 'http://www.example.com/player.swf';

# x-sname and x-file-ext as logged, the path below the application, bytes a second.
my @STREAMS = (
    [ 'promo/intro',           'flv', 'promo/intro.flv',       62_000 ],
    [ '4e1az9e5/dartmoor.mp4', 'mp4', '4e1az9e5/dartmoor.mp4', 95_000 ],
    [ 'mp4:talks/keynote',     'mp4', 'talks/keynote.mp4',     110_000 ],
    [ 'radio/show-17',         'mp3', 'radio/show-17.mp3',     16_000 ],
    [ 'mp3:radio/show-18',     'mp3', 'radio/show-18.mp3',     16_000 ],
    [ 'talks/our%20team',      'flv', 'talks/our%20team.flv',  54_000 ],
    map( { [ "films/part-$_.mp4", 'mp4', "films/part-$_.mp4", 88_000 ] } 1 .. 6 ),
);

# ---- a connection -----------------------------------------------------------------------------

sub visitors {
    my ($count) = @_;
    return [
        map {
            {
                address => sprintf( '%s.%d', (qw(192.0.2 198.51.100 203.0.113))[ $_ % 3 ], 1 + int( $_ / 3 ) % 254 ),
                edge    => pick( \@EDGES ),
                player  => pick( \@PLAYERS ),
                page    => pick( \@PAGES ),
                host    => pick( \@HOSTS ),
            }
        } 0 .. $count - 1
    ];
}

# Time goes on by so many seconds, in which so many bytes are sent.
sub pass {
    my ( $connection, $seconds, $bytes ) = @_;
    $connection->{time}  += $seconds;
    $connection->{total} += $bytes;
}

# What passed since the last event belongs to the view under way.  Without another event nobody learns of it.
sub settle {
    my ($connection) = @_;
    my $account = $connection->{view} // $connection->{before};
    $account->{bytes}   += $connection->{total} - $connection->{told_total};
    $account->{seconds} += $connection->{time} - $connection->{told_time} if $connection->{playing};
    @$connection{qw(told_total told_time)} = @$connection{qw(total time)};
}

# Logs an event, now.
sub event {
    my ( $connection, $kind, $stream ) = @_;
    settle($connection);
    my $visitor = $connection->{visitor};
    my $has_sid = $stream && $kind !~ /pause/;
    push @{ $connection->{events} },
      [
        $connection->{time},                                join "\t",
        strftime( '%Y-%m-%d', gmtime $connection->{time} ), strftime( '%H:%M:%S', gmtime $connection->{time} ),
        $visitor->{edge},   $visitor->{address}, $kind, $connection->{total}, 'OK', $connection->{id},
        $connection->{url}, '', $PLAYER_FILE, $connection->{page}, $visitor->{player}[0],
        $stream ? ( $stream->[0], $connection->{query}, $stream->[1] ) : ( '-', '-', '-' ), $has_sid ? 1 : '-'
      ];
    my $account = $connection->{view} // $connection->{before};
    $account->{time} = $connection->{time};
}

# A stream is played: it goes on with the view of the same stream, or begins another.
sub play {
    my ( $connection, $stream ) = @_;
    settle($connection);
    if ( !$connection->{view} || $connection->{view}{stream} != $stream ) {
        my $before = $connection->{view} ? 0 : $connection->{before}{bytes};
        $connection->{view} = {
            %{ $connection->{truth} },
            stream  => $stream,
            seconds => 0,
            bytes   => $before,
            path    => "/$connection->{application}$stream->[2]",
            type    => $stream->[1]
        };
        push @{ $connection->{views} }, $connection->{view};
    }
    event( $connection, 'play', $stream );
    $connection->{playing} = 1;
}

sub watch {
    my ( $connection, $stream, $seconds ) = @_;
    pass( $connection, $seconds, int( $seconds * $stream->[3] * ( 80 + below(30) ) / 100 ) );
}

# How long people watch: many leave at once, some see it through.
sub length_of_stay {
    my $chance = below(100);
    return
        $chance < 6  ? 0
      : $chance < 25 ? 1 + below(10)
      : $chance < 60 ? 11 + below(60)
      : $chance < 97 ? 60 + below(900)
      :                1800 + below(3600);
}

sub watch_stream {
    my ( $connection, $stream ) = @_;
    play( $connection, $stream );
    for ( 1 .. below(3) ) {
        watch( $connection, $stream, length_of_stay() );
        if ( below(2) ) {
            event( $connection, 'seek', $stream );
            next;
        }
        event( $connection, 'pause', $stream );
        $connection->{playing} = 0;
        pass( $connection, 5 + below(600), 0 );
        event( $connection, 'unpause', $stream ) if below(5);
        $connection->{playing} = $connection->{events}[-1][1] =~ /\tunpause\t/ ? 1 : 0;
        last if !$connection->{playing};    # stopped, or left, while paused
    }
    watch( $connection, $stream, $connection->{playing} ? length_of_stay() : 0 );
    return if !below(6);                    # the stop is missing
    event( $connection, 'stop', $stream );
    $connection->{playing} = 0;
    return if below(12);
    pass( $connection, 1 + below(5), 0 );
    event( $connection, 'unpause', $stream );
}

sub connection {
    my ( $number, $visitor, $time, $seed ) = @_;
    my $application = below(5) ? 'cfx/st/' : '';
    my $page = below(20) ? $visitor->{page} : '-';
    my $connection = {
        visitor     => $visitor,
        time        => $time,
        total       => 0,
        told_time   => $time,
        told_total  => 0,
        events      => [],
        views       => [],
        playing     => 0,
        id          => substr( Digest::SHA::sha1_hex("$seed connection $number"), 0, 32 ),
        application => $application,
        url         => "rtmp://$visitor->{host}/" . ( $application =~ s{/$}{}r ),
        page        => $page eq '-' || below(3) ? $page : "$page?utm_source=mail&n=" . below(40),
        query       => below(4)                 ? '-'   : 'p=' . below(3) . '&q=4',
        before      => { bytes => 0 },
        truth       => {
            address => $visitor->{address},
            edge    => $visitor->{edge},
            player  => $visitor->{player}[1],
            page    => $page eq '-' ? $PLAYER_FILE : $page
        },
    };
    pass( $connection, 0, 3073 );
    event( $connection, 'connect' );
    if ( below(12) ) {
        my $stream = $STREAMS[ RandomNumbers::skewed( scalar @STREAMS ) ];
        pass( $connection, 1 + below(3), below(900) );
        for ( 0 .. RandomNumbers::skewed(4) ) {
            watch_stream( $connection, $stream );
            $stream = pick( \@STREAMS ) if below(3);    # else the same again
            pass( $connection, 1 + below(20), 0 );
        }
    }
    if ( below(3) ) {
        pass( $connection, 2 + below(40), below(400) );
        event( $connection, 'disconnect' );
    }
    return $connection;
}

# ---- files ------------------------------------------------------------------------------------

# seed, connections, files, from (first day, YYYY-MM-DD), days
sub logs {
    my %want = ( %SAMPLE, @_ );
    RandomNumbers::seed( $want{seed} );
    my ( $year, $month, $day ) = split /-/, $want{from};
    my $start = timegm( 0, 0, 0, $day, $month - 1, $year );
    my $span = int( $want{days} * 86400 / $want{files} );
    my @files = map {
        my $name = strftime( 'EVEXAMPLE.%Y-%m-%d-%H', gmtime( $start + $_ * $span ) );
        { name => "$name." . substr( Digest::SHA::sha1_hex("$want{seed} file $_"), 0, 8 ) . '.gz', lines => [] }
    } 0 .. $want{files} - 1;

    my $visitors = visitors( 10 + int $want{connections} / 4 );
    my %logs = ( files => \@files, connections => $want{connections}, events => 0, views => [], connects => [] );
    for my $number ( 1 .. $want{connections} ) {
        my $time = $start + below( $want{days} ) * 86400 + ( 6 + below(16) ) * 3600 + below(3600);
        my $connection =
          connection( $number, $visitors->[ RandomNumbers::skewed( scalar @$visitors ) ], $time, $want{seed} );
        for my $event ( @{ $connection->{events} } ) {
            my $file = int( ( $event->[0] - $start ) / $span ) + !below(15);
            $file = $#files if $file > $#files;
            push @{ $files[$file]{lines} }, $event->[1];
            $logs{events}++;
        }
        push @{ $logs{views} }, @{ $connection->{views} };
        push @{ $logs{connects} },
          { %{ $connection->{truth} }, %{ $connection->{before} }, path => "/$connection->{application}" }
          if !@{ $connection->{views} };
    }
    RandomNumbers::shuffle( $_->{lines} ) for @files;
    return \%logs;
}

# The bytes of one file before compression.
sub content {
    my ($file) = @_;
    return join '', "#Version: 1.0\n#Fields: @COLUMNS\n", map { "$_\n" } @{ $file->{lines} };
}

sub write_files {
    my ( $logs, $directory ) = @_;
    for my $file ( @{ $logs->{files} } ) {
        my $packed = Compress::Zlib::memGzip( content($file) ) // die "memGzip: $file->{name}\n";
        Program::write_file( "$directory/$file->{name}", $packed );
    }
}

1;
