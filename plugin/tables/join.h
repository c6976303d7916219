/* Joins the tables of lanes.  A lane counts the records of its share of the hosts in tables of its own; pure C. */
#ifndef PLUGIN_TABLES_JOIN_H
#define PLUGIN_TABLES_JOIN_H

#include "tables/tables.h"

/* Adds the counters of FROM, which has counted other hosts of the same sorted log, to TO, and empties FROM.  Both have
 * the same extra sections.  Rows of TO stay where they are.  If a host is in both all the same, its later visit stays.
 * Returns false when memory has run out; both are then unusable but for tables_free(). */
bool tables_join(struct tables *to, struct tables *from);

#endif
