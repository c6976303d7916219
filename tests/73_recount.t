#!/usr/bin/perl
# recount counts months of the history anew, under the present configuration: each counted object once, late ones
# too, and nothing else.  A recount that fails or is killed leaves each month old or new, whole.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Compiler qw(fault_library);
use CountedSite;
use KillAt;
use Program qw(content run write_file);
use Soak    qw(is_soak);

sub record {
    my ( $time, %value ) = @_;
    return CountedSite::record( $time, %value );
}

# A day's records: pages of several hosts, a picture, an error and a robot.
sub day {
    my ($date) = @_;
    return map {
        record(
            sprintf( '%s %02d:%02d:00', $date, $_, $_ * 7 % 60 ),
            host   => '192.0.2.' . $_ % 5,
            path   => ( '/page.html', '/picture.png', '/other.html' )[ $_ % 3 ],
            bytes  => 1000 + $_,
            status => $_ % 7  ? 200   : 404,
            agent  => $_ % 11 ? undef : 'Googlebot/2.1'
        )
    } 1 .. 12;
}

# The contents of all files of DirData, with hidden state masked: names of the months.
sub files {
    my $site = shift;
    my $folder = $site->folder . '/data';
    return { map { $_ => content("$folder/$_") } @{ $site->awstats->data_files } };
}

