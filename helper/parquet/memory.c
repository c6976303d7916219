#include "parquet/memory.h"

#include <stdlib.h>

#include "parquet/error.h"

enum { SMALLEST = 4096 };

const char *memory_count_read(struct memory *memory, size_t size)
{
    memory->read += size;
    return memory->read > memory->file_size
               ? PARQUET_CORRUPT("its columns or row groups have pages in common")
               : NULL;
}

const char *memory_count_unpacked(struct memory *memory, size_t size)
{
    memory->unpacked += size;
    return memory->unpacked > memory->unpacked_max
               ? "the pages of this Parquet file inflate to more than the setting "
                 "\"max-inflated\" allows; raise it if this is a log, else delete the object"
               : NULL;
}

const char *block_reserve(struct memory *memory, struct block *block, size_t size)
{
    if (size <= block->capacity)
        return NULL;
    size_t others = memory->used - block->capacity, capacity = block->capacity * 2;
    if (size > PARQUET_MEMORY_MAX - others)
        return "a Parquet file whose pages need more than 256 MiB of memory at once; write the "
               "file again with smaller pages";
    if (capacity < SMALLEST)
        capacity = SMALLEST;
    if (capacity < size || capacity > PARQUET_MEMORY_MAX - others)
        capacity = size;
    unsigned char *data = realloc(block->data, capacity);
    if (!data)
        return "there is not enough memory for a page of this Parquet file";
    block->data = data;
    block->capacity = capacity;
    memory->used = others + capacity;
    return NULL;
}

void block_free(struct memory *memory, struct block *block)
{
    memory->used -= block->capacity;
    free(block->data);
    *block = (struct block){NULL, 0};
}
