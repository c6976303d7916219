# Tells quickly that a user agent is no robot's.  AWStats tries more than a thousand patterns on each
# user agent that it has not met before, one after the other.  Nearly all of them are plain words, and
# to perl an alternation of words is a trie: one search for all costs less than a few patterns do.
package AWStats::CloudFront::Robots;
use strict;
use warnings;

# A pattern that is a word has nothing but characters that stand for themselves, punctuation behind a
# backslash, and AWStats' way to write a space.
my $word = qr/\A(?:[A-Za-z0-9_ \/:;,=!<>@%&~"'`-]++|\\(?!\w)[!-~]|\[\\x20\])+\z/;

# PATTERNS: a reference to @RobotsSearchIDOrder, as AWStats has it compiled when it opens its log.
sub new {
    my ( $class, $patterns ) = @_;
    return bless { patterns => $patterns }, $class;
}

# Whether it is certain that no pattern matches USER_AGENT.  Patterns ignore case.  Perl folds the
# bytes of a string that is not flagged as UTF-8, and of a pattern without modifiers of its own, as
# ASCII; of any other string this tells nothing.
sub none_in {
    my ( $self, $user_agent ) = @_;
    return '' if utf8::is_utf8($user_agent);
    $self->_sort_patterns if !$self->{singles};
    return '' if $self->{words} && $user_agent =~ tr/A-Z/a-z/r =~ $self->{words};
    foreach my $pattern ( @{ $self->{singles} } ) {
        return '' if $user_agent =~ $pattern;
    }
    return 1;
}

# Makes {words}, which matches whatever any pattern that is a word does, in lower case; and {singles},
# the other patterns.  Takes 3 ms, so it waits for the first user agent.
sub _sort_patterns {
    my $self = shift;
    my ( @words, @singles );
    foreach my $pattern ( @{ $self->{patterns} } ) {
        my ( $text, $modifiers ) = re::regexp_pattern($pattern);
        if ( defined $modifiers && $modifiers eq 'i' && $text =~ $word ) {
            $text =~ s/\[\\x20\]/ /g;
            $text =~ s/\\(.)/$1/g;
            push @words, quotemeta( $text =~ tr/A-Z/a-z/r );
        }
        else {
            push @singles, $pattern;
        }
    }
    my $alternatives = join '|', @words;
    $self->{words}   = @words ? qr/$alternatives/ : undef;
    $self->{singles} = \@singles;
    return;
}

1;
