# The columns of the normalized log, as helper/normalized/columns.def lists them.
package Columns;
use strict;
use warnings;
use Exporter       qw(import);
use File::Basename qw(dirname);

# @COLUMNS: their names, in order.  %COLUMN: the number of each, counted from 0.  $LOG_FORMAT: the
# LogFormat of AWStats that reads them all.
our @EXPORT_OK = qw(@COLUMNS %COLUMN $LOG_FORMAT);
our ( @COLUMNS, %COLUMN, $LOG_FORMAT );

my $print = dirname(__FILE__) . '/../../helper/normalized/print-columns';
chomp( @COLUMNS = `$print names` );
chomp( $LOG_FORMAT = `$print log-format` );
die "$print does not run\n" if !@COLUMNS || !$LOG_FORMAT;
@COLUMN{@COLUMNS} = 0 .. $#COLUMNS;

1;
