/* The clean-up after a commit: deletes or moves the objects that were counted.
 *
 * The ledger lists them, and forgets each one once it was deleted or moved, so an interrupted
 * clean-up continues with the next run.  It stores why an object could not be deleted or moved; of the
 * objects with one reason the next run tries one, and the others only when that succeeds.  Only the version that was counted is touched. */
#ifndef BATCH_CLEAN_UP_H
#define BATCH_CLEAN_UP_H

#include "config/site.h"
#include "ledger/ledger.h"
#include "source/source.h"

/* Deletes or moves all objects that the ledger lists, as the site's setting "after" says; does
 * nothing with "keep".  SOURCE is connected; NULL: the site's source is connected if there is
 * something to do, with TRANSFERS requests at once.  ONLY_NEW: leaves those alone for which it has
 * failed.  ERROR is the buffer of the ledger.  Prints a
 * warning when something fails; the next run tries again. */
void clean_up_run(struct ledger *ledger, struct source *source, const struct site *site,
                  unsigned transfers, bool only_new, struct buffer *error);

#endif
