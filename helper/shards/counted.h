/* The result of counting a shard: the file `result` in the folder of its history.  Its last line names the files of
 * this history (complete.h). */
#ifndef SHARDS_COUNTED_H
#define SHARDS_COUNTED_H

#include "shards/plan.h"

/* As struct batch_history, and the version of AWStats; each a line, "" when the shard had no records. */
struct counted {
    char *previous, *history, *files, *figures;
    char *version; /* such as "7.8 (build 20200416)" */
};

void counted_free(struct counted *counted);
bool counted_write(struct task *task, const struct counted *counted, const char *folder);

/* Reads that of shard NUMBER.  Returns 1; 0 when it is not there; -1 with the error.  The caller frees the zeroed
 * COUNTED. */
int counted_read(struct task *task, struct counted *counted, unsigned number);

#endif
