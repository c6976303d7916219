/* The newest records of the site: they end visits in all shards, as in one update of the whole site.
 *
 * AWStats ends a visit when it saves a history and the newest record is an hour later.  A shard sees only the records of its
 * own hosts, so its visits go on longer: a late record in the next batch would continue a visit that has ended in the site's
 * history, and there begins another one.  So the plan stores the newest record of each history file of the site, and reduce
 * ends the visits of the shard by these before it counts. */
#ifndef SHARDS_NEWEST_H
#define SHARDS_NEWEST_H

#include "shards/plan.h"

/* Adds the newest record of each of the site's history files to TEXT: words "DATE=TIME", with DATE as in the name of the
 * file, and TIME as YYYYMMDDHHMMSS. */
bool newest_records_add(struct task *task, struct buffer *text);

/* Ends visits in the history of a shard in FOLDER by the newest records of the plan. */
bool newest_records_end_visits(struct task *task, const char *folder);

/* Returns the newest record of the site's history file NAME before the plan; 0 when the plan does not tell. */
uint64_t newest_records_get(const struct plan *plan, const char *name);

/* Returns the time of the first record in the files called NAME, of all shards and of the history from before them, or of a
 * later record where AWStats has not stored the first one; 0 when there is none. */
uint64_t newest_records_first(const struct plan *plan, const char *name);

#endif
