/* Finds the AWStats of this machine. */
#ifndef AWSTATS_FIND_H
#define AWSTATS_FIND_H

#include <limits.h>
#include <stddef.h>

struct awstats {
    char program[PATH_MAX];  /* awstats.pl */
    char version[32];        /* "7.8"; "" when not found in awstats.pl */
    char plugin[PATH_MAX];   /* cloudfront.pm in a plugin directory; "": not installed */
    char plugin_version[64]; /* that plugin's version; "" when it does not tell */
};

/* Looks for awstats.pl where the packages of the distributions put it, and in PATH.  Returns 0, or
 * -1 when it is not found. */
int awstats_find(struct awstats *awstats);

/* The same for the awstats.pl at PATH. */
int awstats_open(struct awstats *awstats, const char *path);

/* Reads the version of the plugin whose cloudfront.pm is at PLUGIN, or is what a link there leads
 * to: the first line of the file version beside it.  Stores at most ROOM bytes with the NUL, ""
 * when there is no such file. */
void awstats_read_plugin_version(char *version, size_t room, const char *plugin);

#endif
