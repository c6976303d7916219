package ManyHosts;

# A month of a site with so many visitors and pages that its counters are what takes time and memory: the whole month from
# nothing, and a few new records onto its history.

use strict;
use warnings;
use IO::Compress::Gzip ();
use File::Path         qw(remove_tree);
use POSIX              ();
use Measure            qw(in_turns);
use NativeLoop         ();
use RandomNumbers      ();
use Table              qw(title rows);

my $FIELDS = 'date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer)'
  . ' cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id';
our $DAYS = 28;
my $OCTOBER = 1_790_812_800;    # 2026-10-01

# ---- the logs ---------------------------------------------------------------------------------

sub host {
    my ($number) = @_;
    return join '.', 11 + ( $number >> 24 ), $number >> 16 & 255, $number >> 8 & 255, $number & 255;
}

sub agent {
    my ($number) = @_;
    my $system = (
        'Windows%20NT%2010.0;%20Win64;%20x64',
        'X11;%20Linux%20x86_64', 'Macintosh;%20Intel%20Mac%20OS%20X%2010_15_7'
    )[ $number % 3 ];
    return
        "Mozilla/5.0%20($system)%20AppleWebKit/537.36%20(KHTML,%20like%20Gecko)%20Chrome/"
      . ( 80 + $number % 60 )
      . ".0.$number.0%20Safari/537.36";
}

# Returns the place of a number among so many.
sub scatter {
    my ( $number, $count ) = @_;
    return ( $number * 7_919 ) % $count;
}

# Writes records as objects of an hour each into a folder.  WANT: records, hosts, first_host (0), pages, agents, day (from
# 0), hours, seed.  Each host comes again after a long time, pages and user agents come in any order.
sub write_logs {
    my ( $folder, %want ) = @_;
    RandomNumbers::seed( $want{seed} );
    my @agents = map { agent($_) } 1 .. $want{agents};
    my $first_host = $want{first_host} // 0;
    my $start = $OCTOBER + $want{day} * 86_400;
    my $number = 0;
    for my $hour ( 0 .. $want{hours} - 1 ) {
        my $begin = $start + $hour * 3600;
        my $end = int( $want{records} * ( $hour + 1 ) / $want{hours} );
        my $in_hour = $end - $number;
        my ( $text, $of_hour ) = ( "#Version: 1.0\n#Fields: $FIELDS\n", 0 );
        while ( $number < $end ) {
            my $time = POSIX::strftime( "%Y-%m-%d\t%H:%M:%S", gmtime( $begin + int( 3600 * $of_hour / $in_hour ) ) );
            my $page = RandomNumbers::below( $want{pages} );
            my $referer = "https://site-$page.example/";
            $referer = '-' if $page % 10;
            $of_hour++;
            $text .= join( "\t",
                $time,              'FRA2-C1',
                1000 + $page * 7,   host( $first_host + scatter( $number++, $want{hosts} ) ),
                'GET',              'd1.cloudfront.net',
                "/page-$page.html", 200,
                $referer,           $agents[ RandomNumbers::below( $want{agents} ) ],
                '-',                '-',
                'Hit',              '-' )
              . "\n";
        }
        my $name = POSIX::strftime( 'E1EXAMPLE.%Y-%m-%d-%H.00000000.gz', gmtime $begin );
        IO::Compress::Gzip::gzip( \$text, "$folder/$name", Time => 0 ) or die "$folder/$name: $!\n";
    }
    return;
}

# Writes the month, and new records of the day after it, half of them of new hosts.
sub make {
    my ( $folder, %want ) = @_;
    mkdir "$folder/$_" for qw(month new);
    write_logs( "$folder/month", %want, seed => 16, day => 0, hours => 24 * $DAYS );
    write_logs(
        "$folder/new", %want,
        seed    => 17,
        day     => $DAYS,
        hours   => 1,
        records => $want{new},
        hosts   => 2 * $want{hosts}
    );
    return;
}

# ---- the measurements -------------------------------------------------------------------------

# A GoAccess that reads all objects of a folder.
sub goaccess {
    my ( $program, $folder, $scratch ) = @_;
    return "cd '$folder' && zcat *.gz | '$program' --log-format=CLOUDFRONT --no-progress -o '$scratch/report.json' -";
}

# WANT: as make(), and build, scratch, logs (the folder that make() wrote), repeats.
sub bench {
    my %want = @_;
    my ( $scratch, $logs ) = @want{qw(scratch logs)};
    NativeLoop::prepare( \%want );
    title("$want{records} records of a month: $want{hosts} hosts, $want{pages} pages, $want{agents} user agents");
    my $source = "$scratch/source";
    must("cp -al '$logs/month' '$source'");
    my ( $update, $before, $data ) = NativeLoop::site( \%want, 'month', $source );
    my %goaccess =
      ( 'zcat | goaccess' => 'goaccess', $ENV{GOACCESS} ? ( "zcat | $ENV{GOACCESS}" => $ENV{GOACCESS} ) : () );
    my @others = map { [ $_ => goaccess( $goaccess{$_}, $source, $scratch ) ] } sort keys %goaccess;
    my $results = in_turns(
        $want{repeats}, @others,
        [ 'zcat'                      => "cd '$source' && exec zcat *.gz" ],
        [ 'awstats-cloudfront update' => $update, $before ]
    );
    rows( $results, $results->[$#others]{seconds}, '0.15, and 400 MB' );

    title("$want{new} new records onto that month");
    my ($site) = $data =~ m{(.*)/};
    must("cp -a '$site' '$scratch/before'; cp -al '$logs/new/'* '$source'");
    must("'$want{build}/awstats-cloudfront' cat '$logs/new' >'$scratch/new.log'");
    my ( $stock, $stock_data ) = NativeLoop::awstats( \%want, 'month-stock', "$scratch/new.log" );
    $results = in_turns(
        $want{repeats},
        [ 'stock AWStats' => $stock, "rm -f '$stock_data/'*; cp '$scratch/before/data/'*.txt '$stock_data'" ],
        [ 'awstats-cloudfront update' => $update, "$before; cp -a '$scratch/before/'* '$site'" ]
    );
    rows( $results, $results->[0]{seconds}, '0.08, and 64 MB' );
    remove_tree($scratch);
    return;
}

sub must {
    my ($command) = @_;
    system($command) == 0 or die "failed: $command\n";
    return;
}

1;
