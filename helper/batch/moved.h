/* Finds out whether the objects of an open batch, which are all gone, were moved within the source. */
#ifndef BATCH_MOVED_H
#define BATCH_MOVED_H

#include <stdbool.h>

#include "batch/batch.h"

/* Whether the source has an object that holds the same log as one of the batch.  Lists the source; false also when that
 * fails. */
bool moved_find(struct batch *batch);

#endif
