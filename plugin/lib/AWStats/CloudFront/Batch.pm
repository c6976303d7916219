# Counts a batch of records into the history exactly once, even if the batch comes several times.  Each history
# file stores the ID of the last batch counted into it; the rename that puts the numbers in place puts the ID in
# place, too.  A batch is not counted again into a file that has its ID.  Once all files have the ID, the plugin
# commits the batch to the ledger of the program awstats-cloudfront.
package AWStats::CloudFront::Batch;
use strict;
use warnings;

use AWStats::CloudFront::HistoryFiles;
use AWStats::CloudFront::OlderPeriods;
use AWStats::CloudFront::Source;
use AWStats::CloudFront::Text;

# FEED has read the stream's header.  SITE: { name, config, log }.  SETTING: history; start_run, see
# AWStats::CloudFront::OlderPeriods; commit, see AWStats::CloudFront::Source::commit().
sub new {
    my ( $class, $feed, $site, %setting ) = @_;
    my $id = $feed->batch;
    my $former = $feed->formerly;
    my $self = bless { %setting, id => $id, %$site }, $class;
    $self->{keys} = [ map { _key($_) } $site->{name}, reverse AWStats::CloudFront::Source::words($former) ];
    my $header = join ' ', map { s/([^\x21-\x7E]|%)/sprintf '%%%02X', ord $1/ger } @$site{qw(name config)};
    $self->{newest} = $setting{history}->newest;
    $self->{older} = AWStats::CloudFront::OlderPeriods->new(
        history   => $setting{history},
        start_run => $setting{start_run},
        header    => AWStats::CloudFront::Feed::header()
          . "#Batch: $id\n#Site: $header\n"
          . ( defined $former ? "#Formerly: $former\n" : '' ),
    );
    return $self;
}

