#!/usr/bin/perl
# One folder with the logs of many distributions and hosts: the settings include, exclude and host choose what a site
# reads; the rest is neither read nor known, and belongs to other sites.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use Compress::Zlib ();
use DBI            ();
use File::Path     qw(make_path);
use File::Temp     qw(tempdir);
use Program        qw(helper run);
use Site;
use Test::More;

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );

# A log with a request for each host; the path is the name of the file.
sub put {
    my ( $file, @hosts ) = @_;
    make_path( "$dir/logs/$file" =~ s{/[^/]*\z}{}r );
    my $text = "#Version: 1.0\n#Fields: date time c-ip cs-method cs(Host) x-host-header cs-uri-stem sc-status sc-bytes"
      . " cs(Referer) cs(User-Agent)\n";
    $text .= join( "\t",
        '2026-03-10', '12:00:00', '192.0.2.1', 'GET', 'd111111abcdef8.cloudfront.net',
        $_, "/$file", 200, 1, '-', 'x' )
      . "\n"
      for @hosts ? @hosts : 'www.example.com';
    Program::write_file( "$dir/logs/$file", Compress::Zlib::memGzip($text) );
    return;
}
my $name = '2026-03-10-12.0000000a.gz';
put("E1AAA.$name");
put("E2BBB.$name");
put("cdn/E1AAA/2026/03/10/$name");
put("hive/DistributionId=E1AAA/year=2026/$name");
put("hive/DistributionId=E1AAAB/year=2026/$name");
put("E1AAA-old/$name");

