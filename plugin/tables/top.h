/* The rows that come first in a section; pure C.  Mirrors BuildKeyList of AWStats, for the order in
 * which the rows are offered. */
#ifndef PLUGIN_TABLES_TOP_H
#define PLUGIN_TABLES_TOP_H

#include "tables/rows.h"

/* A row that comes first. */
struct top_row {
    uint64_t order;    /* the greatest come first */
    uint64_t sequence; /* of equals, the one that was offered first does */
    struct row *row;   /* NULL: the row is not in a table, but at this PLACE of a file */
    uint64_t place;
};

struct top {
    double max, min; /* how many rows, and the least number that they must have; above 0 */
    uint64_t offered;
    struct top_row *first; /* COUNT of them */
    size_t count, capacity;
};

/* Offers a row.  SELECT: its number that must be MIN at least.  Returns false when memory has run
 * out. */
bool top_offer(struct top *top, uint64_t select, const struct top_row *row);

/* Sorts the rows that come first. */
void top_sort(struct top *top);

/* Forgets all rows. */
void top_clear(struct top *top);

#endif
