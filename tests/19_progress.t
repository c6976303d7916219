#!/usr/bin/perl
# Progress: a line on a terminal that leaves nothing behind, JSON for programs, and nothing otherwise.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use JSON::XS    qw(decode_json);
use Time::HiRes qw(time);
use CountedSite;
use Manual  qw(listed);
use Program qw(content helper run start finish write_file);
use Site;
use Terminal;

alarm 300;    # a program that waits for ever ends with the test
my $scratch = File::Temp->newdir;
my ( $head, $row ) = Site::log_text('/x') =~ /\A(#.*\n#.*\n)(.*\n)\z/;

# A record without host, referer and user agent.
sub rows { return $row =~ s/\n/\t-\t-\t-\n/r x shift }

# A program that reads the standard input as long as we keep it open.
sub slow {
    my ( $option, @word ) = @_;
    pipe my $read, my $write or die "pipe: $!\n";
    $write->autoflush(1);
    my $terminal = Terminal->start( { out => "$scratch/out", in => $read, %$option }, helper(), 'cat', @word, '-' );
    print $write $head, rows(1000);
    return ( $terminal, $write );
}

sub end {
    my ( $terminal, $write, @rest ) = @_;
    print $write @rest;
    close $write;
    return $terminal->finish;
}

# Four programs side by side, each of which takes longer than a second.
my ( $shown,  $shown_in ) = slow( {} );
my ( $narrow, $narrow_in ) = slow( { columns => 20 } );
my %silent = map { $_->[0] => [ slow( @$_[ 1 .. $#$_ ] ) ] } (
    [ '--progress none', {}, '--progress', 'none' ],
    [ '-q', {}, '-q' ],
    [ 'a terminal that erases nothing', { term => 'dumb' } ],
);

# The line comes, counts, and makes way for a message.
ok( $shown->wait_for(qr/\r\e\[Kreading, 0 of 1 object, \d+ kB/), 'a terminal: the line' ) or diag $shown->seen;
ok( $narrow->wait_for(qr/\r\e\[Kreading/),                       'a narrow terminal: the line' );
$_->[0]->watch(1) foreach values %silent;
is( end( $shown, $shown_in, "short\n", rows(10) ), 0, 'a terminal: exit status 0' );
my @screen = $shown->screen;
is( @screen, 1, 'a terminal: only the message stays' );
like(
    $screen[0],
    qr/\Aawstats-cloudfront: warning: standard input: line 1003: .*\r?\z/,
    'a terminal: the message, at the beginning of a line'
);
end( $narrow, $narrow_in );
is( join( '', $narrow->screen ), '', 'a narrow terminal: nothing stays' );
my @long = grep { length > 19 } $narrow->seen =~ /\r\e\[K([^\r\n\e]+)/g;
is( "@long", '', 'a narrow terminal: no line wraps' );

foreach my $name ( sort keys %silent ) {
    my ( $terminal, $write ) = @{ $silent{$name} };
    is( end( $terminal, $write ), 0,  "$name: exit status 0" );
    is( $terminal->seen,          '', "$name: nothing" );
}

# A command that ends within the second, unless the machine is busy.
{
    my $begun = time;
    my $terminal = Terminal->start( { out => "$scratch/out" }, helper(), 'cat', "$Bin/data/download" );
    is( $terminal->finish, 0, 'a short command: exit status 0' );
  SKIP: {
        skip 'the command took too long', 1 if time - $begun > 0.9;
        is( $terminal->seen, '', 'a short command: nothing' );
    }
}

# The log itself goes to the terminal: the line is gone before its first byte, and does not come back.
{
    my ( $terminal, $write ) = slow( { out => undef } );
    ok( $terminal->wait_for(qr/reading/), 'a log on the terminal: the line, while objects are read' );
    end( $terminal, $write );
    my @line = $terminal->screen;
    is( $line[0] =~ s/\r//r, '#Version: 1.0', 'a log on the terminal: its first line' );
    unlike( $terminal->seen =~ s/\A.*?#Version//sr, qr/\e/, 'a log on the terminal: no line within' );
}

# AWStats prints on the same terminal.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a', $head . rows(200_000) );
    pipe my $read, my $write or die "pipe: $!\n";
    my $pid = fork // die "fork: $!\n";
    if ( !$pid ) {    # reads the log, late
        close $write;
        sleep 2;
        1 while sysread $read, my $piece, 65536;
        POSIX::_exit(0);
    }
    close $read;
    my $terminal = Terminal->start( { out => "/dev/fd/" . fileno $write }, $site->command( 'cat', '--prepare' ) );
    close $write;
    is( $terminal->finish, 0,  'for the plugin: exit status 0' );
    is( $terminal->seen,   '', 'for the plugin: nothing, because AWStats prints on this terminal' );
    waitpid $pid, 0;
}

# The result of an update, which a process of its own prints on the terminal of the line.
{
    my $site = CountedSite->new( config => "LoadPlugin=\"slow\"\n" );
    my $folder = $site->folder;
    write_file( "$folder/plugins/slow.pm", <<"END" );
sub Init_slow {
    select undef, undef, undef, 0.05 while !-e "$folder/go";
    return 'SectionInitHashArray SectionReadHistory SectionWriteHistory';
}
sub SectionInitHashArray_slow { return 0 }
sub SectionReadHistory_slow { return 0 }
sub SectionWriteHistory_slow { return 0 }
1;
END
    $site->deliver( map { CountedSite::record("2026-10-05 10:00:0$_") } 1 .. 3 );
    my $result = qr/\[cdn\]: 3 records of 1 log counted in \d+\.\d s: 2026-10/;
    my @command = ( helper(), 'update', "--config=$folder/sites.conf", '--site=cdn' );
    foreach my $case ( [ 'standard output on the terminal', [ '--report', "$folder/report" ] ],
        [ 'standard output elsewhere', [], "$scratch/out" ] )
    {
        my ( $what, $arguments, $out ) = @$case;
        my $terminal = Terminal->start( { out => $out }, @command, @$arguments );
        ok( $terminal->wait_for(qr/\r\e\[K[^\r]+/), "an update, $what: the line" );
        write_file( "$folder/go", '' );
        is( $terminal->finish, 0, "an update, $what: exit status 0" );
        my @line = map { s/\r\z//r } $terminal->screen;
        if ($out) {
            is( "@line", '', "an update, $what: nothing stays on the terminal" );
            like( content($out), qr/\A$result\n\z/, "an update, $what: the result alone" );
            next;
        }
        is( @line, 2, "an update, $what: two lines" ) or diag explain \@line;
        like( $line[0], qr/\A$result\z/, "an update, $what: the result, alone on its line" );
        like( $line[1], qr/\A\[cdn\]: \d+ pages of 1 month written/, "an update, $what: the report, too" );
        unlink "$folder/go";
        $site->deliver( map { CountedSite::record("2026-10-05 11:00:0$_") } 1 .. 3 );
    }
}

# JSON, also where there is no terminal.
{
    pipe my $read, my $write  or die "pipe: $!\n";
    pipe my $err,  my $err_in or die "pipe: $!\n";
    $write->autoflush(1);
    my $pid = fork // die "fork: $!\n";
    if ( !$pid ) {
        POSIX::dup2( fileno $read, 0 );
        open STDOUT, '>', "$scratch/out" or POSIX::_exit(127);
        POSIX::dup2( fileno $err_in, 2 );
        close $write;
        exec helper(), 'cat', '--progress=json', '-q', '-' or POSIX::_exit(127);
    }
    close $err_in;
    close $read;
    print $write $head, rows(1000);
    my $size = length $head . rows(1000);
    my @object;
    push @object, decode_json( scalar <$err> ) for 1 .. 2;
    print $write rows(10_000);
    close $write;
    push @object, map { decode_json($_) } <$err>;
    waitpid $pid, 0;
    is( $?,                        0,      'JSON: exit status 0' );
    is( $object[0]{schema},        1,      'JSON: the schema' );
    is( $object[0]{stage},         'read', 'JSON: the stage' );
    is( $object[0]{bytes},         $size,  'JSON: the bytes' );
    is( $object[0]{objects},       0,      'JSON: no object is read yet' );
    is( $object[0]{objects_total}, 1,      'JSON: the number of all objects' );
    is( $object[0]{bytes_total},   undef,  'JSON: a size that is not known' );
    ok( $object[1]{seconds} - $object[0]{seconds} > 0.9, 'JSON: at least a second between two lines' );
    is( join( '', map { $_->{done} ? 1 : 0 } @object ) =~ s/0+/0/r, '01', 'JSON: only the last line has done = true' );
    is( $object[-1]{stage},                                         'write', 'JSON: the last stage' );
    is( $object[-1]{objects},                                       1,       'JSON: the object' );
    is( $object[-1]{records},                                       11_000,  'JSON: the records' );
    is( $object[-1]{records_total},                                 11_000,  'JSON: the number of all records' );
    my ( $status, undef, $json ) = run( helper(), 'cat', '-q', '--progress=json', "$Bin/data/download" );
    is( $status, 0, 'JSON of a short command: exit status 0' );
    my @line = split /\n/, $json;
    my $last = decode_json( $line[-1] );
    is_deeply( [ sort keys %$last ], [ listed('Progress') ], 'JSON: the manual lists the members' );
    is( $last->{objects}, 30,                   'JSON of a short command: the objects' );
    is( $last->{bytes},   $last->{bytes_total}, 'JSON of a short command: all bytes' );
}

# Records that are shown, of counted objects; deleting.
{
    my $site = Site->new( after => 'delete' );
    $site->put( 'E1.2026-10-31-10.a', Site::log_text( 1 .. 5 ) );
    $site->put( 'E1.2026-10-31-10.b', Site::log_text( 1 .. 5 ) );
    my $last = sub { decode_json( ( split /\n/, $_[0] )[-1] ) };
    my $later = $site->cat( 'later', '--progress=json' );
    is( $last->( $later->{err} )->{stage}, 'write', 'a batch: the last stage' );
    my ( $status, undef, $err ) = run( $site->command( 'explain', '--day=2026-10-31', '--progress=json' ) );
    is( $status,                                                 1, 'explain: nothing is counted yet' );
    is( ( $site->commit( $later->{id}, '--progress=json' ) )[0], 0, 'it is committed' );
    $site->put( 'E1.2026-10-31-10.c', Site::log_text( 1 .. 5 ) );
    my $now = $site->cat( 'now', '--progress=json' );
    is( $last->( $now->{err} )->{stage},   'clean_up', 'after = delete: the last stage' );
    is( $last->( $now->{err} )->{objects}, 1,          'after = delete: the object' );
    $site->configure( after => 'keep' );
    $site->put( 'E1.2026-10-31-10.d', Site::log_text( 1 .. 5 ) );
    $site->cat;
    ( $status, undef, $err ) = run( $site->command( 'explain', '--day=2026-10-31', '--progress=json' ) );
    is( $status,                  0, 'explain: exit status 0' );
    is( $last->($err)->{records}, 5, 'explain: the records' );
}

# Mistakes.
{
    my ( $status, undef, $err ) = run( helper(), 'cat', '--progress=xml', '-' );
    is( $status, 2, 'an unknown kind: exit status 2' );
    is( $err,    qq{awstats-cloudfront: --progress "xml": must be auto, none or json\n}, 'an unknown kind: the error' );
}

done_testing;
