/* Stores the regions of buckets, as S3 names them, in the ledger, so that only the first run sends a request to another
 * region. */
#ifndef BATCH_REGION_H
#define BATCH_REGION_H

#include "batch/batch.h"
#include "config/site.h"
#include "ledger/ledger.h"
#include "source/source.h"

/* Sets regions of SITE to what is remembered, *REGIONS, which the caller frees. */
bool region_recall(struct ledger *ledger, struct site *site, char **regions);

/* Stores where the buckets of SOURCE were found, if that is not yet known; of other buckets, what SITE has
 * recalled stays.  A site with the setting "region" forgets all else: without the setting, its next run begins a new
 * search. */
bool region_remember(struct ledger *ledger, const struct site *site, const struct source *source);

#endif
