# Power cuts during one update of a site whose files all lie on a PowerCutDisk, and the update after each.
#
# The update is recorded once, change by change.  Then each state that a cut may leave is made from the record, and an
# update runs on it.  Afterwards the history, the ledger and the names of all files must be what they are without a cut.
package PowerCut;
use strict;
use warnings;
use Exporter qw(import);

use CountedSite;
use DBI        ();
use File::Find ();
use File::Path qw(remove_tree);
use JSON::XS   ();
use PowerCutDisk;
use Program qw(run write_file);

our @EXPORT_OK = qw(scenarios soak_scenarios);

# The models of tests/powercut/states.py in which each change makes another state, and those in which a sync does.
my @by_change = qw(all names sizes journal-random random);
my @by_sync = qw(synced journal);

my @events = qw(date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id cs-uri-stem cs-uri-query
  c-referrer x-page-url c-user-agent x-sname x-sname-query x-file-ext x-sid);

my @with_ids = qw(date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer)
  cs(User-Agent) cs-uri-query x-edge-request-id);

# COUNT records from TIME on.
sub _records {
    my ( $time, $count ) = @_;
    return map {
        CountedSite::record(
            sprintf( '%s:%02d', $time, $_ ),
            host  => '192.0.2.' . $_ % 7,
            path  => ( '/page.html', '/other.html', '/picture.png' )[ $_ % 3 ],
            bytes => 1000 + $_
        )
    } 1 .. $count;
}

sub _deliver {
    my ( $site, @times ) = @_;
    $site->deliver( _records( $_, 12 ) ) foreach @times;
    return;
}

# Delivers records with request IDs: those numbers of TIME, as one object.
sub _deliver_with_ids {
    my ( $site, $time, @numbers ) = @_;
    my @records = _records( $time, 24 );
    $site->deliver_events( \@with_ids,
        map { $records[ $_ - 1 ] =~ s/\n/sprintf "\t%s-%043d=\n", $time =~ tr{ :}{-}dr, $_/er } @numbers );
    return;
}

# The event EVENT of connection ID; a stream's name makes it one of that stream.
sub _event {
    my ( $time, $id, $event, $bytes, $stream ) = @_;
    return join( "\t",
        split( / /, $time ),       'DFW4',
        "192.0.2.$id",             $event,
        $bytes,                    'OK',
        "connection-$id",          'rtmp://s1.cloudfront.net/cfx/st',
        '-',                       '-',
        'http://www.example.com/', 'LNX%2010,0,32,18',
        $stream ? ( $stream, '-', 'flv', 1 ) : ( ('-') x 4 ) )
      . "\n";
}

sub _update {
    my $site = shift;
    my ( $status, $output ) = $site->update;
    die "an update before the recorded one fails: $output" if $status;
    return;
}

sub _two_months {
    my $site = shift;
    _deliver( $site, '2026-08-20 12:00', '2026-09-20 12:00' );
    _update($site);
    return;
}

sub _late {
    my $site = shift;
    _deliver( $site, '2026-07-03 05:00', '2026-08-21 07:00', '2026-09-21 09:00', '2026-10-02 01:00' );
    return;
}

