/* The second half of the commit: AWStats has counted the batch. */
#include <string.h>

#include "batch/clean_up.h"
#include "batch/internal.h"
#include "batch/owner.h"
#include "batch/request_ids.h"
#include "config/site_command.h"
#include "text/message.h"

/* PREVIOUS, FILES and FIGURES: as for ledger_commit(). */
static bool commit(struct batch *batch, const char *id, const char *previous, const char *files,
                   const char *figures)
{
    if (!ledger_commit(batch->ledger, id, batch->site.after != SITE_AFTER_KEEP,
                       request_ids_exist(batch, id), previous, files, figures))
        return false;
    request_ids_remove_old(batch);
    message_verbose("batch %s is marked as counted", id);
    return true;
}

bool batch_commit(struct batch *batch)
{
    return commit(batch, batch->current.id, "", NULL, NULL);
}

void batch_clean_up(struct batch *batch, volatile uint64_t *waiting)
{
    struct clean_up_options options = {batch->source, batch->transfers, batch->has_cleaned_up,
                                       waiting};
    clean_up_run(batch->ledger, &batch->site, &options, &batch->error->text);
    batch->has_cleaned_up = true;
}

static bool set_history(struct batch *batch, const struct batch_history *history)
{
    return !history->name || ledger_set_history(batch->ledger, history->name);
}

bool batch_commit_counted(struct batch *batch, const struct batch_history *history)
{
    return set_history(batch, history) &&
           commit(batch, batch->current.id, history->previous, history->files, history->figures);
}

static bool commit_by_id(struct batch *batch, const char *id, const struct batch_history *history)
{
    char last[BATCH_ID_SIZE];
    int found = ledger_get_batch(batch->ledger, &batch->current);
    int is_prepared = found > 0 ? ledger_has_prepared(batch->ledger, id) : 0;
    if (found < 0 || is_prepared < 0 || !ledger_get_last_id(batch->ledger, last))
        return false;
    if (is_prepared)
        return set_history(batch, history) &&
               commit(batch, id, history->previous, history->files, history->figures);
    if (*last && !strcmp(last, id)) {
        message_verbose("batch %s was marked as counted already", id);
        return set_history(batch, history) &&
               (!*history->previous || ledger_set_previous(batch->ledger, history->previous));
    }
    if (found && !strcmp(batch->current.id, id))
        return batch_error_set(batch->error, BATCH_ERROR,
                               "[%s]: batch %s was not passed to AWStats yet, so AWStats cannot "
                               "have counted it; run the AWStats update, which counts it",
                               batch->site.name, id);
    return batch_error_set(
        batch->error, BATCH_ERROR,
        "[%s]: there is no batch %s, so nothing was marked as counted; correct --batch: "
        "%s%s, and %s%s",
        batch->site.name, id,
        found ? "the batch that waits to be counted is " : "no batch waits to be counted",
        found ? batch->current.id : "",
        *last ? "the last counted batch is " : "no batch is counted yet", last);
}

bool batch_abandon_planned(const struct site *site, const struct batch_options *options,
                           struct batch_error *error)
{
    struct batch *batch = NULL;
    bool done =
        batch_open(&batch, site, options, true, error) && ledger_abandon_prepared(batch->ledger);
    batch_free(batch);
    return done;
}

bool batch_check_waits(const struct site *site, const char *id, const struct batch_options *options,
                       struct batch_error *error)
{
    struct batch *batch;
    char last[BATCH_ID_SIZE];
    int waits = -1;
    if (batch_open(&batch, site, options, false, error) && ledger_get_last_id(batch->ledger, last))
        waits = strcmp(last, id) ? ledger_has_prepared(batch->ledger, id) : 1;
    batch_free(batch);
    if (waits == 0) {
        char *abandon = site_command(site, "plan --abandon");
        batch_error_set(
            error, BATCH_ERROR,
            "[%s]: the ledger does not have the plan's batch %s, so the ledger was deleted or "
            "replaced; put the ledger back, or give the plan up: %s",
            site->name, id, abandon);
        free(abandon);
    }
    return waits > 0;
}

bool batch_commit_by_id(const struct site *site, const char *id,
                        const struct batch_history *history, const struct batch_options *options,
                        struct batch_error *error)
{
    struct batch *batch;
    bool done = batch_open(&batch, site, options, false, error) && commit_by_id(batch, id, history);
    if (done && site->after != SITE_AFTER_KEEP) {
        /* If the setting "source" has changed, the next batch handles the change. */
        int open = ledger_get_batch(batch->ledger, &batch->current);
        if (open >= 0 && batch_take_source(batch, open ? &batch->current : NULL))
            batch_clean_up(batch, NULL);
        else
            message_warning("%s", error->text.data);
    }
    batch_free(batch);
    return done;
}

bool batch_begin_history(const struct batch *batch)
{
    return strcmp(batch->previous, "-") != 0 || ledger_set_previous(batch->ledger, "");
}

bool batch_set_previous(const struct site *site, const char *previous,
                        const struct batch_options *options, struct batch_error *error)
{
    struct batch *batch;
    bool done = batch_open(&batch, site, options, false, error) &&
                owner_renew(batch->ledger, site) && ledger_forget_files(batch->ledger) &&
                ledger_set_previous(batch->ledger, previous);
    batch_free(batch);
    return done;
}
