#!/usr/bin/perl
#-----------------------------------------------------------------------------
# A plugin for tests, in the place of AWStats' own geoip: the country of an
# address comes from the address itself, and needs no database.
#-----------------------------------------------------------------------------
no strict "refs";

my $PluginNeedAWStatsVersion="7.0";
my $PluginHooksFunctions="GetCountryCodeByAddr GetCountryCodeByName";

sub Init_geoip {
	my $checkversion=&Check_Plugin_Version($PluginNeedAWStatsVersion);
	return $checkversion || $PluginHooksFunctions;
}

sub GetCountryCodeByAddr_geoip {
	my $sum=0;
	foreach my $number ($_[0] =~ /([0-9a-f]+)/ig) { $sum+=hex(substr($number,0,4)); }
	return ('us','de','jp','fr','ip','')[$sum % 6];
}

sub GetCountryCodeByName_geoip {
	return $_[0] =~ /\.(\w\w)$/ ? $1 : 'ip';
}

1;
