/* Merges sorted runs, of a temporary file and in memory, into one sequence. */
#ifndef SORT_MERGE_H
#define SORT_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sort/spill.h"

/* A record in memory: its sort key, and its place in an arena. */
struct sort_entry {
    uint64_t key;
    uint32_t offset, size;
};

/* A sorted run in memory; nothing in it is owned. */
struct memory_run {
    const char *records;
    const struct sort_entry *entries;
    size_t count;
};

struct cursor;

/* Zeroed at birth. */
struct merge {
    struct cursor *cursors; /* one for each run */
    struct cursor **heap;   /* a priority queue of the cursors that have a record */
    size_t cursor_count, heap_size;
    bool first_is_taken; /* merge_next() has returned the first one's record */
};

/* Begins to merge the runs of a file and those in memory; records with the same key come in the
 * order of their runs, those in memory last.  False with errno set; merge_close() then too. */
bool merge_open(struct merge *merge, const struct run *runs, size_t run_count,
                const struct memory_run *memory, size_t memory_count);

/* Stores the next record, valid until the next call.  Returns 1, 0 at the end, -1 with errno set.
 */
int merge_next(struct merge *merge, uint64_t *key, const char **record, size_t *size);

void merge_close(struct merge *merge);

#endif
