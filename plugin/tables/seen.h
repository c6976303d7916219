/* The keys of a file that were seen, by their hashes only: whether a key may be there twice; pure C.
 *
 * A key takes 10 to 13 bytes.  The hashes are in parts that grow one after the other and by a quarter,
 * so that at no time there is much more memory than that. */
#ifndef PLUGIN_TABLES_SEEN_H
#define PLUGIN_TABLES_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEEN_PARTS = 16 };

/* The hashes that have the same upper bits. */
struct seen_part {
    uint64_t *hash; /* 0: free */
    uint32_t slots, count;
};

/* Zero at first, but for the seed. */
struct seen {
    uint64_t seed;
    struct seen_part part[SEEN_PARTS];
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
