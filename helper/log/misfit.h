/* A value that its column cannot have: why a row cannot be read. */
#ifndef LOG_MISFIT_H
#define LOG_MISFIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/delimiter.h"
#include "log/header.h"
#include "log/split.h"

enum { MISFIT_VALUE_SIZE = 40 };

/* The first such value of an object.  Zeroed at birth. */
struct misfit {
    bool is_found;
    uint64_t line;
    enum column column;
    char value[MISFIT_VALUE_SIZE]; /* its start, with "?" for bytes that cannot be printed */
};

/* Returns the error of a row that is split into as many values as the header names, but has a value that its column
 * cannot have: a constant text; NULL when there is none. */
const char *misfit_error(const struct fields *fields, const struct header *header);

/* Returns the error of a row in which a column of numbers has another value: a constant text; NULL when none has. */
const char *misfit_number_error(const struct fields *fields, const struct header *header);

/* Returns the error of a row in which this column has a value that it cannot have: a constant text. */
const char *misfit_column_error(enum column column);

/* Whether a row has a date and a time of day as they must be, or a timestamp. */
bool misfit_has_time(const struct fields *fields, const struct header *header);

/* Finds such a value in a line that is a row all the same: the delimiter divides it into as many values as the header
 * names, and most of them look as they must.  Keeps the first one that was found. */
void misfit_find(struct misfit *misfit, const struct delimiter *delimiter, const char *line,
                 size_t size, uint64_t number, const struct header *header, struct fields *fields,
                 char *scratch);

/* Returns the error of the row with what was found: a constant text. */
const char *misfit_reason(const struct misfit *misfit);

/* Writes what was found, what the column needs, and what to do. */
void misfit_describe(const struct misfit *misfit, char *out, size_t size);

#endif
