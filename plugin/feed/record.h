/* A record of the normalized log, split.
 *
 * Only what leaves no doubt is split: exactly the columns of normalized/columns.def, each with at least one
 * byte; a time that exists, as YYYY-MM-DD and hh:mm:ss; a status of three digits; a number of
 * bytes. AWStats takes much more, each in its own way, and is left to judge it. */
#ifndef PLUGIN_FEED_RECORD_H
#define PLUGIN_FEED_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "normalized/columns.h"
#include "normalized/field.h"

struct record {
    struct field field[COLUMN_COUNT]; /* they lie in the line that was split */
    unsigned minute, second;     /* of its time, which lies where COLUMN_TIME does */
    unsigned status;             /* 0 to 999 */
    uint64_t bytes;              /* below 10^15, which Perl's numbers hold */
};

/* Splits a line, LF and all.  False when it is not a record without doubt. */
bool record_split(struct record *record, const char *line, size_t size);

/* Whether a field is exactly TEXT. */
bool field_is(const struct field *field, const char *text);

/* Whether a date exists; YEAR of 1000 to 9999. */
bool date_exists(unsigned year, unsigned month, unsigned day);

#endif
