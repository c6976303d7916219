/* A row of a section: its key and its values, and the sum of two rows with one key. */
#ifndef HISTORYFILE_ROW_H
#define HISTORYFILE_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "historyfile/section.h"
#include "text/buffer.h"

/* Numbers have at most this many digits, so that the sum of two fits. */
enum { HISTORY_DIGITS_MAX = 18 };
#define HISTORY_NUMBER_MAX UINT64_C(999999999999999999)

struct history_row {
    const char *key;
    size_t key_size;
    /* By column, from 0.  VISIT: the time of the last request, and that of the first of the visit (0: no visit goes
     * on), which take two. */
    uint64_t number[HISTORY_COLUMNS_MAX];
    const char *text; /* of VISIT, the last page; of TEXT */
    size_t text_size;
};

/* A visit that has ended, with times as YYYYMMDDHHMMSS. */
struct history_visit {
    uint64_t start, last;
    const char *page;
    size_t page_size;
};

/* Reads decimal digits, without leading zeros.  Returns how many there are; 0 when no such number begins at TEXT, or
 * one with more than HISTORY_DIGITS_MAX. */
size_t history_number_read(const char *text, size_t size, uint64_t *number);

/* Returns the size of the key that LINE begins with. */
size_t history_key_size(const char *line, size_t size);

/* Reads the line of a row, without LF:
 *
 *     KEY{ NUMBER}[ TIME[ TIME PAGE]| TEXT]
 *
 * The row points into the line.  Returns false when AWStats would not have written the line. */
bool history_row_read(const struct history_section *section, const char *line, size_t size,
                      struct history_row *row);

/* The same for a line that history_row_read() has taken before: what it can be is not checked again. */
void history_row_read_again(const struct history_section *section, const char *line, size_t size,
                            struct history_row *row);

/* Checks the line of a row, which AWStats splits at any white space: a key can end in it.  Where history_row_read()
 * takes only another line for the same row, *LINE and *SIZE become that line, which is in ROW.  Returns false when the
 * line is no row. */
bool history_row_check(const struct history_section *section, const char **line, size_t *size,
                       struct buffer *row);

/* Adds the line of a row to TO, without LF. */
void history_row_write(const struct history_section *section, const struct history_row *row,
                       struct buffer *to);

/* Adds MORE to ROW, which has the same key.  Of two visits that go on, the later one does; *ENDED is the other, or has
 * a start of 0.  Returns false when a sum has too many digits. */
bool history_row_add(const struct history_section *section, struct history_row *row,
                     const struct history_row *more, struct history_visit *ended);

/* Returns the time of the last request of a row of VISITOR whose visit goes on; UINT64_MAX when none does. */
uint64_t history_row_visit(const struct history_row *row);

/* Whether a visit with this last request has ended before LAST_LINE, the time of the newest record. */
bool history_visit_has_ended(uint64_t last, uint64_t last_line);

/* Ends the visit of a row of VISITOR when the visit has ended before LAST_LINE: mirrors
 * Save_History, "visitor".  Returns whether it has; then *ENDED is the visit. */
bool history_row_end_visit(struct history_row *row, uint64_t last_line,
                           struct history_visit *ended);

#endif
