/* Memory for what is read of a Parquet file, of all its columns together, up to a bound that no file can
 * exceed, whatever its headers claim. */
#ifndef PARQUET_MEMORY_H
#define PARQUET_MEMORY_H

#include <stddef.h>

enum { PARQUET_MEMORY_MAX = 256 * 1024 * 1024 };

struct memory {
    size_t used; /* by all blocks */
};

/* Zeroed at birth. */
struct block {
    unsigned char *data;
    size_t capacity;
};

/* Makes a block of at least SIZE bytes of this one; its bytes are kept.  Returns NULL, or an error: a
 * constant text. */
const char *block_reserve(struct memory *memory, struct block *block, size_t size);

void block_free(struct memory *memory, struct block *block);

#endif
