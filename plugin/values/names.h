/* The names that AWStats counts under: a browser, a file type, a row of an extra section. */
#ifndef PLUGIN_VALUES_NAMES_H
#define PLUGIN_VALUES_NAMES_H

#include "awstats/counters.h"
#include "memory/table.h"

struct counted_name {
    struct entry entry;
    struct counter_key counter;
};

enum name_kind {
    NAME_DOMAIN,
    NAME_FILE_TYPE,
    NAME_ROBOT,
    NAME_BROWSER,
    NAME_OS,
    NAME_ENGINE,
    NAME_EDGE,
    NAME_WORM,
    NAME_SESSION,
    NAME_MISC,
    NAME_SIZE,
    NAME_KINDS
};

struct values;

/* Returns the range that a response's size is in, or NULL as values_name() does; mirrors GetBandwidthRange (since AWStats
 * 7.9). */
struct counted_name *values_size(pTHX_ struct values *values, UV bytes);

#endif
