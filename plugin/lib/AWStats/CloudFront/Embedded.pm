# Connects the plugin with the program awstats-cloudfront when perl is part of that program, which then runs awstats.pl:
#
#     perl -MAWStats::CloudFront::Embedded awstats.pl ...
#
# The program has the compiled part of the plugin, and these functions in this package (helper/embedded/calls.c):
#
#     folder()                                      the folder that has plugins/cloudfront.pm
#     leave_out_pages()                             puts the functions of awstats.pl that make pages into %left_out, and
#                                                   functions that call call_page() in their places
#     batch_log()                                   the site whose batch the program reads, its configuration file,
#                                                   whether nothing is to be saved, and what memory() returns;
#                                                   nothing without a batch
#     stream(), wait(), abandon()                   that batch's log; see AWStats::CloudFront::Source
#     commit(\%counted)                             commits the batch; returns an error, or ''
#     tell($line)                                   tells the user something
package AWStats::CloudFront::Embedded;
use strict;
use warnings;

# Compiles a text as awstats.pl does.  It is above the variables of this file, which the text must not see.
sub _compile {

    package main;                 ## no critic (MultiplePackages): so that the functions are those of awstats.pl
    no warnings;                  ## no critic (NoWarnings): awstats.pl has none
    no strict 'refs';             ## no critic (NoStrict): as there
    eval "$_[0]; 1" or die $@;    ## no critic (StringyEval): the text is part of awstats.pl
    return;
}

use Cwd ();

my $plugin = 'cloudfront';
my $is_open = 0;    # whether the log was opened
my $read_plugins;

# The functions of awstats.pl that make pages, which an update does not compile: their names, and their texts; what is in
# their places; and those that were compiled since.
our %left_out;
my ( %in_place, %compiled );

# Called by perl's option -M, when it is about to compile awstats.pl.
sub import {
    return if !defined &folder || !batch_log();
    leave_out_pages();
    return;
}

# Goes on with the function NAME that makes a page, which is compiled by its first call.
sub call_page {
    my $name = shift;
    goto &{ $compiled{$name} //= _compile_page($name) };
}

# Returns the function; it is awstats.pl's own, unless a plugin has put another one there meanwhile.
sub _compile_page {
    my $name = shift;
    my $present = \&{"main::$name"};
    _compile( $left_out{$name} );
    my $page = \&{"main::$name"};
    AWStats::CloudFront::AWStats::replace_function( $name, $present ) if $present != $in_place{$name};
    return $page;
}

# Once awstats.pl is compiled, unless perl is a program of its own that loads all modules.
INIT {
    _begin() if defined &folder;
}

sub _begin {
    require AWStats::CloudFront::AWStats;
    $read_plugins = AWStats::CloudFront::AWStats::replace_function( 'Read_Plugins', \&Read_Plugins );
    %in_place = map { $_ => \&{"main::$_"} } keys %left_out;
    return;
}

# In the place of Read_Plugins of awstats.pl: AWStats loads this program's own plugin, and not one of another version
# from its plugins folder.
sub Read_Plugins {
    my @all = @main::PluginsToLoad;
    return $read_plugins->() if !grep { _is_ours($_) } @all;
    while (@all) {
        my @some = shift @all;
        push @some, shift @all while @all && _is_ours( $all[0] ) == _is_ours( $some[0] );
        local @main::PluginsToLoad = @some;
        if   ( _is_ours( $some[0] ) ) { _read_ours(); }
        else                          { $read_plugins->(); }
    }
    return;
}

# Whether Read_Plugins would load cloudfront.pm for a value of LoadPlugin.
sub _is_ours {
    my ($file) = split /\s+/, shift, 2;
    return $file =~ s/[.]pm$//ir =~ m{(?:^|[/\\])\Q$plugin\E$} ? 1 : 0;
}

sub _read_ours {
    my $folder = folder();
    local $main::DIR = $folder;
    local @INC = ( "$folder/plugins", @INC );
    $read_plugins->();
    return;
}

# Returns the command, a list, that runs awstats.pl once more.
sub command {
    return ( $^X, "--awstats=$0", 'awstats' );
}

# Returns the log, when it is that of SITE, { name, config }; undef when it is not.  CONFIG: the parameter of the
# plugin, which must not name another file than that of the program.
sub open_log {
    my ( $class, $site, $config ) = @_;
    my ( $name, $path ) = batch_log();
    return if !defined $name || $name ne $site->{name};
    $path = Cwd::abs_path($path) // $path;
    die "LoadPlugin=\"cloudfront config=$config\" names another configuration file than the one that this update uses,"
      . " $path; remove config= from LoadPlugin, or run: awstats-cloudfront update --site=$name --config=$config\n"
      if defined $config && $path ne ( Cwd::abs_path($config) // $config );
    die "Internal error: awstats.pl opened the log of the site [$name] twice; please report it\n" if $is_open++;
    $site->{config} = $path;
    $site->{log} = bless {}, $class;
    return $site->{log};
}

# Returns how much memory the site's counters may take, bytes, 0 when the site does not say; and how many sites the
# program updates at once.
sub memory {
    my ( undef, undef, undef, $memory, $sites ) = batch_log();
    return ( $memory, $sites );
}

# Whether the update is to save nothing.
sub is_dry_run {
    my ( undef, undef, $is_dry_run ) = batch_log();
    return $is_dry_run;
}

1;
