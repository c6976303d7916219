#!/usr/bin/perl
# The work of a plan may be in a bucket, so that the machines of its tasks share no folder: the histories have the rows of one
# update, also when tasks run twice at once, are killed in the middle of their uploads, or may not write.  The end of a plan
# deletes its objects, and no other object.
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/lib";
use AWStats       ();
use CountedSite   ();
use File::Temp    ();
use Program       qw(content run write_file);
use RandomNumbers ();
use S3Proxy       ();
use S3Server      ();
use Shards        qw(count_batch deliver is_same plan_batch records task twice update);
use Test::More;
use Time::HiRes qw(sleep);

my $server = S3Server->new;
$server->set_environment;
$server->make_bucket('work');

# The test leaves notes for the server: "deny" has a pattern of requests, "METHOD PATH", that the server refuses.  The
# server does not respond to those that fit the pattern in "stall.1", "stall.2", and so on: it makes "met.1", "met.2".
# Each has a number, because of several requests at once that fit, the last may come after the task was killed.
my $notes = File::Temp->newdir;
my $proxy = S3Proxy->new(
    $server->address,
    sub {
        my $request = shift;
        my $line = "$request->{method} $request->{path}";
        return { status => 403, body => '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>' }
          if is_noted( 'deny', $line );
        my ($number) = grep { is_noted( "stall.$_", $line ) } map { /(\d+)$/ } glob "$notes/stall.*";
        return if !defined $number;
        write_file( "$notes/met.$number", $line );
        sleep 60;
        return { drop => 1 };
    }
);

sub is_noted {
    my ( $note, $line ) = @_;
    my $pattern = -e "$notes/$note" ? content("$notes/$note") : return 0;
    return $line =~ /$pattern/;
}

# Runs a function while the server has a note.
sub with_note {
    my ( $note, $pattern, $run ) = @_;
    write_file( "$notes/$note", $pattern );
    my @result = $run->();
    unlink "$notes/$note" or die "$note: $!\n";
    return @result;
}

# The site's settings, and not the environment, tell where the bucket is.
delete $ENV{AWS_ENDPOINT_URL_S3};
delete $ENV{AWS_REGION};
my %SETTINGS = ( settings => "endpoint = @{[ $proxy->endpoint ]}\nregion = @{[ $server->region ]}\n" );

sub new_site { return CountedSite->new(%SETTINGS) }

# Runs a task as another machine does, which has no ledger, and an empty DirData.
sub elsewhere {
    my ( $site, $run ) = @_;
    my ( $data, $state ) = map { $site->folder . "/$_" } qw(data state);
    rename $_, "$_.away" or die "$_: $!\n" foreach $data, $state;
    mkdir $data;
    my @result = $run->();
    ok( !-e $state,  'the other machine makes no ledger' );
    ok( rmdir $data, 'the other machine has no history' );
    rename "$_.away", $_ or die "$_: $!\n" foreach $data, $state;
    return @result;
}

# The names of the objects below a prefix, in their order, with T for the names of tries.
sub names {
    my $prefix = shift;
    return map { s{^\Q$prefix\E}{}r =~ s{/[0-9a-f]{16}(?=/|\z)}{/T}gr } $server->keys( 'work', $prefix );
}

# What the tasks have left in the folder for temporary files.
my $scratch = File::Temp->newdir;
local $ENV{TMPDIR} = "$scratch";
sub is_clean { return is_deeply( [ glob "$scratch/awstats*" ], [], "$_[0]: no temporary folder is left" ) }

RandomNumbers::seed(11);
my @BATCHES = (
    [ map { [ records( $_, 30 ) ] } '2026-10-31 21', '2026-10-31 22', '2026-11-01 00' ],
    [ map { [ records( $_, 20 ) ] } '2026-11-01 03', '2026-11-01 05' ],
    [ map { [ records( $_, 20 ) ] } '2026-11-01 07', '2026-10-30 10', '2026-12-02 01' ],
);

# ---- one update, and shards ------------------------------------------------------------------

