#!/usr/bin/perl
# The tasks of a plan on machines that are not alike: one has no source, another configuration of AWStats, or another
# version of it.  A task says so, and no record is lost or counted differently.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use CountedSite ();
use Program     qw(content write_file);
use Shards      qw(count_batch is_counted is_same plan_batch task update);
use Test::More;

# ---- the source ------------------------------------------------------------------------------

# A new site with two logs in two folders, and its plan of one part.
sub site_of_two {
    my $site = CountedSite->new;
    my ( $folder, $source ) = ( $site->folder, $site->source );
    $site->deliver( CountedSite::record( '2026-11-01 10:00:00', path => '/first.html' ) );
    rename $source, "$folder/one" or die "$source: $!\n";
    mkdir $source;
    $site->deliver( CountedSite::record( '2026-11-01 11:00:00', path => '/second.html' ) );
    rename $source, "$folder/two" or die "$source: $!\n";
    my $text = content("$folder/sites.conf");
    write_file( "$folder/sites.conf", $text =~ s{^source = .*}{source = $folder/one\nsource = $folder/two}mr );
    plan_batch( $site, "$folder/work", 2, 1 );
    return ( $site, "$folder/work" );
}

sub finish {
    my $work = shift;
    task( 0, 'map',     "--work=$work", '--part=0' );
    task( 0, 'prepare', "--work=$work" );
    task( 0, 'reduce',  "--work=$work", "--shard=$_" ) foreach 0, 1;
    return task( 0, 'collect', "--work=$work" );
}

foreach my $case ( [ missing => 'No such file or directory' ], [ empty => 'the folder is empty' ] ) {
    my ( $name, $why ) = @$case;
    my ( $site, $work ) = site_of_two();
    my $mounted = $site->folder . '/two';
    rename $mounted, "$mounted.away" or die "$mounted: $!\n";
    mkdir $mounted if $name eq 'empty';
    like(
        task( 1, 'map', "--work=$work", '--part=0' ),
qr/part 0 is not read: \Q$mounted\E: $why; [^\n]* mount their disk, [^\n]* plan --abandon --config=\S+ --site=cdn$/,
        "a source is $name: message"
    );
    is_deeply( [ glob "$work/maps/*" ], [], "a source is $name: map keeps nothing" );
    rmdir $mounted;
    rename "$mounted.away", $mounted or die "$mounted: $!\n";
    finish($work);
    is_counted( $site, "a source was $name", first => 1, second => 1 );
}
{
    # An object that is gone from a source that is there does not harm the others.
    my ( $site, $work ) = site_of_two();
    my ($object) = glob $site->folder . '/two/*';
    write_file( $site->folder . '/two/other', "text\n" );
    unlink $object or die "$object: $!\n";
    finish($work);
    is_counted( $site, 'an object is gone', first => 1 );
}

# ---- the configuration of AWStats ------------------------------------------------------------

