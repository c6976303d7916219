#include "run/texts.h"

#include <stdlib.h>

#include "batch/same_log.h"
#include "ledger/log_name.h"
#include "memory/allocate.h"

/* An object that was read. */
struct item {
    struct same_log_text text; /* must be the first member, for same_log_compare_texts() */
    const char *name;          /* what messages call the object */
};

/* Collects the objects that were read. */
static struct item *collect(const struct run *run, size_t *count)
{
    struct item *items = memory_allocate(run->object_count + 1, sizeof *items);
    *count = 0;
    for (size_t i = 0, object = 0; i < run->source_count; i++)
        for (size_t j = 0; j < run->sources[i].listed_count; j++, object++) {
            const struct source *source = &run->sources[i];
            if (digest_is_known(&run->digests[object]))
                items[(*count)++] = (struct item){
                    .text = {.digest = &run->digests[object],
                             .key = source->listed[j].key,
                             .object = object,
                             .is_unique = same_log_is_unique_name(source->listed[j].key)},
                    .name = source->names[j],
                };
        }
    if (*count)
        qsort(items, *count, sizeof *items, same_log_compare_texts);
    return items;
}

void texts_drop_copies(struct run *run, void (*drop)(void *user, size_t object), void *user)
{
    size_t count;
    struct item *items;
    const struct item *first = NULL, *unique = NULL, *copy = NULL, *twin = NULL;
    uint64_t copies = 0;
    if (!run->digests)
        return;
    items = collect(run, &count);
    for (size_t i = 0; i < count; i++) {
        struct item *item = &items[i];
        if (i && digest_compare(item[-1].text.digest, item->text.digest) != 0)
            first = unique = NULL;
        /* Each name of CloudFront's form is a log of its own; all others are copies of the first. */
        const struct item *other = item->text.is_unique ? unique : first;
        if (item->text.is_unique && unique &&
            log_name_compare(unique->text.key, item->text.key) != 0)
            other = NULL;
        if (other) {
            drop(user, item->text.object);
            if (!copies++) {
                copy = item;
                twin = other;
            }
            continue;
        }
        if (item->text.is_unique)
            unique = item;
        if (!first)
            first = item;
    }
    if (copies)
        same_log_warn(copy->name, twin->name, copies);
    free(items);
}