# What is counted before the recorded update, what comes for it, and what comes for one more.
my %second = (
    before  => \&_two_months,
    deliver => sub { _deliver( $_[0], '2026-09-20 13:00', '2026-09-20 14:00' ) },
);
my %late = ( before => \&_two_months, deliver => \&_late );
my %scenario = (
    'first run' => {
        before  => sub { mkdir $_[0]->folder . '/state', 0700 },
        deliver => sub { _deliver( $_[0], '2026-07-03 05:00', '2026-08-21 07:00' ) }
    },
    'second batch' => {%second},
    'late months'  => {%late},
    'streaming'    => {
        option => { config => "LogType=S\n", settings => 'type = streaming' },
        before => sub {
            my $site = shift;
            $site->deliver_events(
                \@events,
                _event( '2026-08-31 20:00:00', 1, 'connect',    3000 ),
                _event( '2026-08-31 20:00:01', 1, 'play',       4000, 'film1' ),
                _event( '2026-08-31 20:05:00', 2, 'connect',    3000 ),
                _event( '2026-08-31 20:05:01', 2, 'play',       4000,   'film2' ),
                _event( '2026-08-31 20:06:00', 2, 'stop',       90_000, 'film2' ),
                _event( '2026-08-31 20:06:00', 2, 'disconnect', 95_000 ),
            );
            _update($site);
        },
        deliver => sub {
            shift->deliver_events(
                \@events,
                _event( '2026-07-30 21:00:00', 3, 'connect',    3000 ),
                _event( '2026-07-30 21:00:01', 3, 'play',       4000, 'film1' ),
                _event( '2026-07-30 21:00:09', 3, 'disconnect', 50_000 ),
                _event( '2026-08-31 20:30:00', 1, 'stop',       700_000, 'film1' ),
                _event( '2026-08-31 20:31:00', 1, 'play',       710_000, 'film2' ),
                _event( '2026-09-01 01:00:00', 4, 'connect',    3000 ),
                _event( '2026-09-01 01:00:01', 4, 'play',       4000, 'film1' ),
            );
        },
        again => sub {
            shift->deliver_events(
                \@events,
                _event( '2026-09-01 02:00:00', 1, 'disconnect', 900_000 ),
                _event( '2026-09-01 02:00:00', 4, 'disconnect', 60_000 ),
            );
        },
    },
    'unique' => {
        option => { settings => 'unique = x-edge-request-id' },
        before => sub {
            my $site = shift;
            _deliver_with_ids( $site, '2026-09-20 12:00', 1 .. 12 );
            _update($site);
        },
        deliver => sub {
            my $site = shift;
            _deliver_with_ids( $site, '2026-09-20 12:00', 7 .. 16 );
            _deliver_with_ids( $site, '2026-09-20 13:00', 1 .. 12 );
        },
        again => sub {
            my $site = shift;
            _deliver_with_ids( $site, '2026-09-20 12:00', 1, 14, 20 );
            _deliver_with_ids( $site, '2026-09-20 13:00', 11 .. 13 );
        },
    },
    'delete' => { %second, option => { settings => 'after = delete' } },
    'move'   => { %second, option => { settings => 'after = move FOLDER/done/counted' } },
);

# Counts all months anew.  The old files go away: their names have the time in them.
sub _recount {
    my $site = shift;
    my ( $status, $output ) = $site->command('recount');
    unlink glob $site->folder . '/data/*.replaced-*';
    return ( $status, $output );
}

sub _back_up {
    my $site = shift;
    return $site->command( 'backup', '--to=' . $site->folder . '/backup' );
}

# Restores the backup, and counts what came since.  The old files go away: their names have the time in them.
sub _restore {
    my $site = shift;
    my $folder = $site->folder;
    my ( $status, $output ) = $site->command( 'restore', "--from=$folder/backup" );
    unlink glob "$folder/data/*.replaced-* $folder/state/*.replaced-*";
    return ( $status, $output ) if $status;
    return $site->update;
}

# What make soak adds: folders that the update makes, other ways to write the history, and two batches in a row.
my %soak_scenario = (
    'first move' => { option => { settings => 'after = move FOLDER/done/counted' }, deliver => $second{deliver} },
    'first run, no state folder' => { deliver => \&_late },
    'backups'                    => { %late, option => { config     => "KeepBackupOfHistoricFiles=1\n" } },
    'days'                       => { %late, option => { config     => "DatabaseBreak=day\n" } },
    'XML'                        => { %late, option => { config     => "BuildHistoryFormat=xml\n" } },
    'native=off'                 => { %late, option => { parameters => 'native=off' } },
    'one more batch' => { %late, again => sub { _deliver( $_[0], '2026-07-09 10:00', '2026-10-02 02:00' ) } },
);

