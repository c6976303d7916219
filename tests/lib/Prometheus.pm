package Prometheus;

# Reads the text format of Prometheus, more strictly than Prometheus does: each metric has its HELP and TYPE, in this
# order, once, before all of its samples, which stand together.

use strict;
use warnings;

# Returns { NAME => { type => TYPE, help => HELP, samples => { 'LABEL=VALUE,...' => NUMBER } } }; labels are sorted.  Dies
# on anything else.
sub parse {
    my ($text) = @_;
    my ( %metric, $current );
    die "no LF at the end\n" if $text !~ /\n\z/;
    utf8::decode( my $characters = $text ) or die "not UTF-8\n";
    foreach my $line ( split /\n/, $text ) {
        if ( $line =~ /\A# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\]|\\\\|\\n)+)\z/ ) {
            die "$1: twice\n" if $metric{$1};
            $current = $1;
            $metric{$current} = { help => $2, samples => {} };
        }
        elsif ( $line =~ /\A# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge)\z/ ) {
            die "$line: not after its HELP\n" if !defined $current || $1 ne $current || $metric{$1}{type};
            $metric{$1}{type} = $2;
            die "$1: a counter, but not _total\n" if ( $2 eq 'counter' ) != ( $1 =~ /_total\z/ );
        }
        else {
            my ( $name, $labels, $value ) = _sample($line);
            die "$line: not after its TYPE\n" if !defined $current || $name ne $current || !$metric{$name}{type};
            die "$line: twice\n" if exists $metric{$name}{samples}{$labels};
            $metric{$name}{samples}{$labels} = $value;
        }
    }
    return \%metric;
}

# NAME{LABEL="VALUE",...} NUMBER
sub _sample {
    my ($line) = @_;
    $line =~ /\G([a-zA-Z_:][a-zA-Z0-9_:]*)\{/gc or die "$line: no name\n";
    my $name = $1;
    my %label;
    while ( $line =~ /\G,?([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"/gc ) {
        my ( $label, $escaped ) = ( $1, $2 );
        die "$line: $label twice\n" if exists $label{$label};
        $label{$label} = $escaped =~ s/\\(.)/$1 eq 'n' ? "\n" : $1/ger;
    }
    $line =~ /\G\} (-?[0-9]+(?:\.[0-9]+)?)\z/gc or die "$line: no number\n";
    return ( $name, join( ',', map { "$_=$label{$_}" } sort keys %label ), $1 );
}

1;
