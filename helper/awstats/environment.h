/* The environment of each awstats.pl that this program runs: that of a command line, also when a CGI program has started this
 * one. */
#ifndef AWSTATS_ENVIRONMENT_H
#define AWSTATS_ENVIRONMENT_H

/* Changes the environment of this process, which is to run awstats.pl for the configuration CONFIG.  No other thread
 * may read the environment meanwhile. */
void awstats_environment_set(const char *config);

/* Returns the environment of a process that is to run awstats.pl: this one's, without the variables of a CGI, and
 * with two variables more ("NAME=VALUE"), which must last as long.  The caller frees the array. */
char **awstats_environment_with(char *task, char *memory);

#endif
