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
# With LogFile="site:NAME" each record is counted once, in its own day and month,
# however late it comes, and whatever is killed in between: the history files have
# the number of the batch of records that was counted last, and the program
# awstats-cloudfront is told when they are safe on the disk.  Records of months
# before the newest one are counted by runs of AWStats of their own.  Keep the
# plugin loaded: a section of the history goes when its plugin does.
#
# With any other LogFormat the plugin leaves the log alone.
#
# The plugin counts most records itself, exactly as AWStats would, and much faster; it
# hands AWStats what it is not certain of, and says at the end of the update how many
# records that was.
#
# Parameters, by LoadPlugin="cloudfront helper=PATH config=PATH native=on ...":
#   helper   the program awstats-cloudfront, if it is neither beside the plugin
#            nor on PATH, nor in /usr/local/bin or /usr/bin
#   config   the file that site:NAME is looked up in, if it is not
#            /etc/awstats/cloudfront.conf
#   partial  AWStats adds the bytes of a 206 answer for a download (zip, mp4, mp3 ...)
#            to the traffic of day and hour twice.  exact, which is what it is when
#            missing, counts them once; stock leaves it to AWStats
#   native   off leaves all counting to AWStats; on, which is what it is when missing
#   flush    AWStats saves what it has counted so far, to save memory, when it has more
#            than 5000 pages or 20000 hosts.  That many pages, and four times as many
#            hosts, instead.  Higher is faster for a site of many pages.  It changes
#            what a saving in between changes: which rare pages and hosts are kept, and
#            the order of equals.  -limitflush=N on the command line goes before it
#-----------------------------------------------------------------------------
# Needs the Perl module AWStats::CloudFront, which comes with the plugin.
#-----------------------------------------------------------------------------


# AWStats::CloudFront and its parts are loaded for updates only: reports need nothing compiled.
use Cwd ();
no strict "refs";



#-----------------------------------------------------------------------------
# Plugin variables
#-----------------------------------------------------------------------------
my $PluginNeedAWStatsVersion="7.0";
my $PluginHooksFunctions="ShowInfoCluster";

