#include "sort/sort.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory/heap.h"
#include "sort/merge.h"
#include "sort/spill.h"

/* Records fill the arena from its start upwards, their entries from its end downwards. */
struct sort_writer {
    struct sort_writer *next;
    struct sort *sort;
    char *arena;
    size_t used;      /* bytes of records */
    size_t count;     /* of entries */
    size_t runs;      /* written to the file, */
    uint64_t spilled; /* and the records in these runs */
    struct spill spill;
};

struct sort {
    struct sort_options options;
    pthread_mutex_t lock;
    struct sort_writer *writers;
    struct run *runs;
    size_t run_count, run_capacity;
    uint8_t *dropped; /* a bit for each object */
    size_t dropped_size;
    struct merge merge;        /* that sort_next() reads */
    struct memory_run *memory; /* the records left in the arenas: a run for each writer */
    struct spill merged;       /* the latest file that reduce_runs() has merged runs into */
    char error[512];
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

void sort_free(struct sort *sort)
{
    if (!sort)
        return;
    merge_close(&sort->merge);
    free(sort->memory);
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
    heap_use_huge_pages(writer->arena, sort->options.arena_size);
    pthread_mutex_lock(&sort->lock);
    writer->next = sort->writers;
    sort->writers = writer;
    pthread_mutex_unlock(&sort->lock);
    return writer;
}

/* Stores the error for an errno, unless an earlier error is stored. */
static void set_error(struct sort *sort, int reason)
{
    char text[128];
    const char *error = reason == ENOMEM ? "out of memory" : strerror_r(reason, text, sizeof text);
    pthread_mutex_lock(&sort->lock);
    if (!sort->error[0])
        snprintf(sort->error, sizeof sort->error, "%s: %s", sort->options.directory, error);
    pthread_mutex_unlock(&sort->lock);
}

const char *sort_error(struct sort *sort)
{
    pthread_mutex_lock(&sort->lock);
    bool is_set = sort->error[0] != '\0';
    pthread_mutex_unlock(&sort->lock);
    return is_set ? sort->error : ""; /* no later call changes an error that is set */
}

static struct sort_entry *entries(const struct sort_writer *writer)
{
    char *end = writer->arena + writer->sort->options.arena_size / sizeof(struct sort_entry) *
                                    sizeof(struct sort_entry);
    return (struct sort_entry *)(void *)end - writer->count;
}

/* Returns whether the lower half of the keys, the objects' numbers, is in order.  Usually it is, since a reader takes
 * objects in this order. */
static bool has_objects_in_order(const struct sort_entry *entry, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if ((uint32_t)entry[i].key < (uint32_t)entry[i - 1].key)
            return false;
    return true;
}

/* Sorts by key with a stable radix sort, from the lowest byte up.  Skips bytes that are equal in all keys, which
 * are most bytes, and the lower half if it is in order already.  Uses TEMPORARY, as large as the entries.
 * Returns FROM or TEMPORARY, whichever has the result; NULL when memory has run out. */
static struct sort_entry *radix_sort(struct sort_entry *from, struct sort_entry *temporary,
                                     size_t count)
{
    const int bytes = sizeof(uint64_t), lowest = has_objects_in_order(from, count) ? bytes / 2 : 0;
    size_t(*counts)[256] = calloc((size_t)bytes, sizeof *counts);
    if (!counts)
        return NULL;
    for (size_t i = 0; i < count; i++)
        for (int byte = lowest; byte < bytes; byte++)
            counts[byte][from[i].key >> (8 * byte) & 255]++;
    for (int byte = lowest; byte < bytes; byte++) {
        if (counts[byte][from[0].key >> (8 * byte) & 255] == count)
            continue;
        size_t place[256], sum = 0;
        for (int value = 0; value < 256; value++) {
            place[value] = sum;
            sum += counts[byte][value];
        }
        for (size_t i = 0; i < count; i++)
            temporary[place[from[i].key >> (8 * byte) & 255]++] = from[i];
        struct sort_entry *swap = from;
        from = temporary;
        temporary = swap;
    }
    free(counts);
    return from;
}

/* Reverses the entries, since the last added entry is the first one in the arena. */
static void reverse(struct sort_entry *entry, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct sort_entry swap = entry[i];
        entry[i] = entry[count - 1 - i];
        entry[count - 1 - i] = swap;
    }
}

