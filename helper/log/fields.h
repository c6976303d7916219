/* A row of a log, taken apart. */
#ifndef LOG_FIELDS_H
#define LOG_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "log/header.h"
#include "normalized/field.h"

enum { FIELDS_MAX = HEADER_FIELDS_MAX + 64 };

struct fields {
    size_t count;
    struct field field[FIELDS_MAX];
};

/* The value of a column; "-" when the header or the row does not have it. */
struct field fields_get(const struct fields *fields, const struct header *header,
                        enum column column);

/* Splits a row of SIZE bytes, without its line end, at every TAB; spaces around a value are left
 * out.  A row of more than FIELDS_MAX fields is cut there. */
void fields_split_tab(struct fields *fields, const char *row, size_t size);

/* Splits at every space.  When the row has more fields than the header names, the spaces stood
 * inside x-forwarded-for, the one value in which CloudFront leaves them: its parts are put together
 * again where the header has that column. */
void fields_split_space(struct fields *fields, const char *row, size_t size,
                        const struct header *header);

#endif
