/* Tells what the values of a column look like.  By this look the program recognizes a row without a header, and
 * finds where each value ends when the delimiter occurs inside values. */
#ifndef LOG_SHAPE_H
#define LOG_SHAPE_H

#include <stdbool.h>

#include "normalized/columns.h"
#include "normalized/field.h"

/* Whether a value can be one of the column.  An absent value, and a NULL of a table
 * (log/table_values.h), fit any column but date and time. */
bool shape_fits(enum column column, struct field value);

/* Whether values of the column are texts of users, in which anything may occur, a delimiter too.
 * COLUMN_NONE, a column that is not used, is one. */
bool shape_is_free(enum column column);

/* Whether a value is the address of a client, IPv4 or IPv6. */
bool shape_is_address(struct field value);

/* Whether a value is seconds since 1970 with milliseconds, as real-time logs have them. */
bool shape_is_precise_time(struct field value);

#endif
