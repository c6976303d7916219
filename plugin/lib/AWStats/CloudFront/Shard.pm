# Counts a batch into the history of a shard, for "awstats-cloudfront reduce".  The program starts awstats.pl with the
# environment variable AWSTATS_CLOUDFRONT_SHARD, three descriptors and a folder:
#
#     LOG,TELL,ANSWER,FOLDER
#
# LOG is the normalized log of the records of the shard's hosts; FOLDER, in the place of DirData, has the shard's
# history, and nobody else writes there.  The batch is counted as in any update.  In the place of the commit, which
# "awstats-cloudfront collect" does for all shards, the run tells through TELL
#
#     counted TAB PREVIOUS TAB HISTORY TAB FILES TAB FIGURES
#
# with the values of the commit, and HISTORY as it would be in DirData.
package AWStats::CloudFront::Shard;
use strict;
use warnings;

use parent -norequire, 'AWStats::CloudFront::Update';
use AWStats::CloudFront::Update;

my $variable = 'AWSTATS_CLOUDFRONT_SHARD';

my $run_again = 'run awstats-cloudfront reduce again, and report this error if it comes back';

sub new {
    my ( $class, %setting ) = @_;
    my $self = $class->SUPER::new(%setting);
    my $given = delete $ENV{$variable};    # the runs for older periods must not see it
    $self->_at_end( sub { $ENV{$variable} = $given } );
    ( @$self{qw(log tell answer folder)} ) = split /,/, $given, 4;
    return $self;
}

sub begin {
    my $self = shift;
    open my $handle, '>&=', $self->{tell}
      or return "internal error: the shard cannot use its pipe, descriptor $self->{tell}: $!; $run_again";
    $self->{tell} = $handle;
    return $self->SUPER::begin;
}

sub data_folder {
    my ( $self, $configured ) = @_;
    $self->{configured} = $configured;
    return $self->{folder};
}

sub open_source {
    my $self = shift;
    open my $log, '<&=', $self->{log}
      or die "internal error: the shard cannot use its log, descriptor $self->{log}: $!; $run_again\n";
    return bless { processes => [], output => $log, is_own => 1 }, 'AWStats::CloudFront::Source';
}

sub early_source {
    return;
}

# A shard may have only records that are not counted: collect looks at the figures of all shards.
sub _check_outcome {
    my ( $self, @figures ) = @_;
    my $outcome = $self->{outcome} or return;
    $outcome->end(@figures);
    return $self->{period_folder} ? $outcome->write( $self->{period_folder} ) : undef;
}

sub commit {
    my ( $self, $site, %counted ) = @_;
    my $history = $counted{history} =~ s{^\Q$self->{folder}\E/}{$self->{configured}/}r;
    my $text = join( "\t", 'counted', $counted{previous}, $history, @counted{qw(files figures)} ) . "\n";
    local $SIG{PIPE} = 'IGNORE';
    while ( length $text ) {
        my $size = syswrite $self->{tell}, $text;
        return "awstats-cloudfront reduce, which started this run of AWStats, has ended: $!"
          if !defined $size && !$!{EINTR};
        substr $text, 0, $size || 0, '';
    }
    return '';
}

sub end {
    my $self = shift;
    delete $self->{tell} if $self->{owner} == $$;
    return $self->SUPER::end;
}

1;
