#!/usr/bin/perl
# LogFile alone decides which batch the plugin commits.  Lines of a batch in log data have no effect, and a stream
# that names another batch than LogFile is refused.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program qw(run write_file);

BEGIN {
    unshift @INC, AWStats::plugin_folder() . '/cloudfront';
}
use AWStats::CloudFront::Source;

my $helper = AWStats::helper();

# The site that a LogFile names: name, configuration file; '' for none.  A command has its own configuration file, or
# the default one, and not that of the plugin's parameter.
my $default = '/etc/awstats/cloudfront.conf';
foreach my $case (
    [ 'site:cdn',                                                             'cdn', '/plugin' ],
    [ 'awstats-cloudfront cat --site cdn |',                                  'cdn', $default ],
    [ 'awstats-cloudfront cat --commit --site=cdn |',                         'cdn', $default ],
    [ '/opt/bin/awstats-cloudfront cat -qs cdn -c/conf |',                    'cdn', '/conf' ],
    [ 'awstats-cloudfront cat -scdn --config /conf |',                        'cdn', '/conf' ],
    [ q{'/opt/my bin/awstats-cloudfront' cat --site 'a b' |},                 'a b', $default ],
    [ q{awstats-cloudfront cat --config="/a b" --site="c d" 2>/dev/null |},   'c d', '/a b' ],
    [ 'LANG=C nice awstats-cloudfront cat --site cdn |',                      'cdn', $default ],
    [ '(awstats-cloudfront cat --site cdn; true) |',                          'cdn', $default ],
    [ 'awstats-cloudfront cat --site $SITE |',                                undef ],
    [ 'awstats-cloudfront cat --site `x` |',                                  undef ],
    [ 'awstats-cloudfront cat --site cdn --config ~/conf |',                  undef ],
    [ '(awstats-cloudfront cat --site a; awstats-cloudfront cat --site b) |', undef ],
    [ 'awstats-cloudfront cat /logs |',                                       '' ],
    [ 'zcat /logs/*.gz |',                                                    '' ],
    [ 'echo not-awstats-cloudfront cat --site cdn |',                         '' ],
    [ 's3://bucket/site:cdn',                                                 '' ],
    [ '/logs/awstats-cloudfront cat --site cdn',                              '' ],
  )
{
    my ( $log_file, @want ) = @$case;
    my $site = eval { AWStats::CloudFront::Source::_site( $log_file, { config => '/plugin' } ) };
    if ( !defined $want[0] ) {
        like(
            $@,
            qr/^the plugin cannot tell which site the command in LogFile reads: use LogFile="site:NAME", [^\n]*\n\z/,
            "$log_file: refused"
        );
        next;
    }
    is( $@, '', "$log_file: no error" );
    is_deeply( $site && [ @$site{qw(name config)} ], $want[0] ne '' ? \@want : undef, "$log_file: the site" );
    my @commands = AWStats::CloudFront::Source::_commands( $log_file, $site, { helper => '/bin/true' } );
    is(
        ( grep { $_ eq '--prepare' } map { split / /, $_ } @{ $commands[0] } ) + 0,
        $want[0] ne '' ? 1 : 0,
        "$log_file: the batch of a site is left to the plugin"
    );
}

# A folder has a log that names a batch, another site's and a ledger of its own choice.
foreach my $log_file ( 'folder', 'command', 'command of the program' ) {
    my $site = CountedSite->new;
    my $folder = $site->folder;
    $site->deliver( map { CountedSite::record("2026-11-10 10:00:0$_") } 1 .. 3 );
    my ( undef, $open ) = run( $helper, 'cat', '--prepare', "--config=$folder/sites.conf", '--site=cdn' );
    my ($id) = $open =~ /^#Batch: (\S+)$/m;
    ok( $id, "$log_file: a batch of a site is open" );
    mkdir "$folder/evil" or die;
    write_file( "$folder/evil.conf", "[cdn]\nsource = $folder/evil\nstate = $folder/planted/cdn.db\n" );

    foreach my $configuration ( "$folder/sites.conf", "$folder/evil.conf" ) {
        write_file( "$folder/evil/log", $open =~ s/^#Site: .*/#Site: cdn $configuration/mr );
        $site->use_log(
            {
                'folder'                 => "$folder/evil",
                'command'                => "cat $folder/evil/log |",
                'command of the program' => "'$helper' cat '$folder/evil' |"
            }->{$log_file}
        );
        unlink glob "$folder/data/*";
        my ( $status, $output ) = $site->update;
        is( $status, 0, "$log_file: status" ) or diag $output;
        like( $output, qr/Found 3 new qualified/, "$log_file: the records are counted" );
        is_deeply( [ map { $_ // () } values %{ $site->batches } ], [], "$log_file: the history has no batch" );
        ok( !-e "$folder/planted", "$log_file: no ledger is made" );
        like(
            ( run( $helper, 'cat', '--prepare', "--config=$folder/sites.conf", '--site=cdn' ) )[1],
            qr/^#Batch: $id$/m,
            "$log_file: the open batch stays open"
        );
    }
}

# A program in the helper's place that passes such lines, or others than LogFile says.
{
    my $site = CountedSite->new;
    my $folder = $site->folder;
    $site->deliver( CountedSite::record('2026-11-10 10:00:00') );
    my ( undef, $log ) = run( $helper, 'cat', '--prepare', "--config=$folder/sites.conf", '--site=cdn' );
    write_file( "$folder/awstats-cloudfront", "#!/bin/sh\ncat $folder/stream\n" );
    chmod 0755, "$folder/awstats-cloudfront";
    $site->{load} =~ s{helper=\S+}{helper=$folder/awstats-cloudfront};
    foreach my $case (
        [ $site->source, $log, qr/The log is of the site \[cdn\], which LogFile does not name/ ],
        [ 'site:other',  $log, qr/of the site \[cdn\], but LogFile names the site \[other\]/ ],
        [
            'site:cdn',
            $log =~ s/^#(?:Batch|Site|Previous): .*\n//gmr,
            qr/does not pass on all that awstats-cloudfront cat --site=cdn writes /
        ],
        [
            "'$folder/awstats-cloudfront' cat --site=cdn | '$helper' cat - |",
            $log,
            qr/does not pass on all that awstats-cloudfront cat --site=cdn writes /
        ],
      )
    {
        my ( $log_file, $stream, $error ) = @$case;
        write_file( "$folder/stream", $stream );
        $site->use_log($log_file);
        my ( $status, $output ) = $site->update;
        is( $status, 1, "$log_file: status" );
        like( $output, qr/^Error: Nothing was counted: [^\n]*$error/m, "$log_file: message" );
        is_deeply( [ grep { /txt$/ } @{ $site->awstats->data_files } ], [], "$log_file: no history" );
    }
}

done_testing;
