#!/usr/bin/perl
#-----------------------------------------------------------------------------
# CloudFront AWStats plugin
# This plugin lets AWStats read the access logs of Amazon CloudFront.  In
# reports it adds up edge locations by city, and names countries.
#
#   LoadPlugin="cloudfront"
#   LogFormat="cloudfront"                  (or cloudfront-download, cloudfront-streaming)
#
# need no LogSeparator, and LogFile may be
#
#   LogFile="site:NAME"                     a section of /etc/awstats/cloudfront.conf
#   LogFile="s3://bucket/prefix"            a bucket
#   LogFile="/logs/cloudfront"              a directory with its subdirectories
#   LogFile="/logs/cloudfront/E1.2026-*.gz" files, compressed or not
#   LogFile="some command |"                the output of a command
#
# The program awstats-cloudfront fetches, decodes and sorts the records.  The
# plugin rejects a truncated log, and counts no record of it.
#
# With LogFormat="cloudfront" the first record tells whether the distribution is
# one for downloads or for streaming (RTMP); a log is counted as one or the other.
# The records of a streaming log are views.  Each view is a page view, whatever
# the stream's file type; connections in which nothing was played add hits and
# bytes.  To choose the charts, Include "cloudfront-download.conf" or
# "cloudfront-streaming.conf".
#
# With LogFile="site:NAME" each record is counted once, in its own day and month,
# even if it arrives late or an update is killed: the history files store the ID
# of the last batch of records, and the plugin commits the batch when these files
# are safe on the disk.  Separate runs of AWStats count records of months before
# the newest one.  Keep the plugin loaded: AWStats drops the history section of a
# plugin that is not loaded.
#
# PATCH counts as POST does, although AWStats does not know PATCH, and a record
# without a host counts for SiteDomain.
#
# With any other LogFormat the plugin leaves the log to AWStats.
# The plugin counts most records itself, exactly as AWStats would, but faster.  It
# leaves the others to AWStats, and prints at the end how many these were.
#
# Parameters, by LoadPlugin="cloudfront helper=PATH config=PATH native=on ...":
#   helper=PATH    the program awstats-cloudfront.  Default: the one beside the
#                  plugin, on PATH, or in /usr/local/bin or /usr/bin
#   config=PATH    the file with the section for site:NAME.  Default:
#                  /etc/awstats/cloudfront.conf
#   partial=exact  (default) count the bytes of a 206 response for a download (zip,
#                  mp4, mp3 ...) once in the traffic of day and hour, and save
#                  them also where nobody has fetched the whole file yet
#   partial=stock  count and save them as AWStats does: twice there, and only
#                  with a whole download of the same kind or country
#   native=on      (default) count in the plugin
#   native=off     leave all counting to AWStats
#   memory=SIZE    how much memory the counters may take, such as 500M or 4G,
#                  before AWStats saves in the middle of a log.  Default: the
#                  setting memory of the site if the program runs the update,
#                  or a quarter of the machine's memory
#   threads=N      how many threads count, 1 to 99.  Default: the processors but
#                  one, 8 at most, for an update of 100,000 records or more by
#                  the program; else 1
#-----------------------------------------------------------------------------
# Perl Required Modules: AWStats::CloudFront, which comes with the plugin
#-----------------------------------------------------------------------------

# Only updates load AWStats::CloudFront: reports need no compiled part.
use Cwd ();
no strict "refs";

#-----------------------------------------------------------------------------
# PLUGIN VARIABLES
#-----------------------------------------------------------------------------
my $PluginNeedAWStatsVersion="7.0";
my $PluginHooksFunctions="AddHTMLBodyHeader ShowInfoCluster";

# The update that runs, or the last one of this process
use vars qw/
$CloudFrontUpdate
/;
# The folder of this file, even if AWStats finds this file by a link.  The folder has the plugin's tables.  The
# plugin's modules are in its subfolder cloudfront/, or where perl finds modules of packages
my ($PluginFolder)=Cwd::abs_path(__FILE__) =~ /^(.*)\//;
my $ReportReady=0;	# Whether the tables of this report are prepared

