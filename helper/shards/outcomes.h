/* The outcomes of the objects of a part: the file `result` of a map.  Lines:
 *
 *   read NUMBER LENGTH HIGH LOW STAYS BAD         an object that was read: its digest, its malformed lines
 *   left NUMBER OUTCOME ERROR                     one that was left out
 *   hosts OTHERS OWN EXAMPLE                      how many records the setting "host" left out, whether any was
 *                                                 read, and a host that was left out
 *   END */
#ifndef SHARDS_OUTCOMES_H
#define SHARDS_OUTCOMES_H

#include "batch/batch.h"
#include "shards/plan.h"
#include "text/digest.h"

struct outcome {
    bool is_read, stays;
    struct digest digest;
    uint64_t bad;
    enum batch_outcome why; /* unless it is read */
    char *error;
};

struct outcomes {
    struct outcome *objects;
    size_t count;
    uint64_t other_hosts;
    bool has_own;
    char *other_host; /* an example; NULL */
};

void outcomes_init(struct outcomes *outcomes, size_t count);
void outcomes_free(struct outcomes *outcomes);

bool outcomes_write(struct task *task, const struct outcomes *outcomes, const char *path);

/* Reads those of part NUMBER, which has COUNT objects; the caller frees the zeroed OUTCOMES in both cases. */
bool outcomes_read(struct task *task, struct outcomes *outcomes, unsigned number, size_t count);

#endif
