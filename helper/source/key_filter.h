/* Decides which objects of a source are read: one bucket may hold the logs of many distributions.
 *
 * A pattern with "*", "?" or "[" is a glob over the whole key, or over what follows the prefix or folder
 * of the source; "*" stands for any bytes, "/" too.  Any other pattern, such as the ID of a distribution,
 * is a word of the key: all that is between two of "/", "." and "=", or the key's ends.  So E2EXAMPLE is
 * found in a name (E2EXAMPLE.2026-03-10-12.0a1b2c3d.gz), as a folder, and in DistributionId=E2EXAMPLE. */
#ifndef SOURCE_KEY_FILTER_H
#define SOURCE_KEY_FILTER_H

#include <stdbool.h>

/* The texts belong to the caller.  Zeroed: takes every key. */
struct key_filter {
    const char *source;            /* its URI */
    const char *include, *exclude; /* patterns with spaces, TABs or commas between; NULL: none */
};

void key_filter_init(struct key_filter *filter, const char *source, const char *include,
                     const char *exclude);

/* Whether it takes every key. */
static inline bool key_filter_is_open(const struct key_filter *filter)
{
    return !filter->include && !filter->exclude;
}

/* Whether the key is one of the source: below its prefix or folder, or its file. */
bool key_filter_has(const struct key_filter *filter, const char *key);

/* Whether the key fits a pattern to include, if there are any, and none to exclude. */
bool key_filter_takes(const struct key_filter *filter, const char *key);

#endif
