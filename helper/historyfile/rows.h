/* The rows of one section of the output: those of all inputs, with each key once, in bounded memory.
 *
 * Rows are in an arena, found by a hash table.  When the rows of all sections take more than the limit, the section
 * that takes most moves its rows to a temporary file, in partitions by the hash of their keys.  Reading the rows then
 * adds up one partition after another in memory; a partition that is too large is divided again. */
#ifndef HISTORYFILE_ROWS_H
#define HISTORYFILE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "historyfile/row.h"
#include "text/buffer.h"

struct history_rows;

/* What the rows of all sections share.  Its members must last as long as the rows. */
struct history_memory {
    size_t limit;          /* bytes */
    const char *directory; /* for temporary files */
    uint64_t seed;         /* random, so that nobody can choose keys of one hash */
    struct history_rows **rows;
    size_t count, capacity;
    size_t noting; /* how many of them note keys */
};

void history_memory_free(struct history_memory *memory);

/* Is called for each two rows with one key that are added up.  ENDED: the visit that ends by that; its start is 0: none
 * does.  May add rows to other sections.  Returns false, with the error, to stop. */
typedef bool history_shared(void *user, const struct history_row *row,
                            const struct history_visit *ended, struct buffer *error);

/* Makes rows without a row.  SHARED may be NULL.  NOTES_KEYS: once the rows do not fit, the hashes of their keys are
 * noted, unless three other sections do that, so that other lines need not be added (copies.h). */
struct history_rows *history_rows_new(struct history_memory *memory,
                                      const struct history_section *section, bool notes_keys,
                                      history_shared *shared, void *user);
void history_rows_free(struct history_rows *rows);

/* Adds a line that history_row_read() can read.  Returns false with one line in ERROR when it cannot. */
bool history_rows_add(struct history_rows *rows, const char *line, size_t size,
                      struct buffer *error);

/* Whether the hashes of keys are noted. */
bool history_rows_note_keys(const struct history_rows *rows);

/* Notes the hash, by the seed of the memory, of the key in a line that is not added: NUMBER is that of keys.h.  Returns
 * false with one line in ERROR. */
bool history_rows_note(struct history_rows *rows, uint64_t hash, uint64_t number,
                       struct buffer *error);

/* Sets the bit of each noted line whose key another one has, or one that was added, and ends the notes.  Returns false
 * with one line in ERROR. */
bool history_rows_find_repeated(struct history_rows *rows, uint8_t *bits, struct buffer *error);

/* Calls VISIT with each row, and its line, once all are added; the rows are gone then.  VISIT may add rows to other
 * sections.  Returns false with one line in ERROR when it or VISIT failed. */
typedef bool history_visit_row(void *user, struct history_row *row, const char *line, size_t size,
                               struct buffer *error);
bool history_rows_take_all(struct history_rows *rows, history_visit_row *visit, void *user,
                           struct buffer *error);

#endif
