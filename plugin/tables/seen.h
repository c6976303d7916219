/* The keys of a file that were seen, by their hashes only: whether a key may be there twice; pure C. */
#ifndef PLUGIN_TABLES_SEEN_H
#define PLUGIN_TABLES_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero at first, but for the seed. */
struct seen {
    uint64_t seed;
    uint64_t *hash; /* 0: free */
    size_t slots, count;
};

enum seen_result {
    SEEN_NEW,
    SEEN_BEFORE, /* this key, or with a probability of about COUNT / 2^64 another one */
    SEEN_NO_MEMORY
};

/* Adds a key. */
enum seen_result seen_add(struct seen *seen, const char *key, size_t size);

/* Forgets all keys. */
void seen_clear(struct seen *seen);

#endif
