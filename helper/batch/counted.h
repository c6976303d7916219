/* The counted objects of a site, as the source has them now: to count them again, or to look at
 * them.  An object that was moved or touched is still the counted object.  If several objects hold the
 * same log, one of them is read (batch/same_log.h). */
#ifndef BATCH_COUNTED_H
#define BATCH_COUNTED_H

#include "batch/batch.h"

/* Hours, as in the names of objects: seconds UTC of the beginning of the first one, and of the one
 * after the last. */
struct hours {
    int64_t from, to;
};

/* Which counted objects to read. */
struct counted_choice {
    struct hours read;            /* objects of these hours; and all whose names have no hour */
    const struct hours *whole;    /* hours of which all counted objects must be in the source: */
    size_t whole_count;           /* else the choice fails.  An object without an hour is in each */
    bool is_settled;              /* no batch may be prepared, and the site stays locked: no update
                                  * may change what is counted */
    const char *why;              /* with whole, for the error: "cannot be counted again" */
    bool may_leave_out;           /* objects that include and exclude leave out need not be there */
    const char *leave_out_option; /* the option that allows this, for the error; NULL: none */
};

/* Takes the site's lock, lists the source, and connects SOURCE with the counted objects that CHOICE
 * wants; changes nothing in the ledger.  Else as batch_take().  Warns of counted objects that are
 * gone from the other hours to read. */
bool batch_take_counted(struct batch **batch, struct source *source, const struct site *site,
                        const struct batch_options *options, const struct counted_choice *choice,
                        struct batch_error *error);

/* Return how many objects batch_take_counted() has chosen, and the key of one, by its number in the
 * source. */
size_t batch_count(const struct batch *batch);
const char *batch_key(const struct batch *batch, size_t object);

#endif
