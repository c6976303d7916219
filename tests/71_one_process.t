#!/usr/bin/perl
# Several updates in one perl process, as a web server with an embedded perl runs them: each is like an update in a
# process of its own, and gives back what it has taken, whether it counts all or fails.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program qw(write_file);

# Runs awstats.pl as a function, once for each configuration named; exit() is the end of the run.  Prints whether a run
# has left all as it was.
my $many = <<'END';
my $status;
BEGIN {
    no warnings 'once';
    *CORE::GLOBAL::exit = sub { $status = shift // 0; die "exit\n" };
}
$0 = 'awstats.pl';
open my $file, '<', $0 or die $!;
my $text = do { local $/; <$file> };
eval "sub update {\n#line 1 \"./awstats.pl\"\n$text\n}";
die $@ if $@;

sub state {
    my @functions = map { \&{"main::$_"} } qw(Read_History_With_TmpUpdate Save_History Rename_All_Tmp_History error);
    my @signals   = map { "$_=" . ( $SIG{$_} || 'DEFAULT' ) } qw(HUP TERM CHLD);
    my @locks     = grep { /lock/ } map { readlink // '' } glob '/proc/self/fd/*';
    my @names     = grep { /cloudfront/ } @main::HostAliases;
    my @pages     = grep { $main::MimeHashLib{$_}[1] } keys %main::MimeHashLib;
    my @variables = map { "$_=$ENV{$_}" } grep { !/^AWSTATS_CURRENT_CONFIG$/ } sort keys %ENV;
    my @tied      = grep { $_ } map { tied *$_ } *main::LOG, *main::HISTORY;
    return ( scalar @pages, "@functions|@signals|@locks|@names|@variables|@tied" );
}
sub handler { return; }
$SIG{TERM} = \&handler;
$SIG{CHLD} = 'IGNORE' if $ENV{IGNORE_CHLD};
my $pid = $ENV{STRAY} ? fork : undef;
if ( defined $pid && !$pid ) { exec '/bin/sh', '-c', 'exit 7'; }
my ( undef, $before ) = state();
my $pages;
foreach my $config ( split / /, $ENV{RUNS} ) {
    @ARGV = ( "-config=$config", '-update' );
    $status = 0;
    eval { update(); 1 } or $@ eq "exit\n" or die $@;
    my ( $pages_now, $after ) = state();
    $pages ||= $pages_now;
    my $same = $after eq $before && $pages_now == $pages;
    my @was = split /[| ]/, $before;
    my @is  = split /[| ]/, $after;
    my @changed = map { "$was[$_] -> $is[$_]" } grep { $was[$_] ne $is[$_] } 0 .. $#was;
    print "run $config: status $status, ", $same ? "as before\n" : "changed: @changed, $pages -> $pages_now\n";
}
if ($pid) { waitpid $pid, 0; print 'the other child: ', $? >> 8, "\n"; }
END

my $at = sub { return sprintf '2026-%02d-05 10:%02d:%02d', $_[0], $_[1] / 60, $_[1] % 60 };

sub records {
    my (@months) = @_;
    return map {
        my $month = $_;
        map { CountedSite::record( $at->( $month, $_ ), host => "192.0.2.$_", path => "/$_.html" ) } 1 .. 50
    } @months;
}

# A site with three months behind and records for all of them to come, and a second configuration beside it.
sub site {
    my $site = CountedSite->new(@_);
    my $folder = $site->folder;
    $site->deliver( records( 7, 8, 9 ) );
    $site->update;
    $site->deliver( records( 7, 8, 9 ) );
    $site->awstats->config( 'views', <<"END" );
LoadPlugin="cloudfront helper=@{[ AWStats::helper() ]}"
LogFormat="cloudfront"
LogFile="$Bin/data/streaming"
LogType=S
HostAliases="REGEX[.]"
END
    $site->awstats->config( 'broken', <<"END" );
LoadPlugin="cloudfront helper=@{[ AWStats::helper() ]}"
LogFormat="cloudfront"
LogFile="$folder/missing"
END
    write_file( "$folder/many.pl", $many );
    return $site;
}

sub runs {
    my ( $site, $configs, %environment ) = @_;
    local %ENV = ( %ENV, RUNS => $configs, %environment );
    my ( $status, $output ) =
      $site->awstats->command( '/bin/sh', '-c', "cd '@{[ $site->folder ]}' && exec $^X many.pl 2>&1" );
    is( $status, 0, "$configs: the process" ) or diag $output;
    return $output;
}

sub histories {
    my $site = shift;
    my $all = { map { %{ $site->awstats->history($_) } } qw(site views) };
    s/^LastUpdate .*\n//m foreach values %$all;
    return $all;
}

my $apart = site();
foreach my $config (qw(site views site)) {
    my ( $status, $output ) = $apart->awstats->run( $config, '-update' );
    is( $status, 0, "$config: a process of its own" ) or diag $output;
}
my $expected = histories($apart);

my @cases = (
    [ 'site views site',        'two configurations, and one again' ],
    [ 'broken site views site', 'after an update that failed' ],
    [ 'views broken site site', 'one that failed in between' ],
    [ 'site views site',        'SIGCHLD ignored',    IGNORE_CHLD => 1 ],
    [ 'site views site',        'a child of another', STRAY       => 1 ],
);
foreach my $case (@cases) {
    my ( $configs, $what, %environment ) = @$case;
    my $site = site();
    my $output = runs( $site, $configs, %environment );
    foreach my $config ( split / /, $configs ) {
        my ($line) = $output =~ s/^(run $config: .*)\n//m ? $1 : '';
        my $status = $config eq 'broken' ? 1 : 0;
        is( $line, "run $config: status $status, as before", "$what: $config" ) or diag $output;
    }
    is_deeply( histories($site), $expected, "$what: the history" );
    like( $output, qr/^the other child: 7$/m, "$what: its status is left to this process" ) if $environment{STRAY};
    my @separate = $output =~ /^Counted 50 records of (\d+) in a separate run: /mg;
    is( "@separate", '202607 202608', "$what: separate runs" ) or diag $output;
}

done_testing;
