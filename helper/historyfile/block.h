/* A block of an input: whole lines of a section, which the merge copies to the output unless something changes them.
 *
 * The merge examines the rows of a block once, when it reads the block.  So it can copy an unchanged block without
 * another look at the rows. */
#ifndef HISTORYFILE_BLOCK_H
#define HISTORYFILE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "historyfile/general.h"
#include "historyfile/section.h"

/* An input that was opened. */
struct history_input {
    const char *path;
    struct stat status; /* when it was opened */
    int fd;             /* from which blocks are read again; -1: from none */
};

/* Whether the file was written to since. */
bool history_input_was_changed(const struct history_input *input);

struct history_block {
    const struct history_input *input; /* must last */
    uint64_t place;                    /* bytes from the file's start */
    size_t size, lines;
    uint64_t first_line; /* its number among the lines of all blocks of the section, from 0 */

    /* What all rows add to the totals, and the last request of the visit that ends first (history_row_visit()). */
    uint64_t totals[HISTORY_TOTALS];
    uint64_t oldest_visit;
    /* The line without LF that comes first (first.h); NULL when the order is HISTORY_ANY, or when the line is too long
     * to be kept. */
    char *first;
    size_t first_size;
    bool is_first_long;
};

/* Reads the rows in LINES, those of the block, and stores what is known of them and the hash of each key, by SEED.
 * Returns false, with nothing to free, when a line is no row as history_row_read() takes it. */
bool history_block_read(struct history_block *block, const struct history_section *section,
                        const char *lines, uint64_t seed, uint64_t *hashes);

void history_block_free(struct history_block *block);

#endif
