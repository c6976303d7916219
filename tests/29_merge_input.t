#!/usr/bin/perl
# The command merge: what becomes of rows with one key, in memory and on disk; and what it refuses, in one line, without a
# change to the output.
use strict;
use warnings;
use File::Temp ();
use FindBin    qw($Bin);
use POSIX      qw(EIO);
use lib "$Bin/lib";
use Compiler qw(fault_library);
use Program  qw(content helper run write_file);
use Test::More;

my $folder = File::Temp->newdir;

# Returns the text of a history file with these sections, [name, rows], behind GENERAL, as AWStats writes it.
# Options: version, date, last (the time of the newest record).
sub history {
    my ( $sections, %option ) = @_;
    my $last = $option{last} // 20261105120000;
    my @sections =
      ( [ 'GENERAL', "LastLine $last 10 200 3000", "FirstTime 20261101000000", "LastTime $last" ], @$sections );
    my $text =
        "AWSTATS DATA FILE @{[ $option{version} // '7.8 (build 20200416)' ]}\n"
      . "# If you remove this file, all statistics for date @{[ $option{date} // 202611 ]} will be lost/reset.\n"
      . "# Last config file used to build this data file was /etc/awstats/awstats.cdn.conf.\n\n# Position\n";
    $text .=
      'BEGIN_MAP ' . @sections . "\n" . join( '', map { "POS_$_->[0] " . ' ' x 20 . "\n" } @sections ) . "END_MAP\n";
    foreach (@sections) {
        my ( $name, @rows ) = @$_;
        $text .= "\n# The 2 first Pages must be first (order not required for others)\n";
        my $place = length $text;
        $text =~ s/^(POS_$name ) {20}$/$1 . sprintf '%-20s', $place/me;
        $text .= "BEGIN_$name " . @rows . "\n" . join( '', map { "$_\n" } @rows ) . "END_$name\n";
    }
    return $text;
}

my $files = 0;

sub file {
    return write_file( "$folder/" . ++$files, history(@_) );
}

# Merges files.  Returns the exit status, what was printed, and the rows of the output by section.
sub merge {
    my @files = @_;
    my $output = "$folder/out." . ++$files;
    my ( $status, $out, $err ) = run( helper(), 'merge', '--output', $output, @files );
    my %rows;
    my $text = -e $output ? content($output) : '';
    while ( $text =~ /^BEGIN_(\w+).*\n((?s:.*?))^END_\1\n/mg ) {
        $rows{$1} = [ split /\n/, $2 ];
    }
    return ( $status, $out . $err, \%rows, $output );
}

# ---- what becomes of rows ------------------------------------------------------------------------

sub becomes {
    my ( $section, $rows, $want, $name ) = @_;
    my @files = map { file( [ [ $section, @$_ ] ] ) } @$rows;
    foreach my $order ( [@files], [ reverse @files ] ) {
        my ( $status, $text, $got ) = merge(@$order);
        is( "$status$text", '0', "$name: merged" );
        is_deeply( [ sort @{ $got->{$section} } ], [ sort @$want ], "$name" );
    }
    return;
}
becomes(
    'DOMAIN',
    [ [ 'de 1 2 3', 'fr 1 1 1' ], [ 'de 10 20 30', 'us 1 1 1' ] ],
    [ 'de 11 22 33', 'fr 1 1 1', 'us 1 1 1' ], 'numbers'
);
becomes(
    'ROBOT',
    [ ['bot 1 2 20261105000000 1'], ['bot 10 20 20261104000000 3'] ],
    ['bot 11 22 20261105000000 4'],
    'the latest time'
);
becomes( 'LOGIN', [ ['x 1 1 1 '], ['x 1 1 1 20261101000000'] ], ['x 2 2 2 20261101000000'], 'a time and none' );
becomes( 'LOGIN', [ ['x 1 1 1 '], ['x 2 2 2 '] ],               ['x 3 3 3 '],               'no time' );
becomes(
    'SIDER_404',
    [ [ '/a 1 http://x/', '/b 2' ], [ '/a 5 http://y/', '/b 2 http://z/' ] ],
    [ '/a 6 http://y/',             '/b 4 http://z/' ],
    'the last referrer'
);
becomes(
    'DOMAIN',
    [ [ 'a  1 1 1', 'b 1 1 1 ', ' 5 5 5' ], ["c\t1 1 1"] ],
    [ 'a 1 1 1', 'b 1 1 1', 'c 1 1 1' ],
    'white space'
);
becomes( 'PLUGIN_geoip2_city', [ ['de_Bonn 0 1 0 0'], ['de_Bonn 0 4 0 0'] ],
    ['de_Bonn 0 5 0 0'], 'a plugin of AWStats' );
