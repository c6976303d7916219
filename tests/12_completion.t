#!/usr/bin/perl
# Completion in bash, zsh and fish, of commands, options, values, sites and topics.
use strict;
use warnings;
use Test::More;
use File::Basename qw(dirname);
use File::Temp     qw(tempdir);
use FindBin        qw($Bin);
use lib "$Bin/lib";
use Program qw(content helper run write_file);

my $helper = helper();
my $folder = dirname($helper) . '/completion';
my $dir = tempdir( CLEANUP => 1 );
my $config = write_file( "$dir/sites.conf",
    "[cdn]\nsource = /tmp\n[video]\nsource = /tmp\n[my site]\nsource = /tmp\n[\$(touch touched)]\nsource = /tmp\n" );
mkdir "$dir/logs" or die;
chdir $dir        or die;
write_file( "$dir/logs.gz", '' );
local $ENV{PATH} = dirname($helper) . ":$ENV{PATH}";
local $ENV{HOME} = $dir;
local $ENV{PAGER} = 'cat';

my ( $status, $out ) = run( $helper, '--print-sites', $config );
is( $out, "cdn\nvideo\nmy site\n\$(touch touched)\n", '--print-sites' );
( $status, $out, my $err ) = run( $helper, '--print-sites', "$dir/none.conf" );
is( "$status$out$err", '1', '--print-sites of no file is silent' );

# The words of a command line, the last of which is completed; and what comes of it.
my @cases = (
    [ ['sta'],                                          ['status'],                      'a command' ],
    [ ['c'],                                            [qw(cat check collect commit)],  'several commands' ],
    [ [ 'status', '--j' ],                              ['--json'],                      'an option of the command' ],
    [ [ 'cat', '--j' ],                                 ['--jobs'],                      'and of another one' ],
    [ [ 'cat', '--type', '' ],                          [qw(auto download streaming)],   'the values of a setting' ],
    [ [ 'status', '--config', $config, '--site', 'v' ], ['video'],                       'a site' ],
    [ [ '--config', $config, 'status', '-s', 'c' ],     ['cdn'],                         'a site by the short option' ],
    [ [ 'help', 'cred' ],                               ['credentials'],                 'a topic' ],
    [ [ 'cat', "$dir/log" ],                            [ "$dir/logs", "$dir/logs.gz" ], 'a source' ],
    [ [ 'fetch', '--to', "$dir/log" ],                  ["$dir/logs"],                   'a directory' ],
);

sub is_completed {
    my ( $shell, $complete, @more ) = @_;
    foreach my $case ( @cases, @more ) {
        my ( $words, $expected, $name ) = @$case;
        my @got = $complete->(@$words);
        is( join( '|', sort @got ), join( '|', sort @$expected ), "$shell: $name" );
    }
    ok( !-e "$dir/touched", "$shell: runs nothing that a section's name says" );
    return;
}

# bash splits a line at "=", too.
sub bash {
    my @words = map { /^(--\w+)(=)(.*)/ ? ( $1, $2, $3 eq '' ? () : $3 ) : $_ } 'awstats-cloudfront', @_;
    my $script = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _awstats_cloudfront awstats-cloudfront;'
      . ' ((${#COMPREPLY[@]})) && printf "%s\n" "${COMPREPLY[@]}"; complete -p awstats-cloudfront >/dev/null';
    my ( $status, $out, $err ) = run( 'bash', '-c', $script, "$folder/awstats-cloudfront.bash", @words );
    is( "$status$err", '0', 'bash: no error' ) if "$status$err" ne '0';
    return split /\n/, $out;
}
is_completed(
    'bash',
    \&bash,
    [ [ 'status', "--config=$config", '--site=c' ], ['cdn'], 'a site after =' ],
    [
        [ 'status', "--config=$config", '--site=' ], [ 'cdn', 'video', 'my\ site', '\$\(touch\ touched\)' ],
        'all sites'
    ],
    [ [ 'explain', '--host', '' ],  [],                'the option of a command goes before the setting' ],
    [ [ 'cat',     '--host', 'x' ], ['x-host-header'], 'the setting of another' ],
);

# The others quote a name only when they insert it.
my @all_sites =
  ( [ 'status', '--config', $config, '--site', '' ], [ 'cdn', 'video', 'my site', '$(touch touched)' ], 'all sites' );

sub has {
    return grep { -x "$_/$_[0]" } split /:/, $ENV{PATH};
}

SKIP: {
    skip 'fish is not installed', 1 if !has('fish');
    is_completed(
        'fish',
        sub {
            my @words = map { /^[\w.\/-]*$/ ? $_ : "'$_'" } @_;
            my ( undef, $out, $err ) = run(
                'fish', '--no-config', '-c',
                'source $argv[1]; complete -C "$argv[2]"',
                "$folder/awstats-cloudfront.fish",
                "awstats-cloudfront @words"
            );
            is( $err, '', 'fish: no error' ) if $err ne '';
            return map { s/\t.*//r =~ s/^\Q~\E/$dir/r =~ s{/$}{}r } split /\n/, $out;
        },
        \@all_sites
    );
}

# zsh completes only at its prompt, on a terminal.  This one also prints all matches, and ends.
SKIP: {
    skip 'zsh is not installed', 1 if !has('zsh');
    mkdir "$dir/functions" or die;
    write_file( "$dir/functions/_awstats-cloudfront", content("$folder/awstats-cloudfront.zsh") );
    write_file( "$dir/.zshrc",                        <<'END');
PS1= PS2=
fpath=($HOME/functions $fpath)
autoload -Uz compinit
compinit -u -d $HOME/compdump
bindkey '^I' complete-word
zstyle ':completion:*' insert-tab false
matches_begin() { print '<matches>' }
matches_end() { print '</matches>'; exit }
compprefuncs=(matches_begin)
comppostfuncs=(matches_end)
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
    fi
    local -a kept
    builtin compadd -A kept "$@"
    print -l -- "<match>"${^kept}"</match>"
    builtin compadd "$@"
}
END
    my $driver = write_file( "$dir/driver", <<'END');
zmodload zsh/zpty
ZDOTDIR=$HOME zpty shell zsh -i
zpty -n -w shell "$1"$'\t'
while zpty -r shell line; do
    print -r -- "$line"
    [[ $line == *'</matches>'* ]] && break
done
END
    is_completed(
        'zsh',
        sub {
            my @words = map { /^[\w.\/-]*$/ ? $_ : "'$_'" } @_;
            my ( undef, $out ) = run( qw(timeout -k 1 20 zsh -f), $driver, "awstats-cloudfront @words" );
            my ($folder) = $words[-1] =~ m{^(.*/)};
            my %seen;
            return grep { !$seen{$_}++ } map { ( $folder // '' ) . $_ } $out =~ m{<match>([^<]+)</match>}g;
        },
        \@all_sites
    );
}

done_testing;
