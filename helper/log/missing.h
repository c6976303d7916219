/* The columns of a log without which a figure of AWStats is empty or false. */
#ifndef LOG_MISSING_H
#define LOG_MISSING_H

#include "log/header.h"
#include "log/normalize.h"

enum missing {
    MISSING_CLIENT,
    MISSING_FORWARDED_FOR,
    MISSING_METHOD,
    MISSING_HOST,
    MISSING_STEM,
    MISSING_STATUS,
    MISSING_BYTES,
    MISSING_REFERER,
    MISSING_AGENT,
    MISSING_COUNT
};

/* Returns which of them a log lacks: bits, 1 << enum missing.  A column that another one replaces is
 * not missing: x-host-header or cs(Host), and x-forwarded-for where OPTIONS say so; then this column can be missing,
 * too.  A streaming log needs fewer columns; one with a column too few to make views of it has bad rows instead. */
unsigned missing_find(const struct header *header, const struct normalize_options *options);

/* Returns the missing column, and what becomes of the figures without it: constant texts, as in "no
 * column %s: %s". */
const char *missing_column(enum missing missing);
const char *missing_effect(enum missing missing);

#endif
