/* Finds objects of a run without a ledger that hold the same log. */
#ifndef RUN_COPIES_H
#define RUN_COPIES_H

#include "run/internal.h"

/* Marks in run->is_copy each object that holds the same log as an earlier one, and prints one
 * warning. */
void copies_find(struct run *run);

#endif