# Two months, and a host that nobody has listed.
sub unlisted_host {
    my (%option) = @_;
    my $site = CountedSite->new(%option);
    my ( $listed, $all ) = ( 'd1.cloudfront.net', 'REGEX[.]' );
    $site->{config} =~ s/HostAliases="REGEX\[\.\]"/HostAliases="other.example.net"/ or die;
    $site->use_log('site:cdn');
    foreach my $date ( '2026-10-30', '2026-10-31', '2026-11-01' ) {
        my @records = day($date);
        $site->deliver( map { $_ % 3 ? $records[$_] : $records[$_] =~ s/d1\.cloudfront\.net/shop.example.net/r }
              0 .. $#records );
    }
    return $site;
}

sub list_host {
    my $site = shift;
    $site->{config} =~ s/HostAliases="other.example.net"/HostAliases="REGEX[.]"/ or die;
    $site->use_log('site:cdn');
    return;
}

# The host is listed, and the months are right.
{
    my $site = unlisted_host();
    my ( $status, $output ) = $site->update;
    is( $status, 0, 'a host is missing: update' ) or diag $output;
    my $before = files($site);
    my $clean_before = $site->in_one_run->numbers;
    is_deeply( $site->numbers, $clean_before, 'a host is missing: counted without it' );
    list_host($site);
    my $clean = $site->in_one_run;
    my $right = $clean->numbers;
    ok(
        join( " ", map { "@{$right->{$_}}" } sort keys %$right ) ne
          join( " ", map { "@{$clean_before->{$_}}" } sort keys %$clean_before ),
        "a host is missing: its records change figures"
    );

    ( $status, $output ) = $site->command('verify');
    is( $status, 4, 'verify: exit status' ) or diag $output;
    like( $output, qr/^2026-10: DAY 20261030: hits \d+ in the history, \d+ in the source$/m, 'verify: a figure' );
    is_deeply( files($site), $before, 'verify: nothing changed' );

    ( $status, $output ) = $site->command( 'recount', '--dry-run' );
    is( $status, 0, 'dry run: exit status' ) or diag $output;
    like(
        $output,
        qr/^2026-10: hits \d+ -> \d+, pages .*, bytes \d+ -> \d+, visits .*\n2026-11: hits \d+ -> \d+,/m,
        'dry run: the sums'
    );
    is_deeply( files($site), $before, 'dry run: nothing changed' );

    my $batches = $site->batches;
    ( $status, $output ) = $site->command( 'recount', '--month=2026-10' );
    is( $status, 0, 'one month: exit status' ) or diag $output;
    my $after = files($site);
    is( $after->{'awstats112026.site.txt'}, $before->{'awstats112026.site.txt'}, 'one month: the other is as it was' );
    isnt( $after->{'awstats102026.site.txt'}, $before->{'awstats102026.site.txt'}, 'one month: it is new' );

    {
        # As in a CGI program, whose variables awstats.pl must not see.
        local @ENV{qw(GATEWAY_INTERFACE QUERY_STRING)} = ( 'CGI/1.1', 'config=other' );
        ( $status, $output ) = $site->command('recount');
    }
    is( $status, 0, 'all months: exit status' ) or diag $output;
    is_deeply( $site->numbers, $right, 'all months: the figures of a clean run' );
    is( $site->visits, $clean->visits, 'all months: the visits of a clean run' );
    is_deeply( $site->batches, $batches, 'all months: the batches are kept' );
    my @files = grep { !/\.txt\.replaced-[\d-]+$/ } sort keys %{ files($site) };
    is_deeply( \@files, [ sort keys %$before ], 'all months: no other files, but for the old ones' );

    ( $status, $output ) = $site->command('verify');
    is( $status, 0,                                  'verify after it: exit status' );
    is( $output, "2026-10: equal\n2026-11: equal\n", 'verify after it: equal' );

    # The ledger and the history go on.
    $site->deliver( day('2026-11-02') );
    ( $status, $output ) = $site->update;
    is( $status, 0, 'the next update: exit status' ) or diag $output;
    is_deeply( $site->numbers, $site->in_one_run->numbers, 'the next update: counted once' );
}

# Late records, in an object of a later month, are in their own month; a visit over the month's end is as in a clean
# run; new objects and an open batch are left to the next update.
{
    my $site = CountedSite->new;
    $site->deliver( day('2026-10-31'), record('2026-10-31 23:50:00'), record('2026-11-01 00:05:00') );
    $site->deliver( day('2026-11-20') );
    $site->update;
    $site->deliver( day('2026-11-25'), record( '2026-10-31 23:55:00', bytes => 7 ) );
    my ( $status, $output ) = $site->update;
    is( $status, 0, 'late records: update' ) or diag $output;
    my $clean = $site->in_one_run;
    ( $status, $output ) = $site->command('verify');
    is( $status, 0, 'late records: verify finds all of them' ) or diag $output;
    like( $output, qr/^2026-10: equal$/m, 'late records: equal' );
    ( $status, $output ) = $site->command( 'verify', '--visits' );
    $site->deliver( day('2026-11-26') );    # not counted yet
    ( $status, $output ) = $site->command( 'recount', '--month', '2026-10' );
    is( $status, 0, 'late records: recount of their month' )                                 or diag $output;
    like( $output, qr/^2026-10: hits 12, pages 9, bytes 11067, /m, 'late records: counted' ) or diag $output;
    ( $status, $output ) = $site->command('recount');
    is( $status, 0, 'late records: recount of all months' ) or diag $output;
    is_deeply( $site->numbers, $clean->numbers, 'late records: the figures of a clean run, without new objects' );
    is( $site->visits, $clean->visits, 'late records: the visits of a clean run' );
    ( $status, $output ) = $site->update;
    is( $status, 0, 'late records: the next update' ) or diag $output;
    is_deeply( $site->numbers, $site->in_one_run->numbers, 'late records: the new object is counted once' );
}

# Objects that are gone: of the month, and of other months.
{
    my $site = CountedSite->new;
    my $october = $site->deliver( day('2026-10-05') );
    my $november = $site->deliver( day('2026-11-15') );
    $site->update;
    unlink $site->source . "/$october" or die;
    my $before = files($site);
    foreach my $command ( [ 'recount', '--month=2026-10' ], ['recount'], ['verify'] ) {
        my ( $status, $output ) = $site->command(@$command);
        is( $status, 1, "a gone object, @$command: exit status" );
        like(
            $output,
            qr/\A[^\n]*because 1 counted object is gone from [^\n]*\Q$october\E[^\n]*\n\z/,
            "a gone object, @$command: named"
        );
    }
    is_deeply( files($site), $before, 'a gone object: nothing changed' );
    my ( $status, $output ) = $site->command( 'verify', '--month=2026-11' );
    is( $status, 0,                  'a gone object: another month' ) or diag $output;
    is( $output, "2026-11: equal\n", 'a gone object: another month is equal, without a warning' );

    # Another version is no counted object.
    $site->deliver_as( $november, "#Version: 1.0\n#Fields: date time\n" );
    ( $status, $output ) = $site->command( 'recount', '--month=2026-11' );
    is( $status, 1, 'a replaced object: exit status' );
    like( $output, qr/gone from .* or replaced there: .*\Q$november\E/, 'a replaced object: named' );
}

# Nothing that would lose figures is replaced.
{
    my $site = CountedSite->new;
    $site->deliver( day('2026-10-05') );
    $site->update;
    my $before = files($site);
    my ( $status, $output ) = $site->command( 'recount', '--month=2026-09' );
    is( $status, 1, 'a month without records: exit status' );
    like( $output, qr/no counted object has records of 2026-09/, 'a month without records: message' );

    $site->{config} =~ s/HostAliases="REGEX\[\.\]"/HostAliases="other.example.net"/ or die;
    $site->use_log('site:cdn');
    $site->{config} =~ s/HostAliases=.*\n//;
    $site->awstats->config( 'site', "$site->{load}$site->{config}LogFile=\"site:cdn\"\nOnlyHosts=\"10.9.9.9\"\n" );
    ( $status, $output ) = $site->command('recount');
    is( $status, 1, 'nothing counts: exit status' ) or diag $output;
    like( $output, qr/AWStats counts no record of 2026-10 .*HostAliases/, 'nothing counts: message' );
    ( $status, $output ) = $site->command( 'recount', '--dry-run' );
    like( $output, qr/^2026-10: hits \d+ -> 0,/m, 'nothing counts: the dry run shows it' );

    my $text = $before->{'awstats102026.site.txt'};
    $text =~ s/^(BEGIN_PLUGIN_cloudfront) 1\n/$1 2\nother 20261001-000000-000000-00000000\n/m or die;
    $site->use_log('site:cdn');
    write_file( $site->folder . '/data/awstats102026.site.txt', $text );
    ( $status, $output ) = $site->command('recount');
    is( $status, 1, 'records of another site: exit status' );
    like(
        $output,
        qr/awstats102026\.site\.txt has records of another site, \[other\]/,
        'records of another site: message'
    );
    is( files($site)->{'awstats102026.site.txt'}, $text, 'nothing was replaced' );
}

# A recount makes the first history file: the site had no record until its setting "host" was mended, in a ledger of a
# version that marked its logs as counted.
{
    my $site = CountedSite->new;
    $site->deliver( day('2026-10-05') );
    $site->update;
    unlink $site->folder . '/data/awstats102026.site.txt' or die;
    my ( $status, $output ) = $site->command( 'commit', '--previous=-' );
    is( $status, 0, 'no history file: the ledger knows of none' ) or diag $output;
    ( $status, $output ) = $site->command('recount');
    is( $status, 0, 'the first history file: recount' ) or diag $output;
    like( $output, qr/^2026-10: hits 0 -> \d+,/m, 'the first history file: figures' );
    ( $status, $output ) = $site->command('verify');
    is( $status, 0,                  'the first history file: verify' ) or diag $output;
    is( $output, "2026-10: equal\n", 'the first history file: equal' );
    ( $status, $output ) = $site->command('recount');
    is( $status, 0, 'the first history file: recount again' ) or diag $output;
    $site->deliver( day('2026-10-06') );
    ( $status, $output ) = $site->update;
    is( $status, 0, 'the first history file: the next update' ) or diag $output;
    is_deeply( $site->numbers, $site->in_one_run->numbers, 'the first history file: each record is counted once' );
}

# One log in several objects: moved, touched, copied; each is read once, and one of them is enough.
{
    my $site = CountedSite->new;
    my ( $name, $other ) = ( $site->deliver( day('2026-10-05') ), $site->deliver( day('2026-10-06') ) );
    $site->update;
    my ( $source, $numbers ) = ( $site->source, $site->numbers );
    mkdir "$source/2026";
    rename "$source/$name", "$source/2026/$name" or die;
    utime 1_790_000_000, 1_790_000_000, "$source/$other";
    write_file( "$source/2026/$other", content("$source/$other") );

    foreach my $known ( 0, 1 ) {
        my $what = $known ? 'copies that an update has seen' : 'copies';
        my ( $status, $output ) = $known ? $site->update : (0);
        is( $status, 0, "$what: update" ) or diag $output;
        ( $status, $output ) = $site->command('recount');
        is( $status, 0, "$what: recount" ) or diag $output;
        is_deeply( $site->numbers, $numbers, "$what: the same figures" );
    }
}

# Objects that were moved after they were counted: the source is where they are now.
{
    my $site = CountedSite->new;
    my $done = $site->folder . '/done';
    $site->set("after = move $done");
    $site->deliver( day('2026-10-05') );
    $site->update;
    my ( $status, $output ) = $site->command('verify');
    like( $output, qr/because 1 counted object is gone/, 'moved objects: they are gone' );
    my ( $source, $days ) = ( $site->{source}, $site->days );
    $site->{source} = $done;
    $site->set('');
    ( $status, $output ) = $site->command('recount');
    is( $status, 0, 'moved objects: found where they are' ) or diag $output;
    is_deeply( $site->days, $days, 'moved objects: the same figures' );
    $site->{source} = $source;
    $site->set("after = move $done");
    $site->deliver( day('2026-10-06') );
    ( $status, $output ) = $site->update;
    is( $status, 0, 'moved objects: the next update' ) or diag $output;
    is_deeply( [ sort keys %{ $site->days } ], [qw(20261005 20261006)], 'moved objects: it counts new ones' );
}

# Which AWStats configuration is used.
{
    my $site = CountedSite->new;
    $site->deliver( day('2026-10-05') );
    $site->update;
    my $folder = $site->folder;
    my $config = content("$folder/awstats.site.conf");
    write_file( "$folder/awstats.twin.conf", $config );
    my $sites = content("$folder/sites.conf");
    my ( $status, $output ) = $site->command('verify');
    is( $status, 0, 'the setting awstats-config chooses one' ) or diag $output;
    write_file( "$folder/sites.conf", $sites =~ s/^awstats-config = .*\n//mr );
    ( $status, $output ) = $site->command('verify');
    is( $status, 1, 'two configurations: exit status' );
    like(
        $output,
qr/several AWStats configurations .*awstats\.(?:site|twin)\.conf, .*write awstats-config = NAME into the section \[cdn\]/,
        'two configurations: message'
    );
    ( $status, $output ) = $site->command( 'verify', '--awstats-config=site' );
    is( $status, 0, 'two configurations: one is chosen' ) or diag $output;
    ( $status, $output ) = $site->command( 'verify', '--awstats-config=none' );
    is( $status, 1, 'no such configuration: exit status' );
    like( $output, qr/awstats\.none\.conf was not found.* \Q$folder\E, /, 'no such configuration: message' );
    unlink "$folder/awstats.twin.conf";
    write_file( "$folder/awstats.site.conf", $config =~ s/^LogFormat=.*/LogFormat=1/mr );
    my $before = files($site);
    ( $status, $output ) = $site->command('recount');
    is( $status, 1, 'without the plugin: exit status' );
    like(
        $output,
        qr/awstats\.site\.conf has LogFormat="1", but recount and verify need the AWStats plugin/,
        'without the plugin: message'
    );
    is_deeply( files($site), $before, 'without the plugin: AWStats did not run' );
    write_file( "$folder/awstats.site.conf", $config =~ s/^LogFile=.*/LogFile="other"/mr );
    ( $status, $output ) = $site->command('recount');
    like(
        $output,
qr/no AWStats configuration \(awstats\.NAME\.conf\) with the line LogFile="site:cdn" was found in \Q$folder\E, /,
        'none: message'
    );

    # LogFile in an included file, by a variable.
    write_file( "$folder/more.conf",         "LogFile = \"__CDN_LOG__\" # the site\n" );
    write_file( "$folder/awstats.site.conf", $config =~ s/^LogFile=.*/Include "more.conf"/mr );
    local $ENV{CDN_LOG} = 'site:cdn';
    ( $status, $output ) = $site->command('verify');
    is( $output, "2026-10: equal\n", 'an included file and a variable' );
}

# A batch that is not committed, and an update that runs.
{
    my $site = CountedSite->new;
    $site->deliver( day('2026-10-05') );
    $site->update;
    $site->deliver( day('2026-10-06') );
    my $folder = $site->folder;
    {
        run( AWStats::helper(), 'cat', '--prepare', "--config=$folder/sites.conf", '--site=cdn' );
    }
    my ( $status, $output ) = $site->command('recount');
    is( $status, 1, 'an open batch: exit status' );
    like(
        $output,
        qr/an AWStats update still runs, or was interrupted, .*\(batch \S+\); run the AWStats update first/,
        'an open batch: message'
    );
    ( $status, $output ) = $site->update;
    ( $status, $output ) = $site->command('verify');
    is( $status, 0, 'after the update: exit status' ) or diag $output;

    open my $lock, '>>', "$folder/data/awstats.site.cloudfront.lock" or die;
    flock $lock, 2;
    ( $status, $output ) = $site->command('recount');
    is( $status, 3, 'another update: exit status' );
    like( $output, qr/Another update of .* is under way .*--wait/, 'another update: message' );
    close $lock;
    open $lock, '>>', "$folder/state/cdn.db.lock" or die;
    flock $lock, 2;
    ( $status, $output ) = $site->command('recount');
    is( $status, 3, 'another run of the site: exit status' );
    close $lock;
}

# An older ledger or history: as the update, recount goes on with neither.
{
    my $site = CountedSite->new;
    $site->deliver( day('2026-10-05') );
    $site->update;
    my $old = files($site);
    $site->deliver( day('2026-10-06') );
    $site->update;
    write_file( $site->folder . '/data/awstats102026.site.txt', $old->{'awstats102026.site.txt'} );
    my ( $status, $output ) = $site->command('recount');
    is( $status, 1, 'an old copy of the history: exit status' );
    like(
        $output,
        qr/The last counted batch of \[cdn\] is \S+ in its ledger .*and \S+ in the AWStats history/,
        'an old copy of the history: message'
    );
}

# Killed at each rename of the replacement, or all processes at their n-th system call that writes: each month is old or
# new, and the next update makes all new, or none.
{
    my $site = unlisted_host( config => "KeepBackupOfHistoricFiles=1\n" );
    $site->update;
    list_host($site);
    my $old = files($site);
    my $ledger = $site->folder . '/state/cdn.db';
    my $old_ledger = content($ledger);
    my $right = $site->in_one_run->numbers;
    $site->command('recount');
    my $new = files($site);
    is_deeply( $site->numbers, $right, 'killed: the new figures' );
    my @months = grep { /\.txt$/ } sort keys %$new;
    my $mask = sub {
        join '', sort grep { !/^(?:LastUpdate|POS_)/ } $_[0] =~ /^.*\n/mg;
    };

    # Runs recount from the old state in this environment, then an update.  Returns the exit status and the message of
    # recount, and whether the months are new at the end.
    my $kill = sub {
        my ( $name, %environment ) = @_;
        write_file( $site->folder . "/data/$_", $old->{$_} ) foreach keys %$old;
        unlink "$ledger-wal", "$ledger-shm";
        write_file( $ledger, $old_ledger );
        my ( $status, $message ) = do {
            local %ENV = ( %ENV, %environment );
            $site->command('recount');
        };
        my $files = files($site);
        my %kind;
        foreach my $month (@months) {
            my $text = $mask->( $files->{$month} );
            my ($kind) = grep { $text eq $mask->( { old => $old, new => $new }->{$_}{$month} ) } qw(old new);
            $kind{ $kind // 'broken' }++;
        }
        ok( !$kind{broken}, "$name: each month is whole" );

        # A process of the recount that has outlived the killed one may hold the lock for a moment.
        my ( $next, $output );
        for ( 1 .. 300 ) {
            ( $next, $output ) = $site->update;
            last if $next != 3;
            select undef, undef, undef, 0.1;
        }
        is( $next, 0, "$name: the next update" ) or diag $output;
        my $has = $site->numbers;
        my $numbers = join ',', map { "$_ @{ $has->{$_} || [] }" } sort keys %$right;
        my $is_new = $numbers eq join ',', map { "$_ @{ $right->{$_} }" } sort keys %$right;
        ok( $is_new || !$kind{new}, "$name: not half of the months" );
        my @files = grep { !/\.bak$|\.replaced-[\d-]+$/ } @{ $site->awstats->data_files };
        is_deeply( \@files, \@months, "$name: nothing is left behind" );
        unlink glob $site->folder . '/data/*.replaced-*';
        return ( $status, $message, $is_new );
    };

    my ( $killed, $finished ) = ( 0, 0 );
    for ( my $step = 1 ; $step < 40 ; $step++ ) {
        my $name = "killed at rename $step";
        my ( $status, $message, $is_new ) = $kill->( $name, KillAt::environment($step) );
        last if !$status;
        like( $message, qr/awstats\.pl was killed by signal 9; .*; each month has all/, "$name: message" );
        $killed++;
        $finished += $is_new;
    }
    is( $killed,   10, 'killed before and after each of five renames' );
    is( $finished, 5,  'finished from the rename of the folder on' );

    my $shim = fault_library( 'kill_nth', $site->folder );
    $killed = 0;
    foreach my $nth ( is_soak() ? 1 .. 200 : ( 1, 2, 5, 11, 17 ) ) {
        my ($status) = $kill->( "killed at call $nth", LD_PRELOAD => $shim, KILL_NTH => $nth );
        $killed++ if $status;
    }
    ok( $killed >= 4, "$killed runs with killed processes" );
}

# A record of a month to come is left out, and ends no visit: neither in an update nor in a recount.
{
    my $site = CountedSite->new;
    my $last_lines = sub {
        my $files = files($site);
        return [ map { $files->{$_} =~ /^LastLine (\d+)/m } sort keys %$files ];
    };
    $site->deliver(
        ( map { record($_) } '2026-09-30 12:00:00', '2026-10-01 12:00:00' ),
        record( '2099-01-01 00:00:00', path => '/to-come.html' )
    );
    my ( $status, $output ) = $site->update;
    is( $status, 0, 'a month to come: update' ) or diag $output;
    like( $output, qr/1 of 3 records is more than a day ahead of the clock/, 'a month to come: left out' );
    is_deeply( $last_lines->(), [ '20261001120000', '20261001120000' ], 'a month to come: not the last line' );
    $site->deliver( record('2026-10-01 12:10:00') );
    ( $status, $output ) = $site->update;
    is( $site->visits, 2, 'a month to come: a visit goes on in the next batch' ) or diag $output;
    my $days = $site->days;
    ( $status, $output ) = $site->command('recount');
    is( $status, 0, 'a month to come: recount' ) or diag $output;
    unlike( $output, qr/^2099/m, 'a month to come: it is no month' );
    is_deeply( $last_lines->(), [ '20261001120000', '20261001121000' ], 'a month to come: nor after a recount' );
    is_deeply( $site->days,     $days,                                  'a month to come: the same days' );
}

done_testing;
