package Generate;

# Makes CloudFront download logs that look like real ones, and knows what a reader must make of them.
#
# A population of visitors walks through a web site; each request is known first as the client sent it,
# then written twice, by two separate ways that share nothing but the request: as CloudFront logs it in
# the era of its file, and as the line of the normalized log that it has to become (the truth).
#
#   my $logs = Generate::logs(seed => 1, records => 10_000, files => 48, from => '2026-10-30', days => 4);
#   Generate::write_files($logs, $dir);
#   Generate::write_truth($logs, $file);
#
# The same arguments always give the same bytes: random numbers come from RandomNumbers, and no result
# depends on the order of a hash.

use strict;
use warnings;
use Compress::Zlib ();
use Digest::SHA    qw(sha384_base64);
use Columns        qw(@COLUMNS);
use Exporter       qw(import);
use GenerateSite   qw(logged true_url user_agents pages assets outside_referers visitors);
use Program        ();
use Socket         ();
use RandomNumbers  qw(seed below pick skewed shuffle);
use Time::Local    qw(timegm);

our @EXPORT_OK = qw(@ERAS);

# All columns of a legacy log; an era is so many of them from the left.
my @LEGACY_COLUMNS = qw(
  date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer)
  cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header
  cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher
  x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port
  time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start
  sc-range-end distribution-tenant-id connection-id
);
my @V2_COLUMNS = qw(
  timestamp(ms) timestamp c-country asn DistributionId cache-behavior-path-pattern origin-fbl
  origin-lbl
);

our @ERAS = qw(11 12 15 18 19 23 24 26 33 35 v2);

# Where a request keeps the raw value of each column, and behind them what only one writer needs.
my %AT;
{
    my $place = 0;
    $AT{$_} = $place++
      for @LEGACY_COLUMNS, @V2_COLUMNS,
      qw(ua-twice query-twice true-stem true-referer true-ua true-query true-query-twice
      true-host true-client none);
}

# ---- requests ---------------------------------------------------------------------------------

my @DISTRIBUTION_HOSTS = qw(d111111abcdef8.cloudfront.net d2exampleexamp.cloudfront.net);
my @QUERIES = (
    'id=%d',                                     'page=%d&sort=asc',
    'utm_source=news&utm_medium=mail&utm_id=%d', 'q=caf%%C3%%A9&n=%d',
    'q=red%%20shoes&n=%d',                       'v=%d',
    'a=1&b={x}&c=%d',                            'token=~%d',
    'q="quoted"&n=%d',                           "name=o'neill&n=%d",
    'broken=%%zz&n=%d',                          'nested=%%2520&n=%d'
);

my @HOUR_WEIGHTS = ( 2, 1, 1, 1, 1, 2, 3, 5, 7, 9, 10, 10, 9, 9, 10, 10, 9, 9, 10, 11, 11, 9, 6, 3 );
my @HOURS = map { ($_) x $HOUR_WEIGHTS[$_] } 0 .. 23;

my @SECURITY = (
    [ 'TLSv1.3', 'TLS_AES_128_GCM_SHA256' ],
    [ 'TLSv1.3', 'TLS_AES_256_GCM_SHA384' ],
    [ 'TLSv1.2', 'ECDHE-RSA-AES128-GCM-SHA256' ],
    [ 'TLSv1',   'ECDHE-RSA-AES128-SHA' ],
    [ '-',       '-' ]
);
my @RESULTS = ( ('Hit') x 14, ('Miss') x 4, 'RefreshHit', 'OriginShieldHit' );
my %DATE_OF_DAY;