# A recount with a host that was left out before.  After a cut, an update finishes a replacement that has begun: the
# months are all old or all new.  Then a recount makes all new.
# A ledger file that an older version has made: the update makes it small.
$soak_scenario{'old ledger'} = {
    %second,
    before => sub {
        my $site = shift;
        _two_months($site);
        my ($state) = glob $site->folder . '/state/*.db';
        my $ledger = DBI->connect( "dbi:SQLite:dbname=$state", '', '', { RaiseError => 1 } );
        $ledger->do($_)
          for 'PRAGMA journal_mode = DELETE', 'PRAGMA auto_vacuum = NONE', 'VACUUM', 'CREATE TABLE filler (data)',
          'INSERT INTO filler VALUES (zeroblob(5000000))', 'DROP TABLE filler';
        $ledger->disconnect;
    },
};
$soak_scenario{recount} = {
    option => { config => qq(SkipHosts="192.0.2.3"\n) },
    before => sub {
        my $site = shift;
        _two_months($site);
        $site->{old} = _text( $site->numbers );
    },
    deliver => sub {
        my $site = shift;
        $site->{config} =~ s/SkipHosts=.*\n//;
        $site->use_log('site:cdn');
    },
    update => sub {
        my $site = shift;
        my ( $status, $output ) = $site->update;
        my $numbers = _text( $site->numbers );
        return ( $status || 1, "half of the months are new: $output" )
          if $status || $numbers ne $site->{old} && defined $site->{new} && $numbers ne $site->{new};
        ( $status, $output ) = _recount($site);
        $site->{new} //= _text( $site->numbers );
        return ( $status, $output );
    },
};

# A backup that said it was done can be restored.  One that was interrupted is refused, unless it is whole all the same.
$soak_scenario{backup} = {
    option   => { settings => 'unique = x-edge-request-id' },
    before   => sub { _deliver_with_ids( $_[0], $_, 1 .. 12 ) foreach '2026-08-20 12:00', '2026-09-20 12:00' },
    deliver  => \&_update,
    recorded => sub {
        my $site = shift;
        my ( $status, $output ) = _back_up($site);
        die "backup: $output" if $status;
        write_file( $site->folder . '/said', 'done' );
    },
    update => sub {
        my $site = shift;
        my $folder = $site->folder;
        my $is_done = unlink "$folder/said";
        my ( $status, $output ) = _restore($site);
        remove_tree("$folder/backup");
        return $site->update if $status == 1 && !$is_done && $output =~ /no complete backup|: corrupt/;
        return ( $status, $output );
    },
};

# After a cut, an update goes on with the old files or the restored ones; if not, the restore can be finished.
$soak_scenario{restore} = {
    %{ $soak_scenario{backup} },
    deliver => sub {
        my $site = shift;
        _update($site);
        my ( $status, $output ) = _back_up($site);
        die "backup: $output" if $status;
        _deliver_with_ids( $site, '2026-09-20 12:00', 7 .. 16 );
        _deliver_with_ids( $site, '2026-10-02 12:00', 1 .. 12 );
        _update($site);
    },
    recorded => sub {
        my $site = shift;
        my ( $status, $output ) = $site->command( 'restore', '--from=' . $site->folder . '/backup' );
        die "restore: $output" if $status;
    },
    update => sub {
        my $site = shift;
        my ( $status, $output ) = $site->update;
        if ( $status && $output =~ /finish it: run awstats-cloudfront restore --site=NAME/ ) {
            ( $status, $output ) = $site->command('restore');
            ( $status, $output ) = $site->update if !$status;
        }
        return ( $status, $output ) if $status;
        my $numbers = _text( $site->numbers );
        $site->{new} //= $numbers;
        return ( 1, "the numbers differ: " . _difference( $site->{new}, $numbers ) ) if $numbers ne $site->{new};
        return _restore($site);    # which also removes what the interrupted one has copied
    },
};

sub scenarios      { return sort keys %scenario }
sub soak_scenarios { return sort keys %soak_scenario }