{
    my $site = CountedSite->new;
    my ( $folder, $work ) = ( $site->folder, $site->folder . '/work' );
    $site->deliver( map { CountedSite::record( '2026-11-01 10:00:00', host => "192.0.2.$_" ) } 1 .. 20 );
    my ( $file, $aliases, $included ) = map { "$folder/$_" } qw(awstats.site.conf aliases included.conf);
    write_file( $aliases,  "a.example.net\n" );
    write_file( $included, qq(SkipHosts="192.0.2.99"\n) );
    my $text = content($file) . qq(HostAliases="d1.cloudfront.net \@$aliases"\nInclude "included.conf"\n);
    write_file( $file, $text );
    plan_batch( $site, $work, 2, 1 );
    task( 0, 'map', "--work=$work", '--part=0' );
    task( 0, 'prepare', "--work=$work" );

    my $loaded = 'LoadPlugin="cloudfront';
    my @changes = (
        [ 'a new setting',         OnlyHosts    => $file,             $text . qq(OnlyHosts="REGEX[^192]"\n) ],
        [ 'a missing setting',     SiteDomain   => $file,             $text =~ s/^SiteDomain=.*\n//mr ],
        [ 'another value',         HostAliases  => $file,             $text . qq(HostAliases="d1.cloudfront.net"\n) ],
        [ 'an included file',      SkipHosts    => $included,         qq(SkipHosts="192.0.2.1"\n) ],
        [ 'a file of a value',     HostAliases  => $aliases,          "a.example.net\nb.example.net\n" ],
        [ 'another plugin',        LoadPlugin   => $file,             $text . qq(LoadPlugin="timezone +2"\n) ],
        [ 'a plugin\'s parameter', LoadPlugin   => $file,             $text =~ s/\Q$loaded\E/$loaded partial=stock/r ],
        [ 'the last value',        URLWithQuery => $file,             $text . "URLWithQuery=0\nURLWithQuery=1\n" ],
        [ 'errors of pages',       ShowHTTPErrorsPageDetail => $file, $text . qq(ShowHTTPErrorsPageDetail="RH"\n) ],
    );

    foreach my $change (@changes) {
        my ( $name, $setting, $path, $changed ) = @$change;
        my $before = content($path);
        write_file( $path, $changed );
        like(
            task( 1, 'reduce', "--work=$work", '--shard=0' ),
qr/\[cdn\]: the AWStats setting "$setting" in \Q$file\E differs from that of the plan; [^\n]* plan --abandon /,
            "$name: message"
        );
        write_file( $path, $before );
    }

    # What decides no figure may differ.
    my $same = $text =~ s/^DirIcons=.*\n//mr =~ s/\Q$loaded\E/$loaded native=off memory=100M/r;
    write_file( $file, qq(ShowFlagLinks="en"\nMaxNbOfHostsShown=3 # rows\n#OnlyHosts="x"\n$same) );
    task( 0, 'reduce', "--work=$work", '--shard=0' );

    write_file( $file, $text );
    task( 0, 'reduce', "--work=$work", '--shard=1' );
    task( 0, 'collect', "--work=$work" );
    is_counted( $site, 'settings of the plan', page => 20 );
}

# A plugin of AWStats that finds countries reads a file in DirData, PLUGIN.CONFIG.txt or else PLUGIN.txt: all machines need the
# same one.
{
    my $site = CountedSite->new( config => qq(LoadPlugin="plugins/geoip.pm"\n) );
    my ( $folder, $data, $work ) = ( $site->folder, $site->folder . '/data', $site->folder . '/work' );
    write_file( "$folder/plugins/geoip.pm", "sub Init_geoip { return 'GetCountryCodeByName' }\n1;\n" );
    write_file( "$data/geoip.txt",          "192.0.2.1,ch\n" );
    $site->deliver( map { CountedSite::record( '2026-11-01 10:00:00', host => "192.0.2.$_" ) } 1 .. 20 );
    plan_batch( $site, $work, 2, 1 );
    task( 0, 'map', "--work=$work", '--part=0' );
    task( 0, 'prepare', "--work=$work" );

    foreach my $case (
        [ 'another text',     'geoip.txt',      sub { write_file( "$data/geoip.txt", "192.0.2.1,de\n" ) } ],
        [ 'no file',          'geoip.txt',      sub { unlink "$data/geoip.txt" } ],
        [ 'one of this site', 'geoip.site.txt', sub { write_file( "$data/geoip.site.txt", "192.0.2.1,ch\n" ) } ],
      )
    {
        my ( $name, $file, $change ) = @$case;
        $change->();
        like(
            task( 1, 'reduce', "--work=$work", '--shard=0' ),
qr/\[cdn\]: \Q$data\E\/$file, which a plugin of AWStats reads, differs from the file of the plan; [^\n]* plan --abandon /,
            "$name: message"
        );
        unlink "$data/geoip.site.txt";
        write_file( "$data/geoip.txt", "192.0.2.1,ch\n" );
    }
    write_file( "$data/geoip2.txt", "192.0.2.1,ch\n" );    # of a plugin that is not loaded
    task( 0, 'reduce', "--work=$work", "--shard=$_" ) foreach 0, 1;
    task( 0, 'collect', "--work=$work" );
    is_counted( $site, 'files of a plugin', page => 20 );
}

# ---- the version of AWStats ------------------------------------------------------------------

# Delivers records of 20 hosts of each day to sites.
sub deliver_days {
    my ( $days, @sites ) = @_;
    foreach my $day (@$days) {
        my @records = map { CountedSite::record( sprintf( '%s 10:%02d:00', $day, $_ ), host => "192.0.2.$_" ) } 1 .. 20;
        $_->deliver(@records) foreach @sites;
    }
    return;
}

# Changes files, and keeps their sizes and times.
sub change {
    my ( $change, @files ) = @_;
    foreach my $file (@files) {
        my @times = ( stat $file )[ 8, 9 ];
        my $text = content($file);
        ok( $change->( \$text ), "$file is changed" );
        open my $out, '+<', $file or die "$file: $!\n";
        print {$out} $text;
        close $out or die "$file: $!\n";
        utime @times, $file;
    }
    return;
}

# An earlier version of AWStats has written the history, or also the histories of the shards.
foreach my $shards ( 0, 1 ) {
    my ( $site, $whole ) = map { CountedSite->new } 1, 2;
    my $name = $shards ? 'histories of shards' : 'a history';
    deliver_days( ['2026-11-20'], $site, $whole );
    update($whole);
    if ($shards) { count_batch( $site, $site->folder . '/first', 2, 2 ) }
    else         { update($site) }
    my @files = map { glob $_->folder . '/data/awstats*.txt' } $site, $whole;
    push @files, glob $site->folder . '/data/site.shards/*/*/awstats*.txt';
    change( sub { ${ $_[0] } =~ s/[(]build \d{8}[)]/(build 20000101)/ }, @files );
    deliver_days( [ '2026-11-21', '2026-11-22' ], $site, $whole );
    update($whole);
    count_batch( $site, $site->folder . '/second', 2, 2 );
    is_same( $site, $whole, "$name of an earlier AWStats" );
    unlike( content($_), qr/\A.*build 20000101/, "$_ has the later version" )
      foreach glob $site->folder . '/data/awstats*.txt';
}
{
    my $site = CountedSite->new;
    my ( $program, $work ) = map { $site->folder . "/$_" } qw(awstats.pl work);
    deliver_days( ['2026-11-20'], $site );
    plan_batch( $site, $work, 2, 1 );
    task( 0, 'map',     "--work=$work", '--part=0' );
    task( 0, 'prepare', "--work=$work" );
    task( 0, 'reduce',  "--work=$work", '--shard=0' );
    my $text = content($program);
    unlink $program or die "$program: $!\n";
    write_file( $program, $text =~ s/^(\$REVISION\s*=\s*)'\d+'/$1'20000101'/mr );
    task( 0, 'reduce', "--work=$work", '--shard=1' );
    like(
        task( 1, 'collect', "--work=$work" ),
qr/\[cdn\]: shard 0 was counted by AWStats \d\.\d \(build \d+\), but shard 1 by AWStats \d\.\d \(build 20000101\), [^\n]* plan --abandon --config=\S+ --site=cdn$/,
        'machines with two versions of AWStats: message'
    );
    write_file( $program, $text );
    is( ( $site->command( 'plan', '--abandon' ) )[0], 0,
        'machines with two versions of AWStats: the plan is given up' );
    is_counted( $site, 'machines with two versions of AWStats', page => 20 );
}

done_testing;