# The paths of the records.
sub paths {
    my ($out) = @_;
    return join ' ', sort map { ( split /\t/ )[7] =~ s{^/}{}r =~ s/\.?\Q$name\E//r } grep { !/^#/ } split /^/, $out;
}

sub reads {
    my ( $what,   $want, @options ) = @_;
    my ( $status, $out,  $err ) = run( $helper, 'cat', @options, "$dir/logs" );
    is( "$status$err", '0',   "$what: exit status 0, and no message" );
    is( paths($out),   $want, "$what: the logs" );
    return;
}
my $e1 = 'E1AAA cdn/E1AAA/2026/03/10/ hive/DistributionId=E1AAA/year=2026/';
reads( 'all', "$e1 hive/DistributionId=E1AAAB/year=2026/ E1AAA-old/ E2BBB" =~ s/(.*)/join ' ', sort split ' ', $1/er );
reads( 'a distribution',       $e1,           '--include', 'E1AAA' );
reads( 'two, in no folder',    'E1AAA E2BBB', '--include', 'E2BBB,E1AAA', '--exclude', 'cdn hive' );
reads( 'a glob in the source', 'E1AAA E2BBB', '--include', 'E[12]*.gz',   '--exclude', 'E1AAA-old' );
reads( 'a glob over all',      'E2BBB',       '--include', "$dir/logs/E2*" );
reads( 'a folder',             $e1 =~ s/ cdn\S+//r,  '--include', 'E1AAA', '--exclude', 'cdn/*' );
reads( 'a folder by name',     $e1 =~ s/ hive\S+//r, '--include', 'E1AAA', '--exclude', 'hive' );
reads( 'below folders',        $e1 =~ s/E1AAA //r,   '--include', 'E1AAA/' );
reads( 'without folders',      'E1AAA E2BBB',   '--exclude', 'cdn/ h*/ E1AAA-old/' );
reads( 'several words',        $e1 =~ s/.* //r, '--include', 'DistributionId=E1AAA' );
reads( 'nothing',              '',              '--include', 'E9ZZZ', '-q' );

# A site: what is excluded is not known, and read once it is included.
{
    my $site = sub {
        my ($settings) = @_;
        Program::write_file( "$dir/conf", "[cdn]\nsource = $dir/logs\nstate = $dir/cdn.db\n$settings\n" );
        my ( $status, $out, $err ) = run( $helper, 'cat', '--commit', '--config', "$dir/conf", '--site', 'cdn' );
        is( "$status$err", '0', "$settings: exit status 0, and no message" );
        return paths($out);
    };
    is( $site->('include = E1AAA'),       $e1,     'a site of one distribution' );
    is( $site->('include = E1AAA'),       '',      'a site of one distribution: nothing again' );
    is( $site->('include = E1AAA E2BBB'), 'E2BBB', 'another one is included later' );
}

# One object that is named is chosen by its name.
{
    my ( $status, $out ) = run( $helper, 'cat', '--include', 'E2BBB', "$dir/logs/E2BBB.$name" );
    is( paths($out), 'E2BBB', 'an object by its own name' );
}

# Hosts.
put( "hosts/$name", 'www.example.com', 'WWW.example.com:443', 'img.example.com', 'shop.example.net', '-' );

sub hosts {
    my ( $host, %count ) = @_;
    my ( $status, $out, $err ) = run( $helper, 'cat', '-v', '--include', 'hosts', '--host', $host, "$dir/logs" );
    is( $status, 0, "host = $host: exit status" );
    my %got;
    $got{ ( split /\t/ )[6] }++ for grep { !/^#/ } split /^/, $out;
    is_deeply( \%got, \%count, "host = $host: the records" );
    my ($left) = $err =~ /because the setting "host" does not name their hosts: (\d+)/;
    my $sum = 0;
    $sum += $_ for values %count;
    is( $sum + ( $left // 0 ), 5, "host = $host: the others are counted" );
    return;
}
hosts(
    'x-host-header',
    'www.example.com'               => 2,
    'img.example.com'               => 1,
    'shop.example.net'              => 1,
    'd111111abcdef8.cloudfront.net' => 1
);
hosts( 'www.example.com',               'www.example.com'               => 2 );
hosts( 'x-host-header WWW.Example.com', 'www.example.com'               => 2 );
hosts( '*.example.com',                 'www.example.com'               => 2, 'img.example.com'  => 1 );
hosts( 'img.*, shop.*',                 'img.example.com'               => 1, 'shop.example.net' => 1 );
hosts( 'cs(Host) d1*',                  'd111111abcdef8.cloudfront.net' => 5 );
hosts('cs(Host) www.example.com');
hosts( 'WWW.example.com.:443', 'www.example.com' => 2 );

# A log without the column of the host: its records have the other host, and a run warns once of those left out.
{
    my $folder = "$dir/lacking";
    my %value = (
        'cs(Host)'      => 'd111111abcdef8.cloudfront.net',
        'x-host-header' => 'www.example.com',
        'cs-host'       => 'www.example.com',
        'timestamp'     => '1773144000.123',
        date            => '2026-03-10',
        time            => '12:00:00',
    );
    my $log = sub {
        my ( $file, $stem, @names ) = @_;
        my @row = map { $value{$_} // $stem } @names;
        mkdir $folder;
        return Program::write_file( "$folder/$file",
            "#Fields: @names cs-uri-stem\n" . join( "\t", @row, $stem ) . "\n" );
    };
    my @both = qw(date time cs(Host) x-host-header);
    $log->( 'new', '/new', @both );
    $log->( $_,    "/$_",  qw(date time cs(Host)) ) for qw(old2 old1);
    my $cat = sub {
        my ( $host, @source ) = @_;
        my ( $status, $out, $err ) = run( $helper, 'cat', '--host', $host, @source );
        is( $status, 0, "host = $host: exit status" );
        $err =~ s/^\N*has no column \S+: (?!\d)\N*\n//mg;    # of other columns
        $err =~ s/^\N*have no column \S+: (?!\d)\N*\n//mg;
        return ( join( ' ', sort $out =~ m{\t(/\w+)\t}g ), $err );
    };
    my ( $paths, $err ) = $cat->( 'www.example.com', $folder );
    is( $paths, '/new', 'no x-host-header: the records of the others are left out' );
    like(
        $err,
qr{\A\N* 2 logs, the first of them \Q$folder\E/old1, have no column x-host-header: 2 records are left out, \N* such as d111111abcdef8[.]cloudfront[.]net; add this name to "host" \N*\n\z},
        'no x-host-header: one warning'
    );
    ( $paths, $err ) = $cat->( 'www.example.com d1*', $folder );
    is( $paths, '/new /old1 /old2', 'no x-host-header: the name of the distribution is added' );
    is( $err,   '',                 'no x-host-header: nothing left out, no warning' );
    ( $paths, $err ) =
      $cat->( 'cs(Host) d111111abcdef8.cloudfront.net', $log->( 'x', '/x', qw(date time x-host-header) ) );
    is( $paths, '', 'no cs(Host): left out' );
    like(
        $err,
        qr{\A\N*/x has no column cs\(Host\): 1 record is left out, \N* such as www[.]example[.]com; add \N*\n\z},
        'no cs(Host): the message'
    );
    ( $paths, $err ) = $cat->( 'www.example.com', $log->( 'x', '/x', qw(date time c-ip) ) );
    like(
        $err,
        qr{\A\N*/x has no column x-host-header or cs\(Host\): 1 record is left out, \N*; add this field \N*\n\z},
        'no host at all: the message'
    );
    $value{'x-host-header'} = 'd111111abcdef8.cloudfront.net';
    ( $paths, $err ) = $cat->( 'www.example.com', $log->( 'x', '/x', qw(timestamp x-host-header cs-user-agent) ) );
    like( $err, qr{\A\N*/x has no column cs-host: 1 record is left out, \N*\n\z}, 'a real-time log: the message' );
    ( $paths, $err ) = $cat->( 'www.example.org', $log->( 'x', '/x', @both ) );
    like( $err, qr/\A\N*: no record is read: \N* correct "host"\n\z/, 'a log with the column: no such warning' );
    my ( undef, $normalized ) = run( $helper, 'cat', '-q', "$folder/old1" );
    ( $paths, $err ) = $cat->( 'www.example.org', Program::write_file( "$folder/x", $normalized ) );
    like( $err, qr/\A\N*: no record is read: \N*\n\z/, 'a normalized log: no such warning' );
    unlink "$folder/x", "$folder/new";
    my $site = Site->new( source => $folder, host => 'www.example.com' );
    my $run = $site->cat;
    is( $run->{status}, 1, 'a new site with such logs alone: exit status' );
    like(
        $run->{err},
        qr/\A\N*old1, have no column x-host-header: 2 records\N*\n\N*nothing is marked as counted\N*\n\z/,
        'a new site with such logs alone: why, and that nothing is counted'
    );
    unlink "$folder/old1", "$folder/old2";
    rmdir $folder or die;
}

# Streaming logs have the host in a URL.
{
    my $text = '#Fields: date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id cs-uri-stem '
      . "cs-uri-query c-referrer x-page-url c-user-agent x-sname x-sname-query x-file-ext x-sid\n";
    my @url = qw(rtmp://s1.example.com/cfx/st rtmp://S2.Example.com s3.example.net/cfx - rtmp:///cfx/st);
    push @url, 'rtmp://' . 'x' x 300 . '/cfx/st';
    for my $number ( 0 .. $#url ) {
        for my $event (qw(play stop)) {
            $text .= join( "\t",
                '2010-12-05', "12:00:0$number", 'LHR5', '192.0.2.1', $event, 100, 'OK', "client-$number", $url[$number],
                '-',          '-', '-', '-', "stream$number", '-', 'flv', '-' )
              . "\n";
        }
    }
    my $log = Program::write_file( "$dir/streaming", $text );
    my %want = ( '*.example.com' => '1 2', 's3.example.net' => '3', '*' => '1 2 3 4 5 6' );
    for my $host ( sort keys %want ) {
        my ( $status, $out, $err ) = run( $helper, 'cat', '-v', "--host=$host", $log );
        is( $status, 0, "streaming, host = $host: exit status" );
        is( join( ' ', map { $_ + 1 } $out =~ m{/stream(\d)[.]flv\t}g ),
            $want{$host}, "streaming, host = $host: the views" );
        my ($left) = $err =~ /because the setting "host" does not name their hosts: (\d+)/;
        is( $left // 0, 2 * ( @url - split / /, $want{$host} ), "streaming, host = $host: the others are counted" );
    }
}

# Settings that choose nothing: a first run and check tell.
{
    my ( $status, $out, $err ) = run( $helper, 'cat', '--include', 'hosts', '--host', 'ww.example.com', "$dir/logs" );
    is( $status, 0, 'no host matches: exit status 0' );
    like(
        $err,
        qr/\A[^\n]*: no record is read: .*, such as www\.example\.com; correct "host"\n\z/,
        'no host fits: cat'
    );
    ( $status, $out, $err ) = run( $helper, 'cat', '--include', 'E9ZZZ', "$dir/logs" );
    is( $status, 0, 'include matches no object: exit status 0' );
    my $none =
qr/there are [1-9]\d*, but the settings \(or options\) "include" and "exclude" choose none of them; correct these/;
    like( $err, qr/\A[^\n]*: no object of \Q$dir\E\/logs is read: $none\n\z/, 'include matches no object: cat' );
    my $site = Site->new( source => "$dir/logs", include => 'E9ZZZ' );
    like( $site->cat->{err}, $none, 'a site: include matches no object' );
    like( $site->cat->{err}, $none, 'a site: nor in the next run' );
    like(
        ( run( $site->command('check') ) )[1],
        qr/^FAIL  source: .* none of which the settings "include" and "exclude" choose/m,
        'check: include'
    );
    $site->configure( include => 'hosts', host => 'ww.example.com' );
    like(
        ( run( $site->command('check') ) )[1],
        qr/^FAIL  host: no record .* \(ww\.example\.com\): .* such as [a-z.]+example/m,
        'check: host'
    );
    like( $site->cat->{err}, qr/: none of the new records \(5\) is for a host /, 'a site: no host matches' );
    $site->configure( include => 'hosts', host => 'www.example.com' );
    like(
        ( run( $site->command('check') ) )[1],
        qr/^ok    host: records in the newest logs: 2 of hosts .*, and 3 of others/m,
        'check: some hosts'
    );
}

# A site whose setting "host" is wrong: nothing is marked as counted until it is mended; then all is.
{
    my $site = Site->new( host => 'wwww.example.com' );
    my $record = sub {
        my ( $path, $host ) = @_;
        return
            "#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes x-host-header"
          . " cs(Referer) cs(User-Agent)\n"
          . join( "\t", '2026-10-31', '10:00:00', '192.0.2.1', 'GET', $path, 200, 1, $host, '-', 'x' ) . "\n";
    };
    $site->put( 'E1.2026-10-31-10.0000000a', $record->( '/a', 'www.example.com' ) );
    my $refused =
qr/\[cdn\]: none of the new records \(1\) is for a host that the setting "host" \(wwww\.example\.com\) names; they are for others, such as www\.example\.com; nothing is marked as counted: correct the setting "host", then run the update again\n\z/;
    foreach my $end ( 'now', 'later' ) {
        my $run = $site->cat($end);
        is( $run->{status}, 1, "$end: a mistyped host: exit status" );
        like( $run->{err}, $refused, "$end: a mistyped host: the message" );
        is( $run->{out}, '', "$end: a mistyped host: no log" );
    }
    $site->put( 'E1.2026-10-31-11.0000000b', $record->( '/b', 'www.example.com' ) );
    $site->configure( host => 'www.example.com' );
    is( $site->cat->{paths}, '/a /b', 'after the host is corrected, all logs are counted, newer ones too' );

    $site->put( 'E1.2026-10-31-12.0000000c', $record->( '/c', 'shop.example.net' ) );
    my $run = $site->cat;
    is( $run->{status}, 0, 'later logs of another site: exit status' );
    like(
        $run->{err},
        qr/\A[^\n]*\[cdn\]: none of the new records \(1\) is for a host [^\n]* such as shop\.example\.net; [^\n]*\n\z/,
        'later logs of another site: one line'
    );
    is( $site->cat->{err}, '', 'later logs of another site: they are counted' );

    # A ledger of a version that marked such logs as counted.
    my $database = DBI->connect( 'dbi:SQLite:dbname=' . $site->state, '', '', { RaiseError => 1 } );
    $database->do(q{DELETE FROM state WHERE name IN ('has_records', 'figures_unknown')});
    $database->do(q{INSERT OR REPLACE INTO state VALUES ('figures_sum', 'records=0')});
    $database->disconnect;
    $site->put( 'E1.2026-10-31-13.0000000d', $record->( '/d', 'shop.example.net' ) );
    $run = $site->cat;
    is( $run->{status}, 1, 'logs were marked without a record before: exit status' );
    like(
        $run->{err},
qr/; earlier logs were marked as counted without a record, so then count their records, too: awstats-cloudfront recount --config=\S+ --site=cdn\n\z/,
        'logs were marked without a record before: the way back'
    );
}

# Other texts in the folder of the logs are passed over, and named once; but a log that is corrupt is not passed over.
{
    my %text = (
        'README.md'  => "# CloudFront logs\n\nThese are 2 logs of the site.\n",
        'Makefile'   => "# all\nall:\n\ttrue\n",
        'script.sh'  => "#!/bin/sh\necho 2026-03-10\n",
        'comment'    => '# only',
        'empty.json' => "{}\n",
        'app.log'    => "2026-03-10 12:00:00 INFO started\n2026-03-10 12:00:01 INFO ready\n",
        'java.log'   => "2026-03-10 12:00:00,123 INFO [main] started\n",
    );
    my $good = "#Version: 1.0\n#Fields: date time c-ip cs-uri-stem\n2026-03-10\t12:00:00\t192.0.2.1\t/a\n";
    foreach my $text ( sort keys %text ) {
        my $folder = tempdir( CLEANUP => 1 );
        mkdir "$folder/logs" or die;
        Program::write_file( "$folder/logs/$text",     $text{$text} );
        Program::write_file( "$folder/logs/E1AAA.log", $good );
        my ( $status, $out, $err ) = run( $helper, 'cat', "$folder/logs/$text" );
        is( $status, 1, "$text: an error when it is named" );

        my @site = ( 'cat', '--commit', '--config', "$folder/conf", '--site', 'cdn' );
        Program::write_file( "$folder/conf", "[cdn]\nsource = $folder/logs\nstate = $folder/cdn.db\n" );
        foreach my $command ( [ 'cat', '-q', "$folder/logs" ], \@site ) {
            ( $status, $out ) = run( $helper, @$command );
            is( $status, 0, "$text: passed over" );
            like( $out, qr/^#End: records=1 bad=0 /m, "$text: the log beside it" );
        }
        ( $status, $out, $err ) = run( $helper, @site );
        is( "$status$err", '0', "$text: it is not named again" );

        Program::write_file( "$folder/logs/E1AAA.$name", $text{$text} );
        ( $status, $out, $err ) = run( $helper, 'cat', '-q', "$folder/logs" );
        is( $status, 1, "$text: a log of CloudFront has no such text" );
    }
    foreach my $log ( "#Version: 1.0\ngarbage\n", "#Version: 1.0\n", "2026-03-10 12:00:00 192.0.2.1 GET x\n" ) {
        my $folder = tempdir( CLEANUP => 1 );
        Program::write_file( "$folder/log", $log );
        my ($status) = run( $helper, 'cat', $folder );
        is( $status, 1, 'a corrupt log is not passed over: ' . $log =~ s/\n/ /gr );
    }
}
{
    my ( $status, $out, $err ) = run( $helper, 'cat', '--host', 'www', "$dir/logs" );
    is( "$status$out", '2', 'a word that is neither: a usage error' );
    like( $err, qr/must be x-host-header or cs\(Host\), or names of hosts such as/, 'the message' );
}
done_testing;
