#!/usr/bin/perl
# A site's ledger: each object once, a batch that comes out again as it was, what is quarantined, and a file that is
# damaged, too new, not ours, or on a full disk.
use strict;
use warnings;
use Test::More;
use Compress::Zlib qw(memGzip);
use Fcntl          qw(:flock);
use FindBin        qw($Bin);
use POSIX          qw(strftime);
use lib "$Bin/lib";
use Program qw(finish run);
use Site;
use Soak qw(is_soak);

sub log_of { return Site::log_text(@_) }

# Once, and only once.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a.gz', log_of( '/a', '/b' ) );
    my $first = $site->cat;
    is( $first->{status}, 0,       'cat: exit status 0' ) or diag( $first->{err} );
    is( $first->{paths},  '/a /b', 'cat: the records' );
    like( $first->{id}, qr/\A[0-9A-Za-z-]+\z/, 'cat: an ID' );
    like(
        $first->{out},
        qr/^#Fields: [^\n]+\n#Batch: \S+\n#Site: cdn \Q${\ $site->dir}\E\/conf\n#Previous: -\n[^#]/m,
        'cat: ID, site, configuration and the batch before stand behind the columns'
    );
    my $second = $site->cat;
    is( $second->{status}, 0,                               'again: exit status 0' );
    is( $second->{end},    'records=0 bad=0 quarantined=0', 'again: no records' );
    cmp_ok( $second->{id}, 'gt', $first->{id}, 'again: a later ID' );
    $site->put( 'E1.2026-10-31-11.b.gz', log_of('/c') );
    is( $site->cat->{paths}, '/c', 'a new object alone' );
    $site->put( 'E1.2026-10-31-11.b.gz', log_of( '/c', '/d' ) );
    is( $site->cat->{paths}, '/c /d', 'an object that changed is a new one' );
    is( sprintf( '%04o', ( stat $site->state )[2] & 07777 ), '0600', 'the ledger is its owner\'s alone' );
    is( sprintf( '%04o', ( stat $site->dir . '/state' )[2] & 07777 ),
        '0700', "the folder of the ledger is its owner's alone" );
}

