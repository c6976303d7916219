#!/usr/bin/perl
# update --all: as many sites at once as there are processors, each in a process of its own.  An update that finds another
# run of its site ends with status 3, or waits.
use strict;
use warnings;
use Test::More;
use Fcntl      qw(:flock);
use File::Path qw(make_path);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program      qw(content finish run write_file);
use UpdateChecks qw(records);

my ($processors) = content('/proc/self/status') =~ /^Cpus_allowed_list:\s*(\S+)$/m;
my ($first) = $processors =~ /^(\d+)/;

# A plugin of AWStats shows while the history is saved that its process is at work, looks for another one that is, for up to
# so many seconds as the file "patience" says, and notes what it has seen.
my $two = CountedSite->new( config => "LoadPlugin=\"busy\"\n" );
my $home = $two->folder;
make_path( "$home/work", "$home/seen", "$home/video" );
write_file( "$home/plugins/busy.pm", <<"END" );
sub Init_busy { return 'SectionInitHashArray SectionReadHistory SectionWriteHistory' }
sub SectionInitHashArray_busy { return 0 }
sub SectionReadHistory_busy { return 0 }
sub SectionWriteHistory_busy {
    my \$write = sub { open my \$file, '>', shift or die; print \$file "\@_"; close \$file };
    \$write->("$home/work/\$\$");
    open my \$in, '<', "$home/patience" or die;
    my \$until = time + <\$in>;
    my \@others;
    until ( \@others = grep { !m{/\$\$\\z} } glob "$home/work/*" or time > \$until ) { select undef, undef, undef, 0.05 }
    \$write->( "$home/seen/\$\$", scalar \@others );
    unlink "$home/work/\$\$" if !\@others;    # else the other one looks, too
    return 0;
}
1;
END
my $settings = content("$home/sites.conf");
write_file( "$home/sites.conf",
    $settings . $settings =~ s/\[cdn\]/[video]/r =~ s{/(?:source|state/cdn)\b}{/video}gr =~ s/= site$/= video/mr );
$two->awstats->config( 'video', "$two->{load}$two->{config}LogFile=\"site:video\"\n" );

# Runs an update of both sites, each of which has a new log, by a command line before it.  Returns how many others each
# process has seen.
sub seen {
    my ( $what, $patience, @before ) = @_;
    write_file( "$home/patience", $patience );
    unlink glob("$home/seen/*"), glob "$home/work/*";
    foreach my $folder ( $two->source, "$home/video" ) {
        my $name = $two->deliver( records(3) );
        rename $two->source . "/$name", "$folder/$name" or die "$folder/$name: $!\n";
    }
    my ( $status, $output, $error ) =
      run( @before, AWStats::helper(), 'update', '--all', '--config', "$home/sites.conf" );
    is( $status, 0, "$what: exit status" ) or diag $error;
    like( $output, qr/^\[$_\]: 3 records of 1 log counted/m, "$what: [$_] is counted" ) foreach qw(cdn video);
    my @files = glob "$home/seen/*";
    is( scalar @files, 2, "$what: two processes" );
    return join ' ', map { content($_) } @files;
}

SKIP: {
    skip 'there is one processor', 5 if $processors eq $first;
    is( seen( 'several processors', 60 ), '1 1', 'both sites are updated at once' );
}
SKIP: {
    skip 'needs taskset (package util-linux)', 5 if !-x '/usr/bin/taskset';
    is( seen( 'one processor', 1, 'taskset', '-c', $first ), '0 0', 'one site after the other' );
}

# Another run that holds a lock file, as process 4711.
sub hold {
    my ($path) = @_;
    open my $lock, '>', $path or die "$path: $!\n";
    flock $lock, LOCK_EX or die "$path: $!\n";
    syswrite $lock, "process 4711, since 2026-10-31 10:00:00 UTC\n";
    return $lock;
}

# Waits until the job has printed a line that matches.
sub wait_for_line {
    my ( $job, $line ) = @_;
    my $until = time + 300;
    select undef, undef, undef, 0.05 until content("$job->{err}") =~ $line || time > $until;
    return;
}

# Such a run in each of its two places: the ledger, by the program; the history, by awstats.pl.
my $site = CountedSite->new;
my $folder = $site->folder;
make_path("$folder/state");
my @locks = (
    [ 'ledger',  "$folder/state/cdn.db.lock",                 'ledger file' ],
    [ 'history', "$folder/data/awstats.site.cloudfront.lock", 'AWStats history with the lock file' ]
);
foreach (@locks) {
    my ( $what, $path, $used ) = @$_;
    my $line = qr/another run is using the $used \S+ \(process 4711, since [^)]*\)/;
    $site->deliver( records(3) );
    my $lock = hold($path);
    my ( $status, $output, $error ) = $site->update_by_program;
    is( "$status$output", 3, "$what, no --wait: exit status" );
    like( $error, qr/process 4711, since/, "$what, no --wait: message" );
    ( $status, $output, $error ) = $site->update_by_program('--wait=1');
    is( "$status$output", 3, "$what, --wait=1: exit status" );
    like(
        $error,
        qr/\A[^\n]*$line; try again when it has ended, or let this command wait .*--wait\n\z/,
        "$what, --wait=1: one line"
    );
    my %wait = ( 'without end' => [ ['--wait'], '' ], 'with an end' => [ [ '--wait', 600 ], ', at most 600 seconds' ] );

    foreach my $way ( sort keys %wait ) {
        $site->deliver( records(3) ) if $way eq 'without end';
        my ( $options, $most ) = @{ $wait{$way} };
        my $job = $site->start_program(@$options);
        wait_for_line( $job, qr/\n/ );
        close $lock;
        ( $status, $output, $error ) = finish($job);
        is( $status, 0, "$what, $way: exit status" );
        like( $output, qr/^\[cdn\]: \d+ records of \d logs? counted/, "$what, $way: the logs are counted" );
        like( $error,  qr/\A[^\n]*$line; this command waits for it to end$most\n\z/, "$what, $way: one line" );
        $lock = hold($path);
    }
}

# recount waits for the history in the same way.
{
    my $lock = hold( $locks[1][1] );
    my $job = Program::start( AWStats::helper(), 'recount', "--config=$folder/sites.conf",
        '--site=cdn', "--awstats=$folder/awstats.pl", '-w' );
    wait_for_line( $job, qr/\n/ );
    close $lock;
    my ( $status, $output, $error ) = finish($job);
    is( $status, 0, 'recount: exit status' );
    like( $error, qr/\A[^\n]*\(process 4711, since [^\n]*; this command waits for it to end\n/, 'recount: message' );
}
done_testing;
