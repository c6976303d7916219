#include "batch/clean_up.h"

#include <stdlib.h>

#include "memory/allocate.h"
#include "text/message.h"
#include "text/progress.h"

enum { GROUP_SIZE = 1000 }; /* objects at a time: one DeleteObjects request takes as many */

/* The next objects of the ledger's list. */
struct group {
    struct clean_item items[GROUP_SIZE];
    size_t count;
};

static bool add_item(void *user, const struct ledger_object *object)
{
    struct group *group = user;
    group->items[group->count++] = (struct clean_item){
        memory_copy_text(object->key), memory_copy_text(object->tag), object->size, false};
    return true;
}

static void empty_group(struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        free(group->items[i].key);
        free(group->items[i].tag);
    }
    group->count = 0;
}

/* Removes the finished objects from the list in the ledger; adds their number to *DONE. */
static bool note_done(struct ledger *ledger, const struct group *group, uint64_t *done)
{
    const char *keys[GROUP_SIZE];
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++)
        if (group->items[i].is_done)
            keys[count++] = group->items[i].key;
    *done += count;
    return ledger_cleaned(ledger, keys, count);
}

/* Works through the list, group by group.  SOURCE is connected if need be.  False when the ledger
 * or the connection failed. */
static bool clean_all(struct ledger *ledger, struct source *source, struct cleaner *cleaner,
                      unsigned transfers, struct buffer *error)
{
    struct group *group = memory_allocate(1, sizeof *group);
    char *after = NULL;
    uint64_t done = 0;
    bool works, goes_on = true;
    while ((works = ledger_visit_cleaning(ledger, after, GROUP_SIZE, add_item, group)) && goes_on &&
           group->count) {
        if (!source->kind &&
            source_connect(source, cleaner->site->source, cleaner->site, transfers, error) < 0) {
            works = false;
            break;
        }
        if (!after)
            progress_begin(PROGRESS_CLEAN_UP, 0, 0);
        goes_on = source_remove(source, cleaner, group->items, group->count);
        works = note_done(ledger, group, &done);
        if (!works)
            break;
        progress_add_objects(group->count);
        free(after);
        after = group->items[group->count - 1].key;
        group->items[group->count - 1].key = NULL;
        empty_group(group);
    }
    if (done)
        message_verbose("counted objects %s: %llu",
                        cleaner->site->after == SITE_AFTER_MOVE ? "moved" : "deleted",
                        (unsigned long long)done);
    empty_group(group);
    free(group);
    free(after);
    return works;
}

void clean_up_run(struct ledger *ledger, struct source *source, const struct site *site,
                  unsigned transfers, struct buffer *error)
{
    struct cleaner cleaner = {.site = site};
    struct source own = {0};
    if (site->after == SITE_AFTER_KEEP)
        return;
    if (!clean_all(ledger, source ? source : &own, &cleaner, transfers, error) && error->size)
        message_error("%s", error->data);
    if (cleaner.failed > 1)
        message_warning("%llu counted objects in all could not be %s, the first for the reason "
                        "above; the next run tries again",
                        (unsigned long long)cleaner.failed,
                        site->after == SITE_AFTER_MOVE ? "moved" : "deleted");
    source_close(&own);
    buffer_clear(error);
}
