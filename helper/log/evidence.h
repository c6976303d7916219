/* Rows without a header: whether their values bear out the columns that their number tells.
 *
 * A standard log v2 with a choice of columns may have as many as the log of an era.  Many values have a form that only
 * one column has: Hit, HTTP/2.0, www.example.com.  If every row has such a value in the place of another column, the
 * columns are not those of the era. */
#ifndef LOG_EVIDENCE_H
#define LOG_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/delimiter.h"
#include "log/header.h"
#include "log/split.h"

enum { EVIDENCE_COLUMNS = 16 };

/* The evidence of the rows of one layout.  Zeroed at birth. */
struct evidence {
    size_t field_count; /* columns of the layout; 0: no row has it */
    uint64_t rows;
    size_t parts;         /* that the delimiter makes of the first row; a value may have several */
    bool has_plain;       /* a row has no delimiters inside values */
    uint64_t sure;        /* rows before it that have some, but only in texts of visitors */
    uint64_t first, last; /* lines */
    uint32_t open;        /* columns that no row has borne out yet: bits */
    /* Of the rows against an open column: the form of their values, and how many they are. */
    uint8_t form[EVIDENCE_COLUMNS], against[EVIDENCE_COLUMNS];
};

/* Whether a row has a value that is certainly none of its column. */
bool evidence_has_other(const struct fields *fields, const struct header *header);

/* Adds a row of the layout, of PARTS parts; HEADER describes its columns.  A line that is added again does not count. */
void evidence_add(struct evidence *evidence, const struct fields *fields,
                  const struct header *header, const struct delimiter *delimiter, size_t parts,
                  uint64_t line);

/* Whether the rows are hardly those of the layout: all have more parts, and few show that a part is no column. */
bool evidence_is_missing(const struct evidence *evidence);

/* Finds a column that all rows are against.  A visitor's own texts are never evidence if one row has another one.
 * Returns its name, and stores what the rows have in its place, as in "names of hosts"; NULL when there is none. */
const char *evidence_find(const struct evidence *evidence, const char **instead);

#endif
