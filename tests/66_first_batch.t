#!/usr/bin/perl
# The first update of a site does not count logs into a history that another program has already counted these logs into:
# it says so, names what to do, and each of these ways works.  A history of earlier records goes on.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program qw(content run);

# COUNT records of one hour, a second apart.
sub records {
    my ( $hour, $count ) = @_;
    return map { CountedSite::record( sprintf( '%s:00:%02d', $hour, $_ ), host => "192.0.2.$_" ) } 1 .. $count;
}

sub files {
    my $site = shift;
    my $folder = $site->folder . '/data';
    return { map { $_ => content("$folder/$_") } grep { /txt$/ } @{ $site->awstats->data_files } };
}

sub hits {
    my $site = shift;
    my $days = $site->days;
    return join ' ', map { "$_:$days->{$_}[1]" } sort keys %$days;
}

# A site whose logs, 10 records of each of these hours, AWStats has counted before without the ledger.
sub counted_before {
    my ( $option, @hours ) = @_;
    my $site = CountedSite->new(%$option);
    $site->deliver( records( $_, 10 ) ) foreach @hours;
    $site->use_log( $site->source );
    my ( $status, $output ) = $site->update;
    is( $status, 0, 'another program: update' ) or diag $output;
    $site->use_log('site:cdn');
    return $site;
}

# The same with the logs of one hour, which are gone; those of another hour are new.
sub gone_before {
    my ( $before, $new ) = @_;
    my $site = counted_before( {}, $before );
    unlink glob $site->source . '/*';
    $site->deliver( records( $new, 10 ) );
    return $site;
}

sub updates {
    my ( $site, $hits, $what ) = @_;
    my ( $status, $output ) = $site->update;
    is( $status,     0,     "$what: update" ) or diag $output;
    is( hits($site), $hits, "$what: figures" );
    return;
}

