/* The list of the objects of a part: a line "SIZE MODIFIED TAG KEY" each, and END at its end. */
#ifndef SHARDS_PART_H
#define SHARDS_PART_H

#include "shards/plan.h"
#include "source/kind.h"

struct part {
    char *text; /* owned; the objects point into it */
    struct source_object *objects;
    size_t count, capacity;
};

/* Divides the objects of a batch into the parts of the task's plan, ranges of about the same number of bytes, and
 * writes their lists. */
bool parts_write(struct task *task, const struct source_object *objects, size_t count);

/* Reads the list of part NUMBER; the caller frees the zeroed PART in both cases. */
bool part_read(struct task *task, struct part *part, unsigned number);
void part_free(struct part *part);

#endif
