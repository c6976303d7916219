/* The awstats.pl and the AWStats configuration that count a site. */
#ifndef UPDATE_FIND_H
#define UPDATE_FIND_H

#include <stdbool.h>

#include "awstats/config.h"
#include "awstats/find.h"
#include "config/site.h"

struct update_awstats {
    struct awstats awstats;
    struct awstats_config config;
    char *dirdata; /* the folder of the history; NULL when no configuration was found */
};

/* Finds both: PROGRAM is awstats.pl, NULL for the site's.  Returns false with one line in ERROR.  The caller
 * frees dirdata in both cases. */
bool find_awstats(struct update_awstats *found, const struct site *site, const char *program,
                  struct buffer *error);

#endif
