/* A record of the normalized log, split into its fields.
 *
 * record_split() accepts only records that leave no doubt: exactly the columns of
 * normalized/columns.def, each with at least one byte; an existing date of the years 1000 to 9999;
 * a time from 00:00:00 to 23:59:59; a status of three digits; a number of bytes.  AWStats accepts
 * much more, each column in its own way, so every other line is left to AWStats. */
#ifndef NORMALIZED_RECORD_H
#define NORMALIZED_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "normalized/clock.h"
#include "normalized/columns.h"
#include "normalized/field.h"

/* How many columns may have numbers: those that readers look up, again and again. */
enum { RECORD_NUMBERS = 15 };

struct record {
    const char *line; /* the line that was split, LF and all */
    size_t size;
    uint32_t end[COLUMN_COUNT]; /* of each column, from the start of the line */
    struct clock_date date;
    struct clock_time time;
    unsigned status; /* 0 to 999 */
    uint64_t bytes;  /* below 10^15, which Perl's numbers hold */

    /* Within one numbering, values of a column that have equal numbers are equal.  A numbering of 0: this record has
     * no numbers. */
    uint32_t numbering;
    uint32_t number[RECORD_NUMBERS]; /* at record_number_place() */
};

/* A number has two parts.  Its index is 1 or above, and small.  When the values of a column are forgotten, a new
 * series begins, and indexes begin again. */
enum { RECORD_INDEX_BITS = 24 };
static inline uint32_t record_number_index(uint32_t number)
{
    return number & ((UINT32_C(1) << RECORD_INDEX_BITS) - 1);
}
static inline uint32_t record_number_series(uint32_t number)
{
    return number >> RECORD_INDEX_BITS;
}

/* Splits a line of less than 4 GiB that ends with LF.  Returns false for a line that leaves doubt. */
bool record_split(struct record *record, const char *line, size_t size);

/* Returns the field of a column, which lies in the line. */
static inline struct field record_field(const struct record *record, enum column column)
{
    const uint32_t begin = column == 0 ? 0 : record->end[column - 1] + 1;
    return (struct field){record->line + begin, record->end[column] - begin};
}

/* For record_number_place(): the place of each column's number, plus 1. */
extern const int8_t record_number_places[COLUMN_COUNT];

/* Returns where the number of a column's value is, -1 when the column has none. */
static inline int record_number_place(enum column column)
{
    return record_number_places[column] - 1;
}

/* Returns whether a field is exactly TEXT.  Inline, so that the size of a constant TEXT is known. */
static inline bool record_field_is(const struct field *field, const char *text)
{
    return field->size == strlen(text) && memcmp(field->text, text, field->size) == 0;
}

/* Returns whether a date exists and has a year of four digits, 1000 or later. */
bool record_date_exists(unsigned year, unsigned month, unsigned day);

#endif
