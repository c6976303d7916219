/* Whether the AWStats history is the one that the ledger knows. */
#ifndef UPDATE_HISTORY_H
#define UPDATE_HISTORY_H

#include <stdbool.h>

#include "batch/batch.h"

struct history_wanted {
    const struct batch *batch; /* knows the history, and its last batch */
    const char *site;
    const char *dirdata; /* DirData as the configuration has it; may be NULL */
    bool ignores_recount;
};

/* Returns whether the history has the batch of SITE that the ledger knows as its last one, and no recount is left
 * to be finished.  Reads the beginning of one file, and needs no perl.  The plugin checks the same, and more,
 * before it counts (AWStats::CloudFront::Batch); it says why a history is not right. */
bool history_is_right(const struct history_wanted *wanted);

#endif
