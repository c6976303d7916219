#!/usr/bin/perl
# update --all: sites that reach one bucket in the same way fetch each object once, and count what they count alone.
use strict;
use warnings;
use Test::More;
use File::Path qw(make_path);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program qw(content run write_file);
use S3Proxy;
use S3Server;

my $server = S3Server->new;
$server->set_environment;
$server->make_bucket('logs');
my ($processor) = content('/proc/self/status') =~ /^Cpus_allowed_list:\s*(\d+)/m;
my @one_processor = -x '/usr/bin/taskset' ? ( 'taskset', '-c', $processor ) : ();

# A log with a record of each host; NUMBER makes its paths and clients its own.
sub log_of {
    my ( $number, @hosts ) = @_;
    return "#Version: 1.0\n#Fields: @{[ CountedSite::fields() ]}\n" . join '', map {
        CountedSite::record( "2026-10-05 10:00:$_", path => "/$number-$_.html", host => "192.0.2.$number" ) =~
          s/d1\.cloudfront\.net/$hosts[$_ % @hosts]/r
    } 10 .. 19;
}

my @keys = map { sprintf 'cdn/E1.2026-10-05-10.%08x.log', $_ } 1 .. 10;
$server->put( 'logs', $keys[$_], log_of( $_ + 1, 'one.example.net', 'two.example.net' ) ) foreach 0 .. $#keys;

# An AWStats for the sites SITE => LINES of their sections.
sub install {
    my (%site) = @_;
    my $awstats = AWStats->new;
    my $folder = $awstats->folder;
    write_file(
        "$folder/sites.conf",
        join '',
        map {
                "[$_]\nsource = s3://logs/cdn/\nstate = $folder/state/$_.db\nawstats = $folder/awstats.pl\n"
              . "awstats-config = $_\n$site{$_}\n"
        } sort keys %site
    );
    $awstats->config( $_, AWStats::plugin_config( log => "site:$_", parameters => "config=$folder/sites.conf" ) )
      foreach keys %site;
    return $awstats;
}

# Runs an update through a proxy with RULE, by a command line before the program's own.  Returns {gets}, how many times
# each key was asked for, and {status}, {output}, {error}.
sub update {
    my ( $awstats, $rule, $before, @sites ) = @_;
    my $proxy = S3Proxy->new( $server->address, $rule );
    local %ENV = ( %ENV, PERL_HASH_SEED => 0, PERL_PERTURB_KEYS => 0, AWS_ENDPOINT_URL_S3 => $proxy->endpoint );
    my %got;
    @got{qw(status output error)} =
      run( @$before, AWStats::helper(), 'update', '-v', '--config=' . $awstats->folder . '/sites.conf', @sites );
    $got{gets}{$_}++ foreach map { m{^GET /logs/([^?]+)$} ? $1 : () } $proxy->requests;
    return \%got;
}

# How many requests there were for all objects, and how many objects SITE took from another one's fetch.
sub gets { my $sum = 0; $sum += $_ foreach values %{ $_[0]{gets} }; return $sum }

sub taken {
    my ( $got, $site ) = @_;
    return $got->{error} =~ /^\S+ \[$site\]: (\d+) objects? came from the fetch of another site$/m
      ? $1
      : 'nothing said';
}

sub is_counted {
    my ( $got, $what, %records ) = @_;
    is( $got->{status}, 0, "$what: exit status" ) or diag $got->{error};
    like( $got->{output}, qr/^\[$_\]: $records{$_} records of 10 logs counted/m, "$what: [$_]" )
      foreach sort keys %records;
    return;
}

my %two = map { $_ => "host = cs(Host) $_.example.net" } qw(one two);
my $alone = install(%two);
{
    my $sum = 0;
    foreach my $site ( sort keys %two ) {
        my $got = update( $alone, undef, [], "--site=$site" );
        is_counted( $got, "[$site] alone", $site => 50 );
        is( taken( $got, $site ), 'nothing said', "[$site] alone: no line about other sites" );
        $sum += gets($got);
    }
    is( $sum, 20, 'alone: two requests for each object' );
}

