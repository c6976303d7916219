# Opens pages in a headless Chromium, when this machine has one.
package Browser;
use strict;
use warnings;

use AWStats    ();
use File::Temp ();
use JSON::PP   ();
use Program    ();

# The program; undef when there is none.
sub program {
    my ($found) = grep { -x } map { ( "$_/chromium", "$_/chromium-browser", "$_/google-chrome" ) } split /:/,
      $ENV{PATH};
    return $found;
}

# Follows all links from a page, which is a path; returns what tests/browser/follow.html says of them, and the
# errors of scripts.
sub follow {
    my $page = shift;
    my $driver = AWStats::root() . '/tests/browser/follow.html';
    my ( $status, $dom, $log ) = _run(
        '--allow-file-access-from-files', '--virtual-time-budget=100000',
        '--enable-logging=stderr',        '--dump-dom',
        "file://$driver#file://$page"
    );
    my ($json) = $dom =~ m{<pre id="result">(.+?)</pre>} or die "Chromium ($status): $log";
    my $result = JSON::PP::decode_json( _text($json) );
    $result->{errors} = [ grep { /:CONSOLE/ } split /\n/, $log ];
    return $result;
}

# Makes a picture of a page, in a window of WIDTH and HEIGHT.
sub screenshot {
    my ( $page, $picture, $width, $height ) = @_;
    my ( $status, undef, $log ) =
      _run( "--screenshot=$picture", "--window-size=$width,$height", '--hide-scrollbars', "file://$page" );
    -s $picture or die "Chromium ($status): $log";
    return;
}

# Returns the exit status, the output and the standard error.
sub _run {
    my @arguments = @_;
    my $home = File::Temp->newdir;
    return Program::run( 'timeout', 120, program(), '--headless', '--disable-gpu', "--user-data-dir=$home",
        $> == 0 ? '--no-sandbox' : (), @arguments );
}

# The characters of a text of HTML, as bytes.
sub _text {
    my $html = shift;
    my %character = ( lt => '<', gt => '>', amp => '&', nbsp => "\xc2\xa0", quot => '"' );
    return $html =~ s/&(\w+);/$character{$1}/gr;
}

1;
