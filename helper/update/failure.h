/* The lines that tell why the update of a site has failed. */
#ifndef UPDATE_FAILURE_H
#define UPDATE_FAILURE_H

#include <stdbool.h>

/* There is no memory left. */
void failure_print_memory(const char *site);

/* awstats.pl has ended with an error, before or after all records were counted; OUT and ERROR are the texts that it has
 * printed into temporary files.  LACK is the error of these files, 0 for none. */
struct failure {
    const char *out, *error;
    int lack;
    bool is_counted;
};
void failure_print_awstats(const char *site, const struct failure *failure);

#endif
