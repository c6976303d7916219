/* A site's batch that many tasks count by a plan (shards/shards.h).  Between the tasks no process holds the lock of the
 * ledger, so a file beside the ledger tells that the batch belongs to the plan.  As long as this file is there, only
 * the plan's tasks take the batch.
 *
 * The file is LEDGER.plan: the plan's ID, a space, its work, LF, the folder of its histories, LF. */
#ifndef BATCH_PLANNED_H
#define BATCH_PLANNED_H

#include <limits.h>
#include <stdbool.h>

#include "batch/error.h"
#include "config/site.h"
#include "text/buffer.h"

struct planned {
    char id[64];               /* of the plan; "": there is none */
    char work[PATH_MAX];       /* a folder, or s3://BUCKET/PREFIX */
    char generation[PATH_MAX]; /* shards/generation.h */
};

/* Reads the plan of the ledger at PATH.  Returns false with one line in ERROR when that fails. */
bool planned_read(struct planned *planned, const char *path, struct buffer *error);

/* Writes it; NULL: removes it. */
bool planned_write(const struct planned *planned, const char *path, struct buffer *error);

/* Returns false, with what to do, when the ledger at PATH has a plan. */
bool planned_check_none(const struct site *site, const char *path, struct batch_error *error);

#endif
