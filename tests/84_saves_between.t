#!/usr/bin/perl
# With little memory for its counters, the plugin lets AWStats save in the middle of a log.  The figures are those of
# stock AWStats without any such save: over ends of months, growing logs, extra sections, XML, and late records of months
# that separate runs count.
#
# SAVES_SEEDS chooses another number of random logs than 6, in a soak 300; SAVES_SEED the first.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats         ();
use Columns         qw(%COLUMN);
use CountedSite     ();
use Differential    ();
use GenerateUnusual ();
use HistoryOrder    ();
use Program         qw(content run write_file);
use RandomNumbers   ();
use Shards          qw(count_batch);
use Soak            qw(amount seed);
use Test::More;

# What AWStats' own saves in between change, too, is left out: the referrer of a page in error, which it takes from the
# file when that has one; pages, browsers and systems without a name, or with one that a file does not keep; records
# out of order.
my @config = ('HostAliases="REGEX[.]"');
my @extra = (
    'ExtraSectionName1="Clients"',                'ExtraSectionCondition1="URL,\/"',
    'ExtraSectionFirstColumnValues1="HOST,(.*)"', 'ExtraSectionFirstColumnFormat1="%s"',
    'ExtraSectionStatTypes1="PHBL"',              'MaxNbOfExtra1="5"',
    'ExtraTrackedRowsLimit="100000"',             'MinHitExtra1="1"',
    'ExtraSectionFirstColumnTitle1="Client"'
);

