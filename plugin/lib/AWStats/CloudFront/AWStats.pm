# Connects the plugin's Perl with awstats.pl, the program in which it runs.  Imports variables and functions of
# awstats.pl by name, and computes what awstats.pl derives from its configuration without keeping it in a
# variable.
#
#     use AWStats::CloudFront::AWStats qw($LogFile @HostAliases error);
#
# An imported name is the variable of awstats.pl itself, not a copy: when a module assigns it, or makes it local,
# AWStats sees that.  A module cannot be loaded if it imports a name that this AWStats does not have: "AWStats has
# no @HostAliases".  Importing creates nothing in awstats.pl.
package AWStats::CloudFront::AWStats;
use strict;
use warnings;

use Scalar::Util ();

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
        $^C || defined _reference( $sigil, $name )
          or die "$0 is no AWStats that the plugin can work with:"
          . " it has no variable $variable; install awstats.pl again\n";
        no strict 'refs';
        no warnings 'once';
        *{"${package}::$name"} = *{"main::$name"};
    }
    return;
}

# Returns a reference to a variable or function of awstats.pl; undef when there is none.  Where an array, a hash
# or a function has the same name, perl cannot tell a missing scalar from an undefined one.
sub _reference {
    my ( $sigil, $name ) = @_;
    return if !exists $main::{$name};
    no strict 'refs';
    return *{"main::$name"}{ $slot_of{$sigil} };
}

our ( $AtLeastOneSectionPlugin, $DirConfig, $DirData, $FrameName, $PluginMode, $QueryString, $SectionsToBeSaved );
our ( $SiteConfig, $tomorrowtime, %HTMLOutput, %PluginsLoaded );

BEGIN {
    __PACKAGE__->import(
        qw($AtLeastOneSectionPlugin $DirConfig $DirData $FrameName $PluginMode $QueryString
          $SectionsToBeSaved $SiteConfig $tomorrowtime %HTMLOutput %PluginsLoaded)
    );
}

# Returns the value of a variable that not every AWStats has; undef when it is missing.
sub optional_scalar {
    my $name = shift;
    my $reference = _reference( q{$}, $name );
    return $reference && ${$reference};
}

# Whether awstats.pl has a list of this name that is not empty.
sub has_list {
    my $name = shift;
    my $reference = _reference( q{@}, $name );
    return $reference && @$reference > 0;
}

# Returns the function that a plugin of AWStats has for a hook; undef when the plugin is not loaded.
sub plugin_function {
    my ( $hook, $plugin ) = @_;
    return if !$PluginsLoaded{$hook}{$plugin};
    return _reference( q{}, "${hook}_$plugin" );
}

# ---- awstats.pl itself ----

# Returns the command, a list, that starts awstats.pl once more with the same configuration.  PROGRAM, a list, runs
# awstats.pl; the arguments are the same, except those of reports.
sub command {
    my @program = @_;
    my @arguments =
      $ENV{GATEWAY_INTERFACE}
      ? ( "-config=$SiteConfig", $DirConfig ? "-configdir=$DirConfig" : () )
      : grep { $_ !~ /^-*(output|logfile|debug|show\w+|staticlinks)\b/i } @ARGV;
    return ( @program, @arguments );
}

# ---- what awstats.pl derives from its configuration ----

# Returns DirData as awstats.pl will have it ("Init other parameters", after it has read its plugins).  The folder of
# awstats.pl is that of $0, as in awstats.pl, and not $DIR, which is another folder while AWStats::CloudFront::Embedded
# loads the plugin.
sub data_folder {
    my $folder = $DirData || '.';
    my $own = $0 =~ m{^(.*[/\\])}s ? $1 =~ s{(?<=[^/\\])[/\\]+$}{}r : '.';
    if    ( $folder eq '.' )                  { $folder = $own; }
    elsif ( $folder =~ /^\./ && $own ne '.' ) { $folder = "$own/$folder"; }
    return $folder;
}

# Whether the command line or the browser has set $LIMITFLUSH, as awstats.pl looks for that.
sub has_own_flush_limit {
    return $QueryString =~ /(?:^|&|&amp;)limitflush=\d/i;
}

# Returns whether awstats.pl will certainly update, and not show a frame or a plugin's page instead.  False under
# CGI: awstats.pl checks a browser's permissions after it has read its plugins.
sub will_update {
    return !$ENV{GATEWAY_INTERFACE} && !$PluginMode && $FrameName ne 'mainleft';
}

# Whether awstats.pl writes a report to its output, where no other text may go.
sub writes_report {
    return scalar keys %HTMLOutput;
}

# Lets awstats.pl read and write the plugin's section of history files, as Read_Plugins does for the hooks that
# Init returns.  SectionsToBeSaved does not leave this section out: it has the batches that are counted.
sub hook_section {
    foreach my $hook (qw(SectionInitHashArray SectionReadHistory SectionWriteHistory)) {
        $PluginsLoaded{$hook}{cloudfront} = 1;
    }
    $AtLeastOneSectionPlugin = 1;
    $SectionsToBeSaved .= ' plugin_cloudfront' if $SectionsToBeSaved !~ /^all$|\bplugin_cloudfront\b/;
    return;
}

# ---- times of records ----

# Returns day, month, year, hour, minute and second of a record of the normalized log, in the time zone
# that awstats.pl counts it in.
sub date_of {
    my $record = shift;
    my ( $year, $month, $day, @time ) = $record =~ /^(\d+)-(\d+)-(\d+)\t(\d+):(\d+):(\d+)/;
    my @date = ( $day, $month, $year, @time );
    my $change_time = plugin_function( 'ChangeTime', 'timezone' );
    return $change_time ? $change_time->( \@date ) : @date;
}

# Returns a record's time as awstats.pl writes it, YYYYMMDDhhmmss.
sub time_of {
    my $record = shift;
    return sprintf '%04i%02i%02i%02i%02i%02i', ( date_of($record) )[ 2, 1, 0, 3 .. 5 ];
}

# Whether awstats.pl leaves out a record of this time, YYYYMMDDhhmmss, because the clock is more than a day behind.
sub is_future {
    my $time = shift;
    return $time > $tomorrowtime;
}

# Whether awstats.pl counts records in another time zone than that of the log.
sub changes_time {
    return defined plugin_function( 'ChangeTime', 'timezone' );
}

# ---- functions in place of awstats.pl's ----

# Puts FUNCTION in the place of a function of awstats.pl, with the prototype of that function, so that perl does not warn of
# a mismatch.  Returns the function that was there.
sub replace_function {
    my ( $name, $function ) = @_;
    my $original = _reference( q{}, $name ) or die "AWStats has no function $name\n";
    Scalar::Util::set_prototype( \&$function, prototype $original );
    no strict 'refs';
    no warnings 'redefine';
    *{"main::$name"} = $function;
    return $original;
}

# Puts ORIGINAL back in the place that FUNCTION has taken, unless another function is there now: a web server that
# keeps its perl may have compiled awstats.pl again.
sub restore_function {
    my ( $name, $function, $original ) = @_;
    my $current = _reference( q{}, $name );
    replace_function( $name, $original ) if $current && $current == $function;
    return;
}

1;