# Dies with an error when the batch must not be counted into this history.  FEED has read the facts of the ledger: the
# history that counts the site, the last batch of this history ("-" for none), the last batch of each file, and earlier
# revisions of this batch.
sub check {
    my ( $self, $feed ) = @_;
    $self->{last} = $self->{history}->last_batch( @{ $self->{keys} } );
    $self->_check_replaced( $feed->replaces ) if defined $feed->replaces;
    $self->_check_history( AWStats::CloudFront::Source::words( $feed->history ) );
    return if !defined $feed->previous;
    $self->_check_previous( $feed->previous );
    $self->{is_first} = $feed->previous eq '-' && $self->{last} eq '' && !defined $feed->history;
    $self->{file_batch} = { map { split /=/ } split / /, $feed->files // '' };
    my ($newest) = reverse sort keys %{ $self->{file_batch} };
    $self->_check_file($newest) if defined $newest;
    return;
}

# A batch that replaces earlier revisions, because objects are gone, must not be counted if one of these revisions was
# counted.
sub _check_replaced {
    my ( $self, $replaces ) = @_;
    my @ids = split / /, $replaces;
    my @files = $self->{history}->files_with( $self->{keys}, @ids );
    die "@files: AWStats has counted this batch already, with objects that are gone from the source of [$self->{name}]"
      . ' now, and would count the other objects twice; put the objects back, or, to keep what is counted and go on without them, run: '
      . $self->_command( 'commit', "--batch=$ids[0]" ) . "\n"
      if @files;
    return;
}

# One history counts a site.  KNOWN: the name of the history in the ledger; undef when no update has named it yet.  Then
# a history that has only batches of another site may have counted the same objects under that name: a site that was
# renamed has an empty ledger.
sub _check_history {
    my ( $self, $known ) = @_;
    my ( $name, $history ) = ( $self->{name}, $self->{history}->label );
    my $accept = $self->_command( 'adopt', "--history=$history" );
    if ( defined $known ) {
        return if $known eq $history;
        my $lacks = $self->{last} eq '' ? ", which has not counted [$name] yet" : '';
        die "The site [$name] is counted in the AWStats history $known, but this AWStats configuration has the"
          . " history $history$lacks; if it is a second one for the same logs, give it a section of its own in"
          . " $self->{config}; if the history has moved or has a new name, move or rename its files, and run: $accept\n";
    }
    return if $self->{last} ne '';
    my ($other) = map { s/%([0-9A-F]{2})/chr hex $1/ger } $self->{history}->sites or return;
    die "The AWStats history $history has counted the site [$other], and not [$name] yet; if that is a mistake, correct"
      . " LogFile or DirData; if [$name] is the new name of [$other], write the ledger file of [$other] into the"
      . " section [$name] as the setting \"state\", and run this (otherwise all its objects are counted again): "
      . $self->_command( 'adopt', "--former=$other" )
      . "; if both sites are to be counted in this history, run: $accept\n";
}

# The history's last batch of this site is
#
#     that before     the usual case
#     this batch      the update that counted it was killed before the commit
#     none            the history was deleted, or is of another configuration
#     an older one    the history is an old copy
#     any other one   the ledger is an old copy, or was deleted
#
# Without PREVIOUS the ledger does not know the history, and accepts any: the ledger was last read without the
# plugin, or by a version that did not write the line.
sub _check_previous {
    my ( $self, $previous ) = @_;
    my $last = $self->{last};
    return if $last eq ( $previous eq '-' ? '' : $previous ) || $last eq $self->{id};
    my ( $what, $effect, $accept ) =
      $previous ne '-' && $previous gt $last
      ? ( 'the history', 'what was counted since is missing', $self->_to_go_on )
      : ( 'the ledger', 'what was counted since would be counted again', 'to count it twice all the same' );
    die "The last counted batch of [$self->{name}] is $previous in its ledger (the setting \"state\") and "
      . ( $last || '-' )
      . " in the AWStats history in $self->{history}{folder}: $what was deleted or replaced by an old copy, so $effect;"
      . ' restore both from one backup, or delete both to count all that is still in the source again;'
      . " $accept, run: "
      . $self->_command( 'commit', '--previous=' . ( $last || '-' ) ) . "\n";
}

sub _to_go_on {
    my $self = shift;
    my $later =
      $self->{history}->has_months ? ', which awstats-cloudfront recount can count again after that update' : '';
    return "to go on without it$later";
}

# The file of a period has the batch that the ledger knows, or a later batch if its update was killed before the
# commit.  Returns the batch that the file has, or ''.  A plan has the same words (update/history.c of the helper).
sub _check_file {
    my ( $self, $period ) = @_;
    my $path = $self->{history}->path($period);
    my $id = AWStats::CloudFront::HistoryFiles::batch_of( $path, @{ $self->{keys} } ) // '';
    my $known = $self->{file_batch}{$period};
    return $id if !defined $known || $id ge $known;

    my $what =
        !-e $path ? "is missing, and [$self->{name}] has records in it"
      : $id eq '' ? "does not name its last batch of [$self->{name}], so it is corrupt or another program wrote it"
      :             "is an old copy: the last batch of [$self->{name}] is $id there, and $known in the ledger";
    die "The history file $path $what; restore the file from a backup of the same time as the ledger; "
      . $self->_to_go_on
      . ', run: '
      . $self->_command( 'commit', '--previous=' . ( $self->{last} || '-' ) ) . "\n";
}

# The first batch of a site, with all logs that the source has, must not be counted into the file of a period that
# another program has counted up to a later TIME, YYYYMMDDhhmmss: it has probably counted the same logs.
sub _check_first {
    my ( $self, $period, $time ) = @_;
    my $last = $self->{history}->last_time($period);
    return if $last lt $time;
    my $path = $self->{history}->path($period);
    my ( $from, $to ) = map { s/^(....)(..)(..)(..)(..)(..)/$1-$2-$3 $4:$5:$6/r } $time, $last;
    die "The history file $path has records up to $to that [$self->{name}] has not counted, and the new logs have"
      . " records from $from on: if another program has counted all these logs, mark them as counted: "
      . $self->_command( 'commit', "--batch=$self->{id}" )
      . '; or, to count them anew, move the file away; if they are not counted yet, run: '
      . $self->_command( 'adopt', '--history=' . $self->{history}->label ) . "\n";
}

# Returns the options with which "awstats-cloudfront commit" marks the batch as counted.
sub _as_counted {
    my $self = shift;
    return ( "--batch=$self->{id}", '--previous=' . ( $self->{last} || '-' ) );
}

# Returns a command line that commits the batch although it is not counted, one that counts the site's months
# again, and one that gives up the site's plan, all for a shell.
sub command_to_skip {
    my $self = shift;
    return $self->_command( 'commit', $self->_as_counted );
}

sub command_to_recount {
    my $self = shift;
    return $self->_command('recount');
}

sub command_to_abandon {
    my $self = shift;
    return $self->_command('plan --abandon');
}

# Returns a command line of the program for this site, for a shell.
sub _command {
    my ( $self, $command, @arguments ) = @_;
    unshift @arguments, "--site=$self->{name}";
    unshift @arguments, "--config=$self->{config}" if $self->{config} ne '/etc/awstats/cloudfront.conf';
    return join ' ', "awstats-cloudfront $command", map { AWStats::CloudFront::Text::shell_word($_) } @arguments;
}

# Returns whether the update is a dry run: it counts the batch, and saves nothing.
sub is_dry_run {
    my $self = shift;
    return $self->{log} && $self->{log}->is_dry_run;
}

sub id {
    my $self = shift;
    return $self->{id};
}

sub name {
    my $self = shift;
    return $self->{name};
}

# Returns the site's name as history files have it.
sub key {
    my $self = shift;
    return $self->{keys}[0];
}

sub _key {
    my $name = shift;
    return $name =~ s/([^\w.-])/sprintf '%%%02X', ord $1/ger;
}

# Returns the names that the site had before, as history files have them.
sub former_keys {
    my $self = shift;
    my ( $key, @former ) = @{ $self->{keys} };
    return grep { $_ ne $key } @former;
}

# Tells READER where the records of a period go: to AWStats; or to a file, for a separate run; or nowhere, since
# they are in the history already.  BEFORE: how many records came before these.  TIME: the time of the first of
# these, YYYYMMDDhhmmss; 0 when AWStats leaves these records out because their time is in the future, so they end no
# visit.
sub route {
    my ( $self, $dispatcher, $period, $before, $time ) = @_;
    $self->_check_first( $period, $time ) if $self->{is_first} && $time;
    $self->{older}->end_log( $before, $time );
    if ( $self->_check_file($period) eq $self->{id} ) {
        $dispatcher->discard;
    }
    else {
        $dispatcher->divert( $self->_is_separate($period) ? $self->{older}->log( $period, $before ) : undef );
    }
    return;
}

# A record of the period was counted.
sub set_counted {
    my ( $self, $period ) = @_;
    $self->{counted}{$period} = 1;
    return;
}

sub _has {
    my ( $self, $path ) = @_;
    my $id = AWStats::CloudFront::HistoryFiles::batch_of( $path, @{ $self->{keys} } );
    return defined $id && $id eq $self->{id};
}

# Returns whether a period needs a separate run.  AWStats' loop goes on from the newest history file, or if there is no
# file, from the first period that comes.
sub _is_separate {
    my ( $self, $period ) = @_;
    $self->{newest} ||= $period;
    return $period lt $self->{newest};
}

# Counts the periods that need separate runs, once the whole stream of RECORDS records has come.  LAST: the
# time of the last record counted so far.  Returns what AWStats::CloudFront::OlderPeriods::run() returns.
# Dies with an error.
sub count_older_periods {
    my ( $self, $records, $last ) = @_;
    $self->{older}->end_log( $records, $last );
    return $self->{older}->run;
}

# Puts all new history files in place, for good.  RENAME: renames those that this process itself has written;
# returns true on success.  Dies with an error.
sub finish {
    my ( $self, $rename ) = @_;
    my $history = $self->{history};
    my $results = $self->{older}->results;
    my @paths = ( $history->unfinished, sort keys %$results );
    $self->{last} = $self->{id} if @paths;
    foreach my $path (@paths) {
        $self->_has($path) or die "$path was not written to its end; check the disk\n";
    }
    $history->settle($_) foreach keys %$results;
    foreach my $path ( sort keys %$results ) {
        rename $path, $results->{$path} or die "$results->{$path}: $!\n";
    }
    $history->put_in_place($rename);
    $self->{files} = join ' ', sort map { $history->period_of_file($_) } @paths;
    return;
}

# Keeps the files that finish() replaces, by hard links with the names that AWStats gives its backups.
sub keep_backups {
    my $self = shift;
    my @files = map { s/\.tmp\.\d+$/.txt/r } $self->{history}->unfinished;
    foreach my $file ( @files, values %{ $self->{older}->results } ) {
        my $backup = $file =~ s/\.txt$/.bak/r;
        next if !-e $file;
        unlink $backup;
        link $file, $backup;
    }
    return;
}

# Commits the batch, and tells the ledger the last batch in the history: none ("-") when AWStats has never
# found a record to count.  FIGURES: the numbers of records by outcome, a text.  Returns an error, or ''.
sub commit {
    my ( $self, $figures ) = @_;
    return $self->{commit}->(
        batch    => $self->{id},
        previous => $self->{last} || '-',
        history  => $self->{history}->label,
        files    => $self->{files} // '',
        figures  => $figures,
        periods  => join( ' ', sort keys %{ $self->{counted} } ),
    );
}

1;
