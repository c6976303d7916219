package OpenConnections;

# Streaming logs in which very many connections are open at once.

use strict;
use warnings;
use Digest::SHA ();

my $COLUMNS = 'date time x-edge-location c-ip x-event sc-bytes x-cf-status x-cf-client-id cs-uri-stem cs-uri-query '
  . 'c-referrer x-page-url c-user-agent x-sname x-sname-query x-file-ext x-sid';
my $HOURS = 20;    # less than the day after which a view without an event ends

# Writes a gz file an hour: each of COUNT connections connects and plays, and none ends.
sub write_files {
    my ( $directory, $count ) = @_;
    for my $hour ( 0 .. $HOURS - 1 ) {
        open my $out, '|-', "gzip -1 >'$directory/EVBENCH.2012-11-05-" . sprintf( '%02d.gz', $hour ) . q(')
          or die "gzip: $!\n";
        print {$out} "#Version: 1.0\n#Fields: $COLUMNS\n";
        for my $i ( int( $hour * $count / $HOURS ) .. int( ( $hour + 1 ) * $count / $HOURS ) - 1 ) {
            my $id = substr Digest::SHA::sha1_hex("connection $i"), 0, 32;
            my $time = sprintf '2012-11-05%s%02d:%02d:%02d', "\t", $hour, $i / 60 % 60, $i % 60;
            my $who = sprintf "LHR5\t198.51.%d.%d", $i / 254 % 254, 1 + $i % 254;
            my $page = 'http://www.example.com/videos/watch.html?film=' . $i % 1000 . "&from=mail\tWIN%2011,2,202,235";
            my $url =
              "OK\t$id\trtmp://s1exampleexamp.cloudfront.net/cfx/st\t\thttp://www.example.com/player.swf\t$page";
            my $film = sprintf "films/part-%d.mp4\tp=2&q=4\tmp4\t1", $i % 1000;
            print {$out} "$time\t$who\tconnect\t3073\t$url\t-\t-\t-\t-\n$time\t$who\tplay\t3914\t$url\t$film\n";
        }
        close $out or die "gzip failed\n";
    }
}

1;
