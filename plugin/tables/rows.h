/* A table of counters: rows that have a key, any bytes, and some whole numbers; pure C.
 *
 * A row stays where it is until the table is cleared.  Beside its key a row of N numbers takes
 * 16 + 8 * N bytes, and its place in the table 11 to 22 more. */
#ifndef PLUGIN_TABLES_ROWS_H
#define PLUGIN_TABLES_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "memory/arena.h"

struct row {
    const char *key; /* no NUL follows */
    uint32_t size;
    uint32_t mark;     /* the caller's; 0 at first */
    uint64_t column[]; /* 0 at first; bytes are signed, since AWStats counts malformed sizes */
};

struct rows {
    unsigned columns;
    uint32_t count;
    uint64_t seed;
    uint64_t *slot; /* hash and number of a row; 0: free */
    size_t slots;   /* a power of two, or 0 */
    char **chunk;   /* where the rows are, in the order in which they were added */
    size_t chunks;
    char *spare; /* memory of one more chunk; NULL: none */
    struct arena keys;
};

enum { ROWS_IN_CHUNK = 256 };

/* Makes an empty table, whose rows have COLUMNS numbers.  With a random SEED nobody can choose keys
 * that collide. */
void rows_init(struct rows *rows, unsigned columns, uint64_t seed);

/* Frees all rows; the table is empty then. */
void rows_clear(struct rows *rows);

/* Returns the row of a key; NULL when there is none. */
struct row *rows_find(const struct rows *rows, const char *key, size_t size);

/* Returns the row of a key, which is added if there is none; NULL when memory has run out. */
struct row *rows_get(struct rows *rows, const char *key, size_t size);

/* Returns the hash of a key, for the functions that follow. */
uint32_t rows_hash(const struct rows *rows, const char *key, size_t size);

/* The same as rows_get(), for a key with HASH. */
struct row *rows_get_hashed(struct rows *rows, const char *key, size_t size, uint32_t hash);

/* Makes the slots for COUNT rows in all at once; false when memory has run out.  The rows are allocated as they are
 * added. */
bool rows_reserve(struct rows *rows, size_t count);

/* Frees the slots of a table, whose rows are only read by their numbers from now on; rows_clear() must follow. */
void rows_free_slots(struct rows *rows);

/* Lets a table use the memory of a row of FROM, which has as many columns and no slots, for rows of its own, or frees
 * it.  The rows of FROM are given away one after the other, from number 0 on, and never read again.  So another thread
 * may have allocated them: memory that is freed would only be used by that thread again. */
void rows_reuse_row(struct rows *rows, struct rows *from, uint32_t number);

/* Load what rows_find() and rows_get() will read for a key with HASH into the processor's caches: first its slot, then
 * its row, then the row's key.  Each finds it with what the one before has loaded, so leave some time between them. */
void rows_load_slot(const struct rows *rows, uint32_t hash);
void rows_load_row(const struct rows *rows, uint32_t hash);
void rows_load_key(const struct rows *rows, uint32_t hash);

/* Returns the row of a key with HASH, without reading the key: rarely that of another key, which has the same hash.
 * NULL when there is none. */
const struct row *rows_by_hash(const struct rows *rows, uint32_t hash);

/* Returns how much memory a table takes, in bytes. */
size_t rows_memory(const struct rows *rows);

/* Returns the size of a row that has so many numbers, in bytes. */
static inline size_t row_size(unsigned columns)
{
    return sizeof(struct row) + columns * sizeof(uint64_t);
}

/* Returns a row by its number, from 0 on, below COUNT. */
static inline struct row *rows_at(const struct rows *rows, uint32_t number)
{
    char *chunk = rows->chunk[number / ROWS_IN_CHUNK];
    return (struct row *)(void *)(chunk + number % ROWS_IN_CHUNK * row_size(rows->columns));
}

/* Sums of lines are not larger than this, so that sizes of records cannot make them overflow. */
static const int64_t ROW_NUMBER_MAX = INT64_MAX / 2;

/* Adds to a number of a row, both as signed ones; false, and nothing is changed, if the sum is too large. */
static inline bool row_add(struct row *row, unsigned column, int64_t number)
{
    int64_t sum;
    if (__builtin_add_overflow((int64_t)row->column[column], number, &sum) ||
        sum > ROW_NUMBER_MAX || sum < -ROW_NUMBER_MAX)
        return false;
    row->column[column] = (uint64_t)sum;
    return true;
}

/* Whether perl takes a key for false: "" and "0". */
static inline bool row_is_false(const struct row *row)
{
    return row->size == 0 || (row->size == 1 && row->key[0] == '0');
}

/* A number of a row that is a row of another table, or some text; NULL at first. */
static inline void *row_pointer(const struct row *row, unsigned column)
{
    return (void *)(uintptr_t)row->column[column];
}
static inline void row_set_pointer(struct row *row, unsigned column, const void *pointer)
{
    row->column[column] = (uint64_t)(uintptr_t)pointer;
}

#endif
