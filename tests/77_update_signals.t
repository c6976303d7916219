#!/usr/bin/perl
# A signal ends an update at once, also while it reads objects, and while it cleans up.  During the clean-up, the
# records are counted, one line says how many objects are left, and the next update goes on.
use strict;
use warnings;
use Test::More;
use File::Path qw(remove_tree);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use CountedSite;
use LimitedStore;
use Program      qw(content finish helper run start write_file);
use Time::HiRes  qw(sleep time);
use UpdateChecks qw(hits records);

delete @ENV{ grep { /^AWS_|_proxy\z/i } keys %ENV };
@ENV{qw(AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY)} = ( 'AKIDEXAMPLE', 'secret' );

# Two sites whose logs are in folders of a bucket, and are deleted once they are counted.  While the directory
# "refused" exists, the store puts off each deletion, and the program waits until it may try again; the directory then has
# a file for each folder.
my $fields = join ' ', CountedSite::fields();
my %objects = map { $_ => "#Version: 1.0\n#Fields: $fields\n" . join '', records(1) }
  ( map { "cdn/E1EXAMPLE.2026-10-05-10.000$_.gz" } 1 .. 3 ), 'video/E2EXAMPLE.2026-10-05-10.0001.gz';
my $site = CountedSite->new;
my $folder = $site->folder;
my $store = LimitedStore->new(
    objects => \%objects,
    latency => 0.001,
    rule    => sub {
        my ($request) = @_;
        my $is_read = $request->{method} eq 'GET' && $request->{path} =~ /[.]gz\z/ && -e "$folder/unread";
        return if !$is_read && ( $request->{method} ne 'POST' || !-d "$folder/refused" );
        write_file( "$folder/refused/$1", '' ) if $request->{content} =~ m{<Key>(\w+)/};
        return [ 503, '<Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>' ];
    }
);
$site->set( "region = us-east-1\nafter = delete\nendpoint = " . $store->endpoint );
my $settings = content("$folder/sites.conf") =~ s{^source = .*}{source = s3://logs/cdn/}mr;
write_file( "$folder/sites.conf",
    $settings . $settings =~ s/\[cdn\]/[video]/r =~ s{/cdn\b}{/video}gr =~ s/= site$/= video/mr );
$site->awstats->config( 'video', "$site->{load}$site->{config}LogFile=\"site:video\"\n" );

sub is_soon {
    my ($condition) = @_;
    for ( 1 .. 600 ) {
        return 1 if $condition->();
        sleep 0.1;
    }
    return 0;
}

# The store puts off the requests for the objects, and AWStats waits for their records.
{
    write_file( "$folder/unread", '' );
    my $job = $site->start_program;
    my $has_begun = sub {
        -e "$folder/data/awstats.site.cloudfront.lock" && grep { /^503 GET/ } $store->requests;
    };
    ok( is_soon($has_begun), 'SIGTERM while objects are read: they are' );
    my $begun = time;
    kill TERM => $job->{pid};
    my ( $status, $output, $error ) = finish($job);
    cmp_ok( time - $begun, '<', 10, 'SIGTERM while objects are read: ends the update at once' );
    is( $status . $output, '1', 'SIGTERM while objects are read: exit status' );
    like(
        $error,
qr/^awstats-cloudfront: \[cdn\]: the update was ended by signal 15 \(Terminated\); run it again: no record is lost or counted twice$/m,
        'SIGTERM while objects are read: why'
    );
    is_deeply( $site->awstats->data_files, [], 'SIGTERM while objects are read: no history' );
    unlink "$folder/unread";
}

# The sites of the update, and what it prints when the signal has ended it.  The second update begins with what the first
# one has left of [cdn].
foreach my $case (
    [
        TERM => 'to the process that was started',
        ['--site=cdn'],
        qr/\[cdn\]: 3 records of 3 logs counted in .*\n/,
        '[cdn]: all records are counted, but the clean-up was ended by signal 15 (Terminated); '
          . '3 counted objects still have to be deleted or moved: the next update does this'
    ],
    [
        INT => 'to all processes, as a terminal sends it',
        [ '--site=cdn', '--site=video' ],
        qr/\[video\]: 1 record of 1 log counted in .*\n/,
        '[cdn]: the update was ended by signal 2 (Interrupt); run it again: no record is lost or counted twice',
        '[video]: all records are counted, but the clean-up was ended by signal 2 (Interrupt); '
          . '1 counted object still has to be deleted or moved: the next update does this'
    ],
  )
{
    my ( $signal, $to, $sites, $output_wanted, @lines ) = @$case;
    my $what = "SIG$signal $to";
    mkdir "$folder/refused" or die "$folder/refused: $!\n";
    my $job = start( { group => 1 }, helper(), 'update', "--config=$folder/sites.conf", @$sites );
    ok( is_soon( sub { ( () = glob "$folder/refused/*" ) == @$sites } ), "$what: each site is at its clean-up" );
    my $begun = time;
    kill $signal => $signal eq 'INT' ? -$job->{pid} : $job->{pid};
    my ( $status, $output, $error ) = finish($job);
    cmp_ok( time - $begun, '<', 5, "$what: ends the clean-up at once" );
    is( $status, 1, "$what: exit status" );
    like( $output, qr/\A$output_wanted\z/, "$what: what is counted" );
    my @printed = grep { !/ asks for fewer requests / } split /\n/, $error;
    is_deeply( [ sort @printed ], [ map { "awstats-cloudfront: $_" } @lines ], "$what: why, and what is left" );
    remove_tree("$folder/refused");
}

# nohup starts a program with SIGHUP ignored, and the end of the terminal sends this signal to all processes.
mkdir "$folder/refused" or die "$folder/refused: $!\n";
my $job = start(
    { group => 1 },
    'sh', '-c',     'trap "" HUP; exec "$@"',
    'sh', helper(), 'update', "--config=$folder/sites.conf", '--site=cdn'
);
ok( is_soon( sub { glob "$folder/refused/*" } ), 'SIGHUP is ignored: the site is at its clean-up' );
kill HUP => -$job->{pid};
sleep 0.5;
kill TERM => $job->{pid};
is( ( finish($job) )[2] =~ /ended by signal (\d+)/ ? $1 : '', 15, 'SIGHUP is ignored: another signal ends the update' );
remove_tree("$folder/refused");

# A signal that comes at the start, whenever that is, ends the update, whose clean-up would take very long.
mkdir "$folder/refused" or die "$folder/refused: $!\n";
my $missed = 0;
foreach ( 1 .. 40 ) {
    my $early = start( { group => 1 }, helper(), 'update', "--config=$folder/sites.conf", '--site=cdn' );
    sleep rand 0.03;
    kill TERM => $early->{pid};
    local $SIG{ALRM} = sub { $missed++; kill KILL => -$early->{pid} };
    alarm 10;
    finish($early);
    alarm 0;
}
is( $missed, 0, 'signals at the start that are missed' );
remove_tree("$folder/refused");

my @left = $store->keys_of;
is( scalar @left, 4, 'no object is deleted' );
my ( $status, $output, $error ) = run( helper(), 'update', "--config=$folder/sites.conf", '--all' );
is( $status . $error, '0', 'the next update' );
is(
    join( ' ', sort split /\n/, $output ),
    '[cdn]: no new logs to count [video]: no new logs to count',
    'counts no object again'
);
@left = $store->keys_of;
is( scalar @left, 0, 'and deletes the objects' );
is( hits($site),  3, 'each record is counted once' );

done_testing;
