/* The class of a time: an hour of the log, or a minute if a plugin changes times; and the lengths
 * of visits. */
#ifndef PLUGIN_VALUES_TIME_H
#define PLUGIN_VALUES_TIME_H

#include <stdbool.h>

#include "awstats/counters.h"
#include "memory/table.h"

struct counted_name;
struct values;

struct moment {
    struct entry entry;
    bool classified, unsupported;
    UV time;   /* YYYYMMDDhhmmss of its start, as AWStats has it */
    UV period; /* the digits of that which DatabaseBreak tells apart */
    unsigned hour;
    struct counter_key day;
};

/* Returns the range that a visit's length is in; START and END are times as AWStats keeps them.
 * NULL if perl's thread must find it.  Mirrors GetSessionRange. */
struct counted_name *values_session(pTHX_ struct values *values, UV start, UV end);
struct counted_name *values_session_of(pTHX_ struct values *values, SV *start, SV *end);

#endif
