#!/usr/bin/perl
# Neither a program nor its caller can tell a start through PreforkServer.pm from a start by perl: arguments,
# environment, descriptors, folder, umask, signals, group and exit status are the same, and kills reach the program.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use PreforkServer;
use Program     qw(content finish run start write_file);
use Time::HiRes qw(sleep);

delete $ENV{AWSTATS_FRESH};
$ENV{TEST_GROUP} = getpgrp;
my $scratch = tempdir( CLEANUP => 1 );
my $program = write_file( "$scratch/awstats.pl", <<'END');
use strict;
our $compiled;
BEGIN { $compiled = $$ }
my $in = do { local $/; <STDIN> };
$SIG{__WARN__} = sub { print STDERR "warned: @_" };
print "arguments: @ARGV\n", "program: $0 ", __FILE__ =~ m{/awstats\.pl$} ? 1 : 0, " ", defined caller() ? 1 : 0, "\n";
print 'environment: ', join(' ', map { "$_=$ENV{$_}" } sort grep { !/^(?:AWSTATS_|_$)/ } keys %ENV), "\n";
print 'folder: ', do { require Cwd; Cwd::getcwd() }, "\n", sprintf("umask: %o\n", umask), "input: $in\n";
print "signals: ", join(' ', map { "$_=" . ($SIG{$_} || 'DEFAULT') } qw(HUP INT TERM PIPE CHLD)), "\n";
my %loaded = map { $_ => 1 } keys %INC;
# What awstats.pl loads itself.
delete @loaded{qw(Carp.pm Socket.pm overloading.pm warnings.pm warnings/register.pm)};
print 'modules: ', join(' ', sort keys %loaded), "\n", "folders: @INC\n";
print 'variables: ', join(' ', map { $_ // 'undef' } $?, $@, $! + 0, $., $,, $\), "\n";
print 'time: ', localtime(86_400 * 365) . "\n", 'start: ', ($^T >= $ENV{AWSTATS_TEST_START} ? 'now' : 'then'), "\n";
print 'a group of its own: ', getpgrp != $ENV{TEST_GROUP} ? 1 : 0, "\n", 'hash: ', join(' ', keys %{{map { $_ => 1 } 'a' .. 'z'}}), "\n";
print STDERR "an error\n";
warn "a warning\n";
system 'echo a child says so; echo and complains >&2';
END { print "the end: $?\n"; $? = 9 if $? == 8; print "same process\n" if $compiled == $$ && $ENV{AWSTATS_PREFORK} }
if (@ARGV && $ARGV[0] eq 'die')    { die "dies\n" }
if (@ARGV && $ARGV[0] eq 'kill')   { kill $ARGV[1], $$; sleep 10 }
if (@ARGV && $ARGV[0] eq 'again')  { system $^X, $0, 'inner'; print "inner: $?\n" }
if (@ARGV && $ARGV[0] eq 'wait')   { open my $out, '>', $ARGV[1]; print $out "$$\n"; close $out; sleep 60 }
exit(@ARGV && $ARGV[0] =~ /^\d+$/ ? $ARGV[0] : 0);
END

# Both ways of a start, as run() has them.
sub both {
    my ( $option, @arguments ) = @_;
    my @both;
    for my $way ( 'perl', 'prefork' ) {
        local %ENV = ( %ENV, PERL_HASH_SEED => 0, PERL_PERTURB_KEYS => 0 );
        %ENV = ( %ENV, PreforkServer::environment($program) ) if $way eq 'prefork';
        my $perl = delete $ENV{AWSTATS_PREFORK_CLIENT} // $^X;
        isnt( $perl, $^X, 'a process has compiled it' ) if $way eq 'prefork';
        local $ENV{AWSTATS_TEST_START} = time;
        push @both, [ run( $option, $perl, $program, @arguments ) ];
    }
    return @both;
}

sub same {
    my ( $what, $option, @arguments ) = @_;
    my ( $perl, $prefork ) = both( $option, @arguments );
    is( $prefork->[$_], $perl->[$_], "$what: " . ( 'status', 'output', 'errors' )[$_] ) for 0 .. 2;
    return $perl;
}

my $plain = same( 'plain', {} );
is( $plain->[0], 0, 'plain: status 0' );
like( $plain->[1], qr/^start: now$/m,                                 'plain: $^T is the time of the start' );
like( $plain->[1], qr/^the end: 0$/m,                                 'plain: the whole program ran' );
like( $plain->[2], qr/^an error\nwarned: a warning\nand complains$/m, 'plain: on standard error' );
sleep 1.1;    # the process that compiled the program is of another second from here on
same( 'arguments',                 {}, 'a b', '', "c\nd", '-x' );
same( 'together',                  { together => 1 }, 3 );
same( 'input',                     { in => write_file( "$scratch/in", 'some text' ) } );
same( 'a status',                  {}, 7 );
same( 'a status that END changes', {}, 8 );
same( 'die',                       {}, 'die' );
same( "killed by $_",              {}, 'kill', $_ ) for qw(TERM KILL HUP);
same( 'a run that it starts',      {}, 'again' );
same( 'a group of its own',        { group => 1 } );
{
    local %ENV = ( %ENV, SOMETHING => "a=b\nc", TZ => 'Asia/Tokyo', EMPTY => '' );
    same( 'an environment', {} );
}
{
    my $umask = umask 027;
    chdir $scratch or die;
    same( 'a folder and a umask', {} );
    umask $umask;
    chdir $Bin;
}
for my $signal (qw(HUP PIPE)) {
    local $SIG{$signal} = 'IGNORE';
    like( same( "SIG$signal ignored", {} )->[1], qr/\b$signal=IGNORE/, "SIG$signal ignored: seen" );
}

# Kills, of the process that the test knows.
for my $signal (qw(TERM KILL)) {
    my $file = "$scratch/$signal";
    local %ENV = ( %ENV, PreforkServer::environment($program) );
    my $job = start( delete $ENV{AWSTATS_PREFORK_CLIENT}, $program, 'wait', $file );
    for ( 1 .. 500 ) { last if -s $file; sleep 0.01 }
    chomp( my $pid = content($file) );
    isnt( $pid, $job->{pid}, "SIG$signal: the program is a process of its own" );
    kill $signal, $job->{pid};
    is( ( finish($job) )[0], 128 + ( $signal eq 'KILL' ? 9 : 15 ), "SIG$signal: status" );
    for ( 1 .. 500 ) { last if !kill 0, $pid; sleep 0.01 }
    ok( !kill( 0, $pid ), "SIG$signal: the program has ended too" );
}

# perl itself starts programs with limits or a closed descriptor, which no child of another process can have.
{
    local %ENV = ( %ENV, PERL_HASH_SEED => 0, PERL_PERTURB_KEYS => 0 );
    %ENV = ( %ENV, PreforkServer::environment($program) );
    my $perl = delete $ENV{AWSTATS_PREFORK_CLIENT};
    for my $first ( 'ulimit -f 100;', 'exec <&-;', '' ) {
        my ( $status, $out ) = run( '/bin/sh', '-c', qq($first exec "\$0" "\$@"), $perl, $program );
        is( $status,                           0,              "behind '$first': status" );
        is( $out =~ /^same process$/m ? 1 : 0, $first ? 1 : 0, "behind '$first': who runs it" );
    }
    my ( $status, $out ) = run( $perl, '-w', $program );
    like( $out, qr/^same process$/m, "with perl's options: perl" );
}

# AWStats' tables: a run has those that it asks for, as they are now, and no others.
{
    mkdir "$scratch/lib";
    my $tables = sub {
        my %text = @_;
        write_file( "$scratch/lib/$_.pm", "$text{$_};\n1;\n" ) foreach keys %text;
        my $asks = "$scratch/asks.pl";
        write_file( $asks, <<'END') if %text;
use strict;
use vars qw(%robots @worms $DIR);
sub Read_Ref_Data { foreach (@_) { push @INC, "$DIR/lib"; require "$_.pm" } }
($DIR) = $0 =~ m{(.*)/};
Read_Ref_Data( grep { !/then/ } @ARGV );
print map( { "$_=$robots{$_} " } keys %robots ), "worms @worms; @INC ", map( { /^\Q$DIR/ ? "$_ " : () } sort values %INC ), "\n";
Read_Ref_Data('worms') if "@ARGV" =~ /then/;
print "worms @worms\n";
END
        my @both;
        for my $way ( 'perl', 'prefork' ) {
            local %ENV = ( %ENV, PERL_HASH_SEED => 0, PERL_PERTURB_KEYS => 0 );
            %ENV = ( %ENV, PreforkServer::environment( $asks, "$scratch/lib" ) ) if $way eq 'prefork';
            my $perl = delete $ENV{AWSTATS_PREFORK_CLIENT} // $^X;
            write_file( "$scratch/lib/robots.pm", "\%robots = qw(new 1);\n1;\n" ) if !%text;
            push @both, [ run( $perl, $asks, $_ ) ] foreach 'robots', 'worms', 'robots', 'robots_phone', 'then';
        }
        return @both;
    };
    my @runs = $tables->(
        robots       => '%robots = qw(bot 1 spider 2)',
        worms        => '@worms = qw(a b)',
        robots_phone => '%robots = qw(p 3)'
    );
    is( "@{ $runs[$_ + 5] }", "@{ $runs[$_] }", "tables, run $_: as by perl" ) for 0 .. 4;
    like(
        $runs[5][1],
        qr/^(?=.*\bbot=1 )(?=.*\bspider=2 ).*worms ; /,
        'tables: of those read, a run has what it asks for'
    );
    like( $runs[6][1], qr/^worms a b; /,            'tables: and no others' );
    like( $runs[9][1], qr/^worms ; .*\nworms a b$/, 'tables: another time, another table' );
    @runs = $tables->();
    is( "@{ $runs[5] }", "@{ $runs[0] }", 'tables: a file that was changed' );
    like( $runs[5][1], qr/^new=1 /, 'tables: has its new text' );
}

# Another text is another program.
write_file( $program, "print qq(changed\\n); exit 3;\n" );
is( join( ' ', map { "$_->[0] $_->[1]" } both( {} ) ), "3 changed\n 3 changed\n", 'a program that was changed' );
write_file( $program, "syntax error here(\n" );
{
    my ( $perl, $prefork ) = do {
        no warnings 'redefine';
        local *isnt = sub { };
        both( {} );
    };
    is( "@$prefork", "@$perl", 'a program that does not compile' );
}
{
    local $ENV{AWSTATS_FRESH} = 1;
    is( scalar( () = PreforkServer::environment($program) ), 0, 'AWSTATS_FRESH: perl' );
}

done_testing;
