#include "table.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 64 };

void table_init(struct table *table, size_t entry_size, uint64_t seed)
{
    *table = (struct table){.entry_size = entry_size, .seed = seed};
}

/* Multiplies to 128 bits and folds them: each bit of both depends on all of the other. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load(const char *from, size_t size)
{
    uint64_t word = 0;
    memcpy(&word, from, size);
    return word;
}

static uint64_t hash_of(const char *key, size_t size, uint64_t seed)
{
    const uint64_t odd = 0x9e3779b97f4a7c15; /* 2^64 over the golden ratio */
    uint64_t hash = mix(seed ^ size, odd);
    for (; size > 16; key += 16, size -= 16)
        hash = mix(load(key, 8) ^ hash, load(key + 8, 8) ^ seed ^ odd);
    size_t first = size < 8 ? size : 8;
    return mix(load(key, first) ^ hash, load(key + first, size - first) ^ seed ^ odd);
}

/* The slot that has the key, or the free one where it belongs. */
static struct entry **find(const struct table *table, const char *key, size_t size, uint64_t hash)
{
    size_t mask = table->slots - 1;
    size_t i = (size_t)hash & mask;
    for (struct entry *entry; (entry = table->slot[i]) != NULL; i = (i + 1) & mask) {
        if (entry->hash == hash && entry->size == size && memcmp(entry->key, key, size) == 0)
            break;
    }
    return &table->slot[i];
}

/* Keeps at least a third of the slots free. */
static bool grow(struct table *table)
{
    if (table->slot && table->entries < table->slots / 3 * 2)
        return true;
    size_t slots = table->slot ? table->slots * 2 : FIRST_SLOTS;
    struct table larger = *table;
    larger.slot = calloc(slots, sizeof *larger.slot);
    if (!larger.slot)
        return false;
    larger.slots = slots;
    for (size_t i = 0; i < table->slots; i++) {
        struct entry *entry = table->slot[i];
        if (entry)
            *find(&larger, entry->key, entry->size, entry->hash) = entry;
    }
    free(table->slot);
    *table = larger;
    return true;
}

void *table_get(struct table *table, const char *key, size_t size)
{
    uint64_t hash = hash_of(key, size, table->seed);
    if (table->slot) {
        struct entry *entry = *find(table, key, size, hash);
        if (entry)
            return entry;
    }
    char *memory = grow(table) ? calloc(1, table->entry_size + size + 1) : NULL;
    if (!memory)
        return NULL;
    char *copy = memcpy(memory + table->entry_size, key, size);
    struct entry *entry = (struct entry *)memory;
    *entry = (struct entry){.key = copy, .size = size, .hash = hash};
    *find(table, key, size, hash) = entry;
    table->entries++;
    return entry;
}

void table_clear(struct table *table, void (*release)(void *, void *), void *context)
{
    for (size_t i = 0; i < table->slots; i++) {
        if (!table->slot[i])
            continue;
        if (release)
            release(table->slot[i], context);
        free(table->slot[i]);
    }
    free(table->slot);
    table_init(table, table->entry_size, table->seed);
}
