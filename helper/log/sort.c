#include "log/sort.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/spill.h"

/* A record of an arena.  The key is its time, then its object. */
struct entry {
    uint64_t key;
    uint32_t offset, size;
};

/* Records are laid from the arena's begin upwards, their entries from its end downwards. */
struct sort_writer {
    struct sort_writer *next;
    struct sort *sort;
    char *arena;
    size_t used;  /* bytes of records */
    size_t count; /* of entries */
    struct spill spill;
    struct entry *sorted; /* the last, unspilled run: from sort_finish() on */
};

/* Where the merge stands in one run: of a file, or of an arena. */
struct cursor {
    uint64_t key;
    size_t order; /* of the run; an object's runs are numbered in the order of its records */
    struct run_reader reader;
    const struct sort_writer *writer; /* NULL: a run of a file */
    size_t at;
};

struct sort {
    struct sort_options options;
    pthread_mutex_t lock;
    struct sort_writer *writers;
    struct run *runs;
    size_t run_count, run_capacity;
    uint8_t *dropped; /* a bit for each object */
    size_t dropped_size;
    struct cursor *cursors; /* of the merge */
    struct cursor **heap;   /* the cursor with the least record first */
    size_t cursor_count, heap_size;
    bool advance;        /* the first of the heap has been given out */
    struct spill merged; /* what runs were merged into, when there were too many at once */
    char problem[512];
};

struct sort *sort_new(const struct sort_options *options)
{
    struct sort *sort = calloc(1, sizeof *sort);
    if (!sort)
        return NULL;
    sort->options = *options;
    sort->merged.fd = -1;
    pthread_mutex_init(&sort->lock, NULL);
    return sort;
}

static void close_cursors(struct sort *sort)
{
    for (size_t i = 0; i < sort->cursor_count; i++)
        run_reader_close(&sort->cursors[i].reader);
    free(sort->cursors);
    free(sort->heap);
    sort->cursors = NULL;
    sort->heap = NULL;
    sort->cursor_count = sort->heap_size = 0;
}

void sort_free(struct sort *sort)
{
    if (!sort)
        return;
    close_cursors(sort);
    while (sort->writers) {
        struct sort_writer *writer = sort->writers;
        sort->writers = writer->next;
        spill_close(&writer->spill);
        free(writer->arena);
        free(writer);
    }
    spill_close(&sort->merged);
    free(sort->runs);
    free(sort->dropped);
    pthread_mutex_destroy(&sort->lock);
    free(sort);
}

struct sort_writer *sort_writer_new(struct sort *sort)
{
    struct sort_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return NULL;
    writer->sort = sort;
    writer->spill.fd = -1;
    writer->arena = malloc(sort->options.arena_size);
    if (!writer->arena) {
        free(writer);
        return NULL;
    }
    pthread_mutex_lock(&sort->lock);
    writer->next = sort->writers;
    sort->writers = writer;
    pthread_mutex_unlock(&sort->lock);
    return writer;
}

static void set_problem(struct sort *sort, int cause)
{
    pthread_mutex_lock(&sort->lock);
    if (!sort->problem[0])
        snprintf(sort->problem, sizeof sort->problem, "%s: %s", sort->options.directory,
                 cause == ENOMEM ? "out of memory" : strerror(cause));
    pthread_mutex_unlock(&sort->lock);
}

const char *sort_problem(const struct sort *sort)
{
    return sort->problem;
}

static struct entry *entries(const struct sort_writer *writer)
{
    char *end = writer->arena +
                writer->sort->options.arena_size / sizeof(struct entry) * sizeof(struct entry);
    return (struct entry *)(void *)end - writer->count;
}

/* Sorts by key, stable: a radix sort from the lowest byte up.  Bytes in which all keys agree, which
 * most are, cost nothing.  Uses TEMPORARY, as large as the entries; returns where the result is. */
static struct entry *radix_sort(struct entry *from, struct entry *temporary, size_t count)
{
    static const int bytes = sizeof(uint64_t);
    size_t(*counts)[256] = calloc((size_t)bytes, sizeof *counts);
    if (!counts)
        return NULL;
    for (size_t i = 0; i < count; i++)
        for (int byte = 0; byte < bytes; byte++)
            counts[byte][from[i].key >> (8 * byte) & 255]++;
    for (int byte = 0; byte < bytes; byte++) {
        if (counts[byte][from[0].key >> (8 * byte) & 255] == count)
            continue;
        size_t place[256], sum = 0;
        for (int value = 0; value < 256; value++) {
            place[value] = sum;
            sum += counts[byte][value];
        }
        for (size_t i = 0; i < count; i++)
            temporary[place[from[i].key >> (8 * byte) & 255]++] = from[i];
        struct entry *swap = from;
        from = temporary;
        temporary = swap;
    }
    free(counts);
    return from;
}

