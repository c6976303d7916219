/* Packs objects that were counted long ago: from the table object into blocks (block.h).
 *
 * A block fills its pages of the file, so objects that would not fill one stay rows.  Rows stay, too: those
 * that a block cannot give back exactly, and those of the last days, which each run looks up.  A row that comes late,
 * between the objects of a block, makes the block rows again, and they are packed together. */
#ifndef LEDGER_PACK_H
#define LEDGER_PACK_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger/internal.h"

/* Goes on packing, after the commit of a batch with COMMITTED objects.  Takes a time in proportion to
 * their number, and little when nothing was new.  An error is not one of the batch: what was not packed
 * stays as it was, and the next run tries again. */
void pack_go_on(struct ledger *ledger, uint64_t committed);

/* Makes rows of the objects of the block that has an object with this key, if there is one; or of all blocks.
 * The caller has begun a transaction. */
bool pack_undo_key(struct ledger *ledger, const char *key);
bool pack_undo_all(struct ledger *ledger);

#endif
