/* What is known of a value, found by the value: a hash table whose keys are bytes.
 *
 * An entry is a struct of the caller's whose first member is a struct entry.  Entries stay where
 * they are until the table is cleared. */
#ifndef MEMORY_TABLE_H
#define MEMORY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct entry {
    const char *key; /* the table's own copy, with a NUL behind it */
    size_t size;
    uint64_t hash;
};

struct table {
    struct entry **slot; /* a power of two of them, or NULL */
    size_t slots, entries;
    size_t key_bytes;   /* of all keys */
    struct entry *last; /* to be found, and often the next one too */
    size_t entry_size;
    uint64_t seed;
};

/* Makes an empty table.  SEED keeps who writes logs from choosing values that collide. */
void table_init(struct table *table, size_t entry_size, uint64_t seed);

/* The entry of a key; a new one is zero but for its struct entry.  NULL when memory has run out. */
void *table_get(struct table *table, const char *key, size_t size);

/* Takes all entries out, handing each to RELEASE (unless NULL) with CONTEXT before it is freed. */
void table_clear(struct table *table, void (*release)(void *entry, void *context), void *context);

#endif
