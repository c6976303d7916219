#include "batch/other_hosts.h"

#include "batch/internal.h"
#include "text/message.h"

/* Whether a record of the site was counted before: 1, 0, or -1.  A ledger of a version that has not stored
 * this has the figures of AWStats; without them it is believed to have counted. */
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

/* Refuses the batch; returns false. */
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
