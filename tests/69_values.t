#!/usr/bin/perl
# Records that AWStats by itself would drop, or count as something else, for how a value is written: hosts with a port,
# no host at all, PATCH, WebSocket, and logs without a column that AWStats needs. They are counted, with the plugin's
# own loop and without it, and the same by AWStats through a pipe unless a test says otherwise.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program qw(write_file);

my $data = "$Bin/data/values";
my $helper = AWStats::helper();
my @ways = ( 'native=on', 'native=off', 'pipe' );

# An AWStats that has counted a log in one of the ways. OPTION: hosts, HostAliases; more, further lines; settings of the
# download configuration come first.
sub counted {
    my ( $way, $log, %option ) = @_;
    my $hosts = $option{hosts} // 'www.example.com';
    my $awstats;
    if ( $way eq 'pipe' ) {
        $awstats = AWStats->new( plugin => 0 );
        my $aliases = "$hosts - REGEX[^[a-z0-9]+\\.cloudfront\\.net\$]";
        $awstats->config( 'site', <<"END" );
Include "@{[ AWStats::configurations() ]}/cloudfront-download.conf"
LogFile="'$helper' cat '$log' |"
HostAliases="$aliases"
@{[ $option{more} // '' ]}
END
    }
    else {
        $awstats = AWStats->with_plugin(
            include    => 'cloudfront-download',
            log        => $log,
            hosts      => $hosts,
            parameters => $way,
            more       => $option{more},
        );
    }
    my ( $status, $output ) = $awstats->run( 'site', '-update' );
    is( $status, 0, "$way, $log: exit status" ) or diag $output;
    $awstats->{output} = $output;
    return $awstats;
}

# Pages, hits and bytes of all days.
sub traffic {
    my $awstats = shift;
    my @sum = ( 0, 0, 0 );
    foreach my $day ( values %{ $awstats->section( 'site', 'DAY' ) } ) {
        $sum[$_] += $day->[$_] foreach 0 .. 2;
    }
    return \@sum;
}

sub keys_of {
    my ( $awstats, $section ) = @_;
    return [ sort keys %{ $awstats->section( 'site', $section ) } ];
}

my $folder = File::Temp::tempdir( CLEANUP => 1 );
my $number = 0;

# A log with these columns, one row each.
sub write_log {
    my ( $columns, @rows ) = @_;
    my $path = sprintf '%s/log%02d', $folder, ++$number;
    write_file( $path, join "\n", '#Version: 1.0', "#Fields: @$columns", ( map { join "\t", @$_ } @rows ), '' );
    return $path;
}

my @columns = qw(date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer)
  cs(User-Agent) cs-uri-query);
my $agent = 'Mozilla/5.0%20(X11;%20Linux%20x86_64;%20rv:128.0)%20Gecko/20100101%20Firefox/128.0';
my $second = 0;

# A row of @columns with other values for some of them.
sub row {
    my %value = @_;
    my %usual = (
        'date'            => '2026-03-10',
        'time'            => sprintf( '12:%02d:%02d', $second / 60 % 60, $second % 60 ),
        'x-edge-location' => 'FRA56-P1',
        'sc-bytes'        => 1000,
        'c-ip'            => '192.0.2.1',
        'cs-method'       => 'GET',
        'cs(Host)'        => 'www.example.com',
        'cs-uri-stem'     => '/index.html',
        'sc-status'       => 200,
        'cs(Referer)'     => '-',
        'cs(User-Agent)'  => $agent,
        'cs-uri-query'    => '-',
        %value
    );
    $second++;
    return [ map { $usual{$_} } @columns ];
}

# The log without a column.
sub without {
    my ( $missing, @rows ) = @_;
    my @kept = grep { $columns[$_] ne $missing } 0 .. $#columns;
    return write_log( [ @columns[@kept] ], map { [ @$_[@kept] ] } @rows );
}

foreach my $way (@ways) {

    # Hosts.
    my $awstats = counted( $way, "$data/host-with-port.log" );
    is_deeply( traffic($awstats), [ 6, 6, 6000 ], "$way: capitals, a port and a dot at the end are the same host" );
    my $hosts = write_log( \@columns,
        map { row( 'cs(Host)' => $_ ) }
          qw([::1]:443 %5B::1%5D:8443 [::1] [::2] ::1 WWW.EXAMPLE.COM.:80 www.example.com.evil.example :443) );
    my $section = <<'END';
ExtraSectionName1="Hosts"
ExtraSectionCodeFilter1=""
ExtraSectionCondition1=""
ExtraSectionFirstColumnTitle1="Host"
ExtraSectionFirstColumnValues1="VHOST,(.*)"
ExtraSectionFirstColumnFormat1="%s"
ExtraSectionStatTypes1=H
MaxNbOfExtra1=20
MinHitExtra1=1
END
    $awstats = counted( $way, $hosts, hosts => 'REGEX[^\[::1\]$]', more => $section );
    is_deeply( traffic($awstats), [ 6, 6, 6000 ], "$way: IPv6 addresses, with and without port and brackets" );
    is_deeply( keys_of( $awstats, 'EXTRA_1' ), [ '-', '[::1]', 'www.example.com' ],
        "$way: each host has one spelling" );

    # The site's names in another spelling.  AWStats alone compares what the log has.
    my %counted = (
        '::1'                           => 4,
        '0:0::1'                        => 4,
        '[::1]'                         => 4,
        '[::1]:8443'                    => 4,
        '[::2]:1 other.example'         => 1,
        'WWW.example.com.evil.example:' => 1,
        "\@$folder/hosts"               => 5,
        'REGEX[^\[::[12]\]$]'           => 5,
    );
    write_file( "$folder/hosts", "::1\n[::2]:80\n" );
    foreach my $names ( sort keys %counted ) {
        last if $way eq 'pipe';
        $awstats = counted( $way, $hosts, hosts => $names );
        my $count = 2 + $counted{$names};    # and www.example.com and "-"
        is_deeply( traffic($awstats), [ $count, $count, 1000 * $count ], "$way: HostAliases is $names" );
    }
    $awstats = counted( $way, $hosts, hosts => 'localhost', more => "SiteDomain=\"::1\"\n" );
    is_deeply( traffic($awstats), [ 5, 5, 5000 ], "$way: SiteDomain is an address" ) if $way ne 'pipe';

    # No host.
    $awstats = counted( $way, without( 'cs(Host)', row(), row() ) );
    is_deeply( traffic($awstats), [ 2, 2, 2000 ], "$way: without a host column records count" );
    $awstats = counted( $way, write_log( \@columns, row( 'cs(Host)' => '-' ), row( 'cs(Host)' => 'other.example' ) ) );
    is_deeply( traffic($awstats), [ 1, 1, 1000 ], "$way: a record without a host counts" );

    # WebSocket and gRPC.
    $awstats = counted( $way, "$data/websocket.log" );
    is_deeply( traffic($awstats),             [ 2, 2, 51_000 ], "$way: WebSocket and gRPC are traffic" );
    is_deeply( keys_of( $awstats, 'ERRORS' ), [],               "$way: and no errors" );

    # PATCH.
    my @rows = map { row( 'cs-method' => $_ ) } qw(GET PATCH POST PATCH patch TRACE);
    $awstats = counted( $way, write_log( \@columns, @rows ) );
    my $count = $way eq 'pipe' ? 2 : 4;
    is_deeply(
        traffic($awstats),
        [ $count, $count, 1000 * $count ],
        "$way: PATCH counts as POST does" . ( $way eq 'pipe' && ', but not through a pipe' )
    );

    # Columns that are missing.
    my @two = ( row( 'c-ip' => '192.0.2.1' ), row( 'c-ip' => '192.0.2.2' ) );
    $awstats = counted( $way, "$data/no-user-agent-column.log" );
    is_deeply( traffic($awstats), [ 2, 2, 2000 ], "$way: without cs(User-Agent) no record is a robot's" );
    is_deeply( keys_of( $awstats, 'ROBOT' ),   [],          "$way: nor one in the list of robots" );
    is_deeply( keys_of( $awstats, 'BROWSER' ), ['Unknown'], "$way: the browser is unknown" );
    like( $awstats->{output}, qr/no column cs\(User-Agent\): browsers/, "$way: and a warning says so" );
    is( () = $awstats->{output} =~ /no column/g, 1, "$way: once" );

    $awstats = counted( $way, write_log( \@columns, map { row( 'cs(User-Agent)' => $_ ) } '-', $agent ) );
    is_deeply( traffic($awstats), [ 1, 1, 1000 ], "$way: a client that sends no user agent is a robot" );

    $awstats = counted( $way, "$data/no-client-column.log" );
    is_deeply( traffic($awstats), [ 2, 2, 2000 ], "$way: without c-ip records count" );
    is( $awstats->total( 'site', 'TotalUnique' ), 1, "$way: as one visitor's" );
    like( $awstats->{output}, qr/no column c-ip: visitors cannot be told apart/, "$way: and a warning says so" );

    foreach my $case (
        [ 'cs-method',   [ 2, 2, 2000 ], 'GET' ],
        [ 'sc-status',   [ 2, 2, 2000 ], '200' ],
        [ 'sc-bytes',    [ 2, 2, 0 ],    '0' ],
        [ 'cs-uri-stem', [ 2, 2, 2000 ], 'one page' ],
        [ 'cs(Referer)', [ 2, 2, 2000 ], 'direct' ],
      )
    {
        my ( $column, $want, $word ) = @$case;
        $awstats = counted( $way, without( $column, @two ) );
        is_deeply( traffic($awstats), $want, "$way: without $column records count" );
        like( $awstats->{output}, qr/no column \Q$column\E: [^\n]*\b$word\b/, "$way: and a warning says so" );
    }
}

# A month before the newest one is counted by a run of its own, and PATCH in it, too.
foreach my $native (qw(on off)) {
    my $site = CountedSite->new( parameters => "native=$native" );
    foreach my $date (qw(2026-11-10 2026-10-10)) {
        $site->deliver( map { CountedSite::record("$date 10:00:0$_") =~ s/GET/PATCH/r } 1 .. 3 );
        my ( $status, $output ) = $site->update;
        is( $status, 0, "native=$native, $date: exit status" ) or diag $output;
    }
    is_deeply(
        { map { $_ => $site->days->{$_}[1] } keys %{ $site->days } },
        { 20261110 => 3, 20261010 => 3 },
        "native=$native: PATCH in an older month"
    );
}

done_testing;