use vars qw/
$CloudFrontFolder
$CloudFrontUpdates
$CloudFrontHistory
$CloudFrontBatch
%CloudFrontBatches
%CloudFrontCounted
%CloudFrontPartial
$CloudFrontStatus
$CloudFrontLoop
$CloudFrontNotNative
$CloudFrontHistoryFile
$CloudFrontSaving
%CloudFrontPlaces
/;
# What comes with the plugin is in cloudfront/ beside it, wherever a link to it may be.
($CloudFrontFolder=Cwd::abs_path(__FILE__)) =~ s/[^\/]*$/cloudfront/;



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
	# All columns of the normalized log; %time2 takes date and time.
	{ local @INC=($CloudFrontFolder,@INC); require AWStats::CloudFront::Columns; }
	$LogFormat=$AWStats::CloudFront::Columns::log_format;
	$LogSeparator='\t';
	if (! $UpdateStats || $MigrateStats) { return $PluginHooksFunctions; }

	my %parameter=(partial=>'exact',native=>'on');
	foreach my $param (split(/\s+/,$InitParams)) {
		if ($param !~ /^(?:(?:helper|config)=.+|partial=(?:stock|exact)|native=(?:on|off)|flush=[1-9]\d{0,8})$/) {
			return "Error: unknown parameter '$param'; there are helper=PATH, config=PATH, partial=exact or partial=stock, native=on or native=off, and flush=NUMBER";
		}
		my ($name,$value)=split(/=/,$param,2);
		$parameter{$name}=$value;
	}
	my ($partial,$native,$flush)=delete @parameter{qw(partial native flush)};
	if ($LogType !~ /^[WS]$/) { return "Error: LogType must be W, or S for streaming, when LogFormat is $wanted"; }
	if ($PurgeLogFile) { return "Error: PurgeLogFile must be 0 when LogFormat is cloudfront: the logs are not AWStats' to empty"; }
	if (! eval { local @INC=($CloudFrontFolder,@INC); require AWStats::CloudFront::LogHandle; require AWStats::CloudFront::Batch; require AWStats::CloudFront::KnownVersions; }) {
		my ($reason)=split(/\n/,$@);
		return "Error: the compiled part of the plugin in $CloudFrontFolder does not load; build and install it again for this perl ($reason)";
	}
	# Before a record tells the name that was asked for, it tells the distribution's own.
	push @HostAliases, qr/^[a-z0-9]+\.cloudfront\.net$/i;

	# A run for the records of an older break works in a folder of its own, for another run.
	my ($folder,$next)=delete @ENV{$AWStats::CloudFront::OlderPeriods::variable,$AWStats::CloudFront::OlderPeriods::next_variable};
	$DirData=$folder || Data_Folder_cloudfront();
	my $history=AWStats::CloudFront::HistoryFiles->new(folder=>$DirData, program=>$PROG, suffix=>$FileSuffix, break=>$DatabaseBreak);
	if (! $folder) {
		my $holder=eval { $history->lock; };
		if ($@) { return "Error: DirData can't be locked: $@"; }
		if ($holder) {
			$CloudFrontStatus=3;
			error("Another update of \"$FileConfig\" is under way ($holder)",'','',1);
		}
	}
	# AWStats' own lock outlives an update that is killed, and is not needed any more.
	$EnableLockForUpdate=0;
	# However the update ends, END below takes care of what it began.
	$CloudFrontHistory=$history;
	$CloudFrontUpdates=$$;
	foreach my $signal (grep { ($SIG{$_}||'') ne 'IGNORE' } qw(HUP INT TERM)) { $SIG{$signal}=sub { exit 1; }; }

	if ($flush && $QueryString !~ /(?:^|&|&amp;)limitflush=\d/i) { $LIMITFLUSH=$flush; }
	%CloudFrontBatches=%CloudFrontCounted=%CloudFrontPartial=();
	$CloudFrontLoop=$CloudFrontNotNative=$CloudFrontHistoryFile=undef;
	my $partial_once=$partial eq 'exact' && ! $ValidHTTPCodes{'206'};
	my @partial=! $partial_once ? ()
		: (before_partial=>\&Before_Partial_cloudfront, after_partial=>\&After_Partial_cloudfront);
	my $program=AWStats::CloudFront::KnownVersions::program();
	my $log=tie *main::LOG, 'AWStats::CloudFront::LogHandle', %parameter, near=>$CloudFrontFolder,
	    before=>\&Before_Log_cloudfront,
	    meanwhile=>sub { if ($native eq 'on') { Load_Native_cloudfront($program); } },
	    first=>sub { return Begin_Records_cloudfront($wanted,shift); },
	    fail=>sub { error(shift,'','',1); },
	    batch=>sub { return Begin_Batch_cloudfront($folder,{%parameter, near=>$CloudFrontFolder},@_); },
	    break_of=>sub { return $CloudFrontHistory->break_of(Date_Of_cloudfront(shift)); },
	    time_of=>sub { my @date=Date_Of_cloudfront(shift); return sprintf("%04i%02i%02i%02i%02i%02i",@date[2,1,0,3..5]); },
	    last_time=>sub { return $LastLine; },
	    date_length=>sub { return $PluginsLoaded{'ChangeTime'}{'timezone'} ? 16 : $CloudFrontHistory->date_length; },
	    native=>sub { return Begin_Native_cloudfront($native eq 'on',program=>$program,partial_once=>$partial_once); },
	    counted=>sub { End_Records_cloudfront($next,shift); }, @partial,
	    $folder ? (log=>"$folder/log") : ();
	Wrap_cloudfront();
	# The program works while AWStats goes on.  Whether a browser may start an update is seen later.
	if (! $folder && ! $ENV{'GATEWAY_INTERFACE'} && ! $PluginMode && $FrameName ne 'mainleft') { $log->start_early($LogFile); }

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
# DirData as AWStats understands it, which it works out after plugins are loaded.
# Return: its absolute path
#-----------------------------------------------------------------------------
sub Data_Folder_cloudfront {
	my $folder=$DirData || '.';
	if ($folder eq '.') { $folder=$DIR || '.'; }
	elsif ($folder =~ /^\./ && $DIR && $DIR ne '.') { $folder="$DIR/$folder"; }
	return Cwd::abs_path($folder) || $folder;
}

