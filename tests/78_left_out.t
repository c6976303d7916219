#!/usr/bin/perl
# A record that AWStats leaves out is told: at the end of the update by reason, and in status.  A batch of which
# nothing was counted, and one that comes before its clock, fails and stays open.  Whoever counts, the figures are
# the same.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Columns qw(@COLUMNS %COLUMN);
use CountedSite;
use JSON::PP ();
use KillAt   ();
use Program  qw(run write_file);

my @columns = qw(date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status
  cs(Referer) cs(User-Agent) cs-uri-query);

# A record at "YYYY-MM-DD hh:mm:ss"; client, host, method, path and agent may be given.
sub record {
    my ( $time, %value ) = @_;
    my ( $date, $clock ) = split / /, $time;
    return join( "\t",
        $date,      $clock,
        'DFW57-P3', 1000,
        $value{client} // '192.0.2.1',       $value{method} // 'GET',
        $value{host}   // 'www.example.com', $value{path}   // '/page.html',
        200,                                                    '-',
        $value{agent} // 'Mozilla/5.0%20(X11)%20Firefox/140.0', '-' )
      . "\n";
}

# NUMBER records at different seconds of a minute "YYYY-MM-DD hh:mm".
sub records {
    my ( $number, $minute, %value ) = @_;
    return map { record( sprintf( '%s:%02d', $minute, $_ % 60 ), %value ) } 1 .. $number;
}

# The time so many hours from the start of this test.
my $start = time;

sub hours_from_now {
    my ( $second, $minute, $hour, $day, $month, $year ) = gmtime( $start + 3600 * shift );
    return sprintf '%04d-%02d-%02d %02d:%02d', $year + 1900, $month + 1, $day, $hour, $minute;
}

# A site whose own hosts are www.example.com and those of aliases => '...'.
sub site {
    my ( $native, %option ) = @_;
    my $aliases = $option{aliases} // 'other.example.com';
    return CountedSite->new(
        parameters => "native=$native",
        config     => qq(HostAliases="$aliases"\n) . ( $option{config} // '' ),
    );
}

sub deliver {
    my ( $site, @records ) = @_;
    return $site->deliver_events( \@columns, @records );
}

sub status_of {
    my $site = shift;
    my ( $exit, $json ) =
      run( AWStats::helper(), 'status', '--config=' . $site->folder . '/sites.conf', '--site=cdn', '--json' );
    die "status: $exit\n" if $exit;
    return JSON::PP::decode_json($json)->[0];
}

sub status_text {
    my $site = shift;
    my ( $exit, $text ) = run( AWStats::helper(), 'status', '--config=' . $site->folder . '/sites.conf', '--site=cdn' );
    return $text;
}

sub hits {
    my $site = shift;
    my $sum = 0;
    $sum += $_->[1] foreach values %{ $site->days };
    return $sum;
}

foreach my $native (qw(on off)) {
    subtest "native=$native" => sub {
        each_reason($native);
        many_hosts($native);
        nothing_counted($native);
        older_periods($native);
        clock($native);
        interrupted($native);
        streaming($native);
        no_batch($native);
        unreadable($native);
    };
}

# Each reason has its line, its number in status, and its names.
sub each_reason {
    my $native = shift;
    my $site = site( $native, config => qq(SkipHosts="192.0.2.66"\nSkipFiles="/secret"\n) );
    my $far = hours_from_now( 24 * 400 );
    deliver(
        $site,
        records( 10, '2026-03-01 10:00' ),
        records( 4,  '2026-03-01 10:01', host   => 'static.example.com' ),
        records( 2,  '2026-03-01 10:02', host   => 'a.example.net' ),
        records( 3,  '2026-03-01 10:03', method => 'TRACE' ),
        records( 1,  '2026-03-01 10:04', method => 'SEARCH' ),
        records( 2,  '2026-03-01 10:05', client => '192.0.2.66' ),
        records( 3,  '2026-03-01 10:06', path   => '/secret' ),
        records( 1,  '2026-03-01 10:07', host   => 'static.example.com', client => '192.0.2.66', method => 'TRACE' ),
        records( 1,  $far ),
        records( 5,  '2026-03-01 10:08' ),
    );
    my ( $exit, $output ) = $site->update;
    is( $exit,       0,  'each reason: exit status' ) or diag $output;
    is( hits($site), 15, 'what is counted' );
    like(
        $output,
qr/^cloudfront: 7 of 32 records are for hosts that are neither SiteDomain nor in HostAliases: static\.example\.com 5, a\.example\.net 2; AWStats left them out; add hosts of yours to HostAliases, then run: awstats-cloudfront recount --config=\S+ --site=cdn$/m,
        'hosts'
    );
    like(
        $output,
qr/^cloudfront: 4 of 32 records are for requests with methods that AWStats does not count: TRACE 3, SEARCH 1; AWStats left them out$/m,
        'methods'
    );
    like(
        $output,
qr/^cloudfront: 1 of 32 records is more than a day ahead of the clock of this machine, the last of \Q$far\E:\d\d UTC; AWStats left them out$/m,
        'a date to come'
    );
    like( $output,
        qr/^cloudfront: 5 of 32 records are left out by the configuration's own lists \(SkipHosts, SkipFiles\)$/m,
        'lists' );
    my $status = status_of($site);
    my %expected = ( host => 7, method => 4, future => 1, late => 0, unreadable => 0, lists => 5 );
    is_deeply(
        $status->{last_records},
        {
            records  => 32,
            counted  => 15,
            earlier  => 0,
            left_out => \%expected,
            hosts    => [ { name => 'static.example.com', records => 5 }, { name => 'a.example.net', records => 2 } ],
            methods  => [ { name => 'TRACE', records => 3 }, { name => 'SEARCH', records => 1 } ],
        },
        'status --json: the last update'
    );
    deliver( $site, records( 3, '2026-03-01 11:00' ), records( 2, '2026-03-01 11:01', host => 'b.example.net' ) );
    ( $exit, $output ) = $site->update;
    $status = status_of($site);
    is( $status->{all_records}{records},        37, 'status --json: all records' );
    is( $status->{all_records}{counted},        18, 'all that are counted' );
    is( $status->{all_records}{left_out}{host}, 9,  'all that are left out' );
    is( $status->{last_records}{records},       5,  'the last update is another' );
    $site->update;
    is( status_of($site)->{last_records}{records}, 5, 'an update without new objects does not hide it' );
    my $text = status_text($site);
    like(
        $text,
        qr/^  last update with new objects, records: 5 records, 3 counted, 2 left out$/m,
        'status: the last update'
    );
    like( $text, qr/^    2 for hosts that are neither SiteDomain nor in HostAliases: b\.example\.net 2$/m,
        'its hosts' );
    like( $text, qr/^  all batches since \S+ \S+( UTC)?, records: 37 records, 18 counted, 19 left out$/m, 'the sums' );
    return;
}

# The first ten hosts are named, of any number.
sub many_hosts {
    my $native = shift;
    my $site = site($native);
    deliver(
        $site,
        records( 2, '2026-03-01 10:00' ),
        map { records( $_, '2026-03-01 10:01', host => "h$_.example.net" ) } 1 .. 12,
    );
    my ( $exit, $output ) = $site->update;
    like(
        $output,
        qr/ 78 of 80 records are .*: h12\.example\.net 12, h11\S+ 11, .*h3\.example\.net 3, others 3; /,
        'many hosts: ten are named'
    );
    is( scalar @{ status_of($site)->{last_records}{hosts} }, 10, 'status has ten' );
    like( status_text($site), qr/h3\.example\.net 3, others 3$/m, 'status has the other hosts as one number' );
    return;
}

# Not one of 60 records is for a host of the site.
sub nothing_counted {
    my $native = shift;
    my $site = site($native);
    deliver( $site, records( 60, '2026-03-01 10:00', host => 'shop.example.net' ) );
    my ( $exit, $output ) = $site->update;
    is( $exit, 1, 'no host is listed: exit status' );
    like(
        $output,
qr/^Error: Nothing was counted: The new records of \[cdn\] are not counted yet: AWStats counts none of these records: 60 of 60 records are for hosts that are neither SiteDomain nor in HostAliases: shop\.example\.net 60; add hosts of yours to HostAliases, then run the update again; to leave out all 60 records of this batch for good, run: awstats-cloudfront commit [^;]*$/m,
        'the error'
    );
    is_deeply(
        [ glob $site->folder . '/data/awstats*' ],
        [ grep { /lock$/ } glob $site->folder . '/data/awstats*' ],
        'nothing is saved'
    );
    my $status = status_of($site);
    is( $status->{objects}, 0, 'nothing is committed' );
    ok( $status->{open_batch}, 'the batch is open' );
    my ($command) = $output =~ /for good, run: awstats-cloudfront (.*)$/m;

    my $mended = $site->{config} =~ s/HostAliases="other/HostAliases="shop.example.net other/r;
    my $before = $site->{config};
    $site->{config} = $mended;
    $site->use_log('site:cdn');
    ( $exit, $output ) = $site->update;
    is( $exit,       0,  'HostAliases is corrected: exit status' ) or diag $output;
    is( hits($site), 60, 'all are counted' );

    # The batch after it is for no host either: left out for good, by the command that the error names.
    $site->{config} = $before;
    $site->use_log('site:cdn');
    deliver( $site, records( 3, '2026-03-01 11:00', host => 'scanner.invalid' ) );
    ( $exit, $output ) = $site->update;
    is( $exit, 1, 'nothing is counted again' );
    ($command) = $output =~ /for good, run: awstats-cloudfront (.*)$/m;
    ok( $command, 'the message names a command that accepts the batch' ) or diag $output;
    ($exit) = run( AWStats::helper(), split / /, $command );
    is( $exit,                            0,     'the command accepts the batch' );
    is( status_of($site)->{last_records}, undef, 'status says that the figures are not known' );
    deliver( $site, records( 2, '2026-03-01 12:00' ) );
    ( $exit, $output ) = $site->update;
    is( $exit,       0,  'the batch after the accepted one is counted' ) or diag $output;
    is( hits($site), 62, 'nothing else is counted' );

    # Nothing that the configuration could change.
    my $methods = site($native);
    deliver( $methods, records( 1, '2026-03-01 10:00', method => 'TRACE' ) );
    ( $exit, $output ) = $methods->update;
    is( $exit, 1, 'no method is counted: exit status' );
    like( $output, qr/: TRACE 1; to leave out the 1 record of this batch for good, run: awstats-cloudfront commit /,
        'the error' );

    # On purpose: no error.
    my $purpose = site( $native, config => qq(SkipHosts="192.0.2.1"\n) );
    deliver( $purpose, records( 3, '2026-03-01 11:00' ), records( 1, '2026-03-01 11:01', host => 'scanner.invalid' ) );
    ( $exit, $output ) = $purpose->update;
    is( $exit, 0, 'all left out, some on purpose: exit status' ) or diag $output;
    is( status_of($purpose)->{last_records}{left_out}{lists}, 3, 'all left out, some on purpose: status has them' );
    return;
}

# Older periods are counted in runs of their own, whose figures belong to the sum.
sub older_periods {
    my $native = shift;
    my $site = site($native);
    deliver( $site, records( 5, '2026-05-01 10:00' ) );
    $site->update;
    deliver(
        $site,
        records( 3, '2026-03-01 10:00' ),
        records( 2, '2026-03-01 10:01', host   => 'late.example.net' ),
        records( 4, '2026-04-01 10:01', host   => 'late.example.net' ),
        records( 4, '2026-04-01 10:02', method => 'TRACE' ),
        records( 1, '2026-05-01 11:00' ),
        records( 1, '2026-05-01 11:01', host => 'late.example.net' ),
    );
    my ( $exit, $output ) = $site->update;
    is( $exit, 0, 'older periods: exit status' ) or diag $output;
    like(
        $output,
        qr/^cloudfront: 7 of 15 records are .*: late\.example\.net 7; /m,
        'older periods: their hosts are in the sum'
    );
    is( scalar( () = $output =~ /^cloudfront: .* records are/mg ), 2, 'older periods: one line for all' );
    my $last = status_of($site)->{last_records};
    is( $last->{counted},          4, 'status: counted' );
    is( $last->{left_out}{method}, 4, 'status: methods' );

    # All records are of older periods.
    deliver( $site, records( 3, '2026-02-01 10:00', host => 'late.example.net' ) );
    ( $exit, $output ) = $site->update;
    is( $exit, 1, 'an older period of which nothing is counted: exit status' );
    like( $output, qr/^Error: Nothing was counted: .* 3 of 3 records are .*: late\.example\.net 3; /m, 'the error' );
    return;
}

# Records after the clock.
sub clock {
    my $native = shift;
    my $site = site($native);
    deliver( $site, records( 60, hours_from_now(49) ) );    # more than AWStats takes before it blames the format
    my ( $exit, $output ) = $site->update;
    is( $exit, 1, 'all records are of the future: exit status' );
    like(
        $output,
qr/^Error: Nothing was counted: .*: The clock of this machine is behind: its time is \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, and 60 of 60 records are later, the last of ${\ hours_from_now(49) }:59 UTC; .*set the clock, /m,
        'the error names the clock and the record'
    );
    is( status_of($site)->{objects}, 0, 'nothing is committed' );

    # A batch of several days whose end only is later than the clock.
    $site = site($native);
    deliver( $site, map { records( 3, hours_from_now($_) ) } -90 .. 40 );
    ( $exit, $output ) = $site->update;
    is( $exit, 1, 'the last hours are of the future: exit status' );
    like( $output, qr/The clock of this machine is behind.* \d+ of 393 records are later/, 'the error' );

    # The clock is right, and one log is of the future: its name is left out, and the other log is counted.
    $site = site($native);
    my $later = deliver( $site, records( 5, hours_from_now( 24 * 300 ) ) );
    deliver( $site, records( 3, hours_from_now(-30) ) );
    ( $exit, $output ) = $site->update;
    is( $exit, 1, 'a log of the future: exit status' );
    like(
        $output,
qr/ or, if the clock is right, move the logs that have these records out of the source [^;]*; to leave out all 8 records of this batch, also the 3 that are not later, for good, run: awstats-cloudfront commit /,
        'a log of the future: what each advice loses'
    );
    unlink $site->source . "/$later" or die "$later: $!";
    ( $exit, $output ) = $site->update;
    is( $exit,       0, 'a log of the future that was moved: exit status' ) or diag $output;
    is( hits($site), 3, 'a log of the future that was moved: the other log is counted' );

    # Its object counts as one of now, so it does not hide for 300 days that no logs come.
    $site = site($native);
    deliver( $site, records( 5, hours_from_now( 24 * 300 ) ) );
    ( $exit, $output ) = $site->update;
    is( ( CountedSite::follow( $output, 'commit' ) )[0], 0, 'a log of the future: the advised commit' );
    my $newest = status_of($site)->{newest} =~ tr/T/ /r;
    cmp_ok( $newest, 'ge', hours_from_now(-1),                 'a log of the future: the newest object is not older' );
    cmp_ok( $newest, 'lt', substr( hours_from_now(1), 0, 16 ), 'a log of the future: it is of now' );

    # A few times that are far away are no such thing.
    $site = site($native);
    deliver( $site, records( 20, hours_from_now(-30) ), record('2099-01-01 00:00:00'), record('2098-01-01 00:00:00') );
    ( $exit, $output ) = $site->update;
    is( $exit, 0, 'two dates to come: exit status' ) or diag $output;
    like(
        $output,
        qr/ 2 of 22 records are more than a day ahead .* the last of 2099-01-01 00:00:00 UTC; AWStats left/,
        'they are told'
    );
    return;
}

# The history has the batch, but the update was killed before the commit: what it has left out is not known.
sub interrupted {
    my $native = shift;
    my $site = site($native);
    deliver( $site, records( 3, '2026-03-01 10:00' ), records( 2, '2026-03-01 10:01', host => 'static.example.net' ) );
    {
        local %ENV = ( %ENV, KillAt::environment(2) );
        my ($exit) = $site->update;
        is( $exit, 128 + 9, 'an update is killed before the commit' );
    }
    my ( $exit, $output ) = $site->update;
    is( $exit,       0, 'the next one: exit status' ) or diag $output;
    is( hits($site), 3, 'counts nothing again' );
    like(
        $output,
        qr/^cloudfront: 5 of 5 records are in the history already: an earlier update, .*; they are not counted again$/m,
        'and says why'
    );
    my $last = status_of($site)->{last_records};
    is_deeply(
        [ @$last{qw(records counted earlier)} ],
        [ 5, 0, 5 ],
        'status does not claim to know what became of them'
    );
    like(
        status_text($site),
        qr/5 records, 0 counted, 0 left out, 5 counted or left out by an update that was interrupted/,
        'status says that an update was interrupted'
    );
    return;
}

# Views of a streaming distribution.
sub streaming {
    my $native = shift;
    my $site = site($native);
    my @fields = qw(date time x-edge-location c-ip x-event sc-bytes x-cf-client-id cs-uri-stem x-sname x-file-ext);
    my @events;
    foreach my $view ( 1 .. 5 ) {
        my $url = $view > 3 ? 'rtmp://s1.example.net/app' : 'rtmp://www.example.com/app';
        push @events, map {
            join( "\t", '2010-12-05', "00:00:0$_->[0]", 'LHR5', '192.0.2.1', $_->[1], 100, "c$view", $url, 'a', 'flv' )
              . "\n"
        } [ 1, 'play' ], [ 2, 'disconnect' ];
    }
    $site->deliver_events( \@fields, @events );
    my ( $exit, $output ) = $site->update;
    is( $exit, 0, 'streaming: exit status' ) or diag $output;
    like(
        $output,
        qr/^cloudfront: 2 of 5 records are for hosts .*: s1\.example\.net 2; /m,
        'streaming: views are told'
    );
    is( status_of($site)->{last_records}{counted}, 3, 'streaming: counted' );
    return;
}

# A log that is no batch: AWStats' own rules, and warnings.
sub no_batch {
    my $native = shift;
    my $site = site($native);
    $site->use_log( $site->source );
    deliver( $site, records( 6, '2026-03-01 10:00', host => 'shop.example.net' ) );
    my ( $exit, $output ) = $site->update;
    is( $exit, 0, 'a folder of which nothing is counted: exit status' );
    like( $output, qr/^Warning: Plugin cloudfront: log "\S+": AWStats counts none of these records: 6 of 6 /m,
        'a warning' );
    like(
        $output,
        qr/ shop\.example\.net 6; .*delete the history files of the months of these records, and run the update/,
        'and what to do'
    );
    deliver( $site, records( 4, '2026-03-01 12:00' ) );
    $site->update;
    ( $exit, $output ) = $site->update;
    unlike( $output, qr/Warning/, 'a log that was counted before: no warning' );
    like( $output, qr/Found 4 old records/, 'a log that was counted before: its records are old' );

    # A pipe.
    my $pipe = site($native);
    deliver( $pipe, records( 5, '2026-03-01 10:00' ), records( 3, '2026-03-01 10:01', host => 'shop.example.net' ) );
    $pipe->use_log( "'@{[ AWStats::helper() ]}' cat " . $pipe->source . ' |' );
    ( $exit, $output ) = $pipe->update;
    is( $exit, 0, 'a pipe: exit status' );
    like( $output, qr/^cloudfront: 3 of 8 records are .*shop\.example\.net 3/m, 'a pipe: told, too' );
    return;
}

# Normalized logs as no program of today writes them: a record without its last column, one of a year that AWStats
# does not accept, and one far before the record before it.
sub unreadable {
    my $native = shift;
    my $site = site($native);
    my $program = $site->folder . '/awstats-cloudfront';
    my @lines =
      map { chomp( my $line = $_ ); $line . "\t-" x ( @COLUMNS - @columns ) . "\n" } records( 3, '2026-03-02 10:00' ),
      records( 2, '2026-03-01 10:00' ), records( 1, '0999-03-02 10:01' );
    push @lines, ( records( 1, '2026-03-02 10:02' ) ) x 2;
    write_file( "$program.log", join '', "#Version: 1.0\n#Software: awstats-cloudfront 1\n#Fields: @COLUMNS\n",
        @lines, "#End: records=8\n" );
    write_file( $program, qq(#!/bin/sh\ncat "$program.log"\n) );
    chmod 0755, $program;
    $site->use_log("$program cat |");
    my ( $exit, $output ) = $site->update;
    is( $exit, 0, 'malformed records: exit status' ) or diag $output;
    like(
        $output,
qr/^cloudfront: 3 of 8 records are unreadable for AWStats: a column is missing or malformed; AWStats left them out$/m,
        'unreadable'
    );
    like(
        $output,
qr/^cloudfront: 2 of 8 records are much older than a record that comes before them in the log; AWStats left them out$/m,
        'too late'
    );
    is( hits($site), 3, 'what is counted' );
    return;
}

done_testing;