/* Sorts the arena's entries in place. */
static bool sort_arena(struct sort_writer *writer)
{
    struct sort_entry *from = entries(writer);
    size_t count = writer->count;
    if (!count)
        return true;
    struct sort_entry *temporary = malloc(count * sizeof *temporary);
    struct sort_entry *result = NULL;
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
        done = runs != NULL;
        if (runs) {
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
    const struct sort_entry *entry = entries(writer);
    for (size_t i = 0; i < writer->count; i++)
        if (!spill_add(spill, entry[i].key, writer->arena + entry[i].offset, entry[i].size))
            return false;
    struct run run;
    if (!spill_end_run(spill, begin, &run))
        return false;
    writer->runs++;
    writer->spilled += writer->count;
    writer->used = writer->count = 0;
    return add_run(writer->sort, &run);
}

/* Returns how many bytes of the arena the next run may take. */
static size_t run_size(const struct sort_writer *writer)
{
    const size_t size = writer->sort->options.arena_size;
    return writer->runs < writer->sort->options.small_runs ? size / SORT_SMALL_PART : size;
}

char *sort_room(struct sort_writer *writer, size_t size)
{
    const struct sort_options *options = &writer->sort->options;
    size_t slack = 2 * sizeof(struct sort_entry); /* the new entry, and alignment */
    size_t taken = writer->used + writer->count * sizeof(struct sort_entry);
    if (slack + size > options->arena_size) {
        set_error(writer->sort, ENOMEM);
        return NULL;
    }
    if (writer->count && taken + slack + size > run_size(writer) && !spill_arena(writer)) {
        set_error(writer->sort, errno);
        return NULL;
    }
    return writer->arena + writer->used;
}

void sort_add(struct sort_writer *writer, uint32_t time, uint32_t object, size_t size)
{
    writer->count++;
    *entries(writer) = (struct sort_entry){.key = (uint64_t)time << 32 | object,
                                           .offset = (uint32_t)writer->used,
                                           .size = (uint32_t)size};
    writer->used += size;
}

uint64_t sort_count(const struct sort *sort)
{
    uint64_t count = 0;
    for (const struct sort_writer *writer = sort->writers; writer; writer = writer->next)
        count += writer->spilled + writer->count;
    return count;
}

bool sort_drop(struct sort *sort, uint32_t object)
{
    bool done = true;
    pthread_mutex_lock(&sort->lock);
    size_t needed = object / 8 + 1;
    if (needed > sort->dropped_size) {
        uint8_t *dropped = realloc(sort->dropped, 2 * needed);
        done = dropped != NULL;
        if (dropped) {
            memset(dropped + sort->dropped_size, 0, 2 * needed - sort->dropped_size);
            sort->dropped = dropped;
            sort->dropped_size = 2 * needed;
        }
    }
    if (done)
        sort->dropped[object / 8] |= (uint8_t)(1 << object % 8);
    pthread_mutex_unlock(&sort->lock);
    if (!done)
        set_error(sort, ENOMEM);
    return done;
}

bool sort_is_dropped(const struct sort *sort, uint32_t object)
{
    return object / 8 < sort->dropped_size && sort->dropped[object / 8] >> object % 8 & 1;
}

/* Merges COUNT runs, from the run FIRST on, into one run of the file TO. */
static bool merge_runs(struct sort *sort, size_t first, size_t count, struct spill *to,
                       struct run *run)
{
    uint64_t begin = to->size, key;
    struct merge merge;
    const char *record;
    size_t size;
    int result = -1;
    if (merge_open(&merge, &sort->runs[first], count, NULL, 0))
        while ((result = merge_next(&merge, &key, &record, &size)) > 0)
            if (!sort_is_dropped(sort, (uint32_t)key) && !spill_add(to, key, record, size)) {
                result = -1;
                break;
            }
    int reason = errno;
    merge_close(&merge);
    errno = reason;
    return result == 0 && spill_end_run(to, begin, run);
}

/* Merges neighbouring runs until sort_next() can merge the rest at once.  Each pass writes a new file, and
 * closes the files that it has read.  Only neighbours are merged, so records with equal keys keep their order. */
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
                int reason = errno;
                spill_close(&to);
                errno = reason;
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

/* Sorts the records in the arenas: one run in memory for each writer. */
static bool sort_arenas(struct sort *sort, size_t *count)
{
    *count = 0;
    for (const struct sort_writer *w = sort->writers; w; w = w->next)
        ++*count;
    sort->memory = calloc(*count + 1, sizeof *sort->memory);
    if (!sort->memory) {
        errno = ENOMEM;
        return false;
    }
    size_t i = 0;
    for (struct sort_writer *w = sort->writers; w; w = w->next) {
        if (!sort_arena(w))
            return false;
        sort->memory[i++] = (struct memory_run){w->arena, entries(w), w->count};
    }
    return true;
}

bool sort_finish(struct sort *sort)
{
    size_t count;
    if (sort_arenas(sort, &count) && reduce_runs(sort) &&
        merge_open(&sort->merge, sort->runs, sort->run_count, sort->memory, count))
        return true;
    set_error(sort, errno);
    return false;
}

int sort_next(struct sort *sort, uint32_t *time, const char **record, size_t *size)
{
    uint64_t key;
    int result;
    do
        result = merge_next(&sort->merge, &key, record, size);
    while (result > 0 && sort_is_dropped(sort, (uint32_t)key));
    if (result < 0)
        set_error(sort, errno);
    if (result > 0)
        *time = (uint32_t)(key >> 32);
    return result;
}
