#!/usr/bin/perl
# The commands that messages tell the user to run: each exists, and so do its options.
use strict;
use warnings;
use Test::More;
use File::Find qw(find);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use Program qw(helper run);

my $helper = helper();
my %options;    # command => its options
my ( undef, $help ) = run( $helper, '--help' );
foreach my $command ( $help =~ /^  ([a-z]\w*) +\S/mg ) {
    my ( undef, $out ) = run( $helper, $command, '--help' );
    $options{$command} = { map { $_ => 1 } $out =~ /--([\w-]+)/g };
}

my @files;
find( sub { push @files, $File::Find::name if /\.(?:c|pm)$/ }, map { "$Bin/../$_" } qw(helper plugin) );

# Returns the texts of a source file: the adjacent strings of C are one text.
sub texts {
    my $path = shift;
    my $source = Program::content($path);
    if ( $path =~ /\.pm$/ ) {
        $source =~ s/^\s*#.*//mg;
        return $source =~ s/_command\( *'(\w+)', *(["'])/$2awstats-cloudfront $1 /gr;
    }
    $source =~ s{/\*.*?\*/}{}gs;
    my $string = qr/"(?:[^"\\\n]|\\.)*"/;
    return map { s/"\s*"//gr } $source =~ /$string(?:\s*$string)*/g;
}

my ( $count, @errors ) = (0);
foreach my $path ( sort @files ) {
    foreach my $text ( texts($path) ) {
        while ( $text =~ /awstats-cloudfront ([a-z]+)\b((?: -[\w=%.\$>{}\[\]-]+| [A-Z%]\w*)*)/g ) {
            my ( $command, $given ) = ( $1, $2 );
            my @given = $given =~ / --([\w-]+)/g;
            next if !$options{$command} && !@given;    # the program's name in a sentence
            $count++;
            push @errors, "$path: $command" if !$options{$command};
            push @errors, map { "$path: $command --$_" } grep { !$options{$command}{$_} } @given;
        }
    }
}
cmp_ok( $count, '>', 20, "messages name $count commands" );
is( "@errors", '', 'each command has the options that messages name' );

done_testing;
