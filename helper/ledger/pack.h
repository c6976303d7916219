/* Packs objects that were counted long ago: from the table object into blocks (block.h).
 *
 * A block fills its pages of the file, so objects that are too few for a block stay rows.  Objects also stay rows if
 * a block cannot give them back exactly, as those of a directory, which have no ETag, or those whose names have no hour;
 * or if they are of the last hours, between which new ones come.  If an object comes late, with a key between those of a
 * block, the objects of the block become rows again, and are packed anew with it. */
#ifndef LEDGER_PACK_H
#define LEDGER_PACK_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger/internal.h"

/* Goes on packing, after the commit of a batch with COMMITTED objects.  Takes a time in proportion to
 * their number, and little when nothing was new.  An error is not one of the batch: what was not packed
 * stays as it was, and the next run tries again. */
void pack_go_on(struct ledger *ledger, uint64_t committed);

/* Makes rows of the objects of the block that has an object with this key, if there is one.  The caller has begun a
 * transaction. */
bool pack_undo_key(struct ledger *ledger, const char *key);

/* Replaces FROM by TO at the start of the keys of packed objects.  Where that is not possible, makes rows of the
 * objects, which keep their keys.  The caller has begun a transaction, and replaces the keys of rows next. */
bool pack_move_keys(struct ledger *ledger, const char *from, const char *to);

#endif
