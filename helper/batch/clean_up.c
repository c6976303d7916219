#include "batch/clean_up.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "text/message.h"
#include "text/progress.h"

enum { GROUP_SIZE = 1000 }; /* objects at a time: the limit of one DeleteObjects request */

/* The next objects of the ledger's list (table clean_up). */
struct group {
    struct clean_item items[GROUP_SIZE];
    size_t count;
};

/* One clean-up. */
struct clean_up {
    struct ledger *ledger;
    struct source *source; /* connect() connects it before the first object */
    struct cleaner cleaner;
    unsigned transfers;
    struct buffer *error;
    struct group group;
    uint64_t done;
    uint64_t skipped; /* objects not tried, because another one with their error failed again */
    bool has_begun, stops;
};

static bool add_item(void *user, const struct ledger_clean_up *waiting)
{
    struct group *group = user;
    const struct ledger_object *object = &waiting->object;
    group->items[group->count++] = (struct clean_item){.key = memory_copy_text(object->key),
                                                       .tag = memory_copy_text(object->tag),
                                                       .size = object->size,
                                                       .is_copied = waiting->is_copied};
    return true;
}

static void empty_group(struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        free(group->items[i].key);
        free(group->items[i].tag);
        free(group->items[i].error);
    }
    group->count = 0;
}

/* Removes the finished objects from the list in the ledger, and stores the errors of the others. */
static bool store_group(struct clean_up *clean_up)
{
    const struct group *group = &clean_up->group;
    const char *keys[GROUP_SIZE];
    size_t count = 0;
    bool works = true;
    for (size_t i = 0; works && i < group->count; i++) {
        const struct clean_item *item = &group->items[i];
        if (item->is_done)
            keys[count++] = item->key;
        else if (item->error)
            works =
                ledger_clean_up_failed(clean_up->ledger, item->key, item->error, item->is_copied);
    }
    clean_up->done += count;
    return works && ledger_cleaned(clean_up->ledger, keys, count);
}

static bool connect(struct clean_up *clean_up)
{
    const struct site *site = clean_up->cleaner.site;
    if (!clean_up->has_begun)
        progress_begin(PROGRESS_CLEAN_UP, 0, 0);
    clean_up->has_begun = true;
    return clean_up->source->kind || source_connect(clean_up->source, site->source, site,
                                                    clean_up->transfers, clean_up->error) == 0;
}

/* Cleans up the WAITING objects whose last error is ERROR ("": objects not tried yet), group by group.
 * Tries one object with an error first: if it fails again with the same error, the others would, too.
 * Returns false when the ledger or the connection failed. */
static bool clean_those(struct clean_up *clean_up, const char *error, uint64_t waiting)
{
    struct group *group = &clean_up->group;
    unsigned limit = *error ? 1 : GROUP_SIZE;
    char *after = NULL;
    bool works, fails_again = false;
    while (
        (works = ledger_visit_cleaning(clean_up->ledger, error, after, limit, add_item, group)) &&
        group->count && !clean_up->stops && !fails_again) {
        works = connect(clean_up);
        if (!works)
            break;
        clean_up->stops =
            !source_remove(clean_up->source, &clean_up->cleaner, group->items, group->count);
        works = store_group(clean_up);
        if (!works)
            break;
        progress_add_objects(group->count);
        const char *canary = group->items[0].error;
        fails_again = limit == 1 && canary && !strcmp(canary, error);
        limit = GROUP_SIZE;
        free(after);
        after = group->items[group->count - 1].key;
        group->items[group->count - 1].key = NULL;
        empty_group(group);
    }
    if (fails_again)
        clean_up->skipped += waiting - 1;
    empty_group(group);
    free(after);
    return works;
}

/* The different errors of the list. */
struct reasons {
    struct reason {
        char *error;
        uint64_t count; /* of objects */
    } * list;
    size_t count, capacity;
};

static bool add_reason(void *user, const char *error, uint64_t count, const char *key)
{
    struct reasons *reasons = user;
    (void)key;
    reasons->list =
        array_grow(reasons->list, reasons->count, &reasons->capacity, sizeof *reasons->list);
    reasons->list[reasons->count++] = (struct reason){memory_copy_text(error), count};
    return true;
}

/* Cleans up the objects of the list, first those not tried yet.  Returns false when the ledger or the
 * connection failed. */
static bool clean_all(struct clean_up *clean_up, bool only_new)
{
    struct reasons reasons = {0};
    bool works = ledger_visit_reasons(clean_up->ledger, add_reason, &reasons);
    for (int round = 0; round < (only_new ? 1 : 2); round++)
        for (size_t i = 0; works && i < reasons.count && !clean_up->stops; i++)
            if ((*reasons.list[i].error != '\0') == (round > 0))
                works = clean_those(clean_up, reasons.list[i].error, reasons.list[i].count);
    for (size_t i = 0; i < reasons.count; i++)
        free(reasons.list[i].error);
    free(reasons.list);
    if (clean_up->done)
        message_verbose("counted objects %s: %llu",
                        clean_up->cleaner.site->after == SITE_AFTER_MOVE ? "moved" : "deleted",
                        (unsigned long long)clean_up->done);
    return works;
}

void clean_up_run(struct ledger *ledger, struct source *source, const struct site *site,
                  unsigned transfers, bool only_new, struct buffer *error)
{
    struct source own = {0};
    if (site->after == SITE_AFTER_KEEP)
        return;
    struct clean_up *clean_up = memory_allocate(1, sizeof *clean_up);
    clean_up->ledger = ledger;
    clean_up->source = source ? source : &own;
    clean_up->cleaner.site = site;
    clean_up->transfers = transfers;
    clean_up->error = error;
    if (!clean_all(clean_up, only_new) && error->size)
        message_error("%s", error->data);
    uint64_t failed = clean_up->cleaner.failed + clean_up->skipped;
    if (failed > 1)
        message_warning("%llu counted objects in all could not be %s, the first for the reason "
                        "above; the next run tries again",
                        (unsigned long long)failed,
                        site->after == SITE_AFTER_MOVE ? "moved" : "deleted");
    source_close(&own);
    free(clean_up);
    buffer_clear(error);
}
