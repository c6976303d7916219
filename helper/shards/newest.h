/* Ends visits in all shards by the newest records of the site, as one update of the whole site does.
 *
 * AWStats ends a visit when it saves a history and the newest record is an hour later.  A shard sees only the records
 * of its own hosts, so its visits go on longer: a late record in the next batch would continue a visit in the shard,
 * although the visit has ended in the site's history, where this record begins another visit.  So the plan stores the
 * time of the newest record of each history file of the site, and reduce ends the visits of the shard by these times
 * before it counts. */
#ifndef SHARDS_NEWEST_H
#define SHARDS_NEWEST_H

#include "shards/plan.h"

/* Adds the time of the newest record of each of the site's history files to TEXT: words "DATE=TIME", with DATE as in
 * the name of the file, and TIME as YYYYMMDDHHMMSS.  Returns false after an error of the task. */
bool newest_records_add(struct task *task, struct buffer *text);

/* Ends visits in the history of a shard, in FOLDER, by the times of the plan.  Returns false after an error of the
 * task. */
bool newest_records_end_visits(struct task *task, const char *folder);

/* Returns the time of the newest record in the site's history file NAME when the plan was made; 0 when the plan does
 * not have it. */
uint64_t newest_records_get(const struct plan *plan, const char *name);

/* Returns the time of the first record in the files NAME of all shards and of the history from before all shards.
 * Where AWStats has not stored the first record of a file, the newest one stands for it.  0 when there is no such
 * file. */
uint64_t newest_records_first(const struct plan *plan, const char *name);

#endif
