#!/usr/bin/perl
#-----------------------------------------------------------------------------
# CloudFront AWStats plugin
# This plugin lets AWStats read the access logs of Amazon CloudFront, and adds
# the city of each edge location to the cluster chart.
#
#   LoadPlugin="cloudfront"
#   LogFormat="cloudfront"                  (or cloudfront-download, cloudfront-streaming)
#
# need no LogSeparator, and LogFile may be
#
#   LogFile="site:NAME"                     a section of /etc/awstats/cloudfront.conf
#   LogFile="s3://bucket/prefix"            a bucket
#   LogFile="/logs/cloudfront"              a directory, read through
#   LogFile="/logs/cloudfront/E1.2026-*.gz" files, .gz or not
#   LogFile="some command |"                what a command writes
#
# The program awstats-cloudfront fetches, decodes and sorts the records.  A log
# that did not arrive as a whole is refused, and no record of it is counted.
#
# With LogFormat="cloudfront" the first record tells whether the distribution is
# one for downloads or for streaming (RTMP): a log is counted as one or the other.
# The record of a streaming log is a
# view, and each view is a page view, whatever the stream's file type; what else
# such a log has (connections in which nothing was played) adds hits and bytes.
# Which charts to show is not the plugin's business: Include "cloudfront-download.conf"
# or "cloudfront-streaming.conf" for that.
#
# With any other LogFormat the plugin leaves the log alone.
#
# Parameters, by LoadPlugin="cloudfront helper=PATH config=PATH":
#   helper   the program awstats-cloudfront, if it is neither beside the plugin
#            nor on PATH, nor in /usr/local/bin or /usr/bin
#   config   the file that site:NAME is looked up in, if it is not
#            /etc/awstats/cloudfront.conf
#-----------------------------------------------------------------------------
# Needs the Perl module AWStats::CloudFront, which comes with the plugin.
#-----------------------------------------------------------------------------


# AWStats::CloudFront is loaded for updates only: reports need nothing compiled.
use Cwd ();
use File::Basename ();
no strict "refs";



#-----------------------------------------------------------------------------
# Plugin variables
#-----------------------------------------------------------------------------
my $PluginNeedAWStatsVersion="7.0";
my $PluginHooksFunctions="ShowInfoCluster";

use vars qw/
$CloudFrontFolder
$CloudFrontUpdates
%CloudFrontPlaces
/;
# What comes with the plugin is in cloudfront/ beside it, wherever a link to it may be.
$CloudFrontFolder=File::Basename::dirname(Cwd::abs_path(__FILE__))."/cloudfront";



#-----------------------------------------------------------------------------
# Init: runs after the config was read, and before the log is opened
# Parameters: what LoadPlugin says after the plugin's name
# Return: the hooks that the plugin has, or a text "Error: ..."
#-----------------------------------------------------------------------------
sub Init_cloudfront {
	my $InitParams=shift;
	my $checkversion=&Check_Plugin_Version($PluginNeedAWStatsVersion);

	debug(" Plugin cloudfront: InitParams=$InitParams",1);
	%CloudFrontPlaces=();
	if ($checkversion) { return $checkversion; }
	if ($LogFormat !~ /^cloudfront\b/) { return $PluginHooksFunctions; }
	if ($LogFormat !~ /^cloudfront(-download|-streaming)?$/) {
		return "Error: LogFormat=\"$LogFormat\" is not known to this version of the plugin; it must be cloudfront, cloudfront-download or cloudfront-streaming";
	}
	my $wanted=$LogFormat;
	# All columns of the normalized log; %time2 takes date and time.  A download log has nothing in the last four.
	$LogFormat='%time2 %cluster %bytesd %host %method %virtualname %url %code %referer %ua %query'
	          .' %extra1 %extra2 %extra3 %extra4 %extra5 %extra6 %extra7 %extra8 %extra9 %extra10 %extra11 %extra12';
	$LogSeparator='\t';
	if (! $UpdateStats || $MigrateStats) { return $PluginHooksFunctions; }

	my %parameter;
	foreach my $param (split(/\s+/,$InitParams)) {
		if ($param !~ /^(helper|config)=(.+)$/) { return "Error: unknown parameter '$param'; there are helper=PATH and config=PATH"; }
		$parameter{$1}=$2;
	}
	if ($LogType !~ /^[WS]$/) { return "Error: LogType must be W, or S for streaming, when LogFormat is $wanted"; }
	if ($PurgeLogFile) { return "Error: PurgeLogFile must be 0 when LogFormat is cloudfront: the logs are not AWStats' to empty"; }
	if (! eval { local @INC=($CloudFrontFolder,@INC); require AWStats::CloudFront; }) {
		my ($reason)=split(/\n/,$@);
		return "Error: the compiled part of the plugin in $CloudFrontFolder does not load; build and install it again for this perl ($reason)";
	}
	# Before a record tells the name that was asked for, it tells the distribution's own.
	push @HostAliases, qr/^[a-z0-9]+\.cloudfront\.net$/i;
	tie *main::LOG, 'AWStats::CloudFront', %parameter, near=>$CloudFrontFolder,
	    before=>\&Remove_Tmp_History_cloudfront,
	    first=>sub { return Begin_Records_cloudfront($wanted,shift); },
	    fail=>sub { error(shift,'','',1); };
	# However the update ends, END below takes care of what it began.
	$CloudFrontUpdates=$$;
	foreach my $signal (qw(HUP INT TERM)) { $SIG{$signal}=$EnableLockForUpdate ? \&SigHandler : sub { exit 1; }; }

	return $PluginHooksFunctions;
}



