/* The text between two values of a row.  Standard logging v2 lets a user choose any. */
#ifndef LOG_DELIMITER_H
#define LOG_DELIMITER_H

#include <stdbool.h>
#include <stddef.h>

#include "log/split.h"

enum { DELIMITER_SIZE_MAX = 16 };

struct delimiter {
    char text[DELIMITER_SIZE_MAX];
    size_t size; /* 0: not known */
};

static inline bool delimiter_is(const struct delimiter *delimiter, char byte)
{
    return delimiter->size == 1 && *delimiter->text == byte;
}

/* Reads the value of a setting: "tab", "space", or the text itself, in which \t is a TAB.  Returns NULL,
 * or an error such as "must be ...": a constant text. */
const char *delimiter_parse(struct delimiter *delimiter, const char *value);

/* Finds the delimiter between the names of a #Fields header; size 0 when that is white space, which
 * tells nothing about the rows. */
void delimiter_of_names(struct delimiter *delimiter, const char *names, size_t size);

/* Splits a row.  A value may stand in quotation marks when the delimiter occurs in it; two of them inside
 * stand for one, and SCRATCH, of SIZE bytes, gets such a value.  Other values in which the delimiter
 * occurs are found by the look of all values (log/shape.h).  Returns NULL, or why the row cannot be read:
 * a constant text. */
const char *delimiter_split(const struct delimiter *delimiter, struct fields *fields,
                            const char *row, size_t size, const struct header *header,
                            char *scratch);

/* Finds the delimiter of a row by the header: a text that divides the row into values that look as those
 * of the header's columns do.  HINT, if its size is not 0, is tried first, and is taken also when it occurs
 * inside values.  Returns false when there is none, or several. */
bool delimiter_find(struct delimiter *delimiter, const struct delimiter *hint, const char *row,
                    size_t size, const struct header *header, struct fields *fields, char *scratch);

/* The error of a row in which the delimiter occurs inside values. */
extern const char delimiter_unclear[];

/* Whether all values look as those of the header's columns do. */
bool delimiter_fits(const struct fields *fields, const struct header *header);

#endif