#-----------------------------------------------------------------------------
# PLUGIN FUNCTION: Init_pluginname
# Parameters: what LoadPlugin says after the plugin's name
# Return: the hooks that the plugin has, or a text "Error: ..."
#-----------------------------------------------------------------------------
sub Init_cloudfront {
	my $InitParams=shift;
	my $checkversion=&Check_Plugin_Version($PluginNeedAWStatsVersion);

	debug(" Plugin cloudfront: InitParams=$InitParams",1);
	if ($CloudFrontUpdate) { $CloudFrontUpdate->end; }	# An earlier one that stopped midway
	$CloudFrontUpdate=undef;
	if ($checkversion) { return $checkversion; }
	# Versions 7.9 and 8.0 call this function when they read a history in XML, and lack it
	if (! defined &CleanFromTags) { *CleanFromTags=\&XMLDecodeFromHisto; }
	$ReportReady=0;
	if ($LogFormat =~ /^[a-z][\w-]*$/i && $LogFormat !~ /^cloudfront\b/) {	# Neither a number nor a list of fields
		return "Error: LogFormat=\"$LogFormat\" is no format of AWStats or of this plugin; write LogFormat=\"cloudfront\" for the logs of CloudFront";
	}
	if ($LogFormat !~ /^cloudfront\b/) { return $PluginHooksFunctions; }
	if ($LogFormat !~ /^cloudfront(-download|-streaming)?$/) {
		return "Error: LogFormat=\"$LogFormat\" is not known to this version of the plugin; it must be cloudfront, cloudfront-download or cloudfront-streaming";
	}
	my $format=$LogFormat;
	local @INC=("$PluginFolder/cloudfront",@INC);
	# All columns of the normalized log; %time2 takes date and time
	require AWStats::CloudFront::Columns;
	$LogFormat=$AWStats::CloudFront::Columns::log_format;
	$LogSeparator='\t';
	if (! $UpdateStats || $MigrateStats) { return $PluginHooksFunctions; }

	my $class=$ENV{AWSTATS_CLOUDFRONT_RECOUNT} ? "Recount" : $ENV{AWSTATS_CLOUDFRONT_SHARD} ? "Shard" : "Update";
	if (! eval { require "AWStats/CloudFront/$class.pm"; }) {
		my ($error)=split(/\n/,$@);
		if ($error =~ /^AWStats has no /) { return "Error: $error, which the plugin needs; install AWStats 7.8, 7.9 or 8.0"; }
		return "Error: the compiled part of the plugin in $PluginFolder does not load; build and install it again for this perl ($error)";
	}
	$CloudFrontUpdate="AWStats::CloudFront::$class"->new(format=>$format,parameters=>$InitParams,plugin_directory=>$PluginFolder);
	my $error=$CloudFrontUpdate->begin;
	if ($error) {
		$CloudFrontUpdate->end;
		return "Error: $error";
	}
	return $PluginHooksFunctions;
}

#-----------------------------------------------------------------------------
# PLUGIN FUNCTION: AddHTMLBodyHeader_pluginname
# Prepares the tables of a report, before AWStats prints the first; if that
# fails, AWStats prints its own tables
#-----------------------------------------------------------------------------
sub AddHTMLBodyHeader_cloudfront {
	local @INC=("$PluginFolder/cloudfront",@INC);
	$ReportReady=eval { require AWStats::CloudFront::Report; AWStats::CloudFront::Report::begin($PluginFolder); 1; };
	if (! $ReportReady) {
		my ($error)=split(/\n/,$@);
		warning("Warning: Plugin cloudfront can't name edge locations and countries; install the plugin again ($error)");
	}
	return 1;
}

#-----------------------------------------------------------------------------
# PLUGIN FUNCTION: ShowInfoCluster_pluginname
# Prints a cell of AWStats' own cluster chart: the city of an edge location
# Parameters: edge location, or '__title__' for the head of the column
#-----------------------------------------------------------------------------
sub ShowInfoCluster_cloudfront {
	my $param="$_[0]";
	if ($param eq '__title__') {
		print "<th>Edge location</th>";
		return 1;
	}
	print "<td class=\"aws\">".($ReportReady && AWStats::CloudFront::Report::place($param) || "&nbsp;")."</td>";
	return 1;
}

#-----------------------------------------------------------------------------
# PLUGIN FUNCTIONS: SectionInitHashArray_pluginname,
# SectionReadHistory_pluginname, SectionWriteHistory_pluginname
# The section has the last batch of each site that the history file has counted
#-----------------------------------------------------------------------------
sub SectionInitHashArray_cloudfront {
	$CloudFrontUpdate->forget_batches;
	return 0;
}

sub SectionReadHistory_cloudfront {
	my ($issectiontoload,$xmlold,$xmleb,$countlines)=@_;
	my @field=();
	do {
		if ($field[0] && $issectiontoload) { $CloudFrontUpdate->add_batch(@field[0,1]); }
		$_=<HISTORY>;
		chomp $_; s/\r//;
		@field=split(/\s+/,($xmlold?XMLDecodeFromHisto($_):$_));
	}
	until ($field[0] eq "END_PLUGIN_cloudfront" || $field[0] eq "${xmleb}END_PLUGIN_cloudfront" || ! $_);
	if ($field[0] ne "END_PLUGIN_cloudfront" && $field[0] ne "${xmleb}END_PLUGIN_cloudfront") {
		error("History file is corrupted (End of section PLUGIN_cloudfront not found).\nRestore a recent backup of this file (data for this month will be restored to backup date), remove it (data for month will be lost), or remove the corrupted section in file (data for at least this section will be lost).","","",1);
	}
	return 0;
}

sub SectionWriteHistory_cloudfront {
	my ($xml,$xmlbb,$xmlbs,$xmlbe,$xmlrb,$xmlrs,$xmlre,$xmleb,$xmlee)=@_;
	my %batches=$CloudFrontUpdate->batches;
	print HISTORYTMP "\n";
	if ($xml) { print HISTORYTMP "<section id='plugin_cloudfront'><comment>\n"; }
	print HISTORYTMP "# Site of awstats-cloudfront - Last batch counted\n";
	$ValueInFile{"plugin_cloudfront"}=tell HISTORYTMP;
	print HISTORYTMP "${xmlbb}BEGIN_PLUGIN_cloudfront${xmlbs}".(scalar keys %batches)."${xmlbe}\n";
	foreach (sort keys %batches) { print HISTORYTMP "${xmlrb}$_${xmlrs}$batches{$_}${xmlre}\n"; }
	print HISTORYTMP "${xmleb}END_PLUGIN_cloudfront${xmlee}\n";
	return 0;
}

# An update leaves nothing behind but history files, however it ends
END {
	if ($CloudFrontUpdate) { $?=$CloudFrontUpdate->exit_status($?); }
}

1;
