/* Memory for many small pieces that are freed together. */
#ifndef MEMORY_ARENA_H
#define MEMORY_ARENA_H

#include <stddef.h>

struct arena_block;

/* Zero at first. */
struct arena {
    struct arena_block *block; /* the newest */
    char *next;                /* what is left of it: SIZE bytes */
    size_t left;
    size_t memory; /* that all blocks take, in bytes */
};

/* Returns SIZE bytes; NULL when memory has run out.  They are as aligned as the sizes of all pieces are, up to the
 * alignment of a uint64_t. */
char *arena_take(struct arena *arena, size_t size);

void arena_free(struct arena *arena);

#endif
