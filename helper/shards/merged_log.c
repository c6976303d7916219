#include "shards/merged_log.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "shards/plan.h"
#include "shards/shard_log.h"

/* A record begins with its date and time, which sort as texts: "YYYY-MM-DD", TAB, "hh:mm:ss". */
enum { TIME_SIZE = 19 };

struct part_log {
    struct shard_reader *reader;
    unsigned part;
    const char *record; /* the next record of the log */
    size_t size;
};

struct merged_log {
    struct part_log *logs; /* of all parts */
    struct part_log **heap;
    unsigned count, heap_count;
    bool has_given; /* merged_log_next() has returned the first record of the heap */
};

static bool is_before(const struct part_log *a, const struct part_log *b)
{
    int order = memcmp(a->record, b->record, TIME_SIZE);
    return order ? order < 0 : a->part < b->part;
}

/* Moves the first log of the heap down to its place. */
static void sink(struct merged_log *merged)
{
    struct part_log **heap = merged->heap, *moved = merged->heap_count ? heap[0] : NULL;
    unsigned place = 0;
    for (;;) {
        unsigned child = 2 * place + 1;
        if (child >= merged->heap_count)
            break;
        if (child + 1 < merged->heap_count && is_before(heap[child + 1], heap[child]))
            child++;
        if (!is_before(heap[child], moved))
            break;
        heap[place] = heap[child];
        place = child;
    }
    if (moved)
        heap[place] = moved;
}

/* Adds a log to the heap. */
static void rise(struct merged_log *merged, struct part_log *log)
{
    unsigned place = merged->heap_count++;
    while (place && is_before(log, merged->heap[(place - 1) / 2])) {
        merged->heap[place] = merged->heap[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    merged->heap[place] = log;
}

struct merged_log *merged_log_new(const char *work, char *const *folders, unsigned count,
                                  unsigned shard, struct buffer *error)
{
    struct merged_log *merged = memory_allocate(1, sizeof *merged);
    merged->logs = memory_allocate(count, sizeof *merged->logs);
    merged->heap = memory_allocate(count, sizeof(struct part_log *));
    bool done = true;
    for (; done && merged->count < count; merged->count++) {
        struct part_log *log = &merged->logs[merged->count];
        char *path = path_of("%s/%s/%u.zst", work, folders[merged->count], shard);
        log->part = merged->count;
        log->reader = shard_reader_new(path, error);
        int more = log->reader ? shard_reader_next(log->reader, &log->record, &log->size) : -1;
        if (more > 0)
            rise(merged, log);
        done = more >= 0;
        free(path);
    }
    if (done)
        return merged;
    merged_log_free(merged);
    return NULL;
}

int merged_log_next(struct merged_log *merged, const char **record, size_t *size)
{
    if (merged->has_given) {
        struct part_log *log = merged->heap[0];
        int more = shard_reader_next(log->reader, &log->record, &log->size);
        if (more < 0)
            return -1;
        if (!more)
            merged->heap[0] = merged->heap[--merged->heap_count];
        sink(merged);
    }
    merged->has_given = merged->heap_count;
    if (!merged->heap_count)
        return 0;
    *record = merged->heap[0]->record;
    *size = merged->heap[0]->size;
    return 1;
}

void merged_log_free(struct merged_log *merged)
{
    if (!merged)
        return;
    for (unsigned i = 0; i < merged->count; i++)
        shard_reader_free(merged->logs[i].reader);
    free(merged->logs);
    free(merged->heap);
    free(merged);
}
