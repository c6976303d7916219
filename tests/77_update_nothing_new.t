#!/usr/bin/perl
# update without new logs starts no perl, but looks whether the history is the one that the ledger knows, and finishes a
# recount that was interrupted.
use strict;
use warnings;
use Test::More;
use File::Path qw(make_path);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use Program      qw(content run write_file);
use UpdateChecks qw(records update_is);

# Under the sanitizers the program tells of errors of its own by this status.
local $ENV{ASAN_OPTIONS} = 'exitcode=99:' . ( $ENV{ASAN_OPTIONS} // '' );
local $ENV{PERL_DESTRUCT_LEVEL} = 2;

my $kept = CountedSite->new( hosts => 'd1.cloudfront.net' );
my $data = $kept->folder . '/data';
my $file = "$data/awstats102026.site.txt";
$kept->deliver( records(3) );
update_is( $kept, 0, qr/: 3 records of 1 log counted/, 'a history' );
my $old = content($file);
$kept->deliver( records(4) );
update_is( $kept, 0, qr/: 4 records of 1 log counted/, 'that goes on' );
my $now = content($file);
my $goes_on = sub {
    my $what = shift;
    write_file( $file, $now );
    update_is( $kept, 0, qr/^\[cdn\]: no new logs to count\n\z/, "$what: put back" );
    $now = content($file);    # names the batch of this update
    local $ENV{PERL5OPT} = '-MNo::Such::Module';
    update_is( $kept, 0, qr/^\[cdn\]: no new logs to count\n\z/, "$what: perl does not start any more" );
};
my $is_missing = qr/\Aawstats-cloudfront: \[cdn\]: .*: the history was deleted or replaced by an old copy, .*\n\z/;
foreach my $case (
    [ 'a lost history',            sub { unlink $file } ],
    [ 'an old history',            sub { write_file( $file, $old ) } ],
    [ 'a history without batches', sub { write_file( $file, $now =~ s/PLUGIN_cloudfront/PLUGIN_other/gr ) } ]
  )
{
    my ( $what, $damage ) = @$case;
    $damage->();
    update_is( $kept, 1, $is_missing, "$what, in a dry run", '--dry-run' );
    update_is( $kept, 1, $is_missing, $what );
    update_is( $kept, 1, $is_missing, "$what, again" );
    $goes_on->($what);
}
write_file( "$data/awstats112026.site.txt", $now =~ s/^cdn .*\n//mr );
update_is( $kept, 0, qr/^\[cdn\]: no new logs to count\n\z/, 'a newer file without a batch of the site' );
unlink "$data/awstats112026.site.txt";

make_path( $kept->folder . '/other' );
my $config = content( $kept->folder . '/awstats.site.conf' );
write_file( $kept->folder . '/awstats.site.conf', $config =~ s{^DirData=.*}{DirData="${\$kept->folder}/other"}mr );
update_is( $kept, 1, qr/: The site \[cdn\] is counted in the AWStats history \Q$data\E/, 'another DirData' );
write_file( $kept->folder . '/awstats.site.conf', $config );
$goes_on->('another DirData');

# The configuration has another name, and the history keeps its own.
my $named = content( $kept->folder . '/sites.conf' );
rename $kept->folder . '/awstats.site.conf', $kept->folder . '/awstats.shop.conf' or die $!;
write_file( $kept->folder . '/sites.conf', $named =~ s/^awstats-config = site$/awstats-config = shop/mr );
my $renamed =
qr{: The site \[cdn\] is counted in the AWStats history \Q$data\E/awstatsMMYYYY\.site\.txt, but this AWStats configuration has the history \Q$data\E/awstatsMMYYYY\.shop\.txt, which has not counted \[cdn\] yet; .*run: awstats-cloudfront adopt .*shop\.txt\n\z};
update_is( $kept, 1, $renamed, 'another name of the configuration, in a dry run', '--dry-run' );
update_is( $kept, 1, $renamed, 'another name of the configuration', '--report', $kept->folder . '/report' );
ok( !-e $kept->folder . '/report', 'another name of the configuration: no report without a month' );
rename $kept->folder . '/awstats.shop.conf', $kept->folder . '/awstats.site.conf' or die $!;
write_file( $kept->folder . '/sites.conf', $named );
$goes_on->('another name of the configuration');

# As a recount leaves it that is killed between two of its renames.
my $new = "$data/awstats.site.cloudfront-recount";
make_path($new);
write_file( "$new/awstats102026.site.txt", $now =~ s{/page\.html}{/gape.html}gr );
update_is( $kept, 0, qr/^\[cdn\]: no new logs to count\n\z/, 'an unfinished recount, in a dry run', '--dry-run' );
ok( -d $new && content($file) eq $now, 'stays as it is' );
update_is( $kept, 0, qr/^\[cdn\]: no new logs to count\n\z/, 'an unfinished recount' );
ok( !-e $new, 'is finished' );
like( content($file), qr{^/gape\.html }m, 'its file is in place' );
$now = content($file);
$goes_on->('an unfinished recount');

# The history has the batches by the former name.
my $sites = $kept->folder . '/sites.conf';
write_file( $sites, content($sites) =~ s/^\[cdn\]/[a new name]/r );
$kept->use_log('site:a new name');
my ( $adopted, undef, $message ) =
  run( AWStats::helper(), 'adopt', "--config=$sites", '--site=a new name', '--former=cdn' );
is( $adopted, 0, 'a new name' ) or diag $message;
{
    local $ENV{PERL5OPT} = '-MNo::Such::Module';
    update_is( $kept, 0, qr/^\[a new name\]: no new logs to count\n\z/, 'a new name: perl does not start', '--all' );
}
$kept->deliver( records(1) );
update_is( $kept, 0, qr/^\[a new name\]: 1 record of 1 log counted/, 'a new name: it counts', '--all' );
local $ENV{PERL5OPT} = '-MNo::Such::Module';
update_is( $kept, 0, qr/^\[a new name\]: no new logs to count\n\z/, 'a new name, in the history', '--all' );

done_testing;
