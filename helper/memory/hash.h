/* The hash of a text. */
#ifndef MEMORY_HASH_H
#define MEMORY_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Returns the hash of SIZE bytes.  With a random SEED, nobody can choose texts whose hashes are
 * equal. */
uint64_t hash_bytes(const char *key, size_t size, uint64_t seed);

#endif
