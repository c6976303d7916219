/* The lines that tell why the update of a site has failed. */
#ifndef UPDATE_FAILURE_H
#define UPDATE_FAILURE_H

/* There is no memory left. */
void failure_print_memory(const char *site);

/* awstats.pl has ended with an error; OUT and ERROR are the texts that it has printed. */
void failure_print_awstats(const char *site, const char *out, const char *error);

#endif
