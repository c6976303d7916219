#!/usr/bin/perl
# Every system call on the history fails in turn, once or, on a full disk, from then on. Each history file is then
# the old one or the new one, a failed update says why in one line, and the next update completes the work.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use FindBin    qw($Bin);
use POSIX      qw(EIO);
use lib "$Bin/lib";
use AWStats;
use Compiler qw(fault_library);
use CountedSite;
use KillAt ();
use Soak   qw(is_soak);

my $folder = File::Temp::tempdir( CLEANUP => 1 );
my $shim = fault_library( 'fail_nth', $folder );
my $calls = "$folder/calls";

sub records {
    my ( $date, $first, $count ) = @_;
    return map {
        CountedSite::record(
            sprintf( '%s %02d:%02d:00', $date, $_ / 20, $_ % 20 * 3 ),
            host   => "192.0.2.$_",
            path   => "/page$_.html",
            bytes  => 1000 + $_,
            status => $_ % 13 ? 200 : 404,
        )
    } $first .. $first + $count - 1;
}

# Two months have a history, of more than a buffer; then there come records of both.  One run for
# an older month makes the same calls in the same order each time.
sub site {
    my $site = CountedSite->new( config => "KeepBackupOfHistoricFiles=1\n" );
    $site->deliver( records( '2026-08-20', 0, 180 ) );
    $site->deliver( records( '2026-09-20', 0, 180 ) );
    foreach ( 1, 2 ) {
        my ( $status, $output ) = $site->update;
        die $output if $status;
    }
    $site->deliver( records( $_, 100, 60 ) ) foreach qw(2026-08-21 2026-09-21);
    return $site;
}

# All that an update changes is kept, and brought back.
sub copy {
    my ( $from, $to ) = @_;
    system( 'rm', '-rf', "$to/data", "$to/state" ) == 0 && system( 'cp', '-a', "$from/data", "$from/state", $to ) == 0
      or die "cp: $?";
    return;
}

# The numbers of each history file, as a text.
sub files {
    my $numbers = shift;
    my %file;
    foreach my $key ( sort keys %$numbers ) {
        my ($month) = $key =~ /^(\d{6}) / ? $1 : $key =~ /^(\d{4})(\d\d)/ ? "$2$1" : die $key;
        $file{$month} .= "$key @{ $numbers->{$key} }\n";
    }
    return \%file;
}

# Runs an update whose N-th call fails.  Returns its status, its messages, and the calls made.
sub faulty_update {
    my ( $site, $nth, %fault ) = @_;
    unlink $calls;
    local %ENV = (
        %ENV,
        LD_PRELOAD  => $shim,
        FAIL_FOLDER => $site->folder . '/data',
        FAIL_NTH    => $nth,
        FAIL_CALLS  => $calls,
        %fault
    );
    my ( $status, $output ) = $site->update;
    open my $file, '<', $calls or die "$calls: $!";
    chomp( my @calls = <$file> );
    return ( $status, $output, @calls );
}

# Returns the error after a faulty update, or after the next update, which is left alone; '' if there is none.
sub wrong {
    my ( $site, $before, $after, $status, $output ) = @_;
    my $now = files( $site->numbers );
    my @old = grep { ( $now->{$_} // '' ) ne $after->{$_} } keys %$after;
    return "neither old nor new: $_" foreach grep { ( $now->{$_} // '' ) ne ( $before->{$_} // '' ) } @old;
    return 'status 0, but not counted: ' . join ' ', sort @old if !$status && @old;
    my @lines = grep { /^Error: ./ } split /\n/, $output;
    return "status $status, and no line says why" if $status && @lines != 1;
    return 'perl complains' if $output =~ / at \S+ line \d+/;
    ( $status, my $again ) = $site->update;
    return "the next update has status $status: $again" if $status;
    $now = files( $site->numbers );
    return "lost or counted twice: $_" foreach grep { ( $now->{$_} // '' ) ne $after->{$_} } keys %$after;
    return 'left behind: ' . join ' ', @{ $site->awstats->data_files }
      if grep { !/^awstats\d+\.site\.(?:txt|bak)$/ } @{ $site->awstats->data_files };
    return '';
}

# Returns which of CALLS to make fail.  Of many equal ones in a row the first and the last, and only the first when a
# folder is read.  A check, other than a soak, takes of reads in a row the last, for which the file is open and half
# read, and by turns the call that opens a folder and the one that reads it.  KINDS: the names of the calls.
sub worth_failing {
    my ( $kinds, @calls ) = @_;
    my $folders = 0;
    return grep {
        my $call = $calls[ $_ - 1 ];
        my $is_first = $_ == 1 || $calls[ $_ - 2 ] ne $call;
        my $is_last = ( $calls[$_] // '' ) ne $call;
        $folders++ if $call =~ /^opendir /;
        my $is_worth = $is_first || $is_last;
        $is_worth = $is_first if $call =~ /^readdir /;
        if ( !is_soak() ) {
            $is_worth = $is_last if $call =~ /^read /;
            $is_worth &&= $folders % 2 == ( $call =~ /^open/ ) if $call =~ /^(?:open|read)dir /;
        }
        $call =~ $kinds && $is_worth;
    } 1 .. @calls;
}

sub every_call {
    my ( $what, $kinds, $site, %fault ) = @_;
    my $kept = File::Temp::tempdir( CLEANUP => 1 );
    copy( $site->folder, $kept );
    my $before = files( $site->numbers );
    my $after = files( $site->in_one_run->numbers );
    my ( $left_alone, undef, @planned ) = faulty_update( $site, 0, %fault );
    is( $left_alone, 0, "$what: no call fails" );
    my ( $failed, %count, @wrong ) = 0;

    foreach my $nth ( worth_failing( $kinds, @planned ) ) {
        copy( $kept, $site->folder );
        my ( $status, $output, @calls ) = faulty_update( $site, $nth, %fault );
        if ( @calls < $nth ) {
            fail("$what: call $nth, $planned[ $nth - 1 ], did not come");
            next;
        }
        my ($name) = split / /, $calls[ $nth - 1 ];
        $count{$name}++;
        $failed++ if $status;
        my $wrong = wrong( $site, $before, $after, $status, $output ) or next;
        push @wrong, "call $nth, $calls[$nth - 1]: $wrong";
        diag "$what: $wrong[-1]\n$output";
    }
    is( scalar @wrong, 0, "$what: each call in turn" );
    cmp_ok( $failed, '>', 0, "$what: some matter" );
    note "$what: ", scalar @planned, " calls, $failed updates failed; ", join ', ',
      map { "$count{$_} $_" } sort keys %count;
    return;
}

every_call( 'error', qr/^/,                                            site(), FAIL_ERROR => EIO );
every_call( 'full',  qr/^(?:write|create|rename|link|symlink|mkdir) /, site(), FAIL_FULL  => 1 );

# Killed after the last rename, before the commit: the same batch comes again.
my $counted = site();
{
    local %ENV = ( %ENV, KillAt::environment(4) );
    is( ( $counted->update )[0], 137, 'again: killed' );
}
is_deeply( $counted->numbers, $counted->in_one_run->numbers, 'again: counted before' );
every_call( 'again', qr/^(?:open|read) /, $counted, FAIL_ERROR => EIO );
done_testing;
