#include "sort/merge.h"

#include <errno.h>
#include <stdlib.h>

#include "memory/priority_queue.h"

/* The place of the merge in one run. */
struct cursor {
    uint64_t key; /* of the current record */
    size_t order; /* of the run */
    struct run_reader reader;
    const struct memory_run *memory; /* NULL: a run of a file */
    size_t next;                     /* entry of the run in memory */
};

static bool is_before(const void *item, const void *other)
{
    const struct cursor *a = *(struct cursor *const *)item, *b = *(struct cursor *const *)other;
    return a->key != b->key ? a->key < b->key : a->order < b->order;
}

/* Goes to the next record.  Returns 1, 0 at the run's end, -1 with errno set. */
static int advance(struct cursor *cursor)
{
    if (cursor->memory) {
        if (cursor->next == cursor->memory->count)
            return 0;
        cursor->key = cursor->memory->entries[cursor->next++].key;
        return 1;
    }
    int result = run_reader_next(&cursor->reader);
    cursor->key = cursor->reader.key;
    return result;
}

bool merge_open(struct merge *merge, const struct run *runs, size_t run_count,
                const struct memory_run *memory, size_t memory_count)
{
    size_t count = run_count + memory_count;
    *merge = (struct merge){0};
    merge->cursors = calloc(count + 1, sizeof *merge->cursors);
    merge->heap = calloc(count + 1, sizeof *merge->heap);
    if (!merge->cursors || !merge->heap) {
        errno = ENOMEM;
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct cursor *cursor = &merge->cursors[i];
        cursor->order = i;
        if (i >= run_count)
            cursor->memory = &memory[i - run_count];
        else if (!run_reader_open(&cursor->reader, &runs[i]))
            return false;
        merge->cursor_count++;
        int result = advance(cursor);
        if (result < 0)
            return false;
        if (result)
            priority_queue_add(merge->heap, merge->heap_size++, sizeof cursor, &cursor, is_before);
    }
    return true;
}

int merge_next(struct merge *merge, uint64_t *key, const char **record, size_t *size)
{
    if (merge->first_is_taken) {
        struct cursor *cursor = merge->heap[0];
        int result = advance(cursor);
        if (result < 0)
            return -1;
        if (result)
            priority_queue_replace_first(merge->heap, merge->heap_size, sizeof cursor, &cursor,
                                         is_before);
        else
            priority_queue_remove_first(merge->heap, merge->heap_size--, sizeof cursor, is_before);
    }
    merge->first_is_taken = merge->heap_size != 0;
    if (!merge->heap_size)
        return 0;
    const struct cursor *first = merge->heap[0];
    *key = first->key;
    if (first->memory) {
        const struct sort_entry *entry = &first->memory->entries[first->next - 1];
        *record = first->memory->records + entry->offset;
        *size = entry->size;
    } else {
        *record = first->reader.record;
        *size = first->reader.size;
    }
    return 1;
}

void merge_close(struct merge *merge)
{
    for (size_t i = 0; i < merge->cursor_count; i++)
        run_reader_close(&merge->cursors[i].reader);
    free(merge->cursors);
    free(merge->heap);
    *merge = (struct merge){0};
}
