/* Memory for the data of a Parquet file, for all its columns together, up to a bound that no file can exceed,
 * whatever its headers claim. */
#ifndef PARQUET_MEMORY_H
#define PARQUET_MEMORY_H

#include <stddef.h>
#include <stdint.h>

enum { PARQUET_MEMORY_MAX = 256 * 1024 * 1024 };

struct memory {
    size_t used; /* by all blocks */
    uint64_t read,
        file_size; /* bytes of all pages up to now, as they are in the file; and of the file */
    uint64_t unpacked,
        unpacked_max; /* bytes of all pages up to now, unpacked; and the most that they may have */
};

/* Counts the bytes of a page with its header.  Returns NULL, or an error when the pages have more bytes than the file,
 * so that some were read twice: a constant text.  Else a page that each row group has could take any time. */
const char *memory_count_read(struct memory *memory, size_t size);

/* Counts the bytes of a page that is unpacked.  Returns NULL, or an error when the pages of the file have
 * too many bytes together: a constant text. */
const char *memory_count_unpacked(struct memory *memory, size_t size);

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