sub is_as_alone {
    my ( $awstats, $what ) = @_;
    is_deeply( $awstats->history($_), $alone->history($_), "$what: the history of [$_]" ) foreach sort keys %two;
    return;
}

foreach my $case ( [ 'one site after the other', @one_processor ], ['both sites at once'] ) {
    my ( $what, @before ) = @$case;
    my $awstats = install(%two);
    my $got = update( $awstats, undef, \@before, '--all' );
    is_counted( $got, $what, one => 50, two => 50 );
    is( gets($got),                                  10, "$what: one request for each object" );
    is( scalar keys %{ $got->{gets} },               10, "$what: of all objects" );
    is( taken( $got, 'one' ) + taken( $got, 'two' ), 10, "$what: the messages have the number of shared objects" );
    is_as_alone( $awstats, $what );

    $server->put( 'logs', 'cdn/E1.2026-10-05-11.new.log', log_of( 21, 'one.example.net' ) );
    $got = update( $awstats, undef, \@before, '--all' );
    is( "$got->{status} " . gets($got), '0 1', "$what: the next run fetches the new object, once" );
    $server->remove( 'logs', 'cdn/E1.2026-10-05-11.new.log' );
}

# Slow responses: the site that comes second waits for the first one.
{
    my $slow = update( install(%two), sub { $_[0]{path} =~ /0001\.log$/ ? { stall => 0.5 } : undef }, [], '--all' );
    is_counted( $slow, 'a slow object', one => 50, two => 50 );
    is( gets($slow), 10, 'a slow object: one request for each object' );
}

# A site that reaches the bucket in another way fetches for itself.
{
    my $awstats = install( %two, three => 'requester-pays = yes' );
    my $got = update( $awstats, undef, [], '--all' );
    is_counted( $got, 'other access', one => 50, two => 50, three => 100 );
    is( gets($got),             20,             'other access: two requests for each object' );
    is( taken( $got, 'three' ), 'nothing said', 'other access: no object of another site' );
    is_as_alone( $awstats, 'other access' );
}

# The first request for an object is refused, or its response is cut off: the other site is not concerned.
SKIP: {
    skip 'needs taskset (package util-linux)', 11 if !@one_processor;
    my $awstats = install(%two);
    my $got = update(
        $awstats,
        sub {
            my ($request) = @_;
            return if $request->{count} > 1;
            return { status => 403 } if $request->{path} =~ /0003\.log$/;
            return { cut    => 10 } if $request->{path}  =~ /0004\.log$/;
            return;
        },
        \@one_processor,
        '--all'
    );
    is( $got->{status}, 0, 'a refused object: exit status' ) or diag $got->{error};
    like( $got->{output}, qr/^\[one\]: 45 records of 9 logs counted/m, 'a refused object: left out by the first site' );
    like( $got->{output}, qr/^\[two\]: 50 records of 10 logs counted/m, 'a refused object: counted by the second' );
    is( join( ' ', map { $got->{gets}{ $keys[$_] } } 2 .. 4 ), '2 2 1', 'a refused object: requested by both sites' );
    is( taken( $got, 'two' ), 9, 'a refused object: all others came from the first site' );
    $got = update( $awstats, undef, [], '--all' );
    like( $got->{output}, qr/^\[one\]: 5 records of 1 log counted/m, 'a refused object: counted by the next run' );

    # An object is replaced after the first site has fetched it.
    $awstats = install(%two);
    my $new = log_of( 99, 'one.example.net', 'two.example.net' );
    $got = update(
        $awstats,
        sub {
            my ($request) = @_;
            if (   $request->{path} =~ m{^/logs/?$}
                && $request->{query} !~ /continuation|start-after/
                && $request->{count} == 2 )
            {
                delete $server->{http};    # the connection of another process
                $server->put( 'logs', $keys[4], $new );
            }
            return;
        },
        \@one_processor,
        '--all'
    );
    is_counted( $got, 'a replaced object', one => 50, two => 50 );
    is( "$got->{gets}{$keys[4]} " . gets($got), '2 11', 'a replaced object: fetched again' );
    my %path = map { $_ => $awstats->section( $_, 'SIDER' ) } qw(one two);
    is(
        join( ' ',
            map { exists $path{$_}{'/99-11.html'} || exists $path{$_}{'/99-10.html'} ? 'new' : 'old' } qw(one two) ),
        'old new',
        'a replaced object: each site counts the version that it has listed'
    );
    $server->put( 'logs', $keys[4], log_of( 5, 'one.example.net', 'two.example.net' ) );
}

