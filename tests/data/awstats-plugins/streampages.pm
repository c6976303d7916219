#!/usr/bin/perl
#-----------------------------------------------------------------------------
# A plugin for tests: what the plugin cloudfront does for the records of a
# streaming distribution, for AWStats without it.  Every file type is a page,
# and what ends in a slash is none.
#-----------------------------------------------------------------------------
no strict "refs";

my $PluginNeedAWStatsVersion="7.0";

sub Init_streampages {
	my $checkversion=&Check_Plugin_Version($PluginNeedAWStatsVersion);
	%NotPageList=();
	foreach my $type (values %MimeHashLib) { $type->[1]=''; }
	push @NotPageFiles, qr/\/$/;
	# With no hook at all AWStats takes the plugin for one that failed.
	return $checkversion || "ShowInfoHost";
}

sub ShowInfoHost_streampages { return 0; }

1;
