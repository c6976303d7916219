/* Memory for many small pieces that are freed together. */
#ifndef MEMORY_ARENA_H
#define MEMORY_ARENA_H

#include <stddef.h>

struct arena_block;

/* Zero at first. */
struct arena {
    struct arena_block *block; /* the newest */
    char *next;                /* the rest of the newest block, LEFT bytes */
    size_t left;
    size_t memory; /* bytes of all blocks */
};

/* Returns SIZE bytes; NULL when memory has run out.  If the sizes of all pieces are multiples of an
 * alignment, up to that of a uint64_t, the pieces have this alignment. */
char *arena_take(struct arena *arena, size_t size);

void arena_free(struct arena *arena);

#endif
