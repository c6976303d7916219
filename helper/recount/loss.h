/* Whether the history has hits that the counted objects do not have: from before a change of the configuration, of
 * another program, of other logs, or counted twice. */
#ifndef RECOUNT_LOSS_H
#define RECOUNT_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recount/recount.h"

struct recount_loss {
    char span[sizeof "these months together"]; /* or YYYY-MM, or YYYY-MM-DD */
    uint64_t before, after;                    /* hits in the history, and in the counted objects */
};

/* Returns whether the new files of these months, the oldest first, have fewer hits and also fewer bytes than the old
 * ones: in a month, with hits that are not viewed; in all months together; or on a day, only viewed hits.  Stores the
 * first such span in LOSS.
 *
 * Hits alone become fewer when a view of a streaming log was counted in two parts, and bytes alone when
 * partial=exact corrects them; neither is a loss.  Another time zone, or a late event of a view, moves records to the
 * day before or after.  So a day, and a month, is compared with its new hits and those of the days around it. */
bool recount_find_loss(const struct recount_month *months, size_t count, struct recount_loss *loss);

#endif
