/* A line of an AWStats history file, split.
 *
 *     KEY{ VALUE}[ ]LF      single spaces between, no other white space anywhere
 *
 * Only what leaves no doubt is split.  AWStats takes more, and is left to judge it. */
#ifndef PLUGIN_HISTORY_LINE_H
#define PLUGIN_HISTORY_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feed/record.h"

/* More than any section has. */
enum { HISTORY_FIELDS = 8 };

struct history_line {
    struct field field[HISTORY_FIELDS]; /* they lie in the line that was split */
    unsigned fields;                    /* at least 1 */
};

/* Splits a line, LF and all.  False when it is not such a line, or has more fields. */
bool history_line_split(struct history_line *history, const char *line, size_t size);

/* Reads a number as AWStats writes it: digits, at most 18, no zero before others.  False when it
 * is anything else. */
bool history_number(const struct field *field, uint64_t *number);

#endif
