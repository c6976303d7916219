#!/usr/bin/perl
# The plugin recognizes the update loop of awstats.pl by its text, and finds the running program however it was
# started.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use FindBin    qw($Bin);
use lib "$Bin/lib";
use AWStats;

# What is tested is how awstats.pl starts.
$ENV{AWSTATS_FRESH} = 1;
use Program qw(content write_file);

my $modules = AWStats::plugin_folder() . '/cloudfront';
unshift @INC, $modules;
require AWStats::CloudFront::KnownVersions;

srand 57;
my $scratch = tempdir( CLEANUP => 1 );
my $awstats = AWStats->new( plugin => 0 );
my $folder = $awstats->folder;
my $program = "$folder/awstats.pl";
my $text = content($program);
my ($version) = $text =~ /^\$VERSION\s*=\s*"([\d.]+) /m;

sub version_of {
    return AWStats::CloudFront::KnownVersions::version( write_file( "$scratch/changed.pl", shift ) );
}

is_deeply(
    [ AWStats::CloudFront::KnownVersions::version($program) ],
    [ $version, '', 1 ],
    "AWStats $version is known, with its history functions"
);

# ---- changes to its text ----------------------------------------------------------------------

# Marks the text that counts, found here line by line.
my $counts = "\0" x length $text;
{
    my ( $at, $in ) = ( 0, '' );
    my $functions = join '|', qw(
      ChangeWordSeparatorsIntoSpace DecodeRFC3986UnreservedString Get_Extension GetBandwidthRange
      GetRequestTimeRange GetSessionRange Init_HashArray
    );
    foreach my $line ( split /^/, $text ) {
        $in ||= 'loop' if $line     =~ /^# UPDATE PROCESS$/;
        $in ||= 'function' if $line =~ /^sub (?:$functions)\b/;
        substr( $counts, $at, length $line ) = "\1" x length $line if $in || $line =~ /^\$regdate /;
        $in = '' if $in eq 'loop' && $line =~ /# End of loop for processing new record/;
        $in = '' if $in eq 'function' && $line =~ /^\}/;
        $at += length $line;
    }
}
my $inside = $counts =~ tr/\1//;
cmp_ok( $inside, '>', 75_000, 'the text that counts' );

# The text with one character made another one, that is no line's end, at a place that counts or not.
sub changed_where {
    my $count = shift;
    while (1) {
        my $at = int rand length $text;
        next if ord( substr $counts, $at, 1 ) != $count || substr( $text, $at, 1 ) eq "\n";
        my $changed = $text;
        substr( $changed, $at, 1 ) = substr( $text, $at, 1 ) eq 'x' ? 'y' : 'x';
        return ( $changed, substr $text, $at, 20 );
    }
}

{
    my ( @known, @unknown );
    foreach ( 1 .. 150 ) {
        my ( $changed, $shown ) = changed_where(1);
        push @known, $shown if defined( ( version_of($changed) )[0] );
        ( $changed, $shown ) = changed_where(0);
        my ($found) = version_of($changed);
        push @unknown, $shown if !defined $found || $found ne $version;
    }
    is( "@known",   '', 'a character changed where it counts makes it unknown' );
    is( "@unknown", '', 'a character changed elsewhere makes no difference' );
}

sub unknown {
    my ( $changed, $what ) = @_;
    isnt( $changed, $text, "$what: a change" );
    my ( $found, $reason ) = version_of($changed);
    is( $found, undef, "$what: unknown" );
    like(
        $reason,
qr{^\Q$scratch\E/changed\.pl is changed, or of another version: it is not the original file of AWStats 7\.8, 7\.9, 8\.0$},
        "$what: why"
    );
    return;
}