# A batch that was not committed comes out again, byte for byte, whatever came meanwhile.
{
    my $site = Site->new;
    $site->put( "E1.2026-10-31-$_.a.gz",   log_of( map { "/$_" } 1 .. 50 ) ) for 10 .. 19;
    $site->put( 'E1.2026-10-31-20.bad.gz', 'no log' );
    my $first = $site->cat_later;
    is( $first->{end}, 'records=500 bad=0 quarantined=1', 'a batch' );
    like(
        $first->{err},
        qr/20\.bad\.gz: left out until it can be read: not a CloudFront log/,
        'a quarantined object is named'
    );
    $site->put( 'E1.2026-10-31-09.new.gz', log_of('/new') );
    $site->put( 'E1.2026-10-31-20.bad.gz', log_of('/repaired') );
    is( $site->cat_later->{out},              $first->{out}, 'taken up again: the same bytes' );
    is( $site->cat_later( '-j', '1' )->{out}, $first->{out}, 'taken up once more: the same bytes' );
    my ( $status, $out, $err ) = $site->commit('20200101-000000-000000-00000000');
    is( $status, 1, 'commit of another ID: exit status 1' );
    like( $err, qr/\A[^\n]*\Q$first->{id}\E[^\n]*\n\z/, 'commit of another ID: one line, with the open batch' );
    is( join( '', $site->commit( $first->{id} ) ), 0, 'commit: exit status 0' );
    is( join( '', $site->commit( $first->{id} ) ), 0, 'again: exit status 0' );
    my $next = $site->cat_later;
    is( $next->{status}, 0, 'the next one: exit status 0' );
    unlike( $next->{out}, qr/^#Previous/m, 'the last batch in the history is unknown' );
    is( join( '', $site->commit( $first->{id}, '--previous', $first->{id} ) ),
        0, 'again, with what the history has: exit status 0' );
    like( $site->cat_later->{out}, qr/^#Previous: $first->{id}$/m, 'now it is known' );
    is( join( '', run( $site->command( 'commit', '--previous', '-' ) ) ),
        0, 'what the history has, alone: exit status 0' );
    like( $site->cat_later->{out}, qr/^#Previous: -$/m, 'it is known to have none' );
    is( ( run( $site->command( 'commit', '--previous', $_ ) ) )[0], 2, "no ID: '$_'" ) for '', 'a b', 'x' x 64;
    is( ( run( $site->command('commit') ) )[0], 2, 'commit of nothing: exit status 2' );
    my $second = $site->cat_later;
    is( $second->{paths},                      '/new /repaired', 'the next batch: what came, and what was repaired' );
    is( ( $site->commit( $first->{id} ) )[0],  0, 'the last one committed, with another one open: exit status 0' );
    is( $site->cat_later->{out},               $second->{out}, 'the open batch is still open' );
    is( ( $site->commit( $second->{id} ) )[0], 0,              'commit of the second' );
    is( ( $site->commit( $first->{id} ) )[0],  1,              'the first is no longer the last batch: exit status 1' );
    is( ( $site->status )[0],                  0,              'nothing is quarantined' );
}

# A run of cat does not commit a batch that the plugin is counting.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a.gz', log_of('/a') );
    my $first = $site->cat_later;
    my $beside = $site->cat;
    is( $beside->{status}, 1,  'a batch of the plugin, by hand: exit status 1' );
    is( $beside->{out},    '', 'a batch of the plugin, by hand: no output' );
    like(
        $beside->{err},
qr/\A[^\n]*an earlier AWStats update has not counted batch $first->{id} to its end; [^\n]*commit --config=\S+ --site=cdn --batch=$first->{id}\n\z/,
        'and why'
    );
    is( $site->cat_later->{out}, $first->{out}, 'it is still there for the plugin' );
}

# A run that reads a site's log as a source passes its records, and not the lines of its batch.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a.gz', log_of('/a') );
    my $first = $site->cat_later;
    open my $log, '>:raw', $site->dir . '/log' or die;
    print $log $first->{out};
    close $log or die;
    my ( $status, $out ) = run( { in => $site->dir . '/log' }, Program::helper(), 'cat', '-' );
    is( $status, 0, 'cat - of a site\'s log: exit status' );
    is(
        $out,
        $first->{out} =~ s/^#(?:Batch|Site|Previous): .*\n//gmr,
        'cat - of a site\'s log: its records, without the lines of the batch'
    );
}

# No output to write to: nothing is committed, and no file of the ledger takes its place.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a.gz', log_of('/a') );
    my ( $status, undef, $err ) = run( 'sh', '-c', 'exec "$@" >&-', 'sh', $site->command( 'cat', '--commit' ) );
    is( $status, 1, 'a closed standard output: exit status 1' );
    like( $err, qr/\A[^\n]*standard output: [^\n]*\n\z/, 'one line' );
    unlike( Program::content( $site->state . '.lock' ), qr/#Version/, 'the log is not written into the lock file' );
    is( $site->cat->{paths}, '/a', 'a closed standard output: the next run prints the records' );
}

# The source is missing in a run, with a batch open: its objects do not count as deleted.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a.gz', log_of('/a') );
    my $first = $site->cat_later;
    rename $site->{source}, "$site->{source}.away" or die;
    mkdir $site->{source} or die;
    my $run = $site->cat_later;
    is( $run->{status}, 1, 'a source that is away: exit status 1' );
    like(
        $run->{err},
qr/batch $first->{id} is not fully counted yet, and all its objects are gone from \S+, such as \S+E1.*commit --config=\S+ --site=cdn --batch=$first->{id}$/m,
        'and why'
    );
    rmdir $site->{source} or die;
    rename "$site->{source}.away", $site->{source} or die;
    is( $site->cat_later->{out}, $first->{out}, 'back again: the batch' );
}

