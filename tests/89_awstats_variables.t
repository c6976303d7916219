#!/usr/bin/perl
# The variables of awstats.pl that the native loop uses: when AWStats lacks one of them, nothing is counted
# natively, the reason names it, and no variable is created.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;

unshift @INC, AWStats::plugin_folder() . '/cloudfront';
require AWStats::CloudFront;

# A program that has no variable of AWStats lacks them all.
my @all = AWStats::CloudFront::missing_variables();
cmp_ok( scalar @all, '>', 80, 'all variables are missing at first' );
is_deeply( [ grep { !/^[\$\@%&*]\w+\z/ } @all ], [], 'each has a sigil and a name' );
foreach my $name (qw(%_host_h @_time_k $NbOfNewLines &BuildKeyList @RobotsSearchIDOrder *HISTORYTMP)) {
    ok( ( grep { $_ eq $name } @all ), "$name is among them" );
}

# Names of the symbol table, but for those of perl's own files.
sub symbols {
    return join ' ', grep { !/^_</ } sort keys %main::;
}

# What AWStats 7.8 defines, and nothing else: these are fresh referents for the program's globs.
sub define {
    no strict 'refs';
    no warnings 'once';
    foreach my $variable (@_) {
        my ( $sigil, $name ) = $variable =~ /^(.)(.*)/;
        my ( $scalar, @array, %hash ) = (0);
        *{"main::$name"} = {
            '$' => sub { \$scalar },
            '@' => sub { \@array },
            '%' => sub { \%hash },
            '&' => sub {
                sub { }
            },
            '*' => sub { open my $handle, '<', \''; *$handle{IO} },
        }->{$sigil}->();
    }
    return;
}

sub remove {
    my ($name) = $_[0] =~ /^.(.*)/;
    delete $main::{$name};
    return;
}

my %callbacks = map {
    $_ => sub { 1 }
} qw(vhost url status hour session);
my %lexical = map { $_ => \my $value } qw(since_flush flush_limit next_offset period);
my %setting = ( %lexical, exceeded => -1, callbacks => \%callbacks, sections => [] );

# Why there is no loop; '' when there is one.
sub reason {
    my %more = @_;
    return eval { AWStats::CloudFront::Loop->new( { %setting, %more } ); 1 } ? '' : $@ =~ s/ at .*//sr;
}

define(@all);
is_deeply( [ AWStats::CloudFront::missing_variables() ], [], 'with all variables none is missing' );
is( reason(), '', 'with all variables there is a loop' );
foreach my $variable (@all) {
    remove($variable);
    my $before = symbols();
    is_deeply( [ AWStats::CloudFront::missing_variables() ], [$variable], "$variable is missing" );
    is( reason(),  "AWStats has no variable $variable", "$variable: the reason" );
    is( symbols(), $before,                             "$variable: no symbol is created" );
    define($variable);
}
is( reason(), '', 'with all variables again there is a loop' );

# A name with another sigil is not the variable.
remove('%_host_h');
define('@_host_h');
is( reason(), 'AWStats has no variable %_host_h', 'an array instead of a hash' );
define('%_host_h');

# What only some versions have, and the counters of extra sections.
my $before = symbols();
like( reason( sizes => 1 ), qr/^AWStats has no variable %_filesize or \@PayloadRange$/, 'sizes need variables of 7.9' );
my $section = { conditions => [], rows => [], lines => [] };
is( reason( sections => [$section] ), 'AWStats has no variable %_section_1_p', 'an extra section needs its counters' );
is( symbols(),                        $before,                                 'no symbol is created' );
define(qw(%_filesize @PayloadRange));
is( reason( sizes => 1 ), '', 'sizes with them' );
define( map { "%_section_1_$_" } qw(p h k) );
is( reason( sections => [$section] ), 'AWStats has no variable %_section_1_l', 'an extra section lacks one' );
define('%_section_1_l');
is( reason( sections => [$section] ), '', 'an extra section with them' );

done_testing;
