/* Makes a new batch from the objects of a source. */
#ifndef BATCH_NEW_OBJECTS_H
#define BATCH_NEW_OBJECTS_H

#include <stdbool.h>

#include "config/site.h"
#include "ledger/ledger.h"
#include "source/source.h"

/* Lists SOURCE, and begins a batch of all objects that are new and old enough (the site's setting
 * settle), and of the quarantined ones.  OPTIONS: with lists_fully, lists all of the source; else, where the order of
 * the keys allows it, only from where new objects can be.  ERROR is the buffer of the ledger.
 * False with one line in it: nothing has changed. */
struct batch_options;
bool new_objects_begin_batch(struct ledger *ledger, const struct ledger_batch *batch,
                             struct source *source, const struct site *site,
                             const struct batch_options *options, struct buffer *error);

#endif
