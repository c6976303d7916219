#!/usr/bin/perl
# recount never takes hits out of the history that the counted objects do not have, unless --allow-lower says so; then
# it keeps the old files.  What moves to another day or month is not lost.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program qw(content run write_file);

# COUNT records of one hour.
sub records {
    my ( $hour, $count, %value ) = @_;
    return map {
        CountedSite::record( sprintf( '%s:%02d:00', $hour, $_ ), host => "192.0.2.$_", bytes => 1000 + $_, %value )
    } 1 .. $count;
}

sub files {
    my $site = shift;
    my $folder = $site->folder . '/data';
    return { map { $_ => content("$folder/$_") } @{ $site->awstats->data_files } };
}

sub hits {
    my $site = shift;
    my $days = $site->days;
    return join ' ', map { "$_:$days->{$_}[1]" } sort keys %$days;
}

# A site whose AWStats has counted a log that is no site, COUNT records of DATE, before the site's first one.
sub site_with_older_log {
    my ( $hour, $count, %option ) = @_;
    my $site = CountedSite->new(%option);
    my $source = $site->source;
    $site->{source} = $site->folder . '/older';
    mkdir $site->{source} or die;
    $site->deliver( records( $hour, $count ) );
    $site->use_log( $site->{source} );
    my ( $status, $output ) = $site->update;
    is( $status, 0, 'the older log: update' ) or diag $output;
    $site->{source} = $source;
    $site->use_log('site:cdn');
    return $site;
}

sub refuses {
    my ( $site, $error, $what, @arguments ) = @_;
    my $before = files($site);
    my ( $status, $output ) = $site->command( 'recount', @arguments );
    is( $status, 1, "$what: exit status" ) or diag $output;
    like( $output, $error, "$what: message" );
    is( () = $output =~ /^awstats-cloudfront: /mg, 1, "$what: one line" ) or diag $output;
    is_deeply( files($site), $before, "$what: nothing changed" );
    return $output;
}

