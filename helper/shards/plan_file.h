/* The file of a plan. */
#ifndef SHARDS_PLAN_FILE_H
#define SHARDS_PLAN_FILE_H

#include "shards/plan.h"

/* Writes the plan into WORK, when all that it names is there. */
bool plan_write(const struct plan *plan, const char *work, struct buffer *error);

enum { PLAN_SIZE_MAX = 1 << 23 };

/* Takes the TEXT of a plan apart, which is changed.  NAME: of the file or the object.  Returns false with one line in
 * ERROR; the caller frees the zeroed PLAN in both cases. */
bool plan_parse(struct plan *plan, char *text, const char *name, struct buffer *error);

#endif
