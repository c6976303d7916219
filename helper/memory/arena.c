#include "memory/arena.h"

#include <stdint.h>
#include <stdlib.h>

enum {
    FIRST_BLOCK = 4 << 10,
    LARGEST_BLOCK = 1 << 20
}; /* bytes; a larger piece has its own block */

struct arena_block {
    struct arena_block *older;
    _Alignas(uint64_t) char bytes[];
};

/* Returns the size of the next block: an eighth of all memory so far, so that little is unused. */
static size_t next_size(const struct arena *arena)
{
    const size_t size = arena->memory / 8;
    return size < FIRST_BLOCK ? FIRST_BLOCK : size < LARGEST_BLOCK ? size : LARGEST_BLOCK;
}

/* Allocates a block that has room for SIZE bytes.  The rest of the block before stays unused. */
static int add_block(struct arena *arena, size_t size)
{
    size_t bytes = next_size(arena);
    if (bytes < size)
        bytes = size;
    struct arena_block *block = malloc(sizeof *block + bytes);
    if (!block)
        return 0;
    block->older = arena->block;
    arena->block = block;
    arena->next = block->bytes;
    arena->left = bytes;
    arena->memory += sizeof *block + bytes;
    return 1;
}

char *arena_take(struct arena *arena, size_t size)
{
    if ((!arena->block || size > arena->left) && !add_block(arena, size))
        return NULL;
    char *taken = arena->next;
    arena->next += size;
    arena->left -= size;
    return taken;
}

void arena_free(struct arena *arena)
{
    while (arena->block) {
        struct arena_block *block = arena->block;
        arena->block = block->older;
        free(block);
    }
    *arena = (struct arena){0};
}
