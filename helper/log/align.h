/* Finds which parts of a row belong to one value, when the delimiter occurs inside values. */
#ifndef LOG_ALIGN_H
#define LOG_ALIGN_H

#include <stdbool.h>

#include "log/split.h"

/* The most delimiters inside the values of a row. */
enum { ALIGN_EXTRA_MAX = 32 };

/* The parts of a row, each counted by the least that joining it to the part before costs: a lower bound of the doubt.
 * Zeroed at birth. */
enum { ALIGN_LEAST_MAX = 6 };
struct align_parts {
    size_t count, of_cost[ALIGN_LEAST_MAX + 1];
};

void align_add_part(struct align_parts *parts, struct field part);

/* Returns the least doubt of a row in which so many of the parts are joined to others. */
unsigned align_least_doubt(const struct align_parts *parts, size_t joined);

/* Joins fields, which are more than the header names and lie one after the other in a row, so that each
 * looks as its column does (log/shape.h).  Only values of free columns are joined.  Of several ways, the
 * likeliest is taken: "%20" at the start of a part continues the value before, "-" stands alone, a query has
 * "=", a referring page "://", a user agent names a program and its version, and x-forwarded-for has
 * addresses.  Stores the doubt.
 * Returns false when there is no way, or another one is almost as likely, or any other one has another status,
 * size, time or address of the client (FIELDS->is_unclear). */
bool align_fields(struct fields *fields, const struct header *header);

#endif
