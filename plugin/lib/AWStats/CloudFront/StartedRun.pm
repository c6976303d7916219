# An update that the program has started for a purpose of its own, and that reads the program's log: a recount
# (AWStats::CloudFront::Recount), or the count of a shard (AWStats::CloudFront::Shard).  An environment variable has the
# numbers of three descriptors, and words:
#
#     LOG,TELL,ANSWER[,WORD...]
#
# AWSTATS_CLOUDFRONT_SITE_MEMORY has the setting memory of the site, bytes; 0 when the site does not set it.
package AWStats::CloudFront::StartedRun;
use strict;
use warnings;

use parent -norequire, 'AWStats::CloudFront::Update';
use AWStats::CloudFront::Update;

# A class has: variable(), the name of its variable; purpose(), "the recount"; command(), the program's command that has
# started the run.

sub new {
    my ( $class, %setting ) = @_;
    my $self = $class->SUPER::new(%setting);
    my ( $given, $memory ) = map { $self->_take_variable($_) } $class->variable, 'AWSTATS_CLOUDFRONT_SITE_MEMORY';
    ( @$self{qw(log tell answer)}, my @words ) = split /,/, $given, -1;
    @$self{qw(words site_memory)} = ( \@words, $memory );
    return $self;
}

# Returns the value of an environment variable, and removes the variable until the end of the run: the runs for single
# months must not see it.
sub _take_variable {
    my ( $self, $variable ) = @_;
    my $value = delete $ENV{$variable};
    $self->_at_end( sub { $ENV{$variable} = $value } ) if defined $value;
    return $value;
}

# Returns the memory of the site, as site_memory() of AWStats::CloudFront::Update, which this method replaces.
sub site_memory {
    my $self = shift;
    return $self->{site_memory};
}

# Returns a handle for the descriptor NAME.  KIND is what messages call it.
sub _open {
    my ( $self, $name, $mode, $kind ) = @_;
    open my $handle, "$mode&=", $self->{$name}
      or die sprintf
      "internal error: %s cannot use its %s, descriptor %s: %s; run %s again, and report this error if it"
      . " comes back\n", $self->purpose, $kind, $self->{$name}, $!, $self->command;
    return $handle;
}

# Opens pipes, name => mode; returns an error, or ''.
sub _open_pipes {
    my ( $self, %mode ) = @_;
    return eval { $self->{$_} = $self->_open( $_, $mode{$_}, 'pipe' ) foreach sort keys %mode; '' } // $@ =~ s/\n//r;
}

# An error of an update advises to run the update again, which counts nothing here.
sub in_own_words {
    my ( $self, $error ) = @_;
    my $command = $self->command;
    return ( $error // '' ) =~ s/\brun the update again\b/run $command again/gr;
}

sub _tell {
    my ( $self, $line ) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $text = "$line\n";
    while ( length $text ) {
        my $size = syswrite $self->{tell}, $text;
        die sprintf "%s, which started this run of AWStats, has ended: %s; run that command again\n", $self->command, $!
          if !defined $size && !$!{EINTR};
        substr $text, 0, $size || 0, '';
    }
    return;
}

sub open_source {
    my $self = shift;
    my $log = $self->_open( 'log', '<', 'log' );
    return bless { processes => [], output => $log, is_own => 1 }, 'AWStats::CloudFront::Source';
}

sub early_source {
    return;
}

1;
