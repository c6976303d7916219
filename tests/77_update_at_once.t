#!/usr/bin/perl
# update --all: as many sites at once as there are processors, each in a process of its own.
use strict;
use warnings;
use Test::More;
use File::Path qw(make_path);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program      qw(content run write_file);
use UpdateChecks qw(records);

my ($processors) = content('/proc/self/status') =~ /^Cpus_allowed_list:\s*(\S+)$/m;
my ($first) = $processors =~ /^(\d+)/;

# A plugin of AWStats shows while the history is saved that its process is at work, looks for another one that is, for up to
# so many seconds as the file "patience" says, and notes what it has seen.
my $two = CountedSite->new( config => "LoadPlugin=\"busy\"\n" );
my $home = $two->folder;
make_path( "$home/work", "$home/seen", "$home/video" );
write_file( "$home/plugins/busy.pm", <<"END" );
sub Init_busy { return 'SectionInitHashArray SectionReadHistory SectionWriteHistory' }
sub SectionInitHashArray_busy { return 0 }
sub SectionReadHistory_busy { return 0 }
sub SectionWriteHistory_busy {
    my \$write = sub { open my \$file, '>', shift or die; print \$file "\@_"; close \$file };
    \$write->("$home/work/\$\$");
    open my \$in, '<', "$home/patience" or die;
    my \$until = time + <\$in>;
    my \@others;
    until ( \@others = grep { !m{/\$\$\\z} } glob "$home/work/*" or time > \$until ) { select undef, undef, undef, 0.05 }
    \$write->( "$home/seen/\$\$", scalar \@others );
    unlink "$home/work/\$\$" if !\@others;    # else the other one looks, too
    return 0;
}
1;
END
my $settings = content("$home/sites.conf");
write_file( "$home/sites.conf",
    $settings . $settings =~ s/\[cdn\]/[video]/r =~ s{/(?:source|state/cdn)\b}{/video}gr =~ s/= site$/= video/mr );
$two->awstats->config( 'video', "$two->{load}$two->{config}LogFile=\"site:video\"\n" );

# Runs an update of both sites, each of which has a new log, by a command line before it.  Returns how many others each
# process has seen.
sub seen {
    my ( $what, $patience, @before ) = @_;
    write_file( "$home/patience", $patience );
    unlink glob("$home/seen/*"), glob "$home/work/*";
    foreach my $folder ( $two->source, "$home/video" ) {
        my $name = $two->deliver( records(3) );
        rename $two->source . "/$name", "$folder/$name" or die "$folder/$name: $!\n";
    }
    my ( $status, $output, $error ) =
      run( @before, AWStats::helper(), 'update', '--all', '--config', "$home/sites.conf" );
    is( $status, 0, "$what: exit status" ) or diag $error;
    like( $output, qr/^\[$_\]: 3 records of 1 log counted/m, "$what: [$_] is counted" ) foreach qw(cdn video);
    my @files = glob "$home/seen/*";
    is( scalar @files, 2, "$what: two processes" );
    return join ' ', map { content($_) } @files;
}

SKIP: {
    skip 'there is one processor', 5 if $processors eq $first;
    is( seen( 'several processors', 60 ), '1 1', 'both sites are updated at once' );
}
SKIP: {
    skip 'needs taskset (package util-linux)', 5 if !-x '/usr/bin/taskset';
    is( seen( 'one processor', 1, 'taskset', '-c', $first ), '0 0', 'one site after the other' );
}
done_testing;
