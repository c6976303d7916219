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

#include "log/header.h"
#include "log/split.h"

enum { EVIDENCE_COLUMNS = 16 };

/* The evidence of the rows of one layout.  Zeroed at birth. */
struct evidence {
    size_t field_count; /* columns of the layout; 0: no row has it */
    uint64_t rows;
    uint64_t first, last; /* lines */
    uint32_t open;        /* columns that no row has borne out yet: bits */
    uint8_t form[EVIDENCE_COLUMNS],
        against[EVIDENCE_COLUMNS]; /* of the rows against an open column: the form of their
                                                                  values, and how many they are */
};

/* Whether a value is certainly none of a column that CloudFront alone fills. */
bool evidence_is_against(enum column column, struct field value);

/* Adds a row of the layout; HEADER describes its columns.  A line that is added again does not count. */
void evidence_add(struct evidence *evidence, const struct fields *fields,
                  const struct header *header, uint64_t line);

/* Finds a column that all rows are against.  A visitor's own texts are never evidence if one row has another one.
 * Returns its name, and stores what the rows have in its place, as in "names of hosts"; NULL when there is none. */
const char *evidence_find(const struct evidence *evidence, const char **instead);

#endif
