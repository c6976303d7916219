#include "batch/logs.h"

#include <stdlib.h>

#include "batch/same_log.h"
#include "ledger/log_name.h"
#include "memory/allocate.h"

void logs_begin(struct logs *logs, const struct source *source, size_t listed)
{
    *logs = (struct logs){.contents = {.source = source}, .listed = listed, .count = listed};
    logs->capacity = listed + 1;
    logs->sets = memory_allocate(logs->capacity, sizeof *logs->sets);
    for (size_t i = 0; i < listed; i++)
        logs->sets[i] = (struct log_set){.first = i, .to_read = i};
}

void logs_free(struct logs *logs)
{
    contents_free(&logs->contents);
    free(logs->sets);
}

static size_t find(struct logs *logs, size_t number)
{
    size_t first = number;
    while (logs->sets[first].first != first)
        first = logs->sets[first].first;
    while (number != first) {
        size_t next = logs->sets[number].first;
        logs->sets[number].first = first;
        number = next;
    }
    return first;
}

const struct log_set *logs_find(struct logs *logs, size_t number)
{
    return &logs->sets[find(logs, number)];
}

void logs_add_listed(struct logs *logs, const struct ledger_object *object, size_t number)
{
    contents_add(&logs->contents, object, number);
    const char *key = logs->contents.items[logs->contents.count - 1].object.key;
    if (same_log_is_unique_name(key))
        logs->sets[number].unique = key;
}

size_t logs_add_gone(struct logs *logs, const struct ledger_object *object)
{
    size_t number = logs->count;
    logs->sets = array_grow(logs->sets, number, &logs->capacity, sizeof *logs->sets);
    logs->sets[logs->count++] = (struct log_set){.first = number, .to_read = LOGS_NONE};
    logs_add_listed(logs, object, number);
    return number;
}

/* Whether two keys of CloudFront's form belong to two logs. */
static bool are_two_logs(const struct logs *logs, const char *key, const char *other)
{
    return log_name_compare(key, other) != 0 &&
           !source_is_one_file(logs->contents.source, key, other);
}

void logs_join(struct logs *logs, size_t number, size_t first)
{
    number = find(logs, number);
    first = find(logs, first);
    struct log_set *set = &logs->sets[first], *other = &logs->sets[number];
    if (number == first ||
        (set->unique && other->unique && are_two_logs(logs, set->unique, other->unique)))
        return;
    /* All objects of a set hold the same log, so any of them can be read. */
    if (set->to_read == LOGS_NONE)
        set->to_read = other->to_read;
    if (!set->unique)
        set->unique = other->unique;
    other->first = first;
}

static bool join(void *user, const struct contents_item *copy, const struct contents_item *first)
{
    logs_join(user, copy->number, first->number);
    return true;
}

/* Joins each object that is gone with an equal one in the source.  contents_divide() compares an object only with the
 * object that stands for a log.  This misses a compressed file that is gone, if a plain file stands for its log: the
 * two cannot be compared, but the file may be equal to another copy. */
static void join_gone(struct logs *logs)
{
    const struct contents *contents = &logs->contents;
    for (size_t i = 0; i < contents->count; i++) {
        const struct contents_item *item = &contents->items[i], *held;
        if (logs_find(logs, item->number)->to_read != LOGS_NONE)
            continue;
        held = contents_find(contents, logs->listed, &item->object);
        if (held)
            logs_join(logs, item->number, held->number);
    }
}

void logs_join_equal(struct logs *logs)
{
    contents_sort(&logs->contents, CONTENTS_BY_DIGEST);
    contents_divide(&logs->contents, join, logs);
    contents_sort(&logs->contents, CONTENTS_BY_END);
    contents_divide(&logs->contents, join, logs);
    join_gone(logs);
}