# One request a call, with all that is the same in every column of it; returns its values in @AT's order.
sub request {
    my ( $run, $visitor, $when, %about ) = @_;
    my $day = int( $when / 86400 );
    my $date = $DATE_OF_DAY{$day} //= do {
        my @t = gmtime( $day * 86400 );
        sprintf '%04d-%02d-%02d', $t[5] + 1900, $t[4] + 1, $t[3];
    };
    my $second = $when % 86400;
    my $number = $run->{number}++;
    my $chance = below(1000);

    my ( $status, $bytes, $result ) = ( '200', $about{size}, pick( \@RESULTS ) );
    my ( $first, $last ) = ( '-', '-' );
    my $type = $about{type};
    my $method = $about{method} // 'GET';
    my $length = $bytes;
    if    ( $method eq 'OPTIONS' ) { ( $bytes, $length, $type ) = ( 412, '-', '-' ) }
    elsif ( $method eq 'HEAD' )    { $bytes = 390 + below(60) }
    elsif ( $about{parts} && $chance < 420 ) {
        $status = '206';
        ( $first, $bytes ) = ( below($bytes), 65536 + below(400_000) );
        ( $last,  $length ) = ( $first + $bytes - 1, $bytes );
    }
    elsif ( $chance < 90 )       { ( $status, $bytes, $length, $type ) = ( '304', 280 + below(90), '-', '-' ) }
    elsif ( $chance < 108 )      { ( $status, $bytes, $result ) = ( '301', 520 + below(40), 'Redirect' ) }
    elsif ( $chance < 130 )      { ( $status, $bytes, $result ) = ( '404', 900 + below(300), 'Error' ) }
    elsif ( $chance < 136 )      { ( $status, $bytes, $result ) = ( '403', 700 + below(300), 'Error' ) }
    elsif ( $chance < 139 )      { ( $status, $bytes, $result ) = ( '416', 600 + below(90), 'Error' ) }
    elsif ( $chance < 142 )      { ( $status, $bytes, $result ) = ( '503', 1100 + below(90), 'CapacityExceeded' ) }
    elsif ( $chance < 147 )      { ( $status, $bytes, $result, $length ) = ( '000', 0, 'Error', '-' ) }
    elsif ( $about{bytes_vary} ) { $bytes += below(6000) }

    my ( $query, $query_twice, $true_query, $true_twice ) = ( '-', '-', '-', '-' );
    if ( defined $about{query} ) {
        $query = logged( $about{query} );
        $query_twice = logged($query);
        ( $true_query, $true_twice ) = ( true_url( $about{query} ), true_url($query) );
    }
    my $security = $visitor->{security};
    my ( $tls, $cipher ) = @{
        $SECURITY[
          $security < 9 ? 0
        : $security < 14 ? 1
        : $security < 17 ? 2
        : $security < 18 ? 3
        : 4
        ]
    };
    my $plain = $tls eq '-';
    my $taken = below(400) / 1000;
    my $agent = $about{agent} // $visitor->{agent};
    my $cs = $DISTRIBUTION_HOSTS[ $visitor->{port} % 2 ];
    my $x_host = $number % 211 ? $visitor->{host} : '-';
    my $referer = $about{referer};
    my $stem = $about{stem};
    return [
        $date,            sprintf( '%02d:%02d:%02d', $second / 3600, $second / 60 % 60, $second % 60 ),
        $visitor->{edge}, $bytes,      $visitor->{address}, $method, $cs, $stem->[0], $status,
        $referer->[0],    $agent->[0], $query,
        $number % 17 ? '-' : 'session=' . $visitor->{port} . ';%20theme=dark',
        $result, substr( sha384_base64("$run->{seed} $number"), 0, 54 ) . '==', $x_host,
        $plain ? 'http' : 'https', 180 + below(700), sprintf( '%.3f', $taken ), $visitor->{forwarded}[0],
        $tls, $cipher, $result, $plain || $security == 16 ? 'HTTP/1.1' : $security < 4 ? 'HTTP/3.0' : 'HTTP/2.0',
        '-', '-', $visitor->{port}, sprintf( '%.3f', $taken / 2 ), $result, $type, $length, $first, $last,
        '-', substr( sha384_base64("$visitor->{port} $day"), 0, 20 ),
        $when . sprintf( '%03d', $number % 1000 ), $when,       $visitor->{country}, 64496 + $visitor->{port} % 16,
        'E2EXAMPLE',                               '/assets/*', '0.0' . below(100),  '0.1' . below(100),
        $agent->[1], $query_twice, $stem->[1], $referer->[1], $agent->[2], $true_query, $true_twice,
        $x_host eq '-' ? $cs : $x_host, $visitor->{forwarded}[1], '-',
    ];
}

