/* A hash table whose keys are bytes.
 *
 * An entry is a struct of the caller's whose first member is a struct entry.  Entries stay where
 * they are until the table is cleared. */
#ifndef MEMORY_TABLE_H
#define MEMORY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "memory/arena.h"

struct entry {
    const char *key; /* the table's own copy, with a NUL after it */
    size_t size;
    uint64_t hash;
};

enum { TABLE_RECENT = 16 };

struct table {
    struct entry **slot; /* a power of two of them, or NULL */
    size_t slots, entries;
    struct arena memory; /* of entries and keys */
    size_t entry_size;
    uint64_t seed;
    struct entry *recent[TABLE_RECENT]; /* found of late, and often the next one too */
};

/* Makes an empty table.  With a random SEED nobody can choose keys that collide. */
void table_init(struct table *table, size_t entry_size, uint64_t seed);

/* Finds or adds an entry, for table_get(). */
void *table_find(struct table *table, const char *key, size_t size);

/* Returns where the entry of a key is remembered. */
static inline struct entry **table_recent(struct table *table, const char *key, size_t size)
{
    size_t last = size ? (unsigned char)key[size - 1] : 0;
    return &table->recent[(size + last) % TABLE_RECENT];
}

/* Returns the entry of a key.  A new one is zero except for its struct entry.  NULL when memory has
 * run out. */
static inline void *table_get(struct table *table, const char *key, size_t size)
{
    struct entry *recent = *table_recent(table, key, size);
    if (recent && recent->size == size && memcmp(recent->key, key, size) == 0)
        return recent;
    return table_find(table, key, size);
}

/* Finds an entry, and adds none: NULL when there is none. */
void *table_look_up(struct table *table, const char *key, size_t size);

/* Returns about how much memory a table takes, in bytes, without what its entries point to. */
static inline size_t table_memory(const struct table *table)
{
    return table->slots * sizeof *table->slot + table->memory.memory;
}

/* Frees all entries.  First calls RELEASE (unless NULL) with each entry and CONTEXT. */
void table_clear(struct table *table, void (*release)(void *entry, void *context), void *context);

#endif