# Makes the site of a scenario, and records its update.
sub new {
    my ( $class, $name ) = @_;
    my $scenario = $scenario{$name} || $soak_scenario{$name} or die "no scenario is called $name\n";
    my $disk = PowerCutDisk->new;
    my $folder = $disk->folder;
    my %option = map { $_ => $scenario->{option}{$_} =~ s/FOLDER/$folder/r } keys %{ $scenario->{option} };
    my $site = CountedSite->new( folder => $folder, %option );
    $scenario->{before}->($site) if $scenario->{before};
    $scenario->{deliver}->($site);
    $disk->settle;
    my $update = $scenario->{update} || \&_update;
    ( $scenario->{recorded} || $update )->($site);
    my $self = bless { scenario => $scenario, disk => $disk, site => $site, seen => {} }, $class;
    $self->{changes} = [ $disk->keep ];
    $update->($site) if $scenario->{recorded};
    $self->{objects} = $site->{objects};
    $self->{expected} = [ $self->_result ];

    if ( $scenario->{again} ) {
        $scenario->{again}->($site);
        _update($site);
        push @{ $self->{expected} }, $self->_result;
    }
    return $self;
}

# A line about each recorded change.
sub changes {
    my $self = shift;
    return @{ $self->{changes} };
}

# The numbers of the changes that are syncs, from 1 on.
sub syncs {
    my $self = shift;
    return grep { $self->{changes}[ $_ - 1 ] =~ /^sync / } 1 .. @{ $self->{changes} };
}

