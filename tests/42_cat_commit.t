#!/usr/bin/perl
# Only those who count the records of a site commit its batch: the option --commit, AWStats that reads the log
# through a pipe, and the reader of a prepared batch.  A person who looks changes nothing.
use strict;
use warnings;
use Test::More;
use FindBin qw($Bin);
use lib "$Bin/lib";
use Program qw(run write_file);
use Site;

my $again =
  qr/\A[^\n]*\[cdn\]: these records are not marked as counted, [^\n]* cat --commit --config=\S+ --site=cdn\n\z/;

# The log without the ID of its batch.
sub log_of {
    my $run = shift;
    return $run->{out} =~ s/^#Batch: .*\n//mr;
}

# A person looks, into a file and through a pipe.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a.gz', Site::log_text( '/a', '/b' ) );
    my $first = $site->cat('never');
    is( $first->{status}, 0,       'looked at: exit status' );
    is( $first->{paths},  '/a /b', 'looked at: the records' );
    like( $first->{err}, $again, 'looked at: one line says that the records come again' );
    is( $site->cat( 'never', '-q' )->{err},   '', 'looked at quietly' );
    is( ( $site->commit( $first->{id} ) )[0], 1,  'looked at: there is no batch to commit' );
    my ( $status, $out ) = run( '/bin/sh', '-c', '"$@" | wc -l', 'sh', $site->command('cat') );
    is( $out + 0, 9, 'looked at through a pipe' );
    unlike( $site->report, qr/not counted to its end|batch not counted yet|since/, 'looked at: nothing is open' );
    $site->put( 'E1.2026-10-31-11.b.gz',   Site::log_text('/new') );
    $site->put( 'E1.2026-10-31-11.bad.gz', 'no log' );
    my $more = $site->cat('never');
    is( $more->{end}, 'records=3 bad=0 quarantined=1', 'looked at again: what is new, too' );
    unlike( $site->report, qr/^  left out: /m, 'looked at: nothing is quarantined' );
    my $prepared = $site->cat_later;
    is( log_of($prepared), log_of($more), 'the plugin gets the same' );
    my $looked = $site->cat('never');
    is( $looked->{out},                          $prepared->{out}, 'the prepared batch can be looked at' );
    is( ( $site->commit( $prepared->{id} ) )[0], 0,                'the prepared batch can be committed after a look' );
    is( $site->cat->{end}, 'records=0 bad=0 quarantined=1',        'after the commit nothing comes again' );
    is( $site->cat( 'never', '-q' )->{status}, 0,                  'nothing new: exit status' );
    unlike( $site->cat('never')->{err}, qr/marked/, 'without a record, no line about it' );
}

# An object of the prepared batch is gone: to look does not make a revision.
{
    my $site = Site->new;
    $site->put( "E1.2026-10-31-10.$_.gz", Site::log_text("/$_") ) for 'a', 'b';
    my $prepared = $site->cat_later;
    rename "$site->{source}/E1.2026-10-31-10.b.gz", $site->dir . '/away' or die;
    is( $site->cat('never')->{paths}, '/a', 'an object is gone: the others are shown' );
    rename $site->dir . '/away', "$site->{source}/E1.2026-10-31-10.b.gz" or die;
    is( $site->cat_later->{out}, $prepared->{out}, 'back again: the batch as it was prepared' );
}

# --prepare overrides --commit, in any order.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a.gz', Site::log_text('/a') );
    is( $site->cat( 'now',   '--prepare' )->{paths}, '/a', '--commit --prepare' );
    is( $site->cat( 'later', '--commit' )->{paths},  '/a', '--prepare --commit: the batch is still open' );
    is( $site->cat_later->{paths}, '/a', '--prepare --commit: the batch comes again' );
}

# Streaming: a look leaves it to the next run whether open views are written.
{
    my $site = Site->new;
    my $head = '#Fields: date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id cs-uri-stem '
      . "cs-uri-query c-referrer x-page-url c-user-agent x-sname x-sname-query x-file-ext x-sid\n";
    $site->put(
        's.gz',
        "#Version: 1.0\n$head"
          . join( "\t",
            '2010-12-05', '10:00:00', 'LHR5', '192.0.2.1', 'play', 300,
            'OK',         'c',        'rtmp://s1.example.net/app', ('-') x 4,
            'a',          '-',        'flv', '1' )
          . "\n"
    );
    $site->cat('never');
    my $run = $site->cat;
    is( $run->{status}, 0, 'a view is open: a run that commits goes on after a look' ) or diag $run->{err};
    like( $run->{end}, qr/^records=1 /, 'a run that commits writes the open view' );
}

# A LogFile line of an older version has no --commit.  AWStats is recognized: as the parent, above a shell, above a
# script; any other program is not.
{
    my $site = Site->new;
    my $awstats = $site->dir . '/awstats.pl';
    write_file( $awstats, <<'END' );
open my $log, "$ARGV[0] |" or die;
print while <$log>;
close $log or exit 1;
END
    rename $awstats, $site->dir . '/other.pl' or die;
    symlink 'other.pl', $awstats or die;
    my $command = join ' ', $site->command('cat');
    write_file( $site->dir . '/script', "#!/bin/sh\n$command | cat\n" );
    chmod 0755, $site->dir . '/script';
    my $number = 0;

    foreach my $line ( $command, "LANG=C $command", "nice $command", "($command; true)", $site->dir . '/script' ) {
        my $path = '/' . ++$number;
        $site->put( "E1.2026-10-31-10.$number.gz", Site::log_text($path) );
        my $other = Site::result( run( $^X, $site->dir . '/other.pl', $line ) );
        is( $other->{paths}, $path, "another program reads ($number): the records" );
        like( $other->{err}, $again, "another program reads ($number): they come again" );
        my $run = Site::result( run( $^X, '-w', $awstats, $line, '-update' ) );
        is( $run->{status}, 0,     "AWStats reads ($number): exit status" );
        is( $run->{paths},  $path, "AWStats reads ($number): the records" );
        like(
            $run->{err},
qr/\A[^\n]*: AWStats reads this output, so its records are marked[^\n]* cat --commit --config=\S+ --site=cdn \|"\n\z/,
            "AWStats reads ($number): one line says that they are counted, and what to write"
        );
        is( $site->cat->{end}, 'records=0 bad=0 quarantined=0', "AWStats reads ($number): they are" );
    }
    $site->put( 'E1.2026-10-31-11.gz', Site::log_text('/file') );
    my $file = $site->dir . '/out';
    run( $^X, $awstats, "$command >$file; cat $file" );
    is( $site->cat->{paths}, '/file', 'a file below AWStats is no pipe to it' );
    $site->put( 'E1.2026-10-31-12.gz', Site::log_text('/name') );
    run( '/bin/sh', '-c', "$command | cat", 'awstats.pl' );
    is( $site->cat->{paths}, '/name', 'a shell that has its name among the arguments is not AWStats' );
}

done_testing;
