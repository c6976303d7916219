#include "tables/rows.h"

#include <stdlib.h>

#include "memory/cache.h"
#include "memory/hash.h"

enum { FIRST_SLOTS = 64, MORE_CHUNKS = 16 };

/* A slot has the upper half of a key's hash in its upper half, and the row's number plus 1 in its lower half.
 * The lowest bits of this half of the hash are the key's place among the slots. */
static uint64_t slot_of(uint32_t hash, uint32_t number)
{
    return (uint64_t)hash << 32 | (number + UINT32_C(1));
}

static uint32_t hash_in(uint64_t slot)
{
    return (uint32_t)(slot >> 32);
}

static struct row *row_in(const struct rows *rows, uint64_t slot)
{
    return rows_at(rows, (uint32_t)slot - 1);
}

uint32_t rows_hash(const struct rows *rows, const char *key, size_t size)
{
    return (uint32_t)(hash_bytes(key, size, rows->seed) >> 32);
}

void rows_init(struct rows *rows, unsigned columns, uint64_t seed)
{
    *rows = (struct rows){.columns = columns, .seed = seed};
}

void rows_clear(struct rows *rows)
{
    for (size_t i = 0; i < rows->chunks; i++)
        free(rows->chunk[i]);
    free(rows->chunk);
    free(rows->spare);
    free(rows->slot);
    arena_free(&rows->keys);
    rows_init(rows, rows->columns, rows->seed);
}

/* Returns the slot of a key, or the free slot where the key belongs. */
static uint64_t *find_slot(const struct rows *rows, const char *key, size_t size, uint32_t hash)
{
    const size_t mask = rows->slots - 1;
    size_t place = hash & mask;
    for (; rows->slot[place]; place = (place + 1) & mask) {
        if (hash_in(rows->slot[place]) != hash)
            continue;
        const struct row *row = row_in(rows, rows->slot[place]);
        if (row->size == size && memcmp(row->key, key, size) == 0)
            break;
    }
    return &rows->slot[place];
}

struct row *rows_find(const struct rows *rows, const char *key, size_t size)
{
    if (!rows->slots)
        return NULL;
    const uint64_t slot = *find_slot(rows, key, size, rows_hash(rows, key, size));
    return slot ? row_in(rows, slot) : NULL;
}

/* A quarter of the slots stays free. */
bool rows_reserve(struct rows *rows, size_t count)
{
    size_t slots = rows->slots ? rows->slots : FIRST_SLOTS;
    while (count > slots / 4 * 3)
        slots *= 2;
    if (slots == rows->slots)
        return true;
    const size_t mask = slots - 1;
    uint64_t *slot = calloc(slots, sizeof *slot);
    if (!slot)
        return false;
    for (size_t i = 0; i < rows->slots; i++) {
        size_t place = hash_in(rows->slot[i]) & mask;
        if (!rows->slot[i])
            continue;
        while (slot[place])
            place = (place + 1) & mask;
        slot[place] = rows->slot[i];
    }
    free(rows->slot);
    rows->slot = slot;
    rows->slots = slots;
    return true;
}

/* Makes room for one more row. */
static bool make_row(struct rows *rows)
{
    if (rows->count < rows->chunks * ROWS_IN_CHUNK)
        return true;
    if (rows->count >= UINT32_MAX - ROWS_IN_CHUNK)
        return false;
    if (rows->chunks % MORE_CHUNKS == 0) {
        char **chunk = realloc(rows->chunk, (rows->chunks + MORE_CHUNKS) * sizeof *chunk);
        if (!chunk)
            return false;
        rows->chunk = chunk;
    }
    char *chunk = rows->spare;
    if (chunk)
        memset(chunk, 0, ROWS_IN_CHUNK * row_size(rows->columns));
    else
        chunk = calloc(ROWS_IN_CHUNK, row_size(rows->columns));
    if (!chunk)
        return false;
    rows->spare = NULL;
    rows->chunk[rows->chunks++] = chunk;
    return true;
}

struct row *rows_get_hashed(struct rows *rows, const char *key, size_t size, uint32_t hash)
{
    if (size > UINT32_MAX || !rows_reserve(rows, (size_t)rows->count + 1))
        return NULL;
    uint64_t *slot = find_slot(rows, key, size, hash);
    if (*slot)
        return row_in(rows, *slot);
    char *copy = make_row(rows) ? arena_take(&rows->keys, size) : NULL;
    if (!copy)
        return NULL;
    *slot = slot_of(hash, rows->count);
    struct row *row = rows_at(rows, rows->count++);
    row->key = memcpy(copy, key, size);
    row->size = (uint32_t)size;
    return row;
}

struct row *rows_get(struct rows *rows, const char *key, size_t size)
{
    return rows_get_hashed(rows, key, size, rows_hash(rows, key, size));
}

void rows_free_slots(struct rows *rows)
{
    free(rows->slot);
    rows->slot = NULL;
    rows->slots = 0;
}

void rows_reuse_row(struct rows *rows, struct rows *from, uint32_t number)
{
    if (number % ROWS_IN_CHUNK < ROWS_IN_CHUNK - 1)
        return;
    char **chunk = &from->chunk[number / ROWS_IN_CHUNK];
    if (rows->spare)
        free(*chunk);
    else
        rows->spare = *chunk;
    *chunk = NULL;
}

void rows_load_slot(const struct rows *rows, uint32_t hash)
{
    if (rows->slots)
        cache_load(&rows->slot[hash & (rows->slots - 1)], sizeof *rows->slot);
}

const struct row *rows_by_hash(const struct rows *rows, uint32_t hash)
{
    if (!rows->slots)
        return NULL;
    const size_t mask = rows->slots - 1;
    size_t place = hash & mask;
    while (rows->slot[place] && hash_in(rows->slot[place]) != hash)
        place = (place + 1) & mask;
    return rows->slot[place] ? row_in(rows, rows->slot[place]) : NULL;
}

void rows_load_row(const struct rows *rows, uint32_t hash)
{
    cache_load(rows_by_hash(rows, hash), row_size(rows->columns));
}

void rows_load_key(const struct rows *rows, uint32_t hash)
{
    const struct row *row = rows_by_hash(rows, hash);
    if (row)
        cache_load(row->key, row->size);
}

size_t rows_memory(const struct rows *rows)
{
    return rows->slots * sizeof *rows->slot + rows->chunks * sizeof *rows->chunk +
           (rows->chunks + (rows->spare ? 1 : 0)) * ROWS_IN_CHUNK * row_size(rows->columns) +
           rows->keys.memory;
}
