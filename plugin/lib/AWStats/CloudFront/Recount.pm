# Counts months of the history anew, for "awstats-cloudfront recount" and "verify".  The program starts awstats.pl
# with the environment variable AWSTATS_CLOUDFRONT_RECOUNT, three descriptors and the months, YYYYMM; none for all
# months:
#
#     LOG,TELL,ANSWER[,MONTH...]
#
# LOG is the normalized log of all counted objects that can have records of the months.  The run counts each
# month as AWStats::CloudFront::OlderPeriods does, into a private folder, and tells through TELL
#
#     locked                       DirData is locked: no update runs or can begin
#     month YYYYMM NEW TAB OLD     the paths of a new history file and of the present one, "-" for none
#     counted                      there are no more months; now the run waits for ANSWER
#     replaced                     the new files are in place
#
# The answer "replace END[,MONTH...]" puts the new files in the place of the old ones, and keeps the old ones of these
# months, with END after their names; anything else leaves the history as it is.
# Each new file keeps the batch that the old one has, so the ledger stays as it is.  The first files of a history get
# the last batch of the ledger.
package AWStats::CloudFront::Recount;
use strict;
use warnings;

use parent -norequire, 'AWStats::CloudFront::StartedRun';
use AWStats::CloudFront::AWStats qw($DatabaseBreak $FileConfig $KeepBackupOfHistoricFiles $UpdateFor);
use AWStats::CloudFront::StartedRun;

sub variable { return 'AWSTATS_CLOUDFRONT_RECOUNT' }
sub purpose  { return 'the recount' }
sub command  { return 'awstats-cloudfront recount (or verify)' }

sub new {
    my ( $class, %setting ) = @_;
    my $self = $class->SUPER::new(%setting);
    $self->{months} = { map { $_ => 1 } @{ $self->{words} } };
    return $self;
}

sub begin {
    my $self = shift;
    return 'recount and verify can be used only where each history file is one of a month, but DatabaseBreak in'
      . " \"$FileConfig\", or -databasebreak, is $DatabaseBreak"
      if $DatabaseBreak ne 'month';
    return 'recount and verify cannot be used with -updatefor; leave it out' if $UpdateFor;
    my $error = $self->_open_pipes( tell => '>', answer => '<' ) || $self->SUPER::begin;
    return $error || eval { $self->_tell('locked'); '' } // $@ =~ s/\n//r;
}

# ---- what the log's handle tells ----

sub on_open {
    my $self = shift;
    $self->{history}->remove_abandoned;
    return;
}

sub on_started {
    return;
}

sub on_first_record {
    return '';    # the runs for single months look at it
}

sub on_batch {
    my ( $self, $feed, $site ) = @_;
    my $history = $self->{history};
    $self->_load('Batch');
    my $batch = AWStats::CloudFront::Batch->new( $feed, $site, history => $history );
    $batch->check($feed);
    $self->{keys} = [ $batch->key, $batch->former_keys ];
    $self->{last} = $history->last_batch( @{ $self->{keys} } ) || $batch->id;
    my $header = AWStats::CloudFront::Feed::header();
    my $names =
      '#Site: ' . $feed->site . "\n" . ( defined $feed->formerly ? '#Formerly: ' . $feed->formerly . "\n" : '' );
    $self->{older} = AWStats::CloudFront::OlderPeriods->new(
        history   => $history,
        start_run => sub { return $self->_start_run(@_) },
        afresh    => 1,
        header    => sub {
            return "$header#Batch: " . $self->_batch_of(shift) . "\n$names";
        },
    );
    return;
}

