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

/* Returns the column that has the host by the setting "host", if a log lacks this column: a constant text.  Returns NULL
 * if the log has it; missing_column(MISSING_HOST) if the log has no host.  A streaming log has its hosts elsewhere. */
const char *missing_host(const struct header *header, const struct normalize_meaning *meaning,
                         const struct normalize_options *options);

/* Returns the missing column, and what becomes of the figures without it: constant texts, as in "no
 * column %s: %s". */
const char *missing_column(enum missing missing);
const char *missing_effect(enum missing missing);

/* Returns what to do about missing columns: a constant text.  HAS_FIELDS: the setting fields names the columns. */
const char *missing_advice(bool has_fields);

#endif
