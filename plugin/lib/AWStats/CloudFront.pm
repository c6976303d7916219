# Loads the compiled part of the plugin, CloudFront.xs.
package AWStats::CloudFront;
use strict;
use warnings;

our $VERSION = '0';    # the build writes the one in the file VERSION

use XSLoader;
XSLoader::load( __PACKAGE__, $VERSION );

1;
