#!/usr/bin/perl
# The plugin never counts an incomplete stream: it says what is missing in one line, AWStats exits with 1, and the
# history files stay as they were.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use Columns qw(@COLUMNS %COLUMN);
use Program qw(content write_file);

my $scratch = tempdir( CLEANUP => 1 );
my $header = "#Version: 1.0\n#Software: awstats-cloudfront 1.0\n#Fields: @COLUMNS\n";

# COUNT records, the second half of them a month later, so that AWStats has written one month's file
# when it comes to the end.
sub records {
    my ( $count, @months ) = ( @_, 11, 12 );
    return join '', map {
        my $month = $months[ $_ * 2 >= $count ];
        join( "\t",
            "2026-$month-05",      sprintf( '%02d:%02d:%02d', $_ / 3600 % 24, $_ / 60 % 60, $_ % 60 ),
            'DFW57-P3',            1000,
            '192.0.2.' . $_ % 200, 'GET',
            'www.example.com',     '/page.html',
            200, ('-') x ( $#COLUMNS - $COLUMN{'sc-status'} ) )
          . "\n"
    } 0 .. $count - 1;
}

sub end {
    return "#End: records=$_[0] bad=0 quarantined=0\n";
}

# Stands in for the helper: writes any stream, and ends in any way.
my $helper = "$scratch/awstats-cloudfront";
write_file( $helper, <<'END' );
#!/bin/sh
cat "$STREAM"
eval "$THEN"
END
chmod 0755, $helper;

my $awstats = AWStats->new;
$awstats->config( 'site', <<"END");
LoadPlugin="cloudfront helper=$helper"
LogFormat="cloudfront"
LogFile="s3://bucket/prefix"
END

sub update {
    my ( $stream, $then ) = @_;
    write_file( "$scratch/stream", $stream );
    local $ENV{STREAM} = "$scratch/stream";
    local $ENV{THEN} = $then || '';
    return $awstats->run('site');
}

# The bytes of all files in DirData.
sub contents {
    return { map { $_ => content("$awstats->{folder}/data/$_") } @{ $awstats->data_files } };
}

my $good = $header . records(500) . end(500);
my ( $status, $output ) = update( $header . records( 10, '09', 10 ) . end(10) );
is( $status, 0, 'a whole stream' ) or diag $output;
like( $output, qr/Found 10 new qualified/, 'all of it' );
my $before = contents();
is( scalar keys %$before, 2, 'two months' );

# Another stream must leave all that as it is.
sub refused {
    my ( $what, $message, $stream, $then ) = @_;
    my $started = time;
    my ( $status, $output ) = update( $stream, $then );
    cmp_ok( time - $started, '<', 300, "$what: at once" );
    is( $status, 1, "$what: status" ) or diag $output;
    my @errors = grep { /^Error/ } split /^/m, $output;
    is( scalar @errors, 1, "$what: one line" ) or diag $output;
    like( $errors[0] || '', $message, "$what: message" );
    is_deeply( contents(), $before, "$what: the history is untouched" );
    return;
}

my $cannot = qr/^Error: Nothing was counted: The log of LogFile='s3:\/\/bucket\/prefix' cannot be used: /;
refused( 'an empty stream', qr/${cannot}it is empty: .*; check LogFile, /,     '' );
refused( 'a header alone',  qr/${cannot}it is truncated: its last line, #End/, $header );
refused( 'no #End',         qr/${cannot}it is truncated: its last line, #End/, $header . records(500) );
refused( 'half a line',     qr/${cannot}it ends in the middle of a line/,      substr( $good, 0, length($good) / 2 ) );
refused( 'half of #End',    qr/${cannot}it ends in the middle/,                substr( $good, 0, -5 ) );
refused(
    'a record too few',
    qr/${cannot}its last line, #End, counts 500 records, but 499 arrived/,
    $header . records(499) . end(500)
);
refused( 'a record too many',   qr/but 501 arrived/,                   $header . records(501) . end(500) );
refused( '#End with no number', qr/its last line, #End, is malformed/, $header . records(5) . "#End: records=\n" );
refused( '#End with text',      qr/its last line, #End, is malformed/, $header . records(5) . "#End: records=5x\n" );
refused(
    '#End with a number too large',
    qr/its last line, #End, is malformed/,
    $header . records(5) . "#End: records=100000000000000000005\n"
);
refused( 'records after #End', qr/it has more lines after its last line, #End/, $good . records(1) );
refused( 'a second stream',    qr/it has more lines after its last line, #End/, $good . $good );
refused(
    'two streams, one #End',
    qr/a header line among the records/,
    $header . records(5) . $header . records(5) . end(10)
);
refused(
    'a raw log',
    qr/it is not the output of awstats-cloudfront cat/,
    "#Version: 1.0\n#Fields: date time\n" . records(5)
);
refused(
    'an Apache log',
    qr/it is not the output of awstats-cloudfront cat/,
    qq{192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.0" 200 2326\n}
);
refused( 'a binary file', qr/it is not the output of awstats-cloudfront cat/, "\x1f\x8b\x00\x00\n" x 10 );
refused(
    'megabytes of something else, whose writer is still at it',
    qr/it is not the output of awstats-cloudfront cat/,
    "something else\n" x 500_000,
    'exec sleep 600'
);
refused( 'no #Software', qr/the header lacks #Software/, ( $header =~ s/^#Software.*\n//mr ) . records(5) . end(5) );
refused(
    "another program's #Software",
    qr/the header lacks #Software/,
    ( $header =~ s/awstats-cloudfront/other/r ) . end(0)
);
refused( 'no #Fields', qr/or #Fields after it/, ( $header =~ s/^#Fields.*\n//mr ) . records(5) . end(5) );
refused(
    'another column',
qr/it comes from awstats-cloudfront \S+, whose columns are not those of this plugin, version \d\S*; install the program and the plugin of one version/,
    ( $header =~ s/x-sname/x-other/r ) . records(5) . end(5)
);
refused(
    'a column more',
qr/it comes from awstats-cloudfront \S+, whose columns are not those of this plugin, version \d\S*; install the program and the plugin of one version/,
    ( $header =~ s/x-file-ext/x-file-ext x-more/r ) . records(5) . end(5)
);
refused(
    '#Batch that is none',
    qr/its header line #Batch is malformed/,
    $header . "#Batch: a/b\n#Site: x y\n" . end(0)
);
refused(
    '#Previous that is none',
    qr/its header line #Previous is malformed/,
    $header . "#Batch: a\n#Site: x y\n#Previous: $_\n" . end(0)
) foreach 'a b', '', '..';
refused(
    '#Replaces that are none',
    qr/its header line #Replaces is malformed/,
    $header . "#Batch: a\n#Site: x y\n#Replaces: $_\n" . end(0)
) foreach '', ' ', 'a  b', ' a', 'a ', 'a;b';
refused(
    '#Previous twice',
    qr/its header has the line #Previous twice/,
    $header . "#Batch: a\n#Site: x y\n" . "#Previous: a\n" x 2 . end(0)
);
refused(
    "$_ without #Batch",
    qr/its header has a line #Previous or #Replaces without #Batch/,
    $header . "$_: a\n" . end(0)
) foreach '#Previous', '#Replaces';
refused( 'a line without end', qr/it has a line of more than 16 MiB/, $header . 'x' x ( 2**24 + 1 ) );
refused(
    'a helper that fails at the end',
    qr/^Error: Nothing was counted: '.*cat' failed with exit status 1; see its message above$/,
    $good, 'exit 1'
);
refused( 'a helper that fails at once', qr/cat' failed with exit status 3;/, '',    'exit 3' );
refused( 'a helper that is killed',     qr/cat' was killed by signal 9;/,    $good, 'kill -9 $$' );

{
    # The helper's exit status explains more than the truncated stream.
    my ( $status, $output ) = update( $header . records(5), 'echo "why it failed" >&2; exit 1' );
    like( $output, qr/^why it failed$/m, 'the helper says why' );
    like(
        $output,
        qr/^Error: Nothing was counted: '.*' failed with exit status 1/m,
        "the helper's exit status is in the error"
    );
    unlike( $output, qr/#End/, 'no later error is reported' );
}

# A command of the user's that fails before a helper that does not.
write_file( "$scratch/good", $good );
foreach my $case (
    [
        "cat $scratch/good; exit 7",
        qr/^Error: Nothing was counted: 'cat .*' failed with exit status 7; see its message above$/m
    ],
    [ 'no-such-command-here', qr/^Error: Nothing was counted: 'no-such-command-here' failed with exit status 127/m ],
    [ "cat $scratch/good; kill -9 \$\$", qr/^Error: Nothing was counted: 'cat .*' was killed by signal 9/m ],
  )
{
    my ( $command, $message ) = @$case;
    local $ENV{STREAM} = '-';
    $awstats->config( 'site', <<"END");
LoadPlugin="cloudfront helper=$helper"
LogFormat="cloudfront"
LogFile="$command |"
END
    my ( $status, $output ) = $awstats->run('site');
    is( $status, 1, "$command: status" );
    like( $output, $message, "$command: message" );
    is_deeply( contents(), $before, "$command: the history is untouched" );
}

# A program that the system can't run.
write_file( "$scratch/broken", "#!/nowhere/interpreter\n" );
chmod 0755, "$scratch/broken";
$awstats->config( 'site', <<"END");
LoadPlugin="cloudfront helper=$scratch/broken"
LogFormat="cloudfront"
LogFile="/tmp"
END
( $status, $output ) = $awstats->run('site');
is( $status, 1, 'a helper that does not start: status' );
like( $output, qr/^\Q$scratch\E\/broken: No such file/m, 'a helper that does not start: why' );
is_deeply( contents(), $before, 'a helper that does not start: the history is untouched' );

# Interrupted while it waits: nothing saved, no helper left behind; with AWStats' lock and without.
foreach my $case ( [ INT => 1 ], [ INT => 0 ], [ TERM => 0 ], [ HUP => 1 ] ) {
    my ( $signal, $lock ) = @$case;
    my $what = "SIG$signal" . ( $lock ? ' with a lock' : '' );
    $awstats->config( 'site', <<"END");
LoadPlugin="cloudfront helper=$helper"
LogFormat="cloudfront"
LogFile="s3://bucket/prefix"
EnableLockForUpdate=$lock
END
    write_file( "$scratch/stream", $header . records(500) );
    local $ENV{STREAM} = "$scratch/stream";
    local $ENV{THEN} = "echo \$\$ >$scratch/pid; exec sleep 600";
    local $ENV{TMP} = $scratch;
    unlink "$scratch/pid";
    my $pid = fork;

    if ( !$pid ) {
        $SIG{$signal} = 'DEFAULT';    # a shell ignores SIGINT for what it starts in the background
        open STDOUT, '>',  "$scratch/output";
        open STDERR, '>&', \*STDOUT;
        exec $^X, "$awstats->{folder}/awstats.pl", '-config=site';
    }

    # The helper waits, and AWStats has written the first month to its temporary file.
    for ( 1 .. 200 ) {
        last if -s "$scratch/pid" && grep { /tmp/ } @{ $awstats->data_files };
        select undef, undef, undef, 0.05;
    }
    ok( scalar( grep { /tmp\.$pid/ } @{ $awstats->data_files } ), "$what: in the midst of an update" );
    my $started = time;
    kill $signal, $pid;
    waitpid $pid, 0;
    isnt( $?, 0, "$what: status" );
    cmp_ok( time - $started, '<', 300, "$what: the update ends at once" );
    is_deeply( contents(), $before, "$what: and leaves the history untouched" );
    ok( !kill( 0, content("$scratch/pid") ), "$what: and no helper behind" );
    is_deeply( [ glob "$scratch/*.lock" ], [], "$what: and no lock" );
}

done_testing;
