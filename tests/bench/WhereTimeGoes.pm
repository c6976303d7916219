package WhereTimeGoes;

# Which part of an update takes how many instructions, by callgrind: what to make faster next.

use strict;
use warnings;
use File::Temp qw(tempdir);
use NativeLoop ();
use Table      qw(title);

# The parts, each with the functions that do it and all that these call, and, after "-", functions that are called there
# and belong to another part.
my @parts = (
    [ 'inflate'                          => 'inflate_run' ],
    [ 'digest'                           => 'digester_add' ],
    [ 'find lines and fields'            => 'lines_feed', '-', 'inflate_run', 'digester_add', 'add_row' ],
    [ 'normalize'                        => 'normalize_row' ],
    [ 'sort, spill and merge'            => 'add_row', 'sort_finish', 'sort_next', '-', 'normalize_row' ],
    [ 'split records, and number values' => 'channel_put' ],
    [ 'count'                            => 'XS_AWStats__CloudFront__LogHandle_READLINE', '-', 'values_call' ],
    [ 'let AWStats classify'             => 'values_call' ],
    [
        'read and save the history' => 'XS_AWStats__CloudFront__HistoryFile_save',
        'XS_AWStats__CloudFront__HistoryHandle_READLINE'
    ],
    [ 'ledger'          => 'batch_take', 'batch_drop_copies', 'batch_prepare', 'batch_commit_counted' ],
    [ 'compile AWStats' => 'interpreter_parse' ],
    [
        'the rest of AWStats' => 'embedded_run',
        '-', 'interpreter_parse', 'XS_AWStats__CloudFront__LogHandle_READLINE',
        'XS_AWStats__CloudFront__HistoryFile_save', 'XS_AWStats__CloudFront__HistoryHandle_READLINE',
        'batch_commit_counted'
    ],
);

# The same parameters as NativeLoop::bench().
sub bench {
    my %bench = @_;
    title("Where the instructions of an update of $bench{records} records go");
    NativeLoop::prepare( \%bench );
    my ( $command, $before ) = NativeLoop::site( \%bench, 'program', $bench{logs} );
    my $folder = tempdir( CLEANUP => 1 );
    my $profiled = "valgrind --tool=callgrind --trace-children=yes --callgrind-out-file='$folder/%p' $command";
    if ( system("$before; $profiled >/dev/null 2>&1") != 0 ) {
        print "  valgrind is missing, or cannot run this program\n";
        return;
    }
    show( instructions( glob "$folder/*" ), $bench{records} );
    return;
}

# Returns the instructions of each function and of all that it calls, and of all, by name and ''.
sub instructions {
    my %of;
    for my $profile (@_) {
        for ( split /\n/, `callgrind_annotate --inclusive=yes --threshold=100 '$profile'` ) {
            my ( $count, $what ) = /^\s*([\d,]+) \(\s*[\d.]+%\)\s+(.*)/ or next;
            $count =~ tr/,//d;
            my ($name) = $what eq 'PROGRAM TOTALS' ? '' : $what =~ m{^[^ ]*/[^: ]*[.](?:c|xs|h):([\w.]+)};
            next if !defined $name;
            $name =~ s/[.].*//;    # of a clone that the compiler made
            $of{$name} = ( $name eq '' ? $of{$name} // 0 : 0 ) + $count
              if $name eq '' || $count > ( $of{$name} // 0 );
        }
    }
    return \%of;
}

sub show {
    my ( $of, $records ) = @_;
    my $rest = $of->{''};
    my @rows;
    for my $part (@parts) {
        my ( $title, @functions ) = @$part;
        my ( $sum,   $sign ) = ( 0, 1 );
        die "The profile has no function $functions[0]: correct tests/bench/WhereTimeGoes.pm\n"
          if !$of->{ $functions[0] };
        for my $function (@functions) {
            if   ( $function eq '-' ) { $sign = -1 }
            else                      { $sum += $sign * ( $of->{$function} // 0 ) }
        }
        push @rows, [ $title, $sum ];
        $rest -= $sum;
    }
    for ( sort( { $b->[1] <=> $a->[1] } @rows ), [ 'all else', $rest ] ) {
        my ( $title, $count ) = @$_;
        my $percent = 100 * $count / $of->{''};
        printf "  %-34s %5.1f %%  %s\n", $title, $percent, '#' x ( $percent + 0.5 );
    }
    printf "  %.0f million user instructions, %.0f a record (callgrind)\n", $of->{''} / 1e6, $of->{''} / $records;
    return;
}

1;
