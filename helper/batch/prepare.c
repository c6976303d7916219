/* The first half of the two-phase commit: stores the outcome of each object before AWStats counts the log. */
#include <stdio.h>
#include <stdlib.h>

#include "batch/internal.h"
#include "batch/moved.h"
#include "config/sources.h"
#include "memory/allocate.h"

enum {
    /* A run that has read no object gives up after so many that are forbidden or corrupt. */
    FAILED_MAX = 10,
    /* A run gives up after so many unsent objects, each of which takes minutes; UNSENT_FIRST_MAX: if it has read none. */
    UNSENT_MAX = 10,
    UNSENT_FIRST_MAX = 3,
    ASKED_MAX = 3, /* changed objects about which the source is asked again */
};

void batch_set_read(struct batch *batch, size_t object, const struct digest *digest, bool stays)
{
    pthread_mutex_lock(&batch->mutex);
    batch->reached++;
    batch->digests[object] = *digest;
    batch->stays[object] = stays;
    copies_set_read(batch, object);
    pthread_mutex_unlock(&batch->mutex);
}

bool batch_is_passed_over(enum batch_outcome outcome)
{
    return outcome == BATCH_FOREIGN || outcome == BATCH_MALFORMED;
}

/* Returns whether all objects may have this outcome, so that the error is not that of one. */
static bool may_be_of_all(enum batch_outcome outcome)
{
    return outcome == BATCH_FORBIDDEN || outcome == BATCH_CORRUPT || outcome == BATCH_UNSENT;
}

void batch_give_up(struct batch *batch)
{
    batch->is_refused = !batch->is_planned;
}

/* Returns whether the objects that were left out so far show that the others would fail, too.  AWStats may have counted
 * a prepared batch, so an outage that may pass must not take an object out of it. */
static bool must_stop(const struct batch *batch)
{
    size_t unsent_max = batch->current.prepared ? 1
                        : batch->reached        ? UNSENT_MAX
                                                : UNSENT_FIRST_MAX;
    return batch->unsent >= unsent_max || (batch->failed >= FAILED_MAX && !batch->reached);
}

bool batch_leave_out(struct batch *batch, size_t object, enum batch_outcome outcome,
                     const char *error)
{
    pthread_mutex_lock(&batch->mutex);
    bool is_new = !batch->was_quarantined[object];
    batch->reached += outcome == BATCH_UNREADABLE || batch_is_passed_over(outcome);
    batch->failed += may_be_of_all(outcome) && is_new;
    batch->unsent += outcome == BATCH_UNSENT && (is_new || batch->current.prepared);
    batch->left_out = array_grow(batch->left_out, batch->left_out_count, &batch->left_out_capacity,
                                 sizeof *batch->left_out);
    batch->left_out[batch->left_out_count++] =
        (struct batch_left_out){object, batch->source->names[object], outcome,
                                memory_copy_text(error ? error : "cannot be read")};
    bool stops = !batch->has_stopped && must_stop(batch);
    batch->has_stopped |= stops;
    pthread_mutex_unlock(&batch->mutex);
    return !stops;
}

static int compare_left_out(const void *a, const void *b)
{
    size_t x = ((const struct batch_left_out *)a)->object;
    size_t y = ((const struct batch_left_out *)b)->object;
    return (x > y) - (x < y);
}

static bool is_gone(const struct batch_left_out *left_out)
{
    return left_out->outcome == BATCH_GONE || left_out->outcome == BATCH_CHANGED;
}

/* Returns the outcome that the ledger stores for an object that is left out. */
static enum ledger_outcome ledger_outcome(const struct batch_left_out *left_out)
{
    if (batch_is_passed_over(left_out->outcome))
        return LEDGER_NO_REQUESTS;
    return is_gone(left_out) ? LEDGER_GONE : LEDGER_QUARANTINED;
}

/* Returns whether all objects of a prepared batch, which AWStats may have counted, are gone.  Then probably the
 * source is not mounted, or the setting names another source, unless the objects were moved within the source
 * (moved_find()).  An object that has changed is not gone. */
static bool are_all_gone(const struct batch *batch)
{
    size_t gone = 0;
    for (size_t i = 0; i < batch->left_out_count; i++)
        gone += batch->left_out[i].outcome == BATCH_GONE;
    return batch->current.prepared && gone && gone == batch->count;
}

/* Finds objects that came as another version, while the source still lists the version of the batch: these have not
 * changed.  The source is asked about the first ones; if they all are like this, the others are, too.  Returns false if
 * AWStats may have counted such an object, which may come again when the source is in order. */
static bool check_changed(struct batch *batch)
{
    size_t asked = 0, contradicted = 0;
    struct buffer error = {0};
    for (size_t i = 0; i < batch->left_out_count; i++) {
        struct batch_left_out *left_out = &batch->left_out[i];
        if (left_out->outcome != BATCH_CHANGED)
            continue;
        bool contradicts = contradicted == ASKED_MAX;
        if (asked < ASKED_MAX) {
            asked++;
            buffer_clear(&error);
            contradicts =
                source_still_lists(batch->source, &batch->objects[left_out->object], &error);
            contradicted += contradicts;
        }
        if (!contradicts)
            continue;
        free(left_out->error);
        left_out->error = memory_copy_text(error.data);
        left_out->outcome = BATCH_CORRUPT;
        if (batch->current.prepared) {
            batch_error_set(batch->error, BATCH_ERROR, "%s: %s", left_out->name, error.data);
            break;
        }
    }
    buffer_free(&error);
    return !contradicted || !batch->current.prepared;
}

