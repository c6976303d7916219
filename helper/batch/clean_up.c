#include "batch/clean_up.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "memory/allocate.h"
#include "text/message.h"
#include "text/progress.h"

enum {
    GROUP_SIZE = 1000, /* objects at a time: the limit of one DeleteObjects request */
    ALONE_MAX = 2000,  /* objects that a run tries although others have failed with their error */
};

/* The next objects of the ledger's list (table clean_up). */
struct group {
    struct clean_item items[GROUP_SIZE];
    size_t count;
    unsigned skip; /* objects of the list to leave out before the next one */
};

/* One clean-up. */
struct clean_up {
    struct ledger *ledger;
    struct source *source; /* connect() connects it before the first object */
    struct cleaner cleaner;
    const struct clean_up_options *options;
    struct buffer *error;
    struct group group;
    uint64_t waiting, done;
    bool has_begun, stops;
};

static bool add_item(void *user, const struct ledger_object *object)
{
    struct group *group = user;
    if (group->skip) {
        group->skip--;
        return true;
    }
    group->items[group->count++] = (struct clean_item){.key = memory_copy_text(object->key),
                                                       .tag = memory_copy_text(object->tag),
                                                       .size = object->size};
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

static void tell_waiting(struct clean_up *clean_up, uint64_t waiting)
{
    clean_up->waiting = waiting;
    if (clean_up->options->waiting)
        *clean_up->options->waiting = waiting;
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
            works = ledger_clean_up_failed(clean_up->ledger, item->key, item->error);
    }
    clean_up->done += count;
    if (!works || !ledger_cleaned(clean_up->ledger, keys, count))
        return false;
    tell_waiting(clean_up, clean_up->waiting - count);
    return true;
}

static bool connect(struct clean_up *clean_up)
{
    const struct site *site = clean_up->cleaner.site;
    if (!clean_up->has_begun)
        progress_begin(PROGRESS_CLEAN_UP, 0, 0);
    clean_up->has_begun = true;
    return clean_up->source->kind ||
           source_connect(clean_up->source, site->source, site, clean_up->options->transfers,
                          clean_up->error) == 0;
}

/* Tries the objects of the group, and stores the results.  Returns false when the ledger or the
 * connection failed. */
static bool clean_group(struct clean_up *clean_up)
{
    struct group *group = &clean_up->group;
    if (!connect(clean_up))
        return false;
    clean_up->stops =
        !source_remove(clean_up->source, &clean_up->cleaner, group->items, group->count);
    if (!store_group(clean_up))
        return false;
    progress_add_objects(group->count);
    return true;
}

/* Returns how many of WAITING objects a run leaves out before it tries ALONE_MAX of them: a random number, so that
 * each object has the same chance. */
static unsigned choose_first(uint64_t waiting)
{
    uint32_t random = 0;
    if (waiting <= ALONE_MAX || getrandom(&random, sizeof random, 0) < 0)
        return 0;
    uint64_t start = random % (waiting + ALONE_MAX - 1);
    return start < ALONE_MAX ? 0 : (unsigned)(start - (ALONE_MAX - 1));
}

/* Cleans up the WAITING objects whose last error is ERROR ("": objects not tried yet), group by group.
 * Tries one object with an error first: if it fails again with the same error, the others would, too,
 * unless the error concerns this object alone.  Returns false when the ledger or the connection failed. */
static bool clean_those(struct clean_up *clean_up, const char *error, uint64_t waiting)
{
    struct group *group = &clean_up->group;
    unsigned limit = *error ? 1 : GROUP_SIZE;
    uint64_t tried = 0, most = UINT64_MAX;
    char *after = NULL;
    bool works;
    while ((works = ledger_visit_cleaning(clean_up->ledger, error, after, limit + group->skip,
                                          add_item, group)) &&
           group->count && !clean_up->stops && tried < most) {
        works = clean_group(clean_up);
        if (!works)
            break;
        tried += group->count;
        const struct clean_item *canary = &group->items[0];
        if (limit == 1 && canary->error && !strcmp(canary->error, error)) {
            most = canary->is_alone ? ALONE_MAX : 1;
            group->skip = canary->is_alone ? choose_first(waiting - 1) : 0;
        }
        limit = GROUP_SIZE;
        free(after);
        after = group->items[group->count - 1].key;
        group->items[group->count - 1].key = NULL;
        empty_group(group);
    }
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

/* Cleans up the objects of the list.  Those not tried yet are the last, since the ledger stores them among those with
 * an error when they fail.  Returns false when the ledger or the connection failed. */
static bool clean_all(struct clean_up *clean_up)
{
    struct reasons reasons = {0};
    bool works = ledger_visit_reasons(clean_up->ledger, add_reason, &reasons);
    for (size_t i = 0; i < reasons.count; i++)
        tell_waiting(clean_up, clean_up->waiting + reasons.list[i].count);
    for (int round = clean_up->options->only_new; round < 2; round++)
        for (size_t i = 0; works && i < reasons.count && !clean_up->stops; i++)
            if ((*reasons.list[i].error == '\0') == (round > 0))
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

static bool add_failed(void *user, const char *error, uint64_t count, const char *key)
{
    uint64_t *failed = user;
    (void)key;
    *failed += *error ? count : 0;
    return true;
}

/* Returns how many objects of the list have an error. */
static uint64_t count_failed(struct ledger *ledger)
{
    uint64_t failed = 0;
    ledger_visit_reasons(ledger, add_failed, &failed);
    return failed;
}

/* Prints how many objects have failed, unless the warning about the first one says all.  BEFORE: those that had failed
 * before, and were not tried again. */
static void tell_failed(const struct clean_up *clean_up, uint64_t before)
{
    uint64_t failed = clean_up->cleaner.failed ? count_failed(clean_up->ledger) : 0;
    if (failed > before + 1)
        message_warning("%llu counted objects in all could not be %s, the first for the reason "
                        "above; the next run tries again",
                        (unsigned long long)(failed - before),
                        clean_up->cleaner.site->after == SITE_AFTER_MOVE ? "moved" : "deleted");
}

void clean_up_run(struct ledger *ledger, const struct site *site,
                  const struct clean_up_options *options, struct buffer *error)
{
    struct source own = {0};
    if (site->after == SITE_AFTER_KEEP)
        return;
    struct clean_up *clean_up = memory_allocate(1, sizeof *clean_up);
    clean_up->ledger = ledger;
    clean_up->source = options->source ? options->source : &own;
    clean_up->cleaner.site = site;
    clean_up->options = options;
    clean_up->error = error;
    uint64_t before = options->only_new ? count_failed(ledger) : 0;
    if (!clean_all(clean_up) && error->size)
        message_error("%s", error->data);
    tell_failed(clean_up, before);
    source_close(&own);
    free(clean_up);
    buffer_clear(error);
}
