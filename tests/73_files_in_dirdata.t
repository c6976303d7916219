#!/usr/bin/perl
# awstats.pl and its plugins read files in DirData while they count: names of hosts, and the countries of some.  Runs whose
# history is in another folder find the same files: those for late logs, recounts, verify, and the shards of a plan.  None
# of these runs changes such a file.
use strict;
use warnings;
use File::Find qw(find);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use CountedSite ();
use Program     qw(content write_file);
use Shards      qw(count_batch);
use Test::More;

# Instead of AWStats' own geoip, which needs a database: reads the file that this plugin reads, in the same way.
my $GEOIP = <<'END';
my %country;
sub Init_geoip { return 'GetCountryCodeByAddr GetCountryCodeByName' }
sub GetCountryCodeByAddr_geoip {
    if (!%country && (open(FILE,"$DirData/geoip.$SiteConfig.txt") || open(FILE,"$DirData/geoip.txt"))) {
        while (<FILE>) { if (/^([^,]+),(\w+)/) { $country{$1}=$2; } }
        close FILE;
    }
    return $country{$_[0]} || 'us';
}
sub GetCountryCodeByName_geoip { return $_[0] =~ /\.(\w\w)$/ ? $1 : 'us' }
1;
END
my @HOSTS = map { "192.0.2.$_" } 1 .. 12;

sub records {
    my ($day) = @_;
    return map { CountedSite::record( sprintf( '%s 10:%02d:00', $day, $_ ), host => $HOSTS[$_] ) } 0 .. $#HOSTS;
}

# What a case has: the configuration, and the files in DirData.
my %CASES = (
    'a plugin\'s file'    => [ qq(LoadPlugin="geoip"\n), { 'geoip.site.txt' => join '', map { "$_,ch\n" } @HOSTS } ],
    'a file of all sites' => [ qq(LoadPlugin="geoip"\n), { 'geoip.txt'      => join '', map { "$_,ch\n" } @HOSTS } ],
    'names of hosts'      => [ "DNSLookup=2\n", { 'dnscache.txt' => join '', map { "1 $_ h$_.example.ch\n" } @HOSTS } ],
    'names in a folder'   => [
        qq(DNSLookup=2\nDNSStaticCacheFile="names/of hosts.txt"\n),
        { 'names/of hosts.txt' => join '', map { "1 $_ h$_.example.ch\n" } @HOSTS }
    ],
    'names of the last update' =>
      [ "DNSLookup=1\n", { 'dnscachelastupdate.site.txt' => join '', map { "1\t$_\th$_.example.ch\n" } @HOSTS } ],
);

# A site whose DirData has the files of the case, and some with names of the program's own.
sub new_site {
    my ($case) = @_;
    my ( $config, $files ) = @{ $CASES{$case} };
    my $site = CountedSite->new( config => $config );
    my $data = $site->folder . '/data';
    write_file( $site->folder . '/plugins/geoip.pm', $GEOIP );
    mkdir "$data/names";
    my %text = ( %$files, map { $_ => "of another program\n" } qw(log figures result names/any) );
    write_file( "$data/$_", $text{$_} ) foreach keys %text;
    return ( $site, \%text );
}

sub is_right {
    my ( $site, $name, $pages ) = @_;
    my $domains = $site->awstats->section( 'site', 'DOMAIN' );
    is_deeply( { map { $_ => $domains->{$_}[0] } keys %$domains }, { ch => $pages }, "$name: the countries" );
    return;
}

# The files are as they were, and nothing but the history files of shards is left beside them.
sub is_unchanged {
    my ( $site, $name, $text ) = @_;
    my $data = $site->folder . '/data';
    is_deeply( { map { $_ => content("$data/$_") } keys %$text }, $text, "$name: the files are unchanged" );
    my @links;
    find( { no_chdir => 1, wanted => sub { push @links, $_ if -l } }, $data );
    is_deeply( \@links, [], "$name: no link is left" );
    return;
}

foreach my $case ( sort keys %CASES ) {
    foreach my $by ( 'awstats.pl', 'update' ) {
        my ( $site, $text ) = new_site($case);
        my $name = "$case, $by";
        foreach my $day ( '2026-10-10', '2026-11-10', '2026-10-11' ) {
            $site->deliver( records($day) );
            my ( $status, @output ) = $by eq 'update' ? $site->update_by_program : $site->update;
            is( $status, 0, "$name: $day" ) or diag @output;
        }
        is_right( $site, "$name: late logs", 3 * @HOSTS );

        # The update itself saves the names with the time.
        my ($names) = grep { /lastupdate/ } keys %$text;
        my $data = $site->folder . '/data';
        if ($names) { write_file( "$data/$names", $text->{$names} ) }
        is_unchanged( $site, "$name: late logs", $text );
        next if $by ne 'update';

        my ( $status, $output ) = $site->command('verify');
        is( $status, 0, "$name: verify" ) or diag $output;
        ( $status, $output ) = $site->command('recount');
        is( $status, 0, "$name: recount" ) or diag $output;
        is_right( $site, "$name: recount", 3 * @HOSTS );
        is_unchanged( $site, "$name: recount", $text );
    }
}

# Shards, also of late logs: plans need DNSLookup=0.
foreach my $case ( 'a plugin\'s file', 'a file of all sites' ) {
    my ( $site, $text ) = new_site($case);
    my $pages = 0;
    foreach my $day ( '2026-11-10', '2026-10-10', '2026-10-11' ) {
        $site->deliver( records($day) );
        count_batch( $site, $site->folder . "/work-$day", 2, 1 );
        is_right( $site, "$case, shards: $day", $pages += @HOSTS );
        is_unchanged( $site, "$case, shards: $day", $text );
    }
}

done_testing;
