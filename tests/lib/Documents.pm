package Documents;

# The commands of README.md, GUIDE.md and INSTALL, and what these pages say that the commands print.
#
# In the Markdown pages, each line of a block "sh" is a command, and in a block "console" a line that begins with "$ "; in
# INSTALL, a line that begins with four spaces and "$ ".  A command goes on in the next line after a backslash, and
# until the word END after <<END.  The lines below a command, up to the next one, are its output; "..." stands for any
# number of lines.

use strict;
use warnings;
use Program qw(content write_file);

# Reads a page.  Returns its commands in order: {file, number, command, output, first}; OUTPUT has the lines as an
# array, and is missing outside of a block "console"; FIRST is the number of the first one.
sub read_commands {
    my ($path) = @_;
    my @lines = split /\n/, content($path), -1;
    my $is_text = $path !~ /\.md\z/;
    my ( $block, @commands ) = ('');
    for ( my $i = 0 ; $i < @lines ; $i++ ) {
        if ( !$is_text && $lines[$i] =~ /^```(\w*)/ ) { $block = $block ? '' : $1 || 'text'; next; }
        my ($begins) =
            $is_text            ? $lines[$i] =~ /^ {4}\$ (.*)/
          : $block eq 'console' ? $lines[$i] =~ /^\$ (.*)/
          : $block eq 'sh'      ? $lines[$i] =~ /^(\S.*)/
          :                       ();
        next if !defined $begins;
        my %command = ( file => $path =~ s{.*/}{}r, number => $i + 1, command => $begins );
        $command{command} .= "\n" . $lines[ ++$i ] while $command{command} =~ /\\\z/;
        if ( $command{command} =~ /<<END$/m ) {
            do { $command{command} .= "\n" . $lines[ ++$i ] } until $lines[$i] eq 'END';
        }
        $command{first} = $i + 1;
        if ( $block eq 'console' ) {
            $command{output} = [];
            push @{ $command{output} }, $lines[ ++$i ] while $lines[ $i + 1 ] !~ /^(?:\$ |```)/;
        }
        push @commands, \%command;
    }
    return @commands;
}

# What differs from run to run becomes the same word: times, batches, durations, versions, the key and the region of the
# store.  The pages have the paths of a package, /usr; without one it is /usr/local.
sub normalize {
    my ($line) = @_;
    return $line =~ s{/usr/local/}{/usr/}gr =~ s/\b\d{8}-\d{6}-\d{6}-[0-9a-f]{8}\b/BATCH/gr =~
      s/\.replaced-\d+-\d+-\d+/.replaced-TIME/gr =~ s/\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?: UTC|Z)?/TIME/gr =~
      s/\b\d+ (?:days?(?: \d+ h)?|h(?: \d+ min)?|min) ago/AGE/gr =~ s/\b\d+(?:\.\d+)? s\b/SECONDS/gr =~
      s/\bversion \S+/version VERSION/gr                         =~ s/access key ID \.\.\.\S+/access key ID KEY/gr =~
      s/^(ok    region: ).*/$1REGION/r =~ s/clock is SECONDS (?:ahead of|behind)/clock is SECONDS off/r =~
      s/\b\d+ pages of/N pages of/gr   =~ s/checksum [0-9a-f]+/checksum X/r =~ s/\s+\z//r;
}

# Returns whether the lines PRINTED are those that the page has, OUTPUT.
sub is_same {
    my ( $output, $printed ) = @_;
    my $pattern = join '', map { $_ eq '...' ? '(?:.*\n)*?' : quotemeta( normalize($_) ) . '\n' } @$output;
    return join( '', map { normalize($_) . "\n" } @$printed ) =~ /\A$pattern\z/;
}

# Writes what was printed, {printed} of each command, into the page, but where the page leaves lines out.
sub write_output {
    my ( $path, @commands ) = @_;
    my @lines = split /\n/, content($path), -1;
    foreach my $command ( reverse grep { $_->{printed} } @commands ) {
        my $output = $command->{output};
        next if grep { $_ eq '...' } @$output;
        splice @lines, $command->{first}, scalar @$output,
          map { s{/usr/local/(bin|share|lib)/}{/usr/$1/}gr } @{ $command->{printed} };
    }
    return write_file( $path, join "\n", @lines );
}

# The commands in the text of a page, between backquotes, that begin with one of these words.
sub inline_commands {
    my ( $path, @words ) = @_;
    my $words = join '|', map { quotemeta } @words;
    my $text = content($path) =~ s/^```.*?^```$//gmsr =~ s/^(?: {4}|\t).*$//gmr =~ s/\n/ /gr;
    return $text =~ /`((?:sudo )?(?:$words) [^`]+)`/g;
}

1;
