package AWStatsTables;

# Reads AWStats' tables of robots, browsers, systems, search engines and worms, and makes a matching text for each of
# their patterns.

use strict;
use warnings;
use AWStats ();
use Program ();

my %loaded;

# A table by its name in AWStats: a reference to an array or a hash.  FILE is its file in AWStats' lib, less .pm
sub table {
    my ( $file, $sigil, $name ) = @_;
    $loaded{$file} //= do {
        my $path = AWStats::lib() . "/$file.pm";
        my $text = Program::content($path);
        ## no critic (StringyEval): the tables are Perl, which AWStats itself requires
        eval "package AWStatsTables::$file; no strict; no warnings; $text" or die "$path: $@";
        ## use critic
    };
    no strict 'refs';
    return $sigil eq '@' ? \@{"AWStatsTables::${file}::$name"} : \%{"AWStatsTables::${file}::$name"};
}

sub patterns {
    my ( $file, @name ) = @_;
    return map { @{ table( $file, '@', $_ ) } } @name;
}

my %lists;

# Texts that match the patterns of robots, and so on.
sub robots {
    return @{ $lists{robots} //= examples( 'robots', map { "RobotsSearchIDOrder_$_" } qw(list1 list2 listgen) ) };
}
sub browsers { return @{ $lists{browsers} //= examples( 'browsers',          'BrowsersSearchIDOrder' ) } }
sub systems  { return @{ $lists{systems}  //= examples( 'operating_systems', 'OSSearchIDOrder' ) } }
sub worms    { return @{ $lists{worms}    //= examples( 'worms',             'WormsSearchIDOrder' ) } }

sub examples {
    return [ map { example($_) } patterns(@_) ];
}

# [server, start of the query parameter with the phrase, or '', whether the path has the phrase instead]
sub search_engines {
    return @{
        $lists{search_engines} //= do {
            my ( $id, $url, $in_path ) = map { table( 'search_engines', '%', $_ ) }
              qw(SearchEnginesHashID SearchEnginesKnownUrl SearchEnginesWithKeysNotInQuery);
            [
                map {
                    my $key = $id->{$_} // '';
                    [ example($_), $url->{$key} ? example( $url->{$key} ) : '', $in_path->{$key} ? 1 : 0 ]
                } patterns( 'search_engines', map { "SearchEnginesSearchIDOrder_$_" } qw(list1 listgen) )
            ];
        }
    };
}

# Servers whose names look like a search engine's.
sub excluded_engines {
    my $not = table( 'search_engines', '%', 'NotSearchEnginesKeys' );
    return map { example( $not->{$_} ) } sort keys %$not;
}

# File extensions.
sub file_types {
    my $mime = table( 'mime', '%', 'MimeHashLib' );
    return sort keys %$mime;
}

# Returns a text that PATTERN matches: takes the first of alternatives and classes, and one of what may repeat.
sub example {
    my ($pattern) = @_;
    return alternatives( \$pattern );
}

sub alternatives {
    my ($rest) = @_;
    my $first;
    do { my $text = sequence($rest); $first //= $text } while $$rest =~ s/\A\|//;
    return $first;
}

sub sequence {
    my ($rest) = @_;
    my $text = '';
    while ( length $$rest && $$rest !~ /\A[|)]/ ) {
        my $piece = piece($rest);
        my $times = $$rest =~ s/\A(?:[*+?]|\{(\d+)(?:,\d*)?\})\??// ? $1 // 1 : 1;
        $text .= $piece x $times;
    }
    return $text;
}

my %NAMED = ( s => ' ', d => '1', w => 'a', b => '', B => '', S => 'x', D => 'x', W => '-', A => '', Z => '', z => '' );

sub piece {
    my ($rest) = @_;
    return chr hex $1 if $$rest       =~ s/\A\\x([0-9A-Fa-f]{2})//;
    return $NAMED{$1} // $1 if $$rest =~ s/\A\\(.)//s;
    return 'x' if $$rest              =~ s/\A\.//;
    return '' if $$rest               =~ s/\A[\^\$]//;
    if ( $$rest =~ s/\A\[(\^?)// ) {
        my $is_not = $1;
        my $first = piece($rest);
        piece($rest) while length $$rest && $$rest !~ /\A\]/;
        $$rest =~ s/\A\]//;
        return $is_not ? 'x' : $first;
    }
    if ( $$rest =~ s/\A\((?:\?:|\?[!=])?// ) {
        my $text = alternatives($rest);
        $$rest =~ s/\A\)//;
        return $text;
    }
    $$rest =~ s/\A(.)//s;
    return $1;
}

1;
