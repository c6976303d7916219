/* The outcome of a batch: the file `prepared` of the work. */
#ifndef SHARDS_PREPARED_H
#define SHARDS_PREPARED_H

#include "shards/plan.h"

struct prepared {
    char batch[BATCH_ID_SIZE]; /* the revision that is counted */
    char *previous;            /* as batch_previous() */
    char *former;              /* names of the site, as batch_former(); NULL */
    char **folders;            /* of each part: where the logs of the shards are, in the work */
    unsigned parts;
    uint64_t time;        /* when it was written, by the clock of prepare; seconds */
    uint64_t quarantined; /* objects of the batch */
};

void prepared_free(struct prepared *prepared);
bool prepared_write(struct task *task, const struct prepared *prepared);

/* Returns 1; 0 when the file is not there; -1 with the error.  The caller frees the zeroed PREPARED in all cases. */
int prepared_read(struct task *task, struct prepared *prepared);

#endif
