/* Objects of one batch that hold the same log.  The run reads all of them, because some may be unreadable, and counts
 * the first one that it can read.  Other copies are found only by their texts, after reading (same_text.c). */
#include <stdlib.h>
#include <string.h>

#include "batch/internal.h"
#include "batch/same_log.h"
#include "batch/same_text.h"
#include "memory/allocate.h"

void copies_add(struct batch *batch, size_t object, const char *twin)
{
    batch->copies =
        array_grow(batch->copies, batch->copy_count, &batch->copy_capacity, sizeof *batch->copies);
    batch->copies[batch->copy_count++] =
        (struct copy){.object = object, .twin = memory_copy_text(twin)};
}

void copies_begin(struct batch *batch)
{
    size_t kept = 0;
    for (size_t i = 0; i < batch->copy_count; i++) {
        struct copy *copy = &batch->copies[i];
        const size_t first = batch_find_object(batch, copy->twin);
        free(copy->twin);
        /* If a prepared batch no longer has the other object, this one is counted. */
        if (first < batch->count)
            batch->copies[kept++] = (struct copy){.object = copy->object, .first = first};
    }
    batch->copy_count = kept;
    batch->counted = memory_allocate(batch->count + 1, sizeof *batch->counted);
    batch->digests = memory_allocate(batch->count + 1, sizeof *batch->digests);
    batch->stays = memory_allocate(batch->count + 1, sizeof *batch->stays);
}

void copies_free(struct batch *batch)
{
    for (size_t i = 0; i < batch->copy_count; i++)
        free(batch->copies[i].twin);
    free(batch->copies);
    free(batch->counted);
    free(batch->digests);
    free(batch->stays);
}

void copies_set_read(struct batch *batch, size_t object)
{
    batch->counted[object] = object + 1;
}

void copies_drop(struct batch *batch, size_t object, size_t first, const char *twin)
{
    batch->copies =
        array_grow(batch->copies, batch->copy_count, &batch->copy_capacity, sizeof *batch->copies);
    batch->copies[batch->copy_count++] = (struct copy){.object = object,
                                                       .first = first,
                                                       .twin = memory_copy_optional(twin),
                                                       .is_dropped = true,
                                                       .is_known = twin != NULL};
}

/* Decides which of the copies that were found by the listing are dropped. */
static void find_listed(struct batch *batch)
{
    for (size_t i = 0; i < batch->copy_count; i++) {
        struct copy *copy = &batch->copies[i];
        size_t *counted = &batch->counted[copy->first];
        if (!batch->counted[copy->object])
            continue;
        copy->is_dropped = *counted != 0;
        if (!copy->is_dropped)
            *counted = copy->object + 1;
    }
}

/* Changes the copies of objects that were dropped later (copies from LISTED on): they become copies of the
 * object that stands for the log now. */
static void pass_on(struct batch *batch, size_t listed)
{
    size_t *number = memory_allocate(batch->count + 1, sizeof *number);
    for (size_t i = listed; i < batch->copy_count; i++)
        number[batch->copies[i].object] = i + 1;
    for (size_t i = 0; i < listed; i++) {
        struct copy *copy = &batch->copies[i];
        size_t later = copy->is_dropped ? number[batch->counted[copy->first] - 1] : 0;
        if (!later)
            continue;
        const struct copy *to = &batch->copies[later - 1];
        copy->first = to->first;
        copy->is_known = to->is_known;
        copy->twin = memory_copy_optional(to->twin);
    }
    free(number);
}

size_t batch_count_dropped(const struct batch *batch)
{
    size_t dropped = 0;
    for (size_t i = 0; i < batch->copy_count; i++)
        dropped += batch->copies[i].is_dropped;
    return dropped;
}

/* Warns of the dropped copies, and names the first of them. */
static void warn(const struct batch *batch, const struct copy *copy, uint64_t dropped)
{
    char **names = batch->source->names;
    struct buffer twin = {0};
    if (copy->is_known)
        batch->source->kind->name(batch->source, copy->twin, &twin);
    else
        buffer_add_text(&twin, names[batch->counted[copy->first] - 1]);
    same_log_warn(names[copy->object], twin.data, dropped);
    buffer_free(&twin);
}

bool batch_drop_copies(struct batch *batch, void (*drop)(void *user, size_t object), void *user)
{
    const struct copy *example = NULL;
    uint64_t dropped = 0;
    size_t listed = batch->copy_count;
    find_listed(batch);
    if (!batch->current.prepared && !same_text_find(batch))
        return false;
    pass_on(batch, listed);
    for (size_t i = 0; i < batch->copy_count; i++) {
        const struct copy *copy = &batch->copies[i];
        if (!copy->is_dropped)
            continue;
        if (!dropped++ || copy->object < example->object)
            example = copy;
        drop(user, copy->object);
    }
    if (dropped)
        warn(batch, example, dropped);
    return true;
}