# The month of an older log, whose records the site does not have.
{
    my $site = site_with_older_log( '2026-11-20 09', 30 );
    $site->deliver( records( '2026-11-28 10', 10 ) );
    my ( $status, $output ) = $site->update;
    is( $status,     0,                         'an older log: the first update of the site' ) or diag $output;
    is( hits($site), '20261120:30 20261128:10', 'an older log: both are counted' );

    my $what = 'an older log';
    $output =
      refuses( $site, qr/history has 40 hits of 2026-11, and the counted logs have 10, .* --allow-lower$/m, $what );
    like( $output, qr/^2026-11: hits 40 -> 10,/m, "$what: the sums" );

    my $before = files($site);
    ( $status, $output ) = $site->command( 'recount', '--dry-run' );
    is( $status, 0, "$what, dry run: exit status" ) or diag $output;
    like( $output, qr/has 40 hits of 2026-11/, "$what, dry run: warning" );
    like( $output, qr/^nothing was replaced/m, "$what, dry run: the end" );
    ( $status, $output ) = $site->command('verify');
    is( $status, 4, "$what, verify: exit status" ) or diag $output;
    like(
        $output,
        qr/^2026-11: \d+ figures .* the history has 40 hits of 2026-11, and the logs have 10: /m,
        "$what, verify: advice"
    );
    unlike( $output, qr/to replace them/, "$what, verify: no recount is recommended" );
    is_deeply( files($site), $before, "$what, verify: nothing changed" );

    ( $status, $output ) = $site->command( 'recount', '--allow-lower' );
    is( $status,     0,             "$what, allowed: exit status" ) or diag $output;
    is( hits($site), '20261128:10', "$what, allowed: the new figures" );
    my ($end) = $output =~ /^the old history files are still there, with (\.replaced-\S+) at the end/m;
    my $file = 'awstats112026.site.txt';
    is( files($site)->{ $file . ( $end // '' ) }, $before->{$file}, "$what, allowed: the old file is kept" )
      or diag $output;
    $site->deliver( records( '2026-11-28 11', 5 ) );
    ( $status, $output ) = $site->update;
    is( $status, 0, "$what, allowed: the next update" ) or diag $output;
    ( $status, $output ) = $site->command('recount');
    is( $status, 0, "$what, allowed: another recount needs no option" ) or diag $output;
    unlike( $output, qr/replaced-/, "$what, allowed: equal sums keep no file" );
    is( hits($site), '20261128:15', "$what, allowed: the figures" );
}

# A host that was missing has more records than the older log: the month has more hits, and a day would be lost.
{
    my $what = 'a day';
    my $site = site_with_older_log( '2026-11-20 09', 30 );
    $site->{config} =~ s/HostAliases="REGEX\[\.\]"/HostAliases="other.example.net"/ or die;
    $site->use_log('site:cdn');
    $site->deliver( records( '2026-11-28 10', 10 ),
        map { s/d1\.cloudfront\.net/shop.example.net/r } records( '2026-11-28 11', 50 ) );
    my ( $status, $output ) = $site->update;
    is( $status, 0, "$what: update" )                                            or diag $output;
    $site->{config} =~ s/HostAliases="other.example.net"/HostAliases="REGEX[.]"/ or die;
    $site->use_log('site:cdn');
    refuses( $site, qr/history has 30 hits of 2026-11-20, and the counted logs have 0,/, $what );
}

# The configuration leaves out a host now whose records were counted.
{
    my $what = 'a host that was taken out of HostAliases';
    my $site = CountedSite->new;
    $site->deliver( records( '2026-11-28 10', 10 ),
        map { s/d1\.cloudfront\.net/shop.example.net/r } records( '2026-11-28 11', 50 ) );
    my ( $status, $output ) = $site->update;
    is( $status, 0, "$what: update" )                                               or diag $output;
    $site->{config} =~ s/HostAliases="REGEX\[\.\]"/HostAliases="other.example.net"/ or die;
    $site->use_log('site:cdn');
    ( $status, $output ) = $site->command('verify');
    is( $status, 4, "$what, verify: exit status" ) or diag $output;
    like(
        $output,
        qr/60 hits of 2026-11, and the logs have 10: the others were counted before a change of the configuration, /,
        "$what, verify: the cause"
    );
    refuses( $site, qr/for example because the configuration leaves them out now, .* add --allow-lower$/m, $what );
    ( $status, $output ) = $site->command( 'recount', '--allow-lower' );
    is( $status,     0,             "$what, allowed: exit status" ) or diag $output;
    is( hits($site), '20261128:10', "$what, allowed: the new figures" );
}

# Robots and errors are hits, too.
{
    my $site = site_with_older_log( '2026-11-28 09', 5 );
    $site->deliver( records( '2026-11-28 10', 10 ), records( '2026-11-28 10', 7, status => 404 ) );
    my ( $status, $output ) = $site->update;
    is( $status, 0, 'errors: update' ) or diag $output;
    refuses( $site, qr/history has 22 hits of 2026-11, and the counted logs have 17,/, 'errors' );
}

# A new time zone moves the last hour of October to November: each month alone would lose it or double it.
{
    my $what = 'a time zone';
    my $site = CountedSite->new;
    $site->deliver( records( $_, 10 ) ) foreach '2026-10-15 10', '2026-10-31 23', '2026-11-01 10';
    my ( $status, $output ) = $site->update;
    is( $status, 0, "$what: update" ) or diag $output;
    $site->{config} .= "LoadPlugin=\"timezone Europe/Berlin\"\n";
    $site->use_log('site:cdn');
    refuses(
        $site,
        qr/history has 20 hits of 2026-10, .* if the time zone has changed, count all months at once/,
        "$what, one month",
        '--month=2026-10'
    );
    ( $status, $output ) = $site->command('verify');
    like(
        $output,
qr/^2026-10: .*; records have moved to other months, so replace all months at once: awstats-cloudfront recount --config=\S+ --site=cdn$/m,
        "$what: verify"
    );
    ( $status, $output ) = $site->command('recount');
    is( $status,     0,                         "$what, all months: exit status" ) or diag $output;
    is( hits($site), '20261015:10 20261101:20', "$what, all months: nothing is lost" );
    like( $output, qr/^the old history files are still there, with \.replaced-/m, "$what: the old files are kept" );
    is( scalar( grep { /^awstats1[01]2026\.site\.txt\.replaced-/ } keys %{ files($site) } ), 2, "$what: both files" );
}

# A history that was merged with the one of another server.
{
    my $what = 'a merged history';
    my $site = CountedSite->new;
    $site->deliver( records( '2026-11-28 09', 10 ) );
    $site->update;
    my $other = site_with_older_log( '2026-11-28 09', 20 );
    my ($data) = map { "$_/data/awstats112026.site.txt" } $site->folder;
    my ( $status, $output ) = run( { together => 1 },
        AWStats::helper(), 'merge', '-o', "$data.sum", $data, $other->folder . '/data/awstats112026.site.txt' );
    is( $status, 0, "$what: merge" ) or diag $output;
    rename "$data.sum", $data or die;
    $site->deliver( records( '2026-11-28 10', 10 ) );
    ( $status, $output ) = $site->update;
    is( $status,     0,             "$what: update" ) or diag $output;
    is( hits($site), '20261128:40', "$what: figures" );
    refuses( $site, qr/history has 40 hits of 2026-11, and the counted logs have 20,/, $what );
}

# Logs that the setting include leaves out now, after they were counted.
{
    my $what = 'include';
    my $site = CountedSite->new;
    $site->deliver( records( '2026-11-28 09', 10 ) );
    $site->deliver_as(
        'EOTHER.2026-11-28-09.00000001.gz',
        join '',
        "#Version: 1.0\n#Fields: @{[ CountedSite::fields() ]}\n",
        records( '2026-11-28 09', 30 )
    );
    my ( $status, $output ) = $site->update;
    is( hits($site), '20261128:40', "$what: both distributions are counted" ) or diag $output;
    $site->set('include = E1EXAMPLE');
    refuses(
        $site,
        qr/1 counted object is left out .*; to count the months without these objects, add --allow-lower$/m,
        "$what, without the option"
    );
    ( $status, $output ) = $site->command('verify');
    is( $status, 1, "$what, verify: exit status" );
    unlike( $output, qr/allow-lower/, "$what, verify: it has no such option" );
    ( $status, $output ) = $site->command( 'recount', '--allow-lower' );
    is( $status,     0,             "$what, allowed: exit status" ) or diag $output;
    is( hits($site), '20261128:10', "$what, allowed: the other distribution is out" );
    like( $output, qr/1 counted object .* is left out of .*EOTHER/, "$what, allowed: warning" );
    ( $status, $output ) = $site->update;
    is( $status,     0,             "$what, allowed: the next update" ) or diag $output;
    is( hits($site), '20261128:10', "$what, allowed: the figures stay" );
    unlink glob $site->source . '/E1*';
    refuses( $site, qr/1 counted object is gone from /, "$what, allowed: a gone object is an error", '--allow-lower' );
}

done_testing;
