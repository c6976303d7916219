/* Makes a new batch of what a source has. */
#ifndef BATCH_NEW_OBJECTS_H
#define BATCH_NEW_OBJECTS_H

#include <stdbool.h>

#include "config/site.h"
#include "ledger/ledger.h"
#include "source/kind.h"

/* Lists SOURCE, and begins a batch of all objects that are not known and old enough, and of those
 * that were set aside.  FULLY: all of the source; else, where the keys' order allows it, from those
 * on that can be new.  False after a message: nothing has changed. */
bool listing_begin_batch(struct ledger *ledger, const struct ledger_batch *batch,
                         struct source *source, const struct site *site, bool fully);

#endif