/* Entries were laid downwards: the last one added comes first. */
static void reverse(struct entry *entry, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct entry swap = entry[i];
        entry[i] = entry[count - 1 - i];
        entry[count - 1 - i] = swap;
    }
}

/* Sorts the arena's entries in place. */
static bool sort_arena(struct sort_writer *writer)
{
    struct entry *from = entries(writer);
    size_t count = writer->count;
    if (!count)
        return true;
    struct entry *temporary = malloc(count * sizeof *temporary);
    struct entry *result = NULL;
    if (temporary) {
        reverse(from, count);
        result = radix_sort(from, temporary, count);
    }
    if (result == temporary && result)
        memcpy(from, temporary, count * sizeof *temporary);
    free(temporary);
    if (!result)
        errno = ENOMEM;
    return result != NULL;
}

static bool add_run(struct sort *sort, const struct run *run)
{
    bool done = true;
    pthread_mutex_lock(&sort->lock);
    if (sort->run_count == sort->run_capacity) {
        size_t capacity = sort->run_capacity ? 2 * sort->run_capacity : 64;
        struct run *runs = realloc(sort->runs, capacity * sizeof *runs);
        if ((done = runs != NULL)) {
            sort->runs = runs;
            sort->run_capacity = capacity;
        }
    }
    if (done)
        sort->runs[sort->run_count++] = *run;
    pthread_mutex_unlock(&sort->lock);
    if (!done)
        errno = ENOMEM;
    return done;
}

/* Writes the arena out as a run and empties it. */
static bool spill_arena(struct sort_writer *writer)
{
    struct spill *spill = &writer->spill;
    if (spill->fd < 0 && !spill_open(spill, writer->sort->options.directory))
        return false;
    if (!sort_arena(writer))
        return false;
    uint64_t begin = spill->size;
    const struct entry *entry = entries(writer);
    for (size_t i = 0; i < writer->count; i++)
        if (!spill_add(spill, entry[i].key, writer->arena + entry[i].offset, entry[i].size))
            return false;
    struct run run;
    if (!spill_end_run(spill, begin, &run))
        return false;
    writer->used = writer->count = 0;
    return add_run(writer->sort, &run);
}

char *sort_room(struct sort_writer *writer, size_t size)
{
    const struct sort_options *options = &writer->sort->options;
    size_t slack = 2 * sizeof(struct entry); /* the new entry, and alignment */
    size_t taken = writer->used + writer->count * sizeof(struct entry);
    if (slack + size > options->arena_size) {
        set_problem(writer->sort, ENOMEM);
        return NULL;
    }
    if (taken + slack + size > options->arena_size && !spill_arena(writer)) {
        set_problem(writer->sort, errno);
        return NULL;
    }
    return writer->arena + writer->used;
}

void sort_add(struct sort_writer *writer, uint32_t time, uint32_t object, size_t size)
{
    writer->count++;
    *entries(writer) = (struct entry){.key = (uint64_t)time << 32 | object,
                                      .offset = (uint32_t)writer->used,
                                      .size = (uint32_t)size};
    writer->used += size;
}

bool sort_drop(struct sort *sort, uint32_t object)
{
    bool done = true;
    pthread_mutex_lock(&sort->lock);
    size_t needed = object / 8 + 1;
    if (needed > sort->dropped_size) {
        uint8_t *dropped = realloc(sort->dropped, 2 * needed);
        if ((done = dropped != NULL)) {
            memset(dropped + sort->dropped_size, 0, 2 * needed - sort->dropped_size);
            sort->dropped = dropped;
            sort->dropped_size = 2 * needed;
        }
    }
    if (done)
        sort->dropped[object / 8] |= (uint8_t)(1 << object % 8);
    pthread_mutex_unlock(&sort->lock);
    if (!done)
        set_problem(sort, ENOMEM);
    return done;
}

static bool is_dropped(const struct sort *sort, uint64_t key)
{
    uint32_t object = (uint32_t)key;
    return object / 8 < sort->dropped_size && sort->dropped[object / 8] >> object % 8 & 1;
}

/* ---- merging ---- */

static bool is_before(const struct cursor *a, const struct cursor *b)
{
    return a->key != b->key ? a->key < b->key : a->order < b->order;
}

static void sift_down(struct sort *sort, size_t i)
{
    struct cursor **heap = sort->heap, *moving = heap[i];
    for (size_t child; (child = 2 * i + 1) < sort->heap_size; i = child) {
        if (child + 1 < sort->heap_size && is_before(heap[child + 1], heap[child]))
            child++;
        if (is_before(moving, heap[child]))
            break;
        heap[i] = heap[child];
    }
    heap[i] = moving;
}

/* 1: the cursor stands on its next record, 0: its run has ended, -1: errno says why not. */
static int cursor_next(struct cursor *cursor)
{
    if (cursor->writer) {
        if (cursor->at == cursor->writer->count)
            return 0;
        cursor->key = cursor->writer->sorted[cursor->at++].key;
        return 1;
    }
    int result = run_reader_next(&cursor->reader);
    cursor->key = cursor->reader.key;
    return result;
}

