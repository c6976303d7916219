#!/usr/bin/perl
# check sees, without harm, whether the clean-up of a site will be allowed.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use FindBin    qw($Bin);
use lib "$Bin/lib";
use Compiler     qw(fault_library);
use HostileStore qw(response);
use LimitedStore;
use Program qw(helper run write_file);
use Site;

$ENV{AWS_ACCESS_KEY_ID} = 'AKIDEXAMPLE';
$ENV{AWS_SECRET_ACCESS_KEY} = 'secret';
$ENV{AWS_REGION} = 'us-east-1';
$ENV{no_proxy} = '*';

my @keys = map { "cdn/E1.2026-10-31-10.$_.gz" } 1 .. 3;
my $denied = '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';

# Runs check against a store that denies the requests that DENIES matches; returns its lines about the clean-up, and the
# keys of the store afterwards.  CONDITION: what the store does about If-None-Match, unless it obeys.
sub check {
    my ( $after, $denies, $condition ) = @_;
    my $store = LimitedStore->new(
        latency     => 0,
        conditional => !$condition,
        objects     => { map { ( $_ => Site::log_text("/$_") ) } @keys },
        rule        => sub {
            my ($request) = @_;
            my $is = "$request->{method} $request->{path}" =~ $denies;
            return [ 501, '<Error><Code>NotImplemented</Code></Error>' ]
              if $request->{head} =~ /^If-None-Match:/mi && ( $condition // '' ) eq 'rejects';
            return [ 412, '<Error><Code>PreconditionFailed</Code></Error>' ]
              if $request->{head} =~ /^If-None-Match:/mi && ( $condition // '' ) eq 'misunderstands';
            return if !$is && $request->{method} ne 'POST';
            my ($key) = $request->{content} =~ m{<Key>(.*?)</Key>};
            my $code = $is ? 'AccessDenied' : 'NoSuchKey';
            return [ 200, "<DeleteResult><Error><Key>$key</Key><Code>$code</Code></Error></DeleteResult>" ]
              if $request->{method} eq 'POST';
            return [ 403, $denied ];
        }
    );
    my $site = Site->new( source => 's3://logs/cdn/', after => $after, endpoint => $store->endpoint );
    my ( undef, $out, $err ) = run( $site->command('check') );
    return ( join( "\n", grep { /^\w+ +clean-up: / } split /\n/, $out ), [ $store->keys_of ], $err );
}

my ( $lines, $left ) = check( 'keep', qr/^POST/ );
is( $lines, '', 'after = keep: no clean-up is tried' );

( $lines, $left ) = check( 'delete', qr/^none/ );
is( $lines, 'ok    clean-up: counted objects can be deleted from the source', 'after = delete: allowed' );
is_deeply( $left, \@keys, 'after = delete: the objects are there' );

( $lines, $left ) = check( 'delete', qr/^POST/ );
like(
    $lines,
qr/\AFAIL  clean-up: counted objects cannot be deleted from the source: access denied; allow s3:DeleteObject [^\n]*\z/,
    'after = delete: denied'
);

( $lines, $left ) = check( 'move s3://done/old/', qr/^none/ );
like(
    $lines,
qr{\Aok    clean-up: [^\n]*\nok    clean-up: objects can be copied to s3://done/old/, and the copies can be checked\z},
    'after = move: allowed'
);
is_deeply( $left, \@keys, 'after = move: nothing is left at the target' );

( $lines, $left ) = check( 'move s3://done/old/', qr/^PUT/ );
like(
    $lines,
    qr{^FAIL  clean-up: objects cannot be copied to s3://done/old/: access denied; allow s3:PutObject }m,
    'after = move: the copy is denied'
);
( $lines, $left ) = check( 'move s3://done/old/', qr{^HEAD /done} );
like(
    $lines,
    qr{^FAIL  clean-up: objects can be copied to s3://done/old/, but the copies cannot be checked: .*s3:GetObject }m,
    'after = move: the look is denied'
);
is_deeply( $left, \@keys, 'after = move, the look is denied: nothing is left at the target' );

( $lines, $left ) = check( 'move s3://done/old/', qr{^DELETE /done} );
like( $lines, qr{^ok    clean-up: this check made the test object s3://done/old/\S+ and cannot delete it}m, 'left' );
unlike( $lines, qr/^FAIL/m, 'after = move: a clean-up need not delete at the target' );

# Without s3:ListBucket, the program does not see what it would replace; only AWS is known to obey the condition.
my $hides = qr{^HEAD /done/old/\S*missing};
my $unseen =
qr{^FAIL  clean-up: objects cannot be moved to s3://done/old/: whether another object is there cannot be seen: access denied; allow s3:ListBucket }m;
( $lines, $left ) = check( 'move s3://done/old/', $hides );
like( $lines, $unseen, 'after = move, no s3:ListBucket' );
is_deeply( $left, \@keys, 'after = move, no s3:ListBucket: nothing is left at the target' );
foreach my $condition ( 'ignores', 'rejects' ) {
    my $name = "after = move: the store $condition the condition";
    ( $lines, $left ) = check( 'move s3://done/old/', qr/^none/, $condition );
    like(
        $lines,
qr{^warn  clean-up: the S3 server $condition the condition If-None-Match of a copy, so two programs that move objects to s3://done/old/ at once can replace each other's objects\z}m,
        $name
    );
    unlike( $lines, qr/^FAIL/m, "$name: no error" );
    is_deeply( $left, \@keys, "$name: nothing is left at the target" );
    ( $lines, $left ) = check( 'move s3://done/old/', $hides, $condition );
    like( $lines, $unseen, "$name, no s3:ListBucket" );
}
( $lines, $left ) = check( 'move s3://done/old/', qr/^none/, 'misunderstands' );
like(
    $lines,
    qr{^FAIL  clean-up: objects cannot be moved to s3://done/old/: the S3 server refuses each copy }m,
    'after = move: the store misunderstands the condition'
);

# A store that sends lists and objects, and breaks off all requests of a clean-up: they have a minute together, also
# behind a redirect to another region.  The clock runs fast, which the sanitizers do not allow.
if ( helper() !~ m{asan} ) {
    my $scratch = File::Temp->newdir;
    my ( $log, $shim ) = ( Site::log_text('/a'), fault_library( 'fast_clock', "$scratch" ) );
    my $list = HostileStore::page( HostileStore::contents('cdn/a') );
    my $store = HostileStore->new(
        sub {
            my ( $request, $send ) = @_;
            return $send->( response( 301, '', 'x-amz-bucket-region' => 'eu-west-1' ) )
              if $request->{head} !~ m{/eu-west-1/s3/};
            write_file( "$scratch/fast", '' ) if $request->{method} ne 'GET';
            return if $request->{method} ne 'GET';
            return $send->( response( 200, $request->{path} eq '/logs' ? $list : HostileStore::content() ) );
        }
    );
    my $site = Site->new( source => 's3://logs/cdn/', after => 'move s3://done/old/', endpoint => $store->endpoint );
    local @ENV{ 'LD_PRELOAD', 'FAST_CLOCK' } = ( $shim, "$scratch/fast" );
    my ( undef, $out, $err ) = run( $site->command('check') );
    is( scalar( () = $out =~ /^FAIL  clean-up: [^\n]*: no usable response from 127\.0\.0\.1:\d+ in time; check/mg ),
        2, 'requests that are broken off: both steps give up' );
    like(
        $err,
        qr{^\S+ waiting for 127\.0\.0\.1:\d+: the response to a request for s3://logs/$}m,
        'requests that are broken off: a note'
    );
}

# The source of a site that deletes or moves what it has counted is empty in between.
{
    my $target = File::Temp->newdir;
    foreach my $after ( 'delete', "move $target/done" ) {
        my $done = $after eq 'delete' ? 'deleted' : 'moved';
        my $site = Site->new( after => $after );
        my ( $status, $out ) = run( $site->command('check') );
        like( $out, qr/^FAIL  source: .*: no files there; check the path/m, "$after: nothing was ever counted" );
        $site->put( 'E1.2026-10-31-10.0000000a', Site::log_text('/a') );
        is( $site->cat->{paths}, '/a', "$after: counted" );
        ( $status, $out ) = run( $site->command('check') );
        like(
            $out,
            qr/^ok    source: .*: no files there now: those that were counted were $done, as/m,
            "$after: empty"
        );
        unlike( $out, qr/^FAIL  source/m, "$after: empty: nothing fails" );
        my $other = $site->dir . '/other';
        mkdir $other or die "$other: $!\n";
        $site->configure( source => [ "$site->{source}", $other ] );
        $site->cat;
        ( $status, $out ) = run( $site->command('check') );
        like( $out, qr{^ok    source: \S+/logs: no files there now}m, "$after: two sources: the one that was counted" );
        like( $out, qr{^FAIL  source: \S+/other: no files there; }m,  "$after: two sources: the other" );
        $site->configure( source => $other );
        ( $status, $out ) = run( $site->command('check') );
        like( $out, qr{^FAIL  source: \S+/other: no files there; }m, "$after: another source" );
    }
}

# The target of a folder: check moves a file of its own, and leaves nothing.
{
    my $site = Site->new;
    my $dir = $site->dir;
    $site->put( 'E1.2026-10-31-10.0000000a', Site::log_text('/a') );
    mkdir "$dir/there";
    open my $file, '>', "$dir/file" or die "$dir/file: $!\n";
    close $file or die "$!\n";
    symlink "$dir/nowhere", "$dir/link" or die "$dir/link: $!\n";
    my $clean_up = sub {
        my ($target) = @_;
        $site->configure( after => "move $target" );
        return join "\n", grep { /^\w+ +clean-up: / } split /\n/, ( run( $site->command('check') ) )[1];
    };
    is( $clean_up->("$dir/$_"), "ok    clean-up: counted files can be moved to $dir/$_", "a target: $_" )
      for 'there', 'new', 'there/new/folder', 'new/';
    for (
        [ "$dir/file",       qr{\Q$dir\E/file: Not a directory; name a directory in} ],
        [ "$dir/file/x",     qr{\Q$dir\E/file: Not a directory; name a directory in} ],
        [ "$dir/link/x",     qr{\Q$dir\E/link: No such file or directory; name a directory in} ],
        [ '/proc/no-folder', qr{/proc(?: is on another filesystem than|: [^\n:;]+; [^\n]*in the setting "after")} ],
      )
    {
        my ( $target, $message ) = @$_;
        like( $clean_up->($target),
            qr/\AFAIL  clean-up: counted files cannot be moved to \Q$target\E: $message[^\n]*\z/, $target );
    }
  SKIP: {
        my ( $device, $shared ) = map { ( stat $_ )[0] // 0 } $dir, '/dev/shm';
        skip '/dev/shm is no other filesystem', 1 if !$shared || $device == $shared || !-w '/dev/shm';
        like(
            $clean_up->('/dev/shm/awstats-cloudfront-none/x'),
            qr{\AFAIL [^\n]*: /dev/shm is on another filesystem than \Q$site->{source}\E; name a directory on the same},
            'another filesystem'
        );
    }
  SKIP: {
        skip 'root may write to every folder', 1 if $> == 0;
        chmod 0555, "$dir/there";
        like( $clean_up->("$dir/there/x"), qr{\AFAIL [^\n]*/there: Permission denied; give this user},
            'no permission' );
        chmod 0755, "$dir/there";
    }
    is(
        join( ' ', map { glob "$_/* $_/.??*" } "$dir/there", $site->{source} ),
        "$site->{source}/E1.2026-10-31-10.0000000a",
        'no file of a check is left'
    );
    ok( !-e "$dir/new", 'no folder of a check is left' );
    my @source = ( $site->{source}, "$dir/there" );
    mkdir "$dir/done";
    $site->configure( source => \@source );
    link "$source[0]/E1.2026-10-31-10.0000000a", "$source[1]/E2.2026-10-31-10.0000000b";
    is(
        $clean_up->("$dir/done"),
        join( "\n", map { "ok    clean-up: counted files can be moved to $dir/done$_" } @source ),
        'several sources'
    );
    $site->configure( source => "$source[0]/E1.2026-10-31-10.0000000a" );
    like( $clean_up->("$dir/file"), qr/\AFAIL /, 'a source that is a file' );
}

# The same with buckets, whose endpoint or scheme is spelled in two ways.
{
    my $store = LimitedStore->new( latency => 0, objects => { map { ( $_ => Site::log_text("/$_") ) } @keys } );
    my $endpoint = $store->endpoint;
    my $host = $endpoint =~ s{^http://}{}r;
    for (
        [ 'a slash at the end',   "source = s3://logs/cdn/\nendpoint = $endpoint/",      1 ],
        [ 'a scheme in capitals', "source = S3://logs/cdn/E1\nendpoint = $endpoint",     1 ],
        [ 'another port',         "source = s3://logs/cdn/\nendpoint = ${endpoint}1",    0 ],
        [ 'another path',         "source = s3://logs/cdn/\nendpoint = $endpoint/other", 0 ],
        [ 'no endpoint',          'source = s3://logs/cdn/',                             0 ],
      )
    {
        my ( $name, $settings, $warns ) = @$_;
        my $site = Site->new( source => 's3://logs/cdn/', after => 'delete', endpoint => $endpoint );
        open my $out, '>>', $site->dir . '/conf' or die "$!\n";
        print {$out} "[other]\n$settings\n";
        close $out or die "$!\n";
        my ( undef, $text ) = run( $site->command('check') );
        like( $text, qr/^ok    clean-up: counted objects can be deleted/m, "$name: checked" );
        is( scalar( () = $text =~ /^warn  clean-up: the sites \[cdn\] and \[other\] read the same objects/mg ),
            $warns, "$name: whether check warns" );
    }
}

# Two sites of the same objects, one of which deletes them.
for (
    [ 'the same source',               'delete', 'SOURCE',         '',               'cdn' ],
    [ 'a source within the other',     'keep',   'SOURCE/a',       'after = delete', 'other' ],
    [ 'both keep the objects',         'keep',   'SOURCE',         '',               '' ],
    [ 'another source',                'delete', 'SOURCE-of-more', '',               '' ],
    [ 'a choice of the objects',       'delete', 'SOURCE',         'include = E2',   '' ],
    [ 'an error in the other section', 'delete', 'SOURCE',         'after = burn',   '' ],
  )
{
    my ( $name, $after, $source, $setting, $cleaning ) = @$_;
    my $site = Site->new( after => $after );
    $site->put( 'a/E1.2026-10-31-10.0000000a', Site::log_text('/a') );
    open my $out, '>>', $site->dir . '/conf' or die "$!\n";
    print {$out} "[other]\nsource = ", $source =~ s/SOURCE/$site->{source}/r, "\n$setting\n";
    close $out or die "$!\n";
    my @lines = grep { /^warn  clean-up/ } split /\n/, ( run( $site->command('check') ) )[1];
    is( scalar @lines, $cleaning ? 1 : 0, "$name: whether check warns" );
    like( $lines[0], qr/: the sites \[cdn\] and \[other\] read the same objects, and after = delete of \[$cleaning\] /,
        $name )
      if $cleaning;
}

done_testing;