# Returns the states, [number of changes, model, seed], with SEEDS of each random model.  Of writes to one file in a row
# the first and the last count.
sub states {
    my ( $self, $seeds ) = @_;
    my @changes = @{ $self->{changes} };
    my @states = [ 0, 'all', 1 ];
    foreach my $number ( 1 .. @changes ) {
        my ( $before, $change, $after ) =
          map { $_ // '' } @changes[ $number - 1 - ( $number > 1 ), $number - 1, $number ];
        next if $change =~ /^attributes /;
        my ($write) = $change =~ /^(write \S+ )/;
        next if $write && $number > 1 && ( $before . $after ) =~ /^\Q$write\E.*\Q$write\E/;
        push @states, map { [ $number, $_, 1 ] } @by_sync if $change =~ /^sync /;
        foreach my $model (@by_change) {
            push @states, map { [ $number, $model, $_ ] } 1 .. ( $model =~ /random/ ? $seeds : 1 );
        }
    }
    return @states;
}

# When the power is back, no process of before runs.  On the machine of this test another process may have the ID of one
# that wrote a file.
sub _make_older {
    my $site = shift;
    my @written = glob $site->folder . '/data/*.tmp.*';
    utime 86_400, 86_400, @written;
    return;
}

# Makes a state, without the syncs that are changes WITHOUT, and runs an update.  Returns '', or how its result differs
# from that without a cut; undef when this state was tried already.
sub difference {
    my ( $self, $state, @without ) = @_;
    my $site = $self->{site};
    return if $self->{seen}{ $self->{disk}->cut( @$state, @without ) }++;
    _make_older($site);
    $site->{objects} = $self->{objects};
    foreach my $expected ( @{ $self->{expected} } ) {
        $self->{scenario}{again}->($site) if $expected != $self->{expected}[0];
        my $update = $self->{scenario}{update};
        my ( $status, $output ) = $update ? $update->($site) : $site->update;
        if ($status) {
            my ($error) = $output =~ /^((?:Error|awstats-cloudfront): .*)/m;
            return "exit status $status: " . ( $error // '' ) . "\n$output";
        }
        my $result = $self->_result;
        foreach my $what ( sort keys %$expected ) {
            return "$what differs:\n" . _difference( $expected->{$what}, $result->{$what} )
              if $expected->{$what} ne $result->{$what};
        }
    }
    return '';
}

# A chain of COUNT power cuts: objects come, an update runs, the power fails at a random change of it, and so on.  Returns
# '', or the first error; at the end, all numbers must be those of one run over all objects.
sub chain {
    my ( $class, $count ) = @_;
    my $disk = PowerCutDisk->new;
    my $site = CountedSite->new( folder => $disk->folder );
    my $self = bless { disk => $disk }, $class;
    my @models = ( @by_change, @by_sync );
    my $last = 'no cut';
    mkdir $disk->folder . '/state', 0700;
    foreach my $round ( 1 .. $count + 1 ) {
        _deliver( $site, map { sprintf '2026-%02d-%02d %02d:00', 6 + rand 4, 1 + rand 28, rand 24 } 1 .. 1 + rand 2 );
        $disk->settle;
        my ( $status, $output ) = $site->update;
        return "cut $round, exit status $status after a $last: $output" if $status;
        last if $round > $count;
        $self->{changes} = [ $disk->keep ];
        my $state = [ int rand( 1 + $self->changes ), $models[ rand @models ], int rand 1e6 ];
        $last = $self->describe($state);
        $disk->cut(@$state);
        _make_older($site);
    }
    my ( $status, $output ) = $site->update;    # a batch that was taken up leaves new objects for this one
    return "the last update, exit status $status: $output" if $status;
    my ( $numbers, $clean ) = map { _text( $_->numbers ) } $site, $site->in_one_run;
    return $numbers eq $clean ? '' : 'the numbers differ: ' . _difference( $clean, $numbers );
}

sub _text {
    my $numbers = shift;
    return join '', map { "$_ @{ $numbers->{$_} }\n" } sort keys %$numbers;
}

# Marks all states as tried that a cut may leave when no sync is missing.
sub skip {
    my ( $self, @states ) = @_;
    $self->{seen}{ $self->{disk}->cut(@$_) }++ foreach @states;
    return;
}

# Returns a line about a state.
sub describe {
    my ( $self, $state ) = @_;
    my ( $number, $model, $seed ) = @$state;
    my $change = $number ? $self->{changes}[ $number - 1 ] : 'nothing';
    return sprintf 'cut after change %d of %d (%s), model %s, seed %d', $number, scalar @{ $self->{changes} }, $change,
      $model, $seed;
}

# What must be equal: the history, what the ledger says of it, and the names of all files.  Backups that AWStats keeps
# (.bak) are of the update before, and there is one more update after a cut.
sub _result {
    my $self = shift;
    my $site = $self->{site};
    my $history = $site->awstats->history('site');
    s/^(?:LastUpdate|BEGIN_MAP) .*\n//mg foreach values %$history;
    my ( $status, $out, $err ) =
      run( AWStats::helper(), 'status', '--json', '--config', $site->folder . '/sites.conf', '--site', 'cdn' );
    my ($ledger) = $status ? () : @{ JSON::XS::decode_json($out) };
    my $batches = $site->batches;
    my ($newest) = sort { $b cmp $a } values %$batches;
    my $id = qr/\d{8}-\d{6}-\d{6}-[0-9a-f]{8}/;
    my @files;
    File::Find::find( { no_chdir => 1, wanted => sub { push @files, $File::Find::name } }, $site->folder );
    return {
        figures => join( '', map { "$_\n$history->{$_}" } sort keys %$history ),
        files   => join( '',
            map       { substr( $_, length $site->folder ) =~ s/\.requests-\K$id/ID/r . "\n" }
            sort grep { !/\.bak$/ } @files ),
        ledger => $ledger
        ? sprintf(
            "objects %d\nopen views %d\nopen batch %s\nto clean up %d\nlast batch %s in the history\n",
            @$ledger{qw(objects open_views)}, $ledger->{open_batch} ? 'yes' : 'no',
            $ledger->{to_clean_up}, ( $ledger->{last_batch}{id} eq $newest ? 'also' : 'not' )
          )
        : "status $status: $err",
    };
}

# The lines that only one of two texts has.
sub _difference {
    my @texts = @_;
    my @has = map {
        my %has = map { $_ => 1 } split /^/;
        \%has
    } @texts;
    return join '', ( map { "expected: $_" } sort grep { !$has[1]{$_} } keys %{ $has[0] } ),
      map { "found: $_" } sort grep { !$has[0]{$_} } keys %{ $has[1] };
}

1;
