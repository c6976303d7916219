package UnusualHistory;

# Lets AWStats write a small history, edits it, and lets AWStats with and without the plugin go on from it.
#
#   my $history = UnusualHistory->new;
#   is $history->continued('a page that stands twice', {SIDER => ['/a.html 1 2 3 4', '/a.html 5 6 7 8']}), '';
#   is $history->continued('lines that end in CR LF', sub { s/\n/\r\n/g }), '';
#
# The records before and after the edit share a visitor, an error page, a page of an extra section, a referring page, a
# key phrase, and an unknown user agent.

use strict;
use warnings;
use Columns         qw(@COLUMNS);
use Differential    ();
use File::Temp      ();
use GenerateUnusual ();

my @CONFIG = (
    'HostAliases="REGEX[.]"',                    'TrapInfosForHTTPErrorCodes="404"',
    'ShowHTTPErrorsPageDetail="RH"',             'ExtraSectionName1="Files"',
    'ExtraSectionFirstColumnValues1="URL,(.*)"', 'ExtraSectionStatTypes1=PHBL',
    'ExtraSectionFirstColumnTitle1="File"',      'ExtraSectionFirstColumnFormat1="%s"',
    'MaxNbOfExtra1=3',                           'MinHitExtra1=1',
    'LoadPlugin="addresses"'
);
my $BROWSER = 'Mozilla/5.0%20(Windows%20NT%2010.0;%20rv:120.0)%20Gecko/20100101%20Firefox/120.0';

sub record {
    my ( $time, $host, $path, $status, $referer, $agent ) = @_;
    return join "\t", '2024-05-01', $time, 'FRA2', 1000, $host, 'GET', 'www.example.com', $path, $status,
      $referer // '-', $agent // $BROWSER, ('-') x ( @COLUMNS - 11 );
}

my @FIRST = (
    record( '08:00:00', '192.0.2.1',        '/a.html',    200, 'http://site.example/' ),
    record( '08:10:00', '192.0.2.2',        '/a.html',    200, 'http://www.google.com/search?q=red+shoes' ),
    record( '08:20:00', 'host.example.net', '/none.html', 404, 'http://site.example/none' ),
    record( '08:30:00', 'host.example.net', '/b.html',    200, '-', 'nobody/1.0' ),
    record( '09:50:00', '192.0.2.3',        '/b.html',    200 ),
);
my @THEN = (
    record( '10:00:00', '192.0.2.1',        '/b.html',    200, 'http://site.example/' ),
    record( '10:01:00', 'host.example.net', '/none.html', 404, 'http://site.example/other' ),
    record( '10:02:00', '2001:db8::1',      '/c.html',    200, '-', 'nobody/2.0' ),
    ( map { record( "10:03:0$_", '192.0.2.3', '/f.zip', 200 ) } 1 .. 5 ),
    record( '10:04:00', '192.0.2.3', '/g.zip',   200 ),
    record( '10:05:00', '192.0.2.3', '/new.zip', 200 ),
);

sub new {
    my ($class) = @_;
    my $made = Differential->new( { name => 'the history', config => \@CONFIG, steps => [ \@FIRST ] } )->run;
    die $made->difference if $made->difference ne '';
    my $folder = File::Temp->newdir;
    my ($name) = my @names = keys %{ $made->files };
    die "no history, but @names\n" if @names != 1;
    return bless {
        folder => $folder,
        log    => GenerateUnusual::write_log( "$folder/log", \@THEN ),
        name   => $name,
        text   => $made->files->{$name}
    }, $class;
}

# Returns how AWStats with and without the plugin differ after the edit; '' when they do not.  EDIT: the new lines of
# sections, or code that changes $_, the file's text.  MORE: settings.
sub continued {
    my ( $self, $name, $edit, @more ) = @_;
    my $text = ref $edit eq 'CODE' ? changed( $edit, $self->{text} ) : with_lines( $self->{text}, $edit );
    die "$name: nothing was edited\n" if $text eq $self->{text};
    my $comparison = Differential->new(
        {
            name    => $name,
            config  => [ @CONFIG, @more ],
            steps   => [ $self->{log} ],
            history => { $self->{name} => $text }
        }
    )->run;
    $self->{comparison} = $comparison;
    return $comparison->difference;
}

# Returns whether AWStats refused the last edited history.
sub given_up { return $_[0]{comparison}->given_up }

sub changed {
    my ( $change, $text ) = @_;
    local $_ = $text;
    $change->();
    return $_;
}

sub with_lines {
    my ( $text, $edit ) = @_;
    for my $section ( sort keys %$edit ) {
        my $lines = join '', map { "$_\n" } @{ $edit->{$section} };
        $text =~ s/^(BEGIN_$section .*\n)(?s:.*?)(?=^END_$section$)/$1$lines/m or die "no section $section\n";
    }
    return $text;
}

1;
