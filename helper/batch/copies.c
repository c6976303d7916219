/* Objects of one batch that hold the same log.  All are read, because nobody knows yet which of them
 * can be; the first one that could be read is counted. */
#include <stdlib.h>
#include <string.h>

#include "batch/internal.h"
#include "batch/same_log.h"
#include "memory/allocate.h"

void copies_add(struct batch *batch, size_t object, const char *twin)
{
    batch->copies =
        array_grow(batch->copies, batch->copy_count, &batch->copy_capacity, sizeof *batch->copies);
    batch->copies[batch->copy_count++] =
        (struct copy){.object = object, .twin = memory_copy_text(twin)};
}

static int compare_key(const void *key, const void *object)
{
    return strcmp(key, ((const struct source_object *)object)->key);
}

void copies_begin(struct batch *batch)
{
    size_t kept = 0;
    for (size_t i = 0; i < batch->copy_count; i++) {
        struct copy *copy = &batch->copies[i];
        const struct source_object *first =
            bsearch(copy->twin, batch->objects, batch->count, sizeof *first, compare_key);
        free(copy->twin);
        /* When the other object is left out of a batch that was prepared, this one is counted. */
        if (first)
            batch->copies[kept++] =
                (struct copy){.object = copy->object, .first = (size_t)(first - batch->objects)};
    }
    batch->copy_count = kept;
    if (kept)
        batch->counted = memory_allocate(batch->count, sizeof *batch->counted);
}

void copies_free(struct batch *batch)
{
    for (size_t i = 0; i < batch->copy_count; i++)
        free(batch->copies[i].twin);
    free(batch->copies);
    free(batch->counted);
}

void copies_set_read(struct batch *batch, size_t object)
{
    if (batch->counted)
        batch->counted[object] = object + 1;
}

bool batch_has_copies(const struct batch *batch)
{
    return batch->counted != NULL;
}

void batch_drop_copies(struct batch *batch, void (*drop)(void *user, size_t object), void *user)
{
    char **names = batch->source->names;
    uint64_t dropped = 0;
    size_t example = 0;
    for (size_t i = 0; i < batch->copy_count; i++) {
        struct copy *copy = &batch->copies[i];
        size_t *counted = &batch->counted[copy->first];
        if (!batch->counted[copy->object])
            continue;
        copy->is_dropped = *counted != 0;
        if (!copy->is_dropped) {
            *counted = copy->object + 1;
            continue;
        }
        if (!dropped++)
            example = i;
        drop(user, copy->object);
    }
    if (dropped)
        same_log_warn(names[batch->copies[example].object],
                      names[batch->counted[batch->copies[example].first] - 1], dropped);
}
