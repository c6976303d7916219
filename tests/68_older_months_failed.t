#!/usr/bin/perl
# The run of AWStats for one of the older months fails: the update says so in one line and counts nothing, neither of that
# month nor of the others, and the next update counts everything, once.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program qw(content write_file);

# A plugin of AWStats that does in the run for the month 202607 what the file FAIL says: in the beginning, or when it
# saves the history.  DirData of that run is a folder with the month's name.
my $plugin = <<'END';
use vars qw/ $FailingText /;
sub Init_failing {
    $FailingText = '';
    if ( $DirData =~ m{/202607/?$} && open my $file, '<', $_[0] ) { local $/; $FailingText = <$file> }
    my $error = eval( $FailingText =~ /^begin: (.*)/ ? $1 : '' );
    return $error || 'SectionInitHashArray SectionWriteHistory';
}
sub SectionInitHashArray_failing { return 0 }
sub SectionWriteHistory_failing { eval( $FailingText =~ /^save: (.*)/ ? $1 : '' ); return 0 }
1;
END

sub records {
    my ( $date, $count ) = @_;
    return
      map { CountedSite::record( sprintf( '%s %02d:%02d:00', $date, $_ / 60, $_ % 60 ), host => "192.0.2.$_" ) }
      1 .. $count;
}

# Three months have a history; then there come records of two of these, of a month before and of one after them.
my @first = ( [ '2026-07-10', 20 ], [ '2026-08-10', 21 ], [ '2026-09-10', 22 ] );
my @then = ( [ '2026-06-11', 23 ], [ '2026-07-11', 24 ], [ '2026-08-11', 25 ], [ '2026-10-11', 26 ] );
my $months = do {
    my $site = CountedSite->new;
    $site->deliver( records(@$_) ) foreach @first, @then;
    $site->in_one_run->numbers;
};

# The history files: name => text.
sub history_files {
    my $site = shift;
    my $data = $site->folder . '/data';
    return { map { $_ => content("$data/$_") } @{ $site->awstats->data_files } };
}

foreach my $case (
    [
        'it refuses to begin',
        q{begin: 'Error: no licence'},
        qr/Plugin init for plugin 'failing' failed with return code: Error: no licence/
    ],
    [ 'it ends by an error', q{save: error('no space for this')},                       qr/no space for this/ ],
    [ 'it says why',         q{save: print "the disk is on fire\n"; exit 3},            qr/the disk is on fire/ ],
    [ 'it says nothing',     q{begin: open STDOUT, '>', '/dev/null'; exit 3},           qr/failed with exit status 3/ ],
    [ 'it is killed',        q{save: $| = 1; print "still at work\n"; kill 'KILL', $$}, qr/was killed by signal 9/ ],
  )
{
    my ( $what, $text, $reason ) = @$case;
    my $site = CountedSite->new;
    my $fail = $site->folder . '/fail';
    write_file( $site->folder . '/plugins/failing.pm', $plugin );
    $site->{config} .= qq(LoadPlugin="failing $fail"\n);
    $site->use_log('site:cdn');
    $site->deliver( records(@$_) ) foreach @first;
    my ( $status, $output ) = $site->update;
    is( $status, 0, "$what: the months before" ) or diag $output;
    my $before = history_files($site);
    $site->deliver( records(@$_) ) foreach @then;

    foreach my $time ( 'once', 'twice' ) {
        write_file( $fail, $text );
        ( $status, $output ) = $site->update;
        is( $status, 1, "$what, $time: exit status" );
        my @lines = grep { /^Error: ./ } split /\n/, $output;
        is( scalar @lines, 1, "$what, $time: one line says so" ) or diag $output;
        like(
            $lines[0] // '',
qr/^Error: (?:Nothing was counted: )?The separate run of awstats\.pl for the records of 202607 failed \($reason\); correct this, and run the update again/,
            "$what, $time: that line"
        );
        is_deeply( history_files($site), $before, "$what, $time: no history file has changed" );
    }
    unlink $fail;
    ( $status, $output ) = $site->update foreach 1, 2;
    is( $status, 0, "$what: the next update" ) or diag $output;
    is_deeply( $site->numbers, $months, "$what: then everything is counted once" );
}

done_testing;
