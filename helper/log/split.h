/* The values of one row of a log. */
#ifndef LOG_SPLIT_H
#define LOG_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "log/header.h"
#include "log/lines.h"
#include "normalized/bytes.h"
#include "normalized/field.h"

enum { FIELDS_MAX = HEADER_FIELDS_MAX + 64 };

struct fields {
    size_t count;
    bool
        are_plain; /* decode_plain() would copy every value unchanged, and LINES_SLACK bytes after each may be read;
                       false: that is not sure */
    unsigned
        doubt; /* how unlikely it is that parts of the row belong to one value: 0 where none do */
    bool is_joined;  /* parts of the row were joined to one value */
    bool is_unclear; /* it is not clear which parts of the row belong to one value */
    struct field field[FIELDS_MAX + BYTES_STEP]; /* fields_split_tab() uses the rest */
};

/* Returns a value that is absent, with LINES_SLACK bytes after it. */
static inline struct field fields_absent(void)
{
    static const char text[1 + LINES_SLACK] = "-";
    return (struct field){text, 1};
}

/* Leaves out the spaces around a value. */
static inline void fields_trim(struct field *value)
{
    while (value->size && *value->text == ' ')
        value->text++, value->size--;
    while (value->size && value->text[value->size - 1] == ' ')
        value->size--;
}

/* Returns the value at a position; an absent one when POSITION is negative or after the row. */
static inline struct field fields_at(const struct fields *fields, int position)
{
    if (position < 0 || (size_t)position >= fields->count)
        return fields_absent();
    return fields->field[position];
}

/* Returns the value of a column; "-" when the header or the row does not have it. */
static inline struct field fields_get(const struct fields *fields, const struct header *header,
                                      enum column column)
{
    struct field field = fields_at(fields, header->position[column]);
    return field.size ? field : fields_absent();
}

/* Splits a row of SIZE bytes, without its line end, at every TAB.  Spaces around a value are left
 * out.  A row of more than FIELDS_MAX fields is cut there.  After the row come LINES_SLACK bytes. */
void fields_split_tab(struct fields *fields, const char *row, size_t size);

/* Splits at every space.  When the row has more fields than the header names, the spaces are inside
 * x-forwarded-for, the only value in which CloudFront leaves them: its parts are joined again if
 * the header has that column.  HEADER may be NULL: nothing is joined. */
void fields_split_space(struct fields *fields, const char *row, size_t size,
                        const struct header *header);

/* Compares the number of fields with the header's.  Empty fields at the end do not count.  Returns
 * NULL, or an error: a constant text. */
const char *fields_check(struct fields *fields, const struct header *header);

#endif