#-----------------------------------------------------------------------------
# Puts our own around functions of AWStats, whose place nothing else can take
#-----------------------------------------------------------------------------
sub Wrap_cloudfront {
	my ($history,$section,$rename)=(\&main::Read_History_With_TmpUpdate,\&main::Save_History,\&main::Rename_All_Tmp_History);
	no warnings 'redefine';
	*main::Read_History_With_TmpUpdate=sub { return Update_History_cloudfront($history,@_); };
	*main::Save_History=sub { return $CloudFrontSaving && $CloudFrontSaving->save(@_[0..2]) || &$section(@_); };
	*main::Rename_All_Tmp_History=sub { return $CloudFrontBatch ? Finish_Batch_cloudfront($rename) : Rename_History_cloudfront($rename); };
}

#-----------------------------------------------------------------------------
# Lets AWStats bring together what it has counted and what a history file has
# Parameters: AWStats' function that does it, and its parameters
# Return: the file that was written, as AWStats' function
#-----------------------------------------------------------------------------
sub Update_History_cloudfront {
	my $history=shift;
	my ($update,$part)=@_[4,6];
	Even_Out_Partial_cloudfront();
	if ($CloudFrontLoop) { $CloudFrontLoop->forget; }
	local $CloudFrontSaving=$update && $part eq 'all' ? $CloudFrontHistoryFile : undef;
	if ($CloudFrontSaving) { tie *main::HISTORY, 'AWStats::CloudFront::HistoryHandle', $CloudFrontSaving; }
	my $file=&$history(@_);
	if ($CloudFrontSaving) {
		untie *main::HISTORY;
		$CloudFrontLoop->forget;
	}
	# What is counted from here on begins at nothing.
	if (%CloudFrontPartial) { $CloudFrontPartial{'before'}=0; }
	return $file;
}

#-----------------------------------------------------------------------------
# Runs when AWStats opens its log
#-----------------------------------------------------------------------------
sub Before_Log_cloudfront {
	$CloudFrontHistory->remove_abandoned;
	my $newest=$CloudFrontHistory->newest;
	# A log that is no batch leaves alone what the newest file has of batches.
	if ($newest && %{AWStats::CloudFront::HistoryFiles::batches($CloudFrontHistory->path($newest))}) { Hook_Section_cloudfront(); }
}

#-----------------------------------------------------------------------------
# Lets AWStats read and write our section of the history.  The hooks are not
# among those that Init returns: without batches there is nothing to write.
#-----------------------------------------------------------------------------
sub Hook_Section_cloudfront {
	foreach my $hook (qw(SectionInitHashArray SectionReadHistory SectionWriteHistory)) { $PluginsLoaded{$hook}{'cloudfront'}=1; }
	$AtLeastOneSectionPlugin=1;
}

#-----------------------------------------------------------------------------
# The log is a batch: what is in it was not counted before, and is to be counted
# whenever it is of.  AWStats has not looked at a record yet.
# Parameters: folder of a run of its own or '', settings of the source, ID, site,
# what the log says of other batches
# Return: the batch; undef for a run of its own, which counts all it gets
#-----------------------------------------------------------------------------
sub Begin_Batch_cloudfront {
	my ($folder,$source,$id,$site,%other)=@_;
	if ($UpdateFor) { error("-updatefor can't be used with LogFile=\"$LogFile\": a batch is counted as a whole",'','',1); }
	Hook_Section_cloudfront();
	$NewLinePhase=1;
	$NOTSORTEDRECORDTOLERANCE=1e15;
	# The same program with the same arguments, but for those of reports.
	my @arguments=$ENV{'GATEWAY_INTERFACE'} ? ("-config=$SiteConfig",$DirConfig ? "-configdir=$DirConfig" : ())
		: grep { $_ !~ /^-*(output|logfile|debug|show\w+|staticlinks)\b/i } @ARGV;
	my $batch=AWStats::CloudFront::Batch->new($id,$site,history=>$CloudFrontHistory,command=>[$^X,$0,@arguments],source=>$source);
	%CloudFrontCounted=($batch->key=>$id);
	if ($folder) { return undef; }
	$batch->check(%other);
	$CloudFrontBatch=$batch;
	return $batch;
}

