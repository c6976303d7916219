# A batch of records on its way into the history.  A batch is counted once, however often it comes:
# each history file has the ID of the last batch that was counted into it, brought to its name by the
# very rename that brings the numbers, and what has the ID of a batch is not given it again.  Once
# all files have it, the program awstats-cloudfront is told.
package AWStats::CloudFront::Batch;
use strict;
use warnings;

use AWStats::CloudFront::HistoryFiles;
use AWStats::CloudFront::OlderPeriods;
use AWStats::CloudFront::Source;

# ID and SITE as in the stream's header.  SETTING: history; command, see OlderBreaks; source, the
# settings of the source.
sub new {
    my ( $class, $id, $site, %setting ) = @_;
    my ( $name, $config ) = map { s/%([0-9A-Fa-f]{2})/chr hex $1/ger } split / /, $site;
    my $self = bless { %setting, id => $id, name => $name, config => $config }, $class;
    $self->{newest} = $setting{history}->newest;
    $self->{older}  = AWStats::CloudFront::OlderPeriods->new(
        history => $setting{history},
        command => $setting{command},
        header  => AWStats::CloudFront::Feed::header() . "#Batch: $id\n#Site: $site\n",
    );
    return $self;
}

# Dies with the reason when the batch must not be counted into this history.  It goes on from the
# batch that the header names as the previous one; the history has, of this site,
#
#     that batch, or     what is usual, and what the very first time is like: none, and "-"
#     this batch         the update that counted it was killed before it could say so
#     none               the history was deleted, or is of another configuration
#     an older one       it is a copy that was put back
#     a newer one, or    the ledger is a copy that was put back,
#     any, where it is to have none    or was deleted
#
# Without #Previous the ledger does not know: it was written before there was such a line, or read
# without the plugin last, and the history may be whatever it is.  A batch that replaces others, of
# which objects are gone, must not come after one of those.
sub check {
    my ( $self, %header ) = @_;
    my $last = $self->{last} = $self->{history}->last_batch( $self->key );
    if ( defined $header{replaces} ) {
        my @files = $self->{history}->files_with( $self->key, split / /, $header{replaces} );
        die "It is what is left of a batch of [$self->{name}] that was counted, in @files;"
          . ' put back the objects that are gone, or end that batch: '
          . $self->_command( '--batch=' . ( split / /, $header{replaces} )[0] ) . "\n"
          if @files;
    }
    my $previous = $header{previous} // return;
    return if $last eq ( $previous eq '-' ? '' : $previous ) || $last eq $self->{id};
    my ( $what, $effect ) =
      $previous ne '-' && $previous gt $last
      ? ( 'the history', 'what was counted since is missing' )
      : ( 'the ledger', 'what was counted since would be counted again' );
    die "The last batch of [$self->{name}] is $previous in its ledger and "
      . ( $last || '-' )
      . " in the history in $self->{history}{folder}: $what was deleted or is an old copy, and $effect;"
      . ' put back what belongs together, or remove both to count anew; to accept both as they are, run: '
      . $self->_command( '--previous=' . ( $last || '-' ) ) . "\n";
}

# A command of the program about this site, for a shell.
sub _command {
    my ( $self, @arguments ) = @_;
    my $config = $self->{config} // '';
    unshift @arguments, "--site=$self->{name}";
    unshift @arguments, "--config=$config" if $config ne '' && $config ne '/etc/awstats/cloudfront.conf';
    return join ' ', 'awstats-cloudfront commit',
      map { m{^[\w=./:,+-]+$} ? $_ : "'" . s/'/'\\''/gr . "'" } @arguments;
}

sub id {
    my $self = shift;
    return $self->{id};
}

# The site's name as it stands in history files.
sub key {
    my $self = shift;
    return $self->{name} =~ s/([^\w.-])/sprintf '%%%02X', ord $1/ger;
}

# Where the records of a break go: undef, AWStats; a handle, a file, for a run of their own; 0,
# nowhere, since they were counted before.  BEFORE: how many records came before these; TIME: of the
# first of these, YYYYMMDDhhmmss.
sub aside {
    my ( $self, $break, $before, $time ) = @_;
    $self->{older}->end_log( $before, $time );
    $self->{next} ||= $time if $self->{backlog};
    return 0 if $self->_has( $self->{history}->path($break) );
    return $self->_alone($break) ? $self->{older}->log( $break, $before ) : undef;
}

# The time of the record that comes after those that AWStats has to itself, YYYYMMDDhhmmss; 0 when
# there is none.
sub next_time {
    my $self = shift;
    return $self->{next} || 0;
}

sub _has {
    my ( $self, $path ) = @_;
    my $id = AWStats::CloudFront::HistoryFiles::batches($path)->{ $self->key };
    return defined $id && $id eq $self->{id};
}

# AWStats' loop goes from the newest history file on.  Where there is no history yet, it has the
# first break to itself, and long ones after it are counted beside it.
sub _alone {
    my ( $self, $break ) = @_;
    if ( !$self->{newest} ) {
        $self->{newest}  = $break;
        $self->{backlog} = $self->{history}{break} =~ /^(?:month|year)$/;
    }
    return $break lt $self->{newest} || ( $self->{backlog} && $break gt $self->{newest} );
}

# Counts what was put aside, now that the whole stream has come, RECORDS of them.  LAST: the time of
# the last record counted so far.  Returns break => how many records were counted.  Dies with the
# reason when that fails.
sub count_aside {
    my ( $self, $records, $last ) = @_;
    $self->{older}->end_log( $records, $last );
    return $self->{older}->run;
}

# Brings the numbers to the history, for good.  RENAME: renames what this process itself has written;
# true on success.  Dies with the reason when that fails.
sub finish {
    my ( $self, $rename ) = @_;
    my $history = $self->{history};
    my $results = $self->{older}->results;
    my @paths   = ( $history->unfinished, keys %$results );
    $self->{last} = $self->{id} if @paths;
    foreach my $path (@paths) {
        $self->_has($path) or die "$path was not written as a whole\n";
        AWStats::CloudFront::HistoryFiles::sync($path);
    }
    foreach my $path ( sort keys %$results ) {
        rename $path, $results->{$path} or die "$results->{$path}: $!\n";
    }
    $rename->() && !$history->unfinished or die "the history files could not be renamed\n";
    $history->sync_folder;
    return;
}

# Gives the files that are to be replaced a second name, as AWStats names backups.
sub keep_backups {
    my $self  = shift;
    my @files = map { s/\.tmp\.\d+$/.txt/r } $self->{history}->unfinished;
    foreach my $file ( @files, values %{ $self->{older}->results } ) {
        my $backup = $file =~ s/\.txt$/.bak/r;
        next if !-e $file;
        unlink $backup;
        link $file, $backup;
    }
    return;
}

# Tells the program that the batch is counted, and what the history has, which is no batch yet when
# AWStats has not found a record worth counting.  Returns why that failed, or ''.
sub commit {
    my $self    = shift;
    my $program = eval { AWStats::CloudFront::Source::helper( $self->{source} ) };
    if ( !$program ) {
        chomp( my $fault = $@ );
        return $fault;
    }
    my @config  = defined $self->{config} ? "--config=$self->{config}" : ();
    my @command = ( $program, 'commit', @config, "--site=$self->{name}", "--batch=$self->{id}",
        '--previous=' . ( $self->{last} || '-' ) );
    no warnings 'exec';
    return '' if system( { $program } @command ) == 0;
    return "'$program commit' "
      . ( $? == -1 ? "does not start: $!" : AWStats::CloudFront::Source::ended($?) );
}

1;
