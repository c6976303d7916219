#include "shards/merged_log.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"
#include "memory/priority_queue.h"
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
    struct part_log *logs;  /* of all parts */
    struct part_log **heap; /* a priority queue of the logs that have a record */
    unsigned count, heap_count;
    bool has_given; /* merged_log_next() has returned the first record of the heap */
};

static bool is_before(const void *item, const void *other)
{
    const struct part_log *a = *(struct part_log *const *)item,
                          *b = *(struct part_log *const *)other;
    int order = memcmp(a->record, b->record, TIME_SIZE);
    return order ? order < 0 : a->part < b->part;
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
            priority_queue_add(merged->heap, merged->heap_count++, sizeof log, &log, is_before);
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
        if (more)
            priority_queue_replace_first(merged->heap, merged->heap_count, sizeof log, &log,
                                         is_before);
        else
            priority_queue_remove_first(merged->heap, merged->heap_count--, sizeof log, is_before);
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