static void cursor_record(const struct cursor *cursor, const char **record, size_t *size)
{
    if (cursor->writer) {
        const struct entry *entry = &cursor->writer->sorted[cursor->at - 1];
        *record = cursor->writer->arena + entry->offset;
        *size = entry->size;
    } else {
        *record = cursor->reader.record;
        *size = cursor->reader.size;
    }
}

/* Prepares the merge of COUNT runs from the FIRST on, and of the arenas when WITH_ARENAS. */
static bool open_cursors(struct sort *sort, size_t first, size_t count, bool with_arenas)
{
    size_t most = count;
    for (const struct sort_writer *w = sort->writers; w && with_arenas; w = w->next)
        most++;
    sort->cursors = calloc(most + 1, sizeof *sort->cursors);
    sort->heap = calloc(most + 1, sizeof *sort->heap);
    if (!sort->cursors || !sort->heap) {
        errno = ENOMEM;
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct cursor *cursor = &sort->cursors[sort->cursor_count];
        if (!run_reader_open(&cursor->reader, &sort->runs[first + i])) {
            errno = ENOMEM;
            return false;
        }
        cursor->order = sort->cursor_count++;
    }
    for (const struct sort_writer *w = sort->writers; w && with_arenas; w = w->next) {
        sort->cursors[sort->cursor_count].writer = w;
        sort->cursors[sort->cursor_count].order = sort->cursor_count;
        sort->cursor_count++;
    }
    for (size_t i = 0; i < sort->cursor_count; i++) {
        int result = cursor_next(&sort->cursors[i]);
        if (result < 0)
            return false;
        if (result)
            sort->heap[sort->heap_size++] = &sort->cursors[i];
    }
    for (size_t i = sort->heap_size / 2; i-- > 0;)
        sift_down(sort, i);
    sort->advance = false;
    return true;
}

/* Makes the least record stand first in the heap.  As sort_next(), dropped records included. */
static int merge_next(struct sort *sort)
{
    if (sort->advance) {
        int result = cursor_next(sort->heap[0]);
        if (result < 0)
            return -1;
        if (!result)
            sort->heap[0] = sort->heap[--sort->heap_size];
        if (sort->heap_size)
            sift_down(sort, 0);
    }
    sort->advance = sort->heap_size != 0;
    return sort->advance;
}

/* Merges COUNT runs from the FIRST on into one run of the file TO. */
static bool merge_runs(struct sort *sort, size_t first, size_t count, struct spill *to,
                       struct run *run)
{
    uint64_t begin = to->size;
    const char *record;
    size_t size;
    int result = -1;
    if (open_cursors(sort, first, count, false))
        while ((result = merge_next(sort)) > 0) {
            cursor_record(sort->heap[0], &record, &size);
            if (!is_dropped(sort, sort->heap[0]->key) &&
                !spill_add(to, sort->heap[0]->key, record, size)) {
                result = -1;
                break;
            }
        }
    int cause = errno;
    close_cursors(sort);
    errno = cause;
    return result == 0 && spill_end_run(to, begin, run);
}

/* Merges neighbouring runs until they can all be merged at once.  Each pass writes a new file, and
 * the files that the pass before it read are given back. */
static bool reduce_runs(struct sort *sort)
{
    size_t fan_in = sort->options.fan_in;
    while (sort->run_count > fan_in) {
        struct spill to;
        if (!spill_open(&to, sort->options.directory))
            return false;
        size_t done = 0;
        for (size_t first = 0; first < sort->run_count; first += fan_in) {
            size_t count = sort->run_count - first < fan_in ? sort->run_count - first : fan_in;
            struct run run;
            if (!merge_runs(sort, first, count, &to, &run)) {
                int cause = errno;
                spill_close(&to);
                errno = cause;
                return false;
            }
            sort->runs[done++] = run;
        }
        sort->run_count = done;
        for (struct sort_writer *w = sort->writers; w; w = w->next)
            spill_close(&w->spill);
        spill_close(&sort->merged);
        sort->merged = to;
    }
    return true;
}

bool sort_finish(struct sort *sort)
{
    bool done = true;
    for (struct sort_writer *w = sort->writers; w && done; w = w->next) {
        done = sort_arena(w);
        w->sorted = entries(w);
    }
    if (done && reduce_runs(sort) && open_cursors(sort, 0, sort->run_count, true))
        return true;
    set_problem(sort, errno);
    return false;
}

int sort_next(struct sort *sort, const char **record, size_t *size)
{
    int result;
    while ((result = merge_next(sort)) > 0)
        if (!is_dropped(sort, sort->heap[0]->key)) {
            cursor_record(sort->heap[0], record, size);
            return 1;
        }
    if (result < 0)
        set_problem(sort, errno);
    return result;
}