# Returns the commands that the message names.
sub refuses {
    my ( $site, $times, $what ) = @_;
    my $before = files($site);
    my ( $status, $output ) = $site->update;
    is( $status, 1, "$what: exit status" ) or diag $output;
    my @errors = $output =~ /^Error: (.*)$/mg;
    is( scalar @errors, 1, "$what: one line" ) or diag $output;
    like( $errors[0] // '', qr/^Nothing was counted: The history file \S+ has $times/, "$what: message" );
    is_deeply( files($site), $before, "$what: nothing changed" );
    return ( $errors[0] // '' ) =~ /(awstats-cloudfront [^;]*)/g;
}

sub run_named {
    my ( $command, $what ) = @_;
    my $program = AWStats::helper();
    my ( $status, undef, $errors ) =
      run( '/bin/sh', '-c', ( $command // 'false' ) =~ s/^awstats-cloudfront/'$program'/r );
    is( "$status$errors", '0', "$what: the command that was named" );
    return;
}

my @hours = ( '2026-11-28 09', '2026-11-28 10' );
my $times = qr/records up to 2026-11-28 10:00:10 that \[cdn\] .* from 2026-11-28 09:00:01 on: /;

foreach my $option ( {}, { config => "BuildHistoryFormat=xml\n" }, { parameters => 'native=off' } ) {
    my $name = join ' ', 'the same logs', map { s/\n//r } values %$option;
    my $site = counted_before( $option, @hours )->keep;
    my ( $mark, $adopt ) = refuses( $site, $times, $name );
    refuses( $site, $times, "$name, again" );

    run_named( $mark, "$name, marked" );
    $site->deliver( records( '2026-11-28 10', 5 ) );
    updates( $site, '20261128:25', "$name, marked, and a new log" );

    $site->put_back;
    refuses( $site, $times, "$name, put back" );
    run_named( $adopt, "$name, counted all the same" );
    updates( $site, '20261128:40', "$name, counted all the same" );
    $site->deliver( records( '2026-11-28 09', 5 ) );
    updates( $site, '20261128:45', "$name, counted all the same, and a late log" );

    $site->put_back;
    my ($file) = map { "$_/data/awstats112026.site.txt" } $site->folder;
    refuses( $site, $times, "$name, put back again" );
    rename $file, "$file.old" or die;
    updates( $site, '20261128:20', "$name, counted anew" );
}

# The program's own update, by the same check.
{
    my $site = counted_before( {}, @hours );
    my $before = files($site);
    my ( $status, undef, $errors ) = $site->update_by_program;
    is( $status, 1, 'the program: exit status' );
    like(
        $errors,
        qr/\Aawstats-cloudfront: \[cdn\]: [^\n]*The history file \S+ has $times[^\n]*\n\z/,
        'the program: one line'
    );
    is_deeply( files($site), $before, 'the program: nothing changed' );
}

# check warns before; plan, which does not know the times of the records, refuses each history of another program.
{
    my $site = counted_before( {}, @hours )->keep;
    my $warning = qr/^warn\s+history: \S+awstats112026\.site\.txt is there, and \[cdn\] has counted nothing yet; /m;
    my $advice = qr{ update: awstats-cloudfront cat --commit --config=\S+ --site=cdn >/dev/null$}m;
    like( ( $site->command('check') )[1], qr/$warning.*$advice/, 'check: warning' );
    my $work = $site->folder . '/work';
    my ( $status, $output ) = $site->command( 'plan', "--work=$work" );
    is( $status, 1, 'plan: exit status' );
    like( $output, qr/history has \S+awstats112026\.site\.txt, which this site has not counted; /, 'plan: message' );
    ok( !-e "$work/plan", 'plan: no plan' );
    my ($adopt) = $output =~ /(awstats-cloudfront adopt [^;]*)/;
    run_named( $adopt // 'false', 'plan: adopt' );
    ( $status, $output ) = $site->command( 'plan', "--work=$work" );
    is( $status, 0, 'plan, once the history is accepted' ) or diag $output;
    unlike( ( $site->command('check') )[1], $warning, 'check, once the history is accepted: no warning' );
    is( ( $site->command( 'plan', '--abandon' ) )[0], 0, 'plan --abandon' );

    $site = counted_before( {}, @hours );
    is( ( $site->command( 'cat', '--commit' ) )[0], 0, 'cat --commit' );
    $output = ( $site->command('check') )[1];
    like( $output, qr/^ok\s+dirdata: /m, 'check of marked logs' );
    unlike( $output, $warning, 'check of marked logs: no warning' );
}

# Which months have such records.
{
    my $site = gone_before( '2026-10-15 09', '2026-11-28 09' );
    updates( $site, '20261015:10 20261128:10', 'a history of the month before' );

    $site = gone_before( '2026-11-28 09', '2026-11-28 10' );
    updates( $site, '20261128:20', 'a history of the hour before' );
    $site->deliver( records( '2026-11-28 08', 10 ) );
    updates( $site, '20261128:30', 'a history of the hour before, and a late log' );

    $site = gone_before( '2026-11-28 09', '2026-10-15 10' );
    updates( $site, '20261015:10 20261128:10', 'a history of the month after' );

    $site = counted_before( {}, '2026-10-15 09', '2026-11-28 09' );
    unlink $site->folder . '/data/awstats112026.site.txt' or die;
    refuses(
        $site,
        qr/records up to 2026-10-15 09:00:10 that .* from 2026-10-15 09:00:01 on/,
        'the older of two months'
    );

    $site = counted_before( {}, '2026-10-15 09', '2026-11-28 09' );
    unlink $site->folder . '/data/awstats102026.site.txt' or die;
    refuses(
        $site,
        qr/records up to 2026-11-28 09:00:10 that .* from 2026-11-28 09:00:01 on/,
        'the newer of two months'
    );
    is( ( join ' ', keys %{ files($site) } ),
        'awstats112026.site.txt', 'the newer of two months: the older one is not counted' );
}

done_testing;
