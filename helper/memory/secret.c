#include "memory/secret.h"

#include <stdlib.h>
#include <string.h>

#include "memory/allocate.h"

/* A block of memory, with its size in front. */
struct block {
    _Alignas(max_align_t) size_t size;
    unsigned char bytes[];
};

static struct block *block_of(void *bytes)
{
    return (struct block *)((char *)bytes - offsetof(struct block, bytes));
}

void *secret_allocate(size_t size)
{
    struct block *block = memory_allocate(1, sizeof *block + size);
    block->size = size;
    return block->bytes;
}

void secret_free(void *bytes)
{
    if (!bytes)
        return;
    struct block *block = block_of(bytes);
    explicit_bzero(block->bytes, block->size);
    free(block);
}

void *secret_resize(void *bytes, size_t size)
{
    void *moved = secret_allocate(size);
    if (bytes) {
        size_t present = block_of(bytes)->size;
        memcpy(moved, bytes, present < size ? present : size);
        secret_free(bytes);
    }
    return moved;
}
