/* Exchanges counters between the tables (tables/tables.h) and the hashes of AWStats that they stand
 * for.  Those hashes are empty, but for what awstats.pl adds while it counts a record itself:
 * exchange_take() moves that to the tables.
 *
 * awstats.pl reads some of the numbers that it changes.  It finds them: when it looks for a host's
 * visit in a hash, the hash gets that host's entry first, by perl's magic of hashes.
 *
 * exchange_give_back() gives all counters to AWStats, which then counts and saves alone. */
#ifndef PLUGIN_AWSTATS_EXCHANGE_H
#define PLUGIN_AWSTATS_EXCHANGE_H

#include "awstats/variables.h"
#include "tables/tables.h"

struct exchange;

/* Makes the exchange; croaks if AWStats lacks a hash, or memory runs out.  Both must outlive it. */
struct exchange *exchange_new(pTHX_ const struct variables *variables, struct tables *tables);
void exchange_free(pTHX_ struct exchange *exchange);

/* Exchanges with TABLES from now on, which must have as many extra sections.  RECORD: number of the record that
 * awstats.pl gets next, for the texts that it adds. */
void exchange_with(struct exchange *exchange, struct tables *tables, uint64_t record);

/* Takes what awstats.pl has added to its hashes, which are empty then.  If a number is none that a
 * table can have, gives all back.  Croaks when memory has run out. */
void exchange_take(pTHX_ struct exchange *exchange);

/* To be called before awstats.pl counts a record: puts the rows of each extra section that has ROWS_MAX or more into
 * its hash, so that awstats.pl sees that the section is full. */
void exchange_show_full(pTHX_ struct exchange *exchange, UV rows_max);

/* Gives all counters to AWStats' hashes, beside what these have; the tables are empty then. */
void exchange_give_back(pTHX_ struct exchange *exchange);

/* Returns about how much memory AWStats' hashes take, in bytes. */
size_t exchange_memory(pTHX_ const struct exchange *exchange);

#endif
