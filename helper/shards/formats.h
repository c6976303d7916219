/* Checks that no history file in AWStats' XML format stands in the way of a plan: collect can add nothing to it.  An
 * update writes the files that it changes as text, once the configuration says so. */
#ifndef SHARDS_FORMATS_H
#define SHARDS_FORMATS_H

#include "shards/plan.h"
#include "source/kind.h"

/* Checks the files that collect will change as far as the names of the objects tell: those of the hours in these names,
 * and the newest file.  Returns false with the error, which names the command that helps. */
bool formats_allow_plan(struct task *task, const struct source_object *objects, size_t count);

/* Checks the history file NAME from before the shards.  Returns false with the error, which says how to give the plan up
 * and what to do then. */
bool formats_allow_merge(struct task *task, const char *name);

#endif