# While a site still waits for another object, the other site fetches the one that was refused to the first.
SKIP: {
    my ($processors) = content('/proc/self/status') =~ /^Cpus_allowed_list:\s*(\S+)$/m;
    skip 'there is one processor', 3 if $processors eq $processor;
    my $awstats = install(%two);
    my ( $again, $late ) = map { $awstats->folder . "/$_" } qw(again late);
    my $rule = sub {
        my ($request) = @_;
        if ( $request->{path} =~ /0003\.log$/ ) {
            return { status => 403 } if $request->{count} == 1;
            write_file( $again, '' );
        }
        if ( $request->{path} =~ /000a\.log$/ && $request->{count} == 1 ) {
            my $until = time + 8;
            until ( -e $again || time > $until ) { select undef, undef, undef, 0.05 }
            write_file( $late, '' ) if !-e $again;
        }
        return;
    };
    my $got = update( $awstats, $rule, [], '--all' );
    is( $got->{status}, 0,  'refused while both run: exit status' ) or diag $got->{error};
    is( gets($got),     11, 'refused while both run: requested again' );
    ok( !-e $late, 'refused while both run: at once' );
}

# Processes of two users share nothing; those of one user do, also when root has started them.
SKIP: {
    my $nobody = getpwnam 'nobody';
    skip 'only root can switch the user', 8 if $> != 0 || !defined $nobody;
    foreach my $case ( [ 'two users', 20, 'two' ], [ 'one user', 10, 'one', 'two' ] ) {
        my ( $what, $gets, @sites ) = @$case;
        my $awstats = install(%two);
        my $folder = $awstats->folder;
        make_path( map { "$folder/state-$_" } qw(one two) );
        write_file( "$folder/sites.conf", content("$folder/sites.conf") =~ s{/state/(\w+)}{/state-$1/$1}gr );
        chmod 0755, $folder;
        chmod 0777, "$folder/data";
        chown $nobody, -1, map { "$folder/state-$_" } @sites;
        my $got = update( $awstats, undef, [], '--all' );
        is_counted( $got, $what, one => 50, two => 50 );
        is( gets($got), $gets, "$what: requests" );
    }
}

# A disk with room for some objects: a site fetches the others for itself, and no update fails.
SKIP: {
    skip 'only root can mount', 7 if $> != 0 || system( 'unshare', '-m', 'true' ) != 0;
    my $awstats = install(%two);
    my $disk = $awstats->folder . '/temporary';
    make_path($disk);
    my $mount = 'mount -t tmpfs -o size=32k none "$0" && TMPDIR=$0 exec "$@"';
    my $got = update( $awstats, undef, [ @one_processor, 'unshare', '-m', 'sh', '-c', $mount, $disk ], '--all' );
    is_counted( $got, 'a small disk', one => 50, two => 50 );
    cmp_ok( gets($got), '>', 10, 'a small disk: some objects are fetched twice' );
    cmp_ok( gets($got), '<', 20, 'a small disk: and some once' );
    is_as_alone( $awstats, 'a small disk' );
}

# A site that deletes the objects fetches for itself.
SKIP: {
    skip 'needs taskset (package util-linux)', 7 if !@one_processor;
    my $got = update( install( %two, zero => 'after = delete' ), undef, \@one_processor, '--all' );
    is_counted( $got, 'a site that deletes', one => 50, two => 50, zero => 100 );
    is( gets($got),                             20,             'a site that deletes: two requests for each object' );
    is( taken( $got, 'zero' ),                  'nothing said', 'a site that deletes: no object of another site' );
    is( scalar $server->keys( 'logs', 'cdn/' ), 0,              'a site that deletes: the objects are gone' );
}
done_testing;
