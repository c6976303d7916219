/* What rows add to the totals in GENERAL. */
#ifndef HISTORYFILE_TOTALS_H
#define HISTORYFILE_TOTALS_H

#include "historyfile/general.h"
#include "historyfile/row.h"

/* Adds what a row adds to the totals. */
typedef void history_count(uint64_t totals[HISTORY_TOTALS], const struct history_row *row);

/* Returns the function for the rows of a section; NULL when they add nothing. */
history_count *history_count_of(const struct history_section *section);

#endif
