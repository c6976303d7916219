/* The clean-up after a commit: deletes or moves the objects that were counted.
 *
 * The ledger lists these objects, and removes each one from its list after the deletion or the move, so the next
 * run continues an interrupted clean-up.  The ledger stores why an object could not be deleted or moved.  Of the
 * objects with the same reason, the next run tries one, and the others only if the first one succeeds or the
 * reason concerns one object alone, such as another object in its place.  The clean-up touches only the version
 * that was counted. */
#ifndef BATCH_CLEAN_UP_H
#define BATCH_CLEAN_UP_H

#include <stdbool.h>
#include <stdint.h>

#include "config/site.h"
#include "ledger/ledger.h"
#include "source/source.h"

struct clean_up_options {
    struct source *source; /* connected; NULL: connect the site's if there is something to do */
    unsigned transfers;    /* requests at once */
    bool only_new;         /* leave those objects alone for which it has failed */
    volatile uint64_t *waiting; /* NULL, or how many objects of the list are left, at any time */
};

/* Deletes or moves all objects that the ledger lists, as the site's setting "after" says; does
 * nothing with "keep".  ERROR is the buffer of the ledger.  Prints a warning when something fails;
 * the next run tries again.  A signal may end the process at any time: the next run goes on. */
void clean_up_run(struct ledger *ledger, const struct site *site,
                  const struct clean_up_options *options, struct buffer *error);

#endif
