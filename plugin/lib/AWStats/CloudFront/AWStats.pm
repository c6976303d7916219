# Connects the plugin's Perl with awstats.pl, the program that it runs in: imports variables and functions
# of awstats.pl by name, and knows how awstats.pl derives what it keeps in none.
#
#     use AWStats::CloudFront::AWStats qw($LogFile @HostAliases error);
#
# An imported name is the one of awstats.pl, not a copy: what a module assigns, or makes local, AWStats
# sees.  A module that imports a name which this AWStats does not have does not load: "AWStats has
# no @HostAliases".  Nothing is created in awstats.pl.
package AWStats::CloudFront::AWStats;
use strict;
use warnings;

my %slot_of;

BEGIN {
    %slot_of = ( q{$} => 'SCALAR', q{@} => 'ARRAY', q{%} => 'HASH', q{} => 'CODE' );
}

sub import {
    my ( undef, @names ) = @_;
    my $package = caller;
    foreach my $variable (@names) {
        my ( $sigil, $name ) = $variable =~ /^([\$\@%]?)(\w+)$/;
        # perl -c compiles a module by itself, where there is no AWStats.
        $^C || defined _reference( $sigil, $name ) or die "AWStats has no $variable\n";
        no strict 'refs';
        no warnings 'once';
        *{"${package}::$name"} = *{"main::$name"};
    }
    return;
}

# Returns a reference to a variable or function of awstats.pl; undef when there is none.  perl cannot tell a
# missing scalar from an undefined one of a name that something else has.
sub _reference {
    my ( $sigil, $name ) = @_;
    return if !exists $main::{$name};
    no strict 'refs';
    return *{"main::$name"}{ $slot_of{$sigil} };
}

our ( $AtLeastOneSectionPlugin, $DIR, $DirConfig, $DirData, $FrameName, $PluginMode, $QueryString, $SiteConfig );
our ( %HTMLOutput, %PluginsLoaded );

BEGIN {
    __PACKAGE__->import(
        qw($AtLeastOneSectionPlugin $DIR $DirConfig $DirData $FrameName $PluginMode $QueryString $SiteConfig
          %HTMLOutput %PluginsLoaded)
    );
}

# Returns the value of a variable that not every AWStats has; undef when it is missing.
sub optional_scalar {
    my $name      = shift;
    my $reference = _reference( q{$}, $name );
    return $reference && ${$reference};
}

# Returns the function that a plugin of AWStats has for a hook; undef when the plugin is not loaded.
sub plugin_function {
    my ( $hook, $plugin ) = @_;
    return if !$PluginsLoaded{$hook}{$plugin};
    return _reference( q{}, "${hook}_$plugin" );
}

# ---- awstats.pl itself ----

# Returns the command, a list, that starts awstats.pl once more with the same configuration: the same
# program with the same arguments, but for those of reports.  The one place where $0 has to be
# awstats.pl, or a wrapper that runs it.
sub command {
    my @arguments =
      $ENV{GATEWAY_INTERFACE}
      ? ( "-config=$SiteConfig", $DirConfig ? "-configdir=$DirConfig" : () )
      : grep { $_ !~ /^-*(output|logfile|debug|show\w+|staticlinks)\b/i } @ARGV;
    return ( $^X, $0, @arguments );
}

# ---- what awstats.pl derives from its configuration ----

# Returns DirData as awstats.pl will have it ("Init other parameters", after it has read its plugins).
sub data_folder {
    my $folder = $DirData || '.';
    if    ( $folder eq '.' ) { $folder = $DIR || '.'; }
    elsif ( $folder =~ /^\./ && $DIR && $DIR ne '.' ) { $folder = "$DIR/$folder"; }
    return $folder;
}

# Whether the command line or the browser has set $LIMITFLUSH, as awstats.pl looks for that.
sub has_own_flush_limit {
    return $QueryString =~ /(?:^|&|&amp;)limitflush=\d/i;
}

# Whether awstats.pl is certain to update, and not to show a frame or a plugin's page instead; what a browser
# may do, awstats.pl checks after it has read its plugins.
sub will_update {
    return !$ENV{GATEWAY_INTERFACE} && !$PluginMode && $FrameName ne 'mainleft';
}

# Whether awstats.pl writes a report to its output, where no other text may go.
sub writes_report {
    return scalar keys %HTMLOutput;
}

# Lets awstats.pl read and write the plugin's section of history files, as Read_Plugins does for the hooks that
# Init returns.
sub hook_section {
    foreach my $hook (qw(SectionInitHashArray SectionReadHistory SectionWriteHistory)) {
        $PluginsLoaded{$hook}{cloudfront} = 1;
    }
    $AtLeastOneSectionPlugin = 1;
    return;
}

# ---- times of records ----

# Returns day, month, year, hour, minute and second of a record of the normalized log, in the time zone
# that awstats.pl counts it in.
sub date_of {
    my $record = shift;
    my ( $year, $month, $day, @time ) = $record =~ /^(\d+)-(\d+)-(\d+)\t(\d+):(\d+):(\d+)/;
    my @date        = ( $day, $month, $year, @time );
    my $change_time = plugin_function( 'ChangeTime', 'timezone' );
    return $change_time ? $change_time->( \@date ) : @date;
}

# Returns a record's time as awstats.pl writes it, YYYYMMDDhhmmss.
sub time_of {
    my $record = shift;
    return sprintf '%04i%02i%02i%02i%02i%02i', ( date_of($record) )[ 2, 1, 0, 3 .. 5 ];
}

# Whether awstats.pl counts records in another time zone than that of the log.
sub changes_time {
    return defined plugin_function( 'ChangeTime', 'timezone' );
}

# ---- functions in place of awstats.pl's ----

# Puts FUNCTION in the place of a function of awstats.pl.  Returns the one that was there.
sub replace_function {
    my ( $name, $function ) = @_;
    my $original = _reference( q{}, $name ) or die "AWStats has no $name\n";
    no strict 'refs';
    no warnings 'redefine';
    *{"main::$name"} = $function;
    return $original;
}

# Puts ORIGINAL back in the place that FUNCTION has taken, unless a third one is there now: a web server that
# keeps its perl may have compiled awstats.pl again.
sub restore_function {
    my ( $name, $function, $original ) = @_;
    my $current = _reference( q{}, $name );
    replace_function( $name, $original ) if $current && $current == $function;
    return;
}

1;