# All requests of one visit, from the page the visitor came in by.
sub visit {
    my ( $run, $visitor, $when, $limit ) = @_;
    my @requests;
    my $secure = $visitor->{security} < 18 ? 'https' : 'http';
    my $referer = pick( $run->{outside} );
    for ( 0 .. skewed(9) ) {
        my $page = pick( $run->{pages} );
        my $query = below(5) ? undef : sprintf pick( \@QUERIES ), below(900);
        push @requests,
          request(
            $run, $visitor, $when,
            stem    => $page,
            referer => $referer,
            size    => 6000 + below(30000),
            type    => 'text/html;%20charset=utf-8',
            query   => $query
          );
        my $here = $run->{inside}{"$secure $visitor->{host} $page->[0]"} //= do {
            my $site = "$secure://$visitor->{host}";
            [ $site . $page->[0], $site . $page->[1] ];
        };
        my $start = below(560);
        for my $i ( 0 .. below(9) ) {
            my $asset = $run->{assets}[ ( $start + $i * $i ) % 600 ];
            push @requests,
              request(
                $run, $visitor, $when + below(4),
                stem       => $asset,
                referer    => $here,
                size       => $asset->[3],
                bytes_vary => 1,
                type       => $asset->[2],
                parts      => $asset->[4],
                query      => below(12) ? undef : 'v=' . below(30)
              );
        }
        my $rare = below(60);
        if ( $rare < 3 ) {
            push @requests,
              request(
                $run, $visitor, $when + 2,
                stem    => [ '/api/form', '/api/form' ],
                referer => $here,
                size    => 640,
                type    => 'application/json',
                method  => (qw(POST OPTIONS PUT))[$rare]
              );
        }
        $referer = $here;
        $when += 4 + below(150);
        last if @requests >= $limit;
    }
    return @requests;
}

# A robot reads robots.txt, then pages by the dozen, mostly without a referer.
sub crawl {
    my ( $run, $visitor, $when, $limit ) = @_;
    my $agent = pick( $run->{robots} );
    my $nowhere = [ '-', '-' ];
    my @requests = (
        request(
            $run, $visitor, $when,
            stem    => [ '/robots.txt', '/robots.txt' ],
            agent   => $agent,
            referer => $nowhere,
            size    => 120,
            type    => 'text/plain'
        )
    );
    for ( 0 .. below(25) ) {
        $when += 1 + below(20);
        push @requests,
          request(
            $run, $visitor, $when,
            stem    => pick( $run->{pages} ),
            agent   => $agent,
            referer => $nowhere,
            size    => 6000 + below(30000),
            type    => 'text/html;%20charset=utf-8',
            method  => below(9) ? 'GET' : 'HEAD'
          );
        last if @requests >= $limit;
    }
    return @requests;
}

# ---- files ------------------------------------------------------------------------------------

