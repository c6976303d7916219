#!/usr/bin/perl
# The history files of every update are on the disk before they are renamed.  Root gives what it makes in DirData to the
# owner of DirData; an update that may not write there says what to do.
use strict;
use warnings;
use Test::More;
use Cwd                ();
use File::Temp         ();
use IO::Compress::Gzip ();
use FindBin            qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program qw(run write_file);

BEGIN {
    unshift @INC, AWStats::plugin_folder() . '/cloudfront';
}
use AWStats::CloudFront::HistoryFiles;

# Notes what is synced and renamed, in order.
my $notes = File::Temp->newdir;
write_file( "$notes/NoteSync.pm", <<'END' );
package NoteSync;
use IO::Handle;
sub note { my $text = shift; open my $out, '>>', $ENV{NOTES}; print $out "$text\n"; close $out; return }
sub import {
    my $sync = \&IO::Handle::sync;
    no warnings 'redefine';
    *IO::Handle::sync = sub {
        my $name = readlink "/proc/self/fd/" . fileno $_[0];
        note( "sync " . $name =~ s{.*/}{}r =~ s/\d+$/N/r );
        return $sync->(@_);
    };
    *CORE::GLOBAL::rename = sub { note( "rename " . $_[1] =~ s{.*/}{}r ); return CORE::rename( $_[0], $_[1] ) };
    return;
}
1;
END

foreach my $log ( 'site:cdn', 'folder' ) {
    my $site = CountedSite->new;
    $site->use_log( $log eq 'folder' ? $site->source : $log );
    $site->deliver( map { CountedSite::record($_) } '2026-10-10 10:00:00', '2026-11-10 10:00:00' );
    {
        local %ENV = ( %ENV, PERL5OPT => "-I$notes -MNoteSync", NOTES => "$notes/notes", AWSTATS_FRESH => 1 );
        my ( $status, $output ) = $site->update;
        is( $status, 0, "$log: status" ) or diag $output;
    }
    my @notes = split /\n/, Program::content("$notes/notes");
    unlink "$notes/notes";
    my ( %synced, %renamed );
    foreach my $note (@notes) {
        my ( $what, $name ) = split / /, $note;
        if ( $what eq 'sync' ) { $synced{$name} = 1; next; }
        next if $name !~ /^(awstats\d+\.site)\.txt$/;
        $renamed{$name} = 1;
        ok( $synced{"$1.tmp.N"} || $synced{$name}, "$log: $name is synced before it is renamed" ) or diag "@notes";
    }
    is( scalar keys %renamed, 2, "$log: two files are renamed" );
    my ($last) = grep { $_ !~ /\.cloudfront\./ } reverse @notes;    # a private folder goes at the end
    is( $last, 'sync data', "$log: and then the folder is synced" );
}

SKIP: {
    skip 'only root can give files away', 10 if $> != 0;
    my ( $other, $third ) = ( 65533, 65532 );
    my $site = CountedSite->new;
    my $data = $site->folder . '/data';
    chown $other, $other, $data or die "$data: $!\n";
    $site->deliver( map { CountedSite::record($_) } '2026-10-10 10:00:00', '2026-11-10 10:00:00' );
    my ( $status, $output ) = $site->update;
    is( $status, 0, 'an update by root: status' ) or diag $output;
    my %owner = map { s{.*/}{}r => ( stat $_ )[4] } glob "$data/*";
    is_deeply(
        \%owner,
        {
            'awstats.site.cloudfront.lock' => $other,
            'awstats102026.site.txt'       => $other,
            'awstats112026.site.txt'       => $other
        },
        'an update by root: what it makes belongs to the owner of DirData'
    );
    link "$data/awstats.site.cloudfront.lock", "$data/second" or die;
    chown 0, 0, "$data/second";
    $site->update;
    is( ( stat "$data/second" )[4], 0, 'a file with a second name is not given away' );
    unlink "$data/second";
    chown $other, $other, "$data/awstats.site.cloudfront.lock";

    # Locks the history as another user.
    my $lock_as = sub {
        my ($user) = @_;
        my $pid = open my $out, '-|' // die;
        if ( !$pid ) {
            ( $(, $) ) = ( $user, "$user $user" );
            ( $<, $> ) = ( $user, $user );
            my $history = AWStats::CloudFront::HistoryFiles->new(
                folder  => $data,
                program => 'awstats',
                suffix  => '.site',
                period  => 'month'
            );
            print eval { $history->lock } // $@;
            close STDOUT;
            require POSIX;
            POSIX::_exit(0);
        }
        return join '', <$out>;
    };
    chmod 0755, $site->folder;
    is( $lock_as->($other), '', 'the owner can update after root' );
    chown 0, 0, "$data/awstats.site.cloudfront.lock";
    is(
        $lock_as->($other),
        "$data/awstats.site.cloudfront.lock: Permission denied; an update of another user has made the file:"
          . " as root, run: chown user $other $data/awstats*.site.*\n" =~ s/user //r,
        'a lock that root has made'
    );
    is(
        $lock_as->($third),
        "$data/awstats.site.cloudfront.lock: Permission denied; the folder belongs to user $other, and this update"
          . " runs as user $third: run it as user $other\n",
        'a folder of another user'
    );
    chown $other, $other, "$data/awstats.site.cloudfront.lock" or die;
    chmod 0444, "$data/awstats.site.cloudfront.lock";
    is(
        $lock_as->($other),
        "$data/awstats.site.cloudfront.lock: Permission denied; its permissions forbid this:"
          . " run: chmod u+rw $data/awstats.site.cloudfront.lock\n",
        'an own lock that may not be written'
    );
    unlink "$data/awstats.site.cloudfront.lock";
    my $mode = ( stat $data )[2] & oct '7777';
    chmod 0555, $data;
    is(
        $lock_as->($other),
        "$data/awstats.site.cloudfront.lock: Permission denied; the folder belongs to user $other, and this update"
          . " runs as user $other: run: chmod u+rwx $data\n",
        'an own folder that may not be written'
    );
    chmod $mode, $data;
    chown 0, 0, $data or die;
    is(
        $lock_as->($other),
        "$data/awstats.site.cloudfront.lock: Permission denied; the folder belongs to root, and this update"
          . " runs as user $other: as root, run: chown $other $data\n",
        'a folder of root, whose update runs as another user, too'
    );
    my $plain = $data;
    $data = "$plain/it's data";
    mkdir $data, 0755 or die "$data: $!\n";
    chmod 0755, $plain;
    like(
        $lock_as->($other),
        qr/: as root, run: chown $other '\Q$plain\E\/it'\\''s data'\n/,
        'a folder with a blank: quotes'
    );
    rmdir $data;
    $data = $plain;
    chown $other, 0, $data or die;
    unlink "$data/awstats.site.cloudfront.lock";
    symlink "$data/planted", "$data/awstats.site.cloudfront.lock" or die;
    like( $lock_as->($other), qr/cloudfront\.lock: /, 'a link in place of the lock is not followed' );
    ok( !-e "$data/planted", 'a link in place of the lock: no file is made' );
}

