/* Finds objects of a run without a ledger that hold the same log. */
#ifndef RUN_COPIES_H
#define RUN_COPIES_H

#include "run/internal.h"

/* Marks in run->is_copy each object that holds the same log as an earlier one, and prints one warning.
 * Returns whether only their texts can tell of more (run/texts.h): not if each object has a name of
 * CloudFront's form that no other one has, as then each holds a log of its own. */
bool copies_find(struct run *run);

#endif
