#!/usr/bin/perl
#-----------------------------------------------------------------------------
# A plugin for tests: counts, for each address, what has a name of characters
# that are no bytes, and none that fits into one.
#-----------------------------------------------------------------------------
no strict "refs";

my $PluginNeedAWStatsVersion="7.0";
my $PluginHooksFunctions="SectionInitHashArray SectionProcessIp SectionReadHistory SectionWriteHistory";

sub Init_widekeys {
	my $checkversion=&Check_Plugin_Version($PluginNeedAWStatsVersion);
	return $checkversion || $PluginHooksFunctions;
}

sub SectionInitHashArray_widekeys { return 0; }

sub SectionProcessIp_widekeys {
	no warnings;
	foreach my $hash (\%_host_h, \%_url_p, \%_pagesrefs_h, \%_section_1_h, \%{$_sider_h{404}}) {
		$hash->{"\x{20ac}"}++;
	}
	return 0;
}

sub SectionReadHistory_widekeys { return 0; }

sub SectionWriteHistory_widekeys { return 0; }

1;
