#!/usr/bin/perl
#-----------------------------------------------------------------------------
# A plugin for tests: a section of the history with the first part of each
# address, and the end of each name, and how often it came.
#-----------------------------------------------------------------------------
no strict "refs";

my $PluginNeedAWStatsVersion="7.0";
my $PluginHooksFunctions="SectionInitHashArray SectionProcessIp SectionProcessHostname SectionReadHistory SectionWriteHistory";

use vars qw/ %AddressesCounted /;

sub Init_addresses {
	my $checkversion=&Check_Plugin_Version($PluginNeedAWStatsVersion);
	return $checkversion || $PluginHooksFunctions;
}

sub SectionInitHashArray_addresses { %AddressesCounted=(); return 0; }

sub SectionProcessIp_addresses {
	my ($part)=$_[0] =~ /^(\w*)/;
	$AddressesCounted{"ip_$part"}++;
	# As plugins do that read a file when they are called first.
	undef $_;
	return 0;
}

sub SectionProcessHostname_addresses {
	my ($part)=$_[0] =~ /(\w*)$/;
	$AddressesCounted{"name_$part"}++;
	return 0;
}

sub SectionReadHistory_addresses {
	my ($issectiontoload,$xmlold,$xmleb,$countlines)=@_;
	my @field=();
	do {
		if ($field[0] && $issectiontoload) { $AddressesCounted{$field[0]}+=$field[1]; }
		$_=<HISTORY>;
		chomp $_; s/\r//;
		@field=split(/\s+/,$_);
	}
	until ($field[0] eq "END_PLUGIN_addresses" || ! $_);
	return 0;
}

sub SectionWriteHistory_addresses {
	print HISTORYTMP "\n# Part of the address or name - Hits\n";
	$ValueInFile{"plugin_addresses"}=tell HISTORYTMP;
	print HISTORYTMP "BEGIN_PLUGIN_addresses ".(scalar keys %AddressesCounted)."\n";
	foreach (keys %AddressesCounted) { print HISTORYTMP "$_ $AddressesCounted{$_}\n"; }
	print HISTORYTMP "END_PLUGIN_addresses\n";
	return 0;
}

1;
