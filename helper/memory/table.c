#include "memory/table.h"

#include <stdlib.h>
#include <string.h>

#include "memory/hash.h"

enum { FIRST_SLOTS = 64 };

void table_init(struct table *table, size_t entry_size, uint64_t seed)
{
    *table = (struct table){.entry_size = entry_size, .seed = seed};
}

/* Returns the slot of the key, or the free slot where it belongs. */
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

/* Grows the table if less than a third of the slots would stay free.  Returns false when memory has
 * run out. */
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

void *table_look_up(struct table *table, const char *key, size_t size)
{
    if (!table->slot)
        return NULL;
    return *find(table, key, size, hash_bytes(key, size, table->seed));
}

/* Returns zeroed room for an entry, a key of SIZE bytes and its NUL, aligned for an entry; NULL
 * when memory has run out. */
static char *make_room(struct table *table, size_t size)
{
    const size_t aligned = _Alignof(struct entry);
    const size_t bytes = (table->entry_size + size + aligned) / aligned * aligned;
    char *room = arena_take(&table->memory, bytes);
    return room ? memset(room, 0, bytes) : NULL;
}

void *table_find(struct table *table, const char *key, size_t size)
{
    uint64_t hash = hash_bytes(key, size, table->seed);
    if (table->slot) {
        struct entry *entry = *find(table, key, size, hash);
        if (entry)
            return *table_recent(table, key, size) = entry;
    }
    char *memory = grow(table) ? make_room(table, size) : NULL;
    if (!memory)
        return NULL;
    char *copy = memcpy(memory + table->entry_size, key, size);
    struct entry *entry = (struct entry *)memory;
    *entry = (struct entry){.key = copy, .size = size, .hash = hash};
    *find(table, key, size, hash) = entry;
    table->entries++;
    return *table_recent(table, key, size) = entry;
}

void table_clear(struct table *table, void (*release)(void *, void *), void *context)
{
    for (size_t i = 0; release && i < table->slots; i++) {
        if (table->slot[i])
            release(table->slot[i], context);
    }
    arena_free(&table->memory);
    free(table->slot);
    table_init(table, table->entry_size, table->seed);
}
