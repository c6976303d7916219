#include "batch/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "batch/clean_up.h"
#include "batch/internal.h"
#include "batch/new_objects.h"
#include "batch/owner.h"
#include "batch/planned.h"
#include "batch/reading.h"
#include "batch/region.h"
#include "ledger/lock.h"
#include "memory/allocate.h"
#include "text/by_number.h"
#include "text/message.h"
#include "text/time.h"

bool batch_make_id(char id[BATCH_ID_SIZE], int64_t *seconds, struct batch_error *error)
{
    uint32_t random;
    struct timespec now;
    char stamp[TIME_TEXT_SIZE];
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return batch_error_set(error, BATCH_ERROR,
                               "the system returns no random numbers (getrandom), which each run "
                               "needs; nothing was counted; run this again, and if it fails again, "
                               "allow getrandom in the sandbox or container");
    clock_gettime(CLOCK_REALTIME, &now);
    time_format(stamp, "%Y%m%d-%H%M%S", now.tv_sec);
    snprintf(id, BATCH_ID_SIZE, "%.20s-%06u-%08x", stamp, (unsigned)now.tv_nsec / 1000, random);
    *seconds = now.tv_sec;
    return true;
}

void batch_add_object(struct batch *batch, const struct source_object *object)
{
    batch->objects =
        array_grow(batch->objects, batch->count, &batch->capacity, sizeof *batch->objects);
    batch->objects[batch->count++] = source_object_copy(object);
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct source_object *)a)->key, ((const struct source_object *)b)->key);
}

void batch_sort_objects(struct batch *batch)
{
    if (batch->count)
        qsort(batch->objects, batch->count, sizeof *batch->objects, compare_keys);
}

size_t batch_find_object(const struct batch *batch, const char *key)
{
    const struct source_object wanted = {.key = key}, *found = NULL;
    if (batch->count)
        found = bsearch(&wanted, batch->objects, batch->count, sizeof wanted, compare_keys);
    return found ? (size_t)(found - batch->objects) : batch->count;
}

static bool keep_object(void *user, const struct ledger_object *object, const char *twin,
                        enum ledger_outcome outcome, bool was_quarantined)
{
    struct batch *batch = user;
    batch->quarantined += outcome == LEDGER_QUARANTINED;
    if (outcome != LEDGER_READ)
        return true;
    batch->was_quarantined =
        array_grow(batch->was_quarantined, batch->count, &batch->was_quarantined_capacity,
                   sizeof *batch->was_quarantined);
    if (twin)
        copies_add(batch, batch->count, twin);
    batch->was_quarantined[batch->count] = was_quarantined;
    struct source_object read = {object->key, object->tag, object->size, object->modified};
    batch_add_object(batch, &read);
    return true;
}

bool batch_open(struct batch **result, const struct site *site, const struct batch_options *options,
                bool any_owner, struct batch_error *error)
{
    struct batch *batch = memory_allocate(1, sizeof *batch);
    *result = batch;
    batch->site = *site;
    batch->transfers = options->transfers;
    batch->end = options->end;
    batch->is_planned = options->is_planned;
    batch->error = error;
    batch->lock = -1;
    pthread_mutex_init(&batch->mutex, NULL);
    batch->path = site_state_path(site);
    switch (lock_take(&batch->lock, batch->path, options->wait, &error->text)) {
    case LOCK_HELD:
        break;
    case LOCK_TAKEN_BY_OTHER:
        error->reason = BATCH_HELD;
        return false;
    default:
        return false;
    }
    if (!options->is_planned && !planned_check_none(site, batch->path, error))
        return false;
    if (ledger_open(&batch->ledger, batch->path, true, &error->text) != 1)
        return false;
    char reading[DIGEST_WRITTEN_SIZE];
    reading_write(site, reading);
    ledger_set_reading(batch->ledger, reading);
    return any_owner || owner_is(batch->ledger, site, batch->path, error);
}

/* Deletes or moves the counted objects that still wait for it in the old source, after the setting "source" has
 * changed.  Later clean-ups look only in the new source, and would forget them.  A directory that no longer exists is
 * taken for one that was moved with its files. */
static bool clean_old_source(struct batch *batch)
{
    char *old = NULL;
    struct ledger_status status = {0};
    if (!owner_get_old_source(batch->ledger, &batch->site, &old, batch->error))
        return false;
    bool done = true;
    if (old && (site_kind(old) == SITE_BUCKET || access(old, F_OK) == 0)) {
        struct site site = batch->site;
        site.source = old;
        site.kind = site_kind(old);
        const struct clean_up_options options = {.transfers = batch->transfers};
        clean_up_run(batch->ledger, &site, &options, &batch->error->text);
        done = ledger_get_status(batch->ledger, &status);
        if (done && status.to_clean_up)
            done = batch_error_set(
                batch->error, BATCH_ERROR,
                "[%s]: the setting \"source\" changed from %s to %s, but %llu counted %s not %s "
                "yet; set \"source\" back for one more update, which does this, or set after = "
                "keep, and these objects stay",
                batch->site.name, old, batch->site.source, (unsigned long long)status.to_clean_up,
                by_number(status.to_clean_up, "object of the old source is",
                          "objects of the old source are"),
                batch->site.after == SITE_AFTER_MOVE ? "moved" : "deleted");
    }
    ledger_status_free(&status);
    free(old);
    return done;
}

