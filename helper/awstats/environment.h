/* The environment of each awstats.pl that this program runs: as for a command line, even if a CGI program has started
 * this program. */
#ifndef AWSTATS_ENVIRONMENT_H
#define AWSTATS_ENVIRONMENT_H

/* Changes the environment of this process, which is to run awstats.pl for the configuration CONFIG.  No other thread
 * may read the environment meanwhile. */
void awstats_environment_set(const char *config);

/* Returns the environment for a process that is to run awstats.pl: this process' own, without the variables of a CGI
 * program, and with the variables TASK and MEMORY ("NAME=VALUE").  All texts must outlive the array, which the caller
 * frees. */
char **awstats_environment_with(char *task, char *memory);

#endif