#-----------------------------------------------------------------------------
# ShowInfoCluster: prints a cell of the cluster chart, the edge location's city
# Parameters: edge location, or '__title__' for the head of the column
#-----------------------------------------------------------------------------
sub ShowInfoCluster_cloudfront {
	my $param="$_[0]";
	if ($param eq '__title__') {
		print "<th>Edge location</th>";
		return 1;
	}
	if (! %CloudFrontPlaces) { %CloudFrontPlaces=Read_Places_cloudfront("$CloudFrontFolder/pop.tsv"); }
	# An edge location is an airport's code and a number: DFW57-P3, SFO4
	my $place=$param =~ /^([A-Z]{3})\d/ ? $CloudFrontPlaces{$1} : '';
	print "<td class=\"aws\">".($place || "&nbsp;")."</td>";
	return 1;
}

#-----------------------------------------------------------------------------
# Reads the table of edge locations: code, city and country, a TAB between them.
# Parameters: file
# Return: a hash of code => "city, country", ready for HTML
#-----------------------------------------------------------------------------
sub Read_Places_cloudfront {
	my $file=shift;
	my %place=('' => '');
	if (open(my $places,'<',$file)) {
		while (my $line=<$places>) {
			if ($line !~ /^([A-Z]{3})\t([^\t]+)\t([A-Z]{2})$/) { next; }
			my ($code,$city,$country)=($1,$2,$3);
			$city =~ s/&/&amp;/g;
			$city =~ s/</&lt;/g;
			$place{$code}="$city, $country";
		}
		close $places;
	}
	else { warning("Warning: Plugin cloudfront can't read its table of edge locations \"$file\": $!"); }
	return %place;
}

#-----------------------------------------------------------------------------
# Settles how records are counted, by the kind of the first.  AWStats looks into
# these tables again for each record, so this is not too late.
# Parameters: LogFormat of the config, whether the log is a streaming one
# Return: why the log cannot be used with this config, or ''
#-----------------------------------------------------------------------------
sub Begin_Records_cloudfront {
	my ($wanted,$streaming)=@_;
	my $kind=$streaming ? 'streaming' : 'download';
	if ($wanted !~ /^cloudfront(-$kind)?$/) {
		return "LogFormat is $wanted, but this is the log of a $kind distribution; use LogFormat=\"cloudfront\" or \"cloudfront-$kind\"";
	}
	# AWStats with LogType=S drops POST, PUT and all other methods that players don't use.
	if (! $streaming && $LogType ne 'W') { return "LogType must be W for the log of a download distribution"; }
	if ($streaming) {
		# flv, mp4 and mp3 keep their names and icons in the chart of file types, and become pages.
		%NotPageList=();
		foreach my $type (values %MimeHashLib) { $type->[1]=''; }
		# What is no view has a slash behind its path.
		push @NotPageFiles, qr/\/$/;
	}
	return '';
}

#-----------------------------------------------------------------------------
# Removes the history files that this process wrote and did not bring to their
# names.  After a run that went well there are none.  One that another process
# of the same number left behind AWStats would bring to its name as its own.
#-----------------------------------------------------------------------------
sub Remove_Tmp_History_cloudfront {
	my $name=qr/^\Q$PROG\E\d{4,10}\Q$FileSuffix\E\.tmp\.$$(\.bis)?$/;
	opendir(my $history,$DirData) || return;
	unlink map { "$DirData/$_" } grep { $_ =~ $name } readdir $history;
	closedir $history;
}

END {
	if ($CloudFrontUpdates && $CloudFrontUpdates == $$) {
		my $status=$?;
		untie *main::LOG;
		Remove_Tmp_History_cloudfront();
		$?=$status;
	}
}


1;
