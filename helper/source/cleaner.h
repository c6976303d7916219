/* The data of a clean-up after a commit, in which a source deletes or moves the objects that were
 * counted. */
#ifndef SOURCE_CLEANER_H
#define SOURCE_CLEANER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/site.h"

/* An object to delete or move. */
struct clean_item {
    char *key, *tag; /* owned; the tag of the version that was counted, "": any version */
    uint64_t size;
    bool is_done;  /* the object is gone, or replaced by one that was not counted */
    char *error;   /* why the clean-up failed; owned; NULL: it did not fail so far */
    bool is_alone; /* the error concerns this object alone, so others with this text may succeed */
};

/* One clean-up. */
struct cleaner {
    const struct site *site; /* its settings after and after_to */
    const char *place;       /* goes before a key in messages; NULL: nothing */
    bool is_quiet;           /* cleaner_failed() prints no warning */
    int64_t end;             /* when delete_objects() gives up, as s3_sent.end; 0: never */
    uint64_t failed;         /* objects that failed */
};

/* Records that an object could not be deleted or moved, unless it has an error already; the record leaves out the
 * number of tries, so that objects which fail for one reason have one error.  Prints a warning for the first one; the
 * next clean-up tries all again. */
void cleaner_failed(struct cleaner *cleaner, struct clean_item *item, const char *error);

#endif
