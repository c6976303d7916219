/* The clean-up after a commit: deletes or moves the objects that were counted.
 *
 * The ledger lists these objects, and removes each one from its list after the deletion or the move, so the next
 * run continues an interrupted clean-up.  The ledger stores why an object could not be deleted or moved.  Of the
 * objects with the same reason, the next run tries one, and the others only if the first one succeeds or the
 * reason concerns one object alone, such as another object in its place.  The clean-up touches only the version
 * that was counted. */
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
