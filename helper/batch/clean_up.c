#include "batch/clean_up.h"

#include <stdlib.h>
#include <string.h>

#include "s3/uri.h"
#include "text/message.h"

enum { GROUP_SIZE = 1000 }; /* objects at a time: what one DeleteObjects takes */

/* Objects at a time, as they come from the ledger. */
struct group {
    struct clean_item items[GROUP_SIZE];
    size_t count;
};

void clean_up_failed(struct cleaner *cleaner, const char *key, const char *cause)
{
    if (!cleaner->failed++)
        message_warning("%s: cannot be %s: %s; it will be tried again", key,
                        cleaner->site->after == SITE_AFTER_MOVE ? "moved" : "deleted", cause);
}

static bool take_item(void *user, const struct ledger_object *object)
{
    struct group *group = user;
    struct clean_item *item = &group->items[group->count++];
    *item = (struct clean_item){strdup(object->key), strdup(object->tag), object->size, false};
    if (item->key && item->tag)
        return true;
    message_error("out of memory");
    return false;
}

static void empty_group(struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        free(group->items[i].key);
        free(group->items[i].tag);
    }
    group->count = 0;
}

/* Takes out of the ledger what was done. */
static bool note_done(struct ledger *ledger, const struct group *group)
{
    const char *keys[GROUP_SIZE];
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++)
        if (group->items[i].is_done)
            keys[count++] = group->items[i].key;
    return ledger_cleaned(ledger, keys, count);
}

void clean_up_run(struct ledger *ledger, const struct site *site, unsigned transfers)
{
    struct cleaner cleaner = s3_uri_is(site->source) ? cleaner_bucket : cleaner_path;
    struct group *group;
    char *after = NULL;
    bool goes_on = true, is_open = false;
    uint64_t done = 0;
    if (site->after == SITE_AFTER_KEEP)
        return;
    group = calloc(1, sizeof *group);
    if (!group) {
        message_warning("out of memory");
        return;
    }
    cleaner.site = site;
    cleaner.transfers = transfers;
    while (goes_on && ledger_visit_cleaning(ledger, after, GROUP_SIZE, take_item, group) &&
           group->count) {
        if (!is_open && !(is_open = cleaner.open(&cleaner)))
            break;
        goes_on = cleaner.clean(&cleaner, group->items, group->count) && group->count == GROUP_SIZE;
        for (size_t i = 0; i < group->count; i++)
            done += group->items[i].is_done;
        goes_on = note_done(ledger, group) && goes_on;
        free(after);
        after = group->items[group->count - 1].key;
        group->items[group->count - 1].key = NULL;
        empty_group(group);
        message_progress("%llu objects cleaned up", (unsigned long long)done);
    }
    if (is_open)
        cleaner.close(&cleaner);
    if (cleaner.failed > 1)
        message_warning("%llu objects in all could not be %s; they will be tried again",
                        (unsigned long long)cleaner.failed,
                        site->after == SITE_AFTER_MOVE ? "moved" : "deleted");
    if (done)
        message_verbose("%llu objects %s", (unsigned long long)done,
                        site->after == SITE_AFTER_MOVE ? "moved" : "deleted");
    empty_group(group);
    free(group);
    free(after);
}
