# perl -MPrefork=SOCKET,TABLES,FOLDER awstats.pl: compiles awstats.pl, reads AWStats' tables in TABLES, and loads the
# plugin's modules below FOLDER, but does not run awstats.pl.  Whoever connects to SOCKET (tests/prefork/perl.c) has a
# child run it, as if it had been started there.
#
# All happens in an INIT block, which perl runs after it has compiled the main program and before it runs it: a child
# returns from the block, and perl runs the program as ever.
package Prefork;
use strict;
use warnings;
use Socket ();

my ( $listener, $tables, @folders );

sub import {
    ( undef, my $path, $tables, @folders ) = @_;
    socket $listener, Socket::PF_UNIX(), Socket::SOCK_STREAM(), 0 or die "socket: $!\n";
    bind $listener, Socket::pack_sockaddr_un("$path.new") or die "$path.new: $!\n";
    listen $listener, 64 or die "listen: $!\n";
    rename "$path.new", $path or die "$path: $!\n";    # whoever sees it can connect
    shift @INC;                                        # the -I that found this file
    delete $INC{'Prefork.pm'};
    return;
}

INIT {
    if ($listener) {
        my @program = stat $0 or die "$0: $!\n";
        _read_tables($tables) if defined &main::Read_Ref_Data;
        _load($_) foreach @folders;
        _become( _serve(@program) );
    }
}

# Reads AWStats' tables of robots, search engines and so on, which takes a tenth of the time of a small update.
# When Read_Ref_Data() of a child is about to require the same files, the tables are there already; the child loses the
# others.
sub _read_tables {
    my $folder = shift;
    my ( %table, %is_set );    # _file() => the names of the variables; name => 1
    opendir my $files, $folder or return;
    foreach my $path ( map { "$folder/$_" } sort grep { /\.pm$/ } readdir $files ) {
        open my $file, '<', $path or next;
        my @names = map { /^([%@]\w+)\s*=/ } <$file>;
        next if grep { $is_set{$_}++ } @names;    # of two tables for the same, the first
        eval { package main; require $path } and $table{ _file($file) } = \@names;    ## no critic (MultiplePackages)
        delete $INC{$path};
        _compile($_) foreach grep { /^\@\w+SearchIDOrder/ } @names;
    }
    my $read = \&main::Read_Ref_Data;
    no warnings qw(once redefine);
    *main::Read_Ref_Data = sub {
        foreach my $name ( map { "$_.pm" } keys %table ? @_ : () ) {
            my ($own) = grep { -s "$_/$name" } "$main::DIR/lib", '/usr/share/awstats/lib' or next;
            my ($path) = grep { -e } map { "$_/$name" } ( grep { !ref } @INC ), $own;
            $INC{$name} = $path if delete $table{ _file($path) };
        }
        _empty($_) foreach map { @$_ } values %table;
        %table = ();
        goto &$read;
    };
    return;
}

# Makes the patterns of a list what AWStats will make of them.  Each update compiles 2800, unless they are compiled.
sub _compile {
    my $name = substr $_[0], 1;
    no strict 'refs';
    $_ = eval { qr/$_/i } // $_ foreach @{"main::$name"};
    return;
}

# Makes a variable what it was before anything was put into it.
sub _empty {
    my ( $kind, $name ) = $_[0] =~ /(.)(.*)/;
    no strict 'refs';
    if   ( $kind eq '%' ) { undef %{"main::$name"} }
    else                  { undef @{"main::$name"} }
    return;
}

# Which file this is, and which text it has.
sub _file {
    my $file = shift;
    return join ' ', ( stat $file )[ 0, 1, 7, 9, 10 ];
}

# Loads the plugin's modules, so that a child's require has nothing to do.
sub _load {
    my $folder = shift;
    local @INC = ( $folder, @INC );
    local ( $@, $! );
    eval {
        require AWStats::CloudFront;
        opendir my $modules, "$folder/AWStats/CloudFront" or die "$folder: $!\n";
        foreach my $module ( sort grep { /\.pm$/ } readdir $modules ) {
            require "AWStats/CloudFront/$module";    ## no critic (RequireBarewordIncludes)
        }
        1;
    } or warn "Prefork: $@";

    # A child is to see for itself why a module does not load.
    delete @INC{ grep { !defined $INC{$_} } keys %INC };
    return;
}

