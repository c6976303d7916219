/* The outcome of a batch: the file `settled` of the work. */
#ifndef SHARDS_SETTLED_H
#define SHARDS_SETTLED_H

#include "shards/plan.h"

struct settled {
    char batch[BATCH_ID_SIZE]; /* the revision that is counted */
    uint64_t bad, quarantined;
    char *previous; /* as batch_previous() */
    char *former;   /* names of the site, as batch_former(); NULL */
    char **folders; /* of each part: where the logs of the shards are */
    unsigned parts;
};

void settled_free(struct settled *settled);
bool settled_write(struct task *task, const struct settled *settled);

/* Returns 1; 0 when the file is not there; -1 with the error.  The caller frees the zeroed SETTLED in all cases. */
int settled_read(struct task *task, struct settled *settled);

#endif
