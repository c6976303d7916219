#!/usr/bin/perl
# Each system call of setup on its files fails in turn: then there is all or nothing.  And a run that is killed is
# completed by the next one.
use strict;
use warnings;
use Test::More;
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use POSIX      qw(EIO);
use lib "$Bin/lib";
use Compiler qw(fault_library);
use OwnSetup qw(log_text setup tree);
use Program  qw(content helper run write_file);

my $helper = helper();
my $dir = tempdir( CLEANUP => 1 );
my $own = "$dir/own";
my @own = ( '--config', "$own/cloudfront.conf" );
my ( $conf, $report ) = ( "$own/cloudfront.conf", "$own/awstats.cdn.conf" );
my $hand = "; mine\n[mine]\nsource = $dir/logs\n; the end";
mkdir "$dir/logs" or die;
write_file( "$dir/logs/a", log_text( 'www.example.com' => 5 ) );

$ENV{ASAN_OPTIONS} = join ':', 'verify_asan_link_order=0', $ENV{ASAN_OPTIONS} // ();
delete @ENV{ grep { /^AWS_/ } keys %ENV };
my %shim = map { $_ => fault_library( $_, $dir ) } qw(fail_nth kill_nth);
mkdir $own or die;
my @words = ( $helper, 'setup', 'cdn', "$dir/logs", @own, '--yes' );
my ( $nth, $failed ) = ( 0, 0 );
while ( ++$nth < 200 ) {
    write_file( $conf,        $hand );
    write_file( "$dir/calls", '' );
    my $was = tree($own);
    my ( $fault_status, $fault_out, $fault_err ) = do {
        local %ENV = (
            %ENV,
            LD_PRELOAD  => $shim{fail_nth},
            FAIL_FOLDER => $own,
            FAIL_NTH    => $nth,
            FAIL_ERROR  => EIO,
            FAIL_CALLS  => "$dir/calls",
        );
        run(@words);
    };
    if ( -e $report ) {
        ok( -d "$own/cdn" && content($conf) =~ /^\[cdn\]$/m, "call $nth fails: all is made" );
    }
    else {
        is_deeply( tree($own), $was, "call $nth fails: nothing is made" );
        is( $fault_status,         1, "call $nth fails: exit status 1" );
        is( $fault_err =~ tr/\n//, 1, "call $nth fails: one line" ) or diag($fault_err);
        $failed++;
    }
    my $calls = () = content("$dir/calls") =~ /\n/g;
    remove_tree($own);
    mkdir $own or die;
    last if $calls < $nth;
}
cmp_ok( $failed, '>', 10, "$failed of $nth system calls end the run" );

# The first run is killed; the second completes what is there.
write_file( $conf, $hand );
setup( 0, 'what a run makes that is not killed', @words[ 2 .. $#words ] );
my $complete = tree($own);
my ( $kills, $killed_status ) = ( 0, 137 );    # 1: the process that looks at the logs was killed
for ( my $n = 1 ; $killed_status != 0 ; $n++ ) {
    remove_tree($own);
    mkdir $own or die;
    write_file( $conf, $hand );
    {
        local %ENV = ( %ENV, LD_PRELOAD => $shim{kill_nth}, KILL_NTH => $n );
        ($killed_status) = run(@words);
    }
    next if keys %{ tree($own) } < 2;    # it has made nothing
    my ( $again_status, undef, $again_err ) = run(@words);
    is( $again_status, 0, "killed at call $n, then again: exit status 0" ) or diag($again_err);
    is_deeply( tree($own), $complete, "killed at call $n, then again: all is there" );
    $kills++ if $killed_status == 137;
}
cmp_ok( $kills, '>', 3, "$kills runs were killed in the middle" );

done_testing;