bool batch_take_source(struct batch *batch, const struct ledger_batch *open)
{
    if (!open && batch->site.after != SITE_AFTER_KEEP && !clean_old_source(batch))
        return false;
    if (!owner_take(batch->ledger, &batch->site, open, &batch->source_name, batch->error))
        return false;
    batch->site.source = batch->source_name;
    return region_recall(batch->ledger, &batch->site, &batch->regions);
}

/* Begins a new batch. */
static bool begin(struct batch *batch, const struct batch_options *options)
{
    batch->current.writes_open = options->end == BATCH_COMMIT;
    batch->is_begun_here = true;
    return batch_make_id(batch->current.id, &batch->current.begun, batch->error) &&
           new_objects_begin_batch(batch->ledger, &batch->current, batch->source, &batch->site,
                                   options, &batch->error->text);
}

bool batch_take(struct batch **result, struct source *source, const struct site *site,
                const struct batch_options *options, struct batch_error *error)
{
    if (!batch_open(result, site, options, false, error))
        return false;
    struct batch *batch = *result;
    if (site->kind == SITE_STDIN)
        return batch_error_set(error, BATCH_ERROR,
                               "[%s]: the source of a site cannot be the standard input; name a "
                               "bucket, a directory or a file",
                               site->name);
    int found = ledger_get_batch(batch->ledger, &batch->current);
    int has_counted = ledger_has_counted(batch->ledger);
    batch->has_counted = has_counted > 0;
    if (found >= 0 && options->id && (!found || strcmp(batch->current.id, options->id) != 0))
        return batch_error_set(error, BATCH_IS_OTHER, "[%s]: batch %s is not open in the ledger",
                               site->name, options->id);
    if (found < 0 || has_counted < 0 || !batch_take_source(batch, found ? &batch->current : NULL) ||
        source_connect(source, batch->site.source, &batch->site, options->transfers, &error->text) <
            0)
        return false;
    batch->source = source;
    batch_clean_up(batch, NULL);
    if (found) {
        message_verbose("batch %s was begun by an earlier run, and is continued",
                        batch->current.id);
        if (options->end != BATCH_STAYS && !ledger_resume(batch->ledger))
            return false;
    } else if (!begin(batch, options)) {
        return false;
    }
    if (!region_remember(batch->ledger, &batch->site, source) ||
        !ledger_visit_batch(batch->ledger, keep_object, batch) ||
        !ledger_get_views(batch->ledger, &batch->views, &batch->views_size) ||
        !ledger_get_previous(batch->ledger, batch->previous) ||
        !ledger_get_former(batch->ledger, &batch->former) ||
        !ledger_get_history(batch->ledger, &batch->history) ||
        !ledger_get_files(batch->ledger, &batch->files))
        return false;
    copies_begin(batch);
    if (found && batch->count && options->has_objects)
        options->has_objects(options->user);
    if (source_expect(source, batch->objects, batch->count, &error->text) < 0)
        return false;
    message_verbose("batch %s: %zu %s", batch->current.id, batch->count,
                    by_number(batch->count, "object", "objects"));
    return true;
}

void batch_free(struct batch *batch)
{
    if (!batch)
        return;
    for (size_t i = 0; i < batch->count; i++)
        free((char *)batch->objects[i].key);
    for (size_t i = 0; i < batch->left_out_count; i++)
        free(batch->left_out[i].error);
    bool is_undone = batch->is_refused || (batch->end == BATCH_STAYS && batch->is_begun_here);
    if (is_undone && !ledger_abandon(batch->ledger))
        message_warning("%s; no record is lost or counted twice: the next run reads the same "
                        "objects once more, and newer ones only after them",
                        batch->error->text.data);
    free(batch->left_out);
    copies_free(batch);
    free(batch->objects);
    free(batch->was_quarantined);
    free(batch->views);
    free(batch->former);
    free(batch->history);
    free(batch->files);
    free(batch->path);
    free(batch->source_name);
    free(batch->regions);
    buffer_free(&batch->replaced);
    ledger_close(batch->ledger);
    if (batch->lock >= 0)
        close(batch->lock);
    pthread_mutex_destroy(&batch->mutex);
    free(batch);
}

const struct ledger_batch *batch_get(const struct batch *batch)
{
    return &batch->current;
}

const struct source_object *batch_get_objects(const struct batch *batch, size_t *count)
{
    *count = batch->count;
    return batch->objects;
}

bool batch_has_nothing_new(const struct batch *batch)
{
    return batch->is_begun_here && !batch->count;
}

bool batch_has_only_quarantined(const struct batch *batch)
{
    bool has = batch->is_begun_here && batch->count;
    for (size_t i = 0; has && i < batch->count; i++)
        has = batch->was_quarantined[i];
    return has;
}

bool batch_has_counted(const struct batch *batch)
{
    return batch->has_counted;
}

const char *batch_previous(const struct batch *batch)
{
    return batch->previous;
}

const char *batch_former(const struct batch *batch)
{
    return batch->former;
}

const char *batch_history(const struct batch *batch)
{
    return batch->history;
}

const char *batch_files(const struct batch *batch)
{
    return batch->files;
}

const char *batch_replaced(const struct batch *batch)
{
    return batch->replaced.size ? batch->replaced.data : "";
}

void batch_get_views(const struct batch *batch, const void **data, size_t *size)
{
    *data = batch->views;
    *size = batch->views_size;
}