becomes( 'PLUGIN_cloudfront', [ ['cdn 0123'], ['shop 4567'] ], [ 'cdn 0123', 'shop 4567' ],
    'the batches of two sites' );

# A visit goes on at 11:30, or until 11:00:00 by digits; the newest record is at 12:00.
{
    my @first = (
        'a.example 1 1 1 20261105113000 20261105112950 /a',
        '192.0.2.1 2 2 2 20261105105959 20261105105929 /b',
        'b.example 1 1 1 20261105105000 20261105104800 /none'
    );
    my @second = ( 'a.example 1 1 1 20261105115000 20261105114000 //c', '2001:db8::1 0 3 3 ' );
    my $rest = sub {
        return ( [ 'SESSION', '0s-30s 5' ], [ 'SIDER', '/a 5 5 5 1', '/b 1 1 1 0' ],
            [ 'DAY', "2026110$_[0] 1 1 1 2" ] );
    };
    my ( $status, $text, $got ) = merge( file( [ [ 'VISITOR', @first ], $rest->(1) ], last => 20261105110000 ),
        file( [ [ 'VISITOR', @second ], $rest->(2) ] ) );
    is( "$status$text", '0', 'visits: merged' );
    is_deeply(
        [ sort @{ $got->{VISITOR} } ],
        [
            '192.0.2.1 2 2 2 20261105105959',
            '2001:db8::1 0 3 3 ',
            'a.example 2 2 2 20261105115000 20261105114000 //c',
            'b.example 1 1 1 20261105105000'
        ],
        'visits: two have ended, and the later of two of one host goes on'
    );
    is_deeply( [ sort @{ $got->{SESSION} } ], [ '0s-30s 12', '30s-2mn 1' ], 'visits: their lengths' );
    is_deeply(
        [ sort @{ $got->{SIDER} } ],
        [ '/a 10 10 10 3', '/b 2 2 2 1' ],
        'visits: their exits, but not of a page without a row'
    );
    is_deeply(
        [ map { s/ +$//r } @{ $got->{GENERAL} } ],
        [
            'LastLine 20261105120000 10 200 3000',
            'FirstTime 20261101000000',
            'LastTime 20261105120000',
            'LastUpdate  0 0 0 0 0',
            'TotalVisits 4',
            'TotalUnique 3',
            'MonthHostsKnown 2',
            'MonthHostsUnknown 2'
        ],
        'visits: the totals'
    );
}

# The rows that reports read come first.
{
    my ( undef, undef, $got ) = merge(
        file( [ [ 'SIDER', '/a 3 1 1 1', '/b 2 1 1 1', '/c 1 1 1 1' ] ] ),
        file( [ [ 'SIDER', '/c 9 1 1 1', '/d 1 0 0 0' ] ] )
    );
    is( "@{ $got->{SIDER} }[0, 1]", '/c 10 2 2 2 /a 3 1 1 1', 'the first rows' );
}

# ---- what is refused -----------------------------------------------------------------------------

my $good = file( [ [ 'DOMAIN', 'de 1 1 1' ] ] );
my $output = write_file( "$folder/kept", 'kept' );

sub refuses {
    my ( $name,   $want, @files ) = @_;
    my ( $status, $out,  $err ) = run( helper(), 'merge', '-o', $output, @files );
    is( "$status$out", '1', "$name: exit status" );
    like( $err, qr/\Aawstats-cloudfront: .*$want.*\n\z/, "$name: one line" );
    is( content($output), 'kept', "$name: the output is as before" );
    return;
}
my $text = history( [ [ 'DOMAIN', 'de 1 1 1' ], [ 'DAY', '20261101 1 1 1 1' ] ] );
my $number = 0;

sub changed {
    my ($change) = @_;
    local $_ = $text;
    $change->();
    $_ ne $text or die "nothing was changed\n";
    return write_file( "$folder/changed." . ++$number, $_ );
}
refuses( 'no such file',  qr{none: No such file},                      $good, "$folder/none" );
refuses( 'a folder',      qr/no regular file/,                         $good, "$folder" );
refuses( 'an empty file', qr/no AWStats history file/,                 $good, write_file( "$folder/empty", '' ) );
refuses( 'another file', qr/does not begin with "AWSTATS DATA FILE "/, $good, write_file( "$folder/other", "a\nb\n" ) );
refuses( 'XML',          qr/XML format/, $good, write_file( "$folder/xml", qq(<xml xmlns:xsi="x">\n\n<version>\n) ) );
refuses(
    'an old version',
    qr/AWStats 7\.4 .*only those of 7\.8, 7\.9 and 8\.0/,
    $good, file( [], version => '7.4 (build 1)' )
);
refuses(
    'another version',
    qr/is of AWStats 7\.8 .* but .* of AWStats 8\.0/,
    $good, file( [], version => '8.0 (build 1)' )
);
refuses( 'another month', qr/is the history of 202611, but .* that of 202610/, $good, file( [], date => '202610' ) );
refuses(
    'a section of another plugin',
    qr/line \d+: the section PLUGIN_hostinfo is not known/,
    $good, file( [ ['PLUGIN_hostinfo'] ] )
);
refuses( 'a section twice', qr/the section DAY twice/, changed( sub { s/(\nBEGIN_DAY.*END_DAY\n)/$1$1/s } ) );
refuses( 'no map',          qr/has no map/,            changed( sub { s/BEGIN_MAP.*END_MAP\n//s } ) );
refuses(
    'a map that says otherwise',
    qr/the map says that the section DAY begins at byte 1\d*, but/,
    changed( sub { s/^POS_DAY \K\d/1/m; s/^POS_DAY 1\K\d/9/m } )
);
refuses( 'a line that was removed', qr/the map says/, changed( sub { s/^de .*\n//m } ) );
refuses(
    'a file that ends in a row',
    qr/the file ends in line \d+, in the section DAY; it was cut off/,
    changed( sub { s/ 1\nEND_DAY\n// } )
);
refuses( 'a file that ends behind a row', qr/in the section DAY; it was cut off/, changed( sub { s/END_DAY\n// } ) );
refuses(
    'a file that ends behind a section',
    qr/the map names the section DAY/,
    changed( sub { s/END_DOMAIN\n\K.*//s } )
);
refuses( 'a file that ends in its map', qr/in the section MAP; it was cut off/, changed( sub { s/^POS_D.*//ms } ) );
refuses(
    'a row without a number',
    qr/line \d+: AWStats writes no such line in the section DOMAIN.*: de 1 x 1;/,
    changed( sub { s/^de 1 1/de 1 x/m } )
);
refuses( 'a row with a number too many', qr/: de 1 1 1 1;/, changed( sub { s/^de 1 1 1/de 1 1 1 1/m } ) );
refuses(
    'a number that is too large',
    qr/more than 18 digits: de 1 1 1{19};/,
    changed( sub { s/^de 1 1 1/'de 1 1 ' . '1' x 19/me } )
);
refuses(
    'a sum that is too large',
    qr/section DOMAIN, key de: a number of the sum has more than 18 digits/,
    map { file( [ [ 'DOMAIN', "de $_ 1 " . '9' x 18 ] ] ) } 1, 2
);
refuses( 'a line between sections', qr/outside of a section/, changed( sub { s/\n\n/\nx\n/ } ) );
refuses( 'one file twice',             qr/are one file/,          $good, $good );
refuses( 'a copy',                     qr/have the same content/, $good, write_file( "$folder/copy", content($good) ) );
refuses( 'the output among the files', qr/the output is one of the histories/, $good, $output );

# ---- batches -------------------------------------------------------------------------------------

{
    my @hosts = map { [ 'VISITOR', "$_ 1 1 1 20261101000000" ] } 'a.example', 'b.example';
    my $batch = [ 'PLUGIN_cloudfront', 'cdn 0123' ];
    my ( $status, $text, $got ) = merge( map { file( [ $_, $batch ] ) } @hosts );
    is( "$status$text@{ $got->{PLUGIN_cloudfront} }", '0cdn 0123', 'one batch, each host in one file: merged' );
    refuses(
        'one batch, a host in two files',
        qr/both have the batch 0123 of the site \[cdn\], and more than one file has the host a\.example/,
        map { file( [ $hosts[0], [ 'OS', "linux $_ 1" ], $batch ] ) } 1, 2
    );
    refuses(
        'different batches',
        qr/different last batches of the site \[cdn\], 0123 and 4567/,
        file( [ $hosts[0], $batch ] ),
        file( [ $hosts[1], [ 'PLUGIN_cloudfront', 'cdn 4567' ] ] )
    );
}

# ---- the output ----------------------------------------------------------------------------------

{
    my ( $status, $out, $err ) = run( helper(), 'merge', '-o', "$folder/none/out", $good );
    is( "$status$out", '1', 'a folder that is missing: exit status' );
    like(
        $err,
        qr{\A.*/none/out: No such file or directory; the file was not written\n\z},
        'a folder that is missing: one line'
    );
    ( $status, $out, $err ) = run( helper(), 'merge', '-o', '/dev/full', $good );
    like( "$status$err", qr{\A1.*/dev/full: this is no regular file}, 'a device' );
    ( $status, $out, $err ) = run( helper(), 'merge', $good );
    like( "$status$err", qr{\A2.*the file to write, --output}, 'no output' );
    ( $status, $out, $err ) = run( helper(), 'merge', '-o', $output );
    like( "$status$err", qr{\A2.*the history files to merge}, 'no histories' );
    chmod 0640, $output;
    symlink $output, "$folder/link";
    ( $status, $out, $err ) = run( helper(), 'merge', '-o', "$folder/link", $good );
    is( "$status$err", '0', 'a link: merged' );
    ok( -l "$folder/link" && -s $output > 100, 'a link: the file where it leads is replaced' );
    symlink "$folder/not-there", "$folder/nowhere";
    ( $status, $out, $err ) = run( helper(), 'merge', '-o', "$folder/nowhere", $good );
    like( "$status$err", qr{\A1.*/nowhere: this link leads to no file}, 'a link that leads nowhere' );
    ok( -l "$folder/nowhere" && !-e "$folder/not-there", 'a link that leads nowhere: it is left as it was' );
    is( ( stat $output )[2] & 0777,         0640, 'a file that is replaced: its permissions' );
    is( join( ' ', glob "$folder/kept.*" ), '',   'nothing is left beside the output' );
}

# ---- calls that fail, and the end of the program at each -------------------------------------------

# After each fault, the output is the former one or the new one, whole.
local $ENV{ASAN_OPTIONS} = join ':', 'verify_asan_link_order=0', $ENV{ASAN_OPTIONS} // ();
my @inputs = map { file( [ [ 'DOMAIN', "de $_ 1 1" ] ] ) } 1, 2;
my ( undef, undef, undef, $sum ) = merge(@inputs);
foreach my $fault ( [ 'fail_nth', FAIL => 'fails' ], [ 'kill_nth', KILL => 'is the last one' ] ) {
    my ( $source, $prefix, $what ) = @$fault;
    my $shim = fault_library( $source, $folder );
    my ( $nth, $faults ) = ( 0, 0 );
    while ( ++$nth < 100 ) {
        my $own = File::Temp->newdir;
        write_file( "$own/out",      'former' );
        write_file( "$folder/calls", '' );
        local %ENV = (
            %ENV,
            LD_PRELOAD         => $shim,
            "${prefix}_FOLDER" => "$own",
            "${prefix}_NTH"    => $nth,
            "${prefix}_ERROR"  => EIO,
            "${prefix}_CALLS"  => "$folder/calls"
        );
        my ( $status, $out, $err ) = run( helper(), 'merge', '-o', "$own/out", @inputs );
        last if !$status;
        my $is_new = content("$own/out") ne 'former';
        $faults++;
        is( content("$own/out"), content($sum), "call $nth $what: the output is whole" ) if $is_new;
        next if $prefix eq 'KILL';
        is( "$status$out", '1', "call $nth $what: exit status" );
        like( $err, qr{\Aawstats-cloudfront: \Q$own\E/out: .*\n\z}, "call $nth $what: one line" );
        is( join( ' ', glob "$own/out.*" ), '', "call $nth $what: nothing is left beside the output" );
    }
    cmp_ok( $faults, '>', 3,   "$source: some calls" );
    cmp_ok( $nth,    '<', 100, "$source: all calls" );
}
done_testing;
