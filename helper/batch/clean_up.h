/* Deletes or moves the objects of committed batches.
 *
 * What is to be done stands in the ledger, and goes from there once it was done, so that an
 * interrupted clean-up goes on with the next run.  Only what is still the object that was counted
 * is touched.  What fails is reported in one line, and tried again with the next run. */
#ifndef BATCH_CLEAN_UP_H
#define BATCH_CLEAN_UP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/site.h"
#include "ledger/ledger.h"

/* Does all that stands in the ledger, as the site's setting "after" says; nothing with "keep".
 * TRANSFERS: requests at once. */
void clean_up_run(struct ledger *ledger, const struct site *site, unsigned transfers);

/* An object that is to be deleted or moved. */
struct clean_item {
    char *key, *tag; /* owned */
    uint64_t size;
    bool is_done; /* it is away, or is not the object any more that was counted */
};

/* What does it, for one kind of source. */
struct cleaner {
    /* Makes state; false after printing one line: all is left for a later run. */
    bool (*open)(struct cleaner *cleaner);
    /* Deletes or moves the objects, and sets is_done of each that needs no more; reports failures
     * with clean_up_failed().  False when there is no use in going on. */
    bool (*clean)(struct cleaner *cleaner, struct clean_item *items, size_t count);
    void (*close)(struct cleaner *cleaner);
    const struct site *site;
    unsigned transfers;
    uint64_t failed; /* objects */
    void *state;
};
extern const struct cleaner cleaner_bucket, cleaner_path;

/* Notes that an object could not be deleted or moved; the first one is named. */
void clean_up_failed(struct cleaner *cleaner, const char *key, const char *cause);

#endif