unknown( $text =~ s/(if \( \$LogType ne )'M'( \) \{ \$field)/$1"M"$2/r,   'other quotes in the loop' );
unknown( $text =~ s/(while \( \$line = <LOG> \) \{)\n/$1\n\n/r,           'an empty line in it' );
unknown( $text =~ s/(while \( \$line = <LOG> \) \{)\n/$1 \n/r,            'a space at the end of one' );
unknown( $text =~ s/(my %MonthNum = \(.*)\n/$1\r\n/r,                     "another line's end" );
unknown( $text =~ s/(\nsub Get_Extension\b.*?\n)/$1\treturn 'x';\n/r,     'a function that we do the work of' );
unknown( $text =~ s/(\nsub Init_HashArray\b.*?\n)/$1\t%_more_h = ();\n/r, 'a new counter' );
unknown( $text =~ s/(\n\$regdate\s+= qr.)/$1^/r,                          'the pattern of times' );
unknown( $text =~ s/(?=#-+\n# SHOW REPORT\n)/sub Get_Extension {\n\treturn 'x';\n}\n/r, 'a function given anew' );
unknown( $text =~ s/(\n# UPDATE PROCESS\n.*?# End of loop for processing new record\.\n)/$1$1/sr, 'two loops' );

is( ( version_of( $text =~ s/\$VERSION\s*=\K.*/ "9.9";/r ) )[0],
    $version, "the program's own version makes no difference" );
is( ( version_of("# patched\n$text\n# patched\n") )[0], $version, 'comments around the program make no difference' );
is( ( version_of( $text =~ s/\nsub CheckSum \{/\nsub CheckSum {\n\n/r ) )[0],
    $version, 'functions that the loop calls make no difference' );

# The functions that read and write history files are known for themselves.
foreach my $change (
    [ 'reading',  $text =~ s/(# BEGIN_VISITOR\n)/$1\n/r ],
    [ 'writing',  $text =~ s/(# URL - Pages - )Bandwidth/$1Bytes/r ],
    [ 'sorting',  $text =~ s/(\nsub BuildKeyList\b.*?\n)/$1\n/r ],
    [ 'encoding', $text =~ s/(\nsub XMLEncodeForHisto\b.*?\n)/$1\treturn 'x';\n/r ],
  )
{
    my ( $name, $changed ) = @$change;
    isnt( $changed, $text, "$name a history: a change" );
    my ( $found, undef, $knows_history ) = version_of($changed);
    is( $found, $version, "$name a history: the loop is known" );
    ok( !$knows_history, "$name a history: that is not" );
}
{
    my ( $found, undef, $knows_history ) = version_of( $text =~ s/(\nsub Get_Filename\b.*?\n)/$1\n/r );
    ok( $found && $knows_history, 'functions that are called make no difference' );
}

foreach my $other ( '', "#!/usr/bin/perl\nprint 1;\n", $text =~ s/\n/\r\n/gr, $text =~ s/# End of loop .*//r ) {
    my ( $found, $reason ) = version_of($other);
    is( $found, undef, 'no program that we know: ' . length $other );
    is(
        $reason,
        "$scratch/changed.pl is not the awstats.pl of AWStats 7.8, 7.9, 8.0",
        'a function that is called: the reason'
    );
}
foreach my $case ( [ "$scratch/none", 'No such file' ], [ $scratch, 'Is a directory' ] ) {
    my ( $found, $reason ) = AWStats::CloudFront::KnownVersions::version( $case->[0] );
    is( $found, undef, "$case->[1]: unknown" );
    like( $reason, qr/^\Q$case->[0]\E: \Q$case->[1]\E/, "$case->[1]: the reason" );
}
is_deeply(
    [ AWStats::CloudFront::KnownVersions::version( AWStats::CloudFront::KnownVersions::program() ) ],
    [ undef, 'awstats.pl was not found' ],
    'outside of AWStats'
);

# ---- the running program ----------------------------------------------------------------------

# A plugin that writes down what it sees while AWStats initializes it.
write_file( "$folder/plugins/seen.pm", <<"END" );
sub Init_seen {
    local \$0 = '/anything';
    local \@INC = ( '$modules', \@INC );
    require AWStats::CloudFront::KnownVersions;
    my \$path = AWStats::CloudFront::KnownVersions::program();
    my ( \$known, \$reason ) = AWStats::CloudFront::KnownVersions::version(\$path);
    my \@file = stat \$path;
    open my \$seen, '>', '$scratch/seen' or return "Error: \$!";
    print \$seen join "\\n", "\$file[0] \$file[1]", \$known || '', \$reason;
    close \$seen;
    return 'ShowInfoURL';
}
1;
END
write_file( "$scratch/log",
    qq{192.0.2.1 - - [01/Oct/2026:00:00:01 +0000] "GET / HTTP/1.1" 200 100 "-" "Opera/9.80"\n} );
$awstats->config( 'site', <<"END" );
LogFile="$scratch/log"
LogFormat=1
HostAliases="localhost"
AllowToUpdateStatsFromBrowser=1
UseFramesWhenCGI=0
LoadPlugin="seen"
END

my $identity = join ' ', ( stat $program )[ 0, 1 ];

# A command that starts awstats.pl in the folder that has it.
sub updates {
    my ( $what, $expected, $command, %environment ) = @_;
    unlink glob "$folder/data/* $scratch/seen";
    local @ENV{ keys %environment } = values %environment;
    my ( $status, $output ) = $awstats->command( '/bin/sh', '-c', "cd '$folder' && $command" );
    is( $status,                                  0, "$what: an update" )   or diag $output;
    is( $awstats->total( 'site', 'TotalVisits' ), 1, "$what: that counts" ) or diag $output;
    my ( $file, $known, $reason ) = split /\n/, content("$scratch/seen"), 3;
    if ( !ref $expected ) {
        is( $file,   $identity, "$what: the program's path" );
        is( $known,  $version,  "$what: its version" );
        is( $reason, '',        "$what: no error" );
    }
    else {
        is( $known, '', "$what: no version" );
        like( $reason, $expected, "$what: why" );
    }
    return;
}

symlink $folder, "$scratch/link";
my $config = '-config=site -update';
updates( 'perl awstats.pl',      $program, "$^X awstats.pl $config" );
updates( 'perl PATH/awstats.pl', $program, "cd / && $^X '$program' $config" );
updates( 'perl -x -w',           $program, "$^X -x -w ./awstats.pl $config 2>/dev/null" );
updates( 'perl -S',              $program, "cd / && PATH='$folder':\$PATH $^X -S awstats.pl $config" );
updates( 'a program itself',     $program, "./awstats.pl $config" );
updates( 'through a link',       $program, "cd '$scratch' && $^X link/awstats.pl $config" );
updates(
    'CGI', $program, './awstats.pl',
    GATEWAY_INTERFACE => 'CGI/1.1',
    REQUEST_METHOD    => 'GET',
    QUERY_STRING      => 'config=site&update=1'
);

# Wrappers, beside awstats.pl.
my %wrapper = (
    'do'                                     => q{$0 = "awstats.pl"; do "./awstats.pl"; die $@ if $@;},
    'do, by @INC'                            => q{$0 = "awstats.pl"; push @INC, "."; do "awstats.pl"; die $@ if $@;},
    'do, a name for ps'                      => q{$0 = "./awstats.pl: statistics"; do "./awstats.pl"; die $@ if $@;},
    'a handler, as a web server makes of it' => <<'END',
        $0 = "awstats.pl";
        open my $file, '<', $0 or die $!;
        my $text = do { local $/; <$file> };
        eval "sub handler {\n#line 1 \"./awstats.pl\"\n$text\n}";
        die $@ if $@;
        handler();
END
);
foreach my $what ( sort keys %wrapper ) {
    write_file( "$folder/wrapper.pl", "$wrapper{$what}\n" );
    updates( $what, $program, "$^X wrapper.pl $config 2>&1" );
}

# A program that perl knows no file of.
write_file( "$folder/wrapper.pl", <<'END' );
$0 = "awstats.pl";
open my $file, '<', $0 or die $!;
my $text = do { local $/; <$file> };
eval $text;
die $@ if $@;
END
updates( 'text', qr/^\(eval \d+\): No such file/, "$^X wrapper.pl $config" );

done_testing;
