/* The settings of AWStats that decide figures, and the files in DirData by which its plugins geoip... override the
 * countries of hosts.  When plan makes a plan, the plan stores a digest of each value and file.  reduce refuses other
 * values and files: shards that are counted with different settings cannot be added up. */
#ifndef SHARDS_AWSTATS_SETTINGS_H
#define SHARDS_AWSTATS_SETTINGS_H

#include "awstats/config.h"
#include "text/buffer.h"

/* Adds the settings of a configuration as words, NAME=DIGEST, in the order of the names, with spaces between.  Leaves
 * out settings of the report's look, and of folders and programs.  A setting with its default value differs from one
 * that is not there.  The name of a file is AWSTATS_SETTINGS_FILE and its name in DIRDATA. */
#define AWSTATS_SETTINGS_FILE "DirData/"
void awstats_settings_add(struct buffer *text, const struct awstats_config *config,
                          const char *dirdata);

/* Returns the name of the first setting or file whose value in the plan's text is not that of the configuration, in a
 * new text; NULL: all are equal. */
char *awstats_settings_find_difference(const char *planned, const struct awstats_config *config,
                                       const char *dirdata);

#endif
