# Counts a batch into the history of a shard, for "awstats-cloudfront reduce".  The program starts awstats.pl with the
# environment variable AWSTATS_CLOUDFRONT_SHARD, three descriptors and a folder:
#
#     LOG,TELL,ANSWER,FOLDER
#
# LOG is the normalized log of the records of the shard's hosts; FOLDER, in the place of DirData, has the shard's
# history, and nobody else writes there.  The run counts the batch as any update does.  It does not commit, which
# "awstats-cloudfront collect" does for all shards, but writes to TELL
#
#     counted TAB PREVIOUS TAB HISTORY TAB FILES TAB FIGURES TAB VERSION
#
# with the values of the commit, HISTORY as it would be in DirData, and the version of AWStats.
package AWStats::CloudFront::Shard;
use strict;
use warnings;

use parent -norequire, 'AWStats::CloudFront::StartedRun';
use AWStats::CloudFront::AWStats qw($VERSION);
use AWStats::CloudFront::StartedRun;

sub variable { return 'AWSTATS_CLOUDFRONT_SHARD' }
sub purpose  { return 'the shard' }
sub command  { return 'awstats-cloudfront reduce' }

sub is_of_shard { return 1 }

sub new {
    my ( $class, %setting ) = @_;
    my $self = $class->SUPER::new(%setting);
    $self->{folder} = join ',', @{ $self->{words} };    # a path may have commas
    return $self;
}

sub begin {
    my $self = shift;
    return $self->_open_pipes( tell => '>' ) || $self->SUPER::begin;
}

sub data_folder {
    my ( $self, $configured ) = @_;
    $self->{configured} = $configured;
    return $self->{folder};
}

# Dies with an error when the clock is behind for any batch that has these records.  A shard may have no record that
# counts, or few that are later than the clock: collect looks at the figures of all shards together.
sub _check_outcome {
    my ( $self, @figures ) = @_;
    my $outcome = $self->{outcome} or return;
    $outcome->end(@figures);
    return $outcome->write( $self->{period_folder} ) if $self->{period_folder};
    my $error = $outcome->clock_error( 'run reduce again',
        'give the plan up, and plan again: ' . $self->{batch}->command_to_abandon, 1 );
    die "$error\n" if $error;
    return;
}

sub _figures {
    my $self = shift;
    return $self->{outcome} ? $self->{outcome}->text_of_shard : $self->SUPER::_figures;
}

sub commit {
    my ( $self, $site, %counted ) = @_;
    my $history = $counted{history} =~ s{^\Q$self->{folder}\E/}{$self->{configured}/}r;
    my $line = join "\t", 'counted', $counted{previous}, $history, @counted{qw(files figures)}, $VERSION;
    return eval { $self->_tell($line); '' } // $@ =~ s/\n//r;
}

sub end {
    my $self = shift;
    delete $self->{tell} if $self->{owner} == $$;
    return $self->SUPER::end;
}

1;
