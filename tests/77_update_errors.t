#!/usr/bin/perl
# AWStats ends an update by an error of its own: update prints the whole error in one line, counts nothing, and counts all
# once the setting is right.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program      qw(content write_file);
use UpdateChecks qw(hits records update_is);

# An extra section of pages with a limit of rows.
my $section = <<'END';
ExtraSectionName1="Pages"
ExtraSectionCodeFilter1=""
ExtraSectionCondition1=""
ExtraSectionFirstColumnTitle1="Page"
ExtraSectionFirstColumnValues1="URL,(.*)"
ExtraSectionStatTypes1=HL
MaxNbOfExtra1=10
MinHitExtra1=1
ExtraTrackedRowsLimit=3
END
my $has_grown = qr/The\ number\ of\ values\ found\ for\ extra\ section\ 1\ has\ grown\ too\ large\.
  \ In\ order\ to\ [^\n]*\ is\ currently\ limited\ to\ 3\.
  \ Perhaps\ [^\n]*\ by\ setting\ ExtraTrackedRowsLimit\ in\ your\ awstats\ configuration\ file\./x;

my $site = CountedSite->new( config => $section );
$site->deliver( map { records( 1, path => "/$_.html" ) } 1 .. 6 );
update_is( $site, 1, qr/\Aawstats-cloudfront: \[cdn\]: $has_grown\n\z/, 'too many rows of an extra section' );
$site->{config} =~ s/Limit=3/Limit=6/;
$site->use_log('site:cdn');
update_is( $site, 0, qr/^\[cdn\]: 6 records of 1 log counted/, 'a higher limit' );
is( hits($site), 6, 'all is counted once' );

# The same in the run for an older month.
$site->{config} =~ s/Limit=6/Limit=3/;
$site->use_log('site:cdn');
$site->deliver( map { CountedSite::record( "2026-09-05 10:00:0$_", path => "/$_.html" ) } 1 .. 6 );
update_is(
    $site,
    1,
qr/\Aawstats-cloudfront: \[cdn\]: [^\n]*The separate run of awstats\.pl for the records of 202609 failed \($has_grown\); /,
    'too many rows in the run for an older month'
);

# AWStats takes the first lines of a log for corrupted when they are comments.
foreach my $native (qw(on off)) {
    foreach my $log ( 'site:cdn', 'source' ) {
        my $few = CountedSite->new( parameters => "native=$native", config => "NbOfLinesForCorruptedLog=1\n" );
        $few->use_log( $log eq 'source' ? $few->source : $log );
        $few->deliver( records(2) );
        my ( $status, $output ) = $few->update;
        is( $status,    0, "NbOfLinesForCorruptedLog=1, native=$native, $log: exit status" ) or diag $output;
        is( hits($few), 2, "NbOfLinesForCorruptedLog=1, native=$native, $log: the header is no corrupted log" );
        foreach my $command ( $log eq 'source' ? () : ( 'verify', 'recount' ) ) {
            ( $status, $output ) = $few->command($command);
            is( $status, 0, "NbOfLinesForCorruptedLog=1, native=$native, $command: exit status" ) or diag $output;
        }
        is( hits($few), 2, "NbOfLinesForCorruptedLog=1, native=$native, $log: the same after a recount" );
    }
}

# No configuration, or one that awstats.pl reads through a pipe: the message names what update has.
{
    my $piped = CountedSite->new;
    my $sites = $piped->folder . '/sites.conf';
    my $conf = $piped->folder . '/awstats.site.conf';
    my $pipe =
qr/\Aawstats-cloudfront: \[cdn\]: \Q$conf\E reads this site through a pipe, so awstats\.pl updates it: run awstats\.pl -config=site -update; [^\n]*LogFile="site:cdn" into that file\n\z/;
    $piped->use_log('awstats-cloudfront cat --commit --site cdn |');
    update_is( $piped, 1, $pipe, 'the setting awstats-config names a configuration with a pipe' );
    write_file( $sites, content($sites) =~ s/^awstats-config = .*\n//mr );
    update_is( $piped, 1, $pipe, 'a configuration with a pipe' );
    unlink $conf or die $!;
    update_is(
        $piped, 1,
        qr/LogFile="site:cdn" was found in [^\n]*; write awstats-config = NAME into the section \[cdn\], or, /,
        'no configuration'
    );
    my $section = content($sites);
    write_file( $sites, $section . "awstats-config = $conf\n" );
    update_is(
        $piped, 1,
        qr/: \Q$conf\E: there is no such AWStats configuration; correct awstats-config, which names this file\n\z/,
        'a configuration file that is gone'
    );
    write_file( $sites, $section . "awstats-config = wrong\n" );
    update_is(
        $piped, 1,
        qr/: awstats\.wrong\.conf was not found, [^\n]*; correct its NAME, which awstats-config gives; /,
        'a mistyped setting awstats-config'
    );
}

# AWStats loses days of a history file that has several months.  Once the setting is right, all is counted.
my $year = CountedSite->new( config => "DatabaseBreak=year\n" );
$year->deliver( records(3) );
update_is( $year, 1,
    qr/\Aawstats-cloudfront: \[cdn\]: DatabaseBreak must be month, day or hour [^\n]*; write DatabaseBreak=month\n\z/,
    'DatabaseBreak=year' );
is_deeply( $year->awstats->data_files, [], 'DatabaseBreak=year: no history' );
$year->{config} =~ s/=year/=month/;
$year->use_log('site:cdn');
update_is( $year, 0, qr/^\[cdn\]: 3 records of 1 log counted/, 'DatabaseBreak=month' );

done_testing;