{
    my ( $site, $whole ) = ( new_site(), CountedSite->new );
    foreach my $number ( 1 .. @BATCHES ) {
        deliver( $BATCHES[ $number - 1 ], $site, $whole );
        update($whole);
        count_batch(
            $site,
            "s3://work/months/$number/",
            2, 2,
            sub {
                my @task = @_;
                elsewhere( $site, sub { task( 0, @task ) } );
            }
        );
        is_same( $site, $whole, "batch $number" );
        is_deeply( [ names("months/$number") ], [], "batch $number: the objects are deleted" );
    }
    my @passed = grep { m{^PUT /work/months/2/} } $proxy->requests;
    is( scalar( grep { m{/shards/\d/[^/]+/awstats112026} } @passed ), 2, 'a month that changed goes into the bucket' );
    is( scalar( grep { m{/shards/.*/awstats102026} } @passed ),       0, 'a month that did not, does not' );
    is( scalar( grep { m{/before/\d/awstats102026} } @passed ),       2, 'the history of before goes there' );
    is_clean('all tasks');
    my ( $verified, $verify ) = $site->command('verify');
    is( $verified, 0, 'verify' ) or diag $verify;
    my $output = plan_batch( $site, 's3://work/nothing', 2, 2 );
    like( $output, qr/no new logs to count/, 'nothing is new' );
    is_deeply( [ names('nothing') ], [], 'nothing is new: no object' );
}

# ---- each task three times, and killed -------------------------------------------------------

