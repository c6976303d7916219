/* The clean-up after a commit, as the kinds of source see it: deletes the objects that were
 * counted, or moves them. */
#ifndef SOURCE_CLEANER_H
#define SOURCE_CLEANER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/site.h"

/* An object to delete or move. */
struct clean_item {
    char *key, *tag; /* owned; tag is that of the version that was counted, "" for any version */
    uint64_t size;
    bool is_done;   /* it is gone, or was replaced by an object that was not counted */
    bool is_copied; /* of a move: its copy was made, and only the deletion is left */
    char *error;    /* why it cannot be deleted or moved; owned, NULL: it can, or was not tried */
};

/* One clean-up. */
struct cleaner {
    const struct site *site; /* after and after_to say what to do */
    const char *place;       /* what messages put before a key; NULL: nothing */
    bool is_quiet;           /* prints no warning */
    uint64_t failed;         /* objects */
};

/* Records that an object could not be deleted or moved, unless it has an error already.  Prints a
 * warning for the first one; the next clean-up tries all again. */
void cleaner_failed(struct cleaner *cleaner, struct clean_item *item, const char *error);

#endif
