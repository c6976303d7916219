/* Decides which objects of a source are read: one bucket may hold the logs of many distributions.
 *
 * A pattern with "*", "?" or "[" is a glob over the whole key, or over the part behind the prefix
 * or folder of the source; "*" stands for any bytes, also "/".  Any other pattern, such as the ID
 * of a distribution, is a word of the part behind the prefix or folder, or several words in a row, as
 * DistributionId=E2EXAMPLE: words end at "/", ".", "=" and at the ends of the key.  So E2EXAMPLE fits a
 * name (E2EXAMPLE.2026-03-10-12.0a1b2c3d.gz), a folder, and DistributionId=E2EXAMPLE.  A pattern of either kind that
 * ends with "/" fits every key below such a folder. */
#ifndef SOURCE_KEY_FILTER_H
#define SOURCE_KEY_FILTER_H

#include <stdbool.h>

/* The caller owns the texts.  A zeroed filter takes every key. */
struct key_filter {
    bool is_bucket;
    const char *prefix;            /* of a bucket; else the folder or the file */
    const char *include, *exclude; /* patterns with spaces, TABs or commas between; NULL: none */
};

/* Makes the filter of a source, whose URI is SOURCE. */
void key_filter_init(struct key_filter *filter, const char *source, const char *include,
                     const char *exclude);

/* Returns whether the filter takes every key. */
static inline bool key_filter_is_open(const struct key_filter *filter)
{
    return !filter->include && !filter->exclude;
}

/* Returns whether the key is in the source: below its prefix or folder, or the source itself. */
bool key_filter_has(const struct key_filter *filter, const char *key);

/* Returns whether the key fits a pattern to include, if there are any, and none to exclude. */
bool key_filter_takes(const struct key_filter *filter, const char *key);

#endif