# Serves until standard input ends, which is a pipe from the test.  In a child, returns the request: the parts that
# write_request() in perl.c sends.
sub _serve {
    my @program = @_;
    my %client;    # process ID of a child => socket of its client
    pipe my $ended, my $tell or die "pipe: $!\n";
    local $SIG{CHLD} = sub { syswrite $tell, '.' };
    local $SIG{PIPE} = 'IGNORE';
    while (1) {
        my $wanted = '';
        vec( $wanted, fileno $_, 1 ) = 1 foreach $listener, \*STDIN, $ended, values %client;
        next if select( my $ready = $wanted, undef, undef, undef ) < 0;
        exit 0 if vec $ready, fileno STDIN, 1;

        # A client that was killed takes its child with it.
        foreach my $pid ( grep { vec $ready, fileno $client{$_}, 1 } keys %client ) {
            kill 'KILL', $pid;
            delete $client{$pid};
        }
        if ( vec $ready, fileno $ended, 1 ) {
            sysread $ended, my $ignored, 512;
            while ( ( my $pid = waitpid -1, 1 ) > 0 ) {
                my $socket = delete $client{$pid} or next;
                syswrite $socket, "S $?\n";
            }
        }
        next if !vec( $ready, fileno $listener, 1 ) || !accept( my $socket, $listener );
        my @request = _request( $socket, @program ) or next;
        defined( my $pid = fork )                   or next;
        return @request if !$pid;
        syswrite $socket, "P $pid\n";
        $client{$pid} = $socket;
    }
    return;
}

# A whole request for the program that was compiled, or nothing.
sub _request {
    my ( $socket, @program ) = @_;
    my ( $length, $text ) = ( '', '' );
    while ( $length !~ /\n/ )        { _read( $socket, \$length, 1 )                      or return }
    while ( length $text < $length ) { _read( $socket, \$text,   $length - length $text ) or return }
    my @request = split /\0/, $text, -1;
    my ( $pid, $script ) = @request[ 0, 5 ];
    my @script = stat( $script =~ m{^/} ? $script : "/proc/$pid/cwd/$script" ) or return;
    return "@script[0, 1]" eq "@program[0, 1]" ? @request : ();
}

# Adds up to SIZE bytes of the socket to TEXT.  The end of a child interrupts (EINTR, 4; the module Errno would be seen by
# the program).
sub _read {
    my ( $socket, $text, $size ) = @_;
    my $got;
    1 while !defined( $got = sysread $socket, $$text, $size, length $$text ) && $! == 4;
    return $got;
}

# Makes this child what the client is.
sub _become {
    my ( $client, $group, $umask, $ignored, $count, @rest ) = @_;
    pop @rest;
    close $listener;
    setpgrp 0, $group;
    umask $umask;
    chdir "/proc/$client/cwd" or die "chdir: $!\n";
    open STDIN,  '<',  "/proc/$client/fd/0" or die "standard input: $!\n";
    open STDOUT, '>>', "/proc/$client/fd/1" or die "standard output: $!\n";
    open STDERR, '>>', "/proc/$client/fd/2" or die "standard error: $!\n";
    $^X = readlink "/proc/$client/exe" or die "the client's program: $!\n";    # for the runs that this one starts
    ( $0, @ARGV ) = splice @rest, 0, $count;
    %ENV = map { split /=/, $_, 2 } @rest;
    my %is_ignored = map { $_ => 1 } split / /, $ignored;
    my %number =
      ( HUP => 1, INT => 2, QUIT => 3, USR1 => 10, USR2 => 12, PIPE => 13, ALRM => 14, TERM => 15, CHLD => 17 );

    foreach my $name ( keys %number ) {
        my $is_now = ( $SIG{$name} || '' ) eq 'IGNORE';
        $SIG{$name} = $is_now ? 'DEFAULT' : 'IGNORE' if $is_now != ( $is_ignored{ $number{$name} } || 0 );
    }
    $^T = time;
    $! = 0;
    $@ = '';
    $? = 0;
    return;
}

1;
