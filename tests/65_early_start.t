#!/usr/bin/perl
# The helper starts while AWStats initializes, before it opens its log; it starts once, and ends with an update
# that fails in between.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;

# What is tested is how awstats.pl starts.
$ENV{AWSTATS_FRESH} = 1;
use Program qw(finish start write_file);

my $scratch = tempdir( CLEANUP => 1 );
my $stream = `'@{[ AWStats::helper() ]}' cat '$Bin/data/download'`;
my ($records) = $stream =~ /^#End: records=(\d+)/m;
write_file( "$scratch/stream", $stream );

# Stands in for the helper: notes that it was started; for a bucket it may have to wait to be let go,
# within bounds.
my $helper = "$scratch/awstats-cloudfront";
write_file( $helper, <<"END" );
#!/bin/sh
echo "\$\$ \$*" >>$scratch/starts
case \$* in
*bucket*) for i in \$(seq 400); do [ -e $scratch/wait ] && sleep 0.05; done ;;
'cat -') exec cat ;;
esac
exec cat $scratch/stream
END
chmod 0755, $helper;

# A plugin that is initialized after ours: notes which helpers were started, and does as it is told.
my $awstats = AWStats->new;
write_file( $awstats->folder . '/plugins/meanwhile.pm', <<"END" );
sub Init_meanwhile {
    my ( \$action, \$wait ) = split ' ', shift;
    for ( 1 .. 20 * \$wait ) {
        last if -s '$scratch/starts';
        select undef, undef, undef, 0.05;
    }
    system "cat $scratch/starts >$scratch/seen 2>/dev/null";
    if ( \$action eq 'refuse' ) { return 'Error: not today'; }
    if ( \$action eq 'die' )    { die "no way\\n"; }
    if ( \$action eq 'exit' )   { exit 5; }
    if ( \$action eq 'signal' ) { kill 'TERM', \$\$; sleep 20; }
    if ( \$action eq 'other' )  { \$LogFile = 's3://other/'; }
    return 'ShowInfoURL';
}
1;
END

sub content {
    open my $file, '<', "$scratch/$_[0]" or return '';
    local $/;
    return <$file> // '';
}

# What the helpers were started for, each behind the number of its process.
sub starts_in {
    return [ map { [ split ' ', $_, 2 ] } split /\n/, content(shift) ];
}

# SETTING: log_file; action, of the other plugin, and how long it waits for a helper; helper.
sub configure {
    my (%setting) = ( log_file => 's3://bucket/', action => 'go', wait => 20, helper => $helper, @_ );
    unlink glob "$scratch/seen $scratch/starts";
    $awstats->config( 'site', <<"END" );
LoadPlugin="cloudfront helper=$setting{helper}"
LoadPlugin="meanwhile $setting{action} $setting{wait}"
LogFormat="cloudfront"
LogFile="$setting{log_file}"
HostAliases="REGEX[.]"
END
    return;
}

sub update {
    configure(@_);
    unlink glob $awstats->folder . '/data/*';
    return $awstats->run('site');
}

{
    my ( $status, $output ) = update();
    is( $status, 0, 'an update' ) or diag $output;
    like( $output, qr/Found $records new qualified/, 'counts all' );
    my $starts = starts_in('seen');
    is( @$starts ? $starts->[0][1] : '', 'cat -- s3://bucket/', 'the helper was started before the log was opened' );
    is_deeply( starts_in('starts'), $starts, 'once' );
}

write_file( "$scratch/wait", '' );
{
    my ( $status, $output ) = update( action => 'other' );
    is( $status, 0, 'LogFile changes' ) or diag $output;
    like( $output, qr/Found $records new qualified/, 'all is counted once' );
    is_deeply(
        [ map { $_->[1] } @{ starts_in('starts') } ],
        [ 'cat -- s3://bucket/', 'cat -- s3://other/' ],
        'from what LogFile is at last'
    );
    ok( !kill( 0, starts_in('starts')->[0][0] ), 'the one that was started early has ended' );
}

# An update that comes to nothing.
foreach my $case (
    [ refuse => 1, qr/Error: .*not today/ ],
    [ die    => 1, qr/no way/ ],
    [ exit   => 5, qr/^$/ ],
    [ signal => 1, qr/^$/ ]
  )
{
    my ( $action, $expected, $message ) = @$case;
    my ( $status, $output ) = update( action => $action );
    is( $status, $expected, "$action: status" );
    like( $output, $message, "$action: message" );
    my ($started) = @{ starts_in('starts') };
    ok( $started && !kill( 0, $started->[0] ), "$action: the helper was started, and has ended" );
    is_deeply( $awstats->data_files, [], "$action: nothing is left" );
}

# Two updates at once: the second has no helper.
{
    configure();
    my $first = start( $^X, $awstats->folder . '/awstats.pl', '-config=site' );
    for ( 1 .. 200 ) {
        last if -s "$scratch/seen";
        select undef, undef, undef, 0.05;
    }
    my ( $status, $output ) = $awstats->run('site');
    is( $status,                         3, 'a second update at the same time' ) or diag $output;
    is( scalar @{ starts_in('starts') }, 1, 'starts nothing' );
    unlink "$scratch/wait";
    ( $status, $output, my $errors ) = finish($first);
    is( $status, 0, 'the first one' ) or diag $output, $errors;
    like( $output, qr/Found $records new qualified/, 'goes on' );
}

# A log that would be lost is not read before AWStats opens it.
foreach my $log_file ( "echo command >>$scratch/starts; cat $scratch/stream |", "$helper cat s3://bucket/ |", '-' ) {
    configure( log_file => $log_file, wait => 0.3 );
    unlink glob $awstats->folder . '/data/*';
    my ( $status, $output ) =
      $awstats->command( '/bin/sh', '-c',
        "exec '$^X' '@{[ $awstats->folder ]}/awstats.pl' -config=site <$scratch/stream" );
    is( $status, 0, "$log_file: status" ) or diag $output;
    like( $output, qr/Found $records new qualified/, "$log_file: records" );
    is_deeply( starts_in('seen'), [], "$log_file: not early" );
}
{
    configure( wait => 0.3 );
    local %ENV = ( %ENV, GATEWAY_INTERFACE => 'CGI/1.1', QUERY_STRING => 'config=site&update=1' );
    my ( $status, $output ) = $awstats->command( $^X, $awstats->folder . '/awstats.pl' );
    like( $output, qr/not been allowed from a browser/, 'a browser that may not update' );
    is_deeply( starts_in('starts'), [], 'starts nothing' );
}

# A helper that cannot be started is reported once, when AWStats opens the log.
write_file( "$scratch/broken", "#!/nowhere/interpreter\n" );
chmod 0755, "$scratch/broken";
foreach my $case ( [ 'missing', qr/^Error: helper=.*\bmissing is not a program that this user may run;/m ],
    [ 'broken', qr/broken: No such file.*$/m ] )
{
    my ( $name,   $message ) = @$case;
    my ( $status, $output ) = update( helper => "$scratch/$name", wait => 0 );
    is( $status, 1, "$name: status" );
    my @said = $output =~ /$message/g;
    is( scalar @said, 1, "$name: message" ) or diag $output;
    like( $output, qr/^From data in log file .*$message/ms, "$name: behind what AWStats says" );
}

done_testing;