# Quarantined, retried, repaired; gone; changed.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a.gz', log_of('/a') );
    $site->put( "E1.2026-10-31-11.$_.gz", "\x1f\x8b broken $_" ) for 'x', 'y';
    my $run = $site->cat;
    is( $run->{end},            'records=1 bad=0 quarantined=2', 'two objects quarantined' );
    is( $run->{err} =~ tr/\n//, 2,                               'each is named' );
    my ( $status, $out ) = $site->status;
    is( $status, 4, 'status: exit status 4' );
    like(
        $out,
        qr/^  left out: \S+11\.x\.gz \(since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\): \w/m,
        'status: name, since, error'
    );
    ( undef, $out ) = $site->status('--json');
    like(
        $out,
        qr/"quarantined": \[\s+\{"key": "[^"]+11\.x\.gz", "bytes": \d+, "since": "[^"]+Z", "error": "/,
        'status --json'
    );
    $run = $site->cat;
    is( $run->{end}, 'records=0 bad=0 quarantined=2', 'tried again' );
    like( $run->{err}, qr/\A[^\n]* 2 objects, which could not be read before, still cannot[^\n]*\n\z/, 'one line' );
    unlink "$site->{source}/E1.2026-10-31-11.x.gz";
    $site->put( 'E1.2026-10-31-11.y.gz', log_of('/y') );
    is( $site->cat->{paths},  '/y', 'repaired' );
    is( ( $site->status )[0], 0,    'status: none quarantined, for the other is gone' );

    $site->put( 'E1.2026-10-31-12.c.gz', log_of('/c') );
    $site->put( 'E1.2026-10-31-12.d.gz', log_of('/d') );
    $site->put( 'E1.2026-10-31-12.e.gz', 'no log' );
    is( $site->cat->{paths}, '/c /d', 'two objects, and one quarantined' );
}

# Objects of a prepared batch that can no longer be read: the others are counted, and newer objects after them.
for my $damaged ( ['b'], [ 'a', 'b' ] ) {
    my $site = Site->new;
    my %path;
    for my $name ( 'a', 'b' ) {
        $path{$name} = $site->put( "E1.2026-10-31-12.$name.gz", memGzip( log_of("/$name") ) );
        utime 1_800_000_000, 1_800_000_000, $path{$name};
    }
    my $whole = $site->cat_later;
    is( $whole->{paths}, '/a /b', "@$damaged unreadable: before" );
    my %good = map { $_ => Program::content( $path{$_} ) } @$damaged;
    my $put = sub {
        my ( $name, $content ) = @_;
        Program::write_file( $path{$name}, $content );
        utime 1_800_000_000, 1_800_000_000, $path{$name};
    };
    $put->( $_, substr( $good{$_}, 0, 20 ) . "\xff" x ( length( $good{$_} ) - 20 ) ) for @$damaged;
    $site->put( 'E1.2026-10-31-13.new.gz', log_of('/new') );
    my $less = $site->cat_later;
    is( $less->{status}, 0,                          "@$damaged unreadable: exit status 0" ) or diag $less->{err};
    is( $less->{paths},  @$damaged == 1 ? '/a' : '', "@$damaged unreadable: the others" );
    like( $less->{out}, qr/^#Replaces: $whole->{id}$/m, "@$damaged unreadable: another revision" );
    like(
        $less->{err},
        qr/\A\S+ warning: \S+12\.$damaged->[0]\.gz.*: corrupt .*$less->{id}.*\n\z/,
        "@$damaged unreadable: one line"
    );
    is( ( $site->commit( $less->{id} ) )[0], 0, "@$damaged unreadable: committed" );
    my $next = $site->cat;
    is( $next->{paths},           '/new',                     "@$damaged unreadable: newer objects are counted" );
    is( $next->{end} =~ s/.* //r, 'quarantined=' . @$damaged, "@$damaged unreadable: and they are quarantined" );
    $put->( $_, $good{$_} ) for @$damaged;
    is( $site->cat->{paths}, join( ' ', map { "/$_" } @$damaged ), "@$damaged readable again: counted" );
}

# Objects of a prepared batch, gone or overwritten: what is left of it is another revision, and each revision comes out
# as it was.
{
    my $site = Site->new;
    $site->put( "E1.2026-10-31-12.$_.gz", log_of("/$_") ) for 'a' .. 'd';
    $site->put( 'E1.2026-10-31-12.e.gz',  'no log' );
    my $whole = $site->cat_later;
    is( $whole->{end}, 'records=4 bad=0 quarantined=1', 'a batch' );
    my $away =
      sub { my ($name) = @_; rename "$site->{source}/E1.2026-10-31-12.$name.gz", $site->dir . "/$name" or die };
    my $back =
      sub { my ($name) = @_; rename $site->dir . "/$name", "$site->{source}/E1.2026-10-31-12.$name.gz" or die };
    $away->('b');
    my $less = $site->cat_later;
    is( $less->{status}, 0,          'an object is gone: exit status 0' );
    is( $less->{paths},  '/a /c /d', 'an object is gone: the others' );
    isnt( $less->{id}, $whole->{id}, 'an object is gone: another ID' );
    like( $less->{out}, qr/^#Replaces: $whole->{id}$/m, 'an object is gone: instead of the whole batch' );
    like(
        $less->{err},
qr/\A.*12\.b\.gz: No such file.*$less->{id}, without it, replaces batch $whole->{id}; .*: then the update stops[^\n]*\n\z/,
        'an object is gone: named in a line'
    );
    is( $site->cat_later->{out}, $less->{out}, 'an object is gone: again the same bytes' );
    $site->put( 'E1.2026-10-31-12.new.gz', log_of('/new') );
    $away->('c');
    my $least = $site->cat_later;
    is( $least->{paths}, '/a /d', 'two are gone' );
    like( $least->{out}, qr/^#Replaces: $whole->{id} $less->{id}$/m, 'two are gone: instead of both' );
    $back->('c');
    is(
        $site->cat_later->{out} =~ s/^#Replaces: .*\n//mr,
        $less->{out} =~ s/^#Replaces: .*\n//mr,
        'one is back: the same bytes as before'
    );
    $back->('b');
    my $again = $site->cat_later;
    is(
        $again->{out},
        $whole->{out} =~ s/^(#Previous.*\n)/$1#Replaces: $less->{id} $least->{id}\n/mr,
        'all are back: the whole batch'
    );
    is( $again->{err},                       '',        'all are back: no message' );
    is( ( $site->commit( $less->{id} ) )[0], 0,         'the revision is committed that was counted' );
    is( $site->cat->{paths},                 '/b /new', 'the next run counts what the revision lacks' );

    $site->put( "E1.2026-10-31-13.$_.gz", log_of("/$_") ) for 'p', 'q';
    my $first = $site->cat_later;
    $site->put( 'E1.2026-10-31-13.q.gz', log_of( '/q', '/more' ) );
    my $second = $site->cat_later;
    is( $second->{paths},                      '/p',       'an object that was overwritten is missing in the batch' );
    is( ( $site->commit( $second->{id} ) )[0], 0,          'commit' );
    is( $site->cat->{paths},                   '/q /more', 'an object that was overwritten is new in the next batch' );
}

# One at a time.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a.gz', log_of('/a') );
    is( $site->cat->{status}, 0, 'a run' );
    open my $lock, '+<', $site->state . '.lock' or die;
    flock $lock, LOCK_EX or die;
    seek $lock, 0, 0;
    truncate $lock, 0;
    syswrite $lock, "process 4711, since 2026-10-31 10:00:00 UTC\n";
    my $run = $site->cat;
    is( $run->{status}, 3,  'held by another: exit status 3' );
    is( $run->{out},    '', 'no output' );
    like( $run->{err}, qr/\A[^\n]*process 4711, since 2026-10-31 10:00:00 UTC[^\n]*\n\z/, 'says who' );
    is( ( $site->commit('x') )[0], 3, 'commit: exit status 3' );
    is( ( $site->status )[0],      0, 'status needs no lock' );
    my $waiting = $site->start( '', '--wait', '60' );
    select undef, undef, undef, 0.3;
    close $lock;
    is( Site::result( finish($waiting) )->{status}, 0, '--wait waits' );
}

sub is_refused {
    my ( $site, $line, $name ) = @_;
    my $run = $site->cat;
    is( $run->{status}, 1,  "$name: exit status 1" );
    is( $run->{out},    '', "$name: no output" );
    like( $run->{err}, qr/\A\S+ \Q${\ $site->state}\E: [^\n]*$line[^\n]*\n\z/, "$name: one line" );
    return;
}

# Files that are no ledger, or not one for us.
{
    my $site = Site->new;
    $site->put( "E1.2026-10-31-10.$_.gz", log_of('/a') ) for 100 .. 400;
    $site->cat;
    my $whole = Program::content( $site->state );
    my $write = sub {
        open my $out, '>:raw', $site->state or die;
        print $out $_[0];
        close $out or die;
    };
    my $newer = $whole;
    substr $newer, 60, 4, pack 'N', 99;
    $write->($newer);
    is_refused( $site, qr/newer version/, 'a newer ledger' );
    my $other = $whole;
    substr $other, 68, 4, pack 'N', 1;
    $write->($other);
    is_refused( $site, qr/awstats-cloudfront did not make this file/, 'another program\'s database' );
    $write->( 'This is not a database. ' x 100 );
    is_refused( $site, qr/this ledger file \(what is counted so far\) is corrupt/, 'another file' );
    my $damaged = $whole;
    substr $damaged, $_ * 4096, 200, "\xff" x 200 for 1 .. length($whole) / 4096 - 1;
    $write->($damaged);
    $site->put( 'E1.2026-10-31-10.zzz.gz', log_of('/z') );
    is_refused( $site, qr/this ledger file \(what is counted so far\) is corrupt/, 'damage inside' );
    $write->($whole);
    is( $site->cat->{paths}, '/z', 'the copy put back' );
}

# A disk that is full, at sizes of every remainder by a page's: nothing is counted, then all of it, once.
{
    my $site = Site->new;
    my %seen;
    $site->put( "E1.2026-10-31-10.$_.gz", log_of("/$_") ) for 100 .. 400;
    my $failed = 0;
    for my $blocks ( map { ( is_soak() ? 3 : 7 ) * $_ } 1 .. 150 ) {
        my $out = File::Temp->new;
        my ( $status, undef, $err ) = run(
            { out => "$out" },
            '/bin/sh', '-c', 'ulimit -f $0; exec "$@"',
            $blocks,   $site->command( 'cat', '--commit' )
        );
        my $run = Site::result( $status, Program::content("$out"), $err );
        if ( $status == 0 ) {
            $seen{$_}++ for split / /, $run->{paths};
            last;
        }
        $failed++;
        is( $err =~ tr/\n//, 1, "$blocks blocks: one line" ) or diag($err);
    }
    cmp_ok( $failed, '>', 5, "failed at $failed sizes" );
    is( scalar keys %seen, 301,                             'after the failures everything is there' );
    is( $site->cat->{end}, 'records=0 bad=0 quarantined=0', 'once' );
}

# A batch that nobody commits for long.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a.gz', log_of('/a') );
    my $open = $site->cat_later;
    unlike( $site->report, qr/not counted to its end/, 'status: a batch was prepared a moment ago' );
    like( $site->report, qr/^  batch not counted yet: $open->{id}, /m, 'status: which is open' );
    is( $site->change_ledger( 'UPDATE revision SET prepared = ? WHERE id = ?', time - 3 * 86_400, $open->{id} ),
        1, 'three days go by' );
    my ( $status, $text ) = $site->status;
    like(
        $text,
qr/^  batch not counted yet: $open->{id}, .*\n    passed to AWStats \S+ \S+ UTC, 3 days 0 h ago, and not counted to its end: /m,
        'status: one was prepared three days ago'
    );
    like(
        ( $site->status('--json') )[1],
        qr/"open_batch": \{"id": "$open->{id}", .*"prepared": "\d[^"]*Z"\}/,
        'status --json: since when'
    );
    like(
        ( run( $site->command('check') ) )[1],
qr/^FAIL  batch: batch $open->{id} was passed to AWStats at .* UTC, but AWStats has not counted it to its end, /m,
        'check reports it'
    );
    is( $site->cat_later->{out},             $open->{out}, 'it still comes out again' );
    is( ( $site->commit( $open->{id} ) )[0], 0,            'it is committed' );
    my @check = run( $site->command('check') );
    is( $check[0], 0, 'check: exit status 0' );
    unlike( $check[1], qr/batch:/, 'check: no error' );
}

# Times of files that no calendar has, and those that nanoseconds in 64 bits cannot hold.
SKIP: {
    skip '/dev/shm, whose files have any time, is not there', 1 if !-d '/dev/shm';
    local $ENV{TMPDIR} = '/dev/shm';
    my @case = (

        # time, and whether it is to come: then the newest object is of the present hour; before 1970 there is none
        ['0001-01-01 00:00:00.5 UTC'],
        ['1969-12-31 23:59:59.5 UTC'],
        [ '2262-04-12 00:00:00 UTC', 1 ],
        [ '2446-05-10 22:38:55 UTC', 1 ],
        [ '@67768036191676800',      1 ],
        [ '@9223372036854775807',    1 ],
        ['@-9223372036854775808'],
    );
    my $hour_of = sub { strftime( '%Y-%m-%d %H:00:00', gmtime shift ) };
    for my $case (@case) {
        my ( $time, $is_to_come ) = @$case;
        my $now = time;
        my $site = Site->new( after => 'keep' );
        my $path = $site->put( 'log.gz', log_of('/a') );
        system( 'touch', '-d', $time, $path ) == 0 or die "touch: $?";
        is( $site->cat->{paths}, '/a', "a file of $time: counted" );
        is( $site->cat->{paths}, '',   "a file of $time: once" );
        my ( $status, $out, $err ) = $site->status;
        is( $status, 0, "a file of $time: status" ) or diag $err;
        my ($newest) = $out =~ /^  newest object: (.*) UTC, \d+ .* ago$/m;
        my ($expected) = map { $hour_of->( $_ + 3600 ) } grep { $newest && $newest eq $hour_of->( $_ + 3600 ) } $now,
          time;
        is( $newest, $is_to_come ? $expected // 'the present hour' : undef, "a file of $time: its time" );
        ( $status, $out ) = $site->status('--json');
        is( $status, 0, "a file of $time: status --json" );
        my $json = $is_to_come && $newest ? '"' . $newest =~ tr/ /T/r . 'Z"' : undef;
        is( $out =~ /"newest": (.*), "lag_seconds": \d+,$/m ? $1 : undef, $json, "a file of $time: its time in JSON" );
        is( ( run( $site->command('check') ) )[0] & 128,                  0, "a file of $time: check does not crash" );
        $site->configure( after => 'delete' );
        $site->put( 'second.gz', log_of('/b') );
        system( 'touch', '-d', $time, "$site->{source}/second.gz" ) == 0 or die "touch: $?";
        is( $site->cat->{paths}, '/b', "a file of $time: another one is counted" );
        ok( !-e "$site->{source}/second.gz", "a file of $time: and deleted" );
    }
}

# check tests the ledger.
{
    my $site = Site->new;
    my $check = sub { return ( run( $site->command('check') ) )[1] };
    like(
        $check->(),
        qr/^ok    state: nothing is counted yet; the first update makes the ledger file \Q${\ $site->state}\E$/m,
        'check: no ledger yet'
    );
    $site->put( 'E1.2026-10-31-10.a.gz', log_of('/a') );
    $site->cat;
    like(
        $check->(),
qr/^ok    state: the ledger file \Q${\ $site->state}\E; objects counted: 1; left out until they can be read: 0$/m,
        'check: a ledger'
    );
    open my $out, '+<', $site->state or die;
    seek $out, 4096, 0;
    print $out "\xff" x 4096;
    close $out or die;
    like(
        $check->(),
        qr/^FAIL  state: \Q${\ $site->state}\E: this ledger file \(what is counted so far\) is corrupt/m,
        'check: a damaged one'
    );
}

# The ledger contains no credentials.
{
    my $site = Site->new;
    $site->put( 'E1.2026-10-31-10.a.gz', log_of('/a') );
    local %ENV =
      ( %ENV, AWS_ACCESS_KEY_ID => 'AKIDKEYID', AWS_SECRET_ACCESS_KEY => 'SECRETKEY', AWS_SESSION_TOKEN => 'TOKEN' );
    $site->cat_later;
    my $state = join '', map { Program::content($_) } glob $site->dir . '/state/*';
    like( $state, qr/E1\.2026-10-31-10\.a\.gz/, 'the ledger has the object' );
    unlike( $state, qr/AKIDKEYID|SECRETKEY|TOKEN/, 'no credentials in the ledger' );
}

done_testing;