# Returns the batch that a month's new file must have: the one of its present file.  A month that has no file yet
# gets the last batch of the history; the first file of a history gets the last batch of the ledger.  Dies if the present
# file has other records than those of this site.
sub _batch_of {
    my ( $self, $month ) = @_;
    my $path = $self->{history}->path($month);
    return $self->{last} if !-e $path;
    my @keys = @{ $self->{keys} };
    my $id = AWStats::CloudFront::HistoryFiles::batch_of( $path, @keys );
    my %batches = %{ AWStats::CloudFront::HistoryFiles::batches($path) };
    delete @batches{@keys};
    my ($other) = sort keys %batches;
    die "$path has records of another site, [$other], too, so this month of [$keys[0]] cannot be counted alone;"
      . " choose other months with --month\n"
      if defined $other;
    die "$path has no batch of the site [$keys[0]]: it has counted other logs, whose records a recount would lose;"
      . " choose other months with --month; or, if an older version of recount has made this file, move it away\n"
      if !defined $id;
    return $id;
}

sub _is_wanted {
    my ( $self, $month ) = @_;
    return !%{ $self->{months} } || $self->{months}{$month};
}

sub on_period {
    my ( $self, $record, $feed, $dispatcher ) = @_;
    my $month = $self->{history}->period_of( AWStats::CloudFront::AWStats::date_of($record) );
    return if defined $self->{month} && $self->{month} eq $month;
    $self->{month} = $month;
    my $before = $feed->records - 1;
    my $older = $self->{older};
    my $time = AWStats::CloudFront::AWStats::time_of($record);
    my $is_future = AWStats::CloudFront::AWStats::is_future($time);
    $older->end_log( $before, $is_future ? 0 : $time );

    if ( $self->_is_wanted($month) && !$is_future ) {
        $self->{found}{$month} = 1;
        $dispatcher->divert( $older->log( $month, $before ) );
    }
    else {
        $dispatcher->discard;
    }
    return;
}

# Counts the months, and ends the process: AWStats itself has counted nothing, and must not rewrite its newest
# history file.
sub on_counted {
    my ( $self, $records ) = @_;
    my $older = $self->{older}
      or die "awstats-cloudfront and the plugin cloudfront differ in version; install both of one version\n";
    $older->end_log( $records, 0 );
    $older->run;
    my %old_path = $self->_history_files;
    my $results = $older->results;
    my %new_path = reverse %$results;
    foreach my $month ( sort keys %old_path ) {
        my $old = $old_path{$month};
        $self->_tell( "month $month " . ( $new_path{$old} // '-' ) . "\t" . ( -e $old ? $old : '-' ) );
    }
    $self->_tell('counted');
    my $handle = $self->{answer};
    my $answer = <$handle> // '';
    if ( my ( $end, $kept ) = $answer =~ /^replace ([\w.-]+)((?:,\d{6})*)\n/ ) {
        my @kept = map { $self->{history}->path($_) } $kept =~ /\d+/g;
        $self->_load('Replacement');
        AWStats::CloudFront::Replacement::replace(
            $self->{history}, $results,
            backups => $KeepBackupOfHistoricFiles,
            kept    => { map { $_ => $_ . $end } @kept },
        );
        $self->_tell('replaced');
    }
    exit 0;
}

# Returns those of the wanted months that have records or a history file of this site: month => path of its file.
sub _history_files {
    my $self = shift;
    my $history = $self->{history};
    my %path = map { $_ => $history->path($_) } keys %{ $self->{found} || {} };
    foreach my $month ( grep { !$path{$_} && $self->_is_wanted($_) } $history->periods ) {
        my $file = $history->path($month);
        next if !defined AWStats::CloudFront::HistoryFiles::batch_of( $file, @{ $self->{keys} } );
        $self->_batch_of($month);
        $path{$month} = $file;
    }
    return %path;
}

sub fail {
    my ( $self, $error ) = @_;
    return $self->SUPER::fail( $error =~ s/^Nothing was counted:/The history of "$FileConfig" is unchanged:/r );
}

sub end {
    my $self = shift;
    delete @$self{qw(older tell answer)} if $self->{owner} == $$;    # while the history is locked
    return $self->SUPER::end;
}

1;
