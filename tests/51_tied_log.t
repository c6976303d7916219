#!/usr/bin/perl
# The tied log handle alone: what Perl's own operations do with it.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;

BEGIN {
    unshift @INC, AWStats::plugin_folder() . '/cloudfront';
}
use AWStats::CloudFront::LogHandle;
use AWStats::CloudFront::Source;
use Columns qw(@COLUMNS);

my $scratch = tempdir( CLEANUP => 1 );
my $fields = "@COLUMNS";
my @header = ( "#Version: 1.0\n", "#Software: awstats-cloudfront 1.0\n", "#Fields: $fields\n" );
my ( @failures, @firsts );
our $first_fault = '';
our $interpreter = '/bin/sh';

# Stands in for the update that the handle is for.
{

    package TestUpdate;
    sub new             { return bless {}, shift; }
    sub open_source     { return AWStats::CloudFront::Source->start( $_[1], helper => "$scratch/awstats-cloudfront" ); }
    sub date_length     { return 0; }
    sub on_open         { return; }
    sub on_started      { return; }
    sub on_first_record { push @firsts, $_[1]->is_streaming ? 'streaming' : 'download'; return $first_fault; }
    sub on_counted      { return; }
    sub fail            { push @failures, $_[1]; return; }
}

# Opens LOG on a helper that writes TEXT, by a shell line in place of "cat" when there is one.
sub open_log {
    my ( $text, $writer ) = @_;
    open my $file, '>', "$scratch/text" or die $!;
    print $file $text;
    close $file or die $!;
    open $file, '>', "$scratch/awstats-cloudfront" or die $!;
    print $file "#!$interpreter\nexec <$scratch/text\n", $writer || 'cat', "\n";
    close $file or die $!;
    chmod 0755, "$scratch/awstats-cloudfront";
    @failures = @firsts = ();
    tie *main::LOG, 'AWStats::CloudFront::LogHandle', TestUpdate->new;
    return open( LOG, "s3://bucket/" );
}

sub whole {
    my @records = @_;
    return join '', @header, @records, '#End: records=' . @records . " bad=0 quarantined=0\n";
}

my @records = map { "2026-10-01\t00:00:0$_\trecord\n" } 0 .. 9;
my $text = whole(@records);

ok( open_log($text),     'open' );
ok( binmode(LOG),        'binmode' );
ok( defined fileno(LOG), 'fileno' );
is( tell(LOG), 0, 'tell at the start' );
ok( !eof(LOG), 'not at the end' );
is( scalar <LOG>, $header[0],        'a line' );
is( tell(LOG),    length $header[0], 'tell counts its bytes' );
my @lines = <LOG>;
is( join( '', $header[0], @lines ), $text,        'the rest as a list' );
is( tell(LOG),                      length $text, 'tell at the end' );
ok( eof(LOG), 'at the end' );
is( scalar <LOG>, undef, 'no more lines' );
is_deeply( [<LOG>], [], 'no list of more lines' );
ok( close(LOG),        'close' );
ok( !tied(*main::LOG), 'LOG is an ordinary handle again' );
is_deeply( \@failures, [], 'no error' );
ok( open( LOG, '<', "$scratch/text" ), 'LOG opens files again' );
is( scalar <LOG>, $header[0], 'LOG reads files again' );
close LOG;

open_log($text);
ok( !seek( LOG, 100, 0 ), 'seeking forward fails' );
is( scalar <LOG>, undef, 'after seeking forward there are no lines' );
ok( seek( LOG, 0, 0 ), 'back to the start' );
is( scalar <LOG>, $header[0], 'where all lines are' );
ok( !seek( LOG, 0, 0 ), 'seeking back to the start fails' );
is( scalar <LOG>, undef, 'once a line was read' );
ok( close(LOG), 'close reads the rest' );
is_deeply( \@failures, [], 'close after a good stream reports no error' );

