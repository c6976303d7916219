/* Finds the AWStats of this machine. */
#ifndef AWSTATS_FIND_H
#define AWSTATS_FIND_H

#include <limits.h>

struct awstats {
    char program[PATH_MAX]; /* awstats.pl */
    char version[32];       /* "7.8"; "" when not found in awstats.pl */
    char plugin[PATH_MAX];  /* cloudfront.pm in a plugin directory; "": not installed */
};

/* Looks for awstats.pl where the packages of the distributions put it, and in PATH.  Returns 0, or -1
 * when it is not found. */
int awstats_find(struct awstats *awstats);

#endif