# How one file is written: its header, its separator, which values in which order, and which make the truth.
sub layout {
    my ($era) = @_;
    my %layout = ( separator => "\t", end => "\n", era => $era, twice => 0, short => 0 );
    my @columns;
    if ( $era eq 'v2' ) {
        $layout{separator} = ' ' if below(2);
        my @wanted = grep { below(4) } @LEGACY_COLUMNS[ 12 .. 34 ], @V2_COLUMNS[ 2 .. 7 ];
        my @when = ( [ 'date', 'time' ], ['timestamp(ms)'], [ 'timestamp', 'date', 'time' ], ['timestamp'] );
        @columns = ( @{ pick( \@when ) }, @LEGACY_COLUMNS[ 2 .. 11 ], @wanted );
        shuffle( \@columns );
    }
    else {
        @columns = @LEGACY_COLUMNS[ 0 .. $era - 1 ];
        $layout{twice} = 1 if $era >= 15 && $era <= 33 && !below(4);
        $layout{short} = 2 if $era == 35 && below(2);
    }
    my %has = map { $_ => 1 } @columns;
    my %raw = (
        'cs(User-Agent)' => $layout{twice} ? 'ua-twice'    : 'cs(User-Agent)',
        'cs-uri-query'   => $layout{twice} ? 'query-twice' : 'cs-uri-query',
    );
    $layout{raw} = [ map { $AT{ $raw{$_} // $_ } } @columns ];
    $#{ $layout{raw} } -= $layout{short};

    my %true = (
        'cs(Host)'       => $has{'x-host-header'} ? 'true-host' : 'cs(Host)',
        'cs-uri-stem'    => 'true-stem',
        'cs(Referer)'    => 'true-referer',
        'cs(User-Agent)' => 'true-ua',
        'cs-uri-query'   => !$has{'cs-uri-query'} ? 'none' : $layout{twice} ? 'true-query-twice' : 'true-query',
    );
    $layout{truth} =
      [ map { $AT{ $true{$_} // ( $has{$_} || $_ eq 'date' || $_ eq 'time' ? $_ : 'none' ) } } @COLUMNS ];
    $layout{client} = $AT{ $has{'x-forwarded-for'} ? 'true-client' : 'c-ip' };

    my $names = join ' ', @columns;
    my $unusual = below(10);
    if    ( $unusual == 0 ) { $names =~ tr/ /\t/ }
    elsif ( $unusual == 1 ) { $names .= ' ' }
    elsif ( $unusual == 2 ) { $names =~ s/ cs-method/ \xe2\x80\x8bcs-method/ }
    elsif ( $unusual == 3 ) { $layout{end} = "\r\n" }
    elsif ( $unusual == 4 ) { $layout{end} = "$layout{separator}\n" }
    my $version = $era eq 'v2' && below(2) ? '' : "#Version: 1.0\n";
    $version = "\n" . $version if $unusual == 5;
    $version .= "#\n" if $unusual == 6;
    $layout{header} = "$version#Fields: $names" . ( $unusual == 3 ? "\r\n" : "\n" );
    return \%layout;
}

# Names for $count files over the hours from $start on, in order of time: [[name, hour], ...]
sub file_names {
    my ( $seed, $count, $start, $hours ) = @_;
    my @files;
    for my $i ( 0 .. $count - 1 ) {
        my $hour = int( $i * $hours / $count );
        my @t = gmtime( $start + $hour * 3600 );
        push @files,
          [
            sprintf(
                'E2EXAMPLE.%04d-%02d-%02d-%02d.%08x.gz',
                $t[5] + 1900,
                $t[4] + 1,
                $t[3], $t[2], hex substr( Digest::SHA::sha1_hex("$seed file $i"), 0, 8 )
            ),
            $hour
          ];
    }
    return @files;
}

# seed     a whole number
# records  how many
# files    over how many files they are spread
# from     first day, YYYY-MM-DD
# days     how many days from there on
# eras     the eras of @ERAS that files are written in, one drawn for each file (all)
# visitors how many people may come, few of them often (a fortieth of the records)
sub logs {
    my %want = ( seed => 1, records => 1000, files => 12, from => '2026-10-30', days => 4, eras => \@ERAS, @_ );
    my $visitors_wanted = $want{visitors} // int( $want{records} / 40 );
    seed( $want{seed} );
    my ( $people, $robots ) = user_agents();
    my %run = (
        seed    => $want{seed},
        number  => 0,
        pages   => pages(),
        assets  => assets(),
        robots  => $robots,
        outside => outside_referers(),
        inside  => {}
    );
    my $visitors = visitors( 20 + $visitors_wanted, $people );
    my ( $year, $month, $day ) = split /-/, $want{from};
    my $start = timegm( 0, 0, 0, $day, $month - 1, $year );
    my $hours = $want{days} * 24;

    # The files of each hour: those that start there, or the last that started before.
    my @files = file_names( $want{seed}, $want{files}, $start, $hours );
    my @of_hour;
    for my $i    ( 0 .. $#files )    { push @{ $of_hour[ $files[$i][1] ] }, $i }
    for my $hour ( 1 .. $hours - 1 ) { $of_hour[$hour] //= $of_hour[ $hour - 1 ] }

    # Layouts are drawn in turn from shuffled rounds, so that few files hold all eras too.
    my ( @round, @layouts, @lines, @truth, @forwarded );
    for (@files) {
        if ( !@round ) { @round = @{ $want{eras} }; shuffle( \@round ) }
        push @layouts, layout( pop @round );
        push @lines,   [];
    }

    my $left = $want{records};
    while ( $left > 0 ) {
        my $visitor = $visitors->[ skewed( scalar @$visitors ) ];
        my $when = $start + below( $want{days} ) * 86400 + pick( \@HOURS ) * 3600 + below(3600);
        my @requests = below(14) ? visit( \%run, $visitor, $when, $left ) : crawl( \%run, $visitor, $when, $left );
        $#requests = $left - 1 if @requests > $left;
        $left -= @requests;
        for my $request (@requests) {
            my $hour = int( ( $request->[ $AT{timestamp} ] - $start ) / 3600 );
            $hour++ if !below(100);
            $hour = $hours - 1 if $hour >= $hours;
            my $file = pick( $of_hour[$hour] );
            my $layout = $layouts[$file];
            push @{ $lines[$file] },
              [
                join( $layout->{separator}, @$request[ @{ $layout->{raw} } ] ),
                join( "\t",                 @$request[ @{ $layout->{truth} } ] ),
                $request->[ $layout->{client} ],
              ];
        }
    }
    shuffle($_) for @lines;
    return { files => [ map { { name => $files[$_][0], layout => $layouts[$_], lines => $lines[$_] } } 0 .. $#files ] };
}

# The bytes of one file before compression.
sub content {
    my ($file) = @_;
    my $end = $file->{layout}{end};
    return join '', $file->{layout}{header}, map { $_->[0] . $end } @{ $file->{lines} };
}

sub write_files {
    my ( $logs, $directory ) = @_;
    for my $file ( @{ $logs->{files} } ) {
        my $packed = Compress::Zlib::memGzip( content($file) ) // die "memGzip: $file->{name}\n";
        Program::write_file( "$directory/$file->{name}", $packed );
    }
}

# An address in its shortest form.
sub shortest {
    my ($address) = @_;
    return $address if $address !~ /:/;
    return Socket::inet_ntop( Socket::AF_INET6(), Socket::inet_pton( Socket::AF_INET6(), $address ) );
}

# The normalized log's records in their order, without header and end: sorted by date and time, and
# where those are equal by file name and line.  With client => 'x-forwarded-for', c-ip is the address that it names.
sub true_records {
    my ( $logs, %option ) = @_;
    my $forwarded = ( $option{client} // 'c-ip' ) eq 'x-forwarded-for';
    my @records;
    for my $file ( sort { $a->{name} cmp $b->{name} } @{ $logs->{files} } ) {
        for my $line ( @{ $file->{lines} } ) {
            my @values = split /\t/, $line->[1], -1;
            $values[4] = shortest( $forwarded ? $line->[2] : $values[4] );
            push @records, join "\t", @values;
        }
    }
    my @order = sort { substr( $records[$a], 0, 19 ) cmp substr( $records[$b], 0, 19 ) || $a <=> $b } 0 .. $#records;
    return @records[@order];
}

# A plain log with as many lines as the normalized one has: AWStats keeps their number.
sub write_truth {
    my ( $logs, $path, %option ) = @_;
    open my $out, '>:raw', $path or die "$path: $!\n";
    print {$out} "#Version: 1.0\n#Remark: sorted, decoded\n#Fields: @COLUMNS\n",
      ( map { "$_\n" } true_records( $logs, %option ) ), "#Remark: that was all\n"
      or die "$path: $!\n";
    close $out or die "$path: $!\n";
}

1;
