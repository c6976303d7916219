/* Batches that hold records, but no record of a host that the setting host names.  Either the setting has a mistake,
 * or the site shares its source with other sites and had no requests. */
#ifndef BATCH_OTHER_HOSTS_H
#define BATCH_OTHER_HOSTS_H

#include "batch/batch.h"

/* What the objects of a batch hold, once all outcomes are recorded. */
struct batch_hosts {
    bool has_own;        /* a record of a host that is read */
    uint64_t others;     /* records of other hosts */
    const char *example; /* one of these hosts */
};

/* Decides, before batch_prepare(), whether the batch may be counted.  Returns false, and batch_free() makes the
 * batch's objects new again, if it holds records, but the site has never had one of a host that the setting
 * host names. */
bool batch_check_hosts(struct batch *batch, const struct batch_hosts *hosts);

#endif