{
    my ( $site, $whole ) = ( new_site(), CountedSite->new );
    my $work = 's3://work/killed';
    my @options = ( '--config=' . $site->folder . '/sites.conf', '--site=cdn', "--work=$work" );
    deliver( $BATCHES[0], $site, $whole );
    update($whole);
    like( plan_batch( $site, $work, 2, 2 ), qr/3 objects in 2 parts for 2 shards: \Q$work\E$/, 'the plan' );
    like( plan_batch( $site, $work, 2, 2 ), qr/is made already/,                               'plan again' );

    # The tasks before a task name the commands that are missing.
    my $command = qr/run: awstats-cloudfront [^\n]* --config=\S+ --site=cdn --work=\Q$work\E$/m;
    like( task( 1, 'prepare', @options ),             qr/part 0 of 2 is not read yet; $command/, 'prepare first' );
    like( task( 1, 'reduce', @options, '--shard=0' ), qr/not in the ledger yet; $command/,       'reduce first' );
    like( task( 1, 'collect', @options ),             qr/not prepared yet; $command/,            'collect first' );
    like( ( $site->command('cat') )[1],               qr/collect --config=\S+ --site=cdn --work=\Q$work\E; /, 'cat' );
    like( ( $site->command('status') )[1],
        qr/in \Q$work\E; [^\n]* collect --config=\S+ --site=cdn --work=\Q$work\E$/m, 'status' );

    # Kills a task while the store does not respond to a request that fits PATTERN.
    my $kills = 0;
    my $kill = sub {
        my ( $pattern, @task ) = @_;
        my $met = "$notes/met." . ++$kills;
        with_note(
            "stall.$kills",
            $pattern,
            sub {
                my $running = Program::start( {}, AWStats::helper(), @task );
                for ( 1 .. 1200 ) { last if -e $met; sleep 0.05 }
                ok( -e $met, "@task[0, -1]: is killed at $pattern" );
                kill KILL => $running->{pid};
                Program::finish($running);
            }
        );
        return;
    };
    my $id = ( names('killed/') )[0] =~ s{/.*}{}r;
    $kill->( 'PUT .*/maps/0/[^/]+/1.zst', 'map', @options, '--part=0' );
    my @tries = grep { m{maps/0} } names("killed/$id/");
    ok( @tries <= 1, 'a killed map: a part of its logs is there' );
    like( task( 1, 'prepare', @options ), qr/part 0 of 2 is not read yet/, 'a killed map: it has no result' );
    $kill->( 'PUT .*/results/maps/0/', 'map', @options, '--part=0' );
    cmp_ok( scalar( grep { m{^maps/0/T/} } names("killed/$id/") ), '>=', 2,
        'killed before the result: logs are there' );
    like( task( 1, 'prepare', @options ), qr/part 0 of 2 is not read yet/, 'killed before the result: it has none' );
    twice( 'map', @options, "--part=$_" ) foreach 0, 1;
    like( task( 0, 'map', @options, '--part=0' ), qr/part 0 was read already/, 'map again' );
    $kill->( 'PUT .*/prepared', 'prepare', @options );
    twice( 'prepare', @options );
    $kill->( 'PUT .*/shards/0/',         'reduce', @options, '--shard=0' );
    $kill->( 'PUT .*/results/shards/0/', 'reduce', @options, '--shard=0' );
    like( task( 1, 'collect', @options ), qr/shard 0 of 2 is not counted yet; $command/, 'a killed reduce' );
    twice( 'reduce', @options, "--shard=$_" ) foreach 0, 1;
    $kill->( 'GET .*/shards/1/',   'collect', @options );
    $kill->( '(?:POST|DELETE) .*', 'collect', @options );
    cmp_ok( scalar( names('killed/') ), '>', 4, 'collect is killed before it deletes' );
    is_same( $site, $whole, 'killed tasks' );
    my $before = $site->rows;
    twice( 'collect', @options );
    is_deeply( $site->rows,          $before, 'collect again' );
    is_deeply( [ names('killed/') ], [],      'collect again: deletes' );
    is_clean('the next tasks remove what killed ones have left');

    # Late tasks.
    foreach my $late ( [ 'map', '--part=0' ], [ 'reduce', '--shard=1' ], ['prepare'] ) {
        like(
            task( 1, $late->[0], @options, @$late[ 1 .. $#$late ] ),
            qr/\Q$work\E: there is no plan: it is over, or/,
            "a late $late->[0]"
        );
    }
    like(
        task( 0, 'collect', @options ),
        qr/\[cdn\]: the site has no plan: that in \Q$work\E is collected/,
        'late collect'
    );
    is_deeply( $site->rows, $before, 'late tasks' );
    is_clean('late tasks');
}

# ---- objects of others, and requests that are denied -----------------------------------------

{
    my ( $site, $whole, $other ) = ( new_site(), CountedSite->new, new_site() );
    my $work = 's3://work/mine';
    my @options = ( '--config=' . $site->folder . '/sites.conf', '--site=cdn', "--work=$work" );
    $server->put( 'work', $_, 'foreign' ) foreach my @foreign = ( 'mine/foreign', 'mine/plans', 'mine2/plan' );
    deliver( $BATCHES[1], $site, $whole, $other );
    $_->deliver_as(
        'other-name.gz',
        "#Version: 1.0\n#Fields: @{[ CountedSite::fields() ]}\n" . join '',
        @{ $BATCHES[1][0] }
    ) foreach $site, $whole;
    update($whole);

    my @plan =
      ( 'plan', '--config=' . $site->folder . '/sites.conf', '--site=cdn', "--work=$work", '--shards=2', '--parts=3' );
    my $denied = sub {
        my ( $pattern, $action, @task ) = @_;
        my ($output) = with_note( 'deny', $pattern, sub { task( 1, @task ) } );
        like(
            $output,
qr{^awstats-cloudfront: [^\n]*s3://work/mine[^\n]*: access denied; allow s3:$action on arn:aws:s3:::work[^\n]*$}m,
            "$task[0]: $pattern is denied"
        );
        is( scalar( () = $output =~ /^(?!\S+ warning:)/mg ), 1, "$task[0]: $pattern is denied: one line" )
          or diag $output;
    };
    $denied->( 'GET /work$',          'ListBucket', @plan );
    $denied->( 'PUT .*/parts/1',      'PutObject',  @plan );
    $denied->( 'PUT /work/mine/plan', 'PutObject',  @plan );
    my @left = names('mine/');
    task( 0, @plan );
    my ($id) = map { m{/([^/]+)/prepared$} ? $1 : () } 'x';
    ($id) = content_of_plan();
    push @foreign, map { "mine/$id/$_" } qw(other parts/3 parts/01 maps/0/x/0.zst results/maps/3/0123456789abcdef);
    $server->put( 'work', $_, 'foreign' ) foreach @foreign[ 3 .. $#foreign ];

    # Another site's plan, and a command for another site.
    my ( $status, $output ) = $other->command( 'plan', "--work=$work" );
    is( $status, 1, 'the plan of another site: refused' );
    like(
        $output,
        qr/\[cdn\]: \Q$work\E has a plan that is over, or one of another site; /,
        'the plan of another site'
    );
    like(
        ( run( { together => 1 }, AWStats::helper(), 'map', "--work=$work", '--part=0' ) )[1],
        qr/map needs --site for a plan in a bucket/,
        'without --site'
    );

    $denied->( 'GET .*/parts/1',         'GetObject', 'map', @options, '--part=1' );
    $denied->( 'PUT .*/maps/1/',         'PutObject', 'map', @options, '--part=1' );
    $denied->( 'PUT .*/results/maps/1/', 'PutObject', 'map', @options, '--part=1' );
    task( 0, 'map', @options, "--part=$_" ) foreach 0 .. 2;
    $denied->( 'PUT .*/prepared', 'PutObject', 'prepare', @options );
    task( 0, 'prepare', @options );
    $denied->( 'GET .*/1.zst',             'GetObject', 'reduce', @options, '--shard=1' );
    $denied->( 'PUT .*/results/shards/1/', 'PutObject', 'reduce', @options, '--shard=1' );
    task( 0, 'reduce', @options, "--shard=$_" ) foreach 0, 1;
    $denied->( 'GET .*/results/shards/1/', 'GetObject', 'collect', @options );

    # A plan that somebody has changed.
    my $plan = $server->get( 'work', 'mine/plan' );
    foreach my $line ( 'generation', 'dirdata', 'before' ) {
        $server->put( 'work', 'mine/plan', $plan =~ s/^\Q$line\E \K.*$/\/tmp\/elsewhere/mr );
        like( task( 1, 'collect', @options ), qr/this is no plan of this version/, "another $line: refused" );
    }
    $server->put( 'work', 'mine/plan', $plan =~ s/^(dirdata|generation) \K/\/tmp/mgr );
    like( task( 1, 'collect', @options ), qr/the plan in \Q$work\E was changed: /, 'other folders: refused' );
    ok( !-e '/tmp' . $site->folder, 'other folders: nothing is made' );
    $server->put( 'work', 'mine/plan', $plan );

    ($output) = with_note( 'deny', '(?:POST|DELETE) .*', sub { task( 0, 'collect', @options ) } );
    like( $output, qr{s3://work/mine/$id/\S+: cannot be deleted: access denied; allow s3:DeleteObject}, 'no deletion' );
    is_same( $site, $whole, 'a copy in another part, and denied requests' );
    cmp_ok( scalar( names('mine/') ), '>', @foreign + 8, 'the objects are there' );
    task( 0, 'collect', @options );
    is_deeply(
        [ sort grep { !m{^mine/(?!\Q$id\E)\d{8}-} } $server->keys( 'work', 'mine' ) ],
        [ sort @foreign ],
        'foreign objects stay'
    );
    cmp_ok( scalar @left, '>', 2, 'what denied plans have left stays, too' );
    is_clean('denied tasks');

    # The ID of the plan.
    sub content_of_plan { return $server->get( 'work', 'mine/plan' ) =~ /^id (\S+)$/m }
}

# ---- a work that is in the source -----------------------------------------------------------

{
    my $site = CountedSite->new( settings => "$SETTINGS{settings}source = s3://work/logs/\n" );
    foreach my $work ( 's3://work/logs/plan', $site->source . '/plan' ) {
        my ( $status, $output ) = $site->command( 'plan', "--work=$work" );
        is( $status, 1, "$work is in the source: refused" );
        like( $output, qr/\[cdn\]: --work \Q$work\E is inside the source, so /, "$work is in the source: message" );
    }
}

# ---- a plan that is given up -----------------------------------------------------------------

{
    my ( $site, $whole ) = ( new_site(), CountedSite->new );
    my $work = 's3://work/given-up';
    my @options = ( '--config=' . $site->folder . '/sites.conf', '--site=cdn', "--work=$work" );
    deliver( $BATCHES[0], $site, $whole );
    update($whole);
    foreach my $pattern ( undef, '(?:POST|DELETE|GET) .*' ) {
        plan_batch( $site, $work, 2, 1 );
        task( 0, 'map', @options, '--part=0' );
        my $run = sub { return $site->command( 'plan', '--abandon' ) };
        my ( $status, $output ) = $pattern ? with_note( 'deny', $pattern, $run ) : $run->();
        is( $status, 0, 'plan --abandon' );
        like( $output, qr/the plan in \Q$work\E is given up; its logs are new again/, 'plan --abandon: message' );
        is( scalar( names('given-up') ) > 0, defined $pattern, 'plan --abandon: deletes the objects if it may' );
        like( $output, qr/the objects of the plan in \Q$work\E are not deleted: [^\n]*access denied/, 'warning' )
          if $pattern;
        task( 1, 'map', @options, '--part=0' ) if !$pattern;
    }
    update($site);
    is_same( $site, $whole, 'an update after plans that were given up' );
    is_clean('plans that were given up');
}

done_testing;
