#!/usr/bin/perl
# cat of files, directories and standard input.
use strict;
use warnings;
use Test::More;
use Compress::Zlib ();
use File::Path     qw(make_path);
use File::Temp     qw(tempdir);
use FindBin        qw($Bin);
use lib "$Bin/lib";
use Columns qw(@COLUMNS);
use Program qw(helper run);

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
my $head =
"#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes cs(Host) cs(Referer) cs(User-Agent)\n";

sub row { my ( $time, $stem ) = @_; return "2026-10-31\t$time\t192.0.2.1\tGET\t$stem\t200\t1\n" }

sub put {
    my ( $name, $text ) = @_;
    my $path = "$dir/$name";
    make_path( $path =~ s{/[^/]*\z}{}r );
    open my $out, '>:raw', $path or die "$path: $!\n";
    print $out $text;
    close $out or die "$path: $!\n";
    return $path;
}

sub gz { return Compress::Zlib::memGzip( $_[0] ) }

# The paths of the records, in their order.
sub stems {
    return join ' ', map { ( split /\t/ )[7] } grep { !/^#/ } split /\n/, $_[0];
}

sub is_stems {
    my ( $name,   $want, @command ) = @_;
    my ( $status, $out,  $err ) = run(@command);
    is( $status,     0,     "$name: exit status 0" ) or diag($err);
    is( stems($out), $want, "$name: the records" );
    my $count = () = $out =~ /^[^#]/mg;
    like( $out, qr/^#End: records=$count bad=0 quarantined=0\n\z/m, "$name: #End" );
    return $err;
}

my $late = put( 'in/b.gz', gz( $head . row( '12:00:05', '/5' ) . row( '12:00:01', '/1' ) ) );
my $early = put( 'in/a', $head . row( '12:00:03', '/3' ) . row( '12:00:01', '/0' ) );
my $deep = put( 'in/2026/10/c', gz( $head . row( '12:00:02', '/2' ) ) );
put( 'in/.hidden',        "no log\n" );
put( 'in/.folder/x',      "no log\n" );
put( 'in/empty',          '' );
put( 'in/empty.gz',       gz('') );
put( 'in/header-only.gz', gz($head) );
my $members = put( 'members.gz',
    gz($head) . gz( row( '12:00:02', '/m2' ) . '2026-10-31' ) . gz( substr row( '12:00:01', '/m1' ), 10 ) );
my $plain = put( 'plain.gz', $head . row( '12:00:00', '/p' ) );
my $no_ending = put( 'no-ending', gz( $head . row( '12:00:00', '/n' ) ) );

is_stems( 'a directory, sorted across files', '/0 /1 /2 /3 /5', $helper,         'cat',   "$dir/in" );
is_stems( 'ties go by source, then name',     '/1 /0 /3 /5',    $helper,         'cat',   $late, $early );
is_stems( 'concatenated members',             '/m1 /m2',        $helper,         'cat',   $members );
is_stems( 'a plain file called .gz',          '/p',             $helper,         'cat',   $plain );
is_stems( 'a gzip file without .gz',          '/n',             $helper,         'cat',   $no_ending );
is_stems( 'standard input',                   '/1 /5',          { in => $late }, $helper, 'cat', '-' );
is_stems( 'an empty directory',               '',               $helper,         'cat',   tempdir( CLEANUP => 1 ) );
is( is_stems( '-q', '/1 /5', $helper, 'cat', '-q', $late ), '', '-q is silent' );
symlink 'in', "$dir/link";
is_stems( 'a link to a directory', '/0 /1 /2 /3 /5', $helper, 'cat', "$dir/link" );

my ( $status, $out, $err ) = run( $helper, 'cat', "$dir/in" );
my ($fields) = $out =~ /^#Fields: (.*)$/m;
is( ( split / /, $fields )[11], 'cs-uri-query', 'the first twelve columns are those of 2010' );
is( $fields,                    "@COLUMNS",     'the columns are those of the list' );
like( $out, qr/\A#Version: 1\.0\n#Software: awstats-cloudfront \S+\n#Fields: /, 'the header' );

# A normalized log goes through unchanged: from a file, from a pipe, and beside raw ones.
my $normal = put( 'normal', $out );
( $status, my $again ) = run( $helper, 'cat', $normal );
is( $again, $out, 'a normalized log passes unchanged' );

# A log that an earlier version wrote has the first 24 or the first 12 columns, and "aside".
for my $columns ( 24, 12 ) {
    my @lines = map { /^#/ ? $_ : join "\t", ( split /\t/ )[ 0 .. $columns - 1 ] } split /\n/, $out;
    my $earlier = join( '', map { "$_\n" } @lines ) =~ s/quarantined=/aside=/r;
    $earlier =~ s/^#Fields: .*/#Fields: @COLUMNS[0 .. $columns - 1]/m;
    my $want = join '', map { /^#/ ? "$_\n" : "$_" . "\t-" x ( @COLUMNS - $columns ) . "\n" } @lines;
    ( $status, $again ) = run( $helper, 'cat', put( 'earlier', $earlier ) );
    is( $again =~ s/^#.*\n//gmr, $want =~ s/^#.*\n//gmr, "a log with the first $columns columns passes" );
    is_stems(
        'a normalized and a raw log of two versions',
        '/0 /1 /m1 /2 /m2 /3 /5',
        $helper, 'cat', "$dir/earlier", $members
    );
}
is_stems( 'a normalized and a raw log', '/0 /1 /m1 /2 /m2 /3 /5', $helper, 'cat', $normal, $members );

# A log is data: of a normalized one, the records pass, and the lines that name a batch do not.
{
    my $batch = $out =~ s{(#Fields[^\n]*\n)}{$1#Batch: 1\n#Site: cdn /conf\n#Previous: -\n#Replaces: 2\n}r;
    my $count = grep { !/^#/ } split /\n/, $out;
    is_deeply(
        [ run( { in => put( 'batch', $batch ) }, $helper, 'cat', '-' ) ],
        [ 0, $out, '' ],
        'a log of a batch on standard input: its records'
    );
    is_deeply( [ run( $helper, 'cat', "$dir/batch" ) ], [ 0, $out, '' ], 'a log of a batch as a file: its records' );
    my ( $two_status, $two ) = run( { in => put( 'batches', $batch . $batch ) }, $helper, 'cat', '-' );
    is( $two_status,                               0,          'two logs of batches: exit status' );
    is( scalar( grep { !/^#/ } split /\n/, $two ), 2 * $count, 'two logs of batches: all records' );
    unlike( $two, qr/^#(?:Batch|Site)/m, 'two logs of batches: no batch is named' );
}

# The options that choose a column.
my $hosts = put( 'hosts',
        "#Fields: date time c-ip x-forwarded-for cs(Host) x-host-header\n"
      . "2026-10-31\t12:00:00\t192.0.2.1\tunknown,%20198.51.100.7:80\td1.cloudfront.net\twww.example.com\n" );
for my $case (
    [ [], '192.0.2.1', 'www.example.com' ],
    [ [ '--client',      'x-forwarded-for' ], '198.51.100.7', 'www.example.com' ],
    [ [ '--client=c-ip', '--host=cs(Host)' ], '192.0.2.1',    'd1.cloudfront.net' ],
  )
{
    my ( $options, $client, $host ) = @$case;
    ( $status, $out ) = run( $helper, 'cat', '-q', @$options, $hosts );
    is(
        join( ' ', ( split /\t/, ( grep { !/^#/ } split /\n/, $out )[0] )[ 4, 6 ] ),
        "$client $host",
        "client and host with [@$options]"
    );
}

# A site of the configuration file.
my $config = put( 'cloudfront.conf',
    "[cdn]\nsource = $dir/hosts ; one file\nclient = x-forwarded-for\n" . "state = $dir/cdn.db\n" );
( $status, $out ) = run( $helper, 'cat', '-q', '--config', $config, '--site', 'cdn' );
is( $status, 0, '--site: exit status 0' );
like( $out, qr/198\.51\.100\.7/, '--site: its settings count' );
unlink "$dir/cdn.db";
( $status, $out ) = run( $helper, 'cat', '-q', '--config', $config, '--site', 'cdn', '--client', 'c-ip' );
like( $out, qr/\t192\.0\.2\.1\t/, 'an option goes over the site\'s setting' );

# Columns without which a figure is empty or false: tests/23_cat_missing_columns.t has all.
( $status, $out, $err ) = run( $helper, 'cat', $hosts );
like( $err, qr/\Q$hosts\E has no column cs-method: all records count as GET;/, 'a log without cs-method is warned of' );

# Enough records for several runs of the sort give the same as few.
my $rows = join '',
  map { row( sprintf( '%02d:%02d:%02d', $_ % 24, $_ % 60, $_ % 60 ), '/' . 'x' x 400 . $_ ) } 1 .. 150_000;
my $big = put( 'big', $head . $rows );
my @want = sort { $a->[0] cmp $b->[0] || $a->[1] <=> $b->[1] }
  map { [ ( split /\t/ )[1], /x(\d+)\t/ ? $1 : 0 ] } split /\n/, $rows;
( $status, $out ) = run( $helper, 'cat', $big );
is( $status, 0, 'more records than memory is taken for' );
is(
    stems($out) =~ s/x+//gr,
    join( ' ', map { "/$_->[1]" } @want ),
    'more records than memory is taken for: they are in order'
);

done_testing;
