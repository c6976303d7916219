/* The rows of a section that come first: those with the greatest numbers in a column, or all by their keys. */
#ifndef HISTORYFILE_FIRST_H
#define HISTORYFILE_FIRST_H

#include <stdbool.h>
#include <stdint.h>

#include "historyfile/row.h"

struct history_first;

/* Makes a list of up to COUNT rows. */
struct history_first *history_first_new(const struct history_section *section, size_t count);
void history_first_free(struct history_first *first);

/* Whether row A comes before row B.  Rows with equal numbers are in the order of their keys, so the order of the inputs
 * does not matter. */
bool history_first_is_before(const struct history_section *section, const struct history_row *a,
                             const struct history_row *b);

/* Whether a row would be one of the first when it is offered now. */
bool history_first_takes(const struct history_first *first, const struct history_row *row);

/* A row's line without LF. */
struct history_line {
    const char *text;
    size_t size;
    uint64_t
        number; /* among the lines of the section's blocks (copies.h); HISTORY_NO_LINE: in none */
};

/* Offers a row and its line.  Returns true when *LINE is now the line that is no longer one of the first, this or
 * another, whose text is valid until the next call. */
bool history_first_offer(struct history_first *first, const struct history_row *row,
                         struct history_line *line);

/* Stores the next line, in their order, once all rows were offered.  Returns false at the end. */
bool history_first_next(struct history_first *first, struct history_line *line);

#endif
