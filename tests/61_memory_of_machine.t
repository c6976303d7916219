#!/usr/bin/perl
# How much memory the counters of an update may take: sizes, and the machine's memory or the limit of a control group.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats    ();
use File::Path qw(make_path);
use File::Temp ();
use Program    qw(write_file);
use Test::More;

unshift @INC, AWStats::plugin_folder() . '/cloudfront';
require AWStats::CloudFront::Memory;

foreach my $size ( [ '1', 1 ], [ '300k', 307_200 ], [ '500M', 500 * 2**20 ], [ '4G', 2**32 ], [ '1t', 2**40 ] ) {
    my ( $text, $bytes ) = @$size;
    is( AWStats::CloudFront::Memory::bytes($text), $bytes, "the size $text" );
}
foreach my $size ( [ 1, '1' ], [ 10_239, '10239' ], [ 10_240, '10K' ], [ 6 * 2**30 + 5, '6144M' ], [ 2**44, '16T' ] ) {
    my ( $bytes, $text ) = @$size;
    is( AWStats::CloudFront::Memory::text($bytes), $text, "$bytes bytes" );
}

# Returns the memory of a machine with these files.
sub memory {
    my %file = @_;
    my $root = File::Temp->newdir;
    foreach my $name ( keys %file ) {
        my ($folder) = "$root/$name" =~ m{(.*)/};
        make_path($folder);
        write_file( "$root/$name", "$file{$name}\n" );
    }
    return AWStats::CloudFront::Memory::of_machine("$root") / 2**20;
}

my @machine = ( 'proc/meminfo' => "MemTotal:        8388608 kB\nMemFree:           10240 kB" );
my @group_2 = ( @machine, 'proc/self/cgroup' => '0::/system.slice/awstats.service' );
my @group_1 = ( @machine, 'proc/self/cgroup' => "10:cpu,cpuacct:/jobs\n4:memory:/jobs/7\n1:name=systemd:/jobs\n0::/" );
my $two = 'sys/fs/cgroup';
my $one = 'sys/fs/cgroup/memory';

is( memory(),                                                                    1024, 'unknown: 1 GiB' );
is( memory(@machine),                                                            8192, 'no control group' );
is( memory(@group_2),                                                            8192, 'a group without a limit' );
is( memory( @group_2, "$two/system.slice/memory.max" => 'max' ),                 8192, 'a group with the limit "max"' );
is( memory( @group_2, "$two/system.slice/awstats.service/memory.max" => 2**29 ), 512,  'a limit' );
is( memory( @group_2, "$two/system.slice/memory.max" => 2**30 ),                 1024, 'a limit of the group above' );
is( memory( @group_2, "$two/memory.max" => 2**28 ), 256,  'in a container, which has another path' );
is( memory( @group_2, "$two/memory.max" => 2**40 ), 8192, 'a limit above the memory of the machine' );
is( memory( @group_1, "$one/jobs/7/memory.limit_in_bytes" => 2**29, "$one/memory.limit_in_bytes" => 2**63 ),
    512, 'version 1: a limit' );
is( memory( @group_1, "$one/memory.limit_in_bytes" => 9_223_372_036_854_771_712 ), 8192, 'version 1: none' );
cmp_ok( AWStats::CloudFront::Memory::of_machine(), '>', 2**20, 'this machine' );

done_testing;
