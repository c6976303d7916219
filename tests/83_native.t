#!/usr/bin/perl
# Who counts the records: the plugin's own update loop, or AWStats, and what is said about it.  That
# both count the same is for 84_differential.t to show.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use File::Temp ();

my $logs = File::Temp::tempdir( CLEANUP => 1 );
system( $^X, "$Bin/generate-logs", '--seed', 5, '--records', 3000, '--files', 40, '--days', 3, '--from', '2026-10-05', "$logs/one" ) == 0
  or die 'generate-logs';
my $config = <<"END";
LogFile="$logs/one"
LogFormat="cloudfront"
HostAliases="REGEX[.]"
END

# An update of new config NAME; its output.
sub update {
    my ( $awstats, $name, $parameters, $more, @arguments ) = @_;
    $awstats->config( $name, "$config$more\nLoadPlugin=\"cloudfront $parameters\"\n" );
    my ( $status, $output ) = $awstats->run( $name, '-update', @arguments );
    is( $status, 0, "$name: status" ) or diag $output;
    return $output;
}

my $awstats = AWStats->new;
my $native  = qr/^cloudfront: (\d+) records native, (\d+) by AWStats/m;
my $is_all  = sub { qr/^cloudfront: all records by AWStats \(\Q$_[0]\E\)$/m };

my ($records) = update( $awstats, 'native', '', '' ) =~ $native;
cmp_ok( $records, '>', 2700, 'native: most records' );
like( update( $awstats, 'on', 'native=on', '' ), $native, 'native=on is what it is when missing' );
like( update( $awstats, 'off', 'native=off', '' ), $is_all->('native=off'), 'native=off' );
is_deeply( $awstats->history('off'), $awstats->history('native'), 'native=off: the same history' );

# AWStats prints or looks things up on its way.
like( update( $awstats, 'steps', '', '', '-showsteps' ), $is_all->('ShowSteps is on'), '-showsteps' );
like( update( $awstats, 'dropped', '', '', '-showdropped' ), $is_all->('ShowDropped is on'), '-showdropped' );
like( update( $awstats, 'debug', '', 'DebugMessages=1', '-debug=1' ), $is_all->('Debug is on'), '-debug' );
like( update( $awstats, 'dns', '', 'DNSLookup=2' ), $is_all->('DNSLookup is on'), 'DNSLookup' );
foreach my $name (qw(steps dropped debug)) {
    is_deeply( $awstats->history($name), $awstats->history('native'), "$name: the same history" );
}
like(
    update( $awstats, 'empty', '', qq(ExtraSectionName1="X"\nExtraSectionFirstColumnValues1="URL,"\nExtraSectionStatTypes1=PHB) ),
    $is_all->('a pattern of the configuration is empty'),
    'an empty pattern'
);

# A second run over the same logs has nothing new, and passes the old records natively as well.
{
    my ( $status, $output ) = $awstats->run( 'native', '-update' );
    like( $output, qr/Found 3000 old records/, 'again: all records are old' );
    my ($old) = $output =~ $native;
    is( $old, 3000, 'again: passed natively' );
    is_deeply( map( { $awstats->section( $_, 'DAY' ) } qw(native off) ), 'again: nothing was counted' );
}

# An awstats.pl that we do not know counts for itself.
{
    my $changed = AWStats->new;
    my $program = $changed->folder . '/awstats.pl';
    open my $in, '<', $program or die $!;
    my $text = do { local $/; <$in> };
    unlink $program;
    $text =~ s/# Check cluster/# Check the cluster/ or die 'no such line';
    open my $out, '>', $program or die $!;
    print $out $text;
    close $out or die $!;
    like( update( $changed, 'changed', '', '' ),
        qr/^cloudfront: all records by AWStats \(the update loop of .* is not that of AWStats 7\.8/m, 'another update loop' );
    is_deeply( $changed->history('changed'), $awstats->history('off'), 'another update loop: the same history' );
}

# Without a module of perl's that a system may lack.
{
    local $ENV{PERL5OPT} = "-I$logs/lib";
    mkdir "$logs/lib";
    CountedSite::write_file( "$logs/lib/B.pm", 'die "Can\'t locate B.pm in \\@INC (you may need to install the B module)\n";' );
    like( update( $awstats, 'without', '', '' ), qr/^cloudfront: all records by AWStats \(Can't locate B\.pm in \@INC\)$/m, 'without B.pm' );
    is_deeply( $awstats->history('without'), $awstats->history('off'), 'without B.pm: the same history' );
}

# flush=N: AWStats looks every 20,000 records whether there are more pages or hosts.
{
    system( $^X, "$Bin/generate-logs", '--seed', 6, '--records', 45_000, '--files', 10, '--days', 3, '--from', '2026-10-05', "$logs/many" ) == 0
      or die 'generate-logs';
    my $many = "LogFile=\"$logs/many\"";
    my $few = update( $awstats, 'flush', 'flush=20', $many );
    like( $few, qr/Flush history on disk after 80 hosts/, 'flush=20: hosts' );
    is( scalar( () = $few =~ /^Flush history file on disk .*unique url reach flush limit of 20\)/mg ), 2, 'flush=20: pages' );
    unlike( update( $awstats, 'noflush', 'flush=1000000', $many ), qr/^Flush history file/m, 'flush=1000000' );
    foreach my $key (qw(TotalVisits TotalUnique)) {
        is( $awstats->total( 'flush', $key ), $awstats->total( 'noflush', $key ), "flush: the same $key" );
    }
    my %total = map { $_ => 0 } qw(flush noflush);
    foreach my $name ( keys %total ) {
        $total{$name} .= " $_->[0]/$_->[1]/$_->[2]"
          foreach map { $_->[1] } sort { $a->[0] cmp $b->[0] } map { [ $_ => $awstats->section( $name, 'DAY' )->{$_} ] }
          keys %{ $awstats->section( $name, 'DAY' ) };
    }
    is( $total{flush}, $total{noflush}, 'flush: the same pages, hits and bytes of each day' );
}
foreach my $bad (qw(flush=0 flush=x native=yes)) {
    $awstats->config( 'bad', "$config\nLoadPlugin=\"cloudfront $bad\"\n" );
    my ( $status, $output ) = $awstats->run( 'bad', '-update' );
    isnt( $status, 0, "$bad: status" );
    like( $output, qr/unknown parameter '$bad'/, "$bad: message" );
}

# partial=exact, natively and by AWStats.
{
    my @records = map {
        my $n = $_;
        CountedSite::record(
            sprintf( '2026-10-05 10:%02d:%02d', $n / 60, $n % 60 ),
            path   => ( '/film.mp4', '/a.html', '/b.zip', '/robots.txt', '/favicon.ico' )[ $n % 5 ],
            status => ( 200, 206, 206, 404, 304, 206 )[ $n % 6 ],
            bytes  => $n % 4 ? 1000 + $n : 0,
            $n % 7 ? () : ( agent => 'Mozilla/5.0%2520(compatible;%2520Googlebot/2.1)' )
        )
    } 0 .. 999;
    my %history;
    foreach my $native (qw(on off)) {
        my $site = CountedSite->new( parameters => "native=$native" );
        $site->deliver(@records);
        my ( $status, $output ) = $site->update;
        is( $status, 0, "partial=exact, native=$native: status" ) or diag $output;
        $history{$native} = $site->awstats->history('site');
    }
    is_deeply( $history{on}, $history{off}, 'partial=exact: the same history' );
}

done_testing;
