/* Finds objects of a run without a ledger, once they are read, that hold the same log. */
#ifndef RUN_TEXTS_H
#define RUN_TEXTS_H

#include "run/internal.h"

/* Calls DROP for each object that was read and holds the same log as another one (batch/same_log.h), by
 * the digests of their whole texts, and prints one warning. */
void texts_drop_copies(struct run *run, void (*drop)(void *user, size_t object), void *user);

#endif