open_log( $text . "more\n" );
is( scalar <LOG>, $header[0], 'a bad stream begins like a good one' );
ok( !close(LOG), 'close reads on to where it is bad' );
is( scalar @failures, 1, 'close reports once that a stream is bad' );
like( $failures[0], qr/has more lines after its last line, #End/, 'in words' );

open_log($text);
@lines = ();
while ( my $line = <LOG> ) {
    push @lines, $line;
}
is( join( '', @lines ), $text, 'while (<LOG>)' );
close LOG;

{
    # Lines around the size of the buffer, and far above it.
    my @long = map { "2026-10-01\t" . 'x' x $_ . "\n" } 0, 1, 65_000, 262_130 .. 262_146, 3_000_000, 5;
    my $long = whole(@long);
    open_log($long);
    ok( join( '', <LOG> ) eq $long, 'long lines' );
    ok( close(LOG),                 'long lines: close' );
    is_deeply( \@failures, [], 'long lines: no error' );
}

{
    open_log( $text, 'while IFS= read -r line; do echo "$line"; done' );
    is( join( '', <LOG> ), $text, 'a line at a time' );
    ok( close(LOG), 'a line at a time: close' );
    open_log( $text, "$^X -e 'syswrite STDOUT, \$_ while sysread STDIN, \$_, 1'" );
    is( join( '', <LOG> ), $text, 'a byte at a time' );
    ok( close(LOG), 'a byte at a time: close' );
}

{
    my $alarms = 0;
    local $SIG{ALRM} = sub { $alarms++ };
    open_log( $text, 'sleep 2; cat' );
    alarm 1;
    is( join( '', <LOG> ), $text, 'a signal while waiting' );
    is( $alarms,           1,     'is handled' );
    ok( close(LOG), 'a signal while waiting does no harm' );
}

{
    my $many = whole( map { "2026-10-01\t" . $_ x 40 . "\n" } 1 .. 50_000 );
    open_log($many);
    ok( join( '', <LOG> ) eq $many, 'a stream of megabytes' );
    ok( close(LOG),                 'a stream of megabytes: close' );
}

{
    # An abandoned handle does not wait for a helper that writes for ever.
    open_log( $text, 'cat; while :; do echo "$$"; done' );
    my $line = <LOG>;
    alarm 300;
    untie *main::LOG;
    alarm 0;
    pass('a helper is left without waiting for its end');
}

{
    local $interpreter = '/nowhere/sh';
    open my $stderr, '>&', \*STDERR          or die $!;
    open STDERR,     '>',  "$scratch/errors" or die $!;
    open_log($text);
    my @lines = <LOG>;
    is_deeply( \@lines, [], 'a helper that does not start has no lines' );
    is(
        "@failures",
        "Nothing was counted: '$scratch/awstats-cloudfront cat' failed with exit status 127; see its message above",
        'and the update gets its error'
    );
    untie *main::LOG;
    local $SIG{TERM} = sub { fail('what is ended is not this process') };
    open_log($text);
    untie *main::LOG;
    open STDERR,     '>&', $stderr           or die $!;
    open my $errors, '<',  "$scratch/errors" or die $!;
    is( join( '', <$errors> ), "$scratch/awstats-cloudfront: No such file or directory\n" x 2,
        'why it does not start' );
}

# The update is told the kind of the first record, once, before the record.
{
    my @view = map { join( "\t", "2026-10-01\t00:00:0$_", ('-') x 18, 'view', "$_\ta\tflv\n" ) } 1 .. 3;
    foreach my $case (
        [ 'download',  @records ],
        [ 'streaming', @view ],
        [ 'streaming', @view,    @records ],
        [ 'download',  @records, @view ],
        [ 'download',  $view[0] =~ s/view/-/r ]
      )
    {
        my ( $kind, @of ) = @$case;
        open_log( whole(@of) );
        my @seen;
        while ( my $line = <LOG> ) {
            push @seen, "@firsts" if $line !~ /^#/ || "@firsts" eq '' || $line =~ /^#End/;
        }
        is_deeply( \@seen, [ ('') x @header, ($kind) x ( @of + 1 ) ], "$kind first" );
        close LOG;
        open_log( whole(@of) );
        is( join( '', <LOG> ), whole(@of), 'a list of lines' );
        is( "@firsts",         $kind,      "$kind first, in a list" );
        close LOG;
    }
    open_log( whole() );
    my @all = <LOG>;
    is( "@firsts", '', 'no record, no kind' );
    ok( close(LOG), 'no record: close' );

    local $first_fault = 'not this kind';
    open_log( whole(@view) );
    @all = <LOG>;
    is_deeply( \@failures, ['Nothing was counted: not this kind'], 'a kind that is not wanted' );
    ok( !close(LOG), 'a kind that is not wanted: close' );
}

# The helper finds its programs although cron's PATH is short; the PATH of this process stays.
{
    local $ENV{PATH} = '/usr/bin';
    my @before = map { "$_=$ENV{$_}" } sort keys %ENV;
    open_log( whole(), qq{echo "#Told: \$PATH" | sed "3r /dev/stdin" $scratch/text} );
    my ($told) = grep { /^#Told/ } <LOG>;
    is( $told, "#Told: /usr/bin:/usr/local/bin:/usr/bin:/bin\n", "the helper's environment" );
    is_deeply( [ map { "$_=$ENV{$_}" } sort keys %ENV ], \@before, 'our own' );
    ok( close(LOG), "the helper's environment: close" );
}

{
    local $SIG{CHLD} = 'IGNORE';
    open_log( $text, 'cat; exit 5' );
    my @all = <LOG>;
    like( "@failures", qr/exit status 5/, 'a status is seen though children were to be ignored' );
    untie *main::LOG;
}

done_testing;
