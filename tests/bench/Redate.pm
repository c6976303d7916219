package Redate;

# Many logs out of few: copies of the files in a directory, each copy some days earlier.

use strict;
use warnings;
use Compress::Zlib ();
use POSIX          qw(strftime);
use Time::Local    qw(timegm);

# Writes COUNT copies of every file; half of them in a second process.
sub copy {
    my ( $from, $to, $count ) = @_;
    opendir my $handle, $from or die "$from: $!\n";
    my @names = sort grep { /\.gz\z/ } readdir $handle;
    my %days = map { (/\.(\d{4}-\d{2}-\d{2})-/)[0] => 1 } @names;
    my $step = keys %days;
    my $pid = fork // die "fork: $!\n";
    for my $i ( 0 .. $#names ) {
        copy_file( $from, $to, $names[$i], $count, $step ) if $i % 2 == ( $pid ? 0 : 1 );
    }
    POSIX::_exit(0) if !$pid;
    waitpid $pid, 0;
    die "copying failed\n" if $?;
}

sub copy_file {
    my ( $from, $to, $name, $count, $step ) = @_;
    open my $in, '<:raw', "$from/$name" or die "$from/$name: $!\n";
    my $content = Compress::Zlib::memGunzip( do { local $/; <$in> } );
    for my $copy ( 0 .. $count - 1 ) {
        my %earlier;
        my $text = $content =~ s/^(\d{4}-\d{2}-\d{2})/$earlier{$1} \/\/= earlier($1, $copy * $step)/gmer;
        my $new = $name =~ s/\.(\d{4}-\d{2}-\d{2})-/'.' . earlier($1, $copy * $step) . '-'/er;
        open my $out, '>:raw', "$to/$new" or die "$to/$new: $!\n";
        print {$out} Compress::Zlib::memGzip($text) or die "$to/$new: $!\n";
        close $out                                  or die "$to/$new: $!\n";
    }
}

sub earlier {
    my ( $date, $days ) = @_;
    my ( $year, $month, $day ) = split /-/, $date;
    return strftime( '%Y-%m-%d', gmtime( timegm( 0, 0, 0, $day, $month - 1, $year ) - $days * 86400 ) );
}

1;