#-----------------------------------------------------------------------------
# Gets ready what counts records natively, while the program works
# Parameters: path of awstats.pl
#-----------------------------------------------------------------------------
sub Load_Native_cloudfront {
	my $program=shift;
	if (! eval { local @INC=($CloudFrontFolder,@INC); require AWStats::CloudFront::Native; }) {
		($CloudFrontNotNative)=$@ =~ /^(.*?)(?: \(you may| at )/;
		return;
	}
	AWStats::CloudFront::Native::prepare($program);
}

#-----------------------------------------------------------------------------
# The first record has come: from here on records are counted natively, if that
# is possible
# Parameters: whether it is wanted, settings of AWStats::CloudFront::Native
# Return: the loop; undef when AWStats counts all
#-----------------------------------------------------------------------------
sub Begin_Native_cloudfront {
	my ($wanted,%setting)=@_;
	if (! $wanted) { $CloudFrontNotNative='native=off'; }
	elsif (! $CloudFrontNotNative) {
		($CloudFrontLoop,$CloudFrontNotNative,$CloudFrontHistoryFile)=AWStats::CloudFront::Native::start(%setting);
	}
	return $CloudFrontLoop;
}

#-----------------------------------------------------------------------------
# Return: a line about who has counted the records; '' when there were none
#-----------------------------------------------------------------------------
sub Say_Native_cloudfront {
	if (! $CloudFrontLoop) { return $CloudFrontNotNative ? "cloudfront: all records by AWStats ($CloudFrontNotNative)\n" : ''; }
	my %lines=$CloudFrontLoop->lines;
	my $native=delete $lines{'native'} || 0;
	my $others=0;
	foreach my $reason (keys %lines) { $others+=$lines{$reason}; }
	if (! $native && ! $others) { return ''; }
	my ($most)=sort { $lines{$b} <=> $lines{$a} || $a cmp $b } keys %lines;
	return "cloudfront: $native records native, $others by AWStats".($others ? " ($lines{$most} of them: $most)" : '')
	      .($CloudFrontHistoryFile ? '' : '; history files by AWStats')."\n";
}

#-----------------------------------------------------------------------------
# Lets AWStats rename its history files, and fails when not all were: AWStats
# would say that all is well, and the run that waits for this one would too
# Parameters: AWStats' function that does it
# Return: 1, as AWStats' function
#-----------------------------------------------------------------------------
sub Rename_History_cloudfront {
	my $rename=shift;
	my $done=&$rename();
	my @left=eval { $CloudFrontHistory->unfinished; };
	chomp(my $fault=$@);
	if ($fault) { error("Whether the history files in \"$DirData\" were renamed could not be seen: $fault",'','',1); }
	if (! $done || @left) { error("The history files in \"$DirData\" could not be renamed",'','',1); }
	return 1;
}

#-----------------------------------------------------------------------------
# Brings what was counted to the history, then tells the program
# Parameters: AWStats' function that renames its history files
# Return: 1, as AWStats' function
#-----------------------------------------------------------------------------
sub Finish_Batch_cloudfront {
	my $rename=shift;
	# AWStats would move a file to its backup: killed then, it would leave none.
	my $backups=$KeepBackupOfHistoricFiles;
	local $KeepBackupOfHistoricFiles=0;
	if (! eval { if ($backups) { $CloudFrontBatch->keep_backups; } $CloudFrontBatch->finish($rename); 1; }) {
		chomp(my $fault=$@);
		error("The history could not be saved, and will be by the next update: $fault",'','',1);
	}
	my $fault=$CloudFrontBatch->commit;
	if ($fault) { warning("Warning: Plugin cloudfront has counted all records, but could not say so: $fault; the next update will"); }
	$CloudFrontBatch=undef;
	return 1;
}

#-----------------------------------------------------------------------------
# Runs when all records are counted, and before AWStats saves.  Tells of the runs
# for older breaks, as AWStats does of its own; and by the time of the record that
# comes after a break AWStats sees that the break's visits have ended.
# Parameters: time of that record or 0, in a run of its own; what
# AWStats::CloudFront::OlderPeriods::run returns
#-----------------------------------------------------------------------------
sub End_Records_cloudfront {
	my ($next,$found)=@_;
	if ($CloudFrontBatch) { $next=$CloudFrontBatch->next_time; }
	if ($next && $next > $LastLine) { $LastLine=$next; }
	if (scalar keys %HTMLOutput) { return; }
	print Say_Native_cloudfront();
	foreach my $break (sort keys %$found) { print "Counted ".($found->{$break}{'records'}||0)." records of $break apart".($found->{$break}{'by'} ? ": $found->{$break}{'by'}" : '')."\n"; }
}

#-----------------------------------------------------------------------------
# SectionInitHashArray, SectionReadHistory, SectionWriteHistory: the last batch
# of each site that a history file has
#-----------------------------------------------------------------------------
sub SectionInitHashArray_cloudfront {
	%CloudFrontBatches=();
	return 0;
}

sub SectionReadHistory_cloudfront {
	my ($issectiontoload,$xmlold,$xmleb,$countlines)=@_;
	my @field=();
	do {
		if ($field[0] && $issectiontoload) { $CloudFrontBatches{$field[0]}=$field[1]; }
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
	my %batches=(%CloudFrontBatches,%CloudFrontCounted);
	print HISTORYTMP "\n";
	if ($xml) { print HISTORYTMP "<section id='plugin_cloudfront'><comment>\n"; }
	print HISTORYTMP "# Site of awstats-cloudfront - Last batch counted\n";
	$ValueInFile{"plugin_cloudfront"}=tell HISTORYTMP;
	print HISTORYTMP "${xmlbb}BEGIN_PLUGIN_cloudfront${xmlbs}".(scalar keys %batches)."${xmlbe}\n";
	foreach (sort keys %batches) { print HISTORYTMP "${xmlrb}$_${xmlrs}$batches{$_}${xmlre}\n"; }
	print HISTORYTMP "${xmleb}END_PLUGIN_cloudfront${xmlee}\n";
	return 0;
}

#-----------------------------------------------------------------------------
# The time of a record, as AWStats will take it
# Parameters: record
# Return: day, month, year, hour, minute, second
#-----------------------------------------------------------------------------
sub Date_Of_cloudfront {
	my $record=shift;
	my ($year,$month,$day,$hour,$minute,$second)=$record =~ /^(\d+)-(\d+)-(\d+)\t(\d+):(\d+):(\d+)/;
	my @date=($day,$month,$year,$hour,$minute,$second);
	if ($PluginsLoaded{'ChangeTime'}{'timezone'}) { @date=ChangeTime_timezone(\@date); }
	return @date;
}

#-----------------------------------------------------------------------------
# A record of status 206 is on its way to AWStats, which may drop it, or add its
# bytes to %DayBytes and @_time_k first for the 206, and then like those of any
# other record (or to @_time_nv_k, for a robot).  Which, shows afterwards.
# Parameters: record
#-----------------------------------------------------------------------------
sub Before_Partial_cloudfront {
	my $record=shift;
	my ($day,$month,$year,$hour)=Date_Of_cloudfront($record);
	my $bytes=(split(/\t/,$record,5))[3];
	$day=sprintf("%04i%02i%02i",$year,$month,$day);
	%CloudFrontPartial=(day=>$day,hour=>int($hour),bytes=>int($bytes),before=>$DayBytes{$day}||0);
}

sub After_Partial_cloudfront {
	Even_Out_Partial_cloudfront();
	%CloudFrontPartial=();
}

#-----------------------------------------------------------------------------
# Takes the bytes off once if AWStats has added them.  To be called before it
# saves, which it does in the midst of things when there are many hosts or pages.
#-----------------------------------------------------------------------------
sub Even_Out_Partial_cloudfront {
	my ($day,$hour,$bytes,$before)=@CloudFrontPartial{qw(day hour bytes before)};
	if (! $day || ($DayBytes{$day}||0) <= $before) { return; }
	$DayBytes{$day}-=$bytes;
	$_time_k[$hour]-=$bytes;
	# AWStats writes, and adds up over updates, only days that it has a number of hits of.
	if ($DayBytes{$day}) { $DayHits{$day}||=0; }
	%CloudFrontPartial=();
}

# However an update ends, it leaves behind nothing but history files.
END {
	if ($CloudFrontUpdates && $CloudFrontUpdates == $$) {
		my $status=$?;
		untie *main::LOG;
		undef $CloudFrontBatch;
		eval { $CloudFrontHistory->remove_abandoned; };
		$?=$status;
	}
	if ($CloudFrontStatus) { $?=$CloudFrontStatus; }
}


1;
