/* Remembers in the ledger where S3 has found the bucket, so that only the first run asks in the wrong region. */
#ifndef BATCH_REGION_H
#define BATCH_REGION_H

#include "batch/batch.h"
#include "config/site.h"
#include "ledger/ledger.h"
#include "source/source.h"

/* Sets likely_region of SITE, whose source is in a bucket, to what is remembered of that bucket. */
bool region_recall(struct ledger *ledger, struct site *site);

/* Stores where the bucket of SOURCE was found, if that is not yet known. */
bool region_remember(struct ledger *ledger, const struct site *site, const struct source *source);

#endif
