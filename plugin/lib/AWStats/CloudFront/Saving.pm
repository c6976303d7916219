# How an update saves: methods replace the functions of awstats.pl that list, write, rename and give up history files.
# Each method gets the function that it replaces.  This is the base class of AWStats::CloudFront::Update, whose fields the
# methods use.
package AWStats::CloudFront::Saving;
use strict;
use warnings;
no warnings qw(imprecision numeric uninitialized);    # awstats.pl has none, and its counters may be anything

use AWStats::CloudFront::AWStats
  qw($DirData $ExtraTrackedRowsLimit $KeepBackupOfHistoricFiles $LastLine $SectionsToBeSaved @ExtraName %DayBytes %DayHits
  %FirstTime %_domener_h %_domener_k %_filetypes_h %_filetypes_k %_robot_l %_unknownreferer_l
  %_unknownrefererbrowser_l %_worm_l warning);

# The sections that count bytes without a hit: the hashes of hits and of bytes.
my %bytes_without_hits = (
    day       => [ \%DayHits,      \%DayBytes ],
    domain    => [ \%_domener_h,   \%_domener_k ],
    filetypes => [ \%_filetypes_h, \%_filetypes_k ],
);

# Replaces the functions until the end of the update.
sub replace_saving {
    my $self = shift;
    $self->replace_function( 'file_filt',                   '_list_files' ) if defined &main::file_filt;
    $self->replace_function( 'Read_History_With_TmpUpdate', '_update_history' );
    $self->replace_function( 'Save_History',                '_save_history' );
    $self->replace_function( 'Rename_All_Tmp_History',      '_rename_history' );
    $self->replace_function( 'error',                       '_stop_with_error' );
    return;
}

# Lets AWStats list files, without those of other histories.  AWStats ignores case when it looks for its newest file: beside
# a later file of CDN, it would count the records of cdn into the wrong month.
sub _list_files {
    my ( $self, $list, @files ) = @_;
    return $list->( grep { !$self->{history}->is_in_other_case($_) } @files );
}

# Lets AWStats add what it has counted to a history file.
sub _update_history {
    my ( $self, $update, @arguments ) = @_;
    my ( $saves, $part ) = @arguments[ 4, 6 ];
    $self->{outcome}->before_save if $self->{outcome};
    local $self->{saves_between} = $self->{loop} && $self->{loop}->saves_between;
    my $loop = $saves ? $self->{loop} : undef;
    local $self->{saving} = $loop && $part eq 'all' && $SectionsToBeSaved eq 'all' ? $self->{history_file} : undef;
    $loop->before_save( !$self->{saving} ) if $loop;
    $self->_refuse_full_section( $loop->full_section ) if $loop && $loop->full_section;
    tie *main::HISTORY, 'AWStats::CloudFront::HistoryHandle', $self->{saving} if $self->{saving};
    local $self->{first_times} = {%FirstTime};
    local $self->{last_times} = $saves && $part eq 'all' && $self->counts_late ? _take_last_times() : {};
    my $file = $update->(@arguments);
    $self->_put_last_times($_) foreach keys %{ $self->{last_times} };    # of sections that are not saved

    if ( $self->{saving} ) {
        untie *main::HISTORY;
        $self->{saving}->end;
    }
    $loop->after_save if $loop;
    $self->{outcome}->after_save if $self->{outcome};
    return $file;
}

# Stops as AWStats does.  AWStats stops at the record with the first row that is too many, but several threads know only
# together how many rows there are.
sub _refuse_full_section {
    my ( $self, $section ) = @_;
    main::error( "Extra section $section has more rows than ExtraTrackedRowsLimit=$ExtraTrackedRowsLimit allows;"
          . ' raise the limit, or let the section take less of its field' );
    return;
}

# Whether the log is a batch, of which AWStats also counts records that are older than those of the update before.
sub counts_late {
    my $self = shift;
    return scalar %{ $self->{counted} };
}

# Returns the hashes of AWStats that have the time of each row's last record, section => hash.
sub _last_times {
    no strict 'refs';
    return (
        robot                 => \%_robot_l,
        worms                 => \%_worm_l,
        unknownreferer        => \%_unknownreferer_l,
        unknownrefererbrowser => \%_unknownrefererbrowser_l,
        map { ( "extra_$_" => \%{"main::_section_${_}_l"} ) } 1 .. $#ExtraName
    );
}

# Takes the times of this update's last records out of AWStats' hashes, and returns them.  AWStats reads the times that
# the history file has only into empty places, since its own records are later.  Late records are not.
sub _take_last_times {
    my %hash_of = _last_times();
    my %taken;
    foreach my $section ( keys %hash_of ) {
        $taken{$section} = { hash => $hash_of{$section}, times => { %{ $hash_of{$section} } } };
        %{ $hash_of{$section} } = ();
    }
    return \%taken;
}

