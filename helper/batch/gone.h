/* Counted logs that the list of the source does not have, and what to do to have them again. */
#ifndef BATCH_GONE_H
#define BATCH_GONE_H

#include "batch/counted.h"
#include "batch/error.h"
#include "config/site.h"
#include "source/source.h"

/* Logs of one place (source/source.h). */
struct gone {
    uint64_t count;
    struct buffer named; /* the first of them */
};

/* Counts a log, by the key of its object, in its place of GONE[SOURCE_PLACES]. */
void gone_add(struct gone *gone, const struct source *source, const char *key);

/* Whether there are logs, other than those that include and exclude leave out, if MAY_LEAVE_OUT. */
bool gone_has(const struct gone *gone, bool may_leave_out);

/* Stores the error, by why, may_leave_out and leave_out_option of CHOICE.  Returns false. */
bool gone_fail(const struct gone *gone, const struct site *site,
               const struct counted_choice *choice, struct batch_error *error);

/* Warns of the logs of each place, which are wanted, but not needed. */
void gone_warn(const struct gone *gone, const struct site *site);

void gone_free(struct gone *gone);

#endif
