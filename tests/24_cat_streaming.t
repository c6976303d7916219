#!/usr/bin/perl
# cat turns streaming (RTMP) logs into one record for each view, with exact bytes.
use strict;
use warnings;
use Test::More;
use Compress::Zlib ();
use File::Temp     qw(tempdir);
use FindBin        qw($Bin);
use List::Util     qw(sum0);
use lib "$Bin/lib";
use Program qw(helper run);

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );

my @names = qw(date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id cs-uri-stem
  cs-uri-query c-referrer x-page-url c-user-agent x-sname x-sname-query x-file-ext x-sid);
my $header = "#Version: 1.0\n#Fields: @names\n";
my %usual = (
    date              => '2010-12-05',
    'x-edge-location' => 'LHR5',
    'c-ip'            => '192.0.2.1',
    'x-cf-status'     => 'OK',
    'x-cf-client-id'  => 'first-client',
    'cs-uri-stem'     => 'rtmp://s1.cloudfront.net/cfx/st',
    'cs-uri-query'    => '',
    'c-referrer'      => 'http://example.com/player.swf',
    'x-page-url'      => 'http://example.com/video.html?a=%252F',
    'c-user-agent'    => 'WIN%2010,1,102,64',
    'x-sname'         => '-',
    'x-sname-query'   => '-',
    'x-file-ext'      => '-',
    'x-sid'           => '-',
);

sub event {
    my ( $time, $kind, $bytes, $stream, $ext, %more ) = @_;
    my %value = (
        %usual,
        time       => $time,
        'x-event'  => $kind,
        'sc-bytes' => $bytes,
        ( defined $stream ? ( 'x-sname' => $stream, 'x-file-ext' => $ext ) : () ), %more
    );
    return join( "\t", @value{@names} ) . "\n";
}

sub put {
    my ( $name, $text ) = @_;
    open my $out, '>:raw', "$dir/$name" or die "$dir/$name: $!\n";
    print $out $text;
    close $out or die "$!\n";
    return "$dir/$name";
}

