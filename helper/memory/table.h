/* A hash table whose keys are bytes.
 *
 * An entry is the caller's struct, whose first member is a struct entry.  Entries keep their
 * address until the table is cleared. */
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
    struct entry **slot;   /* NULL: there are no slots yet */
    size_t slots, entries; /* slots: a power of two */
    struct arena memory;   /* of entries and keys */
    size_t entry_size;
    uint64_t seed;
    struct entry *recent[TABLE_RECENT]; /* entries that were found lately */
};

/* Makes an empty table.  ENTRY_SIZE: bytes of the caller's struct.  With a random SEED, nobody can
 * choose keys that collide. */
void table_init(struct table *table, size_t entry_size, uint64_t seed);

/* Finds or adds an entry; only for table_get(). */
void *table_find(struct table *table, const char *key, size_t size);

/* Returns the place in RECENT for the entry of a key; only for table_get(). */
static inline struct entry **table_recent(struct table *table, const char *key, size_t size)
{
    size_t last = size ? (unsigned char)key[size - 1] : 0;
    return &table->recent[(size + last) % TABLE_RECENT];
}

/* Returns the entry of a key; adds an entry, which is zero except for its struct entry, if there is
 * none.  Returns NULL when memory has run out. */
static inline void *table_get(struct table *table, const char *key, size_t size)
{
    struct entry *recent = *table_recent(table, key, size);
    if (recent && recent->size == size && memcmp(recent->key, key, size) == 0)
        return recent;
    return table_find(table, key, size);
}

/* Returns the entry of a key; NULL: there is none. */
void *table_look_up(struct table *table, const char *key, size_t size);

/* Returns about how much memory a table takes, in bytes, without what its entries point to. */
static inline size_t table_memory(const struct table *table)
{
    return table->slots * sizeof *table->slot + table->memory.memory;
}

/* Frees all entries.  First calls RELEASE (unless NULL) with each entry and CONTEXT. */
void table_clear(struct table *table, void (*release)(void *entry, void *context), void *context);

#endif