sub records {
    my ($seed) = @_;
    RandomNumbers::seed($seed);
    my %want = (
        records  => 3000,
        gap      => ( 1,             5,   30, 200 )[ RandomNumbers::below(4) ],
        visitors => ( 5,             100, 2000 )[ RandomNumbers::below(3) ],
        pages    => ( 10,            100, 1000 )[ RandomNumbers::below(3) ],
        searches => ( 0,             3 )[ RandomNumbers::below(2) ],
        start    => ( 1_709_215_200, 1_704_027_600 )[ RandomNumbers::below(2) ],
    );
    my @records =
      map { [ split /\t/, $_, -1 ] } @{ GenerateUnusual::records( seed => $seed, addresses => 'IP', %want ) };
    $_->[ $COLUMN{'cs(Referer)'} ] = '-' for grep { $_->[ $COLUMN{'sc-status'} ] eq '404' } @records;
    for my $agent ( map { \$_->[ $COLUMN{'cs(User-Agent)'} ] } @records ) {
        $$agent = 'Lynx/2.8' if $$agent !~ /^(?!Version)[A-Za-z][\w.+-]*\/\d/;
        $$agent =~ s/ \(.*// if $$agent !~ /^Mozilla/;
    }
    for my $path ( map { \$_->[ $COLUMN{'cs-uri-stem'} ] } @records ) {
        $$path =~ s/[;\s].*|[<>&"']//g;
        $$path = '/' . $$path =~ s/^\/+//r =~ s/\/+/\//gr;
        $$path =~ s/[.]0$/.x/;
    }
    return [ map { join "\t", @$_ } sort { "@$a[0,1]" cmp "@$b[0,1]" } @records ];
}

# AWStats 7.9 and 8.0 cannot read their own XML.
my $is_xml_read = Program::content( AWStats::program() ) =~ /^\$VERSION\s*=\s*"7\.8 /m;

my $saves = 0;
my $first = seed( 'SAVES_SEED', 1 );
for my $seed ( $first .. $first + amount( 'SAVES_SEEDS', 6, 300 ) - 1 ) {
    my $records = records($seed);
    my $half = int @$records / 2;
    my $comparison = Differential->new(
        {
            name   => "seed $seed",
            config => [
                @config,
                $seed % 3 == 1                 ? @extra                     : (),
                $seed % 5 == 4 && $is_xml_read ? 'BuildHistoryFormat="xml"' : ()
            ],
            steps  => $seed % 2 ? [$records] : [ [ @$records[ 0 .. $half ] ], $records ],
            memory => ( '1K', '100K', '300K' )[ $seed % 3 ],
        }
    )->run;
    is $comparison->difference, '', "seed $seed";
    is_deeply [ $comparison->misplaced ], [], "seed $seed: the order that we expect of stock";
    $saves += $comparison->saves;
}
cmp_ok $saves, '>', 10, 'AWStats saved in between';

# A record that is late by an hour goes on with a visit that seemed to be over at a save.  The bytes of a part of a
# download are kept until there is a whole one of the same kind.
{
    my @columns = @{ [ split /\t/, records(1)->[0], -1 ] };
    my $record = sub {
        my ( $minute, $host, $page, $status ) = @_;
        my @row = @columns;
        @row[ @COLUMN{qw(date time sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent))} ]
          = (
            '2026-10-05', sprintf( '%02d:%02d:00', 10 + $minute / 60, $minute % 60 ),
            1000,         $host, 'GET', 'www.example.com', $page, $status // 200,
            '-',          'Opera/9.80%20(Windows%20NT%206.1;%20U;%20en)'
          );
        return join "\t", @row;
    };
    my @others = map { $record->( $_ / 10, "192.0.2.$_", "/$_.html" ) } 1 .. 200;
    my @much = map { $record->( 90 + $_ / 50, '198.51.100.' . $_ % 100, "/$_.html" ) } 1 .. 1000;
    my $late = $record->( 45, '203.0.113.1', '/last.html' );
    my @first = ( $record->( 0, '203.0.113.1', '/first.html' ), $record->( 0, '203.0.113.2', '/a.zip', 206 ) );
    my $whole = $record->( 110, '203.0.113.2', '/b.zip' );
    my $comparison = Differential->new(
        {
            name   => 'a late record',
            config => \@config,
            steps  => [ [ @first, @others, @much, $late, @much, $whole ] ],
            memory => '1K'
        }
    )->run;
    is $comparison->difference, '', 'a late record';
    cmp_ok $comparison->saves, '>', 2, 'a late record: saves';
    my ($history) = values %{ $comparison->files };
    like $history, qr/^zip 1 2000 /m,             'a part of a download, and a whole one';
    like $history, qr/^203\.0\.113\.1 2 2 .*$/m,  'a late record: it is counted';
    like $history, qr/^\/last\.html 1 \d+ 0 1$/m, 'a late record: it is the end of the visit';

    # AWStats remembers user agents until it saves: they take memory, too.
    my @agents =
      map {
        $record->( $_ / 50, '192.0.2.1', '/a.html' ) =~ s/Opera[^\t]+/Mozilla\/5.0 (Windows NT 10.0) Firefox\/$_.0/r
      } 1 .. 1500;
    $comparison =
      Differential->new( { name => 'many user agents', config => \@config, steps => [ \@agents ], memory => '600K' } )
      ->run;
    is $comparison->difference, '', 'many user agents';
    cmp_ok $comparison->saves, '>', 0, 'many user agents: saves';
}

# A site's batches, with records that are late by hours, days and months.
{
    my @site = map {
        CountedSite->new( parameters => $_, config => join '', map { "$_\n" } @config )
    } '', 'memory=1K';
    my ( $day, $output ) = ( 0, '' );
    for my $batch ( [ 1, 40 ], [ 2, 41 ], [ 5, 3, 42, 3 ], [ 4, 1, 43 ] ) {
        for my $site (@site) {
            for my $number (@$batch) {
                my ( $month, $mday ) = $number < 30 ? ( '08', $number ) : ( '09', $number - 30 );
                my @records = map {
                    CountedSite::record(
                        sprintf( '2026-%s-%02d %02d:%02d:%02d', $month, $mday, $_ / 60 % 24, $_ % 60, $_ % 59 ),
                        host => '192.0.2.' . ( $_ * 7 % 250 ),
                        path => '/' . ( $_ * 13 % 400 ) . '.html'
                    )
                } 1 .. 1440;
                $site->deliver(@records);
            }
            my ( $status, $text ) = $site->update;
            is $status, 0, "batch @$batch: status" or diag $text;
            $output .= $text if $site == $site[1];
        }
        is_deeply $site[1]->numbers, $site[0]->numbers, "batch @$batch: the same pages, hits and bytes";

        # In the last one are days that were counted before: the visits of a client on these are told apart by what the
        # file has of it.
        is_deeply $site[1]->awstats->history('site'), $site[0]->awstats->history('site'), "batch @$batch: all figures"
          if $batch->[0] != 4;
    }
    like $output, qr/^Flush history file on disk \(unique url reach flush limit of memory=1024\)/m, 'saved in between';

    # The site's own setting, in an update by the program.
    $_->deliver( map { CountedSite::record( '2026-09-20 10:00:00', path => "/$_.html" ) } 1 .. 2000 ) for @site;
    $site[0]->set('memory = 1K');
    my ( $status, $said ) = run( { together => 1 },
        AWStats::helper(), 'update', '-v', '--config=' . $site[0]->folder . '/sites.conf', '--site=cdn' );
    is $status, 0, 'update: status' or diag $said;
    like $said, qr/Flush history file on disk \(unique url reach flush limit of memory=1024\)/,
      'update: memory of the site';
    $site[1]->update;
    is_deeply $site[0]->numbers, $site[1]->numbers, 'update: the same figures';
}

# recount and reduce obey the site's setting, too: another plugin of AWStats notes each save.
{
    my $site = CountedSite->new( config => qq(LoadPlugin="spy"\n) );
    my $folder = $site->folder;
    write_file( "$folder/plugins/spy.pm", <<"END" );
sub Init_spy {
    my \$update = \\&Read_History_With_TmpUpdate;
    *Read_History_With_TmpUpdate = sub {
        if (\$_[4]) { open my \$saves, '>>', '$folder/saves'; print \$saves "1\\n" }
        return \$update->(\@_);
    };
    return 'none';
}
1;
END
    my $work = 0;
    my %run = (
        recount => sub {
            my ( $status, $output ) = $site->command('recount');
            is $status, 0, 'recount: status' or diag $output;
        },
        reduce => sub {
            $site->deliver( map { CountedSite::record( "2026-09-21 10:00:0$work", path => "/$_.html" ) } 1 .. 2000 );
            count_batch( $site, "$folder/work" . ++$work, 1, 1 );
        },
    );
    foreach my $command ( 'reduce', 'recount' ) {
        my %saves;
        foreach my $memory ( '1K', '1G' ) {
            write_file( "$folder/saves", '' );
            $site->set("memory = $memory");
            $run{$command}->();
            $saves{$memory} = length( content("$folder/saves") ) / 2;
        }
        cmp_ok $saves{'1G'}, '>=', 1,                "$command: saved";
        cmp_ok $saves{'1K'}, '>',  3 * $saves{'1G'}, "$command: memory of the site";
    }
}

# A month that begins without a page: its first page has the time of the first visit, also when AWStats saves before this
# page comes, in the middle of the log or at the end of an update.  Stock AWStats keeps the time only within one update.
{
    my @errors =
      map {
        CountedSite::record( sprintf( '2026-10-05 10:%02d:%02d', $_ / 60, $_ % 60 ), path => "/$_", status => 404 )
      } 0 .. 2999;
    my @pages =
      map { CountedSite::record( sprintf( '2026-10-05 11:00:%02d', $_ % 60 ), path => "/$_.html" ) } 0 .. 2999;
    for my $parameters ( 'memory=1K', '', 'native=off' ) {
        my $site = CountedSite->new( parameters => $parameters );
        my $first_time = sub { return $site->awstats->section( 'site', 'GENERAL' )->{FirstTime}[0] };
        my @deliveries = $parameters =~ /memory/ ? ( [ @errors, @pages ] ) : ( \@errors, \@pages );
        my $output = '';
        for my $delivery (@deliveries) {
            $site->deliver(@$delivery);
            my ( $status, $text ) = $site->update;
            is $status, 0, "no page at first, '$parameters': status" or diag $text;
            $output .= $text;
        }
        cmp_ok scalar( () = $output =~ /^Flush history file/mg ), '>', 1, "no page at first, '$parameters': saves"
          if $parameters =~ /memory/;
        is $first_time->(), '20261005110000', "no page at first, '$parameters': the time of the first page";

        # AWStats alone leaves 0 behind in a month with pages.
        my ($file) = glob $site->folder . '/data/awstats102026*';
        write_file( $file, content($file) =~ s/^FirstTime\s\K\d{14}/00000000000000/mr );
        $site->deliver( CountedSite::record( '2026-10-20 12:00:00', path => '/late.html' ) );
        $site->update;
        is $first_time->(), '0', "no page at first, '$parameters': an unknown time stays unknown";
    }
}

done_testing;
