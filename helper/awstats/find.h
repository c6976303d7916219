/* The AWStats of this machine. */
#ifndef AWSTATS_FIND_H
#define AWSTATS_FIND_H

#include <limits.h>

struct awstats {
    char program[PATH_MAX]; /* awstats.pl */
    char version[32];       /* "7.8"; "" when it cannot be told */
    char plugin[PATH_MAX];  /* cloudfront.pm where awstats.pl looks for plugins; "": not there */
};

/* Looks in the places where the packages of the distributions put awstats.pl, and in PATH.  Returns
 * 0, or -1 when it is nowhere. */
int awstats_find(struct awstats *awstats);

#endif
