#include "batch/other_hosts.h"

#include "batch/internal.h"
#include "text/message.h"

/* Returns 1 if a record of the site was counted before, 0 if none was, -1 after an error.  Older versions did not
 * store this: then the figures of AWStats decide, and without figures the result is 1. */
static int has_counted_records(const struct batch *batch)
{
    struct ledger_status status = {0};
    int has = ledger_has_records(batch->ledger);
    if (has || !batch->has_counted)
        return has;
    bool done = ledger_get_status(batch->ledger, &status);
    const struct ledger_figures *figures = &status.figures;
    bool are_known = figures->since && !figures->unknown;
    has = done ? !are_known || figures->sum.number[FIGURE_RECORDS] : -1;
    ledger_status_free(&status);
    return has;
}

/* Stores the error that the batch has only records of other hosts.  Returns false. */
static bool refuse(struct batch *batch, const struct batch_hosts *hosts)
{
    batch->is_refused = true;
    return batch_error_set(
        batch->error, batch->has_counted ? BATCH_OF_OTHER_HOSTS : BATCH_ERROR,
        "[%s]: none of the new records (%llu) is for a host that the setting \"host\" (%s) names; "
        "they are for others, such as %s; nothing is marked as counted: correct the setting "
        "\"host\", then run the update again",
        batch->site.name, (unsigned long long)hosts->others, batch->site.hosts, hosts->example);
}

bool batch_check_hosts(struct batch *batch, const struct batch_hosts *hosts)
{
    if (batch->end == BATCH_STAYS)
        return true;
    if (hosts->has_own)
        return ledger_set_has_records(batch->ledger);
    if (!hosts->others)
        return true;
    int has = batch->current.prepared ? 1 : has_counted_records(batch);
    if (has < 0)
        return false;
    if (!has)
        return refuse(batch, hosts);
    message_note(
        "[%s]: none of the new records (%llu) is for a host that the setting \"host\" (%s) names; "
        "they are for others, such as %s; no action is needed if these are other sites'",
        batch->site.name, (unsigned long long)hosts->others, batch->site.hosts, hosts->example);
    return true;
}
