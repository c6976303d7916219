#include "run/copies.h"

#include <stdlib.h>
#include <string.h>

#include "batch/same_log.h"
#include "memory/allocate.h"

/* An object, for the comparison. */
struct item {
    struct ledger_object object;
    const struct source *source;
    size_t number;           /* in the run */
    const char *log;         /* the name of the log: the key without folders, */
    size_t log_size;         /* and without ".gz" */
    char text[CONTENT_SIZE]; /* the content */
};

static int compare(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    size_t size = x->log_size < y->log_size ? x->log_size : y->log_size;
    int order = memcmp(x->log, y->log, size);
    if (order || x->log_size != y->log_size)
        return order ? order : (x->log_size > y->log_size) - (x->log_size < y->log_size);
    return (x->number > y->number) - (x->number < y->number);
}

static bool is_same_name(const struct item *a, const struct item *b)
{
    return a->log_size == b->log_size && !memcmp(a->log, b->log, a->log_size);
}

static const char *name_of(const struct run *run, const struct item *item)
{
    size_t source = (size_t)(item->source - run->sources);
    return run->sources[source].names[item->number - run->first_object[source]];
}

/* Compares the objects whose logs have one name. */
static uint64_t mark(struct run *run, struct item *items, size_t count, const struct item **first,
                     const struct item **copy)
{
    uint64_t copies = 0;
    for (size_t i = 0; i < count; i++)
        same_log_find_content(items[i].source, &items[i].object, items[i].text);
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            if (run->is_copy[items[j].number] || items[i].source->kind != items[j].source->kind ||
                same_log(items[i].source, &items[i].object, &items[j].object) == SAME_LOG_NO)
                continue;
            run->is_copy[items[i].number] = true;
            if (!copies++ && !*copy) {
                *first = &items[j];
                *copy = &items[i];
            }
            break;
        }
    return copies;
}

static void fill(struct run *run, struct item *items)
{
    for (size_t i = 0, number = 0; i < run->source_count; i++)
        for (size_t j = 0; j < run->sources[i].listed_count; j++, number++) {
            const struct source_object *listed = &run->sources[i].listed[j];
            const char *slash = strrchr(listed->key, '/');
            struct item *item = &items[number];
            *item = (struct item){.object = {.key = listed->key,
                                             .tag = listed->tag,
                                             .size = listed->size,
                                             .modified = listed->modified},
                                  .source = &run->sources[i],
                                  .number = number,
                                  .log = slash ? slash + 1 : listed->key};
            item->log_size = strlen(item->log);
            if (item->log_size >= 3 && !strcmp(item->log + item->log_size - 3, ".gz"))
                item->log_size -= 3;
        }
}

void copies_find(struct run *run)
{
    size_t count = run->object_count, next;
    const struct item *first = NULL, *copy = NULL;
    uint64_t copies = 0;
    run->is_copy = memory_allocate(count + 1, sizeof *run->is_copy);
    if (count < 2)
        return;
    struct item *items = memory_allocate(count, sizeof *items);
    fill(run, items);
    qsort(items, count, sizeof *items, compare);
    for (size_t i = 0; i < count; i = next) {
        for (next = i + 1; next < count && is_same_name(&items[i], &items[next]);)
            next++;
        if (next > i + 1)
            copies += mark(run, items + i, next - i, &first, &copy);
    }
    if (copies)
        same_log_warn(name_of(run, copy), name_of(run, first), copies);
    free(items);
}
