#!/usr/bin/perl
# Ledger and history belong together. When one of them is deleted or restored from an old copy, an update says so
# and counts nothing; when both are, or neither, updates go on.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;
use CountedSite;
use DBI     ();
use KillAt  ();
use Program qw(run write_file);

my $step = 0;

# COUNT records of DATE.
sub records {
    my ( $date, $count ) = @_;
    return map {
        CountedSite::record(
            sprintf( '%s 10:%02d:%02d', $date, $_ / 60, $_ % 60 ),
            host  => '192.0.2.' . $step++ % 40,
            bytes => 100 + $step
        )
    } 1 .. $count;
}

sub hits {
    my $site = shift;
    my $hits = 0;
    $hits += $_->[1] foreach eval { values %{ $site->days } };
    return $hits;
}

sub updates {
    my ( $site, $what, @arguments ) = @_;
    my ( $status, $output ) = $site->update(@arguments);
    is( $status, 0, "$what: status" ) or diag $output;
    unlike( $output, qr/^(?:Error|Warning)/m, "$what: without complaint" );
    return;
}

# Fails by a line that says WHAT is old, and changes nothing; returns the command that it names.
sub refuses {
    my ( $site, $line, $what ) = @_;
    my $before = all_of($site);
    my ( $status, $output ) = $site->update;
    is( $status, 1, "$what: status" ) or diag $output;
    my @errors = $output =~ /^Error: (.*)$/mg;
    is( scalar @errors, 1, "$what: one line" ) or diag $output;
    like( $errors[0] // '', qr/^Nothing was counted: .*$line/, "$what: message" );
    ok( eq_hash( all_of($site), $before ), "$what: the history is as it was" );
    my ($command) = ( $errors[0] // '' ) =~ /(awstats-cloudfront (?:commit|adopt) [^;]*)$/;
    return $command;
}

sub all_of {
    my $site = shift;
    my $data = $site->folder . '/data';
    return { map { $_ => Program::content("$data/$_") } grep { /txt$/ } @{ $site->awstats->data_files } };
}

# Runs the command that a message has named.
sub run_named {
    my ( $command, $what ) = @_;
    my $program = AWStats::helper();
    my ( $status, undef, $errors ) = run( '/bin/sh', '-c', $command =~ s/^awstats-cloudfront/'$program'/r );
    is( "$status$errors", '0', "$what: the command that was named" );
    return;
}

# Keeps a copy of the ledger ("state") or the history ("data"); puts it back; deletes it.
sub keep {
    my ( $site, @parts ) = @_;
    my $copy = File::Temp->newdir;
    my $from = $site->folder;
    system( 'cp', '-a', ( map { "$from/$_" } @parts ), "$copy" ) == 0 or die "cp: $?";
    return $copy;
}

sub remove {
    my ( $site, $part ) = @_;
    my $folder = $site->folder . "/$part";
    unlink glob "$folder/*";
    return;
}

sub put_back {
    my ( $site, $copy, @parts ) = @_;
    remove( $site, $_ ) foreach @parts;
    system( 'cp', '-a', ( map { "$copy/$_" } @parts ), $site->folder ) == 0 or die "cp: $?";
    return;
}

# A site that was updated twice; a copy of it from between, and one of the end; and more to come.
sub two_updates {
    my (@dates) = @_;
    my $site = CountedSite->new;
    $site->deliver( records( $dates[0], 20 ) );
    updates( $site, 'the first update' );
    my $between = keep( $site, 'state', 'data' );
    $site->deliver( records( $dates[1], 10 ) );
    updates( $site, 'the second update' );
    my $end = keep( $site, 'state', 'data' );
    $site->deliver( records( '2026-11-20', 5 ) );
    return ( $site, $between, $end );
}

sub everything_once {
    my ( $site, $what ) = @_;
    updates( $site, $what ) foreach 1, 2;
    is_deeply( $site->numbers, $site->in_one_run->numbers, "$what: everything once" );
    return;
}

# What is usual: nothing there at first, for long; what AWStats drops; an older month alone; nothing new.
{
    my $site = CountedSite->new( config => qq(SkipFiles="/left-out.html"\n) );
    updates( $site, "an empty source, update $_" ) foreach 1 .. 3;
    $site->deliver( CountedSite::record( '2026-10-10 10:00:00', path => '/left-out.html' ) );
    updates( $site, 'a record that the configuration leaves out' );
    is( scalar @{ $site->awstats->data_files }, 0, 'there is no history yet' );
    foreach my $date (qw(2026-10-10 2026-11-10 2026-10-11 2026-09-11 2026-11-12)) {
        $site->deliver( records( $date, 10 ) );
        updates( $site, $date );
        updates( $site, "$date, and nothing new" );
    }
    is_deeply( $site->numbers, $site->in_one_run->numbers, 'everything once' );
}

# One of the two is deleted, or an old copy of it; the second update had records of the same month, a later or an
# earlier one.
foreach my $dates ( [ '2026-11-10', '2026-11-11' ], [ '2026-10-10', '2026-11-11' ], [ '2026-11-10', '2026-10-11' ] ) {
    my ( $site, $between, $end ) = two_updates(@$dates);
    foreach my $case (
        [
            'the history is deleted',
            sub { remove( $_[0], 'data' ) },
            qr/the history was deleted or replaced by an old copy.* missing/
        ],
        [
            'an old history is put back',
            sub { put_back( $_[0], $_[1], 'data' ) },
            qr/the history was deleted or replaced by an old copy.* missing/
        ],
        [
            'the ledger is deleted',
            sub { remove( $_[0], 'state' ) },
            qr/the ledger was deleted or replaced by an old copy.* again/
        ],
        [
            'an old ledger is put back',
            sub { put_back( $_[0], $_[1], 'state' ) },
            qr/the ledger was deleted or replaced by an old copy.* again/
        ],
      )
    {
        my ( $what, $harm, $line ) = @$case;
        $what .= " ($dates->[1])";
        put_back( $site, $end, 'data', 'state' );
        $harm->( $site, $between );
        refuses( $site, $line, $what ) foreach 1, 2;
        put_back( $site, $end, 'data', 'state' );
        everything_once( $site, "$what, and what belongs together put back" );
    }
    put_back( $site, $between, 'data', 'state' );
    everything_once( $site, "old copies of both ($dates->[1])" );
    remove( $site, $_ ) foreach 'data', 'state';
    everything_once( $site, "both deleted ($dates->[1])" );
}

# After the command that accepts ledger and history, updates go on from both as they are.
{
    my ( $site, $between ) = two_updates( '2026-11-10', '2026-11-11' );
    put_back( $site, $between, 'data' );
    my $command = refuses( $site, qr/run: /, 'an old history' );
    run_named( $command, 'an old history' );
    updates( $site, 'an old history, accepted' ) foreach 1, 2;
    is( hits($site), 25, 'an old history, accepted: without what it lacks' );

    remove( $site, 'data' );
    $command = refuses( $site, qr/run: .* --previous=-/, 'no history' );
    run_named( $command, 'no history' );
    $site->deliver( records( '2026-11-21', 3 ) );
    updates( $site, 'no history, accepted' ) foreach 1, 2;
    is( hits($site), 3, 'no history, accepted: what is new' );

    remove( $site, 'state' );
    $command = refuses( $site, qr/run: /, 'no ledger' );
    run_named( $command, 'no ledger' );
    updates( $site, 'no ledger, accepted' ) foreach 1, 2;
    is( hits($site), 41, 'no ledger, accepted: all of the source, once more' );
}

# The newest file of several is deleted.
{
    my ( $site, undef, $end ) = two_updates( '2026-10-10', '2026-11-10' );
    updates( $site, 'the third update' );
    unlink $site->folder . '/data/awstats112026.site.txt';
    refuses( $site, qr/the history was deleted/, 'the newest month is deleted' );
    put_back( $site, $end, 'data', 'state' );
    everything_once( $site, 'the newest month is deleted, and what belongs together put back' );
}

# One file of several is deleted, or an old copy, and the file of another month has the newest batch.
foreach my $case (
    [ 'the newest month is deleted',               '09', 'is missing',     '2026-10-01' ],
    [ 'an older month is deleted',                 '08', 'is missing',     '2026-08-20' ],
    [ 'an old copy of an older month is put back', '08', 'is an old copy', '2026-08-20' ],
  )
{
    my ( $what, $month, $line, $date ) = @$case;
    my $site = CountedSite->new;
    my $file = $site->folder . "/data/awstats${month}2026.site.txt";
    $site->deliver( records( '2026-08-10', 10 ) );
    updates( $site, "$what: the first update" );
    my $old = $line =~ /old/ ? Program::content($file) : undef;
    $site->deliver( records( '2026-08-11', 10 ), records( '2026-09-10', 10 ) );
    updates( $site, "$what: the second update" );
    my $all = Program::content($file);
    if ( defined $old ) { write_file( $file, $old ) }
    else                { unlink $file or die $! }
    updates( $site, "$what, and nothing comes for it" ) if $month eq '08';
    $site->deliver( records( $date, 5 ) );
    my $command = refuses( $site, qr{/awstats${month}2026\.site\.txt $line}, $what );

    # Put back, it goes on; accepted, it lacks what is missing until a recount.
    my $kept = keep( $site, 'state', 'data' );
    write_file( $file, $all );
    everything_once( $site, "$what, and put back" );
    put_back( $site, $kept, 'state', 'data' );
    run_named( $command, $what );
    updates( $site, "$what, accepted" ) foreach 1, 2;
    cmp_ok( hits($site), '<', 35, "$what, accepted: without what it lacks" );
    my ( $status, $output ) = $site->command('recount');
    is( $status, 0, "$what, accepted: a recount" ) or diag $output;
    everything_once( $site, "$what, after a recount" );
}

# Another AWStats configuration with the same ledger; then the history gets its name.
{
    my ($site) = two_updates( '2026-11-10', '2026-11-11' );
    my $data = $site->folder . '/data';
    $site->awstats->config( 'second', "$site->{load}\n$site->{config}LogFile=\"site:cdn\"\n" );
    my $update = sub { return $site->awstats->run( 'second', '-update' ) };
    my ( $status, $output ) = $update->();
    is( $status, 1, 'a second configuration: status' );
    like(
        $output,
qr{^Error: Nothing was counted: The site \[cdn\] is counted in the AWStats history \Q$data\E/awstatsMMYYYY\.site\.txt, but this AWStats configuration has the history \Q$data\E/awstatsMMYYYY\.second\.txt, which has not counted \[cdn\] yet; .*run: awstats-cloudfront adopt --config=\S+ --site=cdn --history=\S+second\.txt$}m,
        'a second configuration: message'
    );
    my ($refusal) = $output =~ /Nothing was counted: (.*)$/m;
    ( $status, $output ) = $site->command( 'check', '--awstats-config=second' );
    is( $status, 1, 'a second configuration: check' );
    my ($fail) = $output =~ /^FAIL  history: (.*)$/m;
    is( $fail, $refusal =~ s/, which has not counted \[cdn\] yet//r, 'a second configuration: the same words' );
    write_file( $site->folder . '/sites.conf',
        Program::content( $site->folder . '/sites.conf' ) =~ s/^awstats-config = .*/awstats-config = second/mr );
    ( undef, $output ) =
      run( { together => 1 }, AWStats::helper(), 'check', '--config=' . $site->folder . '/sites.conf' );
    ($fail) = $output =~ /^FAIL  history: (.*)$/m;
    is( $fail, $refusal =~ s/, which has not counted \[cdn\] yet//r, 'the same of all sites' );
    $site->set('');
    unlike( ( $site->command('check') )[1], qr/^....  history:/m, 'the first configuration: no such line' );
    everything_once( $site, 'a second configuration, and the first' );
    $site->deliver( records( '2026-11-21', 5 ) );
    my $want = $site->in_one_run->numbers;
    rename "$data/awstats112026.site.txt", "$data/awstats112026.second.txt" or die $!;
    ( $status, $output ) = $update->();
    is( $status, 1, 'a renamed history: status' );
    my ($command) = $output =~ /run: (awstats-cloudfront adopt .*)$/m;
    run_named( $command, 'a renamed history' );
    ( $status, $output ) = $update->() foreach 1, 2;
    is( $status, 0, 'a renamed history, accepted: status' ) or diag $output;
    rename "$data/awstats112026.second.txt", "$data/awstats112026.site.txt" or die $!;
    is_deeply( $site->numbers, $want, 'a renamed history, accepted: everything once' );
}

# An accepted new name alone does not double: the history lacks what was counted.
{
    my ($site) = two_updates( '2026-11-10', '2026-11-11' );
    $site->awstats->config( 'second', "$site->{load}\n$site->{config}LogFile=\"site:cdn\"\n" );
    my ( undef, $output ) = $site->awstats->run( 'second', '-update' );
    my ($command) = $output =~ /run: (awstats-cloudfront adopt .*)$/m;
    run_named( $command, 'a new history, accepted' );
    ( my $status, $output ) = $site->awstats->run( 'second', '-update' );
    is( $status, 1, 'a new history, accepted, without the files: status' );
    like(
        $output,
        qr/^Error: .*the history was deleted or replaced by an old copy/m,
        'a new history, accepted, without the files: it counts what they lack'
    );
}

# Two sites in one history, each with months that the other has not.  The second one must be accepted.
{
    my $site = CountedSite->new;
    my $other = CountedSite->new;
    $site->set("[other]\nsource = @{[ $other->source ]}\nstate = @{[ $other->folder ]}/state/other.db\n");
    my $count = 0;
    foreach my $date (qw(2026-08-10 2026-09-10 2026-09-11 2026-10-10 2026-11-10 2026-07-10)) {
        my $turn = $count++ % 2 ? $other : $site;
        $turn->deliver( records( $date, 10 ) );
        foreach my $name ( 'cdn', 'other', 'cdn' ) {
            $site->use_log("site:$name");
            if ( $count == 1 && $name eq 'other' ) {
                my $command = refuses(
                    $site,
qr/ has counted the site \[cdn\], and not \[other\] yet; if that is a mistake, correct LogFile or DirData; if \[other\] is the new name of \[cdn\], write the ledger file of \[cdn\] into the section \[other\] as the setting "state", and run this \(otherwise all its objects are counted again\): awstats-cloudfront adopt .*--former=cdn; if both sites are to be counted in this history, run: /,
                    'a second site in a history'
                );
                run_named( $command, 'a second site in a history' );
            }
            updates( $site, "two sites: $name, $date" );
        }
    }
    is( hits($site), 60, 'two sites: everything once' );
}

# A section is renamed: with a ledger of its own it would be counted again; with its former ledger it goes on, in
# months of before, too, and an update that was killed before the commit is recognized.
{
    my ($site) = two_updates( '2026-10-10', '2026-11-11' );
    my $configuration = $site->folder . '/sites.conf';
    my $section = Program::content($configuration);
    {
        local %ENV = ( %ENV, KillAt::environment(2) );
        is( ( $site->update )[0], 137, 'a renamed site: the last update by the old name was killed' );
    }
    my $before = hits($site);
    write_file( $configuration, $section =~ s/^\[cdn\]/[web]/mr =~ s{state/cdn\.db}{state/web.db}r );
    $site->use_log('site:web');
    refuses(
        $site,
qr/ has counted the site \[cdn\], and not \[web\] yet; .* write the ledger file of \[cdn\] into the section \[web\] as the setting "state", and run this .* --former=cdn;/,
        'a renamed site with a new ledger'
    );
    write_file( $configuration, $section =~ s/^\[cdn\]/[web]/mr );
    my ( $status, $output ) = $site->update;
    is( $status, 1, 'a renamed site with its former ledger: status' );
    my ($command) = $output =~ /run: (awstats-cloudfront adopt --config=\S+ --site=web --former=cdn)$/m;
    ok( $command, 'a renamed site with its former ledger: message' ) or diag $output;
    run_named( $command, 'a renamed site' );
    updates( $site, 'a renamed site' );
    is( hits($site), 35, "a renamed site: the killed update is not counted again, after $before hits" );
    $site->deliver( records( $_, 4 ) )        foreach '2026-10-11', '2026-11-22';
    updates( $site, 'a renamed site, later' ) foreach 1,            2;
    is( hits($site), 43, 'a renamed site: everything once' );
    my %names;

    foreach my $text ( values %{ all_of($site) } ) {
        $names{$1}++ while $text =~ /^(cdn|web) \d{8}-\S+$/mg;
    }
    is_deeply( \%names, { web => 2 }, 'a renamed site: the history has the new name alone' );
}

# Ledgers and histories of before know nothing of each other's names: they go on, and know afterwards.
{
    my ($site) = two_updates( '2026-10-10', '2026-11-11' );
    my $ledger = DBI->connect( 'dbi:SQLite:dbname=' . $site->folder . '/state/cdn.db', '', '', { RaiseError => 1 } );
    is( $ledger->do("DELETE FROM state WHERE name IN ('history', 'former')"), 1, 'a ledger of before' );
    $ledger->disconnect;
    everything_once( $site, 'a ledger of before' );
    $site->awstats->config( 'second', "$site->{load}\n$site->{config}LogFile=\"site:cdn\"\n" );
    like(
        ( $site->awstats->run( 'second', '-update' ) )[1],
        qr/is counted in the AWStats history/,
        'a ledger of before: then it knows'
    );
}

# A batch that a person has committed is gone.
{
    my ($site) = two_updates( '2026-11-10', '2026-11-11' );
    run( AWStats::helper(), 'cat', '--commit', '--config=' . $site->folder . '/sites.conf', '--site=cdn' );
    $site->deliver( records( '2026-11-20', 3 ) );
    updates( $site, 'a batch that a person has committed' ) foreach 1, 2;
    is( hits($site), 33, 'a batch that a person has committed: the next is counted' );
}

# AWStats without the plugin, for some time: its history has no batches.
{
    my $site = CountedSite->new;
    $site->deliver( records( '2026-09-10', 10 ) );
    updates( $site, 'with the plugin' );
    my ( $load, $config ) = @$site{qw(load config)};
    $site->{load} = '';
    $site->{config} =
        "LogFormat=\"%time2 %cluster %bytesd %host %method %virtualname %url %code %referer %ua %query\"\n"
      . "LogSeparator=\"\\t\"\nHostAliases=\"REGEX[.]\"\n";
    $site->use_log( "'@{[ AWStats::helper() ]}' cat --commit --config=" . $site->folder . '/sites.conf --site=cdn |' );
    foreach my $date (qw(2026-09-12 2026-10-01)) {
        $site->deliver( records( $date, 10 ) );
        updates( $site, "without the plugin, $date" );
    }
    @$site{qw(load config)} = ( $load, $config );
    $site->use_log('site:cdn');
    foreach my $date (qw(2026-09-11 2026-10-02)) {
        $site->deliver( records( $date, 10 ) );
        updates( $site, "with the plugin again, $date" ) foreach 1, 2;
    }
    is_deeply( $site->numbers, $site->in_one_run->numbers, 'with the plugin again: everything once' );
    my $copy = keep( $site, 'data' );
    updates( $site, 'with the plugin again, nothing new' );
    put_back( $site, $copy, 'data' );
    refuses( $site, qr/the history was deleted or replaced by an old copy/, 'from then on an old history' );
}

# A program that writes no #Previous line.
{
    my ( $site, $between ) = two_updates( '2026-11-10', '2026-11-11' );
    my $wrapper = $site->folder . '/wrapper';
    my $program = AWStats::helper();
    write_file( $wrapper, <<"END" );
#!/bin/sh
[ \$1 = commit ] && exec '$program' "\$@"
'$program' "\$@" | grep -av ^#Previous
END
    chmod 0755, $wrapper;
    put_back( $site, $between, 'data' );
    $site->{load} =~ s/helper=\S+/helper=$wrapper/;
    $site->use_log('site:cdn');
    updates( $site, 'no #Previous' );
}

# Objects of a batch are gone when it comes again, since the update was killed before it was counted, or after.
foreach my $case ( [ 'not counted', 1 ], [ 'counted in one month of two', 3 ], [ 'counted', 4 ] ) {
    my ( $what, $killed_at ) = @$case;
    my $site = CountedSite->new;
    $site->deliver( records( $_, 10 ) ) foreach '2026-09-10', '2026-10-10';
    updates( $site, 'before' );
    my @names = map { $site->deliver( records( $_, 10 ) ) } '2026-09-11', '2026-10-11', '2026-10-12';
    {
        local %ENV = ( %ENV, KillAt::environment($killed_at) );
        is( ( $site->update )[0], 137, "$what: killed" );
    }
    my $away = $site->folder . '/away.gz';
    rename $site->source . "/$names[1]", $away or die $!;
    if ( $killed_at == 1 ) {
        my ( $status, $output ) = $site->update;
        is( $status, 0, "$what: goes on without the object" ) or diag $output;
        like( $output, qr/\Q$names[1]\E: No such file/, "$what: which is named" );
        is( hits($site), 40, "$what: all others are counted" );
        rename $away, $site->source . "/$names[1]" or die $!;
        everything_once( $site, "$what, back again" );
        next;
    }
    my $command =
      refuses( $site,
        qr/site\.txt: AWStats has counted this batch already, with objects that are gone .*; put the objects back, /,
        $what );
    rename $away, $site->source . "/$names[1]" or die $!;
    my $copy = keep( $site, 'state', 'data' );
    everything_once( $site, "$what, back again" );
    next if $killed_at == 3;
    put_back( $site, $copy, 'state', 'data' );
    unlink $site->source . "/$names[1]";
    my $numbers = $site->numbers;
    refuses(
        $site,
        qr/site\.txt: AWStats has counted this batch already, with objects that are gone .*; put the objects back, /,
        "$what, gone for good"
    );
    run_named( $command, "$what, gone for good" );
    updates( $site, "$what, gone for good" ) foreach 1, 2;
    is_deeply( $site->numbers, $numbers, "$what, gone for good: it was counted" );
}

# A month's file that names no batch any more: it is damaged, and a late record must not begin it anew.
{
    my $site = CountedSite->new;
    my $file = $site->folder . '/data/awstats082026.site.txt';
    foreach my $date ( '2026-08-10', '2026-09-10' ) {
        $site->deliver( records( $date, 5 ) );
        updates( $site, "a damaged month: $date" );
    }
    write_file( $file, substr Program::content($file), 0, 200 );
    $site->deliver( records( '2026-08-20', 5 ) );
    my ( $status, $output ) = $site->update;
    is( $status, 1, 'a damaged month: status' ) or diag $output;
    like( $output, qr/082026\S+ does not name its last batch of \[\w+\], so it is corrupt/,
        'a damaged month: message' );
    is( -s $file, 200, 'a damaged month: its file is untouched' );
}

done_testing;
