package OwnSetup;

# A set-up of a user's own, all of its files in one folder, and logs for it.

use strict;
use warnings;
use Exporter   qw(import);
use Test::More ();
use Program    qw(content helper run);

our @EXPORT_OK = qw(log_text setting setup tree);

# A download log with these hosts, name => records; distribution => NAME is the name of the distribution.
sub log_text {
    my %hosts = @_;
    my $distribution = delete $hosts{distribution} // 'd111111abcdef8.cloudfront.net';
    my $text =
        "#Version: 1.0\n"
      . "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) "
      . "cs(User-Agent) cs-uri-query x-host-header\n";
    foreach my $host ( sort keys %hosts ) {
        $text .= join( "\t",
            '2026-10-31', '00:00:00', 'FRA2', 1,         '192.0.2.1', 'GET', $distribution,
            '/',          200,        '-',    'Mozilla', '-',         $host )
          . "\n"
          foreach 1 .. $hosts{$host};
    }
    return $text;
}

# The files below a folder, {path => content}; folders end with "/".
sub tree {
    my ($folder) = @_;
    my %tree;
    foreach my $path ( glob "$folder/* $folder/.[!.]*" ) {
        if ( -d $path ) { %tree = ( %tree, "$path/" => '', %{ tree($path) } ) }
        else            { $tree{$path} = content($path) }
    }
    return \%tree;
}

# Runs setup; returns its output.
sub setup {
    my ( $want,   $name, @word ) = @_;
    my ( $status, $out,  $err ) = run( helper(), 'setup', @word );
    Test::More::is( $status, $want, "$name: exit status $want" ) or Test::More::diag("$out$err");
    Test::More::is(
        $err =~ tr/\n//,
        $want == 0 ? 0 : 1,
        "$name: " . ( $want ? 'one line' : 'nothing' ) . ' on standard error'
    ) or Test::More::diag($err);
    return $want ? $err : $out;
}

# The value of a setting of an AWStats configuration, the last one.
sub setting {
    my ( $file, $name ) = @_;
    return ( content($file) =~ /^$name="(.*)"$/mg )[-1];
}

1;
