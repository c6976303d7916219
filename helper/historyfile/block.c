#include "historyfile/block.h"

#include <stdlib.h>
#include <string.h>

#include "historyfile/first.h"
#include "historyfile/totals.h"
#include "memory/allocate.h"
#include "memory/hash.h"

/* A block keeps its first line up to this size, in bytes. */
enum { FIRST_SIZE_MAX = 512 };

bool history_input_was_changed(const struct history_input *input)
{
    struct stat now;
    const struct stat *then = &input->status;
    return fstat(input->fd, &now) < 0 || now.st_size != then->st_size ||
           now.st_mtim.tv_sec != then->st_mtim.tv_sec ||
           now.st_mtim.tv_nsec != then->st_mtim.tv_nsec;
}

bool history_block_read(struct history_block *block, const struct history_section *section,
                        const char *lines, uint64_t seed, uint64_t *hashes)
{
    history_count *count = history_count_of(section);
    const bool has_visits = history_section_has_visits(section),
               has_order = section->order != HISTORY_ANY;
    const char *end = lines + block->size, *lf;
    struct history_row row, first = {0};
    memset(block->totals, 0, sizeof block->totals);
    block->oldest_visit = UINT64_MAX;
    block->first = NULL;
    for (size_t i = 0; i < block->lines; i++, lines = lf + 1) {
        lf = memchr(lines, '\n', (size_t)(end - lines));
        if (!lf || !history_row_read(section, lines, (size_t)(lf - lines), &row))
            return false;
        hashes[i] = hash_bytes(row.key, row.key_size, seed);
        if (count)
            count(block->totals, &row);
        uint64_t visit = has_visits ? history_row_visit(&row) : UINT64_MAX;
        if (visit < block->oldest_visit)
            block->oldest_visit = visit;
        if (has_order && (!first.key || history_first_is_before(section, &row, &first))) {
            first = row;
            block->first_size = (size_t)(lf - lines);
        }
    }
    block->is_first_long = first.key && block->first_size > FIRST_SIZE_MAX;
    if (first.key && !block->is_first_long)
        block->first = memory_copy_bytes(first.key, block->first_size);
    return true;
}

void history_block_free(struct history_block *block)
{
    free(block->first);
}
