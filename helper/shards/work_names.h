/* The names of a plan's objects in a bucket, behind the ID of the plan and "/". */
#ifndef SHARDS_WORK_NAMES_H
#define SHARDS_WORK_NAMES_H

#include "shards/plan.h"

/* Whether NAME is one of these; TRY is a name as task_make_name() makes it:
 *
 *     prepared
 *     parts/PART
 *     before/SHARD/HISTORY
 *     maps/PART/TRY/SHARD.zst          results/maps/PART/TRY
 *     shards/SHARD/TRY/HISTORY         results/shards/SHARD/TRY */
bool work_name_is(const struct plan *plan, const char *name);

#endif
