/* Whether the site's history is as it was when the plan was made: the names, sizes and times of its files, in the file
 * `dirdata` of the generation.  The histories of the shards have what DirData had then, so whatever another program has
 * written since would be missing in the sums. */
#ifndef SHARDS_UNCHANGED_H
#define SHARDS_UNCHANGED_H

#include "shards/plan.h"

/* Writes the file `dirdata`.  Call it before DirData is read for the plan. */
bool unchanged_write(struct task *task);

/* Check all history files, or those with these NAMES.  A file that has this BATCH is a sum of the plan, which an earlier
 * collect has put there.  Each returns false with the error of the task. */
bool unchanged_check(struct task *task, const char *batch);
bool unchanged_check_files(struct task *task, const char *batch, char *const *names, size_t count);

#endif