/* Whether the batch may be prepared without these objects.  It may not if an error concerns the source as a
 * whole: all objects are gone, or none can be read and one is forbidden. */
static bool may_leave_out(struct batch *batch)
{
    if (are_all_gone(batch) && !moved_find(batch)) {
        char *shown = sources_show(batch->site.source);
        snprintf(batch->error->id, BATCH_ID_SIZE, "%s", batch->current.id);
        batch_error_set(
            batch->error, BATCH_ALL_GONE,
            "batch %s is not fully counted yet, and all its objects are gone from %s, such as %s",
            batch->current.id, shown, batch->left_out[0].name);
        free(shown);
        return false;
    }
    for (size_t i = 0; i < batch->left_out_count; i++) {
        const struct batch_left_out *left_out = &batch->left_out[i];
        if (may_be_of_all(left_out->outcome) && !batch->reached &&
            !batch->was_quarantined[left_out->object]) {
            batch_give_up(batch);
            return batch_error_set(batch->error, BATCH_ERROR, "%s: %s", left_out->name,
                                   left_out->error);
        }
    }
    return true;
}

/* Prepares a prepared batch again: as the same revision, or as another one if objects are gone or can no
 * longer be read.  The next batch takes such an object as a new one, unless AWStats has counted a revision
 * that has the object. */
static bool prepare_again(struct batch *batch, const struct ledger_revision *revision)
{
    size_t count = batch->left_out_count;
    const char **missing = memory_allocate(count + 1, sizeof *missing);
    char id[BATCH_ID_SIZE];
    int64_t now;
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        if (!batch_is_passed_over(batch->left_out[i].outcome)) /* such an object has no records */
            missing[used++] = batch->objects[batch->left_out[i].object].key;
    bool done = batch_make_id(id, &now, batch->error) &&
                ledger_prepare_again(batch->ledger, missing, used, id, revision) &&
                ledger_get_batch(batch->ledger, &batch->current) > 0 &&
                ledger_get_replaced(batch->ledger, &batch->replaced);
    free(missing);
    return done;
}

/* Collects the objects that were read; the caller frees them. */
static struct ledger_read *find_read(const struct batch *batch, size_t *count)
{
    struct ledger_read *read = memory_allocate(batch->count + 1, sizeof *read);
    *count = 0;
    for (size_t i = 0; i < batch->count; i++)
        if (digest_is_known(&batch->digests[i]))
            read[(*count)++] = (struct ledger_read){
                .key = batch->objects[i].key,
                .digest = batch->digests[i],
                .stays = batch->stays[i],
            };
    return read;
}

/* Adds the dropped copies to the left-out objects.  Returns the new number of these. */
static size_t add_copies(const struct batch *batch, struct ledger_left_out *left_out, size_t count)
{
    for (size_t i = 0; i < batch->copy_count; i++) {
        const struct copy *copy = &batch->copies[i];
        if (!copy->is_dropped)
            continue;
        const char *twin = copy->twin;
        if (!copy->is_known)
            twin = batch->objects[batch->counted[copy->first] - 1].key;
        left_out[count++] =
            (struct ledger_left_out){.key = batch->objects[copy->object].key,
                                     .outcome = copy->is_known ? LEDGER_KNOWN : LEDGER_COPY,
                                     .twin = twin};
    }
    return count;
}

bool batch_prepare(struct batch *batch, const struct ledger_revision *revision)
{
    size_t count = batch->left_out_count;
    if (count)
        qsort(batch->left_out, count, sizeof *batch->left_out, compare_left_out);
    if (!check_changed(batch) || !may_leave_out(batch))
        return false;
    if (batch->end == BATCH_STAYS) {
        for (size_t i = 0; !batch->current.prepared && i < count; i++)
            batch->quarantined += ledger_outcome(&batch->left_out[i]) == LEDGER_QUARANTINED;
        return true;
    }
    if (batch->current.prepared)
        return prepare_again(batch, revision);
    struct ledger_left_out *left_out =
        memory_allocate(count + batch->copy_count + 1, sizeof *left_out);
    for (size_t i = 0; i < count; i++) {
        left_out[i] = (struct ledger_left_out){
            .key = batch->objects[batch->left_out[i].object].key,
            .outcome = ledger_outcome(&batch->left_out[i]),
            .error = batch->left_out[i].error,
        };
        batch->quarantined += ledger_outcome(&batch->left_out[i]) == LEDGER_QUARANTINED;
    }
    size_t read_count;
    struct ledger_read *read = find_read(batch, &read_count);
    count = add_copies(batch, left_out, count);
    bool done = ledger_prepare(batch->ledger, left_out, count, read, read_count, revision);
    free(read);
    free(left_out);
    return done;
}

const struct batch_left_out *batch_get_left_out(const struct batch *batch, size_t *count)
{
    *count = batch->left_out_count;
    return batch->left_out;
}

bool batch_was_quarantined(const struct batch *batch, size_t object)
{
    return batch->was_quarantined[object];
}

uint64_t batch_count_quarantined(const struct batch *batch)
{
    return batch->quarantined;
}
