/* The keys of a file, by their hashes only: whether one of them may be there twice; pure C.
 *
 * A key takes 8 to 10 bytes.  Adding one only stores the hash behind others that begin alike: a table in which each
 * key is looked up would be larger than the processor's caches.  The hashes are compared at the end, those that begin
 * alike at a time. */
#ifndef PLUGIN_TABLES_SEEN_H
#define PLUGIN_TABLES_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEEN_PARTS = 256 };

/* The hashes that have the same upper bits. */
struct seen_part {
    uint64_t *hash;
    uint32_t room, count;
};

/* Zero at first, but for the seed. */
struct seen {
    uint64_t seed;
    struct seen_part part[SEEN_PARTS];
};

/* Adds a key; false when memory has run out. */
bool seen_add(struct seen *seen, const char *key, size_t size);

enum seen_result {
    SEEN_ONCE,
    SEEN_TWICE, /* a key, or with a probability of about COUNT^2 / 2^65 two keys that have one hash */
    SEEN_NO_MEMORY
};

/* Returns whether a key was added twice. */
enum seen_result seen_twice(const struct seen *seen);

/* Forgets all keys. */
void seen_clear(struct seen *seen);

#endif
