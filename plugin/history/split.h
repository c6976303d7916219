/* A line of an AWStats history file, split into its fields; pure C.
 *
 *     KEY{ VALUE}[ ]LF      single spaces between, no other white space anywhere
 *
 * history_line_split() accepts only lines whose meaning is certain.  AWStats accepts more, so every
 * other line is left to AWStats. */
#ifndef PLUGIN_HISTORY_SPLIT_H
#define PLUGIN_HISTORY_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "normalized/record.h"

/* More fields than a line of any section has. */
enum { HISTORY_FIELDS = 8 };

struct history_line {
    struct field field[HISTORY_FIELDS]; /* they lie in the line that was split */
    unsigned fields;                    /* at least 1 */
};

/* Splits a line, with its LF.  Returns false if the line is of another form, or has more fields. */
bool history_line_split(struct history_line *history, const char *line, size_t size);

static const int64_t HISTORY_NUMBER_MAX = INT64_C(999999999999999999);

/* Reads a number as AWStats writes it: up to HISTORY_NUMBER_MAX, without leading zeros.  False if the
 * field is anything else. */
bool history_number(const struct field *field, uint64_t *number);

#endif