# A relative DirData is the folder that awstats.pl takes: "." and none are its own folder, other paths with a dot first begin
# there, and any other in the current folder.  awstats.pl also demands that the given path is there in the current folder.
foreach my $case (
    [ '.',        '/current', '' ],
    [ '',         '/current', '' ],
    [ './data/',  '',         '/data' ],
    [ '.history', '',         '/.history' ],
    [ 'data',     '/current', '/current/data' ]
  )
{
    my ( $given, $current, $folder ) = @$case;
    my $site = CountedSite->new( config => "DirData=\"$given\"\n" );
    my $history = $site->folder . $folder;
    my $working = Cwd::getcwd();
    mkdir $_ foreach $site->folder . '/current', $history;
    chdir $site->folder . $current or die;
    foreach my $by (qw(awstats.pl update)) {
        $site->deliver( CountedSite::record( $by eq 'update' ? '2026-11-10 10:00:00' : '2026-10-10 10:00:00' ) );
        my ( $status, @output ) =
          $by eq 'update' ? $site->update_by_program( '--report=' . $site->folder . '/report' ) : $site->update;
        is( $status, 0, "DirData=$given: $by" ) or diag @output;
    }
    is_deeply(
        [ map { s{^\Q$history\E/}{}r } glob "$history/awstats*.txt" ],
        [ 'awstats102026.site.txt', 'awstats112026.site.txt' ],
        "DirData=$given: the history"
    );
    ok( -s $site->folder . '/report/cdn/awstats.html', "DirData=$given: the report" );
    my ( $status, $output ) = $site->command('check');
    my ($checked) = $output =~ / dirdata: (?:.* beside itself, in )?(.*?)[,;]/;
    is( Cwd::abs_path( $checked // '' ), $history, "DirData=$given: check" ) or diag $output;
    ( $status, $output ) = $site->command('verify');
    is( $status, 0, "DirData=$given: verify" ) or diag $output;
    chdir $working                             or die;
}

# What stands in the place of a history file that AWStats cannot read is named, and stays.
{
    my $site = CountedSite->new;
    $site->deliver( CountedSite::record('2026-11-10 10:00:00') );
    is( ( $site->update_by_program )[0], 0, 'a history' );
    $site->deliver( CountedSite::record('2026-11-10 11:00:00') );
    my ($history) = glob $site->folder . '/data/awstats112026.site.txt';
    IO::Compress::Gzip::gzip( \Program::content($history), "$history.gz" ) or die;
    rename "$history.gz", $history or die;
    my $bytes = Program::content($history);
    my ( $status, undef, $error ) = $site->update_by_program;
    is( $status, 1, 'a compressed history: exit status' );
    is(
        $error,
        qq(awstats-cloudfront: [cdn]: $history: this is no AWStats history file: the first line does not begin with)
          . qq( "AWSTATS DATA FILE "; restore the file from a backup\n),
        'a compressed history: message'
    );
    is( Program::content($history), $bytes, 'a compressed history stays' );
    unlink $history;
    mkdir $history or die;
    ( $status, undef, $error ) = $site->update_by_program;
    is( $status, 1, 'a folder: exit status' );
    is(
        $error,
        "awstats-cloudfront: [cdn]: $history: AWStats cannot read this history file: Is a directory; correct this, and"
          . " run the update again\n",
        'a folder: message'
    );
}

done_testing;
