#!/usr/bin/perl
# after = delete and after = move leave objects alone that hold something else than requests, under every name and
# time of modification; such an object is never taken for a copy, and no other object for a copy of it.  They leave
# logs alone of which no line, or less than half of them, can be read.  What was passed over is read again when it is
# read in another way.
use strict;
use warnings;
use Test::More;
use Compress::Zlib ();
use FindBin        qw($Bin);
use JSON::PP;
use lib "$Bin/lib";
use S3Server;
use Site;

my ($fields) = Site::log_text() =~ /^(#Fields.*\n)/m;
my $bad = "$fields" . "2026-13-31\t10:00:00\t192.0.2.1\tGET\t/bad\t200\t1\n" x 3;
my $notes = "my private notes\n" x 3;

# The names in the source.
sub names {
    my ($site) = @_;
    return join ' ', map { s{.*/}{}r } glob "$site->{source}/*";
}

# A run that passes over one object, and deletes nothing.
sub passes_over {
    my ( $site, $name, $what ) = @_;
    my $run = $site->cat;
    is( $run->{status}, 0, "$what: exit status 0" );
    like(
        $run->{err},
        qr/\A[^\n]*\Q$name\E: passed over, because it is no log to count, and not read again: [^\n]*\n\z/,
        "$what: passed over"
    );
    return;
}

for my $after ( 'delete', 'move' ) {
    my $site = Site->new;
    $site->configure( after => $after eq 'move' ? "move $site->{dir}/done" : $after );
    my $path = $site->put( 'notes.txt', $notes );
    $site->put( 'E1.2026-10-31-10.0000000a.gz', Site::log_text('/a') );
    passes_over( $site, 'notes.txt', "$after: a text" );
    is( names($site), 'notes.txt', "$after: the counted log is gone, and the text stays" );

    rename $path, "$site->{source}/notes-2026.txt" or die "$!\n";
    passes_over( $site, 'notes-2026.txt', "$after: the text has another name" );
    is( names($site), 'notes-2026.txt', "$after: and stays" );

    utime 1_700_000_000, 1_700_000_000, "$site->{source}/notes-2026.txt" or die "$!\n";
    passes_over( $site, 'notes-2026.txt', "$after: the text has another time of modification" );
    $site->put( 'more/notes-2026.txt', $notes );
    passes_over( $site, 'notes-2026.txt', "$after: a copy in a folder" );
    ok( -e "$site->{source}/more/notes-2026.txt", "$after: and stays" );

    # A name of CloudFront's form promises a log.
    $site->put( 'E1.2026-10-31-11.0000000a.gz', $notes );
    my $run = $site->cat;
    like( $run->{err}, qr/\A[^\n]*11\.0000000a\.gz: left out until it can be read: /, "$after: a damaged log" );
    unlike( $run->{err}, qr/same/, "$after: which is no copy of the text" );
    is( names($site), 'E1.2026-10-31-11.0000000a.gz more notes-2026.txt', "$after: all stay" );
    unlike( $site->cat->{err}, qr/notes/, "$after: no message about the texts in the next run" );
}

# Logs of which no line, or only a small part of them, can be read.
for my $after ( 'delete', 'move' ) {
    my $site = Site->new;
    $site->configure( after => $after eq 'move' ? "move $site->{dir}/done" : $after );
    $site->put( 'E1.2026-10-31-10.0000000a.gz', $bad );
    $site->put( 'E1.2026-10-31-11.0000000a.gz', "$bad$fields" . "2026-10-31\t11:00:00\t192.0.2.1\tGET\t/a\t200\t1\n" );
    $site->put( 'E1.2026-10-31-12.0000000a.gz', Site::log_text( '/b', '/c' ) . "2026-10-31\tnoon\n" );
    my $run = $site->cat;
    my @line = split /\n/, $run->{err};
    is( "$run->{status} $run->{paths}", '0 /b /c /a', "$after: the lines that can be read are counted" );
    my ($none) = grep { /-10\.0000000a/ } @line;
    like(
        $none,
        qr/: line 2: the date is .* are left out; no line is left, so the object is passed over/,
        "$after: no line"
    );
    my ($few) = grep { /-11\.0000000a/ } @line;
    like( $few, qr/ are left out, and the others are read; .* so the object stays where it is/, "$after: few lines" );
    my ($most) = grep { /-12\.0000000a/ } @line;
    like( $most, qr/: line 5: .* this malformed line is left out, and the others are read\z/, "$after: most lines" );
    is( scalar @line, 3, "$after: a line for each" ) or diag $run->{err};
    is( names($site), 'E1.2026-10-31-10.0000000a.gz E1.2026-10-31-11.0000000a.gz', "$after: the first two stay" );
    my ($end) = $run->{out} =~ /^#End: (.*)/m;
    is( $end,              'records=3 bad=7 quarantined=0', "$after: the malformed lines are counted" );
    is( $site->cat->{err}, '',                              "$after: the next run reads neither again" );
    my ( $status, $report ) = $site->status;
    is( $status, 0, "$after: status exits with 0" );
    like( $report, qr/^  objects counted: 2$/m, "$after: status: the object without a readable line is not counted" );
    like(
        $report,
        qr/^    passed over: \S+-10\.0000000a\.gz \(since .*\): no line of it can be read; line 2: /m,
        "$after: status: but named"
    );
    my $json = decode_json( ( $site->status('--json') )[1] )->[0];
    is(
        "$json->{passed_over} $json->{newest_passed_over}[0]{key}",
        "1 $site->{source}/E1.2026-10-31-10.0000000a.gz",
        "$after: JSON"
    );
}

# Without a ledger.
{
    my $site = Site->new;
    my $path = $site->put( 'E1.2026-10-31-10.0000000a.gz', $bad );
    my ( $status, $out, $err ) = Program::run( Program::helper(), 'cat', $path );
    like( "$status $err", qr/\A0 [^\n]*malformed lines are left out, and no line is left\n\z/, 'cat: no line is left' );
}

# Objects that were passed over are read again once they are read in another way.
{
    my $site = Site->new;
    my $row = join '|', qw(/one 2026-10-31 10:00:00 192.0.2.1 1 2 3);
    $site->put( 'one.log',   "$row\n" );
    $site->put( 'notes.txt', $notes );
    my $run = $site->cat;
    like( $run->{err}, qr/one\.log: passed over, .* if it is one, write the names /, 'a row: the setting to give' );
    unlike( $run->{err}, qr/notes\.txt: .*the setting "fields"/, 'a text: no setting' );
    is( $site->cat->{err}, '', 'nothing is read again' );
    $site->configure( fields => 'cs-uri-stem date time c-ip sc-bytes cs-bytes c-port', delimiter => 'pipe' );
    my $look = $site->cat('never');
    is( $look->{paths}, '/one', 'with the settings: the row is read' );
    $run = $site->cat;
    is( $run->{paths}, '/one', 'with the settings: also after a look' );
    my $again = $site->cat;
    is( "$again->{paths}$again->{err}", '',                                                 'with the settings: once' );
    is( $site->change_ledger(q{UPDATE passed_over SET reading = 'of an older version'}), 1, 'one is left' );
    like( $site->cat->{err}, qr/\A[^\n]*notes\.txt: passed over[^\n]*\n\z/, 'another version reads it again' );
    is( $site->change_ledger(q{UPDATE passed_over SET reading = 'of an older version'}),
        1, 'the ledger knows one object that is passed over' );
    unlink "$site->{source}/notes.txt";
    is( $site->cat->{err},                               '', 'it is gone' );
    is( $site->change_ledger('DELETE FROM passed_over'), 0,  'an object that is gone is forgotten' );
}

# A bucket, whose ETags are equal.
{
    my $server = S3Server->new;
    $server->set_environment;
    $server->make_bucket($_) for 'logs', 'done';
    my $site = Site->new( source => 's3://logs/', endpoint => $server->endpoint, after => 'delete' );
    $server->put( 'logs', 'notes.txt', $notes );
    passes_over( $site, 'notes.txt', 'a bucket' );
    $server->put( 'logs', 'notes-2026.txt', $notes );
    passes_over( $site, 'notes-2026.txt', 'a bucket: a copy' );
    is_deeply( [ sort $server->keys( 'logs', '' ) ], [qw(notes-2026.txt notes.txt)], 'a bucket: both stay' );

    for my $after ( 'delete', 'move s3://done/' ) {
        $site->configure( after => $after );
        $server->put( 'logs', "E1.2026-10-31-10.$_.gz", $bad ) for '0000000a', '0000000b';
        my $log = $after eq 'delete' ? 11 : 12;
        $server->put( 'logs', "E1.2026-10-31-$log.0000000a.gz", Site::log_text("/$log") );
        is( $site->cat->{paths}, "/$log", "a bucket: $after: a run" );
        is_deeply(
            [ sort $server->keys( 'logs', 'E1' ) ],
            [ 'E1.2026-10-31-10.0000000a.gz', 'E1.2026-10-31-10.0000000b.gz' ],
            "a bucket: $after: logs without a readable line stay"
        );
    }
    $site->configure( after => 'keep' );
    is( $site->cat->{err}, '', 'a bucket: they are not read again' );
    $site->configure( type => 'download' );
    is( scalar( () = $site->cat->{err} =~ /passed over/g ), 4,  'a bucket: another setting: all are read again' );
    is( $site->cat->{err},                                  '', 'a bucket: once' );
}

# Data that is joined to the text of a log is lost, so the object is damaged, and stays.
{
    my %joined = (
        gzip    => Compress::Zlib::memGzip( Site::log_text('/lost') ),
        zstd    => "\x28\xb5\x2f\xfd\x04\x00\x51\x00\x00more",
        bzip2   => "BZh91AY&SY\x01\x02\x03\xfe",
        xz      => "\xfd7zXZ\0\0\4",
        'a ZIP' => "PK\3\4\x14\0\0\0",
        Parquet => "PAR1\x15\4\x15\x10PAR1",
    );
    my $json = '{"date":"2026-10-31","time":"10:00:00","c-ip":"192.0.2.1","cs-uri-stem":"/json","sc-status":"200"}';
    for my $kind ( sort keys %joined ) {
        my %text = (
            'a text'                    => Site::log_text('/a') . $joined{$kind},
            'a text without LF'         => Site::log_text('/a') =~ s/\n\z//r . $joined{$kind},
            'JSON'                      => "$json\n$joined{$kind}",
            'a text that is compressed' => Compress::Zlib::memGzip( Site::log_text('/a') . $joined{$kind} ),
        );
        my @what = sort keys %text;
        my @file = map { "E1.2026-10-31-10.0000000$_.gz" } 0 .. $#what;
        my $site = Site->new;
        $site->configure( after => 'delete' );
        $site->put( $file[$_],                      $text{ $what[$_] } ) for 0 .. $#what;
        $site->put( 'E1.2026-10-31-11.0000000a.gz', Site::log_text('/good') );
        my $run = $site->cat;
        is(
            "$run->{paths} $run->{end}",
            '/good records=1 bad=0 quarantined=4',
            "$kind, joined: the good log is counted"
        );
        is( names($site), "@file", "$kind, joined: the others stay" );

        for ( 0 .. $#what ) {
            like(
                $run->{err},
                qr/\Q$file[$_]\E: left out until it can be read: \N* follows the text of the log in the same object/,
                "$kind behind $what[$_]"
            );
        }
    }

    # What is only a malformed line: people can send these bytes.
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-12.0000000a.gz', Site::log_text( '/b', '/c' ) . "2026-10-31\tnoon\tBZh91AY&SY PAR1\n" );
    is( $site->cat->{end} =~ s/ quar.*//r, 'records=2 bad=1', 'joined: a malformed line is none' );
}

# Logs of other programs in the W3C's form.
{
    my $site = Site->new;
    $site->configure( after => 'delete' );
    my %log = (
        'other.log'                    => "#Fields: date time foo bar\n2026-10-31\t10:00:00\tx\ty\n",
        'E1.2026-10-31-10.0000000b.gz' => "#Version: 1.0\n#Fields: date time foo bar\n2026-10-31\t10:00:00\tx\ty\n",
        'u_ex261031.log'               => "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n"
          . "#Date: 2026-10-31 10:00:00\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip"
          . " cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n"
          . "2026-10-31 10:00:00 192.0.2.9 GET /iis - 443 - 192.0.2.1 Mozilla/5.0 - 200 0 0 15\r\n",
    );
    $site->put( $_,                             $log{$_} ) for keys %log;
    $site->put( 'E1.2026-10-31-11.0000000a.gz', "#Software: CloudFront\n" . Site::log_text('/a') );
    $site->put( 'E1.2026-10-31-12.0000000a.gz',
        "#Fields: date time cs(Host)\n2026-10-31\t12:00:00\twww.example.com\n" );
    my $run = $site->cat;
    is( $run->{end}, 'records=2 bad=0 quarantined=0', 'logs of other programs: not counted' );
    like( $run->{err}, qr/\Q$_\E: passed over, because it is no log to count, /, "passed over: $_" ) for sort keys %log;
    is( names($site), join( ' ', sort keys %log ), 'logs of other programs: all stay' );

    $site->put( 'E1.2026-10-31-13.0000000a.gz', Site::log_text('/a') . $log{$_} ) for 'u_ex261031.log';
    like(
        $site->cat->{err},
        qr/: left out until it can be read: .*a log of another program follows/,
        'a log of another program behind one of CloudFront: damaged'
    );
}
done_testing;
