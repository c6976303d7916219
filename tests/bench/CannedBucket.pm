package CannedBucket;

# A bucket behind a long line (canned_store.c): its store responds from memory, checks no signature, and takes little
# processor time, so that what is measured is the client.

use strict;
use warnings;
use Compiler    qw(compile);
use Digest::MD5 ();
use File::Path  qw(make_path remove_tree);
use FindBin     qw($Bin);
use POSIX       qw(strftime);

use constant PAGE_SIZE => 1000;    # keys of a listing, as S3 has it

# directory     for the files that the store reads; made anew
# build         where the store is compiled to
# milliseconds  of latency, there and back
# objects       how many, eleven an hour in the hours before now
# contents      what the objects have, in turns: a list of functions, each of which writes to the file that it is given
sub start {
    my ( $class, %option ) = @_;
    my $self = bless {%option}, $class;
    remove_tree( $self->{directory} );
    make_path( $self->{directory} );
    $self->_write_contents;
    $self->_write_index;
    $self->_start_store;
    return $self;
}

sub pages    { return int( ( $_[0]{objects} + PAGE_SIZE - 1 ) / PAGE_SIZE ) }
sub endpoint { return "http://127.0.0.1:$_[0]{port}" }

sub urls {
    return map { "$_[0]->{base}$_" } @{ $_[0]{keys} };
}

sub _write_contents {
    my ($self) = @_;
    for my $write ( @{ $self->{contents} } ) {
        my $path = "$self->{directory}/content" . ( @{ $self->{files} // [] } );
        open my $file, '+>:raw', $path or die "$path: $!\n";
        $write->($file);
        seek $file, 0, 0 or die "$path: $!\n";
        push @{ $self->{tags} },  Digest::MD5->new->addfile($file)->hexdigest;
        push @{ $self->{files} }, $path;
        close $file or die "$path: $!\n";
    }
    return;
}

sub _write_index {
    my ($self) = @_;
    my $now = time;
    $self->{keys} = [
        sort
          map { sprintf 'logs/E2EXAMPLE.%s.%08x.gz', strftime( '%Y-%m-%d-%H', gmtime $now - 3600 * int $_ / 11 ), $_ }
          0 .. $self->{objects} - 1
    ];
    my $tags = $self->{tags};
    open my $index, '>', "$self->{directory}/index" or die "$self->{directory}/index: $!\n";
    for my $i ( 0 .. $#{ $self->{keys} } ) {
        my $number = $i % @$tags;
        print {$index} "$self->{keys}[$i] $tags->[$number] $number\n";
    }
    close $index or die "$self->{directory}/index: $!\n";
    return;
}

sub _start_store {
    my ($self) = @_;
    my $program = "$self->{build}/canned-store";
    my $source = "$Bin/canned_store.c";
    if ( !-e $program || -M $program > -M $source ) {
        compile( $source, $program, qw(-std=c17 -O2 -D_GNU_SOURCE) ) or die "canned-store could not be compiled\n";
    }

    # It ends when its standard input does: with this process, however that ends.
    pipe my $from, $self->{lifeline} or die "pipe: $!\n";
    $self->{pid} = open $self->{said}, '-|' // die "fork: $!\n";
    if ( !$self->{pid} ) {
        close $self->{lifeline};
        open STDIN, '<&', $from or die "$!\n";
        exec $program, $self->{milliseconds}, "$self->{directory}/index", @{ $self->{files} } or die "$program: $!\n";
    }
    $self->{port} = readline( $self->{said} ) // die "canned-store did not start\n";
    chomp $self->{port};
    $self->{base} = $self->endpoint . '/bench/';
    return;
}

# Writes what curl is told so that it fetches the same objects.  Returns the file's path.
sub curl_config {
    my ($self) = @_;
    my $path = "$self->{directory}/curl.conf";
    open my $config, '>', $path or die "$path: $!\n";
    print {$config} map { sprintf qq(url = "%s"\noutput = "%s"\n), $_, s{.*/}{}r } $self->urls;
    close $config or die "$path: $!\n";
    return $path;
}

sub stop {
    my ($self) = @_;
    close $self->{lifeline};
    waitpid $self->{pid}, 0;
    remove_tree( $self->{directory} );
    return;
}

1;
