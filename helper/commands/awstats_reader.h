/* Tells whether AWStats itself reads what this program writes. */
#ifndef COMMANDS_AWSTATS_READER_H
#define COMMANDS_AWSTATS_READER_H

#include <stdbool.h>

/* Returns whether the standard output is a pipe, and awstats.pl has started this process: itself,
 * or through shells and other programs.  False on systems without /proc, and when a process between
 * the two has ended. */
bool awstats_is_reader(void);

#endif
