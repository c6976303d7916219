/* Threads that read blocks (block.h), one for each processor, so that the thread which reads the files does not wait
 * for the rows.  Blocks come back in the order in which they were given.  If no thread can start, the thread of the
 * caller reads the blocks. */
#ifndef HISTORYFILE_BLOCK_READERS_H
#define HISTORYFILE_BLOCK_READERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "historyfile/block.h"
#include "historyfile/lines.h"
#include "text/buffer.h"

struct history_block_readers;

/* A block that was read. */
struct history_read_block {
    const struct history_section *section;
    struct history_block block; /* of the caller, once it was read */
    uint64_t number;            /* of the first line in its file, from 1 */
    struct buffer bytes;        /* a copy of its lines */
    uint64_t *hashes;           /* of their keys */
    size_t capacity;            /* of hashes */
    bool is_read;               /* false: history_block_read() has failed */
};

/* SEED: of the hashes. */
struct history_block_readers *history_block_readers_new(uint64_t seed);
void history_block_readers_free(struct history_block_readers *readers); /* NULL is allowed */

/* Whether no further block can be given before one is taken. */
bool history_block_readers_are_full(const struct history_block_readers *readers);

/* Copies the lines of a block of an input, and has a thread read it. */
void history_block_readers_give(struct history_block_readers *readers,
                                const struct history_section *section,
                                const struct history_input *input,
                                const struct history_lines_block *lines);

/* Waits for the first block that was not taken yet, and returns it, valid until the next call of a function; NULL when
 * all were taken. */
struct history_read_block *history_block_readers_take(struct history_block_readers *readers);

#endif
