/* The settings of a site that decide which records its logs have, and what is in them.  A plan stores the values at the
 * time when it was made, and the tasks that read logs refuse other values: parts that are read with different settings
 * cannot be added up. */
#ifndef SHARDS_SETTINGS_H
#define SHARDS_SETTINGS_H

#include "awstats/config.h"
#include "config/site.h"
#include "text/buffer.h"

/* Adds these settings as words, NAME=VALUE as in escaped.h, with spaces between. */
void settings_add(struct buffer *text, const struct site *site);

/* Returns the name of the first setting whose value in the plan's text is not that of the site, in a new text; NULL:
 * all are equal. */
char *settings_find_difference(const char *planned, const struct site *site);

/* Whether shards count with this configuration of AWStats as one update does; else adds one line to ERROR. */
bool settings_allow_shards(const struct awstats_config *config, struct buffer *error);

#endif