# Reads sources; returns the records as hashes, and the messages.
sub records {
    my ( $status, $out, $err ) = run( $helper, 'cat', @_ );
    is( $status, 0, "exit status 0" ) or diag($err);
    my ($fields) = $out =~ /^#Fields: (.*)$/m;
    my @records = map { my %r; @r{ split / /, $fields } = split /\t/; \%r } grep { !/^#/ } split /\n/, $out;
    return ( \@records, $err, $out );
}

# The sample of AWS's page: TAB and space between values, a U+200B in the header.
{
    my $text = $header =~ s/ (?=x-event)/ \x{e2}\x{80}\x{8b}/r;
    $text .= join '', map { s/\t/\t /gr } event( '23:51:20', 'connect', 2014 ),
      event( '23:51:21', 'play',       3914,      'myvideo',               'flv', 'x-sname-query' => 'p=2&q=4' ),
      event( '23:53:44', 'stop',       323914,    'myvideo',               'flv', 'x-sname-query' => 'p=2&q=4' ),
      event( '23:53:44', 'play',       8783724,   'dir/favs/myothervideo', 'mp4', 'x-sname-query' => 'p=42' ),
      event( '23:56:21', 'stop',       429822014, 'dir/favs/myothervideo', 'mp4', 'x-sname-query' => 'p=42' ),
      event( '23:59:44', 'disconnect', 429824092 );
    my ($records) = records( put( 'sample', $text ) );
    is( scalar @$records,                           2,         'the sample has two views' );
    is( sum0( map { $_->{'sc-bytes'} } @$records ), 429824092, 'the sample has 429,824,092 bytes' );
    my ( $first, $second ) = @$records;
    is( "$first->{date} $first->{time}", '2010-12-05 23:53:44',               'the time of the last event' );
    is( $first->{'cs-uri-stem'},         '/cfx/st/myvideo.flv',               'the path' );
    is( $second->{'cs-uri-stem'},        '/cfx/st/dir/favs/myothervideo.mp4', 'of a stream in a folder' );
    is( $first->{'cs-uri-query'},        'p=2&q=4',                           'the stream\'s query' );
    is( $first->{'cs(Host)'},            's1.cloudfront.net',                 'the host' );
    is( $first->{'cs-method'} . $first->{'sc-status'}, 'GET200',                              'method and status' );
    is( $first->{'x-event'} . $first->{'x-duration'},  'view143',                             'event and seconds' );
    is( $first->{'cs(Referer)'},                       'http://example.com/video.html?a=%2F', 'the page' );
    is( $first->{'cs(User-Agent)'},                    'WIN 10,1,102,64',                     'the player' );
    is( $first->{'cs-protocol'},                       'rtmp',                                'the protocol' );
}

# What real files of 2010 hold.
{
    my $text =
        $header
      . event( '10:00:00', 'CONNECT', 3073 )
      . event( '10:00:01', 'Play',    3073,      '4e1az9e5/dartmoor.mp4', 'mp4' )
      . event( '10:00:31', 'pause',   900_000,   '4e1az9e5/dartmoor.mp4', 'mp4' )
      . event( '10:05:00', 'unpause', 900_000,   '4e1az9e5/dartmoor.mp4', 'mp4' )
      . event( '10:05:10', 'stop',    1_200_000, '4e1az9e5/dartmoor.mp4', 'mp4' )
      . event( '10:05:11', 'unpause', 1_200_000, '4e1az9e5/dartmoor.mp4', 'mp4' )
      . event( '10:05:41', 'stop',    1_200_000, '4e1az9e5/dartmoor.mp4', 'mp4' )
      . event(
        '11:00:00', 'connect', 3073, undef, undef,
        'x-cf-client-id' => 'second',
        'cs-uri-stem'    => 'rtmp://s1.cloudfront.net/'
      )
      . event(
        '12:00:00', 'connect', 3073, undef, undef,
        'x-cf-client-id' => 'third',
        'cs-uri-stem'    => 'rtmpe://s1.cloudfront.net'
      )
      . event(
        '12:00:01', 'play', 4000, 'mp4:name', '-',
        'x-cf-client-id' => 'third',
        'cs-uri-stem'    => 'rtmpe://s1.cloudfront.net',
        'x-page-url'     => '-'
      );
    my ( $records, $err ) = records( put( 'real', $text ) );
    is( $err,                          '',                              'real files: no warning' );
    is( scalar @$records,              3,                               'real files: three records' );
    is( $records->[0]{'cs-uri-stem'},  '/cfx/st/4e1az9e5/dartmoor.mp4', 'the extension is not added twice' );
    is( $records->[0]{'x-duration'},   40,        'a pause is not played; an unpause after a stop is not either' );
    is( $records->[0]{'sc-bytes'},     1_200_000, 'the bytes of the connection' );
    is( $records->[0]{'cs-uri-query'}, '-',       'an empty query' );
    is( $records->[1]{'cs-uri-stem'} . $records->[1]{'x-event'}, '/connect', 'a connection without a play' );
    is( $records->[1]{'sc-bytes'},                               3073,       'has its bytes counted' );
    is( $records->[2]{'cs-uri-stem'},                            '/name',    'no folder, a type in front of the name' );
    is( $records->[2]{'cs-protocol'},                            'rtmpe',    'another protocol' );
    is( $records->[2]{'cs(Referer)'}, 'http://example.com/player.swf',       'the player where there is no page' );
}

# Any split into files and any order in them: the same records.
{
    srand 5;
    my @events;
    for my $client ( 1 .. 300 ) {
        my ( $time, $total ) = ( int rand 80_000, 3073 );
        my $at = sub { sprintf '%02d:%02d:%02d', int( $time / 3600 ), int( $time / 60 ) % 60, $time % 60 };
        push @events, event( $at->(), 'connect', $total, undef, undef, 'x-cf-client-id' => "c$client" );
        for ( 1 .. rand 6 ) {
            my @stream = ( 'video' . int rand 3, 'flv', 'x-cf-client-id' => "c$client" );
            for my $kind ( 'play', (rand) < 0.3 ? ( 'pause', 'unpause' ) : (), (rand) < 0.8 ? 'stop' : () ) {
                push @events, event( $at->(), $kind, $total, @stream );
                $time  += int rand 30;
                $total += 1 + int rand 1_000_000;
            }
        }
        push @events, event( $at->(), 'disconnect', $total, undef, undef, 'x-cf-client-id' => "c$client" )
          if (rand) < 0.7;
    }
    my ( $records, undef, $want ) = records( put( 'all', join '', $header, @events ) );
    cmp_ok( scalar @$records, '>', 500, 'generated connections' );
    for my $files ( 1, 2, 17 ) {
        mkdir "$dir/split$files";
        my @part = map { $header } 1 .. $files;
        $part[ rand $files ] .= $_ for sort { (rand) <=> 0.5 } @events;
        put( "split$files/$_", Compress::Zlib::memGzip( $part[$_] ) ) for 0 .. $#part;
        my ( undef, undef, $got ) = records("$dir/split$files");
        is( $got, $want, "shuffled over $files files: the same records" );
    }
}

# Both kinds of log in one run; and one kind only, when the type says so.
{
    mkdir "$dir/both";
    put( 'both/stream',
        $header . event( '10:00:00', 'play', 500, 'a', 'flv' ) . event( '10:00:09', 'stop', 900, 'a', 'flv' ) );
    put(
        'both/web',
        "#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes cs(Host) cs(Referer) cs(User-Agent)\n"
          . join '',
        map { "2010-12-05\t$_\t192.0.2.1\tGET\t/x\t200\t1\n" } '10:00:05',
        '10:00:20'
    );
    my ($records) = records("$dir/both");
    is( join( ' ', map { $_->{'cs-uri-stem'} } @$records ), '/x /cfx/st/a.flv /x', 'both kinds, in order of time' );
    for my $case (
        [ 'download',  qr/stream: a streaming \(RTMP\) log, but the setting "type" is download; set type = auto/ ],
        [ 'streaming', qr/web: a download log, but the setting "type" is streaming; set type = auto/ ]
      )
    {
        my ( $status, $out, $err ) = run( $helper, 'cat', '--type', $case->[0], "$dir/both" );
        is( $status, 1,  "--type $case->[0] refuses the other kind" );
        is( $out,    '', "--type $case->[0] refuses the other kind: no output" );
        like( $err, qr/\A[^\n]*$case->[1]\n\z/, "--type $case->[0] refuses the other kind: says why" );
    }
}

# Bad input is counted and named, and never adds bytes.
{
    my $good = event( '10:00:00', 'play', 500, 'a', 'flv' ) . event( '10:00:09', 'stop', 900, 'a', 'flv' );
    for my $case (
        [
            'no client id',
            event( '10:00:05', 'pause', 600, 'a', 'flv', 'x-cf-client-id' => '-' ),
            qr/the event has no value of x-cf-client-id/
        ],
        [ 'an unknown event', event( '10:00:05', 'rewind', 600, 'a', 'flv' ),     qr/x-event is not connect, play/ ],
        [ 'no bytes',         event( '10:00:05', 'pause', '-', 'a', 'flv' ),      qr/sc-bytes/ ],
        [ 'bytes of words',   event( '10:00:05', 'pause', '6e2', 'a', 'flv' ),    qr/sc-bytes/ ],
        [ 'negative bytes',   event( '10:00:05', 'pause', -600, 'a', 'flv' ),     qr/sc-bytes/ ],
        [ 'too many bytes',   event( '10:00:05', 'pause', '9' x 30, 'a', 'flv' ), qr/sc-bytes/ ],
        [ 'a wrong date',     event( '10:00:05', 'pause', 600, 'a', 'flv', date => '2010-02-30' ), qr/date is not/ ],
        [ 'a long row',  event( '10:00:05', 'pause', 600, 'a', 'flv', 'x-page-url' => "\x01" x 50_000 ), qr/40 KiB/ ],
        [ 'a short row', "2010-12-05\t10:00:05\tLHR5\n", qr/fewer fields than the #Fields header names/ ],
      )
    {
        my ( $name,    $row, $line ) = @$case;
        my ( $records, $err, $out ) = records( put( 'bad', $header . $good . $row ) );
        is( sum0( map { $_->{'sc-bytes'} } @$records ), 900, "$name: exact bytes" );
        like( $out, qr/^#End: records=1 bad=1 quarantined=0$/m, "$name: counted" );
        like( $err, qr/\A[^\n]*line 5: [^\n]*$line[^\n]*\n\z/,  "$name: named" );
    }
    my ( $records, $err ) = records( put( 'falls', $header . $good . event( '10:00:10', 'stop', 100, 'a', 'flv' ) ) );
    is( sum0( map { $_->{'sc-bytes'} } @$records ), 900, 'a total that falls: adds nothing' );
    like(
        $err,
        qr/\A[^\n]*1 events? ha(?:s|ve) a smaller sc-bytes than an earlier event[^\n]*\n\z/,
        'a total that falls: reported'
    );
}

# Events without a header: the kind of event tells, and bad rows among good ones are bad alone.
{
    my @rows = map { s/\t\t/\t-\t/r } event( '10:00:00', 'play', 500, 'a', 'flv' ),
      event( '10:00:09', 'stop', 600, 'a', 'flv' );
    for my $between ( "\t", ',' ) {
        my @good = map { s/\t/$between/gr } map { s/,/;/gr } @rows;
        my @bad = $good[1] =~ s{/video}{'/' . 'v' x 50_000}er;
        push @bad, $good[1] =~ s{/video}{/\tvideo}r if $between eq ',';
        my ( $records, $err ) = records( put( 'headerless', join '', $good[0], @bad, $good[1] ) );
        is( sum0( map { $_->{'sc-bytes'} } @$records ), 600, "events without a header, '$between': exact bytes" );
        like(
            $err,
            qr/\A\N*line 2: the line has more than 40 KiB\N*\n\z/,
            "events without a header, '$between': a long row"
        );
        put( 'headerless', join '', @good, @bad[ 1 .. $#bad ] );
        next if @bad == 1;
        like(
            ( records("$dir/headerless") )[1],
            qr/line 3: a value of the line has a TAB/,
            'events without a header: a TAB'
        );
    }
    my ( $status, $out, $err ) = run( $helper, 'cat', put( 'headerless', $rows[0] =~ s/\tplay\t/\trewind\t/r ) );
    is( $status, 1, 'an unknown event without a header' );
    like(
        $err,
        qr/17 columns without a #Fields header fit no kind of log/,
        'an unknown event without a header: message'
    );
}

# A TAB inside a value of a row that spaces separate must not shift the others.
{
    my $spaced = join '', map { s/\t\t/\t-\t/r =~ tr/\t/ /r } event( '10:00:00', 'play', 500, 'a', 'flv' );
    my $evil = event( '10:00:01', 'stop', 600, "b\0c", 'flv' ) =~ s/\t\t/\t-\t/r =~ tr/\t/ /r =~ tr/\0/\t/r;
    my ( $records, $err ) = records( put( 'spaced', $header . $spaced . $evil ) );
    is( scalar @$records,             1,               'spaces between values: a view' );
    is( $records->[0]{'cs-uri-stem'}, '/cfx/st/a.flv', 'its path' );
    like( $err, qr/the line has a TAB, although another text separates/, 'a TAB among them is bad' );
}

done_testing;
