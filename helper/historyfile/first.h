/* The rows of a section that come first: those with the greatest numbers in a column, or all by their keys. */
#ifndef HISTORYFILE_FIRST_H
#define HISTORYFILE_FIRST_H

#include "historyfile/row.h"

struct history_first;

/* Makes a list of up to COUNT rows. */
struct history_first *history_first_new(const struct history_section *section, size_t count);
void history_first_free(struct history_first *first);

/* Offers a row and its line.  Returns the line that is no longer one of the first, this or another, valid until the next
 * call, and its size; NULL when none is. */
const char *history_first_offer(struct history_first *first, const struct history_row *row,
                                const char *line, size_t *size);

/* Returns the next line, without LF, in their order, once all rows were offered; NULL at the end. */
const char *history_first_next(struct history_first *first, size_t *size);

#endif
