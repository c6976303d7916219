# A batch of records on its way into the history.  A batch is counted once, however often it comes:
# each history file has the ID of the last batch that was counted into it, brought to its name by the
# very rename that brings the numbers, and what has the ID of a batch is not given it again.  Once
# all files have it, the program awstats-cloudfront is told.
package AWStats::CloudFront::Batch;
use strict;
use warnings;

use POSIX ();
use AWStats::CloudFront::History;
use AWStats::CloudFront::OlderBreaks;
use AWStats::CloudFront::Source;

# ID and SITE as in the stream's header.  SETTING: history; command, see OlderBreaks; source, the
# settings of the source.
sub new {
    my ( $class, $id, $site, %setting ) = @_;
    my ( $name, $config ) = map { s/%([0-9A-Fa-f]{2})/chr hex $1/ger } split / /, $site;
    my $self = bless { %setting, id => $id, name => $name, config => $config }, $class;
    $self->{newest} = $setting{history}->newest;
    $self->{older}  = AWStats::CloudFront::OlderBreaks->new(
        history => $setting{history},
        command => $setting{command},
        header  => AWStats::CloudFront::Feed::header() . "#Batch: $id\n#Site: $site\n",
    );
    return $self;
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
    my $id = AWStats::CloudFront::History::batches($path)->{ $self->key };
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
    foreach my $path ( $history->unfinished, keys %$results ) {
        $self->_has($path) or die "$path was not written as a whole\n";
        AWStats::CloudFront::History::sync($path);
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

# Tells the program that the batch is counted.  Returns why that failed, or ''.
sub commit {
    my $self    = shift;
    my $program = eval { AWStats::CloudFront::Source::helper( $self->{source} ) };
    if ( !$program ) {
        chomp( my $fault = $@ );
        return $fault;
    }
    my @config  = defined $self->{config} ? "--config=$self->{config}" : ();
    my @command = ( $program, 'commit', @config, "--site=$self->{name}", "--batch=$self->{id}" );
    no warnings 'exec';
    return '' if system( { $program } @command ) == 0;
    return "'$program commit' "
      . ( $? == -1 ? "does not start: $!" : AWStats::CloudFront::Source::ended($?) );
}

1;
