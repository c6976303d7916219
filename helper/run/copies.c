#include "run/copies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch/same_log.h"
#include "ledger/log_name.h"
#include "memory/allocate.h"

/* An object, for the comparison. */
struct item {
    struct ledger_object object;
    const struct source *source;
    size_t number;        /* in the run */
    const char *log;      /* the log's name, as log_name() finds it */
    size_t log_size;      /* bytes of this name */
    bool has_unique_name; /* of CloudFront's form */
    uint64_t length;      /* bytes modulo 2^32 of the log, as find_length() has them */
    struct content found; /* the content, found without reading the whole object */
};

/* The copies that were found. */
struct found {
    struct run *run;
    uint64_t copies;
    const char *first, *copy; /* the names of the first pair */
};

static int compare_numbers(const struct item *a, const struct item *b)
{
    return (a->number > b->number) - (a->number < b->number);
}

static int compare_names(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    size_t size = x->log_size < y->log_size ? x->log_size : y->log_size;
    int order = memcmp(x->log, y->log, size);
    if (order || x->log_size != y->log_size)
        return order ? order : (x->log_size > y->log_size) - (x->log_size < y->log_size);
    return compare_numbers(x, y);
}

static bool is_same_name(const struct item *a, const struct item *b)
{
    return a->log_size == b->log_size && !memcmp(a->log, b->log, a->log_size);
}

static int compare_lengths(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    int order = (x->length > y->length) - (x->length < y->length);
    return order ? order : compare_numbers(x, y);
}

static bool is_same_length(const struct item *a, const struct item *b)
{
    return a->length == b->length;
}

/* Orders items by their contents: the ETag, or struct content. */
static int compare_contents(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    bool x_has_tag = source_has_content_tags(x->source);
    bool y_has_tag = source_has_content_tags(y->source);
    int order = x_has_tag - y_has_tag;
    if (!order)
        order = strcmp(x_has_tag ? x->object.tag : x->found.end,
                       y_has_tag ? y->object.tag : y->found.end);
    return order ? order : compare_numbers(x, y);
}

static bool is_same_content(const struct item *a, const struct item *b)
{
    bool has_tag = source_has_content_tags(a->source);
    return has_tag == source_has_content_tags(b->source) &&
           !strcmp(has_tag ? a->object.tag : a->found.end, has_tag ? b->object.tag : b->found.end);
}

static const char *name_of(const struct run *run, const struct item *item)
{
    size_t source = (size_t)(item->source - run->sources);
    return run->sources[source].names[item->number - run->first_object[source]];
}

static void mark(struct found *found, const struct item *copy, const struct item *first)
{
    found->run->is_copy[copy->number] = true;
    if (found->copies++)
        return;
    found->first = name_of(found->run, first);
    found->copy = name_of(found->run, copy);
}

static void find_contents(struct item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!*items[i].found.end)
            same_log_find_content(items[i].source, &items[i].object, &items[i].found);
}

/* Compares the objects whose logs have one name. */
static void compare_namesakes(struct found *found, struct item *items, size_t count)
{
    find_contents(items, count);
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (!found->run->is_copy[items[j].number] &&
                items[i].source->kind == items[j].source->kind &&
                same_log(items[i].source, &items[i].object, &items[j].object) != SAME_LOG_NO) {
                mark(found, &items[i], &items[j]);
                break;
            }
}

/* Compares objects of equal contents, whatever their names. */
static void compare_equals(struct found *found, struct item *items, size_t count)
{
    struct same_log_item *logs = memory_allocate(count, sizeof *logs);
    size_t *first = memory_allocate(count, sizeof *first),
           *number = memory_allocate(count, sizeof *number);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (found->run->is_copy[items[i].number])
            continue;
        items[i].object.content = items[i].found.end; /* qsort() has moved the item with the text */
        items[i].object.digest = items[i].found.digest;
        number[used] = i;
        logs[used++] = (struct same_log_item){items[i].source, &items[i].object};
    }
    same_log_divide(logs, used, first);
    for (size_t i = 0; i < used; i++)
        if (first[i] != i)
            mark(found, &items[number[i]], &items[number[first[i]]]);
    free(number);
    free(first);
    free(logs);
}

typedef void compare_group(struct found *found, struct item *items, size_t count);

/* Sorts items, and compares each group of several. */
static void compare_groups(struct found *found, struct item *items, size_t count,
                           int (*order)(const void *, const void *),
                           bool (*is_same)(const struct item *, const struct item *),
                           compare_group *compare)
{
    qsort(items, count, sizeof *items, order);
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && is_same(&items[i], &items[next]);)
            next++;
        if (next > i + 1)
            compare(found, items + i, next - i);
    }
}
/* Compares the objects whose logs have one length, whatever their names.  Plain files are not read before. */
static void compare_lengths_found(struct found *found, struct item *items, size_t count)
{
    bool can_be = false;
    for (size_t i = 0; i < count; i++)
        can_be |= !items[i].has_unique_name || items[i].source->has_links;
    if (!can_be)
        return;
    find_contents(items, count);
    compare_groups(found, items, count, compare_contents, is_same_content, compare_equals);
}

/* Finds the length of a log: a number at the end of gzip data, or the size of any other file. */
static void find_length(struct item *item)
{
    unsigned long length;
    const struct ledger_object *object = &item->object;
    const struct source_object listed = {object->key, object->tag, object->size, object->modified};
    if (!*item->found.end &&
        !source_find_content(item->source, &listed, CONTENT_BY_TRAILER, &item->found))
        item->found = (struct content){0};
    item->length =
        sscanf(item->found.end, "%*8x %lu", &length) == 1 ? length : item->object.size & UINT32_MAX;
}

static void fill(struct run *run, struct item *items)
{
    for (size_t i = 0, number = 0; i < run->source_count; i++)
        for (size_t j = 0; j < run->sources[i].listed_count; j++, number++) {
            const struct source_object *listed = &run->sources[i].listed[j];
            struct item *item = &items[number];
            *item = (struct item){.object = {.key = listed->key,
                                             .tag = listed->tag,
                                             .size = listed->size,
                                             .modified = listed->modified},
                                  .source = &run->sources[i],
                                  .number = number};
            item->has_unique_name = same_log_is_unique_name(listed->key);
            item->log = log_name(listed->key, &item->log_size);
        }
}

bool copies_find(struct run *run)
{
    size_t count = run->object_count;
    struct found found = {.run = run};
    bool has_other_names = false, has_namesakes = false;
    run->is_copy = memory_allocate(count + 1, sizeof *run->is_copy);
    if (count < 2)
        return false;
    struct item *items = memory_allocate(count, sizeof *items);
    fill(run, items);
    compare_groups(&found, items, count, compare_names, is_same_name, compare_namesakes);
    for (size_t i = 0; i < count; i++) {
        has_other_names |= !items[i].has_unique_name || items[i].source->has_links;
        has_namesakes |= i && is_same_name(&items[i - 1], &items[i]);
    }
    if (has_other_names) {
        for (size_t i = 0; i < count; i++)
            find_length(&items[i]);
        compare_groups(&found, items, count, compare_lengths, is_same_length,
                       compare_lengths_found);
    }
    if (found.copies)
        same_log_warn(found.copy, found.first, found.copies);
    free(items);
    return has_other_names || has_namesakes;
}