# Puts the times of a section back, where the history file has none or an earlier one.
sub _put_last_times {
    my ( $self, $section ) = @_;
    my $taken = delete $self->{last_times}{$section} or return;
    my ( $hash, $times ) = @$taken{qw(hash times)};
    foreach my $key ( keys %$times ) {
        $hash->{$key} = $times->{$key} if !$hash->{$key} || $times->{$key} > $hash->{$key};
    }
    return;
}

# Puts the time of the first visit back that this update has found, where the history file has no page view yet: AWStats
# takes the 0 that stands there for the earliest time.  A file with page views and 0, as AWStats alone leaves it, keeps the 0,
# since nothing tells which view was the first one.
sub _put_first_time {
    my ( $self, $period ) = @_;
    my $time = $self->{first_times}{$period};
    $FirstTime{$period} = $time if $time && !$FirstTime{$period} && !$self->{history}->has_page($period);
    return;
}

# Writes a section of a history file, or lets AWStats write it.  AWStats ends visits by the time of the newest record;
# in the middle of a log no visit may end, since a late record may belong to it.  AWStats does not save the bytes of a
# partial download for a row that has no hit yet, so what it saves would depend on when updates run; with partial=stock,
# too, such a row may still get a hit in the middle of a log, and another shard may have one for it.
sub _save_history {
    my ( $self, $save, @arguments ) = @_;
    my $newest = $LastLine;
    $self->_put_last_times( $arguments[0] );
    $self->_put_first_time( $arguments[3] ) if $arguments[0] eq 'general';
    $LastLine = 0 if $self->{saves_between} && $arguments[0] eq 'visitor';
    if ( $self->{saves_between} || $self->is_of_shard || $self->{parameter}{partial} eq 'exact' ) {
        my ( $hits, $bytes ) = @{ $bytes_without_hits{ $arguments[0] } || [ {}, {} ] };
        $hits->{$_} += 0 foreach grep { $bytes->{$_} } keys %$bytes;
    }
    my $done = $self->{saving} && $self->{saving}->save( @arguments[ 0 .. 2 ] ) || $save->(@arguments);
    $LastLine = $newest;
    return $done;
}

# Lets AWStats rename its history files.  Fails when AWStats has not renamed all: AWStats itself would report success,
# and so would the run that waits for this one.  After this function the update is done.
sub _rename_history {
    my ( $self, $rename ) = @_;
    if   ( $self->{batch} ) { $self->_finish_batch($rename); }
    else                    { $self->_check_rename($rename); }
    $self->end;
    return 1;
}

sub _check_rename {
    my ( $self, $rename ) = @_;
    return if eval { $self->{history}->put_in_place($rename); 1 };
    chomp( my $error = $@ );
    $self->fail("The history in \"$DirData\" could not be saved: $error");
    return;
}

sub _finish_batch {
    my ( $self, $rename ) = @_;
    my $batch = $self->{batch};
    my $backups = $KeepBackupOfHistoricFiles;

    # AWStats would move a file to its backup: if it were killed then, there would be no history.
    local $KeepBackupOfHistoricFiles = 0;
    if ( !eval { $batch->keep_backups if $backups; $batch->finish($rename); 1 } ) {
        chomp( my $error = $@ );
        $self->fail("The history could not be saved: $error; run the update again, which counts what is missing");
    }
    my $error = $batch->commit( $self->_figures );
    warning('Warning: Plugin cloudfront counted all records but could not mark them as counted:'
          . " $error; run the update again, which marks them, and counts no record twice" )
      if $error;
    return;
}

sub _stop_with_error {
    my ( $self, $error, @arguments ) = @_;
    my $reason = $!;
    my $advice = $!{ENOSPC} || $!{EDQUOT} ? 'free space there, and ' : '';
    my $folder = $DirData;
    $self->end;

    # awstats.pl does not say why it cannot close the file.
    $arguments[0] =
        "The history in \"$DirData\" could not be saved: $reason;"
      . " ${advice}run the update again, which counts the same logs"
      if ( $arguments[0] // '' ) eq 'Failed to write temporary history file';

    # awstats.pl takes a file without its first line for one of an old version, and advises to remove the file.
    $arguments[0] =
        "$1: this is no AWStats history file: the first line does not begin with \"AWSTATS DATA FILE \";"
      . ' restore the file from a backup'
      if ( $arguments[0] // '' ) =~ /^History file '(.*)' is to old \(version '0'\)/;
    $arguments[0] = "$1: AWStats cannot read this history file: $reason; correct this, and run the update again"
      if ( $arguments[0] // '' ) =~ /^Command for pipe '(\Q$folder\E\/.*)' failed$/;
    $arguments[0] = $self->in_own_words( $arguments[0] );
    return $error->(@arguments);
}

# Returns an error in the words of the command that has started this update.
sub in_own_words {
    my ( $self, $error ) = @_;
    return $error;
}

1;
